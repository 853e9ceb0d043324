//! The evaluator against the shells themselves: small scripts, what bash 5.2 or the ash of BusyBox 1.35 (those in `ash/`) printed
//! for each (messages included) and its status.
//!
//! `cargo test` compares with what is recorded. `-- --bash /bin/bash` and `--busybox /bin/busybox` have that shell run each of its
//! scripts, too, in a scratch folder, and compare its answer with the record; with `--record` the answer is written there
//! instead. A word alone picks the cases whose name has it.
//!
//! A file has cases one after another: a line `#### NAME`, the script, a line `#---- STATUS`, the output.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

mod machine;

use machine::Shell;

/// So often may time jump while a case runs: that is a million commands.
const JUMPS: usize = 1_000;

/// Programs of the host that are the measure, where they were named.
struct Oracles {
    bash: Option<String>,
    busybox: Option<String>,
    /// A folder in which each applet has its name.
    applets: tempfile::TempDir,
}

struct Case {
    shell: Shell,
    file: PathBuf,
    name: String,
    script: String,
    status: u8,
    output: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let behind = |option: &str| {
        let at = arguments.iter().position(|word| word == option);
        at.and_then(|at| arguments.get(at + 1)).cloned()
    };
    let oracles = Oracles::new(behind("--bash"), behind("--busybox"));
    let named = [&oracles.bash, &oracles.busybox];
    let is_path = |word: &String| named.iter().any(|path| path.as_ref() == Some(word));
    let wanted = arguments.iter().find(|word| !word.starts_with('-') && !is_path(word));
    let mut cases: Vec<Case> = files().iter().flat_map(|(shell, path)| parse(*shell, path)).collect();
    if arguments.iter().any(|word| word == "--record") {
        record(&oracles, &mut cases);
        return ExitCode::SUCCESS;
    }
    cases.retain(|case| wanted.is_none_or(|wanted| case.full_name().contains(wanted.as_str())));
    let complaints = check_all(&cases, &oracles);
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    let failed = complaints.len();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {verdict}. {} passed; {failed} failed", cases.len().saturating_sub(failed));
    if failed == 0 && !cases.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Oracles {
    #[expect(clippy::disallowed_methods, reason = "the oracle is a program of the host")]
    fn new(bash: Option<String>, busybox: Option<String>) -> Self {
        let applets = tempfile::tempdir().expect("a folder");
        if let Some(busybox) = &busybox {
            let list = Command::new(busybox).arg("--list").output().expect("busybox can be started");
            for name in String::from_utf8_lossy(&list.stdout).lines() {
                std::os::unix::fs::symlink(busybox, applets.path().join(name)).expect("a link");
            }
        }
        Self { bash, busybox, applets }
    }

    /// What the shell of a case answers, if it was named.
    fn ask(&self, case: &Case) -> Option<(u8, String)> {
        let applets = self.applets.path().to_string_lossy();
        match case.shell {
            Shell::Bash => self.bash.as_ref().map(|bash| answer(bash, &["script"], "/usr/bin:/bin", &case.script)),
            Shell::Ash => {
                let busybox = self.busybox.as_ref()?;
                Some(answer(busybox, &["sh", "script"], &format!("{applets}:/usr/bin:/bin"), &case.script))
            }
        }
    }
}

impl Case {
    fn full_name(&self) -> String {
        let folder = if self.shell == Shell::Ash { "ash/" } else { "" };
        format!("{folder}{}/{}", self.file.file_stem().unwrap_or_default().to_string_lossy(), self.name)
    }

    /// What is wrong with it, if anything is.
    fn check(&self, oracles: &Oracles) -> Option<String> {
        if let Some((status, output)) = oracles.ask(self)
            && (status, &output) != (self.status, &self.output)
        {
            let name = self.full_name();
            return Some(format!("---- {name}: the shell answers otherwise than recorded:\n[{status}]\n{output}"));
        }
        let answer = panic::catch_unwind(|| machine::run(self.shell, &self.script, JUMPS));
        let (status, output) = match answer {
            Ok(answer) if answer.cut => (255, format!("{}\n#(it never ends)\n", answer.output)),
            Ok(answer) => (answer.status, ended(answer.output)),
            Err(_) => (255, "#(a panic)\n".to_owned()),
        };
        if (status, &output) == (self.status, &self.output) {
            return None;
        }
        let (name, script) = (self.full_name(), self.script.trim_end());
        Some(format!(
            "---- {name}\n{script}\n-- recorded [{}]\n{}-- appsh [{status}]\n{output}",
            self.status, self.output
        ))
    }
}

/// Checks the cases side by side, each with the stack of an ordinary thread: the complaints in the order of the cases.
fn check_all(cases: &[Case], oracles: &Oracles) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, String)> {
        let take = || cases.get(next.fetch_add(1, Ordering::Relaxed));
        let number = |case: &Case| cases.iter().position(|other| std::ptr::eq(other, case)).unwrap_or_default();
        std::iter::from_fn(take).filter_map(|case| Some((number(case), case.check(oracles)?))).collect()
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

/// Writes down what the shells answer that were named.
fn record(oracles: &Oracles, cases: &mut [Case]) {
    for case in &mut *cases {
        if let Some(answer) = oracles.ask(case) {
            (case.status, case.output) = answer;
        }
    }
    for (_, path) in files() {
        let print = |case: &Case| format!("#### {}\n{}#---- {}\n{}", case.name, case.script, case.status, case.output);
        let text: String = cases.iter().filter(|case| case.file == path).map(print).collect();
        fs::write(&path, text).expect("the file can be written");
    }
}

fn files() -> Vec<(Shell, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let all = |shell: Shell, folder: &Path| -> Vec<(Shell, PathBuf)> {
        let entries = fs::read_dir(folder).expect("the folder of the cases");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
        files.sort();
        files.into_iter().map(|path| (shell, path)).collect()
    };
    [all(Shell::Bash, &folder), all(Shell::Ash, &folder.join("ash"))].concat()
}

fn parse(shell: Shell, path: &Path) -> Vec<Case> {
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
            shell,
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
/// What a shell answers in an empty folder, output and messages in one stream. An output ends with a line's end in the record.
fn answer(program: &str, arguments: &[&str], path: &str, script: &str) -> (u8, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (case, answer) = (folder.path().join("case"), folder.path().join("answer"));
    fs::create_dir(&case).expect("a folder in it");
    fs::write(case.join("script"), script).expect("the script can be written");
    let out = fs::File::options().append(true).create(true).open(&answer).expect("the output can be written");
    let status = Command::new(program)
        .args(arguments)
        .current_dir(&case)
        .env_clear()
        .envs([("PATH", path), ("HOME", "/root"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")])
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("a second handle"))
        .stderr(out)
        .status()
        .expect("the shell can be started");
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
