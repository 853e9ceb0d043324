//! Getting at an update: the disc in the drive or a repository, its metadata, its packages one by one.

use std::sync::Arc;

use super::From;
use super::report::{say, say_inferred, work};
use crate::payload::catalog::line_of;
use crate::payload::{Contents, Package, Patch, SHORT_NAMES};
use crate::shell::{Context, Cx};
use crate::sim::Span;
use crate::systems::vcsa::api::repository::{self, Silence};
use crate::systems::vcsa::faults::{self, BAD_MANIFEST, BLOBS_MISSING};
use crate::systems::vcsa::flows::Flow;
use crate::systems::vcsa::staging::UpdateCopy;
use crate::vm::{Disc, Drive, Medium, Origin, Unusable};

/// The fault point at which the connection of a client's disc breaks; its object is the package being copied.
pub const DISC_READ: &str = "disc.read";
/// The fault point at which a package's checksum turns out wrong; its object is the package.
pub const CHECKSUM: &str = "package.checksum";

/// What the tool prints about a drive without a usable disc; captured on 8.0, inferred for 6.0.
const NO_VALID_ISO: &str = "The CD drive does not have a valid patch ISO or has an unsupported version";

/// What the tool prints when there is nothing for this appliance; of the management page of 6.5.
pub(super) const NOTHING_NEWER: &str = "Latest updates already installed on vCSA, Nothing to stage/install";

/// Starting the tool and mounting the disc, in milliseconds.
pub(super) const START_MS: u64 = 150;
const MOUNT_MS: u64 = 270;

/// A source that answered.
#[derive(Clone)]
pub(super) struct Source {
    medium: Medium,
    /// The disc; a repository has none.
    disc: Option<Inserted>,
    /// The update it holds, or what is wrong with its metadata.
    found: Result<Arc<Patch>, Damage>,
}

/// What is wrong with an update that can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Damage {
    trouble: String,
    /// Its files are there, in another place.
    misplaced: bool,
}

/// Which disc was mounted, and by which way it is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Inserted {
    serial: u64,
    origin: Origin,
}

/// Starts the tool, then mounts the disc or asks the repository, for a listing. Without a source that answers, it has said
/// so.
pub(super) async fn open(cx: &Cx, from: &From) -> Option<Source> {
    work(cx, START_MS).await;
    match from {
        From::Iso => mount(cx).await,
        From::Url(url) => query(cx, url.as_deref()).await,
    }
}

/// Mounts the disc. Without one that holds an update, it has said so.
pub(super) async fn mount(cx: &Cx) -> Option<Source> {
    work(cx, MOUNT_MS / 2).await;
    let source = cx.with(mount_now);
    if source.is_some() {
        work(cx, MOUNT_MS / 2).await;
    }
    source
}

fn mount_now(cx: &mut Context<'_>) -> Option<Source> {
    let Some(disc) = cx.world.machine(cx.machine()).vm.drive.readable().cloned() else {
        say_inferred(cx, NO_VALID_ISO);
        if let Drive::Connecting(disc) = &cx.world.machine(cx.machine()).vm.drive {
            let text = format!("{} is still connecting; a moment later it can be read", disc.medium.title());
            cx.aside(&text);
        }
        return None;
    };
    let copy = UpdateCopy { medium: disc.medium.clone(), origin: Some(disc.origin) };
    if cx.vcsa().series().flow.resumes && has(cx, BLOBS_MISSING, &copy) {
        say_inferred(cx, NO_VALID_ISO);
        return None;
    }
    let first_time = disc.contents.is_none();
    let inserted = Inserted { serial: disc.inserted, origin: disc.origin };
    let found = match look_into(cx, &disc) {
        Ok(found) => found,
        Err(trouble) => {
            say_inferred(cx, NO_VALID_ISO);
            cx.aside(&trouble);
            return None;
        }
    };
    // Told of 8.0; before that, any update can be staged, and its version is checked when it is installed.
    let strange = |patch: &Arc<Patch>| line_of(&patch.version) != line_of(&cx.vcsa().running.version);
    if cx.vcsa().series().flow.resumes && found.as_ref().is_ok_and(strange) {
        say_inferred(cx, NO_VALID_ISO);
        return None;
    }
    say(cx, "ISO mounted successfully");
    if first_time && matches!((&disc.medium, &found), (Medium::File(_), Ok(patch)) if patch.signed) {
        cx.aside(&format!("{}: its signatures are not checked, only its digests are", disc.medium.title()));
    }
    Some(Source { medium: disc.medium, disc: Some(inserted), found })
}

/// What a disc holds: an update or one with damaged metadata. An error where the disc is no update disc at all.
fn look_into(cx: &mut Context<'_>, disc: &Disc) -> Result<Result<Arc<Patch>, Damage>, String> {
    let flow = cx.vcsa().series().flow;
    if let Some(known) = disc.contents.clone() {
        cx.media.reach(&disc.medium)?;
        return patch_of(flow, &disc.medium, known);
    }
    let contents = cx.media.contents(&disc.medium);
    if let Some(disc) = cx.vm_mut().drive.disc_mut() {
        disc.contents = Some(contents.clone());
    }
    patch_of(flow, &disc.medium, contents)
}

fn patch_of(
    flow: &Flow,
    medium: &Medium,
    contents: Result<Arc<Contents>, Unusable>,
) -> Result<Result<Arc<Patch>, Damage>, String> {
    match contents {
        Ok(contents) => match contents.as_ref() {
            Contents::Patch(patch) => Ok(Ok(Arc::clone(patch))),
            Contents::Installer { found } => Err(format!(
                "{}: this is the full installer (it has {found}), from which a running appliance cannot be updated",
                medium.title()
            )),
            Contents::ShortNames => Err(format!("{}: {SHORT_NAMES}", medium.title())),
            Contents::Foreign => Err(format!("{}: this disc holds no update", medium.title())),
        },
        Err(Unusable::Unreadable(trouble)) => Err(trouble),
        // Where there are container layers, a disc without them is none.
        Err(Unusable::Incomplete(trouble)) if flow.resumes => Err(trouble),
        Err(Unusable::Misplaced(trouble)) => Ok(Err(Damage { trouble, misplaced: true })),
        Err(Unusable::Damaged(trouble) | Unusable::Incomplete(trouble)) => {
            Ok(Err(Damage { trouble, misplaced: false }))
        }
    }
}

/// Asks the repository at `url`, or the default one. Without an update there, it has said so.
pub(super) async fn query(cx: &Cx, url: Option<&str>) -> Option<Source> {
    let round_trip = cx.with(|cx| cx.vcsa().rates.url.per_file_ms);
    work(cx, round_trip).await;
    cx.with(|cx| {
        let (id, now) = (cx.machine(), cx.now());
        let url = url.map_or_else(|| cx.vcsa().repository(), str::to_owned);
        let mut own_words = None;
        let trouble = match repository::offer(cx.world, cx.media, id, &url) {
            Ok(None) => {
                cx.vcsa_mut().software_update.queried = Some(now);
                say_inferred(cx, NOTHING_NEWER);
                return None;
            }
            Ok(Some((medium, contents))) => match patch_of(cx.vcsa().series().flow, &medium, contents) {
                Ok(found) => {
                    cx.vcsa_mut().software_update.queried = Some(now);
                    return Some(Source { medium, disc: None, found });
                }
                Err(trouble) => Some(trouble),
            },
            Err(Silence::Untrusted) => {
                say_inferred(cx, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed");
                None
            }
            Err(Silence::Absent) => {
                own_words = cx.vcsa().series().flow.no_repository.map(str::to_owned);
                None
            }
            Err(Silence::Unreachable(trouble)) => trouble,
        };
        say_inferred(cx, &own_words.unwrap_or_else(|| format!("Failed to download the manifest from {url}")));
        if let Some(trouble) = trouble {
            cx.aside(&trouble);
        }
        None
    })
}

/// Compares the metadata's checksums. Without good metadata, it has said so.
pub(super) async fn validate(cx: &Cx, source: &Source) -> Option<()> {
    let (count, millis) = match &source.found {
        Ok(patch) => (patch.packages.len() as u64, cx.with(|cx| cx.vcsa().rates.metadata_ms)),
        Err(_) => (1, 1),
    };
    work(cx, millis.saturating_mul(count)).await;
    cx.with(|cx| verified(cx, source).map(|_| ()))
}

/// The update of a source whose metadata are what their checksums and their signature say; else, it has said so.
pub(super) fn verified(cx: &mut Context<'_>, source: &Source) -> Option<Arc<Patch>> {
    let flow = cx.vcsa().series().flow;
    let struck = has(cx, BAD_MANIFEST, &copy_of(source));
    let damage = match &source.found {
        Ok(patch) if !struck => return Some(Arc::clone(patch)),
        Ok(_) => None,
        Err(damage) => Some(damage),
    };
    // 8.0 has no word of its own for misplaced files: it is told to say at once that the stage failed.
    if !damage.is_some_and(|damage| damage.misplaced && flow.resumes) {
        let text = if source.disc.is_none() { flow.bad_manifest } else { "Manifest verification failed" };
        say_inferred(cx, text);
    }
    if let Some(damage) = damage {
        cx.aside(&damage.trouble);
    }
    None
}

/// The disc in the drive is not the one that `staged` was staged from.
pub(super) fn say_other_disc(cx: &mut Context<'_>, staged: &str) {
    say_inferred(cx, NO_VALID_ISO);
    cx.aside(&format!("{staged} is staged, and another disc is in the drive"));
}

/// The update that a source holds; nothing where its metadata is damaged.
pub(super) fn offered(source: &Source) -> Option<&Arc<Patch>> {
    source.found.as_ref().ok()
}

/// Whether its files are there, in another place.
pub(super) fn is_misplaced(source: &Source) -> bool {
    source.found.as_ref().is_err_and(|damage| damage.misplaced)
}

/// Ends the use of a disc. A disc whose connection broke, or that was taken out, cannot be unmounted.
pub(super) fn close(cx: &mut Context<'_>, source: &Source) {
    if source.disc.is_some() && still_there(cx, source) {
        say(cx, "ISO unmounted successfully");
    }
}

/// Whether the medium can be read at this moment. The same image put in anew is another disc.
fn still_there(cx: &Context<'_>, source: &Source) -> bool {
    let present = cx.world.machine(cx.machine()).vm.drive.readable().map(|disc| disc.inserted);
    source.disc.is_none_or(|mounted| present == Some(mounted.serial))
}

/// How long one package takes from this source.
pub(super) fn span_of(cx: &Context<'_>, source: &Source, package: &Package) -> Span {
    let rates = &cx.vcsa().rates;
    let rate = match source.disc.map(|disc| disc.origin) {
        Some(Origin::Client) => &rates.client,
        Some(Origin::Datastore) => &rates.datastore,
        None => &rates.url,
    };
    rate.file(package.size())
}

/// Reads one package whole and compares it with the metadata. What is wrong has been said.
pub(super) fn fetch(cx: &mut Context<'_>, source: &Source, package: &Package) -> bool {
    let from_client = source.disc.is_some_and(|disc| disc.origin == Origin::Client);
    if from_client && cx.strikes(DISC_READ, &package.name) {
        cx.vm_mut().drive.lose();
    }
    let path = &package.body.path;
    if !still_there(cx, source) {
        say_failure(cx, &format!("[Errno 5] Input/output error: '{path}'"), None);
        return false;
    }
    let struck = cx.strikes(CHECKSUM, &package.name) && has(cx, CHECKSUM, &copy_of(source));
    let verified = if struck { Err(None) } else { cx.media.body(&source.medium, &package.body).map_err(Some) };
    match verified {
        Ok(()) => true,
        Err(trouble) => {
            say_failure(cx, &format!("Checksum verification failed: {path}"), trouble.as_deref());
            false
        }
    }
}

/// Which copy of the update a source is.
fn copy_of(source: &Source) -> UpdateCopy {
    UpdateCopy { medium: source.medium.clone(), origin: source.disc.map(|disc| disc.origin) }
}

/// Whether a copy has the damage that a fault stands for.
fn has(cx: &mut Context<'_>, point: &str, copy: &UpdateCopy) -> bool {
    let id = cx.machine();
    faults::is_damaged(cx.world, id, point, copy)
}

/// Ends the counter's line and says what went wrong; the simulator adds what it knows beyond that.
fn say_failure(cx: &mut Context<'_>, text: &str, trouble: Option<&str>) {
    cx.line("");
    say_inferred(cx, text);
    if let Some(trouble) = trouble {
        cx.aside(trouble);
    }
}
