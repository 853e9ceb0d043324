//! Reads programs of awk and writes their instructions at once, so that no tree has to be walked. Complaints are laid out
//! as gawk does, with the line and a mark under the word.

mod statement;

use std::collections::BTreeMap;

use super::code::{Function, Op, Program, Var};
use super::lex::{Lexer, Token};
use super::value::Value;

/// How deep things may be nested.
const DEEPEST: usize = 40;
/// So many instructions may a program have.
const LONGEST: usize = 1 << 20;

/// A part of the program.
#[derive(Clone, Debug)]
pub struct Source {
    /// How messages name it: `cmd. line` or the file's name.
    pub name: String,
    /// The text.
    pub text: Vec<u8>,
}

/// A complaint; exit status 1, or 2 where it is `fatal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Lines without the name of awk.
    pub lines: Vec<String>,
    /// The exit status.
    pub status: u8,
}

pub(super) type Parsed<T> = Result<T, Wrong>;

/// Variables that awk itself knows; their places are fixed.
pub const SPECIAL: &[&str] = &[
    "NF",
    "NR",
    "FNR",
    "FS",
    "OFS",
    "ORS",
    "RS",
    "SUBSEP",
    "CONVFMT",
    "OFMT",
    "RSTART",
    "RLENGTH",
    "RT",
    "FILENAME",
    "ENVIRON",
    "ARGC",
    "ARGV",
    "IGNORECASE",
    "ERRNO",
    "PROCINFO",
    "FPAT",
    "FIELDWIDTHS",
];

/// A parser.
pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    name: &'a str,
    pub(super) token: Token,
    /// Where the word began.
    began: usize,
    line: u32,
    pub(super) program: Program,
    globals: BTreeMap<String, usize>,
    functions: BTreeMap<String, usize>,
    /// The parameters of the function that is read.
    locals: Option<Vec<String>>,
    /// What `break` and `continue` of each loop have to be told.
    loops: Vec<Loop>,
    depth: usize,
    /// What is read stands where `>` does not compare.
    pub(super) no_greater: bool,
    /// Which kind of rule is read.
    rule: &'static str,
}

#[derive(Default)]
struct Loop {
    breaks: Vec<usize>,
    continues: Vec<usize>,
}

/// Reads a program.
///
/// # Errors
/// gawk's complaint.
pub fn parse(sources: &[Source]) -> Result<Program, Wrong> {
    let mut program = Program::default();
    let mut globals = BTreeMap::new();
    let mut functions = BTreeMap::new();
    for name in SPECIAL {
        globals.insert((*name).to_owned(), program.globals.len());
        program.globals.push((*name).to_owned());
    }
    for source in sources {
        let lexer = Lexer { source: &source.text, at: 0, began: 0, line: 1 };
        let mut parser = Parser {
            lexer,
            name: &source.name,
            token: Token::Newline,
            began: 0,
            line: 1,
            program,
            globals,
            functions,
            locals: None,
            loops: Vec::new(),
            depth: 0,
            no_greater: false,
            rule: "",
        };
        parser.advance()?;
        parser.rules()?;
        (program, globals, functions) = (parser.program, parser.globals, parser.functions);
    }
    if let Some(function) = program.functions.iter().find(|function| function.begin.is_none()) {
        let name = sources.first().map_or("cmd. line", |source| &source.name);
        let text = format!("{name}:1: fatal: function `{}' not defined", function.name);
        return Err(Wrong { lines: vec![text], status: 2 });
    }
    Ok(program)
}

impl Parser<'_> {
    /// A complaint about the word at hand.
    pub(super) fn wrong<T>(&self, text: &str) -> Parsed<T> {
        let source = self.lexer.source;
        let at = self.began.min(source.len());
        let begin = source[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = source[begin..].iter().position(|byte| *byte == b'\n').map_or(source.len(), |end| begin + end);
        let place = format!("{}:{}: ", self.name, self.line);
        let shown = String::from_utf8_lossy(&source[begin..end]);
        let before: String = String::from_utf8_lossy(&source[begin..at])
            .chars()
            .map(|character| if character == '\t' { '\t' } else { ' ' })
            .collect();
        Err(Wrong { lines: vec![format!("{place}{shown}"), format!("{place}{before}^ {text}")], status: 1 })
    }

    pub(super) fn unexpected<T>(&self) -> Parsed<T> {
        match self.token {
            Token::Newline | Token::End => self.wrong("unexpected newline or end of string"),
            _ => self.wrong("syntax error"),
        }
    }

    pub(super) fn advance(&mut self) -> Parsed<Token> {
        let line = self.lexer.line;
        let next = self.lexer.next();
        (self.began, self.line) = (self.lexer.began, line);
        match next {
            Ok(token) => {
                if token != Token::Newline {
                    self.line = self.lexer.line;
                }
                Ok(std::mem::replace(&mut self.token, token))
            }
            Err(text) => self.wrong(text),
        }
    }

    pub(super) fn regex_here(&mut self) -> Parsed<usize> {
        match self.lexer.regex() {
            Ok(pattern) => {
                self.program.patterns.push(pattern);
                self.advance()?;
                Ok(self.program.patterns.len() - 1)
            }
            Err(text) => {
                self.began = self.lexer.began;
                self.wrong(text)
            }
        }
    }

    /// What stands behind the word at hand.
    pub(super) fn rest(&self) -> &[u8] {
        &self.lexer.source[self.lexer.at..]
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(&self.token, Token::Sign(own) | Token::Word(own) if *own == sign)
    }

    pub(super) fn take(&mut self, sign: &str) -> Parsed<bool> {
        let found = self.is(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign)? { Ok(()) } else { self.unexpected() }
    }

    pub(super) fn newlines(&mut self) -> Parsed<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.wrong("memory exhausted");
        }
        let result = read(self)?;
        self.depth -= 1;
        Ok(result)
    }

    pub(super) fn emit(&mut self, op: Op) -> usize {
        self.program.ops.push(op);
        self.program.lines.push(self.line);
        self.program.ops.len() - 1
    }

    pub(super) fn here(&self) -> usize {
        self.program.ops.len()
    }

    pub(super) fn constant(&mut self, value: Value) {
        self.program.constants.push(value);
        self.emit(Op::Constant(self.program.constants.len() - 1));
    }

    /// Leads a jump to the place that comes next.
    pub(super) fn land(&mut self, jump: usize) {
        let here = self.here();
        match &mut self.program.ops[jump] {
            Op::Jump(to) | Op::JumpIf(_, to) | Op::EachNext(to) | Op::RangeInside(_, to) => *to = here,
            _ => {}
        }
    }

    pub(super) fn variable(&mut self, name: &str) -> Var {
        if let Some(at) = self.locals.as_ref().and_then(|locals| locals.iter().position(|local| local == name)) {
            return Var::Local(at);
        }
        if let Some(at) = self.globals.get(name) {
            return Var::Global(*at);
        }
        self.globals.insert(name.to_owned(), self.program.globals.len());
        self.program.globals.push(name.to_owned());
        Var::Global(self.program.globals.len() - 1)
    }

    pub(super) fn function(&mut self, name: &str) -> usize {
        if let Some(at) = self.functions.get(name) {
            return *at;
        }
        self.program.functions.push(Function { name: name.to_owned(), ..Function::default() });
        self.functions.insert(name.to_owned(), self.program.functions.len() - 1);
        self.program.functions.len() - 1
    }

    fn rules(&mut self) -> Parsed<()> {
        loop {
            while self.token == Token::Newline || self.is(";") {
                self.advance()?;
            }
            if self.token == Token::End {
                return Ok(());
            }
            if self.program.ops.len() > LONGEST {
                return self.wrong("memory exhausted");
            }
            if self.take("function")? {
                self.definition()?;
            } else {
                self.rule()?;
            }
        }
    }

    fn rule(&mut self) -> Parsed<()> {
        let begin = self.here();
        for kind in ["BEGIN", "END"] {
            if self.take(kind)? {
                if !self.is("{") {
                    return self.wrong(&format!("{kind} blocks must have an action part"));
                }
                self.rule = if kind == "BEGIN" { "BEGIN" } else { "END" };
                self.block()?;
                self.emit(Op::End);
                let rules = if kind == "BEGIN" { &mut self.program.begin } else { &mut self.program.end };
                rules.push(begin);
                return Ok(());
            }
        }
        self.rule = "";
        let mut skip = None;
        if !self.is("{") {
            self.expression()?;
            skip = Some(self.range(begin)?);
        }
        if self.is("{") {
            self.block()?;
        } else {
            self.emit(Op::Print(0, super::code::Stream::Main));
        }
        if let Some(skip) = skip {
            self.land(skip);
        }
        self.emit(Op::End);
        self.program.main.push(begin);
        Ok(())
    }

    /// The second half of a pattern, if there is one: the jump that leaves the rule.
    fn range(&mut self, begin: usize) -> Parsed<usize> {
        if !self.is(",") {
            return Ok(self.emit(Op::JumpIf(false, 0)));
        }
        // A range asks first whether it has begun; the first pattern moves behind that question.
        let range = self.program.ranges;
        self.program.ranges += 1;
        self.program.ops.insert(begin, Op::RangeInside(range, 0));
        self.program.lines.insert(begin, self.line);
        for op in &mut self.program.ops[begin + 1..] {
            if let Op::Jump(to) | Op::JumpIf(_, to) = op {
                *to += 1;
            }
        }
        self.advance()?;
        self.newlines()?;
        let skip = self.emit(Op::JumpIf(false, 0));
        self.emit(Op::RangeSet(range, true));
        self.land(begin);
        self.expression()?;
        let stays = self.emit(Op::JumpIf(false, 0));
        self.emit(Op::RangeSet(range, false));
        self.land(stays);
        Ok(skip)
    }

    fn definition(&mut self) -> Parsed<()> {
        let name = match self.advance()? {
            Token::Name(name) | Token::Function(name) => name,
            _ => return self.unexpected(),
        };
        let function = self.function(&name);
        if self.program.functions[function].begin.is_some() {
            return self.wrong(&format!("function name `{name}' previously defined"));
        }
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.is(")") {
            match self.advance()? {
                Token::Name(name) => parameters.push(name),
                _ => return self.unexpected(),
            }
            if !self.take(",")? {
                break;
            }
            self.newlines()?;
        }
        self.expect(")")?;
        self.newlines()?;
        self.program.functions[function].parameters = parameters.len();
        self.program.functions[function].begin = Some(self.here());
        self.locals = Some(parameters);
        self.rule = "";
        let block = self.block();
        self.locals = None;
        block?;
        self.constant(Value::Unset);
        self.emit(Op::Return);
        Ok(())
    }

    fn block(&mut self) -> Parsed<()> {
        if !self.is("{") {
            return self.unexpected();
        }
        self.advance()?;
        loop {
            while self.token == Token::Newline || self.is(";") {
                self.advance()?;
            }
            if self.take("}")? {
                return Ok(());
            }
            if self.token == Token::End {
                return self.unexpected();
            }
            self.deeper(Self::statement)?;
        }
    }

    /// The end of a simple statement.
    fn ended(&mut self) -> Parsed<()> {
        match self.token {
            Token::Newline => self.advance().map(|_| ()),
            Token::Sign(";") => {
                self.advance()?;
                Ok(())
            }
            Token::Sign("}") => Ok(()),
            _ => self.unexpected(),
        }
    }
}
