//! `fmt` as in GNU coreutils 8.30: where the lines of a paragraph break is what costs least (Knuth and Plass).

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("fmt", fmt)];

const FMT: Spec = Spec {
    short: "cg:p:stuw:",
    long: &[
        ("crown-margin", 'c'),
        ("goal:", 'g'),
        ("prefix:", 'p'),
        ("split-only", 's'),
        ("tagged-paragraph", 't'),
        ("uniform-spacing", 'u'),
        ("width:", 'w'),
    ],
    gaps: "",
};

async fn fmt(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-w");
    let given = given!(p, &FMT, &arguments, 1);
    for letter in ['c', 'p', 't'] {
        if given.has(letter) {
            return p.gap(&format!("fmt -{letter}"));
        }
    }
    let text = given.value('w').unwrap_or("75");
    let width = match text.parse::<usize>() {
        Ok(width @ 1..=2500) => width,
        _ => return input::failed(p, &format!("invalid width: {}", input::quoted(text)), 1).await,
    };
    let goal = given.value('g').and_then(|goal| goal.parse().ok()).unwrap_or(width * 187 / 200).min(width);
    let page = Page { goal, width, split_only: given.has('s'), uniform: given.has('u') };
    let mut status = 0;
    let mut out = Out::default();
    for file in input::files(&given) {
        match input::read_all(p, &file).await? {
            Ok(bytes) => page.paragraphs(&String::from_utf8_lossy(&bytes), &mut out),
            Err(errno) => {
                let text = format!("cannot open {} for reading: {}", input::quoted_name(p, &file), errno.text());
                status = input::failed(p, &text, 1).await?;
            }
        }
    }
    out.flush(p).await?;
    Ok(status)
}

/// How lines are filled.
struct Page {
    goal: usize,
    width: usize,
    split_only: bool,
    uniform: bool,
}

/// A word of a paragraph, and what is known of it.
#[derive(Clone, Debug, Default)]
struct Word<'t> {
    text: &'t str,
    length: i64,
    /// So many blanks stand behind it.
    space: i64,
    /// It begins with a parenthesis or quote.
    opens: bool,
    /// It ends with a punctuation mark.
    punctuated: bool,
    /// The mark is one that ends a sentence.
    period: bool,
    /// And it does end one.
    last: bool,
    /// What the lines from here on cost, and the first of them: how long it is and before which word it ends.
    cost: i64,
    line: i64,
    next: usize,
}

impl<'t> Word<'t> {
    fn new(text: &'t str, blanks: usize, ends_line: bool, uniform: bool) -> Self {
        let bare = text.trim_end_matches([')', ']', '\'', '"']);
        let period = (if bare.is_empty() { &text[..1] } else { bare }).ends_with(['.', '?', '!']);
        let last = period && (ends_line || blanks > 1);
        let space = match ends_line || uniform {
            true => 1 + i64::from(last),
            false => blanks as i64,
        };
        let punctuated = text.ends_with(|letter: char| letter.is_ascii_punctuation());
        let opens = text.starts_with(['(', '[', '\'', '`', '"']);
        let length = text.chars().count() as i64;
        Self { text, length, space, opens, punctuated, period, last, ..Self::default() }
    }
}

const fn square(number: i64) -> i64 {
    number * number
}

/// What a line costs that is so much shorter than it should be.
const fn short(by: i64) -> i64 {
    square(by * 10)
}

/// What it costs that two lines differ by so much.
const fn ragged(by: i64) -> i64 {
    short(by) / 2
}

impl Page {
    /// Lines of the same indentation are one paragraph; it is filled up to the width.
    fn paragraphs(&self, text: &str, out: &mut Out) {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let lines: Vec<&str> = text.lines().collect();
        let together = |a: &&str, b: &&str| {
            !self.split_only && !a.trim().is_empty() && !b.trim().is_empty() && indent(a) == indent(b)
        };
        for group in lines.chunk_by(together) {
            let first = group.first().copied().unwrap_or_default();
            if first.trim().is_empty() {
                out.text("\n");
                continue;
            }
            let margin = &first[..indent(first)];
            let mut words: Vec<Word<'_>> = group.iter().flat_map(|line| self.words(line)).collect();
            if let Some(last) = words.last_mut() {
                (last.period, last.last) = (true, true);
            }
            self.weigh(&mut words, margin.chars().count() as i64);
            let mut at = 0;
            while at < words.len() {
                let next = words[at].next;
                out.text(margin);
                for word in &words[at..next] {
                    out.text(word.text);
                    if at + 1 < next {
                        out.text(&" ".repeat(word.space as usize));
                    }
                    at += 1;
                }
                out.text("\n");
            }
        }
    }

    fn words<'t>(&self, line: &'t str) -> Vec<Word<'t>> {
        let mut words = Vec::new();
        let mut rest = line.trim();
        while !rest.is_empty() {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (text, behind) = rest.split_at(end);
            let next = behind.trim_start();
            words.push(Word::new(text, behind.len() - next.len(), next.is_empty(), self.uniform));
            rest = next;
        }
        words
    }

    /// Finds where the lines break, from the last word backwards.
    fn weigh(&self, words: &mut [Word<'_>], indent: i64) {
        let width = self.width as i64;
        for start in (0..words.len()).rev() {
            let (mut best, mut length, mut at) = (i64::MAX, indent + words[start].length, start);
            loop {
                at += 1;
                let (line, behind) = match words.get(at) {
                    None => (0, 0),
                    Some(next) => (self.line_cost(words, next, length), next.cost),
                };
                if line + behind < best {
                    best = line + behind;
                    (words[start].next, words[start].line) = (at, length);
                }
                let Some(next) = words.get(at) else { break };
                length += words[at - 1].space + next.length;
                if length >= width {
                    break;
                }
            }
            words[start].cost = best + base_cost(words, start);
        }
    }

    /// What a line of a length costs behind which this word begins the next.
    fn line_cost(&self, words: &[Word<'_>], next: &Word<'_>, length: i64) -> i64 {
        let uneven = if next.next == words.len() { 0 } else { ragged(length - next.line) };
        short(self.goal as i64 - length) + uneven
    }
}

/// What it costs to begin a line with this word.
fn base_cost(words: &[Word<'_>], at: usize) -> i64 {
    let mut cost = square(70);
    let word = &words[at];
    if let Some(before) = at.checked_sub(1).map(|at| &words[at]) {
        if before.period {
            cost += if before.last { -square(50) } else { square(600) };
        } else if before.punctuated {
            cost -= square(40);
        } else if at > 1 && words[at - 2].last {
            cost += square(200) / (before.length + 2);
        }
    }
    if word.opens {
        cost -= square(40);
    } else if word.last {
        cost += square(150) / (word.length + 2);
    }
    cost
}
