//! What the appliance management remembers of updates beyond the packages: the state in its state file, a stage that broke
//! off, and the copy of the disks that 8.0 makes before it changes them.
//!
//! Truth: reference `software-packages.md` sections 5 and 6, `transcripts/state-703-install-failed.txt`; the names of the
//! states are those of the appliance's update API.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::releases::Product;
use super::staging::{Packages, Staged};
use crate::payload::Sha256;
use crate::sim::Instant;

/// What the state file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftwareUpdate {
    /// The state.
    pub state: State,
    /// The version that it is about; empty where there is none.
    pub version: String,
    /// When an update was looked for last.
    pub queried: Option<Instant>,
    /// When the disks were put back to what they were before an installation.
    #[serde(default)]
    pub rolled_back: Option<Instant>,
}

/// The state of updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Nothing is under way or waiting.
    #[default]
    UpToDate,
    /// Something is staged.
    UpdatesPending,
    /// A stage is under way, or was when the power failed.
    StageInProgress,
    /// An installation is under way, or was when the power failed.
    InstallInProgress,
    /// The last installation failed.
    InstallFailed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::UpToDate, Self::UpdatesPending, Self::StageInProgress, Self::InstallInProgress, Self::InstallFailed];

    /// The word in the state file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::UpToDate => "UP_TO_DATE",
            Self::UpdatesPending => "UPDATES_PENDING",
            Self::StageInProgress => "STAGE_IN_PROGRESS",
            Self::InstallInProgress => "INSTALL_IN_PROGRESS",
            Self::InstallFailed => "INSTALL_FAILED",
        }
    }

    /// The file of the operation that it is about.
    #[must_use]
    pub fn operation(self) -> Option<&'static str> {
        match self {
            Self::UpToDate => None,
            Self::UpdatesPending | Self::StageInProgress => Some("/storage/core/software-update/stage_operation"),
            Self::InstallInProgress | Self::InstallFailed => Some("/storage/core/software-update/install_operation"),
        }
    }

    /// What the management page says of it instead of offering updates, where a source tells.
    #[must_use]
    pub fn complaint(self) -> Option<&'static str> {
        match self {
            Self::InstallInProgress => Some("Update installation in progress"),
            Self::InstallFailed => Some("Update installation failed, vCenter is non-operational"),
            Self::UpToDate | Self::UpdatesPending | Self::StageInProgress => None,
        }
    }
}

/// A stage that broke off and can go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// By this digest its update is known again.
    pub manifest: Sha256,
    /// Whether only third-party packages were asked for.
    pub third_party_only: bool,
    /// How many packages are in the staging area.
    pub packages: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The disks as they were before an installation changed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The package database.
    pub packages: Packages,
    /// What the product said of itself.
    pub product: Product,
    /// What was staged.
    pub staged: Option<Arc<Staged>>,
    /// When they were kept; a lab that was saved earlier does not tell.
    #[serde(default)]
    pub at: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_saved_by_the_word_of_the_file() {
        for state in State::ALL {
            let saved = serde_json::to_string(&state).expect("a word");
            assert_eq!(saved, format!("\"{}\"", state.word()));
        }
    }
}
