//! The ways into a lab, and the only code that meets the host: its command line, files, clock and terminal.
//!
//! [`pipe`] types lines from a script or a pipe, [`repl`] what a person types at a terminal; both do it through a
//! [`desk::Desk`]. Nothing that is typed into a lab reaches the host: files are opened only where the person who runs
//! appsh names them, on the command line or to the director.

pub mod args;
pub mod desk;
pub mod diary;
mod editor;
pub mod input;
mod keys;
pub mod open;
mod pace;
pub mod payload;
pub mod pipe;
pub mod repl;
pub mod run;
pub mod scribe;
pub mod shelf;
mod tables;
pub mod tty;
pub mod voice;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches};

use args::{Cli, Color, Command};
use voice::Voice;

/// Exit status for a mistake in calling `appsh`.
pub const MISUSED: u8 = 2;
/// Exit status for a file that cannot be read or written (`EX_IOERR` of sysexits).
pub const UNREADABLE: u8 = 74;

/// What went wrong on the host's side: an exit status, and what to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The exit status.
    pub status: u8,
    /// A sentence, or one a line; empty when nobody is left to hear it.
    pub message: String,
}

impl Trouble {
    /// A mistake in calling `appsh`.
    pub fn misused(message: impl Into<String>) -> Self {
        Self { status: MISUSED, message: message.into() }
    }

    /// A file that cannot be read or written, or holds something else than it should.
    pub fn unreadable(place: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self { status: UNREADABLE, message: format!("{place}: {cause}") }
    }

    /// A file or stream that cannot be read or written. A reader that went away is not worth a message.
    pub fn at(place: impl fmt::Display, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { status: UNREADABLE, message: String::new() },
            _ => Self::unreadable(place, cause(error)),
        }
    }

    /// As [`Trouble::at`], for a path.
    #[must_use]
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Self::at(path.display(), error)
    }
}

/// The host's words for an error, without its number.
fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let parsed = Cli::command()
        .color(asked_color(&words))
        .try_get_matches_from(&words)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, &Voice::new(Color::Auto)),
    };
    let voice = Voice::new(cli.color);
    let status = match dispatch(cli, &voice) {
        Ok(status) => status,
        Err(trouble) => {
            voice.say(&trouble.message);
            trouble.status
        }
    };
    ExitCode::from(status)
}

/// Help is coloured by the same rule as all else.
fn asked_color(words: &[std::ffi::OsString]) -> ColorChoice {
    let pairs = words.iter().zip(words.iter().skip(1));
    let separate = pairs.filter(|(option, _)| *option == "--color").map(|(_, value)| value.to_string_lossy());
    let joined = words.iter().filter_map(|word| word.to_str()?.strip_prefix("--color=")).map(Into::into);
    match separate.chain(joined).last().as_deref() {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

/// Help and version on standard output; a mistake in appsh's own voice.
fn misunderstood(error: &clap::Error, voice: &Voice) -> ExitCode {
    if !error.use_stderr() {
        return match error.print().and_then(|()| io::stdout().flush()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let trouble = Trouble::at("standard output", &error);
                voice.say(&trouble.message);
                ExitCode::from(trouble.status)
            }
        };
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    eprintln!("appsh: {}", text.trim_end());
    ExitCode::from(MISUSED)
}

fn dispatch(cli: Cli, voice: &Voice) -> Result<u8, Trouble> {
    let text = match cli.command {
        None => return run::run(&args::RunArgs::default(), voice),
        Some(Command::Run(args)) => return run::run(&args, voice),
        Some(Command::Test(args)) => return Ok(test(&args, cli.color)),
        Some(Command::Payload(args)) => return payload::run(&args, &mut io::stdout().lock()).map(|()| 0),
        Some(Command::Labs { name }) => tables::labs(name.as_deref())?,
        Some(Command::Facts { lab }) => tables::facts(&lab)?,
        Some(Command::Coverage { system }) => tables::coverage(system.as_deref())?,
        Some(Command::Completions { shell }) => completions(shell),
        Some(Command::Man) => manual()?,
    };
    let mut out = io::stdout().lock();
    out.write_all(&text).and_then(|()| out.flush()).map_err(|error| Trouble::at("standard output", &error))?;
    Ok(0)
}

fn test(args: &crate::transcript::cli::Args, color: Color) -> u8 {
    let shelf = || Box::new(shelf::HostShelf) as Box<dyn crate::media::Shelf>;
    let out = io::stdout();
    let color = colored(color, out.is_terminal());
    crate::transcript::cli::run(args, shelf, &mut out.lock(), &mut io::stderr(), color)
}

fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "appsh", &mut script);
    script
}

/// One page for the program and one section for each of its commands, in a row.
fn manual() -> Result<Vec<u8>, Trouble> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let render = |command: clap::Command, page: &mut Vec<u8>| {
        clap_mangen::Man::new(command).render(page).map_err(|error| Trouble::at("the manual page", &error))
    };
    render(command.clone(), &mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        render(sub.clone(), &mut page)?;
    }
    Ok(page)
}

/// Whether colour is wanted on a stream that is a terminal or not.
fn colored(color: Color, terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
