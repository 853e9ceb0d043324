//! The firewall for what comes in, and the proxy for what goes out; the proxy stands in `/etc/sysconfig/proxy`.

use std::net::Ipv4Addr;

use super::ApiError;
use super::names::is_domain;
use super::nic;
use crate::systems::linux::net::{self, Reach};
use crate::systems::vcsa::settings::{Policy, Rule};
use crate::world::{MachineId, World};

/// The file that holds the proxies.
const PROXY_FILE: &str = "/etc/sysconfig/proxy";
/// The protocols for which there can be one.
pub const PROTOCOLS: [&str; 3] = ["http", "https", "ftp"];

/// Whether packets from an address come and are let in.
#[must_use]
pub fn admits(world: &World, id: MachineId, from: &str) -> bool {
    if world.linux(id).network.unconfigured {
        return false;
    }
    from.parse::<Ipv4Addr>().is_ok_and(|from| world.vcsa(id).settings.firewall.admits(from))
}

/// Adds a rule, at a place counted from 1 or behind all.
///
/// # Errors
/// When a value does not do.
pub fn add(
    world: &mut World,
    id: MachineId,
    (address, prefix): (&str, i64),
    policy: &str,
    interface: &str,
    place: Option<i64>,
) -> Result<(), ApiError> {
    if interface != "*" {
        nic::find(interface)?;
    }
    let parsed = address.parse::<Ipv4Addr>().ok();
    let parsed = parsed.ok_or_else(|| ApiError::invalid(format!("Invalid IP address: {address}")))?;
    let length = u8::try_from(prefix).ok().filter(|length| *length <= 32);
    let length = length.ok_or_else(|| ApiError::invalid(format!("Invalid prefix: {prefix}")))?;
    let policy = Policy::of(policy)
        .ok_or_else(|| ApiError::invalid(format!("Invalid policy: {policy}, must be one of allow, deny")))?;
    let rule = Rule { address: parsed, prefix: length, policy, interface: interface.to_owned() };
    let place = place.map(|place| usize::try_from(place).unwrap_or(0));
    if world.vcsa_mut(id).settings.firewall.add(rule, place) {
        Ok(())
    } else {
        Err(ApiError::invalid("Invalid position".to_owned()))
    }
}

/// Takes away the rule at a place counted from 1, or all.
///
/// # Errors
/// When there is none at this place.
pub fn delete(world: &mut World, id: MachineId, place: Option<i64>) -> Result<(), ApiError> {
    let firewall = &mut world.vcsa_mut(id).settings.firewall;
    let Some(place) = place else {
        firewall.clear();
        return Ok(());
    };
    if usize::try_from(place).is_ok_and(|place| firewall.remove(place)) {
        Ok(())
    } else {
        Err(ApiError::not_found(format!("There is no rule at position {place}")))
    }
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Of which protocol.
    pub protocol: String,
    /// The host.
    pub server: String,
    /// The port.
    pub port: u16,
    /// The name that it is told.
    pub username: String,
}

/// The proxies; none when they are switched off.
#[must_use]
pub fn proxies(world: &World, id: MachineId) -> Vec<Proxy> {
    let text = world.linux(id).text(PROXY_FILE).unwrap_or_default();
    if !text.lines().any(|line| line == r#"PROXY_ENABLED="yes""#) {
        return Vec::new();
    }
    text.lines().filter_map(read).collect()
}

/// Whether an address can be asked for: directly, or through the proxy of its protocol. What serves as a proxy is not modelled:
/// a machine of the lab that is up is taken for one.
///
/// # Errors
/// Which proxy does not answer, in words.
pub fn way_out(world: &World, id: MachineId, url: &str) -> Result<(), String> {
    let protocol = url.split("://").next().unwrap_or_default();
    let Some(proxy) = proxies(world, id).into_iter().find(|proxy| proxy.protocol == protocol) else { return Ok(()) };
    let host = net::resolve(world, id, &proxy.server);
    if host.is_some_and(|host| net::reach(world, &host) == Reach::Up) {
        return Ok(());
    }
    Err(format!("the proxy {}:{} for {protocol} does not answer", proxy.server, proxy.port))
}

/// Reads a line such as `HTTP_PROXY="http://name@host:3128/"`.
fn read(line: &str) -> Option<Proxy> {
    let (key, value) = line.split_once("_PROXY=")?;
    let protocol = PROTOCOLS.into_iter().find(|protocol| key.eq_ignore_ascii_case(protocol))?;
    let address = value.trim_matches('"').split_once("://")?.1.trim_end_matches('/');
    let (username, place) = address.rsplit_once('@').unwrap_or(("", address));
    let (server, port) = place.rsplit_once(':')?;
    let username = username.split(':').next().unwrap_or_default().to_owned();
    Some(Proxy { protocol: protocol.to_owned(), server: server.to_owned(), port: port.parse().ok()?, username })
}

fn write(world: &mut World, id: MachineId, proxies: &[Proxy]) -> Result<(), ApiError> {
    let enabled = if proxies.is_empty() { "no" } else { "yes" };
    let mut text = format!("PROXY_ENABLED=\"{enabled}\"\n");
    for proxy in proxies {
        let Proxy { protocol, server, port, username } = proxy;
        let user = if username.is_empty() { String::new() } else { format!("{username}@") };
        text.push_str(&format!("{}_PROXY=\"http://{user}{server}:{port}/\"\n", protocol.to_uppercase()));
    }
    text.push_str("NO_PROXY=\"localhost, 127.0.0.1\"\n");
    let now = world.now;
    Ok(world.linux_mut(id).put_text(PROXY_FILE, &text, 0o644, now)?)
}

/// Sets the proxy of a protocol.
///
/// # Errors
/// When a value does not do.
pub fn set_proxy(
    world: &mut World,
    id: MachineId,
    protocol: &str,
    server: &str,
    port: i64,
    username: &str,
) -> Result<(), ApiError> {
    if !PROTOCOLS.contains(&protocol) {
        return Err(ApiError::invalid(format!("Invalid protocol: {protocol}, must be one of http, https, ftp")));
    }
    if !is_domain(server) {
        return Err(ApiError::invalid(format!("Invalid server: {server}")));
    }
    let number = u16::try_from(port).ok().filter(|port| *port > 0);
    let number = number.ok_or_else(|| ApiError::invalid(format!("Invalid port: {port}")))?;
    if !username.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-\\".contains(&byte)) {
        return Err(ApiError::invalid(format!("Invalid user name: {username}")));
    }
    let mut all = proxies(world, id);
    all.retain(|other| other.protocol != protocol);
    let (protocol, server, username) = (protocol.to_owned(), server.to_owned(), username.to_owned());
    all.push(Proxy { protocol, server, port: number, username });
    write(world, id, &all)
}

/// Takes away the proxy of a protocol.
///
/// # Errors
/// When there is none.
pub fn delete_proxy(world: &mut World, id: MachineId, protocol: &str) -> Result<(), ApiError> {
    let mut all = proxies(world, id);
    let before = all.len();
    all.retain(|other| other.protocol != protocol);
    if all.len() == before {
        return Err(ApiError::not_found(format!("There is no proxy for {protocol}")));
    }
    write(world, id, &all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::test_world;

    #[test]
    fn proxies_are_kept_in_the_file_of_the_machine() {
        let (mut world, id) = test_world("vcsa-6.0");
        assert!(proxies(&world, id).is_empty());
        set_proxy(&mut world, id, "https", "proxy.lab.local", 3_128, "me").expect("a good one");
        set_proxy(&mut world, id, "http", "10.0.0.9", 80, "").expect("a good one");
        let found: Vec<String> = proxies(&world, id).into_iter().map(|proxy| format!("{proxy:?}")).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].contains(r#""https", server: "proxy.lab.local", port: 3128, username: "me""#), "{found:?}");
        assert!(set_proxy(&mut world, id, "gopher", "a", 1, "").is_err());
        assert!(set_proxy(&mut world, id, "http", "a b", 1, "").is_err());
        assert!(set_proxy(&mut world, id, "http", "a", 0, "").is_err());
        delete_proxy(&mut world, id, "https").expect("it is there");
        assert!(delete_proxy(&mut world, id, "https").is_err());
        let now = world.now;
        let by_hand = "PROXY_ENABLED=\"yes\"\nFTP_PROXY=\"http://u:secret@f:21/\"\n";
        world.linux_mut(id).put_text(PROXY_FILE, by_hand, 0o644, now).expect("room");
        let proxy = Proxy { protocol: "ftp".into(), server: "f".into(), port: 21, username: "u".into() };
        assert_eq!(proxies(&world, id), [proxy]);
    }
}
