//! Options as GNU programs take them (getopt_long(3)): clustered letters, `--long[=value]` and its unambiguous prefixes,
//! options behind operands, `--`. The complaints are glibc's and coreutils'.

/// What a program takes.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Letters; `:` behind one that takes a value, `::` where the value may stand directly behind it.
    pub short: &'static str,
    /// Long names, each with the letter that it stands for; `:` and `::` behind a name as with letters.
    pub long: &'static [(&'static str, char)],
    /// What the real program takes besides and is not modelled: letters, and names behind `--`, apart by spaces; `:` and
    /// `::` behind them as above. A program with long options has `--help` and `--version` without their being listed.
    pub gaps: &'static str,
}

/// Stands for all options of [`Spec::gaps`].
const GAP: char = '\0';

/// The options of a program that takes none but `--help` and `--version`.
pub const NOTHING: Spec = Spec { short: "", long: &[], gaps: "--help --version" };

/// Why the options of a program could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are wrong: glibc's complaint, without the program's name.
    Wrong(String),
    /// They are good, and one of them is not modelled: this one.
    Gap(String),
}

/// What was given: options by their letters in order, and operands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Options with their values.
    pub options: Vec<(char, Option<String>)>,
    /// The rest.
    pub operands: Vec<String>,
}

impl Given {
    /// Whether an option was given.
    #[must_use]
    pub fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(given, _)| *given == letter)
    }

    /// The last value of an option.
    #[must_use]
    pub fn value(&self, letter: char) -> Option<&str> {
        self.options.iter().rev().find(|(given, _)| *given == letter).and_then(|(_, value)| value.as_deref())
    }

    /// All values of an option.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.options.iter().filter(move |(given, _)| *given == letter).filter_map(|(_, value)| value.as_deref())
    }

    /// Which of several options was given last.
    #[must_use]
    pub fn last_of(&self, letters: &str) -> Option<char> {
        self.options.iter().rev().map(|(given, _)| *given).find(|given| letters.contains(*given))
    }
}

impl Spec {
    /// Reads arguments. Operands may stand before options unless `strict` (as with `env`, `xargs`, `su -c`), where the
    /// first one ends the options.
    ///
    /// # Errors
    /// [`Refused`]
    pub fn read(&self, arguments: &[String], strict: bool) -> Result<Given, Refused> {
        let given = self.parse(arguments, strict).map_err(Refused::Wrong)?;
        match given.value(GAP) {
            Some(_) => Err(Refused::Gap(given.values(GAP).next().unwrap_or_default().to_owned())),
            None => Ok(given),
        }
    }

    fn parse(&self, arguments: &[String], strict: bool) -> Result<Given, String> {
        let mut given = Given::default();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                given.operands.extend(rest.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                self.long(long, &mut rest, &mut given)?;
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.short(letters, &mut rest, &mut given)?;
            } else {
                given.operands.push(word.clone());
                if strict {
                    given.operands.extend(rest.cloned());
                    break;
                }
            }
        }
        Ok(given)
    }

    fn short(&self, letters: &str, rest: &mut std::slice::Iter<'_, String>, given: &mut Given) -> Result<(), String> {
        let mut at = letters.chars();
        while let Some(letter) = at.next() {
            let modelled = self.short.find(letter).map(|place| &self.short[place + letter.len_utf8()..]);
            let gap = || self.gaps.split(' ').find_map(|gap| gap.strip_prefix(letter).filter(|_| letter != '-'));
            let known = modelled.or_else(gap).filter(|_| letter != ':');
            let Some(behind) = known else { return Err(format!("invalid option -- '{letter}'")) };
            let attached = at.as_str();
            let value = if behind.starts_with("::") {
                at = "".chars();
                (!attached.is_empty()).then(|| attached.to_owned())
            } else if behind.starts_with(':') {
                at = "".chars();
                let value = if attached.is_empty() { rest.next().cloned() } else { Some(attached.to_owned()) };
                Some(value.ok_or_else(|| format!("option requires an argument -- '{letter}'"))?)
            } else {
                None
            };
            given.options.push(match modelled {
                Some(_) => (letter, value),
                None => (GAP, Some(format!("-{letter}"))),
            });
        }
        Ok(())
    }

    /// The long names, those that are not modelled behind the others.
    fn names(&self) -> Vec<(&'static str, char)> {
        let gaps = self.gaps.split(' ').filter_map(|gap| gap.strip_prefix("--"));
        let mut names: Vec<(&str, char)> = self.long.iter().copied().chain(gaps.map(|name| (name, GAP))).collect();
        for name in ["help", "version"] {
            if !self.long.is_empty() && names.iter().all(|(known, _)| *known != name) {
                names.push((name, GAP));
            }
        }
        names
    }

    fn long(&self, word: &str, rest: &mut std::slice::Iter<'_, String>, given: &mut Given) -> Result<(), String> {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let bare = |known: &'static str| known.trim_end_matches(':');
        let names = self.names();
        let fitting: Vec<&(&str, char)> = names.iter().filter(|(known, _)| known.starts_with(name)).collect();
        // Names that are short for the same thing are not ambiguous.
        let takes = |known: &'static str| known.len() - bare(known).len();
        let same = |found: &(&'static str, char)| {
            fitting.iter().all(|other| other.1 == found.1 && found.1 != GAP && takes(other.0) == takes(found.0))
        };
        let exact = fitting.iter().find(|(known, _)| bare(known) == name);
        let (known, letter) = match (exact, &fitting[..]) {
            (Some(found), _) => **found,
            (None, []) => return Err(format!("unrecognized option '--{name}'")),
            (None, [found]) => **found,
            (None, [found, ..]) if same(found) => **found,
            (None, _) => {
                let all: Vec<String> = fitting.iter().map(|(known, _)| format!("'--{}'", bare(known))).collect();
                return Err(format!("option '--{name}' is ambiguous; possibilities: {}", all.join(" ")));
            }
        };
        let full = bare(known);
        let value = match (known.len() - full.len(), attached) {
            (0, Some(_)) => return Err(format!("option '--{full}' doesn't allow an argument")),
            (0, None) => None,
            (1, None) => {
                let value = rest.next().cloned();
                Some(value.ok_or_else(|| format!("option '--{full}' requires an argument"))?)
            }
            (_, attached) => attached,
        };
        given.options.push((letter, if letter == GAP { Some(format!("--{full}")) } else { value }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec = Spec {
        short: "abn:c::",
        long: &[("all", 'a'), ("number:", 'n'), ("color::", 'c'), ("nothing", 'b'), ("no-thing", 'b')],
        gaps: "g G: --gap --given:",
    };

    #[test]
    fn options_are_read_as_getopt_does() {
        let check = |words: &str, expect: Result<(&str, &str), &str>| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            let shown = SPEC.read(&words, false).map(|given| {
                let options = given.options.iter().map(|(letter, value)| match value {
                    Some(value) => format!("{letter}={value}"),
                    None => letter.to_string(),
                });
                (options.collect::<Vec<_>>().join(" "), given.operands.join(" "))
            });
            let expect = expect.map_err(|text| match text.strip_prefix("gap ") {
                Some(option) => Refused::Gap(option.to_owned()),
                None => Refused::Wrong(text.to_owned()),
            });
            assert_eq!(shown, expect.map(|(a, b)| (a.to_owned(), b.to_owned())), "{words:?}");
        };
        check("-ab x -n5 y", Ok(("a b n=5", "x y")));
        check("-an 5 -- -b", Ok(("a n=5", "-b")));
        check("-cx -c x", Ok(("c=x c", "x")));
        check("--num 5 --color --color=auto --all", Ok(("n=5 c c=auto a", "")));
        check("- x", Ok(("", "- x")));
        check("-z", Err("invalid option -- 'z'"));
        check("-n", Err("option requires an argument -- 'n'"));
        check("--zzz", Err("unrecognized option '--zzz'"));
        check("--n 1", Err("option '--n' is ambiguous; possibilities: '--number' '--nothing' '--no-thing'"));
        check("--no", Ok(("b", "")));
        check("-ag", Err("gap -g"));
        check("-Gz -a", Err("gap -G"));
        check("-g -z", Err("invalid option -- 'z'"));
        check("-G", Err("option requires an argument -- 'G'"));
        check("--give 5", Err("gap --given"));
        check("--g", Err("option '--g' is ambiguous; possibilities: '--gap' '--given'"));
        check("--gap=1", Err("option '--gap' doesn't allow an argument"));
        check("--vers", Err("gap --version"));
        check("--", Ok(("", "")));
        check("-n --help", Ok(("n=--help", "")));
        check("--all=1", Err("option '--all' doesn't allow an argument"));
        check("--number", Err("option '--number' requires an argument"));
    }
}
