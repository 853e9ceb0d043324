//! The points in time to which one can go back: before each of the last commands, the named ones, and the branches.
//! Points share what has not changed, so that one costs next to nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lab::Point;
use crate::shell::SessionId;

/// How many commands can be taken back.
const UNDO: usize = 200;

/// The name of the branch that a lab begins with.
pub const MAIN: &str = "main";

/// Where one can go back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The lab as it was opened; none when a command was running.
    start: Option<Arc<Point>>,
    /// The last commands, goings back to a point among them; not kept on disk.
    undo: VecDeque<Typed>,
    /// Points with a name.
    marks: BTreeMap<String, Arc<Point>>,
    /// The branch that goes on.
    branch: String,
    /// The other branches, each as it was left.
    branches: BTreeMap<String, Arc<Point>>,
}

/// What is kept of a timeline, with its points in the form `P`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept<P> {
    /// The lab as it was opened.
    pub start: Option<P>,
    /// Points with a name.
    pub marks: BTreeMap<String, P>,
    /// The branch that goes on.
    pub branch: String,
    /// The other branches.
    pub branches: BTreeMap<String, P>,
}

impl<P> Kept<P> {
    /// The same with every point in another form; nothing when one of them has none.
    pub fn map<Q>(&self, mut form: impl FnMut(&P) -> Option<Q>) -> Option<Kept<Q>> {
        let mut all = |points: &BTreeMap<String, P>| -> Option<BTreeMap<String, Q>> {
            points.iter().map(|(name, point)| Some((name.clone(), form(point)?))).collect()
        };
        let (marks, branches) = (all(&self.marks)?, all(&self.branches)?);
        let start = match &self.start {
            Some(point) => Some(form(point)?),
            None => None,
        };
        Some(Kept { start, marks, branch: self.branch.clone(), branches })
    }
}

/// A command that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    line: String,
    current: Option<SessionId>,
    /// The lab before it; none when another command was running, for then there is no point between the two.
    point: Option<Arc<Point>>,
}

/// Why commands cannot be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays<'a> {
    /// No more than this many are known.
    Only(usize),
    /// `line` was typed while another command ran; `whole` commands can be taken back, if any number can.
    Between {
        /// The command.
        line: &'a str,
        /// So many must be taken back to get rid of it.
        whole: Option<usize>,
    },
}

/// A command that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What was typed.
    pub line: String,
    /// The lab before it.
    pub point: Arc<Point>,
    /// The session it was typed into.
    pub current: Option<SessionId>,
}

impl Timeline {
    /// A timeline that begins with `start`.
    #[must_use]
    pub fn new(start: Option<Point>) -> Self {
        Self { start: start.map(Arc::new), branch: MAIN.to_owned(), ..Self::default() }
    }

    /// What is to be kept of this.
    #[must_use]
    pub fn kept(&self) -> Kept<Arc<Point>> {
        let Self { start, undo: _, marks, branch, branches } = self.clone();
        Kept { start, marks, branch, branches }
    }

    /// The timeline of which this was kept.
    #[must_use]
    pub fn reopen(kept: Kept<Arc<Point>>) -> Self {
        let Kept { start, marks, branch, branches } = kept;
        Self { start, undo: VecDeque::new(), marks, branch, branches }
    }

    /// Notes the lab before a command or a going back; there is no point when another command is running.
    pub fn before(&mut self, line: &str, point: Option<Point>, current: Option<SessionId>) {
        if self.undo.len() == UNDO {
            self.undo.pop_front();
        }
        self.undo.push_back(Typed { line: line.to_owned(), current, point: point.map(Arc::new) });
    }

    /// Takes back the last `count` commands: the oldest of them.
    ///
    /// # Errors
    /// Why they stay: there are not that many, or more would go with them.
    pub fn take_back(&mut self, count: usize) -> Result<Taken, Stays<'_>> {
        let first = self.undo.len().checked_sub(count).ok_or(Stays::Only(self.undo.len()))?;
        match self.undo.get(first).cloned() {
            Some(Typed { line, current, point: Some(point) }) => {
                self.undo.truncate(first);
                Ok(Taken { line, point, current })
            }
            _ => {
                let whole = self.undo.range(..first).rposition(|typed| typed.point.is_some());
                let line = self.undo.get(first).map_or("", |typed| &typed.line);
                Err(Stays::Between { line, whole: whole.map(|at| self.undo.len() - at) })
            }
        }
    }

    /// The lab as it was opened.
    #[must_use]
    pub fn start(&self) -> Option<&Arc<Point>> {
        self.start.as_ref()
    }

    /// Gives the present a name.
    pub fn mark(&mut self, name: &str, point: Point) {
        self.marks.insert(name.to_owned(), Arc::new(point));
    }

    /// The point called `name`.
    #[must_use]
    pub fn marked(&self, name: &str) -> Option<&Arc<Point>> {
        self.marks.get(name)
    }

    /// The named points.
    pub fn marks(&self) -> impl Iterator<Item = (&str, &Point)> {
        self.marks.iter().map(|(name, point)| (name.as_str(), point.as_ref()))
    }

    /// The branch that goes on.
    #[must_use]
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// The other branches, as they were left.
    pub fn branches(&self) -> impl Iterator<Item = (&str, &Point)> {
        self.branches.iter().map(|(name, point)| (name.as_str(), point.as_ref()))
    }

    /// Leaves the present branch as it is now and goes on in `name`: where that one was left, or from here if it is new.
    pub fn fork(&mut self, name: &str, present: Point) -> Arc<Point> {
        let present = Arc::new(present);
        let left = std::mem::replace(&mut self.branch, name.to_owned());
        let next = self.branches.remove(name).unwrap_or_else(|| Arc::clone(&present));
        self.branches.insert(left, present);
        self.forget_undo();
        next
    }

    /// Forgets what can be taken back: it stays with the branch, and it is not kept on disk.
    pub fn forget_undo(&mut self) {
        self.undo.clear();
    }
}
