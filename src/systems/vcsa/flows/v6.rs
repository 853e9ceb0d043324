//! The acts of 6.0 to 6.7, which were captured but for a few forms.

use super::Act::{
    Count, Do, End, Eula, Keep, Level, LevelAloud, Metadata, Mount, Query, Ready, Say, Select, Staged, Start, Step,
    Third, Unmount, Version, Wait,
};
use super::{Act, Copies, Ending, Flow, Form, Items, Work};
use crate::systems::vcsa::staging::STAGING_AREA;

/// Pieces of text that several series share.
pub(super) const DONE: &str = "Packages upgraded successfully, Reboot is required to complete the installation.";
pub(super) const STAGED_WELL: &str = "Staging process completed successfully";
pub(super) const VALIDATING: &str = "Validating software update payload";
pub(super) const VALID: &str = "Validation successful";
pub(super) const VERIFYING: &str = "Verifying staging area";
pub(super) const COPYING: &str = "Copying software packages ";
const STAGED_N: &str = "Staged {n} packages.";

/// Without a reboot: inferred, no run of such an update was captured.
const REBOOT: Ending =
    Ending { reboot: DONE, no_reboot: "Packages upgraded successfully.", starts_services: true, reboots: false };

/// Between the end of the services and the next step, as captured throughout.
pub(super) const STOPPED: Act = Wait(240);

/// 6.0: packages are copied when they are staged, the licence comes late, the disc stays mounted to the end.
pub const V6_0: Flow = Flow {
    captured: &[Form::StageIso, Form::InstallIso, Form::InstallUrl, Form::InstallStaged],
    copies: Copies::AtStage,
    resumes: false,
    compatible: &[],
    stage_iso: &[
        Do(OPEN_6_0),
        Step("Running pre-stage script.....", Work::Glance),
        Say(VERIFYING),
        Do(VALIDATE_6_0),
        Count("Processing software packages in update payload ", Items::CopyPayload),
        Keep,
        Unmount,
        Say("({n}) packages staged successfully"),
        Say(STAGED_WELL),
    ],
    stage_url: &[Do(DOWNLOAD_6_0), Say(STAGED_WELL)],
    install_iso: &[
        Do(OPEN_6_0),
        Say(VERIFYING),
        Say("Running pre-stage.py"),
        Do(VALIDATE_6_0),
        Count("Processing software packages in update payload ", Items::LookAtPayload),
        Say("({n}) packages staged successfully"),
        Count(COPYING, Items::CopyChosen),
        Keep,
        Do(UPGRADE_6_0),
        Unmount,
    ],
    install_url: &[Do(DOWNLOAD_6_0), Do(UPGRADE_6_0)],
    install_staged: &[Staged, Do(UPGRADE_6_0)],
    stage_retry: None,
    install_retry: None,
    bad_manifest: "Manifest verification failed",
    no_repository: None,
    downloads: STAGING_AREA,
};

const OPEN_6_0: &[Act] = &[Start, Say("Staging software update packages from ISO"), Mount];
const VALIDATE_6_0: &[Act] = &[Say(VALIDATING), Metadata, Say(VALID), Select, Eula];
const DOWNLOAD_6_0: &[Act] = &[
    Start,
    Query,
    Do(VALIDATE_6_0),
    Say("Running pre-stage.py"),
    Say(VERIFYING),
    Third("Third party packages found."),
    Say(STAGED_N),
    Count(COPYING, Items::CopyChosen),
    Keep,
];
const UPGRADE_6_0: &[Act] = &[
    Level,
    Step("Running test transaction ....", Work::Test),
    Step("Running pre-install script.....", Work::Stop),
    Say("Services stopped."),
    STOPPED,
    Step("Upgrading software packages ....", Work::Upgrade),
    Step("Running post-install script.....", Work::Post),
    End(REBOOT),
];

/// 6.5: the licence first, only metadata are staged from a disc, and the disc is mounted again for the packages.
pub const V6_5: Flow = Flow {
    captured: &[Form::StageIso, Form::InstallIso, Form::InstallStaged],
    copies: Copies::AtInstall,
    compatible: &["Compatible patch"],
    stage_iso: &[Do(LOOK_6_5), Say(STAGED_WELL)],
    stage_url: &[
        Do(OFFER_6_5),
        Say(STAGED_N),
        Count(COPYING, Items::CopyChosen),
        Say(VERIFYING),
        Keep,
        Say(STAGED_WELL),
    ],
    install_iso: &[Do(LOOK_6_5), Do(CHECK_6_5), Count(COPYING, Items::CopyStaged), Unmount, Do(UPGRADE_6_5)],
    install_url: &[
        Do(OFFER_6_5),
        Say(STAGED_N),
        Say(VERIFYING),
        Do(CHECK_6_5),
        Count(COPYING, Items::CopyChosen),
        Keep,
        Do(UPGRADE_6_5),
    ],
    install_staged: &[Do(VALIDATE_STAGED), Count(COPYING, Items::CopyStaged), Unmount, Do(UPGRADE_6_5)],
    ..V6_0
};

const CHECK_6_5: &[Act] = &[Say(VALIDATING), Ready, LevelAloud, Say(VALID)];
const LOOK_6_5: &[Act] = &[Start, Mount, Metadata, Select, Eula, Say(STAGED_N), Say(VERIFYING), Keep, Unmount];
const OFFER_6_5: &[Act] = &[Start, Query, Metadata, Select, Eula];
const VALIDATE_STAGED: &[Act] = &[Staged, Start, Say(VALIDATING), Ready, Level, Say(VALID), Wait(250)];
const UPGRADE_6_5: &[Act] = &[
    Step("Running test transaction ....", Work::Test),
    Step("Running pre-install script.....", Work::Stop),
    Say("All VMware services are stopped."),
    STOPPED,
    Step("Upgrading software packages ....", Work::Upgrade),
    Step("Running post-install script.....", Work::Post),
    End(REBOOT),
];

/// 6.5 Update 3: a second check of the version speaks up.
pub const V6_5_U3: Flow = Flow { compatible: &["Compatible patch", "The version check is passed."], ..V6_5 };

/// 6.7: packages are evaluated after a silence, nothing is said of the services, two scripts come behind the packages.
/// The one-shot forms are inferred from those of 6.5.
pub const V6_7: Flow = Flow {
    captured: &[Form::StageIso, Form::InstallStaged],
    stage_iso: &[Do(LOOK_6_7), Say(STAGED_WELL)],
    stage_url: &[Do(OFFER_6_7), Count(COPYING, Items::CopyChosen), Say(VERIFYING), Keep, Say(STAGED_WELL)],
    install_iso: &[Do(LOOK_6_7), Do(CHECK_6_5), Count(COPYING, Items::CopyStaged), Unmount, Do(UPGRADE_6_7)],
    install_url: &[
        Do(OFFER_6_7),
        Say(VERIFYING),
        Do(CHECK_6_5),
        Count(COPYING, Items::CopyChosen),
        Keep,
        Do(UPGRADE_6_7),
    ],
    install_staged: &[Do(VALIDATE_STAGED), Count(COPYING, Items::CopyStaged), Unmount, Do(UPGRADE_6_7)],
    ..V6_5_U3
};

const LOOK_6_7: &[Act] = &[Start, Mount, Metadata, Select, Eula, Do(EVALUATE_6_7), Say(VERIFYING), Keep, Unmount];
const OFFER_6_7: &[Act] = &[Start, Query, Metadata, Select, Eula, Do(EVALUATE_6_7)];
/// The silence was captured once: 11 s from the answer to the next line.
const EVALUATE_6_7: &[Act] = &[Wait(10_800), Say("Evaluating packages to stage...")];
const UPGRADE_6_7: &[Act] = &[
    Step("Running test transaction ....", Work::Test),
    Step("Running pre-install script.....", Work::Stop),
    STOPPED,
    Step("Upgrading software packages ....", Work::Upgrade),
    Version("Setting appliance version to {version} build {build}"),
    Step("Running pre-patch script.....", Work::Script(&["pre-patch"], 0)),
    Step("Running post-patch script.....", Work::Post),
    End(REBOOT),
];
