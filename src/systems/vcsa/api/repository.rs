//! What a repository answers: the vendor's, which has one folder for each version that is installed somewhere, or one that
//! the lab names.
//!
//! The vendor publishes an update on its day; before that, and where the lab names none, what is installed is the latest
//! (reference `software-packages.md` sections 5 and 6; that the folder is there all the same is inferred).

use super::wall;
use crate::media::Media;
use crate::payload::{Contents, Patch, catalog};
use crate::systems::vcsa::faults::{REPOSITORY_DOWN, distrusts_all};
use crate::systems::vcsa::series::SERIES;
use crate::vm::{Medium, Unusable};
use crate::world::{MachineId, World};

/// Why a repository does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Its certificate does not hold by the clock of the machine.
    Untrusted,
    /// There is none at the address.
    Absent,
    /// It cannot be reached; what there is to say beyond that.
    Unreachable(Option<String>),
}

/// An update in a repository, or what is wrong with it.
pub type Offer = (Medium, Result<std::sync::Arc<Contents>, Unusable>);

/// What the repository at `url` has for a machine; nothing newer, where it has none.
///
/// # Errors
/// Why it does not answer.
pub fn offer(world: &World, media: &mut Media, id: MachineId, url: &str) -> Result<Option<Offer>, Silence> {
    let Some(medium) = reach(world, id, url)? else { return Ok(None) };
    let contents = media.contents(&medium);
    let published = match contents.as_deref() {
        Ok(Contents::Patch(patch)) => !is_vendors(url) || is_published(world, &patch.release_date),
        _ => true,
    };
    Ok(published.then_some((medium, contents)))
}

/// The same by what is known without looking into the repository: the version of what it has.
///
/// # Errors
/// Why it does not answer.
pub fn version(world: &World, id: MachineId, url: &str) -> Result<Option<String>, Silence> {
    let medium = reach(world, id, url)?;
    let Some(Medium::Bundled(name)) = medium else { return Ok(None) };
    let release = catalog::releases().iter().find(|release| release.update == Some(&name));
    let published = release.filter(|release| !is_vendors(url) || is_published(world, release.date));
    Ok(published.map(|release| release.version.to_owned()))
}

/// What stands at `url`; nothing in a folder of the vendor's for which the lab has no update.
fn reach(world: &World, id: MachineId, url: &str) -> Result<Option<Medium>, Silence> {
    if distrusts_all(world.vcsa(id)) {
        return Err(Silence::Untrusted);
    }
    if world.suffers(id, REPOSITORY_DOWN) {
        return Err(Silence::Unreachable(None));
    }
    wall::way_out(world, id, url).map_err(|why| Silence::Unreachable(Some(why)))?;
    let address = address(url);
    match world.repositories.get(&address) {
        Some(medium) => Ok(Some(medium.clone())),
        None if is_vendors(url) && has_vendor(world) && is_folder(&address) => Ok(None),
        None => Err(Silence::Absent),
    }
}

/// Whether an address is one of the vendor's, whoever asks there.
fn is_vendors(url: &str) -> bool {
    let address = address(url);
    SERIES.iter().any(|series| address.starts_with(series.repository))
}

/// Whether the vendor can be reached from the lab: it names something there.
fn has_vendor(world: &World) -> bool {
    world.repositories.keys().any(|url| is_vendors(url))
}

/// Whether the last part of an address is the folder of a release.
fn is_folder(address: &str) -> bool {
    let version = address.rsplit('/').next().and_then(|folder| folder.strip_suffix(".latest"));
    version.is_some_and(|version| catalog::release(version).is_some())
}

fn is_published(world: &World, date: &str) -> bool {
    Patch::published(date).is_none_or(|day| day <= world.now.utc().date())
}

/// The address of a repository as the lab knows it: without the name and password by which one is let in.
fn address(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host_ends = rest.find('/').unwrap_or(rest.len());
    let host_begins = rest[..host_ends].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host_begins..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Instant;
    use crate::systems::vcsa::test_world;

    #[test]
    fn a_repository_is_known_without_what_lets_one_in() {
        let check = |url: &str, expect: &str| assert_eq!(address(url), expect, "{url}");
        check("https://host/a/b/", "https://host/a/b");
        check("https://me:********@host/a@b", "https://host/a@b");
        check("https://me@host:443", "https://host:443");
        check("host/a", "host/a");
        check("", "");
    }

    #[test]
    fn the_vendor_publishes_an_update_on_its_day() {
        let check = |installed: &str, now: &str, expect: Result<Option<&str>, Silence>| {
            let (mut world, id) = test_world("vcsa-6.7");
            world.now = Instant::parse(now).expect("a time");
            let url = format!("{}/{installed}.latest/", world.vcsa(id).series().repository);
            // Who it is asked by makes no difference.
            for url in [&url, &url.replace("https://", "https://me:secret@")] {
                let found = version(&world, id, url);
                let expect = expect.clone().map(|version| version.map(str::to_owned));
                assert_eq!(found, expect, "{url} {now}");
            }
        };
        check("6.7.0.42000", "2021-05-26T00:00:00Z", Ok(Some("6.7.0.48000")));
        check("6.7.0.48000", "2021-09-20T23:00:00Z", Ok(None));
        check("6.7.0.48000", "2021-09-21T00:00:00Z", Ok(Some("6.7.0.50000")));
        check("6.7.0.50000", "2021-09-21T00:00:00Z", Ok(None));
        check("6.7.0.1", "2021-09-21T00:00:00Z", Err(Silence::Absent));
    }
}
