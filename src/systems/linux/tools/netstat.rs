//! `netstat` (net-tools 1.60): sockets, routes, counters.

use super::getopt::Spec;
use super::input::given;
use super::sockets::{Asked, Owner, Socket, sockets};
use super::{Tool, net_tools, tool};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("netstat", netstat)];

const OPTIONS: Spec = Spec {
    short: "aeilnprtuW46",
    long: &[
        ("all", 'a'),
        ("interfaces", 'i'),
        ("listening", 'l'),
        ("numeric", 'n'),
        ("programs", 'p'),
        ("route", 'r'),
        ("tcp", 't'),
        ("udp", 'u'),
        ("wide", 'W'),
    ],
    gaps: "A: c C F g h M N o s v V w x --continuous --cache --groups --help --masquerade --raw --statistics --timers \
           --unix --verbose --version --extend --numeric-hosts --numeric-ports --numeric-users",
};

async fn netstat(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &OPTIONS, arguments, 3);
    if let Some(word) = given.operands.first() {
        return p.gap(&format!("netstat {word}"));
    }
    if given.has('e') {
        return p.gap("netstat -e");
    }
    p.inferred();
    if given.has('r') {
        return net_tools::table(p, given.has('n'), true).await;
    }
    if given.has('i') {
        return net_tools::counters(p).await;
    }
    let named = given.has('t') || given.has('u');
    let asked = Asked {
        tcp: given.has('t') || !named,
        udp: given.has('u') || !named,
        listening: given.has('l'),
        all: given.has('a'),
        numeric: given.has('n'),
        only4: given.has('4') && !given.has('6'),
        only6: given.has('6') && !given.has('4'),
        ..Asked::default()
    };
    let programs = given.has('p');
    if programs && !p.cred.is_root() {
        p.err(
            "(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root \
             to see it all.)\n",
        )
        .await?;
    }
    let mut found: Vec<Socket> = sockets(p, &asked).into_iter().filter(|socket| asked.wants(socket)).collect();
    // Of the stream sockets those that listen come first, for IPv4 and then for IPv6.
    found.sort_by_key(|socket| (socket.netid == "udp", socket.is6(), socket.state != "LISTEN"));
    let which = match (asked.all, asked.listening) {
        (true, _) => "servers and established",
        (_, true) => "only servers",
        _ => "w/o servers",
    };
    let names = if programs { " PID/Program name    " } else { "" };
    let mut text = format!(
        "Active Internet connections ({which})\nProto Recv-Q Send-Q Local Address           Foreign Address         State      \
         {names}\n"
    );
    let suse = p.peek(|linux| linux.distro.vendor) == Vendor::Suse;
    for socket in &found {
        text.push_str(&row(socket, given.has('n'), suse, programs));
    }
    p.out(&text).await?;
    if named {
        return Ok(0);
    }
    p.gap("netstat: the sockets within the machine")
}

fn row(socket: &Socket, numeric: bool, suse: bool, programs: bool) -> String {
    let six = socket.is6();
    // SLES has an older one, which calls both kinds by one name.
    let protocol = format!("{}{}", socket.netid, if six && !suse { "6" } else { "" });
    let side = |(address, port): &(String, String)| {
        let bare = address.trim_matches(['[', ']']);
        let any = match (bare, numeric) {
            ("0.0.0.0", false) if suse => "*",
            ("::", false) if suse => "*",
            ("::", false) => "[::]",
            ("127.0.0.1", false) => "localhost",
            (bare, _) => bare,
        };
        format!("{any}:{port}")
    };
    let state = match socket.state {
        "ESTAB" => "ESTABLISHED",
        "UNCONN" => "",
        state => state,
    };
    let owner = match &socket.owner {
        Some(Owner { pid, title, .. }) => format!("{pid}/{title}"),
        None => "-".to_owned(),
    };
    // A number and a name have 19 characters together.
    let owner = if programs { format!(" {:<20}", owner.chars().take(19).collect::<String>()) } else { String::new() };
    format!(
        "{protocol:<5} {:>6} {:>6} {:<23} {:<23} {state:<11}{owner}\n",
        0,
        0,
        side(&socket.local),
        side(&socket.peer)
    )
}
