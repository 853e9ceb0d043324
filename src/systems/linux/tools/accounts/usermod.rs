//! `usermod`: what an account is, changed, with what the log says of it.

use super::{Options, Pending, end_of, find_group, home, is_pwdutils, join, read, says, user_of_process, wrote};
use crate::sim::Instant;
use crate::systems::linux::clock;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::model::password::Shadow;
use crate::systems::linux::model::{Group, User};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::passwd::adjust;

/// `usermod`
pub async fn usermod(p: &mut Proc, arguments: &[String]) -> Ended {
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
    let (old_users, old_groups) = (users.clone(), groups.clone());
    let others: Vec<(String, u32)> = users.iter().map(|user| (user.name.clone(), user.uid)).collect();
    let busy = ['u', 'l'].iter().any(|letter| given.has(*letter)).then(|| user_of_process(p, &name)).flatten();
    if let Some(pid) = busy {
        p.complain(&format!("user {name} is currently used by process {pid}")).await?;
        return Ok(8);
    }
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
    for (letter, field) in [('c', &mut user.gecos), ('d', &mut user.home), ('s', &mut user.shell)] {
        if let Some(value) = given.value(letter) {
            value.clone_into(field);
        }
    }
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
    let status = wrote(p, Pending::of(&users, &groups), 1).await?;
    if status != 0 {
        return Ok(status);
    }
    p.linux(|linux| {
        if let Some(kept) = linux.shadow.remove(&name) {
            linux.shadow.insert(now_called.clone(), kept);
        }
    });
    let kept = |p: &Proc| p.peek(|linux| linux.shadow.get(&now_called).cloned().unwrap_or_default());
    let before = kept(p);
    if "LUef".chars().any(|letter| given.has(letter)) {
        adjust(p, &now_called, |shadow| {
            end(shadow);
            shadow.locked = given.has('L') || shadow.locked && (unset || !given.has('U'));
        });
    }
    let after = kept(p);
    let find = |users: &[User], name: &str| users.iter().find(|user| user.name == name).cloned();
    if let (Some(old), Some(new)) = (find(&old_users, &name), find(&users, &now_called)) {
        if !is_pwdutils(p) {
            let texts = of_account(&old, &new).into_iter();
            let texts = texts.chain(of_shadow(p, &new.name, (&before, &after), given.has('U')));
            for text in texts.chain(of_groups(&old_groups, &groups, &name, &now_called)).collect::<Vec<_>>() {
                says(p, &text);
            }
        }
        follow(p, &old, &new, given.has('m'));
    }
    Ok(0)
}

/// The files of the account follow it: the home moves where that is asked for, and what is in it belongs to the new numbers.
fn follow(p: &Proc, old: &User, new: &User, moves: bool) {
    let _ = p.fs(|fs, now| {
        if moves && new.home != old.home {
            fs.rename(&Cred::ROOT, "/", &old.home, &new.home, now)?;
        }
        home::give(fs, &new.home, (old.uid, new.uid), (old.gid, new.gid), now);
        // Of the mailbox the owner changes, whatever group it is for.
        home::give(fs, &home::mailbox(&old.name), (old.uid, new.uid), (new.gid, new.gid), now);
        if old.name != new.name {
            fs.rename(&Cred::ROOT, "/", &home::mailbox(&old.name), &home::mailbox(&new.name), now)?;
        }
        Ok(())
    });
}

/// What the log says of a line of `/etc/passwd`.
fn of_account(old: &User, new: &User) -> Vec<String> {
    let name = &new.name;
    let mut texts = Vec::new();
    if old.name != new.name {
        texts.push(format!("change user name '{}' to '{name}'", old.name));
    }
    for (what, old_value, new_value) in [
        ("UID", old.uid.to_string(), new.uid.to_string()),
        ("GID", old.gid.to_string(), new.gid.to_string()),
        ("home", old.home.clone(), new.home.clone()),
        ("shell", old.shell.clone(), new.shell.clone()),
    ] {
        if old_value != new_value {
            texts.push(format!("change user '{}' {what} from '{old_value}' to '{new_value}'", old.name));
        }
    }
    texts
}

/// What the log says of a line of `/etc/shadow`.
fn of_shadow(p: &Proc, name: &str, (old, new): (&Shadow, &Shadow), unlocks: bool) -> Vec<String> {
    let zone = p.peek(|linux| linux.zone.clone());
    let day = |at: Option<Instant>| {
        at.map_or("never".to_owned(), |at| clock::format("%Y-%m-%d", at.utc().unix_timestamp(), 0, &zone))
    };
    let days = |days: Option<u32>| days.map_or("-1".to_owned(), |days| days.to_string());
    let mut texts = Vec::new();
    if new.locked && !old.locked {
        texts.push(format!("lock user '{name}' password"));
    } else if unlocks && old.locked {
        texts.push(format!("unlock user '{name}' password"));
    }
    if old.idle_days != new.idle_days {
        let (old, new) = (days(old.idle_days), days(new.idle_days));
        texts.push(format!("change user '{name}' inactive from '{old}' to '{new}'"));
    }
    if old.expires != new.expires {
        let (old, new) = (day(old.expires), day(new.expires));
        texts.push(format!("change user '{name}' expiration from '{old}' to '{new}'"));
    }
    texts
}

/// What the log says of the lines of `/etc/group`, and then of `/etc/gshadow`.
fn of_groups(old: &[Group], new: &[Group], was: &str, is: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for kind in ["", "shadow "] {
        for (old, new) in old.iter().zip(new) {
            let has = |group: &Group, name: &str| group.members.iter().any(|member| member == name);
            let group = &new.name;
            match (has(old, was), has(new, is)) {
                (true, true) if was != is => texts.push(format!("change '{was}' to '{is}' in {kind}group '{group}'")),
                (false, true) => texts.push(format!("add '{is}' to {kind}group '{group}'")),
                (true, false) => texts.push(format!("delete '{was}' from {kind}group '{group}'")),
                _ => {}
            }
        }
    }
    texts
}
