//! `sed`, as GNU sed 4.5 of RHEL 8 has it; the truth comes from its manual and from what it prints. Left out on purpose:
//! running commands (`e`) and `--posix`.

mod escape;
mod input;
mod output;
mod parse;
mod run;
mod script;
mod substitute;
#[cfg(test)]
mod tests;

use super::getopt::{Given, Spec};
use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
use parse::{Dialect, Source};
use run::{Run, Settings};

/// The programs of this folder.
pub static TOOLS: &[Tool] = &[tool!("sed", sed)];

const SPEC: Spec = Spec {
    short: "bsnrzuEe:f:l:i::",
    long: &[
        ("binary", 'b'),
        ("expression:", 'e'),
        ("file:", 'f'),
        ("follow-symlinks", 'F'),
        ("help", 'h'),
        ("in-place::", 'i'),
        ("line-length:", 'l'),
        ("null-data", 'z'),
        ("quiet", 'n'),
        ("regexp-extended", 'E'),
        ("sandbox", 'S'),
        ("separate", 's'),
        ("silent", 'n'),
        ("unbuffered", 'u'),
        ("zero-terminated", 'z'),
    ],
    gaps: "--posix",
};

/// What is printed after a wrong call: GNU sed's own table of its options.
const USAGE: &str = "\
Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent
                 suppress automatic printing of pattern space
  -e script, --expression=script
                 add the script to the commands to be executed
  -f script-file, --file=script-file
                 add the contents of script-file to the commands to be executed
  --follow-symlinks
                 follow symlinks when processing in place
  -i[SUFFIX], --in-place[=SUFFIX]
                 edit files in place (makes backup if SUFFIX supplied)
  -l N, --line-length=N
                 specify the desired line-wrap length for the `l' command
  --posix
                 disable all GNU extensions.
  -E, -r, --regexp-extended
                 use extended regular expressions in the script
                 (for portability use POSIX -E).
  -s, --separate
                 consider files as separate rather than as a single,
                 continuous long stream.
      --sandbox
                 operate in sandbox mode (disable e/r/w commands).
  -u, --unbuffered
                 load minimal amounts of data from the input files and flush
                 the output buffers more often
  -z, --null-data
                 separate lines by NUL characters
      --help     display this help and exit
      --version  output version information and exit

If no -e, --expression, -f, or --file option is given, then the first
non-option argument is taken as the sed script to interpret.  All
remaining arguments are names of input files; if no input files are
specified, then the standard input is read.

GNU sed home page: <https://www.gnu.org/software/sed/>.
General help using GNU software: <https://www.gnu.org/gethelp/>.
";

async fn sed(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut given = given!(p, &SPEC, arguments, |text| {
        p.complain(&text).await?;
        p.err(USAGE).await?;
        Ok(1)
    });
    if given.has('h') {
        p.out(&format!("{USAGE}E-mail bug reports to: <bug-sed@gnu.org>.\n")).await?;
        return Ok(0);
    }
    let mut sources = Vec::new();
    for (letter, value) in &given.options {
        let value = value.clone().unwrap_or_default();
        match letter {
            'e' => sources.push(Source { file: None, text: value.into_bytes() }),
            'f' if value == "-" => sources.push(Source { text: p.read_all(0).await?, file: Some(value) }),
            'f' => match p.read_whole(&value).await? {
                Ok(text) => sources.push(Source { text, file: Some(value) }),
                Err(errno) => {
                    p.complain(&format!("couldn't open file {value}: {}", errno.text())).await?;
                    return Ok(4);
                }
            },
            _ => {}
        }
    }
    if sources.is_empty() {
        if given.operands.is_empty() {
            p.err(USAGE).await?;
            return Ok(1);
        }
        sources.push(Source { file: None, text: given.operands.remove(0).into_bytes() });
    }
    let settings = match settings(&given) {
        Ok(settings) => settings,
        Err(text) => return p.fail(&text).await,
    };
    let dialect = dialect(&given);
    let script = match parse::parse(&sources, dialect) {
        Ok(script) => script,
        Err((text, status)) => {
            p.complain(&text).await?;
            return Ok(status);
        }
    };
    if settings.in_place.is_some() && given.operands.is_empty() {
        p.complain("no input files").await?;
        return Ok(4);
    }
    Run::new(p, &script, &settings, &given.operands).run().await
}

/// How the options want scripts to be read.
fn dialect(given: &Given) -> Dialect {
    Dialect { extended: given.has('E') || given.has('r'), sandbox: given.has('S'), zeros: given.has('z') }
}

/// What the options say.
fn settings(given: &Given) -> Result<Settings, String> {
    let length = match given.value('l') {
        None => 70,
        Some(text) => match text.parse::<usize>() {
            Ok(1) => 0,
            Ok(length) => length,
            Err(_) => return Err(format!("invalid line length: {text}")),
        },
    };
    Ok(Settings {
        quiet: given.has('n'),
        separate: given.has('s'),
        in_place: given.has('i').then(|| given.value('i').unwrap_or_default().to_owned()),
        zeros: given.has('z'),
        unbuffered: given.has('u'),
        length,
    })
}
