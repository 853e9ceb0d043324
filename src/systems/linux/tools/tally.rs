//! `pam_tally2` (Linux-PAM 1.1 to 1.3) and `faillock` (1.4): the logins that failed of each account, and how their count is set
//! back. Layouts are those of their sources, from memory.

use super::getopt::Spec;
use super::{Tool, tool};
use crate::systems::linux::clock;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::tally::{DENY, Tally};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
use crate::world::LOCK_FAULT;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("faillock", faillock), tool!("pam_tally2", pam_tally2)];

const TALLY: Spec = Spec { short: "u:rq", long: &[("user:", 'u'), ("reset", 'r'), ("quiet", 'q')], gaps: "f: --file:" };
const FAILLOCK: Spec = Spec { short: "", long: &[("user:", 'u'), ("reset", 'r')], gaps: "--dir: --legacy-output" };

async fn pam_tally2(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &TALLY, arguments, 1);
    if !given.operands.is_empty() {
        return p.gap("pam_tally2 with operands");
    }
    p.inferred();
    let reset = given.has('r');
    if !p.cred.is_root() {
        let what = if reset { "update" } else { "read" };
        return p.fail(&format!("Error opening /var/log/tallylog for {what}: Permission denied")).await;
    }
    let user = given.value('u').map(str::to_owned);
    if let Some(user) = user.as_ref().filter(|user| p.peek(|linux| linux.user(user)).is_none()) {
        return p.fail(&format!("-u given non-existent user {user}")).await;
    }
    let text = p.peek(|linux| listing(linux, user.as_deref()));
    if !given.has('q') && (user.is_some() || !reset) {
        p.out(&text).await?;
    }
    if reset {
        forget(p, user.as_deref());
    }
    Ok(0)
}

/// The counts of one user, or of all who have one.
fn listing(linux: &Linux, user: Option<&str>) -> String {
    let none = Tally::default();
    let rows: Vec<(&str, &Tally)> = match user {
        Some(user) => vec![(user, linux.tallies.get(user).unwrap_or(&none))],
        None => linux.tallies.iter().map(|(user, tally)| (user.as_str(), tally)).collect(),
    };
    let mut text = if rows.is_empty() { "" } else { "Login           Failures Latest failure     From\n" }.to_owned();
    for (user, tally) in rows {
        let last = tally.last.last().map(|last| {
            let at = clock::format("%D %H:%M:%S", last.at.utc().unix_timestamp(), 0, &linux.zone);
            format!("{at:<17}  {}", last.from)
        });
        text.push_str(&format!("{user:<15.15} {:5}    {}\n", tally.count, last.unwrap_or_default()));
    }
    text
}

async fn faillock(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &FAILLOCK, arguments, 1);
    if !given.operands.is_empty() {
        return p.gap("faillock with operands");
    }
    p.inferred();
    let user = given.value('u').map(str::to_owned);
    if !p.cred.is_root() && (given.has('r') || user.as_ref().is_none_or(|user| *user != p.user)) {
        return p.fail("Error opening the tally file for update: Permission denied").await;
    }
    if given.has('r') {
        forget(p, user.as_deref());
        return Ok(0);
    }
    let now = p.now();
    let text = p.peek(|linux| {
        let named: Vec<String> = match &user {
            Some(user) => vec![user.clone()],
            None => linux.tallies.keys().cloned().collect(),
        };
        let mut text = String::new();
        for user in named {
            text.push_str(&format!(
                "{user}:\nWhen                Type  Source                                           Valid\n"
            ));
            let valid = linux.locked_out(&user, now).is_some()
                || linux.tallies.get(&user).is_some_and(|tally| (tally.count as usize) < DENY);
            for login in linux.tallies.get(&user).map_or(&[][..], |tally| &tally.last) {
                let at = clock::format("%Y-%m-%d %H:%M:%S", login.at.utc().unix_timestamp(), 0, &linux.zone);
                let mark = if valid { 'V' } else { 'I' };
                text.push_str(&format!("{at} RHOST {:<48} {mark:>5}\n", login.from));
            }
        }
        text
    });
    p.out(&text).await?;
    Ok(0)
}

/// The count begins anew, and what has locked the account is over.
fn forget(p: &Proc, user: Option<&str>) {
    p.world(|world, id| {
        let tallies = &mut world.linux_mut(id).tallies;
        match user {
            Some(user) => drop(tallies.remove(user)),
            None => tallies.clear(),
        }
        if user.is_none_or(|user| user == "root") {
            world.settle(id, LOCK_FAULT);
        }
    });
}
