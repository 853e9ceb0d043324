//! `/etc/ssh` of an installation: the settings of daemon and client in the layout of OpenSSH and of the distribution, and
//! which host keys were made. `moduli` is missing: its numbers are nobody's to make up.

use crate::systems::linux::distro::{Distro, Vendor};

const RHEL_8: &str = include_str!("rhel-8.sshd_config");
const CLIENT: &str = include_str!("ssh_config");

/// What Red Hat's clients do beyond OpenSSH's own.
const RED_HAT: &str = "\
# If this option is set to yes then remote X11 clients will have full access
# to the original X11 display. As virtually no X11 client supports the untrusted
# mode correctly we set this to yes.
\tForwardX11Trusted yes
# Send locale-related environment variables
\tSendEnv LANG LC_CTYPE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES
\tSendEnv LC_PAPER LC_NAME LC_ADDRESS LC_TELEPHONE LC_MEASUREMENT
\tSendEnv LC_IDENTIFICATION LC_ALL LANGUAGE
\tSendEnv XMODIFIERS
";

/// The kinds of host keys that were made when the daemon started for the first time. SLES 11 has one of DSA, too, which is
/// not modelled.
#[must_use]
pub fn host_keys(distro: &Distro) -> &'static [&'static str] {
    match distro.vendor {
        Vendor::RedHat | Vendor::Photon => &["rsa", "ecdsa", "ed25519"],
        Vendor::Suse => &["rsa", "ecdsa"],
        Vendor::Esxi => &["rsa"],
    }
}

/// Whether a group of its own reads the private ones.
#[must_use]
pub fn has_group(distro: &Distro) -> bool {
    distro.vendor == Vendor::RedHat
}

/// The settings: path, bits, text.
pub fn texts(distro: &Distro) -> Vec<(&'static str, u16, String)> {
    let daemon = match (distro.vendor, distro.major) {
        (Vendor::RedHat, 8) => RHEL_8.to_owned(),
        (Vendor::RedHat, _) => rhel_7(),
        (Vendor::Suse | Vendor::Photon, _) => upstream(distro),
        (Vendor::Esxi, _) => esxi(distro),
    };
    let mut texts = vec![("/etc/ssh/sshd_config", 0o600, daemon)];
    match (distro.vendor, distro.major) {
        (Vendor::Esxi, _) => {}
        (Vendor::RedHat, 8) => {
            let end = "#\n# This system is following system-wide crypto policy.\n# To modify the crypto properties (Ciphers, MACs, \
                       ...), create a  *.conf\n#  file under  /etc/ssh/ssh_config.d/  which will be automatically\n# included \
                       below. For more information, see manual page for\n#  update-crypto-policies(8) and \
                       ssh_config(5).\nInclude /etc/ssh/ssh_config.d/*.conf\n";
            let more = "# The options here are in the \"Match final block\" to be applied as the last\n# options and could be \
                        potentially overwritten by the user configuration\nMatch final all\n\t# Follow system-wide Crypto Policy, \
                        if defined:\n\tInclude /etc/crypto-policies/back-ends/openssh.config\n\n\tGSSAPIAuthentication yes\n\n";
            texts.push(("/etc/ssh/ssh_config", 0o644, format!("{CLIENT}{end}")));
            texts.push(("/etc/ssh/ssh_config.d/05-redhat.conf", 0o644, format!("{more}{RED_HAT}")));
        }
        (Vendor::RedHat, _) => {
            let more = format!(
                "#\n# Uncomment this if you want to use .local domain\n# Host *.local\n#   CheckHostIP no\n\nHost *\n\tGSSAPIAuthentication yes\n{RED_HAT}"
            );
            texts.push(("/etc/ssh/ssh_config", 0o644, format!("{CLIENT}{more}")));
        }
        (Vendor::Suse | Vendor::Photon, _) => texts.push(("/etc/ssh/ssh_config", 0o644, CLIENT.to_owned())),
    }
    texts
}

/// The file of OpenSSH 7.4 as RHEL 7 has it, by its differences from that of RHEL 8.
fn rhel_7() -> String {
    let policy = RHEL_8.find("# System-wide Crypto policy:").zip(RHEL_8.find("# Logging"));
    let (from, to) = policy.expect("the policy stands before the log");
    let text = format!("{}{}", &RHEL_8[..from], &RHEL_8[to..]);
    let changes = [
        ("v 1.103 2018/04/09 20:41:22 tj", "v 1.100 2016/08/15 12:32:04 naddy"),
        ("PATH=/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin", "PATH=/usr/local/bin:/usr/bin"),
        (
            "HostKey /etc/ssh/ssh_host_ecdsa_key",
            "#HostKey /etc/ssh/ssh_host_dsa_key\nHostKey /etc/ssh/ssh_host_ecdsa_key",
        ),
        ("\nPermitRootLogin yes", "\n#PermitRootLogin yes"),
        ("supported in RHEL and", "supported in Red Hat Enterprise Linux and"),
        (
            "# It is recommended to use pam_motd in /etc/pam.d/sshd instead of PrintMotd,\n# as it is more configurable and \
             versatile than the built-in version.\nPrintMotd no\n\n",
            "#PrintMotd yes\n",
        ),
        ("#TCPKeepAlive yes\n", "#TCPKeepAlive yes\n#UseLogin no\n#UsePrivilegeSeparation sandbox\n"),
        ("#ClientAliveCountMax 3\n#UseDNS no", "#ClientAliveCountMax 3\n#ShowPatchLevel no\n#UseDNS yes"),
    ];
    changes.iter().fold(text, |text, (theirs, ours)| text.replacen(theirs, ours, 1))
}

/// The file that OpenSSH comes with, with what the vCSA sets.
fn upstream(distro: &Distro) -> String {
    let from = RHEL_8.find("# If you want to change the port").zip(RHEL_8.find("#Port 22"));
    let (from, to) = from.expect("the port stands behind its remark");
    let text = format!("{}{}", &RHEL_8[..from], &RHEL_8[to..]);
    let sftp = if distro.vendor == Vendor::Suse { "/usr/lib64/ssh/sftp-server" } else { "/usr/libexec/sftp-server" };
    let policy = text.find("# System-wide Crypto policy:").zip(text.find("# Logging"));
    let (from, to) = policy.expect("the policy stands before the log");
    let keep = format!("{}{}", &text[..from], &text[to..]);
    let mut text = String::new();
    for line in keep.lines() {
        let line = match line {
            line if line.starts_with("HostKey ") => format!("#{line}"),
            "SyslogFacility AUTHPRIV" | "PasswordAuthentication yes" | "GSSAPIAuthentication yes" => continue,
            "ChallengeResponseAuthentication no" if distro.vendor == Vendor::Suse => continue,
            "GSSAPICleanupCredentials no" => "#GSSAPICleanupCredentials yes".to_owned(),
            "X11Forwarding yes" => "X11Forwarding no".to_owned(),
            "Subsystem\tsftp\t/usr/libexec/openssh/sftp-server" => format!("Subsystem\tsftp\t{sftp}"),
            line if line.contains("not supported in RHEL") || line == "# problems." => continue,
            line => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// What a host's daemon, which a super server starts for each connection, goes by; from memory, passwords by PAM as `yes`.
fn esxi(distro: &Distro) -> String {
    let sftp = if distro.major < 6 {
        "/usr/lib/vmware/openssh/bin/sftp-server"
    } else {
        "/usr/lib/vmware/openssh/bin/sftp-server -f LOCAL5 -l INFO"
    };
    format!(
        "# running from inetd\n# Port 22\nHostKey /etc/ssh/ssh_host_rsa_key\n\nSyslogFacility auth\nLogLevel info\n\n\
         PermitRootLogin yes\n\nPrintMotd yes\nPrintLastLog no\n\nTCPKeepAlive yes\n\nX11Forwarding no\n\nUsePAM yes\n\
         PasswordAuthentication yes\n\nBanner /etc/issue\n\nSubsystem sftp {sftp}\n\nAuthorizedKeysFile \
         /etc/ssh/keys-%u/authorized_keys\n\n# A silent client is left after ten minutes.\nClientAliveCountMax 3\n\
         ClientAliveInterval 200\n\nMaxStartups 10:30:100\n\nAllowTcpForwarding no\n\nIgnoreRhosts yes\n\
         HostbasedAuthentication no\nPermitEmptyPasswords no\nPermitUserEnvironment no\nStrictModes yes\nCompression no\n\
         GatewayPorts no\nGSSAPIAuthentication no\nKerberosAuthentication no\nPermitTunnel no\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::distro;
    use crate::systems::linux::model::sshd::Sshd;

    #[test]
    fn daemons_take_their_own_settings() {
        for distro in distro::ALL {
            let texts = texts(distro);
            let (path, _, text) = texts.first().expect("of the daemon");
            assert!(Sshd::read(path, text, distro).is_ok(), "{}", distro.id);
            assert!(
                text.lines().any(|line| line.trim_start_matches('#').starts_with("PermitRootLogin ")),
                "{}",
                distro.id
            );
        }
    }

    #[test]
    fn what_rhel_7_has_of_its_own() {
        let text = rhel_7();
        for line in ["#PermitRootLogin yes", "#UseDNS yes", "#PrintMotd yes", "#HostKey /etc/ssh/ssh_host_dsa_key"] {
            assert!(text.lines().any(|own| own == line), "{line}");
        }
        assert!(!text.contains("RHEL") && !text.contains("Crypto policy"));
    }
}
