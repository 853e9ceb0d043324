//! `su` and `runuser` (util-linux 2.23 and 2.32; `su` of coreutils 8.12 on SLES 11): a shell or a command as another user.
//! Whoever is not root has to tell a password.

use crate::systems::linux::tools::input::given;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::getopt::{Given, Spec};
use super::{Tool, tool};
use crate::shell::coroutine::Await;
use crate::sim::Span;
use crate::systems::family;
use crate::systems::linux::bash::{self, Ran, Start, become_words};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Access, Errno};
use crate::systems::linux::io::Cut;
use crate::systems::linux::login::is_appliance_shell;
use crate::systems::linux::model::bash::Variable;
use crate::systems::linux::model::log::Facility;
use crate::systems::linux::model::tally::Admission;
use crate::systems::linux::model::{Login, User};
use crate::systems::linux::proc::{Ended, Proc, Request};
use crate::systems::linux::terminal;
use crate::world::Shell;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("nologin", nologin), tool!("runuser", runuser), tool!("su", su)];

const SU: Spec = Spec {
    short: "c:flmps:",
    long: &[("command:", 'c'), ("login", 'l'), ("preserve-environment", 'p'), ("shell:", 's'), ("fast", 'f')],
    gaps: "P --session-command: --pty g: --group: G: --supp-group: h V",
};

/// So long a wrong password is thought about.
pub(super) const REFUSAL: Span = Span::secs(2);

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
        let right = p.secret(Await::Secret(p.machine, user.uid)).await?;
        let login = Login { at: p.now(), from: own_tty(p).unwrap_or_default() };
        let admission = p.world(|world, id| world.linux_mut(id).admit(&user.name, right, login));
        if let Admission::Locked(count) = admission {
            let told = p.peek(|linux| linux.told_of_lock(count));
            p.err(&format!("{told}\n")).await?;
        }
        if admission != Admission::In {
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
pub(super) fn refused(p: &Proc, by: &str, name: &str) {
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
pub(super) fn own_tty(p: &Proc) -> Option<String> {
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
pub(super) struct Become {
    /// The program that does it.
    pub by: &'static str,
    /// Who somebody becomes.
    pub user: User,
    /// Whether that is a login.
    pub login: bool,
    /// The variables of the program.
    pub environment: BTreeMap<String, String>,
    /// The shell, by its path.
    pub shell: String,
}

impl Become {
    /// PAM opens a session.
    pub fn opens(&self, p: &Proc) {
        let (now, from) = (p.now(), login_name(p).unwrap_or_default());
        let uid = if self.by == "sudo" { 0 } else { p.cred.uid };
        let text = format!("session opened for user {} by {from}(uid={uid})", self.user.name);
        p.linux(|linux| {
            let part = format!("{}:session", linux.pam_service(self.by, self.login));
            linux.pam_says(now, (self.by, p.pid), &part, 6, &text);
        });
    }

    /// The session is over, unless the person goes on in it.
    pub fn closes(&self, p: &Proc) {
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

    /// Whether the shell is bash; else what comes of it, with a command line for it or at the keyboard.
    async fn runs(&self, p: &mut Proc, text: Option<&str>) -> Result<Option<Ended>, Cut> {
        let name = self.shell.rsplit('/').next().unwrap_or_default();
        let found = p.lookup(&self.shell).and_then(|ino| p.peek(|linux| linux.fs.access(&p.cred, ino, Access::EXEC)));
        if let Err(errno) = found {
            p.complain(&format!("failed to execute {}: {}", self.shell, errno.text())).await?;
            return Ok(Some(Ok(if errno == Errno::Noent { 127 } else { 126 })));
        }
        if is_appliance_shell(&self.shell) {
            return Ok(Some(match p.world(|world, id| family(world, id).own_shell(self.user.uid)) {
                Some(shell) if text.is_none() && p.at_keyboard() => {
                    p.request = Some(Request::Enter(shell));
                    Ok(0)
                }
                Some(_) => {
                    let command = text.map(|text| ["-c".to_owned(), text.to_owned()]);
                    let words = std::iter::once(self.shell.clone()).chain(command.into_iter().flatten());
                    self.program(p, words.collect()).await
                }
                None => p.gap("su to a user whose shell is that of an appliance"),
            }));
        }
        match (name, turned_away(p, &self.shell).await?) {
            ("bash" | "sh", _) => Ok(None),
            (_, Some(ended)) => Ok(Some(ended)),
            (name, None) => Ok(Some(p.gap(&format!("su with {name} as a shell")))),
        }
    }

    /// A program, and where it leads the person at the keyboard.
    pub async fn program(&self, p: &mut Proc, words: Vec<String>) -> Ended {
        let mut q = self.process(p, &words[0]).await?;
        let ran = become_words(&mut q, words).await;
        let ended = ran.map(|ran| if let Ran::Status(status) = ran { status } else { 126 });
        q.exit(ended.unwrap_or_else(Cut::status));
        q.reap();
        p.request = q.request.take();
        ended
    }

    /// A command line, or what standard input gives.
    pub async fn command(&self, p: &mut Proc, text: Option<&str>) -> Ended {
        if let Some(ended) = self.runs(p, text).await? {
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
    pub async fn shell(&self, p: &mut Proc) -> Ended {
        let keyboard = p.files.is_terminal(0);
        if !keyboard {
            return self.command(p, None).await;
        }
        if let Some(ended) = self.runs(p, None).await? {
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

/// Whether there is a program for a wish.
pub(super) fn has_program(p: &Proc, wish: &Become, program: &str) -> bool {
    if program.contains('/') {
        return p.lookup(program).is_ok();
    }
    let path = wish.environment.get("PATH").map(String::as_str).unwrap_or_default();
    path.split(':').any(|folder| p.lookup(&format!("{folder}/{program}")).is_ok())
}
