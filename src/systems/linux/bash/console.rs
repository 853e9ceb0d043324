//! bash as a console of the lab: its prompt, and what it does with a line.

use std::borrow::Cow;

use super::super::distro::Dialect;
use super::super::model::Bash;
use super::super::terminal;
use super::{completion, interactive};
use crate::shell::{Context, Session, Step};
use crate::systems::Console;
use crate::world::{MachineId, World};

/// The console of every bash.
pub static CONSOLE: BashConsole = BashConsole;

/// A bash at a keyboard.
pub struct BashConsole;

impl Console for BashConsole {
    fn prompt<'a>(&self, world: &'a World, session: &Session) -> Cow<'a, str> {
        let Some(st) = terminal::shell(session) else { return Cow::Borrowed("") };
        // It is written where messages are.
        if st.on_terminal(2) { Cow::Owned(own_prompt(world, session.machine, st)) } else { Cow::Borrowed("") }
    }

    fn line(&self, _: &mut Context<'_>, line: &str) -> Step {
        Step::Task(interactive::typed(line.to_owned()))
    }

    fn end_of_input(&self, _: &mut Context<'_>) -> Step {
        Step::Task(interactive::end_of_input())
    }

    /// What was typed so far of a command is forgotten.
    fn interrupt(&self, cx: &mut Context<'_>) {
        if let Some(mut st) = terminal::take_shell(cx.session) {
            st.forget_unfinished();
            st.status = 130;
            terminal::put_shell(cx, st);
        }
    }

    fn complete(&self, world: &World, session: &Session, line: &str) -> Vec<String> {
        terminal::shell(session).map_or(Vec::new(), |st| completion::complete(world, session.machine, st, line))
    }
}

/// The prompt of a shell that waits for a line.
#[must_use]
pub fn own_prompt(world: &World, id: MachineId, st: &Bash) -> String {
    let plain = if st.dialect == Dialect::Ash { "\\w \\$ " } else { "\\s-\\v\\$ " };
    let (name, default) = if st.unfinished.is_empty() { ("PS1", plain) } else { ("PS2", "> ") };
    prompt(world, id, st, st.variable(name).unwrap_or(default))
}

/// A prompt with its escapes resolved (bash(1), "PROMPTING"); plain `$name` are expanded, too, commands are not.
#[must_use]
pub fn prompt(world: &World, id: MachineId, st: &Bash, text: &str) -> String {
    decoded(world, id, st, text, true)
}

/// The escapes of a prompt resolved, with `$name` or without.
pub(super) fn decoded(world: &World, id: MachineId, st: &Bash, text: &str, expands: bool) -> String {
    // bash asks for the host's name once, when it starts.
    let host = st.variable("HOSTNAME").unwrap_or(&world.linux(id).hostname);
    let now = world.now.utc();
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if expands && character == '$' && rest.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '_') {
            let mut name = String::new();
            while let Some(next) = rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                name.push(next);
            }
            out.push_str(st.variable(&name).unwrap_or_default());
            continue;
        }
        if character != '\\' {
            out.push(character);
            continue;
        }
        match rest.next() {
            Some('u') => out.push_str(&st.user),
            Some('h') => out.push_str(host.split('.').next().unwrap_or_default()),
            Some('H') => out.push_str(host),
            Some('w') => out.push_str(&shown(world, id, st)),
            Some('W') => {
                let short = shown(world, id, st);
                let last = if short == "/" { "/" } else { short.rsplit('/').next().unwrap_or_default() };
                out.push_str(last);
            }
            Some('$') => out.push(if st.cred.uid == 0 { '#' } else { '$' }),
            Some('s') => out.push_str(st.name.rsplit('/').next().unwrap_or_default()),
            Some('v') => {
                let version = st.variable("BASH_VERSION").unwrap_or_default();
                out.push_str(version.rsplit_once('.').map_or(version, |(short, _)| short));
            }
            Some('V') => out.push_str(st.variable("BASH_VERSION").unwrap_or_default()),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('e') => out.push('\u{1b}'),
            Some('!') => out.push_str(&(st.forgotten + st.history.len() + 1).to_string()),
            Some('#') => out.push_str(&(st.lines + 1).to_string()),
            Some('j') => out.push_str(&st.jobs.all.len().to_string()),
            Some('t') => out.push_str(&format!("{:02}:{:02}:{:02}", now.hour(), now.minute(), now.second())),
            Some('A') => out.push_str(&format!("{:02}:{:02}", now.hour(), now.minute())),
            Some('d') => {
                let (weekday, month) = (now.weekday().to_string(), now.month().to_string());
                out.push_str(&format!("{} {} {:02}", &weekday[..3], &month[..3], now.day()));
            }
            Some('[' | ']') => {}
            Some('\\') | None => out.push('\\'),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    out
}

/// The working directory as prompts show it. Ash asks the kernel for it, which knows no links, and is at home in `/` only
/// there itself.
fn shown(world: &World, id: MachineId, st: &Bash) -> String {
    if st.dialect == Dialect::Bash {
        return home_short(st, &st.cwd);
    }
    let path = world.linux(id).fs.canonical(&st.cred, "/", &st.cwd).unwrap_or_else(|_| st.cwd.clone());
    if path == "/" && st.variable("HOME") == Some("/") { "~".to_owned() } else { home_short(st, &path) }
}

/// A path with `~` in place of the home directory.
fn home_short(st: &Bash, path: &str) -> String {
    match st.variable("HOME").filter(|home| *home != "/").and_then(|home| path.strip_prefix(home)) {
        Some("") => "~".to_owned(),
        Some(rest) if rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}
