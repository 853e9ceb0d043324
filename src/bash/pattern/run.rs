//! A pattern against a text: for a piece of the pattern and the positions where it may begin, the positions where it may
//! end. A position is a byte between characters; sets of positions are ascending vectors.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::{Kind, Node, fold};

/// After so many steps, and so many for each byte of the text, nothing fits any more. A person does not get near.
const MOST_STEPS: (usize, usize) = (500_000, 64);

/// In which direction the text is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From beginnings to ends.
    Forward,
    /// From ends to beginnings.
    Backward,
}

/// One comparison.
pub struct Run<'t> {
    text: &'t str,
    way: Way,
    nocase: bool,
    /// Whether the first character of the text fits only itself, as the dot of a hidden file does.
    pub guarded: bool,
    /// What it has cost so far.
    pub steps: usize,
    /// Where `!(…)` fits from one position on, each group known by its place in memory. Without it nested ones would multiply.
    known: BTreeMap<(*const Vec<Node>, usize), Vec<usize>>,
}

impl<'t> Run<'t> {
    /// A run over `text`.
    pub fn new(text: &'t str, way: Way, nocase: bool) -> Self {
        let known = BTreeMap::new();
        Self { text, way, nocase, guarded: false, steps: 0, known }
    }

    /// Where `nodes` may end when they begin at one of `from`. Recursion is as deep as groups lie in one another.
    pub fn positions(&mut self, nodes: &[Node], from: Vec<usize>) -> Vec<usize> {
        let mut now = from;
        for i in 0..nodes.len() {
            let node = if self.way == Way::Forward { &nodes[i] } else { &nodes[nodes.len() - 1 - i] };
            self.steps += 1 + now.len();
            if now.is_empty() || self.exhausted() {
                return Vec::new();
            }
            now = self.node(node, now);
        }
        now
    }

    fn exhausted(&self) -> bool {
        self.steps > MOST_STEPS.0 + MOST_STEPS.1 * self.text.len()
    }

    fn node(&mut self, node: &Node, from: Vec<usize>) -> Vec<usize> {
        match node {
            Node::Literal(wanted) => {
                let (wanted, nocase) = (*wanted, self.nocase);
                self.step(from, true, |c| c == wanted || nocase && fold(c) == fold(wanted))
            }
            Node::Any => self.step(from, false, |_| true),
            Node::Set(set) => {
                let nocase = self.nocase;
                self.step(from, false, |c| set.contains(c, nocase))
            }
            Node::Star => self.onward(&from),
            Node::Group(kind, alternatives) => self.group(*kind, alternatives, from),
        }
    }

    /// The positions behind one character that `fits`. Order is kept, since each position moves by one character.
    fn step(&self, mut from: Vec<usize>, literal: bool, fits: impl Fn(char) -> bool) -> Vec<usize> {
        from.retain_mut(|at| {
            let (before, after) = self.text.split_at(*at);
            let c = if self.way == Way::Forward { after.chars().next() } else { before.chars().next_back() };
            let Some(c) = c.filter(|c| fits(*c)) else { return false };
            let width = c.len_utf8();
            let begin = if self.way == Way::Forward { *at } else { *at - width };
            *at = if self.way == Way::Forward { *at + width } else { begin };
            literal || !self.guarded || begin != 0
        });
        from
    }

    /// All positions from the first of `from` on, in the direction of the run.
    fn onward(&mut self, from: &[usize]) -> Vec<usize> {
        let (Some(&low), Some(&high)) = (from.first(), from.last()) else { return Vec::new() };
        let reached: Vec<usize> = match self.way {
            Way::Forward if self.guarded && low == 0 => {
                // Nothing gets past the first character; what stands behind it was reached by other means.
                let further = from.get(1).map_or(Vec::new(), |&next| self.boundaries(next, self.text.len()));
                [0].into_iter().chain(further).collect()
            }
            Way::Forward => self.boundaries(low, self.text.len()),
            Way::Backward => self.boundaries(0, high),
        };
        self.steps += reached.len();
        reached
    }

    fn boundaries(&self, low: usize, high: usize) -> Vec<usize> {
        let inner = self.text[low..high].char_indices().map(|(at, _)| low + at);
        inner.chain([high]).collect()
    }

    fn group(&mut self, kind: Kind, alternatives: &[Vec<Node>], from: Vec<usize>) -> Vec<usize> {
        match kind {
            Kind::Once => self.any_of(alternatives, &from).into_iter().collect(),
            Kind::Optional => {
                let mut reached = self.any_of(alternatives, &from);
                reached.extend(from);
                reached.into_iter().collect()
            }
            Kind::Any => self.repeated(alternatives, from.into_iter().collect(), BTreeSet::new()),
            Kind::Some => {
                let once = self.any_of(alternatives, &from);
                self.repeated(alternatives, once, BTreeSet::new())
            }
            Kind::Not => {
                let mut reached = BTreeSet::new();
                for at in from {
                    reached.extend(self.none_of(alternatives, at));
                    if self.exhausted() {
                        return Vec::new();
                    }
                }
                reached.into_iter().collect()
            }
        }
    }

    fn any_of(&mut self, alternatives: &[Vec<Node>], from: &[usize]) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        for alternative in alternatives {
            let ends = self.positions(alternative, from.to_vec());
            self.steps += from.len() + 2 * ends.len();
            reached.extend(ends);
        }
        reached
    }

    fn repeated(
        &mut self,
        alternatives: &[Vec<Node>],
        mut fresh: BTreeSet<usize>,
        mut reached: BTreeSet<usize>,
    ) -> Vec<usize> {
        while !fresh.is_empty() && !self.exhausted() {
            let from: Vec<usize> = fresh.into_iter().filter(|at| reached.insert(*at)).collect();
            fresh = self.any_of(alternatives, &from).difference(&reached).copied().collect();
        }
        reached.into_iter().collect()
    }

    /// Where `!(…)` may end when it begins at `at`: everywhere that none of the alternatives ends.
    fn none_of(&mut self, alternatives: &[Vec<Node>], at: usize) -> Vec<usize> {
        let key = (alternatives.as_ptr(), at);
        if let Some(known) = self.known.get(&key) {
            self.steps += known.len();
            return known.clone();
        }
        let taken = self.any_of(alternatives, &[at]);
        let reached: Vec<usize> = self.onward(&[at]).into_iter().filter(|end| !taken.contains(end)).collect();
        self.known.insert(key, reached.clone());
        reached
    }
}
