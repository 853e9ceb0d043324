//! The explanations of `journalctl -x`: what the catalog has for a message of systemd or of its daemon of logins. Subjects are those of
//! `systemd.catalog` in 219 and 239; the sentences below them are our own.

use super::is_old;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::model::log::Line;
use crate::systems::linux::proc::Proc;

/// What stands below a line; nothing where the catalog has nothing for it.
pub fn explained(p: &Proc, line: &Line) -> String {
    let entry = match line.ident.as_str() {
        "systemd" => line.unit.as_deref().filter(|unit| !unit.is_empty()).and_then(|unit| of_unit(p, unit, &line.text)),
        "systemd-logind" => of_session(&line.text),
        _ => None,
    };
    let Some((subject, sentence)) = entry else { return String::new() };
    let support = match (p.peek(|linux| linux.distro.vendor), is_old(p)) {
        (_, true) => "http://lists.freedesktop.org/mailman/listinfo/systemd-devel",
        (Vendor::RedHat, _) => "https://access.redhat.com/support",
        _ => "https://lists.freedesktop.org/mailman/listinfo/systemd-devel",
    };
    p.inferred();
    format!("-- Subject: {subject}\n-- Defined-By: systemd\n-- Support: {support}\n-- \n-- {sentence}\n")
}

/// The subject and the sentence of a message about a unit.
fn of_unit(p: &Proc, unit: &str, text: &str) -> Option<(String, String)> {
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    let of = |what: &str, says: String| Some((format!("Unit {unit} {what}"), says));
    // Messages that came with later versions, and to Red Hat's 239.
    let new = !is_old(p) && p.peek(|linux| linux.distro.vendor == Vendor::RedHat);
    match text.strip_prefix(unit).and_then(|rest| rest.strip_prefix(": ")) {
        Some("Succeeded.") if new => {
            return Some(("Unit succeeded".to_owned(), format!("{unit} came to its end without an error.")));
        }
        Some(rest) if new && rest.starts_with("Failed with result") => {
            return Some(("Unit failed".to_owned(), format!("{unit} is down because something went wrong.")));
        }
        Some(rest) if rest.starts_with("Scheduled restart job") => {
            let subject = "Automatic restarting of a unit has been scheduled".to_owned();
            return Some((subject, format!("{unit} starts again, as Restart= in its file asks for.")));
        }
        _ => {}
    }
    if begins(&["Starting "]) {
        of("has begun start-up", format!("{unit} is on its way up."))
    } else if begins(&["Started ", "Reached target ", "Listening on "]) {
        of("has finished start-up", format!("{unit} is up."))
    } else if begins(&["Stopping "]) {
        of("has begun shutting down", format!("{unit} is on its way down."))
    } else if begins(&["Stopped "]) {
        of("has finished shutting down", format!("{unit} is down."))
    } else if begins(&["Reloading "]) {
        of("has begun reloading its configuration", format!("{unit} reads its settings again."))
    } else if begins(&["Reloaded "]) {
        of("has finished reloading its configuration", format!("{unit} has read its settings again."))
    } else if begins(&["Failed to start ", "Dependency failed for "]) {
        of("has failed", format!("{unit} did not come up."))
    } else {
        None
    }
}

/// The same of a message about a session.
fn of_session(text: &str) -> Option<(String, String)> {
    if let Some((number, user)) = text.strip_prefix("New session ").and_then(|rest| rest.split_once(" of user ")) {
        let user = user.trim_end_matches('.');
        let subject = format!("A new session {number} has been created for user {user}");
        return Some((subject, format!("{user} has logged in.")));
    }
    let number = text.strip_prefix("Removed session ")?.trim_end_matches('.');
    Some((format!("Session {number} has been terminated"), "Whoever was in it has logged out.".to_owned()))
}
