//! What is to be run on a machine without a person.

use super::cron::Entry;
use super::units::running::Work;

/// Something that is to be run without a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// The programs of a unit.
    Unit(Work),
    /// A line of one of cron's tables.
    Cron(Entry),
}
