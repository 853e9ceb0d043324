//! A script of `sed` as it is run: a flat list of commands, whose blocks and labels are places in it.

use std::sync::Arc;

use super::super::regex::Regex;

/// A regular expression; nothing where the last one used is meant.
pub type Pattern = Option<Arc<Regex>>;

/// A script.
#[derive(Debug, Default)]
pub struct Script {
    /// Its commands.
    pub commands: Vec<Command>,
    /// The files that `w` writes to, each once.
    pub written: Vec<String>,
    /// Begins with `#n` and a newline: nothing is printed by itself.
    pub quiet: bool,
}

/// A command with the lines that it is for.
#[derive(Debug)]
pub struct Command {
    /// The line, or the first one of a range.
    pub from: Option<Address>,
    /// Where the range ends.
    pub to: Option<End>,
    /// For all other lines.
    pub negated: bool,
    /// What is done.
    pub act: Act,
}

/// Which line.
#[derive(Debug)]
pub enum Address {
    /// The one with this number; 0 before the first.
    Line(u64),
    /// Every so manieth from one on.
    Step(u64, u64),
    /// The last.
    Last,
    /// Those that match.
    Regex(Pattern),
}

/// Where a range ends.
#[derive(Debug)]
pub enum End {
    /// At a line.
    Line(u64),
    /// So many lines later.
    Plus(u64),
    /// At the next multiple.
    Multiple(u64),
    /// At the last line.
    Last,
    /// At the next one that matches.
    Regex(Pattern),
}

/// What is done.
#[derive(Debug)]
pub enum Act {
    /// `{`: goes to this place where the lines are others.
    Open(usize),
    /// `}`, `:label`, `v`
    Nothing,
    /// `=`
    Number,
    /// `a`
    Append(Vec<u8>),
    /// `i`
    Insert(Vec<u8>),
    /// `c`
    Change(Vec<u8>),
    /// `b`: to a place, or the end.
    Branch(Option<usize>),
    /// `t`, and `T` with `false`.
    Test(bool, Option<usize>),
    /// `d`
    Delete,
    /// `D`
    DeleteFirst,
    /// `e`
    Execute,
    /// `F`
    FileName,
    /// `g`, and `G` with `true`.
    Get(bool),
    /// `h`, and `H` with `true`.
    Hold(bool),
    /// `l`, with a length or that of the option.
    List(Option<usize>),
    /// `n`
    Next,
    /// `N`
    NextToo,
    /// `p`
    Print,
    /// `P`
    PrintFirst,
    /// `q`, and `Q` with `false`: the status.
    Quit(bool, u8),
    /// `r`
    ReadFile(String),
    /// `R`
    ReadLine(String),
    /// `s`
    Substitute(Box<Substitute>),
    /// `w`, and `W` with `true`: which of the written files.
    Write(usize, bool),
    /// `x`
    Exchange,
    /// `y`: characters and what they become, by their bytes.
    Translate(Vec<(Vec<u8>, Vec<u8>)>),
    /// `z`
    Zap,
}

/// `s`
#[derive(Debug)]
pub struct Substitute {
    /// What is replaced.
    pub pattern: Pattern,
    /// By what.
    pub replacement: Vec<Piece>,
    /// All of them.
    pub global: bool,
    /// From which match on.
    pub count: u64,
    /// Whether the result is printed.
    pub print: bool,
    /// Whether the result is run as a command.
    pub execute: bool,
    /// Which of the written files it goes to.
    pub written: Option<usize>,
}

/// A part of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A text.
    Text(Vec<u8>),
    /// What a group matched; 0 is the whole.
    Group(usize),
    /// What becomes of letters from here on.
    Case(Case),
}

/// What becomes of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `\U`
    Upper,
    /// `\L`
    Lower,
    /// `\E`
    AsIs,
    /// `\u`: the next one.
    UpperNext,
    /// `\l`
    LowerNext,
}
