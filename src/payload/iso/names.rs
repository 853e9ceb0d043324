//! Names: which of an image's three kinds it is read by, and how each becomes text.
//! Truth: ECMA-119 7.5 (plain), Joliet 1.0, RRIP 1.12 4.1.4. Left out on purpose: turning plain capitals into small
//! letters, as Linux does when it mounts; whoever looks for a file does so without regard to case.

/// Which names an image is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Rock Ridge: as they were, bytes.
    RockRidge,
    /// Joliet: UTF-16, up to 64 (or, against the rules, 103) characters.
    Joliet,
    /// ISO 9660's own: capitals, a version number behind `;`.
    Plain,
}

/// The name of a record: as stored, and as Rock Ridge tells it (empty where it does not).
pub(super) fn name(names: Names, stored: &[u8], rock_ridge: &[u8]) -> String {
    match names {
        Names::RockRidge if !rock_ridge.is_empty() => text(rock_ridge),
        Names::Joliet => without_version(&utf16(stored)).to_owned(),
        Names::RockRidge | Names::Plain => plain(stored),
    }
}

/// Big-endian UTF-16 as Joliet stores it; what is none becomes U+FFFD.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A Rock Ridge name as text: UTF-8, else byte for byte as Latin-1.
fn text(name: &[u8]) -> String {
    std::str::from_utf8(name).map_or_else(|_| name.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}

/// A plain name without its version and the dot that stands for no extension.
fn plain(name: &[u8]) -> String {
    let name = text(name);
    let name = without_version(&name);
    name.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(name).to_owned()
}

fn without_version(name: &str) -> &str {
    match name.rsplit_once(';') {
        Some((name, version)) if version.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_text() {
        let check = |names, stored: &[u8], rock_ridge: &[u8], expect: &str| {
            assert_eq!(name(names, stored, rock_ridge), expect);
        };
        check(Names::Plain, b"README.TXT;1", b"", "README.TXT");
        check(Names::Plain, b"FILE.;12", b"", "FILE");
        check(Names::Plain, b"A;B", b"", "A;B");
        check(Names::Plain, b".", b"", ".");
        check(Names::Joliet, &[0, b'a', 0x54, 0x0D, 0, b';', 0, b'1'], b"", "a名");
        check(Names::Joliet, &[0xD8, 0x00], b"", "\u{fffd}");
        check(Names::RockRidge, b"A;1", "名;1".as_bytes(), "名;1");
        check(Names::RockRidge, b"A.;1", b"", "A");
        check(Names::RockRidge, b"A", b"\xE9", "é");
    }
}
