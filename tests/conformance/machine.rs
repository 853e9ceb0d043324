//! A simulated machine on which one script runs in an empty folder.

use appsh::lab::{Lab, Waits};
use appsh::lab_file::LabFile;
use appsh::media::Bundled;
use appsh::operator::{Operator, State};
use appsh::shell::Terminal;

/// So deep is the stack of a thread of Rust's, which is the least that the evaluator may count on.
pub const STACK: usize = 64 * 1024 * 1024;

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
[[machine.file]]
path = "/scratch/case/script"
text = SCRIPT
"#;

/// What a script came to.
pub struct Answer {
    /// Its exit status.
    pub status: u8,
    /// What it printed.
    pub output: String,
    /// Whether Ctrl-C had to end it, after `jumps` jumps of time; up to a thousand commands run between two.
    pub cut: bool,
}

/// Runs a script in a folder of the simulated machine.
pub fn run(script: &str, jumps: usize) -> Answer {
    let text = toml::Value::String(script.to_owned()).to_string();
    let file = LabFile::parse(&LAB.replace("SCRIPT", &text)).expect("a good lab");
    let lab = Lab::new(file.world("conformance", None, None).expect("a good world"), Box::new(Bundled));
    let mut operator = Operator::new(lab, None, Terminal::PIPE).expect("a machine");
    operator.login().expect("the machine is up");
    operator.run_until_input();
    let mut answer = Answer { status: 0, output: String::new(), cut: false };
    operator.output(&mut answer.output);
    for line in ["cd /scratch/case", "export HOME=/root PATH=/usr/bin:/bin", "bash script < /dev/null"] {
        answer.output.clear();
        assert!(operator.line(line), "{line} is taken");
        answer.cut = !(0..jumps).any(|_| !operator.step());
        if answer.cut {
            operator.interrupt();
            operator.run_until_input();
        }
        assert!(matches!(operator.state(), State::Session(_, Waits::Prompt)), "it comes back to the prompt");
        operator.output(&mut answer.output);
    }
    answer.status = operator.status();
    // What the shell at the keyboard says of a script that a signal ended is not the script's.
    for word in ["Terminated", "Killed", "User defined signal 1"].map(|word| format!("{word}\n")) {
        if answer.status > 128 && answer.output.ends_with(&word) {
            answer.output.truncate(answer.output.len() - word.len());
        }
    }
    answer
}
