//! On which processors, in which order and by which policy a process runs: `taskset`, `ionice` and `chrt` of util-linux 2.32.

use super::getopt::Spec;
use super::input::{failed, given, misused};
use super::{Tool, tool};
use crate::systems::linux::bash::{Ran, become_words};
use crate::systems::linux::model::process::Schedule;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("taskset", taskset), tool!("ionice", ionice), tool!("chrt", chrt)];

/// What was said of a process; nothing where there is none of this number.
fn of(p: &Proc, pid: u32) -> Option<Schedule> {
    p.peek(|linux| linux.processes.get(pid).filter(|process| process.ended.is_none()).map(|process| process.schedule))
}

fn change(p: &Proc, pid: u32, change: impl FnOnce(&mut Schedule)) {
    p.linux(|linux| {
        if let Some(process) = linux.processes.get_mut(pid) {
            change(&mut process.schedule);
        }
    });
}

async fn run(p: &mut Proc, words: &[String]) -> Ended {
    let name = words.first().cloned().unwrap_or_default();
    match become_words(p, words.to_vec()).await? {
        Ran::Status(status) => Ok(status),
        Ran::Refused(errno) => failed(p, &format!("failed to execute {name}: {}", errno.text()), 127).await,
    }
}

/// The processors of the machine, a bit for each.
fn all(p: &Proc) -> u64 {
    let count = p.peek(|linux| linux.hardware.processors).clamp(1, 64);
    u64::MAX >> (64 - count)
}

/// `0,2-5` as bits.
fn listed(text: &str) -> Option<u64> {
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = part.split_once(':').map_or((part, Some(1)), |(range, step)| (range, step.parse().ok()));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        if last < first {
            return None;
        }
        for bit in (first..=last.min(1023)).step_by(step.filter(|step| *step > 0)?) {
            bits |= 1_u64.checked_shl(bit).unwrap_or(0);
        }
    }
    Some(bits)
}

fn list(bits: u64) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while at < 64 {
        if bits >> at & 1 == 0 {
            at += 1;
            continue;
        }
        let first = at;
        while at < 64 && bits >> at & 1 == 1 {
            at += 1;
        }
        parts.push(match at - first {
            1 => first.to_string(),
            2 => format!("{first},{}", at - 1),
            _ => format!("{first}-{}", at - 1),
        });
    }
    parts.join(",")
}

async fn taskset(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec =
        Spec { short: "acp", long: &[("all-tasks", 'a'), ("cpu-list", 'c'), ("pid", 'p')], gaps: "h V" };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    let by_list = given.has('c');
    let words = &given.operands[..];
    let needed = if given.has('p') { 1 } else { 2 };
    if words.len() < needed {
        if given.has('p') {
            return failed(p, "invalid PID argument: '-p'", 1).await;
        }
        return misused(p, "bad usage", 1).await;
    }
    let shown = |p: &Proc, pid: u32, bits: u64, which: &str| {
        let _ = p;
        if by_list {
            format!("pid {pid}'s {which} affinity list: {}\n", list(bits))
        } else {
            format!("pid {pid}'s {which} affinity mask: {bits:x}\n")
        }
    };
    let read = |text: &str| match by_list {
        true => listed(text),
        false => u64::from_str_radix(text.trim_start_matches("0x").trim_start_matches("0X"), 16).ok(),
    };
    let everything = all(p);
    if !given.has('p') {
        let Some(bits) = read(&words[0]) else {
            let what = if by_list { "list" } else { "mask" };
            return failed(p, &format!("failed to parse CPU {what}: {}", words[0]), 1).await;
        };
        if bits & everything == 0 {
            return failed(p, &format!("failed to set pid {}'s affinity: Invalid argument", p.pid), 1).await;
        }
        change(p, p.pid, |schedule| schedule.processors = Some(bits & everything));
        return run(p, &words[1..]).await;
    }
    let (bits, word) = match words {
        [pid] => (None, pid),
        [bits, pid, ..] => match read(bits) {
            Some(read) => (Some(read), pid),
            None => {
                let what = if by_list { "list" } else { "mask" };
                return failed(p, &format!("failed to parse CPU {what}: {bits}"), 1).await;
            }
        },
        [] => return misused(p, "bad usage", 1).await,
    };
    let Ok(pid) = word.parse::<u32>() else {
        return failed(p, &format!("invalid PID argument: '{word}'"), 1).await;
    };
    if pid == 0 {
        return misused(p, "bad usage", 1).await;
    }
    let Some(schedule) = of(p, pid) else {
        return failed(p, &format!("failed to get pid {pid}'s affinity: No such process"), 1).await;
    };
    let text = shown(p, pid, schedule.processors.unwrap_or(everything), "current");
    p.out(&text).await?;
    let Some(bits) = bits else { return Ok(0) };
    if bits & everything == 0 {
        return failed(p, &format!("failed to set pid {pid}'s affinity: Invalid argument"), 1).await;
    }
    if !p.may_signal(pid, 0) {
        return failed(p, &format!("failed to set pid {pid}'s affinity: Operation not permitted"), 1).await;
    }
    change(p, pid, |schedule| schedule.processors = Some(bits & everything));
    let text = shown(p, pid, bits & everything, "new");
    p.out(&text).await?;
    Ok(0)
}

const CLASSES: [&str; 4] = ["none", "realtime", "best-effort", "idle"];

async fn ionice(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "c:n:p:P:u:t",
        long: &[("class:", 'c'), ("classdata:", 'n'), ("ignore", 't'), ("pgid:", 'P'), ("pid:", 'p'), ("uid:", 'u')],
        gaps: "h V",
    };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    if given.has('P') || given.has('u') {
        return p.gap("ionice of a group or user");
    }
    let class = match given.value('c') {
        None => None,
        Some(text) => match CLASSES.iter().position(|class| *class == text).or_else(|| text.parse().ok()) {
            Some(class) if class < CLASSES.len() => Some(class as u8),
            Some(class) => {
                p.complain(&format!("unknown prio class {class}")).await?;
                Some(2)
            }
            None => return failed(p, &format!("unknown scheduling class: '{text}'"), 1).await,
        },
    };
    let level = match given.value('n').map(|text| (text, text.parse::<u8>())) {
        None => None,
        Some((_, Ok(level))) => Some(level.min(7)),
        Some((text, Err(_))) => return failed(p, &format!("invalid class data argument: '{text}'"), 1).await,
    };
    let wanted = (class.is_some() || level.is_some()).then(|| match class.unwrap_or(2) {
        0 => (0, 4),
        3 => (3, 7),
        class => (class, level.unwrap_or(4)),
    });
    let mut pids = Vec::new();
    for text in given.values('p').chain(given.operands.iter().map(String::as_str).filter(|_| given.has('p'))) {
        match text.parse::<u32>() {
            Ok(pid) => pids.push(pid),
            Err(_) => return failed(p, &format!("invalid PID argument: '{text}'"), 1).await,
        }
    }
    let shown = |(class, level): (u8, u8)| match class {
        3 => "idle\n".to_owned(),
        class => format!("{}: prio {level}\n", CLASSES[usize::from(class)]),
    };
    if pids.is_empty() {
        let own = of(p, p.pid).unwrap_or_default();
        if given.operands.is_empty() {
            if wanted.is_some() {
                return misused(p, "bad usage", 1).await;
            }
            p.out(&shown(own.io.unwrap_or((0, 4)))).await?;
            return Ok(0);
        }
        if let Some(wanted) = wanted {
            if wanted.0 == 1 && !p.cred.is_root() && !given.has('t') {
                return failed(p, "ioprio_set failed: Operation not permitted", 1).await;
            }
            change(p, p.pid, |schedule| schedule.io = Some(wanted));
        }
        return run(p, &given.operands).await;
    }
    for pid in pids {
        let call = if wanted.is_some() { "ioprio_set" } else { "ioprio_get" };
        let Some(schedule) = of(p, pid) else {
            return failed(p, &format!("{call} failed: No such process"), 1).await;
        };
        match wanted {
            None => p.out(&shown(schedule.io.unwrap_or((0, 4)))).await?,
            Some(_) if !p.may_signal(pid, 0) => {
                return failed(p, "ioprio_set failed: Operation not permitted", 1).await;
            }
            Some(wanted) => change(p, pid, |schedule| schedule.io = Some(wanted)),
        }
    }
    Ok(0)
}

/// Policies by the letter of their option, with their number in the kernel and the priorities that they have.
const POLICIES: [(char, &str, u8, (u8, u8)); 6] = [
    ('o', "SCHED_OTHER", 0, (0, 0)),
    ('f', "SCHED_FIFO", 1, (1, 99)),
    ('r', "SCHED_RR", 2, (1, 99)),
    ('b', "SCHED_BATCH", 3, (0, 0)),
    ('i', "SCHED_IDLE", 5, (0, 0)),
    ('d', "SCHED_DEADLINE", 6, (0, 0)),
];

async fn chrt(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "abfimopRrv",
        long: &[
            ("all-tasks", 'a'),
            ("batch", 'b'),
            ("fifo", 'f'),
            ("idle", 'i'),
            ("max", 'm'),
            ("other", 'o'),
            ("pid", 'p'),
            ("reset-on-fork", 'R'),
            ("rr", 'r'),
            ("verbose", 'v'),
        ],
        gaps: "d h T: P: D: V --deadline --sched-runtime: --sched-period: --sched-deadline:",
    };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    if given.has('m') {
        let lines = POLICIES.map(|(_, name, _, (low, high))| format!("{name} min/max priority\t: {low}/{high}\n"));
        p.out(&lines.concat()).await?;
        return Ok(0);
    }
    let letter = given.last_of("ofrbi").unwrap_or('r');
    let (_, name, number, (low, high)) = POLICIES.into_iter().find(|row| row.0 == letter).unwrap_or(POLICIES[2]);
    let words = &given.operands[..];
    let wants = if given.has('p') { 1 } else { 2 };
    if words.len() < wants {
        return misused(p, "bad usage", 1).await;
    }
    let told = |pid: u32, which: &str, schedule: &Schedule, kernel: bool| {
        let usual = if kernel { (1, 99) } else { (0, 0) };
        let (policy, priority) = schedule.policy.unwrap_or(usual);
        let name = POLICIES.iter().find(|row| row.2 == policy).map_or("SCHED_OTHER", |row| row.1);
        format!("pid {pid}'s {which} scheduling policy: {name}\npid {pid}'s {which} scheduling priority: {priority}\n")
    };
    let is_real_time = |p: &Proc, pid: u32| {
        p.peek(|linux| linux.processes.get(pid).is_some_and(crate::systems::linux::model::Process::is_real_time))
    };
    let read = |text: &str| text.parse::<u8>().ok();
    if given.has('p') {
        let word = if words.len() == 1 { &words[0] } else { &words[1] };
        let Ok(pid) = word.parse::<u32>() else {
            return failed(p, &format!("invalid PID argument: '{word}'"), 1).await;
        };
        let pid = if pid == 0 { p.pid } else { pid };
        let Some(schedule) = of(p, pid) else {
            return failed(p, &format!("failed to get pid {pid}'s policy: No such process"), 1).await;
        };
        if words.len() == 1 || given.has('v') {
            let text = told(pid, "current", &schedule, is_real_time(p, pid));
            p.out(&text).await?;
        }
        if words.len() == 1 {
            return Ok(0);
        }
        let Some(priority) = read(&words[0]) else {
            return failed(p, &format!("invalid priority argument: '{}'", words[0]), 1).await;
        };
        if !(low..=high).contains(&priority) {
            return failed(p, &unsupported(priority), 1).await;
        }
        if !p.cred.is_root() {
            return failed(p, &format!("failed to set pid {pid}'s policy: Operation not permitted"), 1).await;
        }
        change(p, pid, |schedule| schedule.policy = Some((number, priority)));
        if given.has('v') {
            let schedule = of(p, pid).unwrap_or_default();
            p.out(&told(pid, "new", &schedule, false)).await?;
        }
        return Ok(0);
    }
    let Some(priority) = read(&words[0]) else {
        return failed(p, &format!("invalid priority argument: '{}'", words[0]), 1).await;
    };
    if !(low..=high).contains(&priority) {
        return failed(p, &unsupported(priority), 1).await;
    }
    if !p.cred.is_root() && high > 0 {
        return failed(p, &format!("failed to set pid {}'s policy: Operation not permitted", p.pid), 1).await;
    }
    change(p, p.pid, |schedule| schedule.policy = Some((number, priority)));
    if given.has('v') {
        p.out(&format!("pid {}'s new scheduling policy: {name}\n", p.pid)).await?;
    }
    run(p, &words[1..]).await
}

fn unsupported(priority: u8) -> String {
    format!("unsupported priority value for the policy: {priority}: see --max for valid range")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_listed() {
        let check = |text: &str, bits: Option<u64>| assert_eq!(listed(text), bits, "{text}");
        check("0", Some(1));
        check("0,2-3", Some(0b1101));
        check("0-6:2", Some(0b101_0101));
        check("3-1", None);
        check("x", None);
        assert_eq!((list(0b1101), list(0b111), list(1)), ("0,2,3".to_owned(), "0-2".to_owned(), "0".to_owned()));
    }
}
