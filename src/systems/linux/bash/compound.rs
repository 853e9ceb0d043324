//! The constructs of the language.

use super::super::io::Cut;
use super::{Flow, Run, Sh};
use crate::bash::ast::{Arm, ArmEnd, Compound, Condition, Script, Word};
use crate::bash::pattern::{Options, Pattern};
use crate::bash::print;

impl Sh {
    pub(super) async fn compound(&mut self, body: &Compound) -> Run {
        match body {
            Compound::Group(script) => self.script(script).await,
            Compound::Subshell(script) => self.subshell(script).await,
            Compound::If { branches, otherwise } => {
                for (condition, then) in branches {
                    if self.condition(condition).await? {
                        return self.script(then).await;
                    }
                }
                match otherwise {
                    Some(script) => self.script(script).await,
                    None => Ok(0),
                }
            }
            Compound::While { until, condition, body } => {
                let mut status = 0;
                self.loops += 1;
                let result = loop {
                    match self.condition(condition).await {
                        Ok(true) if !until => {}
                        Ok(false) if *until => {}
                        Ok(_) => break Ok(status),
                        Err(flow) => match turn(Err(flow)) {
                            Turn::Next(_) => continue,
                            Turn::Leave => break Ok(self.st.status),
                            Turn::Flow(flow) => break Err(flow),
                        },
                    }
                    match turn(self.script(body).await) {
                        Turn::Next(last) => status = last,
                        Turn::Leave => break Ok(self.st.status),
                        Turn::Flow(flow) => break Err(flow),
                    }
                };
                self.loops -= 1;
                result
            }
            Compound::For { name, words, body } => {
                let head = || words.iter().flatten().map(print::word).collect::<Vec<_>>().join(" ");
                let head = if self.option("xtrace") { head() } else { String::new() };
                let expanded = self.loop_words(words.as_deref()).await?;
                let mut status = 0;
                self.loops += 1;
                let mut result = Ok(());
                for word in expanded {
                    if self.option("xtrace") {
                        self.trace(&format!("for {name} in {head}")).await?;
                    }
                    if let Err(complaint) = self.set(name, word) {
                        self.complain(&complaint).await?;
                        status = 1;
                        break;
                    }
                    match turn(self.script(body).await) {
                        Turn::Next(last) => status = last,
                        Turn::Leave => {
                            status = self.st.status;
                            break;
                        }
                        Turn::Flow(flow) => {
                            result = Err(flow);
                            break;
                        }
                    }
                }
                self.loops -= 1;
                result.map(|()| status)
            }
            Compound::ForArithmetic { init, condition, step, body } => {
                self.loops += 1;
                let result = self.count(init, condition, step, body).await;
                self.loops -= 1;
                result
            }
            Compound::Select { name, words, body } => {
                self.loops += 1;
                let result = self.select(name, words.as_deref(), body).await;
                self.loops -= 1;
                result
            }
            Compound::Case { word, arms } => self.case(word, arms).await,
            Compound::Conditional(condition) => match self.holds(condition).await {
                Ok(holds) => Ok(u8::from(!holds)),
                Err(Wrong::Flow(flow)) => Err(flow),
                Err(Wrong::Status(status)) => Ok(status),
            },
            Compound::Arithmetic(text) => match self.calculate(text, "((: ").await? {
                Some(value) => Ok(u8::from(value == 0)),
                None => Ok(1),
            },
        }
    }

    async fn loop_words(&mut self, words: Option<&[Word]>) -> Run<Vec<String>> {
        match words {
            Some(words) => self.expand_words(words).await,
            None => Ok(self.st.positional.clone()),
        }
    }

    async fn count(&mut self, init: &Word, condition: &Word, step: &Word, body: &Script) -> Run {
        let mut status = 0;
        if self.calculate(init, "((: ").await?.is_none() {
            return Ok(1);
        }
        loop {
            if !condition.parts.is_empty() {
                match self.calculate(condition, "((: ").await? {
                    Some(0) => return Ok(status),
                    Some(_) => {}
                    None => return Ok(1),
                }
            }
            self.p.tick().await?;
            match turn(self.script(body).await) {
                Turn::Next(last) => status = last,
                Turn::Leave => return Ok(self.st.status),
                Turn::Flow(flow) => return Err(flow),
            }
            if self.calculate(step, "((: ").await?.is_none() {
                return Ok(1);
            }
        }
    }

    /// A menu on standard error, and the choice from standard input.
    async fn select(&mut self, name: &str, words: Option<&[Word]>, body: &Script) -> Run {
        let words = self.loop_words(words).await?;
        let mut status = 0;
        let mut shows = true;
        if words.is_empty() {
            return Ok(0);
        }
        loop {
            if shows {
                let width = self.st.variable("COLUMNS").and_then(|width| width.parse().ok()).unwrap_or(80);
                self.p.err(&menu(&words, width)).await?;
            }
            let prompt = self.st.variable("PS3").unwrap_or("#? ").to_owned();
            self.p.err(&prompt).await?;
            let line = self.p.read_until(0, super::super::proc::CHUNK, Some(b'\n')).await?;
            if line.is_empty() {
                self.p.out("\n").await?;
                return Ok(status);
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
            match turn(self.script(body).await) {
                Turn::Next(last) => status = last,
                Turn::Leave => return Ok(self.st.status),
                Turn::Flow(flow) => return Err(flow),
            }
        }
    }

    async fn case(&mut self, word: &Word, arms: &[Arm]) -> Run {
        if self.option("xtrace") {
            self.trace(&format!("case {} in", print::word(word))).await?;
        }
        let word = self.expand_text(word).await?;
        let mut status = 0;
        let mut falls = false;
        for arm in arms {
            let mut fits = falls;
            for pattern in &arm.patterns {
                if fits {
                    break;
                }
                let pattern = self.expand_pattern(pattern).await?;
                fits = self.pattern(&pattern).matches(&word);
            }
            if !fits {
                continue;
            }
            status = self.script(&arm.body).await?;
            match arm.end {
                ArmEnd::Break => break,
                ArmEnd::Fall => falls = true,
                ArmEnd::Test => falls = false,
            }
        }
        Ok(status)
    }

    /// A pattern as the shell's options have it.
    pub(super) fn pattern(&self, text: &str) -> Pattern {
        self.pattern_with(text, self.st.shopt.contains("extglob"))
    }

    fn pattern_with(&self, text: &str, extglob: bool) -> Pattern {
        let nocase = self.st.shopt.contains("nocasematch");
        Pattern::new(text, Options { extglob, nocase })
    }

    fn holds<'a>(&'a mut self, condition: &'a Condition) -> super::Boxed<'a, Result<bool, Wrong>> {
        Box::pin(async move {
            match condition {
                Condition::Not(inner) => Ok(!self.holds(inner).await?),
                Condition::And(left, right) => Ok(self.holds(left).await? && self.holds(right).await?),
                Condition::Or(left, right) => Ok(self.holds(left).await? || self.holds(right).await?),
                Condition::Word(word) => {
                    let text = self.expand_text(word).await?;
                    self.trace_condition(&format!("-n {}", shown(&text))).await?;
                    Ok(!text.is_empty())
                }
                Condition::Unary(operator, word) => {
                    let operand = self.expand_text(word).await?;
                    self.trace_condition(&format!("-{operator} {}", shown(&operand))).await?;
                    Ok(self.unary(*operator, &operand))
                }
                Condition::Binary(left, operator, right) => self.binary(left, operator, right).await,
            }
        })
    }

    async fn trace_condition(&mut self, text: &str) -> Run<()> {
        if self.option("xtrace") { self.trace(&format!("[[ {text} ]]")).await } else { Ok(()) }
    }

    async fn binary(&mut self, left: &Word, operator: &str, right: &Word) -> Result<bool, Wrong> {
        let text = self.expand_text(left).await?;
        match operator {
            "=" | "==" | "!=" => {
                let pattern = self.expand_pattern(right).await?;
                self.trace_condition(&format!("{} {operator} {}", shown(&text), shown(&pattern))).await?;
                Ok(self.pattern_with(&pattern, true).matches(&text) == (operator != "!="))
            }
            "=~" => {
                let regex = self.expand_regex(right).await?;
                self.trace_condition(&format!("{} =~ {}", shown(&text), shown(&regex))).await?;
                self.match_regex(&text, &regex).await
            }
            "<" | ">" => {
                let other = self.expand_text(right).await?;
                Ok(if operator == "<" { text < other } else { text > other })
            }
            "-nt" | "-ot" | "-ef" => {
                let other = self.expand_text(right).await?;
                Ok(self.compare_files(operator, &text, &other))
            }
            _ => {
                let other = self.expand_text(right).await?;
                self.trace_condition(&format!("{} {operator} {}", shown(&text), shown(&other))).await?;
                let (left, right) = (self.number(&text).await?, self.number(&other).await?);
                Ok(match operator {
                    "-eq" => left == right,
                    "-ne" => left != right,
                    "-lt" => left < right,
                    "-le" => left <= right,
                    "-gt" => left > right,
                    _ => left >= right,
                })
            }
        }
    }

    /// An operand of `-eq` and its kin is an arithmetic expression.
    async fn number(&mut self, text: &str) -> Result<i64, Wrong> {
        match self.evaluate(text) {
            Ok(value) => Ok(value),
            Err(complaint) => {
                self.complain(&format!("[[: {complaint}")).await?;
                Err(Wrong::Status(1))
            }
        }
    }

    /// `=~`: the matches go into `BASH_REMATCH`.
    async fn match_regex(&mut self, text: &str, regex: &str) -> Result<bool, Wrong> {
        let nocase = self.st.shopt.contains("nocasematch");
        let Some(regex) = super::super::tools::regex::extended(regex, nocase) else { return Err(Wrong::Status(2)) };
        let found = regex.captures_at(text.as_bytes(), 0);
        let groups = found.iter().flatten().map(|group| {
            let group = group.clone().and_then(|range| text.get(range));
            group.unwrap_or_default().to_owned()
        });
        let groups = groups.collect();
        let matched = found.is_some();
        self.set_array("BASH_REMATCH", groups);
        Ok(matched)
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

/// An operand as `set -x` shows it.
fn shown(text: &str) -> &str {
    if text.is_empty() { "''" } else { text }
}

/// Why a condition has no answer.
enum Wrong {
    Flow(Flow),
    Status(u8),
}

impl From<Flow> for Wrong {
    fn from(flow: Flow) -> Self {
        Self::Flow(flow)
    }
}

impl From<Cut> for Wrong {
    fn from(cut: Cut) -> Self {
        Self::Flow(Flow::Cut(cut))
    }
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
