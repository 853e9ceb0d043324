//! Keys of OpenSSH as what they are on disk (RFC 4253, RFC 5656, RFC 8709): a public key of its real length whose numbers are
//! derived from a text. Nothing can be signed with them. Fingerprints and the picture of a key follow from its bytes.

use crate::payload::Sha256;
use crate::systems::linux::tools::text::base::{decode, encode};

/// What kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSA.
    Rsa,
    /// ECDSA on the curve of NIST with 256 bits.
    Ecdsa,
    /// Ed25519.
    Ed25519,
}

impl Kind {
    /// The kind that `ssh-keygen -t` calls so.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        [Self::Rsa, Self::Ecdsa, Self::Ed25519].into_iter().find(|kind| kind.word() == word)
    }

    /// As options and file names have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ecdsa => "ecdsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// As messages have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ecdsa => "ECDSA",
            Self::Ed25519 => "ED25519",
        }
    }

    /// As public keys begin.
    fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa => "ssh-rsa",
            Self::Ecdsa => "ecdsa-sha2-nistp256",
            Self::Ed25519 => "ssh-ed25519",
        }
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// Its length.
    pub bits: u32,
    blob: Vec<u8>,
}

/// So long may a key of RSA be.
pub const LONGEST: u32 = 16_384;

impl Key {
    /// The key that a text gives.
    #[must_use]
    pub fn derived(kind: Kind, bits: u32, seed: &str) -> Self {
        let mut blob = Vec::new();
        put(&mut blob, kind.algorithm().as_bytes());
        let bits = match kind {
            Kind::Rsa => {
                let bits = bits.clamp(1024, LONGEST) / 8 * 8;
                put(&mut blob, &[1, 0, 1]);
                let mut number = chance(seed, bits as usize / 8);
                number[0] |= 0x80;
                *number.last_mut().expect("at least 128 bytes") |= 1;
                // The highest bit would make it negative.
                number.insert(0, 0);
                put(&mut blob, &number);
                bits
            }
            Kind::Ecdsa => {
                put(&mut blob, b"nistp256");
                put(&mut blob, &[&[4][..], &chance(seed, 64)].concat());
                256
            }
            Kind::Ed25519 => {
                put(&mut blob, &chance(seed, 32));
                256
            }
        };
        Self { kind, bits, blob }
    }

    /// The key of a machine's sshd, as its version of OpenSSH has made it.
    #[must_use]
    pub fn of_host(kind: Kind, host: &str, version: (u8, u8)) -> Self {
        let bits = if version >= (8, 0) { 3072 } else { 2048 };
        Self::derived(kind, bits, &Self::host_seed(kind, host))
    }

    /// The text that it is derived from.
    #[must_use]
    pub fn host_seed(kind: Kind, host: &str) -> String {
        format!("host key of {host} {}", kind.word())
    }

    /// Reads a line of a `.pub` file, `known_hosts` or `authorized_keys`; with what stands behind the key.
    #[must_use]
    pub fn read(line: &str) -> Option<(Self, &str)> {
        let at = [Kind::Rsa, Kind::Ecdsa, Kind::Ed25519].into_iter().find_map(|kind| {
            let at = line.find(&format!("{} AAAA", kind.algorithm()))?;
            Some((kind, &line[at + kind.algorithm().len() + 1..]))
        });
        let (kind, rest) = at?;
        let (letters, comment) = rest.split_once(' ').unwrap_or((rest, ""));
        let (blob, whole) = decode(letters.as_bytes());
        let bits = match kind {
            // What stands before the number: a name, an exponent, a length and a zero.
            Kind::Rsa => u32::try_from(blob.len().checked_sub(23)? * 8).ok()?,
            _ => 256,
        };
        whole.then_some((Self { kind, bits, blob }, comment.trim()))
    }

    /// As a line without a comment.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.kind.algorithm(), String::from_utf8_lossy(&encode(&self.blob)))
    }

    /// `SHA256:` and the digest.
    #[must_use]
    pub fn sha256(&self) -> String {
        let letters = encode(&Sha256::of(&self.blob).0);
        format!("SHA256:{}", String::from_utf8_lossy(&letters).trim_end_matches('='))
    }

    /// The digest of MD5, in pairs.
    #[must_use]
    pub fn md5(&self) -> String {
        let digest = <md5::Md5 as md5::Digest>::digest(&self.blob);
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
    }

    /// The picture of the digest: since 6.8 that of SHA-256, before of MD5.
    #[must_use]
    pub fn art(&self, modern: bool) -> String {
        let (name, bits) = (self.kind.name(), self.bits);
        if modern {
            picture(&Sha256::of(&self.blob).0, &centred(&format!("[{name} {bits}]")), &centred("[SHA256]"))
        } else {
            let title = format!("--[{name:>4} {bits:>4}]");
            picture(&<md5::Md5 as md5::Digest>::digest(&self.blob), &format!("{title:-<17}"), &"-".repeat(17))
        }
    }
}

/// The letters of the key in a line, by which keys are compared.
#[must_use]
pub fn letters(line: &str) -> Option<String> {
    line.split_whitespace().find(|word| word.starts_with("AAAA")).map(str::to_owned)
}

fn put(blob: &mut Vec<u8>, bytes: &[u8]) {
    blob.extend(u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
    blob.extend_from_slice(bytes);
}

/// Bytes that follow from a text.
fn chance(seed: &str, count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count + 32);
    let mut round = 0;
    while bytes.len() < count {
        bytes.extend(Sha256::of(format!("{seed} {round}").as_bytes()).0);
        round += 1;
    }
    bytes.truncate(count);
    bytes
}

const WIDTH: usize = 17;
const HEIGHT: usize = 9;

fn centred(title: &str) -> String {
    let left = WIDTH.saturating_sub(title.len()) / 2;
    format!("{:->width$}", "", width = left) + &format!("{title:-<width$}", width = WIDTH - left)
}

/// The walk of the drunken bishop (`key_fingerprint_randomart`): two bits a step, more marks where it comes by often.
fn picture(digest: &[u8], above: &str, below: &str) -> String {
    const MARKS: &[u8; 17] = b" .o+=*BOX@%&#/^SE";
    let mut field = [[0_usize; WIDTH]; HEIGHT];
    let (mut x, mut y) = (WIDTH / 2, HEIGHT / 2);
    for step in digest.iter().flat_map(|byte| (0..4).map(move |pair| byte >> (2 * pair) & 3)) {
        x = if step & 1 == 1 { (x + 1).min(WIDTH - 1) } else { x.saturating_sub(1) };
        y = if step & 2 == 2 { (y + 1).min(HEIGHT - 1) } else { y.saturating_sub(1) };
        field[y][x] = (field[y][x] + 1).min(MARKS.len() - 3);
    }
    field[HEIGHT / 2][WIDTH / 2] = MARKS.len() - 2;
    field[y][x] = MARKS.len() - 1;
    let row = |row: &[usize; WIDTH]| format!("|{}|\n", row.iter().map(|at| char::from(MARKS[*at])).collect::<String>());
    let rows: String = field.iter().map(row).collect();
    format!("+{above}+\n{rows}+{below}+\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_fingerprints_are_those_of_openssh() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIArufwJ/y1k0li3MPPu6cKj27Xn0YSmth9KPlSDtizm4 a b";
        let (key, comment) = Key::read(line).expect("a key");
        assert_eq!((key.kind, key.bits, comment), (Kind::Ed25519, 256, "a b"));
        assert_eq!(key.sha256(), "SHA256:yRQGeDbKT7y+NIUT6BraTuMVjehiqLp8NE0rc2bLyCg");
        let rows = [
            "+--[ED25519 256]--+",
            "|     ...o        |",
            "|    ..+. .       |",
            "|   ..=...        |",
            "|   oo+o= .       |",
            "|  o *o=.S        |",
            "|.+ B Boo         |",
            "|+.X @.+          |",
            "|E* * +..         |",
            "|*o+   ..         |",
            "+----[SHA256]-----+",
            "",
        ];
        assert_eq!(key.art(true), rows.join("\n"));
    }

    #[test]
    fn keys_have_the_length_of_real_ones() {
        let check = |kind: Kind, bits: u32, length: usize| {
            let key = Key::derived(kind, bits, "x");
            let line = format!("host {} me", key.line());
            assert_eq!(letters(&line).map(|letters| letters.len()), Some(length), "{kind:?} {bits}");
            assert_eq!(Key::read(&line), Some((key, "me")), "{kind:?} {bits}");
        };
        check(Kind::Rsa, 2048, 372);
        check(Kind::Rsa, 3072, 544);
        check(Kind::Rsa, 4096, 716);
        check(Kind::Ecdsa, 256, 140);
        check(Kind::Ed25519, 256, 68);
    }

    #[test]
    fn old_pictures_have_another_frame() {
        let key = Key::derived(Kind::Rsa, 2048, "x");
        let art = key.art(false);
        assert!(art.starts_with("+--[ RSA 2048]----+\n") && art.ends_with("+-----------------+\n"), "{art}");
    }
}
