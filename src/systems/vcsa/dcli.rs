//! `dcli`: the calls of the vAPI out of bash and as a plug-in, with a login of its own. Truth: reference `appliance-shell.md`
//! section 3, and `transcripts-shell/dcli-credentials-and-nested-output.txt` of 8.0: its questions, names and the layout of
//! structures. Of the calls those of the appliance are modelled: what the appliance shell has, too, does the same, and what the
//! management tells of updates and shutdowns. That of the capture is the only other one.

mod calls;
mod shown;
mod store;
mod update;
mod words;

use super::api::ApiError;
use super::{appliancesh, rights};
use crate::shell::coroutine::Await;
use crate::shell::{Context, Evidence, Grade, Outcome, Value, lex};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use calls::Call;
use shown::Form;
use words::{Order, Wish};

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
        what: "dcli +interactive: its prompt, $?; +formatter, +credstore-add, -list, -remove, -file; DCLI_SERVER, _USERNAME, _CREDFILE",
        releases: "6.5 to 8.0",
        grade: Grade::Documented,
        source: "the guide of 6.5 names them; what they print is from memory or the format's own rule",
    },
    Evidence {
        what: "dcli com vmware appliance update get, pending list, get, precheck; staged get, delete; policy get, set; shutdown",
        releases: "6.7 to 8.0",
        grade: Grade::Inferred,
        source: "members of the API's structures; how a call is spelled follows from the API's names",
    },
    Evidence {
        what: "dcli: without words, --help, a login that is wrong, single values, tables, what a call refuses, what the store holds",
        releases: "6.5 to 8.0",
        grade: Grade::Inferred,
        source: "from memory: no session shows them",
    },
    Evidence {
        what: "dcli com vmware appliance update pending stage, validate, install: software-packages does the same",
        releases: "6.7 to 8.0",
        grade: Grade::NotModelled,
        source: "",
    },
    Evidence {
        what: "dcli: all other calls but that export, the help of a namespace, Tab in +interactive, +formatter xml, html, other servers",
        releases: "6.5 to 8.0",
        grade: Grade::NotModelled,
        source: "",
    },
    Evidence { what: "dcli on 6.0", releases: "6.0", grade: Grade::NotModelled, source: "" },
];

/// The service behind all calls.
const ENDPOINT: &str = "vmware-vapi-endpoint";
/// What it shows where it waits for a call.
const PROMPT: &str = "dcli> ";
/// The longest line that it reads.
const LINE: usize = 4_096;

/// Without words.
const WELCOME: &str = "\
Welcome to VMware Datacenter CLI (DCLI)

usage: dcli <namespaces> <command>

To enter interactive shell mode: dcli +interactive
For detailed help please use: dcli --help
";

/// `dcli`
///
/// # Errors
/// [`Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    let formatters = p.world(|world, id| world.vcsa(id).series().dcli_formatters);
    if formatters.is_empty() {
        return p.gap(format!("{NAME} {}", arguments.join(" ")).trim_end());
    }
    let wish = match understood(p, arguments, formatters).await? {
        Ok(wish) => wish,
        Err(status) => return Ok(status),
    };
    if let Order::Interactive = wish.order {
        return interact(p, wish, formatters).await;
    }
    let mut known = None;
    carry_out(p, wish, &mut known).await
}

/// What was typed; the status where it is wrong, or not modelled, which has been said.
async fn understood(p: &mut Proc, arguments: &[String], formatters: &[&str]) -> Result<Result<Wish, u8>, Cut> {
    let found = match words::read(arguments, formatters) {
        Ok(wish) => {
            let server = p.env("DCLI_SERVER").filter(|server| !words::is_here(server)).map(str::to_owned);
            if let Some(server) = server {
                return Ok(Err(p.gap(&format!("{NAME} of another machine: {server}"))?));
            }
            let user = wish.user.clone().or_else(|| p.env("DCLI_USERNAME").map(str::to_owned));
            return Ok(Ok(Wish { user, ..wish }));
        }
        Err(found) => found,
    };
    Ok(Err(match found {
        words::Trouble::Wrong(text) => {
            p.inferred();
            p.err(&text).await?;
            2
        }
        words::Trouble::Gap(what) => p.gap(&what)?,
    }))
}

/// The prompt of its own, at which calls are typed without its name.
async fn interact(p: &mut Proc, first: Wish, formatters: &[&str]) -> Ended {
    let (mut known, mut status) = (None, 0);
    p.inferred();
    loop {
        let Some(typed) = question(p, PROMPT).await? else { return Ok(status) };
        let split = lex::split(&typed);
        let words: Vec<String> = split.words.iter().map(|word| (**word).to_owned()).collect();
        if let Some(complaint) = split.complaint {
            p.err(&format!("{}\n", complaint.text())).await?;
            status = 1;
            continue;
        }
        match words.first().map(String::as_str) {
            None => {}
            Some("exit" | "quit") => return Ok(status),
            Some("$?") => {
                p.out(&format!("{status}\n")).await?;
                status = 0;
            }
            Some(_) => {
                status = match understood(p, &words, formatters).await? {
                    Ok(wish) => carry_out(p, wish.within(&first), &mut known).await?,
                    Err(status) => status,
                };
            }
        }
    }
}

/// One order; who is logged in stays so at the prompt.
async fn carry_out(p: &mut Proc, wish: Wish, known: &mut Option<String>) -> Ended {
    match &wish.order {
        Order::Nothing | Order::Interactive => {
            p.inferred();
            p.out(WELCOME).await?;
            Ok(0)
        }
        Order::Help => {
            p.inferred();
            let formatters = p.world(|world, id| world.vcsa(id).series().dcli_formatters);
            p.out(&words::help(formatters)).await?;
            Ok(0)
        }
        Order::Saved => store::list(p, &wish).await,
        Order::Forget => store::remove(p, &wish).await,
        Order::Save => {
            let entered = log_in(p, &wish, false).await?;
            if let Some(name) = &entered {
                store::keep(p, &store::path(p, &wish), name);
            }
            Ok(u8::from(entered.is_none()))
        }
        Order::Call(words, arguments) => call(p, &wish, words, arguments, known).await,
    }
}

async fn call(p: &mut Proc, wish: &Wish, words: &str, arguments: &[String], known: &mut Option<String>) -> Ended {
    let line = p.world(|world, id| world.vcsa(id).series().line);
    let call = calls::find(words, line);
    // The help of a call is that of its parser, without a login.
    let helps = arguments.iter().any(|word| word == "-h" || word == "--help");
    if let Some(call) = call.filter(|_| helps) {
        let text = p.world(|world, id| calls::help(call, world.vcsa(id)));
        p.inferred();
        p.out(&text).await?;
        return Ok(0);
    }
    let user = match known.take() {
        Some(user) if wish.user.as_ref().is_none_or(|wanted| *wanted == user) => user,
        _ => match log_in(p, wish, true).await? {
            Some(user) => user,
            None => return Ok(1),
        },
    };
    *known = Some(user.clone());
    if !p.world(|world, id| world.vcsa(id).services.runs(ENDPOINT)) {
        p.inferred();
        return p.fail("Unable to connect to the server: 503 Service Unavailable").await;
    }
    let Some(call) = call else {
        let before = if words.starts_with("com ") { "" } else { words::APPLIANCE };
        return p.gap(format!("{NAME} {before}{words} {}", arguments.join(" ")).trim_end());
    };
    let outcome = p.cx.with(|cx| {
        let before = std::mem::replace(&mut cx.session.machine, p.machine);
        let outcome = answer(cx, &user, call, arguments);
        cx.session.machine = before;
        outcome
    });
    match outcome {
        Outcome::Reply(value) => {
            let table =
                matches!(inner(&value), Value::List(all) if all.iter().any(|one| matches!(one, Value::Record(_))));
            let form = wish.form.unwrap_or(if table { Form::Table } else { Form::Simple });
            if table || wish.form.is_some() {
                p.inferred();
            }
            p.out(&form.show(inner(&value))).await?;
            Ok(0)
        }
        Outcome::Silent => Ok(0),
        Outcome::Task(task) => appliancesh::carry_out(p, task).await,
        Outcome::Text(text) => {
            p.out(&text).await?;
            Ok(0)
        }
        Outcome::Refused(text, status) => {
            p.inferred();
            p.err(&text).await?;
            Ok(status)
        }
        Outcome::Gap(what) => p.gap(&what),
    }
}

/// What stands in an answer: without the name that the appliance shell puts above it.
fn inner(value: &Value) -> &Value {
    match value {
        Value::Record(members) if members.len() == 1 => &members[0].1,
        other => other,
    }
}

/// The name of whoever is let in; what is wrong has been said. One who may `save` the credentials is asked for that.
async fn log_in(p: &mut Proc, wish: &Wish, save: bool) -> Result<Option<String>, Cut> {
    let path = store::path(p, wish);
    let saved = store::names(p, &path).into_iter().find(|name| wish.user.as_ref().is_none_or(|user| user == name));
    // What stands in the file is no password: it counts for those who have logged in and had it saved.
    if let Some(name) = saved.filter(|name| save && p.world(|world, id| world.vcsa(id).knows_credentials(name))) {
        return Ok(Some(name));
    }
    if let (true, Some(user)) = (wish.has_password, &wish.user) {
        // A password on the line was blotted out; its digest was handed on.
        let given = p.cx.with(|cx| cx.session.given.take()).map(|chosen| chosen.password);
        let account = p.world(|world, id| {
            let vcsa = world.vcsa(id);
            let right = vcsa.sso_user(user).is_some_and(|own| own.password.is_none() || own.password == given);
            vcsa.sso_account(user).filter(|_| right)
        });
        let Some(account) = account else {
            p.inferred();
            p.fail("Invalid username or password").await?;
            return Ok(None);
        };
        return Ok(Some(account.name));
    }
    if !p.files.is_terminal(0) {
        p.gap("dcli where nobody answers its questions")?;
        return Ok(None);
    }
    let name = match &wish.user {
        Some(user) => user.clone(),
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
    if !save {
        return Ok(Some(account.name));
    }
    let save = question(p, "Do you want to save credentials in the credstore? (y or n) [y]:").await?;
    if !matches!(save.as_deref(), None | Some("n" | "N" | "no" | "No")) {
        store::keep(p, &path, &account.name);
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

/// What a call answers, if its user may make it.
fn answer(cx: &mut Context<'_>, user: &str, call: &'static Call, arguments: &[String]) -> Outcome {
    let dialect = super::appliance::dialect(cx.vcsa());
    let parsed = match calls::parser(call).parse(dialect, 80, arguments) {
        Ok(parsed) => parsed,
        Err(stop) => return Outcome::Refused(stop.stderr, stop.status),
    };
    if cx.vcsa().role_of(user) < call.needs() {
        return refused("unauthorized", rights::DENIED.trim_end());
    }
    match call.body()(cx, &parsed) {
        // A call of the appliance shell refuses in the words of that.
        Outcome::Refused(text, _) => match text.strip_prefix("Error in method invocation ") {
            Some(text) => refused("error", text.trim_end()),
            None => Outcome::Refused(text, 1),
        },
        other => other,
    }
}

/// How it tells of an error of the API.
fn refused(kind: &str, text: &str) -> Outcome {
    Outcome::Refused(format!("Server error: com.vmware.vapi.std.errors.{kind}\nError message:\n    * {text}\n"), 1)
}

/// The same for an error as the API has it.
fn failed(error: &ApiError) -> Outcome {
    refused(error.kind.name(), &error.text)
}
