//! What a few files have beside their permission bits: rights of single users and groups (acl(5)) and attributes such as that
//! nobody may change them (chattr(1)).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Access, Cred, Errno, Fs, Ino, Inode};
use crate::sim::Instant;

/// Rights and attributes of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    /// Letters of chattr(1).
    pub attributes: String,
    /// Who may do what with it.
    pub rights: Rights,
    /// What new files of a directory get.
    pub inherited: Option<Inherited>,
}

/// Rights of single users and groups; those of the owner and of all others are permission bits, and so is the mask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rights {
    /// By user.
    pub users: BTreeMap<u32, u8>,
    /// By group.
    pub groups: BTreeMap<u32, u8>,
    /// Those of the file's own group, where the bits of it are the mask.
    pub own_group: Option<u8>,
}

/// The rights that a directory hands on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inherited {
    /// Permission bits, those of the group being the mask where there is one.
    pub mode: u16,
    /// The rest.
    pub rights: Rights,
}

impl Rights {
    /// Whether there are any beside the permission bits.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.own_group.is_none()
    }

    /// The rights that all together give to users and groups: what the mask becomes.
    #[must_use]
    pub fn union(&self) -> u8 {
        let all = self.users.values().chain(self.groups.values()).copied();
        all.fold(self.own_group.unwrap_or(0), |union, bits| union | bits)
    }

    /// The bits that somebody who is not the owner has.
    fn bits(&self, cred: &Cred, inode: &Inode, access: u16) -> u16 {
        let mask = inode.mode >> 3 & 7;
        if let Some(bits) = self.users.get(&cred.uid) {
            return u16::from(*bits) & mask;
        }
        let own = self.own_group.filter(|_| cred.is_in(inode.gid));
        let named = self.groups.iter().filter(|(gid, _)| cred.is_in(**gid)).map(|(_, bits)| *bits);
        let fitting: Vec<u16> = own.into_iter().chain(named).map(|bits| u16::from(bits) & mask).collect();
        // One entry that allows it is enough; where one fits and none does, the others are not asked.
        let allowing = fitting.iter().copied().find(|bits| bits & access == access);
        allowing.or(fitting.first().copied()).unwrap_or(inode.mode & 7)
    }
}

impl Inode {
    /// Whether a file has an attribute.
    #[must_use]
    pub fn has_attribute(&self, letter: char) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.attributes.contains(letter))
    }

    /// Whether others than owner, group and all have rights of their own.
    #[must_use]
    pub fn has_rights(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| !extra.rights.is_plain() || extra.inherited.is_some())
    }

    /// The bits that somebody has by the rights of single users and groups, where there are such.
    pub(super) fn granted(&self, cred: &Cred, access: Access) -> Option<u16> {
        let extra = self.extra.as_ref().filter(|extra| !extra.rights.is_plain())?;
        (!cred.is_root() && cred.uid != self.uid).then(|| extra.rights.bits(cred, self, access.0))
    }

    /// Whether nobody may change what is known of it.
    pub(super) fn is_fixed(&self) -> bool {
        self.has_attribute('i') || self.has_attribute('a')
    }
}

impl Fs {
    /// Changes rights and attributes of a file.
    ///
    /// # Errors
    /// `Perm` for all but owner and root, `Rofs`.
    pub fn set_extra(
        &mut self,
        cred: &Cred,
        ino: Ino,
        now: Instant,
        change: impl FnOnce(&mut Extra, &mut u16),
    ) -> Result<(), Errno> {
        if self.is_read_only(self.node(ino).mount) {
            return Err(Errno::Rofs);
        }
        if !cred.owns(self.node(ino)) {
            return Err(Errno::Perm);
        }
        self.edit(ino, |inode| {
            let mut extra = inode.extra.as_deref().cloned().unwrap_or_default();
            change(&mut extra, &mut inode.mode);
            inode.extra = (extra != Extra::default()).then(|| Arc::new(extra));
            inode.ctime = now;
        });
        Ok(())
    }

    /// What a new file gets of the directory that it is made in: its permission bits and rights.
    pub(super) fn inherit(&self, dir: Ino, directory: bool) -> Option<(u16, Arc<Extra>)> {
        let inherited = self.node(dir).extra.as_ref()?.inherited.clone()?;
        let most = if directory { 0o777 } else { 0o666 };
        let kept = directory.then(|| inherited.clone());
        let extra = Extra { attributes: String::new(), rights: inherited.rights, inherited: kept };
        Some((inherited.mode & most, Arc::new(extra)))
    }
}
