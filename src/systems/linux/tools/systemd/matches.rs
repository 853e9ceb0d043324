//! The operands of `journalctl`: fields with a value, paths of programs and devices, and `+` between alternatives.

use super::record::fields;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::log::Line;
use crate::systems::linux::proc::Proc;

/// Alternatives, each of which asks for fields: one of the values given for each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matches(Vec<Vec<(String, String)>>);

impl Matches {
    /// Reads the operands.
    ///
    /// # Errors
    /// What journalctl says of one that is none.
    pub fn read(p: &Proc, words: &[String]) -> Result<Self, String> {
        let mut found = Self::default();
        for (place, word) in words.iter().enumerate() {
            if word == "+" {
                if place == 0 || found.0.last().is_some_and(Vec::is_empty) {
                    return Err("\"+\" can only be used between terms".to_owned());
                }
                found.0.push(Vec::new());
                continue;
            }
            let (key, value) = if word.starts_with('/') { path(p, word)? } else { field(word)? };
            match found.0.last_mut() {
                Some(group) => group.push((key, value)),
                None => found.0.push(vec![(key, value)]),
            }
        }
        if found.0.last().is_some_and(Vec::is_empty) {
            return Err("\"+\" can only be used between terms".to_owned());
        }
        Ok(found)
    }

    /// Whether a line is asked for.
    #[must_use]
    pub fn have(&self, linux: &Linux, line: &Line) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let fields = fields(linux, line);
        self.0.iter().any(|group| {
            group.iter().all(|(key, _)| {
                let wanted = |value: &String| group.iter().any(|(other, wanted)| other == key && wanted == value);
                fields.iter().any(|(known, value)| known == key && wanted(value))
            })
        })
    }
}

fn field(word: &str) -> Result<(String, String), String> {
    let wrong = || format!("Failed to add match '{word}': Invalid argument");
    let (key, value) = word.split_once('=').ok_or_else(wrong)?;
    let good = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if key.is_empty() || !key.bytes().all(good) {
        return Err(wrong());
    }
    Ok((key.to_owned(), value.to_owned()))
}

fn path(p: &Proc, path: &str) -> Result<(String, String), String> {
    let real = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, path));
    let real = real.map_err(|errno| format!("Failed to stat path: {}", errno.text()))?;
    let node = p.lookup(&real).map(|ino| p.peek(|linux| linux.fs.node(ino).clone()));
    let node = node.map_err(|errno| format!("Failed to stat path: {}", errno.text()))?;
    match node.kind {
        Kind::File(_) if node.mode & 0o111 != 0 => Ok(("_EXE".to_owned(), real)),
        Kind::Char { major, minor } => Ok(("_KERNEL_DEVICE".to_owned(), format!("c{major}:{minor}"))),
        Kind::Block { major, minor } => Ok(("_KERNEL_DEVICE".to_owned(), format!("b{major}:{minor}"))),
        _ => Err(format!("File is neither a device node, nor regular file, nor executable: {path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_in_capitals() {
        let check = |word: &str, expect: Option<(&str, &str)>| {
            let expect = expect.map(|(key, value)| (key.to_owned(), value.to_owned()));
            assert_eq!(field(word).ok(), expect, "{word}");
        };
        check("_PID=1", Some(("_PID", "1")));
        check("MESSAGE=a=b", Some(("MESSAGE", "a=b")));
        check("pid=1", None);
        check("sshd", None);
        check("=1", None);
    }
}
