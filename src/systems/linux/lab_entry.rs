//! A machine that is nothing but Linux, as a lab file describes it, and the files and programs that a lab file can give to
//! any machine.

use serde::Deserialize;

use super::fs::{Cred, Errno};
use super::mode;
use super::model::{Linux, Login, Release};
use crate::sim::{Instant, Span};

/// The entry `[machine.system.linux]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The distribution, such as `rhel-8.6`.
    pub distro: String,
    /// Its host name with its domain; its name in the lab when nothing stands here.
    pub hostname: Option<String>,
    /// The login before the first.
    pub last_login: Option<LoginEntry>,
}

/// A file of a machine of any system. A program is a script in an executable file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Where; directories above it are made.
    pub path: String,
    /// What is in it; a directory is made when nothing stands here.
    pub text: Option<String>,
    /// Its permission bits, such as `0644`.
    pub mode: Option<String>,
    /// Its owner's number and its group's, such as `36:36`.
    pub owner: Option<String>,
}

impl Entry {
    /// The machine called `name`, at the start of the lab.
    ///
    /// # Errors
    /// What names nothing that exists, in words.
    pub fn build(&self, name: &str, start: Instant) -> Result<Linux, String> {
        let distro = Release::find(&self.distro).ok_or_else(|| {
            let known: Vec<&str> = super::distro::ALL.iter().map(|distro| distro.id).collect();
            format!("there is no distribution {}; there are {}", self.distro, known.join(", "))
        })?;
        let mut linux = Linux::new(distro, self.hostname.as_deref().unwrap_or(name), start);
        if let Some(login) = &self.last_login {
            linux.last_login = Some(login.before(start)?);
        }
        Ok(linux)
    }
}

/// A login before the lab starts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginEntry {
    /// How long before the start, such as `3m31s`.
    pub ago: String,
    /// From which address.
    pub from: String,
}

impl LoginEntry {
    /// The login, seen from the start of the lab.
    ///
    /// # Errors
    /// What is wrong with the span, in words.
    pub fn before(&self, start: Instant) -> Result<Login, String> {
        Ok(Login { at: start - Span::parse(&self.ago)?, from: self.from.clone() })
    }
}

impl FileEntry {
    /// Puts the file on a machine.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn put(&self, linux: &mut Linux, now: Instant) -> Result<(), String> {
        let path = self.path.as_str();
        let wrong = |errno: Errno| format!("file {path}: {}", errno.text());
        let octal =
            |text: &str| mode::change(text, 0, false, 0).ok_or_else(|| format!("file {path}: {text} is no mode"));
        let mode = self.mode.as_deref().map(octal).transpose()?;
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        for (at, _) in above.match_indices('/').skip(1).chain([(above.len(), "")]).filter(|(at, _)| *at > 0) {
            match linux.fs.mkdir(&Cred::ROOT, "/", &above[..at], 0o755, now) {
                Ok(_) | Err(Errno::Exist) => {}
                Err(errno) => return Err(wrong(errno)),
            }
        }
        let ino = match &self.text {
            Some(text) => {
                let ino = linux.fs.create(&Cred::ROOT, "/", path, mode.unwrap_or(0o644), now).map_err(wrong)?;
                linux.fs.truncate(&Cred::ROOT, ino, 0, now).map_err(wrong)?;
                linux.fs.append(&Cred::ROOT, ino, text.as_bytes(), now).map_err(wrong)?;
                ino
            }
            None => linux.fs.mkdir(&Cred::ROOT, "/", path, mode.unwrap_or(0o755), now).map_err(wrong)?,
        };
        if let Some(mode) = mode {
            linux.fs.chmod(&Cred::ROOT, ino, mode, now).map_err(wrong)?;
        }
        if let Some(owner) = &self.owner {
            let (uid, gid) = owner.split_once(':').unwrap_or((owner, owner));
            let number = |text: &str| text.parse().map_err(|_| format!("file {path}: {owner} is no owner"));
            linux.fs.chown(&Cred::ROOT, ino, Some(number(uid)?), Some(number(gid)?), now).map_err(wrong)?;
        }
        Ok(())
    }
}
