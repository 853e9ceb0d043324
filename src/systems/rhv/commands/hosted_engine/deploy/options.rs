//! What `ovirt-hosted-engine-setup` is told behind `hosted-engine --deploy` (reference `hosted-engine.md` 1.2), the variables for
//! its playbooks included. Who is not root is not asked for a password: otopi calls itself with `sudo -n` (1.1).

use serde_json::{Map, Value};

use super::questions::Wanted;
use super::{machine, storage};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools;
use crate::systems::rhv::deployment;
use crate::systems::rhv::network_test::{DNS, NONE, PING, TCP};
use crate::systems::rhv::release::Release;

/// Which addresses count on a host that has both kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Forced {
    pub four: bool,
    pub six: bool,
}

/// What the command line says.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub restore: Option<String>,
    pub append: Vec<String>,
    pub generate: Option<String>,
    pub forced: Forced,
    /// As they were given, in order.
    pub variables: Vec<String>,
    /// Whether the older way of deploying is wanted, which 4.2 has beside that with Ansible.
    pub vintage: bool,
}

/// Why a command line is none: the word that the program does not know.
pub(super) fn read(arguments: &[String], release: Release) -> Result<Options, String> {
    let mut options = Options::default();
    for argument in arguments {
        match argument.split_once('=') {
            Some(("--restore-from-file", path)) => options.restore = Some(path.to_owned()),
            Some(("--config-append", path)) => options.append.push(path.to_owned()),
            Some(("--generate-answer", path)) => options.generate = Some(path.to_owned()),
            Some(("--ansible-extra-vars", data)) if release.python3() => options.variables.push(data.to_owned()),
            None if argument == "--4" && release.minor > 2 => options.forced.four = true,
            None if argument == "--6" && release.minor > 2 => options.forced.six = true,
            None if argument == "--ansible" && release.minor == 2 => {}
            None if argument == "--noansible" && release.minor == 2 => options.vintage = true,
            _ => return Err(argument.clone()),
        }
    }
    Ok(options)
}

/// Runs the program again as root, if its user may do that without a password.
pub(super) async fn as_root(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(sudo) = p.world(|world, id| tools::find(world, id, "sudo")) else {
        return p.gap("hosted-engine --deploy as another user than root, without sudo");
    };
    let words = ["-n", "/usr/sbin/hosted-engine", "--deploy"].map(str::to_owned);
    let words: Vec<String> = words.into_iter().chain(arguments.iter().cloned()).collect();
    p.name = "sudo".to_owned();
    (sudo.run)(p, &words).await
}

/// Variables of the playbooks, by name.
pub(super) type Variables = Map<String, Value>;

/// The variables of all options together; what Ansible says of a file that is not there.
pub(super) fn variables(p: &Proc, given: &[String]) -> Result<Variables, String> {
    let mut all = Variables::new();
    for data in given {
        let text = match data.strip_prefix('@') {
            None => data.clone(),
            Some(path) => match p.read_path(path) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(_) => {
                    return Err(format!(
                        "ERROR! Unable to retrieve file contents\nCould not find or access '{path}' on the Ansible Controller.\n\
                         If you are using a module and expect the file to exist on the remote, see the remote_src option"
                    ));
                }
            },
        };
        if text.trim_start().starts_with(['{', '[']) && !matches!(serde_json::from_str(&text), Ok(Value::Object(_))) {
            all.insert(UNREADABLE.to_owned(), Value::from(text));
            continue;
        }
        all.extend(variables_of(&text, data.starts_with('@')));
    }
    Ok(all)
}

/// Variables out of JSON, of a file's `name: value`, or of words `name=value`.
fn variables_of(text: &str, file: bool) -> Variables {
    if let Ok(Value::Object(map)) = serde_json::from_str(text) {
        return map;
    }
    let pair = |pair: &str, mark: char| {
        let (name, value) = pair.split_once(mark)?;
        let value = value.trim().trim_matches(['"', '\'']);
        Some((name.trim().to_owned(), Value::from(value)))
    };
    if file {
        let lines = text.lines().filter(|line| !line.starts_with(['#', ' ', '-']));
        return lines.filter_map(|line| pair(line, ':')).collect();
    }
    text.split_whitespace().filter_map(|word| pair(word, '=')).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn truth(value: &Value) -> bool {
    matches!(text(value).to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1" | "y" | "t")
}

/// Whether a variable is there and says yes.
pub(super) fn says(variables: &Variables, name: &str) -> bool {
    variables.get(name).is_some_and(truth)
}

/// Under this name stands what is no variables at all.
const UNREADABLE: &str = "JSON";

/// The first variable that leads where nothing is modelled: one that this program does not know, or that has a value which the
/// question in its place would not take.
pub(super) fn unmodelled(p: &Proc, variables: &Variables, release: Release) -> Option<String> {
    let number = |word: &str, within: std::ops::RangeInclusive<u64>| word.parse().is_ok_and(|n| within.contains(&n));
    let fits = |name: &str, word: &str| match name {
        "he_pause_host" | "he_force_ip4" | "he_force_ip6" | "he_offline_deployment" => true,
        "he_vcpus" => number(word, 1..=u64::from(p.peek(|linux| linux.hardware.processors))),
        "he_mem_size_MB" => number(word, machine::LEAST_MEMORY..=p.peek(|linux| linux.memory_kib() >> 10)),
        "he_disk_size_GB" => number(word, storage::usual_disk(release)..=LARGEST_DISK),
        "he_gateway" => word.parse::<std::net::Ipv4Addr>().is_ok(),
        "he_network_test" => [DNS, NONE, PING, TCP].contains(&word),
        "he_data_center" | "he_cluster" => !word.is_empty(),
        "he_fqdn" => word.contains('.') && !word.contains(char::is_whitespace),
        "he_vm_mac_addr" => deployment::is_unicast(word),
        _ => false,
    };
    let mut words = variables.iter().map(|(name, value)| (name, text(value)));
    words.find(|(name, word)| !fits(name, word)).map(|(name, word)| format!("{name}={word}"))
}

/// The largest disk that is made, in GiB: what the storage has room for is asked once it is there.
const LARGEST_DISK: u64 = 1 << 16;

/// What the variables say counts more than what was answered.
pub(super) fn overrule(variables: &Variables, wanted: &mut Wanted, forced: &mut Forced) {
    for (name, value) in variables {
        let word = text(value);
        match name.as_str() {
            "he_pause_host" => wanted.pause = truth(value),
            "he_force_ip4" => forced.four = truth(value),
            "he_force_ip6" => forced.six = truth(value),
            "he_vcpus" => wanted.processors = word.parse().unwrap_or(wanted.processors),
            "he_mem_size_MB" => wanted.memory = word.parse().unwrap_or(wanted.memory),
            "he_disk_size_GB" => wanted.disk = word.parse().unwrap_or(wanted.disk),
            "he_gateway" => wanted.gateway = word,
            "he_network_test" => wanted.network_test = word,
            "he_data_center" => wanted.data_center = word,
            "he_cluster" => wanted.cluster = word,
            "he_vm_mac_addr" => wanted.mac = word.to_ascii_lowercase(),
            "he_fqdn" => wanted.fqdn = word,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_and_go_with_the_releases() {
        let check = |product: &str, word: &str, good: bool| {
            let release = Release::find(product).expect("a release");
            assert_eq!(read(&[word.to_owned()], release).is_ok(), good, "{product} {word}");
        };
        for product in ["4.2", "4.3", "4.4", "4.5"] {
            check(product, "--config-append=a", true);
            check(product, "--restore-from-file=a", true);
            check(product, "--6", product != "4.2");
            check(product, "--noansible", product == "4.2");
            check(product, "--ansible-extra-vars=a=b", matches!(product, "4.4" | "4.5"));
            check(product, "--config-append", false);
            check(product, "--nonsense", false);
        }
    }

    #[test]
    fn variables_are_words_json_or_lines_of_a_file() {
        let check = |text: &str, file: bool, expect: &[(&str, &str)]| {
            let found = variables_of(text, file);
            let found: Vec<(String, String)> =
                found.iter().map(|(name, value)| (name.clone(), super::text(value))).collect();
            let expect: Vec<(String, String)> =
                expect.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("he_vcpus=2 he_pause_host=true", false, &[("he_pause_host", "true"), ("he_vcpus", "2")]);
        check("{\"he_vcpus\": 2}", false, &[("he_vcpus", "2")]);
        check("---\n# none\nhe_vcpus: \"2\"\nlist:\n  - a\n", true, &[("he_vcpus", "2"), ("list", "")]);
        let (mut wanted, mut forced) = (Wanted::default(), Forced::default());
        overrule(&variables_of("he_vcpus=2 he_pause_host=yes he_force_ip6=true", false), &mut wanted, &mut forced);
        assert_eq!((wanted.processors, wanted.pause, forced), (2, true, Forced { four: false, six: true }));
    }
}
