//! Random histories of clusters of one to seven hosts. A failing seed is printed; `APPSH_SEED` runs it alone,
//! `APPSH_HISTORIES` so many.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::*;
use crate::sim::Streams;

/// How many histories, unless the environment says it.
const HISTORIES: u64 = 200;
const DEEDS: u64 = 40;

#[test]
fn whatever_happens_there_is_one_manager_and_it_comes_back() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let (alone, many) = (number("APPSH_SEED"), number("APPSH_HISTORIES"));
    for seed in alone.map_or(0..many.unwrap_or(HISTORIES), |seed| seed..seed + 1) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| live(seed))) {
            eprintln!("APPSH_SEED={seed} runs this history alone");
            resume_unwind(panic);
        }
    }
}

/// A history, and the hour after it in which everything is put right.
fn live(seed: u64) {
    let mut streams = Streams::new(seed);
    let mut draw = |below: u64| streams.between("deed", 0, below - 1);
    let hosts = 1 + u32::try_from(draw(7)).unwrap_or(0);
    let product = ["4.2", "4.3", "4.4", "4.5"][usize::try_from(draw(4)).unwrap_or(0)];
    let mut bench = Bench::new(hosts, product);
    for _ in 0..DEEDS {
        let id = 1 + u32::try_from(draw(u64::from(hosts))).unwrap_or(0);
        let (what, flag) = (draw(21), draw(2) == 0);
        deed(&mut bench, id, what, flag);
        bench.check();
        let span = [5, 60, 300, 1_200][usize::try_from(draw(4)).unwrap_or(0)];
        let seconds = 1 + draw(span);
        bench.pass(Span::secs(seconds));
    }
    mend(&mut bench);
    for _ in 0..60 {
        bench.pass(Span::secs(60));
        if bench.healthy() {
            return;
        }
    }
    let states: Vec<_> = bench.cluster.hosts.iter().map(|host| (host.agent.state, host.agent.health)).collect();
    panic!("not healthy an hour after everything was put right: {states:?} {:?}", bench.cluster.storage);
}

/// One thing that someone could do or that could go wrong.
fn deed(bench: &mut Bench, id: HostId, what: u64, flag: bool) {
    let troubles = bench.host(id).troubles;
    match what {
        0 => bench.crash(id),
        1 if bench.host(id).booted.is_none() => bench.start(id),
        2 => bench.suffer(id, Troubles { network: flag, ..troubles }),
        3 => bench.suffer(id, Troubles { storage: flag, ..troubles }),
        4 => bench.suffer(id, Troubles { sanlock: flag, ..troubles }),
        5 => bench.suffer(id, Troubles { load: flag, memory: !flag, ..troubles }),
        6 => bench.daemons(id, Daemons { agent: flag, ..bench.host(id).daemons }, !flag),
        7 => bench.daemons(id, Daemons { broker: flag, ..bench.host(id).daemons }, true),
        8 => bench.daemons(id, Daemons { vdsm: flag, ..bench.host(id).daemons }, true),
        9 => bench.daemons(id, Daemons { sanlock: flag, ..bench.host(id).daemons }, id.is_multiple_of(2)),
        10 => bench.cluster.storage.global_maintenance = flag,
        11 => {
            bench.change(id, |host, storage, _, _| (host.local_maintenance, storage.global_maintenance) = (flag, false))
        }
        12 => bench.change(id, |host, storage, _, out| {
            if host.engine().is_none_or(|domain| matches!(domain.life, Life::Down(_))) {
                host.start_engine(&storage.engine, flag, out);
            }
        }),
        13 => bench.change(id, |host, storage, _, out| {
            host.shut_engine_down(&mut storage.engine, out);
        }),
        14 => bench.change(id, |host, storage, now, out| {
            host.destroy_engine(storage, now, out);
        }),
        15 => {
            if let Some(from) = bench.cluster.engine_host().map(|host| host.id)
                && let Ok(out) = bench.cluster.migrate(ENGINE, from, id)
            {
                bench.apply(out);
            }
        }
        16 => bench.suffer(id, Troubles { bridge: flag, test: !flag, ..troubles }),
        17 => bench.suffer(id, Troubles { launch: flag, ..troubles }),
        18 => bench.dead_engine = flag,
        19 => {
            let halted = Daemons { agent: flag, broker: !flag, vdsm: id.is_multiple_of(2), sanlock: false };
            bench.suffer(id, Troubles { halted, ..troubles });
        }
        _ => bench.change(id, |_, storage, _, _| {
            if let Some(block) = storage.blocks.get_mut(&id) {
                block.corrupt = true;
            }
        }),
    }
}

/// Puts everything right: no fault, no maintenance, power and daemons on.
fn mend(bench: &mut Bench) {
    bench.cluster.storage.global_maintenance = false;
    bench.dead_engine = false;
    for id in 1..=u32::try_from(bench.cluster.hosts.len()).unwrap_or(0) {
        bench.suffer(id, Troubles::default());
        bench.change(id, |host, _, _, _| host.local_maintenance = false);
        if bench.host(id).booted.is_none() {
            bench.start(id);
        } else {
            bench.daemons(id, DAEMONS, true);
        }
    }
}
