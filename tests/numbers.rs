//! Numbers of every size, for every option of every program: each ends with its answer or its refusal, and none panics or
//! goes on for ever. Which options take a value is read from the programs' own tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use appsh::lab::{Lab, Waits};
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::Bundled;
use appsh::shell::{SessionId, Terminal};
use regex_lite::Regex;

/// The largest of several kinds and one more, the smallest, nothing, what is wider than a format of Rust takes.
const NUMBERS: [&str; 8] = [
    "18446744073709551615",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "70000",
    "-1",
    "0",
    "''",
];

/// They end the session, the machine or the test's own processes, or are left by a key alone.
const LEFT_OUT: [&str; 15] = [
    "halt", "init", "less", "more", "pkill", "poweroff", "reboot", "screen", "shutdown", "ssh", "su", "telinit",
    "tmux", "top", "killall",
];

/// The programs with the options of theirs that take a value, each as it stands before the value.
fn programs() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/systems/linux/tools");
    let tool = Regex::new(r#"tool!\(\s*"([^"]+)""#).expect("a pattern");
    let short = Regex::new(r#"short: "([^"]*)""#).expect("a pattern");
    let letter = Regex::new("([^:]):").expect("a pattern");
    let long = Regex::new(r#"\("([a-z][a-z0-9-]*):+", (?:'\\u|[A-Z])"#).expect("a pattern");
    let mut found = BTreeMap::new();
    for file in sources(&root) {
        // With what lies in the folder of its name.
        let within = if file.ends_with("mod.rs") { Vec::new() } else { sources(&file.with_extension("")) };
        let own = fs::read_to_string(&file).expect("a file");
        let text: String =
            within.iter().map(|file| fs::read_to_string(file).expect("a file")).collect::<String>() + &own;
        let mut options: BTreeSet<String> =
            long.captures_iter(&text).map(|found| format!("--{}=", &found[1])).collect();
        for letters in short.captures_iter(&text) {
            options.extend(letter.captures_iter(&letters[1]).map(|found| format!("-{} ", &found[1])));
        }
        options.insert(String::new());
        for name in tool.captures_iter(&own).map(|found| found[1].to_owned()) {
            if !LEFT_OUT.contains(&name.as_str()) {
                found.insert(name, options.clone());
            }
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn rhel() -> (Lab, SessionId) {
    let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "linux").expect("the lab is bundled");
    let world = LabFile::parse(text).expect("a good lab file").world("linux", None, None).expect("a good world");
    let mut lab = Lab::new(world, Box::new(Bundled));
    let id = lab.open("rhel8", Terminal::PIPE).expect("it is up");
    (lab, id)
}

#[test]
fn every_number_has_an_answer() {
    let programs = programs();
    assert!(programs.len() > 200 && programs["split"].contains("-n "), "the tables are not read: {}", programs.len());
    assert!(programs["numfmt"].contains("--padding="), "nor the long names");
    let ((mut lab, mut id), mut asking) = (rhel(), BTreeSet::new());
    for (name, options) in &programs {
        for number in NUMBERS {
            for option in options {
                let operand = if option.is_empty() { number } else { "f" };
                let call = format!("timeout 5 {name} {option}{number} {operand} <f");
                let told = catch_unwind(AssertUnwindSafe(|| {
                    lab.line(id, r"mkdir -p /tmp/n; cd /tmp/n; printf 'a\tb c\n10 20\n3.5K x\n\tq\n' >f");
                    lab.line(id, &format!("{call} >o 2>&1"));
                    while let Waits::Time(_) = lab.waits(id) {
                        let due = lab.next_due().expect("what is waited for comes");
                        lab.advance(due);
                    }
                    lab.output(id, &mut String::new());
                    lab.waits(id)
                }));
                match told {
                    Ok(Waits::Prompt) => {}
                    // Its terminal is asked, and the time of `timeout` does not pass by itself.
                    Ok(Waits::Line | Waits::Secret) => {
                        asking.insert(name.clone());
                        (lab, id) = rhel();
                    }
                    Ok(waits) => panic!("{call} leaves the session at {waits:?}"),
                    Err(panic) => {
                        eprintln!("this panics: {call}");
                        resume_unwind(panic);
                    }
                }
            }
        }
    }
    assert!(asking.iter().eq(["ssh-keygen"]), "these ask for something: {asking:?}");
}
