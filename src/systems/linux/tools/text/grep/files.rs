//! Which files `grep` searches.

use super::{EXCLUDE, EXCLUDE_DIR, EXCLUDE_FROM, INCLUDE, Search};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::fs::{Errno, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::input;

/// So deep may directories nest that are searched.
const DEEP: usize = 100;

/// What is at a place of a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    Dir,
    Link,
    Device,
}

impl Search {
    /// Searches all operands; without one, standard input or the working directory.
    pub(super) async fn files(&mut self, p: &mut Proc, operands: Vec<String>) -> Result<(), Cut> {
        let recursive = self.given.has('r') || self.given.has('R') || self.given.value('d') == Some("recurse");
        let here = operands.is_empty() && recursive;
        self.report.names(match self.given.last_of("hH") {
            Some(letter) => letter == 'H',
            None => operands.len() > 1 || here || recursive && operands.iter().any(|file| input::is_dir(p, file)),
        });
        for file in self.given.values(EXCLUDE_FROM).map(str::to_owned).collect::<Vec<_>>() {
            match input::read_all(p, &file).await? {
                Ok(bytes) => {
                    for line in input::split_lines(&bytes, b'\n') {
                        self.given.options.push((EXCLUDE, Some(String::from_utf8_lossy(line).into_owned())));
                    }
                }
                Err(errno) => return self.trouble(p, &format!("{file}: {}", errno.text())).await,
            }
        }
        if here {
            return self.folder(p, ".", true).await;
        }
        let operands = if operands.is_empty() { vec!["-".to_owned()] } else { operands };
        for file in operands {
            if file != "-" && input::is_dir(p, &file) {
                if recursive {
                    if !self.excludes_dir(&file) {
                        self.folder(p, &file, false).await?;
                    }
                    continue;
                }
            } else if file != "-" && self.excludes(&file) {
                continue;
            }
            self.file(p, &file).await?;
            if self.done() {
                break;
            }
        }
        Ok(())
    }

    fn done(&self) -> bool {
        self.matched && self.given.has('q')
    }

    /// Searches a directory and those in it. Its own name goes without saying where it is `bare`.
    async fn folder(&mut self, p: &mut Proc, top: &str, bare: bool) -> Result<(), Cut> {
        let mut left = vec![(top.to_owned(), 0, Place::Dir)];
        while let Some((path, depth, place)) = left.pop() {
            p.tick().await?;
            match place {
                Place::Dir if depth > DEEP => self.trouble(p, &format!("{path}: File name too long")).await?,
                Place::Dir => match list(p, &path, bare && depth == 0, self.given.has('R')) {
                    Ok(entries) => {
                        let entries = entries.into_iter().map(|(path, place)| (path, depth + 1, place));
                        left.extend(entries.rev());
                    }
                    Err(errno) => self.trouble(p, &format!("{path}: {}", errno.text())).await?,
                },
                Place::File if !self.excludes(&path) => self.file(p, &path).await?,
                _ => {}
            }
            left.retain(|(path, _, place)| *place != Place::Dir || !self.excludes_dir(path));
            if self.done() {
                break;
            }
        }
        Ok(())
    }

    fn excludes(&self, path: &str) -> bool {
        let fits = |option: char| {
            let mut globs = self.given.values(option);
            globs.any(|glob| fits(glob, path))
        };
        // Of include and exclude the first that was given decides where none fits.
        fits(EXCLUDE) || self.given.values(INCLUDE).next().is_some() && !fits(INCLUDE)
    }

    fn excludes_dir(&self, path: &str) -> bool {
        self.given.values(EXCLUDE_DIR).any(|glob| fits(glob.trim_end_matches('/'), path.trim_end_matches('/')))
    }
}

/// Whether a glob fits a path or its last name.
fn fits(glob: &str, path: &str) -> bool {
    let pattern = Pattern::new(glob, Options::default());
    let name = path.rsplit('/').next().unwrap_or(path);
    pattern.matches(path) || pattern.matches(name)
}

/// What is in a directory, as paths.
fn list(p: &Proc, path: &str, bare: bool, follow: bool) -> Result<Vec<(String, Place)>, Errno> {
    p.peek(|linux| {
        let fs = &linux.fs;
        let dir = fs.lookup(&p.cred, &p.cwd, path)?;
        let mut entries = Vec::new();
        for (name, ino) in fs.readdir(&p.cred, dir)? {
            let full = match bare {
                true => name.to_string(),
                false => format!("{}/{name}", path.trim_end_matches('/')),
            };
            let mut place = place(&fs.node(ino).kind);
            if place == Place::Link && follow {
                place = fs.lookup(&p.cred, &p.cwd, &full).map_or(Place::File, |ino| self::place(&fs.node(ino).kind));
            }
            entries.push((full, place));
        }
        Ok(entries)
    })
}

fn place(kind: &Kind) -> Place {
    match kind {
        Kind::File(_) => Place::File,
        Kind::Dir { .. } => Place::Dir,
        Kind::Link(_) => Place::Link,
        _ => Place::Device,
    }
}
