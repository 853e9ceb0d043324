//! A ZIP archive with stored (uncompressed) members, for the scripts that a patch brings along.
//! Truth: PKWARE's APPNOTE 6.3. Left out on purpose: reading, compression, dates other than the given one.

use time::Date;

/// Makes an archive of these members.
pub(super) fn zip(members: &[(&str, &str)], date: Date) -> Vec<u8> {
    let years = (date.year() - 1980).clamp(0, 127) as u16;
    let day = years << 9 | u16::from(u8::from(date.month())) << 5 | u16::from(date.day());
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in members {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        for short in [20, 0, 0, 0, day] {
            common.extend_from_slice(&u16::to_le_bytes(short));
        }
        for long in [crc32(body.as_bytes()), body.len() as u32, body.len() as u32] {
            common.extend_from_slice(&long.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(body.as_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (count, start, len) = (members.len() as u16, out.len() as u32, directory.len() as u32);
    out.extend(directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

/// The checksum of ISO 3309, bit by bit: the members are a few hundred bytes.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
