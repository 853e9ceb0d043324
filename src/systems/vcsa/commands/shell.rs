//! `shell`: the root shell behind the appliance shell. Refusal and warning are captured on 6.0.

use std::sync::Arc;

use super::Command;
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Cx, Outcome, Task};
use crate::systems::linux::bash::{self, Start};
use crate::systems::linux::terminal;
use crate::systems::vcsa::series::ShellOpens;
use crate::systems::vcsa::settings::Role;
use crate::systems::vcsa::{rights, sso};
use crate::world;

static PARSER: Parser = Parser::new("shell").arguments(&[]).without_help();

/// The plug-in.
pub const COMMAND: Command = Command {
    name: "com.vmware.shell",
    summary: "Run BASH.",
    run: Run::Parsed(&PARSER, run),
    evidence: &[
        Evidence { what: "shell", releases: "6.0", grade: Grade::Captured, source: "vcsa/shell.txt" },
        Evidence {
            what: "shell",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/6.5-login-shell-df.txt",
        },
        Evidence {
            what: "shell",
            releases: "6.7",
            grade: Grade::Captured,
            source: "evidence/vcsa/login-67-shell-set-exit.txt",
        },
        Evidence { what: "shell", releases: "7.0", grade: Grade::Captured, source: "evidence/vcsa/login-703.txt" },
        Evidence {
            what: "root shell: exit, vpxd -v, cat of software-packages.log",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "prompt and logout are captured; the log's layout is not",
        },
    ],
};

const WARNING: &str = "    ---------- !!!! WARNING WARNING WARNING !!!! ----------

Your use of \"pi shell\" has been logged!

The \"pi shell\" is intended for advanced troubleshooting operations and while
supported in this release, is a deprecated interface, and may be removed in a
future version of the product.  For alternative commands, exit the \"pi shell\"
and run the \"help\" command.

The \"pi shell\" command launches a root bash shell.  Commands within the shell
are not audited, and improper use of this command can severely harm the
system.

Help us improve the product!  If your scenario requires \"pi shell,\" please
submit a Service Request, or post your scenario to the
";

fn run(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    // Later, root may always, and the switch is for the others. Of these, who may manage accounts may use bash.
    let user = rights::present(cx.world, cx.session);
    let vcsa = cx.vcsa();
    if let Some(known) = vcsa.sso_user(&user) {
        return if known.bash && vcsa.linux.user(sso::LOCAL).is_some() {
            Outcome::Task(Task::new(open))
        } else {
            Outcome::Refused("Shell is disabled.\n".to_owned(), 1)
        };
    }
    let needs_switch = vcsa.series().shell_is_shut || user != "root";
    if needs_switch && !vcsa.shell_access.enabled || vcsa.settings.role(&user) < Role::SuperAdmin {
        return Outcome::Refused("Shell is disabled.\n".to_owned(), 1);
    }
    Outcome::Task(Task::new(open))
}

async fn open(cx: Cx) -> u8 {
    cx.with(|cx| {
        let name = rights::present(cx.world, cx.session);
        let directory = cx.vcsa().sso_user(&name).is_some();
        let name = rights::account(cx.vcsa(), &name).to_owned();
        match cx.vcsa().series().shell_opens {
            // The only capture, of 8.0, shows no word.
            ShellOpens::Granted if directory => {}
            ShellOpens::Warning(forum) => cx.screen.print(&format!("{WARNING}{forum}\n\n")),
            ShellOpens::Granted => cx.line(&format!("Shell access is granted to {name}")),
        }
        let (id, tty) = (cx.machine(), terminal::tty(cx.session));
        let linux = cx.world.linux(id);
        let Some(user) = linux.user(&name) else { return };
        let parent = linux.foreign_shell(&tty);
        let start = Start::login(cx.world, id, &user, &tty);
        let shell = match parent {
            Some(parent) => start.below(parent).bash(),
            None => start.bash(),
        };
        if let Some(parent) = parent {
            cx.world.linux_mut(id).processes.adopt(shell.pid, parent);
        }
        cx.session.shells.push(world::Shell::Linux(Arc::new(shell)));
    });
    bash::begin(cx).await
}
