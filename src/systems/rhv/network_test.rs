//! The test of the network that the broker of a host does: what was chosen when the host was deployed, `network_test` in
//! `hosted-engine.conf` (reference `hosted-engine.md` 2.4; 4.2 knows the gateway only).

use super::files::{self, CONF};
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

/// Whether the test of a host fails, whose network is pulled or whose gateway does not answer.
#[must_use]
pub fn fails(world: &World, id: MachineId, unplugged: bool, no_gateway: bool) -> bool {
    let conf = files::read_conf(&world.linux(id).text(CONF).unwrap_or_default());
    let setting = |key: &str| conf.get(key).map_or("", String::as_str);
    let old = world.rhv(id).is_some_and(|rhv| rhv.release.minor < 3);
    match setting("network_test") {
        NONE if !old => false,
        _ if unplugged => true,
        DNS if !old => net::name_server(world, id).is_none(),
        TCP if !old => !takes(world, id, setting("tcp_t_address"), setting("tcp_t_port")),
        _ => no_gateway,
    }
}

/// Whether a port takes connections from a host.
#[must_use]
pub fn takes(world: &World, from: MachineId, address: &str, port: &str) -> bool {
    let reached = |port| net::resolve(world, from, address).map(|host| net::reach_port(world, &host, port));
    port.parse().is_ok_and(|port| reached(port) == Some(Reach::Up))
}
