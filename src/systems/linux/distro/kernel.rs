//! The kernels of the distributions: what `uname`, `/proc/version` and the first line of `dmesg` tell of each, and the threads
//! that it runs. Releases, days and compilers are common knowledge of the packages, without a transcript here; which machine built them,
//! and which threads are there beside the well-known ones, is inferred.

use std::borrow::Cow;

use crate::sim::Instant;

/// A kernel as it was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// What `uname -r` shows.
    pub release: Cow<'static, str>,
    /// What `uname -v` shows, the day included.
    pub build: Cow<'static, str>,
    /// Who built it where.
    pub by: &'static str,
    /// What the compiler says of its version; empty where the kernel does not tell.
    pub compiler: &'static str,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Kernel {
    /// The last second of the day on which it was built.
    ///
    /// # Panics
    /// When `uname -v` tells no day, which a test rules out.
    #[must_use]
    pub fn built(&self) -> Instant {
        let mut words = self.build.split_whitespace().skip_while(|word| !MONTHS.contains(word));
        let month = words.next().and_then(|word| MONTHS.iter().position(|month| *month == word));
        let day = words.next().unwrap_or_default();
        let year = words.find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()));
        let (Some(month), Some(year)) = (month, year) else { panic!("{} tells no day", self.build) };
        Instant::parse(&format!("{year}-{:02}-{day:0>2}T23:59:59Z", month + 1)).expect("a day of the calendar")
    }

    /// `/proc/version`, and the first line that the kernel writes.
    #[must_use]
    pub fn banner(&self) -> String {
        format!("Linux version {} ({}) ({}) {}", self.release, self.by, self.compiler, self.build)
    }

    /// The number of the build, where it tells one (ESXi).
    #[must_use]
    pub fn build_number(&self) -> &str {
        self.build.split_whitespace().find_map(|word| word.strip_prefix("build-")).unwrap_or_default()
    }

    /// Its version and the number behind the first point.
    #[must_use]
    pub fn version(&self) -> (u32, u32) {
        let mut numbers = self.release.split('.').map(|number| number.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }

    /// The names of its threads on a machine with so many processors, in the order in which they are started.
    #[must_use]
    pub fn threads(&self, processors: u32) -> Vec<String> {
        let [first, boot, further, rest] = match self.version() {
            version if version < (3, 10) => THREADS_3_0,
            (3, _) => THREADS_3_10,
            version if version < (4, 18) => THREADS_4_4,
            _ => THREADS_4_18,
        };
        let words = |text: &str, number: u32| {
            text.split_whitespace().map(|name| name.replace('%', &number.to_string())).collect::<Vec<_>>()
        };
        let mut names = [words(first, 0), words(boot, 0)].concat();
        for number in 1..processors {
            names.extend(words(further, number));
        }
        names.extend(words(rest, 0));
        names
    }
}

/// The threads of a generation: those before all, those of the first processor, those of each further one (`%` is its number),
/// and the rest.
type Threads = [&'static str; 4];

/// As SLES 11 has it.
const THREADS_3_0: Threads = [
    "kthreadd",
    "ksoftirqd/% kworker/u:0 migration/% watchdog/%",
    "migration/% ksoftirqd/% watchdog/%",
    "cpuset khelper netns sync_supers bdi-default kintegrityd kblockd md khungtaskd kswapd0 ksmd khugepaged fsnotify_mark crypto \
     kthrotld kpsmoused scsi_eh_0 kworker/0:1",
];

/// As RHEL 7 has it.
const THREADS_3_10: Threads = [
    "kthreadd",
    "kworker/%:0H ksoftirqd/% migration/% rcu_bh rcu_sched lru-add-drain watchdog/%",
    "watchdog/% migration/% ksoftirqd/% kworker/%:0H",
    "kdevtmpfs netns khungtaskd writeback kintegrityd bioset kblockd md edac-poller watchdogd kswapd0 ksmd khugepaged crypto \
     kthrotld kmpath_rdacd kaluad kpsmoused deferwq kauditd scsi_eh_0 scsi_tmf_0 kworker/0:1",
];

/// As Photon 1 and 2 have it.
const THREADS_4_4: Threads = [
    "kthreadd",
    "ksoftirqd/% kworker/%:0H rcu_sched rcu_bh migration/% watchdog/%",
    "watchdog/% migration/% ksoftirqd/% kworker/%:0H",
    "kdevtmpfs netns khungtaskd writeback ksmd khugepaged crypto kintegrityd bioset kblockd md devfreq_wq kswapd0 vmstat \
     kthrotld deferwq scsi_eh_0 scsi_tmf_0 kworker/0:1",
];

/// As RHEL 8 and Photon 3 have it.
const THREADS_4_18: Threads = [
    "kthreadd rcu_gp rcu_par_gp",
    "kworker/%:0H-events_highpri mm_percpu_wq ksoftirqd/% rcu_sched migration/% watchdog/% cpuhp/%",
    "cpuhp/% watchdog/% migration/% ksoftirqd/% kworker/%:0H-events_highpri",
    "kdevtmpfs netns kauditd khungtaskd oom_reaper writeback kcompactd0 ksmd khugepaged crypto kintegrityd kblockd tpm_dev_wq md \
     edac-poller watchdogd kswapd0 kthrotld acpi_thermal_pm kmpath_rdacd kaluad ipv6_addrconf kstrp scsi_eh_0 scsi_tmf_0 \
     kworker/0:1-events",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro::{ALL, Vendor, find};

    #[test]
    fn each_kernel_was_built_on_a_day_of_the_calendar() {
        for distro in ALL {
            let days: Vec<Instant> = distro.kernels.iter().map(Kernel::built).collect();
            assert!(!days.is_empty() && days.is_sorted(), "{}: the oldest first", distro.id);
            for kernel in distro.kernels.iter().filter(|_| distro.vendor != Vendor::Esxi) {
                let weekday = kernel.built().utc().weekday().to_string();
                assert!(kernel.build.contains(&format!("SMP {} ", &weekday[..3])), "{weekday}: {}", kernel.build);
                assert!(!kernel.compiler.is_empty(), "{}", kernel.release);
            }
        }
    }

    #[test]
    fn a_machine_has_the_newest_kernel_of_its_day() {
        let check = |id: &str, day: &str, expect: &str| {
            let at = Instant::parse(&format!("{day}T12:00:00Z")).expect("a day");
            assert_eq!(find(id).expect("a distribution").kernel_of(at).release, expect, "{id} on {day}");
        };
        check("rhel-8.5", "2021-11-20", "4.18.0-348.el8.x86_64");
        check("rhel-8.5", "2022-01-18", "4.18.0-348.7.1.el8_5.x86_64");
        // Nothing is older: the one that the distribution came with.
        check("rhel-8.5", "2019-01-01", "4.18.0-348.el8.x86_64");
        check("sles-11.3", "2015-03-01", "3.0.101-0.46-default");
        check("sles-11.3", "2015-10-08", "3.0.101-0.47.52-default");
    }

    #[test]
    fn threads_are_those_of_the_kernel() {
        let check = |id: &str, name: &str, expect: bool| {
            let kernel = find(id).expect("a distribution").kernels[0].threads(4);
            assert_eq!(kernel.iter().any(|thread| thread == name), expect, "{id} {name}");
        };
        check("sles-11.3", "rcu_sched", false);
        check("sles-11.3", "lru-add-drain", false);
        check("sles-11.3", "migration/3", true);
        check("sles-11.3", "khelper", true);
        check("rhel-7.9", "rcu_bh", true);
        check("rhel-7.9", "migration/4", false);
        check("photon-1", "rcu_sched", true);
        check("photon-1", "rcu_gp", false);
        check("rhel-8.6", "rcu_bh", false);
        check("rhel-8.6", "oom_reaper", true);
    }
}
