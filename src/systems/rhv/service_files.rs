//! Files of the services beside the agents: the logs of vdsm, of sanlock and of the Manager's process, settings of sanlock and of the
//! agents' own logs, and the description of the virtual machine. Forms and texts are those of the programs as remembered
//! (inferred); what stands in the lines follows from what was written down when it happened.

use std::fmt::Write;

use super::lab_entry::uuid;
use super::model::log::{Ending, Entry, Part, Renewal, Said, Setting};
use super::model::{Cluster, ENGINE, Health, Host};
use super::mounts::{AGENTS, Domain};
use super::{events, logs, processes};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::interface::Interface;
use crate::world::{MachineId, World};

/// As which the log of sanlock is made.
pub const SANLOCK_LOG: &str = "rhv/sanlock.log";
const VDSM_LOG: &str = "rhv/vdsm.log";
const SUPERVDSM_LOG: &str = "rhv/supervdsm.log";
const ENGINE_LOG: &str = "rhv/HostedEngine.log";
const SANLOCK_CONF: &str = "rhv/sanlock.conf";
const AGENT_LOG_CONF: &str = "rhv/agent-log.conf";
const BROKER_LOG_CONF: &str = "rhv/broker-log.conf";
/// As which the description of the virtual machine is made.
pub const VM_CONF: &str = "rhv/vm.conf";

/// Files of the packages: path and name.
pub const SETTINGS: [(&str, &str); 3] = [
    ("/etc/sanlock/sanlock.conf", SANLOCK_CONF),
    ("/etc/ovirt-hosted-engine-ha/agent-log.conf", AGENT_LOG_CONF),
    ("/etc/ovirt-hosted-engine-ha/broker-log.conf", BROKER_LOG_CONF),
];

/// Logs of a deployed host: path and name.
pub const LOGS: [(&str, &str); 4] = [
    ("/var/log/sanlock.log", SANLOCK_LOG),
    ("/var/log/vdsm/vdsm.log", VDSM_LOG),
    ("/var/log/vdsm/supervdsm.log", SUPERVDSM_LOG),
    ("/var/log/libvirt/qemu/HostedEngine.log", ENGINE_LOG),
];

/// Whether a log belongs to vdsm.
#[must_use]
pub fn is_vdsms(name: &str) -> bool {
    matches!(name, VDSM_LOG | SUPERVDSM_LOG)
}

/// Whether a made file is one of them.
#[must_use]
pub fn is_one(name: &str) -> bool {
    name == VM_CONF || SETTINGS.iter().chain(&LOGS).any(|(_, known)| *known == name)
}

/// When one of the logs was written last.
#[must_use]
pub fn changed(world: &World, id: MachineId, name: &str) -> Option<Instant> {
    let (_, host) = events::host(world, id).filter(|_| name == VDSM_LOG)?;
    host.log.last()
}

/// What one of them holds.
#[must_use]
pub fn make(world: &World, id: MachineId, name: &str) -> String {
    match name {
        SANLOCK_CONF => return SANLOCK_SETTINGS.to_owned(),
        AGENT_LOG_CONF => return logging("agent"),
        BROKER_LOG_CONF => return logging("broker"),
        SUPERVDSM_LOG => return supervdsm(world, id),
        _ => {}
    }
    let Some((cluster, host)) = events::host(world, id) else { return String::new() };
    match name {
        SANLOCK_LOG => sanlock(world, id, cluster, host),
        VDSM_LOG => vdsm(world, cluster, host),
        ENGINE_LOG => process(world, id, host),
        _ => vm_conf(world, cluster, host),
    }
}

/// A time as vdsm and sanlock write it, without its fraction.
fn stamp(at: Instant, zone: &Zone) -> String {
    clock::format("%Y-%m-%d %H:%M:%S", at.utc().unix_timestamp(), 0, zone)
}

/// Everything that a host has written down, with what held then.
fn entries(host: &Host) -> impl Iterator<Item = (&Setting, &Entry)> {
    host.log.parts().flat_map(with_setting)
}

fn with_setting(part: &Part) -> impl Iterator<Item = (&Setting, &Entry)> {
    let setting = part.setting.as_deref();
    part.entries.iter().filter_map(move |entry| Some((setting?, entry)))
}

/// `/var/log/sanlock.log`: it tells of what fails, and of what is begun.
fn sanlock(world: &World, id: MachineId, cluster: &Cluster, host: &Host) -> String {
    let Some(domain) = Domain::of(cluster) else { return String::new() };
    let pid = world.linux(id).unit_state(events::SANLOCK).main_pid.unwrap_or_default();
    let files = [(domain.id().to_owned(), domain.ids()), (AGENTS.to_owned(), domain.lockspace())];
    let mut text = String::new();
    // The numbers of the lockspaces, which go up with each that is joined.
    let mut first = 1;
    let mut failing: Option<(Instant, u64)> = None;
    let mut line = |setting: &Setting, at: Instant, own: u64, what: &str| {
        // Text in memory takes all that is written.
        let _ = writeln!(text, "{} {own} [{pid}]: {what}", stamp(at, &setting.clock));
    };
    let mut last = None;
    for (setting, entry) in entries(host) {
        let Said::Lease(own, what) = entry.what else { continue };
        last = Some(setting);
        if let Some((since, began)) = failing.take() {
            errors(since, began, entry.at, &files, first, |at, own, what| line(setting, at, own, what));
        }
        match what {
            Renewal::Stops(true) => failing = Some((entry.at, own)),
            // One that stands still says nothing.
            Renewal::Stops(false) => {}
            Renewal::GivesUp(holder) => {
                for space in first..first + 2 {
                    line(setting, entry.at, own, &format!("s{space} check_our_lease failed 80"));
                    if let Some(holder) = holder.filter(|_| space == first) {
                        line(setting, entry.at, own, &format!("s{space} kill {holder} sig 15 count 1"));
                        line(setting, entry.at, own, &format!("dead {holder} ci 2 count 1"));
                    }
                    line(setting, entry.at, own, &format!("s{space} all pids clear"));
                }
                first += 2;
            }
            Renewal::GoesOn(again) => {
                for (space, (name, file)) in (first..).zip(&files).filter(|_| again) {
                    line(setting, entry.at, own, &format!("s{space} lockspace {name}:{}:{file}:0", host.id));
                }
            }
        }
    }
    if let (Some((since, began)), Some(setting)) = (failing, last) {
        errors(since, began, world.now, &files, first, |at, own, what| line(setting, at, own, what));
    }
    text
}

/// What sanlock says while it cannot renew: each try takes ten seconds.
fn errors(
    since: Instant,
    began: u64,
    end: Instant,
    files: &[(String, String); 2],
    first: u32,
    mut line: impl FnMut(Instant, u64, &str),
) {
    for tenth in 1..8 {
        let (at, own) = (since + Span::secs(10).times(tenth), began + 10 * tenth);
        if at > end {
            return;
        }
        for (space, (_, file)) in (first..).zip(files) {
            line(at, own, &format!("s{space} delta_renew read timeout 10 sec offset 0 {file}"));
            line(at, own, &format!("s{space} renewal error -202 delta_length 10 last_success {began}"));
            if tenth >= 6 {
                line(at, own, &format!("s{space} check_our_lease warning {} last_success {began}", 10 * tenth));
            }
        }
    }
}

/// `/var/log/vdsm/vdsm.log`: what the broker asks with each pass, and what is done with the virtual machine.
fn vdsm(world: &World, cluster: &Cluster, host: &Host) -> String {
    const CALLER: &str = "from=::1,47522";
    let vmid = &cluster.storage.engine.vmid;
    let checked = Domain::of(cluster).map(|domain| domain.metadata()).unwrap_or_default();
    let mut text = String::new();
    let today = host.log.files().pop().unwrap_or_default();
    for (setting, entry) in today.into_iter().flat_map(with_setting) {
        let virt = |call: &str| {
            vec![
                format!("INFO  (jsonrpc/2) [api.virt] START {call} {CALLER}, vmId={vmid} (api:48)"),
                format!(
                    "INFO  (jsonrpc/2) [api.virt] FINISH {} return={{'status': {{'message': 'Done', 'code': 0}}}} {CALLER}, \
                     vmId={vmid} (api:54)",
                    call.split('(').next().unwrap_or_default()
                ),
            ]
        };
        let lines = match entry.what {
            Said::Loop(round) | Said::NoStorage(round) if round.found.health != Health::Unknown => vec![
                format!("INFO  (jsonrpc/4) [api.host] START getAllVmStats() {CALLER} (api:48)"),
                format!(
                    "INFO  (jsonrpc/4) [api.host] FINISH getAllVmStats return={{'status': {{'message': 'Done', 'code': 0}}, \
                     'statsList': (suppressed)}} {CALLER} (api:54)"
                ),
            ],
            Said::Starts(true) => virt(&format!("create(vmParams={{'vmId': '{vmid}', 'vmName': '{ENGINE}'}})")),
            Said::Stops => virt("shutdown(delay='120', message='VM is shutting down!')"),
            Said::Destroys => virt("destroy(gracefulAttempts=1)"),
            Said::Process(None) => {
                vec![format!("INFO  (vm/{}) [virt.vm] (vmId='{vmid}') CPU running: onResume (vm:6062)", &vmid[..8])]
            }
            Said::Process(Some(_)) => vec![format!(
                "INFO  (libvirt/events) [virt.vm] (vmId='{vmid}') underlying process disconnected (vm:1135)"
            )],
            Said::Lease(_, Renewal::Stops(true)) if entry.at + Span::secs(10) <= world.now => {
                vec![format!(
                    "WARN  (check/loop) [storage.check] Checker '{checked}' is blocked for 10.00 seconds (check:282)"
                )]
            }
            _ => continue,
        };
        let late = if matches!(entry.what, Said::Lease(..)) { Span::secs(10) } else { Span::ZERO };
        for at in entry.moments() {
            let at = at + late;
            let (seconds, millis) = (stamp(at, &setting.clock), at.utc().millisecond());
            let zone = clock::format("%z", at.utc().unix_timestamp(), 0, &setting.clock);
            for line in &lines {
                let _ = writeln!(text, "{seconds},{millis:03}{zone} {line}");
            }
        }
    }
    text
}

/// `/var/log/vdsm/supervdsm.log` of a daemon that has begun.
fn supervdsm(world: &World, id: MachineId) -> String {
    let linux = world.linux(id);
    let Some(since) = linux.unit_state("supervdsmd.service").since.filter(|_| linux.unit_is_up("supervdsmd.service"))
    else {
        return String::new();
    };
    let at = format!("{},{:03}", stamp(since, &linux.zone), since.utc().millisecond());
    let says = |line: u16, text: &str| {
        format!("MainThread::DEBUG::{at}::supervdsm_server::{line}::SuperVdsm.Server::(main) {text}\n")
    };
    [
        says(271, "Making sure I'm root - SuperVdsm"),
        says(280, "Parsing cmd args"),
        says(283, "Cleaning old socket /run/vdsm/svdsm.sock"),
        says(287, "Setting up keep alive thread"),
        says(293, "Creating remote object manager"),
        says(304, "Started serving super vdsm object"),
    ]
    .concat()
}

/// `/var/log/libvirt/qemu/HostedEngine.log`: how the processes of the Manager's virtual machine began and ended.
fn process(world: &World, id: MachineId, host: &Host) -> String {
    let linux = world.linux(id);
    let (libvirt, qemu) = match linux.distro.major {
        ..8 => ("4.5.0", "2.12.0qemu-kvm-rhev-2.12.0-48.el7"),
        _ => ("6.6.0", "5.1.0qemu-kvm-5.1.0-20.module+el8"),
    };
    let kernel = linux.kernel().into_owned().release;
    let time = |at: Instant| format!("{}.{:03}+0000", stamp(at, &Zone::utc()), at.utc().millisecond());
    let begins = |at: Instant| {
        format!(
            "{}: starting up libvirt version: {libvirt}, qemu version: {qemu}, kernel: {kernel}, hostname: {}\n",
            time(at),
            linux.hostname
        )
    };
    let live = host.engine().filter(|domain| !domain.life.is_without_process()).map(|domain| domain.process.pid);
    let live = live.and_then(|pid| linux.processes.get(pid));
    let command = live.map(|process| process.command.replace(" -", " \\\n-") + "\n").unwrap_or_default();
    let mut text = String::new();
    let mut running = false;
    for (_, entry) in entries(host) {
        match entry.what {
            Said::Process(None) => {
                running = true;
                text.push_str(&begins(entry.at));
            }
            Said::Process(Some(ending)) => {
                running = false;
                let at = time(entry.at);
                let reason = match ending {
                    Ending::Shutdown => "shutdown",
                    Ending::Destroyed => {
                        let daemon = linux.unit_state("libvirtd.service").main_pid.unwrap_or_default();
                        let _ = writeln!(
                            text,
                            "{at}: qemu-kvm: terminating on signal 15 from pid {daemon} (/usr/sbin/libvirtd)"
                        );
                        "destroyed"
                    }
                    Ending::Migrated => "migrated",
                };
                let _ = writeln!(text, "{at}: shutting down, reason={reason}");
            }
            _ => {}
        }
    }
    // The one that ran when the lab began has begun before.
    match live {
        Some(_) if running => text + &command,
        Some(process) => begins(process.started) + &command + &text,
        None => text,
    }
}

/// `vm.conf`: the virtual machine as the agent has it from the storage.
fn vm_conf(world: &World, cluster: &Cluster, host: &Host) -> String {
    let engine = &cluster.storage.engine;
    let guest = MachineId(engine.guest);
    let hardware = Interface::of(world, guest).hardware.map(|byte| format!("{byte:02x}")).join(":");
    let (machine, cpu) = if host.release.minor < 4 {
        ("pc-i440fx-rhel7.6.0", "Haswell-noTSX")
    } else {
        ("pc-q35-rhel8.6.0", "Cascadelake-Server")
    };
    let id = |what: &str| uuid(&format!("{} {what}", engine.vmid));
    let disk = Domain::of(cluster).map(|domain| domain.described()).unwrap_or_default();
    format!(
        "vmId={}\nmemSize={}\ndisplay=vnc\nvmName={ENGINE}\nsmp={}\nmaxVCpus=64\nemulatedMachine={machine}\ncpuType={cpu}\n\
         spiceSecureChannels=smain,sdisplay,sinputs,scursor,splayback,srecord,ssmartcard,susbredir\n\
         devices={{index:0,iface:virtio,format:raw,bootOrder:1,{disk},readonly:false,optional:false,poolID:\
         00000000-0000-0000-0000-000000000000,device:disk,shared:exclusive,propagateErrors:off,type:disk}}\n\
         devices={{nicModel:pv,macAddr:{hardware},linkActive:true,network:ovirtmgmt,deviceId:{},address:None,device:bridge,\
         type:interface}}\n\
         devices={{index:2,iface:ide,shared:false,readonly:true,deviceId:{},device:cdrom,path:,type:disk}}\n\
         devices={{device:console,deviceId:{},type:console}}\ndevices={{device:vga,alias:video0,type:video}}\n\
         devices={{device:vnc,type:graphics}}\ndevices={{device:virtio,specParams:{{source:urandom}},model:virtio,type:rng}}\n",
        engine.vmid,
        engine.memory,
        processes::processors(world, cluster, ENGINE),
        id("nic"),
        id("cdrom"),
        id("console"),
    )
}

/// The settings of one of the agents' own logs, for Python's `logging`.
fn logging(daemon: &str) -> String {
    format!(
        "[loggers]\nkeys=root\n\n[handlers]\nkeys=syslog,logfile\n\n[formatters]\nkeys=long,sysform\n\n[logger_root]\nlevel=INFO\n\
         handlers=syslog,logfile\npropagate=0\n\n[handler_syslog]\nlevel=ERROR\nclass=handlers.SysLogHandler\nformatter=sysform\n\
         args=('/dev/log', handlers.SysLogHandler.LOG_USER)\n\n[handler_logfile]\nclass=logging.handlers.TimedRotatingFileHandler\n\
         args=('{}/{daemon}.log', 'd', 1, 7)\nlevel=DEBUG\nformatter=long\n\n[formatter_long]\nformat=%(threadName)s::\
         %(levelname)s::%(asctime)s::%(module)s::%(lineno)d::%(name)s::(%(funcName)s) %(message)s\n\n[formatter_sysform]\n\
         format=ovirt-ha-{daemon} %(name)s %(levelname)s %(message)s\ndatefmt=\n",
        logs::FOLDER
    )
}

const SANLOCK_SETTINGS: &str = "# quiet_fail = 1
# command line: -q 1

# debug_renew = 0
# command line: n/a

# logfile_priority = 4
# command line: -L 4

# syslog_priority = 3
# command line: -S 3

# use_watchdog = 1
# command line: -w 1

# high_priority = 1
# command line: -h 1

# mlock_level = 1
# command line: -l 1

# sh_retries = 8
# command line: n/a

# uname = sanlock
# command line: -U sanlock

# gname = sanlock
# command line: -G sanlock

# our_host_name = <str>
# command line: -e <str>

# renewal_history_size = 180
# command line: n/a
";
