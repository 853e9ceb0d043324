//! What an account has beside its line: a home with the files of `/etc/skel`, and a mailbox.

use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno, Fs, Ino};
use crate::systems::linux::proc::Proc;

use super::defaults;

/// Makes a home, unless it is there.
pub fn make(p: &Proc, home: &str, (uid, gid): (u32, u32), skeleton: &str) -> Result<bool, Errno> {
    let mask = defaults::setting(p, "UMASK").and_then(|text| u16::from_str_radix(&text, 8).ok()).unwrap_or(0o022);
    let root = &Cred::ROOT;
    p.fs(|fs, now| {
        if fs.lookup(root, "/", home).is_ok() {
            return Ok(false);
        }
        let ino = fs.mkdir(root, "/", home, 0o777 & !mask, now)?;
        fs.chown(root, ino, Some(uid), Some(gid), now)?;
        let Ok(skeleton) = fs.lookup(root, "/", skeleton) else { return Ok(true) };
        let files: Vec<_> =
            fs.node(skeleton).entries().into_iter().flatten().map(|(name, ino)| (name.to_string(), *ino)).collect();
        for (name, from) in files {
            let Some(Content::Bytes(bytes)) = fs.content(from).cloned() else { continue };
            let to = fs.create(root, "/", &format!("{home}/{name}"), 0o644, now)?;
            fs.append(root, to, &bytes, now)?;
            fs.chown(root, to, Some(uid), Some(gid), now)?;
        }
        Ok(true)
    })
}

/// Where a user's mail lies.
pub fn mailbox(name: &str) -> String {
    format!("/var/spool/mail/{name}")
}

/// Makes the mailbox, for the group `mail` too where there is one.
pub fn make_mailbox(p: &Proc, name: &str, (uid, gid): (u32, u32)) {
    let mail = p.peek(|linux| linux.groups().into_iter().find(|group| group.name == "mail").map(|group| group.gid));
    let (mode, gid) = mail.map_or((0o600, gid), |mail| (0o660, mail));
    let root = &Cred::ROOT;
    let _ = p.fs(|fs, now| {
        if fs.lookup(root, "/", &mailbox(name)).is_ok() {
            return Ok(());
        }
        let ino = fs.create(root, "/", &mailbox(name), mode, now)?;
        fs.chown(root, ino, Some(uid), Some(gid), now)
    });
}

/// Removes a directory with all that is in it, so deep as paths may be.
pub fn remove_tree(fs: &mut Fs, path: &str, now: Instant) -> Result<(), Errno> {
    let ino = fs.lookup_link(&Cred::ROOT, "/", path)?;
    let names: Option<Vec<String>> =
        fs.node(ino).entries().map(|entries| entries.keys().map(ToString::to_string).collect());
    let Some(names) = names.filter(|_| path.len() < DEEPEST) else { return fs.unlink(&Cred::ROOT, "/", path, now) };
    for name in names {
        remove_tree(fs, &format!("{path}/{name}"), now)?;
    }
    fs.rmdir(&Cred::ROOT, "/", path, now)
}

/// So long a path may be.
const DEEPEST: usize = 1_024;

/// Everything in a home that was an old number's is a new one's: users and groups.
pub fn give(fs: &mut Fs, path: &str, users: (u32, u32), groups: (u32, u32), now: Instant) {
    if let Ok(ino) = fs.lookup_link(&Cred::ROOT, "/", path) {
        let mut open: Vec<Ino> = vec![ino];
        while let Some(ino) = open.pop() {
            let node = fs.node(ino);
            open.extend(node.entries().into_iter().flatten().map(|(_, ino)| *ino));
            let change = |own: u32, (old, new): (u32, u32)| (own == old && old != new).then_some(new);
            let (user, group) = (change(node.uid, users), change(node.gid, groups));
            if user.is_some() || group.is_some() {
                let _ = fs.chown(&Cred::ROOT, ino, user, group, now);
            }
        }
    }
}
