//! `chronyc` (chrony 3.4 and 4.1): how the clock is kept, from the sources in `/etc/chrony.conf` and whether their daemon is up.
//! Figures of how well are made of the names, and so inferred.

use super::{Tool, tool};
use crate::payload::Sha256;
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::net;
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("chronyc", chronyc)];

const CONF: &str = "/etc/chrony.conf";

/// A server that the clock follows: its name, its address where it is known, and bytes that its figures are made of.
struct Source {
    name: String,
    address: String,
    digest: [u8; 32],
}

fn sources(p: &Proc) -> Vec<Source> {
    let text = p.peek(|linux| linux.text(CONF)).unwrap_or_default();
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some("server" | "pool" | "peer")).then(|| words.next()).flatten().map(str::to_owned)
    });
    let source = |name: String| {
        let found = p.world(|world, id| net::resolve(world, id, &name));
        let digest = Sha256::of(name.as_bytes()).0;
        // One whose name nobody here knows is somewhere in the world.
        let [a, b, c, ..] = digest;
        let address = found.map_or_else(|| format!("203.0.{}.{}", a % 114, b.max(1) ^ c & 1), |host| host.address);
        Source { name, address, digest }
    };
    lines.map(source).collect()
}

async fn chronyc(p: &mut Proc, arguments: &[String]) -> Ended {
    let (mut numeric, mut words) = (false, arguments);
    let mut verbose = false;
    while let Some((word, rest)) = words.split_first().filter(|(word, _)| word.starts_with('-')) {
        match word.as_str() {
            "-n" => numeric = true,
            "-a" => {}
            option => return p.gap(&format!("chronyc {option}")),
        }
        words = rest;
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| {
            verbose |= *word == "-v";
            *word != "-v"
        })
        .collect();
    if words.is_empty() {
        return p.gap("chronyc as a program to type into");
    }
    if !p.peek(|linux| linux.unit_is_up("chronyd.service")) {
        p.out("506 Cannot talk to daemon\n").await?;
        return Ok(1);
    }
    let text = match words[..] {
        ["tracking"] => tracking(p, numeric),
        ["sources"] => listed(p, numeric, verbose),
        ["sourcestats"] | ["ntpdata"] | ["clients"] | ["serverstats"] => {
            return p.gap(&format!("chronyc {}", words[0]));
        }
        ["activity"] => {
            let count = sources(p).len();
            format!(
                "200 OK\n{count} sources online\n0 sources offline\n0 sources doing burst (return to online)\n\
                 0 sources doing burst (return to offline)\n0 sources with unknown address\n"
            )
        }
        ["makestep"] | ["burst", ..] | ["online"] | ["waitsync", ..] if !p.cred.is_root() && words[0] != "waitsync" => {
            p.out("501 Not authorised\n").await?;
            return Ok(1);
        }
        ["makestep"] => {
            let now = p.now().utc().unix_timestamp();
            p.linux(|linux| linux.zone.set_ahead(now, 0));
            "200 OK\n".to_owned()
        }
        ["online"] | ["burst", ..] => "200 OK\n".to_owned(),
        ["waitsync", ..] => "try: 1, refid: 00000000, correction: 0.000000000, skew: 0.000\n".to_owned(),
        ["add" | "delete" | "offline" | "settime" | "manual" | "reload" | "reselect" | "rtcdata" | "smoothing", ..] => {
            return p.gap(&format!("chronyc {}", words[0]));
        }
        _ => {
            p.out("Unrecognized command\n").await?;
            return Ok(1);
        }
    };
    p.inferred();
    p.out(&text).await?;
    Ok(0)
}

/// A number below `most` out of a source's bytes.
fn figure(source: &Source, at: usize, most: u32) -> u32 {
    let [a, b] = [source.digest[at], source.digest[at + 1]].map(u32::from);
    (a << 8 | b) % most
}

fn tracking(p: &Proc, numeric: bool) -> String {
    let (all, now) = (sources(p), p.now());
    let ahead = p.peek(|linux| linux.zone.ahead());
    let Some(best) = all.first() else {
        return "Reference ID    : 00000000 ()\nStratum         : 0\nRef time (UTC)  : Thu Jan 01 00:00:00 1970\n\
                System time     : 0.000000000 seconds fast of NTP time\nLast offset     : +0.000000000 seconds\n\
                RMS offset      : 0.000000000 seconds\nFrequency       : 0.000 ppm slow\nResidual freq   : +0.000 ppm\n\
                Skew            : 0.000 ppm\nRoot delay      : 1.000000000 seconds\n\
                Root dispersion : 1.000000000 seconds\nUpdate interval : 0.0 seconds\nLeap status     : Not synchronised\n"
            .to_owned();
    };
    let parts = best.address.split('.').map(|part| part.parse::<u8>().unwrap_or(0));
    let number: String = parts.map(|part| format!("{part:02X}")).collect();
    let number =
        if number.len() == 8 { number } else { best.digest[..4].iter().map(|byte| format!("{byte:02X}")).collect() };
    let interval = 64_i64 << (figure(best, 0, 5));
    let seconds = now.utc().unix_timestamp();
    let since = seconds - seconds.rem_euclid(interval) + i64::from(figure(best, 2, 60)) - 60;
    let zone = p.peek(|linux| linux.zone.clone());
    let at = clock::format("%a %b %d %H:%M:%S %Y", since, 0, &Zone::utc().by_clock_of(&zone));
    let off = figure(best, 4, 90_000);
    let (apart, way) = if ahead < 0 { (-ahead, "slow") } else { (ahead, "fast") };
    let name = if numeric { &best.address } else { &best.name };
    format!(
        "Reference ID    : {number} ({name})\nStratum         : 3\nRef time (UTC)  : {at}\n\
         System time     : {apart}.{off:09} seconds {way} of NTP time\nLast offset     : +0.{:09} seconds\n\
         RMS offset      : 0.{:09} seconds\nFrequency       : {}.{:03} ppm slow\nResidual freq   : +0.{:03} ppm\n\
         Skew            : 0.{:03} ppm\nRoot delay      : 0.{:09} seconds\nRoot dispersion : 0.{:09} seconds\n\
         Update interval : {interval}.{} seconds\nLeap status     : Normal\n",
        figure(best, 6, 60_000),
        figure(best, 8, 65_000) + 20_000,
        figure(best, 10, 30),
        figure(best, 11, 1_000),
        figure(best, 12, 20),
        figure(best, 13, 90),
        figure(best, 14, 60_000) * 100,
        figure(best, 15, 60_000) * 20,
        figure(best, 16, 10),
    )
}

const LEGEND: &str = "
  .-- Source mode  '^' = server, '=' = peer, '#' = local clock.
 / .- Source state '*' = current best, '+' = combined, '-' = not combined,
| /             'x' = may be in error, '~' = too variable, '?' = unusable.
||                                                 .- xxxx [ yyyy ] +/- zzzz
||      Reachability register (octal) -.           |  xxxx = adjusted offset,
||      Log2(Polling interval) --.      |          |  yyyy = measured offset,
||                                \\     |          |  zzzz = estimated error.
||                                 |    |           \\
";

fn listed(p: &Proc, numeric: bool, verbose: bool) -> String {
    let all = sources(p);
    let up = p.now().since(p.peek(|linux| linux.booted)).as_secs();
    let old = p.peek(|linux| linux.distro.major < 8);
    let mut text = if old { format!("210 Number of sources = {}\n", all.len()) } else { String::new() };
    text.push_str(if verbose { LEGEND } else { "" });
    text.push_str("MS Name/IP address         Stratum Poll Reach LastRx Last sample               \n");
    text.push_str("===============================================================================\n");
    for (at, source) in all.iter().enumerate() {
        let state = if at == 0 {
            '*'
        } else if at < 3 {
            '+'
        } else {
            '-'
        };
        let poll = 6 + figure(source, 0, 5);
        let ago = (up + u64::from(figure(source, 2, 600))) % (1 << poll);
        let name: String = if numeric { &source.address } else { &source.name }.chars().take(27).collect();
        let (offset, error) = (figure(source, 4, 400), figure(source, 6, 40) + 5);
        let sign = if figure(source, 8, 2) == 0 { '+' } else { '-' };
        text.push_str(&format!(
            "^{state} {name:<27}  {:>2}  {poll:>2}   377  {ago:>4}   {:>6}us[{:>6}us] +/- {error:>4}ms\n",
            2 + figure(source, 9, 2),
            format!("{sign}{offset}"),
            format!("{sign}{}", offset + figure(source, 10, 50)),
        ));
    }
    text
}
