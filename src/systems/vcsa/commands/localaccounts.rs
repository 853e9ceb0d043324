//! `localaccounts.user.*`: the accounts that log in to the appliance shell; `/etc/passwd` in bash has them, too. Options and
//! roles are the guide's, names of members those of the API structure.

use super::Command;
use super::args::{ALL, call, documented, done, inferred, refuse, reply, secret, text, with_password, word};
use crate::shell::argparse::{Argument, Parsed, Parser};
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::accounts::{self, Changes, Shown};
use crate::systems::vcsa::settings::Role;

const STRUCTURE: &str = "members of the API structure";
const GUIDE: &str = "the guide of 7.0; wording of the errors inferred";

const USERNAME: Argument = word(&["--username"], "User login name").required();
const PASSWORD: Argument = secret(&["--password"], "User password").required();
const ROLE: Argument = word(&["--role"], "User roles: operator, admin or superAdmin");
const FULLNAME: Argument = word(&["--fullname"], "User full name");
const EMAIL: Argument = word(&["--email"], "Email address of the local account");

/// The commands.
pub const COMMANDS: &[&Command] = &[
    &call(
        &Parser::new("com.vmware.appliance.version1.localaccounts.user.add")
            .description("Create a new local user account.")
            .arguments(&[ROLE.required(), USERNAME, PASSWORD, FULLNAME, EMAIL]),
        add,
        &[
            documented("localaccounts.user.add --password: asks twice; the user is in /etc/passwd", ALL, GUIDE),
            inferred(
                "localaccounts.user.add: how long a password must be, and with which characters",
                ALL,
                "the rules of the installer for root's; wording of the errors",
            ),
        ],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.localaccounts.user.delete")
            .description("Delete a local user account.")
            .arguments(&[USERNAME]),
        |cx, parsed| {
            let id = cx.machine();
            let result = accounts::delete(cx.world, id, text(parsed, "username"));
            done(cx, result)
        },
        &[documented("localaccounts.user.delete", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.localaccounts.user.get")
            .description("Get the local user account information.")
            .arguments(&[USERNAME]),
        |cx, parsed| match accounts::get(cx.world, cx.machine(), text(parsed, "username")) {
            Ok(account) => reply(cx, Value::record([("Config", show(account))])),
            Err(error) => refuse(cx, &error),
        },
        &[inferred("localaccounts.user.get", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.localaccounts.user.list")
            .description("Get a list of the local user accounts."),
        |cx, _| {
            let all = accounts::list(cx.world, cx.machine()).into_iter().map(show).collect();
            reply(cx, Value::record([("Config", Value::List(all))]))
        },
        &[inferred("localaccounts.user.list: users whose login shell is the appliance shell", ALL, STRUCTURE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.localaccounts.user.password.update")
            .description(
                "Update the password of a logged in user or of the user that you specify in the username parameter.",
            )
            .arguments(&[USERNAME, PASSWORD]),
        update_password,
        &[documented("localaccounts.user.password.update --password", ALL, GUIDE)],
    ),
    &call(
        &Parser::new("com.vmware.appliance.version1.localaccounts.user.set")
            .description("Update local user account properties, such as role, full name, enabled status, and password.")
            .arguments(&[USERNAME, ROLE, FULLNAME, EMAIL, word(&["--status"], "User status: enabled or disabled")]),
        |cx, parsed| {
            let id = cx.machine();
            let result =
                changes(parsed).and_then(|changes| accounts::set(cx.world, id, text(parsed, "username"), changes));
            done(cx, result)
        },
        &[documented("localaccounts.user.set --role, --email, --fullname, --status", ALL, GUIDE)],
    ),
];

fn show(account: Shown) -> Value {
    Value::record([
        ("Username", account.username.into()),
        ("Role", account.role.word().into()),
        ("Fullname", account.fullname.into()),
        ("Status", if account.enabled { "enabled" } else { "disabled" }.into()),
        ("Passwordstatus", account.password.word().into()),
        ("Email", account.email.into()),
    ])
}

fn changes(parsed: &Parsed) -> Result<Changes, ApiError> {
    let role = |word: &str| {
        Role::of(word).ok_or_else(|| {
            ApiError::invalid(format!("Invalid role: {word}, must be one of operator, admin, superAdmin"))
        })
    };
    let status = |word: &str| match word {
        "enabled" => Ok(true),
        "disabled" => Ok(false),
        _ => Err(ApiError::invalid(format!("Invalid status: {word}, must be one of enabled, disabled"))),
    };
    let own = |name: &str| parsed.value(name).map(str::to_owned);
    Ok(Changes {
        role: parsed.value("role").map(role).transpose()?,
        fullname: own("fullname"),
        email: own("email"),
        enabled: if parsed.is_present("username") && declares_status(parsed) {
            parsed.value("status").map(status).transpose()?
        } else {
            None
        },
    })
}

/// Only `set` has a status.
fn declares_status(parsed: &Parsed) -> bool {
    parsed.name().ends_with("user.set")
}

fn add(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let name = text(parsed, "username").to_owned();
    let checked = changes(parsed).and_then(|changes| {
        accounts::check_new(cx.world, cx.machine(), &name, &changes)?;
        Ok(changes)
    });
    match checked {
        Ok(changes) => with_password(cx, parsed, move |cx, password| {
            let id = cx.machine();
            accounts::add(cx.world, id, &name, changes, password)
        }),
        Err(error) => refuse(cx, &error),
    }
}

fn update_password(cx: &mut Context<'_>, parsed: &Parsed) -> Outcome {
    let name = text(parsed, "username").to_owned();
    match accounts::get(cx.world, cx.machine(), &name) {
        Ok(_) => with_password(cx, parsed, move |cx, password| {
            let id = cx.machine();
            accounts::set_password(cx.world, id, &name, password)
        }),
        Err(error) => refuse(cx, &error),
    }
}
