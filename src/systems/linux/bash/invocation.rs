//! `bash` as a program: its options, and what it runs.

use std::sync::Arc;

use super::super::distro::Dialect;
use super::super::fs::Errno;
use super::super::io::{Boxed, Cut};
use super::super::proc::{Ended, Proc, Request};
use super::builtins::Argument;
use super::scripts::Origin;
use super::search::is_binary;
use super::{Sh, Start, cost};
use crate::systems::linux::model::bash::{StartUp, Variable};
use crate::world::Shell;

/// The program: `bash [options] [-c text | script | -s] [arguments]`.
///
/// # Errors
/// [`super::super::io::Cut`]
pub async fn invoke(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut wish = Wish::default();
    let mut rest = arguments;
    while let Some(word) = rest.first() {
        let on = word.starts_with('-');
        match word.as_str() {
            "-" | "--" => {
                rest = &rest[1..];
                break;
            }
            "--login" => wish.login = true,
            "--norc" => wish.start_up.inner = Some(None),
            "--noprofile" => wish.start_up.skips_profile = true,
            "--posix" => wish.options.push(("posix".to_owned(), true)),
            "--verbose" => wish.letters.push(('v', true)),
            "--restricted" => wish.letters.push(('r', true)),
            "--noediting" => {}
            "--rcfile" | "--init-file" => {
                rest = &rest[1..];
                let Some(file) = rest.first() else {
                    p.complain(&format!("{}: option requires an argument", &word[2..])).await?;
                    return Ok(2);
                };
                wish.start_up.inner = Some(Some(file.clone()));
            }
            "--help" if !is_ash(p) => {
                let text = help(p, true);
                p.out(&text).await?;
                return Ok(0);
            }
            "--help" | "--version" | "--debug" | "--debugger" | "--dump-po-strings" | "--dump-strings"
            | "--pretty-print" => {
                return p.gap(&format!("{} {word}", p.name));
            }
            option if option.starts_with("--") => return wrong(p, option).await,
            option if option.len() > 1 && option.starts_with(['-', '+']) => {
                for letter in option[1..].chars() {
                    match letter {
                        'c' if on => wish.text = true,
                        's' if on => wish.standard_input = true,
                        'i' if on => wish.interactive = true,
                        'l' if on => wish.login = true,
                        'D' if on => return p.gap(&format!("{} -D", p.name)),
                        'o' | 'O' => {
                            rest = rest.get(1..).unwrap_or_default();
                            let list = if letter == 'o' { &mut wish.options } else { &mut wish.shopts };
                            match rest.first() {
                                Some(name) => list.push((name.clone(), on)),
                                None => wish.lists = Some((letter, on)),
                            }
                        }
                        letter => wish.letters.push((letter, on)),
                    }
                }
            }
            _ => break,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    run(p, &wish, rest).await
}

#[derive(Default)]
struct Wish {
    text: bool,
    standard_input: bool,
    interactive: bool,
    login: bool,
    letters: Vec<(char, bool)>,
    options: Vec<(String, bool)>,
    shopts: Vec<(String, bool)>,
    /// `-o` or `-O` without a name: all of them are listed.
    lists: Option<(char, bool)>,
    start_up: StartUp,
}

/// `-o` and `-O` without a name.
fn list_options(mut shell: Sh, letter: char, on: bool) -> Boxed<'static, Ended> {
    Box::pin(async move {
        let words = match (letter, on) {
            ('o', on) => vec!["set".to_owned(), if on { "-o" } else { "+o" }.to_owned()],
            (_, true) => vec!["shopt".to_owned()],
            (_, false) => vec!["shopt".to_owned(), "-p".to_owned()],
        };
        let name = words[0].clone();
        let run = shell.named(&name, words.into_iter().map(Argument::Word).collect(), &[]).await;
        shell.leave(run).await
    })
}

/// What a shell that somebody is to type into says where there is no terminal.
fn say_no_jobs(p: &mut Proc) -> Boxed<'_, Result<(), Cut>> {
    Box::pin(async move {
        let (group, errno) = (p.pid, Errno::Notty.text());
        p.complain(&format!("cannot set terminal process group ({group}): {errno}")).await?;
        p.complain("no job control in this shell").await
    })
}

/// What is said of an option that there is not.
fn wrong<'a>(p: &'a mut Proc, option: &'a str) -> Boxed<'a, Ended> {
    Box::pin(wrong_option(p, option))
}

async fn wrong_option(p: &mut Proc, option: &str) -> Ended {
    if is_ash(p) {
        let sign: String = option.chars().take(2).collect();
        p.complain(&format!("illegal option {sign}")).await?;
        return Ok(2);
    }
    let usage = help(p, false);
    p.complain(&format!("{option}: invalid option")).await?;
    p.err(&usage).await?;
    Ok(2)
}

fn is_ash(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.dialect() == Dialect::Ash)
}

/// How it is called; with `long`, where to read more.
fn help(p: &Proc, long: bool) -> String {
    const OPTIONS: [(&str, u32); 17] = [
        ("debug", 0),
        ("debugger", 0),
        ("dump-po-strings", 0),
        ("dump-strings", 0),
        ("help", 0),
        ("init-file", 0),
        ("login", 0),
        ("noediting", 0),
        ("noprofile", 0),
        ("norc", 0),
        ("posix", 0),
        ("pretty-print", 5),
        ("rcfile", 0),
        ("restricted", 0),
        ("rpm-requires", 0),
        ("verbose", 0),
        ("version", 0),
    ];
    let (version, vendor) = p.peek(|linux| (linux.bash_version().to_owned(), linux.distro.vendor));
    let name = &p.name;
    let (machine, major) = (vendor.bash_machine().0, version[..1].parse().unwrap_or(5));
    let mut text = if long { format!("GNU bash, version {version}-({machine})\n") } else { String::new() };
    text.push_str(&format!(
        "Usage:\t{name} [GNU long option] [option] ...\n\t{name} [GNU long option] [option] script-file ...\n\
         GNU long options:\n"
    ));
    // Red Hat's own tells what a script needs.
    let has =
        |(option, since): &(&str, u32)| *since <= major && (*option != "rpm-requires" || machine.contains("redhat"));
    text.extend(OPTIONS.iter().filter(|option| has(option)).map(|(option, _)| format!("\t--{option}\n")));
    let letters = if major >= 5 { "abefhkmnptuvxBCEHPT" } else { "abefhkmnptuvxBCHP" };
    text.push_str(&format!(
        "Shell options:\n\t-ilrsD or -c command or -O shopt_option\t\t(invocation only)\n\t-{letters} or -o option\n"
    ));
    if long {
        text.push_str(&format!(
            "Type `{name} -c \"help set\"' for more information about shell options.\n\
             Type `{name} -c help' for more information about shell builtin commands.\n\
             Use the `bashbug' command to report bugs.\n"
        ));
        if major > 4 || version.starts_with("4.4") {
            text.push_str(
                "\nbash home page: <http://www.gnu.org/software/bash>\n\
                 General help using GNU software: <http://www.gnu.org/gethelp/>\n",
            );
        }
    }
    text
}

async fn run(p: &mut Proc, wish: &Wish, rest: &[String]) -> Ended {
    let at_terminal = p.files.is_terminal(0);
    let keyboard = !wish.text && at_terminal && (wish.standard_input || rest.is_empty());
    let name = match (wish.text, rest) {
        (true, [_, name, ..]) => name.clone(),
        (false, [script, ..]) if !wish.standard_input => script.clone(),
        _ => p.name.clone(),
    };
    let text = match rest {
        [] if wish.text => {
            let complaint = if is_ash(p) { "-c requires an argument" } else { "-c: option requires an argument" };
            p.complain(complaint).await?;
            return Ok(2);
        }
        [text, ..] if wish.text => text.clone(),
        _ if keyboard => String::new(),
        [script, ..] if !wish.standard_input => match p.read_whole(script).await? {
            Ok(bytes) if is_binary(&bytes) => {
                p.err(&format!("{script}: {script}: cannot execute binary file\n")).await?;
                return Ok(126);
            }
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(errno) => {
                let why = errno.text();
                let complaint =
                    if is_ash(p) { format!("can't open '{script}': {why}") } else { format!("{script}: {why}") };
                p.complain(&complaint).await?;
                return Ok(if is_ash(p) {
                    2
                } else if errno == Errno::Noent {
                    127
                } else {
                    126
                });
            }
        },
        _ => String::new(),
    };
    let by_input = !wish.text && !keyboard && (wish.standard_input || rest.is_empty());
    let interactive = keyboard || wish.interactive;
    let mut start = Start::by(p, &name, interactive);
    if wish.login {
        start = start.as_login();
    }
    let mut shell = Sh::new(p.again(), start.bash());
    // A program that is a shell takes more of the stack than a function.
    shell.p.depth += cost::SHELL;
    let mut wants_limits = p.name.trim_start_matches('-') == "rbash";
    let positional =
        if wish.standard_input { rest } else { rest.get(if wish.text { 2 } else { 1 }..).unwrap_or_default() };
    shell.st.positional = positional.to_vec();
    if wish.text && !shell.is_ash() {
        shell.st.variables.insert("BASH_EXECUTION_STRING".to_owned(), Variable::text(&text));
    }
    shell.st.reads = match () {
        () if shell.is_ash() => None,
        () if wish.text => Some('c'),
        () if by_input || keyboard => Some('s'),
        () => None,
    };
    for (letter, on) in &wish.letters {
        if *letter == 'r' && !shell.is_ash() {
            wants_limits |= on;
        } else if !shell.switch_letter(*letter, *on) {
            return wrong(p, &format!("{}{letter}", if *on { '-' } else { '+' })).await;
        }
    }
    for (option, on) in &wish.options {
        if !shell.switch(option, *on) {
            let sign = if *on { '-' } else { '+' };
            let complaint = match is_ash(p) {
                true => format!("illegal option {sign}o {option}"),
                false => format!("{}: {option}: invalid option name", p.name),
            };
            p.complain(&complaint).await?;
            return Ok(2);
        }
    }
    for (name, on) in &wish.shopts {
        if !shell.switch_shopt(name, *on) {
            p.complain(&format!("{name}: invalid shell option name")).await?;
            return Ok(2);
        }
    }
    if let Some((letter, on)) = wish.lists {
        return list_options(shell, letter, on).await;
    }
    shell.st.start_up = wish.start_up.clone();
    shell.st.limited = wants_limits;
    if keyboard {
        shell.st.files = p.files.keep();
        p.request = Some(Request::Enter(Shell::Linux(Arc::new(shell.st))));
        return Ok(0);
    }
    let origin = if wish.text { Origin::Option } else { Origin::Script };
    if wish.text {
        shell.fatal = 127;
    }
    let has_terminal = p.peek(|linux| linux.processes.get(p.pid).is_some_and(|process| process.tty.is_some()));
    if interactive && !shell.is_ash() && !has_terminal {
        say_no_jobs(p).await?;
        shell.st.options.remove("monitor");
    }
    let mut run = Box::pin(shell.start_up()).await;
    shell.begin_limits();
    if run.is_ok() {
        run = match by_input {
            true => Box::pin(shell.run_input()).await,
            false => Box::pin(shell.run_text(&text, origin)).await,
        };
    }
    shell.leave(run).await
}

/// What standard input gives, run by a shell which is the program `p` itself: `ssh host` and `su` where no person types.
///
/// # Errors
/// [`super::super::io::Cut`]
pub async fn run_input(p: &mut Proc) -> Ended {
    let name = p.name.clone();
    let mut shell = Sh::new(p.again(), Start::by(p, &name, false).bash());
    shell.p.depth += cost::PROGRAM;
    let run = Box::pin(shell.run_input()).await;
    shell.leave(run).await
}

/// A command line that is run by a shell which is the program `p` itself: what `ssh host command` and `su -c` do.
///
/// # Errors
/// [`super::super::io::Cut`]
pub async fn run_line(p: &mut Proc, text: &str) -> Ended {
    let name = p.name.clone();
    let mut shell = Sh::new(p.again(), Start::by(p, &name, false).bash());
    shell.p.depth += cost::PROGRAM;
    let run = Box::pin(shell.run_text(text, Origin::Option)).await;
    shell.leave(run).await
}
