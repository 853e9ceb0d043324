//! What programs share that let somebody edit a file of theirs (`crontab -e`, `systemctl edit`): an editor that draws on the
//! screen is not modelled; any other program is one (`EDITOR=tee`, `EDITOR='sed -i …'`, a script).

use crate::systems::linux::bash::{Ran, run_words};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;

/// Editors that draw on the screen.
const DRAWING: [&str; 10] = ["vi", "vim", "view", "ex", "nano", "rnano", "emacs", "joe", "mcedit", "pico"];

/// Who takes the editor's words apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The shell, with all that it expands.
    Shell,
    /// The program itself, at blanks.
    Blanks,
}

/// Runs the editor that the first of these variables names which is set, else `vi`, on files: its status. Nothing where it is
/// not modelled, which it has said then.
///
/// # Errors
/// [`Cut`]
pub async fn edit(p: &mut Proc, variables: &[&str], split: Split, files: &[String]) -> Result<Option<u8>, Cut> {
    let editor = variables.iter().filter_map(|name| p.env(name)).find(|editor| !editor.trim().is_empty());
    let editor = editor.unwrap_or("vi").to_owned();
    let program = editor.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    if DRAWING.contains(&name) {
        let _ = p.gap(&format!("{} with the editor {name}; name another program, EDITOR=tee for one", p.name));
        return Ok(None);
    }
    let mut words = match split {
        Split::Shell => ["/bin/sh", "-c", &format!("{editor} \"$@\""), &editor].map(str::to_owned).to_vec(),
        Split::Blanks => editor.split_whitespace().map(str::to_owned).collect(),
    };
    words.extend_from_slice(files);
    match run_words(p, words).await? {
        Ran::Status(status) => Ok(Some(status)),
        Ran::Refused(_) => Ok(Some(127)),
    }
}
