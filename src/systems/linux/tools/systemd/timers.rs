//! `systemctl list-timers`: when timers come due, and what they start. Columns: `output_timers_list()` of systemd 219 and 239.

use super::{ago, fits, stamp, state};
use crate::sim::{Instant, Span};
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::model::units::Timer;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;

/// What a timer does.
///
/// # Errors
/// The setting that is not modelled.
pub fn timer(p: &Proc, name: &str) -> Result<Option<Timer>, &'static str> {
    let Some(spec) = super::spec(p, name) else { return Ok(None) };
    let text = p.read_path(&spec.path).unwrap_or_default();
    let (text, now) = (String::from_utf8_lossy(&text).into_owned(), p.now());
    p.peek(|linux| linux.timer(name, &text, now)).map(Some)
}

/// How long it is until a moment, as systemd rounds it.
#[must_use]
pub fn left(span: Span) -> String {
    let text = ago(span);
    text.strip_suffix(" ago").map_or(text.clone(), |span| format!("{span} left"))
}

/// `list-timers`
pub async fn list(p: &mut Proc, given: &Given, patterns: &[String]) -> Ended {
    let names = p.peek(|linux| linux.unit_files());
    let mut timers = Vec::new();
    for name in names.into_iter().filter(|name| name.ends_with(".timer") && fits(name, patterns)) {
        if !given.has('a') && state(p, &name).active != Active::Active {
            continue;
        }
        match timer(p, &name) {
            Ok(timer) => timers.extend(timer),
            Err(setting) => return p.gap(&format!("systemctl list-timers with {setting} ({name})")),
        }
    }
    timers.sort_by_key(|timer| (timer.next.is_none(), timer.next, timer.name.clone()));
    let text = table(p, &timers, given);
    p.out(&text).await?;
    Ok(0)
}

fn table(p: &Proc, timers: &[Timer], given: &Given) -> String {
    const HEAD: [&str; 6] = ["NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"];
    let now = p.now();
    let moment = |at: Option<Instant>| at.map_or("n/a".to_owned(), |at| stamp(p, at));
    let rows: Vec<[String; 6]> = timers
        .iter()
        .map(|timer| {
            let until = timer.next.map_or("n/a".to_owned(), |next| left(next.since(now)));
            let passed = timer.last.map_or("n/a".to_owned(), |last| ago(now.since(last)));
            [moment(timer.next), until, moment(timer.last), passed, timer.name.clone(), timer.unit.clone()]
        })
        .collect();
    let width = |column: usize| {
        // A moment has a blank behind it.
        let more = usize::from(matches!(column, 0 | 2));
        let known = rows.iter().map(|row| row[column].as_str()).filter(|cell| *cell != "n/a");
        known.map(|cell| cell.len() + more).max().unwrap_or(0).max(HEAD[column].len())
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |cells: [&str; 6]| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join(" ")
    };
    let legend = !given.has('L');
    let mut text = String::new();
    if legend && !rows.is_empty() {
        text.push_str(line(HEAD).trim_end());
        text.push('\n');
    }
    for row in &rows {
        text.push_str(&line(row.each_ref().map(String::as_str)));
        text.push('\n');
    }
    if legend {
        let blank = if rows.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{blank}{} timers listed.\n", rows.len()));
        if !given.has('a') {
            text.push_str("Pass --all to see loaded but inactive timers, too.\n");
        }
    }
    text
}
