//! Python's `argparse` as a dialect: usage, help and error texts, to the byte, of tools that parse their words with it.
//!
//! A tool declares its parser as a constant (see [`Parser`] and [`Argument`]); [`Parser::parse`] then answers like the real library
//! of the Python that the tool ran on. The truth is the behaviour of the interpreters 2.7.18, 3.6.15 and 3.11.7, against
//! which `tests/argparse` was recorded. Quirks are kept on purpose: words classified by the outermost parser first, an
//! ambiguous prefix listed in hash order by Python 2, `too few arguments` without saying which.
//!
//! ```
//! use appsh::shell::argparse::{Argument, Dialect, Parser};
//!
//! static SHUTDOWN: Parser = Parser::new("shutdown").arguments(&[Argument::subcommands(&[
//!     Parser::new("reboot").help("Reboot").arguments(&[Argument::option(&["-r", "--reason"]).required()]),
//!     Parser::new("cancel").help("Cancel"),
//! ])]);
//!
//! let parsed = SHUTDOWN.parse(Dialect::Python27, 80, &["reboot", "-r", "Update 1"]).unwrap();
//! assert_eq!((parsed.command(), parsed.value("reason")), (&["reboot"][..], Some("Update 1")));
//!
//! let stop = SHUTDOWN.parse(Dialect::Python27, 80, &["-r", "now"]).unwrap_err();
//! assert_eq!(stop.stderr, "usage: shutdown [-h] {reboot,cancel} ...\n\
//!     shutdown: error: invalid choice: 'now' (choose from 'reboot', 'cancel')\n");
//! ```
//!
//! Left out: option prefixes other than `-`, argument files, parents (share a slice instead), `parse_known_args` and the
//! intermixed form, `FileType`, `argument_default`, `conflict_handler`, and whatever ends in a Python traceback.

mod check;
mod describe;
mod help;
mod lookup;
mod matching;
mod parse;
mod parsed;
mod python;
mod spec;
mod stop;
mod usage;
mod wrap;

pub use parsed::Parsed;
pub use python::python2_dict_order;
pub use spec::{Argument, Exclusive, Kind, Layout, Nargs, Parser, Section};

/// Which Python the emulated tool runs on; each variant stands for the releases that print the same texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// Python 2.7.
    Python27,
    /// Python 3.6 (the same texts, for what is modelled here, up to 3.8).
    Python36,
    /// Python 3.10 and 3.11, with `options:` as the heading.
    Python311,
}

/// What a parser answers when it ends the program instead of returning: a help text, a version, or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Exit status: 0 after help or version, 2 after an error.
    pub status: u8,
    /// What goes to standard output.
    pub stdout: String,
    /// What goes to standard error.
    pub stderr: String,
}
