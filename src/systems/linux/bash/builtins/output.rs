//! `echo`, `printf`, `test`.

use crate::bash::test::{self, Files};
use crate::bash::version::Feature;
use crate::bash::{printf as format, quote};
use crate::systems::linux::bash::assign::Assigns;
use crate::systems::linux::bash::parameter::Held;
use crate::systems::linux::bash::{Flow, Run, Sh};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::bash::Value;
use crate::systems::linux::tools::file_test;

pub async fn echo(sh: &mut Sh, words: Vec<String>) -> Run {
    let (mut newline, mut escapes) = (true, sh.st.shopt.contains("xpg_echo"));
    let mut at = 1;
    while let Some(flags) = words.get(at).and_then(|word| word.strip_prefix('-')) {
        if flags.is_empty() || !flags.chars().all(|flag| "neE".contains(flag)) {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        at += 1;
    }
    let text = words[at..].join(" ");
    let mut bytes = text.clone().into_bytes();
    if escapes {
        let place = if sh.is_ash() { quote::Place::Applet } else { quote::Place::Echo };
        let resolved = quote::resolve(&text, place);
        bytes = resolved.bytes;
        newline &= !resolved.stop;
    }
    if newline {
        bytes.push(b'\n');
    }
    sh.p.write(1, &bytes).await?;
    sh.written("echo").await
}

pub async fn printf(sh: &mut Sh, words: Vec<String>) -> Run {
    const USAGE: &str = "printf [-v var] format [arguments]";
    let (mut variable, mut rest) = (None, &words[1..]);
    loop {
        match rest {
            [dash, more @ ..] if dash == "--" => {
                rest = more;
                break;
            }
            // An applet has no options.
            _ if sh.is_ash() => break,
            [option] if option == "-v" => {
                return sh.usage("printf", "-v: option requires an argument", USAGE).await;
            }
            [option, name, more @ ..] if option == "-v" => {
                variable = Some(name.clone());
                rest = more;
            }
            [option, ..] if option.len() > 1 && option.starts_with('-') => {
                let sign: String = option.chars().take(2).collect();
                return sh.usage("printf", &format!("{sign}: invalid option"), USAGE).await;
            }
            _ => break,
        }
    }
    let [format, arguments @ ..] = rest else {
        if sh.is_ash() {
            sh.complain("!usage: printf FORMAT [ARGUMENT...]").await?;
            return Ok(2);
        }
        sh.p.err(&format!("printf: usage: {USAGE}\n")).await?;
        return Ok(2);
    };
    let (now, started) = (sh.p.now(), sh.st.started);
    let zone = sh.p.peek(|linux| Zone::named(sh.st.variable("TZ"), &linux.zone));
    let clock = |form: &str, at: i64| {
        let seconds = match at {
            -1 => now.utc().unix_timestamp(),
            -2 => started.utc().unix_timestamp(),
            at => at,
        };
        clock::format(form, seconds, 0, &zone)
    };
    let told = sh.has(Feature::PRINTF_TIME);
    let printed = match sh.is_ash() {
        true => format::format_plainly(format, arguments),
        false => format::format(format, arguments, told.then_some(&clock as &format::Clock<'_>)),
    };
    if sh.is_ash() {
        return plainly(sh, printed).await;
    }
    for complaint in &printed.complaints {
        sh.complain(&format!("printf: {complaint}")).await?;
    }
    if printed.too_long {
        return Err(Flow::Cut(Cut::Limit("output")));
    }
    match variable {
        Some(name) => {
            let text = String::from_utf8_lossy(&printed.text).into_owned();
            let (name, subscript) = match name.split_once('[') {
                Some((name, rest)) => (name.to_owned(), Some(rest.trim_end_matches(']').to_owned())),
                None => (name, None),
            };
            if let Err(complaint) = sh.put(&name, subscript.as_deref(), false, Assigns::Text(text)) {
                let status = if sh.is_readonly(&name) { 1 } else { 2 };
                return sh.misused("printf", &complaint, status).await;
            }
            Ok(printed.status)
        }
        None => {
            sh.p.write(1, &printed.text).await?;
            Ok(sh.written("printf").await?.max(printed.status))
        }
    }
}

/// What an applet prints: what it complains about in its place.
async fn plainly(sh: &mut Sh, printed: format::Printed) -> Run {
    let mut from = 0;
    for (complaint, at) in printed.complaints.iter().zip(printed.places) {
        sh.p.write(1, &printed.text[from..at]).await?;
        from = at;
        sh.complain(&format!("printf: {complaint}")).await?;
    }
    if printed.too_long {
        return Err(Flow::Cut(Cut::Limit("output")));
    }
    sh.p.write(1, &printed.text[from..]).await?;
    Ok(sh.written("printf").await?.max(printed.status))
}

pub async fn test(sh: &mut Sh, words: Vec<String>) -> Run {
    let name = words[0].clone();
    let mut operands: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    if name == "[" && operands.pop() != Some("]") {
        return sh.misused("[", "missing `]'", 2).await;
    }
    match test::evaluate(&operands, sh) {
        Ok(holds) => Ok(u8::from(!holds)),
        Err(complaint) => {
            // Ash names the word that it does not know: the second of two.
            if let ([_, second], true) = (&operands[..], sh.is_ash()) {
                let what = if second.starts_with('-') { "argument expected" } else { "unknown operand" };
                sh.complain(&format!("!{second}: {what}")).await?;
                return Ok(2);
            }
            // Of more words, the first that stands behind a whole condition.
            if let ([_, second, _, rest @ ..], true) = (&operands[..], sh.is_ash() && complaint == "too many arguments")
            {
                let pair = matches!(*second, "=" | "==" | "!=" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge");
                let word = rest.first().filter(|_| pair).unwrap_or(second);
                sh.complain(&format!("!{word}: unknown operand")).await?;
                return Ok(2);
            }
            sh.misused(&name, &complaint, 2).await
        }
    }
}

impl Files for Sh {
    fn has_unary(&self, op: char) -> bool {
        let since = match op {
            'v' => Feature::IS_SET,
            'R' => Feature::REFERENCES,
            _ => return true,
        };
        self.is_ash() || self.has(since)
    }

    fn unary(&self, operator: char, operand: &str) -> bool {
        Self::unary(self, operator, operand)
    }

    fn binary(&self, operator: &str, a: &str, b: &str) -> bool {
        self.compare_files(operator, a, b)
    }
}

impl Sh {
    /// What a failed write comes to.
    pub(super) async fn written(&mut self, name: &str) -> Run {
        match self.p.write_error.take() {
            None => Ok(0),
            Some(errno) => self.misused(name, &format!("write error: {}", errno.text()), 1).await,
        }
    }

    /// `-f file` and its kin.
    pub(in super::super) fn unary(&self, operator: char, operand: &str) -> bool {
        match operator {
            'n' => !operand.is_empty(),
            'z' => operand.is_empty(),
            'v' => self.is_set(operand),
            'o' => self.option(operand),
            'R' => self.st.variables.get(operand).is_some_and(|variable| variable.reference),
            operator => file_test::unary(&self.p, operator, operand),
        }
    }

    /// `-v name`: a variable, or an element of it.
    fn is_set(&self, name: &str) -> bool {
        let (name, key) = match name.split_once('[') {
            Some((name, rest)) => (name, Some(rest.trim_end_matches(']'))),
            None => (name, None),
        };
        let variable = self.variable_of(&self.resolve(name));
        let variable = variable.as_ref();
        match (variable.map(|variable| (variable, &variable.value)), key) {
            (None, _) => false,
            (Some((variable, _)), None) => variable.scalar().is_some(),
            (Some((_, Value::Associative(items))), Some(key)) => items.contains_key(key),
            (Some((_, Value::Indexed(items))), Some("@" | "*")) => !items.is_empty(),
            (Some((_, Value::Indexed(items))), Some(key)) => key.parse().is_ok_and(|at: u64| items.contains_key(&at)),
            (Some((variable, _)), Some(key)) => key == "0" && variable.scalar().is_some(),
        }
    }

    /// `-nt`, `-ot`, `-ef`
    pub(in super::super) fn compare_files(&self, operator: &str, a: &str, b: &str) -> bool {
        file_test::binary(&self.p, operator, a, b)
    }

    /// The text that a parameter holds, if it is one text.
    pub(super) fn held_text(&mut self, name: &str) -> Option<String> {
        match self.hold(name, None) {
            Ok(Held::Text(text)) => Some(text),
            _ => None,
        }
    }
}
