//! Words as one would type them.

use crate::bash::ast::{Operation, Parameter, Part, Word};

/// Where a part stands, which decides what must be quoted in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// A word.
    Plain,
    /// A pattern within something, where one types backslashes.
    Pattern,
    /// Between double quotes.
    Double,
    /// Behind the operator of `${…}` between double quotes.
    Brace,
    /// In a here-document.
    Here,
    /// In arithmetic.
    Arithmetic,
}

impl Context {
    /// What a backslash takes the meaning of, apart from `$` and the backslash.
    fn escaped(self) -> &'static str {
        match self {
            Context::Plain | Context::Pattern => "",
            Context::Double | Context::Arithmetic => "`\"",
            Context::Brace => "`\"}",
            Context::Here => "`",
        }
    }
}

pub(super) fn print(parts: &[Part], context: Context, out: &mut String) {
    for (at, part) in parts.iter().enumerate() {
        let next = parts.get(at + 1);
        match part {
            Part::Bare(text) => bare(text, next.is_some(), context, out),
            Part::Quoted(text) => {
                let before = at.checked_sub(1).and_then(|at| parts.get(at));
                quoted(text, [before, next], context, out);
            }
            Part::Double(inner) => {
                out.push('"');
                print(inner, Context::Double, out);
                out.push('"');
            }
            Part::Parameter(inner) => parameter(inner, next, context, out),
            Part::Command(script) => substitution("$(", &super::script(script), out),
            Part::Process(write, script) => substitution(if *write { ">(" } else { "<(" }, &super::script(script), out),
            Part::Arithmetic(word) => {
                let inner = super::typed(word, Context::Arithmetic);
                let (open, close) = if closes_early(&inner) { ("$[", "]") } else { ("$((", "))") };
                out.extend([open, &inner, close]);
            }
        }
    }
}

/// Whether arithmetic has a parenthesis too many, which only `$[ … ]` can hold.
fn closes_early(text: &str) -> bool {
    let mut open = 0_i64;
    text.chars().any(|c| {
        open += i64::from(c == '(') - i64::from(c == ')');
        open < 0
    }) || open != 0
}

/// Commands in parentheses, which must not come out as arithmetic.
pub(super) fn substitution(open: &str, commands: &str, out: &mut String) {
    out.push_str(open);
    if commands.starts_with('(') {
        out.push(' ');
    }
    out.push_str(commands);
    out.push(')');
}

fn bare(text: &str, more: bool, context: Context, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let live = match c {
            '$' => match next {
                Some(next) => next.is_ascii_alphanumeric() || "_@*#?-$!{([".contains(next),
                None => more,
            },
            '\\' if !matches!(context, Context::Plain | Context::Pattern) => match next {
                Some(next) => "$\\\n".contains(next) || context.escaped().contains(next),
                None => true,
            },
            _ => context.escaped().contains(c),
        };
        if live {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Single quotes, or a backslash before one character where that is what one types.
fn quoted(text: &str, neighbours: [Option<&Part>; 2], context: Context, out: &mut String) {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        let in_quotes = |text: &str| text == "'" || text.chars().nth(1).is_some();
        let among_quotes =
            neighbours.into_iter().flatten().any(|part| matches!(part, Part::Quoted(text) if in_quotes(text)));
        let backslash = match c {
            '\'' => true,
            '\n' => false,
            _ if among_quotes => false,
            ' ' => neighbours[1].is_some(),
            _ if context == Context::Pattern => !c.is_alphanumeric(),
            _ => "\\$`\"&;()<>|!*?[]{}~#".contains(c),
        };
        if backslash {
            out.push('\\');
            out.push(c);
            return;
        }
    }
    out.push('\'');
    out.push_str(&text.replace('\'', "'\\''"));
    out.push('\'');
}

fn parameter(parameter: &Parameter, next: Option<&Part>, context: Context, out: &mut String) {
    let name = &parameter.name;
    let plain = parameter.subscript.is_none() && !parameter.indirect && parameter.operation.is_none();
    if plain && (name.len() == 1 || !name.starts_with(|c: char| c.is_ascii_digit())) {
        let joins = |text: &String| text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let braces = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && matches!(next, Some(Part::Bare(text)) if joins(text));
        out.push_str(&if braces { format!("${{{name}}}") } else { format!("${name}") });
        return;
    }
    if parameter.operation == Some(Operation::Bad) {
        return out.push_str(name);
    }
    out.push_str("${");
    match parameter.operation {
        Some(Operation::Length) => out.push('#'),
        Some(Operation::Names(_) | Operation::Keys(_)) => out.push('!'),
        _ if parameter.indirect => out.push('!'),
        _ => {}
    }
    out.push_str(name);
    if let Some(subscript) = &parameter.subscript {
        out.push('[');
        print(&subscript.parts, Context::Plain, out);
        out.push(']');
    }
    if let Some(operation) = &parameter.operation {
        self::operation(operation, context, out);
    }
    out.push('}');
}

fn operation(operation: &Operation, context: Context, out: &mut String) {
    let plain = |word: &Word, out: &mut String| print(&word.parts, Context::Plain, out);
    match operation {
        Operation::Length | Operation::Bad => {}
        Operation::Unset { or_empty, action, word } => {
            if *or_empty {
                out.push(':');
            }
            out.push(*action);
            let inner =
                if matches!(context, Context::Plain | Context::Pattern) { Context::Plain } else { Context::Brace };
            print(&word.parts, inner, out);
        }
        Operation::Trim { suffix, longest, pattern } => {
            let sign = if *suffix { "%" } else { "#" };
            out.push_str(&sign.repeat(1 + usize::from(*longest)));
            plain(pattern, out);
        }
        Operation::Replace { which, pattern, with } => {
            out.push('/');
            match which {
                '*' => out.push('/'),
                '/' => {}
                anchor => out.push(*anchor),
            }
            print(&pattern.parts, Context::Pattern, out);
            if !(pattern.parts.is_empty() && with.parts.is_empty()) {
                out.push('/');
                plain(with, out);
            }
        }
        Operation::Slice { offset, length } => {
            out.push(':');
            print(&offset.parts, Context::Arithmetic, out);
            if let Some(length) = length {
                out.push(':');
                print(&length.parts, Context::Arithmetic, out);
            }
        }
        Operation::Case { to, all, pattern } => {
            out.extend(std::iter::repeat_n(*to, 1 + usize::from(*all)));
            plain(pattern, out);
        }
        Operation::Transform(letter) => out.extend(['@', *letter]),
        Operation::Names(at) => out.push(if *at { '@' } else { '*' }),
        Operation::Keys(at) => out.push_str(if *at { "[@]" } else { "[*]" }),
    }
}
