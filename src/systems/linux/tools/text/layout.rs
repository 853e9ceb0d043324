//! `column` of util-linux 2.32 (`-t`, `-s`, `-o`, `-c`, `-x`) and `fmt` of GNU coreutils 8.30; `fmt` fills lines up to its goal
//! instead of weighing paragraphs.

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("column", column)];

const COLUMN: Spec = Spec {
    short: "c:exts:o:nN:R:H:J",
    long: &[
        ("output-width:", 'c'),
        ("fillrows", 'x'),
        ("table", 't'),
        ("separator:", 's'),
        ("output-separator:", 'o'),
        ("table-columns:", 'N'),
        ("table-right:", 'R'),
        ("table-hide:", 'H'),
        ("json", 'J'),
    ],
    gaps: "O: l: E: d T: W: L r: i: p: h V --keep-empty-lines --table-columns-limit: --table-name: \
           --table-noextreme: --table-noheadings --table-order: --table-truncate: --table-wrap: --table-empty-lines \
           --table-header-repeat --tree: --tree-id: --tree-parent:",
};

async fn column(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &COLUMN, arguments, 1);
    for letter in ['H', 'J'] {
        if given.has(letter) {
            return p.gap(&format!("column -{letter}"));
        }
    }
    let mut text = Vec::new();
    let mut status = 0;
    for file in input::files(&given) {
        match input::read_all(p, &file).await? {
            Ok(bytes) => {
                text.extend_from_slice(&bytes);
                input::bounded(&text, b'\n')?;
            }
            Err(errno) => status = input::unread(p, "", &file, errno, 1).await?,
        }
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut out = Out::default();
    if given.has('t') {
        let names: Option<Vec<&str>> = given.value('N').map(|names| names.split(',').collect());
        let right: Vec<&str> = given.value('R').map_or(Vec::new(), |list| list.split(',').collect());
        let mut rows: Vec<Vec<&str>> = names.clone().into_iter().collect();
        rows.extend(lines.iter().map(|line| cells(line, given.value('s'))));
        let to_right = |at: usize| {
            let number = (at + 1).to_string();
            let name = names.as_ref().and_then(|names| names.get(at)).copied();
            right.iter().any(|right| *right == number || Some(*right) == name)
        };
        table(p, &rows, given.value('o').unwrap_or("  "), to_right, &mut out).await?;
    } else {
        let width = given.value('c').map_or(80, |text| text.parse().unwrap_or(80_usize)).clamp(1, 100_000);
        fill(&lines, width, given.has('x'), &mut out);
    }
    out.flush(p).await?;
    Ok(status)
}

/// Blanks in sequence separate once; a separator that was given does so each time.
fn cells<'a>(line: &'a str, separator: Option<&str>) -> Vec<&'a str> {
    match separator {
        None => line.split([' ', '\t']).filter(|cell| !cell.is_empty()).collect(),
        Some(separators) => line.split(|c| separators.contains(c)).collect(),
    }
}

async fn table(
    p: &mut Proc,
    rows: &[Vec<&str>],
    gap: &str,
    right: impl Fn(usize) -> bool,
    out: &mut Out,
) -> Result<(), Cut> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let last = widths.len().saturating_sub(1);
    for row in rows {
        for (at, width) in widths.iter().enumerate() {
            let cell = row.get(at).copied().unwrap_or_default();
            if at > 0 && at <= last {
                out.text(gap);
            }
            match (right(at), at == last) {
                (true, _) => out.text(&format!("{cell:>width$}")),
                (_, true) => out.text(cell),
                _ => out.text(&format!("{cell:<width$}")),
            }
        }
        out.text("\n");
        out.spill(p).await?;
    }
    Ok(())
}

/// Entries in columns as wide as the widest, to tab stops.
fn fill(lines: &[&str], width: usize, across: bool, out: &mut Out) {
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let cell = (widest / 8 + 1) * 8;
    if cell * 2 > width + 7 || cell > width {
        lines.iter().for_each(|line| out.text(&format!("{line}\n")));
        return;
    }
    let columns = (width / cell).max(1);
    let rows = lines.len().div_ceil(columns);
    for row in 0..rows {
        let mut at = 0;
        for number in 0..columns {
            let place = if across { row * columns + number } else { number * rows + row };
            let Some(entry) = lines.get(place) else { break };
            out.text(entry);
            at += entry.chars().count();
            let more =
                if across { number + 1 < columns && place + 1 < lines.len() } else { place + rows < lines.len() };
            if more && number + 1 < columns {
                let next = (number + 1) * cell;
                out.text(&"\t".repeat(next.div_ceil(8) - at / 8));
                at = next;
            }
        }
        out.text("\n");
    }
}
