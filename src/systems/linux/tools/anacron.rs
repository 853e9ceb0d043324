//! `anacron`: the jobs of a day, a week and a month on machines that are not always on (cronie 1.4.11 and 1.5.2; anacrontab(5)).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use time::{Date, Month};

use super::getopt::Spec;
use super::input::given;
use super::{Tool, tool};
use crate::payload::Sha256;
use crate::shell::Task;
use crate::sim::Span;
use crate::systems::linux::bash::run_words;
use crate::systems::linux::cron::{Letter, post};
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::io::{Cut, Descriptors, Open};
use crate::systems::linux::model::cron::stamp;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("anacron", anacron)];

const OPTIONS: Spec = Spec { short: "sfnduqt:T", long: &[], gaps: "h V S:" };

/// Where it is kept when jobs ran.
const STAMPS: &str = "/var/spool/anacron";

/// A job of the table.
#[derive(Clone, Debug)]
struct Job {
    /// After how many days it runs again; nothing for once a month.
    days: Option<i64>,
    /// By how many minutes it is put off.
    delay: u64,
    name: String,
    command: String,
}

/// A table.
#[derive(Clone, Debug, Default)]
struct Tab {
    variables: BTreeMap<String, String>,
    jobs: Vec<Job>,
}

/// Reads a table: it, and the numbers of lines that are none.
fn read(text: &str) -> (Tab, Vec<usize>) {
    let (mut tab, mut wrong) = (Tab::default(), Vec::new());
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(2, char::is_whitespace);
        let (first, mut rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().trim_start());
        if let Some((name, value)) = line.split_once('=').filter(|_| first.contains('=') || rest.starts_with('=')) {
            tab.variables.insert(name.trim().to_owned(), value.trim().to_owned());
            continue;
        }
        let mut next = || {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = rest[end..].trim_start();
            word
        };
        let days = match first {
            "@monthly" => Some(None),
            "@weekly" => Some(Some(7)),
            "@daily" => Some(Some(1)),
            _ => first.parse().ok().map(Some),
        };
        let (delay, name) = (next().parse().ok(), next().to_owned());
        match (days, delay) {
            (Some(days), Some(delay)) if !rest.is_empty() => {
                tab.jobs.push(Job { days, delay, name, command: rest.to_owned() });
            }
            _ => wrong.push(number),
        }
    }
    (tab, wrong)
}

fn tell(p: &Proc, text: impl Into<String>) {
    let now = p.now();
    p.linux(|linux| linux.cron_logs(now, ("anacron", Some(p.pid)), 5, text.into()));
}

/// Whether a job's turn has come.
fn is_due(p: &Proc, job: &Job, today: Date) -> bool {
    let text = p.read_path(&format!("{STAMPS}/{}", job.name)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    let number = |at: std::ops::Range<usize>| text.get(at).and_then(|part| part.parse::<i32>().ok());
    let last = match (number(0..4), number(4..6), number(6..8)) {
        (Some(year), Some(month), Some(day)) => u8::try_from(month)
            .ok()
            .and_then(|month| Month::try_from(month).ok())
            .and_then(|month| Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()),
        _ => None,
    };
    match (last, job.days) {
        (None, _) => true,
        (Some(last), Some(days)) => (today - last).whole_days() >= days || last > today,
        (Some(last), None) => (last.year(), last.month()) != (today.year(), today.month()),
    }
}

fn note(p: &Proc, job: &Job) -> Result<(), Errno> {
    let now = p.now();
    let Some((today, _)) = p.peek(|linux| linux.today(now)) else { return Ok(()) };
    p.write_path(&format!("{STAMPS}/{}", job.name), stamp(today).as_bytes())
}

async fn anacron(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &OPTIONS, arguments, 1);
    let file = given.value('t').unwrap_or("/etc/anacrontab").to_owned();
    let text = match p.read_path(&file) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(errno) => return p.fail(&format!("Error opening {file}: {}", errno.text())).await,
    };
    let (tab, wrong) = read(&text);
    if given.has('T') {
        for line in &wrong {
            p.err(&format!("Invalid syntax in {file} on line {line}\n")).await?;
        }
        return Ok(u8::from(!wrong.is_empty()));
    }
    let only = |job: &Job| given.operands.is_empty() || given.operands.contains(&job.name);
    let jobs: Vec<Job> = tab.jobs.iter().filter(|job| only(job)).cloned().collect();
    if given.has('u') {
        for job in &jobs {
            if let Err(errno) = note(p, job) {
                return p.fail(&format!("Can't open timestamp file for job {}: {}", job.name, errno.text())).await;
            }
        }
        return Ok(0);
    }
    let (at_once, forced, serial) = (given.has('n'), given.has('f'), given.has('s') || given.has('n'));
    let how = How { at_once, forced, serial };
    if given.has('d') {
        p.err("Anacron started\n").await?;
        return go(p, &tab, &jobs, how).await.map(|()| 0);
    }
    let words: Vec<String> = std::iter::once(p.name.clone()).chain(arguments.iter().cloned()).collect();
    let mut q = p.child(&words);
    (q.group, q.control) = (0, Arc::new(p.control.beside()));
    q.files = Descriptors::new(Arc::new(Open::Null), Arc::new(Open::Null));
    p.linux(|linux| linux.processes.detach(q.pid));
    let task = Task::new(move |cx| async move {
        q.cx = cx;
        let status = go(&mut q, &tab, &jobs, how).await.map_or_else(Cut::status, |()| 0);
        q.exit(status);
        status
    });
    p.cx.with(|cx| cx.spawned.push(task));
    p.linux(|linux| linux.processes.orphan(p.pid));
    Ok(0)
}

/// How the jobs are run.
#[derive(Clone, Copy)]
struct How {
    at_once: bool,
    forced: bool,
    serial: bool,
}

async fn go(p: &mut Proc, tab: &Tab, jobs: &[Job], how: How) -> Result<(), Cut> {
    let began = p.now();
    let Some((today, hour)) = p.peek(|linux| linux.today(began)) else { return Ok(()) };
    let (month, day) = (u8::from(today.month()), today.day());
    tell(p, format!("Anacron started on {:04}-{month:02}-{day:02}", today.year()));
    let number = |name: &str| tab.variables.get(name).and_then(|value| value.parse::<u64>().ok());
    let range = tab.variables.get("START_HOURS_RANGE").and_then(|range| range.split_once('-'));
    let range = range.and_then(|(from, to)| Some((from.parse::<u8>().ok()?, to.parse::<u8>().ok()?)));
    let in_hours = how.at_once || range.is_none_or(|(from, to)| (from..to).contains(&hour));
    let put_off = number("RANDOM_DELAY").map_or(0, |most| {
        let seed = p.peek(|linux| format!("{} anacron {today}", linux.machine_id()));
        u64::from_str_radix(&Sha256::of(seed.as_bytes()).to_string()[..8], 16).unwrap_or(0) % (most + 1)
    });
    let mut due = Vec::new();
    for job in jobs.iter().filter(|job| how.forced || in_hours && is_due(p, job, today)) {
        let minutes = if how.at_once { 0 } else { job.delay + put_off };
        if !how.at_once {
            tell(p, format!("Will run job `{}' in {minutes} min.", job.name));
        }
        due.push((Span::secs(minutes * 60), job));
    }
    if !due.is_empty() && how.serial {
        tell(p, "Jobs will be executed sequentially");
    }
    due.sort_by_key(|(after, _)| *after);
    for (after, job) in &due {
        p.until(began + *after).await?;
        run(p, tab, job).await?;
    }
    let (count, jobs) = (due.len(), if due.len() == 1 { "job" } else { "jobs" });
    tell(p, format!("Normal exit ({count} {jobs} run)"));
    Ok(())
}

/// Runs a job.
async fn run(p: &mut Proc, tab: &Tab, job: &Job) -> Result<(), Cut> {
    tell(p, format!("Job `{}' started", job.name));
    let sink = Arc::new(Open::Capture(Mutex::default()));
    let mut q = p.again();
    let mut env = (*p.env).clone();
    env.extend(tab.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
    let shell = env.get("SHELL").cloned().unwrap_or_else(|| "/bin/sh".to_owned());
    q.env = Arc::new(env);
    q.files = Descriptors::new(Arc::new(Open::Null), Arc::clone(&sink));
    run_words(&mut q, vec![shell, "-c".to_owned(), job.command.clone()]).await?;
    let body = String::from_utf8_lossy(&sink.captured()).into_owned();
    let now = p.now();
    let mailed = !body.is_empty()
        && p.linux(|linux| {
            let subject = format!("Anacron job '{}' on {}", job.name, linux.hostname);
            let letter = Letter { from: ("root", 0), sender: "Anacron", subject: &subject, head: "", body: &body };
            let to = tab.variables.get("MAILTO").map_or("root", String::as_str);
            post(linux, to, &letter, now)
        });
    let how = match (body.is_empty(), mailed) {
        (true, _) => "",
        (false, true) => " (mailing output)",
        (false, false) => " (produced output)",
    };
    tell(p, format!("Job `{}' terminated{how}", job.name));
    if note(p, job).is_err() {
        let _ = p.fs(|fs, now| fs.mkdir(&Cred::ROOT, "/", STAMPS, 0o755, now));
        // On a full disk it is not noted, and the job runs again tomorrow.
        let _ = note(p, job);
    }
    Ok(())
}
