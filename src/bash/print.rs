//! The text of a tree in bash's own layout (bash 5.2: print_cmd.c, and what its `declare -f` and `jobs` printed when asked).
//! Words come out as they were typed, `$'…'` as the characters that it stands for. Of a word that nobody typed so the tree has
//! no more than what counts: a quoted character is behind a backslash or in quotes by what one would type.

mod redirect;
mod word;

use crate::bash::ast::{
    Argument, Arm, ArmEnd, Assigned, Assignment, Command, Compound, Condition, Connector, Item, Pipeline, Redirect,
    Script, Simple, Word,
};

const INDENT: usize = 4;

/// A function, as `type` and `declare -f` show it, without a line's end behind it.
pub fn function(name: &str, body: &Command) -> String {
    let mut printer = Printer::default();
    let word = if is_reserved(name) { "function " } else { "" };
    printer.put(&format!("{word}{name} () \n"));
    printer.function_body(body);
    printer.out
}

/// What stands for a function in the environment of a program: no line of it is further in than by one blank.
pub fn exported_function(body: &Command) -> String {
    let mut printer = Printer { step: 0, indent: 1, ..Printer::default() };
    printer.put("() { ");
    printer.function_inside(body, 0);
    printer.out
}

/// A pipeline, as `jobs` shows it.
pub fn pipeline(pipeline: &Pipeline) -> String {
    let mut printer = Printer::default();
    printer.pipeline(pipeline);
    printer.out
}

/// A list, as `jobs` shows it; without the `&` that ends it.
pub fn item(item: &Item) -> String {
    let mut printer = Printer::default();
    printer.item(item);
    printer.out
}

/// A command, as `$BASH_COMMAND` shows it.
pub fn command(command: &Command) -> String {
    let mut printer = Printer::default();
    printer.command(command);
    printer.out
}

/// A simple command, as a shell shows it that says how it ended.
pub fn simple(simple: &Simple) -> String {
    let mut printer = Printer::default();
    printer.simple(simple);
    printer.out
}

/// Commands on one line, as in `$( … )`.
pub fn script(script: &Script) -> String {
    let mut printer = Printer::default();
    printer.list(script);
    printer.out
}

/// A word as one would type it.
pub fn word(word: &Word) -> String {
    typed(word, word::Context::Plain)
}

/// A word as it was typed, or as one would type it where it stands.
fn typed(word: &Word, context: word::Context) -> String {
    if let Some(text) = &word.typed {
        return text.to_string();
    }
    let mut out = String::new();
    word::print(&word.parts, context, &mut out);
    out
}

/// `$( … )` and its kin, of which the first characters are given, in bash's own layout.
pub fn substitution(open: &str, script: &Script) -> String {
    let mut out = String::new();
    word::substitution(open, &self::script(script), &mut out);
    out
}

/// An assignment as one would type it.
pub fn assignment(assignment: &Assignment) -> String {
    let mut out = assignment.name.clone();
    if let Some(subscript) = &assignment.subscript {
        out += &format!("[{}]", word(subscript));
    }
    out += if assignment.append { "+=" } else { "=" };
    match &assignment.value {
        Assigned::Word(value) => out += &word(value),
        Assigned::Array(elements) => {
            let element = |(subscript, value): &(Option<Word>, Word)| match subscript {
                Some(subscript) => format!("[{}]={}", word(subscript), word(value)),
                None => word(value),
            };
            out += &format!("({})", elements.iter().map(element).collect::<Vec<_>>().join(" "));
        }
    }
    out
}

/// The expression of `[[ … ]]`.
pub fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Not(inner) => {
            format!("! {}", grouped(inner, matches!(**inner, Condition::And(..) | Condition::Or(..))))
        }
        Condition::And(left, right) => {
            let side = |inner: &Condition| grouped(inner, matches!(inner, Condition::Or(..)));
            format!("{} && {}", side(left), side(right))
        }
        Condition::Or(left, right) => {
            format!("{} || {}", self::condition(left), self::condition(right))
        }
        Condition::Unary(letter, operand) => format!("-{letter} {}", word(operand)),
        Condition::Binary(left, op, right) => {
            format!("{} {op} {}", word(left), typed(right, word::Context::Pattern))
        }
        Condition::Word(operand) => format!("-n {}", word(operand)),
    }
}

/// `(( … ))`, as `$BASH_COMMAND` shows it.
pub fn arithmetic_command(inner: &Word) -> String {
    format!("(({}))", arithmetic(inner))
}

/// The head of a `for` or `select`, as `$BASH_COMMAND` shows it.
pub fn loop_head(keyword: &str, name: &str, words: Option<&[Word]>) -> String {
    let words = match words {
        Some(words) => words.iter().map(word).collect::<Vec<_>>().join(" "),
        None => "\"$@\"".to_owned(),
    };
    format!("{keyword} {name} in {words}")
}

fn grouped(inner: &Condition, group: bool) -> String {
    let text = condition(inner);
    if group { format!("( {text} )") } else { text }
}

fn is_reserved(name: &str) -> bool {
    let words = "! [[ ]] { } case coproc do done elif else esac fi for function if in select then time until while";
    words.split(' ').any(|word| word == name)
}

/// Prints as bash does, whose state this is.
struct Printer {
    out: String,
    indent: usize,
    /// How much further in stands what is within something.
    step: usize,
    /// How many functions are open; within one, lists take a line for each command.
    functions: u32,
    /// Whether the next command goes on with the line.
    inline: bool,
    /// How many lists and pipelines are open: within one, the texts of here-documents wait.
    connected: u32,
    /// Texts of here-documents that wait.
    waiting: Vec<String>,
    /// Whether the text of a here-document was just printed.
    was_document: bool,
}

impl Default for Printer {
    fn default() -> Self {
        Self {
            out: String::new(),
            indent: 0,
            step: INDENT,
            functions: 0,
            inline: false,
            connected: 0,
            waiting: Vec::new(),
            was_document: false,
        }
    }
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn indentation(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    /// A new line and a word on it.
    fn newline(&mut self, text: &str) {
        self.put("\n");
        self.indentation();
        self.put(text);
    }

    fn semicolon(&mut self) {
        if !self.out.ends_with(['&', '\n']) {
            self.put(";");
        }
    }

    fn documents(&mut self, documents: Vec<String>) {
        self.put("\n");
        for document in documents {
            self.put(&document);
            self.put("\n");
        }
        self.was_document = true;
    }

    /// An operator, and behind it the texts that waited for the line's end.
    fn release(&mut self, operator: &str) {
        self.put(operator);
        if !self.waiting.is_empty() {
            let documents = std::mem::take(&mut self.waiting);
            self.documents(documents);
            if !operator.is_empty() {
                self.put(" ");
            }
        }
    }

    /// The end of a list or pipeline. What is still open may go on with the line, so that texts wait for the last end.
    fn disconnect(&mut self, connected: u32) {
        self.connected -= connected;
        if connected > 0 && self.connected == 0 {
            self.release("");
        }
    }

    fn list(&mut self, script: &Script) {
        let count = script.items.len();
        let connected = u32::from(count > 1 || script.items.iter().any(|item| item.background));
        self.connected += connected;
        for (at, item) in script.items.iter().enumerate() {
            if !std::mem::take(&mut self.inline) {
                self.indentation();
            }
            self.item(item);
            let last = at + 1 == count;
            if item.background {
                self.release(" &");
                if !last {
                    self.put(" ");
                    self.inline = true;
                }
            } else if !last {
                // To bash all items up to here are one tree, whose end comes before the separator.
                if at > 0 || !item.rest.is_empty() || item.first.stages.len() > 1 {
                    self.release("");
                }
                self.separator();
            }
        }
        self.disconnect(connected);
    }

    fn separator(&mut self) {
        if !self.waiting.is_empty() {
            self.release("");
        } else if !std::mem::take(&mut self.was_document) || (self.functions == 0 && !self.out.ends_with('\n')) {
            self.put(";");
        }
        if self.functions > 0 {
            self.put("\n");
        } else {
            self.put(" ");
            self.inline = true;
        }
    }

    /// A list that goes on with the line.
    fn list_inline(&mut self, script: &Script) {
        self.inline = true;
        self.list(script);
        self.release("");
        self.inline = false;
    }

    /// A list on lines of its own, further in.
    fn list_inside(&mut self, script: &Script) {
        self.indent += self.step;
        self.list(script);
        self.release("");
        self.indent -= self.step;
    }

    fn item(&mut self, item: &Item) {
        self.connected += u32::from(!item.rest.is_empty());
        self.pipeline(&item.first);
        for (connector, pipeline) in &item.rest {
            self.release(if *connector == Connector::And { " && " } else { " || " });
            self.pipeline(pipeline);
        }
        self.disconnect(u32::from(!item.rest.is_empty()));
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        match pipeline.timed {
            Some(true) => self.put("time -p "),
            Some(false) => self.put("time "),
            None => {}
        }
        if pipeline.negated {
            self.put("! ");
        }
        let connected = u32::from(pipeline.stages.len() > 1);
        self.connected += connected;
        for (at, stage) in pipeline.stages.iter().enumerate() {
            if at > 0 {
                self.release(" |");
                self.put(" ");
            }
            self.command(stage);
        }
        self.disconnect(connected);
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound { body, redirects, .. } => {
                self.compound(body);
                if !redirects.is_empty() {
                    self.put(" ");
                    self.redirects(redirects);
                }
            }
            Command::Function { name, body } => {
                self.put(&format!("function {name} () \n"));
                self.indentation();
                self.function_body(body);
            }
        }
    }

    fn function_body(&mut self, body: &Command) {
        let outside = self.indent;
        self.put("{ \n");
        self.indent += self.step;
        self.function_inside(body, outside);
    }

    /// What stands between the braces of a function, and the end of it, as far in as it says.
    fn function_inside(&mut self, body: &Command, outside: usize) {
        self.functions += 1;
        let connected = std::mem::take(&mut self.connected);
        let redirects: &[Redirect] = match body {
            Command::Compound { body: Compound::Group(script), redirects, .. } => {
                self.list(script);
                redirects
            }
            _ => {
                self.indentation();
                self.command(body);
                &[]
            }
        };
        self.release("");
        self.connected = connected;
        self.indent = outside;
        self.functions -= 1;
        self.was_document = false;
        self.newline("}");
        if !redirects.is_empty() {
            self.put(" ");
            self.redirects(redirects);
        }
    }

    fn simple(&mut self, simple: &Simple) {
        let words = simple.words.iter().map(|argument| match argument {
            Argument::Word(own) => word(own),
            Argument::Assignment(own) => assignment(own),
        });
        let mut texts: Vec<String> = simple.assignments.iter().map(assignment).chain(words).collect();
        if let Some(first) = texts.first_mut().filter(|first| is_reserved(first)) {
            // It stood behind a redirection, where it is a word like any other; here it would not be.
            *first = if first.len() == 1 { format!("\\{first}") } else { format!("'{first}'") };
        }
        self.put(&texts.join(" "));
        if !simple.redirects.is_empty() {
            if !texts.is_empty() {
                self.put(" ");
            }
            self.redirects(&simple.redirects);
        }
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        let mut documents = Vec::new();
        let mut texts = Vec::new();
        for redirect in redirects {
            let (text, document) = redirect::print(redirect);
            texts.push(text);
            documents.extend(document);
        }
        self.put(&texts.join(" "));
        if documents.is_empty() {
            self.was_document = false;
        } else if self.connected > 0 {
            self.waiting.extend(documents);
        } else {
            self.documents(documents);
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Group(script) => self.group(script),
            Compound::Subshell(script) => {
                self.put("( ");
                self.list_inline(script);
                self.put(" )");
            }
            Compound::If { branches, otherwise } => self.branches(branches, otherwise.as_ref()),
            Compound::For { name, words, body } => self.loop_over("for", name, words.as_deref(), body),
            Compound::Select { name, words, body } => self.loop_over("select", name, words.as_deref(), body),
            Compound::ForArithmetic { init, condition, step, body } => {
                let part = |part: &Word| if part.parts.is_empty() { "1".to_owned() } else { arithmetic(part) };
                self.put(&format!("for (({}; {}; {}))", part(init), part(condition), part(step)));
                self.body(body);
            }
            Compound::While { until, condition, body } => {
                self.put(if *until { "until " } else { "while " });
                self.list_inline(condition);
                self.semicolon();
                self.put(" do\n");
                self.list_inside(body);
                self.semicolon();
                self.newline("done");
            }
            Compound::Case { word: subject, arms } => {
                self.put(&format!("case {} in ", word(subject)));
                self.indent += self.step;
                arms.iter().for_each(|arm| self.arm(arm));
                self.indent -= self.step;
                self.newline("esac");
            }
            Compound::Conditional(inner) => self.put(&format!("[[ {} ]]", condition(inner))),
            Compound::Arithmetic(inner) => self.put(&arithmetic_command(inner)),
        }
    }

    fn group(&mut self, script: &Script) {
        self.put("{ ");
        if self.functions == 0 {
            self.list_inline(script);
            self.semicolon();
            self.put(" }");
            return;
        }
        self.put("\n");
        self.list_inside(script);
        self.newline("}");
    }

    /// `if`; bash keeps an `elif` as an `if` behind `else`.
    fn branches(&mut self, branches: &[(Script, Script)], otherwise: Option<&Script>) {
        for (at, (condition, body)) in branches.iter().enumerate() {
            if at > 0 {
                self.semicolon();
                self.newline("else\n");
                self.indent += self.step;
                self.indentation();
            }
            self.put("if ");
            self.list_inline(condition);
            self.semicolon();
            self.put(" then\n");
            self.list_inside(body);
        }
        if let Some(script) = otherwise {
            self.semicolon();
            self.newline("else\n");
            self.list_inside(script);
        }
        self.semicolon();
        self.newline("fi");
        for _ in 1..branches.len() {
            self.indent -= self.step;
            self.semicolon();
            self.newline("fi");
        }
    }

    fn loop_over(&mut self, keyword: &str, name: &str, words: Option<&[Word]>, body: &Script) {
        self.put(&format!("{};", loop_head(keyword, name, words)));
        self.body(body);
    }

    fn body(&mut self, body: &Script) {
        self.newline("do\n");
        self.list_inside(body);
        self.semicolon();
        self.newline("done");
    }

    fn arm(&mut self, arm: &Arm) {
        let patterns: Vec<String> = arm.patterns.iter().map(word).collect();
        // Without its parenthesis the pattern would be taken for the end.
        let open = if arm.patterns[..].first().is_some_and(|first| word(first) == "esac") { "(" } else { "" };
        self.newline(&format!("{open}{})\n", patterns.join(" | ")));
        self.list_inside(&arm.body);
        self.newline(match arm.end {
            ArmEnd::Break => ";;",
            ArmEnd::Fall => ";&",
            ArmEnd::Test => ";;&",
        });
    }
}

fn arithmetic(inner: &Word) -> String {
    typed(inner, word::Context::Arithmetic)
}
