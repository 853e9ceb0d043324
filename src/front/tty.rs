//! The terminal of the person at the keyboard: raw while appsh runs, waited for with a time-out, and given back as it was,
//! also when appsh panics. No thread and no signal handler: Ctrl-C and Ctrl-Z are bytes like any other.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::termios::{ControlFlags, InputFlags, LocalFlags, SetArg, SpecialCharacterIndices as Slot};
use nix::sys::termios::{Termios, tcgetattr, tcsetattr};
use terminal_size::{Height, Width, terminal_size_of};

/// A terminal, raw as long as this lives.
pub struct Tty {
    input: File,
    output: File,
    before: Termios,
}

impl Tty {
    /// The terminal that is standard input and output.
    ///
    /// # Errors
    /// What the host says; when it is no terminal, that.
    pub fn standard() -> io::Result<Self> {
        let duplicate = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned();
        Self::new(duplicate(io::stdin().as_fd())?, duplicate(io::stdout().as_fd())?)
    }

    /// A terminal to read from and write to.
    ///
    /// # Errors
    /// What the host says; when it is no terminal, that.
    pub fn new(input: OwnedFd, output: OwnedFd) -> io::Result<Self> {
        let before = tcgetattr(&input)?;
        let tty = Self { input: input.into(), output: output.into(), before };
        tty.make_raw()?;
        Ok(tty)
    }

    /// Columns and rows of standard output, if it is a terminal that tells.
    #[must_use]
    pub fn size_of_standard_output() -> Option<(u16, u16)> {
        let out = io::stdout();
        if out.is_terminal() { size_of(&out) } else { None }
    }

    /// Columns and rows, if it tells.
    #[must_use]
    pub fn size(&self) -> Option<(u16, u16)> {
        size_of(&self.output)
    }

    /// Keys come one by one and are not shown; line ends on the way out stay as usual.
    fn make_raw(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.input_flags &=
            !(InputFlags::BRKINT | InputFlags::ICRNL | InputFlags::INPCK | InputFlags::ISTRIP | InputFlags::IXON);
        raw.control_flags |= ControlFlags::CS8;
        raw.local_flags &= !(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::IEXTEN | LocalFlags::ISIG);
        raw.control_chars[Slot::VMIN as usize] = 1;
        raw.control_chars[Slot::VTIME as usize] = 0;
        Ok(tcsetattr(&self.input, SetArg::TCSADRAIN, &raw)?)
    }

    /// Waits until something was typed, or `millis` are over; without a number, as long as it takes.
    ///
    /// # Errors
    /// What the host says.
    pub fn wait(&self, millis: Option<u64>) -> io::Result<bool> {
        let timeout = match millis {
            None => PollTimeout::NONE,
            Some(millis) => PollTimeout::from(u16::try_from(millis).unwrap_or(u16::MAX)),
        };
        let mut fds = [PollFd::new(self.input.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, timeout) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::EINTR) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Takes what was typed; `false` when the terminal is gone.
    ///
    /// # Errors
    /// What the host says.
    pub fn read(&mut self, keys: &mut Vec<u8>) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        match self.input.read(&mut buffer) {
            // A terminal whose other side hung up reads as an error on some systems, as an end on others.
            Ok(0) => Ok(false),
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
            Ok(count) => {
                keys.extend_from_slice(&buffer[..count]);
                Ok(true)
            }
        }
    }

    /// Shows text at once.
    ///
    /// # Errors
    /// What the host says.
    pub fn show(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    /// Ctrl-Z: gives the terminal back and stops, until somebody calls appsh to the foreground.
    ///
    /// # Errors
    /// What the host says.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.restore();
        raise(Signal::SIGTSTP)?;
        self.make_raw()
    }

    fn restore(&self) {
        // There is nothing to be done about a terminal that is gone.
        let _ = tcsetattr(&self.input, SetArg::TCSADRAIN, &self.before);
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.restore();
    }
}

fn size_of(output: &impl AsFd) -> Option<(u16, u16)> {
    let (Width(columns), Height(rows)) = terminal_size_of(output)?;
    (columns > 0 && rows > 0).then_some((columns, rows))
}
