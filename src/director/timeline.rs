//! `%save`, `%undo`, `%rewind`, `%fork`: going back, and trying it another way.

use super::{Director, Effect, Reply, misused};
use crate::operator::Operator;
use crate::timeline::Stays;

const GROUP: &str = "Go back";

/// Name the present.
pub const SAVE: Director = Director {
    name: "save",
    group: Some(GROUP),
    usage: "[NAME]",
    about: "name the present; list the names",
    example: "%save before-install",
    run: save,
};

/// Take commands back.
pub const UNDO: Director = Director {
    name: "undo",
    group: Some(GROUP),
    usage: "[COUNT]",
    about: "take back the last commands",
    example: "%undo 3",
    run: undo,
};

/// Go to a named point.
pub const REWIND: Director = Director {
    name: "rewind",
    group: Some(GROUP),
    usage: "[NAME]",
    about: "go to the start, or to a name",
    example: "%rewind before-install",
    run: rewind,
};

/// Go on in a branch.
pub const FORK: Director = Director {
    name: "fork",
    group: Some(GROUP),
    usage: "[NAME]",
    about: "try another way beside this one",
    example: "%fork without-stage",
    run: fork,
};

const RUNNING: &str = "a command is running; let it end, or stop it with Ctrl-C";

fn save(operator: &mut Operator, words: &[&str]) -> Reply {
    match words {
        [] => Reply::text(list(operator)),
        [name] => match operator.lab.point() {
            Some(point) => {
                operator.timeline.mark(name, point);
                Reply::text(format!("appsh: {} is called {name} now", operator.now()))
            }
            None => Reply::refused(RUNNING),
        },
        _ => misused(&SAVE),
    }
}

fn list(operator: &Operator) -> String {
    let marks = operator.timeline.marks().map(|(name, point)| format!("{name}  {}\n", point.world.now));
    let lines: String = marks.collect();
    if lines.is_empty() { "appsh: nothing is saved yet\n".to_owned() } else { lines }
}

fn undo(operator: &mut Operator, words: &[&str]) -> Reply {
    let count = match words {
        [] => Some(1),
        [count] => count.parse::<usize>().ok().filter(|count| *count > 0),
        _ => None,
    };
    let Some(count) = count else { return misused(&UNDO) };
    let taken = match operator.timeline.take_back(count) {
        Ok(taken) => taken,
        Err(why) => return Reply::refused(stays(why)),
    };
    operator.restore(&taken.point, taken.current);
    restored(format!("appsh: it is {} again, before `{}`\n", operator.now(), taken.line))
}

fn stays(why: Stays<'_>) -> String {
    match why {
        Stays::Only(0) => "there is nothing to take back".to_owned(),
        Stays::Only(1) => "only one command can be taken back".to_owned(),
        Stays::Only(depth) => format!("only {depth} commands can be taken back"),
        Stays::Between { line, whole } => {
            let way = whole.map_or("%rewind goes back further".to_owned(), |count| {
                format!("%undo {count} takes that one back as well")
            });
            format!("`{line}` was typed while another command ran, and does not go without it; {way}")
        }
    }
}

fn rewind(operator: &mut Operator, words: &[&str]) -> Reply {
    let (point, name) = match words {
        [] => (operator.timeline.start().cloned(), "the start"),
        [name] => (operator.timeline.marked(name).cloned(), *name),
        _ => return misused(&REWIND),
    };
    let Some(point) = point else {
        return Reply::refused(match words {
            [] => "the start of this lab is not kept: a command was running when it was opened".to_owned(),
            _ => format!("nothing is saved as {name}"),
        });
    };
    // One step like any command: it can be taken back, and what was typed before it, too.
    let line = format!("%rewind {}", words.join(" "));
    let (present, current) = (operator.lab.point(), operator.current());
    operator.timeline.before(line.trim_end(), present, current);
    operator.restore(&point, None);
    restored(format!("appsh: it is {} again, at {name}\n", operator.now()))
}

fn fork(operator: &mut Operator, words: &[&str]) -> Reply {
    match words {
        [] => Reply::text(branches(operator)),
        [name] if *name == operator.timeline.branch() => Reply::refused(format!("{name} is where you are")),
        [name] => {
            let Some(present) = operator.lab.point() else { return Reply::refused(RUNNING) };
            let left = operator.timeline.branch().to_owned();
            let current = operator.current();
            let next = operator.timeline.fork(name, present);
            operator.restore(&next, current);
            restored(format!("appsh: in branch {name} at {}; {left} stays as it was\n", operator.now()))
        }
        _ => misused(&FORK),
    }
}

fn branches(operator: &Operator) -> String {
    let mut text = format!("* {}  {}\n", operator.timeline.branch(), operator.now());
    for (name, point) in operator.timeline.branches() {
        text.push_str(&format!("  {name}  {}\n", point.world.now));
    }
    text
}

fn restored(text: String) -> Reply {
    Reply { text, status: 0, effect: Some(Effect::Restored) }
}
