//! What all emulated shells share: words, options, values, screens, sessions and the coroutines in which commands run.

pub mod argparse;
pub mod command;
pub mod context;
pub mod coroutine;
pub mod detachable;
pub mod lex;
pub mod screen;
pub mod secret;
pub mod session;
pub mod value;

pub use command::{Evidence, Grade, Outcome, Step};
pub use context::Context;
pub use coroutine::{Cx, Task};
pub use detachable::{Detachable, Order};
pub use screen::Screen;
pub use session::{CONSOLES, Door, Session, SessionId, Terminal};
pub use value::Value;
