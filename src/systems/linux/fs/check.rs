//! What is always true of a tree of files; a saved lab in which it is not is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::mounts::Tally;
use super::{CONTENT_MAX, Fs, INODES_MAX, Ino, Inode, Kind, NAME_MAX};

/// A number for each inode.
type Counts = BTreeMap<Ino, u32>;

/// Whether a text can be the name of a file.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_MAX && name != "." && name != ".." && !name.contains(['/', '\0'])
}

impl Fs {
    /// Counts anew what the inodes give: usage, memory, mount points, orphans.
    pub(super) fn count(&mut self) -> Result<(), String> {
        self.held = self.slots.iter().map(|(_, inode)| inode.held()).sum();
        self.tally = self.tallies()?;
        self.orphans = self.slots.iter().filter(|(_, inode)| inode.nlink == 0).map(|(ino, _)| ino).collect();
        self.covered = BTreeMap::new();
        for (index, mount) in self.mounts.iter().enumerate() {
            if let Some(dir) = mount.covers()
                && self.covered.insert(dir, index).is_some()
            {
                return Err(format!("two file systems are mounted on inode {}", dir.0));
            }
        }
        Ok(())
    }

    /// Looks through the whole tree: every name leads to an inode, every inode has as many names as it says, every
    /// directory one place below the root of its file system, and the books are right.
    ///
    /// # Errors
    /// A sentence about what is wrong.
    pub fn check(&self) -> Result<(), String> {
        if !self.slots.is_sound() || self.slots.len() > INODES_MAX {
            return Err("the table of inodes is broken".to_owned());
        }
        self.check_mounts()?;
        let (names, below) = self.check_names()?;
        let roots: BTreeSet<Ino> =
            self.mounts.iter().filter(|mount| !mount.is_gone()).map(|mount| mount.root).collect();
        for (ino, inode) in self.slots.iter() {
            let count = |of: &Counts| of.get(&ino).copied().unwrap_or(0);
            let named = count(&names);
            let expected = match (inode.is_dir(), roots.contains(&ino)) {
                (true, true) if named == 0 => 2 + count(&below),
                (true, false) if named == 1 => 2 + count(&below),
                (true, false) if named == 0 && inode.entries().is_some_and(BTreeMap::is_empty) => 0,
                (false, false) => named,
                _ => return Err(format!("inode {} has {named} names", ino.0)),
            };
            if inode.nlink != expected {
                return Err(format!("inode {} counts {} links, it has {expected}", ino.0, inode.nlink));
            }
            if (expected == 0) != self.orphans.contains(&ino) {
                return Err(format!("inode {} is wrongly listed as an orphan, or not", ino.0));
            }
        }
        self.check_reach(&roots)?;
        let held: u64 = self.slots.iter().map(|(_, inode)| inode.held()).sum();
        if held != self.held || held > CONTENT_MAX {
            return Err(format!("{held} bytes are held, {} are counted", self.held));
        }
        if self.tallies()? != self.tally {
            return Err("the use of a file system is not the sum of its files".to_owned());
        }
        Ok(())
    }

    fn check_mounts(&self) -> Result<(), String> {
        let mounted: BTreeSet<usize> = self.order.iter().copied().collect();
        if mounted.len() != self.order.len() || !mounted.contains(&0) {
            return Err("the list of mounts is not in order".to_owned());
        }
        for (index, mount) in self.mounts.iter().enumerate() {
            if mount.is_mounted() != mounted.contains(&index)
                || (index == 0) != (mount.is_mounted() && mount.covers().is_none())
            {
                return Err(format!("{} is not mounted as it says", mount.device));
            }
            let root = self.slots.get(mount.root);
            let is_root = |root: &Inode| match root.kind {
                Kind::Dir { parent, .. } => parent == mount.root && root.mount == index,
                _ => false,
            };
            if !mount.is_gone() && !root.is_some_and(is_root) {
                return Err(format!("{} has no root directory", mount.device));
            }
            let covers = mount.covers().map(|dir| self.slots.get(dir));
            let good = |dir: &Inode| dir.is_dir() && dir.nlink > 0 && dir.mount < self.mounts.len();
            if covers.is_some_and(|dir| dir.is_none_or(|dir| !good(dir))) {
                return Err(format!("{} is mounted on no directory", mount.device));
            }
            if self.climbs_forever(index) {
                return Err(format!("{} is mounted below itself", mount.device));
            }
        }
        if mounted.iter().any(|index| *index >= self.mounts.len()) {
            return Err("the list of mounts names one that is not there".to_owned());
        }
        Ok(())
    }

    /// Whether going down from a mount to the file systems under it does not end at the root.
    fn climbs_forever(&self, mut index: usize) -> bool {
        for _ in 0..=self.mounts.len() {
            match self.mounts.get(index).and_then(|mount| mount.covers()) {
                Some(dir) => index = self.slots.get(dir).map_or(0, |dir| dir.mount),
                None => return false,
            }
        }
        true
    }

    /// How many names each inode has, and how many directories each directory.
    fn check_names(&self) -> Result<(Counts, Counts), String> {
        let (mut names, mut below) = (Counts::new(), Counts::new());
        for (dir, inode) in self.slots.iter() {
            for (name, ino) in inode.entries().into_iter().flatten() {
                let child = self.slots.get(*ino).ok_or_else(|| format!("{name:?} leads nowhere"))?;
                if !is_name(name) || child.mount != inode.mount {
                    return Err(format!("{name:?} is no name here"));
                }
                *names.entry(*ino).or_insert(0) += 1;
                if let Kind::Dir { parent, .. } = child.kind {
                    *below.entry(dir).or_insert(0) += 1;
                    if parent != dir {
                        return Err(format!("{name:?} knows another directory above it"));
                    }
                }
            }
        }
        Ok((names, below))
    }

    /// Whether all that has a name can be reached from the root of its file system.
    fn check_reach(&self, roots: &BTreeSet<Ino>) -> Result<(), String> {
        let (mut seen, mut open) = (roots.clone(), roots.iter().copied().collect::<Vec<_>>());
        while let Some(dir) = open.pop() {
            for ino in self.node(dir).entries().into_iter().flat_map(BTreeMap::values) {
                if seen.insert(*ino) && self.node(*ino).is_dir() {
                    open.push(*ino);
                }
            }
        }
        match self.slots.iter().find(|(ino, inode)| inode.nlink > 0 && !seen.contains(ino)) {
            Some((ino, _)) => Err(format!("inode {} is out of reach", ino.0)),
            None => Ok(()),
        }
    }

    fn tallies(&self) -> Result<Vec<Tally>, String> {
        let mut tally = vec![Tally::default(); self.mounts.len()];
        for (ino, inode) in self.slots.iter() {
            let mount = tally.get_mut(inode.mount).ok_or_else(|| format!("inode {} is on no file system", ino.0))?;
            mount.files += 1;
            mount.bytes = mount.bytes.saturating_add(self.layout(inode.mount).footprint(inode));
        }
        Ok(tally)
    }
}
