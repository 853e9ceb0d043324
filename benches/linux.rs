//! What the files of a Linux machine cost: an image is built in under 300 µs, a snapshot and the first change after it in
//! a few. And what its bash costs: over 50,000 simple commands a second.

use appsh::lab::Lab;
use appsh::lab_file::LabFile;
use appsh::media::Bundled;
use appsh::operator::Operator;
use appsh::shell::Terminal;
use appsh::sim::Instant;
use appsh::systems::linux::fs::{Cred, Fs};
use appsh::systems::linux::{distro, image};

fn main() {
    divan::main();
}

fn now() -> Instant {
    Instant::parse("2021-03-01T08:00:00Z").expect("a good time")
}

fn rhel() -> Fs {
    let distro = distro::find("rhel-8.6").expect("a distribution");
    image::build(distro, distro.kernel_of(now()), "0123456789abcdef0123456789abcdef", now())
}

#[divan::bench]
fn build_an_image() -> Fs {
    rhel()
}

#[divan::bench]
fn look_up_a_program(bencher: divan::Bencher<'_, '_>) {
    let fs = rhel();
    bencher.bench_local(|| fs.lookup(&Cred::ROOT, "/root", divan::black_box("/bin/systemctl")));
}

#[divan::bench]
fn snapshot(bencher: divan::Bencher<'_, '_>) {
    let fs = rhel();
    bencher.bench_local(|| divan::black_box(&fs).clone());
}

#[divan::bench]
fn append_after_a_snapshot(bencher: divan::Bencher<'_, '_>) {
    let mut fs = rhel();
    let ino = fs.create(&Cred::ROOT, "/", "/tmp/log", 0o644, now()).expect("a free name");
    bencher.bench_local(|| {
        let before = fs.clone();
        fs.append(&Cred::ROOT, ino, b"a line\n", now()).expect("room");
        fs.truncate(&Cred::ROOT, ino, 0, now()).expect("a file");
        before
    });
}

/// Ten lines of which each kind of shell code has its share; they run so many simple commands.
const LINES: (&str, u64) = (
    r#"i=0; while [ $i -lt 10 ]; do i=$((i+1)); done
for w in one two three "four five"; do x="$w"; y=${x#o}; : "$x" "${y^^}"; done
f() { local n=$1; [ "$n" -gt 2 ] && return 1; echo "n is $n" > /dev/null; }
f 1; f 3 || true
case $x in one) : a;; *five) : b;; esac
grep -c root /etc/passwd | { read n; : $n; }; grep -v sbin /etc/passwd | sort | grep -q bash
a=(x y z); a+=(w); for e in "${a[@]}"; do printf -v s '%s-%d' "$e" 7; done
if [[ $s == w-* && -d /etc ]]; then t=$(echo sub); fi
printf '%s\n' 3 1 2 | while read -r l; do m+=$l; done; unset m
u=${t:-none}; v=${#u}; ((v > 1)) && let z=v*2; set -- $u $v; shift
"#,
    22 + 12 + 8 + 1 + 6 + 6 + 2 + 9 + 5,
);

const LAB: &str = r#"
title = "bench"
start = "2022-03-14T20:00:00Z"
desktop = "192.168.10.11"
[[machine]]
name = "rhel8"
address = "192.168.10.28"
[machine.vm]
host = "esx01"
disks = []
[machine.system.linux]
distro = "rhel-8.6"
[[machine.file]]
path = "/root/script"
text = '''
SCRIPT'''
"#;

/// A session on a machine that has this script.
fn session(script: &str) -> Operator {
    let file = LabFile::parse(&LAB.replace("SCRIPT", script)).expect("a good lab");
    let lab = Lab::new(file.world("bench", None, None).expect("a good world"), Box::new(Bundled));
    let mut operator = Operator::new(lab, None, Terminal::PIPE).expect("a machine");
    operator.login().expect("the machine is up");
    operator.run_until_input();
    operator.output(&mut String::new());
    operator
}

fn run(operator: &mut Operator, line: &str) {
    operator.line(line);
    operator.run_until_input();
    let mut output = String::new();
    operator.output(&mut output);
    assert_eq!((operator.status(), output.as_str()), (0, ""), "it runs through and says nothing");
}

#[divan::bench]
fn a_thousand_lines_of_bash(bencher: divan::Bencher<'_, '_>) {
    let script = LINES.0.repeat(100);
    let commands = divan::counter::ItemsCount::new(LINES.1 * 100);
    let begin = || session(&script);
    bencher.counter(commands).with_inputs(begin).bench_values(|mut operator| run(&mut operator, "bash /root/script"));
}

/// Looking into `/proc`: each look brings the directories of all processes up to date.
#[divan::bench(args = ["ls /proc > /dev/null", "cat /proc/[0-9]*/status > /dev/null", "ps -ef > /dev/null"])]
fn look_into_proc(bencher: divan::Bencher<'_, '_>, line: &str) {
    let mut operator = session("");
    run(&mut operator, line);
    bencher.bench_local(|| run(&mut operator, line));
}
