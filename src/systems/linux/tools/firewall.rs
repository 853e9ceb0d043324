//! `firewall-cmd` (firewalld 0.6 and 0.9): zones, services and ports, for now and kept. What others reach follows from them. Rich
//! rules, sources, interfaces in other zones and forwarding are not modelled.

use super::{Tool, tool};
use crate::systems::linux::firewall::{self, SERVICES, UNIT, ZONES, ports_of};
use crate::systems::linux::interface::Interface;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::firewall::{Rules, Zone};
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("firewall-cmd", firewall_cmd)];

/// Exit statuses of firewalld's errors.
const NOT_RUNNING: u8 = 252;
const NOT_AUTHORIZED: u8 = 253;
const USAGE: u8 = 2;

/// What is not modelled: the beginnings of options.
const GAPS: [&str; 19] = [
    "--add-rich-rule",
    "--remove-rich-rule",
    "--query-rich-rule",
    "--direct",
    "--add-source",
    "--remove-source",
    "--add-interface",
    "--change-interface",
    "--remove-interface",
    "--add-forward",
    "--remove-forward",
    "--new-",
    "--delete-",
    "--set-",
    "--panic",
    "--icmp",
    "--timeout",
    "--ipset",
    "--policy",
];

/// What a command line asks for: an option and its value.
struct Wish {
    name: String,
    value: String,
}

#[derive(Default)]
struct Asked {
    permanent: bool,
    quiet: bool,
    zone: Option<String>,
}

async fn firewall_cmd(p: &mut Proc, arguments: &[String]) -> Ended {
    let (mut asked, mut wishes) = (Asked::default(), Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (name, mut value) =
            word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value.to_owned())));
        let takes = [
            "--zone",
            "--add-service",
            "--remove-service",
            "--query-service",
            "--add-port",
            "--remove-port",
            "--query-port",
            "--set-default-zone",
            "--info-service",
            "--get-zone-of-interface",
            "--info-zone",
        ];
        if takes.contains(&name) && value.is_none() {
            value = words.next().cloned();
        }
        match name {
            "--permanent" => asked.permanent = true,
            "-q" | "--quiet" => asked.quiet = true,
            "--zone" => asked.zone = value,
            _ => wishes.push(Wish { name: name.to_owned(), value: value.unwrap_or_default() }),
        }
    }
    let up = p.peek(|linux| linux.unit_is_up(UNIT));
    if wishes.first().is_some_and(|wish| wish.name == "--state") {
        let word = if up { "running" } else { "not running" };
        if up {
            p.out(&format!("{word}\n")).await?
        } else {
            p.err(&format!("{word}\n")).await?
        }
        return Ok(if up { 0 } else { NOT_RUNNING });
    }
    if wishes.is_empty() {
        p.err("usage: see firewall-cmd man page\nNo option specified.\n").await?;
        return Ok(USAGE);
    }
    if let Some(wish) = wishes
        .iter()
        .find(|wish| GAPS.iter().any(|gap| wish.name.starts_with(gap)) && wish.name != "--set-default-zone")
    {
        return p.gap(&format!("firewall-cmd {}", wish.name));
    }
    if !up {
        p.err("FirewallD is not running\n").await?;
        return Ok(NOT_RUNNING);
    }
    if !p.cred.is_root() {
        p.err("Authorization failed.\n    Make sure polkit agent is running or run the application as superuser.\n")
            .await?;
        return Ok(NOT_AUTHORIZED);
    }
    let mut rules =
        p.world(|world, id| if asked.permanent { firewall::kept(world, id) } else { firewall::now(world, id) });
    let zone = asked.zone.clone().unwrap_or_else(|| rules.default.clone());
    if !rules.zones.contains_key(&zone) {
        return error(p, &format!("INVALID_ZONE: {zone}"), 112).await;
    }
    let (before, mut status) = (rules.clone(), 0);
    for wish in &wishes {
        match answer(p, &asked, &mut rules, &zone, wish).await? {
            Ok(done) => status = status.max(done),
            Err((text, code)) => return error(p, &text, code).await,
        }
    }
    if rules != before {
        keep(p, rules, asked.permanent);
    }
    Ok(status)
}

async fn error(p: &mut Proc, text: &str, status: u8) -> Ended {
    p.err(&format!("Error: {text}\n")).await?;
    Ok(status)
}

/// Sets the rules that count, or those that are kept: what counts stays then as it is until it is read anew.
fn keep(p: &Proc, rules: Rules, permanent: bool) {
    p.world(|world, id| {
        let (at, counting) = (world.now, firewall::now(world, id));
        let own = &mut world.linux_mut(id).firewall;
        if permanent {
            own.kept = Some(rules);
            own.now = Some((at, counting));
        } else {
            own.now = Some((at, rules));
        }
    });
}

/// What comes of one wish: a status, or an error with its own.
async fn answer(
    p: &mut Proc,
    asked: &Asked,
    rules: &mut Rules,
    name: &str,
    wish: &Wish,
) -> Result<Result<u8, (String, u8)>, Cut> {
    let zone = rules.zones.get(name).cloned().unwrap_or_default();
    let say = |text: String| if asked.quiet { String::new() } else { text };
    let joined = |words: Vec<String>| words.join(" ") + "\n";
    let text = match wish.name.as_str() {
        "--get-default-zone" => format!("{}\n", rules.default),
        "--get-zones" => joined(rules.zones.keys().cloned().collect()),
        "--get-services" => joined(SERVICES.iter().map(|(service, _)| (*service).to_owned()).collect()),
        "--get-active-zones" => {
            let interface = p.world(|world, id| Interface::of(world, id).name);
            format!("{}\n  interfaces: {interface}\n", rules.default)
        }
        "--get-zone-of-interface" => {
            let interface = p.world(|world, id| Interface::of(world, id).name);
            if wish.value != interface {
                p.err("no zone\n").await?;
                return Ok(Ok(2));
            }
            format!("{}\n", rules.default)
        }
        "--list-services" => joined(zone.services.iter().cloned().collect()),
        "--list-ports" => joined(zone.ports.clone()),
        "--list-interfaces" => {
            let interface = p.world(|world, id| Interface::of(world, id).name);
            let has = name == rules.default && !asked.permanent;
            format!("{}\n", if has { interface } else { "" })
        }
        "--list-all" => shown(p, rules, name, asked.permanent),
        "--info-zone" if rules.zones.contains_key(&wish.value) => shown(p, rules, &wish.value, asked.permanent),
        "--info-zone" => return Ok(Err((format!("INVALID_ZONE: {}", wish.value), 112))),
        "--list-all-zones" => {
            let all = ZONES.iter().map(|(name, _)| shown(p, rules, name, asked.permanent));
            all.collect::<Vec<_>>().join("\n")
        }
        "--info-service" => match ports_of(&wish.value) {
            Some(ports) => format!(
                "{}\n  ports: {ports}\n  protocols: \n  source-ports: \n  modules: \n  destination: \n  includes: \n  helpers: \n",
                wish.value
            ),
            None => return Ok(Err((format!("INVALID_SERVICE: {}", wish.value), 101))),
        },
        "--query-masquerade" => return queried(p, asked, zone.masquerade).await.map(Ok),
        "--query-service" => {
            if ports_of(&wish.value).is_none() {
                return Ok(Err((format!("INVALID_SERVICE: {}", wish.value), 101)));
            }
            return queried(p, asked, zone.services.contains(&wish.value)).await.map(Ok);
        }
        "--query-port" => {
            if let Err(wrong) = port(&wish.value) {
                return Ok(Err(wrong));
            }
            return queried(p, asked, zone.ports.contains(&wish.value)).await.map(Ok);
        }
        "--reload" | "--complete-reload" => {
            p.world(|world, id| {
                let (at, kept) = (world.now, firewall::kept(world, id));
                world.linux_mut(id).firewall.now = Some((at, kept));
            });
            say("success\n".to_owned())
        }
        "--runtime-to-permanent" => {
            p.world(|world, id| {
                let counting = firewall::now(world, id);
                let at = world.now;
                let own = &mut world.linux_mut(id).firewall;
                (own.kept, own.now) = (Some(counting.clone()), Some((at, counting)));
            });
            say("success\n".to_owned())
        }
        "--check-config" => say("success\n".to_owned()),
        "--set-default-zone" => {
            if !rules.zones.contains_key(&wish.value) {
                return Ok(Err((format!("INVALID_ZONE: {}", wish.value), 112)));
            }
            if rules.default == wish.value {
                p.err(&format!("Warning: ZONE_ALREADY_SET: {}\n", wish.value)).await?;
            }
            // It counts at once, and is kept.
            rules.default.clone_from(&wish.value);
            let mut kept = p.world(|world, id| firewall::kept(world, id));
            kept.default.clone_from(&wish.value);
            keep(p, kept, true);
            say("success\n".to_owned())
        }
        "--add-masquerade" | "--remove-masquerade" => {
            if let Some(zone) = rules.zones.get_mut(name) {
                zone.masquerade = wish.name.starts_with("--add");
            }
            say("success\n".to_owned())
        }
        "--add-service" | "--remove-service" => {
            if ports_of(&wish.value).is_none() {
                return Ok(Err((format!("INVALID_SERVICE: {}", wish.value), 101)));
            }
            let adds = wish.name.starts_with("--add");
            let changed = rules.zones.get_mut(name).is_some_and(|zone| match adds {
                true => zone.services.insert(wish.value.clone()),
                false => zone.services.remove(&wish.value),
            });
            told(p, asked, changed, adds, &wish.value, name).await?
        }
        "--add-port" | "--remove-port" => {
            if let Err(wrong) = port(&wish.value) {
                return Ok(Err(wrong));
            }
            let adds = wish.name.starts_with("--add");
            let there = zone.ports.contains(&wish.value);
            let shown = wish.value.replacen('/', ":", 1);
            if let Some(zone) = rules.zones.get_mut(name).filter(|_| there != adds) {
                match adds {
                    true => zone.ports.push(wish.value.clone()),
                    false => zone.ports.retain(|port| *port != wish.value),
                }
            }
            told(p, asked, there != adds, adds, &shown, name).await?
        }
        option => {
            p.err(&format!(
                "usage: see firewall-cmd man page\nfirewall-cmd: error: unrecognized arguments: {option}\n"
            ))
            .await?;
            return Ok(Ok(USAGE));
        }
    };
    p.out(&text).await?;
    Ok(Ok(0))
}

/// Says that it is done, with a warning where nothing was to do.
async fn told(p: &mut Proc, asked: &Asked, changed: bool, adds: bool, what: &str, zone: &str) -> Result<String, Cut> {
    if !changed {
        let text = match (adds, asked.permanent) {
            (true, true) => format!("Warning: ALREADY_ENABLED: {what}\n"),
            (true, false) => format!("Warning: ALREADY_ENABLED: '{what}' already in '{zone}'\n"),
            (false, true) => format!("Warning: NOT_ENABLED: {what}\n"),
            (false, false) => format!("Warning: NOT_ENABLED: '{what}' not in '{zone}'\n"),
        };
        p.err(&text).await?;
    }
    Ok(if asked.quiet { String::new() } else { "success\n".to_owned() })
}

async fn queried(p: &mut Proc, asked: &Asked, is: bool) -> Ended {
    if !asked.quiet {
        p.out(if is { "yes\n" } else { "no\n" }).await?;
    }
    Ok(u8::from(!is))
}

/// Whether a text names a port: else the error.
fn port(text: &str) -> Result<(), (String, u8)> {
    let Some((range, protocol)) = text.split_once('/') else {
        let text = "INVALID_PORT: bad port (most likely missing protocol), correct syntax is portid[-portid]/protocol";
        return Err((text.to_owned(), 102));
    };
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let read = |text: &str| text.parse::<u16>().ok().filter(|number| *number > 0);
    if read(low).zip(read(high)).is_none_or(|(low, high)| low > high) {
        return Err((format!("INVALID_PORT: {range}"), 102));
    }
    if !["tcp", "udp", "sctp", "dccp"].contains(&protocol) {
        return Err((format!("INVALID_PROTOCOL: '{protocol}' not in {{'tcp', 'udp', 'sctp', 'dccp'}}"), 103));
    }
    Ok(())
}

/// A zone with all that is set in it.
fn shown(p: &Proc, rules: &Rules, name: &str, permanent: bool) -> String {
    let zone: Zone = rules.zones.get(name).cloned().unwrap_or_default();
    let active = name == rules.default && !permanent;
    let interface = p.world(|world, id| Interface::of(world, id).name);
    let recent = p.peek(|linux| linux.distro.major >= 8);
    let target = match name {
        "block" => "%%REJECT%%",
        "drop" => "DROP",
        "trusted" => "ACCEPT",
        _ => "default",
    };
    let services: Vec<&str> = zone.services.iter().map(String::as_str).collect();
    p.inferred();
    format!(
        "{name}{}\n  target: {target}\n  icmp-block-inversion: no\n  interfaces: {}\n  sources: \n  services: {}\n  ports: {}\n  \
         protocols: \n{}  masquerade: {}\n  forward-ports: \n  source-ports: \n  icmp-blocks: \n  rich rules: \n{}",
        if active { " (active)" } else { "" },
        if active { interface } else { "" },
        services.join(" "),
        zone.ports.join(" "),
        if recent { "  forward: no\n" } else { "" },
        if zone.masquerade { "yes" } else { "no" },
        if recent { "" } else { "\t\n" },
    )
}
