//! Where `dcli` keeps credentials. The file holds names and no passwords: whose credentials count stands in the appliance's
//! settings. Where it lies, and by which variable and option it lies elsewhere, is documented; what is in it is not.

use serde_json::Value as Json;

use super::shown::Form;
use super::words::Wish;
use crate::shell::Value;
use crate::systems::linux::fs::{Content, Errno, Kind};
use crate::systems::linux::lab_entry::place;
use crate::systems::linux::proc::{Ended, Proc};

/// The file in the folder of a user.
const FILE: &str = ".dcli/.dcli_credstore";
/// The server that all of them are for.
const SERVER: &str = "http://localhost/api";

/// The file that counts.
pub fn path(p: &Proc, wish: &Wish) -> String {
    let named = wish.store.as_deref().or_else(|| p.env("DCLI_CREDFILE"));
    match named {
        Some(path) if path.starts_with('/') => path.to_owned(),
        Some(path) => format!("{}/{path}", p.cwd.trim_end_matches('/')),
        None => format!("{}/{FILE}", p.env("HOME").unwrap_or_default().trim_end_matches('/')),
    }
}

/// The users whose names were saved.
pub fn names(p: &Proc, path: &str) -> Vec<String> {
    let text = p.peek(|linux| linux.text(path)).unwrap_or_default();
    let all: Vec<Json> = serde_json::from_str(&text).unwrap_or_default();
    all.iter().filter_map(|one| one.get("user")?.as_str().map(str::to_owned)).collect()
}

/// Saves that a user has logged in. The password is not kept.
pub fn keep(p: &Proc, path: &str, name: &str) {
    let mut all: Vec<String> = names(p, path);
    all.retain(|saved| saved != name);
    all.push(name.to_owned());
    write(p, path, &all);
    p.world(|world, id| world.vcsa_mut(id).save_credentials(name));
}

fn write(p: &Proc, path: &str, names: &[String]) {
    let entries: Vec<Json> = names.iter().map(|name| serde_json::json!({ "server": SERVER, "user": name })).collect();
    let text = format!("{}\n", Json::from(entries));
    let (now, owner) = (p.now(), (p.cred.uid, p.cred.gid));
    p.linux(|linux| {
        let _gone: Result<(), Errno> = linux.fs.unlink(&p.cred, "/", path, now);
        // On a full disk nothing is kept.
        let _kept = place(&mut linux.fs, path, Kind::File(Content::text(&text)), (owner, 0o600), now);
    });
}

/// `+credstore-list`
pub async fn list(p: &mut Proc, wish: &Wish) -> Ended {
    p.inferred();
    let names = names(p, &path(p, wish));
    let rows =
        names.into_iter().map(|name| Value::record([("server", SERVER.into()), ("user", name.into())])).collect();
    p.out(&wish.form.unwrap_or(Form::Table).show(&Value::List(rows))).await?;
    Ok(0)
}

/// `+credstore-remove`
pub async fn remove(p: &mut Proc, wish: &Wish) -> Ended {
    p.inferred();
    let Some(user) = &wish.user else { return p.fail("+credstore-remove needs +username").await };
    let path = path(p, wish);
    let mut all = names(p, &path);
    let before = all.len();
    all.retain(|name| name != user);
    if all.len() == before {
        return p.fail("Credentials not found in the credential store").await;
    }
    write(p, &path, &all);
    Ok(0)
}
