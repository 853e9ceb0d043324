//! Getting at an update: the disc in the drive or a repository, its metadata, its packages one by one.

use std::sync::Arc;

use super::From;
use super::report::{log, say, say_inferred, work};
use crate::payload::{Contents, Package, Patch};
use crate::shell::{Context, Cx};
use crate::sim::Span;
use crate::vm::{Medium, Origin};

/// The fault point at which the connection of a disc breaks; its object is the package being copied.
pub const DISC_READ: &str = "disc.read";
/// The fault point at which a package's checksum turns out wrong; its object is the package.
pub const CHECKSUM: &str = "package.checksum";

/// What the tool prints about a drive without a usable disc; captured on 8.0, inferred for 6.0.
const NO_VALID_ISO: &str = "The CD drive does not have a valid patch ISO or has an unsupported version";

/// Mounting the disc, in milliseconds, with the time the tool itself needs to start.
const START_MS: u64 = 150;
const MOUNT_MS: u64 = 270;

/// A source that answered, and the update it holds.
#[derive(Clone)]
pub(super) struct Offer {
    pub(super) medium: Medium,
    pub(super) patch: Arc<Patch>,
    /// By which way its disc is connected; a repository has none.
    pub(super) origin: Option<Origin>,
}

/// Starts the tool, mounts the disc or asks the repository, and reads the metadata. Without an update, it has said so.
pub(super) async fn open(cx: &Cx, from: &From, staging: bool) -> Option<Offer> {
    work(cx, START_MS).await;
    match from {
        From::Iso => mount(cx, staging).await,
        From::Url(url) => query(cx, url.as_deref()).await,
    }
}

async fn mount(cx: &Cx, staging: bool) -> Option<Offer> {
    if staging {
        cx.with(|cx| say(cx, "Staging software update packages from ISO"));
    }
    work(cx, MOUNT_MS / 2).await;
    let offer = cx.with(|cx| {
        let Some((medium, origin)) = readable_disc(cx) else {
            say_inferred(cx, NO_VALID_ISO);
            return None;
        };
        match contents(cx, &medium) {
            Ok(patch) => {
                say(cx, "ISO mounted successfully");
                Some(Offer { medium, patch, origin: Some(origin) })
            }
            Err(trouble) => {
                say_inferred(cx, NO_VALID_ISO);
                cx.line(&format!("appsh: {trouble}"));
                None
            }
        }
    });
    if offer.is_some() {
        work(cx, MOUNT_MS / 2).await;
    }
    offer
}

fn readable_disc(cx: &mut Context<'_>) -> Option<(Medium, Origin)> {
    let disc = cx.world.machine(cx.machine()).vm.drive.readable()?;
    Some((disc.medium.clone(), disc.origin))
}

/// The update on a medium, or why there is none.
fn contents(cx: &mut Context<'_>, medium: &Medium) -> Result<Arc<Patch>, String> {
    let found =
        match cx.vm_mut().drive.disc().filter(|disc| disc.medium == *medium).and_then(|disc| disc.contents.clone()) {
            Some(known) => known,
            None => {
                let found = cx.media.contents(medium);
                if let Some(disc) = cx.vm_mut().drive.disc_mut().filter(|disc| disc.medium == *medium) {
                    disc.contents = Some(found.clone());
                }
                found
            }
        };
    match found.as_deref() {
        Ok(Contents::Patch(patch)) => Ok(Arc::new(patch.clone())),
        Ok(other) => Err(format!("{}: {}", medium.title(), describe(other))),
        Err(trouble) => Err(trouble.clone()),
    }
}

/// What a disc is that holds no update.
fn describe(contents: &Contents) -> String {
    match contents {
        Contents::Installer { found } => {
            format!("this is the full installer (it has {found}), from which a running appliance cannot be updated")
        }
        Contents::Patch(_) | Contents::Foreign => "this disc holds no update".to_owned(),
    }
}

async fn query(cx: &Cx, url: Option<&str>) -> Option<Offer> {
    let round_trip = cx.with(|cx| cx.vcsa().rates.url.per_file_ms);
    work(cx, round_trip).await;
    cx.with(|cx| {
        let url = url.map_or_else(|| cx.vcsa().default_repository(), str::to_owned);
        let Some(medium) = cx.world.repositories.get(url.trim_end_matches('/')).cloned() else {
            say_inferred(cx, &format!("Failed to download the manifest from {url}"));
            return None;
        };
        match contents(cx, &medium) {
            Ok(patch) => Some(Offer { medium, patch, origin: None }),
            Err(trouble) => {
                say_inferred(cx, "Manifest verification failed");
                cx.line(&format!("appsh: {trouble}"));
                None
            }
        }
    })
}

/// Ends the use of a disc. A disc whose connection broke cannot be unmounted.
pub(super) fn close(cx: &mut Context<'_>, offer: &Offer) {
    if offer.origin.is_some() && still_there(cx, offer) {
        say(cx, "ISO unmounted successfully");
    }
}

/// Whether the medium can be read at this moment.
pub(super) fn still_there(cx: &mut Context<'_>, offer: &Offer) -> bool {
    offer.origin.is_none() || readable_disc(cx).is_some_and(|(medium, _)| medium == offer.medium)
}

/// How long one package takes from this source.
pub(super) fn span_of(cx: &mut Context<'_>, offer: &Offer, package: &Package) -> Span {
    let rates = &cx.vcsa().rates;
    let rate = match offer.origin {
        Some(Origin::Client) => &rates.client,
        Some(Origin::Datastore) => &rates.datastore,
        None => &rates.url,
    };
    rate.file(package.body.size)
}

/// Reads one package whole and compares it with the metadata. What is wrong, in the tool's words.
pub(super) fn fetch(cx: &mut Context<'_>, offer: &Offer, package: &Package) -> Result<(), String> {
    if offer.origin.is_some() && cx.strikes(DISC_READ, &package.name) {
        cx.vm_mut().drive.lose();
    }
    if !still_there(cx, offer) {
        return Err(format!("[Errno 5] Input/output error: '{}'", package.body.path));
    }
    let found = if cx.strikes(CHECKSUM, &package.name) {
        Err(format!("{}: checksum of {} is wrong (fault)", offer.medium.title(), package.body.path))
    } else {
        cx.media.body(&offer.medium, &package.body)
    };
    found.map_err(|trouble| {
        log(cx, "ERROR", &trouble);
        format!("Checksum verification failed: {}", package.body.path)
    })
}
