//! Damaged input for the tests of this folder: whatever a person types must neither panic nor take long. Samples are cut,
//! joined, doubled and sprinkled with characters that mean something to bash. One seed, one sequence.

use crate::sim::random::Streams;

/// Characters that mean something, some that are several bytes long, and some that are nothing special.
const SPRINKLED: &str = "*?[]()!+@-^|\\{},.:;&<>=/%#~$'\"` \t\n\u{1}aé漢0123456789eExXdfgsbqTc";

/// Calls `check` with `rounds` texts grown from `samples`.
pub fn mutate(seed: u64, samples: &[&str], rounds: usize, mut check: impl FnMut(&str)) {
    let mut chance = Streams::new(seed);
    for _ in 0..rounds {
        let mut text: Vec<char> = pick(&mut chance, samples).chars().collect();
        for _ in 0..chance.between("edits", 1, 6) {
            edit(&mut chance, samples, &mut text);
        }
        text.truncate(200);
        check(&text.into_iter().collect::<String>());
    }
}

fn pick<'a>(chance: &mut Streams, samples: &[&'a str]) -> &'a str {
    samples[chance.between("sample", 0, samples.len() as u64 - 1) as usize]
}

fn edit(chance: &mut Streams, samples: &[&str], text: &mut Vec<char>) {
    let at = chance.between("at", 0, text.len() as u64) as usize;
    match chance.between("kind", 0, 4) {
        0 => text.truncate(at),
        1 => text.extend(pick(chance, samples).chars()),
        2 => {
            let doubled: Vec<char> = text[at..].to_vec();
            text.splice(at..at, doubled);
        }
        3 if at < text.len() => {
            text.remove(at);
        }
        _ => {
            let sprinkled: Vec<char> = SPRINKLED.chars().collect();
            text.insert(at, sprinkled[chance.between("char", 0, sprinkled.len() as u64 - 1) as usize]);
        }
    }
}
