//! `su` and `runuser` (util-linux 2.23 and 2.32; `su` of coreutils 8.12 on SLES 11) and `sudo` (1.8): a shell or a command as another user.
//! Whoever is not root has to tell a password.

use crate::systems::linux::tools::input::given;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::getopt::{Given, Spec};
use super::{Tool, tool};
use crate::bash::quote::shell_quote;
use crate::shell::coroutine::Await;
use crate::sim::Span;
use crate::systems::family;
use crate::systems::linux::bash::{self, Ran, Start, become_words};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Access, Cred, Errno};
use crate::systems::linux::io::Cut;
use crate::systems::linux::login::is_appliance_shell;
use crate::systems::linux::model::User;
use crate::systems::linux::model::bash::Variable;
use crate::systems::linux::model::log::Facility;
use crate::systems::linux::proc::{Ended, Proc, Request};
use crate::systems::linux::terminal;
use crate::world::Shell;

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("nologin", nologin), tool!("runuser", runuser), tool!("su", su), tool!("sudo", sudo)];

const SU: Spec = Spec {
    short: "c:flmps:",
    long: &[("command:", 'c'), ("login", 'l'), ("preserve-environment", 'p'), ("shell:", 's'), ("fast", 'f')],
    gaps: "P --session-command: --pty g: --group: G: --supp-group: h V",
};

const SUDO: Spec = Spec { short: "BEHilnsp:u:", long: &[], gaps: "A K P S b e k v V h: C: g: r: t: U: T:" };

const SUDO_USAGE: &str = "\
usage: sudo -h | -K | -k | -V
usage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command]
usage: sudo [-AbEHknPS] [-r role] [-t type] [-C num] [-g group] [-h host] [-p prompt] [-T timeout] [-u user] [VAR=value] [-i|-s] [<command>]
usage: sudo -e [-AknS] [-r role] [-t type] [-C num] [-g group] [-h host] [-p prompt] [-T timeout] [-u user] file ...
";

/// So long a wrong password is thought about.
const REFUSAL: Span = Span::secs(2);
/// So often sudo asks.
const TRIES: u32 = 3;

async fn nologin(p: &mut Proc, _: &[String]) -> Ended {
    p.out("This account is currently not available.\n").await?;
    Ok(1)
}

/// What comes of a login shell that lets nobody in; nothing when it is another.
pub(super) async fn turned_away(p: &mut Proc, shell: &str) -> Result<Option<Ended>, Cut> {
    Ok(match shell.rsplit('/').next() {
        Some("nologin") => Some(nologin(p, &[]).await),
        Some("false") => Some(Ok(1)),
        Some("true") => Some(Ok(0)),
        _ => None,
    })
}

/// `runuser`: what `su` does, for root alone; with `-u` a program and no shell.
async fn runuser(p: &mut Proc, arguments: &[String]) -> Ended {
    if !p.cred.is_root() {
        return p.fail("may not be used by non-root users").await;
    }
    const RUNUSER: Spec = Spec { short: "u:", long: &[("user:", 'u')], gaps: "" };
    let Some(given) = RUNUSER.read(arguments, true).ok().filter(|given| given.has('u')) else {
        return su(p, arguments).await;
    };
    let name = given.value('u').unwrap_or_default();
    let Some(user) = p.peek(|linux| linux.user(name)) else {
        return p.fail(&format!("user {name} does not exist")).await;
    };
    if given.operands.is_empty() {
        return p.fail("no command was specified").await;
    }
    let environment = p.env.as_ref().clone();
    let shell = user.shell.clone();
    let program = given.operands[0].clone();
    let wish = Become { by: "runuser", user, login: false, environment, shell };
    if !has_program(p, &wish, &program) {
        return p.fail(&format!("failed to execute {program}: {}", Errno::Noent.text())).await.map(|_| 127);
    }
    wish.opens(p);
    let ended = wish.program(p, given.operands).await;
    wish.closes(p);
    ended
}

async fn su(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SU, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("Try 'su --help' for more information.\n").await?;
        Ok(1)
    });
    let login = given.has('l') || given.operands.first().is_some_and(|word| word == "-");
    let names = given.operands.iter().skip(usize::from(given.operands.first().is_some_and(|word| word == "-")));
    let names: Vec<&String> = names.collect();
    let name = match names[..] {
        [] => "root",
        [name] => name,
        _ => return p.gap("su with arguments for the shell"),
    };
    let Some(user) = p.peek(|linux| linux.user(name)) else {
        return p.fail(&format!("user {name} does not exist")).await;
    };
    let asked = !p.cred.is_root() && p.cx.with(|cx| cx.session.terminal.asks);
    if asked {
        p.err("Password: ").await?;
        if !p.secret(Await::Secret(p.machine, user.uid)).await? {
            refused(p, "su", &user.name);
            tells_of_su(p, &user.name, false);
            p.pass(REFUSAL).await?;
            let old = p.peek(|linux| linux.distro.vendor == Vendor::Suse);
            return p.fail(if old { "incorrect password" } else { "Authentication failure" }).await;
        }
    }
    let environment = environment(p, &user, login, &given);
    let shell = given.value('s').map_or_else(|| user.shell.clone(), str::to_owned);
    let by = if p.name.ends_with("runuser") { "runuser" } else { "su" };
    if by == "su" {
        tells_of_su(p, &user.name, true);
    }
    let wish = Become { by, user, login, environment, shell };
    wish.opens(p);
    let ended = match given.value('c') {
        Some(text) => wish.command(p, Some(text)).await,
        None => wish.shell(p).await,
    };
    wish.closes(p);
    ended
}

/// What `su` itself writes in the log of whom somebody has become, or has not.
fn tells_of_su(p: &Proc, name: &str, done: bool) {
    let (from, tty, now) = (login_name(p).unwrap_or_else(|| p.user.clone()), own_tty(p), p.now());
    let tty = tty.as_deref();
    let (facility, texts) = match p.peek(|linux| linux.distro.vendor) {
        Vendor::Photon if done => {
            let place = format!("+ {} {from}:{name}", tty.unwrap_or("???"));
            (Facility::Auth, vec![format!("Successful su for {name} by {from}"), place])
        }
        Vendor::Photon => {
            let place = format!("- {} {from}:{name}", tty.unwrap_or("???"));
            (Facility::Auth, vec![format!("FAILED su for {name} by {from}"), place])
        }
        vendor => {
            let folder = if vendor == Vendor::Suse { "/dev/" } else { "" };
            let place = tty.map_or("none".to_owned(), |tty| format!("{folder}{tty}"));
            let failed = if done { "" } else { "FAILED SU " };
            (Facility::Security, vec![format!("{failed}(to {name}) {from} on {place}")])
        }
    };
    p.linux(|linux| {
        for text in texts {
            linux.auth_says(now, ("su", p.pid), (facility, 5), &text);
        }
    });
}

/// What PAM writes of a password that was wrong.
fn refused(p: &Proc, by: &str, name: &str) {
    let (now, own) = (p.now(), &p.user);
    let tty = own_tty(p).unwrap_or_default();
    let folder = if by == "sudo" { "/dev/" } else { "" };
    let from = login_name(p).unwrap_or_default();
    let uid = p.cred.uid;
    let text = format!(
        "authentication failure; logname={from} uid={uid} euid=0 tty={folder}{tty} ruser={own} rhost=  user={name}"
    );
    p.linux(|linux| linux.pam_says(now, (by, p.pid), &format!("{by}:auth"), 5, &text));
}

/// The terminal of a program.
fn own_tty(p: &Proc) -> Option<String> {
    p.peek(|linux| linux.processes.get(p.pid)?.tty.clone())
}

/// Who has logged in at the terminal of a program.
fn login_name(p: &Proc) -> Option<String> {
    let tty = own_tty(p)?;
    p.peek(|linux| linux.logins.present().find(|record| record.tty == tty)?.user.clone())
}

fn environment(p: &Proc, user: &User, login: bool, given: &Given) -> BTreeMap<String, String> {
    if login {
        return p.world(|world, id| Start::environment(world, id, user));
    }
    let mut environment = p.env.as_ref().clone();
    if !given.has('m') && !given.has('p') {
        let mut set = vec![("HOME", &user.home), ("SHELL", &user.shell)];
        if user.uid != 0 {
            set.extend([("USER", &user.name), ("LOGNAME", &user.name)]);
        }
        environment.extend(set.into_iter().map(|(name, text)| (name.to_owned(), text.clone())));
    }
    environment
}

/// What becomes of a program that turns into another user's.
struct Become {
    /// The program that does it.
    by: &'static str,
    user: User,
    login: bool,
    environment: BTreeMap<String, String>,
    shell: String,
}

impl Become {
    /// PAM opens a session.
    fn opens(&self, p: &Proc) {
        let (now, from) = (p.now(), login_name(p).unwrap_or_default());
        let uid = if self.by == "sudo" { 0 } else { p.cred.uid };
        let text = format!("session opened for user {} by {from}(uid={uid})", self.user.name);
        p.linux(|linux| {
            let part = format!("{}:session", linux.pam_service(self.by, self.login));
            linux.pam_says(now, (self.by, p.pid), &part, 6, &text);
        });
    }

    /// The session is over, unless the person goes on in it.
    fn closes(&self, p: &Proc) {
        if p.request.is_some() {
            return;
        }
        let now = p.now();
        p.linux(|linux| linux.session_closes(now, (self.by, p.pid), self.login, &self.user.name));
    }

    /// A process of the user.
    async fn process(&self, p: &mut Proc, name: &str) -> Result<Proc, Cut> {
        let cred = p.peek(|linux| linux.cred(&self.user));
        let mut q = Proc { cred, user: self.user.name.clone(), ..p.again() }.child(&[name.to_owned()]);
        q.env = Arc::new(self.environment.clone());
        if self.login {
            match q.lookup(&self.user.home) {
                Ok(_) => q.cwd.clone_from(&self.user.home),
                Err(errno) => {
                    let text = format!("warning: cannot change directory to {}: {}", self.user.home, errno.text());
                    p.complain(&text).await?;
                }
            }
        }
        Ok(q)
    }

    /// Whether the shell is one that runs here; else what comes of it.
    async fn runs(&self, p: &mut Proc) -> Result<Option<Ended>, Cut> {
        let name = self.shell.rsplit('/').next().unwrap_or_default();
        let found = p.lookup(&self.shell).and_then(|ino| p.peek(|linux| linux.fs.access(&p.cred, ino, Access::EXEC)));
        if let Err(errno) = found {
            p.complain(&format!("failed to execute {}: {}", self.shell, errno.text())).await?;
            return Ok(Some(Ok(if errno == Errno::Noent { 127 } else { 126 })));
        }
        if is_appliance_shell(&self.shell) {
            let login_of_root = self.login && self.user.uid == 0;
            return Ok(Some(match p.world(|world, id| family(world, id).shell_of_root(world, id)) {
                Some(shell) if login_of_root && p.at_keyboard() => {
                    p.request = Some(Request::Enter(shell));
                    Ok(0)
                }
                _ => p.gap("su to a user whose shell is that of the appliance"),
            }));
        }
        match (name, turned_away(p, &self.shell).await?) {
            ("bash" | "sh", _) => Ok(None),
            (_, Some(ended)) => Ok(Some(ended)),
            (name, None) => Ok(Some(p.gap(&format!("su with {name} as a shell")))),
        }
    }

    /// A program, and where it leads the person at the keyboard.
    async fn program(&self, p: &mut Proc, words: Vec<String>) -> Ended {
        let mut q = self.process(p, &words[0]).await?;
        let ran = become_words(&mut q, words).await;
        let ended = ran.map(|ran| if let Ran::Status(status) = ran { status } else { 126 });
        q.exit(ended.unwrap_or_else(Cut::status));
        q.reap();
        p.request = q.request.take();
        ended
    }

    /// A command line, or what standard input gives.
    async fn command(&self, p: &mut Proc, text: Option<&str>) -> Ended {
        if let Some(ended) = self.runs(p).await? {
            return ended;
        }
        let mut q = self.process(p, if self.login { "-bash" } else { "bash" }).await?;
        let ended = match text {
            Some(text) => bash::run_line(&mut q, text).await,
            None => bash::run_input(&mut q).await,
        };
        q.exit(ended.unwrap_or_else(Cut::status));
        q.reap();
        ended
    }

    /// A shell: at the keyboard the person goes on in it.
    async fn shell(&self, p: &mut Proc) -> Ended {
        let keyboard = p.files.is_terminal(0);
        if !keyboard {
            return self.command(p, None).await;
        }
        if let Some(ended) = self.runs(p).await? {
            return ended;
        }
        let q = self.process(p, "bash").await?;
        let files = q.files.keep();
        let mut entered = if self.login {
            q.exit(0);
            q.reap();
            let mut shell = p.cx.with(|cx| {
                let tty = terminal::tty(cx.session);
                let bash = Start::login(cx.world, p.machine, &self.user, &tty).below(p.pid).bash();
                cx.world.linux_mut(p.machine).processes.adopt(bash.pid, p.pid);
                bash
            });
            shell.variables.insert("PWD".to_owned(), Variable::exported(&q.cwd));
            shell.cwd.clone_from(&q.cwd);
            shell
        } else {
            Start::by(&q, "bash", true).bash()
        };
        entered.files = files;
        p.request = Some(Request::Enter(Shell::Linux(Arc::new(entered))));
        Ok(0)
    }
}

async fn sudo(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(strict p, &SUDO, arguments, |complaint| {
            p.complain(&complaint).await?;
            p.err(SUDO_USAGE).await?;
            Ok(1) });
    let name = given.value('u').unwrap_or("root").to_owned();
    let Some(user) = p.peek(|linux| linux.user(&name)) else {
        return p.fail(&format!("unknown user: {name}")).await;
    };
    if !allowed(p, &given).await? {
        return Ok(1);
    }
    if given.has('l') {
        let (own, host) = p.peek(|linux| (p.user.clone(), linux.hostname.clone()));
        let host = host.split('.').next().unwrap_or_default().to_owned();
        p.inferred();
        p.out(&format!("User {own} may run the following commands on {host}:\n    (ALL) ALL\n")).await?;
        return Ok(0);
    }
    let login = given.has('i');
    let mut environment = p.world(|world, id| Start::environment(world, id, &user));
    if !login {
        environment.insert("PATH".to_owned(), "/sbin:/bin:/usr/sbin:/usr/bin".to_owned());
        environment.extend([
            ("SUDO_USER".to_owned(), p.user.clone()),
            ("SUDO_UID".to_owned(), p.cred.uid.to_string()),
            ("SUDO_GID".to_owned(), p.cred.gid.to_string()),
        ]);
    }
    let sets = given.operands.iter().take_while(|word| is_assignment(word)).count();
    let (assignments, command) = given.operands.split_at(sets);
    environment.extend(
        assignments
            .iter()
            .filter_map(|word| word.split_once('='))
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
    );
    let shell = user.shell.clone();
    let wish = Become { by: "sudo", user, login, environment, shell };
    match command {
        [] if login || given.has('s') => wish.shell(p).await,
        [] => {
            p.err(SUDO_USAGE).await?;
            Ok(1)
        }
        [program, ..] => {
            if !login && !has_program(p, &wish, program) {
                return p.fail(&format!("{program}: command not found")).await;
            }
            // Without a login the user's shell has no part in it.
            if !login {
                return wish.program(p, command.to_vec()).await;
            }
            let words: Vec<String> = command.iter().map(|word| shell_quote(word)).collect();
            wish.command(p, Some(&words.join(" "))).await
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

fn has_program(p: &Proc, wish: &Become, program: &str) -> bool {
    if program.contains('/') {
        return p.lookup(program).is_ok();
    }
    let path = wish.environment.get("PATH").map(String::as_str).unwrap_or_default();
    path.split(':').any(|folder| p.lookup(&format!("{folder}/{program}")).is_ok())
}

/// Whether a file of `/etc/sudoers.d` lets the user do everything, and asks nothing.
fn without_password(p: &Proc) -> bool {
    let texts = p.peek(|linux| {
        let folder = linux.fs.lookup(&Cred::ROOT, "/", "/etc/sudoers.d").ok();
        let names = folder.and_then(|folder| linux.fs.node(folder).entries()).into_iter().flatten();
        names.filter_map(|(name, _)| linux.text(&format!("/etc/sudoers.d/{name}"))).collect::<Vec<_>>()
    });
    let rule = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.first() == Some(&p.user.as_str()) && words.ends_with(&["NOPASSWD:", "ALL"])
    };
    texts.iter().any(|text| text.lines().any(rule))
}

/// Whether the user may: root, and who is in the group that the distribution's sudoers(5) names, with the password.
async fn allowed(p: &mut Proc, given: &Given) -> Result<bool, Cut> {
    let own = p.user.clone();
    if p.cred.is_root() || without_password(p) {
        return Ok(true);
    }
    if p.cx.with(|cx| cx.session.terminal.asks) {
        if given.has('n') {
            p.complain("a password is required").await?;
            return Ok(false);
        }
        let mut good = false;
        for tried in 1..=TRIES {
            p.err(&format!("[sudo] password for {own}: ")).await?;
            good = p.secret(Await::Secret(p.machine, p.cred.uid)).await?;
            if good {
                break;
            }
            p.pass(REFUSAL).await?;
            if tried < TRIES {
                p.err("Sorry, try again.\n").await?;
            }
        }
        if !good {
            p.complain(&format!("{TRIES} incorrect password attempts")).await?;
            return Ok(false);
        }
    }
    let member = p.peek(|linux| {
        let group = linux.groups().into_iter().find(|group| group.name == "wheel");
        group.is_some_and(|group| p.cred.is_in(group.gid))
    });
    if !member {
        p.err(&format!("{own} is not in the sudoers file.  This incident will be reported.\n")).await?;
    }
    Ok(member)
}
