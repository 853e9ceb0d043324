//! What `software-packages` does, message by message: one table of acts for each form of it and each series of releases.
//! The texts stand here, and here only; `commands/software_packages/run.rs` lets them happen.
//!
//! Truth: reference `software-packages.md` sections 2 to 5. Where a column of the reference has a gap, the texts are those of
//! the neighbouring series. Which forms were
//! captured is told by [`Flow::captured`].

use super::staging_area::STAGING_AREA;
use Act::{
    Ask, Backup, Count, Do, End, Eula, Keep, Level, LevelAloud, Metadata, Mount, Query, Ready, Say, Select, Staged,
    Start, Step, Third, Unmount, Version, Wait,
};

/// One thing that the tool does or says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A plain message. `{n}` stands for the number of packages that are newer, `{version}` and `{build}` for the update's,
    /// `{from}` and `{from_build}` for those of what runs.
    Say(&'static str),
    /// The tool starts.
    Start,
    /// The disc is mounted, which has its own message.
    Mount,
    /// The disc is unmounted, which has its own message; nothing where none is mounted.
    Unmount,
    /// The repository is asked.
    Query,
    /// The checksums of the metadata are compared.
    Metadata,
    /// Whether the appliance is fit for an update: root's password must not be about to expire.
    Ready,
    /// Whether the update may be installed over what runs.
    Level,
    /// The same, with [`Flow::compatible`] when it may.
    LevelAloud,
    /// The packages that would change this appliance are chosen; there must be some, and room for them.
    Select,
    /// The licence: text, question, answer.
    Eula,
    /// Said when there are third-party packages among those chosen.
    Third(&'static str),
    /// Said when the version of the appliance is among what is changed.
    Version(&'static str),
    /// Silence, in milliseconds.
    Wait(u64),
    /// The line of a step, and what is done in it.
    Step(&'static str, Work),
    /// The line of a step with a counter behind it, and what is counted.
    Count(&'static str, Items),
    /// What was chosen replaces what was staged.
    Keep,
    /// What is staged is taken up.
    Staged,
    /// The password of the administrator of single sign-on is asked for: what is said first, and the question.
    Ask(&'static str, &'static str),
    /// The disks are kept as they are, so that a failure can be undone; a failure before is undone now.
    Backup(&'static str),
    /// The installation is over.
    End(Ending),
    /// These, in their order.
    Do(&'static [Act]),
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Over at the first look.
    Glance,
    /// A script that takes so many seconds.
    Script(u64),
    /// What stands in the way of an update is looked for.
    Precheck,
    /// What was typed is checked.
    Input,
    /// The test transaction.
    Test,
    /// The services of vCenter stop.
    Stop,
    /// The packages are changed.
    Upgrade,
    /// What comes behind the packages.
    Post,
    /// The container layers are unpacked.
    Containers,
    /// The services of vCenter start again; with a reboot to come they do not, and nothing is said.
    Restart,
}

/// What a counter goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// The whole payload, of which what was chosen is copied.
    CopyPayload,
    /// The whole payload, which is only looked at.
    LookAtPayload,
    /// What was chosen, which is copied.
    CopyChosen,
    /// What is staged, which is copied now: from the disc, which is mounted on the counter's own line, if it came from one.
    CopyStaged,
}

/// How an installation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What is said when the appliance is to be rebooted.
    pub reboot: &'static str,
    /// What is said when the update needs no reboot: the new version runs at once.
    pub no_reboot: &'static str,
    /// Whether the services must be started without a word, when no step did it.
    pub starts_services: bool,
    /// Whether the appliance reboots by itself.
    pub reboots: bool,
}

/// The forms of the tool that have a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `stage --iso`
    StageIso,
    /// `stage --url`
    StageUrl,
    /// `install --iso`
    InstallIso,
    /// `install --url`
    InstallUrl,
    /// `install --staged`
    InstallStaged,
}

impl Form {
    /// Whether packages are changed.
    #[must_use]
    pub fn installs(self) -> bool {
        matches!(self, Self::InstallIso | Self::InstallUrl | Self::InstallStaged)
    }
}

/// When the packages come into the staging area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// With `stage`.
    AtStage,
    /// From a disc with `install` only: until then, the disc is needed.
    AtInstall,
}

/// The tool of one series.
#[derive(Debug, PartialEq, Eq)]
pub struct Flow {
    /// The forms whose texts, stamps and order were captured; those of the others are inferred.
    pub captured: &'static [Form],
    /// When packages are copied from a disc.
    pub copies: Copies,
    /// Whether a stage that failed goes on where it stood.
    pub resumes: bool,
    /// What is said in one-shot installations when the update may be installed.
    pub compatible: &'static [&'static str],
    /// `stage --iso`
    pub stage_iso: &'static [Act],
    /// `stage --url`
    pub stage_url: &'static [Act],
    /// `install --iso`
    pub install_iso: &'static [Act],
    /// `install --url`
    pub install_url: &'static [Act],
    /// `install --staged`
    pub install_staged: &'static [Act],
    /// What is said when a stage has failed on an update that could be read.
    pub stage_retry: Option<&'static str>,
    /// What is said when the installation of what is staged has failed.
    pub install_retry: Option<&'static str>,
    /// What is said of a repository's manifest that is not what its signature says.
    pub bad_manifest: &'static str,
    /// What is said of an address at which there is no repository, where that has words of its own.
    pub no_repository: Option<&'static str>,
    /// Where downloads are kept.
    pub downloads: &'static str,
}

/// Pieces of text that several series share.
const DONE: &str = "Packages upgraded successfully, Reboot is required to complete the installation.";
const STAGED_WELL: &str = "Staging process completed successfully";
const VALIDATING: &str = "Validating software update payload";
const VALID: &str = "Validation successful";
const VERIFYING: &str = "Verifying staging area";
const COPYING: &str = "Copying software packages ";
const STAGED_N: &str = "Staged {n} packages.";

/// Without a reboot: inferred, no run of such an update was captured.
const REBOOT: Ending =
    Ending { reboot: DONE, no_reboot: "Packages upgraded successfully.", starts_services: true, reboots: false };

/// Between the end of the services and the next step, as captured throughout.
const STOPPED: Act = Wait(240);

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
    Step("Running pre-patch script.....", Work::Glance),
    Step("Running post-patch script.....", Work::Post),
    End(REBOOT),
];

/// 7.0: that of 6.7 with more scripts; it asks for a password, and reboots by itself where it must. No run was captured:
/// texts which 6.7 has not are recalled, not seen.
pub const V7_0: Flow = Flow {
    captured: &[],
    compatible: &[],
    stage_iso: &[Start, Do(LOOK_7_0), Say(STAGED_WELL)],
    stage_url: &[Start, Do(OFFER_7_0), Count(COPYING, Items::CopyChosen), Say(VERIFYING), Keep, Say(STAGED_WELL)],
    install_iso: &[
        Start,
        SSO,
        Do(LOOK_7_0),
        Do(VALIDATE_7_0),
        Count(COPYING, Items::CopyStaged),
        Unmount,
        Do(UPGRADE_7_0),
    ],
    install_url: &[
        Start,
        SSO,
        Do(OFFER_7_0),
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
const EVALUATE_7_0: &[Act] =
    &[Step("Running requirements script.....", Work::Script(8)), Say("Evaluating packages to stage...")];
const VALIDATE_7_0: &[Act] =
    &[Say(VALIDATING), Step("Running validation script.....", Work::Input), Ready, Level, Say(VALID), Wait(250)];
const UPGRADE_7_0: &[Act] = &[
    Step("Running system-prepare script.....", Work::Script(12)),
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
/// Sources tell that 7.0 and 8.0 ask for single sign-on's password; the wording is recalled.
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
    install_iso: &[Start, SSO, Do(STAGE_DISC_8_0), Do(UPGRADE_8_0)],
    install_url: &[Start, SSO, Do(STAGE_URL_8_0), Do(UPGRADE_8_0)],
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
    Step("Set vmdir maintenance mode ....", Work::Script(4)),
    Backup("Performing LVM based backup/rollback operation ...."),
    Step("Preparing system for update ....", Work::Script(20)),
    Step("Stopping services ....", Work::Stop),
    Say("Installing packages"),
    Step("Setting up appliance-photon repo and installing RPMS ....", Work::Upgrade),
    Step("Installing containers ....", Work::Containers),
    // Told as 25 to 30 minutes.
    Step("Converting data as part of post install ....", Work::Script(1_650)),
    End(Ending {
        reboot: "Installation completed successfully.\nInstallation process completed successfully.",
        no_reboot: "Installation completed successfully.\nInstallation process completed successfully.",
        starts_services: true,
        reboots: true,
    }),
];

impl Flow {
    /// The acts of one of its forms.
    #[must_use]
    pub fn form(&self, form: Form) -> &'static [Act] {
        match form {
            Form::StageIso => self.stage_iso,
            Form::StageUrl => self.stage_url,
            Form::InstallIso => self.install_iso,
            Form::InstallUrl => self.install_url,
            Form::InstallStaged => self.install_staged,
        }
    }

    /// Whether an installation begins with a look at root's password.
    #[must_use]
    pub fn looks_at_password(&self) -> bool {
        Self::acts(self.install_staged).iter().any(|act| matches!(act, Ready | Step(_, Work::Precheck)))
    }

    /// The acts of one form, one by one.
    #[must_use]
    pub fn acts(acts: &'static [Act]) -> Vec<Act> {
        let mut all = Vec::new();
        for act in acts {
            match act {
                Do(inner) => all.extend(Self::acts(inner)),
                other => all.push(*other),
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All flows with the form of each table.
    fn forms() -> Vec<(&'static str, Vec<Act>)> {
        let flows: [(&str, &Flow); 6] =
            [("6.0", &V6_0), ("6.5", &V6_5), ("6.5 U3", &V6_5_U3), ("6.7", &V6_7), ("7.0", &V7_0), ("8.0", &V8_0)];
        let of = |(name, flow): (&'static str, &Flow)| {
            [flow.stage_iso, flow.stage_url, flow.install_iso, flow.install_url, flow.install_staged]
                .map(|acts| (name, Flow::acts(acts)))
        };
        flows.into_iter().flat_map(of).collect()
    }

    #[test]
    fn nothing_is_used_before_it_is_there() {
        let before = |acts: &[Act], one: &Act, other: &dyn Fn(&Act) -> bool| {
            let place = acts.iter().position(|act| act == one);
            place.is_none_or(|place| acts[..place].iter().any(other))
        };
        for (name, acts) in forms() {
            assert!(before(&acts, &Metadata, &|act| matches!(act, Mount | Query)), "{name}");
            assert!(before(&acts, &Select, &|act| *act == Metadata), "{name}");
            assert!(before(&acts, &Keep, &|act| *act == Eula), "{name}");
            assert!(before(&acts, &Count(COPYING, Items::CopyStaged), &|act| matches!(act, Keep | Staged)), "{name}");
            let changed = |act: &Act| matches!(act, Step(_, Work::Upgrade));
            let ends = acts.iter().any(|act| matches!(act, End(_)));
            assert_eq!(ends, acts.iter().any(changed), "{name}: what changes packages comes to an end");
        }
    }

    #[test]
    fn an_installation_stops_the_services_before_it_changes_packages() {
        for (name, acts) in forms() {
            let place = |wanted: Work| acts.iter().position(|act| matches!(act, Step(_, work) if *work == wanted));
            assert!(place(Work::Stop) <= place(Work::Upgrade), "{name}");
        }
    }
}
