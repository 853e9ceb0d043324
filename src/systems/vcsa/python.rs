//! Python, as far as an admin types it in the root shell: it runs the script behind the plug-in `software-packages`, which
//! takes the same words there (reference `software-packages.md` sections 3 and 6: a how-to of 8.0 runs all of it so).

use super::appliancesh;
use crate::shell::{Evidence, Grade};
use crate::systems::linux::fs::Content;
use crate::systems::linux::proc::{Ended, Proc};

/// The script.
pub const SCRIPT: &str = "software-packages.py";

/// How well it is known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "software-packages.py: the plug-in out of bash, by Python or by its own path",
        releases: "6.0 to 8.0",
        grade: Grade::Documented,
        source: "a how-to of 8.0 runs it by python3; that older releases take it, too, is inferred",
    },
    Evidence { what: "python, python3: all else", releases: "6.0 to 8.0", grade: Grade::NotModelled, source: "" },
];

/// `python` and `python3`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn python(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments {
        [path, rest @ ..] if is_script(p, path) => software_packages(p, rest).await,
        _ => p.gap(format!("{} {}", p.name, arguments.join(" ")).trim_end()),
    }
}

fn is_script(p: &Proc, path: &str) -> bool {
    p.lookup(path).is_ok_and(|ino| {
        p.peek(|linux| matches!(linux.fs.content(ino), Some(Content::Program(name, _)) if &**name == SCRIPT))
    })
}

/// `software-packages.py`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn software_packages(p: &mut Proc, arguments: &[String]) -> Ended {
    if !p.cred.is_root() {
        return p.gap(&format!("{SCRIPT} for others than root"));
    }
    let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
    appliancesh::carry_out_line(p, &format!("software-packages {}", words.join(" "))).await
}

/// A word as the appliance shell reads it again.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\"'\"'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::lex;

    #[test]
    fn a_word_stays_what_it_was() {
        for word in ["stage", "--url", "https://a.example/b c/", "it's", "", "\"", "a\\b"] {
            let text = quoted(word);
            let split = lex::split(&text);
            assert!(split.complaint.is_none(), "{text}");
            assert_eq!(split.words, [word], "{text}");
        }
    }
}
