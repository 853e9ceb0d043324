//! `csplit`, `tsort`, `col`, `pathchk` (GNU coreutils 8.30, util-linux 2.32): small programs on lines of text.

use std::collections::{BTreeMap, VecDeque};

use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::files::show;
use crate::systems::linux::tools::getopt::{Given, NOTHING, Spec};
use crate::systems::linux::tools::input::{self, Lines, Out, given, quoted};
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] =
    &[tool!("csplit", csplit), tool!("tsort", tsort), tool!("col", col), tool!("pathchk", pathchk)];

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

const CSPLIT: Spec = Spec {
    short: "f:kn:qsz",
    long: &[
        ("prefix:", 'f'),
        ("keep-files", 'k'),
        ("digits:", 'n'),
        ("quiet", 's'),
        ("silent", 's'),
        ("elide-empty-files", 'z'),
    ],
    gaps: "b: --suffix-format: --suppress-matched",
};

/// Where a piece ends.
enum Border {
    Line(usize),
    Match { regex: Box<Regex>, text: String, offset: i64, skips: bool },
}

/// `csplit`: pieces of a file up to lines that numbers or patterns name.
async fn csplit(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CSPLIT, arguments, 1);
    let [file, patterns @ ..] = &given.operands[..] else {
        return input::misused(p, "missing operand", 1).await;
    };
    if patterns.is_empty() {
        return input::misused(p, &format!("missing operand after {}", quoted(file)), 1).await;
    }
    let mut borders = Vec::new();
    for word in patterns {
        match border(word) {
            Ok(Some(found)) => borders.push((found, 0_u64, word)),
            Ok(None) => match (borders.last_mut(), repeats(word)) {
                (Some(last), Some(times)) => last.1 = times,
                _ => {
                    return input::failed(p, &format!("{}: integer required between '{{' and '}}'", quoted(word)), 1)
                        .await;
                }
            },
            Err(text) => return input::failed(p, &text, 1).await,
        }
    }
    let bytes = match input::read_all(p, file).await? {
        Ok(bytes) => bytes,
        Err(errno) => {
            let name = show::quoted(p, file);
            return input::failed(p, &format!("cannot open {name} for reading: {}", errno.text()), 1).await;
        }
    };
    input::bounded(&bytes, b'\n')?;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut pieces = Pieces { lines: &lines, at: 0, names: Vec::new(), given: &given };
    let cut = pieces.all(p, &borders).await?;
    if let Some(complaint) = cut {
        if !given.has('k') {
            for name in &pieces.names {
                let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, name, now));
            }
        }
        return input::failed(p, &complaint, 1).await;
    }
    Ok(0)
}

/// `{5}`, `{*}`
fn repeats(word: &str) -> Option<u64> {
    let times = word.strip_prefix('{')?.strip_suffix('}')?;
    if times == "*" { Some(u64::MAX) } else { times.parse().ok() }
}

/// A pattern; nothing where it is a repetition.
fn border(word: &str) -> Result<Option<Border>, String> {
    if word.starts_with('{') {
        return Ok(None);
    }
    if let Some(mark) = word.chars().next().filter(|mark| matches!(mark, '/' | '%')) {
        let Some(end) = word[1..].rfind(mark) else {
            return Err(format!("{}: closing delimiter '{mark}' missing", quoted(word)));
        };
        let (text, offset) = (&word[1..=end], &word[end + 2..]);
        let offset = if offset.is_empty() {
            0
        } else {
            offset.parse().map_err(|_| format!("{}: integer expected after delimiter", quoted(word)))?
        };
        let regex = Regex::new(text, Syntax::Basic, Options::default())
            .map_err(|wrong| format!("{}: invalid regular expression: {wrong}", quoted(word)))?;
        return Ok(Some(Border::Match { regex: Box::new(regex), text: word.to_owned(), offset, skips: mark == '%' }));
    }
    match word.parse::<usize>() {
        Ok(0) => Err(format!("{}: line number must be greater than zero", word)),
        Ok(line) => Ok(Some(Border::Line(line))),
        Err(_) => Err(format!("{}: invalid pattern", quoted(word))),
    }
}

struct Pieces<'t> {
    lines: &'t [&'t [u8]],
    at: usize,
    names: Vec<String>,
    given: &'t Given,
}

impl Pieces<'_> {
    /// Writes all pieces: what is wrong when one cannot be.
    async fn all(&mut self, p: &mut Proc, borders: &[(Border, u64, &String)]) -> Result<Option<String>, Cut> {
        for (border, times, word) in borders {
            let mut done = 0;
            while done <= *times {
                p.tick().await?;
                let end = match border {
                    Border::Line(line) => {
                        let line = (*line as u64).saturating_mul(done + 1);
                        usize::try_from(line)
                            .ok()
                            .map(|line| line - 1)
                            .filter(|end| *end >= self.at && *end < self.lines.len() + 1)
                    }
                    Border::Match { regex, offset, .. } => {
                        self.find(regex, *offset, self.at + usize::from(done > 0 || self.at > 0))
                    }
                };
                let skips = matches!(border, Border::Match { skips: true, .. });
                match end {
                    Some(end) if end <= self.lines.len() => {
                        if !skips {
                            self.write(p, end).await?;
                        }
                        self.at = end;
                    }
                    _ if *times == u64::MAX => break,
                    _ => {
                        self.write(p, self.lines.len()).await?;
                        let text = match border {
                            Border::Line(_) => format!("{}: line number out of range", quoted(word)),
                            Border::Match { text, .. } => format!("{}: match not found", quoted(text)),
                        };
                        let again = if done > 0 { format!(" on repetition {done}") } else { String::new() };
                        return Ok(Some(text + &again));
                    }
                }
                done += 1;
            }
        }
        self.write(p, self.lines.len()).await?;
        Ok(None)
    }

    fn find(&self, regex: &Regex, offset: i64, from: usize) -> Option<usize> {
        let found = (from..self.lines.len()).find(|at| regex.is_match(input::chop(self.lines[*at], b'\n')))?;
        usize::try_from(i64::try_from(found).ok()?.saturating_add(offset)).ok().filter(|end| *end >= self.at)
    }

    async fn write(&mut self, p: &mut Proc, end: usize) -> Result<(), Cut> {
        let bytes = self.lines[self.at..end].concat();
        if bytes.is_empty() && self.given.has('z') {
            return Ok(());
        }
        let digits = self.given.value('n').and_then(|text| text.parse().ok()).unwrap_or(2_usize).min(20);
        let name = format!("{}{:0digits$}", self.given.value('f').unwrap_or("xx"), self.names.len());
        if let Err(errno) = p.write_path(&name, &bytes) {
            p.complain(&format!("{name}: {}", errno.text())).await?;
        }
        self.names.push(name);
        if !self.given.has('s') && !self.given.has('q') {
            p.out(&format!("{}\n", bytes.len())).await?;
        }
        Ok(())
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
