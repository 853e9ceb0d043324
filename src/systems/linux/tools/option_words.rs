//! `getopt` of util-linux 2.32: the options of a script in order, quoted for a shell.

use super::getopt::Spec;
use super::input::misused;
use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("getopt", getopt)];

const SPEC: Spec = Spec {
    short: "al:n:o:qQs:Tu",
    long: &[
        ("alternative", 'a'),
        ("longoptions:", 'l'),
        ("name:", 'n'),
        ("options:", 'o'),
        ("quiet", 'q'),
        ("quiet-output", 'Q'),
        ("shell:", 's'),
        ("test", 'T'),
        ("unquoted", 'u'),
    ],
    gaps: "h V",
};

/// Where options may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Anywhere: operands go behind them.
    Permuted,
    /// Before the first operand (`+`).
    Strict,
    /// Anywhere, and operands stay where they are (`-`).
    Kept,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Perhaps,
}

struct Reader {
    order: Order,
    silent: bool,
    short: Vec<(char, Takes)>,
    long: Vec<(String, Takes)>,
    alternative: bool,
    csh: bool,
    unquoted: bool,
    text: String,
    complaints: Vec<String>,
    failed: bool,
}

fn takes(colons: usize) -> Takes {
    match colons {
        0 => Takes::Nothing,
        1 => Takes::Value,
        _ => Takes::Perhaps,
    }
}

async fn getopt(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(first) = arguments.first() else {
        if p.env("GETOPT_COMPATIBLE").is_some() {
            p.out(" --\n").await?;
            return Ok(0);
        }
        return misused(p, "missing optstring argument", 2).await;
    };
    // As the first ones were: letters, then what is to be read, and nothing is quoted.
    if !first.starts_with('-') || p.env("GETOPT_COMPATIBLE").is_some() {
        let mut reader = Reader::new(first.trim_start_matches(['-', '+']));
        reader.unquoted = true;
        return reader.tell(p, None, &arguments[1..], false).await;
    }
    let given = match SPEC.read(arguments, true) {
        Ok(given) => given,
        Err(super::getopt::Refused::Gap(option)) => return p.gap(&format!("getopt {option}")),
        Err(super::getopt::Refused::Wrong(text)) => return misused(p, &text, 2).await,
    };
    if given.has('T') {
        return Ok(4);
    }
    let mut words = &given.operands[..];
    let letters = match given.value('o') {
        Some(letters) => letters.to_owned(),
        None => {
            let Some((letters, rest)) = words.split_first() else {
                return misused(p, "missing optstring argument", 2).await;
            };
            words = rest;
            letters.clone()
        }
    };
    let mut reader = Reader::new(&letters);
    for list in given.values('l') {
        for name in list.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty()) {
            let bare = name.trim_end_matches(':');
            if bare.is_empty() {
                return misused(p, "empty long option after -l or --long argument", 2).await;
            }
            reader.long.push((bare.to_owned(), takes(name.len() - bare.len())));
        }
    }
    (reader.alternative, reader.unquoted) = (given.has('a'), given.has('u'));
    reader.csh = match given.value('s') {
        None | Some("bash" | "sh") => false,
        Some("csh" | "tcsh") => true,
        Some(_) => {
            return misused(p, "unknown shell after -s or --shell argument", 2).await;
        }
    };
    reader.silent |= given.has('q');
    let name = given.value('n').map(str::to_owned);
    reader.tell(p, name, words, given.has('Q')).await
}

impl Reader {
    fn new(letters: &str) -> Self {
        let order = match letters.chars().next() {
            Some('+') => Order::Strict,
            Some('-') => Order::Kept,
            _ => Order::Permuted,
        };
        let letters = letters.strip_prefix(['+', '-']).unwrap_or(letters);
        let bare = letters.strip_prefix(':').unwrap_or(letters);
        let mut short = Vec::new();
        let mut rest = bare.chars().peekable();
        while let Some(letter) = rest.next() {
            let mut colons = 0;
            while colons < 2 && rest.next_if_eq(&':').is_some() {
                colons += 1;
            }
            short.push((letter, takes(colons)));
        }
        Self {
            order,
            silent: bare.len() < letters.len(),
            short,
            long: Vec::new(),
            alternative: false,
            csh: false,
            unquoted: false,
            text: String::new(),
            complaints: Vec::new(),
            failed: false,
        }
    }

    /// Prints what was read of the words, and what was wrong.
    async fn tell(mut self, p: &mut Proc, name: Option<String>, words: &[String], no_output: bool) -> Ended {
        self.read(words);
        let name = name.unwrap_or_else(|| p.name.clone());
        for complaint in self.complaints.iter().filter(|_| !self.silent) {
            p.err(&format!("{name}: {complaint}\n")).await?;
        }
        if !no_output {
            p.out(&format!("{}\n", self.text)).await?;
        }
        Ok(u8::from(self.failed))
    }

    fn read(&mut self, words: &[String]) {
        let mut operands: Vec<&String> = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                operands.extend(rest.by_ref());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                self.long(long, "--", &mut rest);
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                let known = |letter: char| self.short.iter().any(|(short, _)| *short == letter);
                let one = letters.chars().count() == 1 && letters.chars().all(known);
                let bare = letters.split('=').next().unwrap_or_default();
                let is_long = self.long.iter().any(|(name, _)| name.starts_with(bare));
                if self.alternative && !one && (is_long || !letters.chars().next().is_some_and(known)) {
                    self.long(letters, "-", &mut rest);
                } else {
                    self.letters(letters, &mut rest);
                }
            } else {
                match self.order {
                    Order::Kept => {
                        let quoted = self.quoted(word);
                        self.text.push_str(&format!(" {quoted}"));
                    }
                    Order::Permuted => operands.push(word),
                    Order::Strict => {
                        operands.push(word);
                        operands.extend(rest.by_ref());
                        break;
                    }
                }
            }
        }
        self.text.push_str(" --");
        for word in operands {
            let quoted = self.quoted(word);
            self.text.push_str(&format!(" {quoted}"));
        }
    }

    fn wrong(&mut self, complaint: String) {
        self.failed = true;
        self.complaints.push(complaint);
    }

    fn letters(&mut self, letters: &str, rest: &mut std::slice::Iter<'_, String>) {
        let mut at = letters.chars();
        while let Some(letter) = at.next() {
            let Some((_, takes)) = self.short.iter().find(|(short, _)| *short == letter && letter != ':').copied()
            else {
                self.wrong(format!("invalid option -- '{letter}'"));
                continue;
            };
            if takes == Takes::Nothing {
                self.text.push_str(&format!(" -{letter}"));
                continue;
            }
            let attached = at.as_str();
            at = "".chars();
            let value = match takes {
                Takes::Value if attached.is_empty() => rest.next().map(String::as_str),
                _ => Some(attached),
            };
            match value {
                Some(value) => {
                    let quoted = self.quoted(value);
                    self.text.push_str(&format!(" -{letter} {quoted}"));
                }
                None => self.wrong(format!("option requires an argument -- '{letter}'")),
            }
        }
    }

    fn long(&mut self, word: &str, dashes: &str, rest: &mut std::slice::Iter<'_, String>) {
        let (name, attached) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let fitting: Vec<(String, Takes)> =
            self.long.iter().filter(|(known, _)| known.starts_with(name)).cloned().collect();
        let found = fitting.iter().find(|(known, _)| known == name);
        let found = found.or(if fitting.len() == 1 { fitting.first() } else { None });
        let Some((full, takes)) = found.cloned() else {
            if fitting.is_empty() {
                return self.wrong(format!("unrecognized option '{dashes}{name}'"));
            }
            let all: Vec<String> = fitting.iter().map(|(known, _)| format!("'{dashes}{known}'")).collect();
            return self.wrong(format!("option '{dashes}{word}' is ambiguous; possibilities: {}", all.join(" ")));
        };
        let value = match (takes, attached) {
            (Takes::Nothing, Some(_)) => {
                return self.wrong(format!("option '{dashes}{full}' doesn't allow an argument"));
            }
            (Takes::Nothing, None) => None,
            (Takes::Value, None) => match rest.next() {
                Some(value) => Some(value.as_str()),
                None => return self.wrong(format!("option '{dashes}{full}' requires an argument")),
            },
            (Takes::Value | Takes::Perhaps, value) => Some(value.unwrap_or_default()),
        };
        self.text.push_str(&format!(" --{full}"));
        if let Some(value) = value {
            let quoted = self.quoted(value);
            self.text.push_str(&format!(" {quoted}"));
        }
    }

    fn quoted(&self, word: &str) -> String {
        if self.unquoted {
            return word.to_owned();
        }
        let mut text = String::from("'");
        for c in word.chars() {
            match c {
                '\'' => text.push_str("'\\''"),
                '!' if self.csh => text.push_str("'\\!'"),
                '\\' if self.csh => text.push_str("\\\\"),
                '\n' if self.csh => text.push_str("\\n"),
                c if self.csh && c.is_whitespace() => {
                    text.push_str("'\\");
                    text.push(c);
                    text.push('\'');
                }
                c => text.push(c),
            }
        }
        text.push('\'');
        text
    }
}
