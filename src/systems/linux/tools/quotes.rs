//! The quotes in messages: programs write `‘x’`, and what is shown has the quotes of the machine and of the locale.

use std::borrow::Cow;

use crate::systems::linux::distro::Quotes;
use crate::systems::linux::proc::Proc;

/// A message in the quotes that a program shows here.
#[must_use]
pub fn shown<'a>(p: &Proc, text: &'a str) -> Cow<'a, str> {
    if text.contains(['\u{2018}', '\u{2019}']) {
        let (open, close) = p.peek(|linux| linux.distro.quotes).around(is_utf8(p));
        return Cow::Owned(text.replace('\u{2018}', &open.to_string()).replace('\u{2019}', &close.to_string()));
    }
    Cow::Borrowed(text)
}

/// Where help is to be had after a wrong use.
#[must_use]
pub fn try_help(p: &Proc) -> String {
    let open = if p.peek(|linux| linux.distro.quotes) == Quotes::Grave { '`' } else { '\'' };
    format!("Try {open}{} --help' for more information.\n", p.name)
}

/// Whether the locale has more than ASCII.
fn is_utf8(p: &Proc) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| p.env(name).filter(|value| !value.is_empty()));
    locale.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").ends_with("utf8"))
}
