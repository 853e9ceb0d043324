//! `tmux` (tmux(1)): new-session, attach-session, detach-client, list-sessions, has-session, rename-session, kill-session and
//! kill-server, by their short names, too.

use super::{New, around, ask, ask_all, look, own, says, size};
use crate::shell::Detachable;
use crate::shell::detachable::Wish;
use crate::systems::linux::clock;
use crate::systems::linux::fs::Kind;
use crate::systems::linux::model::multiplexer::{Multiplexed, Multiplexer};
use crate::systems::linux::multiplexing;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::given;

/// The modelled commands, each with its options.
const MODELLED: [(&str, &str); 8] = [
    ("new-session", "AdDEPc:F:n:s:t:x:y:"),
    ("attach-session", "dErc:t:"),
    ("detach-client", "aPE:s:t:"),
    ("list-sessions", "F:"),
    ("has-session", "t:"),
    ("rename-session", "t:"),
    ("kill-session", "aCt:"),
    ("kill-server", ""),
];

/// Their options that are gaps.
const GAPS: [(&str, &str); 5] = [
    ("new-session", "DEPcFntxy"),
    ("attach-session", "Erc"),
    ("detach-client", "aPEt"),
    ("list-sessions", "F"),
    ("kill-session", "aC"),
];

/// All commands of tmux 2.7, in the order of their names, and the other names of those that have one.
const COMMANDS: &str = "attach-session=attach bind-key=bind break-pane=breakp capture-pane=capturep choose-buffer \
                        choose-client choose-tree clear-history=clearhist clock-mode command-prompt confirm-before=confirm \
                        copy-mode delete-buffer=deleteb detach-client=detach display-message=display display-panes=displayp \
                        find-window=findw has-session=has if-shell=if join-pane=joinp kill-pane=killp kill-server \
                        kill-session kill-window=killw last-pane=lastp last-window=last link-window=linkw list-buffers=lsb \
                        list-clients=lsc list-commands=lscm list-keys=lsk list-panes=lsp list-sessions=ls list-windows=lsw \
                        load-buffer=loadb lock-client=lockc lock-server=lock lock-session=locks move-pane=movep \
                        move-window=movew new-session=new new-window=neww next-layout=nextl next-window=next \
                        paste-buffer=pasteb pipe-pane=pipep previous-layout=prevl previous-window=prev \
                        refresh-client=refresh rename-session=rename rename-window=renamew resize-pane=resizep \
                        respawn-pane=respawnp respawn-window=respawnw rotate-window=rotatew run-shell=run \
                        save-buffer=saveb select-layout=selectl select-pane=selectp select-window=selectw send-keys=send \
                        send-prefix set-buffer=setb set-environment=setenv set-hook set-option=set \
                        set-window-option=setw show-buffer=showb show-environment=showenv show-hooks \
                        show-messages=showmsgs show-options=show show-window-options=showw source-file=source \
                        split-window=splitw start-server=start suspend-client=suspendc swap-pane=swapp \
                        swap-window=swapw switch-client=switchc unbind-key=unbind unlink-window=unlinkw wait-for=wait";

/// The command of this name or other name, or the only one that begins so; else what tmux says.
fn command(word: &str) -> Result<&'static str, String> {
    let all = || COMMANDS.split(' ').map(|command| command.split_once('=').unwrap_or((command, "")));
    if let Some((name, _)) = all().find(|(name, other)| *name == word || *other == word) {
        return Ok(name);
    }
    match all().map(|(name, _)| name).filter(|name| name.starts_with(word)).collect::<Vec<_>>()[..] {
        [] => Err(format!("unknown command: {word}")),
        [name] => Ok(name),
        ref several => Err(format!("ambiguous command: {word}, could be: {}", several.join(", "))),
    }
}

pub async fn tmux(p: &mut Proc, arguments: &[String]) -> Ended {
    let rest = match arguments {
        [flag, ..] if flag == "-V" => {
            p.out("tmux 2.7\n").await?;
            return Ok(0);
        }
        [flag, rest @ ..] if flag == "-2" || flag == "-u" => rest,
        [flag, ..] if flag.starts_with('-') => return p.gap(&format!("tmux {flag}")),
        rest => rest,
    };
    let (word, rest) = rest.split_first().map_or(("new-session", rest), |(word, rest)| (word.as_str(), rest));
    let name = match command(word) {
        Ok(name) => name,
        Err(complaint) => return says(p, &complaint).await,
    };
    let Some((_, options)) = MODELLED.iter().find(|(modelled, _)| *modelled == name) else {
        return p.gap(&format!("tmux {name}"));
    };
    let spec = Spec { short: options, long: &[], gaps: "" };
    let given = given!(strict p, spec, rest, |_| p.gap(&format!("tmux {name} {}", rest.join(" "))));
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
            let each =
                |(detachable, _)| [(detachable, Wish::Detach("[server exited]".to_owned())), (detachable, Wish::End)];
            let all = own(p, Multiplexer::Tmux).into_iter().flat_map(each).collect();
            ask_all(p, all).await?;
            Ok(0)
        }
        _ => with_target(p, name, &given).await,
    }
}

/// The folder of the user's socket, and the socket at which the server listens.
fn socket(p: &Proc) -> (String, String) {
    let folder = format!("/tmp/tmux-{}", p.cred.uid);
    let path = format!("{folder}/default");
    (folder, path)
}

/// Whether a session may have this name: a colon or a point would lead to a window or a pane.
fn check_name(name: &str) -> Result<(), String> {
    let good = !name.is_empty() && !name.contains([':', '.']);
    if good { Ok(()) } else { Err(format!("bad session name: {name}")) }
}

async fn no_server(p: &mut Proc) -> Ended {
    let (_, socket) = socket(p);
    if p.lookup(&socket).is_ok() {
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
    if let Some(Err(complaint)) = named.map(check_name) {
        return says(p, &complaint).await;
    }
    if let Some((detachable, kept)) = all.iter().find(|(_, kept)| Some(kept.name.as_str()) == named) {
        if given.has('A') {
            return turn_to(p, *detachable, kept, false).await;
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
    let (folder, socket) = socket(p);
    // What is there already stays.
    let _ = p.fs(|fs, now| fs.mkdir(&p.cred, "/", &folder, 0o700, now));
    let _ = p.fs(|fs, now| fs.mknod(&p.cred, "/", &socket, Kind::Socket, 0o660, now));
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
    let all = own(p, Multiplexer::Tmux);
    if all.is_empty() {
        return says(p, "no sessions").await;
    }
    let Some((detachable, kept)) = target(&all, given.value('t')) else {
        return says(p, &format!("can't find session: {}", given.value('t').unwrap_or_default())).await;
    };
    turn_to(p, detachable, &kept, given.has('d')).await
}

/// Turns the terminal to a session, away from any other if `alone`.
async fn turn_to(p: &mut Proc, detachable: Detachable, kept: &Multiplexed, alone: bool) -> Ended {
    if let Some(ended) = cannot_attach(p).await {
        return ended;
    }
    if kept.client.is_some() && !alone {
        return p.gap("tmux: two terminals at one session (attach -d takes it over)");
    }
    look(p, detachable, Wish::Attach);
    Ok(0)
}

/// The session that a name, or its beginning, means; without one, that which began last.
fn target(all: &[(Detachable, Multiplexed)], name: Option<&str>) -> Option<(Detachable, Multiplexed)> {
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
    let Some((detachable, kept)) = here.or_else(|| target(&all, wanted)) else {
        return says(p, &format!("can't find session: {}", wanted.unwrap_or_default())).await;
    };
    match (name, &given.operands[..]) {
        ("has-session", []) => {}
        ("kill-session", []) => ask(p, detachable, Wish::End).await?,
        ("detach-client", []) if kept.client.is_none() => return says(p, "no current client").await,
        ("detach-client", []) => {
            let text = p.world(|world, _| multiplexing::left(world, detachable));
            ask(p, detachable, Wish::Detach(text)).await?;
        }
        ("rename-session", [new]) => {
            if let Err(complaint) = check_name(new) {
                return says(p, &complaint).await;
            }
            if all.iter().any(|(_, kept)| kept.name == *new) {
                return says(p, &format!("duplicate session: {new}")).await;
            }
            p.linux(|linux| {
                if let Some(kept) = linux.multiplexers.get_mut(detachable.number) {
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
    fn a_command_may_be_shortened_as_long_as_one_is_meant() {
        let check = |word, expect| {
            assert_eq!(command(word).as_deref().map_err(String::as_str), expect, "{word}");
        };
        check("a", Ok("attach-session"));
        check("ls", Ok("list-sessions"));
        check("lsw", Ok("list-windows"));
        check("new", Ok("new-session"));
        check("detach", Ok("detach-client"));
        check("kill-sess", Ok("kill-session"));
        check("kill", Err("ambiguous command: kill, could be: kill-pane, kill-server, kill-session, kill-window"));
        check("frob", Err("unknown command: frob"));
    }
}
