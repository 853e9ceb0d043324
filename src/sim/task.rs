//! Tasks: work that goes on in the model whatever the sessions do, such as the copying of a machine. Events take one from
//! its beginning to its end; a command that wants to know how it ends awaits it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Instant;

/// So many tasks are remembered after their end.
const REMEMBERED: usize = 200;

/// Names a task within its lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(u64);

/// Work that takes its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What is done, as a list of tasks names it.
    pub what: String,
    /// When it began.
    pub began: Instant,
    /// How it stands.
    pub state: State,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It goes on.
    Running {
        /// How much of it is done, in hundredths.
        percent: u8,
    },
    /// It came to its end, with this result.
    Succeeded(String),
    /// It came to nothing, and why.
    Failed(String),
}

/// The tasks of a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tasks {
    tasks: BTreeMap<TaskId, Task>,
    /// How many there have been.
    count: u64,
    /// Those that ended, in that order.
    past: Vec<TaskId>,
    /// Those that ended and that nobody was told of yet.
    news: Vec<TaskId>,
}

impl Tasks {
    /// Begins a task.
    pub fn begin(&mut self, what: &str, now: Instant) -> TaskId {
        let id = TaskId(self.count);
        self.count += 1;
        self.tasks.insert(id, Task { what: what.to_owned(), began: now, state: State::Running { percent: 0 } });
        id
    }

    /// Notes how far a task is; one that has ended stays as it is.
    pub fn progress(&mut self, id: TaskId, percent: u8) {
        if let Some(Task { state: State::Running { percent: old }, .. }) = self.tasks.get_mut(&id) {
            *old = percent.min(100);
        }
    }

    /// Ends a task, with its result or with why it has none; one that has ended stays as it is.
    pub fn end(&mut self, id: TaskId, result: Result<String, String>) {
        let Some(task) = self.tasks.get_mut(&id).filter(|task| task.is_running()) else { return };
        task.state = result.map_or_else(State::Failed, State::Succeeded);
        self.news.push(id);
        self.past.push(id);
        if self.past.len() > REMEMBERED {
            let forgotten = self.past.remove(0);
            self.tasks.remove(&forgotten);
        }
    }

    /// A task, unless it ended so long ago that it is forgotten.
    #[must_use]
    pub fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// The tasks that ended since this was last asked.
    pub fn take_news(&mut self) -> Vec<TaskId> {
        std::mem::take(&mut self.news)
    }
}

impl Task {
    /// Whether it goes on.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_ends_once_and_is_forgotten_after_many_others() {
        let now = Instant::parse("2015-10-08T02:43:36Z").expect("a good time");
        let mut tasks = Tasks::default();
        let (long, short) = (tasks.begin("long", now), tasks.begin("short", now));
        tasks.progress(short, 40);
        assert_eq!(tasks.get(short).map(|task| task.state.clone()), Some(State::Running { percent: 40 }));
        tasks.end(short, Err("no room".to_owned()));
        tasks.end(short, Ok("done".to_owned()));
        tasks.progress(short, 50);
        assert_eq!(tasks.get(short).map(|task| task.state.clone()), Some(State::Failed("no room".to_owned())));
        assert_eq!((tasks.take_news(), tasks.take_news()), (vec![short], vec![]));
        for _ in 0..REMEMBERED {
            let id = tasks.begin("another", now);
            tasks.end(id, Ok(String::new()));
        }
        assert_eq!(tasks.get(short), None);
        assert!(tasks.get(long).is_some_and(Task::is_running));
    }
}
