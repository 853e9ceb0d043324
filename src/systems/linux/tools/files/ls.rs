//! `ls`: which files are listed, in which order. How a list looks is the neighbour's.

use super::super::input::{self, given, misused};
use std::cmp::Ordering;

use super::listing::{Entry, Format, Look};
use super::{DEEPEST, Meta, collate, join, meta, names, show};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::argmatch::{Wrong, argument};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ls", ls), tool!("dir", ls), tool!("vdir", vdir)];

const CLI: Spec = Spec {
    short: "aAbBcCdfFgGhHiI:klLmnNopqQrRsStT:uUvw:xXZ1",
    long: &[
        ("all", 'a'),
        ("almost-all", 'A'),
        ("classify", 'F'),
        ("color::", '\u{10}'),
        ("context", 'Z'),
        ("dereference", 'L'),
        ("dereference-command-line", 'H'),
        ("directory", 'd'),
        ("escape", 'b'),
        ("file-type", '\u{11}'),
        ("format:", '\u{12}'),
        ("full-time", '\u{13}'),
        ("group-directories-first", '\u{14}'),
        ("hide:", '\u{19}'),
        ("hide-control-chars", 'q'),
        ("human-readable", 'h'),
        ("ignore:", 'I'),
        ("ignore-backups", 'B'),
        ("inode", 'i'),
        ("kibibytes", 'k'),
        ("literal", 'N'),
        ("no-group", 'G'),
        ("numeric-uid-gid", 'n'),
        ("quote-name", 'Q'),
        ("quoting-style:", '\u{1b}'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("si", '\u{15}'),
        ("size", 's'),
        ("sort:", '\u{16}'),
        ("tabsize:", 'T'),
        ("time:", '\u{17}'),
        ("time-style:", '\u{18}'),
        ("width:", 'w'),
    ],
    gaps: "D --author --block-size: --dired --hyperlink:: --indicator-style: --show-control-chars",
};

/// In which order files are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Name,
    Time,
    Size,
    Extension,
    Version,
    None,
}

/// Which files are listed, and how.
struct List {
    all: bool,
    almost: bool,
    backups: bool,
    ignored: Vec<Pattern>,
    itself: bool,
    recursive: bool,
    follow: bool,
    follow_named: Named,
    order: Order,
    reverse: bool,
    directories_first: bool,
    language: bool,
    look: Look,
    status: u8,
    printed: bool,
}

async fn vdir(p: &mut Proc, arguments: &[String]) -> Ended {
    let long = [&["-l".to_owned()], arguments].concat();
    ls(p, &long).await
}

async fn ls(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CLI, arguments, 2);
    for (letter, what) in [('w', "line width"), ('T', "tab size")] {
        if let Some(text) = given.value(letter).filter(|text| text.parse::<usize>().is_err()) {
            return input::failed(p, &format!("invalid {what}: {}", show::curly(text)), 2).await;
        }
    }
    let mut list = match List::new(p, &given) {
        Ok(list) => list,
        Err(Wrong::Word(text)) => return misused(p, &text, 1).await,
        Err(Wrong::Other(text)) => return misused(p, &text, 2).await,
    };
    if list.look.context {
        p.inferred();
    }
    list.run(p, &given.operands).await?;
    Ok(list.status)
}

impl List {
    fn new(p: &Proc, given: &Given) -> Result<Self, Wrong> {
        let look = Look::new(p, given)?;
        let order = order(given, &look)?;
        let shows_all = given.has('a') || given.has('A') || given.has('f');
        let hidden = given.values('\u{19}').filter(|_| !shows_all);
        let pattern = |text: &str| Pattern::new(text, Options::default());
        Ok(Self {
            all: given.has('a') || given.has('f'),
            almost: given.has('A'),
            backups: !given.has('B'),
            ignored: given.values('I').chain(hidden).map(pattern).collect(),
            itself: given.has('d'),
            recursive: given.has('R'),
            follow: given.has('L'),
            follow_named: match given.has('H') {
                true => Named::All,
                false if given.has('d') || given.has('F') || look.format == Format::Long => Named::No,
                false => Named::Directories,
            },
            order,
            reverse: given.has('r'),
            directories_first: given.has('\u{14}'),
            language: collate::has_language(p),
            look,
            status: 0,
            printed: false,
        })
    }

    async fn run(&mut self, p: &mut Proc, operands: &[String]) -> Result<(), Cut> {
        let here = [".".to_owned()];
        let operands = if operands.is_empty() { &here } else { operands };
        let (mut files, mut directories) = (Vec::new(), Vec::new());
        for path in operands {
            let follow = self.follow || given_link(p, path, self.follow_named);
            match meta(p, path, follow) {
                Ok(meta) => {
                    let entry = Entry::new(p, path.clone(), path.clone(), meta, self.follow);
                    if entry.meta.is_dir() && !self.itself { directories.push(entry) } else { files.push(entry) }
                }
                Err(errno) => {
                    let name = show::accessed(p, path);
                    p.complain(&format!("cannot access {name}: {}", errno.text())).await?;
                    self.status = 2;
                }
            }
        }
        self.sort(&mut files);
        self.sort(&mut directories);
        let titled = self.recursive || operands.len() > 1;
        if !files.is_empty() {
            self.look.show(p, &files, None).await?;
            self.printed = true;
        }
        for directory in directories {
            self.directory(p, directory.path, titled).await?;
        }
        Ok(())
    }

    /// One directory and, with `-R`, all below it.
    async fn directory(&mut self, p: &mut Proc, path: String, titled: bool) -> Result<(), Cut> {
        let mut pending = vec![(path, 0)];
        while let Some((path, level)) = pending.pop() {
            p.tick().await?;
            let found = match names(p, &path) {
                Ok(found) => found,
                Err(errno) => {
                    let name = show::accessed(p, &path);
                    p.complain(&format!("cannot open directory {name}: {}", errno.text())).await?;
                    self.status = self.status.max(if level == 0 { 2 } else { 1 });
                    continue;
                }
            };
            let mut entries = Vec::with_capacity(found.len() + 2);
            let mut listed: Vec<String> = [".", ".."].map(str::to_owned).into_iter().chain(found).collect();
            listed.retain(|name| self.shows(name));
            for name in listed {
                let at = join(&path, &name);
                match meta(p, &at, self.follow).or_else(|_| meta(p, &at, false)) {
                    Ok(stat) => entries.push(Entry::new(p, name, at, stat, self.follow)),
                    Err(errno) => {
                        if self.look.looks_at_files() {
                            let name = show::accessed(p, &at);
                            p.complain(&format!("cannot access {name}: {}", errno.text())).await?;
                            self.status = self.status.max(1);
                        }
                        entries.extend(meta(p, &path, true).ok().map(|stat| Entry::unknown(name, at, stat)));
                    }
                }
            }
            self.sort(&mut entries);
            if std::mem::replace(&mut self.printed, true) {
                p.out("\n").await?;
            }
            if titled {
                let title = if p.files.is_terminal(1) { show::colon(p, &path) } else { path.clone() };
                p.out(&format!("{title}:\n")).await?;
            }
            self.look.show(p, &entries, Some(())).await?;
            if self.recursive && level < DEEPEST {
                let below = |entry: &&Entry| {
                    entry.leads_to_directory() && entry.meta.is_dir() && entry.name != "." && entry.name != ".."
                };
                pending.extend(entries.iter().rev().filter(below).map(|entry| (entry.path.clone(), level + 1)));
            }
        }
        Ok(())
    }

    fn shows(&self, name: &str) -> bool {
        let dot = match name {
            "." | ".." => self.all,
            name => self.all || self.almost || !name.starts_with('.'),
        };
        dot && (self.backups || !name.ends_with('~'))
            && !self.ignored.iter().any(|pattern| pattern.matches_path_component(name, false))
    }

    fn sort(&self, entries: &mut [Entry]) {
        if self.order == Order::None {
            return;
        }
        let names = |a: &Entry, b: &Entry| collate::compare(&a.name, &b.name, self.language);
        let time = |meta: &Meta| self.look.time(meta);
        entries.sort_by(|a, b| {
            let order = match self.order {
                Order::Time => time(&b.meta).cmp(&time(&a.meta)),
                Order::Size => b.meta.size.cmp(&a.meta.size),
                Order::Extension => extension(&a.name).cmp(extension(&b.name)),
                Order::Version => version(&a.name, &b.name),
                Order::Name | Order::None => Ordering::Equal,
            };
            let order = order.then_with(|| names(a, b));
            let order = if self.reverse { order.reverse() } else { order };
            let first = |entry: &Entry| self.directories_first && entry.leads_to_directory();
            first(b).cmp(&first(a)).then(order)
        });
    }
}

/// Which links on the command line are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// None.
    No,
    /// Those to directories.
    Directories,
    /// All (`-H`).
    All,
}

fn given_link(p: &Proc, path: &str, named: Named) -> bool {
    match named {
        Named::No => false,
        Named::All => meta(p, path, true).is_ok(),
        Named::Directories => meta(p, path, true).is_ok_and(|meta| meta.is_dir()),
    }
}

fn extension(name: &str) -> &str {
    name.rfind('.').map_or("", |at| &name[at..])
}

/// Numbers within names count as numbers.
fn version(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let plain = |text: &str| text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (left, right) = (plain(a), plain(b));
        let order = a[..left].cmp(&b[..right]);
        if order != Ordering::Equal || a.is_empty() || b.is_empty() {
            return order.then_with(|| a.len().cmp(&b.len()));
        }
        (a, b) = (&a[left..], &b[right..]);
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (left, right) = (digits(a), digits(b));
        let number = |text: &str| text.trim_start_matches('0').to_owned();
        let (one, other) = (number(&a[..left]), number(&b[..right]));
        let order = one.len().cmp(&other.len()).then_with(|| one.cmp(&other));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[left..], &b[right..]);
    }
}

fn order(given: &Given, look: &Look) -> Result<Order, String> {
    let usual =
        if look.format != Format::Long && (given.has('c') || given.has('u')) { Order::Time } else { Order::Name };
    Ok(match given.last_of("tSXUfv\u{16}") {
        None => usual,
        Some('t') => Order::Time,
        Some('S') => Order::Size,
        Some('X') => Order::Extension,
        Some('v') => Order::Version,
        Some('\u{16}') => match argument(given.value('\u{16}'), "--sort", &SORTS)? {
            "time" => Order::Time,
            "size" => Order::Size,
            "extension" => Order::Extension,
            "version" => Order::Version,
            _ => Order::None,
        },
        Some(_) => Order::None,
    })
}

const SORTS: [&str; 5] = ["none", "time", "size", "extension", "version"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let check = |a: &str, b: &str, expect: Ordering| assert_eq!(version(a, b), expect, "{a} {b}");
        check("a2", "a10", Ordering::Less);
        check("a10", "a10", Ordering::Equal);
        check("a10b", "a10a", Ordering::Greater);
        check("a", "a1", Ordering::Less);
        check("kernel-4.18.0-80", "kernel-4.18.0-305", Ordering::Less);
    }
}
