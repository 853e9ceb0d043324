//! `$name` and `${…}`: what a parameter holds, and what is done with it.

use super::split::Fields;
use super::transform::Transform;
use super::{Later, Run, Sh, cost, memory};
use crate::bash::ast::{Operation, Parameter, Part, Word};
use crate::bash::quote;
use crate::bash::version::Feature;
use crate::systems::linux::ledger::MEMORY;
use crate::systems::linux::model::bash::Value;

/// What a parameter holds.
#[derive(Clone, Debug)]
pub(super) enum Held {
    /// It is not set.
    Unset,
    /// A text.
    Text(String),
    /// Several, each with its subscript; `star` joins them between double quotes.
    Many { items: Vec<(String, String)>, star: bool },
}

impl Held {
    fn is_empty(&self) -> bool {
        match self {
            Self::Unset => true,
            Self::Text(text) => text.is_empty(),
            Self::Many { items, .. } => items.iter().all(|(_, text)| text.is_empty()),
        }
    }

    fn is_unset(&self) -> bool {
        match self {
            Self::Unset => true,
            Self::Text(_) => false,
            Self::Many { items, .. } => items.is_empty(),
        }
    }
}

impl Sh {
    /// Expands a parameter into the words that are being put together.
    pub(super) fn parameter<'a>(
        &'a mut self,
        parameter: &'a Parameter,
        quoted: bool,
        fields: &'a mut Fields,
    ) -> Later<'a, ()> {
        Box::pin(async move {
            if let Some(Operation::Bad) = parameter.operation {
                return self.abort(&format!("{}: bad substitution", parameter.name)).await;
            }
            let mut name = parameter.name.clone();
            let mut subscript = match &parameter.subscript {
                Some(word) => Some(self.subscript(&name, word).await?),
                None => None,
            };
            if parameter.indirect && subscript.is_none() && self.resolve(&name) != name {
                // Of a reference, `!` is the name that it stands for.
                self.push(Held::Text(self.resolve(&name)), quoted, fields);
                return Ok(());
            }
            if parameter.indirect {
                let target = match self.hold(&name, subscript.as_deref()) {
                    Ok(Held::Text(target)) => target,
                    Ok(_) => return self.abort(&format!("{name}: invalid indirect expansion")).await,
                    Err(complaint) => return self.abort(&complaint).await,
                };
                (name, subscript) = match target.split_once('[') {
                    Some((array, rest)) => (array.to_owned(), Some(rest.trim_end_matches(']').to_owned())),
                    None => (target, None),
                };
            }
            match &parameter.operation {
                Some(Operation::Names(at)) => {
                    let names = self.st.variables.iter().filter(|(known, variable)| {
                        known.starts_with(&name) && !matches!(variable.value, Value::Unset)
                    });
                    let items = names.map(|(known, _)| (String::new(), known.clone())).collect();
                    self.push(Held::Many { items, star: !at }, quoted, fields);
                    return Ok(());
                }
                Some(Operation::Keys(at)) => {
                    let held = self.checked(&name, Some("@")).await?;
                    let items = match held {
                        Held::Many { items, .. } => items.into_iter().map(|(key, _)| (String::new(), key)).collect(),
                        Held::Text(_) => vec![(String::new(), "0".to_owned())],
                        Held::Unset => Vec::new(),
                    };
                    self.push(Held::Many { items, star: !at }, quoted, fields);
                    return Ok(());
                }
                _ => {}
            }
            let held = match self.checked(&name, subscript.as_deref()).await? {
                // No element is no word, between quotes as well.
                Held::Unset if subscript.as_deref() == Some("@") => Held::Many { items: Vec::new(), star: false },
                held => held,
            };
            let label = match &subscript {
                Some(subscript) => format!("{name}[{subscript}]"),
                None => name.clone(),
            };
            if let Some(Operation::Unset { or_empty, action, word }) = &parameter.operation {
                let gone = held.is_unset() || (*or_empty && held.is_empty());
                let how = (gone, *action, *or_empty);
                self.deeper(cost::OPERATION).await?;
                self.unset(&label, subscript.as_deref(), how, held, word, (quoted, fields)).await?;
                self.p.depth -= cost::OPERATION;
                return Ok(());
            }
            let always = matches!(name.as_str(), "@" | "*") || matches!(subscript.as_deref(), Some("@" | "*"));
            if held.is_unset() && self.option("nounset") && !always {
                let is_sign = label.starts_with(|first: char| first.is_ascii_digit() || first == '!');
                let dollar = if is_sign && !parameter.braced && !self.is_ash() { "$" } else { "" };
                return self.fatal(&format!("{dollar}{label}: unbound variable")).await;
            }
            let held = match &parameter.operation {
                None => held,
                Some(Operation::Length) => Held::Text(match &held {
                    Held::Unset => "0".to_owned(),
                    Held::Text(text) if matches!(name.as_str(), "@" | "*") => text.clone(),
                    Held::Text(text) => text.chars().count().to_string(),
                    Held::Many { items, .. } => items.len().to_string(),
                }),
                Some(operation) => {
                    self.deeper(cost::OPERATION).await?;
                    let held = self.operate(&name, held, operation, subscript.is_some()).await?;
                    self.p.depth -= cost::OPERATION;
                    held
                }
            };
            self.grow(memory::held(&held))?;
            self.push(held, quoted, fields);
            Ok(())
        })
    }

    async fn checked(&mut self, name: &str, subscript: Option<&str>) -> Run<Held> {
        match self.hold(name, subscript) {
            Ok(held) => Ok(held),
            Err(complaint) if complaint.ends_with("bad array subscript") => {
                self.complain(&format!("{name}: bad array subscript")).await?;
                Ok(Held::Unset)
            }
            Err(complaint) => self.abort(&complaint).await,
        }
    }

    /// The subscript of an array: `@` and `*` as they are, a key, or a number that is to be evaluated.
    pub(super) async fn subscript(&mut self, name: &str, word: &Word) -> Run<String> {
        if let [Part::Bare(text)] = &word.parts[..]
            && matches!(text.as_str(), "@" | "*")
        {
            return Ok(text.clone());
        }
        if self.is_associative(name) { self.expand_text(word).await } else { self.expand_quoted(word).await }
    }

    /// `${name:-word}` and its kin.
    fn unset<'a>(
        &'a mut self,
        label: &'a str,
        subscript: Option<&'a str>,
        (gone, action, or_empty): (bool, char, bool),
        held: Held,
        word: &'a Word,
        (quoted, fields): (bool, &'a mut Fields),
    ) -> Later<'a, ()> {
        Box::pin(async move {
            match (action, gone) {
                ('+', true) => {
                    if quoted {
                        fields.push_quoted("");
                    }
                    Ok(())
                }
                ('+', false) | ('-', true) => {
                    if quoted {
                        fields.push_quoted("");
                        self.quoted_parts(&word.parts, fields).await
                    } else {
                        self.split_parts(word, fields).await
                    }
                }
                ('=', true) => {
                    let text = self.expand_text(word).await?;
                    let name = label.split('[').next().unwrap_or(label);
                    if !is_name(name) {
                        return self.abort(&format!("${label}: cannot assign in this way")).await;
                    }
                    if let Err(complaint) = self.set_at(name, subscript, text.clone()) {
                        return self.abort(&complaint).await;
                    }
                    self.grow(text.len() as u64)?;
                    self.push(Held::Text(text), quoted, fields);
                    Ok(())
                }
                ('?', true) => {
                    let text = self.expand_text(word).await?;
                    let text = match (word.parts.is_empty(), or_empty) {
                        (true, true) => "parameter null or not set",
                        (true, false) => "parameter not set",
                        (false, _) => &text,
                    };
                    self.fatal(&format!("{label}: {text}")).await
                }
                (_, _) => {
                    self.grow(memory::held(&held))?;
                    self.push(held, quoted, fields);
                    Ok(())
                }
            }
        })
    }

    /// The word behind `:-`, whose bare characters are split like a result.
    fn split_parts<'a>(&'a mut self, word: &'a Word, fields: &'a mut Fields) -> Later<'a, ()> {
        Box::pin(async move {
            for (at, part) in word.parts.iter().enumerate() {
                match part {
                    Part::Bare(text) if at == 0 && text.starts_with('~') => match self.tilde(text) {
                        Some((home, rest)) => {
                            fields.push_quoted(&home);
                            fields.push_split(rest);
                        }
                        None => fields.push_split(text),
                    },
                    Part::Bare(text) => fields.push_split(text),
                    other => self.parts(std::slice::from_ref(other), fields).await?,
                }
            }
            Ok(())
        })
    }

    /// Adds what a parameter holds.
    fn push(&self, held: Held, quoted: bool, fields: &mut Fields) {
        match held {
            Held::Unset if quoted => fields.push_quoted(""),
            Held::Unset => {}
            Held::Text(text) if quoted => fields.push_quoted(&text),
            Held::Text(text) => fields.push_split(&text),
            Held::Many { items, star: true } if quoted || fields.is_whole() => {
                let separator: String = self.ifs().chars().next().map(String::from).unwrap_or_default();
                let texts: Vec<&str> = items.iter().map(|(_, text)| text.as_str()).collect();
                fields.push_quoted(&texts.join(&separator));
            }
            Held::Many { items, .. } => {
                for (number, (_, text)) in items.iter().enumerate() {
                    if number > 0 {
                        fields.next();
                    }
                    if quoted {
                        fields.push_quoted(text);
                    } else {
                        fields.push_split(text);
                    }
                }
            }
        }
    }

    /// What is done with a value, element by element.
    fn operate<'a>(
        &'a mut self,
        name: &'a str,
        held: Held,
        operation: &'a Operation,
        element: bool,
    ) -> Later<'a, Held> {
        Box::pin(async move {
            if let Operation::Slice { offset, length } = operation {
                return self.slice(name, held, offset, length.as_ref(), element).await;
            }
            let transform = match operation {
                Operation::Trim { suffix, longest, pattern } => {
                    let pattern = self.expand_pattern(pattern).await?;
                    Transform::Trim { suffix: *suffix, longest: *longest, pattern: self.pattern(&pattern) }
                }
                Operation::Replace { which, pattern, with } => {
                    let pattern = self.expand_pattern(pattern).await?;
                    let with = self.expand_text(with).await?;
                    Transform::Replace {
                        which: *which,
                        empty: pattern.is_empty(),
                        pattern: self.pattern(&pattern),
                        with,
                    }
                }
                Operation::Case { to, all, pattern } => {
                    let pattern = self.expand_pattern(pattern).await?;
                    let pattern = (!pattern.is_empty()).then(|| self.pattern(&pattern));
                    Transform::Case { to: *to, all: *all, pattern }
                }
                Operation::Transform(letter) => match letter {
                    'A' | 'a' | 'P' | 'K' | 'k' => return self.describe(name, held, *letter).await,
                    letter => Transform::Letter(*letter),
                },
                _ => return Ok(held),
            };
            Ok(match held {
                Held::Unset => Held::Unset,
                Held::Text(text) => Held::Text(transform.apply(&text)),
                Held::Many { items, star } => {
                    let mut changed = Vec::with_capacity(items.len());
                    let mut together = 0;
                    for (key, text) in items {
                        let text = transform.apply(&text);
                        together += text.len() as u64;
                        changed.push((key, text));
                        // What comes out may be far longer than what goes in.
                        if together > MEMORY {
                            break;
                        }
                    }
                    Held::Many { items: changed, star }
                }
            })
        })
    }

    fn slice<'a>(
        &'a mut self,
        name: &'a str,
        held: Held,
        offset: &'a Word,
        length: Option<&'a Word>,
        element: bool,
    ) -> Later<'a, Held> {
        Box::pin(async move {
            let label = format!("{name}: ");
            let offset = self.arithmetic_of(&label, offset).await?;
            let length = match length {
                Some(length) => Some(self.arithmetic_of(&label, length).await?),
                None => None,
            };
            let newer = self.is_ash() || self.has(Feature::NEGATIVE_LENGTH);
            let bounds = |count: i64| -> Option<(usize, usize)> {
                let from = if offset < 0 { count + offset } else { offset };
                let to = match length {
                    None => count,
                    Some(length) if length < 0 && !newer => return None,
                    Some(length) if length < 0 => count + length,
                    Some(length) => from.saturating_add(length).min(count),
                };
                if from < 0 || from > count {
                    return Some((0, 0));
                }
                if to < from { None } else { usize::try_from(from).ok().zip(usize::try_from(to).ok()) }
            };
            let bad = |length: Option<i64>| format!("{}: substring expression < 0", length.unwrap_or_default());
            match held {
                Held::Unset => Ok(Held::Unset),
                Held::Text(text) => {
                    let characters: Vec<char> = text.chars().collect();
                    match bounds(i64::try_from(characters.len()).unwrap_or(i64::MAX)) {
                        Some((from, to)) => Ok(Held::Text(characters[from..to].iter().collect())),
                        None => self.abort(&bad(length)).await,
                    }
                }
                Held::Many { mut items, star } => {
                    if !element {
                        items.insert(0, (String::new(), self.st.name.clone()));
                    }
                    if length.is_some_and(|length| length < 0) {
                        return self.abort(&format!("{}: substring expression < 0", length.unwrap_or_default())).await;
                    }
                    // Elements of an array are counted by their subscripts, the positional parameters by number.
                    let last = match items.last() {
                        Some((key, _)) if element => key.parse::<i64>().map_or(0, |key| key + 1),
                        _ => i64::try_from(items.len()).unwrap_or(i64::MAX),
                    };
                    let from = if offset < 0 { last + offset } else { offset };
                    let position = |(at, (key, _)): (usize, &(String, String))| {
                        let at = i64::try_from(at).unwrap_or(i64::MAX);
                        if element && !self.is_associative(name) { key.parse().unwrap_or(at) } else { at }
                    };
                    let start = items.iter().enumerate().position(|item| position(item) >= from);
                    let most = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
                    let items = match start {
                        Some(start) if from >= 0 => items.into_iter().skip(start).take(most).collect(),
                        _ => Vec::new(),
                    };
                    Ok(Held::Many { items, star })
                }
            }
        })
    }

    /// `${name@A}`, `${name@a}`, `${name@P}`.
    async fn describe(&mut self, name: &str, held: Held, letter: char) -> Run<Held> {
        Ok(match letter {
            'a' => Held::Text(self.variable_of(name).as_ref().map(super::assign::letters).unwrap_or_default()),
            'A' => match self.variable_of(name) {
                Some(variable) => match (&held, &variable.value) {
                    // Without `[@]` it is the first element.
                    (Held::Text(text), Value::Indexed(_) | Value::Associative(_)) => {
                        let letters = super::assign::letters(&variable);
                        Held::Text(format!("declare -{letters} {name}={}", quote::shell_quote(text)))
                    }
                    _ => Held::Text(super::assign::declaration(name, &variable, true)),
                },
                None => Held::Unset,
            },
            'K' => match held {
                Held::Many { items, star } => {
                    let pairs = items.iter().map(|(key, text)| format!("{key} {}", quote::declare_quote(text)));
                    let mut text = pairs.collect::<Vec<_>>().join(" ");
                    if self.is_associative(name) {
                        text.push(' ');
                    }
                    Held::Many { items: vec![(String::new(), text)], star }
                }
                Held::Text(text) => Held::Text(quote::shell_quote(&text)),
                Held::Unset => Held::Unset,
            },
            'k' => match held {
                Held::Many { items, star } => {
                    let words = items.into_iter().flat_map(|(key, text)| [key, text]);
                    Held::Many { items: words.map(|word| (String::new(), word)).collect(), star }
                }
                Held::Text(text) => Held::Text(quote::shell_quote(&text)),
                Held::Unset => Held::Unset,
            },
            _ => match held {
                Held::Text(text) => Held::Text(Box::pin(self.expand_prompt(&text)).await?),
                other => other,
            },
        })
    }
}

/// Whether a text can be the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && characters.all(|character| character == '_' || character.is_ascii_alphanumeric())
}
