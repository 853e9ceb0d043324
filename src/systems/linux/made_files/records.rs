//! The records of logins as bytes: `/var/log/wtmp` and `/var/log/btmp` of `struct utmp` and `/var/log/lastlog` of
//! `struct lastlog`, as glibc has them on x86-64 (utmp(5), lastlog(8)).

use std::net::Ipv4Addr;

use crate::sim::Instant;
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::logins::{Record, Why};

/// Bytes of a `struct utmp`.
const UTMP: usize = 384;
/// Bytes of a `struct lastlog`.
const LASTLOG: usize = 292;
/// Users above are not noted: `LASTLOG_UID_MAX` of login.defs(5), by which the file stays small.
const UID_MAX: u32 = 60_000;

/// Kinds of records.
const RUN_LVL: i16 = 1;
const BOOT_TIME: i16 = 2;
const LOGIN_PROCESS: i16 = 6;
const USER_PROCESS: i16 = 7;
const DEAD_PROCESS: i16 = 8;

/// `/var/log/wtmp`: each login and each boot, and how it ended, one behind the other in time.
pub(super) fn wtmp(linux: &Linux) -> Vec<u8> {
    let mut all: Vec<(Instant, Vec<u8>)> = Vec::new();
    for record in linux.logins.records() {
        let begins = if record.user.is_some() { USER_PROCESS } else { BOOT_TIME };
        all.push((record.at, utmp(record, begins, record.at)));
        let ends = match record.until {
            Some((at, Why::Left)) if record.user.is_some() => Some((at, DEAD_PROCESS)),
            Some((at, Why::Down)) if record.user.is_none() => Some((at, RUN_LVL)),
            // What the kernel or the machine's end took along has no record of its own.
            _ => None,
        };
        all.extend(ends.map(|(at, kind)| (at, utmp(record, kind, at))));
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().flat_map(|(_, bytes)| bytes).collect()
}

/// `/var/log/btmp`: each login that failed.
pub(super) fn btmp(linux: &Linux) -> Vec<u8> {
    linux.failures.records().flat_map(|record| utmp(record, LOGIN_PROCESS, record.at)).collect()
}

/// `/var/log/lastlog`: the last login of each user, at the place that the user's number gives.
pub(super) fn lastlog(linux: &Linux) -> Vec<u8> {
    let mut bytes = Vec::new();
    for user in linux.users().into_iter().filter(|user| user.uid <= UID_MAX) {
        let Some(record) = linux.logins.last_of(&user.name) else { continue };
        let uid = user.uid;
        let start = uid as usize * LASTLOG;
        if bytes.len() < start + LASTLOG {
            bytes.resize(start + LASTLOG, 0);
        }
        let entry = &mut bytes[start..start + LASTLOG];
        entry.fill(0);
        put(entry, 0, 4, &seconds(record.at).to_le_bytes());
        put(entry, 4, 32, record.tty.as_bytes());
        put(entry, 36, 256, record.from.as_bytes());
    }
    bytes
}

/// A record of `wtmp`.
fn utmp(record: &Record, kind: i16, at: Instant) -> Vec<u8> {
    let mut bytes = vec![0; UTMP];
    let (line, id, user) = match &record.user {
        Some(user) => (record.tty.as_str(), record.tty.trim_start_matches("pts/"), user.as_str()),
        None if kind == RUN_LVL => ("~", "~~", "shutdown"),
        None => ("~", "~~", "reboot"),
    };
    // Of one that has ended only the terminal is told.
    let (user, from) = if kind == DEAD_PROCESS { ("", "") } else { (user, record.from.as_str()) };
    put(&mut bytes, 0, 2, &kind.to_le_bytes());
    put(&mut bytes, 4, 4, &record.pid.to_le_bytes());
    put(&mut bytes, 8, 32, line.as_bytes());
    put(&mut bytes, 40, 4, id.as_bytes());
    put(&mut bytes, 44, 32, user.as_bytes());
    put(&mut bytes, 76, 256, from.as_bytes());
    put(&mut bytes, 340, 4, &seconds(at).to_le_bytes());
    if let Ok(address) = from.parse::<Ipv4Addr>() {
        put(&mut bytes, 348, 4, &address.octets());
    }
    bytes
}

/// Fills a field of this width.
fn put(bytes: &mut [u8], at: usize, width: usize, value: &[u8]) {
    let length = value.len().min(width);
    bytes[at..at + length].copy_from_slice(&value[..length]);
}

/// Seconds since 1970 in 32 bits, as both structures have them.
fn seconds(at: Instant) -> u32 {
    u32::try_from(at.utc().unix_timestamp()).unwrap_or(u32::MAX)
}
