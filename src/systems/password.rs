//! The password dialogues of a login: the password that is asked for, and a new one in place of one that has expired.

use crate::shell::Cx;
use crate::systems::account;
use crate::systems::linux::attempts::Attempt;

/// How many passwords that will not do end a login.
const TRIES: u32 = 3;

/// A new password has this many characters or more.
const SHORTEST: usize = 8;

/// Asks for the password of a user of the session's machine, if the terminal is one at which a login asks. `false` after too
/// many wrong ones.
pub async fn ask(cx: &Cx, user: &str) -> bool {
    let asks = cx.with(|cx| cx.session.terminal.asks);
    let mut attempt = cx.with(|cx| {
        let (machine, from) = (cx.machine(), cx.session.from.clone());
        let account = account(cx.world, machine, user);
        Attempt::new(cx.world, machine, user, account.as_ref(), &from)
    });
    if !asks {
        let locked = cx.with(|cx| attempt.is_locked(cx.world));
        if locked {
            cx.with(|cx| cx.inferred_line("Permission denied, please try again."));
        }
        return !locked;
    }
    for _ in 0..TRIES {
        cx.with(|cx| {
            let host = cx.world.machine(cx.machine()).name.clone();
            cx.screen.print(&format!("{user}@{host}'s password: "));
        });
        let right = cx.secret().await;
        if cx.with(|cx| attempt.admits(cx.world, right)) {
            return true;
        }
        cx.with(|cx| {
            cx.line("Permission denied, please try again.");
        });
    }
    cx.with(|cx| {
        attempt.over(cx.world);
        cx.line("Received disconnect: Too many authentication failures");
    });
    false
}

/// Asks for a new password of root's, twice each time; whether it is set. `too_short` is what PAM says of one that is.
pub async fn choose(cx: &Cx, too_short: &str) -> bool {
    for _ in 0..TRIES {
        cx.with(|cx| cx.screen.print("New password: "));
        let chosen = cx.new_secret(SHORTEST).await;
        if !chosen.long_enough {
            cx.with(|cx| cx.line(&format!("BAD PASSWORD: {too_short}")));
            continue;
        }
        cx.with(|cx| cx.screen.print("Retype new password: "));
        if cx.new_secret(SHORTEST).await.password == chosen.password {
            cx.with(|cx| {
                let id = cx.machine();
                cx.world.change_password(id, chosen.password);
            });
            return true;
        }
        cx.with(|cx| cx.line("Sorry, passwords do not match."));
    }
    false
}
