//! `bind`: the functions, keys and variables of readline as bash 5.2 has them without an inputrc, listed. What keys do here is
//! the keyboard's affair (`crate::front`), so to bind one is not modelled.

use crate::systems::linux::bash::{Run, Sh};

/// Functions with their keys, as `bind -p` shows them.
const FUNCTIONS: &str = include_str!("readline.tsv");
/// Variables with their values, as `bind -v` shows them.
const VARIABLES: &str = include_str!("readline_variables.tsv");
/// `bind -P` and `-q` show so many keys of one function.
const SHOWN: usize = 5;

pub async fn bind(sh: &mut Sh, words: Vec<String>) -> Run {
    if !sh.st.interactive {
        sh.complain("bind: warning: line editing not enabled").await?;
    }
    let given = match sh.given(&words, "lpPsSvVXm:f:q:u:r:x:").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if let Some((letter, _)) = given.options.iter().find(|(letter, _)| "mfurx".contains(*letter)) {
        return Ok(sh.p.gap(&format!("bind -{letter}"))?);
    }
    if !given.operands.is_empty() {
        return Ok(sh.p.gap("bind with a key")?);
    }
    for (letter, value) in &given.options {
        let text = match letter {
            'l' => functions().map(|(name, _)| format!("{name}\n")).collect(),
            'p' => functions().map(|(name, keys)| reusable(name, &keys)).collect(),
            'P' => format!("\n{}", functions().map(|(name, keys)| told(name, &keys)).collect::<String>()),
            'v' => variables().map(|(name, value)| format!("set {name} {value}\n")).collect(),
            'V' => variables().map(|(name, value)| format!("{name} is set to `{value}'\n")).collect(),
            'q' => match functions().find(|(name, _)| name == value) {
                Some((name, keys)) if keys.is_empty() => format!("{name} is not bound to any keys.\n"),
                Some((name, keys)) => format!("{name} can be invoked via {}.\n", list(&keys)),
                None => return sh.misused("bind", &format!("`{value}': unknown function name"), 1).await,
            },
            // No key stands for a text.
            _ => String::new(),
        };
        sh.p.out(&text).await?;
    }
    Ok(0)
}

fn functions() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    FUNCTIONS.lines().map(|line| {
        let mut fields = line.split('\t').filter(|field| !field.is_empty());
        (fields.next().unwrap_or_default(), fields.collect())
    })
}

/// The names of all functions of readline.
pub fn names() -> impl Iterator<Item = &'static str> {
    functions().map(|(name, _)| name)
}

fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.lines().filter_map(|line| line.split_once('\t'))
}

fn reusable(name: &str, keys: &[&str]) -> String {
    if keys.is_empty() {
        return format!("# {name} (not bound)\n");
    }
    keys.iter().map(|key| format!("{key}: {name}\n")).collect()
}

fn told(name: &str, keys: &[&str]) -> String {
    if keys.is_empty() {
        return format!("{name} is not bound to any keys\n");
    }
    let end = if keys.len() > SHOWN { "" } else { "." };
    format!("{name} can be found on {}{end}\n", list(keys))
}

fn list(keys: &[&str]) -> String {
    let more = if keys.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", keys[..keys.len().min(SHOWN)].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_their_keys() {
        let keys = |wanted: &str| functions().find(|(name, _)| *name == wanted).expect("a function").1;
        assert_eq!(told("accept-line", &keys("accept-line")), "accept-line can be found on \"\\C-j\", \"\\C-m\".\n");
        assert_eq!(told("vi-search", &keys("vi-search")), "vi-search is not bound to any keys\n");
        assert!(told("self-insert", &keys("self-insert")).ends_with(", ...\n"));
        assert_eq!(reusable("yank", &keys("yank")), "\"\\C-y\": yank\n");
        assert_eq!(variables().find(|(name, _)| *name == "bell-style"), Some(("bell-style", "audible")));
    }
}
