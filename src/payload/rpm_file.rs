//! A small RPM file: a real lead, signature header, header and an uncompressed cpio archive with one text file, which says
//! that it is simulated. `rpm -K --nosignature` and `rpm -qip --nosignature` accept it.
//! Truth: rpm's own format notes (`lib/header.c`, tags of `rpmtag.h`), checked with rpm 4.18. Left out on purpose:
//! dependencies, scripts, MD5 and SHA-1 digests, compression. (The `rpm` crate makes such files too, but brings
//! some forty packages and hashes each body six ways, which would take most of the time of making a disc.)

use super::patch::Sha256;

/// What goes into a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct RpmFile<'a> {
    pub name: &'a str,
    pub evr: &'a str,
    pub arch: &'a str,
    pub vendor: &'a str,
    /// When it was built, in seconds since 1970.
    pub build_time: u32,
    /// Bytes that the text file in it has.
    pub filler: usize,
}

impl RpmFile<'_> {
    /// The file name that such a package has in a pool.
    pub fn file_name(&self) -> String {
        let evr = self.evr.split_once(':').map_or(self.evr, |(_, evr)| evr);
        format!("{}-{evr}.{}.rpm", self.name, self.arch)
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let payload = self.cpio();
        let header = self.header(&payload);
        let digest = Sha256::of(&header).to_string();
        let mut signature = Header::default();
        signature.text(SIG_SHA256, &digest);
        signature.numbers(SIG_SIZE, &[(header.len() + payload.len()) as u32]);
        signature.numbers(SIG_PAYLOAD_SIZE, &[payload.len() as u32]);
        let mut out = self.lead();
        out.extend(signature.bytes(REGION_SIGNATURES));
        out.resize(out.len().next_multiple_of(8), 0);
        out.extend(header);
        out.extend(payload);
        out
    }

    /// The lead: a magic number and fields that rpm has long stopped reading.
    fn lead(&self) -> Vec<u8> {
        let mut lead = vec![0; 96];
        lead[..6].copy_from_slice(&[0xED, 0xAB, 0xEE, 0xDB, 3, 0]);
        lead[9] = 1;
        let name = self.file_name();
        let name = &name.as_bytes()[..name.len().min(65)];
        lead[10..10 + name.len()].copy_from_slice(name);
        lead[77] = 1;
        lead[79] = 5;
        lead
    }

    fn header(&self, payload: &[u8]) -> Vec<u8> {
        let (epoch, version, release) = rpm_version::Evr::parse_values(self.evr);
        let mut header = Header::default();
        header.localized(TAG_SUMMARY, "Simulated package");
        header.localized(TAG_DESCRIPTION, "A filler in the place of the real package; it installs nothing of use.");
        for (tag, text) in [
            (TAG_NAME, self.name),
            (TAG_VERSION, version),
            (TAG_RELEASE, release),
            (TAG_BUILD_HOST, "simulated"),
            (TAG_VENDOR, self.vendor),
            (TAG_LICENSE, "MIT OR Apache-2.0"),
            (TAG_OS, "linux"),
            (TAG_ARCH, self.arch),
            (TAG_PAYLOAD_FORMAT, "cpio"),
        ] {
            header.text(tag, text);
        }
        header.localized(TAG_GROUP, "Simulated");
        if let Ok(epoch) = epoch.parse() {
            header.numbers(TAG_EPOCH, &[epoch]);
        }
        header.numbers(TAG_BUILD_TIME, &[self.build_time]);
        header.numbers(TAG_SIZE, &[self.filler as u32]);
        header.texts(TAG_PAYLOAD_DIGEST, &[&Sha256::of(payload).to_string()]);
        header.numbers(TAG_PAYLOAD_DIGEST_ALGORITHM, &[8]);
        self.file_list(&mut header);
        header.bytes(REGION_IMMUTABLE)
    }

    fn file_list(&self, header: &mut Header) {
        header.numbers(TAG_FILE_SIZES, &[self.filler as u32]);
        header.shorts(TAG_FILE_MODES, &[0o100_644]);
        header.numbers(TAG_FILE_TIMES, &[self.build_time]);
        header.texts(TAG_FILE_DIGESTS, &[""]);
        header.texts(TAG_FILE_LINKS, &[""]);
        header.numbers(TAG_FILE_FLAGS, &[0]);
        header.texts(TAG_FILE_USERS, &["root"]);
        header.texts(TAG_FILE_GROUPS, &["root"]);
        header.numbers(TAG_FILE_INODES, &[1]);
        header.numbers(TAG_DIR_INDEXES, &[0]);
        header.texts(TAG_BASE_NAMES, &[self.name]);
        header.texts(TAG_DIR_NAMES, &[FOLDER]);
    }

    /// A cpio archive ("newc") with one file and the trailer.
    fn cpio(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.filler + 512);
        cpio_entry(&mut out, &format!(".{FOLDER}{}", self.name), 0o100_644, self.build_time, self.filler);
        let line = format!("{} {}: simulated content, nothing of the real package is in here.\n", self.name, self.evr);
        let end = out.len() + self.filler;
        while out.len() < end {
            let take = line.len().min(end - out.len());
            out.extend_from_slice(&line.as_bytes()[..take]);
        }
        out.resize(out.len().next_multiple_of(4), 0);
        cpio_entry(&mut out, "TRAILER!!!", 0, 0, 0);
        out
    }
}

fn cpio_entry(out: &mut Vec<u8>, name: &str, mode: u32, time: u32, size: usize) {
    let name_len = name.len() as u32 + 1;
    let fields = [1, mode, 0, 0, 1, time, size as u32, 0, 0, 0, 0, name_len, 0];
    out.extend_from_slice(b"070701");
    for field in fields {
        out.extend_from_slice(format!("{field:08x}").as_bytes());
    }
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.resize(out.len().next_multiple_of(4), 0);
}

const FOLDER: &str = "/usr/share/simulated/";

const REGION_SIGNATURES: u32 = 62;
const REGION_IMMUTABLE: u32 = 63;
const SIG_SHA256: u32 = 273;
const SIG_SIZE: u32 = 1000;
const SIG_PAYLOAD_SIZE: u32 = 1007;
const TAG_NAME: u32 = 1000;
const TAG_VERSION: u32 = 1001;
const TAG_RELEASE: u32 = 1002;
const TAG_EPOCH: u32 = 1003;
const TAG_SUMMARY: u32 = 1004;
const TAG_DESCRIPTION: u32 = 1005;
const TAG_BUILD_TIME: u32 = 1006;
const TAG_BUILD_HOST: u32 = 1007;
const TAG_SIZE: u32 = 1009;
const TAG_VENDOR: u32 = 1011;
const TAG_LICENSE: u32 = 1014;
const TAG_GROUP: u32 = 1016;
const TAG_OS: u32 = 1021;
const TAG_ARCH: u32 = 1022;
const TAG_FILE_SIZES: u32 = 1028;
const TAG_FILE_MODES: u32 = 1030;
const TAG_FILE_TIMES: u32 = 1034;
const TAG_FILE_DIGESTS: u32 = 1035;
const TAG_FILE_LINKS: u32 = 1036;
const TAG_FILE_FLAGS: u32 = 1037;
const TAG_FILE_USERS: u32 = 1039;
const TAG_FILE_GROUPS: u32 = 1040;
const TAG_FILE_INODES: u32 = 1096;
const TAG_DIR_INDEXES: u32 = 1116;
const TAG_BASE_NAMES: u32 = 1117;
const TAG_DIR_NAMES: u32 = 1118;
const TAG_PAYLOAD_FORMAT: u32 = 1124;
const TAG_PAYLOAD_DIGEST: u32 = 5092;
const TAG_PAYLOAD_DIGEST_ALGORITHM: u32 = 5093;

const TYPE_INT16: u32 = 3;
const TYPE_INT32: u32 = 4;
const TYPE_STRING: u32 = 6;
const TYPE_BINARY: u32 = 7;
const TYPE_STRING_ARRAY: u32 = 8;
const TYPE_LOCALIZED: u32 = 9;

/// A header under construction: an index of tags over a store of values.
#[derive(Default)]
struct Header {
    /// Tag, type, count and value; the value's place follows when all are known.
    values: Vec<(u32, u32, u32, Vec<u8>)>,
}

impl Header {
    fn text(&mut self, tag: u32, text: &str) {
        self.values.push((tag, TYPE_STRING, 1, terminated(&[text])));
    }

    fn localized(&mut self, tag: u32, text: &str) {
        self.values.push((tag, TYPE_LOCALIZED, 1, terminated(&[text])));
    }

    fn texts(&mut self, tag: u32, texts: &[&str]) {
        self.values.push((tag, TYPE_STRING_ARRAY, texts.len() as u32, terminated(texts)));
    }

    fn numbers(&mut self, tag: u32, numbers: &[u32]) {
        let value = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        self.values.push((tag, TYPE_INT32, numbers.len() as u32, value));
    }

    fn shorts(&mut self, tag: u32, numbers: &[u16]) {
        let value = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        self.values.push((tag, TYPE_INT16, numbers.len() as u32, value));
    }

    /// The header's bytes, as one region under `region`, sorted by tag as rpm wants it.
    fn bytes(mut self, region: u32) -> Vec<u8> {
        self.values.sort_by_key(|&(tag, ..)| tag);
        let count = self.values.len() as u32 + 1;
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, kind, items, value) in &self.values {
            let align = match *kind {
                TYPE_INT16 => 2,
                TYPE_INT32 => 4,
                _ => 1,
            };
            store.resize(usize::next_multiple_of(store.len(), align), 0);
            entry(&mut index, *tag, *kind, store.len() as u32, *items);
            store.extend_from_slice(value);
        }
        let mut head = Vec::new();
        entry(&mut head, region, TYPE_BINARY, store.len() as u32, 16);
        entry(&mut store, region, TYPE_BINARY, (count * 16).wrapping_neg(), 16);
        let mut out = vec![0x8E, 0xAD, 0xE8, 1, 0, 0, 0, 0];
        out.extend(count.to_be_bytes());
        out.extend((store.len() as u32).to_be_bytes());
        out.extend(head);
        out.extend(index);
        out.extend(store);
        out
    }
}

fn terminated(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| text.bytes().chain([0])).collect()
}

fn entry(out: &mut Vec<u8>, tag: u32, kind: u32, offset: u32, count: u32) {
    for number in [tag, kind, offset, count] {
        out.extend_from_slice(&number.to_be_bytes());
    }
}
