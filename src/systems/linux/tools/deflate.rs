//! Compressed streams (RFC 1951, 1952) piece by piece, for gzip and tar. What a machine compresses depends on what goes in
//! alone: the time in a header is the file's.

use std::io::{ErrorKind, Write};

use flate2::write::{GzDecoder, GzEncoder};
use flate2::{Compression, GzBuilder};

use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::HELD;

/// So many bytes go in or come out of one stream; zeros that are kept nowhere could else go on for hours.
const MOST: u64 = 8 * HELD as u64;
/// Linux, in the header of a stream.
const LINUX: u8 = 3;
/// What stands before and behind the data of a member without a name.
pub(super) const FRAME: u64 = 18;
/// How a stream begins.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Compresses a stream.
pub(super) struct Packer {
    encoder: GzEncoder<Vec<u8>>,
    /// How many bytes went in.
    pub taken: u64,
    /// How many came out.
    pub given: u64,
}

impl Packer {
    /// A stream of this level, with the name of the file and the time of its last change in seconds since 1970.
    pub(super) fn new(level: u32, name: Option<&str>, mtime: u32) -> Self {
        let mut header = GzBuilder::new().mtime(mtime).operating_system(LINUX);
        if let Some(name) = name {
            header = header.filename(name.as_bytes());
        }
        Self { encoder: header.write(Vec::new(), Compression::new(level)), taken: 0, given: 0 }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Cut> {
        self.taken += bytes.len() as u64;
        if self.taken > MOST {
            return Err(Cut::Limit("compressed data"));
        }
        // A vector takes all that is written.
        let _ = self.encoder.write_all(bytes);
        Ok(self.take())
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        let _ = self.encoder.try_finish();
        self.take()
    }

    fn take(&mut self) -> Vec<u8> {
        let out = std::mem::take(self.encoder.get_mut());
        self.given += out.len() as u64;
        out
    }
}

/// What is wrong with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It does not begin as one.
    NotGzip,
    /// Its end is missing.
    Cut,
    /// Its checksum is another.
    Checksum,
    /// It breaks the format.
    Format,
    /// Something else comes behind it.
    Garbage,
}

/// Decompresses a stream of one or more members.
pub(super) struct Unpacker {
    /// The member that is read; none between two.
    decoder: Option<GzDecoder<Vec<u8>>>,
    /// What is too little to tell what it begins.
    head: Vec<u8>,
    members: u32,
    /// How many bytes came out.
    pub given: u64,
    /// How many of the first member are no data.
    pub header: u64,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self { decoder: None, head: Vec::new(), members: 0, given: 0, header: FRAME }
    }

    /// What comes out as these bytes go in, and what was wrong with them.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(Vec<u8>, Option<Trouble>), Cut> {
        let mut held = std::mem::take(&mut self.head);
        held.extend_from_slice(bytes);
        let (mut rest, mut out) = (held.as_slice(), Vec::new());
        while !rest.is_empty() {
            let Some(decoder) = &mut self.decoder else {
                // Archives on tapes end with zeros.
                if self.members > 0 && rest[0] == 0 {
                    rest = &rest[1..];
                } else if !rest.starts_with(&MAGIC[..rest.len().min(2)]) {
                    return Ok((out, Some(if self.members > 0 { Trouble::Garbage } else { Trouble::NotGzip })));
                } else if rest.len() < MAGIC.len() {
                    self.head = rest.to_vec();
                    break;
                } else {
                    self.decoder = Some(GzDecoder::new(Vec::new()));
                    self.members += 1;
                }
                continue;
            };
            match decoder.write(rest) {
                Ok(0) => {
                    let trouble = self.end(&mut out)?;
                    if trouble.is_some() {
                        return Ok((out, trouble));
                    }
                }
                Ok(count) => rest = &rest[count..],
                Err(error) => {
                    let trouble = trouble(&error);
                    self.take(&mut out)?;
                    return Ok((out, Some(trouble)));
                }
            }
        }
        self.take(&mut out)?;
        Ok((out, None))
    }

    pub(super) fn finish(&mut self) -> Result<(Vec<u8>, Option<Trouble>), Cut> {
        let mut out = Vec::new();
        let trouble = match (self.head.is_empty(), self.members) {
            (true, 0) => Some(Trouble::Cut),
            (false, 0) => Some(Trouble::NotGzip),
            (false, _) => Some(Trouble::Garbage),
            (true, _) => self.end(&mut out)?,
        };
        Ok((out, trouble))
    }

    /// The end of a member.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<Option<Trouble>, Cut> {
        let ended = self.decoder.as_mut().and_then(|decoder| decoder.try_finish().err());
        self.take(out)?;
        if let Some(decoder) = self.decoder.take()
            && self.members == 1
        {
            let name = decoder.header().and_then(|header| header.filename()).map_or(0, |name| name.len() as u64 + 1);
            self.header = FRAME + name;
        }
        Ok(ended.map(|error| trouble(&error)))
    }

    fn take(&mut self, out: &mut Vec<u8>) -> Result<(), Cut> {
        if let Some(decoder) = &mut self.decoder {
            let before = out.len();
            out.append(decoder.get_mut());
            self.given += (out.len() - before) as u64;
        }
        if self.given > MOST { Err(Cut::Limit("decompressed data")) } else { Ok(()) }
    }
}

fn trouble(error: &std::io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::UnexpectedEof => Trouble::Cut,
        _ if error.to_string().contains("checksum") => Trouble::Checksum,
        _ => Trouble::Format,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = Packer::new(6, Some("a"), 1);
        let mut all = packer.push(text).expect("it is short");
        all.extend(packer.finish());
        all
    }

    #[test]
    fn streams_come_back_however_they_are_cut() {
        let text = b"hello hello hello\n";
        let stream = packed(text);
        assert_eq!(
            &stream[..12],
            &[0x1f, 0x8b, 8, 8, 1, 0, 0, 0, 0, 3, b'a', 0],
            "magic, name flag, time, Linux, name"
        );
        for size in [1, 2, 7, stream.len()] {
            let mut unpacker = Unpacker::new();
            let mut out = Vec::new();
            for piece in stream.chunks(size) {
                let (more, trouble) = unpacker.push(piece).expect("it is short");
                assert_eq!(trouble, None);
                out.extend(more);
            }
            let (more, trouble) = unpacker.finish().expect("it is short");
            out.extend(more);
            assert_eq!((out.as_slice(), trouble), (text.as_slice(), None), "pieces of {size}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let stream = packed(b"hello hello hello\n");
        let check = |bytes: &[u8], expect: Option<Trouble>| {
            let mut unpacker = Unpacker::new();
            let (_, trouble) = unpacker.push(bytes).expect("it is short");
            let trouble = trouble.or_else(|| unpacker.finish().expect("it is short").1);
            assert_eq!(trouble, expect, "{bytes:?}");
        };
        let end = stream.len();
        let mut wrong = stream.clone();
        wrong[end - 6] ^= 1;
        check(&stream, None);
        check(&stream[..end - 10], Some(Trouble::Cut));
        check(&wrong, Some(Trouble::Checksum));
        check(b"junk", Some(Trouble::NotGzip));
        check(b"\x1f", Some(Trouble::NotGzip));
        check(b"", Some(Trouble::Cut));
        check(&[&stream[..], b"junk"].concat(), Some(Trouble::Garbage));
        check(&[&stream[..], &stream[..]].concat(), None);
        check(&[&stream[..], &[0; 20][..]].concat(), None);
        check(&[&stream[..], b"\x1f"].concat(), Some(Trouble::Garbage));
        check(&[&stream[..], &stream[..20]].concat(), Some(Trouble::Cut));
    }

    #[test]
    fn a_bomb_is_cut_off() {
        let mut packer = Packer::new(9, None, 0);
        let zeros = vec![0; 1 << 20];
        let mut unpacker = Unpacker::new();
        let cut = (0..600).find_map(|_| {
            let piece = match packer.push(&zeros) {
                Ok(piece) => piece,
                Err(cut) => return Some(cut),
            };
            unpacker.push(&piece).err()
        });
        assert!(matches!(cut, Some(Cut::Limit(_))), "{cut:?}");
    }
}
