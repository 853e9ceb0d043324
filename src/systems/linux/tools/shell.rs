//! `bash`, `ash` and `sh` as programs: a script, a text (`-c`), standard input, or a shell of its own at the keyboard.

use super::{Tool, tool};
use crate::systems::linux::bash::invoke;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ash", invoke), tool!("bash", invoke), tool!("sh", invoke)];
