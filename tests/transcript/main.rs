//! Transcripts as a tool: what is accepted, what is complained about, what an update writes, and what `appsh test` says.

mod arms;
mod cli;
mod properties;
mod runner;

use appsh::lab::Lab;
use appsh::lab_file::{BUNDLED, LabFile};
use appsh::media::Bundled;
use appsh::transcript::{Complaint, Edit, Outcome, Pagers, Transcript, run, update};

/// The bundled lab, with a second machine like the first.
fn two_machines() -> String {
    let (_, text) = BUNDLED[0];
    let (head, rest) = text.split_once("[[machine]]").expect("a lab has a machine");
    let (machine, tail) = rest.split_once("\n# What the default").expect("the machine comes before the repositories");
    let other = machine.replace("vcsa01", "vcsa02").replace("192.168.10.60", "192.168.10.61");
    format!("{head}[[machine]]{machine}\n[[machine]]{other}\n# What the default{tail}")
}

/// Makes the lab of a transcript: the bundled one, or `two`.
fn open(transcript: &Transcript<'_>) -> Result<Lab, Complaint> {
    let two = two_machines();
    let bundled = |lab: &str| BUNDLED.iter().find(|(name, _)| *name == lab).map(|(_, text)| *text);
    let text = match transcript.head.lab {
        Some("two") => &two,
        Some(lab) => bundled(lab).unwrap_or(BUNDLED[0].1),
        None => BUNDLED[0].1,
    };
    let world = LabFile::parse(text).and_then(|file| file.world("lab", transcript.head.start, transcript.head.seed));
    let world = world.map_err(|text| Complaint { line: 1, text })?;
    Ok(Lab::new(world, Box::new(Bundled)))
}

/// Runs a transcript.
fn play(text: &str) -> Outcome {
    let transcript = Transcript::parse(text).unwrap_or_else(|complaints| panic!("{complaints:?}"));
    run(&transcript, &open, Pagers::Expected)
}

/// Runs a transcript that must pass.
fn passes(text: &str) {
    let outcome = play(text);
    assert!(outcome.passed(), "{text}\n{outcome:#?}");
}

/// What an update makes of a transcript.
fn updated(text: &str) -> Option<String> {
    let transcript = Transcript::parse(text).unwrap_or_else(|complaints| panic!("{complaints:?}"));
    let outcome = run(&transcript, &open, Pagers::Turned);
    update(&transcript, &outcome).unwrap_or_else(|refusal| panic!("{text}\n{refusal:?}"))
}

/// The differing lines of an outcome as `line-text` and `+text`.
fn diff(outcome: &Outcome) -> Vec<String> {
    let edits = outcome.differences.iter().flat_map(|difference| &difference.edits);
    edits
        .filter_map(|edit| match edit {
            Edit::Keep(_) => None,
            Edit::Drop(index) => Some(format!("-{}", index + 1)),
            Edit::Insert { text, .. } => Some(format!("+{text}")),
        })
        .collect()
}
