//! The question before a file is lost.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;

/// Asks a question on standard error; yes is an answer that begins with `y`.
///
/// # Errors
/// [`Cut`]
pub async fn ask(p: &mut Proc, question: &str) -> Result<bool, Cut> {
    let name = p.name.clone();
    p.err(&format!("{name}: {question}? ")).await?;
    answer(p).await
}

/// Whether the answer to a question is yes.
///
/// # Errors
/// [`Cut`]
pub async fn answer(p: &mut Proc) -> Result<bool, Cut> {
    let mut answer = Vec::new();
    loop {
        let bytes = p.read_until(0, 4096, Some(b'\n')).await?;
        answer.extend_from_slice(&bytes);
        if bytes.is_empty() || answer.ends_with(b"\n") || answer.len() > 4096 {
            return Ok(matches!(answer.first(), Some(b'y' | b'Y')));
        }
    }
}
