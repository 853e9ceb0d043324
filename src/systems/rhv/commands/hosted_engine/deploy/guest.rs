//! What answers make of the Manager's guest: its list of names, its security profile, FIPS. Which tasks there are is captured,
//! with all of that declined; how they come out otherwise is inferred, and so are the files.

use super::Deploy;
use super::effects::Came;
use crate::systems::linux;
use crate::systems::linux::fs::{Content, Cred, Kind};
use crate::systems::linux::model::Phase;
use crate::systems::rhv::files;
use crate::world::{MachineId, World};

/// The list of names as RHEL installs it.
const HOSTS: &str = "127.0.0.1   localhost localhost.localdomain localhost4 localhost4.localdomain4
::1         localhost localhost.localdomain localhost6 localhost6.localdomain6
";
/// What the scan for the profile has found.
const REPORT: &str = "/root/openscap_report.html";

impl Deploy<'_> {
    /// Does what a task does to the guest, if it is one of those.
    pub(super) fn guest_task(&mut self, name: &str) -> Option<Came> {
        let (openscap, fips) = (self.wanted.openscap, self.wanted.fips);
        let when = |wanted: bool, result: &'static str| Some(Came::As(if wanted { result } else { "skipping" }));
        let guest = self.guest?;
        let about_both = ["FIPS", "OpenSCAP", "appliance distribution"].iter().any(|word| name.contains(word));
        if about_both && (openscap || fips) {
            self.talk.p.inferred();
        }
        match name {
            "Add an entry for this host on /etc/hosts on the local VM" => {
                let own = self.world(|world, id| world.machine(id).address.clone());
                let line = format!("{own} {}\n", self.wanted.host_name);
                self.names_of_guest(|_| format!("{HOSTS}{line}"))
            }
            "Force the local VM FQDN to temporary resolve on the natted network address" => {
                let address = self.world(|world, _| world.machine(guest).address.clone());
                let line = format!("{address} {} # hosted-engine-setup-{}\n", self.wanted.fqdn, self.folder());
                self.names_of_guest(|text| format!("{text}{line}"))
            }
            "Clean /etc/hosts for the Hosted Engine VM for Engine VM FQDN" => {
                let fqdn = self.wanted.fqdn.clone();
                self.names_of_guest(|text| without(text, &fqdn))
            }
            "Add an entry on /etc/hosts for the Hosted Engine VM for the VM itself" if self.wanted.etc_hosts => {
                let leased = self.world(|world, _| world.surroundings.lease(&self.wanted.mac).map(str::to_owned));
                let address = self.wanted.address.map(|(address, _)| address.to_string()).or(leased)?;
                let line = format!("{address} {}\n", self.wanted.fqdn);
                self.names_of_guest(|text| format!("{text}{line}"))
            }
            "Add an entry on /etc/hosts for the Hosted Engine VM for the VM itself" => when(false, ""),
            "Clean /etc/hosts for the Hosted Engine VM for host address" if !self.wanted.etc_hosts => {
                let host = self.wanted.host_name.clone();
                self.names_of_guest(|text| without(text, &host))?;
                when(true, "changed")
            }
            "Get appliance distribution" | "Set appliance distribution variables" => when(openscap || fips, "ok"),
            "Initialize OpenSCAP variables" | "Set OpenSCAP datastream path" | "Verify OpenSCAP datastream" => {
                when(openscap, "ok")
            }
            "Set default OpenSCAP profile" | "Reset PermitRootLogin for sshd" => when(openscap, "changed"),
            "Apply OpenSCAP profile" => {
                if openscap {
                    let page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>OpenSCAP Evaluation Report</title></head></html>\n";
                    // The disk of an appliance has room for it.
                    let _ = self.world(|world, _| files::renew(world, guest, REPORT, Content::text(page), 0o644));
                }
                when(openscap, "changed")
            }
            "Enable FIPS on the engine VM" => {
                if fips {
                    self.world(|world, _| enable_fips(world, guest));
                }
                when(fips, "changed")
            }
            "Reboot the engine VM to ensure that FIPS is enabled" if fips => Some(self.reboot(guest)),
            "Reboot the engine VM to ensure that FIPS is enabled" => when(false, ""),
            "Check if FIPS mode is enabled" => when(fips, "changed"),
            _ => None,
        }
    }

    /// Changes the guest's list of names.
    fn names_of_guest(&self, change: impl FnOnce(&str) -> String) -> Option<Came> {
        let guest = self.guest?;
        self.world(|world, _| {
            let text = change(&world.linux(guest).text("/etc/hosts").unwrap_or_default());
            // The disk of an appliance has room for it.
            let _ = files::renew(world, guest, "/etc/hosts", Content::text(text), 0o644);
        });
        Some(Came::AsUsual)
    }

    /// Boots the guest, once, and waits for it.
    fn reboot(&self, guest: MachineId) -> Came {
        let (phase, done) = self.world(|world, _| (world.linux(guest).phase, world.linux(guest).has_fips()));
        match (phase, done) {
            (Phase::Up, true) => return Came::As("changed"),
            (Phase::Up, false) => self.world(|world, _| {
                linux::events::shut_down(world, guest, true);
                let now = world.now;
                let fs = &mut world.linux_mut(guest).fs;
                let shown = fs.lookup(&Cred::ROOT, "/", "/proc/sys").and_then(|top| {
                    let dir = fs.show(top, "crypto", Kind::EMPTY_DIR, 0o555, (0, 0), now)?;
                    fs.show(dir, "fips_enabled", Kind::File(Content::text("1\n")), 0o444, (0, 0), now)
                });
                // A list of the kernel takes no room.
                debug_assert!(shown.is_ok(), "{shown:?}");
            }),
            _ => {}
        }
        Came::Later
    }
}

/// A list of names without those of a machine.
fn without(text: &str, name: &str) -> String {
    let kept = text.lines().filter(|line| !line.split_whitespace().skip(1).any(|word| word == name));
    kept.map(|line| format!("{line}\n")).collect()
}

/// What `fips-mode-setup --enable` writes.
fn enable_fips(world: &mut World, guest: MachineId) {
    for (path, text) in
        [("/etc/system-fips", "# FIPS module installation complete\n"), ("/etc/crypto-policies/config", "FIPS\n")]
    {
        // The disk of an appliance has room for it.
        let _ = files::renew(world, guest, path, Content::text(text), 0o644);
    }
}
