//! `jobs`, `fg`, `bg`, `suspend`, `disown`, `kill`, `trap`. What they say is what bash 5.2 says at a terminal.

use std::collections::{BTreeMap, BTreeSet};

use crate::bash::quote;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::kernel;
use crate::systems::linux::model::job::Job;
use crate::systems::linux::model::signals::{self, SIGNALS};

pub async fn jobs(sh: &mut Sh, words: Vec<String>) -> Run {
    const USAGE: &str = "jobs [-lnprs] [jobspec ...] or jobs -x command [args]";
    if words.get(1).is_some_and(|word| word == "-x") && !sh.is_ash() {
        return with_processes(sh, words).await;
    }
    // Who has seen them may leave.
    sh.st.warned = Some(sh.st.lines);
    sh.look_after_jobs();
    let options: Vec<&String> = words[1..].iter().take_while(|word| word.starts_with('-') && word.len() > 1).collect();
    if let Some(wrong) = options
        .iter()
        .flat_map(|word| word[1..].chars())
        .find(|letter| !if sh.is_ash() { "lp" } else { "lnprsx" }.contains(*letter))
    {
        return sh.usage("jobs", &format!("-{wrong}: invalid option"), USAGE).await;
    }
    let given = |letter| options.iter().any(|word| word.contains(letter));
    if given('x') {
        return sh.misused("jobs", "no other options allowed with `-x'", 1).await;
    }
    let (mut status, mut wanted) = (0, Vec::new());
    for spec in &words[1 + options.len()..] {
        match sh.job_number(spec) {
            Ok(number) => wanted.push(number),
            Err(trouble) => status = sh.misused("jobs", &format!("{spec}: {trouble}"), 1).await?,
        }
    }
    if words.len() == 1 + options.len() {
        wanted = sh.st.jobs.all.keys().copied().collect();
    }
    for number in wanted {
        let Some(job) = sh.st.jobs.all.get_mut(&number) else { continue };
        let fits = if given('r') { job.runs() } else { !given('s') || job.is_stopped() };
        // A script that has waited for one knows of its end.
        let fits = fits && (sh.st.interactive || job.ended.is_none() || !job.told);
        let fits = fits && (!given('n') || job.ended.is_some() || job.is_stopped() && !job.told);
        if !fits {
            continue;
        }
        job.told = true;
        let line = if given('p') { format!("{}\n", job.pid) } else { sh.job_line(number, given('l')) };
        sh.p.out(&line).await?;
    }
    sh.st.jobs.forget(|_, job| job.ended.is_some());
    Ok(status)
}

/// `jobs -x`: a command that gets the processes of the jobs that are named in it.
async fn with_processes(sh: &mut Sh, words: Vec<String>) -> Run {
    let process = |word: String| match word.starts_with('%').then(|| sh.job_pid(&word)).flatten() {
        Some(pid) => pid.to_string(),
        None => word,
    };
    let words: Vec<String> = words.into_iter().skip(2).map(process).collect();
    let Some(name) = words.first().cloned() else { return Ok(0) };
    sh.named(&name, words.into_iter().map(super::Argument::Word).collect(), &[]).await
}

impl Sh {
    /// The number of the job that `%1`, `%+`, `%-`, `%name`, `%?text` or a number means, or what is wrong.
    fn job_number(&self, spec: &str) -> Result<u32, &'static str> {
        const NONE: &str = "no such job";
        let jobs = &self.st.jobs;
        let name = spec.strip_prefix('%').unwrap_or(spec);
        let fits = |job: &Job| match name.strip_prefix('?') {
            Some(text) => job.text.contains(text),
            None => job.text.starts_with(name),
        };
        match name {
            "" | "%" | "+" => jobs.current.ok_or(NONE),
            "-" => jobs.previous.ok_or(NONE),
            _ => match name.parse::<u32>() {
                Ok(number) => jobs.all.contains_key(&number).then_some(number).ok_or(NONE),
                Err(_) => {
                    let mut found = jobs.all.iter().filter(|(_, job)| fits(job)).map(|(number, _)| *number);
                    match (found.next(), found.next()) {
                        (Some(number), None) => Ok(number),
                        (None, _) => Err(NONE),
                        _ => Err("ambiguous job spec"),
                    }
                }
            },
        }
    }

    /// The process of a job specification that begins with `%`, or a number.
    pub(super) fn job_pid(&self, spec: &str) -> Option<u32> {
        if !spec.starts_with('%') {
            return spec.parse().ok();
        }
        self.job_number(spec).ok().and_then(|number| self.st.jobs.all.get(&number)).map(|job| job.pid)
    }

    /// The number of the job that a command is given, `%+` without one; else the command's status, once it has complained.
    async fn given_job(&mut self, words: &[String]) -> Run<Result<u32, u8>> {
        let name = words[0].as_str();
        if !self.option("monitor") {
            return Ok(Err(self.misused(name, "no job control", 1).await?));
        }
        self.look_after_jobs();
        let spec = words.get(1).map_or("%+", String::as_str);
        match self.job_number(spec) {
            Ok(number) => Ok(Ok(number)),
            Err(trouble) => {
                let spec = match (words.len(), trouble) {
                    (1, _) => "current",
                    (_, "no such job") => spec,
                    _ => spec.trim_start_matches('%'),
                };
                Ok(Err(self.misused(name, &format!("{spec}: {trouble}"), 1).await?))
            }
        }
    }
}

/// Brings a job to the front: its text is shown, it goes on if it was stopped, and the shell waits for it.
pub async fn fg(sh: &mut Sh, words: Vec<String>) -> Run {
    let number = match sh.given_job(&words).await? {
        Ok(number) => number,
        Err(status) => return Ok(status),
    };
    if sh.st.jobs.all.get(&number).is_some_and(|job| job.ended.is_some()) {
        sh.st.jobs.forget(|known, _| known == number);
        return sh.misused("fg", "job has terminated", 1).await;
    }
    sh.resume(number);
    sh.st.jobs.make_current(number);
    let text = sh.st.jobs.all.get(&number).map(|job| job.text.clone()).unwrap_or_default();
    sh.p.out(&format!("{text}\n")).await?;
    sh.bring_to_front(number).await
}

/// Lets a stopped job go on behind the prompt.
pub async fn bg(sh: &mut Sh, words: Vec<String>) -> Run {
    let number = match sh.given_job(&words).await? {
        Ok(number) => number,
        Err(status) => return Ok(status),
    };
    match sh.st.jobs.all.get(&number) {
        Some(job) if job.is_stopped() => {
            let line = format!("[{number}]{} {} &\n", sh.st.jobs.mark(number), job.text);
            sh.p.out(&line).await?;
            sh.resume(number);
            sh.st.last_background = sh.st.jobs.all.get(&number).map(Job::last);
            sh.st.jobs.choose();
            Ok(0)
        }
        Some(job) if job.ended.is_some() => sh.misused("bg", "job has terminated", 1).await,
        _ => sh.misused("bg", &format!("job {number} already in background"), 0).await,
    }
}

/// Stops the shell until somebody lets it go on. Inner shells that could be stopped are not modelled.
pub async fn suspend(sh: &mut Sh, words: Vec<String>) -> Run {
    match sh.given(&words, "f").await? {
        Ok(_) if !sh.option("monitor") => sh.misused("suspend", "cannot suspend: no job control", 1).await,
        Ok(given) if sh.st.login && !given.has('f') => sh.misused("suspend", "cannot suspend a login shell", 1).await,
        Ok(_) => Ok(sh.p.gap("suspend: an inner shell that is stopped")?),
        Err(status) => Ok(status),
    }
}

pub async fn disown(sh: &mut Sh, words: Vec<String>) -> Run {
    sh.look_after_jobs();
    let options: String = words[1..].iter().take_while(|word| word.starts_with('-')).cloned().collect();
    if let Some(wrong) = options.chars().find(|letter| !"-ahr".contains(*letter)) {
        return sh
            .usage("disown", &format!("-{wrong}: invalid option"), "disown [-h] [-ar] [jobspec ... | pid ...]")
            .await;
    }
    let specs: Vec<String> = words[1..].iter().filter(|word| !word.starts_with('-')).cloned().collect();
    let mut gone = Vec::new();
    for spec in &specs {
        let pid = sh.job_pid(spec);
        match sh.st.jobs.all.iter().find(|(_, job)| pid.is_some_and(|pid| job.has(pid))) {
            Some((number, _)) => gone.push(*number),
            None => return sh.misused("disown", &format!("{spec}: no such job"), 1).await,
        }
    }
    if specs.is_empty() {
        let all = options.contains(['a', 'r']);
        match sh.st.jobs.current {
            _ if all => gone.extend(sh.st.jobs.all.keys()),
            Some(current) => gone.push(current),
            None => return sh.misused("disown", "current: no such job", 1).await,
        }
    }
    for number in gone {
        let Some(job) = sh.st.jobs.all.get(&number).filter(|job| job.runs() || !options.contains('r')) else {
            continue;
        };
        let leader = job.pid;
        sh.p.linux(|linux| linux.processes.disown(leader));
        if options.contains('h') {
            continue;
        }
        if job.is_stopped() {
            let text = format!("warning: deleting stopped job {number} with process group {}", job.pid);
            sh.complain(&text).await?;
        }
        sh.st.jobs.forget(|known, _| known == number);
    }
    Ok(0)
}

pub async fn kill(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut signal = 15;
    let mut targets = &words[1..];
    match targets.first().map(String::as_str) {
        Some("-l" | "-L") => return list_signals(sh, &targets[1..]).await,
        Some(option @ ("-s" | "-n")) if targets.len() < 2 => {
            return sh.misused("kill", &format!("{option}: option requires an argument"), 1).await;
        }
        Some("-s" | "-n") => {
            match specified(&targets[1]) {
                Some(number) => signal = number,
                None => return sh.misused("kill", &format!("{}: invalid signal specification", targets[1]), 1).await,
            }
            targets = &targets[2..];
        }
        Some("--") => targets = &targets[1..],
        Some(option) if option.starts_with('-') => {
            let text = option[1..].strip_prefix(['s', 'n']).filter(|text| specified(text).is_some());
            let text = text.unwrap_or(&option[1..]);
            match specified(text) {
                Some(number) => signal = number,
                None => return sh.misused("kill", &format!("{text}: invalid signal specification"), 1).await,
            }
            targets = &targets[1..];
        }
        _ => {}
    }
    if targets.is_empty() && sh.is_ash() {
        sh.complain("!you need to specify whom to kill").await?;
        return Ok(1);
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
                false if target.is_empty() => "`': not a pid or valid job spec".to_owned(),
                false => format!("{target}: arguments must be process or job IDs"),
            };
            status = sh.misused("kill", &text, 1).await?;
            continue;
        };
        let job = sh.st.jobs.all.iter().find(|(_, job)| job.has(pid)).map(|(number, _)| *number);
        let stopped = job.filter(|number| sh.st.jobs.all.get(number).is_some_and(Job::is_stopped));
        let whole = job.is_some() && target.starts_with('%');
        if !whole && !sh.p.may_signal(pid, signal) {
            status = sh.misused("kill", &format!("({pid}) - {}", Errno::Perm.text()), 1).await?;
            continue;
        }
        let there = sh.p.world(|world, id| {
            let processes = &world.linux(id).processes;
            let there = processes.get(pid).is_some_and(|process| process.ended.is_none())
                || whole && processes.group(pid).next().is_some();
            match signal {
                0 => {}
                _ if whole => kernel::signal_group(world, id, pid, signal),
                _ => drop(kernel::signal(world, id, pid, signal)),
            }
            there
        });
        if let Some(number) = stopped.filter(|_| there && matches!(signal, 1 | 15)) {
            // What is asked to end must run to do so.
            let line = sh.job_line(number, false);
            sh.p.err(&format!("\n{line}")).await?;
            sh.p.world(|world, id| kernel::signal(world, id, pid, kernel::SIGCONT));
        }
        if !there {
            status = sh.misused("kill", &format!("({pid}) - No such process"), 1).await?;
        }
    }
    Ok(status)
}

/// The number of a signal as bash takes it: 0 is `EXIT`.
fn specified(text: &str) -> Option<u8> {
    let is_exit = matches!(text.to_ascii_uppercase().as_str(), "EXIT" | "SIGEXIT");
    signals::number(text).or(is_exit.then_some(0))
}

async fn list_signals(sh: &mut Sh, words: &[String]) -> Run {
    if words.is_empty() && sh.is_ash() {
        let lines: String = signals::listed().map(|(number, name)| format!("{number:2}) {name}\n")).collect();
        sh.p.out(&lines).await?;
        return Ok(0);
    }
    if words.first().is_none_or(|word| word.starts_with('-') && word.len() > 1) {
        let entries: Vec<String> = SIGNALS.iter().map(|(number, name)| format!("{number:2}) SIG{name}")).collect();
        for row in entries.chunks(5) {
            let end = if row.len() == 5 { "\n" } else { "\t\n" };
            sh.p.out(&format!("{}{end}", row.join("\t"))).await?;
        }
        return Ok(0);
    }
    let mut status = 0;
    for word in words {
        let number = word.trim().parse::<u8>().map(|number| if number > 128 { number - 128 } else { number });
        let text = match number {
            Ok(0) => Some("EXIT".to_owned()),
            Ok(number) => signals::name(number).map(str::to_owned),
            Err(_) => specified(word).map(|number| number.to_string()),
        };
        match text {
            Some(text) => sh.p.out(&format!("{text}\n")).await?,
            None if sh.is_ash() => {
                sh.complain(&format!("!unknown signal '{word}'")).await?;
                status = 1;
            }
            None => status = sh.misused("kill", &format!("{word}: invalid signal specification"), 1).await?,
        }
    }
    Ok(status)
}

/// Says what is run on a signal, if anything is.
async fn show_trap(sh: &mut Sh, traps: &BTreeMap<String, String>, name: &str) -> Run<()> {
    let Some(action) = traps.get(name) else { return Ok(()) };
    let bare = sh.is_ash() || matches!(name, "EXIT" | "ERR" | "DEBUG" | "RETURN");
    let action = if sh.is_ash() { quote::single_quote(action) } else { quote::shell_quote(action) };
    sh.p.out(&format!("trap -- {action} {}{name}\n", if bare { "" } else { "SIG" })).await?;
    Ok(())
}

pub async fn trap(sh: &mut Sh, words: Vec<String>) -> Run {
    const USAGE: &str = "trap [-lp] [[arg] signal_spec ...]";
    let mut rest = &words[1..];
    if rest.first().is_some_and(|word| word == "--") {
        rest = &rest[1..];
    }
    if let Some(option) = rest.first().filter(|word| word.len() > 1 && word.starts_with('-'))
        && (sh.is_ash() || !matches!(option.as_str(), "-p" | "-l"))
    {
        return sh.usage("trap", &format!("{option}: invalid option"), USAGE).await;
    }
    let ash = sh.is_ash();
    let known = |name: &str| -> Option<String> {
        let upper = name.to_ascii_uppercase();
        let upper = upper.strip_prefix("SIG").unwrap_or(&upper);
        match upper {
            "EXIT" | "0" => Some("EXIT".to_owned()),
            "DEBUG" | "RETURN" if ash => None,
            "ERR" | "DEBUG" | "RETURN" => Some(upper.to_owned()),
            _ => signals::name(specified(upper)?).map(str::to_owned),
        }
    };
    let mut status = 0;
    let traps = if sh.former_traps.is_empty() { sh.st.traps.clone() } else { sh.former_traps.clone() };
    let listed = match rest {
        [] => Some(traps.keys().cloned().collect::<Vec<_>>()),
        [option] if option == "-p" => Some(traps.keys().cloned().collect()),
        [option, names @ ..] if option == "-p" => {
            for name in names {
                match known(name) {
                    Some(name) => show_trap(sh, &traps, &name).await?,
                    None => status = sh.misused("trap", &format!("{name}: invalid signal specification"), 1).await?,
                }
            }
            return Ok(status);
        }
        [alone] if alone != "-l" && known(alone).is_none() => {
            sh.p.err(&format!("trap: usage: {USAGE}\n")).await?;
            return Ok(2);
        }
        [option] if option == "-l" => return list_signals(sh, &[]).await,
        _ => None,
    };
    if let Some(names) = listed {
        // EXIT is number 0 and stands first, the signals follow by number, the other events stand behind them.
        let number = |name: &String| match SIGNALS.iter().find(|(_, known)| known == name) {
            Some((number, _)) => *number,
            None if name == "EXIT" => 0,
            None => u8::MAX,
        };
        let mut names: Vec<String> = names;
        names.sort_by_key(number);
        for name in names {
            show_trap(sh, &traps, &name).await?;
        }
        return Ok(0);
    }
    let (action, names) = match rest {
        [name] => (None, std::slice::from_ref(name)),
        [action, names @ ..] if action == "-" => (None, names),
        [action, names @ ..] if action.parse::<u8>().is_err() => (Some(action.clone()), names),
        names => (None, names),
    };
    sh.former_traps.clear();
    let (pid, interactive) = (sh.p.pid, sh.st.interactive);
    let mut ignored = sh.p.peek(|linux| linux.processes.get(pid).map(|own| own.ignored.clone())).unwrap_or_default();
    let number = |name: &str| SIGNALS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
    for given in names {
        let Some(name) = known(given) else {
            status = sh.misused("trap", &format!("{given}: invalid signal specification"), 1).await?;
            continue;
        };
        // What a shell that runs by itself was begun to ignore it goes on to ignore.
        let own = sh.st.traps.get(&name).is_some_and(String::is_empty);
        if !interactive && !own && number(&name).is_some_and(|number| ignored.contains(&number)) {
            continue;
        }
        match &action {
            Some(action) => drop(sh.st.traps.insert(name, action.clone())),
            None => drop(sh.st.traps.remove(&name)),
        }
    }
    // Whoever sends one of these to a job that the shell leads reaches the shell alone.
    let mut caught = BTreeSet::new();
    for (number, name) in SIGNALS {
        match sh.st.traps.get(name) {
            Some(action) if action.is_empty() => drop(ignored.insert(number)),
            Some(_) => drop(caught.insert(number)),
            None if traps.contains_key(name) => drop(ignored.remove(&number)),
            None => {}
        }
        if caught.contains(&number) {
            ignored.remove(&number);
        }
    }
    sh.p.linux(|linux| {
        if let Some(process) = linux.processes.get_mut(pid) {
            (process.caught, process.ignored) = (caught, ignored);
        }
    });
    Ok(status)
}
