//! appsh: a lab of simulated appliances that admins type into.

pub mod director;
pub mod journal;
pub mod lab;
pub mod lab_file;
pub mod media;
pub mod operator;
pub mod payload;
pub mod shell;
pub mod sim;
pub mod systems;
pub mod timeline;
pub mod transcript;
pub mod vm;
pub mod world;
