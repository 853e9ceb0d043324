//! `appsh test`: files and folders in, verdicts and an exit status out. The only place of this module that touches files.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex_lite::Regex;

use super::files::{LONGEST_TEXT, read_bounded};
use super::format::{Complaint, Transcript, decode};
use super::report::{self, Status, Verdict};
use super::runner::{self, Pagers};
use super::suite::{self, Shard};
use super::update::{self, Refusal};
use super::worlds::Worlds;
use crate::lab::Lab;
use crate::lab_file;
use crate::media::Shelf;
use crate::payload::Source;
use crate::vm::{Disc, Drive, HostFile, Medium, Origin};
use crate::world::World;

/// Where transcripts are looked for when no path is given.
const USUAL: &str = "transcripts";
/// How the files in a folder that are transcripts end.
const ENDING: &str = "txt";

/// Replay transcripts and compare what is printed with what they show.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Transcripts, and folders with `.txt` files in them [default: transcripts]
    pub paths: Vec<PathBuf>,
    /// Rewrite the expected text in place
    #[arg(long)]
    pub update: bool,
    /// How many run at the same time [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Run only the I-th of N parts
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Run only the files whose path fits the regular expression
    #[arg(long, value_name = "RE")]
    pub filter: Option<Regex>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Begin no further transcript once one has failed
    #[arg(long)]
    pub fail_fast: bool,
}

/// Form of the report.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Differences with their place, and a last line with the numbers.
    Human,
    /// One JSON object for each transcript.
    Json,
    /// Test Anything Protocol.
    Tap,
}

/// Opens the discs that a transcript may read.
pub type OpenShelf = fn() -> Box<dyn Shelf>;

/// Runs `appsh test`. The exit status: 0 when all are equal, 1 when some differ, 2 for a mistake in calling it, 74 when
/// something cannot be read or written.
pub fn run(args: &Args, shelf: OpenShelf, out: &mut dyn Write, err: &mut dyn Write, color: bool) -> u8 {
    let files = match find(args) {
        Ok(files) => files,
        Err((status, why)) => {
            let _ = writeln!(err, "appsh: {why}");
            return status;
        }
    };
    let worlds = Worlds::default();
    let jobs = args.jobs.map_or_else(processors, usize::from);
    let verdicts = suite::run(&files, jobs, args.fail_fast, &|file| timed(|| one(file, args.update, shelf, &worlds)));
    let written = match args.format {
        Format::Human => report::human(&verdicts, color, out),
        Format::Json => report::json(&verdicts, out),
        Format::Tap => report::tap(&verdicts, out),
    };
    let mut status = worst(&verdicts);
    if written.is_err() {
        status = 74;
    }
    if let Some(path) = &args.junit
        && let Err(e) = std::fs::write(path, report::junit(&verdicts))
    {
        let _ = writeln!(err, "appsh: {}: {e}", path.display());
        status = 74;
    }
    status
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn worst(verdicts: &[Verdict]) -> u8 {
    let status = |verdict: &Verdict| match verdict.status {
        Status::Passed | Status::Updated => 0,
        Status::Failed => 1,
        Status::Unreadable => 74,
    };
    verdicts.iter().map(status).max().unwrap_or(0)
}

#[expect(clippy::disallowed_methods, reason = "how long a transcript took is a matter of this computer, for JUnit")]
fn timed(run: impl FnOnce() -> Verdict) -> Verdict {
    let start = std::time::Instant::now();
    let verdict = run();
    Verdict { seconds: start.elapsed().as_secs_f64(), ..verdict }
}

/// The files this run is about; else the exit status and why there are none.
fn find(args: &Args) -> Result<Vec<PathBuf>, (u8, String)> {
    let usual = [PathBuf::from(USUAL)];
    let paths = if args.paths.is_empty() { &usual[..] } else { &args.paths };
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files).map_err(|e| (74, format!("{}: {e}", path.display())))?;
    }
    if let Some(filter) = &args.filter {
        files.retain(|file| filter.is_match(&file.to_string_lossy()));
    }
    if files.is_empty() {
        return Err((2, "there is no transcript to run".to_owned()));
    }
    Ok(match args.shard {
        Some(shard) => shard.of(files),
        None => files,
    })
}

/// A file as it is named; of a folder the transcripts in it and below, sorted.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !std::fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        // A link to a folder is not followed: it could lead back here.
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else if entry.path().extension().is_some_and(|ending| ending == ENDING) {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Runs one transcript, and rewrites it if that is wanted.
fn one(path: &Path, update: bool, shelf: OpenShelf, worlds: &Worlds) -> Verdict {
    let name = path.display().to_string();
    let bytes = match read_bounded(path, LONGEST_TEXT) {
        Ok(bytes) => bytes,
        Err(e) => return unreadable(name, &e),
    };
    let text = match decode(&bytes) {
        Ok(text) => text,
        Err(complaint) => return Verdict::rejected(name, &[complaint]),
    };
    let transcript = match Transcript::parse(text) {
        Ok(transcript) => transcript,
        Err(complaints) => return Verdict::rejected(name, &complaints),
    };
    let mut verdict = judge(&name, path, &transcript, update, shelf, worlds);
    if transcript.crlf {
        verdict.notes.push("its lines end with CR LF, as on Windows; they are taken as if with LF".to_owned());
    }
    verdict
}

fn unreadable(name: String, e: &std::io::Error) -> Verdict {
    let mut verdict = Verdict::new(name, Status::Unreadable);
    verdict.troubles.push((0, e.to_string()));
    verdict
}

fn judge(
    name: &str,
    path: &Path,
    transcript: &Transcript<'_>,
    update: bool,
    shelf: OpenShelf,
    worlds: &Worlds,
) -> Verdict {
    let pagers = if update { Pagers::Turned } else { Pagers::Expected };
    let open = |transcript: &Transcript<'_>| open_lab(path, transcript, shelf, worlds);
    let outcome = runner::run(transcript, &open, pagers);
    let verdict = Verdict::of(name.to_owned(), transcript, &outcome);
    if !update {
        return verdict;
    }
    let text = match update::update(transcript, &outcome) {
        Ok(None) => return verdict,
        Ok(Some(text)) => text,
        Err(Refusal(complaint)) => {
            let mut verdict = verdict;
            let refusal = (complaint.line, complaint.text);
            if !verdict.troubles.contains(&refusal) {
                verdict.troubles.push(refusal);
            }
            return verdict;
        }
    };
    // What is written must pass by itself; else the update would hide something.
    let mut again = match Transcript::parse(&text) {
        Err(complaints) => return Verdict::rejected(name.to_owned(), &complaints),
        Ok(new) => Verdict::of(name.to_owned(), &new, &runner::run(&new, &open, Pagers::Expected)),
    };
    if !again.status.is_good() {
        again.notes.push("its new text would not pass either; not rewritten".to_owned());
        return again;
    }
    if let Err(e) = std::fs::write(path, &text) {
        return unreadable(name.to_owned(), &e);
    }
    again.status = Status::Updated;
    again
}

/// Makes the lab that the head of the transcript at `path` names.
///
/// # Errors
/// What in the head cannot be had, with its line.
pub fn open_lab(path: &Path, transcript: &Transcript<'_>, shelf: OpenShelf, worlds: &Worlds) -> Result<Lab, Complaint> {
    let head = &transcript.head;
    let complain = |key: &str, text: String| Complaint { line: runner::head_line(transcript, key), text };
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = head.lab.unwrap_or(lab_file::DEFAULT);
    let mut world = worlds.of(folder, name, head.start, head.seed).map_err(|why| complain("lab", why))?;
    if let Some(disc) = head.discs.first() {
        let machine = match head.machine {
            Some(machine) => machine.to_owned(),
            None => world.machines().next().map(|(_, machine)| machine.name.clone()).unwrap_or_default(),
        };
        insert(&mut world, &machine, disc.name);
    }
    let named = transcript.discs.iter().map(|disc| (disc.name.to_owned(), disc.file.to_owned())).collect();
    Ok(Lab::new(world, Box::new(Beside { folder: folder.to_owned(), named, shelf: shelf() })))
}

/// Puts the disc of the head into the drive, as if it had been there before.
fn insert(world: &mut World, machine: &str, disc: &str) {
    if let Some(id) = world.find(machine) {
        world.machine_mut(id).vm.drive = Drive::Connected(Disc::unread(Medium::named(disc), Origin::Client));
    }
}

/// The discs that a transcript names, looked for from its folder; no other file is opened for it.
struct Beside {
    folder: PathBuf,
    /// Where each is, by its name.
    named: BTreeMap<String, String>,
    shelf: Box<dyn Shelf>,
}

impl Shelf for Beside {
    fn open(&self, medium: &Medium) -> Result<Arc<dyn Source>, String> {
        match medium {
            Medium::Bundled(_) => self.shelf.open(medium),
            // A transcript shows the path that it names, not where it lies on this computer.
            Medium::File(file) => match self.named.get(&file.name) {
                Some(path) => {
                    let place = self.folder.join(path).display().to_string();
                    self.shelf.open(&Medium::File(HostFile { place, ..file.clone() }))
                }
                None => {
                    Err(format!("{0}: this transcript may not read it; name it in a remark: # disc: {0}", file.name))
                }
            },
        }
    }
}
