//! The log files of the appliance's services under `/var/log/vmware`. They are made from what the services have lived
//! through when they are read; where the disk has no room, nothing is written.
//!
//! Truth: of the names under `applmgmt` reference `software-packages.md` section 6; the others are those of the vendor's lists
//! of log locations, from memory. What stands in them is inferred but for the words of PostgreSQL, Virgo and Envoy.

mod forms;

use std::collections::BTreeMap;

use super::log::{Entry, What};
use super::model::Vcsa;
use super::series::Line::{self, V6_0, V6_5, V6_7, V7_0, V8_0};
use super::services::{Definition, MONITOR, Services, State};
use super::stamp;
use super::{control, files};
use crate::shell::{Evidence, Grade};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::Zone;
use crate::systems::linux::fs::{Content, Cred, Errno, Fs};
use crate::systems::linux::model::unit::End;
use forms::{Form, Moment, Program};

/// How well they are known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "log files of the services: names and folders",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the vendor's lists of log locations, from memory; that /var/log/vmware lies on /storage/log, too",
    },
    Evidence {
        what: "log files of the services: layout of lines, what they tell of starts and stops",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "no capture shows one; only the words of PostgreSQL, Virgo and Envoy are those of their sources",
    },
];

/// Where they lie, and the disk with the folder behind it.
pub const DIR: &str = "/var/log/vmware";
const DISK: &str = "/storage/log";
/// The folder on that disk.
pub const TARGET: &str = "/storage/log/vmware";

/// What the names of made files begin with; the moment from which on they tell and their paths follow.
pub const MADE: &str = "vcsa/log:";

/// A log file of a service.
struct Place {
    service: &'static str,
    /// The first and the last releases that have it.
    lines: (Line, Line),
    /// Its path below [`DIR`]; `%d` is the day of the month.
    path: &'static str,
    form: Form,
}

const fn place(service: &'static str, path: &'static str, form: Form) -> Place {
    Place { service, lines: (V6_0, Line::LAST), path, form }
}

impl Place {
    const fn since(self, line: Line) -> Self {
        Self { lines: (line, self.lines.1), ..self }
    }

    const fn until(self, line: Line) -> Self {
        Self { lines: (self.lines.0, line), ..self }
    }

    /// Whether it has lines about a service: that of the lifecycle manager has them about all that it starts.
    fn is_about(&self, service: &Definition) -> bool {
        self.service == service.name || self.form == Form::Monitor && service.vmon().is_some()
    }

    /// Its path at a moment.
    fn path(&self, at: Instant, zone: &Zone) -> String {
        self.path.replace("%d", &stamp::day(at, zone))
    }
}

/// All of them.
const PLACES: &[Place] = &[
    place("vmafdd", "vmafdd/vmafdd-syslog.log", Form::Daemon),
    place("vmdird", "vmdird/vmdird-syslog.log", Form::Daemon),
    place("vmcad", "vmcad/vmcad-syslog.log", Form::Daemon),
    place("vmdnsd", "vmdnsd/vmdnsd-syslog.log", Form::Daemon),
    place("vmware-sts-idmd", "sso/vmware-sts-idmd.log", Form::Sso("IdmServer")),
    place("vmware-stsd", "sso/vmware-identity-sts.log", Form::Sso("SecurityTokenService")),
    place(MONITOR, "vmon/vmon-syslog.log", Form::Monitor).since(V6_5).until(V6_7),
    place(MONITOR, "vmon/vmon.log", Form::Monitor).since(V7_0),
    place("vmware-rhttpproxy", "rhttpproxy/rhttpproxy.log", Form::Vmacore(Program::PROXY)),
    place("vmware-envoy", "envoy/envoy.log", Form::Envoy),
    place("vmware-envoy-sidecar", "envoy-sidecar/envoy.log", Form::Envoy),
    place("vmware-envoy-hgw", "envoy-hgw/envoy.log", Form::Envoy),
    place("vmware-cm", "cm/cm.log", Form::Java),
    place("lookupsvc", "lookupsvc/lookupserver-default.log", Form::Java),
    place("vmware-cis-license", "cis-license/license.log", Form::Java),
    place("vmware-psc-client", "psc-client/psc-client.log", Form::Java),
    place("vmware-sca", "sca/sca.log", Form::Java),
    place("vmware-vapi-endpoint", "vapi/endpoint/endpoint.log", Form::Java),
    place("applmgmt", "applmgmt/applmgmt.log", Form::Python),
    place("pschealth", "pschealth/pschealth.log", Form::Daemon),
    place("vmware-vpostgres", "vpostgres/postgresql-%d.log", Form::Postgres),
    place("vmware-certificateauthority", "certificateauthority/certificateauthority-svcs.log", Form::Java),
    place("vmware-certificatemanagement", "certificatemanagement/certificatemanagement-svcs.log", Form::Java),
    place("vmware-topologysvc", "topologysvc/topologysvc.log", Form::Java),
    place("vmware-trustmanagement", "trustmanagement/trustmanagement-svcs.log", Form::Java),
    place("vmware-invsvc", "invsvc/inv-svc.log", Form::Java),
    place("vmware-vpxd-svcs", "vpxd-svcs/vpxd-svcs.log", Form::Java),
    place("vmware-analytics", "analytics/analytics.log", Form::Java),
    place("vmware-infraprofile", "infraprofile/infraprofile-svcs.log", Form::Java),
    place("vmware-hvc", "hvc/hvc.log", Form::Java),
    place("vmware-vws", "vws/vws.log", Form::Java),
    place("vmware-vpxd", "vpxd/vpxd.log", Form::Vmacore(Program::VPXD)),
    place("vmware-eam", "eam/eam.log", Form::Java),
    place("vmware-vdcs", "vdcs/cls.log", Form::Java),
    place("vmware-content-library", "content-library/cls.log", Form::Java),
    place("vmware-sps", "vmware-sps/sps.log", Form::Java),
    place("vmware-vpx-workflow", "workflow/vmware-vpx-workflow.log", Form::Java),
    place("vmware-mbcs", "mbcs/mbcs.log", Form::Java),
    place("vmware-perfcharts", "perfcharts/stats.log", Form::Java),
    place("vsphere-client", "vsphere-client/logs/vsphere_client_virgo.log", Form::Virgo),
    place("vsphere-ui", "vsphere-ui/logs/vsphere_client_virgo.log", Form::Virgo),
    place("vmware-vsan-health", "vsan-health/vmware-vsan-health-service.log", Form::Python),
    place("vmware-updatemgr", "vmware-updatemgr/vum-server/vmware-vum-server-log4cpp.log", Form::Log4cpp).until(V6_7),
    place("vmware-updatemgr", "vmware-updatemgr/vum-server/vmware-vum-server.log", Form::Vmacore(Program::UPDATES))
        .since(V7_0),
    place("vlcm", "vlcm/vlcm.log", Form::Python),
    place("wcp", "wcp/wcpsvc.log", Form::Daemon),
    place("vmware-netdumper", "netdumper/netdumper.log", Form::Daemon),
    place("vmware-rbd-watchdog", "rbd/rbd-watchdog.log", Form::Python),
    place("vc-ws1a-broker", "vc-ws1a-broker/broker-server.log", Form::Java).since(V8_0),
];

/// The files of an appliance.
fn places(vcsa: &Vcsa) -> impl Iterator<Item = &'static Place> + use<> {
    let line = vcsa.series().line;
    PLACES.iter().filter(move |place| (place.lines.0..=place.lines.1).contains(&line))
}

/// A service comes into a state: what systemd says about it, and what there is to tell in the logs.
pub fn note(vcsa: &mut Vcsa, service: &'static Definition, state: State, pid: Option<u32>, now: Instant) {
    if control::has_unit(service) {
        journal(vcsa, service, state, now);
    }
    if !has_room(&vcsa.linux.fs) {
        return;
    }
    note_software(vcsa, now);
    let what = What::Turn { service: service.name.to_owned(), state, pid };
    write(vcsa, what, now);
    for place in places(vcsa).filter(|place| place.is_about(service)) {
        let owner = vcsa.services.find(place.service).and_then(|service| vcsa.linux.user(service.user));
        let owner = owner.map_or((0, 0), |user| (user.uid, user.gid));
        let path = place.path(now, &vcsa.linux.zone);
        // Where the folder was made a file there is no log.
        open(&mut vcsa.linux.fs, &path, state, owner, now).unwrap_or_default();
    }
}

/// What systemd says about a service that has a unit of its own.
fn journal(vcsa: &mut Vcsa, service: &Definition, state: State, now: Instant) {
    let (unit, display) = (format!("{}.service", service.name), service.display);
    let linux = &mut vcsa.linux;
    match state {
        State::StartPending => linux.says_starting(&unit, display, now),
        State::Running => linux.says_started(&unit, display, now),
        State::StopPending => linux.says_stopping(&unit, display, now),
        State::Stopped => linux.says_stopped(&unit, display, now),
        State::Failed => linux.says_failed(&unit, display, End::Exit(1), true, now),
    }
}

/// Which software runs, where that is news.
fn note_software(vcsa: &mut Vcsa, now: Instant) {
    let running = &vcsa.running;
    let what = What::Software {
        version: running.version.clone(),
        vcenter_version: running.vcenter_version.clone(),
        vcenter_build: running.vcenter_build.clone(),
    };
    let is_software = |entry: &&Entry| matches!(entry.what, What::Software { .. });
    let is_news = {
        let mut newest = vcsa.service_log.iter().rev().chain(&vcsa.service_log_before);
        newest.find(is_software).is_none_or(|last| last.what != what)
    };
    if is_news {
        write(vcsa, what, now);
    }
}

/// Writes down what happens. Of what is cut off for it, that stays which tells how things stood.
fn write(vcsa: &mut Vcsa, what: What, now: Instant) {
    let zone = &vcsa.linux.zone;
    let entry = Entry { at: now, offset: zone.at(zone.reads(now.utc().unix_timestamp())).offset, what };
    let cut = vcsa.service_log.push(entry);
    for old in cut.iter().flat_map(|piece| piece.iter()) {
        vcsa.service_log_before.retain(|earlier| !old.replaces(earlier));
        vcsa.service_log_before.push(old.clone());
    }
}

/// Whether something can be written on the disk of the logs.
fn has_room(fs: &Fs) -> bool {
    let disk = fs.mounts().find(|(_, mount)| mount.dir == DISK);
    disk.is_none_or(|(index, mount)| !mount.read_only && fs.usage(index).used < fs.usage(index).size)
}

/// Sees to it that a log is there. One that was removed or emptied begins anew, with the service that comes into this state;
/// what somebody else wrote stays.
fn open(fs: &mut Fs, path: &str, state: State, owner: (u32, u32), now: Instant) -> Result<(), Errno> {
    let whole = format!("{DIR}/{path}");
    if let Ok(file) = fs.lookup(&Cred::ROOT, "/", &whole) {
        if !matches!(fs.content(file), Some(Content::Bytes(bytes)) if bytes.is_empty()) {
            return Ok(());
        }
        fs.unlink(&Cred::ROOT, "/", &whole, now)?;
    }
    files::put_made(fs, &whole, format!("{MADE}{now} {} {path}", state.word()), (owner, 0o644), now)
}

/// The entries that a log is made from, by what follows [`MADE`] in the name of its content, with the software that ran.
fn entries<'v>(vcsa: &'v Vcsa, name: &'v str) -> Option<(Form, Vec<Moment<'v>>)> {
    let mut parts = name.split(' ');
    let (since, first, path) = (Instant::parse(parts.next()?).ok()?, parts.next()?, parts.next()?);
    // Another release may have moved the file: what was written into it is still told.
    let same = |place: &&Place| place.path == path || place.path.contains("%d") && stem(place.path) == stem(path);
    let place = PLACES.iter().find(same)?;
    let (mut software, mut monitor, mut told) = (("", "", ""), 0, false);
    let mut before: BTreeMap<&str, (State, Instant)> = BTreeMap::new();
    let mut moments = Vec::new();
    let cut = vcsa.service_log_before.iter().map(|entry| (entry, false));
    for (entry, is_told) in cut.chain(vcsa.service_log.iter().map(|entry| (entry, true))) {
        let (service, state, pid) = match &entry.what {
            What::Software { version, vcenter_version, vcenter_build } => {
                software = (version, vcenter_version, vcenter_build);
                continue;
            }
            What::Turn { service, state, pid } => (service.as_str(), *state, *pid),
        };
        if service == MONITOR {
            monitor = pid.unwrap_or(monitor);
        }
        let Some(service) = definition(&vcsa.services, service).filter(|service| place.is_about(service)) else {
            continue;
        };
        let was = before.insert(service.name, (state, entry.at));
        // A name holds milliseconds.
        let late = entry.at.since(since) >= Span::millis(1);
        told |= late || entry.at >= since && state.word() == first;
        let zone = Zone { offset: entry.offset, ..Zone::utc() }.by_clock_of(&vcsa.linux.zone);
        if told && is_told && place.path(entry.at, &zone) == path {
            let pid = pid.unwrap_or_default();
            moments.push(Moment { at: entry.at, service, state, was, pid, monitor, software, zone });
        }
    }
    Some((place.form, moments))
}

/// The name of a file without the day in it.
fn stem(path: &str) -> &str {
    path.rsplit_once('-').map_or(path, |(stem, _)| stem)
}

fn definition(services: &Services, name: &str) -> Option<&'static Definition> {
    services.definitions().iter().find(|definition| definition.name == name)
}

/// What a log holds, by what follows [`MADE`] in the name of its content.
#[must_use]
pub fn make(vcsa: &Vcsa, name: &str) -> String {
    let Some((form, moments)) = entries(vcsa, name) else { return String::new() };
    let lines = moments.iter().flat_map(|moment| form.lines(moment));
    lines.map(|line| format!("{line}\n")).collect()
}

/// When a log was written last.
#[must_use]
pub fn changed(vcsa: &Vcsa, name: &str) -> Option<Instant> {
    let (form, moments) = entries(vcsa, name)?;
    moments.iter().rev().find(|moment| !form.lines(moment).is_empty()).map(|moment| moment.at)
}

#[cfg(test)]
mod tests {
    use super::super::services::definition::Node;
    use super::super::services::{Set, VCENTER};
    use super::*;
    use crate::systems::vcsa::test_world;

    /// A version of each row of releases.
    const VERSIONS: [(Line, &str); 5] =
        [(V6_0, "6.0.0"), (V6_5, "6.5.0"), (V6_7, "6.7.0.48000"), (V7_0, "7.0.3"), (V8_0, "8.0.3")];

    #[test]
    fn each_place_is_of_a_service_that_there_is() {
        let all = |line: Line| {
            let (_, version) = VERSIONS.into_iter().find(|(other, _)| *other == line).expect("each has one");
            let nodes = ["embedded", "external"].map(|node| format!("vCenter Server with an {node} controller"));
            nodes.map(|node| Set::of(version, &node)).into_iter().flat_map(|set| &set.services)
        };
        assert_eq!(Node::of("vCenter Server with an embedded controller"), Node::Embedded);
        for place in PLACES {
            let lines = Line::ALL.into_iter().filter(|line| (place.lines.0..=place.lines.1).contains(line));
            let there = lines.flat_map(all).any(|service| service.name == place.service);
            assert!(there, "{} of {}", place.path, place.service);
        }
    }

    #[test]
    fn what_is_cut_off_still_tells_how_things_stood() {
        let (mut world, id) = test_world("vcsa-8.0");
        let now = world.now;
        let vcsa = world.vcsa_mut(id);
        // Many starts and stops of one service: nothing is left of what the others told first, nor of the version.
        for turn in 0..3_000_u64 {
            let state = if turn % 2 == 0 { State::Stopped } else { State::Running };
            vcsa.turn(VCENTER, state, now + Span::secs(turn));
        }
        let software = |entry: &&Entry| matches!(entry.what, What::Software { .. });
        assert_eq!(vcsa.service_log.iter().filter(software).count(), 0);
        assert_eq!(vcsa.service_log_before.iter().filter(software).count(), 1);
        let service = definition(&vcsa.services, VCENTER).expect("it has one");
        let place = PLACES.iter().find(|place| place.service == VCENTER).expect("it has a log");
        let name = format!("{now} {} {}", State::Stopped.word(), place.path);
        let (_, moments) = entries(vcsa, &name).expect("the name of a log");
        let (version, ..) = moments[0].software;
        assert_eq!((version, moments[0].service.name), (vcsa.running.version.as_str(), service.name));
        assert!(moments[0].was.is_some() && moments[0].monitor > 0);
    }

    #[test]
    fn no_two_files_of_a_release_are_one() {
        for line in Line::ALL {
            let here = || PLACES.iter().filter(|place| (place.lines.0..=place.lines.1).contains(&line));
            for (at, place) in here().enumerate() {
                assert!(here().skip(at + 1).all(|other| other.path != place.path), "{}: {}", line.text(), place.path);
            }
        }
    }
}
