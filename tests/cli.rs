//! The program as it is called: exit statuses, what goes to which stream, and messages about bad calls.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What a run of the program came to.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

#[expect(clippy::disallowed_methods, reason = "the program itself is what is tested")]
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_appsh"));
    command.args(args).env_remove("NO_COLOR").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn appsh(args: &[&str], input: &[u8]) -> Ran {
    let mut child = command(args).spawn().expect("the program starts");
    // A program that complains about its words does not read.
    let _ = child.stdin.take().expect("it was asked for").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("all output is UTF-8");
    Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("there is room for scratch files")
}

#[test]
fn bad_calls_say_what_is_wrong() {
    let check = |args: &[&str], status: i32, expect: &str| {
        let ran = appsh(args, b"");
        assert_eq!(ran.status, status, "{args:?}: {}", ran.err);
        assert!(ran.err.starts_with("appsh: ") && ran.err.contains(expect), "{args:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{args:?}");
    };
    check(&["nope"], 2, "nope");
    check(&["run", "nope"], 2, "there is no lab nope; there is vcsa-6.0");
    check(&["run", "no/lab.toml"], 74, "no/lab.toml: No such file or directory\n");
    check(&["run", "Cargo.toml"], 74, "Cargo.toml: ");
    check(&["run", "/dev/zero"], 74, "/dev/zero: not a regular file\n");
    check(&["facts", "/dev/zero"], 74, "/dev/zero: not a regular file\n");
    check(&["run", "vcsa-6.0", "no-script"], 74, "no-script: No such file");
    check(&["run", "-m", "esx09"], 2, "no machine \"esx09\"");
    check(&["run", "--iso", "no.iso"], 74, "no.iso: No such file or directory\n");
    check(&["run", "--iso", "Cargo.toml"], 74, "not an ISO 9660 image");
    check(&["run", "--pace", "3"], 2, "instant, real, or a factor");
    check(&["run", "--term", "80"], 2, "80x24");
    check(&["run", "--start", "now"], 2, "RFC 3339");
    check(&["run", "vcsa-6.0", "script", "-c", "line"], 2, "cannot be used with");
    check(&["run", "--record", "no/dir/file"], 74, "no/dir/file: No such file");
    check(&["run", "--log", "no/dir/file"], 74, "no/dir/file: No such file");
    check(&["run", "--save", "src"], 74, "src");
    check(&["run", "--save", "Cargo.toml"], 74, "Cargo.toml: a file, and --save wants a folder; name another path");
    check(&["labs", "nope"], 2, "vcsa-6.0");
    check(&["facts", "nope"], 2, "vcsa-6.0");
    check(&["coverage", "nope"], 2, "there are vcsa");
    check(&["completions", "cmd"], 2, "bash");
}

#[test]
fn what_appsh_says_amid_the_appliances_text_goes_to_standard_error() {
    let installer = "transcripts/vcsa/discs/full-installer.iso";
    let stage = "%advance 1m\nsoftware-packages stage --iso --acceptEulas\n";
    let check = |args: &[&str], input: &str, aside: &str| {
        let apart = appsh(args, input.as_bytes());
        assert!(apart.err.contains(aside), "{input}: {}", apart.err);
        assert!(!apart.out.contains("appsh: "), "{input}: {}", apart.out);
        // In a transcript it stands in its place; each line that the appliance prints is there, too.
        let echoed = appsh(&[args, &["--echo"]].concat(), input.as_bytes());
        assert!(echoed.out.contains(&format!("\n{aside}")), "{input}: {}", echoed.out);
        let mut lines = echoed.out.lines();
        assert!(apart.out.lines().all(|line| lines.any(|echoed| echoed == line)), "{input}: {}", apart.out);
    };
    check(&["run"], "deployment.check\nvimtop -v\n", "appsh: not modelled: ");
    check(
        &["run", "--iso", installer],
        stage,
        "appsh: transcripts/vcsa/discs/full-installer.iso: this is the full inst",
    );
    let root = "shell.set --enabled True\nshell\nvpxd -x; cat /var/log/vmware/applmgmt/software-packages.log\n";
    check(&["run"], &format!("{stage}{root}"), "appsh: not modelled: vpxd with these arguments");
    let script = scratch();
    let file = script.path().join("script");
    std::fs::write(&file, "vimtop -v\n").expect("a script");
    check(&["run", "vcsa-6.0", file.to_str().expect("UTF-8")], "", "appsh: not modelled: ");
    check(&["run", "-c", "vimtop -v"], "", "appsh: not modelled: ");
}

#[test]
fn a_line_that_goes_on_for_ever_is_stopped_where_nobody_can_press_ctrl_c() {
    let check = |line: &str, expect: &str| {
        let ran = appsh(&["run", "linux", "--machine", "rhel8", "-c", line, "-c", "echo still here"], b"");
        assert!(ran.err.contains(&format!("appsh: stopped: {expect}")), "{line}: {}", ran.err);
        assert!(ran.out.contains("still here\n"), "{line}: {}", ran.out);
        ran
    };
    let waits = "the line still waits after";
    check("while :; do sleep 60; done", waits);
    check("tail -s 80 -f /etc/hosts > /dev/null", waits);
    check("journalctl -f | tail -1", waits);
    check("ping -i 60 -q rhel7 > /dev/null", waits);
    check("x=a; while :; do x=$x$x; done", "too much of one line's memory");
    check(":(){ :|:& };: > /dev/null", "too much of one line's background jobs");
    check("printf %20000000d 1", "too much of one line's output");
    let slept = appsh(&["run", "linux", "--machine", "rhel8", "-c", "sleep 3d; date +%d"], b"");
    assert_eq!((slept.out.as_str(), slept.err.as_str()), ("17\nlogout\n", ""), "a long sleep is no error");
    let full = "for i in {1..70}; do printf %1000000d 1 > /tmp/f$i; done 2> /dev/null; touch /tmp/x";
    let ran = appsh(&["run", "linux", "--machine", "rhel8", "-c", full], b"");
    assert_eq!(ran.err.matches("appsh: a machine keeps at most 64 MiB").count(), 1, "{}", ran.err);
}

#[test]
fn a_users_disc_with_signatures_is_said_once_to_be_taken_without_them() {
    let folder = scratch();
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let check = |signature: Option<&str>, times: usize| {
        let disc = path(&signature.unwrap_or("none").replace('/', "-"));
        let built = appsh(&["payload", "build", "payloads/VC-6.0.0U1-Appliance-TP", "--dir", &disc], b"");
        assert_eq!(built.status, 0, "{}", built.err);
        if let Some(file) = signature {
            std::fs::write(format!("{disc}/{file}"), "x").expect("a file");
        }
        let lines = b"software-packages list --iso\nsoftware-packages stage --iso --acceptEulas\n";
        let ran = appsh(&["run", "--iso", &disc], lines);
        assert_eq!(ran.err.matches("its signatures are not checked").count(), times, "{}", ran.err);
        assert!(ran.out.ends_with("Staging process completed successfully\n"), "{}", ran.out);
        let again = b"software-packages list --iso\n%disc eject\n%disc attach ";
        let lines = [again, disc.as_bytes(), b"\n%advance 1m\nsoftware-packages list --iso\n"].concat();
        let ran = appsh(&["run", "--iso", &disc], &lines);
        assert_eq!(ran.err.matches("its signatures are not checked").count(), 2 * times, "once a disc: {}", ran.err);
    };
    check(None, 0);
    check(Some("manifest/manifest-latest.xml.sign"), 1);
    check(Some("package-pool/rpm-manifest.json.sign"), 1);
}

#[test]
fn a_reader_that_goes_away_hears_no_complaint_and_a_full_disk_is_one() {
    let check = |args: &[&str]| {
        let mut child = command(args).spawn().expect("the program starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("the program ends");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}, nobody reads");
        let full = std::fs::File::create("/dev/full").expect("a device that is always full");
        let ended = command(args).stdout(full).output().expect("the program runs");
        assert_eq!(ended.status.code(), Some(74), "{args:?}");
        assert!(String::from_utf8_lossy(&ended.stderr).starts_with("appsh: standard output: "), "{args:?}");
    };
    for args in ["help run", "--version", "payload ls payloads", "payload ls --json payloads", "coverage", "facts"] {
        check(&args.split(' ').collect::<Vec<_>>());
    }
}

#[test]
fn the_tables_are_there() {
    let check = |args: &[&str], expect: &str| {
        let ran = appsh(args, b"");
        assert_eq!(ran.status, 0, "{args:?}: {}", ran.err);
        assert!(ran.out.contains(expect), "{args:?}: {}", ran.out);
        assert_eq!(ran.err, "", "{args:?}");
    };
    check(&["--help"], "completions");
    check(&["--version"], env!("CARGO_PKG_VERSION"));
    check(&["labs"], "vcsa-6.0  ");
    check(&["labs", "vcsa-6.0"], "VC-6.0.0U1-Appliance-FP");
    check(&["facts"], "vcsa01.version");
    check(&["coverage", "vcsa"], "not modelled");
    check(&["coverage"], "help api list: localaccounts.user.get to resources.*");
    check(&["coverage"], "pages with a More prompt");
    check(&["completions", "bash"], "_appsh");
    check(&["man"], ".TH appsh");
}

#[test]
fn the_status_is_that_of_the_last_command() {
    let check = |lines: &str, options: &[&str], status: i32| {
        let ran = appsh(&[&["run"], options].concat(), lines.as_bytes());
        assert_eq!(ran.status, status, "{lines:?} {options:?}: {}", ran.err);
    };
    check("", &[], 0);
    check("system.version.get\n", &[], 0);
    check("system.version.get", &[], 0);
    check("nonsense\n", &[], 1);
    check("nonsense\nsystem.version.get\n", &[], 0);
    check("nonsense\nsystem.version.get\n", &["--errexit"], 1);
    check("shutdown -r now\n", &[], 2);
    check("system.version.get\nexit\n", &[], 0);
    check("%nonsense\n", &[], 2);
    check("software-packages stage --iso\nno\n", &[], 1);
    // Input that ends where a command asks is a line that went dead.
    check("software-packages stage --iso\n", &[], 129);
    check("software-packages stage --iso\n\x03\n", &[], 130);
    check("%power off\n%advance 10m\nsystem.version.get\n", &[], 1);
}

#[test]
fn output_is_what_the_sessions_print_and_nothing_else() {
    let ran = appsh(&["run"], b"nonsense\n%time\n# a remark\n\\# typed\nshutdown -r now\n");
    assert_eq!(
        ran.out,
        "Unknown command: `nonsense'\nUnknown command: `#'\nusage: shutdown [-h] {poweroff,reboot,cancel} ...\nshutdown: \
         error: invalid choice: 'now' (choose from 'poweroff', 'reboot', 'cancel')\n\n"
    );
    assert_eq!(ran.err, "2015-10-08T02:43:36.000Z\n");
}

#[test]
fn a_session_that_ended_is_opened_again_as_soon_as_that_can_be() {
    let ran = appsh(&["run"], b"shutdown reboot -r test\n%advance 1m\nsystem.version.get\n%facts vcsa01.boots\n");
    assert!(ran.err.contains("appsh: session on vcsa01 closed: reboot\n"), "{}", ran.err);
    assert!(ran.err.contains("vcsa01.boots = 2\n"), "{}", ran.err);
    let ran = appsh(&["run"], b"%power off\n%advance 10m\nsystem.version.get\n");
    assert!(ran.err.ends_with("appsh: vcsa01 takes no logins: it is powered off\n"), "{}", ran.err);
}

#[test]
fn odd_bytes_are_told_and_typed() {
    let ran = appsh(&["run"], b"nonsense\r\nagain\r\n\xe9t\xe9\n");
    assert_eq!(ran.out, "Unknown command: `nonsense'\nUnknown command: `again'\nUnknown command: `\u{e9}t\u{e9}'\n");
    assert_eq!(ran.err.matches("CR LF").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("appsh: line 3: byte 0xe9 is not UTF-8; read as Latin-1\n"), "{}", ran.err);
}

#[test]
fn pages_are_turned_by_empty_lines_and_other_lines_answer() {
    let at_once = appsh(&["run", "--echo"], b"software-packages stage --iso\nmaybe\nno\n");
    let pages = at_once.out.matches("Press ENTER").count();
    assert!(pages >= 4, "{pages}");
    let script = format!("software-packages stage --iso\n{}maybe\nno\n", "\n".repeat(pages));
    let by_one = appsh(&["run", "--echo"], script.as_bytes());
    assert!(by_one.out == at_once.out, "{}", by_one.out);
    assert!(at_once.out.contains("[yes/no] maybe\nDo you accept the terms and conditions?  [yes/no] no\n"));
    let fewer = appsh(&["run", "--echo", "--term", "80x60"], b"software-packages stage --iso\nno\n");
    assert!(fewer.out.contains("\n# terminal: 80x60\n"), "{}", fewer.out);
    assert!(fewer.out.matches("Press ENTER").count() < pages);
}

#[test]
fn a_runbook_shows_root_prompts() {
    let script = b"# shell.get\n  $ nonsense\nother\n";
    let plain = appsh(&["run"], script);
    assert_eq!(plain.out, "Unknown command: `$'\nUnknown command: `other'\n");
    let runbook = appsh(&["run", "--runbook"], script);
    assert_eq!(runbook.out.matches("Unknown command").count(), 2);
    assert!(runbook.out.contains("`nonsense'") && runbook.out.contains("Enabled: False"), "{}", runbook.out);
}

#[test]
fn facts_come_last() {
    let ran = appsh(&["run", "--facts=*.version", "-c", "nonsense"], b"");
    assert_eq!(
        ran.out,
        "Unknown command: `nonsense'\nvcsa01.installed.version = 6.0.0\nvcsa01.staged.version = \nvcsa01.version = 6.0.0\n"
    );
    assert_eq!(ran.status, 1);
    let none = appsh(&["run", "--facts=nothing", "-c", "help"], b"");
    assert_eq!(none.status, 1);
    assert!(none.err.contains("appsh: no fact fits nothing"), "{}", none.err);
}

#[test]
fn start_and_seed_and_machine_are_taken() {
    let ran =
        appsh(&["run", "-m", "vcsa01", "--start", "2016-02-29T10:00:00Z", "--seed", "9", "--echo", "-c", "%time"], b"");
    let head = "# lab: vcsa-6.0\n# machine: vcsa01\n# start: 2016-02-29T10:00:00.000Z\n# seed: 9\n";
    assert!(ran.out.starts_with(head), "{}", ran.out);
    assert!(ran.out.contains("\n%time\n2016-02-29T10:00:00.000Z\n"), "{}", ran.out);
}

#[test]
fn passwords_reach_no_file() {
    let folder = scratch();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let (record, log, save) = (path("record"), path("log"), path("save"));
    let words = |path: &PathBuf| path.to_str().expect("a plain name").to_owned();
    let (record_file, log_file, folder) = (words(&record), words(&log), words(&save));
    let mut args = vec!["run", "--record", &record_file, "--log", &log_file, "--save", &folder, "--echo", "--facts"];
    // What is behind a bare `--password` is asked for, twice.
    let lines = [
        "software-packages stage --url https://example.com/ --username me --password hunt3r",
        "software-packages stage --url https://me:hunt3r@example.com/updates",
        "%browse https://me:hunt3r@vcsa01/vsphere-client/",
        "localaccounts.user.add --role operator --username test --password",
        "hunt3r",
        "hunt3r",
        "localaccounts.user.password.update --password --username root",
        "%hunt3r",
        "hunt3r --password hunt3r",
    ];
    args.extend(lines.iter().flat_map(|line| ["-c", line]));
    let ran = appsh(&args, b"");
    assert!(ran.out.contains("--password ********"), "{}", ran.out);
    assert!(ran.out.contains("\nEnter Password: \nReenter Password: \n"), "{}", ran.out);
    let mut files = vec![record, log];
    files.extend(std::fs::read_dir(&save).expect("it was made").map(|entry| entry.expect("readable").path()));
    assert!(files.len() > 3);
    let replayed = appsh(&["test", &record_file], b"");
    assert_eq!(replayed.status, 0, "{}", replayed.out);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("it was written");
        assert!(!text.contains("hunt3r"), "{}", file.display());
    }
    assert!(!ran.out.contains("hunt3r") && !ran.err.contains("hunt3r"));
}

#[test]
fn a_kept_lab_goes_on() {
    let folder = scratch();
    let save = folder.path().join("lab").to_str().expect("a plain name").to_owned();
    let first = appsh(&["run", "--save", &save, "-c", "software-packages stage --iso --acceptEulas"], b"");
    assert_eq!(first.status, 0, "{}", first.err);
    let second = appsh(&["run", "--save", &save, "--facts=vcsa01.staged.packages", "-c", "help"], b"");
    assert!(second.out.ends_with("vcsa01.staged.packages = 143\n"), "{}", second.out);
    let check = |options: &[&str], expect: &str| {
        let ran = appsh(&[&["run", "--save", &save], options].concat(), b"");
        assert_eq!(ran.status, 2, "{options:?}");
        assert!(ran.err.contains(expect), "{options:?}: {}", ran.err);
    };
    check(&["other"], "keeps the lab vcsa-6.0, not other");
    check(&["--seed", "3"], "--seed is for a new one");
    check(&["--iso", "Cargo.toml"], "%disc attach FILE");
}

#[test]
fn a_disc_of_ones_own_is_named_in_the_transcript() {
    let folder = scratch();
    let image = folder.path().join("own.iso").to_str().expect("a plain name").to_owned();
    let session = folder.path().join("session.txt").to_str().expect("a plain name").to_owned();
    let built = appsh(&["payload", "build", "payloads/VC-6.0.0U1-Appliance-TP", "-o", &image], b"");
    assert_eq!(built.status, 0, "{}", built.err);
    let ran = appsh(&["run", "--iso", &image, "--record", &session], b"software-packages stage --iso\nyes\n");
    assert_eq!(ran.status, 0, "{}", ran.err);
    let text = std::fs::read_to_string(&session).expect("it was written");
    assert!(text.contains(&format!("\n# disc: {image}\n")), "{text}");
    let test = appsh(&["test", &session], b"");
    assert_eq!(test.status, 0, "{}", test.out);
}

#[test]
fn recording_begins_and_ends_when_one_says_so() {
    let folder = scratch();
    let file = folder.path().join("part.txt");
    let script = format!("nonsense\n%record {}\nsystem.version.get\n%record off\nother\n", file.display());
    let ran = appsh(&["run"], script.as_bytes());
    assert_eq!(ran.status, 1);
    let text = std::fs::read_to_string(&file).expect("it was written");
    assert!(
        text.starts_with("# lab: vcsa-6.0\n# start: ") && text.contains("\nCommand> system.version.get\n"),
        "{text}"
    );
    assert!(!text.contains("nonsense") && !text.contains("other"), "{text}");
    let test = appsh(&["test", file.to_str().expect("a plain name")], b"");
    assert_eq!(test.status, 0, "{}", test.out);
    let refused = appsh(&["run", "-c", "%record no/dir/file"], b"");
    assert_eq!((refused.status, refused.err.as_str()), (1, "appsh: no/dir/file: No such file or directory\n"));
}

#[test]
fn the_log_tells_what_appsh_did() {
    let folder = scratch();
    let log = folder.path().join("log");
    let path = log.to_str().expect("a plain name");
    appsh(&["run", "--log", path, "-c", "%pace 5x", "-c", "exit"], b"");
    let text = std::fs::read_to_string(&log).expect("it was written");
    let told: Vec<&str> = text.lines().filter_map(|line| line.split_once(' ').map(|(_, what)| what)).collect();
    assert_eq!(told, ["session opened on vcsa01", "pace 5x", "session on vcsa01 closed: exit"]);
}

#[test]
fn answers_are_out_before_the_next_line_is_waited_for() {
    let mut child = command(&["run"]).spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("it was asked for");
    let mut output = child.stdout.take().expect("it was asked for");
    for word in ["first", "second"] {
        writeln!(input, "{word}").expect("the program reads");
        let expect = format!("Unknown command: `{word}'\n");
        let mut found = Vec::new();
        while found.len() < expect.len() {
            let mut fds = [PollFd::new(std::os::fd::AsFd::as_fd(&output), PollFlags::POLLIN)];
            assert_ne!(poll(&mut fds, PollTimeout::from(20_000_u16)), Ok(0), "nothing came out for {word}");
            let mut buffer = [0; 256];
            let count = output.read(&mut buffer).expect("the program lives");
            assert_ne!(count, 0);
            found.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(String::from_utf8_lossy(&found), expect);
    }
    drop(input);
    assert!(child.wait().is_ok());
}

#[test]
fn colour_is_for_terminals_and_those_who_ask() {
    let plain = appsh(&["run", "-m", "nope"], b"");
    assert!(!plain.err.contains('\x1b'), "{:?}", plain.err);
    let asked = appsh(&["--color", "always", "run", "-m", "nope"], b"");
    assert!(asked.err.contains('\x1b'), "{:?}", asked.err);
    let out = appsh(&["--color", "always", "run", "-c", "system.version.get"], b"");
    assert!(!out.out.contains('\x1b'));
}

/// What a pipe with `--echo` shows of these lines; it passes as a transcript.
fn echoed_and_replayed(lines: &str) -> String {
    let folder = scratch();
    let file = folder.path().join("session.txt");
    let ran = appsh(&["run", "--echo"], lines.as_bytes());
    std::fs::write(&file, &ran.out).expect("there is room");
    let test = appsh(&["test", file.to_str().expect("a plain name")], b"");
    assert_eq!(test.status, 0, "{}\n{}", test.out, ran.out);
    ran.out
}

#[test]
fn what_looks_like_a_key_or_like_the_director_is_replayed_as_typed() {
    let text = echoed_and_replayed("\\%foo\n\\\\%foo\nfoo^C\nfoo^D\n\\foo\nhalf\x03\n%half\x03\nhalf\x04\n");
    for expect in ["\\%foo", "\\\\%foo", "\\foo^C", "\\foo^D", "\\foo", "half^C", "%half^C"] {
        assert!(text.contains(&format!("\nCommand> {expect}\n")), "{expect}\n{text}");
    }
    assert!(text.contains("\nUnknown command: `%foo'\n"), "{text}");
    echoed_and_replayed("help api '[..]'\n");
}

#[test]
fn the_director_is_spoken_to_at_a_question_too() {
    let lines = "software-packages stage --iso\n%time\n\n%advance 1s\n\n\n\n\n\n\n\n\n\n\n%time\nmaybe^C\n\\%no\n%time\nno\n%time\n";
    let text = echoed_and_replayed(lines);
    assert!(text.contains("[yes/no] %time\n2015-") && text.contains("[yes/no] \\%no\n"), "{text}");
    assert!(text.contains("quit%time\n2015-"), "{text}");
    assert_eq!(text.matches("\n2015-").count(), 4, "{text}");
}

#[test]
fn a_recording_replaces_no_file_but_a_transcript() {
    let folder = scratch();
    let file = folder.path().join("notes.txt");
    let name = file.to_str().expect("a plain name");
    std::fs::write(&file, "my notes\n").expect("there is room");
    let why = format!("appsh: {name}: there is a file already, and it is no transcript; name another one\n");
    let ran = appsh(&["run", "--record", name, "-c", "help"], b"");
    assert_eq!((ran.status, ran.err.as_str()), (74, why.as_str()));
    let ran = appsh(&["run", "-c", &format!("%record {name}")], b"");
    assert_eq!((ran.status, ran.err.as_str()), (1, why.as_str()));
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "my notes\n");
    for old in ["", "# lab: old\n"] {
        std::fs::write(&file, old).expect("there is room");
        assert_eq!(appsh(&["run", "--record", name, "-c", "help"], b"").status, 0);
    }
}

/// A disc of the user's own, attached at a prompt, at an open question and between two sessions; one that is there and one
/// that is not; by a relative path and by a whole one. What is recorded or echoed finds the same files.
#[test]
fn discs_that_were_attached_are_found_by_a_replay() {
    let folder = scratch();
    for name in ["deep", "discs"] {
        std::fs::create_dir(folder.path().join(name)).expect("there is room");
    }
    let image = folder.path().join("discs/own.iso").to_str().expect("a plain name").to_owned();
    assert_eq!(appsh(&["payload", "build", "payloads/VC-6.0.0U1-Appliance-TP", "-o", &image], b"").status, 0);
    std::fs::copy(&image, folder.path().join("my own.iso")).expect("there is room");
    let run = |args: &[&str]| {
        let output = command(args).current_dir(folder.path()).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let stage = "software-packages stage --iso";
    let whole = format!("%disc attach --from datastore {image}");
    let deeds: &[(&[&str], &[&str])] = &[
        (&["%disc attach discs/own.iso", "%advance 20s", stage, "yes"], &["discs/own.iso -> ../discs/own.iso"]),
        (&[stage, "%disc attach 'my own.iso'", "no"], &["my own.iso -> ../my own.iso"]),
        (&["%disc attach discs/own.iso", "%disc attach ./discs/own.iso"], &["./discs/own.iso -> ../discs/own.iso"]),
        (&[&whole, "%advance 2s", stage, "no"], &[&image]),
        (&["exit", &whole, "%disc attach discs", "%disc show"], &[&image, "discs -> ../discs"]),
        (&["%disc attach missing.iso", "%disc attach", "help"], &["missing.iso -> ../missing.iso"]),
    ];
    for (lines, named) in deeds {
        let typed: Vec<&str> = lines.iter().flat_map(|line| ["-c", line]).collect();
        let (_, echoed) = run(&[&["run", "--record", "deep/rec.txt", "--echo"][..], &typed].concat());
        let recorded = std::fs::read_to_string(folder.path().join("deep/rec.txt")).expect("it was written");
        std::fs::write(folder.path().join("echo.txt"), &echoed).expect("there is room");
        for disc in *named {
            assert_eq!(recorded.matches(&format!("\n# disc: {disc}\n")).count(), 1, "{lines:?}: {recorded}");
        }
        for file in ["deep/rec.txt", "echo.txt"] {
            let (status, report) = run(&["test", file]);
            assert_eq!(status, Some(0), "{lines:?} {file}: {report}\n{recorded}");
        }
    }
}

#[test]
fn a_denied_login_is_part_of_what_is_recorded() {
    let folder = scratch();
    let record = folder.path().join("rec.txt").to_str().expect("a plain name").to_owned();
    let script =
        "%fault add password-expired\nexit\nhelp\nhelp\n%time\n%login\n\n%fault clear\nhelp api list\nexit\nhelp\n";
    for end in ["", "%fault add password-expired\nexit\nhelp\n", "%fault add password-expired\n%login\nexit\n%login\n"]
    {
        let ran = appsh(&["run", "--record", &record, "--echo"], format!("{script}{end}").as_bytes());
        let recorded = std::fs::read_to_string(&record).expect("it was written");
        assert_eq!(ran.out, recorded);
        let denied = recorded.matches("\nWARNING: Your password has expired.\n").count();
        assert_eq!(denied, if end.is_empty() { 4 } else { 5 }, "{recorded}");
        let replayed = appsh(&["test", &record], b"");
        assert_eq!(replayed.status, 0, "{}\n{recorded}", replayed.out);
    }
}

#[test]
fn a_recording_names_files_from_its_own_folder_and_a_lab_that_goes_on() {
    let folder = scratch();
    std::fs::create_dir(folder.path().join("deep")).expect("there is room");
    let image = folder.path().join("own.iso").to_str().expect("a plain name").to_owned();
    assert_eq!(appsh(&["payload", "build", "payloads/VC-6.0.0U1-Appliance-TP", "-o", &image], b"").status, 0);
    std::fs::copy("labs/vcsa-6.0.toml", folder.path().join("mine.toml")).expect("there is room");
    let run = |args: &[&str]| {
        let output = command(args).current_dir(folder.path()).output().expect("the program runs");
        assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let line = "software-packages list --iso";
    run(&["run", "mine.toml", "--iso", "own.iso", "--record", "deep/rec.txt", "-c", line, "-c", "help"]);
    let text = std::fs::read_to_string(folder.path().join("deep/rec.txt")).expect("it was written");
    assert!(text.starts_with("# lab: ../mine.toml\n") && text.contains("\n# disc: own.iso -> ../own.iso\n"), "{text}");
    run(&["test", "deep/rec.txt"]);
    run(&["run", "mine.toml", "--save", "kept", "-c", "help"]);
    let text = run(&["run", "--save", "kept", "--echo", "-c", "help"]);
    assert!(text.starts_with("# lab: mine\n") && text.contains("\n# recorded from the middle"), "{text}");
}
