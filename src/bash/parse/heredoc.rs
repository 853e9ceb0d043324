//! Here-documents. Their text begins behind the line on which their operator stands, when the command that they belong to may
//! long be read; so the tree gets the number of the document first, and its text when the whole is there.

use std::sync::Arc;

use super::{Parse, Parser, token::Place};
use crate::bash::ast::{
    Argument, Assigned, Assignment, Command, Compound, Condition, Here, Operation, Part, Redirect, RedirectKind,
    Script, Simple, Word,
};
use crate::bash::version::Feature;

/// A here-document whose text is still to come.
pub(super) struct Pending {
    delimiter: String,
    /// Whether a part of the delimiter was quoted, so that the text is taken as it stands.
    quoted: bool,
    /// Whether tabs at the start of lines are left out.
    strip: bool,
    /// Which document it is.
    number: usize,
    /// Where its operator stands.
    line: u32,
}

impl Parser<'_> {
    /// The delimiter behind `<<` or `<<-`; gives what stands in the tree for now.
    pub(super) fn here(&mut self, strip: bool) -> Parse<RedirectKind> {
        self.skip_blanks();
        let line = self.input.line;
        let mut delimiter = String::new();
        let (mut quoted, mut any) = (false, false);
        while let Some(c) = self.input.peek()
            && !" \t\n;&|<>()".contains(c)
        {
            any = true;
            self.input.raw();
            match c {
                '\\' => {
                    quoted = true;
                    delimiter.extend(self.input.raw());
                }
                '\'' | '"' => {
                    quoted = true;
                    loop {
                        match self.input.raw() {
                            Some(end) if end == c => break,
                            Some(inner) => delimiter.push(inner),
                            None => return self.unmatched(c, line),
                        }
                    }
                }
                _ => delimiter.push(c),
            }
        }
        if !any {
            return self.unexpected(Place::Word);
        }
        let number = self.docs.len();
        self.docs.push(Word::default());
        let text = Word::of(vec![Part::Bare(number.to_string())]);
        self.pending.push(Pending { delimiter: delimiter.clone(), quoted, strip, number, line });
        Ok(RedirectKind::Here(Here { text, delimiter, strip }))
    }

    /// Reads the texts that are due at the end of a line.
    pub(super) fn gather(&mut self) -> Parse<()> {
        for doc in std::mem::take(&mut self.pending) {
            let line = self.input.line;
            let text = self.document(&doc);
            self.docs[doc.number] = match doc.quoted {
                true => Word::of(vec![Part::Quoted(text)]),
                false => self.text_word(&text, line)?,
            };
        }
        Ok(())
    }

    fn document(&mut self, doc: &Pending) -> String {
        let mut text = String::new();
        let mut joined = false;
        loop {
            let mut line: String = self.input.ahead().take_while(|c| *c != '\n').collect();
            let length = line.chars().count();
            let tabs = if doc.strip { line.len() - line.trim_start_matches('\t').len() } else { 0 };
            line.drain(..tabs);
            let ends = line.strip_prefix(doc.delimiter.as_str()).filter(|_| !joined);
            if ends == Some("") && !(line.is_empty() && self.input.raw_peek().is_none()) {
                self.input.take(length + 1);
                return text;
            }
            let closed = ends.is_some_and(|rest| self.substitutions > 0 && rest.starts_with(')'));
            if closed {
                self.input.take(tabs + doc.delimiter.chars().count());
            }
            if closed || self.input.raw_peek().is_none() {
                if !closed {
                    self.cut_here = Some(doc.quoted);
                }
                if !closed && self.substitutions == 0 && self.inner == 0 {
                    self.awaited.get_or_insert_with(|| (doc.delimiter.clone(), doc.strip));
                }
                let (from, wanted) = (doc.line, &doc.delimiter);
                if self.options.version.has(Feature::WARNS_OF_OPEN_DOCUMENT) {
                    self.warnings.push(format!(
                        "warning: here-document at line {from} delimited by end-of-file (wanted `{wanted}')"
                    ));
                }
                return text;
            }
            self.input.take(length);
            text.push_str(&line);
            text.extend(self.input.raw());
            joined = !doc.quoted && (line.len() - line.trim_end_matches('\\').len()) % 2 == 1;
        }
    }
}

/// Puts the texts of the documents where their numbers stand.
pub(super) struct Fill(pub(super) Vec<Word>);

impl Fill {
    pub(super) fn script(&mut self, script: &mut Script) {
        if self.0.is_empty() {
            return;
        }
        for item in &mut script.items {
            let rest = item.rest.iter_mut().map(|(_, pipeline)| pipeline);
            for pipeline in std::iter::once(&mut item.first).chain(rest) {
                pipeline.stages.iter_mut().for_each(|stage| self.command(stage));
            }
        }
    }

    fn shared(&mut self, script: &mut Arc<Script>) {
        if !self.0.is_empty() {
            self.script(Arc::make_mut(script));
        }
    }

    fn command(&mut self, command: &mut Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound { body, redirects, .. } => {
                self.compound(body);
                self.redirects(redirects);
            }
            Command::Function { body, .. } => self.command(Arc::make_mut(body)),
        }
    }

    fn simple(&mut self, simple: &mut Simple) {
        simple.assignments.iter_mut().for_each(|assignment| self.assignment(assignment));
        for argument in &mut simple.words {
            match argument {
                Argument::Word(word) => self.word(word),
                Argument::Assignment(assignment) => self.assignment(assignment),
            }
        }
        self.redirects(&mut simple.redirects);
    }

    fn assignment(&mut self, assignment: &mut Assignment) {
        self.optional(&mut assignment.subscript);
        match &mut assignment.value {
            Assigned::Word(word) => self.word(word),
            Assigned::Array(elements) => {
                for (subscript, word) in elements {
                    self.optional(subscript);
                    self.word(word);
                }
            }
        }
    }

    fn redirects(&mut self, redirects: &mut [Redirect]) {
        use RedirectKind as Kind;
        for redirect in redirects {
            match &mut redirect.kind {
                Kind::Here(Here { text: word, .. }) => {
                    let number = match word.parts.as_slice() {
                        [Part::Bare(number)] => number.parse::<usize>().ok(),
                        _ => None,
                    };
                    if let Some(doc) = number.and_then(|number| self.0.get_mut(number)) {
                        *word = std::mem::take(doc);
                        self.word(word);
                    }
                }
                Kind::Read(word) | Kind::Write(word) | Kind::Clobber(word) | Kind::Append(word) => self.word(word),
                Kind::ReadWrite(word) | Kind::WriteBoth(word) | Kind::AppendBoth(word) => self.word(word),
                Kind::DuplicateIn(word) | Kind::DuplicateOut(word) | Kind::HereString(word) => self.word(word),
            }
        }
    }

    fn compound(&mut self, compound: &mut Compound) {
        match compound {
            Compound::Group(script) | Compound::Subshell(script) => self.script(script),
            Compound::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.script(condition);
                    self.script(body);
                }
                otherwise.iter_mut().for_each(|script| self.script(script));
            }
            Compound::For { words, body, .. } | Compound::Select { words, body, .. } => {
                words.iter_mut().flatten().for_each(|word| self.word(word));
                self.script(body);
            }
            Compound::ForArithmetic { init, condition, step, body } => {
                [init, condition, step].into_iter().for_each(|word| self.word(word));
                self.script(body);
            }
            Compound::While { condition, body, .. } => {
                self.script(condition);
                self.script(body);
            }
            Compound::Case { word, arms } => {
                self.word(word);
                for arm in arms {
                    arm.patterns.iter_mut().for_each(|pattern| self.word(pattern));
                    self.script(&mut arm.body);
                }
            }
            Compound::Conditional(condition) => self.condition(condition),
            Compound::Arithmetic(word) => self.word(word),
        }
    }

    fn condition(&mut self, condition: &mut Condition) {
        match condition {
            Condition::Not(inner) => self.condition(inner),
            Condition::And(left, right) | Condition::Or(left, right) => {
                self.condition(left);
                self.condition(right);
            }
            Condition::Unary(_, word) | Condition::Word(word) => self.word(word),
            Condition::Binary(left, _, right) => {
                self.word(left);
                self.word(right);
            }
        }
    }

    fn optional(&mut self, word: &mut Option<Word>) {
        word.iter_mut().for_each(|word| self.word(word));
    }

    pub(super) fn word(&mut self, word: &mut Word) {
        word.parts.iter_mut().for_each(|part| self.part(part));
    }

    fn part(&mut self, part: &mut Part) {
        match part {
            Part::Bare(_) | Part::Quoted(_) => {}
            Part::Double(parts) => parts.iter_mut().for_each(|part| self.part(part)),
            Part::Command(script) | Part::Process(_, script) => self.shared(script),
            Part::Arithmetic(word) => self.word(word),
            Part::Parameter(parameter) => {
                self.optional(&mut parameter.subscript);
                match &mut parameter.operation {
                    Some(Operation::Unset { word, .. }) => self.word(word),
                    Some(Operation::Trim { pattern, .. } | Operation::Case { pattern, .. }) => self.word(pattern),
                    Some(Operation::Replace { pattern, with, .. }) => {
                        self.word(pattern);
                        self.word(with);
                    }
                    Some(Operation::Slice { offset, length }) => {
                        self.word(offset);
                        self.optional(length);
                    }
                    _ => {}
                }
            }
        }
    }
}
