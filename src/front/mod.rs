//! The ways in: what turns bytes of the host into lines and text into bytes.

pub mod payload;
