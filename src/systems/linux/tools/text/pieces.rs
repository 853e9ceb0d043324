//! `tsort`, `col`, `pathchk` (GNU coreutils 8.30, util-linux 2.32): small programs on lines of text.

use std::collections::{BTreeMap, VecDeque};

use crate::systems::linux::fs::Errno;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::files::show;
use crate::systems::linux::tools::getopt::{NOTHING, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given, quoted};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("tsort", tsort), tool!("col", col), tool!("pathchk", pathchk)];

/// `tsort`: what comes first of pairs that say what comes before what.
async fn tsort(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NOTHING, arguments, 1);
    if let Some(extra) = given.operands.get(1) {
        return input::misused(p, &format!("extra operand {}", quoted(extra)), 1).await;
    }
    let file = given.operands.first().map_or("-", String::as_str).to_owned();
    let bytes = match input::read_all(p, &file).await? {
        Ok(bytes) => bytes,
        Err(errno) => return input::unread(p, "", &file, errno, 1).await,
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() % 2 == 1 {
        return input::failed(p, &format!("{file}: input contains an odd number of tokens"), 1).await;
    }
    let mut graph = Graph::new(&words);
    let (mut out, mut status) = (Out::default(), 0);
    while graph.left > 0 {
        graph.free();
        while let Some(word) = graph.next() {
            out.text(&format!("{word}\n"));
            out.spill(p).await?;
        }
        if graph.left > 0 {
            status = 1;
            out.flush(p).await?;
            p.complain(&format!("{file}: input contains a loop:")).await?;
            let lap = loop {
                p.tick().await?;
                if let Some(lap) = graph.look_for_loop() {
                    break lap;
                }
            };
            for word in lap {
                p.tick().await?;
                p.complain(word).await?;
            }
        }
    }
    out.flush(p).await?;
    Ok(status)
}

/// What comes before what: words by name, each with those that come after it, of which the last that was read counts first.
struct Graph<'t> {
    words: Vec<Word<'t>>,
    /// How many have not been printed.
    left: usize,
    ready: VecDeque<usize>,
    /// The chain in which a loop is looked for: where it has come to.
    chain: Option<usize>,
}

#[derive(Default)]
struct Word<'t> {
    name: &'t str,
    /// How many relations say that something comes before it.
    before: usize,
    after: Vec<usize>,
    printed: bool,
    /// The word that comes after it in the chain.
    link: Option<usize>,
}

impl<'t> Graph<'t> {
    fn new(pairs: &[&'t str]) -> Self {
        let mut numbers: BTreeMap<&str, usize> = pairs.iter().map(|name| (*name, 0)).collect();
        let mut words = Vec::new();
        for (number, (name, place)) in numbers.iter_mut().enumerate() {
            *place = number;
            words.push(Word { name, ..Word::default() });
        }
        for pair in pairs.chunks(2).filter(|pair| pair[0] != pair[1]) {
            let (first, second) = (numbers[pair[0]], numbers[pair[1]]);
            words[second].before += 1;
            words[first].after.push(second);
        }
        Self { left: words.len(), words, ready: VecDeque::new(), chain: None }
    }

    /// Those before which nothing comes any more are ready, in the order of their names.
    fn free(&mut self) {
        let free = |(_, word): &(usize, &Word<'_>)| word.before == 0 && !word.printed;
        self.ready.extend(self.words.iter().enumerate().filter(free).map(|(number, _)| number));
    }

    fn next(&mut self) -> Option<&'t str> {
        let number = self.ready.pop_front()?;
        self.words[number].printed = true;
        self.left -= 1;
        for next in std::mem::take(&mut self.words[number].after).into_iter().rev() {
            self.words[next].before -= 1;
            if self.words[next].before == 0 {
                self.ready.push_back(next);
            }
        }
        Some(self.words[number].name)
    }

    /// Goes once over the words that wait for others, in the order of their names, and makes the chain longer by those that come
    /// before its end. When one stands in it already, that is a loop: one relation of it is dropped.
    fn look_for_loop(&mut self) -> Option<Vec<&'t str>> {
        for number in 0..self.words.len() {
            if self.words[number].before == 0 {
                continue;
            }
            let Some(end) = self.chain else {
                self.chain = Some(number);
                continue;
            };
            let Some(at) = self.words[number].after.iter().rposition(|next| *next == end) else { continue };
            if self.words[number].link.is_none() {
                self.words[number].link = Some(end);
                self.chain = Some(number);
                continue;
            }
            let mut lap = Vec::new();
            let mut walk = self.chain.take();
            while let Some(word) = walk {
                if lap.last() != Some(&number) {
                    lap.push(word);
                }
                walk = self.words[word].link.take();
            }
            self.words[number].after.remove(at);
            self.words[end].before -= 1;
            return Some(lap.into_iter().map(|word| self.words[word].name).collect());
        }
        None
    }
}

const COL: Spec = Spec {
    short: "bfhpxl:",
    long: &[("no-backspaces", 'b'), ("fine", 'f'), ("tabs", 'h'), ("pass", 'p'), ("spaces", 'x'), ("lines:", 'l')],
    gaps: "H v",
};

/// `col`: a line as it stands on paper after all steps back; without half lines and steps up.
async fn col(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &COL, arguments, 1);
    let (mut out, mut lines) = (Out::default(), Lines::new(0, b'\n'));
    while let Some(line) = lines.next(p, &mut out).await? {
        let text = String::from_utf8_lossy(input::chop(&line, b'\n')).into_owned();
        out.text(&struck(&text, given.has('b'), given.has('x')));
        out.text("\n");
    }
    out.flush(p).await?;
    Ok(0)
}

/// A line without steps back over what is printed anew: the last letter at a place stays, or all of them.
fn struck(text: &str, last: bool, blanks: bool) -> String {
    let (mut places, mut at): (Vec<Vec<char>>, usize) = (Vec::new(), 0);
    for letter in text.chars() {
        match letter {
            '\u{8}' => at = at.saturating_sub(1),
            '\r' => at = 0,
            '\t' => at = (at / 8 + 1) * 8,
            ' ' => at += 1,
            letter if letter.is_control() => {}
            letter => {
                if places.len() <= at {
                    places.resize(at + 1, Vec::new());
                }
                places[at].push(letter);
                at += 1;
            }
        }
    }
    let (mut line, mut gap) = (String::new(), 0);
    for (at, letters) in places.iter().enumerate() {
        if letters.is_empty() {
            gap += 1;
            continue;
        }
        let mut from = at - gap;
        while !blanks && gap > 1 && (from / 8 + 1) * 8 <= at {
            line.push('\t');
            from = (from / 8 + 1) * 8;
        }
        line.push_str(&" ".repeat(at - from));
        gap = 0;
        match letters.last() {
            Some(letter) if last => line.push(*letter),
            _ => {
                let all: Vec<String> = letters.iter().map(char::to_string).collect();
                line.push_str(&all.join("\u{8}"));
            }
        }
    }
    line
}

const PATHCHK: Spec = Spec { short: "pP", long: &[("portability", 'a')], gaps: "" };

/// `pathchk`: whether names could be those of files, here or everywhere.
async fn pathchk(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &PATHCHK, arguments, 1);
    if given.operands.is_empty() {
        return input::misused(p, "missing operand", 1).await;
    }
    let all = given.has('a');
    let (portable, strict) = (given.has('p') || all, given.has('P') || all);
    let mut status = 0;
    for path in &given.operands {
        if let Some(complaint) = doubt(p, path, portable, strict) {
            status = input::failed(p, &complaint, 1).await?;
        }
    }
    Ok(status)
}

fn doubt(p: &Proc, path: &str, portable: bool, strict: bool) -> Option<String> {
    let shown = show::quoted(p, path);
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    if strict && parts.clone().any(|part| part.starts_with('-')) {
        return Some(format!("leading '-' in a component of file name {shown}"));
    }
    if path.is_empty() && (portable || strict) {
        return Some("empty file name".to_owned());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if portable && let Some(wrong) = path.chars().find(|c| !allowed(*c)) {
        return Some(format!("nonportable character {} in file name {shown}", quoted(&wrong.to_string())));
    }
    let (longest, long) = if portable { (14, 256) } else { (255, 4096) };
    if path.len() >= long {
        return Some(format!("limit {} exceeded by length {} of file name {shown}", long - 1, path.len()));
    }
    if let Some(part) = parts.find(|part| part.len() > longest) {
        let (length, part) = (part.len(), quoted(part));
        return Some(format!("limit {longest} exceeded by length {length} of file name component {part}"));
    }
    match p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, path)) {
        Ok(_) => None,
        Err(Errno::Noent) if !path.is_empty() => None,
        _ if portable => None,
        Err(errno) => Some(format!("{}: {}", show::colon(p, path), errno.text())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_relations_each_word_comes_out_once() {
        let check = |pairs: &str, expect: &str| {
            let words: Vec<&str> = pairs.split(' ').collect();
            let mut graph = Graph::new(&words);
            let mut out = Vec::new();
            while graph.left > 0 {
                graph.free();
                out.extend(std::iter::from_fn(|| graph.next()));
                if graph.left > 0 {
                    let lap = std::iter::repeat_with(|| graph.look_for_loop()).take(words.len()).find_map(|lap| lap);
                    out.push("(");
                    out.extend(lap.expect("a loop"));
                    out.push(")");
                }
            }
            assert_eq!(out.join(" "), expect, "{pairs}");
        };
        check("a b b c", "a b c");
        check("a a b b", "a b");
        check("a b b a", "( a b ) a b");
        // The answers of GNU's tsort.
        check("n1 n2 n2 n3 n3 n1 n4 n1 n3 n5", "n4 ( n1 n2 n3 ) n1 n2 n3 n5");
        check("a b b c c b c d d a", "( b c ) ( a b c d ) a b c d");
    }

    #[test]
    fn lines_are_struck_over() {
        let check = |text: &str, last: bool, blanks: bool, expect: &str| {
            assert_eq!(struck(text, last, blanks), expect, "{text:?}");
        };
        check("_\u{8}u_\u{8}n", true, false, "un");
        check("a\tb\u{8}c", false, false, "a\tb\u{8}c");
        check("a\tb", false, true, "a       b");
        check("ab\rx", true, false, "xb");
        check("a  ", true, false, "a");
    }
}
