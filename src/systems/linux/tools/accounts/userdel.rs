//! `userdel`: the end of an account, and of its files with `-r`.

use super::{Options, Pending, home, is_pwdutils, read, says, user_of_process, wrote};
use crate::systems::linux::fs::Cred;
use crate::systems::linux::proc::{Ended, Proc};

/// `userdel`
pub async fn userdel(p: &mut Proc, arguments: &[String]) -> Ended {
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
    let busy = user_of_process(p, &name);
    if let Some(pid) = busy.filter(|_| !given.has('f')) {
        p.complain(&format!("user {name} is currently used by process {pid}")).await?;
        return Ok(8);
    }
    users.retain(|other| other.name != name);
    let shared = users.iter().any(|other| other.gid == user.gid);
    let own = groups.iter().any(|group| group.name == name && group.members.iter().all(|member| *member == name));
    let removes_group = own && !shared && !is_pwdutils(p);
    groups.retain(|group| group.name != name || !removes_group);
    let joined: Vec<String> =
        groups.iter().filter(|group| group.members.contains(&name)).map(|group| group.name.clone()).collect();
    for group in &mut groups {
        group.members.retain(|member| *member != name);
    }
    let status = wrote(p, Pending::of(&users, &groups), 1).await?;
    if status != 0 {
        return Ok(status);
    }
    p.linux(|linux| linux.shadow.remove(&name));
    if is_pwdutils(p) {
        says(p, &format!("account deleted - account={name}, uid={}, by={}", user.uid, p.cred.uid));
    } else {
        says(p, &format!("delete user '{name}'"));
        for group in &joined {
            says(p, &format!("delete '{name}' from group '{group}'"));
        }
        if removes_group {
            says(p, &format!("removed group '{name}' owned by '{name}'"));
            says(p, &format!("removed shadow group '{name}' owned by '{name}'"));
        }
        for group in &joined {
            says(p, &format!("delete '{name}' from shadow group '{group}'"));
        }
    }
    if given.has('r') {
        let box_gone = p.fs(|fs, now| fs.unlink(&Cred::ROOT, "/", &home::mailbox(&name), now));
        if box_gone.is_err() && !is_pwdutils(p) {
            p.complain(&format!("{name} mail spool ({}) not found", home::mailbox(&name))).await?;
        }
        let tree = p.fs(|fs, now| home::remove_tree(fs, &user.home, now));
        if tree.is_err() {
            p.complain(&format!("{name} home directory ({}) not found", user.home)).await?;
        }
    }
    Ok(0)
}
