//! `hosted-engine --deploy`: the stages of otopi, the questions, the playbooks with what they do to the lab, and what stands when
//! one of them fails (reference `hosted-engine.md` 4; a restore of 4.4 in transcripts 01 to 03).

mod answers;
pub(super) mod appliance;
mod dialogue;
mod effects;
mod ending;
mod guest;
mod local_vm;
mod log;
mod machine;
mod needs;
mod options;
mod questions;
mod script;
mod storage;
mod target;
mod trouble;

use self::dialogue::{Dialogue, Stop};
use self::effects::Came;
use self::options::{Forced, Variables};
use self::questions::Wanted;
use super::Call;
use crate::sim::Span;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::backup;
use crate::systems::rhv::events::HA_UNITS;
use crate::systems::rhv::model::Inventory;
use crate::systems::rhv::release::Release;
use crate::world::MachineId;

/// Where its logs are.
const LOGS: &str = "/var/log/ovirt-hosted-engine-setup";
/// How long it waits at most for its lock file to go.
const LOCKED: Span = Span::secs(24 * 3_600);
/// How often it looks whether it is gone.
const LOOK: Span = Span::secs(5);
/// Services that a host must not run on which a hosted engine is deployed.
/// What is said where it does (inferred).
const RUNNING: &str = "Hosted Engine HA services are already running on this system. Hosted Engine cannot be deployed on a host \
                       already running those services.";
/// What stops a playbook stops its stage.
const PLAYBOOK: &str = "Failed executing ansible-playbook";

/// Names that a deployment makes up.
struct Names {
    /// The folder of the local virtual machine, and its storage pool.
    local: String,
    /// The other pool.
    pool: String,
    /// In the name of the lock file.
    lock: String,
}

/// A deployment that is under way.
struct Deploy<'p> {
    talk: Dialogue<'p>,
    release: Release,
    wanted: Wanted,
    /// The backup that is restored: its path, and what is in it.
    restored: Option<(String, Inventory)>,
    storage: Option<storage::Chosen>,
    /// The machine that is to be the Manager.
    guest: Option<MachineId>,
    names: Names,
    /// The log of the playbook that was played last.
    playbook: Option<String>,
    /// The stage that runs.
    stage: &'static str,
    /// Whether it has begun to change something.
    begun: bool,
    /// Whether another answer file is written, and where.
    generate: Option<String>,
    /// What cannot be read in the answer files.
    unreadable: Option<String>,
    /// The answer files that it was given.
    appended: Vec<String>,
    /// Which addresses of this host count.
    forced: Forced,
    /// Variables for the playbooks, as they were given, and as they were read.
    extra: Vec<String>,
    variables: Variables,
}

/// The command.
pub(super) async fn deploy(p: &mut Proc, call: &Call<'_>) -> Ended {
    let options = match options::read(call.arguments, call.release) {
        Ok(options) => options,
        Err(argument) => {
            p.err(&format!("FATAL: Invalid option '{argument}'\n")).await?;
            return Ok(1);
        }
    };
    let (mut given, mut unreadable) = (answers::Given::new(), None);
    for path in &options.append {
        match p.read_path(path) {
            Ok(bytes) => match answers::read(&String::from_utf8_lossy(&bytes)) {
                Ok(more) => given.extend(more),
                Err(why) => unreadable = unreadable.or(Some(why)),
            },
            Err(_) => return missing(p, path).await,
        }
    }
    let restored = match &options.restore {
        None => None,
        Some(path) => match p.read_path(path) {
            Ok(bytes) => Some((path.clone(), backup::unpack(&bytes))),
            Err(_) => return missing(p, path).await,
        },
    };
    if !p.cred.is_root() {
        return options::as_root(p, call.arguments).await;
    }
    if options.vintage {
        return p.gap("hosted-engine --deploy --noansible");
    }
    let variables = options::variables(p, &options.variables).unwrap_or_default();
    if let Some(word) = options::unmodelled(p, &variables, call.release) {
        return p.gap(&format!("hosted-engine --deploy with the variable {word}"));
    }
    let names = names(p);
    let mut deployment = Deploy {
        appended: options.append,
        generate: options.generate,
        forced: options.forced,
        extra: options.variables,
        unreadable,
        ..Deploy::begin(Dialogue::new(p, given, call.release), call.release, names)
    };
    deployment.go(restored).await
}

async fn missing(p: &mut Proc, path: &str) -> Ended {
    p.err(&format!("FATAL: File {path} not found!\n")).await?;
    Ok(1)
}

fn names(p: &Proc) -> Names {
    let word = |length: usize| -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        p.world(|world, id| {
            let stream = format!("rhv.deploy.{}", id.0);
            let letter = |_| char::from(LETTERS[(world.streams.next(&stream) % 32) as usize]);
            (0..length).map(letter).collect()
        })
    };
    let local = format!("localvm{}", word(8));
    let pool = crate::systems::rhv::lab_entry::uuid(&local);
    Names { local, pool, lock: word(8) }
}

impl<'p> Deploy<'p> {
    /// One of which nothing is known yet.
    fn begin(talk: Dialogue<'p>, release: Release, names: Names) -> Self {
        Self {
            talk,
            release,
            wanted: Wanted::default(),
            restored: None,
            storage: None,
            guest: None,
            names,
            playbook: None,
            stage: "Initializing",
            begun: false,
            generate: None,
            unreadable: None,
            appended: Vec::new(),
            forced: Forced::default(),
            extra: Vec::new(),
            variables: Variables::new(),
        }
    }

    /// The whole run, with its end.
    async fn go(&mut self, restored: Option<(String, Option<Inventory>)>) -> Ended {
        let outcome = match self.set_up(restored).await {
            Ok(()) => self.customize_and_run().await,
            Err(stop) => Err(stop),
        };
        let outcome = self.weathered(outcome)?;
        self.finish(outcome).await
    }

    async fn enter(&mut self, stage: &'static str) -> Result<(), Cut> {
        self.stage = stage;
        self.talk.stage(stage).await?;
        self.talk.p.pass(Span::millis(700)).await
    }

    /// Up to the first question, and whether to go on at all.
    async fn set_up(&mut self, restored: Option<(String, Option<Inventory>)>) -> Result<(), Stop> {
        self.enter("Initializing").await?;
        if let Some(why) = self.unreadable.take() {
            self.talk.p.inferred();
            return Err(Stop::Failed(why));
        }
        self.enter("Environment setup").await?;
        if self.talk.p.peek(|linux| HA_UNITS.iter().any(|unit| linux.unit_is_up(unit))) {
            return Err(Stop::Failed(RUNNING.to_owned()));
        }
        let talk = &mut self.talk;
        let key = "OVEHOSTED_CORE/deployProceed";
        talk.note("During customization use CTRL-D to abort.").await?;
        talk.notes_of(key, &[
            "Continuing will configure this host for serving as hypervisor and will create a local VM with a running engine.",
        ])
        .await?;
        if restored.is_some() {
            talk.notes_of(key, &[
                "The provided engine backup file will be restored there,",
                "it's strongly recommended to run this tool on a host that wasn't part of the environment going to be restored.",
                "If a reference to this host is already contained in the backup file, it will be filtered out at restore time.",
            ])
            .await?;
        }
        talk.notes_of(
            key,
            &[
                "The locally running engine will be used to configure a new storage domain and create a VM there.",
                "At the end the disk of the local VM will be moved to the shared storage.",
            ],
        )
        .await?;
        if restored.is_some() {
            talk.notes_of(key, &[
                "The old hosted-engine storage domain will be renamed, after checking that everything is correctly working you can manually remove it.",
                "Other hosted-engine hosts have to be reinstalled from the engine to update their hosted-engine configuration.",
            ])
            .await?;
        }
        let prompt = "Are you sure you want to continue? (Yes, No)[Yes]: ";
        if !talk.confirm(key, prompt, true).await? {
            return Err(Stop::Aborted);
        }
        self.warn_of_connection().await?;
        self.open_log().await?;
        if let Some((path, engine)) = restored {
            let Some(engine) = engine else {
                return Err(Stop::Failed(format!("Unable to fech FQDN from backup file: {path} is no backup")));
            };
            self.restored = Some((path, engine));
        }
        Ok(())
    }

    /// Whoever is connected through the network should be in something that keeps the program alive.
    async fn warn_of_connection(&mut self) -> Result<(), Stop> {
        let program = if self.release.python3() { "tmux" } else { "screen" };
        if self.talk.p.env("TMUX").is_some() || self.talk.p.env("STY").is_some() {
            return Ok(());
        }
        let key = "OVEHOSTED_CORE/screenProceed";
        self.talk
            .notes_of(key, &[
                &format!("It has been detected that this program is executed through an SSH connection without using {program}."),
                "Continuing with the installation may lead to broken installation if the network connection fails.",
                &format!("It is highly recommended to abort the installation and run it inside a {program} session using command \"{program}\"."),
            ])
            .await?;
        let prompt = "Do you want to continue anyway? (Yes, No)[No]: ";
        match self.talk.confirm(key, prompt, false).await? {
            true => Ok(()),
            false => Err(Stop::Aborted),
        }
    }

    async fn open_log(&mut self) -> Result<(), Cut> {
        let path = format!(
            "{LOGS}/ovirt-hosted-engine-setup-{}-{}.log",
            self.talk.stamp("%Y%m%d%H%M%S"),
            &self.names.lock[..6]
        );
        let (version, dnf) = match self.release.minor {
            2 => ("otopi-1.7.8 (otopi-1.7.8-1.el7ev)", false),
            3 => ("otopi-1.8.4 (otopi-1.8.4-1.el7ev)", false),
            4 => ("otopi-1.9.6 (otopi-1.9.6-2.el8ev)", true),
            _ => ("otopi-1.10.3 (otopi-1.10.3-1.el8)", true),
        };
        // A list of Python's at first (inferred, where there is something in it).
        let quoted: Vec<String> = self.appended.iter().map(|path| format!("'{path}'")).collect();
        let files = if self.release.python3() { self.appended.join(", ") } else { format!("[{}]", quoted.join(", ")) };
        let talk = &mut self.talk;
        talk.notes(&[
            &format!("Configuration files: {files}"),
            &format!("Log file: {path}"),
            &format!("Version: {version}"),
        ])
        .await?;
        talk.log = Some(path);
        if dnf {
            self.subscription().await?;
        }
        Ok(())
    }

    /// Each look at the repositories says whose they are.
    async fn subscription(&mut self) -> Result<(), Cut> {
        if !self.release.python3() {
            return Ok(());
        }
        self.talk.info("DNF Updating Subscription Management repositories.").await?;
        self.talk.p.pass(Span::secs(4)).await
    }

    async fn customize_and_run(&mut self) -> Result<(), Stop> {
        self.enter("Environment packages setup").await?;
        self.subscription().await?;
        self.enter("Programs detection").await?;
        self.enter(if self.release.minor > 2 { "Environment setup (late)" } else { "Environment setup" }).await?;
        self.enter("Environment customization").await?;
        self.customize().await?;
        self.enter("Setup validation").await?;
        questions::host(&mut self.talk, &mut self.wanted).await?;
        self.enter("Transaction setup").await?;
        self.subscription().await?;
        for stage in ["Misc configuration (early)", "Package installation", "Misc configuration", "Transaction commit"]
        {
            self.begun |= stage == "Misc configuration";
            self.enter(stage).await?;
        }
        self.enter("Closing up").await?;
        self.close_up().await
    }

    async fn customize(&mut self) -> Result<(), Stop> {
        let release = self.release;
        self.talk.heading("STORAGE CONFIGURATION").await?;
        self.talk.heading("HOST NETWORK CONFIGURATION").await?;
        questions::network(&mut self.talk, release, self.forced, &mut self.wanted).await?;
        self.talk.info("Checking available network interfaces:").await?;
        self.play("get_network_interfaces", &["facts", "interfaces"]).await?;
        questions::interface(&mut self.talk, release, &mut self.wanted).await?;
        self.talk.heading("VM CONFIGURATION").await?;
        let restored = self.restored.as_ref().map(|(_, engine)| engine);
        questions::place(&mut self.talk, release, restored.is_some(), &mut self.wanted).await?;
        machine::machine(&mut self.talk, release, &mut self.wanted).await?;
        questions::name(&mut self.talk, release, restored, &mut self.wanted).await?;
        questions::root(&mut self.talk, release, &mut self.wanted).await?;
        machine::address(&mut self.talk, release, &mut self.wanted).await?;
        if release.python3() {
            self.talk.note("").await?;
            self.talk.notes(&["--== HOSTED ENGINE CONFIGURATION ==--", ""]).await?;
        } else {
            self.talk.heading("HOSTED ENGINE CONFIGURATION").await?;
        }
        questions::engine(&mut self.talk, release).await
    }

    async fn close_up(&mut self) -> Result<(), Stop> {
        options::overrule(&self.variables, &mut self.wanted, &mut self.forced);
        self.talk.info("Cleaning previous attempts").await?;
        let checks = ["facts", "packages", "interfaces", "validations", "previous"];
        self.play("initial_clean", &checks).await?;
        self.talk.info("Starting local VM").await?;
        let restore: &[&str] =
            if self.restored.is_some() { &["local-vm", "restore", "engine"] } else { &["local-vm", "engine"] };
        let blocks: Vec<&str> = checks.into_iter().chain(restore.iter().copied()).collect();
        self.play("bootstrap_local_vm", &blocks).await?;
        let host = self.wanted.host_name.clone();
        let portal = format!("https://{host}:6900/ovirt-engine/");
        self.talk.info(&format!("The bootstrap engine is temporarily accessible via {portal}")).await?;
        self.play("bootstrap_local_vm", &["add-host"]).await?;
        if self.wanted.pause {
            let text = format!(
                "You can now connect to {portal} and check the status of this host and eventually remediate it, please continue \
                 only when the host is listed as 'up'"
            );
            self.talk.info(&text).await?;
            self.play("bootstrap_local_vm", &["pause"]).await?;
        } else {
            self.play("bootstrap_local_vm", &["host"]).await?;
        }
        self.make_storage().await?;
        let free = self.free();
        self.wanted.disk = storage::disk(&mut self.talk, self.release, free).await?;
        options::overrule(&self.variables, &mut self.wanted, &mut self.forced);
        if !storage::has_room_for(self.wanted.disk, free) {
            return Err(Stop::Failed(storage::short(self.wanted.disk, free)));
        }
        self.talk.info("Creating Target VM").await?;
        self.play("create_target_vm", &["target"]).await
    }

    /// Asks for storage until a storage domain can be made on it.
    async fn make_storage(&mut self) -> Result<(), Stop> {
        loop {
            self.storage = Some(storage::ask(&mut self.talk, self.release).await?);
            self.talk.info("Creating Storage Domain").await?;
            match self.play("create_storage_domain", &["storage"]).await {
                Err(Stop::Failed(_)) if !self.talk.given.contains_key("OVEHOSTED_STORAGE/domainType") => {
                    self.talk.error("There was some problem with the storage domain, please try again").await?;
                    self.talk.given.retain(|key, _| !key.starts_with("OVEHOSTED_STORAGE/"));
                }
                outcome => return outcome,
            }
        }
    }

    /// Plays blocks of tasks as one playbook.
    async fn play(&mut self, tag: &str, blocks: &[&str]) -> Result<(), Stop> {
        let stamp = self.talk.stamp("%Y%m%d%H%M%S");
        // What is played in parts is one playbook.
        if !self.playbook.as_ref().is_some_and(|path| path.contains(tag)) {
            let mark = &self.names.pool[..6];
            self.playbook = Some(format!("{LOGS}/ovirt-hosted-engine-setup-ansible-{tag}-{stamp}-{mark}.log"));
        }
        self.talk.play_log.clone_from(&self.playbook);
        self.variables = match options::variables(self.talk.p, &self.extra) {
            Ok(variables) => variables,
            Err(why) => {
                self.talk.p.inferred();
                self.talk.error(&why).await?;
                return Err(Stop::Failed(PLAYBOOK.to_owned()));
            }
        };
        // The file that they are in may have changed since.
        if let Some(word) = options::unmodelled(self.talk.p, &self.variables, self.release) {
            let _ = self.talk.p.gap(&format!("hosted-engine --deploy with the variable {word}"));
            return Err(Stop::Failed(PLAYBOOK.to_owned()));
        }
        let mut outcome = Ok(());
        'blocks: for block in blocks {
            if *block == "pause" {
                outcome = self.pause().await;
                break;
            }
            for task in script::block_of(block, self.release) {
                outcome = Box::pin(self.task(block, &task)).await;
                if outcome.is_err() {
                    break 'blocks;
                }
            }
        }
        self.talk.play_log = None;
        outcome
    }

    /// The line that begins a task of a role.
    async fn announce(&mut self, role: &str, name: &str) -> Result<(), Cut> {
        let prefix = match (role, self.release.minor) {
            (_, 2) => return self.talk.info(&format!("TASK [{name}]")).await,
            ("engine", 3) => "ovirt.engine-setup",
            ("engine", 4) => "redhat.rhv.engine_setup",
            ("engine", _) => "ovirt.ovirt.engine_setup",
            (_, 3) => "ovirt.hosted_engine_setup",
            _ => "ovirt.ovirt.hosted_engine_setup",
        };
        self.talk.info(&format!("TASK [{prefix} : {name}]")).await
    }

    async fn task(&mut self, block: &str, task: &script::Task) -> Result<(), Stop> {
        let name = task
            .name
            .replace("{local}", &self.names.local)
            .replace("{pool}", &self.names.pool)
            .replace("{lock}", &self.names.lock);
        if !name.is_empty() {
            self.announce(task.role, &name).await?;
            self.talk.p.pass(if self.is_left_out(task.name) { script::USUAL } else { script::span(task.name) }).await?;
        }
        let (every, patience) = script::patience(task.name);
        let end = self.talk.p.now() + Span::secs(patience);
        let came = loop {
            match self.lacks(block, task).unwrap_or_else(|| self.happen(block, task.name)) {
                Came::Later if self.talk.p.now() < end => self.talk.p.pass(Span::secs(every)).await?,
                came => break came,
            }
        };
        let result = match came {
            Came::AsUsual => task.result,
            Came::As(result) => result,
            Came::Failed(fields) => return self.fatal(&fields).await,
            Came::Later => return self.timed_out(task.name, patience / every).await,
            Came::Unreachable(why) => return self.unreachable(&why).await,
            Came::NotRestored(why) => return self.not_restored(&why).await,
            Came::NotOperational(why) => return self.not_operational(block, &why).await,
        };
        if !result.is_empty() {
            let on = match (task.to, self.guest) {
                _ if result == "skipping" => "localhost".to_owned(),
                (Some("vm"), Some(guest)) => {
                    format!("localhost -> {}", self.talk.p.world(|world, _| world.machine(guest).address.clone()))
                }
                // The Ansible of earlier ones does not tell of it (transcript 06).
                (Some("localhost"), _) if self.release.setup_from([2, 5, 4]) => "localhost -> localhost".to_owned(),
                _ => "localhost".to_owned(),
            };
            self.talk.info(&format!("{result}: [{on}]")).await?;
        }
        Ok(())
    }
}
