//! `monitoring.*` (6.5 and later): what the appliance keeps watch of. The names are those of the later API; the values of the past
//! are not kept here, so that `query` is a gap that is said.

use super::Command;
use super::args::{SINCE_6_5, call, gap, inferred, refuse, reply, text, word};
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::linux::interface::Interface;
use crate::systems::vcsa::api::{ApiError, health};

const NAMES: &str = "names as the later API has them, from memory";

/// Items without an instance: name, unit, category.
const ITEMS: [(&str, &str, &str); 8] = [
    ("cpu.util", "percent", "cpu"),
    ("cpu.totalfrequency", "mhz", "cpu"),
    ("mem.util", "percent", "memory"),
    ("mem.usage", "kb", "memory"),
    ("mem.total", "kb", "memory"),
    ("swap.util", "percent", "memory"),
    ("swap", "kb", "memory"),
    ("swap.totalsize", "kb", "memory"),
];
/// Items of each partition, behind `storage.`.
const OF_PARTITIONS: [(&str, &str); 3] = [("used", "kb"), ("totalsize", "kb"), ("util", "percent")];
/// Items of each interface, behind `net.`.
const OF_INTERFACES: [(&str, &str); 4] = [
    ("rx.activity", "kb_per_sec"),
    ("tx.activity", "kb_per_sec"),
    ("rx.packetRate", "num_of_packets_per_msec"),
    ("tx.packetRate", "num_of_packets_per_msec"),
];

/// The commands.
pub const COMMANDS: &[&Command] =
    &[
        &call(
            &Parser::new("com.vmware.appliance.monitoring.get")
                .description("Get monitored item info.")
                .arguments(&[word(&["--stat_id"], "Statistic item id").required()]),
            get,
            &[inferred("monitoring.get", SINCE_6_5, NAMES)],
        ),
        &call(
            &Parser::new("com.vmware.appliance.monitoring.list").description("Get monitored items list."),
            |cx, _| {
                let all = items(cx).iter().map(show).collect();
                reply(cx, Value::record([("Items", Value::List(all))]))
            },
            &[inferred("monitoring.list", SINCE_6_5, NAMES)],
        ),
        &call(
            &Parser::new("com.vmware.appliance.monitoring.query").description("Get monitoring data.").arguments(&[
                word(&["--names"], "Monitored item IDs").required(),
                word(&["--interval"], "Interval between the values: MINUTES5, MINUTES30, HOURS2 or DAY1").required(),
                word(&["--function"], "Aggregation function: COUNT, MAX, AVG or MIN").required(),
                word(&["--start_time"], "Start time in UTC").required(),
                word(&["--end_time"], "End time in UTC").required(),
            ]),
            |_, _| Outcome::Gap("monitoring.query: values of the past".to_owned()),
            &[gap("monitoring.query: values of the past", SINCE_6_5)],
        ),
    ];

/// A monitored item.
struct Item {
    id: String,
    unit: &'static str,
    category: &'static str,
    instance: String,
}

fn items(cx: &Context<'_>) -> Vec<Item> {
    let item = |id: String, unit, category, instance: &str| Item { id, unit, category, instance: instance.to_owned() };
    let plain = ITEMS.iter().map(|(id, unit, category)| item((*id).to_owned(), unit, category, ""));
    let partitions = health::partitions(cx.world, cx.machine());
    let partitions = partitions.iter().flat_map(|partition| {
        let name = &partition.name;
        OF_PARTITIONS.map(|(what, unit)| item(format!("storage.{what}.filesystem.{name}"), unit, "storage", name))
    });
    let interface = Interface::of(cx.world, cx.machine()).name;
    let packets = OF_INTERFACES.map(|(what, unit)| item(format!("net.{what}.{interface}"), unit, "network", interface));
    plain.chain(partitions).chain(packets).collect()
}

fn show(item: &Item) -> Value {
    // What an item is called and told is a key for whoever shows it in a language.
    let key = |kind: &str, of: &str| Value::from(format!("com.vmware.applmgmt.mon.{kind}.{of}"));
    Value::record([
        ("Id", item.id.clone().into()),
        ("Name", key("name", &item.id)),
        ("Units", key("unit", item.unit)),
        ("Category", key("cat", item.category)),
        ("Instance", item.instance.clone().into()),
        ("Description", key("descr", &item.id)),
    ])
}

fn get(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let id = text(parsed, "stat_id");
    match items(cx).iter().find(|item| item.id == id) {
        Some(item) => reply(cx, Value::record([("Item", show(item))])),
        None => refuse(cx, &ApiError::not_found(format!("Item {id} not found"))),
    }
}
