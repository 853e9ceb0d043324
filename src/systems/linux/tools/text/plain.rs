//! Builtins of bash that are programs too: `/usr/bin/printf`, `echo`, `test`, `[`, `pwd`, `true`, `false`, with the words of
//! GNU coreutils 8.30.

use crate::bash::test::{self, Files};
use crate::bash::{printf as format, quote};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::file_test;
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("[", evaluate),
    tool!("echo", echo),
    tool!("false", no),
    tool!("printf", printf),
    tool!("pwd", pwd),
    tool!("test", evaluate),
    tool!("true", yes),
];

async fn yes(_: &mut Proc, _: &[String]) -> Ended {
    Ok(0)
}

async fn no(_: &mut Proc, _: &[String]) -> Ended {
    Ok(1)
}

async fn echo(p: &mut Proc, words: &[String]) -> Ended {
    if let [one] = words
        && matches!(one.as_str(), "--help" | "--version")
    {
        return p.gap(&format!("echo {one}"));
    }
    let (mut newline, mut escapes, mut words) = (true, false, words);
    while let [first, rest @ ..] = words
        && let Some(flags) = first.strip_prefix('-')
        && !flags.is_empty()
        && flags.chars().all(|flag| "neE".contains(flag))
    {
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    let mut bytes = text.clone().into_bytes();
    if escapes {
        let (resolved, stop) = quote::echo_escapes(&text);
        bytes = resolved;
        newline &= !stop;
    }
    if newline {
        bytes.push(b'\n');
    }
    p.write(1, &bytes).await?;
    Ok(0)
}

async fn printf(p: &mut Proc, words: &[String]) -> Ended {
    let words = match words {
        [one] if matches!(one.as_str(), "--help" | "--version") => return p.gap(&format!("printf {one}")),
        [dashes, rest @ ..] if dashes == "--" => rest,
        words => words,
    };
    let [form, arguments @ ..] = words else { return input::misused(p, "missing operand", 1).await };
    let printed = format::format(form, arguments, None);
    p.write(1, &printed.text).await?;
    for complaint in &printed.complaints {
        p.complain(complaint).await?;
    }
    if printed.too_long {
        return Err(Cut::Limit("output"));
    }
    Ok(printed.status)
}

const PWD: Spec = Spec { short: "LP", long: &[("logical", 'L'), ("physical", 'P')], gaps: "" };

async fn pwd(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &PWD, arguments, 1);
    if !given.operands.is_empty() {
        p.complain("ignoring non-option arguments").await?;
    }
    let physical = p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, "."));
    let named = p.env("PWD").filter(|path| path.starts_with('/') && p.lookup(path).ok() == p.lookup(".").ok());
    let logical = named.filter(|_| given.last_of("LP") == Some('L')).map(str::to_owned);
    match (logical, physical) {
        (Some(path), _) | (None, Ok(path)) => {
            p.out(&format!("{path}\n")).await?;
            Ok(0)
        }
        (None, Err(errno)) => p.fail(&format!("cannot get current directory: {}", errno.text())).await,
    }
}

async fn evaluate(p: &mut Proc, words: &[String]) -> Ended {
    let mut operands: Vec<&str> = words.iter().map(String::as_str).collect();
    if p.name.ends_with('[') && operands.pop() != Some("]") {
        return input::failed(p, "missing \u{2018}]\u{2019}", 2).await;
    }
    let result = test::evaluate(&operands, &Seen(p));
    match result {
        Ok(holds) => Ok(u8::from(!holds)),
        Err(complaint) => input::failed(p, &complaint, 2).await,
    }
}

/// Files as a program sees them that is no shell.
struct Seen<'a>(&'a Proc);

impl Files for Seen<'_> {
    fn unary(&self, operator: char, operand: &str) -> bool {
        match operator {
            'n' => !operand.is_empty(),
            'z' => operand.is_empty(),
            _ => file_test::unary(self.0, operator, operand),
        }
    }

    fn binary(&self, operator: &str, a: &str, b: &str) -> bool {
        file_test::binary(self.0, operator, a, b)
    }
}
