//! `%machines`, `%login`, `%facts`: what there is in the lab, and how it stands.

use super::vm::subject;
use super::{Director, Reply, misused};
use crate::operator::Operator;
use crate::systems::{facts, family};

const GROUP: &str = "Find your way";

/// The machines of the lab.
pub const MACHINES: Director = Director {
    name: "machines",
    group: Some(GROUP),
    usage: "",
    about: "list machines and their state",
    example: "%machines",
    run: |operator, _| Reply::text(machines(operator)),
};

/// A session on a machine.
pub const LOGIN: Director = Director {
    name: "login",
    group: Some(GROUP),
    usage: "[MACHINE]",
    about: "go there; %hangup, %detach",
    example: "%login vcsa01",
    run: login,
};

/// The end of a connection.
pub const HANGUP: Director = Director {
    name: "hangup",
    group: None,
    usage: "",
    about: "cut your connection to the machine",
    example: "%hangup",
    run: hangup,
};

/// The keys that leave a multiplexer.
pub const DETACH: Director = Director {
    name: "detach",
    group: None,
    usage: "",
    about: "leave tmux (Ctrl-B d) or screen (Ctrl-A d) running",
    example: "%detach",
    run: detach,
};

/// A session at the console of a machine.
pub const CONSOLE: Director = Director {
    name: "console",
    group: Some("Look from outside"),
    usage: "[MACHINE]",
    about: "log in at its console, or %dcui",
    example: "%console vcsa01",
    run: console,
};

/// The menus at the console of a machine.
pub const DCUI: Director = Director {
    name: "dcui",
    group: None,
    usage: "[ssh|bash on|off]",
    about: "menus at the machine's console",
    example: "%dcui ssh on",
    run: dcui,
};

/// The facts of the lab.
pub const FACTS: Director = Director {
    name: "facts",
    group: Some(GROUP),
    usage: "[PATTERN]",
    about: "show the state behind it all",
    example: "%facts vcsa01.staged.*",
    run: show_facts,
};

fn machines(operator: &Operator) -> String {
    let mut text = String::new();
    let world = operator.lab.world();
    for (id, machine) in world.machines() {
        let here = if machine.name == operator.machine() { "*" } else { " " };
        let (name, address, state) = (&machine.name, &machine.address, family(world, id).doing(world, id));
        text.push_str(&format!("{here} {name:<12} {address:<16} {state}\n"));
    }
    text
}

fn login(operator: &mut Operator, words: &[&str]) -> Reply {
    let name = match words {
        [] => operator.machine().to_owned(),
        [name] => (*name).to_owned(),
        _ => return misused(&LOGIN),
    };
    if let Err(why) = operator.turn_to(&name) {
        return Reply::refused(why);
    }
    if operator.current().is_none()
        && let Err(refusal) = operator.login()
    {
        return Reply::refused(refusal.why);
    }
    Reply::default()
}

fn hangup(operator: &mut Operator, words: &[&str]) -> Reply {
    if !words.is_empty() {
        return misused(&HANGUP);
    }
    match operator.current() {
        None => Reply::refused("nobody is logged in"),
        Some(id) if operator.lab.session(id).is_on_console() => Reply::refused("a console has no connection to be cut"),
        Some(id) => {
            operator.lab.hang_up(id);
            Reply::default()
        }
    }
}

fn detach(operator: &mut Operator, words: &[&str]) -> Reply {
    if !words.is_empty() {
        return misused(&DETACH);
    }
    match operator.current() {
        Some(id) if operator.lab.detach(id) => Reply::default(),
        _ => Reply::refused("this is neither tmux nor screen"),
    }
}

fn console(operator: &mut Operator, words: &[&str]) -> Reply {
    let name = match words {
        [] => operator.machine().to_owned(),
        [name] => (*name).to_owned(),
        _ => return misused(&CONSOLE),
    };
    match operator.turn_to(&name).and_then(|()| operator.login_at_console().map_err(|refusal| refusal.why)) {
        Ok(()) => Reply::default(),
        Err(why) => Reply::refused(why),
    }
}

fn dcui(operator: &mut Operator, words: &[&str]) -> Reply {
    if !matches!(words, [] | ["ssh" | "bash", "on" | "off"]) {
        return misused(&DCUI);
    }
    let id = match subject(operator) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    match operator.lab.act(|world, _| family(world, id).console_menu(world, id, words)) {
        Ok(text) => Reply::text(text),
        Err(why) => Reply::refused(why),
    }
}

fn show_facts(operator: &mut Operator, words: &[&str]) -> Reply {
    let pattern = match words {
        [] => "*",
        [pattern] => pattern,
        _ => return misused(&FACTS),
    };
    let lines: String =
        facts::select(operator.lab.world(), pattern).map(|(name, fact)| format!("{name} = {fact}\n")).collect();
    if lines.is_empty() {
        return Reply::refused(format!("no fact is called {pattern}; `appsh facts` lists them"));
    }
    Reply::text(lines)
}
