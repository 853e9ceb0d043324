//! What root does to passwords without a dialogue: the options of `passwd` (passwd 0.79 of RHEL, shadow-utils of Photon,
//! pwdutils of SLES 11) and `chpasswd`. Words are from memory, and so inferred.

use super::SHORTEST;
use crate::shell::coroutine::{Chosen, is_varied};
use crate::shell::secret::BLOT;
use crate::sim::Instant;
use crate::systems::linux::clock;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::password::{FOREVER, Shadow};
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::accounts::{has_room, is_pwdutils, says};
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::given;
use crate::world::Password;

/// What is done, with its value.
type Act<'a> = (char, Option<&'a str>);

/// `passwd` with options: what root asks of an account, or does to it.
pub async fn manage(p: &mut Proc, given: &Given) -> Ended {
    p.inferred();
    let vendor = p.peek(|linux| linux.distro.vendor);
    let red_hat = vendor == Vendor::RedHat;
    let acts: Vec<Act<'_>> = given.options.iter().map(|(letter, value)| (*letter, value.as_deref())).collect();
    let ages = acts.iter().all(|(letter, _)| "nxwi".contains(*letter));
    let known = match &acts[..] {
        [('S' | 'l' | 'u' | 'd' | 'e', _)] => true,
        [('I', _)] => vendor != Vendor::Photon,
        [('u' | 'f', _), ('u' | 'f', _)] => red_hat,
        _ => ages,
    };
    if !known || vendor == Vendor::Suse && !matches!(acts[..], [('S' | 'I', _)]) {
        return p.gap(&format!("passwd {}", named(&acts)));
    }
    if !p.cred.is_root() {
        return match red_hat {
            true => p.fail("Only root can do that.").await,
            false => p.fail("Permission denied.").await,
        };
    }
    let name = match &given.operands[..] {
        [] => p.user.clone(),
        [name] => name.clone(),
        _ => return p.fail("Only one user name may be specified.").await,
    };
    if p.peek(|linux| linux.user(&name)).is_none() {
        return match red_hat {
            true => p.fail(&format!("Unknown user name '{name}'.")).await,
            false => p.fail(&format!("user '{name}' does not exist")).await,
        };
    }
    match acts[0].0 {
        'S' => {
            let line = status_line(p, &name, vendor);
            p.out(&line).await?;
            Ok(0)
        }
        'I' => from_input(p, &name, vendor).await,
        _ => change(p, &name, red_hat, &acts).await,
    }
}

/// Options as they may have been typed.
fn named(acts: &[Act<'_>]) -> String {
    let one = |(letter, _): &Act<'_>| if *letter == 'I' { "--stdin".to_owned() } else { format!("-{letter}") };
    acts.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Changes what is kept of the account, and says so.
async fn change(p: &mut Proc, name: &str, red_hat: bool, acts: &[Act<'_>]) -> Ended {
    let forced = acts.iter().any(|(letter, _)| *letter == 'f');
    let mut shadow = p.peek(|linux| linux.shadow.get(name).cloned()).unwrap_or_default();
    let mut doing = "Adjusting aging data for";
    for (letter, value) in acts {
        match letter {
            'l' => (shadow.locked, doing) = (true, "Locking password for"),
            'u' if shadow.unset && !forced => {
                if red_hat {
                    let text = format!("Unlocking password for user {name}.\n");
                    p.out(&text).await?;
                    p.complain("Warning: unlocked password would be empty.").await?;
                    return p.fail("Unsafe operation (use -f to force)").await;
                }
                let text = "unlocking the password would result in a passwordless account.\nYou should set a password with usermod \
                            -p to unlock the password of this account.";
                return p.fail(text).await.map(|_| 3);
            }
            'u' => (shadow.locked, doing) = (false, "Unlocking password for"),
            'd' => (shadow.unset, shadow.locked, shadow.password, doing) = (true, false, None, "Removing password for"),
            'e' => (shadow.changed, doing) = (Instant::parse("1970-01-01T00:00:00Z").ok(), "Expiring password for"),
            'f' => {}
            letter => {
                let value = value.unwrap_or_default();
                let Ok(days) = value.parse::<i64>() else {
                    return wrong_number(p, red_hat, *letter, value).await;
                };
                let days = u32::try_from(days).ok();
                match letter {
                    'n' => shadow.least_days = days,
                    'x' => shadow.most_days = Some(days.map_or(FOREVER, |days| days.min(FOREVER))),
                    'w' => shadow.warned_days = days,
                    _ => shadow.idle_days = days,
                }
            }
        }
    }
    // What is kept of an account begins with when its password was set.
    if !has_room(p) {
        return p.fail("Authentication token manipulation error").await;
    }
    if !red_hat {
        says(p, &format!("password for '{name}' changed by '{}'", p.user));
    }
    let since = p.peek(|linux| linux.passwords_set());
    shadow.changed.get_or_insert(since);
    p.linux(|linux| linux.shadow.insert(name.to_owned(), shadow));
    let text = match red_hat {
        true => format!("{doing} user {name}.\npasswd: Success\n"),
        false => "passwd: password expiry information changed.\n".to_owned(),
    };
    p.out(&text).await?;
    Ok(0)
}

async fn wrong_number(p: &mut Proc, red_hat: bool, letter: char, value: &str) -> Ended {
    if red_hat {
        return p.fail(&format!("Bad argument -{letter} {value}: invalid numeric value")).await;
    }
    p.fail(&format!("invalid numeric argument '{value}'")).await
}

/// `--stdin`: the password is the first line of the input.
async fn from_input(p: &mut Proc, name: &str, vendor: Vendor) -> Ended {
    let line = p.read_until(0, CHUNK, Some(b'\n')).await?;
    let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
    let suse = vendor == Vendor::Suse;
    p.out(&format!("Changing password for {}{name}.\n", if suse { "" } else { "user " })).await?;
    if text.is_empty() {
        return p.fail("Authentication token manipulation error").await;
    }
    if !chosen(p, &text).long_enough {
        let text = if suse {
            "Bad password: too short\n"
        } else {
            "BAD PASSWORD: The password is shorter than 8 characters\n"
        };
        p.err(text).await?;
    }
    if !set(p, name, &text) {
        return p.fail("Authentication token manipulation error").await;
    }
    let done = if suse { "Password changed.\n" } else { "passwd: all authentication tokens updated successfully.\n" };
    p.out(done).await?;
    Ok(0)
}

/// What is known of a password that a program has read. One that stood on the line was judged at the door: what is read stands
/// for it, and of several on one line for the first.
fn chosen(p: &Proc, text: &str) -> Chosen {
    let given = p.cx.with(|cx| cx.session.given).filter(|_| text == BLOT);
    given.unwrap_or_else(|| Chosen {
        password: p.world(|world, id| Password::of(&world.machine(id).name, text)),
        long_enough: text.chars().count() >= SHORTEST,
        varied: is_varied(text),
    })
}

/// Gives a user a password that a program has read, as far as there is room for it.
fn set(p: &Proc, name: &str, text: &str) -> bool {
    let password = chosen(p, text).password;
    store(p, name, password)
}

/// Gives a user a password, as far as there is room for it, and tells the log.
pub fn store(p: &Proc, name: &str, password: Password) -> bool {
    if !has_room(p) {
        return false;
    }
    if is_pwdutils(p) {
        let uid = p.peek(|linux| linux.user(name).map_or(0, |user| user.uid));
        says(p, &format!("password changed - account={name}, uid={uid}, by={}", p.cred.uid));
    } else {
        let (now, ident) = (p.now(), p.name.rsplit('/').next().unwrap_or_default());
        let text = format!("password changed for {name}");
        p.linux(|linux| linux.pam_says(now, (ident, p.pid), &format!("{ident}:chauthtok"), 5, &text));
    }
    p.world(|world, id| {
        if name == "root" {
            return world.change_password(id, password);
        }
        let now = world.now;
        world.linux_mut(id).shadow.entry(name.to_owned()).or_default().set(password, now);
    });
    true
}

/// What the line of `/etc/shadow` says, in the words of the distribution's `passwd -S`.
fn status_line(p: &Proc, name: &str, vendor: Vendor) -> String {
    let root = Proc { cred: crate::systems::linux::fs::Cred::ROOT, ..p.again() };
    let text = String::from_utf8_lossy(&root.read_path("/etc/shadow").unwrap_or_default()).into_owned();
    let fields: Vec<&str> = text
        .lines()
        .map(|line| line.split(':').collect())
        .find(|fields: &Vec<&str>| fields[0] == name)
        .unwrap_or_default();
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    let or_none = |at: usize| if field(at).is_empty() { "-1" } else { field(at) };
    let (word, letter, meaning) = match field(1) {
        "" => ("NP", "NP", "Empty password."),
        hash if hash.starts_with('!') => ("LK", "L", "Password locked."),
        hash if hash.starts_with('$') => ("PS", "P", "Password set, SHA512 crypt."),
        _ => ("LK", "L", "Alternate authentication scheme in use."),
    };
    let seconds = field(2).parse().unwrap_or(0_i64) * 86_400;
    let day = |form| clock::format(form, seconds, 0, &p.peek(|linux| linux.zone.clone()));
    let ages = format!("{} {} {} {}", or_none(3), or_none(4), or_none(5), or_none(6));
    match vendor {
        Vendor::RedHat => format!("{name} {word} {} {ages} ({meaning})\n", day("%Y-%m-%d")),
        Vendor::Suse => format!("{name} {word} {} {ages}\n", day("%m/%d/%Y")),
        Vendor::Photon | Vendor::Esxi => format!("{name} {letter} {} {ages}\n", day("%m/%d/%Y")),
    }
}

/// Nothing that it takes is modelled: how passwords are kept is the machine's own.
const CHPASSWD: Spec =
    Spec { short: "", long: &[], gaps: "c: --crypt-method: e --encrypted h m --md5 R: --root: s: --sha-rounds:" };

/// `chpasswd`: lines of users and their new passwords. With one wrong line none is changed.
pub async fn chpasswd(p: &mut Proc, arguments: &[String]) -> Ended {
    given!(p, &CHPASSWD, arguments, |complaint| {
        p.complain(&complaint).await?;
        Ok(2)
    });
    if !p.cred.is_root() {
        p.complain("Permission denied.").await?;
        return p.fail("cannot lock /etc/passwd; try again later.").await;
    }
    p.inferred();
    let text = p.read_all(0).await?;
    let text = String::from_utf8_lossy(&text).into_owned();
    match pairs(p, &text).await? {
        Some(pairs) => {
            for (number, (name, password)) in pairs.into_iter().enumerate() {
                if !set(p, name, password) {
                    p.complain(&format!("(user {name}) pam_chauthtok() failed, error:")).await?;
                    p.err("Authentication token manipulation error\n").await?;
                    let number = number + 1;
                    return p.fail(&format!("(line {number}, user {name}) password not changed")).await;
                }
            }
            Ok(0)
        }
        None => p.fail("error detected, changes ignored").await,
    }
}

/// The users and passwords of a text; nothing when one line is wrong, which is said.
async fn pairs<'a>(p: &mut Proc, text: &'a str) -> Result<Option<Vec<(&'a str, &'a str)>>, Cut> {
    let (mut all, mut good) = (Vec::new(), true);
    for (number, line) in text.lines().enumerate() {
        let wrong = match line.split_once(':') {
            None => "missing new password".to_owned(),
            Some((name, _)) if p.peek(|linux| linux.user(name)).is_none() => format!("user '{name}' does not exist"),
            Some(pair) => {
                all.push(pair);
                continue;
            }
        };
        p.complain(&format!("line {}: {wrong}", number + 1)).await?;
        good = false;
    }
    Ok(good.then_some(all))
}

/// What is kept of an account, changed by a program of root's.
pub fn adjust(p: &Proc, name: &str, change: impl FnOnce(&mut Shadow)) {
    p.linux(|linux| change(linux.shadow.entry(name.to_owned()).or_default()));
}
