//! `wait`: for all jobs, for some, for the next of them.

use crate::shell::coroutine::Await;
use crate::systems::linux::bash::parameter::is_name;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::job::Job;

pub async fn wait(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "fnp:").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let variable = given.value('p');
    if let Some(name) = variable {
        if !is_name(name) {
            return sh.misused("wait", &format!("`{name}': not a valid identifier"), 1).await;
        }
        sh.st.variables.remove(name);
    }
    sh.look_after_jobs();
    let ended = match given.has('n') {
        true => next_to_end(sh, &given.operands).await?,
        false if given.operands.is_empty() => return wait_for_all(sh).await,
        false => wait_for_some(sh, &given.operands).await?,
    };
    if let (Some(name), Some(pid)) = (variable, ended.pid)
        && let Err(complaint) = sh.set(name, pid.to_string())
    {
        sh.complain(&complaint).await?;
    }
    Ok(ended.status)
}

/// What has ended, and how; without a process there was none to wait for, or a signal came first.
struct Ended {
    pid: Option<u32>,
    status: u8,
}

impl Ended {
    fn nothing(status: u8) -> Self {
        Self { pid: None, status }
    }
}

async fn wait_for_all(sh: &mut Sh) -> Run {
    let all: Vec<u32> =
        sh.st.jobs.all.iter().filter(|(_, job)| job.ended.is_none()).map(|(number, _)| *number).collect();
    for number in all {
        wait_for(sh, number).await?;
        if let Some(status) = sh.signal_that_ends_waiting().await? {
            return Ok(status);
        }
    }
    if !sh.st.interactive {
        sh.st.jobs.forget(|_, _| true);
    }
    sh.st.jobs.past.clear();
    Ok(0)
}

async fn wait_for_some(sh: &mut Sh, wanted: &[String]) -> Run<Ended> {
    let mut ended = Ended::nothing(0);
    for spec in wanted {
        let (pid, number) = job_of(sh, spec);
        ended = match (pid, number) {
            (Some(pid), Some(number)) => {
                let status = match stage_of(sh, number, pid) && !spec.starts_with('%') {
                    true => wait_for_stage(sh, number, pid).await?,
                    false => wait_for(sh, number).await?,
                };
                if let Some(status) = sh.signal_that_ends_waiting().await? {
                    return Ok(Ended::nothing(status));
                }
                let mut last = pid;
                if let Some(job) = sh.st.jobs.all.get_mut(&number) {
                    job.told |= !sh.st.interactive;
                    last = if spec.starts_with('%') { job.last() } else { pid };
                }
                Ended { pid: Some(last), status }
            }
            (Some(pid), None) if sh.p.control.companion(pid).is_some() => {
                sh.p.end_of(pid).await?;
                Ended { pid: Some(pid), status: sh.p.control.companion(pid).flatten().unwrap_or(127) }
            }
            (Some(pid), None) if let Some(status) = past(sh, pid) => Ended { pid: Some(pid), status },
            (Some(_), None) if sh.is_ash() && !spec.starts_with('%') => Ended::nothing(127),
            (Some(pid), None) if !spec.starts_with('%') => {
                let complaint = format!("pid {pid} is not a child of this shell");
                Ended::nothing(sh.misused("wait", &complaint, 127).await?)
            }
            _ => Ended::nothing(no_job(sh, spec).await?),
        };
    }
    Ok(ended)
}

/// How a process has ended whose job is told.
fn past(sh: &Sh, pid: u32) -> Option<u8> {
    sh.st.jobs.past.iter().rev().find(|(known, _)| *known == pid).map(|(_, status)| *status)
}

/// The process that a word means, and its job.
fn job_of(sh: &Sh, spec: &str) -> (Option<u32>, Option<u32>) {
    let pid = sh.job_pid(spec);
    let number = sh.st.jobs.all.iter().find(|(_, job)| pid.is_some_and(|pid| job.has(pid))).map(|(number, _)| *number);
    (pid, number)
}

/// Says that a word means no job.
async fn no_job(sh: &mut Sh, spec: &str) -> Run {
    if spec.starts_with('%') || spec.parse::<u32>().is_ok() {
        return sh.misused("wait", &format!("{spec}: no such job"), 127).await;
    }
    sh.misused("wait", &format!("`{spec}': not a pid or valid job spec"), 1).await
}

/// Waits for one job; for one that is stopped it does not.
async fn wait_for(sh: &mut Sh, number: u32) -> Run {
    let Some(pid) = sh.st.jobs.all.get(&number).map(|job| job.pid) else { return Ok(127) };
    let status = sh.await_job(pid).await?;
    if sh.st.jobs.all.get(&number).is_some_and(Job::is_stopped) {
        sh.complain(&format!("wait: warning: job {number}[{pid}] stopped")).await?;
    }
    Ok(status)
}

/// Whether a process is a stage of a pipeline behind which others go on.
fn stage_of(sh: &Sh, number: u32, pid: u32) -> bool {
    let job = sh.st.jobs.all.get(&number).filter(|job| job.ended.is_none());
    job.is_some_and(|job| job.last() != pid && job.stages.iter().any(|(stage, _)| *stage == pid))
}

/// Waits for one stage of a pipeline; the others go on.
async fn wait_for_stage(sh: &mut Sh, number: u32, pid: u32) -> Run {
    let news = [Await::Process(sh.p.machine, pid)];
    let ended = sh.p.when(&news, |p| {
        p.peek(|linux| linux.processes.get(pid).map_or(Some(None), |process| process.ended.map(Some)))
    });
    match ended.await? {
        Some(status) => Ok(status),
        None => wait_for(sh, number).await,
    }
}

/// `wait -n`: for the next job that ends, of all or of some.
async fn next_to_end(sh: &mut Sh, wanted: &[String]) -> Run<Ended> {
    let mut numbers: Vec<u32> = sh.st.jobs.all.keys().copied().collect();
    if !wanted.is_empty() {
        numbers.clear();
        for spec in wanted {
            match job_of(sh, spec) {
                (_, Some(number)) => numbers.push(number),
                _ => drop(no_job(sh, spec).await?),
            }
        }
    }
    // A script that has waited for one knows of its end.
    let known = |job: &Job| job.ended.is_some() && job.told && !sh.st.interactive;
    let jobs = numbers.iter().filter_map(|number| sh.st.jobs.all.get(number)).filter(|job| !known(job));
    let jobs: Vec<(u32, Option<u8>)> = jobs.map(|job| (job.pid, job.ended)).collect();
    if jobs.is_empty() {
        return Ok(Ended::nothing(127));
    }
    let awaited: Vec<_> = jobs.iter().map(|(pid, _)| Await::Process(sh.p.machine, *pid)).collect();
    let noted = jobs.iter().find_map(|(pid, ended)| ended.map(|status| (*pid, status)));
    let (leader, status) = match noted {
        Some(noted) => noted,
        None => {
            let ended = |pid: u32| {
                move |linux: &Linux| {
                    linux
                        .processes
                        .get(pid)
                        .map_or(Some((pid, 127)), |process| process.ended.map(|status| (pid, status)))
                }
            };
            sh.p.when(&awaited, |p| jobs.iter().find_map(|(pid, _)| p.peek(ended(*pid)))).await?
        }
    };
    sh.look_after_jobs();
    let last = sh.st.jobs.all.values().find(|job| job.pid == leader).map(Job::last);
    sh.st.jobs.forget(|_, job| job.pid == leader);
    Ok(Ended { pid: last, status })
}
