//! Variables: reading and setting them, arrays and special parameters included, and how `declare -p` shows them.

use crate::bash::version::Feature;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::parameter::{Held, is_name};
use super::{Later, Run, Sh, memory};
use crate::bash::ast::{Assigned, Assignment};
use crate::bash::quote;
use crate::systems::linux::model::bash::{Letters, Value, Variable};

/// A variable's name is followed through so many references.
const REFERENCES: usize = 8;

/// What an assignment comes to once its words are expanded.
#[derive(Clone, Debug)]
pub(super) enum Assigns {
    /// A text.
    Text(String),
    /// Elements, with their subscripts where given.
    Array(Vec<(Option<String>, String)>),
}

impl Sh {
    /// What a parameter holds.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn hold(&mut self, name: &str, subscript: Option<&str>) -> Result<Held, String> {
        if let Some(special) = self.special(name) {
            return Ok(special);
        }
        let name = self.resolve(name);
        if name == "RANDOM" {
            self.draw();
        }
        if let Some(own) = self.own(&name) {
            return self.of_own(own.value, subscript);
        }
        if self.st.variables.get(&name).is_none_or(|variable| variable.value == Value::Unset) {
            // A subscript is evaluated whatever there is.
            if let Some(index) = subscript.filter(|index| !matches!(*index, "@" | "*")) {
                self.index(&name, index, Feature::FROM_THE_END)?;
            }
            return Ok(Held::Unset);
        }
        let Some(variable) = self.st.variables.get(&name) else { return Ok(Held::Unset) };
        let all = |items: Vec<(String, String)>, star| Held::Many { items, star };
        Ok(match (&variable.value, subscript) {
            (Value::Unset, _) => Held::Unset,
            (Value::Text(text), Some("@" | "*")) => all(vec![("0".to_owned(), text.clone())], subscript == Some("*")),
            (Value::Indexed(items), Some("@" | "*")) => {
                let items = items.iter().map(|(key, text)| (key.to_string(), text.clone())).collect();
                all(items, subscript == Some("*"))
            }
            (Value::Associative(items), Some("@" | "*")) => {
                let items = items.iter().map(|(key, text)| (key.clone(), text.clone())).collect();
                all(items, subscript == Some("*"))
            }
            (Value::Associative(items), Some(key)) => items.get(key).cloned().map_or(Held::Unset, Held::Text),
            (_, None) => variable.scalar().map_or(Held::Unset, |text| Held::Text(text.to_owned())),
            (_, Some(index)) => {
                let index = index.to_owned();
                let at = self.index(&name, &index, Feature::FROM_THE_END)?;
                match &self.st.variables.get(&name).map(|variable| &variable.value) {
                    Some(Value::Indexed(items)) => items.get(&at).cloned().map_or(Held::Unset, Held::Text),
                    Some(Value::Text(text)) if at == 0 => Held::Text(text.clone()),
                    _ => Held::Unset,
                }
            }
        })
    }

    /// What a variable of bash's own holds.
    fn of_own(&mut self, value: Value, subscript: Option<&str>) -> Result<Held, String> {
        let text = |text: Option<&String>| text.cloned().map_or(Held::Unset, Held::Text);
        let star = subscript == Some("*");
        Ok(match (value, subscript) {
            (Value::Unset, _) => Held::Unset,
            (Value::Text(text), Some("@" | "*")) => Held::Many { items: vec![("0".to_owned(), text)], star },
            (Value::Text(held), None) => Held::Text(held),
            (Value::Text(held), Some(at)) => {
                if self.evaluate(at)? == 0 {
                    Held::Text(held)
                } else {
                    Held::Unset
                }
            }
            (Value::Indexed(items), Some("@" | "*")) => {
                Held::Many { items: items.into_iter().map(|(at, text)| (at.to_string(), text)).collect(), star }
            }
            (Value::Indexed(items), at) => {
                let at = self.evaluate(at.unwrap_or("0"))?;
                let last = items.keys().next_back().map_or(0, |last| last + 1);
                let at = u64::try_from(at).ok().or_else(|| last.checked_add_signed(at));
                text(at.and_then(|at| items.get(&at)))
            }
            (Value::Associative(items), Some("@" | "*")) => Held::Many { items: items.into_iter().collect(), star },
            (Value::Associative(items), key) => text(items.get(key.unwrap_or("0"))),
        })
    }

    /// The name that a reference (`declare -n`) stands for.
    pub(super) fn resolve(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for _ in 0..REFERENCES {
            match self.st.variables.get(&name) {
                Some(variable) if variable.reference => match variable.scalar() {
                    Some(target) => target.clone_into(&mut name),
                    None => break,
                },
                _ => break,
            }
        }
        name
    }

    pub(super) fn is_associative(&self, name: &str) -> bool {
        matches!(self.st.variables.get(name).map(|variable| &variable.value), Some(Value::Associative(_)))
    }

    /// The number that a subscript comes to; a negative one counts from the end in a shell that can do this.
    fn index(&mut self, name: &str, subscript: &str, since: Feature) -> Result<u64, String> {
        let at = self.evaluate(subscript)?;
        if let Ok(at) = u64::try_from(at) {
            return Ok(at);
        }
        let last = match self.st.variables.get(name).map(|variable| &variable.value) {
            Some(Value::Indexed(items)) => items.keys().next_back().map_or(0, |last| last + 1),
            Some(Value::Text(_)) => 1,
            _ => 0,
        };
        let last = if self.has(since) { last } else { 0 };
        last.checked_add_signed(at).ok_or_else(|| format!("{name}[{subscript}]: bad array subscript"))
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn set(&mut self, name: &str, text: impl Into<String>) -> Result<(), String> {
        self.set_at(name, None, text.into())
    }

    /// Sets a variable or an element of it.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn set_at(&mut self, name: &str, subscript: Option<&str>, text: String) -> Result<(), String> {
        let name = self.resolve(name);
        let name = name.as_str();
        if !is_name(name) {
            return Err(format!("`{name}': not a valid identifier"));
        }
        if self.is_readonly(name) {
            return Err(format!("{name}: readonly variable"));
        }
        if self.set_own(name, &text)? {
            return Ok(());
        }
        if name == "OPTIND" {
            self.st.within = 1;
        }
        let (integer, case) = match self.st.variables.get(name) {
            Some(variable) => (variable.integer, variable.case),
            None => (false, None),
        };
        let mut text = if integer { self.evaluate(&text)?.to_string() } else { text };
        match case {
            Some(Letters::Lower) => text = text.to_lowercase(),
            Some(Letters::Upper) => text = text.to_uppercase(),
            None => {}
        }
        if subscript == Some("") {
            return Err(format!("{name}[]: bad array subscript"));
        }
        let at = match subscript {
            Some(subscript) if !self.is_associative(name) => {
                Some(self.index(name, subscript, Feature::ASSIGNED_FROM_THE_END)?)
            }
            _ => None,
        };
        self.share.add(text.len() as u64 + memory::ITEM);
        let allexport = self.option("allexport");
        let variable = self.st.variables.entry(name.to_owned()).or_default();
        variable.exported |= allexport;
        variable.bare = false;
        if variable.exported {
            self.environment = None;
        }
        match (&mut variable.value, at, subscript) {
            (Value::Associative(items), _, key) => {
                items.insert(key.unwrap_or("0").to_owned(), text);
            }
            (Value::Indexed(items), at, _) => {
                items.insert(at.unwrap_or(0), text);
            }
            (Value::Text(old), Some(at), _) => {
                let mut items = BTreeMap::from([(0, std::mem::take(old))]);
                items.insert(at, text);
                variable.value = Value::Indexed(items);
            }
            (Value::Unset, Some(at), _) => variable.value = Value::Indexed(BTreeMap::from([(at, text)])),
            (_, None, _) => variable.value = Value::Text(text),
        }
        if name == "HISTSIZE" {
            self.st.cut_history();
        }
        Ok(())
    }

    /// Sets a variable to an array of texts.
    pub(super) fn set_array(&mut self, name: &str, texts: Vec<String>) {
        self.share.add(memory::texts(&texts));
        let items = (0..).zip(texts).collect();
        let variable = self.st.variables.entry(name.to_owned()).or_default();
        variable.value = Value::Indexed(items);
        variable.bare = false;
    }

    /// `PIPESTATUS`
    pub(super) fn set_pipe_status(&mut self, statuses: &[u8]) {
        if self.is_ash() {
            return;
        }
        // A single command is the common case, and mostly nothing has changed.
        if let (Some(Value::Indexed(items)), [status]) =
            (self.st.variables.get_mut("PIPESTATUS").map(|variable| &mut variable.value), statuses)
            && items.len() == 1
            && let Some(item) = items.get_mut(&0)
        {
            item.clear();
            item.push_str(itoa(*status, &mut [0; 3]));
            return;
        }
        self.set_array("PIPESTATUS", statuses.iter().map(u8::to_string).collect());
    }

    /// Expands the words of an assignment.
    pub(super) fn expand_assigned<'a>(&'a mut self, assignment: &'a Assignment) -> Later<'a, Assigns> {
        Box::pin(async move {
            match &assignment.value {
                Assigned::Word(word) => Ok(Assigns::Text(self.assigned_text(word).await?)),
                Assigned::Array(elements) => {
                    let mut items = Vec::with_capacity(elements.len());
                    for (subscript, word) in elements {
                        if let Some(subscript) = subscript {
                            let key = self.subscript(&assignment.name, subscript).await?;
                            items.push((Some(key), self.assigned_text(word).await?));
                        } else {
                            let mut words = Vec::new();
                            self.expand_word(word, &mut words).await?;
                            items.extend(words.into_iter().map(|word| (None, word)));
                        }
                    }
                    Ok(Assigns::Array(items))
                }
            }
        })
    }

    /// A word behind `=`: a tilde counts behind each colon, too.
    async fn assigned_text(&mut self, word: &crate::bash::ast::Word) -> Run<String> {
        use crate::bash::ast::{Part, Word};
        let [Part::Bare(first), ..] = &word.parts[..] else { return self.expand_text(word).await };
        if !first.contains(":~") {
            return self.expand_text(word).await;
        }
        let pieces: Vec<String> = first
            .split(':')
            .map(|piece| match piece.starts_with('~').then(|| self.tilde(piece)).flatten() {
                Some((home, rest)) => format!("{home}{rest}"),
                None => piece.to_owned(),
            })
            .collect();
        let mut parts = vec![Part::Quoted(pieces.join(":"))];
        parts.extend(word.parts[1..].iter().cloned());
        self.expand_text(&Word::of(parts)).await
    }

    /// Carries out an assignment.
    pub(super) fn assign<'a>(&'a mut self, assignment: &'a Assignment) -> Later<'a, bool> {
        Box::pin(async move {
            let value = self.expand_assigned(assignment).await?;
            let subscript = match &assignment.subscript {
                Some(word) => Some(self.subscript(&assignment.name, word).await?),
                None => None,
            };
            if self.option("xtrace") {
                self.trace_assignment(assignment, &value).await?;
            }
            match self.put(&assignment.name, subscript.as_deref(), assignment.append, value) {
                Ok(()) => Ok(true),
                Err(complaint) => {
                    self.complain(&complaint).await?;
                    if self.is_ash() { Err(self.raise()) } else { Ok(false) }
                }
            }
        })
    }

    /// Puts what was expanded into a variable.
    ///
    /// # Errors
    /// bash's complaint.
    pub(super) fn put(
        &mut self,
        name: &str,
        subscript: Option<&str>,
        append: bool,
        value: Assigns,
    ) -> Result<(), String> {
        if let (Some(subscript), Assigns::Array(_)) = (subscript, &value) {
            return Err(format!("{name}[{subscript}]: cannot assign list to array member"));
        }
        match value {
            Assigns::Text(text) if append => {
                let old = match self.hold(name, subscript)? {
                    Held::Text(old) => old,
                    _ => String::new(),
                };
                let integer = self.st.variables.get(name).is_some_and(|variable| variable.integer);
                let text = if integer { format!("({old})+({text})") } else { old + &text };
                self.set_at(name, subscript, text)
            }
            Assigns::Text(text) => self.set_at(name, subscript, text),
            Assigns::Array(items) => self.put_array(name, append, items),
        }
    }

    fn put_array(&mut self, name: &str, append: bool, items: Vec<(Option<String>, String)>) -> Result<(), String> {
        let resolved = self.resolve(name);
        let name = resolved.as_str();
        if self.is_readonly(name) {
            return Err(format!("{name}: readonly variable"));
        }
        let variable = self.st.variables.entry(name.to_owned()).or_default();
        variable.bare = false;
        match &mut variable.value {
            Value::Associative(held) => {
                if !append {
                    held.clear();
                }
            }
            Value::Indexed(held) => {
                if !append {
                    held.clear();
                }
            }
            Value::Text(text) if append => variable.value = Value::Indexed(BTreeMap::from([(0, std::mem::take(text))])),
            _ => variable.value = Value::Indexed(BTreeMap::new()),
        }
        if self.is_associative(name) {
            let mut pending: Option<String> = None;
            for (key, text) in items {
                match (key, pending.take()) {
                    (Some(key), _) => self.set_at(name, Some(&key), text)?,
                    (None, Some(key)) => self.set_at(name, Some(&key), text)?,
                    (None, None) => pending = Some(text),
                }
            }
            return match pending {
                Some(key) => self.set_at(name, Some(&key), String::new()),
                None => Ok(()),
            };
        }
        let mut next = match self.st.variables.get(name).map(|variable| &variable.value) {
            Some(Value::Indexed(held)) => held.keys().next_back().map_or(0, |last| last + 1),
            _ => 0,
        };
        for (key, text) in items {
            if let Some(key) = key {
                next = self.index(name, &key, Feature::ASSIGNED_FROM_THE_END)?;
            }
            self.set_at(name, Some(&next.to_string()), text)?;
            next += 1;
        }
        Ok(())
    }

    /// What programs get as their environment.
    pub(super) fn environment(&mut self) -> Arc<BTreeMap<String, String>> {
        if let Some(environment) = &self.environment {
            return Arc::clone(environment);
        }
        let exported = self.st.variables.iter().filter(|(_, variable)| variable.exported);
        let mut lasts = true;
        let environment = exported.filter_map(|(name, variable)| {
            let own = self.own(name);
            lasts &= own.is_none();
            match own.map_or_else(|| variable.value.clone(), |own| own.value) {
                Value::Text(text) => Some((name.clone(), text)),
                _ => None,
            }
        });
        let environment = environment.chain(self.st.functions_for_children());
        let environment = Arc::new(environment.collect());
        // What bash makes is another the next time.
        self.environment = lasts.then(|| Arc::clone(&environment));
        environment
    }
}

/// The digits of a status, without the heap.
fn itoa(status: u8, buffer: &mut [u8; 3]) -> &str {
    let mut at = buffer.len();
    let mut rest = status;
    loop {
        at -= 1;
        buffer[at] = b'0' + rest % 10;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or("0")
}

/// The letters of a variable's attributes in bash's order.
pub(super) fn letters(variable: &Variable) -> String {
    let mut letters = String::new();
    match variable.value {
        Value::Indexed(_) => letters.push('a'),
        Value::Associative(_) => letters.push('A'),
        Value::Text(_) | Value::Unset => {}
    }
    let flags = [
        (variable.integer, 'i'),
        (variable.reference, 'n'),
        (variable.readonly, 'r'),
        (variable.traced, 't'),
        (variable.exported, 'x'),
        (variable.case == Some(Letters::Lower), 'l'),
        (variable.case == Some(Letters::Upper), 'u'),
    ];
    letters.extend(flags.iter().filter(|(set, _)| *set).map(|(_, letter)| letter));
    letters
}

/// A variable as `declare -p` prints it; `quoted` as `${name@A}` does.
pub(super) fn declaration(name: &str, variable: &Variable, quoted: bool) -> String {
    let letters = letters(variable);
    let text = match &variable.value {
        _ if variable.bare => String::new(),
        Value::Unset => String::new(),
        Value::Text(text) if quoted => format!("={}", quote::shell_quote(text)),
        Value::Text(text) => format!("={}", quote::declare_quote(text)),
        Value::Indexed(items) => {
            let items = items.iter().map(|(key, text)| format!("[{key}]={}", quote::declare_quote(text)));
            format!("=({})", items.collect::<Vec<_>>().join(" "))
        }
        Value::Associative(items) => {
            let items = items.iter().map(|(key, text)| format!("[{key}]={}", quote::declare_quote(text)));
            let items: Vec<String> = items.collect();
            if items.is_empty() { "=()".to_owned() } else { format!("=({} )", items.join(" ")) }
        }
    };
    if quoted && letters.is_empty() {
        return format!("{name}{text}");
    }
    let dash = if letters.is_empty() { "-" } else { "" };
    format!("declare -{letters}{dash} {name}{text}")
}
