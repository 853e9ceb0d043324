//! What the API commands have in common: how they are declared, the kinds of their arguments, how they answer.
//!
//! Truth: reference `appliance-shell.md` 1.2 for booleans and lists, 1.4 and 1.6 for names. That a call which fails says
//! `Error in method invocation` was seen of the same backend in the management page (1.3); the rest of the line is inferred.

use crate::shell::argparse::{Argument, Kind, Nargs, Parsed, Parser};
use crate::shell::command::{Command, Evidence, Grade, Run};
use crate::shell::coroutine::Chosen;
use crate::shell::{Context, Cx, Outcome, Task, Value};

use crate::systems::vcsa::api::ApiError;
use crate::systems::vcsa::api::accounts::SHORTEST_PASSWORD;
use crate::world::{MachineId, Password, World};

/// What an API command does.
pub type Body = fn(&mut Context<'_>, &Parsed) -> Outcome;

/// An API command; its name and its line are those of its parser.
pub const fn call(parser: &'static Parser, run: Body, evidence: &'static [Evidence]) -> Command {
    Command { name: parser.name(), summary: parser.about(), run: Run::Api(parser, run), evidence }
}

/// The releases that have what every release has.
pub const ALL: &str = "6.0 to 8.0";
/// The releases that have what came with 6.5.
pub const SINCE_6_5: &str = "6.5 to 8.0";

/// Something that follows from its family.
pub const fn inferred(what: &'static str, releases: &'static str, source: &'static str) -> Evidence {
    Evidence { what, releases, grade: Grade::Inferred, source }
}

/// Something that the vendor describes.
pub const fn documented(what: &'static str, releases: &'static str, source: &'static str) -> Evidence {
    Evidence { what, releases, grade: Grade::Documented, source }
}

/// Something that a golden shows.
pub const fn captured(what: &'static str, releases: &'static str, golden: &'static str) -> Evidence {
    Evidence { what, releases, grade: Grade::Captured, source: golden }
}

/// Something that the real appliance has and appsh does not.
pub const fn gap(what: &'static str, releases: &'static str) -> Evidence {
    Evidence { what, releases, grade: Grade::NotModelled, source: "" }
}

/// A text.
pub const fn word(name: &'static [&'static str], about: &'static str) -> Argument {
    Argument::option(name).metavar("STR").help(about)
}

/// A whole number.
pub const fn number(name: &'static [&'static str], about: &'static str) -> Argument {
    Argument::option(name).kind(Kind::Int).metavar("INT").help(about)
}

/// True or false, in either case.
pub const fn boolean(name: &'static [&'static str], about: &'static str) -> Argument {
    Argument::option(name).kind(Kind::Custom("boolean", is_boolean)).metavar("BOOL").help(about)
}

/// A secret, which is asked for unless it is given.
pub const fn secret(name: &'static [&'static str], about: &'static str) -> Argument {
    Argument::option(name).nargs(Nargs::Optional).metavar("STR").help(about)
}

fn is_boolean(word: &str) -> Result<(), Option<String>> {
    if to_boolean(word).is_some() { Ok(()) } else { Err(None) }
}

fn to_boolean(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The boolean that was given.
pub fn flag(parsed: &Parsed, name: &str) -> Option<bool> {
    parsed.value(name).and_then(to_boolean)
}

/// The text that was given; nothing is an empty one.
pub fn text<'a>(parsed: &'a Parsed, name: &str) -> &'a str {
    parsed.value(name).unwrap_or_default()
}

/// The parts of a list with commas between.
pub fn list(parsed: &Parsed, name: &str) -> Vec<String> {
    let parts = text(parsed, name).split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// An answer whose layout is that of its kind.
pub fn reply(cx: &mut Context<'_>, value: Value) -> Outcome {
    cx.screen.mark_inferred();
    Outcome::Reply(value)
}

/// An answer with one member.
pub fn member<T: Into<Value>>(
    cx: &mut Context<'_>,
    name: &'static str,
    read: impl FnOnce(&mut Context<'_>) -> T,
) -> Outcome {
    let value = read(cx).into();
    reply(cx, Value::record([(name, value)]))
}

/// The end of a setter: silent when it went well.
pub fn done(cx: &mut Context<'_>, result: Result<(), ApiError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Silent,
        Err(error) => refuse(cx, &error),
    }
}

/// Changes something of the session's machine.
pub fn change(cx: &mut Context<'_>, change: impl FnOnce(&mut World, MachineId) -> Result<(), ApiError>) -> Outcome {
    let id = cx.machine();
    let result = change(cx.world, id);
    done(cx, result)
}

/// What the shell says when a call fails.
pub fn refuse(cx: &mut Context<'_>, error: &ApiError) -> Outcome {
    cx.screen.mark_inferred();
    Outcome::Refused(format!("Error in method invocation {}\n", error.text), 1)
}

/// The values as a list.
pub fn values<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::List(values.into_iter().map(Into::into).collect())
}

/// A number of bytes, seconds and the like.
pub fn figure(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Does something with a password: asks for it twice where the line names it without a value. One on the line was blotted
/// out before anything saw it; its digest was handed on, unless it came out of a recording.
pub fn with_password(
    cx: &mut Context<'_>,
    parsed: &Parsed,
    then: impl FnOnce(&mut Context<'_>, Option<Password>) -> Result<(), ApiError> + Send + 'static,
) -> Outcome {
    if parsed.value("password").is_some()
        && let Some(chosen) = cx.session.given.take()
    {
        let result = good(chosen).and_then(|password| then(cx, Some(password)));
        return done(cx, result);
    }
    if parsed.value("password").is_some() {
        cx.aside("the password was blotted out of this line before: the one of root does instead");
        let result = then(cx, None);
        return done(cx, result);
    }
    Outcome::Task(Task::new(move |cx| async move {
        let asked = ask_password(&cx).await;
        cx.with(|cx| {
            let result = asked.and_then(|password| then(cx, Some(password)));
            let refused = result.is_err();
            done(cx, result).settle(cx);
            u8::from(refused)
        })
    }))
}

/// How a new password is asked for. `Enter Password:` was seen in a log; that a second question follows is told by the guide,
/// without its words.
pub const NEW_PASSWORD: [&str; 2] = ["Enter Password: ", "Reenter Password: "];

/// Puts a question whose words have no source.
fn question(cx: &Cx, text: &str) {
    cx.with(|cx| {
        cx.screen.mark_inferred();
        cx.screen.print(text);
    });
}

/// Asks so.
async fn ask_password(cx: &Cx) -> Result<Password, ApiError> {
    question(cx, NEW_PASSWORD[0]);
    let chosen = cx.new_secret(SHORTEST_PASSWORD).await;
    question(cx, NEW_PASSWORD[1]);
    let again = cx.new_secret(SHORTEST_PASSWORD).await;
    good(chosen)?;
    if again.password != chosen.password {
        return Err(ApiError::invalid("Passwords do not match"));
    }
    Ok(chosen.password)
}

/// A chosen password, if it is long enough and has characters of each kind.
///
/// # Errors
/// It is not.
pub fn good(chosen: Chosen) -> Result<Password, ApiError> {
    if !chosen.long_enough {
        return Err(ApiError::invalid(format!("Password must have at least {SHORTEST_PASSWORD} characters")));
    }
    if !chosen.varied {
        let kinds = "a capital letter, a small letter, a digit and another character";
        return Err(ApiError::invalid(format!("Password must have at least {kinds}")));
    }
    Ok(chosen.password)
}

/// Questions for what is kept nowhere.
pub async fn ask_in_vain(cx: &Cx, questions: &[impl AsRef<str>]) {
    for text in questions.iter().map(AsRef::as_ref) {
        question(cx, text);
        cx.secret().await;
    }
}
