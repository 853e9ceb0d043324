//! `localectl` of systemd 219 and 239: what stands in `/etc/locale.conf` and `/etc/vconsole.conf`, and its change.

use super::Options;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

const LOCALE: &str = "/etc/locale.conf";
const CONSOLE: &str = "/etc/vconsole.conf";

/// Variables that a locale is made of.
const VARIABLES: [&str; 14] = [
    "LANG",
    "LANGUAGE",
    "LC_CTYPE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MONETARY",
    "LC_MESSAGES",
    "LC_PAPER",
    "LC_NAME",
    "LC_ADDRESS",
    "LC_TELEPHONE",
    "LC_MEASUREMENT",
    "LC_IDENTIFICATION",
];

/// Locales that every installation has.
const LOCALES: &str = "C.utf8\nen_US\nen_US.iso88591\nen_US.utf8\n";

/// `localectl`
pub async fn localectl(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "H:M:",
        long: &[("no-pager", 'P'), ("no-ask-password", 'A'), ("no-convert", 'n')],
        gaps: "h H: M: --host: --machine:",
    };
    let given = given!(p, &OPTIONS, arguments, 1);
    let (verb, words) = given.operands.split_first().map_or(("status", &[][..]), |(verb, words)| (verb, words));
    match (verb, words) {
        ("status", []) => status(p).await,
        ("list-locales", []) => {
            p.inferred();
            p.out(LOCALES).await?;
            Ok(0)
        }
        ("set-locale", []) | ("set-keymap", []) => {
            p.err("Too few arguments.\n").await?;
            Ok(1)
        }
        ("set-locale", words) => set_locale(p, words).await,
        ("set-keymap", [map, ..]) => write(p, CONSOLE, &[("KEYMAP".to_owned(), map.clone())]).await,
        ("list-keymaps" | "list-x11-keymap-layouts" | "set-x11-keymap", _) => p.gap(&format!("localectl {verb}")),
        (verb, _) => {
            p.err(&format!("Unknown operation {verb}.\n")).await?;
            Ok(1)
        }
    }
}

/// The settings of a file: names and values.
fn read(p: &Proc, path: &str) -> Vec<(String, String)> {
    let text = p.read_path(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned())).collect()
}

async fn status(p: &mut Proc) -> Ended {
    let locale: Vec<String> = read(p, LOCALE).iter().map(|(name, value)| format!("{name}={value}")).collect();
    let keys = read(p, CONSOLE).into_iter().find(|(name, _)| name == "KEYMAP").map(|(_, value)| value);
    let locale = if locale.is_empty() { vec!["n/a".to_owned()] } else { locale };
    let mut text = format!("   System Locale: {}\n", locale[0]);
    for line in &locale[1..] {
        text.push_str(&format!("                  {line}\n"));
    }
    let keys = keys.unwrap_or_else(|| "n/a".to_owned());
    text.push_str(&format!("       VC Keymap: {keys}\n      X11 Layout: n/a\n"));
    p.out(&text).await?;
    Ok(0)
}

async fn set_locale(p: &mut Proc, words: &[String]) -> Ended {
    let mut values = Vec::new();
    for word in words {
        let (name, value) = match word.split_once('=') {
            Some(pair) => pair,
            None if words.len() == 1 => ("LANG", word.as_str()),
            None => ("", word.as_str()),
        };
        if !VARIABLES.contains(&name) || value.contains([' ', '"', '\'']) {
            p.err("Failed to issue method call: Invalid Locale data.\n").await?;
            return Ok(1);
        }
        values.push((name.to_owned(), value.to_owned()));
    }
    write(p, LOCALE, &values).await
}

/// Changes settings in a file.
async fn write(p: &mut Proc, path: &str, values: &[(String, String)]) -> Ended {
    let mut all = if path == LOCALE { Vec::new() } else { read(p, path) };
    for (name, value) in values {
        all.retain(|(known, _)| known != name);
        all.push((name.clone(), value.clone()));
    }
    let text: String = all.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let written = if p.cred.is_root() { p.write_path(path, text.as_bytes()) } else { Err(Errno::Acces) };
    match written {
        Ok(()) => Ok(0),
        Err(Errno::Acces) => {
            p.err("Failed to issue method call: Interactive authentication required.\n").await?;
            Ok(1)
        }
        Err(errno) => {
            p.err(&format!("Failed to issue method call: {}\n", errno.text())).await?;
            Ok(1)
        }
    }
}
