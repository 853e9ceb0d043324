//! `declare`, `typeset`, `local`, `export`, `readonly`: attributes of variables.

use super::Argument;
use crate::bash::version::Feature;
use crate::bash::{print, quote};
use crate::systems::linux::bash::assign::{Assigns, declaration};
use crate::systems::linux::bash::parameter::is_name;
use crate::systems::linux::bash::{Flow, Run, Sh};
use crate::systems::linux::model::bash::{Letters, Value, Variable};

/// What the options say.
#[derive(Default, PartialEq, Eq)]
struct Wish {
    set: String,
    clear: String,
    functions: bool,
    names_only: bool,
    print: bool,
    global: bool,
}

impl Wish {
    fn wants(&self, letter: char) -> bool {
        self.set.contains(letter)
    }
}

pub async fn declare(sh: &mut Sh, words: Vec<Argument>) -> Run {
    let mut words = words.into_iter();
    let name = words.next().map(Argument::into_text).unwrap_or_default();
    let mut wish = Wish::default();
    match name.as_str() {
        "export" => wish.set.push('x'),
        "readonly" => wish.set.push('r'),
        _ => {}
    }
    let mut rest = Vec::new();
    let mut options = true;
    let within = sh.frames.iter().any(|frame| frame.function);
    if name == "local" && !within {
        return sh.misused("local", "can only be used in a function", 1).await;
    }
    for word in words {
        let text = match &word {
            Argument::Word(text) if options => text.clone(),
            _ => {
                options = false;
                rest.push(word);
                continue;
            }
        };
        if text == "--" {
            options = false;
            continue;
        }
        let Some(letters) = text.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) else {
            options = false;
            rest.push(word);
            continue;
        };
        let marks = matches!(name.as_str(), "export" | "readonly");
        for letter in letters.chars() {
            match letter {
                _ if !sh.knows_option(&name, letter) => {
                    let sign = if text.starts_with('+') { '+' } else { '-' };
                    return sh.wrong(&name, &format!("{sign}{letter}: invalid option")).await;
                }
                _ if marks && (!"aAfnp".contains(letter) || text.starts_with('+')) => {
                    return sh.wrong(&name, &format!("-{letter}: invalid option")).await;
                }
                'f' => wish.functions = true,
                'F' => (wish.functions, wish.names_only) = (true, true),
                'p' => wish.print = true,
                'g' => wish.global = true,
                'n' if name == "export" => wish.clear.push('x'),
                'a' | 'A' | 'i' | 'l' | 'u' | 'r' | 't' | 'x' | 'n' if text.starts_with('-') => wish.set.push(letter),
                'i' | 'l' | 'u' | 'r' | 't' | 'x' | 'n' => wish.clear.push(letter),
                'I' => {}
                _ => {
                    return sh.wrong(&name, &format!("{text}: invalid option")).await;
                }
            }
        }
    }
    let marks = !wish.set.is_empty() || !wish.clear.is_empty();
    if wish.functions && !rest.is_empty() && !wish.print && marks {
        return mark_functions(sh, &name, &wish, rest).await;
    }
    if wish.functions && name == "local" {
        return Ok(0);
    }
    if wish.functions {
        return functions(sh, &wish, rest).await;
    }
    if rest.is_empty() && matches!(name.as_str(), "declare" | "typeset") && wish == Wish::default() {
        return super::options::all_variables(sh).await;
    }
    if rest.is_empty() {
        return list(sh, &name, &wish).await;
    }
    let local = name != "export" && name != "readonly" && !wish.global && within;
    let mut status = 0;
    for word in rest {
        if name == "local" && matches!(&word, Argument::Word(text) if text == "-") && sh.has(Feature::LOCAL_OPTIONS) {
            let options = sh.st.options.clone();
            if let Some(frame) = sh.frames.iter_mut().rev().find(|frame| frame.function) {
                frame.options.get_or_insert(options);
            }
        } else if wish.print {
            status = status.max(show(sh, &word.into_text(), &name).await?);
        } else if let Err(complaint) = sh.declare_one(&wish, local, word) {
            if complaint.ends_with("cannot assign list to array member") {
                return sh.abort(&complaint).await;
            }
            status = sh.misused(&name, &complaint, 1).await?;
            // A value that is no number ends the line, as in `$(( … ))`.
            if complaint.contains("(error token is") {
                return Err(Flow::Abort(1));
            }
        }
    }
    Ok(status)
}

impl Sh {
    /// The letters of what `readonly -f` and `export -f` said of a function.
    fn marks(&self, name: &str) -> String {
        let st = &self.st;
        let marks = [(&st.readonly_functions, 'r'), (&st.traced_functions, 't'), (&st.exported_functions, 'x')];
        marks.iter().filter(|(names, _)| names.contains(name)).map(|(_, letter)| *letter).collect()
    }

    /// Whether a function has the attributes that are asked for.
    fn has_marks(&self, name: &str, wish: &Wish) -> bool {
        "rtx".chars().all(|letter| !wish.wants(letter) || self.marks(name).contains(letter))
    }

    fn declare_one(&mut self, wish: &Wish, local: bool, word: Argument) -> Result<(), String> {
        let typed = word.clone().into_text();
        let (name, subscript, append, value) = match word {
            Argument::Word(text) => match text.split_once('=') {
                None => (text, None, false, None),
                Some((name, value)) => {
                    let (name, append) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
                    (name.to_owned(), None, append, Some(Assigns::Text(value.to_owned())))
                }
            },
            Argument::Assignment { name, subscript, append, value } => (name, subscript, append, Some(value)),
        };
        let bare = name.split('[').next().unwrap_or(&name).to_owned();
        if !is_name(&bare) {
            return Err(format!("`{typed}': not a valid identifier"));
        }
        if let (true, Some(Assigns::Text(target))) = (wish.wants('n'), &value) {
            if *target == bare && !local {
                return Err(format!("{bare}: nameref variable self references not allowed"));
            }
            if !is_name(target.split('[').next().unwrap_or_default()) {
                return Err(format!("`{target}': invalid variable name for name reference"));
            }
        }
        if let Some(complaint) = self.refuses_local(&bare).filter(|_| local) {
            return Err(format!("{bare}: {complaint}"));
        }
        if local {
            self.make_local(&bare);
        }
        if self.is_readonly(&bare) && (value.is_some() || wish.clear.contains('r')) {
            return Err(format!("{bare}: readonly variable"));
        }
        let variable = self.st.variables.entry(bare.clone()).or_default();
        shape(variable, wish).map_err(|complaint| format!("{bare}: {complaint}"))?;
        if wish.wants('n') {
            variable.reference = true;
        }
        if let Some(value) = value {
            if wish.wants('n') {
                if let (Some(variable), Assigns::Text(target)) = (self.st.variables.get_mut(&bare), value) {
                    variable.value = Value::Text(target);
                }
            } else {
                self.put(&bare, subscript.as_deref(), append, value)?;
            }
        }
        if let Some(variable) = self.st.variables.get_mut(&bare) {
            variable.readonly |= wish.wants('r');
            variable.exported = (variable.exported || wish.wants('x')) && !wish.clear.contains('x');
        }
        self.environment = None;
        Ok(())
    }

    /// What a variable was before the function is put back when the function ends.
    fn make_local(&mut self, name: &str) {
        let Some(frame) = self.frames.iter_mut().rev().find(|frame| frame.function) else { return };
        if frame.locals.contains_key(name) {
            return;
        }
        let before = self.st.variables.remove(name);
        let exported = before.as_ref().is_some_and(|variable| variable.exported);
        frame.locals.insert(name.to_owned(), before);
        self.st.variables.insert(name.to_owned(), Variable { exported, ..Variable::default() });
    }
}

/// Gives a variable the shape and attributes that are wished for before anything is assigned.
fn shape(variable: &mut Variable, wish: &Wish) -> Result<(), String> {
    if wish.wants('A') {
        match &variable.value {
            Value::Associative(_) => {}
            Value::Indexed(_) => return Err("cannot convert indexed to associative array".to_owned()),
            _ => {
                variable.value = Value::Associative(std::collections::BTreeMap::new());
                variable.bare = true;
            }
        }
    } else if wish.wants('a') {
        match std::mem::take(&mut variable.value) {
            Value::Unset => {
                variable.value = Value::Indexed(std::collections::BTreeMap::new());
                variable.bare = true;
            }
            Value::Associative(items) => {
                variable.value = Value::Associative(items);
                return Err("cannot convert associative to indexed array".to_owned());
            }
            Value::Text(text) => variable.value = Value::Indexed(std::collections::BTreeMap::from([(0, text)])),
            other => variable.value = other,
        }
    }
    variable.integer = (variable.integer || wish.wants('i')) && !wish.clear.contains('i');
    if wish.wants('l') {
        variable.case = Some(Letters::Lower);
    }
    if wish.wants('u') {
        variable.case = Some(Letters::Upper);
    }
    variable.traced = (variable.traced || wish.wants('t')) && !wish.clear.contains('t');
    if wish.clear.contains(['l', 'u']) {
        variable.case = None;
    }
    if wish.clear.contains('n') {
        variable.reference = false;
    }
    Ok(())
}

/// `export -f`, `export -nf`, `readonly -f`, and `declare -f` with what holds for functions.
async fn mark_functions(sh: &mut Sh, builtin: &str, wish: &Wish, names: Vec<Argument>) -> Run {
    let mut status = 0;
    for name in names.into_iter().map(Argument::into_text) {
        if !sh.st.functions.contains_key(&name) {
            match builtin {
                "declare" | "typeset" => status = 1,
                _ => status = sh.misused(builtin, &format!("{name}: not a function"), 1).await?,
            }
            continue;
        }
        if sh.st.readonly_functions.contains(&name) && wish.clear.contains('r') {
            status = sh.misused(builtin, &format!("{name}: readonly function"), 1).await?;
            continue;
        }
        let st = &mut sh.st;
        for (letter, marked) in
            [('r', &mut st.readonly_functions), ('t', &mut st.traced_functions), ('x', &mut st.exported_functions)]
        {
            if wish.clear.contains(letter) {
                marked.remove(&name);
            } else if wish.wants(letter) {
                marked.insert(name.clone());
            }
        }
    }
    sh.environment = None;
    Ok(status)
}

async fn functions(sh: &mut Sh, wish: &Wish, names: Vec<Argument>) -> Run {
    let all = names.is_empty();
    let names: Vec<String> = match all {
        true => sh.st.functions.keys().filter(|name| sh.has_marks(name, wish)).cloned().collect(),
        false => names.into_iter().map(Argument::into_text).collect(),
    };
    let mut status = 0;
    for name in names {
        let text = match sh.st.functions.get(&name) {
            None => {
                status = 1;
                continue;
            }
            Some(_) if wish.names_only && (all || wish.print) => format!("declare -f{} {name}\n", sh.marks(&name)),
            Some(_) if wish.names_only => format!("{name}\n"),
            Some(body) => {
                let marks = Some(sh.marks(&name)).filter(|marks| all && !marks.is_empty());
                let marks = marks.map_or(String::new(), |marks| format!("declare -f{marks} {name}\n"));
                format!("{}\n{marks}", print::function(&name, body).trim_end_matches('\n'))
            }
        };
        sh.p.out(&text).await?;
    }
    Ok(status)
}

/// `declare`, `export`, `readonly`, `local` without names.
async fn list(sh: &mut Sh, name: &str, wish: &Wish) -> Run {
    let all = sh.listed();
    if sh.is_ash() {
        // `export VARIABLE='value'`
        let own = all
            .iter()
            .filter(|(_, variable)| name == "export" && variable.exported || name == "readonly" && variable.readonly);
        let line = |(known, variable): (&String, &Variable)| match &variable.value {
            Value::Text(text) if !variable.bare => format!("{name} {known}={}\n", quote::single_quote(text)),
            _ => format!("{name} {known}\n"),
        };
        let lines: String = own.map(line).collect();
        sh.p.out(&lines).await?;
        return Ok(0);
    }
    let wanted = |known: &str, variable: &Variable| -> bool {
        let local = || {
            let frame = sh.frames.iter().rev().find(|frame| frame.function);
            frame.is_some_and(|frame| frame.locals.contains_key(known))
        };
        (name != "local" || local())
            && (!wish.wants('x') || variable.exported)
            && (!wish.wants('r') || variable.readonly)
            && (!wish.wants('i') || variable.integer)
            && (!wish.wants('t') || variable.traced)
            && (!wish.wants('a') || matches!(variable.value, Value::Indexed(_)))
            && (!wish.wants('A') || matches!(variable.value, Value::Associative(_)))
    };
    let whole = wish.print || !wish.set.is_empty() || name == "local";
    let lines: String = all
        .iter()
        .filter(|(known, variable)| wanted(known, variable))
        .map(|(known, variable)| match (&variable.value, whole) {
            (_, true) => declaration(known, variable, false) + "\n",
            (Value::Text(text), false) => format!("{known}={}\n", quote::shell_quote(text)),
            (Value::Unset, false) => String::new(),
            (_, false) => declaration(known, variable, false) + "\n",
        })
        .collect();
    sh.p.out(&lines).await?;
    Ok(0)
}

/// `declare -p name`
async fn show(sh: &mut Sh, name: &str, builtin: &str) -> Run {
    match sh.variable_of(name) {
        Some(variable) => {
            let line = declaration(name, &variable, false) + "\n";
            sh.p.out(&line).await?;
            Ok(0)
        }
        None => sh.misused(builtin, &format!("{name}: not found"), 1).await,
    }
}
