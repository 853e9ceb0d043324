//! `ping` of iputils (20160308 and 20180629, RHEL 7 and 8; the version of SLES 11 says of an unknown name what it does).
//! Round trips come from chance within what a local network has; they are inferred. Who does not answer on the machine's
//! own network is reported by the machine itself once ARP has given up; what lies beyond is lost in silence. ESXi's own
//! ping has the layout of BSD's, asks three times unless told otherwise, and says nothing of what does not answer (inferred).

use super::getopt::{Given, Spec};
use super::{Tool, tool};
use crate::sim::{Instant, Span};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::io::{Cut, SIGINT};
use crate::systems::linux::neighbours;
use crate::systems::linux::net::{self, Host, Reach};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::input::given;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("ping", ping), tool!("ping6", ping6)];

const SPEC: Spec = Spec { short: "46aAbBc:dDfhi:I:l:Lm:M:nOp:qQ:rRs:S:t:T:UvVw:W:", long: &[], gaps: "" };

const USAGE: &str = "\
Usage: ping [-aAbBdDfhLnOqrRUvV64] [-c count] [-i interval] [-I interface]
            [-m mark] [-M pmtudisc_option] [-l preload] [-p pattern] [-Q tos]
            [-s packetsize] [-S sndbuf] [-t ttl] [-T timestamp_option]
            [-w deadline] [-W timeout] [hop1 ...] destination
";

/// ARP asks three times.
const ARP: Span = Span::secs(3);
/// So long the last answer is waited for.
const LINGER: Span = Span::secs(10);
/// The largest packet.
const LARGEST: u64 = 65_507;

async fn ping(p: &mut Proc, arguments: &[String]) -> Ended {
    over(p, arguments, false).await
}

async fn ping6(p: &mut Proc, arguments: &[String]) -> Ended {
    over(p, arguments, true).await
}

async fn over(p: &mut Proc, arguments: &[String], six: bool) -> Ended {
    let given = given!(p, &SPEC, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err(USAGE).await?;
        Ok(2)
    });
    if given.has('h') {
        p.err(USAGE).await?;
        return Ok(2);
    }
    if let Some(letter) = given.last_of("6aABbDfIlmMOpQrRSTUV") {
        let name = p.name.clone();
        return p.gap(&format!("{name} -{letter}"));
    }
    let name = match &given.operands[..] {
        [name] => name.clone(),
        [] => {
            p.err(USAGE).await?;
            return Ok(2);
        }
        _ => return p.gap("ping through hops"),
    };
    let esxi = p.peek(|linux| linux.distro.vendor == Vendor::Esxi);
    let wish = match Wish::read(&given, p.cred.is_root()) {
        Ok(wish) if esxi => Wish { count: wish.count.or(Some(3)), ..wish },
        Ok(wish) => wish,
        Err(complaint) => {
            p.complain(&complaint).await?;
            return Ok(2);
        }
    };
    let resolve = if six { net::resolve6 } else { net::resolve };
    let Some(host) = p.world(|world, id| resolve(world, id, &name)) else {
        let old = p.peek(|linux| linux.distro.vendor == Vendor::Suse);
        let text = if old { format!("unknown host {name}") } else { format!("{name}: Name or service not known") };
        p.complain(&text).await?;
        return Ok(2);
    };
    if let Some(why) = p.world(|world, _| net::unroutable6(world, &host)).filter(|_| six) {
        p.inferred();
        p.err(&format!("connect: {why}\n")).await?;
        return Ok(2);
    }
    if p.world(|world, _| net::reach(world, &host)) == Reach::NoWay {
        p.inferred();
        p.err("connect: Network is unreachable\n").await?;
        return Ok(2);
    }
    Run::new(p, Wish { six, ..wish }, host, &name).run(p).await
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    count: Option<u64>,
    interval: Span,
    deadline: Option<Span>,
    linger: Span,
    size: u64,
    quiet: bool,
    numeric: bool,
    /// Over IPv6.
    six: bool,
}

impl Wish {
    fn read(given: &Given, root: bool) -> Result<Self, String> {
        let number = |letter: char, most: u64| match given.value(letter) {
            None => Ok(None),
            Some(text) => text.parse::<u64>().ok().filter(|number| *number <= most).map(Some).ok_or(text.to_owned()),
        };
        let seconds = |letter: char| match given.value(letter) {
            None => Ok(None),
            Some(text) => match text.parse::<f64>() {
                Ok(secs) if (0.0..=1e6).contains(&secs) => Ok(Some(Span::millis((secs * 1000.0).round() as u64))),
                _ => Err(text.to_owned()),
            },
        };
        let count = number('c', u64::MAX).map_err(|_| "bad number of packets to transmit.".to_owned())?;
        if count == Some(0) {
            return Err("bad number of packets to transmit.".to_owned());
        }
        let interval = seconds('i').map_err(|_| "bad timing interval".to_owned())?.unwrap_or(Span::secs(1));
        if interval < Span::millis(200) && !root {
            return Err("cannot flood; minimal interval allowed for user is 200ms".to_owned());
        }
        let size = number('s', u64::MAX).map_err(|text| format!("illegal packet size {text}"))?.unwrap_or(56);
        if size > LARGEST {
            return Err(format!("packet size {size} is too large. Maximum is {LARGEST}"));
        }
        Ok(Self {
            count,
            interval: interval.max(Span::millis(1)),
            deadline: number('w', 1 << 30).map_err(|_| "bad wait time.".to_owned())?.map(Span::secs),
            linger: seconds('W').map_err(|_| "bad linger time.".to_owned())?.unwrap_or(LINGER),
            size,
            quiet: given.has('q'),
            numeric: given.has('n'),
            six: false,
        })
    }
}

/// What became of the packets so far.
struct Run {
    wish: Wish,
    host: Host,
    /// Whether the layout is that of ESXi.
    esxi: bool,
    /// How the answering machine is shown.
    shown: String,
    /// How the machine itself is shown that says that there is no way.
    own: String,
    /// Whether the host is on the machine's network.
    near: bool,
    started: Instant,
    /// When the last packet was sent: up to then the statistics count time.
    last: Instant,
    sent: u64,
    received: u64,
    errors: u64,
    pipe: u64,
    /// Packets that ARP holds back, and when the first of them was sent.
    held: Vec<u64>,
    held_since: Option<Instant>,
    /// Smallest, largest, sum, and sum of squares, in microseconds.
    trips: Trips,
}

#[derive(Default)]
struct Trips {
    least: u64,
    most: u64,
    sum: u64,
    squares: u128,
}

impl Run {
    fn new(p: &Proc, wish: Wish, host: Host, name: &str) -> Self {
        let typed_address = name == host.address;
        let both = |name: &str, address: &str| {
            let between = if wish.six { "" } else { " " };
            if wish.numeric || typed_address { address.to_owned() } else { format!("{name}{between}({address})") }
        };
        let esxi = p.peek(|linux| linux.distro.vendor == Vendor::Esxi);
        let shown = if esxi { host.address.clone() } else { both(&host.name, &host.address) };
        let (own, near) = p.world(|world, id| {
            let address = world.machine(id).address.clone();
            let own = both(&world.linux(id).hostname, &address);
            (own, net::is_near(world, id, &host))
        });
        Self {
            wish,
            host,
            esxi,
            shown,
            own,
            near,
            started: p.now(),
            last: p.now(),
            sent: 0,
            received: 0,
            errors: 0,
            pipe: 0,
            held: Vec::new(),
            held_since: None,
            trips: Trips::default(),
        }
    }

    async fn run(mut self, p: &mut Proc) -> Ended {
        p.inferred();
        let (size, whole) = (self.wish.size, self.wish.size + 28);
        let Host { name, address, .. } = &self.host;
        let head = match (self.esxi, self.wish.six) {
            (true, _) => format!("PING {name} ({address}): {size} data bytes\n"),
            (false, true) => format!("PING {name}({address}) {size} data bytes\n"),
            (false, false) => format!("PING {name} ({address}) {size}({whole}) bytes of data.\n"),
        };
        p.out(&head).await?;
        let interrupted = match self.packets(p).await {
            Ok(()) => false,
            Err(Cut::Signal(SIGINT)) => {
                p.control.handled();
                true
            }
            Err(cut) => return Err(cut),
        };
        self.statistics(p, interrupted).await?;
        let wanted = self.wish.count.filter(|_| self.wish.deadline.is_some()).unwrap_or(1);
        Ok(u8::from(self.received < wanted))
    }

    async fn packets(&mut self, p: &mut Proc) -> Result<(), Cut> {
        let end = self.wish.deadline.map(|deadline| self.started + deadline);
        loop {
            self.sent += 1;
            self.last = p.now();
            self.packet(p).await?;
            // With a deadline the answers are counted, not the questions.
            let enough = self.wish.count.is_some_and(|count| match end {
                Some(_) => self.received >= count,
                None => self.sent >= count,
            });
            if enough {
                break;
            }
            let next = self.started + self.wish.interval.times(self.sent);
            if let Some(end) = end.filter(|end| next >= *end) {
                p.until(end).await?;
                return self.report(p).await;
            }
            p.until(next).await?;
            self.report(p).await?;
        }
        if let Some(since) = self.held_since {
            p.until(since + ARP).await?;
            return self.report(p).await;
        }
        // Nothing comes from afar.
        if self.received + self.errors < self.sent {
            p.pass(self.wish.linger).await?;
        }
        Ok(())
    }

    async fn packet(&mut self, p: &mut Proc) -> Result<(), Cut> {
        let reach = p.world(|world, _| neighbours::reach(world, &self.host));
        if matches!(reach, Reach::Silent | Reach::NoWay) {
            if self.near {
                self.held_since.get_or_insert(p.now());
                self.held.push(self.sent);
            }
            return Ok(());
        }
        let local = self.host.machine == Some(p.machine);
        let (low, high) = if local { (25, 70) } else { (180, 520) };
        let trip = p.world(|world, _| world.streams.between("ping", low, high));
        p.pass(Span::micros(trip)).await?;
        self.received += 1;
        self.trips.take(trip);
        if !self.wish.quiet {
            let line = format!(
                "{} bytes from {}: icmp_seq={}",
                self.wish.size + 8,
                self.shown,
                self.sent - u64::from(self.esxi)
            );
            // A packet too small for a time stamp comes back without a time.
            let shown = if self.esxi { thousandths(trip) } else { milliseconds(trip) };
            let time = if self.wish.size >= 16 { format!(" time={shown} ms") } else { String::new() };
            p.out(&format!("{line} ttl=64{time}\n")).await?;
        }
        Ok(())
    }

    /// Says which packets found nobody, once ARP has given up.
    async fn report(&mut self, p: &mut Proc) -> Result<(), Cut> {
        if self.held_since.is_none_or(|since| p.now() < since + ARP) {
            return Ok(());
        }
        // The packet that goes out at that very moment starts the next round.
        self.held_since = None;
        let held = std::mem::take(&mut self.held);
        self.pipe = self.pipe.max(held.len() as u64);
        for packet in held {
            self.errors += 1;
            if !self.wish.quiet && !self.esxi {
                p.out(&format!("From {} icmp_seq={packet} Destination Host Unreachable\n", self.own)).await?;
            }
        }
        Ok(())
    }

    async fn statistics(&self, p: &mut Proc, interrupted: bool) -> Result<(), Cut> {
        let took = self.last.since(self.started).as_micros() / 1000;
        let errors = if self.errors > 0 { format!(", +{} errors", self.errors) } else { String::new() };
        let loss = (self.sent - self.received) * 100 / self.sent.max(1);
        // Behind the ^C of an interrupted one the terminal stands on a new line already.
        let gap = if interrupted { "" } else { "\n" };
        if self.esxi {
            let (name, sent, received) = (&self.host.name, self.sent, self.received);
            let mut text = format!(
                "{gap}--- {name} ping statistics ---\n{sent} packets transmitted, {received} packets received, {loss}% packet \
                 loss\n"
            );
            let Trips { least, most, sum, .. } = self.trips;
            if let Some(average) = sum.checked_div(received) {
                let [least, average, most] = [least, average, most].map(thousandths);
                text.push_str(&format!("round-trip min/avg/max = {least}/{average}/{most} ms\n"));
            }
            return p.out(&text).await;
        }
        let mut text = format!(
            "{gap}--- {} ping statistics ---\n{} packets transmitted, {} received{errors}, {loss}% packet loss, time {took}ms\n",
            self.host.name, self.sent, self.received
        );
        if self.received > 0 && self.wish.size >= 16 {
            text.push_str(&self.trips.line(self.received));
        }
        if self.pipe > 1 {
            text.push_str(&format!("{}pipe {}", if self.received > 0 { ", " } else { "" }, self.pipe));
        }
        text.push('\n');
        p.out(&text).await
    }
}

impl Trips {
    fn take(&mut self, trip: u64) {
        self.least = if self.sum == 0 { trip } else { self.least.min(trip) };
        self.most = self.most.max(trip);
        self.sum = self.sum.saturating_add(trip);
        self.squares = self.squares.saturating_add(u128::from(trip) * u128::from(trip));
    }

    fn line(&self, count: u64) -> String {
        let average = self.sum / count;
        let variance = (self.squares / u128::from(count)).saturating_sub(u128::from(average) * u128::from(average));
        let deviation = u64::try_from(variance.isqrt()).unwrap_or(u64::MAX);
        let ms = thousandths;
        format!("rtt min/avg/max/mdev = {}/{}/{}/{} ms", ms(self.least), ms(average), ms(self.most), ms(deviation))
    }
}

/// Milliseconds with three digits behind the point.
fn thousandths(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// A time with as many digits as ping shows.
fn milliseconds(micros: u64) -> String {
    match micros {
        0..1_000 => format!("0.{micros:03}"),
        1_000..10_000 => format!("{}.{:02}", micros / 1000, micros % 1000 / 10),
        _ => format!("{}.{}", micros / 1000, micros % 1000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_digits_of_ping() {
        let check = |micros, expect: &str| assert_eq!(milliseconds(micros), expect);
        check(42, "0.042");
        check(999, "0.999");
        check(1_234, "1.23");
        check(12_345, "12.3");
    }

    #[test]
    fn the_deviation_is_that_of_the_trips() {
        let mut trips = Trips::default();
        [200, 400, 600].into_iter().for_each(|trip| trips.take(trip));
        assert_eq!(trips.line(3), "rtt min/avg/max/mdev = 0.200/0.400/0.600/0.163 ms");
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let check = |words: &str, root: bool, expect: &str| {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let read = Wish::read(&SPEC.read(&words, false).expect("these options exist"), root);
            assert_eq!(read.map(|_| ()).err().as_deref().unwrap_or_default(), expect, "{words:?}");
        };
        check("-c 3", false, "");
        check("-c 0", true, "bad number of packets to transmit.");
        check("-c x", true, "bad number of packets to transmit.");
        check("-i 0.1", false, "cannot flood; minimal interval allowed for user is 200ms");
        check("-i 0.1", true, "");
        check("-i x", true, "bad timing interval");
        check("-s 70000", true, "packet size 70000 is too large. Maximum is 65507");
        check("-W x", true, "bad linger time.");
    }
}
