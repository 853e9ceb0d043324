//! What in a lab file can name nothing: addresses that are none, and names and addresses that two have. Each complaint names
//! the line.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where an address of IPv4 stands, as keys from the top; `*` is any key, and an array is gone through.
const ADDRESSES: &[&[&str]] = &[
    &["desktop"],
    &["network", "gateway"],
    &["network", "names"],
    &["network", "time"],
    &["network", "pool"],
    &["network", "hosts", "*"],
    &["network", "leases", "*"],
    &["machine", "address"],
    &["machine", "system", "*", "last_login", "from"],
    &["machine", "system", "*", "failed_login", "from"],
    &["cluster", "gateway"],
];

/// What no two may have in common; the desktop has an address, too.
const UNIQUE: &[(&str, &[&[&str]])] =
    &[("name", &[&["machine", "name"]]), ("address", &[&["machine", "address"], &["desktop"]])];

/// A text of the file: the key before it, the text, and where it begins.
type Text<'a> = (&'a str, &'a str, usize);

/// Looks through a lab file that can be read.
///
/// # Errors
/// The first complaint, with its line.
pub fn check(text: &str) -> Result<(), String> {
    let table = DeTable::parse(text).map_err(|error| error.to_string())?;
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let found = |path: &[&str]| {
        let mut texts = Vec::new();
        collect(table.get_ref(), path, &mut texts);
        texts
    };
    let complain = |(key, value, at): Text<'_>, why: &str| Err(format!("line {}: {key} = {value:?}: {why}", line(at)));
    for address in ADDRESSES.iter().flat_map(|path| found(path)) {
        if address.1.parse::<Ipv4Addr>().is_err() {
            return complain(address, "this is no address of IPv4");
        }
    }
    for lease in keys(table.get_ref(), &["network", "leases"]) {
        if !is_hardware(lease.0) {
            return complain(lease, "the key is no hardware address, such as 00:16:3e:74:32:45");
        }
    }
    for portal in found(&["storage", "portal"]) {
        let (address, port) = portal.1.rsplit_once(':').unwrap_or((portal.1, "3260"));
        if address.parse::<Ipv4Addr>().is_err() || port.parse::<u16>().is_err() {
            return complain(portal, "this is no portal, address:port");
        }
    }
    for (what, places) in UNIQUE {
        let mut seen = BTreeMap::new();
        for text in places.iter().flat_map(|path| found(path)) {
            if let Some(first) = seen.insert(text.1, text.2) {
                return complain(text, &format!("line {} has this {what}, too", line(first)));
            }
        }
    }
    Ok(())
}

/// The texts at a path.
fn collect<'a>(table: &'a DeTable<'_>, path: &[&str], into: &mut Vec<Text<'a>>) {
    let Some((first, rest)) = path.split_first() else { return };
    for (key, value) in table.iter().filter(|(key, _)| *first == "*" || key.get_ref() == first) {
        below(key.get_ref(), value, rest, into);
    }
}

fn below<'a>(key: &'a str, value: &'a Spanned<DeValue<'_>>, rest: &[&str], into: &mut Vec<Text<'a>>) {
    match value.get_ref() {
        DeValue::String(text) if rest.is_empty() => into.push((key, text, value.span().start)),
        DeValue::Table(table) => collect(table, rest, into),
        DeValue::Array(all) => all.iter().for_each(|one| below(key, one, rest, into)),
        _ => {}
    }
}

/// The keys of the table at a path, with their values.
fn keys<'a>(table: &'a DeTable<'_>, path: &[&str]) -> Vec<Text<'a>> {
    let mut texts = Vec::new();
    collect(table, &[path, &["*"]].concat(), &mut texts);
    texts
}

fn is_hardware(text: &str) -> bool {
    let byte = |part: &str| part.len() == 2 && u8::from_str_radix(part, 16).is_ok();
    text.split(':').count() == 6 && text.split(':').all(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_nothing_is_told_with_its_line() {
        let complaint = |text: &str| check(text).err().unwrap_or_default();
        let machine = |name: &str, address: &str| {
            format!("[[machine]]\nname = \"{name}\"\naddress = \"{address}\"\n[machine.system.vcsa]\n")
        };
        let one = machine("one", "10.0.0.1");
        assert_eq!(check(&one), Ok(()));
        let of = |more: &str| complaint(&format!("{one}{more}"));
        assert_eq!(of(&machine("two", "hello")), "line 7: address = \"hello\": this is no address of IPv4");
        assert_eq!(of(&machine("two", "10.0.0.5/99")), "line 7: address = \"10.0.0.5/99\": this is no address of IPv4");
        assert_eq!(of(&machine("one", "10.0.0.2")), "line 6: name = \"one\": line 2 has this name, too");
        assert_eq!(of(&machine("two", "10.0.0.1")), "line 7: address = \"10.0.0.1\": line 3 has this address, too");
        assert_eq!(
            complaint(&format!("desktop = \"10.0.0.1\"\n{one}")),
            "line 1: desktop = \"10.0.0.1\": line 4 has this address, too"
        );
        assert_eq!(of("[network]\ngateway = \"hello\"\n"), "line 6: gateway = \"hello\": this is no address of IPv4");
        assert_eq!(
            of("last_login = { ago = \"1h\", from = \"home\" }\n"),
            "line 5: from = \"home\": this is no address of IPv4"
        );
        assert_eq!(
            of("[network.leases]\n\"00:16\" = \"10.0.0.9\"\n"),
            "line 6: 00:16 = \"10.0.0.9\": the key is no hardware address, such as 00:16:3e:74:32:45"
        );
        assert_eq!(
            of("[[storage]]\nkind = \"iscsi\"\nportal = \"10.0.0.9:99999\"\n"),
            "line 7: portal = \"10.0.0.9:99999\": this is no portal, address:port"
        );
    }
}
