//! By what the appliance keeps its time: nothing, the host's clock, or the servers of `/etc/ntp.conf`. Whether servers are
//! asked is whether their daemon runs.

use super::ApiError;
use super::names::is_domain;
use crate::systems::linux::net::{self, Reach};
use crate::systems::linux::{clock, events};
use crate::world::{MachineId, World};

/// At most so many time servers.
const MAX_SERVERS: usize = 10;

/// By what the time is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Disabled,
    /// Time servers.
    Ntp,
    /// The host, through VMware Tools.
    Host,
}

impl Mode {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Disabled => "Disabled",
            Self::Ntp => "NTP",
            Self::Host => "host",
        }
    }

    /// What a word means, in whatever case.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Disabled, Self::Ntp, Self::Host].into_iter().find(|mode| mode.word().eq_ignore_ascii_case(word))
    }
}

/// By what the time is kept now.
#[must_use]
pub fn mode(world: &World, id: MachineId) -> Mode {
    if world.vcsa(id).settings.host_time {
        Mode::Host
    } else if daemon_runs(world, id) {
        Mode::Ntp
    } else {
        Mode::Disabled
    }
}

/// Whether the daemon that asks time servers runs.
#[must_use]
pub fn daemon_runs(world: &World, id: MachineId) -> bool {
    let linux = world.linux(id);
    linux.unit_is_wanted(linux.time_unit())
}

/// Keeps the time by something else, over a boot, too.
///
/// # Errors
/// What the file system says.
pub fn set_mode(world: &mut World, id: MachineId, mode: Mode) -> Result<(), ApiError> {
    let now = world.now;
    world.vcsa_mut(id).settings.host_time = mode == Mode::Host;
    let unit = world.linux(id).time_unit();
    world.linux_mut(id).set_enabled(unit, mode == Mode::Ntp, now)?;
    if mode == Mode::Ntp {
        events::start_unit(world, id, unit);
    } else {
        events::stop_unit(world, id, unit);
    }
    set_right(world, id);
    Ok(())
}

/// Whoever is asked for the time sets a clock that is wrong: the host, or a time server that answers.
pub fn set_right(world: &mut World, id: MachineId) {
    let told = match mode(world, id) {
        Mode::Disabled => false,
        Mode::Host => true,
        Mode::Ntp => world.linux(id).time_servers().iter().any(|server| answers(world, id, server)),
    };
    if told && world.linux(id).zone.ahead() != 0 {
        world.set_clock(id, 0);
    }
}

/// Sets the time servers.
///
/// # Errors
/// When one can be no host, or there are too many.
pub fn set_servers(world: &mut World, id: MachineId, servers: &[String]) -> Result<(), ApiError> {
    if let Some(wrong) = servers.iter().find(|server| !is_server(server)) {
        return Err(ApiError::invalid(format!("Invalid NTP server: {wrong}")));
    }
    if servers.len() > MAX_SERVERS {
        return Err(ApiError::invalid(format!("Too many NTP servers: at most {MAX_SERVERS}")));
    }
    let now = world.now;
    world.linux_mut(id).set_time_servers(servers, now)?;
    set_right(world, id);
    Ok(())
}

fn is_server(text: &str) -> bool {
    is_domain(text) || text.parse::<std::net::Ipv6Addr>().is_ok()
}

/// Adds time servers behind the others.
///
/// # Errors
/// As [`set_servers`]; also when one is there already.
pub fn add_servers(world: &mut World, id: MachineId, servers: &[String]) -> Result<(), ApiError> {
    let mut all = world.linux(id).time_servers();
    for server in servers {
        if all.contains(server) {
            return Err(ApiError::exists(format!("NTP server {server} already exists")));
        }
        all.push(server.clone());
    }
    set_servers(world, id, &all)
}

/// Takes time servers away.
///
/// # Errors
/// When one is not there.
pub fn delete_servers(world: &mut World, id: MachineId, servers: &[String]) -> Result<(), ApiError> {
    let mut all = world.linux(id).time_servers();
    for server in servers {
        let place = all.iter().position(|other| other == server);
        let place = place.ok_or_else(|| ApiError::not_found(format!("NTP server {server} not found")))?;
        all.remove(place);
    }
    set_servers(world, id, &all)
}

/// Whether a time server answers: that of the network does, and a machine of the lab that lets the question in and keeps the
/// time itself.
#[must_use]
pub fn answers(world: &World, id: MachineId, server: &str) -> bool {
    if world.surroundings.time.as_deref() == Some(server) {
        return true;
    }
    let Some(host) = net::resolve(world, id, server) else { return false };
    net::reach(world, &host) != Reach::Silent && host.machine.is_some_and(|machine| daemon_runs(world, machine))
}

/// The time of the appliance in a form of strftime, in its time zone.
#[must_use]
pub fn shown(world: &World, id: MachineId, form: &str) -> String {
    clock::format(form, world.now.utc().unix_timestamp(), 0, &world.linux(id).zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::test_world;

    #[test]
    fn servers_are_added_and_taken_away() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (mut world, id) = test_world("vcsa-6.0");
        set_servers(&mut world, id, &words("a b")).expect("good ones");
        assert!(add_servers(&mut world, id, &words("c a")).is_err());
        add_servers(&mut world, id, &words("c")).expect("a new one");
        delete_servers(&mut world, id, &words("b")).expect("it is there");
        assert!(delete_servers(&mut world, id, &words("b")).is_err());
        assert!(set_servers(&mut world, id, &words("a_b")).is_err());
        assert_eq!(world.linux(id).time_servers(), words("a c"));
    }

    #[test]
    fn modes_are_taken_in_any_case() {
        let check = |word: &str, expect| assert_eq!(Mode::of(word), expect, "{word}");
        check("ntp", Some(Mode::Ntp));
        check("Host", Some(Mode::Host));
        check("DISABLED", Some(Mode::Disabled));
        check("tools", None);
    }
}
