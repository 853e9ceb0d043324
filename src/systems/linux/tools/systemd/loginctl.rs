//! `loginctl`: who has sessions, as systemd-logind knows them (systemd 219 and 239; the layouts are inferred from the source's
//! formats).

use super::{Options, ago, is_old, stamp, tree};
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::logins::Record;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;
use crate::systems::linux::tools::input::given;

const OPTIONS: Options = Options {
    short: "p:aln:",
    long: &[
        ("property:", 'p'),
        ("all", 'a'),
        ("value", 'v'),
        ("full", 'l'),
        ("no-pager", 'P'),
        ("no-legend", 'L'),
        ("no-ask-password", 'A'),
        ("lines:", 'n'),
    ],
    gaps: "h o: --output: H: --host: M: --machine: s: --signal: --kill-who:",
};

/// `loginctl`
pub async fn loginctl(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &OPTIONS, arguments, |text| p.fail(&text).await);
    let (verb, names) = match given.operands.split_first() {
        Some((verb, names)) => (verb.as_str(), names.to_vec()),
        None => ("list-sessions", Vec::new()),
    };
    p.inferred();
    match verb {
        "list-sessions" => sessions(p, &given).await,
        "list-users" => users(p, &given).await,
        "list-seats" => {
            let legend = "SEAT\nseat0\n\n1 seats listed.\n";
            p.out(if given.has('L') { "seat0\n" } else { legend }).await?;
            Ok(0)
        }
        "session-status" => session_status(p, &names).await,
        "user-status" => user_status(p, &names).await,
        "show-session" => show_session(p, &given, &names).await,
        "seat-status" | "show-seat" | "show-user" | "attach" | "flush-devices" | "terminate-seat" | "activate"
        | "lock-session" | "unlock-session" | "lock-sessions" | "unlock-sessions" | "terminate-session"
        | "kill-session" | "enable-linger" | "disable-linger" | "terminate-user" | "kill-user" => {
            p.gap(&format!("loginctl {verb}"))
        }
        _ => {
            let verb = if is_old(p) { format!("'{verb}'") } else { verb.to_owned() };
            p.err(&format!("Unknown operation {verb}.\n")).await?;
            Ok(1)
        }
    }
}

/// The sessions that there are, by their numbers.
fn present(p: &Proc) -> Vec<Record> {
    p.peek(Linux::known_sessions)
}

/// The state of a session: what goes on of one that is over keeps it.
fn state(record: &Record) -> &'static str {
    if record.until.is_some() { "closing" } else { "active" }
}

/// The number of the user whose session it is.
fn uid(p: &Proc, record: &Record) -> u32 {
    p.peek(|linux| record.user.as_deref().and_then(|name| linux.user(name))).map_or(0, |user| user.uid)
}

/// A table: numbers to the right, the rest to the left, each column as wide as its widest cell.
fn table(rows: &[Vec<String>], numbers: usize) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    let cell = |(column, text): (usize, &String)| {
        let width = widths[column];
        if column < numbers { format!("{text:>width$}") } else { format!("{text:width$}") }
    };
    rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// The columns of systemd 219, each as wide as it always is.
fn old_table(rows: &[Vec<String>], numbers: usize) -> String {
    let cell = |(column, text): (usize, &String)| {
        if column < numbers { format!("{text:>10}") } else { format!("{text:<16}") }
    };
    rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// Shows rows under their names, and how many there are of what.
async fn list(p: &mut Proc, given: &Given, head: &[&str], rows: Vec<Vec<String>>, numbers: usize, what: &str) -> Ended {
    let count = rows.len();
    let legend = !given.has('L');
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<Vec<String>> = legend.then_some(head).into_iter().chain(rows).collect();
    let mut text = if is_old(p) { old_table(&rows, numbers) } else { table(&rows, numbers) };
    if legend {
        text.push_str(&format!("\n{count} {what} listed.\n"));
    }
    p.out(&text).await?;
    Ok(0)
}

async fn sessions(p: &mut Proc, given: &Given) -> Ended {
    let old = is_old(p);
    let row = |record: &Record| {
        let user = record.user.clone().unwrap_or_default();
        let mut row = vec![record.session.to_string(), uid(p, record).to_string(), user, String::new()];
        row.extend((!old).then(|| record.tty.clone()));
        row
    };
    let rows = present(p).iter().map(row).collect();
    let head = ["SESSION", "UID", "USER", "SEAT", "TTY"];
    list(p, given, &head[..if old { 4 } else { 5 }], rows, 2, "sessions").await
}

async fn users(p: &mut Proc, given: &Given) -> Ended {
    let mut rows: Vec<(u32, String)> =
        present(p).iter().map(|record| (uid(p, record), record.user.clone().unwrap_or_default())).collect();
    rows.sort();
    rows.dedup();
    let rows = rows.into_iter().map(|(uid, name)| vec![uid.to_string(), name]).collect();
    list(p, given, &["UID", "USER"], rows, 1, "users").await
}

/// The session with this number; without one that in which the program runs.
fn session(p: &Proc, name: Option<&String>) -> Option<Record> {
    let own = || p.peek(|linux| linux.processes.get(p.pid).map(|process| process.login));
    let number = match name {
        Some(name) => name.parse().ok(),
        None => own(),
    };
    present(p).into_iter().find(|record| Some(record.session) == number)
}

/// The process that leads a session: the outermost of its connection.
fn leader(p: &Proc, number: u32) -> Option<(u32, String)> {
    p.peek(|linux| {
        let own = linux.processes.iter().find(|(_, process)| process.login == number && process.is_connection());
        own.map(|(pid, process)| (pid, process.comm().to_owned()))
    })
}

async fn unknown(p: &mut Proc, name: Option<&String>) -> Ended {
    match name {
        Some(name) => p.err(&format!("Failed to get session: No session '{name}' known\n")).await?,
        None => p.err("Failed to get session: Caller does not belong to any known session\n").await?,
    }
    Ok(1)
}

/// The names that were given; nothing stands for the own session.
fn asked(names: &[String]) -> Vec<Option<&String>> {
    if names.is_empty() { vec![None] } else { names.iter().map(Some).collect() }
}

async fn session_status(p: &mut Proc, names: &[String]) -> Ended {
    for (place, name) in asked(names).into_iter().enumerate() {
        let Some(record) = session(p, name) else { return unknown(p, name).await };
        let (number, user, uid) = (record.session, record.user.clone().unwrap_or_default(), uid(p, &record));
        let (since, ago) = (stamp(p, record.at), ago(p.now().since(record.at)));
        let mut text = if place > 0 { "\n".to_owned() } else { String::new() };
        text.push_str(&format!("{number} - {user} ({uid})\n           Since: {since}; {ago}\n"));
        if let Some((pid, comm)) = leader(p, number) {
            text.push_str(&format!("          Leader: {pid} ({comm})\n"));
        }
        let (tty, from) = (&record.tty, &record.from);
        text.push_str(&format!(
            "             TTY: {tty}\n          Remote: {from}\n         Service: sshd; type tty; "
        ));
        text.push_str(&format!(
            "class user\n           State: {}\n            Unit: session-{number}.scope\n",
            state(&record)
        ));
        let scope = format!("session-{number}.scope");
        text.push_str(&tree::below(p, &["user.slice", &format!("user-{uid}.slice"), &scope], "                  "));
        p.out(&text).await?;
    }
    Ok(0)
}

async fn user_status(p: &mut Proc, names: &[String]) -> Ended {
    let own = session(p, None);
    for (place, name) in asked(names).into_iter().enumerate() {
        let wanted = match name {
            Some(name) => name.clone(),
            None => own.as_ref().and_then(|record| record.user.clone()).unwrap_or_default(),
        };
        let all: Vec<Record> = present(p).into_iter().filter(|record| record.user.as_ref() == Some(&wanted)).collect();
        let Some(first) = all.first() else {
            let text = match p.peek(|linux| linux.user(&wanted)) {
                Some(user) => format!("Failed to get user: User ID {} is not logged in or lingering\n", user.uid),
                None => format!("Failed to look up user {wanted}: Invalid argument\n"),
            };
            p.err(&text).await?;
            return Ok(1);
        };
        let (uid, since, ago) = (uid(p, first), stamp(p, first.at), ago(p.now().since(first.at)));
        let marked = |record: &Record| {
            let mark = if own.as_ref().is_some_and(|own| own.session == record.session) { "*" } else { "" };
            format!("{mark}{}", record.session)
        };
        let sessions: Vec<String> = all.iter().map(marked).collect();
        let mut text = if place > 0 { "\n".to_owned() } else { String::new() };
        text.push_str(&format!(
            "{wanted} ({uid})\n           Since: {since}; {ago}\n           State: {}\n        Sessions: {}\n",
            if all.iter().any(|record| record.until.is_none()) { "active" } else { "closing" },
            sessions.join(" ")
        ));
        if !is_old(p) {
            text.push_str("          Linger: no\n");
        }
        text.push_str(&format!("            Unit: user-{uid}.slice\n"));
        text.push_str(&tree::below(p, &["user.slice", &format!("user-{uid}.slice")], "                  "));
        p.out(&text).await?;
    }
    Ok(0)
}

async fn show_session(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    for name in asked(names) {
        let Some(record) = session(p, name) else { return unknown(p, name).await };
        let number = record.session;
        let pid = leader(p, number).map_or(0, |(pid, _)| pid);
        let own = [
            ("Id", number.to_string()),
            ("User", uid(p, &record).to_string()),
            ("Name", record.user.clone().unwrap_or_default()),
            ("Timestamp", stamp(p, record.at)),
            ("VTNr", "0".to_owned()),
            ("TTY", record.tty.clone()),
            ("Remote", "yes".to_owned()),
            ("RemoteHost", record.from.clone()),
            ("Service", "sshd".to_owned()),
            ("Scope", format!("session-{number}.scope")),
            ("Leader", pid.to_string()),
            ("Audit", number.to_string()),
            ("Type", "tty".to_owned()),
            ("Class", "user".to_owned()),
            ("Active", if record.until.is_none() { "yes" } else { "no" }.to_owned()),
            ("State", state(&record).to_owned()),
            ("IdleHint", "no".to_owned()),
            ("LockedHint", "no".to_owned()),
        ];
        let wanted: Vec<&str> = given.values('p').flat_map(|list| list.split(',')).collect();
        for (key, value) in own.iter().filter(|(key, _)| wanted.is_empty() || wanted.contains(key)) {
            p.out(&if given.has('v') { format!("{value}\n") } else { format!("{key}={value}\n") }).await?;
        }
    }
    Ok(0)
}
