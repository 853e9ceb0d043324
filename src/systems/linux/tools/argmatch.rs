//! Values of options that are words out of a list, as coreutils take and refuse them (gnulib's `argmatch`).

use super::input::quoted;

/// What is wrong with how a program was called: the complaint. How it ends differs between the two.
pub enum Wrong {
    /// A word that an option does not know.
    Word(String),
    /// Anything else.
    Other(String),
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self::Word(text)
    }
}

/// The value of an option that takes one of some words, or an unambiguous beginning of it. Words that mean the same stand
/// together with `|` between; the first of them is given.
///
/// # Errors
/// What coreutils say of any other.
pub fn argument<'a>(value: Option<&str>, option: &str, words: &[&'a str]) -> Result<&'a str, String> {
    let value = value.unwrap_or_default();
    let fits = |group: &&&str, whole: bool| {
        group.split('|').any(|word| if whole { word == value } else { word.starts_with(value) })
    };
    let exact = words.iter().find(|group| fits(group, true));
    let mut fitting = words.iter().filter(|group| fits(group, false));
    let kind = match (exact, fitting.next(), fitting.next()) {
        (Some(group), ..) | (None, Some(group), None) => return Ok(group.split('|').next().unwrap_or(group)),
        (None, None, _) => "invalid",
        (None, Some(_), Some(_)) => "ambiguous",
    };
    let line = |group: &&str| {
        let words: Vec<String> = group.split('|').map(quoted).collect();
        format!("\n  - {}", words.join(", "))
    };
    let valid: String = words.iter().map(line).collect();
    let (value, option) = (quoted(value), quoted(option));
    Err(format!("{kind} argument {value} for {option}\nValid arguments are:{valid}"))
}

#[cfg(test)]
mod tests {
    use super::argument;

    #[test]
    fn a_word_or_its_beginning_is_found() {
        let words = ["none|off", "numbered|t", "simple|never"];
        for (value, expect) in [("off", "none"), ("nu", "numbered"), ("t", "numbered"), ("s", "simple")] {
            assert_eq!(argument(Some(value), "--backup", &words), Ok(expect), "{value}");
        }
        let list = "\nValid arguments are:\n  - ‘none’, ‘off’\n  - ‘numbered’, ‘t’\n  - ‘simple’, ‘never’";
        for (value, kind) in [("x", "invalid"), ("n", "ambiguous"), ("", "ambiguous")] {
            let expect = format!("{kind} argument ‘{value}’ for ‘--backup’{list}");
            assert_eq!(argument(Some(value), "--backup", &words), Err(expect), "{value}");
        }
    }
}
