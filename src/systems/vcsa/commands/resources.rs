//! `resources.*.stats.*`: figures of the machine, the same that its tools show in bash. The names of the members are inferred.

use super::Command;
use super::args::{ALL, call, figure, inferred, refuse, reply, text, word};
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::linux::interface::{BYTES_OF_PACKET, Interface};
use crate::systems::linux::load::{averages, spent};
use crate::systems::linux::tools::free::memory_of;
use crate::systems::vcsa::api::health;
use crate::systems::vcsa::api::nic::{self, NIC};

const NAMES: &str = "figures of the model; names of members are guesses";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.cpu.stats.get").description("Get CPU statistics."),
        processors,
        &[inferred("resources.cpu.stats.get: what /proc/stat counts, in hundredths of a second", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.load.stats.get")
            .description("Get load averages (over 1, 5, and 15-minute intervals)."),
        load,
        &[inferred("resources.load.stats.get", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.mem.stats.get").description("Get memory statistics."),
        memory,
        &[inferred("resources.mem.stats.get", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.net.stats.get")
            .description("Get network statistics.")
            .arguments(&[word(&["--name"], "Network interface, for example, \"nic0\"").required()]),
        |cx, parsed| match nic::find(text(parsed, "name")) {
            Ok(()) => {
                let shown = packets(cx);
                reply(cx, Value::record([("Stats", shown)]))
            }
            Err(error) => refuse(cx, &error),
        },
        &[inferred("resources.net.stats.get: what /proc/net/dev counts", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.net.stats.list")
            .description("Get statistics for all network interfaces."),
        |cx, _| {
            let all = Value::List(vec![packets(cx)]);
            reply(cx, Value::record([("Stats", all)]))
        },
        &[inferred("resources.net.stats.list: what /proc/net/dev counts", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.processes.stats.list")
            .description("Get statistics on all processes."),
        processes,
        &[inferred("resources.processes.stats.list: the processes that ps shows", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.storage.stats.list")
            .description("Get storage statistics for each logical disk."),
        storage,
        &[inferred("resources.storage.stats.list: the file systems that df shows", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.swap.stats.get").description("Get swap statistics."),
        swap,
        &[inferred("resources.swap.stats.get", ALL, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.resources.system.stats.get").description("Get system status."),
        system,
        &[inferred("resources.system.stats.get", ALL, NAMES)],
    ),
];

fn processors(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let up = cx.now().since(cx.vcsa().linux.booted).as_secs();
    let [user, system, idle] = spent(up * u64::from(cx.vcsa().linux.hardware.processors));
    let shown = Value::record([
        ("User", figure(user)),
        ("Nice", figure(0)),
        ("System", figure(system)),
        ("Idle", figure(idle)),
        ("Iowait", figure(0)),
        ("Irq", figure(0)),
        ("Softirq", figure(0)),
    ]);
    reply(cx, Value::record([("Stats", shown)]))
}

fn packets(cx: &Context<'_>) -> Value {
    let up = cx.now().since(cx.vcsa().linux.booted).as_secs();
    let packets = Interface::packets(up);
    let bytes = packets * BYTES_OF_PACKET;
    Value::record([
        ("Name", NIC.into()),
        ("Rx_bytes", figure(bytes)),
        ("Rx_packets", figure(packets)),
        ("Rx_errors", figure(0)),
        ("Rx_dropped", figure(0)),
        ("Tx_bytes", figure(bytes)),
        ("Tx_packets", figure(packets)),
        ("Tx_errors", figure(0)),
        ("Tx_dropped", figure(0)),
    ])
}

fn load(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    // As /proc/loadavg has it.
    let now = cx.now();
    let [one, five, fifteen] = averages(&cx.vcsa().linux, now).map(Value::from);
    let load = Value::record([("Load1", one), ("Load5", five), ("Load15", fifteen)]);
    reply(cx, Value::record([("Load", load)]))
}

fn memory(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let memory = memory_of(&cx.vcsa().linux);
    let shown = Value::record([
        ("Total", figure(memory.total)),
        ("Used", figure(memory.used)),
        ("Free", figure(memory.free)),
        ("Cached", figure(memory.cache)),
    ]);
    reply(cx, Value::record([("Stats", shown)]))
}

fn swap(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let memory = memory_of(&cx.vcsa().linux);
    let shown = Value::record([
        ("Total", figure(memory.swap)),
        ("Used", figure(memory.swapped)),
        ("Free", figure(memory.swap - memory.swapped)),
    ]);
    reply(cx, Value::record([("Stats", shown)]))
}

fn processes(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let all = cx.vcsa().linux.processes.iter().map(|(pid, process)| {
        let user = cx.vcsa().linux.user_name(process.uid).unwrap_or_else(|| process.uid.to_string());
        Value::record([
            ("Pid", figure(u64::from(pid))),
            ("User", user.into()),
            ("Command", process.command.clone().into()),
        ])
    });
    let all = Value::List(all.collect());
    reply(cx, Value::record([("Processes", all)]))
}

fn storage(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let all = health::partitions(cx.world, cx.machine()).into_iter().map(|partition| {
        Value::record([
            ("Name", partition.name.clone().into()),
            ("Total", figure(partition.usage.size >> 10)),
            ("Used", figure(partition.usage.used >> 10)),
            ("Available", figure(partition.usage.available >> 10)),
            ("Percent", figure(partition.percent())),
        ])
    });
    let all = Value::List(all.collect());
    reply(cx, Value::record([("Stats", all)]))
}

fn system(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let linux = &cx.vcsa().linux;
    let shown = Value::record([
        ("Uptime", figure(cx.now().since(linux.booted).as_secs())),
        ("Processes", figure(linux.processes.iter().count() as u64)),
        ("Users", figure(linux.logins.present().count() as u64)),
    ]);
    reply(cx, Value::record([("Stats", shown)]))
}
