//! A command line of bash as a tree, as its grammar has it (bash(1), "SHELL GRAMMAR"). Nothing is expanded yet: words keep
//! their quotes as parts, so that the evaluator alone decides. The tree is plain data, since functions that a person
//! defined are kept with the session.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Commands one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// In their order.
    pub items: Vec<Item>,
}

/// A list of pipelines that ends with `;`, `&` or a line's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What stands first.
    pub first: Pipeline,
    /// What follows on `&&` and `||`.
    pub rest: Vec<(Connector, Pipeline)>,
    /// Whether `&` ends it.
    pub background: bool,
}

/// When the next pipeline of a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connector {
    /// `&&`: when the one before succeeded.
    And,
    /// `||`: when it failed.
    Or,
}

/// Commands that feed each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Whether `!` turns its status around.
    pub negated: bool,
    /// Whether `time` stands before it; `true` within for `time -p`.
    pub timed: Option<bool>,
    /// Its stages; `|&` is a redirection of the stage before it. None only after a lone `!` or `time`.
    pub stages: Vec<Command>,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// A program, builtin or function with its words, or assignments alone.
    Simple(Simple),
    /// A construct of the language.
    Compound {
        /// Which.
        body: Compound,
        /// Redirections behind it.
        redirects: Vec<Redirect>,
        /// The line on which it begins, from 1.
        line: u32,
    },
    /// The definition of a function.
    Function {
        /// Its name.
        name: String,
        /// A [`Command::Compound`].
        body: Arc<Command>,
    },
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simple {
    /// `NAME=value` before the first word.
    pub assignments: Vec<Assignment>,
    /// The words. Those of declaration builtins (`declare local export readonly typeset`) that have the shape of an
    /// assignment are [`Argument::Assignment`].
    pub words: Vec<Argument>,
    /// Redirections, wherever they stood, in their order.
    pub redirects: Vec<Redirect>,
    /// The line on which it begins, from 1.
    pub line: u32,
}

/// A word of a simple command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Argument {
    /// A word that is split and globbed.
    Word(Word),
    /// An assignment given to a declaration builtin, which is not split.
    Assignment(Assignment),
}

/// `NAME=value`, `NAME+=value`, `NAME[i]=value`, `NAME=(…)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// What stands in brackets, unexpanded.
    pub subscript: Option<Word>,
    /// Whether it adds (`+=`).
    pub append: bool,
    /// What is assigned.
    pub value: Assigned,
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assigned {
    /// A word; empty where nothing stands behind the `=`.
    Word(Word),
    /// The elements of an array, each with its subscript where one is given (`[k]=v`).
    Array(Vec<(Option<Word>, Word)>),
}

/// A construct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compound {
    /// `{ …; }`
    Group(Script),
    /// `( … )`
    Subshell(Script),
    /// `if`, with each `elif` a further branch.
    If {
        /// Conditions and what they lead to.
        branches: Vec<(Script, Script)>,
        /// What stands behind `else`.
        otherwise: Option<Script>,
    },
    /// `for NAME in …`
    For {
        /// The variable.
        name: String,
        /// The words; the positional parameters when there is no `in`.
        words: Option<Vec<Word>>,
        /// The body.
        body: Script,
    },
    /// `for ((init; condition; step))`, each unexpanded.
    ForArithmetic {
        /// Evaluated first.
        init: Word,
        /// Evaluated before each round; an empty one is true.
        condition: Word,
        /// Evaluated after each round.
        step: Word,
        /// The body.
        body: Script,
    },
    /// `select NAME in …`
    Select {
        /// The variable.
        name: String,
        /// The words; the positional parameters when there is no `in`.
        words: Option<Vec<Word>>,
        /// The body.
        body: Script,
    },
    /// `while` and `until`.
    While {
        /// Whether the condition must fail for another round (`until`).
        until: bool,
        /// The condition.
        condition: Script,
        /// The body.
        body: Script,
    },
    /// `case WORD in …`
    Case {
        /// What is compared.
        word: Word,
        /// The arms.
        arms: Vec<Arm>,
    },
    /// `[[ … ]]`
    Conditional(Condition),
    /// `(( … ))`, unexpanded.
    Arithmetic(Word),
}

/// An arm of a `case`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Its patterns.
    pub patterns: Vec<Word>,
    /// What runs.
    pub body: Script,
    /// What ends it.
    pub end: ArmEnd,
}

/// What ends an arm of a `case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArmEnd {
    /// `;;`: the end.
    Break,
    /// `;&`: the next arm runs, too.
    Fall,
    /// `;;&`: the next patterns are tried.
    Test,
}

/// An expression of `[[ … ]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// `! c`
    Not(Box<Condition>),
    /// `a && b`
    And(Box<Condition>, Box<Condition>),
    /// `a || b`
    Or(Box<Condition>, Box<Condition>),
    /// `-f word`: the letter behind the minus.
    Unary(char, Word),
    /// `a == b`, `a -lt b`, `a =~ b`, `a < b` …: the operator as typed.
    Binary(Word, String, Word),
    /// A word alone: whether it is not empty.
    Word(Word),
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The descriptor that stands before it; each operator has its own default.
    pub fd: Option<Descriptor>,
    /// What it does.
    pub kind: RedirectKind,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// Its text; parts other than text only where the delimiter was not quoted.
    #[serde(flatten)]
    pub text: Word,
    /// The line at which it ends.
    #[serde(default = "usual_delimiter")]
    pub delimiter: String,
    /// `<<-`: tabs at the start of its lines were left out.
    #[serde(default)]
    pub strip: bool,
}

/// That of a document which was saved without its delimiter.
fn usual_delimiter() -> String {
    "EOF".to_owned()
}

/// What a redirection changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Descriptor {
    /// The descriptor of this number.
    Number(u32),
    /// `{name}`: a free one, whose number the variable gets.
    Variable(String),
}

/// What a redirection does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectKind {
    /// `< word`
    Read(Word),
    /// `> word`
    Write(Word),
    /// `>| word`
    Clobber(Word),
    /// `>> word`
    Append(Word),
    /// `<> word`
    ReadWrite(Word),
    /// `&> word` and `>& word`
    WriteBoth(Word),
    /// `&>> word`
    AppendBoth(Word),
    /// `<& word`: a number, `-`, or a number and `-`.
    DuplicateIn(Word),
    /// `>& word` where the word is, or may come out as, a number or `-`.
    DuplicateOut(Word),
    /// `<< word` and `<<- word`
    Here(Here),
    /// `<<< word`
    HereString(Word),
}

/// A word: its parts side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// The parts; none for nothing at all, which is not the same as empty quotes.
    pub parts: Vec<Part>,
    /// What was typed, as far as the parts do not tell it: bash shows it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<Box<str>>,
}

impl Word {
    /// A word that nobody typed so.
    #[must_use]
    pub fn of(parts: Vec<Part>) -> Self {
        Self { parts, typed: None }
    }
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Bare characters, in which `~`, `{a,b}`, `*`, `?`, `[` mean something.
    Bare(String),
    /// Characters that stand for themselves: `'…'`, `$'…'` (escapes resolved), a character behind a backslash.
    Quoted(String),
    /// `"…"` and `$"…"`: its parts are never [`Part::Double`], and bare ones mean nothing.
    Double(Vec<Part>),
    /// `$name` and `${…}`.
    Parameter(Box<Parameter>),
    /// `$( … )` and back-quotes.
    Command(Arc<Script>),
    /// `$(( … ))` and `$[ … ]`, unexpanded.
    Arithmetic(Word),
    /// `<( … )` and `>( … )`; `true` for the latter.
    Process(bool, Arc<Script>),
}

/// `$name`, `${name…}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// A name, digits, or one of `@ * # ? - $ ! 0 _`.
    pub name: String,
    /// What stands in brackets, unexpanded; `@` and `*` are words, too.
    pub subscript: Option<Word>,
    /// Whether it stands in braces.
    #[serde(default)]
    pub braced: bool,
    /// `${!name}`: the variable that the variable names. Not set for [`Operation::Names`] and [`Operation::Keys`].
    pub indirect: bool,
    /// What is done with the value.
    pub operation: Option<Operation>,
}

/// What is done with a parameter's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// `${#name}`
    Length,
    /// `:-` and its kin.
    Unset {
        /// Whether an empty value counts as none (`:`).
        or_empty: bool,
        /// Which: `-`, `=`, `?` or `+`.
        action: char,
        /// The word behind it.
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`
    Trim {
        /// Whether from the end (`%`).
        suffix: bool,
        /// Whether as much as possible.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `/`, `//`, `/#`, `/%`
    Replace {
        /// Where: `/` first, `*` all, `#` at the start, `%` at the end.
        which: char,
        /// The pattern.
        pattern: Word,
        /// What takes its place.
        with: Word,
    },
    /// `:offset` and `:offset:length`, unexpanded arithmetic.
    Slice {
        /// From where.
        offset: Word,
        /// How much.
        length: Option<Word>,
    },
    /// `^`, `^^`, `,`, `,,`, `~`, `~~`
    Case {
        /// `^`, `,` or `~`.
        to: char,
        /// Whether all characters, not only the first.
        all: bool,
        /// Which characters; all when empty.
        pattern: Word,
    },
    /// `@Q`, `@E`, `@P`, `@A`, `@a`, `@U`, `@u`, `@L`, `@K`
    Transform(char),
    /// `${!prefix*}`, `${!prefix@}`; `true` for `@`.
    Names(bool),
    /// `${!name[@]}`, `${!name[*]}`; `true` for `@`.
    Keys(bool),
    /// What is a `bad substitution` once it is expanded; the name is the whole text, from `${` to `}`.
    Bad,
}
