//! The releases of the appliance, as data: what is installed in each. How they behave stands in `series.rs`. An update level is the release below it with a payload applied, so only the first one has a list of its own.

use serde::{Deserialize, Serialize};

use super::staging::Packages;
use crate::payload::parse_rows;

/// The package whose version and release are the appliance's version and build (its name is inferred).
pub const RELEASE_PACKAGE: &str = "VMware-appliance-release";
/// The package whose release is vCenter Server's own build.
pub const VCENTER_PACKAGE: &str = "VMware-vpxd";

/// What 6.0 GA has installed.
const PACKAGES_6_0_0: &str = include_str!("releases/6.0.0.tsv");

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

/// The installed packages and the product of `release`.
///
/// # Errors
/// Which releases there are, when this is none of them.
pub fn installed(release: &str) -> Result<(Packages, Product), String> {
    if release != "6.0.0" {
        return Err(format!("the release {release} is not modelled; there is 6.0.0"));
    }
    let rows = parse_rows(PACKAGES_6_0_0).map_err(|e| format!("releases/6.0.0.tsv: {e}"))?;
    let product = Product {
        name: "VMware vCenter Server Appliance".to_owned(),
        summary: "GA".to_owned(),
        release_date: "March 12, 2015".to_owned(),
    };
    Ok((Packages::of(&rows), product))
}

/// A security advisory, and the build of vCenter that is first free of it.
pub struct Advisory {
    /// The vendor's number for it.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
    /// vCenter's first build with the correction.
    pub fixed_in: u64,
}

/// The advisory that was new when the founding run was made. Its number and the first corrected build (6.0.0b) are from
/// memory and count as inferred.
pub const ADVISORY: Advisory =
    Advisory { id: "VMSA-2015-0007", about: "remote code execution through JMX", fixed_in: 2_776_510 };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::model::Installed;

    #[test]
    fn the_base_release_knows_its_version_and_builds() {
        let (packages, product) = installed("6.0.0").expect("a built-in release");
        let release = Installed { packages, product }.release();
        assert_eq!((release.version.as_str(), release.build.as_str()), ("6.0.0", "2559267"));
        assert_eq!(release.vcenter_build, "2559267");
    }
}
