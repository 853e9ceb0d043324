//! The test of the network that the broker of a host does: `network_test` in `hosted-engine.conf` says which (reference `hosted-engine.md` 2.4; 4.2 knows the gateway only).

use super::events;
use crate::systems::linux::net::{self, Reach};
use crate::world::{MachineId, World};

/// The gateway answers ping.
pub const PING: &str = "ping";
/// The name server answers.
pub const DNS: &str = "dns";
/// A port of some host takes connections.
pub const TCP: &str = "tcp";
/// There is no test.
pub const NONE: &str = "none";

/// Whether the test of a host fails, whose network may be pulled: as its agent has read it when it began.
#[must_use]
pub fn fails(world: &World, id: MachineId, unplugged: bool) -> bool {
    let Some((_, host)) = events::host(world, id) else { return unplugged };
    let old = host.release.minor < 3;
    match host.setting("network_test") {
        NONE if !old => false,
        _ if unplugged => true,
        DNS if !old => net::name_server(world, id).is_none(),
        TCP if !old => !takes(world, id, host.setting("tcp_t_address"), host.setting("tcp_t_port")),
        _ => !answers(world, id, host.setting("gateway")),
    }
}

/// Whether an address answers ping.
fn answers(world: &World, from: MachineId, address: &str) -> bool {
    let reach = net::resolve(world, from, address).map(|host| net::reach(world, &host));
    matches!(reach, Some(Reach::Up | Reach::Refused))
}

/// Whether a port takes connections from a host.
#[must_use]
pub fn takes(world: &World, from: MachineId, address: &str, port: &str) -> bool {
    let reached = |port| net::resolve(world, from, address).map(|host| net::reach_port(world, &host, port));
    port.parse().is_ok_and(|port| reached(port) == Some(Reach::Up))
}
