//! What bash 5.2 answered in an empty folder, with standard input and output closed to a terminal.

use super::*;
use crate::bash::mutation::mutate;

/// Nothing is there.
struct Nothing;

impl Files for Nothing {
    fn unary(&self, _: char, _: &str) -> bool {
        false
    }

    fn binary(&self, _: &str, _: &str, _: &str) -> bool {
        false
    }
}

fn check(args: &[&str], expect: Result<bool, &str>) {
    assert_eq!(evaluate(args, &Nothing), expect.map_err(str::to_owned), "{args:?}");
}

#[test]
fn answers_are_those_of_bash() {
    for (args, expect) in TABLE {
        check(args, *expect);
    }
}

/// Arguments, and whether they hold.
type Row = (&'static [&'static str], Result<bool, &'static str>);

const TABLE: &[Row] = &[
    (&[], Ok(false)),
    (&["a"], Ok(true)),
    (&[""], Ok(false)),
    (&["-n"], Ok(true)),
    (&["!"], Ok(true)),
    (&["!", "a"], Ok(false)),
    (&["!", ""], Ok(true)),
    (&["-n", "a"], Ok(true)),
    (&["-n", ""], Ok(false)),
    (&["-z", ""], Ok(true)),
    (&["-z", "a"], Ok(false)),
    (&["a", "=", "a"], Ok(true)),
    (&["a", "=", "b"], Ok(false)),
    (&["a", "==", "a"], Ok(true)),
    (&["a", "!=", "b"], Ok(true)),
    (&["a", "<", "b"], Ok(true)),
    (&["b", ">", "a"], Ok(true)),
    (&["1", "-eq", "1"], Ok(true)),
    (&["1", "-ne", "1"], Ok(false)),
    (&["1", "-lt", "2"], Ok(true)),
    (&["2", "-le", "2"], Ok(true)),
    (&["3", "-gt", "2"], Ok(true)),
    (&["2", "-ge", "3"], Ok(false)),
    (&["x", "-eq", "1"], Err("x: integer expression expected")),
    (&["1", "-eq", "x"], Err("x: integer expression expected")),
    (&["", "-eq", "0"], Err(": integer expression expected")),
    (&[" 1 ", "-eq", "1"], Ok(true)),
    (&["1", "-eq", "1 x"], Err("1 x: integer expression expected")),
    (&["+1", "-eq", "1"], Ok(true)),
    (&["-1", "-lt", "0"], Ok(true)),
    (&["0x1", "-eq", "1"], Err("0x1: integer expression expected")),
    (&["010", "-eq", "10"], Ok(true)),
    (&["99999999999999999999", "-eq", "1"], Err("99999999999999999999: integer expression expected")),
    (&["1", "-xx", "2"], Err("-xx: binary operator expected")),
    (&["a", "b"], Err("a: unary operator expected")),
    (&["a", "b", "c"], Err("b: binary operator expected")),
    (&["-x", "a", "b"], Err("a: binary operator expected")),
    (&["a", "b", "c", "d"], Err("too many arguments")),
    (&["a", "b", "c", "d", "e"], Err("too many arguments")),
    (&["!", "a", "=", "b"], Ok(true)),
    (&["!", "-n", "a"], Ok(false)),
    (&["!", "!", "a"], Ok(true)),
    (&["!", "!", "!", "a"], Ok(false)),
    (&["a", "-a", "b"], Ok(true)),
    (&["a", "-a", ""], Ok(false)),
    (&["", "-o", "b"], Ok(true)),
    (&["", "-o", ""], Ok(false)),
    (&["a", "=", "a", "-a", "b", "=", "b"], Ok(true)),
    (&["a", "=", "b", "-o", "b", "=", "b"], Ok(true)),
    (&["a", "=", "a", "-a", "b", "=", "c", "-o", "x"], Ok(true)),
    (&["", "-a", "x", "-o", "y"], Ok(true)),
    (&["(", "a", ")"], Ok(true)),
    (&["(", "", ")"], Ok(false)),
    (&["(", "a", "=", "a", ")"], Ok(true)),
    (&["(", "a", "=", "b", ")", "-o", "x"], Ok(true)),
    (&["(", "a", "=", "a"], Err("`)' expected")),
    (&["(", "a"], Err("(: unary operator expected")),
    (&["a", ")"], Err("a: unary operator expected")),
    (&["("], Ok(true)),
    (&[")"], Ok(true)),
    (&["(", ")"], Err("(: unary operator expected")),
    (&["!", "(", "a", ")"], Ok(false)),
    (&["!", "(", "a", "=", "b", ")"], Ok(true)),
    (&["(", "!", "a", ")"], Ok(false)),
    (&["(", "(", "a", ")", ")"], Ok(true)),
    (&["(", "(", "a", "=", "a", ")", "-a", "(", "b", "=", "b", ")", ")"], Ok(true)),
    (&["-f"], Ok(true)),
    (&["-f", "-a"], Ok(false)),
    (&["-f", "x"], Ok(false)),
    (&["-d", "x"], Ok(false)),
    (&["-a", "x"], Ok(false)),
    (&["-e", "x"], Ok(false)),
    (&["-o", "x"], Ok(false)),
    (&["-v", "x"], Ok(false)),
    (&["-R", "x"], Ok(false)),
    (&["-t"], Ok(true)),
    (&["-t", "1"], Ok(false)),
    (&["-t", "x"], Ok(false)),
    (&["-q", "x"], Err("-q: unary operator expected")),
    (&["-ab", "x"], Err("-ab: unary operator expected")),
    (&["-nt", "x"], Err("-nt: unary operator expected")),
    (&["a", "-nt", "b"], Ok(false)),
    (&["a", "-ot", "b"], Ok(false)),
    (&["a", "-ef", "b"], Ok(false)),
    (&["x", "-nt", "y", "-a", "b"], Ok(false)),
    (&["-f", "x", "-a", "-d", "y"], Ok(false)),
    (&["-f", "=", "a"], Ok(false)),
    (&["-f", "=", "-f"], Ok(true)),
    (&["!", "=", "!"], Ok(true)),
    (&["=", "=", "="], Ok(true)),
    (&["=", "a"], Err("=: unary operator expected")),
    (&["a", "="], Err("a: unary operator expected")),
    (&["(", "=", "("], Ok(true)),
    (&["(", "=", ")"], Ok(false)),
    (&["-n", "=", "-n"], Ok(true)),
    (&["-z", "=", "a"], Ok(false)),
    (&["-n", "-a", "-n"], Ok(true)),
    (&["-n", "x", "-a"], Err("x: binary operator expected")),
    (&["a", "-a"], Err("a: unary operator expected")),
    (&["-a", "-a", "-a"], Ok(true)),
    (&["a", "-a", "-a"], Ok(true)),
    (&["!", "-a", "!"], Ok(true)),
    (&["-e", "x", "y"], Err("x: binary operator expected")),
    (&["x", "-e", "y"], Err("-e: binary operator expected")),
    (&["-o", "a", "b"], Err("a: binary operator expected")),
    (&["1", "-eq", "1", "-a", "x"], Ok(true)),
    (&["1", "-eq", "1", "-a"], Err("argument expected")),
    (&["1", "-eq", "a", "-a", "x"], Err("a: integer expression expected")),
    (&["a", "=", "a", "b"], Err("too many arguments")),
    (&["a", "=", "a", "b", "c"], Err("too many arguments")),
    (&["a", "=", "a", "=", "a"], Err("too many arguments")),
    (&["a", "-o", "b", "c"], Err("too many arguments")),
    (&["!", "a", "b"], Err("a: unary operator expected")),
    (&["!", "a", "b", "c"], Err("b: binary operator expected")),
    (&["!", "a", "=", "b", "c"], Err("too many arguments")),
    (&["-z", "", "-a", "-z", ""], Ok(true)),
    (&["-t", "0", "-a", "x"], Ok(false)),
    (&["-t", "-a", "x"], Ok(true)),
    (&["a", "=~", "b"], Err("=~: binary operator expected")),
    (&["-l", "x", "-gt", "1"], Err("too many arguments")),
    (&["-n", "", "-o", "-z", "a"], Ok(false)),
    (&["!", "", "-a", "x"], Ok(true)),
    (&["!", "(", "a", ")", "-a", "b"], Ok(false)),
    (&["x", "-a", "!", "y"], Ok(false)),
    (&["x", "-a", "!", ""], Ok(true)),
    (&["x", "-a", "!", "y", "=", "z"], Ok(true)),
    (&["(", "a", "-o", "b", ")", "-a", "c"], Ok(true)),
    (&["(", "a", "-o", "b"], Err("`)' expected")),
    (&["(", "a", "-a", ")", "x"], Err("`)' expected, found x")),
    (&["a", "-a", "(", "b"], Err("`)' expected")),
    (&["a", "-a", "(", "b", ")"], Ok(true)),
    (&["a", "-a", "(", "b", ")", ")"], Err("too many arguments")),
    (&["-p", "x"], Ok(false)),
    (&["1", "-eq", "1", "-o", "1", "-eq", "x"], Err("x: integer expression expected")),
    (&["1", "-eq", "2", "-a", "1", "-eq", "x"], Err("x: integer expression expected")),
    (&["-eq", "1", "2"], Err("1: binary operator expected")),
    (&["-eq", "-eq", "-eq"], Err("-eq: integer expression expected")),
    (&["!", "-f", "x"], Ok(true)),
    (&["-s", "x"], Ok(false)),
    (&["-L", "x"], Ok(false)),
    (&["-h", "x"], Ok(false)),
    (&["-k", "x"], Ok(false)),
    (&["-u", "x"], Ok(false)),
    (&["-g", "x"], Ok(false)),
    (&["-b", "x"], Ok(false)),
    (&["-c", "x"], Ok(false)),
    (&["-O", "x"], Ok(false)),
    (&["-G", "x"], Ok(false)),
    (&["-N", "x"], Ok(false)),
    (&["-S", "x"], Ok(false)),
    (&["-r", "x"], Ok(false)),
    (&["-w", "x"], Ok(false)),
    (&["-x", "x"], Ok(false)),
    (&["a", "=", "a", "-z", "x"], Err("syntax error: `-z' unexpected")),
    (&["a", "=", "a", "-q"], Err("syntax error: `-q' unexpected")),
    (&["a", "b", "-c", "d"], Err("too many arguments")),
    (&["a", "b", "c", "-d"], Err("too many arguments")),
    (&["!", "!", "!", "!", "a"], Ok(true)),
    (&["(", "-n", "a", ")"], Ok(true)),
    (&["(", "a", "b", ")"], Err("a: unary operator expected")),
    (&["(", "a", "b", "c", ")"], Err("`)' expected, found b")),
    (&["a", "=", "a", "-a", "("], Err("argument expected")),
    (&["a", "=", "a", "-o", "!"], Err("argument expected")),
    (&["a", "=", "a", "-a", "!", "("], Err("argument expected")),
    (&["-t", "-a", "-t", "1", "-a", "x"], Ok(false)),
    (&["1\t", "-eq", "1"], Ok(true)),
    (&["-", "x"], Err("-: unary operator expected")),
    (&["-", "=", "-"], Ok(true)),
    (&["-é", "x"], Err("-é: unary operator expected")),
];

/// A folder in which only what the letters and names say is true.
struct Few;

impl Files for Few {
    fn unary(&self, op: char, operand: &str) -> bool {
        [('f', "file"), ('d', "folder"), ('v', "HOME"), ('o', "vi"), ('R', "ref"), ('t', "1")].contains(&(op, operand))
    }

    fn binary(&self, op: &str, a: &str, b: &str) -> bool {
        [("nt", "new", "old"), ("ot", "old", "new"), ("ef", "a", "a")].contains(&(op, a, b))
    }
}

#[test]
fn files_are_asked() {
    for (text, holds) in [
        ("-f file", true),
        ("-d file", false),
        ("-d folder", true),
        ("-v HOME", true),
        ("-o vi", true),
        ("-R ref", true),
        ("-t 1", true),
        ("-t 2", false),
        ("new -nt old", true),
        ("new -ot old", false),
        ("old -ot new", true),
        ("a -ef a", true),
        ("! -f file", false),
        ("-f file -a -d folder", true),
        ("( -f file -a ! -d file ) -o x", true),
    ] {
        let args: Vec<&str> = text.split(' ').collect();
        assert_eq!(evaluate(&args, &Few), Ok(holds), "{text}");
    }
}

#[test]
fn deep_and_long_expressions_end() {
    let deep = ["("].repeat(100_000);
    check(&deep, Err("too many arguments"));
    let long = ["a", "-a"].repeat(50_000);
    check(&long, Err("argument expected"));
    check(&[&long[..], &["b"]].concat(), Ok(true));
    check(&[&["!"].repeat(50_001)[..], &["b"]].concat(), Ok(false));
}

#[test]
fn damaged_expressions_hold_or_do_not_or_are_refused() {
    let texts: Vec<String> = TABLE.iter().map(|(args, _)| args.join(" ")).collect();
    let samples: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut outcomes = [0; 3];
    mutate(17, &samples, 5000, |text| {
        let args: Vec<&str> = text.split(' ').collect();
        let outcome = evaluate(&args, &Nothing);
        assert!(outcome.as_ref().err().is_none_or(|words| !words.is_empty()));
        outcomes[outcome.map_or(2, usize::from)] += 1;
    });
    assert!(outcomes.iter().all(|count| *count > 200), "{outcomes:?}");
}
