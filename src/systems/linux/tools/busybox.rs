//! What programs say where they are applets of BusyBox, in place of what GNU's say. The words are those of BusyBox 1.35 when
//! asked; older releases, which ESXi has, are taken to say the same.

use std::borrow::Cow;

/// The program, what GNU's says and what the applet says; `{}` stands for the same name in both, in quotes or not.
const WORDS: [(&str, &str, &str); 21] = [
    ("cat", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("cat", "{}: Permission denied", "can't open '{}': Permission denied"),
    ("cat", "{}: Is a directory", "read error: Is a directory"),
    ("cp", "cannot stat {}: No such file or directory", "can't stat '{}': No such file or directory"),
    ("cp", "omitting directory {}", "omitting directory '{}'"),
    ("cp", "-r not specified; omitting directory {}", "omitting directory '{}'"),
    ("head", "cannot open {} for reading: No such file or directory", "{}: No such file or directory"),
    ("ls", "cannot access {}: No such file or directory", "{}: No such file or directory"),
    ("md5sum", "{}: No such file or directory", "can't open '{}': No such file or directory"),
    ("mkdir", "cannot create directory {}: File exists", "can't create directory '{}': File exists"),
    (
        "mkdir",
        "cannot create directory {}: No such file or directory",
        "can't create directory '{}': No such file or directory",
    ),
    ("mv", "cannot stat {}: No such file or directory", "can't rename '{}': No such file or directory"),
    ("rm", "cannot remove {}: No such file or directory", "can't remove '{}': No such file or directory"),
    ("rm", "cannot remove {}: Is a directory", "'{}' is a directory"),
    ("rmdir", "failed to remove {}: No such file or directory", "'{}': No such file or directory"),
    ("sed", "can't read {}: No such file or directory", "{}: No such file or directory"),
    ("sort", "cannot read: {}: No such file or directory", "{}: No such file or directory"),
    ("tar", "{}: Cannot open: No such file or directory", "can't open '{}': No such file or directory"),
    ("tar", "{}: Cannot stat: No such file or directory", "{}: No such file or directory"),
    ("tar", "Exiting with failure status due to previous {}", "error exit delayed from previous {}"),
    ("tail", "cannot open {} for reading: No such file or directory", "can't open '{}': No such file or directory"),
];

/// A complaint of a program in the words of its applet.
#[must_use]
pub fn reworded<'t>(program: &str, text: &'t str) -> Cow<'t, str> {
    for (_, theirs, ours) in WORDS.iter().filter(|(name, ..)| *name == program) {
        let (before, after) = theirs.split_once("{}").unwrap_or((theirs, ""));
        if let Some(held) = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) {
            let quotes = [("'", "'"), ("‘", "’")];
            let bare = quotes.iter().find_map(|(open, close)| held.strip_prefix(open)?.strip_suffix(close));
            let bare = bare.unwrap_or(held);
            return Cow::Owned(ours.replacen("{}", bare, 1));
        }
    }
    Cow::Borrowed(text)
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
    }

    #[test]
    fn every_row_has_one_place_for_a_name() {
        for (program, theirs, ours) in WORDS {
            assert_eq!(theirs.matches("{}").count(), 1, "{program}: {theirs}");
            assert!(ours.matches("{}").count() <= 1, "{program}: {ours}");
        }
    }
}
