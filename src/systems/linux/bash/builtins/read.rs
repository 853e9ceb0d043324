//! `read`, `mapfile`.

use crate::bash::quote;
use crate::systems::linux::bash::{Flow, Run, Sh};
use crate::systems::linux::io::{Cut, Open};

/// So long may one line be, in bytes.
const LINE: usize = 1024 * 1024;

pub async fn read(sh: &mut Sh, words: Vec<String>) -> Run {
    const USAGE: &str = "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";
    let (mut raw, mut array, mut delimiter, mut most, mut exactly) = (false, None, b'\n', None, false);
    let (mut prompt, mut fd, mut names, mut silent, mut looks) = (None, 0, Vec::new(), false, false);
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty() && names.is_empty()) else {
            names.push(word.clone());
            continue;
        };
        if letters == "-" {
            names.extend(rest.by_ref().cloned());
            break;
        }
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'r' => raw = true,
                'e' => {}
                's' => silent = true,
                'a' | 'd' | 'i' | 'n' | 'N' | 'p' | 't' | 'u' => {
                    let attached: String = letters.by_ref().collect();
                    let value = if attached.is_empty() { rest.next().cloned() } else { Some(attached) };
                    let Some(value) = value else {
                        return sh.usage("read", &format!("-{letter}: option requires an argument"), USAGE).await;
                    };
                    match letter {
                        'a' => array = Some(value),
                        'd' => delimiter = value.bytes().next().unwrap_or(0),
                        'n' | 'N' => match value.parse::<usize>() {
                            Ok(count) => (most, exactly) = (Some(count), letter == 'N'),
                            Err(_) => return sh.misused("read", &format!("{value}: invalid number"), 1).await,
                        },
                        'p' => prompt = Some(value),
                        't' => looks = value.parse() == Ok(0.0),
                        'u' => match value.parse::<u32>().ok().filter(|fd| sh.p.files.get(*fd).is_some()) {
                            Some(number) => fd = number,
                            None => {
                                let text = format!("{value}: invalid file descriptor: Bad file descriptor");
                                return sh.misused("read", &text, 1).await;
                            }
                        },
                        _ => {}
                    }
                }
                other => return sh.usage("read", &format!("-{other}: invalid option"), USAGE).await,
            }
        }
    }
    if sh.p.files.get(fd).is_none() {
        return sh.misused("read", &format!("read error: {fd}: Bad file descriptor"), 1).await;
    }
    if looks {
        // Of these, only a terminal can have nothing to read.
        return Ok(u8::from(matches!(sh.p.files.get(fd).map(|open| &**open), Some(Open::Terminal))));
    }
    let at_terminal = sh.p.files.get(fd).is_some_and(|open| matches!(**open, Open::Terminal));
    if silent && at_terminal {
        return Ok(sh.p.gap("read -s: what is typed unseen goes no further than the login")?);
    }
    if let Some(prompt) = prompt.filter(|_| at_terminal) {
        sh.p.err(&prompt).await?;
    }
    let (line, complete) = line(sh, fd, delimiter, most, raw, exactly).await?;
    let status = u8::from(!complete);
    let ifs = sh.ifs().to_owned();
    if let Some(array) = array {
        let words = split(&line, &ifs, usize::MAX);
        sh.set_array(&array, words);
        return Ok(status);
    }
    if names.is_empty() {
        let text: String = line.iter().map(|(character, _)| character).collect();
        return assigned(sh, "REPLY", text, status).await;
    }
    let mut values = if exactly {
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

/// A line as characters, each with whether a backslash stood before it; and whether its delimiter was there.
async fn line(
    sh: &mut Sh,
    fd: u32,
    delimiter: u8,
    most: Option<usize>,
    raw: bool,
    exactly: bool,
) -> Run<(Vec<(char, bool)>, bool)> {
    let mut line: Vec<(char, bool)> = Vec::new();
    loop {
        let left = most.map_or(LINE, |most| most.saturating_sub(line.len()));
        if left == 0 {
            return Ok((line, true));
        }
        let delimiter = (!exactly).then_some(delimiter);
        let mut bytes = sh.p.read_until(fd, left, delimiter).await?;
        if bytes.is_empty() {
            return Ok((line, false));
        }
        let complete = delimiter.is_some_and(|delimiter| bytes.last() == Some(&delimiter));
        if complete {
            bytes.pop();
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut continued = false;
        let mut characters = text.chars().filter(|character| *character != '\0');
        while let Some(character) = characters.next() {
            if character == '\\' && !raw {
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
            return Ok((line, true));
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
    const USAGE: &str = "[-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]";
    let builtin = words[0].clone();
    let (mut trims, mut most, mut skip, mut fd, mut delimiter) = (false, usize::MAX, 0, 0, b'\n');
    let (mut origin, mut callback, mut quantum) = (None, None, 5_000);
    let mut name = "MAPFILE".to_owned();
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let number = |value: &str| value.parse::<u32>().ok();
        match word.as_str() {
            "-t" => trims = true,
            "-n" | "-s" | "-u" | "-d" | "-O" | "-C" | "-c" => {
                let value = rest.next().cloned().unwrap_or_default();
                match (word.as_str(), number(&value)) {
                    ("-d", _) => delimiter = value.bytes().next().unwrap_or(0),
                    ("-C", _) => callback = Some(value),
                    ("-n", Some(0)) => most = usize::MAX,
                    ("-n", Some(count)) => most = count as usize,
                    ("-s", Some(count)) => skip = count,
                    ("-u", Some(number)) => fd = number,
                    ("-O", Some(number)) => origin = Some(u64::from(number)),
                    ("-c", Some(count)) if count > 0 => quantum = u64::from(count),
                    _ => return sh.misused(&builtin, &format!("{value}: invalid number"), 1).await,
                }
            }
            option if option.starts_with('-') => {
                return sh.usage(&builtin, &format!("{option}: invalid option"), &format!("{builtin} {USAGE}")).await;
            }
            other => other.clone_into(&mut name),
        }
    }
    if !crate::systems::linux::bash::parameter::is_name(&name) {
        return sh.misused(&builtin, &format!("`{name}': not a valid identifier"), 1).await;
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
        at += 1;
    }
    Ok(0)
}
