//! Passwords that a line feeds to `passwd --stdin` and `chpasswd`: what `echo` and `printf` write into their pipe, and the word
//! behind `<<<`.

use std::borrow::Cow;
use std::ops::Range;

use super::BLOT;

/// A word or an operator of a line, by its place.
struct Token {
    at: Range<usize>,
    operator: bool,
}

/// What a program takes as a password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taker {
    /// `passwd --stdin`: all of it.
    Whole,
    /// `chpasswd`: what stands behind each name.
    Pairs,
}

/// The words and operators of a line of bash.
fn tokens(line: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut quote, mut escaped, mut begun) = (None, false, None);
    let end = |begun: &mut Option<usize>, at: usize, tokens: &mut Vec<Token>| {
        tokens.extend(begun.take().map(|from| Token { at: from..at, operator: false }));
    };
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => {
                escaped = true;
                begun.get_or_insert(at);
            }
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => {
                quote = Some(letter);
                begun.get_or_insert(at);
            }
            (None, '|' | ';' | '&' | '(' | ')' | '<' | '>') => {
                end(&mut begun, at, &mut tokens);
                match tokens.last_mut().filter(|last| last.operator && last.at.end == at) {
                    Some(last) => last.at.end = at + 1,
                    None => tokens.push(Token { at: at..at + 1, operator: true }),
                }
            }
            (None, _) if letter.is_whitespace() => end(&mut begun, at, &mut tokens),
            (None, _) => {
                begun.get_or_insert(at);
            }
        }
    }
    end(&mut begun, line.len(), &mut tokens);
    tokens
}

/// A word without its quotes.
fn bare(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '\'' | '"')).collect()
}

/// What the command takes that these words begin.
fn taker<'a>(words: impl Iterator<Item = &'a str>) -> Option<Taker> {
    let words: Vec<String> = words.map(bare).collect();
    let program = words.iter().find(|word| *word != "sudo")?;
    match program.rsplit('/').next() {
        Some("chpasswd") => Some(Taker::Pairs),
        Some("passwd") if words.iter().any(|word| word == "--stdin") => Some(Taker::Whole),
        _ => None,
    }
}

/// A word with its password blotted out; nothing where there is none, or it is not the line that tells it.
fn blotted(word: &str, taker: Taker, tell: &mut dyn FnMut(&str)) -> Option<String> {
    // Without quotes it would be a pattern.
    let quote = if word.starts_with('"') { '"' } else { '\'' };
    let text = bare(word);
    let mut found = false;
    let mut one = |part: &str| {
        let (name, password) = match taker {
            Taker::Whole => ("", part),
            Taker::Pairs => part.split_once(':').unwrap_or((part, "")),
        };
        if password.is_empty() || password.starts_with(['$', '`', '%']) {
            return part.to_owned();
        }
        found = true;
        tell(password);
        let between = if taker == Taker::Pairs { ":" } else { "" };
        format!("{name}{between}{BLOT}")
    };
    let parts: Vec<String> = text.split("\\n").map(&mut one).collect();
    found.then(|| format!("{quote}{}{quote}", parts.join("\\n")))
}

/// The line with these passwords blotted out.
pub(super) fn blot<'a>(line: &'a str, tell: &mut dyn FnMut(&str)) -> Cow<'a, str> {
    if !line.contains("passwd") {
        return Cow::Borrowed(line);
    }
    let tokens = tokens(line);
    let text = |token: &Token| &line[token.at.clone()];
    let mut replaced: Vec<(Range<usize>, String)> = Vec::new();
    let ends = |token: &Token| token.operator && !text(token).contains(['<', '>']);
    let mut before: &[Token] = &[];
    for command in tokens.split_inclusive(ends) {
        let words = |tokens: &'_ [Token]| tokens.iter().filter(|token| !token.operator).map(text).collect::<Vec<_>>();
        if let Some(taker) = taker(words(command).into_iter()) {
            let piped = before.last().is_some_and(|last| text(last).starts_with('|') && text(last) != "||");
            let writes = matches!(words(before).first(), Some(&("echo" | "printf")));
            let fed = before.iter().skip(1).filter(|token| piped && writes && !text(token).starts_with('-'));
            let strings = command.windows(2).filter(|pair| text(&pair[0]) == "<<<").map(|pair| &pair[1]);
            for token in fed.chain(strings).filter(|token| !token.operator) {
                replaced.extend(blotted(text(token), taker, tell).map(|word| (token.at.clone(), word)));
            }
        }
        before = command;
    }
    if replaced.is_empty() {
        return Cow::Borrowed(line);
    }
    replaced.sort_by_key(|(at, _)| at.start);
    let (mut out, mut from) = (String::new(), 0);
    for (at, word) in replaced {
        out.push_str(&line[from..at.start]);
        out.push_str(&word);
        from = at.end;
    }
    Cow::Owned(out + &line[from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fed_to_the_programs_is_blotted_out() {
        let check = |line: &str, expect: &str, expect_told: &[&str]| {
            let mut told = Vec::new();
            assert_eq!(blot(line, &mut |password| told.push(password.to_owned())), expect, "{line}");
            assert_eq!(told, expect_told, "{line}");
        };
        check("echo s3cret | passwd --stdin a; echo x", "echo '********' | passwd --stdin a; echo x", &["s3cret"]);
        check("echo 's3 cret'|sudo passwd --stdin a", "echo '********'|sudo passwd --stdin a", &["s3 cret"]);
        check("passwd --stdin a <<< s3cret", "passwd --stdin a <<< '********'", &["s3cret"]);
        check("echo a:s3cret | chpasswd", "echo 'a:********' | chpasswd", &["s3cret"]);
        check("printf 'a:s3\\nb:cr\\n' | chpasswd", "printf 'a:********\\nb:********\\n' | chpasswd", &["s3", "cr"]);
        check("printf '%s\\n' s3cret | passwd --stdin a", "printf '%s\\n' '********' | passwd --stdin a", &["s3cret"]);
        check("chpasswd <<<\"a:s3cret\"", "chpasswd <<<\"a:********\"", &["s3cret"]);
        check(
            "echo \"$P\" | passwd --stdin a; echo \"a:$P\" | chpasswd",
            "echo \"$P\" | passwd --stdin a; echo \"a:$P\" | chpasswd",
            &[],
        );
        check("echo s3cret || passwd --stdin a", "echo s3cret || passwd --stdin a", &[]);
        check(
            "echo x | passwd a; cat /etc/passwd; echo | passwd --stdin a",
            "echo x | passwd a; cat /etc/passwd; echo | passwd --stdin a",
            &[],
        );
        check("echo -n s3cret | passwd --stdin a", "echo -n '********' | passwd --stdin a", &["s3cret"]);
    }
}
