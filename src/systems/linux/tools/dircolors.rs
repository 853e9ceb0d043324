//! `dircolors` as in GNU coreutils 8.30: the colours of `ls` as a variable, from a database of its own or a file. The remarks of the
//! real database are other ones.

use super::getopt::Spec;
use super::input::{self, failed, given, misused};
use super::{Tool, tool};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("dircolors", dircolors)];

/// Its own database.
const DATABASE: &str = include_str!("dircolors.txt");

const SPEC: Spec = Spec {
    short: "bcp",
    long: &[("bourne-shell", 'b'), ("c-shell", 'c'), ("csh", 'c'), ("print-database", 'p'), ("sh", 'b')],
    gaps: "",
};

/// What is coloured, and its letters in the variable.
const KINDS: [(&str, &str); 34] = [
    ("NORMAL", "no"),
    ("NORM", "no"),
    ("FILE", "fi"),
    ("RESET", "rs"),
    ("DIR", "di"),
    ("LNK", "ln"),
    ("LINK", "ln"),
    ("SYMLINK", "ln"),
    ("ORPHAN", "or"),
    ("MISSING", "mi"),
    ("FIFO", "pi"),
    ("PIPE", "pi"),
    ("SOCK", "so"),
    ("BLK", "bd"),
    ("BLOCK", "bd"),
    ("CHR", "cd"),
    ("CHAR", "cd"),
    ("DOOR", "do"),
    ("EXEC", "ex"),
    ("LEFT", "lc"),
    ("LEFTCODE", "lc"),
    ("RIGHT", "rc"),
    ("RIGHTCODE", "rc"),
    ("END", "ec"),
    ("ENDCODE", "ec"),
    ("SUID", "su"),
    ("SETUID", "su"),
    ("SGID", "sg"),
    ("SETGID", "sg"),
    ("STICKY", "st"),
    ("OTHER_WRITABLE", "ow"),
    ("OWR", "ow"),
    ("STICKY_OTHER_WRITABLE", "tw"),
    ("OWT", "tw"),
];
const MORE_KINDS: [(&str, &str); 3] = [("CAPABILITY", "ca"), ("MULTIHARDLINK", "mh"), ("CLRTOEOL", "cl")];

async fn dircolors(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    let shell = given.last_of("bc");
    if given.has('p') && shell.is_some() {
        let text =
            "the options to output dircolors' internal database and\nto select a shell syntax are mutually exclusive";
        return misused(p, text, 1).await;
    }
    if let Some(extra) = given.operands.get(usize::from(!given.has('p'))) {
        let text = format!("extra operand {}", input::quoted(extra));
        if given.has('p') {
            p.complain(&text).await?;
            p.err("file operands cannot be combined with --print-database (-p)\n").await?;
            p.err("Try 'dircolors --help' for more information.\n").await?;
            return Ok(1);
        }
        return misused(p, &text, 1).await;
    }
    if given.has('p') {
        p.inferred();
        p.out(DATABASE).await?;
        return Ok(0);
    }
    let csh = match (shell, p.env("SHELL")) {
        (Some(letter), _) => letter == 'c',
        (None, Some(shell)) if !shell.is_empty() => shell.ends_with("/csh") || shell.ends_with("/tcsh"),
        (None, _) => {
            return failed(p, "no SHELL environment variable, and no shell type option given", 1).await;
        }
    };
    let (name, text) = match given.operands.first() {
        None => ("<internal>".to_owned(), DATABASE.to_owned()),
        Some(file) => match input::read_all(p, file).await? {
            Ok(bytes) => (file.clone(), String::from_utf8_lossy(&bytes).into_owned()),
            Err(errno) => return input::unread(p, "", file, errno, 1).await,
        },
    };
    let terminal = p.env("TERM").filter(|name| !name.is_empty()).unwrap_or("none").to_owned();
    let (colors, complaints) = read(&text, &terminal, &name);
    if !complaints.is_empty() {
        for complaint in complaints {
            p.complain(&complaint).await?;
        }
        return Ok(1);
    }
    let text = match csh {
        true => format!("setenv LS_COLORS '{colors}'\n"),
        false => format!("LS_COLORS='{colors}';\nexport LS_COLORS\n"),
    };
    p.out(&text).await?;
    Ok(0)
}

/// The variable's value, and what is wrong with the text.
fn read(text: &str, terminal: &str, name: &str) -> (String, Vec<String>) {
    let (mut colors, mut complaints) = (String::new(), Vec::new());
    // Entries hold behind the terminals that they are for; without any, for all.
    let (mut holds, mut in_terminals) = (true, false);
    for (number, line) in text.lines().enumerate() {
        let (keyword, rest) = match line.trim_start().split_once(char::is_whitespace) {
            Some((keyword, rest)) => (keyword, rest.trim_start()),
            None => (line.trim(), ""),
        };
        if keyword.is_empty() || keyword.starts_with('#') {
            continue;
        }
        let value = rest.split(" #").next().unwrap_or_default();
        let value = if value.starts_with('#') { "" } else { value.trim_end() };
        if value.is_empty() {
            complaints.push(format!("{name}:{}: invalid line;  missing second token", number + 1));
            continue;
        }
        if keyword.eq_ignore_ascii_case("TERM") {
            let fits = Pattern::new(value, Options::default()).matches(terminal);
            holds = fits || in_terminals && holds;
            in_terminals = true;
            continue;
        }
        in_terminals = false;
        if !holds {
            continue;
        }
        let kind = KINDS.iter().chain(&MORE_KINDS).find(|(known, _)| keyword.eq_ignore_ascii_case(known));
        if keyword.starts_with('.') {
            colors.push_str(&format!("*{keyword}={value}:"));
        } else if keyword.starts_with('*') {
            colors.push_str(&format!("{keyword}={value}:"));
        } else if let Some((_, letters)) = kind {
            colors.push_str(&format!("{letters}={value}:"));
        } else if !["OPTIONS", "COLOR", "EIGHTBIT"].iter().any(|known| keyword.eq_ignore_ascii_case(known)) {
            complaints.push(format!("{name}:{}: unrecognized keyword {keyword}", number + 1));
        }
    }
    (colors, complaints)
}
