//! What a service that somebody wrote runs, and in which surroundings (systemd.service(5), systemd.exec(5), "Command lines").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sim::Span;

/// When a command of a service is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// `ExecStartPre=`
    Before,
    /// `ExecStart=`
    Start,
    /// `ExecStartPost=`
    After,
    /// `ExecReload=`
    Reload,
    /// `ExecStop=`
    Stop,
    /// `ExecStopPost=`
    Over,
}

impl Step {
    /// The settings that name the commands of each step.
    const KEYS: [(&str, Self); 6] = [
        ("ExecStartPre", Self::Before),
        ("ExecStart", Self::Start),
        ("ExecStartPost", Self::After),
        ("ExecReload", Self::Reload),
        ("ExecStop", Self::Stop),
        ("ExecStopPost", Self::Over),
    ];

    /// The setting that names its commands.
    #[must_use]
    pub fn key(self) -> &'static str {
        Self::KEYS.iter().find(|(_, step)| *step == self).map_or("", |(key, _)| key)
    }
}

/// A command of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// When it is run.
    pub step: Step,
    /// Whether it does not matter how it ends: `-` before the path.
    pub ignores: bool,
    /// Its words as they were written, without the signs before the path.
    pub text: String,
}

impl Command {
    /// The path of its program.
    #[must_use]
    pub fn program(&self) -> &str {
        self.text.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\''])
    }
}

/// What a service runs, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    /// Its commands, those of each step in their order.
    pub commands: Vec<Command>,
    /// `Environment=`, one assignment each.
    pub environment: Vec<String>,
    /// `EnvironmentFile=`
    pub files: Vec<String>,
    /// `WorkingDirectory=`
    pub directory: Option<String>,
    /// `Group=`
    pub group: Option<String>,
    /// `SupplementaryGroups=`
    pub groups: Vec<String>,
    /// `UMask=`
    pub umask: Option<u16>,
    /// `TimeoutStartSec=`; zero for never.
    pub start_within: Option<Span>,
    /// `TimeoutStopSec=`; zero for never.
    pub stop_within: Option<Span>,
    /// `PIDFile=`
    pub pid_file: Option<String>,
    /// The statuses of `SuccessExitStatus=`.
    pub good: Vec<u8>,
    /// `KillMode=`
    pub kill: Option<String>,
    /// `StandardOutput=`
    pub output: Option<String>,
    /// `StandardError=`
    pub errors: Option<String>,
    /// `SyslogIdentifier=`
    pub identifier: Option<String>,
}

/// The settings in the text of a unit file.
pub fn settings(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';', '[']));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

impl Exec {
    /// What the text of a unit file and those of its drop-ins say.
    #[must_use]
    pub fn read<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut exec = Self::default();
        for (key, value) in texts.flat_map(settings) {
            exec.set(&key, &value);
        }
        exec
    }

    /// The commands of a step.
    pub fn of(&self, step: Step) -> impl Iterator<Item = &Command> {
        self.commands.iter().filter(move |command| command.step == step)
    }

    fn set(&mut self, key: &str, value: &str) {
        if let Some((_, step)) = Step::KEYS.iter().find(|(known, _)| *known == key) {
            return self.add(*step, value);
        }
        let some = (!value.is_empty()).then(|| value.to_owned());
        let list = |list: &mut Vec<String>, words: Vec<String>| {
            if value.is_empty() { list.clear() } else { list.extend(words) }
        };
        let blanks = || value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        match key {
            "Environment" => list(&mut self.environment, words(value)),
            "EnvironmentFile" => list(&mut self.files, vec![value.to_owned()]),
            "WorkingDirectory" => self.directory = some,
            "Group" => self.group = some,
            "SupplementaryGroups" => list(&mut self.groups, blanks()),
            "UMask" => self.umask = u16::from_str_radix(value, 8).ok().filter(|bits| *bits <= 0o7777),
            "TimeoutSec" => (self.start_within, self.stop_within) = (span(value), span(value)),
            "TimeoutStartSec" => self.start_within = span(value),
            "TimeoutStopSec" => self.stop_within = span(value),
            "PIDFile" => self.pid_file = some,
            "SuccessExitStatus" if value.is_empty() => self.good.clear(),
            "SuccessExitStatus" => self.good.extend(blanks().iter().filter_map(|word| word.parse::<u8>().ok())),
            "KillMode" => self.kill = some,
            "StandardOutput" => self.output = some,
            "StandardError" => self.errors = some,
            "SyslogIdentifier" => self.identifier = some,
            _ => {}
        }
    }

    fn add(&mut self, step: Step, value: &str) {
        if value.is_empty() {
            return self.commands.retain(|command| command.step != step);
        }
        for part in value.split(" ; ") {
            let part = part.trim();
            let text = part.trim_start_matches(['-', '@', '+', '!', ':']);
            let signs = &part[..part.len() - text.len()];
            if text.starts_with('/') {
                let named = if signs.contains('@') { without_name(text) } else { text.to_owned() };
                self.commands.push(Command { step, ignores: signs.contains('-'), text: named });
            }
        }
    }
}

/// A command behind whose path stands the name that it shall have.
fn without_name(text: &str) -> String {
    let mut words = text.splitn(3, char::is_whitespace);
    let program = words.next().unwrap_or_default();
    format!("{program} {}", words.nth(1).unwrap_or_default()).trim_end().to_owned()
}

/// A span of a timeout; zero for never.
fn span(value: &str) -> Option<Span> {
    if value == "infinity" { Some(Span::ZERO) } else { Span::parse(value).ok() }
}

/// The words of a value, with quotes and backslashes as in C (`extract_first_word()`).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let (mut all, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quote != Some('\'') || text.contains('"') => {
                let next = letters.next().unwrap_or('\\');
                word.get_or_insert_default().push(match next {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    's' => ' ',
                    other => other,
                });
            }
            _ if quote == Some(letter) => quote = None,
            '"' | '\'' if quote.is_none() => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            _ if quote.is_none() && letter.is_whitespace() => all.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    all.extend(word);
    all
}

/// Puts what specifiers (`%n`) stand for in their places (systemd.unit(5), "Specifiers").
#[must_use]
pub fn specified(text: &str, lookup: impl Fn(char) -> Option<String>) -> String {
    let mut made = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            made.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => made.push('%'),
            Some(sign) => made.push_str(&lookup(sign).unwrap_or_else(|| format!("%{sign}"))),
            None => made.push('%'),
        }
    }
    made
}

/// Puts the values of variables in the words of a command: `$NAME` alone is as many words as it has, `${NAME}` one or a part
/// of one (`replace_env_argv()`).
#[must_use]
pub fn filled(words: &[String], variables: &BTreeMap<String, String>) -> Vec<String> {
    let value = |name: &str| variables.get(name).cloned().unwrap_or_default();
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let mut all = Vec::new();
    for (place, word) in words.iter().enumerate() {
        match word.strip_prefix('$') {
            Some(name) if place > 0 && is_name(name) => {
                all.extend(value(name).split_whitespace().map(str::to_owned));
            }
            _ => all.push(embedded(word, value)),
        }
    }
    all
}

fn embedded(word: &str, value: impl Fn(&str) -> String) -> String {
    let (mut made, mut rest) = (String::new(), word);
    while let Some(at) = rest.find('$') {
        made.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            made.push('$');
            rest = behind;
        } else if let Some((name, behind)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            made.push_str(&value(name));
            rest = behind;
        } else {
            made.push('$');
        }
    }
    made + rest
}

/// The assignments of a file of variables (`load_env_file()`).
#[must_use]
pub fn assignments(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", "");
    let lines = joined.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim()))).collect()
}

fn unquoted(value: &str) -> String {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'')
        .map(str::to_owned)
        .or_else(|| inner('"').map(|text| text.replace("\\\"", "\"")))
        .unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_all_steps_are_read() {
        let text = "[Service]\nExecStartPre=-/bin/a -x\nExecStart=@/bin/b name c ; /bin/d\nExecStop=\nExecStart=e\n";
        let exec = Exec::read([text, "ExecStartPre=\nExecStartPre=/bin/f\nUMask=077\n"].into_iter());
        let all: Vec<(&str, &str)> =
            exec.commands.iter().map(|command| (command.step.key(), command.text.as_str())).collect();
        assert_eq!(all, [("ExecStart", "/bin/b c"), ("ExecStart", "/bin/d"), ("ExecStartPre", "/bin/f")]);
        assert_eq!((exec.umask, exec.commands[2].ignores), (Some(0o77), false));
    }

    #[test]
    fn words_of_commands_are_made() {
        assert_eq!(
            words(r#"/bin/sh -c "echo 'a b' c" 'd "e' f\sg"#),
            ["/bin/sh", "-c", "echo 'a b' c", "d \"e", "f g"]
        );
        let variables = [("A", "1 2"), ("B", "b c")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let given = ["/x", "$A", "-${B}-", "$$A", "$NIX", "a$A"].map(str::to_owned);
        assert_eq!(filled(&given, &BTreeMap::from(variables)), ["/x", "1", "2", "-b c-", "$A", "a$A"]);
        let lookup = |sign: char| (sign == 'i').then(|| "one".to_owned());
        assert_eq!(specified("%i-%%-%q", lookup), "one-%-%q");
        let expect = [("A", "1"), ("B", "x y")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(assignments("# no\nA=1\n B=\"x y\"\n"), expect);
    }
}
