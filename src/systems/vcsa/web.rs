//! What a browser gets from the appliance, as text, and what the client's About says.
//!
//! Reference `web-client-while-starting.md`: 503 while the web client is not there yet, then its own line, then the login
//! page; no management page on port 5480 in 6.0 GA, back in 6.0 U1. That a stale cache leaves the browser on a frozen page
//! after an update is told by the founding document. Pages are described in square brackets in our own words.

use super::faults::distrusts_all;
use super::model::{Phase, Vcsa};
use super::services::{HTML_CLIENT, REVERSE_PROXY, State, VCENTER, WEB_CLIENT};
use crate::payload::catalog::{self, Advisory};
use crate::shell::{Evidence, Grade};
use crate::systems::family::Page;

/// What stands before the reverse proxy from 7.0 on.
const ENVOY: &str = "vmware-envoy";

/// How well the web pages are known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "browser: 503, initializing, login page, port 5480 refused on GA and back in U1",
        releases: "6.0",
        grade: Grade::Documented,
        source: "the founding document quotes them",
    },
    Evidence {
        what: "browser: the frozen page of a stale cache; the client's About; the advisory",
        releases: "6.0",
        grade: Grade::Inferred,
        source: "told without their text; the advisory from memory",
    },
    Evidence {
        what: "browser: /ui from 6.5 on, /vsphere-client up to 6.7",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "which services there are is captured; the paths of their pages, and what is said while they are down, are from memory",
    },
    Evidence {
        what: "browser: the page at /, port 80 leads to 443, every other but 5480 refused",
        releases: "6.0",
        grade: Grade::Inferred,
        source: "from memory: no source tells what the real one does there",
    },
];

/// What the browser shows for `path` on `port`; `cached` is the version whose files it kept from an earlier visit.
#[must_use]
pub fn page(vcsa: &Vcsa, port: u16, path: &str, cached: Option<&str>) -> Page {
    match vcsa.phase {
        Phase::Up | Phase::Stopping(_) => {}
        Phase::Network => return Page::new("[connection refused]"),
        Phase::Off | Phase::Loading => return Page::new("[connection timed out]"),
    }
    match port {
        443 => behind_proxy(vcsa, path, cached),
        80 if vcsa.services.runs(REVERSE_PROXY) => Page { leads_to: Some(443), ..Page::new(MOVED) },
        5480 => management(vcsa),
        _ => Page::new("[connection refused]"),
    }
}

/// What the proxy says without encryption.
const MOVED: &str = "<HTML><BODY><H1>301 Moved Permanently</H1></BODY></HTML>";

fn behind_proxy(vcsa: &Vcsa, path: &str, cached: Option<&str>) -> Page {
    if !vcsa.services.runs(REVERSE_PROXY) {
        return Page::new("[connection refused]");
    }
    let path = path.trim_end_matches('/');
    match CLIENTS.iter().find(|client| client.path == path) {
        Some(client) if !client.is_on(vcsa) => Page::new("404 Not Found"),
        Some(client) if distrusts_all(vcsa) => Page::new(format!(
            "[login page of the {}: it lets nobody in, the signing certificate is not valid at this time]",
            client.name
        )),
        Some(client) => of_client(vcsa, client, cached),
        None if path.is_empty() => Page::new(getting_started(vcsa)),
        None => Page::new(format!("appsh: not modelled: the page {path}")),
    }
}

/// A client that a browser runs: that of Flash up to 6.7, that of HTML from 6.5 on.
struct Client {
    path: &'static str,
    name: &'static str,
    service: &'static str,
    /// Where its server listens, which error pages tell.
    port: u16,
}

const CLIENTS: [Client; 2] = [
    Client { path: "/ui", name: "vSphere Client", service: HTML_CLIENT, port: 5090 },
    Client { path: "/vsphere-client", name: "vSphere Web Client", service: WEB_CLIENT, port: 9090 },
];

impl Client {
    fn is_on(&self, vcsa: &Vcsa) -> bool {
        vcsa.services.definitions().iter().any(|definition| definition.name == self.service)
    }
}

fn getting_started(vcsa: &Vcsa) -> String {
    let names: Vec<&str> = CLIENTS.iter().filter(|client| client.is_on(vcsa)).map(|client| client.name).collect();
    format!("[Getting Started page: it links to the {}]", names.join(" and the "))
}

fn of_client(vcsa: &Vcsa, client: &Client, cached: Option<&str>) -> Page {
    match vcsa.services.state(client.service) {
        State::Stopped | State::Failed => Page::new(unavailable(vcsa, client)),
        State::StartPending => Page::new("The vSphere Client web server is initializing"),
        State::Running | State::StopPending => login_page(vcsa, client, cached),
    }
}

/// What the proxy says of a server that does not answer; from 7.0 on that proxy is Envoy, whose words these are.
fn unavailable(vcsa: &Vcsa, client: &Client) -> String {
    if vcsa.services.find(ENVOY).is_some() {
        return "no healthy upstream".to_owned();
    }
    let action = vcsa.series().proxy_tells;
    let Client { path, port, .. } = client;
    format!(
        "503 Service Unavailable (Failed to connect to endpoint: [N7Vmacore4Http16LocalServiceSpecE:0x{:012x}] \
         _serverNamespace = {path} {action} _port = {port})",
        vcsa.proxy_pointer
    )
}

fn login_page(vcsa: &Vcsa, client: &Client, cached: Option<&str>) -> Page {
    let version = &vcsa.running.version;
    match cached.filter(|cached| cached != version) {
        Some(old) => Page {
            signs_in: true,
            ..Page::new(format!(
                "[a page that never finishes loading: the browser's cache holds files of {old}, the server is {version}]"
            ))
        },
        None => Page {
            caches: Some(version.clone()),
            signs_in: true,
            ..Page::new(format!("[login page of the {}]", client.name))
        },
    }
}

/// The management page: gone in 6.0 GA, back from 6.0 U1 on.
fn management(vcsa: &Vcsa) -> Page {
    if vcsa.series().management_page && vcsa.management_up() {
        match vcsa.software_update.state.complaint().filter(|_| !vcsa.tool_busy && vcsa.series().update_state.is_told())
        {
            Some(complaint) => Page::new(format!("[appliance management, Update: {complaint}]")),
            None => Page::new("[login page of the appliance management]"),
        }
    } else {
        Page::new("[connection refused]")
    }
}

/// What Help > About of the client says, once one can log in to it, and whether this vCenter is affected by the advisory.
#[must_use]
pub fn about(vcsa: &Vcsa) -> Option<String> {
    let needed = [VCENTER, vcsa.services.web_client(), REVERSE_PROXY];
    if !needed.iter().all(|name| vcsa.services.runs(name)) {
        return None;
    }
    let (version, build) = (&vcsa.running.vcenter_version, &vcsa.running.vcenter_build);
    let client = CLIENTS.iter().find(|client| client.service == vcsa.services.web_client());
    let client = client.map_or("vSphere Client", |client| client.name);
    let mut text =
        format!("{client} version {version} build {build}\nvCenter Server version {version} build {build}\n");
    let build = build.parse::<u64>().unwrap_or_default();
    for (Advisory { id, about }, corrected) in catalog::advisories(vcsa.series().line.text()) {
        let affected = catalog::releases()[corrected].vcenter_build.parse().is_ok_and(|first: u64| build < first);
        let verdict = if affected { "affected by" } else { "not affected by" };
        text.push_str(&format!("This release is {verdict} {id} ({about})\n"));
    }
    Some(text)
}
