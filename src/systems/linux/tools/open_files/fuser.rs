//! `fuser` of psmisc: the processes that have a file, a file system or a port, and their end.

use std::collections::BTreeMap;

use super::super::files::meta;
use super::super::input::failed;
use super::super::procs::{table, user_name};
use super::{Hold, held, owned, service};
use crate::systems::linux::kernel;
use crate::systems::linux::model::{Process, signals};
use crate::systems::linux::proc::{Ended, Proc};

pub(super) async fn fuser(p: &mut Proc, arguments: &[String]) -> Ended {
    let (mut mounts, mut kills, mut verbose, mut silent, mut users, mut signal) =
        (false, false, false, false, false, 9);
    let (mut names, mut space) = (Vec::new(), "file".to_owned());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            names.push(word.clone());
            continue;
        };
        if let Some(number) = signals::number_listed(letters).filter(|_| {
            letters.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()) && letters.len() > 1
                || letters.parse::<u8>().is_ok_and(|n| n > 6)
        }) {
            signal = number;
            continue;
        }
        for letter in letters.chars() {
            match letter {
                'm' | 'c' => mounts = true,
                'k' => kills = true,
                'v' => verbose = true,
                's' => silent = true,
                'u' => users = true,
                'a' | 'I' | 'f' => {}
                'n' => space = words.next().cloned().unwrap_or_default(),
                'i' | 'l' | 'M' | 'w' | 'V' | '4' | '6' => return p.gap(&format!("fuser -{letter}")),
                letter => {
                    p.err(&format!("{}: Invalid option {letter}\n", p.name.clone())).await?;
                    return Ok(1);
                }
            }
        }
    }
    if names.is_empty() {
        p.err("No process specification given\n").await?;
        return Ok(1);
    }
    let processes: BTreeMap<u32, Process> = table(p).into_iter().collect();
    let (mut found_any, mut headed, mut failed_any) = (false, false, false);
    for name in names {
        let (name, space) = match name.rsplit_once('/') {
            Some((port, kind @ ("tcp" | "udp"))) => (port.to_owned(), kind.to_owned()),
            _ => (name, space.clone()),
        };
        let mut found: BTreeMap<u32, Vec<Hold>> = BTreeMap::new();
        let title = if space == "file" {
            let Ok(of) = meta(p, &name, true) else {
                p.err(&format!("Specified filename {name} does not exist.\n")).await?;
                failed_any = true;
                continue;
            };
            for held in held(p) {
                let same = match held.ino {
                    Some(ino) if mounts => p.peek(|linux| linux.fs.node(ino).mount) == of.mount,
                    Some(ino) => ino == of.ino,
                    None => false,
                };
                if same {
                    found.entry(held.pid).or_default().push(held.hold);
                }
            }
            p.peek(|linux| linux.fs.canonical(&p.cred, &p.cwd, &name)).unwrap_or_else(|_| name.clone())
        } else {
            let number = |text: &str| text == name || service(p, text, &space).as_deref() == Some(&name);
            for socket in owned(p).iter().filter(|socket| socket.netid == space && number(&socket.local.1)) {
                if let Some(owner) = &socket.owner {
                    found.entry(owner.pid).or_default().push(Hold::Open(owner.fd, true));
                }
            }
            format!("{name}/{space}")
        };
        if found.is_empty() {
            continue;
        }
        found_any = true;
        if silent {
            continue;
        }
        if verbose && !headed {
            p.err(&format!("{:20} USER        PID ACCESS COMMAND\n", "")).await?;
            headed = true;
        }
        p.err(&format!("{:<20}", format!("{title}:"))).await?;
        for (at, (pid, holds)) in found.iter().enumerate() {
            let Some(process) = processes.get(pid) else { continue };
            let has = |wanted: Hold| holds.contains(&wanted);
            let open = holds.iter().find_map(|hold| match hold {
                Hold::Open(_, writes) => Some(*writes),
                _ => None,
            });
            if verbose {
                let access: String = [
                    open.map_or('.', |writes| if writes { 'F' } else { 'f' }),
                    if has(Hold::Root) { 'r' } else { '.' },
                    if has(Hold::Directory) { 'c' } else { '.' },
                    if has(Hold::Program) { 'e' } else { '.' },
                    '.',
                ]
                .iter()
                .collect();
                let gap = if at > 0 { " ".repeat(20) } else { String::new() };
                p.err(&format!("{gap} {:<8} ", user_name(p, process.uid))).await?;
                p.out(&format!("{pid:>6}")).await?;
                p.err(&format!(" {access} {}\n", process.comm())).await?;
                continue;
            }
            p.out(&format!(" {pid:>5}")).await?;
            let marks = [(Hold::Root, 'r'), (Hold::Directory, 'c'), (Hold::Program, 'e')];
            let mut marks: String = marks.iter().filter(|(hold, _)| has(*hold)).map(|(_, mark)| *mark).collect();
            if users {
                marks.push_str(&format!("({})", user_name(p, process.uid)));
            }
            p.err(&marks).await?;
        }
        if !verbose {
            p.err("\n").await?;
        }
        if kills {
            for pid in found.keys() {
                if *pid == p.pid {
                    continue;
                }
                if !p.may_signal(*pid, signal) {
                    let text = format!("Could not kill process {pid}: Operation not permitted");
                    failed(p, &text, 1).await?;
                    continue;
                }
                p.world(|world, id| kernel::signal(world, id, *pid, signal));
            }
        }
    }
    Ok(u8::from(!found_any || failed_any))
}
