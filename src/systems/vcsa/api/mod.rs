//! What the appliance's API does, apart from any door to it: the appliance shell, and whoever serves the same calls another
//! way, ask these functions. They take and give typed values; what Linux holds is read and written there.

pub mod access;
pub mod accounts;
pub mod disks;
pub mod health;
pub mod key_providers;
pub mod monitoring;
pub mod names;
pub mod nic;
pub mod recovery;
pub mod repository;
pub mod services;
pub mod snmp;
pub mod time;
pub mod updates;
pub mod wall;

use crate::systems::linux::fs::Errno;

/// Why a call does not do what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What kind of error it is for a program.
    pub kind: Kind,
    /// The same for a person.
    pub text: String,
}

/// The errors of the API by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is named is not there.
    NotFound,
    /// What is to be made is there already.
    AlreadyExists,
    /// A value does not do.
    InvalidArgument,
    /// Not as things stand.
    NotAllowed,
    /// Something went wrong in the appliance.
    Internal,
}

impl Kind {
    /// The name that the API has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::InvalidArgument => "invalid_argument",
            Self::NotAllowed => "not_allowed_in_current_state",
            Self::Internal => "error",
        }
    }
}

impl ApiError {
    /// What is named is not there.
    #[must_use]
    pub fn not_found(text: impl Into<String>) -> Self {
        Self { kind: Kind::NotFound, text: text.into() }
    }

    /// What is to be made is there already.
    #[must_use]
    pub fn exists(text: impl Into<String>) -> Self {
        Self { kind: Kind::AlreadyExists, text: text.into() }
    }

    /// A value does not do.
    #[must_use]
    pub fn invalid(text: impl Into<String>) -> Self {
        Self { kind: Kind::InvalidArgument, text: text.into() }
    }

    /// Not as things stand.
    #[must_use]
    pub fn not_allowed(text: impl Into<String>) -> Self {
        Self { kind: Kind::NotAllowed, text: text.into() }
    }
}

/// What the file system says when a file of settings cannot be written.
impl From<Errno> for ApiError {
    fn from(errno: Errno) -> Self {
        Self { kind: Kind::Internal, text: errno.text().to_owned() }
    }
}
