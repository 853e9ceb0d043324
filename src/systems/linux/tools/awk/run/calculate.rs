//! What the instructions do with the values on the stack: sums, comparisons, matches, keys of arrays.

use std::sync::Arc;

use super::super::code::{Compare, Math, Target};
use super::super::text::cased;
use super::super::value::{Text, Value, leading_number};
use super::{Done, IGNORECASE, Machine, PROCINFO, SUBSEP};
use crate::systems::linux::tools::host::Host;
use crate::systems::linux::tools::regex::Regex;

impl<H: Host> Machine<'_, H> {
    pub(super) fn math(&mut self, kind: Math) -> Done<()> {
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

    pub(super) fn compare(&mut self, kind: Compare) {
        let (two, one) = (self.pop(), self.pop());
        let format = self.conversion();
        let mut order = one.compare(&two, &format);
        if self.globals[IGNORECASE].is_true() && matches!((&one, &two), (Value::Text(_), _) | (_, Value::Text(_))) {
            let lower = |value: &Value| cased(&value.to_text(&format), false);
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

    pub(super) fn match_regex(&mut self, regex: &Regex, negated: bool) {
        let text = self.pop_text();
        self.work(text.len() / 16);
        let found = regex.is_match(&text);
        self.push(Value::truth(found != negated));
    }

    pub(super) fn bump(&mut self, target: Target, by: f64, old: bool) -> Done<()> {
        let key = if matches!(target, Target::Var(_)) { None } else { self.stack.last().cloned() };
        let value = self.load(target)?.number();
        if let Some(key) = key {
            self.push(key);
        }
        self.store(target, Value::Number(value + by))?;
        self.push(Value::Number(if old { value } else { value + by }));
        Ok(())
    }

    pub(super) fn key(&mut self, count: usize) {
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
    pub(super) fn keys(&self, array: usize) -> Vec<Text> {
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
