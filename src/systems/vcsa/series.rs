//! Where the releases of the appliance differ, all in one place: a [`Series`] is the software of the releases from one
//! version up to the next that is named here. What runs decides how the appliance behaves, not the payload.
//!
//! Truth: reference `appliance-shell.md` sections 1 and 2, `software-packages.md` sections 2 to 4. A release that behaves as
//! the one before but for a few things is that one with those things changed.

use super::flows::{self, Flow};
use super::rates::Rates;
use super::services::sets::Edition;

/// The editions of `service-control`, by the first release that has each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceControl {
    /// 6.0
    V6_0,
    /// 6.5
    V6_5,
    /// 6.7
    V6_7,
    /// From 7.0 on.
    V7_0,
}

/// What differs in the lines of logs from release to release (from memory).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Programs on the vendor's C++ library name a thread by its number, as short as that of a process; earlier ones by its
    /// address.
    pub threads_are_processes: bool,
    /// Syslog writes the log of the lifecycle manager; later ones write their own.
    pub monitor_by_syslog: bool,
}

/// How the appliance of one row of releases behaves.
#[derive(Debug, PartialEq, Eq)]
pub struct Series {
    /// The first version that behaves so.
    pub from: &'static str,
    /// The row of releases that it belongs to, as availability is told: `6.5`.
    pub line: Line,
    /// The operating system beneath.
    pub distro: &'static str,
    /// The interpreter that its tools run on, which shows in their usage texts and in printed lists.
    pub python: Python,
    /// What the pre-login banner and `system.version.get` call the product.
    pub product: &'static str,
    /// What `shell` says when it is allowed.
    pub shell_opens: ShellOpens,
    /// Whether root needs `shell.set --enabled True` first. It is also one of the hints of the greeting then.
    pub shell_is_shut: bool,
    /// What `software-packages` does and says when it stages and installs.
    pub flow: &'static Flow,
    /// How long things take, unless a lab file says otherwise.
    pub rates: &'static Rates,
    /// Which services there are, in the tables of [`super::services`].
    pub services: Edition,
    /// What `service-control` takes and says.
    pub service_control: ServiceControl,
    /// A vCenter HA cluster must be removed before an update.
    pub cluster_forbids_update: bool,
    /// The fields of `software-packages list --staged`.
    pub listing: Listing,
    /// The state of updates is kept in files, and shown by the management page.
    pub update_state: UpdateState,
    /// There is a management page on port 5480 (told by the founding document: gone in GA, back in U1).
    pub management_page: bool,
    /// Where updates are published, without the installed version.
    pub repository: &'static str,
    /// `system.version.get` tells when that version was installed.
    pub tells_install_time: bool,
    /// It tells the name of the release, too.
    pub tells_name: bool,
    /// How the lines of its services' logs differ from those of other releases.
    pub log_words: Words,
    /// How long a password lasts by itself, in days.
    pub password_days: u32,
    /// The ways on which backups go to a server (from memory: NFS and SMB came with 6.7, SFTP with 7.0).
    pub backup_ways: &'static [&'static str],
    /// The line of Python's library that warns of a password which is echoed, with the file that it is in (from memory).
    pub getpass: &'static str,
    /// What the reverse proxy tells of an endpoint that does not answer (from memory).
    pub proxy_tells: &'static str,
    /// What `+formatter` of `dcli` takes; nothing where `dcli` is not modelled.
    pub dcli_formatters: &'static [&'static str],
    /// A backup gets a folder of its own below the one that is named (from memory).
    pub backups_have_folders: bool,
}

/// A row of releases with the same set of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// 6.0
    V6_0,
    /// 6.5
    V6_5,
    /// 6.7
    V6_7,
    /// 7.0
    V7_0,
    /// 8.0
    V8_0,
}

impl Line {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::V6_0, Self::V6_5, Self::V6_7, Self::V7_0, Self::V8_0];

    /// The newest.
    pub const LAST: Self = Self::ALL[Self::ALL.len() - 1];

    /// As the vendor writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::V6_0 => "6.0",
            Self::V6_5 => "6.5",
            Self::V6_7 => "6.7",
            Self::V7_0 => "7.0",
            Self::V8_0 => "8.0",
        }
    }
}

/// The interpreter of the tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Python {
    /// 2.7: `u'text'` in lists.
    V2_7,
    /// 3.5 to 3.8.
    V3_6,
}

/// What `list --staged` shows of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Their names, in order.
    pub fields: &'static [&'static str],
    /// Whether the order changes from run to run, as that of dictionaries does in Python 3.5.
    pub shuffled: bool,
    /// Whether it was captured.
    pub captured: bool,
}

/// Which files tell how updates stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpdateState {
    /// None.
    Untold,
    /// `software_update_state.conf` and `update.conf`.
    Files,
    /// These, and those of the operations under `/storage/core/software-update`.
    Operations,
}

impl UpdateState {
    /// Whether there are any.
    #[must_use]
    pub fn is_told(self) -> bool {
        self >= Self::Files
    }
}

/// What `shell` says before bash speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellOpens {
    /// The warning of 6.0, and the forum that it names at its end.
    Warning(&'static str),
    /// One line.
    Granted,
}

const V6_0: Series = Series {
    from: "6.0.0.1",
    line: Line::V6_0,
    distro: "sles-11.3",
    python: Python::V2_7,
    product: "VMware vCenter Server Appliance",
    shell_opens: ShellOpens::Warning(
        "https://communities.vmware.com/community/vmtn/vcenter/vc forum and add \"appliance\" tag.",
    ),
    shell_is_shut: true,
    flow: &flows::V6_0,
    rates: &Rates::V6_0,
    services: Edition::V6_0,
    service_control: ServiceControl::V6_0,
    cluster_forbids_update: false,
    listing: Listing { fields: LISTED_6_0, shuffled: false, captured: true },
    update_state: UpdateState::Untold,
    management_page: true,
    repository: "https://vapp-updates.vmware.com/vai-catalog/valm/vmw/647ee3fc-e6c6-4b06-9dc2-f295d12d135c",
    tells_install_time: false,
    tells_name: false,
    log_words: Words { threads_are_processes: false, monitor_by_syslog: true },
    password_days: 365,
    backup_ways: &[],
    backups_have_folders: false,
    getpass: "/usr/lib/python2.7/getpass.py:83",
    proxy_tells: "_isRedirect = false",
    dcli_formatters: &[],
};

/// GA names a forum of the beta programme, later releases the community.
const V6_0_GA: Series = Series {
    from: "6.0.0",
    shell_opens: ShellOpens::Warning("communities.vmware.com/community/vmtn/server/vcenter/cloudvm forum."),
    listing: Listing { fields: LISTED_6_0_GA, shuffled: false, captured: true },
    management_page: false,
    ..V6_0
};

const V6_5: Series = Series {
    from: "6.5",
    line: Line::V6_5,
    distro: "photon-1",
    shell_opens: ShellOpens::Granted,
    shell_is_shut: false,
    tells_install_time: true,
    flow: &flows::V6_5,
    rates: &Rates::V6_5,
    services: Edition::V6_5,
    service_control: ServiceControl::V6_5,
    listing: Listing { fields: LISTED_6_5, shuffled: false, captured: true },
    repository: "https://vapp-updates.vmware.com/vai-catalog/valm/vmw/8d167796-34d5-4899-be0a-6daade4005a3",
    password_days: 90,
    backup_ways: &["FTP", "FTPS", "HTTP", "HTTPS", "SCP"],
    dcli_formatters: &["simple", "table", "xml", "json", "html", "csv"],
    ..V6_0
};

/// Update 3 checks the version of an update in another way, too.
const V6_5_U3: Series = Series { from: "6.5.0.30000", flow: &flows::V6_5_U3, ..V6_5 };

const V6_7: Series = Series {
    from: "6.7",
    line: Line::V6_7,
    distro: "vcsa-6.7",
    python: Python::V3_6,
    getpass: "/usr/lib/python3.5/getpass.py:91",
    proxy_tells: "action = Allow",
    flow: &flows::V6_7,
    rates: &Rates::V6_7,
    services: Edition::V6_7,
    service_control: ServiceControl::V6_7,
    cluster_forbids_update: true,
    listing: Listing { fields: LISTED_6_7, shuffled: true, captured: true },
    log_words: Words { threads_are_processes: true, monitor_by_syslog: true },
    update_state: UpdateState::Files,
    backup_ways: &["FTP", "FTPS", "HTTP", "HTTPS", "NFS", "SCP", "SMB"],
    backups_have_folders: true,
    ..V6_5
};

/// Update 3 has services more.
const V6_7_U3: Series = Series { from: "6.7.0.40000", services: Edition::V6_7U3, ..V6_7 };

const V7_0: Series = Series {
    from: "7.0",
    line: Line::V7_0,
    distro: "photon-3",
    product: "VMware vCenter Server",
    flow: &flows::V7_0,
    services: Edition::V7_0,
    service_control: ServiceControl::V7_0,
    // Its fields were not captured: those of 6.7, in an order that stays.
    listing: Listing { fields: LISTED_6_7, shuffled: false, captured: false },
    log_words: Words { threads_are_processes: true, monitor_by_syslog: false },
    update_state: UpdateState::Operations,
    getpass: "/usr/lib/python3.7/getpass.py:91",
    dcli_formatters: &["simple", "table", "xml", "json", "html", "csv", "yaml"],
    backup_ways: &["FTP", "FTPS", "HTTP", "HTTPS", "NFS", "SCP", "SFTP", "SMB"],
    ..V6_7
};

const V8_0: Series =
    Series { from: "8.0", line: Line::V8_0, distro: "vcsa-8.0", flow: &flows::V8_0, services: Edition::V8_0, ..V7_0 };

/// The API structure of 9.1 has a name; all else of 9.x is that of 8.0.
const V9_0: Series = Series { from: "9.0", tells_name: true, ..V8_0 };

/// All series, the oldest first.
pub static SERIES: [Series; 9] = [V6_0_GA, V6_0, V6_5, V6_5_U3, V6_7, V6_7_U3, V7_0, V8_0, V9_0];

/// GA does not show when the licence was accepted.
const LISTED_6_0_GA: &[&str] = &[
    "category",
    "kb",
    "vendor",
    "name",
    "tags",
    "productname",
    "releasedate",
    "version",
    "buildnumber",
    "rebootrequired",
    "summary",
    "severity",
];

/// Update 1 does; the order is that of a Python 2 dictionary, as in 6.5.
const LISTED_6_0: &[&str] = &[
    "category",
    "kb",
    "vendor",
    "name",
    "tags",
    "productname",
    "releasedate",
    "version",
    "buildnumber",
    "rebootrequired",
    "summary",
    "eulaAcceptTime",
    "severity",
];

const LISTED_6_5: &[&str] = &[
    "category",
    "kb",
    "vendor",
    "name",
    "tags",
    "summary",
    "version_supported",
    "thirdPartyInstallation",
    "releasedate",
    "TPP_ISO",
    "version",
    "buildnumber",
    "rebootrequired",
    "productname",
    "eulaAcceptTime",
    "severity",
];

/// The order of one capture.
const LISTED_6_7: &[&str] = &[
    "kb",
    "thirdPartyInstallation",
    "severity",
    "version",
    "productname",
    "releasedate",
    "TPP_ISO",
    "updateversion",
    "eulaAcceptTime",
    "leaf_services",
    "tags",
    "rebootrequired",
    "name",
    "buildnumber",
    "category",
    "vendor",
    "summary",
    "size in MB",
    "version_supported",
];

impl Series {
    /// How the release with this version behaves; one older than all counts as the oldest.
    #[must_use]
    pub fn of(version: &str) -> &'static Self {
        let reached = |series: &&Self| has_reached(version, series.from);
        SERIES.iter().rev().find(reached).unwrap_or(&SERIES[0])
    }
}

/// Whether a version has reached another, part by part as numbers. It is asked for at every command.
fn has_reached(version: &str, from: &str) -> bool {
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<u64>().ok()).unwrap_or(0);
    let (mut own, mut others) = (version.split('.'), from.split('.'));
    loop {
        match (own.next(), others.next()) {
            (_, None) => return true,
            (own, other) if number(own) == number(other) => {}
            (own, other) => return number(own) > number(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::payload::compare_evr;

    #[test]
    fn a_version_belongs_to_the_series_which_it_has_reached() {
        let check = |version: &str, from: &str| assert_eq!(Series::of(version).from, from, "{version}");
        check("6.0.0", "6.0.0");
        check("6.0.0.5110", "6.0.0.1");
        check("6.0.0.10000", "6.0.0.1");
        check("6.5.0.5100", "6.5");
        check("6.5.0.24100", "6.5");
        check("6.5.0.32000", "6.5.0.30000");
        check("6.7.0.48000", "6.7.0.40000");
        check("6.7.0.30000", "6.7");
        check("7.0.0.10100", "7.0");
        check("8.0.3.00000", "8.0");
        check("9.1.0.0300", "9.0");
        check("5.5", "6.0.0");
        check("", "6.0.0");
    }

    #[test]
    fn series_stand_in_order() {
        assert!(SERIES.windows(2).all(|pair| compare_evr(pair[0].from, pair[1].from) == Ordering::Less));
        assert!(SERIES.is_sorted_by_key(|series| series.line));
    }
}
