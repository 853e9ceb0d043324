//! How a shell begins: its variables, options and directory.

use crate::bash::version::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::distro::{Dialect, Vendor};
use super::super::fs::Cred;
use super::super::model::bash::{Bash, Hashed, StartUp, Value, Variable};
use super::super::model::history;
use super::super::model::job::Jobs;
use super::super::model::{Linux, Process, User};
use super::super::proc::Proc;
use super::builtins::is_set_option;
use super::{DEPTH, memory};
use crate::bash::ast::Command;
use crate::bash::parse::{self, Options, Parser};
use crate::sim::Instant;
use crate::world::{MachineId, World};

/// Options of `shopt` that are on from the beginning.
const SHOPT: [&str; 15] = [
    "checkwinsize",
    "cmdhist",
    "complete_fullquote",
    "expand_aliases",
    "extquote",
    "force_fignore",
    "globasciiranges",
    "globskipdots",
    "hostcomplete",
    "interactive_comments",
    "login_shell",
    "patsub_replacement",
    "progcomp",
    "promptvars",
    "sourcepath",
];

/// Variables that the ash of BusyBox sets beside those of its environment.
const ASH: [&str; 9] = ["HISTFILE", "HOSTNAME", "IFS", "OPTIND", "PPID", "PS1", "PS2", "PS4", "PWD"];

/// The function that a variable of the environment gives, with its name.
fn imported(name: &str, text: &str, depth: u32) -> Option<(String, Arc<Command>)> {
    let name = name.strip_prefix("BASH_FUNC_")?.strip_suffix("%%")?;
    if !text.starts_with("() {") {
        return None;
    }
    let text = format!("{name} {text}\n");
    let options = Options { aliases: &|_| None, extglob: true, first_line: 0, version: Version::NEWEST };
    let read = Parser::new(&text, options).begin_at(depth * parse::DEPTH / DEPTH).next()?.ok()?;
    match &read.script.items[..] {
        [item] if item.rest.is_empty() => match &item.first.stages[..] {
            [Command::Function { name, body }] => Some((name.clone(), Arc::clone(body))),
            _ => None,
        },
        _ => None,
    }
}

/// What a shell begins with.
pub struct Start {
    name: String,
    pid: u32,
    ppid: u32,
    user: String,
    cred: Cred,
    cwd: String,
    umask: u16,
    /// How deep the shells are that called each other.
    depth: u32,
    environment: BTreeMap<String, String>,
    hostname: String,
    version: String,
    vendor: Vendor,
    dialect: Dialect,
    now: Instant,
    interactive: bool,
    login: bool,
}

impl Start {
    /// A login shell of a user at a terminal: a process of the machine from now on.
    #[must_use]
    pub fn login(world: &mut World, id: MachineId, user: &User, tty: &str) -> Self {
        let started = world.now;
        let linux = world.linux_mut(id);
        let name = if linux.distro.dialect() == Dialect::Ash { "-sh" } else { "-bash" };
        let own = Process::daemon(1, user.uid, name, None, started);
        let pid = linux.processes.start(Process { tty: Some(tty.to_owned()), live: true, ..own });
        let environment = environment(linux, user);
        Self {
            name: name.to_owned(),
            pid,
            ppid: 1,
            user: user.name.clone(),
            cred: linux.cred(user),
            cwd: user.home.clone(),
            depth: 0,
            umask: if user.uid == 0 { linux.distro.umask } else { linux.distro.user_umask },
            environment,
            hostname: linux.hostname.clone(),
            version: linux.bash_version().to_owned(),
            vendor: linux.distro.vendor,
            dialect: linux.distro.dialect(),
            now: started,
            interactive: true,
            login: true,
        }
    }

    /// The same as the child of this process.
    #[must_use]
    pub fn below(self, ppid: u32) -> Self {
        Self { ppid, ..self }
    }

    /// The same with more variables in its environment.
    #[must_use]
    pub fn with(mut self, variables: Vec<(String, String)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// What a login puts into the environment of a user.
    #[must_use]
    pub fn environment(world: &World, id: MachineId, user: &User) -> BTreeMap<String, String> {
        environment(world.linux(id), user)
    }

    /// A shell that a program starts with the program's user, directory and environment.
    #[must_use]
    pub fn by(p: &Proc, name: &str, interactive: bool) -> Self {
        let (hostname, version, distro) =
            p.peek(|linux| (linux.hostname.clone(), linux.bash_version().to_owned(), linux.distro));
        let (vendor, dialect) = (distro.vendor, distro.dialect());
        Self {
            name: name.to_owned(),
            pid: p.pid,
            ppid: p.ppid,
            user: p.user.clone(),
            cred: p.cred.clone(),
            cwd: p.cwd.clone(),
            umask: p.umask,
            depth: p.depth,
            environment: p.env.as_ref().clone(),
            hostname,
            version,
            vendor,
            dialect,
            now: p.now(),
            interactive,
            login: false,
        }
    }

    /// A shell that runs a script as the child of another.
    #[must_use]
    pub fn script(p: &Proc, parent: &Bash) -> Self {
        Self { umask: parent.umask, cwd: parent.cwd.clone(), ..Self::by(p, &parent.name, false) }
    }

    /// The same as a login shell.
    #[must_use]
    pub fn as_login(self) -> Self {
        Self { login: true, ..self }
    }

    /// The same as a shell that no login began.
    #[must_use]
    pub fn without_login(self) -> Self {
        Self { name: self.name.trim_start_matches('-').to_owned(), login: false, ..self }
    }

    /// The shell as data.
    #[must_use]
    pub fn bash(self) -> Bash {
        let ash = self.dialect == Dialect::Ash;
        let mut variables: BTreeMap<String, Variable> =
            self.environment.iter().map(|(name, text)| (name.clone(), Variable::exported(text))).collect();
        let mut functions = BTreeMap::new();
        if !ash {
            for (name, body) in self.environment.iter().filter_map(|(name, text)| imported(name, text, self.depth)) {
                variables.remove(&format!("BASH_FUNC_{name}%%"));
                functions.insert(name, body);
            }
        }
        let level = self.environment.get("SHLVL").and_then(|level| level.parse::<u32>().ok()).unwrap_or(0) + 1;
        let readonly = |text: String| Variable { readonly: true, integer: true, ..Variable::text(text) };
        let number = self.cred.uid.to_string();
        let set = [
            ("SHLVL", Variable::exported(level.to_string())),
            ("PWD", Variable::exported(&self.cwd)),
            ("HOSTNAME", Variable::text(&self.hostname)),
            ("IFS", Variable::text(" \t\n")),
            ("OPTIND", Variable { integer: true, ..Variable::text("1") }),
            ("PPID", readonly(self.ppid.to_string())),
            ("UID", readonly(number.clone())),
            ("EUID", readonly(number)),
            ("BASH", Variable::text("/bin/bash")),
            ("BASH_VERSION", Variable::text(&self.version)),
            ("PS4", Variable::text("+ ")),
            ("MACHTYPE", Variable::text(self.vendor.bash_machine().0)),
            ("HOSTTYPE", Variable::text("x86_64")),
            ("OSTYPE", Variable::text(self.vendor.bash_machine().1)),
            ("OPTERR", Variable::text("1")),
            ("COMP_WORDBREAKS", Variable::text(" \t\n\"'@><=;|&(:")),
        ];
        variables.extend(set.map(|(name, variable)| (name.to_owned(), variable)));
        if !ash {
            // What Fedora and its kin are built with, when the environment has none.
            for (name, text) in [("PATH", "/usr/local/bin:/usr/bin"), ("TERM", "dumb")] {
                variables.entry(name.to_owned()).or_insert_with(|| Variable::text(text));
            }
        }
        if self.interactive {
            let set = [("PS2", "> "), ("MAILCHECK", "60")];
            variables.extend(set.map(|(name, text)| (name.to_owned(), Variable::text(text))));
            let file = || Variable::text(history::default_file(self.dialect, &self.environment));
            variables.entry("HISTFILE".to_owned()).or_insert_with(file);
            let prompt = if ash { "\\w \\$ " } else { "\\s-\\v\\$ " };
            variables.entry("PS1".to_owned()).or_insert_with(|| Variable::text(prompt));
        }
        variables.insert("BASH_VERSINFO".to_owned(), version_info(&self.version, self.vendor.bash_machine().0));
        variables.insert(
            "PIPESTATUS".to_owned(),
            Variable { value: Value::Indexed(BTreeMap::from([(0, "0".to_owned())])), ..Variable::default() },
        );
        if ash {
            variables.retain(|name, variable| variable.exported || ASH.contains(&name.as_str()));
            variables.values_mut().for_each(|variable| variable.readonly = false);
        }
        let mut options: BTreeSet<String> =
            ["braceexpand", "hashall", "interactive-comments"].map(str::to_owned).into();
        if self.interactive {
            options.extend(["emacs", "histexpand", "history", "monitor"].map(str::to_owned));
        }
        // What a shell above hands down.
        let handed = |name: &str| self.environment.get(name).filter(|_| !ash).map_or("", String::as_str).split(':');
        options.extend(handed("SHELLOPTS").filter(|name| is_set_option(name)).map(str::to_owned));
        if ash {
            options.retain(|name| matches!(name.as_str(), "history" | "monitor"));
        }
        let version = Version::of(&self.version);
        let shopt = SHOPT.iter().filter(|name| match **name {
            "expand_aliases" => self.interactive || ash,
            "login_shell" => self.login,
            "checkwinsize" | "globasciiranges" => version >= Version(5, 0),
            "complete_fullquote" => version >= Version(4, 3),
            "globskipdots" | "patsub_replacement" => version >= Version(5, 2),
            _ => true,
        });
        Bash {
            name: self.name,
            pid: self.pid,
            ppid: self.ppid,
            dialect: self.dialect,
            user: self.user,
            cred: self.cred,
            cwd: self.cwd,
            umask: self.umask,
            variables,
            defined: functions.values().map(|body| memory::function(body)).sum(),
            exported_functions: functions.keys().cloned().collect(),
            readonly_functions: BTreeSet::new(),
            traced_functions: BTreeSet::new(),
            functions,
            aliases: BTreeMap::new(),
            options,
            shopt: shopt.map(|name| (*name).to_owned()).collect(),
            positional: Vec::new(),
            status: 0,
            last_background: None,
            files: None,
            jobs: Jobs::default(),
            warned: None,
            traps: BTreeMap::new(),
            history: Arc::default(),
            times: Arc::default(),
            forgotten: 0,
            typed: 0,
            in_file: 0,
            joins: false,
            dirs: Vec::new(),
            unfinished: String::new(),
            awaited: None,
            stop: None,
            lines: 0,
            commands: 0,
            prompt: None,
            started: self.now,
            interactive: self.interactive,
            login: self.login,
            begun: !self.interactive,
            spent: false,
            start_up: StartUp::default(),
            reads: None,
            limited: false,
            begun_nowhere: false,
            substituted: None,
            within: 0,
            disabled: BTreeSet::new(),
            hashed: Hashed::default(),
            completions: Arc::default(),
            plain: BTreeSet::new(),
            random: None,
            back: None,
        }
    }
}

/// `BASH_VERSINFO`: `5.2.15(1)-release` in its parts.
fn version_info(version: &str, machine: &str) -> Variable {
    let (numbers, rest) = version.split_once('(').unwrap_or((version, "1)-release"));
    let (build, status) = rest.split_once(")-").unwrap_or(("1", "release"));
    let parts = numbers.splitn(3, '.').chain([build, status, machine]);
    let items = (0..).zip(parts.map(str::to_owned)).collect();
    Variable { value: Value::Indexed(items), readonly: true, ..Variable::default() }
}

fn environment(linux: &Linux, user: &User) -> BTreeMap<String, String> {
    let path = if user.uid == 0 { linux.distro.root_path } else { linux.distro.user_path };
    let mail = format!("/var/spool/mail/{}", user.name);
    let set = [
        ("HOME", user.home.as_str()),
        ("LANG", "en_US.UTF-8"),
        ("LOGNAME", &user.name),
        ("MAIL", &mail),
        ("PATH", path),
        ("SHELL", &user.shell),
        ("TERM", "xterm-256color"),
        ("USER", &user.name),
    ];
    let gives = |name: &str| linux.distro.dialect() == Dialect::Bash || !matches!(name, "LANG" | "MAIL");
    let set = set.iter().filter(|(name, _)| gives(name));
    set.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}
