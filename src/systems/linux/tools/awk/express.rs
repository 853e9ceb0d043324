//! Expressions of awk and the simple statements made of them; the second half of the parser.

mod call;

use super::code::{Compare, Math, Op, Stream, Target};
use super::lex::Token;
use super::parse::{Parsed, Parser};
use super::value::Value;
use call::FUNCTIONS;

/// What was read.
enum Operand {
    /// Its value is on the stack.
    Value,
    /// Something that can be assigned to: what finds it is on the stack, its value is not.
    Place(Target),
    /// A bare constant pattern.
    Pattern(usize),
    /// A list in parentheses.
    List(usize),
}

impl Parser<'_> {
    /// A simple statement.
    pub(super) fn simple(&mut self) -> Parsed<()> {
        if self.is("print") || self.is("printf") {
            return self.print();
        }
        if self.take("delete")? {
            let Token::Name(name) = self.advance()? else { return self.unexpected() };
            let array = self.variable(&name);
            if self.take("[")? {
                self.key()?;
                self.emit(Op::Delete(array));
            } else {
                self.emit(Op::Clear(array));
            }
            return Ok(());
        }
        self.expression()?;
        self.emit(Op::Drop);
        Ok(())
    }

    fn print(&mut self) -> Parsed<()> {
        let formats = self.is("printf");
        self.advance()?;
        let ended = self.token == Token::Newline
            || self.token == Token::End
            || [";", "}", ">", ">>", "|"].iter().any(|sign| self.is(sign));
        let mut count = 0;
        if !ended {
            let outer = std::mem::replace(&mut self.no_greater, true);
            // `print (a, b) > "f"`: the list is that of `print`.
            count = match self.ternary()? {
                Operand::List(count) => count,
                operand => {
                    self.finish(operand)?;
                    1
                }
            };
            while self.take(",")? {
                self.newlines()?;
                let operand = self.ternary()?;
                self.finish(operand)?;
                count += 1;
            }
            self.no_greater = outer;
        }
        let mut stream = Stream::Main;
        for (sign, kind) in [(">>", Stream::Append), (">", Stream::File), ("|", Stream::Pipe)] {
            if self.take(sign)? {
                stream = kind;
                let outer = std::mem::replace(&mut self.no_greater, true);
                let operand = self.concat()?;
                self.finish(operand)?;
                self.no_greater = outer;
                break;
            }
        }
        if formats && count == 0 {
            return self.wrong("syntax error");
        }
        self.emit(if formats { Op::Printf(count, stream) } else { Op::Print(count, stream) });
        Ok(())
    }

    /// An expression: its value is on the stack.
    pub(super) fn expression(&mut self) -> Parsed<()> {
        let operand = self.deeper(Self::ternary)?;
        self.finish(operand)
    }

    /// Puts the value on the stack.
    fn finish(&mut self, operand: Operand) -> Parsed<()> {
        match operand {
            Operand::Value => {}
            Operand::Place(target) => {
                self.emit(Op::Load(target));
            }
            Operand::Pattern(pattern) => {
                self.constant(Value::Number(0.0));
                self.emit(Op::Load(Target::Field));
                self.emit(Op::MatchRegex(pattern, false));
            }
            Operand::List(_) => return self.unexpected(),
        }
        Ok(())
    }

    fn ternary(&mut self) -> Parsed<Operand> {
        let condition = self.or()?;
        if !self.is("?") {
            return Ok(condition);
        }
        self.finish(condition)?;
        self.advance()?;
        self.newlines()?;
        let no = self.emit(Op::JumpIf(false, 0));
        self.expression()?;
        self.newlines()?;
        self.expect(":")?;
        self.newlines()?;
        let over = self.emit(Op::Jump(0));
        self.land(no);
        self.expression()?;
        self.land(over);
        Ok(Operand::Value)
    }

    fn or(&mut self) -> Parsed<Operand> {
        self.short_cut("||", true, Self::and)
    }

    fn and(&mut self) -> Parsed<Operand> {
        self.short_cut("&&", false, Self::membership)
    }

    /// `||` and `&&`: the second is not looked at when the first decides.
    fn short_cut(&mut self, sign: &str, decides: bool, part: fn(&mut Self) -> Parsed<Operand>) -> Parsed<Operand> {
        let first = part(self)?;
        if !self.is(sign) {
            return Ok(first);
        }
        self.finish(first)?;
        let mut jumps = Vec::new();
        while self.take(sign)? {
            self.newlines()?;
            jumps.push(self.emit(Op::JumpIf(decides, 0)));
            let next = part(self)?;
            self.finish(next)?;
        }
        self.emit(Op::Truth);
        let over = self.emit(Op::Jump(0));
        for jump in jumps {
            self.land(jump);
        }
        self.constant(Value::truth(decides));
        self.land(over);
        Ok(Operand::Value)
    }

    fn membership(&mut self) -> Parsed<Operand> {
        let mut operand = self.matching()?;
        while self.is("in") {
            match operand {
                Operand::List(count) => {
                    self.emit(Op::Key(count));
                }
                operand => {
                    self.finish(operand)?;
                    self.emit(Op::Key(1));
                }
            }
            self.advance()?;
            let Token::Name(name) = self.advance()? else { return self.unexpected() };
            let array = self.variable(&name);
            self.emit(Op::In(array));
            operand = Operand::Value;
        }
        Ok(operand)
    }

    fn matching(&mut self) -> Parsed<Operand> {
        let mut operand = self.comparison()?;
        while self.is("~") || self.is("!~") {
            let negated = self.is("!~");
            self.finish(operand)?;
            self.advance()?;
            match self.comparison()? {
                Operand::Pattern(pattern) => {
                    self.emit(Op::MatchRegex(pattern, negated));
                }
                pattern => {
                    self.finish(pattern)?;
                    self.emit(Op::Match(negated));
                }
            }
            operand = Operand::Value;
        }
        Ok(operand)
    }

    fn comparison(&mut self) -> Parsed<Operand> {
        let first = self.concat()?;
        let kinds = [
            ("<", Compare::Less),
            ("<=", Compare::LessOrEqual),
            ("==", Compare::Equal),
            ("!=", Compare::NotEqual),
            (">", Compare::Greater),
            (">=", Compare::GreaterOrEqual),
        ];
        let Some((sign, kind)) = kinds.into_iter().find(|(sign, _)| self.is(sign)) else { return Ok(first) };
        if sign == ">" && self.no_greater {
            return Ok(first);
        }
        self.finish(first)?;
        self.advance()?;
        let second = self.concat()?;
        self.finish(second)?;
        self.emit(Op::Compare(kind));
        Ok(Operand::Value)
    }

    fn begins_operand(&self) -> bool {
        match &self.token {
            Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Function(_) => true,
            Token::Word(word) => ["sub", "gsub"].contains(word) || FUNCTIONS.iter().any(|(name, ..)| name == word),
            Token::Sign(sign) => ["$", "(", "++", "--"].contains(sign),
            Token::Newline | Token::End => false,
        }
    }

    fn concat(&mut self) -> Parsed<Operand> {
        let mut operand = self.additive()?;
        loop {
            if self.begins_operand() {
                self.finish(operand)?;
                let next = self.additive()?;
                self.finish(next)?;
                self.emit(Op::Concat);
                operand = Operand::Value;
            } else if self.is("|") && self.getline_follows() {
                self.finish(operand)?;
                self.advance()?;
                self.advance()?;
                let target = self.getline_target()?;
                self.emit(Op::Getline(Stream::Pipe, target));
                operand = Operand::Value;
            } else {
                return Ok(operand);
            }
        }
    }

    fn additive(&mut self) -> Parsed<Operand> {
        self.chain(&[("+", Math::Add), ("-", Math::Subtract)], Self::multiplicative)
    }

    fn multiplicative(&mut self) -> Parsed<Operand> {
        let kinds = [("*", Math::Multiply), ("/", Math::Divide), ("%", Math::Modulo)];
        self.chain(&kinds, Self::unary)
    }

    fn chain(&mut self, kinds: &[(&str, Math)], part: fn(&mut Self) -> Parsed<Operand>) -> Parsed<Operand> {
        let mut operand = part(self)?;
        while let Some((_, kind)) = kinds.iter().find(|(sign, _)| self.is(sign)) {
            self.finish(operand)?;
            self.advance()?;
            let next = part(self)?;
            self.finish(next)?;
            self.emit(Op::Math(*kind));
            operand = Operand::Value;
        }
        Ok(operand)
    }

    fn unary(&mut self) -> Parsed<Operand> {
        let op = match self.token {
            Token::Sign("!") => Op::Not,
            Token::Sign("-") => Op::Negate,
            Token::Sign("+") => Op::Number,
            _ => return self.power(),
        };
        self.advance()?;
        let operand = self.deeper(Self::unary)?;
        self.finish(operand)?;
        self.emit(op);
        Ok(Operand::Value)
    }

    fn power(&mut self) -> Parsed<Operand> {
        let base = self.assignment()?;
        if !self.is("^") {
            return Ok(base);
        }
        self.finish(base)?;
        self.advance()?;
        let exponent = self.deeper(Self::unary)?;
        self.finish(exponent)?;
        self.emit(Op::Math(Math::Power));
        Ok(Operand::Value)
    }

    /// Something that may be assigned to, with its assignment.
    fn assignment(&mut self) -> Parsed<Operand> {
        let operand = self.primary()?;
        let Operand::Place(target) = operand else { return Ok(operand) };
        let kinds = [
            ("+=", Math::Add),
            ("-=", Math::Subtract),
            ("*=", Math::Multiply),
            ("/=", Math::Divide),
            ("%=", Math::Modulo),
            ("^=", Math::Power),
        ];
        if self.take("=")? {
            self.newlines()?;
            self.expression()?;
        } else if let Some((_, kind)) = kinds.iter().find(|(sign, _)| self.is(sign)) {
            self.advance()?;
            self.newlines()?;
            if !matches!(target, Target::Var(_)) {
                self.emit(Op::Copy);
            }
            self.emit(Op::Load(target));
            self.expression()?;
            self.emit(Op::Math(*kind));
        } else {
            return Ok(operand);
        }
        self.emit(Op::Store(target));
        Ok(Operand::Value)
    }

    /// An operand with `++` and `--` behind it.
    fn primary(&mut self) -> Parsed<Operand> {
        let operand = self.bare()?;
        let Operand::Place(target) = operand else { return Ok(operand) };
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if self.take(sign)? {
                self.emit(Op::Bump(target, by, true));
                return Ok(Operand::Value);
            }
        }
        Ok(operand)
    }

    fn bare(&mut self) -> Parsed<Operand> {
        match self.token.clone() {
            Token::Number(number) => {
                self.constant(Value::Number(number));
                self.advance()?;
                Ok(Operand::Value)
            }
            Token::Text(text) => {
                self.constant(Value::text(&text));
                self.advance()?;
                Ok(Operand::Value)
            }
            Token::Name(name) => {
                self.advance()?;
                let variable = self.variable(&name);
                if self.take("[")? {
                    self.key()?;
                    if self.is("[") {
                        return Err(super::parse::Wrong { lines: vec!["gap arrays of arrays".to_owned()], status: 1 });
                    }
                    return Ok(Operand::Place(Target::Element(variable)));
                }
                Ok(Operand::Place(Target::Var(variable)))
            }
            Token::Function(name) => self.call(&name),
            Token::Word("getline") => {
                self.advance()?;
                let target = self.getline_target()?;
                if !self.take("<")? {
                    self.emit(Op::Getline(Stream::Main, target));
                    return Ok(Operand::Value);
                }
                let file = self.deeper(Self::primary)?;
                self.finish(file)?;
                self.emit(Op::Getline(Stream::File, target));
                Ok(Operand::Value)
            }
            Token::Word(word) => self.builtin(word),
            Token::Sign("/" | "/=") => Ok(Operand::Pattern(self.regex_here()?)),
            Token::Sign("$") => {
                self.advance()?;
                let operand = match self.token {
                    Token::Sign("-" | "+" | "!") => self.deeper(Self::unary)?,
                    _ => self.deeper(Self::bare)?,
                };
                self.finish(operand)?;
                Ok(Operand::Place(Target::Field))
            }
            Token::Sign(sign @ ("++" | "--")) => {
                self.advance()?;
                let operand = self.deeper(Self::bare)?;
                let Operand::Place(target) = operand else { return self.unexpected() };
                self.emit(Op::Bump(target, if sign == "++" { 1.0 } else { -1.0 }, false));
                Ok(Operand::Value)
            }
            Token::Sign("(") => self.parenthesis(),
            Token::Sign("@") => {
                self.advance()?;
                self.wrong("syntax error")
            }
            _ => self.unexpected(),
        }
    }

    fn parenthesis(&mut self) -> Parsed<Operand> {
        self.advance()?;
        let outer = std::mem::take(&mut self.no_greater);
        self.newlines()?;
        self.expression()?;
        let mut count = 1;
        while self.take(",")? {
            self.newlines()?;
            self.expression()?;
            count += 1;
        }
        self.newlines()?;
        self.expect(")")?;
        self.no_greater = outer;
        Ok(if count > 1 { Operand::List(count) } else { Operand::Value })
    }

    /// The rest of a subscript.
    fn key(&mut self) -> Parsed<()> {
        let outer = std::mem::take(&mut self.no_greater);
        let mut count = 1;
        self.expression()?;
        while self.take(",")? {
            self.newlines()?;
            self.expression()?;
            count += 1;
        }
        self.expect("]")?;
        self.no_greater = outer;
        self.emit(Op::Key(count));
        Ok(())
    }

    /// Whether `getline` stands behind the bar.
    fn getline_follows(&self) -> bool {
        self.rest().trim_ascii_start().starts_with(b"getline")
    }

    fn getline_target(&mut self) -> Parsed<Option<Target>> {
        if !matches!(self.token, Token::Name(_) | Token::Sign("$")) {
            return Ok(None);
        }
        match self.deeper(Self::bare)? {
            Operand::Place(target) => Ok(Some(target)),
            _ => self.unexpected(),
        }
    }
}
