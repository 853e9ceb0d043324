//! `rvc`: the Ruby vSphere Console, as far as its login and its first listing. Truth: reference `appliance-shell.md` 1.8, from a
//! session on 6.5. What it does behind its prompt is not modelled, but for leaving it.

use crate::shell::coroutine::Await;
use crate::systems::linux::net::{self, Reach};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::{account, family};
use crate::world::MachineId;

/// Its name.
pub const NAME: &str = "rvc";

/// The port of vCenter.
const PORT: u16 = 443;
/// The longest line that it reads.
const LINE: usize = 4_096;

/// `rvc`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = match arguments {
        [] => None,
        [host] if !host.starts_with('-') => Some(host.clone()),
        _ => return p.gap("rvc with options"),
    };
    p.out("Install the \"ffi\" gem for better tab completion.\n").await?;
    let host = match given {
        Some(host) => host,
        None => {
            p.out("Host to connect to (user@host): ").await?;
            let Some(host) = line(p).await? else { return Ok(1) };
            host
        }
    };
    let (user, name) = host.rsplit_once('@').unwrap_or(("root", &host));
    let name = name.to_owned();
    if p.cx.with(|cx| cx.session.terminal.asks) {
        p.out("password:").await?;
        let account = known(p, user, &name);
        let (machine, uid) = account.unwrap_or((p.machine, 0));
        if !p.secret(Await::Secret(machine, uid)).await? || account.is_none() {
            p.inferred();
            return p.fail("Cannot complete login due to an incorrect user name or password.").await;
        }
    }
    let reached = p.world(|world, id| {
        let host = net::resolve(world, id, &name)?;
        let there = host.machine.filter(|_| net::reach_port(world, &host, PORT) == Reach::Up)?;
        Some(family(world, there).serves_vcenter(world, there))
    });
    if reached != Some(true) {
        p.inferred();
        return p.fail(&format!("Connection refused - connect(2) for \"{name}\" port {PORT}")).await;
    }
    p.out(&format!("0 /\n1 {name}/\n")).await?;
    loop {
        p.out("> ").await?;
        match line(p).await?.as_deref().map(str::trim) {
            None | Some("exit" | "quit") => return Ok(0),
            Some("") => {}
            Some(command) => p.gap(&format!("rvc: {command}")).map(drop)?,
        }
    }
}

/// Whom vCenter on a host knows by this name: a user of single sign-on, or of the appliance itself.
fn known(p: &Proc, user: &str, host: &str) -> Option<(MachineId, u32)> {
    p.world(|world, id| {
        let machine = net::resolve(world, id, host)?.machine?;
        Some((machine, account(world, machine, user)?.uid))
    })
}

/// A line that is typed; nothing at the end of input.
async fn line(p: &mut Proc) -> Result<Option<String>, crate::systems::linux::io::Cut> {
    let typed = p.read_until(0, LINE, Some(b'\n')).await?;
    let text = String::from_utf8_lossy(&typed).trim_end_matches('\n').to_owned();
    Ok((!typed.is_empty()).then_some(text))
}
