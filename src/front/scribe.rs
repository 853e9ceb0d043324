//! Writes a session as a transcript: `--echo` to standard output, `--record` to a file. It puts in the backslashes which
//! keep printed lines from reading as something else, and keeps only what a counter came to. Design section 5.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use crate::director;
use crate::sim::{Instant, Span};
use crate::transcript::{disc_remark, quoted};

/// What stands in the head of a transcript.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The lab, as it was named.
    pub lab: String,
    /// The machine, if one was named.
    pub machine: Option<String>,
    /// Virtual time at the beginning.
    pub start: Option<Instant>,
    /// The seed, if one was given.
    pub seed: Option<u64>,
    /// The size of the terminal, if it is not 80x24.
    pub terminal: Option<(u16, u16)>,
    /// The disc, if one was put into the drive.
    pub disc: Option<String>,
    /// Whether stamps depend on how fast a person typed.
    pub timed: bool,
    /// A remark of free text.
    pub remark: Option<String>,
}

impl Head {
    fn text(&self, place: Option<&Path>) -> String {
        let mut text = format!("# lab: {}\n", self.lab);
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!("# {key}: {value}\n"));
            }
        };
        add("machine", self.machine.clone());
        add("start", self.start.map(|start| start.to_string()));
        add("seed", self.seed.map(|seed| seed.to_string()));
        add("terminal", self.terminal.map(|(columns, rows)| format!("{columns}x{rows}")));
        if let Some(disc) = &self.disc {
            text.push_str(&format!("{}\n", named(disc, place)));
        }
        if self.timed {
            text.push_str("# normalize: timestamps\n");
        }
        if let Some(remark) = &self.remark {
            text.push_str(&format!("# {remark}\n"));
        }
        text
    }
}

/// Writes one transcript.
pub struct Scribe {
    out: Box<dyn Write + Send>,
    /// The line that has no end yet, as it shall stand in the transcript.
    line: String,
    /// How much of it was written out already.
    written: usize,
    /// Prompts that were seen: a printed line that starts with one must be quoted.
    prompts: Vec<String>,
    /// Everything since a login began. What its password dialogue showed is taken out when the first secret was typed,
    /// because a transcript's login asks none.
    login: Option<Login>,
    /// How many sessions were opened.
    logins: u32,
    /// The director line of a login that was denied: it is written with the next one.
    denied_by: Option<String>,
    /// The file that is written, if it is one.
    place: Option<PathBuf>,
    /// The discs that were named.
    discs: Vec<String>,
    trouble: Option<io::Error>,
}

#[derive(Default)]
struct Login {
    /// The director line that opened it, if one did.
    by: Option<String>,
    text: String,
    /// Where the first question for a secret stands.
    asked: Option<usize>,
}

impl Scribe {
    /// Begins a transcript; in the file at `place`, if it is one.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, head: &Head, place: Option<&Path>) -> Self {
        let mut scribe = Self {
            out,
            line: String::new(),
            written: 0,
            prompts: Vec::new(),
            login: None,
            logins: 0,
            denied_by: None,
            place: place.map(Path::to_owned),
            discs: head.disc.iter().cloned().collect(),
            trouble: None,
        };
        scribe.write(&head.text(place));
        scribe
    }

    /// A login begins.
    pub fn login(&mut self) {
        self.release();
        self.fresh_line();
        self.login = Some(Login { by: self.denied_by.take(), ..Login::default() });
        self.logins += 1;
    }

    /// A login begins at the word of the director. `prompt` is what the session shows, if it does.
    pub fn login_by(&mut self, prompt: Option<&str>, line: &str) {
        self.show_login(prompt);
        self.denied_by = Some(line.to_owned());
        self.login();
    }

    /// The login did not come to its prompt, because of a secret or at the question for one. A transcript's login asks
    /// none: in a replay this one would be let in, so it is left out.
    pub fn leave_login_out(&mut self) {
        let Some(login) = self.login.take() else { return };
        self.denied_by = login.by;
        self.logins -= 1;
        self.line.clear();
        self.remark("# a login that did not come to its prompt is left out");
    }

    /// In its login a person put right what these faults stood for, as for an expired password. A transcript's login asks
    /// nothing, so there the director does it.
    pub fn put_right(&mut self, faults: &[u32]) {
        for number in faults {
            self.write(&format!("# the login put this right\n%fault clear {number}\nappsh: 1 cleared\n"));
        }
    }

    /// The session printed this.
    pub fn shown(&mut self, text: &str) {
        for piece in text.split_inclusive(['\n', '\u{8}']) {
            if let Some(whole) = piece.strip_suffix('\n') {
                self.line.push_str(whole);
                self.end_line(true);
            } else if let Some(taken_back) = piece.strip_suffix('\u{8}') {
                self.line.push_str(taken_back);
                // What was written out cannot be taken back; only a terminal is sent backspaces, and there nothing was.
                if self.line.len() > self.written {
                    self.line.pop();
                }
            } else {
                self.line.push_str(piece);
            }
        }
    }

    /// A line was typed at a prompt.
    pub fn typed(&mut self, prompt: &str, line: &str) {
        self.release();
        if !self.prompts.iter().any(|known| known == prompt.trim_end()) {
            self.prompts.push(prompt.trim_end().to_owned());
        }
        self.line.push_str(prompt);
        self.line.push_str(line);
        self.end_line(false);
    }

    /// Something was typed where a command asked.
    pub fn answered(&mut self, answer: &str) {
        self.line.push_str(answer);
        self.end_line(true);
    }

    /// A secret was typed: neither it nor, at a login, the question belongs into a transcript.
    pub fn secret(&mut self) {
        let Some(login) = &mut self.login else { return self.end_line(true) };
        self.line.clear();
        let asked = *login.asked.get_or_insert(login.text.len());
        login.text.truncate(asked);
    }

    /// The director was spoken to, and answered. `prompt` is what the session shows, if it does.
    pub fn directed(&mut self, prompt: Option<&str>, line: &str, reply: &str) {
        self.show_login(prompt);
        self.fresh_line();
        self.line.push_str(line);
        self.end_line(false);
        self.reply(line, reply);
    }

    /// What the director answered. A file that it was given is named below, for else no replay may read it; above, it could
    /// be read as one of the head, which is in the drive from the start.
    fn reply(&mut self, line: &str, reply: &str) {
        self.shown(reply);
        let Some(disc) = director::disc::attached(line).filter(|disc| !self.discs.contains(disc)) else { return };
        self.line = named(&disc, self.place.as_deref());
        self.end_line(false);
        self.discs.push(disc);
    }

    /// A key was pressed, or the director spoken to, while a command ran, `since` the last that was typed. What the command
    /// had printed of its line stands before it; the rest goes on below.
    pub fn meanwhile(&mut self, since: Span, typed: &str, reply: &str) {
        self.line.push_str(&format!("+{}{typed}", since.exact()));
        self.end_line(true);
        self.reply(typed, reply);
    }

    /// The director was spoken to where a command asked, and answered. The question is `still` open, or not.
    pub fn directed_at_question(&mut self, line: &str, reply: &str, still: bool) {
        let question = self.line.clone();
        self.line.push_str(line);
        self.end_line(true);
        self.reply(line, reply);
        if still {
            self.line.push_str(&question);
        }
    }

    /// A remark from the script.
    pub fn remark(&mut self, line: &str) {
        self.release();
        self.fresh_line();
        self.line.push_str(line);
        self.end_line(false);
    }

    /// Who replays a transcript logs in when it begins, and later only where a prompt says so: a bare one does.
    fn show_login(&mut self, prompt: Option<&str>) {
        match prompt {
            Some(prompt) if self.login.is_some() && self.logins > 1 => self.typed(prompt, ""),
            _ => self.release(),
        }
    }

    /// Virtual time passed while nothing was typed.
    pub fn passed(&mut self, prompt: Option<&str>, span: Span) {
        if span > Span::ZERO && self.line.is_empty() {
            self.show_login(prompt);
            self.line = advance(span);
            self.end_line(false);
        }
    }

    /// Virtual time passed at an open question.
    pub fn passed_at_question(&mut self, span: Span) {
        if span > Span::ZERO {
            self.directed_at_question(&advance(span), "", true);
        }
    }

    /// Writes out what there is of an unfinished line, because somebody may look at it before answering.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.written < self.line.len() && self.login.is_none() {
            if self.written == 0 && self.needs_quote() {
                self.write("\\");
            }
            let rest = self.line[self.written..].to_owned();
            self.write(&rest);
            self.written = self.line.len();
        }
        self.sync()
    }

    /// Hands over what was written; an unfinished line is not.
    pub fn sync(&mut self) -> io::Result<()> {
        match self.trouble.take() {
            Some(trouble) => Err(trouble),
            None => self.out.flush(),
        }
    }

    /// Ends the transcript.
    pub fn finish(&mut self) -> io::Result<()> {
        self.release();
        self.fresh_line();
        self.flush()
    }

    fn fresh_line(&mut self) {
        if !self.line.is_empty() {
            self.end_line(true);
        }
    }

    fn end_line(&mut self, printed: bool) {
        let mut line = std::mem::take(&mut self.line);
        let quoted = self.written == 0 && printed && needs_quote(&line, &self.prompts);
        line.push('\n');
        let rest = line.split_off(std::mem::take(&mut self.written).min(line.len()));
        if quoted {
            self.put("\\");
        }
        self.put(&rest);
        line.clear();
        self.line = line;
    }

    fn needs_quote(&self) -> bool {
        needs_quote(&self.line, &self.prompts)
    }

    fn release(&mut self) {
        if let Some(login) = self.login.take() {
            if let Some(line) = login.by {
                self.write(&format!("{line}\n"));
            }
            self.write(&login.text);
        }
    }

    fn put(&mut self, text: &str) {
        match &mut self.login {
            Some(login) => login.text.push_str(text),
            None => self.write(text),
        }
    }

    fn write(&mut self, text: &str) {
        if let Err(trouble) = self.out.write_all(text.as_bytes()) {
            self.trouble.get_or_insert(trouble);
        }
    }
}

/// The director line that lets time pass.
fn advance(span: Span) -> String {
    format!("%advance {}", span.exact())
}

/// The remark that names a disc in a transcript at `place`.
fn named(disc: &str, place: Option<&Path>) -> String {
    disc_remark(disc, &place.map_or_else(|| disc.to_owned(), |place| seen_from(place, disc)))
}

/// A file of the host as it is named from the folder of the recording, where a replay looks for it.
pub(super) fn seen_from(recording: &Path, path: &str) -> String {
    let folder = recording.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Some(file), Ok(here)) =
        (folder.canonicalize(), whole_path(Path::new(path)), Path::new(".").canonicalize())
    else {
        return path.to_owned();
    };
    if folder == here || Path::new(path).is_absolute() {
        return path.to_owned();
    }
    let same = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(same).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(file.components().skip(same)).collect();
    way.to_str().unwrap_or(path).to_owned()
}

/// Where a file is, or would be if it were there.
fn whole_path(path: &Path) -> Option<PathBuf> {
    let folder = || Some(Path::new(".").join(path).parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(folder)
}

/// Whether a printed line would read as something else than a shown line, or as something typed at a prompt.
fn needs_quote(line: &str, prompts: &[String]) -> bool {
    let prompt = prompts.iter().any(|prompt| line.starts_with(prompt.as_str()));
    quoted(line, prompt).len() > line.len()
}
