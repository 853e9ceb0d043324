//! The appliance shell, `Command>`: names, options, help and errors as it shows them.
//!
//! Reference `appliance-shell.md` sections 1.2 and 1.3. Where the layout of `--help` lost its indents in every source, four
//! columns a level are inferred; errors of options are those of argparse, as prefix matching suggests.

use std::borrow::Cow;

use super::commands::args::{NEW_PASSWORD, ask_in_vain};
use super::commands::known::{self, API_PREFIX, VERSION_1};
use super::commands::{COMMANDS, Command, Named, find, gap_of, short_names};
use super::model::Vcsa;
use super::series::{Line, Python};
use super::{paging, rights, showlog};
use crate::shell::argparse::{Dialect, Parsed, Parser, Stop};
use crate::shell::command::{Evidence, Grade, Run};
use crate::shell::{Context, Cx, Outcome, Session, Step, Task, lex, secret};
use crate::systems::linux::launch;
use crate::systems::{Completion, Console, Editing};
use crate::world::{MachineId, World};

/// What it shows when it waits for a command.
pub const PROMPT: &str = "Command> ";

/// How well typing at its prompt is known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "Unknown command: a word that is none",
        releases: "6.0",
        grade: Grade::Captured,
        source: "evidence/vcsa/login-60u3b-raw-stream-unknown-command.txt",
    },
    Evidence {
        what: "Unknown command: as a command of the secure shell, with its status",
        releases: "6.0 to 8.0",
        grade: Grade::Documented,
        source: "a report on 8.0, which runs on a 6.0: evidence/vcsa/ssh-exec-unknown-command-posh-ssh.txt",
    },
    Evidence {
        what: "Tab: completes names of calls, plug-ins and parameters",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the guide of 7.0; how several matches are listed is a guess",
    },
    Evidence {
        what: "Tab: no arguments of plug-ins, but showlog's files",
        releases: "6.0 to 8.0",
        grade: Grade::Documented,
        source: "the guide of 7.0",
    },
    Evidence {
        what: "long output of the shell itself: pages with a More prompt on a watched terminal; its wording",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the guide of 7.0 names it, with Enter for the next page; no other key does anything but Ctrl-C",
    },
    Evidence {
        what: "roles: only a super administrator patches",
        releases: "6.7",
        grade: Grade::Documented,
        source: "the guide of 6.7; the other releases follow it",
    },
    Evidence {
        what: "roles: an operator changes nothing, tools of Linux run as the account, help shows the same to all; what a refusal says",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the roles of the guide of 7.0",
    },
    Evidence {
        what: "appliancesh CALL from bash: asks for the password, at the terminal or on standard input",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "scripts that give it one and look for the sixth line; the prompt is that of Python's getpass",
    },
    Evidence {
        what: "scp and sftp to an account with the appliance shell: Unknown command",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "reports of tools that copy files; the rest is the source of OpenSSH",
    },
];

/// The console of the appliance shell.
pub struct Appliance;

impl Console for Appliance {
    fn prompt<'a>(&self, _: &'a World, _: &Session) -> Cow<'a, str> {
        Cow::Borrowed(PROMPT)
    }

    fn line(&self, cx: &mut Context<'_>, line: &str) -> Step {
        let split = lex::split(line);
        let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
        if let Some(complaint) = split.complaint {
            cx.inferred_line(complaint.text());
            return Step::Done(1);
        }
        let outcome = answer(cx, &words);
        paging::in_pages(cx, outcome).settle(cx)
    }

    fn end_of_input(&self, cx: &mut Context<'_>) -> Step {
        crate::systems::linux::parting::leave(cx, 0);
        Step::Done(0)
    }

    fn editing(&self) -> Editing {
        Editing::Appliance
    }

    fn complete(&self, world: &World, session: &Session, line: &str) -> Completion {
        Completion::of_last_word(line, complete(world.vcsa(session.machine), line))
    }
}

fn answer(cx: &mut Context<'_>, words: &[&str]) -> Outcome {
    let (plugins_only, words) = match words {
        [] => return Outcome::Silent,
        ["pi", rest @ ..] if !rest.is_empty() => (true, rest),
        words => (false, words),
    };
    let name = if words[0] == "?" && !plugins_only { "help" } else { words[0] };
    match find(cx.vcsa().series().line, name, plugins_only) {
        None => Outcome::Refused(unknown(name), 1),
        Some(Named::Unmodelled(name)) if secret::is_asked_for(words) => {
            Outcome::Task(Task::new(move |cx| ask_for_a_gap(cx, name)))
        }
        Some(Named::Unmodelled(name)) => Outcome::Gap(gap_of(name).to_owned()),
        Some(Named::Command(command)) => match command.run {
            Run::Words(run) => run(cx, &words[1..]),
            Run::Program(name) => program_of(cx, name, owned(&words[1..])),
            Run::Parsed(parser, run) => plugin(cx, parser, run, &words[1..]),
            Run::Api(parser, run) => api(cx, parser, run, command.name, &words[1..]),
        },
    }
}

/// A plug-in that is a program of Linux.
fn program_of(cx: &mut Context<'_>, name: &'static str, arguments: Vec<String>) -> Outcome {
    let caller = rights::present(cx.world, cx.session);
    match rights::runs_as(cx.world, cx.machine(), &caller, name, &arguments) {
        Some(user) => Outcome::Task(launch::task(name, arguments, user)),
        None => rights::deny(cx),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The program that a line runs, with its arguments, if that is what it does.
#[must_use]
pub fn program(world: &World, id: MachineId, line: &str) -> Option<(&'static str, Vec<String>)> {
    let split = lex::split(line);
    let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
    let words = words.strip_prefix(&["pi"]).unwrap_or(&words);
    match find(world.vcsa(id).series().line, words.first()?, false)? {
        Named::Command(Command { run: Run::Program(program), .. }) => Some((program, owned(&words[1..]))),
        _ => None,
    }
}

/// A call that is not modelled still asks for the password that was named without a value: what is typed behind such a line
/// must not be taken for a command.
async fn ask_for_a_gap(cx: Cx, name: &'static str) -> u8 {
    ask_in_vain(&cx, &NEW_PASSWORD).await;
    cx.with(|cx| Outcome::Gap(name.to_owned()).settle(cx));
    1
}

/// What the shell says to a word that it does not know; the two quotes differ on the real one, too.
#[must_use]
pub fn unknown(word: &str) -> String {
    format!("Unknown command: `{word}'\n")
}

type Body = fn(&mut Context<'_>, &Parsed) -> Outcome;

/// A plug-in runs as a program of its own.
fn plugin(cx: &mut Context<'_>, parser: &'static Parser, run: Body, words: &[&str]) -> Outcome {
    match parse(cx, parser, words) {
        Ok(parsed) if rights::has(cx, rights::of_plugin(parsed.command())) => run(cx, &parsed),
        Ok(_) => rights::deny(cx),
        Err(stop) if stop.status == 0 => {
            cx.screen.mark_inferred();
            Outcome::Text(stop.stdout)
        }
        Err(stop) => failed(stop),
    }
}

fn api(cx: &mut Context<'_>, parser: &'static Parser, run: Body, name: &str, words: &[&str]) -> Outcome {
    match parse(cx, parser, words) {
        Err(stop) if stop.status == 0 => {
            cx.screen.mark_inferred();
            Outcome::Text(api_help(name, parser))
        }
        Err(stop) => {
            cx.screen.mark_inferred();
            failed(stop)
        }
        Ok(parsed) => {
            let outcome = if !cx.vcsa().management_up() {
                cx.screen.mark_inferred();
                Outcome::Refused("[ERROR]: Failed to connect to service.\n".to_owned(), 1)
            } else if rights::has(cx, rights::of_call(name)) {
                run(cx, &parsed)
            } else {
                cx.screen.mark_inferred();
                Outcome::Refused(format!("Error in method invocation {}", rights::DENIED), 1)
            };
            asked_first(outcome, parser, &parsed)
        }
    }
}

/// The shell asks for the passwords that a line names without a value, and calls then: a refusal comes behind the answers.
fn asked_first(outcome: Outcome, parser: &'static Parser, parsed: &Parsed) -> Outcome {
    let declared = |name: &&&str| parser.options().any(|option| option.longest_name()[2..] == ***name);
    let wanted = |name: &&&str| parsed.is_present(name) && parsed.value(name).is_none();
    let questions: Vec<String> = ["password", "location_password", "backup_password"]
        .iter()
        .filter(declared)
        .filter(wanted)
        .flat_map(|name| {
            let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
            // That of a server is only given, a new one is confirmed.
            let again = (*name != "location_password").then(|| format!("Reenter {title}: "));
            [format!("Enter {title}: ")].into_iter().chain(again)
        })
        .collect();
    if questions.is_empty() || !matches!(outcome, Outcome::Refused(..)) {
        return outcome;
    }
    Outcome::Task(Task::new(move |cx| async move {
        ask_in_vain(&cx, &questions).await;
        cx.with(|cx| outcome.settle(cx));
        1
    }))
}

/// The argparse of the interpreter that the tools run on.
#[must_use]
pub fn dialect(vcsa: &Vcsa) -> Dialect {
    match vcsa.series().python {
        Python::V2_7 => Dialect::Python27,
        Python::V3_6 => Dialect::Python36,
    }
}

fn parse(cx: &Context<'_>, parser: &'static Parser, words: &[&str]) -> Result<Parsed, Stop> {
    parser.parse(dialect(cx.vcsa()), columns(cx), words)
}

fn columns(cx: &Context<'_>) -> usize {
    usize::from(cx.session.terminal.columns)
}

/// What a tool says to words that it could parse and does not take: an error of its parser.
pub(super) fn complain(cx: &Context<'_>, parser: &'static Parser, message: &str) -> Outcome {
    failed(parser.complaint(dialect(cx.vcsa()), columns(cx), message))
}

/// What a tool says that was called without the word that tells what to do. Python 3 takes such a line; that the tool does not
/// is inferred, and so is what it calls the word.
pub(super) fn lacks_word(cx: &mut Context<'_>, parser: &'static Parser) -> Outcome {
    cx.screen.mark_inferred();
    let names: Vec<&str> = parser.command_names().collect();
    complain(cx, parser, &format!("the following arguments are required: {{{}}}", names.join(",")))
}

/// Behind the error of a parser the shell prints an empty line: captured with the plug-in's `shutdown -r now`, inferred
/// for API calls, whose errors nobody captured.
fn failed(stop: Stop) -> Outcome {
    Outcome::Refused(format!("{}\n", stop.stderr), stop.status)
}

/// The help of an API call: captured in its order, with indents inferred.
#[must_use]
pub fn api_help(name: &str, parser: &'static Parser) -> String {
    let mut text = format!("Usage:\n    {name}\n    [--help/-h]");
    let options: Vec<_> = parser.options().collect();
    for option in &options {
        text.push_str(&format!(" {} {}", option.longest_name(), option.value_name()));
    }
    text.push_str(&format!("\nDescription:\n    {}\n", parser.about()));
    if !options.is_empty() {
        text.push_str("Input Arguments:\n");
    }
    for option in &options {
        let (name, value, about) = (option.longest_name(), option.value_name(), option.help_text());
        text.push_str(&format!("    {name} {value}\n        {about}.\n"));
    }
    text.push('\n');
    text
}

/// Names of commands for the first word, parameters of API calls for the others. Of the plug-ins only `showlog` helps with
/// its argument: the files of `/var/log`.
fn complete(vcsa: &Vcsa, line: &str) -> Vec<String> {
    let row = vcsa.series().line;
    let split = lex::split(line);
    let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
    let fresh = line.is_empty() || line.ends_with(char::is_whitespace);
    let (done, last) = if fresh { (&words[..], "") } else { (&words[..words.len() - 1], words[words.len() - 1]) };
    let candidates: Vec<String> = match done {
        [] => builtins().chain(plugins(row)).map(str::to_owned).chain(calls(row, last)).collect(),
        ["help" | "?"] => vec!["api".into(), "pi".into()],
        ["help" | "?", "api"] => calls(row, last).chain(["list".into()]).collect(),
        ["help" | "?", "pi"] => plugins(row).chain(["list"]).map(str::to_owned).collect(),
        ["pi"] => plugins(row).map(str::to_owned).collect(),
        ["pi", rest @ ..] | rest => match find(row, rest[0], false) {
            Some(Named::Command(command)) => match command.run {
                Run::Api(parser, _) => parser.completions(&rest[1..]),
                Run::Program(showlog::NAME) => showlog::completions(&vcsa.linux, last),
                Run::Parsed(..) | Run::Words(_) | Run::Program(_) => Vec::new(),
            },
            Some(Named::Unmodelled(_)) | None => Vec::new(),
        },
    };
    let mut fitting: Vec<String> = candidates.into_iter().filter(|word| word.starts_with(last)).collect();
    fitting.sort_unstable();
    fitting.dedup();
    fitting
}

fn builtins() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name).filter(|name| !name.contains('.'))
}

fn plugins(row: Line) -> impl Iterator<Item = &'static str> {
    known::plugins(row).map(|plugin| plugin.name)
}

/// The calls of a row of releases, in short and in full; with something `typed`, by any of their shorter names.
fn calls(row: Line, typed: &str) -> impl Iterator<Item = String> {
    let short = known::calls(row).map(|name| name.strip_prefix(VERSION_1).unwrap_or(name));
    let full = known::calls(row).map(|name| format!("{API_PREFIX}{name}"));
    let shorter = short_names(row).filter(|_| !typed.is_empty());
    let whole = known::calls(row).filter(|_| typed.starts_with(VERSION_1.trim_end_matches('.')));
    short.chain(shorter).chain(whole).map(str::to_owned).chain(full)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::test_world;

    #[test]
    fn names_are_completed_where_they_can_stand() {
        let check = |lab, line: &str, expect: &[&str]| {
            let (world, id) = test_world(lab);
            assert_eq!(complete(world.vcsa(id), line), expect, "{line}");
        };
        check("vcsa-6.0", "shell.s", &["shell.set"]);
        check("vcsa-6.0", "access.shell.s", &["access.shell.set"]);
        check(
            "vcsa-6.0",
            "com.vmware.appliance.version1.access.sh",
            &["com.vmware.appliance.version1.access.shell.get", "com.vmware.appliance.version1.access.shell.set"],
        );
        check("vcsa-6.0", "version1.access.sh", &["version1.access.shell.get", "version1.access.shell.set"]);
        check("vcsa-6.0", "storage.", &["storage.health.get", "storage.stats.list"]);
        check("vcsa-6.0", "help pi time", &[]);
        check("vcsa-6.0", "help pi software", &["software-packages"]);
        check("vcsa-6.0", "help api software-", &[]);
        check("vcsa-6.0", "help api timesync.s", &["timesync.set"]);
        check("vcsa-6.0", "? p", &["pi"]);
        check("vcsa-6.0", "software-packages st", &[]);
        let (world, id) = test_world("vcsa-6.0");
        let all = complete(world.vcsa(id), "");
        let has = |name: &str| all.iter().any(|known| known == name);
        assert!(has("access.shell.set") && !has("shell.set"), "without anything typed a call stands there once");
    }
}
