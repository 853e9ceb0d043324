//! How `ps` sets its lines: which columns a layout has, what they are padded and cut to, and the tree of who started whom
//! (procps-ng 3.3, sortformat.c, output.c, display.c).

use super::fields::{self, Field, Fill, Row, cell};
use super::options::{Asked, Column, Layout, Tree};
use crate::systems::linux::proc::Proc;

/// The names of the columns of a layout.
pub fn names(layout: &Layout) -> Vec<&'static str> {
    if layout.bsd {
        let text = match layout {
            Layout { user: true, .. } => "user pid pcpu pmem vsz rss tname stat start_time bsdtime args",
            Layout { jobs: true, .. } => "ppid pid pgid sid tname tpgid stat uid bsdtime args",
            Layout { long: true, .. } => "f uid pid ppid priority ni vsz rss wchan stat tname bsdtime args",
            _ => "pid tname stat bsdtime args",
        };
        return text.split(' ').collect();
    }
    let Layout { full, long, extra, class, no_flags, .. } = *layout;
    let either = full || long;
    let columns = [
        (long && !no_flags, "f"),
        (long, "s"),
        (full, "uid_hack"),
        (long && !full, "uid"),
        (true, "pid"),
        (layout.spid, "spid"),
        (either, "ppid"),
        (layout.jobs, "pgid"),
        (layout.jobs, "sid"),
        (layout.threads, "lwp"),
        (layout.processor, "psr"),
        (either && !class, "c"),
        (full && layout.threads, "nlwp"),
        (class, "class"),
        (class, "pri"),
        (long && !class, "opri"),
        (long && !class, "ni"),
        (long && no_flags, "rss"),
        (long && !no_flags, "addr_1"),
        (long || extra, "sz"),
        (long, "wchan"),
        (extra && !(long && no_flags), "rss"),
        (extra && !layout.processor, "psr"),
        (full, "stime"),
        (true, "tname"),
        (true, "time"),
        (full, "cmd"),
        (!full, "ucmd"),
    ];
    columns.into_iter().filter(|(there, _)| *there).map(|(_, name)| name).collect()
}

/// A column that is shown.
struct Shown<'a> {
    name: &'a str,
    head: &'a str,
    width: usize,
    fill: Fill,
}

/// The lines of these processes, in order, each with what the tree draws before it.
pub fn text(p: &Proc, asked: &Asked, rows: &[(Row<'_>, String)], screen: usize) -> String {
    let digits = p.peek(|linux| if linux.distro.systemd >= Some(239) { 7 } else { 5 });
    let default: Vec<Column> = names(&asked.layout)
        .into_iter()
        .map(|name| Column { name: name.to_owned(), head: None, width: None })
        .collect();
    let columns = if asked.columns.is_empty() { &default } else { &asked.columns };
    let shown = |column: &Column| -> Option<(&Field, Column)> { Some((fields::find(&column.name)?, column.clone())) };
    let columns: Vec<(&Field, Column)> = columns.iter().filter_map(shown).collect();
    let columns: Vec<Shown<'_>> = columns
        .iter()
        .map(|(field, column)| {
            let head = column.head.as_deref().unwrap_or(field.head);
            let usual = if field.fill == Fill::Number { digits } else { field.width };
            // A heading of one's own widens the column.
            let usual = usual.max(column.head.as_ref().map_or(0, String::len));
            Shown { name: &column.name, head, width: column.width.unwrap_or(usual), fill: field.fill }
        })
        .collect();
    // A line takes as many rows of the screen as its columns need, be the last one short.
    let widths = columns
        .iter()
        .enumerate()
        .map(|(place, column)| if column.fill == Fill::Rest && place + 1 == columns.len() { 3 } else { column.width });
    let total = widths.sum::<usize>() + columns.len().saturating_sub(1);
    let most = screen.saturating_mul(total.div_ceil(screen).max(1));
    let mut text = String::new();
    if !asked.no_header && columns.iter().any(|column| !column.head.is_empty()) {
        line(&mut text, &columns, most, |column| column.head.to_owned());
    }
    for (row, drawn) in rows {
        line(&mut text, &columns, most, |column| {
            let cell = cell(p, column.name, row, column.width, asked.plain);
            if column.fill == Fill::Rest { format!("{drawn}{cell}") } else { cell }
        });
    }
    text
}

/// Sets a line: what is too long for its column takes from the space before the next one.
fn line(text: &mut String, columns: &[Shown<'_>], most: usize, cell: impl Fn(&Shown<'_>) -> String) {
    let (mut wanted, mut at, mut line) = (0, 0, String::new());
    for (place, column) in columns.iter().enumerate() {
        let mut cell = cell(column);
        if column.fill == Fill::Rest && place + 1 < columns.len() {
            cell = cell.chars().take(column.width).collect();
        }
        let length = cell.chars().count();
        let lead =
            if matches!(column.fill, Fill::Right | Fill::Number) { column.width.saturating_sub(length) } else { 0 };
        let space = (wanted + lead).saturating_sub(at).max(usize::from(place > 0));
        line.extend(std::iter::repeat_n(' ', space));
        line.push_str(&cell);
        at += space + length;
        wanted += column.width + 1;
    }
    text.extend(line.chars().take(most));
    text.push('\n');
}

/// The processes as a tree: who started whom, each with what is drawn before it.
pub fn tree<'a>(mut rows: Vec<Row<'a>>, tree: Tree) -> Vec<(Row<'a>, String)> {
    rows.sort_by_key(|row| row.process.ppid);
    let mut forest = Forest { tree, shown: Vec::new(), left: rows.into_iter().map(Some).collect() };
    let is_root = |place: usize, forest: &Forest<'a>| {
        let all = &forest.left;
        let parent = all[place].as_ref().map(|row| row.process.ppid);
        parent.is_some_and(|ppid| !all.iter().flatten().any(|row| row.pid == ppid))
    };
    let roots: Vec<usize> = (0..forest.left.len()).rev().filter(|place| is_root(*place, &forest)).collect();
    for root in roots {
        forest.show(root, "", "", 0);
    }
    forest.shown
}

struct Forest<'a> {
    tree: Tree,
    shown: Vec<(Row<'a>, String)>,
    left: Vec<Option<Row<'a>>>,
}

impl Forest<'_> {
    /// Shows a process and, below it, those that it has started; `level` keeps a saved lab from going round in circles.
    fn show(&mut self, place: usize, before: &str, own: &str, level: usize) {
        const DEEPEST: usize = 100;
        let Some(row) = self.left[place].take() else { return };
        let pid = row.pid;
        self.shown.push((row, format!("{before}{own}")));
        if level > DEEPEST {
            return;
        }
        let children: Vec<usize> = (0..self.left.len())
            .filter(|place| self.left[*place].as_ref().is_some_and(|child| child.process.ppid == pid))
            .collect();
        let below = match own {
            "" => before.to_owned(),
            " \\_ " => format!("{before} |  "),
            _ => format!("{before}{own}"),
        };
        for (nth, child) in children.iter().enumerate() {
            let last = nth + 1 == children.len();
            match self.tree {
                Tree::Indented => self.show(*child, &format!("{before}{own}"), "  ", level + 1),
                // Those of the first process stand at its side.
                Tree::Drawn if pid == 1 => self.show(*child, before, own, level + 1),
                Tree::Drawn if last => self.show_last(*child, &below, level + 1),
                Tree::Drawn => self.show(*child, &below, " \\_ ", level + 1),
            }
        }
    }

    /// The last of its siblings: no line goes past what is below it.
    fn show_last(&mut self, place: usize, before: &str, level: usize) {
        let Some(pid) = self.left[place].as_ref().map(|row| row.pid) else { return };
        let from = self.shown.len();
        self.show(place, before, " \\_ ", level);
        let at = before.len();
        for (row, drawn) in &mut self.shown[from..] {
            if row.pid != pid && drawn[at..].starts_with(" |  ") {
                drawn.replace_range(at..at + 4, "    ");
            }
        }
    }
}
