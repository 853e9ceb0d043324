//! The units of RHEL 7 and 8.

use super::systemd::{SSHD_SAYS, timer};
use super::{Unit, inner, service};

pub(super) const RHEL: &[Unit] = &[
    inner(
        "lvm2-lvmetad.service",
        "LVM2 metadata daemon",
        "DefaultDependencies=no",
        "Type=simple;ExecStart=/usr/sbin/lvmetad -f;Restart=on-abort",
    ),
    service(
        "auditd.service",
        "Security Auditing Service",
        "DefaultDependencies=no;After=local-fs.target systemd-tmpfiles-setup.service;Before=sysinit.target",
        "Type=forking;ExecStart=/sbin/auditd;RefuseManualStop=yes",
    )
    .ms(180)
    .says(&["Init complete, auditd {audit} listening for events (startup state enable)"]),
    service(
        "firewalld.service",
        "firewalld - dynamic firewall daemon",
        "Before=network-pre.target;Wants=network-pre.target;After=dbus.service polkit.service;\
         Conflicts=iptables.service ip6tables.service ebtables.service;Documentation=man:firewalld(1)",
        "ExecStart=/usr/sbin/firewalld --nofork --nopid $FIREWALLD_ARGS;ExecReload=/bin/kill -HUP $MAINPID;Type=dbus;\
         BusName=org.fedoraproject.FirewallD1",
    )
    .ms(1_350)
    .shown("{python} -Es /usr/sbin/firewalld --nofork --nopid"),
    service(
        "NetworkManager.service",
        "Network Manager",
        "Wants=network.target;After=network-pre.target dbus.service;Before=network.target;Documentation=man:NetworkManager(8)",
        "Type=dbus;BusName=org.freedesktop.NetworkManager;ExecReload=/usr/bin/busctl call org.freedesktop.NetworkManager \
         /org/freedesktop/NetworkManager org.freedesktop.NetworkManager Reload u 0;ExecStart=/usr/sbin/NetworkManager \
         --no-daemon;Restart=on-failure",
    )
    .ms(420)
    .says(&["<info>  NetworkManager is starting...", "<info>  startup complete"]),
    service(
        "NetworkManager-wait-online.service",
        "Network Manager Wait Online",
        "Requires=NetworkManager.service;After=NetworkManager.service;Before=network-online.target",
        "Type=oneshot;ExecStart=/usr/bin/nm-online -s -q --timeout=30;RemainAfterExit=yes",
    )
    .by("network-online.target")
    .ms(4_600),
    inner(
        "polkit.service",
        "Authorization Manager",
        "After=dbus.service;Documentation=man:polkit(8)",
        "Type=dbus;BusName=org.freedesktop.PolicyKit1;ExecStart=/usr/lib/polkit-1/polkitd --no-debug;User=polkitd",
    )
    .ms(240)
    .says(&["Started polkitd version {polkit}"]),
    service(
        "chronyd.service",
        "NTP client/server",
        "After=ntpdate.service sntp.service ntpd.service;Conflicts=ntpd.service systemd-timesyncd.service;\
         Documentation=man:chronyd(8) man:chrony.conf(5)",
        "Type=forking;ExecStart=/usr/sbin/chronyd $OPTIONS;User=chrony",
    )
    .ms(95)
    .says(&["chronyd version {chrony} starting (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH \
             +IPV6 +DEBUG)"]),
    service(
        "rsyslog.service",
        "System Logging Service",
        "Wants=network.target network-online.target;After=network.target network-online.target;Documentation=man:rsyslogd(8)",
        "Type=notify;ExecStart=/usr/sbin/rsyslogd -n $SYSLOGD_OPTIONS;Restart=on-failure;UMask=0066",
    )
    .ms(75),
    service(
        "tuned.service",
        "Dynamic System Tuning Daemon",
        "After=systemd-sysctl.service network.target dbus.service;Requires=dbus.service polkit.service;\
         Documentation=man:tuned(8)",
        "Type=dbus;ExecStart=/usr/sbin/tuned -l -P;BusName=com.redhat.tuned",
    )
    .ms(810)
    .shown("{python} -Es /usr/sbin/tuned -l -P"),
    service(
        "irqbalance.service",
        "irqbalance daemon",
        "Documentation=man:irqbalance(1)",
        "ExecStart=/usr/sbin/irqbalance --foreground $IRQBALANCE_ARGS",
    ),
    service(
        "kdump.service",
        "Crash recovery kernel arming",
        "After=network.target network-online.target remote-fs.target basic.target",
        "Type=oneshot;ExecStart=/usr/bin/kdumpctl start;ExecStop=/usr/bin/kdumpctl stop;RemainAfterExit=yes",
    )
    .ms(1_400)
    .says(&["kexec: loaded kdump kernel", "Starting kdump: [OK]"]),
    service(
        "postfix.service",
        "Postfix Mail Transport Agent",
        "After=syslog.target network.target;Conflicts=sendmail.service exim.service",
        "Type=forking;ExecStart=/usr/sbin/postfix start;ExecReload=/usr/sbin/postfix reload",
    )
    .ms(530)
    .shown("/usr/libexec/postfix/master -w")
    .says(&["daemon started -- version 2.10.1, configuration /etc/postfix"]),
    service(
        "sssd.service",
        "System Security Services Daemon",
        "After=nss-user-lookup.target;Before=systemd-user-sessions.service",
        "Type=notify;ExecStart=/usr/sbin/sssd -i ${DEBUG_LOGGER};Restart=on-abnormal",
    )
    .ms(350),
    inner(
        "sshd-keygen.target",
        "sshd-keygen.target",
        "",
        "",
    )
    .ms(0),
    service(
        "crond.service",
        "Command Scheduler",
        "After=auditd.service systemd-user-sessions.service time-sync.target",
        "ExecStart=/usr/sbin/crond -n $CRONDARGS;ExecReload=/bin/kill -HUP $MAINPID;KillMode=process;Restart=on-failure;\
         RestartSec=30s",
    )
    .says(&["(CRON) STARTUP ({cronie})", "(CRON) INFO (running with inotify support)"]),
    inner(
        "dbus.service",
        "D-Bus System Message Bus",
        "Requires=dbus.socket;Documentation=man:dbus-daemon(1)",
        "ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only;\
         User=dbus",
    ),
    service("iptables.service", "IPv4 firewall with iptables", "Before=network-pre.target", "Type=oneshot;ExecStart=/usr/libexec/iptables/iptables.init start;RemainAfterExit=yes").off(),
    service("nfs-server.service", "NFS server and services", "After=network.target", "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/sbin/rpc.nfsd").off(),
    service("debug-shell.service", "Early root shell on /dev/tty9 FOR DEBUGGING ONLY", "DefaultDependencies=no", "ExecStart=/bin/sh;Restart=always").by("sysinit.target").off(),
];

/// With the option that RHEL 7 and 8 differ in.
pub(super) const SSHD_7: Unit = service(
    "sshd.service",
    "OpenSSH server daemon",
    "Documentation=man:sshd(8) man:sshd_config(5);After=network.target sshd-keygen.service;Wants=sshd-keygen.service",
    "Type=notify;EnvironmentFile=/etc/sysconfig/sshd;ExecStart=/usr/sbin/sshd -D $OPTIONS;ExecReload=/bin/kill -HUP \
     $MAINPID;KillMode=process;Restart=on-failure;RestartSec=42s",
)
.ms(40)
.says(SSHD_SAYS);

pub(super) const SSHD_8: Unit = service(
    "sshd.service",
    "OpenSSH server daemon",
    "Documentation=man:sshd(8) man:sshd_config(5);After=network.target sshd-keygen.target;Wants=sshd-keygen.target",
    "Type=notify;EnvironmentFile=-/etc/sysconfig/sshd;ExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY;\
     ExecReload=/bin/kill -HUP $MAINPID;KillMode=process;Restart=on-failure;RestartSec=42s",
)
.ms(40)
.says(SSHD_SAYS);

pub(super) const KEYGEN_7: Unit = inner(
    "sshd-keygen.service",
    "OpenSSH Server Key Generation",
    "Before=sshd.service",
    "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/sbin/sshd-keygen",
);

/// What keeps the lists of packages fresh, of RHEL 8.
pub(super) const MAKECACHE: Unit = inner(
    "dnf-makecache.service",
    "dnf makecache",
    "After=network-online.target",
    "Type=oneshot;Nice=19;IOSchedulingClass=2;IOSchedulingPriority=7;Environment=\"ABRT_IGNORE_PYTHON=1\";\
     ExecStart=/usr/bin/dnf makecache --timer",
);

pub(super) const MAKECACHE_TIMER: Unit = Unit {
    wanted_by: "timers.target",
    enabled: true,
    ..timer(
        "dnf-makecache.timer",
        "dnf makecache --timer",
        "ConditionKernelCommandLine=!rd.live.image;ConditionPathExists=!/run/ostree-booted;Wants=network-online.target",
        "OnBootSec=10min;OnUnitInactiveSec=1h;RandomizedDelaySec=60m;Unit=dnf-makecache.service",
    )
};
