//! `curl telnet://HOST:PORT`: how one looks whether a port answers where there is no `telnet` and no `nc`. Once connected, curl
//! copies in both directions until one side closes. What `-v` prints is that of curl 7.29 (RHEL 7) and 7.61.

use super::super::getopt::Given;
use super::{ANSWER, UNREACHABLE, Wrong, silence};
use crate::systems::linux::io::Cut;
use crate::systems::linux::neighbours;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{Ended, Proc};

/// The port that telnet has by itself.
const PORT: u16 = 23;

/// The scheme of its addresses.
pub const SCHEME: &str = "telnet://";

/// Connects to what stands behind the scheme.
///
/// # Errors
/// [`Cut`]
pub async fn run(p: &mut Proc, given: &Given, address: &str) -> Ended {
    let authority = address.split('/').next().unwrap_or_default();
    let (name, port) = match authority.rsplit_once(':') {
        None => (authority, Some(PORT)),
        Some((name, port)) => (name, port.parse().ok()),
    };
    let (Some(port), false) = (port, name.is_empty()) else {
        return Wrong(3, "<url> malformed".to_owned()).tell(p, given).await;
    };
    let old = p.peek(|linux| linux.distro.id.starts_with("rhel-7"));
    if !old && !address.contains('/') {
        note(p, given, &format!("Rebuilt URL to: {SCHEME}{address}/")).await?;
    }
    let Some(host) = p.world(|world, id| net::resolve(world, id, name)) else {
        let why = format!("Could not resolve host: {name}{}", if old { "; Unknown error" } else { "" });
        return give_up(p, given, Wrong(6, why)).await;
    };
    if old {
        note(p, given, &format!("About to connect() to {name} port {port} (#0)")).await?;
    }
    note(p, given, &format!("  Trying {}...", host.address)).await?;
    if !old {
        note(p, given, "TCP_NODELAY set").await?;
    }
    let why = match p.world(|world, _| neighbours::reach_port(world, &host, port)) {
        Reach::Up => {
            p.pass(ANSWER).await?;
            note(p, given, &format!("Connected to {name} ({}) port {port} (#0)", host.address)).await?;
            return talk(p, &host, port).await;
        }
        Reach::Refused => "Connection refused",
        Reach::NoWay => UNREACHABLE,
        Reach::Barred => "No route to host",
        Reach::Silent => match silence(p, given, &host).await? {
            Ok(wrong) => return give_up(p, given, wrong).await,
            Err(why) => why,
        },
    };
    let (first, last) = match old {
        true => (why.to_owned(), format!("Failed connect to {name}:{port}; {why}")),
        false => (
            format!("connect to {} port {port} failed: {why}", host.address),
            format!("Failed to connect to {name} port {port}: {why}"),
        ),
    };
    note(p, given, &first).await?;
    give_up(p, given, Wrong(7, last)).await
}

/// The secure shell says who it is, and closes at the first line that is not its own. All others wait for a question.
async fn talk(p: &mut Proc, host: &Host, port: u16) -> Ended {
    if port == net::SSH {
        let Some(id) = host.machine else { return Ok(0) };
        let program = p.world(|world, _| world.linux(id).distro.openssh);
        let version = program.split("p1").next().unwrap_or(program).split(',').next().unwrap_or(program);
        p.out(&format!("SSH-2.0-{version}\n")).await?;
    }
    let typed = p.read_until(0, 4_096, Some(b'\n')).await?;
    match (typed.is_empty(), port) {
        (true, _) => Ok(0),
        (false, net::SSH) => {
            p.out("Protocol mismatch.\n").await?;
            Ok(0)
        }
        (false, _) => p.gap("what a server says to a line over telnet"),
    }
}

async fn note(p: &mut Proc, given: &Given, text: &str) -> Result<(), Cut> {
    if given.has('v') { p.err(&format!("* {text}\n")).await } else { Ok(()) }
}

async fn give_up(p: &mut Proc, given: &Given, wrong: Wrong) -> Ended {
    note(p, given, &wrong.1).await?;
    note(p, given, "Closing connection 0").await?;
    wrong.tell(p, given).await
}
