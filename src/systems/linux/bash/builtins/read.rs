//! `read`, `mapfile`.

use std::future::{Future, poll_fn};
use std::task::Poll;

use super::flags::Given;
use crate::bash::quote;
use crate::bash::version::Feature;
use crate::shell::coroutine::Await;
use crate::sim::Span;
use crate::systems::linux::bash::parameter::is_name;
use crate::systems::linux::bash::{Flow, Run, Sh};
use crate::systems::linux::io::Cut;

/// The status of a `read` whose time was up: as if SIGALRM had ended it.
const TIMED_OUT: u8 = 128 + 14;

/// So long may one line be, in bytes.
const LINE: usize = 1024 * 1024;

/// What `read` was told.
struct Wanted {
    fd: u32,
    raw: bool,
    delimiter: u8,
    /// So many characters at most.
    most: Option<usize>,
    /// Whether it is so many, delimiters included.
    exactly: bool,
    timeout: Option<Span>,
}

pub async fn read(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "ersa:d:i:n:N:p:t:u:").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let wanted = match wanted(sh, &given) {
        Ok(wanted) => wanted,
        Err(complaint) => return sh.misused("read", &complaint, 1).await,
    };
    let names = given.operands.clone();
    let wrong = names.iter().find(|name| !is_name(name.split('[').next().unwrap_or_default()));
    if let Some(wrong) = wrong.cloned() {
        return sh.misused("read", &format!("`{wrong}': not a valid identifier"), 1).await;
    }
    let fd = wanted.fd;
    if sh.p.files.get(fd).is_none() {
        return sh.misused("read", &format!("read error: {fd}: Bad file descriptor"), 1).await;
    }
    let at_terminal = sh.p.files.is_terminal(fd);
    if wanted.timeout == Some(Span::ZERO) {
        // Of these, only a terminal can have nothing to read.
        return Ok(u8::from(at_terminal));
    }
    if let Some(prompt) = given.value('p').filter(|_| at_terminal).map(str::to_owned) {
        sh.p.err(&prompt).await?;
    }
    let mut line = Vec::new();
    let status = if given.has('s') && at_terminal {
        match unseen(sh).await? {
            Some(typed) => {
                line = typed;
                0
            }
            None => 1,
        }
    } else {
        match sh.line_in_time(&wanted, &mut line).await? {
            Some(complete) => u8::from(!complete),
            None if sh.has(Feature::READ_FOR_A_MOMENT) => TIMED_OUT,
            None => 1,
        }
    };
    let ifs = sh.ifs().to_owned();
    if let Some(array) = given.value('a') {
        let words = split(&line, &ifs, usize::MAX);
        sh.set_array(array, words);
        return Ok(status);
    }
    if names.is_empty() {
        let text: String = line.iter().map(|(character, _)| character).collect();
        return assigned(sh, "REPLY", text, status).await;
    }
    let mut values = if wanted.exactly {
        vec![line.iter().map(|(character, _)| character).collect()]
    } else {
        split(&line, &ifs, names.len())
    };
    values.resize(names.len(), String::new());
    for (name, value) in names.iter().zip(values) {
        if assigned(sh, name, value, 0).await? != 0 {
            return Ok(1);
        }
    }
    Ok(status)
}

fn wanted(sh: &Sh, given: &Given) -> Result<Wanted, String> {
    let newer = sh.is_ash() || sh.has(Feature::READ_FOR_A_MOMENT);
    let mut wanted = Wanted { fd: 0, raw: given.has('r'), delimiter: b'\n', most: None, exactly: false, timeout: None };
    for (letter, value) in &given.options {
        match letter {
            'd' => wanted.delimiter = value.bytes().next().unwrap_or(0),
            'n' | 'N' => {
                wanted.most = Some(value.parse().map_err(|_| format!("{value}: invalid number"))?);
                wanted.exactly = *letter == 'N';
            }
            't' => {
                let fits = |seconds: &f64| (0.0..1e9).contains(seconds) && (newer || !value.contains('.'));
                let seconds = value.parse::<f64>().ok().filter(fits);
                let seconds = seconds.ok_or_else(|| format!("{value}: invalid timeout specification"))?;
                wanted.timeout = Some(Span::millis((seconds * 1000.0) as u64));
            }
            'u' => {
                let invalid = |why: &str| format!("{value}: invalid file descriptor{why}");
                wanted.fd = value.parse().map_err(|_| invalid(" specification"))?;
                if sh.p.files.get(wanted.fd).is_none() {
                    return Err(invalid(": Bad file descriptor"));
                }
            }
            _ => {}
        }
    }
    Ok(wanted)
}

/// What is typed unseen is judged at the door and goes no further, not even as a digest; the variable holds what stands for a
/// secret everywhere.
async fn unseen(sh: &mut Sh) -> Run<Option<Vec<(char, bool)>>> {
    let awaited = Await::Secret(sh.p.machine, sh.p.cred.uid);
    let typed = sh.p.secret_or_end(awaited).await?;
    Ok(typed.map(|_| "********".chars().map(|character| (character, true)).collect()))
}

impl Sh {
    /// Reads a line into `line`: whether its end was there, or nothing when time was up before.
    async fn line_in_time(&mut self, wanted: &Wanted, line: &mut Vec<(char, bool)>) -> Run<Option<bool>> {
        let cx = self.p.cx.clone();
        let now = || cx.with(|cx| cx.now());
        let until = wanted.timeout.map(|span| now() + span);
        let mut reading = Box::pin(read_line(self, wanted, line));
        poll_fn(|polling| match (reading.as_mut().poll(polling), until) {
            (Poll::Ready(complete), _) => Poll::Ready(complete.map(Some)),
            (Poll::Pending, Some(until)) if now() >= until => Poll::Ready(Ok(None)),
            (Poll::Pending, until) => {
                if let Some(until) = until {
                    let _: Poll<()> = cx.awaits(Await::Until(until));
                }
                Poll::Pending
            }
        })
        .await
    }
}

async fn assigned(sh: &mut Sh, name: &str, value: String, status: u8) -> Run {
    let (bare, subscript) = match name.split_once('[') {
        Some((bare, rest)) => (bare, Some(rest.trim_end_matches(']'))),
        None => (name, None),
    };
    match sh.set_at(bare, subscript, value) {
        Ok(()) => Ok(status),
        Err(complaint) if complaint.ends_with("readonly variable") => {
            sh.complain(&complaint).await?;
            Ok(1)
        }
        Err(complaint) => sh.misused("read", &complaint, 1).await,
    }
}

/// Reads a line as characters, each with whether a backslash stood before it; whether its delimiter was there.
async fn read_line(sh: &mut Sh, wanted: &Wanted, line: &mut Vec<(char, bool)>) -> Run<bool> {
    loop {
        let left = wanted.most.map_or(LINE, |most| most.saturating_sub(line.len()));
        if left == 0 {
            return Ok(true);
        }
        let delimiter = (!wanted.exactly).then_some(wanted.delimiter);
        let mut bytes = sh.p.read_until(wanted.fd, left, delimiter).await?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let complete = delimiter.is_some_and(|delimiter| bytes.last() == Some(&delimiter));
        if complete {
            bytes.pop();
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut continued = false;
        let mut characters = text.chars().filter(|character| *character != '\0');
        while let Some(character) = characters.next() {
            if character == '\\' && !wanted.raw {
                match characters.next() {
                    Some(next) => line.push((next, true)),
                    None => continued = true,
                }
            } else {
                line.push((character, false));
            }
        }
        if line.len() > LINE {
            return Err(Flow::Cut(Cut::Limit("line")));
        }
        if complete && !continued {
            return Ok(true);
        }
    }
}

/// Splits a line at `IFS` into up to `most` words, of which the last takes the rest.
fn split(line: &[(char, bool)], ifs: &str, most: usize) -> Vec<String> {
    let blank = |(character, quoted): &(char, bool)| !quoted && ifs.contains(*character) && character.is_whitespace();
    let ends = |(character, quoted): &(char, bool)| !quoted && ifs.contains(*character);
    let trim = |mut line: &[(char, bool)]| -> Vec<(char, bool)> {
        while line.first().is_some_and(blank) {
            line = &line[1..];
        }
        while line.last().is_some_and(blank) {
            line = &line[..line.len() - 1];
        }
        line.to_vec()
    };
    let text = |line: &[(char, bool)]| line.iter().map(|(character, _)| character).collect::<String>();
    let mut words = Vec::new();
    let trimmed = trim(line);
    let mut rest = &trimmed[..];
    while !rest.is_empty() {
        if words.len() + 1 >= most {
            // A single delimiter at the very end belongs to the last word that has no other.
            let mut last = rest;
            if let Some((end, before)) = last.split_last()
                && ends(end)
                && !before.iter().any(ends)
            {
                last = before;
            }
            words.push(text(&trim(last)));
            return words;
        }
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        words.push(text(&rest[..end]));
        rest = &rest[end..];
        while rest.first().is_some_and(blank) {
            rest = &rest[1..];
        }
        if rest.first().is_some_and(|next| ends(next) && !blank(next)) && end < trimmed.len() {
            rest = &rest[1..];
            while rest.first().is_some_and(blank) {
                rest = &rest[1..];
            }
        }
    }
    words
}

pub async fn mapfile(sh: &mut Sh, words: Vec<String>) -> Run {
    let builtin = words[0].clone();
    let given = match sh.given(&words, "d:n:O:s:tu:C:c:").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let number = |letter: char, what: &str| match given.value(letter) {
        None => Ok(None),
        Some(value) => value.parse::<u32>().map(Some).map_err(|_| format!("{value}: invalid {what}")),
    };
    let numbers = || {
        let quantum = match number('c', "callback quantum")? {
            Some(0) => return Err("0: invalid callback quantum".to_owned()),
            quantum => u64::from(quantum.unwrap_or(5_000)),
        };
        let most = number('n', "line count")?.filter(|most| *most > 0).map_or(usize::MAX, |most| most as usize);
        let origin = number('O', "array origin")?.map(u64::from);
        let fd = number('u', "file descriptor specification")?.unwrap_or(0);
        Ok((most, origin, number('s', "line count")?.unwrap_or(0), fd, quantum))
    };
    let (most, origin, mut skip, fd, quantum) = match numbers() {
        Ok(numbers) => numbers,
        Err(complaint) => return sh.misused(&builtin, &complaint, 1).await,
    };
    if sh.p.files.get(fd).is_none() {
        return sh.misused(&builtin, &format!("{fd}: invalid file descriptor: Bad file descriptor"), 1).await;
    }
    let (trims, callback) = (given.has('t'), given.value('C').map(str::to_owned));
    let delimiter = given.value('d').map_or(b'\n', |text| text.bytes().next().unwrap_or(0));
    let name = given.operands.first().cloned().unwrap_or_else(|| "MAPFILE".to_owned());
    if !is_name(&name) {
        return sh.misused(&builtin, &format!("`{name}': not a valid identifier"), 1).await;
    }
    if sh.is_associative(&name) {
        return sh.misused(&builtin, &format!("{name}: not an indexed array"), 1).await;
    }
    if origin.is_none() {
        sh.set_array(&name, Vec::new());
    }
    let first = origin.unwrap_or(0);
    let (mut held, mut at) = (0, first);
    while usize::try_from(at - first).is_ok_and(|read| read < most) {
        let bytes = sh.p.read_until(fd, LINE, Some(delimiter)).await?;
        if bytes.is_empty() {
            break;
        }
        held += bytes.len();
        if held > crate::systems::linux::proc::HELD {
            return Err(Flow::Cut(Cut::Limit("held input")));
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if trims && text.as_bytes().last() == Some(&delimiter) {
            text.pop();
        }
        if let Some(callback) = &callback
            && (at - first + 1).is_multiple_of(quantum)
        {
            Box::pin(sh.eval(&format!("{callback} {at} {}", quote::shell_quote(&text)))).await?;
        }
        if let Err(complaint) = sh.set_at(&name, Some(&at.to_string()), text) {
            return sh.misused(&builtin, &complaint, 1).await;
        }
        sh.grow(0)?;
        at += 1;
    }
    Ok(0)
}
