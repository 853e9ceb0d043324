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

/// Help of nodectl (inferred).
const NODECTL: &str = "\
usage: nodectl [-h] [--version] [--debug] {init,info,check,motd,generate-banner} ...

positional arguments:
  {init,info,check,motd,generate-banner}
    init                Perform post-installation configuration
    info                Show informations about the image
    check               Check the status of the system
    motd                Output the motd for login
    generate-banner     Generate a banner for issue

optional arguments:
  -h, --help            show this help message and exit
  --version
  --debug
";

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
        ["check", "--machine-readable"] | ["--machine-readable", "check"] => check_for_machines(p).await,
        ["info"] => info(p).await,
        ["-h" | "--help" | "help"] => {
            p.inferred();
            p.out(NODECTL).await?;
            Ok(0)
        }
        ["--version"] => {
            p.inferred();
            p.out(&format!("nodectl-{}\n", version(p))).await?;
            Ok(0)
        }
        [] => {
            p.inferred();
            p.err("usage: nodectl [-h] [--version] [--debug] {init,info,check,motd,generate-banner} ...\n").await?;
            p.err("nodectl: error: too few arguments\n").await?;
            Ok(2)
        }
        ["init" | "motd" | "generate-banner" | "--debug", ..] => p.gap(&format!("nodectl {}", words.join(" "))),
        [word, ..] => {
            p.inferred();
            let choices = "'init', 'info', 'check', 'motd', 'generate-banner'";
            p.err("usage: nodectl [-h] [--version] [--debug] {init,info,check,motd,generate-banner} ...\n").await?;
            p.err(&format!("nodectl: error: invalid choice: '{word}' (choose from {choices})\n")).await?;
            Ok(2)
        }
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

/// The same as JSON: a word for each group and check (reference `engine-tools.md` 16; the names of keys are inferred).
async fn check_for_machines(p: &mut Proc) -> Ended {
    p.inferred();
    let good = p.world(|world, id| vdsm_is_up(world, id));
    let key = |title: &str| title.to_ascii_lowercase().replace([' ', '/'], "_");
    let mut groups: Vec<String> = GROUPS
        .iter()
        .map(|(group, checks)| {
            let checks: String = checks.iter().map(|check| format!(", \"{}\": \"ok\"", key(check))).collect();
            format!("\"{}\": {{\"status\": \"ok\"{checks}}}", key(group))
        })
        .collect();
    groups.push(format!("\"vdsmd\": {{\"status\": \"{}\"}}", if good { "ok" } else { "bad" }));
    p.out(&format!("{{\"status\": \"{}\", {}}}\n", if good { "ok" } else { "warn" }, groups.join(", "))).await?;
    Ok(0)
}

/// The version of imgbased, which the image of a release has.
fn version(p: &Proc) -> &'static str {
    match p.world(|world, id| world.rhv(id).map(|rhv| rhv.release.minor)) {
        Some(2) => "1.0.29",
        Some(3) => "1.1.17",
        Some(4) => "1.2.23",
        _ => "1.2.25",
    }
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
        ["--version"] => {
            p.inferred();
            format!("imgbased {}\n", version(p))
        }
        ["layout"] => format!("{base}\n +- {base}+1\n"),
        _ => return p.gap("imgbase with other arguments than w, layout and rollback"),
    };
    p.out(&text).await?;
    Ok(0)
}
