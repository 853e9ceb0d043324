//! `tmux` (tmux(1)): new-session, attach-session, detach-client, list-sessions, has-session, rename-session, kill-session and
//! kill-server, by their short names, too.

use super::{New, around, ask, ask_all, look, own, says, size};
use crate::shell::Window;
use crate::shell::turn::Wish;
use crate::systems::linux::clock;
use crate::systems::linux::model::multiplexer::{Multiplexed, Multiplexer};
use crate::systems::linux::multiplexing;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};

/// Each command with its other name and its options.
const COMMANDS: [(&str, &str, &str); 8] = [
    ("new-session", "new", "AdDEPc:F:n:s:t:x:y:"),
    ("attach-session", "attach", "dErc:t:"),
    ("detach-client", "detach", "aPE:s:t:"),
    ("list-sessions", "ls", "F:"),
    ("has-session", "has", "t:"),
    ("rename-session", "rename", "t:"),
    ("kill-session", "", "aCt:"),
    ("kill-server", "", ""),
];

/// Options that are real and do nothing here.
const GAPS: [(&str, &str); 3] = [("new-session", "DEPcFntxy"), ("detach-client", "aPEt"), ("kill-session", "aC")];

/// The one whose name this is, or the only one that begins so.
fn command(word: &str) -> Option<(&'static str, &'static str)> {
    let exact = COMMANDS.iter().find(|(name, alias, _)| *name == word || *alias == word);
    let mut begun = COMMANDS.iter().filter(|(name, ..)| name.starts_with(word));
    let only = begun.next().filter(|_| begun.next().is_none());
    exact.or(only).map(|(name, _, options)| (*name, *options))
}

pub async fn tmux(p: &mut Proc, arguments: &[String]) -> Ended {
    let rest = match arguments {
        [flag, ..] if flag == "-V" => {
            let version = if p.peek(|linux| linux.distro.major < 8) { "1.8" } else { "2.7" };
            p.out(&format!("tmux {version}\n")).await?;
            return Ok(0);
        }
        [flag, rest @ ..] if flag == "-2" || flag == "-u" => rest,
        [flag, ..] if flag.starts_with('-') => return p.gap(&format!("tmux {flag}")),
        rest => rest,
    };
    let (word, rest) = rest.split_first().map_or(("new-session", rest), |(word, rest)| (word.as_str(), rest));
    let Some((name, options)) = command(word) else {
        let others = ["new-window", "neww", "split-window", "splitw", "send-keys", "send", "set-option", "set"];
        return if others.contains(&word) { p.gap(&format!("tmux {word}")) } else { unknown(p, word).await };
    };
    let spec = Spec { short: options, long: &[] };
    let given = match spec.read(rest, true) {
        Ok(given) => given,
        Err(_) => return p.gap(&format!("tmux {name} {}", rest.join(" "))),
    };
    let gaps = GAPS.iter().find(|(gap, _)| *gap == name).map_or("", |(_, options)| options);
    if let Some(letter) = given.last_of(gaps) {
        return p.gap(&format!("tmux {name} -{letter}"));
    }
    match name {
        "new-session" => new(p, &given).await,
        "attach-session" => attach(p, &given).await,
        "list-sessions" => list(p).await,
        _ if own(p, Multiplexer::Tmux).is_empty() => no_server(p).await,
        "kill-server" => {
            let each = |(window, _)| [(window, Wish::Detach("[server exited]".to_owned())), (window, Wish::End)];
            let all = own(p, Multiplexer::Tmux).into_iter().flat_map(each).collect();
            ask_all(p, all).await?;
            Ok(0)
        }
        _ => with_target(p, name, &given).await,
    }
}

async fn unknown(p: &mut Proc, word: &str) -> Ended {
    says(p, &format!("unknown command: {word}")).await
}

/// Where the user's server listens.
fn socket(p: &Proc) -> String {
    format!("/tmp/tmux-{}/default", p.cred.uid)
}

async fn no_server(p: &mut Proc) -> Ended {
    let socket = socket(p);
    if p.peek(|linux| linux.multiplexers.has_socket()) {
        return says(p, &format!("no server running on {socket}")).await;
    }
    says(p, &format!("error connecting to {socket} (No such file or directory)")).await
}

async fn new(p: &mut Proc, given: &Given) -> Ended {
    if !given.operands.is_empty() {
        return p.gap("tmux new-session with a command");
    }
    let all = own(p, Multiplexer::Tmux);
    let named = given.value('s');
    if let Some((window, kept)) = all.iter().find(|(_, kept)| Some(kept.name.as_str()) == named) {
        if given.has('A') {
            return turn_to(p, *window, kept, false).await;
        }
        return says(p, &format!("duplicate session: {}", kept.name)).await;
    }
    let detached = given.has('d');
    if !detached && let Some(ended) = cannot_attach(p).await {
        return ended;
    }
    let index = all.iter().map(|(_, kept)| kept.index + 1).max().unwrap_or(0);
    let (columns, rows) = if detached { (80, 25) } else { p.cx.with(|cx| size(cx.session)) };
    let new = New {
        program: Multiplexer::Tmux,
        name: named.map_or_else(|| index.to_string(), str::to_owned),
        index,
        server: all.first().map(|(_, kept)| kept.server),
        // The last row is the status line's.
        size: (columns, rows.saturating_sub(1)),
        detached,
        login: true,
    };
    let socket = socket(p);
    new.begin(p, |server, _| {
        [
            ("TERM", "screen".to_owned()),
            ("TMUX", format!("{socket},{server},{index}")),
            ("TMUX_PANE", format!("%{index}")),
        ]
    })
    .await?;
    Ok(0)
}

/// Why no terminal can turn to a session from here.
async fn cannot_attach(p: &mut Proc) -> Option<Ended> {
    if p.env("TMUX").is_some_and(|text| !text.is_empty()) {
        return Some(says(p, "sessions should be nested with care, unset $TMUX to force").await);
    }
    if !p.at_keyboard() {
        return Some(says(p, "open terminal failed: not a terminal").await);
    }
    None
}

async fn attach(p: &mut Proc, given: &Given) -> Ended {
    if let Some(letter) = given.last_of("Erc") {
        return p.gap(&format!("tmux attach-session -{letter}"));
    }
    let all = own(p, Multiplexer::Tmux);
    if all.is_empty() {
        return says(p, "no sessions").await;
    }
    let Some((window, kept)) = target(&all, given.value('t')) else {
        return says(p, &format!("can't find session: {}", given.value('t').unwrap_or_default())).await;
    };
    turn_to(p, window, &kept, given.has('d')).await
}

/// Turns the terminal to a session, away from any other if `alone`.
async fn turn_to(p: &mut Proc, window: Window, kept: &Multiplexed, alone: bool) -> Ended {
    if let Some(ended) = cannot_attach(p).await {
        return ended;
    }
    if kept.client.is_some() && !alone {
        return p.gap("tmux: two terminals at one session (attach -d takes it over)");
    }
    look(p, window, Wish::Attach);
    Ok(0)
}

/// The session that a name, or its beginning, means; without one, that which began last.
fn target(all: &[(Window, Multiplexed)], name: Option<&str>) -> Option<(Window, Multiplexed)> {
    let Some(name) = name.map(|name| name.trim_end_matches(':')) else { return all.last().cloned() };
    let exact = all.iter().find(|(_, kept)| kept.name == name);
    let mut begun = all.iter().filter(|(_, kept)| kept.name.starts_with(name));
    exact.or_else(|| begun.next().filter(|_| begun.next().is_none())).cloned()
}

async fn list(p: &mut Proc) -> Ended {
    let all = own(p, Multiplexer::Tmux);
    if all.is_empty() {
        return no_server(p).await;
    }
    p.inferred();
    for (_, kept) in all {
        let created =
            p.peek(|linux| clock::format("%a %b %e %H:%M:%S %Y", kept.created.utc().unix_timestamp(), 0, &linux.zone));
        let (columns, rows) = kept.size;
        let attached = if kept.client.is_some() { " (attached)" } else { "" };
        p.out(&format!("{}: 1 windows (created {created}) [{columns}x{rows}]{attached}\n", kept.name)).await?;
    }
    Ok(0)
}

/// What is done with one session that is named, or else with the one around this program.
async fn with_target(p: &mut Proc, name: &str, given: &Given) -> Ended {
    let all = own(p, Multiplexer::Tmux);
    let wanted = given.value('t').or(given.value('s'));
    let here = around(p).filter(|(_, kept)| wanted.is_none() && kept.program == Multiplexer::Tmux);
    let Some((window, kept)) = here.or_else(|| target(&all, wanted)) else {
        return says(p, &format!("can't find session: {}", wanted.unwrap_or_default())).await;
    };
    match (name, &given.operands[..]) {
        ("has-session", []) => {}
        ("kill-session", []) => ask(p, window, Wish::End).await?,
        ("detach-client", []) if kept.client.is_none() => return says(p, "no current client").await,
        ("detach-client", []) => {
            let text = p.world(|world, _| multiplexing::left(world, window));
            ask(p, window, Wish::Detach(text)).await?;
        }
        ("rename-session", [new]) => {
            if all.iter().any(|(_, kept)| kept.name == *new) {
                return says(p, &format!("duplicate session: {new}")).await;
            }
            p.linux(|linux| {
                if let Some(kept) = linux.multiplexers.get_mut(window.number) {
                    kept.name.clone_from(new);
                }
            });
        }
        _ => return p.gap(&format!("tmux {name} {}", given.operands.join(" "))),
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_may_be_shortened_as_long_as_one_is_meant() {
        let check = |word, expect| assert_eq!(command(word).map(|(name, _)| name), expect, "{word}");
        check("a", Some("attach-session"));
        check("ls", Some("list-sessions"));
        check("new", Some("new-session"));
        check("detach", Some("detach-client"));
        check("kill", None);
        check("kill-se", None);
        check("kill-sess", Some("kill-session"));
        check("frob", None);
    }
}
