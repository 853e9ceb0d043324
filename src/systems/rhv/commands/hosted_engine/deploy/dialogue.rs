//! The dialogue of otopi: lines of its log on the terminal, notes, questions that are asked again until the answer will do
//! (reference `hosted-engine.md` 4.1, `engine-tools.md` 1.1).

use std::collections::BTreeMap;

use super::log::Log;
use crate::shell::coroutine::Chosen;
use crate::systems::linux::clock;
use crate::systems::linux::io::{Cut, Open, SIGHUP, SIGINT, SIGTERM};
use crate::systems::linux::proc::{Mode, Proc};
use crate::systems::rhv::release::Release;

/// Why a deployment does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The program is cut off.
    Cut(Cut),
    /// The person has had enough.
    Aborted,
    /// A stage has failed: why.
    Failed(String),
}

impl From<Cut> for Stop {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

/// Levels of the log, with their colours on a terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Info,
    Warning,
    Error,
}

impl Level {
    fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Info => (" INFO  ", "92"),
            Self::Warning => ("WARNING", "93"),
            Self::Error => (" ERROR ", "0;31"),
        }
    }
}

/// A question.
pub(super) struct Query<'a> {
    /// By which name an answer file answers it.
    pub key: &'static str,
    /// What is asked, on one line, without the indent.
    pub prompt: String,
    /// What an empty answer means; nothing when it must be answered.
    pub default: Option<String>,
    /// The answers that there are; any when empty. Case does not matter.
    pub choices: &'a [&'a str],
}

impl Query<'_> {
    /// An answer in the form of the choice that it is, where there are such.
    ///
    /// # Errors
    /// Why it is none.
    fn admit(&self, text: &str) -> Result<String, &'static str> {
        if text.is_empty() && self.default.as_deref() != Some("") {
            return Err("Please specify value");
        }
        if self.choices.is_empty() {
            return Ok(text.to_owned());
        }
        let known = self.choices.iter().find(|choice| choice.eq_ignore_ascii_case(text));
        known.map(|choice| (*choice).to_owned()).ok_or("Invalid value")
    }
}

/// The two ends of the dialogue: the terminal and the log.
pub(super) struct Dialogue<'p> {
    pub p: &'p mut Proc,
    coloured: bool,
    /// What an answer file has answered.
    pub given: BTreeMap<String, String>,
    /// What was answered, by the name in the answer file.
    pub answers: BTreeMap<&'static str, String>,
    /// The path of the log; nothing before there is one.
    pub log: Option<String>,
    /// The log of the playbook that runs.
    pub play_log: Option<String>,
    book: Log,
    python3: bool,
    /// Whether an answer is awaited.
    asking: bool,
}

impl<'p> Dialogue<'p> {
    pub(super) fn new(p: &'p mut Proc, given: BTreeMap<String, String>, release: Release) -> Self {
        let on_terminal = p.files.is_terminal(1);
        let coloured = on_terminal && p.cx.with(|cx| cx.session.terminal.live);
        let (book, python3) = (Log::default(), release.python3());
        Self { p, coloured, given, answers: BTreeMap::new(), log: None, play_log: None, book, python3, asking: false }
    }

    /// A line of the log. Further lines of it are indented.
    pub(super) async fn say(&mut self, level: Level, text: &str) -> Result<(), Cut> {
        let (tag, colour) = level.tag();
        self.note_down(level, text);
        let tag = if self.coloured { format!("\u{1b}[{colour}m[{tag}]\u{1b}[0m") } else { format!("[{tag}]") };
        self.p.out(&format!("{tag} {}\n", text.replace('\n', "\n         "))).await
    }

    pub(super) async fn info(&mut self, text: &str) -> Result<(), Cut> {
        self.say(Level::Info, text).await
    }

    pub(super) async fn warning(&mut self, text: &str) -> Result<(), Cut> {
        self.say(Level::Warning, text).await
    }

    pub(super) async fn error(&mut self, text: &str) -> Result<(), Cut> {
        self.say(Level::Error, text).await
    }

    pub(super) async fn stage(&mut self, name: &str) -> Result<(), Cut> {
        self.info(&format!("Stage: {name}")).await
    }

    /// Notes, a line each.
    pub(super) async fn notes(&mut self, lines: &[&str]) -> Result<(), Cut> {
        for line in lines {
            self.note(line).await?;
        }
        Ok(())
    }

    /// Notes that belong to a question: they are there if it is asked.
    pub(super) async fn notes_of(&mut self, key: &str, lines: &[&str]) -> Result<(), Cut> {
        if self.given.contains_key(key) { Ok(()) } else { self.notes(lines).await }
    }

    pub(super) async fn note(&mut self, line: &str) -> Result<(), Cut> {
        // An empty one keeps the indent but for its last column.
        let text = if line.is_empty() { " ".repeat(9) } else { format!("          {line}") };
        self.note_dialogue(true, &text);
        self.p.out(&format!("{text}\n")).await
    }

    pub(super) async fn heading(&mut self, title: &str) -> Result<(), Cut> {
        self.notes(&["", &format!("--== {title} ==--"), ""]).await
    }

    /// Asks until the answer is among those that there are and `fits` it.
    pub(super) async fn ask(
        &mut self,
        query: Query<'_>,
        mut fits: impl FnMut(&Proc, &str) -> Result<(), String>,
    ) -> Result<String, Stop> {
        if let Some(given) = self.given.get(query.key).cloned() {
            let answer = query.admit(&given).map_err(|why| Stop::Failed(why.to_owned()))?;
            fits(self.p, &answer).map_err(Stop::Failed)?;
            self.answers.insert(query.key, answer.clone());
            return Ok(answer);
        }
        loop {
            let Some(answer) = self.answer(&query).await? else { continue };
            match fits(self.p, &answer) {
                Ok(()) => {
                    self.answers.insert(query.key, answer.clone());
                    return Ok(answer);
                }
                Err(why) => self.error(&why).await?,
            }
        }
    }

    /// Asks once; nothing when the answer is none.
    async fn answer(&mut self, query: &Query<'_>) -> Result<Option<String>, Stop> {
        self.p.out(&format!("          {}", query.prompt)).await?;
        self.note_dialogue(true, &format!("          {}", query.prompt));
        self.asking = true;
        let line = self.p.read_until(0, 8 * 1024, Some(b'\n')).await?;
        self.asking = false;
        if line.is_empty() {
            return self.end_of_input().await;
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        self.note_dialogue(false, &text);
        let text = if text.is_empty() { query.default.clone().unwrap_or_default() } else { text };
        match query.admit(&text) {
            Ok(answer) => Ok(Some(answer)),
            Err(why) => {
                self.error(why).await?;
                Ok(None)
            }
        }
    }

    /// The input has ended; the Ctrl-D of a keyboard is shown with an end of line.
    async fn end_of_input<R>(&mut self) -> Result<R, Stop> {
        if !self.p.files.is_terminal(0) {
            self.p.out("\n").await?;
        }
        Err(Stop::Aborted)
    }

    /// What a signal means to the program: Ctrl-C is an answer where one is awaited, and any that it does not ignore makes
    /// what runs fail.
    ///
    /// # Errors
    /// [`Cut`]: nothing can be done any more.
    pub(super) fn caught(&mut self, cut: Cut) -> Result<Stop, Cut> {
        let Cut::Signal(signal @ (SIGHUP | SIGINT | SIGTERM)) = cut else { return Err(cut) };
        self.p.control.handled();
        match std::mem::take(&mut self.asking) {
            true if signal == SIGINT => Ok(Stop::Aborted),
            _ => Ok(Stop::Failed(format!("SIG{signal}"))),
        }
    }

    /// A question that is answered with yes or no.
    pub(super) async fn confirm(&mut self, key: &'static str, prompt: &str, default: bool) -> Result<bool, Stop> {
        let default = if default { "Yes" } else { "No" };
        let query =
            Query { key, prompt: prompt.to_owned(), default: Some(default.to_owned()), choices: &["Yes", "No"] };
        Ok(self.ask(query, |_, _| Ok(())).await? == "Yes")
    }

    /// A new password, asked for twice.
    pub(super) async fn password(
        &mut self,
        key: &str,
        prompts: [&str; 2],
        empty: &str,
    ) -> Result<Option<Chosen>, Stop> {
        if let Some(given) = self.given.get(key) {
            return if given.is_empty() { Err(Stop::Failed(empty.to_owned())) } else { Ok(None) };
        }
        loop {
            let mut typed = Vec::new();
            for prompt in prompts {
                self.p.out(&format!("          {prompt}")).await?;
                self.note_dialogue(true, &format!("          {prompt}"));
                self.asking = true;
                let chosen = self.p.new_secret(1, true).await?;
                self.asking = false;
                self.note_dialogue(false, "**FILTERED**");
                match chosen {
                    Some(chosen) => typed.push(chosen),
                    None => return self.end_of_input().await,
                }
            }
            match typed.as_slice() {
                [first, _] if !first.long_enough => self.error(empty).await?,
                [first, second] if first.password == second.password => return Ok(Some(*first)),
                _ => self.error("Passwords do not match").await?,
            }
        }
    }

    /// Writes what is said into the log, and into that of the playbook.
    fn note_down(&mut self, level: Level, text: &str) {
        let stamp = self.moment();
        let said = self.book.said(&stamp, level, text, &self.answers);
        self.write(said);
        if let Some(path) = self.play_log.clone() {
            let played = self.book.played(&stamp, text, self.python3);
            self.append(&path, &played);
        }
    }

    fn note_dialogue(&mut self, sent: bool, text: &str) {
        let text = Log::dialogue(&self.moment(), sent, text);
        self.write(text);
    }

    /// Writes into the log; what comes before there is one is written with the first line.
    fn write(&mut self, text: String) {
        self.book.early.push_str(&text);
        if let Some(path) = self.log.clone() {
            let all = std::mem::take(&mut self.book.early);
            self.append(&path, &all);
        }
    }

    fn append(&mut self, path: &str, text: &str) {
        let _ = self.p.open(path, Mode::Append).map(|open| match &*open {
            Open::File(file) => self.p.append(file, text.as_bytes()),
            _ => Ok(()),
        });
    }

    /// Now, as logs have it.
    fn moment(&self) -> String {
        let millis = self.p.now().utc().millisecond();
        self.stamp("%Y-%m-%d %H:%M:%S,@%z").replace('@', &format!("{millis:03}"))
    }

    /// The local time in a form of `strftime`.
    pub(super) fn stamp(&self, form: &str) -> String {
        let now = self.p.now().utc();
        self.p.peek(|linux| clock::format(form, now.unix_timestamp(), now.nanosecond(), &linux.zone))
    }
}
