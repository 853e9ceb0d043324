//! A simulated machine on which one script runs in an empty folder.

use appsh::lab::{Lab, Waits};
use appsh::lab_file::LabFile;
use appsh::media::Bundled;
use appsh::operator::{Operator, State};
use appsh::shell::Terminal;

/// So deep is the stack of a thread of Rust's, which is the least that the evaluator may count on.
pub const STACK: usize = 2 * 1024 * 1024;

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
bash = "5.2.15"
[[machine.file]]
path = "/tmp/case/script"
text = SCRIPT
"#;

/// Which shell runs a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash 5.2, on a RHEL.
    Bash,
    /// The ash of BusyBox, on an ESXi host.
    Ash,
}

impl Shell {
    /// The lab of one machine that has it.
    fn lab(self) -> String {
        match self {
            Self::Bash => LAB.to_owned(),
            Self::Ash => LAB.replace("distro = \"rhel-8.6\"\nbash = \"5.2.15\"", "distro = \"esxi-6.7\""),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Ash => "sh",
        }
    }
}

/// What a script came to.
pub struct Answer {
    /// Its exit status.
    pub status: u8,
    /// What it printed.
    pub output: String,
    /// Whether Ctrl-C had to end it, after `jumps` jumps of time; up to a thousand commands run between two.
    pub cut: bool,
    /// Whether not even that ended it in as many jumps.
    pub stubborn: bool,
}

/// Runs a script in a folder of the simulated machine.
pub fn run(shell: Shell, script: &str, jumps: usize) -> Answer {
    let text = toml::Value::String(script.to_owned()).to_string();
    let file = LabFile::parse(&shell.lab().replace("SCRIPT", &text)).expect("a good lab");
    let lab = Lab::new(file.world("conformance", None, None).expect("a good world"), Box::new(Bundled));
    let mut operator = Operator::new(lab, None, Terminal::PIPE).expect("a machine");
    operator.login().expect("the machine is up");
    operator.run_until_input();
    let mut answer = Answer { status: 0, output: String::new(), cut: false, stubborn: false };
    operator.output(&mut String::new());
    let run = format!("{} script < /dev/null > /tmp/answer 2>&1", shell.name());
    for line in ["cd /tmp/case", "export HOME=/root PATH=/usr/bin:/bin LC_ALL=C.UTF-8", &run, "cat /tmp/answer"] {
        assert!(operator.line(line), "{line} is taken");
        let cut = goes_on(&mut operator, jumps);
        if cut {
            operator.interrupt();
            if goes_on(&mut operator, jumps) {
                answer.stubborn = true;
                return answer;
            }
        }
        let state = operator.state();
        assert!(matches!(state, State::Session(_, Waits::Prompt)), "it comes back to the prompt, and not to {state:?}");
        let mut output = String::new();
        operator.output(&mut output);
        if line == run {
            // What the shell at the keyboard says of a script that a signal ended is not the script's; what appsh says is.
            let said = output.lines().filter(|line| line.starts_with("appsh: "));
            answer.output = said.map(|line| format!("{line}\n")).collect();
            answer.status = operator.status();
            answer.cut = cut;
        } else if line.starts_with("cat") {
            answer.output.push_str(&output);
        }
    }
    answer
}

/// Whether a line still goes on after so many jumps of time, or waits for what cannot come.
fn goes_on(operator: &mut Operator, jumps: usize) -> bool {
    let _ended = (0..jumps).any(|_| !operator.step());
    matches!(operator.state(), State::Session(_, Waits::Time(_)))
}
