//! Discs from outside: good ones of every kind, and everything that can be wrong with one.
//! What real writers make is read in `.ci/oracles`, which needs their programs; these tests need nothing but Cargo.

#[path = "discs/images.rs"]
mod images;
#[path = "discs/layout.rs"]
mod layout;
#[path = "discs/lies.rs"]
mod lies;
#[path = "discs/updates.rs"]
mod updates;
