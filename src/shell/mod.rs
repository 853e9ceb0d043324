//! What all emulated shells share.

pub mod argparse;
pub mod lex;
