//! Unit files: where they lie, what they come to with their links, which of them the boot wants.

use super::super::Linux;
use super::super::unit::Spec;
use super::UNIT_DIRS;
use crate::sim::Instant;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Cred, Errno, Kind as FileKind};

impl Linux {
    /// The folders of unit files on this machine.
    #[must_use]
    pub fn unit_dirs(&self) -> &'static [&'static str] {
        match (self.distro.systemd, self.distro.vendor) {
            (Some(_), _) => &UNIT_DIRS,
            (None, Vendor::Suse) => &["/etc/init.d"],
            (None, _) => &[],
        }
    }

    /// The names of the units that have a file.
    #[must_use]
    pub fn unit_files(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for dir in self.unit_dirs() {
            let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", dir) else { continue };
            for (name, ino) in self.fs.node(ino).entries().into_iter().flatten() {
                if self.distro.systemd.is_none() {
                    if matches!(self.fs.node(*ino).kind, FileKind::File(_)) {
                        names.push(format!("{name}.service"));
                    }
                } else if name.contains('.') && ![".wants", ".requires", ".d"].iter().any(|end| name.ends_with(end)) {
                    names.push(name.to_string());
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// The names of the services that have a file, without their kind.
    #[must_use]
    pub fn service_names(&self) -> Vec<&str> {
        let dirs = self.unit_dirs().iter().filter_map(|dir| self.fs.lookup(&Cred::ROOT, "/", dir).ok());
        let entries = dirs.flat_map(|ino| self.fs.node(ino).entries().into_iter().flatten());
        let suse = self.distro.systemd.is_none();
        let names = entries.filter_map(|(name, ino)| match suse {
            true => matches!(self.fs.node(*ino).kind, FileKind::File(_)).then_some(name.as_ref()),
            false => name.strip_suffix(".service"),
        });
        names.collect()
    }

    /// The units that an enabled unit is started with: the links in a target's folder.
    fn linked(&self, name: &str, folder: &str) -> Vec<String> {
        if self.distro.systemd.is_none() {
            return Vec::new();
        }
        let dirs =
            UNIT_DIRS.iter().filter_map(|dir| self.fs.lookup(&Cred::ROOT, "/", &format!("{dir}/{name}.{folder}")).ok());
        dirs.flat_map(|ino| self.fs.node(ino).entries().into_iter().flatten().map(|(name, _)| name.to_string()))
            .collect()
    }

    /// The unit with the links of its folder.
    #[must_use]
    pub fn unit_with_links(&self, name: &str) -> Option<Spec> {
        if self.is_masked(name) {
            return None;
        }
        let mut spec = self.unit(name)?;
        if name.ends_with(".target") {
            for (folder, list) in [("wants", &mut spec.wants), ("requires", &mut spec.requires)] {
                let linked = self.linked(name, folder);
                spec.after.extend(linked.iter().cloned());
                list.extend(linked);
            }
        }
        Some(spec)
    }

    /// Whether a unit is masked: its name leads to `/dev/null`.
    #[must_use]
    pub fn is_masked(&self, name: &str) -> bool {
        let target = self.fs.canonical(&Cred::ROOT, "/", &format!("/etc/systemd/system/{name}"));
        self.distro.systemd.is_some() && target.is_ok_and(|path| path == "/dev/null")
    }

    /// The target that a boot goes for.
    #[must_use]
    pub fn default_target(&self) -> String {
        let path = self.fs.canonical(&Cred::ROOT, "/", "/etc/systemd/system/default.target");
        let name = path.ok().and_then(|path| path.rsplit('/').next().map(str::to_owned));
        name.filter(|name| name.ends_with(".target")).unwrap_or_else(|| "multi-user.target".to_owned())
    }

    /// How a unit is to be started at boot.
    #[must_use]
    pub fn is_enabled(&self, name: &str) -> Enabled {
        if self.distro.systemd.is_none() {
            let file = name.trim_end_matches(".service");
            let dir = self.fs.lookup(&Cred::ROOT, "/", "/etc/init.d/rc3.d").ok();
            let mut links = dir.and_then(|ino| self.fs.node(ino).entries()).into_iter().flatten();
            let on = links.any(|(link, _)| link.starts_with('S') && link.get(3..) == Some(file));
            return if on { Enabled::Enabled } else { Enabled::Disabled };
        }
        if self.is_masked(name) {
            return Enabled::Masked;
        }
        let Some(spec) = self.unit_file(name) else { return Enabled::Disabled };
        let (wanted, required) = (&spec.wanted_by, &spec.required_by);
        if wanted.is_empty() && required.is_empty() {
            let link = format!("/etc/systemd/system/{name}");
            let linked = self
                .fs
                .lookup_link(&Cred::ROOT, "/", &link)
                .is_ok_and(|ino| matches!(self.fs.node(ino).kind, FileKind::Link(_)));
            return if linked { Enabled::Linked } else { Enabled::Static };
        }
        let linked = |target: &String, folder: &str| {
            let path = format!("/etc/systemd/system/{target}.{folder}/{name}");
            self.fs.lookup_link(&Cred::ROOT, "/", &path).is_ok()
        };
        let on = wanted.iter().any(|target| linked(target, "wants"))
            || required.iter().any(|target| linked(target, "requires"));
        if on { Enabled::Enabled } else { Enabled::Disabled }
    }

    /// Enables a unit, or disables it: makes or removes the links of those that want it. Gives the links with where they
    /// lead.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_enabled(&mut self, name: &str, on: bool, now: Instant) -> Result<Vec<(String, String)>, Errno> {
        let Some(spec) = self.unit_file(name) else { return Ok(Vec::new()) };
        let mut links = Vec::new();
        if self.distro.systemd.is_none() {
            let short = name.trim_end_matches(".service");
            for level in ["rc3.d", "rc5.d"] {
                links.push((format!("/etc/init.d/{level}/S10{short}"), format!("../{short}")));
            }
        }
        for (targets, folder) in [(&spec.wanted_by, "wants"), (&spec.required_by, "requires")] {
            for target in targets {
                links.push((format!("/etc/systemd/system/{target}.{folder}/{name}"), spec.path.clone()));
            }
        }
        let mut changed = Vec::new();
        for (link, target) in links {
            let there = self.fs.lookup_link(&Cred::ROOT, "/", &link).is_ok();
            if there == on {
                continue;
            }
            if on {
                let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
                match self.fs.mkdir(&Cred::ROOT, "/", folder, 0o755, now) {
                    Ok(_) | Err(Errno::Exist) => {}
                    Err(errno) => return Err(errno),
                }
                self.fs.symlink(&Cred::ROOT, "/", &target, &link, now)?;
            } else {
                self.fs.unlink(&Cred::ROOT, "/", &link, now)?;
            }
            changed.push((link, target));
        }
        Ok(changed)
    }
}

/// How a unit is to be started at boot, as `systemctl is-enabled` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enabled {
    /// A target wants it.
    Enabled,
    /// Nothing wants it.
    Disabled,
    /// It has nothing that could want it.
    Static,
    /// It must not be started.
    Masked,
    /// Its file lies elsewhere.
    Linked,
}

impl Enabled {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Static => "static",
            Self::Masked => "masked",
            Self::Linked => "linked",
        }
    }
}
