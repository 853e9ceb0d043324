//! The runner as a front end: prompts, questions, pagers, keys, machines, logins, the director, and what it complains about.

use super::{diff, passes, play, updated};

const LOGIN: &str = "
VMware vCenter Server Appliance 6.0.0

Type: vCenter Server with an embedded Platform Services Controller

Last login: Thu Oct  8 02:40:05 2015 from 192.168.10.11
Connected to service

    * List APIs: \"help api list\"
    * List Plugins: \"help pi list\"
    * Enable BASH access: \"shell.set --enabled True\"
    * Launch BASH: \"shell\"

";

#[test]
fn a_transcript_may_start_with_its_login_or_without() {
    passes("Command> date\nUnknown command: `date'\n");
    passes("\n\nCommand> date\nUnknown command: `date'\nCommand>");
    passes(&format!("{LOGIN}Command> date\nUnknown command: `date'\n"));
    passes(&format!("# head\n{LOGIN}"));
    passes(&format!("{LOGIN}%time\n2015-10-08T02:43:36.000Z\nCommand> date\nUnknown command: `date'\n"));
    passes("");
    passes("# only a remark\n");
}

#[test]
fn a_login_that_is_there_is_compared_whole() {
    let outcome = play("Connected to service\nCommand> exit\n");
    assert_eq!(diff(&outcome).len(), LOGIN.lines().count() - 1);
    let outcome = play(&LOGIN.replace("6.0.0", "6.0.0.10000"));
    assert_eq!(diff(&outcome), ["-2", "+VMware vCenter Server Appliance 6.0.0"]);
    assert_eq!((outcome.differences[0].line, outcome.differences[0].command.as_str()), (0, "login"));
}

#[test]
fn a_difference_knows_its_command_machine_and_time() {
    let outcome = play("Command> date\nUnknown command: `date'\n# why\nCommand> software-packages list --staged\nno\n");
    let [difference] = outcome.differences.as_slice() else { panic!("{outcome:?}") };
    assert_eq!((difference.line, difference.machine.as_str()), (4, "vcsa01"));
    assert_eq!(difference.command, "Command> software-packages list --staged");
    assert!(difference.at.to_string().starts_with("2015-10-08T02:43:36.3"), "{}", difference.at);
    assert_eq!(diff(&outcome), ["-5", "+ [2015-10-08T02:43:36.281] : Nothing is staged"]);
}

#[test]
fn the_time_of_a_difference_is_when_its_first_line_was_printed() {
    let outcome = play("Command> software-packages stage --iso --acceptEulas\n");
    let [difference] = outcome.differences.as_slice() else { panic!("{outcome:?}") };
    assert!(difference.at.to_string().starts_with("2015-10-08T02:43:36.1"), "{}", difference.at);
}

#[test]
fn every_blank_counts() {
    assert_eq!(diff(&play("Command> date\nUnknown command: `date' \n")), ["-2", "+Unknown command: `date'"]);
    assert!(!play("Command> date\nUnknown command: `date'\n\n").passed());
    passes("# normalize: timestamps\nCommand> date\nUnknown command: `date'   \n");
}

#[test]
fn a_quoted_line_is_shown_and_not_typed() {
    let outcome = play("Command> date\nUnknown command: `date'\n\\Command> exit\n");
    assert_eq!(diff(&outcome), ["-3"]);
    let text = "Command> \"# x\"\nUnknown command: `# x'\nCommand> help api '[..]'\n\\Unknown command: `[..]'\n";
    passes(text);
    assert_eq!(updated(&text.replace("\\Unknown", "Unwilling")).as_deref(), Some(text));
}

#[test]
fn a_question_is_answered_on_its_line() {
    let stage = "# normalize: timestamps\nCommand> software-packages stage --iso\n...\n";
    let ask = "Do you accept the terms and conditions?  [yes/no]";
    let end = "...\nCommand> software-packages list --staged\n [2015-10-08T02:43:36.281] : Nothing is staged\n";
    passes(&format!("{stage}[..]{ask} no\n{end}"));
    passes(&format!("{stage}[..]{ask}\n{ask} \n{ask} maybe\n{ask} no\n{end}"));
    passes(&format!("{stage}[..]{ask} ^C\n{end}"));
    passes(&format!("{stage}[..]{ask} ^D\n...\n{end}"));
}

#[test]
fn at_a_pager_enter_is_implied_and_keys_are_written() {
    let pager = "Press ENTER key for more or Ctrl+c to quit";
    let stage = "# normalize: timestamps\nCommand> software-packages stage --iso\n...\n";
    let end = "...\nCommand> date\nUnknown command: `date'\n";
    passes(&format!("{stage}{pager}^C\n{end}"));
    passes(&format!("{stage}{pager}\n...\n3. What happens when you refuse\n...\n{pager}^C\n{end}"));
    let outcome = play(&format!("{stage}{pager} yes\n{end}"));
    assert!(outcome.trouble.is_some_and(|trouble| trouble.line == 4 && trouble.text.contains("too much")));
}

#[test]
fn keys_at_a_prompt() {
    passes(
        "Command> half a command^C\nCommand> date\nUnknown command: `date'\nCommand> ^D\nCommand> date\nUnknown command: `date'\n",
    );
    let outcome = play("Command> half^D\n");
    assert!(outcome.trouble.is_some_and(|trouble| trouble.line == 1 && trouble.text.contains("^D")));
}

/// The lines of `stage` up to its counter.
const STAGE: &str = "Command> software-packages stage --iso --acceptEulas
 [2015-10-08T02:43:36.281] : Staging software update packages from ISO
 [2015-10-08T02:43:36.281] : ISO mounted successfully
 [2015-10-08 02:43:36,414] : Running pre-stage script.....
 [2015-10-08T02:43:37.281] : Verifying staging area
 [2015-10-08T02:43:37.281] : Validating software update payload
 [2015-10-08T02:43:37.281] : Validation successful
";
/// Its counter, without a value.
const COUNTS: &str = " [2015-10-08 02:43:37,722] : Processing software packages in update payload ";

#[test]
fn keys_while_a_command_runs_stand_behind_its_output() {
    let cancelled = |second: &str| {
        ["Operation cancelled", "ISO unmounted successfully", "Staging process failed"]
            .map(|text| format!(" [2015-10-08T{second}.281] : {text}\n"))
            .concat()
    };
    let end = "Command> date\nUnknown command: `date'\n";
    let check = |keys: &str, second: &str| passes(&format!("{STAGE}{keys}\n{}{end}", cancelled(second)));
    check(&format!("{COUNTS}1/143^C"), "02:43:39");
    check(&format!("{COUNTS}1/143+4s100ms^C"), "02:43:40");
    check(&format!("{COUNTS}+1s800ms^C"), "02:43:37");
    // Where the last line is whole, they stand on one of their own; where nothing was printed, right below the command.
    let begun: String = STAGE.split_inclusive('\n').take(2).collect();
    for (shown, keys) in [(&*begun, "^C"), (&*begun, "+200ms^C"), (begun.lines().next().expect("a line"), "\n+10ms^C")]
    {
        let not_mounted =
            cancelled("02:43:36").replace(" [2015-10-08T02:43:36.281] : ISO unmounted successfully\n", "");
        passes(&format!("{shown}{keys}\n{not_mounted}{end}"));
    }
    // A director line in the middle, and keys counted from there.
    let time = "2015-10-08T02:44:36.000Z";
    let rest = cancelled("02:44:46");
    passes(&format!("{STAGE}{COUNTS}19/143+1m%time\n{time}\n20/143+10s^C\n{rest}{end}"));
    // The line goes dead.
    passes(&format!("{STAGE}{COUNTS}19/143+1m^D\n{end}"));
    passes("# normalize: timestamps\nCommand> software-packages stage --iso --acceptEulas\n...\n[..]/143^C\n...\n");
}

#[test]
fn keys_at_a_place_that_the_output_never_comes_to_are_pointed_out() {
    let check = |keys: &str| {
        let text = format!("{STAGE}{COUNTS}{keys}\nCommand> software-packages list --staged\n...\n");
        let outcome = play(&text);
        assert_eq!(outcome.differences[0].unexplained, Some(STAGE.lines().count()), "{keys}: {outcome:#?}");
        let transcript = appsh::transcript::Transcript::parse(&text).expect("a transcript");
        let outcome = appsh::transcript::run(&transcript, &super::open, appsh::transcript::Pagers::Turned);
        assert!(appsh::transcript::update(&transcript, &outcome).is_err(), "{keys} would be lost");
    };
    check("150/143^C");
    check("1/143+1m^C");
    check("1/143+1h^C");
    // Where only what stands above differs, the keys are pressed.
    let text = format!("{}{COUNTS}19/143+1m^C\n", STAGE.replace("Verifying", "Guessing"));
    assert_eq!(diff(&play(&text)).len(), 2 + 3);
    let new = updated(&text).expect("new text");
    assert!(new.contains("19/143+1m^C\n [2015-10-08T02:44:36.281] : Operation cancelled\n"), "{new}");
    passes(&new);
}

#[test]
fn a_line_goes_to_the_machine_whose_prompt_it_starts_with() {
    passes(
        "# lab: two
Command> shell.set --enabled True
Command> shell
...
%login vcsa02
Command> shell
Shell is disabled.
Command> shell.set --enabled True
Command> shell
...
vcsa01:~ # vpxd -v
VMware VirtualCenter 6.0.0 build-2559267
vcsa02:~ # nosuchword
-bash: nosuchword: command not found
vcsa01:~ # exit
logout
Command> date
Unknown command: `date'
vcsa02:~ # exit
logout
",
    );
    passes(
        "# lab: two\n# machine: vcsa02\nCommand> shell.set --enabled true\nCommand> shell\n...\nvcsa02:~ # exit\nlogout\n",
    );
}

#[test]
fn a_prompt_of_a_machine_without_a_session_opens_one_where_no_other_has_it() {
    // In the root shell of the first machine, `Command>` can only be the second one's.
    let text = format!(
        "# lab: two
Command> shell.set --enabled True
Command> shell
...
{LOGIN}Command> shell
Shell is disabled.
vcsa01:~ # exit
logout
"
    );
    passes(&text);
    passes(&text.replace(LOGIN, ""));
}

#[test]
fn a_question_waits_while_one_turns_to_another_machine() {
    passes(
        "# lab: two
# normalize: timestamps
Command> software-packages stage --iso
...
%login vcsa02
Command> date
Unknown command: `date'
%login vcsa01
[..]Do you accept the terms and conditions?  [yes/no] no
 [2015-10-08T02:43:37.281] : EULA was not accepted
 [2015-10-08T02:43:37.281] : ISO unmounted successfully
 [2015-10-08T02:43:37.281] : Staging process failed
Command> date
Unknown command: `date'
",
    );
}

#[test]
fn the_last_words_of_a_session_that_ended_elsewhere_are_shown() {
    let text = "# lab: two
# normalize: timestamps
%login vcsa02
Command> shutdown reboot -d 1 -r x
Command> software-packages stage --iso
...
%login vcsa01
%advance 10m
Command> date
Unknown command: `date'
%login vcsa02
[..]Do you accept the terms and conditions?  [yes/no]
Command> date
Unknown command: `date'
";
    passes(text);
    assert!(!play(&text.replace("[..]Do you accept the terms and conditions?  [yes/no]\n", "")).passed());
}

#[test]
fn after_a_reboot_the_next_line_waits_for_the_next_login() {
    passes(
        "Command> shutdown reboot -r x
%time
2015-10-08T02:43:36.000Z
Command> system.version.get
[ERROR]: Failed to connect to service.
",
    );
    let outcome = play("Command> shutdown poweroff -r x\nCommand> date\n");
    assert!(
        outcome.trouble.as_ref().is_some_and(|trouble| trouble.line == 2 && trouble.text.contains("takes no logins")),
        "{outcome:?}"
    );
}

#[test]
fn a_login_that_was_denied_is_made_because_it_is_shown() {
    let denied = "
VMware vCenter Server Appliance 6.0.0

Type: vCenter Server with an embedded Platform Services Controller

WARNING: Your password has expired.
Password change required but no TTY available.
";
    let expire = "%fault add password-expired\nappsh: fault 1: password-expired on vcsa01\nCommand> exit\n";
    let clear = "%fault clear\nappsh: 1 cleared\nCommand> date\nUnknown command: `date'\n";
    passes(&format!("{expire}{denied}{clear}"));
    passes(&format!("{expire}{denied}{denied}{denied}{clear}"));
    passes(&format!("{expire}{denied}{denied}"));
    passes(&format!("{expire}{clear}"));
    // Nothing but a login is made: what else is too much is pointed out, and nobody has logged in for it.
    let outcome = play(&format!("{expire}nonsense\n{clear}"));
    assert_eq!(diff(&outcome), ["-4"]);
    let text = format!("{expire}{denied}{clear}");
    assert_eq!(updated(&text.replace("has expired", "is old")).as_deref(), Some(&*text));
}

#[test]
fn the_director_may_be_spoken_to_at_a_prompt_as_at_a_keyboard() {
    passes("%time\n2015-10-08T02:43:36.000Z\nCommand> %time\n2015-10-08T02:43:36.000Z\n%pace\ninstant\n%pace real\n");
    passes(
        "Command> date\nUnknown command: `date'\n%undo\nappsh: it is 2015-10-08T02:43:36.000Z again, before `date`\n%quit\n# end\n",
    );
}

#[test]
fn what_cannot_go_on_is_said_with_its_line() {
    let check = |text: &str, line: usize, expect: &str| {
        let trouble = play(text).trouble.unwrap_or_else(|| panic!("{text}"));
        assert_eq!(trouble.line, line, "{text}: {}", trouble.text);
        assert!(trouble.text.contains(expect), "{text}: {}", trouble.text);
    };
    check("# machine: vcsa09\nCommand>\n", 1, "vcsa09");
    check("Command> software-packages stage --iso\nCommand> exit\n", 2, "pager's line is missing");
    check("Command> software-packages stage --iso\n...\nCommand> exit\n", 3, "question with its answer is missing");
    check("Command> software-packages stage --iso\n...\n", 3, "question with its answer is missing");
    check("%quit\n# a remark\nCommand> date\n", 3, "behind %quit");
    check("%record x.txt\n", 1, "recorded");
    check("Command> exit\n%fault add password-expired\n...\nCommand> date\n", 4, "no prompt");
}

#[test]
fn a_line_that_no_prompt_explains_is_pointed_out() {
    let outcome = play("Command> date\nUnknown command: `date'\nvcsa01:~ # ls\nfile\n");
    assert_eq!(outcome.differences[0].unexplained, Some(2));
    let outcome = play("Comand> date\nUnknown command: `date'\n");
    assert_eq!(outcome.differences[0].unexplained, Some(0));
}

#[test]
fn an_update_keeps_head_remarks_typed_lines_and_all_that_agrees() {
    let old = "# a head\n\n# a remark\nCommand> date\n# about date\nwrong\n%time\nwrong\nCommand>\nwrong\nCommand> software-packages list --staged\n";
    let new = "# a head\n\n# a remark\nCommand> date\n# about date\nUnknown command: `date'\n%time\n2015-10-08T02:43:36.000Z\nCommand>\nCommand> software-packages list --staged\n [2015-10-08T02:43:36.281] : Nothing is staged\n";
    assert_eq!(updated(old).as_deref(), Some(new));
    assert_eq!(updated(new), None);
    assert_eq!(updated(&old.replace('\n', "\r\n")), Some(new.replace('\n', "\r\n")));
}

#[test]
fn an_update_turns_the_pages_that_are_new() {
    let question = "   without a line break.Do you accept the terms and conditions?  [yes/no] no\n";
    let text = updated(&format!("Command> software-packages stage --iso\n{question}")).expect("new text");
    assert_eq!(text.matches("\nPress ENTER key for more or Ctrl+c to quit\n").count(), 5);
    passes(&text);
    assert_eq!(updated(&text), None);
}

#[test]
fn an_update_does_not_lose_what_somebody_typed() {
    let transcript = appsh::transcript::Transcript::parse("Command> shell\nvcsa01:~ # ls\n").expect("a transcript");
    let outcome = appsh::transcript::run(&transcript, &super::open, appsh::transcript::Pagers::Turned);
    let refusal = appsh::transcript::update(&transcript, &outcome).expect_err("a typed line would be lost");
    assert_eq!(refusal.0.line, 2);
}

#[test]
fn an_update_does_not_make_the_rest_read_in_another_way() {
    // Once the first line is gone, a remark would be of the head, or the line ends would be those of Windows.
    for text in ["# lab: vcsa-6.0\ntext\n# lab: x\n%time\n", "text\n%time\r\n"] {
        let transcript = appsh::transcript::Transcript::parse(text).expect("a transcript");
        let outcome = appsh::transcript::run(&transcript, &super::open, appsh::transcript::Pagers::Turned);
        let refused = appsh::transcript::update(&transcript, &outcome);
        assert!(
            refused.is_err() || refused.is_ok_and(|new| new.is_some_and(|new| super::play(&new).passed())),
            "{text:?}"
        );
    }
}
