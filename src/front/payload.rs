//! `appsh payload build|check|ls`: updates as files of the host.
//! Truth: design sections 4 and 6. Left out on purpose: signatures, which are reported as not checked.

mod host;

use super::{Trouble, UNREADABLE};
use crate::payload::{
    Cause, Contents, DiscError, Entry, EntryKind, Patch, PayloadError, SHORT_NAMES, Source, build, build_bundled, hash,
    open, printable, verify,
};
use crate::transcript::files::read_text;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use host::{FileMedium, FolderSource, SourceError, open_source};

/// The words behind `appsh payload`.
#[derive(Args, Clone, Debug)]
pub struct PayloadArgs {
    #[command(subcommand)]
    command: PayloadCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum PayloadCommand {
    /// Make the ISO image of an update, or its unpacked tree
    Build(BuildArgs),
    /// Verify an image or a repository folder: layout, metadata, every checksum
    Check {
        /// An ISO image or a folder
        file: PathBuf,
    },
    /// List what is on an ISO image or in a folder
    Ls(LsArgs),
}

#[derive(Args, Clone, Debug)]
struct BuildArgs {
    /// The folder with payload.toml, or the name of an update that comes with appsh
    source: PathBuf,
    #[command(flatten)]
    target: Target,
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
struct Target {
    /// Write the ISO image to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the unpacked tree into this folder, which must be new or empty
    #[arg(long, value_name = "OUT")]
    dir: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
struct LsArgs {
    /// An ISO image or a folder
    file: PathBuf,
    /// Paths only, one a line
    #[arg(long, conflicts_with = "json")]
    names: bool,
    /// As one JSON document
    #[arg(long)]
    json: bool,
    /// With the SHA-256 of each file
    #[arg(long, conflicts_with = "names")]
    sha256: bool,
}

/// Runs `appsh payload`; the answer goes to `out`.
///
/// # Errors
/// A file that cannot be read or written; of an update that is checked, all that is wrong with it, with status 1.
pub fn run(args: &PayloadArgs, out: &mut dyn Write) -> Result<(), Trouble> {
    match &args.command {
        PayloadCommand::Build(args) => run_build(args)?,
        PayloadCommand::Check { file } => run_check(file, out)?,
        PayloadCommand::Ls(args) => run_ls(args, out)?,
    }
    out.flush().map_err(output_trouble)
}

fn output_trouble(error: io::Error) -> Trouble {
    Trouble::at("standard output", &error)
}

fn run_build(args: &BuildArgs) -> Result<(), Trouble> {
    let read = |file: &str| read_text(&args.source.join(file)).map_err(|error| error.to_string());
    let unusable = |error: &dyn fmt::Display| Trouble::unreadable(args.source.display(), error);
    // What is no folder may be the name of an update that comes with appsh, with or without `payloads/` before it.
    let bundled = args.source.file_name().and_then(|name| name.to_str()).filter(|_| !args.source.exists());
    let built = match bundled.and_then(build_bundled) {
        Some(built) => built,
        None => build(&read),
    };
    let built = built.map_err(|error| unusable(&error))?;
    if let Some(file) = &args.target.output {
        let image = built.image().map_err(|error| unusable(&error))?;
        write_whole(file, &image).map_err(|error| Trouble::file(file, &error))?;
    }
    if let Some(folder) = &args.target.dir {
        let full = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        if full {
            return Err(Trouble::unreadable(folder.display(), "the folder is not empty"));
        }
        for (path, body) in built.tree.files() {
            let path = folder.join(path);
            write_new(&path, body).map_err(|error| Trouble::file(&path, &error))?;
        }
    }
    Ok(())
}

fn write_new(path: &Path, body: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, body)
}

/// Writes beside the target and renames, so that a half-written image never bears its name. A link leads to its target; a
/// pipe or a device is written into.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return fs::write(path, bytes);
    }
    // A name that nothing stands behind yet is written as it is given; a link that leads nowhere, too.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.is_symlink() {
        return fs::write(path, bytes);
    }
    let name = path.file_name().ok_or_else(|| io::Error::other("not a file name"))?;
    let temporary = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell; a left-over temporary file is not.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn run_check(file: &Path, out: &mut dyn Write) -> Result<(), Trouble> {
    let failed = |error: &dyn fmt::Display| Trouble { status: 1, ..Trouble::unreadable(file.display(), error) };
    let source = open_source(file).map_err(|error| match error {
        SourceError::Disc(ref disc) if !matches!(disc.cause, Cause::Io(_)) => failed(&error),
        _ => Trouble::unreadable(file.display(), error),
    })?;
    match open(source.as_ref()) {
        Ok(Contents::Patch(patch)) => check_patch(file, source.as_ref(), &patch, out),
        Ok(Contents::Installer { found }) => {
            Err(failed(&format_args!("a full-installer disc ({} is on it), not an update", printable(&found))))
        }
        Ok(Contents::ShortNames) => Err(failed(&SHORT_NAMES)),
        Ok(Contents::Foreign) => Err(failed(&"no update is on it: there is no manifest-latest.xml")),
        Err(error) => Err(failed(&error)),
    }
}

fn check_patch(file: &Path, source: &dyn Source, patch: &Patch, out: &mut dyn Write) -> Result<(), Trouble> {
    let Patch { name, version, build, packages, .. } = patch;
    let (name, version, build) = (printable(name), printable(version), printable(build));
    let bytes = packages.iter().fold(0, |sum: u64, package| sum.saturating_add(package.body.size));
    let stands = if bytes == patch.size() { String::new() } else { format!(" that stand for {}", patch.size()) };
    writeln!(out, "{name}: version {version}, build {build}, {} packages, {bytes} bytes{stands}", packages.len())
        .map_err(output_trouble)?;
    let wrong: Vec<PayloadError> = patch.bodies().filter_map(|body| verify(source, body).err()).collect();
    if wrong.is_empty() {
        let signatures = if patch.signed { "not checked" } else { "none" };
        writeln!(out, "{} files hashed, all as the metadata says; signatures: {signatures}", patch.bodies().count())
            .map_err(output_trouble)?;
        return Ok(());
    }
    let io = |error: &PayloadError| matches!(error, PayloadError::Disc(DiscError { cause: Cause::Io(_), .. }));
    let status = if wrong.iter().any(io) { UNREADABLE } else { 1 };
    let messages: Vec<String> = wrong.iter().map(|error| format!("{}: {error}", file.display())).collect();
    Err(Trouble { status, message: messages.join("\n") })
}

/// One entry as `ls --json` shows it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// The document of `ls --json`.
#[derive(Serialize)]
struct Listing<'a> {
    label: &'a str,
    entries: Vec<Line<'a>>,
}

fn run_ls(args: &LsArgs, out: &mut dyn Write) -> Result<(), Trouble> {
    let unreadable = |error: &dyn fmt::Display| Trouble::unreadable(args.file.display(), error);
    let source = open_source(&args.file).map_err(|error| unreadable(&error))?;
    let line = |entry| {
        let sha256 = match args.sha256 {
            true => digest(source.as_ref(), entry).map_err(|error| unreadable(&error))?,
            false => None,
        };
        Ok(Line { entry, sha256 })
    };
    let lines = source.entries().iter().map(line);
    if args.json {
        let listing = Listing { label: source.label(), entries: lines.collect::<Result<_, Trouble>>()? };
        serde_json::to_writer_pretty(&mut *out, &listing).map_err(|error| output_trouble(error.into()))?;
        return writeln!(out).map_err(output_trouble);
    }
    for line in lines {
        let line = line?;
        let shown = if args.names { printable(&line.entry.path) } else { row(&line, args.sha256) };
        writeln!(out, "{shown}").map_err(output_trouble)?;
    }
    Ok(())
}

fn digest(source: &dyn Source, entry: &Entry) -> Result<Option<String>, DiscError> {
    match entry.kind {
        EntryKind::File => hash(source, &entry.path).map(|(sha256, _)| Some(sha256.to_string())),
        EntryKind::Directory | EntryKind::Other => Ok(None),
    }
}

/// Kind, bytes, digest if wanted, path.
fn row(line: &Line<'_>, with_digest: bool) -> String {
    let kind = match line.entry.kind {
        EntryKind::File => '-',
        EntryKind::Directory => 'd',
        EntryKind::Other => '?',
    };
    let path = printable(&line.entry.path);
    let size = line.entry.size;
    match (&line.sha256, with_digest) {
        (Some(sha256), _) => format!("{kind} {size:>12}  {sha256}  {path}"),
        (None, true) => format!("{kind} {size:>12}  {:64}  {path}", "-"),
        (None, false) => format!("{kind} {size:>12}  {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: PayloadArgs,
    }

    /// A folder of its own for one test, gone at the end.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            let place = std::env::temp_dir().join(format!("appsh-payload-{name}-{}", std::process::id()));
            fs::create_dir_all(&place).unwrap();
            Place(place)
        }

        fn file(&self, name: &str) -> String {
            self.0.join(name).to_str().unwrap().to_owned()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn appsh(words: &[&str]) -> (u8, String, String) {
        let line = Line::try_parse_from([&["payload"], words].concat()).unwrap();
        let mut out = Vec::new();
        let (status, err) = match run(&line.args, &mut out) {
            Ok(()) => (0, String::new()),
            Err(Trouble { status, message }) => (status, message),
        };
        (status, String::from_utf8(out).unwrap(), err)
    }

    fn source() -> String {
        format!("{}/payloads/VC-6.0.0U1-Appliance-TP", env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn what_is_built_is_listed_and_checked_as_image_and_as_folder() {
        let place = Place::new("build");
        let (image, folder) = (place.file("tp.iso"), place.file("tree"));
        assert_eq!(appsh(&["build", &source(), "-o", &image, "--dir", &folder]), (0, String::new(), String::new()));
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 2, "no temporary file is left");
        let (status, names, _) = appsh(&["ls", "--names", &image]);
        assert_eq!(status, 0);
        assert!(names.starts_with("manifest\nmanifest/manifest-latest.xml\n"), "{names}");
        assert_eq!(appsh(&["ls", "--names", &folder]).1, names);
        assert_eq!(appsh(&["ls", "--sha256", &folder]).1, appsh(&["ls", "--sha256", &image]).1);
        assert!(appsh(&["ls", &image]).1.starts_with("d            0  manifest\n"));
        let (_, json, _) = appsh(&["ls", "--json", &image]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["label"], "VC-6.0.0U1-TP");
        assert_eq!(json["entries"][0], serde_json::json!({"path": "manifest", "kind": "directory", "size": 0}));
        let checked = appsh(&["check", &image]);
        assert_eq!((checked.0, checked.2.as_str()), (0, ""));
        assert!(
            checked.1.contains("16 packages")
                && checked.1.contains(" that stand for 95")
                && checked.1.contains("17 files hashed"),
            "{}",
            checked.1
        );
        assert_eq!(appsh(&["check", &folder]), checked);
    }

    #[test]
    fn complaints_have_a_status_a_path_and_a_cause() {
        let place = Place::new("complaints");
        let check = |words: &[&str], status: u8, start: String| {
            let (told, out, err) = appsh(words);
            assert_eq!((told, out.as_str()), (status, ""), "{err}");
            assert!(err.starts_with(&start), "{err:?} does not start with {start:?}");
        };
        let gone = place.file("gone");
        let why = "No such file or directory";
        check(&["ls", &gone], 74, format!("{gone}: {why}"));
        check(&["check", &gone], 74, format!("{gone}: {why}"));
        check(&["build", &gone, "-o", &place.file("x")], 74, format!("{gone}: payload.toml: {why}"));
        check(&["build", &source(), "-o", &place.file("no/x")], 74, format!("{}: {why}", place.file("no/x")));
        let full = place.file("");
        let text = place.file("text");
        fs::write(&text, "not an image").unwrap();
        let cause = "at byte 32768: this is not an ISO 9660 image (no CD001 here)";
        check(&["ls", &text], 74, format!("{text}: {cause}"));
        check(&["check", &text], 1, format!("{text}: {cause}"));
        check(&["build", &source(), "--dir", &full], 74, format!("{full}: the folder is not empty"));
        check(&["check", &full], 1, format!("{full}: no update is on it"));
        fs::create_dir(place.0.join("vcsa-ui-installer")).unwrap();
        check(&["check", &full], 1, format!("{full}: a full-installer disc (vcsa-ui-installer is on it)"));
        check(&["ls", "/dev/null"], 74, "/dev/null: neither a file nor a disc device".to_owned());
    }

    #[test]
    fn a_flipped_byte_fails_the_check_and_an_outside_link_is_not_followed() {
        let place = Place::new("flipped");
        let folder = place.file("tree");
        assert_eq!(appsh(&["build", &source(), "--dir", &folder]).0, 0);
        let package = format!("{folder}/package-pool/bash-3.2-147.27.1.x86_64.rpm");
        let mut bytes = fs::read(&package).unwrap();
        bytes[1000] ^= 1;
        fs::write(&package, &bytes).unwrap();
        let (status, _, err) = appsh(&["check", &folder]);
        assert_eq!((status, err.lines().count()), (1, 1));
        assert!(err.contains("bash-3.2-147.27.1.x86_64.rpm: its SHA-256 is "), "{err}");
        fs::remove_file(&package).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &package).unwrap();
        let (status, _, err) = appsh(&["check", &folder]);
        assert_eq!(status, 1);
        assert!(err.contains("named by the metadata, but not on the disc"), "{err}");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the host makes a pipe to write into")]
    fn what_is_no_file_is_written_into_and_a_link_stays_one() {
        use std::os::unix::fs::FileTypeExt;
        let place = Place::new("special");
        let build =
            |file: &str| assert_eq!(appsh(&["build", &source(), "-o", file]), (0, String::new(), String::new()));
        build("/dev/null");
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        let (image, link, pipe) = (place.file("tp.iso"), place.file("link"), place.file("pipe"));
        std::os::unix::fs::symlink("tp.iso", &link).unwrap();
        build(&link);
        let there = fs::read(&image).unwrap();
        build(&link);
        assert!(Path::new(&link).is_symlink() && !Path::new(&image).is_symlink());
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        build(&pipe);
        assert!(reader.join().unwrap() == there, "what comes out of the pipe is the image");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 3, "no temporary file is left");
    }

    #[test]
    fn build_wants_to_know_where_to() {
        assert!(Line::try_parse_from(["payload", "build", "x"]).is_err());
    }
}
