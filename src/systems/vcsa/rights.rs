//! Who is at the appliance shell and what that one may do there: calls and plug-ins by role, and as which user of the Linux
//! beneath a plug-in runs that is one of its programs.
//!
//! Truth: reference `appliance-shell.md` 1.4: an operator reads, an admin configures, a super administrator has accounts and
//! bash, too; `software-packages.md` 7: only a super administrator may patch. Which other plug-in counts as what follows from that and is inferred, and so is every word of a refusal.

use super::model::{self, Vcsa};
use super::service_control;
use super::settings::Role;
use super::showlog;
use super::sso;
use crate::shell::{Context, Outcome, Session};
use crate::systems::linux::model::User;
use crate::systems::linux::terminal;
use crate::world::{MachineId, Shell, World};

/// What is said to whoever may not.
pub const DENIED: &str = "Operation not permitted\n";

/// The plug-ins that do for anybody what only root may: they look at their words by themselves.
const BY_ROOT: [&str; 2] = [service_control::NAME, showlog::NAME];

/// Who is at the prompt of a session: whose login is open on its terminal, or whom that one became.
#[must_use]
pub fn present(world: &World, session: &Session) -> String {
    let own = session.shells.iter().rev().find_map(|shell| match shell {
        Shell::Vcsa(shell) => Some(*shell),
        Shell::Linux(_) => None,
    });
    match own {
        Some(model::Shell::OfRoot) => "root".to_owned(),
        Some(model::Shell::Of(number)) => called(world, session, session.machine, number),
        Some(model::Shell::Appliance) | None => logged_in(world, session, session.machine),
    }
}

/// How the user with a number is called at the appliance shell. The account in which all users of the directory have their
/// bash does not tell which of them it is; the login does.
#[must_use]
pub fn called(world: &World, session: &Session, machine: MachineId, number: u32) -> String {
    if number == sso::LOCAL_NUMBERS.0 {
        return logged_in(world, session, machine);
    }
    let of_directory = || world.vcsa(machine).sso_name(number).map(str::to_owned);
    world.linux(machine).user_name(number).or_else(of_directory).unwrap_or_default()
}

fn logged_in(world: &World, session: &Session, machine: MachineId) -> String {
    let tty = terminal::tty(session);
    let own = world.linux(machine).logins.present().filter(|record| record.tty == tty).last();
    own.and_then(|record| record.user.clone()).unwrap_or_else(|| "root".to_owned())
}

/// From now on it is the user with this number who is at the session; what it gives undoes that.
pub fn enter(cx: &mut Context<'_>, number: u32) -> usize {
    let place = cx.session.shells.len();
    cx.session.shells.push(Shell::Vcsa(model::Shell::Of(number)));
    place
}

/// Who was at the session before is so again.
pub fn leave(cx: &mut Context<'_>, place: usize) {
    cx.session.shells.remove(place);
}

/// Whether the role of whoever is at the prompt is enough.
#[must_use]
pub fn has(cx: &Context<'_>, needed: Role) -> bool {
    cx.vcsa().role_of(&present(cx.world, cx.session)) >= needed
}

/// What a call needs of whoever makes it: those that only show something are for all, accounts and bash are not.
#[must_use]
pub fn of_call(call: &str) -> Role {
    let last = call.rsplit('.').next().unwrap_or_default();
    let shows = ["get", "list", "test", "stats", "limits", "query", "lastcheck"].contains(&last);
    match call {
        _ if shows => Role::Operator,
        _ if call.contains(".localaccounts.") || call.ends_with(".access.shell.set") => Role::SuperAdmin,
        _ => Role::Admin,
    }
}

/// What a plug-in needs for what it was told to do; `shell` looks by itself.
#[must_use]
pub fn of_plugin(command: &[&str]) -> Role {
    match command.first() {
        // Told by the guide of 6.7: only a super administrator patches.
        Some(&("stage" | "unstage" | "install")) => Role::SuperAdmin,
        Some(&("poweroff" | "reboot" | "cancel")) => Role::Admin,
        _ => Role::Operator,
    }
}

/// As which user a plug-in runs that is a program of Linux; nothing where whoever calls it may not.
#[must_use]
pub fn runs_as(world: &World, id: MachineId, caller: &str, program: &str, arguments: &[String]) -> Option<User> {
    let vcsa = world.vcsa(id);
    let needed = match program {
        service_control::NAME if service_control::changes(vcsa, arguments) => Role::Admin,
        _ => Role::Operator,
    };
    let name = if BY_ROOT.contains(&program) { "root" } else { account(vcsa, caller) };
    (vcsa.role_of(caller) >= needed).then(|| vcsa.linux.user(name)).flatten()
}

/// The account that somebody has in the Linux beneath.
#[must_use]
pub fn account<'n>(vcsa: &Vcsa, name: &'n str) -> &'n str {
    if vcsa.sso_user(name).is_some() { sso::LOCAL } else { name }
}

/// What comes of a plug-in that its caller may not use.
pub fn deny(cx: &mut Context<'_>) -> Outcome {
    cx.screen.mark_inferred();
    Outcome::Refused(DENIED.to_owned(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::api::accounts::{self, Changes};
    use crate::systems::vcsa::test_world;

    #[test]
    fn calls_need_what_they_change() {
        let check = |call: &str, expect| assert_eq!(of_call(call), expect, "{call}");
        check("com.vmware.appliance.version1.localaccounts.user.list", Role::Operator);
        check("com.vmware.appliance.version1.localaccounts.user.set", Role::SuperAdmin);
        check("com.vmware.appliance.version1.localaccounts.user.password.update", Role::SuperAdmin);
        check("com.vmware.appliance.version1.access.shell.get", Role::Operator);
        check("com.vmware.appliance.version1.access.shell.set", Role::SuperAdmin);
        check("com.vmware.appliance.version1.access.ssh.set", Role::Admin);
        check("com.vmware.appliance.version1.services.stop", Role::Admin);
        check("com.vmware.appliance.health.system.lastcheck", Role::Operator);
    }

    #[test]
    fn programs_run_as_who_calls_them() {
        let (mut world, id) = test_world("vcsa-6.7");
        for (name, role) in [("reader", Role::Operator), ("keeper", Role::Admin)] {
            let changes = Changes { role: Some(role), ..Changes::default() };
            accounts::add(&mut world, id, name, changes, None).expect("a new one");
        }
        let check = |caller: &str, line: &str, expect: Option<&str>| {
            let mut words = line.split(' ').map(str::to_owned);
            let program = words.next().expect("a word");
            let user = runs_as(&world, id, caller, &program, &words.collect::<Vec<_>>());
            assert_eq!(user.as_ref().map(|user| user.name.as_str()), expect, "{caller}: {line}");
        };
        check("reader", "service-control --status", Some("root"));
        check("reader", "service-control --stop vmware-vpxd", None);
        check("reader", "service-control --sto --all", None);
        check("reader", "service-control --start --help", Some("root"));
        check("keeper", "service-control --stop vmware-vpxd", Some("root"));
        check("reader", "portaccess file:///etc/shadow", Some("reader"));
        check("keeper", "portaccess file:///etc/shadow", Some("keeper"));
        check("root", "portaccess file:///etc/shadow", Some("root"));
        check("nobody-here", "ping localhost", None);
    }
}
