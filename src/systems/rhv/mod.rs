//! Red Hat Virtualization: the hosts of a cluster with their HA agents, the Manager that they keep alive, and `hosted-engine`.

pub mod backup;
pub mod commands;
pub mod coverage;
pub mod deployment;
pub mod events;
pub mod facts;
pub mod family;
pub mod faults;
pub mod files;
pub mod lab_entry;
pub mod lockspaces;
pub mod logs;
pub mod model;
pub mod mounts;
pub mod network;
pub mod network_test;
pub mod processes;
pub mod release;
pub mod units;
