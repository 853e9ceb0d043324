//! A file system that is only in memory begins anew at each boot.

use std::sync::Arc;

use super::{Content, Cred, Errno, Fs, Ino, Kind};
use crate::sim::Instant;

impl Fs {
    /// Makes what is mounted at `dir` what it is in `fresh`: files that somebody made are gone, those that somebody took away
    /// are back. What follows from a model stays, and so do the directories over which others are mounted.
    ///
    /// # Errors
    /// `Noent` when one of them lacks the directory, `Nospc`.
    pub fn renew(&mut self, dir: &str, fresh: &Self, now: Instant) -> Result<(), Errno> {
        let own = self.lookup(&Cred::ROOT, "/", dir)?;
        let theirs = fresh.lookup(&Cred::ROOT, "/", dir)?;
        self.empty(own, now);
        self.refill(own, fresh, theirs, now)
    }

    /// Whether a boot leaves it where it is.
    fn outlasts(&self, ino: Ino) -> bool {
        let below =
            || self.node(ino).entries().is_some_and(|entries| entries.values().any(|child| self.outlasts(*child)));
        self.covered.contains_key(&ino) || matches!(self.content(ino), Some(Content::Made(_))) || below()
    }

    fn empty(&mut self, dir: Ino, now: Instant) {
        for name in self.names(dir) {
            let Some(child) = self.child(dir, &name) else { continue };
            if !self.outlasts(child) {
                self.withdraw(dir, &name, now);
            } else if !self.covered.contains_key(&child) {
                self.empty(child, now);
            }
        }
    }

    fn refill(&mut self, dir: Ino, fresh: &Self, theirs: Ino, now: Instant) -> Result<(), Errno> {
        for name in fresh.names(theirs) {
            let Some(theirs) = fresh.child(theirs, &name) else { continue };
            let node = fresh.node(theirs);
            let own = match self.child(dir, &name) {
                Some(own) => own,
                None => {
                    let kind = if node.is_dir() { Kind::EMPTY_DIR } else { node.kind.clone() };
                    let own = self.put(&Cred::ROOT, dir, &name, kind, node.mode, now)?;
                    let (uid, gid, label) = (node.uid, node.gid, node.label.clone());
                    self.edit(own, |inode| (inode.uid, inode.gid, inode.label) = (uid, gid, label));
                    own
                }
            };
            if node.is_dir() && !self.covered.contains_key(&own) && !fresh.covered.contains_key(&theirs) {
                self.refill(own, fresh, theirs, now)?;
            }
        }
        Ok(())
    }

    fn names(&self, dir: Ino) -> Vec<Arc<str>> {
        self.node(dir).entries().into_iter().flat_map(|all| all.keys().cloned()).collect()
    }

    fn child(&self, dir: Ino, name: &str) -> Option<Ino> {
        self.node(dir).entries()?.get(name).copied()
    }
}
