//! `monitoring.*` (6.5 and later): what the appliance keeps watch of. The names are those of the later API.

use super::Command;
use super::args::{SINCE_6_5, call, inferred, list, refuse, reply, text, word};
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::sim::{Instant, Span};
use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::monitoring::{self, Function, Item};

const NAMES: &str = "names as the later API has them, from memory";

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.monitoring.get").description("Get monitored item info.").arguments(&[word(
            &["--stat_id"],
            "Statistic item id",
        )
        .required()]),
        get,
        &[inferred("monitoring.get", SINCE_6_5, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.monitoring.list").description("Get monitored items list."),
        |cx, _| {
            let all = monitoring::items(cx.world, cx.machine()).iter().map(show).collect();
            reply(cx, Value::record([("Items", Value::List(all))]))
        },
        &[inferred("monitoring.list", SINCE_6_5, NAMES)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.monitoring.query").description("Get monitoring data.").arguments(&[
            word(&["--names"], "Monitored item IDs").required(),
            word(&["--interval"], "Interval between the values: MINUTES5, MINUTES30, HOURS2, HOURS6 or DAY1")
                .required(),
            word(&["--function"], "Aggregation function: COUNT, MAX, AVG or MIN").required(),
            word(&["--start_time"], "Start time in UTC").required(),
            word(&["--end_time"], "End time in UTC").required(),
        ]),
        query,
        &[inferred("monitoring.query: values since the boot, as far as something is left of them", SINCE_6_5, NAMES)],
    ),
];

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
    match monitoring::items(cx.world, cx.machine()).iter().find(|item| item.id == id) {
        Some(item) => reply(cx, Value::record([("Item", show(item))])),
        None => refuse(cx, &ApiError::not_found(format!("Item {id} not found"))),
    }
}

/// Each interval that values can be had for, in minutes.
const INTERVALS: [(&str, u64); 5] =
    [("MINUTES5", 5), ("MINUTES30", 30), ("HOURS2", 120), ("HOURS6", 360), ("DAY1", 1_440)];
const FUNCTIONS: [(&str, Function); 4] =
    [("COUNT", Function::Count), ("MAX", Function::Max), ("AVG", Function::Avg), ("MIN", Function::Min)];

/// No more values than a month of the shortest interval has.
const MOST: u64 = 8_928;

/// What is asked for.
struct Query {
    items: Vec<Item>,
    every: Span,
    function: Function,
    range: (Instant, Instant),
}

fn query(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let Query { items, every, function, range } = match asked(cx, parsed) {
        Ok(asked) => asked,
        Err(error) => return refuse(cx, &error),
    };
    let data = items.iter().map(|item| {
        let values = monitoring::values(cx.world, cx.machine(), item, function, every, range);
        Value::record([
            ("Name", item.id.clone().into()),
            ("Interval", text(parsed, "interval").to_owned().into()),
            ("Function", text(parsed, "function").to_owned().into()),
            ("Start_time", range.0.to_string().into()),
            ("End_time", range.1.to_string().into()),
            ("Data", Value::List(values.into_iter().map(Into::into).collect())),
        ])
    });
    let data = Value::List(data.collect());
    reply(cx, Value::record([("Monitored_items", data)]))
}

fn asked(cx: &Context<'_>, parsed: &Parsed) -> Result<Query, ApiError> {
    let known = monitoring::items(cx.world, cx.machine());
    let find = |id: &String| {
        let found = known.iter().find(|item| item.id == *id).cloned();
        found.ok_or_else(|| ApiError::not_found(format!("Item {id} not found")))
    };
    let mut names = list(parsed, "names");
    names.dedup();
    let items = names.iter().map(find).collect::<Result<Vec<Item>, ApiError>>()?;
    let minutes = chosen(parsed, "interval", &INTERVALS)?;
    let function = chosen(parsed, "function", &FUNCTIONS)?;
    let time = |name| {
        let wrong = |_| ApiError::invalid(format!("Invalid time: {}", text(parsed, name)));
        Instant::parse(text(parsed, name)).map_err(wrong)
    };
    let range = (time("start_time")?, time("end_time")?);
    let every = Span::secs(minutes * 60);
    let count = range.1.since(range.0).as_micros() / every.as_micros();
    if count * items.len() as u64 > MOST {
        return Err(ApiError::invalid(format!("Too many values: at most {MOST}")));
    }
    Ok(Query { items, every, function, range })
}

/// One of the words that an option takes.
fn chosen<T: Copy>(parsed: &Parsed, name: &str, words: &[(&str, T)]) -> Result<T, ApiError> {
    let given = text(parsed, name);
    let found = words.iter().find(|(word, _)| *word == given).map(|(_, meaning)| *meaning);
    let all = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| ApiError::invalid(format!("Invalid {name}: {given}, must be one of {}", all())))
}
