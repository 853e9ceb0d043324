//! Expressions of awk and the simple statements made of them; the second half of the parser.

use super::code::{Builtin, Compare, Math, Op, Stream, Target};
use super::lex::Token;
use super::parse::{Parsed, Parser};
use super::value::Value;

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

const FUNCTIONS: &[(&str, Builtin, usize, usize)] = &[
    ("and", Builtin::And, 2, 9),
    ("asort", Builtin::Asort, 1, 2),
    ("asorti", Builtin::Asorti, 1, 2),
    ("atan2", Builtin::Atan2, 2, 2),
    ("close", Builtin::Close, 1, 2),
    ("compl", Builtin::Compl, 1, 1),
    ("cos", Builtin::Cos, 1, 1),
    ("exp", Builtin::Exp, 1, 1),
    ("fflush", Builtin::Fflush, 0, 1),
    ("gensub", Builtin::Gensub, 3, 4),
    ("index", Builtin::Index, 2, 2),
    ("int", Builtin::Int, 1, 1),
    ("length", Builtin::Length, 0, 1),
    ("log", Builtin::Log, 1, 1),
    ("lshift", Builtin::Lshift, 2, 2),
    ("match", Builtin::Match, 2, 3),
    ("mktime", Builtin::Mktime, 1, 1),
    ("or", Builtin::Or, 2, 9),
    ("rand", Builtin::Rand, 0, 0),
    ("rshift", Builtin::Rshift, 2, 2),
    ("sin", Builtin::Sin, 1, 1),
    ("split", Builtin::Split, 2, 4),
    ("sprintf", Builtin::Sprintf, 1, 250),
    ("sqrt", Builtin::Sqrt, 1, 1),
    ("srand", Builtin::Srand, 0, 1),
    ("strftime", Builtin::Strftime, 0, 3),
    ("strtonum", Builtin::Strtonum, 1, 1),
    ("substr", Builtin::Substr, 2, 3),
    ("system", Builtin::System, 1, 1),
    ("systime", Builtin::Systime, 0, 0),
    ("tolower", Builtin::Tolower, 1, 1),
    ("toupper", Builtin::Toupper, 1, 1),
    ("xor", Builtin::Xor, 2, 9),
];

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

    fn call(&mut self, name: &str) -> Parsed<Operand> {
        self.advance()?;
        let function = self.function(name);
        let count = self.arguments_with(|_| false)?;
        self.emit(Op::Call(function, count));
        Ok(Operand::Value)
    }

    fn builtin(&mut self, word: &'static str) -> Parsed<Operand> {
        if word == "sub" || word == "gsub" {
            return self.substitution(word == "gsub");
        }
        let Some((_, builtin, least, most)) = FUNCTIONS.iter().find(|(name, ..)| *name == word) else {
            return if word == "patsplit" {
                Err(super::parse::Wrong { lines: vec!["gap patsplit".to_owned()], status: 1 })
            } else {
                self.unexpected()
            };
        };
        self.advance()?;
        if *builtin == Builtin::Length && !self.is("(") {
            self.emit(Op::Builtin(Builtin::Length, 0));
            return Ok(Operand::Value);
        }
        let takes_pattern = |at: usize| match builtin {
            Builtin::Match => at == 1,
            Builtin::Split => at == 2,
            Builtin::Gensub => at == 0,
            _ => false,
        };
        let count = self.arguments_with(takes_pattern)?;
        if count < *least || count > *most {
            return self.wrong(&format!("{count} is invalid as number of arguments for {word}"));
        }
        self.emit(Op::Builtin(*builtin, count));
        Ok(Operand::Value)
    }

    /// Arguments in parentheses, of which some may be constant patterns; names alone are passed as what they are.
    fn arguments_with(&mut self, takes_pattern: impl Fn(usize) -> bool) -> Parsed<usize> {
        self.expect("(")?;
        let outer = std::mem::take(&mut self.no_greater);
        self.newlines()?;
        let mut count = 0;
        while !self.is(")") {
            match self.deeper(Self::ternary)? {
                Operand::Place(Target::Var(variable)) => {
                    self.emit(Op::Pass(variable));
                }
                Operand::Pattern(pattern) if takes_pattern(count) => {
                    self.emit(Op::Pattern(pattern));
                }
                operand => self.finish(operand)?,
            }
            count += 1;
            self.newlines()?;
            if !self.take(",")? {
                break;
            }
            self.newlines()?;
        }
        self.expect(")")?;
        self.no_greater = outer;
        Ok(count)
    }

    /// `sub` and `gsub`: the target comes last and is assigned to.
    fn substitution(&mut self, all: bool) -> Parsed<Operand> {
        self.advance()?;
        self.expect("(")?;
        let outer = std::mem::take(&mut self.no_greater);
        self.newlines()?;
        match self.deeper(Self::ternary)? {
            Operand::Pattern(pattern) => {
                self.emit(Op::Pattern(pattern));
            }
            operand => self.finish(operand)?,
        }
        self.expect(",")?;
        self.newlines()?;
        self.expression()?;
        let target = if self.take(",")? {
            self.newlines()?;
            match self.deeper(Self::ternary)? {
                Operand::Place(target) => target,
                _ => return self.wrong("gsub third parameter is not a changeable object"),
            }
        } else {
            self.constant(Value::Number(0.0));
            Target::Field
        };
        self.newlines()?;
        self.expect(")")?;
        self.no_greater = outer;
        self.emit(Op::Substitute(all, target));
        Ok(Operand::Value)
    }
}
