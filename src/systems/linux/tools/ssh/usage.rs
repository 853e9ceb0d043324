//! How `ssh`, `scp` and `sftp` say that they are used, by the version of OpenSSH: options came and went. From memory of each
//! version.

/// The major and the minor number.
type Version = (u8, u8);

/// What `ssh` prints.
#[must_use]
pub fn ssh(version: Version) -> &'static str {
    match version {
        (..=5, _) | (6, ..=1) => SSH_5,
        (6, _) => SSH_6,
        (7, ..=2) => SSH_7_0,
        (7, ..=5) => SSH_7_3,
        (7, 6) => SSH_7_6,
        _ => SSH_7_7,
    }
}

/// What `scp` prints.
#[must_use]
pub fn scp(version: Version) -> &'static str {
    match version {
        (..=6, _) | (7, ..=5) => SCP_5,
        (7, 6) => SCP_7_6,
        (7, _) => SCP_7_7,
        _ => SCP_8_0,
    }
}

/// What `sftp` prints.
#[must_use]
pub fn sftp(version: Version) -> &'static str {
    match version {
        (..=6, _) | (7, ..=5) => SFTP_5,
        (7, _) => SFTP_7_6,
        _ => SFTP_8_0,
    }
}

const SSH_5: &str = "\
usage: ssh [-1246AaCfgKkMNnqsTtVvXxYy] [-b bind_address] [-c cipher_spec]
           [-D [bind_address:]port] [-e escape_char] [-F configfile]
           [-I pkcs11] [-i identity_file]
           [-L [bind_address:]port:host:hostport]
           [-l login_name] [-m mac_spec] [-O ctl_cmd] [-o option] [-p port]
           [-R [bind_address:]port:host:hostport] [-S ctl_path]
           [-W host:port] [-w local_tun[:remote_tun]]
           [user@]hostname [command]
";

const SSH_6: &str = "\
usage: ssh [-1246AaCfgKkMNnqsTtVvXxYy] [-b bind_address] [-c cipher_spec]
           [-D [bind_address:]port] [-E log_file] [-e escape_char]
           [-F configfile] [-I pkcs11] [-i identity_file]
           [-L [bind_address:]port:host:hostport] [-l login_name] [-m mac_spec]
           [-O ctl_cmd] [-o option] [-p port]
           [-Q cipher | cipher-auth | mac | kex | key]
           [-R [bind_address:]port:host:hostport] [-S ctl_path] [-W host:port]
           [-w local_tun[:remote_tun]] [user@]hostname [command]
";

const SSH_7_0: &str = "\
usage: ssh [-1246AaCfGgKkMNnqsTtVvXxYy] [-b bind_address] [-c cipher_spec]
           [-D [bind_address:]port] [-E log_file] [-e escape_char]
           [-F configfile] [-I pkcs11] [-i identity_file] [-L address]
           [-l login_name] [-m mac_spec] [-O ctl_cmd] [-o option] [-p port]
           [-Q query_option] [-R address] [-S ctl_path] [-W host:port]
           [-w local_tun[:remote_tun]] [user@]hostname [command]
";

const SSH_7_3: &str = "\
usage: ssh [-1246AaCfGgKkMNnqsTtVvXxYy] [-b bind_address] [-c cipher_spec]
           [-D [bind_address:]port] [-E log_file] [-e escape_char]
           [-F configfile] [-I pkcs11] [-i identity_file]
           [-J [user@]host[:port]] [-L address] [-l login_name] [-m mac_spec]
           [-O ctl_cmd] [-o option] [-p port] [-Q query_option] [-R address]
           [-S ctl_path] [-W host:port] [-w local_tun[:remote_tun]]
           [user@]hostname [command]
";

const SSH_7_6: &str = "\
usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-b bind_address] [-c cipher_spec]
           [-D [bind_address:]port] [-E log_file] [-e escape_char]
           [-F configfile] [-I pkcs11] [-i identity_file]
           [-J [user@]host[:port]] [-L address] [-l login_name] [-m mac_spec]
           [-O ctl_cmd] [-o option] [-p port] [-Q query_option] [-R address]
           [-S ctl_path] [-W host:port] [-w local_tun[:remote_tun]]
           [user@]hostname [command]
";

const SSH_7_7: &str = "\
usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface]
           [-b bind_address] [-c cipher_spec] [-D [bind_address:]port]
           [-E log_file] [-e escape_char] [-F configfile] [-I pkcs11]
           [-i identity_file] [-J [user@]host[:port]] [-L address]
           [-l login_name] [-m mac_spec] [-O ctl_cmd] [-o option] [-p port]
           [-Q query_option] [-R address] [-S ctl_path] [-W host:port]
           [-w local_tun[:remote_tun]] destination [command]
";

const SCP_5: &str = "\
usage: scp [-12346BCpqrv] [-c cipher] [-F ssh_config] [-i identity_file]
           [-l limit] [-o ssh_option] [-P port] [-S program]
           [[user@]host1:]file1 ... [[user@]host2:]file2
";

const SCP_7_6: &str = "\
usage: scp [-346BCpqrv] [-c cipher] [-F ssh_config] [-i identity_file]
           [-l limit] [-o ssh_option] [-P port] [-S program]
           [[user@]host1:]file1 ... [[user@]host2:]file2
";

const SCP_7_7: &str = "\
usage: scp [-346BCpqrv] [-c cipher] [-F ssh_config] [-i identity_file]
           [-l limit] [-o ssh_option] [-P port] [-S program] source ... target
";

const SCP_8_0: &str = "\
usage: scp [-346BCpqrTv] [-c cipher] [-F ssh_config] [-i identity_file]
            [-J destination] [-l limit] [-o ssh_option] [-P port]
            [-S program] source ... target
";

const SFTP_5: &str = "\
usage: sftp [-1246aCfpqrv] [-B buffer_size] [-b batchfile] [-c cipher]
          [-D sftp_server_path] [-F ssh_config] [-i identity_file] [-l limit]
          [-o ssh_option] [-P port] [-R num_requests] [-S program]
          [-s subsystem | sftp_server] host
       sftp [user@]host[:file ...]
       sftp [user@]host[:dir[/]]
       sftp -b batchfile [user@]host
";

const SFTP_7_6: &str = "\
usage: sftp [-46aCfpqrv] [-B buffer_size] [-b batchfile] [-c cipher]
          [-D sftp_server_path] [-F ssh_config] [-i identity_file] [-l limit]
          [-o ssh_option] [-P port] [-R num_requests] [-S program]
          [-s subsystem | sftp_server] destination
";

const SFTP_8_0: &str = "\
usage: sftp [-46aCfpqrv] [-B buffer_size] [-b batchfile] [-c cipher]
          [-D sftp_server_path] [-F ssh_config] [-i identity_file]
          [-J destination] [-l limit] [-o ssh_option] [-P port]
          [-R num_requests] [-S program] [-s subsystem | sftp_server]
          destination
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_and_go_with_versions() {
        let check = |text: &str, has: &str, lacks: &str| {
            assert!(text.contains(has) && !text.contains(lacks), "{has} {lacks}: {text}");
        };
        check(ssh((5, 6)), "[-1246AaCfgKk", "[-E log_file]");
        check(ssh((6, 6)), "[-E log_file]", "[-J ");
        check(ssh((7, 4)), "[user@]hostname [command]", "destination");
        check(ssh((8, 0)), "destination [command]", "[-1246");
        check(scp((7, 4)), "[[user@]host1:]file1 ...", "-J");
        check(scp((7, 9)), "source ... target", "-J");
        check(scp((8, 0)), "[-J destination]", "host1");
        check(sftp((7, 4)), "sftp -b batchfile [user@]host", "destination");
        check(sftp((8, 0)), "[-J destination]", "batchfile [user@]host");
    }
}
