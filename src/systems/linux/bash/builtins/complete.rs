//! `complete`, `compgen`, `compopt`: what words could be completed to (bash(1), "Programmable Completion"). The keyboard's own
//! completion (`super::super::completion`) does not ask for what `complete` says.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::flags::Given;
use super::names::RESERVED;
use super::options::SETS;
use super::topics;
use crate::bash::parse::double_quoted;
use crate::bash::pattern::{Options, Pattern};
use crate::bash::quote;
use crate::systems::linux::bash::completion;
use crate::systems::linux::bash::split::Field;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::model::bash::{Completion, Value};
use crate::systems::linux::model::signals::SIGNALS;

/// So many words does a command get completions for.
const COMMANDS: usize = 1_000;

/// What `-A` knows, and the letter that stands for it.
const ACTIONS: [(&str, Option<char>); 24] = [
    ("alias", Some('a')),
    ("builtin", Some('b')),
    ("command", Some('c')),
    ("directory", Some('d')),
    ("export", Some('e')),
    ("file", Some('f')),
    ("group", Some('g')),
    ("job", Some('j')),
    ("keyword", Some('k')),
    ("service", Some('s')),
    ("user", Some('u')),
    ("variable", Some('v')),
    ("arrayvar", None),
    ("binding", None),
    ("disabled", None),
    ("enabled", None),
    ("function", None),
    ("helptopic", None),
    ("hostname", None),
    ("running", None),
    ("setopt", None),
    ("shopt", None),
    ("signal", None),
    ("stopped", None),
];

/// What `-o` knows.
const OPTIONS: [&str; 8] =
    ["bashdefault", "default", "dirnames", "filenames", "noquote", "nosort", "nospace", "plusdirs"];

/// The options that `complete` and `compgen` share.
const SHARED: &str = "abcdefgjksuvo:A:G:W:P:S:X:F:C:";

/// What was said of the completion; the complaint of what there is not.
fn said(given: &Given) -> Result<Completion, String> {
    let mut completion = Completion::default();
    for (letter, value) in &given.options {
        match letter {
            'o' if OPTIONS.contains(&value.as_str()) => drop(completion.options.insert(value.clone())),
            'o' => return Err(format!("{value}: invalid option name")),
            'A' if ACTIONS.iter().any(|(name, _)| name == value) => drop(completion.actions.insert(value.clone())),
            'A' => return Err(format!("{value}: invalid action name")),
            'G' | 'W' | 'P' | 'S' | 'X' | 'F' | 'C' => drop(completion.texts.insert(*letter, value.clone())),
            letter => {
                let action = ACTIONS.iter().find(|(_, known)| *known == Some(*letter));
                completion.actions.extend(action.map(|(name, _)| (*name).to_owned()));
            }
        }
    }
    Ok(completion)
}

pub async fn compgen(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, SHARED).await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let completion = match said(&given) {
        Ok(completion) => completion,
        Err(complaint) => return sh.misused("compgen", &complaint, 2).await,
    };
    if given.options.is_empty() {
        return Ok(0);
    }
    let word = given.operands.first().cloned().unwrap_or_default();
    if completion.texts.contains_key(&'F') {
        sh.misused("compgen", "warning: -F option may not work as you expect", 0).await?;
    }
    if completion.texts.contains_key(&'C') {
        sh.misused("compgen", "warning: -C option may not work as you expect", 0).await?;
    }
    let found = sh.candidates(&completion, &word).await?;
    let lines: String = found.iter().map(|text| format!("{text}\n")).collect();
    sh.p.out(&lines).await?;
    Ok(u8::from(found.is_empty()))
}

pub async fn complete(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, &format!("{SHARED}prDEI")).await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let completion = match said(&given) {
        Ok(completion) => completion,
        Err(complaint) => return sh.misused("complete", &complaint, 2).await,
    };
    let names = names(&given);
    if given.has('r') {
        if names.is_empty() {
            sh.st.completions = Arc::default();
            return Ok(0);
        }
        let mut status = 0;
        for name in names {
            if Arc::make_mut(&mut sh.st.completions).remove(&name).is_none() {
                status = sh.misused("complete", &format!("{name}: no completion specification"), 1).await?;
            }
        }
        return Ok(status);
    }
    if given.has('p') || (given.options.is_empty() && names.is_empty()) {
        let all = names.is_empty();
        let names = if all { sh.st.completions.keys().cloned().collect() } else { names };
        let mut status = 0;
        for name in names {
            match sh.st.completions.get(&name) {
                Some(completion) => {
                    let line = reusable(completion, &name);
                    sh.p.out(&line).await?;
                }
                None => status = sh.misused("complete", &format!("{name}: no completion specification"), 1).await?,
            }
        }
        return Ok(status);
    }
    if names.is_empty() {
        sh.p.err(&format!("complete: usage: {}\n", topics::usage("complete", sh.version()))).await?;
        return Ok(2);
    }
    for name in names {
        let table = Arc::make_mut(&mut sh.st.completions);
        if table.len() < COMMANDS || table.contains_key(&name) {
            table.insert(name, completion.clone());
        }
    }
    Ok(0)
}

/// The commands that are meant: `-D`, `-E`, `-I` stand for those without a name of their own.
fn names(given: &Given) -> Vec<String> {
    match given.options.iter().find(|(letter, _)| "DEI".contains(*letter)) {
        Some((letter, _)) => vec![format!("-{letter}")],
        None => given.operands.clone(),
    }
}

fn reusable(completion: &Completion, name: &str) -> String {
    let mut line = "complete".to_owned();
    for option in OPTIONS.iter().filter(|option| completion.options.contains(**option)) {
        line.push_str(&format!(" -o {option}"));
    }
    for (action, letter) in ACTIONS.iter().filter(|(action, _)| completion.actions.contains(*action)) {
        line.push_str(&letter.map_or(format!(" -A {action}"), |letter| format!(" -{letter}")));
    }
    for letter in ['G', 'W', 'P', 'S', 'X', 'C', 'F'] {
        if let Some(text) = completion.texts.get(&letter) {
            let text = if letter == 'F' { text.clone() } else { quote::shell_quote(text) };
            line.push_str(&format!(" -{letter} {text}"));
        }
    }
    format!("{line} {name}\n")
}

pub async fn compopt(sh: &mut Sh, words: Vec<String>) -> Run {
    let (mut changes, mut names) = (Vec::new(), Vec::new());
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-o" | "+o" => match rest.next() {
                Some(option) if OPTIONS.contains(&option.as_str()) => changes.push((word == "-o", option.clone())),
                Some(option) => return sh.misused("compopt", &format!("{option}: invalid option name"), 2).await,
                None => return sh.wrong("compopt", &format!("{word}: option requires an argument")).await,
            },
            "-D" | "-E" | "-I" => names.push(word.clone()),
            wrong if wrong.starts_with('-') => {
                return sh.wrong("compopt", &format!("{wrong}: invalid option")).await;
            }
            name => names.push(name.to_owned()),
        }
    }
    if names.is_empty() {
        return sh.misused("compopt", "not currently executing completion function", 1).await;
    }
    let mut status = 0;
    for name in names {
        let Some(completion) = Arc::make_mut(&mut sh.st.completions).get_mut(&name) else {
            status = sh.misused("compopt", &format!("{name}: no completion specification"), 1).await?;
            continue;
        };
        for (on, option) in &changes {
            if *on {
                completion.options.insert(option.clone());
            } else {
                completion.options.remove(option);
            }
        }
        if changes.is_empty() {
            let sign = |option: &str| if completion.options.contains(option) { '-' } else { '+' };
            let shown: String = OPTIONS.iter().map(|option| format!("{}o {option} ", sign(option))).collect();
            sh.p.out(&format!("compopt {shown}{name}\n")).await?;
        }
    }
    Ok(status)
}

impl Sh {
    /// What a word could be completed to, in the order in which bash makes it up.
    async fn candidates(&mut self, completion: &Completion, word: &str) -> Run<Vec<String>> {
        let mut found = Vec::new();
        for (action, _) in ACTIONS.iter().filter(|(action, _)| completion.actions.contains(*action)) {
            let mut names = self.of_kind(action, word);
            names.retain(|name| name.starts_with(word));
            names.sort_unstable();
            names.dedup();
            found.extend(names);
        }
        if let Some(pattern) = completion.texts.get(&'G') {
            let mut names = Vec::new();
            self.glob(&Field::bare(pattern), &mut names).await?;
            found.extend(names.into_iter().filter(|name| name != pattern || self.p.lookup(name).is_ok()));
        }
        if let Some(list) = completion.texts.get(&'W') {
            let text = match double_quoted(list) {
                Ok(list) => self.expand_quoted(&list).await?,
                Err(_) => list.clone(),
            };
            let ifs = self.ifs().to_owned();
            let words = text.split(|character| ifs.contains(character)).filter(|text| !text.is_empty());
            found.extend(words.filter(|text| text.starts_with(word)).map(str::to_owned));
        }
        if let Some(function) = completion.texts.get(&'F') {
            found.extend(self.by_function(function, word).await?);
        }
        if let Some(command) = completion.texts.get(&'C') {
            let line = format!("COMPREPLY=( $( {command} compgen {} '' ) )", quote::shell_quote(word));
            self.eval(&line).await?;
            found.extend(self.replies());
        }
        if let Some(filter) = completion.texts.get(&'X') {
            let (keeps, filter) = filter.strip_prefix('!').map_or((false, filter.as_str()), |filter| (true, filter));
            let pattern = Pattern::new(&filter.replace('&', word), Options::default());
            found.retain(|text| pattern.matches(text) == keeps);
        }
        let affix = |letter: char| completion.texts.get(&letter).map_or("", String::as_str);
        let mut found: Vec<String> =
            found.into_iter().map(|text| format!("{}{text}{}", affix('P'), affix('S'))).collect();
        let option = |name: &str| completion.options.contains(name);
        if option("plusdirs") || (found.is_empty() && option("dirnames")) {
            found.extend(self.files(word, true));
        }
        if found.is_empty() && (option("default") || option("bashdefault")) {
            found.extend(self.files(word, false));
        }
        Ok(found)
    }

    /// What a function puts into `COMPREPLY`.
    async fn by_function(&mut self, function: &str, word: &str) -> Run<Vec<String>> {
        let Some(body) = self.st.functions.get(function).cloned() else {
            self.complain(&format!("completion: function `{function}' not found")).await?;
            return Ok(Vec::new());
        };
        self.st.variables.remove("COMPREPLY");
        let words = [function, "compgen", word, ""].map(str::to_owned).to_vec();
        self.called_for(function, &body, words).await?;
        Ok(self.replies())
    }

    fn replies(&mut self) -> Vec<String> {
        match self.st.variables.remove("COMPREPLY").map(|variable| variable.value) {
            Some(Value::Text(text)) => vec![text],
            Some(Value::Indexed(texts)) => texts.into_values().collect(),
            _ => Vec::new(),
        }
    }

    fn files(&self, word: &str, directories: bool) -> Vec<String> {
        let found = self.p.world(|world, id| completion::files(world, id, &self.st, word));
        let found = found.into_iter().filter(|name| !directories || name.ends_with('/'));
        found.map(|name| name.trim_end_matches('/').to_owned()).collect()
    }

    /// All names of a kind; of files and commands those that begin with `word`.
    fn of_kind(&self, kind: &str, word: &str) -> Vec<String> {
        let owned = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect::<Vec<String>>();
        let variables = |which: fn(&crate::systems::linux::model::bash::Variable) -> bool| {
            self.st.variables.iter().filter(|(_, variable)| which(variable)).map(|(name, _)| name.clone()).collect()
        };
        match kind {
            "alias" => self.st.aliases.keys().cloned().collect(),
            "function" => self.st.functions.keys().cloned().collect(),
            "builtin" => owned(&mut super::names(&self.st)),
            "enabled" => owned(&mut super::names(&self.st).filter(|name| !self.st.disabled.contains(*name))),
            "disabled" => self.st.disabled.iter().cloned().collect(),
            "keyword" => owned(&mut RESERVED.into_iter()),
            "helptopic" => owned(&mut topics::names(&self.st)),
            "variable" => self.st.variables.keys().cloned().collect(),
            "export" => variables(|variable| variable.exported),
            "arrayvar" => variables(|variable| matches!(variable.value, Value::Indexed(_) | Value::Associative(_))),
            "setopt" => owned(&mut SETS.iter().map(|(name, _)| *name)),
            "shopt" => owned(&mut self.shopts().into_iter()),
            "signal" => {
                let signals = SIGNALS.iter().map(|(_, name)| format!("SIG{name}"));
                signals.chain(["DEBUG", "ERR", "EXIT", "RETURN"].map(str::to_owned)).collect()
            }
            "file" => self.files(word, false),
            "directory" => self.files(word, true),
            "command" => {
                let programs = self.p.world(|world, id| completion::programs(world, id, &self.st, word));
                programs.into_iter().chain(owned(&mut RESERVED.into_iter())).collect()
            }
            "user" => self.first_fields("/etc/passwd", 0),
            "group" => self.first_fields("/etc/group", 0),
            "hostname" => self.first_fields("/etc/hosts", 1),
            "service" => self.first_fields("/etc/services", 0),
            "job" | "running" | "stopped" => {
                let jobs = self.st.jobs.all.values().filter(|job| match kind {
                    "running" => job.runs(),
                    "stopped" => job.is_stopped(),
                    _ => true,
                });
                jobs.filter_map(|job| job.text.split_whitespace().next()).map(str::to_owned).collect()
            }
            "binding" => super::bind::names().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// The names in a file of the system; those before them on each line left out.
    fn first_fields(&self, path: &str, before: usize) -> Vec<String> {
        let text = self.p.read_path(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut names = BTreeSet::new();
        for line in lines {
            let fields = line.split([':', ' ', '\t']).filter(|field| !field.is_empty());
            let most = if before == 0 { 1 } else { usize::MAX };
            names.extend(fields.skip(before).take(most).map(str::to_owned));
        }
        names.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_completion_is_shown_as_it_can_be_typed() {
        let check = |line: &str, expect: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let given = super::super::flags::read(&words, &format!("{SHARED}DEI")).expect("good options");
            let completion = said(&given).expect("a completion");
            assert_eq!(reusable(&completion, &names(&given).join(" ")), format!("complete {expect}\n"));
        };
        check("-W x foo", "-W 'x' foo");
        check("-f -d -A hostname x", "-d -f -A hostname x");
        check("-o nospace -o default -F _f -D", "-o default -o nospace -F _f -D");
        let wrong = said(&Given { options: vec![('A', "x".to_owned())], operands: Vec::new() });
        assert_eq!(wrong, Err("x: invalid action name".to_owned()));
        let kinds: BTreeSet<&str> = ACTIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(kinds.len(), ACTIONS.len(), "each action once");
    }
}
