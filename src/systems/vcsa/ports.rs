//! The ports on which the services of an appliance listen beside those of its pages (the vendor's list of required ports for
//! vCenter Server and the Platform Services Controller, 6.0 to 7.0; those for the appliance itself are inferred from it).

use crate::systems::linux::net::{self, Port};

/// All of them, by the process that holds each.
pub static PORTS: &[Port] = &[
    Port::local(53, &[net::NAME_CACHE]),
    Port::open(88, &["vmdird"]),
    Port::open(389, &["vmdird"]),
    Port::open(514, &["rsyslogd"]),
    Port::open(636, &["vmdird"]),
    Port::open(1514, &["rsyslogd"]),
    Port::open(2012, &["vmdird"]),
    Port::open(2014, &["vmcad"]),
    Port::open(2015, &["vmdnsd"]),
    Port::open(2020, &["vmafdd"]),
    Port::local(5090, &["vsphere-ui.laun"]),
    Port::local(5432, &["postgres"]),
    Port::open(6501, &["vmware-rbd-watc"]),
    Port::open(6502, &["vmware-rbd-watc"]),
    Port::local(7080, &["vmware-stsd", "vmware-stsd.lau"]),
    Port::open(7444, &["vmware-stsd"]),
    Port::open(8084, &["updatemgr"]),
    Port::local(8085, &["vpxd"]),
    Port::local(8089, &["vpxd"]),
    Port::local(8109, &["syslog-health"]),
    Port::open(9084, &["updatemgr"]),
    Port::open(9087, &["updatemgr"]),
    Port::local(9090, &["vsphere-client."]),
    Port::local(10_080, &["vmware-invsvc.l", "vmware-vpxd-svc"]),
    Port::local(12_346, &["vmware-vapi-end"]),
    Port::local(13_080, &["vmware-perfchar"]),
    Port::local(15_005, &["vmware-eam.laun"]),
    Port::local(16_666, &["vmware-content-", "vmware-vdcs.lau"]),
    Port::local(18_090, &["vmware-cm.launc"]),
];
