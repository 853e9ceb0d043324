//! The machine that runs programs of awk: a stack of values, frames of functions, instructions in a loop. It never calls
//! itself, so nothing that a program does can exhaust the host's stack.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::array::Array;
use super::code::{Compare, Math, Op, Program, Target, Var};
use super::record::{FIELDS, Record, Splitter};
use super::streams::Streams;
use super::value::{Place, Text, Value, leading_number};
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
struct Frame {
    back: usize,
    base: usize,
    loops: usize,
    arrays: Vec<usize>,
}

/// A program at work.
pub struct Machine<'a, H> {
    pub(super) host: &'a mut H,
    pub(super) program: &'a Program,
    pub(super) globals: Vec<Value>,
    pub(super) stack: Vec<Value>,
    frames: Vec<Frame>,
    pub(super) arrays: Vec<Array>,
    free: Vec<usize>,
    loops: Vec<std::vec::IntoIter<Text>>,
    inside: Vec<bool>,
    pub(super) record: Record,
    pub(super) streams: Streams,
    regexes: BTreeMap<(Vec<u8>, bool), Arc<Regex>>,
    /// Instructions and other work that no step was counted for.
    owed: usize,
    /// Bytes in variables.
    held: usize,
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

    /// Takes a text as the record.
    pub(super) fn set_record(&mut self, text: Text) -> Done<()> {
        self.work(text.len() / 16);
        let splitter = if self.by_pattern {
            let pattern = self.global_text(FPAT);
            Splitter::Fields(self.regex(&pattern)?)
        } else {
            let separator = self.global_text(FS);
            self.splitter(&separator)?
        };
        let lines = self.global_text(RS).is_empty();
        self.record.set(text, splitter, lines);
        Ok(())
    }

    fn held(&mut self, new: usize, old: usize) -> Done<()> {
        self.held = (self.held + new).saturating_sub(old);
        if self.held > 2 * HELD { Err(Stop::Cut(Cut::Limit("held memory"))) } else { Ok(()) }
    }

    pub(super) fn set_global(&mut self, at: usize, value: Value) -> Done<()> {
        if matches!(self.globals[at], Value::Array(_)) {
            let name = self.program.globals[at].clone();
            return self.fatal(&format!("attempt to use array `{name}' in a scalar context"));
        }
        self.held(value.size(), self.globals[at].size())?;
        match at {
            NF => {
                let count = value.number();
                if count < 0.0 {
                    return self.fatal("NF set to negative value");
                }
                if count > FIELDS as f64 {
                    return Err(Stop::Cut(Cut::Limit("fields")));
                }
                self.record.set_count(count as usize);
            }
            FS | RS | FPAT | IGNORECASE => {
                self.record.split();
                if matches!(at, FS | FPAT) {
                    self.by_pattern = at == FPAT;
                }
            }
            FIELDWIDTHS => return Err(Stop::Gap("awk's FIELDWIDTHS".to_owned())),
            _ => {}
        }
        self.globals[at] = value;
        Ok(())
    }

    /// Where a variable is kept on the stack.
    fn slot(&self, local: usize) -> usize {
        self.frames.last().map_or(0, |frame| frame.base) + local
    }

    fn load_var(&mut self, var: Var) -> Done<Value> {
        let value = match var {
            Var::Global(NF) => return Ok(Value::Number(self.record.count() as f64)),
            Var::Global(at) => &self.globals[at],
            Var::Local(local) => &self.stack[self.slot(local)],
        };
        match value {
            Value::Array(_) => {
                let name = self.var_name(var);
                self.fatal(&format!("attempt to use array `{name}' in a scalar context"))
            }
            Value::Untyped(_) => Ok(Value::Unset),
            value => Ok(value.clone()),
        }
    }

    fn var_name(&self, var: Var) -> String {
        match var {
            Var::Global(at) => self.program.globals[at].clone(),
            Var::Local(local) => format!("parameter {}", local + 1),
        }
    }

    fn new_array(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.arrays.push(Array::default());
            self.arrays.len() - 1
        })
    }

    /// The array that a variable is, or becomes.
    pub(super) fn array(&mut self, var: Var) -> Done<usize> {
        let place = match var {
            Var::Global(at) => Place::Global(at),
            Var::Local(local) => Place::Stack(self.slot(local)),
        };
        match self.array_at(place) {
            Some(array) => Ok(array),
            None => {
                let name = self.var_name(var);
                self.fatal(&format!("attempt to use scalar `{name}' as an array"))
            }
        }
    }

    fn array_at(&mut self, mut place: Place) -> Option<usize> {
        let mut chain = Vec::new();
        let array = loop {
            chain.push(place);
            let value = match place {
                Place::Global(at) => &self.globals[at],
                Place::Stack(at) => self.stack.get(at)?,
            };
            match value {
                Value::Array(array) => break *array,
                Value::Untyped(next) => place = *next,
                Value::Unset => {
                    let array = self.new_array();
                    // One that began in a function ends with it.
                    if let Place::Stack(at) = place
                        && let Some(frame) = self.frames.iter_mut().rev().find(|frame| frame.base <= at)
                    {
                        frame.arrays.push(array);
                    }
                    break array;
                }
                _ => return None,
            }
        };
        for place in chain {
            match place {
                Place::Global(at) => self.globals[at] = Value::Array(array),
                Place::Stack(at) => self.stack[at] = Value::Array(array),
            }
        }
        Some(array)
    }

    /// The array that was passed as an argument, or what becomes one.
    pub(super) fn array_of_value(&mut self, value: Option<&Value>) -> Option<usize> {
        match value {
            Some(Value::Array(array)) => Some(*array),
            Some(Value::Untyped(place)) => self.array_at(*place),
            _ => None,
        }
    }

    pub(super) fn set_element(&mut self, array: usize, key: Text, value: Value) -> Done<()> {
        let before = self.arrays[array].size;
        self.arrays[array].set(key, value);
        let after = self.arrays[array].size;
        self.held(after, before)
    }

    pub(super) fn clear(&mut self, array: usize) {
        self.held = self.held.saturating_sub(self.arrays[array].size);
        self.arrays[array] = Array::default();
    }

    fn field_number(&mut self) -> Done<usize> {
        let number = self.pop().number();
        if number < 0.0 {
            return self.fatal(&format!("attempt to access field {}", number.trunc()));
        }
        if number > FIELDS as f64 {
            return Err(Stop::Cut(Cut::Limit("fields")));
        }
        Ok(number as usize)
    }

    pub(super) fn whole_record(&mut self) -> Text {
        let (separator, format) = (self.global_text(OFS), self.conversion());
        self.record.text(&separator, &format)
    }

    pub(super) fn load(&mut self, target: Target) -> Done<Value> {
        match target {
            Target::Var(var) => self.load_var(var),
            Target::Element(var) => {
                let key = self.pop_text();
                let array = self.array(var)?;
                let before = self.arrays[array].size;
                let value = self.arrays[array].get(&key);
                let after = self.arrays[array].size;
                self.held(after, before)?;
                Ok(value)
            }
            Target::Field => match self.field_number()? {
                0 => Ok(Value::Input(self.whole_record())),
                at => {
                    self.work(1);
                    Ok(self.record.field(at))
                }
            },
        }
    }

    /// Assigns; what finds the target is on the stack.
    pub(super) fn store(&mut self, target: Target, value: Value) -> Done<()> {
        match target {
            Target::Var(Var::Global(at)) => self.set_global(at, value),
            Target::Var(var @ Var::Local(local)) => {
                let slot = self.slot(local);
                if matches!(self.stack[slot], Value::Array(_)) {
                    let name = self.var_name(var);
                    return self.fatal(&format!("attempt to use array `{name}' in a scalar context"));
                }
                self.held(value.size(), self.stack[slot].size())?;
                self.stack[slot] = value;
                Ok(())
            }
            Target::Element(var) => {
                let key = self.pop_text();
                let array = self.array(var)?;
                self.set_element(array, key, value)
            }
            Target::Field => match self.field_number()? {
                0 => {
                    let text = self.text_of(&value);
                    self.set_record(text)
                }
                at => {
                    self.record.set_field(at, value);
                    Ok(())
                }
            },
        }
    }

    fn math(&mut self, kind: Math) -> Done<()> {
        let two = self.pop().number();
        let one = self.pop().number();
        if two == 0.0 && kind == Math::Divide {
            return self.fatal("division by zero attempted");
        }
        if two == 0.0 && kind == Math::Modulo {
            return self.fatal("division by zero attempted in `%'");
        }
        let result = match kind {
            Math::Add => one + two,
            Math::Subtract => one - two,
            Math::Multiply => one * two,
            Math::Divide => one / two,
            Math::Modulo => one % two,
            Math::Power => one.powf(two),
        };
        self.push(Value::Number(result));
        Ok(())
    }

    fn compare(&mut self, kind: Compare) {
        let (two, one) = (self.pop(), self.pop());
        let format = self.conversion();
        let mut order = one.compare(&two, &format);
        if self.globals[IGNORECASE].is_true() && matches!((&one, &two), (Value::Text(_), _) | (_, Value::Text(_))) {
            let lower = |value: &Value| super::text::cased(&value.to_text(&format), false);
            order = Some(lower(&one).cmp(&lower(&two)));
        }
        self.work((one.size() + two.size()) / 64);
        let truth = match kind {
            Compare::Less => order.is_some_and(std::cmp::Ordering::is_lt),
            Compare::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
            Compare::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
            Compare::NotEqual => !order.is_some_and(std::cmp::Ordering::is_eq),
            Compare::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
            Compare::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
        };
        self.push(Value::truth(truth));
    }

    fn match_regex(&mut self, regex: &Regex, negated: bool) {
        let text = self.pop_text();
        self.work(text.len() / 16);
        let found = regex.is_match(&text);
        self.push(Value::truth(found != negated));
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

    fn bump(&mut self, target: Target, by: f64, old: bool) -> Done<()> {
        let key = if matches!(target, Target::Var(_)) { None } else { self.stack.last().cloned() };
        let value = self.load(target)?.number();
        if let Some(key) = key {
            self.push(key);
        }
        self.store(target, Value::Number(value + by))?;
        self.push(Value::Number(if old { value } else { value + by }));
        Ok(())
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

    fn key(&mut self, count: usize) {
        let from = self.stack.len() - count;
        let format = self.conversion();
        let parts: Vec<Text> = self.stack.drain(from..).map(|value| value.to_text(&format)).collect();
        let key = match parts.as_slice() {
            [one] => Arc::clone(one),
            parts => Arc::from(parts.join(&*self.global_text(SUBSEP))),
        };
        self.push(Value::Text(key));
    }

    /// The keys of an array, in the order that `PROCINFO["sorted_in"]` asks for.
    fn keys(&self, array: usize) -> Vec<Text> {
        let wanted = match self.globals[PROCINFO] {
            Value::Array(info) => self.arrays[info].pairs().into_iter().find(|(key, _)| **key == *b"sorted_in"),
            _ => None,
        };
        let wanted = wanted.map(|(_, value)| value.to_text(b"%d"));
        let mut pairs = self.arrays[array].pairs();
        let wanted = String::from_utf8_lossy(wanted.as_deref().unwrap_or_default()).into_owned();
        let number = |text: &Text| leading_number(text).0;
        match wanted.trim_end_matches("_desc").trim_end_matches("_asc") {
            "@ind_str" => pairs.sort_by(|one, two| one.0.cmp(&two.0)),
            "@ind_num" => pairs.sort_by(|one, two| number(&one.0).total_cmp(&number(&two.0))),
            "@val_str" => pairs.sort_by_key(|pair| pair.1.to_text(b"%.6g")),
            "@val_num" | "@val_type" => pairs.sort_by(|one, two| one.1.number().total_cmp(&two.1.number())),
            _ => {}
        }
        if wanted.ends_with("_desc") {
            pairs.reverse();
        }
        pairs.into_iter().map(|(key, _)| key).collect()
    }
}
