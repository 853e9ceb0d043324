//! `bash` as a program: its options, and what it runs.

use std::sync::Arc;

use super::super::proc::{Ended, Proc, Request};
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
            "--noediting" => {}
            "--rcfile" | "--init-file" => {
                rest = &rest[1..];
                let Some(file) = rest.first() else {
                    p.complain(&format!("{}: option requires an argument", &word[2..])).await?;
                    return Ok(2);
                };
                wish.start_up.inner = Some(Some(file.clone()));
            }
            "--version" | "--help" => return p.gap(&format!("{} {word}", p.name)),
            option if option.starts_with("--") => {
                p.complain(&format!("{option}: invalid option")).await?;
                return Ok(2);
            }
            option if option.len() > 1 && option.starts_with(['-', '+']) => {
                for letter in option[1..].chars() {
                    match letter {
                        'c' if on => wish.text = true,
                        's' if on => wish.standard_input = true,
                        'i' if on => wish.interactive = true,
                        'l' if on => wish.login = true,
                        'o' => {
                            rest = rest.get(1..).unwrap_or_default();
                            wish.options.push((rest.first().cloned().unwrap_or_default(), on));
                        }
                        'O' => {
                            rest = rest.get(1..).unwrap_or_default();
                            let Some(name) = rest.first() else { return p.gap("bash -O without a name") };
                            wish.shopts.push((name.clone(), on));
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
    start_up: StartUp,
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
            p.complain("-c: option requires an argument").await?;
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
                p.complain(&format!("{script}: {}", errno.text())).await?;
                return Ok(if errno == super::super::fs::Errno::Noent { 127 } else { 126 });
            }
        },
        _ => String::new(),
    };
    let by_input = !wish.text && !keyboard && (wish.standard_input || rest.is_empty());
    let mut start = Start::by(p, &name, keyboard || wish.interactive);
    if wish.login {
        start = start.as_login();
    }
    let mut shell = Sh::new(p.again(), start.bash());
    // A program that is a shell takes more of the stack than a function.
    shell.p.depth += cost::SHELL;
    let positional =
        if wish.standard_input { rest } else { rest.get(if wish.text { 2 } else { 1 }..).unwrap_or_default() };
    shell.st.positional = positional.to_vec();
    if wish.text && !shell.is_ash() {
        shell.st.variables.insert("BASH_EXECUTION_STRING".to_owned(), Variable::text(&text));
    }
    for (letter, on) in &wish.letters {
        if !shell.switch_letter(*letter, *on) {
            p.complain(&format!("-{letter}: invalid option")).await?;
            return Ok(2);
        }
    }
    for (option, on) in &wish.options {
        if !shell.switch(option, *on) {
            p.complain(&format!("{option}: invalid option name")).await?;
            return Ok(2);
        }
    }
    for (name, on) in &wish.shopts {
        if !shell.switch_shopt(name, *on) {
            p.complain(&format!("{name}: invalid shell option name")).await?;
            return Ok(2);
        }
    }
    shell.st.start_up = wish.start_up.clone();
    if keyboard {
        shell.st.files = p.files.keep();
        p.request = Some(Request::Enter(Shell::Linux(Arc::new(shell.st))));
        return Ok(0);
    }
    let origin = if wish.text { Origin::Option } else { Origin::Script };
    if wish.text {
        shell.fatal = 127;
    }
    let run = match by_input {
        true => Box::pin(shell.run_input()).await,
        false => Box::pin(shell.run_text(&text, origin)).await,
    };
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
