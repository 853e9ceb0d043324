//! The functions that awk has.

use std::sync::Arc;

use super::code::{Builtin, Target};
use super::record::Splitter;
use super::run::{Done, FPAT, FS, Machine, RLENGTH, RSTART, SUBSEP, Stop};
use super::text;
use super::value::{Text, Value};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::HELD;
use crate::systems::linux::tools::host::Host;
use crate::systems::linux::tools::regex::Regex;

impl<H: Host> Machine<'_, H> {
    /// Calls a function with so many arguments.
    pub(super) async fn builtin(&mut self, builtin: Builtin, count: usize) -> Done<()> {
        if builtin == Builtin::Sprintf {
            let text = self.formatted(count)?;
            self.push(Value::text(&text));
            return Ok(());
        }
        let from = self.stack.len() - count;
        let arguments = self.stack.split_off(from);
        let result = match builtin {
            Builtin::Close => {
                let name = self.text_of(&arguments[0]);
                Value::Number(self.close(&name).await?)
            }
            Builtin::Fflush => {
                self.flush().await?;
                Value::Number(0.0)
            }
            Builtin::System => {
                self.flush().await?;
                let command = String::from_utf8_lossy(&self.text_of(&arguments[0])).into_owned();
                Value::Number(f64::from(self.host.shell(&command, None, false).await?.0))
            }
            Builtin::Length => self.length(arguments.first()),
            Builtin::Split => self.split(&arguments)?,
            Builtin::Match => self.matched(&arguments)?,
            Builtin::Gensub => self.gensub(&arguments)?,
            Builtin::Asort | Builtin::Asorti => self.sorted(&arguments, builtin == Builtin::Asorti)?,
            Builtin::Substr | Builtin::Index | Builtin::Tolower | Builtin::Toupper => {
                let value = self.of_text(builtin, &arguments);
                Value::text(&value.0).or_number(value.1)
            }
            Builtin::Strftime | Builtin::Systime | Builtin::Mktime => self.time(builtin, &arguments)?,
            Builtin::Rand | Builtin::Srand => Value::Number(self.chance(builtin, arguments.first())),
            builtin => Value::Number(self.number(builtin, &arguments).await?),
        };
        self.push(result);
        Ok(())
    }

    fn length(&mut self, argument: Option<&Value>) -> Value {
        let count = match argument {
            Some(Value::Array(array)) => self.arrays[*array].len(),
            Some(value) => text::length(&self.text_of(value)),
            None => text::length(&self.whole_record()),
        };
        Value::Number(count as f64)
    }

    fn of_text(&mut self, builtin: Builtin, arguments: &[Value]) -> (Vec<u8>, Option<f64>) {
        let own = self.text_of(&arguments[0]);
        self.work(own.len() / 64);
        match builtin {
            Builtin::Index => {
                let wanted = self.text_of(&arguments[1]);
                let at = if wanted.is_empty() {
                    Some(0)
                } else {
                    own.windows(wanted.len()).position(|window| window == &*wanted)
                };
                (Vec::new(), Some(at.map_or(0, |at| text::length(&own[..at]) + 1) as f64))
            }
            Builtin::Substr => {
                // As gawk has it: what begins before the first character begins there and is not shorter for that.
                let begin = arguments[1].number().trunc().max(1.0);
                let end = arguments.get(2).map_or(f64::INFINITY, |length| begin + length.number().trunc());
                if end.is_nan() || end <= begin {
                    return (Vec::new(), None);
                }
                let from = text::offset(&own, (begin - 1.0) as usize);
                let length = (end - begin).min(own.len() as f64) as usize;
                let until = from + text::offset(&own[from..], length);
                (own[from..until].to_vec(), None)
            }
            builtin => (text::cased(&own, builtin == Builtin::Toupper), None),
        }
    }

    async fn number(&mut self, builtin: Builtin, arguments: &[Value]) -> Done<f64> {
        let one = arguments.first().map_or(0.0, Value::number);
        let two = arguments.get(1).map_or(0.0, Value::number);
        let bits = |number: f64| number.max(0.0) as u64;
        let fold = |join: fn(u64, u64) -> u64| {
            let all = arguments.iter().map(|argument| bits(argument.number()));
            all.reduce(join).unwrap_or(0) as f64
        };
        Ok(match builtin {
            Builtin::Atan2 => one.atan2(two),
            Builtin::Cos => one.cos(),
            Builtin::Sin => one.sin(),
            Builtin::Exp => one.exp(),
            Builtin::Int => one.trunc(),
            Builtin::Sqrt => one.sqrt(),
            Builtin::Log => {
                if one < 0.0 {
                    let shown = String::from_utf8_lossy(&super::value::number_text(one, b"%.6g")).into_owned();
                    let text = format!("cmd. line:1: warning: log: received negative argument {shown}");
                    self.say(&text).await?;
                }
                one.ln()
            }
            Builtin::And => fold(|one, two| one & two),
            Builtin::Or => fold(|one, two| one | two),
            Builtin::Xor => fold(|one, two| one ^ two),
            Builtin::Compl => (!bits(one) & ((1 << 53) - 1)) as f64,
            Builtin::Lshift => bits(one).checked_shl(bits(two).min(64) as u32).unwrap_or(0) as f64,
            Builtin::Rshift => bits(one).checked_shr(bits(two).min(64) as u32).unwrap_or(0) as f64,
            _ => self.strtonum(&arguments[0]),
        })
    }

    fn strtonum(&mut self, value: &Value) -> f64 {
        let text = self.text_of(value);
        let text = String::from_utf8_lossy(&text).trim().to_ascii_lowercase();
        let (base, digits) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
            (Some(digits), _) => (16, digits),
            (None, Some(digits)) if digits.chars().all(|digit| digit.is_digit(8)) => (8, digits),
            _ => return value.number(),
        };
        let digits = digits.chars().map_while(|digit| digit.to_digit(base));
        digits.fold(0.0, |number, digit| number * f64::from(base) + f64::from(digit))
    }

    /// `rand` and `srand`: the sequence follows from the seed alone, as with the real one; the numbers are others.
    fn chance(&mut self, builtin: Builtin, seed: Option<&Value>) -> f64 {
        if builtin == Builtin::Srand {
            let old = self.seed;
            self.seed = seed.map_or_else(|| self.host.seconds() as f64, Value::number);
            self.random = self.seed.to_bits();
            return old;
        }
        // SplitMix64, one step.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn time(&mut self, builtin: Builtin, arguments: &[Value]) -> Done<Value> {
        let now = self.host.seconds();
        Ok(match builtin {
            Builtin::Systime => Value::Number(now as f64),
            Builtin::Mktime => {
                let text = String::from_utf8_lossy(&self.text_of(&arguments[0])).into_owned();
                Value::Number(seconds(&text).map_or(-1.0, |seconds| seconds as f64))
            }
            _ => {
                let form = arguments.first().map(|form| self.text_of(form));
                let form =
                    form.map_or("%a %b %e %H:%M:%S %Z %Y".into(), |form| String::from_utf8_lossy(&form).into_owned());
                let moment = arguments.get(1).map_or(now, |moment| moment.number() as i64);
                Value::text(clock::format(&form, moment, 0, &Zone::utc()).as_bytes())
            }
        })
    }

    /// The array that was given as an argument: it was passed as what it is.
    fn array_of(&mut self, at: usize, arguments: &[Value]) -> Done<usize> {
        match self.array_of_value(arguments.get(at)) {
            Some(array) => Ok(array),
            None => self.fatal("argument is not an array"),
        }
    }

    /// `split(text, array, separator, separators)`
    fn split(&mut self, arguments: &[Value]) -> Done<Value> {
        let own = self.text_of(&arguments[0]);
        self.work(own.len());
        let array = self.array_of(1, arguments)?;
        let splitter = match arguments.get(2) {
            None if self.by_pattern => {
                let pattern = self.global_text(FPAT);
                Splitter::Fields(self.regex(&pattern)?)
            }
            separator => {
                let separator = separator.map_or_else(|| self.global_text(FS), |value| self.text_of(value));
                self.splitter(&separator)?
            }
        };
        let (fields, between) = splitter.split(&own, false);
        self.fill(array, &fields)?;
        if arguments.len() > 3 {
            let array = self.array_of(3, arguments)?;
            self.fill(array, &between)?;
        }
        Ok(Value::Number(fields.len() as f64))
    }

    fn fill(&mut self, array: usize, values: &[Vec<u8>]) -> Done<()> {
        self.clear(array);
        for (at, value) in values.iter().enumerate() {
            self.set_element(array, number_key(at + 1), Value::input(value))?;
        }
        Ok(())
    }

    /// `match(text, pattern, array)`
    fn matched(&mut self, arguments: &[Value]) -> Done<Value> {
        let own = self.text_of(&arguments[0]);
        self.work(own.len() / 8);
        let pattern = self.text_of(&arguments[1]);
        let regex = self.regex(&pattern)?;
        let groups = regex.captures_at(&own, 0);
        let place = |range: &std::ops::Range<usize>| {
            let begin = text::length(&own[..range.start]) + 1;
            (begin as f64, text::length(&own[range.clone()]) as f64)
        };
        let found = groups.as_ref().and_then(|groups| groups.first().cloned().flatten());
        let (start, length) = found.as_ref().map_or((0.0, -1.0), place);
        self.globals[RSTART] = Value::Number(start);
        self.globals[RLENGTH] = Value::Number(length);
        if arguments.len() > 2 {
            let array = self.array_of(2, arguments)?;
            self.clear(array);
            let separator = self.global_text(SUBSEP);
            for (at, range) in groups.iter().flatten().enumerate() {
                let Some(range) = range else { continue };
                let (start, length) = place(range);
                self.set_element(array, number_key(at), Value::input(&own[range.clone()]))?;
                for (name, number) in [("start", start), ("length", length)] {
                    let key = [at.to_string().as_bytes(), &separator, name.as_bytes()].concat();
                    self.set_element(array, Arc::from(key), Value::Number(number))?;
                }
            }
        }
        Ok(Value::Number(start))
    }

    /// `asort` and `asorti`
    fn sorted(&mut self, arguments: &[Value], keys: bool) -> Done<Value> {
        let from = self.array_of(0, arguments)?;
        let to = if arguments.len() > 1 { self.array_of(1, arguments)? } else { from };
        let format = self.conversion();
        let pairs = self.arrays[from].pairs();
        self.work(pairs.len() * 8);
        let mut values: Vec<Value> =
            pairs.into_iter().map(|(key, value)| if keys { Value::Text(key) } else { value }).collect();
        // Numbers come before texts.
        let rank = |value: &Value| match value {
            Value::Number(_) | Value::Unset => 0,
            Value::Input(text) if super::value::looks_numeric(text).is_some() => 0,
            _ => 1,
        };
        values.sort_by(|one, two| {
            let order = one.compare(two, &format).unwrap_or(std::cmp::Ordering::Equal);
            rank(one).cmp(&rank(two)).then(order)
        });
        self.clear(to);
        let count = values.len();
        for (at, value) in values.into_iter().enumerate() {
            self.set_element(to, number_key(at + 1), value)?;
        }
        Ok(Value::Number(count as f64))
    }

    /// `sub` and `gsub`
    pub(super) fn substitute(&mut self, all: bool, target: Target) -> Done<()> {
        let key = if matches!(target, Target::Var(_)) { None } else { self.stack.last().cloned() };
        let value = self.load(target)?;
        let own = self.text_of(&value);
        let replacement = self.pop_text();
        let pattern = self.pop_text();
        let regex = self.regex(&pattern)?;
        let (result, count) = self.replaced(&own, &regex, &replacement, if all { None } else { Some(1) }, false)?;
        if count > 0 {
            self.stack.extend(key);
            self.store(target, Value::text(&result))?;
        }
        self.push(Value::Number(count as f64));
        Ok(())
    }

    fn gensub(&mut self, arguments: &[Value]) -> Done<Value> {
        let pattern = self.text_of(&arguments[0]);
        let regex = self.regex(&pattern)?;
        let replacement = self.text_of(&arguments[1]);
        let how = self.text_of(&arguments[2]);
        let own = match arguments.get(3) {
            Some(value) => self.text_of(value),
            None => self.whole_record(),
        };
        let which = match how.first() {
            Some(b'g' | b'G') => None,
            _ => Some((arguments[2].number().max(1.0)) as usize),
        };
        let (result, _) = self.replaced(&own, &regex, &replacement, which, true)?;
        Ok(Value::text(&result))
    }

    /// Replaces all matches, or the one with this number.
    fn replaced(
        &mut self,
        own: &[u8],
        regex: &Regex,
        replacement: &[u8],
        which: Option<usize>,
        groups: bool,
    ) -> Done<(Vec<u8>, usize)> {
        let (mut out, mut count, mut seen) = (Vec::new(), 0, 0);
        let (mut from, mut ended) = (0, None);
        while let Some(found) = regex.captures_at(own, from) {
            self.work(16 + replacement.len() / 16);
            let Some(range) = found.first().cloned().flatten() else { break };
            out.extend_from_slice(&own[from..range.start]);
            from = range.end;
            if !(range.is_empty() && ended == Some(range.start)) {
                seen += 1;
                if which.is_none_or(|which| which == seen) {
                    count += 1;
                    put(&mut out, replacement, own, &found, groups);
                } else {
                    out.extend_from_slice(&own[range.clone()]);
                }
                if which.is_some_and(|which| seen >= which) {
                    break;
                }
            }
            ended = Some(range.end);
            if out.len() > HELD {
                return Err(Stop::Cut(Cut::Limit("held memory")));
            }
            if range.is_empty() {
                if from >= own.len() {
                    break;
                }
                let length = text::offset(&own[from..], 1).max(1);
                out.extend_from_slice(&own[from..from + length]);
                from += length;
            }
        }
        self.work(own.len() / 16);
        out.extend_from_slice(&own[from..]);
        Ok((out, count))
    }
}

/// What takes the place of a match: `&` is the match, `\\&` a `&`, and with groups `\\1` what the first one matched.
fn put(out: &mut Vec<u8>, replacement: &[u8], own: &[u8], found: &[Option<std::ops::Range<usize>>], groups: bool) {
    let group = |out: &mut Vec<u8>, at: usize| {
        if let Some(Some(range)) = found.get(at) {
            out.extend_from_slice(&own[range.clone()]);
        }
    };
    let mut rest = replacement.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek().copied()) {
            (b'&', _) => group(out, 0),
            (b'\\', Some(next @ (b'&' | b'\\'))) => {
                rest.next();
                out.push(next);
            }
            (b'\\', Some(digit)) if groups && digit.is_ascii_digit() => {
                rest.next();
                group(out, usize::from(digit - b'0'));
            }
            (byte, _) => out.push(byte),
        }
    }
}

fn number_key(number: usize) -> Text {
    Arc::from(number.to_string().as_bytes())
}

impl Value {
    /// The number instead, if there is one.
    fn or_number(self, number: Option<f64>) -> Self {
        number.map_or(self, Self::Number)
    }
}

/// `YYYY MM DD HH MM SS` in UTC; days and hours beyond their month and day go on into the next.
fn seconds(text: &str) -> Option<i64> {
    let parts: Vec<i64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [year, month, day, hour, minute, second, ..] = parts.as_slice() else { return None };
    let months = year.checked_mul(12)?.checked_add(month - 1)?;
    let year = i32::try_from(months.div_euclid(12)).ok()?;
    let month = time::Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
    let first = time::Date::from_calendar_date(year, month, 1).ok()?.midnight().assume_utc().unix_timestamp();
    let days = day.checked_sub(1)?.checked_mul(86_400)?;
    let rest = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(*second)?;
    first.checked_add(days)?.checked_add(rest)
}
