//! Prompts: whose prompt a line of a transcript starts with, and what was typed behind it.

use super::format::{Kind, Line};
use crate::lab::Waits;
use crate::operator::Operator;
use crate::shell::SessionId;
use crate::systems;
use crate::world::MachineId;

/// Whose prompt a line starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The session typed into; or the machine in front of which one sits, when no session is open.
    Here,
    /// Another open session.
    Session(SessionId),
    /// A machine without an open session.
    Machine(MachineId),
}

/// The prompts that lines may start with; where two are alike, the first counts.
pub(super) fn prompts(operator: &Operator) -> Vec<(Owner, String)> {
    let (lab, world) = (&operator.lab, operator.lab.world());
    let current = operator.current();
    let here = match current {
        Some(id) if lab.session(id).shells.is_empty() => None,
        Some(id) => Some(lab.prompt(id).into_owned()),
        None => world.find(operator.machine()).map(|id| systems::family(world, id).first_prompt(world, id)),
    };
    let mut prompts: Vec<(Owner, String)> = here.map(|prompt| (Owner::Here, prompt)).into_iter().collect();
    for session in lab.sessions().filter(|session| session.closed.is_none() && Some(session.id) != current) {
        if lab.waits(session.id) == Waits::Prompt {
            prompts.push((Owner::Session(session.id), lab.prompt(session.id).into_owned()));
        }
    }
    for (id, _) in world.machines().filter(|(_, machine)| machine.name != operator.machine()) {
        if lab.sessions().all(|session| session.machine != id || session.closed.is_some()) {
            prompts.push((Owner::Machine(id), systems::family(world, id).first_prompt(world, id)));
        }
    }
    prompts
}

/// Who was typed to, and what, if `line` starts with a prompt. `before` stands on the screen before the prompt of the
/// current session, when the last line printed has no end.
pub(super) fn typed_at<'a>(line: &Line<'a>, before: &str, prompts: &[(Owner, String)]) -> Option<(Owner, &'a str)> {
    if !before.is_empty()
        && let Some(rest) = line.shown().strip_prefix(before)
        && let Some((owner, prompt)) = prompts.first()
        && let Some(typed) = behind(rest, prompt)
    {
        return Some((*owner, typed));
    }
    if line.kind == Kind::Quoted {
        return None;
    }
    prompts.iter().find_map(|(owner, prompt)| Some((*owner, behind(line.text, prompt)?)))
}

/// What stands behind the prompt; a bare one may lack its blank.
fn behind<'a>(text: &'a str, prompt: &str) -> Option<&'a str> {
    if let Some(typed) = text.strip_prefix(prompt) {
        return Some(typed);
    }
    (text == prompt.trim_end()).then_some("")
}

/// Whether a line looks like a prompt with a command behind it, as shells show them.
pub(super) fn looks_typed(line: &str) -> bool {
    let Some(end) = ["> ", "# ", "$ "].iter().filter_map(|mark| line.find(mark)).min() else { return false };
    let prompt = line[..end].trim_end();
    let named = !prompt.is_empty() && prompt.len() <= 60 && !prompt.starts_with(['<', '-', ' ']);
    named && (!prompt.contains(' ') || prompt.contains(['~', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_line_starts_with_a_prompt() {
        let prompts =
            vec![(Owner::Here, "vcsa01:~ # ".to_owned()), (Owner::Machine(MachineId(1)), "Command> ".to_owned())];
        let check = |line: &str, before: &str, expect: Option<(Owner, &str)>| {
            assert_eq!(typed_at(&Line::parse(line), before, &prompts), expect, "{line:?} {before:?}");
        };
        let other = Owner::Machine(MachineId(1));
        check("vcsa01:~ # ls", "", Some((Owner::Here, "ls")));
        check("vcsa01:~ #", "", Some((Owner::Here, "")));
        check("vcsa01:~ #ls", "", None);
        check("Command>  date", "", Some((other, " date")));
        check("\\Command> date", "", None);
        check("Command> [..]", "", Some((other, "[..]")));
        // The last line printed has no end: the prompt stands behind it.
        check("no endvcsa01:~ # ls", "no end", Some((Owner::Here, "ls")));
        check("\\# no endvcsa01:~ # ls", "# no end", Some((Owner::Here, "ls")));
        check("no endCommand> date", "no end", None);
        check("vcsa01:~ # ls", "no end", Some((Owner::Here, "ls")));
    }

    #[test]
    fn what_looks_typed_is_told_from_output() {
        let check = |line: &str, expect| assert_eq!(looks_typed(line), expect, "{line}");
        check("Command> date", true);
        check("vcsa01:~ # ls", true);
        check("root@vcsa01 [ ~ ]# ls", true);
        check("[root@host1 ~]# ls", true);
        check("Unknown command: `date'", false);
        check("see Help > About", false);
        check(" [2015-10-08T02:43:36.281] : Nothing is staged", false);
        check("> quoted", false);
    }
}
