//! `monitoring.snmp.*`: the SNMP agent. Options and their values are the guide's; no lab has a manager that would ask it.

use super::Command;
use super::args::{
    ALL, boolean, call, documented, done, figure, flag, gap, inferred, list, refuse, reply, text, values, word,
};
use crate::shell::argparse::{Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::{ApiError, snmp};
use crate::systems::vcsa::snmp::{
    Change, Digest, MAX_BUFFER_SIZE, MAX_COMMUNITIES, MAX_COMMUNITY_LENGTH, MAX_FILTERS, MAX_TARGETS,
};

const GUIDE: &str = "the guide of 7.0; wording of the errors inferred";
const STRUCTURE: &str = "members of the API structure";

/// The options of `snmp.set` that are lists.
const LISTS: [&str; 6] = ["communities", "targets", "users", "remoteusers", "v3targets", "notraps"];
/// Those that are one word.
const WORDS: [&str; 6] = ["authentication", "privacy", "engineid", "syscontact", "syslocation", "loglevel"];

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.disable")
            .description("Stop an enabled SNMP agent."),
        |cx, _| {
            let id = cx.machine();
            let result = snmp::disable(cx.world, id);
            done(cx, result)
        },
        &[documented("snmp.disable", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.enable")
            .description("Start a disabled SNMP agent."),
        |cx, _| {
            let id = cx.machine();
            let result = snmp::enable(cx.world, id);
            done(cx, result)
        },
        &[documented(
            "snmp.enable: not before it has a community or a user; the daemon and its unit are inferred",
            ALL,
            GUIDE,
        )],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.get")
            .description("Get an SNMP agent configuration."),
        get,
        &[inferred("snmp.get", ALL, "the options of snmp.set, by their names")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.hash")
            .description("Generate localized keys for secure SNMPv3 communications.")
            .arguments(&[
                word(&["--auth_hash"], "Path to a file with the authentication secret").required(),
                word(&["--priv_hash"], "Path to a file with the privacy secret").required(),
                boolean(&["--raw_secret"], "The secrets are given on the command line"),
            ]),
        hash,
        &[
            documented("snmp.hash --auth_hash FILE --priv_hash FILE: keys by RFC 3414", ALL, GUIDE),
            gap(
                "snmp.hash --raw_secret true: secrets on the command line, which appsh blots out before they are used",
                ALL,
            ),
        ],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.limits")
            .description("Get SNMP limits information."),
        |cx, _| reply(cx, limits()),
        &[inferred("snmp.limits", ALL, "members of the API structure; figures of the ESXi agent")],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.reset")
            .description("Restore settings to factory defaults."),
        |cx, _| {
            let id = cx.machine();
            let result = snmp::reset(cx.world, id);
            done(cx, result)
        },
        &[documented("snmp.reset", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.set")
            .description("Set SNMP configuration.")
            .arguments(&[
                word(&["--authentication"], "SNMPv3 default authentication protocol: none, MD5 or SHA1"),
                word(
                    &["--communities"],
                    "Up to ten communities, each no more than 64 characters. This overwrites the previous settings",
                ),
                word(&["--engineid"], "SNMPv3 engine id, 10 to 32 hexadecimal characters, 0x or 0X are stripped"),
                word(&["--loglevel"], "Log level: debug, info, warning or error"),
                word(&["--notraps"], "Comma-separated list of trap oids that are not sent"),
                word(&["--port"], "UDP port on which the agent listens. The default is 161"),
                word(&["--privacy"], "SNMPv3 default privacy protocol: none or AES128"),
                word(
                    &["--remoteusers"],
                    "Up to five inform user ids: user/auth-proto/-|auth-hash/priv-proto/-|priv-hash/engine-id",
                ),
                word(&["--syscontact"], "System contact string"),
                word(&["--syslocation"], "System location string"),
                word(&["--targets"], "Up to three targets: hostname@port/community"),
                word(&["--users"], "Up to five local users: user/-|auth-hash/-|priv-hash/model"),
                word(&["--v3targets"], "Up to three SNMPv3 targets: hostname@port/user/sec-level/trap|inform"),
            ]),
        set,
        &[documented("snmp.set, with reset for each option", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.stats")
            .description("Generate diagnostics report for the SNMP agent."),
        stats,
        &[inferred(
            "snmp.stats: the traps it has sent; nobody in a lab asks it anything",
            ALL,
            "the counters of SNMPv2-MIB",
        )],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.monitoring.snmp.test")
            .description("Send a warmStart notification to all configured traps and inform destinations."),
        |cx, _| {
            let runs = snmp::is_enabled(cx.world, cx.machine());
            let (success, message) = cx.vcsa_mut().settings.snmp.test(runs);
            reply(
                cx,
                Value::record([("Results", Value::record([("Success", success.into()), ("Message", message.into())]))]),
            )
        },
        &[inferred("snmp.test: nothing is sent, the answer follows from the configuration", ALL, STRUCTURE)],
    ),
];

fn get(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    let engine = cx.vcsa().settings.snmp.engine(&cx.world.machine(cx.machine()).name);
    let enabled = snmp::is_enabled(cx.world, cx.machine());
    let agent = &cx.vcsa().settings.snmp;
    let joined = |list: &[String]| values(list.iter().cloned());
    let config = Value::record([
        ("Enable", enabled.into()),
        ("Port", i64::from(agent.port).into()),
        ("Authentication", agent.authentication.word().into()),
        ("Privacy", if agent.privacy { "AES128" } else { "none" }.into()),
        ("Communities", joined(&agent.communities)),
        ("Engineid", engine.into()),
        ("Loglevel", agent.loglevel.clone().into()),
        ("Notraps", joined(&agent.notraps)),
        ("Remoteusers", joined(&agent.remoteusers)),
        ("Syscontact", agent.syscontact.clone().into()),
        ("Syslocation", agent.syslocation.clone().into()),
        ("Targets", joined(&agent.targets)),
        ("Users", joined(&agent.users)),
        ("V3targets", joined(&agent.v3targets)),
    ]);
    reply(cx, Value::record([("Config", config)]))
}

/// The counters of SNMPv2-MIB (RFC 3418) that have a meaning here.
fn stats(cx: &mut Context<'_>, _: &Parsed) -> Outcome {
    if !snmp::is_enabled(cx.world, cx.machine()) {
        return refuse(cx, &ApiError::not_allowed("Agent is not enabled"));
    }
    let sent = cx.vcsa().settings.snmp.traps;
    let shown = Value::record([
        ("Snmpinpkts", figure(0)),
        ("Snmpoutpkts", figure(sent)),
        ("Snmpinbadversions", figure(0)),
        ("Snmpinbadcommunitynames", figure(0)),
        ("Snmpinbadcommunityuses", figure(0)),
        ("Snmpinasnparseerrs", figure(0)),
        ("Snmpouttraps", figure(sent)),
    ]);
    reply(cx, Value::record([("Stats", shown)]))
}

fn limits() -> Value {
    Value::record([(
        "Limits",
        Value::record([
            ("Max_communities", figure(MAX_COMMUNITIES as u64)),
            ("Max_trap_destinations_v1", figure(MAX_TARGETS as u64)),
            ("Max_destinations_v3", figure(MAX_TARGETS as u64)),
            ("Max_notification_filters", figure(MAX_FILTERS as u64)),
            ("Max_community_length", figure(MAX_COMMUNITY_LENGTH as u64)),
            ("Max_buffer_size", figure(MAX_BUFFER_SIZE as u64)),
        ]),
    )])
}

/// All changes or none: the agent is changed once each of them would do.
fn set(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let mut agent = cx.vcsa().settings.snmp.clone();
    let result = asked(parsed).and_then(|changes| changes.into_iter().try_for_each(|change| agent.change(change)));
    if result.is_ok() {
        cx.vcsa_mut().settings.snmp = agent;
    }
    done(cx, result.map_err(ApiError::invalid))
}

fn asked(parsed: &Parsed) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    for name in LISTS.into_iter().chain(WORDS).chain(["port"]) {
        let Some(value) = parsed.value(name) else { continue };
        changes.push(match name {
            _ if value == "reset" => Change::Reset(name),
            "port" => Change::Port(value.parse().map_err(|_| format!("Invalid port {value}"))?),
            name if LISTS.contains(&name) => Change::List(name, list(parsed, name)),
            name => Change::Word(name, value.to_owned()),
        });
    }
    Ok(changes)
}

fn hash(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    if flag(parsed, "raw_secret") == Some(true) {
        return Outcome::Gap("secrets on the command line: put each into a file".to_owned());
    }
    let agent = &cx.vcsa().settings.snmp;
    let engine = agent.engine(&cx.world.machine(cx.machine()).name);
    let digest = agent.authentication;
    if digest == Digest::None {
        return refuse(cx, &ApiError::not_allowed("Set the authentication protocol first"));
    }
    let linux = &cx.vcsa().linux;
    let key = |name: &str| {
        let path = text(parsed, name);
        let secret = linux.text(path).ok_or_else(|| ApiError::not_found(format!("File {path} not found")))?;
        Ok(hexadecimal(&digest.localized(secret.trim_end_matches('\n').as_bytes(), &octets(&engine))))
    };
    match key("auth_hash").and_then(|auth| Ok((auth, key("priv_hash")?))) {
        Ok((auth, privacy)) => {
            let keys = Value::record([("Auth_key", auth.into()), ("Priv_key", privacy.into())]);
            reply(cx, Value::record([("Hash_results", keys)]))
        }
        Err(error) => refuse(cx, &error),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn octets(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
