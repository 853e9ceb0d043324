//! The file of `engine-backup`: a compressed archive whose members are those of the real one (reference `engine-tools.md`, end of
//! section 2). What the engine knows stands in its database dump, whose form is appsh's own.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, Header};

use super::model::Inventory;
use crate::payload::Sha256;
use crate::sim::Instant;

/// No backup of a lab is larger when it is unpacked.
const LARGEST: u64 = 1 << 20;
/// That of a small environment (transcript 10 of the reference has 1280 KB), and what each thing that the engine knows adds.
const SMALLEST: usize = 1_272 << 10;
const OF_EACH: usize = 1_531;
const DATABASE: &str = "./db/engine_backup.db";

/// The bytes of a backup.
///
/// # Errors
/// What cannot be written, in words.
pub fn pack(engine: &Inventory, now: Instant) -> Result<Vec<u8>, String> {
    let database = toml::to_string(engine).map_err(|error| error.to_string())?;
    let version = engine.version.split('.').take(2).collect::<Vec<_>>().join(".");
    let members = [
        ("./version", format!("{}\n", engine.version)),
        ("./os_version", format!("{}\n", if version == "4.4" || version == "4.5" { "rhel 8" } else { "rhel 7" })),
        ("./config", format!("ENGINE_FQDN={}\n", engine.fqdn)),
        (DATABASE, database),
    ];
    let sums: String =
        members.iter().map(|(name, text)| format!("{}  {name}\n", Sha256::of(text.as_bytes()))).collect();
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in
        members.iter().map(|(name, text)| (*name, text.as_str())).chain([("./sha256sum", sums.as_str())])
    {
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        // There is room for a short name.
        header.set_username("root").and_then(|()| header.set_groupname("root")).map_err(|error| error.to_string())?;
        header.set_mtime(u64::try_from(now.utc().unix_timestamp()).unwrap_or(0));
        header.set_cksum();
        archive.append_data(&mut header, name, text.as_bytes()).map_err(|error| error.to_string())?;
    }
    let mut packed = archive.into_inner().map_err(|error| error.to_string())?;
    packed.flush().map_err(|error| error.to_string())?;
    let mut packed = packed.finish().map_err(|error| error.to_string())?;
    packed.resize(packed.len().next_multiple_of(size(engine)), 0);
    Ok(packed)
}

/// So large is the real one, whose databases and keys are left out here; zeros stand for them behind the archive.
fn size(engine: &Inventory) -> usize {
    let known = engine.hosts.len() + engine.vms.len() + engine.storage_domains.len();
    SMALLEST + known * OF_EACH
}

/// What is in a backup; nothing when these are not the bytes of one.
#[must_use]
pub fn unpack(bytes: &[u8]) -> Option<Inventory> {
    let mut archive = Archive::new(GzDecoder::new(bytes).take(LARGEST));
    for member in archive.entries().ok()? {
        let mut member = member.ok()?;
        let name = member.path().ok()?.to_string_lossy().into_owned();
        if name.trim_start_matches("./") == DATABASE.trim_start_matches("./") {
            let mut text = String::new();
            member.read_to_string(&mut text).ok()?;
            return toml::from_str(&text).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let mut engine = Inventory::fresh("4.3.11.4", "manager.example.com");
        engine.vms.push("web1".to_owned());
        let packed = pack(&engine, Instant::parse("2022-06-12T20:00:00Z").expect("a moment")).expect("a backup");
        assert_eq!(unpack(&packed), Some(engine));
        let archive = packed.iter().rposition(|byte| *byte != 0).expect("it is not empty");
        assert_eq!(unpack(&packed[..archive / 2]), None);
        assert_eq!(unpack(b"no archive"), None);
    }
}
