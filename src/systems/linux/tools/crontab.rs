//! `crontab`: the table of a user's timed jobs (cronie 1.4.11 and 1.5.2; that of SLES 11 answers alike, which is inferred).

use super::edit::{Split, edit};
use super::getopt::Spec;
use super::input::given;
use super::{Tool, tool};
use crate::systems::linux::fs::Cred;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::cron;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("crontab", crontab)];

const OPTIONS: Spec = Spec { short: "u:lreis", long: &[], gaps: "n: c x: V T" };

/// Whom `/etc/cron.allow` and `/etc/cron.deny` keep from it.
const ALLOW: &str = "/etc/cron.allow";
const DENY: &str = "/etc/cron.deny";

async fn crontab(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &OPTIONS, arguments, |complaint| {
        p.complain(&complaint).await?;
        usage(p, "unrecognized option").await
    });
    let user = given.value('u').unwrap_or(&p.user).to_owned();
    if user != p.user && !p.cred.is_root() {
        p.err("must be privileged to use -u\n").await?;
        return Ok(1);
    }
    if p.peek(|linux| linux.user(&user)).is_none() {
        p.err(&format!("crontab:  user `{user}' unknown\n")).await?;
        return Ok(1);
    }
    if !p.peek(|linux| is_allowed(linux.text(ALLOW), linux.text(DENY), &p.user)) && !p.cred.is_root() {
        let text = format!("You ({}) are not allowed to use this program ({})\n", p.user, p.name);
        p.err(&(text + "See crontab(1) for more information\n")).await?;
        return Ok(1);
    }
    let path = p.peek(|linux| format!("{}/{user}", linux.crontabs()));
    let table = p.peek(|linux| linux.text(&path));
    match given.last_of("lre") {
        Some(_) if !given.operands.is_empty() => usage(p, "no arguments permitted after this option").await,
        Some('l') => list(p, &user, table).await,
        Some('r') => remove(p, &user, &path, table.is_some(), given.has('i')).await,
        Some(_) => change(p, &user, &path, table).await,
        None => match given.operands.first() {
            Some(file) => replace(p, &user, &path, &file.clone()).await,
            None if is_old(p) => usage(p, "file name must be specified for replace").await,
            None if p.files.is_terminal(0) => usage(p, "file name or - (for stdin) must be specified").await,
            None => replace(p, &user, &path, "-").await,
        },
    }
}

fn is_old(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.systemd < Some(230))
}

fn is_allowed(allow: Option<String>, deny: Option<String>, user: &str) -> bool {
    let names = |text: &str| text.lines().any(|line| line.trim() == user);
    match (allow, deny) {
        (Some(allow), _) => names(&allow),
        (None, deny) => !names(&deny.unwrap_or_default()),
    }
}

async fn usage(p: &mut Proc, why: &str) -> Ended {
    let name = p.name.clone();
    p.err(&format!(
        "{name}: usage error: {why}\nusage:\n {name} [options] file\n {name} [options]\n {name} -n [hostname]\n\noptions:\n -u <user>  \
         define user\n -e         edit user's crontab\n -l         list user's crontab\n -r         delete user's crontab\n -i         \
         prompt before deleting\n -n <host>  set host in cluster to run users' crontabs\n -c         get host in cluster to run \
         users' crontabs\n -s         selinux context\n -V         print version and exit\n -x <mask>  enable \
         debugging\n\nDefault operation is replace, per 1003.2\n"
    ))
    .await?;
    Ok(1)
}

/// Writes in the log what was done with whose table.
fn told(p: &Proc, what: &str, user: &str) {
    let (now, text) = (p.now(), format!("({}) {what} ({user})", p.user));
    p.linux(|linux| linux.cron_logs(now, ("crontab", Some(p.pid)), 6, text));
}

async fn list(p: &mut Proc, user: &str, table: Option<String>) -> Ended {
    told(p, "LIST", user);
    match table {
        Some(text) => {
            p.out(&text).await?;
            Ok(0)
        }
        None => missing(p, user).await,
    }
}

async fn missing(p: &mut Proc, user: &str) -> Ended {
    p.err(&format!("no crontab for {user}\n")).await?;
    Ok(1)
}

async fn remove(p: &mut Proc, user: &str, path: &str, there: bool, asks: bool) -> Ended {
    if asks {
        p.out(&format!("{}: really delete {user}'s crontab? ", p.name)).await?;
        let answer = p.read_until(0, 4096, Some(b'\n')).await?;
        if !matches!(answer.first(), Some(b'y' | b'Y')) {
            return Ok(0);
        }
    }
    told(p, "DELETE", user);
    if !there {
        return missing(p, user).await;
    }
    if let Err(errno) = p.fs(|fs, now| fs.unlink(&Cred::ROOT, "/", path, now)) {
        return p.fail(&format!("{path}: {}", errno.text())).await;
    }
    Ok(0)
}

async fn replace(p: &mut Proc, user: &str, path: &str, file: &str) -> Ended {
    let text = if file == "-" {
        p.read_all(0).await?
    } else {
        match p.read_whole(file).await? {
            Ok(text) => text,
            Err(errno) => {
                p.err(&format!("{file}: {}\n", errno.text())).await?;
                return Ok(1);
            }
        }
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    if install(p, user, path, &text, file).await? { Ok(0) } else { Ok(1) }
}

/// Puts a table in its place, if it is one.
async fn install(p: &mut Proc, user: &str, path: &str, text: &str, shown: &str) -> Result<bool, Cut> {
    let wrong = match cron::read(text, Some(user)) {
        _ if !text.is_empty() && !text.ends_with('\n') => Some((text.lines().count(), "premature EOF")),
        read => read.err(),
    };
    if let Some((line, why)) = wrong {
        // The line is counted when its end is read: in the middle of the first it is 0.
        let short = text.lines().nth(line - 1).is_some_and(|line| line.split_whitespace().count() < 5);
        let ended = short || matches!(why, "bad command" | "premature EOF");
        let line = if ended { line } else { line - 1 };
        p.err(&format!("\"{shown}\":{line}: {why}\nerrors in crontab file, can't install.\n")).await?;
        return Ok(false);
    }
    let owner = p.peek(|linux| linux.user(user));
    let now = p.now();
    let put = p.linux(|linux| {
        let _ = linux.fs.unlink(&Cred::ROOT, "/", path, now);
        let ino = linux.fs.create(&Cred::ROOT, "/", path, 0o600, now)?;
        linux.fs.append(&Cred::ROOT, ino, text.as_bytes(), now)?;
        linux.fs.chown(&Cred::ROOT, ino, owner.as_ref().map(|own| own.uid), owner.as_ref().map(|own| own.gid), now)
    });
    if put.is_ok() {
        told(p, "REPLACE", user);
        return Ok(true);
    }
    let why = put.err().map_or("No such file or directory", |errno| errno.text());
    p.err(&format!("{path}: {why}\n")).await?;
    Ok(false)
}

async fn change(p: &mut Proc, user: &str, path: &str, table: Option<String>) -> Ended {
    told(p, "BEGIN EDIT", user);
    if table.is_none() {
        p.err(&format!("no crontab for {user} - using an empty one\n")).await?;
    }
    let before = table.unwrap_or_default();
    let draft = format!("/tmp/crontab.{}", crate::payload::Sha256::of(format!("{}{user}", p.pid).as_bytes()));
    let draft = draft[.."/tmp/crontab.".len() + 6].to_owned();
    if let Err(errno) = p.write_path(&draft, before.as_bytes()) {
        return p.fail(&format!("{draft}: {}", errno.text())).await;
    }
    let edited = edit(p, &["VISUAL", "EDITOR"], Split::Shell, std::slice::from_ref(&draft)).await?;
    let after = p.read_path(&draft).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let _ = p.fs(|fs, now| fs.unlink(&Cred::ROOT, "/", &draft, now));
    let status = match edited {
        None => return Ok(1),
        Some(0) if after == before => {
            p.err("crontab: no changes made to crontab\n").await?;
            0
        }
        Some(0) => {
            p.err("crontab: installing new crontab\n").await?;
            u8::from(!install(p, user, path, &after, &draft).await?)
        }
        Some(status) => {
            p.err(&format!("crontab: \"{}\" exited with status {status}\n", p.env("EDITOR").unwrap_or("vi"))).await?;
            1
        }
    };
    told(p, "END EDIT", user);
    Ok(status)
}
