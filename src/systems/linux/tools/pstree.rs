//! `pstree` of psmisc: processes below each other. Threads are not known here, so none are shown.

use std::collections::BTreeMap;

use super::procs::{table, user_name};
use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("pstree", pstree)];

/// What is wanted.
#[derive(Default)]
struct Asked {
    arguments: bool,
    pids: bool,
    groups: bool,
    users: bool,
    loose: bool,
    by_number: bool,
    long: bool,
    parents: bool,
    signs: Option<Signs>,
}

/// The signs between processes.
#[derive(Clone, Copy)]
struct Signs {
    empty: &'static str,
    branch: &'static str,
    line: &'static str,
    last: &'static str,
    single: &'static str,
    first: &'static str,
}

const ASCII: Signs = Signs { empty: "  ", branch: "|-", line: "| ", last: "`-", single: "---", first: "-+-" };
const DRAWN: Signs =
    Signs { empty: "  ", branch: "├─", line: "│ ", last: "└─", single: "───", first: "─┬─" };

/// A process and those below it.
#[derive(Clone)]
struct Node {
    pid: u32,
    uid: u32,
    group: u32,
    name: String,
    words: Vec<String>,
    below: Vec<Node>,
}

impl Node {
    /// Whether two are drawn alike.
    fn is_like(&self, other: &Self) -> bool {
        self.name == other.name
            && self.uid == other.uid
            && self.below.len() == other.below.len()
            && self.below.iter().zip(&other.below).all(|(one, another)| one.is_like(another))
    }
}

struct Drawing<'a> {
    asked: &'a Asked,
    signs: Signs,
    users: BTreeMap<u32, String>,
    widths: Vec<usize>,
    more: Vec<bool>,
    lines: Vec<String>,
    line: String,
}

async fn pstree(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut asked = Asked::default();
    let mut roots: Vec<String> = Vec::new();
    for word in arguments {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            roots.push(word.clone());
            continue;
        };
        let letters = match letters {
            "-arguments" => "a",
            "-show-pids" => "p",
            "-uid-changes" => "u",
            "-compact" | "-compact-not" => "c",
            "-long" => "l",
            "-numeric-sort" => "n",
            "-show-parents" => "s",
            "-ascii" => "A",
            "-unicode" => "U",
            "-highlight-all" => "h",
            "-hide-threads" => "T",
            "-show-pgids" => "g",
            letters if letters.starts_with('-') => return p.gap(&format!("pstree {word}")),
            letters => letters,
        };
        for letter in letters.chars() {
            match letter {
                'a' => asked.arguments = true,
                'p' => (asked.pids, asked.loose) = (true, true),
                'g' => (asked.groups, asked.loose) = (true, true),
                'u' => asked.users = true,
                'c' => asked.loose = true,
                'n' => asked.by_number = true,
                'l' => asked.long = true,
                's' => asked.parents = true,
                'A' => asked.signs = Some(ASCII),
                'U' => asked.signs = Some(DRAWN),
                // To programs the terminal is one that sets nothing off; threads there are none.
                'h' | 'T' | 't' => {}
                'G' | 'H' | 'N' | 'S' | 'Z' | 'V' | 'C' => return p.gap(&format!("pstree -{letter}")),
                letter => {
                    p.complain(&format!("invalid option -- '{letter}'")).await?;
                    return p.gap("the usage of pstree");
                }
            }
        }
    }
    if roots.len() > 1 {
        return p.gap("the usage of pstree");
    }
    let all = table(p);
    let mut below: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (pid, process) in &all {
        below.entry(process.ppid).or_default().push(*pid);
    }
    let node = |pid: u32| {
        let process = all.iter().find(|(other, _)| *other == pid).map(|(_, process)| process)?;
        Some(Node {
            pid,
            uid: process.uid,
            group: process.group,
            name: process.comm().to_owned(),
            words: process.command.split_whitespace().skip(1).map(str::to_owned).collect(),
            below: Vec::new(),
        })
    };
    let tree = |root: u32| -> Option<Node> { grown(&asked, root, &below, &node, 0) };
    let mut trees: Vec<Node> = Vec::new();
    match roots.first() {
        None => trees.extend(tree(1)),
        Some(word) => match word.parse::<u32>() {
            Ok(pid) => {
                let mut own = tree(pid);
                let mut above = all.iter().find(|(other, _)| *other == pid).map(|(_, process)| process.ppid);
                while let (true, Some(inner), Some(parent)) = (asked.parents, &own, above.filter(|pid| *pid > 0)) {
                    let Some(outer) = node(parent) else { break };
                    own = Some(Node { below: vec![inner.clone()], ..outer });
                    above = all.iter().find(|(other, _)| *other == parent).map(|(_, process)| process.ppid);
                }
                trees.extend(own);
            }
            Err(_) => {
                let Some(uid) = p.peek(|linux| linux.user(word)).map(|user| user.uid) else {
                    p.err(&format!("No such user name: {word}\n")).await?;
                    return Ok(1);
                };
                // What a user's processes have above them that are the user's, too, is where they are shown.
                let is_theirs = |pid: u32| all.iter().any(|(other, process)| *other == pid && process.uid == uid);
                let tops = all.iter().filter(|(_, process)| process.uid == uid && !is_theirs(process.ppid));
                trees.extend(tops.filter_map(|(pid, _)| tree(*pid)));
                if trees.is_empty() {
                    p.out("No processes found.\n").await?;
                    return Ok(1);
                }
            }
        },
    }
    let terminal = p.files.is_terminal(1);
    let utf8 = terminal && p.env("LANG").is_some_and(|lang| lang.to_lowercase().replace('-', "").contains("utf8"));
    let signs = asked.signs.unwrap_or(if utf8 { DRAWN } else { ASCII });
    let width = if terminal { p.cx.with(|cx| usize::from(cx.session.terminal.columns)) } else { 132 };
    let users = all.iter().map(|(_, process)| (process.uid, user_name(p, process.uid))).collect();
    let count = trees.len();
    for (at, tree) in trees.into_iter().enumerate() {
        let mut drawing = Drawing {
            asked: &asked,
            signs,
            users: BTreeMap::clone(&users),
            widths: Vec::new(),
            more: Vec::new(),
            lines: Vec::new(),
            line: String::new(),
        };
        let above = if asked.users && tree.uid != 0 && roots.is_empty() { 0 } else { tree.uid };
        drawing.draw(&tree, 0, (1, 0), (true, true), above);
        let lines = drawing.lines.iter().map(|line| match line.chars().count() > width && !asked.long && terminal {
            true => line.chars().take(width - 1).collect::<String>() + "+\n",
            false => format!("{line}\n"),
        });
        let gap = if at + 1 < count { "\n" } else { "" };
        p.out(&(lines.collect::<String>() + gap)).await?;
    }
    Ok(0)
}

/// A process with all that is below it.
fn grown(
    asked: &Asked,
    pid: u32,
    below: &BTreeMap<u32, Vec<u32>>,
    node: &impl Fn(u32) -> Option<Node>,
    depth: usize,
) -> Option<Node> {
    let mut own = node(pid)?;
    if depth < 100 {
        let children = below.get(&pid).into_iter().flatten();
        own.below = children.filter_map(|child| grown(asked, *child, below, node, depth + 1)).collect();
    }
    if asked.by_number {
        own.below.sort_by_key(|child| child.pid);
    } else {
        own.below.sort_by(|one, other| one.name.cmp(&other.name).then(one.uid.cmp(&other.uid)));
    }
    Some(own)
}

impl Drawing<'_> {
    /// Draws a process: how deep it is, how many there are like it and how many brackets end behind it, whether it begins a
    /// line and is the last of its kind, and whose the one above is.
    fn draw(
        &mut self,
        node: &Node,
        level: usize,
        (count, closing): (usize, usize),
        (leaf, last): (bool, bool),
        above: u32,
    ) {
        if leaf {
            for at in 0..level {
                self.line.push_str(&" ".repeat(self.widths[at] + 1));
                let ends = if last { self.signs.last } else { self.signs.branch };
                let passes = if self.more[at + 1] { self.signs.line } else { self.signs.empty };
                self.line.push_str(if at + 1 == level { ends } else { passes });
            }
        }
        let mut width = 0;
        let mut put = |text: &str, line: &mut String| {
            width += text.chars().count();
            line.push_str(text);
        };
        if count > 1 {
            put(&format!("{count}*["), &mut self.line);
        }
        put(&node.name, &mut self.line);
        let mut more = Vec::new();
        if self.asked.pids {
            more.push(node.pid.to_string());
        }
        if self.asked.groups {
            more.push(node.group.max(1).to_string());
        }
        if self.asked.users && node.uid != above {
            more.push(self.users.get(&node.uid).cloned().unwrap_or_default());
        }
        if !more.is_empty() {
            let text = more.join(",");
            // With arguments behind it nothing stands in parentheses.
            put(&if self.asked.arguments { format!(",{text}") } else { format!("({text})") }, &mut self.line);
        }
        if self.asked.arguments {
            node.words.iter().for_each(|word| self.line.push_str(&format!(" {word}")));
        }
        if self.asked.arguments || node.below.is_empty() {
            self.line.push_str(&"]".repeat(closing));
            let line = std::mem::take(&mut self.line);
            self.lines.push(line);
        }
        self.widths.truncate(level);
        self.widths.push(if self.asked.arguments { 1 } else { width.saturating_sub(1) + 1 });
        self.more.resize(level + 1, false);
        self.more[level] = !last;
        self.more.push(false);
        let groups = self.grouped(node);
        for (at, (child, count)) in groups.iter().enumerate() {
            let last = at + 1 == groups.len();
            self.more[level + 1] = !last;
            let leaf = self.asked.arguments || at > 0;
            if !leaf {
                self.line.push_str(if last { self.signs.single } else { self.signs.first });
            }
            let closing = if self.asked.arguments { 0 } else { closing } + usize::from(*count > 1);
            self.draw(child, level + 1, (*count, closing), (leaf, last), node.uid);
        }
    }

    /// The processes below one, those that are alike together.
    fn grouped<'n>(&self, node: &'n Node) -> Vec<(&'n Node, usize)> {
        let mut groups: Vec<(&Node, usize)> = Vec::new();
        for child in &node.below {
            let alike = groups.iter_mut().find(|(known, _)| !self.asked.loose && known.is_like(child));
            match alike {
                Some((_, count)) => *count += 1,
                None => groups.push((child, 1)),
            }
        }
        groups
    }
}
