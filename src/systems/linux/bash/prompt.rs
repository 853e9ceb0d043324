//! Prompts: their escapes, and what is expanded in them (bash(1), "PROMPTING"; parse.y, `decode_prompt_string`).

use crate::bash::version::Feature;
use std::borrow::Cow;

use super::super::clock::{self, Zone};
use super::super::distro::Dialect;
use super::super::model::Bash;
use super::super::terminal;
use super::{Later, Run, Sh};
use crate::bash::parse;
use crate::shell::Session;
use crate::world::{MachineId, World};

/// Escapes whose text is another one a moment later.
const PASSING: &str = "dtT@ADj";

/// The directories that are left of a path which a prompt cuts short, at least.
const DOTS: usize = 3;

/// The prompt of the shell in which a session is typed into.
#[must_use]
pub fn shown(world: &World, session: &Session, st: &Bash) -> String {
    own(world, session.machine, st, &terminal::tty(session))
}

/// The prompt of a shell that waits for a line: as it was made before, where it would be another one now.
fn own(world: &World, id: MachineId, st: &Bash, tty: &str) -> String {
    match &st.prompt {
        Some(prompt) => prompt.clone(),
        None => unquoted(&Decoder { world, id, st, tty, stands: Stands::Before }.decoded(own_text(st))),
    }
}

/// What the prompt of a shell that waits for a line is made from.
fn own_text(st: &Bash) -> &str {
    st.variable(if st.unfinished.is_empty() { "PS1" } else { "PS2" }).unwrap_or_default()
}

/// Whether something in a prompt is expanded, or is another one a moment later.
fn passes(text: &str) -> bool {
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let passes = match character {
            '\\' => rest.next().is_some_and(|letter| PASSING.contains(letter)),
            '$' | '`' => true,
            _ => false,
        };
        if passes {
            return true;
        }
    }
    false
}

/// A text without the backslashes that keep its characters from being expanded.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        out.push(match character {
            '\\' => rest.next_if(|next| "$`\"\\".contains(*next)).unwrap_or('\\'),
            other => other,
        });
    }
    out
}

/// A text whose characters mean nothing where it is expanded.
fn quoted(text: &str) -> Cow<'_, str> {
    if !text.contains(['$', '`', '"', '\\']) {
        return Cow::Borrowed(text);
    }
    let special = |character: &char| "$`\"\\".contains(*character);
    Cow::Owned(text.chars().flat_map(|c| special(&c).then_some('\\').into_iter().chain([c])).collect())
}

/// What the escapes of a prompt ask.
struct Decoder<'a> {
    world: &'a World,
    id: MachineId,
    st: &'a Bash,
    /// The terminal; empty without one.
    tty: &'a str,
    stands: Stands,
}

/// Where a prompt stands, by which the numbers in it are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Before the command to come.
    Before,
    /// Behind what was typed, which is in the history by now (`PS0`).
    Behind,
    /// Anywhere else.
    Within,
}

impl Decoder<'_> {
    /// The escapes of a prompt resolved. What they give is quoted against being expanded.
    fn decoded(&self, text: &str) -> String {
        // bash asks for the host's name once, when it starts.
        let st = self.st;
        let host = st.variable("HOSTNAME").unwrap_or(&self.world.linux(self.id).hostname);
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            if character != '\\' {
                out.push(character);
                continue;
            }
            let Some(letter) = rest.next() else {
                out.push('\\');
                break;
            };
            match letter {
                'u' => out.push_str(&st.user),
                'h' => out.push_str(&quoted(host.split('.').next().unwrap_or_default())),
                'H' => out.push_str(&quoted(host)),
                'w' => out.push_str(&quoted(&trimmed(st, home_short(st, &self.directory())))),
                'W' => out.push_str(&quoted(&self.last_directory())),
                '$' => out.push_str(if st.cred.uid == 0 { "#" } else { "\\$" }),
                // A script has its own name for `$0`.
                's' if !st.interactive => out.push_str(if st.is_ash() { "sh" } else { "bash" }),
                's' => out.push_str(&quoted(st.name.rsplit('/').next().unwrap_or_default())),
                'v' => {
                    let version = st.variable("BASH_VERSION").unwrap_or_default();
                    out.push_str(version.rsplit_once('.').map_or(version, |(short, _)| short));
                }
                'V' => {
                    let version = st.variable("BASH_VERSION").unwrap_or_default();
                    out.push_str(version.split_once('(').map_or(version, |(numbers, _)| numbers));
                }
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                'a' => out.push('\u{7}'),
                'e' => out.push('\u{1b}'),
                '!' => out.push_str(&counted(st.forgotten + st.history.len(), self.stands == Stands::Before)),
                '#' => out.push_str(&counted(st.commands, self.stands != Stands::Within)),
                'j' => out.push_str(&st.jobs.all.values().filter(|job| job.ended.is_none()).count().to_string()),
                'l' => out.push_str(self.tty.rsplit('/').next().filter(|tty| !tty.is_empty()).unwrap_or("tty")),
                't' => out.push_str(&self.time("%H:%M:%S")),
                'T' => out.push_str(&self.time("%I:%M:%S")),
                '@' => out.push_str(&self.time("%I:%M %p")),
                'A' => out.push_str(&self.time("%H:%M")),
                'd' => out.push_str(&self.time("%a %b %d")),
                'D' if rest.next_if_eq(&'{').is_some() => {
                    let form: String = rest.by_ref().take_while(|next| *next != '}').collect();
                    out.push_str(&quoted(&self.time(if form.is_empty() { "%X" } else { &form })));
                }
                '[' | ']' => {}
                '\\' => out.push('\\'),
                '"' => out.push('"'),
                '0'..='7' => {
                    let mut value = letter.to_digit(8).unwrap_or_default();
                    for _ in 0..2 {
                        let Some(digit) = rest.next_if(|next| next.is_digit(8)) else { break };
                        value = value * 8 + digit.to_digit(8).unwrap_or_default();
                    }
                    out.extend(char::from_u32(value & 0xff));
                }
                other => out.extend(['\\', other]),
            }
        }
        out
    }

    fn time(&self, form: &str) -> String {
        let now = self.world.now.utc().unix_timestamp();
        let own = &self.world.linux(self.id).zone;
        clock::format(form, now, 0, &Zone::named(self.st.variable("TZ"), own))
    }

    /// The working directory. Ash asks the kernel for it, which knows no links.
    fn directory(&self) -> String {
        let st = self.st;
        if st.dialect == Dialect::Bash {
            return st.variable("PWD").unwrap_or(&st.cwd).to_owned();
        }
        self.world.linux(self.id).fs.canonical(&st.cred, "/", &st.cwd).unwrap_or_else(|_| st.cwd.clone())
    }

    fn last_directory(&self) -> String {
        let path = self.directory();
        if self.st.variable("HOME") == Some(path.as_str()) {
            return home_short(self.st, &path);
        }
        let last = if path == "/" { "/" } else { path.rsplit('/').next().unwrap_or_default() };
        trimmed(self.st, last.to_owned())
    }
}

/// What a counter of commands shows: the number of the one to come, or of the one that is counted already.
fn counted(before: usize, next: bool) -> String {
    (if next { before + 1 } else { before.max(1) }).to_string()
}

/// A path with `~` in place of the home directory. Only the ash of who is at home in `/` has it there, and there alone.
fn home_short(st: &Bash, path: &str) -> String {
    let home = st.variable("HOME").filter(|home| *home != "/" || st.is_ash() && path == "/");
    match home.and_then(|home| path.strip_prefix(home)) {
        Some("") => "~".to_owned(),
        Some(rest) if rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

/// A path of which `PROMPT_DIRTRIM` leaves the last directories.
fn trimmed(st: &Bash, path: String) -> String {
    let kept = st.variable("PROMPT_DIRTRIM").and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0);
    let begins = if path.starts_with('~') { path.find('/').map_or(path.len(), |at| at + 1) } else { 0 };
    let tail = &path[begins..];
    if kept == 0 || tail.matches('/').count() < kept {
        return path;
    }
    match tail.rmatch_indices('/').nth(kept - 1) {
        Some((at, _)) if at > DOTS => format!("{}...{}", &path[..begins], &tail[at..]),
        _ => path,
    }
}

impl Sh {
    /// Makes the prompt for the line to come, where what stands in it is expanded or is another one a moment later.
    pub(super) async fn make_prompt(&mut self) -> Run<()> {
        self.st.prompt = None;
        let text = own_text(&self.st);
        if !passes(text) {
            return Ok(());
        }
        let text = text.to_owned();
        self.st.prompt = Some(self.prompt_of(&text, Stands::Before).await?);
        Ok(())
    }

    /// The prompt for the line to come.
    pub(super) fn own_prompt(&self) -> String {
        let tty = self.tty();
        self.p.world(|world, id| own(world, id, &self.st, &tty))
    }

    /// What stands before a command that was typed is run (`PS0`), since bash 4.4.
    pub(super) async fn before_typed(&mut self) -> Run<()> {
        if let Some(text) = self.st.variable("PS0").filter(|text| !text.is_empty() && self.has(Feature::PS0)) {
            let text = text.to_owned();
            let text = Box::pin(self.prompt_of(&text, Stands::Behind)).await?;
            self.p.err(&text).await?;
        }
        Ok(())
    }

    /// A prompt that nobody is to type behind, such as `PS4`.
    pub(super) fn expand_prompt<'a>(&'a mut self, text: &'a str) -> Later<'a, String> {
        Box::pin(self.prompt_of(text, Stands::Within))
    }

    fn tty(&self) -> String {
        if self.p.files.is_terminal(0) { self.p.cx.with(|cx| terminal::tty(cx.session)) } else { String::new() }
    }

    /// A prompt, with its escapes resolved and what is expanded in it. `$?` stays what it was.
    async fn prompt_of(&mut self, text: &str, stands: Stands) -> Run<String> {
        let tty = self.tty();
        // Ash expands first, and takes what comes out as it is.
        let ash = self.is_ash();
        let decode = |shell: &Self, text: &str| {
            shell.p.world(|world, id| Decoder { world, id, st: &shell.st, tty: &tty, stands }.decoded(text))
        };
        let decoded = if ash { text.to_owned() } else { decode(self, text) };
        if !self.st.shopt.contains("promptvars") && !ash {
            return Ok(unquoted(&decoded));
        }
        if !passes(&decoded) {
            return Ok(unquoted(&if ash { decode(self, &decoded) } else { decoded }));
        }
        let word = match parse::double_quoted(&decoded) {
            Ok(word) => word,
            Err(error) => {
                self.syntax_in("command substitution: ", &error).await?;
                return Ok(decoded);
            }
        };
        let (status, substituted, line) = (self.st.status, self.substituted, self.line);
        let expanded = self.expand_quoted(&word).await;
        (self.st.status, self.substituted, self.line) = (status, substituted, line);
        match expanded {
            Ok(expanded) if ash => Ok(unquoted(&decode(self, &expanded))),
            Ok(expanded) => Ok(expanded),
            // What cannot be expanded stands as it was typed.
            Err(super::Flow::Abort(_) | super::Flow::Exit(_)) => Ok(decoded),
            Err(flow) => Err(flow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expanded_is_known_from_escapes() {
        let check = |text: &str, expect: bool| assert_eq!(passes(text), expect, "{text}");
        check("[\\u@\\h \\W]\\$ ", false);
        check("\\\\$x ", true);
        check("\\$\\\\ ", false);
        check("`x`", true);
        check("\\t ", true);
        check("\\\\t ", false);
    }

    #[test]
    fn quoting_and_its_reverse() {
        assert_eq!(quoted("a$b`c"), "a\\$b\\`c");
        assert_eq!(unquoted("a\\$b\\`c\\d\\"), "a$b`c\\d\\");
    }
}
