//! Updates: the bundled ones say what the captures say, their arithmetic holds, and tampering is found.

use super::layout::{Chance, image_of};
use std::sync::Arc;

use appsh::payload::iso::{ImageOptions, IsoImage, write_image};
use appsh::payload::{
    Contents, Entry, EntryKind, Patch, PayloadError, Sha256, Source, Tree, build, bundled, bundled_disc, bundled_names,
    compare_evr, open, parse_rows, verify,
};
use std::collections::BTreeMap;
use time::macros::date;

fn patch(source: &dyn Source) -> Patch {
    match open(source) {
        Ok(Contents::Patch(patch)) => Arc::unwrap_or_clone(patch),
        other => panic!("not a patch: {other:?}"),
    }
}

#[test]
fn the_bundled_updates_say_what_the_captured_listings_say() {
    let shown = |name: &str| {
        let Patch { category, kb, vendor, tags, product, release_date, version, build, summary, severity, .. } =
            patch(&bundled_disc(name).unwrap());
        format!("{category}|{kb}|{vendor}|{tags:?}|{product}|{release_date}|{version}|{build}|{summary}|{severity}")
    };
    assert_eq!(
        shown("VC-6.0.0U1-Appliance-FP"),
        "bugfix|http://kb.vmware.com/2119924|VMware, Inc.|[\"\"]|VMware vCenter Server Appliance|September 10, 2015|\
         6.0.0.10000|3018521|Update for VMware vCenter Server Appliance 6.0|critical"
    );
    assert_eq!(
        shown("VC-6.0.0U2-Appliance-FP"),
        "bugfix|http://kb.vmware.com/kb/2138600|VMware, Inc.|[\"\"]|VMware vCenter Server Appliance|March 15, 2016|\
         6.0.0.20000|3634791|VMware vCenter Server Appliance 6.0 Update 2|critical"
    );
    assert_eq!(
        shown("VC-6.5.0U2h-Appliance-FP"),
        "Security|https://docs.vmware.com/en/VMware-vSphere/6.5/rn/vcenter-server-appliance-photonos-security-patches.html|\
         VMware, Inc.|[\"\"]|VMware vCenter Server Appliance|May 30, 2019|6.5.0.24100|13834586|\
         Patch for vCenter Server Appliance 6.5 with security fixes for PhotonOS|Critical"
    );
    for name in bundled_names() {
        let disc = bundled_disc(name).unwrap();
        let patch = patch(&disc);
        assert_eq!(patch.name.as_str(), name);
        for body in patch.bodies() {
            verify(&disc, body).unwrap();
        }
        let bodies = patch.packages.iter().map(|package| package.body.size).sum::<u64>();
        assert!(patch.size() > 100 * bodies, "{name}: {} bytes of packages on {bodies} of the disc", patch.size());
        let layers = if patch.version.starts_with(['8', '9']) { 24 } else { 0 };
        assert_eq!(patch.files.len(), 1 + layers, "{name}: the archive of scripts, and container layers");
    }
    assert!(bundled("VC-6.0.0U9").is_none());
}

/// Brings the installed versions up to those of a patch; tells how many were newer.
fn install(installed: &mut BTreeMap<String, String>, patch: &Patch) -> usize {
    let mut newer = 0;
    for package in &patch.packages {
        let own = installed.get_mut(&package.name).expect("no update brings a package that 6.0 has not");
        if compare_evr(&package.evr, own).is_gt() {
            own.clone_from(&package.evr);
            newer += 1;
        }
    }
    newer
}

#[test]
fn the_package_arithmetic_of_the_bundled_updates_holds() {
    let text = include_str!("../../payloads/packages-6.0.tsv");
    let rows = parse_rows(text).unwrap();
    let mut installed: BTreeMap<String, String> =
        rows.iter().map(|row| (row.name.to_owned(), row.evr.to_owned())).collect();
    assert_eq!(installed.len(), rows.len(), "no package twice");
    let [u1, tp, u2] = ["VC-6.0.0U1-Appliance-FP", "VC-6.0.0U1-Appliance-TP", "VC-6.0.0U2-Appliance-FP"]
        .map(|name| patch(&bundled_disc(name).unwrap()));
    let vpxd = |installed: &BTreeMap<String, String>| installed["VMware-vpxd"].clone();
    let release = |installed: &BTreeMap<String, String>| installed["VMware-appliance-release"].clone();
    assert_eq!((vpxd(&installed), release(&installed)), ("6.0.0-2559267".into(), "6.0.0-2559267".into()));

    let mut patched = installed.clone();
    assert_eq!((install(&mut patched, &tp), tp.packages.len()), (16, 16));
    assert!(tp.third_party && tp.packages.iter().all(|package| package.third_party));
    assert_eq!((vpxd(&patched), release(&patched)), (vpxd(&installed), release(&installed)));

    assert_eq!((install(&mut installed, &u1), u1.packages.len()), (143, 143));
    assert_eq!((vpxd(&installed), release(&installed)), ("6.0.0-3018524".into(), "6.0.0.10000-3018521".into()));
    assert_eq!(install(&mut installed, &u1), 0, "none are newer after the install");
    assert_eq!(install(&mut installed, &tp), 0, "U1 has the third-party fixes");
    assert_eq!((install(&mut installed, &u2), u2.packages.len()), (143, 223));
    assert_eq!((vpxd(&installed), release(&installed)), ("6.0.0-3634793".into(), "6.0.0.20000-3634791".into()));
    assert!(!u1.third_party && u1.packages.iter().any(|package| package.third_party));
}

#[test]
fn the_licence_text_fills_four_pages_and_ends_without_a_line_break() {
    let eula = patch(&bundled_disc("VC-6.0.0U1-Appliance-FP").unwrap()).eula;
    assert_eq!(eula.lines().next(), Some("SIMULATED LICENCE TEXT"));
    assert!((4 * 24..=140).contains(&eula.lines().count()));
    assert!(eula.lines().all(|line| line.len() <= 78));
    assert!(eula.ends_with("line break."), "and not with a newline");
    assert_eq!(eula, include_str!("../../payloads/eula.txt"));
}

/// Content by path.
type Files = BTreeMap<String, Vec<u8>>;

/// The files of a bundled update, to be tampered with.
fn files_of(name: &str) -> Files {
    let disc = bundled_disc(name).unwrap();
    let file = |entry: &Entry| {
        (entry.kind == EntryKind::File).then(|| (entry.path.clone(), disc.read(&entry.path, 1 << 20).unwrap()))
    };
    disc.entries().iter().filter_map(file).collect()
}

const TP: &str = "VC-6.0.0U1-Appliance-TP";
const MANIFEST: &str = "manifest/manifest-latest.xml";

#[test]
fn one_flipped_byte_in_a_package_is_found() {
    let files = files_of(TP);
    for (path, body) in files.iter().filter(|(path, _)| path.ends_with(".rpm")) {
        let mut files = files.clone();
        files.get_mut(path).unwrap()[body.len() / 2] ^= 1;
        let image = IsoImage::open(image_of(&Tree::new("X", files), true, true)).unwrap();
        let patch = patch(&image);
        let wrong: Vec<PayloadError> = patch.bodies().filter_map(|body| verify(&image, body).err()).collect();
        assert!(matches!(&wrong[..], [PayloadError::Checksum { path: told, .. }] if told == path), "{wrong:?}");
    }
}

#[test]
fn tampered_metadata_is_found() {
    let check = |tamper: &dyn Fn(&mut Files)| {
        let mut files = files_of(TP);
        tamper(&mut files);
        open(&Tree::new("X", files)).unwrap_err()
    };
    let sidecar = format!("{MANIFEST}.sha256");
    let rpm = "package-pool/bash-3.2-147.27.1.x86_64.rpm";
    let error = check(&|files| files.get_mut(MANIFEST).unwrap()[400] ^= 1);
    assert!(matches!(error, PayloadError::Checksum { path, .. } if path == MANIFEST));
    let error = check(&|files| files.get_mut("package-pool/rpm-manifest.json").unwrap()[40] ^= 1);
    assert!(matches!(error, PayloadError::Checksum { path, .. } if path == "package-pool/rpm-manifest.json"));
    let error = check(&|files| *files.get_mut(&sidecar).unwrap() = b"nonsense".to_vec());
    assert_eq!(error.to_string(), format!("{sidecar}: line 1: not a SHA-256 digest: nonsense"));
    let error = check(&|files| drop(files.remove(rpm)));
    assert_eq!(error, PayloadError::Missing { path: rpm.to_owned() });
    let error = check(&|files| {
        let body = files.remove(rpm).unwrap();
        files.insert("bash-3.2-147.27.1.x86_64.rpm".to_owned(), body);
    });
    let found = "bash-3.2-147.27.1.x86_64.rpm".to_owned();
    assert_eq!(error, PayloadError::Misplaced { path: rpm.to_owned(), found });
    let error = check(&|files| {
        files.remove(&sidecar);
        files.remove("package-pool/rpm-manifest.json");
        let manifest = String::from_utf8(files[MANIFEST].clone()).unwrap();
        let other = "package-pool/curl-7.19.7-1.46.1.x86_64.rpm";
        files.insert(MANIFEST.to_owned(), manifest.replace(other, rpm).into_bytes());
    });
    assert_eq!(error, PayloadError::Repeated { path: rpm.to_owned() });
    let error = check(&|files| {
        let list = "package-pool/rpm-manifest.json";
        files.remove(&format!("{list}.sha256"));
        let text = String::from_utf8(files[list].clone()).unwrap();
        let digest = Sha256::of(&files[rpm]).to_string();
        let other = Sha256::of(b"other").to_string();
        files.insert(list.to_owned(), text.replace(&digest, &other).into_bytes());
    });
    let told = "package-pool/rpm-manifest.json: line 1: not the digest of bash-3.2-147.27.1.x86_64.rpm in the manifest";
    assert_eq!(error.to_string(), told);
    let error = check(&|files| files.get_mut(rpm).unwrap().push(0));
    assert!(matches!(error, PayloadError::Size { path, expected, found } if path == rpm && found == expected + 1));
    let error = check(&|files| {
        files.remove(&sidecar);
        *files.get_mut(MANIFEST).unwrap() = b"<update><version>".to_vec();
    });
    assert!(matches!(error, PayloadError::Manifest(_)), "{error}");
    for lie in ["9999999999999", "-1", "huge"] {
        let error = check(&|files| {
            files.remove(&sidecar);
            let manifest = String::from_utf8(files[MANIFEST].clone()).unwrap();
            let lying = manifest.replacen("<realSize>", &format!("<realSize>{lie}</realSize><x>"), 1);
            files.insert(MANIFEST.to_owned(), lying.replacen("</realSize>\n", "</x>\n", 1).into_bytes());
        });
        assert!(error.to_string().contains("a real size that is no number of bytes up to"), "{error}");
    }
}

#[test]
fn a_manifest_of_any_shape_is_survived() {
    let mut chance = Chance(4711);
    let mut files = files_of(TP);
    files.remove(&format!("{MANIFEST}.sha256"));
    let good = files[MANIFEST].clone();
    let mut survive = |manifest: Vec<u8>| {
        files.insert(MANIFEST.to_owned(), manifest);
        open(&Tree::new("X", files.clone())).is_ok()
    };
    assert!(survive(good.clone()));
    let start = good.len() - 2500;
    for _ in 0..500 {
        let mut bytes = good.clone();
        for _ in 0..=chance.below(3) {
            let at = if chance.below(2) == 0 { start + chance.below(2500) } else { chance.below(800) };
            bytes[at] = b"<>\"&/ x0\xFF\n"[chance.below(10)];
        }
        survive(bytes);
    }
    assert!(!survive(b"<a>".repeat(300_000)), "deep nesting");
    assert!(!survive([b"<update>".to_vec(), b"<a/>".repeat(500_000)].concat()), "too many elements");
    let bomb = "<!DOCTYPE update [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
                <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><update><version>&c;&c;&c;</version></update>";
    assert!(!survive(bomb.into()), "entities that grow");
}

#[test]
fn the_full_installer_and_foreign_discs_are_told_apart() {
    let contents = |path: &str| open(&Tree::new("X", [(path.to_owned(), vec![1])])).unwrap();
    let installer = contents("vcsa-ui-installer/win32/installer.exe");
    assert_eq!(installer, Contents::Installer { found: "vcsa-ui-installer".to_owned() });
    assert_eq!(contents("VCSA/vmware-vcsa"), Contents::Installer { found: "VCSA".to_owned() });
    assert_eq!(contents("holiday/photo.jpg"), Contents::Foreign);
}

#[test]
fn an_image_with_short_names_only_is_called_one() {
    let options = |rock_ridge, joliet| ImageOptions { date: date!(2015 - 09 - 10), rock_ridge, joliet };
    let files = || files_of(TP).into_iter().map(|(path, body)| (path.replace("manifest-latest", "LATEST"), body));
    let check = |tree: &Tree, rock_ridge, joliet, expect: &dyn Fn(Result<Contents, PayloadError>) -> bool| {
        let image = write_image(tree, &options(rock_ridge, joliet)).unwrap();
        let found = open(&IsoImage::open(image).unwrap());
        assert!(expect(found.clone()), "{rock_ridge} {joliet}: {found:?}");
    };
    let renamed = Tree::new("X", files());
    check(&renamed, true, false, &|found| found == Ok(Contents::Foreign));
    check(&renamed, false, true, &|found| found == Ok(Contents::Foreign));
    check(&renamed, false, false, &|found| found == Ok(Contents::ShortNames));
    let whole = Tree::new("X", files_of(TP));
    check(&whole, true, true, &|found| matches!(found, Ok(Contents::Patch(_))));
    check(&whole, false, false, &|found| found.is_ok_and(|found| found == Contents::ShortNames));
    let installer = Tree::new("X", [("VCSA/x".to_owned(), vec![1])]);
    check(&installer, false, false, &|found| matches!(found, Ok(Contents::Installer { .. })));
}

/// A small update in the layout of 8.0, with one container layer that only `rpm-manifest.json` names.
fn eight() -> BTreeMap<String, Vec<u8>> {
    let toml = include_str!("../../payloads/VC-6.0.0U1-Appliance-TP/payload.toml")
        .replace("\"6.x\"", "\"8.0\"")
        .replace("6.0.0.10000", "8.0.3.00800");
    let read = |file: &str| match file {
        "payload.toml" => Ok(toml.clone()),
        "packages.tsv" => Ok("VMware-vpxd\t8.0.3-25197330\tx86_64\tvmware\t900\n".to_owned()),
        _ => Ok("SIMULATED".to_owned()),
    };
    let built = build(&read).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> =
        built.tree.files().map(|(path, body)| (path.to_owned(), body.to_vec())).collect();
    let blob = b"a container layer".to_vec();
    let digest = Sha256::of(&blob);
    let item = format!(
        "\"files\": {{ \"{digest}\": {{ \"relativepath\": \"{digest}.blob\", \"sha256val\": \"{digest}\", \"type\": \"blob\" }},"
    );
    let list = String::from_utf8(files["rpm-manifest.json"].clone()).unwrap().replacen("\"files\": {", &item, 1);
    files.insert("rpm-manifest.json.sha256".to_owned(), Sha256::of(list.as_bytes()).to_string().into_bytes());
    files.insert("rpm-manifest.json".to_owned(), list.into_bytes());
    files.insert(format!("package-pool/{digest}.blob"), blob);
    files.insert("manifest-latest.xml.sign".to_owned(), b"?".to_vec());
    files
}

#[test]
fn the_layout_of_8_0_is_read() {
    let files = eight();
    assert!(files.contains_key("manifest-latest.xml"));
    let image = IsoImage::open(image_of(&Tree::new("X", files.clone()), true, true)).unwrap();
    let patch = patch(&image);
    assert!(patch.signed);
    assert_eq!((patch.version.as_str(), patch.packages.len(), patch.files.len()), ("8.0.3.00800", 1, 2));
    assert!(patch.bodies().all(|body| verify(&image, body).is_ok()));

    let mut without = files;
    without.retain(|path, _| !path.ends_with(".blob"));
    assert!(matches!(open(&Tree::new("X", without)), Err(PayloadError::Missing { path }) if path.ends_with(".blob")));
}

#[test]
fn a_manifest_without_packages_takes_them_from_the_list() {
    let mut files = eight();
    files.remove("manifest-latest.xml.sha256");
    let bare = "<update><version>8.0.3.00800</version><fullVersion>8.0.3.00800 Build 25197330</fullVersion>\
                <releaseDate>20250403115019.000000+000</releaseDate></update>";
    files.insert("manifest-latest.xml".to_owned(), bare.into());
    let patch = patch(&Tree::new("X", files));
    assert_eq!((patch.name.as_str(), patch.build.as_str()), ("VC-8.0.3.00800", "25197330"));
    assert_eq!(patch.release_date, "April 3, 2025");
    let package = &patch.packages[0];
    assert_eq!((package.name.as_str(), package.evr.as_str()), ("VMware-vpxd", "8.0.3-25197330"));
    assert_eq!((package.arch.as_str(), package.third_party), ("x86_64", false));
    assert_eq!(patch.eula, "");
}

#[test]
fn a_list_of_any_shape_is_survived() {
    let mut files = eight();
    files.remove("rpm-manifest.json.sha256");
    let good = String::from_utf8(files["rpm-manifest.json"].clone()).unwrap();
    let mut opened = |text: &str| {
        files.insert("rpm-manifest.json".to_owned(), text.as_bytes().to_vec());
        open(&Tree::new("X", files.clone()))
    };
    assert!(opened(&good).is_ok());
    let mut chance = Chance(99);
    for _ in 0..2000 {
        let mut text: Vec<char> = good.chars().collect();
        let at = chance.below(text.len());
        text[at] = ['"', '-', '.', '{', ':', 'é', '\0', '0'][chance.below(8)];
        // Some of these are still right; none may panic.
        let _ = opened(&text.into_iter().collect::<String>());
    }
    let digest = Sha256::of(b"").to_string();
    for name in ["", "-", ".rpm", "-.rpm", "é-1.rpm", "a-b.c.rpm", "../../etc/passwd.rpm", "/x.rpm"] {
        let text = format!(r#"{{"files":{{"{digest}":{{"relativepath":"{name}","sha256val":"{digest}"}}}}}}"#);
        assert!(matches!(opened(&text), Err(PayloadError::Missing { .. })), "{name}");
    }
    let error = opened(&"[".repeat(100_000)).unwrap_err();
    assert!(matches!(error, PayloadError::Manifest(_)), "{error}");
}
