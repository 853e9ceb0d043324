//! `systemctl list-dependencies`: the tree of what a unit pulls in, as `list_dependencies()` of systemd 219 and 239 draws
//! it. Devices and the units of mounts, which the real one lists as well, are left out.

use super::{spec, state};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;

/// So many units are drawn at most.
const MOST: usize = 2_000;

/// A tree while it is drawn.
struct Tree {
    text: String,
    lines: usize,
    all: bool,
    plain: bool,
    /// Which way: `1` those that pull it in, `2` those before which it starts, `3` those after which it does.
    way: Option<char>,
    /// The units from the first one down to where it is drawn now: none of them is drawn again below itself.
    path: Vec<String>,
}

/// `list-dependencies`
pub async fn list(p: &mut Proc, given: &Given, names: &[String]) -> Ended {
    let name = match names {
        [] => p.peek(|linux| linux.default_target()),
        [name] => name.clone(),
        _ => {
            p.err("Too many arguments.\n").await?;
            return Ok(1);
        }
    };
    let shown = if names.is_empty() { "default.target" } else { &name };
    let mut tree = Tree {
        text: format!("{shown}\n"),
        lines: 0,
        all: given.has('a'),
        plain: given.has('4'),
        way: given.last_of("123"),
        path: vec![name.clone()],
    };
    draw(p, &mut tree, &name, "");
    p.out(&tree.text).await?;
    Ok(0)
}

/// Draws what a unit pulls in, targets last.
fn draw(p: &Proc, tree: &mut Tree, name: &str, indent: &str) {
    let mut pulled = others(p, name, tree.way);
    pulled.retain(|other| !tree.path.contains(other));
    pulled.sort_by_cached_key(|name| (name.ends_with(".target"), name.to_lowercase()));
    pulled.dedup();
    let count = pulled.len();
    for (place, other) in pulled.into_iter().enumerate() {
        if tree.lines == MOST {
            return;
        }
        tree.lines += 1;
        let last = place + 1 == count;
        let (branch, below) = match (tree.plain, last) {
            (true, _) => ("  ", "  "),
            (false, true) => ("└─", "  "),
            (false, false) => ("├─", "│ "),
        };
        let circle = if tree.plain { "" } else { "● " };
        tree.text.push_str(&format!("{circle}{indent}{branch}{other}\n"));
        if tree.all || other.ends_with(".target") {
            tree.path.push(other.clone());
            draw(p, tree, &other, &format!("{indent}{below}"));
            tree.path.pop();
        }
    }
}

/// The units to which a unit has this tie.
fn others(p: &Proc, name: &str, way: Option<char>) -> Vec<String> {
    let all = || p.peek(|linux| linux.unit_files());
    let there = |name: &String| spec(p, name).is_some() || state(p, name).since.is_some();
    match way {
        None => pulled(p, name),
        Some('1') => all().into_iter().filter(|other| pulled(p, other).iter().any(|pulled| pulled == name)).collect(),
        Some(way) => {
            let (after, before) =
                p.peek(|linux| linux.unit_with_links(name)).map(|spec| (spec.after, spec.before)).unwrap_or_default();
            let (own, of_others) = if way == '3' { (after, true) } else { (before, false) };
            let ties = |other: &String| {
                let tie = spec(p, other).is_some_and(|other| {
                    (if of_others { other.before } else { other.after }).iter().any(|unit| unit == name)
                });
                tie || own.contains(other)
            };
            all().into_iter().filter(|other| there(other) && ties(other)).collect()
        }
    }
}

/// What a unit requires or wants and what is there.
fn pulled(p: &Proc, name: &str) -> Vec<String> {
    let Some(spec) = p.peek(|linux| linux.unit_with_links(name)) else { return Vec::new() };
    let slice = (spec.is_service() && !spec.early).then(|| "system.slice".to_owned());
    let known = |other: &&String| self::spec(p, other).is_some() || state(p, other).since.is_some();
    spec.requires.iter().chain(&spec.wants).filter(known).cloned().chain(slice).collect()
}
