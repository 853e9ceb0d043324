//! Redirections as bash prints them: a descriptor only where it is not the usual one, except before `&`.

use super::word::Context;
use crate::bash::ast::{Descriptor, Here, Part, Redirect, RedirectKind as Kind, Word};

/// A redirection, and the text of a here-document with its last line.
pub(super) fn print(redirect: &Redirect) -> (String, Option<String>) {
    let (usual, op, target) = match &redirect.kind {
        Kind::Read(word) => (0, "< ", word),
        Kind::Write(word) => (1, "> ", word),
        Kind::Clobber(word) => (1, ">| ", word),
        Kind::Append(word) => (1, ">> ", word),
        Kind::ReadWrite(word) => return (format!("{}<> {}", fd(redirect, None, 0), super::word(word)), None),
        Kind::WriteBoth(word) => (1, "&> ", word),
        Kind::AppendBoth(word) => (1, "&>> ", word),
        Kind::DuplicateIn(word) => return (duplicate(redirect, 0, "<&", word), None),
        Kind::DuplicateOut(word) => return (duplicate(redirect, 1, ">&", word), None),
        Kind::HereString(word) => (0, "<<< ", word),
        Kind::Here(document) => return here(redirect, document),
    };
    (format!("{}{op}{}", fd(redirect, Some(usual), usual), super::word(target)), None)
}

/// The descriptor before an operator, unless it is the one that goes without saying.
fn fd(redirect: &Redirect, silent: Option<u32>, usual: u32) -> String {
    match &redirect.fd {
        Some(Descriptor::Variable(name)) => format!("{{{name}}}"),
        Some(Descriptor::Number(number)) if Some(*number) != silent => number.to_string(),
        None if Some(usual) != silent => usual.to_string(),
        _ => String::new(),
    }
}

fn duplicate(redirect: &Redirect, usual: u32, op: &str, target: &Word) -> String {
    let text = super::word(target);
    if text == "-" {
        return format!("{}>&-", fd(redirect, None, usual));
    }
    let known = text.strip_suffix('-').unwrap_or(&text).bytes().all(|b| b.is_ascii_digit());
    format!("{}{op}{text}", fd(redirect, if known { None } else { Some(usual) }, usual))
}

fn here(redirect: &Redirect, document: &Here) -> (String, Option<String>) {
    let (quoted, mut body) = match document.text.parts.as_slice() {
        [Part::Quoted(text)] => (true, text.clone()),
        _ => (false, super::typed(&document.text, Context::Here)),
    };
    let mut delimiter = document.delimiter.clone();
    while body.lines().any(|line| line == delimiter) {
        delimiter.push('_');
    }
    let quote = if quoted { "'" } else { "" };
    let dash = if document.strip { "-" } else { "" };
    let operator = format!("{}<<{dash}{quote}{delimiter}{quote}", fd(redirect, Some(0), 0));
    if !body.is_empty() && !body.ends_with('\n') {
        body.push('\n');
    }
    (operator, Some(body + &delimiter))
}
