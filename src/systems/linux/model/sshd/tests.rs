//! Settings of the daemon, read and applied.

use super::*;
use crate::systems::linux::distro;

fn read(text: &str, distro: &str) -> Result<Sshd, Refused> {
    Sshd::read(Sshd::FILE, text, distro::find(distro).expect("it is known"))
}

/// Whether a password and a key let somebody in, and which setting keeps him out.
fn doors(text: &str, distro: &str, name: &str, groups: &[&str], from: &str) -> (bool, bool, Option<&'static str>) {
    let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    let doors =
        read(text, distro).expect("good settings").doors(&Caller { name, groups: &groups, from }, name == "root");
    (doors.password, doors.key, doors.by)
}

#[test]
fn root_comes_in_as_the_settings_say() {
    let check = |text: &str, distro: &str, expect: (bool, bool, Option<&str>)| {
        assert_eq!(doors(text, distro, "root", &["root"], "192.168.10.11"), expect, "{text:?} on {distro}");
    };
    let (by_root, by_passwords) = (Some("PermitRootLogin"), Some("PasswordAuthentication"));
    check("", "rhel-7.9", (true, true, None));
    check("", "rhel-8.6", (false, true, by_root));
    check("#PermitRootLogin no\nUsePAM yes\n", "rhel-7.9", (true, true, None));
    check("PermitRootLogin no\nPermitRootLogin yes\n", "rhel-8.6", (false, false, by_root));
    check("permitrootlogin=prohibit-password\nPasswordAuthentication  no", "rhel-7.9", (false, true, by_root));
    check("\tPermitRootLogin \"Yes\"\npasswordauthentication no", "rhel-8.6", (false, true, by_passwords));
    check("PubkeyAuthentication no\nPermitRootLogin yes", "rhel-8.6", (true, false, None));
    check("Match User eva\nPermitRootLogin no\n", "rhel-7.9", (true, true, None));
    check("PermitRootLogin no\nMatch Address 192.168.10.0/24\nPermitRootLogin yes\n", "rhel-7.9", (true, true, None));
    check(
        "PermitRootLogin no\nMatch Address 192.168.11.0/24\nPermitRootLogin yes",
        "rhel-7.9",
        (false, false, by_root),
    );
    check("PermitRootLogin no\nMatch User *,!root\nPermitRootLogin yes\n", "rhel-7.9", (false, false, by_root));
    check("PermitRootLogin no\nMatch all\nPermitRootLogin yes\n", "rhel-7.9", (true, true, None));
}

#[test]
fn lists_keep_users_out() {
    let check = |text: &str, expect: Option<&str>| {
        let found = doors(text, "rhel-8.6", "eva", &["eva", "wheel"], "192.168.10.11");
        assert_eq!(found, (expect.is_none(), expect.is_none(), expect), "{text:?}");
    };
    check("AllowUsers ann eva", None);
    check("AllowUsers ann\nAllowUsers e?a", None);
    check("AllowUsers ann", Some("AllowUsers"));
    check("AllowUsers eva@192.168.10.*", None);
    check("AllowUsers eva@10.*", Some("AllowUsers"));
    check("AllowUsers eva\nDenyUsers e*", Some("DenyUsers"));
    check("AllowGroups wheel", None);
    check("AllowGroups ops", Some("AllowGroups"));
    check("DenyGroups whee?", Some("DenyGroups"));
    check("AllowUsers ann\nMatch Group wheel\nAllowUsers eva", None);
}

#[test]
fn settings_that_are_wrong_keep_the_daemon_down() {
    let check = |text: &str, distro: &str, expect: &[&str]| {
        let refused = read(text, distro).expect_err("they are wrong");
        assert_eq!((refused.lines, refused.status), (expect.iter().map(|line| (*line).to_owned()).collect(), 255));
    };
    let place = "/etc/ssh/sshd_config";
    check(
        "UsePAM yes\nPermitRoot no\n# no\nFoo = bar\n",
        "rhel-8.6",
        &[
            &format!("{place}: line 2: Bad configuration option: PermitRoot"),
            &format!("{place}: line 4: Bad configuration option: Foo"),
            &format!("{place}: terminating, 2 bad configuration options"),
        ],
    );
    let maybe = format!("{place} line 1: unsupported option \"maybe\".");
    check("PermitRootLogin maybe", "rhel-7.9", &[&maybe]);
    check("PasswordAuthentication maybe", "rhel-8.6", &[&maybe]);
    check("PasswordAuthentication maybe", "rhel-7.9", &[&format!("{place} line 1: Bad yes/no argument: maybe")]);
    check("\nPermitRootLogin\n", "rhel-8.6", &[&format!("{place} line 2: missing argument.")]);
    check("Port ssh", "rhel-8.6", &[&format!("{place} line 1: Badly formatted port number.")]);
    check(
        "Match User eva\nUsePAM no",
        "rhel-8.6",
        &[&format!("{place} line 2: Directive 'UsePAM' is not allowed within a Match block")],
    );
    check(
        "Match Users eva",
        "rhel-8.6",
        &["Unsupported Match attribute Users", &format!("{place} line 1: Bad Match condition")],
    );
}
