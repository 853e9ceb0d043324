//! What a deployment asks before it begins, question by question (reference `hosted-engine.md` 4.2; wording of 4.4 in transcript 01,
//! of a fresh one in transcript 09, of 4.3 where the reference has it, else inferred).

use std::net::{IpAddr, Ipv4Addr};

use super::dialogue::{Dialogue, Query, Stop};
use super::options::Forced;
use crate::systems::linux::interface::Interface;
use crate::systems::linux::net::{self, Reach};
use crate::systems::linux::proc::Proc;
use crate::systems::rhv::deployment;
use crate::systems::rhv::faults;
use crate::systems::rhv::model::Inventory;
use crate::systems::rhv::network_test::{self, DNS, NONE, PING, TCP};
use crate::systems::rhv::release::Release;

/// What was answered, as far as it has consequences.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub gateway: String,
    pub network_test: String,
    /// Address and port of the TCP test.
    pub tcp_test: (String, String),
    pub data_center: String,
    pub cluster: String,
    pub pause: bool,
    pub processors: u32,
    /// In MiB.
    pub memory: u64,
    pub fqdn: String,
    pub mac: String,
    /// The size of its disk in GiB.
    pub disk: u64,
    /// The name servers of the virtual machine, where they are set by hand.
    pub servers: Vec<String>,
    /// The public key that root gets.
    pub key: String,
    /// By which ways root may come in.
    pub root_login: String,
    /// The address that is set by hand, and how many bits of it are the net's.
    pub address: Option<(Ipv4Addr, u8)>,
    pub host_name: String,
    /// Whether the guest gets a security profile.
    pub openscap: bool,
    /// Whether its kernel keeps to FIPS.
    pub fips: bool,
    /// Whether its list of names has itself and this host.
    pub etc_hosts: bool,
}

const RESTORING: [&str; 2] = [
    "Please note that if you are restoring a backup that contains info about other hosted-engine hosts,",
    "this value should exactly match the value used in the environment you are going to restore.",
];

pub(super) fn query<'a>(key: &'static str, prompt: impl Into<String>, default: Option<&str>) -> Query<'a> {
    Query { key, prompt: prompt.into(), default: default.map(str::to_owned), choices: &[] }
}

/// Whether this is the dialogue of 4.4 and later, and not that of 4.3.
pub(super) fn new(release: Release) -> bool {
    release.python3()
}

/// Whether this is the wording of 4.4.5 and later (transcript 01), and not the one before (transcript 09).
pub(super) fn reworded(release: Release) -> bool {
    release.setup_from([2, 5, 0])
}

/// How the host is reached through the network.
pub(super) async fn network(
    talk: &mut Dialogue<'_>,
    release: Release,
    forced: Forced,
    wanted: &mut Wanted,
) -> Result<(), Stop> {
    let own = talk.p.world(|world, id| Interface::of(world, id));
    // No way out with IPv6 is known.
    let detected = own.network.gateway_of(own.address).filter(|_| !forced.six);
    let detected = detected.map(|gateway| gateway.to_string()).unwrap_or_default();
    let prompt = if reworded(release) { "gateway IP address" } else { "pingable gateway IP address" };
    let ask = query(
        "OVEHOSTED_NETWORK/gateway",
        format!("Please indicate a {prompt} [{detected}]: ").replace("a gateway", "the gateway"),
        Some(detected.as_str()).filter(|gateway| !gateway.is_empty()),
    );
    wanted.gateway = talk
        .ask(ask, |p, text| match text.parse::<IpAddr>() {
            Ok(IpAddr::V6(_)) if forced.six && reworded(release) => Ok(()),
            Ok(IpAddr::V4(_)) if reworded(release) || pingable(p, text) => Ok(()),
            _ => Err("Specified gateway is not pingable".to_owned()),
        })
        .await?;
    Ok(())
}

/// Whether an address answers.
fn pingable(p: &Proc, address: &str) -> bool {
    p.world(|world, id| {
        let own = Interface::of(world, id);
        let is_gateway = own.network.gateway_of(own.address).is_some_and(|gateway| gateway.to_string() == address);
        let troubles = faults::troubles(world, id);
        let host = net::resolve(world, id, address);
        let answers = || host.is_some_and(|host| !matches!(net::reach(world, &host), Reach::Silent | Reach::NoWay));
        !troubles.network && if is_gateway { !troubles.gateway } else { answers() }
    })
}

/// Which interface the bridge is set on, once they are known, and how the network is tested.
pub(super) async fn interface(talk: &mut Dialogue<'_>, release: Release, wanted: &mut Wanted) -> Result<(), Stop> {
    let nic = talk.p.world(|world, id| Interface::of(world, id).nic());
    if talk.p.world(|world, id| deployment::has_bridge(world, id)) {
        talk.info("Bridge ovirtmgmt already created").await?;
    } else {
        let colon = if reworded(release) { "" } else { ":" };
        let prompt = format!("Please indicate a nic to set ovirtmgmt bridge on{colon} ({nic}) [{nic}]: ");
        let choices = [nic];
        let ask = Query { key: "OVEHOSTED_NETWORK/bridgeIf", prompt, default: Some(nic.to_owned()), choices: &choices };
        talk.ask(ask, |_, _| Ok(())).await?;
    }
    // 4.2 knows the gateway only.
    if release.minor < 3 {
        wanted.network_test = PING.to_owned();
        return Ok(());
    }
    let gateway = wanted.gateway.clone();
    let ask = Query {
        key: "OVEHOSTED_NETWORK/network_test",
        prompt: "Please specify which way the network connectivity should be checked (ping, dns, tcp, none) [dns]: "
            .to_owned(),
        default: Some("dns".to_owned()),
        choices: &[PING, DNS, TCP, NONE],
    };
    wanted.network_test = talk
        .ask(ask, |p, way| match way {
            PING if !pingable(p, &gateway) => Err("Specified gateway is not pingable".to_owned()),
            DNS if deployment::name_server(p).is_none() => Err("DNS query failed".to_owned()),
            _ => Ok(()),
        })
        .await?;
    if wanted.network_test == TCP {
        talk.p.inferred();
        let host = "Please specify the address of the host for the TCP connection test: ";
        let host = talk.ask(query("OVEHOSTED_NETWORK/network_test_tcp_address", host, None), |_, _| Ok(())).await?;
        let port = "Please specify the port for the TCP connection test: ";
        let taken_port = talk
            .ask(query("OVEHOSTED_NETWORK/network_test_tcp_port", port, None), |p, port| {
                let taken = p.world(|world, id| network_test::takes(world, id, &host, port));
                if taken { Ok(()) } else { Err("Failed to connect via TCP".to_owned()) }
            })
            .await?;
        wanted.tcp_test = (host, taken_port);
    }
    Ok(())
}

/// Letters, numbers, `-` and `_`.
fn name_fits(what: &str, text: &str) -> Result<(), String> {
    if text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')) {
        return Ok(());
    }
    Err(format!("Invalid {what} name format. {what} name may only contain letters, numbers, '-', or '_'."))
}

/// Data center, cluster, and what a restore asks beside.
pub(super) async fn place(
    talk: &mut Dialogue<'_>,
    release: Release,
    restored: bool,
    wanted: &mut Wanted,
) -> Result<(), Stop> {
    let rows: [(&str, &str, &'static str, &str); 2] = [
        ("data center", "Data center", "OVEHOSTED_ENGINE/datacenterName", "Datacenter"),
        ("cluster", "Cluster", "OVEHOSTED_ENGINE/clusterName", "Cluster"),
    ];
    for (what, title, key, named) in rows {
        let what = if new(release) { what.to_owned() } else { what.replace(' ', "") };
        let note = format!("Please enter the name of the {what} where you want to deploy this hosted-engine host.");
        let default = (release.minor < 5 || !restored).then_some("Default");
        let shown = default.map_or_else(|| "[]".to_owned(), |default| format!("[{default}]"));
        let prompt = if new(release) {
            talk.notes_of(key, &["", &note]).await?;
            if restored {
                talk.notes_of(key, &RESTORING).await?;
            }
            format!("{title} {shown}: ")
        } else {
            if restored {
                talk.notes_of(key, &RESTORING).await?;
            }
            format!("{note} {shown}: ")
        };
        let name = talk.ask(query(key, prompt, default), |_, text| name_fits(named, text)).await?;
        *(if key.ends_with("clusterName") { &mut wanted.cluster } else { &mut wanted.data_center }) = name;
    }
    if restored {
        talk.notes_of("OVEHOSTED_ENGINE/renewPKI", &[
            "",
            "Renew engine CA on restore if needed?",
            "Please notice that if you choose Yes, all hosts will have to be later manually reinstalled from the engine.",
        ])
        .await?;
        talk.confirm("OVEHOSTED_ENGINE/renewPKI", "Renew CA if needed? (Yes, No)[No]: ", false).await?;
        talk.notes_of("OVEHOSTED_CORE/pauseHost", &[
            "",
            "Pause the execution after adding this host to the engine?",
            "You will be able to connect to the restored engine in order to manually review and remediate its configuration.",
            "This is normally not required when restoring an up to date and coherent backup.",
        ])
        .await?;
        wanted.pause =
            talk.confirm("OVEHOSTED_CORE/pauseHost", "Pause after adding the host? (Yes, No)[No]: ", false).await?;
    }
    Ok(())
}

/// The name of the engine: of a restore the backup's own, but 4.3 asks nevertheless.
pub(super) async fn name(
    talk: &mut Dialogue<'_>,
    release: Release,
    restored: Option<&Inventory>,
    wanted: &mut Wanted,
) -> Result<(), Stop> {
    if let Some(engine) = restored.filter(|_| new(release)) {
        talk.info(&format!("Using Engine VM FQDN {} from backup file.", engine.fqdn)).await?;
        talk.info("Using domain name from backup file.").await?;
        wanted.fqdn.clone_from(&engine.fqdn);
        talk.answers.insert("OVEHOSTED_NETWORK/fqdn", engine.fqdn.clone());
        // The playbook looks it up (transcript 01).
        return Ok(());
    }
    talk.notes_of(
        "OVEHOSTED_NETWORK/fqdn",
        &[
            "Please provide the FQDN you would like to use for the engine.",
            "Note: This will be the FQDN of the engine VM you are now going to launch,",
            "it should not point to the base host or to any other existing machine.",
        ],
    )
    .await?;
    let colon = if new(release) { "Engine VM FQDN []: " } else { "Engine VM FQDN:  []: " };
    wanted.fqdn = talk.ask(query("OVEHOSTED_NETWORK/fqdn", colon, None), fqdn_fits).await?;
    warn_of_local_name(talk, &wanted.fqdn.clone()).await?;
    let domain = wanted.fqdn.split_once('.').map_or("", |(_, domain)| domain).to_owned();
    let note = "Please provide the domain name you would like to use for the engine appliance.";
    talk.notes_of("OVEHOSTED_VM/cloudinitInstanceDomainName", &[note]).await?;
    let ask = query("OVEHOSTED_VM/cloudinitInstanceDomainName", format!("Engine VM domain: [{domain}]"), Some(&domain));
    talk.ask(ask, |_, _| Ok(())).await?;
    Ok(())
}

/// Whether a name can be a host's.
fn fqdn_fits(p: &Proc, text: &str) -> Result<(), String> {
    if text.parse::<IpAddr>().is_ok() {
        return Err(format!(
            "Host name is not valid: {text} is an IP address and not a FQDN. A FQDN is needed to be able to generate certificates \
             correctly."
        ));
    }
    if !text.contains('.') {
        return Err(format!("Host name is not valid: Host name {text} has no domain suffix"));
    }
    match p.world(|world, id| net::resolve(world, id, text)) {
        Some(host) if host.machine == Some(p.machine) => Err(format!(
            "The Engine VM (({},)) and this host ({}) resolve to the same address",
            host.address, host.address
        )),
        Some(_) => Ok(()),
        None => Err(format!("Host name is not valid: {text} did not resolve into an IP address")),
    }
}

async fn warn_of_local_name(talk: &mut Dialogue<'_>, name: &str) -> Result<(), Stop> {
    if deployment::served(talk.p, name).is_none() {
        talk.warning(&format!("Failed to resolve {name} using DNS, it can be resolved only locally")).await?;
    }
    Ok(())
}

/// Root's password and key, and who else may log in.
pub(super) async fn root(talk: &mut Dialogue<'_>, release: Release, wanted: &mut Wanted) -> Result<(), Stop> {
    talk.password(
        "OVEHOSTED_VM/cloudinitRootPwd",
        ["Enter root password that will be used for the engine appliance: ", "Confirm appliance root password: "],
        "Please specify a password",
    )
    .await?;
    let prompt = if new(release) {
        talk.notes_of("OVEHOSTED_VM/rootSshPubkey", &[
            "",
            "You may provide an SSH public key, that will be added by the deployment script to the authorized_keys file of the root user in the engine appliance.",
            "This should allow you passwordless login to the engine machine after deployment.",
            "If you provide no key, authorized_keys will not be touched.",
        ])
        .await?;
        "SSH public key []: "
    } else {
        "Enter ssh public key for the root user that will be used for the engine appliance (leave it empty to skip): "
    };
    let kinds = ["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-"];
    let key = talk
        .ask(query("OVEHOSTED_VM/rootSshPubkey", prompt, Some("")), |_, key| {
            let fits = key.is_empty() || kinds.iter().any(|kind| key.starts_with(kind));
            if fits { Ok(()) } else { Err("The ssh key is not valid.".to_owned()) }
        })
        .await?;
    if key.is_empty() {
        talk.warning("Skipping appliance root ssh public key").await?;
    }
    wanted.key = key;
    let mark = if reworded(release) { "?" } else { "" };
    let ask = Query {
        key: "OVEHOSTED_VM/rootSshAccess",
        prompt: format!("Do you want to enable ssh access for the root user{mark} (yes, no, without-password) [yes]: "),
        default: Some("yes".to_owned()),
        choices: &["yes", "no", "without-password"],
    };
    wanted.root_login = talk.ask(ask, |_, _| Ok(())).await?;
    if new(release) {
        let prompt = "Do you want to apply a default OpenSCAP security profile? (Yes, No) [No]: ";
        wanted.openscap = talk.confirm("OVEHOSTED_VM/applyOpenScapProfile", prompt, false).await?;
    }
    if reworded(release) {
        let prompt = "Do you want to enable FIPS? (Yes, No) [No]: ";
        wanted.fips = talk.confirm("OVEHOSTED_VM/enableFips", prompt, false).await?;
    }
    Ok(())
}

/// Notifications, and the password of the engine's administrator.
pub(super) async fn engine(talk: &mut Dialogue<'_>, release: Release) -> Result<(), Stop> {
    if release.minor >= 5 {
        talk.p.inferred();
        let prompt = "Configure Keycloak integration on the engine(Yes, No) [Yes]:";
        talk.confirm("OVEHOSTED_CORE/enableKeycloak", prompt, true).await?;
    }
    let no_colon = |key, text: &str, default: &str| query(key, format!("{text} [{default}]: "), Some(default));
    let invalid = || "Invalid input, please try again".to_owned();
    let mail = |text: &str| {
        text.split(',').all(|one| one.trim().split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()))
    };
    let server = "Please provide the name of the SMTP server through which we will send notifications";
    let host = |text: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-'))
    };
    talk.ask(no_colon("OVEHOSTED_NOTIF/smtpServer", server, "localhost"), |_, text| {
        if host(text) { Ok(()) } else { Err(invalid()) }
    })
    .await?;
    talk.ask(
        no_colon("OVEHOSTED_NOTIF/smtpPort", "Please provide the TCP port number of the SMTP server", "25"),
        |_, text| if text.parse::<u16>().is_ok_and(|port| port > 0) { Ok(()) } else { Err(invalid()) },
    )
    .await?;
    let addresses: [(&'static str, &str); 2] = [
        ("OVEHOSTED_NOTIF/sourceEmail", "Please provide the email address from which notifications will be sent"),
        (
            "OVEHOSTED_NOTIF/destEmail",
            "Please provide a comma-separated list of email addresses which will get notifications",
        ),
    ];
    for (key, text) in addresses {
        talk.ask(no_colon(key, text, "root@localhost"), |_, text| if mail(text) { Ok(()) } else { Err(invalid()) })
            .await?;
    }
    talk.password(
        "OVEHOSTED_ENGINE/adminPassword",
        ["Enter engine admin password: ", "Confirm engine admin password: "],
        "Password is empty",
    )
    .await?;
    Ok(())
}

/// By which name the engine reaches this host.
pub(super) async fn host(talk: &mut Dialogue<'_>, wanted: &mut Wanted) -> Result<(), Stop> {
    let own = talk.p.peek(|linux| linux.hostname.clone());
    let prompt = format!("Please provide the hostname of this host on the management network [{own}]: ");
    wanted.host_name = talk
        .ask(query("OVEHOSTED_NETWORK/host_name", prompt, Some(&own)), |p, text| {
            match p.world(|world, id| net::resolve(world, id, text)) {
                None => Err(format!("Host name is not valid: {text} did not resolve into an IP address")),
                Some(host) if host.machine != Some(p.machine) || host.address == "127.0.0.1" => Err(format!(
                    "Host name is not valid: The following addresses: {} can't be mapped to non loopback devices on this host",
                    host.address
                )),
                Some(_) => Ok(()),
            }
        })
        .await?;
    warn_of_local_name(talk, &wanted.host_name.clone()).await
}
