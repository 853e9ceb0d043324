//! `scp` (OpenSSH 7.4 and 8.0: the protocol of rcp): files between machines of the lab. The source and the sink are
//! programs on their machines, so each sees its own permissions, and the names on the far side are expanded by the shell
//! there. `rsync` is not modelled, and `sftp` only where nothing comes of it.

use crate::systems::linux::tools::input::given;
use std::sync::Arc;

use super::getopt::{Given, Spec};
use super::ssh::{Target, connect, identity, old_style, on, usage};
use super::{Tool, tool};
use crate::systems::linux::bash;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::login::is_appliance_shell;
use crate::systems::linux::proc::{Ended, Proc};

mod transfer;

use transfer::{Copy, End, Wish};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("scp", scp), tool!("sftp", sftp), tool!("rsync", not_modelled)];

const SPEC: Spec = Spec { short: "1234BCpqrTc:F:i:l:o:P:", long: &[], gaps: "v J: S: 6" };

/// `sftp`, as far as a machine lets it come whose login shell is its own.
async fn sftp(p: &mut Proc, arguments: &[String]) -> Ended {
    let host = match arguments {
        [] => {
            let usage = usage::sftp(p.peek(|linux| linux.distro.openssh_version()));
            p.err(usage).await?;
            return Ok(1);
        }
        [host] if !host.starts_with('-') => host,
        _ => return not_modelled(p, arguments).await,
    };
    let host = match Place::read(host) {
        Place::There(host, _) | Place::Here(host) => host,
    };
    let Some(target) = connect(p, &host, None, None, &[]).await? else {
        p.err("Connection closed\n").await?;
        return Ok(255);
    };
    if !is_appliance_shell(&target.user.shell) {
        return not_modelled(p, arguments).await;
    }
    p.inferred();
    // It takes the first bytes for the length of a packet (sftp-client.c, whose hint came with 7.8).
    let said = said_by_shell(p, &target, "sftp-server").await?;
    let length = said.as_bytes().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    p.err(&format!("Received message too long {length}\n")).await?;
    if p.peek(|linux| linux.distro.openssh_version()) >= (7, 8) {
        p.err("Ensure the remote shell produces no output for non-interactive sessions.\n").await?;
    }
    Ok(255)
}

async fn not_modelled(p: &mut Proc, _: &[String]) -> Ended {
    p.gap(&format!("{}: use scp", p.name))
}

/// Where a file is or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// On this machine.
    Here(String),
    /// On another one: the login, and the path as the shell there reads it.
    There(String, String),
}

impl Place {
    /// `[user@]host:path`, where no slash comes before the colon.
    fn read(word: &str) -> Self {
        let colon = word.find(':').filter(|colon| *colon > 0 && !word[..*colon].contains('/'));
        match colon {
            Some(colon) => Self::There(word[..colon].to_owned(), word[colon + 1..].to_owned()),
            None => Self::Here(word.to_owned()),
        }
    }
}

async fn scp(p: &mut Proc, arguments: &[String]) -> Ended {
    let usage = usage::scp(p.peek(|linux| linux.distro.openssh_version()));
    let given = given!(p, &SPEC, arguments, |complaint| {
        p.err(&format!("{}\n{usage}", old_style(&complaint))).await?;
        Ok(1)
    });
    let [sources @ .., target] = &given.operands[..] else {
        p.err(usage).await?;
        return Ok(1);
    };
    if sources.is_empty() {
        p.err(usage).await?;
        return Ok(1);
    }
    if given.operands.iter().any(|word| word.starts_with("scp://")) {
        return p.gap("scp with an address that begins with scp://");
    }
    let mut status = 0;
    let target = Place::read(target);
    for (at, source) in sources.iter().map(|source| Place::read(source)).enumerate() {
        // The sources on this machine go over one connection.
        let local = |word: &&String| matches!(Place::read(word), Place::Here(_));
        let words = match &source {
            Place::Here(_) if at > 0 && local(&&sources[at - 1]) => continue,
            Place::Here(_) => sources[at..].iter().take_while(local).cloned().collect(),
            Place::There(..) => Vec::new(),
        };
        let job = Job { given: &given, several: sources.len() > 1, local: words };
        status |= job.run(p, &source, &target).await?;
    }
    Ok(status)
}

/// One connection with what goes over it.
struct Job<'a> {
    given: &'a Given,
    several: bool,
    /// The sources on this machine.
    local: Vec<String>,
}

impl Job<'_> {
    async fn run(&self, p: &mut Proc, source: &Place, target: &Place) -> Ended {
        match (source, target) {
            (Place::Here(_), Place::Here(path)) => {
                let ends = (End::here(p), End::here(p));
                self.copy(p, ends, self.local.clone(), vec![path.clone()], false).await
            }
            (Place::Here(_), Place::There(host, path)) => {
                let Some(mut there) = self.reach(p, host, false).await? else { return Ok(1) };
                let target = words(&mut there, path).await;
                let ends = (End::here(p), End::there(&there));
                let ended = match target {
                    Ok(target) => self.copy(p, ends, self.local.clone(), target, true).await,
                    Err(cut) => Err(cut),
                };
                close(p, &there, ended).await
            }
            (Place::There(host, path), Place::Here(target)) => {
                let Some(mut there) = self.reach(p, host, false).await? else { return Ok(1) };
                let sources = words(&mut there, path).await;
                let ends = (End::there(&there), End::here(p));
                let ended = match sources {
                    Ok(sources) => self.copy(p, ends, sources, vec![target.clone()], true).await,
                    Err(cut) => Err(cut),
                };
                close(p, &there, ended).await
            }
            (Place::There(from, path), Place::There(to, target)) => {
                let Some(mut first) = self.reach(p, from, false).await? else { return Ok(1) };
                let ended = self.between(p, &mut first, path, (to, target)).await;
                close(p, &first, ended).await
            }
        }
    }

    /// From one other machine to another: straight, or through this one (`-3`).
    async fn between(&self, p: &mut Proc, first: &mut Proc, path: &str, to: (&str, &str)) -> Ended {
        let through = self.given.has('3');
        let sources = words(first, path).await?;
        let second = if through { self.reach(p, to.0, false).await } else { self.reach(first, to.0, true).await };
        let Some(mut second) = second? else { return Ok(1) };
        let ended = match words(&mut second, to.1).await {
            Ok(target) => {
                let source = End { complains_afar: through, ..End::there(first) };
                self.copy(p, (source, End::there(&second)), sources, target, false).await
            }
            Err(cut) => Err(cut),
        };
        close(p, &second, ended).await
    }

    /// Connects; a machine that connects by itself has no terminal to ask at.
    async fn reach(&self, p: &mut Proc, host: &str, batch: bool) -> Result<Option<Proc>, Cut> {
        let named = identity::named(p, self.given).await?;
        let mut options: Vec<&str> = self.given.values('o').chain(named.iter().map(String::as_str)).collect();
        if batch || self.given.has('B') {
            options.insert(0, "BatchMode=yes");
        }
        if self.given.has('q') {
            options.insert(0, "LogLevel=quiet");
        }
        let Some(target) = connect(p, host, None, self.given.value('P'), &options).await? else {
            p.err("lost connection\n").await?;
            return Ok(None);
        };
        if is_appliance_shell(&target.user.shell) {
            // What it says stands where the protocol wants its first byte, so that scp takes it for an error.
            let said = said_by_shell(p, &target, "scp").await?;
            p.err(&format!("{}\n", said.lines().next().unwrap_or_default())).await?;
            return Ok(None);
        }
        let mut there = on(p, &target);
        "scp".clone_into(&mut there.name);
        Ok(Some(there))
    }

    async fn copy(
        &self,
        p: &mut Proc,
        (source, sink): (End, End),
        sources: Vec<String>,
        target: Vec<String>,
        shown: bool,
    ) -> Ended {
        let [target] = &target[..] else {
            p.err("scp: ambiguous target\n").await?;
            return Ok(1);
        };
        let limit = self.given.value('l').and_then(|limit| limit.parse::<u64>().ok()).filter(|limit| *limit > 0);
        let terminal = p.files.is_terminal(1);
        let wish = Wish {
            recursive: self.given.has('r'),
            preserve: self.given.has('p'),
            into_directory: self.several || sources.len() > 1,
            shown: shown && terminal && !self.given.has('q'),
            bytes_per_sec: limit.map(|kbits| kbits * 1000 / 8),
        };
        Copy::new(p, source, sink, wish).run(&sources, target).await
    }
}

/// Ends the program on the other machine, which may be gone with it.
async fn close(p: &mut Proc, there: &Proc, ended: Ended) -> Ended {
    there.exit(0);
    there.reap();
    match ended {
        Err(Cut::Gone) => {
            p.err("lost connection\n").await?;
            Ok(1)
        }
        ended => ended,
    }
}

/// What a login shell that is no bash says to the program that is to run on its machine.
async fn said_by_shell(p: &Proc, target: &Target, program: &str) -> Result<String, Cut> {
    let mut there = on(p, target);
    let said = captured(&mut there, &format!("{} -c {program}", target.user.shell)).await;
    there.exit(0);
    there.reap();
    said
}

/// The paths that the shell on the other machine makes of a word; the home directory for none.
async fn words(there: &mut Proc, word: &str) -> Result<Vec<String>, Cut> {
    if word.is_empty() {
        return Ok(vec![".".to_owned()]);
    }
    let text = captured(there, &format!("printf '%s\\0' {word}")).await?;
    Ok(text.split_terminator('\0').map(str::to_owned).collect())
}

/// What a line prints.
async fn captured(there: &mut Proc, line: &str) -> Result<String, Cut> {
    let captured = Arc::new(Open::Capture(std::sync::Mutex::default()));
    let output = there.files.get(1).cloned();
    there.files.set(1, Some(Arc::clone(&captured)));
    let ran = bash::run_line(there, line).await;
    there.files.set(1, output);
    ran?;
    Ok(String::from_utf8_lossy(&captured.captured()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_before_any_slash_names_another_machine() {
        let there = |host: &str, path: &str| Place::There(host.to_owned(), path.to_owned());
        let check = |word: &str, expect: Place| assert_eq!(Place::read(word), expect, "{word}");
        check("a:b", there("a", "b"));
        check("root@a:", there("root@a", ""));
        check("a:/b:c", there("a", "/b:c"));
        check("./a:b", Place::Here("./a:b".to_owned()));
        check(":a", Place::Here(":a".to_owned()));
        check("a", Place::Here("a".to_owned()));
    }
}
