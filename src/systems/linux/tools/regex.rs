//! Regular expressions of POSIX, basic and extended with GNU's additions, put into the words of the `regex` package.

/// An extended expression; nothing where it is wrong.
#[must_use]
pub fn extended(pattern: &str, nocase: bool) -> Option<::regex::Regex> {
    ::regex::RegexBuilder::new(pattern).case_insensitive(nocase).size_limit(1 << 20).build().ok()
}
