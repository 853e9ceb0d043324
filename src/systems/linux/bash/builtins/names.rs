//! `type`, `command`, `builtin`, `hash`, `alias`, `enable`: what names stand for.

use crate::bash::{print, quote};
use crate::systems::linux::bash::search::Found;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::model::bash::{Hashed, Variable};

/// Where `command -p` looks (confstr(3), `_CS_PATH`).
const STANDARD_PATH: &str = "/bin:/usr/bin";

/// Words that the grammar reserves.
pub(super) const RESERVED: [&str; 21] = [
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{",
];

/// Builtins that POSIX calls special.
pub(super) const SPECIAL: [&str; 16] = [
    ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "source",
    "times", "trap", "unset",
];

/// Whether POSIX calls a builtin special.
pub fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}

pub async fn kind(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut flags = String::new();
    let mut status = 0;
    for word in &words[1..] {
        if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            if sh.is_ash() {
                continue;
            }
            if let Some(wrong) = letters.chars().find(|letter| !"tpPaf".contains(*letter)) {
                return sh.usage("type", &format!("-{wrong}: invalid option"), "type [-afptP] name [name ...]").await;
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
    /// Whether the grammar of this shell reserves a word.
    fn reserves(&self, name: &str) -> bool {
        RESERVED.contains(&name) && !(self.is_ash() && matches!(name, "[[" | "]]" | "coproc" | "select" | "time"))
    }

    /// An alias as `alias` shows it.
    fn alias_line(&self, name: &str, text: &str) -> String {
        match self.is_ash() {
            true => format!("{name}={}", quote::single_quote(text)),
            false => format!("alias {name}={}", quote::shell_quote(text)),
        }
    }

    /// What `command -v` says of a name.
    fn short(&self, name: &str) -> Option<String> {
        let alias = self.st.aliases.get(name).filter(|_| self.st.shopt.contains("expand_aliases"));
        match (alias, self.find(name)) {
            (Some(text), _) if self.is_ash() => Some(format!("alias {}", self.alias_line(name, text))),
            (Some(text), _) => Some(self.alias_line(name, text)),
            (None, _) if self.reserves(name) || self.is_ash() && name == "[[" => Some(name.to_owned()),
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
            add(
                "alias",
                match self.is_ash() {
                    true => format!("{name} is an alias for {text}"),
                    false => format!("{name} is aliased to `{text}'"),
                },
            );
        }
        if self.reserves(name) {
            add("keyword", format!("{name} is a shell keyword"));
        }
        if let Some(body) = self.st.functions.get(name).filter(|_| !flags.contains('f')) {
            let text = if self.is_ash() { String::new() } else { format!("\n{}", print::function(name, body)) };
            add("function", format!("{name} is a function{}", text.trim_end_matches('\n')));
        }
        if self.builtin(name).is_some() || self.is_ash() && name == "[[" {
            let special = if self.is_ash() && SPECIAL.contains(&name) { "special " } else { "" };
            add("builtin", format!("{name} is a {special}shell builtin"));
        }
        if let Some(path) = self.hashed(name).filter(|_| !flags.contains('a')) {
            add("file", if paths { path.to_owned() } else { format!("{name} is hashed ({path})") });
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
    let given = match sh.given(&words, "pVv").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.has('p') && sh.refuses("command: -p").await? {
        return Ok(1);
    }
    let tells = given.options.iter().rev().map(|(letter, _)| *letter).find(|letter| *letter != 'p');
    if !given.has('p') {
        return commanded(sh, given.operands, tells).await;
    }
    // Where the programs of every system are.
    let before = sh.st.variables.insert("PATH".to_owned(), Variable::text(STANDARD_PATH));
    let run = commanded(sh, given.operands, tells).await;
    match before {
        Some(before) => drop(sh.st.variables.insert("PATH".to_owned(), before)),
        None => drop(sh.st.variables.remove("PATH")),
    }
    run
}

/// Runs a builtin or a program whatever functions there are, or `tells` what a name stands for.
async fn commanded(sh: &mut Sh, rest: Vec<String>, tells: Option<char>) -> Run {
    let Some(name) = rest.first().cloned() else { return Ok(0) };
    match tells {
        Some(tells) => {
            let mut status = 1;
            let most = if sh.is_ash() { 1 } else { rest.len() };
            for name in &rest[..most] {
                let line = if tells == 'V' { sh.meanings(name, "").into_iter().next() } else { sh.short(name) };
                match line {
                    Some(line) => {
                        sh.p.out(&format!("{line}\n")).await?;
                        status = 0;
                    }
                    None if sh.is_ash() => {
                        status = 127;
                        if tells == 'V' {
                            sh.p.out(&format!("{name}: not found\n")).await?;
                        }
                    }
                    None if tells == 'V' => drop(sh.misused("command", &format!("{name}: not found"), 1).await?),
                    None => {}
                }
            }
            Ok(status)
        }
        None => {
            let words = rest;
            if sh.forbids(&name) {
                return sh.refuse_name(&name).await;
            }
            match sh.builtin(&name) {
                Some(builtin) => builtin.call(sh, words.into_iter().map(super::Argument::Word).collect()).await,
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
    let given = match sh.given(&words, "").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let Some(name) = given.operands.first().cloned() else { return Ok(0) };
    match super::find(&name) {
        Some(builtin) => builtin.call(sh, given.operands.into_iter().map(super::Argument::Word).collect()).await,
        None => sh.misused("builtin", &format!("{name}: not a shell builtin"), 1).await,
    }
}

/// Where programs were found: `hash` shows it, forgets it, finds or is told more.
pub async fn hash(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match super::flags::read(&words[1..], "dlp:rt") {
        Ok(given) => given,
        Err(complaint) => return sh.wrong("hash", &complaint).await,
    };
    let names = given.operands.clone();
    if let Some(path) = given.value('p').filter(|path| path.contains('/'))
        && sh.refuses(&format!("hash: {path}")).await?
    {
        return Ok(1);
    }
    if given.has('r') {
        sh.st.hashed = Hashed::default();
    }
    for letter in ['d', 't'] {
        if given.has(letter) && names.is_empty() {
            return sh.misused("hash", &format!("-{letter}: option requires an argument"), 1).await;
        }
    }
    if names.is_empty() {
        if !given.has('r') {
            let text = hash_table(sh, given.has('l'));
            sh.p.out(&text).await?;
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in &names {
        let known = sh.hashed(name).map(str::to_owned);
        let found = match (known, given.value('p')) {
            (None, _) if given.has('d') || given.has('t') => false,
            (Some(_), _) if given.has('d') => sh.st.hashed.programs.remove(name).is_some(),
            (Some(path), _) if given.has('t') => {
                let line = match (given.has('l'), names.len()) {
                    (true, _) => format!("builtin hash -p {path} {name}\n"),
                    (false, 1) => format!("{path}\n"),
                    (false, _) => format!("{name}\t{path}\n"),
                };
                sh.p.out(&line).await?;
                true
            }
            (_, Some(path)) => {
                sh.keep_program(name, path.to_owned(), 0);
                true
            }
            (_, None) => match sh.find_along_path(name) {
                Found::File(path) => {
                    sh.keep_program(name, path, 0);
                    true
                }
                _ => sh.st.functions.contains_key(name) || sh.builtin(name).is_some() || name.contains('/'),
            },
        };
        if !found {
            status = sh.misused("hash", &format!("{name}: not found"), 1).await?;
        }
    }
    Ok(status)
}

fn hash_table(sh: &Sh, reusable: bool) -> String {
    let programs = sh.st.hashed.programs.iter();
    if reusable {
        return programs.map(|(name, (path, _))| format!("builtin hash -p {path} {name}\n")).collect();
    }
    if sh.is_ash() {
        return programs.map(|(_, (path, _))| format!("{path}\n")).collect();
    }
    if sh.st.hashed.is_empty() {
        return "hash: hash table empty\n".to_owned();
    }
    let lines: String = programs.map(|(_, (path, hits))| format!("{hits:4}\t{path}\n")).collect();
    format!("hits\tcommand\n{lines}")
}

pub async fn alias(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "p").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let mut status = 0;
    if given.operands.is_empty() || given.has('p') {
        let lines: String = sh.st.aliases.iter().map(|(name, text)| sh.alias_line(name, text) + "\n").collect();
        sh.p.out(&lines).await?;
    }
    for word in &given.operands {
        match word.split_once('=') {
            Some((name, _))
                if name
                    .contains([' ', '\t', '\n', '/', '$', '`', '\\', '\'', '"', '|', '&', ';', '(', ')', '<', '>']) =>
            {
                status = sh.misused("alias", &format!("`{name}': invalid alias name"), 1).await?;
            }
            Some((name, text)) if !name.is_empty() => {
                sh.st.aliases.insert(name.to_owned(), text.to_owned());
            }
            _ => match sh.st.aliases.get(word) {
                Some(text) => {
                    let line = sh.alias_line(word, text) + "\n";
                    sh.p.out(&line).await?;
                }
                None => status = sh.misused("alias", &format!("{word}: not found"), 1).await?,
            },
        }
    }
    Ok(status)
}

pub async fn unalias(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "a").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.has('a') {
        sh.st.aliases.clear();
        return Ok(0);
    }
    if given.operands.is_empty() {
        sh.p.err(&format!("unalias: usage: {}\n", super::topics::usage("unalias", sh.version()))).await?;
        return Ok(2);
    }
    let mut status = 0;
    for word in &given.operands {
        if sh.st.aliases.remove(word).is_none() {
            status = sh.misused("unalias", &format!("{word}: not found"), 1).await?;
        }
    }
    Ok(status)
}

pub async fn enable(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "adnpsf:").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if (given.has('f') || given.has('d')) && sh.refuses("enable").await? {
        return Ok(1);
    }
    if given.has('f') {
        return Ok(sh.p.gap("enable -f")?);
    }
    if given.operands.is_empty() || given.has('p') {
        let (all, off) = (given.has('a'), given.has('n'));
        let special = |name: &str| !given.has('s') || SPECIAL.contains(&name);
        let shown =
            super::names(&sh.st).filter(|name| special(name)).filter_map(|name| match sh.st.disabled.contains(name) {
                true if all || off => Some(format!("enable -n {name}\n")),
                false if all || !off => Some(format!("enable {name}\n")),
                _ => None,
            });
        let lines: String = shown.collect();
        sh.p.out(&lines).await?;
        return Ok(0);
    }
    let mut status = 0;
    for name in &given.operands {
        if super::find(name).is_none() {
            status = sh.misused("enable", &format!("{name}: not a shell builtin"), 1).await?;
        } else if given.has('d') {
            status = sh.misused("enable", &format!("{name}: not dynamically loaded"), 1).await?;
        } else if given.has('n') {
            sh.st.disabled.insert(name.clone());
        } else {
            sh.st.disabled.remove(name);
        }
    }
    Ok(status)
}
