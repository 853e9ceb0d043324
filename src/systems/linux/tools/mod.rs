//! The programs that every machine may have, one table. Which of them a machine has, its file system says: a program is
//! found by its file, and the file's name leads here.

pub mod dates;
pub mod getopt;
pub mod procs;
pub mod regex;
pub mod systemd;

mod accounts;
mod basic;
mod disks;
mod host;
mod ps;
mod run;
mod when;
mod who;

use super::io::Boxed;
use super::proc::{Ended, Proc};
use crate::world::{MachineId, World};

/// A program.
pub struct Tool {
    /// The name of its file.
    pub name: &'static str,
    /// What it does with its arguments, the name not among them.
    pub run: for<'a> fn(&'a mut Proc, &'a [String]) -> Boxed<'a, Ended>,
}

/// A program from the async function that is its body.
macro_rules! tool {
    ($name:literal, $run:path) => {
        $crate::systems::linux::tools::Tool { name: $name, run: |p, arguments| Box::pin($run(p, arguments)) }
    };
}
pub(crate) use tool;

/// The tables of programs, by subject.
static TOOLS: &[&[Tool]] = &[
    accounts::TOOLS,
    basic::TOOLS,
    disks::TOOLS,
    host::TOOLS,
    procs::TOOLS,
    ps::TOOLS,
    run::TOOLS,
    systemd::TOOLS,
    when::TOOLS,
    who::TOOLS,
];

/// The program whose file has this name, on this machine: one that every machine may have, or one of its family's own.
#[must_use]
pub fn find(world: &World, id: MachineId, name: &str) -> Option<&'static Tool> {
    let own = crate::systems::family(world, id).programs();
    own.iter().chain(TOOLS.iter().copied().flatten()).find(|tool| tool.name == name)
}
