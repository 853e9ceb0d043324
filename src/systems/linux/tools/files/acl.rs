//! `getfacl` and `setfacl` of acl 2.2: rights of single users and groups, their mask, and what a directory hands on.

use super::{DEEPEST, Owners, join, meta, names, number_of};
use crate::systems::linux::fs::{Errno, Extra, Inherited, Ino, Rights};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::given;
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("getfacl", getfacl), tool!("setfacl", setfacl)];

fn shown(bits: u8) -> String {
    [(4, 'r'), (2, 'w'), (1, 'x')].map(|(bit, letter)| if bits & bit == 0 { '-' } else { letter }).iter().collect()
}

fn low(mode: u16, shift: u16) -> u8 {
    (mode >> shift & 7) as u8
}

async fn getfacl(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "acdenpR",
        long: &[
            ("absolute-names", 'p'),
            ("access", 'a'),
            ("all-effective", 'e'),
            ("default", 'd'),
            ("numeric", 'n'),
            ("omit-header", 'c'),
            ("recursive", 'R'),
        ],
        gaps: "s E t L P h v --skip-base --no-effective --tabular --logical --physical",
    };
    let given = given!(p, &OPTIONS, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("Usage: getfacl [-aceEsRLPtpndvh] file ...\nTry `getfacl --help' for more information.\n").await?;
        Ok(2)
    });
    if given.operands.is_empty() {
        p.err("Usage: getfacl [-aceEsRLPtpndvh] file ...\nTry `getfacl --help' for more information.\n").await?;
        return Ok(2);
    }
    let owners = Owners::of(p, given.has('n'));
    let (mut status, mut told) = (0, given.has('p'));
    for top in &given.operands {
        let mut left = vec![(top.clone(), 0)];
        while let Some((path, depth)) = left.pop() {
            p.tick().await?;
            let found = match meta(p, &path, true) {
                Ok(found) => found,
                Err(errno) => {
                    p.complain(&format!("{path}: {}", errno.text())).await?;
                    status = 1;
                    continue;
                }
            };
            let name = if given.has('p') { path.as_str() } else { path.trim_start_matches('/') };
            if name.len() < path.len() && !told {
                p.complain("Removing leading '/' from absolute path names").await?;
                told = true;
            }
            let extra = extra(p, found.ino);
            let mut text = String::new();
            if !given.has('c') {
                let name = if name.is_empty() { "." } else { name };
                text = format!(
                    "# file: {name}\n# owner: {}\n# group: {}\n",
                    owners.user(found.uid),
                    owners.group(found.gid)
                );
                let special = found.mode >> 9 & 7;
                if special != 0 {
                    let letters = [(4, 's'), (2, 's'), (1, 't')];
                    let flags = letters.map(|(bit, letter)| if special & bit == 0 { '-' } else { letter });
                    text.push_str(&format!("# flags: {}\n", flags.iter().collect::<String>()));
                }
            }
            if !given.has('d') || given.has('a') {
                text.push_str(&entries("", found.mode, &extra.rights, &owners, given.has('e')));
            }
            if let Some(inherited) = extra.inherited.as_ref().filter(|_| !given.has('a') || given.has('d')) {
                let prefix = if given.has('d') && !given.has('a') { "" } else { "default:" };
                text.push_str(&entries(prefix, inherited.mode, &inherited.rights, &owners, given.has('e')));
            }
            p.out(&format!("{text}\n")).await?;
            if given.has('R') && found.is_dir() && depth < DEEPEST {
                let inner = names(p, &path).unwrap_or_default();
                left.extend(inner.iter().rev().map(|name| (join(&path, name), depth + 1)));
            }
        }
    }
    Ok(status)
}

fn extra(p: &Proc, ino: Ino) -> Extra {
    p.peek(|linux| linux.fs.node(ino).extra.as_deref().cloned().unwrap_or_default())
}

/// The lines of a list of rights; what the mask takes away of one stands behind it.
fn entries(prefix: &str, mode: u16, rights: &Rights, owners: &Owners, all: bool) -> String {
    let mask = (!rights.is_plain()).then(|| low(mode, 3));
    let line = |text: String, bits: u8| {
        let text = format!("{prefix}{text}:{}", shown(bits));
        match mask {
            Some(mask) if bits & mask != bits || all => {
                let tabs = "\t".repeat(4_usize.saturating_sub(text.len() / 8).max(1));
                format!("{text}{tabs}#effective:{}\n", shown(bits & mask))
            }
            _ => format!("{text}\n"),
        }
    };
    let mut text = format!("{prefix}user::{}\n", shown(low(mode, 6)));
    for (uid, bits) in &rights.users {
        text.push_str(&line(format!("user:{}", owners.user(*uid)), *bits));
    }
    text.push_str(&line("group:".to_owned(), rights.own_group.unwrap_or(low(mode, 3))));
    for (gid, bits) in &rights.groups {
        text.push_str(&line(format!("group:{}", owners.group(*gid)), *bits));
    }
    if let Some(mask) = mask {
        text.push_str(&format!("{prefix}mask::{}\n", shown(mask)));
    }
    text + &format!("{prefix}other::{}\n", shown(low(mode, 0)))
}

/// Whose rights an entry is about.
#[derive(Clone, Copy)]
enum Whose {
    Owner,
    User(u32),
    OwnGroup,
    Group(u32),
    Mask,
    Other,
}

/// An entry of a command line.
struct Entry {
    whose: Whose,
    inherited: bool,
    bits: u8,
    /// `X`: to run it where somebody may, or it is a directory.
    conditional: bool,
}

/// Reads entries apart by commas; the number of the character up to which they are good where one is not.
fn parse(p: &Proc, text: &str, with_bits: bool, all_inherited: bool) -> Result<Vec<Entry>, usize> {
    let (mut all, mut at) = (Vec::new(), 0);
    for part in text.split(',') {
        let begin = at;
        at += part.len() + 1;
        let mut fields: Vec<&str> = part.split(':').collect();
        let inherited = matches!(fields.first(), Some(&("d" | "default"))) && fields.len() > 1;
        if inherited {
            fields.remove(0);
        }
        let kind = fields.first().copied().unwrap_or_default();
        let (kind, name, bits) = match fields[..] {
            // `bob:rw` is about a user.
            [kind, name, bits] => (kind, name, Some(bits)),
            [kind, name] if with_bits && matches!(kind, "m" | "mask" | "o" | "other") => (kind, "", Some(name)),
            [kind, name] if !with_bits => (kind, name, None),
            [kind] if !with_bits && matches!(kind, "m" | "mask" | "o" | "other") => (kind, "", None),
            [name, bits] if with_bits => ("u", name, Some(bits)),
            _ => return Err(begin + kind.len()),
        };
        let place = begin + kind.len() + 1;
        let number = |group: bool| number_of(p, name, group).ok_or(place + 1);
        let whose = match kind {
            "u" | "user" if name.is_empty() => Whose::Owner,
            "u" | "user" => Whose::User(number(false)?),
            "g" | "group" if name.is_empty() => Whose::OwnGroup,
            "g" | "group" => Whose::Group(number(true)?),
            "m" | "mask" => Whose::Mask,
            "o" | "other" => Whose::Other,
            _ => return Err(begin + 1),
        };
        let (mut value, mut conditional) = (0, false);
        for (offset, letter) in bits.unwrap_or_default().chars().enumerate() {
            match letter {
                'r' => value |= 4,
                'w' => value |= 2,
                'x' => value |= 1,
                'X' => conditional = true,
                '-' => {}
                '0'..='7' => value = letter as u8 - b'0',
                _ => return Err(place + name.len() + offset + 2),
            }
        }
        all.push(Entry { whose, inherited: inherited || all_inherited, bits: value, conditional });
    }
    Ok(all)
}

/// What is done to a file, in order.
enum Step {
    Modify(Vec<Entry>),
    Remove(Vec<Entry>),
    RemoveAll,
    RemoveInherited,
}

async fn setfacl(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Spec = Spec {
        short: "bdkm:nRx:",
        long: &[
            ("default", 'd'),
            ("modify:", 'm'),
            ("no-mask", 'n'),
            ("recursive", 'R'),
            ("remove:", 'x'),
            ("remove-all", 'b'),
            ("remove-default", 'k'),
        ],
        gaps: "L P M: X: h v --modify-file: --remove-file: --set: --set-file: --mask --logical --physical --restore: --test",
    };
    const USAGE: &str =
        "Usage: setfacl [-bkndRLP] { -m|-M|-x|-X ... } file ...\nTry `setfacl --help' for more information.\n";
    let given = given!(p, &OPTIONS, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err(USAGE).await?;
        Ok(2)
    });
    let mut steps = Vec::new();
    for (letter, value) in &given.options {
        let text = value.as_deref().unwrap_or_default();
        let entries = match letter {
            'm' | 'x' => parse(p, text, *letter == 'm', given.has('d')),
            'b' => {
                steps.push(Step::RemoveAll);
                continue;
            }
            'k' => {
                steps.push(Step::RemoveInherited);
                continue;
            }
            _ => continue,
        };
        match entries {
            Ok(entries) => steps.push(if *letter == 'm' { Step::Modify(entries) } else { Step::Remove(entries) }),
            Err(at) => {
                let text = format!("Option -{letter}: Invalid argument near character {at}");
                p.complain(&text).await?;
                return Ok(2);
            }
        }
    }
    if steps.is_empty() || given.operands.is_empty() {
        p.err(USAGE).await?;
        return Ok(2);
    }
    let mut status = 0;
    for top in &given.operands {
        let mut left = vec![(top.clone(), 0)];
        while let Some((path, depth)) = left.pop() {
            p.tick().await?;
            let changed = meta(p, &path, true).and_then(|found| {
                let hands_on =
                    |step: &Step| matches!(step, Step::Modify(entries) if entries.iter().any(|entry| entry.inherited));
                if !found.is_dir() && depth == 0 && steps.iter().any(hands_on) {
                    return Err(Errno::Acces);
                }
                let (cred, dir, mode) = (p.cred.clone(), found.is_dir(), found.mode);
                p.fs(|fs, now| {
                    fs.set_extra(&cred, found.ino, now, |extra, bits| {
                        *bits = mode;
                        steps.iter().for_each(|step| step.apply(extra, bits, dir, given.has('n')));
                    })
                })?;
                Ok(found)
            });
            match changed {
                Ok(found) if given.has('R') && found.is_dir() && depth < DEEPEST => {
                    let inner = names(p, &path).unwrap_or_default();
                    left.extend(inner.iter().rev().map(|name| (join(&path, name), depth + 1)));
                }
                Ok(_) => {}
                Err(Errno::Acces) if meta(p, &path, true).is_ok() => {
                    p.complain(&format!("{path}: Only directories can have default ACLs")).await?;
                    status = 1;
                }
                Err(errno) => {
                    p.complain(&format!("{path}: {}", errno.text())).await?;
                    status = 1;
                }
            }
        }
    }
    Ok(status)
}

impl Step {
    fn apply(&self, extra: &mut Extra, mode: &mut u16, dir: bool, keeps_mask: bool) {
        match self {
            Self::RemoveAll => {
                plain(&mut extra.rights, mode);
                extra.inherited = None;
            }
            Self::RemoveInherited => extra.inherited = None,
            Self::Modify(entries) => {
                for entry in entries.iter().filter(|entry| !entry.inherited) {
                    entry.set(&mut extra.rights, mode, dir);
                }
                settle(
                    &mut extra.rights,
                    mode,
                    keeps_mask || entries.iter().any(|entry| !entry.inherited && entry.is_mask()),
                );
                if dir && entries.iter().any(|entry| entry.inherited) {
                    let inherited = extra
                        .inherited
                        .get_or_insert_with(|| Inherited { mode: *mode & 0o777, rights: Rights::default() });
                    for entry in entries.iter().filter(|entry| entry.inherited) {
                        entry.set(&mut inherited.rights, &mut inherited.mode, dir);
                    }
                    let kept = keeps_mask || entries.iter().any(|entry| entry.inherited && entry.is_mask());
                    settle(&mut inherited.rights, &mut inherited.mode, kept);
                }
            }
            Self::Remove(entries) => {
                for entry in entries {
                    let rights = match (&mut extra.inherited, entry.inherited) {
                        (Some(inherited), true) => &mut inherited.rights,
                        (None, true) => continue,
                        (_, false) => &mut extra.rights,
                    };
                    match entry.whose {
                        Whose::User(uid) => drop(rights.users.remove(&uid)),
                        Whose::Group(gid) => drop(rights.groups.remove(&gid)),
                        _ => {}
                    }
                }
                settle(&mut extra.rights, mode, keeps_mask);
                if let Some(inherited) = &mut extra.inherited {
                    settle(&mut inherited.rights, &mut inherited.mode, keeps_mask);
                }
            }
        }
    }
}

/// Without rights of single users and groups: the bits of the group are its own again.
fn plain(rights: &mut Rights, mode: &mut u16) {
    if let Some(own) = rights.own_group {
        *mode = *mode & !0o070 | u16::from(own) << 3;
    }
    *rights = Rights::default();
}

/// The mask covers what there is, unless it was said.
fn settle(rights: &mut Rights, mode: &mut u16, keeps_mask: bool) {
    if rights.own_group.is_some() && !keeps_mask {
        *mode = *mode & !0o070 | u16::from(rights.union()) << 3;
    }
}

impl Entry {
    fn is_mask(&self) -> bool {
        matches!(self.whose, Whose::Mask)
    }

    fn set(&self, rights: &mut Rights, mode: &mut u16, dir: bool) {
        let runs = self.conditional && (dir || *mode & 0o111 != 0);
        let bits = self.bits | u8::from(runs);
        if matches!(self.whose, Whose::User(_) | Whose::Group(_) | Whose::Mask) {
            rights.own_group.get_or_insert(low(*mode, 3));
        }
        match self.whose {
            Whose::Owner => *mode = *mode & !0o700 | u16::from(bits) << 6,
            Whose::Other => *mode = *mode & !0o007 | u16::from(bits),
            Whose::Mask => *mode = *mode & !0o070 | u16::from(bits) << 3,
            Whose::User(uid) => drop(rights.users.insert(uid, bits)),
            Whose::Group(gid) => drop(rights.groups.insert(gid, bits)),
            Whose::OwnGroup if rights.own_group.is_some() => rights.own_group = Some(bits),
            Whose::OwnGroup => *mode = *mode & !0o070 | u16::from(bits) << 3,
        }
    }
}
