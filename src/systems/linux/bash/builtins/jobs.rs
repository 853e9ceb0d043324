//! `jobs`, `wait`, `fg`, `bg`, `kill`, `disown`, `trap`.

use crate::bash::quote;
use crate::systems::linux::bash::jobs::SIGNALS;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::io::Cut;
use crate::systems::linux::kernel;

pub async fn jobs(sh: &mut Sh, words: Vec<String>) -> Run {
    sh.look_after_jobs();
    let lines = match words.get(1).map(String::as_str) {
        Some("-p") => sh.st.jobs.values().map(|job| format!("{}\n", job.pid)).collect(),
        Some("-r") => sh.job_lines(|job| job.ended.is_none()),
        Some("-s") => Vec::new(),
        Some("-l") => {
            let pids: Vec<u32> = sh.st.jobs.values().map(|job| job.pid).collect();
            let lines = sh.job_lines(|_| true);
            let long = |(line, pid): (&String, &u32)| line.replacen("  ", &format!(" {pid} "), 1);
            lines.iter().zip(&pids).map(long).collect()
        }
        _ => sh.job_lines(|_| true),
    };
    for line in lines {
        sh.p.out(&line).await?;
    }
    sh.st.jobs.retain(|_, job| job.ended.is_none());
    Ok(0)
}

impl Sh {
    /// The process of a job specification: `%1`, `%+`, `%-`, `%name`, or a number.
    fn job_pid(&mut self, spec: &str) -> Option<u32> {
        let Some(name) = spec.strip_prefix('%') else { return spec.parse().ok() };
        let mut newest = self.st.jobs.values().rev();
        match name {
            "" | "%" | "+" => newest.next().map(|job| job.pid),
            "-" => newest.nth(1).map(|job| job.pid),
            name => match name.parse::<u32>() {
                Ok(number) => self.st.jobs.get(&number).map(|job| job.pid),
                Err(_) => newest.find(|job| job.text.starts_with(name)).map(|job| job.pid),
            },
        }
    }
}

pub async fn wait(sh: &mut Sh, words: Vec<String>) -> Run {
    let wanted: Vec<&String> = words[1..].iter().filter(|word| !word.starts_with('-')).collect();
    let mut status = 0;
    if words.iter().any(|word| word == "-n") {
        return next_to_end(sh).await;
    }
    if wanted.is_empty() {
        let all: Vec<u32> = sh.st.jobs.values().filter(|job| job.ended.is_none()).map(|job| job.pid).collect();
        for pid in all {
            sh.await_job(pid).await?;
        }
        if !sh.st.interactive {
            sh.st.jobs.clear();
        }
        return Ok(0);
    }
    for spec in wanted {
        status = match sh.job_pid(spec) {
            Some(pid) if sh.st.jobs.values().any(|job| job.pid == pid) => sh.await_job(pid).await?,
            Some(pid) if sh.p.control.companion(pid).is_some() => {
                sh.p.end_of(pid).await?;
                sh.p.control.companion(pid).flatten().unwrap_or(127)
            }
            Some(pid) if !spec.starts_with('%') => {
                sh.misused("wait", &format!("pid {pid} is not a child of this shell"), 127).await?
            }
            _ if spec.starts_with('%') => sh.misused("wait", &format!("{spec}: no such job"), 127).await?,
            _ => sh.misused("wait", &format!("`{spec}': not a pid or valid job spec"), 1).await?,
        };
    }
    Ok(status)
}

/// `wait -n`
async fn next_to_end(sh: &mut Sh) -> Run {
    sh.look_after_jobs();
    let pids: Vec<u32> = sh.st.jobs.values().map(|job| job.pid).collect();
    if pids.is_empty() {
        return Ok(127);
    }
    let awaited: Vec<_> = pids.iter().map(|pid| crate::shell::coroutine::Await::Process(sh.p.machine, *pid)).collect();
    let ended =
        sh.p.when(&awaited, |p| {
            pids.iter().find_map(|pid| {
                p.peek(|linux| {
                    linux.processes.get(*pid).map_or(Some((*pid, 127)), |process| process.ended.map(|s| (*pid, s)))
                })
            })
        })
        .await?;
    sh.look_after_jobs();
    sh.st.jobs.retain(|_, job| job.pid != ended.0);
    Ok(ended.1)
}

/// Brings a job to the front: its text is shown, and the shell waits for it.
pub async fn fg(sh: &mut Sh, words: Vec<String>) -> Run {
    if !sh.option("monitor") {
        return sh.misused("fg", "no job control", 1).await;
    }
    let spec = words.get(1).map_or("%+", String::as_str).to_owned();
    let found = sh.job_pid(&spec).filter(|pid| sh.st.jobs.values().any(|job| job.pid == *pid));
    let Some(pid) = found else {
        let spec = if words.len() > 1 { spec } else { "current".to_owned() };
        return sh.misused("fg", &format!("{spec}: no such job"), 1).await;
    };
    let text = sh.st.jobs.values().find(|job| job.pid == pid).map(|job| job.text.clone()).unwrap_or_default();
    sh.p.out(&format!("{text}\n")).await?;
    let ended = sh.await_job(pid).await;
    if let Err(super::super::Flow::Cut(Cut::Signal(signal))) = &ended {
        // The signal is for the job in front.
        let signal = *signal;
        sh.p.world(|world, id| kernel::signal(world, id, pid, signal));
    }
    sh.st.jobs.retain(|_, job| job.pid != pid);
    ended
}

/// Jobs cannot be stopped here, so each is in the background already.
pub async fn bg(sh: &mut Sh, words: Vec<String>) -> Run {
    if !sh.option("monitor") {
        return sh.misused("bg", "no job control", 1).await;
    }
    let spec = words.get(1).map_or("%+", String::as_str).to_owned();
    let found = sh.st.jobs.iter().rev().map(|(number, job)| (*number, job.pid)).collect::<Vec<_>>();
    let pid = sh.job_pid(&spec);
    match found.iter().find(|(_, known)| Some(*known) == pid) {
        Some((number, _)) => sh.misused("bg", &format!("job {number} already in background"), 0).await,
        None => sh.misused("bg", &format!("{}: no such job", if words.len() > 1 { &spec } else { "current" }), 1).await,
    }
}

pub async fn disown(sh: &mut Sh, words: Vec<String>) -> Run {
    match words.get(1) {
        None => {
            sh.st.jobs.pop_last();
        }
        Some(spec) if spec == "-a" => sh.st.jobs.clear(),
        Some(spec) => {
            let spec = spec.clone();
            match sh.job_pid(&spec) {
                Some(pid) => sh.st.jobs.retain(|_, job| job.pid != pid),
                None => return sh.misused("disown", &format!("{spec}: no such job"), 1).await,
            }
        }
    }
    Ok(0)
}

/// The number of a signal by its name or number.
fn signal_number(text: &str) -> Option<u8> {
    let name = text.strip_prefix("SIG").unwrap_or(text).to_ascii_uppercase();
    let named = SIGNALS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
    named.or_else(|| text.parse().ok().filter(|number| *number <= 64))
}

pub async fn kill(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut signal = 15;
    let mut targets = &words[1..];
    match targets.first().map(String::as_str) {
        Some("-l" | "-L") => return list_signals(sh, &targets[1..]).await,
        Some("-s" | "-n") if targets.len() > 1 => {
            match signal_number(&targets[1]) {
                Some(number) => signal = number,
                None => return sh.misused("kill", &format!("{}: invalid signal specification", targets[1]), 1).await,
            }
            targets = &targets[2..];
        }
        Some("--") => targets = &targets[1..],
        Some(option) if option.starts_with('-') && option.len() > 1 => {
            match signal_number(&option[1..]) {
                Some(number) => signal = number,
                None => return sh.misused("kill", &format!("{}: invalid signal specification", &option[1..]), 1).await,
            }
            targets = &targets[1..];
        }
        _ => {}
    }
    if targets.is_empty() {
        sh.p.err("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n")
            .await?;
        return Ok(2);
    }
    let mut status = 0;
    for target in targets {
        let Some(pid) = sh.job_pid(target) else {
            let text = match target.starts_with('%') {
                true => format!("{target}: no such job"),
                false => format!("{target}: arguments must be process or job IDs"),
            };
            status = sh.misused("kill", &text, 1).await?;
            continue;
        };
        let there = sh.p.world(|world, id| {
            let there = world.linux(id).processes.get(pid).is_some_and(|process| process.ended.is_none());
            there && (signal == 0 || kernel::signal(world, id, pid, signal))
        });
        if !there {
            status = sh.misused("kill", &format!("({pid}) - No such process"), 1).await?;
        }
    }
    Ok(status)
}

async fn list_signals(sh: &mut Sh, words: &[String]) -> Run {
    if words.is_empty() {
        let names: Vec<String> = SIGNALS.iter().map(|(number, name)| format!("{number:2}) SIG{name}")).collect();
        sh.p.out(&format!("{}\n", names.join("\t"))).await?;
        return Ok(0);
    }
    for word in words {
        let number = word.parse::<u8>().map(|number| if number > 128 { number - 128 } else { number });
        let text = match number {
            Ok(number) => SIGNALS.iter().find(|(known, _)| *known == number).map(|(_, name)| (*name).to_owned()),
            Err(_) => signal_number(word).map(|number| number.to_string()),
        };
        match text {
            Some(text) => sh.p.out(&format!("{text}\n")).await?,
            None => return sh.misused("kill", &format!("{word}: invalid signal specification"), 1).await,
        }
    }
    Ok(0)
}

pub async fn trap(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut rest = &words[1..];
    if rest.first().is_some_and(|word| word == "--") {
        rest = &rest[1..];
    }
    if let Some(option) = rest.first().filter(|word| word.len() > 1 && word.starts_with('-'))
        && !matches!(option.as_str(), "-p" | "-l")
    {
        let usage = "trap [-lp] [[arg] signal_spec ...]";
        return sh.usage("trap", &format!("{option}: invalid option"), usage).await;
    }
    let known = |name: &str| -> Option<String> {
        let upper = name.to_ascii_uppercase();
        let upper = upper.strip_prefix("SIG").unwrap_or(&upper);
        match upper {
            "EXIT" | "0" => Some("EXIT".to_owned()),
            "ERR" | "DEBUG" | "RETURN" => Some(upper.to_owned()),
            _ => {
                let number = signal_number(upper)?;
                SIGNALS.iter().find(|(known, _)| *known == number).map(|(_, name)| (*name).to_owned())
            }
        }
    };
    let listed = match rest {
        [] => Some(sh.st.traps.keys().cloned().collect::<Vec<_>>()),
        [option] if option == "-p" => Some(sh.st.traps.keys().cloned().collect()),
        [option, names @ ..] if option == "-p" => Some(names.iter().filter_map(|name| known(name)).collect()),
        [option] if option == "-l" => return list_signals(sh, &[]).await,
        _ => None,
    };
    if let Some(names) = listed {
        // EXIT is number 0 and stands first, the signals follow by number.
        let number = |name: &String| SIGNALS.iter().find(|(_, known)| known == name).map_or(0, |(number, _)| *number);
        let mut names: Vec<String> = names;
        names.sort_by_key(number);
        for name in names {
            let Some(action) = sh.st.traps.get(&name) else { continue };
            let sig = if matches!(name.as_str(), "EXIT" | "ERR" | "DEBUG" | "RETURN") { "" } else { "SIG" };
            let line = format!("trap -- {} {sig}{name}\n", quote::shell_quote(action));
            sh.p.out(&line).await?;
        }
        return Ok(0);
    }
    let (action, names) = match rest {
        [name] => (None, std::slice::from_ref(name)),
        [action, names @ ..] if action == "-" => (None, names),
        [action, names @ ..] if action.parse::<u8>().is_err() => (Some(action.clone()), names),
        names => (None, names),
    };
    let mut status = 0;
    for name in names {
        match (known(name), &action) {
            (Some(name), Some(action)) => {
                sh.st.traps.insert(name, action.clone());
            }
            (Some(name), None) => {
                sh.st.traps.remove(&name);
            }
            (None, _) => status = sh.misused("trap", &format!("{name}: invalid signal specification"), 1).await?,
        }
    }
    Ok(status)
}
