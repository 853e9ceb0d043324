//! `hosted-engine --vm-status`, as text and as JSON (reference `hosted-engine.md` 2). Both are views of the blocks on the
//! storage; whether one is stale is what this host has seen of it.

use flate2::Crc;

use super::super::{answered, host};
use super::{Call, no_daemon};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::model::{Block, Cluster, Health, Host, HostId};
use crate::systems::rhv::release::Release;

const BANNER: &str = "!! Cluster is in GLOBAL MAINTENANCE mode !!";
/// What Python and the connection to the broker take (inferred).
const CALL: Span = Span::millis(700);

/// What is shown of a host.
struct Row {
    id: HostId,
    hostname: String,
    block: Block,
    alive: bool,
    release: Release,
    zone: Zone,
}

/// Everything that is shown.
struct View {
    rows: Vec<Row>,
    global: bool,
}

fn read(cluster: &Cluster, reader: &Host, now: Instant, zone: &Zone) -> View {
    let blocks = cluster.storage.blocks.iter().filter(|(_, block)| !block.corrupt);
    let rows = blocks.filter_map(|(id, block)| {
        let wrote = |machine| cluster.hosts.iter().find(|host| Some(host.machine) == machine);
        let owner = wrote(block.writer).or_else(|| cluster.host(*id))?;
        let alive = reader.sees_alive(*id, now);
        let (hostname, zone) = (owner.name.clone(), zone.clone());
        Some(Row { id: *id, hostname, block: *block, alive, release: reader.release, zone })
    });
    View { rows: rows.collect(), global: cluster.storage.global_maintenance }
}

/// What `--json` prints on this host, if it prints anything.
pub(super) fn json_of(p: &Proc) -> Option<String> {
    let (now, zone) = (p.now(), p.peek(|linux| linux.zone.clone()));
    host(p, |cluster, host| read(cluster, host, now, &zone).json(host.release))
}

pub(super) async fn vm_status(p: &mut Proc, call: &Call<'_>) -> Ended {
    p.pass(CALL).await?;
    let json = call.has("--json");
    answered(p, None, |host| host.daemons.broker && host.troubles.halted.broker).await?;
    let now = p.now();
    let zone = p.peek(|linux| linux.zone.clone());
    let view = host(p, |cluster, host| match (host.daemons.broker, host.reads_storage()) {
        (false, _) => Err(true),
        (true, false) => Err(false),
        (true, true) => Ok(read(cluster, host, now, &zone)),
    });
    let view = match view {
        Some(Ok(view)) => view,
        Some(Err(broker)) => return trouble(p, broker, json).await,
        None => return p.gap("hosted-engine --vm-status on a host that is in no cluster of the lab"),
    };
    let empty = view.rows.is_empty();
    let text = if json { format!("{}\n", view.json(call.release)) } else { view.text(call.release) };
    p.out(&text).await?;
    Ok(u8::from(empty))
}

/// Nothing can be read: the broker does not take connections, or it does not reach the storage.
async fn trouble(p: &mut Proc, broker: bool, json: bool) -> Ended {
    const DAEMON: &str =
        "An error occured while retrieving vm status, please make sure the HA daemon is ready and reachable.";
    const STORAGE: &str = "An error occured while retrieving vm status, please make sure your storage is reachable.";
    if json {
        let what = if broker { DAEMON } else { STORAGE };
        p.out(&format!("{{'exception': '{what}'}}\n")).await?;
        return Ok(1);
    }
    tell(p, broker, DAEMON, STORAGE).await?;
    Ok(1)
}

async fn tell(p: &mut Proc, broker: bool, daemon: &str, storage: &str) -> Result<(), Cut> {
    if !broker {
        return p.err(&format!("{storage}\n")).await;
    }
    p.err("<[Errno 2] No such file or directory>\n").await?;
    no_daemon(p).await?;
    p.err(&format!("{daemon}\nUnable to connect the HA Broker \n")).await
}

impl View {
    fn text(&self, release: Release) -> String {
        let banner = format!("\n\n{BANNER}\n\n");
        let mut text = String::new();
        if self.global {
            text.push_str(&banner);
        }
        for row in &self.rows {
            text.push_str(&row.text(release));
        }
        if self.global {
            text.push_str(&banner);
        }
        text
    }

    fn json(&self, release: Release) -> String {
        let rows = self.rows.iter().map(|row| format!("\"{}\": {}", row.id, row.json(release)));
        let flag = format!("\"global_maintenance\": {}", self.global);
        format!("{{{}}}", rows.chain([flag]).collect::<Vec<_>>().join(", "))
    }
}

/// A value of a host: by its name in the text, by its name in JSON, and what stands there.
struct Field {
    shown: &'static str,
    key: &'static str,
    text: String,
    json: String,
}

fn number(shown: &'static str, key: &'static str, value: u64) -> Field {
    Field { shown, key, text: value.to_string(), json: value.to_string() }
}

fn words(shown: &'static str, key: &'static str, value: &str) -> Field {
    Field { shown, key, text: value.to_owned(), json: quoted(value) }
}

fn flag(shown: &'static str, key: &'static str, value: bool) -> Field {
    Field { shown, key, text: python(value).to_owned(), json: value.to_string() }
}

/// How Python writes a truth.
fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A text in JSON: what is in it here needs few escapes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// What a host says of the virtual machine, in the order in which Python has the keys.
fn engine_status(health: Health, release: Release) -> String {
    let (vm, good) = (("vm", health.vm()), ("health", health.health()));
    // Older ones wrote it small (captured, transcript 04 of the reference; from when on is inferred).
    let detail = health.detail();
    let detail = if release.ha_from([2, 2, 19]) { detail.to_owned() } else { detail.to_lowercase() };
    let detail = ("detail", detail.as_str());
    let reason = health.reason().map(|reason| ("reason", reason));
    let pairs: Vec<(&str, &str)> = if release.python3() {
        [vm, good, detail].into_iter().chain(reason).collect()
    } else {
        reason.into_iter().chain([good, vm, detail]).collect()
    };
    let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("\"{key}\": {}", quoted(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// The order of the text under Python 2, by JSON keys.
const TEXT_2: [&str; 12] = [
    "conf_on_shared_storage",
    "live-data",
    "hostname",
    "host-id",
    "engine-status",
    "score",
    "stopped",
    "maintenance",
    "crc32",
    "local_conf_timestamp",
    "host-ts",
    "extra",
];

/// The order of JSON under Python 2.
const JSON_2: [&str; 12] = [
    "conf_on_shared_storage",
    "live-data",
    "extra",
    "hostname",
    "host-id",
    "engine-status",
    "score",
    "stopped",
    "maintenance",
    "crc32",
    "local_conf_timestamp",
    "host-ts",
];

/// The order of the text under Python 3.
const TEXT_3: [&str; 12] = [
    "host-id",
    "host-ts",
    "score",
    "engine-status",
    "hostname",
    "maintenance",
    "stopped",
    "crc32",
    "conf_on_shared_storage",
    "local_conf_timestamp",
    "live-data",
    "extra",
];

/// The order of JSON under Python 3.
const JSON_3: [&str; 12] = [
    "host-id",
    "host-ts",
    "score",
    "engine-status",
    "hostname",
    "maintenance",
    "stopped",
    "crc32",
    "conf_on_shared_storage",
    "local_conf_timestamp",
    "extra",
    "live-data",
];

impl Row {
    fn fields(&self) -> [Field; 12] {
        let block = &self.block;
        let status = engine_status(block.health, self.release);
        // Stale data is hidden in the text and nowhere else.
        let shown = if self.alive { status.clone() } else { "unknown stale-data".to_owned() };
        let crc = self.crc(&status);
        [
            number("Host ID", "host-id", self.id.into()),
            number("Host timestamp", "host-ts", block.timestamp),
            number("Score", "score", block.score.into()),
            Field { shown: "Engine status", key: "engine-status", text: shown, json: status },
            words("Hostname", "hostname", &self.hostname),
            flag("Local maintenance", "maintenance", block.maintenance),
            flag("stopped", "stopped", block.stopped),
            words("crc32", "crc32", &crc),
            flag("conf_on_shared_storage", "conf_on_shared_storage", true),
            number("local_conf_timestamp", "local_conf_timestamp", block.timestamp),
            flag("Status up-to-date", "live-data", self.alive),
            words("Extra metadata (valid at timestamp)", "extra", &self.extra()),
        ]
    }

    fn text(&self, release: Release) -> String {
        let title = match release.minor {
            2 => format!("Host {}", self.id),
            _ => format!("Host {} (id: {})", self.hostname, self.id),
        };
        let mut text = format!("\n\n--== {title} status ==--\n\n");
        let fields = self.fields();
        for key in if release.python3() { TEXT_3 } else { TEXT_2 } {
            let Some(field) = fields.iter().find(|field| field.key == key) else { continue };
            if key == "extra" {
                text.push_str(&format!("{}:\n", field.shown));
                field.text.lines().for_each(|line| text.push_str(&format!("\t{line}\n")));
            } else {
                text.push_str(&format!("{:<35}: {}\n", field.shown, field.text));
            }
        }
        text
    }

    fn json(&self, release: Release) -> String {
        let fields = self.fields();
        let keys = if release.python3() { JSON_3 } else { JSON_2 };
        let fields = keys.iter().filter_map(|key| fields.iter().find(|field| field.key == *key));
        let pairs: Vec<String> = fields.map(|field| format!("\"{}\": {}", field.key, field.json)).collect();
        format!("{{{}}}", pairs.join(", "))
    }

    /// The extra metadata, a line each.
    fn extra(&self) -> String {
        let block = &self.block;
        let time = |seconds: i64| clock::format("%a %b %e %H:%M:%S %Y", seconds, 0, &self.zone);
        let at = time(block.at.utc().unix_timestamp());
        let (stamp, maintenance, stopped) = (block.timestamp, python(block.maintenance), python(block.stopped));
        // A clock that began with the boot, shown as one that began with 1970: it is so.
        let timeout = block.timeout.map(|secs| format!("timeout={}\n", time(i64::try_from(secs).unwrap_or(0))));
        format!(
            "metadata_parse_version=1\nmetadata_feature_version=1\ntimestamp={stamp} ({at})\nhost-id={}\nscore={}\n\
             vm_conf_refresh_time={stamp} ({at})\nconf_on_shared_storage=True\nmaintenance={maintenance}\nstate={}\n\
             stopped={stopped}\n{}",
            self.id,
            block.score,
            block.state,
            timeout.unwrap_or_default()
        )
    }

    /// The checksum of the host's block of 512 bytes. What stands in its middle is not known, so that it is the checksum of
    /// a block like it.
    fn crc(&self, status: &str) -> String {
        let Block { timestamp, score, maintenance, stopped, .. } = self.block;
        let (id, name, flags) = (self.id, &self.hostname, [u8::from(maintenance), u8::from(stopped)]);
        let mut bytes = format!("1|1|{timestamp}|{id}|{score}|{status}|{name}|{}|{}|1|{timestamp}", flags[0], flags[1])
            .into_bytes();
        bytes.resize(512, 0);
        let mut crc = Crc::new();
        crc.update(&bytes);
        format!("{:08x}", crc.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::rhv::model::VmStatus;

    #[test]
    fn the_status_of_the_machine_has_the_order_of_its_python() {
        let check = |product: &str, health: Health, expect: &str| {
            let release = Release::find(product).expect("a release");
            assert_eq!(engine_status(health, release), expect, "{product} {health:?}");
        };
        check("4.3", Health::Good(VmStatus::Up), r#"{"health": "good", "vm": "up", "detail": "Up"}"#);
        check("4.4", Health::Good(VmStatus::Up), r#"{"vm": "up", "health": "good", "detail": "Up"}"#);
        check(
            "4.3",
            Health::NotYet(VmStatus::PoweringUp),
            r#"{"reason": "bad vm status", "health": "bad", "vm": "up", "detail": "Powering up"}"#,
        );
        check(
            "4.4",
            Health::BadPage(VmStatus::PoweringDown),
            r#"{"vm": "up", "health": "bad", "detail": "Powering down", "reason": "failed liveliness check"}"#,
        );
        check(
            "4.2",
            Health::Absent,
            r#"{"reason": "vm not running on this host", "health": "bad", "vm": "down", "detail": "unknown"}"#,
        );
    }
}
