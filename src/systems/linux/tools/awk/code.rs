//! A program of awk as it is run: instructions for a machine with a stack.

use super::value::Value;

/// A variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Var {
    /// Of the whole program.
    Global(usize),
    /// Of the function at work.
    Local(usize),
}

/// Something that can be assigned to; what it takes to find it is on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A variable.
    Var(Var),
    /// An element: its key is on the stack.
    Element(Var),
    /// A field: its number is on the stack.
    Field,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Math {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `^`
    Power,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Where `print` writes, or `getline` reads; the name is on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The standard output, or the records of the program.
    Main,
    /// `>` or `<`
    File,
    /// `>>`
    Append,
    /// `|`
    Pipe,
}

/// Functions that awk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    Asort,
    Asorti,
    Atan2,
    Close,
    Cos,
    Exp,
    Fflush,
    Gensub,
    Index,
    Int,
    Length,
    Log,
    Match,
    Mktime,
    Rand,
    Sin,
    Split,
    Sprintf,
    Sqrt,
    Srand,
    Strftime,
    Strtonum,
    Substr,
    System,
    Systime,
    Tolower,
    Toupper,
    And,
    Or,
    Xor,
    Lshift,
    Rshift,
    Compl,
}

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// Pushes a constant.
    Constant(usize),
    /// Pushes the value of what is named.
    Load(Target),
    /// Pushes a variable as an argument: arrays themselves.
    Pass(Var),
    /// Assigns the value on top, which stays there.
    Store(Target),
    /// Copies the value on top.
    Copy,
    /// Drops the value on top.
    Drop,
    /// `++` and `--`: by how much, and whether the old value is wanted.
    Bump(Target, f64, bool),
    /// Joins so many values to a key.
    Key(usize),
    /// Whether the key on the stack is in an array.
    In(Var),
    /// `delete` of the element whose key is on the stack.
    Delete(Var),
    /// `delete` of all elements.
    Clear(Var),
    /// Arithmetic with two values.
    Math(Math),
    /// `-x`
    Negate,
    /// `+x`
    Number,
    /// `!x`
    Not,
    /// The truth of a value.
    Truth,
    /// Comparison of two values.
    Compare(Compare),
    /// Joins two texts.
    Concat,
    /// `~`, with `true` for `!~`: text and pattern are on the stack.
    Match(bool),
    /// The same with a constant pattern.
    MatchRegex(usize, bool),
    /// Goes on elsewhere.
    Jump(usize),
    /// Goes on elsewhere if the value on top is true, or is not.
    JumpIf(bool, usize),
    /// Whether a rule with a range is to look at its second pattern; goes there if so.
    RangeInside(usize, usize),
    /// The range begins or ends.
    RangeSet(usize, bool),
    /// Begins to go through an array.
    Each(Var),
    /// Pushes the next key, or goes on elsewhere.
    EachNext(usize),
    /// Leaves the loop.
    EachEnd,
    /// Calls a function with so many arguments.
    Call(usize, usize),
    /// Returns the value on top.
    Return,
    /// Calls a function of awk's own with so many arguments.
    Builtin(Builtin, usize),
    /// `sub` and `gsub` on a target: how many values lie under it.
    Substitute(bool, Target),
    /// Pushes a constant pattern as a value that `sub`, `match` and `split` know as one.
    Pattern(usize),
    /// `getline`: from where, and whether a target is given.
    Getline(Stream, Option<Target>),
    /// `print`: how many values, and where to.
    Print(usize, Stream),
    /// `printf`
    Printf(usize, Stream),
    /// `next`
    Next,
    /// `nextfile`
    NextFile,
    /// `exit`, with a status on the stack or not.
    Exit(bool),
    /// The end of the rules.
    End,
}

/// A function.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// How many parameters it has.
    pub parameters: usize,
    /// Where it begins; nothing while it is only called.
    pub begin: Option<usize>,
}

/// A program.
#[derive(Debug, Default)]
pub struct Program {
    /// All instructions.
    pub ops: Vec<Op>,
    /// The line of each.
    pub lines: Vec<u32>,
    /// Constants.
    pub constants: Vec<Value>,
    /// Constant patterns as they are written.
    pub patterns: Vec<String>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Names of the program's variables.
    pub globals: Vec<String>,
    /// Where the rules begin: `BEGIN`, those for records, `END`.
    pub begin: Vec<usize>,
    /// Where each rule for records begins.
    pub main: Vec<usize>,
    /// `END`
    pub end: Vec<usize>,
    /// How many ranges there are.
    pub ranges: usize,
}
