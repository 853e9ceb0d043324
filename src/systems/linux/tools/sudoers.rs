//! sudoers(5): who may do what as whom, read from `/etc/sudoers` and what it includes.

mod visudo;

use std::collections::BTreeMap;

use super::{Tool, tool};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::fs::{Cred, Ino};
use crate::systems::linux::model::{Linux, User};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("visudo", visudo::run)];

const FILE: &str = "/etc/sudoers";
const TAGS: [&str; 14] = [
    "EXEC",
    "FOLLOW",
    "LOG_INPUT",
    "LOG_OUTPUT",
    "MAIL",
    "NOEXEC",
    "NOFOLLOW",
    "NOLOG_INPUT",
    "NOLOG_OUTPUT",
    "NOMAIL",
    "NOPASSWD",
    "NOSETENV",
    "PASSWD",
    "SETENV",
];
/// So deep files may include each other.
const DEEPEST: usize = 128;

/// What the files say.
#[derive(Debug, Default)]
pub struct Sudoers {
    /// By kind (`User_Alias` …) and name.
    aliases: BTreeMap<(String, String), Vec<String>>,
    settings: Vec<String>,
    rules: Vec<Rule>,
    /// The files that were read.
    files: Vec<String>,
    /// Why files were not.
    pub passed_over: Vec<String>,
}

/// Whom a line is for, and what it grants.
#[derive(Debug)]
struct Rule {
    users: Vec<String>,
    hosts: Vec<String>,
    grants: Vec<Grant>,
}

/// Commands, as whom they are run, and with which tags.
#[derive(Clone, Debug, Default)]
struct Grant {
    /// Users and groups; root where nothing is said.
    runas: Option<(Vec<String>, Vec<String>)>,
    tags: Vec<String>,
    command: String,
}

/// Who asks.
pub struct Asker<'a> {
    pub linux: &'a Linux,
    pub name: &'a str,
    pub cred: &'a Cred,
}

/// What is wanted: as whom, and a command with the whole path of its program.
pub struct Wish<'a> {
    pub target: &'a User,
    pub words: &'a [String],
}

/// What comes of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed {
        asks: bool,
    },
    /// No line is for the user.
    Unknown,
    /// None of them is for this machine.
    Elsewhere,
    Refused,
}

/// A place where the files cannot be understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    file: String,
    line: usize,
}

impl Sudoers {
    /// Reads the files of a machine; else what the program says of them.
    pub fn read(linux: &Linux) -> Result<Self, Vec<String>> {
        let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", FILE) else {
            return Err(vec![format!("unable to stat {FILE}: No such file or directory")]);
        };
        if let Some(why) = unsafe_for(linux, ino, FILE) {
            return Err(vec![why]);
        }
        Self::parse(linux, FILE).map_err(|Wrong { file, line }| {
            vec![
                format!(">>> {file}: syntax error near line {line} <<<"),
                format!("parse error in {file} near line {line}"),
            ]
        })
    }

    fn parse(linux: &Linux, file: &str) -> Result<Self, Wrong> {
        let mut all = Self::default();
        all.take(linux, file, 0)?;
        Ok(all)
    }

    fn take(&mut self, linux: &Linux, file: &str, depth: usize) -> Result<(), Wrong> {
        let Some(text) = linux.text(file).filter(|_| depth < DEEPEST) else { return Ok(()) };
        let ino = linux.fs.lookup(&Cred::ROOT, "/", file).ok().filter(|_| depth > 0);
        if let Some(why) = ino.and_then(|ino| unsafe_for(linux, ino, file)) {
            self.passed_over.push(why);
            return Ok(());
        }
        self.files.push(file.to_owned());
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let (mut whole, mut last) = (line.to_owned(), number);
            while let Some(before) = whole.strip_suffix('\\').map(str::to_owned) {
                let Some((number, line)) = lines.next() else { break };
                (whole, last) = (format!("{before}{}", line.trim_start()), number);
            }
            let wrong = || Wrong { file: file.to_owned(), line: last + 1 };
            if let Some(folder) = whole.trim_start().strip_prefix("#includedir ") {
                for name in names(linux, folder.trim()) {
                    self.take(linux, &format!("{}/{name}", folder.trim()), depth + 1)?;
                }
            } else if let Some(path) = whole.trim_start().strip_prefix("#include ") {
                self.take(linux, path.trim(), depth + 1)?;
            } else {
                self.line(without_remark(&whole).trim()).ok_or_else(wrong)?;
            }
        }
        Ok(())
    }

    /// Takes a line; nothing when it makes no sense.
    fn line(&mut self, line: &str) -> Option<()> {
        if line.is_empty() {
            return Some(());
        }
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if first == "Defaults" || first.starts_with("Defaults") && first[8..].starts_with(['@', ':', '!', '>']) {
            let settings: Vec<String> = split(rest, ',').into_iter().map(|text| text.trim().to_owned()).collect();
            if settings.iter().any(String::is_empty) {
                return None;
            }
            // Those for some users, hosts and commands only are not taken as being for all.
            if first == "Defaults" {
                self.settings.extend(settings.iter().map(|text| spaceless(text)));
            }
            return Some(());
        }
        if matches!(first, "User_Alias" | "Runas_Alias" | "Host_Alias" | "Cmnd_Alias") {
            for alias in split(rest, ':') {
                let (name, members) = alias.split_once('=')?;
                let members: Vec<String> = split(members, ',').iter().map(|text| text.trim().to_owned()).collect();
                if !is_alias(name.trim()) || members.iter().any(String::is_empty) {
                    return None;
                }
                self.aliases.insert((first.to_owned(), name.trim().to_owned()), members);
            }
            return Some(());
        }
        let (who, what) = line.split_once('=')?;
        let who = joined(who);
        let [users, hosts] = who.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<String>>();
        let (users, hosts, grants) = (list(users), list(hosts), grants(what)?);
        if users.iter().chain(&hosts).any(|text| text.trim_start_matches('!').is_empty()) {
            return None;
        }
        self.rules.push(Rule { users, hosts, grants });
        Some(())
    }

    /// Whether an item of a list, an alias or a negation stands for something, where one does; the last word counts.
    fn has(&self, kind: &str, list: &[String], is: &dyn Fn(&str) -> bool) -> Option<bool> {
        self.has_within(kind, list, is, 0)
    }

    fn has_within(&self, kind: &str, list: &[String], is: &dyn Fn(&str) -> bool, depth: usize) -> Option<bool> {
        let mut found = None;
        for item in list {
            let bare = item.trim_start_matches('!').trim();
            let turned = (item.len() - item.trim_start_matches('!').len()) % 2 == 1;
            let alias = self.aliases.get(&(kind.to_owned(), bare.to_owned())).filter(|_| depth < DEEPEST);
            let hit = match alias {
                Some(members) => self.has_within(kind, members, is, depth + 1),
                None => (bare == "ALL" || is(bare)).then_some(true),
            };
            found = hit.map(|hit| hit != turned).or(found);
        }
        found
    }

    fn is_for(&self, rule: &Rule, asker: &Asker<'_>) -> bool {
        self.has("User_Alias", &rule.users, &|item| is_user(asker.linux, item, asker.name, asker.cred)) == Some(true)
    }

    fn is_here(&self, rule: &Rule, linux: &Linux) -> bool {
        let host = &linux.hostname;
        let own = |item: &str| item == host || Some(item) == host.split('.').next() || fits(item, host);
        self.has("Host_Alias", &rule.hosts, &own) == Some(true)
    }

    /// What comes of a wish: the last line that speaks of it counts.
    pub fn judge(&self, asker: &Asker<'_>, wish: &Wish<'_>) -> Verdict {
        let own: Vec<&Rule> = self.rules.iter().filter(|rule| self.is_for(rule, asker)).collect();
        if own.is_empty() {
            return Verdict::Unknown;
        }
        let here: Vec<&Rule> = own.into_iter().filter(|rule| self.is_here(rule, asker.linux)).collect();
        if here.is_empty() {
            return Verdict::Elsewhere;
        }
        let mut verdict = Verdict::Refused;
        for grant in here.into_iter().flat_map(|rule| &rule.grants) {
            let target = asker.linux.cred(wish.target);
            let is = |item: &str| is_user(asker.linux, item, &wish.target.name, &target);
            let as_whom = match &grant.runas {
                None => wish.target.uid == 0,
                Some((users, _)) if users.is_empty() => wish.target.name == asker.name,
                Some((users, _)) => self.has("Runas_Alias", users, &is) == Some(true),
            };
            let command = [grant.command.clone()];
            let said = self.has("Cmnd_Alias", &command, &|item| is_command(asker.linux, item, wish.words));
            match said.filter(|_| as_whom) {
                Some(true) => verdict = Verdict::Allowed { asks: !grant.is_free() },
                Some(false) => verdict = Verdict::Refused,
                None => {}
            }
        }
        verdict
    }

    /// What `sudo -l` shows of the lines for somebody on this machine.
    pub fn listed(&self, asker: &Asker<'_>) -> Vec<String> {
        let own = self.rules.iter().filter(|rule| self.is_for(rule, asker) && self.is_here(rule, asker.linux));
        own.map(|rule| {
            let mut text = String::new();
            let mut before: Option<&Grant> = None;
            for grant in &rule.grants {
                let same = before.is_some_and(|before| before.runas == grant.runas && before.tags == grant.tags);
                if before.is_some() {
                    text.push_str(", ");
                }
                if before.is_none_or(|before| before.runas != grant.runas) {
                    let (users, groups) = grant.runas.clone().unwrap_or_else(|| (vec!["root".to_owned()], Vec::new()));
                    let groups = if groups.is_empty() { String::new() } else { format!(" : {}", groups.join(", ")) };
                    text.push_str(&format!("({}{groups}) ", users.join(", ")));
                }
                if !same {
                    text.extend(grant.tags.iter().map(|tag| format!("{tag}: ")));
                }
                // An alias is shown as what it stands for.
                let alias = self.aliases.get(&("Cmnd_Alias".to_owned(), grant.command.clone()));
                text.push_str(&alias.map_or_else(|| grant.command.clone(), |members| members.join(", ")));
                before = Some(grant);
            }
            text
        })
        .collect()
    }

    /// The settings, as `sudo -l` shows them.
    pub fn settings(&self) -> Vec<String> {
        self.settings
            .iter()
            .map(|text| {
                text.split_once('=').map_or(text.clone(), |(key, value)| {
                    let value = if value.starts_with('"') { value.to_owned() } else { value.replace(':', "\\:") };
                    format!("{key}={value}")
                })
            })
            .collect()
    }

    /// The value of a setting.
    pub fn value(&self, key: &str) -> Option<&str> {
        let own = self.settings.iter().rev().find_map(|text| text.split_once('=').filter(|(own, _)| *own == key));
        own.map(|(_, value)| value.trim_matches('"'))
    }

    /// Whether a setting is on.
    pub fn flag(&self, key: &str, usual: bool) -> bool {
        let own = self.settings.iter().rev().find(|text| text.trim_start_matches('!') == key);
        own.map_or(usual, |text| !text.starts_with('!'))
    }
}

impl Grant {
    /// Whether no password is asked for.
    fn is_free(&self) -> bool {
        self.tags.iter().rev().find(|tag| tag.ends_with("PASSWD")).is_some_and(|tag| tag == "NOPASSWD")
    }
}

/// Why a file does not count that others could have written.
fn unsafe_for(linux: &Linux, ino: Ino, file: &str) -> Option<String> {
    let node = linux.fs.node(ino);
    match node.uid {
        0 if node.mode & 0o002 != 0 => Some(format!("{file} is world writable")),
        0 if node.mode & 0o020 != 0 && node.gid != 0 => {
            Some(format!("{file} is owned by gid {}, should be 0", node.gid))
        }
        0 => None,
        uid => Some(format!("{file} is owned by uid {uid}, should be 0")),
    }
}

/// The files of a folder that are read: those without a dot or a tilde at their end.
fn names(linux: &Linux, folder: &str) -> Vec<String> {
    let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", folder) else { return Vec::new() };
    let names = linux.fs.node(ino).entries().into_iter().flatten().map(|(name, _)| name.to_string());
    let mut names: Vec<String> = names.filter(|name| !name.contains('.') && !name.ends_with('~')).collect();
    names.sort();
    names
}

/// A line without its remark; `#` before a number is a user's.
fn without_remark(line: &str) -> &str {
    let mut quoted = false;
    for (at, letter) in line.char_indices() {
        quoted ^= letter == '"';
        let number = line[at + letter.len_utf8()..].starts_with(|next: char| next.is_ascii_digit() || next == '-');
        if letter == '#' && !quoted && !number && !line[..at].ends_with(['\\', '%']) {
            return &line[..at];
        }
    }
    line
}

/// The parts of a text between separators that are in no quotes and brackets, and have no backslash before them.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut begin, mut quoted, mut open, mut escaped) = (Vec::new(), 0, false, 0_i32, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => {}
            '"' => quoted = !quoted,
            '(' => open += 1,
            ')' => open -= 1,
            _ if letter == separator && !quoted && open == 0 => {
                parts.push(&text[begin..at]);
                begin = at + letter.len_utf8();
            }
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    parts.push(&text[begin..]);
    parts
}

/// A list without blanks around its commas.
fn joined(text: &str) -> String {
    text.split(',').map(str::trim).collect::<Vec<_>>().join(",")
}

/// A setting without blanks around its sign.
fn spaceless(text: &str) -> String {
    match text.split_once('=') {
        Some((key, value)) => {
            let (key, sign) = key.strip_suffix('+').map_or((key, ""), |key| (key, "+"));
            format!("{}{sign}={}", key.trim(), value.trim())
        }
        None => text.to_owned(),
    }
}

fn is_alias(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// What stands behind the sign of a line; nothing when it makes no sense.
fn grants(text: &str) -> Option<Vec<Grant>> {
    let mut all: Vec<Grant> = Vec::new();
    for part in split(text, ',') {
        let mut grant = all.last().cloned().unwrap_or_default();
        let mut part = part.trim();
        if let Some(rest) = part.strip_prefix('(') {
            let (runas, rest) = rest.split_once(')')?;
            let (users, groups) = runas.split_once(':').unwrap_or((runas, ""));
            let list = |text: &str| -> Vec<String> {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(str::to_owned).collect()
            };
            grant.runas = Some((list(users), list(groups)));
            part = rest.trim();
        }
        while let Some((tag, rest)) = part.split_once(':').filter(|(tag, _)| TAGS.contains(&tag.trim())) {
            let tag = tag.trim().to_owned();
            let kind = tag.trim_start_matches("NO").to_owned();
            grant.tags.retain(|old| old.trim_start_matches("NO") != kind);
            grant.tags.push(tag);
            part = rest.trim();
        }
        let bare = part.trim_start_matches('!').trim_start();
        let word = bare.split_whitespace().next()?;
        let alone = word == bare;
        if !(word.starts_with('/') || word == "sudoedit" || alone && is_alias(word) || word.starts_with("sha")) {
            return None;
        }
        part.clone_into(&mut grant.command);
        all.push(grant);
    }
    Some(all)
}

/// Whether an item stands for a user: by name or number, or by a group.
fn is_user(linux: &Linux, item: &str, name: &str, cred: &Cred) -> bool {
    if let Some(group) = item.strip_prefix('%') {
        let number = group.strip_prefix('#').and_then(|number| number.parse::<u32>().ok());
        let groups = linux.groups();
        return groups.iter().any(|own| (own.name == group || Some(own.gid) == number) && cred.is_in(own.gid));
    }
    match item.strip_prefix('#') {
        Some(number) => number.parse() == Ok(cred.uid),
        None => item == name,
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern, Options::default()).matches(text)
}

/// Whether an item stands for a command: a path, perhaps with wildcards, a directory, and perhaps the very arguments.
fn is_command(linux: &Linux, item: &str, words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let (path, wanted) = item.split_once(' ').map_or((item, None), |(path, rest)| (path, Some(rest.trim())));
    let arguments = arguments.join(" ");
    let arguments_fit = match wanted {
        None => true,
        Some("\"\"") => arguments.is_empty(),
        Some(wanted) => fits(wanted, &arguments),
    };
    let file = |path: &str| linux.fs.lookup(&Cred::ROOT, "/", path).ok();
    let same = |path: &str| path == program || file(path).is_some_and(|ino| file(program) == Some(ino));
    let name = program.rsplit('/').next().unwrap_or_default();
    let program_fits = match path.strip_suffix('/') {
        Some(folder) => same(&format!("{folder}/{name}")),
        None if path.contains(['*', '?', '[']) => fits(path, program),
        None => path.ends_with(&format!("/{name}")) && same(path),
    };
    program_fits && arguments_fit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_make_sense_or_not() {
        let check = |line: &str, good: bool| assert_eq!(Sudoers::default().line(line).is_some(), good, "{line}");
        check("root ALL=(ALL) ALL", true);
        check("bob, kim web1 , web2 = (root, www : ops) NOPASSWD: /bin/ls, PASSWD: /bin/cat /etc/*", true);
        check("User_Alias OPS = bob, kim : DBA = ann", true);
        check("User_Alias ops = bob", false);
        check("bob ALL", false);
        check("bob ALL=(ALL)", false);
        check("bob ALL=(ALL) ls", false);
        check("bob ALL=NOPASSWD ALL", false);
        check("bob x ALL=(ALL) ALL", false);
        check("Defaults secure_path = /bin:/sbin, !requiretty", true);
        check("Defaults a,,b", false);
    }
}
