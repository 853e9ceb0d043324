//! Logging in to the appliance: the banner before the password, the last login, the greeting of the appliance shell.
//!
//! Texts: reference `appliance-shell.md` 1.1; captures `login-600-*.txt`, `login-applmgmt-down.txt` and the founding
//! run. The dialogue for an expired password is that of Linux-PAM and is inferred.

use super::api::accounts;
use super::appliancesh;
use super::config_files::ISSUE;
use super::model::{Phase, Shell, Vcsa};
use super::settings::APPLIANCE_SHELL;
use crate::shell::{Context, Cx, Evidence, Grade, Task};
use crate::systems::linux::fs::Cred;
use crate::systems::linux::model::{Login, User};
use crate::systems::linux::sessions::Arrival;
use crate::systems::linux::{self, clock, made_files};
use crate::systems::password;
use crate::world::{self, Closed, MachineId, World};

/// More of the banner than this is not shown.
const LONGEST_ISSUE: usize = 1 << 16;

/// How well the login is known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "login: last login, greeting, hints",
        releases: "6.0",
        grade: Grade::Captured,
        source: "vcsa/update-60-to-60u1.txt",
    },
    Evidence {
        what: "login: what PAM tells of the login before, and of those that failed since",
        releases: "6.0",
        grade: Grade::Captured,
        source: "evidence/vcsa/login-600-failed-logins.txt",
    },
    Evidence {
        what: "login: banner, greeting, hints",
        releases: "6.5",
        grade: Grade::Captured,
        source: "evidence/vcsa/6.5-login-shell-df.txt",
    },
    Evidence {
        what: "login: banner, last login, greeting, hints",
        releases: "6.7",
        grade: Grade::Captured,
        source: "evidence/vcsa/login-67-shell-set-exit.txt",
    },
    Evidence {
        what: "login: banner, greeting, hints",
        releases: "7.0",
        grade: Grade::Captured,
        source: "evidence/vcsa/login-703.txt",
    },
    Evidence {
        what: "login: banner, last login, greeting, hints",
        releases: "8.0",
        grade: Grade::Captured,
        source: "evidence/vcsa/8.0-login.txt",
    },
    Evidence {
        what: "login while appliance management is down",
        releases: "6.7",
        grade: Grade::Captured,
        source: "evidence/vcsa/login-applmgmt-down.txt",
    },
    Evidence {
        what: "login while the services come up",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "that of one whose appliance management is down",
    },
    Evidence {
        what: "login at the console (%console), menus there (%dcui): BASH and the secure shell, on and off",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the guide of 7.0 names both; BASH stays open an hour there; how they look is a guess",
    },
    Evidence {
        what: "login with an expired password, without a terminal",
        releases: "6.5",
        grade: Grade::Captured,
        source: "evidence/vcsa/6.5-password-expired-no-tty.txt",
    },
    Evidence {
        what: "login with an expired password",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "with a terminal, the dialogue of Linux-PAM",
    },
];

/// Why no session can be opened now, and whether that passes by itself; nothing when one can.
#[must_use]
pub fn refusal(vcsa: &Vcsa) -> Option<(&'static str, bool)> {
    match vcsa.phase {
        Phase::Up => None,
        Phase::Off => Some(("it is powered off", false)),
        Phase::Loading => Some(("it is starting, and does not answer ping yet", true)),
        Phase::Network => Some(("it is starting, and answers ping only", true)),
        Phase::Stopping(_) => Some(("it is shutting down", true)),
    }
}

/// The login as a task that ends at the first prompt.
#[must_use]
pub fn task() -> Task {
    Task::new(login)
}

async fn login(cx: Cx) -> u8 {
    let on_console = cx.with(|cx| {
        let banner = shown_before(cx.world, cx.machine());
        cx.screen.print(&banner);
        cx.session.is_on_console()
    });
    let known = if on_console { linux::console::ask(&cx).await } else { password::ask(&cx, "root").await };
    if !known {
        return deny(&cx);
    }
    // At the console, where none is asked for, none is chosen.
    let lets_be = cx.with(|cx| on_console && !cx.session.terminal.asks);
    let expired = cx.with(|cx| accounts::is_expired(cx.world, cx.machine(), "root"));
    if expired && !lets_be && !change_password(&cx).await {
        return deny(&cx);
    }
    linux::login::open(&cx).await
}

fn deny(cx: &Cx) -> u8 {
    cx.with(|cx| cx.session.closed = Some(Closed::Denied));
    1
}

/// What the secure shell shows before it asks for a password: what stands in its file, whoever wrote it (inferred).
#[must_use]
pub fn shown_before(world: &World, id: MachineId) -> String {
    let fs = &world.linux(id).fs;
    let Ok(file) = fs.lookup(&Cred::ROOT, "/", ISSUE) else { return String::new() };
    String::from_utf8_lossy(&made_files::slice(world, id, file, 0, LONGEST_ISSUE)).into_owned()
}

/// The lines that stand in that file.
#[must_use]
pub fn banner(vcsa: &Vcsa) -> String {
    let (product, version, node) = (&vcsa.running.product.name, &vcsa.running.version, &vcsa.node_type);
    format!("\n{product} {version}\n\nType: {node}\n\n")
}

/// The expired password: without a terminal the login ends, with one it must be changed first.
async fn change_password(cx: &Cx) -> bool {
    if !cx.with(|cx| cx.session.terminal.asks) {
        cx.with(|cx| {
            cx.line("WARNING: Your password has expired.");
            cx.line("Password change required but no TTY available.");
        });
        return false;
    }
    cx.with(|cx| {
        cx.inferred_line("You are required to change your password immediately (password aged)");
        cx.line("Changing password for root.");
        cx.screen.print("(current) UNIX password: ");
    });
    if !cx.secret().await {
        cx.with(|cx| cx.line("passwd: Authentication failure"));
        return false;
    }
    if password::choose(cx, "it is WAY too short").await {
        return true;
    }
    cx.with(|cx| cx.line("passwd: Have exhausted maximum number of retries for service"));
    false
}

/// What stands between the password and the first prompt: what the user's login shell says.
pub fn greet(cx: &mut Context<'_>, user: &User, from: &str) -> world::Shell {
    if user.shell != APPLIANCE_SHELL {
        return linux::login::greet(cx, user, from);
    }
    let id = cx.machine();
    if cx.session.is_on_console() {
        linux::login::last_login(cx, &user.name);
        linux::console::logged_in(cx.world, id, &user.name, from);
        hints(cx);
        return world::Shell::Vcsa(Shell::Appliance);
    }
    // Of a user of the directory no login before is told (captured on 8.0).
    if cx.vcsa().sso_user(&user.name).is_none() {
        if cx.vcsa().keyboard_interactive {
            told_by_pam(cx, &user.name);
            let own = Login { at: cx.now(), from: from.to_owned() };
            linux::login::tell(cx, &user.name, Some(own));
        } else {
            linux::login::last_login(cx, &user.name);
        }
    }
    let how = if cx.vcsa().keyboard_interactive { "keyboard-interactive/pam" } else { "password" };
    let arrival = Arrival::accept(cx, id, user, from);
    let command = appliancesh::command(cx.vcsa());
    arrival.logged_in_elsewhere(cx.world, how, &command);
    hints(cx);
    world::Shell::Vcsa(Shell::Appliance)
}

/// What PAM tells of the login before and of those that failed since. It has noted this login by then, so that the secure
/// shell, which tells of the last one, too, shows this one.
fn told_by_pam(cx: &mut Context<'_>, user: &str) {
    let linux = cx.world.linux(cx.machine());
    let mut lines = Vec::new();
    if let Some(last) = linux.logins.last_of(user) {
        let at = clock::format("%a %b %e %H:%M:%S %Z %Y", last.at.utc().unix_timestamp(), 0, &linux.zone);
        lines.push(format!("Last login: {at} from {} on {}", last.login().from, last.tty));
    }
    lines.extend(linux::login::failed_logins(linux, user));
    for line in lines {
        cx.line(&line);
    }
}

/// What the appliance shell says when it starts.
pub fn hints(cx: &mut Context<'_>) {
    if cx.vcsa().management_up() {
        cx.line("Connected to service");
    } else {
        cx.line("");
        cx.line("[ERROR]: Failed to connect to service.");
        cx.line("Use service-control command to manage applmgmt service");
    }
    cx.line("");
    cx.line("    * List APIs: \"help api list\"");
    cx.line("    * List Plugins: \"help pi list\"");
    if cx.vcsa().series().shell_is_shut {
        cx.line("    * Enable BASH access: \"shell.set --enabled True\"");
    }
    cx.line("    * Launch BASH: \"shell\"");
    cx.line("");
}
