//! What transcripts cost: reading one, running a thousand commands with their answers, and all goldens of the project.
//! Run with `cargo bench --bench transcripts`; the targets are in section 9 of the design, start of the program included.

use std::path::PathBuf;

use appsh::front::shelf::HostShelf;
use appsh::transcript::cli::{Args, run};
use appsh::transcript::{Pagers, Transcript, Worlds, cli};
use clap::Parser;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

#[derive(Parser)]
struct Call {
    #[command(flatten)]
    args: Args,
}

/// A thousand commands, each with its answer.
fn thousand() -> String {
    let pair = "Command> system.version.get
Version:
   Version: 6.0.0
   Product: VMware vCenter Server Appliance
   Build: 2559267
   Type: vCenter Server with an embedded Platform Services Controller
   Summary: GA
   Releasedate: March 12, 2015
";
    format!("# lab: vcsa-6.0\n{}", pair.repeat(1_000))
}

#[divan::bench]
fn read_a_thousand_pairs(bencher: Bencher<'_, '_>) {
    let text = thousand();
    bencher.bench(|| Transcript::parse(black_box(&text)).expect("a transcript").lines.len());
}

#[divan::bench]
fn run_a_thousand_pairs(bencher: Bencher<'_, '_>) {
    let text = thousand();
    let open = |transcript: &Transcript<'_>| {
        cli::open_lab(&PathBuf::new(), transcript, || Box::new(HostShelf), &Worlds::default())
    };
    bencher.bench(|| {
        let transcript = Transcript::parse(&text).expect("a transcript");
        let outcome = appsh::transcript::run(&transcript, &open, Pagers::Expected);
        assert!(outcome.passed());
    });
}

#[divan::bench]
fn open_a_lab(bencher: Bencher<'_, '_>) {
    let transcript = Transcript::parse("# lab: vcsa-6.0\n").expect("a transcript");
    bencher.bench(|| {
        cli::open_lab(&PathBuf::new(), &transcript, || Box::new(HostShelf), &Worlds::default()).map(|lab| lab.now())
    });
}

/// All goldens, one after another.
#[divan::bench]
fn all_goldens(bencher: Bencher<'_, '_>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/transcripts");
    let call = Call::parse_from(["test", folder, "--jobs", "1"]);
    bencher.bench(|| {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = run(&call.args, || Box::new(HostShelf), &mut out, &mut err, false);
        assert_eq!(status, 0, "{}", String::from_utf8_lossy(&out));
    });
}
