//! `ssh-keygen`, `ssh-copy-id`, `ssh-keyscan`: keys of users and of hosts. A private key's file says that it is simulated; its
//! public key follows from it.

use super::keys::{self, Key, Kind, LONGEST};
use super::{accepted, admit, ask, host_keys, identity, meet, old_style, on};
use crate::systems::account;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::neighbours;
use crate::systems::linux::net::{self, Reach};
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::given;

const KEYGEN: Spec = Spec { short: "qt:b:N:f:C:P:ylvE:R:F:m:a:", long: &[], gaps: "H p c e i A B" };

pub(super) async fn ssh_keygen(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &KEYGEN, arguments, |complaint| {
        p.err(&format!("{}\n", old_style(&complaint))).await?;
        p.gap("the usage of ssh-keygen")
    });
    if let Some(letter) = given.last_of("RF") {
        return known_host(p, &given, letter).await;
    }
    if given.has('l') {
        return list(p, &given).await;
    }
    if given.has('y') {
        return public_of(p, &given).await;
    }
    generate(p, &given).await
}

/// The file in which this user has or gets a key of that kind.
fn usual(p: &Proc, kind: Kind) -> String {
    format!("{}/.ssh/id_{}", p.env("HOME").unwrap_or("/"), kind.word())
}

/// The length of a key: of RSA 2048 bits, 3072 since 8.0; one of Ed25519 has always the same.
async fn length(p: &mut Proc, kind: Kind, given: &Given) -> Result<Option<u32>, Cut> {
    let modern = p.peek(|linux| linux.distro.openssh_version()) >= (8, 0);
    let Some(text) = given.value('b') else {
        return Ok(Some(if modern { 3072 } else { 2048 }));
    };
    let bits = text.parse().unwrap_or(0);
    let wrong = match bits {
        0 => format!("Bits has bad value {text} (invalid)"),
        _ if kind == Kind::Ed25519 => return Ok(Some(bits)),
        256 if kind == Kind::Ecdsa => return Ok(Some(bits)),
        384 | 521 if kind == Kind::Ecdsa => {
            let _ = p.gap(&format!("ssh-keygen -t ecdsa -b {bits}"));
            return Ok(None);
        }
        _ if kind == Kind::Ecdsa => {
            let dash = if modern { ":" } else { " -" };
            format!("Invalid ECDSA key length{dash} valid lengths are 256, 384 or 521 bits")
        }
        1..=1023 => "Invalid RSA key length: minimum is 1024 bits".to_owned(),
        _ if bits > LONGEST => format!("Invalid RSA key length: maximum is {LONGEST} bits"),
        _ => return Ok(Some(bits)),
    };
    p.err(&format!("{wrong}\n")).await?;
    Ok(None)
}

async fn generate(p: &mut Proc, given: &Given) -> Ended {
    let word = given.value('t').unwrap_or("rsa");
    let Some(kind) = Kind::find(word) else {
        if word == "dsa" {
            return p.gap("ssh-keygen -t dsa");
        }
        p.err(&format!("unknown key type {word}\n")).await?;
        return Ok(255);
    };
    if given.value('N').is_some_and(|phrase| !phrase.is_empty()) {
        return p.gap(PASSPHRASE);
    }
    let Some(bits) = length(p, kind, given).await? else { return Ok(255) };
    let quiet = given.has('q');
    if !quiet {
        p.out(&format!("Generating public/private {word} key pair.\n")).await?;
    }
    let usual = usual(p, kind);
    let path = match given.value('f') {
        Some(path) => path.to_owned(),
        None => {
            p.out(&format!("Enter file in which to save the key ({usual}): ")).await?;
            let answer = ask(p).await?.unwrap_or_default();
            if answer.trim().is_empty() { usual } else { answer.trim().to_owned() }
        }
    };
    make_folder(p, &path, quiet).await?;
    if p.lookup(&path).is_ok() {
        p.out(&format!("{path} already exists.\nOverwrite (y/n)? ")).await?;
        if !ask(p).await?.is_some_and(|answer| answer.starts_with(['y', 'Y'])) {
            return Ok(1);
        }
    }
    if given.value('N').is_none() && asks_passphrase(p).await? {
        return p.gap(PASSPHRASE);
    }
    p.inferred();
    let host = p.peek(|linux| linux.hostname.clone());
    let chance = p.world(|world, _| world.streams.next("ssh.key"));
    let seed = crate::payload::Sha256::of(format!("{host} {path} {chance}").as_bytes()).to_string();
    let key = Key::derived(kind, bits, &seed);
    let comment = given.value('C').map_or_else(|| format!("{}@{host}", p.user), str::to_owned);
    if let Err((path, errno)) = save(p, &path, &key, &comment, &seed) {
        p.err(&format!("Saving key \"{path}\" failed: {}\n", errno.text())).await?;
        return Ok(1);
    }
    if !quiet {
        let modern = p.peek(|linux| linux.distro.openssh_version()) >= (6, 8);
        let print = if modern { key.sha256() } else { key.md5() };
        p.out(&format!(
            "Your identification has been saved in {path}.\nYour public key has been saved in {path}.pub.\nThe key \
             fingerprint is:\n{print} {comment}\nThe key's randomart image is:\n{}",
            key.art(modern)
        ))
        .await?;
    }
    Ok(0)
}

const PASSPHRASE: &str = "ssh-keygen: a key with a passphrase";

/// Asks twice for a passphrase: whether there is to be one.
async fn asks_passphrase(p: &mut Proc) -> Result<bool, Cut> {
    let mut any = false;
    for prompt in ["Enter passphrase (empty for no passphrase): ", "Enter same passphrase again: "] {
        p.out(prompt).await?;
        any |= if p.cx.with(|cx| cx.session.terminal.asks) {
            p.new_secret(1, true).await?.is_some_and(|chosen| chosen.long_enough)
        } else {
            ask(p).await?.is_some_and(|line| !line.trim_end_matches('\n').is_empty())
        };
    }
    Ok(any)
}

/// `~/.ssh` is made for a key that is named by its whole path; no other folder is.
async fn make_folder(p: &mut Proc, path: &str, quiet: bool) -> Result<(), Cut> {
    let folder = format!("{}/.ssh", p.env("HOME").unwrap_or_default());
    if !path.contains(&folder) || p.lookup(&folder).is_ok() {
        return Ok(());
    }
    match p.fs(|fs, now| fs.mkdir(&p.cred, &p.cwd, &folder, 0o700, now)) {
        Ok(_) if quiet => Ok(()),
        Ok(_) => p.out(&format!("Created directory '{folder}'.\n")).await,
        Err(errno) => p.err(&format!("Could not create directory '{folder}': {}\n", errno.text())).await,
    }
}

/// Writes both files of a key.
fn save(p: &Proc, path: &str, key: &Key, comment: &str, seed: &str) -> Result<(), (String, Errno)> {
    let public = format!("{} {comment}\n", key.line());
    let private = private_text(key, seed, comment, p.peek(|linux| linux.distro.openssh_version()));
    for (path, text, mode) in [(path.to_owned(), private, 0o600), (format!("{path}.pub"), public, 0o644)] {
        let written = p.write_path(&path, text.as_bytes()).and_then(|()| {
            let ino = p.lookup(&path)?;
            p.fs(|fs, now| fs.chmod(&p.cred, ino, mode, now))
        });
        written.map_err(|errno| (path, errno))?;
    }
    Ok(())
}

/// The file of a private key as this version of OpenSSH writes it.
pub(super) fn private_text(key: &Key, seed: &str, comment: &str, version: (u8, u8)) -> String {
    let (kind, bits, modern) = (key.kind.word(), key.bits, version >= (7, 8));
    let form = match key.kind {
        Kind::Rsa if !modern => "RSA",
        Kind::Ecdsa if !modern => "EC",
        _ => "OPENSSH",
    };
    // Only the newer form holds the comment, too.
    let seed = seed.replace(' ', "+");
    let kept = if form == "OPENSSH" { format!(" {comment}") } else { String::new() };
    format!(
        "-----BEGIN {form} PRIVATE KEY-----\nsimulated {kind} {bits} {seed}{kept}\n-----END {form} PRIVATE KEY-----\n"
    )
}

/// What a private key's file holds.
pub(super) struct Private {
    pub key: Key,
    pub comment: String,
}

/// The key in a private key's file.
pub(super) fn private(text: &str) -> Option<Private> {
    let line = text.lines().find_map(|line| line.strip_prefix("simulated "))?;
    let mut words = line.splitn(4, ' ');
    let (kind, bits, seed) = (words.next()?, words.next()?, words.next()?);
    let comment = words.next().unwrap_or_default().to_owned();
    let seed = seed.replace('+', " ");
    Some(Private { key: Key::derived(Kind::find(kind)?, bits.parse().ok()?, &seed), comment })
}

/// `-y`: the public key of a private one; since 8.1 with its comment.
async fn public_of(p: &mut Proc, given: &Given) -> Ended {
    let path = given.value('f').map_or_else(|| usual(p, Kind::Rsa), str::to_owned);
    if let Err(errno) = p.lookup(&path) {
        p.err(&format!("{path}: {}\n", errno.text())).await?;
        return Ok(255);
    }
    match identity::load(p, &path) {
        Ok(Some(Private { key, comment })) => {
            let shows = !comment.is_empty() && p.peek(|linux| linux.distro.openssh_version()) >= (8, 1);
            let comment = if shows { format!(" {comment}") } else { String::new() };
            p.out(&format!("{}{comment}\n", key.line())).await?;
            Ok(0)
        }
        Ok(None) => Ok(255),
        Err(complaint) => {
            p.err(&complaint).await?;
            Ok(255)
        }
    }
}

/// `-l`: the fingerprint of each key in a file, be it a public one, a private one or a list of hosts.
async fn list(p: &mut Proc, given: &Given) -> Ended {
    let path = given.value('f').map_or_else(|| usual(p, Kind::Rsa), str::to_owned);
    // Beside a private key lies its public one, whose comment is shown.
    let beside = p.read_path(&format!("{path}.pub"));
    let text = match beside.or_else(|_| p.read_path(&path)) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(errno) => {
            p.complain(&format!("{path}: {}", errno.text())).await?;
            return Ok(255);
        }
    };
    let modern = p.peek(|linux| linux.distro.openssh_version()) >= (6, 8);
    let old = !modern || given.value('E').is_some_and(|hash| hash.eq_ignore_ascii_case("md5"));
    let mut any = false;
    let lone = private(&text).map(|own| (own.key, "no comment".to_owned()));
    let found = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (key, comment) = Key::read(line)?;
        // In a list of hosts the names come first.
        let first = line.split(' ').next().filter(|first| !first.starts_with("ssh-") && !first.starts_with("ecdsa-"));
        Some((key, first.unwrap_or(if comment.is_empty() { "no comment" } else { comment }).to_owned()))
    });
    for (key, comment) in found.chain(lone) {
        any = true;
        let print = match (old, modern) {
            (true, true) => format!("MD5:{}", key.md5()),
            (true, false) => key.md5(),
            _ => key.sha256(),
        };
        p.out(&format!("{} {print} {comment} ({})\n", key.bits, key.kind.name())).await?;
        if given.has('v') {
            p.out(&key.art(!old)).await?;
        }
    }
    if any {
        return Ok(0);
    }
    p.err(&format!("{path} is not a public key file.\n")).await?;
    Ok(255)
}

/// `-F` and `-R`: a host among those that are known.
async fn known_host(p: &mut Proc, given: &Given, letter: char) -> Ended {
    let host = given.value(letter).unwrap_or_default().to_owned();
    let home = p.env("HOME").unwrap_or("/").to_owned();
    let path = given.value('f').map_or_else(|| format!("{home}/.ssh/known_hosts"), str::to_owned);
    let text = match p.read_path(&path) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(errno) => {
            p.err(&format!("Cannot stat {path}: {}\n", errno.text())).await?;
            return Ok(255);
        }
    };
    let (mut kept, mut found) = (String::new(), 0);
    for (at, line) in text.lines().enumerate() {
        let listed = line.split(' ').next().is_some_and(|names| names.split(',').any(|name| name == host));
        if !listed {
            kept.push_str(&format!("{line}\n"));
            continue;
        }
        found += 1;
        let told = match letter {
            'F' => format!("# Host {host} found: line {} \n{line}\n", at + 1),
            _ => format!("# Host {host} found: line {}\n", at + 1),
        };
        p.out(&told).await?;
    }
    match (letter, found) {
        ('F', found) => Ok(u8::from(found == 0)),
        (_, 0) => {
            p.err(&format!("Host {host} not found in {path}\n")).await?;
            Ok(255)
        }
        _ => {
            let written = p.write_path(&format!("{path}.old"), text.as_bytes());
            if let Err(errno) = written.and_then(|()| p.write_path(&path, kept.as_bytes())) {
                p.err(&format!("{path}: {}\n", errno.text())).await?;
                return Ok(255);
            }
            p.out(&format!("{path} updated.\nOriginal contents retained as {path}.old\n")).await?;
            Ok(0)
        }
    }
}

const COPY_ID: Spec = Spec { short: "i:fp:o:", long: &[], gaps: "n" };
const COPY_ID_PATH: &str = "/usr/bin/ssh-copy-id";

pub(super) async fn ssh_copy_id(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &COPY_ID, arguments, |complaint| p.fail(&complaint).await);
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
        p.err(&format!("{COPY_ID_PATH}: ERROR: No identities found\n")).await?;
        return Ok(1);
    };
    p.err(&format!("{COPY_ID_PATH}: INFO: Source of key(s) to be installed: \"{file}\"\n")).await?;
    let options: Vec<&str> = given.values('o').collect();
    // It asks the other side for its version first, and shows nothing of that.
    let quiet: Vec<&str> = std::iter::once("LogLevel=error").chain(options.iter().copied()).collect();
    let Some(met) = meet(p, destination, None, given.value('p'), &quiet).await? else { return Ok(1) };
    if !given.has('f') {
        p.err(&format!(
            "{COPY_ID_PATH}: INFO: attempting to log in with the new key(s), to filter out any that are already installed\n"
        ))
        .await?;
        let own = keys::letters(&String::from_utf8_lossy(&key));
        let account = p.world(|world, _| account(world, met.machine, &met.user));
        let there =
            account.is_some_and(|account| own.is_some_and(|own| accepted(p, met.machine, &account).contains(&own)));
        if there {
            p.err(&format!(
                "\n{COPY_ID_PATH}: WARNING: All keys were skipped because they already exist on the remote system.\n\t\t(if \
                 you think this is a mistake, you may want to use -f option)\n\n"
            ))
            .await?;
            return Ok(0);
        }
        p.err(&format!(
            "{COPY_ID_PATH}: INFO: 1 key(s) remain to be installed -- if you are prompted now it is to install the new keys\n"
        ))
        .await?;
    }
    let Some(target) = admit(p, met, &options).await? else { return Ok(1) };
    let there = on(p, &target);
    let path = format!("{}/.ssh/authorized_keys", target.user.home);
    let _ = there.fs(|fs, now| fs.mkdir(&there.cred, "/", &format!("{}/.ssh", target.user.home), 0o700, now));
    let fresh = there.lookup(&path).is_err();
    let written = there.open(&path, Mode::Append).and_then(|open| match &*open {
        Open::File(file) => there.append(file, &key),
        _ => Err(Errno::Acces),
    });
    if fresh && let Ok(ino) = there.lookup(&path) {
        let _ = there.fs(|fs, now| fs.chmod(&there.cred, ino, 0o600, now));
    }
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

const KEYSCAN: Spec = Spec { short: "46vO:p:T:t:", long: &[], gaps: "c D H f:" };

/// `ssh-keyscan`: the keys that hosts show, as lines for `known_hosts`.
pub(super) async fn ssh_keyscan(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &KEYSCAN, arguments, |complaint| {
        p.err(&format!("{}\n", old_style(&complaint))).await?;
        p.gap("the usage of ssh-keyscan")
    });
    if given.operands.is_empty() && !given.has('f') {
        return p.gap("the usage of ssh-keyscan");
    }
    let kinds = match given.value('t') {
        None => vec![Kind::Rsa, Kind::Ecdsa, Kind::Ed25519],
        Some(list) => list.split(',').filter_map(Kind::find).collect(),
    };
    let port = given.value('p').unwrap_or("22").to_owned();
    for name in given.operands.iter().flat_map(|word| word.split(',')) {
        p.tick().await?;
        let Some(host) = p.world(|world, id| net::resolve(world, id, name)) else {
            p.err(&format!("getaddrinfo {name}: Name or service not known\n")).await?;
            continue;
        };
        let reach = match port.as_str() {
            "22" => p.world(|world, _| neighbours::reach_port(world, &host, net::SSH)),
            _ => Reach::Refused,
        };
        let Some(machine) = host.machine.filter(|_| reach == Reach::Up) else {
            if !matches!(reach, Reach::Refused | Reach::NoWay | Reach::Barred) {
                p.pass(crate::sim::Span::secs(5)).await?;
            }
            continue;
        };
        let greeting = p.world(|world, _| {
            let distro = world.linux(machine).distro;
            let version =
                distro.openssh.split(',').next().unwrap_or_default().trim_end_matches("p1").trim_end_matches("p2");
            format!("# {name}:{port} SSH-2.0-{version}")
        });
        p.inferred();
        for kind in &kinds {
            let Some(key) = p.world(|world, _| host_keys::held(world, machine, *kind)) else { continue };
            p.err(&format!("{greeting}\n")).await?;
            p.out(&format!("{name} {}\n", key.line())).await?;
        }
    }
    Ok(0)
}
