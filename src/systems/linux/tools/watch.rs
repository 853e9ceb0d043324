//! `watch` (procps): a command again and again. What it shows is printed and not drawn over; where nobody watches it is shown
//! once.

use super::getopt::Spec;
use super::input::given;
use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::bash::{Ran, run_words};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::systemd::stamp_in;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("watch", watch)];

const WATCH: Spec = Spec {
    short: "bcd::ehn:ptx",
    long: &[
        ("beep", 'b'),
        ("color", 'c'),
        ("differences::", 'd'),
        ("errexit", 'e'),
        ("interval:", 'n'),
        ("precise", 'p'),
        ("no-title", 't'),
        ("exec", 'x'),
        ("help", 'h'),
    ],
    gaps: "g --chgexit v",
};

/// What it says of itself, of procps-ng 3.3.
const USAGE: &str = "
Usage:
 watch [options] command

Options:
  -b, --beep             beep if command has a non-zero exit
  -c, --color            interpret ANSI color and style sequences
  -d, --differences[=<permanent>]
                         highlight changes between updates
  -e, --errexit          exit if command has a non-zero exit
  -g, --chgexit          exit when output from command changes
  -n, --interval <secs>  seconds to wait between updates
  -p, --precise          attempt run command in precise intervals
  -t, --no-title         turn off header
  -x, --exec             pass command to exec instead of \"sh -c\"

 -h, --help     display this help and exit
 -v, --version  output version information and exit

For more details see watch(1).
";

/// No faster than this, in seconds.
const LEAST: f64 = 0.1;

async fn watch(p: &mut Proc, arguments: &[String]) -> Ended {
    if p.peek(|linux| linux.distro.vendor) == Vendor::Esxi {
        return p.gap("watch of BusyBox");
    }
    let given = given!(strict p, &WATCH, arguments, 1);
    if given.has('h') || given.operands.is_empty() {
        if p.peek(|linux| linux.distro.vendor) == Vendor::Suse {
            return p.gap("watch without a command");
        }
        if given.has('h') {
            p.out(USAGE).await?;
            return Ok(0);
        }
        p.err(USAGE).await?;
        return Ok(1);
    }
    let interval = match given.value('n').map(str::parse::<f64>) {
        None => 2.0,
        Some(Ok(secs)) if (0.0..=4_294_967.0).contains(&secs) => secs.max(LEAST),
        Some(_) => {
            let text = format!("failed to parse argument: '{}'", given.value('n').unwrap_or_default());
            return p.fail(&text).await;
        }
    };
    let words = match given.has('x') {
        true => given.operands.clone(),
        false => vec!["sh".to_owned(), "-c".to_owned(), given.operands.join(" ")],
    };
    let live = p.at_keyboard() && p.cx.with(|cx| cx.session.terminal.live);
    loop {
        if !given.has('t') {
            let title = title(p, interval, &given.operands.join(" "));
            p.out(&title).await?;
        }
        let status = match run_words(p, words.clone()).await? {
            Ran::Status(status) => status,
            Ran::Refused(errno) => {
                let text = format!("unable to execute '{}': {}", words[0], errno.text());
                return p.fail(&text).await;
            }
        };
        if status != 0 && given.has('e') {
            return Ok(status);
        }
        if !live {
            return Ok(0);
        }
        p.pass(Span::millis((interval * 1000.0) as u64)).await?;
    }
}

/// The line above: what runs how often at the left, where (since procps 3.3.12) and when at the right; an empty line below.
fn title(p: &Proc, interval: f64, command: &str) -> String {
    let (named, host) = p.peek(|linux| (linux.distro.has("procps-ng", (3, 3, 12)), linux.hostname.clone()));
    let at = stamp_in(p, p.now(), "%a %b %e %H:%M:%S %Y");
    let right = if named { format!("{host}: {at}") } else { at };
    let columns = p.cx.with(|cx| usize::from(cx.session.terminal.columns));
    let room = columns.saturating_sub(right.chars().count() + 1);
    let left: String = format!("Every {interval:.1}s: {command}").chars().take(room).collect();
    format!("{left:<room$} {right}\n\n")
}
