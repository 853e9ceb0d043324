//! What somebody does next: mostly what is obvious, often a command made of words that the shell itself would complete,
//! sometimes nonsense, and now and then the director's hand.

use std::collections::VecDeque;

use appsh::director::DIRECTORS;
use appsh::lab::Waits;
use appsh::operator::{Operator, State};
use appsh::sim::Streams;
use appsh::systems::vcsa::faults::FAULTS;

use crate::kept::{Deed, obvious};

/// Words that mean something to one command or another.
const WORDS: &[&str] = &[
    "vcsa01",
    "vcsa02",
    "vmware-vpxd",
    "applmgmt",
    "VMware-vpxd",
    "VC-6.0.0U1-Appliance-FP",
    "VC-6.0.0U1-Appliance-TP",
    "VC-6.0.0U2-Appliance-FP",
    "--from",
    "datastore",
    "client",
    "--after",
    "0",
    "1",
    "3",
    "-1",
    "10m",
    "99999999999999999999",
    "a",
    "b",
    "create",
    "restore",
    "delete",
    "list",
    "on",
    "off",
    "cut",
    "attach",
    "eject",
    "show",
    "add",
    "clear",
    "tasks",
    "--via",
    "esx01",
    "https://vcsa01/vsphere-client/",
    "true",
    "False",
    "-h",
    "--help",
    "-d",
    "-r",
    "reason",
    "--delay=1",
    "--bogus",
    "/var/log/vmware/applmgmt/software-packages.log",
];

/// Command lines from which most of the model's life comes.
const LIVES: &[&str] = &[
    "software-packages stage --iso",
    "software-packages stage --iso --acceptEulas",
    "software-packages stage --url --acceptEulas",
    "software-packages stage --url --acceptEulas --thirdParty",
    "software-packages install --staged",
    "software-packages install --staged",
    "software-packages install --iso --acceptEulas",
    "software-packages install --url",
    "software-packages unstage",
    "software-packages list --staged",
    "shutdown reboot -r x",
    "shutdown poweroff -r x -d 1",
    "shutdown cancel",
    "shell.set --enabled True",
    "shell",
    "cat /var/log/vmware/applmgmt/software-packages.log",
    "exit",
    "screen",
    "screen -d -r",
];

/// What the director does to the machines.
const DIRECTIONS: &[&str] = &[
    "%power on",
    "%power on",
    "%power cut",
    "%power off",
    "%disc attach VC-6.0.0U1-Appliance-FP",
    "%disc attach VC-6.0.0U1-Appliance-TP --from datastore",
    "%disc attach VC-6.0.0U2-Appliance-FP --from datastore",
    "%disc eject",
    "%clone create a",
    "%clone restore a",
    "%save a",
    "%rewind a",
    "%rewind",
    "%fork b",
    "%fork main",
    "%undo",
    "%undo 3",
    "%fault clear",
    "%login vcsa01",
    "%login vcsa02",
    "%hangup",
    "%detach",
];

/// What somebody sets out to do, though other things come between.
const PLANS: &[&[&str]] = &[
    &[
        "software-packages stage --iso --acceptEulas",
        "%advance 12m",
        "software-packages install --staged",
        "%advance 15m",
        "shutdown reboot -r x",
        "%advance 10m",
    ],
    &[
        "software-packages stage --url --acceptEulas",
        "%advance 5m",
        "shutdown reboot -r x",
        "%advance 3m",
        "LOGIN",
        "software-packages install --staged",
        "%advance 150s",
        "%advance 150s",
    ],
    &["%fault add service-fails", "shutdown reboot -r x", "%advance 9m", "%fault clear"],
    &["software-packages stage --iso", "ENTER", "ENTER", "ENTER", "ENTER", "ENTER", "ENTER", "yes", "%advance 1m"],
];

/// Updates that go through, or break off in some phase and are tried again.
const PLANS_OF_UPDATES: &[&[&str]] = &[
    &[
        "software-packages stage --iso --acceptEulas",
        "%advance 5m",
        "software-packages install --staged",
        "SECRET",
        "%advance 2h",
        "shutdown reboot -r x",
        "%advance 15m",
    ],
    &[
        "software-packages stage --url --acceptEulas",
        "%advance 5m",
        "%fault add power-cut-in upgrade",
        "software-packages install --staged",
        "SECRET",
        "%advance 1h",
        "%power on",
        "%advance 10m",
        "LOGIN",
        "software-packages install --staged",
        "SECRET",
        "%advance 2h",
    ],
    &[
        "software-packages stage --iso --acceptEulas",
        "%advance 5m",
        "%fault add power-cut-in post-install",
        "software-packages install --staged",
        "SECRET",
        "%advance 2h",
        "%power on",
        "%advance 10m",
        "LOGIN",
        "software-packages install --staged",
        "SECRET",
        "%advance 30m",
    ],
    &[
        "%fault add power-cut-in staging",
        "software-packages stage --iso --acceptEulas",
        "%advance 5m",
        "%power on",
        "%advance 10m",
    ],
    &[
        "software-packages stage --iso --acceptEulas",
        "%advance 30s",
        "software-packages unstage",
        "%client ha failover",
    ],
];

/// Characters of nonsense.
const NONSENSE: &[char] =
    &['a', 'Z', '0', ' ', '\t', '"', '\'', '\\', '-', '=', '%', '.', '$', '*', 'ä', '漢', '\u{7}', '\u{1b}', '\u{0}'];

/// Chooses from a stream of its own.
pub struct Chooser {
    streams: Streams,
    /// Whether this history may go back by count.
    undoes: bool,
    /// Whether updates go wrong in this history more than anything else.
    pub updates: bool,
    /// What is still to be done of a plan.
    plan: VecDeque<&'static str>,
}

impl Chooser {
    pub fn new(seed: u64) -> Self {
        let mut streams = Streams::new(seed);
        let undoes = streams.between("undo", 1, 3) == 1;
        Self { streams, undoes, updates: false, plan: VecDeque::new() }
    }

    pub fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.streams.between("choice", 0, limit - 1)
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap_or(0)]
    }

    /// The next deed.
    pub fn deed(&mut self, operator: &Operator) -> Deed {
        if let Some(deed) = obvious(operator)
            && self.one_in(3)
        {
            return deed;
        }
        if self.plan.is_empty() && self.one_in(15) {
            let plans = if self.updates { PLANS_OF_UPDATES } else { PLANS };
            self.plan = self.pick(plans).iter().copied().collect();
        }
        if !self.one_in(4)
            && let Some(next) = self.plan.pop_front()
        {
            return match next {
                "LOGIN" => Deed::Login,
                "SECRET" => obvious(operator).unwrap_or(Deed::Wait),
                "ENTER" => Deed::Line(String::new()),
                line if line.starts_with('%') => Deed::Direct(line.to_owned()),
                line => Deed::Line(line.to_owned()),
            };
        }
        match self.below(100) {
            0..40 => Deed::Line(self.command(operator)),
            40..46 => Deed::Line(self.nonsense()),
            46..49 => Deed::Interrupt,
            49..51 => Deed::EndOfInput,
            51..55 => Deed::Login,
            55..59 => Deed::Turn(usize::try_from(self.below(4)).unwrap_or(0)),
            59..74 => Deed::Direct(format!("%advance {}ms", self.span())),
            74..86 => Deed::Direct(self.direction()),
            86..88 => Deed::Direct(format!("%{}", self.nonsense())),
            _ => obvious(operator).unwrap_or(Deed::Wait),
        }
    }

    /// Milliseconds: often within a step of a command, sometimes beyond the end of an update.
    fn span(&mut self) -> u64 {
        let magnitude = self.pick(&[&1, &60, &1_000, &1_000, &30_000]);
        1 + self.below(*magnitude * 100)
    }

    fn command(&mut self, operator: &Operator) -> String {
        if self.one_in(2) {
            return self.pick(LIVES).to_owned();
        }
        let State::Session(id, Waits::Prompt) = operator.state() else {
            return self.pick(&["yes", "no", ""]).to_owned();
        };
        let mut line = String::new();
        for _ in 0..=self.below(5) {
            let candidates = operator.lab.complete(id, &line);
            let candidates: Vec<&str> = candidates.found.iter().map(String::as_str).collect();
            let word = if candidates.is_empty() || self.one_in(4) { self.pick(WORDS) } else { self.pick(&candidates) };
            line.push_str(word);
            line.push(' ');
        }
        line
    }

    fn direction(&mut self) -> String {
        let line = match self.below(4) {
            0 => {
                let faults: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
                let (fault, object) = (self.pick(&faults), self.pick(&["", "", "vmware-vpxd", "VMware-vpxd", "eam"]));
                format!("%fault add {fault} {object} --after {}", self.below(40))
            }
            1 => {
                let names: Vec<&str> = DIRECTORS.iter().map(|director| director.name).collect();
                let mut line = format!("%{}", self.pick(&names));
                for _ in 0..self.below(4) {
                    line.push(' ');
                    line.push_str(self.pick(WORDS));
                }
                line
            }
            _ => self.pick(DIRECTIONS).to_owned(),
        };
        if line.starts_with("%undo") && !self.undoes { "%time".to_owned() } else { line }
    }

    /// Characters that mean something to some parser, in any order.
    pub fn nonsense(&mut self) -> String {
        let length = self.below(30);
        (0..length).map(|_| *self.pick(&NONSENSE.iter().collect::<Vec<_>>())).collect()
    }
}
