//! The usage lines of a parser: options before positionals, exclusive groups in brackets, wrapped to the terminal.
//!
//! Source of truth: what the interpreters print. Brackets are put around groups as separate words first and tidied afterwards,
//! because the tidying reaches into metavars, too.

use super::Dialect;
use super::help::{Page, expand, values};
use super::spec::{Argument, Exclusive};
use std::collections::BTreeMap;

const PREFIX: &str = "usage: ";

/// The usage lines, with a newline at the end.
pub(super) fn usage(page: &Page) -> String {
    let actions: Vec<&Argument> = page.parser.actions().collect();
    format!("{PREFIX}{}\n", lines(page, &actions, page.parser.exclusive, PREFIX.len()))
}

/// What stands before a subcommand in its program name: the parser's own name and the positionals declared before the subcommands.
pub(super) fn prog_prefix(page: &Page) -> String {
    let before = page
        .parser
        .arguments
        .iter()
        .take_while(|argument| !matches!(argument.action, super::spec::Action::Subcommands(_)));
    let positionals: Vec<&Argument> = before.filter(|argument| !argument.is_option()).collect();
    lines(page, &positionals, page.parser.exclusive, 0).trim().to_owned()
}

fn lines(page: &Page, actions: &[&Argument], groups: &[Exclusive], prefix: usize) -> String {
    let prog = page.prog;
    if let Some(usage) = page.parser.usage {
        return expand(usage, |key| (key == "prog").then(|| prog.to_owned()));
    }
    let (options, positionals): (Vec<&Argument>, Vec<&Argument>) =
        actions.iter().partition(|argument| argument.is_option());
    let words = |actions: &[&Argument]| words(page, actions, groups);
    let all = words(&[&options[..], &positionals].concat());
    let whole = if all.is_empty() { prog.to_owned() } else { format!("{prog} {all}") };
    let width = page.width();
    if prefix + whole.chars().count() <= width {
        return whole;
    }
    let (options, positionals) = (words(&options), words(&positionals));
    wrapped(prog, &parts(&options), &parts(&positionals), prefix, width)
}

/// Options and positionals on lines of their own, below the program's name when that is long.
fn wrapped(prog: &str, options: &[&str], positionals: &[&str], prefix: usize, width: usize) -> String {
    let head = prefix + prog.chars().count();
    let mut lines;
    if 4 * head <= 3 * width {
        let indent = head + 1;
        let (first, rest) = match options {
            [] => (positionals, options),
            _ => (options, positionals),
        };
        let with_prog: Vec<&str> = std::iter::once(prog).chain(first.iter().copied()).collect();
        lines = fill(&with_prog, indent, prefix, width);
        lines[0].drain(..indent);
        lines.extend(fill(rest, indent, indent, width));
    } else {
        let all = fill(&[options, positionals].concat(), prefix, prefix, width);
        lines = vec![prog.to_owned()];
        if all.len() > 1 {
            lines.extend(fill(options, prefix, prefix, width));
            lines.extend(fill(positionals, prefix, prefix, width));
        } else {
            lines.extend(all);
        }
    }
    lines.join("\n")
}

/// Lines of parts, each indented; the first one is reckoned to begin at column `first`.
fn fill(parts: &[&str], indent: usize, first: usize, width: usize) -> Vec<String> {
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    let mut line: Vec<&str> = Vec::new();
    // One less than the column, so that each part counts with the blank before it.
    let mut length = first as isize - 1;
    for part in parts {
        let size = part.chars().count() as isize + 1;
        if length + size > width as isize && !line.is_empty() {
            lines.push(margin.clone() + &line.join(" "));
            line.clear();
            length = indent as isize - 1;
        }
        line.push(part);
        length += size;
    }
    if !line.is_empty() {
        lines.push(margin + &line.join(" "));
    }
    lines
}

/// Cuts a usage text at blanks, but keeps together what a bracket holds up to a closing one at a word's end.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while let Some(open) = rest.chars().next() {
        let bracketed = match open {
            '(' => closing(rest, ')'),
            '[' => closing(rest, ']'),
            _ => None,
        };
        let end = bracketed.unwrap_or_else(|| rest.find(' ').unwrap_or(rest.len()));
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    parts
}

fn closing(text: &str, close: char) -> Option<usize> {
    let ends = |at: &usize| text[*at..].is_empty() || text[*at..].starts_with(' ');
    text.match_indices(close).map(|(at, _)| at + 1).find(ends)
}

/// All arguments of a usage, in order, separated by blanks.
fn words(page: &Page, actions: &[&Argument], groups: &[Exclusive]) -> String {
    let mut marks = BTreeMap::new();
    let mut grouped = vec![false; actions.len()];
    for group in groups {
        mark_group(page, actions, group, &mut marks, &mut grouped);
    }
    for (index, action) in actions.iter().enumerate() {
        if action.hidden {
            let bar = [index, index + 1].into_iter().find(|at| marks.get(at).is_some_and(|mark| mark == "|"));
            bar.map(|at| marks.remove(&at));
        }
    }
    let mut words = Vec::new();
    for (index, (action, grouped)) in actions.iter().zip(grouped).enumerate() {
        words.extend(marks.remove(&index));
        if !action.hidden {
            words.push(word(action, grouped, page.dialect));
        }
    }
    words.extend(marks.into_values());
    tidy(&words.join(" "), page.dialect)
}

/// Notes the brackets and bars of a group whose members stand side by side; `marks` go before the argument with that index.
fn mark_group(
    page: &Page,
    actions: &[&Argument],
    group: &Exclusive,
    marks: &mut BTreeMap<usize, String>,
    grouped: &mut [bool],
) {
    let members: Vec<&Argument> = page.parser.members(group.name).collect();
    let same = |pair: (&&Argument, &&Argument)| std::ptr::eq(*pair.0, *pair.1);
    let Some(start) = actions.iter().position(|action| members.first().is_some_and(|first| same((action, first))))
    else {
        return;
    };
    let end = start + members.len();
    if end > actions.len() || !actions[start..end].iter().zip(&members).all(same) {
        return;
    }
    grouped[start..end].fill(true);
    let newest = page.dialect == Dialect::Python311;
    let shown = members.iter().filter(|member| !member.hidden).count();
    let (open, close) = if group.required { ("(", ")") } else { ("[", "]") };
    if !(group.required && newest && shown <= 1) {
        let before = marks.entry(start).or_default();
        *before = if before.is_empty() { open.to_owned() } else { format!("{before} {open}") };
        let behind = marks.entry(end).or_default();
        // Up to 3.6 the bracket replaces whatever a group behind has put there.
        *behind = if newest { format!("{behind}{close}") } else { close.to_owned() };
    }
    for index in start + 1..end {
        marks.insert(index, "|".to_owned());
    }
}

/// One argument as the usage writes it.
fn word(argument: &Argument, grouped: bool, dialect: Dialect) -> String {
    let values = values(argument, dialect);
    let Some(name) = argument.names.first() else {
        let inner = values.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        return inner.filter(|_| grouped).map_or_else(|| values.clone(), str::to_owned);
    };
    let form = match values.is_empty() {
        true => (*name).to_owned(),
        false => format!("{name} {values}"),
    };
    if argument.required || grouped { form } else { format!("[{form}]") }
}

/// Removes blanks inside brackets, empty brackets, and up to 3.6 parentheses around no choice at all.
fn tidy(text: &str, dialect: Dialect) -> String {
    let text = text.replace("[ ", "[").replace("( ", "(").replace(" ]", "]").replace(" )", ")");
    let text = without_empty_brackets(&text);
    match dialect {
        Dialect::Python311 => text.trim().to_owned(),
        _ => without_idle_parentheses(&text).trim().to_owned(),
    }
}

fn without_empty_brackets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        let inner = tail.trim_start_matches(' ');
        if matches!(c, '[' | '(') && inner.starts_with([']', ')']) {
            rest = &inner[1..];
        } else {
            out.push(c);
            rest = tail;
        }
    }
    out
}

/// Drops a parenthesis and the last closing one behind it, when no bar stands between them.
fn without_idle_parentheses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        out.push_str(&rest[..open]);
        let tail = &rest[open + 1..];
        let reach = tail.find('|').unwrap_or(tail.len());
        if let Some(close) = tail[..reach].rfind(')') {
            out.push_str(&tail[..close]);
            rest = &tail[close + 1..];
        } else {
            out.push('(');
            rest = tail;
        }
    }
    out + rest
}
