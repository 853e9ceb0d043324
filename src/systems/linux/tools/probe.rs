//! Programs that look for others over the network: `nslookup`, `dig`, `host` (they ask the name server of the lab's network,
//! which few labs have, and do not read `/etc/hosts`), `traceroute`, `tracepath`, and `nc -z`. Texts and times are as known, without a transcript.

use super::getopt::Spec;
use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::neighbours;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;
use crate::world::{MachineId, World};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("dig", dig),
    tool!("host", lookup),
    tool!("nc", nc),
    tool!("netcat", nc),
    tool!("nslookup", nslookup),
    tool!("tracepath", tracepath),
    tool!("tracepath6", tracepath6),
    tool!("traceroute", traceroute),
];

/// The longest name that is typed.
const NAME: usize = 1_024;
/// Three questions, five seconds each.
const NO_SERVER: Span = Span::secs(15);
/// ARP gives up.
const ARP: Span = Span::secs(3);
/// How far traceroute looks.
const HOPS: u32 = 30;

async fn unanswered(p: &mut Proc, before: &str, status: u8) -> Ended {
    p.inferred();
    p.pass(NO_SERVER).await?;
    p.out(&format!("{before};; connection timed out; no servers could be reached\n")).await?;
    Ok(status)
}

async fn nslookup(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments {
        [name] if !name.starts_with('-') => look_up(p, name, None).await,
        [name, server] if !name.starts_with('-') && !server.starts_with('-') => look_up(p, name, Some(server)).await,
        [] => ask_names(p).await,
        [option] if ["--help", "-help", "-h", "-?"].contains(&option.as_str()) => {
            p.inferred();
            p.out(&format!("*** Invalid option: {}\n", &option[1..])).await?;
            ask_names(p).await
        }
        _ => p.gap("nslookup but for one name, and of one server"),
    }
}

/// Names that are typed one after another.
async fn ask_names(p: &mut Proc) -> Ended {
    let mut server = None;
    loop {
        if p.files.is_terminal(0) {
            p.out("> ").await?;
        }
        let typed = p.read_until(0, NAME, Some(b'\n')).await?;
        if typed.is_empty() {
            return Ok(0);
        }
        let line = String::from_utf8_lossy(&typed).into_owned();
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [] => {}
            ["exit"] => return Ok(0),
            ["server", name] => match find(p, name) {
                Some(host) => {
                    p.inferred();
                    p.out(&format!("Default server: {name}\nAddress: {}#53\n", host.address)).await?;
                    server = Some(name.to_owned());
                }
                None => p.err(&format!("nslookup: couldn't get address for '{name}': not found\n")).await?,
            },
            [word, ..] if ["help", "?", "lserver", "root", "set", "server"].contains(&word) => {
                p.gap(&format!("nslookup: {}", line.trim()))?;
            }
            [name] => {
                look_up(p, name, server.as_ref()).await?;
            }
            [name, asked, ..] => {
                look_up(p, name, Some(&asked.to_owned())).await?;
            }
        }
    }
}

async fn look_up(p: &mut Proc, name: &str, asking: Option<&String>) -> Ended {
    // A server is told by what it was called, and by its address.
    let server = match asking {
        None => p.world(|world, id| net::name_server(world, id)).map(|server| (server.clone(), server)),
        Some(called) => {
            let Some(host) = find(p, called) else {
                p.inferred();
                p.err(&format!("nslookup: couldn't get address for '{called}': not found\n")).await?;
                return Ok(1);
            };
            let serves = p.world(|world, id| net::serves_names(world, id, &host.address));
            serves.then(|| (called.clone(), host.address))
        }
    };
    let Some((called, server)) = server else {
        let ended = unanswered(p, "", 1).await?;
        p.out("\n").await?;
        return Ok(ended);
    };
    p.inferred();
    let head = format!("Server:\t\t{called}\nAddress:\t{server}#53\n\n");
    // Only the name server itself knows for certain.
    let hearsay = if server.starts_with("127.") { "Non-authoritative answer:\n" } else { "" };
    let (answer, status) = match p.world(|world, _| asked(world, name)) {
        Ok(Answer::Address(name, address)) => (format!("{head}{hearsay}Name:\t{name}\nAddress: {address}\n"), 0),
        // Who is asked for by address is told without saying by whom.
        Ok(Answer::Name(question, name)) => {
            let end = if hearsay.is_empty() { "" } else { "\nAuthoritative answers can be found from:\n" };
            (format!("{question}\tname = {name}.\n{end}"), 0)
        }
        Err(question) if question == *name => (format!("{head}** server can't find {question}: NXDOMAIN\n"), 1),
        Err(question) => (format!("** server can't find {question}: NXDOMAIN\n"), 1),
    };
    p.out(&format!("{answer}\n")).await?;
    Ok(status)
}

/// What the name server says.
enum Answer {
    /// The name as it knows it, and its address.
    Address(String, String),
    /// The name that was asked for by address, and what it is.
    Name(String, String),
}

/// Asks the name server for a name, or for what has an address; without an answer, what it was asked for.
fn asked(world: &World, name: &str) -> Result<Answer, String> {
    let Ok(address) = name.parse::<std::net::Ipv4Addr>() else {
        return net::address_of(world, name)
            .map(|(name, address)| Answer::Address(name, address))
            .ok_or(name.to_owned());
    };
    let [a, b, c, d] = address.octets();
    let question = format!("{d}.{c}.{b}.{a}.in-addr.arpa");
    match net::name_of(world, name) {
        Some(name) => Ok(Answer::Name(question, name)),
        None => Err(question),
    }
}

async fn lookup(p: &mut Proc, arguments: &[String]) -> Ended {
    match arguments {
        [name] if !name.starts_with('-') => {
            if p.world(|world, id| net::name_server(world, id)).is_none() {
                return unanswered(p, "", 1).await;
            }
            p.inferred();
            let (answer, status) = match p.world(|world, _| asked(world, name)) {
                Ok(Answer::Address(name, address)) => (format!("{name} has address {address}\n"), 0),
                Ok(Answer::Name(question, name)) => (format!("{question} domain name pointer {name}.\n"), 0),
                Err(question) => (format!("Host {question} not found: 3(NXDOMAIN)\n"), 1),
            };
            p.out(&answer).await?;
            Ok(status)
        }
        _ => p.gap("host but for one name"),
    }
}

async fn dig(p: &mut Proc, arguments: &[String]) -> Ended {
    let version = match p.peek(|linux| linux.distro.id) {
        "rhel-7.5" => "9.9.4-RedHat-9.9.4-61.el7",
        "rhel-7.9" => "9.11.4-P2-RedHat-9.11.4-26.P2.el7",
        "rhel-8.5" => "9.11.26-RedHat-9.11.26-6.el8",
        "rhel-8.6" => "9.11.36-RedHat-9.11.36-3.el8",
        _ => return p.gap("dig on this distribution"),
    };
    if let Some(option) = arguments.iter().find(|word| word.starts_with(['-', '@'])) {
        return p.gap(&format!("dig {option}"));
    }
    if p.world(|world, id| net::name_server(world, id)).is_some() {
        return p.gap("dig where there is a name server");
    }
    if arguments.iter().any(|word| word == "+short") {
        return unanswered(p, "", 9).await;
    }
    let command = arguments.join(" ");
    unanswered(p, &format!("\n; <<>> DiG {version} <<>> {command}\n;; global options: +cmd\n"), 9).await
}

const ROUTE: Spec = Spec { short: "4nITU", long: &[], gaps: "6 d F m: q: w: f: p:" };

/// Finds a host, or says that there is none of that name.
fn find(p: &Proc, name: &str) -> Option<Host> {
    p.world(|world, id| net::resolve(world, id, name))
}

fn trip(p: &Proc) -> u64 {
    p.world(|world, _| world.streams.between("ping", 180, 520))
}

async fn traceroute(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &ROUTE, arguments, |_| p.gap("traceroute with this option"));
    let [name] = &given.operands[..] else { return p.gap("traceroute but to one host") };
    let Some(host) = find(p, name) else {
        let count = arguments.len();
        p.err(&format!(
            "{name}: Name or service not known\nCannot handle \"host\" cmdline arg `{name}' on position {count} (argc {count})\n"
        ))
        .await?;
        return Ok(2);
    };
    p.inferred();
    p.out(&format!("traceroute to {name} ({}), {HOPS} hops max, 60 byte packets\n", host.address)).await?;
    let shown = |name: &str, address: &str| {
        if given.has('n') { address.to_owned() } else { format!("{name} ({address})") }
    };
    let (reach, near) = p.world(|world, id| (neighbours::reach(world, &host), net::is_near(world, id, &host)));
    match (reach, near) {
        (Reach::Up | Reach::Refused, _) => {
            let mut line = format!(" 1  {}", shown(&host.name, &host.address));
            for _ in 0..3 {
                let micros = trip(p);
                p.pass(Span::micros(micros)).await?;
                line.push_str(&format!("  0.{micros:03} ms"));
            }
            p.out(&format!("{line}\n")).await?;
        }
        (Reach::NoWay, _) => {
            p.err("connect: Network is unreachable\n").await?;
            return Ok(1);
        }
        (Reach::Silent, true) => {
            p.pass(ARP).await?;
            let (own, address) =
                p.world(|world, id| (world.linux(id).hostname.clone(), world.machine(id).address.clone()));
            let mut line = format!(" 1  {}", shown(&own, &address));
            for _ in 0..3 {
                line.push_str(&format!("  3000.{:03} ms !H", trip(p)));
            }
            p.out(&format!("{line}\n")).await?;
        }
        (Reach::Silent, false) => {
            for hop in 1..=HOPS {
                p.pass(Span::secs(5)).await?;
                p.out(&format!("{hop:>2}  * * *\n")).await?;
            }
        }
    }
    Ok(0)
}

async fn tracepath(p: &mut Proc, arguments: &[String]) -> Ended {
    trace(p, arguments, net::resolve).await
}

async fn tracepath6(p: &mut Proc, arguments: &[String]) -> Ended {
    trace(p, arguments, net::resolve6).await
}

async fn trace(p: &mut Proc, arguments: &[String], resolve: fn(&World, MachineId, &str) -> Option<Host>) -> Ended {
    let program = p.name.clone();
    let name = match arguments {
        [] => return trace_usage(p, "").await,
        [option] if option.starts_with("--") || option == "-h" => {
            let letter = option.chars().nth(1).unwrap_or('-');
            return trace_usage(p, &format!("{program}: invalid option -- '{letter}'\n")).await;
        }
        [option] if option.starts_with('-') => return p.gap(&format!("{program} {option}")),
        [name] => name,
        _ => return p.gap(&format!("{program} but to one host")),
    };
    let Some(host) = p.world(|world, id| resolve(world, id, name)) else {
        return p.fail(&format!("{name}: Name or service not known")).await;
    };
    p.inferred();
    p.out(" 1?: [LOCALHOST]                      pmtu 1500\n").await?;
    let (reach, near) = p.world(|world, id| (neighbours::reach(world, &host), net::is_near(world, id, &host)));
    if reach == Reach::NoWay {
        p.out(" 1:  send failed\n     Resume: pmtu 1500 \n").await?;
        return Ok(0);
    }
    if reach == Reach::Silent && near {
        p.pass(ARP).await?;
        let own = p.peek(|linux| linux.hostname.clone());
        p.out(&format!(" 1:  {own:<52}  3000.{:03}ms !H\n     Resume: pmtu 1500 \n", trip(p))).await?;
        return Ok(0);
    }
    if reach == Reach::Silent {
        for hop in 1..=HOPS {
            p.pass(Span::secs(3)).await?;
            p.out(&format!("{hop:>2}:  no reply\n")).await?;
        }
        p.out("     Too many hops: pmtu 1500\n     Resume: pmtu 1500 \n").await?;
        return Ok(0);
    }
    for _ in 0..2 {
        let micros = trip(p);
        p.pass(Span::micros(micros)).await?;
        p.out(&format!(" 1:  {:<52}  0.{micros:03}ms reached\n", host.name)).await?;
    }
    p.out("     Resume: pmtu 1500 hops 1 back 1 \n").await?;
    Ok(0)
}

/// What it takes, as each version says it (from memory).
async fn trace_usage(p: &mut Proc, before: &str) -> Ended {
    p.inferred();
    let program = p.name.clone();
    let (vendor, major, id) = p.peek(|linux| (linux.distro.vendor, linux.distro.major, linux.distro.id));
    let usage = match vendor {
        Vendor::Suse => format!("Usage: {program} [-n] [-l <len>] <destination>[/<port>]\n"),
        _ if vendor == Vendor::RedHat && major < 8 || id == "photon-1" => {
            format!("Usage: {program} [-n] [-b] [-l <len>] [-p port] <destination>\n")
        }
        _ => TRACE_USAGE.to_owned(),
    };
    p.err(&format!("{before}{usage}")).await?;
    Ok(255)
}

const TRACE_USAGE: &str = "
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).
";

const NC: Spec = Spec { short: "46nuzvw:lkp:s:i:", long: &[], gaps: "" };

async fn nc(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &NC, arguments, |_| p.gap("nc with this option"));
    let version = match p.peek(|linux| (linux.distro.vendor, linux.distro.major)) {
        (Vendor::RedHat, 7) => "7.50",
        (Vendor::RedHat, 8) => "7.70",
        _ => return p.gap("nc on this distribution"),
    };
    let wanted = match &given.operands[..] {
        [name, port] if given.has('z') && given.last_of("ulkpsi6").is_none() => {
            port.parse().ok().map(|port| (name, port))
        }
        _ => None,
    };
    let Some((name, port)) = wanted else { return p.gap("nc but for nc -z HOST PORT") };
    let port: u16 = port;
    p.inferred();
    let loud = given.has('v');
    if loud {
        p.err(&format!("Ncat: Version {version} ( https://nmap.org/ncat )\n")).await?;
    }
    let Some(host) = find(p, name) else {
        p.err(&format!("Ncat: Could not resolve hostname \"{name}\": Name or service not known. QUITTING.\n")).await?;
        return Ok(2);
    };
    let why = match p.world(|world, _| neighbours::reach_port(world, &host, port)) {
        Reach::Up => {
            if loud {
                let address = &host.address;
                p.err(&format!(
                    "Ncat: Connected to {address}:{port}.\nNcat: 0 bytes sent, 0 bytes received in 0.01 seconds.\n"
                ))
                .await?;
            }
            return Ok(0);
        }
        Reach::Refused => "Connection refused",
        Reach::NoWay => "Network is unreachable",
        Reach::Silent => {
            let near = p.world(|world, id| net::is_near(world, id, &host));
            let limit = given
                .value('w')
                .and_then(|secs| secs.trim_end_matches('s').parse().ok())
                .map_or(Span::secs(10), Span::secs);
            let routed = near && ARP < limit;
            p.pass(if routed { ARP } else { limit }).await?;
            if routed { "No route to host" } else { "Connection timed out" }
        }
    };
    if loud {
        p.err(&format!("Ncat: {why}.\n")).await?;
    }
    Ok(1)
}
