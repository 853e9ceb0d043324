//! The units under the vCenter appliances: those of Photon, and the init scripts of SLES 11.

use super::systemd::SSHD_SAYS;
use super::{Unit, inner, service};

pub(super) const PHOTON: &[Unit] = &[
    service(
        "systemd-networkd.service",
        "Network Service",
        "After=systemd-udevd.service network-pre.target dbus.service;Before=network.target;Wants=network.target",
        "Type=notify;ExecStart=/usr/lib/systemd/systemd-networkd;Restart=on-failure;User=systemd-network",
    )
    .ms(300)
    .says(&["eth0: Gained carrier", "Enumeration completed"]),
    service(
        "systemd-resolved.service",
        "Network Name Resolution",
        "After=systemd-networkd.service network.target",
        "Type=notify;ExecStart=/usr/lib/systemd/systemd-resolved;Restart=always;User=systemd-resolve",
    )
    .ms(110),
    service(
        "iptables.service",
        "IPTables firewall",
        "Before=network.target",
        "Type=oneshot;ExecStart=/etc/systemd/scripts/iptables;RemainAfterExit=yes",
    ),
    inner(
        "dbus.service",
        "D-Bus System Message Bus",
        "Requires=dbus.socket",
        "ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation;User=messagebus",
    ),
    service(
        "vmtoolsd.service",
        "Service for virtual machines hosted on VMware",
        "After=network.target",
        "ExecStart=/usr/bin/vmtoolsd",
    )
    .ms(150),
    service(
        "rsyslog.service",
        "System Logging Service",
        "After=network.target",
        "Type=notify;ExecStart=/usr/sbin/rsyslogd -n;Restart=on-failure",
    )
    .ms(80),
    service(
        "ntpd.service",
        "Network Time Service",
        "After=network.target",
        "Type=forking;ExecStart=/usr/bin/ntpd -g -u ntp:ntp",
    )
    .ms(120),
    service(
        "dnsmasq.service",
        "A lightweight, caching DNS proxy",
        "After=network.target",
        "ExecStart=/usr/sbin/dnsmasq -k",
    )
    .ms(30),
    service("crond.service", "Cron Daemon", "After=syslog.target", "ExecStart=/usr/sbin/crond -n;Type=simple"),
    service(
        "sshd.service",
        "OpenSSH Daemon",
        "After=network.target sshd-keygen.service;Wants=sshd-keygen.service",
        "ExecStart=/usr/sbin/sshd -D;ExecReload=/bin/kill -HUP $MAINPID;KillMode=process;Restart=always",
    )
    .ms(40)
    .says(SSHD_SAYS),
    inner(
        "sshd-keygen.service",
        "Generate sshd host keys",
        "",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/bin/ssh-keygen -A",
    ),
    service("snmpd.service", "SNMP Agent", "After=network.target", "ExecStart=/usr/sbin/snmpd").off(),
    // Generated at boot where there is such a script, which an appliance has not.
    inner(
        "rc-local.service",
        "/etc/rc.d/rc.local Compatibility",
        "ConditionFileIsExecutable=/etc/rc.d/rc.local;After=network.target",
        "Type=forking;ExecStart=/etc/rc.d/rc.local start;TimeoutSec=0;RemainAfterExit=yes;GuessMainPID=no",
    ),
];

/// The init scripts of SLES 11 as an appliance has them.
pub(super) const SLES: &[Unit] = &[
    service(
        "network.service",
        "Configure the localfs depending network interfaces",
        "",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/sbin/ifup -a",
    )
    .ms(3_200),
    service(
        "dbus.service",
        "D-Bus is a message bus system for applications to talk to one another.",
        "",
        "ExecStart=/bin/dbus-daemon --system",
    ),
    service("syslog.service", "Start the system logging daemons", "After=network.service", "ExecStart=/sbin/syslog-ng")
        .ms(400),
    service(
        "auditd.service",
        "auditd daemon providing core auditing services",
        "After=syslog.service",
        "ExecStart=/sbin/auditd -s disable",
    )
    .ms(200),
    service(
        "sshd.service",
        "Start the sshd daemon",
        "After=network.service",
        "ExecStart=/usr/sbin/sshd -o PidFile=/var/run/sshd.init.pid",
    )
    .ms(150)
    .says(SSHD_SAYS),
    service(
        "ntp.service",
        "Network time protocol daemon (ntpd)",
        "After=network.service",
        "ExecStart=/usr/sbin/ntpd -p /var/run/ntp/ntpd.pid -g -u ntp:ntp",
    )
    .ms(700),
    service("cron.service", "Cron job service", "After=syslog.service", "ExecStart=/usr/sbin/cron").ms(120),
    service("postfix.service", "start the Postfix MTA", "After=network.service", "ExecStart=/usr/lib/postfix/master")
        .ms(900),
    service(
        "vmware-tools-services.service",
        "Runs the VMware Tools services",
        "After=network.service",
        "ExecStart=/usr/lib/vmware-tools/sbin64/vmtoolsd",
    )
    .ms(600),
    service(
        "haldaemon.service",
        "Daemon for managing information about the hardware on the system",
        "After=dbus.service",
        "ExecStart=/usr/sbin/hald --daemon=yes",
    )
    .ms(350),
    service(
        "irq_balancer.service",
        "irqbalance daemon providing irq balancing on MP-machines",
        "",
        "ExecStart=/usr/sbin/irqbalance",
    )
    .off(),
    service(
        "nfs.service",
        "NFS client services",
        "After=network.service",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/sbin/mount.nfs",
    )
    .off(),
    service(
        "xinetd.service",
        "Xinetd Internet services.",
        "After=network.service",
        "ExecStart=/usr/sbin/xinetd -stayalive",
    )
    .off(),
    service("snmpd.service", "SNMP Agent", "After=network.service", "ExecStart=/usr/sbin/snmpd").off(),
];
