//! `bridge link` (bridge(8) of iproute2 4.11 and 5.15): the ports of all bridges.

use crate::systems::linux::interface::{Kind, Link, links};
use crate::systems::linux::proc::{Ended, Proc};

/// The program.
pub async fn bridge(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let wanted = match words[..] {
        ["link"] | ["link", "show" | "list"] => None,
        ["link", "show" | "list", "dev", device] => Some(device),
        _ => return p.gap(format!("bridge {}", words.join(" ")).trim_end()),
    };
    let all = p.world(|world, id| links(world, id));
    if let Some(device) = wanted.filter(|device| all.iter().all(|link| link.name != *device)) {
        p.err(&format!("Cannot find device \"{device}\"\n")).await?;
        return Ok(255);
    }
    let old = !p.peek(|linux| linux.distro.has("iproute2", (4, 18, 0)));
    let shown = all.iter().filter(|link| wanted.is_none_or(|device| link.name == device));
    let text: String = shown.filter_map(|link| port(link, old)).collect();
    p.inferred();
    p.out(&text).await?;
    Ok(0)
}

/// The line of a port. What it costs to go through follows from its speed.
fn port(link: &Link, old: bool) -> Option<String> {
    let (master, flags, name) = (link.master?, link.flags(), &link.name);
    let state = if link.runs() { "forwarding" } else { "disabled" };
    let cost = if link.kind == Kind::Card { 2 } else { 100 };
    let name = if old { format!("{name} state {} ", link.state()) } else { name.clone() };
    Some(format!(
        "{}: {name}: <{flags}> mtu 1500 master {master} state {state} priority 32 cost {cost} \n",
        link.number
    ))
}
