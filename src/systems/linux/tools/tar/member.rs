//! Members of an archive: their headers as bytes, and how a listing shows them.

use ::tar::{EntryType, Header};

use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::fs::Kind;
use crate::systems::linux::mode;

/// Archives consist of these.
pub(super) const BLOCK: usize = 512;
/// Longer names stand in a member of their own.
const NAME: usize = 100;

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub name: String,
    pub kind: What,
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    pub user: String,
    pub group: String,
    pub mtime: u64,
    pub size: u64,
}

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    File,
    Dir,
    Symlink(String),
    /// Another name of a member before it.
    Hardlink(String),
    /// A device or pipe.
    Special(Kind),
}

impl Member {
    /// Its header, with those members before it that long names take.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut header = Header::new_gnu();
        let (kind, link) = match &self.kind {
            What::File => (EntryType::Regular, ""),
            What::Dir => (EntryType::Directory, ""),
            What::Symlink(target) => (EntryType::Symlink, target.as_str()),
            What::Hardlink(target) => (EntryType::Link, target.as_str()),
            What::Special(Kind::Char { .. }) => (EntryType::Char, ""),
            What::Special(Kind::Block { .. }) => (EntryType::Block, ""),
            What::Special(_) => (EntryType::Fifo, ""),
        };
        if link.len() > NAME {
            out.extend(long(EntryType::GNULongLink, link));
        }
        if self.name.len() > NAME {
            out.extend(long(EntryType::GNULongName, &self.name));
        }
        put(&mut header.as_old_mut().name, &self.name);
        put(&mut header.as_old_mut().linkname, link);
        header.set_entry_type(kind);
        header.set_mode(u32::from(self.mode & 0o7777));
        header.set_uid(u64::from(self.uid));
        header.set_gid(u64::from(self.gid));
        header.set_mtime(self.mtime);
        header.set_size(self.size);
        // A header without room for them has no names; the numbers tell.
        let _ = header.set_username(&self.user);
        let _ = header.set_groupname(&self.group);
        if let What::Special(Kind::Char { major, minor } | Kind::Block { major, minor }) = self.kind {
            let _ = header.set_device_major(major).and_then(|()| header.set_device_minor(minor));
        }
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out
    }

    /// Reads a header; nothing when it is none. The kinds that only tell of the next member come as such.
    pub(super) fn read(block: &[u8; BLOCK]) -> Option<(EntryType, Self)> {
        let header = Header::from_byte_slice(block);
        let sum: u32 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| u32::from(if (148..156).contains(&at) { b' ' } else { *byte }))
            .sum();
        if header.cksum().ok()? != sum {
            return None;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let link = || header.link_name_bytes().map_or(String::new(), |link| text(&link));
        let device = || {
            let number = |number: std::io::Result<Option<u32>>| number.ok().flatten().unwrap_or(0);
            (number(header.device_major()), number(header.device_minor()))
        };
        let entry = header.entry_type();
        let name = text(&header.path_bytes());
        let kind = match entry {
            EntryType::Directory => What::Dir,
            EntryType::Symlink => What::Symlink(link()),
            EntryType::Link => What::Hardlink(link()),
            EntryType::Char => {
                let (major, minor) = device();
                What::Special(Kind::Char { major, minor })
            }
            EntryType::Block => {
                let (major, minor) = device();
                What::Special(Kind::Block { major, minor })
            }
            EntryType::Fifo => What::Special(Kind::Fifo),
            // Old archives tell a directory by its slash.
            _ if name.ends_with('/') => What::Dir,
            _ => What::File,
        };
        let owner = |name: Option<&[u8]>| name.map_or(String::new(), text);
        let member = Self {
            name,
            kind,
            mode: (header.mode().ok()? & 0o7777) as u16,
            uid: u32::try_from(header.uid().ok()?).ok()?,
            gid: u32::try_from(header.gid().ok()?).ok()?,
            user: owner(header.username_bytes()),
            group: owner(header.groupname_bytes()),
            mtime: header.mtime().ok()?,
            size: header.size().ok()?,
        };
        Some((entry, member))
    }

    /// What comes behind the header, in bytes.
    pub(super) fn data(&self) -> u64 {
        if self.kind == What::File { self.size } else { 0 }
    }

    /// Its line of `-tv`; `width` is that of the owner with the size, which only grows.
    pub(super) fn line(&self, zone: &Zone, numeric: bool, width: &mut usize) -> String {
        let kind = match &self.kind {
            What::File => mode::shown(&Kind::File(Default::default()), self.mode),
            What::Dir => mode::shown(&Kind::EMPTY_DIR, self.mode),
            What::Symlink(_) => mode::shown(&Kind::Link(String::new()), self.mode),
            What::Hardlink(_) => format!("h{}", &mode::shown(&Kind::File(Default::default()), self.mode)[1..]),
            What::Special(kind) => mode::shown(kind, self.mode),
        };
        let owner = |name: &str, number: u32| {
            if numeric || name.is_empty() { number.to_string() } else { name.to_owned() }
        };
        let owner = format!("{}/{}", owner(&self.user, self.uid), owner(&self.group, self.gid));
        let size = match &self.kind {
            What::Special(Kind::Char { major, minor } | Kind::Block { major, minor }) => format!("{major},{minor}"),
            What::File => self.size.to_string(),
            _ => "0".to_owned(),
        };
        *width = (*width).max(owner.len() + 1 + size.len());
        let room = *width - owner.len();
        let seconds = i64::try_from(self.mtime).unwrap_or(i64::MAX);
        let date = clock::format("%Y-%m-%d %H:%M", seconds, 0, zone);
        let link = match &self.kind {
            What::Symlink(target) => format!(" -> {}", escaped(target)),
            What::Hardlink(target) => format!(" link to {}", escaped(target)),
            _ => String::new(),
        };
        format!("{kind} {owner}{size:>room$} {date} {}{link}", escaped(&self.name))
    }
}

/// A name as tar shows it: control characters and backslashes in C's way.
pub(super) fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            control if control.is_ascii_control() => out.push_str(&format!("\\{:03o}", control as u32)),
            other => out.push(other),
        }
    }
    out
}

fn put(field: &mut [u8], text: &str) {
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text.as_bytes()[..length]);
}

/// A member that holds the name of the next one.
fn long(kind: EntryType, name: &str) -> Vec<u8> {
    let mut header = Header::new_gnu();
    put(&mut header.as_old_mut().name, "././@LongLink");
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(name.len() as u64 + 1);
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, kind: What) -> Member {
        Member {
            name: name.to_owned(),
            kind,
            mode: 0o640,
            uid: 0,
            gid: 10,
            user: "root".to_owned(),
            group: "wheel".to_owned(),
            mtime: 1_647_288_000,
            size: 12,
        }
    }

    #[test]
    fn headers_come_back() {
        let check = |member: Member| {
            let bytes = member.bytes();
            let (_, back) = Member::read(bytes[bytes.len() - BLOCK..].try_into().expect("a block")).expect("a header");
            assert_eq!(back, member);
        };
        check(member("a", What::File));
        check(member("d/", What::Dir));
        check(member("l", What::Symlink("a b".to_owned())));
        check(member("h", What::Hardlink("a".to_owned())));
        check(member("c", What::Special(Kind::Char { major: 1, minor: 3 })));
        check(member("f", What::Special(Kind::Fifo)));
        let long = member(&"x".repeat(150), What::File).bytes();
        assert_eq!(long.len(), 3 * BLOCK, "a member for the name, the name, the header");
    }

    #[test]
    fn a_block_that_is_no_header_is_none() {
        assert_eq!(Member::read(&[0x20; BLOCK]), None);
        let mut bytes = member("a", What::File).bytes();
        bytes[0] ^= 1;
        assert_eq!(Member::read(bytes.as_slice().try_into().expect("a block")), None);
    }

    #[test]
    fn lines_are_those_of_tar() {
        let mut width = 19;
        let mut check = |member: Member, numeric: bool, expect: &str| {
            assert_eq!(member.line(&Zone::utc(), numeric, &mut width), expect);
        };
        check(member("a", What::File), true, "-rw-r----- 0/10             12 2022-03-14 20:00 a");
        check(member("a", What::File), false, "-rw-r----- root/wheel       12 2022-03-14 20:00 a");
        check(
            member("l", What::Symlink("x\ny".to_owned())),
            false,
            "lrw-r----- root/wheel        0 2022-03-14 20:00 l -> x\\ny",
        );
        check(
            member("h", What::Hardlink("a".to_owned())),
            false,
            "hrw-r----- root/wheel        0 2022-03-14 20:00 h link to a",
        );
        let wide = Member { size: 12_345_678_901, ..member("a", What::File) };
        check(wide, false, "-rw-r----- root/wheel 12345678901 2022-03-14 20:00 a");
        check(member("a", What::File), false, "-rw-r----- root/wheel          12 2022-03-14 20:00 a");
    }
}
