//! The password dialogue of a login through the secure shell.

use crate::shell::Cx;
use crate::systems::linux::model::Login;

/// How many wrong passwords end a login.
const TRIES: u32 = 3;

/// Asks for the password of a user of the session's machine, if the terminal is one at which a login asks. `false` after too
/// many wrong ones.
pub async fn ask(cx: &Cx, user: &str) -> bool {
    if !cx.with(|cx| cx.session.terminal.asks) {
        return true;
    }
    for _ in 0..TRIES {
        cx.with(|cx| {
            let host = cx.world.machine(cx.machine()).name.clone();
            cx.screen.print(&format!("{user}@{host}'s password: "));
        });
        if cx.secret().await {
            return true;
        }
        cx.with(|cx| {
            let login = Login { at: cx.now(), from: cx.session.from.clone() };
            let id = cx.machine();
            cx.world.linux_mut(id).login_failed(login);
            cx.line("Permission denied, please try again.");
        });
    }
    cx.with(|cx| cx.line("Received disconnect: Too many authentication failures"));
    false
}
