//! The tests of `find` as they are written.

use super::super::meta;
use super::super::show::curly;
use super::expression::Parser;
use super::numbers::Bound;
use super::test::{Bits, Clock, Test};
use crate::bash::pattern::{Options, Pattern};
use crate::sim::Instant;
use crate::systems::linux::fs::Access;
use crate::systems::linux::mode;
use crate::systems::linux::tools::date::zone;
use crate::systems::linux::tools::parse_datetime;

/// Which regular expressions `-regex` takes.
#[derive(Clone, Copy)]
pub(super) enum Syntax {
    Emacs,
    Basic,
    Extended,
}

/// What `-regextype` takes.
pub(super) const REGEX_TYPES: [(&str, Syntax); 13] = [
    ("findutils-default", Syntax::Emacs),
    ("awk", Syntax::Extended),
    ("egrep", Syntax::Extended),
    ("ed", Syntax::Basic),
    ("emacs", Syntax::Emacs),
    ("gnu-awk", Syntax::Extended),
    ("grep", Syntax::Basic),
    ("posix-awk", Syntax::Extended),
    ("posix-basic", Syntax::Basic),
    ("posix-egrep", Syntax::Extended),
    ("posix-extended", Syntax::Extended),
    ("posix-minimal-basic", Syntax::Basic),
    ("sed", Syntax::Basic),
];

impl Parser<'_> {
    pub(super) fn test(&mut self, name: &str) -> Result<Test, String> {
        let pattern = |text: &str, nocase: bool| Pattern::new(text, Options { extglob: false, nocase });
        Ok(match name {
            "-true" => Test::Always(true),
            "-false" => Test::Always(false),
            "-name" => Test::Name(pattern(&self.value(name)?, false)),
            "-iname" => Test::Name(pattern(&self.value(name)?, true)),
            "-path" | "-wholename" => Test::Path(pattern(&self.value(name)?, false)),
            "-ipath" | "-iwholename" => Test::Path(pattern(&self.value(name)?, true)),
            "-lname" => Test::LinkName(pattern(&self.value(name)?, false)),
            "-ilname" => Test::LinkName(pattern(&self.value(name)?, true)),
            "-regex" => self.regex(name, false)?,
            "-iregex" => self.regex(name, true)?,
            "-type" => Test::Type(self.types(name)?),
            "-xtype" => Test::TargetType(self.types(name)?),
            "-size" => self.size()?,
            "-empty" => Test::Empty,
            "-links" => Test::Links(self.bound(name)?),
            "-inum" => Test::Number(self.bound(name)?),
            "-uid" => Test::User(self.bound(name)?),
            "-gid" => Test::Group(self.bound(name)?),
            "-user" => Test::User(self.owner(name, false)?),
            "-group" => Test::Group(self.owner(name, true)?),
            "-nouser" => Test::NoUser,
            "-nogroup" => Test::NoGroup,
            "-perm" => self.perm()?,
            "-samefile" => {
                let path = self.value(name)?;
                Test::Same(self.stat(&path)?.ino)
            }
            "-readable" => Test::Access(Access::READ),
            "-writable" => Test::Access(Access::WRITE),
            "-executable" => Test::Access(Access::EXEC),
            "-fstype" => Test::FsType(self.value(name)?),
            "-mtime" => Test::Age(Clock::Modified, self.bound(name)?, 86_400),
            "-atime" => Test::Age(Clock::Read, self.bound(name)?, 86_400),
            "-ctime" => Test::Age(Clock::Changed, self.bound(name)?, 86_400),
            "-mmin" => Test::Age(Clock::Modified, self.bound(name)?, 60),
            "-amin" => Test::Age(Clock::Read, self.bound(name)?, 60),
            "-cmin" => Test::Age(Clock::Changed, self.bound(name)?, 60),
            "-anewer" => self.newer(name, "am")?,
            "-cnewer" => self.newer(name, "cm")?,
            "-newer" => self.newer(name, "mm")?,
            "-context" | "-used" => {
                self.value(name)?;
                self.parsed.gaps.push(name.to_owned());
                Test::Always(false)
            }
            name => match name.strip_prefix("-newer") {
                Some(which) if which.len() == 2 => self.newer(name, which)?,
                _ => return Err(format!("find: unknown predicate `{name}'\n")),
            },
        })
    }

    fn bound(&mut self, name: &str) -> Result<Bound, String> {
        let text = self.value(name)?;
        Bound::read(&text).ok_or_else(|| format!("find: invalid argument `{text}' to `{name}'\n"))
    }

    fn types(&mut self, name: &str) -> Result<String, String> {
        let text = self.value(name)?;
        match text.split(',').find(|part| part.len() != 1 || !"bcdflpsD".contains(*part)) {
            None => Ok(text.replace(',', "")),
            Some(part) if part.len() > 1 => {
                Err(format!("find: Must separate multiple arguments to {name} using: ','\n"))
            }
            Some("") => Err(format!("find: Arguments to {name} should contain at least one letter\n")),
            Some(part) => Err(format!("find: Unknown argument to {name}: {part}\n")),
        }
    }

    fn size(&mut self) -> Result<Test, String> {
        let text = self.value("-size")?;
        let unit = match text.chars().last() {
            Some('c') => 1,
            Some('w') => 2,
            Some('b') => 512,
            Some('k') => 1 << 10,
            Some('M') => 1 << 20,
            Some('G') => 1 << 30,
            Some(digit) if digit.is_ascii_digit() => 0,
            Some(letter) => return Err(format!("find: invalid -size type `{letter}'\n")),
            None => return Err("find: invalid null argument to -size\n".to_owned()),
        };
        let digits = if unit == 0 { &text[..] } else { &text[..text.len() - 1] };
        let bound = Bound::read(digits).ok_or_else(|| format!("find: Invalid argument `{text}' to -size\n"))?;
        Ok(Test::Size(bound, if unit == 0 { 512 } else { unit }))
    }

    fn owner(&mut self, name: &str, group: bool) -> Result<Bound, String> {
        let text = self.value(name)?;
        match super::super::number_of(self.p, &text, group) {
            Some(number) => Ok(Bound { number: u64::from(number), side: std::cmp::Ordering::Equal }),
            None if group => Err(format!("find: {} is not the name of an existing group\n", curly(&text))),
            None => Err(format!("find: {} is not the name of a known user\n", curly(&text))),
        }
    }

    fn perm(&mut self) -> Result<Test, String> {
        let text = self.value("-perm")?;
        let (make, bare): (fn(u16) -> Bits, &str) = match text.strip_prefix('-') {
            Some(bare) => (Bits::All, bare),
            None => match text.strip_prefix('/') {
                Some(bare) => (Bits::Any, bare),
                None => (Bits::Exactly, &text),
            },
        };
        let bits = mode::change(bare, 0, false, 0).ok_or_else(|| format!("find: invalid mode {}\n", curly(&text)))?;
        Ok(Test::Perm(make(bits)))
    }

    fn stat(&self, path: &str) -> Result<super::super::Meta, String> {
        meta(self.p, path, true).map_err(|errno| format!("find: {}: {}\n", curly(path), errno.text()))
    }

    /// `-newerXY`: X of the file against Y of another, or a date where Y is `t`.
    fn newer(&mut self, name: &str, which: &str) -> Result<Test, String> {
        let value = self.value(name)?;
        let mut letters = which.chars();
        let clock = match letters.next() {
            Some('a') => Clock::Read,
            Some('c') => Clock::Changed,
            Some('m') => Clock::Modified,
            _ => return Err(format!("find: unknown predicate `{name}'\n")),
        };
        let than: Instant = match letters.next() {
            Some('t') => {
                let zone = zone(self.p);
                parse_datetime::named(&value, self.p.now(), &zone).ok_or_else(|| {
                    format!("find: I cannot figure out how to interpret {} as a date or time\n", curly(&value))
                })?
            }
            Some('a') => self.stat(&value)?.atime,
            Some('c') => self.stat(&value)?.ctime,
            Some('m') => self.stat(&value)?.mtime,
            _ => return Err(format!("find: unknown predicate `{name}'\n")),
        };
        Ok(Test::Newer(clock, than))
    }

    fn regex(&mut self, name: &str, nocase: bool) -> Result<Test, String> {
        let text = self.value(name)?;
        let translated = match self.syntax {
            Syntax::Extended => text.clone(),
            Syntax::Emacs => swapped(&text, "()|"),
            Syntax::Basic => swapped(&text, "()|+?{}"),
        };
        ::regex::RegexBuilder::new(&format!("^(?:{translated})$"))
            .case_insensitive(nocase)
            .dot_matches_new_line(true)
            .size_limit(1 << 20)
            .build()
            .map(Test::Regex)
            .map_err(|_| format!("find: Failed to compile regular expression '{text}'\n"))
    }
}

/// An expression in which these characters mean something only behind a backslash, the other way round.
fn swapped(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut letters, mut bracket) = (text.chars().peekable(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '[' if !bracket => {
                bracket = true;
                out.push('[');
                for first in ['^', ']'] {
                    if letters.next_if_eq(&first).is_some() {
                        out.push_str(if first == ']' { "\\]" } else { "^" });
                    }
                }
            }
            ']' if bracket => {
                bracket = false;
                out.push(']');
            }
            '\\' if !bracket => match letters.next() {
                Some(next) if special.contains(next) => out.push(next),
                Some(next) => out.extend(['\\', next]),
                None => out.push_str("\\\\"),
            },
            letter if !bracket && (special.contains(letter) || "{}".contains(letter)) => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_of_emacs_are_translated() {
        let check = |text: &str, expect: &str| assert_eq!(swapped(text, "()|"), expect, "{text}");
        check(r".*\.\(c\|h\)", r".*\.(c|h)");
        check("a(b)", r"a\(b\)");
        check("[a(]+", "[a(]+");
        check("[]a]x{2}", r"[\]a]x\{2\}");
        check("\\", "\\\\");
    }
}
