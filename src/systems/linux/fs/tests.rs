//! The rules of the file system, each with its error; then random changes, after which every invariant must hold.

use std::sync::Arc;

use super::*;
use crate::sim::{Span, Streams};

const EVA: Cred = Cred { uid: 1000, gid: 1000, groups: Vec::new() };

fn start() -> Instant {
    Instant::parse("2021-03-01T08:00:00Z").expect("a good time")
}

/// A tree with a bit of everything: a full, a read-only and a kernel's file system, a sticky directory, links.
fn tree() -> Fs {
    let mut fs = Fs::new(Mount::new("/dev/sda1", "xfs", 1 << 30), start());
    let mut small = Mount::new("/dev/sdb1", "ext4", 131_072);
    small.reserved = 32_768;
    let mut disc = Mount::new("/dev/sr0", "iso9660", 4096);
    disc.read_only = true;
    for line in [
        "mkdir /data",
        "mkdir /disc",
        "mkdir /proc",
        "mkdir /etc",
        "write /etc/passwd root:x:0",
        "mkdir /root 700",
        "mkdir /root/deep",
        "mkdir /tmp 1777",
        "write /tmp/roots x",
        "mkdir /home",
        "mkdir /home/eva",
        "chown /home/eva 1000",
        "eva write /home/eva/f text",
        "eva mkdir /home/eva/full",
        "eva write /home/eva/full/x x",
        "eva mkdir /home/eva/empty",
        "symlink etc /link",
        "symlink loop /loop",
        "symlink /home/eva/new /dangling",
        "symlink /etc/passwd /file",
        "symlink / /slash",
    ] {
        assert_eq!(act(&mut fs, line), Ok(()), "{line}");
    }
    for (mount, dir) in [(small, "/data"), (disc, "/disc"), (Mount::new("proc", "proc", 0), "/proc")] {
        fs.mount(&Cred::ROOT, "/", mount, dir, start()).expect("a directory");
    }
    assert_eq!(act(&mut fs, "mkdir /data/sub 777"), Ok(()));
    // Names in the kernel's trees are made by who builds the machine.
    let proc = fs.lookup(&Cred::ROOT, "/", "/proc").expect("it is mounted");
    let uptime = Kind::File(Content::default());
    fs.put(&Cred::ROOT, proc, "uptime", uptime, 0o644, start() + Span::secs(60)).expect("the name is free");
    fs
}

/// Does what a line says, as root or, when it begins with `eva`, as a user whose directory is `/home/eva`.
fn act(fs: &mut Fs, line: &str) -> Result<(), Errno> {
    let words: Vec<&str> = line.split(' ').collect();
    let (cred, cwd, words) = match words.as_slice() {
        ["eva", rest @ ..] => (&EVA, "/home/eva", rest),
        rest => (&Cred::ROOT, "/", rest),
    };
    let now = start() + Span::secs(60);
    let mode = |text: &str| u16::from_str_radix(text, 8).expect("an octal number");
    match *words {
        ["mkdir", path] => fs.mkdir(cred, cwd, path, 0o755, now).map(drop),
        ["mkdir", path, bits] => fs.mkdir(cred, cwd, path, mode(bits), now).map(drop),
        ["rmdir", path] => fs.rmdir(cred, cwd, path, now),
        ["unlink", path] => fs.unlink(cred, cwd, path, now),
        ["link", old, new] => fs.link(cred, cwd, old, new, now),
        ["symlink", target, path] => fs.symlink(cred, cwd, target, path, now).map(drop),
        ["rename", old, new] => fs.rename(cred, cwd, old, new, now),
        ["lookup", path] => fs.lookup(cred, cwd, path).map(drop),
        ["read", path] => fs.lookup(cred, cwd, path).and_then(|ino| fs.read(cred, ino).map(drop)),
        ["readlink", path] => fs.readlink(cred, cwd, path).map(drop),
        ["list", path] => fs.lookup(cred, cwd, path).and_then(|ino| fs.readdir(cred, ino).map(drop)),
        ["exec", path] => fs.lookup(cred, cwd, path).and_then(|ino| fs.access(cred, ino, Access::EXEC)),
        ["create", path] => fs.create(cred, cwd, path, 0o644, now).map(drop),
        ["new", path] => {
            let how = Open { write: true, create: Some(0o644), exclusive: true, ..Open::default() };
            fs.open(cred, cwd, path, how, now).map(drop)
        }
        ["write", path, text] => {
            let ino = fs.create(cred, cwd, path, 0o644, now)?;
            fs.append(cred, ino, text.as_bytes(), now).map(drop)
        }
        ["fill", path, kib] => {
            let ino = fs.create(cred, cwd, path, 0o644, now)?;
            let bytes = vec![7; kib.parse::<usize>().expect("a number") << 10];
            let written = fs.append(cred, ino, &bytes, now)?;
            if written < bytes.len() { fs.append(cred, ino, b"x", now).map(drop) } else { Ok(()) }
        }
        ["truncate", path, length] => {
            let ino = fs.lookup(cred, cwd, path)?;
            fs.truncate(cred, ino, length.parse().expect("a number"), now)
        }
        ["chmod", bits, path] => fs.lookup(cred, cwd, path).and_then(|ino| fs.chmod(cred, ino, mode(bits), now)),
        ["chown", path, uid] => {
            let ino = fs.lookup(cred, cwd, path)?;
            fs.chown(cred, ino, Some(uid.parse().expect("a number")), None, now)
        }
        ["touch", path] => {
            fs.lookup(cred, cwd, path).and_then(|ino| fs.set_times(cred, ino, Some(now), Some(now), now))
        }
        ["backdate", path] => {
            fs.lookup(cred, cwd, path).and_then(|ino| fs.set_times(cred, ino, None, Some(start()), now))
        }
        ["mknod", path] => {
            let made = Kind::File(Content::Made("linux/uptime".into()));
            fs.mknod(cred, cwd, path, made, 0o444, now).map(drop)
        }
        ["device", path] => fs.mknod(cred, cwd, path, Kind::Char { major: 1, minor: 3 }, 0o666, now).map(drop),
        ["mount", device, dir] => fs.mount(cred, cwd, Mount::new(device, "xfs", 1 << 20), dir, now).map(drop),
        ["umount", dir] => fs.umount(cred, cwd, dir, &[]),
        _ => panic!("no such action: {line}"),
    }
}

#[test]
fn each_refusal_is_the_kernels() {
    use Errno::{
        Acces, Busy, Exist, Inval, Io, Isdir, Loop, Nametoolong, Noent, Nospc, Notdir, Notempty, Perm, Rofs, Xdev,
    };
    let check = |line: &str, expect: Result<(), Errno>| {
        let mut fs = tree();
        assert_eq!(act(&mut fs, line), expect, "{line}");
        fs.check().unwrap_or_else(|e| panic!("{line}: {e}"));
    };
    let (long, deep) = (format!("mkdir /{}", "n".repeat(256)), format!("lookup {}", "/etc/..".repeat(600)));
    let chain = format!("lookup /{}etc", "slash/".repeat(41));
    for (line, expect) in [
        ("lookup /", Ok(())),
        ("lookup /etc/../etc/./passwd", Ok(())),
        ("lookup /../..", Ok(())),
        ("lookup /link/passwd", Ok(())),
        ("lookup /link/", Ok(())),
        ("lookup /none", Err(Noent)),
        ("lookup /none/", Err(Noent)),
        ("lookup /etc/passwd/", Err(Notdir)),
        ("lookup /etc/passwd/x", Err(Notdir)),
        ("lookup /file/", Err(Notdir)),
        ("lookup /loop", Err(Loop)),
        ("lookup /loop/x", Err(Loop)),
        (&chain, Err(Loop)),
        ("lookup /dangling", Err(Noent)),
        (&long, Err(Nametoolong)),
        (&deep, Err(Nametoolong)),
        ("eva lookup f", Ok(())),
        ("eva lookup /root", Ok(())),
        ("eva lookup /root/deep", Err(Acces)),
        ("eva list /root", Err(Acces)),
        ("list /etc/passwd", Err(Notdir)),
        ("readlink /link", Ok(())),
        ("readlink /etc", Err(Inval)),
        ("readlink /link/", Err(Inval)),
        ("read /etc", Err(Isdir)),
        ("exec /etc/passwd", Err(Acces)),
        ("exec /etc", Ok(())),
        ("mkdir /etc", Err(Exist)),
        ("mkdir /", Err(Exist)),
        ("mkdir /none/x", Err(Noent)),
        ("mkdir /etc/passwd/x", Err(Notdir)),
        ("mkdir /new/", Ok(())),
        ("mkdir /dangling", Err(Exist)),
        ("mkdir /disc/x", Err(Rofs)),
        ("eva mkdir /etc/x", Err(Acces)),
        ("rmdir /home/eva/empty/", Ok(())),
        ("rmdir /home/eva", Err(Notempty)),
        ("rmdir /etc/passwd", Err(Notdir)),
        ("rmdir /link", Err(Notdir)),
        ("rmdir /data", Err(Busy)),
        ("rmdir /", Err(Busy)),
        ("rmdir /tmp/.", Err(Inval)),
        ("rmdir /tmp/..", Err(Notempty)),
        ("rmdir /none", Err(Noent)),
        ("eva rmdir /tmp", Err(Acces)),
        ("unlink /etc", Err(Isdir)),
        ("unlink /etc/.", Err(Isdir)),
        ("unlink /link", Ok(())),
        ("unlink /link/", Err(Notdir)),
        ("unlink /none", Err(Noent)),
        ("unlink /disc/none", Err(Rofs)),
        ("eva unlink /tmp/roots", Err(Perm)),
        ("eva unlink /etc/passwd", Err(Acces)),
        ("eva unlink f", Ok(())),
        ("create /etc", Err(Isdir)),
        ("create /new/", Err(Isdir)),
        ("create /dangling", Ok(())),
        ("create /disc/x", Err(Rofs)),
        ("create /loop", Err(Loop)),
        ("new /etc/passwd", Err(Exist)),
        ("new /dangling", Err(Exist)),
        ("eva create /etc/passwd", Err(Acces)),
        ("eva create /tmp/mine", Ok(())),
        ("link /etc/passwd /etc/other", Ok(())),
        ("link /etc /etc2", Err(Perm)),
        ("link /etc/passwd /data/x", Err(Xdev)),
        ("link /etc/passwd /tmp/roots", Err(Exist)),
        ("link /none /x", Err(Noent)),
        ("symlink x /etc/passwd", Err(Exist)),
        ("symlink x /new/", Err(Noent)),
        ("rename /etc/passwd /etc/other", Ok(())),
        ("rename /etc /tmp/etc", Ok(())),
        ("rename /etc /etc/sub", Err(Inval)),
        ("rename /home/eva/empty /home/eva/empty", Ok(())),
        ("rename /home/eva /home", Err(Notempty)),
        ("rename /etc /home", Err(Notempty)),
        ("rename /root/deep /home/eva/empty", Ok(())),
        ("rename /etc /etc/passwd", Err(Inval)),
        ("rename /root /etc/passwd", Err(Notdir)),
        ("rename /etc/passwd /root", Err(Isdir)),
        ("rename /etc/passwd /new/", Err(Notdir)),
        ("rename /etc/passwd /data/x", Err(Xdev)),
        ("rename /data /x", Err(Busy)),
        ("rename /tmp/.. /x", Err(Busy)),
        ("rename /none /x", Err(Noent)),
        ("eva rename /tmp/roots /tmp/x", Err(Perm)),
        ("eva rename f /etc/f", Err(Acces)),
        ("fill /data/sub/f 60", Ok(())),
        ("fill /data/sub/f 200", Err(Nospc)),
        ("eva fill /data/sub/f 100", Err(Nospc)),
        ("fill /big 65536", Err(Nospc)),
        ("truncate /etc/passwd 4", Ok(())),
        ("truncate /etc/passwd 2000000000", Err(Nospc)),
        ("chmod 4755 /etc/passwd", Ok(())),
        ("eva chmod 777 /etc/passwd", Err(Perm)),
        ("chmod 777 /disc", Err(Rofs)),
        ("eva chown f 0", Err(Perm)),
        ("eva touch f", Ok(())),
        ("eva touch /etc/passwd", Err(Acces)),
        ("eva backdate /etc/passwd", Err(Perm)),
        ("write /proc/uptime 1", Err(Io)),
        ("mkdir /proc/new", Err(Noent)),
        ("mknod /proc/new", Err(Noent)),
        ("write /proc/new 1", Err(Noent)),
        ("unlink /proc/uptime", Err(Perm)),
        ("rename /proc/uptime /proc/new", Err(Perm)),
        ("truncate /proc/uptime 0", Ok(())),
        ("device /tmp/null", Ok(())),
        ("eva device null", Err(Perm)),
        ("eva mount /dev/sdc1 /tmp", Err(Perm)),
        ("mount /dev/sdb1 /tmp", Err(Busy)),
        ("mount /dev/sdc1 /", Err(Busy)),
        ("mount /dev/sdc1 /etc/passwd", Err(Notdir)),
        ("mount /dev/sdc1 /none", Err(Noent)),
        ("umount /", Err(Busy)),
        ("umount /etc", Err(Inval)),
        ("umount /data", Ok(())),
    ] {
        check(line, expect);
    }
}

#[test]
fn paths_are_told_and_read_across_mounts() {
    let mut fs = tree();
    act(&mut fs, "write /data/sub/f text").expect("room");
    let check = |fs: &Fs, path: &str, expect: Result<&str, Errno>| {
        assert_eq!(fs.canonical(&Cred::ROOT, "/data/sub", path).as_deref(), expect.as_ref().copied(), "{path}");
    };
    check(&fs, "f", Ok("/data/sub/f"));
    check(&fs, "../..", Ok("/"));
    check(&fs, "../../data/..//etc/.", Ok("/etc"));
    check(&fs, "/link/passwd", Ok("/etc/passwd"));
    check(&fs, "/slash/slash/data", Ok("/data"));
    check(&fs, "/dangling", Err(Errno::Noent));
    assert_eq!(fs.canonical_new(&Cred::ROOT, "/", "dangling").as_deref(), Ok("/home/eva/new"));
    let ino = fs.lookup(&Cred::ROOT, "/data", "sub/f").expect("it was written");
    assert_eq!(fs.path_of(ino).as_deref(), Some("/data/sub/f"));
    act(&mut fs, "rename /data/sub /data/other").expect("a free name");
    assert_eq!(fs.path_of(ino).as_deref(), Some("/data/other/f"));
    let mut root = fs.readdir(&Cred::ROOT, fs.root()).expect("a directory");
    let data = root.find(|(name, _)| &***name == "data").map(|(_, ino)| ino).expect("it is there");
    assert_eq!(fs.mount_of(fs.node(data).mount).map(|mount| mount.device.as_str()), Some("/dev/sdb1"));
}

#[test]
fn a_device_keeps_its_files_and_memory_does_not() {
    let mut fs = tree();
    let root = &Cred::ROOT;
    let file = fs.lookup(root, "/", "/data/sub").expect("it was made");
    assert_eq!(fs.umount(root, "/", "/data", &[file]), Err(Errno::Busy), "someone is in there");
    assert_eq!(fs.umount(root, "/", "/data", &[]), Ok(()));
    assert_eq!(act(&mut fs, "lookup /data/sub"), Err(Errno::Noent));
    assert_eq!(act(&mut fs, "mount /dev/sdb1 /home/eva/empty"), Ok(()));
    assert_eq!(act(&mut fs, "lookup /home/eva/empty/sub"), Ok(()));
    assert_eq!(act(&mut fs, "umount /home/eva/empty"), Ok(()));
    for _ in 0..3 {
        fs.mount(root, "/", Mount::new("tmpfs", "tmpfs", 1 << 20), "/data", start()).expect("a directory");
        assert_eq!(act(&mut fs, "create /data/x"), Ok(()));
        assert_eq!(act(&mut fs, "umount /data"), Ok(()));
        fs.check().expect("a sound tree");
    }
    fs.mount(root, "/", Mount::new("tmpfs", "tmpfs", 1 << 20), "/data", start()).expect("a directory");
    assert_eq!(act(&mut fs, "lookup /data/x"), Err(Errno::Noent));
    act(&mut fs, "rename /home /house").expect("a free name");
    fs.mount(root, "/", Mount::new("tmpfs", "tmpfs", 0), "/house/eva/full", start()).expect("a directory");
    act(&mut fs, "rename /house /home").expect("a free name");
    assert_eq!(fs.mounts().last().map(|(_, mount)| mount.dir.as_str()), Some("/home/eva/full"));
}

#[test]
fn a_file_system_is_as_full_as_its_files() {
    let mut fs = tree();
    let index = fs.node(fs.lookup(&Cred::ROOT, "/", "/data").expect("a directory")).mount;
    let before = fs.usage(index);
    assert_eq!((before.size, before.used, before.available), (131_072, 8192, 131_072 - 8192 - 32_768));
    act(&mut fs, "write /data/f 12345").expect("room");
    assert_eq!(fs.usage(index).used, before.used + 4096);
    assert_eq!(fs.usage(index).inodes_used, before.inodes_used + 1);
    let ino = fs.lookup(&Cred::ROOT, "/", "/data/f").expect("it was written");
    act(&mut fs, "unlink /data/f").expect("it is there");
    fs.reap(&[ino]);
    assert_eq!(fs.usage(index).used, before.used + 4096, "it is open still");
    assert_eq!(fs.content(ino).and_then(Content::size), Some(5));
    fs.reap(&[]);
    assert_eq!(fs.usage(index), before);
    assert_eq!(fs.append(&Cred::ROOT, ino, b"x", start()), Err(Errno::Stale));
    assert_eq!(act(&mut fs, "eva fill /data/sub/f 200"), Err(Errno::Nospc));
    assert_eq!(fs.usage(index).available, 0);
    assert_eq!(act(&mut fs, "fill /data/sub/g 4"), Ok(()), "root has a reserve");
}

#[test]
fn zeros_fill_a_disk_without_filling_memory() {
    let mut fs = tree();
    let (root, now) = (&Cred::ROOT, start());
    let ino = fs.create(root, "/", "/zeros", 0o644, now).expect("a free name");
    let held = fs.held();
    let zeros = vec![0; 1 << 20];
    assert_eq!(fs.append(root, ino, &zeros, now), Ok(1 << 20));
    assert_eq!(fs.truncate(root, ino, 1020 << 20, now), Ok(()));
    let written = (0..9).map_while(|_| fs.append(root, ino, &zeros, now).ok()).sum::<usize>() as u64 + (1020 << 20);
    assert!((1023 << 20..1024 << 20).contains(&written), "{written}");
    assert_eq!((fs.size(ino), fs.held()), (Some(written), held));
    assert_eq!(fs.append(root, ino, &zeros, now), Err(Errno::Nospc));
    assert!(!fs.take_crammed(), "the disk is full");
    assert_eq!(fs.write_at(root, ino, 0, b"text", now), Err(Errno::Nospc), "a gigabyte is not kept");
    assert!(fs.take_crammed() && !fs.take_crammed());
    assert_eq!(fs.truncate(root, ino, 6, now), Ok(()));
    assert_eq!(fs.write_at(root, ino, 4, b"text", now), Ok(4));
    assert_eq!(fs.content(ino), Some(&Content::Bytes(Arc::new(b"\0\0\0\0text".to_vec()))));
    assert_eq!(fs.write_at(root, ino, u64::MAX, b"x", now), Err(Errno::Fbig));
}

#[test]
fn what_is_made_is_fixed_before_it_changes() {
    let mut fs = tree();
    let (root, now) = (&Cred::ROOT, start());
    act(&mut fs, "mknod /etc/hosts").expect("a free name");
    let ino = fs.lookup(root, "/", "/etc/hosts").expect("it was made");
    assert_eq!((fs.made(ino), fs.size(ino)), (Some("linux/uptime"), None));
    assert_eq!(fs.append(root, ino, b"x", now), Err(Errno::Io));
    fs.fix(ino, b"1 one\n".to_vec());
    assert_eq!(fs.append(root, ino, b"2 two\n", now), Ok(6));
    assert_eq!(fs.content(ino), Some(&Content::text("1 one\n2 two\n")));
}

#[test]
fn set_ids_and_sticky_directories_follow_the_rules() {
    let mut fs = tree();
    let (root, now) = (&Cred::ROOT, start());
    let mode = |fs: &Fs, path: &str| fs.node(fs.lookup(root, "/", path).expect("it is there")).mode;
    act(&mut fs, "chmod 6755 /etc/passwd").expect("root may");
    act(&mut fs, "write /etc/passwd x").expect("root may");
    assert_eq!(mode(&fs, "/etc/passwd"), 0o755);
    act(&mut fs, "chmod 2775 /home/eva/empty").expect("root may");
    let dir = fs.lookup(root, "/", "/home/eva/empty").expect("it is there");
    fs.chown(root, dir, None, Some(50), now).expect("root may");
    act(&mut fs, "mkdir /home/eva/empty/sub").expect("a free name");
    act(&mut fs, "create /home/eva/empty/f").expect("a free name");
    let gid = |path: &str| fs.node(fs.lookup(root, "/", path).expect("it is there")).gid;
    assert_eq!((mode(&fs, "/home/eva/empty/sub"), gid("/home/eva/empty/sub")), (0o2755, 50));
    assert_eq!((mode(&fs, "/home/eva/empty/f"), gid("/home/eva/empty/f")), (0o644, 50));
}

/// One random change, refused or not; only that the tree stays sound matters. Gives whether something changed.
fn wander(fs: &mut Fs, streams: &mut Streams) -> bool {
    let mut draw = |below: u64| streams.between("fs", 0, below - 1) as usize;
    let names = ["a", "b", "c", "link", "..", ".", "sub"];
    let roots = ["/tmp", "/data", "/tmp", "/home/eva", "/tmp", "/data/sub", "/tmp/a", "/tmp/a/b", "/proc", "/disc"];
    let mut path = || format!("{}/{}", roots[draw(10)], names[draw(7)]);
    let (one, two) = (path(), path());
    let verbs = [
        "mkdir", "mkdir", "rmdir", "unlink", "link", "symlink", "rename", "rename", "write", "fill", "truncate",
        "create", "mount", "umount",
    ];
    let who = if draw(8) == 0 { "eva " } else { "" };
    let line = match verbs[draw(14)] {
        verb @ ("link" | "symlink" | "rename") => format!("{who}{verb} {one} {two}"),
        verb @ ("write" | "truncate") => format!("{who}{verb} {one} {}", draw(9000)),
        verb @ "fill" => format!("{who}{verb} {one} {}", draw(40)),
        verb @ "mount" => format!("{verb} /dev/sd{} {one}", ["c", "d"][draw(2)]),
        verb => format!("{who}{verb} {one}"),
    };
    act(fs, &line).is_ok()
}

#[test]
fn random_changes_leave_a_sound_tree() {
    for seed in 0..5 {
        let (mut fs, mut streams) = (tree(), Streams::new(seed));
        let (first, mut changes) = (fs.clone(), 0);
        for step in 0..300 {
            let before = (step % 20 == 0).then(|| (fs.clone(), serde_json::to_string(&fs).expect("plain data")));
            changes += u32::from(wander(&mut fs, &mut streams));
            if step % 7 == 0 {
                fs.reap(&[]);
            }
            fs.check().unwrap_or_else(|e| panic!("seed {seed}, step {step}: {e}"));
            if let Some((copy, saved)) = before {
                assert_eq!(serde_json::to_string(&copy).expect("plain data"), saved, "seed {seed}, step {step}");
            }
        }
        assert!(changes > 30, "seed {seed}: only {changes} changes");
        assert_eq!(first, tree(), "a copy does not change with the original");
        let saved = serde_json::to_string(&fs).expect("plain data");
        let loaded: Fs = serde_json::from_str(&saved).expect("what was saved");
        assert_eq!(loaded, fs, "seed {seed}");
        // Both go on alike.
        let mut other = (loaded, streams.clone());
        for _ in 0..50 {
            wander(&mut fs, &mut streams);
            wander(&mut other.0, &mut other.1);
        }
        assert_eq!(other.0, fs, "seed {seed}");
    }
}

#[test]
fn a_saved_tree_that_is_not_sound_is_refused() {
    let mut fs = tree();
    act(&mut fs, "fill /tmp/bytes 1").expect("room");
    let ino = fs.lookup(&Cred::ROOT, "/", "/tmp/bytes").expect("it was written");
    fs.write_at(&Cred::ROOT, ino, 0, &[0xff], start()).expect("room");
    let saved = serde_json::to_string(&fs).expect("plain data");
    assert!(saved.contains(r#"{"text":"root:x:0"}"#) && saved.contains(r#"{"hex":"ff0707"#), "{saved}");
    assert!(serde_json::from_str::<Fs>(&saved).is_ok());
    for (from, to) in [
        (r#""nlink":1"#, r#""nlink":3"#),
        (r#""passwd":5"#, r#""passwd":4999"#),
        (r#""order":[0,1,2,3]"#, r#""order":[0,1,2]"#),
        (r#""order":[0,1,2,3]"#, r#""order":[0,1,2,9]"#),
        (r#"{"text":"root:x:0"}"#, r#"{"hex":"fff"}"#),
        (r#""mount":1"#, r#""mount":7"#),
        (r#""free":null"#, r#""free":1"#),
        (r#""parent":0"#, r#""parent":1"#),
    ] {
        let broken = saved.replacen(from, to, 1);
        assert_ne!(broken, saved, "{from} is not in it");
        assert!(serde_json::from_str::<Fs>(&broken).is_err(), "{from} -> {to}");
    }
}
