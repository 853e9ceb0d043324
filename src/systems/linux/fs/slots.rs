//! The table of inodes, in pieces behind `Arc`, so that a copy of a file system costs one count per piece and the first
//! change after it one piece. Numbers of inodes that are gone are given out again, the last first.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Ino, Inode};

/// Slots in a piece.
const PIECE: usize = 64;

/// The number of the root directory, as XFS has it.
pub(super) const FIRST: u64 = 64;

/// Above the numbers of what an installation has.
pub(super) const LATER: u32 = 1 << 25;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Slot {
    Used(Arc<Inode>),
    /// Nothing here; the next free slot.
    Free(Option<u32>),
}

/// All inodes of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Listed", into = "Listed")]
pub(super) struct Slots {
    pieces: Vec<Arc<Vec<Slot>>>,
    free: Option<u32>,
    used: usize,
    /// What `ls -i` shows of the first slots, which an installation has filled.
    numbers: Arc<Vec<u32>>,
}

/// The saved form.
#[derive(Serialize, Deserialize)]
struct Listed {
    slots: Vec<Slot>,
    free: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<u32>,
}

impl From<Listed> for Slots {
    fn from(listed: Listed) -> Self {
        let used = listed.slots.iter().filter(|slot| matches!(slot, Slot::Used(_))).count();
        let pieces = listed.slots.chunks(PIECE).map(|piece| Arc::new(piece.to_vec())).collect();
        Self { pieces, free: listed.free, used, numbers: Arc::new(listed.numbers) }
    }
}

impl From<Slots> for Listed {
    fn from(slots: Slots) -> Self {
        let free = slots.free;
        let all = slots.pieces.iter().flat_map(|piece| piece.iter().cloned()).collect();
        Self { slots: all, free, numbers: slots.numbers.to_vec() }
    }
}

impl Slots {
    /// How many inodes there are.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    pub(super) fn get(&self, ino: Ino) -> Option<&Inode> {
        match self.slot(ino.0)? {
            Slot::Used(inode) => Some(inode),
            Slot::Free(_) => None,
        }
    }

    pub(super) fn get_mut(&mut self, ino: Ino) -> Option<&mut Inode> {
        match self.slot_mut(ino.0)? {
            Slot::Used(inode) => Some(Arc::make_mut(inode)),
            Slot::Free(_) => None,
        }
    }

    pub(super) fn insert(&mut self, inode: Inode) -> Ino {
        self.used += 1;
        let slot = Slot::Used(Arc::new(inode));
        if let Some(at) = self.free
            && let Some(Slot::Free(next)) = self.slot(at)
        {
            self.free = *next;
            if let Some(old) = self.slot_mut(at) {
                *old = slot;
            }
            return Ino(at);
        }
        if self.pieces.last().is_none_or(|piece| piece.len() == PIECE) {
            self.pieces.push(Arc::new(Vec::with_capacity(PIECE)));
        }
        let before = (self.pieces.len() - 1) * PIECE;
        let last = Arc::make_mut(self.pieces.last_mut().expect("a piece was put there"));
        last.push(slot);
        Ino(u32::try_from(before + last.len() - 1).expect("the number of inodes is bounded"))
    }

    pub(super) fn remove(&mut self, ino: Ino) {
        let next = self.free;
        if let Some(slot @ Slot::Used(_)) = self.slot_mut(ino.0) {
            *slot = Slot::Free(next);
            self.free = Some(ino.0);
            self.used -= 1;
        }
    }

    /// How many slots there are, free ones included.
    pub(super) fn all(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// What `ls -i` shows of the first slots from now on.
    pub(super) fn set_numbers(&mut self, numbers: Vec<u32>) {
        self.numbers = Arc::new(numbers);
    }

    /// What `ls -i` shows of an inode. Slots that came after the installation count on from [`LATER`].
    pub(super) fn number(&self, ino: Ino) -> u64 {
        match self.numbers.get(ino.0 as usize) {
            Some(number) => u64::from(*number),
            None if self.numbers.is_empty() => FIRST + u64::from(ino.0),
            None => u64::from(LATER) + u64::from(ino.0) - self.numbers.len() as u64,
        }
    }

    /// All inodes with their numbers, in that order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Ino, &Inode)> {
        let slots = self.pieces.iter().flat_map(|piece| piece.iter());
        slots.zip(0_u32..).filter_map(|(slot, at)| match slot {
            Slot::Used(inode) => Some((Ino(at), inode.as_ref())),
            Slot::Free(_) => None,
        })
    }

    /// Whether the free slots hang together, and every piece but the last is full.
    pub(super) fn is_sound(&self) -> bool {
        let all = self.all();
        let (mut at, mut seen) = (self.free, 0);
        while let Some(slot) = at {
            let Some(Slot::Free(next)) = self.slot(slot) else { return false };
            seen += 1;
            if seen > all {
                return false;
            }
            at = *next;
        }
        seen == all - self.used && self.pieces.iter().rev().skip(1).all(|piece| piece.len() == PIECE)
    }

    fn slot(&self, at: u32) -> Option<&Slot> {
        self.pieces.get(at as usize / PIECE)?.get(at as usize % PIECE)
    }

    fn slot_mut(&mut self, at: u32) -> Option<&mut Slot> {
        Arc::make_mut(self.pieces.get_mut(at as usize / PIECE)?).get_mut(at as usize % PIECE)
    }
}
