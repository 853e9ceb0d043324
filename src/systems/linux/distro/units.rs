//! The units of each distribution as an installation leaves them: systemd's, and under SLES 11 the init scripts, which are
//! views of the same. Names, descriptions and what each waits for are common knowledge of the distributions; the seconds
//! they take and which of several optional ones are installed are inferred.

mod appliances;
mod rhel;
mod systemd;

use super::{Distro, Vendor};
use appliances::{PHOTON, SLES};
use rhel::{KEYGEN_7, MAKECACHE, MAKECACHE_TIMER, RHEL, SSHD_7, SSHD_8};
use systemd::{SHELLS, SHELLS_219, SYSTEMD};

/// A unit of a distribution.
#[derive(Debug)]
pub struct Unit {
    /// Its name with its kind: `sshd.service`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// Lines of `[Unit]` beside the description, with `;` between.
    pub needs: &'static str,
    /// Lines of `[Service]`, or of the section of another kind, with `;` between.
    pub runs: &'static str,
    /// The target that wants it once it is enabled; empty: it is static.
    pub wanted_by: &'static str,
    /// Whether an installation enables it.
    pub enabled: bool,
    /// How long it takes to start, in milliseconds.
    pub start_ms: u64,
    /// How its process shows itself to `ps`, where that is not the command of the unit.
    pub shown: &'static str,
    /// What its daemon writes once it is up; `{chrony}` is the version of a package.
    pub says: &'static [&'static str],
}

const NONE: Unit = Unit {
    name: "",
    description: "",
    needs: "",
    runs: "",
    wanted_by: "",
    enabled: false,
    start_ms: 60,
    shown: "",
    says: &[],
};

const fn service(name: &'static str, description: &'static str, needs: &'static str, runs: &'static str) -> Unit {
    Unit { name, description, needs, runs, wanted_by: "multi-user.target", enabled: true, ..NONE }
}

/// A unit that is started when another one wants it.
const fn inner(name: &'static str, description: &'static str, needs: &'static str, runs: &'static str) -> Unit {
    Unit { name, description, needs, runs, ..NONE }
}

const fn target(name: &'static str, description: &'static str, needs: &'static str) -> Unit {
    Unit { name, description, needs, start_ms: 0, ..NONE }
}

impl Unit {
    const fn ms(mut self, start_ms: u64) -> Self {
        self.start_ms = start_ms;
        self
    }

    const fn says(mut self, says: &'static [&'static str]) -> Self {
        self.says = says;
        self
    }

    const fn shown(mut self, shown: &'static str) -> Self {
        self.shown = shown;
        self
    }

    const fn off(mut self) -> Self {
        self.enabled = false;
        self
    }

    const fn by(mut self, target: &'static str) -> Self {
        self.wanted_by = target;
        self
    }

    /// What its daemon writes once it is up, as it does on this distribution.
    pub fn says_on(&self, distro: &Distro) -> Vec<String> {
        let line = |line: &&str| {
            let Some((before, rest)) = line.split_once('{') else { return (*line).to_owned() };
            let (package, after) = rest.split_once('}').unwrap_or((rest, ""));
            // Network time security came with version 4.
            let text = format!("{before}{}{after}", version(distro, package));
            if distro.major == 7 { text.replace("+NTS ", "") } else { text }
        };
        self.says.iter().map(line).collect()
    }

    /// The folder that a distribution keeps it in.
    #[must_use]
    pub fn path(&self, distro: &Distro) -> String {
        match distro.systemd {
            Some(_) => format!("/usr/lib/systemd/system/{}", self.name),
            None => format!("/etc/init.d/{}", self.name.trim_end_matches(".service")),
        }
    }

    /// The text of its file: a unit file, or an init script with the header of the LSB.
    #[must_use]
    pub fn text(&self, distro: &Distro) -> String {
        if distro.systemd.is_none() {
            return self.init_script();
        }
        // A semicolon before a blank is one of a command.
        let lines = |text: &str| text.replace("; ", "\0").replace(';', "\n").replace('\0', "; ") + "\n";
        let lines = |text: &str| if text.is_empty() { String::new() } else { lines(text) };
        let (needs, runs): (String, String) = (lines(self.needs), lines(self.runs));
        let mut text = format!("[Unit]\nDescription={}\n{needs}", self.description);
        if !runs.is_empty() {
            let kind = self.name.rsplit('.').next().unwrap_or_default();
            text.push_str(&format!("\n[{}{}]\n{runs}", kind[..1].to_uppercase(), &kind[1..]));
        }
        if !self.wanted_by.is_empty() {
            text.push_str(&format!("\n[Install]\nWantedBy={}\n", self.wanted_by));
        }
        text
    }

    fn init_script(&self) -> String {
        let name = self.name.trim_end_matches(".service");
        let after = self.needs.split(';').find_map(|line| line.strip_prefix("After=")).unwrap_or_default();
        let after: Vec<String> =
            after.split_whitespace().map(|unit| format!("${}", unit.trim_end_matches(".service"))).collect();
        let oneshot = self.runs.contains("Type=oneshot");
        let daemon = self.runs.split(';').find_map(|line| line.strip_prefix("ExecStart=")).filter(|_| !oneshot);
        let daemon = daemon.map_or(String::new(), |daemon| format!("DAEMON=\"{daemon}\"\n"));
        format!(
            "#! /bin/sh\n### BEGIN INIT INFO\n# Provides: {name}\n# Required-Start: {}\n# Required-Stop: \n# Default-Start: 3 \
             5\n# Default-Stop: 0 1 2 6\n# Short-Description: {}\n### END INIT INFO\n\n{daemon}exec \
             /sbin/service {name} \"$@\"\n",
            after.join(" "),
            self.description
        )
    }
}

/// The version of a package on a distribution, where a daemon tells it.
fn version(distro: &Distro, package: &str) -> &'static str {
    let (at_7_5, at_7_9, at_8_5, at_8_6) = match package {
        "audit" => ("2.8.1", "2.8.5", "3.0", "3.0.7"),
        "chrony" => ("3.2", "3.4", "4.1", "4.1"),
        "cronie" => ("1.4.11", "1.4.11", "1.5.2", "1.5.2"),
        "polkit" => ("0.112", "0.112", "0.115", "0.115"),
        _ => return "",
    };
    match distro.id {
        "rhel-7.5" => at_7_5,
        id if id.starts_with("rhvh-4.2") => at_7_5,
        "rhel-7.9" => at_7_9,
        id if id.starts_with("rhvh-4.3") => at_7_9,
        "rhel-8.5" => at_8_5,
        _ => at_8_6,
    }
}

/// The units of a distribution.
pub fn units(distro: &Distro) -> impl Iterator<Item = &'static Unit> + use<> {
    const RHEL_7: &[Unit] = &[SSHD_7, KEYGEN_7];
    const RHEL_8: &[Unit] = &[SSHD_8, MAKECACHE, MAKECACHE_TIMER];
    let major = distro.major;
    let tables: [&'static [Unit]; 4] = match (distro.vendor, major) {
        (Vendor::RedHat, ..=7) => [SYSTEMD, RHEL, RHEL_7, SHELLS_219],
        (Vendor::RedHat, _) => [SYSTEMD, RHEL, RHEL_8, SHELLS],
        (Vendor::Photon, _) => [SYSTEMD, PHOTON, SHELLS, &[]],
        (Vendor::Suse, _) => [SLES, &[], &[], &[]],
        (Vendor::Esxi, _) => [&[], &[], &[], &[]],
    };
    let not_here = move |name: &str| match name {
        "lvm2-lvmetad.service" | "postfix.service" => major >= 8,
        "sssd.service" | "sshd-keygen.target" => major == 7,
        _ => false,
    };
    let suse = distro.systemd.is_none();
    tables.into_iter().flatten().filter(move |unit| suse || !not_here(unit.name))
}

/// The unit of a distribution of this name.
#[must_use]
pub fn find(distro: &Distro, name: &str) -> Option<&'static Unit> {
    units(distro).find(|unit| unit.name == name)
}
