//! `%client`, `%browse` and `%ping`: what others see of the machine over the network.

use super::vm::subject;
use super::{Director, Reply, misused};
use crate::operator::Operator;
use crate::systems::family;
use crate::systems::linux::net::{self, TIMED_OUT};
use crate::world::{Machine, MachineId, World};

const GROUP: &str = "Look from outside";

/// The vSphere Client.
pub const CLIENT: Director = Director {
    name: "client",
    group: Some(GROUP),
    usage: "about|ha [ORDER]",
    about: "show About, or order vCenter HA",
    example: "%client about",
    run: client,
};

/// A browser.
pub const BROWSE: Director = Director {
    name: "browse",
    group: Some(GROUP),
    usage: "URL [--clear-cache]",
    about: "show what a browser gets",
    example: "%browse https://vcsa01:5480/",
    run: browse,
};

/// Ping.
pub const PING: Director = Director {
    name: "ping",
    group: Some(GROUP),
    usage: "[MACHINE]",
    about: "see whether it answers",
    example: "%ping vcsa01",
    run: ping,
};

fn client(operator: &mut Operator, words: &[&str]) -> Reply {
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let order = match words {
        ["about"] => None,
        ["ha"] => Some(None),
        ["ha", order] => Some(Some(*order)),
        _ => return misused(&CLIENT),
    };
    if let Some(order) = order {
        return operator.lab.act(|world, _| match family(world, id).high_availability(world, id, order) {
            Ok(text) => Reply::text(text),
            Err(why) => Reply::refused(why),
        });
    }
    let world = operator.lab.world();
    let id = family(world, id).vcenter_of(world, id);
    match family(world, id).about(world, id).filter(|_| lets_in(world, id)) {
        Some(text) => Reply::text(text),
        None => Reply::refused(format!("the client cannot connect to vCenter on {}", world.machine(id).name)),
    }
}

fn browse(operator: &mut Operator, words: &[&str]) -> Reply {
    let (url, clear) = match words {
        [url] => (*url, false),
        [url, "--clear-cache"] | ["--clear-cache", url] => (*url, true),
        _ => return misused(&BROWSE),
    };
    let Some((host, port, path)) = split_url(url) else {
        return Reply::refused(format!("{url:?} is no address; write it as https://HOST/PATH"));
    };
    let Some(id) = find_host(operator.lab.world(), host) else {
        return Reply::text(format!("[{host} cannot be found]"));
    };
    operator.lab.act(|world, _| {
        let browser = &mut world.machine_mut(id).browser;
        if clear {
            browser.cached = None;
        }
        let cached = browser.cached.clone();
        if !lets_in(world, id) {
            return Reply::text(TIMED_OUT);
        }
        let at = |port: u16| family(world, id).page(world, id, port, path, cached.as_deref());
        let page = at(port);
        let page = page.leads_to.map_or(page, at);
        if page.caches.is_some() {
            world.machine_mut(id).browser.cached = page.caches;
        }
        Reply::text(page.text)
    })
}

/// Host, port and path of an address. Neither the scheme nor the host has a case.
fn split_url(url: &str) -> Option<(&str, u16, &str)> {
    let (default_port, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (443, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (80, rest),
        Some(_) => return None,
        None => (443, url),
    };
    let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, default_port),
    };
    (!host.is_empty()).then_some((host, port, path))
}

/// Whether the firewall of a machine lets the admin's desktop in.
fn lets_in(world: &World, id: MachineId) -> bool {
    family(world, id).admits(world, id, &world.desktop)
}

fn find_host(world: &World, host: &str) -> Option<MachineId> {
    let named = |machine: &Machine| machine.name.eq_ignore_ascii_case(host) || machine.address == host;
    let found = world.machines().find(|(_, machine)| named(machine)).map(|(id, _)| id);
    found.or_else(|| at_full_name(world, host))
}

/// The machine to which a name in full leads; of several at its address the one that runs.
fn at_full_name(world: &World, host: &str) -> Option<MachineId> {
    let (_, address) = net::address_of(world, host)?;
    let there = || world.machines().filter(|(_, machine)| machine.address == address).map(|(id, _)| id);
    there().find(|id| net::runs(world, *id)).or_else(|| there().next())
}

fn ping(operator: &mut Operator, words: &[&str]) -> Reply {
    let name = match words {
        [] => operator.machine().to_owned(),
        [name] => (*name).to_owned(),
        _ => return misused(&PING),
    };
    let Some(id) = find_host(operator.lab.world(), &name) else {
        return Reply::refused(format!("there is no machine {name:?} in this lab"));
    };
    let world = operator.lab.world();
    let machine = world.machine(id);
    let verdict =
        if lets_in(world, id) && family(world, id).answers_ping(world, id) { "answers" } else { "does not answer" };
    Reply::text(format!("{} ({}) {verdict}", machine.name, machine.address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let check = |url, expect| assert_eq!(split_url(url), expect, "{url}");
        check("https://vcsa01/vsphere-client/", Some(("vcsa01", 443, "/vsphere-client/")));
        check("vcsa01:5480", Some(("vcsa01", 5480, "/")));
        check("HTTPS://VCSA01", Some(("VCSA01", 443, "/")));
        check("http://vcsa01", Some(("vcsa01", 80, "/")));
        check("ftp://vcsa01", None);
        check("https://", None);
        check("https://vcsa01:x/", None);
    }
}
