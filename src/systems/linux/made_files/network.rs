//! The settings of the network interface as each distribution keeps them on its disk. Keys are those of initscripts of RHEL,
//! ifcfg(5) and ifroute(5) of SLES, systemd.network(5); which of them an installer writes is inferred.

use std::net::Ipv4Addr;

use crate::systems::linux::interface::Interface;
use crate::systems::linux::model::network::netmask;

/// Those of RHEL: `ifcfg-NAME`.
pub(super) fn of_rhel(interface: &Interface) -> String {
    let (name, network) = (interface.nic(), &interface.network);
    if interface.port.is_some() {
        let (bridge, mac) = (interface.name, interface.mac());
        return format!("TYPE=Ethernet\nNAME={name}\nDEVICE={name}\nHWADDR={mac}\nONBOOT=yes\nBRIDGE={bridge}\n");
    }
    let mut text = format!("TYPE=Ethernet\nBOOTPROTO={}\n", if network.dhcp { "dhcp" } else { "none" });
    text.push_str(&format!("DEFROUTE=yes\nNAME={name}\nDEVICE={name}\nHWADDR={}\nONBOOT=yes\n", interface.mac()));
    text.push_str(&own_address(interface));
    text
}

/// Those of the bridge above it.
pub(super) fn of_bridge(interface: &Interface) -> String {
    let (name, network) = (interface.name, &interface.network);
    let how = if network.dhcp { "dhcp" } else { "none" };
    let mut text = format!(
        "TYPE=Bridge\nSTP=off\nDELAY=0\nBOOTPROTO={how}\nDEFROUTE=yes\nNAME={name}\nDEVICE={name}\nONBOOT=yes\n"
    );
    text.push_str(&own_address(interface));
    text
}

/// The address of the machine, as the initscripts of RHEL have it.
fn own_address(interface: &Interface) -> String {
    let network = &interface.network;
    if network.dhcp {
        return String::new();
    }
    let gateway = network.gateway_of(interface.address).map(|gateway| format!("GATEWAY={gateway}\n"));
    format!("IPADDR={}\nPREFIX={}\n{}", interface.address, network.prefix, gateway.unwrap_or_default())
}

/// Those of SLES: `ifcfg-NAME`.
pub(super) fn of_sles(interface: &Interface) -> String {
    let (name, network) = (interface.name, &interface.network);
    let how = match network {
        network if network.unconfigured => "none",
        network if network.dhcp => "dhcp",
        _ => "static",
    };
    let mut text = format!("DEVICE={name}\nBOOTPROTO='{how}'\nSTARTMODE='auto'\nTYPE=Ethernet\nUSERCONTROL='no'\n");
    if how == "static" {
        text.push_str(&format!(
            "IPADDR='{}'\nNETMASK='{}'\nBROADCAST='{}'\n",
            interface.address,
            netmask(network.prefix),
            network.broadcast_of(interface.address)
        ));
    }
    for (place, (address, prefix)) in network.ipv6.addresses.iter().enumerate() {
        text.push_str(&format!("IPADDR_{place}='{address}'\nPREFIXLEN_{place}='{prefix}'\n"));
    }
    text
}

/// The ways to other nets, as SLES keeps them: `routes`.
pub(super) fn routes_of_sles(interface: &Interface) -> String {
    let network = &interface.network;
    let mut text = String::new();
    if let Some(gateway) = own_gateway(interface) {
        text.push_str(&format!("default {gateway} - -\n"));
    }
    for route in network.routes.iter().filter(|route| !route.by_hand) {
        let (mask, name) = (netmask(route.prefix), interface.name);
        text.push_str(&format!("{} {} {mask} {name}\n", route.destination, route.gateway));
    }
    if let Some(gateway) = network.ipv6.gateway {
        text.push_str(&format!("default {gateway} - -\n"));
    }
    text
}

/// Those of Photon: `10-NAME.network` of systemd-networkd.
pub(super) fn of_photon(interface: &Interface) -> String {
    let network = &interface.network;
    let mut text = format!("[Match]\nName={}\n\n[Network]\n", interface.name);
    let dhcp = match (network.dhcp, network.ipv6.dhcp) {
        (false, false) => "no",
        (true, false) => "ipv4",
        (false, true) => "ipv6",
        (true, true) => "yes",
    };
    let gateways = [own_gateway(interface).map(|own| own.to_string()), network.ipv6.gateway.map(|own| own.to_string())];
    for gateway in gateways.into_iter().flatten() {
        text.push_str(&format!("Gateway={gateway}\n"));
    }
    if !network.dhcp && !network.unconfigured {
        text.push_str(&format!("Address={}/{}\n", interface.address, network.prefix));
    }
    for (address, prefix) in &network.ipv6.addresses {
        text.push_str(&format!("Address={address}/{prefix}\n"));
    }
    let announced = if network.ipv6.autoconf { "yes" } else { "no" };
    text.push_str(&format!("DHCP={dhcp}\nIPv6AcceptRA={announced}\n\n[DHCP]\nUseDNS=false\n"));
    for route in network.routes.iter().filter(|route| !route.by_hand) {
        text.push_str(&format!(
            "\n[Route]\nGateway={}\nDestination={}/{}\n",
            route.gateway, route.destination, route.prefix
        ));
    }
    text
}

/// The gateway that somebody has set; a DHCP server tells its own.
fn own_gateway(interface: &Interface) -> Option<Ipv4Addr> {
    let network = &interface.network;
    network.gateway_of(interface.address).filter(|_| !network.dhcp && !network.unconfigured)
}
