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
/// So much of what went before does xz look at, whatever the preset: some need up to 700 MB.
const WINDOW: u32 = 1 << 20;

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
    /// It was good, and what follows it is none.
    Garbage,
}

impl Trouble {
    /// Whether what came out is whole.
    pub(super) fn is_harmless(self) -> bool {
        self == Self::Garbage
    }
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

    /// What the program says of a stream of this name, behind its own.
    pub(super) fn complaint(self, trouble: Trouble, name: &str) -> String {
        match (self, trouble) {
            (Self::Xz, Trouble::Other) => format!("{name}: File format not recognized"),
            (Self::Xz, Trouble::Short) => format!("{name}: Unexpected end of input"),
            (Self::Xz, Trouble::Broken | Trouble::Garbage) => format!("{name}: Compressed data is corrupt"),
            (Self::Bzip2, Trouble::Other) => format!("{name} is not a bzip2 file."),
            (Self::Bzip2, Trouble::Short) => {
                "Compressed file ends unexpectedly;\n\tperhaps it is corrupted?  *Possible* reason follows.".to_owned()
            }
            (Self::Bzip2, Trouble::Broken) => "Data integrity error when decompressing.".to_owned(),
            (Self::Bzip2, Trouble::Garbage) => format!("{name}: trailing garbage after EOF ignored"),
        }
    }

    /// Its status when a stream was no good.
    pub(super) fn failure(self) -> u8 {
        match self {
            Self::Xz => 1,
            Self::Bzip2 => 2,
        }
    }

    /// The level when none is asked for.
    pub(super) fn usual_level(self) -> u32 {
        match self {
            Self::Bzip2 => 9,
            Self::Xz => 6,
        }
    }

    /// Compresses.
    pub(super) fn pack(self, bytes: &[u8], level: u32) -> Vec<u8> {
        match self {
            Self::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(level.clamp(1, 9)));
                // A vector takes all that is written.
                let _ = encoder.write_all(bytes);
                encoder.finish().unwrap_or_default()
            }
            Self::Xz => {
                let mut options = lzma_rust2::XzOptions::with_preset(level.min(9));
                options.lzma_options.dict_size = options.lzma_options.dict_size.min(WINDOW);
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
        let (mut out, mut rest) = (Vec::new(), bytes);
        let read = match self {
            Self::Bzip2 => loop {
                let mut one = bzip2::bufread::BzDecoder::new(rest).take((MOST + 1).saturating_sub(out.len() as u64));
                let read = one.read_to_end(&mut out);
                rest = one.into_inner().into_inner();
                if read.is_err() || out.len() as u64 > MOST || !rest.starts_with(self.magic()) {
                    break read;
                }
            },
            Self::Xz => {
                rest = &[];
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
        Ok((out, trouble.or((!rest.is_empty()).then_some(Trouble::Garbage))))
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
                let packed = form.pack(text, form.usual_level());
                assert_eq!(packed, form.pack(text, form.usual_level()), "{form:?}");
                assert_eq!(Form::of(&packed), Some(form), "{} bytes", text.len());
                assert_eq!(form.unpack(&packed).ok(), Some((text.to_vec(), None)), "{form:?} {}", text.len());
            }
            assert!(form.pack(&long, form.usual_level()).len() < long.len() / 2, "{form:?}");
        }
    }

    #[test]
    fn several_streams_are_one_and_garbage_behind_one_is_told() {
        for (form, garbage) in [(Form::Bzip2, Trouble::Garbage), (Form::Xz, Trouble::Broken)] {
            let two = [form.pack(b"one\n", form.usual_level()), form.pack(b"two\n", form.usual_level())].concat();
            assert_eq!(form.unpack(&two).ok(), Some((b"one\ntwo\n".to_vec(), None)), "{form:?}");
            let (out, trouble) = form.unpack(&[&two[..], b"junk, junk, junk"].concat()).expect("it is little");
            assert_eq!((&*out, trouble), (&b"one\ntwo\n"[..], Some(garbage)), "{form:?}");
        }
    }

    #[test]
    fn broken_streams_are_told_apart() {
        for form in [Form::Bzip2, Form::Xz] {
            let packed = form.pack(b"hello, hello, hello\n", form.usual_level());
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
