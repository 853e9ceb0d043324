//! `useradd` (shadow-utils; pwdutils of SLES 11), and what `usermod` and `userdel` have in common with it: they edit `/etc/passwd`
//! and `/etc/group`, make homes and mailboxes, and tell the log.

mod defaults;
mod files;
mod home;
mod userdel;
mod usermod;

pub use files::{Pending, has_room, replace};

use super::getopt::{Given, Refused, Spec as Options};
use super::passwd::adjust;
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::log::Facility;
use crate::systems::linux::model::password::Shadow;
use crate::systems::linux::model::{Group, Process, User, user};
use crate::systems::linux::proc::{Ended, Proc};
use defaults::Defaults;

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("useradd", useradd), tool!("usermod", usermod::usermod), tool!("userdel", userdel::userdel)];

const USAGE: &str = "Usage: useradd [options] LOGIN\n       useradd -D\n       useradd -D [options]\n";

/// Reads the options, and refuses whoever is not root.
pub async fn read(p: &mut Proc, options: &Options, arguments: &[String], usage: &str) -> Result<Given, Ended> {
    let given = match options.read(arguments, false) {
        Ok(given) => given,
        Err(Refused::Gap(option)) => return Err(p.gap(&format!("{} {option}", p.name))),
        Err(Refused::Wrong(text)) => {
            let told = p.complain(&text).await;
            return Err(told.and(Ok(2)));
        }
    };
    if given.operands.len() != 1 {
        let told = p.err(usage).await;
        return Err(told.and(Ok(2)));
    }
    if !p.cred.is_root() {
        let file = if p.name.starts_with("group") { "group" } else { "passwd" };
        let told =
            p.complain(&format!("Permission denied.\n{}: cannot lock /etc/{file}; try again later.", p.name)).await;
        return Err(told.and(Ok(1)));
    }
    Ok(given)
}

/// The first free number of a person, or of the system.
pub fn free(p: &Proc, taken: &[u32], system: bool, kind: &str) -> u32 {
    let bound = |key: &str, usual: u32| defaults::setting(p, key).and_then(|text| text.parse().ok()).unwrap_or(usual);
    if system {
        let (least, most) = (bound(&format!("SYS_{kind}_MIN"), 201), bound(&format!("SYS_{kind}_MAX"), 999));
        return (least..=most).rev().find(|number| !taken.contains(number)).unwrap_or(most);
    }
    user::free_number(taken, bound(&format!("{kind}_MIN"), 1_000), bound(&format!("{kind}_MAX"), 60_000))
}

/// What an account program writes in the log.
pub fn says(p: &Proc, text: &str) {
    let (now, ident) = (p.now(), p.name.rsplit('/').next().unwrap_or_default());
    p.linux(|linux| linux.auth_says(now, (ident, p.pid), (Facility::Auth, 6), text));
}

/// Whether it is pwdutils, of SLES 11, which has other words and ways.
pub fn is_pwdutils(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.vendor == Vendor::Suse)
}

/// Writes files of accounts; with the status of a program that could not, which says so.
pub async fn wrote(p: &mut Proc, pending: Pending, failed: u8) -> Ended {
    let Err(file) = pending.write(p) else { return Ok(0) };
    let text = format!("failure while writing changes to {file}");
    says(p, &text);
    p.complain(&text).await?;
    Ok(if file == "/etc/group" { 10 } else { failed })
}

async fn useradd(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "b:c:d:De:f:g:G:k:lmMNors:u:U",
        long: &[
            ("base-dir:", 'b'),
            ("comment:", 'c'),
            ("defaults", 'D'),
            ("expiredate:", 'e'),
            ("inactive:", 'f'),
            ("home-dir:", 'd'),
            ("home:", 'd'),
            ("gid:", 'g'),
            ("groups:", 'G'),
            ("skel:", 'k'),
            ("no-log-init", 'l'),
            ("create-home", 'm'),
            ("no-create-home", 'M'),
            ("no-user-group", 'N'),
            ("non-unique", 'o'),
            ("system", 'r'),
            ("shell:", 's'),
            ("uid:", 'u'),
            ("user-group", 'U'),
        ],
        gaps: "h K: P: --prefix: R: Z: p: --password: --key: --root: --selinux-user:",
    };
    if let Ok(given) = OPTIONS.read(arguments, false)
        && given.has('D')
    {
        return defaults::show_or_set(p, &given).await;
    }
    let given = match read(p, &OPTIONS, arguments, USAGE).await {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let added = add(p, &given).await?;
    // What was wrong with the options is not told to the log.
    if matches!(added, 1 | 4 | 9 | 10) && !is_pwdutils(p) {
        says(p, &format!("failed adding user '{}', data deleted", given.operands[0]));
    }
    Ok(added)
}

/// Whether a user or a group may be called so: Red Hat takes capital letters, digits and points anywhere, but no number.
pub(super) fn is_good(p: &Proc, name: &str) -> bool {
    if p.peek(|linux| linux.distro.vendor) != Vendor::RedHat {
        return user::is_name(name);
    }
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let body = name.strip_suffix('$').unwrap_or(name);
    !body.is_empty()
        && name.len() <= 32
        && !name.starts_with('-')
        && body.chars().all(letter)
        && !matches!(name, "." | "..")
        && !name.chars().all(|letter| letter.is_ascii_digit())
}

/// A process of a user's: while there is one, the user can neither be removed nor be called otherwise.
fn user_of_process(p: &Proc, name: &str) -> Option<u32> {
    p.peek(|linux| {
        let uid = linux.user(name)?.uid;
        // One that a signal ends is as good as gone.
        let falls = |process: &Process| process.pending.is_some_and(|signal| process.falls_to(signal));
        let own = |process: &Process| process.uid == uid && process.ended.is_none() && !falls(process);
        linux.processes.iter().find(|(_, process)| own(process)).map(|(pid, _)| pid)
    })
}

async fn add(p: &mut Proc, given: &Given) -> Ended {
    let name = given.operands[0].clone();
    let (mut users, mut groups) = p.peek(|linux| (linux.users(), linux.groups()));
    let (defaults, suse) = (Defaults::of(p), is_pwdutils(p));
    if !is_good(p, &name) {
        p.complain(&format!("invalid user name '{name}'")).await?;
        return Ok(3);
    }
    let shell = given.value('s').unwrap_or(&defaults.shell).to_owned();
    if users.iter().any(|user| user.name == name) {
        let text =
            if suse { format!("Account `{name}' already exists.") } else { format!("user '{name}' already exists") };
        p.complain(&text).await?;
        return Ok(9);
    }
    let uids: Vec<u32> = users.iter().map(|user| user.uid).collect();
    let uid = match given.value('u') {
        None => free(p, &uids, given.has('r'), "UID"),
        Some(text) => match text.parse() {
            Ok(uid) if !uids.contains(&uid) || given.has('o') => uid,
            Ok(uid) => {
                p.complain(&format!("UID {uid} is not unique")).await?;
                return Ok(4);
            }
            Err(_) => {
                p.complain(&format!("invalid user ID '{text}'")).await?;
                return Ok(3);
            }
        },
    };
    let own_group = !suse && !given.has('N') && defaults::setting(p, "USERGROUPS_ENAB").as_deref() != Some("no");
    let mut made_group = false;
    let gid = match given.value('g') {
        Some(text) => match find_group(&groups, text) {
            Some(group) => group.gid,
            None => {
                p.complain(&format!("group '{text}' does not exist")).await?;
                return Ok(6);
            }
        },
        None if !own_group && !given.has('U') => defaults.group(&groups),
        None if groups.iter().any(|group| group.name == name) => {
            p.complain(&format!("group {name} exists - if you want to add this user to that group, use -g.")).await?;
            return Ok(9);
        }
        None => {
            let gids: Vec<u32> = groups.iter().map(|group| group.gid).collect();
            let gid = if gids.contains(&uid) { free(p, &gids, given.has('r'), "GID") } else { uid };
            groups.push(Group { name: name.clone(), gid, members: Vec::new() });
            made_group = true;
            gid
        }
    };
    let joined = given.value('G').map(str::to_owned).unwrap_or_else(|| defaults.groups(&groups));
    if let Err(missing) = join(&mut groups, &name, &joined) {
        p.complain(&format!("group '{missing}' does not exist")).await?;
        return Ok(6);
    }
    let end = match end_of(p, given).await? {
        Ok(end) => end,
        Err(status) => return Ok(status),
    };
    let home = match (given.value('d'), given.value('b')) {
        (Some(home), _) => home.to_owned(),
        (None, base) => format!("{}/{name}", base.unwrap_or(&defaults.home)),
    };
    let gecos = given.value('c').unwrap_or_default().to_owned();
    let user = User { name: name.clone(), uid, gid, gecos, home: home.clone(), shell: shell.clone() };
    users.push(user);
    let status = wrote(p, Pending::of(&users, &groups), 1).await?;
    if status != 0 {
        return Ok(status);
    }
    let (now, ages) = (p.now(), defaults::ages(p));
    adjust(p, &name, |shadow| {
        *shadow = Shadow::new_account(now);
        (shadow.least_days, shadow.most_days, shadow.warned_days) = ages;
        (shadow.expires, shadow.idle_days) = (defaults.expires, defaults.idle_days);
        end(shadow);
    });
    let members: Vec<Group> = groups.iter().filter(|group| group.members.contains(&name)).cloned().collect();
    if suse {
        let by = format!("by={}", p.cred.uid);
        says(p, &format!("new account added - account={name}, uid={uid}, gid={gid}, home={home}, shell={shell}, {by}"));
        for Group { name: group, gid, .. } in members {
            says(p, &format!("account added to group - account={name}, group={group}, gid={gid}, {by}"));
        }
    } else {
        if made_group {
            says(p, &format!("new group: name={name}, GID={gid}"));
        }
        says(p, &format!("new user: name={name}, UID={uid}, GID={gid}, home={home}, shell={shell}"));
        for kind in ["", "shadow "] {
            for group in &members {
                says(p, &format!("add '{name}' to {kind}group '{}'", group.name));
            }
        }
    }
    let makes = defaults::setting(p, "CREATE_HOME").as_deref() == Some("yes");
    if given.has('m') || makes && !given.has('M') && !given.has('r') {
        let skeleton = given.value('k').unwrap_or(&defaults.skeleton);
        match home::make(p, &home, (uid, gid), skeleton) {
            Ok(true) => {}
            Ok(false) => {
                let text =
                    "warning: the home directory already exists.\nNot copying any file from skel directory into it.";
                p.complain(text).await?;
            }
            Err(_) => {
                p.complain(&format!("cannot create directory {home}")).await?;
                return Ok(12);
            }
        }
    }
    if defaults.makes_mailbox && !given.has('r') {
        home::make_mailbox(p, &name, (uid, gid));
    }
    Ok(0)
}

/// What `-e` and `-f` say of when an account ends; the status where they make no sense.
async fn end_of(p: &mut Proc, given: &Given) -> Result<Result<impl FnOnce(&mut Shadow) + use<>, u8>, Cut> {
    let expires = match given.value('e') {
        None => None,
        Some("" | "-1") => Some(None),
        Some(text) => match day(text) {
            Some(day) => Some(Some(day)),
            None => {
                p.complain(&format!("invalid date '{text}'")).await?;
                return Ok(Err(3));
            }
        },
    };
    let idle = match given.value('f').map(str::parse::<i64>) {
        None => None,
        Some(Ok(days)) if days >= -1 => Some(u32::try_from(days).ok()),
        Some(_) => {
            p.complain(&format!("invalid numeric argument '{}'", given.value('f').unwrap_or_default())).await?;
            return Ok(Err(3));
        }
    };
    Ok(Ok(move |shadow: &mut Shadow| {
        shadow.expires = expires.unwrap_or(shadow.expires);
        shadow.idle_days = idle.unwrap_or(shadow.idle_days);
    }))
}

/// A day by its date, or by how many days it is after the first of 1970.
pub fn day(text: &str) -> Option<Instant> {
    let first = Instant::parse("1970-01-01T00:00:00Z").ok()?;
    match text.parse::<u64>() {
        Ok(days) => first.later(Span::secs(days.checked_mul(86_400)?)),
        Err(_) => Instant::parse(&format!("{text}T00:00:00Z")).ok(),
    }
}

fn find_group<'a>(groups: &'a [Group], text: &str) -> Option<&'a Group> {
    groups.iter().find(|group| group.name == text || text.parse() == Ok(group.gid))
}

/// Makes a user a member of groups: the first that is not there is the error.
fn join(groups: &mut [Group], name: &str, list: &str) -> Result<(), String> {
    for wanted in list.split(',').filter(|wanted| !wanted.is_empty()) {
        let number = wanted.parse::<u32>().ok();
        let group = groups.iter_mut().find(|group| group.name == wanted || Some(group.gid) == number);
        let Some(group) = group else { return Err(wanted.to_owned()) };
        if !group.members.iter().any(|member| member == name) {
            group.members.push(name.to_owned());
        }
    }
    Ok(())
}
