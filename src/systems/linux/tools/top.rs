//! How busy a machine is, `uptime` and `top` as a one-shot (procps 3.2 and 3.3). Times and loads of a process are inferred, as in
//! [`procs`](super::procs).

use super::free::{Memory, memory_of};
use super::getopt::Spec as Options;
use super::procs::{processor, short_user, table, uid, user_name};
use super::ps::letter;
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::io::Cut;
use crate::systems::linux::load;
use crate::systems::linux::model::{Process, Strain};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
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
    const OPTIONS: Options = Options { short: "ps", long: &[("pretty", 'p'), ("since", 's')], gaps: "h V" };
    let given = given!(p, &OPTIONS, arguments, |text| {
        p.complain(&text).await?;
        p.err("\nUsage:\n uptime [options]\n").await?;
        Ok(1)
    });
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

/// `top`: a screenful until a key asks for the next one, or for the end with `q`; where nobody watches, one. `top -b`: the
/// table `-n` times, else until somebody ends it.
async fn top(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options { short: "bcd:n:o:p:u:U:", long: &[], gaps: "h H i O s S v w::" };
    let given = given!(p, &OPTIONS, arguments, |_| {
        let wrong = arguments.iter().find(|word| word.starts_with('-')).map_or("", String::as_str);
        p.complain(&format!("unknown option '{}'", wrong.trim_start_matches('-'))).await?;
        p.err("Usage:\n  top -hv | -bcEHiOSs1 -d secs -n max -u|U user -p pid(s) -o field -w [cols]\n").await?;
        Ok(1)
    });
    let on_screen = !given.has('b');
    if on_screen && !p.at_keyboard() {
        return p.fail("failed tty get").await;
    }
    let (times, delay) = (given.value('n').unwrap_or("0"), given.value('d').unwrap_or("3"));
    let Ok(times) = times.parse::<u64>() else {
        return p.fail(&format!("bad iterations argument '{times}'")).await;
    };
    let Some(delay) = delay.parse::<f64>().ok().filter(|delay| (0.0..1e6).contains(delay)) else {
        return p.fail(&format!("bad delay interval '{delay}'")).await;
    };
    let pids = given.values('p').flat_map(|list| list.split(',')).filter_map(|pid| pid.parse().ok()).collect();
    let user = match given.value('u').or(given.value('U')) {
        None => None,
        Some(name) => match uid(p, name) {
            Some(uid) => Some(uid),
            None => return p.fail("Invalid user").await,
        },
    };
    let key = match given.value('o').unwrap_or("%CPU").trim_start_matches(['+', '-']) {
        "%CPU" => Key::Busy,
        "%MEM" | "RES" => Key::Resident,
        "VIRT" => Key::Virtual,
        "PID" => Key::Number,
        "TIME" | "TIME+" => Key::Time,
        other => return p.gap(&format!("top -o {other}")),
    };
    let wanted = Wanted { pids, user, key, whole: given.has('c') };
    p.inferred();
    for round in 1.. {
        let text = table_of_top(p, &wanted);
        let text = if on_screen { cut(p, &text) } else { text };
        p.out(&format!("{}{text}", if round > 1 && !on_screen { "\n" } else { "" })).await?;
        if round == times {
            break;
        }
        if on_screen {
            if !asked_again(p).await? {
                break;
            }
            continue;
        }
        // No faster than the kernel counts.
        p.pass(Span::millis(((delay * 1000.0) as u64).max(10))).await?;
    }
    Ok(0)
}

/// Whether whoever watches asks for the next screenful: with any key but `q`.
///
/// # Errors
/// [`Cut`]: a signal came first.
pub async fn asked_again(p: &Proc) -> Result<bool, Cut> {
    let live = p.cx.with(|cx| cx.session.terminal.live);
    let key = if live { p.key().await? } else { None };
    Ok(key.is_some_and(|key| !key.trim().starts_with(['q', 'Q'])))
}

/// Which processes a table has, and in which order.
struct Wanted {
    pids: Vec<u32>,
    user: Option<u32>,
    key: Key,
    /// Whether command lines stand for names.
    whole: bool,
}

/// What the table is sorted by, the largest first.
#[derive(Clone, Copy)]
enum Key {
    Busy,
    Resident,
    Virtual,
    Number,
    Time,
}

/// How a generation of the tool shows memory and columns.
struct Shape {
    /// What its processors do: of this share, in percent, they run programs.
    processors: fn(f64) -> String,
    /// The heading of the table.
    columns: &'static str,
    /// How wide process numbers are.
    digits: usize,
    memory: fn(&Memory) -> String,
}

/// procps 3.2, 3.3.10 and 3.3.15.
const SHAPES: [Shape; 3] = [
    Shape {
        processors: |user| {
            let idle = 100.0 - user;
            format!("Cpu(s):{user:5.1}%us,  0.0%sy,  0.0%ni,{idle:5.1}%id,  0.0%wa,  0.0%hi,  0.0%si,  0.0%st")
        },
        columns: "  PID USER      PR  NI  VIRT  RES  SHR S   %CPU %MEM    TIME+  COMMAND",
        digits: 5,
        memory: |memory| {
            let (swap, swapped, left) = (memory.swap, memory.swapped, memory.swap - memory.swapped);
            let (buffers, cached) = (memory.cache / 6, memory.cache - memory.cache / 6);
            let (total, used, free) = (memory.total, memory.total - memory.free, memory.free);
            format!(
                "Mem:  {total:8}k total, {used:8}k used, {free:8}k free, {buffers:8}k buffers\n\
                 Swap: {swap:8}k total, {swapped:8}k used, {left:8}k free, {cached:8}k cached\n"
            )
        },
    },
    Shape {
        processors,
        columns: "  PID USER      PR  NI    VIRT    RES    SHR S  %CPU %MEM     TIME+ COMMAND",
        digits: 5,
        memory: |memory| {
            let (swap, swapped, left) = (memory.swap, memory.swapped, memory.swap - memory.swapped);
            let Memory { total, used, free, cache, available, .. } = memory;
            format!(
                "KiB Mem : {total:8} total, {free:8} free, {used:8} used, {cache:8} buff/cache\n\
                 KiB Swap: {swap:8} total, {left:8} free, {swapped:8} used. {available:8} avail Mem \n"
            )
        },
    },
    Shape {
        processors,
        columns: "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND",
        digits: 7,
        memory: |memory| {
            let (swap, swapped, left) = (memory.swap, memory.swapped, memory.swap - memory.swapped);
            let mib = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
            format!(
                "MiB Mem : {:>8} total, {:>8} free, {:>8} used, {:>8} buff/cache\n\
                 MiB Swap: {:>8} total, {:>8} free, {:>8} used. {:>8} avail Mem \n",
                mib(memory.total),
                mib(memory.free),
                mib(memory.used),
                mib(memory.cache),
                mib(swap),
                mib(left),
                mib(swapped),
                mib(memory.available)
            )
        },
    },
];

fn processors(user: f64) -> String {
    let idle = 100.0 - user;
    format!("%Cpu(s):{user:5.1} us,  0.0 sy,  0.0 ni,{idle:5.1} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st")
}

/// As much as fits on the screen. What draws it there is left out.
#[must_use]
pub fn cut(p: &Proc, text: &str) -> String {
    let (rows, columns) = p.cx.with(|cx| (cx.session.terminal.rows, cx.session.terminal.columns));
    let lines = text.lines().take(usize::from(rows).saturating_sub(1));
    lines.flat_map(|line| line.chars().take(usize::from(columns)).chain(['\n'])).collect()
}

fn table_of_top(p: &Proc, wanted: &Wanted) -> String {
    let head = head(p);
    let mut all: Vec<(u64, u32, Process)> =
        table(p).into_iter().map(|(pid, process)| (share(p, &process), pid, process)).collect();
    all.retain(|(_, pid, _)| wanted.pids.is_empty() || wanted.pids.contains(pid));
    let now = p.now();
    all.sort_by_key(|(share, pid, process)| {
        let (vsz, rss) = super::procs::memory(&process.command);
        std::cmp::Reverse(match wanted.key {
            Key::Busy => *share,
            Key::Resident => rss,
            Key::Virtual => vsz,
            Key::Number => u64::from(*pid),
            Key::Time => processor(process, now),
        })
    });
    let memory = p.peek(memory_of);
    let processors = p.peek(|linux| linux.hardware.processors);
    let strain = if p.peek(|linux| linux.strain.is_busy()) { Strain::BUSY } else { 0 };
    let has = |least| p.peek(|linux| linux.distro.has("procps-ng", least));
    let shape = match (has((3, 3, 15)), has((3, 3, 0))) {
        (true, _) => &SHAPES[2],
        (false, true) => &SHAPES[1],
        (false, false) => &SHAPES[0],
    };
    let total = all.len();
    let busy: u64 = all.iter().map(|(share, ..)| share).sum();
    let stopped = all.iter().filter(|(_, _, process)| process.stopped.is_some()).count();
    let mut text = format!(
        "top -{head}\nTasks: {total:3} total,   1 running, {:3} sleeping, {stopped:3} stopped,   0 zombie\n{}\n{}\n{}\n",
        total.saturating_sub(1 + stopped),
        (shape.processors)((busy as f64 / 10.0 / f64::from(processors) + strain as f64 / 10.0).min(100.0)),
        (shape.memory)(&memory),
        shape.columns
    );
    all.retain(|(_, _, process)| wanted.user.is_none_or(|uid| process.uid == uid));
    for (share, pid, process) in &all {
        text.push_str(&row(p, shape, wanted, *pid, process, (*share, memory.total)));
    }
    text
}

/// What a process takes of one processor, in tenths of a percent: its mean since it was started.
#[must_use]
pub fn share(p: &Proc, process: &Process) -> u64 {
    let now = p.now();
    processor(process, now) * 10 / now.since(process.started).as_secs().max(1)
}

fn row(p: &Proc, shape: &Shape, wanted: &Wanted, pid: u32, process: &Process, (busy, total): (u64, u64)) -> String {
    let user = short_user(p, process.uid, 8);
    let nice = i32::from(process.niceness());
    let priority = if process.is_real_time() { "rt".to_owned() } else { (20 + nice).to_string() };
    let (vsz, rss) = super::procs::memory(&process.command);
    let hundredths = processor(process, p.now());
    let state = letter(p, pid, process);
    let (digits, shared, share) = (shape.digits, rss * 3 / 4, rss as f64 * 100.0 / total as f64);
    let (minutes, seconds, rest) = (hundredths / 6_000, hundredths / 100 % 60, hundredths % 100);
    let time = format!("{minutes:3}:{seconds:02}.{rest:02}");
    let (name, busy) = (if wanted.whole { &process.command } else { process.comm() }, busy as f64 / 10.0);
    if shape.columns.contains("TIME+  ") {
        let [vsz, rss, shared] = [vsz, rss, shared].map(shortened);
        let user: String = user_name(p, process.uid).chars().take(8).collect();
        return format!(
            "{pid:digits$} {user:<8} {priority:>3} {nice:>3} {vsz:>5} {rss:>4} {shared:>4} {state} {busy:6.0} {share:4.1} {time:>9} {name}\n"
        );
    }
    let width = if digits == 7 { 5 } else { 4 };
    format!(
        "{pid:digits$} {user:<8} {priority:>3} {nice:>3} {vsz:7} {rss:6} {shared:6} {state} {busy:5.1} {share:width$.1} {time} {name}\n"
    )
}

/// A size as procps 3.2 fits it into its column.
fn shortened(kib: u64) -> String {
    match kib {
        0..10_000 => kib.to_string(),
        10_000..102_400 => format!("{}m", kib >> 10),
        102_400..1_048_576 => format!("{}m", kib >> 10),
        _ => format!("{:.1}g", kib as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Lab, Waits};
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::shell::Terminal;

    #[test]
    fn whoever_watches_sees_a_screen_at_each_key() {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "linux").expect("the lab is bundled");
        let world = LabFile::parse(text).expect("a good lab file").world("linux", None, None).expect("a good world");
        let mut lab = Lab::new(world, Box::new(Bundled));
        let terminal = Terminal { columns: 80, rows: 10, live: true, asks: false };
        let id = lab.open("rhel8", terminal).expect("it is up");
        let mut typed = |line: &str| {
            assert!(lab.line(id, line), "it waits for {line:?}");
            let mut shown = String::new();
            lab.output(id, &mut shown);
            let rows = shown.lines().filter(|line| !line.starts_with("appsh: ")).count();
            (shown.matches("top - ").count(), rows, lab.waits(id))
        };
        typed("true");
        assert_eq!(typed("top"), (1, 9, Waits::Line));
        assert_eq!(typed(""), (1, 9, Waits::Line));
        assert_eq!(typed("q").2, Waits::Prompt);
    }

    #[test]
    fn spans_are_shown_as_uptime_does() {
        let check = |secs: u64, expect: &str| assert_eq!(up_since(secs), expect);
        check(60, "1 min, ");
        check(3_600, " 1:00, ");
        check(90_000, "1 day,  1:00, ");
        check(172_800 + 300, "2 days, 5 min, ");
    }
}
