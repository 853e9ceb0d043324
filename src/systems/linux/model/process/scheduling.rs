//! How the kernel's own threads are scheduled (sched(7)): by their names, which say what they do. Inferred from listings of
//! each kernel.

use serde::{Deserialize, Serialize};

use super::Process;

/// How a process is scheduled where somebody has said so; those that it starts take it over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// On which processors it may run, a bit for each.
    pub processors: Option<u64>,
    /// In which class its input and output is, and how early in it.
    pub io: Option<(u8, u8)>,
    /// By which policy it runs, and its priority there.
    pub policy: Option<(u8, u8)>,
}

impl Schedule {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Threads of the kernel that are work queues: they run before everybody else.
const QUEUES: &str = "acpi_thermal_pm bioset cpuset crypto deferwq devfreq_wq edac-poller fsnotify_mark ipv6_addrconf kaluad \
    kblockd khelper kintegrityd kmpath_rdacd kpsmoused kstrp kthrotld lru-add-drain md mm_percpu_wq netns rcu_gp rcu_par_gp \
    scsi_tmf_0 tpm_dev_wq vmstat writeback";

/// Those that run in real time.
const REAL_TIME: &str = "migration watchdog watchdogd";

impl Process {
    /// Whether it runs in real time, first come, first served.
    #[must_use]
    pub fn is_real_time(&self) -> bool {
        let name = self.comm().split('/').next().unwrap_or_default();
        self.is_kernels() && REAL_TIME.split(' ').any(|known| known == name)
    }

    /// Its nice value, -20 to 19.
    #[must_use]
    pub fn niceness(&self) -> i8 {
        if !self.is_kernels() {
            return self.nice;
        }
        match self.comm() {
            "ksmd" => 5,
            "khugepaged" => 19,
            name if name.starts_with("kworker/") && name.contains('H') => -20,
            name if QUEUES.split_ascii_whitespace().any(|queue| queue == name) => -20,
            _ => 0,
        }
    }

    /// Whether it is one that the kernel since 4.14 shows as idle instead of sleeping.
    #[must_use]
    pub fn is_idle_worker(&self) -> bool {
        let name = self.comm();
        self.is_kernels()
            && (name.starts_with("kworker/")
                || name == "rcu_sched"
                || QUEUES.split_ascii_whitespace().any(|queue| queue == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Instant;

    #[test]
    fn threads_of_the_kernel_are_scheduled_by_their_names() {
        let check = |name: &str, expect: (i8, bool, bool)| {
            let now = Instant::parse("2022-03-14T20:00:00Z").expect("a time");
            let thread = Process::daemon(2, 0, &format!("[{name}]"), None, now);
            assert_eq!((thread.niceness(), thread.is_real_time(), thread.is_idle_worker()), expect, "{name}");
        };
        check("kthreadd", (0, false, false));
        check("kworker/0:0H-events_highpri", (-20, false, true));
        check("kworker/0:1-events", (0, false, true));
        check("migration/1", (0, true, false));
        check("khugepaged", (19, false, false));
        check("netns", (-20, false, true));
    }
}
