//! `appsh test` as it is called: files and folders, exit status, the forms of the report, updates in place.

use std::fs;
use std::path::PathBuf;

use appsh::media::Bundled;
use appsh::transcript::cli::{Args, run};
use clap::Parser;

const GOOD: &str = "Command> date\nUnknown command: `date'\n";
const BAD: &str = "# lab: vcsa-6.0\nCommand> date\nUnknown command: 'date' <&>\n";

#[derive(Parser)]
struct Call {
    #[command(flatten)]
    args: Args,
}

/// A folder of this test's own, empty at first.
fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("transcript").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("deeper")).expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("a file");
    }
    folder
}

/// Exit status, output and diagnostics of a call in which `@` is the folder.
fn call(folder: &std::path::Path, words: &str) -> (u8, String, String) {
    let here = folder.display().to_string();
    let words: Vec<String> = words.split(' ').map(|word| word.replace('@', &here)).collect();
    let call = match Call::try_parse_from(std::iter::once("test".to_owned()).chain(words)) {
        Ok(call) => call,
        Err(e) => return (u8::try_from(e.exit_code()).unwrap_or(1), String::new(), e.to_string()),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = run(&call.args, || Box::new(Bundled), &mut out, &mut err, false);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace(&here, "@");
    (status, text(out), text(err))
}

#[test]
fn the_exit_status_says_how_it_went() {
    let folder = folder("status", &[("good.txt", GOOD.as_bytes()), ("bad.txt", BAD.as_bytes()), ("not.md", b"x")]);
    let check = |words: &str, expect: u8| assert_eq!(call(&folder, words).0, expect, "{words}");
    check("@/good.txt", 0);
    check("@/bad.txt", 1);
    check("@", 1);
    check("@/missing.txt", 74);
    check("@ --filter good", 0);
    check("@ --filter nothing", 2);
    check("@ --filter [", 2);
    check("@ --shard 2/2", 0);
    check("@ --shard 1/2", 1);
    check("@ --shard 3/2", 2);
    check("@ --jobs 0", 2);
    check("@ --jobs 3", 1);
    check("@/good.txt --junit @/no/such/folder.xml", 74);
    check("@/deeper", 2);
}

#[test]
fn a_difference_is_shown_with_its_place() {
    let folder = folder("human", &[("bad.txt", BAD.as_bytes())]);
    let (_, out, err) = call(&folder, "@");
    let expect = "appsh: @/bad.txt:2: vcsa01 at 2015-10-08T02:43:36.000Z, after `Command> date`
     3 - Unknown command: 'date' <&>
       + Unknown command: `date'
appsh: 0 passed, 1 failed
";
    assert_eq!((out.as_str(), err.as_str()), (expect, ""));
}

#[test]
fn programs_get_json_tap_and_junit() {
    let folder = folder("forms", &[("a.txt", GOOD.as_bytes()), ("b.txt", BAD.as_bytes())]);
    let (_, json, _) = call(&folder, "@ --format json --junit @/report.xml");
    let rows: Vec<serde_json::Value> = json.lines().map(|row| serde_json::from_str(row).expect("JSON")).collect();
    assert_eq!((&rows[0]["name"], &rows[0]["status"]), (&"@/a.txt".into(), &"passed".into()));
    assert_eq!(rows[1]["differences"][0]["lines"][0]["number"], 3);
    let (_, tap, _) = call(&folder, "@ --format tap");
    assert!(tap.starts_with("TAP version 13\n1..2\nok 1 - @/a.txt\nnot ok 2 - @/b.txt\n# appsh: @/b.txt:2: "), "{tap}");
    let junit = fs::read_to_string(folder.join("report.xml")).expect("the report");
    let document = roxmltree::Document::parse(&junit).expect("XML");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).count();
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).and_then(|node| node.text());
    assert_eq!(cases, 2);
    assert!(failure.is_some_and(|text| text.contains("Unknown command: 'date' <&>")));
}

#[test]
fn fail_fast_begins_nothing_after_a_failure() {
    let folder = folder("fast", &[("a.txt", BAD.as_bytes()), ("b.txt", GOOD.as_bytes())]);
    assert_eq!(call(&folder, "@ --fail-fast --jobs 1").1.lines().last(), Some("appsh: 0 passed, 1 failed"));
}

#[test]
fn an_update_rewrites_the_file_once() {
    let folder = folder("update", &[("a.txt", BAD.as_bytes()), ("deeper/b.txt", GOOD.as_bytes())]);
    let (status, out, _) = call(&folder, "@ --update");
    assert_eq!((status, out.as_str()), (0, "appsh: @/a.txt: updated\nappsh: 1 passed, 1 updated\n"));
    let text = fs::read_to_string(folder.join("a.txt")).expect("the transcript");
    assert_eq!(text, format!("# lab: vcsa-6.0\n{GOOD}"));
    assert_eq!(call(&folder, "@ --update").1, "appsh: 2 passed\n");
}

#[test]
fn bad_files_are_refused_with_their_line() {
    let files: &[(&str, &[u8])] = &[
        ("a.txt", b"# lab: vcsa-6.0\nCommand> \xff\n"),
        ("b.txt", b"# lab: vcsa-9.9\n"),
        ("c.txt", b"# note: x\n# start: now\n"),
        ("d.txt", b"# lab: missing.toml\n"),
        ("e.txt", b"# disk: x.iso\n"),
        ("f.txt", b"# lab: bad.toml\n"),
        ("bad.toml", b"title = 1"),
    ];
    let folder = folder("refused", files);
    let (status, out, _) = call(&folder, "@");
    assert_eq!(status, 1);
    for expect in [
        "appsh: @/a.txt:2: byte 10 of this line is not UTF-8",
        "appsh: @/b.txt:1: there is no lab \"vcsa-9.9\"; there are vcsa-6.0",
        "appsh: @/c.txt:2: \"now\" is not an RFC 3339 time",
        "appsh: @/d.txt:1: missing.toml: ",
        "appsh: @/e.txt:1: `disk` is no key of a transcript; `disc` is",
        "appsh: @/f.txt:1: bad.toml: ",
    ] {
        assert!(out.contains(expect), "{expect}\n{out}");
    }
}

#[test]
fn what_has_no_end_is_not_read() {
    let folder = folder("endless", &[("b.txt", b"# lab: zero.toml\n")]);
    std::os::unix::fs::symlink("/dev/zero", folder.join("zero.toml")).unwrap();
    let (status, out, _) = call(&folder, "@/b.txt /dev/zero");
    assert_eq!(status, 74);
    assert!(out.contains("zero.toml: not a regular file") && out.contains("/dev/zero: not a regular file"), "{out}");
}

#[test]
fn line_ends_of_windows_are_accepted_and_mentioned() {
    let folder = folder("crlf", &[("a.txt", GOOD.replace('\n', "\r\n").as_bytes())]);
    let (status, out, _) = call(&folder, "@");
    assert_eq!(status, 0);
    assert!(out.starts_with("appsh: @/a.txt: its lines end with CR LF"), "{out}");
}

#[test]
fn a_disc_of_the_head_is_in_the_drive_and_no_other_file_is_read() {
    let text = "# disc: VC-6.0.0U2-Appliance-FP\n# disc: mine.iso\n%disc show\nvcsa01: VC-6.0.0U2-Appliance-FP from the client, \
                connected\n%disc attach mine.iso\nappsh: mine.iso: only bundled payloads can be read here\n%disc attach \
                other.iso\nappsh: other.iso: this transcript may not read it; name it in a remark: # disc: other.iso\n";
    let folder = folder("disc", &[("a.txt", text.as_bytes())]);
    let (status, out, _) = call(&folder, "@");
    assert_eq!(status, 0, "{out}");
}

#[test]
fn a_file_that_tests_nothing_does_not_pass() {
    let banner = "\nVMware vCenter Server Appliance 6.0.0\n...\n";
    let check = |text: &str, status: u8, told: &str| {
        let folder = folder("silent", &[("silent.txt", text.as_bytes())]);
        let (found, out, err) = call(&folder, "@/silent.txt");
        assert_eq!(found, status, "{text:?}: {out}{err}");
        assert!(out.contains(told) || err.contains(told), "{text:?}: {out}{err}");
    };
    let nothing = "no command is typed in it, and no text is compared";
    check("", 1, nothing);
    check("# lab: vcsa-6.0\n\n", 1, nothing);
    check("...\n", 1, nothing);
    check(banner, 0, "the login alone was compared");
    check(&banner.replace("6.0.0", "6.0.1"), 1, "6.0.1");
    check("Command>\n", 0, "1 passed");
}
