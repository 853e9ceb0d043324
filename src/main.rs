//! The `appsh` program.

fn main() {}
