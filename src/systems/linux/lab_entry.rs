//! A machine that is nothing but Linux, as a lab file describes it, and the files and programs that a lab file can give to
//! any machine.

use serde::Deserialize;

use super::fs::{Cred, Errno, Fs, Ino, Kind};
use super::mode;
use super::model::{Linux, Login, Release, UPTIME};
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
    /// The version of its bash, such as `5.2.15`, where it is not that of the distribution.
    pub bash: Option<String>,
    /// A login that failed since then.
    pub failed_login: Option<LoginEntry>,
    /// How long it is up, such as `16d3h`.
    pub up: Option<String>,
    /// Services that it has beside those of its distribution.
    #[serde(default)]
    pub unit: Vec<UnitEntry>,
}

/// A service of a machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitEntry {
    /// Its name, with or without `.service`.
    pub name: String,
    /// What it is, in a few words.
    pub description: Option<String>,
    /// Units that are up before it is started.
    #[serde(default)]
    pub after: Vec<String>,
    /// Units that must be up.
    #[serde(default)]
    pub requires: Vec<String>,
    /// What it runs.
    pub exec: Option<String>,
    /// How long it takes to start, in seconds.
    #[serde(default)]
    pub start_secs: u64,
    /// Whether it is started at boot.
    #[serde(default)]
    pub enabled: bool,
    /// Whether its start fails.
    #[serde(default)]
    pub fails: bool,
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
        let up = self.up.as_deref().map(Span::parse).transpose()?.unwrap_or(UPTIME);
        let mut linux = Linux::installed(distro, self.hostname.as_deref().unwrap_or(name), start, up);
        if let Some(bash) = &self.bash {
            linux.install_bash(bash)?;
        }
        if let Some(entry) = &self.last_login {
            linux.logins.add_earlier(&entry.before(start)?, &entry.tty);
        }
        if let Some(failed) = &self.failed_login {
            linux.login_failed("root", failed.before(start)?);
        }
        for unit in &self.unit {
            unit.put(&mut linux, start)?;
        }
        if !self.unit.is_empty() {
            linux = linux.up_for(up, start);
        }
        Ok(linux)
    }
}

impl UnitEntry {
    /// Puts the file of the unit on a machine, and the links that enable it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn put(&self, linux: &mut Linux, now: Instant) -> Result<(), String> {
        let short = self.name.trim_end_matches(".service");
        let unit = |name: &String| if name.contains('.') { name.clone() } else { format!("{name}.service") };
        let list = |names: &[String]| names.iter().map(unit).collect::<Vec<_>>().join(" ");
        let description = self.description.as_deref().unwrap_or(short);
        let usual = format!("/usr/sbin/{short}");
        let exec = if self.fails { "/bin/false" } else { self.exec.as_deref().unwrap_or(&usual) };
        let program = exec.split_whitespace().next().unwrap_or(exec);
        if linux.fs.lookup(&Cred::ROOT, "/", program).is_err() {
            let file = FileEntry {
                path: program.to_owned(),
                text: Some(String::new()),
                mode: Some("0755".to_owned()),
                owner: None,
            };
            file.put(linux, now)?;
        }
        let secs = self.start_secs;
        let text = if linux.distro.systemd.is_some() {
            let mut text = format!("[Unit]\nDescription={description}\n");
            for (key, names) in [("After", &self.after), ("Requires", &self.requires)] {
                if !names.is_empty() {
                    text.push_str(&format!("{key}={}\n", list(names)));
                }
            }
            text.push_str("\n[Service]\nType=notify\n");
            if secs > 0 {
                text.push_str(&format!("ExecStartPre=/bin/sleep {secs}\n"));
            }
            format!("{text}ExecStart={exec}\n\n[Install]\nWantedBy=multi-user.target\n")
        } else {
            let after: Vec<String> = self
                .after
                .iter()
                .chain(&self.requires)
                .map(|name| format!("${}", name.trim_end_matches(".service")))
                .collect();
            format!(
                "#! /bin/sh\n### BEGIN INIT INFO\n# Provides: {short}\n# Required-Start: {}\n# Default-Start: 3 5\n# \
                 Short-Description: {description}\n# X-Start-Seconds: {secs}\n### END INIT \
                 INFO\n\nDAEMON=\"{exec}\"\nexec /sbin/service {short} \"$@\"\n",
                after.join(" ")
            )
        };
        let path = match linux.distro.systemd {
            Some(_) => format!("/etc/systemd/system/{short}.service"),
            None => format!("/etc/init.d/{short}"),
        };
        let mode = if linux.distro.systemd.is_some() { "0644" } else { "0755" };
        let file = FileEntry { path: path.clone(), text: Some(text), mode: Some(mode.to_owned()), owner: None };
        file.put(linux, now)?;
        if self.enabled {
            linux
                .set_enabled(&format!("{short}.service"), true, now)
                .map_err(|errno| format!("unit {short}: {}", errno.text()))?;
        }
        Ok(())
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
    /// At which terminal.
    #[serde(default = "first_terminal")]
    pub tty: String,
}

fn first_terminal() -> String {
    "pts/0".to_owned()
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

/// Puts a file of a system on a machine's disks, with the directories above it, in the place of what an installation has there.
///
/// # Panics
/// When the disks have no room for it, which an image has.
pub fn put(linux: &mut Linux, path: &str, kind: Kind, mode: u16, now: Instant) {
    let _ = linux.fs.unlink(&Cred::ROOT, "/", path, now);
    place(&mut linux.fs, path, kind, ((0, 0), mode), now)
        .unwrap_or_else(|errno| unreachable!("an image has room for {path}: {}", errno.text()));
}

/// The same on disks that others have written to, with user, group and permission bits. Directories that are made for it
/// belong to the same.
///
/// # Errors
/// What the file system says; `Exist` when something is there.
pub fn place(
    fs: &mut Fs,
    path: &str,
    kind: Kind,
    (owner, mode): ((u32, u32), u16),
    now: Instant,
) -> Result<Ino, Errno> {
    let own = |fs: &mut Fs, ino: Ino| fs.chown(&Cred::ROOT, ino, Some(owner.0), Some(owner.1), now).map(|()| ino);
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (mut dir, mut so_far) = (fs.root(), String::new());
    for part in above.split('/').filter(|part| !part.is_empty()) {
        so_far = format!("{so_far}/{part}");
        // Where the folders of programs are one, some are links to others.
        dir = match fs.lookup(&Cred::ROOT, "/", &so_far) {
            Ok(ino) => ino,
            Err(_) => {
                let made = fs.put(&Cred::ROOT, dir, part, Kind::EMPTY_DIR, 0o755, now)?;
                own(fs, made)?
            }
        };
    }
    let file = fs.put(&Cred::ROOT, dir, name, kind, mode, now)?;
    own(fs, file)
}
