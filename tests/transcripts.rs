//! Every file under `transcripts/` is a test of its own name, run twice; and the promises about them: none is an orphan,
//! only what comes from outside is compared less than to the byte, and what counts as captured has a source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use appsh::front::shelf::HostShelf;
use appsh::payload::Tree;
use appsh::payload::iso::{ImageOptions, write_image};
use appsh::shell::Grade;
use appsh::systems::{coverage, facts};
use appsh::transcript::{Pagers, Transcript, Worlds, cli, decode, report, run};
use libtest_mimic::{Arguments, Failed, Trial};

/// What an evidence line says that names no source.
const INFERRED: &str = "inferred";
/// A disc from which one can only install anew, for the transcripts that put it into the drive.
const INSTALLER: &str = "vcsa/discs/full-installer.iso";

/// The files of the reference, one a line.
const SOURCES: &str = "sources.list";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = vec![
        Trial::test("no file is an orphan", no_file_is_an_orphan),
        Trial::test("only transcripts from outside are normalized", only_those_from_outside_are_normalized),
        Trial::test("the table of captures is whole", the_table_of_captures_is_whole),
        Trial::test("every transcript says where its texts come from", every_transcript_has_evidence),
        Trial::test("what is captured has a transcript with a source", what_is_captured_has_a_source),
        Trial::test("what is captured is typed where it is said to be", what_is_captured_is_typed),
        Trial::test("coverage knows where each command is typed", coverage_knows_the_transcripts),
        Trial::test("the steps of the update take as long as the real ones", steps_take_their_time),
        Trial::test("the installer disc is what our own writer makes", the_installer_disc_is_ours),
    ];
    for path in files() {
        if is_transcript(&path) {
            trials.push(Trial::test(short(&path), move || replay(&path)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// Where the captures are which others published.
fn evidence() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence")
}

/// Our own transcripts by what stands below their folder, captures with `evidence/` before it.
fn short(path: &Path) -> String {
    match path.strip_prefix(evidence()) {
        Ok(below) => Path::new("evidence").join(below).display().to_string(),
        Err(_) => path.strip_prefix(root()).unwrap_or(path).display().to_string(),
    }
}

/// The file that goes by a short name.
fn long(short: &str) -> PathBuf {
    short.strip_prefix("evidence/").map_or_else(|| root().join(short), |below| evidence().join(below))
}

fn is_transcript(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "txt")
}

/// All files below `transcripts/` and `tests/evidence/`, sorted.
fn files() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root(), evidence()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the project") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Runs a transcript twice: both times as it stands, and both times the same bytes, also where only shapes are compared.
fn replay(path: &Path) -> Result<(), Failed> {
    let name = short(path);
    with(path, |transcript| {
        let open =
            |transcript: &Transcript<'_>| cli::open_lab(path, transcript, || Box::new(HostShelf), &Worlds::default());
        let first = run(transcript, &open, Pagers::Expected);
        let verdict = report::Verdict::of(name.clone(), transcript, &first);
        if !first.passed() {
            let mut text = Vec::new();
            report::human(&[verdict], false, &mut text)?;
            return Err(String::from_utf8_lossy(&text).into_owned().into());
        }
        if first.typed == 0 {
            return Err("nothing is typed in it".into());
        }
        if run(transcript, &open, Pagers::Expected) != first {
            return Err("the second run printed other bytes than the first".into());
        }
        Ok(())
    })
}

fn with<R>(path: &Path, look: impl FnOnce(&Transcript<'_>) -> Result<R, Failed>) -> Result<R, Failed> {
    let bytes = std::fs::read(path)?;
    let name = short(path);
    let text = decode(&bytes).map_err(|complaint| format!("{name}:{}: {}", complaint.line, complaint.text))?;
    let transcript = Transcript::parse(text).map_err(|complaints| format!("{name}: {complaints:?}"))?;
    look(&transcript)
}

/// Whether an evidence line names a source.
fn is_source(evidence: &str) -> bool {
    !evidence.trim().is_empty() && !evidence.starts_with(INFERRED)
}

fn no_file_is_an_orphan() -> Result<(), Failed> {
    let mut named = BTreeSet::new();
    for path in files().iter().filter(|path| is_transcript(path)) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        named.extend(with(path, |transcript| {
            let lab = transcript.head.lab.map(|lab| folder.join(lab));
            Ok(transcript.discs.iter().map(|disc| folder.join(disc.file)).chain(lab).collect::<Vec<_>>())
        })?);
    }
    let known = ["evidence/LICENSE", "evidence/README.md", "evidence/sources.list"];
    let orphans: Vec<String> = files()
        .iter()
        .filter(|path| !is_transcript(path) && !named.contains(*path))
        .map(|path| short(path))
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    if orphans.is_empty() { Ok(()) } else { Err(format!("no transcript uses {}", orphans.join(", ")).into()) }
}

fn only_those_from_outside_are_normalized() -> Result<(), Failed> {
    for path in files().iter().filter(|path| is_transcript(path)) {
        with(path, |transcript| {
            let dots = transcript.lines.iter().any(|line| line.text == "..." || line.text.contains("[..]"));
            let sourced = transcript.head.evidence.iter().any(|evidence| is_source(evidence));
            let outside = path.starts_with(evidence());
            if (transcript.head.normalize.any() || dots) && !outside {
                return Err(format!("{} is our own and must be compared to the byte", short(path)).into());
            }
            if outside && !sourced {
                return Err(format!("{} comes from outside and does not say from where", short(path)).into());
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// A row of the table of captures: the source, the transcript made of it, and whether that runs or why there is none.
struct Row {
    source: String,
    capture: Option<String>,
    runs: String,
}

fn table_of_captures() -> Result<Vec<Row>, Failed> {
    let table = std::fs::read_to_string(evidence().join("README.md"))?;
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let mut read = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.splitn(3, " | ").collect();
        let [source, capture, runs] = cells[..] else { return Err(format!("{row:?} has not three cells").into()) };
        let capture = capture.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
        read.push(Row {
            source: source.trim_end_matches('`').to_owned(),
            capture: capture.map(|name| format!("evidence/{name}")),
            runs: runs.to_owned(),
        });
    }
    Ok(read)
}

/// Each source has one row in the table of the captures, each capture has one or more, and no row names anything else. What
/// does not run has a reason.
fn the_table_of_captures_is_whole() -> Result<(), Failed> {
    let rows = table_of_captures()?;
    let sources = std::fs::read_to_string(evidence().join(SOURCES))?;
    let mut listed: Vec<&str> = sources.lines().collect();
    let mut named: Vec<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    listed.sort_unstable();
    named.sort_unstable();
    if listed != named || listed.is_empty() {
        let differ = |a: &[&str], b: &[&str]| {
            a.iter().filter(|name| !b.contains(name)).map(|name| (*name).to_owned()).collect::<Vec<_>>()
        };
        return Err(format!(
            "without a row: {:?}; without a source, or twice: {:?}",
            differ(&listed, &named),
            differ(&named, &listed)
        )
        .into());
    }
    for row in &rows {
        let fits = match &row.capture {
            Some(_) => row.runs.starts_with("runs"),
            None => row.runs.strip_prefix("no: ").is_some_and(|why| !why.trim().is_empty()),
        };
        if !fits {
            return Err(format!("{}: {:?} says neither that it runs nor why not", row.source, row.runs).into());
        }
    }
    let rows: BTreeSet<String> = rows.into_iter().filter_map(|row| row.capture).collect();
    let there: BTreeSet<String> = files()
        .iter()
        .filter(|path| is_transcript(path) && path.starts_with(evidence()))
        .map(|path| short(path))
        .collect();
    let wrong: Vec<&String> = rows.symmetric_difference(&there).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("the table or the folder lacks {wrong:?}").into()) }
}

fn every_transcript_has_evidence() -> Result<(), Failed> {
    for path in files().iter().filter(|path| is_transcript(path)) {
        with(path, |transcript| match transcript.head.evidence.as_slice() {
            [] => Err(format!("{} has no `# evidence:`", short(path)).into()),
            _ => Ok(()),
        })?;
    }
    Ok(())
}

fn what_is_captured_has_a_source() -> Result<(), Failed> {
    let rows: Vec<_> = coverage::table().into_iter().flat_map(|(_, rows)| rows).collect();
    let captured: Vec<_> = rows.iter().filter(|row| row.grade == Grade::Captured).collect();
    if captured.is_empty() {
        return Err("nothing is captured".into());
    }
    for row in captured {
        let path = long(row.source);
        let sourced =
            path.is_file() && with(&path, |transcript| Ok(transcript.head.evidence.iter().any(|e| is_source(e))))?;
        if !sourced {
            return Err(
                format!("{:?} is captured, but {:?} is no transcript with a source", row.what, row.source).into()
            );
        }
    }
    Ok(())
}

/// What was typed at a prompt of an appliance or of its root shell.
fn typed(line: &str) -> Option<&str> {
    let at = |prompt: &str| line.find(prompt).map(|at| &line[at + prompt.len()..]);
    line.strip_prefix("Command> ").or_else(|| at(" ~ ]# ")).or_else(|| at(":~ # ")).filter(|typed| !typed.is_empty())
}

/// The command that a typed line begins with, under the name that coverage has for it.
fn command_of(typed: &str) -> Option<&str> {
    let word = typed.strip_prefix("pi ").unwrap_or(typed).split(' ').next()?;
    // A program may be typed with its path.
    let word = word.rsplit('/').next()?;
    coverage::command(if word == "?" { "help" } else { word })
}

fn lines_of(name: &str) -> Result<Vec<String>, Failed> {
    let text = std::fs::read_to_string(long(name))?;
    Ok(text.lines().filter_map(typed).map(str::to_owned).collect())
}

/// A row that says `NAME ONE, OTHER: remark` and is captured has a transcript in which `NAME` is typed with the words of
/// `ONE`, and with those of `OTHER`; words in capitals stand for what one gives. The releases in it are those of the row.
fn what_is_captured_is_typed() -> Result<(), Failed> {
    let mut complaints = Vec::new();
    for (_, rows) in coverage::table().into_iter().filter(|(system, _)| *system == "vcsa") {
        for row in rows.iter().filter(|row| row.grade == Grade::Captured) {
            let lines = lines_of(row.source)?;
            let said = row.what.split(':').next().unwrap_or_default();
            if let Some(name) = coverage::command(row.what) {
                let forms = said.split_once(' ').map_or("", |(_, forms)| forms);
                for form in forms.split(", ") {
                    let words = || form.split(' ').filter(|word| word.chars().any(|letter| letter.is_lowercase()));
                    let shows = |line: &&String| {
                        command_of(line) == Some(name) && words().all(|word| line.split(' ').any(|typed| typed == word))
                    };
                    if !lines.iter().any(|line| shows(&line)) {
                        complaints.push(format!("{}: no line of {} has {name} {form}", row.what, row.source));
                    }
                }
            }
            let releases = releases_in(row.source)?;
            if !releases.iter().any(|release| release.starts_with(row.releases)) {
                complaints.push(format!("{}: is of {}, {} of {releases:?}", row.what, row.releases, row.source));
            }
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
}

/// The releases that the vCSAs of a transcript's lab run at first.
fn releases_in(name: &str) -> Result<Vec<String>, Failed> {
    let path = long(name);
    with(&path, |transcript| {
        let lab = cli::open_lab(&path, transcript, || Box::new(HostShelf), &Worlds::default())
            .map_err(|why| format!("{name}: {why:?}"))?;
        let facts = facts::select(lab.world(), "*.version");
        Ok(facts.map(|(_, fact)| fact.to_string()).collect())
    })
}

/// The file behind `appsh coverage` says in which transcripts each command is typed, and each that is modelled is typed in
/// one.
fn coverage_knows_the_transcripts() -> Result<(), Failed> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files().iter().filter(|path| is_transcript(path)) {
        let name = short(path);
        for line in lines_of(&name)? {
            if let Some(command) = command_of(&line) {
                found.entry(command.to_owned()).or_default().insert(name.clone());
            }
        }
    }
    let rows = found.iter().map(|(command, names)| {
        format!("{command}\t{}\n", names.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    });
    let text: String = rows.collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/systems/coverage.tsv");
    if std::env::var_os("UPDATE_COVERAGE").is_some() {
        std::fs::write(&file, &text)?;
    }
    if std::fs::read_to_string(&file)? != text {
        return Err(
            "src/systems/coverage.tsv is not what the transcripts type; UPDATE_COVERAGE=1 writes it anew".into()
        );
    }
    let (_, rows) = coverage::table().into_iter().find(|(system, _)| *system == "vcsa").ok_or("no vcsa")?;
    let modelled =
        rows.iter().filter(|row| row.grade != Grade::NotModelled).filter_map(|row| coverage::command(row.what));
    let untyped: BTreeSet<&str> = modelled.filter(|command| !found.contains_key(*command)).collect();
    if untyped.is_empty() { Ok(()) } else { Err(format!("no transcript types {untyped:?}").into()) }
}

fn the_installer_disc_is_ours() -> Result<(), Failed> {
    let text = |text: &str| text.as_bytes().to_vec();
    let files = [
        ("readme.txt", "SIMULATED DISC: the folders of a full installer, and nothing in them.\n"),
        ("vcsa-ui-installer/readme.txt", "Nothing is installed from here.\n"),
        ("vcsa-cli-installer/readme.txt", "Nothing is installed from here.\n"),
        ("migration-assistant/readme.txt", "Nothing is migrated from here.\n"),
    ];
    let tree = Tree::new("VMware VCSA", files.map(|(path, body)| (path.to_owned(), text(body))));
    let date = time::Date::from_calendar_date(2015, time::Month::March, 12)?;
    let image = write_image(&tree, &ImageOptions { date, rock_ridge: true, joliet: true })?;
    if std::env::var_os("UPDATE_DISCS").is_some() {
        std::fs::create_dir_all(root().join("vcsa/discs"))?;
        std::fs::write(root().join(INSTALLER), &image)?;
    }
    if std::fs::read(root().join(INSTALLER))? == image {
        Ok(())
    } else {
        Err(format!("{INSTALLER} is not what the writer makes; UPDATE_DISCS=1 writes it anew").into())
    }
}

/// The steps of the founding run, each from a line to a later one.
const STEPS: &[(&str, &str)] = &[
    ("Processing software packages", "ISO unmounted successfully"),
    ("Running test transaction", "Running pre-install script"),
    ("Running pre-install script", "Services stopped."),
    ("Upgrading software packages", "Running post-install script"),
    ("Running post-install script", "Packages upgraded successfully"),
];

/// The steps of the captured installation on 6.7.
const STEPS_6_7: &[(&str, &str)] = &[
    ("Copying software packages", "ISO unmounted successfully"),
    ("Running test transaction", "Running pre-install script"),
    ("Running pre-install script", "Upgrading software packages"),
    ("Upgrading software packages", "Setting appliance version"),
    ("Running post-patch script", "Packages upgraded successfully"),
];

/// Each step of our run of the update takes what it took in the captured one, within a tenth and the second that a stamp
/// cannot tell; with the third-party payload copying and upgrading take less.
fn steps_take_their_time() -> Result<(), Failed> {
    let read = |name: &str| std::fs::read_to_string(long(name));
    for (real, own, steps) in [
        ("evidence/vcsa/seed-60-to-60u1-full.txt", "vcsa/update-60-to-60u1.txt", STEPS),
        ("evidence/vcsa/sp-67u3n-install-staged.txt", "vcsa/update-67.txt", STEPS_6_7),
    ] {
        let (captured, ours) = (read(real)?, read(own)?);
        for step in steps {
            let (expect, took) = (seconds(&captured, step), seconds(&ours, step));
            if took.abs_diff(expect) * 10 > expect + 10 {
                return Err(format!("{own}: {:?} took {took} s, and {expect} s in {real}", step.0).into());
            }
        }
    }
    let (full, small) = (read("vcsa/update-60-to-60u1.txt")?, read("vcsa/third-party-payload.txt")?);
    for step in STEPS.iter().filter(|step| seconds(&full, step) > 200) {
        let less = seconds(&small, step);
        if less * 2 > seconds(&full, step) {
            return Err(format!("{:?} takes {less} s with the small payload", step.0).into());
        }
    }
    Ok(())
}

/// The seconds between two stamped lines.
fn seconds(text: &str, (from, to): &(&str, &str)) -> u64 {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|line| line.contains(from)).expect("the step is in it");
    let end = lines[begin..].iter().position(|line| line.contains(to)).expect("the step ends in it") + begin;
    clock(lines[end]) - clock(lines[begin])
}

/// The second of the day of a line such as ` [2015-10-08 02:43:36,422] : text`.
fn clock(line: &str) -> u64 {
    let part = |from: usize| line[from..from + 2].parse::<u64>().expect("two digits");
    part(13) * 3_600 + part(16) * 60 + part(19)
}
