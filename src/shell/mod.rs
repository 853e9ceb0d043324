//! What all emulated shells share.
