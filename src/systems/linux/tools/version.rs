//! `--version`, which the programs of a package answer alike: the line that names program, package and version. What the real
//! ones print behind it, of the licence and who wrote them, is left out.

use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// What stands in for a program that is asked for its version.
pub static VERSION: Tool = tool!("--version", version);

/// Those to which `-V` means something else, or nothing.
const NO_LETTER: &str = "bash sh cpio diff cmp diff3 sdiff file find rpm sed sudo tar gtar xargs";

/// Whether this command line asks for the version of a program that has one.
pub fn asked(p: &Proc, words: &[String]) -> bool {
    // What aliases put there changes nothing.
    let mut words = words.iter().filter(|word| !word.starts_with("--color"));
    let (Some(program), Some(option)) = (words.next(), words.next()) else { return false };
    let program = base(program);
    let banner = || p.peek(|linux| linux.distro.banner_of(program));
    match option.as_str() {
        "--version" => banner().is_some(),
        "-V" if words.next().is_none() => {
            let taken = NO_LETTER.split(' ').any(|name| name == program);
            !taken && banner().is_some_and(|banner| !banner.contains("coreutils") && !banner.starts_with("systemd"))
        }
        _ => false,
    }
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

async fn version(p: &mut Proc, _: &[String]) -> Ended {
    let name = base(&p.name).to_owned();
    let banner = p.peek(|linux| linux.distro.banner_of(&name)).unwrap_or_default();
    p.inferred();
    p.out(&format!("{banner}\n")).await?;
    Ok(0)
}
