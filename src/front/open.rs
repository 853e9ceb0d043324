//! From the words of the command line to a lab with somebody in front of it.

use std::path::Path;

use super::args::RunArgs;
use super::payload::SourceError;
use super::shelf::HostShelf;
use super::{Trouble, UNREADABLE};
use crate::lab::Lab;
use crate::lab_file::{BUNDLED, DEFAULT, LabFile};
use crate::operator::Operator;
use crate::shell::Terminal;
use crate::vm::{Disc, Drive, Medium, Origin};

/// A lab file and what it is called.
pub struct Named {
    /// The bundled name, or the path.
    pub name: String,
    /// What it says.
    pub file: LabFile,
}

/// Finds a lab: a bundled one by name, else a file.
///
/// # Errors
/// When there is none of that name, or its file cannot be read or understood.
pub fn lab_file(name: &str) -> Result<Named, Trouble> {
    if let Some((name, text)) = BUNDLED.iter().find(|(known, _)| *known == name) {
        let file = LabFile::parse(text).unwrap_or_else(|e| unreachable!("a test reads each bundled lab: {e}"));
        return Ok(Named { name: (*name).to_owned(), file });
    }
    let path = Path::new(name);
    if !name.contains('/') && !name.ends_with(".toml") && !path.exists() {
        let known: Vec<&str> = BUNDLED.iter().map(|(known, _)| *known).collect();
        let known = known.join(", ");
        return Err(Trouble::misused(format!(
            "there is no lab {name}; there is {known}, or give the path of a lab file"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, &error))?;
    let unread = |cause| Trouble { status: UNREADABLE, message: format!("{name}: {cause}") };
    let file = LabFile::parse(&text).map_err(unread)?;
    Ok(Named { name: name.to_owned(), file })
}

/// Opens the lab that `args` ask for, and sits down in front of it.
///
/// # Errors
/// What is wrong with the lab, the machine or the disc that were asked for.
pub fn operator(args: &RunArgs, terminal: Terminal) -> Result<Operator, Trouble> {
    let Named { name, file } = lab_file(args.lab.as_deref().unwrap_or(DEFAULT))?;
    let short = Path::new(&name).file_stem().filter(|_| name.ends_with(".toml"));
    let short = short.map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned());
    let mut world = file
        .world(&short, args.start, args.seed)
        .map_err(|cause| Trouble { status: UNREADABLE, message: format!("{name}: {cause}") })?;
    if let Some(path) = &args.iso {
        let machine = args.machine.clone().or_else(|| world.machines().next().map(|(_, machine)| machine.name.clone()));
        if let Some(id) = machine.and_then(|name| world.find(&name)) {
            world.machine_mut(id).vm.drive = Drive::Connected(disc(path)?);
        }
    }
    let lab = Lab::new(world, Box::new(HostShelf));
    Operator::new(lab, args.machine.as_deref(), terminal).map_err(Trouble::misused)
}

/// A disc from a file: connected from the admin's desktop, as a file of one's own is.
fn disc(path: &Path) -> Result<Disc, Trouble> {
    super::payload::open_source(path).map_err(|error| match error {
        SourceError::Host(error) => Trouble::file(path, &error),
        SourceError::Disc(error) => Trouble { status: UNREADABLE, message: format!("{}: {error}", path.display()) },
    })?;
    let Some(path) = path.to_str() else {
        return Err(Trouble::misused(format!("{}: the path is not UTF-8", path.display())));
    };
    Ok(Disc::unread(Medium::File(path.to_owned()), Origin::Client))
}
