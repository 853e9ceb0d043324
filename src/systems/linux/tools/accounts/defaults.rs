//! What an account is where nobody says otherwise: `/etc/default/useradd`, which `useradd -D` shows and changes, and `/etc/login.defs`.

use super::{day, find_group};
use crate::sim::Instant;
use crate::systems::linux::model::Group;
use crate::systems::linux::model::password::FOREVER;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;

const FILE: &str = "/etc/default/useradd";

/// What `/etc/default/useradd` says.
pub struct Defaults {
    lines: Vec<(String, String)>,
    pub home: String,
    pub shell: String,
    pub skeleton: String,
    pub idle_days: Option<u32>,
    pub expires: Option<Instant>,
    pub makes_mailbox: bool,
}

/// The keys that `useradd -D` shows, and what holds where the file does not say.
const KEYS: [(&str, &str); 8] = [
    ("GROUP", "100"),
    ("HOME", "/home"),
    ("INACTIVE", "-1"),
    ("EXPIRE", ""),
    ("SHELL", ""),
    ("SKEL", "/etc/skel"),
    // Only of SLES.
    ("GROUPS", ""),
    ("CREATE_MAIL_SPOOL", "no"),
];

impl Defaults {
    /// Those of a machine.
    pub fn of(p: &Proc) -> Self {
        let text = p.peek(|linux| linux.text(FILE)).unwrap_or_default();
        let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        let lines: Vec<(String, String)> =
            text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect();
        let get = |key: &str| value(&lines, key);
        let (home, shell, skeleton) = (get("HOME"), get("SHELL"), get("SKEL"));
        let (idle_days, expires) =
            (get("INACTIVE").parse().ok(), day(&get("EXPIRE")).filter(|_| !get("EXPIRE").is_empty()));
        let makes_mailbox = get("CREATE_MAIL_SPOOL") == "yes";
        Self { home, shell, skeleton, idle_days, expires, makes_mailbox, lines }
    }

    /// The group of whoever gets no group of their own.
    pub fn group(&self, groups: &[Group]) -> u32 {
        find_group(groups, &value(&self.lines, "GROUP")).map_or(100, |group| group.gid)
    }

    /// The groups to which everybody belongs, as far as they are there.
    pub fn groups(&self, groups: &[Group]) -> String {
        let all = self.lines.iter().find(|(key, _)| key == "GROUPS").map_or("", |(_, value)| value);
        let there: Vec<&str> = all.split(',').filter(|name| find_group(groups, name).is_some()).collect();
        there.join(",")
    }
}

fn value(lines: &[(String, String)], key: &str) -> String {
    let usual = KEYS.iter().find(|(own, _)| *own == key).map_or("", |(_, value)| value);
    lines.iter().find(|(own, _)| own == key).map_or(usual, |(_, value)| value).to_owned()
}

/// A value of `/etc/login.defs`.
pub fn setting(p: &Proc, key: &str) -> Option<String> {
    let text = p.peek(|linux| linux.text("/etc/login.defs"))?;
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(key)).then(|| words.next().unwrap_or_default().to_owned())
    })
}

/// For how many days a password cannot be changed, lasts, and is warned of, where that is not the usual.
pub fn ages(p: &Proc) -> (Option<u32>, Option<u32>, Option<u32>) {
    let days = |key: &str| setting(p, key).and_then(|text| text.parse::<u32>().ok());
    let other = |days: Option<u32>, usual: u32| days.filter(|days| *days != usual);
    (other(days("PASS_MIN_DAYS"), 0), other(days("PASS_MAX_DAYS"), FOREVER), other(days("PASS_WARN_AGE"), 7))
}

/// `useradd -D`
pub async fn show_or_set(p: &mut Proc, given: &Given) -> Ended {
    let defaults = Defaults::of(p);
    let changes: Vec<(&str, &str)> =
        [('b', "HOME"), ('e', "EXPIRE"), ('f', "INACTIVE"), ('g', "GROUP"), ('s', "SHELL")]
            .into_iter()
            .filter_map(|(letter, key)| given.value(letter).map(|value| (key, value)))
            .collect();
    if changes.is_empty() {
        let all = |key: &&str| *key != "GROUPS" || defaults.lines.iter().any(|(own, _)| own == "GROUPS");
        for key in KEYS.into_iter().map(|(key, _)| key).filter(all) {
            p.out(&format!("{key}={}\n", value(&defaults.lines, key))).await?;
        }
        return Ok(0);
    }
    if let Some((_, text)) =
        changes.iter().find(|(key, text)| *key == "EXPIRE" && !text.is_empty() && day(text).is_none())
    {
        p.complain(&format!("invalid date '{text}'")).await?;
        return Ok(3);
    }
    if let Some((_, text)) = changes.iter().find(|(key, text)| *key == "INACTIVE" && text.parse::<i64>().is_err()) {
        p.complain(&format!("invalid numeric argument '{text}'")).await?;
        return Ok(3);
    }
    let groups = p.peek(|linux| linux.groups());
    if let Some((_, text)) = changes.iter().find(|(key, text)| *key == "GROUP" && find_group(&groups, text).is_none()) {
        p.complain(&format!("group '{text}' does not exist")).await?;
        return Ok(6);
    }
    let old = p.peek(|linux| linux.text(FILE)).unwrap_or_else(|| "# useradd defaults file\n".to_owned());
    let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
    for (key, value) in changes {
        let line = format!("{key}={value}");
        match lines.iter_mut().find(|old| old.starts_with(&format!("{key}="))) {
            Some(old) => *old = line,
            None => lines.push(line),
        }
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    match p.write_path(FILE, text.as_bytes()) {
        Ok(()) => Ok(0),
        Err(_) => p.fail("cannot create new defaults file").await,
    }
}
