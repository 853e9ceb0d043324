//! Which lines of two files differ: Myers' search from both ends, in the order in which gnulib's `diffseq` looks at its
//! diagonals, and the moving of changes to where GNU diff likes to see them. Lines of which the other file has none are
//! left out of the search.

use std::collections::BTreeMap;

/// After so many rounds a search takes the best that it has.
const EXPENSIVE: i64 = 256;

/// A change: lines `a` of the first file stand where lines `b` of the second stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::systems::linux::tools::text) struct Change {
    pub(in crate::systems::linux::tools::text) a: std::ops::Range<usize>,
    pub(in crate::systems::linux::tools::text) b: std::ops::Range<usize>,
}

/// The changes between two files, given as lines that are the same when they are equal.
pub(in crate::systems::linux::tools::text) fn changes(a: &[Vec<u8>], b: &[Vec<u8>]) -> Vec<Change> {
    let mut classes: BTreeMap<&[u8], (usize, [usize; 2])> = BTreeMap::new();
    let mut codes = [Vec::with_capacity(a.len()), Vec::with_capacity(b.len())];
    for (side, lines) in [a, b].into_iter().enumerate() {
        for line in lines {
            let next = classes.len();
            let class = classes.entry(line).or_insert((next, [0, 0]));
            class.1[side] += 1;
            codes[side].push(class.0);
        }
    }
    let mut shared = vec![false; classes.len()];
    for (code, counts) in classes.values() {
        shared[*code] = counts[0] > 0 && counts[1] > 0;
    }
    let mut changed = [vec![false; a.len()], vec![false; b.len()]];
    let mut kept = [Vec::new(), Vec::new()];
    for side in 0..2 {
        for (at, code) in codes[side].iter().enumerate() {
            if shared[*code] { kept[side].push(at) } else { changed[side][at] = true }
        }
    }
    let of = |side: usize| kept[side].iter().map(|at| codes[side][*at]).collect::<Vec<_>>();
    let (x, y) = (of(0), of(1));
    let size = x.len() + y.len() + 3;
    let mut search =
        Search { x: &x, y: &y, forward: vec![0; size], backward: vec![0; size], changed: [Vec::new(), Vec::new()] };
    search.compare();
    for side in 0..2 {
        for at in std::mem::take(&mut search.changed[side]) {
            changed[side][kept[side][at]] = true;
        }
    }
    let [mut first, mut second] = changed;
    shift(&codes[0], &mut first, &second);
    shift(&codes[1], &mut second, &first);
    script(&first, &second)
}

fn script(a: &[bool], b: &[bool]) -> Vec<Change> {
    let (mut changes, mut i, mut j) = (Vec::new(), 0, 0);
    while i < a.len() || j < b.len() {
        let run = |changed: &[bool], from: usize| changed[from..].iter().take_while(|changed| **changed).count();
        let (deleted, inserted) = (run(a, i), run(b, j));
        if deleted + inserted > 0 {
            changes.push(Change { a: i..i + deleted, b: j..j + inserted });
        }
        (i, j) = (i + deleted + 1, j + inserted + 1);
    }
    changes
}

struct Search<'a> {
    x: &'a [usize],
    y: &'a [usize],
    /// How far each diagonal was followed.
    forward: Vec<i64>,
    backward: Vec<i64>,
    changed: [Vec<usize>; 2],
}

impl Search<'_> {
    fn compare(&mut self) {
        let mut left = vec![(0, self.x.len() as i64, 0, self.y.len() as i64)];
        while let Some((mut low, mut high, mut bottom, mut top)) = left.pop() {
            while low < high && bottom < top && self.same(low, bottom) {
                (low, bottom) = (low + 1, bottom + 1);
            }
            while low < high && bottom < top && self.same(high - 1, top - 1) {
                (high, top) = (high - 1, top - 1);
            }
            if low == high {
                self.changed[1].extend(bottom as usize..top as usize);
            } else if bottom == top {
                self.changed[0].extend(low as usize..high as usize);
            } else {
                let (x, y) = self.middle(low, high, bottom, top);
                left.push((x, high, y, top));
                left.push((low, x, bottom, y));
            }
        }
    }

    fn same(&self, x: i64, y: i64) -> bool {
        self.x[x as usize] == self.y[y as usize]
    }

    /// Where the shortest script is cut in two.
    fn middle(&mut self, xoff: i64, xlim: i64, yoff: i64, ylim: i64) -> (i64, i64) {
        // Diagonals run from -(length of y) - 1 to (length of x) + 1.
        let base = self.y.len() as i64 + 1;
        let at = |diagonal: i64| (diagonal + base) as usize;
        let (dmin, dmax) = (xoff - ylim, xlim - yoff);
        let (fmid, bmid) = (xoff - yoff, xlim - ylim);
        let (mut fmin, mut fmax, mut bmin, mut bmax) = (fmid, fmid, bmid, bmid);
        let odd = (fmid - bmid) & 1 != 0;
        self.forward[at(fmid)] = xoff;
        self.backward[at(bmid)] = xlim;
        let mut round = 0;
        loop {
            round += 1;
            if fmin > dmin {
                fmin -= 1;
                self.forward[at(fmin - 1)] = -1;
            } else {
                fmin += 1;
            }
            if fmax < dmax {
                fmax += 1;
                self.forward[at(fmax + 1)] = -1;
            } else {
                fmax -= 1;
            }
            let mut d = fmax;
            while d >= fmin {
                let (low, high) = (self.forward[at(d - 1)], self.forward[at(d + 1)]);
                let mut x = if low < high { high } else { low + 1 };
                let mut y = x - d;
                while x < xlim && y < ylim && self.same(x, y) {
                    (x, y) = (x + 1, y + 1);
                }
                self.forward[at(d)] = x;
                if odd && (bmin..=bmax).contains(&d) && self.backward[at(d)] <= x {
                    return (x, y);
                }
                d -= 2;
            }
            if bmin > dmin {
                bmin -= 1;
                self.backward[at(bmin - 1)] = i64::MAX;
            } else {
                bmin += 1;
            }
            if bmax < dmax {
                bmax += 1;
                self.backward[at(bmax + 1)] = i64::MAX;
            } else {
                bmax -= 1;
            }
            let mut d = bmax;
            while d >= bmin {
                let (low, high) = (self.backward[at(d - 1)], self.backward[at(d + 1)]);
                let mut x = if low < high { low } else { high - 1 };
                let mut y = x - d;
                while xoff < x && yoff < y && self.same(x - 1, y - 1) {
                    (x, y) = (x - 1, y - 1);
                }
                self.backward[at(d)] = x;
                if !odd && (fmin..=fmax).contains(&d) && x <= self.forward[at(d)] {
                    return (x, y);
                }
                d -= 2;
            }
            if round >= EXPENSIVE {
                let ends = (fmin..=fmax).rev().step_by(2).map(|d| {
                    let x = self.forward[at(d)].min(xlim).min(ylim + d);
                    (2 * x - d, x, x - d)
                });
                let best = ends.max_by_key(|(sum, ..)| *sum).unwrap_or((0, xoff, ylim));
                return (best.1, best.2);
            }
        }
    }
}

/// Moves changes of one file back and forth between equal lines: together with changes of the other file, else as far
/// towards the end as they go.
fn shift(codes: &[usize], changed: &mut [bool], other: &[bool]) {
    let get =
        |changed: &[bool], at: i64| usize::try_from(at).ok().and_then(|at| changed.get(at)).copied().unwrap_or(false);
    let end = codes.len() as i64;
    let code = |at: i64| codes[at as usize];
    let (mut i, mut j) = (0_i64, 0_i64);
    loop {
        while i < end && !changed[i as usize] {
            while get(other, j) {
                j += 1;
            }
            j += 1;
            i += 1;
        }
        if i == end {
            return;
        }
        let mut start = i;
        while get(changed, i) {
            i += 1;
        }
        while get(other, j) {
            j += 1;
        }
        let mut corresponding;
        loop {
            let length = i - start;
            while start > 0 && code(start - 1) == code(i - 1) {
                start -= 1;
                i -= 1;
                changed[start as usize] = true;
                changed[i as usize] = false;
                while get(changed, start - 1) {
                    start -= 1;
                }
                j -= 1;
                while get(other, j) {
                    j -= 1;
                }
            }
            corresponding = if get(other, j - 1) { i } else { end };
            while i != end && code(start) == code(i) {
                changed[start as usize] = false;
                changed[i as usize] = true;
                start += 1;
                i += 1;
                while get(changed, i) {
                    i += 1;
                }
                j += 1;
                while get(other, j) {
                    corresponding = i;
                    j += 1;
                }
            }
            if length == i - start {
                break;
            }
        }
        while corresponding < i {
            start -= 1;
            i -= 1;
            changed[start as usize] = true;
            changed[i as usize] = false;
            j -= 1;
            while get(other, j) {
                j -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(a: &str, b: &str) -> String {
        let lines = |text: &str| text.chars().map(|c| vec![c as u8]).collect::<Vec<_>>();
        let (a, b) = (lines(a), lines(b));
        let changes = changes(&a, &b);
        // What the changes say must make the second file of the first.
        let (mut made, mut at) = (Vec::new(), 0);
        for change in &changes {
            made.extend_from_slice(&a[at..change.a.start]);
            made.extend_from_slice(&b[change.b.clone()]);
            at = change.a.end;
        }
        made.extend_from_slice(&a[at..]);
        assert_eq!(made, b);
        changes.iter().map(|c| format!("{}-{}:{}-{} ", c.a.start, c.a.end, c.b.start, c.b.end)).collect()
    }

    #[test]
    fn changes_are_where_gnu_diff_has_them() {
        let check = |a: &str, b: &str, expect: &str| assert_eq!(found(a, b).trim_end(), expect, "{a} {b}");
        check("abc", "abc", "");
        check("abc", "axc", "1-2:1-2");
        check("", "ab", "0-0:0-2");
        check("ab", "", "0-2:0-0");
        check("abcabba", "cbabac", "0-2:0-0 3-4:1-1 5-5:2-3 7-7:5-6");
        check("axb", "axaxb", "2-2:2-4");
        check("abab", "ab", "2-4:2-2");
    }

    #[test]
    fn any_two_files_have_a_script() {
        let mut state = 7_u64;
        for round in 0..300 {
            let mut text = |length: u64| {
                (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        ['a', 'b', 'c', 'd'][(state >> 60) as usize % 4]
                    })
                    .collect::<String>()
            };
            let (a, b) = (text(round % 23), text(round % 17));
            found(&a, &b);
        }
        assert!(!found(&"ab".repeat(3000), &"ba".repeat(3000)).is_empty());
    }
}
