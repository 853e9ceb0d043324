//! `expr` as in GNU coreutils 8.30. Numbers are 64 bits wide; beyond, it is said.

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input;
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("expr", expr)];

/// So deep may parentheses nest.
const DEEP: usize = 100;

async fn expr(p: &mut Proc, arguments: &[String]) -> Ended {
    let words = match arguments {
        [one] if one == "--help" || one == "--version" => return p.gap(&format!("expr {one}")),
        [dashes, rest @ ..] if dashes == "--" => rest,
        words => words,
    };
    if words.is_empty() {
        return input::misused(p, "missing operand", 2).await;
    }
    match evaluate(words) {
        Ok(value) => {
            p.out(&format!("{value}\n")).await?;
            Ok(u8::from(null(&value)))
        }
        Err((complaint, status)) => input::failed(p, &complaint, status).await,
    }
}

/// Whether a value is empty or zero.
fn null(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    value.is_empty() || !digits.is_empty() && digits.chars().all(|c| c == '0')
}

type Result<T> = std::result::Result<T, (String, u8)>;

fn evaluate(words: &[String]) -> Result<String> {
    let mut parser = Parser { words, at: 0, depth: 0 };
    let value = parser.binary(0, true)?;
    match words.get(parser.at) {
        None => Ok(value),
        Some(word) => Err((format!("syntax error: unexpected argument {}", input::quoted(word)), 2)),
    }
}

struct Parser<'a> {
    words: &'a [String],
    at: usize,
    depth: usize,
}

/// Binary operators, the weakest first.
const LEVELS: [&[&str]; 6] =
    [&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

fn number(text: &str) -> Result<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(("non-integer argument".to_owned(), 2));
    }
    text.parse().map_err(|_| (format!("{text}: Numerical result out of range"), 3))
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|next| next == word);
        self.at += usize::from(found);
        found
    }

    fn operand(&mut self) -> Result<String> {
        let Some(word) = self.words.get(self.at) else {
            let before = self.at.checked_sub(1).and_then(|at| self.words.get(at)).map_or("", String::as_str);
            return Err((format!("syntax error: missing argument after {}", input::quoted(before)), 2));
        };
        self.at += 1;
        Ok(word.clone())
    }

    /// A chain of operators of one level. What is not needed is read without being computed.
    fn binary(&mut self, level: usize, needed: bool) -> Result<String> {
        let Some(operators) = LEVELS.get(level) else { return self.prefixed(needed) };
        let mut left = self.binary(level + 1, needed)?;
        loop {
            let Some(operator) = operators.iter().find(|operator| self.take(operator)) else { return Ok(left) };
            let skips = match *operator {
                "|" => !null(&left),
                "&" => null(&left),
                _ => false,
            };
            let right = self.binary(level + 1, needed && !skips)?;
            if needed {
                left = apply(operator, left, &right)?;
            }
        }
    }

    fn prefixed(&mut self, needed: bool) -> Result<String> {
        if self.take("+") {
            return self.operand();
        }
        for (word, count) in [("length", 1), ("match", 2), ("index", 2), ("substr", 3)] {
            if !self.take(word) {
                continue;
            }
            let mut values = Vec::new();
            for _ in 0..count {
                self.deeper()?;
                values.push(self.prefixed(needed)?);
                self.depth -= 1;
            }
            return match (needed, word) {
                (false, _) => Ok(String::new()),
                (_, "length") => Ok(values[0].chars().count().to_string()),
                (_, "match") => apply(":", values[0].clone(), &values[1]),
                (_, "index") => {
                    let place = values[0].chars().position(|c| values[1].contains(c));
                    Ok(place.map_or(0, |place| place + 1).to_string())
                }
                _ => {
                    let (from, length) = match (number(&values[1]), number(&values[2])) {
                        (Ok(from @ 1..), Ok(length @ 1..)) => (from, length),
                        _ => return Ok(String::new()),
                    };
                    let size = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
                    Ok(values[0].chars().skip(size(from) - 1).take(size(length)).collect())
                }
            };
        }
        if self.take("(") {
            self.deeper()?;
            let value = self.binary(0, needed)?;
            self.depth -= 1;
            if !self.take(")") {
                return Err(match self.words.get(self.at) {
                    None => {
                        let last = self.words.last().map_or("", String::as_str);
                        (format!("syntax error: expecting ')' after {}", input::quoted(last)), 2)
                    }
                    Some(word) => (format!("syntax error: expecting ')' instead of {}", input::quoted(word)), 2),
                });
            }
            return Ok(value);
        }
        if self.take(")") {
            return Err(("syntax error: unexpected ')'".to_owned(), 2));
        }
        self.operand()
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > DEEP { Err(("memory exhausted".to_owned(), 3)) } else { Ok(()) }
    }
}

fn apply(operator: &str, left: String, right: &str) -> Result<String> {
    let truth = |holds: bool| Ok(i32::from(holds).to_string());
    match operator {
        "|" if !null(&left) => Ok(left),
        "|" if null(right) => Ok("0".to_owned()),
        "|" => Ok(right.to_owned()),
        "&" if null(&left) || null(right) => Ok("0".to_owned()),
        "&" => Ok(left),
        ":" => matched(&left, right),
        "+" | "-" | "*" | "/" | "%" => {
            let (a, b) = (number(&left)?, number(right)?);
            if b == 0 && matches!(operator, "/" | "%") {
                return Err(("division by zero".to_owned(), 2));
            }
            let value = match operator {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                "*" => a.checked_mul(b),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            let value = value.ok_or((format!("{operator}: Numerical result out of range"), 3))?;
            Ok(value.to_string())
        }
        comparison => {
            let order = match (number(&left), number(right)) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => left.as_str().cmp(right),
            };
            truth(match comparison {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                "!=" => order.is_ne(),
                _ => order.is_eq(),
            })
        }
    }
}

/// The first group of a pattern that fits the beginning, or how many characters fit.
fn matched(text: &str, pattern: &str) -> Result<String> {
    let options = Options { strict: true, ..Options::default() };
    let regex = Regex::new(&format!("\\`{pattern}"), Syntax::Basic, options).map_err(|message| (message, 2))?;
    let found = regex.captures_at(text.as_bytes(), 0);
    let part = |range: &std::ops::Range<usize>| text.get(range.clone()).unwrap_or_default();
    Ok(match (found, regex.groups()) {
        (None, 0) => "0".to_owned(),
        (None, _) => String::new(),
        (Some(groups), 0) => groups[0].as_ref().map_or(0, |range| part(range).chars().count()).to_string(),
        (Some(groups), _) => {
            groups.get(1).and_then(Option::as_ref).map_or(String::new(), |range| part(range).to_owned())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_those_of_expr() {
        let check = |text: &str, expect: std::result::Result<&str, (&str, u8)>| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let expect = expect.map(str::to_owned).map_err(|(text, status)| (text.to_owned(), status));
            assert_eq!(evaluate(&words), expect, "{text}");
        };
        check("1 + 2 * 3", Ok("7"));
        check("( 1 + 2 ) * 3", Ok("9"));
        check("7 / 2", Ok("3"));
        check("-7 % 3", Ok("-1"));
        check("abc : a.", Ok("2"));
        check("abc : .*\\(.\\)", Ok("c"));
        check("abc : x", Ok("0"));
        check("abc : \\(x\\)", Ok(""));
        check("10 < 9", Ok("0"));
        check("b > a", Ok("1"));
        check("0 | x", Ok("x"));
        check("a & 0", Ok("0"));
        check("1 | 1 / 0", Ok("1"));
        check("length abcd", Ok("4"));
        check("index abcd cx", Ok("3"));
        check("substr abcd 2 2", Ok("bc"));
        check("+ length", Ok("length"));
        check("1 +", Err(("syntax error: missing argument after ‘+’", 2)));
        check("1 2", Err(("syntax error: unexpected argument ‘2’", 2)));
        check("( 1", Err(("syntax error: expecting ')' after ‘1’", 2)));
        check("1 / 0", Err(("division by zero", 2)));
        check("a + 1", Err(("non-integer argument", 2)));
        check("9223372036854775807 + 1", Err(("+: Numerical result out of range", 3)));
        assert!(evaluate(&vec!["(".to_owned(); 5000]).is_err());
    }
}
