//! The evaluator against bash itself: small scripts, what bash 5.2 printed for each (messages included) and its status.
//!
//! `cargo test` compares with what is recorded. `-- --bash /bin/bash` runs each script by that bash, too, in a scratch folder,
//! and compares its answer with the record; `--record` writes it there.
//!
//! A file has cases one after another: a line `#### NAME`, the script, a line `#---- STATUS`, the output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use appsh::lab::{Lab, Waits};
use appsh::lab_file::LabFile;
use appsh::media::Bundled;
use appsh::operator::{Operator, State};
use appsh::shell::Terminal;

struct Case {
    name: String,
    script: String,
    status: u8,
    output: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at = arguments.iter().position(|word| word == "--bash");
    let bash = at.and_then(|at| arguments.get(at + 1)).cloned();
    let record = arguments.iter().any(|word| word == "--record");
    let wanted = arguments.iter().find(|word| !word.starts_with('-') && Some(*word) != bash.as_ref());
    let (mut passed, mut failed) = (0, 0);
    for path in files() {
        let mut cases = parse(&fs::read_to_string(&path).expect("a file of cases"));
        for case in &mut cases {
            let name = format!("{}/{}", path.file_stem().unwrap_or_default().to_string_lossy(), case.name);
            if wanted.is_some_and(|wanted| !name.contains(wanted.as_str())) {
                continue;
            }
            if let Some(bash) = &bash {
                let (status, output) = by_bash(bash, &case.script);
                if record {
                    (case.status, case.output) = (status, output);
                } else if (status, &output) != (case.status, &case.output) {
                    println!("{name}: {bash} answers otherwise than recorded:\n[{status}]\n{output}");
                    failed += 1;
                }
            }
            let (status, output) = by_appsh(&case.script);
            if (status, output.as_str()) == (case.status, case.output.as_str()) {
                passed += 1;
            } else {
                failed += 1;
                println!("---- {name}\n{}", case.script.trim_end());
                println!("-- bash [{}]\n{}", case.status, case.output);
                println!("-- appsh [{status}]\n{output}");
            }
        }
        if record {
            fs::write(&path, print(&cases)).expect("the file can be written");
        }
    }
    println!("test result: {}. {passed} passed; {failed} failed", if failed == 0 { "ok" } else { "FAILED" });
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let entries = fs::read_dir(folder).expect("the folder of the cases").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "txt")).collect();
    files.sort();
    files
}

fn parse(text: &str) -> Vec<Case> {
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
        Case { name: name.to_owned(), script: script.to_owned(), status, output: output.to_owned() }
    };
    blocks.into_iter().map(case).collect()
}

fn print(cases: &[Case]) -> String {
    let print = |case: &Case| format!("#### {}\n{}#---- {}\n{}", case.name, case.script, case.status, case.output);
    cases.iter().map(print).collect()
}

/// What bash answers in an empty folder, output and messages in one stream. An output ends with a line's end in the record.
fn by_bash(bash: &str, script: &str) -> (u8, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("script"), script).expect("the script can be written");
    let out = fs::File::create(folder.path().join(".out")).expect("the output can be written");
    let status = Command::new(bash)
        .arg("script")
        .current_dir(folder.path())
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")])
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("a second handle"))
        .stderr(out)
        .status()
        .expect("bash can be started");
    let output = fs::read(folder.path().join(".out")).expect("the output can be read");
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

const LAB: &str = r#"
title = "conformance"
start = "2022-03-14T20:00:00Z"
desktop = "192.168.10.11"
[[machine]]
name = "rhel8"
address = "192.168.10.28"
[machine.vm]
host = "esx01"
disks = []
[machine.system.linux]
distro = "rhel-8.6"
[[machine.system.linux.file]]
path = "/scratch/case/script"
text = SCRIPT
"#;

/// What the evaluator answers: the same script, in a folder of the simulated machine.
fn by_appsh(script: &str) -> (u8, String) {
    let text = toml::Value::String(script.to_owned()).to_string();
    let file = LabFile::parse(&LAB.replace("SCRIPT", &text)).expect("a good lab");
    let lab = Lab::new(file.world("conformance", None, None).expect("a good world"), Box::new(Bundled));
    let mut operator = Operator::new(lab, None, Terminal::PIPE).expect("a machine");
    operator.login().expect("the machine is up");
    operator.run_until_input();
    operator.output(&mut String::new());
    let mut output = String::new();
    for line in ["cd /scratch/case", "export HOME=/root", "bash script < /dev/null"] {
        output.clear();
        assert!(operator.line(line), "{line} is taken");
        operator.run_until_input();
        assert!(matches!(operator.state(), State::Session(_, Waits::Prompt)), "it comes back to the prompt");
        operator.output(&mut output);
    }
    (operator.status(), ended(output))
}
