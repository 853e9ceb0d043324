//! What the words of a text say together: dates, times of day, zones, days of the week, spans. Where a word could belong to what
//! stands before it, it does: `20:00 +1 day` is a zone and a day.

use super::tokens::{Number, Token, Unit};

/// What a text has named.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Year with its number of digits (0 for this year), month, day.
    pub date: Option<(i64, usize, i64, i64)>,
    /// Hour, minute, second, billionths.
    pub time: Option<(i64, i64, i64, u32)>,
    /// Seconds east of Greenwich.
    pub offset: Option<i64>,
    /// A day of the week from Sunday, and which one from today.
    pub weekday: Option<(i64, i64)>,
    /// Spans in months, days, seconds, and billionths of a second.
    pub months: i64,
    /// See `months`.
    pub days: i64,
    /// See `months`.
    pub seconds: i64,
    /// See `months`.
    pub nanos: i64,
    /// Whether a span, or a word for one, is among them.
    pub relative: bool,
}

/// Reads the words; nothing where they do not fit together, or name something twice.
pub fn read(tokens: &[Token]) -> Option<Named> {
    let mut named = Named::default();
    let mut rest = tokens;
    while !rest.is_empty() {
        let taken = named.take(rest)?;
        rest = &rest[taken..];
    }
    Some(named)
}

/// The whole number without a sign that stands first.
fn plain(tokens: &[Token]) -> Option<Number> {
    match tokens.first() {
        Some(Token::Number(number)) if number.sign == 0 && number.part.is_none() => Some(*number),
        _ => None,
    }
}

/// The whole number with a sign that stands first.
fn signed(tokens: &[Token]) -> Option<Number> {
    match tokens.first() {
        Some(Token::Number(number)) if number.sign != 0 && number.part.is_none() => Some(*number),
        _ => None,
    }
}

/// Sets what has not been named yet.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

impl Named {
    /// Takes what stands first: how many words it was.
    fn take(&mut self, tokens: &[Token]) -> Option<usize> {
        match &tokens[0] {
            Token::Number(number) if number.sign == 0 => self.number(*number, tokens),
            Token::Number(number) => match tokens.get(1) {
                Some(Token::Unit(unit, count)) => self.span(tokens, 2, *number, *unit, *count),
                _ => None,
            },
            Token::Unit(unit, count) => self.span(tokens, 1, whole(1), *unit, *count),
            Token::Ordinal(ordinal) => match tokens.get(1) {
                Some(Token::Unit(unit, count)) => self.span(tokens, 2, whole(*ordinal), *unit, *count),
                Some(Token::Day(day)) => once(&mut self.weekday, (*day, *ordinal)).map(|()| 2),
                _ => None,
            },
            Token::Shift(days) => {
                self.relative = true;
                self.days = self.days.checked_add(*days)?;
                Some(1)
            }
            Token::Day(day) => {
                once(&mut self.weekday, (*day, 0))?;
                Some(if tokens.get(1) == Some(&Token::Sign(',')) { 2 } else { 1 })
            }
            Token::Month(month) => self.month(*month, &tokens[1..]),
            Token::Zone(offset) => self.zone(*offset, &tokens[1..]),
            Token::T => self.zone(-7 * 3_600, &tokens[1..]),
            Token::Ago(_) | Token::Half(_) | Token::Summer | Token::Sign(_) => None,
        }
    }

    /// A span, and whether it lies behind: how many words it was with the first `taken`.
    fn span(&mut self, tokens: &[Token], taken: usize, number: Number, unit: Unit, count: i64) -> Option<usize> {
        let (factor, taken) = match tokens.get(taken) {
            Some(Token::Ago(factor)) => (*factor, taken + 1),
            _ => (1, taken),
        };
        let part = i64::from(number.part.unwrap_or(0));
        if number.part.is_some() && (unit, count) != (Unit::Second, 1) {
            return None;
        }
        let sum = match unit {
            Unit::Second => &mut self.seconds,
            Unit::Day => &mut self.days,
            Unit::Month => &mut self.months,
        };
        *sum = sum.checked_add(number.value.checked_mul(count)?.checked_mul(factor)?)?;
        self.nanos = self.nanos.checked_add(part * factor)?;
        self.relative = true;
        Some(taken)
    }

    /// What begins with a number without a sign.
    fn number(&mut self, number: Number, tokens: &[Token]) -> Option<usize> {
        let value = number.value;
        match tokens.get(1) {
            Some(Token::Unit(unit, count)) => return self.span(tokens, 2, number, *unit, *count),
            _ if number.part.is_some() => return None,
            Some(Token::Day(day)) => return once(&mut self.weekday, (*day, value)).map(|()| 2),
            Some(Token::Half(afternoon)) => {
                return self.set_time(value, 0, (0, 0), Some(*afternoon)).map(|()| 2);
            }
            Some(Token::Sign(':')) => return self.time(value, &tokens[2..]).map(|taken| taken + 2),
            Some(Token::Sign('/')) => return self.slashes(number, &tokens[2..]).map(|taken| taken + 2),
            Some(Token::Month(month)) => return self.day_and_month(value, *month, &tokens[2..]).map(|taken| taken + 2),
            _ => {}
        }
        let Some(second) = tokens.get(1..).and_then(signed) else {
            self.digits(number)?;
            return Some(1);
        };
        if let Some(third) = tokens.get(2..).and_then(signed) {
            once(&mut self.date, (value, number.digits, -second.value, -third.value))?;
            // What is joined by `T` is a time.
            let time = (tokens.get(3) == Some(&Token::T)).then(|| tokens.get(4..).and_then(plain)).flatten();
            return match time {
                Some(hour) if tokens.get(5) == Some(&Token::Sign(':')) => {
                    self.time(hour.value, &tokens[6..]).map(|taken| taken + 6)
                }
                Some(hour) => {
                    self.set_time(hour.value, 0, (0, 0), None)?;
                    self.offset(0, &tokens[5..]).map(|taken| taken + 5)
                }
                None => Some(3),
            };
        }
        match tokens.get(2) {
            // 2022 -1 day
            Some(Token::Unit(unit, count)) => {
                self.digits(number)?;
                self.span(&tokens[1..], 2, second, *unit, *count).map(|taken| taken + 1)
            }
            // An hour with its zone.
            _ => {
                self.set_time(value, 0, (0, 0), None)?;
                self.offset(0, &tokens[1..]).map(|taken| taken + 1)
            }
        }
    }

    /// A number that stands alone: a year, a date, or a time.
    fn digits(&mut self, number: Number) -> Option<()> {
        let (value, digits) = (number.value, number.digits);
        if let Some((year, known @ 0, ..)) = &mut self.date
            && !self.relative
            && (self.time.is_some() || digits > 2)
        {
            (*year, *known) = (value, digits);
            return Some(());
        }
        if digits > 4 {
            return once(&mut self.date, (value / 10_000, digits - 4, value / 100 % 100, value % 100));
        }
        let (hour, minute) = if digits <= 2 { (value, 0) } else { (value / 100, value % 100) };
        once(&mut self.time, (hour, minute, 0, 0))
    }

    /// A time of day behind its hour and colon.
    fn time(&mut self, hour: i64, tokens: &[Token]) -> Option<usize> {
        let minute = plain(tokens)?.value;
        let (second, taken) = match (tokens.get(1), tokens.get(2)) {
            (Some(Token::Sign(':')), Some(Token::Number(second))) if second.sign == 0 => {
                ((second.value, second.part.unwrap_or(0)), 3)
            }
            (Some(Token::Sign(':')), _) => return None,
            _ => ((0, 0), 1),
        };
        if let Some(Token::Half(afternoon)) = tokens.get(taken) {
            self.set_time(hour, minute, second, Some(*afternoon))?;
            return Some(taken + 1);
        }
        self.set_time(hour, minute, second, None)?;
        let offset = tokens.get(taken..).and_then(signed);
        offset.map_or(Some(taken), |_| self.offset(0, &tokens[taken..]).map(|more| taken + more))
    }

    fn set_time(&mut self, hour: i64, minute: i64, (second, part): (i64, u32), half: Option<bool>) -> Option<()> {
        let hour = match (hour, half) {
            (_, None) => hour,
            (1..=11, Some(true)) => hour + 12,
            (12, Some(false)) => 0,
            (1..=12, _) => hour,
            _ => return None,
        };
        once(&mut self.time, (hour, minute, second, part))
    }

    /// A zone, perhaps with a difference to it.
    fn zone(&mut self, base: i64, behind: &[Token]) -> Option<usize> {
        match behind.first() {
            Some(Token::Summer) => {
                once(&mut self.offset, base + 3_600)?;
                return Some(2);
            }
            Some(Token::Number(number)) if number.sign != 0 && !matches!(behind.get(1), Some(Token::Unit(..))) => {
                return self.offset(base, behind).map(|taken| taken + 1);
            }
            _ => {}
        }
        once(&mut self.offset, base)?;
        Some(1)
    }

    /// `+02`, `+0200`, `+02:00` to a zone.
    fn offset(&mut self, base: i64, tokens: &[Token]) -> Option<usize> {
        const MOST: i64 = 24 * 3_600;
        let number = signed(tokens)?;
        let minutes = tokens.get(1).filter(|token| **token == Token::Sign(':')).and_then(|_| plain(&tokens[2..]));
        let (seconds, taken) = match minutes {
            Some(minutes) => (number.value.checked_mul(3_600)?.checked_add(number.sign * minutes.value * 60)?, 3),
            None if number.digits <= 2 => (number.value * 3_600, 1),
            None => ((number.value / 100).checked_mul(3_600)? + number.value % 100 * 60, 1),
        };
        if !(-MOST..=MOST).contains(&seconds) {
            return None;
        }
        once(&mut self.offset, base + seconds)?;
        Some(taken)
    }

    /// `3/14`, `3/14/22`, `2022/3/14` behind the first number and its stroke.
    fn slashes(&mut self, first: Number, tokens: &[Token]) -> Option<usize> {
        let second = plain(tokens)?;
        let third = (tokens.get(1) == Some(&Token::Sign('/'))).then(|| tokens.get(2..).and_then(plain));
        let (date, taken) = match third {
            Some(third) if first.digits >= 4 => ((first.value, first.digits, second.value, third?.value), 3),
            Some(third) => ((third?.value, third?.digits, first.value, second.value), 3),
            None => ((0, 0, first.value, second.value), 1),
        };
        once(&mut self.date, date)?;
        Some(taken)
    }

    /// `14 march`, `14 march 2022`, `14-mar-2022` behind the month.
    fn day_and_month(&mut self, day: i64, month: i64, tokens: &[Token]) -> Option<usize> {
        let year = match tokens.first() {
            Some(Token::Number(year)) if year.part.is_none() && !matches!(tokens.get(1), Some(Token::Unit(..))) => {
                Some((year.value.abs(), year.digits)).filter(|_| year.sign <= 0)
            }
            _ => None,
        };
        let (value, digits) = year.unwrap_or((0, 0));
        once(&mut self.date, (value, digits, month, day))?;
        Some(usize::from(year.is_some()))
    }

    /// `march 14`, `march 14, 2022`, `mar-14-2022`.
    fn month(&mut self, month: i64, tokens: &[Token]) -> Option<usize> {
        if let (Some(day), Some(year)) = (signed(tokens), tokens.get(1..).and_then(signed)) {
            once(&mut self.date, (-year.value, year.digits, month, -day.value))?;
            return Some(3);
        }
        let day = plain(tokens)?.value;
        let year = (tokens.get(1) == Some(&Token::Sign(','))).then(|| tokens.get(2..).and_then(plain));
        let (value, digits) = match year {
            Some(year) => (year?.value, year?.digits),
            None => (0, 0),
        };
        once(&mut self.date, (value, digits, month, day))?;
        Some(if year.is_some() { 4 } else { 2 })
    }
}

fn whole(value: i64) -> Number {
    Number { value, sign: 1, digits: 1, part: None }
}
