//! `/proc/PID`: a directory for each process of the model (proc(5)). They are brought up to date before a program looks that
//! could see them. Of the open files of others only the terminal is known, and what the program that looks has from its shell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fs::{Content, Cred, Errno, Ino, Kind};
use super::made_files;
use super::model::{Linux, Process};
use super::proc::Proc;
use crate::sim::Instant;

/// A link: its name, what it leads to, permission bits.
pub(super) type Linked = (String, String, u16);

/// What a program that looks knows of itself.
struct Looker {
    pid: u32,
    ppid: u32,
    cwd: String,
    environ: Arc<Vec<u8>>,
    files: Vec<Linked>,
}

impl Proc {
    /// Makes `/proc` show the processes that there are, and `/proc/self` lead to this one.
    pub fn list_processes(&self) {
        let environ: String = self.env.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
        let (pid, ppid, cwd, now) = (self.pid, self.ppid, self.cwd.clone(), self.now());
        let looker = Looker { pid, ppid, cwd, environ: Arc::new(environ.into_bytes()), files: self.links() };
        self.linux(|linux| {
            // ESXi has no /proc, and a machine that is full of files has no room for more: then they are missing.
            let _ = sync(linux, &looker, now);
        });
    }
}

/// Takes away the directories of processes that are gone and makes those of new ones.
fn sync(linux: &mut Linux, looker: &Looker, now: Instant) -> Result<(), Errno> {
    let top = linux.fs.lookup(&Cred::ROOT, "/", "/proc")?;
    linux.fs.show(top, "self", Kind::Link(looker.pid.to_string()), 0o777, (0, 0), now)?;
    let running = linux.processes.iter().filter(|(_, process)| process.ended.is_none());
    let running: BTreeMap<String, (u32, Process)> =
        running.map(|(pid, process)| (pid.to_string(), (pid, process.clone()))).collect();
    let there: Vec<Arc<str>> = linux.fs.node(top).entries().into_iter().flat_map(BTreeMap::keys).cloned().collect();
    for name in there.iter().filter(|name| name.parse::<u32>().is_ok() && !running.contains_key(&***name)) {
        linux.fs.withdraw(top, name, now);
    }
    for (name, (pid, process)) in running {
        let known = linux.fs.node(top).entries().and_then(|entries| entries.get(name.as_str()).copied());
        // Of the first process an installation has next to nothing.
        let filled = |dir: &Ino| linux.fs.node(*dir).entries().is_some_and(|entries| entries.contains_key("comm"));
        let known = known.filter(filled);
        let owner = owner(linux, &process);
        let dir = match known {
            Some(dir) => dir,
            None => {
                let dir = linux.fs.show(top, &name, Kind::EMPTY_DIR, 0o555, owner, now)?;
                linux.fs.show(dir, "fd", Kind::EMPTY_DIR, 0o500, owner, now)?;
                dir
            }
        };
        // What may have changed since: the program that it runs, where it is, its open files.
        if known.is_none() || pid == looker.ppid || process.live {
            fill(linux, dir, pid, &process, looker, now)?;
            files(linux, dir, pid, &process, looker, now)?;
        }
    }
    Ok(())
}

/// The files of a process in a directory.
fn fill(linux: &mut Linux, dir: Ino, pid: u32, process: &Process, looker: &Looker, now: Instant) -> Result<(), Errno> {
    let owner = owner(linux, process);
    let near = pid == looker.pid || pid == looker.ppid;
    for (file, mode) in made_files::PROCESS_FILES {
        let content = Content::Made(format!("linux/proc/{pid}/{file}").into());
        linux.fs.show(dir, file, Kind::File(content), mode, owner, now)?;
    }
    let environ = if near { Arc::clone(&looker.environ) } else { Arc::default() };
    linux.fs.show(dir, "environ", Kind::File(Content::Bytes(environ)), 0o400, owner, now)?;
    let cwd = if near { looker.cwd.as_str() } else { "/" };
    let mut links = vec![("root", "/".to_owned())];
    if !process.is_kernels() {
        links.push(("cwd", cwd.to_owned()));
        links.extend(program(linux, process).map(|path| ("exe", path)));
    }
    for (name, target) in links {
        linux.fs.show(dir, name, Kind::Link(target), 0o777, owner, now)?;
    }
    Ok(())
}

/// The open files of a process: those of the program that looks, what its shell has passed on to it, the terminal of others.
fn files(linux: &mut Linux, dir: Ino, pid: u32, process: &Process, looker: &Looker, now: Instant) -> Result<(), Errno> {
    let all = |target: &str| (0..3).map(|fd| (fd.to_string(), target.to_owned(), 0o700)).collect::<Vec<Linked>>();
    let terminal = process.tty.as_ref().map(|tty| format!("/dev/{tty}"));
    let links = match &terminal {
        _ if process.is_kernels() => Vec::new(),
        _ if pid == looker.pid => looker.files.clone(),
        Some(terminal) => {
            let mut links = all(terminal);
            if pid == looker.ppid {
                let passed = looker.files.iter().filter(|(fd, ..)| fd.parse::<u32>().is_ok_and(|fd| fd > 2));
                links.extend(passed.cloned());
            }
            // Where an interactive shell keeps the terminal.
            if process.comm() == "bash" && process.command.starts_with('-') {
                links.push(("255".to_owned(), terminal.clone(), 0o700));
            }
            links
        }
        None => all("/dev/null"),
    };
    let owner = owner(linux, process);
    let fd = linux.fs.show(dir, "fd", Kind::EMPTY_DIR, 0o500, owner, now)?;
    let there: Vec<Arc<str>> = linux.fs.node(fd).entries().into_iter().flat_map(BTreeMap::keys).cloned().collect();
    for name in there.iter().filter(|name| !links.iter().any(|(known, ..)| *known == ***name)) {
        linux.fs.withdraw(fd, name, now);
    }
    for (name, target, mode) in links {
        linux.fs.show(fd, &name, Kind::Link(target), mode, owner, now)?;
    }
    Ok(())
}

/// The file of the program that a process runs.
pub(super) fn program(linux: &Linux, process: &Process) -> Option<String> {
    const PLACES: [&str; 6] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/lib/systemd", "/usr/local/bin"];
    if process.is_kernels() {
        return None;
    }
    let word = process.command.split_whitespace().next().unwrap_or_default();
    let canonical = |path: &str| linux.fs.canonical(&Cred::ROOT, "/", path).ok();
    if word.starts_with('/') {
        return canonical(word);
    }
    PLACES.iter().find_map(|place| {
        canonical(&format!("{place}/{}", process.comm())).filter(|path| linux.fs.lookup(&Cred::ROOT, "/", path).is_ok())
    })
}

/// The user and the group whose files they are.
fn owner(linux: &Linux, process: &Process) -> (u32, u32) {
    let user = (process.uid != 0).then(|| linux.users().into_iter().find(|user| user.uid == process.uid)).flatten();
    (process.uid, user.map_or(process.uid, |user| user.gid))
}
