//! The order of names: in the C locale that of bytes, else that of glibc's `iso14651_t1`, in which letters count before
//! their case, and punctuation only where all else is the same. Compared with `sort` of glibc 2.36 in `en_US.UTF-8`.

use std::cmp::Ordering;

use crate::systems::linux::proc::Proc;

/// Whether names are in the order of a language.
pub fn has_language(p: &Proc) -> bool {
    let of = |name: &str| p.env(name).filter(|text| !text.is_empty());
    let locale = of("LC_ALL").or_else(|| of("LC_COLLATE")).or_else(|| of("LANG")).unwrap_or("C");
    is_language(locale)
}

/// Whether a locale is that of a language.
pub fn is_language(locale: &str) -> bool {
    !matches!(locale.split('.').next(), Some("C" | "POSIX"))
}

/// How two names are ordered.
pub fn compare(a: &str, b: &str, language: bool) -> Ordering {
    if !language {
        return a.cmp(b);
    }
    let letters = |text| str::chars(text).filter(|letter| counts(*letter)).map(folded);
    let cases = |text| str::chars(text).filter(|letter| counts(*letter)).map(char::is_uppercase);
    let all = |text| str::chars(text).map(|letter| (counts(letter), letter));
    letters(a).cmp(letters(b)).then_with(|| cases(a).cmp(cases(b))).then_with(|| all(a).cmp(all(b)))
}

/// How two lines are ordered, whatever bytes they have.
pub fn compare_bytes(a: &[u8], b: &[u8], language: bool) -> Ordering {
    if !language {
        return a.cmp(b);
    }
    compare(&String::from_utf8_lossy(a), &String::from_utf8_lossy(b), true).then_with(|| a.cmp(b))
}

/// Whether a character counts beside punctuation.
fn counts(character: char) -> bool {
    character.is_alphanumeric() || character == '$'
}

fn folded(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_sort() {
        let check = |language: bool, expect: &str| {
            let mut names: Vec<&str> = expect.split(' ').collect();
            names.reverse();
            names.sort_by(|a, b| compare(a, b, language));
            assert_eq!(names.join(" "), expect);
        };
        check(true, "1-1 11 anaconda-ks.cfg .bash_history .bashrc .cshrc Desktop fooa foo-bar foo_bar foobar .z zz");
        check(true, "$a 0a 9a !a a A a-b a.b ab a.B aB Ab AB ab.c b B");
        check(false, "$a .z 0 A B a b");
    }
}
