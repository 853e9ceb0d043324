//! Random histories of whole RHV labs: what admins type on hosts and Manager, what breaks, how time passes. There is one
//! Manager at most, it runs where its lease is, and it is back within an hour once everything was put right. The cluster alone,
//! far more often: `src/systems/rhv/model/tests/random.rs`. `APPSH_SEED` runs one history alone, `APPSH_HISTORIES` so many.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

use appsh::director;
use appsh::lab::Lab;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::Bundled;
use appsh::operator::{Operator, State};
use appsh::shell::Terminal;
use appsh::sim::{Span, Streams};
use appsh::systems::facts::{Fact, all};
use appsh::systems::rhv::{logs, model::Life};
use appsh::vm::Power;
use appsh::world::{MachineId, World};

/// How many histories, unless the environment says it, and how long each is.
const HISTORIES: u64 = 6;
const DEEDS: u64 = 30;
/// So long an admin waits for what does not end.
const PATIENCE: Span = Span::secs(600);

/// What is typed on a host.
const LINES: &[&str] = &[
    "hosted-engine --set-maintenance --mode=global",
    "hosted-engine --set-maintenance --mode=local",
    "hosted-engine --set-maintenance --mode=none",
    "hosted-engine --vm-status",
    "hosted-engine --vm-status --json",
    "hosted-engine --vm-start",
    "hosted-engine --vm-start-paused",
    "hosted-engine --vm-shutdown",
    "hosted-engine --vm-poweroff",
    "hosted-engine --check-liveliness",
    "hosted-engine --clean-metadata --force-cleanup",
    "hosted-engine --clean-metadata --force-cleanup --host-id=1",
    "hosted-engine --reinitialize-lockspace --force",
    "hosted-engine --set-shared-config local_maintenance True",
    "hosted-engine --set-shared-config local_maintenance False; hosted-engine --get-shared-config local_maintenance",
    "hosted-engine --add-console-password --password=x",
    "tmux || screen",
    "tmux attach -d || screen -d -r",
    "systemctl stop ovirt-ha-agent",
    "systemctl restart ovirt-ha-agent ovirt-ha-broker",
    "systemctl stop ovirt-ha-broker",
    "systemctl stop vdsmd",
    "systemctl restart vdsmd",
    "systemctl stop sanlock",
    "kill -9 $(systemctl show -p MainPID --value sanlock)",
    "kill -9 $(systemctl show -p MainPID --value ovirt-ha-agent)",
    "tail -n 3 /var/log/ovirt-hosted-engine-ha/agent.log /var/log/ovirt-hosted-engine-ha/broker.log",
    "virsh -r list; vdsm-client Host getVMList; sanlock client status",
    "hosted-engine --disconnect-storage; ls /rhev/data-center/mnt",
    "hosted-engine --connect-storage; df -h | grep rhev",
    "umount /rhev/data-center/mnt/*",
    "sanlock client shutdown -f 1",
    "kill -9 $(pgrep qemu-kvm)",
    "echo local_maintenance=True > /var/lib/ovirt-hosted-engine-ha/ha.conf",
    "sed -i 's/^host_id=.*/host_id=9/' /etc/ovirt-hosted-engine/hosted-engine.conf",
    "reboot",
];

/// What is typed on the Manager.
const MANAGER: &[&str] = &[
    "systemctl stop ovirt-engine",
    "systemctl restart ovirt-engine",
    "reboot",
    "poweroff",
    "shutdown +3",
    "shutdown -c",
];

/// What the director does to the Manager.
const TO_MANAGER: &[&str] = &[
    "%power cut manager",
    "%power off manager",
    "%power on manager",
    "%fault add engine-dies",
    "%fault add engine-hangs",
];

/// What the director does to a host.
const DIRECTIONS: &[&str] = &[
    "%fault add network-down",
    "%fault add gateway-down",
    "%fault add storage-down",
    "%fault add sanlock-stuck",
    "%fault add cpu-load",
    "%fault add memory-low",
    "%fault add bridge-missing",
    "%fault add vm-start-fails",
    "%fault add metadata-corrupt",
    "%fault clear",
    "%power cut",
    "%power off",
    "%power on",
    "%hangup",
    "%detach",
];

#[test]
fn whatever_is_typed_there_is_one_manager_and_it_comes_back() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let (alone, many) = (number("APPSH_SEED"), number("APPSH_HISTORIES"));
    let seeds = alone.map_or(0..many.unwrap_or(HISTORIES), |seed| seed..seed + 1);
    let next = AtomicU64::new(seeds.start);
    let work = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| seeds.contains(seed)) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| live(seed))) {
                eprintln!("APPSH_SEED={seed} runs this history alone");
                resume_unwind(panic);
            }
        }
    };
    // A failing thread's panic is the scope's.
    std::thread::scope(|scope| {
        (0..available_parallelism().map_or(1, usize::from)).for_each(|_| drop(scope.spawn(work)))
    });
}

/// A lab with so many hosts, made from a bundled one.
fn lab(name: &str, hosts: usize) -> String {
    let (_, text) = BUNDLED.iter().find(|(known, _)| *known == name).expect("a bundled lab");
    let mut parts = text.split("[[machine]]");
    let head = parts.next().expect("a head").split("[[cluster.vm]]").next().expect("a head");
    let machines: Vec<&str> = parts.collect();
    let (first, rest) = machines.split_first().expect("a host");
    let mut out = head.to_owned();
    for number in 1..=hosts {
        let host = first.replace("host1", &format!("host{number}")).replace("168.10.21", &format!("168.10.5{number}"));
        out.push_str(&format!("[[machine]]{host}"));
    }
    rest.iter().filter(|text| text.contains("manager")).for_each(|text| out.push_str(&format!("[[machine]]{text}")));
    out
}

/// The lab with somebody in front of it, who does the same for the same seed.
struct History {
    operator: Operator,
    streams: Streams,
    hosts: u64,
    deeds: Vec<String>,
    /// What stood in the logs of each machine when somebody looked.
    read: BTreeMap<(usize, &'static str), String>,
}

impl History {
    fn draw(&mut self, below: u64) -> u64 {
        self.streams.between("deed", 0, below - 1)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let at = self.draw(from.len() as u64);
        from[usize::try_from(at).expect("small")]
    }

    fn direct(&mut self, line: &str) {
        self.deeds.push(line.to_owned());
        director::run(&mut self.operator, line);
        self.settle();
    }

    /// Types a line on a machine, if it takes a login.
    fn line(&mut self, machine: &str, line: &str) {
        director::run(&mut self.operator, &format!("%login {machine}"));
        if matches!(self.operator.state(), State::Lobby) && self.operator.login_when_possible().is_err() {
            return;
        }
        self.settle();
        self.deeds.push(format!("{machine}: {line}"));
        self.operator.line(line);
        self.settle();
    }

    /// What was typed ends, or whoever sits there has waited long enough and interrupts it.
    fn settle(&mut self) {
        let mut since = self.operator.now();
        while self.operator.step() {
            if self.operator.now().since(since) > PATIENCE {
                self.operator.interrupt();
                since = self.operator.now();
            }
        }
        self.operator.leave_closed();
        self.operator.output(&mut String::new());
        let broken = check(self.operator.lab.world());
        let last = &self.deeds[self.deeds.len().saturating_sub(12)..];
        assert!(broken.is_empty(), "{broken:?} after {last:#?}");
    }

    fn deed(&mut self) {
        let host = format!("host{}", 1 + self.draw(self.hosts));
        match self.draw(11) {
            0..5 => {
                let line = self.pick(LINES);
                self.line(&host, line);
            }
            5 => {
                let line = self.pick(MANAGER);
                self.line("manager", line);
            }
            6..9 => {
                let line = self.pick(DIRECTIONS);
                director::run(&mut self.operator, &format!("%login {host}"));
                let target = if line.starts_with("%power") { format!("{line} {host}") } else { line.to_owned() };
                self.direct(&target);
            }
            9 => {
                let line = self.pick(TO_MANAGER);
                director::run(&mut self.operator, "%login manager");
                self.direct(line);
            }
            _ => self.direct(&format!("%vm migrate manager {host}")),
        }
        let reader = usize::try_from(self.draw(self.hosts)).expect("small");
        self.read_logs(reader);
        let most = [5, 60, 300, 1_200][usize::try_from(self.draw(4)).expect("small")];
        let seconds = 1 + self.draw(most);
        self.direct(&format!("%advance {seconds}s"));
    }

    /// Reads the logs of a host: what stood in them before stands there still, or in the file of the day before.
    fn read_logs(&mut self, place: usize) {
        let world = self.operator.lab.world();
        let host = &world.clusters.first().expect("a cluster").hosts[place];
        for log in ["agent.log", "broker.log"] {
            let make = |name: &str| logs::make(world, MachineId(host.machine), &format!("rhv/{name}"));
            let text = make(log);
            let days = || host.log.files().into_iter().map(|file| make(&format!("{log}.{}", logs::day(&file))));
            let before = self.read.insert((host.machine, log), text.clone()).unwrap_or_default();
            let last = &self.deeds[self.deeds.len().saturating_sub(12)..];
            let kept = text.starts_with(&before) || days().any(|text| text.starts_with(&before));
            assert!(kept, "{log} of {} has changed after {last:#?}: {}", host.name, differs(&before, &text));
        }
    }

    /// Puts everything right, as an admin would who has been called.
    fn mend(&mut self) {
        self.direct("%fault clear");
        // One that was going down takes no power at first.
        for _ in 0..2 {
            for number in 1..=self.hosts {
                self.direct(&format!("%power on host{number}"));
            }
            self.direct("%advance 5m");
        }
        // Host ids as they were: what is held under others is given up first.
        for number in 1..=self.hosts {
            let conf = "/etc/ovirt-hosted-engine/hosted-engine.conf";
            let line = format!("sed -i 's/^host_id=.*/host_id={number}/' {conf}; sanlock client shutdown -f 1");
            self.line(&format!("host{number}"), &line);
        }
        for number in 1..=self.hosts {
            let host = format!("host{number}");
            self.line(
                &host,
                "systemctl start sanlock vdsmd mom-vdsm ovirt-ha-broker; systemctl restart ovirt-ha-agent",
            );
        }
        // An agent that has begun connects its storage first.
        self.direct("%advance 10s");
        for number in 1..=self.hosts {
            self.line(&format!("host{number}"), "hosted-engine --set-maintenance --mode=none");
        }
        self.line("manager", "systemctl start ovirt-engine; shutdown -c");
    }
}

/// Where two texts differ first.
fn differs(before: &str, after: &str) -> String {
    let mut lines = before.lines().zip(after.lines().chain([""]));
    lines.find(|(old, new)| old != new).map_or_else(String::new, |(old, new)| format!("{old} is {new} now"))
}

/// What stands behind `Engine status` for each host, on a host of the lab.
fn statuses(operator: &mut Operator) -> Vec<String> {
    let text = typed(operator, "hosted-engine --vm-status | grep -E 'Engine status|Hostname'");
    text.lines()
        .filter_map(|line| line.split_once(": ").filter(|(key, _)| key.starts_with("Engine status")))
        .map(|(_, status)| status.to_owned())
        .collect()
}

/// Types a line where the session is; what it prints.
fn typed(operator: &mut Operator, line: &str) -> String {
    let mut text = String::new();
    operator.output(&mut text);
    text.clear();
    operator.line(line);
    operator.run_until_input();
    operator.output(&mut text);
    text
}

/// The guide's commands in their order, on each lab that has three hosts.
#[test]
fn the_manager_is_shut_down_in_global_maintenance_and_comes_back_by_itself() {
    const GOOD: [&str; 2] =
        [r#"{"health": "good", "vm": "up", "detail": "Up"}"#, r#"{"vm": "up", "health": "good", "detail": "Up"}"#];
    for (lab, good) in [("rhv-4.2-she", GOOD[0]), ("rhv-4.3-she", GOOD[0]), ("rhv-4.4-she", GOOD[1])] {
        let (_, text) = BUNDLED.iter().find(|(known, _)| *known == lab).expect("a bundled lab");
        let world = LabFile::parse(text).and_then(|file| file.world(lab, None, None)).expect("a good lab");
        let mut operator = Operator::new(Lab::new(world, Box::new(Bundled)), None, Terminal::PIPE).expect("a machine");
        operator.login_when_possible().expect("host1 takes a login");
        operator.run_until_input();
        assert_eq!(typed(&mut operator, "hostname -s"), "host1\n");
        assert_eq!(typed(&mut operator, "hosted-engine --set-maintenance --mode=global"), "", "{lab}: silent");
        let banners = typed(&mut operator, "hosted-engine --vm-status").matches("GLOBAL MAINTENANCE").count();
        assert_eq!(banners, 2, "{lab}: before the first host and behind the last");
        assert!(statuses(&mut operator).iter().any(|status| status == good), "{lab}: it runs");
        assert_eq!(typed(&mut operator, "hosted-engine --vm-shutdown"), "", "{lab}: silent");
        director::run(&mut operator, "%advance 5m");
        let down = statuses(&mut operator);
        assert_eq!(down.len(), 3, "{lab}");
        assert!(down.iter().all(|status| !status.contains(r#""vm": "up""#)), "{lab}: {down:?}");
        assert_eq!(typed(&mut operator, "hosted-engine --set-maintenance --mode=none"), "", "{lab}: silent");
        let mut seen = Vec::new();
        for _ in 0..120 {
            director::run(&mut operator, "%advance 5s");
            seen.extend(statuses(&mut operator));
        }
        let first = |what: &str| seen.iter().position(|status| status.contains(what));
        let (booting, up) = (first("Powering up"), first(good));
        assert!(booting.is_some() && booting < up, "{lab}: it is up at {up:?} and boots at {booting:?}");
        let last = &seen[seen.len() - 3..];
        assert_eq!(last.iter().filter(|status| *status == good).count(), 1, "{lab}: {last:?}");
    }
}

fn live(seed: u64) {
    let mut streams = Streams::new(seed);
    let hosts = streams.between("hosts", 1, 7);
    let name = ["rhv-4.2-she", "rhv-4.3-she", "rhv-4.4-she"][usize::try_from(seed % 3).expect("small")];
    let file = LabFile::parse(&lab(name, usize::try_from(hosts).expect("small"))).expect("a good lab");
    let world = file.world(name, None, Some(seed)).expect("a good lab");
    let operator = Operator::new(Lab::new(world, Box::new(Bundled)), None, Terminal::PIPE).expect("a machine");
    let mut history = History { operator, streams, hosts, deeds: Vec::new(), read: BTreeMap::new() };
    for _ in 0..DEEDS {
        history.deed();
    }
    history.mend();
    for _ in 0..60 {
        history.direct("%advance 1m");
        if healthy(history.operator.lab.world()) {
            return same_when_saved(history.operator.lab.world());
        }
    }
    let facts = all(history.operator.lab.world()).into_iter();
    let states: Vec<_> = facts.filter(|(name, _)| name.ends_with("ha.state")).collect();
    let deeds: Vec<_> = history.deeds.iter().filter(|deed| *deed != "%advance 1m").collect();
    panic!("not healthy an hour after everything was put right: {states:?} after {deeds:#?}");
}

/// What is written down and read again is the same world.
fn same_when_saved(world: &World) {
    let text = serde_json::to_string(world).expect("plain data");
    let again: World = serde_json::from_str(&text).expect("the same form");
    assert!(again == *world, "a world that was kept is another");
}

fn healthy(world: &World) -> bool {
    let facts = all(world);
    let states = facts.iter().filter(|(name, _)| name.ends_with(".ha.state"));
    let settled = |fact: &Fact| ["EngineUp", "EngineDown"].iter().any(|state| *fact == Fact::Text((*state).to_owned()));
    let serves = facts.iter().any(|(name, fact)| name == "cluster.engine.serves" && *fact == Fact::Bool(true));
    serves && states.map(|(_, fact)| fact).all(settled)
}

/// What does not hold, in words.
fn check(world: &World) -> Vec<String> {
    let mut broken = Vec::new();
    let cluster = world.clusters.first().expect("a cluster");
    let holders: Vec<_> = cluster.hosts.iter().filter(|host| host.holds_engine()).collect();
    if holders.len() > 1 {
        broken.push(format!("{} hosts run the Manager", holders.len()));
    }
    let engine = &cluster.storage.engine;
    let guest_on = world.machine(MachineId(engine.guest)).vm.power == Power::On;
    let runs = holders.iter().any(|host| host.engine().is_some_and(|domain| domain.life != Life::Paused(false)));
    if guest_on != runs {
        broken.push(format!("the guest is on: {guest_on}, its process runs: {runs}"));
    }
    for host in &holders {
        if cluster.storage.holder() != Some(host.id) {
            broken.push(format!("host {} runs the Manager without its lease", host.id));
        }
    }
    for host in &cluster.hosts {
        let on = world.machine(MachineId(host.machine)).vm.power == Power::On;
        if host.booted.is_some() && !on {
            broken.push(format!("host {} runs without power", host.id));
        }
        let table = &world.linux(MachineId(host.machine)).processes;
        let live = host.live().map(|(_, domain)| domain.process.pid).collect::<Vec<_>>();
        let shown = table.iter().filter(|(_, process)| process.comm() == "qemu-kvm").map(|(pid, _)| pid);
        let shown: Vec<_> = shown.collect();
        if live.len() != shown.len() || !live.iter().all(|pid| shown.contains(pid)) {
            broken.push(format!("host {} has the virtual machines {live:?}, and the processes {shown:?}", host.id));
        }
    }
    if world.queue.iter().any(|(at, _)| at + Span::secs(1) < world.now) {
        broken.push("something was due and has not happened".to_owned());
    }
    broken
}
