//! How a coreutils program takes its options and what it says of wrong ones.

use super::super::getopt::{Given, Spec};
use super::super::quotes;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};

/// Stands for `--help` in a table of long options.
pub const HELP: char = '\u{1}';
/// Stands for `--version`.
pub const VERSION: char = '\u{2}';
/// Stands for a long option that the real program has and that is not modelled.
pub const GAP: char = '\u{3}';

/// What a program takes.
#[derive(Debug)]
pub struct Cli {
    /// Its options.
    pub spec: Spec,
    /// Letters that the real program takes and that are not modelled.
    pub gaps: &'static str,
    /// Its status after wrong use.
    pub wrong: u8,
}

impl Cli {
    /// Reads arguments; the status with which the program ends when it cannot go on.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn read(&self, p: &mut Proc, arguments: &[String]) -> Result<Result<Given, u8>, Cut> {
        let given = match self.spec.read(arguments, false) {
            Ok(given) => given,
            Err(text) => return Ok(Err(wrong(p, &text, self.wrong).await?)),
        };
        let gap = given.options.iter().find(|(letter, _)| *letter <= GAP || self.gaps.contains(*letter));
        let Some((letter, _)) = gap else { return Ok(Ok(given)) };
        let option = match *letter {
            HELP => "--help".to_owned(),
            VERSION => "--version".to_owned(),
            GAP => self.long_gap(arguments),
            letter => format!("-{letter}"),
        };
        Ok(Err(p.gap(&format!("{} {option}", p.name))?))
    }

    /// The first argument that names a long option which is not modelled.
    fn long_gap(&self, arguments: &[String]) -> String {
        let named = |word: &&String| {
            let name = word.strip_prefix("--").and_then(|word| word.split('=').next());
            let gaps = self.spec.long.iter().filter(|(_, letter)| *letter == GAP);
            name.is_some_and(|name| gaps.clone().any(|(known, _)| known.starts_with(name)))
        };
        arguments.iter().find(named).cloned().unwrap_or_default()
    }
}

/// A complaint, and where help is to be had.
///
/// # Errors
/// [`Cut`]
pub async fn wrong(p: &mut Proc, text: &str, status: u8) -> Ended {
    let text = format!("{}: {}\n{}", p.name, quotes::shown(p, text), quotes::try_help(p));
    p.err(&text).await?;
    Ok(status)
}

/// Asks a question on standard error; yes is an answer that begins with `y`.
///
/// # Errors
/// [`Cut`]
pub async fn ask(p: &mut Proc, question: &str) -> Result<bool, Cut> {
    let name = p.name.clone();
    p.err(&format!("{name}: {question}? ")).await?;
    let mut answer = Vec::new();
    loop {
        let bytes = p.read_until(0, 4096, Some(b'\n')).await?;
        answer.extend_from_slice(&bytes);
        if bytes.is_empty() || answer.ends_with(b"\n") || answer.len() > 4096 {
            return Ok(matches!(answer.first(), Some(b'y' | b'Y')));
        }
    }
}
