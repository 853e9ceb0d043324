//! `systemd-cat`: what a program prints goes to the journal.

use std::sync::Arc;

use super::Options;
use super::journal::priority;
use crate::systems::linux::bash::{Ran, become_words};
use crate::systems::linux::io::Open;
use crate::systems::linux::io::journal::Stream;
use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::input::given;

/// `systemd-cat`
pub async fn cat(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "t:p:",
        long: &[("identifier:", 't'), ("priority:", 'p'), ("level-prefix:", 'l'), ("stderr-priority:", 'e')],
        gaps: "h",
    };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    if given.has('e') || given.value('l').is_some_and(|value| !matches!(value, "1" | "yes" | "true")) {
        return p.gap("systemd-cat with prefixes of its own");
    }
    let level = match given.value('p').map(|text| (text, priority(text))) {
        None => 6,
        Some((_, Some(level))) => level,
        Some((_, None)) => return p.fail("Failed to parse priority.").await,
    };
    let named = given.value('t').map(str::to_owned);
    let words = given.operands;
    let program = words.first().map_or("cat", |word| word.rsplit('/').next().unwrap_or(word));
    let identifier = named.unwrap_or_else(|| program.to_owned());
    let unit = p.peek(|linux| linux.processes.get(p.pid).and_then(|own| own.unit.clone()));
    let stream = Stream::with_priority(unit.as_deref(), &identifier, level);
    if !words.is_empty() {
        let open = Arc::new(Open::Journal(stream));
        let errors = p.files.get(2).cloned();
        p.files.set(1, Some(Arc::clone(&open)));
        p.files.set(2, Some(open));
        return match become_words(p, words).await? {
            Ran::Status(status) => Ok(status),
            Ran::Refused(errno) => {
                p.files.set(2, errors);
                p.fail(&format!("Failed to execute process: {}", errno.text())).await
            }
        };
    }
    loop {
        let bytes = p.read(0, CHUNK).await?;
        let pid = p.pid;
        if bytes.is_empty() {
            p.world(|world, id| stream.flush(world, id, pid));
            return Ok(0);
        }
        p.world(|world, id| stream.write(world, id, pid, &bytes));
    }
}
