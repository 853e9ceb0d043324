//! The numbers by which file systems and volumes are known (blkid(8), lvm(8)): each machine has its own.

use crate::payload::Sha256;

/// The number that a file system was given when it was made, by the number of its machine. That of a volume group's partition has
/// other letters.
#[must_use]
pub fn of(machine: &str, device: &str, lvm: bool) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let digest = Sha256::of(format!("{machine}{device}").as_bytes());
    let (text, groups): (String, &[usize]) = match lvm {
        true => {
            let letters = digest.0.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
            (letters.collect(), &[6, 4, 4, 4, 4, 4, 6])
        }
        false => (digest.to_string(), &[8, 4, 4, 4, 12]),
    };
    let (mut parts, mut at) = (Vec::new(), 0);
    for length in groups {
        parts.push(&text[at..at + length]);
        at += length;
    }
    parts.join("-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_have_their_form() {
        let check = |lvm: bool, expect: &[usize]| {
            let uuid = super::of("a", "/dev/sda1", lvm);
            assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), expect, "{uuid}");
        };
        check(false, &[8, 4, 4, 4, 12]);
        check(true, &[6, 4, 4, 4, 4, 4, 6]);
    }
}
