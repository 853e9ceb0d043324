//! Passwords on a command line: kept out of history and transcripts.

use std::borrow::Cow;

const OPTION: &str = "--password";

/// The line with the value of each `--password` left out.
#[must_use]
pub fn masked(line: &str) -> Cow<'_, str> {
    let Some(at) = line.find(OPTION).map(|at| at + OPTION.len()) else { return Cow::Borrowed(line) };
    let (before, rest) = line.split_at(at);
    let gap = rest.len() - rest.trim_start_matches([' ', '=']).len();
    if gap == 0 {
        return Cow::Owned(format!("{before}{}", masked(rest)));
    }
    let (gap, value) = rest.split_at(gap);
    let end = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |at| at + 2),
        Some(_) => value.find(' ').unwrap_or(value.len()),
        None => return Cow::Borrowed(line),
    };
    Cow::Owned(format!("{before}{gap}********{}", masked(&value[end..])))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn values_of_password_options_are_left_out() {
        let check = |line, expect| assert_eq!(masked(line), expect);
        check("software-packages list", "software-packages list");
        check("x --password secret --iso", "x --password ******** --iso");
        check("x --password=secret", "x --password=********");
        check("x --password 'my secret' --y --password \"b c\"", "x --password ******** --y --password ********");
        check("x --password", "x --password");
        check("x --passwords y --password z", "x --passwords y --password ********");
    }
}
