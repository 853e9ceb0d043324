//! The usage of `hosted-engine`, which is its wrapper's text with what differs from release to release (reference
//! `hosted-engine.md` 1.2).

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::release::Release;

/// The usage of 4.4. The dot in `--vm-start-paused.` and the missing one behind `start VM on this host` are real.
const USAGE: &str = "\
Usage: /usr/sbin/hosted-engine [--help] <command> [<command-args>]
    --help
        show this help message.

    The available commands are:
        --deploy [options]
            run ovirt-hosted-engine deployment.
        --vm-start
            start VM on this host
        --vm-start-paused.
            start VM on this host with qemu paused.
        --vm-shutdown
            gracefully shutdown the VM on this host.
        --vm-poweroff
            forcefully poweroff the VM on this host.
        --vm-status [--json]
            VM status according to the HA agent. If --json is given, the
            output will be in machine-readable (JSON) format.
        --add-console-password [--password=<password>]
            Create a temporary password for vnc/spice connection. If
            --password is given, the password will be set to the value
            provided. Otherwise, if it is set, the environment variable
            OVIRT_HOSTED_ENGINE_CONSOLE_PASSWORD will be used. As a last
            resort, the password will be read interactively.
        --config-append=<file>
            Load extra configuration files or answer file.
        --check-deployed
            Check whether the hosted engine has been deployed already.
        --check-liveliness
            Checks liveliness page of engine.
        --connect-storage
            Connect the hosted engine storage domain.
        --disconnect-storage
            Disconnect the hosted engine storage domain.
        --console
            Open the configured serial console.
        --set-maintenance --mode=<mode>
            Set maintenance status to the specified mode (global/local/none).
        --set-shared-config <key> <value> [--type=<type>]
            Set specified key to the specified value. If the key is duplicated
            in several files a type must be provided.
        --get-shared-config <key> [--type=<type>]
            Get specified key's value. If the key is duplicated in several
            files a type must be provided.
        --reinitialize-lockspace
            Make sure all hosted engine agents are down and reinitialize the
            sanlock lockspaces.
        --clean-metadata
            Remove the metadata for the current host's agent from the global
            status database. This makes all other hosts forget about this
            host.

";

/// What 4.2 and 4.3 have in place of it.
const OLDER: &[(&str, &str)] = &[
    ("run ovirt-hosted-engine deployment.", "run ovirt-hosted-engine deployment"),
    ("--vm-start-paused.\n", "--vm-start-paused\n"),
    ("with qemu paused.", "with qemu paused"),
    ("gracefully shutdown the VM on this host.", "gracefully shutdown the VM on this host"),
    ("forcefully poweroff the VM on this host.", "forcefully poweroff the VM on this host"),
    ("machine-readable (JSON) format.", "machine-readable (JSON) format"),
    ("has been deployed already.", "has been deployed already"),
    ("liveliness page of engine.", "liveliness page of engine"),
    ("Connect the hosted engine storage domain.", "Connect the hosted engine storage domain"),
    ("Disconnect the hosted engine storage domain.", "Disconnect the hosted engine storage domain"),
    ("the configured serial console.", "the configured serial console"),
    ("--config-append=<file>", "--config-append=file"),
    ("--set-shared-config <key> <value>", "--set-shared-config key value"),
    ("--get-shared-config <key>", "--get-shared-config key"),
    ("connection. If", "connection.  If"),
    ("provided. Otherwise, if it is set, the", "provided.  Otherwise, if it is set,  the"),
    ("used. As a last", "used.  As a last"),
];

/// What stands at their end; nine blanks, for a variable that is empty.
const TRAILER: &str = "\n    For additional information about a specific command try:\n         <command> --help\n";

/// What only 4.2 has.
const APPLIANCE: &str = "        --upgrade-appliance
            Upgrade the engine appliance.
        --rollback-upgrade
            Rollback using a backup saved in a previous upgrade attempt.
";

/// The usage as a release prints it.
#[must_use]
pub fn usage(release: Release) -> String {
    let mut text = USAGE.to_owned();
    if release.minor >= 5 {
        return text.replace("vnc/spice", "vnc");
    }
    if release.python3() {
        return text;
    }
    for (newer, older) in OLDER {
        text = text.replace(newer, older);
    }
    text.truncate(text.len() - 1);
    let appliance = if release.minor == 2 { APPLIANCE } else { "" };
    format!("{text}{appliance}{TRAILER}\n")
}

/// A command's own help.
struct Help {
    name: &'static str,
    /// What follows the name in the usage.
    arguments: &'static str,
    lines: &'static [&'static str],
    known: Known,
}

/// How well a help is known.
#[derive(Clone, Copy)]
enum Known {
    /// To the letter.
    Whole,
    /// In substance; the words are those of the same program elsewhere.
    Inferred,
}

const fn whole(name: &'static str, arguments: &'static str, lines: &'static [&'static str]) -> Help {
    Help { name, arguments, lines, known: Known::Whole }
}

const DEPLOYED: &str = "Available only after deployment has completed.";

const HELP: &[Help] = &[
    whole(
        "--deploy",
        " [args]",
        &[
            "Run ovirt-hosted-engine deployment.",
            "",
            "--config-append=<file>",
            "    Load extra configuration files.",
            "--generate-answer=<file>",
            "    Generate answer file.",
            "--restore-from-file=<file>",
            "    Restore an engine backup file during the deployment.",
        ],
    ),
    whole(
        "--vm-start",
        "",
        &[
            "Start the engine VM on this host.",
            DEPLOYED,
            "",
            "--vm-conf=<file>",
            "    Load an alternative vm.conf file as a recovery action.",
        ],
    ),
    whole("--vm-start-paused", "", &["Start the engine VM in paused state on this host.", DEPLOYED]),
    whole("--vm-shutdown", "", &["Gracefully shut down the engine VM on this host.", DEPLOYED]),
    whole("--vm-poweroff", "", &["Forcefully power off the engine VM on this host.", DEPLOYED]),
    whole(
        "--vm-status",
        " [--json]",
        &[
            "Report the status of the engine VM according to the HA agent.",
            DEPLOYED,
            "",
            "If --json is given, the output will be in machine-readable (JSON) format.",
        ],
    ),
    whole("--check-deployed", "", &["Report whether the engine has been deployed."]),
    whole("--check-liveliness", "", &["Report status of the engine services by checking the liveliness page."]),
    whole("--connect-storage", "", &["Connect the storage domain."]),
    whole("--disconnect-storage", "", &["Disconnect the storage domain."]),
    whole("--console", "", &["Open the configured serial console."]),
    whole(
        "--set-maintenance",
        " --mode=<mode>",
        &[
            "Set maintenance status to the specified mode. Valid values are:",
            "'global', 'local', and 'none'.",
            DEPLOYED,
        ],
    ),
    whole(
        "--get-shared-config",
        " <key> [--type=<type>]",
        &["Get shared storage configuration.", "Valid types are: he_local, he_shared, ha, broker.", DEPLOYED],
    ),
    whole(
        "--reinitialize-lockspace",
        " [--force]",
        &[
            "Reinitialize the sanlock lockspace file. This WIPES all locks.",
            "Available only in properly deployed cluster in global maintenance mode",
            "with all HA agents shut down.",
            "",
            "--force  This option overrides the safety checks. Use at your own",
            "         risk DANGEROUS.",
        ],
    ),
    Help {
        name: "--add-console-password",
        arguments: " [--password=<password>]",
        lines: &[
            "Create a temporary password for vnc/spice connection.",
            "",
            "If --password is given, the password will be set to the value",
            "provided. Otherwise, if it is set, the environment variable",
            "OVIRT_HOSTED_ENGINE_CONSOLE_PASSWORD will be used. As a last",
            "resort, the password will be read interactively.",
            DEPLOYED,
        ],
        known: Known::Inferred,
    },
    Help {
        name: "--clean-metadata",
        arguments: " [--force-cleanup] [--host-id=<id>]",
        lines: &[
            "Remove host's metadata from the global status database.",
            "Available only in properly deployed cluster with properly stopped",
            "agent.",
            "",
            "--force-cleanup  This option overrides the safety checks. Use at your own",
            "                 risk DANGEROUS.",
            "",
            "--host-id=<id>  Specify an explicit host id to clean",
        ],
        known: Known::Inferred,
    },
    Help {
        name: "--set-shared-config",
        arguments: " <key> <value> [--type=<type>]",
        lines: &[
            "Set shared storage configuration.",
            "Valid types are: he_local, he_shared, ha, broker.",
            DEPLOYED,
            "",
            "he_shared is the configuration on the shared storage: it is for the",
            "hosts that are deployed from now on, and hosts that are there keep",
            "what they have. he_local is the configuration of this host: other",
            "hosts keep theirs. A key that both have needs a type, and has to be",
            "set in each of them where it is to be the same everywhere.",
        ],
        known: Known::Inferred,
    },
    Help {
        name: "--upgrade-appliance",
        arguments: "",
        lines: &["Upgrade the engine appliance.", DEPLOYED],
        known: Known::Inferred,
    },
    Help {
        name: "--rollback-upgrade",
        arguments: "",
        lines: &["Rollback using a backup saved in a previous upgrade attempt.", DEPLOYED],
        known: Known::Inferred,
    },
];

/// What 4.4 and later say of variables.
const VARIABLES: &str = "    --ansible-extra-vars=DATA
        Add ansible variables to those of the deployment.
        DATA is passed to ansible-playbook as --extra-vars: key=value
        pairs, JSON, or @ and the name of a file.
        Can be given more than once. Variables that are given here
        have precedence over answers to questions, e.g.:
        --ansible-extra-vars=he_offline_deployment=true
";

/// Commands of 4.2 alone.
const APPLIANCE_COMMANDS: &[&str] = &["--upgrade-appliance", "--rollback-upgrade"];

/// Whether there is such a command. `--config-append` is in the usage and is none.
#[must_use]
pub fn is_command(name: &str, release: Release) -> bool {
    HELP.iter().any(|help| help.name == name) && (release.minor == 2 || !APPLIANCE_COMMANDS.contains(&name))
}

/// Prints the help of a command.
pub async fn of_command(p: &mut Proc, name: &str, release: Release) -> Ended {
    let Some(help) = HELP.iter().find(|help| help.name == name) else {
        return p.gap(&format!("hosted-engine {name} --help"));
    };
    if matches!(help.known, Known::Inferred) || name == "--deploy" && release.python3() {
        p.inferred();
    }
    p.out(&help.text(release)).await?;
    Ok(0)
}

impl Help {
    fn text(&self, release: Release) -> String {
        let Self { name, arguments, lines, .. } = self;
        let (shown, arguments) = match (*name, release.minor) {
            ("--deploy", 2) => (*name, " [--ansible|--noansible] [args]"),
            // The help has a name that the program does not take.
            ("--clean-metadata", _) => ("--clean_metadata", *arguments),
            _ => (*name, *arguments),
        };
        let mut text = format!("Usage: /usr/sbin/hosted-engine {shown}{arguments}\n");
        for line in *lines {
            let line = match release.minor {
                2 => line.replace("mode. Valid", "mode.  Valid"),
                5.. => line.replace("vnc/spice", "vnc"),
                _ => (*line).to_owned(),
            };
            text.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") });
        }
        if *name == "--deploy" && release.minor >= 3 {
            text.push_str(
                "    --4\n        Force IPv4 on dual stack env.\n    --6\n        Force IPv6 on dual stack env.\n",
            );
        }
        if *name == "--deploy" && release.python3() {
            text.push_str(VARIABLES);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_release_has_its_usage() {
        let of = |product: &str| usage(Release::find(product).expect("a release"));
        assert_eq!(of("4.4"), USAGE);
        assert!(of("4.5").contains("for vnc connection") && !of("4.4").contains("for vnc connection"));
        for (newer, older) in OLDER {
            assert!(USAGE.contains(newer), "{newer}");
            assert!(of("4.3").contains(older), "{older}");
        }
        assert!(of("4.3").ends_with("            host.\n\n    For additional information about a specific command try:\n         <command> --help\n\n"));
        assert!(of("4.2").contains("--rollback-upgrade") && !of("4.3").contains("--rollback-upgrade"));
    }
}
