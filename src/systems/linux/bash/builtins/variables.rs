//! `unset`, `shift`, `let`, `getopts`.

use crate::systems::linux::bash::parameter::is_name;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::model::bash::Value;

pub async fn unset(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "fnv").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let (functions, variables, reference) = (given.has('f'), given.has('v'), given.has('n'));
    if functions && variables {
        return sh.misused("unset", "cannot simultaneously unset a function and a variable", 1).await;
    }
    let mut status = 0;
    for name in given.operands.iter().map(String::as_str) {
        if functions {
            status = sh.unset_function(name).await?.max(status);
            continue;
        }
        if sh.is_ash() && !is_name(name) {
            return sh.misused("unset", &format!("{name}: bad variable name"), 2).await;
        }
        let (array, subscript) = match name.split_once('[') {
            Some((array, rest)) => (array, rest.strip_suffix(']')),
            None => (name, None),
        };
        let resolved = if reference { array.to_owned() } else { sh.resolve(array) };
        let array = resolved.as_str();
        let refused = match subscript {
            _ if sh.is_readonly(array) => Err("cannot unset: readonly variable"),
            Some(_) => Ok(false),
            None => sh.unset_own(array),
        };
        let own = match refused {
            Ok(own) => own,
            Err(complaint) => {
                status = sh.misused("unset", &format!("{array}: {complaint}"), 1).await?;
                continue;
            }
        };
        match subscript {
            Some(key) => sh.unset_element(array, key),
            None => {
                let there = own | sh.st.variables.remove(array).is_some();
                sh.environment = None;
                if !there && !variables && !reference && !sh.is_ash() {
                    status = sh.unset_function(array).await?.max(status);
                }
            }
        }
    }
    Ok(status)
}

impl Sh {
    fn unset_element(&mut self, name: &str, key: &str) {
        if matches!(key, "@" | "*") && !self.is_associative(name) {
            self.st.variables.remove(name);
            return;
        }
        let at = if self.is_associative(name) { None } else { self.evaluate(key).ok() };
        match self.st.variables.get_mut(name).map(|variable| &mut variable.value) {
            Some(Value::Associative(items)) => {
                items.remove(key);
            }
            Some(Value::Indexed(items)) => {
                let last = items.keys().next_back().map_or(0, |last| last + 1);
                let at = at.and_then(|at| u64::try_from(at).ok().or_else(|| last.checked_add_signed(at)));
                if let Some(at) = at {
                    items.remove(&at);
                }
            }
            Some(Value::Text(_)) if at == Some(0) => {
                self.st.variables.remove(name);
            }
            _ => {}
        }
    }
}

pub async fn shift(sh: &mut Sh, words: Vec<String>) -> Run {
    let words: Vec<String> =
        words.into_iter().enumerate().filter(|(at, word)| *at != 1 || word != "--").map(|(_, word)| word).collect();
    let count = match words.get(1).map(|text| text.parse::<i64>()) {
        None => 1,
        Some(Ok(count)) if count < 0 && sh.is_ash() => {
            return sh.misused("shift", &format!("Illegal number: {count}"), 2).await;
        }
        Some(Ok(count)) => count,
        Some(Err(_)) => return sh.misused("shift", &format!("{}: numeric argument required", words[1]), 1).await,
    };
    match usize::try_from(count) {
        Ok(count) if count <= sh.st.positional.len() => {
            sh.st.positional.drain(..count);
            Ok(0)
        }
        Ok(_) if !sh.st.shopt.contains("shift_verbose") => Ok(1),
        _ => sh.misused("shift", &format!("{count}: shift count out of range"), 1).await,
    }
}

pub async fn calculate(sh: &mut Sh, words: Vec<String>) -> Run {
    if words.len() == 1 {
        return sh.misused("let", "expression expected", 1).await;
    }
    let mut value = 0;
    for text in &words[1..] {
        value = match sh.evaluate(text) {
            Ok(value) => value,
            Err(complaint) => return sh.misused("let", &complaint, 1).await,
        };
    }
    Ok(u8::from(value == 0))
}

pub async fn getopts(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let [spec, name, given @ ..] = &given.operands[..] else {
        if sh.is_ash() {
            return sh.misused("getopts", "usage: getopts optstring var [arg]", 2).await;
        }
        sh.p.err("getopts: usage: getopts optstring name [arg ...]\n").await?;
        return Ok(2);
    };
    let given: Vec<String> = if given.is_empty() { sh.st.positional.clone() } else { given.to_vec() };
    let mut index: usize = sh.held_text("OPTIND").and_then(|text| text.parse().ok()).unwrap_or(1).max(1);
    let mut within = sh.st.within.max(1);
    // An ash names the next word while it is within one.
    if sh.is_ash() && within > 1 && index > 1 {
        index -= 1;
    }
    if index == 1 && within > given.first().map_or(0, String::len) {
        within = 1;
    }
    let quiet = sh.held_text("OPTERR").is_some_and(|text| text == "0");
    let silent = spec.starts_with(':') || sh.is_ash() && quiet;
    let word = given.get(index - 1).cloned().unwrap_or_default();
    let over = !word.starts_with('-') || word == "-" || word == "--";
    if within == 1 && over {
        if word == "--" {
            index += 1;
        }
        return sh.option_found(name, "?", None, index, 1).map_or_else(|_| Ok(1), |()| Ok(1));
    }
    let Some(letter) = word.get(within..).and_then(|rest| rest.chars().next()) else {
        return sh.option_found(name, "?", None, index, 1).map_or_else(|_| Ok(1), |()| Ok(1));
    };
    let rest = &word[within + letter.len_utf8()..];
    let place = spec.find(letter).filter(|_| letter != ':');
    let takes = place.is_some_and(|at| spec[at + letter.len_utf8()..].starts_with(':'));
    let next = |rest: &str| if rest.is_empty() { (index + 1, 1) } else { (index, within + letter.len_utf8()) };
    let (found, argument, (index, within), complaint) = match (place, takes) {
        (None, _) if silent => ("?".to_owned(), Some(letter.to_string()), next(rest), None),
        (None, _) => ("?".to_owned(), None, next(rest), Some(format!("illegal option -- {letter}"))),
        (Some(_), false) => (letter.to_string(), None, next(rest), None),
        (Some(_), true) if !rest.is_empty() => (letter.to_string(), Some(rest.to_owned()), (index + 1, 1), None),
        (Some(_), true) => match given.get(index) {
            Some(argument) => (letter.to_string(), Some(argument.clone()), (index + 2, 1), None),
            None if silent => (":".to_owned(), Some(letter.to_string()), (index + 1, 1), None),
            None => {
                let complaint = format!("option requires an argument -- {letter}");
                ("?".to_owned(), None, (index + 1, 1), Some(complaint))
            }
        },
    };
    if let Some(complaint) = complaint
        && sh.held_text("OPTERR").is_none_or(|text| text != "0")
    {
        let text = match (sh.is_ash(), complaint.starts_with("illegal")) {
            (false, _) => format!("{}: {complaint}\n", sh.st.name),
            (true, true) => format!("Illegal option -{letter}\n"),
            (true, false) => format!("No arg for -{letter} option\n"),
        };
        sh.p.err(&text).await?;
    }
    match sh.option_found(name, &found, argument, index, within) {
        Ok(()) => Ok(0),
        Err(complaint) => sh.misused("getopts", &complaint, 1).await,
    }
}

impl Sh {
    async fn unset_function(&mut self, name: &str) -> Run {
        if self.st.readonly_functions.contains(name) && self.st.functions.contains_key(name) {
            return self.misused("unset", &format!("{name}: cannot unset: readonly function"), 1).await;
        }
        self.define(name, None);
        Ok(0)
    }

    fn option_found(
        &mut self,
        name: &str,
        found: &str,
        argument: Option<String>,
        index: usize,
        within: usize,
    ) -> Result<(), String> {
        match argument {
            Some(argument) => self.set("OPTARG", argument)?,
            None if self.is_ash() && found != "?" => self.set("OPTARG", "")?,
            None => {
                self.st.variables.remove("OPTARG");
            }
        }
        let shown = if self.is_ash() && within > 1 { index + 1 } else { index };
        self.set("OPTIND", shown.to_string())?;
        self.st.within = within;
        self.set(name, found)
    }
}
