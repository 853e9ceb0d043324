//! `base64` and `base32` as in GNU coreutils 8.30 (RFC 4648).

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("base32", base32), tool!("base64", base64)];

/// Letters that stand for so many bits each.
#[derive(Clone, Copy)]
struct Base {
    letters: &'static [u8],
    bits: usize,
    /// So many letters stand for a whole number of bytes.
    group: usize,
}

const BASE64: Base =
    Base { letters: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", bits: 6, group: 4 };
const BASE32: Base = Base { letters: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bits: 5, group: 8 };

async fn base64(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, BASE64).await
}

async fn base32(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, BASE32).await
}

async fn run(p: &mut Proc, arguments: &[String], base: Base) -> Ended {
    const SPEC: Spec =
        Spec { short: "diw:", long: &[("decode", 'd'), ("ignore-garbage", 'i'), ("wrap:", 'w')], gaps: "" };
    let given = given!(p, &SPEC, arguments, 1);
    if let Some(extra) = given.operands.get(1) {
        return input::misused(p, &format!("extra operand {}", input::quoted(extra)), 1).await;
    }
    let text = given.value('w').unwrap_or("76");
    let Ok(width) = text.parse::<usize>() else {
        return input::failed(p, &format!("invalid wrap size: {}", input::quoted(text)), 1).await;
    };
    let file = given.operands.first().map_or("-", String::as_str);
    let bytes = match input::read_all(p, file).await? {
        Ok(bytes) => bytes,
        Err(errno) => return input::unread(p, "", file, errno, 1).await,
    };
    let mut out = Out::default();
    if given.has('d') {
        let (decoded, whole) = base.decode(&bytes, given.has('i'));
        out.push(&decoded);
        out.flush(p).await?;
        return if whole { Ok(0) } else { input::failed(p, "invalid input", 1).await };
    }
    let encoded = base.encode(&bytes);
    if width == 0 {
        out.push(&encoded);
    } else {
        for line in encoded.chunks(width) {
            out.push(line);
            out.push(b"\n");
            out.spill(p).await?;
        }
    }
    out.flush(p).await?;
    Ok(0)
}

/// Bytes in base64, in one line.
pub(in crate::systems) fn encode(bytes: &[u8]) -> Vec<u8> {
    BASE64.encode(bytes)
}

/// What was encoded in base64, and whether it was all in order.
pub(in crate::systems::linux::tools) fn decode(text: &[u8]) -> (Vec<u8>, bool) {
    BASE64.decode(text, false)
}

impl Base {
    fn encode(self, bytes: &[u8]) -> Vec<u8> {
        let whole = self.group * self.bits / 8;
        let mut encoded = Vec::with_capacity(bytes.len().div_ceil(whole) * self.group);
        for group in bytes.chunks(whole) {
            let bits = (0..whole).fold(0_u64, |bits, at| bits << 8 | u64::from(group.get(at).copied().unwrap_or(0)));
            let used = (group.len() * 8).div_ceil(self.bits);
            for at in 0..self.group {
                let value = bits >> (self.bits * (self.group - 1 - at)) & ((1 << self.bits) - 1);
                encoded.push(if at < used { self.letters[value as usize] } else { b'=' });
            }
        }
        encoded
    }

    fn decode(self, text: &[u8], lenient: bool) -> (Vec<u8>, bool) {
        let (mut decoded, mut bits, mut count, mut padding) = (Vec::new(), 0_u64, 0, 0);
        let whole = self.group * self.bits / 8;
        // Of a group that is cut off base64 gives as many bytes as are whole, base32 none.
        let cut = |mut decoded: Vec<u8>, bits: u64, count: usize| {
            let kept = if self.bits == BASE64.bits { count * self.bits / 8 } else { 0 };
            let bits = bits << ((self.group - count) * self.bits);
            decoded.extend(&bits.to_be_bytes()[8 - whole..][..kept]);
            (decoded, false)
        };
        for byte in text {
            match self.letters.iter().position(|letter| letter == byte) {
                Some(_) if padding > 0 => return (decoded, false),
                Some(value) => {
                    bits = bits << self.bits | value as u64;
                    count += 1;
                }
                None => match byte {
                    b'\n' => continue,
                    b'=' if count + padding > 0 => {
                        bits <<= self.bits;
                        padding += 1;
                    }
                    _ if lenient => continue,
                    _ => return (decoded, false),
                },
            }
            if count + padding == self.group {
                let kept = count * self.bits / 8;
                decoded.extend(&bits.to_be_bytes()[8 - whole..][..kept]);
                // So many letters as these bytes need, and no more.
                if (kept * 8).div_ceil(self.bits) != count || kept == 0 {
                    return (decoded, false);
                }
                (bits, count, padding) = (0, 0, 0);
            }
        }
        if count + padding == 0 { (decoded, true) } else { cut(decoded, bits >> (padding * self.bits), count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_goes_both_ways() {
        let check = |plain: &str, encoded: &str| {
            assert_eq!(String::from_utf8_lossy(&encode(plain.as_bytes())), encoded);
            assert_eq!(decode(encoded.as_bytes()), (plain.as_bytes().to_vec(), true));
        };
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
        assert!(!decode(b"Zm 9v").1);
        assert_eq!(BASE64.decode(b"Zm 9v", true), (b"foo".to_vec(), true));
        assert!(!decode(b"Zm9").1);
    }

    #[test]
    fn base32_goes_both_ways() {
        let check = |plain: &str, encoded: &str| {
            assert_eq!(String::from_utf8_lossy(&BASE32.encode(plain.as_bytes())), encoded);
            assert_eq!(BASE32.decode(encoded.as_bytes(), false), (plain.as_bytes().to_vec(), true));
        };
        check("", "");
        check("f", "MY======");
        check("foo", "MZXW6===");
        check("foobar", "MZXW6YTBOI======");
        assert!(!BASE32.decode(b"MZX=====", false).1);
    }
}
