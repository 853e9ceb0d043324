//! Writes a session as a transcript: `--echo` to standard output, `--record` to a file. It puts in the backslashes which
//! keep printed lines from reading as something else, and keeps only what a counter came to. Design section 5.

use std::io::{self, Write};

use crate::sim::{Instant, Span};
use crate::transcript::quoted;

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
    fn text(&self) -> String {
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
        add("disc", self.disc.clone());
        add("normalize", self.timed.then(|| "timestamps".to_owned()));
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
    trouble: Option<io::Error>,
}

#[derive(Default)]
struct Login {
    text: String,
    /// Where the first question for a secret stands.
    asked: Option<usize>,
}

impl Scribe {
    /// Begins a transcript.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, head: &Head) -> Self {
        let mut scribe =
            Self { out, line: String::new(), written: 0, prompts: Vec::new(), login: None, logins: 0, trouble: None };
        scribe.write(&head.text());
        scribe
    }

    /// A login begins.
    pub fn login(&mut self) {
        self.release();
        self.fresh_line();
        self.login = Some(Login::default());
        self.logins += 1;
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
        self.shown(reply);
    }

    /// A key was pressed, or the director spoken to, while a command ran, `since` the last that was typed. What the command
    /// had printed of its line stands before it; the rest goes on below.
    pub fn meanwhile(&mut self, since: Span, typed: &str, reply: &str) {
        self.line.push_str(&format!("+{}{typed}", since.exact()));
        self.end_line(true);
        self.shown(reply);
    }

    /// The director was spoken to where a command asked, and answered. The question is `still` open, or not.
    pub fn directed_at_question(&mut self, line: &str, reply: &str, still: bool) {
        let question = self.line.clone();
        self.line.push_str(line);
        self.end_line(true);
        self.shown(reply);
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
            self.line = format!("%advance {}", span.exact());
            self.end_line(false);
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

/// Whether a printed line would read as something else than a shown line, or as something typed at a prompt.
fn needs_quote(line: &str, prompts: &[String]) -> bool {
    let prompt = prompts.iter().any(|prompt| line.starts_with(prompt.as_str()));
    quoted(line, prompt).len() > line.len()
}
