//! The words behind `appsh` on the host's command line. What they do is in the sister modules.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::payload::PayloadArgs;
use crate::director::Pace;
use crate::sim::Instant;
use crate::transcript::terminal;

/// A lab of simulated virtualization appliances to type into. Nothing in it reaches a real appliance.
#[derive(Clone, Debug, Parser)]
#[command(name = "appsh", version, max_term_width = 100)]
#[command(
    after_help = "Without a command: the default lab, at the keyboard, or fed from standard input when that is no \
    terminal.\nExit status: that of the last command typed into the lab; 1 a machine took no login; 2 a mistake in \
    calling appsh; 74 a file that cannot be read or written; 129 input ended where a command asked; 130 Ctrl-C."
)]
pub struct Cli {
    /// Colour in appsh's own messages; `auto` is on a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// When appsh's own messages have colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What `appsh` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// A session in a lab: at the keyboard, from a SCRIPT, or from standard input when that is no terminal
    Run(Box<RunArgs>),
    /// Replay transcripts and compare what is printed with what they show
    ///
    /// A transcript is what a terminal showed, with what was typed behind prompts and questions. `^C`, `^Z` and `^D` at the
    /// end of a line are those keys; behind the output of a command that runs, they are pressed as soon as it stands so, or, as in
    /// `60/143+4m10s^C`, so long after the last that was typed. A time and `%` there speak to the director.
    ///
    /// Files of this computer are read only if remarks name them, and are looked for from the transcript's folder: `# disc:
    /// FILE` in the head is in the drive, and in any remark below may be attached; `# disc: NAME -> FILE` says where the disc
    /// is that the lab calls NAME.
    Test(crate::transcript::cli::Args),
    /// What labs there are; what is in one
    Labs {
        /// The name of a bundled lab, or the path of a lab file
        name: Option<String>,
    },
    /// The facts of a lab, with type and meaning
    Facts {
        /// The name of a bundled lab, or the path of a lab file
        #[arg(default_value = crate::lab_file::DEFAULT)]
        lab: String,
    },
    /// Make, verify and list update discs
    Payload(PayloadArgs),
    /// What is modelled, how faithfully, and on what evidence
    Coverage {
        /// One family of machines only
        system: Option<String>,
    },
    /// The completion script of a shell, for standard output
    Completions {
        /// The shell
        shell: Shell,
    },
    /// The manual page of appsh, for standard output
    Man,
}

/// What `appsh run` takes.
#[derive(Args, Clone, Debug, Default)]
pub struct RunArgs {
    /// The name of a bundled lab (`appsh labs` lists them), or the path of a lab file; without, the default lab
    pub lab: Option<String>,
    /// A file whose lines are typed, one after another; `-` is standard input
    ///
    /// A line that a command waits for (yes or no, a password) is taken from the same file, in order. At a pager an empty
    /// line turns a page; any other shows the rest and is kept for the question that follows. The end of the input is
    /// Ctrl-D at a prompt and a hang-up elsewhere. A line that starts with `%` speaks to the director (try `%help`),
    /// unless a password is asked for; at a prompt, one that starts with `# ` is a remark; a backslash before either types
    /// it as it is. A line that ends
    /// in the byte 3 or 4 is typed with Ctrl-C or Ctrl-D behind it.
    pub script: Option<PathBuf>,
    /// The machine to log in to; without, the lab's first
    #[arg(short, long, value_name = "NAME")]
    pub machine: Option<String>,
    /// Type this line; may be given many times, instead of a SCRIPT
    #[arg(short, long = "command", value_name = "LINE", conflicts_with = "script", allow_hyphen_values = true)]
    pub commands: Vec<String>,
    /// Put this disc image, or this folder with an unpacked one, into the machine's drive
    #[arg(long, value_name = "FILE")]
    pub iso: Option<PathBuf>,
    /// How fast virtual time passes: instant, real, or a factor such as 60x. Default: 60x at a keyboard, else instant
    #[arg(long, value_name = "PACE", value_parser = Pace::parse)]
    pub pace: Option<Pace>,
    /// From which number the lab's chance grows, instead of the lab file's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// When the lab's virtual time starts (RFC 3339), instead of the lab file's
    #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
    pub start: Option<Instant>,
    /// The size of the terminal, such as 80x24, instead of the real one's; 80x24 where there is none
    #[arg(long, value_name = "COLSxROWS", value_parser = terminal)]
    pub term: Option<(u16, u16)>,
    /// Keep the lab in this folder, and go on from there when the folder has one already
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Show prompts and typed lines too, and the director's answers, so that the output is a transcript
    #[arg(long)]
    pub echo: bool,
    /// Write the session into this file as a transcript; secrets are left out, and files are named from its folder
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Take lines that start with `# ` or `$ ` as typed commands, as printed procedures show them
    #[arg(long)]
    pub runbook: bool,
    /// Stop at the first command that fails; where the real shell has no status, a refusal is a failure
    #[arg(short = 'e', long)]
    pub errexit: bool,
    /// At the end, print the lab's facts as `name = value`; with PATTERN (`vcsa01.staged`, `*.version`) only those
    #[arg(long, value_name = "PATTERN", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub facts: Option<String>,
    /// Append what appsh itself does (sessions, pace, troubles) to this file, with virtual time
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_no_contradiction() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn sizes_are_columns_by_rows() {
        assert_eq!(terminal("132x43"), Ok((132, 43)));
        for wrong in ["", "80", "80x", "0x24", "80x24x3", "80X24", "-1x4", "99999x1"] {
            assert!(terminal(wrong).is_err(), "{wrong:?}");
        }
    }
}
