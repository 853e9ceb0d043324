//! How busy a machine is, `uptime` and `top -b` (procps-ng 3.3). Times and loads of a process are inferred, as in
//! [`procs`](super::procs).

use super::free::memory_of;
use super::getopt::Spec as Options;
use super::procs::{processor, table, user_name};
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::load;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::systemd::stamp_in;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("uptime", uptime), tool!("top", top)];

/// How long a machine is up, as `uptime` and `w` show it.
#[must_use]
pub fn up_since(secs: u64) -> String {
    let (days, hours, minutes) = (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    if hours > 0 { format!("{days}{hours:2}:{minutes:02}, ") } else { format!("{days}{minutes} min, ") }
}

/// The first line of `uptime`, `w` and `top`.
pub fn head(p: &Proc) -> String {
    let now = p.now();
    let (secs, users) = p.peek(|linux| (now.since(linux.booted).as_secs(), linux.logins.present().count()));
    let load = p.peek(|linux| load::averages(linux, now)).join(", ");
    let at = stamp_in(p, p.now(), "%H:%M:%S");
    let plural = if users == 1 { "" } else { "s" };
    format!(" {at} up {} {users} user{plural},  load average: {load}", up_since(secs))
}

/// `uptime`
async fn uptime(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options =
        Options { short: "pshV", long: &[("pretty", 'p'), ("since", 's'), ("help", 'h'), ("version", 'V')] };
    let given = match OPTIONS.read(arguments, false) {
        Ok(given) => given,
        Err(text) => {
            p.complain(&text).await?;
            p.err("\nUsage:\n uptime [options]\n").await?;
            return Ok(1);
        }
    };
    let booted = p.peek(|linux| linux.booted);
    if given.has('s') {
        let text = stamp_in(p, booted, "%Y-%m-%d %H:%M:%S");
        p.out(&format!("{text}\n")).await?;
        return Ok(0);
    }
    if given.has('p') {
        let secs = p.now().since(booted).as_secs();
        let part = |count: u64, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            count => Some(format!("{count} {word}s")),
        };
        let parts = [
            part(secs / 604_800, "week"),
            part(secs / 86_400 % 7, "day"),
            part(secs / 3_600 % 24, "hour"),
            part(secs / 60 % 60, "minute"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        p.out(&format!("up {}\n", if parts.is_empty() { "0 minutes".to_owned() } else { parts.join(", ") })).await?;
        return Ok(0);
    }
    if p.peek(|linux| linux.distro.dialect()) == Dialect::Ash {
        return applet_uptime(p, booted).await;
    }
    if given.has('h') || given.has('V') {
        return p.gap("uptime with this option");
    }
    let head = head(p);
    p.out(&format!("{head}\n")).await?;
    Ok(0)
}

/// As the applet of ESXi has it: seconds too, and no users. Its shape is inferred from listings in knowledge base articles.
async fn applet_uptime(p: &mut Proc, booted: Instant) -> Ended {
    p.inferred();
    let secs = p.now().since(booted).as_secs();
    let (days, hours, minutes) = (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    let at = stamp_in(p, p.now(), "%H:%M:%S");
    let now = p.now();
    let load = p.peek(|linux| load::averages(linux, now)).join(", ");
    p.out(&format!(" {at} up {days}{hours:02}:{minutes:02}:{:02}, load average: {load}\n", secs % 60)).await?;
    Ok(0)
}

/// `top -b`: the table `-n` times, else until somebody ends it.
async fn top(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "bcd:hHin:o:Op:sSu:U:vw::", long: &[] };
    let given = match OPTIONS.read(arguments, false) {
        Ok(given) => given,
        Err(_) => {
            let wrong = arguments.iter().find(|word| word.starts_with('-')).map_or("", String::as_str);
            p.complain(&format!("unknown option '{}'", wrong.trim_start_matches('-'))).await?;
            p.err("Usage:\n  top -hv | -bcEHiOSs1 -d secs -n max -u|U user -p pid(s) -o field -w [cols]\n").await?;
            return Ok(1);
        }
    };
    if !given.has('b') {
        return p.gap("top without -b");
    }
    if let Some(letter) = given.last_of("chHioOsSuUvw") {
        return p.gap(&format!("top -{letter}"));
    }
    let (times, delay) = (given.value('n').unwrap_or("0"), given.value('d').unwrap_or("3"));
    let Ok(times) = times.parse::<u64>() else {
        return p.fail(&format!("bad iterations argument '{times}'")).await;
    };
    let Some(delay) = delay.parse::<f64>().ok().filter(|delay| (0.0..1e6).contains(delay)) else {
        return p.fail(&format!("bad delay interval '{delay}'")).await;
    };
    let wanted: Vec<u32> =
        given.values('p').flat_map(|list| list.split(',')).filter_map(|pid| pid.parse().ok()).collect();
    p.inferred();
    for round in 1.. {
        let text = table_of_top(p, &wanted);
        p.out(&format!("{}{text}", if round > 1 { "\n" } else { "" })).await?;
        if round == times {
            break;
        }
        // No faster than the kernel counts.
        p.pass(Span::millis(((delay * 1000.0) as u64).max(10))).await?;
    }
    Ok(0)
}

fn table_of_top(p: &Proc, wanted: &[u32]) -> String {
    let head = head(p);
    let mut all = table(p);
    all.retain(|(pid, _)| wanted.is_empty() || wanted.contains(pid));
    let (memory, swap) = p.peek(|linux| (memory_of(linux), linux.distro.swap.1));
    let mib = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
    let total = all.len();
    let mut text = format!(
        "top -{head}\nTasks: {total:3} total,   1 running, {:3} sleeping,   0 stopped,   0 zombie\n%Cpu(s):  0.0 us,  0.0 sy,  0.0 \
         ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n",
        total.saturating_sub(1)
    );
    text.push_str(&format!(
        "MiB Mem : {:>8} total, {:>8} free, {:>8} used, {:>8} buff/cache\n",
        mib(memory.total),
        mib(memory.free),
        mib(memory.used),
        mib(memory.cache)
    ));
    text.push_str(&format!(
        "MiB Swap: {:>8} total, {:>8} free, {:>8} used. {:>8} avail Mem \n\n",
        mib(swap),
        mib(swap),
        mib(0),
        mib(memory.available)
    ));
    text.push_str("    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n");
    for (pid, process) in &all {
        let user = user_name(p, process.uid);
        let (vsz, rss) = super::procs::memory(&process.command);
        let hundredths = processor(process, p.now());
        let state = if *pid == p.pid { 'R' } else { 'S' };
        let (minutes, rest) = (hundredths / 6_000, hundredths % 6_000);
        text.push_str(&format!(
            "{pid:7} {user:<9} 20   0 {vsz:7} {rss:6} {:6} {state}   0.0 {:5.1} {minutes:3}:{:02}.{:02} {}\n",
            rss * 3 / 4,
            rss as f64 * 100.0 / memory.total as f64,
            rest / 100,
            rest % 100,
            process.comm()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_shown_as_uptime_does() {
        let check = |secs: u64, expect: &str| assert_eq!(up_since(secs), expect);
        check(60, "1 min, ");
        check(3_600, " 1:00, ");
        check(90_000, "1 day,  1:00, ");
        check(172_800 + 300, "2 days, 5 min, ");
    }
}
