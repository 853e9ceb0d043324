//! `systemctl list-units`, `list-unit-files`, `list-jobs`. Columns and the cut at the edge of a terminal are those of
//! `output_units_list()`; devices, which the real one lists as well, are left out.

use super::{derived, fits, wanted_kind};
use crate::systems;
use crate::systems::linux::model::unit::Spec;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;

struct Row {
    name: String,
    load: &'static str,
    active: &'static str,
    sub: &'static str,
    description: String,
}

impl Row {
    fn is_marked(&self) -> bool {
        self.active == "failed" || self.load != "loaded"
    }
}

/// `list-units`
pub async fn units(p: &mut Proc, given: &Given, patterns: &[String]) -> Ended {
    let states: Vec<&str> = match given.value('S') {
        Some(list) => list.split(',').collect(),
        None if given.has('F') => vec!["failed"],
        None => Vec::new(),
    };
    let all = given.has('a');
    let rows: Vec<Row> = rows(p)
        .into_iter()
        .filter(|row| fits(&row.name, patterns) && wanted_kind(given, &row.name))
        .filter(|row| {
            if states.is_empty() {
                all || row.active != "inactive"
            } else {
                states.iter().any(|state| [row.active, row.sub, row.load].contains(state))
            }
        })
        .collect();
    let text = table(p, &rows, given.has('l'), !given.has('L'), all);
    p.out(&text).await?;
    Ok(0)
}

/// All units that are loaded.
fn rows(p: &Proc) -> Vec<Row> {
    let mut rows: Vec<Row> = p.world(|world, id| {
        let linux = world.linux(id);
        let mut names = linux.unit_files();
        names.extend(linux.units.iter().map(|(name, _)| name.to_owned()));
        names.sort();
        names.dedup();
        let family = systems::family(world, id);
        let known = names.into_iter().filter(|name| !name.contains("@.") && name != "default.target");
        known
            .filter_map(|name| {
                let state = family.unit_state(world, id, &name).unwrap_or_else(|| linux.unit_state(&name));
                let masked = linux.is_masked(&name);
                if masked {
                    let description = name.clone();
                    return Some(Row { name, load: "masked", active: state.active.word(), sub: "dead", description });
                }
                let spec = linux.unit(&name)?;
                let (active, sub) = (state.active.word(), spec.sub(&state));
                Some(Row { name, load: "loaded", active, sub, description: spec.description })
            })
            .collect()
    });
    for unit in derived::all(p) {
        let Spec { name, description, .. } = unit.spec;
        rows.push(Row { name, load: "loaded", active: unit.state.active.word(), sub: unit.sub, description });
    }
    rows.sort_by_cached_key(|row| place(&row.name));
    rows
}

/// Where a unit stands in a list: by kind, then by name, without regard to case.
fn place(name: &str) -> (String, String) {
    (name.rsplit('.').next().unwrap_or_default().to_lowercase(), name.to_lowercase())
}

fn table(p: &Proc, rows: &[Row], full: bool, legend: bool, all: bool) -> String {
    let mut text = String::new();
    let longest = |cell: fn(&Row) -> &str, least: usize| {
        rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0).max(least)
    };
    let (load, active, sub) = (longest(|row| row.load, 4), longest(|row| row.active, 6), longest(|row| row.sub, 3));
    let circle = if rows.iter().any(Row::is_marked) { 2 } else { 0 };
    let widest = longest(|row| &row.name, 4);
    let columns = p.cx.with(|cx| usize::from(cx.session.terminal.columns));
    let on_terminal = p.files.is_terminal(1);
    let (mut id, mut described) = (widest, usize::MAX);
    if !full && on_terminal {
        id = widest.min(25);
        described = 0;
        let mut extra = columns.saturating_sub(circle + 5 + id + 5 + active + sub);
        let first = extra.min(25);
        (described, extra) = (described + first, extra - first);
        let more = (extra / 2).min(widest - id);
        (id, described) = (id + more, described + extra - more);
    }
    let cut = |description: &str| description.chars().take(described).collect::<String>();
    if legend && !rows.is_empty() {
        let blank = " ".repeat(circle);
        text.push_str(&format!(
            "{blank}{:id$} {:load$} {:active$} {:sub$} {}\n",
            "UNIT",
            "LOAD",
            "ACTIVE",
            "SUB",
            cut("DESCRIPTION")
        ));
    }
    for row in rows {
        let mark = match (circle, row.is_marked()) {
            (0, _) => "",
            (_, true) => "● ",
            (_, false) => "  ",
        };
        let name = shortened(&row.name, id);
        let description = cut(&row.description);
        text.push_str(&format!(
            "{mark}{name:id$} {:load$} {:active$} {:sub$} {description}\n",
            row.load, row.active, row.sub
        ));
    }
    if legend {
        let count = rows.len();
        if count > 0 {
            text.push_str(
                "\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation \
                 state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit \
                 type.\n\n",
            );
        }
        let more = if all { "" } else { " Pass --all to see loaded but inactive units, too." };
        text.push_str(&format!(
            "{count} loaded units listed.{more}\nTo show all installed unit files use 'systemctl list-unit-files'.\n"
        ));
    }
    text
}

/// A name cut in its middle, as systemd's `ellipsize()` does it at a third.
fn shortened(name: &str, width: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= width || width < 3 {
        return name.to_owned();
    }
    let head = (width * 33 / 100).min(width - 1);
    let tail = width - head - 1;
    let (head, tail) = (&letters[..head], &letters[letters.len() - tail..]);
    format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

/// `list-unit-files`
pub async fn files(p: &mut Proc, given: &Given, patterns: &[String]) -> Ended {
    let mut rows: Vec<(String, &'static str)> = p.peek(|linux| {
        let names = linux.unit_files().into_iter();
        names.map(|name| (name.clone(), linux.is_enabled(&name).word())).collect()
    });
    // Of those that follow from the machine some have files, too: systemd's own, and since 230 those that it generates.
    let derived = derived::all(p).into_iter().filter(|unit| matches!(unit.enabled, "static" | "generated"));
    rows.extend(derived.filter(|unit| !unit.spec.name.contains('@')).map(|unit| (unit.spec.name, unit.enabled)));
    rows.sort_by_cached_key(|(name, _)| place(name));
    rows.dedup();
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|(name, _)| fits(name, patterns) && wanted_kind(given, name))
        .filter(|(_, word)| given.value('S').is_none_or(|states| states.split(',').any(|state| state == *word)))
        .collect();
    let id = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max("UNIT FILE".len());
    let word = rows.iter().map(|(_, word)| word.len()).max().unwrap_or(0).max("STATE".len());
    let mut text = String::new();
    if !given.has('L') {
        text.push_str(&format!("{:id$} {:word$}\n", "UNIT FILE", "STATE"));
    }
    for (name, state) in &rows {
        text.push_str(&format!("{name:id$} {state:word$}\n"));
    }
    if !given.has('L') {
        text.push_str(&format!("\n{} unit files listed.\n", rows.len()));
    }
    p.out(&text).await?;
    Ok(0)
}

/// `list-jobs`
pub async fn jobs(p: &mut Proc, given: &Given) -> Ended {
    let jobs: Vec<(String, &'static str, bool)> =
        p.peek(|linux| linux.units.jobs().map(|(name, kind, runs)| (name.to_owned(), kind, runs)).collect());
    if jobs.is_empty() {
        p.out("No jobs running.\n").await?;
        return Ok(0);
    }
    let unit = jobs.iter().map(|(name, ..)| name.len()).max().unwrap_or(0).max(4);
    let mut text = String::new();
    if !given.has('L') {
        text.push_str(&format!("JOB {:unit$} TYPE  STATE  \n", "UNIT"));
    }
    for (number, (name, kind, runs)) in (1..).zip(&jobs) {
        let state = if *runs { "running" } else { "waiting" };
        text.push_str(&format!("{number:3} {name:unit$} {kind:5} {state}\n"));
    }
    if !given.has('L') {
        text.push_str(&format!("\n{} jobs listed.\n", jobs.len()));
    }
    p.out(&text).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_in_the_middle() {
        let check = |name: &str, width: usize, expect: &str| assert_eq!(shortened(name, width), expect);
        check("sshd.service", 12, "sshd.service");
        check("systemd-journald.service", 12, "sys….service");
    }
}
