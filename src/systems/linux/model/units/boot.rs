//! A boot from the kernel to the last unit, and the end of it all when the power goes.

use super::super::logins::{Record, Why};
use super::super::{Linux, Strain, kernel};
use super::super::{Process, Processes};
use super::{Due, Enabled, Units};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Content, Cred};
use crate::systems::linux::image;

impl Linux {
    /// The kernel has loaded: a new life begins.
    pub fn kernel_boots(&mut self, now: Instant) {
        self.booted = now;
        self.boots += 1;
        (self.swap_is_off, self.sessions, self.strain) = (false, 0, Strain::default());
        self.closing.clear();
        (self.network.down, self.network.by_hand) = Default::default();
        self.network.routes.retain(|route| !route.by_hand);
        if let Some(name) = self.static_hostname() {
            self.rename(&name);
        }
        self.syslog_goes_down();
        self.units = Units::default();
        self.neighbours.clear();
        self.processes = Processes::default();
        if self.distro.vendor == Vendor::Esxi {
            return self.host_boots(now);
        }
        let manager = match (self.distro.vendor, self.distro.systemd) {
            (_, None) => "init [3]",
            (Vendor::Photon, _) => "/lib/systemd/systemd --switched-root --system --deserialize 21",
            (_, Some(219)) => "/usr/lib/systemd/systemd --switched-root --system --deserialize 22",
            _ => "/usr/lib/systemd/systemd --switched-root --system --deserialize 17",
        };
        self.processes.start(Process::daemon(0, 0, manager, None, now));
        for (place, name) in self.kernel().threads(self.hardware.processors).iter().enumerate() {
            let parent = if place == 0 { 0 } else { 2 };
            self.processes.start(Process::daemon(parent, 0, &format!("[{name}]"), None, now));
        }
        self.processes.count_from(420);
        if self.distro.vendor == Vendor::Suse {
            self.processes.start(Process::daemon(1, 0, "/sbin/udevd --daemon", None, now));
        }
        for (ms, text) in kernel::messages(self) {
            self.kernel_says(now + Span::millis(ms), &text);
        }
        let (tty, from) = ("system boot".to_owned(), self.kernel().release.to_string());
        self.logins.add(Record { user: None, tty, from, at: now, pid: 0, until: None, session: 0 });
    }

    /// The host name of the next boot, where a file says one.
    #[must_use]
    pub fn static_hostname(&self) -> Option<String> {
        let file = if self.distro.vendor == Vendor::Suse { "/etc/HOSTNAME" } else { "/etc/hostname" };
        let ino = self.fs.lookup(&Cred::ROOT, "/", file).ok()?;
        let Some(Content::Bytes(bytes)) = self.fs.content(ino) else { return None };
        let text = String::from_utf8_lossy(bytes);
        let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
        Some(name.to_owned())
    }

    /// The kernel hands over: the units of the default target are to be started.
    pub fn units_boot(&mut self, now: Instant) -> Vec<Due> {
        if let Some(version) = self.distro.systemd {
            let host = self.hostname.clone();
            self.manager_says(now, 6, "", format!("systemd {version} running in system mode."));
            self.manager_says(now, 6, "", format!("Set hostname to <{host}>."));
            let target = self.default_target();
            return self.want_unit(&target, now);
        }
        let mut due = Vec::new();
        for name in self.unit_files() {
            if self.is_enabled(&name) == Enabled::Enabled {
                due.extend(self.want_unit(&name, now));
            }
        }
        due
    }

    /// A machine that was booted at `at` and is through with it: how it stands when a lab begins.
    pub fn has_booted(&mut self, at: Instant) {
        self.kernel_boots(at);
        self.units_have_started();
    }

    /// All units start behind the kernel that loaded last, one after another as it would be with events.
    pub fn units_have_started(&mut self) {
        let user_space = self.booted + Span::millis(kernel::LOADING);
        let mut due: Vec<(Instant, String)> = Vec::new();
        let add = |due: &mut Vec<(Instant, String)>, now: Instant, new: Vec<Due>| {
            due.extend(new.into_iter().map(|(name, span)| (now + span, name)));
        };
        let first = self.units_boot(user_space);
        add(&mut due, user_space, first);
        while let Some(next) = due.iter().enumerate().min_by_key(|(_, entry)| (*entry).clone()).map(|(place, _)| place)
        {
            let (now, name) = due.swap_remove(next);
            let new = self.unit_due(&name, now, false);
            add(&mut due, now, new);
        }
        self.boot_is_done();
    }

    /// Processes of people have numbers well behind those of the boot.
    pub fn boot_is_done(&mut self) {
        if self.distro.vendor == Vendor::Suse {
            let at = self.booted + Span::millis(kernel::LOADING);
            for tty in 1..=image::folders::TERMINALS {
                let getty = Process::daemon(1, 0, &image::folders::mingetty(tty), None, at);
                self.processes.start(Process { tty: Some(format!("tty{tty}")), ..getty });
            }
        }
        self.processes.count_from(if self.is_host() { self.first_world() + 2_918 } else { 1_199 });
    }

    /// The machine is off: what was in memory is gone.
    pub fn go_dark(&mut self, now: Instant, why: Why) {
        self.syslog_goes_down();
        self.processes = Processes::default();
        self.units = Units::default();
        self.scheduled = None;
        self.logins.end_all(now, why);
    }
}
