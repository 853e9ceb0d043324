//! `/proc/self/fd`: the open files of the program that looks (proc(5)). The links are there while a program runs that could
//! look, and each program has its own. Numbers of pipes are inferred: they tell pipes apart and mean nothing else.

use super::fs::{Cred, Ino};
use super::io::Open;
use super::made_files;
use super::own_processes::Linked;
use super::proc::Proc;
use super::terminal;

/// The directory.
const PLACE: &str = "/proc/self/fd";

/// Permission bits of the links: what is open to be read, to be written, both.
const READS: u16 = 0o500;
const WRITES: u16 = 0o300;

impl Proc {
    /// Whether a program of these arguments could look at its open files.
    #[must_use]
    pub fn looks_at_files(&self, words: &[String]) -> bool {
        let there = |text: &str| ["/fd", "/std", "/proc", "/sys"].iter().any(|part| text.contains(part)) || text == "/";
        ["/proc", "/sys"].iter().any(|dir| self.cwd.starts_with(dir))
            || matches!(self.cwd.as_str(), "/" | "/dev")
            || words.iter().any(|word| there(word))
    }

    /// Puts the links there. A program that lists the directory has that open, too.
    pub fn list_files(&self) {
        self.list_processes();
        self.world(made_files::show_links);
        let mut links = self.links();
        links.push((self.files.free(3).to_string(), format!("/proc/{}/fd", self.pid), READS));
        self.relink(&links);
    }

    /// The links to its open files.
    pub(super) fn links(&self) -> Vec<Linked> {
        self.files
            .numbers()
            .filter_map(|fd| self.files.get(fd).map(|open| (fd, open)))
            .map(|(fd, open)| {
                let (text, mode) = self.target(fd, open);
                (fd.to_string(), text, mode)
            })
            .collect()
    }

    /// It has looked. A loop that looks again and again must not fill the table of inodes.
    pub fn unlist_files(&self) {
        let held: Vec<Ino> = self.files.inodes().collect();
        let _ = self.fs(|fs, _| {
            let dir = fs.lookup(&Cred::ROOT, "/", "/proc")?;
            fs.reap_beside(dir, &held);
            Ok(())
        });
    }

    fn relink(&self, links: &[(String, String, u16)]) {
        let owner = self.cred.clone();
        // A disk that is full of files or links has no room for more: then they are missing.
        let _ = self.fs(|fs, now| {
            let dir = fs.lookup(&Cred::ROOT, "/", PLACE)?;
            fs.relink(dir, &owner, links, now)
        });
    }

    /// What a descriptor is a link to, and what it may.
    fn target(&self, fd: u32, open: &Open) -> (String, u16) {
        let device = |name: &str| (format!("/dev/{name}"), if fd == 0 { READS } else { WRITES });
        match open {
            Open::Terminal => (format!("/dev/{}", self.cx.with(|cx| terminal::tty(cx.session))), READS | WRITES),
            Open::Relay | Open::Journal(_) => (format!("socket:[{}]", 32_000 + fd), READS | WRITES),
            Open::Null => device("null"),
            Open::Zero => device("zero"),
            Open::Full => device("full"),
            Open::Random => device("urandom"),
            Open::File(file) => {
                let mode = if file.reads { READS } else { 0 } | if file.writes { WRITES } else { 0 };
                let path = self.peek(|linux| linux.fs.path_of(file.ino));
                (path.unwrap_or_else(|| format!("{} (deleted)", file.path)), mode)
            }
            Open::Reader(reader) => (format!("pipe:[{}]", reader.number()), READS),
            Open::Writer(writer) => (format!("pipe:[{}]", writer.number()), WRITES),
            Open::Text(_) => (format!("pipe:[{}]", 30_000 + fd), READS),
            Open::Capture(_) => (format!("pipe:[{}]", 31_000 + fd), WRITES),
        }
    }
}
