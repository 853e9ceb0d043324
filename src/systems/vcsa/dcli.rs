//! `dcli`: the calls of the vAPI out of bash and as a plug-in, with a login of its own. Truth: reference `appliance-shell.md`
//! section 3, and `transcripts-shell/dcli-credentials-and-nested-output.txt` of 8.0: its questions, names and the layout of
//! structures. Of the calls those of the appliance are modelled that the appliance shell has, too; what they do is the same.
//! That of the capture is the only other one.

use super::api::{ApiError, key_providers};
use super::commands::args::refuse;
use super::commands::{self, Named};
use super::services::VCENTER;
use super::{appliance, appliancesh, rights};
use crate::shell::command::Run;
use crate::shell::coroutine::Await;
use crate::shell::{Context, Evidence, Grade, Outcome, Value};
use crate::systems::linux::fs::{Content, Errno, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::lab_entry::place;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::vcsa::series::Line;

/// Its name.
pub const NAME: &str = "dcli";

/// How well it is known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "dcli: its questions; names and layout of structures; com vmware vcenter cryptomanager kms providers export",
        releases: "8.0",
        grade: Grade::Captured,
        source: "evidence/vcsa/dcli-credentials-and-nested-output.txt",
    },
    Evidence {
        what: "dcli: its questions, calls of the appliance that answer with a structure",
        releases: "6.5 to 8.0",
        grade: Grade::Documented,
        source: "a guide of 8.0 shows them with another call",
    },
    Evidence {
        what: "dcli: a login that is wrong, single values, what a call refuses, what the store of credentials holds",
        releases: "6.5 to 8.0",
        grade: Grade::Inferred,
        source: "no session shows them",
    },
    Evidence {
        what: "dcli: calls beyond the appliance's own and that export, tables, other formatters, +interactive, passwords on its line",
        releases: "6.0 to 8.0",
        grade: Grade::NotModelled,
        source: "",
    },
];

/// The calls by their names behind `com vmware appliance`: those of the API that the appliance shell has, too.
const CALLS: [&str; 33] = [
    "access.consolecli.get",
    "access.consolecli.set",
    "access.dcui.get",
    "access.dcui.set",
    "access.shell.get",
    "access.shell.set",
    "access.ssh.get",
    "access.ssh.set",
    "health.applmgmt.get",
    "health.databasestorage.get",
    "health.load.get",
    "health.mem.get",
    "health.softwarepackages.get",
    "health.storage.get",
    "health.swap.get",
    "health.system.get",
    "health.system.lastcheck",
    "networking.dns.domains.add",
    "networking.dns.domains.list",
    "networking.dns.domains.set",
    "networking.dns.hostname.get",
    "networking.dns.hostname.set",
    "networking.dns.servers.get",
    "networking.dns.servers.set",
    "ntp.get",
    "ntp.set",
    "system.storage.resize",
    "system.time.get",
    "system.uptime.get",
    "system.version.get",
    "timesync.get",
    "timesync.set",
    UPDATE,
];
/// What the management tells of updates; the appliance shell has no such call.
const UPDATE: &str = "update.get";

/// Behind these words the names of the appliance's calls stand.
const APPLIANCE: [&str; 3] = ["com", "vmware", "appliance"];
/// The service behind all calls.
const ENDPOINT: &str = "vmware-vapi-endpoint";
/// Where a user keeps what was saved.
const STORE: &str = ".dcli/.dcli_credstore";
/// The longest line that it reads.
const LINE: usize = 4_096;

/// What was typed.
struct Wish<'a> {
    user: Option<&'a str>,
    call: String,
    arguments: Vec<&'a str>,
}

/// `dcli`
///
/// # Errors
/// [`Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    let old = p.world(|world, id| world.vcsa(id).series().line == Line::V6_0);
    let wish = match read(arguments) {
        Ok(wish) if !old && !wish.call.is_empty() => wish,
        Ok(_) => return p.gap(format!("{NAME} {}", arguments.join(" ")).trim_end()),
        Err(option) => return p.gap(&format!("{NAME} {option}")),
    };
    let Some(user) = log_in(p, wish.user).await? else { return Ok(1) };
    if !p.world(|world, id| world.vcsa(id).services.runs(ENDPOINT)) {
        p.inferred();
        return p.fail("Unable to connect to the server: 503 Service Unavailable").await;
    }
    if !CALLS.contains(&wish.call.as_str()) && wish.call != key_providers::EXPORT {
        return p.gap(&format!("{NAME} {}", arguments.join(" ")));
    }
    let outcome = p.cx.with(|cx| {
        let before = std::mem::replace(&mut cx.session.machine, p.machine);
        let outcome = answer(cx, &user, &wish);
        cx.session.machine = before;
        outcome
    });
    match outcome {
        Outcome::Reply(value) => match simple(&value) {
            Some(text) => {
                p.out(&text).await?;
                Ok(0)
            }
            None => p.gap(&format!("{NAME}: a table")),
        },
        Outcome::Silent => Ok(0),
        Outcome::Task(task) => appliancesh::carry_out(p, task).await,
        Outcome::Text(text) => {
            p.out(&text).await?;
            Ok(0)
        }
        Outcome::Refused(text, _) => {
            p.inferred();
            p.err(&text).await?;
            Ok(1)
        }
        Outcome::Gap(what) => p.gap(&what),
    }
}

/// Options with a plus, the words of a call, its arguments; or the option that is not modelled.
fn read(arguments: &[String]) -> Result<Wish<'_>, &str> {
    let (mut words, mut user, mut rest) = (Vec::new(), None, Vec::new());
    let mut typed = arguments.iter().map(String::as_str);
    while let Some(word) = typed.next() {
        match word {
            "+username" => user = typed.next(),
            "+server" => match typed.next() {
                Some("localhost" | "127.0.0.1") => {}
                _ => return Err(word),
            },
            "+formatter" => match typed.next() {
                Some("simple") => {}
                _ => return Err(word),
            },
            "+skip" | "+skip-server-verification" | "+show-unreleased" => {}
            _ if word.starts_with('+') => return Err(word),
            _ if word.starts_with('-') || !rest.is_empty() => rest.push(word),
            _ => words.push(word),
        }
    }
    let call = match words.strip_prefix(&APPLIANCE) {
        Some(call) => call.join("."),
        None => words.join(" "),
    };
    Ok(Wish { user, call, arguments: rest })
}

/// The name of whoever is let in; what is wrong has been said.
async fn log_in(p: &mut Proc, user: Option<&str>) -> Result<Option<String>, Cut> {
    let home = p.env.get("HOME").cloned().unwrap_or_default();
    let path = format!("{}/{STORE}", home.trim_end_matches('/'));
    let saved = p.peek(|linux| linux.text(&path));
    let saved = saved.as_deref().and_then(saved_name).filter(|name| user.is_none_or(|user| user == name));
    // What stands in the file is no password: it counts for those who have logged in and had it saved.
    if let Some(name) = saved.filter(|name| p.world(|world, id| world.vcsa(id).knows_credentials(name))) {
        return Ok(Some(name));
    }
    if !p.files.is_terminal(0) {
        p.gap("dcli where nobody answers its questions")?;
        return Ok(None);
    }
    let name = match user {
        Some(user) => user.to_owned(),
        None => match question(p, "Username: ").await? {
            Some(name) => name,
            None => return Ok(None),
        },
    };
    p.out("Password: ").await?;
    let account = p.world(|world, id| world.vcsa(id).sso_account(&name));
    let number = account.as_ref().map_or(0, |account| account.uid);
    let accepted = p.secret(Await::Secret(p.machine, number)).await?;
    let Some(account) = account.filter(|_| accepted) else {
        p.inferred();
        p.fail("Invalid username or password").await?;
        return Ok(None);
    };
    let save = question(p, "Do you want to save credentials in the credstore? (y or n) [y]:").await?;
    if !matches!(save.as_deref(), None | Some("n" | "N" | "no" | "No")) {
        keep(p, &path, &account.name);
        p.world(|world, id| world.vcsa_mut(id).save_credentials(&account.name));
    }
    Ok(Some(account.name))
}

/// What is typed behind a question; nothing at the end of input.
async fn question(p: &mut Proc, text: &str) -> Result<Option<String>, Cut> {
    p.out(text).await?;
    let typed = p.read_until(0, LINE, Some(b'\n')).await?;
    let line = String::from_utf8_lossy(&typed).trim().to_owned();
    Ok((!typed.is_empty()).then_some(line))
}

/// The user of this server whose credentials were saved. The password is not kept.
fn saved_name(text: &str) -> Option<String> {
    let all: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(all.get(0)?.get("user")?.as_str()?.to_owned())
}

fn keep(p: &Proc, path: &str, name: &str) {
    let text = format!("{}\n", serde_json::json!([{ "server": "http://localhost/api", "user": name }]));
    let (now, owner) = (p.now(), (p.cred.uid, p.cred.gid));
    p.linux(|linux| {
        let _gone: Result<(), Errno> = linux.fs.unlink(&p.cred, "/", path, now);
        // On a full disk nothing is kept.
        let _kept = place(&mut linux.fs, path, Kind::File(Content::text(&text)), (owner, 0o600), now);
    });
}

fn answer(cx: &mut Context<'_>, user: &str, wish: &Wish<'_>) -> Outcome {
    if wish.call == UPDATE {
        return update(cx);
    }
    let line = cx.vcsa().series().line;
    if wish.call == key_providers::EXPORT {
        return match wish.arguments[..] {
            ["--provider", name] if line >= Line::V7_0 => export(cx, name),
            _ => Outcome::Gap(format!("{NAME}: {} with these arguments", wish.call)),
        };
    }
    let Some(Named::Command(command)) = commands::find(line, &wish.call, false) else {
        return Outcome::Gap(format!("{NAME}: {}", wish.call));
    };
    let Run::Api(parser, run) = command.run else { return Outcome::Gap(format!("{NAME}: {}", wish.call)) };
    let Ok(parsed) = parser.parse(appliance::dialect(cx.vcsa()), 80, &wish.arguments) else {
        return Outcome::Gap(format!("{NAME}: {} with these arguments", wish.call));
    };
    if cx.vcsa().role_of(user) < rights::of_call(command.name) {
        return Outcome::Refused(format!("Error in method invocation {}", rights::DENIED), 1);
    }
    run(cx, &parsed)
}

/// Where the backup of a key provider is, which vCenter Server itself tells.
fn export(cx: &mut Context<'_>, name: &str) -> Outcome {
    let id = cx.machine();
    let there = cx.vcsa().services.runs(VCENTER);
    let found = match there {
        true => key_providers::export(cx.world, id, name),
        false => Err(ApiError::not_allowed("Service unavailable")),
    };
    match found {
        Ok(value) => Outcome::Reply(Value::record([("Export", value)])),
        Err(error) => refuse(cx, &error),
    }
}

/// The state of updates, from 6.7 on.
fn update(cx: &Context<'_>) -> Outcome {
    let vcsa = cx.vcsa();
    if !vcsa.series().update_state.is_told() {
        return Outcome::Gap(format!("{NAME}: {UPDATE} before 6.7"));
    }
    let (state, version) = (vcsa.software_update.state.word(), vcsa.running.version.clone());
    Outcome::Reply(Value::record([("State", Value::record([("State", state.into()), ("Version", version.into())]))]))
}

/// A value as the formatter `simple` shows it: without the name that the appliance shell puts above it. A list of structures is
/// a table, of which no session shows how it looks.
fn simple(value: &Value) -> Option<String> {
    let inner = match value {
        Value::Record(members) if members.len() == 1 => &members[0].1,
        other => other,
    };
    let mut text = String::new();
    match inner {
        Value::List(all) => {
            for one in all {
                text.push_str(&scalar(one)?);
                text.push('\n');
            }
        }
        Value::Record(members) => show(members, 0, &mut text)?,
        one => text = scalar(one)? + "\n",
    }
    Some(text)
}

fn show(members: &[(&'static str, Value)], indent: usize, text: &mut String) -> Option<()> {
    for (name, value) in members {
        let name = name.to_ascii_lowercase();
        match value {
            Value::Record(inner) => {
                text.push_str(&format!("{:indent$}{name}:\n", ""));
                show(inner, indent + 3, text)?;
            }
            Value::List(all) => {
                let words = all.iter().map(scalar).collect::<Option<Vec<_>>>()?;
                text.push_str(&format!("{:indent$}{name}: {}\n", "", words.join(" ")));
            }
            one => text.push_str(&format!("{:indent$}{name}: {}\n", "", scalar(one)?)),
        }
    }
    Some(())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Record(_) | Value::List(_) => None,
        one => Some(one.render().trim_end_matches('\n').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::commands::known;

    #[test]
    fn each_call_is_one_of_the_appliance_shell() {
        for call in CALLS.iter().filter(|call| **call != UPDATE) {
            let named = known::calls(Line::LAST).any(|known| known.trim_start_matches("version1.") == *call);
            assert!(named, "{call}");
        }
    }

    #[test]
    fn words_and_options_are_told_apart() {
        let check = |line: &str, expect: Result<(Option<&str>, &str, usize), &str>| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let found = read(&words);
            let found = found.as_ref().map(|wish| (wish.user, wish.call.as_str(), wish.arguments.len()));
            assert_eq!(found.map_err(|option| *option), expect, "{line}");
        };
        check("com vmware appliance system version get", Ok((None, "system.version.get", 0)));
        check(
            "+username a@b com vmware appliance access ssh set --enabled true",
            Ok((Some("a@b"), "access.ssh.set", 2)),
        );
        check("com vmware vcenter vm list", Ok((None, "com vmware vcenter vm list", 0)));
        check("+interactive", Err("+interactive"));
        check("+formatter json com vmware appliance health system get", Err("+formatter"));
    }
}
