//! `hosted-engine --get-shared-config` and `--set-shared-config` (reference `hosted-engine.md` 1.5).

use std::collections::BTreeMap;

use super::super::host;
use super::{Call, traceback};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::rhv::files::CONF;
use crate::systems::rhv::{events, files};

/// The keys of `hosted-engine.conf`, which are those of the host and of the storage domain.
const HOSTED_ENGINE: &str = "bridge ca_cert ca_subject conf conf_image_UUID conf_volume_UUID connectionUUID console domainType \
                             fqdn gateway host_id iqn iscsi_paths_blacklist lockspace_image_UUID lockspace_volume_UUID \
                             metadata_image_UUID metadata_volume_UUID mnt_options network_test nfs_version password port \
                             portal sdUUID spUUID storage tcp_t_address tcp_t_port user vdsm_use_ssl vm_disk_id \
                             vm_disk_vol_id vmid";
const HA: &str = "local_maintenance local_maintenance_manual";
const BROKER: &str =
    "email.smtp-server email.smtp-port email.source-email email.destination-emails notify.state_transition";

/// The keys of a type.
fn keys(kind: &str) -> impl Iterator<Item = &'static str> {
    let all = match kind {
        "he_local" | "he_shared" => HOSTED_ENGINE,
        "ha" => HA,
        "broker" => BROKER,
        _ => "",
    };
    all.split_whitespace()
}

/// The types in the order in which they are listed.
fn kinds(call: &Call<'_>) -> [&'static str; 4] {
    if call.release.python3() {
        ["he_local", "broker", "he_shared", "ha"]
    } else {
        ["he_local", "ha", "broker", "he_shared"]
    }
}

/// The key and value that were typed, without options.
fn words<'a>(call: &Call<'a>) -> Vec<&'a str> {
    call.arguments.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect()
}

/// The type that a key belongs to, or what is wrong.
fn kind<'a>(call: &'a Call<'_>, key: &str, module: &str) -> Result<&'a str, String> {
    let fitting: Vec<&str> = kinds(call).into_iter().filter(|kind| keys(kind).any(|known| known == key)).collect();
    if fitting.is_empty() {
        let mut text = format!("Invalid configuration key {key}.\nAvailable keys are:\n");
        for kind in kinds(call) {
            let quoted: Vec<String> = keys(kind).map(|key| format!("'{key}'")).collect();
            text.push_str(&format!("{kind} : [{}]\n", quoted.join(", ")));
        }
        return Err(text);
    }
    match (call.value("--type"), fitting.as_slice()) {
        (Some(wanted), _) if !kinds(call).contains(&wanted) => {
            let calls = [(94, "<module>", "main()"), (72, "main", "config_type=config_types[args.type]")];
            Err(traceback(call.release, module, &calls, &format!("KeyError: '{wanted}'")))
        }
        (Some(wanted), _) => Ok(wanted),
        (None, [only]) => Ok(only),
        (None, _) => Err(format!(
            "Duplicate key {key}, please specify the key type. Available types are: ['he_local', 'he_shared']\n"
        )),
    }
}

/// `--get-shared-config`
pub(super) async fn get(p: &mut Proc, call: &Call<'_>) -> Ended {
    let words = words(call);
    let Some(key) = words.first().copied() else {
        p.out("You must specify a key to get\n").await?;
        return Ok(1);
    };
    if !call.deployed() {
        p.out("You must run deploy first\n").await?;
        return Ok(1);
    }
    let kind = match kind(call, key, "get_config") {
        Ok(kind) => kind,
        Err(text) => {
            p.err(&text).await?;
            return Ok(1);
        }
    };
    let value = match kind {
        "he_local" => call.conf.get(key).cloned(),
        "ha" => host(p, |_, host| host.local_maintenance)
            .map(|own| p.world(|world, id| files::local_maintenance(world, id, own)))
            .map(|flag| if flag { "True" } else { "False" }.to_owned()),
        kind => shared(p, kind).and_then(|all| all.get(key).cloned()),
    };
    p.out(&format!("\n{key} : {}, type : {kind}\n\n", value.unwrap_or_default())).await?;
    Ok(0)
}

fn shared(p: &Proc, kind: &str) -> Option<BTreeMap<String, String>> {
    host(p, |cluster, _| cluster.storage.settings.get(kind).cloned())?
}

/// `--set-shared-config`
pub(super) async fn set(p: &mut Proc, call: &Call<'_>) -> Ended {
    let words = words(call);
    let (key, value) = match words.as_slice() {
        [] => {
            p.out("You must specify a key to set\n").await?;
            return Ok(1);
        }
        [_] => {
            p.out("You must specify a new value to set\n").await?;
            return Ok(1);
        }
        [key, value, ..] => (*key, *value),
    };
    if !call.deployed() {
        p.out("You must run deploy first\n").await?;
        return Ok(1);
    }
    match kind(call, key, "set_config") {
        Err(text) => {
            p.err(&text).await?;
            return Ok(1);
        }
        Ok("he_local") => return set_local(p, key, value).await,
        Ok("ha") => {
            let flag = value.eq_ignore_ascii_case("true");
            p.world(|world, id| files::set_local_maintenance(world, id, flag));
        }
        Ok(kind) => p.world(|world, id| {
            if let Some(cluster) = events::cluster_mut(world, id)
                && let Some(all) = cluster.storage.settings.get_mut(kind)
            {
                all.insert(key.to_owned(), value.to_owned());
            }
        }),
    }
    Ok(0)
}

/// Writes a setting into the host's own file.
async fn set_local(p: &mut Proc, key: &str, value: &str) -> Ended {
    let text = p.read_path(CONF).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let line = format!("{key}={value}\n");
    let begins = |old: &str| old.split_once('=').is_some_and(|(name, _)| name == key);
    let mut new: String = text.lines().map(|old| if begins(old) { line.clone() } else { format!("{old}\n") }).collect();
    if !text.lines().any(begins) {
        new.push_str(&line);
    }
    match p.write_path(CONF, new.as_bytes()) {
        Ok(()) => Ok(0),
        Err(errno) => {
            p.inferred();
            p.err(&format!("{CONF}: {}\n", errno.text())).await?;
            Ok(1)
        }
    }
}
