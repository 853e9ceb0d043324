//! Sessions that go on when nobody looks at them, as multiplexers keep them, and what a multiplexer wants done with one.

use super::session::SessionId;
use crate::world::{MachineId, Shell};

/// Names a session of a multiplexer: its machine, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Detachable {
    /// On which machine its server runs.
    pub machine: MachineId,
    /// Its number there.
    pub number: u32,
}

/// What a multiplexer wants of the lab.
#[derive(Clone, Debug)]
pub struct Order {
    /// With which of its sessions.
    pub detachable: Detachable,
    /// What is to become of it.
    pub wish: Wish,
}

/// What is wanted with a session of a multiplexer.
#[derive(Clone, Debug)]
pub enum Wish {
    /// It begins, with this shell; in front of the person's terminal, if `true`.
    Begin(Box<Shell>, bool),
    /// The person's terminal turns to it, away from any other that looks at it.
    Attach,
    /// Whoever looks at it is back where the multiplexer was started, and reads this.
    Detach(String),
    /// It ends with all that runs in it.
    End,
}

/// An order, and the session in which the multiplexer's program runs.
pub type Asked = (SessionId, Order);
