//! The constructs of the language that are no loops.

use super::{Later, Sh, Step};
use crate::bash::ast::{Arm, ArmEnd, Compound, Script, Word};
use crate::bash::pattern::{Options, Pattern};
use crate::bash::print;

impl Sh {
    /// Runs a construct. It is no coroutine itself, to keep the stack small where constructs nest.
    pub(super) fn compound<'a>(&'a mut self, body: &'a Compound) -> Later<'a> {
        match body {
            Compound::Group(script) => self.script(script),
            Compound::Subshell(script) => self.subshell(script),
            Compound::If { branches, otherwise } => self.branches(branches, otherwise.as_ref()),
            Compound::While { until, condition, body } => self.repeat(*until, condition, body),
            Compound::For { name, words, body } => self.each(name, words.as_deref(), body),
            Compound::ForArithmetic { init, condition, step, body } => self.count([init, condition, step], body),
            Compound::Select { name, words, body } => self.select(name, words.as_deref(), body),
            Compound::Case { word, arms } => self.case(word, arms),
            Compound::Conditional(condition) => Box::pin(async move {
                self.before_construct(|| format!("[[ {} ]]", print::condition(condition))).await?;
                self.conditional(condition).await
            }),
            Compound::Arithmetic(text) => Box::pin(async move {
                self.before_construct(|| print::arithmetic_command(text)).await?;
                Ok(u8::from(self.calculate(text, "((: ").await?.unwrap_or(0) == 0))
            }),
        }
    }

    fn branches<'a>(&'a mut self, branches: &'a [(Script, Script)], otherwise: Option<&'a Script>) -> Later<'a> {
        Box::pin(async move {
            let (from, behind) = match self.back.pop() {
                Some(Step::Branch(at, behind)) => (at, behind),
                _ => (0, false),
            };
            for (at, (condition, then)) in branches.iter().enumerate().skip(from) {
                let again = behind && at == from;
                let holds = if again { Ok(true) } else { self.condition(condition).await };
                if holds.map_err(|flow| flow.within(|| Step::Branch(at, false)))? {
                    return self.script(then).await.map_err(|flow| flow.within(|| Step::Branch(at, true)));
                }
            }
            let Some(script) = otherwise else { return Ok(0) };
            self.script(script).await.map_err(|flow| flow.within(|| Step::Branch(branches.len(), true)))
        })
    }

    fn case<'a>(&'a mut self, word: &'a Word, arms: &'a [Arm]) -> Later<'a> {
        Box::pin(async move {
            let (within, known) = match self.back.pop() {
                Some(Step::Arm(at, word)) => (Some(at), Some(word)),
                _ => (None, None),
            };
            if within.is_none() {
                self.before_construct(|| format!("case {} in ", print::word(word))).await?;
                if self.option("xtrace") && !self.is_ash() {
                    self.trace(&format!("case {} in", print::word(word))).await?;
                }
            }
            let word = match known {
                Some(word) => word,
                None => self.expand_text(word).await?,
            };
            let _subject = self.keep(word.len() as u64)?;
            let mut status = 0;
            let mut falls = false;
            for (at, arm) in arms.iter().enumerate().skip(within.unwrap_or(0)) {
                let mut fits = falls || within == Some(at);
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
                status = self.script(&arm.body).await.map_err(|flow| flow.within(|| Step::Arm(at, word.clone())))?;
                match arm.end {
                    ArmEnd::Break => break,
                    ArmEnd::Fall => falls = true,
                    ArmEnd::Test => falls = false,
                }
            }
            Ok(status)
        })
    }

    /// A pattern as the shell's options have it.
    pub(super) fn pattern(&self, text: &str) -> Pattern {
        self.pattern_with(text, self.st.shopt.contains("extglob"))
    }

    /// The same, where extended patterns are known or not.
    pub(super) fn pattern_with(&self, text: &str, extglob: bool) -> Pattern {
        let nocase = self.st.shopt.contains("nocasematch");
        Pattern::new(text, Options { extglob, nocase })
    }
}
