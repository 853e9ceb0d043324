//! `ssh`: logins and commands on other machines of the lab (OpenSSH 5.6 to 8.3, as the distribution has it; the keys are
//! derived from the hosts' names, and which kind of key a host shows first is inferred).

pub mod host_keys;
pub mod identity;
mod keygen;
pub mod keys;
pub mod usage;

use crate::systems::linux::neighbours;
use crate::systems::linux::tools::input::given;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use keys::{Key, Kind};

use super::getopt::Spec;
use super::su::turned_away;
use super::{Tool, tool};
use crate::bash::quote;
use crate::shell::coroutine::Await;
use crate::systems::linux::attempts::Attempt;
use crate::systems::linux::bash::{self, Start};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::io::{Boxed, Cut, Open};
use crate::systems::linux::login::{self, is_appliance_shell};
use crate::systems::linux::model::logins::Why;
use crate::systems::linux::model::sshd::Doors;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{CHUNK, Ended, Proc, Request};
use crate::systems::linux::sessions::Arrival;
use crate::systems::linux::terminal::Connection;
use crate::systems::linux::{kernel, made_files, model::User};
use crate::systems::{account, family};
use crate::world::{MachineId, World};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("ssh", ssh),
    tool!("ssh-copy-id", keygen::ssh_copy_id),
    tool!("ssh-keygen", keygen::ssh_keygen),
    tool!("ssh-keyscan", keygen::ssh_keyscan),
];

const SPEC: Spec =
    Spec { short: "46AaCKknqsTtVvXxYyb:c:e:F:I:i:l:m:o:p:", long: &[], gaps: "f g M N D: L: R: W: w: O: S:" };

/// How often a password may be wrong.
const TRIES: u32 = 3;

/// A user on another machine.
pub(super) struct Target {
    /// The host as it was named.
    pub name: String,
    pub machine: MachineId,
    pub user: User,
}

async fn ssh(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(strict p, &SPEC, arguments, |complaint| {
            let usage = usage::ssh(p.peek(|linux| linux.distro.openssh_version()));
            p.err(&format!("{}\n{usage}", old_style(&complaint))).await?;
            Ok(255) });
    if given.has('V') {
        let version = p.peek(|linux| linux.distro.openssh);
        p.err(&format!("{version}\n")).await?;
        return Ok(0);
    }
    let [destination, command @ ..] = &given.operands[..] else {
        let usage = usage::ssh(p.peek(|linux| linux.distro.openssh_version()));
        p.err(usage).await?;
        return Ok(255);
    };
    let quiet = given.has('q').then_some("LogLevel=quiet");
    let named = identity::named(p, &given).await?;
    let options: Vec<&str> =
        quiet.into_iter().chain(given.values('o')).chain(named.iter().map(String::as_str)).collect();
    let Some(target) = connect(p, destination, given.value('l'), given.value('p'), &options).await? else {
        return Ok(255);
    };
    if command.is_empty() {
        return shell(p, &target, given.has('T')).await;
    }
    let asked = given.options.iter().filter(|(letter, _)| *letter == 't').count();
    if asked == 1 && !p.files.is_terminal(0) {
        p.err("Pseudo-terminal will not be allocated because stdin is not a terminal.\n").await?;
    }
    let way = Way { no_input: given.has('n'), terminal: asked > 1 || asked == 1 && p.files.is_terminal(0) };
    remote(p, &target, Some(&command.join(" ")), way).await
}

/// OpenSSH reads its options by itself, with the words of an older getopt.
pub(super) fn old_style(complaint: &str) -> String {
    match complaint.strip_prefix("invalid option -- '") {
        Some(letter) => format!("unknown option -- {}", letter.trim_end_matches('\'')),
        // It knows no long options: the second dash is a letter.
        None if complaint.starts_with("unrecognized option") => "unknown option -- -".to_owned(),
        None => complaint.replace("-- '", "-- ").trim_end_matches('\'').to_owned(),
    }
}

/// Connects and authenticates; nothing when it does not come to that, which has been said.
pub(super) async fn connect(
    p: &mut Proc,
    destination: &str,
    user: Option<&str>,
    port: Option<&str>,
    options: &[&str],
) -> Result<Option<Target>, Cut> {
    match meet(p, destination, user, port, options).await? {
        Some(met) => admit(p, met, options).await,
        None => Ok(None),
    }
}

/// A host that answers and whose key is known, before anybody is logged in there.
struct Met {
    name: String,
    user: String,
    machine: MachineId,
}

/// Connects and looks at the host's key; nothing when it does not come to that, which has been said.
async fn meet(
    p: &mut Proc,
    destination: &str,
    user: Option<&str>,
    port: Option<&str>,
    options: &[&str],
) -> Result<Option<Met>, Cut> {
    let (user, name) = match destination.rsplit_once('@') {
        Some((user, name)) => (user.to_owned(), name),
        None => (user.unwrap_or(&p.user).to_owned(), destination),
    };
    let Some(host) = p.world(|world, id| net::resolve(world, id, name)) else {
        p.err(&format!("ssh: Could not resolve hostname {name}: Name or service not known\n")).await?;
        return Ok(None);
    };
    let port = port.unwrap_or("22");
    let number = port.parse().unwrap_or(0);
    let reach = match p.world(|world, _| neighbours::reach_port(world, &host, number)) {
        Reach::Up if number != net::SSH => Reach::Refused,
        reach => reach,
    };
    let (Reach::Up, Some(machine)) = (reach, host.machine) else {
        let why = match reach {
            Reach::Refused => "Connection refused",
            Reach::NoWay => "Network is unreachable",
            Reach::Barred => "No route to host",
            _ => {
                // ARP gives up after three seconds.
                p.pass(crate::sim::Span::secs(3)).await?;
                "No route to host"
            }
        };
        p.err(&format!("ssh: connect to host {name} port {port}: {why}\n")).await?;
        return Ok(None);
    };
    if !known(p, name, &host, options).await? {
        p.err("Host key verification failed.\n").await?;
        return Ok(None);
    }
    Ok(Some(Met { name: name.to_owned(), user, machine }))
}

/// Where somebody asks to be let in, and as whom.
#[derive(Clone, Copy)]
struct Door<'a> {
    user: &'a str,
    name: &'a str,
    machine: MachineId,
    account: Option<&'a User>,
}

/// Authenticates.
async fn admit(p: &mut Proc, met: Met, options: &[&str]) -> Result<Option<Target>, Cut> {
    let Met { name, user, machine } = met;
    if speaks(options) {
        let banner = p.world(|world, _| family(world, machine).banner(world, machine));
        p.err(&banner).await?;
    }
    let account = p.world(|world, _| account(world, machine, &user));
    let by_key = identity::opens(p, machine, account.as_ref(), options).await?;
    let batch = setting(options, "BatchMode") == "yes";
    let doors = doors(p, machine, &user, account.as_ref());
    let mut attempt = p.world(|world, id| {
        let from = world.machine(id).address.clone();
        Attempt::new(world, machine, &user, account.as_ref(), &from)
    });
    let door = Door { user: &user, name: &name, machine, account: account.as_ref() };
    if !by_key && (batch || !doors.asks || !password(p, &door, &mut attempt).await?) {
        p.world(|world, _| attempt.over(world));
        let vendor = p.world(|world, _| world.linux(machine).distro.vendor);
        p.err(&format!("{user}@{name}: Permission denied ({}).\n", ways(vendor, &doors))).await?;
        return Ok(None);
    }
    let Some(account) = account else { return Ok(None) };
    let target = Target { name, machine, user: account };
    let expired = |world: &mut World, _| family(world, machine).password_expired(world, machine, &target.user.name);
    if p.world(expired) {
        change_password(p, &target).await?;
        return Ok(None);
    }
    Ok(Some(target))
}

/// An expired password is changed on a terminal, and nothing else is done: the login is over then. The texts are captured
/// where there is no terminal; with one, those of OpenSSH.
async fn change_password(p: &mut Proc, target: &Target) -> Result<(), Cut> {
    let told = p.world(|world, _| login::told_of_expiry(world, target.machine, &target.user.name));
    p.err(&format!("{told}WARNING: Your password has expired.\n")).await?;
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return p.err("Password change required but no TTY available.\n").await;
    }
    p.inferred();
    p.err("You must change your password now and login again!\n").await?;
    let mut there = on(p, target);
    let ended = bash::run_line(&mut there, "passwd").await;
    there.exit(0);
    there.reap();
    ended?;
    p.err(&format!("Connection to {} closed.\n", target.name)).await
}

/// Whether warnings and banners are shown.
fn speaks(options: &[&str]) -> bool {
    !["quiet", "fatal", "error"].contains(&setting(options, "LogLevel").as_str())
}

/// The value of an option that was given with `-o`, in small letters.
fn setting(options: &[&str], wanted: &str) -> String {
    let value = options.iter().find_map(|option| {
        let (key, value) = option.split_once(['=', ' '])?;
        key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_ascii_lowercase())
    });
    value.unwrap_or_default()
}

/// Whether the key of the machine is known, or is taken on trust now.
async fn known(p: &mut Proc, name: &str, host: &Host, options: &[&str]) -> Result<bool, Cut> {
    let Some(home) = p.env("HOME").map(str::to_owned) else { return Ok(true) };
    let file = format!("{home}/.ssh/known_hosts");
    let text = p.read_path(&file).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let listed = |line: &str| line.split(' ').next().is_some_and(|names| names.split(',').any(|known| known == name));
    let strict = setting(options, "StrictHostKeyChecking");
    let version = p.peek(|linux| linux.distro.openssh_version());
    let takes_print = version >= (8, 0);
    let kinds: &[Kind] = if version < (6, 3) { &[Kind::Rsa] } else { &[Kind::Ecdsa, Kind::Ed25519, Kind::Rsa] };
    let key = p.world(|world, _| host_keys::shown(world, host, kinds));
    let kind = key.kind.name();
    let differs =
        |line: &str| Key::read(line).is_some_and(|(stored, _)| stored.kind == key.kind && stored.line() != key.line());
    let entries = || (1..).zip(text.lines()).filter(|(_, line)| listed(line));
    if let Some((number, _)) = entries().find(|(_, line)| differs(line)) {
        if matches!(strict.as_str(), "no" | "off") {
            return p.gap("ssh to a host whose key has changed, without strict checking").map(|_| false);
        }
        let print = fingerprints(p, &key).join("\n");
        p.err(&host_keys::changed(kind, &print, &format!("{file}:{number}"), name)).await?;
        return Ok(false);
    }
    if entries().next().is_some() {
        return Ok(true);
    }
    let both = if name == host.address { name.to_owned() } else { format!("{name} ({})", host.address) };
    match strict.as_str() {
        "yes" => return Ok(false),
        "no" | "off" | "accept-new" => {}
        _ if setting(options, "BatchMode") == "yes" => return Ok(false),
        _ => {
            p.inferred();
            let prints: String =
                fingerprints(p, &key).iter().map(|print| format!("{kind} key fingerprint is {print}.\n")).collect();
            let choice = if takes_print { "yes/no/[fingerprint]" } else { "yes/no" };
            p.err(&format!(
                "The authenticity of host '{both}' can't be established.\n{prints}Are you sure you want to continue \
                 connecting ({choice})? "
            ))
            .await?;
            loop {
                let answer = ask(p).await?;
                match answer.as_deref().map(str::trim) {
                    Some("yes") => break,
                    Some("no") | None => return Ok(false),
                    Some(_) if takes_print => p.err("Please type 'yes', 'no' or the fingerprint: ").await?,
                    Some(_) => p.err("Please type 'yes' or 'no': ").await?,
                }
            }
        }
    }
    let names = if name == host.address { name.to_owned() } else { format!("{name},{}", host.address) };
    let made = p.fs(|fs, now| match fs.mkdir(&p.cred, "/", &format!("{home}/.ssh"), 0o700, now) {
        Ok(_) | Err(Errno::Exist) => Ok(()),
        Err(errno) => Err(errno),
    });
    let line = format!("{names} {}\n", key.line());
    let kept = made.is_ok() && p.write_path(&file, (text + &line).as_bytes()).is_ok();
    if kept && speaks(options) {
        p.err(&format!("Warning: Permanently added '{names}' ({kind}) to the list of known hosts.\n")).await?;
    }
    Ok(true)
}

/// A key's fingerprints as this OpenSSH shows them: MD5 until 6.7, then SHA-256; Red Hat's 7.4 shows both.
fn fingerprints(p: &Proc, key: &Key) -> Vec<String> {
    let (version, vendor) = p.peek(|linux| (linux.distro.openssh_version(), linux.distro.vendor));
    if version < (6, 8) {
        return vec![key.md5()];
    }
    let both = vendor == Vendor::RedHat && version < (8, 0);
    if both { vec![key.sha256(), format!("MD5:{}", key.md5())] } else { vec![key.sha256()] }
}

/// A line from the terminal, whatever standard input is.
///
/// # Errors
/// A signal came first.
pub async fn ask(p: &mut Proc) -> Result<Option<String>, Cut> {
    let standard = p.files.get(0).cloned();
    p.files.set(0, Some(Arc::new(Open::Terminal)));
    let line = p.read_until(0, CHUNK, Some(b'\n')).await;
    p.files.set(0, standard);
    let line = line?;
    Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned()))
}

/// By which ways a user of the other machine comes in from this one.
fn doors(p: &Proc, machine: MachineId, name: &str, account: Option<&User>) -> Doors {
    p.world(|world, id| world.linux(machine).doors(name, account, &world.machine(id).address))
}

/// What a daemon offers, as the client's last line names it. Of Red Hat's, Kerberos is on.
fn ways(vendor: Vendor, doors: &Doors) -> String {
    let offered = [
        (doors.looks, "publickey"),
        (vendor == Vendor::RedHat, "gssapi-keyex,gssapi-with-mic"),
        (doors.asks, "password"),
        (vendor != Vendor::RedHat, "keyboard-interactive"),
    ];
    let all = offered.into_iter().filter(|(is, _)| *is).map(|(_, way)| way);
    all.collect::<Vec<_>>().join(",")
}

/// The keys that an account accepts, in letters.
fn accepted(p: &Proc, machine: MachineId, account: &User) -> Vec<String> {
    if !doors(p, machine, &account.name, Some(account)).key {
        return Vec::new();
    }
    let text = p.world(|world, _| {
        let fs = &world.linux(machine).fs;
        let path = format!("{}/.ssh/authorized_keys", account.home);
        let ino = fs.lookup(&Cred::ROOT, "/", &path).ok()?;
        Some(String::from_utf8_lossy(&made_files::slice(world, machine, ino, 0, 1 << 20)).into_owned())
    });
    text.unwrap_or_default().lines().filter_map(keys::letters).collect()
}

/// Asks for the password where the terminal is one at which a login asks.
async fn password(p: &mut Proc, door: &Door<'_>, attempt: &mut Attempt) -> Result<bool, Cut> {
    let Door { user, name, machine, account } = *door;
    let exists = account.is_some_and(|account| {
        p.world(|world, _| {
            let linux = world.linux(machine);
            !linux.is_barred(account, world.now)
        }) && doors(p, machine, user, Some(account)).password
    });
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return p.world(|world, _| {
            if !exists {
                attempt.wrong(world);
            }
            Ok(exists && !attempt.is_locked(world))
        });
    }
    let uid = account.map_or(0, |user| user.uid);
    for tried in 1..=TRIES {
        p.err(&format!("{user}@{name}'s password: ")).await?;
        let right = p.secret(Await::Secret(machine, uid)).await? && exists;
        if p.world(|world, _| attempt.admits(world, right)) {
            return Ok(true);
        }
        if tried < TRIES {
            p.err("Permission denied, please try again.\n").await?;
        }
    }
    Ok(false)
}

/// A login on the other machine: from the keyboard the person goes on there.
async fn shell(p: &mut Proc, target: &Target, no_terminal: bool) -> Ended {
    if let Some(ended) = turned_away(p, &target.user.shell).await? {
        p.err(&format!("Connection to {} closed.\n", target.name)).await?;
        return ended;
    }
    if !p.at_keyboard() || no_terminal {
        if !no_terminal && !p.files.is_terminal(0) {
            p.err("Pseudo-terminal will not be allocated because stdin is not a terminal.\n").await?;
        }
        if is_appliance_shell(&target.user.shell) {
            let text = p.read_all(0).await?;
            let text = String::from_utf8_lossy(&text);
            return remote(p, target, Some(&text), Way { no_input: true, terminal: false }).await;
        }
        return remote(p, target, None, Way { no_input: false, terminal: false }).await;
    }
    let entered = p.cx.with(|cx| {
        let (machine, line) = (std::mem::replace(&mut cx.session.machine, target.machine), cx.session.line);
        let from = cx.world.machine(machine).address.clone();
        let shell = family(cx.world, target.machine).greet(cx, &target.user, &from);
        cx.session.machine = machine;
        let line = std::mem::replace(&mut cx.session.line, line);
        Request::Connect(Connection { machine: target.machine, line, called: target.name.clone(), by: p.pid }, shell)
    });
    p.request = Some(entered);
    Ok(0)
}

/// How a command goes to the other machine.
struct Way {
    /// It reads nothing.
    no_input: bool,
    /// It has a terminal there.
    terminal: bool,
}

/// A command line on the other machine; without one, what standard input gives.
async fn remote(p: &mut Proc, target: &Target, text: Option<&str>, way: Way) -> Ended {
    if let Some(ended) = turned_away(p, &target.user.shell).await? {
        return ended;
    }
    let own = p.world(|world, id| world.machine(id).address.clone());
    let arrival = p.world(|world, _| Arrival::accept_command(world, target.machine, &target.user, &own, way.terminal));
    let mut there = on(p, target);
    let variables = p.world(|world, _| arrival.environment(world));
    Arc::make_mut(&mut there.env).extend(variables);
    let (above, session, tty) = arrival.process();
    there.ppid = above;
    p.world(|world, _| {
        if let Some(process) = world.linux_mut(target.machine).processes.get_mut(there.pid) {
            (process.ppid, process.login, process.tty) = (above, session, tty);
        }
    });
    if !way.terminal {
        for fd in 0..3 {
            if there.files.is_terminal(fd) {
                there.files.set(fd, Some(Arc::new(Open::Relay)));
            }
        }
    }
    // A connection that breaks takes what runs at its end along.
    let (machine, pid, from) = (there.machine, there.pid, own);
    let lost = p.cx.in_case(move |cx| {
        let now = cx.now();
        kernel::vanish(cx.world, machine, pid);
        cx.world.linux_mut(machine).close(above, &from, Why::Crash, now);
    });
    if way.no_input {
        there.files.set(0, Some(Arc::new(Open::Null)));
    }
    // The login shell of the account runs it.
    let shell = &target.user.shell;
    let own = text.map(|text| match is_appliance_shell(shell) {
        true => format!("{shell} -c {}", quote::shell_quote(text)),
        false => text.to_owned(),
    });
    let ended = {
        let mut line: Boxed<'_, Ended> = match &own {
            Some(text) => Box::pin(bash::run_line(&mut there, text)),
            None => Box::pin(bash::run_input(&mut there)),
        };
        poll_fn(|polling| {
            // The keys of a terminal are for what runs there.
            let struck = if way.terminal { p.take_signal().map(Cut::Signal) } else { p.go_on().err() };
            if let Some(cut) = struck {
                return Poll::Ready(Err(cut));
            }
            let polled = line.as_mut().poll(polling);
            if polled.is_pending() { p.wait_beside() } else { polled.map(Ok) }
        })
        .await
    };
    let ended = match (ended, lost.take()) {
        (Ok(ended), _) => ended,
        (Err(cut), lost) => {
            lost.into_iter().for_each(|lost| p.cx.with(lost));
            return Err(cut);
        }
    };
    if !way.no_input {
        p.drain(0);
    }
    match ended {
        Err(Cut::Gone) => {
            p.err(&format!("Connection to {} closed by remote host.\n", target.name)).await?;
            Ok(255)
        }
        ended => {
            there.exit(0);
            there.reap();
            p.world(|world, _| arrival.over(world));
            if way.terminal {
                p.err(&format!("Connection to {} closed.\n", target.name)).await?;
            }
            ended
        }
    }
}

/// A program of the other account, with the files of this one.
pub(super) fn on(p: &Proc, target: &Target) -> Proc {
    let user = &target.user;
    let command = ["bash".to_owned()];
    let (pid, start) = p.cx.with(|cx| {
        let pid = kernel::start(cx.world, target.machine, 1, user.uid, &command);
        (pid, Start::environment(cx.world, target.machine, user))
    });
    Proc {
        machine: target.machine,
        pid,
        ppid: 1,
        group: pid,
        user: user.name.clone(),
        cred: p.world(|world, _| world.linux(target.machine).cred(user)),
        cwd: user.home.clone(),
        umask: 0o022,
        env: Arc::new(start),
        name: "bash".to_owned(),
        ..p.again()
    }
}
