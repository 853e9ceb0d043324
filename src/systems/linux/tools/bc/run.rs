//! What the statements of bc do: variables, functions, bases, and the functions of its mathematical library.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::number::{MOST, Number};
use super::parse::{Argument, Expr, Function, Part, Place, Stmt};

/// So many steps may one line take.
const STEPS: u64 = 2_000_000;
/// Functions may call each other so deep.
const DEEPEST: usize = 60;
/// Lines are so long at most.
const WIDE: usize = 70;
/// The largest base, index and number of places.
const LARGEST: i64 = 999;

/// Why a line ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// With the text of an error.
    Error(String),
    Quit,
    /// Beyond what a program may do here.
    Limit(&'static str),
    /// What is not modelled.
    Gap(String),
}

/// How a statement ended.
enum Flow {
    On,
    Break,
    Continue,
    Return(Number),
}

/// What bc knows while it runs.
pub struct Machine {
    variables: BTreeMap<String, Number>,
    arrays: BTreeMap<String, BTreeMap<i64, Number>>,
    functions: BTreeMap<String, Function>,
    scale: usize,
    input_base: u32,
    output_base: u32,
    last: Number,
    /// Whether the mathematical library was asked for.
    pub library: bool,
    /// What was printed, and in which column that ended.
    pub printed: String,
    /// Warnings, and behind how much of what was printed.
    pub warnings: Vec<(usize, String)>,
    column: usize,
    steps: u64,
    depth: usize,
    /// Which function runs, and how many bytes of its code were done.
    within: String,
    address: usize,
}

impl Machine {
    pub fn new(library: bool) -> Self {
        Self {
            variables: BTreeMap::new(),
            arrays: BTreeMap::new(),
            functions: BTreeMap::new(),
            scale: if library { 20 } else { 0 },
            input_base: 10,
            output_base: 10,
            last: Number::default(),
            library,
            printed: String::new(),
            warnings: Vec::new(),
            column: 0,
            steps: 0,
            depth: 0,
            within: "(main)".to_owned(),
            address: 0,
        }
    }

    /// Does statements: how many steps it took.
    pub fn line(&mut self, statements: &[Stmt]) -> (u64, Result<(), Stop>) {
        (self.steps, self.depth) = (0, 0);
        "(main)".clone_into(&mut self.within);
        self.address = 0;
        let done = statements.iter().try_for_each(|statement| self.statement(statement).map(|_| ()));
        (self.steps, done)
    }

    fn step(&mut self, count: u64) -> Result<(), Stop> {
        self.steps += count;
        if self.steps > STEPS || self.printed.len() > 1 << 24 { Err(Stop::Limit("steps")) } else { Ok(()) }
    }

    /// Prints a text, broken where lines become too long.
    fn print(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                self.column = 0;
                self.printed.push(c);
                continue;
            }
            self.column += 1;
            if self.column == WIDE - 1 {
                self.printed.push_str("\\\n");
                self.column = 1;
            }
            self.printed.push(c);
        }
    }

    fn error(&self, text: &str) -> Stop {
        Stop::Error(format!("Runtime error (func={}, adr={}{text}", self.within, self.address))
    }

    fn statement(&mut self, statement: &Stmt) -> Result<Flow, Stop> {
        self.step(1)?;
        match statement {
            Stmt::Value(expr) => {
                let value = self.value(expr)?;
                self.address += 1;
                if !matches!(expr, Expr::Assign(..)) {
                    let text = value.shown(self.output_base);
                    self.print(&text);
                    self.print("\n");
                    self.last = value;
                }
            }
            Stmt::Text(text) => {
                self.address += text.len() + 2;
                self.print(text);
            }
            Stmt::Print(parts) => {
                for part in parts {
                    match part {
                        Part::Text(text) => self.print(&unescaped(text)),
                        Part::Value(expr) => {
                            let value = self.value(expr)?;
                            let text = value.shown(self.output_base);
                            self.print(&text);
                            self.last = value;
                        }
                    }
                }
            }
            Stmt::Block(all) => {
                for statement in all {
                    match self.statement(statement)? {
                        Flow::On => {}
                        flow => return Ok(flow),
                    }
                }
            }
            Stmt::If(condition, then, other) => {
                if !self.value(condition)?.is_zero() {
                    return self.statement(then);
                }
                if let Some(other) = other {
                    return self.statement(other);
                }
            }
            Stmt::While(condition, body) => {
                while !self.value(condition)?.is_zero() {
                    match self.statement(body)? {
                        Flow::Break => break,
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        _ => {}
                    }
                }
            }
            Stmt::For(first, condition, next, body) => {
                if let Some(first) = first {
                    self.value(first)?;
                }
                loop {
                    if let Some(condition) = condition
                        && self.value(condition)?.is_zero()
                    {
                        break;
                    }
                    match self.statement(body)? {
                        Flow::Break => break,
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        _ => {}
                    }
                    if let Some(next) = next {
                        self.value(next)?;
                    }
                }
            }
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
            Stmt::Return(value) => {
                let value = value.as_ref().map_or_else(|| Ok(Number::default()), |value| self.value(value))?;
                return Ok(Flow::Return(value));
            }
            Stmt::Halt | Stmt::Quit => return Err(Stop::Quit),
            Stmt::Define(name, function) => {
                self.functions.insert(name.clone(), function.clone());
            }
            Stmt::Gap(word) => return Err(Stop::Gap((*word).to_owned())),
        }
        Ok(Flow::On)
    }

    fn value(&mut self, expr: &Expr) -> Result<Number, Stop> {
        self.step(1)?;
        Ok(match expr {
            Expr::Number(text) => {
                let bare = text.trim_start_matches('0');
                self.address += if bare.is_empty() || bare == "1" { 1 } else { bare.len() + 2 };
                Number::read(text, self.input_base)
            }
            Expr::Place(place) => {
                let value = self.get(place)?;
                self.address += 2;
                value
            }
            Expr::Negated(inner) => {
                let value = self.value(inner)?.negated();
                self.address += 1;
                value
            }
            Expr::Not(inner) => {
                let value = Number::whole(i64::from(self.value(inner)?.is_zero()));
                self.address += 1;
                value
            }
            Expr::Two(sign, left, right) => {
                let left = self.value(left)?;
                let right = self.value(right)?;
                self.address += 1;
                self.apply(sign, &left, &right)?
            }
            Expr::Assign(sign, place, value) => {
                let value = self.value(value)?;
                let value = match sign.strip_suffix('=').filter(|sign| !sign.is_empty()) {
                    Some(sign) => {
                        let old = self.get(place)?;
                        self.apply(sign, &old, &value)?
                    }
                    None => value,
                };
                self.set(place, value.clone())?;
                self.address += 2;
                value
            }
            Expr::Step(by, before, place) => {
                let old = self.get(place)?;
                let new = old.plus(&Number::whole(*by));
                self.set(place, new.clone())?;
                if *before { new } else { old }
            }
            Expr::Length(inner) => Number::whole(self.value(inner)?.length() as i64),
            Expr::ScaleOf(inner) => Number::whole(self.value(inner)?.scale() as i64),
            Expr::Root(inner) => {
                let value = self.value(inner)?;
                self.address += 2;
                if value.is_negative() {
                    return Err(self.error("): Square root of a negative number"));
                }
                self.step((value.length() + self.scale) as u64)?;
                value.root(self.scale)
            }
            Expr::Read => return Err(Stop::Gap("read()".to_owned())),
            Expr::Call(name, arguments) => self.call(name, arguments)?,
        })
    }

    fn apply(&mut self, sign: &str, left: &Number, right: &Number) -> Result<Number, Stop> {
        let truth = |is: bool| Number::whole(i64::from(is));
        let order = || left.compared(right);
        let scale = self.scale;
        if matches!(sign, "*" | "/" | "%") {
            self.step((left.length() / 64 + 1) as u64 * (right.length() / 64 + 1) as u64)?;
        }
        Ok(match sign {
            "+" => left.plus(right),
            "-" => left.minus(right),
            "*" if left.length() + right.length() > MOST => return Err(Stop::Limit("held input")),
            "*" => left.times(right, scale),
            "/" => left.over(right, scale).ok_or_else(|| self.error("): Divide by zero"))?,
            "%" => left.modulo(right, scale).ok_or_else(|| self.error("): Modulo by zero"))?,
            "^" => {
                if right.scale() > 0 {
                    let (within, address) = (&self.within, self.address);
                    let text = format!("Runtime warning (func={within}, adr={address}): non-zero scale in exponent");
                    self.warnings.push((self.printed.len(), text));
                }
                let Some(exponent) = right.to_i64() else {
                    return Err(self.error("): exponent too large in raise"));
                };
                let digits = left.digits_of_power(exponent);
                if digits > MOST && left.length() > 1 || exponent.unsigned_abs() > 400_000 {
                    return Err(Stop::Limit("held input"));
                }
                self.step((digits / 16) as u64)?;
                left.power(exponent, scale).ok_or_else(|| self.error("): divide by zero"))?
            }
            "==" => truth(order() == Ordering::Equal),
            "!=" => truth(order() != Ordering::Equal),
            "<" => truth(order() == Ordering::Less),
            "<=" => truth(order() != Ordering::Greater),
            ">" => truth(order() == Ordering::Greater),
            ">=" => truth(order() != Ordering::Less),
            "&&" => truth(!left.is_zero() && !right.is_zero()),
            _ => truth(!left.is_zero() || !right.is_zero()),
        })
    }

    fn index(&mut self, index: &Expr) -> Result<i64, Stop> {
        let index = self.value(index)?.to_i64();
        index.filter(|index| (0..=2_048).contains(index)).ok_or_else(|| self.error("): Array subscript out of bounds."))
    }

    fn get(&mut self, place: &Place) -> Result<Number, Stop> {
        Ok(match place {
            Place::Variable(name) => self.variables.get(name).cloned().unwrap_or_default(),
            Place::Element(name, index) => {
                let index = self.index(index)?;
                self.arrays.get(name).and_then(|array| array.get(&index)).cloned().unwrap_or_default()
            }
            Place::Scale => Number::whole(self.scale as i64),
            Place::InputBase => Number::whole(self.input_base.into()),
            Place::OutputBase => Number::whole(self.output_base.into()),
            Place::Last => self.last.clone(),
        })
    }

    fn set(&mut self, place: &Place, value: Number) -> Result<(), Stop> {
        let whole = value.to_i64().unwrap_or(i64::MAX);
        match place {
            Place::Variable(name) => {
                self.variables.insert(name.clone(), value);
            }
            Place::Element(name, index) => {
                let index = self.index(index)?;
                self.arrays.entry(name.clone()).or_default().insert(index, value);
            }
            Place::Scale => self.scale = usize::try_from(whole.clamp(0, 10_000)).unwrap_or(0),
            Place::InputBase => self.input_base = whole.clamp(2, 16) as u32,
            Place::OutputBase => self.output_base = whole.clamp(2, LARGEST) as u32,
            Place::Last => self.last = value,
        }
        Ok(())
    }

    fn call(&mut self, name: &str, arguments: &[Argument]) -> Result<Number, Stop> {
        let Some(function) = self.functions.get(name).cloned() else {
            if self.library && matches!(name, "s" | "c" | "a" | "l" | "e" | "j") {
                return self.library(name, arguments);
            }
            for argument in arguments {
                if let Argument::Value(value) = argument {
                    self.value(value)?;
                }
            }
            self.address += 2;
            return Err(self.error(&format!("): Function {name} not defined.")));
        };
        if function.parameters.len() != arguments.len() {
            return Err(self.error("): Parameter number mismatch"));
        }
        if self.depth >= DEEPEST {
            return Err(Stop::Gap("functions that call each other so deep".to_owned()));
        }
        let mut given = Vec::new();
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            given.push(match (parameter.ends_with('['), argument) {
                (true, Argument::Array(array)) => (None, self.arrays.get(array).cloned().unwrap_or_default()),
                (false, Argument::Value(value)) => (Some(self.value(value)?), BTreeMap::new()),
                _ => {
                    return Err(self.error(&format!(
                        "): Parameter type mismatch, parameter {}.",
                        parameter.trim_end_matches('[')
                    )));
                }
            });
        }
        // What has one of these names outside waits until the function is through.
        let names: Vec<&String> = function.parameters.iter().chain(&function.own).collect();
        let mut kept = Vec::new();
        for name in &names {
            match name.strip_suffix('[') {
                Some(array) => kept.push((None, self.arrays.remove(array))),
                None => kept.push((self.variables.remove(*name), None)),
            }
        }
        for (parameter, (value, array)) in function.parameters.iter().zip(given) {
            match (parameter.strip_suffix('['), value) {
                (Some(name), _) => {
                    self.arrays.insert(name.to_owned(), array);
                }
                (None, Some(value)) => {
                    self.variables.insert(parameter.clone(), value);
                }
                (None, None) => {}
            }
        }
        let outside = (std::mem::replace(&mut self.within, name.to_owned()), std::mem::take(&mut self.address));
        self.depth += 1;
        let mut result = Ok(Number::default());
        for statement in &function.body {
            match self.statement(statement) {
                Ok(Flow::Return(value)) => {
                    result = Ok(value);
                    break;
                }
                Ok(_) => {}
                Err(stop) => {
                    result = Err(stop);
                    break;
                }
            }
        }
        self.depth -= 1;
        (self.within, self.address) = outside;
        self.address += 3 + arguments.len();
        for (name, (value, array)) in names.into_iter().zip(kept).rev() {
            match name.strip_suffix('[') {
                Some(name) => {
                    self.arrays.remove(name);
                    self.arrays.extend(array.map(|array| (name.to_owned(), array)));
                }
                None => {
                    self.variables.remove(name);
                    self.variables.extend(value.map(|value| (name.clone(), value)));
                }
            }
        }
        result
    }

    fn library(&mut self, name: &str, arguments: &[Argument]) -> Result<Number, Stop> {
        let mut values = Vec::new();
        for argument in arguments {
            match argument {
                Argument::Value(value) => values.push(self.value(value)?),
                Argument::Array(_) => return Err(self.error("): Parameter type mismatch, parameter x.")),
            }
        }
        let (scale, [value]) = (self.scale, &values[..]) else {
            return match name {
                "j" => Err(Stop::Gap("the Bessel function j".to_owned())),
                _ => Err(self.error("): Parameter number mismatch")),
            };
        };
        if scale > 1_000 || value.length() - value.scale().min(value.length()) > 6 && name != "l" {
            return Err(Stop::Gap(format!("{name}() of so large a number")));
        }
        self.step((scale as u64 + 20) * (scale as u64 / 16 + 4))?;
        Ok(super::functions::of(name, value, scale))
    }
}

/// What `print` makes of a backslash and a letter.
fn unescaped(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            shown.push(c);
            continue;
        }
        match rest.next() {
            Some('a') => shown.push('\x07'),
            Some('b') => shown.push('\x08'),
            Some('f') => shown.push('\x0c'),
            Some('n') => shown.push('\n'),
            Some('q') => shown.push('"'),
            Some('r') => shown.push('\r'),
            Some('t') => shown.push('\t'),
            Some('\\') => shown.push('\\'),
            _ => {}
        }
    }
    shown
}
