//! The scheduled query for updates: when it is due by the policy of `system.update.set`, and what it leaves behind. Day and
//! time are those of the appliance's own zone (inferred). Which update the repository has is read when somebody asks.

use std::cmp::Ordering;

use super::repository;
use crate::payload::compare_evr;
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::Zone;
use crate::systems::vcsa::model::{Event, Phase};
use crate::systems::vcsa::settings::{DAYS, UpdatePolicy};
use crate::systems::vcsa::software_update::State;
use crate::systems::vcsa::update_files;
use crate::world::{Happening, MachineId, World};

const DAY: i64 = 86_400;
/// The first of January 1970 was a Thursday.
const FIRST_DAY: i64 = 3;

/// Plans the next query, or none where the policy wants none or the machine is not up.
pub fn plan(world: &mut World, id: MachineId) {
    world.queue.cancel_all(|event| event.machine == id && event.what == Happening::Vcsa(Event::UpdatesQueried));
    let vcsa = world.vcsa(id);
    if vcsa.phase != Phase::Up {
        return;
    }
    if let Some(span) = until_due(&vcsa.settings.updates, world.now, &vcsa.linux.zone) {
        world.after(id, span, Event::UpdatesQueried);
    }
}

/// How long it is to the next query.
fn until_due(policy: &UpdatePolicy, now: Instant, zone: &Zone) -> Option<Span> {
    if !policy.check_updates {
        return None;
    }
    let (now_secs, mut due_in) = (now.utc().unix_timestamp(), None);
    let local = now_secs + i64::from(zone.at(now_secs).offset);
    let mut parts = policy.time.split(':').map(|part| part.parse::<i64>().unwrap_or(0));
    let of_day = (0..3).fold(0, |seconds, _| seconds * 60 + parts.next().unwrap_or(0));
    for days in 0..=7 {
        let day = local.div_euclid(DAY) + days;
        let weekday = DAYS[usize::try_from((day + FIRST_DAY).rem_euclid(7)).unwrap_or(0)];
        let ahead = day * DAY + of_day - local;
        if ahead > 0 && (policy.day == "Everyday" || policy.day == weekday) {
            due_in = u64::try_from(ahead).ok();
            break;
        }
    }
    due_in.map(Span::secs)
}

/// The query: where the repository answers, the appliance remembers when it did and what it found. The next one is planned.
/// What the person who runs appsh has put into a repository is not looked into before somebody asks.
pub fn query(world: &mut World, id: MachineId) {
    let vcsa = world.vcsa(id);
    let (up, installed) = (vcsa.management_up(), vcsa.installed.release().version);
    if let Ok(found) = repository::version(world, id, &vcsa.repository())
        && up
    {
        let now = world.now;
        let vcsa = world.vcsa_mut(id);
        vcsa.software_update.queried = Some(now);
        let newer = found.filter(|found| compare_evr(found, &installed) == Ordering::Greater);
        let told = &mut vcsa.software_update;
        match (told.state, newer) {
            (State::UpToDate, Some(version)) => (told.state, told.version) = (State::UpdatesPending, version),
            (State::UpdatesPending, None) if vcsa.staged.is_none() => told.state = State::UpToDate,
            _ => {}
        }
        update_files::tell(vcsa, now);
    }
    plan(world, id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_due_on_its_day_at_its_time() {
        // 2021-05-26 was a Wednesday.
        let check = |enabled: bool, day: &str, time: &str, offset: i32, expect: Option<u64>| {
            let policy = UpdatePolicy {
                check_updates: enabled,
                day: day.to_owned(),
                time: time.to_owned(),
                ..UpdatePolicy::default()
            };
            let now = Instant::parse("2021-05-26T14:12:05Z").expect("a time");
            let zone = Zone { offset, ..Zone::utc() };
            let hours = until_due(&policy, now, &zone).map(Span::as_secs);
            assert_eq!(hours, expect, "{enabled} {day} {time} {offset}");
        };
        check(false, "Everyday", "15:12:05", 0, None);
        check(true, "Everyday", "15:12:05", 0, Some(3_600));
        check(true, "Everyday", "15:12:05", 7_200, Some(23 * 3_600));
        check(true, "Everyday", "14:12:05", 0, Some(86_400));
        check(true, "Wednesday", "14:12:05", 0, Some(7 * 86_400));
        check(true, "Thursday", "14:12:05", 0, Some(86_400));
        check(true, "Tuesday", "14:12:06", 0, Some(6 * 86_400 + 1));
    }
}
