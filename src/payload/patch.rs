//! What an update's metadata says: the patch, its packages, and the digests of their bytes.
//! Truth: the fields that `software-packages list --staged` shows in 6.0, 6.5 and 6.7 (reference, section 4) and the
//! layouts of section 6. Left out on purpose: package dependencies, which no listing shows.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use time::Date;
use time::macros::format_description;

/// A SHA-256 digest; as text it is 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Sha256 {
        use sha2::Digest;
        Sha256(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> String {
        digest.to_string()
    }
}

impl FromStr for Sha256 {
    type Err = String;

    fn from_str(text: &str) -> Result<Sha256, String> {
        let wrong = || format!("not a SHA-256 digest: {}", super::source::printable(text));
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Sha256(bytes))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Sha256, String> {
        text.parse()
    }
}

/// Bytes on the disc whose digest the metadata names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Path in the source.
    pub path: String,
    /// Bytes, as the metadata tells or, where it is silent, as the disc has it.
    pub size: u64,
    /// As the metadata tells.
    pub sha256: Sha256,
}

/// One package of a patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Such as `VMware-vpxd`.
    pub name: String,
    /// `version-release`, or `epoch:version-release`.
    pub evr: String,
    /// Such as `x86_64`.
    pub arch: String,
    /// Whether somebody else's software, which `--thirdParty` takes alone.
    pub third_party: bool,
    /// Its bytes.
    pub body: Body,
    /// How long the real package is, in bytes, where the body on the disc is a smaller stand-in. Only discs that appsh
    /// makes say so; on any other the body is the package.
    #[serde(default)]
    pub real_size: Option<u64>,
}

impl Package {
    /// The bytes by which copying, unpacking and staging it are priced: those of the real package.
    pub fn size(&self) -> u64 {
        self.real_size.unwrap_or(self.body.size)
    }
}

/// An update, as its metadata describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Such as `VC-6.0.0U1-Appliance-FP`.
    pub name: String,
    /// Such as `6.0.0.10000`.
    pub version: String,
    /// The build number; text, because it is only ever shown and compared.
    pub build: String,
    /// Such as `VMware vCenter Server Appliance`.
    pub product: String,
    /// Such as `bugfix`; 6.0 writes it in lower case, later releases do not.
    pub category: String,
    /// An address with the release notes.
    pub kb: String,
    /// Such as `VMware, Inc.`
    pub vendor: String,
    /// Shown as a Python list; 6.0 and 6.5 patches have one empty tag.
    pub tags: Vec<String>,
    /// One line on what this is.
    pub summary: String,
    /// Such as `critical`.
    pub severity: String,
    /// Free text of the patch, such as `September 10, 2015`.
    pub release_date: String,
    /// Whether the appliance must reboot after the install.
    pub reboot_required: bool,
    /// The versions that may be updated; any, where empty.
    pub version_supported: Vec<String>,
    /// Whether this patch has third-party packages only (`TPP_ISO`).
    pub third_party: bool,
    /// Whether the appliance's version changes (6.7's `updateversion`).
    pub update_version: bool,
    /// Services the patch touches (6.7's `leaf_services`).
    pub leaf_services: Vec<String>,
    /// The licence text, as it is to be shown; empty where the disc brings none.
    pub eula: String,
    /// The digest of `manifest-latest.xml`: by it a disc is known again.
    pub manifest: Sha256,
    /// Whether the disc has signature files. They are never checked: say so.
    pub signed: bool,
    /// The packages, in the order of the metadata.
    pub packages: Vec<Package>,
    /// What else the metadata names with a digest: scripts, container layers.
    pub files: Vec<Body>,
}

impl Patch {
    /// The day that a release date names; nothing for one of another form.
    #[must_use]
    pub fn published(date: &str) -> Option<Date> {
        Date::parse(date, format_description!("[month repr:long] [day padding:none], [year]")).ok()
    }

    /// What it says about itself, without its packages and other files and the licence.
    #[must_use]
    pub fn without_contents(&self) -> Self {
        Self { eula: String::new(), packages: Vec::new(), files: Vec::new(), ..self.clone() }
    }

    /// Bytes of all packages together: what staging them takes.
    pub fn size(&self) -> u64 {
        staged_size(&self.packages)
    }

    /// Everything on the disc whose digest the metadata names.
    pub fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.packages.iter().map(|package| &package.body).chain(&self.files)
    }
}

/// Bytes that these packages take in the staging area, each at the size of the real one.
pub fn staged_size<'a>(packages: impl IntoIterator<Item = &'a Package>) -> u64 {
    packages.into_iter().fold(0, |sum: u64, package| sum.saturating_add(package.size()))
}

/// Which of two `epoch:version-release` texts is newer, by RPM's rules.
pub fn compare_evr(one: &str, other: &str) -> Ordering {
    rpm_version::Evr::parse(one).cmp(&rpm_version::Evr::parse(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_rpm_does() {
        let newer = |one: &str, other: &str| {
            assert_eq!(compare_evr(one, other), Ordering::Greater, "{one} > {other}");
            assert_eq!(compare_evr(other, one), Ordering::Less, "{other} < {one}");
        };
        newer("6.0.0-3018524", "6.0.0-2559267");
        newer("1.0.10-1", "1.0.9-1");
        newer("0.9.8j-0.74.1", "0.9.8j-0.66.1");
        newer("1:0.1-1", "9.9-1");
        newer("1.0-1.10", "1.0-1.9");
        newer("1.0a-1", "1.0-1");
        newer("1.0-1", "1.0~rc1-1");
        newer("2.0^-0", "2.0-1");
        newer("10-1", "9z-1");
        assert_eq!(compare_evr("0:1.0-1", "1.0-1"), Ordering::Equal);
        assert_eq!(compare_evr("1.01-1", "1.1-1"), Ordering::Equal);
    }

    #[test]
    fn no_version_is_too_odd_to_compare() {
        let odd = ["", "-", ":", "::-", "~", "^-^", "1:2:3-4-5", "é-ü", "99999999999999999999-1", "a:1-1", ".-.", "\0"];
        for (one, other) in odd.iter().flat_map(|one| odd.iter().map(move |other| (one, other))) {
            assert_eq!(compare_evr(one, other), compare_evr(other, one).reverse(), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn a_digest_goes_through_text() {
        let digest = Sha256::of(b"abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.to_string().to_uppercase().parse(), Ok(digest));
        assert!("".parse::<Sha256>().is_err());
        assert!(format!("{:é<63}", "").parse::<Sha256>().is_err());
    }
}
