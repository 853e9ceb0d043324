//! What ash does not read as bash does, found in the tree: constructs that it has no grammar for are refused in its words,
//! expansions that it does not know become bad ones, and what is no assignment to it becomes a word.

use std::sync::Arc;

use super::super::parameter::is_name;

use crate::bash::ast::{
    Argument, ArmEnd, Assigned, Assignment, Command, Compound, Condition, Here, Item, Operation, Parameter, Part,
    Redirect, RedirectKind, Script, Simple, Word,
};
use crate::bash::print;

type Checked = Result<(), String>;

/// Changes a script to what ash reads.
///
/// # Errors
/// What ash says of the first thing that it does not read.
pub(super) fn check(script: &mut Script) -> Checked {
    script.items.iter_mut().try_for_each(item)
}

fn refused(what: &str) -> Checked {
    Err(format!("syntax error: {what}"))
}

/// The same between words of which the second has to come.
fn until(end: &str, script: &mut Script) -> Checked {
    check(script).map_err(|message| match message.starts_with("syntax error: unexpected") {
        true if !message.contains(" (expecting ") => format!("{message} (expecting \"{end}\")"),
        _ => message,
    })
}

fn item(item: &mut Item) -> Checked {
    let rest = item.rest.iter_mut().map(|(_, pipeline)| pipeline);
    std::iter::once(&mut item.first).chain(rest).flat_map(|pipeline| &mut pipeline.stages).try_for_each(command)
}

fn command(shell: &mut Command) -> Checked {
    match shell {
        Command::Simple(words) => simple(words),
        Command::Function { name, .. } if !is_name(name) => refused("bad function name"),
        Command::Function { body, .. } => command(Arc::make_mut(body)),
        Command::Compound { body, redirects, .. } => {
            compound(body)?;
            redirects.iter_mut().try_for_each(redirect)
        }
    }
}

fn simple(simple: &mut Simple) -> Checked {
    let array = |assignment: &Assignment| matches!(assignment.value, Assigned::Array(_));
    let given = simple.words.iter().filter_map(|argument| match argument {
        Argument::Assignment(assignment) => Some(assignment),
        Argument::Word(_) => None,
    });
    if simple.assignments.iter().chain(given).any(array) {
        return refused("unexpected \"(\"");
    }
    // `a[0]=1` and `x+=1` are no assignments, and what follows them is none either.
    let first = simple.assignments.iter().position(|assignment| assignment.append || assignment.subscript.is_some());
    if let Some(first) = first {
        let words = simple.assignments.split_off(first).into_iter().map(as_word);
        simple.words.splice(0..0, words);
    }
    for assignment in &mut simple.assignments {
        assigned(assignment)?;
    }
    for argument in &mut simple.words {
        match argument {
            Argument::Word(text) => word(text)?,
            Argument::Assignment(assignment) => assigned(assignment)?,
        }
    }
    simple.redirects.iter_mut().try_for_each(redirect)
}

fn as_word(assignment: Assignment) -> Argument {
    let subscript = assignment.subscript.map_or(String::new(), |word| format!("[{}]", print::word(&word)));
    let sign = if assignment.append { "+=" } else { "=" };
    let mut parts = vec![Part::Quoted(format!("{}{subscript}{sign}", assignment.name))];
    if let Assigned::Word(value) = assignment.value {
        parts.extend(value.parts);
    }
    Argument::Word(Word::of(parts))
}

fn assigned(assignment: &mut Assignment) -> Checked {
    match &mut assignment.value {
        Assigned::Word(text) => word(text),
        Assigned::Array(_) => refused("unexpected \"(\""),
    }
}

fn redirect(redirect: &mut Redirect) -> Checked {
    match &mut redirect.kind {
        RedirectKind::HereString(_) | RedirectKind::AppendBoth(_) => refused("unexpected redirection"),
        RedirectKind::Read(text)
        | RedirectKind::Write(text)
        | RedirectKind::Clobber(text)
        | RedirectKind::Append(text)
        | RedirectKind::ReadWrite(text)
        | RedirectKind::WriteBoth(text)
        | RedirectKind::DuplicateIn(text)
        | RedirectKind::DuplicateOut(text)
        | RedirectKind::Here(Here { text, .. }) => word(text),
    }
}

fn compound(compound: &mut Compound) -> Checked {
    match compound {
        Compound::Group(script) => until("}", script),
        Compound::Subshell(script) => until(")", script),
        Compound::If { branches, otherwise } => {
            for (condition, body) in branches {
                until("then", condition)?;
                until("fi", body)?;
            }
            otherwise.as_mut().map_or(Ok(()), |body| until("fi", body))
        }
        Compound::For { name, .. } if !is_name(name) => refused("bad for loop variable"),
        Compound::For { words, body, .. } => {
            words.iter_mut().flatten().try_for_each(word)?;
            until("done", body)
        }
        Compound::ForArithmetic { .. } => refused("bad for loop variable"),
        Compound::Select { .. } => refused("unexpected \"do\""),
        Compound::While { condition, body, .. } => {
            until("do", condition)?;
            until("done", body)
        }
        Compound::Case { word: compared, arms } => {
            word(compared)?;
            for arm in arms {
                arm.patterns.iter_mut().try_for_each(word)?;
                until(";;", &mut arm.body)?;
                match arm.end {
                    ArmEnd::Break => {}
                    ArmEnd::Fall => return refused("unexpected \"&\""),
                    ArmEnd::Test => return refused("unexpected word (expecting \")\")"),
                }
            }
            Ok(())
        }
        Compound::Conditional(tested) => condition(tested),
        // It reads a subshell within a subshell.
        Compound::Arithmetic(_) => refused("unexpected \"(\""),
    }
}

fn condition(tested: &mut Condition) -> Checked {
    match tested {
        Condition::Not(inner) => condition(inner),
        Condition::And(left, right) | Condition::Or(left, right) => {
            condition(left)?;
            condition(right)
        }
        Condition::Unary(_, text) | Condition::Word(text) => word(text),
        Condition::Binary(left, _, right) => {
            word(left)?;
            word(right)
        }
    }
}

fn word(text: &mut Word) -> Checked {
    parts(&mut text.parts)
}

fn parts(parts_of: &mut [Part]) -> Checked {
    for part in parts_of {
        match part {
            Part::Bare(_) | Part::Quoted(_) => {}
            Part::Double(inner) => parts(inner)?,
            Part::Parameter(held) => parameter(held)?,
            Part::Command(script) => until(")", Arc::make_mut(script))?,
            Part::Arithmetic(text) => word(text)?,
            Part::Process(..) => return refused("unexpected \"(\""),
        }
    }
    Ok(())
}

fn parameter(parameter: &mut Parameter) -> Checked {
    let unknown = matches!(
        parameter.operation,
        Some(Operation::Case { .. } | Operation::Transform(_) | Operation::Names(_) | Operation::Keys(_))
    );
    if unknown || parameter.indirect || parameter.subscript.is_some() {
        let text = print::word(&Word::of(vec![Part::Parameter(Box::new(parameter.clone()))]));
        *parameter =
            Parameter { name: text, subscript: None, braced: true, indirect: false, operation: Some(Operation::Bad) };
        return Ok(());
    }
    match &mut parameter.operation {
        Some(Operation::Unset { word: text, .. }) => word(text),
        Some(Operation::Trim { pattern, .. }) => word(pattern),
        Some(Operation::Replace { which, pattern, with }) => {
            // It knows no place where the text must stand.
            if matches!(which, '#' | '%') {
                pattern.parts.insert(0, Part::Quoted(which.to_string()));
                *which = '/';
            }
            word(pattern)?;
            word(with)
        }
        Some(Operation::Slice { offset, length }) => {
            word(offset)?;
            length.as_mut().map_or(Ok(()), word)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bash::parse::{Options, Parser};
    use crate::bash::version::Version;

    fn read(text: &str) -> Result<String, String> {
        let mut parser =
            Parser::new(text, Options { aliases: &|_| None, extglob: false, first_line: 1, version: Version::NONE });
        let mut script = parser.next().expect("a command").expect("bash reads it").script;
        check(&mut script)?;
        Ok(script.items.iter().map(print::item).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn what_ash_has_no_grammar_for_is_refused() {
        let check = |text: &str, expect: &str| assert_eq!(read(text), Err(format!("syntax error: {expect}")), "{text}");
        check("a=(1 2)", "unexpected \"(\"");
        check("if true; then local a=(1 2); fi", "unexpected \"(\" (expecting \"fi\")");
        check("diff <(sort a) b", "unexpected \"(\"");
        check("echo \"$(cat <<< x)\"", "unexpected redirection (expecting \")\")");
        check("a-b() { ls; }", "bad function name");
        check("select x in a b; do echo $x; done", "unexpected \"do\"");
    }

    #[test]
    fn what_both_know_stays() {
        let check = |text: &str| assert_eq!(read(text).as_deref(), Ok(text));
        check("for vm in a b;\ndo\n    echo $vm;\ndone");
        check("x=${y:-1} z=$(( 1 + 1 )) ls -l > out 2>&1");
        check("[[ -f a && b == c* ]]");
        check("echo ${x%.*} ${x/a/b} ${x:1:2} ${#x}");
    }

    #[test]
    fn what_ash_reads_otherwise_is_changed() {
        let tree = |text: &str| {
            let mut parser = Parser::new(
                text,
                Options { aliases: &|_| None, extglob: false, first_line: 1, version: Version::NONE },
            );
            let mut script = parser.next().expect("a command").expect("bash reads it").script;
            check(&mut script).expect("ash reads it");
            script
        };
        let words = |text: &str, expect: [usize; 2]| {
            let script = tree(text);
            let Command::Simple(simple) = &script.items[0].first.stages[0] else { panic!("{text}") };
            assert_eq!([simple.assignments.len(), simple.words.len()], expect, "{text}");
        };
        words("x=1 y=2 ls", [2, 1]);
        words("x+=1 ls", [0, 2]);
        words("x=1 a[0]=1 y=2", [1, 2]);
        let bad = |text: &str| {
            let script = tree(&format!("echo {text}"));
            let Command::Simple(simple) = &script.items[0].first.stages[0] else { panic!("{text}") };
            let Argument::Word(word) = &simple.words[1] else { panic!("{text}") };
            let [Part::Parameter(parameter)] = &word.parts[..] else { panic!("{text}") };
            assert_eq!((parameter.name.as_str(), &parameter.operation), (text, &Some(Operation::Bad)));
        };
        for text in ["${x^^}", "${!x}", "${a[0]}", "${x@Q}", "${!x*}"] {
            bad(text);
        }
    }
}
