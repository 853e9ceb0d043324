//! The language of bc: tokens, expressions and statements. Assignments bind closer than comparisons, and a minus before a number
//! closer than a power.

use super::tokens::{Token, Wrong, tokens};

/// Expressions may nest so deep.
const DEEPEST: usize = 60;

/// What can be assigned to.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Variable(String),
    Element(String, Box<Expr>),
    Scale,
    InputBase,
    OutputBase,
    Last,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Number(String),
    Place(Place),
    Negated(Box<Expr>),
    Not(Box<Expr>),
    /// An operator of one or two signs.
    Two(&'static str, Box<Expr>, Box<Expr>),
    /// `=` or an operator before it.
    Assign(&'static str, Place, Box<Expr>),
    /// `++` and `--`: by how much, and whether before the value is taken.
    Step(i64, bool, Place),
    Call(String, Vec<Argument>),
    Length(Box<Expr>),
    ScaleOf(Box<Expr>),
    Root(Box<Expr>),
    Read,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Value(Expr),
    Array(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    Value(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    Value(Expr),
    Text(String),
    Print(Vec<Part>),
    Block(Vec<Stmt>),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    While(Expr, Box<Stmt>),
    For(Option<Expr>, Option<Expr>, Option<Expr>, Box<Stmt>),
    Break,
    Continue,
    Return(Option<Expr>),
    Halt,
    Quit,
    Define(String, Function),
    /// A word of bc that is not modelled.
    Gap(&'static str),
}

/// A function: its parameters, its own variables, and what it does. Names of arrays end with `[`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    pub parameters: Vec<String>,
    pub own: Vec<String>,
    pub body: Vec<Stmt>,
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// The statements of a line, or of several that belong together.
pub fn statements(text: &str) -> Result<Vec<Stmt>, Wrong> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let mut all = Vec::new();
    loop {
        while parser.takes(";") || parser.ends_line() {}
        if parser.at == parser.tokens.len() {
            return Ok(all);
        }
        all.push(parser.statement()?);
        if parser.at < parser.tokens.len() && !parser.takes(";") && !parser.ends_line() {
            return Err(parser.wrong());
        }
    }
}

type Parsed<T> = Result<T, Wrong>;

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(other)) if *other == sign);
        self.at += usize::from(found);
        found
    }

    fn ends_line(&mut self) -> bool {
        let found = matches!(self.peek(), Some(Token::End));
        self.at += usize::from(found);
        found
    }

    fn needs(&mut self, sign: &str) -> Parsed<()> {
        if self.takes(sign) { Ok(()) } else { Err(self.wrong()) }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.wrong()),
        }
    }

    /// What stands here should not.
    fn wrong(&self) -> Wrong {
        Wrong::Syntax(matches!(self.peek(), None | Some(Token::End)))
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        let parsed = if self.depth > DEEPEST { Err(Wrong::Syntax(false)) } else { parse(self) };
        self.depth -= 1;
        parsed
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        self.deeper(Self::one_statement)
    }

    fn one_statement(&mut self) -> Parsed<Stmt> {
        if let Some(Token::Text(text)) = self.peek() {
            let text = text.clone();
            self.at += 1;
            return Ok(Stmt::Text(text));
        }
        if self.takes("{") {
            return Ok(Stmt::Block(self.block()?));
        }
        let Some(Token::Name(word)) = self.peek() else { return Ok(Stmt::Value(self.expr()?)) };
        let word = word.clone();
        let before = self.at;
        self.at += 1;
        Ok(match word.as_str() {
            "quit" => Stmt::Quit,
            "halt" => Stmt::Halt,
            "break" => Stmt::Break,
            "continue" => Stmt::Continue,
            "warranty" => Stmt::Gap("warranty"),
            "limits" => Stmt::Gap("limits"),
            "return" => {
                let bare = matches!(self.peek(), None | Some(Token::End | Token::Sign(";" | "}")));
                Stmt::Return(if bare { None } else { Some(self.expr()?) })
            }
            "print" => {
                let mut parts = Vec::new();
                loop {
                    match self.peek() {
                        Some(Token::Text(text)) => {
                            parts.push(Part::Text(text.clone()));
                            self.at += 1;
                        }
                        _ => parts.push(Part::Value(self.expr()?)),
                    }
                    if !self.takes(",") {
                        break;
                    }
                }
                Stmt::Print(parts)
            }
            "if" => {
                self.needs("(")?;
                let condition = self.expr()?;
                self.needs(")")?;
                self.skip_lines()?;
                let then = self.statement()?;
                let other = if self.word("else") {
                    self.skip_lines()?;
                    Some(Box::new(self.statement()?))
                } else {
                    None
                };
                Stmt::If(condition, Box::new(then), other)
            }
            "while" => {
                self.needs("(")?;
                let condition = self.expr()?;
                self.needs(")")?;
                self.skip_lines()?;
                Stmt::While(condition, Box::new(self.statement()?))
            }
            "for" => {
                self.needs("(")?;
                let mut parts = [None, None, None];
                for (at, end) in [";", ";", ")"].into_iter().enumerate() {
                    if !self.takes(end) {
                        parts[at] = Some(self.expr()?);
                        self.needs(end)?;
                    }
                }
                let [first, condition, next] = parts;
                self.skip_lines()?;
                Stmt::For(first, condition, next, Box::new(self.statement()?))
            }
            "define" => self.function()?,
            _ => {
                self.at = before;
                Stmt::Value(self.expr()?)
            }
        })
    }

    /// What belongs to a condition may stand in the next line.
    fn skip_lines(&mut self) -> Parsed<()> {
        while self.ends_line() {}
        if self.peek().is_none() { Err(Wrong::Unfinished) } else { Ok(()) }
    }

    fn block(&mut self) -> Parsed<Vec<Stmt>> {
        let mut all = Vec::new();
        loop {
            while self.takes(";") || self.ends_line() {}
            if self.peek().is_none() {
                return Err(Wrong::Unfinished);
            }
            if self.takes("}") {
                return Ok(all);
            }
            all.push(self.statement()?);
            let separated = matches!(self.peek(), None | Some(Token::End | Token::Sign(";" | "}")));
            if !separated {
                return Err(self.wrong());
            }
        }
    }

    fn names(&mut self) -> Parsed<Vec<String>> {
        let mut all = Vec::new();
        loop {
            let name = self.name()?;
            if self.takes("[") {
                self.needs("]")?;
                all.push(format!("{name}["));
            } else {
                all.push(name);
            }
            if !self.takes(",") {
                return Ok(all);
            }
        }
    }

    fn function(&mut self) -> Parsed<Stmt> {
        self.word("void");
        let name = self.name()?;
        self.needs("(")?;
        let parameters = if self.takes(")") {
            Vec::new()
        } else {
            let names = self.names()?;
            self.needs(")")?;
            names
        };
        self.skip_lines()?;
        self.needs("{")?;
        while self.ends_line() || self.takes(";") {}
        let own = if self.word("auto") { self.names()? } else { Vec::new() };
        let body = self.block()?;
        Ok(Stmt::Define(name, Function { parameters, own, body }))
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| {
            let mut left = parser.and()?;
            while parser.takes("||") {
                left = Expr::Two("||", Box::new(left), Box::new(parser.and()?));
            }
            Ok(left)
        })
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.not()?;
        while self.takes("&&") {
            left = Expr::Two("&&", Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed<Expr> {
        if self.takes("!") {
            return self.deeper(|parser| Ok(Expr::Not(Box::new(parser.not()?))));
        }
        let mut left = self.sum()?;
        while let Some(sign) = self.one_of(&["==", "<=", ">=", "!=", "<", ">"]) {
            left = Expr::Two(sign, Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    fn one_of(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        signs.iter().copied().find(|sign| self.takes(sign))
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        while let Some(sign) = self.one_of(&["+", "-"]) {
            left = Expr::Two(sign, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.power()?;
        while let Some(sign) = self.one_of(&["*", "/", "%"]) {
            left = Expr::Two(sign, Box::new(left), Box::new(self.power()?));
        }
        Ok(left)
    }

    fn power(&mut self) -> Parsed<Expr> {
        let left = self.unary()?;
        if self.takes("^") {
            return self.deeper(|parser| Ok(Expr::Two("^", Box::new(left), Box::new(parser.power()?))));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        if self.takes("-") {
            return self.deeper(|parser| Ok(Expr::Negated(Box::new(parser.unary()?))));
        }
        for (sign, step) in [("++", 1), ("--", -1)] {
            if self.takes(sign) {
                let Expr::Place(place) = self.primary()? else { return Err(self.wrong()) };
                return Ok(Expr::Step(step, true, place));
            }
        }
        let value = self.primary()?;
        let Expr::Place(place) = value else { return Ok(value) };
        for (sign, step) in [("++", 1), ("--", -1)] {
            if self.takes(sign) {
                return Ok(Expr::Step(step, false, place));
            }
        }
        let signs = ["=", "+=", "-=", "*=", "/=", "%=", "^="];
        if let Some(sign) = self.one_of(&signs) {
            let value = self.deeper(Self::sum)?;
            return Ok(Expr::Assign(sign, place, Box::new(value)));
        }
        Ok(Expr::Place(place))
    }

    fn primary(&mut self) -> Parsed<Expr> {
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = number.clone();
                self.at += 1;
                return Ok(Expr::Number(number));
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.expr()?;
                self.needs(")")?;
                // What stands in parentheses is a value, and no longer what could be assigned to.
                return Ok(match inner {
                    Expr::Assign(..) | Expr::Place(_) => {
                        Expr::Two("+", Box::new(inner), Box::new(Expr::Number("0".to_owned())))
                    }
                    inner => inner,
                });
            }
            Some(Token::Sign(".")) => {
                self.at += 1;
                return Ok(Expr::Place(Place::Last));
            }
            _ => {}
        }
        let name = self.name()?;
        let of = |parser: &mut Self| {
            parser.needs("(")?;
            let inner = parser.expr()?;
            parser.needs(")")?;
            Ok(Box::new(inner))
        };
        Ok(match name.as_str() {
            "length" => Expr::Length(of(self)?),
            "sqrt" => Expr::Root(of(self)?),
            "scale" if matches!(self.peek(), Some(Token::Sign("("))) => Expr::ScaleOf(of(self)?),
            "read" => {
                self.needs("(")?;
                self.needs(")")?;
                Expr::Read
            }
            "scale" => Expr::Place(Place::Scale),
            "ibase" => Expr::Place(Place::InputBase),
            "obase" => Expr::Place(Place::OutputBase),
            "last" => Expr::Place(Place::Last),
            "auto" | "break" | "continue" | "define" | "else" | "for" | "halt" | "history" | "if" | "limits"
            | "print" | "quit" | "return" | "void" | "warranty" | "while" => return Err(Wrong::Syntax(false)),
            _ if self.takes("(") => {
                let mut arguments = Vec::new();
                while !self.takes(")") {
                    if !arguments.is_empty() {
                        self.needs(",")?;
                    }
                    let before = self.at;
                    let array = self.name().ok().filter(|_| self.takes("[") && self.takes("]"));
                    arguments.push(match array {
                        Some(array) => Argument::Array(array),
                        None => {
                            self.at = before;
                            Argument::Value(self.expr()?)
                        }
                    });
                }
                Expr::Call(name, arguments)
            }
            _ if self.takes("[") => {
                let index = self.expr()?;
                self.needs("]")?;
                Expr::Place(Place::Element(name, Box::new(index)))
            }
            _ => Expr::Place(Place::Variable(name)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_binds_closer_is_read_first() {
        let check = |text: &str, expect: Result<&str, Wrong>| {
            let shown = statements(text).map(|all| format!("{all:?}").replace("Box", ""));
            match expect {
                Ok(part) => assert!(shown.as_ref().is_ok_and(|shown| shown.contains(part)), "{text}: {shown:?}"),
                Err(wrong) => assert_eq!(shown, Err(wrong), "{text}"),
            }
        };
        check("-2^2", Ok("Two(\"^\", Negated("));
        check("a=3<5", Ok("Two(\"<\", Assign("));
        check("2^3^2", Ok("Two(\"^\", Number(\"2\"), Two(\"^\""));
        check("define f(x) {", Err(Wrong::Unfinished));
        check("1+", Err(Wrong::Syntax(true)));
        check("1 @ 2", Err(Wrong::Illegal('@')));
        check("if (1) 2 else 3", Ok("If("));
        check("a[1]++", Ok("Step(1, false, Element("));
    }
}
