//! The units of each distribution as an installation leaves them: systemd's, and under SLES 11 the init scripts, which are
//! views of the same. Names, descriptions and what each waits for are common knowledge of the distributions; the seconds
//! they take and which of several optional ones are installed are inferred.

use super::{Distro, Vendor};

/// A unit of a distribution.
#[derive(Debug)]
pub struct Unit {
    /// Its name with its kind: `sshd.service`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// Lines of `[Unit]` beside the description, with `;` between.
    pub needs: &'static str,
    /// Lines of `[Service]`, or of the section of another kind, with `;` between.
    pub runs: &'static str,
    /// The target that wants it once it is enabled; empty: it is static.
    pub wanted_by: &'static str,
    /// Whether an installation enables it.
    pub enabled: bool,
    /// How long it takes to start, in milliseconds.
    pub start_ms: u64,
    /// How its process shows itself to `ps`, where that is not the command of the unit.
    pub shown: &'static str,
    /// What its daemon writes once it is up.
    pub says: &'static [&'static str],
}

const NONE: Unit = Unit {
    name: "",
    description: "",
    needs: "",
    runs: "",
    wanted_by: "",
    enabled: false,
    start_ms: 60,
    shown: "",
    says: &[],
};

const fn service(name: &'static str, description: &'static str, needs: &'static str, runs: &'static str) -> Unit {
    Unit { name, description, needs, runs, wanted_by: "multi-user.target", enabled: true, ..NONE }
}

/// A unit that is started when another one wants it.
const fn inner(name: &'static str, description: &'static str, needs: &'static str, runs: &'static str) -> Unit {
    Unit { name, description, needs, runs, ..NONE }
}

const fn target(name: &'static str, description: &'static str, needs: &'static str) -> Unit {
    Unit { name, description, needs, start_ms: 0, ..NONE }
}

impl Unit {
    const fn ms(mut self, start_ms: u64) -> Self {
        self.start_ms = start_ms;
        self
    }

    const fn says(mut self, says: &'static [&'static str]) -> Self {
        self.says = says;
        self
    }

    const fn shown(mut self, shown: &'static str) -> Self {
        self.shown = shown;
        self
    }

    const fn off(mut self) -> Self {
        self.enabled = false;
        self
    }

    const fn by(mut self, target: &'static str) -> Self {
        self.wanted_by = target;
        self
    }

    /// The folder that a distribution keeps it in.
    #[must_use]
    pub fn path(&self, distro: &Distro) -> String {
        match distro.systemd {
            Some(_) => format!("/usr/lib/systemd/system/{}", self.name),
            None => format!("/etc/init.d/{}", self.name.trim_end_matches(".service")),
        }
    }

    /// The text of its file: a unit file, or an init script with the header of the LSB.
    #[must_use]
    pub fn text(&self, distro: &Distro) -> String {
        if distro.systemd.is_none() {
            return self.init_script();
        }
        let lines =
            |text: &str| text.split(';').filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
        let (needs, runs): (String, String) = (lines(self.needs), lines(self.runs));
        let mut text = format!("[Unit]\nDescription={}\n{needs}", self.description);
        if !runs.is_empty() {
            let kind = self.name.rsplit('.').next().unwrap_or_default();
            text.push_str(&format!("\n[{}{}]\n{runs}", kind[..1].to_uppercase(), &kind[1..]));
        }
        if !self.wanted_by.is_empty() {
            text.push_str(&format!("\n[Install]\nWantedBy={}\n", self.wanted_by));
        }
        text
    }

    fn init_script(&self) -> String {
        let name = self.name.trim_end_matches(".service");
        let after = self.needs.split(';').find_map(|line| line.strip_prefix("After=")).unwrap_or_default();
        let after: Vec<String> =
            after.split_whitespace().map(|unit| format!("${}", unit.trim_end_matches(".service"))).collect();
        let oneshot = self.runs.contains("Type=oneshot");
        let daemon = self.runs.split(';').find_map(|line| line.strip_prefix("ExecStart=")).filter(|_| !oneshot);
        let daemon = daemon.map_or(String::new(), |daemon| format!("DAEMON=\"{daemon}\"\n"));
        format!(
            "#! /bin/sh\n### BEGIN INIT INFO\n# Provides: {name}\n# Required-Start: {}\n# Required-Stop: \n# Default-Start: 3 \
             5\n# Default-Stop: 0 1 2 6\n# Short-Description: {}\n### END INIT INFO\n\n{daemon}exec \
             /sbin/service {name} \"$@\"\n",
            after.join(" "),
            self.description
        )
    }
}

const SSHD_SAYS: &[&str] = &["Server listening on 0.0.0.0 port 22.", "Server listening on :: port 22."];

/// What all distributions with systemd have.
const SYSTEMD: &[Unit] = &[
    target("local-fs-pre.target", "Local File Systems (Pre)", ""),
    target(
        "local-fs.target",
        "Local File Systems",
        "After=local-fs-pre.target systemd-udevd.service;Wants=local-fs-pre.target",
    ),
    target("swap.target", "Swap", ""),
    target(
        "sysinit.target",
        "System Initialization",
        "Wants=local-fs.target swap.target systemd-journald.service systemd-udevd.service systemd-sysctl.service \
         systemd-random-seed.service systemd-tmpfiles-setup.service systemd-update-utmp.service kmod-static-nodes.service",
    ),
    target("timers.target", "Timers", "After=sysinit.target"),
    target("paths.target", "Paths", "After=sysinit.target"),
    target("slices.target", "Slices", ""),
    target("sockets.target", "Sockets", "After=sysinit.target;Wants=dbus.socket"),
    target(
        "basic.target",
        "Basic System",
        "Requires=sysinit.target;Wants=sockets.target timers.target paths.target slices.target;After=sysinit.target",
    ),
    target("network-pre.target", "Network (Pre)", ""),
    target("network.target", "Network", "After=network-pre.target"),
    target("network-online.target", "Network is Online", "After=network.target"),
    target("nss-lookup.target", "Host and Network Name Lookups", ""),
    target("nss-user-lookup.target", "User and Group Name Lookups", ""),
    target("remote-fs.target", "Remote File Systems", ""),
    target("time-sync.target", "System Time Synchronized", ""),
    target("getty.target", "Login Prompts", "Wants=getty@tty1.service"),
    target(
        "multi-user.target",
        "Multi-User System",
        "Requires=basic.target;Wants=getty.target systemd-logind.service systemd-user-sessions.service dbus.service;\
         After=basic.target",
    ),
    target("graphical.target", "Graphical Interface", "Requires=multi-user.target;After=multi-user.target"),
    target("rescue.target", "Rescue Mode", "Requires=sysinit.target"),
    target("emergency.target", "Emergency Mode", ""),
    target("reboot.target", "Reboot", ""),
    target("poweroff.target", "Power-Off", ""),
    target("halt.target", "Halt", ""),
    target("shutdown.target", "Shutdown", ""),
    target("umount.target", "Unmount All Filesystems", ""),
    Unit {
        name: "dbus.socket",
        description: "D-Bus System Message Bus Socket",
        runs: "ListenStream=/run/dbus/system_bus_socket",
        start_ms: 0,
        ..NONE
    },
    inner(
        "systemd-journald.service",
        "Journal Service",
        "DefaultDependencies=no",
        "Type=notify;ExecStart=/usr/lib/systemd/systemd-journald;Restart=always;RestartSec=0",
    )
    .says(&["Journal started"]),
    inner(
        "systemd-udevd.service",
        "udev Kernel Device Manager",
        "DefaultDependencies=no;After=systemd-journald.service",
        "Type=notify;ExecStart=/usr/lib/systemd/systemd-udevd;Restart=always;RestartSec=0",
    )
    .ms(90),
    inner(
        "systemd-sysctl.service",
        "Apply Kernel Variables",
        "DefaultDependencies=no",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-sysctl",
    ),
    inner(
        "kmod-static-nodes.service",
        "Create list of required static device nodes for the current kernel",
        "DefaultDependencies=no",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/bin/kmod static-nodes --format=tmpfiles",
    ),
    inner(
        "systemd-random-seed.service",
        "Load/Save Random Seed",
        "DefaultDependencies=no;After=local-fs.target",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-random-seed load",
    ),
    inner(
        "systemd-tmpfiles-setup.service",
        "Create Volatile Files and Directories",
        "DefaultDependencies=no;After=local-fs.target",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/bin/systemd-tmpfiles --create --remove --boot",
    ),
    inner(
        "systemd-update-utmp.service",
        "Update UTMP about System Boot/Shutdown",
        "DefaultDependencies=no;After=systemd-tmpfiles-setup.service",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-update-utmp reboot",
    ),
    inner(
        "systemd-logind.service",
        "Login Service",
        "After=nss-user-lookup.target dbus.service;Wants=dbus.service",
        "ExecStart=/usr/lib/systemd/systemd-logind;Restart=always;RestartSec=0;BusName=org.freedesktop.login1",
    )
    .ms(120)
    .says(&["New seat seat0."]),
    inner(
        "systemd-user-sessions.service",
        "Permit User Sessions",
        "After=remote-fs.target nss-user-lookup.target network.target",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-user-sessions start",
    ),
    inner(
        "getty@tty1.service",
        "Getty on tty1",
        "After=systemd-user-sessions.service",
        "ExecStart=-/sbin/agetty --noclear tty1 $TERM;Type=idle;Restart=always;RestartSec=0",
    )
    .shown("/sbin/agetty --noclear tty1 linux"),
    inner("rescue.service", "Rescue Shell", "DefaultDependencies=no", "Type=idle;ExecStart=/usr/sbin/sulogin"),
];

const RHEL: &[Unit] = &[
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
    .says(&["Init complete, auditd 3.0.7 listening for events (startup state enable)"]),
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
    .says(&["Started polkitd version 0.115"]),
    service(
        "chronyd.service",
        "NTP client/server",
        "After=ntpdate.service sntp.service ntpd.service;Conflicts=ntpd.service systemd-timesyncd.service;\
         Documentation=man:chronyd(8) man:chrony.conf(5)",
        "Type=forking;ExecStart=/usr/sbin/chronyd $OPTIONS;User=chrony",
    )
    .ms(95)
    .says(&["chronyd version 4.1 starting (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH \
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
    .says(&["(CRON) STARTUP (1.5.2)", "(CRON) INFO (running with inotify support)"]),
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
const SSHD_7: Unit = service(
    "sshd.service",
    "OpenSSH server daemon",
    "Documentation=man:sshd(8) man:sshd_config(5);After=network.target sshd-keygen.service;Wants=sshd-keygen.service",
    "Type=notify;EnvironmentFile=/etc/sysconfig/sshd;ExecStart=/usr/sbin/sshd -D $OPTIONS;ExecReload=/bin/kill -HUP \
     $MAINPID;KillMode=process;Restart=on-failure;RestartSec=42s",
)
.ms(40)
.says(SSHD_SAYS);

const SSHD_8: Unit = service(
    "sshd.service",
    "OpenSSH server daemon",
    "Documentation=man:sshd(8) man:sshd_config(5);After=network.target sshd-keygen.target;Wants=sshd-keygen.target",
    "Type=notify;EnvironmentFile=-/etc/sysconfig/sshd;ExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY;\
     ExecReload=/bin/kill -HUP $MAINPID;KillMode=process;Restart=on-failure;RestartSec=42s",
)
.ms(40)
.says(SSHD_SAYS);

const PHOTON: &[Unit] = &[
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
];

const KEYGEN_7: Unit = inner(
    "sshd-keygen.service",
    "OpenSSH Server Key Generation",
    "Before=sshd.service",
    "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/sbin/sshd-keygen",
);

/// The init scripts of SLES 11 as an appliance has them.
const SLES: &[Unit] = &[
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
];

/// The units of a distribution.
pub fn units(distro: &Distro) -> impl Iterator<Item = &'static Unit> + use<> {
    const RHEL_7: &[Unit] = &[SSHD_7, KEYGEN_7];
    const RHEL_8: &[Unit] = &[SSHD_8];
    let major = distro.major;
    let tables: [&'static [Unit]; 3] = match (distro.vendor, major) {
        (Vendor::RedHat, ..=7) => [SYSTEMD, RHEL, RHEL_7],
        (Vendor::RedHat, _) => [SYSTEMD, RHEL, RHEL_8],
        (Vendor::Photon, _) => [SYSTEMD, PHOTON, &[]],
        (Vendor::Suse, _) => [SLES, &[], &[]],
        (Vendor::Esxi, _) => [&[], &[], &[]],
    };
    let not_here = move |name: &str| match name {
        "lvm2-lvmetad.service" | "postfix.service" => major >= 8,
        "sssd.service" | "sshd-keygen.target" => major == 7,
        _ => false,
    };
    let suse = distro.systemd.is_none();
    tables.into_iter().flatten().filter(move |unit| suse || !not_here(unit.name))
}

/// The unit of a distribution of this name.
#[must_use]
pub fn find(distro: &Distro, name: &str) -> Option<&'static Unit> {
    units(distro).find(|unit| unit.name == name)
}
