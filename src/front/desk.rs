//! What pipe and keyboard share: somebody in front of a lab, the pace of its time, and who writes down what is shown.

use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::ops::Range;
use std::path::Path;

use nix::poll::{PollTimeout, poll};

use super::diary::Diary;
use super::scribe::{Head, Scribe, seen_from};
use super::voice::Voice;
use super::{Trouble, UNREADABLE};
use crate::director::{self, Effect, Pace, Reply};
use crate::lab::Waits;
use crate::operator::{Operator, State};
use crate::shell::{SessionId, secret};
use crate::sim::{Instant, Span};
use crate::store::{Store, StoreError};
use crate::transcript::quote_typed;
use crate::world::{Closed, PASSWORD_FAULTS};

/// How each transcript that is written begins.
const HEAD: &[u8] = b"# lab:";

/// Exit status of a command whose input ended while it asked: what a shell reports of a process that was hung up.
const HUNG_UP: u8 = 129;

/// Exit status after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// What the head of a transcript says that does not begin where its lab does.
pub const MIDDLE: &str = "recorded from the middle of a session: the lab was not as it is when it starts";

/// Somebody in front of a lab.
pub struct Desk {
    /// The hands on the lab.
    pub operator: Operator,
    /// How fast time passes while something is under way.
    pub pace: Pace,
    /// Status of the last command or director line.
    pub status: u8,
    /// The session in which a command was typed whose status is not known yet.
    owing: Option<SessionId>,
    /// appsh's own voice.
    pub voice: Voice,
    /// appsh's own diagnostics.
    pub diary: Diary,
    /// What heads a transcript of this lab.
    pub head: Head,
    /// Shows everything as a transcript, instead of what the sessions print.
    pub echo: Option<Scribe>,
    record: Option<(String, Scribe)>,
    /// Keeps the lab on the host, if that is wanted.
    pub store: Option<Store>,
    /// When something was typed last, or said to the director.
    typed_at: Instant,
    /// The session in which it was said that wording is inferred.
    warned: Option<SessionId>,
}

/// What a director line asks of the front end, beyond what the desk does itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Go on.
    GoOn,
    /// End the program.
    Quit,
    /// A session was opened: its login begins.
    Login,
}

impl Desk {
    /// A desk without transcripts.
    #[must_use]
    pub fn new(operator: Operator, pace: Pace, voice: Voice, diary: Diary, head: Head) -> Self {
        let typed_at = operator.now();
        let (status, owing, echo, record, store, warned) = (0, None, None, None, None, None);
        Self { operator, pace, status, owing, voice, diary, head, echo, record, store, typed_at, warned }
    }

    /// Hands something to each transcript that is being written.
    pub fn scribes(&mut self) -> impl Iterator<Item = &mut Scribe> {
        self.echo.iter_mut().chain(self.record.as_mut().map(|(_, scribe)| scribe))
    }

    /// Whether any transcript is being written.
    #[must_use]
    pub fn is_written_down(&self) -> bool {
        self.echo.is_some() || self.record.is_some()
    }

    /// Opens a session on the present machine. Where time jumps, it jumps to when the machine takes logins; else only
    /// `wait` lets it pass, and says with `false` that it will not.
    ///
    /// # Errors
    /// What the machine is doing instead of taking logins, or trouble on the host.
    pub fn login(&mut self, mut wait: impl FnMut(&mut Self, Instant) -> bool) -> Result<(), Trouble> {
        while let Err(refusal) = self.operator.login() {
            match self.operator.lab.next_due() {
                Some(due) if refusal.passing && wait(self, due) => {}
                _ => return Err(Trouble { status: 1, message: refusal.why }),
            }
        }
        for scribe in self.scribes() {
            scribe.login();
        }
        self.note(|desk| format!("session opened on {}", desk.operator.machine()))
    }

    /// Types a line where the session waits for one.
    pub fn line(&mut self, line: &str) {
        self.write_down(line, "");
        self.owing = self.operator.current();
        self.operator.line(line);
    }

    /// Ctrl-C, behind what stands on the line.
    pub fn interrupt(&mut self, behind: &str) {
        self.write_down(behind, "^C");
        if self.operator.current().is_some() {
            (self.status, self.owing) = (INTERRUPTED, None);
        }
        self.operator.interrupt();
    }

    /// Ctrl-Z, behind what stands on the line; nothing where it means nothing.
    pub fn suspend(&mut self, behind: &str) {
        if self.operator.takes_suspend() {
            self.write_down(behind, "^Z");
            self.operator.suspend();
        }
    }

    /// Ctrl-], behind what stands on the line; nothing where it means nothing.
    pub fn escape(&mut self, behind: &str) {
        if self.operator.takes_escape() {
            self.write_down(behind, "^]");
            self.operator.escape();
        }
    }

    /// Ctrl-D.
    pub fn end_of_input(&mut self, behind: &str) {
        self.write_down(behind, "^D");
        self.operator.end_of_input();
    }

    /// How long ago something was typed last; what is typed now is what was last from now on.
    fn since_typed(&mut self) -> Span {
        let now = self.operator.now();
        now.since(std::mem::replace(&mut self.typed_at, now))
    }

    fn write_down(&mut self, line: &str, key: &str) {
        let since = self.since_typed();
        if !self.is_written_down() {
            return;
        }
        let State::Session(id, waits) = self.operator.state() else { return };
        let line = match key {
            "" => quote_typed(&secret::blot(line)),
            // What stood before the key was never typed to anybody.
            "^D" => key.to_owned(),
            key => format!("{}{key}", secret::blot(line).trim_start_matches('\\')),
        };
        match waits {
            Waits::Prompt => {
                let prompt = self.operator.lab.prompt(id).into_owned();
                self.scribes().for_each(|scribe| scribe.typed(&prompt, &line));
            }
            Waits::Time(_) if key.is_empty() => {}
            Waits::Time(_) => self.scribes().for_each(|scribe| scribe.meanwhile(since, key, "")),
            Waits::Page if key.is_empty() => self.scribes().for_each(|scribe| scribe.answered("")),
            Waits::Secret if key.is_empty() => self.scribes().for_each(Scribe::secret),
            _ => self.scribes().for_each(|scribe| scribe.answered(&line)),
        }
    }

    /// What the session shows where a command line is typed, while a transcript is written.
    fn prompt(&self) -> Option<String> {
        match self.operator.state() {
            State::Session(id, Waits::Prompt) if self.is_written_down() => {
                Some(self.operator.lab.prompt(id).into_owned())
            }
            _ => None,
        }
    }

    /// Virtual time passed while nothing was typed.
    pub fn passed(&mut self, span: Span) {
        let (prompt, asked) = (self.prompt(), self.question().is_some());
        self.scribes().for_each(|scribe| match asked {
            true => scribe.passed_at_question(span),
            false => scribe.passed(prompt.as_deref(), span),
        });
    }

    /// Types a secret where the session waits for one.
    pub fn secret(&mut self, secret: &str) {
        self.since_typed();
        self.scribes().for_each(Scribe::secret);
        let Some(id) = self.operator.current() else { return };
        // Of the faults that end here, only these are put right by a secret; others strike once what it is for goes on.
        let faults = |desk: &Self| {
            let rules = desk.operator.lab.world().faults.rules().iter();
            let of_passwords = rules.filter(|rule| PASSWORD_FAULTS.contains(&rule.point.as_str()));
            of_passwords.map(|rule| rule.id).collect::<Vec<_>>()
        };
        let mut gone = faults(self);
        self.operator.lab.secret(id, secret);
        let left = faults(self);
        gone.retain(|number| !left.contains(number));
        self.scribes().for_each(|scribe| scribe.put_right(&gone));
    }

    /// Speaks to the director. The answer is for the caller to show.
    ///
    /// # Errors
    /// Trouble on the host.
    pub fn direct(&mut self, line: &str) -> Result<(Reply, Then), Trouble> {
        let line = &*secret::blot(line);
        let newest = self.newest_session();
        let (prompt, asked, runs) = (self.prompt(), self.question(), self.command_runs());
        let since = self.since_typed();
        let mut reply = director::run(&mut self.operator, line);
        self.keep()?;
        let restored = matches!(reply.effect, Some(Effect::Restored));
        // A session that is there again has its login behind it.
        let mut then = if !restored && self.newest_session() > newest { Then::Login } else { Then::GoOn };
        // A transcript that is replayed records nothing, and has a pace of its own: that is a remark to it.
        let aside = matches!(reply.effect, Some(Effect::Record(_) | Effect::ShowPace));
        match reply.effect.take() {
            Some(Effect::Pace(pace)) => {
                self.pace = pace;
                self.note(|_| format!("pace {pace}"))?;
            }
            Some(Effect::ShowPace) => reply.text.push_str(&format!("{}\n", self.pace)),
            Some(Effect::Record(file)) => {
                if let Err(trouble) = self.record_from_here(file.as_deref()) {
                    reply = Reply::refused(trouble.message);
                }
            }
            Some(Effect::Quit) => then = Then::Quit,
            Some(Effect::Restored) | None => {}
        }
        // A director command that did what it should says nothing about the commands of the lab.
        if reply.status != 0 {
            self.status = reply.status;
        }
        if aside {
            let remarks = std::iter::once(line).chain(reply.text.lines()).map(|line| format!("# {line}"));
            self.echo.iter_mut().for_each(|echo| remarks.clone().for_each(|remark| echo.remark(&remark)));
        } else {
            let still = !restored && asked.is_some() && asked == self.question();
            self.scribes().for_each(|scribe| match asked {
                Some(_) => scribe.directed_at_question(line, &reply.text, still),
                None if runs => scribe.meanwhile(since, line, &reply.text),
                None if then == Then::Login => scribe.login_by(prompt.as_deref(), line),
                None => scribe.directed(prompt.as_deref(), line, &reply.text),
            });
        }
        if then == Then::Login {
            if asked.is_some() || runs {
                self.scribes().for_each(Scribe::login);
            }
            self.note(|desk| format!("session opened on {}", desk.operator.machine()))?;
        }
        Ok((reply, then))
    }

    /// The session, if a command asks in it what is not secret.
    fn question(&self) -> Option<SessionId> {
        match self.operator.state() {
            State::Session(id, Waits::Line | Waits::Page) => Some(id),
            _ => None,
        }
    }

    fn command_runs(&self) -> bool {
        matches!(self.operator.state(), State::Session(_, Waits::Time(_)))
    }

    fn newest_session(&self) -> Option<SessionId> {
        self.operator.lab.sessions().map(|session| session.id).max()
    }

    /// Puts what came in since the last time into the host's hands. Nothing of its consequences is shown before.
    fn keep(&mut self) -> Result<(), Trouble> {
        match &mut self.store {
            Some(store) => store.keep(&mut self.operator).map_err(|error| unkept(&error)),
            None => Ok(()),
        }
    }

    /// Keeps everything, for the end of the program.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn close(&mut self) -> Result<(), Trouble> {
        match self.store.take() {
            Some(store) => store.close(&mut self.operator).map_err(|error| unkept(&error)),
            None => Ok(()),
        }
    }

    fn record_from_here(&mut self, file: Option<&str>) -> Result<(), Trouble> {
        self.stop_recording()?;
        let Some(file) = file else { return Ok(()) };
        let head = Head { start: Some(self.operator.now()), remark: Some(MIDDLE.to_owned()), ..self.head.clone() };
        self.record(Path::new(file), &head)
    }

    /// Records the session into a file, from here on.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn record(&mut self, path: &Path, head: &Head) -> Result<(), Trouble> {
        let file = || {
            if !may_record_into(path)? {
                return Err(io::Error::other("there is a file already, and it is no transcript; name another one"));
            }
            File::create(path)
        };
        let file = file().map_err(|error| Trouble::file(path, &error))?;
        let head = &Head {
            lab: if head.lab.ends_with(".toml") { seen_from(path, &head.lab) } else { head.lab.clone() },
            ..head.clone()
        };
        self.record = Some((path.display().to_string(), Scribe::new(Box::new(BufWriter::new(file)), head, Some(path))));
        self.note(|_| format!("recording into {}", path.display()))
    }

    /// Hands the recording's whole lines to the host.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sync_record(&mut self) -> Result<(), Trouble> {
        match &mut self.record {
            Some((path, scribe)) => scribe.sync().map_err(|error| Trouble::at(path, &error)),
            None => Ok(()),
        }
    }

    /// Ends the recording, if there is one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn stop_recording(&mut self) -> Result<(), Trouble> {
        if let State::Session(_, Waits::Secret) = self.operator.state() {
            self.scribes().for_each(Scribe::leave_login_out);
        }
        match self.record.take() {
            Some((path, mut scribe)) => scribe.finish().map_err(|error| Trouble::at(path, &error)),
            None => Ok(()),
        }
    }

    /// Takes what the session printed since the last taking. Everything that sessions show comes through here. Which
    /// parts of the buffer are appsh's own voice is told.
    ///
    /// # Errors
    /// When the lab is kept on the host and that fails: then nothing is shown.
    pub fn output(&mut self, buffer: &mut String) -> Result<Vec<Range<usize>>, Trouble> {
        self.keep()?;
        self.take_status();
        let from = buffer.len();
        let mut asides = self.operator.take_asides();
        asides.iter_mut().for_each(|aside| *aside = aside.start + from..aside.end + from);
        self.operator.output(buffer);
        if self.is_written_down() {
            self.scribes().for_each(|scribe| scribe.shown(&buffer[from..]));
        }
        Ok(asides)
    }

    /// At a prompt, the command that was typed last has ended.
    fn take_status(&mut self) {
        if let State::Session(id, Waits::Prompt) = self.operator.state()
            && self.owing.take_if(|owing| *owing == id).is_some()
        {
            self.status = self.operator.status();
        }
    }

    /// Whether the session has printed wording without a source; true once in a session.
    pub fn must_warn(&mut self) -> bool {
        let current = self.operator.current();
        if current.is_none() || self.warned == current || !self.operator.take_inferred() {
            return false;
        }
        self.warned = current;
        true
    }

    /// Leaves a session that has ended: which machine it was on, and why it ended.
    ///
    /// # Errors
    /// Trouble on the host.
    pub fn leave_closed(&mut self) -> Result<Option<(String, Closed)>, Trouble> {
        let session = self.operator.current();
        let asks = self.operator.terminal.asks;
        let at_login = session.is_some_and(|id| self.operator.lab.session(id).shells.is_empty());
        let Some((why, status)) = self.operator.leave_closed() else { return Ok(None) };
        let owed = self.owing.take_if(|owing| Some(*owing) == session).is_some();
        if asks && at_login {
            self.scribes().for_each(Scribe::leave_login_out);
        }
        match why {
            Closed::HangUp => self.status = HUNG_UP,
            Closed::Denied => self.status = 1,
            Closed::Exit | Closed::Reboot | Closed::Poweroff | Closed::PowerCut if owed => self.status = status,
            // Ctrl-D at a prompt, or the end of the machine: no command did it.
            Closed::Exit | Closed::Reboot | Closed::Poweroff | Closed::PowerCut => {}
        }
        let machine = self.operator.machine().to_owned();
        self.note(|_| format!("session on {machine} closed: {}", why.word()))?;
        Ok(Some((machine, why)))
    }

    /// Lets time pass until `due`, as fast as the pace says.
    pub fn wait_until(&mut self, due: Instant) {
        if let Pace::Times(factor) = self.pace {
            pause(due.since(self.operator.now()), factor);
        }
        self.operator.lab.advance(due);
    }

    /// Notes something in the diagnostics.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn note(&mut self, what: impl FnOnce(&Self) -> String) -> Result<(), Trouble> {
        let mut diary = std::mem::take(&mut self.diary);
        let noted = diary.note(self.operator.now(), || what(self));
        self.diary = diary;
        noted
    }
}

/// Whether nothing is lost by a recording into this file: it is new, empty, a transcript, or no regular file.
fn may_record_into(path: &Path) -> io::Result<bool> {
    let there = std::fs::metadata(path).is_ok_and(|there| there.is_file() && there.len() > 0);
    if !there {
        return Ok(true);
    }
    let mut start = Vec::new();
    File::open(path)?.take(HEAD.len() as u64).read_to_end(&mut start)?;
    Ok(start == HEAD)
}

/// A saved lab that cannot be opened or written.
pub(super) fn unkept(error: &StoreError) -> Trouble {
    Trouble { status: UNREADABLE, message: error.to_string() }
}

/// Waits on the host's clock for a span of virtual time. Nothing can come in meanwhile: a pipe is read when a command asks.
fn pause(span: Span, factor: f64) {
    let mut millis = wall_millis(span, factor);
    while millis > 0 {
        let part = millis.min(60_000);
        // A signal that cuts the wait short only makes the lab a little faster.
        let _ = poll(&mut [], PollTimeout::from(u16::try_from(part).unwrap_or(u16::MAX)));
        millis -= part;
    }
}

/// How long a span of virtual time takes on the host's clock, rounded up.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are small and positive"
)]
pub fn wall_millis(span: Span, factor: f64) -> u64 {
    (span.as_micros() as f64 / factor / 1_000.0).ceil() as u64
}
