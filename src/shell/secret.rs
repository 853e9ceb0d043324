//! Passwords in command lines: blotted out before anything else sees the line, so that no history, screen, journal or
//! file of appsh can hold one. People will type real ones.

mod fed;

use std::borrow::Cow;

/// What stands in place of a password.
pub const BLOT: &str = "********";
/// How an option begins.
const OPTION: &str = "--";
/// The options that stand behind a password which is to be asked for. No other word there is taken for an option: it could be
/// a password that looks like one.
const OTHERS: [&str; 17] = [
    "--check_updates",
    "--comment",
    "--current_URL",
    "--day",
    "--email",
    "--fullname",
    "--location",
    "--location_type",
    "--location_user",
    "--parts",
    "--port",
    "--protocol",
    "--role",
    "--server",
    "--status",
    "--time",
    "--username",
];

/// The line with the value of each `--password` (in any of its spellings), the password in each address such as
/// `https://user:password@host`, that behind the user whom `curl` is told, and what `passwd --stdin` and `chpasswd` are fed,
/// blotted out.
#[must_use]
pub fn blot(line: &str) -> Cow<'_, str> {
    blot_and_tell(line, &mut |_| {})
}

/// The first password that a line gives as the value of an option, or feeds to a program, without its quotes; nothing where it
/// was blotted out.
#[must_use]
pub fn given(line: &str) -> Option<String> {
    let mut first = None;
    blot_and_tell(line, &mut |password| {
        if !password.is_empty() && password.trim_start_matches(OPTION) != BLOT {
            first.get_or_insert_with(|| password.to_owned());
        }
    });
    first
}

fn blot_and_tell<'a>(line: &'a str, tell: &mut dyn FnMut(&str)) -> Cow<'a, str> {
    match fed::blot(line, tell) {
        Cow::Borrowed(line) => blot_named(line, tell),
        Cow::Owned(line) => Cow::Owned(blot_named(&line, tell).into_owned()),
    }
}

/// The passwords of options and addresses.
fn blot_named<'a>(line: &'a str, tell: &mut dyn FnMut(&str)) -> Cow<'a, str> {
    if !line.contains(['-', '@', '+']) {
        return Cow::Borrowed(line);
    }
    let names_a_password = |option: &str| names_a_password(option) || names_a_raw_secret(line, option);
    let (mut out, mut rest, mut value_is_next) = (String::new(), line, false);
    let (mut program, mut user_is_next) = (String::new(), false);
    while !rest.is_empty() {
        let word = rest.trim_start();
        out.push_str(&rest[..rest.len() - word.len()]);
        let (word, after) = word.split_at(word_len(word));
        let bare: String = word.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        let names = names_a_password(bare.split('=').next().unwrap_or_default());
        let option = OTHERS.contains(&bare.split('=').next().unwrap_or_default());
        if value_is_next && !names && !option && !word.is_empty() {
            tell(&bare);
            // One that could be another option still looks like one.
            out.extend([if bare.starts_with(OPTION) { OPTION } else { "" }, BLOT, operators(word)]);
        } else if let Some((name, _)) = word.split_once('=').filter(|_| names) {
            tell(bare.split_once('=').map_or("", |(_, password)| password));
            out.extend([name, "=", BLOT, operators(word)]);
        } else if let Some((before, behind)) = around_password(&bare) {
            out.extend([before, BLOT, behind]);
        } else if let Some(before) = before_password_of_user(&bare, user_is_next).filter(|_| is_curl(&program)) {
            out.extend([before, BLOT, operators(word)]);
        } else {
            out.push_str(word);
        }
        value_is_next = names && !bare.contains('=');
        user_is_next = bare == "--user" || is_last_letter_u(&bare);
        // A word behind what ends a command is the next one.
        let ends = !operators(word).is_empty() || bare.ends_with(['{', '(']);
        match bare.trim_start_matches(['(', '{', '!', '|', '&', ';', '$', '`']) {
            _ if ends => program.clear(),
            first if program.is_empty() && !first.contains('=') => first.clone_into(&mut program),
            _ => {}
        }
        rest = after;
    }
    if out == line { Cow::Borrowed(line) } else { Cow::Owned(out) }
}

/// Whether these words name a password and do not give it, so that it will be asked for.
#[must_use]
pub fn is_asked_for(words: &[&str]) -> bool {
    let option = |word: &str| names_a_password(word) && !word.contains('=');
    let given = |next: Option<&&str>| next.is_some_and(|next| !next.starts_with(OPTION));
    words.iter().enumerate().any(|(at, word)| option(word) && !given(words.get(at + 1)))
}

/// What stands before and behind the password in an address. One that holds `/` or `@` itself, which it should not, ends
/// at the last `@`.
fn around_password(word: &str) -> Option<(&str, &str)> {
    let user = word.find("://")? + 3;
    let password = user + word[user..].find(':')? + 1;
    let end = word.rfind('@').filter(|end| *end > password)?;
    Some((&word[..password], &word[end..]))
}

/// Whether a program takes a user with a password as `curl` does.
fn is_curl(program: &str) -> bool {
    program.rsplit('/').next() == Some("curl")
}

/// Whether a word holds options of one letter, the last of which names a user.
fn is_last_letter_u(word: &str) -> bool {
    let letters = word.strip_prefix('-').and_then(|letters| letters.strip_suffix('u'));
    letters.is_some_and(|letters| letters.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '#'))
}

/// What stands before the password of a user in a word: `user:`, `-uuser:`, `--user=user:`.
fn before_password_of_user(word: &str, user_is_next: bool) -> Option<&str> {
    let named = user_is_next || word.starts_with("--user=") || word.starts_with("-u");
    let end = word.find(':').filter(|end| named && end + 1 < word.len())?;
    Some(&word[..=end])
}

/// Whether an option's value is a password. The appliance takes options by any beginning of their name; those of `dcli` have a
/// plus.
fn names_a_password(option: &str) -> bool {
    let begins = |name: &str| option.len() > 2 && name.starts_with(option);
    let others = ["--location_p", "--backup_p"];
    option.starts_with("--pass")
        || option.starts_with("+pass")
        || begins("--password")
        || begins("--passwd")
        || others.iter().any(|other| option.starts_with(other))
}

/// Whether an option of `snmp.hash` has a secret itself for its value, and not a file with one.
fn names_a_raw_secret(line: &str, option: &str) -> bool {
    let begins = |name: &str| option.len() > 2 && name.starts_with(option);
    line.contains(" --r") && (begins("--auth_hash") || begins("--priv_hash"))
}

/// Bytes of the word at the beginning of `text`, quotes and backslashes included.
fn word_len(text: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, _) if c.is_whitespace() => return at,
            (None, _) => {}
        }
    }
    text.len()
}

/// What ends a command of bash at the end of a word, neither quoted nor escaped. A password could end so where no bash reads
/// it; its last letters are told rather than the rest of a bash line lost.
fn operators(word: &str) -> &str {
    let (mut quote, mut escaped, mut from) = (None, false, 0);
    for (at, c) in word.char_indices() {
        let behind = at + c.len_utf8();
        match (quote, c) {
            _ if escaped => (escaped, from) = (false, behind),
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), _) if c == open => (quote, from) = (None, behind),
            (None, '\'' | '"') => quote = Some(c),
            (None, ';' | '&' | '|' | ')') => {}
            (_, _) => from = behind,
        }
    }
    if quote.is_some() || escaped { "" } else { &word[from..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_blotted_out_and_nothing_else() {
        let check = |line: &str, expect: &str| assert_eq!(blot(line), expect, "{line}");
        check("user.add --username a --password s3cret --role x", "user.add --username a --password ******** --role x");
        check("x --password='two words' y", "x --password=******** y");
        check("x --password \"two \\\" words\" y", "x --password ******** y");
        check("x  --passwd   a\\ b  y", "x  --passwd   ********  y");
        check("x '--password' s", "x '--password' ********");
        check("x --password \"open s3cret", "x --password ********");
        check("x --password", "x --password");
        check("x --password=s3cret; echo $?", "x --password=********; echo $?");
        check("(x --password s3;cret) && y", "(x --password ********) && y");
        check("x --password 's3cret;' y", "x --password ******** y");
        check("x --password s3cret\\; y", "x --password ******** y");
        check("x --password \"s3cret;", "x --password ********");
        check("dcli +password s3cret com vmware", "dcli +password ******** com vmware");
        check("x --pas s3cret", "x --pas ********");
        check("x --pa=s3cret", "x --pa=********");
        check("x --p s3cret --port 1 -- y", "x --p ******** --port 1 -- y");
        check("x --password --password y", "x --password --password ********");
        check("x --password --role y", "x --password --role y");
        check("x --password --role=y", "x --password --role=y");
        check("x --password --rolex y", "x --password --******** y");
        check("x --location_password a --backup_pass b", "x --location_password ******** --backup_pass ********");
        check("x --location a", "x --location a");
        check("snmp.hash --auth_hash a --priv=b", "snmp.hash --auth_hash a --priv=b");
        check(
            "snmp.hash --auth a --priv_hash=b --raw true",
            "snmp.hash --auth ******** --priv_hash=******** --raw true",
        );
        check("x -'-pass'word y", "x -'-pass'word ********");
        check("software-packages stage --iso", "software-packages stage --iso");
        check("ä --ö ü", "ä --ö ü");
        check("", "");
        check("x --url https://u:s3cret@host/a y", "x --url https://u:********@host/a y");
        check("x --url=\"https://u:s3 cret@host\"", "x --url=https://u:********@host");
        check("x https:\\//u:s3/c@r:et@host:443/", "x https://u:********@host:443/");
        check("x https://:s3cret@host", "x https://:********@host");
        check("x https://u@host https://host:5480/a u:p@host", "x https://u@host https://host:5480/a u:p@host");
        check("x https://u:@host", "x https://u:@host");
        check("curl -u a:s3cret https://h/", "curl -u a:******** https://h/");
        check("curl -sku 'a:s3 cret' h; sort -u a:b", "curl -sku a:******** h; sort -u a:b");
        check("curl --user a:s3:cret h", "curl --user a:******** h");
        check(
            "cd /; /usr/bin/curl -ua:s3cret h && curl --user=b:s h",
            "cd /; /usr/bin/curl -ua:******** h && curl --user=b:******** h",
        );
        check("curl -u a h:80 -u a: h", "curl -u a h:80 -u a: h");
        check("x=1 curl -u a:s3cret", "x=1 curl -u a:********");
    }

    #[test]
    fn a_password_that_is_given_is_told_once_and_only_to_whoever_judges_it() {
        let check = |line: &str, expect: Option<&str>| {
            assert_eq!(given(line).as_deref(), expect, "{line}");
            assert_eq!(given(&blot(line)), None, "{line}");
        };
        check("user.add --username a --password s3cret --role x", Some("s3cret"));
        check("user.add --password='two words' --username a", Some("two words"));
        check("user.add --username a --password --role x", None);
        check("user.add --password --s3cret", Some("--s3cret"));
        check("user.add --password a --password b", Some("a"));
        check("update.set --current_URL https://u:s3cret@host", None);
        check("ls -l", None);
    }

    #[test]
    fn a_password_that_is_named_and_not_given_is_asked_for() {
        let check = |line: &str, expect: bool| {
            let line = blot(line);
            assert_eq!(is_asked_for(&line.split(' ').collect::<Vec<_>>()), expect, "{line}");
        };
        check("user.add --username a --password", true);
        check("user.add --pass --username a", true);
        check("user.add --password --password s3cret", true);
        check("user.add --password s3cret --username a", false);
        check("user.add --password=s3cret", false);
        check("user.add --username a", false);
    }
}
