//! What gawk 5.2 prints, recorded: each row is run over files in memory.

use super::parse::{Source, parse};
use super::run::{Machine, Stop};
use super::{SPEC, begin};
use crate::bash::mutation::mutate;
use crate::systems::linux::io::Cut;
use crate::systems::linux::tools::host::memory::{Memory, at_once};

/// Files that are there.
const FILES: [(&str, &str); 3] = [
    ("f1", "a1\na2\na3\n"),
    ("f2", "b1\nb2"),
    ("prog", "#!/usr/bin/awk -f\n# sum\n{ s = $1 + $2 }\nEND {\n\tprint s\n}\n"),
];

/// Arguments, standard input, what is printed on both outputs and written into files, the status.
type Row = (&'static [&'static str], &'static str, &'static str, u8);

#[test]
fn programs_do_what_gawk_does() {
    for (arguments, input, expect, status) in ROWS.iter().chain(OWN) {
        let (memory, ended) = run(arguments, input);
        let mut shown = memory.text("out") + &memory.text("err");
        for (name, bytes) in &memory.files {
            let old = FILES.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_bytes());
            if !["in", "out", "err"].contains(&name.as_str()) && old != Some(bytes) {
                shown.push_str(&format!("[{name}]{}", String::from_utf8_lossy(bytes)));
            }
        }
        assert_eq!((shown.as_str(), ended), (*expect, Ok(*status)), "{arguments:?} {input:?}");
    }
}

/// The program without the machine around it.
fn run(arguments: &[&str], input: &str) -> (Memory, Result<u8, Cut>) {
    let mut memory = Memory::new(input);
    for (name, text) in FILES {
        memory.files.insert(name.to_owned(), text.as_bytes().to_vec());
    }
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    let mut given = SPEC.read(&arguments, true).expect("good options");
    let file = given.value('f').map(str::to_owned);
    let source = match file {
        Some(name) => Source { text: memory.files[&name].clone(), name },
        None => Source { name: "cmd. line".to_owned(), text: given.operands.remove(0).into_bytes() },
    };
    let program = match parse(&[source]) {
        Ok(program) => program,
        Err(wrong) => {
            let lines = wrong.lines.iter().map(|line| format!("awk: {line}\n")).collect::<String>();
            memory.files.insert("err".to_owned(), lines.into_bytes());
            return (memory, Ok(wrong.status));
        }
    };
    let ended = at_once(begin(&mut Machine::new(&mut memory, &program, "awk", &given.operands), &given.options));
    match ended {
        Ok(status) => (memory, Ok(status)),
        Err(Stop::Cut(cut)) => (memory, Err(cut)),
        Err(Stop::Fatal(text) | Stop::Gap(text)) => {
            memory.files.insert("err".to_owned(), format!("awk: {text}\n").into_bytes());
            (memory, Ok(2))
        }
    }
}

#[test]
fn damaged_programs_end() {
    let samples: Vec<&str> = ROWS.iter().flat_map(|(arguments, ..)| arguments.iter().copied()).collect();
    let mut good = 0;
    mutate(13, &samples, 6_000, |text| {
        let source = Source { name: "cmd. line".to_owned(), text: text.as_bytes().to_vec() };
        let Ok(program) = parse(std::slice::from_ref(&source)) else { return };
        good += 1;
        let mut memory = Memory::new("one two\nthree\n\nfour 4 four\n");
        memory.most = 3_000;
        let ended = at_once(Machine::new(&mut memory, &program, "awk", &[]).run());
        assert!(!matches!(ended, Err(Stop::Cut(Cut::Signal(_) | Cut::Gone))), "{text:?}: {ended:?}");
    });
    assert!(good > 1_000, "only {good} of the damaged programs are programs");
}

#[test]
fn what_is_too_much_ends() {
    let check = |text: &str, limit: &str| {
        let (_, ended) = run(&[text], "x\n");
        assert_eq!(ended, Err(Cut::Limit(if limit == "steps" { "steps" } else { "held memory" })), "{text}");
    };
    check("BEGIN{for(;;);}", "steps");
    check("BEGIN{s=\"xxxxxxxx\";for(;;)s=s s}", "memory");
    check("BEGIN{s=sprintf(\"%100000s\",\"\");for(;;)a[i++]=s i}", "memory");
    let deep = "(".repeat(5_000);
    assert!(parse(&[Source { name: "x".to_owned(), text: format!("BEGIN{{x={deep}").into_bytes() }]).is_err());
    let long = format!("BEGIN{{print {}1}}", "1+".repeat(5_000));
    assert_eq!(run(&[&long], "").0.text("out"), "5001\n");
    let (_, ended) = run(&["function f(){return f()} BEGIN{f()}"], "");
    assert_eq!(ended, Err(Cut::Limit("function calls")));
}

/// What follows from the lab, or from gawk 4.2 where 5.2 has other words.
const OWN: &[Row] = &[
    (&["BEGIN{\"c\" | getline; print $0, NR; print close(\"c\"), close(\"c\")}"], "", "[c] 1\n3 -1\n", 0),
    (&["BEGIN{print \"b\" | \"sort\"; print \"a\" | \"sort\"; print \"first\"}"], "", "first\n[sort]b\na\n", 0),
    (&["BEGIN{r=system(\"x\"); print r, systime()}"], "", "[x]3 1647288000\n", 0),
    (&["1", "nonex"], "", "awk: fatal: cannot open file `nonex' for reading (No such file or directory)\n", 2),
    (&["BEGIN{print strftime(\"%F %T\")}"], "", "2022-03-14 20:00:00\n", 0),
    (&["BEGIN{a[\"y\"];a[10];a[\"x\"];a[9];for(k in a)printf \"%s \", k}"], "", "y x 9 10 ", 0),
];

/// Recorded with LC_ALL=C.UTF-8.
const ROWS: &[Row] = &[
    (
        &["{print}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        0,
    ),
    (
        &["{print $1, $NF}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "Filesystem Use%\n/dev/sda1 90%\n/dev/sdb1 20%\ntmpfs 0%\n",
        0,
    ),
    (
        &["-F:", "{print $1\" \"$7}"],
        "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\nadm:x:3:4:adm:/var/adm:/sbin/nologin\n",
        "root /bin/bash\nbin /sbin/nologin\nadm /sbin/nologin\n",
        0,
    ),
    (
        &["-F:", "$3>0{print $1}"],
        "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\nadm:x:3:4:adm:/var/adm:/sbin/nologin\n",
        "bin\nadm\n",
        0,
    ),
    (
        &["NR>1 && $4+0>=20{print $1,$4}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "/dev/sda1 90%\n/dev/sdb1 20%\n",
        0,
    ),
    (
        &["NR==2,NR==3{print NR\": \"$0}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "2: /dev/sda1 100 90 90%\n3: /dev/sdb1 50 10 20%\n",
        0,
    ),
    (
        &["/sda/,/tmpfs/"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        0,
    ),
    (
        &["/sda/,/sda/"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "/dev/sda1 100 90 90%\n",
        0,
    ),
    (
        &["END{print NR, NF, $0}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "4 4 tmpfs 7 0 0%\n",
        0,
    ),
    (
        &["{s+=$2} END{print s, s/NR}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "157 39.25\n",
        0,
    ),
    (
        &["BEGIN{OFS=\"-\"} {$1=$1; print}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "Filesystem-Size-Used-Use%\n/dev/sda1-100-90-90%\n/dev/sdb1-50-10-20%\ntmpfs-7-0-0%\n",
        0,
    ),
    (&["{$3=\"\";print;print NF}"], "a b c d\n", "a b  d\n4\n", 0),
    (&["{$7=\"x\";print;print NF}"], "a b\n", "a b     x\n7\n", 0),
    (&["{NF=2;print;$0=\"p q r\";print $2,NF}"], "a b c d\n", "a b\nq 3\n", 0),
    (&["{$(NF)=\"z\"; print $(NF-1) $NF}"], "a b c\n", "bz\n", 0),
    (
        &[
            "BEGIN{printf \"%c%c%5.2f|%-5d|%05d|%x|%e|%g|%i|%5s|%.2s\\n\", 65, \"hello\", 3.14159, 42, 42, 255, 12345.678, 0.0001, \"3x\", \"ab\", \"xyz\"}",
        ],
        "",
        "Ah 3.14|42   |00042|ff|1.234568e+04|0.0001|3|   ab|xy\n",
        0,
    ),
    (
        &[
            "BEGIN{printf \"%d %d %s %s%%\\n\", \"0x1A\", -3.9, 1e6, 0.1; printf \"%*d|%-*d|%.*f\\n\", 5, 42, 5, 42, 2, 3.14159; printf \"%+d % d %o %X %#x %#o\\n\", 5, 5, 8, 255, 255, 8}",
        ],
        "",
        "0 -3 1000000 0.1%\n   42|42   |3.14\n+5  5 10 FF 0xff 010\n",
        0,
    ),
    (
        &["BEGIN{printf \"%g %g %g %G %.3g %g\\n\", 1e10, 123456789, 0.00001, 1e-10, 1234.5, 100000}"],
        "",
        "1e+10 1.23457e+08 1e-05 1E-10 1.23e+03 100000\n",
        0,
    ),
    (
        &["BEGIN{print 1e6, 1e300*10 > 1, 0.1, 100000*100000, 2^53, 2**31, -2^2, 1e-5, 0.1+0.2, 1/3, 1e17, -0, 3.0}"],
        "",
        "awk: cmd. line:1: BEGIN{print 1e6, 1e300*10 > 1, 0.1, 100000*100000, 2^53, 2**31, -2^2, 1e-5, 0.1+0.2, 1/3, 1e17, -0, 3.0}\nawk: cmd. line:1:                              ^ syntax error\n",
        1,
    ),
    (
        &["BEGIN{print 1==1.0, \"a\"<\"b\", \"10\"<\"9\", 10<9, \"abc\"<1, x==0, x==\"\", !x, !\"0\", !0, !\"a\"}"],
        "",
        "1 1 1 0 0 1 1 1 0 1 0\n",
        0,
    ),
    (&["{print ($1<$2), ($1==$2), ($1<\"5\")}"], "10 9\n2 2.0\nabc 1\n 3 03\n", "0 0 1\n0 1 1\n0 0 0\n0 1 1\n", 0),
    (&["$1"], "0\n1\n\n 0x\n0.0\n-1\n", "1\n 0x\n-1\n", 0),
    (
        &[
            "BEGIN{x[\"a\"]=1;x[\"b\"];print length(x), (\"a\" in x), (\"z\" in x); delete x[\"a\"]; print length(x); delete x; print length(x)}",
        ],
        "",
        "2 1 0\n1\n0\n",
        0,
    ),
    (
        &[
            "BEGIN{a[1,2]=3; for(k in a){split(k,p,SUBSEP); print p[1],p[2]}; if((1,2) in a)print \"yes\"; if(!((2,1) in a)) print \"no\"}",
        ],
        "",
        "1 2\nyes\nno\n",
        0,
    ),
    (&["{c[$1]++} END{for(k=1;k<4;k++) print k, c[k]}"], "1\n2\n1\n", "1 2\n2 1\n3 \n", 0),
    (
        &[
            "BEGIN{n=split(\"a:b:c\",t,\":\");print n,t[1],t[3];n=split(\"\",t);print n,length(t);n=split(\"abc\",t,\"\");print n,t[2];n=split(\" a  b \",t);print n,t[1],t[2];n=split(\"a1b22c\",t,/[0-9]+/,s);print n,t[3],s[1],s[2]; n=split(\"a b\",t,\" \");print n}",
        ],
        "",
        "3 a c\n0 0\n3 b\n2 a b\n3 c 1 22\n2\n",
        0,
    ),
    (&["BEGIN{n=split(\"d1,c2,b3\",a,\",\");for(i in a)print i,a[i]}"], "", "1 d1\n2 c2\n3 b3\n", 0),
    (
        &[
            "BEGIN{print substr(\"hello\",2,3), substr(\"hello\",0), substr(\"hello\",-1,3), substr(\"hello\",2), substr(\"hello\",10), substr(\"hello\",1.5,1), substr(\"héllo\",2,1), substr(\"hello\",2,-1) \"|\"}",
        ],
        "",
        "ell hello hel ello  h é |\n",
        0,
    ),
    (
        &[
            "BEGIN{print index(\"foobar\",\"bar\"), index(\"a\",\"b\"), length(\"héé\"), length(12345), toupper(\"aé\"), tolower(\"ABC\")}",
        ],
        "",
        "4 0 3 5 AÉ abc\n",
        0,
    ),
    (
        &[
            "BEGIN{print match(\"foobar\",/o+/), RSTART, RLENGTH; print match(\"x\",/y/), RSTART, RLENGTH; match(\"abc=12\",/([a-z]+)=([0-9]+)/,m); print m[0],m[1],m[2],m[1,\"start\"],m[2,\"length\"]}",
        ],
        "",
        "2 2 2\n0 0 -1\nabc=12 abc 12 1 2\n",
        0,
    ),
    (
        &["{sub(/a/,\"[&]\");print; gsub(/[aeiou]/,\"<&>\");print; n=gsub(\"x\",\"\\\\&\");print n,$0}"],
        "banana xx\n",
        "b[a]nana xx\nb[<a>]n<a>n<a> xx\n2 b[<a>]n<a>n<a> &&\n",
        0,
    ),
    (
        &[
            "BEGIN{s=\"aaa\"; print gsub(/x*/,\"-\",s), s; s=\"abc\"; print gsub(//,\"-\",s), s; s=\"hello\"; gsub(/l/,\"L\",s); print s; s=\"a.b.c\"; gsub(\"\\\\.\",\"/\",s); print s; gsub(\".\",\"x\",s); print s}",
        ],
        "",
        "4 -a-a-a-\n4 -a-b-c-\nheLLo\na/b/c\nxxxxx\n",
        0,
    ),
    (
        &[
            "BEGIN{print gensub(/(a)(b)/,\"\\\\2\\\\1\",\"g\",\"abab\"), gensub(/a/,\"x\",2,\"aaa\"), gensub(/b/,\"[\\\\0]\",1,\"abc\"); s=\"foo\"; gsub(/o$/,\"\\\\\\\\&\",s); print s}",
        ],
        "",
        "baba axa a[b]c\nfo\\o\n",
        0,
    ),
    (&["{gsub(/ +/,\" \",$0);$2=\"X\"}1"], "a  b   c\n", "a X c\n", 0),
    (&["{ $2 = \"\"; print NF, $0 }"], "a b c\n", "3 a  c\n", 0),
    (&["function f(n){return n<=1?1:n*f(n-1)} BEGIN{print f(10)}"], "", "3628800\n", 0),
    (&["function fill(a,n, i){for(i=1;i<=n;i++)a[i]=i*i} BEGIN{fill(q,5);print q[5],length(q),i}"], "", "25 5 \n", 0),
    (&["function g(x){x=5} BEGIN{y=1;g(y);print y}"], "", "1\n", 0),
    (&["function h(a){a[\"k\"]=1} function w(b){h(b)} BEGIN{w(z);print length(z), z[\"k\"]}"], "", "1 1\n", 0),
    (&["function t(a,  loc){loc[1]=a; return loc[1]+length(loc)} BEGIN{print t(1), t(2)}"], "", "2 3\n", 0),
    (&["function r(n){if(n==0)return 0; return 1+r(n-1)} BEGIN{print r(500)}"], "", "500\n", 0),
    (
        &[
            "BEGIN{while(i<3)print i++; do{print --i}while(i>1); for(;;){if(++n>2)break; if(n==1)continue; print \"n\" n}}",
        ],
        "",
        "0\n1\n2\n2\n1\nn2\n",
        0,
    ),
    (
        &["BEGIN{if(1)print \"a\";else print \"b\"; if(0){print \"c\"} else if (1) print \"d\"; else print \"e\"}"],
        "",
        "a\nd\n",
        0,
    ),
    (
        &[
            "BEGIN {\n  if (1)\n    print \"a\"\n  else\n    print \"b\"\n  x = 1 +\\\n 2; print x # comment\n}\n\n# more\nEND { print NR }",
        ],
        "1\n2\n",
        "a\n3\n2\n",
        0,
    ),
    (
        &["NR==1{next} {print} NR==3{exit 3} END{print \"end\"}"],
        "Filesystem Size Used Use%\n/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\ntmpfs 7 0 0%\n",
        "/dev/sda1 100 90 90%\n/dev/sdb1 50 10 20%\nend\n",
        3,
    ),
    (&["BEGIN{exit 2} END{print \"e\"}"], "", "e\n", 2),
    (&["FNR==2{nextfile} {print FILENAME, FNR, NR}", "f1", "f2"], "", "f1 1 1\nf2 1 3\n", 0),
    (&["{print FILENAME\":\"v}", "v=1", "f2", "v=2", "f2"], "", "f2:1\nf2:1\nf2:2\nf2:2\n", 0),
    (&["-v", "x=a\\tb", "BEGIN{print x; print ARGC, ARGV[1]}", "q"], "", "a\tb\n2 q\n", 0),
    (&["BEGIN{ARGV[1]=\"f2\"} {print}", "f1"], "", "b1\nb2\n", 0),
    (
        &["-F", "[:/]+", "{print $2,$3,NF}"],
        "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\nadm:x:3:4:adm:/var/adm:/sbin/nologin\n",
        "x 0 8\nx 1 8\nx 3 9\n",
        0,
    ),
    (&["-F", "\t", "{print $2}"], "a b\tc\n", "c\n", 0),
    (&["-Ft", "{print $2}"], "atb\tc\n", "b\tc\n", 0),
    (&["-F|", "{print $2}"], "a|b|c\n", "b\n", 0),
    (&["-F.", "{print $2}"], "a.b.c\n", "b\n", 0),
    (&["-F", " ", "{print $2}"], "  a   b\n", "b\n", 0),
    (&["-F, *", "{print $2}"], "a,   b,c\n", "b\n", 0),
    (&["BEGIN{RS=\";\"} {print NR\": \"$0}"], "a;b;c\n", "1: a\n2: b\n3: c\n\n", 0),
    (&["BEGIN{RS=\"\"} {print NR\": \"$1\"-\"$NF\" \"NF}"], "\n\na b\nc\n\n\nd\ne f\n", "1: a-c 3\n2: d-f 3\n", 0),
    (&["BEGIN{RS=\"\";FS=\":\"} {print $1\"|\"$2\"|\"$3; print NF}"], "a:b\nc\n\nd\n", "a|b|c\n3\nd||\n1\n", 0),
    (&["BEGIN{RS=\"[0-9]+\"} {print $0 \",\" RT}"], "a1b22c", "a,1\nb,22\nc,\n", 0),
    (&["BEGIN{ORS=\";\";OFS=\",\"} {print $1,$2}"], "a b\nc d\n", "a,b;c,d;", 0),
    (&["BEGIN{RS=\"\\n\\n\"}{print NR,$0}"], "a\nb\n\nc\n", "1 a\nb\n2 c\n\n", 0),
    (
        &[
            "BEGIN{while((getline l < \"f1\")>0) print \"got \" l; close(\"f1\"); getline < \"f1\"; print $0, NR; print (getline x < \"nonex\")}",
        ],
        "",
        "got a1\ngot a2\ngot a3\na1 0\n-1\n",
        0,
    ),
    (&["NR==1{getline; print \"after\", $0, NR} END{print (getline x), x}"], "a\nb\nc\n", "after b 2\n0 \n", 0),
    (&["{getline x; print $0, x}"], "a\nb\nc\n", "a b\nc b\n", 0),
    (&["BEGIN{while ((getline line < ARGV[1]) > 0) n++; print n}", "f1"], "", "3\n", 0),
    (
        &["{print > \"o1\"; print $1 >> \"o2\"} END{close(\"o1\"); while((getline l < \"o1\")>0) print \"r\" l}"],
        "a b\nc\n",
        "ra b\nrc\n[o1]a b\nc\n[o2]a\nc\n",
        0,
    ),
    (&["BEGIN{printf \"%s\\n\", \"x\" > \"/dev/stderr\"; print \"y\" > \"/dev/stdout\"}"], "", "y\nx\n", 0),
    (&["BEGIN{print length()}{print length, length($0)}"], "abc\n", "0\n3 3\n", 0),
    (
        &[
            "BEGIN{print 5 \" \" -1; print 1 \" \" 2+3; print 2 * 3 4; print -1 \" \" -2; a=\"x\"; print a++ + ++a, a; print 2^3^2, 10%3, -7%3, !1+1}",
        ],
        "",
        "5-1\n1 5\n64\n-1-2\n2 2\n512 1 -1 1\n",
        0,
    ),
    (
        &[
            "BEGIN{x=y=3; x+=2; x-=1; x*=3; x/=2; x%=4; x^=2; print x,y; $0=\"a b\"; $1=$2=\"z\"; print; a[\"i\"]+=5; a[\"i\"]++; print a[\"i\"]--, a[\"i\"]}",
        ],
        "",
        "4 3\nz z\n6 5\n",
        0,
    ),
    (
        &[
            "BEGIN{print (1>2) ? \"a\" : \"b\"; print 1 in x, (1 in x)+1; print \"a\" ~ /a/, \"a\" ~ \"b\", \"ab\" !~ /^b/; print 1&&0||1, 0||\"\", 1&&\"x\"}",
        ],
        "",
        "b\n0 1\n1 0 1\n1 0 1\n",
        0,
    ),
    (
        &["BEGIN{$0=\"a b c\"; $5=\"e\"; print; print NF; $0=\"\"; print NF; $3=\"x\"; print NF}"],
        "",
        "a b c  e\n5\n0\n3\n",
        0,
    ),
    (
        &[
            "BEGIN{CONVFMT=\"%.2g\"; a=3.14159; b=a \"\"; print b; OFMT=\"%.3f\"; print a, a \"\"; print 17 \"\"; x[0.1]=1; for(k in x)print k}",
        ],
        "",
        "3.1\n3.142 3.1\n17\n0.1\n",
        0,
    ),
    (
        &[
            "BEGIN{print int(\"3abc\"), int(-3.7), int(\"\"), sqrt(16), exp(0), log(1), sin(0), cos(0), atan2(0,-1), exp(1)}",
        ],
        "",
        "3 -3 0 4 1 0 0 1 3.14159 2.71828\n",
        0,
    ),
    (
        &["BEGIN{srand(1);a=rand();srand(1);b=rand();print a==b, a<1, a>=0; print srand(5), srand()}"],
        "",
        "1 1 1\n1 5\n",
        0,
    ),
    (
        &[
            "BEGIN{print strftime(\"%Y-%m-%d\",0,1), mktime(\"1970 01 02 00 00 00\"); print strtonum(\"0x1F\"), strtonum(\"017\"), strtonum(\"12abc\"); print and(12,10), or(12,10), xor(12,10), lshift(1,4), rshift(16,2)}",
        ],
        "",
        "1970-01-01 86400\n31 15 12\n8 14 6 16 4\n",
        0,
    ),
    (
        &[
            "BEGIN{a[\"x\"]=3;a[\"y\"]=1;a[\"z\"]=2; n=asort(a,b); for(i=1;i<=n;i++)print b[i]; n=asorti(a,c); print c[1],c[3]; PROCINFO[\"sorted_in\"]=\"@ind_str_desc\"; for(k in a)print k; PROCINFO[\"sorted_in\"]=\"@val_num_asc\"; for(k in a)print k}",
        ],
        "",
        "1\n2\n3\nx z\nz\ny\nx\ny\nz\nx\n",
        0,
    ),
    (&["BEGIN{IGNORECASE=1} /ROOT/{print \"m\"} $1==\"x\""], "root\nX\n", "m\nX\n", 0),
    (&["BEGIN{FPAT=\"([^,]+)|(\\\"[^\\\"]+\\\")\"} {print $2; print NF}"], "a,\"b,c\",d\n", "\"b,c\"\n3\n", 0),
    (
        &["/^[[:upper:]]/ && /[0-9]$/; /a\\/b/; /a{2}/; $0 ~ \"^\\\\.\""],
        "Ab1\na/b\nbaab\n.x\n",
        "Ab1\na/b\nbaab\n.x\n",
        0,
    ),
    (&["{print /b/ ? \"yes\" : \"no\"; n = n + /b/} END{print n}"], "abc\nx\n", "yes\nno\n1\n", 0),
    (&["!seen[$0]++"], "a\nb\na\nc\nb\n", "a\nb\nc\n", 0),
    (&["{a[NR]=$0} END{for(i=NR;i>0;i--)print a[i]}"], "1\n2\n3\n", "3\n2\n1\n", 0),
    (&["{for(i=NF;i>0;i--) printf \"%s%s\", $i, (i>1?OFS:ORS)}"], "a b c\n", "c b a\n", 0),
    (&["length > 3"], "abcd\nab\n", "abcd\n", 0),
    (&["NF"], "a\n\nb\n", "a\nb\n", 0),
    (&["NR%2"], "1\n2\n3\n", "1\n3\n", 0),
    (&["{$1=$1}1"], "  a   b \n", "a b\n", 0),
    (&["1;{print \"x\"};"], "a\n", "a\nx\n", 0),
    (&["BEGIN { getline; print \"first\", $0 } { print }"], "a\nb\n", "first a\nb\n", 0),
    (&["-f", "prog"], "3 4\n", "7\n", 0),
    (
        &[
            "BEGIN{s=\"\";for(i=0;i<3;i++)s=s i;print s; print substr(\"x\",1,0) \"|\"; print 1 2, 1\" \"2; print \"a\" > \"/dev/stdout\"}",
        ],
        "",
        "012\n|\n12 1 2\na\n",
        0,
    ),
    (
        &["BEGIN{printf(\"%s-%s\\n\", \"a\", \"b\"); print(\"p\")(\"q\"); print(\"a\",\"b\")>\"o1\"}"],
        "",
        "a-b\npq\n[o1]a b\n",
        0,
    ),
    (&["BEGIN{\"x\" in a; print length(a); if (a[\"q\"]==\"\") print \"in\", (\"q\" in a)}"], "", "0\nin 1\n", 0),
    (&["{ nf=NF; $(nf+2)=\"n\"; print; print NF }"], "a b\n", "a b  n\n4\n", 0),
    (&["BEGIN{print toupper(substr(\"abc\", 2)) ; print substr(\"hello\", length(\"hello\"))}"], "", "BC\no\n", 0),
    (
        &[
            "BEGIN{print -\"3x\", +\"4\", 1 - -1; print 1e3 == \"1000\", \"1e3\" == 1000; print 010+0, \"010\"+0, \"+5\"+1, \".5\"+1, \"5.\"+1, \"1e\"+1}",
        ],
        "",
        "-3 4 2\n1 0\n8 10 6 1.5 6 2\n",
        0,
    ),
    (&["{print $1 == 1000}"], "1e3\n+1000\n1000x\n", "1\n1\n0\n", 0),
    (
        &[
            "BEGIN{while(\"a\" < \"b\") {if (++n == 3) break} print n; for (i = 0; i < 2; i++) ; print i; {print \"blk\"}; ; print \"z\"}",
        ],
        "",
        "3\n2\nblk\nz\n",
        0,
    ),
    (&["END{print $0, NF; $0=\"x y\"; print $2}"], "a b\nc d\n", "c d 2\ny\n", 0),
    (&["BEGIN { if (!(\"x\" in ENVIRON)) print \"none\" }"], "", "none\n", 0),
    (&["{print"], "", "awk: cmd. line:1: {print\nawk: cmd. line:1:       ^ unexpected newline or end of string\n", 1),
    (&["{print foo(}"], "", "awk: cmd. line:1: {print foo(}\nawk: cmd. line:1:            ^ syntax error\n", 1),
    (
        &["BEGIN{x=1"],
        "",
        "awk: cmd. line:1: BEGIN{x=1\nawk: cmd. line:1:          ^ unexpected newline or end of string\n",
        1,
    ),
    (&["BEGIN{foo(1)}"], "", "awk: cmd. line:1: fatal: function `foo' not defined\n", 2),
    (&["}"], "", "awk: cmd. line:1: }\nawk: cmd. line:1: ^ syntax error\n", 1),
    (
        &["BEGIN{if(1 print}"],
        "",
        "awk: cmd. line:1: BEGIN{if(1 print}\nawk: cmd. line:1:            ^ syntax error\n",
        1,
    ),
    (&["BEGIN{x = = 2}"], "", "awk: cmd. line:1: BEGIN{x = = 2}\nawk: cmd. line:1:           ^ syntax error\n", 1),
    (
        &["BEGIN{print \"abc}"],
        "",
        "awk: cmd. line:1: BEGIN{print \"abc}\nawk: cmd. line:1:             ^ unterminated string\n",
        1,
    ),
    (&["/abc"], "", "awk: cmd. line:1: /abc\nawk: cmd. line:1:  ^ unterminated regexp\n", 1),
    (&["BEGIN{x=0; print 1/x}"], "", "awk: cmd. line:1: fatal: division by zero attempted\n", 2),
    (&["{print $1/$2}"], "1 0\n", "awk: cmd. line:1: (FILENAME=- FNR=1) fatal: division by zero attempted\n", 2),
    (&["BEGIN{x=0; print 1%x}"], "", "awk: cmd. line:1: fatal: division by zero attempted in `%'\n", 2),
    (&["BEGIN{x=1; x[1]=2}"], "", "awk: cmd. line:1: fatal: attempt to use scalar `x' as an array\n", 2),
    (&["BEGIN{next}"], "", "awk: cmd. line:1: error: `next' used in BEGIN action\n", 1),
    (
        &["BEGIN{return}"],
        "",
        "awk: cmd. line:1: BEGIN{return}\nawk: cmd. line:1:       ^ `return' used outside function context\n",
        1,
    ),
    (&["@foo"], "", "awk: cmd. line:1: @foo\nawk: cmd. line:1:  ^ syntax error\n", 1),
    (
        &["BEGIN { print toupper(substr(\"abc\", 2)) "],
        "",
        "awk: cmd. line:1: BEGIN { print toupper(substr(\"abc\", 2)) \nawk: cmd. line:1:                                         ^ unexpected newline or end of string\n",
        1,
    ),
    (&["BEGIN{NF=-1}"], "", "awk: cmd. line:1: fatal: NF set to negative value\n", 2),
    (&["{print $(-1)}"], "a\n", "awk: cmd. line:1: (FILENAME=- FNR=1) fatal: attempt to access field -1\n", 2),
    (&["{gsub(/[\\\\/\\]\\t.-]/,\"_\");print} /[^\\n]$/{n++} END{print n}"], "a/b]c\\d.e-f\n", "a_b_c_d_e_f\n1\n", 0),
];
