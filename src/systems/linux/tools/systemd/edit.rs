//! `systemctl edit`: a drop-in of a unit, or with `--full` the whole of it, given to an editor and read again after that. Words:
//! systemd 219 and 239.

use super::super::edit::{Split, edit as edited};
use super::super::getopt::Given;
use super::{is_old, reload, spec};
use crate::systems::linux::fs::Errno;
use crate::systems::linux::proc::{Ended, Proc};

/// Where an administrator's units are.
const DIR: &str = "/etc/systemd/system";
/// Variables that name the editor.
const EDITORS: [&str; 3] = ["SYSTEMD_EDITOR", "EDITOR", "VISUAL"];

/// `edit`
pub async fn edit(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    if !p.cred.is_root() {
        p.err("Failed to create directories for drop-in: Permission denied\n").await?;
        return Ok(1);
    }
    if given.has('R') {
        return p.gap("systemctl --runtime edit");
    }
    let (full, forced) = (given.has('l'), given.has('f'));
    let mut files = Vec::new();
    for name in names {
        let found = spec(p, name);
        if found.is_none() && !(forced && full) {
            let option = if is_old(p) { "--force" } else { "--force --full" };
            let more = format!("Run 'systemctl edit {option} {name}' to create a new unit.\n");
            p.err(&format!("No files found for {name}.\n{more}")).await?;
            return Ok(1);
        }
        let target = if full { format!("{DIR}/{name}") } else { format!("{DIR}/{name}.d/override.conf") };
        let dir = target.rsplit_once('/').map_or(DIR, |(dir, _)| dir).to_owned();
        let before = match (p.read_path(&target), found) {
            (Ok(bytes), _) => bytes,
            (Err(_), Some(spec)) if full => p.read_path(&spec.path).unwrap_or_default(),
            _ => Vec::new(),
        };
        let cred = p.cred.clone();
        match p.fs(|fs, now| fs.mkdir(&cred, "/", &dir, 0o755, now)) {
            Ok(_) | Err(Errno::Exist) => {}
            Err(errno) => {
                p.err(&format!("Failed to create directories for {target}: {}\n", errno.text())).await?;
                return Ok(1);
            }
        }
        let random = p.world(|world, id| world.streams.next(&format!("linux.edit.{}", id.0)));
        let (above, file) = target.rsplit_once('/').unwrap_or((DIR, &target));
        let draft = format!("{above}/.#{file}{random:016x}");
        if let Err(errno) = p.write_path(&draft, &before) {
            p.err(&format!("Failed to create temporary file \"{draft}\": {}\n", errno.text())).await?;
            return Ok(1);
        }
        files.push((draft, target));
    }
    let drafts: Vec<String> = files.iter().map(|(draft, _)| draft.clone()).collect();
    let ended = edited(p, &EDITORS, Split::Blanks, &drafts).await?;
    let cred = p.cred.clone();
    let mut changed = false;
    for (draft, target) in files {
        let text = p.read_path(&draft).unwrap_or_default();
        let empty = text.iter().all(u8::is_ascii_whitespace);
        if ended != Some(0) || empty {
            let _ = p.fs(|fs, now| fs.unlink(&cred, "/", &draft, now));
            if ended == Some(0) {
                p.err(&format!("Editing \"{target}\" canceled: temporary file is empty.\n")).await?;
            }
            continue;
        }
        if let Err(errno) = p.fs(|fs, now| fs.rename(&cred, "/", &draft, &target, now)) {
            p.err(&format!("Failed to rename \"{draft}\" to \"{target}\": {}\n", errno.text())).await?;
            return Ok(1);
        }
        changed = true;
    }
    match ended {
        Some(0) => {}
        Some(status) => {
            p.err(&format!("Editor failed with exit status {status}.\n")).await?;
            return Ok(1);
        }
        None => return Ok(1),
    }
    if changed {
        reload(p);
    }
    Ok(0)
}
