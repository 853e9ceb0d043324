//! The columns of `ps`: their names, headings and widths (procps-ng 3.3, output.c), and what stands in them.

use super::super::procs::{memory, processor, short_user};
use crate::sim::Instant;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::terminal;
use crate::systems::linux::tools::systemd::stamp_in;
use crate::systems::linux::tools::systemd::tree::place;

/// How a column is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// At the left; what is too long runs on.
    Left,
    /// At the right.
    Right,
    /// At the right, as wide as the numbers of processes.
    Number,
    /// A name at the left: cut, or a number in its place, where it is too long.
    Name,
    /// At the left, cut where another column follows.
    Rest,
}
use Fill::{Left, Name, Number, Rest, Right};

/// A column.
pub struct Field {
    /// Its names.
    names: &'static str,
    pub head: &'static str,
    pub width: usize,
    pub fill: Fill,
}

const fn field(names: &'static str, head: &'static str, width: usize, fill: Fill) -> Field {
    Field { names, head, width, fill }
}

/// The columns that are modelled.
const FIELDS: &[Field] = &[
    field("pid", "PID", 5, Number),
    field("tgid", "TGID", 5, Number),
    field("lwp", "LWP", 5, Number),
    field("tid", "TID", 5, Number),
    field("spid", "SPID", 5, Number),
    field("ppid", "PPID", 5, Number),
    field("pgid", "PGID", 5, Number),
    field("pgrp", "PGRP", 5, Number),
    field("sid", "SID", 5, Number),
    field("sess session", "SESS", 5, Number),
    field("tpgid", "TPGID", 5, Number),
    field("user uname", "USER", 8, Name),
    field("euser", "EUSER", 8, Name),
    field("ruser", "RUSER", 8, Name),
    field("uid_hack", "UID", 8, Name),
    field("uid", "UID", 5, Right),
    field("euid", "EUID", 5, Right),
    field("ruid", "RUID", 5, Right),
    field("group", "GROUP", 8, Name),
    field("egroup", "EGROUP", 8, Name),
    field("rgroup", "RGROUP", 8, Name),
    field("gid", "GID", 5, Right),
    field("egid", "EGID", 5, Right),
    field("rgid", "RGID", 5, Right),
    field("c", "C", 2, Right),
    field("cp", "CP", 3, Right),
    field("pcpu %cpu", "%CPU", 4, Right),
    field("pmem %mem", "%MEM", 4, Right),
    field("vsz vsize", "VSZ", 6, Right),
    field("rss rssize", "RSS", 5, Right),
    field("rsz", "RSZ", 5, Right),
    field("sz", "SZ", 5, Right),
    field("addr_1", "ADDR", 1, Left),
    field("tname tty8", "TTY", 8, Left),
    field("tty tt", "TT", 8, Left),
    field("stat", "STAT", 4, Left),
    field("state s", "S", 1, Left),
    field("f flag flags", "F", 1, Right),
    field("wchan", "WCHAN", 6, Left),
    field("stime", "STIME", 5, Right),
    field("start_time", "START", 5, Right),
    field("bsdstart", "START", 6, Right),
    field("start", "STARTED", 8, Right),
    field("lstart", "STARTED", 24, Right),
    field("time cputime atime", "TIME", 8, Right),
    field("bsdtime", "TIME", 6, Right),
    field("etime", "ELAPSED", 11, Right),
    field("etimes", "ELAPSED", 7, Right),
    field("ni nice", "NI", 3, Right),
    field("pri", "PRI", 3, Right),
    field("opri", "PRI", 3, Right),
    field("priority", "PRI", 3, Right),
    field("rtprio", "RTPRIO", 6, Right),
    field("class", "CLS", 3, Left),
    field("policy", "POL", 3, Left),
    field("cls", "CLS", 3, Right),
    field("psr", "PSR", 3, Right),
    field("cpuid", "CPUID", 5, Right),
    field("nlwp", "NLWP", 4, Right),
    field("thcount", "THCNT", 5, Right),
    field("unit", "UNIT", 31, Left),
    field("slice", "SLICE", 31, Left),
    field("fname", "COMMAND", 8, Left),
    field("ucmd", "CMD", 15, Rest),
    field("comm ucomm", "COMMAND", 15, Rest),
    field("cmd", "CMD", 27, Rest),
    field("args command", "COMMAND", 27, Rest),
];

/// The columns that the real program has beside these.
const OTHERS: &str = "alarm blocked caught cgroup context cputimes drs dsiz eip esp fgid fgroup fsgid fsgroup fsuid fsuser fuid \
    fuser ignored intpri ipcns label lastcpu lsession luid lxc machine maj_flt majflt min_flt minflt mntns netns nwchan ouid \
    pagein pending pidns pri_api pri_bar pri_baz pri_foo sched seat sgi_p sgi_rss sgid sgroup sig sig_block sig_catch sig_ignore \
    sig_pend sigcatch sigignore sigmask size stackp start_stack suid supgid supgrp suser svgid svgroup svuid svuser sgi_p thcgr \
    times trs trss tsig tsiz tty4 userns utsns uunit util vsize wname zone";

/// The column of this name.
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.names.split(' ').any(|known| known == name))
}

/// Whether the real program has a column of this name that is not modelled.
pub fn is_gap(name: &str) -> bool {
    OTHERS.split_ascii_whitespace().any(|known| known == name)
}

/// A process that is shown.
pub struct Row<'a> {
    pub pid: u32,
    pub process: &'a Process,
}

/// What stands in a column of a process; `width` is that of the column, and `plain` says that names of programs stand for their
/// command lines.
pub fn cell(p: &Proc, name: &str, row: &Row<'_>, width: usize, plain: bool) -> String {
    let &Row { pid, process } = row;
    let (vsz, rss) = memory(&process.command);
    let age = p.now().since(process.started).as_secs();
    let cpu = processor(process, p.now());
    let nice = i32::from(process.niceness());
    let real_time = process.is_real_time();
    match name {
        "pid" | "tgid" | "lwp" | "tid" | "spid" => pid.to_string(),
        "ppid" => process.ppid.to_string(),
        "pgid" | "pgrp" => p.peek(|linux| linux.processes.process_group(pid)).to_string(),
        "sid" | "sess" | "session" => p.peek(|linux| linux.processes.session(pid)).to_string(),
        "tpgid" => front(p, process).map_or("-1".to_owned(), |group| group.to_string()),
        "user" | "uname" | "euser" | "ruser" | "uid_hack" => short_user(p, process.uid, width),
        "uid" | "euid" | "ruid" => process.uid.to_string(),
        "gid" | "egid" | "rgid" => gid(p, process.uid).to_string(),
        "group" | "egroup" | "rgroup" => group(p, process.uid),
        "c" => (cpu / age.max(1)).min(99).to_string(),
        "cp" => (cpu * 10 / age.max(1)).to_string(),
        "pcpu" | "%cpu" => format!("{:.1}", cpu as f64 / age.max(1) as f64),
        "pmem" | "%mem" => format!("{:.1}", rss as f64 * 100.0 / p.peek(|linux| linux.memory_kib()) as f64),
        "vsz" | "vsize" => vsz.to_string(),
        "rss" | "rssize" | "rsz" => rss.to_string(),
        "sz" => (vsz / 4).to_string(),
        "addr_1" => "-".to_owned(),
        "tty" | "tname" | "tt" | "tty8" => process.tty.clone().unwrap_or_else(|| "?".to_owned()),
        "stat" => stat(p, pid, process),
        "state" | "s" => stat(p, pid, process)[..1].to_owned(),
        "f" | "flag" | "flags" => flags(p, process).to_string(),
        "wchan" => wchan(p, pid, process),
        "stime" | "start_time" | "bsdstart" | "start" | "lstart" => started(p, name, process.started, age),
        "time" | "cputime" | "atime" => {
            let secs = cpu / 100;
            let days = if secs >= 86_400 { format!("{}-", secs / 86_400) } else { String::new() };
            format!("{days}{:02}:{:02}:{:02}", secs / 3_600 % 24, secs / 60 % 60, secs % 60)
        }
        "bsdtime" => format!("{}:{:02}", cpu / 6_000, cpu / 100 % 60),
        "etime" => elapsed(age),
        "etimes" => age.to_string(),
        "ni" | "nice" if real_time => "-".to_owned(),
        "ni" | "nice" => nice.to_string(),
        "pri" => if real_time { 139 } else { 19 - nice }.to_string(),
        "opri" => if real_time { -40 } else { 80 + nice }.to_string(),
        "priority" => if real_time { -100 } else { 20 + nice }.to_string(),
        "rtprio" => if real_time { "99" } else { "-" }.to_owned(),
        "class" | "cls" | "policy" => if real_time { "FF" } else { "TS" }.to_owned(),
        "psr" | "cpuid" => p.peek(|linux| processor_of(process, pid, linux.hardware.processors)).to_string(),
        "nlwp" | "thcount" => "1".to_owned(),
        "unit" => within(p, pid, |name| !name.ends_with(".slice")).unwrap_or_else(|| "-".to_owned()),
        "slice" => within(p, pid, |name| name.ends_with(".slice")).unwrap_or_else(|| "-.slice".to_owned()),
        "fname" => process.comm().chars().take(8).collect(),
        "comm" | "ucmd" | "ucomm" => process.comm().to_owned(),
        _ if plain => process.comm().to_owned(),
        _ => process.command.clone(),
    }
}

/// On which processor it runs: that in its name, else one that its number gives.
fn processor_of(process: &Process, pid: u32, processors: u32) -> u32 {
    let named = || process.comm().split_once('/')?.1.split(':').next()?.parse().ok();
    named().filter(|_| process.is_kernels()).unwrap_or(pid % processors.max(1))
}

/// The innermost control group of a process of this kind.
fn within(p: &Proc, pid: u32, is: impl Fn(&str) -> bool) -> Option<String> {
    p.peek(|linux| {
        let old = linux.distro.systemd? < 239;
        linux.processes.get(pid).filter(|process| !process.is_kernels())?;
        place(linux, pid, old).into_iter().rfind(|name| is(name))
    })
}

/// When it was started, in one of the forms.
fn started(p: &Proc, form: &str, at: Instant, age: u64) -> String {
    let part = |at: Instant, form: &str| stamp_in(p, at, form);
    match form {
        "start" => part(at, if age < 86_400 { "%H:%M:%S" } else { "  %b %d" }),
        "bsdstart" => part(at, if age < 86_400 { " %H:%M" } else { "%b %e" }),
        "lstart" => part(at, "%a %b %e %H:%M:%S %Y"),
        _ if part(at, "%Y") != part(p.now(), "%Y") => part(at, "%Y"),
        _ if part(at, "%j") == part(p.now(), "%j") => part(at, "%H:%M"),
        _ => part(at, "%b%d"),
    }
}

fn elapsed(age: u64) -> String {
    let (days, hours) = (age / 86_400, age / 3_600 % 24);
    let rest = format!("{:02}:{:02}", age / 60 % 60, age % 60);
    match (days, hours) {
        (0, 0) => rest,
        (0, hours) => format!("{hours:02}:{rest}"),
        (days, hours) => format!("{days}-{hours:02}:{rest}"),
    }
}

pub fn gid(p: &Proc, uid: u32) -> u32 {
    p.peek(|linux| linux.users().into_iter().find(|user| user.uid == uid).map_or(uid, |user| user.gid))
}

fn group(p: &Proc, uid: u32) -> String {
    let gid = gid(p, uid);
    p.peek(|linux| linux.group_name(gid)).unwrap_or_else(|| gid.to_string())
}

/// The process group in front of its terminal: of one's own the session knows it.
fn front(p: &Proc, process: &Process) -> Option<u32> {
    let tty = process.tty.as_deref()?;
    let (own, leader) = p.cx.with(|cx| (terminal::tty(cx.session), *cx.foreground));
    let in_front = || p.peek(|linux| linux.processes.in_front(tty));
    leader.filter(|_| own == tty).or_else(in_front)
}

/// The state of a process in a letter, as `ps` and `top` show it.
pub fn letter(p: &Proc, pid: u32, process: &Process) -> char {
    let idle = p.peek(|linux| linux.kernel().version() >= (4, 14)) && process.is_idle_worker();
    match process.stopped {
        _ if pid == p.pid => 'R',
        Some(_) => 'T',
        None if idle => 'I',
        None => 'S',
    }
}

/// The state of a process with its signs: `<` and `N` of its nice value, `s` of the leader of a session, `+` in front.
pub fn stat(p: &Proc, pid: u32, process: &Process) -> String {
    let mut text = String::from(letter(p, pid, process));
    match process.niceness() {
        ..0 => text.push('<'),
        1.. => text.push('N'),
        0 => {}
    }
    let (leads, group) = p.peek(|linux| (linux.processes.leads_session(pid), linux.processes.process_group(pid)));
    if leads {
        text.push('s');
    }
    if front(p, process) == Some(group) {
        text.push('+');
    }
    text
}

/// The kernel's flags: 1 for what was not started from a file, 4 for what has used the rights of root.
fn flags(p: &Proc, process: &Process) -> u8 {
    let by_shell = p.peek(|linux| linux.processes.get(process.ppid).is_some_and(|parent| parent.comm() == "bash"));
    match process.uid {
        _ if process.is_kernels() || by_shell && process.command.starts_with('-') => 1,
        0 if !by_shell => 4,
        0 if process.is_prompt() => 4,
        _ => 0,
    }
}

/// Where in the kernel it sleeps.
fn wchan(p: &Proc, pid: u32, process: &Process) -> String {
    let (new, waits) = p.peek(|linux| {
        let waits = linux.processes.iter().any(|(_, child)| child.ppid == pid && child.ended.is_none());
        (linux.distro.vendor != Vendor::Suse, waits)
    });
    let name = process.comm();
    let place = if process.is_kernels() {
        match name.split('/').next().unwrap_or_default() {
            "kthreadd" => "kthreadd",
            "kworker" => "worker_thread",
            "ksoftirqd" | "migration" | "watchdog" | "cpuhp" if new => "smpboot_thread_fn",
            "kswapd0" => "kswapd",
            "rcu_sched" | "rcu_bh" => "rcu_gp_kthread",
            "kauditd" => "kauditd_thread",
            "khungtaskd" => "watchdog",
            "scsi_eh_0" => "scsi_error_handler",
            "ksmd" => "ksm_scan_thread",
            "khugepaged" | "oom_reaper" => name,
            "kdevtmpfs" => "devtmpfsd",
            "kcompactd0" => "kcompactd",
            _ => "rescuer_thread",
        }
    } else if pid == p.pid {
        "-"
    } else if process.stopped.is_some() {
        "do_signal_stop"
    } else if waits && process.tty.is_some() {
        "do_wait"
    } else {
        match name {
            "bash" | "sh" => "n_tty_read",
            "sleep" | "crond" | "cron" => "hrtimer_nanosleep",
            "sshd" | "agetty" | "mingetty" => "poll_schedule_timeout",
            _ => "ep_poll",
        }
    };
    // procps of SLES 11 leaves out how the names of many functions begin.
    let place = if new { place } else { place.trim_start_matches("do_") };
    place.chars().take(6).collect()
}
