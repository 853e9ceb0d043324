//! What is asked of `ps`: options with a dash, without one and in words, as procps 3.3 reads them (parser.c). Where they make no
//! sense with dashes, and all of them have one, they are read once more as if there were none.

use super::super::procs::uid;
use super::fields;
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::Proc;

/// What is asked for.
#[derive(Clone, Default)]
pub struct Asked {
    pub all: bool,
    /// Processes with a terminal; without leaders of sessions if `true`.
    pub with_terminal: Option<bool>,
    pub without_terminal: bool,
    pub no_leaders: bool,
    pub running: bool,
    pub own_terminal: bool,
    pub negate: bool,
    pub lists: Lists,
    pub layout: Layout,
    /// Columns of one's own.
    pub columns: Vec<Column>,
    pub no_header: bool,
    pub sort: Vec<(bool, String)>,
    pub tree: Option<Tree>,
    /// The width that was given.
    pub width: Option<usize>,
    pub wide: u32,
    /// Names of programs stand for their command lines.
    pub plain: bool,
    /// What is not modelled of it.
    pub gap: Option<String>,
}

/// Which processes, one by one.
#[derive(Clone, Default)]
pub struct Lists {
    pub pids: Vec<u32>,
    pub ppids: Vec<u32>,
    pub sessions: Vec<u32>,
    pub users: Vec<u32>,
    pub groups: Vec<u32>,
    pub comms: Vec<String>,
    pub ttys: Vec<String>,
    /// Whether one of them was given, be it empty.
    pub any: bool,
}

/// How relations are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    /// `f`, `--forest`: drawn.
    Drawn,
    /// `-H`: by indenting.
    Indented,
}

/// Which columns there are when none is named.
#[derive(Clone, Copy, Default)]
pub struct Layout {
    /// The habits of BSD.
    pub bsd: bool,
    /// Letters of layouts: `f`, `j`, `l`, `u`.
    pub full: bool,
    pub long: bool,
    pub jobs: bool,
    pub user: bool,
    /// Letters that add columns: `-F`, `-L`, `-T`, `-P`, `-c`, `-y`.
    pub extra: bool,
    pub threads: bool,
    pub spid: bool,
    pub processor: bool,
    pub class: bool,
    pub no_flags: bool,
}

/// A column as it was asked for.
#[derive(Clone)]
pub struct Column {
    pub name: String,
    pub head: Option<String>,
    pub width: Option<usize>,
}

/// Wrong use.
pub type Wrong = String;

/// Reads the arguments. The second value says whether they were understood only without their dashes.
pub fn asked(p: &Proc, arguments: &[String]) -> Result<(Asked, bool), Wrong> {
    match Reader::new(p, arguments, false).read() {
        Ok(asked) => Ok((asked, false)),
        Err(wrong) if arguments.iter().any(|word| !word.starts_with('-')) => Err(wrong),
        Err(wrong) => Reader::new(p, arguments, true).read().map(|asked| (asked, true)).map_err(|_| wrong),
    }
}

struct Reader<'a> {
    p: &'a Proc,
    rest: std::slice::Iter<'a, String>,
    bare: bool,
    asked: Asked,
}

impl<'a> Reader<'a> {
    fn new(p: &'a Proc, arguments: &'a [String], bare: bool) -> Self {
        Self { p, rest: arguments.iter(), bare, asked: Asked::default() }
    }

    fn read(mut self) -> Result<Asked, Wrong> {
        while let Some(word) = self.rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                self.long(long)?;
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                if self.bare { self.bsd(letters)? } else { self.sysv(letters)? }
            } else if word.starts_with(|first: char| first.is_ascii_digit()) {
                numbers(&mut self.asked.lists.pids, word)?;
                self.asked.lists.any = true;
            } else {
                self.bsd(word)?;
            }
        }
        let layout = &self.asked.layout;
        let own = !self.asked.columns.is_empty();
        let bsd = layout.bsd && (layout.user || layout.jobs || layout.long);
        let several = [layout.user, layout.jobs, layout.long, layout.full, own].iter().filter(|given| **given).count();
        if bsd && several > 1 {
            return Err("conflicting format options".to_owned());
        }
        if layout.no_flags && !layout.long {
            return Err("modifier -y without format -l makes no sense".to_owned());
        }
        Ok(self.asked)
    }

    fn gap(&mut self, what: String) {
        self.asked.gap.get_or_insert(what);
    }

    fn long(&mut self, long: &str) -> Result<(), Wrong> {
        let (name, attached) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let known = match name {
            "no-headers" | "no-heading" | "noheaders" | "no-header" | "noheader" | "noheading" => {
                self.asked.no_header = true;
                return Ok(());
            }
            "forest" => {
                self.asked.tree = Some(Tree::Drawn);
                return Ok(());
            }
            "deselect" => {
                self.asked.negate = true;
                return Ok(());
            }
            "cumulative" => return Ok(()),
            "headers" | "heading" | "header" | "context" | "info" | "rows" | "lines" => {
                self.gap(format!("ps --{name}"));
                return Ok(());
            }
            "cols" | "columns" | "width" => "number of columns must follow --cols, --width, or --columns",
            "sort" => "long sort specification must follow --sort",
            "pid" | "quick-pid" => "list of process IDs must follow --pid",
            "ppid" => "list of process IDs must follow --ppid",
            "sid" => "some sid thing(s) must follow --sid",
            "user" => "list of effective users must follow --user",
            "User" => "list of real users must follow --User",
            "group" => "list of effective groups must follow --group",
            "Group" => "list of real groups must follow --Group",
            "tty" => "list of ttys must follow --tty",
            "format" => "format specification must follow --format",
            _ => return Err("unknown gnu long option".to_owned()),
        };
        let value = match attached {
            Some(value) => value.to_owned(),
            None => self.rest.next().cloned().ok_or_else(|| known.replace("--pid", &format!("--{name}")))?,
        };
        self.take(name, &value)
    }

    /// An option with a value, by its long name.
    fn take(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        let p = self.p;
        let lists = &mut self.asked.lists;
        match name {
            "cols" | "columns" | "width" => {
                let width = value.parse().ok().filter(|width| *width > 0);
                self.asked.width = Some(width.ok_or("number of columns must follow --cols, --width, or --columns")?);
                return Ok(());
            }
            "sort" => return self.sort(value),
            "format" => return columns(&mut self.asked, value),
            "around" => return columns(&mut self.asked, &format!("pid,{value},state,tname,time,command")),
            "pid" | "quick-pid" => numbers(&mut lists.pids, value)?,
            "ppid" => numbers(&mut lists.ppids, value)?,
            "sid" => numbers(&mut lists.sessions, value)?,
            "user" | "User" => names(&mut lists.users, value, |name| uid(p, name), "user name does not exist")?,
            "group" | "Group" => {
                let gid = |name: &str| {
                    let found = p.peek(|linux| linux.groups().into_iter().find(|group| group.name == name));
                    found.map(|group| group.gid).or_else(|| name.parse().ok())
                };
                names(&mut lists.groups, value, gid, "group name does not exist")?;
            }
            "tty" => {
                for word in words(value) {
                    let name = word.trim_start_matches("/dev/");
                    let there = |name: &str| {
                        let used = |process: &Process| process.tty.as_deref() == Some(name);
                        p.lookup(&format!("/dev/{name}")).is_ok()
                            || p.peek(|linux| linux.processes.iter().any(|(_, process)| used(process)))
                    };
                    let found = [name.to_owned(), format!("tty{name}"), format!("pts/{name}")];
                    let found = found.into_iter().find(|name| there(name));
                    lists.ttys.push(found.ok_or("TTY could not be found")?);
                }
            }
            _ => lists.comms.extend(words(value).map(|name| name.chars().take(15).collect())),
        }
        self.asked.lists.any = true;
        Ok(())
    }

    fn sort(&mut self, value: &str) -> Result<(), Wrong> {
        for key in value.split(',').filter(|key| !key.is_empty()) {
            let down = key.starts_with('-');
            let name = key.trim_start_matches(['-', '+']);
            if fields::find(name).is_none() {
                if !fields::is_gap(name) {
                    return Err("unknown sort specifier".to_owned());
                }
                self.gap(format!("ps --sort {name}"));
            }
            self.asked.sort.push((down, name.to_owned()));
        }
        Ok(())
    }

    /// What stands behind a letter, or in the next word.
    fn value(&mut self, behind: &str, missing: &str) -> Result<String, Wrong> {
        let next = if behind.is_empty() { self.rest.next().cloned() } else { Some(behind.to_owned()) };
        next.ok_or_else(|| missing.to_owned())
    }

    fn sysv(&mut self, letters: &str) -> Result<(), Wrong> {
        let mut at = letters.chars();
        while let Some(letter) = at.next() {
            let behind = at.as_str();
            let (name, missing) = match letter {
                'C' => ("comm", "list of command names must follow -C"),
                'G' => ("group", "list of real groups (RGID) must follow -G"),
                'g' => ("group", "list of session leaders OR effective group IDs must follow -g"),
                'U' => ("user", "list of real users must follow -U"),
                'u' => ("user", "list of users must follow -u"),
                'p' => ("pid", "list of process IDs must follow -p"),
                'q' => ("pid", "list of process IDs must follow -q"),
                's' => ("sid", "list of session IDs must follow -s"),
                't' => ("tty", "list of terminals (pty, tty, pts...) must follow -t"),
                'o' => ("format", "format specification must follow -o"),
                'O' => ("around", "format or sort specification must follow -O"),
                _ => {
                    self.flag(letter)?;
                    continue;
                }
            };
            let value = self.value(behind, missing)?;
            // A number behind `-g` is that of a session.
            let session = letter == 'g' && value.starts_with(|first: char| first.is_ascii_digit());
            return self.take(if session { "sid" } else { name }, &value);
        }
        Ok(())
    }

    /// A letter behind a dash that takes no value.
    fn flag(&mut self, letter: char) -> Result<(), Wrong> {
        let asked = &mut self.asked;
        match letter {
            'e' | 'A' => asked.all = true,
            'a' => asked.with_terminal = Some(true),
            'd' => asked.no_leaders = true,
            'N' => asked.negate = true,
            'f' => asked.layout.full = true,
            'F' => (asked.layout.full, asked.layout.extra) = (true, true),
            'l' => asked.layout.long = true,
            'j' => asked.layout.jobs = true,
            'L' => asked.layout.threads = true,
            'T' => asked.layout.spid = true,
            'P' => asked.layout.processor = true,
            'c' => asked.layout.class = true,
            'y' => asked.layout.no_flags = true,
            'H' => asked.tree = Some(Tree::Indented),
            'w' => asked.wide += 1,
            'M' | 'Z' | 'm' | 'n' => self.gap(format!("ps -{letter}")),
            _ => return Err("unsupported SysV option".to_owned()),
        }
        Ok(())
    }

    fn bsd(&mut self, letters: &str) -> Result<(), Wrong> {
        let mut at = letters.chars();
        self.asked.layout.bsd = true;
        while let Some(letter) = at.next() {
            let asked = &mut self.asked;
            match letter {
                'a' => asked.with_terminal = Some(false),
                'x' => asked.without_terminal = true,
                'g' | 'H' | 'S' => {}
                'u' => asked.layout.user = true,
                'j' => asked.layout.jobs = true,
                'l' => asked.layout.long = true,
                'f' => asked.tree = Some(Tree::Drawn),
                'c' => asked.plain = true,
                'r' => asked.running = true,
                'T' => asked.own_terminal = true,
                'w' => asked.wide += 1,
                'h' => asked.no_header = true,
                't' if at.as_str().is_empty() && self.rest.as_slice().is_empty() => asked.own_terminal = true,
                'o' | 'p' | 'q' | 'U' | 'k' | 't' => {
                    let (name, missing) = match letter {
                        'o' => ("format", "format specification must follow o"),
                        'p' => ("pid", "list of process IDs must follow p"),
                        'q' => ("pid", "list of process IDs must follow q"),
                        'U' => ("user", "list of users must follow U"),
                        't' => ("tty", "list of terminals (pty, tty, pts...) must follow t"),
                        _ => ("sort", "long sort specification must follow 'k'"),
                    };
                    let value = self.value(at.as_str(), missing)?;
                    return self.take(name, &value);
                }
                'e' | 's' | 'v' | 'm' | 'X' | 'Z' | 'L' | 'n' | 'N' | 'O' => self.gap(format!("ps {letter}")),
                _ => return Err("unsupported option (BSD syntax)".to_owned()),
            }
        }
        Ok(())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

fn numbers(list: &mut Vec<u32>, text: &str) -> Result<(), Wrong> {
    for word in words(text) {
        list.push(word.parse().map_err(|_| "process ID list syntax error".to_owned())?);
    }
    Ok(())
}

fn names(
    list: &mut Vec<u32>,
    text: &str,
    find: impl Fn(&str) -> Option<u32>,
    missing: &'static str,
) -> Result<(), Wrong> {
    for word in words(text) {
        list.push(find(word).ok_or(missing)?);
    }
    Ok(())
}

/// Columns of one's own: names with widths and headings.
fn columns(asked: &mut Asked, text: &str) -> Result<(), Wrong> {
    for word in words(text) {
        let (word, head) = word.split_once('=').map_or((word, None), |(word, head)| (word, Some(head.to_owned())));
        let (name, width) = word.split_once(':').map_or((word, None), |(name, width)| (name, Some(width)));
        if fields::find(name).is_none() {
            if !fields::is_gap(name) {
                return Err(format!("unknown user-defined format specifier \"{name}\""));
            }
            asked.gap.get_or_insert(format!("ps -o {name}"));
        }
        let width = match width.map(str::parse) {
            None => None,
            Some(Ok(width @ 1..=4_096)) => Some(width),
            Some(_) => return Err("column widths must be unsigned decimal numbers".to_owned()),
        };
        asked.columns.push(Column { name: name.to_owned(), head, width });
    }
    Ok(())
}
