//! What a program keeps: variables on the stack and beside it, the record and its fields, arrays and their elements.

use super::array::Array;
use super::code::{Target, Var};
use super::record::{FIELDS, Splitter};
use super::run::{Done, FIELDWIDTHS, FPAT, FS, IGNORECASE, Machine, NF, OFS, RS, Stop};
use super::value::{Place, Text, Value};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::HELD;
use crate::systems::linux::tools::host::Host;

impl<H: Host> Machine<'_, H> {
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

    pub(super) fn held(&mut self, new: usize, old: usize) -> Done<()> {
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
    pub(super) fn slot(&self, local: usize) -> usize {
        self.frames.last().map_or(0, |frame| frame.base) + local
    }

    pub(super) fn load_var(&mut self, var: Var) -> Done<Value> {
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

    pub(super) fn var_name(&self, var: Var) -> String {
        match var {
            Var::Global(at) => self.program.globals[at].clone(),
            Var::Local(local) => format!("parameter {}", local + 1),
        }
    }

    pub(super) fn new_array(&mut self) -> usize {
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

    pub(super) fn array_at(&mut self, mut place: Place) -> Option<usize> {
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

    pub(super) fn field_number(&mut self) -> Done<usize> {
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
}
