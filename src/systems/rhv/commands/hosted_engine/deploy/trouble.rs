//! What a deployment does where a task does not come out as it should: it tells Ansible's words for it and ends, or waits until
//! somebody has set things right.

use super::super::status;
use super::dialogue::Stop;
use super::effects::quoted;
use super::{Deploy, LOCKED, LOOK, PLAYBOOK, script};
use crate::systems::linux::model::Phase;
use crate::systems::linux::net;
use crate::systems::rhv::events;

/// What the playbook looks up before it compares the address of the engine with that of its name.
const TO_THE_ADDRESS: [(&str, &str); 6] = [
    ("Check VM status at virt level", "changed"),
    ("Fail if engine VM is not running", "skipping"),
    ("Get target engine VM IP address", "changed"),
    ("Get VDSM's target engine VM stats", "changed"),
    ("Convert stats to JSON format", "ok"),
    ("Get target engine VM IP address from VDSM stats", "ok"),
];

impl Deploy<'_> {
    pub(super) async fn fatal<R>(&mut self, fields: &str) -> Result<R, Stop> {
        if let Some(fault) = fields.strip_prefix("\"msg\": \"Fault reason") {
            let text: String = serde_json::from_str(&format!("\"Fault reason{fault}")).unwrap_or_default();
            self.talk.error(&format!("ovirtsdk4.Error: {text}")).await?;
        }
        self.talk.error(&format!("fatal: [localhost]: FAILED! => {{\"changed\": false, {fields}}}")).await?;
        Err(Stop::Failed(PLAYBOOK.to_owned()))
    }

    /// The guest that a task is delegated to does not answer.
    pub(super) async fn unreachable(&mut self, why: &str) -> Result<(), Stop> {
        let text = quoted(&format!("Failed to connect to the host via ssh: {why}"));
        let fields = format!(
            "{{\"changed\": false, \"msg\": {text}, \"skip_reason\": \"Host localhost is unreachable\", \"unreachable\": true}}"
        );
        self.talk.error(&format!("fatal: [localhost]: UNREACHABLE! => {fields}")).await?;
        Err(Stop::Failed(PLAYBOOK.to_owned()))
    }

    /// A task has looked often enough.
    pub(super) async fn timed_out(&mut self, name: &str, attempts: u64) -> Result<(), Stop> {
        if name != "Check engine VM health" {
            return self.fatal(&format!("\"attempts\": {attempts}, \"msg\": \"Timeout\"")).await;
        }
        let json = status::json_of(self.talk.p).unwrap_or_default();
        let text = format!(
            "fatal: [localhost]: FAILED! => {{\"attempts\": {attempts}, \"changed\": true, \"cmd\": [\"hosted-engine\", \
             \"--vm-status\", \"--json\"], \"rc\": 0, \"stderr\": \"\", \"stderr_lines\": [], \"stdout\": {}, \
             \"stdout_lines\": [{}]}}",
            quoted(&json),
            quoted(&json)
        );
        self.talk.error(&text).await?;
        self.talk.p.inferred();
        // The playbook looks for the reason that is found most often.
        let runs = self.guest.is_some_and(|guest| {
            self.talk.p.world(|world, id| {
                events::host(world, id).is_some_and(|(_, host)| host.holds_engine())
                    && world.linux(guest).phase != Phase::Off
            })
        });
        for (task, result) in TO_THE_ADDRESS {
            self.announce("he", task).await?;
            if task.starts_with("Fail") && !runs {
                let text = "Engine VM is not running, please check vdsm logs";
                return self.fatal(&format!("\"msg\": {}", quoted(text))).await;
            }
            self.talk.info(&format!("{result}: [localhost]")).await?;
        }
        let fqdn = self.wanted.fqdn.clone();
        let misled = self.guest.and_then(|guest| {
            self.talk.p.world(|world, id| {
                let network = &world.linux(guest).network;
                let own = if network.unconfigured { String::new() } else { world.machine(guest).address.clone() };
                let resolved = net::resolve(world, id, &fqdn).map(|host| host.address).unwrap_or_default();
                (own != resolved).then_some((own, resolved))
            })
        });
        let task = "Fail if Engine IP is different from engine's he_fqdn resolved IP";
        self.announce("he", task).await?;
        let text = match misled {
            Some((own, resolved)) => format!(
                "Engine VM IP address is {own} while the engine's he_fqdn {fqdn} resolves to {resolved}. If you are using DHCP, \
                 check your DHCP reservation configuration"
            ),
            None => {
                self.talk.info("skipping: [localhost]").await?;
                let task = "Fail is for any other reason the engine didn't started";
                self.announce("he", task).await?;
                "The engine failed to start inside the engine VM; please check engine.log.".to_owned()
            }
        };
        self.fatal(&format!("\"msg\": {}", quoted(&text))).await
    }

    /// `engine-backup` has refused. 4.4.8 and later wait until somebody has restored by hand.
    pub(super) async fn not_restored(&mut self, why: &str) -> Result<(), Stop> {
        if !self.release.python3() {
            return self.fatal(&format!("\"msg\": {}", quoted(why))).await;
        }
        let address = self.guest.map(|guest| self.talk.p.world(|world, _| world.machine(guest).address.clone()));
        let address = address.unwrap_or_default();
        let text = format!(
            "engine-backup --mode=restore failed:\n{why}\nYou can now connect from this host to the bootstrap engine VM using ssh \
             as root and the temporary IP address - {address} - and fix this issue. Please continue only after the backup is \
             restored.\nTo retry the command that failed, you can run, on the engine VM:\nengine-backup --mode=restore \
             --file=/root/engine_backup --provision-all-databases --restore-permissions"
        );
        self.talk.info(&text).await?;
        self.hold().await
    }

    /// The engine does not let the host work.
    pub(super) async fn not_operational(&mut self, block: &str, why: &str) -> Result<(), Stop> {
        if block == "pause" || !self.release.python3() {
            let text = format!(
                "The host has been set in non_operational status, deployment errors: {why} fix accordingly and re-deploy."
            );
            return self.fatal(&format!("\"msg\": {}", quoted(&text))).await;
        }
        self.talk.info("ok: [localhost]").await?;
        for task in script::block("host").iter().skip(1) {
            self.announce(task.role, task.name).await?;
            self.talk.info(&format!("{}: [localhost]", task.result)).await?;
        }
        let host = self.wanted.host_name.clone();
        self.talk.info(&format!("The host has been set in non_operational status, deployment errors: {why}")).await?;
        self.talk.info("skipping: [localhost]").await?;
        self.talk
            .info(&format!(
                "You can now connect to https://{host}:6900/ovirt-engine/ and check the status of this host and eventually \
                 remediate it, please continue only when the host is listed as 'up'"
            ))
            .await?;
        self.pause().await
    }

    /// Waits until somebody has looked after the host, and looks at it again.
    pub(super) async fn pause(&mut self) -> Result<(), Stop> {
        self.hold().await?;
        for task in script::block("pause") {
            Box::pin(self.task("pause", &task)).await?;
        }
        Ok(())
    }

    /// Waits until the lock file is gone.
    async fn hold(&mut self) -> Result<(), Stop> {
        let path = format!("/tmp/ansible.{}_he_setup_lock", self.names.lock);
        for task in script::block("lock") {
            let waits = task.name.starts_with("Pause execution");
            if task.name == "Create temporary lock file" {
                // Where no file can be made nobody waits for it.
                let _ = self.talk.p.write_path(&path, b"");
            }
            if waits {
                let name = task.name.replace("{lock}", &self.names.lock);
                self.announce(task.role, &name).await?;
                let end = self.talk.p.now() + LOCKED;
                while self.talk.p.lookup(&path).is_ok() {
                    if self.talk.p.now() >= end {
                        return self.fatal("\"msg\": \"Timeout\"").await;
                    }
                    self.talk.p.pass(LOOK).await?;
                }
                self.talk.info("ok: [localhost -> localhost]").await?;
                continue;
            }
            Box::pin(self.task("lock", &task)).await?;
        }
        Ok(())
    }
}
