//! The argparse dialect against recordings of the real interpreters, see `argparse/generate.py`.

#[path = "argparse/random_specs.rs"]
mod random_specs;
#[path = "argparse/real_specs.rs"]
mod real_specs;

use appsh::shell::argparse::{Argument, Dialect, Kind, Parsed, Parser};
use serde_json::Value;

type Specs = &'static [(&'static str, Parser)];

#[test]
fn real_tools_answer_as_recorded() {
    replay(real_specs::SPECS, include_str!("argparse/real.jsonl"), 150);
}

#[test]
fn made_up_tools_answer_as_recorded() {
    replay(random_specs::SPECS, include_str!("argparse/random.jsonl"), 300);
}

/// Replays a recording of at least so many lines, and shows the first few differences.
fn replay(specs: Specs, recording: &str, at_least: usize) {
    let failures: Vec<String> =
        recording.lines().flat_map(|line| check(specs, &serde_json::from_str(line).expect("a line of JSON"))).collect();
    assert!(recording.lines().count() >= at_least, "the recording is cut short");
    assert!(
        failures.is_empty(),
        "{} differences, the first of them:\n{}",
        failures.len(),
        failures[..failures.len().min(8)].join("\n")
    );
}

fn check(specs: Specs, case: &Value) -> Vec<String> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let (_, parser) = specs.iter().find(|(name, _)| *name == text("spec")).expect("a spec");
    let argv: Vec<&str> = case["argv"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    let columns = case["columns"].as_u64().unwrap() as usize;
    let expect = (case["status"].as_u64().unwrap() as u8, text("stdout"), text("stderr"));
    let mut failures = Vec::new();
    for name in case["dialects"].as_array().unwrap() {
        let (dialect, trouble) =
            (dialect(name.as_str().unwrap()), format!("{} {name} {columns} {argv:?}", text("spec")));
        match parser.parse(dialect, columns, &argv) {
            Ok(parsed) if case.get("found").is_some() => failures.extend(
                wrong_values(&parsed, &case["found"])
                    .map(|key| format!("{trouble}: {key} of {}, {parsed:?}", case["found"])),
            ),
            Ok(_) => failures.push(format!("{trouble}: accepted, expected\n{}{}", expect.1, expect.2)),
            Err(stop)
                if (stop.status, stop.stdout.as_str(), stop.stderr.as_str()) == expect
                    && case.get("found").is_none() => {}
            Err(stop) => failures.push(format!(
                "{trouble}: status {}\n{}{}--- expected {}\n{}{}",
                stop.status, stop.stdout, stop.stderr, expect.0, expect.1, expect.2
            )),
        }
    }
    failures
}

fn dialect(name: &str) -> Dialect {
    match name {
        "2.7" => Dialect::Python27,
        "3.6" => Dialect::Python36,
        "3.11" => Dialect::Python311,
        _ => panic!("unknown Python {name}"),
    }
}

/// The first destination whose value differs from Python's namespace.
fn wrong_values(parsed: &Parsed, found: &Value) -> Option<String> {
    let differs = |(key, value): (&String, &Value)| !agrees(parsed, key, value);
    let found = found.as_object().unwrap();
    found.iter().find(|entry| differs(*entry)).map(|(key, _)| key.clone())
}

fn agrees(parsed: &Parsed, key: &str, value: &Value) -> bool {
    match value {
        Value::Null => parsed.value(key).is_none() && parsed.values(key).is_empty(),
        Value::Bool(set) => parsed.flag(key) == *set,
        Value::Number(number) => {
            let float = || parsed.value(key).and_then(|text| text.replace('_', "").trim().parse::<f64>().ok());
            number.as_i64().is_some_and(|number| parsed.int(key) == Some(number)) || number.as_f64() == float()
        }
        Value::String(text) => parsed.value(key) == Some(text),
        Value::Array(_) => {
            let mut expect = Vec::new();
            flatten(value, &mut expect);
            let given = parsed.values(key);
            let same = |(text, value): (&&str, &Value)| match value {
                Value::Number(number) => text.replace('_', "").trim().parse::<f64>().ok() == number.as_f64(),
                _ => value.as_str() == Some(text),
            };
            given.len() == expect.len() && given.iter().zip(&expect).all(same)
        }
        Value::Object(_) => false,
    }
}

fn flatten(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, into)),
        Value::Null => {}
        single => into.push(single.clone()),
    }
}

fn spec(name: &str) -> &'static Parser {
    &real_specs::SPECS.iter().find(|(id, _)| *id == name).expect("a spec").1
}

/// The one text of this family that was captured on a real appliance.
#[test]
fn shutdown_now_answers_as_captured() {
    let stop = spec("shutdown").parse(Dialect::Python27, 80, &["-r", "now"]).unwrap_err();
    let expect = "usage: shutdown [-h] {poweroff,reboot,cancel} ...\n\
                  shutdown: error: invalid choice: 'now' (choose from 'poweroff', 'reboot', 'cancel')\n";
    assert_eq!((stop.status, stop.stdout.as_str(), stop.stderr.as_str()), (2, "", expect));
}

#[test]
fn completion_follows_the_words() {
    let tool = spec("software-packages");
    let commands: Vec<&str> = tool.reached(&[] as &[&str]).command_names().collect();
    assert_eq!(commands, ["stage", "install", "unstage", "validate", "list"]);
    let options: Vec<&str> = tool.reached(&["stage", "--iso"]).option_names().collect();
    assert_eq!(options, ["-h", "--help", "--iso", "--url", "--acceptEulas", "--thirdParty"]);
    let hosted = spec("hosted");
    assert_eq!(hosted.reached(&["--mode", "status"]).command_names().count(), 2);
    assert_eq!(hosted.reached(&["--mode", "none", "d"]).command_names().count(), 0);
}

#[test]
fn values_are_asked_by_destination() {
    let parsed = spec("software-packages").parse(Dialect::Python27, 80, &["stage", "--url", "--acc"]).unwrap();
    assert_eq!(parsed.command(), ["stage"]);
    assert_eq!((parsed.value("url"), parsed.flag("acceptEulas")), (Some("default"), true));
    assert_eq!((parsed.flag("iso"), parsed.is_present("url"), parsed.is_present("iso")), (false, true, false));
    let parsed = spec("service-control-6.0").parse(Dialect::Python27, 80, &["--dry-run", "vpxd", "--all"]).unwrap();
    assert!(parsed.flag("dry_run") && parsed.flag("dry-run") && !parsed.flag("all"));
    assert_eq!(parsed.values("services"), ["vpxd", "--all"]);
}

#[test]
fn a_tool_may_check_words_itself() {
    fn port(word: &str) -> Result<(), Option<String>> {
        match word.parse::<u16>() {
            Ok(0) => Err(Some("port 0 is reserved".to_owned())),
            Ok(_) => Ok(()),
            Err(_) => Err(None),
        }
    }
    static TOOL: Parser = Parser::new("tool").arguments(&[Argument::option(&["-p"]).kind(Kind::Custom("port", port))]);
    let message = |word: &str| {
        let stop = TOOL.parse(Dialect::Python36, 80, &["-p", word]).unwrap_err();
        stop.stderr.lines().last().unwrap().to_owned()
    };
    assert_eq!(message("x"), "tool: error: argument -p: invalid port value: 'x'");
    assert_eq!(message("0"), "tool: error: argument -p: port 0 is reserved");
    assert_eq!(TOOL.parse(Dialect::Python36, 80, &["-p", "443"]).unwrap().int("p"), Some(443));
}

/// Lines of odd characters and of the tools' own words never end in a panic, and errors always end a line.
#[test]
fn no_line_makes_it_panic() {
    let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut pick = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let bits = [
        "-",
        "--",
        "=",
        " ",
        "'",
        "\"",
        "\\",
        "é",
        "\u{1f600}",
        "\0",
        "\n",
        "9",
        "-h",
        "stage",
        "reboot",
        "--iso",
        "-d",
        "--st",
    ];
    let mut stopped = 0;
    for round in 0..20_000 {
        let line: String = (0..pick(12)).map(|_| bits[pick(bits.len())]).collect();
        let words = appsh::shell::lex::split(&line).words;
        let (_, parser) = &real_specs::SPECS[round % real_specs::SPECS.len()];
        let dialect = [Dialect::Python27, Dialect::Python36, Dialect::Python311][pick(3)];
        if let Err(stop) = parser.parse(dialect, pick(100), &words) {
            assert!((stop.stdout + &stop.stderr).ends_with('\n'), "{line:?}");
            stopped += 1;
        }
        parser.reached(&words).option_names().for_each(drop);
    }
    assert!(stopped > 1_000, "only {stopped} lines were refused");
}
