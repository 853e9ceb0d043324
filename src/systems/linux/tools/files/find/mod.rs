//! `find`: walking trees and trying an expression on each file, after findutils 4.6. The order within a directory is that of
//! names, where the real one has that of the disk.

mod action;
mod expression;
mod numbers;
mod predicates;
mod test;

use std::sync::Arc;

use super::show::curly;
use super::{DEEPEST, Meta, base, join, meta, names};
use crate::systems::linux::fs::Ino;
use crate::systems::linux::io::{Boxed, Cut};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::{Tool, busybox, tool};
use action::Batches;
use expression::{Expression, Parsed};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("find", find)];

/// A file that the expression is tried on.
pub struct Found {
    /// Its path, beginning as the starting point was given.
    pub path: String,
    /// The starting point.
    pub start: String,
    /// How many levels below that it is.
    pub depth: usize,
    /// What it is.
    pub meta: Meta,
}

impl Found {
    /// The last part of its path.
    pub fn name(&self) -> &str {
        base(&self.path)
    }
}

/// What the expression asks of the walk.
#[derive(Default)]
struct State {
    prune: bool,
    quit: bool,
    status: u8,
    batches: Batches,
    /// The descriptors of the files that are written.
    outputs: Vec<u32>,
}

async fn find(p: &mut Proc, arguments: &[String]) -> Ended {
    let parsed = match expression::parse(p, arguments) {
        Ok(parsed) => parsed,
        Err(text) if busybox::is_applet(p, &p.name) => {
            let complaint = text.lines().next().unwrap_or_default();
            return busybox::misused(p, complaint.trim_start_matches("find: ")).await;
        }
        Err(text) => {
            p.err(&text).await?;
            return Ok(1);
        }
    };
    if let Some(gap) = parsed.gaps.first() {
        return p.gap(&format!("find {gap}"));
    }
    for warning in &parsed.warnings {
        p.err(warning).await?;
    }
    let mut state = State::default();
    for (_, open) in &parsed.outputs {
        let fd = p.files.free(3);
        p.files.set(fd, Some(Arc::clone(open)));
        state.outputs.push(fd);
    }
    for start in &parsed.paths {
        walk(p, &parsed, start, &mut state).await?;
        if state.quit {
            break;
        }
    }
    let mut batches = std::mem::take(&mut state.batches);
    if !batches.finish(p).await? {
        state.status = 1;
    }
    super::reap(p);
    Ok(state.status)
}

/// What is still to be done below a starting point.
enum Step {
    Enter(String, usize),
    Leave(Found),
}

async fn walk(p: &mut Proc, parsed: &Parsed, start: &str, state: &mut State) -> Result<(), Cut> {
    let mut steps = vec![Step::Enter(start.to_owned(), 0)];
    let mut ancestors: Vec<(Ino, String)> = Vec::new();
    let mut mount = None;
    while let Some(step) = steps.pop() {
        p.tick().await?;
        let (path, depth) = match step {
            Step::Enter(path, depth) => (path, depth),
            Step::Leave(found) => {
                try_on(p, parsed, &found, state).await?;
                if state.quit {
                    return Ok(());
                }
                continue;
            }
        };
        ancestors.truncate(depth);
        let follow = parsed.follow || depth == 0 && parsed.follow_named;
        let stat = match meta(p, &path, follow).or_else(|errno| meta(p, &path, false).map_err(|_| errno)) {
            Ok(stat) => stat,
            Err(errno) => {
                trouble(p, &path, errno.text(), state).await?;
                continue;
            }
        };
        let device = *mount.get_or_insert(stat.mount);
        if let Some((_, above)) = ancestors.iter().find(|(ino, _)| *ino == stat.ino) {
            let text = format!(
                "File system loop detected; {} is part of the same file system loop as {}.",
                curly(&path),
                curly(above)
            );
            p.complain(&text).await?;
            state.status = 1;
            continue;
        }
        ancestors.push((stat.ino, path.clone()));
        let enters =
            stat.is_dir() && depth < parsed.most.min(DEEPEST) && !(parsed.one_file_system && stat.mount != device);
        let found = Found { path: path.clone(), start: start.to_owned(), depth, meta: stat };
        if parsed.depth_first {
            steps.push(Step::Leave(found));
        } else {
            state.prune = false;
            try_on(p, parsed, &found, state).await?;
            if state.quit {
                return Ok(());
            }
            if state.prune {
                continue;
            }
        }
        if enters {
            match names(p, &path) {
                Ok(inside) => {
                    steps.extend(inside.iter().rev().map(|name| Step::Enter(join(&path, name), depth + 1)));
                }
                Err(errno) => trouble(p, &path, errno.text(), state).await?,
            }
        }
    }
    Ok(())
}

async fn trouble(p: &mut Proc, path: &str, text: &str, state: &mut State) -> Result<(), Cut> {
    p.complain(&format!("{}: {text}", curly(path))).await?;
    state.status = 1;
    Ok(())
}

async fn try_on(p: &mut Proc, parsed: &Parsed, found: &Found, state: &mut State) -> Result<(), Cut> {
    if found.depth < parsed.least {
        return Ok(());
    }
    let fits = evaluate(p, &parsed.expression, found, state).await?;
    if fits && !parsed.acts && !state.quit {
        p.out(&format!("{}\n", found.path)).await?;
    }
    Ok(())
}

/// Whether a file fits; actions are done on the way.
fn evaluate<'a>(
    p: &'a mut Proc,
    expression: &'a Expression,
    found: &'a Found,
    state: &'a mut State,
) -> Boxed<'a, Result<bool, Cut>> {
    Box::pin(async move {
        Ok(match expression {
            Expression::All(parts) => {
                for part in parts {
                    if state.quit || !evaluate(p, part, found, state).await? {
                        return Ok(false);
                    }
                }
                true
            }
            Expression::Any(parts) => {
                for part in parts {
                    if state.quit || evaluate(p, part, found, state).await? {
                        return Ok(true);
                    }
                }
                false
            }
            Expression::Each(parts) => {
                let mut last = true;
                for part in parts {
                    last = evaluate(p, part, found, state).await?;
                }
                last
            }
            Expression::Not(inner) => !evaluate(p, inner, found, state).await?,
            Expression::Test(test) => test.fits(p, found),
            Expression::Action(action) => action.run(p, found, state).await?,
        })
    })
}
