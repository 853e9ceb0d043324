//! A cluster that has nothing to do: a day of virtual time of seven hosts passes in under 100 ms.

use std::sync::Arc;

use appsh::lab::Lab;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::Bundled;
use appsh::sim::Span;
use appsh::world::World;

fn main() {
    divan::main();
}

/// The bundled lab with seven hosts.
fn seven() -> World {
    let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "rhv-4.3-she").expect("a bundled lab");
    let (head, rest) = text.split_once("[[machine]]").expect("a machine");
    let (first, others) = rest.split_once("[[machine]]").expect("another");
    let more = (4..=7).map(|number| {
        let host = first.replace("host1", &format!("host{number}"));
        format!("[[machine]]{}", host.replace("168.10.21", &format!("168.10.5{number}")))
    });
    let text = format!("{head}{}[[machine]]{first}[[machine]]{others}", more.collect::<String>());
    LabFile::parse(&text).and_then(|file| file.world("seven", None, None)).expect("a good lab")
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn a_quiet_day_of_seven_hosts(bencher: divan::Bencher<'_, '_>) {
    let world = seven();
    let fresh = || Lab::new(world.clone(), Box::new(Bundled));
    bencher.with_inputs(fresh).bench_local_refs(|lab| lab.advance(lab.now() + Span::secs(86_400)));
}

#[divan::bench]
fn a_pass_after_a_snapshot(bencher: divan::Bencher<'_, '_>) {
    let mut world = seven();
    bencher.bench_local(|| {
        let before = world.clone();
        if let Some(cluster) = world.clusters.first_mut() {
            Arc::make_mut(cluster).storage.global_maintenance ^= true;
        }
        before
    });
}
