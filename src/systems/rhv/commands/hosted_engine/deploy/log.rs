//! What a deployment writes into its logs: that of otopi, with what was said and asked, each stage and what is known then, and that
//! of the playbook, task by task. Their form is that of the public sources of otopi and ovirt-hosted-engine-setup as remembered;
//! numbers of lines are those of one version (inferred).

use std::collections::BTreeMap;

use super::dialogue::Level;

/// Where the playbook lies that all tags are played with.
const PLAYBOOK: &str = "/usr/share/ovirt-hosted-engine-setup/he_ansible/trigger_role.yml";

/// Stages as otopi calls them within.
const STAGES: &[(&str, &str)] = &[
    ("Initializing", "init"),
    ("Environment setup", "setup"),
    ("Environment packages setup", "internal_packages"),
    ("Programs detection", "programs"),
    ("Environment setup (late)", "late_setup"),
    ("Environment customization", "customization"),
    ("Setup validation", "validation"),
    ("Transaction setup", "transaction-prepare"),
    ("Misc configuration (early)", "early_misc"),
    ("Package installation", "packages"),
    ("Misc configuration", "misc"),
    ("Transaction commit", "transaction_end"),
    ("Closing up", "closeup"),
    ("Clean up", "cleanup"),
    ("Pre-termination", "pre_terminate"),
    ("Termination", "terminate"),
];

/// What the logs are at: the stage, the task, and what was told of answers.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Lines from before there is a file.
    pub early: String,
    stage: &'static str,
    task: String,
    told: usize,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

impl Log {
    /// The lines of otopi's log on something that it says.
    pub(super) fn said(
        &mut self,
        stamp: &str,
        level: Level,
        text: &str,
        answers: &BTreeMap<&'static str, String>,
    ) -> String {
        let word = level.word();
        if let Some(stage) = text.strip_prefix("Stage: ") {
            let dump = self.dump(stamp, answers);
            self.stage = STAGES.iter().find(|(name, _)| *name == stage).map_or("setup", |(_, code)| *code);
            return format!(
                "{dump}{stamp} {word} otopi.context context.runSequence:616 {text}\n{stamp} DEBUG otopi.context \
                 context.runSequence:620 STAGE {}\n",
                self.stage
            );
        }
        let of_ansible = ["TASK [", "ok: [", "changed: [", "skipping: [", "fatal: ["];
        let who = if of_ansible.iter().any(|begin| text.starts_with(begin)) {
            "otopi.ovirt_hosted_engine_setup.ansible_utils ansible_utils._process_output:111".to_owned()
        } else if text.starts_with("Failed to execute stage") {
            "otopi.context context._executeMethod:154".to_owned()
        } else {
            format!("otopi.plugins.gr_he_common.core.misc misc._{}:{}", self.stage, 60 + self.stage.len())
        };
        format!("{stamp} {word} {who} {text}\n")
    }

    /// The lines on a text of the dialogue, sent or received.
    pub(super) fn dialogue(stamp: &str, sent: bool, text: &str) -> String {
        let way = if sent { "DIALOG:SEND       " } else { "DIALOG:RECEIVE    " };
        format!("{stamp} DEBUG otopi.plugins.otopi.dialog.human dialog.__logString:204 {way}{text}\n")
    }

    /// What is known by now, if that is more than before.
    fn dump(&mut self, stamp: &str, answers: &BTreeMap<&'static str, String>) -> String {
        if answers.len() == std::mem::replace(&mut self.told, answers.len()) {
            return String::new();
        }
        let line =
            |number: u32, text: &str| format!("{stamp} DEBUG otopi.context context.dumpEnvironment:{number} {text}\n");
        let mut text = line(765, "ENVIRONMENT DUMP - BEGIN");
        for (key, value) in answers {
            let value = match value.as_str() {
                "Yes" => "bool:'True'".to_owned(),
                "No" => "bool:'False'".to_owned(),
                number if number.parse::<u64>().is_ok() => format!("int:'{number}'"),
                word => format!("str:'{word}'"),
            };
            text.push_str(&line(775, &format!("ENV {key}={value}")));
        }
        text + &line(779, "ENVIRONMENT DUMP - END")
    }

    /// The lines of a playbook's log on what it prints.
    pub(super) fn played(&mut self, stamp: &str, text: &str, python3: bool) -> String {
        let unicode = if python3 { "" } else { "u" };
        let of_task = |status: &str, task: &str| {
            format!(
                "{{'status': '{status}', 'ansible_type': 'task', 'ansible_playbook': {unicode}'{PLAYBOOK}', 'ansible_task': \
                 {unicode}'{task}'"
            )
        };
        if let Some(task) = text.strip_prefix("TASK [").and_then(|rest| rest.strip_suffix(']')) {
            task.clone_into(&mut self.task);
            return format!(
                "{stamp} INFO ansible task start {}}}\n{stamp} DEBUG ansible on_any args TASK: {task} kwargs is_conditional:False \n",
                of_task("OK", task)
            );
        }
        let (word, rest) = text.split_once(": ").unwrap_or(("", text));
        let host = rest.strip_prefix('[').and_then(|rest| rest.split([']', ' ']).next()).unwrap_or("localhost");
        let host = format!(", 'ansible_host': {unicode}'{host}'");
        let task = self.task.clone();
        match word {
            "ok" | "changed" => format!("{stamp} INFO ansible ok {}{host}}}\n", of_task("OK", &task)),
            "skipping" => format!("{stamp} INFO ansible skipped {}{host}}}\n", of_task("SKIPPED", &task)),
            "fatal" => {
                let result = rest.split_once("=> ").map_or(rest, |(_, json)| json);
                let class = if python3 { "class" } else { "type" };
                let kind = if rest.contains("UNREACHABLE") { "unreachable" } else { "failed" };
                format!(
                    "{stamp} ERROR ansible {kind} {}{host}, 'ansible_result': {unicode}\"type: <{class} 'dict'>\\nstr: {result}\"}}\n",
                    of_task("FAILED", &task)
                )
            }
            _ => format!("{stamp} DEBUG var changed: host \"localhost\" var \"{}\" value: \"{text}\"\n", "msg"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2022-06-12 20:00:01,003+0000";

    #[test]
    fn stages_tell_what_was_answered_and_tasks_how_they_ended() {
        let mut log = Log::default();
        let answers = BTreeMap::from([("A/b", "Yes".to_owned()), ("A/c", "4".to_owned())]);
        let text = log.said(AT, Level::Info, "Stage: Setup validation", &answers);
        assert!(text.contains("ENV A/b=bool:'True'\n") && text.contains("ENV A/c=int:'4'\n"), "{text}");
        assert!(text.ends_with("context.runSequence:620 STAGE validation\n"), "{text}");
        let text = log.said(AT, Level::Info, "Stage: Transaction setup", &answers);
        assert!(!text.contains("ENVIRONMENT"), "{text}");
        let text = log.played(AT, "TASK [role : Do it]", true);
        assert!(text.starts_with(&format!("{AT} INFO ansible task start {{'status': 'OK'")), "{text}");
        let text = log.played(AT, "fatal: [localhost]: FAILED! => {\"msg\": \"no\"}", false);
        assert!(text.contains("'ansible_task': u'role : Do it', 'ansible_host': u'localhost'"), "{text}");
        assert!(text.ends_with("str: {\"msg\": \"no\"}\"}\n"), "{text}");
    }
}
