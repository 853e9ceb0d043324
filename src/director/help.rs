//! `%help`, `%quit` and `%record`: finding one's way, leaving, keeping a record.

use super::{DIRECTORS, Director, Effect, Reply, misused, unknown};
use crate::operator::Operator;

/// Everything there is, by what one wants to do.
pub const HELP: Director = Director {
    name: "help",
    group: "Find your way",
    usage: "[COMMAND]",
    about: "show what one can do",
    example: "%help disc",
    run: help,
};

/// The end of the program.
pub const QUIT: Director = Director {
    name: "quit",
    group: "Find your way",
    usage: "",
    about: "leave appsh; a lab without --save is gone then",
    example: "%quit",
    run: |_, _| Reply::effect(Effect::Quit),
};

/// A transcript of what happens from here on.
pub const RECORD: Director = Director {
    name: "record",
    group: "Keep a record",
    usage: "FILE|off",
    about: "write the session into FILE, as a transcript that can be run",
    example: "%record rehearsal.txt",
    run: record,
};

fn help(_: &mut Operator, words: &[&str]) -> Reply {
    match words {
        [] => Reply::text(overview()),
        [name] => {
            let name = name.trim_start_matches('%');
            match DIRECTORS.iter().find(|command| command.name == name) {
                Some(command) => Reply::text(format!(
                    "%{} {}\n   {}\n   for example: {}\n",
                    command.name, command.usage, command.about, command.example
                )),
                None => unknown(name),
            }
        }
        _ => misused(&HELP),
    }
}

fn overview() -> String {
    let mut text = String::new();
    let mut group = "";
    let width = DIRECTORS.iter().map(|command| command.example.len()).max().unwrap_or_default();
    for command in DIRECTORS {
        if command.group != group {
            group = command.group;
            text.push_str(&format!("{group}:\n"));
        }
        text.push_str(&format!("   {:<width$}  {}\n", command.example, command.about));
    }
    text.push_str("`%help COMMAND` shows what a command takes. Everything else goes to the appliance.\n");
    text
}

fn record(_: &mut Operator, words: &[&str]) -> Reply {
    match words {
        ["off"] => Reply::effect(Effect::Record(None)),
        [file] => Reply::effect(Effect::Record(Some((*file).to_owned()))),
        _ => misused(&RECORD),
    }
}
