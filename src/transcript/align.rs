//! Lays what was printed beside what was expected, so that as many lines as possible agree: for diffs and for updates.

use super::format::{Kind, Line};

/// How a line of a block fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The transcript's line with this index agrees, or is a remark.
    Keep(usize),
    /// The transcript's line with this index was not printed.
    Drop(usize),
    /// This was printed and not expected; `at` counts the block's printed lines.
    Insert {
        /// The printed line.
        text: String,
        /// Its index among the printed lines.
        at: usize,
    },
}

/// Above so many pairs of lines, what differs is taken as a whole.
const MOST_PAIRS: usize = 4_000_000;

/// Aligns a block whose first line has index `first` in its transcript.
pub(super) fn align(
    expected: &[Line<'_>],
    first: usize,
    printed: &[&str],
    same: &dyn Fn(&Line<'_>, &str) -> bool,
) -> Vec<Edit> {
    let shown: Vec<usize> = (0..expected.len()).filter(|i| expected[*i].is_shown()).collect();
    let agrees = |e: usize, p: usize| {
        let line = &expected[shown[e]];
        line.kind != Kind::AnyLines && same(line, printed[p])
    };
    let shorter = shown.len().min(printed.len());
    let head = (0..shorter).take_while(|i| agrees(*i, *i)).count();
    let tail = (0..shorter - head).take_while(|i| agrees(shown.len() - 1 - i, printed.len() - 1 - i)).count();
    let (e_end, p_end) = (shown.len() - tail, printed.len() - tail);

    let mut steps: Vec<Step> = vec![Step::Keep; head];
    let any = |e: usize| expected[shown[e]].kind == Kind::AnyLines;
    steps.extend(middle(head..e_end, head..p_end, &agrees, &any));
    steps.extend(std::iter::repeat_n(Step::Keep, tail));
    write(expected, first, printed, &steps)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Both lines, which agree.
    Keep,
    /// A `...`, which takes no line by itself.
    Pass,
    /// A printed line under a `...`.
    Swallow,
    Drop,
    Insert,
}

/// The cheapest way through the part in which lines differ.
fn middle(
    expected: std::ops::Range<usize>,
    printed: std::ops::Range<usize>,
    agrees: &dyn Fn(usize, usize) -> bool,
    any: &dyn Fn(usize) -> bool,
) -> Vec<Step> {
    let (rows, columns) = (expected.len(), printed.len());
    if rows.saturating_mul(columns) > MOST_PAIRS {
        let mut steps = vec![Step::Drop; rows];
        steps.extend(std::iter::repeat_n(Step::Insert, columns));
        return steps;
    }
    // cost[e][p]: what is left to pay from line e and printed line p on.
    let at = |e: usize, p: usize| e * (columns + 1) + p;
    let mut cost = vec![0_u32; (rows + 1) * (columns + 1)];
    let mut best = vec![Step::Insert; cost.len()];
    for e in (0..=rows).rev() {
        for p in (0..=columns).rev() {
            if e == rows && p == columns {
                continue;
            }
            let options = [
                (e < rows && any(expected.start + e)).then(|| (cost[at(e + 1, p)], Step::Pass)),
                (e < rows && p < columns && any(expected.start + e)).then(|| (cost[at(e, p + 1)], Step::Swallow)),
                (e < rows && p < columns && agrees(expected.start + e, printed.start + p))
                    .then(|| (cost[at(e + 1, p + 1)], Step::Keep)),
                (e < rows).then(|| (cost[at(e + 1, p)] + 1, Step::Drop)),
                (p < columns).then(|| (cost[at(e, p + 1)] + 1, Step::Insert)),
            ];
            if let Some((price, step)) = options.into_iter().flatten().min_by_key(|(price, _)| *price) {
                (cost[at(e, p)], best[at(e, p)]) = (price, step);
            }
        }
    }
    let (mut e, mut p, mut steps) = (0, 0, Vec::with_capacity(rows + columns));
    while e < rows || p < columns {
        let step = best[at(e, p)];
        steps.push(step);
        e += usize::from(matches!(step, Step::Keep | Step::Pass | Step::Drop));
        p += usize::from(matches!(step, Step::Keep | Step::Swallow | Step::Insert));
    }
    steps
}

/// Writes the steps out, with the remarks where they stood.
fn write(expected: &[Line<'_>], first: usize, printed: &[&str], steps: &[Step]) -> Vec<Edit> {
    let mut edits = Vec::with_capacity(expected.len().max(printed.len()));
    let mut lines = expected.iter().enumerate().map(|(i, line)| (first + i, line)).peekable();
    let mut at = 0;
    // Remarks at the top, a file's head among them, stay at the top; others stay with the line below them.
    while let Some((index, _)) = lines.next_if(|(_, line)| !line.is_shown()) {
        edits.push(Edit::Keep(index));
    }
    for step in steps {
        if matches!(step, Step::Keep | Step::Pass | Step::Drop) {
            while let Some((index, _)) = lines.next_if(|(_, line)| !line.is_shown()) {
                edits.push(Edit::Keep(index));
            }
            let (index, _) = lines.next().unwrap_or_else(|| unreachable!("each step takes a line that is there"));
            edits.push(if *step == Step::Drop { Edit::Drop(index) } else { Edit::Keep(index) });
        }
        if *step == Step::Insert {
            edits.push(Edit::Insert { text: printed[at].to_owned(), at });
        }
        at += usize::from(matches!(step, Step::Keep | Step::Swallow | Step::Insert));
    }
    edits.extend(lines.map(|(index, _)| Edit::Keep(index)));
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows edits as a diff does; `#` are kept remarks.
    fn diff(expected: &str, printed: &str) -> String {
        let lines: Vec<Line<'_>> = expected.lines().map(Line::parse).collect();
        let printed: Vec<&str> = printed.lines().collect();
        let edits = align(&lines, 10, &printed, &|line, text| line.shown() == text);
        let mut text = String::new();
        for edit in edits {
            match edit {
                Edit::Keep(index) => text.push_str(&format!(" {}", lines[index - 10].text)),
                Edit::Drop(index) => text.push_str(&format!(" -{}", lines[index - 10].text)),
                Edit::Insert { text: new, .. } => text.push_str(&format!(" +{new}")),
            }
        }
        text.trim_start().to_owned()
    }

    #[test]
    fn lines_that_agree_stay_beside_each_other() {
        let check = |expected: &str, printed: &str, expect: &str| assert_eq!(diff(expected, printed), expect);
        check("a\nb\nc", "a\nX\nc", "a -b +X c");
        check("a\nb\nc", "a\nc", "a -b c");
        check("a\nc", "a\nb\nc", "a +b c");
        check("", "a", "+a");
        check("a", "", "-a");
        check("a\n# why\nb\nc", "a\nX\nc", "a # why -b +X c");
        check("a\nb\n# end", "a", "a -b # end");
        check("# head\nb", "a\nb", "# head +a b");
        check("# head", "a", "# head +a");
        check("a\n# of b\nb", "a\nX\nb", "a +X # of b b");
        check("a\n...\nc\nd", "a\nx\ny\nc\nD", "a ... c -d +D");
        check("...\nb", "x\ny", "... -b");
    }

    #[test]
    fn a_huge_difference_is_taken_as_a_whole() {
        let many = |prefix: &str| (0..2_100).map(|i| format!("{prefix}{i}\n")).collect::<String>();
        let diff = diff(&many("a"), &many("b"));
        assert!(diff.starts_with("-a0 -a1") && diff.ends_with("+b2098 +b2099"));
    }
}
