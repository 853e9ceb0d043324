//! The files of a process under `/proc/PID`, as far as the model knows it: layout of proc(5). Sizes are inferred, as in `ps`.

use crate::systems::linux::model::{Linux, Process};
use crate::systems::linux::tools::procs::memory;

/// The files that are made.
pub const FILES: [(&str, u16); 3] = [("cmdline", 0o444), ("comm", 0o444), ("status", 0o444)];

/// A file of a process by its name; nothing of one that is gone.
pub(super) fn file(linux: &Linux, pid: u32, name: &str) -> String {
    let Some(process) = linux.processes.get(pid) else { return String::new() };
    match name {
        "cmdline" if process.is_kernels() => String::new(),
        "cmdline" => process.command.split_whitespace().map(|word| format!("{word}\0")).collect(),
        "comm" => format!("{}\n", process.comm()),
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
