//! Many transcripts at once: which of them this run is about, and running them in parallel.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::report::Verdict;

/// One part of a suite that is spread over several runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no part of a suite; write I/N with I from 1 to N, such as 2/4");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        match (index.parse(), count.parse()) {
            (Ok(index), Ok(count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(wrong()),
        }
    }
}

impl Shard {
    /// The files of this part: every N-th.
    #[must_use]
    pub fn of(self, files: Vec<PathBuf>) -> Vec<PathBuf> {
        files.into_iter().skip(self.index - 1).step_by(self.count).collect()
    }
}

/// Runs `one` for each file, `jobs` at a time; the verdicts are in the order of the files. With `fail_fast` no further
/// one begins once one has failed.
pub fn run(files: &[PathBuf], jobs: usize, fail_fast: bool, one: &(dyn Fn(&Path) -> Verdict + Sync)) -> Vec<Verdict> {
    let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let verdicts: Mutex<Vec<(usize, Verdict)>> = Mutex::new(Vec::with_capacity(files.len()));
    let work = || {
        while !stopped.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { return };
            let verdict = one(file);
            if fail_fast && !verdict.status.is_good() {
                stopped.store(true, Ordering::Relaxed);
            }
            verdicts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, verdict));
        }
    };
    let helpers = jobs.clamp(1, files.len().max(1)) - 1;
    if helpers == 0 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(work);
            }
            work();
        });
    }
    let mut verdicts = verdicts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    verdicts.sort_by_key(|(index, _)| *index);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::report::Status;

    #[test]
    fn shards_share_the_files_among_them() {
        let files: Vec<PathBuf> = ["a", "b", "c", "d", "e"].map(PathBuf::from).to_vec();
        let parts: Vec<Vec<PathBuf>> =
            ["1/2", "2/2"].iter().map(|part| part.parse::<Shard>().expect("a shard").of(files.clone())).collect();
        assert_eq!(parts, [["a", "c", "e"].map(PathBuf::from).to_vec(), ["b", "d"].map(PathBuf::from).to_vec()]);
        for wrong in ["", "1", "0/2", "3/2", "1/0", "x/2", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn verdicts_keep_the_order_and_the_first_failure_can_stop_the_rest() {
        let files: Vec<PathBuf> = (0..20).map(|i| PathBuf::from(format!("{i:02}"))).collect();
        let one = |file: &Path| {
            let failed = file == Path::new("03");
            Verdict::new(file.display().to_string(), if failed { Status::Failed } else { Status::Passed })
        };
        let names = |verdicts: Vec<Verdict>| verdicts.into_iter().map(|verdict| verdict.name).collect::<Vec<_>>();
        assert!(names(run(&files, 4, false, &one)).is_sorted());
        assert_eq!(run(&files, 4, false, &one).len(), 20);
        assert_eq!(names(run(&files, 1, true, &one)), ["00", "01", "02", "03"]);
    }
}
