//! The machine under every root shell: files, users, units and processes as a Linux distribution has them, bash, and the
//! programs that show and change all this. Other systems stand on it and add their own programs.

pub mod attempts;
pub mod bash;
pub mod clock;
pub mod console;
pub mod coverage;
pub mod cron;
pub mod distro;
pub mod events;
pub mod facts;
pub mod family;
pub mod fs;
pub mod image;
pub mod interface;
pub mod io;
pub mod kernel;
pub mod lab_entry;
pub mod launch;
pub mod ledger;
pub mod load;
pub mod login;
pub mod made_files;
pub mod mode;
pub mod model;
pub mod multiplexing;
pub mod neighbours;
pub mod net;
pub mod own_files;
pub mod own_processes;
pub mod parting;
pub mod proc;
pub mod sessions;
pub mod shelved_files;
pub mod terminal;
pub mod tools;
pub mod unit_programs;
