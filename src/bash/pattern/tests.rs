//! What bash 5.2 answered for `[[ text == pattern ]]`, for the names of files, and for `${x#p}` and its kin.

use super::*;
use crate::bash::mutation::mutate;

const EXTENDED: Options = Options { extglob: true, nocase: false };

fn check(text: &str, pattern: &str, fits: bool) {
    assert_eq!(Pattern::new(pattern, EXTENDED).matches(text), fits, "[[ {text} == {pattern} ]]");
}

#[test]
fn a_whole_text_fits_as_in_bash() {
    for (text, pattern, fits) in WHOLE {
        check(text, pattern, *fits);
    }
}

const WHOLE: &[(&str, &str, bool)] = &[
    ("a(b)c", "@(a(b)c)", true),
    ("a(b", "@(a(b)", false),
    ("@(a(b", "@(a(b", true),
    ("a", "!(a)", false),
    ("", "!(a)", true),
    ("aab", "+(a)b", true),
    ("b", "+(a)b", false),
    ("b", "*(a)b", true),
    ("a]", "a]", true),
    ("[abc", "[abc", true),
    ("]", "[]]", true),
    ("x", "[!]a]", true),
    ("b", "[\\]b]", true),
    ("-", "[a\\-z]", true),
    ("b", "[a\\-z]", false),
    ("b", "[z-a]", false),
    ("-", "[a-]", true),
    ("é", "?", true),
    ("a", "[[:foo:]]", false),
    ("a", "[[:alpha:]]", true),
    ("5", "[![:alpha:]]", true),
    ("a", "[[=a=]]", true),
    ("-", "[[.-.]]", true),
    ("-", "[[.hyphen.]]", true),
    ("a)b", "@(a[)]b)", true),
    ("a|b", "@(a[|]b)", true),
    ("\\", "\\", true),
    ("a\\", "a\\", true),
    ("*", "\\*", true),
    ("a", "\\*", false),
    ("a/b", "a*b", true),
    ("abcd", "!(*c)", true),
    ("[", "[", true),
    ("[]", "[]", true),
    ("[!]", "[!]", true),
    ("a", "[[:alpha:]", false),
    ("[a", "[[:alpha:]", true),
    ("[:a", "[[:alpha:]", false),
    (":]", "[[:alpha:]", false),
    ("a]", "[[:alpha]", false),
    ("a", "[[:alpha]", true),
    (":", "[[:alpha]", true),
    ("", "@()", true),
    ("b", "@(|b)", true),
    ("^a", "\\^a", true),
    ("b", "[^a]", true),
    ("a", "[a/b]", true),
    ("ab", "a?(b|c)", true),
    ("abc", "*(a|b|c)", true),
    ("foo.txt", "!(*.txt|*.c)", false),
    ("foo.h", "!(*.txt|*.c)", true),
    ("abab", "@(a|ab|ba)*(b|ab)", true),
];

/// The names out of `.a .ab .b a b` that each pattern gave, without and with `dotglob`.
const NAMES: &[(&str, &str, &str)] = &[
    ("*", "a b", ".a .ab .b a b"),
    ("?a", "", ".a"),
    ("[.]a", "", ".a"),
    ("@(.a|b)", ".a b", ".a b"),
    ("!(a)", "b", ".a .ab .b b"),
    ("?(x).b", ".b", ".b"),
    ("!(a)b", "b", ".ab .b b"),
    ("*(.)a", ".a a", ".a a"),
    (".*", ".a .ab .b", ".a .ab .b"),
    ("*(x)*", "a b", ".a .ab .b a b"),
    ("@(.|b)*", ".a .ab .b b", ".a .ab .b b"),
    ("@(*|.b)", ".b a b", ".a .ab .b a b"),
    ("!(.a)", "a b", ".ab .b a b"),
    (".!(a)", ".ab .b", ".ab .b"),
    ("+(?)", "a b", ".a .ab .b a b"),
];

#[test]
fn a_dot_at_the_start_of_a_name_must_be_said() {
    for (pattern, plain, dotted) in NAMES {
        for (dotglob, expected) in [(false, plain), (true, dotted)] {
            let pattern = Pattern::new(pattern, EXTENDED);
            let names = [".a", ".ab", ".b", "a", "b"].into_iter();
            let found: Vec<&str> = names.filter(|name| pattern.matches_path_component(name, dotglob)).collect();
            assert_eq!(found.join(" "), *expected, "{pattern:?} {dotglob}");
        }
    }
    assert!(!Pattern::new("*", EXTENDED).matches_path_component("..", true));
    assert!(Pattern::new(".*", EXTENDED).matches_path_component("..", true));
}

/// A text and a pattern; what `#`, `##`, `%`, `%%` leave of the text, and `${x/p/<>}`, `${x//p/<>}`.
type Parts = (&'static str, &'static str, [&'static str; 6]);

#[test]
fn parts_fit_as_in_bash() {
    for (text, pattern, expected) in PARTS {
        let compiled = Pattern::new(pattern, EXTENDED);
        let front = |at: Option<usize>| &text[at.unwrap_or(0)..];
        let back = |at: Option<usize>| &text[..at.unwrap_or(text.len())];
        let found = [
            front(compiled.shortest_prefix(text)).to_owned(),
            front(compiled.longest_prefix(text)).to_owned(),
            back(compiled.shortest_suffix(text)).to_owned(),
            back(compiled.longest_suffix(text)).to_owned(),
            replaced(&compiled, text, 1),
            replaced(&compiled, text, usize::MAX),
        ];
        assert_eq!(found, *expected, "{text} {pattern}");
    }
}

fn replaced(pattern: &Pattern, text: &str, most: usize) -> String {
    let (mut out, mut at, mut done) = (String::new(), 0, 0);
    while done < most && at < text.len() {
        let Some(found) = pattern.find(text, at).filter(|found| !found.is_empty()) else { break };
        out += &format!("{}<>", &text[at..found.start]);
        (at, done) = (found.end, done + 1);
    }
    out + &text[at..]
}

const PARTS: &[Parts] = &[
    (
        "/usr/lib/a.tar.gz",
        "*/",
        ["usr/lib/a.tar.gz", "a.tar.gz", "/usr/lib/a.tar.gz", "/usr/lib/a.tar.gz", "<>a.tar.gz", "<>a.tar.gz"],
    ),
    (
        "/usr/lib/a.tar.gz",
        ".*",
        ["/usr/lib/a.tar.gz", "/usr/lib/a.tar.gz", "/usr/lib/a.tar", "/usr/lib/a", "/usr/lib/a<>", "/usr/lib/a<>"],
    ),
    ("aaaa", "a", ["aaa", "aaa", "aaa", "aaa", "<>aaa", "<><><><>"]),
    ("aaaa", "a*", ["aaa", "", "aaa", "", "<>", "<>"]),
    ("aaaa", "*a", ["aaa", "", "aaa", "", "<>", "<>"]),
    ("aaab", "+(a)", ["aab", "b", "aaab", "aaab", "<>b", "<>b"]),
    ("aaab", "*(a|b)", ["aaab", "", "aaab", "", "<>", "<>"]),
    ("héhéh", "é", ["héhéh", "héhéh", "héhéh", "héhéh", "h<>héh", "h<>h<>h"]),
    ("héhéh", "h?", ["héh", "héh", "héhéh", "héhéh", "<>héh", "<><>h"]),
    ("héhéh", "*é", ["héh", "h", "héhéh", "héhéh", "<>h", "<>h"]),
    ("abcabc", "b*c", ["abcabc", "abcabc", "abca", "a", "a<>", "a<>"]),
    ("abcabc", "[bc]", ["abcabc", "abcabc", "abcab", "abcab", "a<>cabc", "a<><>a<><>"]),
    ("abcabc", "[!b]", ["bcabc", "bcabc", "abcab", "abcab", "<>bcabc", "<>b<><>b<>"]),
    ("abcabc", "@(ab|abc)", ["cabc", "abc", "abc", "abc", "<>abc", "<><>"]),
    ("foo.tar.gz", "!(*.gz)", ["foo.tar.gz", "z", "foo.tar.gz", "foo.tar.", "<>z", "<><>"]),
    ("foo.tar.gz", ".!(*.gz)", ["foo.tar.gz", "foo.tar.gz", "foo.tar", "foo.tar", "foo<>z", "foo<>z"]),
    ("xyz", "q", ["xyz", "xyz", "xyz", "xyz", "xyz", "xyz"]),
    ("a*b", "\\*", ["a*b", "a*b", "a*b", "a*b", "a<>b", "a<>b"]),
    ("a.b.c", "?.", ["b.c", "b.c", "a.b.c", "a.b.c", "<>b.c", "<><>c"]),
    ("mississippi", "*(s)i", ["mississippi", "mississippi", "mississipp", "mississipp", "m<>ssissippi", "m<><><>pp<>"]),
    ("mississippi", "is*s", ["mississippi", "mississippi", "mississippi", "mississippi", "m<>ippi", "m<>ippi"]),
    (
        "mississippi",
        "@(is|ss)*(i)",
        ["mississippi", "mississippi", "mississippi", "mississippi", "m<>sissippi", "m<>s<>sippi"],
    ),
];

#[test]
fn case_and_groups_are_options() {
    let nocase = Options { extglob: false, nocase: true };
    for (text, pattern, fits) in
        [("ABC", "a[a-c]c", true), ("É", "é", true), ("+(a)", "+(a)", true), ("a", "+(a)", false)]
    {
        assert_eq!(Pattern::new(pattern, nocase).matches(text), fits, "{text} {pattern}");
    }
}

#[test]
fn quoting_and_magic() {
    for (text, magic) in [
        ("abc", false),
        ("a*", true),
        ("a\\*", false),
        ("[a", false),
        ("[a]", true),
        ("a]", false),
        ("+(a)", true),
        ("(a)", false),
        ("what?", true),
    ] {
        assert_eq!(is_magic(text), magic, "{text}");
        assert!(!is_magic(&escape(text)));
        assert_eq!(unescape(&escape(text)), text);
        assert!(Pattern::new(&escape(text), EXTENDED).matches(text), "{text}");
    }
}

#[test]
fn hostile_patterns_stay_cheap() {
    let long = "a".repeat(1000);
    for pattern in
        ["*(*(*(a)))b", "+(a|aa|aaa)+(a|aa)b", "!(!(!(!(a*)*)*)*)b", "*a*a*a*a*a*a*a*b", "@(*|*|*)@(*|*)@(*|*)b"]
    {
        let pattern = Pattern::new(pattern, EXTENDED);
        assert!(!pattern.matches(&long), "{pattern:?}");
        assert_eq!(pattern.find(&long, 0), None);
        assert_eq!(pattern.longest_suffix(&long), None);
    }
    for pattern in ["@(".repeat(20_000), "[".repeat(4_000), "[[.".repeat(5_000), "@(a".repeat(500) + &")".repeat(500)] {
        assert!(!Pattern::new(&pattern, EXTENDED).matches("b"));
    }
}

#[test]
fn damaged_patterns_keep_their_promises() {
    let samples: Vec<&str> = WHOLE.iter().flat_map(|(text, pattern, _)| [*text, *pattern]).collect();
    let mut texts = Vec::new();
    mutate(3, &samples, 1500, |text| texts.push(text.to_owned()));
    for pair in texts.windows(2) {
        let (text, pattern) = (&pair[0], Pattern::new(&pair[1], EXTENDED));
        assert_eq!(pattern.matches(text), pattern.longest_prefix(text) == Some(text.len()), "{pair:?}");
        assert_eq!(pattern.matches(text), pattern.longest_suffix(text) == Some(0), "{pair:?}");
        if let Some(found) = pattern.find(text, 0) {
            assert!(pattern.matches(&text[found]), "{pair:?}");
        }
        assert!(!pattern.matches_path_component(text, false) || pattern.matches(text));
    }
}
