//! `pinky` as in GNU coreutils 8.30: who is there, and what is known of a user.

use super::present;
use crate::sim::Span;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::terminal;
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{given, misused};
use crate::systems::linux::tools::systemd::stamp_in;

const SPEC: Spec = Spec { short: "sfwiqbhlp", long: &[], gaps: "--help --version" };

pub(super) async fn pinky(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    if given.has('l') {
        if given.operands.is_empty() {
            return misused(p, "no username specified; at least one must be specified when using -l", 1).await;
        }
        for name in &given.operands {
            let text = long(p, name, !given.has('b'), !given.has('h'), !given.has('p'));
            p.out(&text).await?;
        }
        return Ok(0);
    }
    let name = !given.has('w') && !given.has('i') && !given.has('q');
    let idle = !given.has('q');
    let host = !given.has('i') && !given.has('q');
    let mut text = String::new();
    if !given.has('f') {
        text.push_str("Login   ");
        text.push_str(if name { " Name               " } else { "" });
        text.push_str("  TTY     ");
        text.push_str(if idle { " Idle  " } else { "" });
        text.push_str(" When            ");
        text.push_str(if host { " Where" } else { "" });
        text.push('\n');
    }
    let own = p.cx.with(|cx| terminal::tty(cx.session));
    for record in present(p) {
        let user = record.user.clone().unwrap_or_default();
        if !given.operands.is_empty() && !given.operands.contains(&user) {
            continue;
        }
        text.push_str(&format!("{user:<8}"));
        if name {
            let full = p.peek(|linux| linux.user(&user)).map(|user| full_name(&user.gecos, &user.name));
            match full {
                Some(full) => text.push_str(&format!(" {:<19.19}", full)),
                None => text.push_str(&format!(" {:>19}", "        ???")),
            }
        }
        text.push_str(&format!("  {:<8}", record.tty));
        if idle {
            let quiet = if record.tty == own { Span::ZERO } else { p.now().since(record.at) }.as_secs();
            text.push_str(&match quiet {
                0..60 => format!(" {:<6}", ""),
                60..86_400 => format!(" {:02}:{:02} ", quiet / 3_600, quiet / 60 % 60),
                _ => format!(" {:<6}", format!("{}d", quiet / 86_400)),
            });
        }
        text.push_str(&format!(" {}", stamp_in(p, record.at, "%Y-%m-%d %H:%M")));
        if host && !record.from.is_empty() {
            text.push_str(&format!(" {}", record.from));
        }
        text.push('\n');
    }
    p.out(&text).await?;
    Ok(0)
}

/// The first part of a user's description; `&` in it is the name.
fn full_name(gecos: &str, name: &str) -> String {
    let mut letters = name.chars();
    let capital: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    gecos.split(',').next().unwrap_or_default().replace('&', &capital)
}

fn long(p: &Proc, name: &str, home: bool, project: bool, plan: bool) -> String {
    let mut text = format!("Login name: {name:<28}In real life: ");
    let Some(user) = p.peek(|linux| linux.user(name)) else {
        return text + " ???\n";
    };
    text.push_str(&format!(" {}\n", full_name(&user.gecos, &user.name)));
    if home {
        text.push_str(&format!("Directory: {:<29}Shell:  {}\n", user.home, user.shell));
    }
    for (shown, file, head) in [(project, ".project", "Project: "), (plan, ".plan", "Plan:\n")] {
        let read = shown.then(|| p.read_path(&format!("{}/{file}", user.home)).ok()).flatten();
        if let Some(bytes) = read {
            text.push_str(&format!("{head}{}", String::from_utf8_lossy(&bytes)));
        }
    }
    text + "\n"
}
