//! The lines that `sed` works through: of one file after the other, or of each on its own.

use std::collections::VecDeque;

use super::super::host::{Host, Reader};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Mode;

/// Why there is no next line.
pub enum Stop {
    /// All has been read.
    End,
    /// Nothing goes on after this: the complaint and the exit status.
    Trouble(String, u8),
    /// The program is cut off.
    Cut(Cut),
}

impl From<Cut> for Stop {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

/// A line, and what it is.
#[derive(Debug, Default)]
pub struct Line {
    /// The line without its end.
    pub text: Vec<u8>,
    /// Whether it had an end.
    pub terminated: bool,
}

/// What is read.
#[derive(Debug)]
pub struct Input {
    files: VecDeque<String>,
    open: Option<Reader>,
    /// The file at hand; `-` for standard input.
    pub name: String,
    /// The number of the last line.
    pub number: u64,
    delimiter: u8,
    /// Each file on its own.
    separate: bool,
    careful: bool,
    /// A file could not be read.
    pub failed: bool,
    /// A file has begun whose lines count anew.
    pub begun: bool,
    /// A file is to be edited in place, and this one is finished.
    pub finished: bool,
}

impl Input {
    /// Reads these files.
    pub fn new(files: &[String], delimiter: u8, separate: bool, careful: bool) -> Self {
        let files = if files.is_empty() { VecDeque::from(["-".to_owned()]) } else { files.iter().cloned().collect() };
        Self {
            files,
            open: None,
            name: "-".to_owned(),
            number: 0,
            delimiter,
            separate,
            careful,
            failed: false,
            begun: false,
            finished: false,
        }
    }

    /// The next line. Complaints about files that are left out go to `complaints`.
    pub async fn next<H: Host>(&mut self, host: &mut H, complaints: &mut Vec<String>) -> Result<Line, Stop> {
        loop {
            if let Some(reader) = &mut self.open {
                if let Some((text, terminated)) = reader.line(host, self.delimiter).await? {
                    self.number += 1;
                    return Ok(Line { text, terminated });
                }
                self.close(host);
                self.finished = true;
                if self.separate {
                    // What was written in place of this file is put there first.
                    return Err(Stop::End);
                }
            }
            self.open_next(host, complaints)?;
        }
    }

    /// Opens the next file that can be opened.
    pub fn open_next<H: Host>(&mut self, host: &mut H, complaints: &mut Vec<String>) -> Result<(), Stop> {
        let Some(name) = self.files.pop_front() else { return Err(Stop::End) };
        let fd = if name == "-" || name == "/dev/stdin" { Ok(0) } else { host.open(&name, Mode::Read) };
        match fd {
            Ok(fd) => {
                let mut reader = Reader::new(fd);
                reader.careful = self.careful;
                self.open = Some(reader);
                self.name = name;
                self.begun = true;
                if self.separate {
                    self.number = 0;
                }
                Ok(())
            }
            Err(crate::systems::linux::fs::Errno::Isdir) => {
                Err(Stop::Trouble(format!("read error on {name}: Is a directory"), 4))
            }
            Err(errno) => {
                complaints.push(format!("can't read {name}: {}", errno.text()));
                self.failed = true;
                Ok(())
            }
        }
    }

    /// Leaves the rest of the file at hand.
    pub fn close<H: Host>(&mut self, host: &mut H) {
        if let Some(reader) = self.open.take()
            && reader.fd > 2
        {
            host.close(reader.fd);
        }
    }

    /// Whether more files are to come.
    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Whether the line at hand is the last one: nothing comes in this file, nor in those behind it.
    pub async fn is_last<H: Host>(&mut self, host: &mut H) -> Result<bool, Cut> {
        if let Some(reader) = &mut self.open
            && !reader.is_through(host, self.delimiter).await?
        {
            return Ok(false);
        }
        if self.separate {
            return Ok(true);
        }
        for at in 0..self.files.len() {
            let name = self.files[at].clone();
            if name == "-" {
                return Ok(false);
            }
            let Ok(fd) = host.open(&name, Mode::Read) else { continue };
            let through = Reader::new(fd).is_through(host, self.delimiter).await;
            host.close(fd);
            if !through? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
