//! What stands in the way of a new file is kept under another name (`-b`, `--backup`, `-S`), for `cp`, `mv`, `ln` and `install`:
//! gnulib's `backupfile.c`.

use super::super::input::misused;
use super::show::{is_modern, quoted};
use super::{base, join, meta, names, parent};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::argmatch::argument;
use crate::systems::linux::tools::getopt::Given;

/// The letter that stands for `--backup`, which may have a value where `-b` has none.
pub const BACKUP: char = '\u{1a}';

/// How the old file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    /// With a suffix.
    Simple,
    /// With the next number.
    Numbered,
    /// With a number if there is one with a number already.
    Existing,
}

/// That old files are kept, and how.
#[derive(Clone, Debug)]
pub struct Backup {
    control: Control,
    suffix: String,
}

impl Backup {
    /// What the options and the environment ask for.
    ///
    /// # Errors
    /// What coreutils say of a wrong word.
    fn wanted(p: &Proc, given: &Given) -> Result<Option<Self>, String> {
        const WORDS: [&str; 4] = ["none|off", "simple|never", "existing|nil", "numbered|t"];
        if !given.has('b') && !given.has(BACKUP) && !given.has('S') {
            return Ok(None);
        }
        // One without a word leaves what another said.
        let word = match (given.values(BACKUP).last().filter(|word| !word.is_empty()), p.env("VERSION_CONTROL")) {
            (Some(word), _) => argument(Some(word), "backup type", &WORDS)?,
            (None, Some(word)) => argument(Some(word), "$VERSION_CONTROL", &WORDS)?,
            (None, None) => "existing",
        };
        let control = match word {
            "none" => return Ok(None),
            "simple" => Control::Simple,
            "numbered" => Control::Numbered,
            _ => Control::Existing,
        };
        let suffix = given.value('S').or_else(|| p.env("SIMPLE_BACKUP_SUFFIX"));
        let suffix = suffix.filter(|suffix| !suffix.is_empty() && !suffix.contains('/')).unwrap_or("~");
        Ok(Some(Self { control, suffix: suffix.to_owned() }))
    }

    /// Gives a file its other name: that name, or nothing where there is no such file.
    ///
    /// # Errors
    /// What the file system says.
    pub fn make(&self, p: &Proc, path: &str) -> Result<Option<String>, Errno> {
        if meta(p, path, false).is_err() {
            return Ok(None);
        }
        let name = self.name(p, path);
        p.fs(|fs, now| fs.rename(&p.cred, &p.cwd, path, &name, now))?;
        Ok(Some(name))
    }

    /// The name under which a file is kept.
    #[must_use]
    pub fn name(&self, p: &Proc, path: &str) -> String {
        let path = path.trim_end_matches('/');
        let beginning = format!("{}.~", base(path));
        let above = if path.contains('/') { parent(path) } else { "." };
        let all = if self.control == Control::Simple { Vec::new() } else { names(p, above).unwrap_or_default() };
        let numbers = all.iter().filter_map(|name| numbered(name.strip_prefix(&beginning)?.strip_suffix('~')?));
        let highest = numbers.max_by_key(|number| (number.len(), *number));
        let last = match (self.control, highest) {
            (Control::Numbered, None) => format!("{beginning}1~"),
            (Control::Numbered | Control::Existing, Some(highest)) => format!("{beginning}{}~", following(highest)),
            _ => format!("{}{}", base(path), self.suffix),
        };
        if above == "." && !path.starts_with("./") { last } else { join(above, &last) }
    }

    /// Whether what is to be copied or moved is what the old file would be called: then it would be lost.
    #[must_use]
    pub fn strikes(&self, p: &Proc, from: &str, to: &str) -> bool {
        let kept = format!("{}{}", to.trim_end_matches('/'), self.suffix);
        let ino = |path: &str| meta(p, path, false).map(|meta| meta.ino);
        self.control != Control::Numbered
            && base(from) == base(&kept)
            && matches!((ino(from), ino(&kept)), (Ok(from), Ok(kept)) if from == kept)
    }
}

/// The number of a backup: digits of which the first is no zero. They can be any many.
fn numbered(text: &str) -> Option<&str> {
    let good = !text.starts_with('0') && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then_some(text)
}

/// The number behind one.
fn following(number: &str) -> String {
    let kept = number.trim_end_matches('9');
    let nines = number.len() - kept.len();
    let zeros = "0".repeat(nines);
    match kept.char_indices().next_back() {
        None => format!("1{zeros}"),
        Some((at, digit)) => format!("{}{}{zeros}", &kept[..at], digit.to_digit(10).unwrap_or(0) + 1),
    }
}

/// What a talkative program adds about a backup.
#[must_use]
pub fn told(p: &Proc, backup: Option<&String>) -> String {
    backup.map(|name| format!(" (backup: {})", quoted(p, name))).unwrap_or_default()
}

/// How old files are kept; the status where the wish is wrong.
///
/// # Errors
/// [`Cut`]
pub async fn asked(p: &mut Proc, given: &Given) -> Result<Result<Option<Backup>, u8>, Cut> {
    match Backup::wanted(p, given) {
        Ok(backup) => Ok(Ok(backup)),
        Err(text) => misused(p, &text, 1).await.map(Err),
    }
}

/// That what is to be copied or moved would be lost.
///
/// # Errors
/// [`Cut`]
pub async fn warn(p: &mut Proc, source: &str, target: &str, done: &str) -> Result<(), Cut> {
    let danger = if is_modern(p) { "might" } else { "would" };
    p.complain(&format!("backing up {target} {danger} destroy source;  {source} not {done}")).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_backups_have_no_end() {
        for (number, expect) in
            [("1", "2"), ("9", "10"), ("199", "200"), ("18446744073709551615", "18446744073709551616")]
        {
            assert_eq!(following(number), expect);
        }
        for (text, good) in [("7", true), ("007", false), ("", false), ("1x", false), ("0", false)] {
            assert_eq!(numbered(text).is_some(), good, "{text}");
        }
    }
}
