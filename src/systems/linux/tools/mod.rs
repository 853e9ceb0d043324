//! The programs that every machine may have, one table. Which of them a machine has, its file system says: a program is
//! found by its file, and the file's name leads here.

pub mod argmatch;
pub mod busybox;
pub mod file_test;
pub mod free;
pub mod getopt;
pub mod input;
mod net_tools;
mod netstat;
pub mod pager;
pub mod parse_datetime;
pub mod procs;
pub mod quotes;
pub mod regex;
mod sockets;
mod squeeze;
pub mod systemd;

mod accounts;
mod addresses;
mod anacron;
mod awk;
mod blocks;
mod chage;
mod crontab;
mod curl;
mod date;
mod deflate;
mod disks;
mod edit;
mod esxi;
mod fdisk;
pub mod figures;
pub mod files;
mod groups;
mod gzip;
mod host;
mod identity;
mod machine;
mod members;
mod multiplexer;
mod nice;
mod packed;
mod passwd;
mod ping;
mod probe;
mod ps;
mod run;
mod scp;
mod sed;
mod shell;
pub mod ssh;
mod sshd;
mod stty;
mod su;
mod sudo;
mod sudoers;
mod tally;
mod tar;
mod text;
pub mod top;
pub mod version;

pub(in crate::systems) use text::base::encode as base64;
mod watch;
mod which;
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
    identity::TOOLS,
    accounts::TOOLS,
    groups::TOOLS,
    disks::TOOLS,
    blocks::TOOLS,
    fdisk::TOOLS,
    procs::TOOLS,
    free::TOOLS,
    top::TOOLS,
    ps::TOOLS,
    nice::TOOLS,
    run::TOOLS,
    crontab::TOOLS,
    anacron::TOOLS,
    stty::TOOLS,
    which::TOOLS,
    systemd::TOOLS,
    date::TOOLS,
    who::TOOLS,
    awk::TOOLS,
    gzip::TOOLS,
    chage::TOOLS,
    machine::TOOLS,
    members::TOOLS,
    passwd::TOOLS,
    su::TOOLS,
    sudo::TOOLS,
    sudoers::TOOLS,
    ping::TOOLS,
    scp::TOOLS,
    sed::TOOLS,
    shell::TOOLS,
    squeeze::TOOLS,
    ssh::TOOLS,
    sshd::TOOLS,
    tally::TOOLS,
    tar::TOOLS,
    text::base::TOOLS,
    text::cat::TOOLS,
    text::cmp::TOOLS,
    text::csplit::TOOLS,
    text::diff::TOOLS,
    text::dump::TOOLS,
    text::expr::TOOLS,
    text::fields::TOOLS,
    text::fmt::TOOLS,
    text::grep::TOOLS,
    text::head::TOOLS,
    text::join::TOOLS,
    text::layout::TOOLS,
    text::numfmt::TOOLS,
    text::pieces::TOOLS,
    text::plain::TOOLS,
    text::seq::TOOLS,
    text::shape::TOOLS,
    text::small::TOOLS,
    text::sort::TOOLS,
    text::split::TOOLS,
    text::sums::TOOLS,
    text::tail::TOOLS,
    text::tr::TOOLS,
    text::uniq::TOOLS,
    text::wc::TOOLS,
    pager::TOOLS,
    watch::TOOLS,
    curl::TOOLS,
    probe::TOOLS,
    addresses::TOOLS,
    net_tools::TOOLS,
    netstat::TOOLS,
    sockets::TOOLS,
    multiplexer::TOOLS,
    busybox::TOOLS,
    esxi::TOOLS,
];

/// The programs that every machine may have.
fn all() -> impl Iterator<Item = &'static Tool> {
    TOOLS.iter().chain(files::TOOLS).copied().flatten()
}

/// What a program does in place of its work on this command line: it tells its version, or how it is called.
#[must_use]
pub fn stand_in(p: &Proc, words: &[String]) -> Option<&'static Tool> {
    if version::asked(p, words) {
        return Some(&version::VERSION);
    }
    busybox::shows_usage(p, words).then_some(&busybox::USAGE)
}

/// Whether a program that every machine may have is modelled.
#[must_use]
pub fn is_modelled(name: &str) -> bool {
    all().any(|tool| tool.name == name)
}

/// The program whose file has this name, on this machine: one that every machine may have, or one of its family's own.
#[must_use]
pub fn find(world: &World, id: MachineId, name: &str) -> Option<&'static Tool> {
    let own = crate::systems::family(world, id).programs();
    own.iter().chain(all()).find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::{distro, image};

    #[test]
    fn every_program_is_installed_somewhere() {
        let programs = distro::ALL
            .iter()
            .flat_map(|distro| image::programs::programs(distro).chain(image::programs::others(distro)))
            .map(|program| program.name);
        let aliases = distro::ALL.iter().flat_map(|distro| image::programs::aliases(distro)).map(|alias| alias.name);
        let installed: std::collections::BTreeSet<&str> = programs.chain(aliases).collect();
        let tools = all().map(|tool| tool.name);
        let nowhere: Vec<&str> = tools.filter(|name| !installed.contains(name)).collect();
        assert!(nowhere.is_empty(), "modelled, and on no machine: {}", nowhere.join(" "));
    }
}
