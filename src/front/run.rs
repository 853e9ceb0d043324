//! `appsh run`: which lab, typed into by whom, and what is left to say at the end.

use std::fs::File;
use std::io::{self, BufWriter, Cursor, IsTerminal, Write};
use std::path::Path;

use super::args::RunArgs;
use super::desk::{Desk, MIDDLE};
use super::diary::Diary;
use super::input::Input;
use super::pipe::{Manner, Pipe};
use super::scribe::{Head, Scribe};
use super::tty::Tty;
use super::voice::Voice;
use super::{Trouble, open, repl};
use crate::director::Pace;
use crate::lab_file::DEFAULT;
use crate::shell::Terminal;
use crate::systems::facts;

/// How fast time passes at a keyboard, if nothing else is said.
const KEYBOARD_PACE: Pace = Pace::Times(60.0);

/// Runs a session to its end; gives the exit status.
///
/// # Errors
/// A mistake in the call, or trouble with a file.
pub fn run(args: &RunArgs, voice: &Voice) -> Result<u8, Trouble> {
    let input = input(args)?;
    let pace = args.pace.unwrap_or(if input.is_some() { Pace::Instant } else { KEYBOARD_PACE });
    let terminal = match &input {
        Some(_) => Terminal::PIPE,
        // A terminal that does not tell its size, as those that programs drive, is one of the usual size.
        None => {
            let (columns, rows) = Tty::size_of_standard_output().unwrap_or((80, 24));
            Terminal { columns, rows, live: true, asks: true }
        }
    };
    let terminal = args.term.map_or(terminal, |(columns, rows)| Terminal { columns, rows, ..terminal });
    let diary = Diary::open(args.log.as_deref())?;
    let open::Opened { operator, store, resumed, notes } = open::open(args, terminal)?;
    notes.iter().for_each(|note| voice.say(note));
    let mut head = head(args, &operator, terminal, input.is_none() && pace != Pace::Instant);
    if resumed {
        head.lab = args.lab.clone().unwrap_or_else(|| operator.lab.world().name.clone());
        head.remark = Some(MIDDLE.to_owned());
    }
    let mut desk = Desk::new(operator, pace, *voice, diary, head);
    desk.store = store;
    if let Some(path) = &args.record {
        let head = desk.head.clone();
        desk.record(path, &head)?;
    }
    let done = match input {
        Some(mut input) => piped(args, &mut desk, &mut input),
        None => {
            let tty = Tty::standard().map_err(|error| Trouble::at("the terminal", &error))?;
            repl::run(&mut desk, tty, args.term.is_some(), args.save.as_ref().map(|dir| dir.join("history")))
        }
    };
    if let Err(trouble) = &done {
        desk.note(|_| format!("error: {}", trouble.message))?;
    }
    let closed = desk.close();
    done.and(closed).and(desk.stop_recording())?;
    let found = show_facts(args, &desk)?;
    Ok(if found { desk.status } else { desk.status.max(1) })
}

/// Where the lines come from; nowhere, when a person types them at a terminal.
fn input(args: &RunArgs) -> Result<Option<Input>, Trouble> {
    if !args.commands.is_empty() {
        let lines: Vec<u8> = args.commands.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
        return Ok(Some(Input::new("-c", Box::new(Cursor::new(lines)))));
    }
    if let Some(path) = args.script.as_deref().filter(|script| *script != Path::new("-")) {
        let file = File::open(path).map_err(|error| Trouble::file(path, &error))?;
        return Ok(Some(Input::new(path.display().to_string(), Box::new(file))));
    }
    if args.script.is_some() || !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(Some(Input::new("standard input", Box::new(io::stdin()))));
    }
    let piped_only = [("--echo", args.echo), ("--runbook", args.runbook), ("--errexit", args.errexit)];
    match piped_only.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Trouble::misused(format!(
            "{option} is for a SCRIPT, -c or a pipe; at a keyboard, --record writes a transcript"
        ))),
        None => Ok(None),
    }
}

fn piped(args: &RunArgs, desk: &mut Desk, input: &mut Input) -> Result<(), Trouble> {
    if args.echo {
        let out = Box::new(BufWriter::new(io::stdout()));
        desk.echo = Some(Scribe::new(out, &desk.head, None));
    }
    let manner = Manner { runbook: args.runbook, errexit: args.errexit };
    Pipe::new(desk, Box::new(io::stdout()), manner).run(input)
}

fn head(args: &RunArgs, operator: &crate::operator::Operator, terminal: Terminal, timed: bool) -> Head {
    let size = (terminal.columns, terminal.rows);
    Head {
        lab: args.lab.clone().unwrap_or_else(|| DEFAULT.to_owned()),
        machine: args.machine.clone(),
        start: Some(operator.now()),
        seed: args.seed,
        terminal: (size != (Terminal::PIPE.columns, Terminal::PIPE.rows)).then_some(size),
        disc: args.iso.as_ref().map(|path| path.display().to_string()),
        timed,
        remark: None,
    }
}

/// Prints the facts that were asked for; `false` when a pattern fits none.
fn show_facts(args: &RunArgs, desk: &Desk) -> Result<bool, Trouble> {
    let Some(pattern) = &args.facts else { return Ok(true) };
    // A transcript goes on to be one.
    let mark = if args.echo { "# " } else { "" };
    let (mut out, mut found) = (BufWriter::new(io::stdout().lock()), false);
    let output = |error| Trouble::at("standard output", &error);
    for (name, fact) in facts::select(desk.operator.lab.world(), pattern) {
        found = true;
        writeln!(out, "{mark}{name} = {fact}").map_err(output)?;
    }
    out.flush().map_err(output)?;
    if !found {
        desk.voice.say(&format!("no fact fits {pattern} (appsh facts lists them)"));
    }
    Ok(found)
}
