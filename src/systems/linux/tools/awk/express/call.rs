//! Calls: of the functions that a program defines and of those that awk has.

use super::super::code::{Builtin, Op, Target};
use super::super::parse::{Parsed, Parser, Wrong};
use super::super::value::Value;
use super::Operand;

pub(super) const FUNCTIONS: &[(&str, Builtin, usize, usize)] = &[
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
    pub(super) fn call(&mut self, name: &str) -> Parsed<Operand> {
        self.advance()?;
        let function = self.function(name);
        let count = self.arguments_with(|_| false)?;
        self.emit(Op::Call(function, count));
        Ok(Operand::Value)
    }

    pub(super) fn builtin(&mut self, word: &'static str) -> Parsed<Operand> {
        if word == "sub" || word == "gsub" {
            return self.substitution(word == "gsub");
        }
        let Some((_, builtin, least, most)) = FUNCTIONS.iter().find(|(name, ..)| *name == word) else {
            return if word == "patsplit" {
                Err(Wrong { lines: vec!["gap patsplit".to_owned()], status: 1 })
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
    pub(super) fn arguments_with(&mut self, takes_pattern: impl Fn(usize) -> bool) -> Parsed<usize> {
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
    pub(super) fn substitution(&mut self, all: bool) -> Parsed<Operand> {
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
