//! How a deployment ends: the stages that run whatever came before, and the answers that it writes down.

use super::dialogue::Stop;
use super::{Deploy, answers};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Ended;

impl Deploy<'_> {
    /// How a stage ended if the program can go on to the next: a signal only ends what runs.
    pub(super) fn weathered(&mut self, outcome: Result<(), Stop>) -> Result<Result<(), Stop>, Cut> {
        match outcome {
            Err(Stop::Cut(cut)) => {
                self.talk.p.inferred();
                Ok(Err(self.talk.caught(cut)?))
            }
            outcome => Ok(outcome),
        }
    }

    /// The stages that run whatever came before.
    pub(super) async fn finish(&mut self, outcome: Result<(), Stop>) -> Ended {
        match &outcome {
            Ok(()) => {}
            Err(Stop::Failed(why)) => {
                let text = format!("Failed to execute stage '{}': {why}", self.stage);
                self.talk.error(&text).await?;
            }
            Err(_) => self.talk.warning("Aborted").await?,
        }
        self.talk.stage("Clean up").await?;
        if self.begun {
            self.talk.info("Cleaning temporary resources").await?;
            let cleaned = self.play("final_clean", &["final"]).await;
            if let Err(Stop::Failed(why)) = self.weathered(cleaned)? {
                let text = format!("Failed to execute stage 'Clean up': {why}");
                self.talk.error(&text).await?;
            }
        }
        self.write_answers(outcome.is_ok()).await?;
        self.talk.stage("Pre-termination").await?;
        self.talk.stage("Termination").await?;
        let status = match outcome {
            Ok(()) => {
                self.talk.info("Hosted Engine successfully deployed").await?;
                if self.restored.is_some() {
                    self.talk.info("Other hosted-engine hosts have to be reinstalled in order to update their storage configuration. From the engine, host by host, please set maintenance mode and then click on the reinstall button ensuring you choose DEPLOY in the hosted engine tab.").await?;
                    self.talk.info("Please note that the engine VM ssh keys have changed. Please remove the engine VM entry in ssh known_hosts on your clients.").await?;
                }
                return Ok(0);
            }
            Err(Stop::Aborted) => 2,
            Err(_) => 1,
        };
        let more = ": please check the logs for the issue, fix accordingly or re-deploy from scratch.";
        let more = if self.begun { more } else { "" };
        self.talk.error(&format!("Hosted Engine deployment failed{more}")).await?;
        if let Some(log) = self.talk.log.clone() {
            self.talk.note(&format!("Log file is located at {log}")).await?;
        }
        Ok(status)
    }

    /// Writes the answers down: always where setups keep them, for later hosts once the engine is deployed, and where the
    /// command line says.
    async fn write_answers(&mut self, deployed: bool) -> Result<(), Cut> {
        let stamp = self.talk.stamp("%Y%m%d%H%M%S");
        let text = answers::write(&self.talk.answers);
        let mut paths = vec![format!("/var/lib/ovirt-hosted-engine-setup/answers/answers-{stamp}.conf")];
        paths.extend(deployed.then(|| "/etc/ovirt-hosted-engine/answers.conf".to_owned()));
        paths.extend(self.generate.clone());
        for path in paths {
            self.talk.info(&format!("Generating answer file '{path}'")).await?;
            if self.talk.p.write_path(&path, text.as_bytes()).is_err() {
                self.talk.error(&format!("Cannot write {path}")).await?;
            }
        }
        Ok(())
    }
}
