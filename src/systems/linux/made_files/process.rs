//! The files of a process under `/proc/PID`, as far as the model knows it: layout of proc(5). Sizes are inferred, as in `ps`.

use super::kernel;
use crate::sim::Instant;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::model::{Linux, Process};
use crate::systems::linux::own_processes::program;
use crate::systems::linux::tools::procs::{memory, processor};

/// The files that are made.
pub const FILES: [(&str, u16); 7] = [
    ("cmdline", 0o444),
    ("comm", 0o444),
    ("limits", 0o444),
    ("maps", 0o444),
    ("mounts", 0o444),
    ("stat", 0o444),
    ("status", 0o444),
];

/// A file of a process by its name; nothing of one that is gone.
pub(super) fn file(linux: &Linux, pid: u32, name: &str, now: Instant) -> String {
    if name == "mounts" {
        return kernel::mounts(linux);
    }
    let Some(process) = linux.processes.get(pid) else { return String::new() };
    match name {
        "cmdline" if process.is_kernels() => String::new(),
        "cmdline" => process.command.split_whitespace().map(|word| format!("{word}\0")).collect(),
        "comm" => format!("{}\n", process.comm()),
        "limits" => limits(linux, process),
        "maps" => maps(linux, process),
        "stat" => stat(linux, pid, process, now),
        "status" => status(linux, pid, process),
        _ => String::new(),
    }
}

fn status(linux: &Linux, pid: u32, process: &Process) -> String {
    let state = if process.stopped.is_some() { "T (stopped)" } else { "S (sleeping)" };
    let gid = linux.users().into_iter().find(|user| user.uid == process.uid).map_or(process.uid, |user| user.gid);
    let four =
        |number: u32| [number.to_string(), number.to_string(), number.to_string(), number.to_string()].join("\t");
    let rows = [
        ("Name", process.comm().to_owned()),
        ("State", state.to_owned()),
        ("Tgid", pid.to_string()),
        ("Ngid", "0".to_owned()),
        ("Pid", pid.to_string()),
        ("PPid", process.ppid.to_string()),
        ("TracerPid", "0".to_owned()),
        ("Uid", four(process.uid)),
        ("Gid", four(gid)),
    ];
    let mut text: String = rows.into_iter().map(|(key, value)| format!("{key}:\t{value}\n")).collect();
    if !process.is_kernels() {
        let (all, resident) = memory(&process.command);
        text.push_str(&format!("VmSize:\t{all:8} kB\nVmRSS:\t{resident:8} kB\n"));
    }
    text + "Threads:\t1\n"
}

/// What it may use, in the kernel's words and units: letter of `ulimit`, name, unit, how many of that are one of `ulimit`'s.
const LIMITS: [(char, &str, &str, u64); 16] = [
    ('t', "Max cpu time", "seconds", 1),
    ('f', "Max file size", "bytes", 1024),
    ('d', "Max data size", "bytes", 1024),
    ('s', "Max stack size", "bytes", 1024),
    ('c', "Max core file size", "bytes", 1024),
    ('m', "Max resident set", "bytes", 1024),
    ('u', "Max processes", "processes", 1),
    ('n', "Max open files", "files", 1),
    ('l', "Max locked memory", "bytes", 1024),
    ('v', "Max address space", "bytes", 1024),
    ('x', "Max file locks", "locks", 1),
    ('i', "Max pending signals", "signals", 1),
    ('q', "Max msgqueue size", "bytes", 1),
    ('e', "Max nice priority", "", 1),
    ('r', "Max realtime priority", "", 1),
    ('R', "Max realtime timeout", "us", 1),
];

fn limits(linux: &Linux, process: &Process) -> String {
    let row = |(letter, name, unit, factor): (char, &str, &str, u64)| {
        let (soft, hard) = process.limits.get(letter, &linux.distro, linux.memory_kib(), process.uid);
        let text =
            |limit: Option<u64>| limit.map_or("unlimited".to_owned(), |limit| limit.saturating_mul(factor).to_string());
        format!("{name:<25} {:<20} {:<20} {unit:<10}\n", text(soft), text(hard))
    };
    let head = format!("{:<25} {:<20} {:<20} {:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    LIMITS.into_iter().map(row).fold(head, |text, row| text + &row)
}

/// All in one line; what is not modelled is 0, as it is of a process that has not done anything yet.
fn stat(linux: &Linux, pid: u32, process: &Process, now: Instant) -> String {
    let state = if process.stopped.is_some() { 'T' } else { 'S' };
    let (group, session) = (linux.processes.process_group(pid), linux.processes.session(pid));
    let front = process.tty.as_deref().and_then(|tty| linux.processes.in_front(tty)).map_or(-1, i64::from);
    let nice = i64::from(process.niceness());
    let terminal = process.tty.as_ref().map_or(0, |tty| match tty.strip_prefix("pts/") {
        Some(number) => 136 << 8 | number.parse::<u32>().unwrap_or(0),
        None => 4 << 8 | 1,
    });
    let ticks = processor(process, now) * 100;
    let since = process.started.since(linux.booted).as_micros() / 10_000;
    let (all, resident) = if process.is_kernels() { (0, 0) } else { memory(&process.command) };
    let (name, ppid) = (process.comm(), process.ppid);
    format!(
        "{pid} ({name}) {state} {ppid} {group} {session} {terminal} {front} 4194304 0 0 0 0 {ticks} 0 0 0 {} {nice} 1 0 {since} {} {} \
         18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        20 + nice,
        all * 1024,
        resident / 4
    )
}

/// Where its program and its stack lie; libraries are not modelled.
fn maps(linux: &Linux, process: &Process) -> String {
    let Some(path) = program(linux, process) else { return String::new() };
    let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", &path) else { return String::new() };
    let pages = linux.fs.size(ino).unwrap_or(0).div_ceil(4096).max(1);
    let start = 0x5581_2a40_0000;
    let end = start + pages * 4096;
    let file = |from: u64, to: u64, rights: &str| {
        let place = format!("{from:x}-{to:x} {rights} {:08x} fd:00 {}", from - start, linux.fs.number(ino));
        format!("{place:<72} {path}\n")
    };
    let other = |from: u64, to: u64, rights: &str, name: &str| {
        let place = format!("{from:x}-{to:x} {rights} 00000000 00:00 0");
        format!("{place:<72} {name}\n")
    };
    [
        file(start, end, "r-xp"),
        file(end, end + 0x1000, "r--p"),
        file(end + 0x1000, end + 0x2000, "rw-p"),
        other(end + 0x10_0000, end + 0x12_1000, "rw-p", "[heap]"),
        other(0x7ffd_4f20_0000, 0x7ffd_4f22_1000, "rw-p", "[stack]"),
        other(0x7ffd_4f3a_a000, 0x7ffd_4f3a_c000, "r-xp", "[vdso]"),
        other(0xffff_ffff_ff60_0000, 0xffff_ffff_ff60_1000, "r-xp", "[vsyscall]"),
    ]
    .concat()
}
