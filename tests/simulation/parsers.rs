//! Random text into every parser: none panics, whatever it says.

use appsh::director;
use appsh::lab::Lab;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::operator::Operator;
use appsh::shell::argparse::Dialect;
use appsh::shell::command::Run;
use appsh::shell::{Terminal, lex, secret};
use appsh::sim::{Instant, Span};
use appsh::systems::vcsa::commands::COMMANDS;

use crate::choices::Chooser;
use crate::kept::{Discs, operator};

const ROUNDS: usize = 3_000;

#[test]
fn words_spans_and_times_are_taken_or_refused() {
    let mut chooser = Chooser::new(1);
    for _ in 0..ROUNDS {
        let text = chooser.nonsense();
        lex::split(&text);
        let _ = secret::blot(&format!("{text} --password {text}"));
        let digits = chooser.below(u64::MAX).to_string();
        for text in [&text, &digits, &format!("{digits}h{digits}m"), &format!("{digits}-{text}")] {
            let _ = Span::parse(text);
            let _ = Instant::parse(text);
        }
    }
}

#[test]
fn options_are_taken_or_refused() {
    let mut chooser = Chooser::new(2);
    let parsers: Vec<_> = COMMANDS
        .iter()
        .filter_map(|command| match command.run {
            Run::Parsed(parser, _) | Run::Api(parser, _) => Some(parser),
            Run::Words(_) => None,
        })
        .collect();
    for _ in 0..ROUNDS {
        let line = format!("{} --{} {}", chooser.nonsense(), chooser.nonsense(), chooser.nonsense());
        let split = lex::split(&line);
        let words: Vec<&str> = split.words.iter().map(AsRef::as_ref).collect();
        let parser = chooser.pick(&parsers);
        let columns = usize::try_from(chooser.below(100)).unwrap_or(0);
        let _ = parser.parse(Dialect::Python27, columns, &words);
        let _ = parser.completions(&words);
    }
}

#[test]
fn director_lines_are_done_or_refused() {
    let mut chooser = Chooser::new(3);
    let mut operator = operator(Terminal::PIPE, 3);
    for _ in 0..ROUNDS {
        let reply = director::run(&mut operator, &format!("%{}", chooser.nonsense()));
        assert!(reply.text.is_empty() || reply.text.ends_with('\n'), "{:?}", reply.text);
    }
}

#[test]
fn lab_files_make_a_world_or_a_complaint() {
    let mut chooser = Chooser::new(4);
    let (name, good) = BUNDLED[0];
    let mut made = 0;
    for _ in 0..ROUNDS / 3 {
        let text = damage(&mut chooser, good);
        let Ok(world) = LabFile::parse(&text).and_then(|file| file.world(name, None, None)) else { continue };
        made += 1;
        let lab = Lab::new(world, Box::new(Discs::new()));
        let Ok(mut operator) = Operator::new(lab, None, Terminal::PIPE) else { continue };
        let _ = operator.login();
        operator.line("shutdown reboot -r x");
        let _ = operator.login_when_possible();
    }
    assert!(made > ROUNDS / 100, "only {made} of the damaged files made a world: the damage is too great");
}

/// The text with a few of its bytes, words or lines changed.
fn damage(chooser: &mut Chooser, good: &str) -> String {
    let mut text = good.to_owned();
    for _ in 0..=chooser.below(2) {
        let mut at = usize::try_from(chooser.below(text.len() as u64)).unwrap_or(0);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match chooser.below(4) {
            0 => text.insert_str(at, &chooser.nonsense()),
            1 => text.truncate(at),
            2 => text.insert_str(at, &chooser.below(u64::MAX).to_string()),
            _ => drop(text.remove(at)),
        }
        if text.is_empty() {
            return text;
        }
    }
    text
}
