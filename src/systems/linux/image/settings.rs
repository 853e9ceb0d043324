//! The settings in `/etc` of an installation that nothing else here has made: of accounts, `sudo`, the log, jobs and the clock. The
//! texts are our own; only their keys and values are the distribution's.

use crate::systems::linux::distro::{Distro, Vendor};

/// Directories for them.
pub(super) fn directories(distro: &Distro) -> &'static [(&'static str, u16)] {
    match distro.vendor {
        Vendor::RedHat => &[
            ("/etc/logrotate.d", 0o755),
            ("/etc/rsyslog.d", 0o755),
            ("/etc/sudoers.d", 0o750),
            ("/etc/sysctl.d", 0o755),
        ],
        Vendor::Suse | Vendor::Photon => &[("/etc/sudoers.d", 0o750)],
        Vendor::Esxi => &[],
    }
}

/// The files: path, bits, text.
pub(super) fn texts(distro: &Distro) -> Vec<(&'static str, u16, String)> {
    if distro.vendor == Vendor::Esxi {
        return Vec::new();
    }
    let mut texts = vec![
        ("/etc/default/useradd", 0o600, useradd(distro.vendor)),
        ("/etc/login.defs", 0o644, login_defs(distro.vendor)),
        ("/etc/sudoers", 0o440, sudoers(distro)),
    ];
    if distro.vendor == Vendor::RedHat {
        texts.extend(ON_RHEL.iter().map(|(path, mode, text)| (*path, *mode, (*text).to_owned())));
        texts.push(("/etc/chrony.conf", 0o644, chrony(distro)));
        texts.push(("/etc/rsyslog.conf", 0o644, rsyslog(distro)));
    }
    texts
}

/// What `useradd` goes by.
fn useradd(vendor: Vendor) -> String {
    let (more, mailbox) = match vendor {
        Vendor::RedHat => ("", "yes"),
        Vendor::Suse => ("GROUPS=video,dialout\n", "no"),
        Vendor::Photon | Vendor::Esxi => ("", "no"),
    };
    format!(
        "# useradd defaults file\nGROUP=100\nHOME=/home\nINACTIVE=-1\nEXPIRE=\nSHELL=/bin/bash\nSKEL=/etc/skel\n{more}\
         CREATE_MAIL_SPOOL={mailbox}\n"
    )
}

/// What the tools for accounts go by.
fn login_defs(vendor: Vendor) -> String {
    let (least, group, home, mask) = match vendor {
        Vendor::RedHat => (201, "yes", "yes", "077"),
        Vendor::Suse => (100, "no", "no", "022"),
        Vendor::Photon | Vendor::Esxi => (101, "yes", "yes", "077"),
    };
    format!(
        "# Settings of the tools for accounts.\nMAIL_DIR\t/var/spool/mail\n\n# How long passwords last, in days.\n\
         PASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nPASS_MIN_LEN\t5\nPASS_WARN_AGE\t7\n\n# Numbers of users and groups.\n\
         UID_MIN\t\t1000\nUID_MAX\t\t60000\nSYS_UID_MIN\t{least}\nSYS_UID_MAX\t999\nGID_MIN\t\t1000\nGID_MAX\t\t60000\n\
         SYS_GID_MIN\t{least}\nSYS_GID_MAX\t999\n\nCREATE_HOME\t{home}\nUMASK\t\t{mask}\nUSERGROUPS_ENAB {group}\nENCRYPT_METHOD \
         SHA512\n"
    )
}

/// Who may do what as whom.
fn sudoers(distro: &Distro) -> String {
    const KEPT: &str = "\
Defaults    env_keep =  \"COLORS DISPLAY HOSTNAME HISTSIZE KDEDIR LS_COLORS\"
Defaults    env_keep += \"MAIL PS1 PS2 QTDIR USERNAME LANG LC_ADDRESS LC_CTYPE\"
Defaults    env_keep += \"LC_COLLATE LC_IDENTIFICATION LC_MEASUREMENT LC_MESSAGES\"
Defaults    env_keep += \"LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE\"
Defaults    env_keep += \"LC_TIME LC_ALL LANGUAGE LINGUAS _XKB_CHARSET XAUTHORITY\"
";
    const FOLDER: &str = "\n# What packages and admins have added.\n#includedir /etc/sudoers.d\n";
    match distro.vendor {
        Vendor::RedHat => format!(
            "# Who may do what as whom: see sudoers(5), and change it with visudo.\n\nDefaults   !visiblepw\nDefaults    \
             always_set_home\nDefaults    match_group_by_gid\nDefaults    always_query_group_plugin\nDefaults    env_reset\n{KEPT}\
             Defaults    secure_path = /sbin:/bin:/usr/sbin:/usr/bin\n\nroot\tALL=(ALL) \tALL\n%wheel\tALL=(ALL)\tALL\n{FOLDER}"
        ),
        // Whoever knows the password of the one that they want to be.
        Vendor::Suse => format!(
            "# Who may do what as whom: see sudoers(5), and change it with visudo.\n\nDefaults always_set_home\nDefaults \
             env_reset\nDefaults targetpw\nALL\tALL=(ALL) ALL\nroot\tALL=(ALL) ALL\n{FOLDER}"
        ),
        Vendor::Photon | Vendor::Esxi => format!(
            "# Who may do what as whom: see sudoers(5), and change it with visudo.\n\nroot ALL=(ALL) ALL\n%wheel ALL=(ALL) ALL\n\
             {FOLDER}"
        ),
    }
}

fn chrony(distro: &Distro) -> String {
    let servers: String = (0..4).map(|number| format!("server {number}.rhel.pool.ntp.org iburst\n")).collect();
    let servers = if distro.systemd >= Some(239) { "pool 2.rhel.pool.ntp.org iburst\n".to_owned() } else { servers };
    format!(
        "# Where the time comes from.\n{servers}driftfile /var/lib/chrony/drift\nmakestep 1.0 3\nrtcsync\nlogdir /var/log/chrony\n"
    )
}

fn rsyslog(distro: &Distro) -> String {
    let source = if distro.systemd >= Some(239) {
        "module(load=\"imuxsock\" SysSock.Use=\"off\")\nmodule(load=\"imjournal\" StateFile=\"imjournal.state\")\n"
    } else {
        "$ModLoad imuxsock\n$ModLoad imjournal\n$OmitLocalLogging on\n$IMJournalStateFile imjournal.state\n"
    };
    format!(
        "# Where the daemon of the log reads, and what it writes into which file.\n{source}\n*.info;mail.none;authpriv.none;cron.none\t\
         /var/log/messages\nauthpriv.*\t\t\t\t/var/log/secure\nmail.*\t\t\t\t\t-/var/log/maillog\ncron.*\t\t\t\t\t/var/log/cron\n\
         *.emerg\t\t\t\t\t:omusrmsg:*\nlocal7.*\t\t\t\t/var/log/boot.log\n"
    )
}

const ON_RHEL: &[(&str, u16, &str)] = &[
    ("/etc/adjtime", 0o644, "0.0 0 0.0\n0\nUTC\n"),
    (
        "/etc/aliases",
        0o644,
        "# Who gets the mail of whom; after a change, run newaliases.\nmailer-daemon:\tpostmaster\npostmaster:\troot\nbin:\t\troot\n\
         daemon:\t\troot\nadm:\t\troot\nnobody:\t\troot\nabuse:\t\troot\nsecurity:\troot\n",
    ),
    (
        "/etc/crontab",
        0o644,
        "SHELL=/bin/bash\nPATH=/sbin:/bin:/usr/sbin:/usr/bin\nMAILTO=root\n\n# minute hour day month weekday user command\n",
    ),
    (
        "/etc/default/grub",
        0o644,
        "GRUB_TIMEOUT=5\nGRUB_DEFAULT=saved\nGRUB_DISABLE_SUBMENU=true\nGRUB_TERMINAL_OUTPUT=\"console\"\n\
         GRUB_CMDLINE_LINUX=\"crashkernel=auto rhgb quiet\"\nGRUB_DISABLE_RECOVERY=\"true\"\n",
    ),
    ("/etc/environment", 0o644, ""),
    ("/etc/exports", 0o644, ""),
    ("/etc/locale.conf", 0o644, "LANG=\"en_US.UTF-8\"\n"),
    (
        "/etc/logrotate.conf",
        0o644,
        "# When old logs are put away, and how many are kept.\nweekly\nrotate 4\ncreate\ndateext\ninclude /etc/logrotate.d\n",
    ),
    (
        "/etc/protocols",
        0o644,
        "# Protocols above IP, by their numbers.\nip\t0\tIP\nicmp\t1\tICMP\nigmp\t2\tIGMP\ntcp\t6\tTCP\nudp\t17\tUDP\n\
         ipv6\t41\tIPv6\ngre\t47\tGRE\nesp\t50\tESP\nah\t51\tAH\nipv6-icmp\t58\tIPv6-ICMP\nospf\t89\tOSPFIGP\nvrrp\t112\tVRRP\n\
         sctp\t132\tSCTP\n",
    ),
    (
        "/etc/services",
        0o644,
        "# Ports and protocols, by the names of what listens there.\nftp-data        20/tcp\nftp             21/tcp\n\
         ssh             22/tcp\ntelnet          23/tcp\nsmtp            25/tcp          mail\ndomain          53/tcp\n\
         domain          53/udp\nbootps          67/udp\nbootpc          68/udp\ntftp            69/udp\n\
         http            80/tcp          www www-http\nkerberos        88/tcp\npop3            110/tcp\n\
         sunrpc          111/tcp         portmapper rpcbind\nsunrpc          111/udp         portmapper rpcbind\n\
         ntp             123/udp\nimap            143/tcp\nsnmp            161/udp\nldap            389/tcp\n\
         https           443/tcp\nmicrosoft-ds    445/tcp\nsyslog          514/udp\nldaps           636/tcp\n\
         nfs             2049/tcp        nfsd\niscsi-target    3260/tcp\nmysql           3306/tcp\n\
         postgresql      5432/tcp        postgres\nwebcache        8080/tcp        http-alt\n",
    ),
    ("/etc/motd", 0o644, ""),
    ("/etc/subgid", 0o644, ""),
    ("/etc/subuid", 0o644, ""),
    (
        "/etc/sysctl.conf",
        0o644,
        "# Settings of the kernel go into files of /etc/sysctl.d; those of the vendor are in /usr/lib/sysctl.d.\n",
    ),
];
