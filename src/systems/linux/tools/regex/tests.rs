//! Patterns with what GNU grep 3 and sed 4 make of them.

use super::*;

fn shown(pattern: &str, how: Syntax, options: Options, text: &[u8]) -> String {
    let regex = match Regex::new(pattern, how, options) {
        Ok(regex) => regex,
        Err(message) => return message,
    };
    assert_eq!(regex.is_match(text), regex.find_at(text, 0).is_some(), "{pattern}");
    match regex.captures_at(text, 0) {
        None => "no".to_owned(),
        Some(groups) => {
            assert_eq!(groups[0], regex.find_at(text, 0), "{pattern}");
            let show = |group: &Option<Range<usize>>| match group {
                Some(range) => format!("<{}>", String::from_utf8_lossy(&text[range.clone()])),
                None => "-".to_owned(),
            };
            groups.iter().map(show).collect()
        }
    }
}

#[test]
fn basic_expressions() {
    let check = |pattern: &str, text: &str, expect: &str| {
        assert_eq!(shown(pattern, Syntax::Basic, Options::default(), text.as_bytes()), expect, "{pattern} on {text}");
    };
    check("b*", "bbb", "<bbb>");
    check("*a", "x*a", "<*a>");
    check("^*a", "*a", "<*a>");
    check(r"\(*a\)", "*a", "<*a><*a>");
    check(r"x\|*a", "*a", "<*a>");
    check("a+", "aa+", "<a+>");
    check(r"a\+b\?", "aab", "<aab>");
    check(r"\(ab\)\{2,\}c", "xababc", "<ababc><ab>");
    check(r"a\{,2\}", "aaa", "<aa>");
    check("a^b$c", "a^b$c", "<a^b$c>");
    check(r"\(^a\)$", "a", "<a><a>");
    check(r"a\(b$\)", "ab", "<ab><b>");
    check(r"a\|b$", "xb", "<b>");
    check(r"\(a\|ab\)\(c\|bcd\)*", "abcd", "<abcd><a><bcd>");
    check("(a|b){2}", "(a|b){2}", "<(a|b){2}>");
    check(r"\(.\)\1", "abccd", "<cc><c>");
    check(r"\(a*\)b\10", "aabaa0", "<aabaa0><aa>");
    check(r"\<b\w*\>", "ab bc-", "<bc>");
    check(r"\bx\B.", "ax xy", "<xy>");
    check(r"\s\S\W", "a b.", "< b.>");
    check(r"\.\*\[\]", "a.*[]", "<.*[]>");
    check(r"\/\-", "/-", "</->");
    check("[[:digit:]]*", "12a", "<12>");
    check("[]a-]*", "]-a]b", "<]-a]>");
    check("[^]a]", "]ab", "<b>");
    check("[[.hyphen.][=a=]]*", "a-b", "<a->");
    check(r"[\n]*", r"\nn", r"<\nn>");
    check("[a", "", "Unmatched [, [^, [:, [., or [=");
    check("[[:foo:]]", "", "Invalid character class name");
    check("[:space:]", "", "character class syntax is [[:space:]], not [:space:]");
    check("[z-a]", "", "Invalid range end");
    check("[[.nothing.]]", "", "Invalid collation character");
    check(r"\(a", "", r"Unmatched ( or \(");
    check(r"a\)", "", r"Unmatched ) or \)");
    check(r"a\{1", "", r"Unmatched \{");
    check(r"a\{1a\}", "", r"Invalid content of \{\}");
    check(r"a\{2,1\}", "", r"Invalid content of \{\}");
    check(r"a\{1,99999\}", "", "Regular expression too big");
    check(r"\{1\}", "", "Invalid preceding regular expression");
    check(r"\(a\1\)", "", "Invalid back reference");
    check(r"a\", "", "Trailing backslash");
    check("a\nb", "xb", "<b>");
    check("ä.", "xäöü", "<äö>");
    check(&r"\(".repeat(100_000), "", "Regular expression too big");
}

#[test]
fn extended_expressions() {
    let check = |pattern: &str, text: &str, lenient: &str, strict: &str| {
        for (strict, expect) in [(false, lenient), (true, strict)] {
            let options = Options { strict, ..Options::default() };
            let found = shown(pattern, Syntax::Extended, options, text.as_bytes());
            assert_eq!(found, expect, "{pattern} on {text}, strict {strict}");
        }
    };
    let both = |pattern: &str, text: &str, expect: &str| check(pattern, text, expect, expect);
    const PRECEDING: &str = "Invalid preceding regular expression";
    both("(ab)+c?", "ababc", "<ababc><ab>");
    both("a|ab|abc", "abcd", "<abc>");
    both("a?(ab)?", "ab", "<ab><ab>");
    both("(a)|b", "b", "<b>-");
    both("x*", "aaa", "<>");
    both("a**b", "aab", "<aab>");
    both("a+?b", "aab", "<aab>");
    both("a{2}{2}", "aaaaa", "<aaaa>");
    both("()b", "b", "<b><>");
    both("a^b|c", "c", "<c>");
    both(r"(.)(.)\2\1", "xabbay", "<abba><a><b>");
    both(r"\(a\)", "(a)", "<(a)>");
    check("*a", "*a", "<a>", PRECEDING);
    check("a|*b", "*b", "<b>", PRECEDING);
    check("(+a)", "a", "<a><a>", PRECEDING);
    check("a{x", "a{x", "<a{x>", r"Invalid content of \{\}");
    check("a{1", "a{1", "<a{1>", r"Unmatched \{");
    check("{1}a", "{1}a", "<{1}a>", PRECEDING);
    both("(a", "", r"Unmatched ( or \(");
    check("a)", "a)", "<a)>", r"Unmatched ) or \)");
    check("a\nb", "b", "<b>", "no");
}

#[test]
fn options_and_other_syntaxes() {
    let check = |pattern: &str, how: Syntax, options: Options, text: &[u8], expect: &str| {
        assert_eq!(shown(pattern, how, options, text), expect, "{pattern}");
    };
    let plain = Options::default();
    let nocase = Options { nocase: true, ..plain };
    check("aB[c]", Syntax::Basic, nocase, b"xAbC", "<AbC>");
    check(r"\(a\)\1", Syntax::Basic, nocase, b"aA", "<aA><a>");
    check("^b$", Syntax::Basic, Options { multiline: true, ..plain }, b"a\nb\nc", "<b>");
    check("^b$", Syntax::Basic, plain, b"a\nb\nc", "no");
    check("a.b*", Syntax::Fixed, plain, b"xa.b*", "<a.b*>");
    check("b|ab\nx", Syntax::Fixed, plain, b"ab|abx", "<b|ab>");
    let word = Options { word: true, ..plain };
    check("b*", Syntax::Basic, word, b"abb bb", "<bb>");
    check("foo\\|foobar", Syntax::Basic, word, b"foobar", "<foobar>");
    check(r"\(o\)\1", Syntax::Basic, word, b"foo oo", "<oo><o>");
    check("a*", Syntax::Basic, Options { line: true, ..plain }, b"aab", "no");
    check("b", Syntax::Basic, plain, b"\xff\xfeb", "<b>");
    check(r"\(b\)\1", Syntax::Basic, plain, b"\xff\xfebbx", "<bb><b>");
    check("a.b", Syntax::Basic, plain, b"a\xffb", "no");
    check(r"(?<=k=)\d+(?!x)", Syntax::Perl, plain, b"k=12", "<12>");
    check(r"k=\K\d+", Syntax::Perl, plain, b"k=12", "<12>");
    check("(a", Syntax::Perl, plain, b"", "missing closing parenthesis");
    check("*a", Syntax::Perl, plain, b"", "quantifier does not follow a repeatable item");
}

#[test]
fn what_is_hostile_ends() {
    let text = "a".repeat(5000);
    let regex = Regex::new(r"\(a*\)*\(a*\)*\1b", Syntax::Basic, Options::default()).expect("a pattern");
    assert!(!regex.is_match(text.as_bytes()));
    let nested = format!("{}x{}", "(".repeat(150), "){1,9}".repeat(150));
    assert!(Regex::new(&nested, Syntax::Extended, Options::default()).is_err());
}

#[test]
fn searching_goes_on_where_it_was() {
    let regex = Regex::new("^a\\|b", Syntax::Basic, Options::default()).expect("a pattern");
    assert_eq!(regex.find_at(b"aab", 1), Some(2..3));
    assert_eq!(regex.find_at(b"aab", 4), None);
    assert_eq!(extended("(a)(b)?", false).map(|regex| regex.groups()), Some(2));
}
