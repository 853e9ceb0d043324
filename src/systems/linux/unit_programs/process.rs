//! A command of a unit as a process: the user, the directory and the variables that its file gives it, its output for the
//! journal (systemd.exec(5)).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::minder::Minder;
use super::{Course, course, report};
use crate::payload::Sha256;
use crate::shell::{Cx, Task};
use crate::systems::linux::bash::{Ran as Outcome, become_words};
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::io::journal::Stream;
use crate::systems::linux::io::{Boxed, Cut, Descriptors, Open, accompanied, outlive};
use crate::systems::linux::kernel;
use crate::systems::linux::model::unit::exec::{Command, Exec, assignments, filled, specified, words};
use crate::systems::linux::model::unit::{End, Ran, Spec};
use crate::systems::linux::model::{Linux, Process, User};
use crate::systems::linux::proc::Proc;
use crate::world::{MachineId, World};

/// Where programs of units are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";

/// Starts a command of a unit: its process.
pub(super) fn begin(minder: &Minder, command: &Command, main: bool) -> u32 {
    let (spec, exec, machine) = (&minder.work.spec, &minder.exec, minder.machine);
    let name = spec.name.clone();
    let now = minder.now();
    let told = minder.cx.with(|cx| course(cx.world, machine, command.program())) == Course::Told;
    let prepared = minder.peek(|linux| Prepared::new(linux, spec, exec, command));
    let line = prepared.words.join(" ");
    let uid = prepared.cred.uid;
    let called = command.program().rsplit('/').next().unwrap_or_default().to_owned();
    let daemon = told && main && !matches!(called.as_str(), "true" | "false" | "sleep");
    let pid = minder.cx.with(|cx| {
        let linux = cx.world.linux_mut(machine);
        let own = Process::daemon(1, uid, &line, Some(&name), now);
        let pid = linux.processes.start(Process { live: !daemon, called: Some(called), ..own });
        let text = prepared.shown.clone();
        linux.command_begins(&name, Ran { step: command.step, text, pid, until: None, end: End::Success }, main, now);
        pid
    });
    if daemon {
        return pid;
    }
    let unit = name;
    let task = Task::new(move |cx| async move {
        let mut p = prepared.process(&cx, machine, pid);
        let control = Arc::clone(&p.control);
        let end = match prepared.trouble {
            Some(why) => {
                p.linux(|linux| linux.says_not_executed(&unit, pid, &prepared.words[0], why, now));
                End::Exit(203)
            }
            None => {
                let (ran, left) = accompanied(&control, run(&mut p, prepared.words.clone())).await;
                cx.with(|cx| prepared.flush(cx.world, machine, pid));
                outlive(&control, left).await;
                ran
            }
        };
        let status = match end {
            End::Success => 0,
            End::Signal(signal) => 128 + signal,
            End::Exit(status) => status,
            _ => 1,
        };
        cx.with(|cx| {
            if cx.world.linux(machine).processes.get(pid).is_some() {
                cx.world.linux_mut(machine).processes.orphan(pid);
                kernel::exit(cx.world, machine, pid, status);
                report(cx.world, machine, |linux, now| {
                    linux.command_ends(&unit, pid, end, now);
                    Vec::new()
                });
            }
        });
        status
    });
    minder.cx.with(|cx| cx.spawned.push(task));
    pid
}

/// Runs the words in the process.
fn run(p: &mut Proc, words: Vec<String>) -> Boxed<'_, End> {
    Box::pin(async move {
        match become_words(p, words).await {
            Ok(Outcome::Status(0)) => End::Success,
            Ok(Outcome::Status(status)) => End::Exit(status),
            Ok(Outcome::Refused(_)) => End::Exit(203),
            Err(Cut::Signal(signal)) => End::Signal(signal),
            Err(cut) => End::Exit(cut.status()),
        }
    })
}

/// All that a command needs to be a process.
struct Prepared {
    words: Vec<String>,
    /// The words before the values of variables.
    shown: String,
    user: User,
    cred: Cred,
    cwd: String,
    umask: u16,
    environment: BTreeMap<String, String>,
    output: Arc<Open>,
    errors: Arc<Open>,
    /// Why it is over before it has begun.
    trouble: Option<Errno>,
}

impl Prepared {
    fn new(linux: &Linux, spec: &Spec, exec: &Exec, command: &Command) -> Self {
        let user = user(linux, spec.user.as_deref());
        let lookup = |sign: char| specifier(linux, &spec.name, &user, sign);
        let given: Vec<String> = words(&command.text).iter().map(|word| specified(word, lookup)).collect();
        let mut cred = linux.cred(&user);
        let gid = |name: &String| {
            linux
                .groups()
                .into_iter()
                .find(|group| group.name == *name)
                .map(|group| group.gid)
                .or_else(|| name.parse().ok())
        };
        if let Some(gid) = exec.group.as_ref().and_then(gid) {
            cred.gid = gid;
        }
        cred.groups.extend(exec.groups.iter().filter_map(gid));
        let mut environment = environment(linux, spec, &user);
        let own = exec.environment.iter().map(|word| specified(word, lookup));
        let own = own.filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
        environment.extend(own);
        for file in &exec.files {
            let text = linux.text(file.trim_start_matches('-')).unwrap_or_default();
            environment.extend(assignments(&text));
        }
        if let Some(pid) = linux.unit_state(&spec.name).main_pid {
            environment.insert("MAINPID".to_owned(), pid.to_string());
        }
        let words = filled(&given, &environment);
        let cwd = match exec.directory.as_deref().map(|directory| directory.trim_start_matches('-')) {
            Some("~") => user.home.clone(),
            Some(directory) if linux.fs.lookup(&Cred::ROOT, "/", directory).is_ok() => directory.to_owned(),
            _ => "/".to_owned(),
        };
        let identifier = exec
            .identifier
            .clone()
            .unwrap_or_else(|| command.program().rsplit('/').next().unwrap_or_default().to_owned());
        let journal = Arc::new(Open::Journal(Stream::new(&spec.name, &identifier)));
        let output = match exec.output.as_deref() {
            Some("null") => Arc::new(Open::Null),
            _ => Arc::clone(&journal),
        };
        let errors = match exec.errors.as_deref() {
            Some("null") => Arc::new(Open::Null),
            Some("journal" | "syslog") => journal,
            _ => Arc::clone(&output),
        };
        let trouble = trouble(linux, &words[0]);
        let umask = exec.umask.unwrap_or(0o022);
        Self { words, shown: given.join(" "), user, cred, cwd, umask, environment, output, errors, trouble }
    }

    fn process(&self, cx: &Cx, machine: MachineId, pid: u32) -> Proc {
        let mut files = Descriptors::new(Arc::new(Open::Null), Arc::clone(&self.output));
        files.set(2, Some(Arc::clone(&self.errors)));
        let p = Proc::new(cx, machine, pid, &self.words[0], (&self.user.name, self.cred.clone()), files);
        Proc { cwd: self.cwd.clone(), umask: self.umask, env: Arc::new(self.environment.clone()), ..p }
    }

    /// Writes what is left of a line that has no end.
    fn flush(&self, world: &mut World, machine: MachineId, pid: u32) {
        for open in [&self.output, &self.errors] {
            if let Open::Journal(stream) = &**open {
                stream.flush(world, machine, pid);
            }
        }
    }
}

/// Why a program cannot be executed.
fn trouble(linux: &Linux, path: &str) -> Option<Errno> {
    match linux.fs.lookup(&Cred::ROOT, "/", path) {
        Err(errno) => Some(errno),
        Ok(ino) if linux.fs.node(ino).mode & 0o111 == 0 || linux.fs.node(ino).is_dir() => Some(Errno::Acces),
        Ok(ino) => linux.not_executable(ino),
    }
}

/// The user of a service; one that has only a number, too.
fn user(linux: &Linux, name: Option<&str>) -> User {
    let Some(name) = name else { return linux.root() };
    let number = name.parse::<u32>().ok();
    let by_number = || linux.users().into_iter().find(|user| Some(user.uid) == number);
    let bare = || number.map(|uid| User { name: name.to_owned(), uid, gid: uid, home: "/".to_owned(), ..linux.root() });
    linux.user(name).or_else(by_number).or_else(bare).unwrap_or_else(|| linux.root())
}

/// The variables that systemd itself gives to a program.
fn environment(linux: &Linux, spec: &Spec, user: &User) -> BTreeMap<String, String> {
    let mut set = vec![("PATH", PATH.to_owned()), ("LANG", "en_US.UTF-8".to_owned())];
    if spec.user.is_some() {
        set.extend([("HOME", user.home.clone()), ("SHELL", user.shell.clone())]);
        set.extend([("LOGNAME", user.name.clone()), ("USER", user.name.clone())]);
    }
    if linux.distro.systemd >= Some(232) {
        let since = linux.unit_state(&spec.name).since;
        let digest = Sha256::of(format!("{} {} {since:?}", linux.machine_id(), spec.name).as_bytes()).to_string();
        let stream = u32::from_str_radix(&digest[32..36], 16).unwrap_or_default() + 20_000;
        set.extend([("INVOCATION_ID", digest[..32].to_owned()), ("JOURNAL_STREAM", format!("9:{stream}"))]);
    }
    set.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a specifier stands for.
fn specifier(linux: &Linux, unit: &str, user: &User, sign: char) -> Option<String> {
    let bare = unit.rsplit_once('.').map_or(unit, |(bare, _)| bare);
    let (prefix, instance) = bare.split_once('@').unwrap_or((bare, ""));
    let unescaped = |text: &str| text.replace('-', "/").replace("\\x2d", "-");
    Some(match sign {
        'n' => unit.to_owned(),
        'N' => bare.to_owned(),
        'p' => prefix.to_owned(),
        'P' => unescaped(prefix),
        'i' => instance.to_owned(),
        'I' => unescaped(instance),
        'f' => format!("/{}", unescaped(if instance.is_empty() { prefix } else { instance })),
        'u' => user.name.clone(),
        'U' => user.uid.to_string(),
        'h' => user.home.clone(),
        's' => user.shell.clone(),
        'H' => linux.hostname.clone(),
        'm' => linux.machine_id(),
        'v' => linux.kernel().release.to_string(),
        't' => "/run".to_owned(),
        _ => return None,
    })
}
