//! `cmp` as in GNU diffutils 3.6.

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, Out, given, misused_named};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("cmp", cmp)];

const SPEC: Spec = Spec {
    short: "bi:ln:sv",
    long: &[
        ("print-bytes", 'b'),
        ("ignore-initial:", 'i'),
        ("verbose", 'l'),
        ("bytes:", 'n'),
        ("quiet", 's'),
        ("silent", 's'),
    ],
    gaps: "",
};

/// A byte as `-b` shows it.
fn shown(byte: u8) -> String {
    let meta = if byte >= 128 { "M-" } else { "" };
    match byte & 127 {
        control @ ..32 => format!("{meta}^{}", char::from(control + 64)),
        127 => format!("{meta}^?"),
        byte => format!("{meta}{}", char::from(byte)),
    }
}

async fn cmp(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(word) = arguments.iter().find(|word| matches!(word.as_str(), "--help" | "--version" | "-v")) {
        return p.gap(&format!("cmp {word}"));
    }
    let given = given!(p, &SPEC, arguments, |complaint| misused_named(p, &complaint).await);
    let names = match &given.operands[..] {
        [] => return misused_named(p, "missing operand after 'cmp'").await,
        [one] => [one.clone(), "-".to_owned()],
        [one, two, rest @ ..] if rest.len() < 3 => [one.clone(), two.clone()],
        operands => return misused_named(p, &format!("extra operand '{}'", operands[4])).await,
    };
    let skips: Vec<&str> = match given.value('i') {
        Some(text) => text.split(':').collect(),
        None => given.operands.iter().skip(2).map(String::as_str).collect(),
    };
    let mut numbers = Vec::new();
    for text in skips.iter().copied().chain(given.value('n')) {
        match input::size(text) {
            Some(number) => numbers.push(usize::try_from(number).unwrap_or(usize::MAX)),
            None => return misused_named(p, &format!("invalid --ignore-initial value '{text}'")).await,
        }
    }
    let most = if given.has('n') { numbers.pop().unwrap_or(usize::MAX) } else { usize::MAX };
    let alone = given.has('i') && numbers.len() == 1;
    let skip = |at: usize| numbers.get(if alone { 0 } else { at }).copied().unwrap_or(0);
    let mut sides = Vec::new();
    for (at, name) in names.iter().enumerate() {
        match input::read_all(p, name).await? {
            Ok(bytes) => {
                let from = skip(at).min(bytes.len());
                let rest = &bytes[from..];
                sides.push(rest[..rest.len().min(most)].to_vec());
            }
            Err(errno) => {
                let silent = given.has('s');
                let text = format!("{name}: {}", errno.text());
                return if silent { Ok(2) } else { input::failed(p, &text, 2).await };
            }
        }
    }
    let [a, b] = &sides[..] else { return Ok(2) };
    let common = a.len().min(b.len());
    let mut out = Out::default();
    let mut differs = false;
    let mut lines = 1;
    for at in 0..common {
        if a[at] == b[at] {
            lines += usize::from(a[at] == b'\n');
            continue;
        }
        differs = true;
        if given.has('s') {
            return Ok(1);
        }
        if given.has('l') {
            let width = common.to_string().len();
            out.text(&match given.has('b') {
                true => format!("{:>width$} {:3o} {:<4} {:3o} {}\n", at + 1, a[at], shown(a[at]), b[at], shown(b[at])),
                false => format!("{:>width$} {:3o} {:3o}\n", at + 1, a[at], b[at]),
            });
            out.spill(p).await?;
            continue;
        }
        let bytes = match given.has('b') {
            true => format!(" is {:3o} {} {:3o} {}", a[at], shown(a[at]), b[at], shown(b[at])),
            false => String::new(),
        };
        p.out(&format!("{} {} differ: byte {}, line {lines}{bytes}\n", names[0], names[1], at + 1)).await?;
        return Ok(1);
    }
    out.flush(p).await?;
    if a.len() != b.len() && !given.has('s') {
        let short = if a.len() < b.len() { &names[0] } else { &names[1] };
        let text = match common {
            0 => format!("EOF on {short} which is empty"),
            _ if given.has('l') => format!("EOF on {short} after byte {common}"),
            _ if (if a.len() < b.len() { a } else { b }).last() == Some(&b'\n') => {
                format!("EOF on {short} after byte {common}, line {}", lines - 1)
            }
            _ => format!("EOF on {short} after byte {common}, in line {lines}"),
        };
        p.complain(&text).await?;
    }
    Ok(u8::from(differs || a.len() != b.len()))
}
