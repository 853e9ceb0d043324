//! `shutdown`, `reboot`, `poweroff`, `halt`, `init`, `runlevel`, `wall`: the end of a machine's life, at once or later.
//! Messages: systemd's; those of SLES 11 are SysV init's shutdown(8). All of them end in the machine's family, so that
//! what else the machine is goes down with it.

use super::record::micros;
use super::{Options, stamp, stamp_in};
use crate::sim::{Instant, Span};
use crate::systems;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::{Event, Scheduled};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// Goes down now.
pub async fn go_down(p: &mut Proc, verb: &str, forced: bool) -> Ended {
    if !p.cred.is_root() {
        let what = if verb == "reboot" { "reboot" } else { "power off" };
        p.err(&format!("Failed to {what} system via logind: Interactive authentication required.\n")).await?;
        return Ok(1);
    }
    if forced {
        return p.gap(&format!("{verb} --force"));
    }
    begin(p, verb == "reboot").await
}

/// Asks the machine's family to take it down.
async fn begin(p: &mut Proc, again: bool) -> Ended {
    // An ESXi host says nothing.
    if p.peek(|linux| linux.distro.vendor == Vendor::Suse) {
        let what = if again { "reboot" } else { "system halt" };
        broadcast(p, &format!("The system is going down for {what} NOW!")).await?;
    }
    let refused = p.world(|world, id| systems::family(world, id).shut_down(world, id, again));
    match refused {
        Ok(()) => Ok(0),
        Err(_) => Ok(1),
    }
}

/// `reboot`, `poweroff`, `halt`
pub async fn reboot(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "fdnph",
        long: &[("force", 'f'), ("no-wtmp", 'd'), ("poweroff", 'p'), ("no-wall", 'N'), ("reboot", 'r'), ("halt", 'H')],
        gaps: "w --wtmp-only",
    };
    let given = given!(p, &OPTIONS, arguments, |text| p.fail(&text).await);
    let own = p.name.rsplit('/').next().unwrap_or_default().to_owned();
    let verb = match given.last_of("prH") {
        Some('p') => "poweroff",
        Some('r') => "reboot",
        Some(_) => "halt",
        None => own.as_str(),
    };
    go_down(p, verb, given.has('f')).await
}

/// `init` and `telinit`
pub async fn init(p: &mut Proc, arguments: &[String]) -> Ended {
    if !p.cred.is_root() {
        return p.fail("must be superuser.").await;
    }
    match arguments.first().map(String::as_str) {
        Some("6") => go_down(p, "reboot", false).await,
        Some("0") => go_down(p, "poweroff", false).await,
        Some("q" | "Q") => Ok(0),
        Some(level @ ("1" | "s" | "S" | "2" | "3" | "4" | "5")) if p.peek(|linux| linux.distro.systemd.is_some()) => {
            let target = match level {
                "5" => "graphical.target",
                "2" | "3" | "4" => "multi-user.target",
                _ => "rescue.target",
            };
            super::change::isolate(p, &[target.to_owned()]).await
        }
        Some("3") => Ok(0),
        Some(other) => p.gap(&format!("init {other}")),
        None => p.gap("init without a run level"),
    }
}

/// `runlevel`
pub async fn runlevel(p: &mut Proc, _: &[String]) -> Ended {
    // The target that was reached last, and whether another one was before.
    let (level, before) = p.peek(|linux| {
        let since = |target: &str| linux.unit_state(target).since;
        let normal = if linux.unit_is_up("graphical.target") { "5" } else { "3" };
        match (since("multi-user.target"), since("rescue.target")) {
            (None, Some(_)) => ("1", "N"),
            (Some(other), Some(rescue)) if rescue > other => ("1", normal),
            (Some(_), Some(_)) => (normal, "1"),
            _ => (normal, "N"),
        }
    });
    p.out(&format!("{before} {level}\n")).await?;
    Ok(0)
}

/// When a shutdown is wanted: `now`, `+5`, `20:15`.
fn moment(p: &Proc, text: &str) -> Option<Instant> {
    let now = p.now();
    let minutes = text.strip_prefix('+').unwrap_or(text);
    if text == "now" || minutes == "0" {
        return Some(now);
    }
    if let Ok(minutes) = minutes.parse::<u32>() {
        return Some(now + Span::secs(u64::from(minutes) * 60));
    }
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let today: Vec<u64> = stamp_in(p, now, "%H %M %S").split(' ').filter_map(|part| part.parse().ok()).collect();
    let [h, m, s] = today[..] else { return None };
    let (wanted, is) = (hour * 3_600 + minute * 60, h * 3_600 + m * 60 + s);
    Some(now + Span::secs(if wanted > is { wanted - is } else { wanted + 86_400 - is }))
}

/// `shutdown`
pub async fn shutdown(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "HPrhct:ayfFn",
        long: &[("halt", 'H'), ("poweroff", 'P'), ("reboot", 'r'), ("no-wall", 'N')],
        gaps: "k",
    };
    let given = given!(p, &OPTIONS, arguments, |text| p.fail(&text).await);
    let systemd = p.peek(|linux| linux.distro.systemd.is_some());
    if !p.cred.is_root() {
        let text = match systemd {
            true => "Failed to set wall message, ignoring: Interactive authentication required.\nFailed to call \
                     ScheduleShutdown in logind, no action will be taken: Interactive authentication required.\n"
                .to_owned(),
            false => "shutdown: you must be root to do that!\n".to_owned(),
        };
        p.err(&text).await?;
        return Ok(1);
    }
    if given.has('c') {
        return cancel(p, systemd).await;
    }
    let mode = match given.last_of("HPrh") {
        Some('r') => "reboot",
        Some('H') => "halt",
        _ => "poweroff",
    };
    let Some(word) = given.operands.first().cloned().or_else(|| systemd.then(|| "+1".to_owned())) else {
        p.out(USAGE).await?;
        return Ok(1);
    };
    let Some(at) = moment(p, &word) else {
        let text = match systemd {
            true => format!("Failed to parse time specification: {word}\n"),
            false => "Usage:\t  shutdown [-akrhPHfFnc] [-t sec] time [warning message]\n".to_owned(),
        };
        p.err(&text).await?;
        return Ok(1);
    };
    let message = given.operands[1.min(given.operands.len())..].join(" ");
    if at <= p.now() {
        return begin(p, mode == "reboot").await;
    }
    forget(p);
    let again = mode == "reboot";
    if !systemd {
        return wait(p, at, again, &message).await;
    }
    let now = p.now();
    let text = format!("Shutdown scheduled for {}, use 'shutdown -c' to cancel.\n", stamp(p, at));
    note(p, at, mode, &message, !given.has('N'));
    p.world(|world, id| {
        let ticket = world.after(id, at.since(now), Event::ShutdownDue);
        let linux = world.linux_mut(id);
        linux.scheduled = Some(Scheduled { at, again, mode: mode.to_owned(), ticket });
    });
    p.err(&text).await?;
    Ok(0)
}

/// Where the daemon of logins notes what is to come.
const NOTE: &str = "/run/systemd/shutdown/scheduled";

/// Writes down a shutdown that is to come (`update_schedule_file` of logind).
fn note(p: &Proc, at: Instant, mode: &str, message: &str, warns: bool) {
    let message = if message.is_empty() { String::new() } else { format!("WALL_MESSAGE={message}\n") };
    let text = format!("USEC={}\nWARN_WALL={}\nMODE={mode}\n{message}", micros(at), u8::from(warns));
    // On a machine without room for it the shutdown is due all the same.
    let _ = p.fs(|fs, now| {
        let root = Cred::ROOT;
        for dir in ["/run/systemd", "/run/systemd/shutdown"] {
            match fs.mkdir(&root, "/", dir, 0o755, now) {
                Ok(_) | Err(Errno::Exist) => {}
                Err(errno) => return Err(errno),
            }
        }
        let ino = fs.create(&root, "/", NOTE, 0o644, now)?;
        fs.truncate(&root, ino, 0, now)?;
        fs.write_at(&root, ino, 0, text.as_bytes(), now)
    });
}

/// SysV's shutdown stays until its time has come, and warns.
async fn wait(p: &mut Proc, at: Instant, again: bool, message: &str) -> Ended {
    let what = if again { "reboot" } else { "system halt" };
    loop {
        let left = at.since(p.now()).as_secs() / 60;
        if left == 0 {
            return begin(p, again).await;
        }
        let minutes = if left == 1 { "minute".to_owned() } else { format!("{left} minutes") };
        let text = if left == 1 {
            format!("The system is going DOWN for {what} in 1 minute!")
        } else {
            format!("The system is going DOWN for {what} in {minutes}!")
        };
        let text = if message.is_empty() { text } else { format!("{message}\n{text}") };
        broadcast(p, &text).await?;
        let pause = match left {
            61.. => 60,
            16.. => 15,
            11.. => left - 10,
            _ => 1,
        };
        p.pass(Span::secs(pause.min(left) * 60)).await?;
    }
}

/// What stands on all terminals under SysV.
async fn broadcast(p: &mut Proc, text: &str) -> Result<(), Cut> {
    let tty = p.cx.with(|cx| crate::systems::linux::terminal::tty(cx.session));
    let at = stamp_in(p, p.now(), "%a %b %e %H:%M:%S %Y");
    let user = p.user.clone();
    p.err(&format!("\nBroadcast message from {user} ({tty}) ({at}):\n\n{text}\n")).await
}

fn forget(p: &Proc) -> bool {
    p.world(|world, id| {
        let Some(scheduled) = world.linux_mut(id).scheduled.take() else { return false };
        world.queue.cancel(scheduled.ticket);
        let now = world.now;
        let _ = world.linux_mut(id).fs.unlink(&Cred::ROOT, "/", NOTE, now);
        true
    })
}

async fn cancel(p: &mut Proc, systemd: bool) -> Ended {
    if systemd {
        forget(p);
        return Ok(0);
    }
    let waiting: Vec<u32> = p.peek(|linux| {
        let others = linux.processes.iter().filter(|(pid, process)| *pid != p.pid && process.comm() == "shutdown");
        others.map(|(pid, _)| pid).collect()
    });
    if waiting.is_empty() {
        p.err("shutdown: cannot find pid of running shutdown.\n").await?;
        return Ok(1);
    }
    for pid in waiting {
        p.world(|world, id| crate::systems::linux::kernel::signal(world, id, pid, 2));
    }
    Ok(0)
}

const USAGE: &str = "Usage:\t  shutdown [-akrhPHfFnc] [-t sec] time [warning message]
\t\t  -a:      use /etc/shutdown.allow
\t\t  -k:      don't really shutdown, only warn.
\t\t  -r:      reboot after shutdown.
\t\t  -h:      halt after shutdown.
\t\t  -P:      halt action is to turn off power.
\t\t  -H:      halt action is to just halt.
\t\t  -f:      do a 'fast' reboot (skip fsck).
\t\t  -F:      Force fsck on reboot.
\t\t  -n:      do not go through \"init\" but go down real fast.
\t\t  -c:      cancel a running shutdown.
\t\t  -t secs: delay between warning and kill signal.
\t\t  ** the \"time\" argument is mandatory! (try \"now\") **
";

/// `wall`: only the own terminal shows it; others do not look at the moment that they could be told.
pub async fn wall(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut text = arguments.join(" ");
    if arguments.is_empty() {
        text = String::from_utf8_lossy(&p.read_all(0).await?).trim_end().to_owned();
    }
    let (host, user) = (p.peek(|linux| linux.hostname.clone()), p.user.clone());
    let tty = p.cx.with(|cx| crate::systems::linux::terminal::tty(cx.session));
    let at = stamp_in(p, p.now(), "%a %b %e %H:%M:%S %Y");
    p.cx.with(|cx| cx.screen.print(&format!("\nBroadcast message from {user}@{host} ({tty}) ({at}):\n\n{text}\n\n")));
    Ok(0)
}

/// What systemd lets everybody know; of terminals only the own one shows it, as for `wall`.
pub fn tell_all(p: &Proc, text: &str) {
    let (host, user) = (p.peek(|linux| linux.hostname.clone()), p.user.clone());
    let tty = p.cx.with(|cx| crate::systems::linux::terminal::tty(cx.session));
    let at = stamp(p, p.now());
    p.cx.with(|cx| cx.screen.print(&format!("\nBroadcast message from {user}@{host} on {tty} ({at}):\n\n{text}\n\n")));
}
