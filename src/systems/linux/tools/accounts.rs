//! `useradd`, `usermod`, `userdel` (shadow-utils): they edit `/etc/passwd`, `/etc/group` and make home directories.

use super::getopt::{Given, Refused, Spec as Options};
use super::passwd::adjust;
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::password::Shadow;
use crate::systems::linux::model::{Group, User, user};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("useradd", useradd), tool!("usermod", usermod), tool!("userdel", userdel)];

pub fn store_users(p: &Proc, users: &[User]) -> Result<(), Errno> {
    p.write_path("/etc/passwd", users.iter().map(User::line).collect::<String>().as_bytes())
}

pub fn store_groups(p: &Proc, groups: &[Group]) -> Result<(), Errno> {
    let line = |group: &Group| format!("{}:x:{}:{}\n", group.name, group.gid, group.members.join(","));
    p.write_path("/etc/group", groups.iter().map(line).collect::<String>().as_bytes())
}

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
pub fn free(taken: &[u32], system: bool) -> u32 {
    if system {
        return (200..1_000).rev().find(|number| !taken.contains(number)).unwrap_or(999);
    }
    user::free_number(taken)
}

pub async fn wrote(p: &mut Proc, stored: Result<(), Errno>, file: &str) -> Ended {
    match stored {
        Ok(()) => Ok(0),
        Err(_) => {
            p.complain(&format!("cannot open {file}")).await?;
            Ok(1)
        }
    }
}

async fn useradd(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "c:d:e:f:g:G:mMNors:u:U",
        long: &[
            ("comment:", 'c'),
            ("expiredate:", 'e'),
            ("inactive:", 'f'),
            ("home-dir:", 'd'),
            ("home:", 'd'),
            ("gid:", 'g'),
            ("groups:", 'G'),
            ("create-home", 'm'),
            ("no-create-home", 'M'),
            ("no-user-group", 'N'),
            ("non-unique", 'o'),
            ("system", 'r'),
            ("shell:", 's'),
            ("uid:", 'u'),
            ("user-group", 'U'),
        ],
        gaps: "h K: l P: --prefix: R: Z: p: --password: --base-dir: --defaults --skel: --key: --no-log-init --root: \
               --selinux-user: b: D k:",
    };
    let given = match read(
        p,
        &OPTIONS,
        arguments,
        "Usage: useradd [options] LOGIN\n       useradd -D\n       useradd -D [options]\n",
    )
    .await
    {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let name = given.operands[0].clone();
    let (mut users, mut groups) = p.peek(|linux| (linux.users(), linux.groups()));
    if !user::is_name(&name) {
        p.complain(&format!("invalid user name '{name}'")).await?;
        return Ok(3);
    }
    if users.iter().any(|user| user.name == name) {
        p.complain(&format!("user '{name}' already exists")).await?;
        return Ok(9);
    }
    let uids: Vec<u32> = users.iter().map(|user| user.uid).collect();
    let uid = match given.value('u') {
        None => free(&uids, given.has('r')),
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
    let gid = match given.value('g') {
        Some(text) => match find_group(&groups, text) {
            Some(group) => group.gid,
            None => {
                p.complain(&format!("group '{text}' does not exist")).await?;
                return Ok(6);
            }
        },
        None if given.has('N') => 100,
        None if groups.iter().any(|group| group.name == name) => {
            p.complain(&format!("group {name} exists - if you want to add this user to that group, use -g.")).await?;
            return Ok(9);
        }
        None => {
            let gids: Vec<u32> = groups.iter().map(|group| group.gid).collect();
            let gid = if gids.contains(&uid) { free(&gids, given.has('r')) } else { uid };
            groups.push(Group { name: name.clone(), gid, members: Vec::new() });
            gid
        }
    };
    if let Some(list) = given.value('G')
        && let Err(missing) = join(&mut groups, &name, list)
    {
        p.complain(&format!("group '{missing}' does not exist")).await?;
        return Ok(6);
    }
    let end = match end_of(p, &given).await? {
        Ok(end) => end,
        Err(status) => return Ok(status),
    };
    let home = given.value('d').map_or_else(|| format!("/home/{name}"), str::to_owned);
    let shell = given.value('s').unwrap_or("/bin/bash").to_owned();
    let gecos = given.value('c').unwrap_or_default().to_owned();
    let user = User { name: name.clone(), uid, gid, gecos, home: home.clone(), shell };
    users.push(user);
    let stored = store_users(p, &users).and_then(|()| store_groups(p, &groups));
    if stored.is_ok() {
        let (now, pid) = (p.now(), p.pid);
        adjust(p, &name, |shadow| {
            *shadow = Shadow::new_account(now);
            end(shadow);
        });
        p.linux(|linux| {
            linux.daemon_says(now, "useradd", Some(pid), None, &format!("new group: name={name}, GID={gid}"));
            linux.daemon_says(
                now,
                "useradd",
                Some(pid),
                None,
                &format!("new user: name={name}, UID={uid}, GID={gid}, home={home}, shell=/bin/bash"),
            );
        });
    }
    // SLES makes no home unless it is asked to.
    let makes = p.peek(|linux| linux.distro.vendor != Vendor::Suse);
    if given.has('m') || makes && !given.has('M') && !given.has('r') {
        make_home(p, &home, uid, gid);
    }
    wrote(p, stored, "/etc/passwd").await
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

fn make_home(p: &Proc, home: &str, uid: u32, gid: u32) {
    let _ = p.fs(|fs, now| {
        let ino = fs.mkdir(&Cred::ROOT, "/", home, 0o700, now)?;
        fs.chown(&Cred::ROOT, ino, Some(uid), Some(gid), now)?;
        let skeleton = fs.lookup(&Cred::ROOT, "/", "/etc/skel")?;
        let files: Vec<_> =
            fs.node(skeleton).entries().into_iter().flatten().map(|(name, ino)| (name.to_string(), *ino)).collect();
        for (name, from) in files {
            let Some(crate::systems::linux::fs::Content::Bytes(bytes)) = fs.content(from).cloned() else { continue };
            let to = fs.create(&Cred::ROOT, "/", &format!("{home}/{name}"), 0o644, now)?;
            fs.append(&Cred::ROOT, to, &bytes, now)?;
            fs.chown(&Cred::ROOT, to, Some(uid), Some(gid), now)?;
        }
        Ok(())
    });
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

async fn usermod(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "ac:d:e:f:g:G:l:Lmos:u:U",
        long: &[
            ("append", 'a'),
            ("comment:", 'c'),
            ("home:", 'd'),
            ("expiredate:", 'e'),
            ("inactive:", 'f'),
            ("gid:", 'g'),
            ("groups:", 'G'),
            ("login:", 'l'),
            ("lock", 'L'),
            ("move-home", 'm'),
            ("non-unique", 'o'),
            ("shell:", 's'),
            ("uid:", 'u'),
            ("unlock", 'U'),
        ],
        gaps: "h r P: --prefix: Z: --remove --root: --add-subuids: --del-subuids: --add-subgids: \
               --del-subgids: --selinux-user: p: --password: R:",
    };
    let given = match read(p, &OPTIONS, arguments, "Usage: usermod [options] LOGIN\n").await {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let name = given.operands[0].clone();
    let (mut users, mut groups) = p.peek(|linux| (linux.users(), linux.groups()));
    if given.has('L') && given.has('U') {
        p.complain("the -L, -p, and -U flags are exclusive").await?;
        return Ok(2);
    }
    let end = match end_of(p, &given).await? {
        Ok(end) => end,
        Err(status) => return Ok(status),
    };
    let others: Vec<(String, u32)> = users.iter().map(|user| (user.name.clone(), user.uid)).collect();
    let Some(user) = users.iter_mut().find(|user| user.name == name) else {
        p.complain(&format!("user '{name}' does not exist")).await?;
        return Ok(6);
    };
    if let Some(text) = given.value('u') {
        match text.parse::<u32>() {
            Ok(uid) if given.has('o') || !others.iter().any(|(other, taken)| *taken == uid && *other != name) => {
                user.uid = uid
            }
            Ok(uid) => {
                p.complain(&format!("UID '{uid}' already exists")).await?;
                return Ok(4);
            }
            Err(_) => {
                p.complain(&format!("invalid user ID '{text}'")).await?;
                return Ok(3);
            }
        }
    }
    if let Some(text) = given.value('g') {
        match find_group(&groups, text) {
            Some(group) => user.gid = group.gid,
            None => {
                p.complain(&format!("group '{text}' does not exist")).await?;
                return Ok(6);
            }
        }
    }
    let old_home = user.home.clone();
    for (letter, field) in [('c', &mut user.gecos), ('d', &mut user.home), ('s', &mut user.shell)] {
        if let Some(value) = given.value(letter) {
            value.clone_into(field);
        }
    }
    let home = user.home.clone();
    if let Some(new) = given.value('l') {
        if others.iter().any(|(other, _)| other == new) {
            p.complain(&format!("user '{new}' already exists")).await?;
            return Ok(9);
        }
        new.clone_into(&mut user.name);
        for group in &mut groups {
            for member in group.members.iter_mut().filter(|member| **member == name) {
                new.clone_into(member);
            }
        }
    }
    let now_called = given.value('l').unwrap_or(&name).to_owned();
    if let Some(list) = given.value('G') {
        if !given.has('a') {
            for group in &mut groups {
                group.members.retain(|member| *member != now_called);
            }
        }
        if let Err(missing) = join(&mut groups, &now_called, list) {
            p.complain(&format!("group '{missing}' does not exist")).await?;
            return Ok(6);
        }
    }
    let unset = p.peek(|linux| linux.shadow.get(&name).is_some_and(|shadow| shadow.unset));
    if given.has('U') && unset {
        let text = "unlocking the user's password would result in a passwordless account.\nYou should set a password with usermod -p \
                    to unlock this user's password.";
        p.complain(text).await?;
    }
    p.linux(|linux| {
        if let Some(kept) = linux.shadow.remove(&name) {
            linux.shadow.insert(now_called.clone(), kept);
        }
    });
    if "LUef".chars().any(|letter| given.has(letter)) {
        adjust(p, &now_called, |shadow| {
            end(shadow);
            shadow.locked = given.has('L') || shadow.locked && (unset || !given.has('U'));
        });
    }
    if given.has('m') && home != old_home {
        let _ = p.fs(|fs, now| fs.rename(&Cred::ROOT, "/", &old_home, &home, now));
    }
    let stored = store_users(p, &users).and_then(|()| store_groups(p, &groups));
    wrote(p, stored, "/etc/passwd").await
}

async fn userdel(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "frZ",
        long: &[("force", 'f'), ("remove", 'r')],
        gaps: "h P: --prefix: R: --root: --selinux-user",
    };
    let given = match read(p, &OPTIONS, arguments, "Usage: userdel [options] LOGIN\n").await {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let name = given.operands[0].clone();
    let (mut users, mut groups) = p.peek(|linux| (linux.users(), linux.groups()));
    let Some(user) = users.iter().find(|user| user.name == name).cloned() else {
        p.complain(&format!("user '{name}' does not exist")).await?;
        return Ok(6);
    };
    let busy = p.peek(|linux| linux.processes.iter().find(|(_, process)| process.uid == user.uid).map(|(pid, _)| pid));
    if let Some(pid) = busy.filter(|_| !given.has('f')) {
        p.complain(&format!("user {name} is currently used by process {pid}")).await?;
        return Ok(8);
    }
    users.retain(|other| other.name != name);
    p.linux(|linux| linux.shadow.remove(&name));
    let shared = users.iter().any(|other| other.gid == user.gid);
    groups.retain(|group| group.name != name || shared);
    for group in &mut groups {
        group.members.retain(|member| *member != name);
    }
    let stored = store_users(p, &users).and_then(|()| store_groups(p, &groups));
    if given.has('r') {
        let tree = p.fs(|fs, now| remove_tree(fs, &user.home, now, 0));
        if tree.is_err() {
            p.complain(&format!("{} not found", user.home)).await?;
        }
    }
    wrote(p, stored, "/etc/passwd").await
}

/// Removes a directory with all that is in it, so deep as paths may be.
fn remove_tree(
    fs: &mut crate::systems::linux::fs::Fs,
    path: &str,
    now: crate::sim::Instant,
    depth: u32,
) -> Result<(), Errno> {
    const DEEPEST: u32 = 64;
    let ino = fs.lookup_link(&Cred::ROOT, "/", path)?;
    let names: Option<Vec<String>> =
        fs.node(ino).entries().map(|entries| entries.keys().map(ToString::to_string).collect());
    let Some(names) = names.filter(|_| depth < DEEPEST) else { return fs.unlink(&Cred::ROOT, "/", path, now) };
    for name in names {
        remove_tree(fs, &format!("{path}/{name}"), now, depth + 1)?;
    }
    fs.rmdir(&Cred::ROOT, "/", path, now)
}
