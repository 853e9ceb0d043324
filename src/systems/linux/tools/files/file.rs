//! `file`: what is in a file, as far as its first bytes and the model tell. The words are those of file 5.33 (RHEL 8).

use super::super::input::given;
use super::meta;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("file", file)];

const CLI: Spec = Spec {
    short: "bhLN",
    long: &[("brief", 'b'), ("dereference", 'L'), ("no-dereference", 'h'), ("no-pad", 'N')],
    gaps: "c C f: F: i k l m: n p P r s S v z Z 0 --mime --mime-encoding --mime-type --special-files --uncompress \
           e: d --magic-file: --uncompress-noreport --checking-printout --exclude: --files-from: --separator: \
           --extension --keep-going --list --no-buffer --print0 --preserve-date --parameter --raw --compile --debug",
};

async fn file(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CLI, arguments, 1);
    if given.operands.is_empty() {
        return p.gap("file without files");
    }
    let width = given.operands.iter().map(|path| path.chars().count()).max().unwrap_or(0) + 1;
    for path in &given.operands {
        p.tick().await?;
        let text = describe(p, path, given.last_of("Lh") == Some('L'));
        let line = match (given.has('b'), given.has('N')) {
            (true, _) => format!("{text}\n"),
            (false, true) => format!("{path}: {text}\n"),
            (false, false) => format!("{:<width$} {text}\n", format!("{path}:")),
        };
        p.out(&line).await?;
    }
    Ok(0)
}

fn describe(p: &Proc, path: &str, follow: bool) -> String {
    let stat = match meta(p, path, follow) {
        Ok(stat) => stat,
        Err(errno) => return format!("cannot open `{path}' ({})", errno.text()),
    };
    let special = match stat.mode & 0o7000 {
        bits if bits & 0o4000 != 0 => "setuid ",
        bits if bits & 0o2000 != 0 => "setgid ",
        bits if bits & 0o1000 != 0 => "sticky, ",
        _ => "",
    };
    match &stat.kind {
        Kind::Dir { .. } => return format!("{}directory", special.replace("d ", "d, ")),
        Kind::Link(target) if meta(p, path, true).is_err() => return format!("broken symbolic link to {target}"),
        Kind::Link(target) => return format!("symbolic link to {target}"),
        Kind::Char { major, minor } => return format!("character special ({major}/{minor})"),
        Kind::Block { major, minor } => return format!("block special ({major}/{minor})"),
        Kind::Fifo => return "fifo (named pipe)".to_owned(),
        Kind::Socket => return "socket".to_owned(),
        Kind::File(_) => {}
    }
    let bytes = match p.read_path(path) {
        Ok(bytes) => bytes,
        Err(errno) => return format!("regular file, no read permission ({})", errno.text()),
    };
    if bytes.starts_with(b"\x7fELF") {
        p.inferred();
        return format!(
            "{special}ELF 64-bit LSB shared object, x86-64, version 1 (SYSV), dynamically linked, interpreter \
             /lib64/ld-linux-x86-64.so.2, for GNU/Linux 3.2.0, stripped"
        );
    }
    content(&bytes)
}

/// What the bytes are.
fn content(bytes: &[u8]) -> String {
    const MAGIC: [(&[u8], &str); 7] = [
        (b"\x1f\x8b", "gzip compressed data"),
        (b"BZh", "bzip2 compressed data"),
        (b"\xfd7zXZ\0", "XZ compressed data"),
        (b"PK\x03\x04", "Zip archive data, at least v2.0 to extract"),
        (b"\xed\xab\xee\xdb", "RPM v3.0 bin"),
        (b"-----BEGIN CERTIFICATE-----", "PEM certificate"),
        (b"%PDF", "PDF document"),
    ];
    match bytes.get(257..265) {
        Some(b"ustar  \0") => return "POSIX tar archive (GNU)".to_owned(),
        Some(magic) if magic.starts_with(b"ustar\0") => return "POSIX tar archive".to_owned(),
        _ => {}
    }
    if bytes.is_empty() {
        return "empty".to_owned();
    }
    if let Some(head) = bytes.strip_prefix(b"TZif").and_then(|rest| rest.get(..36)) {
        return zone(head);
    }
    if let Some((_, text)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*text).to_owned();
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return "data".to_owned() };
    let odd = |letter: char| letter.is_control() && !"\n\t\r\u{8}\u{c}\u{1b}".contains(letter);
    if text.contains(odd) {
        return "data".to_owned();
    }
    let encoding = if text.is_ascii() { "ASCII" } else { "UTF-8 Unicode" };
    let script = text.strip_prefix("#!").map(|rest| rest.lines().next().unwrap_or_default().trim().to_owned());
    let kind = match script.as_deref().map(|line| line.split_whitespace().next().unwrap_or_default()) {
        None => format!("{encoding} text"),
        Some("/bin/bash" | "/usr/bin/bash") => format!("Bourne-Again shell script, {encoding} text executable"),
        Some("/bin/sh" | "/usr/bin/sh") => format!("POSIX shell script, {encoding} text executable"),
        Some(program) if program.contains("python") => format!("Python script, {encoding} text executable"),
        Some(_) => format!("a {} script, {encoding} text executable", script.unwrap_or_default()),
    };
    let long = text.lines().any(|line| line.len() > 300);
    let ends = if text.contains("\r\n") {
        ", with CRLF line terminators"
    } else if !text.contains('\n') {
        ", with no line terminators"
    } else {
        ""
    };
    format!("{kind}{}{ends}", if long { ", with very long lines" } else { "" })
}

/// A time zone by the head of its file behind the first four bytes (tzfile(5)): what stands there is counted.
fn zone(head: &[u8]) -> String {
    const COUNTED: [&str; 5] =
        ["gmt time flag", "std time flag", "leap second", "transition time", "abbreviation char"];
    let version = match head[0] {
        0 => "old version".to_owned(),
        digit => format!("version {}", char::from(digit)),
    };
    let counts =
        head[16..].chunks_exact(4).map(|four| four.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)));
    let told = COUNTED.iter().zip(counts).map(|(what, count)| match count {
        0 => format!(", no {what}s"),
        1 => format!(", 1 {what}"),
        _ => format!(", {count} {what}s"),
    });
    format!("timezone data, {version}{}", told.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_told_by_their_bytes() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(content(bytes), expect, "{bytes:?}");
        check(b"", "empty");
        check(b"a\n", "ASCII text");
        check(b"a", "ASCII text, with no line terminators");
        check(b"a\r\nb\r\n", "ASCII text, with CRLF line terminators");
        check("ä\n".as_bytes(), "UTF-8 Unicode text");
        check(b"#!/bin/bash\n", "Bourne-Again shell script, ASCII text executable");
        check(b"#!/usr/bin/env python3\n", "a /usr/bin/env python3 script, ASCII text executable");
        check(b"\x1f\x8b\x08", "gzip compressed data");
        check(b"\0\x01", "data");
        check(&[&[0; 257][..], b"ustar  \0"].concat(), "POSIX tar archive (GNU)");
    }
}
