//! What bash 5.2 printed.

use super::*;
use crate::bash::mutation::mutate;

/// A text, and what `${x@Q}`, `set`, `printf %q` and `declare -p` made of it.
const QUOTED: &[[&str; 5]] = &[
    ["", "''", "", "''", "\"\""],
    ["a", "'a'", "a", "a", "\"a\""],
    ["a b", "'a b'", "'a b'", "a\\ b", "\"a b\""],
    ["it's", "'it'\\''s'", "'it'\\''s'", "it\\'s", "\"it's\""],
    ["a\u{a}b", "$'a\\nb'", "$'a\\nb'", "$'a\\nb'", "$'a\\nb'"],
    ["\u{9}", "$'\\t'", "$'\\t'", "$'\\t'", "$'\\t'"],
    ["\u{1}", "$'\\001'", "$'\\001'", "$'\\001'", "$'\\001'"],
    ["\u{7f}", "$'\\177'", "$'\\177'", "$'\\177'", "$'\\177'"],
    ["é", "'é'", "é", "é", "\"é\""],
    ["a\"b", "'a\"b'", "'a\"b'", "a\\\"b", "\"a\\\"b\""],
    ["a$b", "'a$b'", "'a$b'", "a\\$b", "\"a\\$b\""],
    ["a`b", "'a`b'", "'a`b'", "a\\`b", "\"a\\`b\""],
    ["a\\b", "'a\\b'", "'a\\b'", "a\\\\b", "\"a\\\\b\""],
    ["~a", "'~a'", "'~a'", "\\~a", "\"~a\""],
    ["a~", "'a~'", "a~", "a~", "\"a~\""],
    ["a=b", "'a=b'", "a=b", "a=b", "\"a=b\""],
    ["#a", "'#a'", "'#a'", "\\#a", "\"#a\""],
    ["a#b", "'a#b'", "a#b", "a#b", "\"a#b\""],
    ["a!b", "'a!b'", "'a!b'", "a\\!b", "\"a!b\""],
    ["*", "'*'", "'*'", "\\*", "\"*\""],
    ["{a,b}", "'{a,b}'", "'{a,b}'", "\\{a\\,b\\}", "\"{a,b}\""],
    ["a,b", "'a,b'", "a,b", "a\\,b", "\"a,b\""],
    ["[x]", "'[x]'", "'[x]'", "\\[x\\]", "\"[x]\""],
    ["x^y", "'x^y'", "'x^y'", "x\\^y", "\"x^y\""],
    ["%x", "'%x'", "%x", "%x", "\"%x\""],
    ["-n", "'-n'", "-n", "-n", "\"-n\""],
    ["a:b", "'a:b'", "a:b", "a:b", "\"a:b\""],
    ["a/b", "'a/b'", "a/b", "a/b", "\"a/b\""],
    ["a;b", "'a;b'", "'a;b'", "a\\;b", "\"a;b\""],
    ["'", "\\'", "\\'", "\\'", "\"'\""],
    ["a\u{1b}b'", "$'a\\Eb\\''", "$'a\\Eb\\''", "$'a\\Eb\\''", "$'a\\Eb\\''"],
    ["\u{d}", "$'\\r'", "$'\\r'", "$'\\r'", "$'\\r'"],
    ["a@b", "'a@b'", "a@b", "a@b", "\"a@b\""],
    ["a+b", "'a+b'", "a+b", "a+b", "\"a+b\""],
    ["(", "'('", "'('", "\\(", "\"(\""],
    ["|&<>", "'|&<>'", "'|&<>'", "\\|\\&\\<\\>", "\"|&<>\""],
    ["é\u{a}", "$'é\\n'", "$'é\\n'", "$'é\\n'", "$'é\\n'"],
    ["日本", "'日本'", "日本", "日本", "\"日本\""],
    ["a\u{a}'", "$'a\\n\\''", "$'a\\n\\''", "$'a\\n\\''", "$'a\\n\\''"],
    ["=", "'='", "=", "=", "\"=\""],
    ["a~b:~c", "'a~b:~c'", "'a~b:~c'", "a~b:\\~c", "\"a~b:~c\""],
    ["''", "''\\'''\\'''", "''\\'''\\'''", "\\'\\'", "\"''\""],
];

/// A text, and its bytes in `$'…'`, by `echo -e`, by `%b`, and as a format.
const ESCAPES: &[(&str, [&[u8]; 4])] = &[
    ("a\\nb", [&[0x61, 0x0a, 0x62], &[0x61, 0x0a, 0x62], &[0x61, 0x0a, 0x62], &[0x61, 0x0a, 0x62]]),
    ("\\x41", [&[0x41], &[0x41], &[0x41], &[0x41]]),
    ("\\x4", [&[0x04], &[0x04], &[0x04], &[0x04]]),
    (
        "\\xé",
        [&[0x5c, 0x78, 0xc3, 0xa9], &[0x5c, 0x78, 0xc3, 0xa9], &[0x5c, 0x78, 0xc3, 0xa9], &[0x5c, 0x78, 0xc3, 0xa9]],
    ),
    (
        "\\u e",
        [&[0x5c, 0x75, 0x20, 0x65], &[0x5c, 0x75, 0x20, 0x65], &[0x5c, 0x75, 0x20, 0x65], &[0x5c, 0x75, 0x20, 0x65]],
    ),
    ("\\u00e9", [&[0xc3, 0xa9], &[0xc3, 0xa9], &[0xc3, 0xa9], &[0xc3, 0xa9]]),
    ("\\u20ac", [&[0xe2, 0x82, 0xac], &[0xe2, 0x82, 0xac], &[0xe2, 0x82, 0xac], &[0xe2, 0x82, 0xac]]),
    (
        "\\U0001F600",
        [&[0xf0, 0x9f, 0x98, 0x80], &[0xf0, 0x9f, 0x98, 0x80], &[0xf0, 0x9f, 0x98, 0x80], &[0xf0, 0x9f, 0x98, 0x80]],
    ),
    ("\\101", [&[0x41], &[0x5c, 0x31, 0x30, 0x31], &[0x41], &[0x41]]),
    ("\\0101", [&[0x08, 0x31], &[0x41], &[0x41], &[0x08, 0x31]]),
    ("\\01012", [&[0x08, 0x31, 0x32], &[0x41, 0x32], &[0x41, 0x32], &[0x08, 0x31, 0x32]]),
    ("\\777", [&[0xff], &[0x5c, 0x37, 0x37, 0x37], &[0xff], &[0xff]]),
    ("\\400", [&[], &[0x5c, 0x34, 0x30, 0x30], &[0x00], &[0x00]]),
    ("\\c?", [&[0x7f], &[], &[], &[0x5c, 0x63, 0x3f]]),
    ("\\c\\\\x", [&[0x1c, 0x78], &[], &[], &[0x5c, 0x63, 0x5c, 0x78]]),
    ("\\ca", [&[0x01], &[], &[], &[0x5c, 0x63, 0x61]]),
    ("\\'", [&[0x27], &[0x5c, 0x27], &[0x5c, 0x27], &[0x27]]),
    ("\\\"", [&[0x22], &[0x5c, 0x22], &[0x5c, 0x22], &[0x22]]),
    ("\\q", [&[0x5c, 0x71], &[0x5c, 0x71], &[0x5c, 0x71], &[0x5c, 0x71]]),
    (
        "\\e\\E\\a\\b\\f\\v\\r\\t",
        [
            &[0x1b, 0x1b, 0x07, 0x08, 0x0c, 0x0b, 0x0d, 0x09],
            &[0x1b, 0x1b, 0x07, 0x08, 0x0c, 0x0b, 0x0d, 0x09],
            &[0x1b, 0x1b, 0x07, 0x08, 0x0c, 0x0b, 0x0d, 0x09],
            &[0x1b, 0x1b, 0x07, 0x08, 0x0c, 0x0b, 0x0d, 0x09],
        ],
    ),
    ("\\\\", [&[0x5c], &[0x5c], &[0x5c], &[0x5c]]),
    ("x\\0y", [&[0x78], &[0x78, 0x00, 0x79], &[0x78, 0x00, 0x79], &[0x78, 0x00, 0x79]]),
    ("x\\x00y", [&[0x78], &[0x78, 0x00, 0x79], &[0x78, 0x00, 0x79], &[0x78, 0x00, 0x79]]),
    (
        "\\x{41}",
        [
            &[0x41],
            &[0x5c, 0x78, 0x7b, 0x34, 0x31, 0x7d],
            &[0x5c, 0x78, 0x7b, 0x34, 0x31, 0x7d],
            &[0x5c, 0x78, 0x7b, 0x34, 0x31, 0x7d],
        ],
    ),
    ("\\u", [&[0x5c, 0x75], &[0x5c, 0x75], &[0x5c, 0x75], &[0x5c, 0x75]]),
    ("\\x", [&[0x5c, 0x78], &[0x5c, 0x78], &[0x5c, 0x78], &[0x5c, 0x78]]),
    ("\\c", [&[0x5c, 0x63], &[], &[], &[0x5c, 0x63]]),
    ("\\1234", [&[0x53, 0x34], &[0x5c, 0x31, 0x32, 0x33, 0x34], &[0x53, 0x34], &[0x53, 0x34]]),
    ("\\?", [&[0x3f], &[0x5c, 0x3f], &[0x5c, 0x3f], &[0x3f]]),
    ("\\uD800", [&[0xed, 0xa0, 0x80], &[0xed, 0xa0, 0x80], &[0xed, 0xa0, 0x80], &[0xed, 0xa0, 0x80]]),
    ("\\xff", [&[0xff], &[0xff], &[0xff], &[0xff]]),
    ("\\8", [&[0x5c, 0x38], &[0x5c, 0x38], &[0x5c, 0x38], &[0x5c, 0x38]]),
    ("abc\\x0", [&[0x61, 0x62, 0x63], &[0x61, 0x62, 0x63, 0x00], &[0x61, 0x62, 0x63, 0x00], &[0x61, 0x62, 0x63, 0x00]]),
];

#[test]
fn quotes_are_those_of_bash() {
    for [text, q, set, printf, declare] in QUOTED {
        let found = [&*shell_quote(text), &*set_quote(text), &*printf_q(text), &*declare_quote(text)];
        assert_eq!(found, [*q, *set, *printf, *declare], "{text:?}");
    }
}

#[test]
fn escapes_are_those_of_bash() {
    for (text, [ansi, echo, argument, format]) in ESCAPES {
        assert_eq!(ansi_c(text), String::from_utf8_lossy(ansi), "{text}");
        assert_eq!(echo_escapes(text).0, *echo, "{text}");
        assert_eq!(resolve(text, Place::Argument).bytes, *argument, "{text}");
        assert_eq!(resolve(text, Place::Format).bytes, *format, "{text}");
    }
    assert_eq!(echo_escapes("a\\cb"), (b"a".to_vec(), true));
    assert_eq!(ansi_c("\\xc3\\xa9"), "é");
    assert_eq!(resolve("\\xg", Place::Argument).complaints, ["missing hex digit for \\x"]);
}

#[test]
fn damaged_text_comes_through_its_quotes() {
    let samples: Vec<&str> = ESCAPES.iter().map(|(text, _)| *text).chain(QUOTED.iter().map(|row| row[0])).collect();
    mutate(5, &samples, 2000, |text| {
        for place in [Place::AnsiC, Place::Echo, Place::Argument, Place::Format] {
            assert!(resolve(text, place).bytes.len() <= 2 * text.len());
        }
        for quoted in [shell_quote(text), printf_q(text), declare_quote(text)] {
            let body = quoted.strip_prefix("$'").and_then(|rest| rest.strip_suffix('\''));
            assert!(body.is_none_or(|body| ansi_c(body) == text), "{text:?} {quoted}");
        }
    });
}
