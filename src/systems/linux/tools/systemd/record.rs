//! An entry of the journal: its fields (systemd.journal-fields(7)) and the forms in which `journalctl -o` shows it. The forms are
//! those of `output_mode` in systemd 219 and 239. Which fields an entry has follows from who wrote it; what only journald knows of
//! the sender (its command line, its user) is told of processes that still run, and counts as inferred.

use super::{stamp, stamp_in};
use crate::sim::Instant;
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::model::Linux;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::proc::Proc;

/// How a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As in `/var/log/messages`.
    Short,
    /// With the day of the week and the zone.
    Full,
    /// ISO 8601.
    Iso,
    /// The same with microseconds.
    IsoPrecise,
    /// With microseconds.
    Precise,
    /// With seconds since the boot.
    Monotonic,
    /// With seconds since 1970.
    Unix,
    /// The text alone.
    Cat,
    /// All fields, a line each.
    Verbose,
    /// All fields, as other programs read them.
    Export,
    /// An object a line.
    Json,
    /// An object over several lines.
    JsonPretty,
}

/// What else is asked of a line.
#[derive(Clone, Copy)]
pub struct How {
    /// Whether the host is named.
    pub host: bool,
    /// Whether times are those of UTC.
    pub utc: bool,
}

impl How {
    /// As usual.
    pub const USUAL: Self = Self { host: true, utc: false };
}

impl Form {
    /// The form that `-o` names.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        const NAMES: [(&str, Form); 12] = [
            ("short", Form::Short),
            ("short-full", Form::Full),
            ("short-iso", Form::Iso),
            ("short-iso-precise", Form::IsoPrecise),
            ("short-precise", Form::Precise),
            ("short-monotonic", Form::Monotonic),
            ("short-unix", Form::Unix),
            ("cat", Form::Cat),
            ("verbose", Form::Verbose),
            ("export", Form::Export),
            ("json", Form::Json),
            ("json-pretty", Form::JsonPretty),
        ];
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, form)| *form)
    }

    /// Whether lines about the log stand between its own.
    #[must_use]
    pub fn has_heads(self) -> bool {
        !matches!(self, Self::Cat | Self::Export | Self::Json | Self::JsonPretty)
    }
}

/// The fields of an entry that somebody can look for, in the order in which they are shown.
#[must_use]
pub fn fields(linux: &Linux, line: &Line) -> Vec<(&'static str, String)> {
    let transport = match (line.facility, line.ident.as_str()) {
        (Facility::Kernel, _) => "kernel",
        (_, "systemd" | "systemd-logind") => "journal",
        _ => "syslog",
    };
    let facility = match line.facility {
        Facility::Kernel => 0,
        Facility::User => 1,
        Facility::Daemon => 3,
        Facility::Security => 4,
        Facility::Auth => 10,
        Facility::Cron => 9,
    };
    let mut list = vec![
        ("PRIORITY", line.priority.to_string()),
        ("_BOOT_ID", linux.boot_id(line.boot)),
        ("_MACHINE_ID", linux.machine_id()),
        ("_HOSTNAME", line.host.as_deref().unwrap_or(&linux.hostname).to_owned()),
        ("_TRANSPORT", transport.to_owned()),
        ("SYSLOG_FACILITY", facility.to_string()),
        ("SYSLOG_IDENTIFIER", line.ident.clone()),
    ];
    if let Some(pid) = line.pid {
        list.push(("_PID", pid.to_string()));
        if transport == "syslog" {
            list.push(("SYSLOG_PID", pid.to_string()));
        }
        let sender = linux.processes.get(pid).filter(|_| line.boot == linux.boots);
        if let Some(sender) = sender {
            let gid = linux.users().into_iter().find(|user| user.uid == sender.uid).map_or(0, |user| user.gid);
            list.extend([("_UID", sender.uid.to_string()), ("_GID", gid.to_string())]);
            list.push(("_COMM", sender.comm().to_owned()));
            let program = sender.command.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
            match (program.starts_with('/'), program) {
                (true, program) => list.push(("_EXE", program.to_owned())),
                (false, "sshd") => list.push(("_EXE", "/usr/sbin/sshd".to_owned())),
                _ => {}
            }
            list.push(("_CMDLINE", sender.command.clone()));
        } else {
            list.push(("_COMM", line.ident.clone()));
        }
    }
    match (&line.unit, line.ident.as_str()) {
        // What the manager says is about a unit; it belongs to none itself.
        (unit, "systemd") => {
            let old = linux.distro.systemd == Some(219);
            list.push(("_SYSTEMD_CGROUP", if old { "/".to_owned() } else { "/init.scope".to_owned() }));
            if !old {
                list.push(("_SYSTEMD_UNIT", "init.scope".to_owned()));
            }
            if let Some(unit) = unit.as_ref().filter(|unit| !unit.is_empty()) {
                list.push(("UNIT", unit.clone()));
            }
        }
        (Some(unit), _) => {
            list.push(("_SYSTEMD_CGROUP", format!("/system.slice/{unit}")));
            list.push(("_SYSTEMD_UNIT", unit.clone()));
            list.push(("_SYSTEMD_SLICE", "system.slice".to_owned()));
        }
        (None, _) => {}
    }
    list.push(("MESSAGE", line.text.clone()));
    list
}

/// When the life of the machine began in which a line was written.
fn began(linux: &Linux, line: &Line) -> Instant {
    if line.boot == linux.boots {
        return linux.booted;
    }
    linux.log.lines().find(|other| other.boot == line.boot).map_or(line.at, |first| first.at)
}

pub(super) fn micros(at: Instant) -> i128 {
    at.utc().unix_timestamp_nanos() / 1_000
}

/// What names the entry: where it stands in which file. Only that it is the same for the same entry can be relied on.
fn cursor(linux: &Linux, line: &Line) -> String {
    let digest = |text: &str| crate::payload::Sha256::of(text.as_bytes()).to_string();
    let place = linux.log.lines().take_while(|other| !std::ptr::eq(*other, line) && *other != line).count() + 1;
    let [real, monotonic] = [micros(line.at), i128::from(line.at.since(began(linux, line)).as_micros())];
    format!(
        "s={};i={place:x};b={};m={monotonic:x};t={real:x};x={}",
        &digest(&format!("journal\0{}", linux.installed_as()))[..32],
        linux.boot_id(line.boot),
        &digest(&line.text)[..16]
    )
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A line as it is shown, with its end.
pub fn shown(p: &Proc, line: &Line, form: Form, how: How) -> String {
    match form {
        Form::Cat => return format!("{}\n", line.text),
        Form::Verbose | Form::Export | Form::Json | Form::JsonPretty => return whole(p, line, form),
        _ => {}
    }
    let host = p.peek(|linux| line.host.as_deref().unwrap_or(&linux.hostname).to_owned());
    let at = |text: &str| match how.utc {
        true => clock::format(text, line.at.utc().unix_timestamp(), line.at.utc().nanosecond(), &Zone::utc()),
        false => stamp_in(p, line.at, text),
    };
    let micro = line.at.utc().microsecond();
    let when = match form {
        Form::Full => at("%a %Y-%m-%d %H:%M:%S %Z"),
        Form::Iso => at("%Y-%m-%dT%H:%M:%S%z"),
        Form::IsoPrecise => format!("{}.{micro:06}{}", at("%Y-%m-%dT%H:%M:%S"), at("%z")),
        Form::Precise => format!("{}.{micro:06}", at("%b %d %H:%M:%S")),
        Form::Monotonic => {
            let micros = line.at.since(p.peek(|linux| began(linux, line))).as_micros();
            format!("[{:5}.{:06}]", micros / 1_000_000, micros % 1_000_000)
        }
        Form::Unix => format!("{}.{micro:06}", line.at.utc().unix_timestamp()),
        _ => at("%b %d %H:%M:%S"),
    };
    let pid = line.pid.map_or(String::new(), |pid| format!("[{pid}]"));
    let host = if how.host { format!(" {host}") } else { String::new() };
    format!("{when}{host} {}{pid}: {}\n", line.ident, line.text)
}

/// A line with all its fields.
fn whole(p: &Proc, line: &Line, form: Form) -> String {
    let (cursor, mut fields, monotonic) =
        p.peek(|linux| (cursor(linux, line), fields(linux, line), line.at.since(began(linux, line)).as_micros()));
    p.inferred();
    if form == Form::Verbose {
        let head = stamp(p, line.at);
        let (before, zone) = head.rsplit_once(' ').unwrap_or((&head, ""));
        let micro = line.at.utc().microsecond();
        let rows = fields.iter().map(|(key, value)| format!("    {key}={value}\n"));
        return format!("{before}.{micro:06} {zone} [{cursor}]\n{}", rows.collect::<String>());
    }
    let own = [
        ("__CURSOR", cursor),
        ("__REALTIME_TIMESTAMP", micros(line.at).to_string()),
        ("__MONOTONIC_TIMESTAMP", monotonic.to_string()),
    ];
    let boot = fields.iter().position(|(key, _)| *key == "_BOOT_ID").map(|place| fields.remove(place));
    let all: Vec<(&str, String)> = own.into_iter().chain(boot).chain(fields).collect();
    match form {
        Form::Export => all.iter().map(|(key, value)| format!("{key}={value}\n")).collect::<String>() + "\n",
        Form::JsonPretty => {
            let rows: Vec<String> = all.iter().map(|(key, value)| format!("\t\"{key}\" : {}", quoted(value))).collect();
            format!("{{\n{}\n}}\n", rows.join(",\n"))
        }
        _ => {
            let rows: Vec<String> = all.iter().map(|(key, value)| format!("\"{key}\" : {}", quoted(value))).collect();
            format!("{{ {} }}\n", rows.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::model::Release;

    #[test]
    fn fields_tell_who_wrote() {
        let now = Instant::parse("2022-03-14T20:00:00Z").expect("a time");
        let linux = Linux::new(Release::find("rhel-8.6").expect("a release"), "host", now);
        let check = |ident: &str, key: &str, expect: Option<&str>| {
            let line = linux.log.lines().find(|line| line.ident == ident).expect("it has written");
            let found = fields(&linux, line).into_iter().find(|(known, _)| *known == key).map(|(_, value)| value);
            assert_eq!(found.as_deref(), expect, "{ident} {key}");
        };
        check("kernel", "_TRANSPORT", Some("kernel"));
        check("kernel", "_PID", None);
        check("systemd", "_PID", Some("1"));
        check("systemd", "_SYSTEMD_UNIT", Some("init.scope"));
        check("sshd", "_SYSTEMD_UNIT", Some("sshd.service"));
        check("sshd", "_COMM", Some("sshd"));
        check("chronyd", "_EXE", Some("/usr/sbin/chronyd"));
    }
}
