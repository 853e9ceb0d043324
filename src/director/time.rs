//! `%time`, `%advance`, `%pace`: virtual time in the director's hands.

use super::{Director, Effect, Pace, Reply, misused, span};
use crate::operator::Operator;

const GROUP: &str = "Move time";

/// What time it is.
pub const TIME: Director = Director {
    name: "time",
    group: Some(GROUP),
    usage: "",
    about: "show the virtual time",
    example: "%time",
    run: |operator, _| Reply::text(operator.now().to_string()),
};

/// Let time pass.
pub const ADVANCE: Director = Director {
    name: "advance",
    group: Some(GROUP),
    usage: "SPAN",
    about: "let virtual time pass at once",
    example: "%advance 10m",
    run: advance,
};

/// How fast time passes.
pub const PACE: Director = Director {
    name: "pace",
    group: Some(GROUP),
    usage: "[instant|real|FACTORx]",
    about: "show or set the speed of time",
    example: "%pace 60x",
    run: pace,
};

fn advance(operator: &mut Operator, words: &[&str]) -> Reply {
    let [word] = words else { return misused(&ADVANCE) };
    match span(word) {
        Ok(span) => {
            let Some(to) = operator.now().later(span) else {
                return Reply::refused(format!("{word} is beyond the year 9999, where virtual time ends"));
            };
            operator.lab.advance(to);
            Reply::default()
        }
        Err(reply) => reply,
    }
}

fn pace(_: &mut Operator, words: &[&str]) -> Reply {
    match words {
        [] => Reply::effect(Effect::ShowPace),
        [word] => match Pace::parse(word) {
            Ok(pace) => Reply::effect(Effect::Pace(pace)),
            Err(why) => Reply::refused(why),
        },
        _ => misused(&PACE),
    }
}
