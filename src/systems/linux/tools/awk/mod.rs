//! `awk`, as gawk 4.2 of RHEL 8 has it; the truth comes from POSIX, from gawk's manual and from what it prints. A program
//! becomes a list of instructions, which a machine with a stack runs. Left out on purpose, and said so: `switch`, arrays of
//! arrays, `BEGINFILE`, `FIELDWIDTHS`, `patsplit`, indirect calls, loaded libraries. A command behind `|` is run when its
//! output is first asked for, to its end; one that is written to gets everything when it is closed.

mod array;
mod builtin;
mod code;
mod express;
mod format;
mod lex;
mod parse;
mod pattern;
mod record;
mod run;
mod storage;
mod streams;
#[cfg(test)]
mod tests;
mod text;
mod value;

use super::getopt::Spec;
use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
use parse::Source;
use run::{Machine, Stop};

/// The programs of this folder.
pub static TOOLS: &[Tool] = &[tool!("awk", awk), tool!("gawk", awk)];

const SPEC: Spec = Spec {
    short: "F:v:f:W:bcCd::D::e:E:ghi:l:L::nNo::OpPrsStV",
    long: &[
        ("assign:", 'v'),
        ("field-separator:", 'F'),
        ("file:", 'f'),
        ("help", 'h'),
        ("posix", 'P'),
        ("re-interval", 'r'),
        ("source:", 'e'),
        ("traditional", 'c'),
        ("version", 'V'),
    ],
    gaps: "",
};

/// What is printed when there is no program: the beginning of gawk's own table.
const USAGE: &str = "\
Usage: awk [POSIX or GNU style options] -f progfile [--] file ...
Usage: awk [POSIX or GNU style options] [--] 'program' file ...
";

async fn awk(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut given = given!(strict p, &SPEC, arguments, |text| {
            p.complain(&text).await?;
            p.err(USAGE).await?;
            Ok(2) });
    if let Some((letter, _)) = given.options.iter().find(|(letter, _)| !"Fvfer".contains(*letter)) {
        return p.gap(&format!("awk -{letter}"));
    }
    let mut sources = Vec::new();
    for (letter, value) in &given.options {
        let value = value.clone().unwrap_or_default();
        match letter {
            'e' => sources.push(Source { name: "cmd. line".to_owned(), text: value.into_bytes() }),
            'f' if value == "-" => sources.push(Source { name: value, text: p.read_all(0).await? }),
            'f' => match p.read_whole(&value).await? {
                Ok(text) => sources.push(Source { name: value, text }),
                Err(errno) => {
                    let text = format!("fatal: can't open source file `{value}' for reading ({})", errno.text());
                    p.complain(&text).await?;
                    return Ok(2);
                }
            },
            _ => {}
        }
    }
    if sources.is_empty() {
        if given.operands.is_empty() {
            p.err(USAGE).await?;
            p.inferred();
            return Ok(2);
        }
        sources.push(Source { name: "cmd. line".to_owned(), text: given.operands.remove(0).into_bytes() });
    }
    let program = match parse::parse(&sources) {
        Ok(program) => program,
        Err(wrong) => {
            for line in &wrong.lines {
                if let Some(what) = line.strip_prefix("gap ") {
                    return p.gap(&format!("awk: {what}"));
                }
                p.complain(line).await?;
            }
            // Where gawk puts its mark follows from a grammar that is not this one.
            p.inferred();
            return Ok(wrong.status);
        }
    };
    let (name, environment) = (p.name.clone(), std::sync::Arc::clone(&p.env));
    let facts = facts(p);
    let mut machine = Machine::new(p, &program, &name, &given.operands);
    environment.iter().for_each(|(name, value)| machine.environment(name, value));
    facts.iter().for_each(|(name, value)| machine.about(name, value));
    let ended = begin(&mut machine, &given.options).await;
    match ended {
        Ok(status) => Ok(status),
        Err(Stop::Cut(cut)) => Err(cut),
        Err(Stop::Fatal(text)) => {
            p.complain(&text).await?;
            Ok(2)
        }
        Err(Stop::Gap(what)) => p.gap(&what),
    }
}

/// What `PROCINFO` tells of the process and of this gawk.
fn facts(p: &Proc) -> Vec<(&'static str, String)> {
    let version = p.peek(|linux| linux.distro.version_of("gawk"));
    let mut facts = vec![
        ("FS", "FS".to_owned()),
        ("egid", p.cred.gid.to_string()),
        ("euid", p.cred.uid.to_string()),
        ("gid", p.cred.gid.to_string()),
        ("pid", p.pid.to_string()),
        ("ppid", p.ppid.to_string()),
        ("uid", p.cred.uid.to_string()),
    ];
    facts.extend(version.map(|version| ("version", version.to_owned())));
    facts
}

/// Runs a program whose options say what variables begin with.
async fn begin<H: super::host::Host>(
    machine: &mut Machine<'_, H>,
    options: &[(char, Option<String>)],
) -> Result<u8, Stop> {
    for (letter, value) in options {
        let value = value.as_deref().unwrap_or_default();
        match letter {
            'F' => machine.assign("FS", value.as_bytes())?,
            'v' => match streams::assignment(value) {
                Some((name, value)) => machine.assign(name, value.as_bytes())?,
                None => return Err(Stop::Fatal(format!("fatal: `{value}' argument to `-v' not in `var=value' form"))),
            },
            _ => {}
        }
    }
    let ended = machine.run().await;
    if ended.is_err() && !matches!(ended, Err(Stop::Cut(_))) {
        machine.flush().await?;
    }
    ended
}
