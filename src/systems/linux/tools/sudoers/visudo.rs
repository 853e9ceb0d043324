//! `visudo`: checks what it is given, or lets somebody edit it and takes nothing that makes no sense (visudo(8) of sudo 1.8).

use super::{FILE, Sudoers, Wrong};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::edit::{Split, edit};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::given;

pub(super) async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    const VISUDO: Spec = Spec {
        short: "cf:qs",
        long: &[("check", 'c'), ("file:", 'f'), ("quiet", 'q'), ("strict", 's')],
        gaps: "h V x: --help --version --export:",
    };
    let given = given!(p, &VISUDO, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("usage: visudo [-chqsV] [-f sudoers]\n").await?;
        Ok(1)
    });
    let file = given.value('f').unwrap_or(FILE).to_owned();
    let before = match p.read_path(&file) {
        Ok(before) => before,
        Err(Errno::Noent) if !given.has('c') => Vec::new(),
        Err(errno) => return p.fail(&format!("{file}: {}", errno.text())).await,
    };
    if given.has('c') { check(p, &file, &given).await } else { edited(p, &file, &before).await }
}

async fn check(p: &mut Proc, file: &str, given: &Given) -> Ended {
    let quiet = given.has('q');
    let mode = p.peek(|linux| linux.fs.lookup(&p.cred, &p.cwd, file).map_or(0o440, |ino| linux.fs.node(ino).mode));
    match p.peek(|linux| Sudoers::parse(linux, file)) {
        Ok(_) if mode & 0o7777 != 0o440 && !given.has('f') => {
            if !quiet {
                p.err(&format!("{file}: bad permissions, should be mode 0440\n")).await?;
            }
            Ok(1)
        }
        Ok(sudoers) => {
            for file in sudoers.files.iter().filter(|_| !quiet) {
                p.out(&format!("{file}: parsed OK\n")).await?;
            }
            Ok(0)
        }
        Err(Wrong { file, line }) => {
            if !quiet {
                p.err(&format!(">>> {file}: syntax error near line {line} <<<\n")).await?;
                p.out(&format!("parse error in {file} near line {line}\n")).await?;
            }
            Ok(1)
        }
    }
}

/// Variables that name the editor.
const EDITORS: [&str; 3] = ["SUDO_EDITOR", "VISUAL", "EDITOR"];

/// Lets somebody edit a copy, again and again until it makes sense or is given up.
async fn edited(p: &mut Proc, file: &str, before: &[u8]) -> Ended {
    let draft = format!("{file}.tmp");
    if let Err(errno) = p.write_path(&draft, before) {
        return p.fail(&format!("{draft}: {}", errno.text())).await;
    }
    let ended = revised(p, file, &draft, before).await;
    // Where it was taken it is gone already.
    let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, &draft, now));
    ended
}

async fn revised(p: &mut Proc, file: &str, draft: &str, before: &[u8]) -> Ended {
    loop {
        match edit(p, &EDITORS, Split::Blanks, &[draft.to_owned()]).await? {
            None => return Ok(1),
            Some(127) => {
                let editor = EDITORS.iter().find_map(|name| p.env(name)).unwrap_or_default();
                p.err(&format!("visudo: specified editor ({editor}) doesn't exist\n")).await?;
                return Ok(1);
            }
            Some(_) => {}
        }
        let after = p.read_path(draft).unwrap_or_default();
        if after == before {
            return p.err(&format!("visudo: {draft} unchanged\n")).await.map(|()| 0);
        }
        if after.is_empty() {
            p.err(&format!("visudo: zero length temporary file ({draft})\nvisudo: {file} unchanged\n")).await?;
            return Ok(1);
        }
        let Err(Wrong { file: place, line }) = p.peek(|linux| Sudoers::parse(linux, draft)) else { break };
        let place = if place == draft { file } else { &place };
        p.err(&format!(">>> {place}: syntax error near line {line} <<<\n")).await?;
        match what_now(p).await? {
            b'e' => {}
            b'Q' => break,
            _ => return Ok(0),
        }
    }
    let taken = p.fs(|fs, now| {
        let ino = fs.lookup(&p.cred, &p.cwd, draft)?;
        let named = fs.lookup(&p.cred, &p.cwd, file).ok().filter(|_| file != FILE).map(|ino| fs.node(ino));
        let (uid, gid, mode) = named.map_or((0, 0, 0o440), |old| (old.uid, old.gid, old.mode));
        fs.chown(&p.cred, ino, Some(uid), Some(gid), now)?;
        fs.chmod(&p.cred, ino, mode, now)?;
        fs.rename(&p.cred, &p.cwd, draft, file, now)
    });
    match taken {
        Ok(()) => Ok(0),
        Err(errno) => {
            p.err(&format!("visudo: error renaming {draft}, {file} unchanged: {}\n", errno.text())).await?;
            Ok(1)
        }
    }
}

/// Asks what is to become of a file with errors: `e` edits it again, `x` gives it up, `Q` takes it.
async fn what_now(p: &mut Proc) -> Result<u8, Cut> {
    loop {
        p.out("What now? ").await?;
        let answer = p.read_until(0, CHUNK, Some(b'\n')).await?;
        match answer.first() {
            None => return Ok(b'x'),
            Some(answer @ (b'e' | b'x' | b'Q')) => return Ok(*answer),
            Some(_) => {
                p.out(
                    "Options are:\n  (e)dit sudoers file again\n  e(x)it without saving changes to sudoers file\n  (Q)uit and \
                     save changes to sudoers file (DANGER!)\n\n",
                )
                .await?;
            }
        }
    }
}
