//! The tables that appsh prints about itself: labs, facts, coverage.

use std::collections::BTreeMap;

use super::{MISUSED, Trouble, open};
use crate::lab_file::BUNDLED;
use crate::shell::{Evidence, Grade};
use crate::systems::{coverage, facts, family};
use crate::vm::Drive;

/// `appsh labs`: all bundled labs, or what is in one.
pub fn labs(name: Option<&str>) -> Result<Vec<u8>, Trouble> {
    let Some(name) = name else {
        let mut rows = Vec::new();
        for (name, _) in BUNDLED {
            rows.push(vec![(*name).to_owned(), open::lab_file(name)?.file.title]);
        }
        return Ok(table(&rows));
    };
    let named = open::lab_file(name)?;
    let world = world(&named)?;
    let mut text = format!("{}\nstarts at {}, seed {}\n", named.file.title, world.now, named.file.seed);
    for (id, machine) in world.machines() {
        text.push_str(&format!("\n{} ({})\n", machine.name, machine.address));
        text.push_str(&format!("    system    {}\n", family(&world, id).describe(&world, id)));
        text.push_str(&format!("    runs on   {}, {} disks\n", machine.vm.host, machine.vm.disks.len()));
        text.push_str(&format!("    drive     {}\n", drive(&machine.vm.drive)));
        let passwords = if machine.passwords.is_empty() { "any" } else { "as the lab file says" };
        text.push_str(&format!("    password  {passwords}\n"));
    }
    for (url, medium) in world.repositories.iter() {
        text.push_str(&format!("\nrepository {url}\n    {}\n", medium.title()));
    }
    Ok(text.into_bytes())
}

/// What is in a drive, in words.
pub fn drive(drive: &Drive) -> String {
    match drive.disc() {
        None => "empty".to_owned(),
        Some(disc) => format!("{}, from the {}", disc.medium.title(), disc.origin.word()),
    }
}

/// `appsh facts`: the facts of a lab with type and meaning.
pub fn facts(name: &str) -> Result<Vec<u8>, Trouble> {
    let world = world(&open::lab_file(name)?)?;
    let rows = facts::documented(&world).into_iter();
    Ok(table(
        &rows.map(|(name, kind, meaning)| vec![name, kind.word().to_owned(), meaning.to_owned()]).collect::<Vec<_>>(),
    ))
}

fn world(named: &open::Named) -> Result<crate::world::World, Trouble> {
    let unusable = |cause| Trouble::unreadable(&named.name, cause);
    named.file.world(&named.name, None, None).map_err(unusable)
}

/// `appsh coverage`: what is modelled, how faithfully, and on what evidence.
pub fn coverage(system: Option<&str>) -> Result<Vec<u8>, Trouble> {
    let mut systems = coverage::table();
    if let Some(wanted) = system
        && !systems.iter().any(|(name, _)| *name == wanted)
    {
        let known: Vec<&str> = systems.iter().map(|(name, _)| *name).collect();
        let message = format!("there is no system {wanted}; there are {}", known.join(", "));
        return Err(Trouble { status: MISUSED, message });
    }
    systems.retain(|(name, _)| system.is_none_or(|wanted| wanted == *name));
    let rows: Vec<(&str, Evidence)> =
        systems.iter().flat_map(|(name, rows)| rows.iter().map(move |row| (*name, *row))).collect();
    let cells = |(name, row): &(&str, Evidence)| {
        [name, row.what, row.releases, row.grade.word(), row.source].map(str::to_owned).to_vec()
    };
    let lines = String::from_utf8_lossy(&table(&rows.iter().map(cells).collect::<Vec<_>>())).into_owned();
    let (mut text, mut counts) = (String::new(), BTreeMap::<Grade, usize>::new());
    for (at, line) in lines.lines().enumerate() {
        *counts.entry(rows[at].1.grade).or_default() += 1;
        text.push_str(line);
        text.push('\n');
        let command = command_of(&rows[at]);
        if command.is_some() && command != rows.get(at + 1).and_then(command_of) {
            text.push_str(&transcripts(command.unwrap_or_default()));
        }
    }
    let counts: Vec<String> = counts.iter().map(|(grade, count)| format!("{count} {}", grade.word())).collect();
    text.push_str(&format!("\n{} entries: {}\n", rows.len(), counts.join(", ")));
    Ok(text.into_bytes())
}

fn command_of<'a>((system, row): &'a (&str, Evidence)) -> Option<&'a str> {
    coverage::command(row.what).filter(|_| *system == "vcsa")
}

/// Behind the rows of a command: in which transcripts it is typed.
fn transcripts(command: &str) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for name in coverage::transcripts(command) {
        if line.len() + name.len() > 110 {
            text.push_str(&format!("          {line}\n"));
            line.clear();
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(name);
    }
    if !line.is_empty() {
        text.push_str(&format!("          {line}\n"));
    }
    text
}

/// Rows with their columns below each other.
fn table(rows: &[Vec<String>]) -> Vec<u8> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text.into_bytes()
}
