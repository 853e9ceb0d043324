//! Users and groups, as `/etc/passwd` and `/etc/group` have them.

use std::borrow::Cow;

use super::Linux;
use crate::sim::Instant;
use crate::systems::linux::fs::{Content, Cred};

/// A line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The login name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// What it is called in full.
    pub gecos: String,
    /// Its home directory.
    pub home: String,
    /// Its login shell.
    pub shell: String,
}

impl User {
    /// Its line of `/etc/passwd`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}:x:{}:{}:{}:{}:{}\n", self.name, self.uid, self.gid, self.gecos, self.home, self.shell)
    }

    /// Whether it belongs to the system and lets nobody in.
    #[must_use]
    pub fn is_systems(&self) -> bool {
        ["nologin", "false", "sync", "shutdown", "halt"].iter().any(|shell| self.shell.ends_with(shell))
    }
}

/// Whether a user or a group can have this name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_$".contains(letter))
        && name.len() <= 32
}

/// The first free number of a person, of those from the least to the most.
#[must_use]
pub fn free_number(taken: &[u32], least: u32, most: u32) -> u32 {
    let above = taken.iter().filter(|number| (least..most).contains(*number)).max();
    above.map_or(least, |highest| highest + 1)
}

/// A line of `/etc/group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// Its number.
    pub gid: u32,
    /// The users that belong to it besides those whose own group it is.
    pub members: Vec<String>,
}

impl User {
    /// Of a line of passwd(5); nothing for one that is none.
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, gecos, home, shell] = fields[..] else { return None };
        Some(Self {
            name: name.to_owned(),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            gecos: gecos.to_owned(),
            home: home.to_owned(),
            shell: shell.to_owned(),
        })
    }
}

impl Group {
    /// Of a line of group(5); nothing for one that is none.
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, members] = fields[..] else { return None };
        let members = members.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Some(Self { name: name.to_owned(), gid: gid.parse().ok()?, members })
    }
}

impl Linux {
    fn list(&self, path: &str) -> Cow<'_, str> {
        let Ok(ino) = self.fs.lookup(&Cred::ROOT, "/", path) else { return Cow::Borrowed("") };
        match self.fs.content(ino) {
            Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes),
            // As installed.
            Some(Content::Made(name)) if name == "linux/passwd" => Cow::Borrowed(self.distro.users),
            Some(Content::Made(name)) if name == "linux/group" => Cow::Borrowed(self.distro.groups),
            _ => Cow::Borrowed(""),
        }
    }

    /// All users.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.list("/etc/passwd").lines().filter_map(User::parse).collect()
    }

    /// Since when passwords are as they are that nobody has changed: since the installation.
    #[must_use]
    pub fn passwords_set(&self) -> Instant {
        let file = self.fs.lookup(&Cred::ROOT, "/", "/etc/shadow");
        file.map_or(self.booted, |ino| self.fs.node(ino).mtime)
    }

    /// All groups.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        self.list("/etc/group").lines().filter_map(Group::parse).collect()
    }

    /// Whether no password lets this user in: it is locked, has ended, or there is none.
    #[must_use]
    pub fn is_barred(&self, user: &User, now: Instant) -> bool {
        let own = self.shadow.get(&user.name);
        own.is_some_and(|own| own.is_shut(now)) || user.is_systems() && own.is_none_or(|own| own.password.is_none())
    }

    /// The user of a name.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<User> {
        let own = |line: &&str| line.split(':').next() == Some(name);
        self.list("/etc/passwd").lines().filter(own).find_map(User::parse)
    }

    /// The superuser, whatever became of `/etc/passwd`.
    #[must_use]
    pub fn root(&self) -> User {
        self.user("root").unwrap_or_else(|| User {
            name: "root".to_owned(),
            uid: 0,
            gid: 0,
            gecos: "root".to_owned(),
            home: "/root".to_owned(),
            shell: "/bin/bash".to_owned(),
        })
    }

    /// The name of a user's number.
    #[must_use]
    pub fn user_name(&self, uid: u32) -> Option<String> {
        let number = uid.to_string();
        let own = |line: &&str| line.split(':').nth(2).is_some_and(|field| field.ends_with(&number));
        let list = self.list("/etc/passwd");
        let mut users = list.lines().filter(own).filter_map(User::parse);
        users.find(|user| user.uid == uid).map(|user| user.name)
    }

    /// The name of a group's number.
    #[must_use]
    pub fn group_name(&self, gid: u32) -> Option<String> {
        let number = gid.to_string();
        let own = |line: &&str| line.split(':').nth(2).is_some_and(|field| field.ends_with(&number));
        let list = self.list("/etc/group");
        let mut groups = list.lines().filter(own).filter_map(Group::parse);
        groups.find(|group| group.gid == gid).map(|group| group.name)
    }

    /// What a user may do.
    #[must_use]
    pub fn cred(&self, user: &User) -> Cred {
        let named = |line: &&str| line.contains(&user.name);
        let list = self.list("/etc/group");
        let groups = list.lines().filter(named).filter_map(Group::parse);
        let groups = groups.filter(|group| group.members.contains(&user.name)).map(|group| group.gid).collect();
        Cred { uid: user.uid, gid: user.gid, groups }
    }
}
