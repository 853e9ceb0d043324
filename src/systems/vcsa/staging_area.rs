//! The staging area as one sees it on the disks: a file for each package that was copied there. Whoever removes them by hand
//! has nothing staged any more.
//!
//! Truth: reference `software-packages.md` section 6 for where things lie: what comes off a disc under `/storage/core`, what 7.0
//! and later download under `/storage/updatemgr`, in a folder with a name that is drawn. That packages keep the names that
//! they have in the payload is inferred.

use super::model::Vcsa;
use super::staging::{STAGING_AREA, StagedFrom};
use crate::payload::Package;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred, Errno, Kind};
use crate::systems::linux::lab_entry::place;

/// The folder of downloads whose name is drawn, without what is drawn.
const DRAWN: &str = "/storage/updatemgr/software-update";

/// The name of a package's file.
fn file_of(package: &Package) -> &str {
    package.body.path.rsplit('/').next().unwrap_or(&package.name)
}

impl Vcsa {
    /// The folder in which what is staged lies.
    #[must_use]
    pub fn stage_dir(&self) -> String {
        let downloaded = self.staged.as_ref().filter(|staged| staged.from == StagedFrom::Url);
        match (downloaded, self.series().flow.downloads) {
            (Some(staged), area) if area == DRAWN => {
                format!("{area}{}/stage", &staged.patch.manifest.to_string()[..8])
            }
            (Some(_), area) => format!("{area}/stage"),
            (None, _) => format!("{STAGING_AREA}/stage"),
        }
    }

    /// The files of the packages that were copied, and how long each is.
    fn staged_files(&self) -> Vec<(String, u64)> {
        let staged = self.staged.iter().filter(|staged| staged.copied);
        staged
            .flat_map(|staged| &staged.packages)
            .map(|package| (file_of(package).to_owned(), package.size()))
            .collect()
    }

    /// Lets the files of what is staged be there, and no others. What a stage that broke off has left takes its room, too.
    pub fn lay_out(&mut self, now: Instant) {
        self.weigh();
        let (dir, wanted) = (self.stage_dir(), self.staged_files());
        let fs = &mut self.linux.fs;
        for (folder, names) in folders(fs) {
            let here = folder == dir;
            for name in names.iter().filter(|name| !here || wanted.iter().all(|(file, _)| file != *name)) {
                let _gone: Result<(), Errno> = fs.unlink(&Cred::ROOT, "/", &format!("{folder}/{name}"), now);
            }
            if let Some(drawn) = folder.strip_suffix("/stage").filter(|drawn| !here && drawn.starts_with(DRAWN)) {
                let gone = fs.rmdir(&Cred::ROOT, "/", &folder, now);
                // A folder in which somebody has put something else stays.
                gone.and_then(|()| fs.rmdir(&Cred::ROOT, "/", drawn, now)).unwrap_or_default();
            }
        }
        for (name, bytes) in wanted {
            let path = format!("{dir}/{name}");
            if fs.lookup(&Cred::ROOT, "/", &path).is_err() {
                // There was room for it, unless somebody made the disk read-only since.
                let _put = place(fs, &path, Kind::File(Content::Hole(bytes)), ((0, 0), 0o644), now);
            }
        }
    }

    /// Lets what a stage that broke off has left take its room in the staging area.
    pub fn weigh(&mut self) {
        let partial = self.partial.as_ref().map_or(0, |partial| partial.bytes);
        let fs = &mut self.linux.fs;
        let disks: Vec<(usize, bool)> =
            fs.mounts().map(|(index, mount)| (index, mount.dir == "/storage/core")).collect();
        for (index, here) in disks {
            fs.set_mount(index, |mount| mount.used_by_model = if here { partial } else { 0 });
        }
    }

    /// Whether a file of what is staged was removed by hand. A lab that was saved earlier has none of them.
    #[must_use]
    pub fn lacks_staged_files(&self) -> bool {
        let fs = &self.linux.fs;
        let by_weight: u64 = fs.mounts().map(|(_, mount)| mount.used_by_model).sum();
        let partial = self.partial.as_ref().map_or(0, |partial| partial.bytes);
        let dir = self.stage_dir();
        let gone = |name: &str| fs.lookup(&Cred::ROOT, "/", &format!("{dir}/{name}")).is_err();
        by_weight == partial && self.staged_files().iter().any(|(name, _)| gone(name))
    }
}

/// The folders that hold packages, each with the names of those.
fn folders(fs: &crate::systems::linux::fs::Fs) -> Vec<(String, Vec<String>)> {
    let entries = |dir: &str| -> Vec<String> {
        let listed = fs.lookup(&Cred::ROOT, "/", dir).ok().and_then(|ino| fs.node(ino).entries());
        listed.into_iter().flatten().map(|(name, _)| name.to_string()).collect()
    };
    let above = DRAWN.rsplit_once('/').map_or("", |(above, _)| above);
    let drawn = entries(above).into_iter().map(|name| format!("{above}/{name}")).filter(|path| path.starts_with(DRAWN));
    let all = std::iter::once(STAGING_AREA.to_owned()).chain(drawn).map(|area| format!("{area}/stage"));
    let packages = |dir: &str| entries(dir).into_iter().filter(|name| name.ends_with(".rpm")).collect();
    all.map(|dir| (dir.clone(), packages(&dir))).collect()
}
