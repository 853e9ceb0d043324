//! `chage` (shadow-utils in RHEL and Photon, pwdutils in SLES 11): how long passwords last. Layout and words
//! are from memory, and so inferred.

use super::accounts::{day, has_room, is_pwdutils, says};
use super::getopt::Spec;
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::password::{FOREVER, Shadow, WARNED};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
use crate::world::PASSWORD_FAULTS;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("chage", chage)];

const CHAGE: Spec = Spec {
    short: "d:E:hI:lm:M:W:",
    long: &[
        ("lastday:", 'd'),
        ("expiredate:", 'E'),
        ("help", 'h'),
        ("inactive:", 'I'),
        ("list", 'l'),
        ("mindays:", 'm'),
        ("maxdays:", 'M'),
        ("warndays:", 'W'),
    ],
    gaps: "R: --root:",
};

async fn chage(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CHAGE, arguments, |complaint| {
        p.complain(&complaint).await?;
        Ok(2)
    });
    let name = match &given.operands[..] {
        [name] if !given.has('h') => name.clone(),
        _ => return p.gap("chage but for one user and its options"),
    };
    if !p.cred.is_root() && (!given.has('l') || name != p.user) {
        return p.fail("Permission denied.").await;
    }
    if p.peek(|linux| linux.user(&name)).is_none() {
        return p.fail(&format!("user '{name}' does not exist in /etc/passwd")).await;
    }
    p.inferred();
    if given.has('l') {
        let text = p.world(|world, id| {
            let (linux, machine) = (world.linux(id), &world.machine(id).name);
            let mut shadow = linux.shadow.get(&name).cloned().unwrap_or_default();
            for (point, late) in PASSWORD_FAULTS.into_iter().zip([1, -1]) {
                if name == "root" && world.faults.holds(machine, point) {
                    let days = i64::from(shadow.most_days.unwrap_or(FOREVER)) + late;
                    shadow.changed = Some(world.now - days_of(days));
                }
            }
            let list = if linux.distro.vendor == Vendor::Suse { listing_of_suse } else { listing };
            list(&shadow, linux.passwords_set(), &linux.zone)
        });
        p.out(&text).await?;
        return Ok(0);
    }
    let ended = change(p, &name, &given.options).await?;
    if ended == 0 && p.peek(|linux| linux.distro.vendor == Vendor::Suse) {
        p.out("Aging information changed.\n").await?;
    }
    Ok(ended)
}

fn days_of(days: i64) -> Span {
    Span::secs(u64::try_from(days).unwrap_or(0).saturating_mul(86_400))
}

/// What the lines of both layouts say: when the password was set, ends and shuts the account, and when the account ends.
fn days(shadow: &Shadow, installed: Instant, zone: &Zone, never: &str) -> [String; 4] {
    let date = |at: Instant| clock::format("%b %d, %Y", at.utc().unix_timestamp(), 0, zone);
    let changed = shadow.changed.unwrap_or(installed);
    let forced = changed.utc().unix_timestamp() == 0;
    let ends = Shadow { changed: Some(changed), ..shadow.clone() }.ends();
    let idle = shadow.idle_days.zip(ends).and_then(|(days, ends)| ends.later(days_of(days.into())));
    let must = "password must be changed";
    let or_never = |at: Option<Instant>| at.map_or(never.to_owned(), date);
    let or_must = |text: String| if forced { must.to_owned() } else { text };
    [or_must(date(changed)), or_must(or_never(ends)), or_must(or_never(idle)), or_never(shadow.expires)]
}

/// What `-l` shows. A password of which nothing is known is as old as the system.
fn listing(shadow: &Shadow, installed: Instant, zone: &Zone) -> String {
    let [changed, ends, idle, expires] = days(shadow, installed, zone, "never");
    let (least, most) = (shadow.least_days.unwrap_or(0), shadow.most_days.unwrap_or(FOREVER));
    let warned = shadow.warned_days.unwrap_or(WARNED);
    format!(
        "Last password change\t\t\t\t\t: {changed}\n\
         Password expires\t\t\t\t\t: {ends}\n\
         Password inactive\t\t\t\t\t: {idle}\n\
         Account expires\t\t\t\t\t\t: {expires}\n\
         Minimum number of days between password change\t\t: {least}\n\
         Maximum number of days between password change\t\t: {most}\n\
         Number of days of warning before password expires\t: {warned}\n"
    )
}

/// The same in the layout of pwdutils.
fn listing_of_suse(shadow: &Shadow, installed: Instant, zone: &Zone) -> String {
    let [changed, ends, idle, expires] = days(shadow, installed, zone, "Never");
    let (least, most) = (shadow.least_days.unwrap_or(0), shadow.most_days.unwrap_or(FOREVER));
    let warned = shadow.warned_days.unwrap_or(WARNED);
    let inactive = shadow.idle_days.map_or("-1".to_owned(), |days| days.to_string());
    format!(
        "Minimum:\t{least}\nMaximum:\t{most}\nWarning:\t{warned}\nInactive:\t{inactive}\nLast Change:\t\t{changed}\nPassword \
         Expires:\t{ends}\nPassword Inactive:\t{idle}\nAccount Expires:\t{expires}\n"
    )
}

async fn change(p: &mut Proc, name: &str, options: &[(char, Option<String>)]) -> Ended {
    if options.is_empty() {
        return p.gap("chage without options");
    }
    let mut new = p.peek(|linux| linux.shadow.get(name).cloned()).unwrap_or_default();
    let since = p.peek(|linux| linux.booted);
    new.changed.get_or_insert(since);
    for (letter, value) in options {
        let value = value.as_deref().unwrap_or_default();
        let number = value.parse::<i64>().ok().filter(|number| *number >= -1);
        let days = number.map(|number| u32::try_from(number).ok());
        match (letter, days) {
            ('d', _) if day(value).is_some() => new.changed = day(value),
            ('E', Some(None)) => new.expires = None,
            ('E', _) if day(value).is_some() => new.expires = day(value),
            ('d' | 'E', _) => return p.fail(&format!("invalid date '{value}'")).await,
            (_, None) => return p.fail(&format!("invalid numeric argument '{value}'")).await.map(|_| 2),
            ('M', Some(days)) => new.most_days = Some(days.map_or(FOREVER, |days| days.min(FOREVER))),
            ('m', Some(days)) => new.least_days = days,
            ('W', Some(days)) => new.warned_days = days,
            ('I', Some(days)) => new.idle_days = days,
            (letter, _) => return p.gap(&format!("chage -{letter} {value}")),
        }
    }
    if !has_room(p) {
        return p.fail("failure while writing changes to /etc/shadow").await;
    }
    if !is_pwdutils(p) {
        says(p, &format!("changed password expiry for {name}"));
    }
    p.world(|world, id| {
        let machine = world.machine(id).name.clone();
        world.linux_mut(id).shadow.insert(name.to_owned(), new);
        // A fault of root's password is one of its age.
        if name == "root" {
            for point in PASSWORD_FAULTS {
                world.faults.settle(&machine, point);
            }
        }
    });
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_ends_shows_when() {
        let check = |most_days, expect: &str| {
            let changed = Instant::parse("2021-05-17T14:12:05Z").ok();
            let shadow = Shadow { changed, most_days, ..Shadow::default() };
            let text = listing(&shadow, Instant::LAST, &Zone::utc());
            assert_eq!(text.lines().nth(1).and_then(|line| line.split(": ").nth(1)), Some(expect), "{most_days:?}");
        };
        check(Some(90), "Aug 15, 2021");
        check(Some(FOREVER), "never");
        check(None, "never");
    }
}
