//! `ps`: which processes, which columns, in which order (procps-ng 3.3; ps(1)). Threads are not modelled: each process is one.

mod fields;
mod layout;
mod options;

use super::procs::{memory, processor, table, user_name};
use super::{Tool, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::io::Open;
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::{Ended, Proc};
use fields::Row;
pub use fields::letter;
use options::Asked;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ps", ps)];

async fn ps(p: &mut Proc, arguments: &[String]) -> Ended {
    if p.peek(|linux| linux.distro.vendor) == Vendor::Esxi {
        return worlds(p, arguments).await;
    }
    if arguments.first().is_some_and(|word| word == "--help") {
        return match arguments.len() {
            1 => {
                p.out(&usage()).await?;
                Ok(0)
            }
            _ => p.gap("the lists of ps --help"),
        };
    }
    let (asked, bare) = match options::asked(p, arguments) {
        Ok(asked) => asked,
        Err(wrong) => return misused(p, &wrong).await,
    };
    if let Some(gap) = &asked.gap {
        return p.gap(gap);
    }
    let old = p.peek(|linux| !linux.distro.has("procps-ng", (3, 3, 0)));
    if bare && old {
        p.err("Warning: bad ps syntax, perhaps a bogus '-'? See http://procps.sf.net/faq.html\n").await?;
    }
    let mut found: Vec<(u32, Process)> = selected(p, &asked);
    for (down, key) in asked.sort.iter().rev() {
        found.sort_by(|a, b| {
            let order = sort_key(p, key, a).cmp(&sort_key(p, key, b));
            if *down { order.reverse() } else { order }
        });
    }
    let nothing = found.is_empty();
    let rows: Vec<Row<'_>> = found.iter().map(|(pid, process)| Row { pid: *pid, process }).collect();
    let rows = match asked.tree {
        Some(tree) => layout::tree(rows, tree),
        None => rows.into_iter().map(|row| (row, String::new())).collect(),
    };
    let text = layout::text(p, &asked, &rows, room(p, &asked));
    p.out(&text).await?;
    Ok(u8::from(nothing))
}

/// How wide a line may be.
fn room(p: &Proc, asked: &Asked) -> usize {
    let columns = p.cx.with(|cx| usize::from(cx.session.terminal.columns));
    let on_terminal = p.files.get(1).is_some_and(|open| matches!(**open, Open::Terminal));
    let given = p.env("COLUMNS").and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    match (asked.width.or(given), asked.wide) {
        (Some(width), _) if asked.width.is_some() => width,
        (_, 2..) => usize::MAX,
        (Some(width), 1) => width.max(132),
        (Some(width), _) => width,
        (None, _) if !on_terminal => usize::MAX,
        (None, 1) => columns.max(132),
        (None, _) => columns,
    }
}

fn usage() -> String {
    "\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for \
     additional help text.\n\nFor more details see ps(1).\n"
        .to_owned()
}

async fn misused(p: &mut Proc, wrong: &str) -> Ended {
    let text = if p.peek(|linux| !linux.distro.has("procps-ng", (3, 3, 0))) {
        let (first, rest) = wrong.split_at(1);
        format!("ERROR: {}{rest}.\n{HELP_3_2}", first.to_uppercase())
    } else {
        format!("error: {wrong}\n{}", usage())
    };
    p.err(&text).await?;
    Ok(1)
}

/// What procps 3.2 shows to those who are wrong.
const HELP_3_2: &str = "\
********* simple selection *********  ********* selection by list *********
-A all processes                      -C by command name
-N negate selection                   -G by real group ID (supports names)
-a all w/ tty except session leaders  -U by real user ID (supports names)
-d all except session leaders         -g by session OR by effective group name
-e all processes                      -p by process ID
T  all processes on this terminal     -s processes in the sessions given
a  all w/ tty, including other users  -t by tty
g  OBSOLETE -- DO NOT USE             -u by effective user ID (supports names)
r  only running processes             U  processes for specified users
x  processes w/o controlling ttys     t  by tty
*********** output format **********  *********** long options ***********
-o,o user-defined  -f full            --Group --User --pid --cols --ppid
-j,j job control   s  signal          --group --user --sid --rows --info
-O,O preloaded -o  v  virtual memory  --cumulative --format --deselect
-l,l long          u  user-oriented   --sort --tty --forest --version
-F   extra full    X  registers       --heading --no-heading --context
                    ********* misc options *********
-V,V  show version      L  list format codes  f  ASCII art forest
-m,m,-L,-T,H  threads   S  children in sum    -y change -l format
-M,Z  security data     c  true command name  -c scheduling class
-w,w  wide output       n  numeric WCHAN,UID  -H process hierarchy
";

/// `ps` of ESXi: the worlds of programs, by the number of the world and that of its cartel, which is the same for those of one
/// thread. Its columns are from memory; the kernel's own worlds are not modelled.
async fn worlds(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut whole = false;
    for letter in arguments.iter().flat_map(|word| word.trim_start_matches('-').chars()) {
        match letter {
            'c' => whole = true,
            'u' => {}
            _ => return p.gap(&format!("ps {} of ESXi", arguments.join(" "))),
        }
    }
    p.inferred();
    let row = |(pid, process): (u32, &Process)| {
        let command = if whole { &process.command } else { process.command.split(' ').next().unwrap_or_default() };
        format!("{pid:<8} {pid:<8} {:<21} {}\n", process.comm(), command.trim_start_matches('-').trim_end_matches(':'))
    };
    let head = format!("{:<8} {:<8} {:<21} {}\n", "WID", "CID", "WorldName", "Command");
    let text = p.peek(|linux| {
        let there = linux.processes.iter().filter(|(_, process)| process.ended.is_none());
        there.map(row).fold(head, |text, row| text + &row)
    });
    p.out(&text).await?;
    Ok(0)
}

/// What processes are sorted by: a number or a text.
fn sort_key(p: &Proc, key: &str, (pid, process): &(u32, Process)) -> (i64, String) {
    let (vsz, rss) = memory(&process.command);
    let number = |number: u64| (i64::try_from(number).unwrap_or(i64::MAX), String::new());
    let text = |text: &str| (0, text.to_owned());
    let age = || p.now().since(process.started).as_micros();
    match key {
        "rss" | "pmem" | "%mem" | "rsz" | "rssize" => number(rss),
        "vsz" | "vsize" | "sz" => number(vsz),
        "pcpu" | "%cpu" | "c" | "cp" => number(processor(process, p.now()) * 1_000_000 / (age() / 1_000_000).max(1)),
        "time" | "cputime" | "bsdtime" | "atime" => number(processor(process, p.now())),
        "start_time" | "start" | "lstart" | "stime" | "bsdstart" => (-number(age()).0, String::new()),
        "etime" | "etimes" => number(age()),
        "ni" | "nice" => (process.niceness().into(), String::new()),
        "tty" | "tt" | "tname" => text(process.tty.as_deref().unwrap_or_default()),
        "user" | "euser" | "ruser" | "uname" => text(&user_name(p, process.uid)),
        "args" | "cmd" | "command" => text(&process.command),
        "comm" | "ucmd" | "ucomm" | "fname" => text(process.comm()),
        name => {
            let cell = fields::cell(p, name, &Row { pid: *pid, process }, usize::MAX, false);
            cell.parse().map_or_else(|_| text(&cell), |number: i64| (number, String::new()))
        }
    }
}

fn selected(p: &Proc, asked: &Asked) -> Vec<(u32, Process)> {
    let own = p.peek(|linux| linux.processes.get(p.pid).and_then(|process| process.tty.clone()));
    let lists = &asked.lists;
    let fits = |pid: u32, process: &Process| {
        let tty = process.tty.as_deref();
        let (session, leads) = p.peek(|linux| (linux.processes.session(pid), linux.processes.leads_session(pid)));
        let gid = || fields::gid(p, process.uid);
        let named = lists.pids.contains(&pid)
            || lists.ppids.contains(&process.ppid)
            || lists.sessions.contains(&session)
            || lists.users.contains(&process.uid)
            || !lists.groups.is_empty() && lists.groups.contains(&gid())
            || lists.comms.iter().any(|comm| comm == process.comm())
            || lists.ttys.iter().any(|wanted| tty == Some(wanted));
        let simple = asked.all
            || asked.with_terminal.is_some_and(|no_leaders| tty.is_some() && !(no_leaders && leads))
            || asked.with_terminal.is_some() && asked.without_terminal
            || asked.without_terminal && process.uid == p.cred.uid
            || asked.no_leaders && !leads
            || asked.own_terminal && tty == own.as_deref();
        let chosen = lists.any
            || asked.all
            || asked.with_terminal.is_some()
            || asked.without_terminal
            || asked.no_leaders
            || asked.own_terminal;
        let usual = !chosen
            && if asked.layout.bsd || asked.running {
                // In the manner of BSD whoever is on a terminal.
                process.uid == p.cred.uid && tty.is_some()
            } else {
                process.uid == p.cred.uid && process.tty == own
            };
        let state = || !asked.running || fields::stat(p, pid, process).starts_with(['R', 'D']);
        ((named || simple || usual) != asked.negate) && state()
    };
    table(p).into_iter().filter(|(pid, process)| fits(*pid, process)).collect()
}
