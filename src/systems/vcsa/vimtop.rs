//! `vimtop`: the services of the appliance and what they take of it. Options: reference `appliance-shell.md` 1.8. How its screen
//! looks is inferred: that it has a line about the whole, one each about tasks, processor and memory, and a table of the
//! services. What a service takes is what its process does, as `top` shows it. As `top`, it shows a screenful at each key where
//! somebody watches, and `-n` times else.

use super::services::{Definition, State};
use crate::shell::argparse::{Argument, Dialect, Kind, Parser};
use crate::sim::Span;
use crate::systems::linux::model::Process;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::free::memory_of;
use crate::systems::linux::tools::procs::{memory, user_name};
use crate::systems::linux::tools::top;

/// Its name.
pub const NAME: &str = "vimtop";

/// The configuration that it reads unless another is named.
const CONFIGURATION: &str = "/root/vimtop/vimtop.xml";

/// How often it draws its screen unless it is told.
const ROUNDS: i64 = 10_000;

static PARSER: Parser = Parser::new(NAME).arguments(&[
    Argument::flag(&["-v"]).help("print the version"),
    Argument::option(&["-c"]).metavar("FILE").help("the configuration file (default: /root/vimtop/vimtop.xml)"),
    Argument::option(&["-n"]).kind(Kind::Int).metavar("N").help("how often the screen is drawn (default: 10000)"),
    Argument::option(&["-p", "-d"]).kind(Kind::Int).metavar("S").help("seconds between two of them"),
]);

/// `vimtop`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    p.inferred();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let columns = p.cx.with(|cx| usize::from(cx.session.terminal.columns));
    let parsed = match PARSER.parse(Dialect::Python27, columns, &words) {
        Ok(parsed) => parsed,
        Err(stop) => {
            p.out(&stop.stdout).await?;
            p.err(&stop.stderr).await?;
            return Ok(stop.status);
        }
    };
    if parsed.is_present("v") {
        return p.gap("vimtop -v");
    }
    if let Some(file) = parsed.value("c").filter(|file| *file != CONFIGURATION) {
        return match p.lookup(file) {
            Ok(_) => p.gap("vimtop with another configuration"),
            Err(errno) => p.fail(&format!("{file}: {}", errno.text())).await,
        };
    }
    if !parsed.is_present("n") && p.at_keyboard() {
        return watched(p).await;
    }
    let times = parsed.int("n").unwrap_or(ROUNDS);
    let every = u64::try_from(parsed.int("p").unwrap_or(1)).unwrap_or(1).clamp(1, 86_400);
    for round in 0..times {
        if round > 0 {
            p.pass(Span::secs(every)).await?;
        }
        let text = screen(p);
        p.out(&text).await?;
    }
    Ok(0)
}

/// A screenful until a key asks for the next one, or for the end with `q`; where nobody watches, one.
async fn watched(p: &mut Proc) -> Ended {
    loop {
        let text = top::cut(p, &screen(p));
        p.out(&text).await?;
        if !top::asked_again(p).await? {
            return Ok(0);
        }
    }
}

/// A service that has a process.
struct Row {
    pid: u32,
    definition: &'static Definition,
    process: Process,
}

fn screen(p: &Proc) -> String {
    let (all, running, rows) = p.world(|world, id| {
        let services = &world.vcsa(id).services;
        let running = services.iter().filter(|(_, state)| *state == State::Running).count();
        let rows: Vec<Row> = services
            .slots()
            .filter_map(|(definition, slot)| {
                let process = world.linux(id).processes.get(slot.pid?)?.clone();
                Some(Row { pid: slot.pid?, definition, process })
            })
            .collect();
        (services.slots().len(), running, rows)
    });
    let mut rows: Vec<(u64, u64, Row)> =
        rows.into_iter().map(|row| (top::share(p, &row.process), memory(&row.process.command).1, row)).collect();
    rows.sort_by_key(|(share, resident, row)| (std::cmp::Reverse((*share, *resident)), row.pid));
    let (machine, processors) = p.peek(|linux| (memory_of(linux), linux.hardware.processors));
    let tenths = |number: u64| format!("{}.{}", number / 10, number % 10);
    let mib = |kib: u64| format!("{:.1}", kib as f64 / 1_024.0);
    let percent = |kib: u64| format!("{:.1}", kib as f64 * 100.0 / machine.total as f64);
    let busy: u64 = rows.iter().map(|(share, ..)| share).sum::<u64>() / u64::from(processors);
    let mut text = format!("{NAME} -{}\n", top::head(p));
    text.push_str(&format!("Tasks:  {all} services, {running} running, {} stopped\n", all - running));
    text.push_str(&format!("CPU:    {processors} vCPUs, {}% used\n", tenths(busy)));
    text.push_str(&format!(
        "Memory: {} MB, {} MB used ({}%), swap {} MB, {} MB used\n\n",
        mib(machine.total),
        mib(machine.used),
        percent(machine.used),
        mib(machine.swap),
        mib(machine.swapped)
    ));
    text.push_str("    PID Service                        User              %CPU  %MEM   MEM[MB]\n");
    for (share, resident, row) in &rows {
        let user: String = user_name(p, row.process.uid).chars().take(16).collect();
        text.push_str(&format!(
            "{:7} {:<30} {user:<16} {:>5} {:>5} {:>9}\n",
            row.pid,
            row.definition.name,
            tenths(*share),
            percent(*resident),
            mib(*resident)
        ));
    }
    text
}
