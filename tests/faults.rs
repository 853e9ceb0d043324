//! Every fault that an appliance offers has a golden transcript that sets it and shows what fails, and one that shows how an
//! admin puts it right; and each phase in which the power can fail has one that cuts it.

use std::collections::BTreeSet;
use std::path::Path;

use appsh::lab_file::{BUNDLED, LabFile};
use appsh::systems::family;
use appsh::systems::vcsa::faults::{FAULTS, UPDATE_PHASE};

/// A fault with a transcript in which, in this order, it is set, a line shows the failure, a line is typed that puts it right,
/// and a line shows that it does.
struct Golden {
    fault: &'static str,
    file: &'static str,
    failure: &'static str,
    cure: &'static str,
    proof: &'static str,
}

const NO_DISC: &str = "The CD drive does not have a valid patch ISO or has an unsupported version";
const STAGED: &str = "Staging process completed successfully";
const INSTALLED: &str = "Packages upgraded successfully, Reboot is required to complete the installation.";

const fn golden(
    fault: &'static str,
    file: &'static str,
    failure: &'static str,
    cure: &'static str,
    proof: &'static str,
) -> Golden {
    Golden { fault, file, failure, cure, proof }
}

const GOLDENS: &[Golden] = &[
    golden("disc-stuck", "disc-stuck-then-from-datastore.txt", NO_DISC, "%disc attach", STAGED),
    golden("disc-lost", "disc-pulled-while-copying.txt", "[Errno 5] Input/output error", "%disc attach", STAGED),
    golden("disc-lost", "stage-80-first-package.txt", "Staging failed. Retry", "%disc attach", STAGED),
    golden("bad-checksum", "bad-checksum.txt", "Checksum verification failed", "--from client", STAGED),
    golden("log-full", "fault-log-full.txt", "No space left on device", "> /storage/log/vmware", STAGED),
    golden("staging-full", "fault-staging-full.txt", "Not enough space", "rm /storage/core", STAGED),
    golden("updatemgr-full", "fault-updatemgr-full.txt", "Not enough space", "rm /storage/updatemgr", STAGED),
    golden("bad-manifest", "fault-bad-manifest.txt", "Manifest verification failed", "stage --iso", STAGED),
    golden("missing-blobs", "fault-missing-blobs.txt", NO_DISC, "%disc attach", STAGED),
    golden("repository-down", "fault-repository.txt", "Failed to download", "stage --iso", STAGED),
    golden("clock-wrong", "fault-clock-wrong.txt", "CERTIFICATE_VERIFY_FAILED", "timesync.set --mode host", STAGED),
    golden("zone-change", "fault-zone-change.txt", "[2017-08-02 18:35:06", "timedatectl set-timezone", "[2017-08-03T"),
    golden(
        "service-fails",
        "service-control-fails-67.txt",
        "An error occurred while starting service 'vmware-vpostgres'",
        "service-control --start --all",
        "Successfully started profile: ALL.",
    ),
    golden(
        "password-expired",
        "fault-password-expired.txt",
        "WARNING: Your password has expired.",
        "passwd",
        "Passwordstatus: valid",
    ),
    golden(
        "password-expiring",
        "fault-password-expiring.txt",
        "Appliance (OS) root password is expired or is going to expire soon.",
        "passwd",
        INSTALLED,
    ),
    golden("root-locked", "fault-root-locked-65.txt", "Permission denied", "--reset", "Connected to service"),
    golden("root-locked", "fault-root-locked-80.txt", "Permission denied", "--reset", "Connected to service"),
    golden("power-cut-in", "fault-power-cut-in-staging.txt", "%power on", "stage --iso", STAGED),
    golden("power-cut-in", "fault-power-cut-in-upgrade.txt", "%power on", "install --staged", INSTALLED),
    golden("power-cut", "fault-power-cut.txt", "does not answer", "install --staged", INSTALLED),
];

fn transcript(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/vcsa").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|trouble| panic!("{file}: {trouble}"))
}

/// Whether somebody types a line, after a prompt or as the director's; taking the fault out is no cure of an admin's.
fn is_typed(line: &str) -> bool {
    let typed = ["Command> ", "# ", "$ "].iter().any(|prompt| line.contains(prompt)) || line.starts_with('%');
    typed && !line.starts_with("# ") && !line.starts_with("%fault")
}

#[test]
fn each_fault_fails_and_is_put_right_in_a_transcript() {
    for Golden { fault, file, failure, cure, proof } in GOLDENS {
        let text = transcript(file);
        let mut lines = text.lines();
        let mut goes = |what: &str, is: &dyn Fn(&str) -> bool| {
            assert!(lines.any(is), "{file}: {fault}: {what} is not there, or in another place");
        };
        goes("setting it", &|line| line.split(' ').take(3).eq(["%fault", "add", fault]));
        goes(failure, &|line| line.contains(failure));
        goes(cure, &|line| is_typed(line) && line.contains(cure));
        goes(proof, &|line| line.contains(proof));
    }
    let without: Vec<&str> = FAULTS
        .iter()
        .map(|fault| fault.name)
        .filter(|name| !GOLDENS.iter().any(|golden| golden.fault == *name))
        .collect();
    assert_eq!(without, Vec::<&str>::new(), "faults without a transcript");
}

#[test]
fn the_power_is_cut_in_each_phase_of_each_release() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/vcsa");
    let files =
        std::fs::read_dir(folder).expect("a folder of the project").map(|entry| entry.expect("an entry").path());
    let texts: Vec<String> = files.filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    for lab in ["vcsa-6.0", "vcsa-6.5", "vcsa-6.7", "vcsa-7.0", "vcsa-8.0"] {
        let (_, file) = BUNDLED.iter().find(|(name, _)| *name == lab).expect("a bundled lab");
        let world = LabFile::parse(file).and_then(|file| file.world(lab, None, None)).expect("a good lab");
        let id = world.find("vcsa01").expect("its machine");
        let mut phases: BTreeSet<&str> = family(&world, id).few_objects(&world, id, UPDATE_PHASE).into_iter().collect();
        assert!(phases.len() > 5, "{lab}");
        let head = format!("# lab: {lab}\n");
        for line in texts.iter().filter(|text| text.starts_with(&head)).flat_map(|text| text.lines()) {
            if let Some(phase) = line.strip_prefix("%fault add power-cut-in ") {
                phases.remove(phase);
            }
        }
        assert_eq!(phases, BTreeSet::new(), "{lab}: phases without a transcript");
    }
}
