//! What is modelled, how faithfully, and on what evidence: the rows of `appsh coverage`.

use super::vcsa;
use crate::shell::{Evidence, Grade};

/// Each system's name with its rows: what is modelled first, then what the real thing has and appsh does not.
#[must_use]
pub fn table() -> Vec<(&'static str, Vec<Evidence>)> {
    vec![("vcsa", rows_of_vcsa())]
}

fn rows_of_vcsa() -> Vec<Evidence> {
    let commands = vcsa::commands::COMMANDS.iter().flat_map(|command| command.evidence);
    let beyond = [vcsa::login::EVIDENCE, vcsa::events::EVIDENCE, vcsa::web::EVIDENCE, vcsa::appliance::EVIDENCE];
    let beyond = beyond.into_iter().flatten();
    let modelled = commands.chain(beyond).copied();
    modelled.chain(vcsa::commands::unmodelled().map(gap)).collect()
}

fn gap(what: &'static str) -> Evidence {
    Evidence { what, releases: "6.0", grade: Grade::NotModelled, source: "" }
}
