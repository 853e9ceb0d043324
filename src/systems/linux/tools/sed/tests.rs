//! What GNU sed 4.9 prints, recorded: each row is run over files in memory.

use super::parse::{Dialect, Source, parse};
use super::run::Run;
use super::{SPEC, dialect, settings};
use crate::bash::mutation::mutate;
use crate::systems::linux::io::Cut;
use crate::systems::linux::tools::host::memory::{Memory, at_once};

/// Files that are there.
const FILES: [(&str, &str); 4] =
    [("f1", "a1\na2\na3\n"), ("f2", "b1\nb2"), ("script", "#n\ns/x/X/p\n/y/{\n  =\n}\n"), ("bad", "p\n\ns/a/\n")];

/// Arguments, standard input, what is printed on both outputs and written into files, the status.
type Row = (&'static [&'static str], &'static str, &'static str, u8);

#[test]
fn scripts_do_what_gnu_sed_does() {
    for (arguments, input, expect, status) in ROWS {
        let (memory, ended) = run(arguments, input);
        let mut shown = memory.text("out") + &memory.text("err");
        for (name, bytes) in &memory.files {
            let old = FILES.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_bytes());
            if !["in", "out", "err"].contains(&name.as_str()) && old != Some(bytes) {
                shown.push_str(&format!("[{name}]{}", String::from_utf8_lossy(bytes)));
            }
        }
        assert_eq!((shown.as_str(), ended), (*expect, Ok(*status)), "{arguments:?}");
    }
}

/// The program without the machine around it.
fn run(arguments: &[&str], input: &str) -> (Memory, Result<u8, Cut>) {
    let mut memory = Memory::new(input);
    for (name, text) in FILES {
        memory.files.insert(name.to_owned(), text.as_bytes().to_vec());
    }
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    let mut given = SPEC.read(&arguments, false).expect("good options");
    let mut sources: Vec<Source> = Vec::new();
    for (letter, value) in &given.options {
        let value = value.clone().unwrap_or_default();
        match letter {
            'e' => sources.push(Source { file: None, text: value.into_bytes() }),
            'f' => sources.push(Source { text: memory.files[&value].clone(), file: Some(value) }),
            _ => {}
        }
    }
    if sources.is_empty() {
        sources.push(Source { file: None, text: given.operands.remove(0).into_bytes() });
    }
    let script = match parse(&sources, dialect(&given)) {
        Ok(script) => script,
        Err((text, status)) => {
            memory.files.insert("err".to_owned(), format!("sed: {text}\n").into_bytes());
            return (memory, Ok(status));
        }
    };
    let settings = settings(&given).expect("a good length");
    let ended = at_once(Run::new(&mut memory, &script, &settings, &given.operands).run());
    (memory, ended)
}

#[test]
fn damaged_scripts_end() {
    let samples: Vec<&str> = ROWS.iter().flat_map(|(arguments, ..)| arguments.iter().copied()).collect();
    let mut good = 0;
    mutate(11, &samples, 4_000, |text| {
        let source = Source { file: None, text: text.as_bytes().to_vec() };
        for extended in [false, true] {
            let Ok(script) = parse(std::slice::from_ref(&source), Dialect { extended, sandbox: true, zeros: false })
            else {
                continue;
            };
            good += 1;
            let mut memory = Memory::new("one two\nthree\n\nfour 4 four\n");
            memory.most = 3_000;
            let settings = super::run::Settings { length: 70, ..super::run::Settings::default() };
            let ended = at_once(Run::new(&mut memory, &script, &settings, &[]).run());
            assert!(matches!(ended, Ok(_) | Err(Cut::Limit(_))), "{text:?}: {ended:?}");
        }
    });
    assert!(good > 1_000, "only {good} of the damaged scripts are scripts");
}

/// Recorded with LC_ALL=C.UTF-8.
const ROWS: &[Row] = &[
    (&["p"], "one\ntwo\n", "one\none\ntwo\ntwo\n", 0),
    (&["-n", "$p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "six\n", 0),
    (&["-n", "2,4p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\nfour\n", 0),
    (&["-n", "2~2p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nfour\nsix\n", 0),
    (&["-n", "2,+1p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\n", 0),
    (&["-n", "2,~4p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\nfour\n", 0),
    (&["-n", "/t/,/f/p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\nfour\n", 0),
    (&["-n", "2!p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nthree\nfour\nfive\nsix\n", 0),
    (&["-n", "/two/,3!p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nfour\nfive\nsix\n", 0),
    (&["-n", "0,/o/p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\n", 0),
    (&["-n", "1,/o/p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\ntwo\n", 0),
    (&["-n", "\\,T,Ip"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\n", 0),
    (&["-n", "5,2p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "five\n", 0),
    (&["-n", "/T/I,$p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\nfour\nfive\nsix\n", 0),
    (&["1d;$d"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\nfour\nfive\n", 0),
    (&["y/abcdefo/ABCDEFO/"], "one\ntwo\nthree\nfour\nfive\nsix\n", "OnE\ntwO\nthrEE\nFOur\nFivE\nsix\n", 0),
    (&["N;N;s/\\n/,/g"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one,two,three\nfour,five,six\n", 0),
    (&[":a;N;$!ba;s/\\n/ /g"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one two three four five six\n", 0),
    (&["$!N;P;D"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\ntwo\nthree\nfour\nfive\nsix\n", 0),
    (&["1!G;h;$!d"], "one\ntwo\nthree\nfour\nfive\nsix\n", "six\nfive\nfour\nthree\ntwo\none\n", 0),
    (&["-n", "H;${x;s/\\n/,/g;p}"], "one\ntwo\nthree\nfour\nfive\nsix\n", ",one,two,three,four,five,six\n", 0),
    (&["2q"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\ntwo\n", 0),
    (&["2Q"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\n", 0),
    (&["3q5"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\ntwo\nthree\n", 5),
    (&["n;d"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nthree\nfive\n", 0),
    (&["-n", "="], "a\nb", "1\n2\n", 0),
    (&["="], "a\nb", "1\na\n2\nb", 0),
    (&["2i\\\nabove\\\nmore"], "a\nb\n", "a\nabove\nmore\nb\n", 0),
    (&["2i above"], "a\nb\n", "a\nabove\nb\n", 0),
    (&["$a\\  below"], "a\nb\n", "a\nb\n  below\n", 0),
    (&["2c\\\nnew"], "a\nb\nc\n", "a\nnew\nc\n", 0),
    (&["2,3c new"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nnew\nfour\nfive\nsix\n", 0),
    (&["2,3!c new"], "one\ntwo\nthree\nfour\nfive\nsix\n", "new\ntwo\nthree\nnew\nnew\nnew\n", 0),
    (&["$!{2,3c new\n}"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nnew\nfour\nfive\nsix\n", 0),
    (&["a foo\\tbar\\qz"], "x\n", "x\nfoo\tbarqz\n", 0),
    (&["s/o/0/"], "one\ntwo\nthree\nfour\nfive\nsix\n", "0ne\ntw0\nthree\nf0ur\nfive\nsix\n", 0),
    (&["s/o/0/g"], "foo boo\n", "f00 b00\n", 0),
    (&["s/o/0/2"], "foo boo\n", "fo0 boo\n", 0),
    (&["s/o/0/2g"], "foo boo\n", "fo0 b00\n", 0),
    (&["-n", "s/o/0/p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "0ne\ntw0\nf0ur\n", 0),
    (&["s/\\(t\\)\\(.\\)/\\2\\1/"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nwto\nhtree\nfour\nfive\nsix\n", 0),
    (&["-E", "s/(t)(.)/\\2\\1/"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nwto\nhtree\nfour\nfive\nsix\n", 0),
    (
        &["-r", "s/^(.*)$/[\\1]/"],
        "one\ntwo\nthree\nfour\nfive\nsix\n",
        "[one]\n[two]\n[three]\n[four]\n[five]\n[six]\n",
        0,
    ),
    (&["s/.*/[&]/"], "one\ntwo\nthree\nfour\nfive\nsix\n", "[one]\n[two]\n[three]\n[four]\n[five]\n[six]\n", 0),
    (&["s/.*/[\\&]/"], "x\n", "[&]\n", 0),
    (&["s|/usr|/opt|g"], "/usr/bin:/usr/sbin\n", "/opt/bin:/opt/sbin\n", 0),
    (&["s/b*/X/g"], "abc\n", "XaXcX\n", 0),
    (&["s/b*/X/2"], "abc\n", "aXc\n", 0),
    (&["s/a*/x/g"], "baaac\n", "xbxcx\n", 0),
    (&["s/$/!/;s/^/>/"], "x\n", ">x!\n", 0),
    (&["s/x/a\\nb/"], "x\n", "a\nb\n", 0),
    (&["s/x/a\\\nb/"], "x\n", "a\nb\n", 0),
    (&["s/\\(\\w*\\) \\(\\w*\\)/\\u\\1 \\U\\2\\E!/"], "hello world\n", "Hello WORLD!\n", 0),
    (&["s/.*/\\L&/;s/\\b./\\u&/g"], "HELLO WORLD\n", "Hello World\n", 0),
    (&["s/\\w\\+/\\L\\u&/g"], "HELLO wORLD\n", "Hello World\n", 0),
    (&["s/X/é/;y/é/ü/"], "aXb\n", "aüb\n", 0),
    (&["s/a/x/I;s/B/y/i"], "AAb\n", "xAy\n", 0),
    (&["s/^./X/mg"], "a\n", "X\n", 0),
    (&["N;s/^./X/mg"], "a\nb\n", "X\nX\n", 0),
    (&["N;s/a$/X/M"], "a\nb\n", "X\nb\n", 0),
    (&["s/t\\|f/X/g"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nXwo\nXhree\nXour\nXive\nsix\n", 0),
    (
        &["-E", "s/t|f/X/g;s/e{2}/E/;s/i+/I/;s/x?$/./"],
        "one\ntwo\nthree\nfour\nfive\nsix\n",
        "one.\nXwo.\nXhrE.\nXour.\nXIve.\nsI.\n",
        0,
    ),
    (&["/two/s//2/"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\n2\nthree\nfour\nfive\nsix\n", 0),
    (&["s/a\\x5eb/X/"], "a^b\n", "X\n", 0),
    (&["s/\\x41/q/Ig;s/\\t/T/"], "aA\tb\n", "qqTb\n", 0),
    (&["s/[\\n]/,/;s/[\\t]/T/"], "a\tb\n", "aTb\n", 0),
    (&["s/[.]/X/"], "a.b\n", "aXb\n", 0),
    (&["s/[/]/X/;s/[^]/]/Y/"], "a/b\n", "YXb\n", 0),
    (&["s.a\\.b.X."], "a.b\n", "X\n", 0),
    (&["s|a\\|b|X|"], "a|b\n", "X\n", 0),
    (&["-n", "l"], "é\u{1}\tabc\\\n", "\\303\\251\\001\\tabc\\\\$\n", 0),
    (
        &["-n", "l 10;l 0"],
        "abcdefghijklmnopqrstuvwxyz\n",
        "abcdefghi\\\njklmnopqr\\\nstuvwxyz$\nabcdefghijklmnopqrstuvwxyz$\n",
        0,
    ),
    (&["-n", "-l", "5", "l"], "abcdefghij\n", "abcd\\\nefgh\\\nij$\n", 0),
    (&["-z", "s/^./X/mg;s/\\n/,/g"], "a\nb\n\u{0}c\nd\u{0}", "X,b,\u{0}X,d\u{0}", 0),
    (&["-s", "-n", "$p;1F", "f1", "f2"], "", "f1\na3\nf2\nb2", 0),
    (&["-n", "$p", "f1", "f2"], "", "b2", 0),
    (&["-n", "$=", "f1", "f2"], "", "5\n", 0),
    (&["1r f1"], "x\ny\n", "x\na1\na2\na3\ny\n", 0),
    (&["R f1"], "x\ny\nz\n", "x\na1\ny\na2\nz\na3\n", 0),
    (&["r nonex"], "x\n", "x\n", 0),
    (&["-n", "w out1\ns/x/y/w out2"], "x\nz\n", "[out1]x\nz\n[out2]y\n", 0),
    (&["-i", "s/a/X/", "f1"], "", "[f1]X1\nX2\nX3\n", 0),
    (&["-i.bak", "s/a/X/", "f1", "f2"], "", "[f1]X1\nX2\nX3\n[f1.bak]a1\na2\na3\n[f2.bak]b1\nb2", 0),
    (&["-n", "-i", "2p", "f1"], "", "[f1]a2\n", 0),
    (&["-i", "1q", "f1"], "", "[f1]a1\n", 0),
    (&["-i", "$d", "f1", "f2"], "", "[f1]a1\na2\n[f2]b1\n", 0),
    (&["-i_*_", "s/a/X/", "f1"], "", "[_f1_]a1\na2\na3\n[f1]X1\nX2\nX3\n", 0),
    (&["-e", "a\\", "-e", "text"], "x\n", "x\ntext\n", 0),
    (&["-e", "s/x/y/", "-e", "s/y/z/"], "x\n", "z\n", 0),
    (&["-f", "script"], "x\ny\n", "X\n2\n", 0),
    (&["-n", "-f", "script"], "x\ny\n", "X\n2\n", 0),
    (&["$!N;s/\\n/-/"], "1\n2\n3", "1-2\n3", 0),
    (&["s/x/y/;ta;s/$/ no/;:a"], "x\nz\n", "y\nz no\n", 0),
    (&["s/x/y/;Ta;s/$/ yes/;:a"], "x\nz\n", "y yes\nz\n", 0),
    (&[":a;s/^\\(\\s*\\)x/\\1y/;ta"], "  xx\n", "  yx\n", 0),
    (&["/^$/d;/^#/d"], "a\n\n# c\nb\n", "a\nb\n", 0),
    (&["/a/{/b/d;s/a/A/}"], "a\nab\nb\n", "A\nb\n", 0),
    (&["/a/,/c/{//!d}"], "a\nb\nc\nd\n", "a\nc\nd\n", 0),
    (&["x;p;x"], "a\nb\n", "\na\n\nb\n", 0),
    (&["G"], "a\nb\n", "a\n\nb\n\n", 0),
    (&["h;G;g"], "a\n", "a\n", 0),
    (&["z;s/^$/E/"], "a\n", "E\n", 0),
    (&["D"], "a\n", "", 0),
    (&["-n", "$!{h;d};H;x;p"], "one\ntwo\nthree\nfour\nfive\nsix\n", "five\nsix\n", 0),
    (&["s/\\([a-z]\\)\\1/<\\1\\1>/"], "hello\n", "he<ll>o\n", 0),
    (&["s/\\d065/B/;s/\\o102/C/;s/\\cIx/y/"], "A\tx\n", "Cy\n", 0),
    (&["-n", "/e$/{=;p}"], "one\ntwo\nthree\nfour\nfive\nsix\n", "1\none\n3\nthree\n5\nfive\n", 0),
    (&["1~3d"], "one\ntwo\nthree\nfour\nfive\nsix\n", "two\nthree\nfive\nsix\n", 0),
    (&["2,4{=;d}"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\n2\n3\n4\nfive\nsix\n", 0),
    (&["1,3{2,3d}"], "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nfour\nfive\nsix\n", 0),
    (&["s/a/b/x"], "", "sed: -e expression #1, char 7: unknown option to `s'\n", 1),
    (&["s/a"], "", "sed: -e expression #1, char 3: unterminated `s' command\n", 1),
    (&["s/a/b"], "", "sed: -e expression #1, char 5: unterminated `s' command\n", 1),
    (&["k"], "", "sed: -e expression #1, char 1: unknown command: `k'\n", 1),
    (&["p p"], "", "sed: -e expression #1, char 3: extra characters after command\n", 1),
    (&["{p"], "", "sed: -e expression #1, char 0: unmatched `{'\n", 1),
    (&["}"], "", "sed: -e expression #1, char 1: unexpected `}'\n", 1),
    (&["b foo"], "", "sed: can't find label for jump to `foo'\n", 4),
    (&[":"], "", "sed: -e expression #1, char 1: \":\" lacks a label\n", 1),
    (&["3,p"], "", "sed: -e expression #1, char 3: unexpected `,'\n", 1),
    (&["s/a/b/gg"], "", "sed: -e expression #1, char 8: multiple `g' options to `s' command\n", 1),
    (&["s/a/b/pp"], "", "sed: -e expression #1, char 8: multiple `p' options to `s' command\n", 1),
    (&["s/a/b/3 4"], "", "sed: -e expression #1, char 9: multiple number options to `s' command\n", 1),
    (&["s/a/b/3 4"], "", "sed: -e expression #1, char 9: multiple number options to `s' command\n", 1),
    (&["/abc"], "", "sed: -e expression #1, char 4: unterminated address regex\n", 1),
    (&["5!!p"], "", "sed: -e expression #1, char 3: multiple `!'s\n", 1),
    (&["a"], "", "sed: -e expression #1, char 1: expected \\ after `a', `c' or `i'\n", 1),
    (&["s/\\(a/b/"], "", "sed: -e expression #1, char 8: Unmatched ( or \\(\n", 1),
    (&["s/a/\\1/"], "", "sed: -e expression #1, char 7: invalid reference \\1 on `s' command's RHS\n", 1),
    (&["r"], "", "sed: -e expression #1, char 1: missing filename in r/R/w/W commands\n", 1),
    (&["w"], "", "sed: -e expression #1, char 1: missing filename in r/R/w/W commands\n", 1),
    (&["0p"], "", "sed: -e expression #1, char 2: invalid usage of line address 0\n", 1),
    (&["0,5p"], "", "sed: -e expression #1, char 4: invalid usage of line address 0\n", 1),
    (&["s/a/b/0"], "", "sed: -e expression #1, char 7: number option to `s' command may not be zero\n", 1),
    (&["1,3q"], "", "sed: -e expression #1, char 4: command only uses one address\n", 1),
    (&["y/a/b"], "", "sed: -e expression #1, char 5: unterminated `y' command\n", 1),
    (&["y/ab/c/"], "", "sed: -e expression #1, char 7: strings for `y' command are different lengths\n", 1),
    (&["{}}"], "", "sed: -e expression #1, char 3: unexpected `}'\n", 1),
    (&["//p"], "x\n", "sed: -e expression #1, char 0: no previous regular expression\n", 1),
    (&["$"], "", "sed: -e expression #1, char 1: missing command\n", 1),
    (&["-e", "p", "-e", "k"], "", "sed: -e expression #2, char 1: unknown command: `k'\n", 1),
    (&["-f", "bad"], "", "sed: file bad line 3: unterminated `s' command\n", 1),
    (&["p", "nonex"], "", "sed: can't read nonex: No such file or directory\n", 2),
    (&["p", "nonex", "f1"], "", "a1\na1\na2\na2\na3\na3\nsed: can't read nonex: No such file or directory\n", 2),
    (&["-i", "p", "nonex"], "", "sed: can't read nonex: No such file or directory\n", 2),
    (&["-E", "s/(a/b/"], "", "sed: -e expression #1, char 7: Unmatched ( or \\(\n", 1),
    (&["-E", "s/a)/b/"], "", "sed: -e expression #1, char 7: Unmatched ) or \\)\n", 1),
    (&["s/[a/b/"], "", "sed: -e expression #1, char 7: unterminated `s' command\n", 1),
    (&["s/a\\{1/b/"], "", "sed: -e expression #1, char 9: Unmatched \\{\n", 1),
    (&["-E", "s/*a/b/"], "*a\n", "sed: -e expression #1, char 7: Invalid preceding regular expression\n", 1),
    (&["s/*a/b/"], "*a\n", "b\n", 0),
    (&["dp"], "", "sed: -e expression #1, char 2: extra characters after command\n", 1),
    (&["1,p"], "", "sed: -e expression #1, char 3: unexpected `,'\n", 1),
    (&["l x"], "", "sed: -e expression #1, char 3: extra characters after command\n", 1),
    (&["--sandbox", "w x"], "", "sed: -e expression #1, char 1: e/r/w commands disabled in sandbox mode\n", 1),
    (&["y/a\\bc/xyz/"], "a", "x", 0),
    (&["s/a/b/;;;p;"], "a\n", "b\nb\n", 0),
    (&["  2  {  p  ;  p  }  "], "a\nb\n", "a\nb\nb\nb\n", 0),
    (&["#n\np"], "a\n", "a\n", 0),
    (&["$!d # last"], "a\nb\n", "b\n", 0),
    (&["-u", "1q"], "a\nb\n", "a\n", 0),
    (&["/a/c\\\nx"], "a\nb\n", "x\nb\n", 0),
    (&["$N;N"], "a\nb\nc\n", "a\nb\nc\n", 0),
    (&["n;n;s/./X/"], "a\nb\nc\nd\ne\n", "a\nb\nX\nd\ne\n", 0),
    (&["/x/b end;s/^/-/;: end"], "x\ny\n", "x\n-y\n", 0),
    (&["1,2{h;d};$G"], "a\nb\nc\n", "c\nb\n", 0),
    (&["s/[^,]*,//2"], "a,b,c\n", "a,c\n", 0),
    (&["s/\\s\\+$//;s/\\S/X/g"], "ab c  \n", "XX X\n", 0),
    (&["s/\\bfoo\\b/bar/g;s/\\<b/<b/;s/r\\>/r>/"], "foo food\n", "<bar> food\n", 0),
    (&["s/a\\?b\\+/X/g"], "abbb b a\n", "X X a\n", 0),
    (&["s/.\\{2\\}/&-/g"], "abcdef\n", "ab-cd-ef-\n", 0),
];
