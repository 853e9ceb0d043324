//! Python's `textwrap`, as far as `argparse` uses it: text with single blanks, filled to a width, words split at hyphens.
//!
//! Source of truth: the interpreters' behaviour. Python 2 and 3 split at hyphens by different rules, and 3.11 breaks a word that is
//! too long for any line behind its last hyphen. Widths count characters, as Python 3 does.

use super::Dialect;

/// Lines of at most `width` characters, after runs of blanks became single ones.
pub(super) fn wrap(text: &str, width: usize, dialect: Dialect) -> Vec<String> {
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let text: Vec<char> = words.join(" ").chars().collect();
    let mut chunks = if dialect == Dialect::Python27 { split_python2(&text) } else { split_python3(&text) };
    chunks.reverse();
    let mut lines: Vec<String> = Vec::new();
    while !chunks.is_empty() {
        let line = next_line(&mut chunks, width, !lines.is_empty(), dialect);
        if !line.is_empty() {
            lines.push(line.concat().iter().collect());
        }
    }
    lines
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Takes one line's chunks off the end of `chunks`.
fn next_line<'a>(chunks: &mut Vec<&'a [char]>, width: usize, drop_blank: bool, dialect: Dialect) -> Vec<&'a [char]> {
    let mut line = Vec::new();
    let mut length = 0;
    if drop_blank && chunks.last().is_some_and(|chunk| *chunk == [' ']) {
        chunks.pop();
    }
    while let Some(chunk) = chunks.pop_if(|chunk| length + chunk.len() <= width) {
        length += chunk.len();
        line.push(chunk);
    }
    if let Some(chunk) = chunks.pop_if(|chunk| chunk.len() > width) {
        let (head, tail) = chunk.split_at(break_at(chunk, width - length, dialect));
        line.push(head);
        chunks.push(tail);
    }
    // An empty head counts as the blank to drop, and the blank before it stays: so it is in Python.
    if line.last().is_some_and(|chunk| chunk.is_empty() || *chunk == [' ']) {
        line.pop();
    }
    line
}

/// Where to break a chunk that is too long for any line, when `space` characters are left on this one.
fn break_at(chunk: &[char], space: usize, dialect: Dialect) -> usize {
    if dialect == Dialect::Python311
        && let Some(hyphen) = chunk[..space].iter().rposition(|c| *c == '-')
        && chunk[..hyphen].iter().any(|c| *c != '-')
    {
        return hyphen + 1;
    }
    space
}

/// `\w`.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_letter(c: char) -> bool {
    is_word(c) && !c.is_numeric()
}

fn is_before_dash(c: char) -> bool {
    is_word(c) || matches!(c, '!' | '"' | '\'' | '&' | '.' | ',' | '?')
}

fn run(text: &[char], from: usize, accept: impl Fn(char) -> bool) -> usize {
    from + text[from..].iter().take_while(|c| accept(**c)).count()
}

/// The end of a dash of two or more hyphens at `at`, between words.
fn em_dash(text: &[char], at: usize) -> Option<usize> {
    let end = run(text, at, |c| c == '-');
    let between = at > 0 && is_before_dash(text[at - 1]) && text.get(end).is_some_and(|c| is_word(*c));
    (end >= at + 2 && between).then_some(end)
}

/// Python 2 looks for separators (blanks, a word with its hyphen, a dash) and keeps what lies between as it is.
fn split_python2(text: &[char]) -> Vec<&[char]> {
    let (mut chunks, mut begin, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        let blank = run(text, at, |c| c == ' ');
        let separator =
            Some(blank).filter(|end| *end > at).or_else(|| hyphenated_python2(text, at)).or_else(|| em_dash(text, at));
        let Some(end) = separator else {
            at += 1;
            continue;
        };
        chunks.extend([&text[begin..at], &text[at..end]]);
        (begin, at) = (end, end);
    }
    chunks.push(&text[begin..]);
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

/// The end of punctuation, a word and its hyphen at `at`, when another word follows.
fn hyphenated_python2(text: &[char], at: usize) -> Option<usize> {
    let word = run(text, at, |c| c != ' ' && !is_word(c));
    let hyphen = run(text, word, is_word);
    let next = run(text, (hyphen + 1).min(text.len()), is_word);
    let splits = hyphen >= word + 2
        && is_letter(text[hyphen - 1])
        && text.get(hyphen) == Some(&'-')
        && text[hyphen + 1..next].iter().skip(1).any(|c| is_letter(*c));
    splits.then_some(hyphen + 1)
}

/// Python 3 cuts the text into blanks, dashes, and words up to a hyphen, a blank or a dash.
fn split_python3(text: &[char]) -> Vec<&[char]> {
    let (mut chunks, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let end = match run(text, at, |c| c == ' ') {
            blank if blank > at => blank,
            _ => em_dash(text, at).unwrap_or_else(|| word_end_python3(text, at)),
        };
        chunks.push(&text[at..end]);
        at = end;
    }
    chunks
}

fn word_end_python3(text: &[char], begin: usize) -> usize {
    for at in begin + 1..text.len() {
        if text[at] == ' ' || em_dash(text, at).is_some() {
            return at;
        }
        if text[at] == '-' && splits_python3(text, at) {
            return at + 1;
        }
    }
    text.len()
}

/// Whether a word may be split behind its hyphen at `at`: two letters, or letter, hyphen, letter before it; two letters after it, or
/// letter, hyphen, letter.
fn splits_python3(text: &[char], at: usize) -> bool {
    let letter = |index: Option<usize>| {
        let c = index.and_then(|index| text.get(index));
        c.is_some_and(|c| is_letter(*c))
    };
    let hyphen = |index: Option<usize>| index.is_some_and(|index| text.get(index) == Some(&'-'));
    let before = |distance| at.checked_sub(distance);
    let after = |distance| Some(at + distance);
    let pair_before = letter(before(1)) && (letter(before(2)) || (hyphen(before(2)) && letter(before(3))));
    let pair_after = letter(after(1)) && (letter(after(2)) || (hyphen(after(2)) && letter(after(3))));
    pair_before && pair_after
}
