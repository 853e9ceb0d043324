//! Backups of the appliance: whether one can be made, what it takes, what is on its server in the end. A server is another
//! machine of the lab: one that takes logins for SCP and SFTP, else one with a server of files of the way.
//!
//! Truth: the calls and their arguments are the reference's (1.7); how long a backup takes and every text are inferred.

use serde_json::{Value, json};

use super::{ApiError, health};
use crate::sim::{Instant, Span};
use crate::systems::linux::clock::{self, Zone};
use crate::systems::linux::fs::{Access, Content, Cred, Errno, Fs, Ino, Kind};
use crate::systems::linux::made_files;
use crate::systems::linux::model::User;
use crate::systems::linux::net::{self, Reach};
use crate::systems::vcsa::backup::{Job, METADATA, PARTS, Part, Place, State};
use crate::systems::vcsa::model::{Event, Vcsa};
use crate::systems::vcsa::services::DATABASE;
use crate::world::{MachineId, World};

/// What a backup takes beside its bytes.
const PREPARATION: Span = Span::secs(75);
/// So long a server that does not answer is waited for.
const SILENCE: Span = Span::secs(30);
/// So many bytes a second go to the server.
const BYTES_A_SECOND: u64 = 40_000_000;

/// Where a backup goes, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The way: `SCP`.
    pub way: String,
    /// The machine, as it was named.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user there.
    pub user: String,
    /// The folder there.
    pub folder: String,
    /// The parts.
    pub parts: Vec<&'static Part>,
    /// What somebody says of it.
    pub comment: String,
    /// Whether the pieces get a password.
    pub encrypted: bool,
}

/// The ways of the API and their ports.
const WAYS: [(&str, u16); 8] =
    [("FTP", 21), ("FTPS", 990), ("HTTP", 80), ("HTTPS", 443), ("NFS", 2049), ("SCP", 22), ("SFTP", 22), ("SMB", 445)];

impl Wish {
    /// Reads what was typed. The parts that belong to each backup are in it, named or not.
    ///
    /// # Errors
    /// When a value does not do.
    pub fn read(vcsa: &Vcsa, way: &str, location: &str, user: &str, parts: &[String]) -> Result<Self, ApiError> {
        let ways = vcsa.series().backup_ways;
        let known = WAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(way) && ways.contains(name));
        let Some((way, port)) = known else {
            let known = ways.join(", ");
            return Err(ApiError::invalid(format!("Invalid location_type: {way}, must be one of {known}")));
        };
        let bare = location.split_once("://").map_or(location, |(_, rest)| rest);
        let (host, folder) = bare.split_at(bare.find('/').unwrap_or(bare.len()));
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| unfit(location))?),
            None => (host, *port),
        };
        if host.is_empty() || folder.trim_matches('/').is_empty() || folder.split('/').any(|part| part == "..") {
            return Err(unfit(location));
        }
        for part in parts {
            if !PARTS.iter().any(|known| known.id == part) {
                return Err(ApiError::not_found(format!("Part {part} not found")));
            }
        }
        Ok(Self {
            way: (*way).to_owned(),
            host: host.to_owned(),
            port,
            user: if user.is_empty() { "root".to_owned() } else { user.to_owned() },
            folder: format!("/{}", folder.trim_matches('/')),
            parts: PARTS.iter().filter(|known| known.always || parts.iter().any(|part| part == known.id)).collect(),
            comment: String::new(),
            encrypted: false,
        })
    }

    /// Whose password is asked for: the machine that has the address, and the number of the user there.
    #[must_use]
    pub fn owner(&self, world: &World, id: MachineId) -> Option<(MachineId, u32)> {
        let machine = net::resolve(world, id, &self.host)?.machine?;
        Some((machine, world.linux(machine).user(&self.user)?.uid))
    }
}

fn unfit(location: &str) -> ApiError {
    ApiError::invalid(format!("Invalid location: {location}"))
}

/// The bytes of a part that are on the disks.
#[must_use]
pub fn size(world: &World, id: MachineId, part: &Part) -> u64 {
    let partitions = health::partitions(world, id).into_iter();
    let own = partitions.filter(|partition| part.partitions.contains(&partition.name.as_str()));
    own.map(|partition| partition.usage.used).sum()
}

/// The machine and the user that a backup goes to, when they take it: `accepted` tells of the password.
///
/// # Errors
/// Why not.
fn server(world: &World, id: MachineId, wish: &Wish, accepted: bool) -> Result<(MachineId, User), String> {
    let Wish { way, host, port, user, .. } = wish;
    let Some(found) = net::resolve(world, id, host) else {
        return Err(format!("Could not resolve host {host}."));
    };
    let reach = net::reach_port(world, &found, *port);
    let machine = match (reach, found.machine) {
        (Reach::NoWay, _) => return Err(format!("Failed to connect to {host} port {port}: network is unreachable.")),
        (Reach::Silent, _) | (_, None) => return Err(format!("Failed to connect to {host} port {port}: timed out.")),
        (Reach::Refused, _) => return Err(format!("Failed to connect to {host} port {port}: connection refused.")),
        (Reach::Up, Some(machine)) => machine,
    };
    let own = WAYS.iter().any(|(known, number)| known == way && number == port);
    if !own || *port != net::SSH && !net::serves_files(world, machine, *port) {
        return Err(format!("{host} does not take backups over {way}."));
    }
    // NFS asks for no password.
    let user = world.linux(machine).user(user).filter(|_| accepted || way == "NFS");
    user.map(|user| (machine, user)).ok_or_else(|| format!("Access to {host} is denied: wrong user name or password."))
}

/// How long the appliance waits for a server: one that is silent keeps it waiting.
#[must_use]
pub fn patience(world: &World, id: MachineId, wish: &Wish) -> Span {
    match net::resolve(world, id, &wish.host).map(|host| net::reach_port(world, &host, wish.port)) {
        Some(Reach::Silent) => SILENCE,
        _ => Span::ZERO,
    }
}

/// What stands against a backup; nothing when it can be made.
#[must_use]
pub fn validate(world: &World, id: MachineId, wish: &Wish, accepted: bool) -> Option<String> {
    let vcsa = world.vcsa(id);
    if !vcsa.services.runs(DATABASE) {
        return Some(format!("The service {DATABASE} is not running."));
    }
    let (machine, user) = match server(world, id, wish, accepted) {
        Ok(server) => server,
        Err(trouble) => return Some(trouble),
    };
    let linux = world.linux(machine);
    let taken = linux.fs.lookup(&linux.cred(&user), "/", &format!("{}/{METADATA}", wish.folder)).is_ok();
    taken.then(|| format!("The location {} is not empty.", wish.folder))
}

/// Begins a backup: the job is there from now on, failed at once where it cannot be made.
///
/// # Errors
/// When one runs already.
pub fn begin(world: &mut World, id: MachineId, wish: &Wish, accepted: bool) -> Result<Job, ApiError> {
    if let Some(job) = world.vcsa(id).backups.running() {
        return Err(ApiError::not_allowed(format!("Backup job {} is in progress", job.id)));
    }
    let trouble = validate(world, id, wish, accepted);
    let (vcsa, now) = (world.vcsa(id), world.now);
    let stamp = clock::format("%Y%m%d-%H%M%S", now.utc().unix_timestamp(), 0, &Zone::utc());
    let name = format!("{stamp}-{}", vcsa.running.build);
    if vcsa.backups.get(&name).is_some() {
        return Err(ApiError::exists(format!("Backup job {name} already exists")));
    }
    let mut folder = wish.folder.clone();
    if vcsa.series().backups_have_folders {
        folder.push_str(&format!("/vCenter/sn_{}/M_{}_{stamp}_", vcsa.linux.hostname, vcsa.running.version));
    }
    let parts: Vec<(String, u64)> = wish.parts.iter().map(|part| (part.id.to_owned(), size(world, id, part))).collect();
    let bytes: u64 = parts.iter().map(|(_, bytes)| bytes).sum();
    let span = PREPARATION + Span::secs(bytes / BYTES_A_SECOND);
    let mut job = Job {
        id: name.clone(),
        state: State::InProgress,
        message: None,
        begun: now,
        ends: now + span,
        place: Some(Place {
            way: wish.way.clone(),
            port: wish.port,
            host: wish.host.clone(),
            user: wish.user.clone(),
            folder,
        }),
        parts,
        comment: wish.comment.clone(),
        encrypted: wish.encrypted,
        ticket: None,
    };
    match trouble {
        Some(trouble) => job.fail(now, trouble),
        None => job.ticket = Some(world.after(id, span, Event::BackupEnds(name))),
    }
    world.vcsa_mut(id).backups.push(job.clone());
    Ok(job)
}

/// A backup ends: its files are on the server, unless that takes them no more.
pub fn end(world: &mut World, id: MachineId, name: &str) {
    let Some(job) = world.vcsa(id).backups.get(name).filter(|job| job.state == State::InProgress).cloned() else {
        return;
    };
    let now = world.now;
    let outcome = job.place.as_ref().ok_or("There is no location.".to_owned()).and_then(|place| {
        let wish = Wish {
            way: place.way.clone(),
            host: place.host.clone(),
            port: place.port,
            user: place.user.clone(),
            folder: place.folder.clone(),
            parts: Vec::new(),
            comment: String::new(),
            encrypted: false,
        };
        let (machine, user) = server(world, id, &wish, true)?;
        let metadata = metadata(world.vcsa(id), &job);
        let cred = world.linux(machine).cred(&user);
        let fs = &mut world.linux_mut(machine).fs;
        write(fs, &cred, &place.folder, &job, metadata, now)
            .map_err(|errno| format!("Writing to {} failed: {}.", place.folder, errno.text()))
    });
    let Some(job) = world.vcsa_mut(id).backups.get_mut(name) else { return };
    match outcome {
        Ok(()) => (job.state, job.ticket) = (State::Succeeded, None),
        Err(trouble) => job.fail(now, trouble),
    }
}

fn metadata(vcsa: &Vcsa, job: &Job) -> String {
    let parts: Vec<&str> = job.parts.iter().map(|(part, _)| part.as_str()).collect();
    let value = json!({
        "BoxName": vcsa.linux.hostname,
        "BuildNumber": vcsa.running.build,
        "Comment": job.comment,
        "Encrypted": job.encrypted,
        "Parts": parts,
        "Timestamp": job.begun.to_string(),
        "Type": vcsa.node_type,
        "Version": vcsa.running.version,
    });
    format!("{value:#}\n")
}

fn write(fs: &mut Fs, cred: &Cred, folder: &str, job: &Job, metadata: String, now: Instant) -> Result<(), Errno> {
    let dir = folders(fs, cred, folder, now)?;
    fs.access(cred, dir, Access::WRITE)?;
    for (part, bytes) in &job.parts {
        let file = PARTS.iter().find(|known| known.id == part).map_or(part.as_str(), |known| known.file);
        fs.put(cred, dir, file, Kind::File(Content::Hole(*bytes)), 0o600, now)?;
    }
    fs.put(cred, dir, METADATA, Kind::File(Content::text(metadata)), 0o600, now)?;
    Ok(())
}

/// The folder, made where it is missing.
fn folders(fs: &mut Fs, cred: &Cred, folder: &str, now: Instant) -> Result<Ino, Errno> {
    let mut so_far = String::new();
    for part in folder.split('/').filter(|part| !part.is_empty()) {
        so_far = format!("{so_far}/{part}");
        match fs.mkdir(cred, "/", &so_far, 0o755, now) {
            Ok(_) | Err(Errno::Exist) => {}
            Err(errno) => return Err(errno),
        }
    }
    fs.lookup(cred, "/", folder)
}

/// Breaks off a job that runs.
///
/// # Errors
/// When there is none of this name, or it has ended.
pub fn cancel(world: &mut World, id: MachineId, name: &str) -> Result<(), ApiError> {
    let now = world.now;
    let Some(job) = world.vcsa_mut(id).backups.get_mut(name) else {
        return Err(ApiError::not_found(format!("Job {name} not found")));
    };
    if job.state != State::InProgress {
        return Err(ApiError::not_allowed(format!("Backup job {name} is not in progress")));
    }
    let ticket = job.ticket.take();
    job.fail(now, "The backup job was cancelled.");
    if let Some(ticket) = ticket {
        world.queue.cancel(ticket);
    }
    Ok(())
}

/// What the metadata at a location say.
///
/// # Errors
/// Why there are none.
pub fn metadata_at(world: &World, id: MachineId, wish: &Wish, accepted: bool) -> Result<Value, String> {
    let (machine, user) = server(world, id, wish, accepted)?;
    let linux = world.linux(machine);
    let path = format!("{}/{METADATA}", wish.folder);
    let ino = linux.fs.lookup(&linux.cred(&user), "/", &path).map_err(|errno| format!("{path}: {}", errno.text()))?;
    let text = made_files::slice(world, machine, ino, 0, 1 << 16);
    serde_json::from_slice(&text).map_err(|_| format!("{path} is damaged."))
}
