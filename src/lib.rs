//! appsh: a lab of simulated appliances that admins type into.
//!
//! The model is the product, text is a view of it, time is an input. What an admin types goes this way:
//!
//! ```text
//! front, transcript ─► operator ─► lab ─► systems/*/appliance ─► shell::lex, shell::argparse ─► systems/*/commands
//!  keys, files          session     executor   console: finds        words, options                asks or changes
//!  bytes out ◄──────── output ◄── screen ◄──────────────────────── Outcome, Value ◄────────────── the model
//! ```
//!
//! To follow one command from key press to screen, read in this order: `front/pipe.rs` (or `front/repl.rs`), `lab.rs`,
//! `systems/vcsa/appliance.rs`, `systems/vcsa/commands/system_version_get.rs`, `shell/command.rs`.
//!
//! # Invariants
//!
//! - Inside [`lab::Lab`] there is no clock, socket, file, thread or process of the host, and no chance but [`sim::Streams`].
//!   Media come in through [`media::Shelf`], time through [`lab::Lab::advance`]. What reading a medium gave is journaled.
//! - The state is plain data: [`world::World`] and the sessions. A coroutine is the only thing that is not, and a lab is
//!   saved, cloned and restored only while none runs.
//! - The model never formats, a renderer never decides. No answer is keyed by a command line.
//! - A secret is judged at the door ([`lab::Lab::secret`]) and goes no further; of a new password its digest does.
//! - Folders are the walls; each knows what stands left of it:
//!   `sim, payload, bash, vm ← systems/*/model ← world ← media ← shell ← systems ← journal, lab ← timeline ← operator ← director ←
//!   transcript, store ← front`. `tests/tidy.rs` reads the `use` lines to see that it holds.

pub mod bash;
pub mod director;
pub mod front;
pub mod journal;
pub mod lab;
pub mod lab_file;
pub mod media;
pub mod operator;
pub mod payload;
pub mod shell;
pub mod sim;
pub mod store;
pub mod systems;
pub mod timeline;
pub mod transcript;
pub mod vm;
pub mod world;
