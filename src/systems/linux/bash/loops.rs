//! Loops.

use super::super::proc::CHUNK;
use super::parameter::is_name;
use super::{Flow, Later, Run, Sh, Step, memory};
use crate::bash::ast::{Script, Word};
use crate::bash::print;
use crate::systems::linux::model::bash::Value;

impl Sh {
    /// `while`, `until`
    pub(super) fn repeat<'a>(&'a mut self, until: bool, condition: &'a Script, body: &'a Script) -> Later<'a> {
        Box::pin(async move {
            let (mut status, mut behind) = match self.back.pop() {
                Some(Step::While(status, behind)) => (status, behind),
                _ => (0, false),
            };
            self.loops += 1;
            let result = loop {
                let holds = if behind { Ok(!until) } else { self.condition(condition).await };
                behind = false;
                match holds.map_err(|flow| flow.within(|| Step::While(status, false))) {
                    Ok(holds) if holds != until => {}
                    Ok(_) => break Ok(status),
                    Err(flow) => match turn(Err(flow)) {
                        Turn::Next(_) => continue,
                        Turn::Leave => break Ok(self.st.status),
                        Turn::Flow(flow) => break Err(flow),
                    },
                }
                let round = self.script(body).await;
                match turn(round.map_err(|flow| flow.within(|| Step::While(status, true)))) {
                    Turn::Next(last) => status = last,
                    Turn::Leave => break Ok(self.st.status),
                    Turn::Flow(flow) => break Err(flow),
                }
            };
            self.loops -= 1;
            result
        })
    }

    /// `for name in …`
    pub(super) fn each<'a>(&'a mut self, name: &'a str, words: Option<&'a [Word]>, body: &'a Script) -> Later<'a> {
        Box::pin(async move {
            let (expanded, within) = match self.back.pop() {
                Some(Step::For(left)) => (left, true),
                _ => (self.loop_words(words).await?, false),
            };
            let _list = self.keep(memory::texts(&expanded))?;
            self.loops += 1;
            let result = self.rounds(name, words, (expanded, within), body).await;
            self.loops -= 1;
            result
        })
    }

    fn rounds<'a>(
        &'a mut self,
        name: &'a str,
        words: Option<&'a [Word]>,
        (expanded, mut within): (Vec<String>, bool),
        body: &'a Script,
    ) -> Later<'a> {
        Box::pin(async move {
            let mut status = 0;
            let line = self.line;
            let mut left = expanded.into_iter();
            loop {
                if !std::mem::take(&mut within) {
                    let Some(word) = left.next() else { return Ok(status) };
                    self.line = line;
                    if !self.begin_round(name, words, word).await? {
                        return Ok(1);
                    }
                }
                let round = self.script(body).await;
                match turn(round.map_err(|flow| flow.within(|| Step::For(left.as_slice().to_vec())))) {
                    Turn::Next(last) => status = last,
                    Turn::Leave => return Ok(self.st.status),
                    Turn::Flow(flow) => return Err(flow),
                }
            }
        })
    }

    /// Gives the variable of a loop its next word; `false` when it does not take it.
    fn begin_round<'a>(&'a mut self, name: &'a str, words: Option<&'a [Word]>, word: String) -> Later<'a, bool> {
        Box::pin(async move {
            self.before_construct(|| print::loop_head("for", name, words)).await?;
            if self.option("xtrace") && !self.is_ash() {
                self.trace(&print::loop_head("for", name, words)).await?;
            }
            // A loop over a reference makes it stand for one name after the other.
            let done = match self.st.variables.get_mut(name).filter(|variable| variable.reference) {
                Some(reference) if is_name(&word) => {
                    reference.value = Value::Text(word);
                    Ok(())
                }
                Some(_) => Err(format!("`{word}': not a valid identifier")),
                None => self.set(name, word),
            };
            if let Err(complaint) = &done {
                self.complain(complaint).await?;
                if self.is_ash() {
                    return Err(self.raise());
                }
            }
            Ok(done.is_ok())
        })
    }

    async fn loop_words(&mut self, words: Option<&[Word]>) -> Run<Vec<String>> {
        match words {
            Some(words) => self.expand_words(words).await,
            None => Ok(self.st.positional.clone()),
        }
    }

    /// `for ((init; condition; step))`
    pub(super) fn count<'a>(&'a mut self, heads: [&'a Word; 3], body: &'a Script) -> Later<'a> {
        Box::pin(async move {
            self.loops += 1;
            let result = self.counted(heads, body).await;
            self.loops -= 1;
            result
        })
    }

    fn counted<'a>(&'a mut self, [init, condition, step]: [&'a Word; 3], body: &'a Script) -> Later<'a> {
        Box::pin(async move {
            let mut status = 0;
            let line = self.line;
            let mut within = matches!(self.back.pop(), Some(Step::Count));
            if !within {
                self.before_construct(|| print::arithmetic_command(init)).await?;
                if self.calculate(init, "((: ").await?.is_none() {
                    return Ok(1);
                }
            }
            loop {
                self.line = line;
                if !std::mem::take(&mut within) {
                    self.before_construct(|| print::arithmetic_command(condition)).await?;
                    if !condition.parts.is_empty() {
                        match self.calculate(condition, "((: ").await? {
                            Some(0) => return Ok(status),
                            Some(_) => {}
                            None => return Ok(1),
                        }
                    }
                }
                self.p.tick().await?;
                let round = self.script(body).await;
                match turn(round.map_err(|flow| flow.within(|| Step::Count))) {
                    Turn::Next(last) => status = last,
                    Turn::Leave => return Ok(self.st.status),
                    Turn::Flow(flow) => return Err(flow),
                }
                self.line = line;
                self.before_construct(|| print::arithmetic_command(step)).await?;
                if self.calculate(step, "((: ").await?.is_none() {
                    return Ok(1);
                }
            }
        })
    }

    /// A menu on standard error, and the choice from standard input.
    pub(super) fn select<'a>(&'a mut self, name: &'a str, words: Option<&'a [Word]>, body: &'a Script) -> Later<'a> {
        Box::pin(async move {
            self.loops += 1;
            let result = self.choose(name, words, body).await;
            self.loops -= 1;
            result
        })
    }

    fn choose<'a>(&'a mut self, name: &'a str, words: Option<&'a [Word]>, body: &'a Script) -> Later<'a> {
        Box::pin(async move {
            let (words, mut within) = match self.back.pop() {
                Some(Step::Select(words)) => (words, true),
                _ => {
                    self.before_construct(|| print::loop_head("select", name, words)).await?;
                    if self.option("xtrace") {
                        self.trace(&print::loop_head("select", name, words)).await?;
                    }
                    (self.loop_words(words).await?, false)
                }
            };
            let _list = self.keep(memory::texts(&words))?;
            let mut shows = true;
            if words.is_empty() {
                return Ok(0);
            }
            loop {
                if std::mem::take(&mut within) {
                    match turn(self.script(body).await.map_err(|flow| flow.within(|| Step::Select(words.clone())))) {
                        Turn::Next(_) => {}
                        Turn::Leave => return Ok(self.st.status),
                        Turn::Flow(flow) => return Err(flow),
                    }
                    shows = false;
                }
                if shows {
                    let width = self.st.variable("COLUMNS").and_then(|width| width.parse().ok()).unwrap_or(80);
                    self.p.err(&menu(&words, width)).await?;
                }
                let prompt = self.st.variable("PS3").unwrap_or("#? ").to_owned();
                self.p.err(&prompt).await?;
                let line = self.p.read_until(0, CHUNK, Some(b'\n')).await?;
                if line.is_empty() {
                    self.p.out("\n").await?;
                    return Ok(1);
                }
                let reply = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
                shows = reply.is_empty();
                if shows {
                    continue;
                }
                let chosen = reply.trim().parse::<usize>().ok().and_then(|number| words.get(number.checked_sub(1)?));
                let chosen = chosen.cloned().unwrap_or_default();
                for (variable, value) in [("REPLY", reply), (name, chosen)] {
                    if let Err(complaint) = self.set(variable, value) {
                        self.complain(&complaint).await?;
                        return Ok(1);
                    }
                }
                within = true;
            }
        })
    }
}

/// The choices of a `select` in columns, as bash lays them out: blanks in between are tabs where one fits.
fn menu(words: &[String], width: usize) -> String {
    let digits = |number: usize| number.to_string().len();
    let length = |word: &String| word.chars().count();
    let numbers = digits(words.len());
    let column = words.iter().map(length).max().unwrap_or(0) + numbers + 2 + 2;
    let columns = (width / column).max(1);
    let rows = words.len().div_ceil(columns);
    let columns = words.len().div_ceil(rows.max(1));
    let rows = if rows == 1 { columns } else { rows };
    let mut menu = String::new();
    for row in 0..rows {
        let mut position = 0;
        for (at, word) in words.iter().enumerate().skip(row).step_by(rows) {
            let digits = if position == 0 { digits(rows) } else { numbers };
            menu.push_str(&format!("{:digits$}) {word}", at + 1));
            if at + rows >= words.len() {
                break;
            }
            let mut from = position + digits + 2 + length(word);
            position += column;
            while from < position {
                let tab = position / 8 > from / 8;
                menu.push(if tab { '\t' } else { ' ' });
                from += if tab { 8 - from % 8 } else { 1 };
            }
        }
        menu.push('\n');
    }
    menu
}

/// How a loop goes on after a round.
enum Turn {
    Next(u8),
    /// The loop ends; what ended it has set the status.
    Leave,
    Flow(Flow),
}

fn turn(round: Run) -> Turn {
    match round {
        Ok(status) => Turn::Next(status),
        Err(Flow::Break(0 | 1)) => Turn::Leave,
        Err(Flow::Continue(0 | 1)) => Turn::Next(0),
        Err(Flow::Break(levels)) => Turn::Flow(Flow::Break(levels - 1)),
        Err(Flow::Continue(levels)) => Turn::Flow(Flow::Continue(levels - 1)),
        Err(flow) => Turn::Flow(flow),
    }
}
