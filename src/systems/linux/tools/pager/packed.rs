//! `zless`, `zmore` and their like: a pager of what is unpacked on the way to it, as the scripts of gzip, bzip2 and xz are.

use super::super::run::run;
use crate::systems::linux::proc::{Ended, Proc};

pub(super) async fn show(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.iter().find(|word| word.starts_with("--") && word.len() > 2) {
        return p.gap(&format!("{} {option}", p.name));
    }
    let name = p.name.rsplit('/').next().unwrap_or_default().to_owned();
    let pager = if name.ends_with("more") { "more" } else { "less" };
    let program = match name.as_bytes().first() {
        Some(b'b') => "bzip2",
        Some(b'x') => "xz",
        _ => "gzip",
    };
    let (options, files): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|word| word.len() > 1 && word.starts_with(['-', '+']));
    if files.is_empty() && p.files.is_terminal(0) {
        return p.gap(&format!("{name} without a file"));
    }
    let options: String = options.iter().map(|option| format!(" '{}'", option.replace('\'', "'\\''"))).collect();
    let script = format!("{program} -cdfq -- \"$@\" | {pager}{options}");
    let words = ["/bin/sh", "-c", &script, &name].map(str::to_owned).to_vec();
    run(p, [words, files.into_iter().cloned().collect()].concat()).await
}
