//! What systemd knows of a unit: its file with its drop-ins (systemd.unit(5), "Unit File Load Path") as they were when it read them.
//! A change on disk counts after `daemon-reload`; a unit that nothing holds in memory is read anew whenever it is named.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::Linux;
use super::super::unit::exec::Exec;
use super::super::unit::{Active, Kind, Spec};
use super::UNIT_DIRS;
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::units as base;
use crate::systems::linux::fs::{Content, Cred, Ino};

/// A unit as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Loaded {
    /// What it said; nothing when there was no file.
    spec: Option<Arc<Spec>>,
    /// When.
    at: Instant,
}

impl Linux {
    /// What is known of a unit; nothing when it has no file. What is in memory counts before what is on disk.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<Spec> {
        let (file, loaded) = (self.unit_file(name), self.units.loaded.get(name));
        if loaded.is_none() && file.as_ref().is_some_and(is_as_shipped) || !self.is_held(name) {
            return file;
        }
        match loaded {
            Some(loaded) => loaded.spec.as_deref().cloned(),
            None => self.unit_as_shipped(name).or(file),
        }
    }

    /// What the file of a unit and its drop-ins say just now. `a@b.service` is read from `a@.service`, too.
    #[must_use]
    pub fn unit_file(&self, name: &str) -> Option<Spec> {
        let file = if self.distro.systemd.is_some() { name } else { name.strip_suffix(".service")? };
        let files = [Some(file.to_owned()), template(name)];
        files.iter().flatten().find_map(|file| {
            let mut paths = self.unit_dirs().iter().map(|dir| format!("{dir}/{file}"));
            paths.find_map(|path| self.unit_at(name, &path))
        })
    }

    /// Whether the file of a unit that is in memory has changed since it was read, or its drop-ins have.
    #[must_use]
    pub fn needs_reload(&self, name: &str) -> bool {
        if self.distro.systemd.is_none() || !self.is_held(name) {
            return false;
        }
        let file = self.unit_file(name);
        // One whose file is gone is as it was read while there is none.
        if file.is_none() && self.unit(name).is_some_and(|spec| spec.is_gone()) {
            return false;
        }
        let Some(loaded) = self.units.loaded.get(name) else {
            return !file.as_ref().is_some_and(is_as_shipped) && self.unit_as_shipped(name).is_some();
        };
        let newer = |path: &String| {
            let ino = self.fs.lookup(&Cred::ROOT, "/", path);
            ino.is_ok_and(|ino| self.fs.node(ino).mtime > loaded.at)
        };
        let sources = file.iter().flat_map(|spec| std::iter::once(&spec.path).chain(&spec.drop_ins));
        loaded.spec.as_deref() != file.as_ref() || sources.into_iter().any(newer)
    }

    /// `daemon-reload`: the files of the units that are in memory are read again.
    pub fn reload_units(&mut self, now: Instant) {
        let mut names: BTreeSet<String> = self.unit_files().into_iter().collect();
        names.extend(self.units.iter().map(|(name, _)| name.to_owned()));
        let read = names.into_iter().filter_map(|name| {
            let file = self.unit_file(&name);
            let kept = !file.as_ref().is_some_and(is_as_shipped) && self.is_held(&name);
            let spec = file.unwrap_or_else(|| self.without_file(&name));
            kept.then(|| (name, Loaded { spec: Some(Arc::new(spec)), at: now }))
        });
        let loaded: BTreeMap<String, Loaded> = read.collect();
        self.units.loaded = Arc::new(loaded);
    }

    /// What is left of a unit that is in memory when its file is gone.
    fn without_file(&self, name: &str) -> Spec {
        let kind = self.unit(name).map_or(Kind::Simple, |spec| spec.kind);
        Spec { description: name.to_owned(), kind, ..Spec::parse(name, "", "", &[]) }
    }

    /// A unit is named that is to be started: its file is read, unless it is in memory.
    pub(super) fn load_unit(&mut self, name: &str, now: Instant) {
        if self.distro.systemd.is_none() || self.units.loaded.contains_key(name) && self.is_held(name) {
            return;
        }
        let loaded = self.unit(name).filter(|spec| !is_as_shipped(spec));
        if let Some(spec) = loaded {
            let loaded = Loaded { spec: Some(Arc::new(spec)), at: now };
            Arc::make_mut(&mut self.units.loaded).insert(name.to_owned(), loaded);
        } else if self.units.loaded.contains_key(name) {
            Arc::make_mut(&mut self.units.loaded).remove(name);
        }
    }

    /// Whether a unit stays in memory: it is something else than down, or one that is up wants it.
    fn is_held(&self, name: &str) -> bool {
        let moves = self.units.state(name).is_some_and(|state| state.active != Active::Inactive);
        let kept = self.units.kept.as_deref() == Some(name);
        moves || kept || self.units.is_busy(name) || self.is_linked(name)
    }

    /// A unit stays in memory between its stop and its start.
    pub fn keep_unit(&mut self, name: Option<&str>) {
        self.units.kept = name.map(str::to_owned);
    }

    /// The units that are not as the distribution has them.
    #[must_use]
    pub fn written_units(&self) -> Vec<Spec> {
        let specs = self.unit_files().into_iter().filter_map(|name| self.unit(&name));
        specs.filter(|spec| self.distro.systemd.is_some() && !is_as_shipped(spec)).collect()
    }

    /// These units are not started, whatever pulls them in.
    pub fn leave_out(&mut self, names: BTreeSet<String>) {
        if *self.units.left_out != names {
            self.units.left_out = Arc::new(names);
        }
    }

    /// Whether a link in the folder of some unit leads to this one.
    fn is_linked(&self, name: &str) -> bool {
        let dirs = UNIT_DIRS.iter().filter_map(|dir| self.fs.lookup(&Cred::ROOT, "/", dir).ok());
        let mut folders = dirs.flat_map(|ino| self.fs.node(ino).entries().into_iter().flatten());
        folders.any(|(folder, ino)| {
            (folder.ends_with(".wants") || folder.ends_with(".requires"))
                && self.fs.node(*ino).entries().into_iter().flatten().any(|(link, _)| link.as_ref() == name)
        })
    }

    fn unit_at(&self, name: &str, path: &str) -> Option<Spec> {
        let ino = self.fs.lookup(&Cred::ROOT, "/", path).ok()?;
        let real = self.fs.canonical(&Cred::ROOT, "/", path).unwrap_or_else(|_| path.to_owned());
        match self.fs.content(ino)? {
            Content::Made(from) if from.starts_with("linux/unit/") => {
                let row = base::find(&self.distro, &from["linux/unit/".len()..])?;
                Some(self.shipped(name, &real, row, &self.drop_ins(name)))
            }
            Content::Bytes(bytes) => {
                let (text, drop_ins) = (String::from_utf8_lossy(bytes), self.drop_ins(name));
                let spec = Spec::parse(name, &real, &text, &drop_ins);
                let runs = spec.is_service() && self.distro.systemd.is_some();
                let exec = runs.then(|| Box::new(Exec::read(texts(&text, &drop_ins))));
                Some(Spec { exec, ..spec })
            }
            _ => None,
        }
    }

    /// A unit as the distribution has it, whatever is on disk.
    fn unit_as_shipped(&self, name: &str) -> Option<Spec> {
        let row = base::find(&self.distro, name).or_else(|| base::find(&self.distro, &template(name)?))?;
        Some(self.shipped(name, &format!("{}/{}", UNIT_DIRS[2], row.name), row, &[]))
    }

    fn shipped(&self, name: &str, path: &str, row: &base::Unit, drop_ins: &[(String, String)]) -> Spec {
        let text = row.text(&self.distro);
        let mut spec = Spec::parse(name, path, &text, drop_ins);
        let python = if self.distro.major == 7 { "/usr/bin/python2" } else { "/usr/libexec/platform-python" };
        let own = drop_ins.is_empty() || Spec::parse(name, path, &text, &[]).exec_start == spec.exec_start;
        (spec.start, spec.says, spec.shipped) = (Span::millis(row.start_ms), row.says_on(&self.distro), own);
        if !drop_ins.is_empty() && spec.is_service() {
            spec.exec = Some(Box::new(Exec::read(texts(&text, drop_ins))));
        }
        spec.shown = (own && !row.shown.is_empty()).then(|| row.shown.replace("{python}", python));
        spec
    }

    /// The drop-ins of a unit with their texts, in the order of their names. Of two with one name the first folder's counts.
    fn drop_ins(&self, name: &str) -> Vec<(String, String)> {
        if self.distro.systemd.is_none() {
            return Vec::new();
        }
        let mut found: BTreeMap<String, (String, Ino)> = BTreeMap::new();
        for dir in UNIT_DIRS {
            for folder in [Some(name.to_owned()), template(name)].iter().flatten() {
                let folder = format!("{dir}/{folder}.d");
                let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", &folder) else { continue };
                let files = self.fs.node(ino).entries().into_iter().flatten();
                for (file, _) in files.filter(|(file, _)| file.ends_with(".conf")) {
                    let path = format!("{folder}/{file}");
                    if let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", &path) {
                        found.entry(file.to_string()).or_insert((path, ino));
                    }
                }
            }
        }
        let text = |ino| match self.fs.content(ino) {
            Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        found.into_values().map(|(path, ino)| (path, text(ino))).collect()
    }
}

/// The text of a unit file, and those of its drop-ins.
fn texts<'a>(text: &'a str, drop_ins: &'a [(String, String)]) -> impl Iterator<Item = &'a str> {
    std::iter::once(text).chain(drop_ins.iter().map(|(_, text)| text.as_str()))
}

/// The template of an instance.
fn template(name: &str) -> Option<String> {
    let (template, rest) = name.split_once('@')?;
    let (instance, kind) = rest.rsplit_once('.')?;
    (!instance.is_empty()).then(|| format!("{template}@.{kind}"))
}

/// Whether nobody has changed a unit of the distribution.
fn is_as_shipped(spec: &Spec) -> bool {
    spec.shipped && spec.drop_ins.is_empty()
}
