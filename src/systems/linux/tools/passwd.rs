//! `passwd` and `chsh`: the dialogues of RHEL 7 and 8 (passwd 0.79 with pam_pwquality), SLES 11 and Photon, without a
//! transcript and so inferred. A password reaches this program as a digest only.

mod manage;

use super::accounts::replace;
use super::getopt::Spec;
use super::{Tool, tool};
use crate::shell::coroutine::Await;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::{Access, Errno};
use crate::systems::linux::model::User;
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::input::given;
use crate::world::Password;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("chpasswd", manage::chpasswd), tool!("chsh", chsh), tool!("passwd", passwd)];

pub use manage::{adjust, store};

const PASSWD: Spec = Spec {
    short: "kdlufn:x:w:i:Se?aghqr:",
    long: &[
        ("delete", 'd'),
        ("expire", 'e'),
        ("force", 'f'),
        ("help", '?'),
        ("inactive:", 'i'),
        ("keep-tokens", 'k'),
        ("lock", 'l'),
        ("maximum:", 'x'),
        ("minimum:", 'n'),
        ("status", 'S'),
        ("stdin", 'I'),
        ("unlock", 'u'),
        ("warning:", 'w'),
    ],
    gaps: "",
};

/// How many new passwords may be chosen that do not match.
const TRIES: u32 = 3;
/// A good password has this many characters or more.
const SHORTEST: usize = 8;

/// The words of a distribution's dialogue.
struct Words {
    begins: &'static str,
    first: &'static str,
    short: &'static str,
    again: &'static str,
    differs: &'static str,
    done: &'static str,
}

const RHEL: Words = Words {
    begins: "Changing password for user root.\n",
    first: "New password: ",
    short: "BAD PASSWORD: The password is shorter than 8 characters\n",
    again: "Retype new password: ",
    differs: "Sorry, passwords do not match.\n",
    done: "passwd: all authentication tokens updated successfully.\n",
};

const SLES: Words = Words {
    begins: "Changing password for root.\n",
    first: "New Password: ",
    short: "Bad password: too short\n",
    again: "Reenter New Password: ",
    differs: "Sorry, passwords do not match.\n",
    done: "Password changed.\n",
};

const PHOTON: Words = Words {
    begins: "",
    first: "New password: ",
    short: "BAD PASSWORD: it is too short\n",
    again: "Retype new password: ",
    differs: "Sorry, passwords do not match.\n",
    done: "passwd: password updated successfully\n",
};

async fn passwd(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &PASSWD, arguments, |complaint| {
        p.complain(&complaint).await?;
        Ok(2)
    });
    if !given.options.is_empty() {
        return manage::manage(p, &given).await;
    }
    let name = match &given.operands[..] {
        [] => p.user.clone(),
        [name] => name.clone(),
        _ => return p.fail("Only one user name may be specified.").await,
    };
    if !p.cred.is_root() && !given.operands.is_empty() {
        return p.fail("Only root can specify a user name.").await;
    }
    if p.peek(|linux| linux.user(&name)).is_none() {
        return p.fail(&format!("Unknown user name '{name}'.")).await;
    }
    if p.cx.with(|cx| cx.session.machine) != p.machine {
        return p.gap("passwd over ssh without a terminal");
    }
    dialogue(p, &name).await
}

async fn dialogue(p: &mut Proc, name: &str) -> Ended {
    p.inferred();
    let words = match p.peek(|linux| linux.distro.vendor) {
        Vendor::RedHat => &RHEL,
        Vendor::Suse => &SLES,
        Vendor::Photon | Vendor::Esxi => &PHOTON,
    };
    p.out(&words.begins.replace("root", name)).await?;
    let forced = p.cred.is_root();
    if !forced {
        // Who changes their own has to know it.
        let old = p.peek(|linux| !linux.distro.has("pam", (1, 3, 1)));
        let asks = if old { "(current) UNIX password: " } else { "Current password: " };
        let again =
            if words.begins.contains("user root") { format!("Changing password for {name}.\n") } else { String::new() };
        p.err(&if old { format!("{again}{asks}") } else { asks.to_owned() }).await?;
        let uid = p.cred.uid;
        if !p.secret(Await::Secret(p.machine, uid)).await? {
            return p.fail("Authentication token manipulation error").await;
        }
    }
    let nothing = p.world(|world, id| Password::of(&world.machine(id).name, ""));
    for _ in 0..TRIES {
        p.err(words.first).await?;
        let Some(chosen) = p.new_secret(SHORTEST, forced).await? else {
            let been = if p.peek(|linux| linux.distro.has("pam", (1, 3, 1))) { " has been" } else { "" };
            p.err(&format!("Password change{been} aborted.\n")).await?;
            continue;
        };
        if chosen.password == nothing && (forced || chosen.long_enough) {
            p.err("No password supplied\n").await?;
            continue;
        }
        if !chosen.long_enough {
            p.err(words.short).await?;
            if !forced {
                continue;
            }
        }
        p.err(words.again).await?;
        match p.new_secret(SHORTEST, forced).await? {
            Some(again) if again.password == chosen.password => {}
            _ => {
                p.err(words.differs).await?;
                continue;
            }
        }
        if !store(p, name, chosen.password) {
            return p.fail("Authentication token manipulation error").await;
        }
        p.out(words.done).await?;
        return Ok(0);
    }
    p.fail("Have exhausted maximum number of retries for service").await
}

const CHSH: Spec = Spec { short: "s:l", long: &[("shell:", 's'), ("list-shells", 'l')], gaps: "R: --root: h u v" };

async fn chsh(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &CHSH, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("Try 'chsh --help' for more information.\n").await?;
        Ok(1)
    });
    let listed = String::from_utf8_lossy(&p.read_path("/etc/shells").unwrap_or_default()).into_owned();
    if given.has('l') {
        p.out(&listed).await?;
        return Ok(0);
    }
    let name = match &given.operands[..] {
        [] => p.user.clone(),
        [name] => name.clone(),
        _ => return p.fail("unexpected arguments").await,
    };
    let vendor = p.peek(|linux| linux.distro.vendor);
    let user = p.peek(|linux| linux.user(&name));
    let Some(user) = user else {
        return match vendor {
            Vendor::RedHat => p.fail(&format!("user \"{name}\" does not exist.")).await,
            Vendor::Suse => p.fail(&format!("User '{name}' does not exist.")).await,
            Vendor::Photon | Vendor::Esxi => p.fail(&format!("user '{name}' does not exist")).await,
        };
    };
    if vendor != Vendor::RedHat {
        p.inferred();
        return change_elsewhere(p, vendor == Vendor::Suse, &user, given.value('s'), &listed).await;
    }
    if !p.cred.is_root() && user.name != p.user {
        return p
            .fail(&format!("running UID doesn't match UID of user we're altering, shell change denied\n{name}"))
            .await;
    }
    // That of Photon is of shadow-utils: asked by option, it works without a word (captured on 6.7).
    let quiet = p.peek(|linux| linux.distro.vendor == Vendor::Photon);
    if !quiet {
        p.out(&format!("Changing shell for {name}.\n")).await?;
    }
    let shell = match given.value('s') {
        Some(shell) => shell.to_owned(),
        None => {
            let question = if quiet {
                let what = "Enter the new value, or press ENTER for the default";
                format!("Changing the login shell for {name}\n{what}\n\tLogin Shell [{}]: ", user.shell)
            } else {
                format!("New shell [{}]: ", user.shell)
            };
            p.out(&question).await?;
            let line = p.read_until(0, CHUNK, Some(b'\n')).await?;
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if line.is_empty() { user.shell.clone() } else { line }
        }
    };
    if let Some(complaint) = unfit(p, &shell) {
        return p.fail(&complaint).await;
    }
    if !listed.lines().any(|line| line.trim() == shell) {
        if !p.cred.is_root() {
            p.complain(&format!("\"{shell}\" is not listed in /etc/shells.")).await?;
            p.err("Use chsh -l to see list.\n").await?;
            return Ok(1);
        }
        p.err(&format!("Warning: \"{shell}\" is not listed in /etc/shells.\n")).await?;
    }
    if quiet && shell == user.shell {
        return Ok(0);
    }
    if shell == user.shell {
        p.out("Shell not changed.\n").await?;
        return Ok(1);
    }
    match set_shell(p, &name, &shell) {
        Ok(()) => {
            p.out("Shell changed.\n").await?;
            Ok(0)
        }
        Err(errno) => {
            p.complain(&format!("/etc/passwd: {}", errno.text())).await?;
            p.out("Shell *NOT* changed.  Try again later.\n").await?;
            Ok(1)
        }
    }
}

/// The same with pwdutils, of SLES 11, and with shadow-utils, of Photon, which says nothing when the shell is given. Neither
/// minds what root chooses.
async fn change_elsewhere(p: &mut Proc, sles: bool, user: &User, given: Option<&str>, listed: &str) -> Ended {
    let name = &user.name;
    if !p.cred.is_root() && *name != p.user {
        return p.fail(&format!("You may not change the shell for '{name}'.")).await;
    }
    if sles {
        p.out(&format!("Changing login shell for {name}.\n")).await?;
    } else if given.is_none() {
        p.out(&format!("Changing the login shell for {name}\n")).await?;
    }
    let shell = match given {
        Some(shell) => shell.to_owned(),
        None => {
            let tab = if sles { "" } else { "\t" };
            p.out(&format!("Enter the new value, or press ENTER for the default\n{tab}Login Shell [{}]: ", user.shell))
                .await?;
            let line = p.read_until(0, CHUNK, Some(b'\n')).await?;
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if line.is_empty() { user.shell.clone() } else { line }
        }
    };
    if shell.contains([':', ',', '=']) {
        return p.fail(&format!("Invalid entry: {shell}")).await;
    }
    let allowed = unfit(p, &shell).is_none() && listed.lines().any(|line| line.trim() == shell);
    if !p.cred.is_root() && !allowed {
        return p.fail(&format!("{shell} is an invalid shell")).await;
    }
    match set_shell(p, name, &shell) {
        Ok(()) if sles => p.out("Shell changed.\n").await?,
        Ok(()) => {}
        Err(errno) => return p.fail(&format!("/etc/passwd: {}", errno.text())).await,
    }
    Ok(0)
}

/// Why a file cannot be a login shell.
fn unfit(p: &Proc, shell: &str) -> Option<String> {
    if !shell.starts_with('/') {
        return Some("shell must be a full path name".to_owned());
    }
    let Ok(ino) = p.lookup(shell) else { return Some(format!("\"{shell}\" does not exist")) };
    let runs = p.peek(|linux| linux.fs.access(&p.cred, ino, Access::EXEC)).is_ok();
    (!runs).then(|| format!("\"{shell}\" is not executable"))
}

/// Writes the user's line of `/etc/passwd` anew, as root, whose rights the program has.
fn set_shell(p: &Proc, name: &str, shell: &str) -> Result<(), Errno> {
    let root = Proc { cred: crate::systems::linux::fs::Cred::ROOT, ..p.again() };
    let text = String::from_utf8_lossy(&root.read_path("/etc/passwd").unwrap_or_default()).into_owned();
    let lines = text.lines().map(|line| match line.rsplit_once(':') {
        Some((front, _)) if line.split(':').next() == Some(name) => format!("{front}:{shell}\n"),
        _ => format!("{line}\n"),
    });
    let text: String = lines.collect();
    replace(p, "/etc/passwd", text.as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::lab::{Lab, Waits};
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::shell::Terminal;

    fn lab() -> Lab {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "linux").expect("the lab is bundled");
        let world = LabFile::parse(text).expect("a good lab file").world("linux", None, None).expect("a good world");
        Lab::new(world, Box::new(Bundled))
    }

    #[test]
    fn a_password_on_the_line_is_taken_and_shown_nowhere() {
        let check = |line: &str, accepted: &str| {
            let mut lab = lab();
            let id = lab.open("rhel8", Terminal::PIPE).expect("it is up");
            assert!(lab.line(id, line) && lab.waits(id) == Waits::Prompt, "{line}");
            let machine = lab.world().machine(lab.session(id).machine);
            assert!(machine.accepts(accepted) && !machine.accepts("********"), "{line}");
            let mut shown = String::new();
            lab.output(id, &mut shown);
            assert!(!shown.contains(accepted), "{shown}");
        };
        check("echo first-one-9 | passwd --stdin root; history 1", "first-one-9");
        check("chpasswd <<< 'root:first-one-9'", "first-one-9");
    }

    #[test]
    fn the_machine_takes_the_new_password_and_no_other() {
        let check = |typed: &[&str], accepted: &str| {
            let mut lab = lab();
            let id = lab.open("rhel8", Terminal::PIPE).expect("it is up");
            assert!(lab.line(id, "passwd"));
            for secret in typed {
                assert_eq!(lab.waits(id), Waits::Secret, "{typed:?}");
                lab.secret(id, secret);
            }
            assert_eq!(lab.waits(id), Waits::Prompt, "{typed:?}");
            let machine = lab.world().machine(lab.session(id).machine);
            assert!(machine.accepts(accepted), "{typed:?}");
            assert_eq!(machine.accepts("another"), machine.passwords.is_empty(), "{typed:?}");
        };
        check(&["first-one-9", "first-one-9"], "first-one-9");
        check(&["short", "short"], "short");
        check(&["first-one-9", "other-one-9", "third-one-9", "third-one-9"], "third-one-9");
        // After three pairs that differ nothing has changed: a machine without a password takes any.
        check(&["a", "b", "a", "b", "a", "b"], "whatever");
    }
}
