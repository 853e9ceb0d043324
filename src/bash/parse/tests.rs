//! The parser and the printer, by tables. What bash 5.2 says of a wrong text, and how it lays out a function, was asked of it once
//! and is kept here; the tests ask nobody.

use super::*;
use crate::bash::ast::{Argument, Operation};
use crate::bash::print;

fn options(aliases: &dyn Fn(&str) -> Option<String>, extglob: bool) -> Options<'_> {
    Options { aliases, extglob, first_line: 1, version: Version::NEWEST }
}

/// Everything that a text holds, up to the first complaint.
fn read(text: &str) -> (Vec<Read>, Option<Failure>) {
    read_with(text, options(&|_| None, false))
}

fn read_with(text: &str, options: Options<'_>) -> (Vec<Read>, Option<Failure>) {
    let mut parser = Parser::new(text, options);
    let mut reads = Vec::new();
    while let Some(result) = parser.next() {
        match result {
            Ok(read) => reads.push(read),
            Err(failure) => return (reads, Some(failure)),
        }
    }
    (reads, None)
}

/// The lists of a text, printed; a complaint with its line.
fn show(text: &str) -> String {
    show_with(text, options(&|_| None, false))
}

fn show_with(text: &str, options: Options<'_>) -> String {
    let (reads, failure) = read_with(text, options);
    let mut lines: Vec<String> = reads.iter().map(|read| print::script(&read.script)).collect();
    lines.extend(failure.map(|failure| match failure {
        Failure::Incomplete(error, _) => format!("more? {}: {}", error.line, error.message),
        Failure::Wrong(error) => match error.source {
            Some(source) => format!("{}: {} | {source}", error.line, error.message),
            None => format!("{}: {}", error.line, error.message),
        },
    }));
    lines.join("\n")
}

fn check(input: &str, expect: &str) {
    assert_eq!(show(input), expect, "of {input:?}");
}

/// A tree without the numbers of its lines.
fn tree(text: &str) -> String {
    let (reads, failure) = read(text);
    assert_eq!(failure, None, "of {text:?}");
    let tree = reads.iter().map(|read| format!("{:?}", read.script)).collect::<Vec<_>>().join("\n");
    let mut parts = tree.split("line: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// The parts of the second word, in short.
fn parts(text: &str) -> String {
    let (reads, failure) = read(&format!("x {text}"));
    assert_eq!(failure, None, "of {text:?}");
    match &reads[0].script.items[0].first.stages[0] {
        Command::Simple(simple) => match &simple.words[1] {
            Argument::Word(word) => short(&word.parts),
            Argument::Assignment(_) => "assignment".to_owned(),
        },
        other => panic!("{other:?}"),
    }
}

fn short(parts: &[Part]) -> String {
    let one = |part: &Part| match part {
        Part::Bare(text) => format!("b<{text}>"),
        Part::Quoted(text) => format!("q<{text}>"),
        Part::Double(parts) => format!("d({})", short(parts)),
        Part::Command(script) => format!("c({})", print::script(script)),
        Part::Arithmetic(word) => format!("a({})", short(&word.parts)),
        Part::Process(write, script) => format!("p{}({})", u8::from(*write), print::script(script)),
        Part::Parameter(parameter) => {
            let sign = if parameter.indirect { "!" } else { "" };
            let subscript =
                parameter.subscript.as_ref().map_or(String::new(), |word| format!("[{}]", short(&word.parts)));
            let operation = parameter.operation.as_ref().map_or(String::new(), |operation| match operation {
                Operation::Unset { or_empty, action, word } => {
                    format!(" {}{action} {}", if *or_empty { ":" } else { "" }, short(&word.parts))
                }
                Operation::Trim { suffix, longest, pattern } => {
                    format!(" trim {suffix} {longest} {}", short(&pattern.parts))
                }
                Operation::Replace { which, pattern, with } => {
                    format!(" s{which} {} {}", short(&pattern.parts), short(&with.parts))
                }
                Operation::Slice { offset, length } => {
                    let length = length.as_ref().map_or(String::new(), |word| format!(" {}", short(&word.parts)));
                    format!(" slice {}{length}", short(&offset.parts))
                }
                Operation::Case { to, all, pattern } => format!(" {to} {all} {}", short(&pattern.parts)),
                other => format!(" {other:?}"),
            });
            format!("${sign}{}{subscript}{operation}", parameter.name)
        }
    };
    parts.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn words_are_parts_side_by_side() {
    for (input, expect) in [
        ("ab", "b<ab>"),
        (r#"a'b c'"d e"\f"#, "b<a> q<b c> d(b<d e>) q<f>"),
        ("''", "q<>"),
        ("\"\"", "d()"),
        (r#""a\$b\"c\d`e`""#, r#"d(b<a$b"c\d> c(e))"#),
        (r"$'a\tb\'\x41\u263a\101\q'", "q<a\tb'A\u{263a}A\\q>"),
        (r#"$"a$b""#, "d(b<a> $b)"),
        ("a\\\nb", "b<ab>"),
        ("\"a\\\nb\"", "d(b<ab>)"),
        ("$a$1$10$?$@$$", "$a $1 $1 b<0> $? $@ $$"),
        ("$", "b<$>"),
        ("a$ ", "b<a$>"),
        ("\"$\"", "d(b<$>)"),
        ("${a}${10}${#}${?}${!}", "$a $10 $# $? $!"),
        ("${a[1]}${a[@]}${a[$i+1]}", "$a[b<1>] $a[b<@>] $a[$i b<+1>]"),
        ("${#a}${#a[@]}${##}${#?}", "$a Length $a[b<@>] Length $# Length $? Length"),
        ("${#-x}${#:-x}${##x}", "$# - b<x> $# :- b<x> $# trim false false b<x>"),
        ("${a:-b c}${a-}${a:=b}${a:?'b c'}${a+$b}", "$a :- b<b c> $a -  $a := b<b> $a :? q<b c> $a + $b"),
        (r#""${a:-"b c"}""#, "d($a :- d(b<b c>))"),
        (r#""${a:-'b}'\}\x}""#, r"d($a :- b<'b}'}\x>)"),
        ("${a:-{b}}", "$a :- b<{b> b<}>"),
        (
            "${a#*/}${a##*/}${a%.*}${a%%'.'*}",
            "$a trim false false b<*/> $a trim false true b<*/> $a trim true false b<.*> $a trim true true q<.> b<*>",
        ),
        (r"${a/b/c}${a//\//-}${a/#b}${a/%b/c/d}", "$a s/ b<b> b<c> $a s* q</> b<-> $a s# b<b>  $a s% b<b> b<c/d>"),
        ("${a///x}${a/#/x}", "$a s* b</x>  $a s#  b<x>"),
        (
            "${a:1}${a:1:2}${a: -1}${a:$x:y}${a:(b?c:d):2}",
            "$a slice b<1> $a slice b<1> b<2> $a slice b< -1> $a slice $x b<y> $a slice b<(b?c:d)> b<2>",
        ),
        ("${a:b?c:d:2}${a[@]:1:2}", "$a slice b<b?c:d> b<2> $a[b<@>] slice b<1> b<2>"),
        ("${a^}${a^^}${a,,[x]}${a~}", "$a ^ false  $a ^ true  $a , true b<[x]> $a ~ false "),
        ("${a@Q}${a[@]@A}", "$a Transform('Q') $a[b<@>] Transform('A')"),
        (
            "${!a}${!a:-b}${!a*}${!a@}${!a[@]}${!a[*]}${!a[1]}${!#}",
            "$!a $!a :- b<b> $a Names(false) $a Names(true) $a Keys(true) $a Keys(false) $!a[b<1>] $!#",
        ),
        ("${a!b}${}${a b}${a:}", "$${a!b} Bad $${} Bad $${a b} Bad $${a:} Bad"),
        ("$((1+$a))$[b]", "a(b<1+> $a) a(b<b>)"),
        ("$(((1)+(2)))", "a(b<(1)+(2)>)"),
        ("$( (a) )$((a); (b))", "c(( a )) c(( a ); ( b ))"),
        ("$(a b;c)$()", "c(a b; c) c()"),
        ("$(case x in a) b;; esac)", "c(case x in \n    a)\n        b\n    ;;\nesac)"),
        ("$(a # )\n)", "c(a)"),
        ("\"$(echo \")\")\"", "d(c(echo \")\"))"),
        (r"`a \`b\` \$c \\d`", r"c(a `b` $c \d)"),
        (r#""`a \"b\"`""#, r#"d(c(a "b"))"#),
        ("<(a)b>(c)", "p0(a) b<b> p1(c)"),
        ("a=b", "b<a=b>"),
        ("a#b", "b<a#b>"),
        ("{a,b}~*[c]", "b<{a,b}~*[c]>"),
    ] {
        assert_eq!(parts(input), expect, "of {input:?}");
    }
}

#[test]
fn commands_come_out_as_bash_prints_them() {
    for (input, expect) in [
        ("a  b;c", "a b; c"),
        ("a&b &", "a & b &"),
        ("a\n\n# x\nb # y\n", "a\nb"),
        ("a&&b||\n! c|d", "a && b || ! c | d"),
        ("time -p a|&b", "time -p a 2>&1 | b"),
        ("! ! a; !; time", "a; ! ; time "),
        ("a=1 b+=2 c[1 + 1]=3 d=([k]=1 'x y' $(z) # c\n w) e f=g", "a=1 b+=2 c[1 + 1]=3 d=([k]=1 'x y' $(z) w) e f=g"),
        ("declare -a a=(1 2) b=c; command export x=$y", "declare -a a=(1 2) b=c; command export x=$y"),
        ("a[b c", "more? 1: unexpected EOF while looking for matching `]'"),
        ("a[b ]", "a[b ]"),
        (
            "a >b 2>>c <d &>e 3<&0 >&2 >&- 2>&1- {f}>g >|h <>i &>>j <<<k >& l",
            "a > b 2>> c < d &> e 3<&0 1>&2 1>&- 2>&1- {f}> g >| h 0<> i &>> j <<< k &> l",
        ),
        ("a 3 >b; 3>c; a3>b", "a 3 > b; 3> c; a3 > b"),
        (
            "if a; then b; elif c\nthen d; else e; fi>f",
            "if a; then\n    b;\nelse\n    if c; then\n        d;\n    else\n        e;\n    fi;\nfi > f",
        ),
        (
            "for a in b c; do d; done; for a; do b; done; for a do b; done",
            "for a in b c;\ndo\n    d;\ndone; for a in \"$@\";\ndo\n    b;\ndone; for a in \"$@\";\ndo\n    b;\ndone",
        ),
        ("for ((i=0;i<2; i++)) { a; }", "for ((i=0; i<2; i++))\ndo\n    a;\ndone"),
        ("while a; do b; done|c; until a\ndo b; done", "while a; do\n    b;\ndone | c; until a; do\n    b;\ndone"),
        ("select a in b; do c; done", "select a in b;\ndo\n    c;\ndone"),
        (
            "case a in b|c) d;; (e);; *) f;& esac",
            "case a in \n    b | c)\n        d\n    ;;\n    e)\n\n    ;;\n    *)\n        f\n    ;&\nesac",
        ),
        ("case a in b) c; esac", "case a in \n    b)\n        c\n    ;;\nesac"),
        ("(a;b)|{ c; }", "( a; b ) | { c; }"),
        ("((a+1))&&((a) )", "((a+1)) && ( ( a ) )"),
        (
            "[[ -f a&&! (b<c||d =~ ^(e f|g)$) || x == @(y|z) ]]",
            "[[ -f a && ! ( b < c || d =~ ^(e f|g)$ ) || x == @(y|z) ]]",
        ),
        ("[[ a =~ \"b\"$c\\. ]]; [[ x ]]", "[[ a =~ \"b\"$c\\. ]]; [[ -n x ]]"),
        (
            "f() { a; }; function g { b; }; function h() (c) >x",
            "function f () \n{ \n    a\n}; function g () \n{ \n    b\n}; function h () \n{ \n    ( c ) > x\n}",
        ),
        ("if", "more? 2: syntax error: unexpected end of file"),
        ("echo if then; x=if", "echo if then; x=if"),
        ("cat <<A <<-'B' |c\n$x \\$y\nA\n\t$z\n\tB\nd", "cat <<A <<-'B' |\n$x \\$y\nA\n$z\nB\n  c\nd"),
        ("a $(b <<C\nd\nC\n) e", "a $(b <<C\nd\nC\n) e"),
        ("cat <<A\na\\\nA\nA\nb", "cat <<A\naA\nA\n\nb"),
        ("echo a\\", "echo a\\\\"),
    ] {
        check(input, expect);
    }
}

#[test]
fn functions_come_out_as_declare_prints_them() {
    let input =
        "f () { a; b & c\nif d; then e; else f; fi; (g;h) >x; { i; j; } 2>y; k() { l; }\ncat <<A\nm\nA\nn; } >z";
    let expect = "f () \n{ \n    a;\n    b & c;\n    if d; then\n        e;\n    else\n        f;\n    fi;\n    ( g;\n    h ) > x;\n    { \
                  \n        i;\n        j\n    } 2> y;\n    function k () \n    { \n        l\n    };\n    cat <<A\nm\nA\n\n    n\n} > z";
    let (reads, _) = read(input);
    match &reads[0].script.items[0].first.stages[0] {
        Command::Function { name, body } => assert_eq!(print::function(name, body), expect),
        other => panic!("{other:?}"),
    }
}

#[test]
fn wrong_texts_are_answered_in_the_words_of_bash() {
    for (input, expect) in include_str!("complaints.txt").split("\n%%\n").filter_map(|case| case.split_once("\n=>\n")) {
        let shown = show(input);
        let complaint = shown.lines().skip_while(|line| !line.contains(": ")).collect::<Vec<_>>().join("\n");
        assert_eq!(complaint, expect.trim_end_matches('\n'), "of {input:?}");
    }
}

#[test]
fn here_documents_that_end_with_the_text_are_warned_of() {
    for (input, expect, last, cut) in [
        ("cat <<A\nb", vec!["warning: here-document at line 1 delimited by end-of-file (wanted `A')"], 2, true),
        (
            "echo $(cat <<A\nb\nA) c",
            vec!["warning: here-document at line 1 delimited by end-of-file (wanted `A')"],
            3,
            false,
        ),
        ("echo $(cat <<A) b\nc\nA\n", vec!["warning: command substitution: 1 unterminated here-document"], 3, false),
        ("echo a\\", vec![], 1, true),
        ("echo a\\\n", vec![], 1, true),
        ("echo a", vec![], 1, false),
    ] {
        let (reads, failure) = read(input);
        assert_eq!(failure, None);
        let read = &reads[0];
        assert_eq!(
            (read.warnings.clone(), read.last_line, read.cut.is_some()),
            (expect.iter().map(|s| s.to_string()).collect(), last, cut),
            "of {input:?}"
        );
    }
}

#[test]
fn aliases_stand_for_their_text_where_a_command_begins() {
    let aliases = |name: &str| {
        let text = match name {
            "ll" => "ls -l",
            "ls" => "ls --color",
            "sudo" => "sudo ",
            "loop" => "for x in a; do",
            "a" => "b",
            "b" => "a",
            "sc" => "echo ;",
            _ => return None,
        };
        Some(text.to_owned())
    };
    for (input, expect) in [
        ("ll /x", "ls --color -l /x"),
        ("sudo ll ll", "sudo ls --color -l ll"),
        ("echo ll; \\ll; 'll'; x=1 ll", "echo ll; \\ll; 'll'; x=1 ls --color -l"),
        ("loop echo $x; done", "for x in a;\ndo\n    echo $x;\ndone"),
        ("a; b", "a; b"),
        ("ll|ll>x", "ls --color -l | ls --color -l > x"),
        ("ll )", "1: syntax error near unexpected token `)' | ll )"),
        ("sc x", "echo; x"),
    ] {
        assert_eq!(show_with(input, options(&aliases, false)), expect, "of {input:?}");
    }
    let doubles = |name: &str| {
        let next = char::from(name.bytes().next()? + 1);
        (name.len() == 1 && next <= 'z').then(|| format!("{next} {next} "))
    };
    let expect = "1: appsh: aliases make this line longer than 256 KiB";
    assert_eq!(show_with("a", options(&doubles, false)), expect);
}

#[test]
fn extended_patterns_are_words_where_they_are_on() {
    let shown = |input: &str| show_with(input, options(&|_| None, true));
    assert_eq!(shown("ls !(a|b c)*.@(x|+(y z)) d"), "ls !(a|b c)*.@(x|+(y z)) d");
    assert_eq!(shown("ls @(a"), "more? 1: unexpected EOF while looking for matching `)'");
    check("ls @(a)", "1: syntax error near unexpected token `(' | ls @(a)");
}

#[test]
fn lists_are_read_one_line_at_a_time() {
    let mut parser = Parser::new("a; b\n\nc )\nd\n", options(&|_| None, false));
    let first = parser.next().map(|read| read.map(|read| (read.line, print::script(&read.script))));
    assert_eq!((first, parser.offset()), (Some(Ok((1, "a; b".to_owned()))), 5));
    assert!(matches!(parser.next(), Some(Err(Failure::Wrong(error))) if error.line == 3));
    let last = parser.next().map(|read| read.map(|read| (read.line, print::script(&read.script))));
    assert_eq!((last, parser.offset()), (Some(Ok((4, "d".to_owned()))), 12));
    assert_eq!(parser.next(), None);
}

#[test]
fn a_text_by_itself_follows_the_rules_of_double_quotes() {
    for (input, expect) in [
        ("a \"b\" 'c' \\\"", "b<a \"b\" 'c' \\\">"),
        ("$x \\$y \\\\ `z`", "$x b< $y \\ > c(z)"),
        ("$(cat <<A\nb\nA\n)", "c(cat <<A\nb\nA\n)"),
    ] {
        assert_eq!(
            double_quoted(input).map(|word| short(&word.parts)).map_err(|error| error.message),
            Ok(expect.to_owned())
        );
    }
    assert_eq!(
        double_quoted("a\n$(b").map_err(|error| (error.line, error.message)).err(),
        Some((2, "unexpected EOF while looking for matching `)'".to_owned()))
    );
}

/// Commands whose tree bash's layout keeps whole.
const WHOLE: &[&str] = &[
    "a b'c d'\"e $f ${g:-\"h i\"}\"\\; '' \"\" ' '",
    "a=1 b+=2 c[$i]=3 d=([k]=v w) e; declare x=(1 2) y=3",
    "a | b 2>&1 | c",
    "if a && b; then c & else d; e; fi; x 1>&2 3<&0 > y 2>> z <<< w",
    "while a; do { b; } > c; done; until [[ -f x && ! ( a == b || c =~ ^(d|e)$ ) && f -lt 3 ]]; do ((x+=1)); done",
    "case $x in a | 'b c') d;; *) e;& f) ;;& esac; for x in a \"$b\"; do c; done; for ((i=0; i<3; i++)); do a; done",
    "f() { a; b; } > x; g() { ( c ); }; echo $(a; b | c) <(d) >(e) $((1+$x)) `f`",
    "cat <<A | b && c\nx $y $(z) \\$w \\\\\nA\ncat <<'B' && d\n$x \\$\nB",
    "echo ${x/a b/$c} ${x//\\//-} ${x##*/} ${x%%.*} ${x:1:2} ${x: -1} ${x^^} ${x@Q} ${!x} ${!x*} ${!x[@]} ${#x[@]} ${x!y}",
    "echo \"${x:-a\\}b}\" \"${x#'a'}\" \"\\$a \\`b \\\" \\\\ \\c\" $x$y ${x}y ${10} \\$x '$x' a\\'b 'a'\\''b'",
    "{ a; b; } | ( c; d ) & time -p e; ! f; select x in a; do b; done",
];

#[test]
fn what_is_printed_reads_as_the_same_tree() {
    for text in WHOLE {
        let (reads, _) = read(text);
        let printed = reads.iter().map(|read| print::script(&read.script)).collect::<Vec<_>>().join("\n");
        let whole = |text: &str| tree(text).replace("\n", " ");
        assert_eq!(whole(&printed), whole(text), "of {text:?} as {printed:?}");
    }
}

/// A generator of Knuth's, which is enough to choose characters.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

/// Whether a list goes on behind a here-document or begins anew is a matter of blanks.
fn blanks_apart(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn no_text_makes_it_panic_and_what_it_prints_is_stable() {
    let pieces: Vec<char> = " \t\n;;&&||()()<>{}[]$$\"\"''``\\#!=*?@+-:/%^,~axif0".chars().collect();
    let words = [
        "if ",
        "then ",
        "fi\n",
        "do ",
        "done",
        "case x in ",
        "esac",
        "$((",
        "))",
        "$(",
        "${",
        "<<A\n",
        "\nA\n",
        "[[ ",
        " ]]",
        "f() ",
        "for ",
    ];
    let mut dice = Dice(1);
    let (mut good, mut wrong) = (0, 0);
    for round in 0..10_000 {
        let mut text: Vec<char> = match round % 3 {
            0 => Vec::new(),
            _ => WHOLE[dice.below(WHOLE.len())].chars().collect(),
        };
        for _ in 0..dice.below(if round % 3 == 0 { 30 } else { 4 }) {
            let at = dice.below(text.len() + 1);
            match dice.below(4) {
                0 if at < text.len() => drop(text.remove(at)),
                1 => drop(text.splice(at..at, words[dice.below(words.len())].chars())),
                _ => text.insert(at, pieces[dice.below(pieces.len())]),
            }
        }
        let text: String = text.into_iter().collect();
        let (reads, failure) = read_with(&text, options(&|_| None, round % 2 == 0));
        wrong += usize::from(failure.is_some());
        for read in reads.iter().filter(|read| read.warnings.is_empty()) {
            let printed = print::script(&read.script);
            let again = show_with(&printed, options(&|_| None, round % 2 == 0));
            assert_eq!(blanks_apart(&again), blanks_apart(&printed), "of {text:?}");
            good += 1;
        }
    }
    assert!(good > 500 && wrong > 500, "{good} lists were good, {wrong} texts were wrong");
}

#[test]
fn depth_is_bounded_and_time_is_nearly_linear() {
    let deep = "appsh: commands within commands go deeper than 100 levels";
    for (open, close) in [
        ("$(", ")"),
        ("( ", ")"),
        ("{ ", "; }"),
        ("if a; then ", "; fi"),
        ("${x:-", "}"),
        ("\"${x:-", "}\""),
        ("$((1+", "))"),
        ("case x in x) ", "; esac"),
        ("f() { ", "; }"),
        ("<(", ")"),
        ("$[a[", "]]"),
        ("${x[", "]}"),
        ("\"$(echo ", ")\""),
        ("while [[ $(", ") ]]; do a; done"),
    ] {
        let nested = |levels: usize| format!("echo; {}x{}", open.repeat(levels), close.repeat(levels));
        let nested = |levels: usize| {
            if "$\"<".contains(&open[..1]) { nested(levels).replace("; ", " ") } else { nested(levels) }
        };
        let (_, failure) = read(&nested(1_000));
        assert!(matches!(&failure, Some(Failure::Wrong(error)) if error.message == deep), "{open}: {failure:?}");
        let (reads, failure) = read(&nested(32));
        assert_eq!((reads.len(), failure), (1, None), "{open}");
        assert!(!print::script(&reads[0].script).is_empty());
    }
    let long = 60_000;
    for text in [
        "(", "$((", "$((1 ", "((", "a ", "a;", "'", "\"", "`", "$[", "x[", "<<A ", "[[ a && ", "! ", "a=( ", "${",
        "\\", "a|", "&& ", "# ",
    ] {
        let (reads, failure) = read(&text.repeat(long / text.len()));
        assert!(!reads.is_empty() || failure.is_some() || text == "# ", "{text}");
    }
    let many = format!("[[ {} a ]]", "a && ".repeat(10_000));
    assert_eq!(read(&many).1, None);
}
