//! The numbers of inodes that `ls -i` and `stat` show. What an installation has is numbered by its path, so that a file more or
//! less in an image changes the number of no other, nor of what is made later.

use std::collections::BTreeSet;

use super::slots::{FIRST, LATER};
use super::{Fs, Ino};

impl Fs {
    /// The number that `ls -i` and `stat` show; unique in the machine, which is more than the real one promises.
    #[must_use]
    pub fn number(&self, ino: Ino) -> u64 {
        self.slots.number(ino)
    }

    /// Numbers all files by their paths. Whoever comes later counts on from there.
    pub fn number_by_path(&mut self) {
        let first = u32::try_from(FIRST).unwrap_or_default();
        let (mut numbers, mut taken) = (vec![0; self.slots.all()], BTreeSet::from([first]));
        let mut open = vec![(self.root(), digest(0x811C_9DC5, "/"))];
        if let Some(root) = numbers.get_mut(self.root().0 as usize) {
            *root = first;
        }
        let mut give = |numbers: &mut Vec<u32>, ino: Ino, hash: u32| {
            let Some(place) = numbers.get_mut(ino.0 as usize).filter(|place| **place == 0) else { return };
            let mut number = first + hash % (LATER - first);
            while !taken.insert(number) {
                number = first + (number - first + 1) % (LATER - first);
            }
            *place = number;
        };
        while let Some((dir, hash)) = open.pop() {
            for (name, below) in self.node(dir).entries().into_iter().flatten() {
                let hash = digest(digest(hash, name), "/");
                give(&mut numbers, *below, hash);
                let top = self.over(*below);
                // What is mounted there, and the directory under it.
                give(&mut numbers, top, digest(hash, "/"));
                if self.node(top).is_dir() {
                    open.push((top, hash));
                }
            }
        }
        for (at, hash) in (0..).zip(0..numbers.len()) {
            give(&mut numbers, Ino(at), u32::try_from(hash).unwrap_or_default());
        }
        self.slots.set_numbers(numbers);
    }
}

/// FNV-1a, carried on.
fn digest(hash: u32, text: &str) -> u32 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
