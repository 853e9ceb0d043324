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

/// Lines are so wide unless it is said otherwise, and at most.
const USUAL: usize = 75;
const WIDEST: usize = 2500;
/// Tabs stand so far apart.
const TAB: usize = 8;

async fn fmt(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = input::modern(arguments, "-w");
    let given = given!(p, &FMT, &arguments, 1);
    for letter in ['c', 'p', 't'] {
        if given.has(letter) {
            return p.gap(&format!("fmt -{letter}"));
        }
    }
    let number = |letter: char, most: usize| match given.value(letter).map(|text| (text, text.parse::<usize>())) {
        None => Ok(None),
        Some((_, Ok(number))) if number <= most => Ok(Some(number)),
        Some((text, Ok(_))) => Err(format!("invalid width: {}: Numerical result out of range", input::quoted(text))),
        Some((text, Err(_))) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(format!("invalid width: {}: Numerical result out of range", input::quoted(text)))
        }
        Some((text, Err(_))) => Err(format!("invalid width: {}", input::quoted(text))),
    };
    let sizes = number('w', WIDEST).and_then(|width| Ok((width, number('g', width.unwrap_or(USUAL))?)));
    let (width, goal) = match sizes {
        Ok((Some(width), goal)) => (width, goal.unwrap_or(width * 187 / 200)),
        Ok((None, Some(goal))) => (goal + 10, goal),
        Ok((None, None)) => (USUAL, USUAL * 187 / 200),
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let page = Page { goal, width, split_only: given.has('s'), uniform: given.has('u') };
    let mut status = 0;
    let mut out = Out::default();
    for file in input::files(&given) {
        match input::read_all(p, &file).await? {
            Ok(bytes) => page.paragraphs(&bytes, &mut out),
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

/// A word of a paragraph, and what is known of it. Lengths are in bytes, as the real one counts them.
#[derive(Clone, Debug, Default)]
struct Word<'t> {
    text: &'t [u8],
    length: i64,
    /// So many columns are between it and the next.
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
    fn new(text: &'t [u8], space: usize, ends_line: bool, uniform: bool) -> Self {
        let closes = |byte: &u8| b")]'\"".contains(byte);
        let bare = text.iter().rposition(|byte| !closes(byte)).unwrap_or(0);
        let period = b".?!".contains(&text[bare]);
        let last = period && (ends_line || space > 1);
        let space = if ends_line || uniform { 1 + i64::from(last) } else { space as i64 };
        let punctuated = text.last().is_some_and(u8::is_ascii_punctuation);
        let opens = text.first().is_some_and(|byte| b"(['`\"".contains(byte));
        Self { text, length: text.len() as i64, space, opens, punctuated, period, last, ..Self::default() }
    }
}

/// A line of the input: in which column it begins, and its words.
struct Read<'t> {
    indent: usize,
    words: Vec<Word<'t>>,
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
    fn paragraphs(&self, text: &[u8], out: &mut Out) {
        let lines: Vec<Read<'_>> = input::split_lines(text, b'\n').into_iter().map(|line| self.read(line)).collect();
        let together = |a: &Read<'_>, b: &Read<'_>| {
            !self.split_only && !a.words.is_empty() && !b.words.is_empty() && a.indent == b.indent
        };
        let mut tabs = Tabs { seen: false, rest: text };
        for group in lines.chunk_by(together) {
            let indent = group.first().map_or(0, |line| line.indent);
            let mut words: Vec<Word<'_>> = group.iter().flat_map(|line| line.words.clone()).collect();
            tabs.read(group.len());
            let Some(last) = words.last_mut() else {
                out.text("\n");
                continue;
            };
            (last.period, last.last) = (true, true);
            self.weigh(&mut words, indent as i64);
            let mut at = 0;
            while at < words.len() {
                let next = words[at].next;
                let mut column = tabs.space(out, 0, indent);
                for word in &words[at..next] {
                    out.push(word.text);
                    column += word.text.len();
                    if at + 1 < next {
                        column = tabs.space(out, column, word.space as usize);
                    }
                    at += 1;
                }
                out.text("\n");
            }
        }
    }

    /// Reads a line: blanks and tabs lead to a column, words end at anything that is space.
    fn read<'t>(&self, line: &'t [u8]) -> Read<'t> {
        let gap = |rest: &'t [u8], from: usize| {
            let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let column = rest[..blanks].iter().fold(from, |column, byte| match byte {
                b'\t' => (column / TAB + 1) * TAB,
                _ => column + 1,
            });
            (&rest[blanks..], column)
        };
        let (mut rest, indent) = gap(line, 0);
        let (mut words, mut column) = (Vec::new(), indent);
        while !rest.is_empty() {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0xb;
            let end = rest.iter().skip(1).position(ends).map_or(rest.len(), |end| end + 1);
            let (text, behind) = rest.split_at(end);
            let start = column + text.len();
            let (next, there) = gap(behind, start);
            words.push(Word::new(text, there - start, next.is_empty(), self.uniform));
            (rest, column) = (next, there);
        }
        Read { indent, words }
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

/// Space that is written: with tabs once the input has had one.
struct Tabs<'t> {
    seen: bool,
    /// What of the input is still to be read.
    rest: &'t [u8],
}

impl Tabs<'_> {
    /// Some lines more were read; a tab within a word is none, and there are none.
    fn read(&mut self, lines: usize) {
        for _ in 0..lines {
            let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |end| end + 1);
            let (line, rest) = self.rest.split_at(end);
            self.seen |= line.contains(&b'\t');
            self.rest = rest;
        }
    }

    /// Writes so much space from a column on; the column behind it.
    fn space(&self, out: &mut Out, mut column: usize, space: usize) -> usize {
        let target = column + space;
        let last_tab = target / TAB * TAB;
        if self.seen && column + 1 < last_tab {
            while column < last_tab {
                out.text("\t");
                column = (column / TAB + 1) * TAB;
            }
        }
        out.text(&" ".repeat(target - column));
        target
    }
}
