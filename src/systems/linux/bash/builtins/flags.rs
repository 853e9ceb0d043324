//! The options of builtins, read as bash reads them: letters together, a value attached or in the next word, `--` ends them.

use super::topics;
use crate::bash::version::Feature;
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

/// Options that builtins did not always have.
const NEWER: [(&str, char, Feature); 12] = [
    ("cd", 'e', Feature::CD_CHECKS),
    ("cd", '@', Feature::CD_ATTRIBUTES),
    ("mapfile", 'd', Feature::MAPFILE_DELIMITER),
    ("read", 'i', Feature::READ_FOR_A_MOMENT),
    ("read", 'N', Feature::READ_EXACTLY),
    ("readarray", 'd', Feature::MAPFILE_DELIMITER),
    ("unset", 'n', Feature::REFERENCES),
    ("wait", 'f', Feature::WAIT_FOR_END),
    ("wait", 'n', Feature::WAIT_FOR_NEXT),
    ("wait", 'p', Feature::WAIT_NAMES),
    ("readonly", 'A', Feature::ASSOCIATIVE_ARRAYS),
    ("export", 'A', Feature::ASSOCIATIVE_ARRAYS),
];

/// Attributes that `declare`, `local` and `typeset` did not always know.
const ATTRIBUTES: [(char, Feature); 6] = [
    ('A', Feature::ASSOCIATIVE_ARRAYS),
    ('l', Feature::CASE_OF_LETTERS),
    ('u', Feature::CASE_OF_LETTERS),
    ('g', Feature::GLOBAL),
    ('n', Feature::REFERENCES),
    ('I', Feature::INHERITED),
];

impl Sh {
    /// The options of a builtin whose name is the first word; the status once a wrong one has been told.
    pub(super) async fn given(&mut self, words: &[String], letters: &str) -> Run<Result<Given, u8>> {
        let missing: Vec<char> = letters.chars().filter(|letter| !self.knows_option(&words[0], *letter)).collect();
        let known: Option<String> = (!missing.is_empty()).then(|| {
            let mut known = letters.to_owned();
            for letter in missing {
                known = known.replace(&format!("{letter}:"), "").replace(letter, "");
            }
            known
        });
        match read(&words[1..], known.as_deref().unwrap_or(letters)) {
            Ok(given) => Ok(Ok(given)),
            Err(complaint) => Ok(Err(self.wrong(&words[0], &complaint).await?)),
        }
    }

    /// Whether this shell's version of a builtin has an option.
    pub(super) fn knows_option(&self, name: &str, letter: char) -> bool {
        let since = match name {
            "declare" | "local" | "typeset" => ATTRIBUTES.iter().find(|(own, _)| *own == letter).map(|row| row.1),
            _ => NEWER.iter().find(|row| row.0 == name && row.1 == letter).map(|row| row.2),
        };
        if self.is_ash() {
            return match name {
                "export" | "readonly" => matches!(letter, 'n' | 'p'),
                "alias" | "local" => false,
                "hash" => letter == 'r',
                "umask" => letter == 'S',
                "wait" => letter == 'n',
                _ => true,
            };
        }
        since.is_none_or(|since| self.has(since))
    }

    /// Says what is wrong with an option of a builtin, and how it is used.
    pub(super) async fn wrong(&mut self, name: &str, complaint: &str) -> Run {
        self.usage(name, complaint, topics::usage(name, self.version())).await
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
