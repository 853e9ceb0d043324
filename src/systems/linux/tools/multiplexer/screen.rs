//! `screen` (screen(1)): a session begins, `-ls`, `-r`, `-d`, `-x`, and their combinations of daily use.

use super::{New, around, ask, look, own, says, size};
use crate::shell::Detachable;
use crate::shell::detachable::Wish;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::multiplexer::{Multiplexed, Multiplexer};
use crate::systems::linux::multiplexing;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::terminal;

/// What is asked of it.
#[derive(Default)]
struct Ask {
    name: Option<String>,
    lists: bool,
    attaches: bool,
    detaches: bool,
    shared: bool,
    starts_detached: bool,
    or_new: bool,
    operands: Vec<String>,
}

/// The options; else one that is not modelled.
fn read(arguments: &[String]) -> Result<Ask, String> {
    let mut ask = Ask::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-ls" | "-list" => ask.lists = true,
            "-S" => ask.name = words.next().cloned(),
            "-dmS" => (ask.starts_detached, ask.name) = (true, words.next().cloned()),
            "-dm" => ask.starts_detached = true,
            "-r" => ask.attaches = true,
            "-d" | "-D" => ask.detaches = true,
            "-dr" | "-Dr" | "-dRR" => (ask.detaches, ask.attaches) = (true, true),
            "-DR" | "-dR" | "-DRR" => (ask.detaches, ask.attaches, ask.or_new) = (true, true, true),
            "-R" | "-RR" => (ask.attaches, ask.or_new) = (true, true),
            "-x" => ask.shared = true,
            "-U" | "-q" => {}
            other if other.starts_with('-') => return Err(other.to_owned()),
            other => ask.operands.push(other.to_owned()),
        }
    }
    Ok(ask)
}

pub async fn screen(p: &mut Proc, arguments: &[String]) -> Ended {
    if let [flag] = arguments
        && matches!(flag.as_str(), "-v" | "--version")
    {
        p.inferred();
        let version = if p.peek(is_suse) { "4.00.02 (FAU) 5-Dec-06" } else { "4.01.00devel (GNU) 2-May-06" };
        p.out(&format!("Screen version {version}\n")).await?;
        return Ok(0);
    }
    let asked = match read(arguments) {
        Ok(asked) => asked,
        Err(option) => return p.gap(&format!("screen {option}")),
    };
    if asked.shared {
        return p.gap("screen -x: two terminals at one session (screen -d -r takes it over)");
    }
    let wanted = asked.operands.first().or(asked.name.as_ref().filter(|_| asked.attaches || asked.detaches));
    let fitting: Vec<(Detachable, Multiplexed)> = own(p, Multiplexer::Screen)
        .into_iter()
        .filter(|(_, kept)| wanted.is_none_or(|name| is_called(kept, name)))
        .collect();
    if asked.lists {
        return list(p, &fitting).await;
    }
    if asked.attaches || asked.detaches {
        return turn(p, &asked, wanted.map(String::as_str), &fitting).await;
    }
    if !asked.operands.is_empty() {
        return p.gap("screen with a command");
    }
    begin(p, &asked).await
}

fn is_suse(linux: &crate::systems::linux::model::Linux) -> bool {
    linux.distro.vendor == Vendor::Suse
}

/// Whether a name means this session: its number, its name, or the beginning of one of them.
fn is_called(kept: &Multiplexed, name: &str) -> bool {
    let (_, own) = kept.name.split_once('.').unwrap_or_default();
    kept.name.starts_with(name) || own.starts_with(name)
}

fn folder(p: &Proc) -> String {
    let folder = if p.peek(is_suse) { "/var/run/uscreens" } else { "/var/run/screen" };
    format!("{folder}/S-{}", p.user)
}

/// The lines that name sessions.
fn lines(all: &[(Detachable, Multiplexed)]) -> String {
    let heading = if all.len() == 1 { "There is a screen on:" } else { "There are screens on:" };
    let state = |kept: &Multiplexed| if kept.client.is_some() { "Attached" } else { "Detached" };
    let each = all.iter().map(|(_, kept)| format!("\t{}\t({})\n", kept.name, state(kept)));
    format!("{heading}\n{}", each.collect::<String>())
}

async fn list(p: &mut Proc, all: &[(Detachable, Multiplexed)]) -> Ended {
    p.inferred();
    let folder = folder(p);
    let text = if all.is_empty() {
        format!("No Sockets found in {folder}.\n\n")
    } else {
        let sockets = if all.len() == 1 { "Socket" } else { "Sockets" };
        format!("{}{} {sockets} in {folder}.\n\n", lines(all), all.len())
    };
    p.out(&text).await?;
    Ok(1)
}

/// `-r` and `-d`.
async fn turn(p: &mut Proc, asked: &Ask, wanted: Option<&str>, fitting: &[(Detachable, Multiplexed)]) -> Ended {
    // Within a session `screen -d` is about that one.
    if asked.detaches
        && !asked.attaches
        && wanted.is_none()
        && let Some((detachable, kept)) = around(p).filter(|(_, kept)| kept.program == Multiplexer::Screen)
    {
        detach(p, detachable).await?;
        p.out(&format!("[{} detached.]\n\n", kept.name)).await?;
        return Ok(0);
    }
    let fits = |kept: &Multiplexed| {
        asked.detaches && (asked.attaches || kept.client.is_some()) || !asked.detaches && kept.client.is_none()
    };
    let free: Vec<&(Detachable, Multiplexed)> = fitting.iter().filter(|(_, kept)| fits(kept)).collect();
    let matching = wanted.map(|name| format!(" matching {name}")).unwrap_or_default();
    match free[..] {
        [] if asked.or_new => begin(p, asked).await,
        [] => {
            let done = if asked.attaches { "resumed" } else { "detached" };
            let others = if fitting.is_empty() { String::new() } else { lines(fitting) };
            says(p, &format!("{others}There is no screen to be {done}{matching}.\n")).await
        }
        [(detachable, kept)] if asked.attaches => {
            if !p.at_keyboard() {
                return says(p, "Must be connected to a terminal.").await;
            }
            if around(p).is_some_and(|(around, _)| around == *detachable) {
                return says(p, &format!("Attaching from inside of screen?: {}", kept.name)).await;
            }
            look(p, *detachable, Wish::Attach);
            Ok(0)
        }
        [(detachable, kept)] => {
            detach(p, *detachable).await?;
            p.out(&format!("[{} detached.]\n\n", kept.name)).await?;
            Ok(0)
        }
        _ => {
            let all: Vec<(Detachable, Multiplexed)> = free.into_iter().cloned().collect();
            let text = lines(&all).replacen("There are screens on:", "There are several suitable screens on:", 1);
            says(p, &format!("{text}Type \"screen [-d] -r [pid.]tty.host\" to resume one of them.\n")).await
        }
    }
}

async fn detach(p: &mut Proc, detachable: Detachable) -> Result<(), Cut> {
    let text = p.world(|world, _| multiplexing::taken(world, detachable));
    ask(p, detachable, Wish::Detach(text)).await
}

async fn begin(p: &mut Proc, asked: &Ask) -> Ended {
    if p.env("STY").is_some() {
        return p.gap("screen: a second detachable");
    }
    if !asked.starts_detached && !p.at_keyboard() {
        return says(p, "Must be connected to a terminal.").await;
    }
    let (tty, size) = p.cx.with(|cx| (terminal::tty(cx.session), size(cx.session)));
    let host = p.peek(|linux| linux.hostname.split('.').next().unwrap_or_default().to_owned());
    let new = New {
        program: Multiplexer::Screen,
        name: asked.name.clone().unwrap_or_else(|| format!("{}.{host}", tty.replace('/', "-"))),
        index: 0,
        server: None,
        size,
        detached: asked.starts_detached,
        login: false,
    };
    new.begin(p, |_, name| [("TERM", "screen".to_owned()), ("STY", name.to_owned()), ("WINDOW", "0".to_owned())])
        .await?;
    Ok(0)
}
