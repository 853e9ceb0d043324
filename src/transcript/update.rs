//! Writes the text that was printed in place of the text that was expected; head, remarks, typed lines and all that agrees
//! stay as they are.

use super::align::Edit;
use super::format::{self, Complaint, Transcript};
use super::outcome::{Difference, Outcome};

/// Why a transcript is not rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Complaint);

/// The transcript's new text; nothing when there is nothing to change.
///
/// # Errors
/// When something that somebody typed would be lost.
pub fn update(transcript: &Transcript<'_>, outcome: &Outcome) -> Result<Option<String>, Refusal> {
    if let Some(trouble) = &outcome.trouble {
        return Err(Refusal(trouble.clone()));
    }
    if outcome.differences.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    let mut next = 0;
    for difference in &outcome.differences {
        if let Some(index) = difference.unexplained {
            let text =
                "this looks like a typed line, but its prompt, or what stands before it, is not there; not rewritten"
                    .to_owned();
            return Err(Refusal(Complaint { line: index + 1, text }));
        }
        for line in &transcript.lines[next..difference.lines.start] {
            transcript.push(&mut text, line.text);
        }
        rewrite(transcript, difference, &mut text);
        next = difference.lines.end;
    }
    for line in &transcript.lines[next..] {
        transcript.push(&mut text, line.text);
    }
    match Transcript::parse(&text) {
        Ok(new) if new.head == transcript.head && new.crlf == transcript.crlf => Ok(Some(text)),
        // Text between two remarks would go, and the lower one be read as one of the head; or line ends are mixed.
        _ => {
            let text = "without this text, what stands below it would be read in another way; not rewritten".to_owned();
            Err(Refusal(Complaint { line: outcome.differences[0].lines.start + 1, text }))
        }
    }
}

fn rewrite(transcript: &Transcript<'_>, difference: &Difference, text: &mut String) {
    let is_prompt = |shown: &str| {
        difference.prompts.iter().any(|prompt| shown.starts_with(prompt.as_str()) || shown == prompt.trim_end())
    };
    for edit in &difference.edits {
        match edit {
            Edit::Keep(index) => transcript.push(text, transcript.lines[*index].text),
            Edit::Drop(_) => {}
            Edit::Insert { text: shown, .. } => {
                transcript.push(text, &format::quoted(shown, is_prompt(shown)));
            }
        }
    }
}
