//! The users of single sign-on who may come to the appliance shell: they stand in the directory of the Platform Services
//! Controller, not in `/etc/passwd`, and their bash runs as `sso-user`.
//!
//! Truth: reference `appliance-shell.md` 1.1 and `transcripts/login-800-sso-admin.txt`, both of 8.0; that bash is for the
//! members of `SystemConfiguration.BashShellAdministrators` is told there, too. For other releases it is inferred.

use serde::{Deserialize, Serialize};

use super::model::Vcsa;
use super::settings::{APPLIANCE_SHELL, Role};
use crate::systems::linux::model::{Password, User};

/// The local account that their bash runs as.
pub const LOCAL: &str = "sso-user";
/// Its line of `/etc/passwd`; the number is inferred.
pub const LOCAL_LINE: &str = "sso-user:x:998:100::/home/sso-user:/bin/bash\n";

/// Its home directory.
pub const HOME: &str = "/home/sso-user";
/// Its number, and that of its group.
pub const LOCAL_NUMBERS: (u32, u32) = (998, 100);

/// The administrator that every domain has.
const ADMINISTRATOR: &str = "administrator@vsphere.local";
/// The numbers under which their passwords are asked for: no account of the operating system has one of them.
const NUMBERS: u32 = 0x7f00_0000;
/// The services without which nobody of the directory is known.
const DIRECTORY: [&str; 2] = ["vmdird", "vmware-stsd"];

/// A user of single sign-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsoUser {
    /// The name with its domain.
    pub name: String,
    /// The password; any when there is none.
    pub password: Option<Password>,
    /// What the user may do in the appliance shell.
    pub role: Role,
    /// Whether the user may use bash.
    pub bash: bool,
}

/// Such a user as a lab file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoEntry {
    /// The name with its domain, such as `administrator@vsphere.local`.
    pub name: String,
    /// The password; any when nothing stands here.
    pub password: Option<String>,
    /// `operator`, `admin` or `superAdmin`.
    pub role: Role,
    /// Whether it belongs to `SystemConfiguration.BashShellAdministrators`.
    #[serde(default)]
    pub bash: bool,
}

/// The users of a machine: those of its lab file, or the administrator alone.
///
/// # Errors
/// What is no name of such a user, in words.
pub fn users(machine: &str, entries: &[SsoEntry]) -> Result<Vec<SsoUser>, String> {
    if entries.is_empty() {
        let (name, role) = (ADMINISTRATOR.to_owned(), Role::SuperAdmin);
        return Ok(vec![SsoUser { name, password: None, role, bash: true }]);
    }
    let user = |entry: &SsoEntry| {
        let (name, domain) = entry.name.split_once('@').unwrap_or_default();
        if name.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(format!("sso: {:?} is no user; write it as administrator@vsphere.local", entry.name));
        }
        let password = entry.password.as_deref().map(|text| Password::of(machine, text));
        Ok(SsoUser { name: entry.name.clone(), password, role: entry.role, bash: entry.bash })
    };
    entries.iter().map(user).collect()
}

impl Vcsa {
    /// The user of single sign-on who is called so, in whatever case.
    #[must_use]
    pub fn sso_user(&self, name: &str) -> Option<&SsoUser> {
        self.sso.iter().find(|user| user.name.eq_ignore_ascii_case(name))
    }

    /// That user as an account which can log in, as long as the directory answers.
    #[must_use]
    pub fn sso_account(&self, name: &str) -> Option<User> {
        let place = self.sso.iter().position(|user| user.name.eq_ignore_ascii_case(name))?;
        let there = |service: &&str| self.services.find(service).is_none() || self.services.runs(service);
        DIRECTORY.iter().all(there).then(|| User {
            name: self.sso[place].name.clone(),
            uid: NUMBERS + u32::try_from(place).unwrap_or_default(),
            gid: LOCAL_NUMBERS.1,
            gecos: String::new(),
            home: HOME.to_owned(),
            shell: APPLIANCE_SHELL.to_owned(),
        })
    }

    /// The number under which the administrator's password is asked for.
    #[must_use]
    pub fn sso_administrator(&self) -> u32 {
        if self.sso.is_empty() { 0 } else { NUMBERS }
    }

    /// Whether a password is right for the number of such a user; nothing where the number is of another kind.
    #[must_use]
    pub fn sso_accepts(&self, machine: &str, number: u32, text: &str) -> Option<bool> {
        let user = self.numbered(number)?;
        Some(user.password.is_none_or(|own| own == Password::of(machine, text)))
    }

    /// From now on the credentials of a user are those that `dcli` has saved.
    pub fn save_credentials(&mut self, name: &str) {
        if let Some(user) = self.sso_user(name) {
            let (name, password) = (user.name.clone(), user.password);
            self.settings.credentials.insert(name, password);
        }
    }

    /// Whether the credentials that `dcli` has saved of a user let that one in: not once the password is another.
    #[must_use]
    pub fn knows_credentials(&self, name: &str) -> bool {
        let own = self.sso_user(name).map(|user| user.password);
        own.is_some() && self.settings.credentials.get(name).copied() == own
    }

    /// The name of the user with a number.
    #[must_use]
    pub fn sso_name(&self, number: u32) -> Option<&str> {
        self.numbered(number).map(|user| user.name.as_str())
    }

    fn numbered(&self, number: u32) -> Option<&SsoUser> {
        self.sso.get(usize::try_from(number.checked_sub(NUMBERS)?).ok()?)
    }

    /// What somebody may do in the appliance shell.
    #[must_use]
    pub fn role_of(&self, name: &str) -> Role {
        self.sso_user(name).map_or_else(|| self.settings.role(name), |user| user.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab_file::{BUNDLED, LabFile};

    #[test]
    fn saved_credentials_do_not_outlive_their_password() {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "vcsa-8.0").expect("the lab is bundled");
        let mut world =
            LabFile::parse(text).expect("a good lab file").world("vcsa-8.0", None, None).expect("a good world");
        let id = world.machines().map(|(id, _)| id).next().expect("there is a machine");
        let vcsa = world.vcsa_mut(id);
        assert!(!vcsa.knows_credentials(ADMINISTRATOR));
        vcsa.save_credentials(ADMINISTRATOR);
        assert!(vcsa.knows_credentials(ADMINISTRATOR));
        vcsa.sso[0].password = Some(Password::of("vcsa01", "another"));
        assert!(!vcsa.knows_credentials(ADMINISTRATOR));
        vcsa.save_credentials(ADMINISTRATOR);
        assert!(vcsa.knows_credentials(ADMINISTRATOR));
        assert!(!vcsa.knows_credentials("nobody@vsphere.local"));
    }
}
