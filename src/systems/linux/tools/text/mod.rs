//! Programs that read text and print it otherwise: grep, coreutils' text utilities, diffutils and what goes with them.

pub mod base;
pub mod cat;
pub mod cmp;
pub mod csplit;
pub mod diff;
pub mod dump;
pub mod expr;
pub mod fields;
pub mod fmt;
pub mod grep;
pub mod head;
pub mod join;
pub mod layout;
pub mod numfmt;
pub mod pieces;
pub mod plain;
pub mod seq;
pub mod shape;
pub mod small;
pub mod sort;
pub mod split;
pub mod sums;
pub mod tail;
pub mod tr;
pub mod uniq;
pub mod wc;
