//! The appliance's own name, and where it asks for those of others: `/etc/hostname` and `/etc/resolv.conf` hold them.

use std::net::IpAddr;

use super::ApiError;
use crate::world::{MachineId, World};

/// As many name servers as a resolver asks (resolv.conf(5)).
const MAX_SERVERS: usize = 3;
/// As many domains as it looks in.
const MAX_DOMAINS: usize = 6;

/// Gives the appliance another name.
///
/// # Errors
/// When it is no name.
pub fn set_hostname(world: &mut World, id: MachineId, name: &str) -> Result<(), ApiError> {
    if !is_domain(name) {
        return Err(ApiError::invalid(format!("Invalid host name: {name}")));
    }
    let now = world.now;
    Ok(world.linux_mut(id).set_hostname(name, now)?)
}

/// Whether a text is a name in the domain name system.
#[must_use]
pub fn is_domain(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(letter) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Sets the name servers; with `by_dhcp` they are those that a DHCP server names, of which a lab has none.
///
/// # Errors
/// When one is no address, or there are too many.
pub fn set_servers(world: &mut World, id: MachineId, by_dhcp: bool, servers: &[String]) -> Result<(), ApiError> {
    if by_dhcp && !servers.is_empty() {
        return Err(ApiError::invalid("Servers cannot be set in mode dhcp"));
    }
    if let Some(wrong) = servers.iter().find(|server| server.parse::<IpAddr>().is_err()) {
        return Err(ApiError::invalid(format!("Invalid IP address: {wrong}")));
    }
    if servers.len() > MAX_SERVERS {
        return Err(ApiError::invalid(format!("Too many DNS servers: at most {MAX_SERVERS}")));
    }
    let now = world.now;
    let linux = world.linux_mut(id);
    let domains = linux.search_domains();
    linux.set_resolver(servers, &domains, now)?;
    world.vcsa_mut(id).settings.dns_by_dhcp = by_dhcp;
    Ok(())
}

/// Adds a name server behind the others.
///
/// # Errors
/// As [`set_servers`]; also when it is there already.
pub fn add_server(world: &mut World, id: MachineId, server: &str) -> Result<(), ApiError> {
    let mut servers = world.linux(id).name_servers();
    if servers.iter().any(|other| other == server) {
        return Err(ApiError::exists(format!("DNS server {server} already exists")));
    }
    servers.push(server.to_owned());
    set_servers(world, id, false, &servers)
}

/// Sets the domains in which names are looked for.
///
/// # Errors
/// When one is no domain, or there are too many.
pub fn set_domains(world: &mut World, id: MachineId, domains: &[String]) -> Result<(), ApiError> {
    if let Some(wrong) = domains.iter().find(|domain| !is_domain(domain)) {
        return Err(ApiError::invalid(format!("Invalid domain: {wrong}")));
    }
    if domains.len() > MAX_DOMAINS {
        return Err(ApiError::invalid(format!("Too many domains: at most {MAX_DOMAINS}")));
    }
    let now = world.now;
    let linux = world.linux_mut(id);
    let servers = linux.name_servers();
    Ok(linux.set_resolver(&servers, domains, now)?)
}

/// Adds a domain behind the others.
///
/// # Errors
/// As [`set_domains`]; also when it is there already.
pub fn add_domain(world: &mut World, id: MachineId, domain: &str) -> Result<(), ApiError> {
    let mut domains = world.linux(id).search_domains();
    if domains.iter().any(|other| other == domain) {
        return Err(ApiError::exists(format!("Domain {domain} already exists")));
    }
    domains.push(domain.to_owned());
    set_domains(world, id, &domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_domain_name_system() {
        let check = |name: &str, expect| assert_eq!(is_domain(name), expect, "{name}");
        check("vcenter.lab.local", true);
        check("vcenter-01", true);
        check("", false);
        check("-a", false);
        check("a..b", false);
        check("a_b", false);
        check(&"a".repeat(64), false);
    }
}
