//! Two arms and a third: what is typed at a terminal, fed through a pipe, or replayed as a transcript shows the same text.
//! The terminal is a pseudoterminal with the whole program on it; nobody sleeps, everything waits for a prompt.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{Termios, tcgetattr};

/// Whatever takes longer than this has failed.
const PATIENCE_MILLIS: u16 = 30_000;

/// What stands at the end of the screen when somebody is expected to type.
const WAITING: &[&str] = &["Command> ", "[yes/no] ", "to quit", "password: ", "appsh> ", ":~ # "];

/// A person at a terminal.
struct Terminal {
    master: File,
    slave: OwnedFd,
    before: Termios,
    child: Child,
    /// All that was sent to the terminal, as it came.
    raw: String,
}

#[expect(clippy::disallowed_methods, reason = "the program itself is what is tested")]
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_appsh"));
    command.args(args).env("NO_COLOR", "1");
    command
}

impl Terminal {
    fn open(columns: u16, rows: u16, args: &[&str]) -> Self {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).expect("there are pseudoterminals");
        let end = || Stdio::from(pair.slave.try_clone().expect("a descriptor"));
        let before = tcgetattr(&pair.slave).expect("it is a terminal");
        let child = command(args).stdin(end()).stdout(end()).stderr(end()).spawn().expect("the program starts");
        let mut terminal = Self { master: pair.master.into(), slave: pair.slave, before, child, raw: String::new() };
        terminal.wait(0);
        terminal
    }

    /// Waits until something behind `from` asks for input.
    fn wait(&mut self, from: usize) {
        while !WAITING.iter().any(|end| self.raw[from..].ends_with(end)) {
            self.read();
        }
    }

    fn wait_for(&mut self, text: &str, from: usize) {
        while !self.raw[from..].contains(text) {
            self.read();
        }
    }

    fn read(&mut self) {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let ready = poll(&mut fds, PollTimeout::from(PATIENCE_MILLIS)).expect("a terminal can be waited for");
        assert!(ready > 0, "nothing more came behind:\n{}", self.shown());
        let mut buffer = [0; 4096];
        let count = self.master.read(&mut buffer).unwrap_or_else(|e| panic!("{e} behind:\n{}", self.shown()));
        self.raw.push_str(std::str::from_utf8(&buffer[..count]).expect("what is sent to a terminal is ASCII here"));
    }

    fn send(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("a terminal takes keys");
    }

    /// Types a line, and waits until the next one is asked for.
    fn line(&mut self, line: &str) {
        let from = self.raw.len();
        self.send(&format!("{line}\r"));
        self.wait_for("\n", from);
        self.wait(from);
    }

    /// Presses keys that show `echo`, and waits until something is asked for.
    fn press(&mut self, keys: &str, echo: &str) {
        let from = self.raw.len();
        self.send(keys);
        self.wait_for(echo, from);
        self.wait(from);
    }

    /// What somebody sees who looks at the whole session, without what appsh says in its own voice.
    fn shown(&self) -> String {
        let mut text = String::new();
        let mut bytes = self.raw.chars().peekable();
        while let Some(character) = bytes.next() {
            match character {
                '\r' if bytes.peek() == Some(&'\n') => {}
                // A line that is drawn anew: the cursor goes to its start, and the rest of the screen is cleared.
                '\r' => text.truncate(text.rfind('\n').map_or(0, |at| at + 1)),
                '\u{8}' => {
                    text.pop();
                }
                '\u{1b}' => while bytes.next().is_some_and(|c| !c.is_ascii_alphabetic()) {},
                other => text.push(other),
            }
        }
        text.lines().filter(|line| !line.starts_with("appsh")).map(|line| format!("{line}\n")).collect()
    }

    /// Leaves the program at its prompt; what was shown, and the exit status.
    fn quit(mut self) -> (String, i32) {
        let from = self.raw.len();
        self.send("%quit\r");
        self.wait_for("%quit\r\n", from);
        let status = self.child.wait().expect("it ends");
        let now = tcgetattr(&self.slave).expect("it is a terminal");
        assert!(now == self.before, "the terminal is not given back as it was");
        (self.shown(), status.code().unwrap_or(-1))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines through a pipe, with `--echo`, and without the transcript's head.
fn piped(options: &[&str], lines: &[&str]) -> String {
    let whole = echoed(options, lines);
    let head = whole.lines().take_while(|line| line.starts_with("# ")).map(|line| line.len() + 1).sum();
    whole[head..].to_owned()
}

fn echoed(options: &[&str], lines: &[&str]) -> String {
    let args = [&["run", "--echo"], options].concat();
    let mut child = command(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let script: String = lines.iter().map(|line| format!("{line}\n")).collect();
    child.stdin.take().expect("it was asked for").write_all(script.as_bytes()).expect("the program reads");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).expect("transcripts are UTF-8")
}

/// What `appsh test` says of a transcript.
fn replayed(text: &str) -> (i32, String) {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let file = folder.path().join("session.txt");
    std::fs::write(&file, text).expect("there is room");
    replayed_file(&file)
}

fn replayed_file(file: &Path) -> (i32, String) {
    let output = command(&["test"]).arg(file).output().expect("the program runs");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// At a terminal the login asks for a password, which neither a pipe nor a transcript does.
fn without_passwords(text: &str) -> String {
    text.lines().filter(|line| !line.ends_with("password: ")).map(|line| format!("{line}\n")).collect()
}

#[track_caller]
fn same(typed: &str, piped: &str) {
    for (number, (typed, piped)) in typed.lines().zip(piped.lines()).enumerate() {
        assert_eq!(typed, piped, "line {}", number + 1);
    }
    assert_eq!(typed.lines().count(), piped.lines().count(), "one is shorter:\n{typed}\n----\n{piped}");
}

const UPDATE: &[&str] = &[
    "software-packages stage --iso",
    "",
    "",
    "",
    "",
    "",
    "maybe",
    "yes",
    "software-packages list --staged",
    "software-packages stage --iso --acceptEulas",
    "%time",
    "software-packages install --staged",
    "shutdown -r now",
    "shutdown reboot -r \"6.0 to 6.0U1\"",
    "%advance 20m",
    "",
    "system.version.get",
    "shell.set --enabled True",
    "shell",
    "vpxd -v",
    "exit",
    "%quit",
];

/// Types the update. Where a session is opened, a password is asked for.
fn type_update(terminal: &mut Terminal) {
    for line in UPDATE.iter().take(UPDATE.len() - 1) {
        if terminal.raw.ends_with("password: ") {
            terminal.line("any password");
        }
        terminal.line(line);
        if terminal.raw.ends_with("password: ") {
            terminal.line("any password");
        }
    }
}

#[test]
fn the_update_is_the_same_at_a_terminal_through_a_pipe_and_as_a_transcript() {
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "instant"]);
    type_update(&mut terminal);
    let (shown, status) = terminal.quit();
    assert_eq!(status, 0);
    same(&without_passwords(&shown), &piped(&[], UPDATE));
    let (status, report) = replayed(&echoed(&[], UPDATE));
    assert_eq!(status, 0, "{report}");
    let (status, report) =
        replayed(&echoed(&[], &["shutdown reboot -r test", "%advance 1m", "", "%client about", "help"]));
    assert_eq!(status, 0, "{report}");
}

#[test]
fn what_is_pasted_at_once_is_typed_in_order() {
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "instant"]);
    terminal.line("any password");
    let block = &UPDATE[..13];
    let from = terminal.raw.len();
    terminal.send(&block.iter().map(|line| format!("{line}\r")).collect::<String>());
    terminal.wait_for("invalid choice: 'now'", from);
    terminal.wait(from);
    let (shown, _) = terminal.quit();
    same(&without_passwords(&shown), &piped(&[], &[block, &["%quit"]].concat()));
}

#[test]
fn small_windows_have_small_pages() {
    let script = &["software-packages stage --iso", "", "\u{3}"];
    let mut terminal = Terminal::open(40, 10, &["run", "--pace", "instant"]);
    terminal.line("any password");
    for line in ["software-packages stage --iso", ""] {
        terminal.line(line);
    }
    terminal.press("\u{3}", "\n");
    let (shown, status) = terminal.quit();
    assert_eq!(status, 130);
    let piped = piped(&["--term", "40x10"], &[&script[..], &["%quit"]].concat());
    same(&without_passwords(&shown), &piped);
    assert!(piped.contains("to quit^C\n"), "{piped}");
}

#[test]
fn at_the_more_prompt_nothing_but_enter_and_ctrl_c_counts() {
    let mut terminal = Terminal::open(80, 24, &["run", "vcsa-7.0", "--pace", "instant"]);
    terminal.line("any password");
    terminal.send("help api list\r");
    terminal.wait_for("--More--", 0);
    let from = terminal.raw.len();
    // What was typed before, a search, a word, an end of a page as elsewhere.
    terminal.send("\u{1b}[A\u{12} q\t\r");
    terminal.wait_for("--More--", from);
    let (junk, page) = terminal.raw[from..].split_once('\n').expect("the next page");
    assert_eq!(junk.trim_end(), "", "{junk:?}");
    assert_eq!(page.matches("com.vmware.appliance.").count(), 23, "{page}");
    terminal.press("\u{3}", "^C");
    let (shown, status) = terminal.quit();
    assert_eq!(status, 130, "{shown}");
}

#[test]
fn at_a_question_the_keys_bring_back_what_was_answered_before() {
    let mut terminal = Terminal::open(80, 24, &["run", "vcsa-7.0", "--pace", "instant"]);
    terminal.line("any password");
    terminal.send("nslookup\r");
    terminal.wait_for("\n> ", 0);
    let from = terminal.raw.len();
    terminal.send("\u{1b}[Avcsa01\r");
    terminal.wait_for("Name:\tvcsa01", from);
    assert!(!terminal.raw[from..].contains("nslookup"), "{}", terminal.shown());
    let from = terminal.raw.len();
    terminal.send("\u{1b}[A\r");
    terminal.wait_for("Name:\tvcsa01", from);
    terminal.press("\u{3}", "^C");
    terminal.quit();
}

#[test]
fn the_exit_status_is_the_same_at_a_terminal_and_through_a_pipe() {
    let check = |lines: &[&str], expect: i32| {
        let mut terminal = Terminal::open(80, 24, &["run", "--pace", "instant"]);
        terminal.line("any password");
        for line in lines {
            match line.strip_suffix('\u{3}') {
                None => terminal.line(line),
                Some(_) => terminal.press(line, "^C\r\n"),
            }
        }
        assert_eq!(terminal.quit().1, expect, "typed: {lines:?}");
        let args: Vec<&str> = lines.iter().chain(&["%quit"]).flat_map(|line| ["-c", line]).collect();
        let output = command(&[&["run"], &args[..]].concat()).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(expect), "through a pipe: {lines:?}");
    };
    check(&[], 0);
    check(&["nonsense"], 1);
    check(&["nonsense", "%time"], 1);
    check(&["nonsense", "help"], 0);
    check(&["%nonsense"], 2);
    check(&["%nonsense", "help"], 0);
    check(&["shutdown -r now"], 2);
    check(&["half\u{3}"], 130);
    check(&["half\u{3}", "help"], 0);
    check(&["help", "%undo"], 0);
    check(&["software-packages stage --iso", "\u{3}"], 130);
    check(&["software-packages stage --iso", "\u{3}", "nonsense"], 1);
    check(&["nonsense", "exit"], 0);
    check(&["shutdown reboot -r test"], 0);
}

#[test]
fn ctrl_c_ends_a_command_and_ctrl_d_the_session() {
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "5x"]);
    terminal.line("any password");
    let from = terminal.raw.len();
    terminal.send("software-packages stage --iso --acceptEulas\r");
    terminal.wait_for("update payload 1/143", from);
    terminal.send("typed ahead and dropped\u{3}");
    terminal.wait_for("^C", from);
    terminal.wait(from);
    let shown = terminal.shown();
    assert!(shown.contains("/143^C\n [2015-10-08T02:43"), "{shown}");
    assert!(shown.ends_with(" : Staging process failed\nCommand> \n"), "{shown}");
    terminal.press("abc\u{3}", "abc^C");
    terminal.press("\u{4}", "appsh> ");
    assert!(terminal.raw.contains("appsh: session on vcsa01 closed: exit"));
    terminal.send("\u{4}");
    assert_eq!(terminal.child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_disc_can_be_pulled_while_it_is_copied() {
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "20x"]);
    terminal.line("any password");
    let from = terminal.raw.len();
    terminal.send("software-packages stage --iso --acceptEulas\r");
    terminal.wait_for("update payload 1/143", from);
    terminal.send("%disc eject\r");
    terminal.wait_for("Staging process failed", from);
    terminal.wait(from);
    let shown = terminal.shown();
    assert!(shown.contains("\n%disc eject\nvcsa01: the drive is empty\n"), "{shown}");
    assert!(shown.contains("Input/output error"), "{shown}");
}

#[test]
fn what_came_in_while_a_command_ran_is_recorded_and_replayed() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let record = folder.path().join("record.txt");
    let file = record.to_str().expect("plain").to_owned();
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "20x", "--record", &file]);
    terminal.line("any password");
    // Each time something is typed as soon as the output has come so far.
    let mut meanwhile = |command: &str, shown: &str, keys: &str, end: &str| {
        let from = terminal.raw.len();
        terminal.send(&format!("{command}\r"));
        terminal.wait_for(shown, from);
        terminal.send(keys);
        terminal.wait_for(end, from);
        terminal.wait(from);
    };
    let stage = "software-packages stage --iso --acceptEulas";
    meanwhile(stage, "update payload 1/143", "\u{3}", "Staging process failed");
    meanwhile(stage, "Validation successful\r\n", "\u{3}", "Staging process failed");
    meanwhile(stage, "Staging software", "\u{3}", "Staging process failed");
    meanwhile(stage, "update payload 1/143", "%time\r%disc eject\r", "Staging process failed");
    meanwhile("system.version.get", "Build", "", "Releasedate");
    let (shown, _) = terminal.quit();
    let written = std::fs::read_to_string(&record).expect("it was written");
    assert_eq!(shown.matches("Operation cancelled").count(), 3, "{shown}");
    assert_eq!(written.matches("s^C\n").count(), 3, "{written}");
    assert!(written.contains("s%disc eject\nvcsa01: the drive is empty\n"), "{written}");
    // The keyboard's clock is the only reason to compare stamps by their shape: the recording holds to the byte.
    for strict in [false, true] {
        let text = if strict { written.replace("# normalize: timestamps\n", "") } else { written.clone() };
        assert_eq!(text.contains("normalize"), !strict);
        let (status, report) = replayed(&text);
        assert_eq!(status, 0, "{strict} {report}\n{text}");
    }
}

#[test]
fn wrong_passwords_end_the_login() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let lab = folder.path().join("strict.toml");
    let text = include_str!("../labs/vcsa-6.0.toml").replace("passwords = []", "passwords = [\"right\"]");
    std::fs::write(&lab, text).expect("there is room");
    let record = folder.path().join("record.txt");
    let args = ["run", lab.to_str().expect("plain"), "--record", record.to_str().expect("plain")];
    let mut terminal = Terminal::open(80, 24, &args);
    for word in ["secret one", "secret two", "secret three"] {
        assert!(terminal.raw.ends_with("password: "));
        terminal.line(word);
    }
    assert!(terminal.raw.contains("closed: login denied"), "{}", terminal.shown());
    // Three wrong ones have locked the account for a while.
    terminal.line("%advance 6m");
    terminal.line("");
    terminal.line("wring\u{8}\u{8}\u{8}\u{8}\u{8}right");
    assert!(terminal.raw.ends_with("Command> "));
    let (_, _) = terminal.quit();
    let written = std::fs::read_to_string(&record).expect("it was written");
    assert!(!written.contains("secret") && !written.contains("right"), "{written}");
}

#[test]
fn a_recording_has_the_time_that_a_person_took_to_read() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let record = folder.path().join("record.txt");
    let file = record.to_str().expect("plain").to_owned();
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "100000x", "--record", &file]);
    terminal.line("any password");
    for line in ["software-packages stage --iso", "", "%time", "", "", "", "", "maybe", "%time", "yes", "%time"] {
        terminal.line(line);
    }
    terminal.line("software-packages stage --iso");
    let from = terminal.raw.len();
    terminal.send("\u{3}");
    terminal.wait_for("Staging process failed", from);
    terminal.wait(from);
    let (shown, _) = terminal.quit();
    let written = std::fs::read_to_string(&record).expect("it was written");
    // To the byte, though the keyboard's clock says when a key was pressed.
    let (status, report) = replayed(&written.replace("# normalize: timestamps\n", ""));
    assert_eq!(status, 0, "{report}\n{written}\n{shown}");
}

#[test]
fn logins_that_were_denied_or_changed_the_password_are_recorded_and_replayed() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let record = folder.path().join("record.txt");
    let file = record.to_str().expect("plain").to_owned();
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "instant", "--record", &file]);
    terminal.line("first secret");
    terminal.line("%fault add disc-stuck");
    terminal.line("%fault add password-expired");
    terminal.line("exit");
    // Nothing is changed: the new password is never the same twice.
    for word in ["", "first secret", "first secret", "one secret", "two secret", "1 secret", "2 secret", "x", "y"] {
        terminal.line(word);
    }
    assert!(terminal.raw.contains("closed: login denied"), "{}", terminal.shown());
    // It is changed.
    for word in ["", "first secret", "first secret", "short", "new secret", "new secret"] {
        terminal.line(word);
    }
    for line in ["%fault list", "system.version.get", "exit", "%login"] {
        terminal.line(line);
    }
    // The old one does not do any more, and nobody types the new one.
    for word in ["first secret", "first secret", "first secret", "%advance 6m", ""] {
        terminal.line(word);
    }
    let from = terminal.raw.len();
    terminal.send("\u{3}");
    terminal.wait_for("appsh> ", from);
    terminal.line("%login");
    terminal.line("new secret");
    terminal.line("date");
    let (_, _) = terminal.quit();
    let written = std::fs::read_to_string(&record).expect("it was written");
    assert!(!written.contains("secret") && !written.contains("password:"), "{written}");
    assert_eq!(written.matches("# a login that did not come to its prompt").count(), 3, "{written}");
    assert_eq!(written.matches("%fault clear 2\nappsh: 1 cleared\n").count(), 1, "{written}");
    let (status, report) = replayed(&written);
    assert_eq!(status, 0, "{report}\n{written}");
}

#[test]
fn a_scheduled_reboot_happens_while_one_sits_at_the_prompt() {
    let mut terminal = Terminal::open(80, 24, &["run"]);
    terminal.line("any password");
    terminal.line("shutdown reboot -d 5 -r test");
    let from = terminal.raw.len();
    terminal.send("%advance 299s\rhalf a li");
    terminal.wait_for("closed: reboot", from);
    terminal.wait(from);
    assert!(terminal.raw.ends_with("appsh> "));
}

#[test]
fn what_a_person_typed_can_be_recorded_and_replayed() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let record = folder.path().join("record.txt");
    let file = record.to_str().expect("plain").to_owned();
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "100000x", "--record", &file]);
    type_update(&mut terminal);
    // Straight after a login the director is spoken to, and before that time passes.
    terminal.line("exit");
    terminal.line("");
    terminal.line("any password");
    terminal.line("%client about");
    let (_, status) = terminal.quit();
    assert_eq!(status, 0);
    let (status, report) = replayed_file(&record);
    assert_eq!(status, 0, "{report}\n{}", std::fs::read_to_string(&record).unwrap_or_default());
}

#[test]
fn a_console_is_left_with_its_own_key_and_by_no_other() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let file = folder.path().join("session.txt").display().to_string();
    let mut terminal = Terminal::open(80, 24, &["run", "rhv-4.4-she-1", "--pace", "instant", "--record", &file]);
    let mut check = |typed: &str, expect: &str| {
        let from = terminal.raw.len();
        terminal.send(typed);
        terminal.wait_for(expect, from);
    };
    check("any password\r", "]# ");
    check("hosted-engine --console\r", "manager login: ");
    // Ctrl-C is the guest's: its terminal begins anew.
    check("half\u{3}", "manager login: ");
    check("\u{1d}", "host1 ~]# ");
    check("echo out $?\r", "\nout 0\r\n");
    // Where no console is left by it, the key does nothing.
    check("echo a\u{1d}b\r", "\nab\r\n");
    check("exit\r", "appsh> ");
    drop(terminal);
    let written = std::fs::read_to_string(&file).expect("it is there");
    assert_eq!(written.matches("^]\n").count(), 2, "{written}");
    let (status, report) = replayed_file(Path::new(&file));
    assert_eq!(status, 0, "{report}\n{written}");
}

#[test]
fn a_console_is_left_from_the_shell_of_a_guest() {
    let mut terminal = Terminal::open(80, 24, &["run", "rhv-4.4-she-1", "--pace", "instant"]);
    let mut check = |typed: &str, expect: &str| {
        let from = terminal.raw.len();
        terminal.send(typed);
        terminal.wait_for(expect, from);
    };
    check("any password\r", "]# ");
    check("hosted-engine --console\r", "manager login: ");
    check("root\r", "Password: ");
    check("any password\r", "manager ~]# ");
    check("ls\u{1d}", "host1 ~]# ");
}

#[test]
fn lines_can_be_edited_and_called_back() {
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "instant"]);
    terminal.line("any password");
    let check = |terminal: &mut Terminal, keys: &str, expect: &str| {
        let from = terminal.raw.len();
        terminal.line(keys);
        let answered = &terminal.raw[from..];
        assert!(answered.contains(&format!("Unknown command: `{expect}'")), "{keys:?}: {answered}");
        let shown = format!("\nCommand> {expect}\nUnknown command: `{expect}'\nCommand> \n");
        assert!(terminal.shown().ends_with(&shown), "{keys:?}: {}", terminal.shown());
    };
    check(&mut terminal, "abd\u{1b}[Dc\u{1b}[C", "abcd");
    check(&mut terminal, "x\u{1b}[A\u{1b}[A", "abcd");
    check(&mut terminal, "bcd\u{1}a\u{5}e", "abcde");
    // The appliance shell shows the line again at Ctrl-R, and cuts it out at Ctrl-X.
    check(&mut terminal, "ab\u{12}c", "abc");
    check(&mut terminal, "dead\u{18}alive", "alive");
    check(&mut terminal, "word\u{1b}b\u{1b}u", "WORD");
    check(&mut terminal, "one\u{17}two\u{19}", "twoone");
    check(&mut terminal, "dead\u{15}alive", "alive");
    let from = terminal.raw.len();
    terminal.line("system.ver\t");
    assert!(terminal.raw[from..].contains("Build: 2559267"), "{}", &terminal.raw[from..]);
    // Parameters of calls are completed, arguments of plug-ins are not.
    terminal.send("software-packages st\t\u{15}shell.set --e\t");
    terminal.wait_for("shell.set --enabled", from);
    assert!(!terminal.raw[from..].contains("stage"), "{}", &terminal.raw[from..]);
}

#[test]
fn paths_are_completed_at_a_prompt_of_bash() {
    let mut terminal = Terminal::open(80, 24, &["run", "linux", "--machine", "rhel8", "--pace", "instant"]);
    terminal.send("any password\r");
    terminal.wait_for("]# ", 0);
    let from = terminal.raw.len();
    terminal.send("ls /e\tos-rel\t\r");
    terminal.wait_for("\n/etc/os-release\r\n", from);
    assert!(terminal.shown().contains("# ls /etc/os-release \n/etc/os-release\n"), "{}", &terminal.raw[from..]);
    // What could be meant is shown when Tab is pressed again.
    let from = terminal.raw.len();
    terminal.send("ls /usr/l\t");
    terminal.wait_for("\u{7}", from);
    assert!(!terminal.raw[from..].contains("libexec"), "{}", &terminal.raw[from..]);
    terminal.send("\t");
    terminal.wait_for("libexec/", from);
    assert!(!terminal.raw[from..].contains("/usr/libexec"), "{}", &terminal.raw[from..]);
    // Within quotes, behind `=` and `$(`, and of users.
    let from = terminal.raw.len();
    terminal.send("\u{15}x=/etc/hostn\tcat \"/etc/os-rel\t$(mknod\t~roo\t");
    terminal.wait_for("~root/", from);
    let shown = terminal.shown();
    assert!(shown.trim_end().ends_with(r#"]# x=/etc/hostname cat "/etc/os-release" $(mknod ~root/"#), "{shown}");
}

#[test]
fn the_keys_bring_back_what_the_shell_remembers() {
    let mut terminal = Terminal::open(80, 24, &["run", "linux", "--machine", "rhel8", "--pace", "instant"]);
    terminal.send("any password\r");
    terminal.wait_for("]# ", 0);
    let mut check = |typed: &str, expect: &str| {
        let from = terminal.raw.len();
        terminal.send(typed);
        terminal.wait_for(expect, from);
    };
    // A loop in three lines is one; a continued word, too; a here-document comes back in its lines.
    check("for i in 1 2\rdo echo \"<$i>\"\rdone\r", "<2>\r\n");
    check("\u{1b}[A", "for i in 1 2; do echo \"<$i>\"; done");
    check("\r", "<2>\r\n");
    check("echo a\\\rb\r", "\nab\r\n");
    check("\u{1b}[A\r", "echo ab\r\nab\r\n");
    check("cat <<E\rwithin\rE\r", "\nwithin\r\n");
    check("\u{1b}[A\r", "\nwithin\r\n");
    // What was told to the director stands between, on this machine alone.
    check("%advance 1m\r", "]# ");
    check("echo one two\r", "\none two\r\n");
    check("\u{1b}[A\u{1b}[A", "%advance 1m");
    // The last word of the line before, and of the one before that.
    check("\u{15}echo again \u{1b}.\r", "\nagain two\r\n");
    check("true three\recho \u{1b}.\u{1b}.\u{1b}.\r", "\ntwo\r\n");
    check("\u{12}one t\r", "\none two\r\n");
    // Another machine has lines of its own.
    check("%login rhel7\r", "password: ");
    check("any\r", "rhel7 ~]# ");
    check("\u{1b}[Aecho own\r", "\nown\r\n");
}

#[test]
fn a_lab_that_was_killed_comes_back_at_the_same_screen() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let save = folder.path().join("lab").to_str().expect("plain").to_owned();
    let args = ["run", "--pace", "instant", "--save", &save];
    let mut terminal = Terminal::open(80, 24, &args);
    for line in ["any password", "software-packages stage --iso", "", ""] {
        terminal.line(line);
    }
    let before = terminal.shown();
    drop(terminal);
    let mut terminal = Terminal::open(80, 24, &args);
    let screenful = |text: &str| text.lines().rev().take(24).map(str::to_owned).collect::<Vec<_>>();
    // The screen comes back in pieces, the first of which may end at the question of the login.
    while screenful(&terminal.shown()) != screenful(&before) {
        terminal.read();
    }
    for _ in 0..3 {
        terminal.line("");
    }
    terminal.line("no");
    let from = terminal.raw.len();
    terminal.line("\u{1b}[A\u{15}nonsense");
    assert!(terminal.raw[from..].contains("software-packages stage --iso"), "the history was kept");
    assert!(terminal.shown().ends_with("`nonsense'\nCommand> \n"), "{}", terminal.shown());
}

#[test]
fn the_director_answers_at_a_question_and_the_question_stays() {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    let record = folder.path().join("record.txt");
    let file = record.to_str().expect("plain").to_owned();
    let mut terminal = Terminal::open(80, 24, &["run", "--pace", "instant", "--record", &file]);
    terminal.line("any password");
    terminal.line("shell.set --enabled True");
    terminal.line("software-packages stage --iso");
    terminal.line("%time");
    assert!(terminal.raw.trim_end().ends_with("Ctrl+c to quit"), "{}", terminal.shown());
    terminal.send("\u{3}");
    let (_, _) = terminal.quit();
    let (status, report) = replayed_file(&record);
    assert_eq!(status, 0, "{report}\n{}", std::fs::read_to_string(&record).unwrap_or_default());
}
