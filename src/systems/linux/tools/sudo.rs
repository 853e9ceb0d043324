//! `sudo` (1.8; 1.7 on SLES 11): a command or a shell as another user, as far as sudoers(5) lets, with what the log says of it.

use super::getopt::{Given, Spec};
use super::su::{Become, REFUSAL, has_program, own_tty, refused};
use super::sudoers::{Asker, Sudoers, Verdict, Wish};
use super::{Tool, tool};
use crate::bash::quote::shell_quote;
use crate::shell::coroutine::Await;
use crate::systems::linux::bash::Start;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::User;
use crate::systems::linux::model::log::Facility;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("sudo", sudo)];

const SUDO: Spec = Spec { short: "BEHilnsp:u:U:", long: &[], gaps: "A K P S b e k v V h: C: g: r: t: T:" };

const USAGE: &str = "\
usage: sudo -h | -K | -k | -V
usage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command]
usage: sudo [-AbEHknPS] [-r role] [-t type] [-C num] [-g group] [-h host] [-p prompt] [-T timeout] [-u user] [VAR=value] [-i|-s] [<command>]
usage: sudo -e [-AknS] [-r role] [-t type] [-C num] [-g group] [-h host] [-p prompt] [-T timeout] [-u user] file ...
";

/// So often it asks.
const TRIES: u32 = 3;

async fn sudo(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(strict p, &SUDO, arguments, |complaint| {
            p.complain(&complaint).await?;
            p.err(USAGE).await?;
            Ok(1) });
    let login = given.has('i');
    let sets = given.operands.iter().take_while(|word| is_assignment(word)).count();
    let (assignments, command) = given.operands.split_at(sets);
    if command.is_empty() && !login && !given.has('s') && !given.has('l') {
        p.err(USAGE).await?;
        return Ok(1);
    }
    let name = given.value('u').unwrap_or("root").to_owned();
    let user = p.peek(|linux| {
        let number = name.strip_prefix('#').and_then(|number| number.parse::<u32>().ok());
        linux.users().into_iter().find(|user| user.name == name || Some(user.uid) == number)
    });
    let Some(user) = user else { return p.fail(&format!("unknown user: {name}")).await };
    let sudoers = match p.peek(Sudoers::read) {
        Ok(sudoers) => sudoers,
        Err(complaints) => {
            let old = p.peek(|linux| linux.distro.vendor == Vendor::Suse);
            for text in complaints {
                p.complain(&text).await?;
            }
            p.complain("no valid sudoers sources found, quitting").await?;
            if !old {
                p.complain("unable to initialize policy plugin").await?;
            }
            return Ok(1);
        }
    };
    for why in &sudoers.passed_over {
        p.complain(why).await?;
    }
    if given.has('l') && command.is_empty() {
        return list(p, &given, &sudoers, &user).await;
    }
    let mut environment = p.world(|world, id| Start::environment(world, id, &user));
    if !login {
        let path = sudoers.value("secure_path").map(str::to_owned).or_else(|| p.env("PATH").map(str::to_owned));
        environment.extend(path.map(|path| ("PATH".to_owned(), path)));
        environment.extend([
            ("SUDO_USER".to_owned(), p.user.clone()),
            ("SUDO_UID".to_owned(), p.cred.uid.to_string()),
            ("SUDO_GID".to_owned(), p.cred.gid.to_string()),
        ]);
    }
    let pairs = assignments.iter().filter_map(|word| word.split_once('='));
    environment.extend(pairs.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let own_shell = p.env("SHELL").filter(|_| !login).map(str::to_owned);
    let shell = own_shell.unwrap_or_else(|| user.shell.clone());
    let wish = Become { by: "sudo", user, login, environment, shell };
    let words = commanded(p, &wish, command, login || given.has('s'));
    if !may(p, &given, &sudoers, &wish, &words).await? {
        return Ok(1);
    }
    if given.has('l') {
        p.out(&format!("{}\n", words.join(" "))).await?;
        return Ok(0);
    }
    if let [program, ..] = command
        && !login
        && !given.has('s')
        && !has_program(p, &wish, program)
    {
        return p.fail(&format!("{program}: command not found")).await;
    }
    tells(p, &wish.user.name, "", &words);
    wish.opens(p);
    let ended = match command {
        [] => wish.shell(p).await,
        // Without a login the user's shell has no part in it.
        _ if !login && !given.has('s') => wish.program(p, command.to_vec()).await,
        _ => {
            let words: Vec<String> = command.iter().map(|word| shell_quote(word)).collect();
            wish.command(p, Some(&words.join(" "))).await
        }
    };
    wish.closes(p);
    ended
}

/// The command with the program's whole path; a shell with what it is to do.
fn commanded(p: &Proc, wish: &Become, command: &[String], by_shell: bool) -> Vec<String> {
    let path = |program: &str| {
        let path = wish.environment.get("PATH").map(String::as_str).unwrap_or_default();
        let folders = path.split(':').map(|folder| format!("{folder}/{program}"));
        let found = folders.into_iter().find(|path| !program.contains('/') && p.lookup(path).is_ok());
        found.unwrap_or_else(|| program.to_owned())
    };
    if !by_shell {
        let mut words = command.to_vec();
        if let Some(first) = words.first_mut() {
            *first = path(first);
        }
        return words;
    }
    let mut words = vec![wish.shell.clone()];
    if !command.is_empty() {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-$ ".contains(letter);
        let line = command.join(" ");
        let escaped = line.chars().flat_map(|letter| (!plain(letter)).then_some('\\').into_iter().chain([letter]));
        words.extend(["-c".to_owned(), escaped.collect()]);
    }
    words
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

/// Writes in the log what was run, or why it was not.
fn tells(p: &Proc, target: &str, why: &str, words: &[String]) {
    let tty = own_tty(p).unwrap_or_else(|| "unknown".to_owned());
    let why_not = if why.is_empty() { String::new() } else { format!("{why} ; ") };
    let text =
        format!("{:>8} : {why_not}TTY={tty} ; PWD={} ; USER={target} ; COMMAND={}", p.user, p.cwd, words.join(" "));
    let (now, priority) = (p.now(), if why.is_empty() { 5 } else { 1 });
    p.linux(|linux| linux.auth_says(now, ("sudo", p.pid), (Facility::Auth, priority), &text));
}

/// Whether the user may, and knows the password where that is asked for.
async fn may(p: &mut Proc, given: &Given, sudoers: &Sudoers, wish: &Become, words: &[String]) -> Result<bool, Cut> {
    let own = p.user.clone();
    let target = wish.user.name.clone();
    let verdict = judge(p, sudoers, &wish.user, words);
    let free = verdict == Verdict::Allowed { asks: false };
    if !free && !knows(p, given, sudoers, (&wish.user, words)).await? {
        return Ok(false);
    }
    let host = p.peek(|linux| linux.hostname.clone());
    let why = match verdict {
        Verdict::Allowed { .. } => return Ok(true),
        Verdict::Unknown => {
            p.err(&format!("{own} is not in the sudoers file.  This incident will be reported.\n")).await?;
            "user NOT in sudoers"
        }
        Verdict::Elsewhere => {
            let host = short(&host);
            p.err(&format!("{own} is not allowed to run sudo on {host}.  This incident will be reported.\n")).await?;
            "user NOT authorized on host"
        }
        Verdict::Refused => {
            let command = words.join(" ");
            let text = format!("Sorry, user {own} is not allowed to execute '{command}' as {target} on {host}.\n");
            p.err(&text).await?;
            "command not allowed"
        }
    };
    tells(p, &target, why, words);
    Ok(false)
}

fn short(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}

fn judge(p: &Proc, sudoers: &Sudoers, target: &User, words: &[String]) -> Verdict {
    p.peek(|linux| {
        let asker = Asker { linux, name: &p.user, cred: &p.cred };
        sudoers.judge(&asker, &Wish { target, words })
    })
}

/// Asks for the password, where somebody is there to be asked; root is not.
async fn knows(
    p: &mut Proc,
    given: &Given,
    sudoers: &Sudoers,
    (target, words): (&User, &[String]),
) -> Result<bool, Cut> {
    if p.cred.is_root() || !sudoers.flag("authenticate", true) {
        return Ok(true);
    }
    if given.has('n') {
        p.complain("a password is required").await?;
        tells(p, &target.name, "a password is required", words);
        return Ok(false);
    }
    if !p.cx.with(|cx| cx.session.terminal.asks) {
        return Ok(true);
    }
    let (whose, uid) = match () {
        () if sudoers.flag("targetpw", false) => (target.name.clone(), target.uid),
        () if sudoers.flag("rootpw", false) => ("root".to_owned(), 0),
        () => (p.user.clone(), p.cred.uid),
    };
    for tried in 1..=TRIES {
        // SLES names who is asked for only where that is another.
        let prompt = match given.value('p') {
            Some(prompt) => prompt.replace("%p", &whose).replace("%u", &p.user).replace("%U", &target.name),
            None if p.peek(|linux| linux.distro.vendor == Vendor::Suse) => format!("{whose}'s password:"),
            None => format!("[sudo] password for {whose}: "),
        };
        p.err(&prompt).await?;
        if p.secret(Await::Secret(p.machine, uid)).await? {
            return Ok(true);
        }
        if tried == 1 {
            refused(p, "sudo", &whose);
        }
        p.pass(REFUSAL).await?;
        if tried < TRIES {
            p.err("Sorry, try again.\n").await?;
        }
    }
    let why = format!("{TRIES} incorrect password attempts");
    p.complain(&why).await?;
    tells(p, &target.name, &why, words);
    Ok(false)
}

/// `sudo -l`: what somebody may do here.
async fn list(p: &mut Proc, given: &Given, sudoers: &Sudoers, target: &User) -> Ended {
    let of = given.value('U').map_or_else(|| p.user.clone(), str::to_owned);
    let Some(asked) = p.peek(|linux| linux.user(&of)) else { return p.fail(&format!("unknown user: {of}")).await };
    if of != p.user && !p.cred.is_root() {
        let text = format!(
            "Sorry, user {} is not allowed to execute 'list' as {of} on {}.\n",
            p.user,
            p.peek(|linux| linux.hostname.clone())
        );
        p.err(&text).await?;
        return Ok(1);
    }
    let (rules, defaults, host) = p.peek(|linux| {
        let cred = linux.cred(&asked);
        let asker = Asker { linux, name: &of, cred: &cred };
        (sudoers.listed(&asker), sudoers.settings(), short(&linux.hostname).to_owned())
    });
    let words = ["list".to_owned()];
    let free = rules.iter().any(|rule| rule.contains("NOPASSWD:"));
    if !free && !knows(p, given, sudoers, (target, &words)).await? {
        return Ok(1);
    }
    p.inferred();
    tells(p, &target.name, if rules.is_empty() { "user NOT in sudoers" } else { "" }, &words);
    if rules.is_empty() {
        // root is told of another without a word of regret.
        let (text, status) = match of == p.user {
            true => (format!("Sorry, user {of} may not run sudo on {host}.\n"), 1),
            false => (format!("User {of} is not allowed to run sudo on {host}.\n"), 0),
        };
        p.out(&text).await?;
        return Ok(status);
    }
    if !defaults.is_empty() {
        let columns = p.cx.with(|cx| usize::from(cx.session.terminal.columns));
        let columns = if p.files.is_terminal(1) { columns } else { usize::MAX };
        let text = wrapped(&defaults.join(", "), columns);
        p.out(&format!("Matching Defaults entries for {of} on {host}:\n{text}\n")).await?;
    }
    p.out(&format!("User {of} may run the following commands on {host}:\n")).await?;
    for rule in rules {
        p.out(&format!("    {rule}\n")).await?;
    }
    Ok(0)
}

/// A text in lines of at most so many columns, four further in.
fn wrapped(text: &str, columns: usize) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && 4 + line.len() + 1 + word.len() > columns {
            lines.push_str(&format!("    {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    format!("{lines}    {line}\n")
}
