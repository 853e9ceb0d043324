//! The releases of the appliance as the model starts from them. What each has installed follows from the catalogue of
//! payloads (`payload::catalog`); how each behaves stands in `series.rs`.

use serde::{Deserialize, Serialize};

use super::staging::Packages;
use crate::payload::{Patch, catalog};
use crate::sim::Instant;

/// What the product says about itself beyond version and build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Product name, `VMware vCenter Server Appliance`.
    pub name: String,
    /// One line about the release.
    pub summary: String,
    /// Release date, free text.
    pub release_date: String,
}

/// So many days before a release comes out its kernel is built (inferred).
const KERNEL_DAYS: i64 = 21;

impl Product {
    /// When the kernel that comes with it was built.
    #[must_use]
    pub fn kernel_built(&self) -> Instant {
        let day = Patch::published(&self.release_date).map(|day| day - time::Duration::days(KERNEL_DAYS));
        let moment = day.and_then(|day| Instant::parse(&format!("{day}T16:41:07Z")).ok());
        // A disc that tells no date has a kernel of old.
        moment.unwrap_or_else(|| Instant::parse("2015-01-01T00:00:00Z").expect("a day of the calendar"))
    }
}

/// The node type of a Platform Services Controller on its own, as its banner says it.
pub const CONTROLLER: &str = "VMware Platform Services Controller";

/// The installed packages and the product of `release` on a node of this type.
///
/// # Errors
/// Which releases there are, when this is none of them.
pub fn installed(release: &str, node_type: &str) -> Result<(Packages, Product), String> {
    let (Some(mut packages), Some(found)) = (catalog::installed(release), catalog::release(release)) else {
        let known: Vec<&str> = catalog::releases().iter().map(|release| release.version).collect();
        return Err(format!("the release {release} is not modelled; there are {}", known.join(", ")));
    };
    if node_type == CONTROLLER {
        packages.retain(|package| !catalog::is_vcenter_only(package.name));
    }
    let product = Product {
        name: found.product().to_owned(),
        summary: found.summary.to_owned(),
        release_date: found.date.to_owned(),
    };
    Ok((Packages::of(packages), product))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro;
    use crate::systems::linux::model::kernels::of_package;
    use crate::systems::vcsa::model::Installed;
    use crate::systems::vcsa::series::Series;

    #[test]
    fn packages_and_programs_tell_the_same_versions() {
        for release in catalog::releases() {
            let distro = distro::find(Series::of(release.version).distro).expect("a distribution");
            let (packages, _) = installed(release.version, "").expect("a release of the table");
            let (openssh, openssl) = distro.openssh.split_once(", ").expect("both versions");
            let mut compared = 0;
            for (name, package) in packages.iter().filter(|(_, package)| package.third_party) {
                let systemd = distro.systemd.map(|version| version.to_string());
                let program = match name {
                    "bash" => distro.bash.split('(').next().map(str::to_owned),
                    "coreutils" => Some(distro.coreutils.to_owned()),
                    "openssh" => Some(openssh.trim_start_matches("OpenSSH_").to_owned()),
                    "openssl" => openssl.split(' ').nth(1).map(|version| version.trim_end_matches("-fips").to_owned()),
                    "systemd" => systemd,
                    "Linux-PAM" => distro.version_of("pam").map(str::to_owned),
                    other => distro.version_of(other).map(str::to_owned),
                };
                let own = package.version.split('-').next().unwrap_or_default();
                if let Some(program) = program {
                    let alike = own.starts_with(&program) || program.starts_with(own);
                    assert!(alike, "{}: {name} {own} is {program}", release.version);
                    compared += 1;
                }
            }
            assert!(compared >= 5, "{}: {compared}", release.version);
            let kernel = packages.kernel().expect("a kernel");
            let running = &of_package(distro, kernel, Instant::parse("2020-01-01T00:00:00Z").expect("a day")).release;
            let number = running.trim_end_matches("-default");
            assert!(kernel.starts_with(number), "{}: {running} of {kernel}", release.version);
        }
    }

    #[test]
    fn a_release_knows_its_version_and_builds() {
        let check = |version: &str, build: &str, vcenter: &str| {
            let (packages, product) = installed(version, "").expect("a release of the table");
            let release = Installed { packages, product }.release();
            let builds = (release.version.as_str(), release.build.as_str(), release.vcenter_build.as_str());
            assert_eq!(builds, (version, build, vcenter));
        };
        for release in catalog::releases() {
            check(release.version, release.build, release.vcenter_build);
        }
        check("6.0.0", "2559267", "2559267");
        check("6.0.0.10000", "3018521", "3018524");
    }
}
