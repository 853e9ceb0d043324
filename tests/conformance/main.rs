//! The evaluator against bash itself: small scripts, what bash 5.2 printed for each (messages included) and its status.
//!
//! `cargo test` compares with what is recorded. `-- --bash /bin/bash` has that bash run each script, too, in a scratch folder,
//! and compares its answer with the record; with `--record` the answer is written there instead. A word alone picks the cases
//! whose name has it.
//!
//! A file has cases one after another: a line `#### NAME`, the script, a line `#---- STATUS`, the output.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

mod machine;

/// So often may time jump while a case runs: that is a million commands.
const JUMPS: usize = 1_000;

struct Case {
    file: PathBuf,
    name: String,
    script: String,
    status: u8,
    output: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at = arguments.iter().position(|word| word == "--bash");
    let bash = at.and_then(|at| arguments.get(at + 1)).cloned();
    let wanted = arguments.iter().find(|word| !word.starts_with('-') && Some(*word) != bash.as_ref());
    let mut cases: Vec<Case> = files().iter().flat_map(|path| parse(path)).collect();
    if let (Some(bash), true) = (&bash, arguments.iter().any(|word| word == "--record")) {
        record(bash, &mut cases);
        return ExitCode::SUCCESS;
    }
    cases.retain(|case| wanted.is_none_or(|wanted| case.full_name().contains(wanted.as_str())));
    let complaints = check_all(&cases, bash.as_deref());
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    let failed = complaints.len();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {verdict}. {} passed; {failed} failed", cases.len().saturating_sub(failed));
    if failed == 0 && !cases.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Case {
    fn full_name(&self) -> String {
        format!("{}/{}", self.file.file_stem().unwrap_or_default().to_string_lossy(), self.name)
    }

    /// What is wrong with it, if anything is.
    fn check(&self, bash: Option<&str>) -> Option<String> {
        if let Some(bash) = bash {
            let (status, output) = by_bash(bash, &self.script);
            if (status, &output) != (self.status, &self.output) {
                let name = self.full_name();
                return Some(format!("---- {name}: {bash} answers otherwise than recorded:\n[{status}]\n{output}"));
            }
        }
        let answer = panic::catch_unwind(|| machine::run(&self.script, JUMPS));
        let (status, output) = match answer {
            Ok(answer) if answer.cut => (255, format!("{}\n#(it never ends)\n", answer.output)),
            Ok(answer) => (answer.status, ended(answer.output)),
            Err(_) => (255, "#(a panic)\n".to_owned()),
        };
        if (status, &output) == (self.status, &self.output) {
            return None;
        }
        let (name, script) = (self.full_name(), self.script.trim_end());
        Some(format!("---- {name}\n{script}\n-- bash [{}]\n{}-- appsh [{status}]\n{output}", self.status, self.output))
    }
}

/// Checks the cases side by side, each with the stack of an ordinary thread: the complaints in the order of the cases.
fn check_all(cases: &[Case], bash: Option<&str>) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, String)> {
        let take = || cases.get(next.fetch_add(1, Ordering::Relaxed));
        let number = |case: &Case| cases.iter().position(|other| std::ptr::eq(other, case)).unwrap_or_default();
        std::iter::from_fn(take).filter_map(|case| Some((number(case), case.check(bash)?))).collect()
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut complaints: Vec<(usize, String)> = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(machine::STACK).spawn_scoped(scope, work).expect("a thread");
        let running: Vec<_> = (0..threads).map(start).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("cases that panic are caught")).collect()
    });
    complaints.sort();
    complaints.into_iter().map(|(_, complaint)| complaint).collect()
}

/// Writes down what a bash answers.
fn record(bash: &str, cases: &mut [Case]) {
    for case in &mut *cases {
        (case.status, case.output) = by_bash(bash, &case.script);
    }
    for path in files() {
        let print = |case: &Case| format!("#### {}\n{}#---- {}\n{}", case.name, case.script, case.status, case.output);
        let text: String = cases.iter().filter(|case| case.file == path).map(print).collect();
        fs::write(&path, text).expect("the file can be written");
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let entries = fs::read_dir(folder).expect("the folder of the cases").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "txt")).collect();
    files.sort();
    files
}

fn parse(path: &Path) -> Vec<Case> {
    let text = fs::read_to_string(path).expect("a file of cases");
    let blocks = text.split_inclusive('\n').fold(Vec::<String>::new(), |mut blocks, line| {
        match line.strip_prefix("#### ") {
            Some(name) => blocks.push(name.to_owned()),
            None => blocks.last_mut().expect("a file begins with a case").push_str(line),
        }
        blocks
    });
    let case = |block: String| {
        let (name, rest) = block.split_once('\n').expect("a name");
        let (script, rest) = rest.split_once("#----").unwrap_or((rest, " 0\n"));
        let (status, output) = rest.split_once('\n').expect("a status");
        let status = status.trim().parse().expect("a status is a number");
        Case {
            file: path.to_owned(),
            name: name.to_owned(),
            script: script.to_owned(),
            status,
            output: output.to_owned(),
        }
    };
    blocks.into_iter().map(case).collect()
}

#[expect(clippy::disallowed_methods, reason = "the oracle is a program of the host")]
/// What bash answers in an empty folder, output and messages in one stream. An output ends with a line's end in the record.
fn by_bash(bash: &str, script: &str) -> (u8, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (case, answer) = (folder.path().join("case"), folder.path().join("answer"));
    fs::create_dir(&case).expect("a folder in it");
    fs::write(case.join("script"), script).expect("the script can be written");
    let out = fs::File::options().append(true).create(true).open(&answer).expect("the output can be written");
    let status = Command::new(bash)
        .arg("script")
        .current_dir(&case)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")])
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("a second handle"))
        .stderr(out)
        .status()
        .expect("bash can be started");
    let output = fs::read(&answer).expect("the output can be read");
    let code =
        std::os::unix::process::ExitStatusExt::signal(&status).map_or(status.code(), |signal| Some(128 + signal));
    (code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255), ended(String::from_utf8_lossy(&output).into_owned()))
}

fn ended(mut output: String) -> String {
    if !output.is_empty() && !output.ends_with('\n') {
        output.push_str("\n#(no line end)\n");
    }
    output
}
