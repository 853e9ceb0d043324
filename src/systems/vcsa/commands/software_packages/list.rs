//! `software-packages list`: what is staged, offered, installed, or was installed.
//!
//! `--staged` is captured, field for field: what is listed follows the installed software, not the payload. The other
//! forms use its layout and are inferred.

use super::report::{log, or_cancelled, say_inferred, work};
use super::source;
use super::{From, Wishes};
use crate::payload::{Package, Patch, printable};
use crate::shell::{Context, Cx, Outcome, Task};
use crate::sim::Instant;
use crate::systems::vcsa::model::Vcsa;
use crate::systems::vcsa::staging::Applied;
use crate::systems::vcsa::stamp;

/// Starting the tool and reading its state, in milliseconds.
const READ_MS: u64 = 380;

/// `list --staged`.
pub(super) fn staged(wishes: Wishes) -> Outcome {
    quick(move |cx| {
        let Some(staged) = cx.vcsa().staged.clone() else {
            say_inferred(cx, "Nothing is staged");
            return 1;
        };
        if !has_wanted(&staged.packages, wishes) {
            say_inferred(cx, "No third party packages found.");
            return 0;
        }
        let accepted = cx.vcsa().series().lists_eula_time.then_some(staged.eula_accepted);
        head(cx);
        fields(cx, &details(&staged.patch, accepted));
        0
    })
}

/// `list --history`.
pub(super) fn history(wishes: Wishes) -> Outcome {
    quick(move |cx| {
        head(cx);
        let wanted = |applied: &Applied| applied.third_party_only || !wishes.third_party_only;
        for applied in cx.vcsa().history.clone().into_iter().filter(wanted) {
            fields(
                cx,
                &[
                    ("name", applied.name),
                    ("version", applied.version),
                    ("buildnumber", applied.build),
                    ("releasedate", applied.release_date),
                    ("installdate", stamp::utc(applied.at)),
                ],
            );
        }
        cx.screen.mark_inferred();
        0
    })
}

/// `list`: the installed packages.
pub(super) fn installed(wishes: Wishes) -> Outcome {
    quick(move |cx| {
        head(cx);
        for line in package_lines(cx.vcsa(), wishes.third_party_only) {
            cx.line(&line);
        }
        cx.screen.mark_inferred();
        0
    })
}

/// `list --iso` and `list --url`: what a source offers.
pub(super) fn offered(from: From, wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| list_offer(cx, from, wishes)))
}

async fn list_offer(cx: Cx, from: From, wishes: Wishes) -> u8 {
    let Some(source) = or_cancelled(&cx, source::open(&cx, &from, false)).await else { return 1 };
    cx.with(|cx| {
        let status = match source::offered(&source) {
            Ok(patch) if has_wanted(&patch.packages, wishes) => {
                head(cx);
                fields(cx, &details(patch, None));
                cx.screen.mark_inferred();
                0
            }
            Ok(_) => {
                say_inferred(cx, "No third party packages found.");
                0
            }
            Err(trouble) => {
                say_inferred(cx, "Manifest verification failed");
                cx.aside(trouble);
                1
            }
        };
        source::close(cx, &source);
        status
    })
}

/// Whether there is a package of the kind that was asked for.
fn has_wanted(packages: &[Package], wishes: Wishes) -> bool {
    !wishes.third_party_only || packages.iter().any(|package| package.third_party)
}

/// A listing that needs nothing but the tool's own state.
fn quick(show: impl FnOnce(&mut Context<'_>) -> u8 + Send + 'static) -> Outcome {
    Outcome::Task(Task::new(move |cx: Cx| async move {
        let read = async {
            work(&cx, READ_MS).await;
            Some(())
        };
        match or_cancelled(&cx, read).await {
            Some(()) => cx.with(show),
            None => 1,
        }
    }))
}

/// The stamp with nothing behind its colon that stands above each listing.
fn head(cx: &mut Context<'_>) {
    let line = stamp::plain(cx.now(), "");
    cx.line(&line);
    log(cx, "INFO", "Listing software packages");
}

fn fields(cx: &mut Context<'_>, fields: &[(&str, String)]) {
    for (name, value) in fields {
        cx.line(&format!("        {name}: {}", printable(value)));
    }
}

/// The fields of 6.0 in their order, which is that of a Python 2 dictionary.
fn details(patch: &Patch, accepted: Option<Instant>) -> Vec<(&'static str, String)> {
    let truth = if patch.reboot_required { "True" } else { "False" };
    let mut fields = vec![
        ("category", patch.category.clone()),
        ("kb", patch.kb.clone()),
        ("vendor", patch.vendor.clone()),
        ("name", patch.name.clone()),
        ("tags", python_list(&patch.tags)),
        ("productname", patch.product.clone()),
        ("releasedate", patch.release_date.clone()),
        ("version", patch.version.clone()),
        ("buildnumber", patch.build.clone()),
        ("rebootrequired", truth.to_owned()),
        ("summary", patch.summary.clone()),
    ];
    fields.extend(accepted.map(|at| ("eulaAcceptTime", stamp::utc(at))));
    fields.push(("severity", patch.severity.clone()));
    fields
}

/// A list of unicode strings as Python 2 shows it; without entries it holds one empty string, as captured.
fn python_list(words: &[String]) -> String {
    if words.is_empty() {
        return "[u'']".to_owned();
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("u'{word}'")).collect();
    format!("[{}]", quoted.join(", "))
}

fn package_lines(vcsa: &Vcsa, third_party_only: bool) -> Vec<String> {
    vcsa.installed
        .packages
        .iter()
        .filter(|(_, package)| package.third_party || !third_party_only)
        .map(|(name, package)| format!("        {name}-{}.{}", package.version, package.arch))
        .collect()
}
