//! What a shell holds in memory. Whatever an expansion or an assignment puts together is added as it comes; from time to
//! time, between two commands, the shell is weighed, and what was thrown away meanwhile counts no more.
//!
//! The figures are estimates from above of what the host's memory bears: a text is its bytes, an element of an array some
//! more, a function about what its tree takes.

use super::super::io::Cut;
use super::super::ledger::Share;
use super::parameter::Held;
use super::{Flow, Run, Sh, Step};
use crate::bash::ast::Command;
use crate::bash::print;
use crate::systems::linux::model::Bash;
use crate::systems::linux::model::bash::{Value, Variable};

/// So many bytes may come together before a shell is weighed again, and an eighth of what it weighed.
const SLACK: u64 = 64 * 1024;
/// What a text takes beside its characters, in an array or a list.
pub(super) const ITEM: u64 = 64;
/// What a name with its value takes.
const NAMED: u64 = 160;
/// What the tree of a command takes for each character of its text, where that is dense.
const TREE: u64 = 32;
/// A shorter text is read without looking at how many words it has.
const SHORT: usize = 4096;

impl Sh {
    /// Adds what is put together; an error where the shells of the line hold too much.
    ///
    /// # Errors
    /// [`Cut::Limit`]
    pub(super) fn grow(&mut self, bytes: u64) -> Run<()> {
        self.share.add(bytes);
        if self.share.fits() { Ok(()) } else { Err(self.stop("memory")) }
    }

    /// Stops the line with all that it has left behind the prompt: it has too much of something.
    pub(super) fn stop(&self, what: &'static str) -> Flow {
        let cut = Cut::Limit(what);
        self.say_stopped(cut);
        self.p.control.exhaust();
        Flow::Cut(cut)
    }

    /// Between two commands: weighs the shell when much has come together since.
    ///
    /// # Errors
    /// [`Cut::Limit`]: the shells of the line hold too much.
    pub(super) fn weigh(&mut self) -> Run<()> {
        if self.share.bytes() > self.weighed + SLACK.max(self.weighed / 8) {
            self.weighed = weight(&self.st) + self.aside();
            self.share.set(self.weighed);
        }
        self.grow(0)
    }

    /// What its functions hold until they are through, and its open files.
    fn aside(&self) -> u64 {
        let locals = self.frames.iter().flat_map(|frame| &frame.locals);
        let locals: u64 = locals.map(|(name, variable)| named(name, variable.as_ref())).sum();
        locals + self.p.files.text_bytes()
    }

    /// What a construct holds while it runs commands, until the guard is dropped.
    ///
    /// # Errors
    /// [`Cut::Limit`]
    pub(super) fn keep(&mut self, bytes: u64) -> Run<Share> {
        let share = self.share.beside(bytes);
        self.grow(0)?;
        Ok(share)
    }

    /// Notes that a function takes another's place, or that of none, or goes.
    pub(super) fn define(&mut self, name: &str, body: Option<std::sync::Arc<Command>>) {
        if let (Some(old), Some(new)) = (self.st.functions.get(name), &body)
            && std::sync::Arc::ptr_eq(old, new)
        {
            return;
        }
        if self.st.exported_functions.contains(name) {
            self.environment = None;
        }
        let added = body.as_deref().map_or(0, function);
        let old = match body {
            Some(body) => self.st.functions.insert(name.to_owned(), body),
            None => {
                self.st.exported_functions.remove(name);
                self.st.functions.remove(name)
            }
        };
        let gone = old.as_deref().map_or(0, function);
        self.st.defined = (self.st.defined + added).saturating_sub(gone);
        self.share.add(added);
    }
}

/// What a function takes.
pub(super) fn function(body: &Command) -> u64 {
    print::command(body).len() as u64 * TREE + NAMED
}

/// What a text takes once it is read as commands.
pub(super) fn tree(text: &str) -> u64 {
    if text.len() < SHORT {
        return 0;
    }
    let words = text.bytes().filter(|byte| b" \t\n;&|(){}<>$`\"".contains(byte)).count();
    text.len() as u64 * 2 + words as u64 * 200
}

/// What a list of texts takes.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> u64 {
    texts.into_iter().map(|text| text.len() as u64 + ITEM).sum()
}

/// What a parameter gives.
pub(super) fn held(held: &Held) -> u64 {
    match held {
        Held::Unset => 0,
        Held::Text(text) => text.len() as u64,
        Held::Many { items, .. } => texts(items.iter().map(|(_, text)| text)),
    }
}

/// What a name with its value takes.
pub(super) fn named(name: &str, variable: Option<&Variable>) -> u64 {
    let value = match variable.map(|variable| &variable.value) {
        None | Some(Value::Unset) => 0,
        Some(Value::Text(text)) => text.len() as u64,
        Some(Value::Indexed(items)) => texts(items.values()),
        Some(Value::Associative(items)) => texts(items.values()) + texts(items.keys()),
    };
    value + name.len() as u64 + NAMED
}

/// What a shell is as data.
pub(super) fn weight(st: &Bash) -> u64 {
    let variables: u64 = st.variables.iter().map(|(name, variable)| named(name, Some(variable))).sum();
    let pairs = |(name, text): (&String, &String)| (name.len() + text.len()) as u64 + NAMED;
    let named: u64 = st.aliases.iter().chain(&st.traps).map(pairs).sum();
    let hashed: u64 = st.hashed.programs.iter().map(|(name, (path, _))| pairs((name, path))).sum();
    let completions = st.completions.iter().map(|(name, said)| texts(said.texts.values()) + name.len() as u64 + NAMED);
    let lists = texts(&st.positional) + texts(&st.dirs) + texts(st.history.iter());
    let back = st.back.iter().flat_map(|back| &back.steps).map(step).sum::<u64>();
    back + variables + named + hashed + completions.sum::<u64>() + lists + st.unfinished.len() as u64 + st.defined
}

/// What a construct holds while an inner shell is typed into.
fn step(step: &Step) -> u64 {
    match step {
        Step::For(words) | Step::Select(words) => texts(words),
        Step::Source(_, words) => texts(words.iter().flatten()),
        Step::Text(_, rest, _) => rest.len() as u64,
        Step::Call(call) => {
            let locals = call.frame.locals.iter().map(|(name, variable)| named(name, variable.as_ref()));
            texts(&call.positional) + locals.sum::<u64>()
        }
        _ => 0,
    }
}
