//! `service-control` without a name: the services of vMon's profile and, with `--all`, those that the operating system starts
//! before and after. 6.0 has no vMon: there all but the core, or all.
//!
//! Captured: 6.7 and 8.0 starting; what stopping prints is inferred, and so are profiles other than `ALL`.

use super::options::{Ask, Operation};
use super::report::{Failure, Reporter, name};
use super::{each, form, services, vcsa, wait_until};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;
use crate::systems::vcsa::control;
use crate::systems::vcsa::services::{Definition, MONITOR, Manager, Profile, Services, Startup, State};

/// Whether a service is started and stopped without a name, or with `--all`, where there is no vMon.
#[must_use]
pub fn belongs(definition: &Definition, all: bool) -> bool {
    definition.startup == Startup::Automatic && (all || definition.manager != Manager::Core)
}

/// Starts or stops them.
///
/// # Errors
/// [`Cut`]; inside, why it gave up.
pub async fn change(p: &mut Proc, ask: &Ask, reporter: &Reporter) -> Result<Result<(), Failure>, Cut> {
    let of = |manager: Manager| {
        let all = services(p, |services| services.definitions());
        let own =
            move |it: &&Definition| it.manager == manager && it.name != MONITOR && it.startup == Startup::Automatic;
        all.iter().filter(own).collect::<Vec<&'static Definition>>()
    };
    let mut core = of(Manager::Core);
    let mut leaves = of(Manager::Leaf);
    if !form(p).monitored {
        core = services(p, |services| services.definitions()).iter().filter(|it| belongs(it, ask.all)).collect();
        leaves.clear();
    } else if !ask.all {
        (core, leaves) = (Vec::new(), Vec::new());
    }
    if ask.operation == Operation::Stop {
        core.reverse();
        leaves.reverse();
        std::mem::swap(&mut core, &mut leaves);
    }
    if let Err(failure) = each(p, ask, reporter, &core).await? {
        return Ok(Err(failure));
    }
    if form(p).monitored {
        let name = ask.profile.as_deref().unwrap_or(Profile::All.name());
        if let Err(failure) = monitored(p, ask, reporter, name).await? {
            if !ask.ignore {
                return Ok(Err(failure));
            }
            reporter.profile_failed(p, name, &failure).await?;
        }
    }
    each(p, ask, reporter, &leaves).await
}

/// The services of a profile, with vMon itself.
async fn monitored(p: &mut Proc, ask: &Ask, reporter: &Reporter, name: &str) -> Result<Result<(), Failure>, Cut> {
    reporter.performing_profile(p, name).await?;
    let Some(profile) = Profile::named(name) else {
        p.inferred();
        let words =
            format!("Failed to {} services in profile {name}. RC=2, stderr=Invalid profile {name}", reporter.word());
        return Ok(Err(Failure::Words(words)));
    };
    if profile != Profile::All {
        p.inferred();
    }
    if ask.operation == Operation::Stop {
        p.world(|world, id| control::stop_profile(world, id, profile));
        wait_for(p, profile).await?;
        reporter.profile_succeeded(p, profile).await?;
        return Ok(Ok(()));
    }
    if vcsa(p, |vcsa| !vcsa.services.runs(MONITOR) && vcsa.linux.is_masked("vmware-vmon.service")) {
        reporter.monitor_failed(p).await?;
        let monitor = services(p, |services| services.find(MONITOR));
        return Ok(Err(monitor.map_or_else(|| Failure::Words(MONITOR.to_owned()), Failure::Service)));
    }
    p.world(|world, id| control::start_profile(world, id, profile));
    wait_for(p, profile).await?;
    match services(p, |services| complaint(services, profile)) {
        None => {
            reporter.profile_succeeded(p, profile).await?;
            Ok(Ok(()))
        }
        Some(words) => Ok(Err(Failure::Words(words))),
    }
}

/// Until vMon and the services of a profile have come to rest.
async fn wait_for(p: &Proc, profile: Profile) -> Result<(), Cut> {
    wait_until(p, |services| {
        let own = services.in_profile(profile);
        !services.is_busy(MONITOR) && !own.iter().any(|name| services.is_busy(name))
    })
    .await
}

/// What vMon says of those that did not start: first those that were kept down, then those that failed. The numbers are of
/// one capture each.
fn complaint(services: &Services, profile: Profile) -> Option<String> {
    let own = services.in_profile(profile);
    let down = |wanted: fn(State) -> bool| {
        let down = services.iter().filter(|(it, state)| own.contains(&it.name) && wanted(*state));
        let mut names: Vec<&str> = down.map(|(it, _)| name(it)).collect();
        names.sort_unstable();
        names
    };
    let failed = down(|state| state == State::Failed);
    let kept = down(|state| state == State::Stopped);
    let (number, why) = match (kept.is_empty(), failed.is_empty()) {
        (true, true) => return None,
        (true, false) => (4, ""),
        (false, _) => (5, " Error: Operation not allowed in current service state"),
    };
    let names = [kept, failed].concat().join(", ");
    Some(format!(
        "Failed to start services in profile {}. RC={number}, stderr=Failed to start {names} services.{why}",
        profile.name()
    ))
}
