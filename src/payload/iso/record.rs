//! One directory record and the Rock Ridge fields in its tail.
//! Truth: ECMA-119 section 9.1, SUSP 1.12 and RRIP 1.12. Left out on purpose: dates, owners, link targets and
//! compressed (zisofs) files, which no update disc has.

use super::super::source::{Cause, EntryKind};

/// The smallest record: its fixed part and a name of one byte.
const FIXED: usize = 33;

/// A directory record, borrowed from the sector it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Bytes of the record as a whole.
    pub len: usize,
    /// First logical block of the data, behind an extended attribute record.
    pub block: u32,
    /// Bytes of the data.
    pub size: u32,
    /// The name as stored.
    pub name: &'a [u8],
    /// The tail behind the name: Rock Ridge's place.
    pub system_use: &'a [u8],
    flags: u8,
}

impl<'a> Record<'a> {
    /// The record at the start of `bytes` (the rest of a sector); `None` where only padding follows.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<Record<'a>>, Cause> {
        let len = match bytes.first() {
            None | Some(0) => return Ok(None),
            Some(&len) => usize::from(len),
        };
        let record = bytes.get(..len).filter(|record| record.len() > FIXED).ok_or(Cause::BadRecord)?;
        let name_end = FIXED + usize::from(record[32]);
        let name = record.get(FIXED..name_end).filter(|name| !name.is_empty()).ok_or(Cause::BadRecord)?;
        if record[26] != 0 || record[27] != 0 {
            return Err(Cause::Interleaved);
        }
        let block = both_endian(&record[2..10])?;
        let block = block.checked_add(u32::from(record[1])).ok_or(Cause::BadRecord)?;
        let tail = name_end + usize::from(name.len().is_multiple_of(2));
        Ok(Some(Record {
            len,
            block,
            size: both_endian(&record[10..18])?,
            name,
            system_use: record.get(tail..).unwrap_or_default(),
            flags: record[25],
        }))
    }

    /// Whether this is a folder.
    pub fn is_directory(&self) -> bool {
        self.flags & 0x02 != 0
    }

    /// Whether this is an associated file (a resource fork): a second stream under the name of another file.
    pub fn is_associated(&self) -> bool {
        self.flags & 0x04 != 0
    }

    /// Whether the file goes on in the next record.
    pub fn continues(&self) -> bool {
        self.flags & 0x80 != 0
    }

    /// Whether this is the folder itself or the one above it.
    pub fn is_dot(&self) -> bool {
        matches!(self.name, [0 | 1])
    }
}

/// A number stored little-endian and then big-endian (ECMA-119 7.3.3).
pub(super) fn both_endian(bytes: &[u8]) -> Result<u32, Cause> {
    let little = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let big = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    if little == big { Ok(little) } else { Err(Cause::Disagree { little, big }) }
}

/// A piece of the system use area that lies elsewhere in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Continuation {
    pub block: u32,
    pub offset: u32,
    pub len: u32,
}

/// What the Rock Ridge fields of one record say.
#[derive(Clone, Debug, Default)]
pub(super) struct RockRidge {
    /// `NM`: the name.
    pub name: Vec<u8>,
    /// `CL`: the record stands for a folder that was moved up to here (a block number).
    pub child: Option<u32>,
    /// `RE`: the record is such a moved folder, shown at its old place only.
    pub relocated: bool,
    /// `SP`: how many bytes to skip in each record's tail.
    pub skip: Option<u8>,
    /// `CE`: where the fields go on.
    pub next: Option<Continuation>,
    /// Whether any field of Rock Ridge itself was seen.
    pub seen: bool,
    mode: Option<u32>,
    ended: bool,
}

impl RockRidge {
    /// Takes in one system use area.
    pub fn feed(&mut self, mut area: &[u8]) -> Result<(), Cause> {
        while area.len() >= 4 && area[0] != 0 && !self.ended {
            let len = usize::from(area[2]);
            let body = area.get(4..len).ok_or(Cause::SystemUse)?;
            self.field([area[0], area[1]], body)?;
            area = &area[len..];
        }
        Ok(())
    }

    fn field(&mut self, signature: [u8; 2], body: &[u8]) -> Result<(), Cause> {
        self.seen |= matches!(&signature, b"NM" | b"PX" | b"RR" | b"CL" | b"RE" | b"PL" | b"SL" | b"TF");
        match &signature {
            b"SP" if body.len() >= 3 && body[..2] == [0xBE, 0xEF] => self.skip = Some(body[2]),
            b"SP" => return Err(Cause::SystemUse),
            b"ST" => self.ended = true,
            b"CE" => {
                let at = |i: usize| body.get(i..i + 8).ok_or(Cause::SystemUse).and_then(both_endian);
                self.next = Some(Continuation { block: at(0)?, offset: at(8)?, len: at(16)? });
            }
            b"NM" => self.name.extend_from_slice(body.get(1..).ok_or(Cause::SystemUse)?),
            b"CL" => self.child = Some(both_endian(body.get(..8).ok_or(Cause::SystemUse)?)?),
            b"RE" => self.relocated = true,
            b"PX" => self.mode = Some(both_endian(body.get(..8).ok_or(Cause::SystemUse)?)?),
            _ => {}
        }
        Ok(())
    }

    /// What the file mode says, which for a link or a device the record's own flags do not.
    pub fn kind(&self, directory: bool) -> EntryKind {
        match (directory, self.mode.map_or(0o100_000, |mode| mode & 0o170_000)) {
            (true, _) => EntryKind::Directory,
            (false, 0o100_000) => EntryKind::File,
            (false, _) => EntryKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes[2] = 20;
        bytes[9] = 20;
        bytes[10] = 5;
        bytes[17] = 5;
        bytes[32] = name.len() as u8;
        bytes.extend_from_slice(name);
        bytes[0] = bytes.len() as u8;
        bytes
    }

    #[test]
    fn a_good_record_and_each_way_to_be_wrong() {
        let good = record(b"A;1");
        let parsed = Record::parse(&good).unwrap().unwrap();
        assert_eq!((parsed.block, parsed.size, parsed.name), (20, 5, &b"A;1"[..]));
        assert!(Record::parse(&[0, 1, 2]).unwrap().is_none());

        let check = |change: &dyn Fn(&mut Vec<u8>), expect: Cause| {
            let mut bytes = record(b"A;1");
            change(&mut bytes);
            assert_eq!(Record::parse(&bytes).unwrap_err(), expect);
        };
        check(&|bytes| bytes[0] += 1, Cause::BadRecord);
        check(&|bytes| bytes[0] = 20, Cause::BadRecord);
        check(&|bytes| bytes[32] = 200, Cause::BadRecord);
        check(&|bytes| bytes[32] = 0, Cause::BadRecord);
        check(&|bytes| bytes[26] = 1, Cause::Interleaved);
        check(&|bytes| bytes[17] = 6, Cause::Disagree { little: 5, big: 6 });
    }

    #[test]
    fn rock_ridge_fields_that_lie_are_refused() {
        let check = |area: &[u8]| RockRidge::default().feed(area).unwrap_err();
        assert_eq!(check(b"NM\x03\x01"), Cause::SystemUse);
        assert_eq!(check(b"NM\x20\x01\x00abc"), Cause::SystemUse);
        assert_eq!(check(b"NM\x04\x01"), Cause::SystemUse);
        assert_eq!(check(b"CE\x08\x01\x00\x00\x00\x00"), Cause::SystemUse);
        let mut fields = RockRidge::default();
        fields.feed(b"NM\x07\x01\x01ab").unwrap();
        fields.feed(b"NM\x07\x01\x00cd\0\0").unwrap();
        assert_eq!(fields.name, b"abcd");
    }
}
