//! `ssh`, `ssh-keygen`, `ssh-copy-id`: logins and commands on other machines of the lab (OpenSSH 5.6 to 8.3, as the
//! distribution has it; the fingerprints are made up, and which kind of key a host shows first is inferred).

use std::sync::Arc;

use super::getopt::Spec;
use super::su::turned_away;
use super::{Tool, tool};
use crate::bash::quote;
use crate::shell::coroutine::Await;
use crate::systems::family;
use crate::systems::linux::bash::{self, Start};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Open;
use crate::systems::linux::login::is_appliance_shell;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{CHUNK, Ended, Mode, Proc, Request};
use crate::systems::linux::{kernel, model::User};
use crate::world::{MachineId, World};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ssh", ssh), tool!("ssh-copy-id", ssh_copy_id), tool!("ssh-keygen", ssh_keygen)];

const SPEC: Spec = Spec { short: "46AaCfgKkMNnqsTtVvXxYyb:c:D:e:F:I:i:L:l:m:O:o:p:R:S:W:w:", long: &[] };

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
    let given = match SPEC.read(arguments, true) {
        Ok(given) => given,
        Err(complaint) => {
            p.err(&format!("{}\nusage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] destination [command]\n", old_style(&complaint)))
                .await?;
            return Ok(255);
        }
    };
    if given.has('V') {
        let version = p.peek(|linux| linux.distro.openssh);
        p.err(&format!("{version}\n")).await?;
        return Ok(0);
    }
    if let Some(letter) = given.last_of("fgMNDLRWwOS") {
        return p.gap(&format!("ssh -{letter}"));
    }
    let [destination, command @ ..] = &given.operands[..] else {
        p.err("usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] destination [command]\n").await?;
        return Ok(255);
    };
    let quiet = given.has('q').then_some("LogLevel=quiet");
    let options: Vec<&str> = quiet.into_iter().chain(given.values('o')).collect();
    let Some(target) = connect(p, destination, given.value('l'), given.value('p'), &options).await? else {
        return Ok(255);
    };
    if command.is_empty() {
        return shell(p, &target, given.has('T')).await;
    }
    remote(p, &target, &command.join(" "), given.has('n')).await
}

/// OpenSSH reads its options by itself, with the words of an older getopt.
pub(super) fn old_style(complaint: &str) -> String {
    match complaint.strip_prefix("invalid option -- '") {
        Some(letter) => format!("unknown option -- {}", letter.trim_end_matches('\'')),
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
) -> Result<Option<Target>, crate::systems::linux::io::Cut> {
    let (user, name) = match destination.rsplit_once('@') {
        Some((user, name)) => (user.to_owned(), name),
        None => (user.unwrap_or(&p.user).to_owned(), destination),
    };
    let Some(host) = p.world(|world, id| net::resolve(world, id, name)) else {
        p.err(&format!("ssh: Could not resolve hostname {name}: Name or service not known\n")).await?;
        return Ok(None);
    };
    let port = port.unwrap_or("22");
    let reach = if port == "22" { p.world(|world, _| net::reach(world, &host)) } else { Reach::Refused };
    let (Reach::Up, Some(machine)) = (reach, host.machine) else {
        let why = match reach {
            Reach::Refused => "Connection refused",
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
    if !["quiet", "fatal", "error"].contains(&setting(options, "LogLevel").as_str()) {
        let banner = p.world(|world, _| family(world, machine).banner(world, machine));
        p.err(&banner).await?;
    }
    let account = p.world(|world, _| {
        let local = world.linux(machine).user(&user);
        local.or_else(|| family(world, machine).directory_user(world, machine, &user))
    });
    let by_key = has_key(p, machine, account.as_ref());
    let batch = setting(options, "BatchMode") == "yes";
    if !by_key && (batch || !password(p, &user, name, machine, account.as_ref()).await?) {
        p.err(&format!("{user}@{name}: Permission denied (publickey,gssapi-keyex,gssapi-with-mic,password).\n"))
            .await?;
        return Ok(None);
    }
    let Some(account) = account else { return Ok(None) };
    let target = Target { name: name.to_owned(), machine, user: account };
    let expired = |world: &mut World, _| family(world, machine).password_expired(world, machine, &target.user.name);
    if p.world(expired) {
        change_password(p, &target).await?;
        return Ok(None);
    }
    Ok(Some(target))
}

/// An expired password is changed on a terminal, and nothing else is done: the login is over then. The texts are captured
/// where there is no terminal; with one, those of OpenSSH.
async fn change_password(p: &mut Proc, target: &Target) -> Result<(), crate::systems::linux::io::Cut> {
    p.err("WARNING: Your password has expired.\n").await?;
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

/// The value of an option that was given with `-o`, in small letters.
fn setting(options: &[&str], wanted: &str) -> String {
    let value = options.iter().find_map(|option| {
        let (key, value) = option.split_once(['=', ' '])?;
        key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_ascii_lowercase())
    });
    value.unwrap_or_default()
}

/// Whether the key of the machine is known, or is taken on trust now.
async fn known(
    p: &mut Proc,
    name: &str,
    host: &Host,
    options: &[&str],
) -> Result<bool, crate::systems::linux::io::Cut> {
    let Some(home) = p.env("HOME").map(str::to_owned) else { return Ok(true) };
    let file = format!("{home}/.ssh/known_hosts");
    let text = p.read_path(&file).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let listed = |line: &str| line.split(' ').next().is_some_and(|names| names.split(',').any(|known| known == name));
    if text.lines().any(listed) {
        return Ok(true);
    }
    let strict = setting(options, "StrictHostKeyChecking");
    let version = p.peek(|linux| linux.distro.openssh_version());
    let takes_print = version >= (8, 0);
    let (kind, key_type) = if version < (6, 3) { ("RSA", "ssh-rsa") } else { ("ECDSA", "ecdsa-sha2-nistp256") };
    let key = crate::payload::Sha256::of(format!("host key of {}", host.name).as_bytes()).to_string();
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
    let line = format!("{names} {key_type} {}\n", base64_like(&key));
    if made.is_ok() && p.write_path(&file, (text + &line).as_bytes()).is_ok() {
        p.err(&format!("Warning: Permanently added '{names}' ({kind}) to the list of known hosts.\n")).await?;
    }
    Ok(true)
}

/// A key's fingerprints as this OpenSSH shows them: MD5 until 6.7, then SHA-256; Red Hat's 7.4 shows both.
fn fingerprints(p: &Proc, key: &str) -> Vec<String> {
    let (version, vendor) = p.peek(|linux| (linux.distro.openssh_version(), linux.distro.vendor));
    let sha256 = format!("SHA256:{}", base64_like(key));
    let digest = <md5::Md5 as md5::Digest>::digest(key.as_bytes());
    let md5 = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    if version < (6, 8) {
        return vec![md5];
    }
    let both = vendor == Vendor::RedHat && version < (8, 0);
    if both { vec![sha256, format!("MD5:{md5}")] } else { vec![sha256] }
}

/// A digest in the letters of a fingerprint.
fn base64_like(digest: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = digest.as_bytes().windows(2).take(43);
    bytes.map(|pair| char::from(LETTERS[usize::from(pair[0].wrapping_mul(7).wrapping_add(pair[1])) % 64])).collect()
}

/// A line from the terminal, whatever standard input is.
///
/// # Errors
/// A signal came first.
pub async fn ask(p: &mut Proc) -> Result<Option<String>, crate::systems::linux::io::Cut> {
    let standard = p.files.get(0).cloned();
    p.files.set(0, Some(Arc::new(Open::Terminal)));
    let line = p.read_until(0, CHUNK, Some(b'\n')).await;
    p.files.set(0, standard);
    let line = line?;
    Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned()))
}

/// Whether one of the user's keys is among those that the other account accepts.
fn has_key(p: &Proc, machine: MachineId, account: Option<&User>) -> bool {
    let (Some(account), Some(home)) = (account, p.env("HOME")) else { return false };
    let accepted = p.world(|world, _| {
        let fs = &world.linux(machine).fs;
        let path = format!("{}/.ssh/authorized_keys", account.home);
        let ino = fs.lookup(&crate::systems::linux::fs::Cred::ROOT, "/", &path).ok()?;
        Some(String::from_utf8_lossy(&crate::systems::linux::made::slice(world, machine, ino, 0, 1 << 20)).into_owned())
    });
    let Some(accepted) = accepted else { return false };
    let key = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    ["id_rsa.pub", "id_ecdsa.pub", "id_ed25519.pub"].iter().any(|name| {
        let own = p.read_path(&format!("{home}/.ssh/{name}")).unwrap_or_default();
        let own = key(&String::from_utf8_lossy(&own));
        own.is_some() && accepted.lines().any(|line| key(line) == own)
    })
}

/// Asks for the password where the terminal is one at which a login asks.
async fn password(
    p: &mut Proc,
    user: &str,
    name: &str,
    machine: MachineId,
    account: Option<&User>,
) -> Result<bool, crate::systems::linux::io::Cut> {
    let exists = account.is_some_and(|account| !p.world(|world, _| world.linux(machine).is_barred(account)));
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return Ok(exists);
    }
    let uid = account.map_or(0, |user| user.uid);
    for tried in 1..=TRIES {
        p.err(&format!("{user}@{name}'s password: ")).await?;
        if p.secret(Await::Secret(machine, uid)).await? && exists {
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
        let text = p.read_all(0).await?;
        return remote(p, target, &String::from_utf8_lossy(&text), true).await;
    }
    let entered = p.cx.with(|cx| {
        let before = std::mem::replace(&mut cx.session.machine, target.machine);
        let from = cx.world.machine(before).address.clone();
        let shell = family(cx.world, target.machine).greet(cx, &target.user, &from);
        cx.session.machine = before;
        shell
    });
    p.request = Some(Request::Enter(target.machine, entered));
    Ok(0)
}

/// A command line on the other machine.
pub(super) async fn remote(p: &mut Proc, target: &Target, text: &str, no_input: bool) -> Ended {
    if let Some(ended) = turned_away(p, &target.user.shell).await? {
        return ended;
    }
    let mut there = on(p, target);
    if no_input {
        there.files.set(0, Some(Arc::new(Open::Null)));
    }
    // The login shell of the account runs it.
    let shell = &target.user.shell;
    let own = is_appliance_shell(shell).then(|| format!("{shell} -c {}", quote::shell_quote(text)));
    let ended = bash::run_line(&mut there, own.as_deref().unwrap_or(text)).await;
    match ended {
        Err(crate::systems::linux::io::Cut::Gone) => {
            p.err(&format!("Connection to {} closed by remote host.\n", target.name)).await?;
            Ok(255)
        }
        ended => {
            there.exit(0);
            there.reap();
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

const KEYGEN: Spec = Spec { short: "qt:b:N:f:C:P:yl", long: &[] };

async fn ssh_keygen(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = match KEYGEN.read(arguments, false) {
        Ok(given) => given,
        Err(complaint) => return p.fail(&complaint).await,
    };
    if let Some(letter) = given.last_of("yl") {
        return p.gap(&format!("ssh-keygen -{letter}"));
    }
    let kind = given.value('t').unwrap_or("rsa").to_owned();
    let home = p.env("HOME").unwrap_or("/").to_owned();
    let usual = format!("{home}/.ssh/id_{kind}");
    let quiet = given.has('q');
    if !quiet {
        p.out(&format!("Generating public/private {kind} key pair.\n")).await?;
    }
    let path = match given.value('f') {
        Some(path) => path.to_owned(),
        None => {
            p.out(&format!("Enter file in which to save the key ({usual}): ")).await?;
            let answer = ask(p).await?.unwrap_or_default();
            if answer.trim().is_empty() { usual } else { answer.trim().to_owned() }
        }
    };
    if p.lookup(&path).is_ok() {
        p.out(&format!("{path} already exists.\nOverwrite (y/n)? ")).await?;
        if !ask(p).await?.is_some_and(|answer| answer.starts_with(['y', 'Y'])) {
            return Ok(1);
        }
    }
    if given.value('N').is_none() {
        for prompt in ["Enter passphrase (empty for no passphrase): ", "Enter same passphrase again: "] {
            p.out(prompt).await?;
            if p.cx.with(|cx| cx.session.terminal.asks) {
                p.secret(Await::Secret(p.machine, 0)).await?;
            } else {
                ask(p).await?;
            }
        }
    }
    p.inferred();
    let host = p.peek(|linux| linux.hostname.clone());
    let seed = p.world(|world, _| world.streams.next("ssh.key"));
    let digest = crate::payload::Sha256::of(format!("{host} {path} {seed}").as_bytes()).to_string();
    let comment = given.value('C').map_or_else(|| format!("{}@{host}", p.user), str::to_owned);
    let public = format!("ssh-{kind} AAAAB3NzaC1yc2E{} {comment}\n", base64_like(&digest));
    let private =
        format!("-----BEGIN OPENSSH PRIVATE KEY-----\nsimulated {digest}\n-----END OPENSSH PRIVATE KEY-----\n");
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
    let _ = p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &folder, 0o700, now));
    for (path, text, mode) in [(path.clone(), private, 0o600), (format!("{path}.pub"), public, 0o644)] {
        let written = p.write_path(&path, text.as_bytes()).and_then(|()| {
            let ino = p.lookup(&path)?;
            p.fs(|fs, now| fs.chmod(&p.cred, ino, mode, now))
        });
        if let Err(errno) = written {
            p.err(&format!("Saving key \"{path}\" failed: {}\n", errno.text())).await?;
            return Ok(1);
        }
    }
    if !quiet {
        p.out(&format!(
            "Your identification has been saved in {path}.\nYour public key has been saved in {path}.pub.\nThe key \
             fingerprint is:\nSHA256:{} {comment}\n",
            base64_like(&digest)
        ))
        .await?;
    }
    Ok(0)
}

const COPY_ID: Spec = Spec { short: "i:fnp:o:", long: &[] };

async fn ssh_copy_id(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = match COPY_ID.read(arguments, false) {
        Ok(given) => given,
        Err(complaint) => return p.fail(&complaint).await,
    };
    let [destination] = &given.operands[..] else {
        p.err("Usage: ssh-copy-id [-h|-?|-f|-n] [-i [identity_file]] [-p port] [-o ssh_option] [user@]hostname\n")
            .await?;
        return Ok(1);
    };
    let home = p.env("HOME").unwrap_or("/").to_owned();
    let file = given.value('i').map_or_else(
        || format!("{home}/.ssh/id_rsa.pub"),
        |file| {
            if file.ends_with(".pub") { file.to_owned() } else { format!("{file}.pub") }
        },
    );
    let Ok(key) = p.read_path(&file) else {
        p.err("/usr/bin/ssh-copy-id: ERROR: No identities found\n").await?;
        return Ok(1);
    };
    p.err(&format!("/usr/bin/ssh-copy-id: INFO: Source of key(s) to be installed: \"{file}\"\n")).await?;
    let options: Vec<&str> = given.values('o').collect();
    let Some(target) = connect(p, destination, None, given.value('p'), &options).await? else { return Ok(1) };
    let there = on(p, &target);
    let path = format!("{}/.ssh/authorized_keys", target.user.home);
    let _ = there.fs(|fs, now| fs.mkdir(&there.cred, "/", &format!("{}/.ssh", target.user.home), 0o700, now));
    let written = there.open(&path, Mode::Append).and_then(|open| match &*open {
        Open::File(file) => there.append(file, &key),
        _ => Err(Errno::Acces),
    });
    there.exit(0);
    there.reap();
    match written {
        Ok(()) => {
            p.out(&format!(
                "\nNumber of key(s) added: 1\n\nNow try logging into the machine, with:   \"ssh '{destination}'\"\nand check to \
                 make sure that only the key(s) you wanted were added.\n\n"
            ))
            .await?;
            Ok(0)
        }
        Err(errno) => p.fail(&format!("{path}: {}", errno.text())).await,
    }
}
