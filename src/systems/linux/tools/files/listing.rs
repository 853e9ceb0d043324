//! How `ls` writes a list of files: one a line, in columns, or long.

use super::quoting::Quoting;
use super::{Meta, Owners, columns, meta, show, when};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::io::Cut;
use crate::systems::linux::mode;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::argmatch::{Wrong, argument};
use crate::systems::linux::tools::getopt::Given;

/// The shape of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One a line with all that is known.
    Long,
    /// One a line.
    Lines,
    /// In columns, down first.
    Down,
    /// In columns, across first.
    Across,
    /// With commas between.
    Commas,
}

/// A file to be listed.
#[derive(Debug)]
pub struct Entry {
    /// Its name as it is listed.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// What it is.
    pub meta: Meta,
    /// Of a link: its text, and what is there.
    target: Option<(String, Option<Meta>)>,
    /// Whether nothing is known of it but its name: the directory may be read, and not be gone through.
    unknown: bool,
}

impl Entry {
    /// A file of which only the name can be had; `stat` is that of its directory.
    pub fn unknown(name: String, path: String, stat: Meta) -> Self {
        Self { name, path, meta: Meta { label: None, ..stat }, target: None, unknown: true }
    }

    /// A file with what is listed of it.
    pub fn new(p: &Proc, name: String, path: String, stat: Meta, follow: bool) -> Self {
        let target = match &stat.kind {
            Kind::Link(text) if !follow => Some((text.clone(), meta(p, &path, true).ok())),
            Kind::Link(text) => Some((text.clone(), None)),
            _ => None,
        };
        Self { name, path, meta: stat, target, unknown: false }
    }

    /// Whether it is a directory or a link to one.
    pub fn leads_to_directory(&self) -> bool {
        let target = self.target.as_ref().and_then(|(_, meta)| meta.as_ref());
        !self.unknown && (self.meta.is_dir() || target.is_some_and(Meta::is_dir))
    }
}

/// Which of a file's times is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Modified,
    Changed,
    Read,
}

/// What is shown of each file.
#[derive(Debug)]
pub struct Look {
    /// The shape.
    pub format: Format,
    /// Whether the SELinux context is shown.
    pub context: bool,
    inode: bool,
    blocks: bool,
    base: u64,
    owner: bool,
    group: bool,
    indicator: Indicator,
    width: usize,
    quoting: Quoting,
    hides: bool,
    which: Which,
    style: Option<String>,
    owners: Owners,
    /// RHEL 7's `ls -Z` has a list of its own.
    short_context: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indicator {
    Nothing,
    Slash,
    Type,
    All,
}

const FORMATS: [&str; 5] = ["verbose|long", "commas", "horizontal|across", "vertical", "single-column"];
const TIMES: [&str; 2] = ["atime|access|use", "ctime|status"];
const COLORS: [&str; 3] = ["always|yes|force", "never|no|none", "auto|tty|if-tty"];

impl Look {
    /// What the options ask for.
    ///
    /// # Errors
    /// What `ls` says of a wrong one.
    pub fn new(p: &Proc, given: &Given) -> Result<Self, Wrong> {
        let terminal = p.files.is_terminal(1);
        if let Some(color) = given.value('\u{10}')
            && argument(Some(color), "--color", &COLORS)? == "always"
        {
            // It goes on in black and white.
            let _ = p.gap("ls --color=always");
        }
        let usual = if terminal { Format::Down } else { Format::Lines };
        let modern = show::is_modern(p);
        let usual_quoting =
            if terminal && modern { Quoting::Shell { always: false, escapes: true } } else { Quoting::Literal };
        let context = given.has('Z');
        let last = given.options.iter().rev().find_map(|(letter, value)| match letter {
            'l' | 'n' | 'g' | 'o' | '\u{13}' => Some(Ok(Format::Long)),
            '1' => Some(Ok(Format::Lines)),
            'C' => Some(Ok(Format::Down)),
            'x' => Some(Ok(Format::Across)),
            'm' => Some(Ok(Format::Commas)),
            '\u{12}' => Some(argument(value.as_deref(), "--format", &FORMATS).map(|word| match word {
                "horizontal" => Format::Across,
                "commas" => Format::Commas,
                "single-column" => Format::Lines,
                "vertical" => Format::Down,
                _ => Format::Long,
            })),
            _ => None,
        });
        let mut format = last.transpose()?.unwrap_or(usual);
        // `-1` does not take `-l` back.
        if format == Format::Lines && "lngo\u{13}".chars().any(|letter| given.has(letter)) {
            format = Format::Long;
        }
        let short_context = context && !modern && format != Format::Long;
        let which = match given.last_of("cu\u{17}") {
            None => Which::Modified,
            Some('c') => Which::Changed,
            Some('u') => Which::Read,
            _ => match argument(given.value('\u{17}'), "--time", &TIMES)? {
                "ctime" => Which::Changed,
                _ => Which::Read,
            },
        };
        let width = given.value('w').and_then(|text| text.parse().ok());
        Ok(Self {
            format: if short_context { Format::Long } else { format },
            context,
            inode: given.has('i'),
            blocks: given.has('s'),
            base: match given.last_of("h\u{15}") {
                Some('h') => 1024,
                Some(_) => 1000,
                None => 0,
            },
            owner: !given.has('g'),
            group: !given.has('G') && !given.has('o'),
            indicator: match given.last_of("Fp\u{11}") {
                None => Indicator::Nothing,
                Some('F') => Indicator::All,
                Some('p') => Indicator::Slash,
                Some(_) => Indicator::Type,
            },
            width: width.unwrap_or_else(|| columns(p)),
            quoting: Quoting::wanted(p, given, usual_quoting)?,
            hides: given.has('q') || terminal && !modern,
            which,
            style: style(p, given)?,
            owners: Owners::of(p, given.has('n')),
            short_context,
        })
    }

    /// The time that is shown and sorted by.
    pub fn time(&self, meta: &Meta) -> Instant {
        match self.which {
            Which::Modified => meta.mtime,
            Which::Changed => meta.ctime,
            Which::Read => meta.atime,
        }
    }

    /// Prints a list, that of a directory with its total.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn show(&self, p: &mut Proc, entries: &[Entry], directory: Option<()>) -> Result<(), Cut> {
        let mut text = String::new();
        if directory.is_some() && (self.format == Format::Long && !self.short_context || self.blocks) {
            let bytes: u64 = entries.iter().filter(|entry| !entry.unknown).map(|entry| entry.meta.allocated).sum();
            text = format!("total {}\n", self.size_of_blocks(bytes));
        }
        let shown = self.shown(entries);
        let lead = self.leads(entries);
        if self.format == Format::Long {
            let long = self.long(p, entries);
            for (((entry, name), lead), long) in entries.iter().zip(&shown).zip(&lead).zip(&long) {
                let arrow = entry.target.as_ref().map_or(String::new(), |(target, found)| {
                    let target = self.name(target);
                    let mark = found.as_ref().map_or("", |meta| self.mark(meta));
                    format!(" -> {target}{mark}")
                });
                let mark = if entry.meta.is_link() || entry.unknown { "" } else { self.mark(&entry.meta) };
                text.push_str(&format!("{lead}{long} {name}{mark}{arrow}\n"));
                p.tick().await?;
            }
        } else {
            let cells = entries.iter().zip(&shown).zip(&lead);
            let cells = cells.map(|((entry, name), lead)| {
                let mark = if entry.unknown { "" } else { self.mark(&entry.meta) };
                format!("{lead}{name}{mark}")
            });
            let cells: Vec<String> = cells.collect();
            text.push_str(&match self.format {
                Format::Commas => commas(&cells, self.width),
                Format::Down => in_columns(&cells, self.width, true),
                Format::Across => in_columns(&cells, self.width, false),
                _ => cells.iter().map(|cell| format!("{cell}\n")).collect(),
            });
        }
        p.out(&text).await
    }

    /// The names; where one of them is in quotes the others begin one column later.
    fn shown(&self, entries: &[Entry]) -> Vec<String> {
        let quoted: Vec<String> = entries.iter().map(|entry| self.name(&entry.name)).collect();
        let aligns = !matches!(self.format, Format::Lines | Format::Commas);
        let is_quoted = |text: &String| text.starts_with(['\'', '"']);
        if self.quoting == (Quoting::Shell { always: false, escapes: true }) && aligns && quoted.iter().any(is_quoted) {
            return quoted.into_iter().map(|text| if is_quoted(&text) { text } else { format!(" {text}") }).collect();
        }
        quoted
    }

    fn name(&self, name: &str) -> String {
        if self.quoting == Quoting::Literal && self.hides {
            return name.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect();
        }
        self.quoting.of(name)
    }

    /// Inode number, blocks and context before a name.
    fn leads(&self, entries: &[Entry]) -> Vec<String> {
        let known = |entry: &Entry, text: String| if entry.unknown { "?".to_owned() } else { text };
        let number = |entry: &Entry| known(entry, entry.meta.number.to_string());
        let blocks = |entry: &Entry| known(entry, self.size_of_blocks(entry.meta.allocated));
        let aligned = self.format != Format::Commas;
        let widest = |of: &dyn Fn(&Entry) -> String| {
            if aligned { entries.iter().map(|entry| of(entry).len()).max().unwrap_or(0) } else { 0 }
        };
        let (numbers, sizes) = (widest(&number), widest(&blocks));
        let contexts = if self.format == Format::Lines { 0 } else { widest(&|entry| entry.meta.context()) };
        let lead = |entry: &Entry| {
            let mut lead = String::new();
            if self.inode {
                lead.push_str(&format!("{:>numbers$} ", number(entry)));
            }
            if self.blocks {
                lead.push_str(&format!("{:>sizes$} ", blocks(entry)));
            }
            if self.context && self.format != Format::Long {
                lead.push_str(&format!("{:<contexts$} ", entry.meta.context()));
            }
            lead
        };
        entries.iter().map(lead).collect()
    }

    /// The long form without lead and name.
    fn long(&self, p: &Proc, entries: &[Entry]) -> Vec<String> {
        let labelled = entries.iter().any(|entry| entry.meta.label.is_some());
        let devices = entries.iter().filter_map(|entry| device(&entry.meta));
        let (majors, minors) = devices.fold((0, 0), |(majors, minors), (major, minor)| {
            (majors.max(major.to_string().len()), minors.max(minor.to_string().len()))
        });
        let size = |entry: &Entry| match device(&entry.meta) {
            _ if entry.unknown => "?".to_owned(),
            Some((major, minor)) => format!("{major:>majors$}, {minor:>minors$}"),
            None if self.base > 0 => show::human(entry.meta.size, self.base),
            None => entry.meta.size.to_string(),
        };
        let column = |of: &dyn Fn(&Entry) -> String| -> (Vec<String>, usize) {
            let of = |entry: &Entry| if entry.unknown { "?".to_owned() } else { of(entry) };
            let cells: Vec<String> = entries.iter().map(of).collect();
            let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
            (cells, width)
        };
        let (links, link) = column(&|entry| entry.meta.nlink.to_string());
        let (users, user) = column(&|entry| self.owners.user(entry.meta.uid));
        let (groups, group) = column(&|entry| self.owners.group(entry.meta.gid));
        let (contexts, context) = column(&|entry| entry.meta.context());
        let (sizes, size) = column(&size);
        // BusyBox has columns of a fixed width.
        let [link, user, group, size] = if p.peek(|linux| linux.distro.dialect()) == Dialect::Ash {
            [link.max(4), user.max(8), group.max(8), size.max(9)]
        } else {
            [link, user, group, size]
        };
        let line = |(at, entry): (usize, &Entry)| {
            let mut line = match entry.unknown {
                true => format!("{}?????????", if matches!(entry.name.as_str(), "." | "..") { 'd' } else { '-' }),
                false => mode::shown(&entry.meta.kind, entry.meta.mode),
            };
            if labelled {
                line.push(if entry.meta.label.is_some() { '.' } else { ' ' });
            }
            if !self.short_context {
                line.push_str(&format!(" {:>link$}", links[at]));
            }
            if self.owner {
                line.push_str(&format!(" {:<user$}", users[at]));
            }
            if self.group {
                line.push_str(&format!(" {:<group$}", groups[at]));
            }
            if self.context {
                line.push_str(&format!(" {:<context$}", contexts[at]));
            }
            if !self.short_context {
                let age = if entry.unknown { format!("{:>12}", "?") } else { self.age(p, self.time(&entry.meta)) };
                line.push_str(&format!(" {:>size$} {age}", sizes[at]));
            }
            line
        };
        entries.iter().enumerate().map(line).collect()
    }

    /// Whether more is shown or asked of a file than its name.
    #[must_use]
    pub fn looks_at_files(&self) -> bool {
        self.format == Format::Long || self.blocks || self.context || self.indicator == Indicator::All
    }

    /// A moment: of the last six months with its hour, else with its year.
    fn age(&self, p: &Proc, at: Instant) -> String {
        const HALF_A_YEAR: Span = Span::secs(31_556_952 / 2);
        let now = p.now();
        let recent = at <= now && at + HALF_A_YEAR > now;
        let form = self.style.as_deref().unwrap_or("%b %e  %Y\n%b %e %H:%M");
        let form = match form.split_once('\n') {
            Some((_, form)) if recent => form,
            Some((form, _)) => form,
            None => form,
        };
        when(p, at, form)
    }

    fn size_of_blocks(&self, bytes: u64) -> String {
        if self.base > 0 { show::human(bytes, self.base) } else { bytes.div_ceil(1024).to_string() }
    }

    /// What stands behind a name to tell its kind.
    fn mark(&self, meta: &Meta) -> &'static str {
        match (&meta.kind, self.indicator) {
            (_, Indicator::Nothing) => "",
            (Kind::Dir { .. }, _) => "/",
            (_, Indicator::Slash) => "",
            (Kind::Link(_), _) => "@",
            (Kind::Fifo, _) => "|",
            (Kind::Socket, _) => "=",
            (Kind::File(_), Indicator::All) if meta.mode & 0o111 != 0 => "*",
            _ => "",
        }
    }
}

/// The form in which times are shown; `None`: as usual.
fn style(p: &Proc, given: &Given) -> Result<Option<String>, Wrong> {
    if given.last_of("\u{13}\u{18}") == Some('\u{13}') {
        return Ok(Some("%Y-%m-%d %H:%M:%S.%N %z".to_owned()));
    }
    let Some(style) = given.value('\u{18}').or_else(|| p.env("TIME_STYLE")) else { return Ok(None) };
    Ok(match style.trim_start_matches("posix-") {
        "full-iso" => Some("%Y-%m-%d %H:%M:%S.%N %z".to_owned()),
        "long-iso" => Some("%Y-%m-%d %H:%M".to_owned()),
        "iso" => Some("%Y-%m-%d \n%m-%d %H:%M".to_owned()),
        "locale" => None,
        style => match style.strip_prefix('+') {
            Some(form) => Some(form.to_owned()),
            None => {
                let words = ["full-iso", "long-iso", "iso", "locale"].map(|word| format!("\n  - [posix-]{word}"));
                return Err(Wrong::Other(format!(
                    "invalid argument {} for {}\nValid arguments are:{}\n  - +FORMAT (e.g., +%H:%M) for a 'date'-style \
                     format",
                    show::curly(style),
                    show::curly("time style"),
                    words.concat()
                )));
            }
        },
    })
}

fn device(meta: &Meta) -> Option<(u32, u32)> {
    match meta.kind {
        Kind::Char { major, minor } | Kind::Block { major, minor } => Some((major, minor)),
        _ => None,
    }
}

/// Cells in as few lines as fit into a width, two columns of space between.
fn in_columns(cells: &[String], width: usize, down: bool) -> String {
    const NARROWEST: usize = 3;
    let length = |cell: &String| cell.chars().count();
    let rows_of = |columns: usize| cells.len().div_ceil(columns);
    let at = |index: usize, columns: usize| if down { index / rows_of(columns) } else { index % columns };
    let widths = |columns: usize| {
        let mut widths = vec![NARROWEST; columns];
        for (index, cell) in cells.iter().enumerate() {
            let column = at(index, columns);
            widths[column] = widths[column].max(length(cell) + if column + 1 == columns { 0 } else { 2 });
        }
        widths
    };
    let most = (width / NARROWEST).clamp(1, cells.len().max(1));
    let fits = |columns: &usize| *columns == 1 || widths(*columns).iter().sum::<usize>() < width;
    let columns = (1..=most).rev().find(fits).unwrap_or(1);
    let (widths, rows) = (widths(columns), rows_of(columns));
    let mut text = String::new();
    for row in 0..rows {
        let index = |column: usize| if down { column * rows + row } else { row * columns + column };
        let mut padding = 0;
        for (column, width) in widths.iter().enumerate() {
            let Some(cell) = cells.get(index(column)) else { break };
            text.push_str(&" ".repeat(padding));
            text.push_str(cell);
            padding = width.saturating_sub(length(cell));
        }
        text.push('\n');
    }
    text
}

/// `ls -m`
fn commas(cells: &[String], width: usize) -> String {
    let (mut text, mut at) = (String::new(), 0);
    for (index, cell) in cells.iter().enumerate() {
        let length = cell.chars().count();
        if index > 0 {
            let fits = at + length + 2 < width;
            text.push_str(if fits { ", " } else { ",\n" });
            at = if fits { at + 2 } else { 0 };
        }
        text.push_str(cell);
        at += length;
    }
    if !cells.is_empty() {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_many_as_fit() {
        let check = |words: &str, width: usize, down: bool, expect: &str| {
            let cells: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(in_columns(&cells, width, down), expect, "{words}");
        };
        check("a b c", 80, true, "a  b  c\n");
        check("a bb c", 8, true, "a   c\nbb\n");
        check("alpha beta gamma delta epsilon", 20, true, "alpha  delta\nbeta   epsilon\ngamma\n");
        check("alpha beta gamma delta epsilon", 20, false, "alpha    beta\ngamma    delta\nepsilon\n");
        check("", 80, true, "");
        assert_eq!(commas(&["aaa".into(), "bbb".into(), "ccc".into()], 10), "aaa, bbb,\nccc\n");
    }
}
