//! The daemon of cron at work: when it looks at its tables, what it writes in the log, how its jobs run and where their output
//! goes (crond(8), crontab(5); cronie 1.4.11 and 1.5.2, the cron 4.1 of SLES 11). That a job begins a second into its minute, and the
//! session that it has, are as logs show them; what else logind does for that session is left out.

use std::sync::Arc;

use super::bash::{Ran, run_words};
use super::clock;
use super::distro::Vendor;
use super::fs::{Cred, Errno};
use super::io::{Boxed, Descriptors, Open, Reader, Writer, accompanied, join, outlive, pipe};
use super::kernel;
use super::model::cron::{Entry, Table, When, Wrong};
use super::model::log::{Facility, Line};
use super::model::{Errand, Event, Linux, Process, User};
use super::proc::Proc;
use crate::payload::Sha256;
use crate::shell::{Cx, Task};
use crate::sim::Instant;
use crate::world::{MachineId, World};

/// What hands mail over; without it what jobs print goes to the log.
const SENDMAIL: &str = "/usr/sbin/sendmail";
/// The unit that delivers it.
const DELIVERY: &str = "postfix.service";
/// So much of what a job prints is kept.
const KEPT: usize = 256 * 1024;

/// Looks whether the tables have changed; the daemon reads them when it starts, and at the minute after a change.
pub fn look(world: &mut World, id: MachineId) {
    let now = world.now;
    let linux = world.linux_mut(id);
    if linux.cron_unit().is_none() {
        linux.cron.due = None;
        return linux.fs.watch([]);
    }
    let places = linux.cron_places();
    linux.fs.watch(places);
    let tables = signature(linux);
    let (entries, wrong) = linux.cron_entries();
    let due = match &linux.cron.seen {
        Some(seen) if *seen != tables => linux.cron_minute(now).into_iter().chain(linux.cron.due).min(),
        Some(_) => linux.cron_next(&entries, now),
        None => {
            linux.cron.seen = Some(tables);
            let boots = linux.boots;
            let fresh = std::mem::replace(&mut linux.cron.booted, boots) != boots && linux.booted + BOOT > now;
            tell_wrong(linux, &wrong, now);
            let due = linux.cron_next(&entries, now);
            let first = entries.into_iter().filter(|entry| fresh && entry.when == When::Boot);
            first.for_each(|entry| world.begin(id, Errand::Cron(entry)));
            due
        }
    };
    wake_at(world, id, due);
}

/// A daemon that starts within this span of the boot runs what is to run then.
const BOOT: crate::sim::Span = crate::sim::Span::secs(3_600);

fn signature(linux: &Linux) -> Vec<(String, Instant)> {
    linux.cron_tables().into_iter().map(|table| (table.path, table.changed)).collect()
}

fn wake_at(world: &mut World, id: MachineId, due: Option<Instant>) {
    let now = world.now;
    let cron = &mut world.linux_mut(id).cron;
    if cron.due != due {
        cron.due = due;
        if let Some(due) = due {
            world.after(id, due.since(now), Event::CronWakes);
        }
    }
}

/// The daemon wakes: it reads what is new, and runs what is due.
pub fn wake(world: &mut World, id: MachineId) {
    let now = world.now;
    let linux = world.linux_mut(id);
    if linux.cron.due != Some(now) {
        return;
    }
    linux.cron.due = None;
    if linux.cron_unit().is_none() {
        return;
    }
    let tables = linux.cron_tables();
    let seen = linux.cron.seen.replace(signature(linux)).unwrap_or_default();
    let is_new = |table: &Table| !seen.contains(&(table.path.clone(), table.changed));
    for table in tables.iter().filter(|table| is_new(table)) {
        let named = if linux.distro.vendor == Vendor::Suse && table.user.is_some() {
            table.path.trim_start_matches("/var/spool/cron/").to_owned()
        } else {
            table.path.clone()
        };
        let known = table.user.as_ref().is_none_or(|user| linux.user(user).is_some());
        let whose = table.user.as_deref().unwrap_or("*system*");
        let text =
            if known { format!("({whose}) RELOAD ({named})") } else { format!("({whose}) ORPHAN (no passwd entry)") };
        daemon_says(linux, &text, now);
    }
    let (entries, mut wrong) = linux.cron_entries();
    wrong.retain(|(table, _)| is_new(table));
    tell_wrong(linux, &wrong, now);
    let next = linux.cron_next(&entries, now);
    let due = linux.cron_due(entries, now);
    due.into_iter().for_each(|entry| world.begin(id, Errand::Cron(entry)));
    let places = world.linux(id).cron_places();
    world.linux_mut(id).fs.watch(places);
    wake_at(world, id, next);
}

fn tell_wrong(linux: &mut Linux, wrong: &[(Table, Wrong)], now: Instant) {
    for (table, (_, why)) in wrong {
        let whose = table.user.as_deref().unwrap_or("*system*");
        daemon_says(linux, &format!("(CRON) {why} ({})", table.path), now);
        daemon_says(linux, &format!("({whose}) FAILED (loading cron table)"), now);
    }
}

/// What the daemon itself writes.
fn daemon_says(linux: &mut Linux, text: &str, now: Instant) {
    let pid = linux.cron_unit().and_then(|unit| linux.unit_state(unit).main_pid);
    let name = if linux.distro.vendor == Vendor::Suse { "/usr/sbin/cron" } else { "crond" };
    says(linux, name, pid, text, now);
}

fn says(linux: &mut Linux, ident: &str, pid: Option<u32>, text: &str, now: Instant) {
    let (boot, unit) = (linux.boots, linux.cron_unit().map(str::to_owned));
    let (ident, text) = (ident.to_owned(), text.to_owned());
    linux.log(Line { at: now, boot, facility: Facility::Cron, priority: 6, ident, pid, unit, text, host: None });
}

/// The task that a line of a table is.
#[must_use]
pub fn task(machine: MachineId, entry: Entry) -> Task {
    Task::new(move |cx| run(cx, machine, entry))
}

async fn run(cx: Cx, machine: MachineId, entry: Entry) -> u8 {
    let (command, input) = entry.split();
    let Some(p) = cx.with(|lent| begin(&cx, lent.world, machine, &entry)) else { return 1 };
    let input = if input.is_empty() { Open::Null } else { Open::text(input) };
    let shell = p.env("SHELL").unwrap_or("/bin/sh").to_owned();
    let control = Arc::clone(&p.control);
    let words = vec![shell.clone(), "-c".to_owned(), command];
    let (reader, writer) = pipe(&control);
    let sides = vec![job(p.again(), input, writer, words), hear(p.again(), reader)];
    let (sides, left) = accompanied(&control, Box::pin(join(&control, sides))).await;
    outlive(&control, left).await;
    let (mut refused, mut output) = (false, Vec::new());
    for side in sides {
        match side {
            Side::Job(was_refused) => refused = was_refused,
            Side::Output(bytes) => output = bytes,
        }
    }
    if refused {
        output.extend(format!("execl: couldn't exec `{shell}'\n").bytes());
    }
    cx.with(|cx| {
        let now = cx.world.now;
        if cx.world.linux(machine).processes.get(p.pid).is_none() {
            return;
        }
        let linux = cx.world.linux_mut(machine);
        deliver(linux, &entry, &p, &output, now);
        linux.processes.orphan(p.pid);
        kernel::exit(cx.world, machine, p.pid, 0);
    });
    0
}

/// The two sides of a job's pipe.
enum Side {
    /// It is through; whether it could not be begun.
    Job(bool),
    /// What it, and what it left in the background, printed.
    Output(Vec<u8>),
}

fn job(mut p: Proc, input: Open, output: Writer, words: Vec<String>) -> Boxed<'static, Side> {
    p.files = Descriptors::new(Arc::new(input), Arc::new(Open::Writer(output)));
    Box::pin(async move { Side::Job(matches!(run_words(&mut p, words).await, Ok(Ran::Refused(_)))) })
}

/// Listens until nobody can print any more.
fn hear(mut p: Proc, from: Reader) -> Boxed<'static, Side> {
    let null = Arc::new(Open::Null);
    p.files = Descriptors::new(Arc::new(Open::Reader(from)), null);
    Box::pin(async move {
        let mut heard = Vec::new();
        while let Ok(bytes) = p.read(0, KEPT).await {
            if bytes.is_empty() {
                break;
            }
            let room = KEPT.saturating_sub(heard.len());
            heard.extend(bytes.into_iter().take(room));
        }
        Side::Output(heard)
    })
}

/// The process of the daemon that minds a job. `None` where the job has no user.
fn begin(cx: &Cx, world: &mut World, machine: MachineId, entry: &Entry) -> Option<Proc> {
    let now = world.now;
    let linux = world.linux_mut(machine);
    let Some(user) = linux.user(&entry.user) else {
        daemon_says(linux, &format!("({}) ERROR (getpwnam() failed)", entry.user), now);
        return None;
    };
    let unit = linux.cron_unit()?;
    let parent = linux.unit_state(unit).main_pid.unwrap_or(1);
    let suse = linux.distro.vendor == Vendor::Suse;
    let (ident, title) = if suse { ("/usr/sbin/cron", "/usr/sbin/cron") } else { ("CROND", "/usr/sbin/CROND -n") };
    let number = linux.distro.systemd.map(|_| {
        linux.sessions += 1;
        linux.sessions
    });
    let own = Process::daemon(parent, 0, title, None, now);
    let pid = linux.processes.start(Process { live: true, login: number.unwrap_or(0), ..own });
    if let Some(number) = number {
        linux.manager_says(now, 6, "", format!("Started Session {number} of user {}.", user.name));
    }
    says(linux, ident, Some(pid), &format!("({}) CMD ({})", user.name, entry.command), now);
    let mut set = vec![
        ("SHELL", "/bin/sh".to_owned()),
        ("HOME", user.home.clone()),
        ("PATH", "/usr/bin:/bin".to_owned()),
        ("LOGNAME", user.name.clone()),
        ("USER", user.name.clone()),
    ];
    if let Some(number) = number {
        set.push(("LANG", "en_US.UTF-8".to_owned()));
        set.push(("XDG_SESSION_ID", number.to_string()));
        set.push(("XDG_RUNTIME_DIR", format!("/run/user/{}", user.uid)));
    }
    let mut env: std::collections::BTreeMap<String, String> =
        set.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let own = entry.environment.iter().filter(|(name, _)| name != "LOGNAME" && name != "USER");
    env.extend(own.cloned());
    let home = env.get("HOME").cloned().unwrap_or_default();
    let cwd = if linux.fs.lookup(&linux.cred(&user), "/", &home).is_ok() { home } else { "/".to_owned() };
    let files = Descriptors::new(Arc::new(Open::Null), Arc::new(Open::Null));
    let p = Proc::new(cx, machine, pid, title, (&user.name, linux.cred(&user)), files);
    Some(Proc { ppid: parent, cwd, env: Arc::new(env), ..p })
}

/// What a job has printed goes where it goes: to the log where nothing hands mail over, else to whom `MAILTO` names.
fn deliver(linux: &mut Linux, entry: &Entry, p: &Proc, output: &[u8], now: Instant) {
    if output.is_empty() {
        return;
    }
    let body = String::from_utf8_lossy(output);
    let short = linux.hostname.split('.').next().unwrap_or_default();
    let subject = format!("Cron <{}@{short}> {}", entry.user, entry.command);
    let (from, head) = ((entry.user.as_str(), p.cred.uid), head(entry, p));
    let letter = Letter { from, sender: "(Cron Daemon)", subject: &subject, head: &head, body: &body };
    let to = entry.variable("MAILTO").unwrap_or(&entry.user).to_owned();
    if !post(linux, &to, &letter, now) {
        for line in body.lines() {
            says(linux, "CROND", Some(p.pid), &format!("({}) CMDOUT ({line})", entry.user), now);
        }
    }
}

/// A letter of a daemon: who it says it is from, what it is about, and lines of its head.
pub struct Letter<'a> {
    /// Whose program has written it.
    pub from: (&'a str, u32),
    /// The name before the address of the sender.
    pub sender: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// Lines of the head, each with its end.
    pub head: &'a str,
    /// The text.
    pub body: &'a str,
}

/// The head of a job's letter: the variables that it had.
fn head(entry: &Entry, p: &Proc) -> String {
    let shown = ["XDG_SESSION_ID", "XDG_RUNTIME_DIR", "LANG", "SHELL", "HOME", "PATH", "LOGNAME", "USER"];
    let own = entry.environment.iter().map(|(name, _)| name.as_str()).filter(|name| !shown.contains(name));
    let values = own.chain(shown).filter_map(|name| Some(format!("X-Cron-Env: <{name}={}>\n", p.env(name)?)));
    format!("Auto-Submitted: auto-generated\nPrecedence: bulk\n{}", values.collect::<String>())
}

/// Hands letters over to those whom a list of names has, where something delivers them: into the mailboxes of the machine. `false`
/// where nothing hands mail over.
pub fn post(linux: &mut Linux, to: &str, letter: &Letter<'_>, now: Instant) -> bool {
    if linux.fs.lookup(&Cred::ROOT, "/", SENDMAIL).is_err() {
        return false;
    }
    for user in to.split(',').map(str::trim).filter(|to| !to.is_empty()) {
        let name = user.split('@').next().unwrap_or_default();
        if let Some(user) = linux.user(name).filter(|_| linux.unit_is_up(DELIVERY)) {
            // A mailbox on a full disk gets nothing.
            let _ = into_mailbox(linux, &user, letter, now);
        }
    }
    true
}

/// A letter as Postfix puts it into a mailbox.
fn into_mailbox(linux: &mut Linux, to: &User, letter: &Letter<'_>, now: Instant) -> Result<(), Errno> {
    let Letter { from: (from, uid), sender, subject, head, body } = letter;
    let at = |form: &str| clock::format(form, linux.zone.reads(now.utc().unix_timestamp()), 0, &linux.zone);
    let (host, name) = (&linux.hostname, &to.name);
    let digest = Sha256::of(format!("{host} {name} {subject} {now:?}").as_bytes()).to_string();
    let number = digest[..11].to_uppercase();
    let date = at("%a, %e %b %Y %H:%M:%S %z (%Z)").replace(",  ", ", ");
    let (sent, stamp) = (at("%a %b %e %H:%M:%S %Y"), at("%Y%m%d%H%M%S"));
    let text = format!(
        "From {from}@{host}  {sent}\nReturn-Path: <{from}@{host}>\nX-Original-To: {name}\nDelivered-To: {name}@{host}\nReceived: by \
         {host} (Postfix, from userid {uid})\n\tid {number}; {date}\nFrom: \"{sender}\" <{from}@{host}>\nTo: \
         {name}@{host}\nSubject: {subject}\nContent-Type: text/plain; charset=UTF-8\n{head}Message-Id: \
         <{stamp}.{number}@{host}>\nDate: {date}\n\n{body}\n"
    );
    let path = format!("/var/spool/mail/{name}");
    let ino = match linux.fs.lookup(&Cred::ROOT, "/", &path) {
        Ok(ino) => ino,
        Err(_) => {
            let ino = linux.fs.create(&Cred::ROOT, "/", &path, 0o600, now)?;
            let group = linux.groups().into_iter().find(|group| group.name == "mail").map(|group| group.gid);
            linux.fs.chown(&Cred::ROOT, ino, Some(to.uid), group, now)?;
            ino
        }
    };
    linux.fs.append(&Cred::ROOT, ino, text.as_bytes(), now)?;
    Ok(())
}
