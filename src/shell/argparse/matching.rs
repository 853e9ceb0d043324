//! How many words each argument takes: the little regular expressions of `argparse` over the pattern of a command line.
//!
//! The pattern has one byte per word: `O` for an option, `A` for any other word, `-` for the first `--`. `argparse` builds a regular
//! expression for an argument's `nargs` and matches it greedily, giving back as a regular expression does; so does this.

use super::spec::{Action, Argument, Nargs};

/// The bytes that one atom accepts, and how often.
#[derive(Clone, Copy)]
struct Atom {
    accepts: &'static [u8],
    least: usize,
    most: usize,
    /// Whether an argument's share ends behind this atom.
    ends: bool,
}

const MANY: usize = usize::MAX;

/// What an atom accepts, and how often.
type Part = (&'static [u8], usize, usize);
const DASHES: Part = (b"-", 0, MANY);
const ONE: Part = (b"A", 1, 1);

/// The number of words that an option takes at the start of `pattern`, if it can be satisfied. `--` ends its words.
pub(super) fn option_takes(argument: &Argument, pattern: &[u8]) -> Option<usize> {
    let run = |class: &[u8]| pattern.iter().take_while(|byte| class.contains(byte)).count();
    let (least, most) = match argument.nargs {
        Nargs::One => (1, 1),
        Nargs::Optional => (0, 1),
        Nargs::Any => (0, MANY),
        Nargs::Several => (1, MANY),
        Nargs::Exactly(count) => (count, count),
        Nargs::Remainder => return Some(run(b"AO")),
    };
    let taken = run(b"A").min(most);
    (taken >= least).then_some(taken)
}

/// The words taken by the first of `positionals`, by the second and so on: for as many of them as can be satisfied at once.
pub(super) fn positionals_take(positionals: &[&Argument], pattern: &[u8]) -> Vec<usize> {
    let mut atoms = Vec::with_capacity(positionals.len() * 4);
    let mut ends = Vec::with_capacity(positionals.len());
    for positional in positionals {
        push_atoms(positional, &mut atoms);
        ends.push(atoms.len());
    }
    for fitting in (1..=positionals.len()).rev() {
        let mut shares = Vec::with_capacity(fitting);
        if fits(&atoms[..ends[fitting - 1]], pattern, 0, 0, &mut shares) {
            shares.reverse();
            return shares;
        }
    }
    Vec::new()
}

fn push_atoms(argument: &Argument, atoms: &mut Vec<Atom>) {
    let mut push = |parts: &[Part]| {
        let atom = |(accepts, least, most)| Atom { accepts, least, most, ends: false };
        atoms.extend(parts.iter().copied().map(atom));
    };
    match argument.nargs {
        _ if matches!(argument.action, Action::Subcommands(_)) => {
            push(&[DASHES, ONE, (b"-AO", 0, MANY)]);
        }
        Nargs::One => push(&[DASHES, ONE, DASHES]),
        Nargs::Optional => push(&[DASHES, (b"A", 0, 1), DASHES]),
        Nargs::Any => push(&[DASHES, (b"A-", 0, MANY)]),
        Nargs::Several => push(&[DASHES, ONE, (b"A-", 0, MANY)]),
        Nargs::Remainder => push(&[(b"-AO", 0, MANY)]),
        Nargs::Exactly(count) => {
            push(&[DASHES]);
            (0..count).for_each(|_| push(&[ONE, DASHES]));
        }
    }
    if let Some(last) = atoms.last_mut() {
        last.ends = true;
    }
}

/// Matches all atoms at `at`, each as greedily as the rest allows. Fills in the arguments' shares from the last to the first.
/// An argument's first word is at `began`.
fn fits(atoms: &[Atom], pattern: &[u8], at: usize, began: usize, shares: &mut Vec<usize>) -> bool {
    let Some((atom, rest)) = atoms.split_first() else {
        return true;
    };
    let run = pattern[at..].iter().take_while(|byte| atom.accepts.contains(byte));
    let longest = run.take(atom.most).count();
    for taken in (atom.least..=longest).rev() {
        let end = at + taken;
        if fits(rest, pattern, end, if atom.ends { end } else { began }, shares) {
            if atom.ends {
                shares.push(end - began);
            }
            return true;
        }
    }
    false
}
