//! The load averages of a machine. Programs of the lab take no time of a processor, so what is left is that of its boot: one
//! process that ran all the while, averaged over 1, 5 and 15 minutes as the kernel does it, and fading since. Inferred.

use super::distro::Vendor;
use super::model::{Linux, Strain};
use crate::sim::Instant;

/// So long services start after the kernel, in seconds.
const BUSY: f64 = 20.0;
/// Over so many seconds each average is taken.
const SPANS: [f64; 3] = [60.0, 300.0, 900.0];

/// What an idle machine shows for ever where the kernel rounds up.
const IDLE: [f64; 3] = [0.0, 0.01, 0.05];

/// The three averages, as `/proc/loadavg`, `uptime`, `w` and `top` show them.
#[must_use]
pub fn averages(linux: &Linux, now: Instant) -> [String; 3] {
    hundredths(linux, now).map(|load| format!("{}.{:02}", load / 100, load % 100))
}

/// The same as hundredths of a process.
#[must_use]
pub fn hundredths(linux: &Linux, now: Instant) -> [u64; 3] {
    let seconds = now.since(linux.booted).as_secs() as f64;
    let least = if never_idle(linux) { IDLE } else { [0.0; 3] };
    [0, 1, 2].map(|at| {
        let span = SPANS[at];
        let grown = 1.0 - (-seconds.min(BUSY) / span).exp();
        let boot = grown * (-(seconds - BUSY).max(0.0) / span).exp();
        let load = boot + strain(linux, now, span);
        (load.max(least[at]) * 100.0).round() as u64
    })
}

/// What something adds that keeps, or has kept, the processors busy.
fn strain(linux: &Linux, now: Instant, span: f64) -> f64 {
    let Some((since, until)) = linux.strain.busy else { return 0.0 };
    let all = f64::from(linux.hardware.processors) * Strain::BUSY as f64 / 1_000.0;
    let end = until.unwrap_or(now);
    let [grown, fades] = [end.since(since), now.since(end)].map(|time| time.as_secs() as f64 / span);
    all * (1.0 - (-grown).exp()) * (-fades).exp()
}

/// How processors have spent so many seconds, in hundredths: on programs, in the kernel, idle. It only ever grows.
#[must_use]
pub fn spent(secs: u64) -> [u64; 3] {
    let (user, system) = (secs / 5, secs / 10);
    [user, system, secs * 100 - user - system]
}

/// Whether the kernel is one before 4.8, whose averages were rounded up.
fn never_idle(linux: &Linux) -> bool {
    linux.distro.vendor != Vendor::Esxi && linux.kernel().version() < (4, 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Span;
    use crate::systems::linux::model::Release;

    #[test]
    fn what_keeps_processors_busy_shows_and_fades() {
        let booted = Instant::parse("2022-03-14T20:00:00Z").expect("a time");
        let release = Release::find("rhel-8.6").expect("a release");
        let mut linux = Linux::new(release, "host", booted).up_for(Span::secs(86_400), booted);
        let processors = f64::from(linux.hardware.processors);
        linux.bear(true, false, booted);
        linux.bear(true, true, booted + Span::secs(300));
        let later = booted + Span::secs(900);
        let [one, five, fifteen] =
            averages(&linux, later).map(|text| text.parse::<f64>().expect("a figure") / processors);
        assert!((0.94..0.96).contains(&one) && (0.89..0.91).contains(&five) && (0.59..0.61).contains(&fifteen));
        linux.bear(false, false, later);
        let [one, _, fifteen] =
            averages(&linux, later + Span::secs(300)).map(|text| text.parse::<f64>().expect("a figure"));
        assert!(one < 0.01 * processors && fifteen > 0.4 * processors && !linux.strain.memory);
    }

    #[test]
    fn a_boot_fades() {
        let booted = Instant::parse("2022-03-14T20:00:00Z").expect("a time");
        let check = |release: &str, secs: u64, expect: &str| {
            let release = Release::find(release).expect("a release");
            let linux = Linux::new(release, "host", booted).up_for(Span::secs(secs), booted);
            assert_eq!(averages(&linux, booted).join(" "), expect, "{secs} s");
        };
        check("rhel-8.6", 0, "0.00 0.00 0.00");
        check("rhel-8.6", 20, "0.28 0.06 0.02");
        check("rhel-8.6", 80, "0.10 0.05 0.02");
        check("rhel-8.6", 86_400, "0.00 0.00 0.00");
        check("rhel-7.9", 86_400, "0.00 0.01 0.05");
    }
}
