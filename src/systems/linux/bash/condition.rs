//! `[[ … ]]`

use super::super::io::Cut;
use super::super::tools::regex;
use super::{Boxed, Flow, Later, Sh, cost};
use crate::bash::ast::{Condition, Word};

impl Sh {
    pub(super) fn conditional<'a>(&'a mut self, condition: &'a Condition) -> Later<'a> {
        Box::pin(async move {
            match self.holds(condition).await {
                Ok(holds) => Ok(u8::from(!holds)),
                Err(Wrong::Flow(flow)) => Err(flow),
                Err(Wrong::Status(status)) => Ok(status),
            }
        })
    }

    fn holds<'a>(&'a mut self, condition: &'a Condition) -> Boxed<'a, Result<bool, Wrong>> {
        Box::pin(async move {
            self.deeper(cost::CONDITION).await?;
            let holds = match condition {
                Condition::Not(inner) => match **inner {
                    Condition::Unary(..) | Condition::Binary(..) | Condition::Word(_) => {
                        !self.primary(inner, "! ").await?
                    }
                    _ => !self.holds(inner).await?,
                },
                Condition::And(left, right) => self.holds(left).await? && self.holds(right).await?,
                Condition::Or(left, right) => self.holds(left).await? || self.holds(right).await?,
                other => self.primary(other, "").await?,
            };
            self.p.depth -= cost::CONDITION;
            Ok(holds)
        })
    }

    /// A condition that has none within.
    fn primary<'a>(&'a mut self, condition: &'a Condition, not: &'static str) -> Boxed<'a, Result<bool, Wrong>> {
        Box::pin(async move {
            match condition {
                Condition::Unary(operator, word) => {
                    let operand = self.expand_text(word).await?;
                    self.trace_condition(&format!("{not}-{operator} {}", shown(&operand))).await?;
                    Ok(self.unary(*operator, &operand))
                }
                Condition::Binary(left, operator, right) => self.binary(left, (not, operator), right).await,
                Condition::Word(word) => {
                    let text = self.expand_text(word).await?;
                    self.trace_condition(&format!("{not}-n {}", shown(&text))).await?;
                    Ok(!text.is_empty())
                }
                Condition::Not(_) | Condition::And(..) | Condition::Or(..) => self.holds(condition).await,
            }
        })
    }

    fn trace_condition<'a>(&'a mut self, text: &'a str) -> Later<'a, ()> {
        Box::pin(async move { if self.option("xtrace") { self.trace(&format!("[[ {text} ]]")).await } else { Ok(()) } })
    }

    fn binary<'a>(
        &'a mut self,
        left: &'a Word,
        (not, operator): (&'static str, &'a str),
        right: &'a Word,
    ) -> Boxed<'a, Result<bool, Wrong>> {
        Box::pin(async move {
            let text = self.expand_text(left).await?;
            match operator {
                "=" | "==" | "!=" => {
                    let pattern = self.whole(right).await?;
                    self.trace_condition(&format!("{not}{} {operator} {}", shown(&text), shown(&pattern.traced())))
                        .await?;
                    Ok(self.pattern_with(&pattern.pattern(), true).matches(&text) == (operator != "!="))
                }
                "=~" => {
                    let regex = self.expand_regex(right).await?;
                    self.trace_condition(&format!("{not}{} =~ {}", shown(&text), shown(&regex))).await?;
                    self.match_regex(&text, &regex).await
                }
                "<" | ">" => {
                    let other = self.expand_text(right).await?;
                    self.trace_condition(&format!("{not}{} {operator} {}", shown(&text), shown(&other))).await?;
                    Ok(if operator == "<" { text < other } else { text > other })
                }
                "-nt" | "-ot" | "-ef" => {
                    let other = self.expand_text(right).await?;
                    self.trace_condition(&format!("{not}{} {operator} {}", shown(&text), shown(&other))).await?;
                    Ok(self.compare_files(operator, &text, &other))
                }
                _ => {
                    let other = self.expand_text(right).await?;
                    self.trace_condition(&format!("{not}{} {operator} {}", shown(&text), shown(&other))).await?;
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
        })
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
        let Some(regex) = regex::extended(regex, nocase) else { return Err(Wrong::Status(2)) };
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
