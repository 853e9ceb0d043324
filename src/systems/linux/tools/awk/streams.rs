//! What awk reads and writes: its records, files and commands of `getline`, redirections of `print`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::code::{Stream, Target};
use super::run::{ARGC, ARGV, ERRNO, FILENAME, FNR, Machine, NR, OFMT, OFS, ORS, RS, RT};
use super::run::{Done, Stop};
use super::value::{Text, Value};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, HELD, Mode};
use crate::systems::linux::tools::host::{Host, Reader};

/// Where a redirection writes to.
#[derive(Debug)]
enum Output {
    File(u32),
    /// A command gets all of it when it is closed.
    Command(Vec<u8>),
}

/// What is open.
#[derive(Debug, Default)]
pub struct Streams {
    /// The file whose records are read.
    main: Option<Reader>,
    /// The next operand.
    operand: usize,
    /// Whether any operand was a file.
    any: bool,
    through: bool,
    readers: BTreeMap<Text, Reader>,
    statuses: BTreeMap<Text, u8>,
    outputs: BTreeMap<Text, Output>,
    /// Commands in the order in which they were first written to.
    order: Vec<Text>,
    /// What is held back of standard output.
    held: Vec<u8>,
}

impl<H: Host> Machine<'_, H> {
    /// Writes what is held back.
    pub(super) async fn flush(&mut self) -> Result<(), Cut> {
        let bytes = std::mem::take(&mut self.streams.held);
        self.host.write(1, &bytes).await
    }

    /// Closes everything at the end.
    pub(super) async fn finish(&mut self) -> Done<()> {
        self.flush().await?;
        for name in std::mem::take(&mut self.streams.order) {
            self.close(&name).await?;
        }
        Ok(())
    }

    pub(super) async fn say(&mut self, text: &str) -> Result<(), Cut> {
        self.flush().await?;
        self.host.write(2, format!("awk: {text}\n").as_bytes()).await
    }

    /// The next record of the files, as `$0`; `false` at the end.
    pub(super) async fn next_record(&mut self) -> Done<bool> {
        let Some(record) = self.main_record().await? else { return Ok(false) };
        self.set_record(record)?;
        Ok(true)
    }

    /// Leaves the rest of the file.
    pub(super) fn next_file(&mut self) {
        if let Some(reader) = self.streams.main.take()
            && reader.fd > 2
        {
            self.host.close(reader.fd);
        }
    }

    async fn main_record(&mut self) -> Done<Option<Text>> {
        loop {
            if let Some(mut reader) = self.streams.main.take() {
                let record = self.record_of(&mut reader).await?;
                if let Some((record, end)) = record {
                    self.streams.main = Some(reader);
                    self.globals[RT] = Value::text(&end);
                    self.count(NR);
                    self.count(FNR);
                    return Ok(Some(Arc::from(record)));
                }
                if reader.fd > 2 {
                    self.host.close(reader.fd);
                }
            }
            if !self.open_next().await? {
                return Ok(None);
            }
        }
    }

    fn count(&mut self, at: usize) {
        self.globals[at] = Value::Number(self.globals[at].number() + 1.0);
    }

    /// Opens the file of the next operand; `false` when there is none.
    async fn open_next(&mut self) -> Done<bool> {
        if self.streams.through {
            return Ok(false);
        }
        loop {
            self.host.tick().await?;
            self.streams.operand += 1;
            if self.streams.operand as f64 >= self.globals[ARGC].number() {
                self.streams.through = true;
                if self.streams.any {
                    return Ok(false);
                }
                self.streams.main = Some(Reader::new(0));
                self.globals[FNR] = Value::Number(0.0);
                return Ok(true);
            }
            let key: Text = Arc::from(self.streams.operand.to_string().as_bytes());
            let Value::Array(array) = self.globals[ARGV] else { return Ok(false) };
            if !self.arrays[array].has(&key) {
                continue;
            }
            let operand = self.arrays[array].get(&key);
            let operand = String::from_utf8_lossy(&self.text_of(&operand)).into_owned();
            if operand.is_empty() {
                continue;
            }
            if let Some((name, value)) = assignment(&operand) {
                self.assign(name, value.as_bytes())?;
                continue;
            }
            self.streams.any = true;
            self.globals[FNR] = Value::Number(0.0);
            let opened = match operand.as_str() {
                "-" | "/dev/stdin" => Ok(0),
                name => self.host.open(name, Mode::Read),
            };
            match opened {
                Ok(fd) => {
                    self.streams.main = Some(Reader::new(fd));
                    self.globals[FILENAME] = Value::input(operand.as_bytes());
                    return Ok(true);
                }
                Err(crate::systems::linux::fs::Errno::Isdir) => {
                    let text = format!("warning: command line argument `{operand}' is a directory: skipped");
                    self.say(&text).await?;
                }
                Err(errno) => {
                    let text = format!("fatal: cannot open file `{operand}' for reading ({})", errno.text());
                    return Err(Stop::Fatal(text));
                }
            }
        }
    }

    /// The next record of a file and what ended it.
    async fn record_of(&mut self, reader: &mut Reader) -> Done<Option<(Vec<u8>, Vec<u8>)>> {
        let separator = self.global_text(RS);
        let regex = if separator.len() > 1 { Some(self.regex(&separator)?) } else { None };
        let mut seen = 0;
        loop {
            if separator.is_empty() {
                let newlines = reader.rest().iter().take_while(|byte| **byte == b'\n').count();
                if seen == 0 && newlines > 0 {
                    reader.take(newlines);
                    continue;
                }
            }
            let rest = reader.rest();
            self.owed_for(rest.len() - seen);
            let found = match (&regex, &*separator) {
                (Some(regex), _) => {
                    let found = regex.find_at(rest, 0).filter(|found| !found.is_empty());
                    // What touches the end of what is read may go on in what is not.
                    found.filter(|found| reader.ended() || found.end < rest.len())
                }
                (None, []) => {
                    let at = rest.windows(2).position(|pair| pair == b"\n\n");
                    at.map(|at| at..at + rest[at..].iter().take_while(|byte| **byte == b'\n').count())
                        .filter(|found| reader.ended() || found.end < rest.len())
                }
                (None, separator) => {
                    rest[seen..].iter().position(|byte| *byte == separator[0]).map(|at| seen + at..seen + at + 1)
                }
            };
            if let Some(found) = found {
                let record = reader.take(found.start);
                let end = reader.take(found.len());
                return Ok(Some((record, end)));
            }
            if reader.ended() {
                if rest.is_empty() {
                    return Ok(None);
                }
                let mut record = reader.take(rest.len());
                let mut end = Vec::new();
                if separator.is_empty() || regex.is_some() && *separator == *b"\n" {
                    while record.last() == Some(&b'\n') {
                        record.pop();
                        end.push(b'\n');
                    }
                }
                return Ok(Some((record, end)));
            }
            // A pattern may begin before what was read; paragraphs may too.
            seen = if separator.len() == 1 { rest.len() } else { 0 };
            self.flush().await?;
            self.settle().await?;
            reader.more(self.host, None).await?;
        }
    }

    fn owed_for(&mut self, bytes: usize) {
        self.work(bytes / 64);
    }

    /// `getline`
    pub(super) async fn getline(&mut self, stream: Stream, target: Option<Target>) -> Done<()> {
        let keyed = matches!(target, Some(Target::Element(_) | Target::Field));
        let key = if keyed && stream != Stream::File { Some(self.pop()) } else { None };
        let name = if stream == Stream::Main { None } else { Some(self.pop_text()) };
        let key = if keyed && stream == Stream::File { Some(self.pop()) } else { key };
        let record = match &name {
            None => self.main_record().await?,
            Some(name) => {
                if !self.open_reader(name, stream).await? {
                    self.push(Value::Number(-1.0));
                    return Ok(());
                }
                let Some(mut reader) = self.streams.readers.remove(name) else { return Ok(()) };
                let record = self.record_of(&mut reader).await?;
                self.streams.readers.insert(Arc::clone(name), reader);
                if record.is_some() && stream == Stream::Pipe {
                    self.count(NR);
                }
                record.map(|(record, end)| {
                    self.globals[RT] = Value::text(&end);
                    Arc::from(record)
                })
            }
        };
        let Some(record) = record else {
            self.push(Value::Number(0.0));
            return Ok(());
        };
        match target {
            None => self.set_record(record)?,
            Some(target) => {
                self.stack.extend(key);
                self.store(target, Value::Input(record))?;
            }
        }
        self.push(Value::Number(1.0));
        Ok(())
    }

    /// Opens what `getline` reads, unless it is open; `false` when it cannot be.
    async fn open_reader(&mut self, name: &Text, stream: Stream) -> Done<bool> {
        if self.streams.readers.contains_key(name) {
            return Ok(true);
        }
        let text = String::from_utf8_lossy(name).into_owned();
        let reader = if stream == Stream::Pipe {
            self.flush().await?;
            let (status, output) = self.host.shell(&text, None, true).await?;
            self.streams.statuses.insert(Arc::clone(name), status);
            Reader::of(output)
        } else {
            match text.as_str() {
                "-" | "/dev/stdin" => Reader::new(0),
                name => match self.host.open(name, Mode::Read) {
                    Ok(fd) => Reader::new(fd),
                    Err(errno) => {
                        self.globals[ERRNO] = Value::text(errno.text().as_bytes());
                        return Ok(false);
                    }
                },
            }
        };
        self.streams.readers.insert(Arc::clone(name), reader);
        Ok(true)
    }

    /// Writes to where `print` says; the name of a redirection is on the stack.
    async fn put(&mut self, name: Option<Text>, stream: Stream, bytes: Vec<u8>) -> Done<()> {
        self.work(bytes.len() / 64);
        let name = match name {
            Some(name) if &*name == b"/dev/stderr" => {
                if !self.host.holds_output() {
                    self.flush().await?;
                }
                return Ok(self.host.write(2, &bytes).await?);
            }
            Some(name) if &*name != b"/dev/stdout" && &*name != b"-" => name,
            _ => {
                self.streams.held.extend_from_slice(&bytes);
                if self.streams.held.len() > CHUNK {
                    self.flush().await?;
                }
                return Ok(());
            }
        };
        if !self.streams.outputs.contains_key(&name) {
            let output = if stream == Stream::Pipe {
                Output::Command(Vec::new())
            } else {
                let mode = if stream == Stream::Append { Mode::Append } else { Mode::Write };
                let path = String::from_utf8_lossy(&name).into_owned();
                match self.host.open(&path, mode) {
                    Ok(fd) => Output::File(fd),
                    Err(errno) => {
                        return self.fatal(&format!("can't redirect to `{path}' ({})", errno.text()));
                    }
                }
            };
            self.streams.outputs.insert(Arc::clone(&name), output);
            self.streams.order.push(Arc::clone(&name));
        }
        match self.streams.outputs.get_mut(&name) {
            Some(Output::File(fd)) => self.host.write(*fd, &bytes).await?,
            Some(Output::Command(text)) => {
                text.extend_from_slice(&bytes);
                if text.len() > HELD {
                    return Err(Stop::Cut(Cut::Limit("held output")));
                }
            }
            None => {}
        }
        Ok(())
    }

    /// `print`
    pub(super) async fn print(&mut self, count: usize, stream: Stream) -> Done<()> {
        let name = if stream == Stream::Main { None } else { Some(self.pop_text()) };
        let mut bytes = Vec::new();
        if count == 0 {
            bytes.extend_from_slice(&self.whole_record());
        }
        let format = self.globals[OFMT].to_text(b"%.6g");
        let separator = self.global_text(OFS);
        let from = self.stack.len() - count;
        for (at, value) in self.stack.split_off(from).into_iter().enumerate() {
            if at > 0 {
                bytes.extend_from_slice(&separator);
            }
            bytes.extend_from_slice(&value.to_text(&format));
        }
        bytes.extend_from_slice(&self.global_text(ORS));
        self.put(name, stream, bytes).await
    }

    /// `printf`
    pub(super) async fn printf(&mut self, count: usize, stream: Stream) -> Done<()> {
        let name = if stream == Stream::Main { None } else { Some(self.pop_text()) };
        let bytes = self.formatted(count)?;
        self.put(name, stream, bytes).await
    }

    /// A format and its values, which are on the stack.
    pub(super) fn formatted(&mut self, count: usize) -> Done<Vec<u8>> {
        let from = self.stack.len() - count;
        let values = self.stack.split_off(from);
        let form = self.text_of(&values[0]);
        let format = self.conversion();
        match super::format::format(&form, &values[1..], &format) {
            Ok(bytes) => {
                self.work(bytes.len() / 64);
                Ok(bytes)
            }
            Err(text) => {
                let form = String::from_utf8_lossy(&form).into_owned();
                self.fatal(&format!("{text}\n\t`{form}'\n\t{}^ ran out for this one", " ".repeat(form.len())))
            }
        }
    }

    /// `close`: the status of a command, -1 when nothing of that name is open.
    pub(super) async fn close(&mut self, name: &Text) -> Done<f64> {
        let mut status = -1.0;
        if let Some(reader) = self.streams.readers.remove(name) {
            if reader.fd > 2 {
                self.host.close(reader.fd);
            }
            status = f64::from(self.streams.statuses.remove(name).unwrap_or(0));
        }
        match self.streams.outputs.remove(name) {
            Some(Output::File(fd)) => {
                self.host.close(fd);
                status = 0.0;
            }
            Some(Output::Command(text)) => {
                self.flush().await?;
                let command = String::from_utf8_lossy(name).into_owned();
                status = f64::from(self.host.shell(&command, Some(text), false).await?.0);
            }
            None => {}
        }
        self.streams.order.retain(|own| own != name);
        Ok(status)
    }
}

/// `name=value`
pub(super) fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
    (first && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')).then_some((name, value))
}
