//! Arithmetic of `$(( ))`, `(( ))`, `let`, subscripts and the like (bash(1), "ARITHMETIC EVALUATION"). It is evaluated while
//! it is read, as bash does it, so that an error finds the same side effects done and names the same token. Numbers are
//! 64 bits wide and wrap around. Where bash would go deeper than here is allowed, it is told that the recursion level is
//! exceeded: bash says so of variables only, from level 1024 on, and crashes for parentheses.

use token::{Operator, Token};

mod number;
mod token;

/// Where an expression finds its variables. An error is bash's own words, complete but for the name of the shell.
pub trait Variables {
    /// The text of a variable or of an element, whose subscript is given as it was typed; none where it is unset.
    fn get(&mut self, name: &str, subscript: Option<&str>) -> Result<Option<String>, String>;
    /// Gives a variable or an element a new value.
    fn set(&mut self, name: &str, subscript: Option<&str>, value: i64) -> Result<(), String>;
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The expression is wrong: the one that bash names, which is a variable's value when the trouble lies there, and
    /// bash's words, such as `division by 0 (error token is "0")`.
    Expression(String, String),
    /// What [`Variables`] complained about.
    Variable(String),
}

impl std::fmt::Display for Trouble {
    /// As bash prints it behind the name of the shell and the line.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Expression(expression, words) => write!(out, "{expression}: {words}"),
            Self::Variable(words) => out.write_str(words),
        }
    }
}

/// The value of `text`; of nothing it is 0. An error is bash's words without the expression that bash prints before them.
pub fn evaluate(text: &str, vars: &mut dyn Variables) -> Result<i64, String> {
    explain(text, vars).map_err(|trouble| match trouble {
        Trouble::Expression(_, words) | Trouble::Variable(words) => words,
    })
}

/// Like [`evaluate`]; an error also knows the expression that it was found in.
pub fn explain(text: &str, vars: &mut dyn Variables) -> Result<i64, Trouble> {
    expression(text, &mut Bounds { vars, depth: 0, steps: 0 }).map_err(|trouble| *trouble)
}

/// How many calls may lie in one another.
const DEEPEST: usize = 128;

/// How many tokens are read at most, those in the values of variables included, since those may double from one to the next.
const MOST_STEPS: usize = 500_000;

type Outcome<T> = Result<T, Box<Trouble>>;

/// What the expressions in one another share.
struct Bounds<'v> {
    vars: &'v mut dyn Variables,
    depth: usize,
    steps: usize,
}

/// An expression being read.
struct Reader<'t, 'b, 'v> {
    text: &'t str,
    /// Where the next token is looked for, in bytes.
    at: usize,
    /// Where the last token began, which is where an error is found.
    last: usize,
    token: Token,
    /// The token before. Operations leave a number here, so that only a name can be assigned to.
    before: Token,
    /// The variable that was read last, with its subscript.
    name: (&'t str, Option<&'t str>),
    /// The value of the number or variable that was read last.
    value: i64,
    /// How many short circuits surround it; nothing is assigned within one.
    idle: u32,
    bounds: &'b mut Bounds<'v>,
}

fn expression(text: &str, bounds: &mut Bounds<'_>) -> Outcome<i64> {
    if text.bytes().all(token::is_blank) {
        return Ok(0);
    }
    let (before, token) = (Token::End, Token::End);
    let mut reader = Reader { text, at: 0, last: 0, token, before, name: ("", None), value: 0, idle: 0, bounds };
    reader.advance()?;
    let value = reader.list()?;
    if reader.token == Token::End { Ok(value) } else { reader.wrong("syntax error in expression") }
}

impl<'t> Reader<'t, '_, '_> {
    fn wrong<T>(&self, words: &str) -> Outcome<T> {
        self.wrong_at(words, &self.text[self.last..])
    }

    fn wrong_at<T>(&self, words: &str, token: &str) -> Outcome<T> {
        self.wrong_in(self.text, words, token)
    }

    fn wrong_in<T>(&self, expression: &str, words: &str, token: &str) -> Outcome<T> {
        let expression = expression.trim_start_matches([' ', '\t']).to_owned();
        Err(Box::new(Trouble::Expression(expression, format!("{words} (error token is \"{token}\")"))))
    }

    fn enter(&mut self) -> Outcome<()> {
        self.bounds.depth += 1;
        if self.bounds.depth > DEEPEST { self.wrong("expression recursion level exceeded") } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.bounds.depth -= 1;
    }

    /// Expressions with commas between them.
    fn list(&mut self) -> Outcome<i64> {
        let mut value = self.assignment()?;
        while self.token == Token::Comma {
            self.advance()?;
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Outcome<i64> {
        self.enter()?;
        let mut value = self.conditional()?;
        if let Token::Assign(operator) = self.token {
            if self.before != Token::Name {
                return self.wrong("attempted assignment to non-variable");
            }
            let name = self.name;
            self.advance()?;
            let right = self.assignment()?;
            value = match operator {
                None => right,
                Some(Operator::Over | Operator::Modulo) if right == 0 && self.idle == 0 => {
                    return self.wrong("division by 0");
                }
                Some(operator) => compute(operator, value, right),
            };
            self.assign(name, value)?;
        }
        self.leave();
        Ok(value)
    }

    fn assign(&mut self, name: (&str, Option<&str>), value: i64) -> Outcome<()> {
        if self.idle > 0 {
            return Ok(());
        }
        self.bounds.vars.set(name.0, name.1, value).map_err(|words| Box::new(Trouble::Variable(words)))
    }

    /// `a ? b : c`
    fn conditional(&mut self) -> Outcome<i64> {
        self.enter()?;
        let condition = self.binary(0)?;
        let mut value = condition;
        if self.token == Token::Question {
            self.idle += u32::from(condition == 0);
            self.advance()?;
            if matches!(self.token, Token::End | Token::Colon) {
                return self.wrong("expression expected");
            }
            let first = self.list()?;
            self.idle -= u32::from(condition == 0);
            if self.token != Token::Colon {
                return self.wrong("`:' expected for conditional expression");
            }
            self.idle += u32::from(condition != 0);
            self.advance()?;
            if self.token == Token::End {
                return self.wrong("expression expected");
            }
            let second = self.conditional()?;
            self.idle -= u32::from(condition != 0);
            value = if condition != 0 { first } else { second };
            self.before = Token::Number;
        }
        self.leave();
        Ok(value)
    }

    /// Operators with two sides that bind at least as tightly as `level`.
    fn binary(&mut self, level: u8) -> Outcome<i64> {
        self.enter()?;
        let mut left = self.power()?;
        while let Token::Operator(operator) = self.token
            && operator.level() >= level
        {
            let behind = self.at;
            let decided = match operator {
                Operator::Either => left != 0,
                Operator::Both => left == 0,
                _ => false,
            };
            self.idle += u32::from(decided);
            self.advance()?;
            let right = self.binary(operator.level() + 1)?;
            self.idle -= u32::from(decided);
            if right == 0 && self.idle == 0 && matches!(operator, Operator::Over | Operator::Modulo) {
                return self.wrong_at("division by 0", self.text[behind..].trim_start_matches([' ', '\t']));
            }
            left = compute(operator, left, right);
            self.before = Token::Number;
        }
        self.leave();
        Ok(left)
    }

    /// `a ** b ** c`, from the right.
    fn power(&mut self) -> Outcome<i64> {
        let first = self.unary()?;
        if self.token != Token::Operator(Operator::Power) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.token == Token::Operator(Operator::Power) {
            self.advance()?;
            operands.push(self.unary()?);
        }
        let mut value = operands.pop().unwrap_or(first);
        for base in operands.into_iter().rev() {
            if value < 0 {
                return self.wrong("exponent less than 0");
            }
            value = raise(base, value);
        }
        self.before = Token::Number;
        Ok(value)
    }

    fn unary(&mut self) -> Outcome<i64> {
        let mut signs = Vec::new();
        while matches!(
            self.token,
            Token::Not | Token::Complement | Token::Operator(Operator::Plus) | Token::Operator(Operator::Minus)
        ) {
            signs.push(self.token);
            self.advance()?;
        }
        let mut value = self.primary()?;
        for sign in signs.iter().rev() {
            value = match sign {
                Token::Not => i64::from(value == 0),
                Token::Complement => !value,
                Token::Operator(Operator::Minus) => value.wrapping_neg(),
                _ => value,
            };
            self.before = Token::Number;
        }
        Ok(value)
    }

    fn primary(&mut self) -> Outcome<i64> {
        match self.token {
            Token::Number => {
                let value = self.value;
                self.advance()?;
                Ok(value)
            }
            Token::Name => self.variable(),
            Token::Before(change) => {
                self.advance()?;
                if self.token != Token::Name {
                    return self.wrong("identifier expected after pre-increment or pre-decrement");
                }
                let value = self.value.wrapping_add(change);
                self.assign(self.name, value)?;
                // A number now, so that neither `++x = 1` nor `++x++` is taken.
                self.token = Token::Number;
                self.advance()?;
                Ok(value)
            }
            Token::Open => {
                self.advance()?;
                let value = self.list()?;
                if self.token != Token::Close {
                    return self.wrong("missing `)'");
                }
                self.advance()?;
                Ok(value)
            }
            _ => self.wrong("syntax error: operand expected"),
        }
    }

    fn variable(&mut self) -> Outcome<i64> {
        let (name, value) = (self.name, self.value);
        self.advance()?;
        if let Token::Behind(change) = self.token {
            self.assign(name, value.wrapping_add(change))?;
            self.token = Token::Number;
            self.advance()?;
        } else if self.token == Token::Name {
            return self.wrong("syntax error in expression");
        } else {
            self.name = name;
        }
        Ok(value)
    }

    /// What the variable that was just read is worth: its value is an expression, too.
    fn lookup(&mut self) -> Outcome<i64> {
        if self.idle > 0 {
            return Ok(0);
        }
        let found = self.bounds.vars.get(self.name.0, self.name.1);
        let text = found.map_err(|words| Box::new(Trouble::Variable(words)))?.unwrap_or_default();
        self.enter()?;
        let value = expression(&text, self.bounds)?;
        self.leave();
        Ok(value)
    }
}

/// The outcome of an operator; a division by 0, which counts only in what is not evaluated, leaves the left side.
fn compute(operator: Operator, left: i64, right: i64) -> i64 {
    match operator {
        Operator::Either => i64::from(left != 0 || right != 0),
        Operator::Both => i64::from(left != 0 && right != 0),
        Operator::Or => left | right,
        Operator::Xor => left ^ right,
        Operator::And => left & right,
        Operator::Equal => i64::from(left == right),
        Operator::NotEqual => i64::from(left != right),
        Operator::Less => i64::from(left < right),
        Operator::LessEqual => i64::from(left <= right),
        Operator::Greater => i64::from(left > right),
        Operator::GreaterEqual => i64::from(left >= right),
        // As the processor does it, only six bits of the distance count.
        Operator::Left => left.wrapping_shl(right as u32),
        Operator::Right => left.wrapping_shr(right as u32),
        Operator::Plus => left.wrapping_add(right),
        Operator::Minus => left.wrapping_sub(right),
        Operator::Times => left.wrapping_mul(right),
        Operator::Over => left.wrapping_div(if right == 0 { 1 } else { right }),
        Operator::Modulo => left.wrapping_rem(if right == 0 { 1 } else { right }),
        Operator::Power => raise(left, right),
    }
}

fn raise(mut base: i64, mut exponent: i64) -> i64 {
    let mut value = 1_i64;
    while exponent > 0 {
        if exponent & 1 == 1 {
            value = value.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    value
}

#[cfg(test)]
mod tests;
