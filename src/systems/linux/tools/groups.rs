//! `groupadd`, `groupmod`, `groupdel` (shadow-utils): they edit `/etc/group`, and `/etc/passwd` where a number changes.

use super::accounts::{Pending, free, is_good, is_pwdutils, read, says, wrote};
use super::getopt::Spec as Options;
use super::{Tool, tool};
use crate::systems::linux::model::Group;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("groupadd", groupadd), tool!("groupmod", groupmod), tool!("groupdel", groupdel)];

async fn groupadd(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "fg:or",
        long: &[("force", 'f'), ("gid:", 'g'), ("non-unique", 'o'), ("system", 'r')],
        gaps: "h K: p: R: --key: --password: --root:",
    };
    let given = match read(p, &OPTIONS, arguments, "Usage: groupadd [options] GROUP\n").await {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let name = given.operands[0].clone();
    let mut groups = p.peek(|linux| linux.groups());
    if groups.iter().any(|group| group.name == name) {
        if given.has('f') {
            return Ok(0);
        }
        p.complain(&format!("group '{name}' already exists")).await?;
        return Ok(9);
    }
    if !is_good(p, &name) {
        p.complain(&format!("'{name}' is not a valid group name")).await?;
        return Ok(3);
    }
    let gids: Vec<u32> = groups.iter().map(|group| group.gid).collect();
    let gid = match given.value('g') {
        None => free(p, &gids, given.has('r'), "GID"),
        Some(text) => match text.parse() {
            Ok(gid) if !gids.contains(&gid) || given.has('o') => gid,
            Ok(gid) => {
                p.complain(&format!("GID '{gid}' already exists")).await?;
                return Ok(4);
            }
            Err(_) => {
                p.complain(&format!("invalid group ID '{text}'")).await?;
                return Ok(3);
            }
        },
    };
    groups.push(Group { name: name.clone(), gid, members: Vec::new() });
    let status = wrote(p, Pending::of_groups(&groups), 10).await?;
    if status != 0 {
        return Ok(status);
    }
    if is_pwdutils(p) {
        says(p, &format!("new group added - group={name}, gid={gid}, by={}", p.cred.uid));
    } else {
        says(p, &format!("group added to /etc/group: name={name}, GID={gid}"));
        says(p, &format!("group added to /etc/gshadow: name={name}"));
        says(p, &format!("new group: name={name}, GID={gid}"));
    }
    Ok(0)
}

async fn groupmod(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "g:n:o",
        long: &[("gid:", 'g'), ("new-name:", 'n'), ("non-unique", 'o')],
        gaps: "h p: R: --password: --root:",
    };
    let given = match read(p, &OPTIONS, arguments, "Usage: groupmod [options] GROUP\n").await {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let name = given.operands[0].clone();
    let (mut users, mut groups) = p.peek(|linux| (linux.users(), linux.groups()));
    let Some(place) = groups.iter().position(|group| group.name == name) else {
        p.complain(&format!("group '{name}' does not exist")).await?;
        return Ok(6);
    };
    let (mut whole, mut named) = (format!("group {name}/{}", groups[place].gid), format!("group {name}"));
    if let Some(new) = given.value('n') {
        for text in [&mut whole, &mut named] {
            text.push_str(&format!(", new name: {new}"));
        }
        if groups.iter().any(|group| group.name == new) {
            p.complain(&format!("group '{new}' already exists")).await?;
            return Ok(9);
        }
        new.clone_into(&mut groups[place].name);
    }
    if let Some(text) = given.value('g') {
        let Ok(gid) = text.parse::<u32>() else {
            p.complain(&format!("invalid group ID '{text}'")).await?;
            return Ok(3);
        };
        if !given.has('o') && groups.iter().any(|group| group.gid == gid) {
            p.complain(&format!("GID '{gid}' already exists")).await?;
            return Ok(4);
        }
        whole.push_str(&format!(", new gid: {gid}"));
        let old = std::mem::replace(&mut groups[place].gid, gid);
        for user in users.iter_mut().filter(|user| user.gid == old) {
            user.gid = gid;
        }
    }
    let status = wrote(p, Pending::of(&users, &groups), 10).await?;
    if status == 0 && !is_pwdutils(p) {
        says(p, &format!("group changed in /etc/group ({whole})"));
        if given.has('n') {
            says(p, &format!("group changed in /etc/gshadow ({named})"));
        }
        if given.has('g') {
            says(p, &format!("group changed in /etc/passwd ({whole})"));
        }
    }
    Ok(status)
}

async fn groupdel(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "f", long: &[("force", 'f')], gaps: "h R: --root:" };
    let given = match read(p, &OPTIONS, arguments, "Usage: groupdel [options] GROUP\n").await {
        Ok(given) => given,
        Err(ended) => return ended,
    };
    let name = given.operands[0].clone();
    let (users, mut groups) = p.peek(|linux| (linux.users(), linux.groups()));
    let Some(group) = groups.iter().find(|group| group.name == name) else {
        p.complain(&format!("group '{name}' does not exist")).await?;
        return Ok(6);
    };
    if let Some(user) = users.iter().find(|user| user.gid == group.gid) {
        p.complain(&format!("cannot remove the primary group of user '{}'", user.name)).await?;
        return Ok(8);
    }
    let gid = group.gid;
    groups.retain(|group| group.name != name);
    let status = wrote(p, Pending::of_groups(&groups), 10).await?;
    if status != 0 {
        return Ok(status);
    }
    if is_pwdutils(p) {
        says(p, &format!("group deleted - group={name}, gid={gid}, by={}", p.cred.uid));
        return Ok(0);
    }
    for whence in [" from /etc/group", " from /etc/gshadow", ""] {
        says(p, &format!("group '{name}' removed{whence}"));
    }
    Ok(0)
}
