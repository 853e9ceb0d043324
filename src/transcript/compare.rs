//! Whether a block of printed lines is the expected one, and if not, which lines differ.

use super::align::{self, Edit};
use super::format::{Kind, Line};
use super::head::Normalize;
use super::pattern;

/// The lines of printed text; the last one may lack its end.
pub(super) fn lines(printed: &str) -> impl Iterator<Item = &str> {
    printed.split_terminator('\n')
}

/// Whether what was printed is what the lines of a transcript expect. Remarks among them do not count.
pub(super) fn equal(expected: &[Line<'_>], printed: &str, normalize: Normalize) -> bool {
    let shown = || expected.iter().filter(|line| line.is_shown());
    if expected.iter().any(|line| line.kind == Kind::AnyLines) {
        let (expected, printed): (Vec<_>, Vec<_>) = (shown().collect(), lines(printed).collect());
        return spread(&expected, &printed, normalize);
    }
    let mut printed_lines = lines(printed);
    let same = shown().all(|line| printed_lines.next().is_some_and(|text| pattern::matches(line, text, normalize)))
        && printed_lines.next().is_none();
    same || (normalize.order && equal_as_sets(expected, printed, normalize))
}

/// Compares blocks that hold `...`: greedy, with one point to come back to.
fn spread(expected: &[&Line<'_>], printed: &[&str], normalize: Normalize) -> bool {
    let (mut e, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while p < printed.len() {
        match expected.get(e) {
            Some(line) if line.kind == Kind::AnyLines => {
                back = Some((e + 1, p));
                e += 1;
            }
            Some(line) if pattern::matches(line, printed[p], normalize) => {
                (e, p) = (e + 1, p + 1);
            }
            _ => match &mut back {
                Some((again, from)) => {
                    *from += 1;
                    (e, p) = (*again, *from);
                }
                None => return false,
            },
        }
    }
    expected[e..].iter().all(|line| line.kind == Kind::AnyLines)
}

/// Compares with each run of `key: value` lines, and each JSON object, taken as a set.
fn equal_as_sets(expected: &[Line<'_>], printed: &str, normalize: Normalize) -> bool {
    let expected: Vec<&str> =
        expected.iter().filter(|line| line.is_shown()).map(|line| line.shown().trim_end()).collect();
    let printed: Vec<&str> = lines(printed).map(str::trim_end).collect();
    let (expected, printed) = (sorted(&expected), sorted(&printed));
    expected.len() == printed.len()
        && expected.iter().zip(&printed).all(|(line, text)| pattern::matches(&Line::parse(line), text, normalize))
}

/// The lines, with each set in them in an order of its own.
fn sorted(lines: &[&str]) -> Vec<String> {
    let mut sorted: Vec<String> = Vec::with_capacity(lines.len());
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let taken = if let Some((count, object)) = object(rest) {
            sorted.extend(object.lines().map(str::to_owned));
            count
        } else {
            let count = rest.iter().take_while(|line| key(line).is_some() && key(line) == key(first)).count();
            let mut run: Vec<String> = rest[..count].iter().map(|line| (*line).to_owned()).collect();
            run.sort_unstable();
            sorted.extend(run);
            if count == 0 {
                sorted.push((*first).to_owned());
            }
            count.max(1)
        };
        rest = &rest[taken..];
    }
    sorted
}

/// The indent of a `key: value` line: lines of one indent make a set.
fn key(line: &str) -> Option<usize> {
    let text = line.trim_start();
    let (key, _) = text.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'));
    is_key.then_some(line.len() - text.len())
}

/// A JSON object at the beginning of `lines`, perhaps behind a text as in `Details {`: how many lines it takes, and that
/// text and the object's, with sorted keys.
fn object(lines: &[&str]) -> Option<(usize, String)> {
    let first = lines.first()?.trim_start();
    let (before, opening) = match first.strip_suffix('{') {
        Some(before) => (before, "{"),
        None if first.starts_with('{') => ("", first),
        None => return None,
    };
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text.push_str(if index == 0 { opening } else { line });
        text.push('\n');
        if line.trim_end().ends_with('}')
            && let Ok(value) = serde_json::from_str::<serde_json::Value>(&text)
        {
            return Some((index + 1, format!("{before}{value:#}")));
        }
    }
    None
}

/// Which lines differ. `first` is the index in the transcript of the first of the expected lines.
pub(super) fn differences(expected: &[Line<'_>], first: usize, printed: &str, normalize: Normalize) -> Vec<Edit> {
    let printed: Vec<&str> = lines(printed).collect();
    align::align(expected, first, &printed, &|line, text| pattern::matches(line, text, normalize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, printed: &str, normalize: Normalize, expect: bool) {
        let lines: Vec<Line<'_>> = expected.lines().map(Line::parse).collect();
        assert_eq!(equal(&lines, printed, normalize), expect, "{expected:?} ~ {printed:?}");
    }

    #[test]
    fn blocks_are_compared_whole() {
        let strict = Normalize::default();
        check("", "", strict, true);
        check("a\n# remark\nb", "a\nb\n", strict, true);
        check("a", "a\nb\n", strict, false);
        check("a\nb", "a\n", strict, false);
        check("a\n\n", "a\n\n", strict, true);
        check("a ", "a\n", strict, false);
        check("\\...", "...\n", strict, true);
    }

    #[test]
    fn dots_stand_for_any_number_of_lines() {
        let strict = Normalize::default();
        check("...", "", strict, true);
        check("a\n...\nz", "a\nz\n", strict, true);
        check("a\n...\nz", "a\nb\nz\ny\nz\n", strict, true);
        check("a\n...\nb\n...\nc", "a\nx\nb\nb\ny\nc\n", strict, true);
        check("a\n...\nz", "a\nb\n", strict, false);
        check("...\nb\nc", "b\nb\nc\n", strict, true);
    }

    #[test]
    fn sets_may_stand_in_another_order() {
        let order = Normalize { timestamps: false, order: true };
        check("head :\n  a: 1\n  b: 2\nend", "head :\n  b: 2  \n  a: 1\nend\n", order, true);
        check("  a: 1\n  b: 2", "  b: 1\n  a: 2\n", order, false);
        check("  a: 1\n  b: 2", "  b: 2\n    a: 1\n", order, false);
        check("x\ny", "y\nx\n", order, false);
        check("{\"a\": 1,\n \"b\": [2]}", "{\"b\":[2], \"a\":1}\n", order, true);
        check("{\"a\": 1}", "{\"a\": 2}\n", order, false);
        check("{ broken", "{ broken\n", order, true);
        check("Details {\n\"a\": 1,\n\"b\": 2\n}", "Details {\n\"b\": 2,\n\"a\": 1\n}\n", order, true);
        check("Details {\n\"a\": 1\n}", "Error {\n\"a\": 1\n}\n", order, false);
        check("Details {\n\"a\": 1\n}", "Details {\n\"a\": 2\n}\n", order, false);
        check("  a: 1\n  b: 2", "  b: 2\n  a: 1\n", Normalize::default(), false);
    }
}
