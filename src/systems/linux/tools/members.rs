//! Who belongs to a group: `gpasswd`, and `newgrp`, which begins a shell in another one (shadow-utils). Groups have no
//! passwords here.

use std::sync::Arc;

use super::accounts::{Pending, is_pwdutils, says, wrote};
use super::getopt::Spec;
use super::input::given;
use super::{Tool, tool};
use crate::systems::linux::bash::Start;
use crate::systems::linux::model::Group;
use crate::systems::linux::proc::{Ended, Proc, Request};
use crate::world::Shell;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("gpasswd", gpasswd), tool!("newgrp", newgrp)];

const GPASSWD: Spec = Spec {
    short: "a:d:M:",
    long: &[("add:", 'a'), ("delete:", 'd'), ("members:", 'M')],
    gaps: "A: --administrators: h Q: --root: r --remove-password R --restrict",
};

async fn gpasswd(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &GPASSWD, arguments, |complaint| {
        p.complain(&complaint).await?;
        Ok(2)
    });
    let ([name], [(letter @ ('a' | 'd' | 'M'), Some(value))]) = (&given.operands[..], &given.options[..]) else {
        return p.gap("gpasswd but with -a, -d or -M and one group");
    };
    let mut groups = p.peek(|linux| linux.groups());
    let Some(group) = groups.iter_mut().find(|group| group.name == *name) else {
        return p.fail(&format!("group '{name}' does not exist in /etc/group")).await.map(|_| 3);
    };
    if !p.cred.is_root() {
        return p.fail("Permission denied.").await;
    }
    let missing = |user: &&str| p.peek(|linux| linux.user(user)).is_none();
    match letter {
        'M' => {
            let wanted: Vec<&str> = value.split(',').filter(|user| !user.is_empty()).collect();
            if let Some(user) = wanted.iter().copied().find(missing) {
                return p.fail(&format!("user '{user}' does not exist")).await.map(|_| 3);
            }
            group.members = wanted.into_iter().map(str::to_owned).collect();
        }
        _ if missing(&value.as_str()) => {
            return p.fail(&format!("user '{value}' does not exist")).await.map(|_| 3);
        }
        'a' => {
            if !group.members.contains(value) {
                group.members.push(value.clone());
            }
            p.out(&format!("Adding user {value} to group {name}\n")).await?;
        }
        _ => {
            p.out(&format!("Removing user {value} from group {name}\n")).await?;
            if !group.members.contains(value) {
                return p.fail(&format!("user '{value}' is not a member of '{name}'")).await.map(|_| 3);
            }
            group.members.retain(|member| member != value);
        }
    }
    let status = wrote(p, Pending::of_groups(&groups), 1).await?;
    if status == 0 && !is_pwdutils(p) {
        let by = p.user.clone();
        says(
            p,
            &match letter {
                'M' => format!("members of group {name} set by {by} to {value}"),
                'a' => format!("user {value} added by {by} to group {name}"),
                _ => format!("user {value} removed by {by} from group {name}"),
            },
        );
    }
    Ok(status)
}

/// `newgrp`: the person goes on in a shell whose files belong to another group.
async fn newgrp(p: &mut Proc, arguments: &[String]) -> Ended {
    let name = match arguments {
        [] => None,
        [name] if !name.starts_with('-') => Some(name),
        _ => return p.gap(&format!("newgrp {}", arguments.join(" "))),
    };
    let user = p.peek(|linux| linux.user(&p.user));
    let own = user.map_or(p.cred.gid, |user| user.gid);
    let group: Option<Group> = p.peek(|linux| {
        linux.groups().into_iter().find(|group| name.map_or(group.gid == own, |name| group.name == *name))
    });
    let Some(group) = group else {
        return p.fail(&format!("group '{}' does not exist", name.map_or("", String::as_str))).await;
    };
    if !p.cred.is_root() && group.gid != own && !group.members.contains(&p.user) {
        return p.gap("newgrp to a group that one does not belong to: its password");
    }
    if !p.at_keyboard() {
        return p.gap("newgrp without a keyboard");
    }
    let mut q = p.becoming(&["bash".to_owned()]);
    if !q.cred.groups.contains(&q.cred.gid) {
        q.cred.groups.push(q.cred.gid);
    }
    q.cred.gid = group.gid;
    let mut entered = Start::by(&q, "bash", true).bash();
    entered.files = q.files.keep();
    p.request = Some(Request::Enter(Shell::Linux(Arc::new(entered))));
    Ok(0)
}
