//! Two ways into the same lab: a golden's lines, typed through a pipe with `--echo`, give a transcript that passes and in
//! which the same bytes were printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use appsh::transcript::{Kind, Pagers, Transcript, run};

use super::open;

/// What lines that were typed begin with: prompts, the pager, and the question, before which other text may stand.
const PROMPTS: &[&str] = &["Command>", ">", "Username:", "Press ENTER key for more or Ctrl+c to quit"];
/// Those of secrets. What was typed there is in no transcript that a run writes.
const SECRETS: &[&str] = &[
    "Enter Password:",
    "Enter password:",
    "Enter Location_password:",
    "Enter Backup_password:",
    "Reenter Password:",
    "Reenter Backup_password:",
    "New password:",
    "Retype new password:",
    "Password:",
    "New Password:",
    "Reenter New Password:",
];
const QUESTIONS: [&str; 4] = [
    "Do you accept the terms and conditions?  [yes/no]",
    "Login Shell [/bin/appliancesh]:",
    "Host to connect to (user@host):",
    "Do you want to save credentials in the credstore? (y or n) [y]:",
];

/// What stands behind a prompt of bash: `vcsa01:~ #`, `root@vcsa01 [ ~ ]#` or `[root@rhel8 ~]#`.
fn behind_bash(text: &str) -> Option<&str> {
    let (prompt, typed) = text.split_at_checked(text.find(['#', '$'])?)?;
    let words: Vec<&str> = prompt.split(' ').collect();
    let is_prompt = match words[..] {
        [place, ""] => place.contains(':'),
        [who, "[", _, "]"] => who.contains('@'),
        [who, place] => who.starts_with('[') && who.contains('@') && place.ends_with(']'),
        _ => false,
    };
    is_prompt.then(|| &typed[1..])
}

/// What was typed on a line of a golden.
fn typed(kind: Kind, text: &str) -> Option<&str> {
    if kind == Kind::Director {
        return Some(text);
    }
    let behind_prompt = PROMPTS.iter().chain(SECRETS).find_map(|prompt| text.strip_prefix(prompt));
    let typed = behind_prompt
        .or_else(|| behind_bash(text))
        .or_else(|| QUESTIONS.iter().find_map(|question| Some(text.split_once(question)?.1)))?;
    Some(typed.strip_prefix(' ').unwrap_or(typed))
}

/// The goldens of our own, of which a pipe can type those without keys, without secrets and without discs beside them.
fn goldens() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/vcsa");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("the goldens").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    paths
}

#[expect(clippy::disallowed_methods, reason = "the program under test is run as people run it")]
fn through_a_pipe(transcript: &Transcript<'_>, lines: &[&str]) -> String {
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("arms.script");
    fs::write(&script, lines.join("\n") + "\n").expect("a script");
    let mut command = Command::new(env!("CARGO_BIN_EXE_appsh"));
    command.args(["run", transcript.head.lab.unwrap_or("vcsa-6.0")]).arg(&script).arg("--echo");
    if let Some(start) = transcript.head.start {
        command.args(["--start", &start.to_string()]);
    }
    if let Some(machine) = transcript.head.machine {
        command.args(["--machine", machine]);
    }
    if let Some((columns, rows)) = transcript.head.terminal {
        command.args(["--term", &format!("{columns}x{rows}")]);
    }
    let output = command.output().expect("appsh runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_golden_through_a_pipe_prints_the_same_bytes() {
    let mut compared = 0;
    for path in goldens() {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).expect("a golden");
        let golden = Transcript::parse(&text).expect("a golden");
        let lines: Vec<&str> = golden.lines.iter().filter_map(|line| typed(line.kind, line.text)).collect();
        let keys = golden.lines.iter().any(|line| line.meanwhile().is_some());
        let told = |text: &str| {
            SECRETS.iter().any(|prompt| text.strip_prefix(prompt).is_some_and(|rest| !rest.trim().is_empty()))
        };
        let secret = golden.lines.iter().any(|line| told(line.text));
        // A lab of its own lies beside the golden, where the echoed one would not find it.
        let own_lab = golden.head.lab.is_some_and(|lab| lab.ends_with(".toml"));
        if golden.head.normalize.any() || !golden.discs.is_empty() || keys || secret || own_lab {
            continue;
        }
        let echoed = through_a_pipe(&golden, &lines);
        let echoed = Transcript::parse(&echoed).expect("what --echo writes is a transcript");
        let (one, other) = (run(&golden, &open, Pagers::Expected), run(&echoed, &open, Pagers::Expected));
        assert!(one.passed() && other.passed(), "{name}\n{other:#?}");
        assert_eq!(one.digest, other.digest, "{name}: the pipe printed other bytes");
        compared += 1;
    }
    assert!(compared > 30, "{compared} goldens were compared");
}
