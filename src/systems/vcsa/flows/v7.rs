//! The acts of 7.0 and 8.0: told, not captured.

use super::Act::{
    Ask, Backup, Count, Do, End, Eula, Keep, Level, Metadata, Mount, Query, Ready, Say, Select, Staged, Start, Step,
    Unmount, Version, Wait,
};
use super::v6::{COPYING, DONE, STAGED_WELL, STOPPED, V6_7, VALID, VALIDATING, VERIFYING};
use super::{Act, Copies, Ending, Flow, Items, Work};

/// 7.0: that of 6.7 with more scripts; it asks for a password, and reboots by itself where it must. No run was captured:
/// texts which 6.7 has not are recalled, not seen.
pub const V7_0: Flow = Flow {
    captured: &[],
    compatible: &[],
    stage_iso: &[Start, Do(LOOK_7_0), Say(STAGED_WELL)],
    stage_url: &[Start, Do(OFFER_7_0), Count(COPYING, Items::CopyChosen), Say(VERIFYING), Keep, Say(STAGED_WELL)],
    install_iso: &[
        Start,
        Do(LOOK_7_0),
        SSO,
        Do(VALIDATE_7_0),
        Count(COPYING, Items::CopyStaged),
        Unmount,
        Do(UPGRADE_7_0),
    ],
    install_url: &[
        Start,
        Do(OFFER_7_0),
        SSO,
        Say(VERIFYING),
        Do(VALIDATE_7_0),
        Count(COPYING, Items::CopyChosen),
        Keep,
        Do(UPGRADE_7_0),
    ],
    install_staged: &[
        Staged,
        Start,
        SSO,
        Do(VALIDATE_7_0),
        Count(COPYING, Items::CopyStaged),
        Unmount,
        Do(UPGRADE_7_0),
    ],
    install_retry: Some(
        "Installation failed. Retry to resume from the current state. Or please collect the VC support bundle.",
    ),
    bad_manifest: VERIFICATION_FAILED_7_0,
    no_repository: Some(VERIFICATION_FAILED_7_0),
    downloads: "/storage/updatemgr/software-update",
    ..V6_7
};

const VERIFICATION_FAILED_7_0: &str = "Error in method invocation ({'id': 'com.vmware.appliance.update.manifest_verification_failed', 'default_message': \
     'Manifest verification failed', 'args': []}, 'Verification Failure\\n', '')";

const LOOK_7_0: &[Act] = &[Mount, Do(TARGET_7_0), Select, Eula, Do(EVALUATE_7_0), Say(VERIFYING), Keep, Unmount];
const OFFER_7_0: &[Act] = &[Query, Do(TARGET_7_0), Select, Eula, Do(EVALUATE_7_0)];
const TARGET_7_0: &[Act] = &[
    Metadata,
    Say("UpdateInfo: Using product version {from} and build {from_build}"),
    Say("Target VCSA version = {version}"),
];
const EVALUATE_7_0: &[Act] = &[
    Step("Running requirements script.....", Work::Script(&["requirements"], 8)),
    Say("Evaluating packages to stage..."),
];
const VALIDATE_7_0: &[Act] =
    &[Say(VALIDATING), Step("Running validation script.....", Work::Input), Ready, Level, Say(VALID), Wait(250)];
const UPGRADE_7_0: &[Act] = &[
    Step("Running system-prepare script.....", Work::Script(&["system-prepare"], 12)),
    Step("Running test transaction ....", Work::Test),
    Step("Running prepatch script.....", Work::Stop),
    STOPPED,
    Step("Upgrading software packages ....", Work::Upgrade),
    Version("Setting appliance version to {version} build {build}"),
    Step("Running patch script.....", Work::Post),
    Step("Starting all services ....", Work::Restart),
    End(Ending {
        reboot: DONE,
        no_reboot: "Installation process completed successfully",
        starts_services: false,
        reboots: true,
    }),
];
/// Sources tell that 7.0 and 8.0 ask for single sign-on's password when they install; the wording is recalled. That it comes
/// behind the staging, where it is soon judged, is inferred.
const SSO: Act = Ask(
    "For the first instance of the identity domain, this is the password given to the Administrator account.  Otherwise, \
     this is the password of the Administrator account of the replication partner.",
    "Enter password: ",
);

/// 8.0: blobs and packages are staged, the disks are kept before anything is changed, and data are converted at the end. The
/// texts behind the licence are captured, without their stamps.
pub const V8_0: Flow = Flow {
    copies: Copies::AtStage,
    resumes: true,
    stage_iso: &[Start, Do(STAGE_DISC_8_0), Say(STAGED_WELL)],
    stage_url: &[Start, Do(STAGE_URL_8_0), Say(STAGED_WELL)],
    install_iso: &[Start, Do(STAGE_DISC_8_0), SSO, Do(UPGRADE_8_0)],
    install_url: &[Start, Do(STAGE_URL_8_0), SSO, Do(UPGRADE_8_0)],
    install_staged: &[Staged, Start, SSO, Say("update is already staged. Proceeding to install."), Do(UPGRADE_8_0)],
    stage_retry: Some("Staging failed. Retry to resume from the current state."),
    ..V7_0
};

const STAGE_DISC_8_0: &[Act] = &[Mount, Do(TARGET_7_0), Select, Eula, Do(COPY_8_0), Keep, Unmount, Do(WELL_8_0)];
const STAGE_URL_8_0: &[Act] = &[Query, Do(TARGET_7_0), Select, Eula, Do(COPY_8_0), Keep, Do(WELL_8_0)];
const COPY_8_0: &[Act] = &[Say("Evaluating packages to stage..."), Count(COPYING, Items::CopyChosen), Say(VERIFYING)];
const WELL_8_0: &[Act] = &[Say("Staging completed successfully.")];
const UPGRADE_8_0: &[Act] = &[
    Level,
    Step("Running precheck ....", Work::Precheck),
    Step("Validating user input ....", Work::Input),
    Step("Set vmdir maintenance mode ....", Work::Script(&["maintenance"], 4)),
    Backup("Performing LVM based backup/rollback operation ...."),
    Step("Preparing system for update ....", Work::Script(&["prepare"], 20)),
    Step("Stopping services ....", Work::Stop),
    Say("Installing packages"),
    Step("Setting up appliance-photon repo and installing RPMS ....", Work::Upgrade),
    Step("Installing containers ....", Work::Containers),
    // Told as 25 to 30 minutes.
    Step("Converting data as part of post install ....", Work::Script(&["convert"], 1_650)),
    End(Ending {
        reboot: "Installation completed successfully.\nInstallation process completed successfully.",
        no_reboot: "Installation completed successfully.\nInstallation process completed successfully.",
        starts_services: true,
        reboots: true,
    }),
];
