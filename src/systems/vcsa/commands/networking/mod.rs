//! `networking.*`: names and name servers, the interface with its addresses and routes, the firewall, the proxy.

pub mod dns;
pub mod firewall;
pub mod interfaces;
pub mod ipv4;
pub mod ipv6;
pub mod proxy;
pub mod routes;

use crate::shell::argparse::Parsed;
use crate::shell::{Context, Outcome, Value};
use crate::systems::vcsa::api::nic;
use crate::systems::vcsa::commands::args::{refuse, reply, text};

/// How the only interface is shown.
type Show = fn(&Context<'_>) -> Value;

/// What `get` answers: the interface of the name that was given.
fn get(cx: &mut Context<'_>, parsed: &Parsed, show: Show) -> Outcome {
    match nic::find(text(parsed, "name")) {
        Ok(()) => {
            let shown = show(cx);
            reply(cx, Value::record([("Config", shown)]))
        }
        Err(error) => refuse(cx, &error),
    }
}

/// What `list` answers: all interfaces.
fn list(cx: &mut Context<'_>, show: Show) -> Outcome {
    let shown = show(cx);
    reply(cx, Value::record([("Config", Value::List(vec![shown]))]))
}
