//! From a path to an inode, as path_resolution(7) tells it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Access, Cred, Errno, Fs, Ino, Kind};

/// A path and its final zero byte fit into so many bytes.
pub const PATH_MAX: usize = 4096;

/// A name has at most so many bytes.
pub const NAME_MAX: usize = 255;

/// So many symbolic links are followed for one path.
const LINKS_MAX: usize = 40;

/// What to do with a symbolic link that the path ends in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Follow {
    /// Follow it.
    Last,
    /// Follow it only when a slash comes after it.
    Slashed,
    /// Leave it: the name itself is meant.
    Never,
}

/// The last part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Name(Arc<str>),
    Dot,
    DotDot,
    Root,
}

/// Where a path ends.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The directory in which its last part is.
    pub(super) dir: Ino,
    pub(super) last: Last,
    /// What has that name, without regard to what is mounted there; `None` when nothing has.
    pub(super) raw: Option<Ino>,
    /// Whether the path ends with a slash.
    pub(super) slash: bool,
}

impl Fs {
    /// The file at `path`, taken from the directory `cwd` when it is relative.
    ///
    /// # Errors
    /// `Noent`, `Notdir`, `Acces`, `Loop`, `Nametoolong`.
    pub fn lookup(&self, cred: &Cred, cwd: &str, path: &str) -> Result<Ino, Errno> {
        self.arrive(&self.walk(cred, cwd, path, Follow::Last)?)
    }

    /// As [`Self::lookup`], but of a link that the path ends in it gives the link.
    ///
    /// # Errors
    /// As there.
    pub fn lookup_link(&self, cred: &Cred, cwd: &str, path: &str) -> Result<Ino, Errno> {
        self.arrive(&self.walk(cred, cwd, path, Follow::Slashed)?)
    }

    /// The text of the symbolic link at `path`.
    ///
    /// # Errors
    /// `Inval` when it is no link; else as [`Self::lookup`].
    pub fn readlink(&self, cred: &Cred, cwd: &str, path: &str) -> Result<&str, Errno> {
        match &self.node(self.lookup_link(cred, cwd, path)?).kind {
            Kind::Link(target) => Ok(target),
            _ => Err(Errno::Inval),
        }
    }

    /// The path without links, `.` and `..`, as realpath(3).
    ///
    /// # Errors
    /// As [`Self::lookup`].
    pub fn canonical(&self, cred: &Cred, cwd: &str, path: &str) -> Result<String, Errno> {
        let place = self.walk(cred, cwd, path, Follow::Last)?;
        self.arrive(&place)?;
        self.place_path(&place)
    }

    /// As [`Self::canonical`], but the last part need not be there, as `readlink -f` has it.
    ///
    /// # Errors
    /// As [`Self::lookup`].
    pub fn canonical_new(&self, cred: &Cred, cwd: &str, path: &str) -> Result<String, Errno> {
        let place = self.walk(cred, cwd, path, Follow::Last)?;
        if place.raw.is_some() {
            self.arrive(&place)?;
        }
        self.place_path(&place)
    }

    /// The path of a file; of several names one. `None` when it has none. For a file that is no directory this looks
    /// through all directories.
    #[must_use]
    pub fn path_of(&self, ino: Ino) -> Option<String> {
        let mut names: Vec<&str> = Vec::new();
        let mut at = ino;
        if !self.node(ino).is_dir() {
            let holds = |entries: &'_ BTreeMap<Arc<str>, Ino>| entries.values().any(|other| *other == ino);
            let (dir, inode) = self.slots.iter().find(|(_, dir)| dir.entries().is_some_and(holds))?;
            names.push(inode.entries()?.iter().find(|(_, other)| **other == ino)?.0);
            at = dir;
        }
        while at != self.root() {
            let inode = self.node(at);
            if self.mounts.get(inode.mount)?.root == at {
                at = self.mounts.get(inode.mount)?.covers()?;
                continue;
            }
            let Kind::Dir { parent, .. } = inode.kind else { return None };
            names.push(self.node(parent).entries()?.iter().find(|(_, other)| **other == at)?.0);
            at = parent;
        }
        if names.is_empty() {
            return Some("/".to_owned());
        }
        names.reverse();
        Some(names.iter().fold(String::new(), |path, name| path + "/" + name))
    }

    /// The names in a directory, sorted by bytes, without `.` and `..`. What is mounted on a name stands in its place.
    ///
    /// # Errors
    /// `Notdir`, and `Acces` without read permission.
    pub fn readdir<'a>(
        &'a self,
        cred: &Cred,
        dir: Ino,
    ) -> Result<impl Iterator<Item = (&'a Arc<str>, Ino)> + use<'a>, Errno> {
        let inode = self.node(dir);
        let entries = inode.entries().ok_or(Errno::Notdir)?;
        cred.permits(inode, Access::READ)?;
        Ok(entries.iter().map(|(name, ino)| (name, self.over(*ino))))
    }

    /// The directory that `..` names in this one.
    #[must_use]
    pub fn parent(&self, dir: Ino) -> Ino {
        let mut at = dir;
        loop {
            let inode = self.node(at);
            match self.mounts.get(inode.mount) {
                Some(mount) if mount.root == at => match mount.covers() {
                    Some(under) => at = under,
                    None => return at,
                },
                _ => break,
            }
        }
        match self.node(at).kind {
            Kind::Dir { parent, .. } => self.over(parent),
            _ => at,
        }
    }

    /// Whether an access is allowed, as access(2).
    ///
    /// # Errors
    /// `Acces`, and `Rofs` for writing to a file or directory on a read-only mount.
    pub fn access(&self, cred: &Cred, ino: Ino, access: Access) -> Result<(), Errno> {
        let inode = self.node(ino);
        let stored = matches!(inode.kind, Kind::File(_) | Kind::Dir { .. } | Kind::Link(_));
        if access.writes() && stored && self.is_read_only(inode.mount) {
            return Err(Errno::Rofs);
        }
        cred.permits(inode, access)
    }

    /// What stands at a directory once mounts are seen: the topmost root that is mounted on it, else itself.
    pub(super) fn over(&self, mut ino: Ino) -> Ino {
        while let Some(mount) = self.covered.get(&ino) {
            ino = self.mounts[*mount].root;
        }
        ino
    }

    /// The inode at the end of a walk, when there is one and the path's final slash suits it.
    pub(super) fn arrive(&self, place: &Place) -> Result<Ino, Errno> {
        let ino = self.over(place.raw.ok_or(Errno::Noent)?);
        if place.slash && !self.node(ino).is_dir() { Err(Errno::Notdir) } else { Ok(ino) }
    }

    fn place_path(&self, place: &Place) -> Result<String, Errno> {
        let Last::Name(name) = &place.last else {
            return self.path_of(place.dir).ok_or(Errno::Noent);
        };
        let mut path = self.path_of(place.dir).ok_or(Errno::Noent)?;
        if path != "/" {
            path.push('/');
        }
        Ok(path + name)
    }

    /// The directory in which a relative path starts. The process is in it already, so no permission is asked.
    fn start(&self, cwd: &str) -> Result<Ino, Errno> {
        if !cwd.starts_with('/') {
            return Err(Errno::Noent);
        }
        self.arrive(&self.walk_from(&Cred::ROOT, self.root(), cwd, Follow::Last)?)
    }

    pub(super) fn walk(&self, cred: &Cred, cwd: &str, path: &str, follow: Follow) -> Result<Place, Errno> {
        if path.is_empty() {
            return Err(Errno::Noent);
        }
        let start = if path.starts_with('/') { self.root() } else { self.start(cwd)? };
        self.walk_from(cred, start, path, follow)
    }

    fn walk_from(&self, cred: &Cred, start: Ino, path: &str, follow: Follow) -> Result<Place, Errno> {
        if path.len() >= PATH_MAX {
            return Err(Errno::Nametoolong);
        }
        let (mut at, mut text, mut pos, mut links) = (start, Cow::Borrowed(path), 0, 0);
        let mut place = Place { dir: at, last: Last::Root, raw: Some(at), slash: false };
        loop {
            pos += slashes(&text[pos..]);
            if pos == text.len() {
                return Ok(place);
            }
            let end = text[pos..].find('/').map_or(text.len(), |length| pos + length);
            let name = &text[pos..end];
            let is_last = end + slashes(&text[end..]) == text.len();
            let slash = is_last && end < text.len();
            let inode = self.node(at);
            let entries = inode.entries().ok_or(Errno::Notdir)?;
            cred.permits(inode, Access::EXEC)?;
            if name.len() > NAME_MAX {
                return Err(Errno::Nametoolong);
            }
            pos = end;
            if name == "." {
                place = Place { dir: at, last: Last::Dot, raw: Some(at), slash };
                continue;
            }
            if name == ".." {
                at = self.parent(at);
                place = Place { dir: at, last: Last::DotDot, raw: Some(at), slash };
                continue;
            }
            let Some(&raw) = entries.get(name) else {
                let nothing = Place { dir: at, last: Last::Name(name.into()), raw: None, slash };
                return if is_last { Ok(nothing) } else { Err(Errno::Noent) };
            };
            if let Kind::Link(target) = &self.node(raw).kind
                && (!is_last || follow == Follow::Last || slash && follow == Follow::Slashed)
            {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::Loop);
                }
                if target.starts_with('/') {
                    at = self.root();
                }
                place = Place { dir: at, last: Last::Root, raw: Some(at), slash: false };
                text = Cow::Owned(format!("{target}{}", &text[end..]));
                pos = 0;
                continue;
            }
            place = Place { dir: at, last: Last::Name(name.into()), raw: Some(raw), slash };
            at = self.over(raw);
        }
    }
}

/// How many slashes a text begins with.
fn slashes(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'/').count()
}
