//! Each state of the agent from its cause, with the limits of the reference.

use std::sync::Arc;

use super::super::conf::Needed;
use super::super::log::Said;
use super::*;

/// Lets time pass until a host is in a state; how long that took.
fn until(bench: &mut Bench, id: HostId, state: State, most: u64) -> u64 {
    for second in 0..=most {
        if bench.state(id) == state {
            return second;
        }
        bench.pass(Span::secs(1));
    }
    let said: Vec<_> = bench.host(id).log.parts().flat_map(|part| &part.entries).rev().take(12).collect();
    panic!("host {id} is in {} and not in {state} after {most} s: {said:#?}", bench.state(id));
}

#[test]
fn global_maintenance_and_back() {
    let mut bench = Bench::new(3, "4.3");
    bench.cluster.storage.global_maintenance = true;
    for id in 1..=3 {
        until(&mut bench, id, State::GlobalMaintenance, 20);
        assert_eq!(bench.host(id).agent.score, 3400);
    }
    bench.change(1, |host, storage, _, out| {
        host.shut_engine_down(&mut storage.engine, out);
    });
    assert_eq!(bench.host(1).status(&bench.cluster.storage.engine), Some(VmStatus::PoweringDown));
    bench.pass(Span::secs(600));
    assert_eq!(bench.host(1).agent.health, Health::DownUnexpected(VmStatus::Down));
    assert!(bench.cluster.engine_host().is_none());
    bench.cluster.storage.global_maintenance = false;
    until(&mut bench, 1, State::ReinitializeFSM, 20);
    assert_eq!(bench.host(1).agent.score, 0);
    bench.pass(Span::secs(600));
    assert!(bench.healthy());
}

#[test]
fn local_maintenance_as_each_release_has_it() {
    let mut bench = Bench::new(3, "4.3");
    bench.change(2, |host, _, _, _| host.local_maintenance = true);
    until(&mut bench, 2, State::LocalMaintenance, 20);
    assert_eq!((bench.host(2).agent.score, bench.cluster.storage.blocks[&2].maintenance), (0, true));
    bench.cluster.storage.global_maintenance = true;
    bench.pass(Span::secs(60));
    assert_eq!(bench.state(2), State::LocalMaintenance, "the global flag is not looked at");
    bench.change(2, |host, storage, _, _| (host.local_maintenance, storage.global_maintenance) = (false, false));
    until(&mut bench, 2, State::EngineDown, 40);

    let mut bench = Bench::new(3, "4.3");
    bench.change(1, |host, _, _, _| host.local_maintenance = true);
    bench.pass(Span::secs(600));
    assert_eq!(bench.state(1), State::EngineUp, "newer ones keep the virtual machine");

    let mut bench = Bench::new(3, "4.2");
    bench.change(1, |host, _, _, _| host.local_maintenance = true);
    until(&mut bench, 1, State::EngineMigratingAway, 20);
    until(&mut bench, 1, State::LocalMaintenance, 80);
    bench.pass(Span::secs(60));
    assert_eq!(bench.cluster.engine_host().map(|host| host.id), Some(2));
    assert_eq!(bench.state(2), State::EngineUp);

    let mut bench = Bench::new(1, "4.2");
    bench.change(1, |host, _, _, _| host.local_maintenance = true);
    until(&mut bench, 1, State::EngineStop, 20);
}

#[test]
fn a_dead_host_is_followed_once_its_lease_is_free() {
    let mut bench = Bench::new(3, "4.3");
    bench.crash(1);
    bench.pass(Span::secs(50));
    assert!(bench.host(2).sees_alive(1, bench.now));
    bench.pass(Span::secs(30));
    assert!(!bench.host(2).sees_alive(1, bench.now));
    let mut locked = false;
    for _ in 0..120 {
        bench.pass(Span::secs(1));
        locked |= bench.cluster.storage.blocks[&2].health == Health::Locked;
    }
    assert!(locked, "the first starts find the disk locked");
    bench.pass(Span::secs(240));
    assert!(bench.cluster.engine_host().is_some_and(|host| host.id != 1));
    bench.start(1);
    bench.pass(Span::secs(120));
    assert!(bench.healthy());
}

#[test]
fn one_host_alone_starts_it_again_after_a_crash_of_the_guest() {
    let mut bench = Bench::new(1, "4.4");
    bench.guest(Guest::Off, false);
    until(&mut bench, 1, State::EngineUnexpectedlyDown, 40);
    assert_eq!(bench.host(1).agent.score, 0);
    let waited = until(&mut bench, 1, State::EngineStarting, 600);
    assert!((550..=570).contains(&waited), "{waited}");
    bench.pass(Span::secs(200));
    assert!(bench.healthy());
}

#[test]
fn a_manager_that_does_not_serve_is_stopped_and_started_elsewhere() {
    let mut bench = Bench::new(2, "4.3");
    bench.guest(Guest::Up, false);
    until(&mut bench, 1, State::EngineUpBadHealth, 20);
    let block = bench.cluster.storage.blocks[&1];
    assert_eq!(block.timeout, Some(block.timestamp + 300));
    let waited = until(&mut bench, 1, State::EngineStop, 320);
    assert!((290..=310).contains(&waited), "{waited}");
    until(&mut bench, 1, State::EngineDown, 320);
    bench.pass(Span::secs(300));
    assert!(bench.healthy());
}

#[test]
fn an_engine_that_never_serves_is_given_ten_minutes() {
    let mut bench = Bench::new(1, "4.3");
    bench.dead_engine = true;
    bench.guest(Guest::Off, false);
    until(&mut bench, 1, State::EngineStarting, 700);
    let waited = until(&mut bench, 1, State::EngineStop, 700);
    assert!((590..=620).contains(&waited), "{waited}");
}

#[test]
fn a_score_that_is_much_worse_gives_the_virtual_machine_away() {
    let check = |troubles: Troubles, score: u32| {
        let mut bench = Bench::new(2, "4.3");
        bench.suffer(1, troubles);
        until(&mut bench, 1, State::EngineStop, 3_600);
        assert_eq!(bench.host(1).agent.score / 100, score, "{troubles:?}");
        bench.pass(Span::secs(600));
        assert_eq!(bench.cluster.engine_host().map(|host| host.id), Some(2));
    };
    let none = Troubles::default();
    check(Troubles { network: true, test: true, ..none }, 24);
    check(Troubles { test: true, ..none }, 24);
    check(Troubles { load: true, ..none }, 25);
}

#[test]
fn a_host_without_storage_loses_it_and_the_disk_is_free_later() {
    let mut bench = Bench::new(2, "4.4");
    let storage = Troubles { storage: true, ..Troubles::default() };
    bench.suffer(1, storage);
    assert_eq!(bench.host(1).status(&bench.cluster.storage.engine), Some(VmStatus::Paused));
    bench.pass(Span::secs(40));
    bench.suffer(1, Troubles::default());
    bench.pass(Span::secs(60));
    assert_eq!(bench.cluster.engine_host().map(|host| host.id), Some(1), "it comes back in time");
    bench.suffer(1, storage);
    bench.pass(Span::secs(85));
    assert!(bench.cluster.engine_host().is_none(), "sanlock kills it");
    bench.pass(Span::secs(400));
    assert_eq!(bench.cluster.engine_host().map(|host| host.id), Some(2));
    assert_eq!(bench.state(1), State::StartState);
}

#[test]
fn a_host_whose_sanlock_stands_still_is_reset() {
    let mut bench = Bench::new(2, "4.4");
    bench.suffer(1, Troubles { sanlock: true, ..Troubles::default() });
    bench.pass(Span::secs(135));
    assert_eq!(bench.host(1).booted, None);
    bench.suffer(1, Troubles::default());
    bench.pass(Span::secs(900));
    assert!(bench.healthy());
}

#[test]
fn vdsm_that_does_not_answer_makes_the_state_unknown() {
    let mut bench = Bench::new(2, "4.3");
    bench.daemons(2, Daemons { vdsm: false, ..DAEMONS }, true);
    until(&mut bench, 2, State::UnknownLocalVmState, 20);
    bench.cluster.storage.global_maintenance = true;
    until(&mut bench, 2, State::GlobalMaintenance, 20);
    bench.cluster.storage.global_maintenance = false;
    until(&mut bench, 2, State::UnknownLocalVmState, 40);
    bench.daemons(2, DAEMONS, true);
    until(&mut bench, 2, State::EngineDown, 20);
}

#[test]
fn an_agent_that_is_stopped_says_so_and_a_killed_one_does_not() {
    let mut bench = Bench::new(2, "4.3");
    bench.daemons(2, Daemons { agent: false, ..DAEMONS }, true);
    let block = bench.cluster.storage.blocks[&2];
    assert_eq!((block.stopped, block.state, block.score), (true, State::AgentStopped, 0));
    bench.pass(Span::secs(70));
    assert!(!bench.host(1).sees_alive(2, bench.now) && !bench.host(2).sees_alive(1, bench.now));
    bench.daemons(2, DAEMONS, true);
    bench.pass(Span::secs(40));
    assert!(!bench.host(2).sees_alive(1, bench.now), "the others are watched for a minute first");
    bench.pass(Span::secs(40));
    assert!(bench.host(2).sees_alive(1, bench.now));
    bench.daemons(2, Daemons { agent: false, ..DAEMONS }, false);
    assert!(!bench.cluster.storage.blocks[&2].stopped);
}

#[test]
fn newer_agents_wait_before_they_take_it_for_gone() {
    let check = |product: &str, expect: State| {
        let mut bench = Bench::new(2, product);
        bench.change(1, |host, storage, now, out| {
            host.destroy_engine(storage, now, out);
        });
        while bench.state(1) == State::EngineUp {
            bench.pass(Span::secs(1));
        }
        assert_eq!(bench.state(1), expect, "{product}");
    };
    check("4.3", State::EngineDown);
    check("4.4", State::EngineMaybeAway);
}

#[test]
fn starts_that_fail_are_counted_and_forgotten() {
    let mut bench = Bench::new(1, "4.3");
    bench.change(1, |host, _, _, _| (host.agent.retries, host.agent.failed) = (2, Some(bench_time())));
    let engine = bench.cluster.storage.engine.clone();
    assert_eq!(bench.host(1).score(&engine, State::EngineUp), 3_300);
    bench.change(1, |host, _, _, _| host.agent.retries = 4);
    assert_eq!(bench.host(1).score(&engine, State::EngineUp), 0);
    bench.pass(Span::secs(20));
    assert_eq!(bench.host(1).agent.score, 3_400);
}

/// Long before anything on the bench.
fn bench_time() -> Instant {
    Instant::parse("2020-01-01T00:00:00Z").expect("a time")
}

#[test]
fn want_of_memory_costs_points_where_the_virtual_machine_is_not() {
    let mut bench = Bench::new(2, "4.4");
    for id in [1, 2] {
        bench.suffer(id, Troubles { memory: true, ..Troubles::default() });
    }
    bench.pass(Span::secs(20));
    assert_eq!((bench.host(1).agent.score, bench.host(2).agent.score), (3_400, 3_000));
    bench.cluster.storage.global_maintenance = true;
    bench.pass(Span::secs(20));
    assert_eq!(bench.host(2).agent.score, 3_400, "since 2.4.5 not in global maintenance");
}

#[test]
fn links_of_virtual_machines_keep_their_numbers() {
    let check = |product, expect: [(u32, u32); 3]| {
        let mut bench = Bench::new(2, product);
        bench.change(2, |host, _, _, _| {
            for name in ["a", "b"] {
                let (life, process) = (Life::Running, host.make_process());
                host.domains.insert(name.to_owned(), Domain { life, memory: 1_024, serial: 0, process });
            }
        });
        let mut migrate = |from, to| bench.cluster.migrate("a", from, to).map(|_| ());
        assert_eq!((migrate(2, 1), migrate(1, 2)), (Ok(()), Ok(())));
        let of = |name: &str| bench.host(2).domains.get(name).map(|domain| (domain.process.id, domain.process.tap));
        let engine = bench.host(1).engine().map(|domain| (domain.process.id, domain.process.tap));
        assert_eq!([engine, of("a"), of("b")], expect.map(Some), "{product}");
        bench.crash(2);
        bench.start(2);
        assert_eq!(bench.cluster.migrate(ENGINE, 1, 2).map(|_| ()), Ok(()));
        assert_eq!(bench.host(2).engine().map(|domain| domain.process.id), Some(1), "{product}");
    };
    check("4.3", [(1, 0), (3, 0), (2, 1)]);
    check("4.4", [(1, 0), (3, 2), (2, 1)]);
}

/// What an agent reads that is to be the host of this number.
fn conf(number: &str) -> Option<Conf> {
    let rest = [("vmid", "vm"), ("domainType", "nfs"), ("storage", "nas:/he"), ("sdUUID", "domain")];
    let all = [("host_id", number)].into_iter().chain(rest);
    Some(Arc::new(all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()))
}

/// The last thing that kept a host's agent from going on.
fn misfit(bench: &Bench, id: HostId) -> Option<Misfit> {
    bench.host(id).log.parts().flat_map(|part| &part.entries).rev().find_map(|entry| match entry.what {
        Said::Misfit(misfit) => Some(misfit),
        _ => None,
    })
}

#[test]
fn a_host_id_is_held_by_one_host_until_that_boots_or_is_dead() {
    let mut bench = Bench::new(3, "4.4");
    bench.daemons(2, Daemons { agent: false, ..DAEMONS }, true);
    bench.change(2, |host, _, _, _| host.conf = conf("7"));
    bench.daemons(2, DAEMONS, true);
    bench.pass(Span::secs(60));
    assert_eq!((bench.host(2).lockspace, misfit(&bench, 2)), (Some(2), Some(Misfit::Held(7))));
    bench.crash(2);
    bench.start(2);
    bench.pass(Span::secs(60));
    assert!(bench.cluster.host(2).is_none());
    assert_eq!((bench.host(7).machine, bench.host(7).lockspace, bench.state(7)), (2, Some(7), State::EngineDown));
    // What another holds is not to be had, until that has been dead for long.
    bench.crash(3);
    bench.change(3, |host, _, _, _| host.conf = conf("7"));
    bench.start(3);
    bench.pass(Span::secs(60));
    assert_eq!((bench.host(3).lockspace, misfit(&bench, 3)), (None, Some(Misfit::Taken(7))));
    bench.crash(7);
    bench.pass(Span::secs(130));
    assert_eq!(bench.host(3).machine, 3);
    bench.pass(Span::secs(30));
    assert_eq!((bench.host(7).machine, bench.host(3).machine), (3, 2));
    // A file without a host id leads nowhere.
    bench.crash(1);
    bench.change(1, |host, _, _, _| host.conf = Some(Conf::default()));
    bench.start(1);
    bench.pass(Span::secs(30));
    assert_eq!(misfit(&bench, 1), Some(Misfit::Lacks(Needed::HostId)));
}
