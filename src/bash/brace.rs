//! Brace expansion (bash(1), "Brace Expansion"): `a{b,c}d`, `{1..10..2}`, `{a..e}`. It works on the words of the tree before
//! anything else is expanded, so that whatever is quoted or begins with `$` is one opaque piece. Which brace closes which is
//! found as bash finds it, with its oddities; braces that do not fit stay as they are.

use super::ast::{Part, Word};
use super::version::{Feature, Version};

/// An expansion that would not fit into memory. Bash tries and dies, or says that it failed to allocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// How many words one word may become.
const MOST_WORDS: usize = 100_000;

/// How many pieces may be looked at and written altogether.
const MOST_STEPS: usize = 4_000_000;

/// How deep braces may lie in one another.
const DEEPEST: usize = 40;

/// A character that may mean something, or a part that is left alone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece<'w> {
    Char(char),
    Part(&'w Part),
}

/// The words that `word` stands for, in their order.
pub fn expand(word: &Word, version: Version) -> Result<Vec<Word>, TooMany> {
    let opens = |part: &Part| matches!(part, Part::Bare(text) if text.contains('{'));
    if !word.parts.iter().any(opens) {
        return Ok(vec![word.clone()]);
    }
    let mut pieces = Vec::new();
    for part in &word.parts {
        match part {
            Part::Bare(text) => pieces.extend(text.chars().map(Piece::Char)),
            part => pieces.push(Piece::Part(part)),
        }
    }
    let words = Expander { steps: 0, version }.expand(&pieces, 0)?;
    Ok(words.iter().map(|pieces| joined(pieces)).collect())
}

fn joined(pieces: &[Piece<'_>]) -> Word {
    let mut word = Word::default();
    for piece in pieces {
        match (piece, word.parts.last_mut()) {
            (Piece::Char(c), Some(Part::Bare(text))) => text.push(*c),
            (Piece::Char(c), _) => word.parts.push(Part::Bare(c.to_string())),
            (Piece::Part(part), _) => word.parts.push((*part).clone()),
        }
    }
    word
}

struct Expander {
    steps: usize,
    version: Version,
}

type Words<'w> = Vec<Vec<Piece<'w>>>;

impl Expander {
    /// Preamble, braces, preamble, braces … from left to right.
    fn expand<'w>(&mut self, mut text: &[Piece<'w>], depth: usize) -> Result<Words<'w>, TooMany> {
        let mut words: Words<'w> = vec![Vec::new()];
        while !text.is_empty() {
            let Some((open, close)) = self.braces(text)?.filter(|_| depth < DEEPEST) else {
                return self.product(words, &[text.to_vec()]);
            };
            words = self.product(words, &[text[..open].to_vec()])?;
            let inner = &text[open + 1..close];
            let choices = if inner.contains(&Piece::Char(',')) {
                self.choices(inner, depth)?
            } else {
                match sequence(inner, self.version)? {
                    Some(terms) => terms.iter().map(|term| term.chars().map(written).collect()).collect(),
                    None => vec![text[open..=close].to_vec()],
                }
            };
            words = self.product(words, &choices)?;
            text = &text[close + 1..];
        }
        Ok(words)
    }

    /// Each of `words` followed by each of `choices`.
    fn product<'w>(&mut self, words: Words<'w>, choices: &[Vec<Piece<'w>>]) -> Result<Words<'w>, TooMany> {
        if words.len() * choices.len() > MOST_WORDS {
            return Err(TooMany);
        }
        let before: usize = words.iter().map(Vec::len).sum();
        let added: usize = choices.iter().map(Vec::len).sum();
        self.charge(before * choices.len() + added * words.len() + 1)?;
        if let [choice] = choices {
            let follow = |mut word: Vec<Piece<'w>>| {
                word.extend(choice);
                word
            };
            return Ok(words.into_iter().map(follow).collect());
        }
        Ok(words.iter().flat_map(|word| choices.iter().map(|choice| [&word[..], choice].concat())).collect())
    }

    fn charge(&mut self, steps: usize) -> Result<(), TooMany> {
        self.steps += steps;
        if self.steps > MOST_STEPS { Err(TooMany) } else { Ok(()) }
    }

    /// The first opening brace that has a closing one with a comma or two dots between them.
    fn braces(&mut self, text: &[Piece<'_>]) -> Result<Option<(usize, usize)>, TooMany> {
        let mut from = 0;
        while let Some(open) = self.seek(text, from, '{')? {
            if let Some(close) = self.seek(text, open + 1, '}')? {
                return Ok(Some((open, close)));
            }
            from = open + 1;
        }
        Ok(None)
    }

    /// Where `wanted` stands outside of inner braces. A closing brace counts only behind a comma or two dots, an opening
    /// one at the start of a word only when something other than its closing one follows.
    fn seek(&mut self, text: &[Piece<'_>], from: usize, wanted: char) -> Result<Option<usize>, TooMany> {
        let is = |at: usize, c: char| text.get(at) == Some(&Piece::Char(c));
        let (mut level, mut separated) = (0_usize, wanted != '}');
        for at in from..text.len() {
            self.charge(1)?;
            if is(at, wanted) && level == 0 && separated {
                let lone = wanted == '{' && at == 0 && (text.len() == 1 || is(1, '}'));
                if lone {
                    continue;
                }
                return Ok(Some(at));
            }
            if is(at, '{') {
                level += 1;
            } else if is(at, '}') {
                level = level.saturating_sub(1);
            } else if level == 0 && (is(at, ',') || is(at, '.') && is(at + 1, '.') && !is(at + 2, '}')) {
                separated = true;
            }
        }
        Ok(None)
    }

    /// What stands between the commas, each expanded in turn.
    fn choices<'w>(&mut self, text: &[Piece<'w>], depth: usize) -> Result<Words<'w>, TooMany> {
        let (mut choices, mut begin) = (Vec::new(), 0);
        loop {
            let comma = self.seek(text, begin, ',')?;
            choices.extend(self.expand(&text[begin..comma.unwrap_or(text.len())], depth + 1)?);
            if choices.len() > MOST_WORDS {
                return Err(TooMany);
            }
            let Some(comma) = comma else { return Ok(choices) };
            begin = comma + 1;
        }
    }
}

/// A character of a term. The backslash of `{Z..a}` quotes nothing, and so leaves empty quotes.
fn written<'w>(c: char) -> Piece<'w> {
    static NOTHING: Part = Part::Quoted(String::new());
    if c == '\\' { Piece::Part(&NOTHING) } else { Piece::Char(c) }
}

/// The terms of `first..last` and `first..last..step`; none where it is no sequence.
fn sequence(text: &[Piece<'_>], version: Version) -> Result<Option<Vec<String>>, TooMany> {
    let character = |piece: &Piece<'_>| if let Piece::Char(c) = piece { Some(*c) } else { None };
    let Some(text) = text.iter().map(character).collect::<Option<String>>() else { return Ok(None) };
    let mut fields = text.splitn(3, "..");
    let (Some(first), Some(last)) = (fields.next(), fields.next()) else { return Ok(None) };
    let newer = version.has(Feature::SEQUENCES);
    let step = match fields.next().map(str::parse::<i64>) {
        None => 1,
        Some(_) if !newer => return Ok(None),
        Some(Ok(step)) => step,
        Some(Err(_)) => return Ok(None),
    };
    if let (Ok(low), Ok(high)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let width = if newer && (padded(first) || padded(last)) { first.len().max(last.len()) } else { 0 };
        return Ok(Some(terms(low, high, step)?.into_iter().map(|n| format!("{n:0width$}")).collect()));
    }
    match (letter(first), letter(last)) {
        (Some(low), Some(high)) => {
            let shown = |n| char::from(n as u8).to_string();
            Ok(Some(terms(low, high, step)?.into_iter().map(shown).collect()))
        }
        _ => Ok(None),
    }
}

fn padded(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() > 1 && digits.starts_with('0')
}

fn letter(text: &str) -> Option<i64> {
    match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(i64::from(*letter)),
        _ => None,
    }
}

/// From `first` to `last`; the sign of `step` does not matter, and none is one.
fn terms(first: i64, last: i64, step: i64) -> Result<Vec<i64>, TooMany> {
    let (distance, step) = (first.abs_diff(last), step.unsigned_abs().max(1));
    let count = usize::try_from(distance / step).unwrap_or(usize::MAX);
    if count >= MOST_WORDS {
        return Err(TooMany);
    }
    let at = |n: u64| {
        let away = n * step;
        if first <= last { first.wrapping_add_unsigned(away) } else { first.wrapping_sub_unsigned(away) }
    };
    Ok((0..=count as u64).map(at).collect())
}

#[cfg(test)]
mod tests;
