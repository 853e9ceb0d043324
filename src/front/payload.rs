//! `appsh payload build|check|ls`: updates as files of the host.
//! Here alone the payload code meets the host's file system: an image becomes a [`Medium`], a folder a [`Source`].
//! Truth: design sections 4 and 6. Left out on purpose: following symbolic links of a folder, which could lead out of it.

use crate::payload::iso::IsoImage;
use crate::payload::{
    Cause, Contents, DiscError, Entry, EntryKind, Medium, Patch, PayloadError, Source, build, hash,
    open, printable, verify,
};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

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
    /// The folder with payload.toml
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

/// Runs `appsh payload`; the answer goes to `out`, complaints to `err`; gives the exit status.
pub fn run(args: &PayloadArgs, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match &args.command {
        PayloadCommand::Build(args) => run_build(args),
        PayloadCommand::Check { file } => run_check(file, out),
        PayloadCommand::Ls(args) => run_ls(args, out),
    };
    match done.and_then(|()| {
        out.flush()
            .map_err(|error| Trouble::at("standard output", error))
    }) {
        Ok(()) => 0,
        Err(trouble) => {
            for message in &trouble.messages {
                // Nobody is left to tell when standard error is closed, too.
                let _ = writeln!(err, "appsh: {message}");
            }
            trouble.status
        }
    }
}

/// What went wrong: an exit status and one message a line.
#[derive(Debug)]
struct Trouble {
    status: u8,
    messages: Vec<String>,
}

/// Exit status for a file that cannot be read or written (`EX_IOERR` of sysexits).
const UNREADABLE: u8 = 74;

impl Trouble {
    fn new(status: u8, message: String) -> Trouble {
        Trouble {
            status,
            messages: vec![message],
        }
    }

    fn at(place: impl fmt::Display, error: impl fmt::Display) -> Trouble {
        Trouble::new(UNREADABLE, format!("{place}: {error}"))
    }

    fn about(path: &Path, error: impl fmt::Display) -> Trouble {
        Trouble::at(path.display(), error)
    }
}

fn run_build(args: &BuildArgs) -> Result<(), Trouble> {
    let read =
        |file: &str| fs::read_to_string(args.source.join(file)).map_err(|error| error.to_string());
    let built = build(&read).map_err(|error| Trouble::about(&args.source, error))?;
    if let Some(file) = &args.target.output {
        let image = built
            .image()
            .map_err(|error| Trouble::about(&args.source, error))?;
        write_whole(file, &image).map_err(|error| Trouble::about(file, error))?;
    }
    if let Some(folder) = &args.target.dir {
        let full = folder
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some());
        if full {
            return Err(Trouble::about(folder, "the folder is not empty"));
        }
        for (path, body) in built.tree.files() {
            let path = folder.join(path);
            write_new(&path, body).map_err(|error| Trouble::about(&path, error))?;
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

/// Writes beside the target and renames, so that a half-written image never bears its name.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("not a file name"))?;
    let temporary = path.with_file_name(format!(
        ".{}.{}.part",
        name.to_string_lossy(),
        std::process::id()
    ));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell; a left-over temporary file is not.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn run_check(file: &Path, out: &mut dyn Write) -> Result<(), Trouble> {
    let failed = |error: &dyn fmt::Display| Trouble::new(1, format!("{}: {error}", file.display()));
    let source = open_source(file).map_err(|error| match error {
        SourceError::Disc(ref disc) if !matches!(disc.cause, Cause::Io(_)) => failed(&error),
        _ => Trouble::about(file, error),
    })?;
    match open(source.as_ref()) {
        Ok(Contents::Patch(patch)) => check_patch(file, source.as_ref(), &patch, out),
        Ok(Contents::Installer { found }) => Err(failed(&format_args!(
            "a full-installer disc ({} is on it), not an update",
            printable(&found)
        ))),
        Ok(Contents::Foreign) => Err(failed(
            &"no update is on it: there is no manifest-latest.xml",
        )),
        Err(error) => Err(failed(&error)),
    }
}

fn check_patch(
    file: &Path,
    source: &dyn Source,
    patch: &Patch,
    out: &mut dyn Write,
) -> Result<(), Trouble> {
    let Patch {
        name,
        version,
        build,
        packages,
        ..
    } = patch;
    let (name, version, build) = (printable(name), printable(version), printable(build));
    let output = |error| Trouble::at("standard output", error);
    writeln!(
        out,
        "{name}: version {version}, build {build}, {} packages, {} bytes",
        packages.len(),
        patch.size()
    )
    .map_err(output)?;
    let wrong: Vec<PayloadError> = patch
        .bodies()
        .filter_map(|body| verify(source, body).err())
        .collect();
    if wrong.is_empty() {
        let signatures = if patch.signed { "not checked" } else { "none" };
        writeln!(
            out,
            "{} files hashed, all as the metadata says; signatures: {signatures}",
            patch.bodies().count()
        )
        .map_err(output)?;
        return Ok(());
    }
    let io = |error: &PayloadError| {
        matches!(
            error,
            PayloadError::Disc(DiscError {
                cause: Cause::Io(_),
                ..
            })
        )
    };
    let status = if wrong.iter().any(io) { UNREADABLE } else { 1 };
    let messages = wrong
        .iter()
        .map(|error| format!("{}: {error}", file.display()))
        .collect();
    Err(Trouble { status, messages })
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
    let source = open_source(&args.file).map_err(|error| Trouble::about(&args.file, error))?;
    let line = |entry| {
        let sha256 = match args.sha256 {
            true => {
                digest(source.as_ref(), entry).map_err(|error| Trouble::about(&args.file, error))?
            }
            false => None,
        };
        Ok(Line { entry, sha256 })
    };
    let lines = source.entries().iter().map(line);
    let output = |error: io::Error| Trouble::at("standard output", error);
    if args.json {
        let listing = Listing {
            label: source.label(),
            entries: lines.collect::<Result<_, Trouble>>()?,
        };
        serde_json::to_writer_pretty(&mut *out, &listing).map_err(|error| output(error.into()))?;
        return writeln!(out).map_err(output);
    }
    for line in lines {
        let line = line?;
        let shown = if args.names {
            printable(&line.entry.path)
        } else {
            row(&line, args.sha256)
        };
        writeln!(out, "{shown}").map_err(output)?;
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

/// An image file or a disc device of the host.
#[derive(Debug)]
pub struct FileMedium {
    file: File,
    size: u64,
}

impl FileMedium {
    /// Opens it for reading.
    ///
    /// # Errors
    /// What the host says; a pipe or a terminal is refused, because it cannot be read at an offset.
    pub fn open(path: &Path) -> io::Result<FileMedium> {
        let kind = fs::metadata(path)?.file_type();
        if !kind.is_file() && !std::os::unix::fs::FileTypeExt::is_block_device(&kind) {
            return Err(io::Error::other("neither a file nor a disc device"));
        }
        let mut file = File::open(path)?;
        let size = file.seek(SeekFrom::End(0))?;
        Ok(FileMedium { file, size })
    }
}

impl Medium for FileMedium {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }
}

/// A folder of the host that holds an unpacked disc or a mirrored repository.
#[derive(Debug)]
pub struct FolderSource {
    root: PathBuf,
    entries: Vec<Entry>,
}

/// How many files and folders a folder may have.
const MOST_ENTRIES: usize = 1_000_000;

impl FolderSource {
    /// Lists the folder and all below it; links are listed, not followed.
    ///
    /// # Errors
    /// What the host says, or too many entries.
    pub fn open(root: &Path) -> io::Result<FolderSource> {
        let mut entries = Vec::new();
        let mut todo = vec![String::new()];
        while let Some(folder) = todo.pop() {
            for child in fs::read_dir(root.join(&folder))? {
                let child = child?;
                let name = child.file_name();
                let name = name
                    .to_str()
                    .ok_or_else(|| io::Error::other(format!("{name:?}: not UTF-8")))?;
                let path = if folder.is_empty() {
                    name.to_owned()
                } else {
                    format!("{folder}/{name}")
                };
                let kind = child.file_type()?;
                if kind.is_dir() {
                    todo.push(path.clone());
                    entries.push(Entry {
                        path,
                        kind: EntryKind::Directory,
                        size: 0,
                    });
                } else if kind.is_file() {
                    entries.push(Entry {
                        path,
                        kind: EntryKind::File,
                        size: child.metadata()?.len(),
                    });
                } else {
                    entries.push(Entry {
                        path,
                        kind: EntryKind::Other,
                        size: 0,
                    });
                }
                if entries.len() > MOST_ENTRIES {
                    return Err(io::Error::other(format!(
                        "more than {MOST_ENTRIES} entries"
                    )));
                }
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(FolderSource {
            root: root.to_owned(),
            entries,
        })
    }
}

impl Source for FolderSource {
    fn label(&self) -> &str {
        ""
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read_at(&self, path: &str, offset: u64, buf: &mut [u8]) -> Result<usize, DiscError> {
        let fail = |cause| Err(DiscError::new(path, offset, cause));
        match self.find(path).map(|entry| entry.kind) {
            None => return fail(Cause::NotFound),
            Some(EntryKind::Directory | EntryKind::Other) => return fail(Cause::NotAFile),
            Some(EntryKind::File) => {}
        }
        let read = File::open(self.root.join(path)).and_then(|file| file.read_at(buf, offset));
        read.or_else(|error| fail(Cause::Io(error.to_string())))
    }
}

/// Why a path of the host is no source.
#[derive(Debug)]
pub enum SourceError {
    /// The host does not let us read it.
    Host(io::Error),
    /// It can be read, and is no image or a damaged one.
    Disc(DiscError),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Host(error) => error.fmt(f),
            SourceError::Disc(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SourceError {}

/// Opens an image or a folder of the host.
///
/// # Errors
/// [`SourceError`]; the caller adds the path.
pub fn open_source(path: &Path) -> Result<Box<dyn Source>, SourceError> {
    if fs::metadata(path).map_err(SourceError::Host)?.is_dir() {
        return Ok(Box::new(
            FolderSource::open(path).map_err(SourceError::Host)?,
        ));
    }
    let medium = FileMedium::open(path).map_err(SourceError::Host)?;
    Ok(Box::new(IsoImage::open(medium).map_err(SourceError::Disc)?))
}
