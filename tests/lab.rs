//! The lab's own surface: sessions on several machines, what they wait for, and what cuts them off.

use std::sync::{Arc, Mutex};

use appsh::director::{self, DIRECTORS};
use appsh::journal::What;
use appsh::lab::{Lab, Waits};
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::{Bundled, Shelf};
use appsh::operator::Operator;
use appsh::payload::iso::IsoImage;
use appsh::payload::{self, Source};
use appsh::shell::{SessionId, Terminal};
use appsh::sim::Span;
use appsh::sim::fault::Rule;
use appsh::systems::facts;
use appsh::systems::vcsa::faults::PASSWORD_EXPIRED;
use appsh::vm::Medium;
use appsh::world::{Closed, Password};

/// A lab with two appliances: the bundled one, and the same under another name.
fn two_machines() -> Lab {
    lab(Box::new(Bundled))
}

fn lab(shelf: Box<dyn Shelf>) -> Lab {
    let (_, text) = BUNDLED[0];
    let (head, machine) = text.split_at(text.find("[[machine]]").expect("a machine"));
    let (machine, tail) = machine.split_at(machine.find("# What the default").expect("repositories"));
    let second = machine.replace("vcsa01", "vcsa02").replace("168.10.60", "168.10.62");
    let file = LabFile::parse(&format!("{head}{machine}{second}{tail}")).expect("a good lab file");
    Lab::new(file.world("two", None, None).expect("a good world"), shelf)
}

const KEYBOARD: Terminal = Terminal { columns: 80, rows: 24, live: true, asks: true };

/// The bundled lab with these passwords.
fn with_passwords(passwords: &str) -> Lab {
    let (_, text) = BUNDLED[0];
    let text = text.replace("passwords = []", &format!("passwords = [{passwords}]"));
    let file = LabFile::parse(&text).expect("a good lab file");
    Lab::new(file.world("one", None, None).expect("a good world"), Box::new(Bundled))
}

fn operator(lab: Lab) -> Operator {
    Operator::new(lab, None, Terminal::PIPE).expect("the lab has a machine")
}

/// Root's password on the first machine has expired.
fn expire(lab: &mut Lab) {
    let (point, machine) = (PASSWORD_EXPIRED.to_owned(), "vcsa01".to_owned());
    let rule = Rule { id: 0, point, machine, object: None, passes: 0, times: None };
    lab.act(|world, _| world.faults.add(rule));
}

fn open(lab: &mut Lab, machine: &str) -> SessionId {
    let id = lab.open(machine, Terminal::PIPE).expect("the machine is up");
    assert_eq!(lab.waits(id), Waits::Prompt);
    id
}

fn output(lab: &mut Lab, id: SessionId) -> String {
    let mut text = String::new();
    lab.output(id, &mut text);
    text
}

fn fact(lab: &Lab, name: &str) -> String {
    facts::select(lab.world(), name).map(|(_, fact)| fact.to_string()).collect()
}

/// Lets time pass until the session waits for something else.
fn run(lab: &mut Lab, id: SessionId) {
    while let (Waits::Time(_), Some(due)) = (lab.waits(id), lab.next_due()) {
        lab.advance(due);
    }
}

#[test]
fn a_session_works_on_while_another_machine_answers() {
    let mut lab = two_machines();
    let (busy, idle) = (open(&mut lab, "vcsa01"), open(&mut lab, "vcsa02"));
    output(&mut lab, busy);
    output(&mut lab, idle);
    assert!(lab.line(busy, "software-packages stage --iso --acceptEulas"));
    let start = lab.now();
    lab.advance(start + Span::secs(120));
    assert!(matches!(lab.waits(busy), Waits::Time(_)));
    assert!(!lab.line(busy, "typed too early"), "a busy session takes no line");
    assert!(lab.line(idle, "system.version.get"));
    assert!(output(&mut lab, idle).contains("Build: 2559267"));
    run(&mut lab, busy);
    assert!(output(&mut lab, busy).ends_with("Staging process completed successfully\n"));
    assert_eq!(fact(&lab, "vcsa01.staged.packages"), "143");
    assert_eq!(fact(&lab, "vcsa02.staged.packages"), "0");
}

/// A shelf with one disc, whatever is asked for.
struct Only(Arc<[u8]>);

impl Shelf for Only {
    fn open(&self, _: &Medium) -> Result<Arc<dyn Source>, String> {
        let disc = IsoImage::open(Arc::clone(&self.0)).map_err(|error| error.to_string())?;
        Ok(Arc::new(disc))
    }
}

/// A bundled update whose packages are `scale` times smaller than the real ones.
fn disc_at(name: &str, scale: u32) -> Arc<[u8]> {
    let folder = format!("{}/payloads/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| {
        let text = std::fs::read_to_string(format!("{folder}/{file}")).map_err(|error| error.to_string());
        text.map(|text| text.replace("scale = 512", &format!("scale = {scale}")))
    };
    payload::build(&read).and_then(|built| built.image()).expect("the sources are good").into()
}

/// What staging and installing a disc shows, stamps included.
fn update_from(disc: Arc<[u8]>) -> String {
    let mut lab = lab(Box::new(Only(disc)));
    let id = open(&mut lab, "vcsa01");
    output(&mut lab, id);
    for line in ["software-packages stage --iso --acceptEulas", "software-packages install --staged"] {
        lab.line(id, line);
        run(&mut lab, id);
    }
    output(&mut lab, id)
}

/// Seconds from the line with `from` to the next stamped one with `to`.
fn seconds(shown: &str, from: &str, to: &str) -> f64 {
    let at = |text: &str| {
        let line = shown.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text} in {shown}"));
        let time = line[13..].split(']').next().unwrap_or_default();
        // A plain message's last three digits are the day of the year.
        let time = if line.as_bytes()[12] == b'T' { &time[..8] } else { time };
        time.replace(',', ".").split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().expect("a time"))
    };
    at(to) - at(from)
}

#[test]
fn the_steps_of_an_update_take_what_the_captured_ones_took() {
    let full = update_from(payload::bundled("VC-6.0.0U1-Appliance-FP").expect("it is bundled"));
    let third = update_from(payload::bundled("VC-6.0.0U1-Appliance-TP").expect("it is bundled"));
    let check = |from: &str, to: &str, captured: f64, of_third: f64| {
        let took = seconds(&full, from, to);
        // Where one of the two stamps shows whole seconds, as at the shortest step, that is how well one can know.
        assert!((took - captured).abs() <= (captured / 10.0).max(1.0), "{from}: {took} s, captured {captured}");
        let took = seconds(&third, from, to);
        assert!(took <= of_third, "{from}, third-party disc: {took} s");
    };
    check("Processing software packages", "ISO unmounted", 506.0, 60.0);
    check("Running test transaction", "Running pre-install", 10.0, 3.0);
    check("Running pre-install", "Services stopped", 100.0, 110.0);
    check("Upgrading software packages", "Running post-install", 442.0, 60.0);
    check("Running post-install", "Packages upgraded", 1.0, 1.5);
}

#[test]
fn a_disc_of_real_size_takes_as_long_as_the_bundled_one_which_stands_for_it() {
    let name = "VC-6.0.0U1-Appliance-TP";
    let (small, real) = (disc_at(name, 512), disc_at(name, 1));
    assert!(real.len() > 100 * small.len(), "{} and {} bytes", small.len(), real.len());
    assert_eq!(update_from(small), update_from(real));
}

#[test]
fn an_interrupted_copy_leaves_what_was_staged_before() {
    let mut lab = two_machines();
    let id = open(&mut lab, "vcsa01");
    lab.line(id, "software-packages stage --iso --acceptEulas");
    run(&mut lab, id);
    lab.line(id, "software-packages stage --iso --acceptEulas");
    let start = lab.now();
    lab.advance(start + Span::secs(60));
    output(&mut lab, id);
    lab.interrupt(id);
    assert_eq!(lab.waits(id), Waits::Prompt);
    assert_eq!(lab.session(id).status, 130);
    assert_eq!(fact(&lab, "vcsa01.staged.packages"), "143");
    lab.line(id, "software-packages unstage");
    run(&mut lab, id);
    assert!(output(&mut lab, id).contains("Unstage operation completed successfully"), "the tool is free again");
}

/// Ctrl-C at the pager, at the question, while the tool mounts, copies, lists, purges or upgrades: it says the same.
#[test]
fn the_tool_says_that_it_was_cancelled_wherever_it_stood() {
    let check = |line: &str, answers: &[&str], span: Span, expect: &[&str]| {
        let mut lab = two_machines();
        let id = open(&mut lab, "vcsa01");
        if !line.contains(" stage ") {
            lab.line(id, "software-packages stage --iso --acceptEulas");
            run(&mut lab, id);
        }
        lab.line(id, line);
        for answer in answers {
            run(&mut lab, id);
            assert!(lab.line(id, answer), "{line}: {answer:?} is taken");
        }
        if span == Span::ZERO {
            run(&mut lab, id);
        }
        lab.advance(lab.now() + span);
        output(&mut lab, id);
        lab.interrupt(id);
        assert_eq!((lab.waits(id), lab.session(id).status), (Waits::Prompt, 130), "{line}");
        let shown = output(&mut lab, id);
        // What was counted stands on the line of the keys; the messages are those with a stamp.
        let said: Vec<&str> = shown.lines().filter_map(|line| line.split_once("] : ")).map(|(_, said)| said).collect();
        assert_eq!(said, expect, "{line}");
    };
    let staged = ["Operation cancelled", "ISO unmounted successfully", "Staging process failed"];
    check("software-packages stage --iso", &[], Span::ZERO, &staged);
    check("software-packages stage --iso", &["", "", "", "", ""], Span::ZERO, &staged);
    check("software-packages stage --iso --acceptEulas", &[], Span::secs(60), &staged);
    check("software-packages stage --iso", &["", "", "", "", "", "yes"], Span::secs(60), &staged);
    check("software-packages stage --iso", &[], Span::millis(200), &[staged[0], staged[2]]);
    let installed = ["Operation cancelled", "Installation process failed"];
    check("software-packages install --staged", &[], Span::secs(60), &installed);
    check("software-packages install --staged", &[], Span::secs(300), &installed);
    for line in ["list --staged", "list --iso", "validate", "unstage"] {
        check(&format!("software-packages {line}"), &[], Span::millis(100), &installed[..1]);
    }
}

#[test]
fn a_page_fits_the_terminal_as_it_is_when_the_page_is_shown() {
    let pages = |sizes: &[(u16, u16)]| {
        let mut lab = two_machines();
        let id = open(&mut lab, "vcsa01");
        lab.line(id, "software-packages stage --iso");
        run(&mut lab, id);
        // The first page came before the terminal had another size.
        output(&mut lab, id);
        let (mut text, mut all_used) = (String::new(), Vec::new());
        for &(columns, rows) in sizes.iter().cycle().take(400) {
            lab.look(id, Terminal { columns, rows, ..Terminal::PIPE });
            lab.line(id, "");
            let page = output(&mut lab, id);
            if lab.waits(id) != Waits::Page {
                text.push_str(&page);
                break;
            }
            let (page, pager) = page.split_at(page.rfind("Press ENTER").expect("the pager's line"));
            // Behind the pager's line the cursor stands.
            let wrapped = |line: &str| line.len().div_ceil(usize::from(columns)).max(1);
            let used = page.lines().map(wrapped).sum::<usize>() + wrapped(&format!("{pager}_"));
            assert!(used <= usize::from(rows), "{used} rows on {columns}x{rows}:\n{page}{pager}");
            all_used.push(used);
            text.push_str(page);
        }
        (text, all_used)
    };
    let (text, _) = pages(&[(80, 24)]);
    assert!(text.ends_with("[yes/no] "), "{text}");
    for sizes in [&[(80, 10)][..], &[(40, 10)], &[(42, 8)], &[(20, 24)], &[(80, 24), (40, 6), (132, 9)]] {
        let (same, used) = pages(sizes);
        assert_eq!(same, text, "{sizes:?}");
        assert!(used.iter().zip(sizes.iter().cycle()).any(|(used, (_, rows))| *used == usize::from(*rows)), "{used:?}");
    }
}

#[test]
fn a_second_user_of_the_tool_is_refused() {
    let mut lab = two_machines();
    let (first, second) = (open(&mut lab, "vcsa01"), open(&mut lab, "vcsa01"));
    lab.line(first, "software-packages stage --iso --acceptEulas");
    lab.line(second, "software-packages unstage");
    run(&mut lab, second);
    assert!(output(&mut lab, second).contains("in progress"));
    assert_eq!(lab.session(second).status, 1);
}

#[test]
fn a_reboot_closes_all_sessions_of_the_machine_and_no_other() {
    let mut lab = two_machines();
    let (here, also_here, elsewhere) = (open(&mut lab, "vcsa01"), open(&mut lab, "vcsa01"), open(&mut lab, "vcsa02"));
    lab.line(also_here, "software-packages stage --iso");
    run(&mut lab, also_here);
    assert_eq!(lab.waits(also_here), Waits::Page);
    lab.line(here, "shutdown reboot -r update");
    assert_eq!(lab.waits(here), Waits::Closed(Closed::Reboot));
    assert_eq!(lab.waits(also_here), Waits::Closed(Closed::Reboot));
    assert_eq!(lab.waits(elsewhere), Waits::Prompt);
    let refusal = lab.open("vcsa01", Terminal::PIPE).expect_err("it is going down");
    assert!(refusal.passing, "{}", refusal.why);
}

#[test]
fn a_hang_up_at_the_question_stages_nothing() {
    let mut lab = two_machines();
    let id = open(&mut lab, "vcsa01");
    lab.line(id, "software-packages stage --iso");
    run(&mut lab, id);
    while lab.waits(id) == Waits::Page {
        lab.line(id, "");
    }
    assert_eq!(lab.waits(id), Waits::Line);
    lab.end_of_input(id);
    assert_eq!(lab.waits(id), Waits::Closed(Closed::HangUp));
    assert_eq!(fact(&lab, "vcsa01.staged.packages"), "0");
}

#[test]
fn a_wrong_password_is_refused_and_a_right_one_let_in() {
    let mut lab = with_passwords("\"right\"");
    let id = lab.open("vcsa01", KEYBOARD).expect("the machine is up");
    assert_eq!(lab.waits(id), Waits::Secret);
    assert!(lab.secret(id, "wrong"));
    assert_eq!(lab.waits(id), Waits::Secret);
    assert!(lab.secret(id, "right"));
    assert_eq!(lab.waits(id), Waits::Prompt);
    let text = output(&mut lab, id);
    assert!(text.contains("Permission denied") && text.contains("Connected to service"), "{text}");
    assert!(!text.contains("wrong") && !text.contains("right\n"), "a secret is not shown: {text}");
}

#[test]
fn words_that_a_director_command_does_not_take_are_answered_with_its_usage() {
    let mut operator = operator(two_machines());
    for command in DIRECTORS {
        let reply = director::run(&mut operator, &format!("%{} list x --y 1 z z z", command.name));
        assert_eq!(reply.status, 2, "{}: {}", command.name, reply.text);
        assert!(reply.text.starts_with(&format!("appsh: usage: %{}", command.name)), "{}", reply.text);
        assert!(!reply.text.ends_with(" \n") && reply.effect.is_none(), "{}", reply.text);
    }
}

/// A shelf whose one file is rebuilt by the admin now and then.
struct Rebuilt(Arc<Mutex<&'static str>>);

impl Shelf for Rebuilt {
    fn open(&self, _: &Medium) -> Result<Arc<dyn Source>, String> {
        Bundled.open(&Medium::Bundled((*self.0.lock().expect("one thread")).to_owned()))
    }
}

#[test]
fn a_file_that_was_rebuilt_is_read_anew_once_it_is_attached_again() {
    let holds = Arc::new(Mutex::new("VC-6.0.0U1-Appliance-TP"));
    let mut operator = operator(lab(Box::new(Rebuilt(Arc::clone(&holds)))));
    let mut staged = || {
        director::run(&mut operator, "%disc attach update.iso --from datastore");
        director::run(&mut operator, "%advance 1m");
        if operator.current().is_none() {
            operator.login().expect("it is up");
        }
        operator.line("software-packages stage --iso --acceptEulas");
        operator.run_until_input();
        fact(&operator.lab, "vcsa01.staged.packages")
    };
    let few = staged();
    *holds.lock().expect("one thread") = "VC-6.0.0U1-Appliance-FP";
    assert_ne!(few, "143");
    assert_eq!(staged(), "143");
}

#[test]
fn only_who_was_idle_when_the_machine_went_down_in_order_ends_well() {
    let statuses = |end: &str| {
        let mut operator = operator(two_machines());
        let [here, idle, busy] = [(); 3].map(|()| open(&mut operator.lab, "vcsa01"));
        operator.turn_to_session(here);
        operator.lab.line(idle, "no such command");
        operator.lab.line(busy, "software-packages stage --iso --acceptEulas");
        if end.starts_with('%') {
            director::run(&mut operator, end);
        } else {
            operator.lab.line(here, end);
        }
        assert_ne!(operator.lab.session(here).closed, None, "{end}");
        [here, idle, busy].map(|id| operator.lab.session(id).status)
    };
    assert_eq!(statuses("shutdown reboot -r update"), [0, 0, 255]);
    assert_eq!(statuses("%power off"), [0, 0, 255]);
    assert_eq!(statuses("%power cut"), [255, 255, 255]);
}

#[test]
fn a_command_that_is_taken_back_while_it_runs_prints_nothing_more() {
    for live in [true, false] {
        let mut lab = two_machines();
        let id = lab.open("vcsa01", Terminal { live, ..Terminal::PIPE }).expect("it is up");
        output(&mut lab, id);
        let point = lab.point().expect("nothing runs");
        lab.line(id, "software-packages stage --iso --acceptEulas");
        let start = lab.now();
        lab.advance(start + Span::secs(120));
        let shown = output(&mut lab, id);
        assert!(!shown.ends_with('\n'), "a counter stands: {shown:?}");
        lab.advance(start + Span::secs(180));
        lab.restore(&point);
        assert_eq!(output(&mut lab, id), "\n", "the line is ended, the prompt stands alone");
        assert!(lab.screen(id).past().ends_with(&format!("{shown}\n")));
    }
}

#[test]
fn a_command_typed_while_another_ran_is_not_taken_back_alone() {
    let mut operator = operator(two_machines());
    let [one, other] = ["vcsa01", "vcsa02"].map(|machine| open(&mut operator.lab, machine));
    let type_in = |operator: &mut Operator, id, line: &str| {
        operator.turn_to_session(id);
        assert!(operator.line(line), "{line}");
    };
    type_in(&mut operator, one, "shell.set --enabled True");
    type_in(&mut operator, one, "software-packages stage --iso --acceptEulas");
    type_in(&mut operator, other, "shell.set --enabled True");
    type_in(&mut operator, other, "system.version.get");
    operator.turn_to_session(one);
    operator.run_until_input();
    let refused = director::run(&mut operator, "%undo");
    assert_eq!(
        refused.text,
        "appsh: `system.version.get` was typed while another command ran, and does not go without it; %undo 3 takes that \
         one back as well\n"
    );
    assert_eq!(director::run(&mut operator, "%undo 2").status, 1);
    assert_eq!(fact(&operator.lab, "vcsa01.staged.packages"), "143");
    assert_eq!(director::run(&mut operator, "%undo 5").text, "appsh: only 4 commands can be taken back\n");
    let taken = director::run(&mut operator, "%undo 3");
    assert!(taken.text.ends_with("before `software-packages stage --iso --acceptEulas`\n"), "{}", taken.text);
    assert_eq!(fact(&operator.lab, "vcsa01.staged.packages"), "0");
    assert!(director::run(&mut operator, "%undo").text.ends_with("before `shell.set --enabled True`\n"));
}

/// From bash, the appliance shell asks for the user's password before it runs a command.
#[test]
fn a_command_of_the_appliance_shell_asks_a_person_for_the_password() {
    for (password, expect) in [("right", "Version:"), ("wrong", "Failed to authenticate.")] {
        let mut lab = with_passwords("\"right\"");
        let id = lab.open("vcsa01", KEYBOARD).expect("it is up");
        assert!(lab.secret(id, "right"));
        for line in ["shell.set --enabled True", "shell", "appliancesh system.version.get"] {
            assert!(lab.line(id, line), "{line}");
            run(&mut lab, id);
        }
        output(&mut lab, id);
        assert_eq!(lab.waits(id), Waits::Secret);
        assert!(lab.secret(id, password));
        run(&mut lab, id);
        let text = output(&mut lab, id);
        assert!(text.contains(expect), "{password}: {text}");
    }
}

/// The Ruby console asks for the password of who is named: root has one, and a guest is nobody there.
#[test]
fn rvc_lets_in_whom_it_knows() {
    for (user, password, expect) in [
        ("root", "right", "0 /\n1 localhost/\n"),
        ("root", "wrong", "incorrect user name"),
        ("administrator@vsphere.local", "right", "0 /\n1 localhost/\n"),
        ("guest", "right", "incorrect user name"),
    ] {
        let mut lab = with_passwords("\"right\"");
        let id = lab.open("vcsa01", KEYBOARD).expect("it is up");
        assert!(lab.secret(id, "right"));
        assert!(lab.line(id, &format!("rvc {user}@localhost")));
        run(&mut lab, id);
        output(&mut lab, id);
        assert!(lab.secret(id, password), "{user}");
        run(&mut lab, id);
        let text = output(&mut lab, id);
        assert!(text.contains(expect), "{user} {password}: {text}");
    }
}

#[test]
fn sessions_without_a_prompt_can_be_asked_for_everything() {
    let mut lab = two_machines();
    let at_login = lab.open("vcsa02", Terminal { asks: true, ..Terminal::PIPE }).expect("it is up");
    let left = open(&mut lab, "vcsa01");
    lab.line(left, "exit");
    assert_eq!((lab.prompt(left).as_ref(), lab.complete(left, "sh").found.len()), ("", 0));
    lab.forget(left);
    lab.journal().keep(true);
    for id in [left, SessionId(99)] {
        assert_eq!(lab.waits(id), Waits::Closed(Closed::Exit));
        assert_eq!(lab.session(id).closed, Some(Closed::Exit));
        assert!(lab.screen(id).past().is_empty() && output(&mut lab, id).is_empty());
        assert!(!lab.line(id, "exit") && !lab.secret(id, "x"));
        lab.interrupt(id);
        lab.end_of_input(id);
        lab.look(id, Terminal::PIPE);
        lab.forget(id);
    }
    assert_eq!(lab.take_journal(), [], "what never came in is not replayed");
    for id in [left, at_login, SessionId(99)] {
        assert_eq!((lab.prompt(id).as_ref(), lab.complete(id, "sh").found.len()), ("", 0));
    }
}

/// Types these at the login's questions; whether they open a prompt.
fn log_in(lab: &mut Lab, secrets: &[&str]) -> bool {
    let id = lab.open("vcsa01", KEYBOARD).expect("it is up");
    secrets.iter().all(|secret| lab.secret(id, secret)) && lab.waits(id) == Waits::Prompt
}

/// An expired password is changed at the login.
fn change_password(lab: &mut Lab, current: &str, new: &str) {
    expire(lab);
    assert!(log_in(lab, &[current, current, "short", new, new]));
}

#[test]
fn a_changed_password_is_the_one_that_counts() {
    for (listed, current) in [("\"right\", \"other\"", "other"), ("", "whatever")] {
        let mut operator = operator(with_passwords(listed));
        for line in ["%clone create before", "%advance 1h"] {
            assert_eq!(director::run(&mut operator, line).status, 0, "{line}");
        }
        change_password(&mut operator.lab, current, "newsecret1");
        assert!(log_in(&mut operator.lab, &["newsecret1"]));
        assert!(!log_in(&mut operator.lab, &["right"]) && !log_in(&mut operator.lab, &[current]));
        change_password(&mut operator.lab, "newsecret1", "newsecret2");
        assert!(log_in(&mut operator.lab, &["newsecret2"]) && !log_in(&mut operator.lab, &["newsecret1"]));
        for line in ["%clone restore before", "%power on", "%advance 10m"] {
            assert_eq!(director::run(&mut operator, line).status, 0, "{line}");
        }
        assert!(log_in(&mut operator.lab, &[current]), "the clone has the password of its time");
    }
}

#[test]
fn passwords_that_are_typed_at_the_same_time_do_not_mix() {
    let mut lab = with_passwords("");
    expire(&mut lab);
    let [one, other] = [(); 2].map(|()| lab.open("vcsa01", KEYBOARD).expect("it is up"));
    for secret in ["whatever", "whatever", "newsecret1"] {
        assert!(lab.secret(one, secret));
    }
    assert!(lab.secret(other, "in between"));
    assert!(lab.secret(one, "newsecret1"));
    assert_eq!(lab.waits(one), Waits::Prompt);
}

#[test]
fn a_secret_leaves_no_trace_and_its_change_can_be_replayed() {
    let mut lab = with_passwords("");
    lab.journal().keep(true);
    change_password(&mut lab, "whatever", "newsecret1");
    let entries = lab.take_journal();
    let kept = format!("{}{}", json(&entries), json(&lab.point()));
    assert!(["whatever", "short", "newsecret1"].iter().all(|secret| !kept.contains(secret)));
    let digest = json(&Password::of("vcsa01", "whatever"));
    assert!(!kept.contains(&digest), "of a password that is not being chosen there is no digest, either");
    let mut again = with_passwords("");
    expire(&mut again);
    let id = again.open("vcsa01", KEYBOARD).expect("it is up");
    for entry in entries {
        if let What::Secret { verdict, .. } = entry.what {
            assert!(again.verdict(id, verdict));
        }
    }
    assert!(log_in(&mut again, &["newsecret1"]) && !log_in(&mut again, &["newsecret2"]));
}

#[test]
fn a_clone_takes_its_time_and_is_the_machine_of_its_beginning() {
    let mut operator = operator(two_machines());
    let mut direct = |line: &str| director::run(&mut operator, line).text;
    assert!(direct("%clone create before").contains("takes 10m 44s"));
    assert_eq!(direct("%clone create before"), "appsh: a clone before is being made already\n");
    assert_eq!(direct("%clone list"), "vcsa01: no clones yet\n");
    assert!(direct("%clone restore before").contains("still being made"));
    direct("%advance 5m");
    assert_eq!(direct("%vm tasks"), "2015-10-08T02:43:36.000Z  Clone virtual machine to before  Running 46 %\n");
    direct("%power cut");
    direct("%advance 6m");
    let tasks = direct("%vm tasks --via esx01");
    assert!(tasks.ends_with("T02:54:20.241Z  Clone virtual machine to before  Completed\n"), "{tasks}");
    assert_eq!(direct("%clone list"), "before  made 2015-10-08T02:43:36.000Z\n");
    direct("%clone restore before");
    assert_eq!(direct("%facts vcsa01.phase"), "vcsa01.phase = off\n");
    assert!(direct("%clone create another").contains("takes 10m 44s"));
    direct("%advance 1m");
    assert!(direct("%clone delete another").contains("not made any further"));
    assert!(direct("%vm tasks --via esx01").ends_with("another  The task was canceled by a user.\n"));
    assert_eq!(operator.lab.next_due(), None);
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}
