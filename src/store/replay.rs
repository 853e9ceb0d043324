//! Replay: what a journal tells is done once more, each entry through the surface through which it came.

use crate::director;
use crate::journal::{Entry, What};
use crate::lab::Waits;
use crate::operator::{Operator, Place};
use crate::shell::SessionId;
use crate::shell::coroutine::Chosen;

/// Does once more what an entry tells. `false` when it does not fit: then it belongs to another state of the lab, or to
/// another program.
pub fn replay(operator: &mut Operator, entry: Entry) -> bool {
    let passes = matches!(entry.what, What::Pass);
    let finished = operator.lab.replay_findings(entry.found);
    if !finished || (operator.now() != entry.at && !passes) {
        return false;
    }
    let known = |operator: &Operator, session| operator.lab.knows(session);
    match entry.what {
        What::Open { session, machine, terminal, door } => {
            let opened = operator.lab.open_by(door, &machine, terminal);
            operator.sit(Place { machine, current: Some(session) });
            return opened == Ok(session);
        }
        What::Line { session, line, given } => return type_line(operator, session, &line, Some(given)),
        What::Answer { session, line } => return type_line(operator, session, &line, None),
        What::Secret { session, verdict } => return operator.lab.verdict(session, verdict),
        What::Interrupt { session } if known(operator, session) => operator.lab.interrupt(session),
        What::Suspend { session } if known(operator, session) => operator.lab.suspend(session),
        What::Escape { session } if known(operator, session) => operator.lab.escape(session),
        What::EndOfInput { session } if known(operator, session) => operator.lab.end_of_input(session),
        What::Look { session: None, terminal } => operator.look(terminal),
        What::Look { session: Some(session), terminal } if known(operator, session) => {
            operator.lab.look(session, terminal);
        }
        What::Forget { session } if known(operator, session) => {
            operator.lab.forget(session);
            let Place { machine, current } = operator.place();
            operator.sit(Place { machine, current: current.filter(|id| *id != session) });
        }
        What::Turn { machine, session } if session.is_none_or(|id| known(operator, id)) => {
            operator.sit(Place { machine, current: session });
        }
        What::Pass => operator.lab.advance(entry.at),
        What::Director { line } => drop(director::run(operator, &line)),
        What::Interrupt { .. }
        | What::Suspend { .. }
        | What::Escape { .. }
        | What::EndOfInput { .. }
        | What::Look { .. }
        | What::Forget { .. }
        | What::Turn { .. } => return false,
    }
    true
}

/// Types a line into a session and stays in the present one.
fn type_line(operator: &mut Operator, session: SessionId, line: &str, at_prompt: Option<Option<Chosen>>) -> bool {
    if (operator.lab.waits(session) == Waits::Prompt) != at_prompt.is_some() {
        return false;
    }
    let place = operator.place();
    operator.sit(Place { machine: place.machine.clone(), current: Some(session) });
    let taken = operator.line_with(line, at_prompt.flatten());
    operator.sit(place);
    taken
}
