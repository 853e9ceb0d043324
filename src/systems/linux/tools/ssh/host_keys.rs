//! The keys of a machine's own daemon. The files that an installation has follow from its name; what a client is shown is
//! what the files hold.

use super::keygen;
use super::keys::{Key, Kind};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::Cred;
use crate::systems::linux::made_files;
use crate::systems::linux::net::{self, Host};
use crate::world::{MachineId, World};

/// The text of `ssh_host_…_key`, or of the one with `.pub` behind it.
#[must_use]
pub fn text(world: &World, id: MachineId, file: &str) -> String {
    let (word, public) = file.strip_suffix(".pub").map_or((file, false), |word| (word, true));
    let Some(kind) = Kind::find(word) else { return String::new() };
    let linux = world.linux(id);
    let version = linux.distro.openssh_version();
    // Red Hat makes them without a comment.
    let comment = match linux.distro.vendor {
        Vendor::RedHat | Vendor::Esxi => String::new(),
        Vendor::Suse | Vendor::Photon => format!("root@{}", linux.installed_as()),
    };
    let key = Key::of_host(kind, linux.installed_as(), version);
    match public {
        true => format!("{} {comment}", key.line()).trim_end().to_owned() + "\n",
        false => keygen::private_text(&key, &Key::host_seed(kind, linux.installed_as()), &comment, version),
    }
}

/// The key that a host shows, of the first of these kinds that it has.
#[must_use]
pub fn shown(world: &World, host: &Host, kinds: &[Kind]) -> Key {
    let held = host.machine.and_then(|id| kinds.iter().find_map(|kind| held(world, id, *kind)));
    held.unwrap_or_else(|| Key::of_host(kinds[0], net::own_name(world, host), (0, 0)))
}

/// The key of this kind in the files of a machine.
#[must_use]
pub fn held(world: &World, id: MachineId, kind: Kind) -> Option<Key> {
    let path = format!("/etc/ssh/ssh_host_{}_key", kind.word());
    let ino = world.linux(id).fs.lookup(&Cred::ROOT, "/", &path).ok()?;
    let text = made_files::slice(world, id, ino, 0, 1 << 16);
    keygen::private(&String::from_utf8_lossy(&text)).map(|own| own.key)
}

/// What a client says of a host whose key is not the one that it knows (`warn_changed_key`).
#[must_use]
pub fn changed(kind: &str, print: &str, place: &str, host: &str) -> String {
    let (frame, file) = ("@".repeat(59), place.rsplit_once(':').map_or(place, |(file, _)| file));
    format!(
        "{frame}\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n{frame}\nIT IS POSSIBLE THAT SOMEONE IS DOING \
         SOMETHING NASTY!\nSomeone could be eavesdropping on you right now (man-in-the-middle attack)!\nIt is also possible that \
         a host key has just been changed.\nThe fingerprint for the {kind} key sent by the remote host is\n{print}.\nPlease \
         contact your system administrator.\nAdd correct host key in {file} to get rid of this message.\nOffending {kind} key in \
         {place}\n{kind} host key for {host} has changed and you have requested strict checking.\n"
    )
}
