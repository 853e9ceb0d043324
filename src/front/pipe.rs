//! Lines from a script, a pipe or `-c`, typed one after another. What comes out is what the sessions print, nothing else;
//! with `--echo`, a transcript. Design section 4.

use std::io::{self, BufWriter, Write};
use std::ops::Range;

use super::Trouble;
use super::desk::{Desk, Then};
use super::input::{Input, Key};
use crate::director::Pace;
use crate::lab::Waits;
use crate::operator::State;
use crate::transcript::Typed;
use crate::world::Closed;

/// As much output is gathered before it is written, unless somebody waits for it.
const BUFFER: usize = 1 << 17;

/// More shells than anybody stacks in one session: input ends in all of them.
const DEEPEST: usize = 64;

/// Types lines into a lab.
pub struct Pipe<'a> {
    desk: &'a mut Desk,
    out: BufWriter<Box<dyn Write + Send>>,
    shown: String,
    manner: Manner,
    warned_of_line_ends: bool,
    warned_of_secrets: bool,
    /// The number of the line that is taken.
    number: u64,
}

/// How lines are taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Lines that start with `# ` or `$ ` are commands.
    pub runbook: bool,
    /// The first failure is the end.
    pub errexit: bool,
}

impl<'a> Pipe<'a> {
    /// Output goes to `out`, unless the desk echoes.
    #[must_use]
    pub fn new(desk: &'a mut Desk, out: Box<dyn Write + Send>, manner: Manner) -> Self {
        Self {
            desk,
            out: BufWriter::with_capacity(BUFFER, out),
            shown: String::new(),
            manner,
            warned_of_line_ends: false,
            warned_of_secrets: false,
            number: 0,
        }
    }

    /// Types all lines, then Ctrl-D, unless `%quit` or a failure ended it: then the session is left as it stands.
    ///
    /// # Errors
    /// Trouble on the host. What the lab says to the lines is in the desk's status.
    pub fn run(&mut self, input: &mut Input) -> Result<(), Trouble> {
        if self.desk.operator.state() == State::Lobby {
            self.login()?;
        } else {
            self.settle()?;
        }
        let mut then = Then::GoOn;
        while then != Then::Quit {
            if !input.has_line() {
                self.flush()?;
            }
            let line = match input.read() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => return Err(Trouble::at(&input.name, &error)),
            };
            if let Some(complaint) = line.complaint {
                self.complain(line.number, complaint)?;
            }
            self.number = line.number;
            then = match line.complaint {
                Some(super::input::Complaint::TooLong) => self.failed(1),
                _ => self.take(&line.text, line.key)?,
            };
        }
        if then != Then::Quit {
            self.hang_up()?;
        }
        if let Some(echo) = &mut self.desk.echo {
            echo.finish().map_err(output_trouble)?;
        }
        self.flush()
    }

    fn complain(&mut self, number: u64, complaint: super::input::Complaint) -> Result<(), Trouble> {
        let about_ends = complaint == super::input::Complaint::CarriageReturn;
        if about_ends && std::mem::replace(&mut self.warned_of_line_ends, true) {
            return Ok(());
        }
        self.say(&complaint.text(number))
    }

    /// Takes a line: whoever waits for one gets it.
    fn take(&mut self, line: &str, key: Key) -> Result<Then, Trouble> {
        let spoken = Typed::spoken(line);
        let asks = matches!(self.desk.operator.state(), State::Session(_, Waits::Line | Waits::Page));
        if let (Key::Enter, true, Typed::Director(line)) = (key, asks, spoken) {
            return self.direct(line);
        }
        if key == Key::Enter && !line.is_empty() {
            self.turn_all_pages()?;
        }
        match self.desk.operator.state() {
            State::Session(_, Waits::Prompt) | State::Lobby if key == Key::Enter => self.command(line),
            State::Session(_, Waits::Secret) if key == Key::Enter => {
                if !std::mem::replace(&mut self.warned_of_secrets, true) {
                    self.say(&format!(
                        "line {} is the answer to a question for a password, here and below",
                        self.number
                    ))?;
                }
                self.desk.secret(line);
                self.settle()
            }
            State::Lobby => Ok(Then::GoOn),
            State::Session(..) => {
                match key {
                    Key::Enter => self.desk.line(if let Typed::Line(line) = spoken { line } else { line }),
                    Key::Interrupt => self.desk.interrupt(line),
                    Key::Suspend => self.desk.suspend(line),
                    Key::Escape => self.desk.escape(line),
                    Key::EndOfInput => self.desk.end_of_input(line),
                }
                self.settle()
            }
        }
    }

    /// Takes a line where commands are typed: it may be for the director, a remark, or for the shell.
    fn command(&mut self, line: &str) -> Result<Then, Trouble> {
        let typed = match self.runbook_command(line) {
            Some(typed) => typed,
            None if line == "#" || line.starts_with("# ") => return Ok(self.remark(line)),
            None if line.starts_with("\\#") => &line[1..],
            None => match Typed::spoken(line) {
                Typed::Director(line) => return self.direct(line),
                Typed::Line(line) => line,
                Typed::Interrupt | Typed::Suspend | Typed::Escape(_) | Typed::EndOfInput(_) => line,
            },
        };
        if self.desk.operator.state() == State::Lobby && (!self.login()? || typed.is_empty()) {
            return Ok(self.failed(self.desk.status));
        }
        self.desk.line(typed);
        self.settle()
    }

    fn runbook_command<'l>(&self, line: &'l str) -> Option<&'l str> {
        let line = line.trim_start();
        if self.manner.runbook { line.strip_prefix("# ").or_else(|| line.strip_prefix("$ ")) } else { None }
    }

    fn remark(&mut self, line: &str) -> Then {
        self.desk.scribes().for_each(|scribe| scribe.remark(line));
        Then::GoOn
    }

    fn direct(&mut self, line: &str) -> Result<Then, Trouble> {
        let (reply, then) = self.desk.direct(line)?;
        if self.desk.echo.is_none() && !reply.text.is_empty() {
            self.flush()?;
            // Where standard error is closed, nobody listens.
            let _ = io::stderr().write_all(reply.text.as_bytes());
        }
        if then == Then::Login {
            self.finish_login()?;
        } else {
            self.show()?;
        }
        self.leave_closed()?;
        Ok(if then == Then::Quit { then } else { self.failed(self.desk.status) })
    }

    /// Shows the rest of what is paged.
    fn turn_all_pages(&mut self) -> Result<(), Trouble> {
        while let State::Session(_, Waits::Page) = self.desk.operator.state() {
            self.desk.line("");
            self.settle()?;
        }
        Ok(())
    }

    /// Lets time pass until the session wants input or has ended, and shows what it printed.
    fn settle(&mut self) -> Result<Then, Trouble> {
        self.pass_time()?;
        self.show()?;
        match self.desk.operator.state() {
            State::Session(_, Waits::Prompt) => {}
            State::Session(_, Waits::Closed(_)) => self.leave_closed()?,
            _ => return Ok(Then::GoOn),
        }
        Ok(self.failed(self.desk.status))
    }

    fn pass_time(&mut self) -> Result<(), Trouble> {
        if self.desk.pace == Pace::Instant {
            return self.jump();
        }
        while let State::Session(_, Waits::Time(_)) = self.desk.operator.state() {
            let Some(due) = self.desk.operator.lab.next_due() else { break };
            self.show()?;
            self.flush()?;
            self.desk.wait_until(due);
        }
        Ok(())
    }

    /// Lets time jump. A line that waits for ever is ended as somebody at a keyboard would end it: with Ctrl-C or, where that
    /// does not help, by hanging up.
    fn jump(&mut self) -> Result<(), Trouble> {
        for last in [false, true] {
            let began = self.desk.operator.now();
            if self.desk.operator.run_until_input() {
                return Ok(());
            }
            self.show()?;
            let passed = self.desk.operator.now().since(began);
            let key = if last { "the session is hung up" } else { "Ctrl-C is pressed" };
            self.say(&format!("stopped: the line still waits after {passed}; {key}"))?;
            if last { self.desk.end_of_input("") } else { self.desk.interrupt("") }
        }
        Ok(())
    }

    fn failed(&self, status: u8) -> Then {
        if self.manner.errexit && status != 0 { Then::Quit } else { Then::GoOn }
    }

    /// Opens a session; its login text is shown in transcripts only. `false` when there is none now.
    fn login(&mut self) -> Result<bool, Trouble> {
        let opened = self.desk.login(|desk, due| {
            desk.wait_until(due);
            true
        });
        match opened {
            Ok(()) => {}
            Err(Trouble { status: 1, message }) => {
                self.desk.status = 1;
                self.say(&message)?;
                return Ok(false);
            }
            Err(trouble) => return Err(trouble),
        }
        self.finish_login()
    }

    fn finish_login(&mut self) -> Result<bool, Trouble> {
        self.pass_time()?;
        self.shown.clear();
        self.desk.output(&mut self.shown)?;
        if let State::Session(_, Waits::Closed(_)) = self.desk.operator.state() {
            let text = std::mem::take(&mut self.shown);
            self.say(&text)?;
            self.leave_closed()?;
            return Ok(false);
        }
        Ok(true)
    }

    fn leave_closed(&mut self) -> Result<(), Trouble> {
        match self.desk.leave_closed()? {
            None | Some((_, Closed::Exit)) => Ok(()),
            Some((machine, why)) => self.say(&format!("session on {machine} closed: {}", why.word())),
        }
    }

    fn show(&mut self) -> Result<(), Trouble> {
        self.shown.clear();
        let asides = self.desk.output(&mut self.shown)?;
        if self.desk.echo.is_none() {
            self.part(&asides)?;
        }
        if self.desk.must_warn() { self.say("wording inferred") } else { Ok(()) }
    }

    /// Writes the appliance's text to standard output and what appsh says amid it to standard error, in order.
    fn part(&mut self, asides: &[Range<usize>]) -> Result<(), Trouble> {
        let shown = std::mem::take(&mut self.shown);
        let mut from = 0;
        for aside in asides {
            self.out.write_all(&shown.as_bytes()[from..aside.start]).map_err(output_trouble)?;
            for line in shown[aside.clone()].lines() {
                self.say(line.strip_prefix("appsh: ").unwrap_or(line))?;
            }
            from = aside.end;
        }
        self.out.write_all(&shown.as_bytes()[from..]).map_err(output_trouble)?;
        self.shown = shown;
        Ok(())
    }

    /// Says something in appsh's own voice, behind what was shown so far.
    fn say(&mut self, message: &str) -> Result<(), Trouble> {
        self.flush()?;
        self.desk.voice.say(message);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Trouble> {
        match &mut self.desk.echo {
            Some(echo) => echo.flush(),
            None => self.out.flush(),
        }
        .map_err(output_trouble)?;
        self.desk.sync_record()
    }

    /// The input has ended: so do all shells.
    fn hang_up(&mut self) -> Result<(), Trouble> {
        for _ in 0..DEEPEST {
            if self.desk.operator.state() == State::Lobby {
                break;
            }
            self.desk.end_of_input("");
            self.show()?;
            self.leave_closed()?;
        }
        Ok(())
    }
}

fn output_trouble(error: io::Error) -> Trouble {
    Trouble::at("standard output", &error)
}
