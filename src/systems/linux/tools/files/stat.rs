//! `stat`: all that the kernel tells of a file or a file system.

use super::super::input::{given, misused};
use super::show::{colon, curly, is_modern, quoted, shell};
use super::{Meta, Owners, device_of, meta, refuse, when};
use crate::bash::quote;
use crate::sim::Instant;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::mode;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::{Tool, quotes, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("stat", stat)];

const PRINTF: char = '\u{10}';

const CLI: Spec = Spec {
    short: "c:fLt",
    long: &[("dereference", 'L'), ("file-system", 'f'), ("format:", 'c'), ("printf:", PRINTF), ("terse", 't')],
    gaps: "--cached:",
};

const FILE: &str = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Dh/%dd\tInode: %-10i  Links: %h\n\
Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n";
const DEVICE: &str = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Dh/%dd\tInode: %-10i  Links: %-5h Device type: \
%t,%T\nAccess: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n";
const CONTEXT: &str = "Context: %C\n";
const TIMES: &str = "Access: %x\nModify: %y\nChange: %z\n Birth: %w\n";
const TERSE: &str = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o";
const SYSTEM: &str = "  File: \"%n\"\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s Fundamental block size: \
%S\nBlocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c Free: %d\n";
const TERSE_SYSTEM: &str = "%n %i %l %t %s %S %b %f %a %c %d\n";

async fn stat(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CLI, arguments, 1);
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let selinux = p.peek(|linux| linux.distro.selinux);
    let own = match given.last_of("c\u{10}") {
        Some('c') => given.value('c').map(str::to_owned),
        Some(_) => given.value(PRINTF).map(|form| String::from_utf8_lossy(&quote::echo_escapes(form).0).into_owned()),
        None => None,
    };
    let owners = Owners::of(p, false);
    let mut status = 0;
    for path in &given.operands {
        p.tick().await?;
        let stat = match meta(p, path, given.has('L') || given.has('f')) {
            Ok(stat) => stat,
            Err(errno) => {
                let (name, system) = (quoted(p, path), given.has('f'));
                let what = if system { "cannot read file system information for" } else { "cannot stat" };
                let name = if is_modern(p) || !system { name } else { curly(path) };
                status = refuse(p, &format!("{what} {name}"), errno).await?;
                continue;
            }
        };
        let subject = Subject { p, path, stat: &stat, owners: &owners, custom: own.is_some() };
        let device = matches!(stat.kind, Kind::Char { .. } | Kind::Block { .. });
        let text = match (&own, given.has('f'), given.has('t')) {
            (Some(form), system, _) => {
                let end = if given.last_of("c\u{10}") == Some('c') { "\n" } else { "" };
                format!("{}{end}", subject.print(form, system))
            }
            (None, true, false) => subject.print(SYSTEM, true),
            (None, true, true) => subject.print(TERSE_SYSTEM, true),
            (None, false, true) => subject.print(&format!("{TERSE}{}\n", if selinux { " %C" } else { "" }), false),
            (None, false, false) => {
                let context = if selinux { CONTEXT } else { "" };
                subject.print(&format!("{}{context}{TIMES}", if device { DEVICE } else { FILE }), false)
            }
        };
        p.out(&text).await?;
    }
    Ok(status)
}

/// What is printed.
struct Subject<'a> {
    p: &'a Proc,
    path: &'a str,
    stat: &'a Meta,
    owners: &'a Owners,
    /// Whether the format is the user's own.
    custom: bool,
}

impl Subject<'_> {
    fn print(&self, form: &str, system: bool) -> String {
        let mut text = String::new();
        let mut rest = form.chars().peekable();
        while let Some(letter) = rest.next() {
            if letter != '%' {
                text.push(letter);
                continue;
            }
            let mut flags = String::new();
            while let Some(flag) = rest.next_if(|flag| "-0 +'#".contains(*flag)) {
                flags.push(flag);
            }
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let mut precision = None;
            if rest.next_if_eq(&'.').is_some() {
                let mut digits = String::new();
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                precision = digits.parse::<usize>().ok();
            }
            let Some(letter) = rest.next() else {
                text.push('%');
                break;
            };
            let value = if system { self.system(letter) } else { self.file(letter) };
            let value = match precision {
                Some(most) if "AnNUGFC".contains(letter) => value.chars().take(most).collect(),
                _ => value,
            };
            let width = digits.parse::<usize>().unwrap_or(0).min(1000);
            text.push_str(&match flags.as_str() {
                flags if flags.contains('-') => format!("{value:<width$}"),
                flags if flags.contains('0') => format!("{value:0>width$}"),
                _ => format!("{value:>width$}"),
            });
        }
        text
    }

    fn file(&self, letter: char) -> String {
        let Self { p, stat, .. } = self;
        let (major, minor) = device_of(p, stat.mount);
        let device = (major << 8) | minor;
        let rdev = match stat.kind {
            Kind::Char { major, minor } | Kind::Block { major, minor } => (major, minor),
            _ => (0, 0),
        };
        let human = |at: Instant| when(p, at, "%Y-%m-%d %H:%M:%S.%N %z");
        let seconds = |at: Instant| at.utc().unix_timestamp().to_string();
        match letter {
            'a' => format!("{:o}", stat.mode),
            'A' => mode::shown(&stat.kind, stat.mode),
            'b' => (stat.allocated / 512).to_string(),
            'B' => "512".to_owned(),
            'C' => stat.context(),
            'd' => device.to_string(),
            'D' => format!("{device:x}"),
            'f' => format!("{:x}", stat.raw_mode()),
            'F' => stat.words().to_owned(),
            'g' => stat.gid.to_string(),
            'G' => {
                if self.owners.has_group(stat.gid) {
                    self.owners.group(stat.gid)
                } else {
                    "UNKNOWN".to_owned()
                }
            }
            'h' => stat.nlink.to_string(),
            'i' => stat.number.to_string(),
            'm' => p.peek(|linux| linux.fs.mount_of(stat.mount).map_or("?".to_owned(), |mount| mount.dir.clone())),
            'n' => self.path.to_owned(),
            'N' => self.quoted_name(),
            'o' => "4096".to_owned(),
            's' => stat.size.to_string(),
            't' => format!("{:x}", rdev.0),
            'T' => format!("{:x}", rdev.1),
            'u' => stat.uid.to_string(),
            'U' => {
                if self.owners.has_user(stat.uid) {
                    self.owners.user(stat.uid)
                } else {
                    "UNKNOWN".to_owned()
                }
            }
            'w' => "-".to_owned(),
            'W' => "0".to_owned(),
            'x' => human(stat.atime),
            'X' => seconds(stat.atime),
            'y' => human(stat.mtime),
            'Y' => seconds(stat.mtime),
            'z' => human(stat.ctime),
            'Z' => seconds(stat.ctime),
            '%' => "%".to_owned(),
            _ => "?".to_owned(),
        }
    }

    /// The name and, of a link, where it leads. The format of old had the quotes of the locale.
    fn quoted_name(&self) -> String {
        let quote = |text: &str| match (is_modern(self.p), self.custom) {
            (true, true) => shell(text, true),
            (true, false) => colon(self.p, text),
            (false, _) => quotes::shown(self.p, &curly(text)).into_owned(),
        };
        match &self.stat.kind {
            Kind::Link(target) => format!("{} -> {}", quote(self.path), quote(target)),
            _ => quote(self.path),
        }
    }

    fn system(&self, letter: char) -> String {
        const BLOCK: u64 = 4096;
        let index = self.stat.mount;
        let (usage, fstype) = self.p.peek(|linux| {
            let fstype = linux.fs.mount_of(index).map_or(String::new(), |mount| mount.fstype.clone());
            (linux.fs.usage(index), fstype)
        });
        let (major, minor) = device_of(self.p, index);
        let (name, magic) = match fstype.as_str() {
            "xfs" => ("xfs", 0x5846_5342_u32),
            "tmpfs" | "devtmpfs" => ("tmpfs", 0x0102_1994),
            "ext2" | "ext3" | "ext4" => ("ext2/ext3", 0xef53),
            "proc" => ("proc", 0x9fa0),
            "sysfs" => ("sysfs", 0x6265_6572),
            "iso9660" => ("isofs", 0x9660),
            "nfs" | "nfs4" => ("nfs", 0x6969),
            "devpts" => ("devpts", 0x1cd1),
            other => (other, 0),
        };
        match letter {
            'a' => (usage.available / BLOCK).to_string(),
            'b' => (usage.size / BLOCK).to_string(),
            'c' => usage.inodes.to_string(),
            'd' => (usage.inodes - usage.inodes_used).to_string(),
            'f' => ((usage.size - usage.used) / BLOCK).to_string(),
            'i' if major == 0 => "0".to_owned(),
            'i' => format!("{:x}00000000", (major << 8) | minor),
            'l' => "255".to_owned(),
            'n' => self.path.to_owned(),
            's' | 'S' => BLOCK.to_string(),
            't' => format!("{magic:x}"),
            'T' => name.to_owned(),
            '%' => "%".to_owned(),
            _ => "?".to_owned(),
        }
    }
}
