//! `tput` of ncurses 6.1: what an xterm with 256 colours takes, which every terminal here is.

use super::input::misused;
use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("tput", tput)];

/// Capabilities that are a text.
const TEXTS: &[(&str, &str)] = &[
    ("bel", "\x07"),
    ("blink", "\x1b[5m"),
    ("bold", "\x1b[1m"),
    ("cbt", "\x1b[Z"),
    ("civis", "\x1b[?25l"),
    ("clear", "\x1b[H\x1b[2J\x1b[3J"),
    ("cnorm", "\x1b[?12l\x1b[?25h"),
    ("cr", "\r"),
    ("cub1", "\x08"),
    ("cud1", "\n"),
    ("cuf1", "\x1b[C"),
    ("cuu1", "\x1b[A"),
    ("cvvis", "\x1b[?12;25h"),
    ("dch1", "\x1b[P"),
    ("dim", "\x1b[2m"),
    ("dl1", "\x1b[M"),
    ("ed", "\x1b[J"),
    ("el", "\x1b[K"),
    ("el1", "\x1b[1K"),
    ("home", "\x1b[H"),
    ("il1", "\x1b[L"),
    ("ind", "\n"),
    ("invis", "\x1b[8m"),
    ("op", "\x1b[39;49m"),
    ("rc", "\x1b8"),
    ("rev", "\x1b[7m"),
    ("ri", "\x1bM"),
    ("ritm", "\x1b[23m"),
    ("rmacs", "\x1b(B"),
    ("rmcup", "\x1b[?1049l\x1b[23;0;0t"),
    ("rmir", "\x1b[4l"),
    ("rmkx", "\x1b[?1l\x1b>"),
    ("rmso", "\x1b[27m"),
    ("rmul", "\x1b[24m"),
    ("sc", "\x1b7"),
    ("sgr0", "\x1b(B\x1b[m"),
    ("sitm", "\x1b[3m"),
    ("smacs", "\x1b(0"),
    ("smcup", "\x1b[?1049h\x1b[22;0;0t"),
    ("smir", "\x1b[4h"),
    ("smkx", "\x1b[?1h\x1b="),
    ("smso", "\x1b[7m"),
    ("smul", "\x1b[4m"),
];

/// Capabilities that are a number.
const NUMBERS: &[(&str, i64)] = &[("colors", 256), ("it", 8), ("pairs", 32_767)];

/// Those that a terminal has or lacks.
const FLAGS: &[(&str, bool)] = &[
    ("am", true),
    ("bce", true),
    ("km", true),
    ("mir", true),
    ("msgr", true),
    ("xenl", true),
    ("bw", false),
    ("hs", false),
];

async fn tput(p: &mut Proc, arguments: &[String]) -> Ended {
    let mut words = arguments;
    let mut terminal = p.env("TERM").unwrap_or_default().to_owned();
    while let Some(word) = words.first().filter(|word| word.starts_with('-')) {
        words = &words[1..];
        match word.as_str() {
            "-T" => {
                let Some((name, rest)) = words.split_first() else {
                    return misused(p, "option requires an argument -- 'T'", 2).await;
                };
                (terminal, words) = (name.clone(), rest);
            }
            "-S" => return p.gap("tput -S"),
            "-x" => {}
            word => match word.strip_prefix("-T") {
                Some(name) => terminal = name.to_owned(),
                None => return p.gap(&format!("tput {word}")),
            },
        }
    }
    if terminal.is_empty() {
        p.complain("No value for $TERM and no -T specified").await?;
        return Ok(2);
    }
    let known = ["xterm", "screen", "tmux"].iter().any(|name| terminal.starts_with(name)) || terminal == "linux";
    let dumb = terminal == "dumb";
    if !known && !dumb && terminal != "vt100" {
        p.complain(&format!("unknown terminal \"{terminal}\"")).await?;
        return Ok(3);
    }
    let Some((name, values)) = words.split_first() else {
        return p.gap("the usage of tput");
    };
    let (rows, columns) = p.cx.with(|cx| (cx.session.terminal.rows, cx.session.terminal.columns));
    let shown = p.files.is_terminal(1) || p.files.is_terminal(2);
    let size = |real: u16, usual: u16| if shown { real } else { usual };
    match name.as_str() {
        "cols" => p.out(&format!("{}\n", size(columns, 80))).await?,
        "lines" => p.out(&format!("{}\n", size(rows, 24))).await?,
        "longname" if terminal == "xterm-256color" => p.out("xterm with 256 colors").await?,
        "longname" | "init" | "reset" => return p.gap(&format!("tput {name} of {terminal}")),
        _ if !terminal.starts_with("xterm") && !dumb => return p.gap(&format!("tput {name} of {terminal}")),
        _ => return capability(p, name, values, dumb, &terminal).await,
    }
    Ok(0)
}

async fn capability(p: &mut Proc, name: &str, values: &[String], dumb: bool, terminal: &str) -> Ended {
    if let Some((_, number)) = NUMBERS.iter().find(|(known, _)| *known == name) {
        let number = if dumb { -1 } else { *number };
        let number = if name == "colors" && terminal == "xterm" { 8 } else { number };
        p.out(&format!("{number}\n")).await?;
        return Ok(0);
    }
    if let Some((_, set)) = FLAGS.iter().find(|(known, _)| *known == name) {
        return Ok(u8::from(!set && !dumb || dumb && name != "am"));
    }
    if let Some((_, text)) = TEXTS.iter().find(|(known, _)| *known == name) {
        if dumb && !matches!(name, "bel" | "cr" | "cud1" | "ind") {
            return Ok(1);
        }
        p.out(text).await?;
        return Ok(0);
    }
    let number = |at: usize| values.get(at).and_then(|value| value.parse::<u32>().ok()).unwrap_or(0);
    let text = match name {
        "setaf" | "setab" => {
            let (low, high, wide) = if name == "setaf" { (30, 90, 38) } else { (40, 100, 48) };
            match number(0) {
                color @ 0..8 => format!("\x1b[{}m", low + color),
                color @ 8..16 => format!("\x1b[{}m", high + color - 8),
                color => format!("\x1b[{wide};5;{color}m"),
            }
        }
        "cup" => format!("\x1b[{};{}H", number(0) + 1, number(1) + 1),
        "hpa" => format!("\x1b[{}G", number(0) + 1),
        "vpa" => format!("\x1b[{}d", number(0) + 1),
        "cuu" => format!("\x1b[{}A", number(0)),
        "cud" => format!("\x1b[{}B", number(0)),
        "cuf" => format!("\x1b[{}C", number(0)),
        "cub" => format!("\x1b[{}D", number(0)),
        "ech" => format!("\x1b[{}X", number(0)),
        "dch" => format!("\x1b[{}P", number(0)),
        "il" => format!("\x1b[{}L", number(0)),
        "dl" => format!("\x1b[{}M", number(0)),
        _ => {
            p.complain(&format!("unknown terminfo capability '{name}'")).await?;
            return Ok(4);
        }
    };
    if dumb {
        return Ok(1);
    }
    p.out(&text).await?;
    Ok(0)
}
