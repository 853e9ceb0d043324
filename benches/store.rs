//! Opening a saved lab.

fn main() {}
