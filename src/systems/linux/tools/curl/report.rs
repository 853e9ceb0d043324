//! What `curl` tells of a transfer beside the page: the lines of `-v`, the answer's head, the text of `-w`. The words are those
//! of 7.29 (RHEL 7) and 7.61; what they say of a handshake is left out, and said to be.

use super::{Told, Url};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::getopt::Given;

/// Whether it is the curl of RHEL 7.
pub fn is_old(p: &Proc) -> bool {
    p.peek(|linux| linux.distro.id.starts_with("rhel-7"))
}

/// A line of `-v`.
async fn tell(p: &mut Proc, given: &Given, text: &str) -> Result<(), Cut> {
    if given.has('v') { p.err(&format!("* {text}\n")).await } else { Ok(()) }
}

/// Before anything is looked for.
pub async fn begins(p: &mut Proc, given: &Given, url: &Url) -> Result<(), Cut> {
    if is_old(p) {
        return tell(p, given, &format!("About to connect() to {} port {} (#0)", url.host, url.port)).await;
    }
    if url.path == "/" && given.operands.iter().any(|text| text.contains(&url.host) && !text.ends_with('/')) {
        let (scheme, port) = if url.secure { ("https", 443) } else { ("http", 80) };
        let port = if url.port == port { String::new() } else { format!(":{}", url.port) };
        tell(p, given, &format!("Rebuilt URL to: {scheme}://{}{port}/", url.host)).await?;
    }
    Ok(())
}

pub async fn trying(p: &mut Proc, given: &Given, address: &str) -> Result<(), Cut> {
    tell(p, given, &format!("  Trying {address}...")).await?;
    if is_old(p) { Ok(()) } else { tell(p, given, "TCP_NODELAY set").await }
}

/// Nobody listens.
pub async fn refused(p: &mut Proc, address: &str, port: u16) -> Result<(), Cut> {
    let text = if is_old(p) {
        "* Connection refused\n".to_owned()
    } else {
        format!("* connect to {address} port {port} failed: Connection refused\n")
    };
    p.err(&text).await
}

/// Nothing has come of it.
pub async fn failed(p: &mut Proc, given: &Given, why: &str) -> Result<(), Cut> {
    tell(p, given, why.lines().next().unwrap_or_default()).await?;
    tell(p, given, "Closing connection 0").await
}

pub async fn connected(p: &mut Proc, given: &Given, url: &Url, address: &str) -> Result<(), Cut> {
    tell(p, given, &format!("Connected to {} ({address}) port {} (#0)", url.host, url.port)).await?;
    if given.has('v') && url.secure {
        p.cx.with(|cx| cx.screen.aside("not modelled: what curl -v tells of the handshake"));
    }
    Ok(())
}

/// The head of an answer.
pub fn answer(p: &Proc, (number, words): (u16, &str), length: usize) -> String {
    let zone = p.peek(|linux| Zone::utc().by_clock_of(&linux.zone));
    let date = clock::format("%a, %d %b %Y %H:%M:%S GMT", p.now().utc().unix_timestamp(), 0, &zone);
    format!("HTTP/1.1 {number} {words}\r\nDate: {date}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n")
}

/// What is asked, and the head of the answer.
pub async fn dialogue(p: &mut Proc, given: &Given, url: &Url, verb: &str, head: &str) -> Result<(), Cut> {
    if !given.has('v') {
        return Ok(());
    }
    let version = p.peek(|linux| linux.distro.version_of("curl")).unwrap_or("7.61.1");
    let usual = if url.secure { 443 } else { 80 };
    let port = if url.port == usual { String::new() } else { format!(":{}", url.port) };
    let host = format!("Host: {}{port}", url.host);
    let agent = format!("User-Agent: {}", given.value('A').map_or(format!("curl/{version}"), str::to_owned));
    // That of RHEL 7 names itself before the host.
    let mut lines = if is_old(p) { vec![agent, host] } else { vec![host, agent] };
    lines.push("Accept: */*".to_owned());
    if given.has('u') {
        // What it would say is a secret.
        lines.insert(usize::from(!is_old(p)), "Authorization: Basic ********".to_owned());
    }
    lines.extend(given.value('e').map(|text| format!("Referer: {text}")));
    lines.extend(given.value('b').map(|text| format!("Cookie: {text}")));
    lines.extend(given.values('H').map(str::to_owned));
    let asked: String = lines.iter().map(|line| format!("> {line}\r\n")).collect();
    let answer: String = head.split_inclusive("\r\n").map(|line| format!("< {line}")).collect();
    p.err(&format!("> {verb} {} HTTP/1.1\r\n{asked}> \r\n{answer}", url.path)).await
}

/// The connection stays.
pub async fn left(p: &mut Proc, given: &Given, url: &Url) -> Result<(), Cut> {
    tell(p, given, &format!("Connection #0 to host {} left intact", url.host)).await
}

/// What `-w` wants to know.
pub async fn write_out(p: &mut Proc, given: &Given, told: &Told) -> Result<(), Cut> {
    let Some(format) = given.value('w').map(str::to_owned) else { return Ok(()) };
    if format.starts_with('@') {
        return p.gap("curl -w @FILE").map(|_| ());
    }
    let secs = |micros: u64| {
        let digits = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        if is_old(p) { digits[..digits.len() - 3].to_owned() } else { digits }
    };
    let (mut text, mut rest) = (String::new(), format.as_str());
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        if letter == '\\' {
            let next = rest.chars().next();
            rest = &rest[next.map_or(0, char::len_utf8)..];
            match next {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other) => text.extend(['\\', other]),
                None => text.push('\\'),
            }
        } else if let Some((name, behind)) =
            rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).filter(|_| letter == '%')
        {
            rest = behind;
            let answered = told.code > 0;
            match name {
                "http_code" | "response_code" => text.push_str(&format!("{:03}", told.code)),
                "url_effective" => text.push_str(&told.url),
                "remote_ip" => text.push_str(if answered { &told.address } else { "" }),
                "size_download" => text.push_str(&told.bytes.to_string()),
                "content_type" => text.push_str(if answered { "text/html" } else { "" }),
                "num_connects" => text.push_str(if answered { "1" } else { "0" }),
                "num_redirects" | "size_upload" => text.push('0'),
                "time_total" => text.push_str(&secs(told.micros)),
                "time_connect" | "time_starttransfer" | "time_appconnect" | "time_pretransfer" if answered => {
                    text.push_str(&secs(told.micros));
                }
                "time_namelookup" | "time_redirect" => text.push_str(&secs(0)),
                "ssl_verify_result" => text.push_str(if answered && given.has('k') { "19" } else { "0" }),
                name => return p.gap(&format!("curl -w %{{{name}}}")).map(|_| ()),
            }
        } else if letter == '%' && rest.starts_with('%') {
            rest = &rest[1..];
            text.push('%');
        } else {
            text.push(letter);
        }
    }
    p.out(&text).await
}
