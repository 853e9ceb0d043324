//! The language of bash, apart from any machine: words, grammar, patterns, arithmetic. What a command does stands with the
//! machine that runs it (`systems/linux`).

pub mod arithmetic;
pub mod ast;
pub mod brace;
#[cfg(test)]
pub mod mutation;
pub mod parse;
pub mod pattern;
pub mod print;
pub mod printf;
pub mod quote;
pub mod test;
pub mod version;
