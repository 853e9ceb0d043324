//! `ulimit`: limits are held for the shell's process and passed on; nothing modelled runs into them.

use crate::bash::version::Feature;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::model::limits::{Limit, RESOURCES, Resource};

pub async fn ulimit(sh: &mut Sh, words: Vec<String>) -> Run {
    let (mut hard, mut soft, mut all, mut wanted, mut bare) = (false, false, false, Vec::new(), Vec::new());
    let mut rest = words[1..].iter().peekable();
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            bare.push(word.clone());
            continue;
        };
        for letter in letters.chars() {
            match letter {
                'H' => hard = true,
                'S' => soft = true,
                'a' => all = true,
                _ => match RESOURCES.iter().find(|resource| resource.letter == letter) {
                    // A word behind a letter is its value, unless it is the next option.
                    Some(resource) if letters.ends_with(letter) => {
                        wanted.push((resource, rest.next_if(|next| !next.starts_with('-')).cloned()));
                    }
                    Some(resource) => wanted.push((resource, None)),
                    None => return sh.wrong("ulimit", &format!("-{letter}: invalid option")).await,
                },
            }
        }
    }
    if all {
        let newer = sh.has(Feature::REAL_TIME_LIMIT);
        let shown = RESOURCES.iter().filter(|resource| resource.letter != 'R' || newer);
        let lines: String = shown.map(|resource| line(sh, resource, hard, newer)).collect();
        sh.p.out(&lines).await?;
        return Ok(0);
    }
    if wanted.is_empty() {
        let file_size = RESOURCES.iter().find(|resource| resource.letter == 'f').into_iter();
        wanted.extend(file_size.map(|resource| (resource, bare.first().cloned())));
    }
    let several = wanted.len() > 1;
    for (resource, value) in wanted {
        match value {
            Some(value) => {
                if let Err(complaint) = set(sh, resource, &value, hard, soft) {
                    return sh.misused("ulimit", &complaint, 1).await;
                }
            }
            None if several => {
                let newer = sh.has(Feature::REAL_TIME_LIMIT);
                let line = line(sh, resource, hard, newer);
                sh.p.out(&line).await?;
            }
            None => {
                let (soft, most) = get(sh, resource.letter);
                sh.p.out(&format!("{}\n", shown(if hard { most } else { soft }))).await?;
            }
        }
    }
    Ok(0)
}

fn get(sh: &Sh, letter: char) -> Limit {
    sh.p.peek(|linux| {
        let limits = linux.processes.get(sh.p.pid).map(|process| process.limits.clone()).unwrap_or_default();
        limits.get(letter, &linux.distro, linux.memory_kib(), sh.p.cred.uid)
    })
}

fn set(sh: &Sh, resource: &Resource, value: &str, hard: bool, soft: bool) -> Result<(), String> {
    let (now, most) = get(sh, resource.letter);
    let value = match value {
        "unlimited" => None,
        "hard" => most,
        "soft" => now,
        number => Some(number.parse::<u64>().map_err(|_| format!("{number}: invalid number"))?),
    };
    let (both, name) = (hard == soft, resource.name);
    let limit = (if both || soft { value } else { now }, if both || hard { value } else { most });
    let beyond =
        |value: Option<u64>, most: Option<u64>| most.is_some_and(|most| value.is_none_or(|value| value > most));
    // The size of a pipe is the kernel's.
    if beyond(limit.0, limit.1) || resource.letter == 'p' {
        return Err(format!("{name}: cannot modify limit: Invalid argument"));
    }
    if beyond(limit.1, most) && !sh.p.cred.is_root() {
        return Err(format!("{name}: cannot modify limit: Operation not permitted"));
    }
    sh.p.linux(|linux| {
        if let Some(process) = linux.processes.get_mut(sh.p.pid) {
            process.limits.set(resource.letter, limit);
        }
    });
    Ok(())
}

/// A line of `ulimit -a`; bash has made its columns wider in 5.1.
fn line(sh: &Sh, resource: &Resource, hard: bool, newer: bool) -> String {
    let (soft, most) = get(sh, resource.letter);
    let Resource { letter, name, unit } = resource;
    if sh.is_ash() {
        let name = if unit.is_empty() { (*name).to_owned() } else { format!("{name} ({unit})") };
        return format!("{name:<32}(-{letter}) {}\n", shown(if hard { most } else { soft }));
    }
    let unit = if unit.is_empty() { format!("(-{letter}) ") } else { format!("({unit}, -{letter}) ") };
    let width = if newer { 20 } else { 16 };
    format!("{name:<20} {unit:>width$}{}\n", shown(if hard { most } else { soft }))
}

fn shown(limit: Option<u64>) -> String {
    limit.map_or("unlimited".to_owned(), |limit| limit.to_string())
}
