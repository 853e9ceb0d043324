//! What a deployment asks about the virtual machine: its appliance, what it gets of the host, its hardware address and where its own
//! address comes from (reference `hosted-engine.md` 4.2).

use std::net::Ipv4Addr;

use super::dialogue::{Dialogue, Query, Stop};
use super::questions::{Wanted, new, query, reworded};
use crate::systems::linux::interface::Interface;
use crate::systems::linux::model::network::{net_of, netmask};
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::free::memory_of;
use crate::systems::rhv::release::Release;
use crate::systems::rhv::{deployment, faults};

/// Bounds of what the engine needs.
pub(super) const LEAST_MEMORY: u64 = 4_096;
const LEAST_PROCESSORS: u32 = 2;
const USUAL_PROCESSORS: u32 = 4;
const MOST_MEMORY: u64 = 16_384;

/// The appliance, and what the virtual machine gets.
pub(super) async fn machine(talk: &mut Dialogue<'_>, release: Release, wanted: &mut Wanted) -> Result<(), Stop> {
    let key = "OVEHOSTED_VM/ovfArchive";
    if new(release) {
        talk.notes_of(key, &[""]).await?;
    }
    talk.notes_of(key, &[
        "If you want to deploy with a custom engine appliance image, please specify the path to the OVA archive you would like to use.",
        "Entering no value will use the image from the rhvm-appliance rpm, installing it if needed.",
    ])
    .await?;
    let ask = query(key, "Appliance image path []: ", Some(""));
    let path = talk
        .ask(ask, |p, path| match path.is_empty() || p.lookup(path).is_ok() {
            true => Ok(()),
            false => Err("The specified file does not exists".to_owned()),
        })
        .await?;
    if !path.is_empty() {
        for what in ["archive", "XML"] {
            talk.info(&format!("Checking OVF {what} content (could take a few minutes depending on archive size)"))
                .await?;
            talk.p.pass(crate::sim::Span::secs(4)).await?;
        }
    }
    processors(talk, release, wanted).await?;
    memory(talk, release, wanted).await
}

async fn processors(talk: &mut Dialogue<'_>, release: Release, wanted: &mut Wanted) -> Result<(), Stop> {
    let there = talk.p.peek(|linux| linux.hardware.processors);
    let prompt = if new(release) {
        format!(
            "Please specify the number of virtual CPUs for the VM. The default is the appliance OVF value [{USUAL_PROCESSORS}]: "
        )
    } else {
        format!(
            "Please specify the number of virtual CPUs for the VM (Defaults to appliance OVF value): [{USUAL_PROCESSORS}]: "
        )
    };
    loop {
        let usual = USUAL_PROCESSORS.to_string();
        let text = talk
            .ask(query("OVEHOSTED_VM/vmVCpus", &*prompt, Some(&usual)), |_, text| match text.parse::<u32>() {
                Ok(count) if count > there => Err(format!(
                    "Invalid number of cpu specified: {count}, while only {there} are available on the host"
                )),
                Ok(1..) => Ok(()),
                _ => Err(format!("Invalid number of cpu specified: {text}")),
            })
            .await?;
        wanted.processors = text.parse().unwrap_or(USUAL_PROCESSORS);
        if wanted.processors >= LEAST_PROCESSORS {
            return Ok(());
        }
        talk.warning("Minimum requirements for CPUs not met").await?;
        let prompt = "Continue with specified CPUs? (Yes, No)[No]: ";
        if talk.confirm("OVEHOSTED_VM/acceptFewCpus", prompt, false).await? {
            return Ok(());
        }
        talk.given.remove("OVEHOSTED_VM/vmVCpus");
    }
}

/// What a host has to give, in MiB: what is free and what is cached, as the tasks of those names find it.
fn available(p: &Proc) -> u64 {
    p.world(|world, id| {
        let memory = memory_of(world.linux(id));
        let memory = (memory.free + memory.cache) >> 10;
        if faults::troubles(world, id).memory { memory / 32 } else { memory }
    })
}

async fn memory(talk: &mut Dialogue<'_>, release: Release, wanted: &mut Wanted) -> Result<(), Stop> {
    let there = available(talk.p);
    if there < LEAST_MEMORY {
        return Err(Stop::Failed(format!(
            "Minimum requirements not met by available memory: Required: {LEAST_MEMORY} MB. Available: {there} MB"
        )));
    }
    let usual = there.min(MOST_MEMORY).to_string();
    let prompt = if new(release) {
        format!("Please specify the memory size of the VM in MB. The default is the maximum available [{usual}]: ")
    } else {
        format!("Please specify the memory size of the VM in MB (Defaults to maximum available): [{usual}]: ")
    };
    let text = talk
        .ask(query("OVEHOSTED_VM/vmMemSizeMB", prompt, Some(&usual)), |_, text| match text.parse::<u64>() {
            Ok(size) if size > there => {
                Err(format!("Invalid memory size specified: {size}, while only {there} are available on the host"))
            }
            Ok(size) if size < LEAST_MEMORY => Err("Minimum requirements for memory size not met".to_owned()),
            Ok(_) => Ok(()),
            Err(_) => Err(format!("Invalid memory size specified: {text}")),
        })
        .await?;
    wanted.memory = text.parse().unwrap_or(MOST_MEMORY);
    talk.info("Detecting host timezone.").await?;
    Ok(())
}

/// The hardware address of the virtual machine, and where it gets its address from.
pub(super) async fn address(talk: &mut Dialogue<'_>, release: Release, wanted: &mut Wanted) -> Result<(), Stop> {
    let made = talk.p.world(|world, id| {
        let number = world.streams.next(&format!("rhv.mac.{}", id.0)).to_le_bytes();
        format!("00:16:3e:{:02x}:{:02x}:{:02x}", number[0] & 0x7f, number[1], number[2])
    });
    let prompt = if reworded(release) {
        format!("Please specify a unicast MAC address for the VM, or accept a randomly generated default [{made}]: ")
    } else {
        format!("You may specify a unicast MAC address for the VM or accept a randomly generated default [{made}]: ")
    };
    wanted.mac = talk
        .ask(query("OVEHOSTED_VM/vmMACAddr", prompt, Some(&made)), |_, text| {
            if deployment::is_unicast(text) {
                Ok(())
            } else {
                Err(format!("Invalid unicast MAC address specified: '{text}'"))
            }
        })
        .await?
        .to_ascii_lowercase();
    let prompt = if reworded(release) {
        "How should the engine VM network be configured? (DHCP, Static)[DHCP]: "
    } else {
        "How should the engine VM network be configured (DHCP, Static)[DHCP]? "
    };
    let ask = Query {
        key: "OVEHOSTED_VM/networkConfiguration",
        prompt: prompt.to_owned(),
        default: Some("DHCP".to_owned()),
        choices: &["DHCP", "Static"],
    };
    if talk.ask(ask, |_, _| Ok(())).await? == "Static" {
        static_address(talk, wanted).await?;
    }
    let key = "OVEHOSTED_VM/cloudinitVMETCHOSTS";
    if new(release) {
        talk.notes_of(key, &[""]).await?;
    }
    talk.notes_of(
        key,
        &[
            "Add lines for the appliance itself and for this host to /etc/hosts on the engine VM?",
            "Note: ensuring that this host could resolve the engine VM hostname is still up to you.",
        ],
    )
    .await?;
    let (prompt, usual) =
        if new(release) { ("Add lines to /etc/hosts? (Yes, No)[Yes]: ", true) } else { ("(Yes, No)[No] ", false) };
    wanted.etc_hosts = talk.confirm(key, prompt, usual).await?;
    Ok(())
}

async fn static_address(talk: &mut Dialogue<'_>, wanted: &mut Wanted) -> Result<(), Stop> {
    let own = talk.p.world(|world, id| Interface::of(world, id));
    let known = deployment::served(talk.p, &wanted.fqdn).unwrap_or_default();
    let prompt = format!("Please enter the IP address to be used for the engine VM [{known}]: ");
    let default = Some(known.as_str()).filter(|known| !known.is_empty());
    let gateway = wanted.gateway.clone();
    let text = talk
        .ask(query("OVEHOSTED_VM/cloudinitVMStaticCIDR", prompt, default), |p, text| {
            let Some((address, prefix)) = static_of(text, own.network.prefix) else {
                return Err(format!("'{text}' is not a valid CIDR IP address"));
            };
            if address == own.address {
                let name = p.peek(|linux| linux.hostname.clone());
                return Err(format!("The Engine VM ({address}/{prefix}) and this host ({name}) will have the same IP address."));
            }
            match gateway.parse() {
                Ok(gateway) if net_of(gateway, prefix) != net_of(address, prefix) => Err(format!(
                    "The Engine VM ({address}/{prefix}) and the default gateway ({gateway}) will not be in the same IP subnet.\n\
                     Static routing configuration are not supported on automatic VM configuration."
                )),
                _ => Ok(()),
            }
        })
        .await?;
    let Some((address, prefix)) = static_of(&text, own.network.prefix) else { return Ok(()) };
    talk.info(&format!("The engine VM will be configured to use {address}/{prefix}")).await?;
    wanted.address = Some((address, prefix));
    let note = "Please provide a comma-separated list (max 3) of IP addresses of domain name servers for the engine VM";
    talk.notes_of("OVEHOSTED_VM/cloudinitVMDNS", &[note]).await?;
    let servers = talk.p.peek(|linux| linux.name_servers().join(","));
    let prompt = format!("Engine VM DNS (leave it empty to skip) [{servers}]: ");
    let text = talk
        .ask(query("OVEHOSTED_VM/cloudinitVMDNS", prompt, Some(&servers)), |_, text| {
            let all: Vec<&str> = parts(text).collect();
            if all.len() > 3 {
                return Err("Just three DNS addresses are supported".to_owned());
            }
            match all.iter().find(|part| part.parse::<std::net::IpAddr>().is_err()) {
                Some(wrong) => Err(format!("'{wrong}' doesn't look like a valid IP address")),
                None => Ok(()),
            }
        })
        .await?;
    wanted.servers = parts(&text).map(str::to_owned).collect();
    Ok(())
}

/// An address that a machine can have, and how many bits of it are the net's: `usual` ones where that is not said.
fn static_of(text: &str, usual: u8) -> Option<(Ipv4Addr, u8)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, bits)) if bits.bytes().all(|letter| letter.is_ascii_digit()) => (address, bits.parse().ok()?),
        Some(_) => return None,
        None => (text, usual),
    };
    let address: Ipv4Addr = address.parse().ok()?;
    let [first, ..] = address.octets();
    let ordinary = (1..224).contains(&first) && !address.is_loopback();
    let host = address.to_bits() & !netmask(prefix).to_bits();
    let of_all = host == 0 || host == !netmask(prefix).to_bits();
    (ordinary && (1..=32).contains(&prefix) && (prefix > 30 || !of_all)).then_some((address, prefix))
}

/// What stands between commas.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_one_machine_is_told_from_those_of_nets() {
        let check = |text, expect: Option<([u8; 4], u8)>| {
            let expect = expect.map(|(octets, prefix)| (Ipv4Addr::from(octets), prefix));
            assert_eq!(static_of(text, 24), expect, "{text}");
        };
        check("192.168.10.30", Some(([192, 168, 10, 30], 24)));
        check("192.168.10.30/23", Some(([192, 168, 10, 30], 23)));
        check("192.168.10.0/23", None);
        check("192.168.11.0/23", Some(([192, 168, 11, 0], 23)));
        check("192.168.11.255/23", None);
        check("192.168.10.254/31", Some(([192, 168, 10, 254], 31)));
        check("192.168.10.30/32", Some(([192, 168, 10, 30], 32)));
        for odd in [
            "192.168.10.30/0",
            "192.168.10.30/33",
            "192.168.10.30/",
            "192.168.10.30/+24",
            "192.168.10.30/24/1",
            "0.0.0.1/24",
            "127.0.0.5/8",
            "224.0.0.5/24",
            "255.255.255.255",
            "192.168.10",
            "manager/24",
            "",
        ] {
            check(odd, None);
        }
    }
}
