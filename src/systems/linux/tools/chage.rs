//! `chage` (shadow-utils in RHEL and Photon, pwdutils in SLES 11): how long passwords last. Layout and words
//! are from memory, and so inferred. What no login asks for here (an idle account, one that ends, a minimum) can be taken away
//! and not be set.

use super::getopt::Spec;
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::password::{FOREVER, Shadow};
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

/// Days of warning.
const WARNED: u32 = 7;

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

/// What `-l` shows. A password of which nothing is known is as old as the system.
fn listing(shadow: &Shadow, installed: Instant, zone: &Zone) -> String {
    let date = |at: Instant| clock::format("%b %d, %Y", at.utc().unix_timestamp(), 0, zone);
    let changed = shadow.changed.unwrap_or(installed);
    let most = shadow.most_days.unwrap_or(FOREVER);
    let expires = Shadow { changed: Some(changed), ..shadow.clone() }.ends().map_or("never".to_owned(), date);
    let days = if most == FOREVER { i64::from(FOREVER) } else { i64::from(most) };
    format!(
        "Last password change\t\t\t\t\t: {}\n\
         Password expires\t\t\t\t\t: {expires}\n\
         Password inactive\t\t\t\t\t: never\n\
         Account expires\t\t\t\t\t\t: never\n\
         Minimum number of days between password change\t\t: 0\n\
         Maximum number of days between password change\t\t: {days}\n\
         Number of days of warning before password expires\t: {WARNED}\n",
        date(changed)
    )
}

/// The same in the layout of pwdutils.
fn listing_of_suse(shadow: &Shadow, installed: Instant, zone: &Zone) -> String {
    let date = |at: Instant| clock::format("%b %d, %Y", at.utc().unix_timestamp(), 0, zone);
    let changed = shadow.changed.unwrap_or(installed);
    let expires = Shadow { changed: Some(changed), ..shadow.clone() }.ends().map_or("Never".to_owned(), date);
    format!(
        "Minimum:\t0\nMaximum:\t{}\nWarning:\t{WARNED}\nInactive:\t-1\nLast Change:\t\t{}\nPassword Expires:\t{expires}\n\
         Password Inactive:\tNever\nAccount Expires:\tNever\n",
        shadow.most_days.unwrap_or(FOREVER),
        date(changed)
    )
}

async fn change(p: &mut Proc, name: &str, options: &[(char, Option<String>)]) -> Ended {
    let (mut most, mut last) = (None, None);
    for (letter, value) in options {
        let value = value.as_deref().unwrap_or_default();
        let number = value.parse::<i64>();
        match (letter, number) {
            ('M', Ok(days)) if days >= -1 => most = Some(u32::try_from(days).map_or(FOREVER, |days| days.min(FOREVER))),
            ('d', Ok(days)) if days >= 0 => {
                last = Instant::parse("1970-01-01T00:00:00Z").ok().map(|day| day + days_of(days))
            }
            ('d', Err(_)) if Instant::parse(&format!("{value}T00:00:00Z")).is_ok() => {
                last = Instant::parse(&format!("{value}T00:00:00Z")).ok();
            }
            ('d' | 'E' | 'I' | 'm' | 'M' | 'W', Err(_)) => {
                return p.fail(&format!("invalid numeric argument '{value}'")).await.map(|_| 2);
            }
            ('I' | 'E', Ok(-1)) | ('m', Ok(0 | -1)) => {}
            ('W', Ok(days)) if days == i64::from(WARNED) => {}
            (letter, _) => return p.gap(&format!("chage -{letter} {value}")),
        }
    }
    if most.is_none() && last.is_none() && options.is_empty() {
        return p.gap("chage without options");
    }
    p.world(|world, id| {
        let machine = world.machine(id).name.clone();
        let booted = world.linux(id).booted;
        let shadow = world.linux_mut(id).shadow.entry(name.to_owned()).or_default();
        shadow.changed = last.or(shadow.changed).or(Some(booted));
        shadow.most_days = most.or(shadow.most_days);
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
