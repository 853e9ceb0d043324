//! The machine that runs programs of awk: a stack of values, frames of functions, instructions in a loop. It never calls
//! itself, so nothing that a program does can exhaust the host's stack.

mod calculate;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::array::Array;
use super::code::{Op, Program, Var};
use super::record::{Record, Splitter};
use super::streams::Streams;
use super::value::{Place, Text, Value};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::HELD;
use crate::systems::linux::tools::host::Host;
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};

/// Places of the variables that awk knows, in the order of [`super::parse::SPECIAL`].
pub(super) const NF: usize = 0;
pub(super) const NR: usize = 1;
pub(super) const FNR: usize = 2;
pub(super) const FS: usize = 3;
pub(super) const OFS: usize = 4;
pub(super) const ORS: usize = 5;
pub(super) const RS: usize = 6;
pub(super) const SUBSEP: usize = 7;
pub(super) const CONVFMT: usize = 8;
pub(super) const OFMT: usize = 9;
pub(super) const RSTART: usize = 10;
pub(super) const RLENGTH: usize = 11;
pub(super) const RT: usize = 12;
pub(super) const FILENAME: usize = 13;
pub(super) const ENVIRON: usize = 14;
pub(super) const ARGC: usize = 15;
pub(super) const ARGV: usize = 16;
pub(super) const IGNORECASE: usize = 17;
pub(super) const ERRNO: usize = 18;
pub(super) const PROCINFO: usize = 19;
pub(super) const FPAT: usize = 20;
pub(super) const FIELDWIDTHS: usize = 21;

/// How deep functions may call each other.
const DEEPEST: usize = 10_000;
/// So many instructions are a step.
const STEP: usize = 8;
/// So many patterns made at run time are kept.
const PATTERNS: usize = 200;

/// Why a program stops.
#[derive(Debug)]
pub enum Stop {
    /// Trouble that awk calls fatal.
    Fatal(String),
    /// Something that is not modelled.
    Gap(String),
    /// The program is cut off.
    Cut(Cut),
}

impl From<Cut> for Stop {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

pub(super) type Done<T> = Result<T, Stop>;

/// How a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    End,
    Next,
    NextFile,
    Exit,
}

#[derive(Debug)]
pub(super) struct Frame {
    back: usize,
    pub(super) base: usize,
    loops: usize,
    pub(super) arrays: Vec<usize>,
}

/// A program at work.
pub struct Machine<'a, H> {
    pub(super) host: &'a mut H,
    pub(super) program: &'a Program,
    pub(super) globals: Vec<Value>,
    pub(super) stack: Vec<Value>,
    pub(super) frames: Vec<Frame>,
    pub(super) arrays: Vec<Array>,
    pub(super) free: Vec<usize>,
    loops: Vec<std::vec::IntoIter<Text>>,
    inside: Vec<bool>,
    pub(super) record: Record,
    pub(super) streams: Streams,
    regexes: BTreeMap<(Vec<u8>, bool), Arc<Regex>>,
    /// Instructions and other work that no step was counted for.
    owed: usize,
    /// Bytes in variables.
    pub(super) held: usize,
    pub(super) status: u8,
    pub(super) seed: f64,
    pub(super) random: u64,
    /// Which instruction is at work.
    at: usize,
    /// Whether fields are found by `FPAT`.
    pub(super) by_pattern: bool,
}

impl<'a, H: Host> Machine<'a, H> {
    /// Gets a program ready.
    pub fn new(host: &'a mut H, program: &'a Program, name: &str, operands: &[String]) -> Self {
        let random = host.chance();
        let mut machine = Self {
            host,
            program,
            globals: vec![Value::Unset; program.globals.len()],
            stack: Vec::new(),
            frames: Vec::new(),
            arrays: Vec::new(),
            free: Vec::new(),
            loops: Vec::new(),
            inside: vec![false; program.ranges],
            record: Record::default(),
            streams: Streams::default(),
            regexes: BTreeMap::new(),
            owed: 0,
            held: 0,
            status: 0,
            seed: 0.0,
            random,
            at: 0,
            by_pattern: false,
        };
        for (at, text) in [(FS, " "), (OFS, " "), (ORS, "\n"), (RS, "\n"), (SUBSEP, "\u{1c}"), (CONVFMT, "%.6g")] {
            machine.globals[at] = Value::text(text.as_bytes());
        }
        machine.globals[OFMT] = Value::text(b"%.6g");
        machine.globals[RLENGTH] = Value::Number(-1.0);
        for at in [NR, FNR, RSTART] {
            machine.globals[at] = Value::Number(0.0);
        }
        machine.globals[FPAT] = Value::text(b"[^[:space:]]+");
        machine.globals[ARGC] = Value::Number(operands.len() as f64 + 1.0);
        for at in [ENVIRON, ARGV, PROCINFO] {
            machine.arrays.push(Array::default());
            machine.globals[at] = Value::Array(machine.arrays.len() - 1);
        }
        let arguments = std::iter::once(name).chain(operands.iter().map(String::as_str));
        for (at, operand) in arguments.enumerate() {
            machine.arrays[1].set(Arc::from(at.to_string().as_bytes()), Value::input(operand.as_bytes()));
        }
        machine
    }

    /// Sets an element of `PROCINFO`.
    pub fn about(&mut self, name: &str, value: &str) {
        self.arrays[2].set(Arc::from(name.as_bytes()), Value::input(value.as_bytes()));
    }

    /// Sets an element of `ENVIRON`.
    pub fn environment(&mut self, name: &str, value: &str) {
        self.arrays[0].set(Arc::from(name.as_bytes()), Value::input(value.as_bytes()));
    }

    /// `var=value`, on the command line or among the files.
    pub fn assign(&mut self, name: &str, value: &[u8]) -> Done<()> {
        let value = Value::input(&super::text::unescaped(value));
        match self.program.globals.iter().position(|global| global == name) {
            Some(at) => self.set_global(at, value),
            None => Ok(()),
        }
    }

    /// Runs the program: its exit status.
    pub async fn run(&mut self) -> Done<u8> {
        let mut flow = self.rules(&self.program.begin).await?;
        if flow != Flow::Exit && !(self.program.main.is_empty() && self.program.end.is_empty()) {
            while flow != Flow::Exit {
                if flow == Flow::NextFile {
                    self.next_file();
                }
                if !self.next_record().await? {
                    break;
                }
                flow = self.rules(&self.program.main).await?;
            }
        }
        // `exit` in BEGIN or a rule still runs the END rules, once.
        self.rules(&self.program.end).await?;
        self.finish().await?;
        Ok(self.status)
    }

    async fn rules(&mut self, rules: &[usize]) -> Done<Flow> {
        for begin in rules {
            let flow = self.execute(*begin).await?;
            if flow != Flow::End {
                return Ok(flow);
            }
        }
        Ok(Flow::End)
    }

    /// Counts work that was done.
    pub(super) fn work(&mut self, amount: usize) {
        self.owed = self.owed.saturating_add(amount);
    }

    pub(super) async fn settle(&mut self) -> Result<(), Cut> {
        while self.owed >= STEP {
            self.owed -= STEP;
            self.host.tick().await?;
        }
        Ok(())
    }

    pub(super) fn fatal<T>(&self, text: &str) -> Done<T> {
        let line = self.program.lines.get(self.at).copied().unwrap_or(1);
        let mut place = format!("cmd. line:{line}: ");
        let count = self.globals[NR].number();
        if count > 0.0 {
            let file = self.globals[FILENAME].to_text(b"%.6g");
            let file = if file.is_empty() { "-".into() } else { String::from_utf8_lossy(&file) };
            place.push_str(&format!("(FILENAME={file} FNR={}) ", self.globals[FNR].number()));
        }
        Err(Stop::Fatal(format!("{place}fatal: {text}")))
    }

    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }

    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// Numbers become texts in this format.
    pub(super) fn conversion(&self) -> Text {
        self.globals[CONVFMT].to_text(b"%.6g")
    }

    pub(super) fn text_of(&self, value: &Value) -> Text {
        match value {
            Value::Text(text) | Value::Input(text) => Arc::clone(text),
            value => value.to_text(&self.conversion()),
        }
    }

    pub(super) fn pop_text(&mut self) -> Text {
        let value = self.pop();
        self.text_of(&value)
    }

    pub(super) fn global_text(&self, at: usize) -> Text {
        self.text_of(&self.globals[at])
    }

    /// A pattern made from a text, kept for the next time.
    pub(super) fn regex(&mut self, pattern: &[u8]) -> Done<Arc<Regex>> {
        let nocase = self.globals[IGNORECASE].is_true();
        let key = (pattern.to_vec(), nocase);
        if let Some(regex) = self.regexes.get(&key) {
            return Ok(Arc::clone(regex));
        }
        self.work(pattern.len() * 16 + 256);
        let written = super::pattern::written(pattern);
        let options = Options { nocase, ..Options::default() };
        let text = String::from_utf8_lossy(&written).into_owned();
        let regex = match Regex::new(&text, Syntax::Extended, options) {
            Ok(regex) => Arc::new(regex),
            Err(error) => return self.fatal(&format!("{error}: /{text}/")),
        };
        if self.regexes.len() >= PATTERNS {
            self.regexes.clear();
        }
        self.regexes.insert(key, Arc::clone(&regex));
        Ok(regex)
    }

    pub(super) fn constant_regex(&mut self, at: usize) -> Done<Arc<Regex>> {
        let program = self.program;
        self.regex(program.patterns[at].as_bytes())
    }

    /// How the separator says that fields are parted.
    pub(super) fn splitter(&mut self, separator: &[u8]) -> Done<Splitter> {
        Ok(match separator {
            b" " => Splitter::Blanks,
            b"" => Splitter::Characters,
            b"\\" => Splitter::Byte(b'\\'),
            [byte] if byte.is_ascii() && (!self.globals[IGNORECASE].is_true() || !byte.is_ascii_alphabetic()) => {
                Splitter::Byte(*byte)
            }
            pattern => Splitter::Regex(self.regex(pattern)?),
        })
    }

    fn call(&mut self, function: usize, count: usize, back: usize) -> Done<usize> {
        let program = self.program;
        let function = &program.functions[function];
        if count > function.parameters {
            return self.fatal(&format!("function `{}' called with more arguments than declared", function.name));
        }
        if self.frames.len() >= DEEPEST {
            return Err(Stop::Cut(Cut::Limit("function calls")));
        }
        let base = self.stack.len() - count;
        self.stack.resize(base + function.parameters, Value::Unset);
        let size = self.stack[base..].iter().map(Value::size).sum();
        self.held(size, 0)?;
        self.frames.push(Frame { back, base, loops: self.loops.len(), arrays: Vec::new() });
        Ok(function.begin.unwrap_or(0))
    }

    fn ret(&mut self) -> usize {
        let value = self.pop();
        let Some(frame) = self.frames.pop() else { return 0 };
        let size: usize = self.stack[frame.base..].iter().map(Value::size).sum();
        self.held = self.held.saturating_sub(size);
        self.stack.truncate(frame.base);
        self.loops.truncate(frame.loops);
        for array in frame.arrays {
            self.clear(array);
            self.free.push(array);
        }
        self.push(match value {
            Value::Array(_) | Value::Untyped(_) => Value::Unset,
            value => value,
        });
        frame.back
    }

    fn pass(&mut self, var: Var) {
        let place = match var {
            Var::Global(at) => Place::Global(at),
            Var::Local(local) => Place::Stack(self.slot(local)),
        };
        let value = match var {
            Var::Global(NF) => Value::Number(self.record.count() as f64),
            Var::Global(at) => self.globals[at].clone(),
            Var::Local(local) => self.stack[self.slot(local)].clone(),
        };
        self.push(if matches!(value, Value::Unset) { Value::Untyped(place) } else { value });
    }

    async fn execute(&mut self, begin: usize) -> Done<Flow> {
        self.stack.clear();
        self.frames.clear();
        self.loops.clear();
        let program = self.program;
        let mut at = begin;
        while let Some(op) = program.ops.get(at) {
            self.at = at;
            self.owed += 1;
            if self.owed >= STEP {
                self.settle().await?;
            }
            at += 1;
            match *op {
                Op::Constant(constant) => self.push(program.constants[constant].clone()),
                Op::Load(target) => {
                    let value = self.load(target)?;
                    self.push(value);
                }
                Op::Pass(var) => self.pass(var),
                Op::Store(target) => {
                    let value = match self.pop() {
                        Value::Array(_) => return self.fatal("attempt to use array in a scalar context"),
                        Value::Untyped(_) => Value::Unset,
                        value => value,
                    };
                    self.store(target, value.clone())?;
                    self.push(value);
                }
                Op::Copy => {
                    let value = self.stack.last().cloned().unwrap_or_default();
                    self.push(value);
                }
                Op::Drop => drop(self.pop()),
                Op::Bump(target, by, old) => self.bump(target, by, old)?,
                Op::Key(count) => self.key(count),
                Op::In(var) => {
                    let key = self.pop_text();
                    let array = self.array(var)?;
                    let found = self.arrays[array].has(&key);
                    self.push(Value::truth(found));
                }
                Op::Delete(var) => {
                    let key = self.pop_text();
                    let array = self.array(var)?;
                    let before = self.arrays[array].size;
                    self.arrays[array].remove(&key);
                    let after = self.arrays[array].size;
                    self.held(after, before)?;
                }
                Op::Clear(var) => {
                    let array = self.array(var)?;
                    self.clear(array);
                }
                Op::Math(kind) => self.math(kind)?,
                Op::Negate => {
                    let number = self.pop().number();
                    self.push(Value::Number(-number));
                }
                Op::Number => {
                    let number = self.pop().number();
                    self.push(Value::Number(number));
                }
                Op::Not => {
                    let truth = self.pop().is_true();
                    self.push(Value::truth(!truth));
                }
                Op::Truth => {
                    let truth = self.pop().is_true();
                    self.push(Value::truth(truth));
                }
                Op::Compare(kind) => self.compare(kind),
                Op::Concat => {
                    let (two, one) = (self.pop_text(), self.pop_text());
                    self.work((one.len() + two.len()) / 64);
                    if one.len() + two.len() > HELD {
                        return Err(Stop::Cut(Cut::Limit("held memory")));
                    }
                    self.push(Value::Text(Arc::from([&*one, &*two].concat())));
                }
                Op::Match(negated) => {
                    let pattern = self.pop_text();
                    let regex = self.regex(&pattern)?;
                    self.match_regex(&regex, negated);
                }
                Op::MatchRegex(pattern, negated) => {
                    let regex = self.constant_regex(pattern)?;
                    self.match_regex(&regex, negated);
                }
                Op::Jump(to) => at = to,
                Op::JumpIf(wanted, to) => {
                    if self.pop().is_true() == wanted {
                        at = to;
                    }
                }
                Op::RangeInside(range, to) => {
                    if self.inside[range] {
                        at = to;
                    }
                }
                Op::RangeSet(range, inside) => self.inside[range] = inside,
                Op::Each(var) => {
                    let array = self.array(var)?;
                    let keys = self.keys(array);
                    self.work(keys.len());
                    self.loops.push(keys.into_iter());
                }
                Op::EachNext(out) => match self.loops.last_mut().and_then(Iterator::next) {
                    Some(key) => self.push(Value::Input(key)),
                    None => at = out,
                },
                Op::EachEnd => drop(self.loops.pop()),
                Op::Call(function, count) => at = self.call(function, count, at)?,
                Op::Return => at = self.ret(),
                Op::Builtin(builtin, count) => self.builtin(builtin, count).await?,
                Op::Substitute(all, target) => self.substitute(all, target)?,
                Op::Pattern(pattern) => self.push(Value::text(program.patterns[pattern].as_bytes())),
                Op::Getline(stream, target) => self.getline(stream, target).await?,
                Op::Print(count, stream) => self.print(count, stream).await?,
                Op::Printf(count, stream) => self.printf(count, stream).await?,
                Op::Next => return Ok(Flow::Next),
                Op::NextFile => return Ok(Flow::NextFile),
                Op::Exit(given) => {
                    if given {
                        self.status = (self.pop().number() as i64 & 0xff) as u8;
                    }
                    return Ok(Flow::Exit);
                }
                Op::End => return Ok(Flow::End),
            }
        }
        Ok(Flow::End)
    }
}
