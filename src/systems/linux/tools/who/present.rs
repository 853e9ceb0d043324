//! `who` as in GNU coreutils 8.30: who is there, and what else utmp(5) knows. What it keeps of logins that have ended (`-d`) is not
//! modelled.

use super::present;
use crate::sim::Span;
use crate::systems::linux::model::{Linux, Process};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::terminal;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::given;
use crate::systems::linux::tools::systemd::stamp_in;

const SPEC: Spec = Spec {
    short: "abHlmpqrstTuw",
    long: &[
        ("all", 'a'),
        ("boot", 'b'),
        ("count", 'q'),
        ("heading", 'H'),
        ("login", 'l'),
        ("mesg", 'T'),
        ("message", 'T'),
        ("process", 'p'),
        ("runlevel", 'r'),
        ("short", 's'),
        ("time", 't'),
        ("users", 'u'),
        ("writable", 'T'),
    ],
    gaps: "d --dead --ips --lookup",
};

/// Which columns there are.
struct Layout {
    /// Whether others may write to the terminal (`-T`).
    writable: bool,
    /// How long nobody has typed (`-u`).
    idle: bool,
    /// The process, and with it everything (`-u`, `-l`, `-a`).
    long: bool,
    /// How a process ended (`-a`).
    exit: bool,
}

/// What a line is about.
#[derive(Default)]
struct Line<'a> {
    user: &'a str,
    writable: char,
    line: &'a str,
    time: &'a str,
    idle: &'a str,
    pid: &'a str,
    comment: &'a str,
    exit: &'a str,
}

impl Layout {
    fn new(given: &Given) -> Self {
        let all = given.has('a');
        Self {
            writable: all || given.has('T') || given.has('w'),
            idle: all || ['l', 'r', 'u'].into_iter().any(|letter| given.has(letter)),
            long: !given.has('s') && (all || ['l', 'p', 't', 'u'].into_iter().any(|letter| given.has(letter))),
            exit: all,
        }
    }

    fn shown(&self, line: &Line<'_>) -> String {
        let mut text = format!("{:<8}", line.user);
        if self.writable {
            text.extend([' ', line.writable]);
        }
        text.push_str(&format!(" {:<12} {:<16}", line.line, line.time));
        if self.idle && self.long {
            text.push_str(&format!(" {:<6}", line.idle));
        }
        if self.long {
            text.push_str(&format!(" {:>10}", line.pid));
        }
        text.push_str(&format!(" {:<8}", line.comment));
        if self.exit && self.long {
            text.push_str(&format!(" {:<12}", line.exit));
        }
        format!("{}\n", text.trim_end())
    }
}

pub(super) async fn who(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    if given.has('q') {
        let names: Vec<String> = present(p).into_iter().filter_map(|record| record.user).collect();
        p.out(&format!("{}\n# users={}\n", names.join(" "), names.len())).await?;
        return Ok(0);
    }
    let layout = Layout::new(&given);
    if given.has('H') {
        let (comment, exit) = ("COMMENT", "EXIT");
        let head =
            Line { user: "NAME", line: "LINE", time: "TIME", idle: "IDLE", pid: "PID", comment, exit, writable: ' ' };
        p.out(&layout.shown(&head)).await?;
    }
    let all = given.has('a');
    let booted = stamp_in(p, p.peek(|linux| linux.booted), "%Y-%m-%d %H:%M");
    let other = Line { time: &booted, writable: ' ', ..Line::default() };
    for (letter, line) in [('b', "system boot"), ('r', "run-level 3")] {
        if all || given.has(letter) {
            p.out(&layout.shown(&Line { line, ..other })).await?;
        }
    }
    if all || given.has('l') {
        for (pid, tty) in waiting(p) {
            let (pid, comment) = (pid.to_string(), format!("id={}", &tty[tty.len().saturating_sub(4)..]));
            let line = Line { user: "LOGIN", line: &tty, pid: &pid, comment: &comment, ..other };
            p.out(&layout.shown(&line)).await?;
        }
    }
    let others = ['b', 'l', 'p', 'r', 't'].into_iter().any(|letter| given.has(letter));
    if all || given.has('u') || given.has('T') || given.has('w') || !others {
        let only_own = given.has('m') || given.operands.len() == 2;
        logins(p, &layout, only_own).await?;
    }
    Ok(0)
}

async fn logins(p: &mut Proc, layout: &Layout, only_own: bool) -> Ended {
    let own = p.cx.with(|cx| terminal::tty(cx.session));
    for record in present(p).into_iter().filter(|record| !only_own || record.tty == own) {
        let time = stamp_in(p, record.at, "%Y-%m-%d %H:%M");
        let idle = if record.tty == own { Span::ZERO } else { p.now().since(record.at) }.as_secs();
        let idle = match idle {
            0..60 => "  .".to_owned(),
            60..86_400 => format!("{:02}:{:02}", idle / 3_600, idle / 60 % 60),
            _ => " old".to_owned(),
        };
        // Who is at the machine itself comes from no address.
        let comment = if record.from.is_empty() { String::new() } else { format!("({})", record.from) };
        let line = Line {
            user: record.user.as_deref().unwrap_or_default(),
            writable: '+',
            line: &record.tty,
            time: &time,
            idle: &idle,
            pid: &p.peek(|linux| of_login(linux, record.pid)).to_string(),
            comment: &comment,
            exit: "",
        };
        p.out(&layout.shown(&line)).await?;
    }
    Ok(0)
}

/// The process that utmp has for a login: that of its connection, which the shell stands below.
fn of_login(linux: &Linux, shell: u32) -> u32 {
    let above = linux.processes.get(shell).map(|process| process.ppid);
    let connection = |pid: &u32| linux.processes.get(*pid).is_some_and(Process::is_connection);
    above.filter(connection).unwrap_or(shell)
}

/// The terminals at which somebody may log in, with the processes that wait there.
fn waiting(p: &Proc) -> Vec<(u32, String)> {
    p.peek(|linux| {
        let at = |command: &str| command.split(' ').find(|word| word.starts_with("tty")).map(str::to_owned);
        let waits = linux.processes.iter().filter(|(_, process)| matches!(process.comm(), "agetty" | "mingetty"));
        waits.filter_map(|(pid, process)| Some((pid, at(&process.command)?))).collect()
    })
}
