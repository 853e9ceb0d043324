//! `%help`, `%quit` and `%record`: finding one's way, leaving, keeping a record.

use super::fault::{self, FAULT};
use super::{DIRECTORS, Director, Effect, Reply, misused, signature, unknown};
use crate::operator::Operator;

/// Everything there is, by what one wants to do.
pub const HELP: Director = Director {
    name: "help",
    group: Some("Find your way"),
    usage: "[COMMAND]",
    about: "show this, or one command",
    example: "%help disc",
    run: help,
};

/// The end of the program.
pub const QUIT: Director = Director {
    name: "quit",
    group: Some("Find your way"),
    usage: "",
    about: "leave appsh",
    example: "%quit",
    run: |_, _| Reply::effect(Effect::Quit),
};

/// A transcript of what happens from here on.
pub const RECORD: Director = Director {
    name: "record",
    group: Some("Keep a record"),
    usage: "FILE|off",
    about: "write a transcript from here on",
    example: "%record rehearsal.txt",
    run: record,
};

fn help(operator: &mut Operator, words: &[&str]) -> Reply {
    match words {
        [] => Reply::text(overview()),
        [name] => {
            let name = name.trim_start_matches('%');
            match DIRECTORS.iter().find(|command| command.name == name) {
                Some(command) => Reply::text(format!(
                    "{}\n   {}\n   for example: {}\n{}",
                    signature(command),
                    command.about,
                    command.example,
                    if name == FAULT.name { fault::help(operator) } else { String::new() }
                )),
                None => unknown(name),
            }
        }
        _ => misused(&HELP),
    }
}

/// All commands on one screen of 24 rows and 80 columns: what one wants to do, an example, and what that is.
fn overview() -> String {
    let width = |of: fn(&Director) -> &str| DIRECTORS.iter().map(|command| of(command).len()).max().unwrap_or_default();
    let (groups, examples) = (width(|command| command.group.unwrap_or_default()), width(|command| command.example));
    let (mut text, mut last) = (String::new(), "");
    for (command, group) in DIRECTORS.iter().filter_map(|command| Some((command, command.group?))) {
        let heading = if group == last { "" } else { group };
        last = group;
        text.push_str(&format!("{heading:<groups$} {:<examples$} {}\n", command.example, command.about));
    }
    text.push_str("%help COMMAND shows what it takes; all else goes to the appliance.\n");
    text
}

fn record(_: &mut Operator, words: &[&str]) -> Reply {
    match words {
        ["off"] => Reply::effect(Effect::Record(None)),
        [file] => Reply::effect(Effect::Record(Some((*file).to_owned()))),
        _ => misused(&RECORD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Lab;
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::shell::Terminal;

    #[test]
    fn each_command_is_shown_as_it_is_typed() {
        let world = LabFile::parse(BUNDLED[0].1).and_then(|file| file.world("one", None, None)).expect("a good lab");
        let lab = Lab::new(world, Box::new(Bundled));
        let mut operator = Operator::new(lab, None, Terminal::PIPE).expect("it has a machine");
        for command in DIRECTORS {
            let Reply { text, .. } = help(&mut operator, &[command.name]);
            assert!(text.starts_with(&format!("%{}", command.name)), "{text}");
            assert!(text.contains(&format!("\n   for example: %{}", command.name)), "{text}");
        }
    }

    #[test]
    fn the_overview_fits_a_small_terminal() {
        let text = overview();
        assert!(text.lines().count() < 24, "{text}");
        for command in DIRECTORS {
            assert!(text.contains(&format!("%{}", command.name)), "{}", command.name);
        }
        for line in text.lines() {
            assert!(line.len() < 80, "{line}");
        }
    }
}
