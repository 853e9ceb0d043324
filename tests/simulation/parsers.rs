//! Random text into every parser: none panics, whatever it says.

use std::fs;

use appsh::director;
use appsh::lab::Lab;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::operator::Operator;
use appsh::payload::Sha256;
use appsh::shell::argparse::Dialect;
use appsh::shell::command::Run;
use appsh::shell::{Terminal, lex, secret};
use appsh::sim::{Instant, Span};
use appsh::store::Resumed;
use appsh::systems::vcsa::commands::COMMANDS;
use serde_json::Value;

use crate::choices::Chooser;
use crate::kept::{Discs, Folder, begin, operator, resume};

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
            Run::Words(_) | Run::Program(_) => None,
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

/// A saved lab that somebody has edited: it is opened or refused, and what is opened can be typed into.
#[test]
fn edited_saved_labs_are_opened_or_refused() {
    let mut chooser = Chooser::new(5);
    let folder = Folder::new();
    let mut operator = operator(Terminal::PIPE, 5);
    let mut store = begin(&folder, &mut operator);
    operator.login().expect("it is up");
    director::run(&mut operator, "%save here");
    operator.line("shutdown reboot -r x -d 5");
    store.keep(&mut operator).expect("kept");
    store.close(&mut operator).expect("kept");
    let path = folder.path().join("snapshot.json");
    let journal = fs::read(folder.path().join("journal")).expect("a journal");
    let text = fs::read_to_string(&path).expect("a snapshot");
    let (head, body) = text.trim_end().split_once('\n').expect("two lines");
    let whole: Value = serde_json::from_str(body).expect("JSON");
    let digest = Sha256::of(body.as_bytes()).to_string();
    let mut opened = 0;
    for _ in 0..ROUNDS / 10 {
        let mut edited = whole.clone();
        edit(&mut chooser, &mut edited);
        let body = edited.to_string();
        let head = head.replace(&digest, &Sha256::of(body.as_bytes()).to_string());
        fs::write(&path, format!("{head}\n{body}\n")).expect("written");
        fs::write(folder.path().join("journal"), &journal).expect("written");
        let Ok(Resumed { mut operator, .. }) = resume(&folder, Terminal::PIPE) else { continue };
        opened += 1;
        let _ = operator.login();
        operator.line("software-packages list");
        operator.run_until_input();
    }
    assert!(opened > ROUNDS / 50, "only {opened} were opened: the edits are too great");
}

/// Changes one value somewhere.
fn edit(chooser: &mut Chooser, value: &mut Value) {
    let odds = 12;
    match value {
        Value::Object(members) if !members.is_empty() && !chooser.one_in(odds) => {
            let names: Vec<String> = members.keys().cloned().collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let name = chooser.pick(&names);
            edit(chooser, &mut members[name]);
        }
        Value::Array(values) if !values.is_empty() && !chooser.one_in(odds) => {
            let at = usize::try_from(chooser.below(values.len() as u64)).unwrap_or(0);
            match chooser.below(8) {
                0 => drop(values.remove(at)),
                1 => values.push(values[at].clone()),
                _ => edit(chooser, &mut values[at]),
            }
        }
        Value::Number(number) => {
            *value = (number.as_i64().unwrap_or(0).wrapping_add(*chooser.pick(&[&1, &-1, &7, &i64::MAX]))).into()
        }
        Value::String(_) => *value = chooser.nonsense().into(),
        Value::Bool(flag) => *flag = !*flag,
        Value::Null | Value::Object(_) | Value::Array(_) => *value = 0.into(),
    }
}
