//! The file in which a shell keeps its history from one login to the next (`HISTFILE`). bash adds to it what was typed when
//! it ends, be it by `exit` or by the hang-up of its terminal; the ash of BusyBox adds each line as it is typed.

use super::super::fs::Errno;
use super::super::io::Open;
use super::super::kernel;
use super::super::made_files;
use super::super::model::Bash;
use super::super::model::history::shortened;
use super::super::proc::Mode;
use crate::world::{MachineId, World};

/// Nobody but its owner reads the file.
const UMASK: u16 = 0o177;
/// So many bytes of the file are read.
const READ: u64 = 4 * 1024 * 1024;

/// A shell ends: what was typed into it goes to the file.
pub fn save(world: &mut World, id: MachineId, st: &mut Bash) {
    if !st.keeps_history() || st.is_ash() || st.typed == 0 {
        return;
    }
    let Some(path) = file(st) else { return };
    // Where more was typed than is kept, all that is kept takes the place of what was there.
    let appends = st.typed <= st.history.len() || st.shopt.contains("histappend");
    // Like the real one it says nothing when that fails.
    let _ = if appends { append(world, id, st, &path) } else { write(world, id, st, &path) };
    st.typed = 0;
    if let Some(most) = st.variable("HISTFILESIZE").and_then(|text| text.trim().parse::<usize>().ok()) {
        let _ = shorten(world, id, st, &path, most);
    }
}

/// The name of the file, if there is to be one.
pub fn file(st: &Bash) -> Option<String> {
    st.variable("HISTFILE").filter(|path| !path.is_empty()).map(str::to_owned)
}

/// Adds to a file what was typed since the last time.
pub fn append(world: &mut World, id: MachineId, st: &mut Bash, path: &str) -> Result<(), Errno> {
    let new = st.history.len().saturating_sub(st.typed);
    let text = text_from(st, new);
    put(world, id, st, path, Mode::Append, &text)?;
    st.in_file += text.lines().count();
    st.typed = 0;
    Ok(())
}

/// Puts the whole history into a file in place of what was there.
pub fn write(world: &mut World, id: MachineId, st: &mut Bash, path: &str) -> Result<(), Errno> {
    let text = text_from(st, 0);
    put(world, id, st, path, Mode::Write, &text)?;
    st.in_file = text.lines().count();
    Ok(())
}

/// Adds the lines of a file to the history, but for the first ones.
pub fn read(world: &mut World, id: MachineId, st: &mut Bash, path: &str, skip: usize) -> Result<(), Errno> {
    let text = text(world, id, st, path)?;
    let now = world.now.utc().unix_timestamp();
    let mut at = None;
    for line in text.lines().skip(skip) {
        // Only who has times shown takes them for times.
        match line.strip_prefix('#').and_then(|time| time.parse().ok()).filter(|_| st.time_format().is_some()) {
            Some(time) => at = Some(time),
            None => st.recall(line, at.take().unwrap_or(now)),
        }
    }
    st.in_file = text.lines().count();
    Ok(())
}

/// The lines from a place on as the file has them, with their times where these are shown.
fn text_from(st: &Bash, from: usize) -> String {
    let timed = st.time_format().is_some();
    let lines = st.history.iter().zip(st.times.iter()).skip(from);
    lines.map(|(line, at)| if timed { format!("#{at}\n{line}\n") } else { format!("{line}\n") }).collect()
}

/// An ash notes a line as it is typed; that of ESXi writes it into a log, too.
pub fn note(world: &mut World, id: MachineId, st: &Bash, line: &str) {
    if !line.trim().is_empty() {
        let (now, text) = (world.now, format!("[{}]: {line}", st.user));
        world.linux_mut(id).shell_says(now, st.pid, text);
    }
    if let Some(path) = file(st) {
        let _ = put(world, id, st, &path, Mode::Append, &format!("{line}\n"));
    }
}

/// Leaves only the last lines in a file.
pub fn shorten(world: &mut World, id: MachineId, st: &Bash, path: &str, most: usize) -> Result<(), Errno> {
    let whole = text(world, id, st, path)?;
    let left = shortened(&whole, most);
    if left.len() < whole.len() { put(world, id, st, path, Mode::Write, left) } else { Ok(()) }
}

fn text(world: &mut World, id: MachineId, st: &Bash, path: &str) -> Result<String, Errno> {
    match kernel::open(world, id, &st.cred, &st.cwd, path, Mode::Read, UMASK)?.as_deref() {
        Some(Open::File(file)) if !world.linux(id).fs.node(file.ino).is_dir() => {
            Ok(String::from_utf8_lossy(&made_files::slice(world, id, file.ino, 0, READ as usize)).into_owned())
        }
        _ => Ok(String::new()),
    }
}

fn put(world: &mut World, id: MachineId, st: &Bash, path: &str, mode: Mode, text: &str) -> Result<(), Errno> {
    let opened = kernel::open(world, id, &st.cred, &st.cwd, path, mode, UMASK)?;
    let Some(Open::File(file)) = opened.as_deref() else { return Ok(()) };
    let now = world.now;
    world.linux_mut(id).fs.append(&st.cred, file.ino, text.as_bytes(), now).map(|_| ())
}
