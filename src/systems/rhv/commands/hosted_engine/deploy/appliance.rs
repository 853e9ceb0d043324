//! `--upgrade-appliance` and `--rollback-upgrade` of 4.2, which once brought an engine of 3.6 on EL 6 to an appliance of 4.0 on
//! EL 7, and back. With an engine of 4.2 both come to their checks and no further. The texts are those of the public sources as
//! remembered (inferred).

use super::dialogue::{Dialogue, Stop};
use super::{Deploy, names};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::commands::host;
use crate::systems::rhv::release::Release;

const UPGRADE: &[&str] = &[
    "Continuing will upgrade the engine VM running on this hosts deploying and configuring a new appliance.",
    "If your engine VM is already based on el7 you can also simply upgrade the engine there.",
    "This procedure will create a new disk on the hosted-engine storage domain and it will backup there the content of your \
     current engine VM disk.",
    "The new el7 based appliance will be deployed over the existing disk destroying its content; at any time you will be able \
     to rollback using the content of the backup disk.",
    "You will be asked to take a backup of the running engine and copy it to this host.",
    "The engine backup will be automatically injected and recovered on the new appliance.",
];
const ROLLBACK: &[&str] = &[
    "Continuing will rollback the engine VM from a previous upgrade attempt.",
    "This procedure will restore an engine VM image from a backup taken during an upgrade attempt.",
    "The result of any action occurred after the backup creation instant could be definitively lost.",
];
const GLOBAL: &str = "Please enable global maintenance mode before upgrading";
const ELSEWHERE: &str = "The engine VM is not running on this host: please run this command where it is";

/// Either of the two commands.
pub(in super::super) async fn appliance(p: &mut Proc, release: Release, rolls_back: bool) -> Ended {
    p.inferred();
    let names = names(p);
    let talk = Dialogue::new(p, super::answers::Given::new(), release);
    let mut setup = Deploy::begin(talk, release, names);
    let outcome = setup.upgrade(rolls_back).await;
    let outcome = setup.weathered(outcome)?;
    setup.end_upgrade(outcome).await
}

impl Deploy<'_> {
    async fn upgrade(&mut self, rolls_back: bool) -> Result<(), Stop> {
        self.enter("Initializing").await?;
        self.enter("Environment setup").await?;
        let key = "OVEHOSTED_CORE/upgradeProceed";
        self.talk.note("During customization use CTRL-D to abort.").await?;
        self.talk.notes(if rolls_back { ROLLBACK } else { UPGRADE }).await?;
        if !self.talk.confirm(key, "Are you sure you want to continue? (Yes, No)[Yes]: ", true).await? {
            return Err(Stop::Aborted);
        }
        self.warn_of_connection().await?;
        self.open_log().await?;
        self.enter("Environment packages setup").await?;
        self.enter("Programs detection").await?;
        self.enter("Environment setup").await?;
        self.talk.info("Checking maintenance mode").await?;
        let seen = |p: &Proc| {
            host(p, |cluster, host| (cluster.storage.global_maintenance, host.holds_engine())).unwrap_or_default()
        };
        let (global, here) = seen(self.talk.p);
        if !global {
            return Err(Stop::Failed(GLOBAL.to_owned()));
        }
        if rolls_back {
            self.enter("Environment customization").await?;
            return Err(Stop::Failed("Unable to find any backup disk on the hosted-engine storage domain".to_owned()));
        }
        if !here {
            return Err(Stop::Failed(ELSEWHERE.to_owned()));
        }
        self.talk.info("The engine VM is running on this host").await?;
        self.enter("Environment customization").await?;
        self.talk.info("Acquiring internal CA cert from the engine").await?;
        let version = self.release.engine();
        Err(Stop::Failed(format!(
            "The engine is already {version} on an el7 based engine VM: please upgrade it there with engine-setup"
        )))
    }

    async fn end_upgrade(&mut self, outcome: Result<(), Stop>) -> Ended {
        let status = match &outcome {
            Ok(()) => 0,
            Err(Stop::Failed(why)) => {
                let text = format!("Failed to execute stage '{}': {why}", self.stage);
                self.talk.error(&text).await?;
                1
            }
            Err(_) => {
                self.talk.warning("Aborted").await?;
                2
            }
        };
        for stage in ["Clean up", "Pre-termination", "Termination"] {
            self.talk.stage(stage).await?;
        }
        self.tell_log(status, "Hosted Engine upgrade failed").await?;
        Ok(status)
    }

    /// The last words of a setup that has failed.
    pub(super) async fn tell_log(&mut self, status: u8, text: &str) -> Result<(), Cut> {
        if status == 0 {
            return Ok(());
        }
        self.talk.error(text).await?;
        match self.talk.log.clone() {
            Some(log) => self.talk.note(&format!("Log file is located at {log}")).await,
            None => Ok(()),
        }
    }
}
