//! The front end that types a transcript into a lab: it echoes prompts, typed lines and answers, takes what the sessions
//! print, and compares it block by block with what the transcript shows.
//!
//! A block is what stands between two lines that were typed. Where the next typed line is, the lab itself tells: at a
//! prompt it is the next line which starts with a prompt, at a question the one that starts with the question, and while a
//! command runs the one up to which it has printed (`meanwhile`).

mod login;
mod meanwhile;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

use super::align::Edit;
use super::compare;
use super::format::{Complaint, Kind, Line, Transcript, Typed};
use super::outcome::{Difference, Outcome};
use super::pattern;
use super::prompts::{self, Owner};
use crate::director::{self, Effect};
use crate::lab::{Lab, Waits};
use crate::operator::{Operator, State};
use crate::shell::{SessionId, Terminal};
use crate::sim::Instant;

/// What to do at a pager of which the transcript shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pagers {
    /// Say so and stop.
    Expected,
    /// Press Enter: its text is new, and the transcript is being updated.
    Turned,
}

/// Types a transcript into the lab that `open` makes for it.
#[must_use]
pub fn run(
    transcript: &Transcript<'_>,
    open: &dyn Fn(&Transcript<'_>) -> Result<Lab, Complaint>,
    pagers: Pagers,
) -> Outcome {
    match sit_down(transcript, open) {
        Ok(operator) => {
            let mut run = Run::new(transcript, operator, pagers);
            let ended = run.go();
            run.forget_printed();
            run.outcome.trouble = ended.err();
            run.outcome.digest = run.digest.finish();
            run.outcome
        }
        Err(complaint) => Outcome { trouble: Some(complaint), ..Outcome::default() },
    }
}

fn sit_down(
    transcript: &Transcript<'_>,
    open: &dyn Fn(&Transcript<'_>) -> Result<Lab, Complaint>,
) -> Result<Operator, Complaint> {
    let lab = open(transcript)?;
    let head = &transcript.head;
    let (columns, rows) = head.terminal.unwrap_or((Terminal::PIPE.columns, Terminal::PIPE.rows));
    let terminal = Terminal { columns, rows, ..Terminal::PIPE };
    Operator::new(lab, head.machine, terminal)
        .map_err(|text| Complaint { line: head_line(transcript, "machine"), text })
}

/// Number of the head's line with this key; the first line when there is none.
pub(super) fn head_line(transcript: &Transcript<'_>, key: &str) -> usize {
    let begins = |line: &Line<'_>| {
        let behind = line.text.strip_prefix("# ").and_then(|text| text.strip_prefix(key));
        line.kind == Kind::Remark && behind.is_some_and(|rest| rest.starts_with(':'))
    };
    transcript.lines.iter().position(begins).map_or(1, |index| index + 1)
}

/// What ends a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop<'a> {
    End,
    Director(&'a str),
    Typed(Owner, &'a str),
}

struct Run<'t, 'a> {
    transcript: &'t Transcript<'a>,
    pagers: Pagers,
    operator: Operator,
    /// Index of the first line that is not yet accounted for.
    next: usize,
    /// What was printed since the last line was typed.
    printed: String,
    /// When the text up to each of these lengths was printed.
    times: Vec<(usize, Instant)>,
    /// From where in `printed` on a login's text stands, which a transcript may leave out.
    login_from: Option<usize>,
    /// When something was typed last.
    typed_at: Instant,
    /// What was typed last: index, text, machine.
    cause: (Option<usize>, &'a str, String),
    /// Unfinished lines on the screens of sessions that one turned away from.
    aside: BTreeMap<SessionId, String>,
    quit: bool,
    digest: DefaultHasher,
    outcome: Outcome,
}

impl<'t, 'a> Run<'t, 'a> {
    fn new(transcript: &'t Transcript<'a>, operator: Operator, pagers: Pagers) -> Self {
        let cause = (None, "login", operator.machine().to_owned());
        let typed_at = operator.now();
        Self {
            transcript,
            pagers,
            operator,
            next: 0,
            printed: String::new(),
            times: Vec::new(),
            login_from: None,
            typed_at,
            cause,
            aside: BTreeMap::new(),
            quit: false,
            digest: DefaultHasher::new(),
            outcome: Outcome::default(),
        }
    }

    /// Each round accounts for a line of the transcript, or turns a page.
    fn go(&mut self) -> Result<(), Complaint> {
        // Whoever sits down logs in first, here as at a keyboard and in a pipe; where, a prompt may tell.
        if !matches!(self.stop().1, Stop::Typed(Owner::Machine(_), _)) && self.operator.login().is_ok() {
            self.begin_login_text();
        }
        loop {
            self.settle()?;
            let (end, stop) = self.stop();
            if let State::Session(_, waits @ (Waits::Line | Waits::Secret | Waits::Page)) = self.operator.state() {
                self.at_question(waits, end, stop)?;
                continue;
            }
            match stop {
                // The text of a login whose prompt was not copied, or that was denied.
                Stop::End | Stop::Director(_) if self.log_in_as_shown(end) => {}
                Stop::End => {
                    self.check(end, self.printed.len());
                    return Ok(());
                }
                Stop::Director(line) => self.direct(end, line)?,
                Stop::Typed(owner, typed) => self.at_prompt(end, owner, typed)?,
            }
        }
    }

    /// Lets time run until the session wants something, and takes what it printed.
    fn settle(&mut self) -> Result<(), Complaint> {
        self.let_run()?;
        if self.operator.leave_closed().is_some() {
            self.end_line();
        }
        if let Some(unfinished) = self.operator.current().and_then(|id| self.aside.remove(&id)) {
            self.printed.push_str(&unfinished);
        }
        Ok(())
    }

    fn note_time(&mut self, before: usize) {
        if self.printed.len() > before {
            self.times.push((self.printed.len(), self.operator.now()));
        }
    }

    fn end_line(&mut self) {
        if self.unfinished() < self.printed.len() {
            self.printed.push('\n');
        }
    }

    /// Where the unfinished line at the end of what was printed begins.
    fn unfinished(&self) -> usize {
        self.printed.rfind('\n').map_or(0, |end| end + 1)
    }

    /// The next line that was typed, if it can be told by a prompt or a `%`.
    fn stop(&self) -> (usize, Stop<'a>) {
        let prompts = prompts::prompts(&self.operator);
        let before = &self.printed[self.unfinished()..];
        let lines = self.transcript.lines.iter().enumerate().skip(self.next);
        for (index, line) in lines {
            match line.kind {
                Kind::Director => return (index, Stop::Director(line.text)),
                Kind::Remark | Kind::AnyLines => {}
                Kind::Plain | Kind::Wild | Kind::Quoted => {
                    if let Some((owner, typed)) = prompts::typed_at(line, before, &prompts) {
                        return (index, Stop::Typed(owner, typed));
                    }
                }
            }
        }
        (self.transcript.lines.len(), Stop::End)
    }

    fn at_prompt(&mut self, index: usize, owner: Owner, typed: &'a str) -> Result<(), Complaint> {
        let turned = self.turn(owner);
        // A login that was denied is shown, and the next one was let in.
        while turned.is_ok() && self.log_in_as_shown(index) {}
        if let Err(why) = turned {
            self.check(index, self.printed.len());
            return Err(Complaint { line: index + 1, text: format!("this cannot be typed: {why}") });
        }
        let cut = self.unfinished();
        let State::Session(id, Waits::Prompt) = self.operator.state() else {
            self.check(index, self.printed.len());
            let text = format!("this cannot be typed: {} shows no prompt", self.operator.machine());
            return Err(Complaint { line: index + 1, text });
        };
        if !self.transcript.lines[index].shown().starts_with(&self.printed[cut..]) {
            let prompt = self.operator.lab.prompt(id).into_owned();
            self.printed.extend([prompt.as_str(), typed]);
            self.check(index + 1, self.printed.len());
        } else {
            self.check(index, cut);
        }
        let typed = Typed::written(typed);
        if let Typed::Director(line) = typed {
            return self.direct_now(index, line);
        }
        self.begin(index);
        match typed {
            Typed::Line(line) | Typed::Director(line) => drop(self.operator.line(line)),
            Typed::Interrupt => self.operator.interrupt(),
            Typed::Suspend => self.operator.suspend(),
            Typed::Escape(line) => self.escape_or_type(line),
            Typed::EndOfInput("") => self.operator.end_of_input(),
            Typed::EndOfInput(_) => {
                let text = "^D ends a session only where nothing stands before it".to_owned();
                return Err(Complaint { line: index + 1, text });
            }
        }
        Ok(())
    }

    /// Goes where a line is typed: to another session, to another machine, and through a login if need be.
    fn turn(&mut self, owner: Owner) -> Result<(), String> {
        match owner {
            Owner::Here => {}
            Owner::Session(id) => {
                self.put_aside();
                self.operator.turn_to_session(id);
                self.settle().map_err(|complaint| complaint.text)?;
            }
            Owner::Machine(id) => {
                self.put_aside();
                let name = self.operator.lab.world().machine(id).name.clone();
                self.operator.turn_to(&name)?;
                self.take_last_words();
            }
        }
        if self.operator.current().is_none() { self.login() } else { Ok(()) }
    }

    /// Leaves the unfinished line of the current session on its screen.
    fn put_aside(&mut self) {
        let unfinished = self.printed.split_off(self.unfinished());
        if let Some(id) = self.operator.current()
            && !unfinished.is_empty()
        {
            self.aside.insert(id, unfinished);
        }
    }

    /// What sessions of this machine printed before they ended while nobody looked.
    fn take_last_words(&mut self) {
        let here = self.operator.lab.world().find(self.operator.machine());
        let current = self.operator.current();
        let ended = |session: &&crate::shell::Session| {
            session.closed.is_some() && Some(session.machine) == here && Some(session.id) != current
        };
        let ids: Vec<SessionId> = self.operator.lab.sessions().filter(ended).map(|session| session.id).collect();
        for id in ids {
            self.printed.extend(self.aside.remove(&id));
            let before = self.printed.len();
            self.operator.lab.output(id, &mut self.printed);
            self.note_time(before);
            self.end_line();
            self.operator.lab.forget(id);
        }
    }

    fn at_question(&mut self, waits: Waits, end: usize, stop: Stop<'a>) -> Result<(), Complaint> {
        let cut = self.unfinished();
        let (answered, fits) = self.answered(cut, end);
        let before = answered.map_or(end, |(index, _)| index);
        let dots = self.transcript.lines[self.next..before].iter().any(|line| line.kind == Kind::AnyLines);
        let unseen = answered.is_none() && self.pagers == Pagers::Turned;
        if waits == Waits::Page && !fits && (dots || unseen) {
            self.printed.push('\n');
            self.operator.line("");
            return Ok(());
        }
        match (answered, stop) {
            (Some((index, typed)), _) => {
                self.check(index, cut);
                self.answer(index, waits, typed)
            }
            (None, Stop::Director(line)) => self.direct(end, line),
            (None, Stop::Typed(owner, typed)) if owner != Owner::Here => self.at_prompt(end, owner, typed),
            (None, Stop::Typed(..) | Stop::End) => {
                let what = if waits == Waits::Page { "the pager's line" } else { "the question with its answer" };
                let text = format!("{what} is missing before this line: {:?}", &self.printed[cut..]);
                self.check(end, self.printed.len());
                Err(Complaint { line: end + 1, text })
            }
        }
    }

    /// The line up to `end` that shows the question and its answer, and whether all before it is as expected. Should
    /// several do, the first one before which all is.
    fn answered(&self, cut: usize, end: usize) -> (Option<(usize, &'a str)>, bool) {
        let (before, asked) = self.printed.split_at(cut);
        let mut first = None;
        for index in self.next..end {
            let line = &self.transcript.lines[index];
            if !line.is_shown() || line.kind == Kind::AnyLines {
                continue;
            }
            if let Some(typed) = pattern::answer(line, asked) {
                let block = &self.transcript.lines[self.next..index];
                if compare::equal(block, before, self.transcript.head.normalize) {
                    return (Some((index, typed)), true);
                }
                first.get_or_insert((index, typed));
            }
        }
        (first, false)
    }

    fn answer(&mut self, index: usize, waits: Waits, typed: &'a str) -> Result<(), Complaint> {
        let typed = Typed::written(typed);
        if let (Typed::Director(line), Waits::Line | Waits::Page) = (typed, waits) {
            return self.direct_now(index, line);
        }
        self.begin(index);
        match (typed, waits) {
            (Typed::Interrupt, _) => self.operator.interrupt(),
            (Typed::Suspend, _) => self.operator.suspend(),
            (Typed::Escape(line), _) if waits != Waits::Page => self.escape_or_type(line),
            (Typed::EndOfInput(_), _) => self.operator.end_of_input(),
            (Typed::Line(answer) | Typed::Director(answer), Waits::Secret) => {
                if let Some(id) = self.operator.current() {
                    self.operator.lab.secret(id, answer);
                }
            }
            (Typed::Line(more) | Typed::Escape(more), Waits::Page) if !more.is_empty() => {
                let text = format!("at a pager Enter is pressed, or ^C; {more:?} is too much");
                return Err(Complaint { line: index + 1, text });
            }
            (Typed::Line(answer) | Typed::Escape(answer) | Typed::Director(answer), _) => {
                self.operator.line(answer);
            }
        }
        Ok(())
    }

    /// Ctrl-], or a line that happens to end like it where no console is left by that key.
    fn escape_or_type(&mut self, line: &str) {
        if self.operator.takes_escape() {
            self.operator.escape();
        } else {
            self.operator.line(line);
        }
    }

    fn direct(&mut self, index: usize, line: &'a str) -> Result<(), Complaint> {
        self.check(index, self.unfinished());
        self.direct_now(index, line)
    }

    fn direct_now(&mut self, index: usize, line: &'a str) -> Result<(), Complaint> {
        self.put_aside();
        self.begin(index);
        let newest = self.operator.lab.sessions().map(|session| session.id).max();
        let reply = director::run(&mut self.operator, line);
        self.printed.push_str(&reply.text);
        self.note_time(0);
        match reply.effect {
            None | Some(Effect::Pace(_)) => {}
            Some(Effect::ShowPace) => self.printed.push_str("instant\n"),
            Some(Effect::Record(_)) => {
                let text = "nothing is recorded while a transcript runs".to_owned();
                return Err(Complaint { line: index + 1, text });
            }
            Some(Effect::Quit) => self.quit = true,
            Some(Effect::Restored) => self.aside.clear(),
        }
        self.take_last_words();
        if self.operator.current().is_some_and(|id| Some(id) > newest) {
            self.begin_login_text();
        }
        if self.quit { self.after_quit() } else { Ok(()) }
    }

    /// Nothing runs any more, so nothing can be shown.
    fn after_quit(&mut self) -> Result<(), Complaint> {
        let lines = &self.transcript.lines[self.next..];
        match lines.iter().position(|line| line.kind != Kind::Remark) {
            Some(extra) => {
                let text = "this stands behind %quit, after which nothing is shown".to_owned();
                Err(Complaint { line: self.next + extra + 1, text })
            }
            None => {
                self.next = self.transcript.lines.len();
                Ok(())
            }
        }
    }

    /// A new block begins behind the line with this index.
    fn begin(&mut self, index: usize) {
        self.outcome.typed += 1;
        self.next = index + 1;
        self.typed_at = self.operator.now();
        self.forget_printed();
        self.cause.0 = Some(index);
        self.cause.1 = self.transcript.lines[index].text;
        if self.cause.2 != self.operator.machine() {
            self.cause.2 = self.operator.machine().to_owned();
        }
    }

    fn forget_printed(&mut self) {
        self.digest.write(self.printed.as_bytes());
        self.printed.clear();
        self.times.clear();
        self.login_from = None;
    }

    /// Compares the block up to `end` with the first `length` bytes of what was printed.
    fn check(&mut self, end: usize, length: usize) {
        let normalize = self.transcript.head.normalize;
        let block = &self.transcript.lines[self.next..end];
        let mut printed = &self.printed[..length];
        if compare::equal(block, printed, normalize) {
            return;
        }
        if let Some(from) = self.login_from.filter(|from| *from <= length) {
            let (without, login) = printed.split_at(from);
            let nothing = |line: &Line<'_>| !line.is_shown() || line.shown().trim().is_empty();
            if compare::equal(block, without, normalize) || (from == 0 && block.iter().all(nothing)) {
                return;
            }
            let of_login = |text: &str| !text.is_empty() && block.iter().any(|line| line.shown() == text);
            if !compare::lines(login).any(of_login) {
                printed = without;
            }
        }
        let edits = compare::differences(block, self.next, printed, normalize);
        let at = self.time_of(printed, &edits);
        let dropped = edits.iter().filter_map(|edit| match edit {
            Edit::Drop(index) => Some(*index),
            _ => None,
        });
        let typed = |line: &Line<'_>| prompts::looks_typed(line.text) || line.meanwhile().is_some();
        let unexplained = dropped.into_iter().find(|index| typed(&self.transcript.lines[*index]));
        let difference = Difference {
            line: self.cause.0.map_or(0, |index| index + 1),
            command: self.cause.1.to_owned(),
            machine: self.cause.2.clone(),
            at,
            lines: self.next..end,
            unexplained,
            edits,
            prompts: prompts::prompts(&self.operator).into_iter().map(|(_, prompt)| prompt).collect(),
        };
        self.outcome.differences.push(difference);
    }

    /// When the first line that differs was printed; where only expected lines are missing, it is now.
    fn time_of(&self, printed: &str, edits: &[Edit]) -> Instant {
        let line = edits.iter().find_map(|edit| match edit {
            Edit::Insert { at, .. } => Some(*at),
            _ => None,
        });
        let offset = line.map(|line| compare::lines(printed).take(line).map(|text| text.len() + 1).sum::<usize>());
        let time = offset.and_then(|offset| self.times.iter().find(|(end, _)| *end > offset));
        time.map_or(self.operator.now(), |(_, time)| *time)
    }
}
