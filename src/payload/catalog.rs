//! The catalogue of releases: what each was, and from that which packages a release has installed and which its update
//! disc brings, so that every release of the table can be started from and updated to.
//!
//! Truth: `payloads/releases.tsv`, whose last column says what of a row is evidence. An update is cumulative: it brings all
//! that changed since the line's first release, at its newest version. Which packages change in a release is inferred but
//! for their number: the first so many of the line's list, in which those that change most often stand first.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::bundled;
use super::rows::{PackageRow, parse_rows};

/// The package whose version and release are the appliance's version and build (its name is inferred).
pub const RELEASE_PACKAGE: &str = "VMware-appliance-release";
/// The package whose release is vCenter Server's own build.
pub const VCENTER_PACKAGE: &str = "VMware-vpxd";

const RELEASES: &str = include_str!("../../payloads/releases.tsv");
const ADVISORIES: &str = include_str!("../../payloads/advisories.tsv");

/// A line of releases: what the first release of it has installed, and what the discs of its updates are like.
struct Line {
    name: &'static str,
    packages: &'static str,
    /// The version that VMware's own packages have in that list, where it is the list of an older line.
    like: &'static str,
    /// Where the files of a disc are.
    layout: &'static str,
    tags: &'static [&'static str],
    severity: &'static str,
    /// The services that nothing else needs, by the package of each: those are told of an update that brings it.
    leaves: &'static [(&'static str, &'static str)],
    /// Layers of containers on the disc.
    containers: usize,
}

const V6_0: Line = Line {
    name: "6.0",
    packages: include_str!("../../payloads/packages-6.0.tsv"),
    like: "",
    layout: "6.x",
    tags: &[""],
    severity: "critical",
    leaves: &[],
    containers: 0,
};
const V6_5: Line =
    Line { name: "6.5", packages: include_str!("../../payloads/packages-6.5.tsv"), severity: "Critical", ..V6_0 };
const V6_7: Line = Line {
    name: "6.7",
    packages: include_str!("../../payloads/packages-6.7.tsv"),
    tags: &[],
    leaves: &[("VMware-pod", "vmware-pod")],
    ..V6_5
};
const V7_0: Line = Line { name: "7.0", packages: include_str!("../../payloads/packages-7.0.tsv"), ..V6_7 };
const V8_0: Line = Line {
    name: "8.0",
    packages: include_str!("../../payloads/packages-8.0.tsv"),
    layout: "8.0",
    leaves: &LEAVES_OF_8_0,
    containers: CONTAINERS,
    ..V7_0
};

/// Those that a whole start of 8.0 U2 starts behind all others.
const LEAVES_OF_8_0: [(&str, &str); 3] =
    [("VMware-pod", "vmware-pod"), ("VMware-observability", "observability"), ("VMware-vdtc", "vmware-vdtc")];

/// What is installed in 9.x nobody has told: what 8.0 has, with versions and builds of their own.
const V9_0: Line = Line { name: "9.0", like: "8.0.0", ..V8_0 };
const V9_1: Line = Line { name: "9.1", ..V9_0 };

/// The lines of releases.
const LINES: [&Line; 7] = [&V6_0, &V6_5, &V6_7, &V7_0, &V8_0, &V9_0, &V9_1];

/// What only a node with vCenter Server has: a Platform Services Controller of its own does without, and stages fewer
/// packages from the same update (captured: 24 of 6.0 U1b). Which they are follows from the services, and is inferred.
const VCENTER_ONLY: [&str; 39] = [
    "VMware-autodeploy-waiter",
    "VMware-content-library",
    "VMware-eam",
    "VMware-h5client-locale",
    "VMware-imagebuilder",
    "VMware-invsvc",
    "VMware-invsvc-upgrade",
    "VMware-mbcs",
    "VMware-netdump",
    "VMware-perfcharts",
    "VMware-rbd",
    "VMware-sps",
    "VMware-syslog-collector",
    "VMware-syslog-health",
    "VMware-transfer-service",
    "VMware-updatemgr",
    "VMware-updatemgr-client",
    "VMware-vcha",
    "VMware-vdcs",
    "VMware-vpbm",
    "VMware-vpostgres",
    "VMware-vpostgres-config",
    "VMware-vpostgres-contrib",
    "VMware-vpostgres-libs",
    "VMware-vpxd",
    "VMware-vpxd-agents",
    "VMware-vpxd-firstboot",
    "VMware-vpxd-locale",
    "VMware-vpxd-svcs",
    "VMware-vpxd-tools",
    "VMware-vsan-health",
    "VMware-vsan-management",
    "VMware-vsm",
    "VMware-vsphere-client",
    "VMware-vsphere-client-firstboot",
    "VMware-vsphere-client-locale",
    "VMware-vsphere-ui",
    "VMware-vws",
    "VMware-workflow",
];

/// Whether a package goes on nodes with vCenter Server only.
#[must_use]
pub fn is_vcenter_only(package: &str) -> bool {
    VCENTER_ONLY.binary_search(&package).is_ok()
}

/// One release of the appliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Such as `6.5.0.20000`.
    pub version: &'static str,
    /// Build of the appliance.
    pub build: &'static str,
    /// Build of vCenter Server.
    pub vcenter_build: &'static str,
    /// As the vendor calls it: `6.5 U2`.
    pub title: &'static str,
    /// The update that leads to it, such as `VC-6.5.0U2-Appliance-FP`; the first release of a line has none.
    pub update: Option<&'static str>,
    /// Release date, as the update writes it.
    pub date: &'static str,
    /// `Bugfix`, `Security`; 6.0 writes it in lower case.
    pub category: &'static str,
    /// Address of the release notes.
    pub kb: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// How many packages change from the release before.
    pub changes: usize,
    /// Size of the update in MB.
    pub size_mb: u32,
    /// The versions that it says it goes on; where it names none, all of its line before it.
    pub supported: Vec<&'static str>,
    /// Whether it needs a reboot.
    pub reboot: bool,
    /// The advisories that it is the first of its line to correct.
    pub advisories: Vec<&'static str>,
    /// What of this is evidence.
    pub evidence: &'static str,
}

impl Release {
    /// The line it belongs to: `6.5`.
    #[must_use]
    pub fn line(&self) -> &'static str {
        line_of(self.version)
    }

    /// The product, as its release calls it.
    #[must_use]
    pub fn product(&self) -> &'static str {
        if self.version.starts_with('6') { "VMware vCenter Server Appliance" } else { "VMware vCenter Server" }
    }
}

/// The line that a version belongs to, such as `6.7` or `9.1`: an update is for the releases of its own only.
#[must_use]
pub fn line_of(version: &str) -> &str {
    version.match_indices('.').nth(1).map_or(version, |(at, _)| &version[..at])
}

/// A security advisory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advisory {
    /// The vendor's number for it.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
}

/// All releases, in the order of the table: line after line, each from its first to its newest.
pub fn releases() -> &'static [Release] {
    static PARSED: OnceLock<Vec<Release>> = OnceLock::new();
    PARSED.get_or_init(|| rows_of(RELEASES).map(release_of).collect())
}

fn rows_of(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// One row of the table; a test reads them all.
fn release_of(row: Vec<&'static str>) -> Release {
    let given = |field: &'static str| (field != "-").then_some(field);
    let list = |field: &'static str| given(field).into_iter().flat_map(|all| all.split(',')).collect();
    let [
        version,
        build,
        vcenter,
        title,
        update,
        date,
        category,
        kb,
        summary,
        changes,
        size,
        supported,
        reboot,
        advisories,
        evidence,
    ] = row[..]
    else {
        unreachable!("releases.tsv has fifteen columns: {row:?}")
    };
    let whole_line = supported.strip_suffix(".*") == Some(line_of(version));
    Release {
        version,
        build,
        vcenter_build: given(vcenter).unwrap_or(build),
        title,
        update: given(update),
        date,
        category,
        kb: given(kb).unwrap_or_default(),
        summary,
        changes: changes.parse().unwrap_or_default(),
        size_mb: size.parse().unwrap_or_default(),
        supported: if whole_line { Vec::new() } else { list(supported) },
        reboot: reboot == "yes",
        advisories: list(advisories),
        evidence,
    }
}

/// The release with this version.
#[must_use]
pub fn release(version: &str) -> Option<&'static Release> {
    releases().iter().find(|release| release.version == version)
}

/// The advisories that any release of a line corrects, each with the position in [`releases`] of the first that does.
pub fn advisories(line: &str) -> impl Iterator<Item = (Advisory, usize)> {
    let of_line = releases().iter().enumerate().filter(move |(_, release)| release.line() == line);
    of_line.flat_map(|(at, release)| release.advisories.iter().map(move |id| (advisory(id), at)))
}

fn advisory(id: &'static str) -> Advisory {
    let about = rows_of(ADVISORIES).find(|row| row[0] == id).and_then(|row| row.get(1).copied()).unwrap_or_default();
    Advisory { id, about }
}

/// A package of a release, as [`PackageRow`] but on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Such as `VMware-vpxd`.
    pub name: &'static str,
    /// `version-release`.
    pub evr: String,
    /// Such as `x86_64`.
    pub arch: &'static str,
    /// Whether it is somebody else's software.
    pub third_party: bool,
    size_kib: u32,
}

impl Installed {
    fn of(row: PackageRow<'static>) -> Self {
        let PackageRow { name, evr, arch, third_party, size_kib } = row;
        Self { name, evr: evr.to_owned(), arch, third_party, size_kib }
    }

    /// The version that it has in the first release of a line whose list is that of an older one.
    fn become_like(&mut self, old: &str, first: &Release) {
        if self.third_party {
            return;
        }
        let version = self.evr.split_once('-').map_or(self.evr.as_str(), |(version, _)| version);
        let version = match self.name {
            RELEASE_PACKAGE => first.version,
            _ if version == old => three_parts(first.version),
            _ => version,
        };
        let build = if self.name == VCENTER_PACKAGE { first.vcenter_build } else { first.build };
        self.evr = format!("{version}-{build}");
    }

    /// The version that `release` makes of it.
    fn rise(&mut self, release: &Release) {
        if self.third_party {
            self.evr = raised(&self.evr);
            return;
        }
        let version = self.evr.split_once('-').map_or(self.evr.as_str(), |(version, _)| version);
        let version = match self.name {
            RELEASE_PACKAGE => release.version,
            _ if three_parts(version).strip_prefix(release.line()).is_some_and(|rest| rest.starts_with('.')) => {
                three_parts(release.version)
            }
            _ => version,
        };
        let build = if self.name == VCENTER_PACKAGE { release.vcenter_build } else { release.build };
        self.evr = format!("{version}-{build}");
    }
}

/// `6.5.0` of `6.5.0.20000`
fn three_parts(version: &str) -> &str {
    version.match_indices('.').nth(2).map_or(version, |(at, _)| &version[..at])
}

/// The next release of a package of the operating system: `2.22-9.ph1` becomes `2.22-10.ph1`.
fn raised(evr: &str) -> String {
    let (number, rest) = evr.rfind(".ph").map_or((evr, ""), |at| evr.split_at(at));
    let digits = number.len() - number.bytes().rev().take_while(u8::is_ascii_digit).count();
    match number[digits..].parse::<u64>() {
        Ok(last) => format!("{}{}{rest}", &number[..digits], last + 1),
        Err(_) => format!("{number}.1{rest}"),
    }
}

/// What a release has installed, by the position in the line's list; new packages stand last. Nothing where there is no
/// such release.
#[must_use]
pub fn installed(version: &str) -> Option<Vec<Installed>> {
    history(version).map(|history| history.packages)
}

struct History {
    packages: Vec<Installed>,
    /// Which of them have changed since the line's first release.
    changed: Vec<bool>,
}

fn history(version: &str) -> Option<History> {
    let until = releases().iter().position(|release| release.version == version)?;
    let line = releases()[until].line();
    let Line { packages: list, like, .. } = LINES.iter().find(|known| known.name == line)?;
    let mut packages: Vec<Installed> = rows(list).into_iter().map(Installed::of).collect();
    if let Some(first) = releases().iter().find(|release| release.line() == line).filter(|_| !like.is_empty()) {
        packages.iter_mut().for_each(|package| package.become_like(like, first));
    }
    let mut changed = vec![false; packages.len()];
    for release in releases()[..=until].iter().filter(|release| release.line() == line && release.update.is_some()) {
        match release.update.and_then(bundled::written_packages) {
            Some(text) => replace(&mut packages, &mut changed, rows(text)),
            None => {
                let always = [RELEASE_PACKAGE, VCENTER_PACKAGE];
                for (at, package) in packages.iter_mut().enumerate() {
                    if at < release.changes || always.contains(&package.name) {
                        package.rise(release);
                        changed[at] = true;
                    }
                }
            }
        }
    }
    Some(History { packages, changed })
}

fn rows(list: &'static str) -> Vec<PackageRow<'static>> {
    parse_rows(list).unwrap_or_else(|error| unreachable!("a test reads each list: {error}"))
}

fn replace(packages: &mut Vec<Installed>, changed: &mut Vec<bool>, rows: Vec<PackageRow<'static>>) {
    let at: BTreeMap<&str, usize> = packages.iter().enumerate().map(|(at, package)| (package.name, at)).collect();
    for row in rows {
        match at.get(row.name) {
            Some(at) => (packages[*at], changed[*at]) = (Installed::of(row), true),
            None => {
                packages.push(Installed::of(row));
                changed.push(true);
            }
        }
    }
}

/// Container layers that an update of 8.0 brings, at least (reference, section 6).
const CONTAINERS: usize = 24;
/// How many times smaller than the real packages those on the discs are.
const SCALE: u32 = 1024;

/// The sources of an update that follows from the catalogue: `payload.toml` and `packages.tsv`.
pub(super) fn sources(name: &str) -> Option<[(&'static str, String); 2]> {
    let release = releases().iter().find(|release| release.update == Some(name))?;
    let History { packages, changed } = history(release.version)?;
    let mut packages: Vec<Installed> =
        packages.into_iter().zip(changed).filter(|(_, changed)| *changed).map(|(package, _)| package).collect();
    resize(&mut packages, u64::from(release.size_mb) * 1024);
    packages.sort_by_key(|package| package.name);
    let leaves = packages.iter().filter_map(|package| leaf(release, package.name)).collect::<Vec<_>>();
    let recipe = recipe(release, &leaves);
    let mut list = String::new();
    for Installed { name, evr, arch, third_party, size_kib } in packages {
        let whose = if third_party { "third-party" } else { "vmware" };
        list.push_str(&format!("{name}\t{evr}\t{arch}\t{whose}\t{size_kib}\n"));
    }
    Some([("payload.toml", recipe), ("packages.tsv", list)])
}

/// Gives the packages sizes that come to `total` KiB together, in the proportions that they have.
fn resize(packages: &mut [Installed], total: u64) {
    let sum: u64 = packages.iter().map(|package| u64::from(package.size_kib)).sum::<u64>().max(1);
    let mut rest = total;
    for package in packages.iter_mut() {
        let size = (u64::from(package.size_kib) * total / sum).max(1);
        package.size_kib = u32::try_from(size).unwrap_or(u32::MAX);
        rest = rest.saturating_sub(size);
    }
    if let Some(largest) = packages.iter_mut().max_by_key(|package| package.size_kib) {
        largest.size_kib = largest.size_kib.saturating_add(u32::try_from(rest).unwrap_or(0));
    }
}

/// The service that nothing else needs and that a package of a release brings.
fn leaf(release: &Release, package: &str) -> Option<&'static str> {
    let own = LINES.iter().find(|known| known.name == release.line())?;
    own.leaves.iter().find(|(name, _)| *name == package).map(|(_, service)| *service)
}

fn recipe(release: &Release, leaves: &[&str]) -> String {
    let own = LINES.iter().find(|known| known.name == release.line());
    let Line { layout, tags, severity, containers, .. } = own.copied().unwrap_or(&V6_0);
    let name = release.update.unwrap_or_default();
    let Release { version, build, category, kb, summary, date, reboot, supported, .. } = release;
    let product = release.product();
    let label = name.replace("-Appliance", "");
    format!(
        "name = {name:?}\nlabel = {label:?}\nlayout = {layout:?}\nversion = {version:?}\nbuild = {build:?}\n\
         product = {product:?}\ncategory = {category:?}\nkb = {kb:?}\nvendor = \"VMware, Inc.\"\ntags = {tags:?}\n\
         summary = {summary:?}\nseverity = {severity:?}\nrelease_date = {date:?}\nreboot_required = {reboot}\n\
         version_supported = {supported:?}\nupdate_version = true\nleaf_services = {leaves:?}\n\
         eula = \"../eula.txt\"\npackages = \"packages.tsv\"\nscale = {SCALE}\ncontainers = {containers}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{bundled_names, compare_evr};

    fn evr(version: &str, name: &str) -> String {
        let packages = installed(version).expect("a release of the table");
        packages.into_iter().find(|package| package.name == name).expect("a package of the line").evr
    }

    #[test]
    fn a_version_belongs_to_its_line() {
        let check = |version, expect| assert_eq!(line_of(version), expect, "{version}");
        check("6.0.0", "6.0");
        check("6.0.0.20000", "6.0");
        check("9.1.0.0300", "9.1");
        check("6", "6");
    }

    #[test]
    fn the_table_can_be_read_and_each_line_rises() {
        for Line { name: line, packages: list, .. } in LINES {
            parse_rows(list).expect(line);
            let of_line: Vec<_> = releases().iter().filter(|release| release.line() == *line).collect();
            assert!(
                of_line[0].update.is_none() && of_line[1..].iter().all(|release| release.update.is_some()),
                "{line}"
            );
            for pair in of_line.windows(2) {
                let rises = compare_evr(pair[0].version, pair[1].version).is_lt();
                assert!(rises, "{} before {}", pair[0].version, pair[1].version);
            }
            for release in &of_line[1..] {
                assert!((1..300).contains(&release.changes) && release.size_mb > 0, "{}", release.version);
                assert!(release.supported.iter().all(|from| super::release(from).is_some()), "{}", release.version);
            }
        }
        for row in rows_of(RELEASES) {
            let (version, update, levels) = (row[0], row[4], row[11]);
            assert_eq!(update == "-", levels == "-", "{version}: each update has its levels");
            let of_line = levels.strip_suffix(".*").is_some_and(|line| line == line_of(version));
            let older = |from: &str| line_of(from) == line_of(version) && compare_evr(from, version).is_lt();
            assert!(levels == "-" || of_line || levels.split(',').all(older), "{version}: {levels}");
            assert!(levels == "-" || row[14].starts_with("captured") || row[14].contains("inferred: levels"));
        }
        for release in releases() {
            assert!(release.advisories.iter().all(|id| !advisory(id).about.is_empty()), "{}", release.version);
            assert!(bundled_names().any(|name| Some(name) == release.update) || release.update.is_none());
        }
    }

    #[test]
    fn a_release_has_what_the_updates_before_it_brought() {
        let check = |version, name, expect: &str| assert_eq!(evr(version, name), expect, "{version} {name}");
        check("6.5.0.5100", RELEASE_PACKAGE, "6.5.0.5100-4602587");
        check("6.5.0.24100", RELEASE_PACKAGE, "6.5.0.24100-13834586");
        check("6.5.0.24100", "linux", "4.4.8-20.ph1");
        check("6.7.0.48000", VCENTER_PACKAGE, "6.7.0-18010599");
        check("8.0.3.00000", VCENTER_PACKAGE, "8.0.3-24022515");
        check("9.0.0.0", RELEASE_PACKAGE, "9.0.0.0-24755230");
        check("9.0.1.0", VCENTER_PACKAGE, "9.0.1-24957454");
        check("9.1.0.0300", "VMware-vpxd-locale", "9.1.0-25629530");
        check("6.0.0.20000", RELEASE_PACKAGE, "6.0.0.20000-3634791");
        check("6.0.0.10000", VCENTER_PACKAGE, "6.0.0-3018524");
        assert!(installed("6.6").is_none());
    }

    #[test]
    fn the_numbers_of_packages_that_captures_show_follow() {
        let check = |from: &str, to: &str, expect: usize| {
            let before = installed(from).expect("a release");
            let known = |name: &str| before.iter().find(|package| package.name == name).map(|package| &package.evr);
            let newer =
                |package: &&Installed| known(package.name).is_none_or(|evr| compare_evr(evr, &package.evr).is_lt());
            let after = installed(to).expect("a release");
            assert_eq!(after.iter().filter(newer).count(), expect, "{from} to {to}");
        };
        check("6.5.0.5100", "6.5.0.5200", 34);
        check("6.5.0.15000", "6.5.0.20000", 95);
        check("6.5.0.15000", "6.5.0.24100", 153);
        check("6.5.0.30000", "6.5.0.32000", 205);
        check("6.7.0.42000", "6.7.0.48000", 112);
        check("6.0.0", "6.0.0.10000", 143);
    }

    #[test]
    fn what_is_for_vcenter_only_is_sorted_and_exists() {
        assert!(VCENTER_ONLY.is_sorted() && is_vcenter_only(VCENTER_PACKAGE) && !is_vcenter_only(RELEASE_PACKAGE));
        for name in VCENTER_ONLY {
            let known = LINES.iter().any(|line| rows(line.packages).iter().any(|row| row.name == name));
            assert!(known, "{name}");
        }
    }

    #[test]
    fn the_operating_system_rises_by_its_release() {
        let check = |evr: &str, expect: &str| assert_eq!(raised(evr), expect);
        check("2.22-9.ph1", "2.22-10.ph1");
        check("0.9.8j-0.66.1", "0.9.8j-0.66.2");
        check("2016h-1.ph1", "2016h-2.ph1");
        check("1-a", "1-a.1");
        check("", ".1");
    }
}
