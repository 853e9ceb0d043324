//! `curl` (7.29 and 7.61, RHEL 7 and 8; the others speak as 7.61 here): the pages that the machines of the lab serve, which
//! are described in square brackets where nothing is known of their text. Certificates are the machines' own, so https
//! takes `-k`; and ports over `telnet://`. `wget` is not modelled.

mod report;
mod telnet;

use super::getopt::{Given, Spec};
use super::input::given;
use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::family;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::neighbours;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{Ended, Mode, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("curl", curl), tool!("wget", wget)];

const SPEC: Spec = Spec {
    short: "sSkILfvC:w:o:Om:x:u:d:X:H:A:b:c:e:F:T:r:i#0123467nNgqhVGjJl",
    long: &[
        ("silent", 's'),
        ("show-error", 'S'),
        ("insecure", 'k'),
        ("head", 'I'),
        ("location", 'L'),
        ("fail", 'f'),
        ("verbose", 'v'),
        ("write-out:", 'w'),
        ("output:", 'o'),
        ("remote-name", 'O'),
        ("max-time:", 'm'),
        ("connect-timeout:", '%'),
        ("proxy:", 'x'),
        ("noproxy:", '*'),
        ("cacert:", '*'),
        ("user:", 'u'),
        ("data:", 'd'),
        ("request:", 'X'),
        ("header:", 'H'),
        ("include", 'i'),
        ("user-agent:", 'A'),
        ("cookie:", 'b'),
        ("referer:", 'e'),
        ("ipv4", '4'),
        ("ipv6", '6'),
        ("globoff", 'g'),
        ("no-buffer", 'N'),
        ("resolve:", '='),
        ("tlsv1.2", '*'),
        ("http1.1", '*'),
        ("compressed", '*'),
        ("retry:", '*'),
        ("max-redirs:", '*'),
        ("progress-bar", '#'),
        ("help", 'h'),
        ("version", 'V'),
    ],
    gaps: "",
};

const TRY: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/// The kernel gives up here when nobody says anything.
const SILENCE: Span = Span::secs(130);
/// ARP gives up.
const ARP: Span = Span::secs(3);
/// How a page begins that is not modelled.
const GAP: &str = "appsh: not modelled: ";
/// What an answer takes on a local network. Inferred.
const ANSWER: Span = Span::millis(12);

async fn wget(p: &mut Proc, _: &[String]) -> Ended {
    let other = p.peek(|linux| linux.fs.lookup(&Cred::ROOT, "/", "/usr/bin/curl").is_ok());
    p.gap(if other { "wget: use curl" } else { "wget" })
}

async fn curl(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, |complaint| {
        let option = complaint.rsplit(['\'', ' ']).find(|part| !part.is_empty()).unwrap_or_default();
        let option = if option.starts_with('-') { option.to_owned() } else { format!("-{option}") };
        let what = if complaint.contains("requires") { "requires parameter" } else { "is unknown" };
        p.err(&format!("curl: option {option}: {what}\n{TRY}")).await?;
        Ok(2)
    });
    let address = given.operands.first().and_then(|url| url.strip_prefix(telnet::SCHEME));
    let unknown = given.last_of("CxcFTr#01237nqhVGjJl6");
    if let Some(letter) = unknown {
        return p.gap(&format!("curl -{letter}"));
    }
    if let (Some(address), 1) = (address, given.operands.len()) {
        return telnet::run(p, &given, address).await;
    }
    if given.operands.is_empty() {
        p.err(&format!("curl: no URL specified!\n{TRY}")).await?;
        return Ok(2);
    }
    let mut status = 0;
    for (place, url) in given.operands.iter().enumerate() {
        status = match url.strip_prefix("file://") {
            Some(path) => local(p, &given, place, path).await?,
            None => one(p, &given, place, url).await?,
        };
    }
    Ok(status)
}

/// What is asked for: data go with a POST.
fn verb(given: &Given) -> &str {
    given.value('X').unwrap_or(if given.has('d') { "POST" } else { "GET" })
}

/// One of the addresses, by its place among them.
async fn one(p: &mut Proc, given: &Given, place: usize, text: &str) -> Ended {
    let url = match Url::read(text) {
        Ok(url) => url,
        Err(wrong) => return wrong.tell(p, given).await,
    };
    let began = p.now();
    let mut told = Told { url: text.to_owned(), ..Told::default() };
    let status = match fetch(p, given, &url, &mut told).await? {
        Ok(body) => deliver(p, given, place, &url, &body, &mut told).await?,
        Err(wrong) => {
            report::failed(p, given, &wrong.1).await?;
            wrong.tell(p, given).await?
        }
    };
    told.micros = p.now().since(began).as_micros();
    report::write_out(p, given, &told).await?;
    Ok(status)
}

/// A file of the machine itself.
async fn local(p: &mut Proc, given: &Given, place: usize, path: &str) -> Ended {
    let path = path.strip_prefix("localhost").unwrap_or(path);
    match p.read_path(path) {
        Ok(bytes) => put(p, given, place, path.rsplit('/').next().filter(|name| !name.is_empty()), &bytes).await,
        Err(_) => Wrong(37, format!("Couldn't open file {path}")).tell(p, given).await,
    }
}

/// What is known of a transfer once it is over.
#[derive(Default)]
pub struct Told {
    url: String,
    /// The number of the answer; 0 without one.
    code: u16,
    address: String,
    bytes: usize,
    micros: u64,
}

/// An address taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Url {
    secure: bool,
    host: String,
    port: u16,
    path: String,
}

/// Why nothing came: status and text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrong(u8, String);

impl Wrong {
    async fn tell(&self, p: &mut Proc, given: &Given) -> Ended {
        if !given.has('s') || given.has('S') {
            p.err(&format!("curl: ({}) {}\n", self.0, self.1)).await?;
        }
        Ok(self.0)
    }
}

impl Url {
    fn read(text: &str) -> Result<Self, Wrong> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let secure = match scheme.to_ascii_lowercase().as_str() {
            // Of FTP only what keeps a connection from coming about is known: no machine serves it.
            "http" | "ftp" => false,
            "https" => true,
            _ => return Err(Wrong(1, format!("Protocol \"{scheme}\" not supported or disabled in libcurl"))),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let bad = || Wrong(3, "Port number ended with ' '".to_owned());
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| bad())?),
            None if scheme.eq_ignore_ascii_case("ftp") => (authority, 21),
            None => (authority, if secure { 443 } else { 80 }),
        };
        if host.is_empty() {
            return Err(Wrong(3, "<url> malformed".to_owned()));
        }
        Ok(Self { secure, host: host.to_owned(), port, path })
    }

    /// What `-O` calls the file.
    fn file_name(&self) -> Option<&str> {
        let path = self.path.split('?').next().unwrap_or_default();
        path.rsplit('/').next().filter(|name| !name.is_empty())
    }
}

/// The page, or why there is none.
async fn fetch(p: &mut Proc, given: &Given, url: &Url, told: &mut Told) -> Result<Result<String, Wrong>, Cut> {
    let old = report::is_old(p);
    let here = |rule: &str| Some(rule.strip_prefix(&format!("{}:{}:", url.host, url.port))?.to_owned());
    let named = given.values('=').find_map(here).unwrap_or_else(|| url.host.clone());
    report::begins(p, given, url).await?;
    let Some(host) = p.world(|world, id| net::resolve(world, id, &named)) else {
        let more = if old { "; Unknown error" } else { "" };
        return Ok(Err(Wrong(6, format!("Could not resolve host: {}{more}", url.host))));
    };
    let failed = |why: &str| {
        let text = if old {
            format!("Failed connect to {}:{}; {why}", url.host, url.port)
        } else {
            format!("Failed to connect to {} port {}: {why}", url.host, url.port)
        };
        Wrong(7, text)
    };
    told.address = host.address.to_string();
    report::trying(p, given, &told.address).await?;
    match p.world(|world, _| neighbours::reach_port(world, &host, url.port)) {
        Reach::Up => {}
        Reach::Refused if given.has('v') => {
            report::refused(p, &told.address, url.port).await?;
            return Ok(Err(failed("Connection refused")));
        }
        Reach::Refused => return Ok(Err(failed("Connection refused"))),
        Reach::NoWay => return Ok(Err(failed(UNREACHABLE))),
        Reach::Barred => return Ok(Err(failed("No route to host"))),
        Reach::Silent => {
            return silence(p, given, &host).await.map(|wrong| Err(wrong.unwrap_or_else(failed)));
        }
    }
    p.pass(ANSWER).await?;
    report::connected(p, given, url, &told.address).await?;
    if url.port == net::SSH {
        return Ok(Err(Wrong(56, "Recv failure: Connection reset by peer".to_owned())));
    }
    if !net::WEB.contains(&url.port) {
        return Ok(Err(match url.secure {
            true => {
                Wrong(35, format!("OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to {}:{}", url.host, url.port))
            }
            false => Wrong(52, "Empty reply from server".to_owned()),
        }));
    }
    if url.secure && !given.has('k') {
        return Ok(Err(untrusted(old)));
    }
    // What stands behind port 443 does not speak without encryption, and the other way round.
    if url.secure && url.port == 80 {
        return Ok(Err(Wrong(35, "error:1408F10B:SSL routines:ssl3_get_record:wrong version number".to_owned())));
    }
    let verb = verb(given);
    if verb != "GET" {
        return Ok(Ok(format!("{GAP}what a server answers to {verb}")));
    }
    let page = p.world(|world, _| {
        host.machine.map_or(String::new(), |id| family(world, id).page(world, id, url.port, &url.path, None).text)
    });
    Ok(Ok(page))
}

/// What the kernel says where there is no way.
const UNREACHABLE: &str = "Network is unreachable";

/// Waits for somebody who does not answer: what curl says itself, or what the kernel tells it.
async fn silence(p: &mut Proc, given: &Given, host: &Host) -> Result<Result<Wrong, &'static str>, Cut> {
    let wanted = ['%', 'm'].iter().filter_map(|letter| given.value(*letter)?.parse::<f64>().ok());
    let limit = wanted.filter(|secs| (0.001..=1e6).contains(secs)).map(|secs| (secs * 1000.0).round() as u64).min();
    let near = p.world(|world, id| net::is_near(world, id, host));
    let (span, why) = if near { (ARP, "No route to host") } else { (SILENCE, "Connection timed out") };
    match limit.filter(|limit| Span::millis(*limit) < span) {
        Some(limit) => {
            p.pass(Span::millis(limit)).await?;
            Ok(Ok(Wrong(28, format!("Connection timed out after {limit} milliseconds"))))
        }
        None => {
            p.pass(span).await?;
            Ok(Err(why))
        }
    }
}

fn untrusted(old: bool) -> Wrong {
    let text = if old {
        "Peer's certificate issuer has been marked as not trusted by the user.\nMore details here: \
         http://curl.haxx.se/docs/sslcerts.html\n\ncurl performs SSL certificate verification by default, using a \
         \"bundle\"\n of Certificate Authority (CA) public keys (CA certs). If the default\n bundle file isn't adequate, you \
         can specify an alternate file\n using the --cacert option.\nIf this HTTPS server uses a certificate signed by a CA \
         represented in\n the bundle, the certificate verification probably failed due to a\n problem with the certificate \
         (it might be expired, or the name might\n not match the domain name in the URL).\nIf you'd like to turn off \
         curl's verification of the certificate, use\n the -k (or --insecure) option."
    } else {
        "SSL certificate problem: self signed certificate in certificate chain\nMore details here: \
         https://curl.haxx.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could \
         not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the \
         web page mentioned above."
    };
    Wrong(60, text.to_owned())
}

/// Puts the page where it goes.
async fn deliver(p: &mut Proc, given: &Given, place: usize, url: &Url, page: &str, told: &mut Told) -> Ended {
    if let Some(gap) = page.strip_prefix(GAP) {
        return p.gap(gap);
    }
    // No page is known to the letter.
    p.inferred();
    let status = status(page);
    let body = format!("{page}\n");
    (told.code, told.bytes) = (status.0, body.len());
    let heads = given.has('I');
    let head = report::answer(p, status, body.len());
    report::dialogue(p, given, url, if heads { "HEAD" } else { "GET" }, &head).await?;
    if given.has('f') && status.0 >= 400 {
        return Wrong(22, format!("The requested URL returned error: {} {}", status.0, status.1)).tell(p, given).await;
    }
    let text = match (heads, given.has('i')) {
        (true, _) => head,
        (false, true) => head + &body,
        (false, false) => body,
    };
    let ended = put(p, given, place, url.file_name(), text.as_bytes()).await?;
    report::left(p, given, url).await?;
    Ok(ended)
}

/// Writes what has come: into the file that belongs to this address, or out.
async fn put(p: &mut Proc, given: &Given, place: usize, own_name: Option<&str>, bytes: &[u8]) -> Ended {
    let mut outputs = given.options.iter().filter(|(letter, _)| matches!(letter, 'o' | 'O'));
    let file = match (outputs.nth(place), own_name) {
        (Some((_, Some(name))), _) => Some(name.clone()).filter(|name| name != "-"),
        (Some(_), Some(name)) => Some(name.to_owned()),
        (Some(_), None) => {
            p.err(&format!("curl: Remote file name has no length!\n{TRY}")).await?;
            return Ok(23);
        }
        (None, _) => None,
    };
    let terminal = p.files.is_terminal(1);
    if !given.has('s') && (file.is_some() || !terminal) {
        p.err(&progress(bytes.len())).await?;
    }
    let Some(file) = file else {
        p.write(1, bytes).await?;
        return Ok(0);
    };
    let written = p.open(&file, Mode::Write).and_then(|open| match &*open {
        Open::File(file) => p.append(file, bytes),
        _ => Ok(()),
    });
    match written {
        Ok(()) => Ok(0),
        Err(errno) => {
            if !given.has('s') {
                p.err(&format!("Warning: Failed to create the file {file}: {}\n", errno.text())).await?;
            }
            Wrong(23, "Failed writing body (0 != 1)".to_owned()).tell(p, given).await
        }
    }
}

/// Number and words of the answer, as the page begins with them where it is an error.
fn status(page: &str) -> (u16, &str) {
    let error = page.split_once(' ').and_then(|(number, rest)| {
        let number = number.parse::<u16>().ok().filter(|number| (400..600).contains(number))?;
        Some((number, rest.split(" (").next().unwrap_or(rest).lines().next().unwrap_or_default()))
    });
    error.unwrap_or((200, "OK"))
}

/// The meter as it is left standing.
fn progress(bytes: usize) -> String {
    let secs = ANSWER.as_micros().max(1);
    let rate = bytes as u64 * 1_000_000 / secs;
    let (bytes, rate) = (amount(bytes as u64), amount(rate));
    format!(
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n\
        \x20                                Dload  Upload   Total   Spent    Left  Speed\n\
         100 {bytes}  100 {bytes}    0     0  {rate}      0 --:--:-- --:--:-- --:--:-- {rate}\n"
    )
}

/// A number in five columns.
fn amount(number: u64) -> String {
    match number {
        0..100_000 => format!("{number:>5}"),
        100_000..10_240_000 => format!("{:>4}k", number / 1024),
        _ => format!("{:>4}M", number / (1024 * 1024)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let check = |text: &str, expect: Result<(bool, &str, u16, &str), u8>| {
            let read = Url::read(text).map(|url| (url.secure, url.host, url.port, url.path)).map_err(|wrong| wrong.0);
            let expect = expect.map(|(secure, host, port, path)| (secure, host.to_owned(), port, path.to_owned()));
            assert_eq!(read, expect, "{text}");
        };
        check("vcsa01", Ok((false, "vcsa01", 80, "/")));
        check("https://vcsa01:5480/a/b?c#d", Ok((true, "vcsa01", 5480, "/a/b?c")));
        check("HTTPS://u:p@vcsa01", Ok((true, "vcsa01", 443, "/")));
        check("http://vcsa01?x", Ok((false, "vcsa01", 80, "/?x")));
        check("ftp://vcsa01", Ok((false, "vcsa01", 21, "/")));
        check("gopher://vcsa01", Err(1));
        check("https://vcsa01:x/", Err(3));
        check("https://", Err(3));
    }

    #[test]
    fn an_error_is_told_by_the_beginning_of_the_page() {
        assert_eq!(status("503 Service Unavailable (Failed)"), (503, "Service Unavailable"));
        assert_eq!(status("[login page]"), (200, "OK"));
        assert_eq!(status("12 monkeys"), (200, "OK"));
    }
}
