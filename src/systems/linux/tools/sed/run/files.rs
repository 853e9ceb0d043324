//! The files that a script reads and writes: those edited in place, and what waits for the end of a cycle.

use super::{Done, Later, Run, first_ranges};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Mode;
use crate::systems::linux::tools::host::Host;
use crate::systems::linux::tools::sed::input::Stop;
use crate::systems::linux::tools::sed::output::STANDARD;
use crate::systems::linux::tools::sed::script::Act;

impl<H: Host> Run<'_, H> {
    /// A file begins: those edited in place get a new one for what is printed.
    pub(super) async fn begin_file(&mut self) -> Done<()> {
        if !self.settings.separate && self.settings.in_place.is_none() {
            return Ok(());
        }
        self.ranges = first_ranges(self.script);
        if self.settings.in_place.is_none() {
            return Ok(());
        }
        self.out.flush(self.host).await?;
        match self.host.replace(&self.input.name) {
            Ok((fd, temporary)) => {
                self.out.redirect(Some(fd));
                self.editing = Some((fd, temporary));
                Ok(())
            }
            Err(text) => Err(Stop::Trouble(text, 4)),
        }
    }

    /// A file ends: what was edited takes its place.
    pub(super) async fn finish_file(&mut self) -> Done<()> {
        let Some((fd, temporary)) = self.editing.take() else { return Ok(()) };
        self.out.flush(self.host).await?;
        self.out.redirect(None);
        self.host.close(fd);
        if let Some(errno) = self.host.failed_write() {
            self.host.discard(&temporary);
            return Err(Stop::Trouble(format!("couldn't flush {temporary}: {}", errno.text()), 4));
        }
        let path = &self.input.name;
        let suffix = self.settings.in_place.as_deref().unwrap_or_default();
        let backup = (!suffix.is_empty()).then(|| backup_name(path, suffix));
        self.host
            .replaced(&temporary, path, backup.as_deref())
            .map_err(|errno| Stop::Trouble(format!("cannot rename {temporary}: {}", errno.text()), 4))
    }

    /// Leaves in the middle: of a file that is edited in place, no more than what was printed is kept.
    pub(super) async fn leave(&mut self) -> Done<()> {
        self.finish_file().await?;
        self.input.close(self.host);
        Ok(())
    }

    /// What `a`, `r` and `R` left for the end of the cycle.
    pub(super) async fn do_later(&mut self) -> Done<()> {
        let script = self.script;
        for later in std::mem::take(&mut self.later) {
            match later {
                Later::Text(at) => {
                    if let Act::Append(text) = &script.commands[at].act {
                        self.out.text(self.host, STANDARD, text).await?;
                    }
                }
                Later::Line(line, terminated) => self.out.line(self.host, STANDARD, &line, terminated).await?,
                Later::File(at) => {
                    if let Act::ReadFile(name) = &script.commands[at].act {
                        self.copy(name).await?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) async fn copy(&mut self, name: &str) -> Result<(), Cut> {
        let fd = if name == "/dev/stdin" { Ok(0) } else { self.host.open(name, Mode::Read) };
        let Ok(fd) = fd else { return Ok(()) };
        loop {
            let bytes = self.host.read(fd, None).await?;
            if bytes.is_empty() {
                break;
            }
            self.out.text(self.host, STANDARD, &bytes).await?;
        }
        if fd > 2 {
            self.host.close(fd);
        }
        Ok(())
    }
}

/// The name under which the old file is kept: `*` in the suffix stands for the file's name, a `/` names a directory.
fn backup_name(path: &str, suffix: &str) -> String {
    let (directory, name) = path.rfind('/').map_or(("", path), |end| path.split_at(end + 1));
    let backup = if suffix.contains('*') { suffix.replace('*', name) } else { format!("{name}{suffix}") };
    if backup.contains('/') { backup } else { format!("{directory}{backup}") }
}
