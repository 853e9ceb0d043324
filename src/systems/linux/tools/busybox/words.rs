//! What programs say where they are applets of BusyBox, in place of what GNU's say. The words are those of BusyBox 1.35 when
//! asked; older releases, which ESXi has, are taken to say the same.

use std::borrow::Cow;

/// The program, what GNU's says and what the applet says; `{}` stands for the same name in both, in quotes or not, or for
/// what the applet leaves out.
const WORDS: &[(&str, &str, &str)] = &[
    ("cat", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("cat", "{}: Permission denied", "can't open '{}': Permission denied"),
    ("cat", "{}: Is a directory", "read error: Is a directory"),
    ("chgrp", "invalid group: {}", "unknown group {}"),
    ("chown", "invalid group: {}", "unknown group {}"),
    ("chown", "invalid user: {}", "unknown user {}"),
    ("cp", "cannot stat {}: No such file or directory", "can't stat '{}': No such file or directory"),
    ("cp", "omitting directory {}", "omitting directory '{}'"),
    ("cp", "-r not specified; omitting directory {}", "omitting directory '{}'"),
    (
        "cut",
        "you must specify a list of bytes, characters, or fields{}",
        "expected a list of bytes, characters, or fields",
    ),
    ("dd", "failed to open {}: No such file or directory", "can't open '{}': No such file or directory"),
    ("diff", "{}: No such file or directory", "can't stat '{}': No such file or directory"),
    ("env", "{}: No such file or directory", "can't execute '{}': No such file or directory"),
    ("expr", "missing operand{}", "too few arguments"),
    ("expr", "syntax error{}", "syntax error"),
    ("find", "unknown predicate {}", "unrecognized: {}"),
    ("find", "missing argument to {}", "{} requires an argument"),
    ("head", "cannot open {} for reading: No such file or directory", "{}: No such file or directory"),
    ("head", "invalid number of bytes: {}", "invalid number '{}'"),
    ("head", "invalid number of lines: {}", "invalid number '{}'"),
    ("id", "{}: no such user", "unknown user {}"),
    ("ls", "cannot access {}: No such file or directory", "{}: No such file or directory"),
    ("md5sum", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("mkdir", "cannot create directory {}: File exists", "can't create directory '{}': File exists"),
    (
        "mkdir",
        "cannot create directory {}: No such file or directory",
        "can't create directory '{}': No such file or directory",
    ),
    ("more", "stat of {} failed: No such file or directory", "can't open '{}': No such file or directory"),
    ("mv", "cannot stat {}: No such file or directory", "can't rename '{}': No such file or directory"),
    ("rm", "cannot remove {}: No such file or directory", "can't remove '{}': No such file or directory"),
    ("rm", "cannot remove {}: Is a directory", "'{}' is a directory"),
    ("rmdir", "failed to remove {}: No such file or directory", "'{}': No such file or directory"),
    ("sed", "can't read {}: No such file or directory", "{}: No such file or directory"),
    ("sha1sum", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("sha256sum", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("sha512sum", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("sleep", "invalid time interval {}", "invalid number '{}'"),
    ("sort", "cannot read: {}: No such file or directory", "{}: No such file or directory"),
    ("sort", "invalid number at field start: invalid count at start of {}", "bad field specification"),
    ("stat", "cannot stat {}: No such file or directory", "can't stat '{}': No such file or directory"),
    ("tail", "cannot open {} for reading: No such file or directory", "can't open '{}': No such file or directory"),
    ("tail", "invalid number of bytes: {}", "invalid number '{}'"),
    ("tail", "invalid number of lines: {}", "invalid number '{}'"),
    ("tar", "{}: Cannot open: No such file or directory", "can't open '{}': No such file or directory"),
    ("tar", "{}: Cannot stat: No such file or directory", "{}: No such file or directory"),
    ("tar", "Cowardly refusing to create an empty archive{}", "empty archive"),
    ("tar", "Exiting with failure status due to previous {}", "error exit delayed from previous {}"),
    ("timeout", "failed to run command {}: No such file or directory", "can't execute '{}': No such file or directory"),
    ("timeout", "invalid time interval {}", "invalid number '{}'"),
    ("touch", "invalid date format {}", "invalid date '{}'"),
    ("uniq", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("usleep", "invalid time interval {}", "invalid number '{}'"),
];

/// A complaint of a program in the words of its applet.
#[must_use]
pub fn reworded<'t>(program: &str, text: &'t str) -> Cow<'t, str> {
    own(program, text).or_else(|| plain(text)).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// What this applet says of its own in place of a complaint of GNU's program.
#[must_use]
pub fn own(program: &str, text: &str) -> Option<String> {
    WORDS.iter().filter(|(name, ..)| *name == program).find_map(|(_, theirs, ours)| {
        let (before, after) = theirs.split_once("{}").unwrap_or((theirs, ""));
        let held = text.strip_prefix(before)?.strip_suffix(after)?;
        Some(ours.replacen("{}", bare(held), 1))
    })
}

/// What holds for all applets: a file that cannot be had is named with the reason alone, a wrong word stands in plain quotes.
fn plain(text: &str) -> Option<String> {
    if let Some((file, reason)) = text.rsplit_once(": ").filter(|(file, _)| file.ends_with(['’', '\'']))
        && let Some((before, name)) = file.split_once(['‘', '\''])
    {
        let told = before.is_empty() || ["cannot ", "failed to "].iter().any(|start| before.starts_with(start));
        return told.then(|| format!("{}: {reason}", name.trim_end_matches(['’', '\''])));
    }
    text.contains('‘').then(|| text.replace(": ‘", " ‘").replace(['‘', '’'], "'"))
}

/// A name out of its quotes.
fn bare(held: &str) -> &str {
    let quotes = [("'", "'"), ("‘", "’"), ("`", "'")];
    quotes.iter().find_map(|(open, close)| held.strip_prefix(open)?.strip_suffix(close)).unwrap_or(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applets_have_their_own_words() {
        let check = |program: &str, gnu: &str, expect: &str| assert_eq!(reworded(program, gnu), expect, "{program}");
        check("cat", "n: No such file or directory", "can't open 'n': No such file or directory");
        check("cat", "d: Is a directory", "read error: Is a directory");
        check("ls", "cannot access 'n': No such file or directory", "n: No such file or directory");
        check("ls", "cannot access n: No such file or directory", "n: No such file or directory");
        check("rm", "cannot remove 'it''s': Is a directory", "'it''s' is a directory");
        check("grep", "n: No such file or directory", "n: No such file or directory");
        check("rm", "cannot remove ‘n’: No such file or directory", "can't remove 'n': No such file or directory");
        check("rm", "missing operand", "missing operand");
        check("touch", "cannot touch '/no/x': No such file or directory", "/no/x: No such file or directory");
        check("ln", "failed to create symbolic link ‘/no/b’: File exists", "/no/b: File exists");
        check("find", "‘n’: No such file or directory", "n: No such file or directory");
        check("find", "unknown predicate `-zork'", "unrecognized: -zork");
        check("chmod", "invalid mode: ‘999’", "invalid mode '999'");
        check("date", "invalid date ‘foo’", "invalid date 'foo'");
        check("sleep", "invalid time interval ‘1x’", "invalid number '1x'");
        check(
            "cut",
            "you must specify a list of bytes, characters, or fields",
            "expected a list of bytes, characters, or fields",
        );
    }

    #[test]
    fn every_row_has_one_place_for_a_name() {
        for (program, theirs, ours) in WORDS {
            assert_eq!(theirs.matches("{}").count(), 1, "{program}: {theirs}");
            assert!(ours.matches("{}").count() <= 1, "{program}: {ours}");
        }
    }
}
