//! The options of builtins, read as bash reads them: letters together, a value attached or in the next word, `--` ends them.

use super::topics;
use crate::systems::linux::bash::{Run, Sh};

/// What a builtin was given.
#[derive(Debug, Default)]
pub struct Given {
    /// Its options in their order, with the values of those that take one.
    pub options: Vec<(char, String)>,
    /// The words behind them.
    pub operands: Vec<String>,
}

impl Given {
    /// Whether an option was given.
    pub fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(given, _)| *given == letter)
    }

    /// The value of an option, the last where it was given several times.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.options.iter().rev().find(|(given, _)| *given == letter).map(|(_, value)| value.as_str())
    }
}

/// Reads options: `letters` has all there are, a `:` behind those that take a value. The complaint of a wrong one.
pub fn read(words: &[String], letters: &str) -> Result<Given, String> {
    let mut given = Given::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let options = match word.strip_prefix('-') {
            Some("-") => break,
            Some(options) if !options.is_empty() => options,
            _ => {
                given.operands.push(word.clone());
                break;
            }
        };
        for (at, letter) in options.char_indices() {
            let Some(place) = letters.find(letter).filter(|_| letter != ':') else {
                return Err(format!("-{letter}: invalid option"));
            };
            if !letters[place + letter.len_utf8()..].starts_with(':') {
                given.options.push((letter, String::new()));
                continue;
            }
            let attached = &options[at + letter.len_utf8()..];
            let value = if attached.is_empty() { rest.next().cloned() } else { Some(attached.to_owned()) };
            let Some(value) = value else { return Err(format!("-{letter}: option requires an argument")) };
            given.options.push((letter, value));
            break;
        }
    }
    given.operands.extend(rest.cloned());
    Ok(given)
}

/// Whether a version of bash (`4.4.20(1)-release`) is this one or a later one.
pub fn at_least(version: &str, major: u32, minor: u32) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(major), Some(minor))
}

impl Sh {
    /// The options of a builtin whose name is the first word; the status once a wrong one has been told.
    pub(super) async fn given(&mut self, words: &[String], letters: &str) -> Run<Result<Given, u8>> {
        match read(&words[1..], letters) {
            Ok(given) => Ok(Ok(given)),
            Err(complaint) => Ok(Err(self.wrong(&words[0], &complaint).await?)),
        }
    }

    /// Says what is wrong with an option of a builtin, and how it is used.
    pub(super) async fn wrong(&mut self, name: &str, complaint: &str) -> Run {
        self.usage(name, complaint, topics::usage(name)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_bash_reads_them() {
        let check = |line: &str, expect: Result<(&str, &str), &str>| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let read = read(&words, "ab:c").map(|given| {
                let options: Vec<String> =
                    given.options.iter().map(|(letter, value)| format!("{letter}{value}")).collect();
                (options.join(","), given.operands.join(","))
            });
            let expect = expect.map(|(options, operands)| (options.to_owned(), operands.to_owned()));
            assert_eq!(read, expect.map_err(str::to_owned), "{line}");
        };
        check("-ac x -b", Ok(("a,c", "x,-b")));
        check("-abc x", Ok(("a,bc", "x")));
        check("-b c -- -a", Ok(("bc", "-a")));
        check("- -a", Ok(("", "-,-a")));
        check("-b", Err("-b: option requires an argument"));
        check("-ax", Err("-x: invalid option"));
    }
}
