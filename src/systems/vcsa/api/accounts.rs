//! The local accounts: users whose login shell is the appliance shell. Name, full name and shell stand in `/etc/passwd`, the
//! password beside it; only role and address are the appliance's own.
//!
//! Truth: reference `appliance-shell.md` 1.2 and 1.4. How long a password lasts is that of root in the vendor's documents.

use super::ApiError;
use crate::sim::Instant;
use crate::systems::linux::fs::{Cred, Errno};
use crate::systems::linux::model::{Linux, Password, Shadow, User, user};
use crate::systems::vcsa::faults::PASSWORD_EXPIRED;
use crate::systems::vcsa::settings::{APPLIANCE_SHELL, Account, Role};
use crate::world::{MachineId, World};

/// A password has this many characters or more.
pub const SHORTEST_PASSWORD: usize = 8;

/// The group of those who have none of their own.
const USERS: u32 = 100;

/// An account as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub username: String,
    /// What it may do.
    pub role: Role,
    /// Its full name.
    pub fullname: String,
    /// Whether it may log in.
    pub enabled: bool,
    /// How its password stands.
    pub password: PasswordStatus,
    /// Its address.
    pub email: String,
}

/// How a password stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordStatus {
    /// There is none.
    Notset,
    /// It must be changed.
    Expired,
    /// It is good.
    Valid,
}

impl PasswordStatus {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Notset => "notset",
            Self::Expired => "expired",
            Self::Valid => "valid",
        }
    }
}

/// What of an account is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What it may do.
    pub role: Option<Role>,
    /// Its full name.
    pub fullname: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// Whether it may log in.
    pub enabled: Option<bool>,
}

/// Whether a password has lasted its time by the clock of the machine, or is said to have.
#[must_use]
pub fn is_expired(world: &World, id: MachineId, name: &str) -> bool {
    let linux = world.linux(id);
    let reads = |at: Instant| linux.zone.reads(at.utc().unix_timestamp());
    let old = linux.shadow.get(name).is_some_and(|shadow| {
        let lasts = shadow.changed.zip(shadow.ends()).map(|(changed, ends)| (changed, ends.since(changed).as_secs()));
        lasts.is_some_and(|(changed, secs)| {
            u64::try_from(reads(world.now) - reads(changed)).is_ok_and(|age| age >= secs)
        })
    });
    old || name == "root" && world.suffers(id, PASSWORD_EXPIRED)
}

/// All accounts, in the order of `/etc/passwd`.
#[must_use]
pub fn list(world: &World, id: MachineId) -> Vec<Shown> {
    let users = world.linux(id).users().into_iter();
    users.filter(|user| user.shell == APPLIANCE_SHELL).map(|user| show(world, id, &user)).collect()
}

/// The account called `name`.
///
/// # Errors
/// When there is none.
pub fn get(world: &World, id: MachineId, name: &str) -> Result<Shown, ApiError> {
    find(world.linux(id), name).map(|user| show(world, id, &user))
}

fn find(linux: &Linux, name: &str) -> Result<User, ApiError> {
    let user = linux.user(name).filter(|user| user.shell == APPLIANCE_SHELL);
    user.ok_or_else(|| ApiError::not_found(format!("User {name} does not exist")))
}

fn show(world: &World, id: MachineId, user: &User) -> Shown {
    let (vcsa, root) = (world.vcsa(id), user.name == "root");
    let shadow = world.linux(id).shadow.get(&user.name);
    let password = match shadow {
        _ if is_expired(world, id, &user.name) => PasswordStatus::Expired,
        None if !root => PasswordStatus::Notset,
        _ => PasswordStatus::Valid,
    };
    Shown {
        username: user.name.clone(),
        role: vcsa.settings.role(&user.name),
        fullname: user.gecos.clone(),
        enabled: shadow.is_none_or(|shadow| !shadow.locked),
        password,
        email: vcsa.settings.accounts.get(&user.name).map(|account| account.email.clone()).unwrap_or_default(),
    }
}

/// Whether an account can be made so, before its password is asked for.
///
/// # Errors
/// When a value does not do, or it is there already.
pub fn check_new(world: &World, id: MachineId, name: &str, changes: &Changes) -> Result<(), ApiError> {
    if !user::is_name(name) || name.ends_with('$') {
        return Err(ApiError::invalid(format!("Invalid user name: {name}")));
    }
    if world.linux(id).user(name).is_some() {
        return Err(ApiError::exists(format!("User {name} already exists")));
    }
    check(changes)
}

fn check(changes: &Changes) -> Result<(), ApiError> {
    let bad = |text: &String| text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == ':');
    if let Some(name) = changes.fullname.as_ref().filter(|name| bad(name)) {
        return Err(ApiError::invalid(format!("Invalid full name: {name}")));
    }
    let bad =
        |text: &String| !text.is_empty() && (bad(text) || text.split('@').filter(|part| !part.is_empty()).count() != 2);
    if let Some(email) = changes.email.as_ref().filter(|email| bad(email)) {
        return Err(ApiError::invalid(format!("Invalid email: {email}")));
    }
    Ok(())
}

/// Makes an account. Without a password, that of root lets it in.
///
/// # Errors
/// As [`check_new`], or what the file system says.
pub fn add(
    world: &mut World,
    id: MachineId,
    name: &str,
    changes: Changes,
    password: Option<Password>,
) -> Result<(), ApiError> {
    check_new(world, id, name, &changes)?;
    let (now, days) = (world.now, world.vcsa(id).series().password_days);
    let linux = world.linux_mut(id);
    let mut users = linux.users();
    let taken: Vec<u32> = users.iter().map(|user| user.uid).collect();
    let (uid, home) = (user::free_number(&taken, 1_000, 60_000), format!("/home/{name}"));
    users.push(User {
        name: name.to_owned(),
        uid,
        gid: USERS,
        gecos: String::new(),
        home: home.clone(),
        shell: APPLIANCE_SHELL.to_owned(),
    });
    store(linux, &users, now)?;
    match linux.fs.mkdir(&Cred::ROOT, "/", &home, 0o700, now) {
        Ok(ino) => linux.fs.chown(&Cred::ROOT, ino, Some(uid), Some(USERS), now)?,
        Err(Errno::Exist) => {}
        Err(errno) => return Err(errno.into()),
    }
    let shadow = Shadow { password, changed: Some(now), most_days: Some(days), ..Shadow::default() };
    linux.shadow.insert(name.to_owned(), shadow);
    let account = Account { role: changes.role.unwrap_or_default(), email: String::new() };
    world.vcsa_mut(id).settings.accounts.insert(name.to_owned(), account);
    set(world, id, name, changes)
}

fn store(linux: &mut Linux, users: &[User], now: Instant) -> Result<(), ApiError> {
    Ok(linux.put_text("/etc/passwd", &users.iter().map(User::line).collect::<String>(), 0o644, now)?)
}

/// Changes an account.
///
/// # Errors
/// When there is none of the name, a value does not do, or root would lose its role.
pub fn set(world: &mut World, id: MachineId, name: &str, changes: Changes) -> Result<(), ApiError> {
    find(world.linux(id), name)?;
    check(&changes)?;
    if name == "root" && (changes.role.is_some_and(|role| role != Role::SuperAdmin) || changes.enabled == Some(false)) {
        return Err(ApiError::not_allowed("The role and the status of root cannot be changed"));
    }
    let now = world.now;
    let linux = world.linux_mut(id);
    if let Some(fullname) = changes.fullname {
        let mut users = linux.users();
        for user in users.iter_mut().filter(|user| user.name == name) {
            user.gecos.clone_from(&fullname);
        }
        store(linux, &users, now)?;
    }
    if let Some(enabled) = changes.enabled.filter(|_| name != "root") {
        linux.shadow.entry(name.to_owned()).or_default().locked = !enabled;
    }
    if changes.role.is_some() || changes.email.is_some() {
        let account = world.vcsa_mut(id).settings.accounts.entry(name.to_owned()).or_default();
        account.role = changes.role.unwrap_or(account.role);
        account.email = changes.email.unwrap_or_else(|| account.email.clone());
    }
    Ok(())
}

/// Gives an account another password.
///
/// # Errors
/// When there is none of the name.
pub fn set_password(world: &mut World, id: MachineId, name: &str, password: Option<Password>) -> Result<(), ApiError> {
    find(world.linux(id), name)?;
    let now = world.now;
    if name == "root" {
        match password {
            Some(password) => world.change_password(id, password),
            None => world.renew_password(id),
        }
        return Ok(());
    }
    let shadow = world.linux_mut(id).shadow.entry(name.to_owned()).or_default();
    (shadow.password, shadow.changed) = (password, Some(now));
    Ok(())
}

/// Takes an account away; its home directory stays.
///
/// # Errors
/// When there is none of the name, or it is root's.
pub fn delete(world: &mut World, id: MachineId, name: &str) -> Result<(), ApiError> {
    find(world.linux(id), name)?;
    if name == "root" {
        return Err(ApiError::not_allowed("User root cannot be deleted"));
    }
    let now = world.now;
    let linux = world.linux_mut(id);
    let mut users = linux.users();
    users.retain(|user| user.name != name);
    store(linux, &users, now)?;
    linux.shadow.remove(name);
    world.vcsa_mut(id).settings.accounts.remove(name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Span;
    use crate::systems::vcsa::api::Kind;
    use crate::systems::vcsa::test_world;

    #[test]
    fn accounts_are_the_users_of_the_machine() {
        let (mut world, id) = test_world("vcsa-6.0");
        let names = |world: &World| list(world, id).into_iter().map(|shown| shown.username).collect::<Vec<_>>();
        assert_eq!(names(&world), ["root"]);
        let changes = Changes { role: Some(Role::Admin), fullname: Some("Test".to_owned()), ..Changes::default() };
        let password = Password::of("vcsa01", "a-secret-1");
        add(&mut world, id, "test", changes.clone(), Some(password)).expect("a new one");
        let twice = add(&mut world, id, "test", changes.clone(), None).expect_err("twice");
        assert_eq!((twice.kind, names(&world)), (Kind::AlreadyExists, vec!["root".to_owned(), "test".to_owned()]));
        let user = world.linux(id).user("test").expect("it is in /etc/passwd");
        assert_eq!((user.gecos.as_str(), user.shell.as_str()), ("Test", APPLIANCE_SHELL));
        let accepts = |world: &World, text: &str| world.machine(id).accepts_of(user.uid, text);
        assert!(accepts(&world, "a-secret-1") && !accepts(&world, "another"));
        set(&mut world, id, "test", Changes { enabled: Some(false), ..Changes::default() }).expect("it is there");
        assert!(!accepts(&world, "a-secret-1") && !get(&world, id, "test").expect("there").enabled);
        delete(&mut world, id, "test").expect("it is there");
        assert_eq!(delete(&mut world, id, "test").expect_err("gone").kind, Kind::NotFound);
        assert_eq!(delete(&mut world, id, "bin").expect_err("no account").kind, Kind::NotFound);
        assert_eq!(delete(&mut world, id, "root").expect_err("root").kind, Kind::NotAllowed);
        assert_eq!(names(&world), ["root"]);
    }

    #[test]
    fn values_are_checked() {
        let (mut world, id) = test_world("vcsa-6.0");
        let mut check = |name: &str, fullname: Option<&str>, email: Option<&str>, good: bool| {
            let own = |text: Option<&str>| text.map(str::to_owned);
            let changes = Changes { fullname: own(fullname), email: own(email), ..Changes::default() };
            assert_eq!(add(&mut world, id, name, changes, None).is_ok(), good, "{name} {fullname:?} {email:?}");
        };
        check("a", Some("TestUser"), Some("a@b.c"), true);
        check("b", Some("Test User"), None, false);
        check("b", Some("Test:User"), None, false);
        check("b", None, Some("nobody"), false);
        check("B", None, None, false);
        check("bin", None, None, false);
    }

    #[test]
    fn a_password_gets_old() {
        let check = |lab: &str, days: u64, expect| {
            let (mut world, id) = test_world(lab);
            add(&mut world, id, "test", Changes::default(), Some(Password::of("vcsa01", "x"))).expect("a new one");
            world.now += Span::secs(days * 86_400);
            assert_eq!(get(&world, id, "test").expect("it is there").password, expect, "{lab} after {days} days");
        };
        check("vcsa-6.0", 364, PasswordStatus::Valid);
        check("vcsa-6.0", 365, PasswordStatus::Expired);
        check("vcsa-6.5", 89, PasswordStatus::Valid);
        check("vcsa-6.5", 90, PasswordStatus::Expired);
    }
}
