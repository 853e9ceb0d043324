//! What stands in the way of a new file is kept under another name (`-b`, `--backup`, `-S`), for `cp`, `mv`, `ln` and `install`:
//! gnulib's `backupfile.c`.

use super::show::quoted;
use super::{base, join, meta, names, parent};
use crate::systems::linux::fs::Errno;
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
    pub fn wanted(p: &Proc, given: &Given) -> Result<Option<Self>, String> {
        const WORDS: [&str; 4] = ["none|off", "simple|never", "existing|nil", "numbered|t"];
        if !given.has('b') && !given.has(BACKUP) && !given.has('S') {
            return Ok(None);
        }
        let word = match (given.value(BACKUP), p.env("VERSION_CONTROL")) {
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
        let number = |name: &str| name.strip_prefix(&beginning)?.strip_suffix('~')?.parse::<u64>().ok();
        let above = if path.contains('/') { parent(path) } else { "." };
        let all = if self.control == Control::Simple { Vec::new() } else { names(p, above).unwrap_or_default() };
        let highest = all.iter().filter_map(|name| number(name)).max();
        let last = match (self.control, highest) {
            (Control::Numbered, highest) => format!("{beginning}{}~", highest.unwrap_or(0) + 1),
            (Control::Existing, Some(highest)) => format!("{beginning}{}~", highest + 1),
            _ => format!("{}{}", base(path), self.suffix),
        };
        if above == "." && !path.starts_with("./") { last } else { join(above, &last) }
    }
}

/// What a talkative program adds about a backup.
#[must_use]
pub fn told(p: &Proc, backup: Option<&String>) -> String {
    backup.map(|name| format!(" (backup: {})", quoted(p, name))).unwrap_or_default()
}
