//! A typed line: what of the history it calls up, how it is kept there, and its commands.

use super::history::{self, Expanded};
use super::{Flow, Run, Sh, history_file};
use crate::bash::ast::Script;
use crate::bash::parse::{Failure, Read, Stop};
use crate::bash::version::Feature;
use crate::systems::linux::model::back::Back;
use crate::systems::linux::terminal;

impl Sh {
    /// Keeps a typed line in the history; the lines of one command are one, where `cmdhist` says so. `stop` is where the
    /// lines before it stop.
    fn keep_line(&mut self, line: &str, stop: Option<Stop>) {
        if !self.option("history") {
            return;
        }
        let joins = !self.is_ash() && self.st.shopt.contains("cmdhist");
        match stop.filter(|_| joins) {
            Some(stop) if self.st.joins => self.st.remember_more(stop, line),
            Some(_) => return,
            None => {
                self.st.joins = self.remember(line);
                if !self.st.joins {
                    return;
                }
                let Self { p, st, .. } = self;
                if st.is_ash() {
                    p.world(|world, id| history_file::note(world, id, st, line));
                }
            }
        }
        // A hang-up while the line runs finds it in the shell of the session.
        self.p.cx.with(|cx| terminal::note_typed(cx, &self.st));
    }

    /// Runs a typed line, or adds it to those of a command that is not complete.
    pub(super) async fn typed_line(&mut self, line: &str) -> Run {
        self.st.lines += 1;
        self.p.cwd.clone_from(&self.st.cwd);
        let stop = self.st.stop.take();
        let fresh = self.st.unfinished.is_empty();
        // Neither a here-document nor what stands between single quotes has events in it.
        let literal = matches!(stop, Some(Stop::Document(_) | Stop::Quotes('\'')));
        let expanded = if self.option("histexpand") && !literal {
            // The lines of the command that is being typed are no event.
            let own = usize::from(stop.is_some() && self.st.joins);
            let before = self.st.history.len().saturating_sub(own);
            let mut last = self.st.substituted.take();
            let expanded = history::expand(line, &self.st.history[..before], self.st.forgotten, &mut last);
            self.st.substituted = last;
            expanded
        } else {
            Expanded::Same
        };
        let line = match &expanded {
            Expanded::Same => line,
            Expanded::Line(line, only_shown) => {
                self.p.err(&format!("{line}\n")).await?;
                if *only_shown {
                    self.keep_line(line, stop);
                    self.st.stop = stop;
                    return Ok(self.st.status);
                }
                line
            }
            Expanded::Wrong(complaint) => {
                self.complain(complaint).await?;
                self.st.stop = stop;
                return Ok(1);
            }
        };
        self.keep_line(line, stop);
        // Each line of a here-document but its last is only kept: to read all of it again would take ever longer.
        if let Some((delimiter, tabs)) = self.st.awaited.take().filter(|_| !fresh) {
            let bare = if tabs { line.trim_start_matches('\t') } else { line };
            if bare != delimiter {
                self.st.unfinished.extend([line, "\n"]);
                (self.st.awaited, self.st.stop) = (Some((delimiter, tabs)), stop);
                return Ok(self.st.status);
            }
        }
        let mut text = std::mem::take(&mut self.st.unfinished);
        text.push_str(line);
        text.push('\n');
        if fresh && text.trim().is_empty() {
            return Ok(self.st.status);
        }
        let run = self.typed_text(text).await;
        // What ended a here-document is kept with the end of its line.
        if matches!(stop, Some(Stop::Document(_))) && !matches!(self.st.stop, Some(Stop::Document(_))) && self.st.joins
        {
            self.st.end_line();
        }
        run
    }

    /// Runs the commands of what was typed; what is not complete is kept.
    async fn typed_text(&mut self, text: String) -> Run {
        let mut status = self.st.status;
        let (mut from, mut number) = (0, self.st.lines);
        while let Some((read, end, next)) = self.next_commands(&text[from..], number) {
            let (read, more) = match read {
                Ok(Read { cut: Some(stop), awaited, .. }) => {
                    self.st.awaited = awaited;
                    (None, Some(stop))
                }
                Ok(read) => (Some(read), None),
                Err(Failure::Incomplete(_, stop)) => (None, Some(stop)),
                Err(Failure::Wrong(error)) => {
                    self.syntax(&error).await?;
                    self.st.status = 2;
                    return Ok(2);
                }
            };
            let Some(read) = read else {
                (self.st.unfinished, self.st.stop) = (text[from..].to_owned(), more);
                return Ok(status);
            };
            (from, number) = (from + end, next);
            self.before_typed().await?;
            self.st.commands += 1;
            status = self.typed_list(read.script).await?;
        }
        Ok(status)
    }

    /// Runs a list that was typed; an inner shell comes back to where it was started.
    async fn typed_list(&mut self, script: Script) -> Run {
        let mut run = self.items(&script).await;
        if let Err(Flow::Enter(entering)) = &mut run {
            let steps = std::mem::take(&mut entering.steps);
            self.st.back = Some(Box::new(Back { script, steps }));
        }
        run
    }

    /// Goes on with a line whose inner shell was left.
    pub(super) async fn go_back(&mut self, back: &Back) -> Run {
        self.p.cwd.clone_from(&self.st.cwd);
        self.back.clone_from(&back.steps);
        self.typed_list(back.script.clone()).await
    }

    /// The input ends where a command is not complete: what is left of a here-document is taken as it is, a backslash waits
    /// on, anything else is wrong.
    pub(super) async fn cut_short(&mut self) -> Run {
        let (text, stop) = (std::mem::take(&mut self.st.unfinished), self.st.stop);
        self.st.forget_unfinished();
        let mut status = self.st.status;
        let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        let (mut from, mut number) = (0, (self.st.lines + 1).saturating_sub(lines));
        while let Some((read, end, next)) = self.next_commands(&text[from..], number) {
            match read {
                Ok(Read { cut: Some(_), awaited: None, warnings, .. }) if warnings.is_empty() => {
                    (self.st.unfinished, self.st.stop) = (text[from..].to_owned(), stop);
                    return Ok(status);
                }
                Ok(read) => {
                    for warning in &read.warnings {
                        self.complain(warning).await?;
                    }
                    self.st.commands += 1;
                    status = self.typed_list(read.script).await?;
                }
                Err(Failure::Incomplete(error, _) | Failure::Wrong(error)) => {
                    self.ended_early("", &error, next).await?;
                    self.st.status = 2;
                    // Since 5.0 the end of the input is that of the shell, too.
                    let ends = error.message.starts_with("syntax error: unexpected end")
                        && self.has(Feature::END_OF_INPUT_ENDS);
                    return if ends && !self.says_to_stay().await? { Err(Flow::Exit(2)) } else { Ok(2) };
                }
            }
            (from, number) = (from + end, next);
        }
        Ok(status)
    }
}
