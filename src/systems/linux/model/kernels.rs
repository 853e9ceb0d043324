//! The kernel of a package: which it is, its files, and which a boot loads. What `uname` makes of the version and the release of
//! a package is common knowledge of the distributions.

use std::borrow::Cow;

use super::Linux;
use crate::payload::Sha256;
use crate::sim::Instant;
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::distro::{Distro, Kernel, Vendor};
use crate::systems::linux::image;

/// The kernel whose package has this version and release: what `uname -r` makes of them. One that is not in the table was
/// built on the day that is told.
#[must_use]
pub fn of_package(distro: &Distro, evr: &str, built: Instant) -> Cow<'static, Kernel> {
    let release = match distro.vendor {
        // The last number is that of the package alone.
        Vendor::Suse => format!("{}-default", evr.rsplit_once('.').map_or(evr, |(kernel, _)| kernel)),
        // The first kernels of Photon 1 do not tell their release.
        _ if evr.starts_with("4.4.8-") => "4.4.8".to_owned(),
        _ => evr.to_owned(),
    };
    named(distro, release, built)
}

/// The kernel of this release, made where the table has none.
fn named(distro: &Distro, release: String, built: Instant) -> Cow<'static, Kernel> {
    if let Some(known) = distro.kernels.iter().find(|kernel| kernel.release == release) {
        return Cow::Borrowed(known);
    }
    let day = clock::format("%a %b %e %H:%M:%S UTC %Y", built.utc().unix_timestamp(), 0, &Zone::utc());
    let build = match distro.vendor {
        Vendor::Suse => format!("#1 SMP {day} ({})", &Sha256::of(release.as_bytes()).to_string()[..7]),
        _ => format!("#1-photon SMP {day}"),
    };
    let (by, compiler) = distro.kernels.last().map_or(("", ""), |like| (like.by, like.compiler));
    Cow::Owned(Kernel { release: release.into(), build: build.into(), by, compiler })
}

impl Linux {
    /// The kernel that it runs.
    #[must_use]
    pub fn kernel(&self) -> Cow<'static, Kernel> {
        match self.kernel_built {
            Some(built) => named(&self.distro, self.kernel.to_string(), built),
            None => {
                let known = self.distro.kernels.iter().find(|kernel| kernel.release == self.kernel);
                Cow::Borrowed(known.unwrap_or_else(|| self.distro.kernel_of(self.booted)))
            }
        }
    }

    /// The package of its kernel is that of this version and release, built on this day: its files are there from now on.
    pub fn install_kernel(&mut self, evr: &str, built: Instant, now: Instant) {
        let kernel = of_package(&self.distro, evr, built);
        let machine = self.machine_id();
        image::boot::replace(&mut self.fs, &self.distro, &kernel.release, &machine, now);
    }

    /// It is going to run the kernel of this package.
    pub fn load_kernel(&mut self, evr: &str, built: Instant) {
        let release = &of_package(&self.distro, evr, built).release;
        if *release != self.kernel {
            (self.kernel, self.kernel_built) = (release.clone(), Some(built));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro::find;

    #[test]
    fn a_kernel_is_called_after_its_package() {
        let at = Instant::parse("2021-05-04T10:20:30Z").expect("a moment");
        let check = |id: &str, evr: &str, release: &str, build: &str| {
            let kernel = of_package(find(id).expect("a distribution"), evr, at);
            assert_eq!((&*kernel.release, &*kernel.build), (release, build), "{id} {evr}");
        };
        check("photon-1", "4.4.8-20.ph1", "4.4.8", "#1-photon SMP Fri Oct 21 20:13:51 UTC 2016");
        check("vcsa-6.7", "4.4.110-9.ph1", "4.4.110-9.ph1", "#1-photon SMP Tue May  4 10:20:30 UTC 2021");
        check("photon-3", "4.19.97-9.ph3", "4.19.97-9.ph3", "#1-photon SMP Tue May  4 10:20:30 UTC 2021");
        check(
            "sles-11.3",
            "3.0.101-0.47.55.1",
            "3.0.101-0.47.55-default",
            "#1 SMP Tue May  4 10:20:30 UTC 2021 (f99e31e)",
        );
    }
}
