//! Discs of one's own in a lab that is kept: found again from wherever the lab is opened, and noticed when another file
//! stands in their place by then.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use appsh::payload::bundled;
use tempfile::TempDir;

const STAGE: &str = "software-packages stage --iso --acceptEulas";

/// A folder with a disc, `one/tp.iso`, and another folder beside it.
fn with_disc() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for scratch files");
    for name in ["one", "two"] {
        fs::create_dir(folder.path().join(name)).expect("a new folder");
    }
    let image = bundled("VC-6.0.0U1-Appliance-TP").expect("it comes with appsh");
    fs::write(folder.path().join("one/tp.iso"), image).expect("written");
    folder
}

/// What the program does in this folder.
#[expect(clippy::disallowed_methods, reason = "the program itself is what is tested")]
fn appsh(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_appsh")).args(args).current_dir(folder).output().expect("the program runs")
}

/// Types lines into the lab that is kept in `lab` beside this folder: status, what the session showed, what appsh said.
fn type_into(folder: &Path, lines: &[&str]) -> (i32, String, String) {
    let typed = lines.iter().flat_map(|line| ["-c", line]);
    let args: Vec<&str> =
        ["run", "--save", "../lab", "--facts=vcsa01.staged.packages"].into_iter().chain(typed).collect();
    let output = appsh(folder, &args);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn a_disc_is_found_from_wherever_the_lab_is_opened_and_called_as_it_was_named() {
    for begun in [&["%disc attach tp.iso --from datastore", "%advance 1m"][..], &[]] {
        let folder = with_disc();
        let [one, two] = ["one", "two"].map(|name| folder.path().canonicalize().expect("it is there").join(name));
        if begun.is_empty() {
            let output = appsh(&one, &["run", "--save", "../lab", "--iso", "tp.iso", "-c", "help"]);
            assert!(output.status.success(), "{output:?}");
        } else {
            assert_eq!(type_into(&one, begun).0, 0);
        }
        let (status, out, err) = type_into(&two, &["%disc show", STAGE]);
        assert_eq!(status, 0, "{out}{err}");
        assert!(err.contains("vcsa01: tp.iso from the ") && !err.contains("changed"), "{err}");
        assert!(out.contains("packages staged successfully") && !out.contains("one/tp.iso"), "{out}");
    }
}

#[test]
fn another_file_in_its_place_is_noticed_and_nothing_is_lost() {
    let folder = with_disc();
    let [one, two] = ["one", "two"].map(|name| folder.path().canonicalize().expect("it is there").join(name));
    assert_eq!(type_into(&one, &["%disc attach tp.iso", "%advance 1m", STAGE]).0, 0);
    let image = one.join("tp.iso");
    let good = fs::read(&image).expect("an image");
    let find = |text: &str| good.windows(text.len()).position(|part| part == text.as_bytes()).expect("on the disc");
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        Some(bytes)
    };
    let longer = [&good[..], &[0; 2048]].concat();
    let check = |bytes: Option<Vec<u8>>, expect: &str| {
        match bytes {
            Some(bytes) => fs::write(&image, bytes).expect("written"),
            None => fs::remove_file(&image).expect("removed"),
        }
        let (status, out, err) = type_into(&two, &[STAGE]);
        assert_eq!(status, 1, "{expect}: {out}");
        let note = format!("appsh: vcsa01: the disc in its drive: tp.iso: {expect}");
        assert!(err.starts_with(&note) && err.contains(&format!("it lay at {}", image.display())), "{err}");
        assert!(err.contains(&format!("\nappsh: tp.iso: {expect}")) && !out.contains("appsh: "), "{out}{err}");
        assert!(out.ends_with("\nvcsa01.staged.packages = 16\n"), "{out}");
        fs::write(&image, &good).expect("written");
        let (status, out, err) = type_into(&two, &[STAGE]);
        assert_eq!((status, err.contains("the disc in its drive")), (0, false), "{expect}: {out}{err}");
    };
    check(None, "No such file or directory");
    check(
        Some(longer.clone()),
        &format!("changed since it was put into the drive (it had {} bytes, it has ", good.len()),
    );
    check(
        flipped(find("Third-party security fixes")),
        "changed since it was put into the drive (its manifest is another); put the old",
    );
    check(flipped(16 * 2048 + 813), "changed since it was put into the drive (the same size and manifest, another");
    fs::write(&image, longer).expect("written");
    let (status, out, err) = type_into(&one, &["%disc attach tp.iso", "%advance 1m", STAGE]);
    assert_eq!(status, 0, "attached anew it is taken as it is: {out}{err}");
}

#[test]
fn a_lab_file_names_images_that_lie_beside_it() {
    let folder = with_disc();
    let repository = "https://updates.example/6.0";
    let (_, lab) = appsh::lab_file::BUNDLED.iter().find(|(name, _)| *name == "vcsa-6.0").expect("it is bundled");
    let (machine, _) = lab.split_once("\n[repository]").expect("it has a repository");
    let lab = machine.replace("VC-6.0.0U1-Appliance-FP", "one/tp.iso");
    let lab = format!("{lab}\n[repository]\n\"{repository}\" = \"one/tp.iso\"\n");
    fs::write(folder.path().join("lab.toml"), &lab).expect("written");
    let two = folder.path().join("two");
    let run = |lab: &str, line: &str| {
        let output = appsh(&two, &["run", lab, "--facts=vcsa01.staged.packages", "-c", line]);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("UTF-8"))
    };
    for line in [STAGE, "software-packages stage --url https://updates.example/6.0 --acceptEulas"] {
        let (status, text) = run("../lab.toml", line);
        assert!(status == Some(0) && !text.contains("staged.packages = 0"), "{line}: {text}");
    }
    fs::write(folder.path().join("lab.toml"), lab.replace("one/tp.iso", "one/none.iso")).expect("written");
    let (status, text) = run("../lab.toml", STAGE);
    assert!(status == Some(74) && text.contains("one/none.iso: "), "{text}");
}
