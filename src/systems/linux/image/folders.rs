//! What lies in the folders of `/etc` by which programs are set up: PAM, the rotation of logs, settings of the kernel, options of
//! daemons. Nothing in the model reads them. The texts are our own; modules, keys and values are the distribution's (inferred).

use crate::systems::linux::distro::{Distro, Vendor};

/// Directories for them.
pub(super) fn directories(distro: &Distro) -> &'static [(&'static str, u16)] {
    match distro.vendor {
        Vendor::RedHat => &[("/etc/rc.d", 0o755), ("/etc/pki/tls/private", 0o755)],
        Vendor::Suse => &[("/etc/logrotate.d", 0o755), ("/var/lib/ntp", 0o755), ("/var/lib/ntp/drift", 0o755)],
        Vendor::Photon => &[("/etc/logrotate.d", 0o755), ("/etc/sysctl.d", 0o755)],
        Vendor::Esxi => &[],
    }
}

/// Links: path, target.
pub(super) fn links(distro: &Distro) -> &'static [(&'static str, &'static str)] {
    match distro.vendor {
        Vendor::RedHat => &[
            ("/etc/pki/tls/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            ("/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            ("/etc/ssl/certs", "../pki/tls/certs"),
            ("/etc/sysconfig/grub", "/etc/default/grub"),
            ("/etc/sysconfig/selinux", "../selinux/config"),
            ("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf"),
        ],
        Vendor::Suse | Vendor::Photon | Vendor::Esxi => &[],
    }
}

/// The files: path, bits, text.
pub(super) fn texts(distro: &Distro) -> Vec<(String, u16, String)> {
    let mut texts = Vec::new();
    let mut add = |dir: &str, files: &[(&str, &str)]| {
        texts.extend(files.iter().map(|(name, text)| (format!("{dir}/{name}"), 0o644, (*text).to_owned())));
    };
    let lock = if distro.major >= 8 { "pam_faillock.so" } else { "pam_faildelay.so delay=2000000" };
    let stack = STACK_OF_RHEL.replace("{lock}", lock);
    match distro.vendor {
        Vendor::RedHat => {
            add("/etc/pam.d", PAM_OF_RHEL);
            add("/etc/pam.d", &[("password-auth", &stack), ("system-auth", &stack)]);
            add("/etc/logrotate.d", LOGS_OF_RHEL);
            let packages = if distro.major >= 8 { PACKAGES_8 } else { PACKAGES_7 };
            add("/etc/logrotate.d", packages);
            add("/etc/sysconfig", DAEMONS_OF_RHEL);
            add("/etc/rc.d", &[("rc.local", RC_LOCAL)]);
        }
        Vendor::Suse => {
            add("/etc/pam.d", PAM_OF_SLES);
            add("/etc/logrotate.d", LOGS_OF_SLES);
            add("/etc", &[("ntp.conf", NTP_OF_SLES)]);
        }
        Vendor::Photon => {
            add("/etc/pam.d", PAM_OF_PHOTON);
            add("/etc/logrotate.d", LOGS_OF_PHOTON);
        }
        Vendor::Esxi => {}
    }
    texts
}

/// So many terminals of the machine itself wait for somebody under SLES.
pub const TERMINALS: u8 = 6;

/// What waits on one of them.
#[must_use]
pub fn mingetty(tty: u8) -> String {
    let clear = if tty == 1 { "--noclear " } else { "" };
    format!("/sbin/mingetty {clear}tty{tty}")
}

/// What init goes by under SLES.
pub(super) fn inittab() -> String {
    let line = |tty: u8| {
        let levels = if tty == 1 { "12345" } else { "2345" };
        format!("{tty}:{levels}:respawn:{}\n", mingetty(tty))
    };
    format!("id:3:initdefault:\n{}", (1..=TERMINALS).map(line).collect::<String>())
}

const STACK_OF_RHEL: &str = "\
auth        required      pam_env.so
auth        required      {lock}
auth        sufficient    pam_unix.so nullok try_first_pass
auth        requisite     pam_succeed_if.so uid >= 1000 quiet_success
auth        required      pam_deny.so

account     required      pam_unix.so
account     sufficient    pam_localuser.so
account     sufficient    pam_succeed_if.so uid < 1000 quiet
account     required      pam_permit.so

password    requisite     pam_pwquality.so try_first_pass local_users_only retry=3 authtok_type=
password    sufficient    pam_unix.so sha512 shadow nullok try_first_pass use_authtok
password    required      pam_deny.so

session     optional      pam_keyinit.so revoke
session     required      pam_limits.so
-session    optional      pam_systemd.so
session     [success=1 default=ignore] pam_succeed_if.so service in crond quiet use_uid
session     required      pam_unix.so
";

const PAM_OF_RHEL: &[(&str, &str)] = &[
    (
        "crond",
        "account    required   pam_access.so\naccount    include    password-auth\nsession    required   pam_loginuid.so\n\
         session    include    password-auth\nauth       include    password-auth\n",
    ),
    (
        "login",
        "auth       substack     system-auth\nauth       include      postlogin\naccount    required     pam_nologin.so\n\
         account    include      system-auth\npassword   include      system-auth\nsession    required     pam_selinux.so close\n\
         session    required     pam_loginuid.so\nsession    include      system-auth\nsession    include      postlogin\n",
    ),
    (
        "other",
        "auth       required     pam_deny.so\naccount    required     pam_deny.so\npassword   required     pam_deny.so\n\
         session    required     pam_deny.so\n",
    ),
    (
        "passwd",
        "auth       include      system-auth\naccount    include      system-auth\npassword   substack     system-auth\n",
    ),
    (
        "postlogin",
        "session     [default=1]   pam_lastlog.so nowtmp showfailed\nsession     optional      pam_lastlog.so silent noupdate showfailed\n",
    ),
    (
        "sshd",
        "auth       substack     password-auth\nauth       include      postlogin\naccount    required     pam_sepermit.so\n\
         account    required     pam_nologin.so\naccount    include      password-auth\npassword   include      password-auth\n\
         session    required     pam_selinux.so close\nsession    required     pam_loginuid.so\nsession    include      password-auth\n\
         session    include      postlogin\n",
    ),
    (
        "su",
        "auth            sufficient      pam_rootok.so\nauth            substack        system-auth\naccount         sufficient      \
         pam_succeed_if.so uid = 0 use_uid quiet\naccount         include         system-auth\npassword        include         \
         system-auth\nsession         include         system-auth\nsession         optional        pam_xauth.so\n",
    ),
    (
        "sudo",
        "auth       include      system-auth\naccount    include      system-auth\npassword   include      system-auth\nsession    \
         include      system-auth\n",
    ),
];

const PAM_OF_SLES: &[(&str, &str)] = &[
    ("common-account", "account required pam_unix2.so\n"),
    ("common-auth", "auth required pam_env.so\nauth required pam_unix2.so\n"),
    (
        "common-password",
        "password requisite pam_pwcheck.so nullok cracklib\npassword required pam_unix2.so use_authtok nullok\n",
    ),
    (
        "common-session",
        "session required pam_limits.so\nsession required pam_unix2.so\nsession optional pam_umask.so\n",
    ),
    (
        "login",
        "auth include common-auth\naccount include common-account\npassword include common-password\nsession include common-session\n",
    ),
    (
        "other",
        "auth required pam_deny.so\naccount required pam_deny.so\npassword required pam_deny.so\nsession required pam_deny.so\n",
    ),
    ("passwd", "auth include common-auth\naccount include common-account\npassword include common-password\n"),
    (
        "sshd",
        "auth requisite pam_nologin.so\nauth include common-auth\naccount requisite pam_nologin.so\naccount include common-account\n\
         password include common-password\nsession required pam_loginuid.so\nsession include common-session\n",
    ),
    (
        "su",
        "auth sufficient pam_rootok.so\nauth include common-auth\naccount include common-account\nsession include common-session\n",
    ),
];

const PAM_OF_PHOTON: &[(&str, &str)] = &[
    (
        "login",
        "auth include system-auth\naccount include system-account\npassword include system-password\nsession include system-session\n",
    ),
    (
        "other",
        "auth required pam_deny.so\naccount required pam_deny.so\npassword required pam_deny.so\nsession required pam_deny.so\n",
    ),
    ("passwd", "password include system-password\n"),
    (
        "sshd",
        "auth include system-auth\naccount include system-account\npassword include system-password\nsession include system-session\n",
    ),
    (
        "su",
        "auth sufficient pam_rootok.so\nauth include system-auth\naccount include system-account\nsession include system-session\n",
    ),
    ("system-account", "account required pam_unix.so\n"),
    ("system-auth", "auth required pam_env.so\nauth required pam_unix.so\n"),
    (
        "system-password",
        "password requisite pam_cracklib.so\npassword required pam_unix.so sha512 shadow use_authtok\n",
    ),
    (
        "system-session",
        "session required pam_limits.so\nsession required pam_unix.so\nsession optional pam_systemd.so\n",
    ),
];

const LOGS_OF_RHEL: &[(&str, &str)] = &[
    ("bootlog", "/var/log/boot.log\n{\n    missingok\n    daily\n    copytruncate\n    rotate 7\n    notifempty\n}\n"),
    (
        "chrony",
        "/var/log/chrony/*.log {\n    missingok\n    nocreate\n    sharedscripts\n    postrotate\n        /usr/bin/chronyc cyclelogs > \
         /dev/null 2>&1 || true\n    endscript\n}\n",
    ),
    (
        "syslog",
        "/var/log/cron\n/var/log/maillog\n/var/log/messages\n/var/log/secure\n/var/log/spooler\n{\n    missingok\n    sharedscripts\n    \
         postrotate\n        /bin/kill -HUP `cat /var/run/syslogd.pid 2> /dev/null` 2> /dev/null || true\n    endscript\n}\n",
    ),
];

const PACKAGES_7: &[(&str, &str)] = &[(
    "yum",
    "/var/log/yum.log {\n    missingok\n    notifempty\n    maxage 30\n    size 30k\n    yearly\n    create 0600 root root\n}\n",
)];

const PACKAGES_8: &[(&str, &str)] = &[
    ("btmp", "/var/log/btmp {\n    missingok\n    monthly\n    create 0660 root utmp\n    rotate 1\n}\n"),
    ("dnf", "/var/log/hawkey.log {\n    missingok\n    notifempty\n    rotate 4\n    weekly\n    create\n}\n"),
    (
        "wtmp",
        "/var/log/wtmp {\n    missingok\n    monthly\n    create 0664 root utmp\n    minsize 1M\n    rotate 1\n}\n",
    ),
];

const LOGS_OF_SLES: &[(&str, &str)] = &[(
    "syslog",
    "/var/log/warn /var/log/messages /var/log/allmessages /var/log/localmessages /var/log/firewall {\n    compress\n    dateext\n    \
     maxage 365\n    rotate 99\n    missingok\n    notifempty\n    size +4096k\n    create 640 root root\n    sharedscripts\n    \
     postrotate\n        /etc/init.d/syslog reload\n    endscript\n}\n",
)];

const LOGS_OF_PHOTON: &[(&str, &str)] =
    &[("btmp", "/var/log/btmp {\n    missingok\n    monthly\n    create 0600 root utmp\n    rotate 1\n}\n")];

const DAEMONS_OF_RHEL: &[(&str, &str)] = &[
    ("chronyd", "# Command-line options for chronyd\nOPTIONS=\"\"\n"),
    ("crond", "# Settings of the cron daemon: see crond(8).\nCRONDARGS=\n"),
    ("firewalld", "# Options of firewalld: see firewalld(1).\nFIREWALLD_ARGS=\n"),
    (
        "kernel",
        "# Whether a new kernel is the default, and which package that is.\nUPDATEDEFAULT=yes\nDEFAULTKERNEL=kernel\n",
    ),
    ("network", "# Created by anaconda\n"),
    ("rsyslog", "# Options of rsyslogd: see rsyslogd(8).\nSYSLOGD_OPTIONS=\"\"\n"),
    ("sshd", "# Options of sshd: see sshd(8).\nOPTIONS=\"\"\nSSH_USE_STRONG_RNG=0\n"),
];

const RC_LOCAL: &str = "#!/bin/bash\n# What is to be run when everything else was started at boot. Units of systemd are the better place. Only a \
                        file\n# that is executable is run.\n\ntouch /var/lock/subsys/local\n";

const NTP_OF_SLES: &str = "\
# Where the time comes from: the machine's own clock, and the servers that are named here.
server 127.127.1.0
fudge  127.127.1.0 stratum 10
driftfile /var/lib/ntp/drift/ntp.drift
logfile   /var/log/ntp
keys /etc/ntp.keys
trustedkey 1
requestkey 1
";
