//! `showlog`: the plug-in that browses the files of `/var/log`. That Tab lists them is documented; how it shows one is
//! inferred: page by page, as `less` does.

use crate::systems::linux::fs::Cred;
use crate::systems::linux::model::Linux;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools;

/// Its name.
pub const NAME: &str = "showlog";

const DIR: &str = "/var/log";
const USAGE: &str = "Usage: showlog <file>\n";

/// `showlog`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    p.inferred();
    let [file] = arguments else {
        p.err(USAGE).await?;
        return Ok(1);
    };
    if ["--help", "-h"].contains(&file.as_str()) {
        p.out(USAGE).await?;
        return Ok(0);
    }
    let path = if file.starts_with('/') { file.clone() } else { format!("{DIR}/{file}") };
    if !is_within(&path) {
        return p.fail(&format!("{file}: not a file of {DIR}")).await;
    }
    let Some(pager) = p.world(|world, id| tools::find(world, id, "less")) else { return p.gap(NAME) };
    "less".clone_into(&mut p.name);
    (pager.run)(p, &[path]).await
}

/// Whether a path stays below the folder.
fn is_within(path: &str) -> bool {
    path.strip_prefix(DIR).is_some_and(|rest| rest.starts_with('/')) && path.split('/').all(|part| part != "..")
}

/// The files and folders that a begun argument may become.
#[must_use]
pub fn completions(linux: &Linux, begun: &str) -> Vec<String> {
    let (folder, _) = begun.rsplit_once('/').map_or(("", begun), |(folder, rest)| (&begun[..=folder.len()], rest));
    let dir = if folder.starts_with('/') { folder.to_owned() } else { format!("{DIR}/{folder}") };
    if !is_within(&dir) {
        return Vec::new();
    }
    let Ok(ino) = linux.fs.lookup(&Cred::ROOT, "/", &dir) else { return Vec::new() };
    let entries = linux.fs.node(ino).entries().into_iter().flatten();
    let shown = entries.map(|(name, _)| {
        let behind = linux.fs.lookup(&Cred::ROOT, "/", &format!("{dir}/{name}"));
        let end = if behind.is_ok_and(|ino| linux.fs.node(ino).is_dir()) { "/" } else { "" };
        format!("{folder}{name}{end}")
    });
    shown.collect()
}
