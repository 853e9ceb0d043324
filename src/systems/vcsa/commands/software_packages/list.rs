//! `software-packages list`: what is staged, offered, installed, or was installed.
//!
//! `--staged` is captured, field for field: what is listed follows the installed software, not the payload. The other
//! forms use its layout and are inferred.

use std::sync::Arc;

use super::report::{head, or_cancelled, say_inferred, work};
use super::source;
use super::{From, Wishes};
use crate::payload::{Package, Patch, printable};
use crate::shell::{Context, Cx, Outcome, Task};
use crate::systems::vcsa::model::Vcsa;
use crate::systems::vcsa::series::Python;
use crate::systems::vcsa::staging::{Applied, Staged};
use crate::systems::vcsa::{stamp, update_files};

/// Starting the tool and reading its state, in milliseconds.
const READ_MS: u64 = 380;

/// `list --staged`.
pub(super) fn staged(wishes: Wishes) -> Outcome {
    quick(move |cx| {
        let now = cx.now();
        update_files::notice(cx.vcsa_mut(), now);
        // Captured on 8.0, for what a cancelled stage leaves.
        if cx.vcsa().partial.is_some() {
            say_inferred(cx, "List packages failed");
            return 1;
        }
        let Some(staged) = cx.vcsa().staged.clone() else {
            say_inferred(cx, "Nothing is staged");
            return 1;
        };
        if !has_wanted(&staged.packages, wishes) {
            say_inferred(cx, "No third party packages found.");
            return 0;
        }
        head(cx);
        if staged.third_party_only {
            cx.screen.mark_inferred();
        }
        let details = details(cx, &staged.patch, Some(&staged));
        fields(cx, &details);
        0
    })
}

/// `list --history`.
pub(super) fn history(wishes: Wishes) -> Outcome {
    quick(move |cx| {
        head(cx);
        let wanted = |applied: &Applied| applied.third_party_only || !wishes.third_party_only;
        for (at, applied) in cx.vcsa().history.clone().into_iter().filter(wanted).enumerate() {
            if at > 0 {
                cx.line("");
            }
            let mut shown = vec![
                ("name", applied.name),
                ("version", applied.version),
                ("buildnumber", applied.build),
                ("releasedate", applied.release_date),
                ("installdate", stamp::utc(applied.at, &cx.vcsa().linux.zone)),
            ];
            // Its packages alone do not make the version.
            if applied.third_party_only {
                shown.push(("thirdPartyInstallation", truth(true)));
            }
            fields(cx, &shown);
        }
        cx.screen.mark_inferred();
        0
    })
}

/// `list --patch`: an update that was installed, or is staged.
pub(super) fn patch(name: String) -> Outcome {
    quick(move |cx| {
        let named = |patch: &&Arc<Patch>| patch.name == name;
        let staged = cx.vcsa().staged.clone().filter(|staged| named(&&staged.patch));
        let installed =
            cx.vcsa().history.iter().rev().filter_map(|applied| applied.patch.as_ref()).find(named).cloned();
        let Some(patch) = staged.as_ref().map(|staged| Arc::clone(&staged.patch)).or(installed) else {
            say_inferred(cx, &format!("There is no update {name}"));
            return 1;
        };
        head(cx);
        let details = details(cx, &patch, staged.as_deref());
        fields(cx, &details);
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
    let Some(source) = or_cancelled(&cx, source::open(&cx, &from)).await else { return 1 };
    cx.with(|cx| {
        let status = match source::verified(cx, &source) {
            Some(patch) if has_wanted(&patch.packages, wishes) => {
                head(cx);
                let details = details(cx, &patch, None);
                fields(cx, &details);
                cx.screen.mark_inferred();
                0
            }
            Some(_) => {
                say_inferred(cx, "No third party packages found.");
                0
            }
            None => 1,
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

fn fields(cx: &mut Context<'_>, fields: &[(&str, String)]) {
    for (name, value) in fields {
        cx.line(&format!("        {name}: {}", printable(value)));
    }
}

/// The fields of an update that this series lists; when its licence was accepted, only where it was staged.
fn details(cx: &mut Context<'_>, patch: &Patch, staged: Option<&Staged>) -> Vec<(&'static str, String)> {
    let series = cx.vcsa().series();
    let listing = series.listing;
    if !listing.captured {
        cx.screen.mark_inferred();
    }
    let accepted = staged.map(|staged| stamp::utc(staged.eula_accepted, &cx.vcsa().linux.zone));
    let alone = staged.is_some_and(|staged| staged.third_party_only);
    let value = |name: &&'static str| match *name {
        "thirdPartyInstallation" => Some((*name, truth(alone))),
        name => Some((name, field(patch, accepted.as_deref(), series.python, name)?)),
    };
    let mut fields: Vec<_> = listing.fields.iter().filter_map(value).collect();
    if listing.shuffled {
        for last in (1..fields.len()).rev() {
            let other = cx.world.streams.between("vcsa.dictionary", 0, last as u64);
            fields.swap(last, other as usize);
        }
    }
    fields
}

/// As Python shows it.
fn truth(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}

/// One field of a listing that tells of the update itself; none where it does not apply.
fn field(patch: &Patch, accepted: Option<&str>, python: Python, name: &str) -> Option<String> {
    let bytes: u64 = patch.packages.iter().map(Package::size).sum();
    match name {
        "category" => Some(patch.category.clone()),
        "kb" => Some(patch.kb.clone()),
        "vendor" => Some(patch.vendor.clone()),
        "name" => Some(patch.name.clone()),
        // Python 3 drops the empty tag that an update has; of source levels it does not.
        "tags" if python == Python::V3_6 && patch.tags.iter().all(String::is_empty) => Some("[]".to_owned()),
        "tags" => Some(python_list(&patch.tags, python)),
        "summary" => Some(patch.summary.clone()),
        "version_supported" => Some(python_list(&patch.version_supported, python)),
        "leaf_services" => Some(python_list(&patch.leaf_services, python)),
        "releasedate" => Some(patch.release_date.clone()),
        "TPP_ISO" => Some(truth(patch.third_party)),
        "version" => Some(patch.version.clone()),
        "buildnumber" => Some(patch.build.clone()),
        "rebootrequired" => Some(truth(patch.reboot_required)),
        "updateversion" => Some(truth(patch.update_version)),
        "productname" => Some(patch.product.clone()),
        "eulaAcceptTime" => accepted.map(str::to_owned),
        "severity" => Some(patch.severity.clone()),
        // Of what was installed its packages are not kept.
        "size in MB" => Some((bytes >> 20).to_string()).filter(|_| !patch.packages.is_empty()),
        _ => unreachable!("no field of a listing is called {name}"),
    }
}

/// A list of texts as Python shows it, in Python 2 unicode ones; without entries it holds one empty text, as captured.
fn python_list(words: &[String], python: Python) -> String {
    let mark = if python == Python::V2_7 { "u" } else { "" };
    if words.is_empty() {
        return format!("[{mark}'']");
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("{mark}'{word}'")).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Contents, bundled_disc, open};
    use crate::systems::vcsa::series::SERIES;

    #[test]
    fn every_field_that_a_series_lists_has_a_value() {
        let disc = bundled_disc("VC-6.0.0U1-Appliance-FP").expect("it is bundled");
        let Ok(Contents::Patch(patch)) = open(&disc) else { panic!("an update") };
        for series in &SERIES {
            for name in series.listing.fields.iter().filter(|name| **name != "thirdPartyInstallation") {
                let value = field(&patch, Some("2015-10-08 02:43:36 UTC"), series.python, name);
                assert!(value.is_some(), "{} {name}", series.from);
            }
        }
    }

    #[test]
    fn lists_are_those_of_the_interpreter() {
        let check = |words: &[&str], python, expect: &str| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(python_list(&words, python), expect);
        };
        check(&[], Python::V2_7, "[u'']");
        check(&["a", "b"], Python::V2_7, "[u'a', u'b']");
        check(&[""], Python::V3_6, "['']");
        check(&["vmware-pod"], Python::V3_6, "['vmware-pod']");
    }
}
