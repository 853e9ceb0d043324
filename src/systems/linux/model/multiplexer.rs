//! The sessions of tmux and GNU screen: shells that go on when the terminal in front of them is gone. One window each. Their
//! servers are processes of the machine and go down with it. Numbers, names and texts are those of tmux 2.7 and screen 4.1, the
//! releases of RHEL 8 and 7; there is no source but the manuals, so what they print is inferred.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sim::Instant;

/// Which program keeps a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Multiplexer {
    /// tmux: one server for all sessions of a user.
    Tmux,
    /// GNU screen: a server for each session.
    Screen,
}

impl Multiplexer {
    /// The name of its program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Tmux => "tmux",
            Self::Screen => "screen",
        }
    }

    /// The name under which its server runs.
    #[must_use]
    pub fn server(self) -> &'static str {
        match self {
            Self::Tmux => "tmux",
            Self::Screen => "SCREEN",
        }
    }

    /// The key that, with Ctrl, is for the multiplexer and not for what runs in it.
    #[must_use]
    pub fn prefix(self) -> char {
        match self {
            Self::Tmux => 'b',
            Self::Screen => 'a',
        }
    }
}

/// A session of a multiplexer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Multiplexed {
    /// Whose it is.
    pub program: Multiplexer,
    /// The number of the user that began it: others do not see it.
    pub uid: u32,
    /// Its name: tmux counts from 0, screen puts the server's number before it.
    pub name: String,
    /// The server's process.
    pub server: u32,
    /// The number that tmux gives it, whatever its name.
    pub index: u32,
    /// Since when it is.
    pub created: Instant,
    /// Columns and rows of its one window.
    pub size: (u16, u16),
    /// The process in front of it, while a terminal is attached.
    pub client: Option<u32>,
}

/// The sessions of multiplexers on a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Multiplexers {
    kept: BTreeMap<u32, Multiplexed>,
    count: u32,
}

impl Multiplexers {
    /// Whether there has never been any.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.count == 0
    }

    /// Keeps another session; by this number it is known here.
    pub fn add(&mut self, kept: Multiplexed) -> u32 {
        self.count += 1;
        self.kept.insert(self.count, kept);
        self.count
    }

    /// The session of this number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Multiplexed> {
        self.kept.get(&number)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Multiplexed> {
        self.kept.get_mut(&number)
    }

    /// A session is over. Its server's process, when that has no other.
    pub fn remove(&mut self, number: u32) -> Option<u32> {
        let gone = self.kept.remove(&number)?;
        let used = self.kept.values().any(|kept| kept.server == gone.server);
        (!used).then_some(gone.server)
    }

    /// The sessions that a program keeps for a user, in the order of their beginning.
    pub fn of(&self, program: Multiplexer, uid: u32) -> impl Iterator<Item = (u32, &Multiplexed)> {
        let own = self.kept.iter().filter(move |(_, kept)| kept.program == program && kept.uid == uid);
        own.map(|(number, kept)| (*number, kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_goes_with_its_last_session() {
        let kept = |name: &str| Multiplexed {
            program: Multiplexer::Tmux,
            uid: 0,
            name: name.to_owned(),
            server: 700,
            index: 0,
            created: Instant::parse("2022-03-05T12:00:00Z").expect("a good time"),
            size: (80, 23),
            client: None,
        };
        let mut all = Multiplexers::default();
        assert!(all.is_unused());
        let (first, second) = (all.add(kept("0")), all.add(kept("deploy")));
        let names: Vec<&str> = all.of(Multiplexer::Tmux, 0).map(|(_, kept)| &*kept.name).collect();
        assert_eq!((names, all.of(Multiplexer::Screen, 0).count()), (vec!["0", "deploy"], 0));
        assert_eq!(all.of(Multiplexer::Tmux, 500).count(), 0, "each user has an own server");
        assert_eq!((all.remove(first), all.remove(first), all.remove(second)), (None, None, Some(700)));
        assert!(!all.is_unused());
    }
}
