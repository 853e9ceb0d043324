//! What bash 5.2 answered, with `x=5 e= s=x+1 r=r q='1 +' w=abc a=(3 4 5)`; nothing is carried from one line to the next.

use std::collections::BTreeMap;

use super::*;
use crate::bash::mutation::mutate;

/// Variables of a test; an element is kept under its name with the value of its subscript.
struct Plain(BTreeMap<String, String>);

impl Plain {
    fn new() -> Self {
        let known = [
            ("x", "5"),
            ("e", ""),
            ("s", "x+1"),
            ("r", "r"),
            ("q", "1 +"),
            ("w", "abc"),
            ("a", "3"),
            ("a[0]", "3"),
            ("a[1]", "4"),
            ("a[2]", "5"),
        ];
        Self(known.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
    }

    fn key(&mut self, name: &str, subscript: Option<&str>) -> Result<String, String> {
        Ok(match subscript {
            None => name.to_owned(),
            Some("") => return Err(format!("{name}[]: bad array subscript")),
            // Two in one another are enough for a test.
            Some(text) if text.matches('[').count() > 1 => return Err("deep".to_owned()),
            Some(text) => format!("{name}[{}]", evaluate(text, self)?),
        })
    }
}

impl Variables for Plain {
    fn get(&mut self, name: &str, subscript: Option<&str>) -> Result<Option<String>, String> {
        let key = self.key(name, subscript)?;
        Ok(self.0.get(&key).cloned())
    }

    fn set(&mut self, name: &str, subscript: Option<&str>, value: i64) -> Result<(), String> {
        let key = self.key(name, subscript)?;
        self.0.insert(key, value.to_string());
        Ok(())
    }
}

fn check(text: &str, expect: Result<i64, &str>) {
    let found = explain(text, &mut Plain::new()).map_err(|trouble| trouble.to_string());
    assert_eq!(found, expect.map_err(str::to_owned), "{text}");
}

#[test]
fn values_and_complaints_are_those_of_bash() {
    for (text, expect) in TABLE {
        check(text, *expect);
    }
}

const TABLE: &[(&str, Result<i64, &str>)] = &[
    ("1+2*3", Ok(7)),
    ("2**3**2", Ok(512)),
    ("-2**2", Ok(4)),
    ("2**-1", Err("2**-1: exponent less than 0 (error token is \"1\")")),
    ("1/0", Err("1/0: division by 0 (error token is \"0\")")),
    ("5%0", Err("5%0: division by 0 (error token is \"0\")")),
    ("x/0", Err("x/0: division by 0 (error token is \"0\")")),
    ("x%=0", Err("x%=0: division by 0 (error token is \"0\")")),
    ("7/-2", Ok(-3)),
    ("-7%3", Ok(-1)),
    ("-7/2", Ok(-3)),
    ("1<<65", Ok(2)),
    ("1<<-1", Ok(-9223372036854775808)),
    ("-1>>1", Ok(-1)),
    ("0x1F", Ok(31)),
    ("0X1f", Ok(31)),
    ("010", Ok(8)),
    ("08", Err("08: value too great for base (error token is \"08\")")),
    ("09+1", Err("09: value too great for base (error token is \"09\")")),
    ("2#101", Ok(5)),
    ("2#12", Err("2#12: value too great for base (error token is \"2#12\")")),
    ("64#@_", Ok(4031)),
    ("36#z", Ok(35)),
    ("36#Z", Ok(35)),
    ("37#Z", Err("37#Z: value too great for base (error token is \"37#Z\")")),
    ("65#1", Err("65#1: invalid arithmetic base (error token is \"65#1\")")),
    ("1#0", Err("1#0: invalid arithmetic base (error token is \"1#0\")")),
    ("0#1", Err("0#1: invalid number (error token is \"0#1\")")),
    ("16#", Err("16#: invalid integer constant (error token is \"16#\")")),
    ("16#g", Err("16#g: value too great for base (error token is \"16#g\")")),
    ("0x", Ok(0)),
    ("0xg", Err("0xg: value too great for base (error token is \"0xg\")")),
    ("1_0", Err("1_0: value too great for base (error token is \"1_0\")")),
    ("12a", Err("12a: value too great for base (error token is \"12a\")")),
    ("1.5", Err("1.5: syntax error: invalid arithmetic operator (error token is \".5\")")),
    ("x++ + ++x", Ok(12)),
    ("x--", Ok(5)),
    ("--x", Ok(4)),
    ("x+++x", Ok(11)),
    ("x---x", Ok(1)),
    ("5++", Err("5++: syntax error: operand expected (error token is \"+\")")),
    ("++5", Ok(5)),
    ("--5", Ok(5)),
    ("- -5", Ok(5)),
    ("5--", Err("5--: syntax error: operand expected (error token is \"-\")")),
    ("x=3,x+1", Ok(4)),
    ("x?1:2", Ok(1)),
    ("1?2", Err("1?2: `:' expected for conditional expression (error token is \"2\")")),
    ("1?2:", Err("1?2:: expression expected (error token is \":\")")),
    ("1?:2", Err("1?:2: expression expected (error token is \":2\")")),
    ("0?x=1:2", Ok(2)),
    ("0?1:x=2", Err("0?1:x=2: attempted assignment to non-variable (error token is \"=2\")")),
    ("1?x=1:x=2", Err("1?x=1:x=2: attempted assignment to non-variable (error token is \"=2\")")),
    ("1||y=2", Err("1||y=2: attempted assignment to non-variable (error token is \"=2\")")),
    ("1||(y=2)", Ok(1)),
    ("0&&(z=1/0)", Ok(0)),
    ("1&&1/0", Err("1&&1/0: division by 0 (error token is \"0\")")),
    ("!x", Ok(0)),
    ("!!x", Ok(1)),
    ("~x", Ok(-6)),
    ("1==1", Ok(1)),
    ("1=2", Err("1=2: attempted assignment to non-variable (error token is \"=2\")")),
    ("x==5", Ok(1)),
    ("1!=2", Ok(1)),
    ("1<2", Ok(1)),
    ("2<=1", Ok(0)),
    ("3>2", Ok(1)),
    ("1&3", Ok(1)),
    ("1|6", Ok(7)),
    ("1^3", Ok(2)),
    ("1 +", Err("1 +: syntax error: operand expected (error token is \"+\")")),
    ("+", Err("+: syntax error: operand expected (error token is \"+\")")),
    ("*", Err("*: syntax error: operand expected (error token is \"*\")")),
    ("1 2", Err("1 2: syntax error in expression (error token is \"2\")")),
    ("x y", Err("x y: syntax error in expression (error token is \"y\")")),
    ("(1", Err("(1: missing `)' (error token is \"1\")")),
    ("1)", Err("1): syntax error in expression (error token is \")\")")),
    ("()", Err("(): syntax error: operand expected (error token is \")\")")),
    ("( )", Err("( ): syntax error: operand expected (error token is \")\")")),
    ("1+(2*", Err("1+(2*: syntax error: operand expected (error token is \"*\")")),
    ("s", Ok(6)),
    ("s*2", Ok(12)),
    ("r", Err("r: expression recursion level exceeded (error token is \"r\")")),
    ("q", Err("1 +: syntax error: operand expected (error token is \"+\")")),
    ("w", Ok(0)),
    ("$", Err("$: syntax error: operand expected (error token is \"$\")")),
    ("@", Err("@: syntax error: operand expected (error token is \"@\")")),
    ("a[0]", Ok(3)),
    ("a[1]+a[2]", Ok(9)),
    ("a[x-4]", Ok(4)),
    ("a[", Err("a[: bad array subscript (error token is \"a[\")")),
    ("a[1", Err("a[1: bad array subscript (error token is \"a[1\")")),
    ("a[]", Err("a[]: bad array subscript")),
    ("a[0]++", Ok(3)),
    ("a[5]=7", Ok(7)),
    ("x += ", Err("x += : syntax error: operand expected (error token is \"+= \")")),
    ("x+=2", Ok(7)),
    ("x-=2", Ok(3)),
    ("x*=2", Ok(10)),
    ("x/=2", Ok(2)),
    ("x%=2", Ok(1)),
    ("x<<=2", Ok(20)),
    ("x>>=1", Ok(2)),
    ("x&=3", Ok(1)),
    ("x|=8", Ok(13)),
    ("x^=1", Ok(4)),
    ("x=", Err("x=: syntax error: operand expected (error token is \"=\")")),
    ("=5", Err("=5: syntax error: operand expected (error token is \"=5\")")),
    ("x==", Err("x==: syntax error: operand expected (error token is \"==\")")),
    ("1,2,3", Ok(3)),
    ("1,", Err("1,: syntax error: operand expected (error token is \",\")")),
    (",1", Err(",1: syntax error: operand expected (error token is \",1\")")),
    ("9223372036854775807+1", Ok(-9223372036854775808)),
    ("9223372036854775808", Ok(-9223372036854775808)),
    ("99999999999999999999", Ok(7766279631452241919)),
    ("-9223372036854775808/-1", Ok(-9223372036854775808)),
    ("-9223372036854775808%-1", Ok(0)),
    ("9223372036854775807*2", Ok(-2)),
    ("1 && ", Err("1 && : syntax error: operand expected (error token is \"&& \")")),
    ("1 ? 2 : 3 ? 4 : 5", Ok(2)),
    ("0 ? 2 : 0 ? 4 : 5", Ok(5)),
    ("\"1\"", Err("\"1\": syntax error: operand expected (error token is \"\"1\"\")")),
    ("'1'", Err("'1': syntax error: operand expected (error token is \"'1'\")")),
    ("1;2", Err("1;2: syntax error: invalid arithmetic operator (error token is \";2\")")),
    ("foo bar", Err("foo bar: syntax error in expression (error token is \"bar\")")),
    ("x.y", Err("x.y: syntax error: invalid arithmetic operator (error token is \".y\")")),
    ("x=y=4", Ok(4)),
    ("x=(y=3)+1", Ok(4)),
    ("1+x=2", Err("1+x=2: attempted assignment to non-variable (error token is \"=2\")")),
    ("x**=2", Err("x**=2: syntax error: operand expected (error token is \"=2\")")),
    ("-x=1", Err("-x=1: attempted assignment to non-variable (error token is \"=1\")")),
    ("!1=1", Err("!1=1: attempted assignment to non-variable (error token is \"=1\")")),
    ("(x)=1", Err("(x)=1: attempted assignment to non-variable (error token is \"=1\")")),
    ("x++=1", Err("x++=1: attempted assignment to non-variable (error token is \"=1\")")),
    ("x++ ++", Err("x++ ++: syntax error: operand expected (error token is \"+\")")),
    ("++x++", Err("++x++: ++: assignment requires lvalue (error token is \"++\")")),
    ("+ +x", Ok(5)),
    ("1 - -1", Ok(2)),
    ("1--1", Ok(2)),
    ("1++1", Ok(2)),
    ("1+-1", Ok(0)),
    ("1+++1", Ok(2)),
    ("-+-1", Ok(1)),
    ("! ", Err("! : syntax error: operand expected (error token is \"! \")")),
    ("~", Err("~: syntax error: operand expected (error token is \"~\")")),
    ("1 + + ", Err("1 + + : syntax error: operand expected (error token is \"+ \")")),
    ("x = = 2", Err("x = = 2: syntax error: operand expected (error token is \"= 2\")")),
    ("1 ?? 2", Err("1 ?? 2: syntax error: operand expected (error token is \"? 2\")")),
    ("1 : 2", Err("1 : 2: syntax error in expression (error token is \": 2\")")),
    ("#5", Err("#5: syntax error: operand expected (error token is \"#5\")")),
    ("5#", Err("5#: invalid integer constant (error token is \"5#\")")),
    ("é", Err("é: syntax error: operand expected (error token is \"é\")")),
    ("1é", Err("1é: syntax error: invalid arithmetic operator (error token is \"é\")")),
    ("x[", Err("x[: bad array subscript (error token is \"x[\")")),
    ("1<<<2", Err("1<<<2: syntax error: operand expected (error token is \"<2\")")),
    ("1<>2", Err("1<>2: syntax error: operand expected (error token is \">2\")")),
    ("a", Ok(3)),
    ("e", Ok(0)),
    ("e+1", Ok(1)),
    ("\"x\"", Err("\"x\": syntax error: operand expected (error token is \"\"x\"\")")),
    ("\\x", Err("\\x: syntax error: operand expected (error token is \"\\x\")")),
    ("x!", Err("x!: syntax error in expression (error token is \"!\")")),
    ("0b1", Err("0b1: value too great for base (error token is \"0b1\")")),
    ("0777", Ok(511)),
    ("0o7", Err("0o7: value too great for base (error token is \"0o7\")")),
    ("2#", Err("2#: invalid integer constant (error token is \"2#\")")),
    ("-x**2", Ok(25)),
    ("2**0", Ok(1)),
    ("0**0", Ok(1)),
    ("2**63", Ok(-9223372036854775808)),
    ("2**64", Ok(0)),
    ("3**40", Ok(-6289078614652622815)),
    ("1 ?2:3,4", Ok(4)),
    ("x?1,2:3", Ok(2)),
    ("a[0", Err("a[0: bad array subscript (error token is \"a[0\")")),
    ("a[1]]", Err("a[1]]: syntax error: invalid arithmetic operator (error token is \"]\")")),
    ("8#8", Err("8#8: value too great for base (error token is \"8#8\")")),
    ("10#08", Ok(8)),
    ("10#", Err("10#: invalid integer constant (error token is \"10#\")")),
    ("16#FF", Ok(255)),
    ("62#Z", Ok(61)),
    ("63#@", Ok(62)),
    ("64#_", Ok(63)),
];

#[test]
fn what_is_assigned_stays() {
    for (text, name, value) in [
        ("x++", "x", "6"),
        ("--x", "x", "4"),
        ("y=x*=2", "y", "10"),
        ("a[1+1]+=a[0]", "a[2]", "8"),
        ("1||(x=9)", "x", "5"),
        ("0&&x++", "x", "5"),
        ("0?x=1:7", "x", "5"),
        ("x=1,x=2", "x", "2"),
        ("x=7,1/0", "x", "7"),
    ] {
        let mut vars = Plain::new();
        let outcome = evaluate(text, &mut vars);
        assert_eq!(vars.0[name], value, "{text} {outcome:?}");
    }
}

#[test]
fn deep_and_doubling_expressions_end_on_a_small_stack() {
    let run = || {
        let mut vars = Plain::new();
        for level in 0..60 {
            vars.0.insert(format!("d{level}"), format!("d{0}+d{0}", level + 1));
        }
        let deep = |sign: &str| sign.repeat(50_000);
        let texts =
            ["d0".to_owned(), "r".to_owned(), deep("("), deep("x=") + "1", deep("1?") + "1", deep("0?1:") + "1"];
        for text in texts {
            let words = evaluate(&text, &mut vars).expect_err("too deep");
            assert!(words.starts_with("expression recursion level exceeded"), "{}", &words[..60]);
        }
        assert_eq!(evaluate(&(deep("- ") + "1"), &mut vars), Ok(1));
        assert_eq!(evaluate(&(deep("1+") + "1"), &mut vars), Ok(50_001));
        assert_eq!(evaluate(&(deep("1**") + "1"), &mut vars), Ok(1));
        assert_eq!(evaluate(&("(".repeat(30) + "7" + &")".repeat(30)), &mut vars), Ok(7));
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("a thread");
    thread.join().expect("it ends");
}

#[test]
fn damaged_expressions_have_a_value_or_words() {
    let samples: Vec<&str> = TABLE.iter().map(|(text, _)| *text).collect();
    let (mut values, mut words) = (0, 0);
    mutate(7, &samples, 5000, |text| match evaluate(text, &mut Plain::new()) {
        Ok(_) => values += 1,
        Err(said) => words += usize::from(!said.is_empty()),
    });
    assert_eq!(values + words, 5000);
    assert!(values > 500 && words > 500, "{values} {words}");
}
