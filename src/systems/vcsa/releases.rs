//! The releases of the appliance as the model starts from them. What each has installed follows from the catalogue of
//! payloads (`payload::catalog`); how each behaves stands in `series.rs`.

use serde::{Deserialize, Serialize};

use super::staging::Packages;
use crate::payload::catalog;

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
    use crate::systems::vcsa::model::Installed;

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
