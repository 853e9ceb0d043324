//! Where the disk of the Manager goes: which storage, and how large the disk is (reference `hosted-engine.md` 4.2; the branches of
//! NFS and Fibre Channel in transcripts 09 and 02, those of iSCSI and Gluster inferred from the same family).

use super::dialogue::{Dialogue, Query, Stop};
use crate::sim::Span;
use crate::systems::rhv::model::offer::{Kind, Offer};
use crate::systems::rhv::release::Release;

/// What a disk takes beside itself, in GiB, for the description of virtual machines.
const OVF_STORE: u64 = 7;
/// The size of the appliance's own disk, in GiB.
pub(super) fn usual_disk(release: Release) -> u64 {
    if release.setup_from([2, 5, 0]) { 51 } else { 50 }
}

/// The storage that was chosen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub kind: Kind,
    /// The share, or the number of the logical unit.
    pub path: String,
    pub nfs_version: String,
    pub mount_options: String,
    pub portal: String,
    pub target: String,
}

fn question(key: &'static str, prompt: impl Into<String>, default: Option<&str>) -> Query<'static> {
    Query { key, prompt: prompt.into(), default: default.map(str::to_owned), choices: &[] }
}

/// Asks for the storage.
pub(super) async fn ask(talk: &mut Dialogue<'_>, release: Release) -> Result<Chosen, Stop> {
    let words = Kind::ALL.map(Kind::word);
    let prompt = format!("Please specify the storage you would like to use ({})[nfs]: ", words.join(", "));
    let query = Query { key: "OVEHOSTED_STORAGE/domainType", prompt, default: Some("nfs".to_owned()), choices: &words };
    let word = talk.ask(query, |_, _| Ok(())).await?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Kind::Nfs);
    let mut chosen = Chosen {
        kind,
        path: String::new(),
        nfs_version: String::new(),
        mount_options: String::new(),
        portal: String::new(),
        target: String::new(),
    };
    match kind {
        Kind::Nfs | Kind::Glusterfs => share(talk, release, &mut chosen).await?,
        Kind::Iscsi => {
            portal(talk, &mut chosen).await?;
            unit(talk, &mut chosen).await?;
        }
        Kind::Fc => {
            talk.info("Getting Fibre Channel LUNs list").await?;
            talk.p.pass(Span::secs(5)).await?;
            unit(talk, &mut chosen).await?;
        }
    }
    Ok(chosen)
}

async fn share(talk: &mut Dialogue<'_>, release: Release, chosen: &mut Chosen) -> Result<(), Stop> {
    if chosen.kind == Kind::Nfs {
        let versions: &[&str] = if release.setup_from([2, 5, 0]) {
            &["auto", "v3", "v4", "v4_0", "v4_1", "v4_2"]
        } else {
            &["auto", "v3", "v4", "v4_1"]
        };
        let prompt = format!("Please specify the nfs version you would like to use ({})[auto]: ", versions.join(", "));
        let query =
            Query { key: "OVEHOSTED_STORAGE/nfsVersion", prompt, default: Some("auto".to_owned()), choices: versions };
        chosen.nfs_version = talk.ask(query, |_, _| Ok(())).await?;
    }
    let prompt = "Please specify the full shared storage connection path to use (example: host:/path): ";
    chosen.path = talk
        .ask(question("OVEHOSTED_STORAGE/storageDomainConnection", prompt, None), |_, path| {
            let fits = path.split_once(":/").is_some_and(|(host, _)| !host.is_empty() && !host.contains('/'));
            if fits { Ok(()) } else { Err(format!("Invalid connection path: {path}")) }
        })
        .await?;
    let prompt = if release.setup_from([2, 5, 0]) {
        "If needed, specify additional mount options for the connection to the hosted-engine storagedomain (example: \
         rsize=32768,wsize=32768) []: "
    } else {
        "If needed, specify additional mount options for the connection to the hosted-engine storage domain []: "
    };
    chosen.mount_options = talk.ask(question("OVEHOSTED_STORAGE/mntOptions", prompt, Some("")), |_, _| Ok(())).await?;
    Ok(())
}

async fn portal(talk: &mut Dialogue<'_>, chosen: &mut Chosen) -> Result<(), Stop> {
    talk.p.inferred();
    let prompt = "Please specify the iSCSI portal IP address: ";
    loop {
        let query = question("OVEHOSTED_STORAGE/iSCSIPortalIPAddress", prompt, None);
        let address = talk.ask(query, |_, _| Ok(())).await?;
        let query = question(
            "OVEHOSTED_STORAGE/iSCSIPortalPort",
            "Please specify the iSCSI portal port [3260]: ",
            Some("3260"),
        );
        let port =
            talk.ask(query, |_, port| port.parse::<u16>().map(drop).map_err(|_| "Invalid port".to_owned())).await?;
        for (key, what) in [
            ("OVEHOSTED_STORAGE/iSCSIDiscoverUser", "discover user"),
            ("OVEHOSTED_STORAGE/iSCSIPortalUser", "portal login user"),
        ] {
            let prompt = format!("Please specify the iSCSI {what}: ");
            talk.ask(question(key, prompt, Some("")), |_, _| Ok(())).await?;
        }
        talk.info("Discovering iSCSI targets").await?;
        talk.p.pass(Span::secs(5)).await?;
        chosen.portal = format!("{address}:{port}");
        let mut targets: Vec<String> = offers(talk, chosen).into_iter().filter_map(|offer| offer.target).collect();
        targets.dedup();
        if targets.is_empty() {
            fail_given(talk, "OVEHOSTED_STORAGE/iSCSIPortalIPAddress", "Unable to find any target on the portal")?;
            talk.error("Unable to find any target on the portal").await?;
            continue;
        }
        talk.note("The following targets have been found:").await?;
        for (number, target) in targets.iter().enumerate() {
            talk.note(&format!("[{}] {target}", number + 1)).await?;
        }
        let number = choose(talk, "OVEHOSTED_STORAGE/iSCSITargetName", "Please select a target", &targets).await?;
        chosen.target.clone_from(&targets[number]);
        talk.info("Getting iSCSI LUNs list").await?;
        talk.p.pass(Span::secs(6)).await?;
        return Ok(());
    }
}

/// A wrong answer of an answer file cannot be asked for again.
fn fail_given(talk: &Dialogue<'_>, key: &str, why: &str) -> Result<(), Stop> {
    if talk.given.contains_key(key) { Err(Stop::Failed(why.to_owned())) } else { Ok(()) }
}

/// Asks for one of several by its number, or takes what an answer file names.
async fn choose(talk: &mut Dialogue<'_>, key: &'static str, what: &str, all: &[String]) -> Result<usize, Stop> {
    if let Some(given) = talk.given.get(key).cloned() {
        let place = all.iter().position(|one| *one == given);
        return place.ok_or_else(|| Stop::Failed(format!("There is no {given} on the requested target")));
    }
    let numbers: Vec<String> = (1..=all.len()).map(|number| number.to_string()).collect();
    let choices: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let prompt = format!("{what} ({}) [1]: ", numbers.join(", "));
    let query = Query { key, prompt, default: Some("1".to_owned()), choices: &choices };
    let number: usize = talk.ask(query, |_, _| Ok(())).await?.parse().unwrap_or(1);
    talk.answers.insert(key, all[number - 1].clone());
    Ok(number - 1)
}

/// What there is of the kind that was chosen, behind its portal.
fn offers(talk: &Dialogue<'_>, chosen: &Chosen) -> Vec<Offer> {
    talk.p.world(|world, id| {
        if crate::systems::rhv::faults::troubles(world, id).storage {
            return Vec::new();
        }
        let behind = |offer: &&Offer| match chosen.kind {
            Kind::Iscsi => offer.portal.as_deref() == Some(&*chosen.portal),
            _ => true,
        };
        let all = world.offers.iter().filter(|offer| offer.kind == chosen.kind).filter(behind);
        all.filter(|offer| chosen.target.is_empty() || offer.target.as_deref() == Some(&*chosen.target))
            .cloned()
            .collect()
    })
}

/// Asks for a logical unit.
async fn unit(talk: &mut Dialogue<'_>, chosen: &mut Chosen) -> Result<(), Stop> {
    let all = offers(talk, chosen);
    if all.is_empty() {
        return Err(Stop::Failed("No LUNS have been found on the requested target".to_owned()));
    }
    talk.note("The following luns have been found on the requested target:").await?;
    for (number, offer) in all.iter().enumerate() {
        let (array, status) =
            (offer.array.as_deref().unwrap_or("LIO-ORG disk"), if offer.used { "used" } else { "free" });
        talk.note(&format!("[{}] {}   {}GiB   {array}", number + 1, offer.path, offer.size_gb)).await?;
        talk.note(&format!("         status: {status}, paths: {} active", offer.paths)).await?;
        talk.note("").await?;
    }
    let names: Vec<String> = all.iter().map(|offer| offer.path.clone()).collect();
    let number = choose(talk, "OVEHOSTED_STORAGE/LunID", "Please select the destination LUN", &names).await?;
    chosen.path.clone_from(&names[number]);
    Ok(())
}

/// Asks for the size of the disk, in GiB, which a storage of `free` GiB must have room for.
pub(super) async fn disk(talk: &mut Dialogue<'_>, release: Release, free: u64) -> Result<u64, Stop> {
    let usual = usual_disk(release);
    let unit = if release.setup_from([2, 5, 0]) { "GiB" } else { "GB" };
    let prompt = format!("Please specify the size of the VM disk in {unit}: [{usual}]: ");
    let query = question("OVEHOSTED_STORAGE/imgSizeGB", prompt, Some(&usual.to_string()));
    let text = talk
        .ask(query, |_, text| match text.parse::<u64>() {
            Ok(size) if size < usual => Err(format!("Invalid disk size specified: {text}")),
            Ok(size) if !has_room_for(size, free) => Err(short(size, free)),
            Ok(_) => Ok(()),
            Err(_) => Err(format!("Invalid disk size specified: {text}")),
        })
        .await?;
    Ok(text.parse().unwrap_or(usual))
}

/// That a storage has no room for a disk.
pub(super) fn short(size: u64, free: u64) -> String {
    format!(
        "Not enough free space, about {free} GiB will be available within the storage domain (required {size} GiB for the engine \
         VM disk plus {OVF_STORE} GiB for the OVF_STORE disks creation)"
    )
}

/// Whether a storage has room for the smallest disk.
pub(super) fn has_room(release: Release, free: u64) -> bool {
    has_room_for(usual_disk(release), free)
}

/// Whether it has room for a disk of this size; both in GiB.
pub(super) fn has_room_for(size: u64, free: u64) -> bool {
    size.saturating_add(OVF_STORE) <= free
}
