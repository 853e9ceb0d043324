//! Arithmetic over the shell's variables.

use super::parameter::Held;
use super::{Run, Sh};
use crate::bash::arithmetic::{self, Trouble, Variables};
use crate::bash::ast::Word;

/// The variables of a shell, as arithmetic sees them.
struct Names<'s>(&'s mut Sh);

impl Variables for Names<'_> {
    fn get(&mut self, name: &str, subscript: Option<&str>) -> Result<Option<String>, String> {
        let held = self.0.hold(name, subscript)?;
        match held {
            Held::Text(text) => Ok(Some(text)),
            Held::Unset | Held::Many { .. } if self.0.option("nounset") => Err(format!("{name}: unbound variable")),
            Held::Unset | Held::Many { .. } => Ok(None),
        }
    }

    fn set(&mut self, name: &str, subscript: Option<&str>, value: i64) -> Result<(), String> {
        self.0.set_at(name, subscript, value.to_string())
    }
}

impl Sh {
    /// The value of an expression.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn evaluate(&mut self, text: &str) -> Result<i64, String> {
        if let Ok(number) = text.parse()
            && !text.starts_with(['0', '+', '-'])
        {
            return Ok(number);
        }
        arithmetic::explain(text, &mut Names(self)).map_err(|trouble| match trouble {
            Trouble::Expression(expression, words) => format!("{expression}: {words}"),
            Trouble::Variable(words) => {
                match words.ends_with("readonly variable") || words.ends_with("unbound variable") {
                    true => words,
                    false => format!("{}: {words}", text.trim_start()),
                }
            }
        })
    }

    /// `$(( … ))`: an error leaves the list.
    pub(super) async fn arithmetic(&mut self, text: &Word) -> Run<i64> {
        self.arithmetic_of("", text).await
    }

    /// The same of a part of `${name:…}`.
    pub(super) async fn arithmetic_of(&mut self, name: &str, text: &Word) -> Run<i64> {
        let text = self.expand_quoted(text).await?;
        match self.evaluate(&text) {
            Ok(value) => Ok(value),
            Err(complaint) if complaint.ends_with("unbound variable") => self.fatal(&complaint).await,
            Err(complaint) => self.abort(&format!("{name}{complaint}")).await,
        }
    }

    /// `(( … ))`: an error is a failure; `None` then.
    pub(super) async fn calculate(&mut self, text: &Word, prefix: &str) -> Run<Option<i64>> {
        let text = self.expand_quoted(text).await?;
        if self.option("xtrace") {
            self.trace(&format!("(( {text} ))")).await?;
        }
        if text.trim().is_empty() {
            return Ok(Some(0));
        }
        match self.evaluate(&text) {
            Ok(value) => Ok(Some(value)),
            Err(complaint) => {
                if complaint.ends_with("unbound variable") {
                    return self.fatal(&complaint).await;
                }
                let prefix = if complaint.ends_with("readonly variable") { "" } else { prefix };
                self.complain(&format!("{prefix}{complaint}")).await?;
                Ok(None)
            }
        }
    }
}
