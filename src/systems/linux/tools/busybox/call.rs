//! What an applet takes on its command line, and its usage: the rows of `applets.txt`. A row's first line is `@`, the name,
//! the letters of its options as getopt(3) has them (`+` before them where the first operand ends the options, `*` where
//! the applet reads its words by itself), the least and the most operands, the status of a wrong call and the long names.
//! `1/ef` is one operand unless one of these options is given, `=ctx` that one of these options must be.

/// An applet.
#[derive(Debug)]
pub struct Applet {
    letters: &'static str,
    least: &'static str,
    most: Option<usize>,
    /// The status of a wrong call.
    pub status: u8,
    long: &'static str,
    /// What stands below the line of the version.
    pub usage: &'static str,
}

/// Why an applet prints its usage.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It was asked to.
    Help,
    /// An option it does not have: the complaint.
    Option(String),
    /// Too few or too many operands, of which nothing is said.
    Count,
}

/// The options given by their letters, and how many operands.
#[derive(Default)]
struct Counted {
    letters: String,
    operands: usize,
}

impl Applet {
    /// The applet of this name, if its call is known.
    pub fn find(name: &str) -> Option<Self> {
        let rows = include_str!("applets.txt").strip_prefix("@ ")?.split("\n@ ");
        let row = rows.map(str::trim_end).find(|row| row.split(' ').next() == Some(name))?;
        let (head, usage) = row.split_once('\n')?;
        let fields: Vec<&str> = head.split(' ').collect();
        let [_, letters, least, most, status, long] = fields[..] else { return None };
        Some(Self { letters, least, most: most.parse().ok(), status: status.parse().ok()?, long, usage })
    }

    /// Whether the applet goes to work on these arguments.
    pub fn judge(&self, arguments: &[String]) -> Result<(), Wrong> {
        if matches!(arguments, [only] if only == "--help") {
            return Err(Wrong::Help);
        }
        let counted = if self.letters == "*" {
            Counted { operands: arguments.len(), ..Counted::default() }
        } else {
            self.count(arguments).map_err(Wrong::Option)?
        };
        let given = |letters: &str| letters.chars().any(|letter| counted.letters.contains(letter));
        let enough = if let Some(needed) = self.least.strip_prefix('=') {
            given(needed)
        } else {
            let (least, unless) = self.least.split_once('/').unwrap_or((self.least, ""));
            counted.operands >= least.parse().unwrap_or(0) || given(unless)
        };
        if enough && self.most.is_none_or(|most| counted.operands <= most) { Ok(()) } else { Err(Wrong::Count) }
    }

    fn count(&self, arguments: &[String]) -> Result<Counted, String> {
        let (strict, known) = self.letters.strip_prefix('+').map_or((false, self.letters), |letters| (true, letters));
        let (mut counted, mut rest) = (Counted::default(), arguments.iter());
        let mut first = self.least.starts_with('=');
        while let Some(word) = rest.next() {
            // The first word of an archiver may be options without a dash.
            let bundled = std::mem::take(&mut first) && !word.starts_with('-');
            if word == "--" {
                counted.operands += rest.len();
            } else if let Some(name) = word.strip_prefix("--") {
                let bare = name.split('=').next().unwrap_or(name);
                let takes = self.takes(bare).ok_or_else(|| format!("unrecognized option '--{bare}'"))?;
                if takes && bare == name {
                    rest.next().ok_or_else(|| format!("option '--{bare}' requires an argument"))?;
                }
                // What an archiver is to do, its first letter says; `--extract` is `x`.
                counted.letters.push(if bare.starts_with("ex") { 'x' } else { bare.chars().next().unwrap_or('-') });
            } else if word.len() > 1 && word.starts_with('-') || bundled {
                let letters = word.trim_start_matches('-');
                for (at, letter) in letters.char_indices() {
                    let place = known.find(letter).filter(|_| letter != ':');
                    let place = place.ok_or_else(|| format!("invalid option -- '{letter}'"))?;
                    counted.letters.push(letter);
                    if known[place + letter.len_utf8()..].starts_with(':') {
                        let attached = at + letter.len_utf8() < letters.len() && !bundled;
                        if !attached {
                            rest.next().ok_or_else(|| format!("option requires an argument -- '{letter}'"))?;
                            continue;
                        }
                        break;
                    }
                }
            } else {
                counted.operands += 1;
                if strict {
                    counted.operands += rest.len();
                    break;
                }
            }
        }
        Ok(counted)
    }

    /// Whether the option of this long name, or the beginning of one, takes a value.
    fn takes(&self, name: &str) -> Option<bool> {
        let mut names = self.long.split(',');
        names.find(|known| known.starts_with(name)).map(|known| known.ends_with(':'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_judged_as_getopt_does() {
        let check = |line: &str, expect: Result<(), &str>| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let applet = Applet::find(&words[0]).expect("an applet of the table");
            let told = applet.judge(&words[1..]).map_err(|wrong| match wrong {
                Wrong::Option(text) => text,
                Wrong::Help => "help".to_owned(),
                Wrong::Count => "count".to_owned(),
            });
            assert_eq!(told, expect.map_err(str::to_owned), "{line}");
        };
        check("rm -rf a", Ok(()));
        check("rm", Err("count"));
        check("rm -z", Err("invalid option -- 'z'"));
        check("rm --help", Err("help"));
        check("rm --help x", Err("unrecognized option '--help'"));
        check("cut -d", Err("option requires an argument -- 'd'"));
        check("ls --color=auto", Ok(()));
        check("ls -l --full-time", Ok(()));
        check("grep -e x", Ok(()));
        check("grep -i", Err("count"));
        check("tar tf x", Ok(()));
        check("tar -czf x y", Ok(()));
        check("tar --extract --file x", Ok(()));
        check("tar nope", Err("invalid option -- 'n'"));
        check("tar -z", Err("count"));
        check("timeout 1 ls -z", Ok(()));
        check("env -i ls -Z", Ok(()));
        check("whoami x", Err("count"));
        check("head -5 x", Ok(()));
        check("head -n 5 -v x", Ok(()));
        check("sleep -z", Ok(()));
    }

    #[test]
    fn every_row_can_be_read() {
        for row in include_str!("applets.txt").lines().filter_map(|line| line.strip_prefix("@ ")) {
            let name = row.split(' ').next().unwrap_or_default();
            let applet = Applet::find(name).expect(name);
            assert!(applet.usage.starts_with("Usage: ") || applet.usage == "No help available", "{name}");
        }
    }
}
