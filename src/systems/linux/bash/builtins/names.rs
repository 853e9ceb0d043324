//! `type`, `command`, `builtin`, `hash`, `alias`, `history` and others about names.

use crate::bash::{print, quote};
use crate::systems::linux::bash::search::Found;
use crate::systems::linux::bash::{Run, Sh};

/// Words that the grammar reserves.
const RESERVED: [&str; 21] = [
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{",
];

pub async fn kind(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut flags = String::new();
    let mut status = 0;
    for word in &words[1..] {
        if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            if !letters.chars().all(|letter| "tpPaf".contains(letter)) {
                return sh.usage("type", &format!("{word}: invalid option"), "type [-afptP] name [name ...]").await;
            }
            flags.push_str(letters);
            continue;
        }
        let lines = sh.meanings(word, &flags);
        if lines.is_empty() {
            status = if sh.is_ash() { 127 } else { 1 };
            if !flags.contains(['t', 'p', 'P']) {
                if sh.is_ash() {
                    sh.p.out(&format!("{word}: not found\n")).await?;
                } else {
                    sh.misused("type", &format!("{word}: not found"), 1).await?;
                }
            }
        }
        let most = if flags.contains('a') { usize::MAX } else { 1 };
        for line in lines.into_iter().take(most) {
            sh.p.out(&format!("{line}\n")).await?;
        }
    }
    Ok(status)
}

impl Sh {
    /// What `command -v` says of a name.
    fn short(&self, name: &str) -> Option<String> {
        let alias = self.st.aliases.get(name).filter(|_| self.st.shopt.contains("expand_aliases"));
        match (alias, self.find(name)) {
            (Some(text), _) => Some(format!("alias {name}={}", quote::shell_quote(text))),
            (None, _) if RESERVED.contains(&name) => Some(name.to_owned()),
            (None, Found::Function(_) | Found::Builtin(_)) => Some(name.to_owned()),
            (None, Found::File(path)) => Some(path),
            _ => None,
        }
    }

    /// What a name stands for, in the order in which it is looked for.
    fn meanings(&self, name: &str, flags: &str) -> Vec<String> {
        let (short, paths) = (flags.contains('t'), flags.contains(['p', 'P']));
        let mut lines = Vec::new();
        let mut add = |word: &str, line: String| {
            if short {
                lines.push(word.to_owned());
            } else if !paths || word == "file" {
                lines.push(line);
            }
        };
        if let Some(text) = self.st.aliases.get(name).filter(|_| self.st.shopt.contains("expand_aliases")) {
            add("alias", format!("{name} is aliased to `{text}'"));
        }
        if RESERVED.contains(&name) {
            add("keyword", format!("{name} is a shell keyword"));
        }
        if let Some(body) = self.st.functions.get(name).filter(|_| !flags.contains('f')) {
            let text = print::function(name, body);
            add("function", format!("{name} is a function\n{}", text.trim_end_matches('\n')));
        }
        if self.builtin(name).is_some() {
            add("builtin", format!("{name} is a shell builtin"));
        }
        for path in self.all_files(name) {
            add("file", if paths { path } else { format!("{name} is {path}") });
        }
        // Only the first meaning tells whether `-p` has a path to show.
        if flags.contains('p') && !flags.contains('P') && self.builtin(name).is_some() {
            lines.clear();
        }
        lines
    }
}

pub async fn command(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut rest = &words[1..];
    let mut tells = None;
    while let Some(option) = rest.first().filter(|word| word.starts_with('-') && word.len() > 1) {
        match option.as_str() {
            "-v" => tells = Some('v'),
            "-V" => tells = Some('V'),
            "-p" => {}
            "--" => {
                rest = &rest[1..];
                break;
            }
            _ => {
                return sh
                    .usage("command", &format!("{option}: invalid option"), "command [-pVv] command [arg ...]")
                    .await;
            }
        }
        rest = &rest[1..];
    }
    let Some(name) = rest.first().cloned() else { return Ok(0) };
    match tells {
        Some(tells) => {
            let mut status = 1;
            for name in rest {
                let line = if tells == 'V' { sh.meanings(name, "").into_iter().next() } else { sh.short(name) };
                match line {
                    Some(line) => {
                        sh.p.out(&format!("{line}\n")).await?;
                        status = 0;
                    }
                    None if tells == 'V' => drop(sh.misused("command", &format!("{name}: not found"), 1).await?),
                    None => {}
                }
            }
            Ok(status)
        }
        None => {
            let words = rest.to_vec();
            match sh.builtin(&name) {
                Some(builtin) => (builtin.run)(sh, words.into_iter().map(super::Argument::Word).collect()).await,
                None => match sh.find_file(&name) {
                    Found::File(path) => sh.program(&path, words).await,
                    Found::Refused(path, errno) => {
                        sh.complain(&format!("{path}: {}", errno.text())).await?;
                        Ok(126)
                    }
                    _ => {
                        sh.complain(&format!("{name}: command not found")).await?;
                        Ok(127)
                    }
                },
            }
        }
    }
}

pub async fn builtin(sh: &mut Sh, words: Vec<String>) -> Run {
    let Some(name) = words.get(1).cloned() else { return Ok(0) };
    match super::find(&name) {
        Some(builtin) => (builtin.run)(sh, words.into_iter().skip(1).map(super::Argument::Word).collect()).await,
        None => sh.misused("builtin", &format!("{name}: not a shell builtin"), 1).await,
    }
}

/// Programs are looked for each time anew, so there is nothing to list.
pub async fn hash(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut status = 0;
    for name in words[1..].iter().filter(|word| !word.starts_with('-')) {
        if !matches!(sh.find(name), Found::File(_) | Found::Builtin(_) | Found::Function(_)) {
            status = sh.misused("hash", &format!("{name}: not found"), 1).await?;
        }
    }
    if words.len() == 1 {
        sh.p.err("hash: hash table empty\n").await?;
    }
    Ok(status)
}

pub async fn alias(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut status = 0;
    let show = |name: &str, text: &str| format!("alias {name}={}\n", quote::shell_quote(text));
    if words[1..].iter().all(|word| word == "-p") {
        let lines: String = sh.st.aliases.iter().map(|(name, text)| show(name, text)).collect();
        sh.p.out(&lines).await?;
        return Ok(0);
    }
    for word in &words[1..] {
        match word.split_once('=') {
            Some((name, text)) if !name.is_empty() => {
                sh.st.aliases.insert(name.to_owned(), text.to_owned());
            }
            _ => match sh.st.aliases.get(word) {
                Some(text) => {
                    let line = show(word, text);
                    sh.p.out(&line).await?;
                }
                None => status = sh.misused("alias", &format!("{word}: not found"), 1).await?,
            },
        }
    }
    Ok(status)
}

pub async fn unalias(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut status = 0;
    if words.len() == 1 {
        sh.p.err("unalias: usage: unalias [-a] name [name ...]\n").await?;
        return Ok(2);
    }
    for word in &words[1..] {
        if word == "-a" {
            sh.st.aliases.clear();
        } else if sh.st.aliases.remove(word).is_none() {
            status = sh.misused("unalias", &format!("{word}: not found"), 1).await?;
        }
    }
    Ok(status)
}

pub async fn history(sh: &mut Sh, words: Vec<String>) -> Run {
    match words.get(1).map(String::as_str) {
        Some("-c") => {
            sh.st.forgotten = 0;
            sh.st.history = std::sync::Arc::default();
            return Ok(0);
        }
        Some("-a" | "-w" | "-r" | "-n") => return Ok(0),
        Some("-d") => {
            let at = words.get(2).and_then(|text| text.parse::<usize>().ok());
            let at = at.and_then(|at| at.checked_sub(sh.st.forgotten + 1)).filter(|at| *at < sh.st.history.len());
            return match at {
                Some(at) => {
                    std::sync::Arc::make_mut(&mut sh.st.history).remove(at);
                    Ok(0)
                }
                None => {
                    let place = words.get(2).cloned().unwrap_or_default();
                    sh.misused("history", &format!("{place}: history position out of range"), 1).await
                }
            };
        }
        _ => {}
    }
    let all = sh.st.history.len();
    let wanted = match words.get(1).map(|text| text.parse::<usize>()) {
        None => all,
        Some(Ok(count)) => count,
        Some(Err(_)) => return sh.misused("history", &format!("{}: numeric argument required", words[1]), 1).await,
    };
    let first = all.saturating_sub(wanted);
    let lines = sh.st.history.iter().enumerate().skip(first);
    let text: String = lines.map(|(at, line)| format!("{:5}  {line}\n", at + 1 + sh.st.forgotten)).collect();
    sh.p.out(&text).await?;
    Ok(0)
}

pub async fn help(sh: &mut Sh, words: Vec<String>) -> Run {
    let what = if words.len() > 1 { format!("help {}", words[1..].join(" ")) } else { "help".to_owned() };
    Ok(sh.p.gap(&format!("the texts of bash's {what}"))?)
}

pub async fn enable(sh: &mut Sh, words: Vec<String>) -> Run {
    match words.get(1).map(String::as_str) {
        None | Some("-p") => {
            let lines: String = super::names().map(|name| format!("enable {name}\n")).collect();
            sh.p.out(&lines).await?;
            Ok(0)
        }
        Some("-n") => match words[2..].iter().find(|name| super::find(name).is_none()).cloned() {
            Some(name) => sh.misused("enable", &format!("{name}: not a shell builtin"), 1).await,
            None => Ok(sh.p.gap("enable -n")?),
        },
        Some(_) => Ok(sh.p.gap("enable with these arguments")?),
    }
}

/// Builtins of which only the name is there: key bindings, completion by rules, the history as a list of commands to edit.
pub async fn unmodelled(sh: &mut Sh, words: Vec<String>) -> Run {
    Ok(sh.p.gap(words.first().map_or("", String::as_str))?)
}
