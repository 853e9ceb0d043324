//! What `software-packages` does, message by message: one table of acts for each form of it and each series of releases.
//! The texts stand here, and here only; `commands/software_packages/run.rs` lets them happen.
//!
//! Truth: reference `software-packages.md` sections 2 to 5. Where a column of the reference has a gap, the texts are those of
//! the neighbouring series. Which forms were
//! captured is told by [`Flow::captured`].

mod v6;
mod v7;

pub use v6::{V6_0, V6_5, V6_5_U3, V6_7};
pub use v7::{V7_0, V8_0};

use Act::{Do, Keep, Ready, Step};

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

impl Act {
    /// The phases of an update that it belongs to: in each the power can fail. What comes into the staging area is both staged
    /// and copied.
    #[must_use]
    pub fn phases(self) -> &'static [&'static str] {
        match self {
            Act::Count(_, Items::CopyPayload | Items::CopyChosen) => &["staging", "copying"],
            Act::Count(_, Items::CopyStaged) => &["copying"],
            Keep => &["staging"],
            Act::Backup(_) => &["backup"],
            Step(_, work) => work.phases(),
            _ => &[],
        }
    }
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Over at the first look.
    Glance,
    /// A script that takes so many seconds, and the phase that it is.
    Script(&'static [&'static str], u64),
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

impl Work {
    /// The phase that it is. A glance is over before anything can happen, and services start again without a reboot only.
    fn phases(self) -> &'static [&'static str] {
        match self {
            Self::Script(phase, _) => phase,
            Self::Precheck => &["precheck"],
            Self::Input => &["validation"],
            Self::Test => &["test"],
            Self::Stop => &["pre-install"],
            Self::Upgrade => &["upgrade"],
            Self::Post => &["post-install"],
            Self::Containers => &["containers"],
            Self::Glance | Self::Restart => &[],
        }
    }
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

    /// The phases in which the power can fail, in the order in which they come.
    #[must_use]
    pub fn phases(&self) -> Vec<&'static str> {
        let forms = [self.stage_iso, self.stage_url, self.install_iso, self.install_url, self.install_staged];
        let mut all = Vec::new();
        for phase in forms.into_iter().flat_map(Self::acts).flat_map(Act::phases) {
            if !all.contains(phase) {
                all.push(*phase);
            }
        }
        all
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
    use super::v6::COPYING;
    use super::*;
    use crate::systems::vcsa::series::{SERIES, Series};
    use Act::{Count, End, Eula, Metadata, Mount, Query, Select, Staged};

    /// All flows with the form of each table.
    fn forms() -> Vec<(&'static str, Vec<Act>)> {
        let of = |series: &Series| {
            let flow = series.flow;
            [flow.stage_iso, flow.stage_url, flow.install_iso, flow.install_url, flow.install_staged]
                .map(|acts| (series.from, Flow::acts(acts)))
        };
        SERIES.iter().flat_map(of).collect()
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
