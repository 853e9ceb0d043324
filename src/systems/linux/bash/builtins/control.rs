//! Builtins that say what runs next: `exit`, `return`, `break`, `eval`, `source`, `exec` and their kin.

use std::sync::Arc;

use crate::systems::linux::bash::search::Found;
use crate::systems::linux::bash::{Flow, Run, Sh};
use crate::systems::linux::fs::Errno;

pub async fn yes(_: &mut Sh, _: Vec<String>) -> Run {
    Ok(0)
}

pub async fn no(_: &mut Sh, _: Vec<String>) -> Run {
    Ok(1)
}

/// The status that `exit` and `return` are given: its last eight bits.
async fn status(sh: &mut Sh, words: &[String]) -> Run<Result<u8, u8>> {
    match &words[1..] {
        [] => Ok(Ok(sh.st.status)),
        [number, rest @ ..] => match number.trim().parse::<i64>() {
            Ok(number) if number < 0 && sh.is_ash() => {
                sh.misused(&words[0], &format!("Illegal number: {number}"), 2).await.map(Ok)
            }
            Ok(_) if !rest.is_empty() && !sh.is_ash() => sh.abort(&format!("{}: too many arguments", words[0])).await,
            Ok(number) => Ok(Ok(number.rem_euclid(256) as u8)),
            Err(_) => {
                sh.misused(&words[0], &format!("{number}: numeric argument required"), 2).await?;
                Ok(Ok(2))
            }
        },
    }
}

pub async fn exit(sh: &mut Sh, words: Vec<String>) -> Run {
    if words[0] == "logout" && !sh.st.login {
        return sh.misused("logout", "not login shell: use `exit'", 1).await;
    }
    if sh.says_to_stay().await? {
        return Ok(1);
    }
    match status(sh, &words).await? {
        Ok(status) => {
            sh.log_out().await;
            Err(Flow::Exit(status))
        }
        Err(status) => Ok(status),
    }
}

pub async fn leave_function(sh: &mut Sh, words: Vec<String>) -> Run {
    if sh.frames.is_empty() && !sh.is_ash() {
        if let Some(word) = words.get(1).filter(|word| word.trim().parse::<i64>().is_err()) {
            sh.misused("return", &format!("{word}: numeric argument required"), 2).await?;
        }
        sh.misused("return", "can only `return' from a function or sourced script", 2).await?;
        return Ok(2);
    }
    match status(sh, &words).await? {
        Ok(status) => Err(Flow::Return(status)),
        Err(status) => Ok(status),
    }
}

pub async fn leave_loop(sh: &mut Sh, words: Vec<String>) -> Run {
    let name = words[0].clone();
    if sh.loops == 0
        && sh.is_ash()
        && words.get(1).is_none_or(|text| text.parse::<u32>().is_ok_and(|levels| levels > 0))
    {
        return Ok(0);
    }
    if sh.loops == 0 && !sh.is_ash() {
        return sh.misused(&name, "only meaningful in a `for', `while', or `until' loop", 0).await;
    }
    let levels = match words.get(1).map(|text| text.parse::<i64>()) {
        None => 1,
        Some(Ok(levels)) if levels > 0 => u32::try_from(levels).unwrap_or(u32::MAX).min(sh.loops),
        Some(Ok(levels)) if sh.is_ash() => {
            return sh.misused(&name, &format!("Illegal number: {levels}"), 2).await;
        }
        Some(Ok(levels)) => {
            sh.st.status = sh.misused(&name, &format!("{levels}: loop count out of range"), 1).await?;
            return Err(Flow::Break(sh.loops));
        }
        Some(Err(_)) => {
            sh.misused(&name, &format!("{}: numeric argument required", words[1]), 128).await?;
            return Err(Flow::Exit(128));
        }
    };
    sh.st.status = 0;
    Err(if name == "break" { Flow::Break(levels) } else { Flow::Continue(levels) })
}

pub async fn eval(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    sh.eval(&given.operands.join(" ")).await
}

pub async fn source(sh: &mut Sh, words: Vec<String>) -> Run {
    let name = words[0].clone();
    let given = match sh.given(&words, "").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let Some(path) = given.operands.first().cloned() else {
        if sh.is_ash() {
            return Ok(2);
        }
        return sh.usage(&name, "filename argument required", &format!("{name} filename [arguments]")).await;
    };
    if path.contains('/') && sh.refuses(&format!("{name}: {path}")).await? {
        return Ok(1);
    }
    let found = if path.contains('/') { Some(path.clone()) } else { sh.sourced(&path) };
    match sh.p.read_whole(found.as_deref().unwrap_or(&path)).await? {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            sh.source(&path, &text, given.operands[1..].to_vec()).await
        }
        Err(Errno::Isdir) => sh.misused(&name, &format!("{path}: is a directory"), 1).await,
        Err(errno) => {
            sh.complain_of_use(&sh.unsourced(&name, &path, errno)).await?;
            sh.raised(&name, 1)
        }
    }
}

pub async fn exec(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "a:cl").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let mut words = given.operands.clone();
    let Some(name) = words.first().cloned() else { return Ok(0) };
    if sh.refuses("exec").await? {
        return Ok(1);
    }
    if let Some(argument) = given.value('a') {
        argument.clone_into(&mut words[0]);
    }
    if given.has('l') {
        words[0].insert(0, '-');
    }
    if given.has('c') {
        sh.environment = Some(Arc::default());
    }
    match sh.find_file(&name) {
        Found::File(path) => match sh.instead(&path, words).await {
            // The program took the shell's place: with it the shell ends, without a word or a trap.
            Ok(status) => {
                sh.st.spent = true;
                sh.st.traps.clear();
                Err(Flow::Exit(status))
            }
            Err(flow) => Err(flow.in_place()),
        },
        Found::Refused(path, errno) => {
            sh.complain(&format!("{path}: {}", sh.unrunnable(errno))).await?;
            if errno == Errno::Noent {
                return failed(sh, 127);
            }
            if !sh.is_ash() {
                sh.complain(&format!("exec: {path}: cannot execute: {}", errno.text())).await?;
            }
            failed(sh, 126)
        }
        _ if sh.is_directory(&name) && !sh.is_ash() => {
            sh.complain(&format!("exec: {name}: cannot execute: {}", Errno::Isdir.text())).await?;
            failed(sh, 126)
        }
        _ => {
            sh.complain(&format!("exec: {name}: not found")).await?;
            failed(sh, 127)
        }
    }
}

/// A script ends where `exec` fails, a keyboard goes on.
fn failed(sh: &Sh, status: u8) -> Run {
    let goes_on = sh.st.interactive || sh.st.shopt.contains("execfail");
    if goes_on { Ok(status) } else { Err(Flow::Exit(status)) }
}

pub async fn caller(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let level = match given.operands.first().map(|text| text.parse::<usize>()) {
        None => None,
        Some(Ok(level)) => Some(level),
        Some(Err(_)) => return sh.wrong("caller", &format!("{}: invalid number", given.operands[0])).await,
    };
    if sh.frames.is_empty() && level.is_none() {
        sh.p.out("0 NULL\n").await?;
        return Ok(0);
    }
    let mut frames = sh.frames.iter().rev().skip(level.unwrap_or(0));
    let Some(frame) = frames.next() else { return Ok(1) };
    let outer = frames.next();
    let source = match outer {
        Some(outer) => sh.source_of(outer),
        None if sh.st.interactive => "NULL".to_owned(),
        None => sh.st.name.clone(),
    };
    let name = outer.map_or("main", |outer| outer.name.as_str());
    let text = match level {
        None => format!("{} {source}\n", frame.called),
        Some(_) => format!("{} {name} {source}\n", frame.called),
    };
    sh.p.out(&text).await?;
    Ok(0)
}

/// No program of a simulated machine takes time of a processor.
pub async fn times(sh: &mut Sh, words: Vec<String>) -> Run {
    if let Err(status) = sh.given(&words, "").await? {
        return Ok(status);
    }
    sh.p.out("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n").await?;
    Ok(0)
}

impl Sh {
    /// A file that `source` finds along `PATH`, or in the working directory.
    fn sourced(&self, name: &str) -> Option<String> {
        let path = self.st.variable("PATH").filter(|_| self.st.shopt.contains("sourcepath")).unwrap_or_default();
        path.split(':')
            .filter(|directory| !directory.is_empty())
            .map(|directory| format!("{directory}/{name}"))
            .find(|path| self.p.lookup(path).is_ok())
    }
}
