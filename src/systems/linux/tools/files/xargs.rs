//! `xargs`: commands from words that are read, after findutils 4.6. Commands run one after another, whatever `-P` says.

use std::sync::Arc;

use super::super::input::{given, misused};
use super::show;
use crate::systems::linux::bash::{Ran, run_words};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::proc::{CHUNK, Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("xargs", xargs)];

const SPEC: Spec = Spec {
    short: "0a:d:e::E:I:i::L:l::n:rs:tP:x",
    long: &[
        ("arg-file:", 'a'),
        ("delimiter:", 'd'),
        ("eof::", 'e'),
        ("exit", 'x'),
        ("null", '0'),
        ("max-args:", 'n'),
        ("max-chars:", 's'),
        ("max-lines::", 'l'),
        ("max-procs:", 'P'),
        ("no-run-if-empty", 'r'),
        ("replace::", 'i'),
        ("verbose", 't'),
    ],
    gaps: "o p --interactive --open-tty --show-limits --process-slot-var:",
};

/// So many bytes a command has at most.
const LONGEST: usize = 128 * 1024;

/// How words are told apart.
enum Words {
    /// At blanks and line ends, quotes and backslashes as in a shell.
    Quoted,
    /// At this byte.
    At(u8),
}

struct Runner {
    command: Vec<String>,
    replaced: Option<String>,
    most: usize,
    lines: usize,
    bytes: usize,
    shows: bool,
    words: Vec<String>,
    size: usize,
    lines_read: usize,
    ran: bool,
    status: u8,
}

async fn xargs(p: &mut Proc, arguments: &[String]) -> Ended {
    // The command's own options are not for us.
    let given = given!(strict p, &SPEC, arguments, 1);
    let mut runner = match Runner::new(&given) {
        Ok(runner) => runner,
        Err(text) => return misused(p, &text, 1).await,
    };
    let how = match given.last_of("0d") {
        None => Words::Quoted,
        Some('0') => Words::At(0),
        Some(_) => match delimiter(given.value('d').unwrap_or_default()) {
            Some(byte) => Words::At(byte),
            None => return p.fail("Invalid input delimiter specification: it must be one character").await,
        },
    };
    let mut input = 0;
    if let Some(path) = given.value('a') {
        match p.open(path, Mode::Read) {
            Ok(open) => {
                input = p.files.free(3);
                p.files.set(input, Some(open));
            }
            Err(errno) => {
                let text = format!("Cannot open input file {}: {}", show::curly(path), errno.text());
                return p.fail(&text).await;
            }
        }
    }
    let end = given.value('E').or_else(|| given.value('e')).map(str::to_owned);
    let mut reader = Reader { how, by_line: runner.replaced.is_some(), end, word: None, quote: None, escaped: false };
    let mut reading = true;
    while reading {
        let bytes = p.read(input, CHUNK).await?;
        reading = !bytes.is_empty();
        let mut found = Vec::new();
        let good = reader.take(&bytes, &mut found);
        for token in found {
            match token {
                Token::Word(word) => runner.add(p, word).await?,
                Token::Line => runner.line(p).await?,
                Token::End => reading = false,
            }
            if let Some(status) = runner.stopped() {
                return Ok(status);
            }
        }
        if let Err(text) = good {
            return p.fail(&text).await;
        }
    }
    let mut found = Vec::new();
    if let Err(text) = reader.finish(&mut found) {
        return p.fail(&text).await;
    }
    for token in found {
        if let Token::Word(word) = token {
            runner.add(p, word).await?;
        }
    }
    let nothing = runner.words.is_empty() && (runner.ran || given.has('r') || runner.replaced.is_some());
    if !nothing && runner.stopped().is_none() {
        runner.run(p).await?;
    }
    Ok(runner.stopped().unwrap_or(runner.status))
}

/// `-d`: one character, or an escape for it.
fn delimiter(text: &str) -> Option<u8> {
    let mut bytes = text.bytes();
    match (bytes.next()?, bytes.next(), bytes.next()) {
        (byte, None, _) => Some(byte),
        (b'\\', Some(letter), None) => Some(match letter {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'0' => 0,
            b'\\' => b'\\',
            _ => return None,
        }),
        (b'\\', Some(b'x'), Some(_)) => u8::from_str_radix(&text[2..], 16).ok(),
        (b'\\', Some(b'0'..=b'7'), Some(_)) => u8::from_str_radix(&text[1..], 8).ok(),
        _ => None,
    }
}

/// What is read.
enum Token {
    Word(String),
    Line,
    End,
}

struct Reader {
    how: Words,
    /// Blanks do not separate (`-I`).
    by_line: bool,
    end: Option<String>,
    word: Option<Vec<u8>>,
    quote: Option<u8>,
    escaped: bool,
}

impl Reader {
    fn take(&mut self, bytes: &[u8], found: &mut Vec<Token>) -> Result<(), String> {
        for &byte in bytes {
            if let Words::At(separator) = self.how {
                if byte == separator {
                    self.close(found, true);
                    found.push(Token::Line);
                } else {
                    self.word.get_or_insert_default().push(byte);
                }
                continue;
            }
            if std::mem::take(&mut self.escaped) {
                self.word.get_or_insert_default().push(byte);
                continue;
            }
            match (self.quote, byte) {
                (Some(quote), byte) if byte == quote => self.quote = None,
                (Some(_), b'\n') => return Err(self.unmatched()),
                (Some(_), byte) => self.word.get_or_insert_default().push(byte),
                (None, b'\'' | b'"') => {
                    self.quote = Some(byte);
                    self.word.get_or_insert_default();
                }
                (None, b'\\') => self.escaped = true,
                (None, b'\n') => {
                    self.close(found, false);
                    found.push(Token::Line);
                }
                (None, b' ' | b'\t') if !self.by_line => self.close(found, false),
                (None, b' ' | b'\t') if self.word.is_none() => {}
                (None, byte) => self.word.get_or_insert_default().push(byte),
            }
        }
        Ok(())
    }

    fn finish(&mut self, found: &mut Vec<Token>) -> Result<(), String> {
        if self.quote.is_some() {
            return Err(self.unmatched());
        }
        self.close(found, false);
        Ok(())
    }

    fn close(&mut self, found: &mut Vec<Token>, empty: bool) {
        let word = if empty { Some(self.word.take().unwrap_or_default()) } else { self.word.take() };
        let Some(word) = word.map(|word| String::from_utf8_lossy(&word).into_owned()) else { return };
        found.push(if self.end.as_ref() == Some(&word) { Token::End } else { Token::Word(word) });
    }

    fn unmatched(&self) -> String {
        let kind = if self.quote == Some(b'"') { "double" } else { "single" };
        format!("unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option")
    }
}

impl Runner {
    fn new(given: &Given) -> Result<Self, String> {
        let number = |letter: char, name: &str| match given.value(letter) {
            None => Ok(None),
            Some(text) => match text.parse::<usize>() {
                Ok(0) => Err(format!("value 0 for {name} option should be >= 1")),
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(format!("invalid number \"{text}\" for {name} option")),
            },
        };
        let replaced = match given.last_of("Ii") {
            Some('I') => given.value('I').map(str::to_owned),
            Some(_) => Some(given.value('i').unwrap_or("{}").to_owned()),
            None => None,
        };
        let lines = number('L', "-L")?.or(number('l', "-l")?).or(given.has('l').then_some(1));
        let mut command = given.operands.clone();
        if command.is_empty() {
            command.push("echo".to_owned());
        }
        Ok(Self {
            command,
            replaced,
            most: number('n', "-n")?.unwrap_or(usize::MAX),
            lines: lines.unwrap_or(usize::MAX),
            bytes: number('s', "-s")?.unwrap_or(LONGEST).min(LONGEST),
            shows: given.has('t'),
            words: Vec::new(),
            size: 0,
            lines_read: 0,
            ran: false,
            status: 0,
        })
    }

    async fn add(&mut self, p: &mut Proc, word: String) -> Result<(), Cut> {
        if self.replaced.is_some() {
            self.words = vec![word];
            return self.run(p).await;
        }
        let own: usize = self.command.iter().map(|word| word.len() + 1).sum();
        if own + word.len() + 1 > self.bytes {
            p.complain("argument line too long").await?;
            self.status = 1;
            self.ran = true;
            self.lines_read = usize::MAX;
            return Ok(());
        }
        if own + self.size + word.len() + 1 > self.bytes {
            self.run(p).await?;
        }
        self.size += word.len() + 1;
        self.words.push(word);
        if self.words.len() >= self.most {
            self.run(p).await?;
        }
        Ok(())
    }

    async fn line(&mut self, p: &mut Proc) -> Result<(), Cut> {
        if self.words.is_empty() || self.lines == usize::MAX {
            return Ok(());
        }
        self.lines_read += 1;
        if self.lines_read >= self.lines { self.run(p).await } else { Ok(()) }
    }

    /// The status with which it ends before all is read.
    fn stopped(&self) -> Option<u8> {
        let early = matches!(self.status, 124..=127) || self.lines_read == usize::MAX;
        early.then_some(self.status)
    }

    async fn run(&mut self, p: &mut Proc) -> Result<(), Cut> {
        let words = std::mem::take(&mut self.words);
        (self.size, self.lines_read, self.ran) = (0, 0, true);
        let words: Vec<String> = match &self.replaced {
            Some(mark) => {
                let word = words.first().map_or("", String::as_str);
                let (first, rest) = self.command.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
                let first = first.to_owned();
                [first].into_iter().chain(rest.iter().map(|part| part.replace(mark.as_str(), word))).collect()
            }
            None => self.command.iter().cloned().chain(words).collect(),
        };
        let name = words[0].clone();
        if self.shows {
            let line = words.iter().map(|word| show::shell(word, false)).collect::<Vec<_>>().join(" ");
            p.err(&format!("{line}\n")).await?;
        }
        // What the command reads is not what we read.
        let before = p.files.clone();
        p.files.set(0, Some(Arc::new(Open::Null)));
        let ran = run_words(p, words).await;
        p.files = before;
        match ran? {
            Ran::Status(0) => {}
            Ran::Status(255) => {
                p.complain(&format!("{name}: exited with status 255; aborting")).await?;
                self.status = 124;
            }
            Ran::Status(status @ 126..=127) => self.status = status,
            Ran::Status(status @ 129..=192) => {
                p.complain(&format!("{name}: terminated by signal {}", status - 128)).await?;
                self.status = 125;
            }
            Ran::Status(_) => self.status = 123,
            Ran::Refused(errno) => {
                p.complain(&format!("{name}: {}", errno.text())).await?;
                self.status = if errno == Errno::Noent { 127 } else { 126 };
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_with_quotes() {
        let check = |text: &str, by_line: bool, expect: Result<&str, &str>| {
            let mut reader = Reader { how: Words::Quoted, by_line, end: None, word: None, quote: None, escaped: false };
            let mut found = Vec::new();
            let read = reader.take(text.as_bytes(), &mut found).and_then(|()| reader.finish(&mut found));
            let shown = read.map(|()| {
                let shown = found.iter().map(|token| match token {
                    Token::Word(word) => format!("<{word}>"),
                    Token::Line => "|".to_owned(),
                    Token::End => "end".to_owned(),
                });
                shown.collect::<String>()
            });
            assert_eq!(shown.as_deref().map_err(|text| &text[..16]), expect, "{text:?}");
        };
        check("a b\nc", false, Ok("<a><b>|<c>"));
        check("'a b' \"c d\" e\\ f\n", false, Ok("<a b><c d><e f>|"));
        check("  a b \n", true, Ok("<a b >|"));
        check("''", false, Ok("<>"));
        check("it's\n", false, Err("unmatched single"));
        assert_eq!(["\\n", ",", "\\0", "\\x41", "ab"].map(delimiter), [Some(10), Some(44), Some(0), Some(65), None]);
    }
}
