//! What any simulated world needs before it has an appliance in it: virtual time, an event queue, tasks, named random
//! streams and fault rules. No text for screens, no socket, no clock of the host.

pub mod fault;
pub mod queue;
pub mod random;
pub mod task;
pub mod time;

pub use fault::Faults;
pub use queue::Queue;
pub use random::Streams;
pub use task::Tasks;
pub use time::{Instant, Span};
