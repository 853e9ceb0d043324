//! `nodectl check`, `nodectl info` and `imgbase w`, `layout`, `rollback` of an RHV-H, and the lines at its login (reference `engine-tools.md` 16,
//! capture 06 of its engine transcripts). What is checked of disks and volumes is always good here; vdsmd is looked at.

use crate::systems::linux::proc::{Ended, Proc};
use crate::world::{MachineId, World};

/// What is checked, by group. Under a group stand its checks.
const GROUPS: &[(&str, &[&str])] = &[
    ("Bootloader", &["Layer boot entries", "Valid boot entries"]),
    ("Mount points", &["Separate /var", "Discard is used"]),
    ("Basic storage", &["Initialized VG", "Initialized Thin Pool", "Initialized LVs"]),
    ("Thin storage", &["Checking available space in thinpool", "Checking thinpool auto-extend"]),
];

fn vdsm_is_up(world: &World, id: MachineId) -> bool {
    world.linux(id).unit_is_up("vdsmd.service")
}

/// The image of a host that is an RHV-H.
fn image(p: &Proc) -> Option<String> {
    p.world(|world, id| world.rhv(id)?.image.clone())
}

/// What stands in `/etc/motd`.
#[must_use]
pub fn motd(world: &World, id: MachineId) -> String {
    let status = if vdsm_is_up(world, id) {
        "  node status: OK\n  See `nodectl check` for more information\n"
    } else {
        "  node status: DEGRADED\n  Please check the status manually using `nodectl check`\n"
    };
    format!("{status}\nAdmin Console: https://{}:9090/\n\n", world.machine(id).address)
}

/// `nodectl`
pub async fn nodectl(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check"] => check(p).await,
        ["info"] => info(p).await,
        _ => p.gap("nodectl with other arguments than check and info"),
    }
}

async fn check(p: &mut Proc) -> Ended {
    let good = p.world(|world, id| vdsm_is_up(world, id));
    if !good {
        p.inferred();
    }
    let mut text = format!("Status: {}\n", if good { "OK" } else { "WARN" });
    for (group, checks) in GROUPS {
        text.push_str(&format!("{group} ... OK\n"));
        checks.iter().for_each(|check| text.push_str(&format!("  {check} ... OK\n")));
    }
    text.push_str(&format!("vdsmd ... {}\n", if good { "OK" } else { "BAD" }));
    p.out(&text).await?;
    Ok(0)
}

/// The boot entry and the layers. Which fields an entry has is known, what stands in them is inferred.
async fn info(p: &mut Proc) -> Ended {
    let Some(base) = image(p) else { return p.gap("nodectl on a host that is no RHV-H") };
    p.inferred();
    let (kernel, major) = p.peek(|linux| (linux.kernel().into_owned().release, linux.distro.major));
    let layer = format!("{base}+1");
    let volume = format!("/dev/rhvh/{layer}");
    let title = if major >= 8 { format!("{base} ({kernel})") } else { layer.clone() };
    let boot = format!("/{layer}");
    let mut text = format!(
        "bootloader: \n  default: {title}\n  entries: \n    {title}: \n      index: 0\n      kernel: \
         /boot{boot}/vmlinuz-{kernel}\n      args: crashkernel=auto rd.lvm.lv=rhvh/{layer} rd.lvm.lv=rhvh/swap rhgb quiet \
         rootflags=discard img.bootid={layer}\n      initrd: /boot{boot}/initramfs-{kernel}.img\n      root: {volume}\n      \
         title: {title}\n"
    );
    if major >= 8 {
        text.push_str(&format!("      blsid: {base}+1-{kernel}\n"));
    }
    text.push_str(&format!("layers: \n  {base}: \n    {layer}\ncurrent_layer: {layer}\n"));
    p.out(&text).await?;
    Ok(0)
}

/// `imgbase`
pub async fn imgbase(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(base) = image(p) else { return p.gap("imgbase on a host that is no RHV-H") };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        ["w"] => format!("You are on {base}+1\n"),
        ["rollback"] => {
            // Nothing here makes a second one.
            p.inferred();
            let text = "It's required to have at least two layers available to execute rollback operation!";
            p.err(&format!("[ERROR] {text}\n")).await?;
            return Ok(1);
        }
        ["layout"] => format!("{base}\n +- {base}+1\n"),
        _ => return p.gap("imgbase with other arguments than w, layout and rollback"),
    };
    p.out(&text).await?;
    Ok(0)
}
