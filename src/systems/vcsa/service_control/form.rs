//! In what `service-control` of one release differs from that of another; which release has which form, the series says.

use super::options::{self, Operation};
use crate::shell::argparse::Parser;

/// How `service-control` of some releases behaves.
#[derive(Debug)]
pub struct Form {
    /// What it takes.
    pub options: &'static Parser,
    /// What it does when no operation is named.
    pub nothing: Operation,
    /// vMon starts most services, and the operating system those around it. Without it there are only the core and the rest.
    pub monitored: bool,
    /// How it tells what it does.
    pub voice: Voice,
    /// All but its help is a guess.
    pub guessed: bool,
    /// The list of services was captured.
    pub list_was_captured: bool,
}

/// Forms are compared by which they are.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Form {}

/// How it tells what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Service and action, and the commands it runs.
    Actions,
    /// What it was asked for, and the commands it runs.
    Commands,
    /// In few words.
    Few,
}

/// 6.0
pub static V6_0: Form = Form {
    options: &options::V6_0,
    nothing: Operation::Status,
    monitored: false,
    voice: Voice::Actions,
    guessed: true,
    list_was_captured: false,
};

/// 6.5
pub static V6_5: Form = Form {
    options: &options::V6_5,
    nothing: Operation::Help,
    monitored: true,
    voice: Voice::Commands,
    guessed: false,
    list_was_captured: true,
};

/// 6.7
pub static V6_7: Form = Form {
    options: &options::V6_5,
    nothing: Operation::Help,
    monitored: true,
    voice: Voice::Few,
    guessed: false,
    list_was_captured: true,
};

/// From 7.0 on.
pub static V7_0: Form = Form {
    options: &options::V7_0,
    nothing: Operation::Help,
    monitored: true,
    voice: Voice::Few,
    guessed: false,
    list_was_captured: false,
};
