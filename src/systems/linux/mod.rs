//! The machine under every root shell: files, users, units and processes as a Linux distribution has them, and the tools
//! that show and change them.

pub mod distro;
pub mod fs;
pub mod image;
