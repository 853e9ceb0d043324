//! What `service-control` says while it works: in few words from 6.7 on, with each command it runs on 6.5, and on 6.0 in a
//! form that is inferred from that of 6.5.

use super::form::Voice;
use super::options::{Ask, Operation};
use super::{form, moment, services};
use crate::sim::Span;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::vcsa::services::{Definition, MONITOR, Profile};
use crate::systems::vcsa::stamp;

/// Why it gave up.
#[derive(Debug)]
pub enum Failure {
    /// A service did not start.
    Service(&'static Definition),
    /// Something else, in words.
    Words(String),
}

/// How long a line takes, and a command that only asks, in microseconds (captured: up to one millisecond, and 38).
const WRITING: (u64, u64) = (100, 1_300);
const RUNNING: (u64, u64) = (24_000, 58_000);

/// The voice of one call.
pub struct Reporter {
    voice: Voice,
    /// It tells what it was asked for and the commands that it runs, too.
    verbose: bool,
    guessed: bool,
    operation: Operation,
    all: bool,
    profile: Option<String>,
    names: Vec<String>,
}

/// The name that messages have for a service: vMon's.
#[must_use]
pub fn name(definition: &Definition) -> &'static str {
    definition.vmon().unwrap_or(definition.name)
}

/// What is said of a service that vMon does not know.
#[must_use]
pub fn not_registered(name: &str) -> String {
    format!(
        "Service {name} does not seem to be registered with vMon. If this is unexpected please make sure your service \
         config is a valid json. Also check vmon logs for warnings."
    )
}

impl Reporter {
    /// The voice for what is asked.
    #[must_use]
    pub fn new(p: &Proc, ask: &Ask) -> Self {
        Self {
            voice: form(p).voice,
            verbose: ask.verbose,
            guessed: form(p).guessed,
            operation: ask.operation,
            all: ask.all,
            profile: ask.profile.clone(),
            names: ask.names.clone(),
        }
    }

    /// Whether a text of this release was captured.
    fn is_known(&self) -> bool {
        !self.guessed && !self.verbose && self.operation != Operation::Restart
    }

    /// What it does, in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.operation.words().0
    }

    /// The first line.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn begin(&mut self, p: &mut Proc, wanted: &[&'static Definition]) -> Result<(), Cut> {
        if !self.is_known() {
            p.inferred();
        }
        match self.voice {
            Voice::Actions => Ok(()),
            Voice::Commands => p.out(&self.asked(wanted)).await,
            Voice::Few => {
                p.out("Operation not cancellable. Please wait for it to finish...\n").await?;
                if self.verbose {
                    p.out(&self.asked(wanted)).await?;
                }
                Ok(())
            }
        }
    }

    /// What was asked for.
    fn asked(&self, wanted: &[&'static Definition]) -> String {
        let profile = match (&self.profile, wanted.is_empty()) {
            (Some(profile), _) => profile.as_str(),
            (None, true) => "ALL",
            (None, false) => "None",
        };
        let names = match wanted.is_empty() {
            true => "None".to_owned(),
            false => format!("['{}']", self.names.join("', '")),
        };
        let around = if self.all && wanted.is_empty() { "True" } else { "False" };
        format!(
            "Perform {} operation. vmon_profile={profile}, svc_names={names}, include_coreossvcs={around}, \
             include_leafossvcs={around}\n",
            self.word()
        )
    }

    /// A line with its time before it, as 6.0 and 6.5 write them. Between two of them a millisecond or two go by.
    async fn timed(&self, p: &mut Proc, text: &str) -> Result<(), Cut> {
        self.take(p, WRITING).await?;
        let now = p.now();
        let at = p.peek(|linux| stamp::iso(now, &linux.zone));
        p.out(&format!("{at}   {text}\n")).await
    }

    /// A command that is run, as 6.0 and 6.5 tell it.
    async fn command(&self, p: &mut Proc, words: &str) -> Result<(), Cut> {
        self.timed(p, &format!("Running command: [{words}]")).await?;
        self.take(p, RUNNING).await?;
        self.timed(p, "Done running command").await
    }

    /// Something takes so many microseconds, from to.
    async fn take(&self, p: &Proc, (low, high): (u64, u64)) -> Result<(), Cut> {
        let span = p.world(|world, _| world.streams.between("vcsa.service-control", low, high));
        moment(p, Span::micros(span)).await
    }

    /// Before something is done with a service.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn performing(&self, p: &mut Proc, definition: &Definition) -> Result<(), Cut> {
        let (word, own) = (self.operation.words().0, name(definition));
        match self.voice {
            Voice::Actions => {
                p.out(&format!("Service: {own}, Action: {word}\n")).await?;
                self.command(p, &format!("'/sbin/service', u'{own}', 'status'")).await?;
                self.timed(p, &format!("Running command: ['/sbin/service', u'{own}', '{word}']")).await
            }
            Voice::Commands if definition.vmon().is_none() => {
                self.timed(p, &not_registered(own)).await?;
                self.command(p, &format!("'/sbin/service', u'{own}', 'status'")).await
            }
            Voice::Commands => Ok(()),
            Voice::Few => {
                p.out(&format!("Performing {word} operation on service {own}...\n")).await?;
                if self.verbose && definition.vmon().is_none() {
                    self.timed(p, &not_registered(own)).await?;
                    self.command(p, &format!("'/sbin/service', '{own}', 'status'")).await?;
                }
                Ok(())
            }
        }
    }

    /// Once it is done.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn succeeded(&self, p: &mut Proc, definition: &Definition) -> Result<(), Cut> {
        let (past, own) = (self.operation.words().1, name(definition));
        match self.voice {
            Voice::Actions => {
                self.timed(p, "Done running command").await?;
                self.timed(p, &format!("Successfully {past} service {own}")).await
            }
            _ => p.out(&format!("Successfully {past} service {own}\n")).await,
        }
    }

    /// When it went wrong.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn failed(&self, p: &mut Proc, definition: &Definition) -> Result<(), Cut> {
        let (word, own) = (self.operation.words().0, name(definition));
        let details = self.details("install.ciscommon.service.fail", own);
        if self.voice == Voice::Actions {
            self.timed(p, "Done running command").await?;
        }
        p.err(&format!("Error executing {word} on service {own}. Details {details}\n")).await
    }

    /// Before the services of a profile are started or stopped.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn performing_profile(&self, p: &mut Proc, profile: &str) -> Result<(), Cut> {
        let word = self.operation.words().0;
        match self.voice {
            Voice::Actions => Ok(()),
            Voice::Commands => {
                p.inferred();
                self.begin_profile(p, profile).await
            }
            Voice::Few => {
                p.out(&format!("Performing {word} operation on profile: {profile}...\n")).await?;
                if self.verbose {
                    self.begin_profile(p, profile).await?;
                }
                Ok(())
            }
        }
    }

    /// The commands with which a profile is started or stopped, the last of them still running.
    async fn begin_profile(&self, p: &mut Proc, profile: &str) -> Result<(), Cut> {
        self.command(p, &format!("'/usr/bin/systemctl', 'set-environment', 'VMON_PROFILE={profile}'")).await?;
        self.timed(p, &format!("Running command: ['/usr/bin/systemctl', '{}', 'vmware-vmon']", self.word())).await
    }

    /// What follows them.
    async fn end_profile(&self, p: &mut Proc) -> Result<(), Cut> {
        self.timed(p, "Done running command").await?;
        self.command(p, "'/usr/bin/systemctl', 'unset-environment', 'VMON_PROFILE'").await
    }

    /// Once they are.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn profile_succeeded(&self, p: &mut Proc, profile: Profile) -> Result<(), Cut> {
        let past = self.operation.words().1;
        if self.verbose {
            self.end_profile(p).await?;
        }
        let (name, all) = (profile.name(), profile == Profile::All);
        match self.voice {
            Voice::Actions => Ok(()),
            Voice::Commands => {
                self.end_profile(p).await?;
                p.out(&format!("Successfully {past} vmon services. Profile {name}.\n")).await
            }
            Voice::Few if self.operation == Operation::Stop && all => {
                p.inferred();
                p.out(&format!("Successfully {past} service {MONITOR}\nSuccessfully {past} profile: {name}.\n")).await
            }
            Voice::Few => p.out(&format!("Successfully {past} profile: {name}.\n")).await,
        }
    }

    /// When they are not, and that is to be ignored (inferred).
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn profile_failed(&self, p: &mut Proc, profile: &str, failure: &Failure) -> Result<(), Cut> {
        p.inferred();
        let word = self.operation.words().0;
        let why = self.why(failure);
        p.err(&format!("Error executing {word} on profile: {profile}. Details {why}\n")).await
    }

    /// When vMon cannot be started because its unit is masked. 6.5 shows what systemd said.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn monitor_failed(&self, p: &mut Proc) -> Result<(), Cut> {
        if self.voice != Voice::Commands {
            return Ok(());
        }
        let stderr = "Stderr: Failed to execute operation: Unit file is masked\\n";
        self.timed(p, "RC = 1\nStdout =\nStderr = Failed to execute operation: Unit file is masked\n").await?;
        let details = self.json(
            "install.ciscommon.command.errinvoke",
            "An error occurred while invoking external command : '%(0)s'",
            stderr,
        );
        self.timed(p, &details).await?;
        self.command(p, "'/usr/bin/systemctl', 'unset-environment', 'VMON_PROFILE'").await
    }

    /// The last word of a call that failed.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn give_up(&self, p: &mut Proc, failure: &Failure) -> Result<(), Cut> {
        let colon = if self.voice != Voice::Few { "" } else { ":" };
        let why = self.why(failure);
        p.err(&format!("Service-control failed. Error{colon} {why}\n")).await
    }

    fn why(&self, failure: &Failure) -> String {
        match failure {
            Failure::Service(definition) => self.details("install.ciscommon.service.fail", name(definition)),
            Failure::Words(words) => words.clone(),
        }
    }

    /// What is said of a service that cannot be started or stopped.
    fn details(&self, id: &str, own: &str) -> String {
        let (word, doing) = match self.operation {
            Operation::Stop => ("stop", "stopping"),
            _ => ("start", "starting"),
        };
        self.json(&format!("{id}{word}"), &format!("An error occurred while {doing} service '%(0)s'"), own)
    }

    /// The order of the keys is that of a hash, which differs from run to run; these orders are of one capture each.
    fn json(&self, id: &str, text: &str, argument: &str) -> String {
        let localized = text.replace("%(0)s", argument);
        let (id, text, localized) = (
            format!("\"id\": \"{id}\""),
            format!("\"translatable\": \"{text}\""),
            format!("\"localized\": \"{localized}\""),
        );
        let arguments = format!("\"args\": [\n                \"{argument}\"\n            ]");
        let talkative = self.voice != Voice::Few;
        let members = match talkative {
            true => [arguments, id, localized, text],
            false => [id, text, arguments, localized],
        };
        let detail =
            format!("\"detail\": [\n        {{\n            {}\n        }}\n    ]", members.join(",\n            "));
        let null = |name: &str| format!("\"{name}\": null");
        let members = match talkative {
            true => [null("resolution"), detail, null("componentKey"), null("problemId")],
            false => [detail, null("componentKey"), null("resolution"), null("problemId")],
        };
        format!("{{\n    {}\n}}", members.join(",\n    "))
    }

    /// `--dry-run`: what would be done.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn only_say(&self, p: &mut Proc, wanted: &[&'static Definition]) -> Ended {
        p.inferred();
        let word = self.operation.words().0;
        let text: String = services(p, |services| {
            let asked = |definition: &&Definition| match wanted.is_empty() {
                true => super::profile::belongs(definition, self.all),
                false => wanted.iter().any(|wanted| wanted.name == definition.name),
            };
            let mut names: Vec<&str> = services.definitions().iter().filter(asked).map(|it| it.name).collect();
            if self.operation == Operation::Stop {
                names.reverse();
            }
            names.into_iter().map(|name| format!("Service: {name}, Action: {word}\n")).collect()
        });
        p.out(&text).await?;
        Ok(0)
    }
}
