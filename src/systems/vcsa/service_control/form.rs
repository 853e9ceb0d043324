//! In what `service-control` of one release differs from that of another; which release has which form, the series says.

use super::options::{self, Operation};
use crate::shell::argparse::Parser;
use crate::systems::vcsa::series::ServiceControl;

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

impl Form {
    /// The form of an edition.
    #[must_use]
    pub fn of(edition: ServiceControl) -> &'static Self {
        match edition {
            ServiceControl::V6_0 => &V6_0,
            ServiceControl::V6_5 => &V6_5,
            ServiceControl::V6_7 => &V6_7,
            ServiceControl::V7_0 => &V7_0,
        }
    }
}

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
static V6_0: Form = Form {
    options: &options::V6_0,
    nothing: Operation::Status,
    monitored: false,
    voice: Voice::Actions,
    guessed: true,
    list_was_captured: false,
};

/// 6.5
static V6_5: Form = Form {
    options: &options::V6_5,
    nothing: Operation::Help,
    monitored: true,
    voice: Voice::Commands,
    guessed: false,
    list_was_captured: true,
};

/// 6.7
static V6_7: Form = Form {
    options: &options::V6_5,
    nothing: Operation::Help,
    monitored: true,
    voice: Voice::Few,
    guessed: false,
    list_was_captured: true,
};

/// From 7.0 on.
static V7_0: Form = Form {
    options: &options::V7_0,
    nothing: Operation::Help,
    monitored: true,
    voice: Voice::Few,
    guessed: false,
    list_was_captured: false,
};
