//! What `test`, `[` and `[[` ask of files.

use crate::systems::linux::fs::{Access, Ino, Kind};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::Proc;

/// `-f file` and its kin; `-t` of a descriptor.
#[must_use]
pub fn unary(p: &Proc, operator: char, operand: &str) -> bool {
    if operator == 't' {
        return operand.parse().is_ok_and(|fd| p.files.is_terminal(fd));
    }
    if operand.starts_with("/proc/") {
        p.list_processes();
    }
    if operand.starts_with("/sys/") {
        p.world(made_files::show_links);
    }
    p.world(|world, id| {
        let fs = &world.linux(id).fs;
        let found = match operator {
            'h' | 'L' => fs.lookup_link(&p.cred, &p.cwd, operand),
            _ => fs.lookup(&p.cred, &p.cwd, operand),
        };
        let Ok(ino) = found else { return false };
        let inode = fs.node(ino);
        match operator {
            'a' | 'e' => true,
            'f' => matches!(inode.kind, Kind::File(_)),
            'd' => matches!(inode.kind, Kind::Dir { .. }),
            'h' | 'L' => matches!(inode.kind, Kind::Link(_)),
            'b' => matches!(inode.kind, Kind::Block { .. }),
            'c' => matches!(inode.kind, Kind::Char { .. }),
            'p' => matches!(inode.kind, Kind::Fifo),
            'S' => matches!(inode.kind, Kind::Socket),
            's' => made_files::size(world, id, ino) > 0,
            'r' => fs.access(&p.cred, ino, Access::READ).is_ok(),
            'w' => fs.access(&p.cred, ino, Access::WRITE).is_ok(),
            'x' => fs.access(&p.cred, ino, Access::EXEC).is_ok(),
            'u' => inode.mode & 0o4000 != 0,
            'g' => inode.mode & 0o2000 != 0,
            'k' => inode.mode & 0o1000 != 0,
            'O' => inode.uid == p.cred.uid,
            'G' => inode.gid == p.cred.gid,
            'N' => made_files::inode(world, id, ino).mtime > inode.atime,
            _ => false,
        }
    })
}

/// `-nt`, `-ot`, `-ef`
#[must_use]
pub fn binary(p: &Proc, operator: &str, a: &str, b: &str) -> bool {
    let found: [Option<Ino>; 2] = [a, b].map(|path| p.lookup(path).ok());
    let changed = |ino: Option<Ino>| ino.map(|ino| p.world(|world, id| made_files::inode(world, id, ino).mtime));
    match operator.trim_start_matches('-') {
        "ef" => found[0].is_some() && found[0] == found[1],
        "nt" => changed(found[0]) > changed(found[1]),
        _ => changed(found[0]) < changed(found[1]),
    }
}
