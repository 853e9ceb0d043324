//! SELinux types of files: `chcon`, `restorecon`, `semanage fcontext`, `getenforce`. Of the policy only the types that the
//! image gives are known; rules of `semanage` stand in `file_contexts.local`, as on a real machine.

use super::super::input::{given, misused};
use std::borrow::Cow;

use super::show::{curly, is_modern, quoted};
use super::{DEEPEST, Meta, join, meta, names, refuse};
use crate::systems::linux::image::files::LABELS;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("chcon", chcon),
    tool!("getenforce", getenforce),
    tool!("restorecon", restorecon),
    tool!("semanage", semanage),
];

/// The rules that an administrator added.
const LOCAL: &str = "/etc/selinux/targeted/contexts/files/file_contexts.local";

/// Where the policy leaves types alone.
const UNRULED: [&str; 4] = ["/tmp", "/var/tmp", "/proc", "/sys"];

const REFERENCE: char = '\u{10}';

const CHCON: Spec = Spec {
    short: "RhvHLPt:",
    long: &[("no-dereference", 'h'), ("recursive", 'R'), ("reference:", REFERENCE), ("type:", 't'), ("verbose", 'v')],
    gaps: "u: r: l: --range: --role: --user: --dereference --no-preserve-root --preserve-root",
};

const RESTORECON: Spec = Spec { short: "iFnRrvpq", long: &[], gaps: "D m T x 0 e: f: o: --help" };

async fn getenforce(p: &mut Proc, _: &[String]) -> Ended {
    let enforcing = p.peek(|linux| linux.distro.selinux);
    p.out(if enforcing { "Enforcing\n" } else { "Disabled\n" }).await?;
    Ok(0)
}

/// A tree, its top first; links are not entered.
async fn tree(p: &mut Proc, path: &str, recursive: bool, follow: bool) -> Result<Vec<(String, Meta)>, Cut> {
    let (mut found, mut pending) = (Vec::new(), vec![(path.to_owned(), 0)]);
    while let Some((path, level)) = pending.pop() {
        p.tick().await?;
        let Ok(stat) = meta(p, &path, follow && level == 0) else { continue };
        if recursive && stat.is_dir() && level < DEEPEST {
            let inside = names(p, &path).unwrap_or_default();
            pending.extend(inside.iter().rev().map(|name| (join(&path, name), level + 1)));
        }
        found.push((path, stat));
    }
    Ok(found)
}

fn set(p: &Proc, stat: &Meta, label: &str) {
    let label = Cow::Owned(label.to_owned());
    p.linux(|linux| linux.fs.set_label(stat.ino, Some(label)));
}

async fn chcon(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut given = given!(p, &CHCON, arguments, 1);
    let label = match (given.value('t'), given.value(REFERENCE)) {
        (Some(label), _) => label.to_owned(),
        (None, Some(path)) => match meta(p, path, true) {
            Ok(stat) => stat.label.unwrap_or_default(),
            Err(errno) => {
                let name = quoted(p, path);
                return refuse(p, &format!("failed to get security context of {name}"), errno).await;
            }
        },
        (None, None) if given.operands.is_empty() => return misused(p, "missing operand", 1).await,
        (None, None) => {
            let context = given.operands.remove(0);
            match context.split(':').nth(2) {
                Some(label) => label.to_owned(),
                None => return p.fail(&format!("invalid context: {}", curly(&context))).await,
            }
        }
    };
    if given.operands.is_empty() {
        return misused(p, "missing operand", 1).await;
    }
    let mut status = 0;
    for path in &given.operands {
        let name = quoted(p, path);
        if let Err(errno) = meta(p, path, !given.has('h')) {
            status = refuse(p, &format!("cannot access {name}"), errno).await?;
            continue;
        }
        for (path, stat) in tree(p, path, given.has('R'), !given.has('h')).await? {
            if given.has('v') {
                let name = quoted(p, &path);
                p.out(&format!("changing security context of {name}\n")).await?;
            }
            set(p, &stat, &label);
        }
    }
    Ok(status)
}

async fn restorecon(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &RESTORECON, arguments, 255);
    if given.operands.is_empty() {
        return p.gap("restorecon without files");
    }
    let rules = rules(p);
    let mut status = 0;
    for path in &given.operands {
        let Ok(full) = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, path)) else {
            if !given.has('i') {
                p.complain(&format!("lstat({path}) failed: No such file or directory")).await?;
                status = 255;
            }
            continue;
        };
        for (path, stat) in tree(p, &full, given.has('R') || given.has('r'), false).await? {
            restore(p, &given, &rules, &path, &stat).await?;
        }
    }
    Ok(status)
}

async fn restore(p: &mut Proc, given: &Given, rules: &[Rule], path: &str, stat: &Meta) -> Result<(), Cut> {
    let Some(label) = wanted(rules, path) else { return Ok(()) };
    if stat.label.as_deref() == Some(&*label) {
        return Ok(());
    }
    if !given.has('n') {
        set(p, stat, &label);
    }
    if given.has('v') {
        p.inferred();
        let (old, new) = (stat.context(), format!("system_u:object_r:{label}:s0"));
        let line = match (is_modern(p), given.has('n')) {
            (true, false) => format!("Relabeled {path} from {old} to {new}\n"),
            (true, true) => format!("Would relabel {path} from {old} to {new}\n"),
            (false, _) => format!("restorecon reset {path} context {old}->{new}\n"),
        };
        p.out(&line).await?;
    }
    Ok(())
}

/// A rule that an administrator added: which paths, which type.
type Rule = (::regex::Regex, String);

fn rules(p: &Proc) -> Vec<Rule> {
    let text = p.read_path(LOCAL).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let rule = |line: &str| {
        let mut fields = line.split_whitespace();
        let (path, context) = (fields.next()?, fields.next_back()?);
        let regex = ::regex::RegexBuilder::new(&format!("^(?:{path})$")).size_limit(1 << 20).build().ok()?;
        Some((regex, context.split(':').nth(2)?.to_owned()))
    };
    text.lines().filter_map(rule).collect()
}

/// The type that a path shall have: that of the last rule that fits, else the image's for it or for what it lies in.
fn wanted(rules: &[Rule], path: &str) -> Option<String> {
    if let Some((_, label)) = rules.iter().rev().find(|(regex, _)| regex.is_match(path)) {
        return Some(label.clone());
    }
    let within = |above: &str| {
        path == above || above == "/" || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
    };
    if UNRULED.iter().any(|above| within(above)) {
        return None;
    }
    let best = LABELS.iter().filter(|(above, _)| within(above)).max_by_key(|(above, _)| above.len());
    best.map(|(_, label)| (*label).to_owned())
}

async fn semanage(p: &mut Proc, arguments: &[String]) -> Ended {
    const SPEC: Spec = Spec {
        short: "adlmCt:f:n",
        long: &[("add", 'a'), ("delete", 'd'), ("list", 'l'), ("modify", 'm'), ("type:", 't'), ("locallist", 'C')],
        gaps: "",
    };
    if arguments.first().map(String::as_str) != Some("fcontext") {
        return p.gap(&format!("semanage {}", arguments.first().map_or("", String::as_str)));
    }
    let whole = format!("semanage {}", arguments.join(" "));
    let Ok(given) = SPEC.read(&arguments[1..], false) else { return p.gap(&whole) };
    let text = p.read_path(LOCAL).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let is = |line: &&str, path: &str| line.split_whitespace().next() == Some(path);
    match (given.last_of("adlm"), given.value('t'), &given.operands[..]) {
        (Some(verb @ ('a' | 'm')), Some(label), [path]) => {
            let known = text.lines().any(|line| is(&line, path));
            if known && verb == 'a' {
                p.err(&format!("ValueError: File context for {path} already defined\n")).await?;
                return Ok(1);
            }
            let kept: String = text.lines().filter(|line| !is(line, path)).map(|line| format!("{line}\n")).collect();
            write(p, &format!("{kept}{path}    system_u:object_r:{label}:s0\n")).await
        }
        (Some('d'), _, [path]) => {
            if !text.lines().any(|line| is(&line, path)) {
                p.err(&format!("ValueError: File context for {path} is not defined\n")).await?;
                return Ok(1);
            }
            let kept: String = text.lines().filter(|line| !is(line, path)).map(|line| format!("{line}\n")).collect();
            write(p, &kept).await
        }
        _ => p.gap(&whole),
    }
}

/// Writes the rules; the directories on the way are made when they are missing.
async fn write(p: &mut Proc, text: &str) -> Ended {
    for (at, _) in LOCAL.match_indices('/').skip(1) {
        if meta(p, &LOCAL[..at], true).is_err() {
            p.fs(|fs, now| fs.mkdir(&p.cred, "/", &LOCAL[..at], 0o755, now)).map(drop).unwrap_or_default();
        }
    }
    let written = p.open(LOCAL, Mode::Write).and_then(|_| p.write_path(LOCAL, text.as_bytes()));
    match written {
        Ok(()) => Ok(0),
        Err(errno) => {
            p.err(&format!("ValueError: Could not commit semanage transaction: {}\n", errno.text())).await?;
            Ok(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_rules_and_directories() {
        let rule = (::regex::Regex::new("^(?:/srv/www(/.*)?)$").expect("a good one"), "httpd_sys_content_t".to_owned());
        let check = |path: &str, expect: Option<&str>| {
            assert_eq!(wanted(std::slice::from_ref(&rule), path).as_deref(), expect, "{path}");
        };
        check("/srv/www/index.html", Some("httpd_sys_content_t"));
        check("/srv/wwwx", Some("var_t"));
        check("/etc/shadow", Some("shadow_t"));
        check("/etc/ssh/sshd_config", Some("etc_t"));
        check("/tmp/x", None);
        check("/data", Some("root_t"));
    }
}
