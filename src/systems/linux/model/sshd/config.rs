//! The file of settings as the daemon reads it: keywords in any case, of each the first value counts, blocks behind `Match`; and
//! what it says of a file that it does not take (sshd_config(5); servconf.c of OpenSSH 5.6 to 8.3).

use super::{Criterion, RootLogin, Rules, Sshd};
use crate::systems::linux::distro::Distro;

/// What keeps the daemon from starting: what it says, and its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The lines.
    pub lines: Vec<String>,
    /// The status with which it ends.
    pub status: u8,
}

/// Keywords that stand outside of `Match` only.
const GLOBAL: &str = "addressfamily casignaturealgorithms challengeresponseauthentication ciphers \
    compression fingerprinthash gssapicleanupcredentials gssapikexalgorithms gssapikeyexchange \
    gssapistorecredentialsonrekey gssapistrictacceptorcheck hostcertificate hostkey hostkeyagent hostkeyalgorithms \
    ignorerhosts ignoreuserknownhosts kerberosgetafstoken kerberosorlocalpasswd \
    kerberosticketcleanup kerberosuniqueccache kexalgorithms keyregenerationinterval listenaddress \
    logingracetime macs maxstartups pidfile port printlastlog printmotd protocol requiredrsasize rhostsrsaauthentication \
    rsaauthentication serverkeybits showpatchlevel skeyauthentication strictmodes subsystem syslogfacility tcpkeepalive \
    usedns uselogin usepam useprivilegeseparation versionaddendum xauthlocation";
/// Keywords that stand anywhere.
const ANYWHERE: &str = "acceptenv allowagentforwarding allowgroups allowstreamlocalforwarding allowtcpforwarding allowusers \
    authenticationmethods authorizedkeyscommand authorizedkeyscommandrunas authorizedkeyscommanduser authorizedkeysfile \
    authorizedprincipalscommand authorizedprincipalscommanduser authorizedprincipalsfile banner chrootdirectory \
    clientalivecountmax clientaliveinterval denygroups denyusers disableforwarding exposeauthinfo forcecommand gatewayports \
    gssapiauthentication gssapienablek5users hostbasedacceptedkeytypes hostbasedauthentication \
    hostbasedusesnamefrompacketonly ipqos kbdinteractiveauthentication kerberosauthentication kerberosusekuserok loglevel \
    match maxauthtries maxsessions passwordauthentication permitemptypasswords permitlisten permitopen permitrootlogin \
    permittty permittunnel permituserenvironment permituserrc pubkeyacceptedkeytypes pubkeyauthentication rdomain \
    rekeylimit revokedkeys setenv streamlocalbindmask streamlocalbindunlink trustedusercakeys x11displayoffset \
    x11forwarding x11maxdisplays x11uselocalhost";
/// Keywords whose value is yes or no.
const FLAGS: [&str; 10] = [
    "passwordauthentication",
    "pubkeyauthentication",
    "usepam",
    "x11uselocalhost",
    "permitemptypasswords",
    "strictmodes",
    "printmotd",
    "printlastlog",
    "challengeresponseauthentication",
    "gssapiauthentication",
];

fn is_one_of(list: &str, keyword: &str) -> bool {
    list.split_whitespace().any(|known| known == keyword)
}

/// The words of a line, as the daemon splits it: by blanks, the first also by `=`; quotes keep blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                let end = |at: char| at.is_whitespace() || at == '=' && words.is_empty();
                rest.split_at(rest.find(end).unwrap_or(rest.len()))
            }
        };
        words.push(word.to_owned());
        rest = behind.trim_start();
        if words.len() == 1 {
            rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
        }
    }
    words
}

impl Sshd {
    /// The file of its settings, unless it is called with another.
    pub const FILE: &str = "/etc/ssh/sshd_config";

    /// Reads the text of the file `name` on a machine of a distribution.
    ///
    /// # Errors
    /// What the daemon says of it, which does not start then.
    pub fn read(name: &str, text: &str, distro: &Distro) -> Result<Self, Refused> {
        let mut read = Self { root: RootLogin::usual(distro), ..Self::default() };
        let mut wrong = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let words = words(line);
            let Some((written, values)) = words.split_first().filter(|(word, _)| !word.starts_with('#')) else {
                continue;
            };
            let keyword = written.to_ascii_lowercase();
            let is_global = is_one_of(GLOBAL, &keyword);
            if !is_global && !is_one_of(ANYWHERE, &keyword) {
                wrong.push(format!("{name}: line {number}: Bad configuration option: {written}"));
                continue;
            }
            let fatal = |mut lines: Vec<String>, what: &str| {
                lines.push(format!("{name} line {number}: {what}"));
                Refused { lines, status: 255 }
            };
            if is_global && !read.blocks.is_empty() {
                return Err(fatal(wrong, &format!("Directive '{written}' is not allowed within a Match block")));
            }
            if keyword == "match" {
                match criteria(values) {
                    Ok(criteria) => read.blocks.push((criteria, Rules::default())),
                    Err(why) => {
                        wrong.extend(why);
                        return Err(fatal(wrong, "Bad Match condition"));
                    }
                }
                continue;
            }
            let rules = read.blocks.last_mut().map_or(&mut read.rules, |(_, rules)| rules);
            rules.set(&keyword, values, distro).map_err(|what| fatal(wrong.clone(), &what))?;
        }
        if wrong.is_empty() {
            return Ok(read);
        }
        wrong.push(format!("{name}: terminating, {} bad configuration options", wrong.len()));
        Err(Refused { lines: wrong, status: 255 })
    }
}

impl Rules {
    /// Takes a setting, unless it is there already; what is wrong with its value.
    fn set(&mut self, keyword: &str, values: &[String], distro: &Distro) -> Result<(), String> {
        let list = match keyword {
            "allowusers" => Some(&mut self.allow_users),
            "denyusers" => Some(&mut self.deny_users),
            "allowgroups" => Some(&mut self.allow_groups),
            "denygroups" => Some(&mut self.deny_groups),
            _ => None,
        };
        if let Some(list) = list {
            list.extend(values.iter().cloned());
            return Ok(());
        }
        let old = distro.openssh_version() < (7, 5);
        let value = values.first().map(|value| value.to_ascii_lowercase());
        let flag = match value.as_deref() {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            _ => None,
        };
        match (keyword, value) {
            ("permitrootlogin", Some(value)) => {
                let root =
                    RootLogin::read(&value, distro).ok_or_else(|| format!("unsupported option \"{}\".", values[0]))?;
                self.root.get_or_insert(root);
            }
            (keyword, Some(_)) if FLAGS.contains(&keyword) => {
                let Some(flag) = flag else {
                    return Err(match old {
                        true => format!("Bad yes/no argument: {}", values[0]),
                        false => format!("unsupported option \"{}\".", values[0]),
                    });
                };
                match keyword {
                    "passwordauthentication" => _ = self.passwords.get_or_insert(flag),
                    "pubkeyauthentication" => _ = self.keys.get_or_insert(flag),
                    _ => {}
                }
            }
            ("port", Some(value)) if value.parse::<u16>().is_ok_and(|port| port > 0) => {}
            ("port", Some(_)) => return Err("Badly formatted port number.".to_owned()),
            (keyword, None) if FLAGS.contains(&keyword) && old => return Err("missing yes/no argument.".to_owned()),
            (_, None) => return Err("missing argument.".to_owned()),
            _ => {}
        }
        Ok(())
    }
}

/// The conditions of a block. What is wrong with them it says before the last line.
fn criteria(words: &[String]) -> Result<Vec<Criterion>, Option<String>> {
    if words.is_empty() {
        return Err(None);
    }
    let mut criteria = Vec::new();
    let mut rest = words;
    while let [name, more @ ..] = rest {
        rest = more;
        if name.eq_ignore_ascii_case("all") {
            if words.len() > 1 {
                return Err(Some("'all' cannot be combined with other Match attributes".to_owned()));
            }
            continue;
        }
        let [patterns, more @ ..] = rest else {
            return Err(Some(format!("Missing Match criteria for {name}")));
        };
        rest = more;
        let patterns = patterns.clone();
        criteria.push(match name.to_ascii_lowercase().as_str() {
            "user" => Criterion::User(patterns),
            "group" => Criterion::Group(patterns),
            "address" | "host" => Criterion::Address(patterns),
            "localaddress" | "localport" | "rdomain" => Criterion::Other,
            _ => return Err(Some(format!("Unsupported Match attribute {name}"))),
        });
    }
    Ok(criteria)
}
