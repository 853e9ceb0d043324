//! From the words of the command line to a lab with somebody in front of it.

use std::path::Path;
use std::sync::Arc;

use super::args::RunArgs;
use super::desk::unkept;
use super::shelf::HostShelf;
use super::{Trouble, UNREADABLE};
use crate::lab::Lab;
use crate::lab_file::{BUNDLED, DEFAULT, LabFile};
use crate::media;
use crate::operator::Operator;
use crate::shell::Terminal;
use crate::store::{self, Resumed, Store};
use crate::transcript::files::read_text;
use crate::vm::{Disc, Drive, HostFile, Medium, Origin};
use crate::world::{MachineId, World};

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
    let text = read_text(path).map_err(|error| Trouble::file(path, &error))?;
    let unread = |cause| Trouble::unreadable(name, cause);
    let file = LabFile::parse(&text).map_err(|cause| match name.ends_with(".toml") {
        true => unread(cause),
        false => unread(format!("this is no lab file; to type its lines into a lab: appsh run {DEFAULT} {name}")),
    })?;
    Ok(Named { name: name.to_owned(), file })
}

/// A lab with somebody in front of it.
pub struct Opened {
    /// The hands on it.
    pub operator: Operator,
    /// What keeps it on the host, if anything does.
    pub store: Option<Store>,
    /// Whether the lab was kept, and goes on.
    pub resumed: bool,
    /// What the person must know.
    pub notes: Vec<String>,
}

/// Opens the lab that `args` ask for, new or kept, and sits down in front of it.
///
/// # Errors
/// What is wrong with the lab, the machine, the disc or the folder that were asked for.
pub fn open(args: &RunArgs, terminal: Terminal) -> Result<Opened, Trouble> {
    let Some(folder) = &args.save else {
        return Ok(Opened { operator: new_lab(args, terminal)?, store: None, resumed: false, notes: Vec::new() });
    };
    if folder.exists() && !folder.is_dir() {
        let message =
            format!("{}: a file, and --save wants a folder; name another path, or move the file", folder.display());
        return Err(Trouble { status: UNREADABLE, message });
    }
    match Store::open(folder).map_err(|error| unkept(&error))? {
        store::Opened::New(fresh) => {
            let mut operator = new_lab(args, terminal)?;
            let store = fresh.begin(&mut operator).map_err(|error| unkept(&error))?;
            Ok(Opened { operator, store: Some(store), resumed: false, notes: Vec::new() })
        }
        store::Opened::Saved(saved) => {
            check_saved(args, folder, saved.lab())?;
            let resumed = saved.resume(Box::new(HostShelf), terminal).map_err(|error| unkept(&error))?;
            let Resumed { store, mut operator, mut notes } = resumed;
            notes.extend(changed_discs(operator.lab.world()));
            if let Some(machine) = &args.machine {
                operator.turn_to(machine).map_err(Trouble::misused)?;
            }
            Ok(Opened { operator, store: Some(store), resumed: true, notes })
        }
    }
}

/// A lab that was kept goes on as it is: what only a new one can be told is a mistake.
fn check_saved(args: &RunArgs, folder: &Path, kept: &str) -> Result<(), Trouble> {
    let folder = folder.display();
    if let Some(wanted) = &args.lab
        && short_name(wanted) != kept
    {
        return Err(Trouble::misused(format!("{folder} keeps the lab {kept}, not {wanted}; name another folder")));
    }
    let for_new = [("--seed", args.seed.is_some()), ("--start", args.start.is_some()), ("--iso", args.iso.is_some())];
    match for_new.iter().find(|(_, given)| *given) {
        Some(("--iso", _)) => Err(Trouble::misused(format!(
            "{folder} has a lab already; type %disc attach FILE into it instead of --iso"
        ))),
        Some((option, _)) => Err(Trouble::misused(format!("{folder} has a lab already; {option} is for a new one"))),
        None => Ok(()),
    }
}

/// What a lab is called in its world: its bundled name, or that of its file without the ending.
fn short_name(name: &str) -> String {
    let stem = Path::new(name).file_stem().filter(|_| name.ends_with(".toml"));
    stem.map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn new_lab(args: &RunArgs, terminal: Terminal) -> Result<Operator, Trouble> {
    let Named { name, file } = lab_file(args.lab.as_deref().unwrap_or(DEFAULT))?;
    let mut world =
        file.world(&short_name(&name), args.start, args.seed).map_err(|cause| Trouble::unreadable(&name, cause))?;
    open_discs(&mut world, Path::new(&name))?;
    if let Some(path) = &args.iso {
        let machine = args.machine.clone().or_else(|| world.machines().next().map(|(_, machine)| machine.name.clone()));
        if let Some(id) = machine.and_then(|name| world.find(&name)) {
            world.machine_mut(id).vm.drive = Drive::Connected(disc(path)?);
        }
    }
    let lab = Lab::new(world, Box::new(HostShelf));
    Operator::new(lab, args.machine.as_deref(), terminal).map_err(Trouble::misused)
}

/// Opens the images that a lab file names, which lie where it says, seen from its folder.
fn open_discs(world: &mut World, lab: &Path) -> Result<(), Trouble> {
    let folder = lab.parent().unwrap_or(Path::new(""));
    let found = |medium: &Medium| match medium {
        Medium::Bundled(_) => Ok(None),
        Medium::File(file) => {
            let path = folder.join(&file.name).display().to_string();
            let there = Medium::File(HostFile { name: path.clone(), place: path, imprint: None });
            match media::put_in(&HostShelf, there).map_err(|message| Trouble { status: UNREADABLE, message })?.0 {
                Medium::File(there) => Ok(Some(Medium::File(HostFile { name: file.name.clone(), ..there }))),
                medium @ Medium::Bundled(_) => Ok(Some(medium)),
            }
        }
    };
    let machines: Vec<MachineId> = world.machines().map(|(id, _)| id).collect();
    for id in machines {
        let Some(disc) = world.machine(id).vm.drive.disc().cloned() else { continue };
        if let Some(medium) = found(&disc.medium)? {
            world.machine_mut(id).vm.drive = Drive::Connected(Disc::unread(medium, disc.origin));
        }
    }
    let mut repositories = (*world.repositories).clone();
    for medium in repositories.values_mut() {
        if let Some(there) = found(medium)? {
            *medium = there;
        }
    }
    world.repositories = Arc::new(repositories);
    Ok(())
}

/// A disc from a file: connected from the admin's desktop, as a file of one's own is.
fn disc(path: &Path) -> Result<Disc, Trouble> {
    let Some(name) = path.to_str() else {
        return Err(Trouble::misused(format!("{}: the path is not UTF-8", path.display())));
    };
    let file = Medium::File(HostFile { name: name.to_owned(), place: name.to_owned(), imprint: None });
    let opened = media::put_in(&HostShelf, file).map_err(|message| Trouble { status: UNREADABLE, message });
    Ok(Disc::unread(opened?.0, Origin::Client))
}

/// Which discs of a lab that was kept are not there any more as they were: where each lay, and what can be done.
fn changed_discs(world: &World) -> Vec<String> {
    let files = world.machines().filter_map(|(_, machine)| match &machine.vm.drive.disc()?.medium {
        medium @ Medium::File(file) => Some((machine, medium, file)),
        Medium::Bundled(_) => None,
    });
    let changed = files.filter_map(|(machine, medium, file)| {
        let why = media::open_again(&HostShelf, medium).err()?;
        let place = if file.place == file.name { String::new() } else { format!(" (it lay at {})", file.place) };
        Some(format!("{}: the disc in its drive: {why}{place}", machine.name))
    });
    changed.collect()
}
