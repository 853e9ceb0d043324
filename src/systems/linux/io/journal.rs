//! The end of a program's output that leads to the journal, line by line (systemd-journald.service(8), "Stream logging").

use std::sync::Mutex;

use super::lock;
use crate::systems::linux::model::log::{Facility, Line};
use crate::world::{MachineId, World};

/// A longer line is cut (`LineMax=`).
const LINE: usize = 48 * 1024;

/// What a program of a unit writes to.
#[derive(Debug)]
pub struct Stream {
    unit: Option<String>,
    identifier: String,
    /// How grave a line is that does not say so.
    priority: u8,
    begun: Mutex<Vec<u8>>,
}

impl Stream {
    /// That of a unit, with the name that stands before each line.
    #[must_use]
    pub fn new(unit: &str, identifier: &str) -> Self {
        Self::with_priority(Some(unit), identifier, 6)
    }

    /// The same for what belongs to no unit, with the priority of its lines.
    #[must_use]
    pub fn with_priority(unit: Option<&str>, identifier: &str, priority: u8) -> Self {
        let unit = unit.map(str::to_owned);
        Self { unit, identifier: identifier.to_owned(), priority, begun: Mutex::default() }
    }

    /// Bytes that a process writes.
    pub fn write(&self, world: &mut World, id: MachineId, pid: u32, bytes: &[u8]) {
        let mut begun = lock(&self.begun);
        for byte in bytes {
            if *byte == b'\n' || begun.len() >= LINE {
                self.line(world, id, pid, &std::mem::take(&mut *begun));
            }
            if *byte != b'\n' {
                begun.push(*byte);
            }
        }
    }

    /// What stands behind the last line's end is a line, too.
    pub fn flush(&self, world: &mut World, id: MachineId, pid: u32) {
        let begun = std::mem::take(&mut *lock(&self.begun));
        self.line(world, id, pid, &begun);
    }

    fn line(&self, world: &mut World, id: MachineId, pid: u32, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        // `<3>` says how grave it is (sd-daemon(3)).
        let level = text.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let level = level.and_then(|(level, rest)| Some((level.parse::<u8>().ok().filter(|level| *level < 8)?, rest)));
        let (priority, text) = level.unwrap_or((self.priority, &text));
        if text.trim_end().is_empty() {
            return;
        }
        let (at, text) = (world.now, text.trim_end().to_owned());
        let linux = world.linux_mut(id);
        let (boot, facility, host) = (linux.boots, Facility::Daemon, None);
        let (ident, unit) = (self.identifier.clone(), self.unit.clone());
        linux.log(Line { at, boot, facility, priority, ident, pid: Some(pid), unit, text, host });
    }
}
