//! appsh: a lab of simulated appliances that admins type into.

pub mod payload;
pub mod shell;
pub mod sim;
