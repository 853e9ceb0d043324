//! The formats of bzip2 and xz as whole streams in memory, for `bzip2`, `xz` and `tar`. What a machine compresses depends on
//! what goes in alone; the bytes are another compressor's than the real one's.

use std::io::{Read, Write};
use std::num::NonZeroU64;

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::HELD;

/// So many bytes come out of one stream.
const MOST: u64 = 2 * HELD as u64;
/// So much memory may a stream of xz ask for, in KiB.
const MEMORY_KIB: u32 = 128 * 1024;
/// The preset of xz that is taken whatever is asked for: the others need up to 700 MB.
const PRESET: u32 = 1;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bzip2,
    Xz,
}

/// What is wrong with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It does not begin as one.
    Other,
    /// Its end is missing.
    Short,
    /// It breaks the format, or its checksum is another.
    Broken,
}

impl Form {
    /// The format of what begins so.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        [Self::Bzip2, Self::Xz].into_iter().find(|form| bytes.starts_with(form.magic()))
    }

    fn magic(self) -> &'static [u8] {
        match self {
            Self::Bzip2 => b"BZh",
            Self::Xz => b"\xfd7zXZ\0",
        }
    }

    /// The program.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// Compresses.
    pub(super) fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
                // A vector takes all that is written.
                let _ = encoder.write_all(bytes);
                encoder.finish().unwrap_or_default()
            }
            Self::Xz => {
                let mut options = lzma_rust2::XzOptions::with_preset(PRESET);
                options.set_block_size(NonZeroU64::new(MOST));
                let Ok(mut encoder) = lzma_rust2::XzWriter::new(Vec::new(), options) else { return Vec::new() };
                let _ = encoder.write_all(bytes);
                encoder.finish().unwrap_or_default()
            }
        }
    }

    /// What was compressed, one stream or several, and what was wrong.
    ///
    /// # Errors
    /// It is too much.
    pub(super) fn unpack(self, bytes: &[u8]) -> Result<(Vec<u8>, Option<Trouble>), Cut> {
        if !bytes.starts_with(self.magic()) {
            let short = !bytes.is_empty() && self.magic().starts_with(bytes);
            return Ok((Vec::new(), Some(if short { Trouble::Short } else { Trouble::Other })));
        }
        let mut out = Vec::new();
        let read = match self {
            Self::Bzip2 => bzip2::read::MultiBzDecoder::new(bytes).take(MOST + 1).read_to_end(&mut out),
            Self::Xz => {
                lzma_rust2::XzReader::new_mem_limit(bytes, true, MEMORY_KIB).take(MOST + 1).read_to_end(&mut out)
            }
        };
        if out.len() as u64 > MOST {
            return Err(Cut::Limit("decompressed data"));
        }
        let trouble = read.err().map(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Trouble::Short,
            _ => Trouble::Broken,
        });
        Ok((out, trouble))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let long: Vec<u8> = (0..100_000_u32).flat_map(|number| format!("{number}\n").into_bytes()).collect();
        for form in [Form::Bzip2, Form::Xz] {
            for text in [&b""[..], b"hello\n", &long] {
                let packed = form.pack(text);
                assert_eq!(packed, form.pack(text), "{form:?}");
                assert_eq!(Form::of(&packed), Some(form), "{} bytes", text.len());
                assert_eq!(form.unpack(&packed).ok(), Some((text.to_vec(), None)), "{form:?} {}", text.len());
            }
            assert!(form.pack(&long).len() < long.len() / 2, "{form:?}");
        }
    }

    #[test]
    fn broken_streams_are_told_apart() {
        for form in [Form::Bzip2, Form::Xz] {
            let packed = form.pack(b"hello, hello, hello\n");
            let check = |bytes: &[u8], expect: Trouble| {
                assert_eq!(form.unpack(bytes).ok().and_then(|(_, trouble)| trouble), Some(expect), "{form:?}");
            };
            check(b"hello", Trouble::Other);
            check(&packed[..packed.len() - 12], Trouble::Short);
            let mut wrong = packed.clone();
            let middle = wrong.len() / 2;
            wrong[middle] ^= 0x55;
            check(&wrong, Trouble::Broken);
        }
    }
}
