//! `set`, `shopt`, `umask`.

use crate::bash::quote;
use crate::bash::version::Version;
use crate::systems::linux::bash::assign::declaration;
use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::model::bash::Value;

/// The options of `set`: long name and letter.
pub(super) const SETS: [(&str, Option<char>); 27] = [
    ("allexport", Some('a')),
    ("braceexpand", Some('B')),
    ("emacs", None),
    ("errexit", Some('e')),
    ("errtrace", Some('E')),
    ("functrace", Some('T')),
    ("hashall", Some('h')),
    ("histexpand", Some('H')),
    ("history", None),
    ("ignoreeof", None),
    ("interactive-comments", None),
    ("keyword", Some('k')),
    ("monitor", Some('m')),
    ("noclobber", Some('C')),
    ("noexec", Some('n')),
    ("noglob", Some('f')),
    ("nolog", None),
    ("notify", Some('b')),
    ("nounset", Some('u')),
    ("onecmd", Some('t')),
    ("physical", Some('P')),
    ("pipefail", None),
    ("posix", None),
    ("privileged", Some('p')),
    ("verbose", Some('v')),
    ("vi", None),
    ("xtrace", Some('x')),
];

/// The options of `shopt`, in the order in which it lists them, and the version of bash that has them first.
const SHOPT: [(&str, (u32, u32)); 57] = [
    ("autocd", (4, 0)),
    ("assoc_expand_once", (5, 0)),
    ("cdable_vars", (3, 2)),
    ("cdspell", (3, 2)),
    ("checkhash", (3, 2)),
    ("checkjobs", (4, 0)),
    ("checkwinsize", (3, 2)),
    ("cmdhist", (3, 2)),
    ("compat31", (3, 2)),
    ("compat32", (4, 0)),
    ("compat40", (4, 1)),
    ("compat41", (4, 2)),
    ("compat42", (4, 3)),
    ("compat43", (4, 4)),
    ("compat44", (5, 0)),
    ("complete_fullquote", (4, 3)),
    ("direxpand", (4, 2)),
    ("dirspell", (4, 0)),
    ("dotglob", (3, 2)),
    ("execfail", (3, 2)),
    ("expand_aliases", (3, 2)),
    ("extdebug", (3, 2)),
    ("extglob", (3, 2)),
    ("extquote", (3, 2)),
    ("failglob", (3, 2)),
    ("force_fignore", (3, 2)),
    ("globasciiranges", (4, 3)),
    ("globskipdots", (5, 2)),
    ("globstar", (4, 0)),
    ("gnu_errfmt", (3, 2)),
    ("histappend", (3, 2)),
    ("histreedit", (3, 2)),
    ("histverify", (3, 2)),
    ("hostcomplete", (3, 2)),
    ("huponexit", (3, 2)),
    ("inherit_errexit", (4, 4)),
    ("interactive_comments", (3, 2)),
    ("lastpipe", (4, 2)),
    ("lithist", (3, 2)),
    ("localvar_inherit", (5, 0)),
    ("localvar_unset", (5, 0)),
    ("login_shell", (3, 2)),
    ("mailwarn", (3, 2)),
    ("no_empty_cmd_completion", (3, 2)),
    ("nocaseglob", (3, 2)),
    ("nocasematch", (3, 2)),
    ("noexpand_translation", (5, 2)),
    ("nullglob", (3, 2)),
    ("patsub_replacement", (5, 2)),
    ("progcomp", (3, 2)),
    ("progcomp_alias", (5, 0)),
    ("promptvars", (3, 2)),
    ("restricted_shell", (3, 2)),
    ("shift_verbose", (3, 2)),
    ("sourcepath", (3, 2)),
    ("varredir_close", (5, 2)),
    ("xpg_echo", (3, 2)),
];

impl Sh {
    /// Switches an option by its long name. `false` when there is none of that name.
    pub(in super::super) fn switch(&mut self, name: &str, on: bool) -> bool {
        if !is_set_option(name) {
            return false;
        }
        if on {
            self.st.options.insert(name.to_owned());
        } else {
            self.st.options.remove(name);
        }
        true
    }

    /// Switches an option by its letter.
    pub(in super::super) fn switch_letter(&mut self, letter: char, on: bool) -> bool {
        if letter == 'r' && !self.is_ash() {
            if on {
                self.restrict();
            }
            return on || !self.is_restricted();
        }
        match SETS.iter().find(|(_, known)| *known == Some(letter)) {
            Some((name, _)) => self.switch(name, on),
            None => false,
        }
    }
}

/// Options of `shopt` that are kept and not followed.
const UNFOLLOWED: [&str; 5] = ["extdebug", "gnu_errfmt", "histreedit", "histverify", "mailwarn"];

/// Whether `set -o` knows an option of this name.
pub fn is_set_option(name: &str) -> bool {
    SETS.iter().any(|(known, _)| *known == name)
}

pub async fn set(sh: &mut Sh, words: Vec<String>) -> Run {
    const USAGE: &str = "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";
    if words.len() == 1 {
        return all_variables(sh).await;
    }
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        if word == "--" || word == "-" {
            sh.st.positional = rest.cloned().collect();
            return Ok(0);
        }
        let on = word.starts_with('-');
        let Some(letters) = word.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) else {
            sh.st.positional = std::iter::once(word).chain(rest).cloned().collect();
            return Ok(0);
        };
        for letter in letters.chars() {
            if letter == 'o' {
                match rest.next() {
                    None => return list_options(sh, on).await,
                    Some(name) if sh.switch(name, on) => {}
                    Some(name) if sh.is_ash() => {
                        let sign = if on { '-' } else { '+' };
                        return sh.misused("set", &format!("illegal option {sign}o {name}"), 2).await;
                    }
                    Some(name) => return sh.misused("set", &format!("{name}: invalid option name"), 2).await,
                }
            } else if letter == 'r' && !on && sh.is_restricted() {
                let complaint = format!("+{letter}: invalid option");
                return sh.usage("set", &complaint, USAGE).await.map(|_| 1);
            } else if !sh.switch_letter(letter, on) {
                let sign = if on { '-' } else { '+' };
                return sh.usage("set", &format!("{sign}{letter}: invalid option"), USAGE).await;
            }
        }
    }
    Ok(0)
}

pub(super) async fn all_variables(sh: &mut Sh) -> Run {
    let mut text = String::new();
    for (name, variable) in &sh.listed() {
        match &variable.value {
            Value::Unset => {}
            Value::Text(value) if sh.is_ash() => text.push_str(&format!("{name}={}\n", quote::single_quote(value))),
            Value::Text(value) => text.push_str(&format!("{name}={}\n", quote::set_quote(value))),
            _ => {
                let whole = declaration(name, variable, false);
                text.push_str(
                    whole.split_once(' ').and_then(|(_, rest)| rest.split_once(' ')).map_or("", |(_, rest)| rest),
                );
                text.push('\n');
            }
        }
    }
    for (name, body) in sh.st.functions.iter().filter(|_| !sh.is_ash()) {
        text.push_str(crate::bash::print::function(name, body).trim_end_matches('\n'));
        text.push('\n');
    }
    sh.p.out(&text).await?;
    Ok(0)
}

/// The options of an ash, in the order of its list.
const ASH: [&str; 12] = [
    "errexit",
    "noglob",
    "ignoreeof",
    "monitor",
    "noexec",
    "xtrace",
    "verbose",
    "noclobber",
    "allexport",
    "notify",
    "nounset",
    "pipefail",
];

async fn list_options(sh: &mut Sh, table: bool) -> Run {
    if sh.is_ash() {
        let line = |name: &&str| match (table, sh.option(name)) {
            (true, on) => format!("{name:<16}{}\n", if on { "on" } else { "off" }),
            (false, on) => format!("set {}o {name}\n", if on { '-' } else { '+' }),
        };
        let lines: String = ASH.iter().map(line).collect();
        sh.p.out(&lines).await?;
        return Ok(0);
    }
    let lines: String = SETS
        .iter()
        .map(|(name, _)| match (table, sh.option(name)) {
            (true, on) => format!("{name:<15}\t{}\n", if on { "on" } else { "off" }),
            (false, on) => format!("set {}o {name}\n", if on { '-' } else { '+' }),
        })
        .collect();
    sh.p.out(&lines).await?;
    Ok(0)
}

impl Sh {
    /// The options of `shopt` that this version has.
    pub(super) fn shopts(&self) -> Vec<&'static str> {
        SHOPT
            .iter()
            .filter(|(_, (major, minor))| self.version() >= Version(*major, *minor))
            .map(|(name, _)| *name)
            .collect()
    }

    /// Switches one of the options of `shopt`. `false` when there is none of that name.
    pub(in crate::systems::linux::bash) fn switch_shopt(&mut self, name: &str, on: bool) -> bool {
        if !self.shopts().contains(&name) {
            return false;
        }
        // What the shell was begun as it stays.
        if matches!(name, "restricted_shell" | "login_shell") {
            return true;
        }
        if on {
            self.st.shopt.insert(name.to_owned())
        } else {
            self.st.shopt.remove(name)
        };
        true
    }
}

pub async fn shopt(sh: &mut Sh, words: Vec<String>) -> Run {
    let (mut on, mut quiet, mut printable, mut of_set) = (None, false, false, false);
    let mut names = Vec::new();
    for word in &words[1..] {
        match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            Some(letters) => {
                for letter in letters.chars() {
                    match letter {
                        's' => on = Some(true),
                        'u' => on = Some(false),
                        'q' => quiet = true,
                        'p' => printable = true,
                        'o' => of_set = true,
                        _ => {
                            let wrong = format!("-{letter}: invalid option");
                            return sh.usage("shopt", &wrong, "shopt [-pqsu] [-o] [optname ...]").await;
                        }
                    }
                }
            }
            None => names.push(word.clone()),
        }
    }
    let known: Vec<&str> = if of_set { SETS.iter().map(|(name, _)| *name).collect() } else { sh.shopts() };
    let what = if of_set { "" } else { "shell " };
    let mut status = 0;
    if let (Some(on), false) = (on, names.is_empty()) {
        for name in names {
            if !known.contains(&name.as_str()) {
                status = sh.misused("shopt", &format!("{name}: invalid {what}option name"), 1).await?;
            } else if of_set {
                sh.switch(&name, on);
            } else {
                if on && UNFOLLOWED.contains(&name.as_str()) {
                    sh.p.gap(&format!("shopt -s {name}: what it changes"))?;
                }
                sh.switch_shopt(&name, on);
            }
        }
        return Ok(status);
    }
    let all = names.is_empty();
    for name in if all { known.iter().map(|name| (*name).to_owned()).collect() } else { names } {
        if !known.contains(&name.as_str()) {
            status = sh.misused("shopt", &format!("{name}: invalid {what}option name"), 1).await?;
            continue;
        }
        let is_on = if of_set { sh.option(&name) } else { sh.st.shopt.contains(&name) };
        if !is_on && !all {
            status = 1;
        }
        if quiet || (all && on.is_some_and(|on| on != is_on)) {
            continue;
        }
        let line = match (printable, of_set) {
            (true, true) => format!("set {}o {name}\n", if is_on { '-' } else { '+' }),
            (true, false) => format!("shopt -{} {name}\n", if is_on { 's' } else { 'u' }),
            (false, _) => format!("{name:<15}\t{}\n", if is_on { "on" } else { "off" }),
        };
        sh.p.out(&line).await?;
    }
    Ok(status)
}

pub async fn umask(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "pS").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let symbolic = given.has('S');
    let mask = given.operands.first();
    let Some(text) = mask else {
        let mask = sh.st.umask;
        let letters = |bits: u16| {
            let wanted = [(4, 'r'), (2, 'w'), (1, 'x')];
            wanted.iter().filter(|(bit, _)| bits & bit == 0).map(|(_, letter)| *letter).collect::<String>()
        };
        let reusable = if given.has('p') { "umask " } else { "" };
        let line = if symbolic {
            format!("u={},g={},o={}\n", letters(mask >> 6), letters(mask >> 3), letters(mask))
        } else {
            format!("{mask:04o}\n")
        };
        let line = format!("{reusable}{line}");
        sh.p.out(&line).await?;
        return Ok(0);
    };
    match u16::from_str_radix(text, 8) {
        Ok(mask) if mask <= 0o777 => {
            sh.st.umask = mask;
            sh.p.umask = mask;
            Ok(0)
        }
        _ if sh.is_ash() && crate::systems::linux::mode::change(text, 0, false, 0).is_none() => {
            sh.misused("umask", &format!("illegal mode: {text}"), 1).await
        }
        _ if text.starts_with(|first: char| first.is_ascii_digit()) => {
            sh.misused("umask", &format!("{text}: octal number out of range"), 1).await
        }
        _ => match crate::systems::linux::mode::change(text, !sh.st.umask & 0o777, false, 0) {
            Some(allowed) => {
                sh.st.umask = !allowed & 0o777;
                sh.p.umask = sh.st.umask;
                Ok(0)
            }
            None => {
                let (wrong, what) = wrong_in_mode(text);
                sh.misused("umask", &format!("`{wrong}': invalid symbolic mode {what}"), 1).await
            }
        },
    }
}

/// The character of a mode text that is none of its kind, and what was to stand there.
fn wrong_in_mode(text: &str) -> (char, &'static str) {
    for clause in text.split(',') {
        let mut rest = clause.trim_start_matches(['u', 'g', 'o', 'a']).chars();
        match rest.next() {
            Some('+' | '-' | '=') => {}
            operator => return (operator.unwrap_or(','), "operator"),
        }
        if let Some(wrong) = rest.find(|letter| !"rwxXstugo+-=".contains(*letter)) {
            return (wrong, "character");
        }
    }
    (',', "character")
}
