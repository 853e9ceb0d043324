//! `portaccess`: the plug-in with which one looks whether a port of another machine answers. The guide of 7.0 lists it among
//! those that take the arguments of a tool of Linux; that this is `curl`, as in `portaccess -v telnet://HOST:PORT`, is from
//! memory.

use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools;

/// Its name.
const NAME: &str = "portaccess";
/// What it runs.
const TOOL: &str = "curl";

/// `portaccess`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn run(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(option) = arguments.iter().find(|word| matches!(word.as_str(), "-h" | "--help")) {
        return p.gap(&format!("{NAME} {option}"));
    }
    p.inferred();
    let Some(tool) = p.world(|world, id| tools::find(world, id, TOOL)) else { return p.gap(NAME) };
    TOOL.clone_into(&mut p.name);
    (tool.run)(p, arguments).await
}
