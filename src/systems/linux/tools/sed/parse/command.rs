//! The commands of a script, each with what stands behind its letter.

use super::{Parsed, Parser};
use crate::systems::linux::tools::sed::script::Act;
use crate::systems::linux::tools::sed::{escape, substitute};

impl Parser<'_> {
    pub(super) fn act(&mut self, letter: u8, addresses: usize) -> Parsed<Act> {
        let most = match letter {
            b':' | b'}' | b'#' => 0,
            b'q' | b'Q' => 1,
            _ => 2,
        };
        if addresses > most {
            let text = match letter {
                b':' => ": doesn't want any addresses",
                b'}' => "unexpected `}'",
                b'#' => "comments don't accept any addresses",
                _ => "command only uses one address",
            };
            return self.wrong(text);
        }
        if self.dialect.sandbox && matches!(letter, b'e' | b'r' | b'R' | b'w' | b'W') {
            return self.wrong("e/r/w commands disabled in sandbox mode");
        }
        let here = self.script.commands.len();
        let simple = match letter {
            b'{' => {
                self.open.push((here, self.at));
                return Ok(Act::Open(here));
            }
            b'}' => {
                let Some((begin, _)) = self.open.pop() else { return self.wrong("unexpected `}'") };
                self.script.commands[begin].act = Act::Open(here);
                Act::Nothing
            }
            b':' => return self.label_here(here),
            b'b' | b't' | b'T' => return Ok(self.jump(letter, here)),
            b'a' | b'i' | b'c' => return self.text_command(letter),
            b'r' | b'R' | b'w' | b'W' => return self.file_command(letter),
            b's' => return self.substitute(),
            b'y' => self.translate()?,
            b'q' | b'Q' | b'l' | b'L' => {
                self.blanks();
                let number = self.number();
                let status = u8::try_from(number.unwrap_or(0) & 0xff).unwrap_or(0);
                match letter {
                    b'l' => Act::List(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))),
                    letter => Act::Quit(letter == b'q', status),
                }
            }
            b'v' => {
                let version = self.word();
                if later(&version) {
                    return self.wrong("expected newer version of sed");
                }
                Act::Nothing
            }
            b'e' => {
                while self.next_if(|byte| byte != b'\n').is_some() {}
                Act::Execute
            }
            b'=' => Act::Number,
            b'd' => Act::Delete,
            b'D' => Act::DeleteFirst,
            b'F' => Act::FileName,
            b'g' | b'G' => Act::Get(letter == b'G'),
            b'h' | b'H' => Act::Hold(letter == b'H'),
            b'n' => Act::Next,
            b'N' => Act::NextToo,
            b'p' => Act::Print,
            b'P' => Act::PrintFirst,
            b'x' => Act::Exchange,
            b'z' => Act::Zap,
            letter => {
                return self.wrong(&format!("unknown command: `{}'", char::from(letter)));
            }
        };
        self.ended()?;
        Ok(simple)
    }

    /// A word up to a blank, a semicolon or the end of a block.
    fn word(&mut self) -> Vec<u8> {
        self.blanks();
        let begin = self.at;
        while self.next_if(|byte| !byte.is_ascii_whitespace() && !b";}".contains(&byte)).is_some() {}
        self.text[begin..self.at].to_vec()
    }

    fn label_here(&mut self, here: usize) -> Parsed<Act> {
        let label = self.word();
        if label.is_empty() {
            return self.wrong("\":\" lacks a label");
        }
        self.blanks();
        self.labels.insert(label, here);
        Ok(Act::Nothing)
    }

    fn jump(&mut self, letter: u8, here: usize) -> Act {
        let label = self.word();
        if !label.is_empty() {
            self.jumps.push((here, label));
        }
        match letter {
            b'b' => Act::Branch(None),
            letter => Act::Test(letter == b't', None),
        }
    }

    fn text_command(&mut self, letter: u8) -> Parsed<Act> {
        const EXPECTED: &str = "expected \\ after `a', `c' or `i'";
        self.blanks();
        if self.peek().is_none_or(|byte| byte == b'\n') {
            return self.wrong(EXPECTED);
        }
        if self.next_if(|byte| byte == b'\\').is_some() {
            let kept = self.at;
            self.blanks();
            if self.next_if(|byte| byte == b'\n').is_none() {
                self.at = kept;
            }
        }
        // Behind `a\` nothing may follow at all: then there is no line.
        let line: &[u8] = if self.peek().is_some() { b"\n" } else { b"" };
        let mut text = Vec::new();
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                b'\\' => match self.next() {
                    None => {}
                    Some(b'\n') => text.push(b'\n'),
                    Some(next) => text.extend([b'\\', next]),
                },
                byte => text.push(byte),
            }
        }
        let mut text = escape::plain(&text);
        text.extend(line);
        Ok(match letter {
            b'a' => Act::Append(text),
            b'i' => Act::Insert(text),
            _ => Act::Change(text),
        })
    }

    /// A file name, which goes to the end of the line.
    fn file_name(&mut self) -> Parsed<String> {
        self.blanks();
        let begin = self.at;
        while self.next_if(|byte| byte != b'\n').is_some() {}
        if begin == self.at {
            return self.wrong("missing filename in r/R/w/W commands");
        }
        Ok(String::from_utf8_lossy(&self.text[begin..self.at]).into_owned())
    }

    /// A file that is written to: its place among those.
    pub(in super::super) fn written(&mut self) -> Parsed<usize> {
        let name = self.file_name()?;
        let known = self.script.written.iter().position(|written| *written == name);
        Ok(known.unwrap_or_else(|| {
            self.script.written.push(name);
            self.script.written.len() - 1
        }))
    }

    fn file_command(&mut self, letter: u8) -> Parsed<Act> {
        Ok(match letter {
            b'r' => Act::ReadFile(self.file_name()?),
            b'R' => Act::ReadLine(self.file_name()?),
            letter => Act::Write(self.written()?, letter == b'W'),
        })
    }

    fn substitute(&mut self) -> Parsed<Act> {
        let substitute = substitute::parse(self)?;
        self.ended()?;
        Ok(Act::Substitute(Box::new(substitute)))
    }

    fn translate(&mut self) -> Parsed<Act> {
        const UNTERMINATED: &str = "unterminated `y' command";
        let delimiter = self.next().filter(|byte| *byte != b'\n' && *byte != b'\\');
        let Some(delimiter) = delimiter else { return self.wrong(UNTERMINATED) };
        let Some(from) = self.slashed(delimiter, false) else { return self.wrong(UNTERMINATED) };
        let Some(to) = self.slashed(delimiter, false) else { return self.wrong(UNTERMINATED) };
        let characters = |text: &[u8]| escape::characters(&escape::plain(text));
        let (from, to) = (characters(&from), characters(&to));
        if from.len() != to.len() {
            return self.wrong("strings for `y' command are different lengths");
        }
        Ok(Act::Translate(from.into_iter().zip(to).collect()))
    }
}

/// Whether a version is later than ours.
fn later(version: &[u8]) -> bool {
    let text = String::from_utf8_lossy(version);
    let mut numbers = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) > (4, 5)
}
