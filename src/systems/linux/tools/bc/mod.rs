//! `bc` as in GNU bc 1.07: numbers of any length, variables, functions, bases, the mathematical library. Lines are done as they
//! come. The addresses in its errors count the codes that were done, as those of a line without jumps are.

mod functions;
mod number;
mod parse;
mod run;
mod tokens;

use super::getopt::Spec;
use super::input::{self, Lines, Out, given};
use super::{Tool, tool};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use run::{Machine, Stop};
use tokens::Wrong;

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("bc", bc)];

const SPEC: Spec = Spec {
    short: "ilqsw",
    long: &[("interactive", 'i'), ("mathlib", 'l'), ("quiet", 'q'), ("standard", 's'), ("warn", 'w')],
    gaps: "h v",
};

const USAGE: &str = "\
usage: bc [options] [file ...]
  -h  --help         print this usage and exit
  -i  --interactive  force interactive mode
  -l  --mathlib      use the predefined math routines
  -q  --quiet        don't print initial banner
  -s  --standard     non-standard bc constructs are errors
  -w  --warn         warn about non-standard bc constructs
  -v  --version      print version information and exit
";

/// So many steps count as one of the shell's.
const STEPS: u64 = 64;

async fn bc(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err(USAGE).await?;
        Ok(1)
    });
    if given.has('s') || given.has('w') {
        return p.gap("bc that holds to the standard");
    }
    let mut machine = Machine::new(given.has('l'));
    if p.at_keyboard() && !given.has('q') {
        let version = p.peek(|linux| linux.distro.version_of("bc").unwrap_or("1.07.1"));
        p.out(&format!("bc {version}\n")).await?;
        p.inferred();
    }
    for file in &given.operands {
        let fd = match input::open(p, file) {
            Ok(fd) => fd,
            Err(_) => {
                p.err(&format!("File {file} is unavailable.\n")).await?;
                return Ok(1);
            }
        };
        let goes_on = read(p, &mut machine, fd, file).await?;
        input::close(p, fd);
        if let Some(status) = goes_on {
            return Ok(status);
        }
    }
    Ok(read(p, &mut machine, 0, "(standard_in)").await?.unwrap_or(0))
}

/// Does what stands in a file, until it ends or it is told to: then with its status.
async fn read(p: &mut Proc, machine: &mut Machine, fd: u32, name: &str) -> Result<Option<u8>, Cut> {
    let (mut lines, mut out) = (Lines::new(fd, b'\n'), Out::default());
    let (mut text, mut number) = (String::new(), 0);
    loop {
        let line = lines.next(p, &mut out).await?;
        let at_end = line.is_none();
        if let Some(line) = line {
            text.push_str(&String::from_utf8_lossy(&line));
            number += 1;
            if text.ends_with("\\\n") {
                continue;
            }
        }
        if at_end && text.trim().is_empty() {
            out.flush(p).await?;
            return Ok(None);
        }
        let statements = match parse::statements(&text) {
            Err(Wrong::Unfinished) if !at_end => continue,
            parsed => parsed,
        };
        text.clear();
        let statements = match statements {
            Ok(statements) => statements,
            Err(wrong) => {
                out.flush(p).await?;
                if let Wrong::Illegal(sign) = wrong {
                    p.err(&format!("{name} {number}: illegal character: {sign}\n")).await?;
                }
                let number = number + usize::from(wrong == Wrong::Syntax(true));
                p.err(&format!("{name} {number}: syntax error\n")).await?;
                continue;
            }
        };
        // What says `quit` ends when it is read, wherever that stands.
        let quits = statements.iter().position(|statement| *statement == parse::Stmt::Quit);
        let (steps, done) = machine.line(if quits.is_some() { &[] } else { &statements });
        let printed = std::mem::take(&mut machine.printed);
        let mut from = 0;
        for (place, warning) in std::mem::take(&mut machine.warnings) {
            out.text(&printed[from..place]);
            out.flush(p).await?;
            p.err(&format!("{warning}\n")).await?;
            from = place;
        }
        out.text(&printed[from..]);
        for _ in 0..steps / STEPS {
            p.tick().await?;
        }
        match done {
            Ok(()) if quits.is_none() => {}
            Ok(()) | Err(Stop::Quit) => {
                out.flush(p).await?;
                return Ok(Some(0));
            }
            Err(Stop::Error(text)) => {
                out.flush(p).await?;
                p.err(&format!("{text}\n")).await?;
            }
            Err(Stop::Limit(what)) => return Err(Cut::Limit(what)),
            Err(Stop::Gap(what)) => {
                out.flush(p).await?;
                let _ = p.gap(&format!("bc: {what}"));
            }
        }
        if at_end {
            out.flush(p).await?;
            return Ok(None);
        }
    }
}
