//! The tests of `find`: what is asked of a file.

use super::super::{meta, names};
use super::Found;
use super::numbers::Bound;
use crate::bash::pattern::Pattern;
use crate::sim::Instant;
use crate::systems::linux::fs::{Access, Ino, Kind};
use crate::systems::linux::proc::Proc;

/// One of a file's times.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// Last read.
    Read,
    /// Last change of the content.
    Modified,
    /// Last change of anything.
    Changed,
}

/// How `-perm` compares.
#[derive(Clone, Copy, Debug)]
pub enum Bits {
    /// `MODE`
    Exactly(u16),
    /// `-MODE`
    All(u16),
    /// `/MODE`
    Any(u16),
}

/// A test.
#[derive(Debug)]
pub enum Test {
    /// `-true` and `-false`
    Always(bool),
    /// `-name`, `-iname`
    Name(Pattern),
    /// `-path`, `-ipath`
    Path(Pattern),
    /// `-lname`
    LinkName(Pattern),
    /// `-regex`
    Regex(::regex::Regex),
    /// `-type`
    Type(String),
    /// `-xtype`
    TargetType(String),
    /// `-size`, in units of so many bytes
    Size(Bound, u64),
    /// `-mtime` and the like, in units of so many seconds
    Age(Clock, Bound, i64),
    /// `-newer` and the like
    Newer(Clock, Instant),
    /// `-user`, `-uid`
    User(Bound),
    /// `-group`, `-gid`
    Group(Bound),
    /// `-nouser`
    NoUser,
    /// `-nogroup`
    NoGroup,
    /// `-perm`
    Perm(Bits),
    /// `-empty`
    Empty,
    /// `-links`
    Links(Bound),
    /// `-inum`
    Number(Bound),
    /// `-samefile`
    Same(Ino),
    /// `-readable`, `-writable`, `-executable`
    Access(Access),
    /// `-fstype`
    FsType(String),
}

impl Test {
    /// Whether a file fits.
    pub fn fits(&self, p: &Proc, found: &Found) -> bool {
        let stat = &found.meta;
        match self {
            Self::Always(fits) => *fits,
            Self::Name(pattern) => pattern.matches(found.name()),
            Self::Path(pattern) => pattern.matches(&found.path),
            Self::LinkName(pattern) => matches!(&stat.kind, Kind::Link(target) if pattern.matches(target)),
            Self::Regex(regex) => regex.find(&found.path).is_some_and(|place| place.len() == found.path.len()),
            Self::Type(letters) => letters.contains(letter(&stat.kind)),
            Self::TargetType(letters) => {
                let kind = meta(p, &found.path, true).map_or_else(|_| stat.kind.clone(), |meta| meta.kind);
                letters.contains(letter(&kind))
            }
            Self::Size(bound, unit) => bound.fits(stat.size.div_ceil(*unit)),
            Self::Age(clock, bound, unit) => {
                let seconds = |at: Instant| at.utc().unix_timestamp();
                bound.fits_age(seconds(p.now()) - seconds(time(found, *clock)), *unit)
            }
            Self::Newer(clock, than) => time(found, *clock) > *than,
            Self::User(bound) => bound.fits(u64::from(stat.uid)),
            Self::Group(bound) => bound.fits(u64::from(stat.gid)),
            Self::NoUser => p.peek(|linux| linux.user_name(stat.uid).is_none()),
            Self::NoGroup => p.peek(|linux| linux.group_name(stat.gid).is_none()),
            Self::Perm(Bits::Exactly(bits)) => stat.mode == *bits,
            Self::Perm(Bits::All(bits)) => stat.mode & bits == *bits,
            Self::Perm(Bits::Any(bits)) => *bits == 0 || stat.mode & bits != 0,
            Self::Empty if stat.is_dir() => names(p, &found.path).is_ok_and(|names| names.is_empty()),
            Self::Empty => stat.is_file() && stat.size == 0,
            Self::Links(bound) => bound.fits(u64::from(stat.nlink)),
            Self::Number(bound) => bound.fits(stat.number),
            Self::Same(ino) => stat.ino == *ino,
            Self::Access(access) => p.peek(|linux| linux.fs.access(&p.cred, stat.ino, *access)).is_ok(),
            Self::FsType(name) => {
                p.peek(|linux| linux.fs.mount_of(stat.mount).is_some_and(|mount| mount.fstype == *name))
            }
        }
    }
}

fn time(found: &Found, clock: Clock) -> Instant {
    match clock {
        Clock::Read => found.meta.atime,
        Clock::Modified => found.meta.mtime,
        Clock::Changed => found.meta.ctime,
    }
}

/// The letter of a kind of file.
pub fn letter(kind: &Kind) -> char {
    match kind {
        Kind::File(_) => 'f',
        Kind::Dir { .. } => 'd',
        Kind::Link(_) => 'l',
        Kind::Char { .. } => 'c',
        Kind::Block { .. } => 'b',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
    }
}
