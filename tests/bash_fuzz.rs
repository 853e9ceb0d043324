//! What nobody would type, run by the evaluator: the scripts of the conformance test cut, joined, doubled and sprinkled, and
//! soups of words that mean something to bash. Whatever it is, there is no panic, each script comes back to the prompt (of
//! itself, or at Ctrl-C), and a thread of 2 MiB is enough stack, and memory has its bounds.
//!
//! `-- --seconds N` goes on for so long, `--seed N` elsewhere. The script that runs is kept under `target/tmp`, where it is
//! still found when the whole process went down.

use std::panic;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use appsh::sim::random::Streams;

#[path = "conformance/machine.rs"]
mod machine;

use machine::Shell;

/// So often may time jump while a script runs, before Ctrl-C.
const JUMPS: usize = 20;
/// So long may a script take, even on a busy machine, in a debug build.
const SLOWEST: Duration = Duration::from_secs(30);
/// No script prints more than a line may.
const LONGEST: usize = 80 << 20;

/// So much memory, in KiB, may all threads take together: twice what a disk (64 MiB), a terminal (64 MiB), the shells of a line
/// (64 MiB), a program (32 MiB) and a substitution (16 MiB) may hold, and half as much again for what is under way.
const MOST: u64 = 768 << 10;

/// So much of a thread's stack is to be left where the evaluator stops what nests too deep: frames grow a little with each
/// change, and with what a debugger is told of them.
const LEFT: usize = machine::STACK / 8;

/// Words that mean something.
const WORDS: &[&str] = &[
    "if",
    "then",
    "fi",
    "else",
    "for i in",
    "do",
    "done",
    "while",
    "until",
    "case",
    "esac",
    "in",
    ";;",
    "function f",
    "f()",
    "{",
    "}",
    "(",
    ")",
    "((",
    "))",
    "[[",
    "]]",
    "&&",
    "||",
    "|",
    "|&",
    "&",
    ";",
    "\n",
    "!",
    "<",
    ">",
    ">>",
    "<<E\nx\nE\n",
    "<<<",
    "2>&1",
    ">&-",
    "$x",
    "${x:-",
    "${x/",
    "${x##",
    "${!x}",
    "${a[@]}",
    "${#a[*]}",
    "$(",
    "`",
    "$((",
    "<(",
    ">(",
    "'",
    "\"",
    "\\",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "{1..9}",
    "~",
    "x=",
    "a=(",
    "a[1]=",
    "declare -A m",
    "local",
    "export x",
    "unset x",
    "set -e",
    "set -u",
    "set -x",
    "set --",
    "trap 'echo t' EXIT",
    "trap : ERR",
    "read x",
    "printf %s",
    "echo",
    "eval",
    "exec",
    "return",
    "break 2",
    "continue",
    "exit 3",
    "shift",
    "f",
    "f &",
    "wait",
    "kill $!",
    "sleep 1",
    "test",
    "[ ",
    "cat",
    "true",
    "false",
    "@(a|b)",
    "=~",
    "$@",
    "$*",
    "$?",
    "$!",
    "$$",
    "mapfile a",
    "getopts ab: o",
    "shopt -s extglob",
    "pushd /",
    "cd",
    "alias q=w",
    ". ./script",
    "bash script",
    "grep x",
    "sed s/a/b/",
    "awk 1",
    "sort",
    "xargs",
    "time",
    "select i in",
    "while :; do",
    "x=${x}a$x",
    "x=$x$x$x$x;",
    "x=${x//?/$x};",
    "a=(\"${a[@]}\" $x \"${a[@]}\");",
    "a[i++]=$x$x;",
    "export x=$x$x;",
    "set -- \"$@\" $x \"$@\";",
    "f \"$x$x$x$x\"",
    "printf -v x %1000000d 1;",
    "cat <<< $x$x",
    "( : | : ) &",
];

/// Recursion of every kind, each without an end.
const DEEP: &[&str] = &[
    r##"f() { f; }; f"##,
    r##"f() { if true; then for i in 1; do case a in a) f;; esac; done; fi; }; f"##,
    r##"f() { x=$(f); }; f"##,
    r##"f() { echo "$(f)"; }; f"##,
    r##"f() { (f); }; f"##,
    r##"command_not_found_handle() { nosuch; }; nosuch"##,
    r##"f() ( x=5; cd /; echo $x 1; f; echo $x); x=1; f;  x="##,
    r##"f() { f | f; }; f"##,
    r##"f() { eval f; }; f"##,
    r##"echo '. ./s' > s; . ./s"##,
    r##"echo 'bash s' > s; bash s"##,
    r##"echo 'find . -name s -exec bash {} \;' > s; bash s"##,
    r##"f() { export -f f; echo a | xargs -I@ bash -c f; }; f"##,
    r##"f() { x=${x/a/$(f)}; x=${y:$(f)}; }; f"##,
    r##"echo 'awk "BEGIN { system(\"bash s\") }"' > s; bash s"##,
    r##"f() { compgen -F f x; }; f"##,
    r##"f() { for ((i = 0; i < 9; i++)); do f; done; }; f"##,
    r##"mkdir ~/.ssh; ssh-keygen -qN '' -f ~/.ssh/id_rsa; cp ~/.ssh/{id_rsa.pub,authorized_keys}; echo "ssh -o StrictHostKeyChecking=no localhost bash $PWD/s" > s; bash s"##,
    r##"export V='bash -c "$V"'; bash -c "$V""##,
    r##"f() { trap f USR1; kill -USR1 $BASHPID; (f); }; f"##,
    r##"f() { cat <(f); }; f"##,
    r##"x='$(('; f() { echo ${x:+${x:+${x:+$(f)}}}; }; f"##,
    r##"f() { echo $(( $(f) + 1 )); }; f"##,
    r##"f() { while f; do f; done; }; f"##,
    r##"f() { command eval 'builtin eval f'; }; f"##,
    r##"f() { true && ! { { { f; }; }; } || f; }; f"##,
    r##"n=$(printf '( %.0s' {1..90}); m=$(printf ')%.0s' {1..90}); f() { eval "echo \$(($n 1 $m)); $n echo $m"; eval "[[ $n a $m ]]"; eval f; }; f"##,
    r##"n=$(printf '$(%.0s' {1..90}); m=$(printf ')%.0s' {1..90}); f() { eval "echo $n : $m"; eval f; }; f"##,
    r##"n=$(printf '{a,%.0s' {1..90}); m=$(printf '}%.0s' {1..90}); f() { eval "echo $n b $m > /dev/null"; eval f; }; f"##,
    r##"f() { [[ ! ( ! ( ! ( $(f) ) ) ) ]]; }; f"##,
    r##"n=$(printf '(%.0s' {1..900}); m=$(printf ')%.0s' {1..900}); f() { f; echo $(($n 1 $m)); x=x+1; echo $((x)); [[ a == $n ]]; case a in $n) ;; esac; }; f() { if [ $# -gt 90 ]; then echo $(($n 1 $m)); x=x+1; echo $((x)); else f a "$@"; fi; }; f"##,
];

/// Memory of every kind, taken without an end.
const GREEDY: &[&str] = &[
    r##"x=a; while :; do x=$x$x; done"##,
    r##"f() { local x=$1; f "$x$x$x$x"; }; f aaaaaaaaaaaaaaaa"##,
    r##"a=(aaaaaaaaaaaaaaaa b); while :; do a=("${a[@]}" "${a[@]}"); done"##,
    r##"printf -v x %1000d 1; while :; do a[i++]=$x; done"##,
    r##"declare -A m; printf -v x %1000d 1; while :; do m[$((i++))]=$x; done"##,
    r##"while ((a[i++]=1)); do ((1)); done"##,
    r##"printf -v x %1000000d 1; y=${x// /$x}"##,
    r##"printf -v x %1000000d 1; a=("$x" "$x"); echo "${a[@]// /$x}""##,
    r##"printf -v x %100000d 1; while :; do eval "f$((i++))() { echo '$x'; }"; done"##,
    r##"printf -v x 'a;%.0s' {1..100000}; eval "$x$x$x$x""##,
    r##"printf -v x %1000000d 1; f() { f <<< "$x"; }; f"##,
    r##"printf -v x %1000000d 1; f() { x=$x f; }; f"##,
    r##"printf -v x %1000000d 1; while :; do exec {n}<<<"$x"; done"##,
    r##"printf -v x %1000000d 1; f() { for i in "$x" "$x"; do f; done; }; f"##,
    r##"printf -v x %1000000d 1; x=$x$x; f() { case $x in *) f;; esac; }; f"##,
    r##"f() { set -- "$@" "$@"; f "$@"; }; f aaaaaaaaaaaaa; g() { while :; do set -- "$@" "$@"; done; }; g a"##,
    r##"printf -v x %1000000d 1; while :; do alias a$((i++))="$x"; done"##,
    r##"printf -v x %1000000d 1; while :; do trap "$x" USR1; complete -W "$x" c$((i++)); done"##,
    r##"printf -v x %1000000d 1; while :; do ( : "$x$x" | sleep 100 ) & done"##,
    r##"yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | mapfile a"##,
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|word| word == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (seconds, seed) = (number("--seconds", 5), number("--seed", 1));
    let failed = Mutex::new(Vec::new());
    let fail = |what: String| failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(what);
    on_threads(1, machine::STACK - LEFT, |_| DEEP.iter().filter_map(|script| too_shallow(script)).for_each(fail));
    on_threads(1, machine::STACK, |_| GREEDY.iter().filter_map(|script| too_generous(script)).for_each(fail));
    let (cases, stubborn) = (AtomicU64::new(0), AtomicU64::new(0));
    let samples = samples();
    let until = now() + Duration::from_secs(seconds);
    on_threads(thread::available_parallelism().map_or(1, usize::from), machine::STACK, |number| {
        let mut chance = Streams::new(seed + number as u64 * 1_000_000);
        while now() < until {
            let script = script(&mut chance, &samples);
            match survives(&script, number) {
                Ok(_) if memory() > MOST => fail(format!("{} KiB of memory by then:\n{script}\n", memory())),
                Ok(true) => {}
                Ok(false) => drop(stubborn.fetch_add(1, Ordering::Relaxed)),
                Err(why) => fail(format!("{why}:\n{script}\n")),
            }
            cases.fetch_add(1, Ordering::Relaxed);
        }
    });
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    failed.iter().for_each(|what| println!("---- {what}"));
    let (cases, stubborn) = (cases.into_inner(), stubborn.into_inner());
    println!("{cases} scripts, {stubborn} of which outlived Ctrl-C; most memory: {} KiB", memory());
    println!("test result: {}. {} failed", if failed.is_empty() { "ok" } else { "FAILED" }, failed.len());
    if failed.is_empty() && cases > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::disallowed_methods, reason = "how long the test goes on is an affair of the host")]
fn now() -> Instant {
    Instant::now()
}

fn on_threads(count: usize, stack: usize, work: impl Fn(usize) + Sync) {
    let work = &work;
    thread::scope(|scope| {
        for number in 0..count {
            let thread = thread::Builder::new().stack_size(stack);
            thread.spawn_scoped(scope, move || work(number)).expect("a thread");
        }
    });
}

/// What is wrong when recursion without an end is not stopped as such.
fn too_shallow(script: &str) -> Option<String> {
    keep(script, 0);
    let answer = machine::run(Shell::Bash, script, 2_000);
    let stopped = answer.output.contains("commands nest too deep") || answer.output.contains("go deeper than");
    (!stopped).then(|| format!("not stopped:\n{script}\n{}\n", answer.output))
}

/// What is wrong when memory without an end is not refused.
fn too_generous(script: &str) -> Option<String> {
    keep(script, 0);
    let answer = machine::run(Shell::Bash, script, 20_000);
    let refused =
        ["memory", "words"].iter().any(|what| answer.output.contains(&format!("too much of one line's {what}")));
    let refused = refused && memory() < MOST;
    (!refused).then(|| format!("not refused, {} KiB by then:\n{script}\n{}\n", memory(), answer.output))
}

/// Runs a script: whether it came to an end.
fn survives(script: &str, thread: usize) -> Result<bool, String> {
    keep(script, thread);
    let began = now();
    // One in four is for an ash.
    let shell = if script.len().is_multiple_of(4) { Shell::Ash } else { Shell::Bash };
    let answer = panic::catch_unwind(|| machine::run(shell, script, JUMPS)).map_err(|_| "a panic".to_owned())?;
    let took = now() - began;
    if took > SLOWEST {
        return Err(format!("it took {} s", took.as_secs()));
    }
    if answer.output.len() > LONGEST {
        return Err(format!("it printed {} bytes", answer.output.len()));
    }
    Ok(!answer.stubborn)
}

fn keep(script: &str, thread: usize) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bash_fuzz-{thread}.sh"));
    fs::write(path, script).expect("the script can be kept");
}

/// The scripts of the conformance test.
fn samples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let all = [folder.clone(), folder.join("ash")].map(|folder| fs::read_dir(folder).expect("cases"));
    let mut files: Vec<_> = all.into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    files.sort();
    let texts = files.iter().map(|path| fs::read_to_string(path).expect("a file of cases"));
    let cases = texts.flat_map(|text| text.split("#### ").skip(1).map(str::to_owned).collect::<Vec<_>>());
    cases.filter_map(|case| Some(case.split_once('\n')?.1.split("#----").next()?.to_owned())).collect()
}

fn script(chance: &mut Streams, samples: &[String]) -> String {
    if chance.between("soup", 0, 3) == 0 {
        let words = chance.between("words", 1, 25);
        return (0..words).map(|_| format!("{} ", pick(chance, WORDS))).collect();
    }
    let mut text: Vec<char> = pick(chance, samples).chars().collect();
    for _ in 0..chance.between("edits", 1, 5) {
        edit(chance, samples, &mut text);
    }
    text.truncate(2_000);
    text.into_iter().collect()
}

fn pick<'a, T>(chance: &mut Streams, from: &'a [T]) -> &'a T {
    &from[chance.between("pick", 0, from.len() as u64 - 1) as usize]
}

fn edit(chance: &mut Streams, samples: &[String], text: &mut Vec<char>) {
    let at = chance.between("at", 0, text.len() as u64) as usize;
    let end = (at + chance.between("span", 0, 20) as usize).min(text.len());
    match chance.between("kind", 0, 5) {
        0 => drop(text.drain(at..end)),
        1 => text.extend(pick(chance, samples).chars()),
        2 => {
            let doubled = text[at..end].to_vec();
            text.splice(at..at, doubled);
        }
        3 => {
            let moved: Vec<char> = text.drain(at..end).collect();
            let to = chance.between("to", 0, text.len() as u64) as usize;
            text.splice(to..to, moved);
        }
        4 => {
            let digits = ["0", "-1", "99999999999999999999", "1000000", "4294967296", "9223372036854775807"];
            text.splice(at..at, pick(chance, &digits).chars());
        }
        _ => drop(text.splice(at..at, pick(chance, WORDS).chars())),
    }
}

/// The most memory that this process ever had, in KiB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).expect("in KiB")
}
