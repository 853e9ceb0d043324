//! `systemctl list-sockets`: what systemd listens at, and which unit it starts for that. Columns: `output_sockets_list()` of systemd 219 and 239.

use super::{fits, state};
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;

/// `list-sockets`
pub async fn list(p: &mut Proc, given: &Given, patterns: &[String]) -> Ended {
    let names: Vec<String> = p.peek(|linux| linux.unit_files());
    let mut rows: Vec<[String; 3]> = Vec::new();
    for name in names.into_iter().filter(|name| name.ends_with(".socket") && fits(name, patterns)) {
        if !given.has('a') && state(p, &name).active != Active::Active {
            continue;
        }
        let Some(spec) = super::spec(p, &name) else { continue };
        let text = p.read_path(&spec.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let (listens, service) = read(&text);
        let service = service.unwrap_or_else(|| format!("{}.service", name.trim_end_matches(".socket")));
        rows.extend(listens.into_iter().map(|listen| [listen, name.clone(), service.clone()]));
    }
    rows.sort();
    let width = |column: usize, head: &str| rows.iter().map(|row| row[column].len()).max().unwrap_or(0).max(head.len());
    let (listen, unit) = (width(0, "LISTEN"), width(1, "UNIT"));
    let mut text = String::new();
    let legend = !given.has('L');
    if legend && !rows.is_empty() {
        text.push_str(&format!("{:listen$} {:unit$} ACTIVATES\n", "LISTEN", "UNIT"));
    }
    for [path, name, service] in &rows {
        text.push_str(&format!("{path:listen$} {name:unit$} {service}\n"));
    }
    if legend {
        let blank = if rows.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{blank}{} sockets listed.\n", rows.len()));
        if !given.has('a') {
            text.push_str("Pass --all to see loaded but inactive sockets, too.\n");
        }
    }
    p.out(&text).await?;
    Ok(0)
}

/// The addresses in a unit's file, and the service that it names.
fn read(text: &str) -> (Vec<String>, Option<String>) {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let mut found = (Vec::new(), None);
    for (key, value) in pairs {
        match key.trim() {
            "Service" => found.1 = Some(value.trim().to_owned()),
            key if key.starts_with("Listen") => found.0.push(value.trim().to_owned()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_read() {
        let check = |text: &str, listens: &[&str], service: Option<&str>| {
            assert_eq!(
                read(text),
                (listens.iter().map(|text| (*text).to_owned()).collect(), service.map(str::to_owned))
            );
        };
        check("[Socket]\nListenStream=/run/a\nListenDatagram = /run/b\n", &["/run/a", "/run/b"], None);
        check("[Socket]\nListenFIFO=/run/c\nService=d.service\n", &["/run/c"], Some("d.service"));
        check("[Unit]\nDescription=x\n", &[], None);
    }
}
