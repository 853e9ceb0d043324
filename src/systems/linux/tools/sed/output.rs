//! Where `sed` writes: standard output or the file that is edited in place, and the files of `w`. A line that had no end
//! is written without one, and gets it when something follows.

use super::super::host::Host;
use super::run::HELD_BACK;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Mode;

/// The number of standard output among the files that are written.
pub const STANDARD: usize = 0;

/// A file that is written.
#[derive(Debug)]
struct Target {
    fd: u32,
    /// The last line had no end.
    unended: bool,
}

/// What is written.
#[derive(Debug)]
pub struct Output {
    /// What lines end in.
    pub delimiter: u8,
    targets: Vec<Target>,
    /// What is held back of the first.
    buffer: Vec<u8>,
    unbuffered: bool,
}

impl Output {
    /// Standard output.
    pub fn new(delimiter: u8, unbuffered: bool) -> Self {
        Self { delimiter, targets: vec![Target { fd: 1, unended: false }], buffer: Vec::new(), unbuffered }
    }

    /// Opens a file of `w`.
    pub fn add<H: Host>(&mut self, host: &mut H, name: &str) -> Result<(), Errno> {
        let fd = match name {
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            name => host.open(name, Mode::Write)?,
        };
        self.targets.push(Target { fd, unended: false });
        Ok(())
    }

    /// What is printed goes to this file, or to standard output again.
    pub fn redirect(&mut self, fd: Option<u32>) {
        self.targets[STANDARD] = Target { fd: fd.unwrap_or(1), unended: false };
    }

    /// How much is held back.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// Writes what is held back.
    pub async fn flush<H: Host>(&mut self, host: &mut H) -> Result<(), Cut> {
        let bytes = std::mem::take(&mut self.buffer);
        host.write(self.targets[STANDARD].fd, &bytes).await
    }

    /// Writes a line.
    pub async fn line<H: Host>(&mut self, host: &mut H, to: usize, line: &[u8], ended: bool) -> Result<(), Cut> {
        let mut bytes = self.begin(to);
        bytes.extend_from_slice(line);
        if ended {
            bytes.push(self.delimiter);
        } else {
            self.targets[to].unended = true;
        }
        self.put(host, to, &bytes).await
    }

    /// Writes a text as it is.
    pub async fn text<H: Host>(&mut self, host: &mut H, to: usize, text: &[u8]) -> Result<(), Cut> {
        let mut bytes = self.begin(to);
        bytes.extend_from_slice(text);
        self.put(host, to, &bytes).await
    }

    /// The end that the last line lacks.
    fn begin(&mut self, to: usize) -> Vec<u8> {
        if std::mem::take(&mut self.targets[to].unended) { vec![self.delimiter] } else { Vec::new() }
    }

    async fn put<H: Host>(&mut self, host: &mut H, to: usize, bytes: &[u8]) -> Result<(), Cut> {
        let fd = self.targets[to].fd;
        if to != STANDARD {
            if fd == self.targets[STANDARD].fd {
                self.flush(host).await?;
            }
            return host.write(fd, bytes).await;
        }
        self.buffer.extend_from_slice(bytes);
        if self.unbuffered || self.buffer.len() > HELD_BACK { self.flush(host).await } else { Ok(()) }
    }
}

/// A line as `l` shows it, cut into pieces of this length.
pub fn listed(line: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut width = 0;
    for byte in line {
        let shown = match byte {
            b'\\' => "\\\\".to_owned(),
            7 => "\\a".to_owned(),
            8 => "\\b".to_owned(),
            9 => "\\t".to_owned(),
            10 => "\\n".to_owned(),
            11 => "\\v".to_owned(),
            12 => "\\f".to_owned(),
            13 => "\\r".to_owned(),
            32..=126 => char::from(*byte).to_string(),
            byte => format!("\\{byte:03o}"),
        };
        if length > 0 && width + shown.len() > length - 1 {
            out.extend_from_slice(b"\\\n");
            width = 0;
        }
        out.extend_from_slice(shown.as_bytes());
        width += shown.len();
    }
    out.extend_from_slice(b"$\n");
    out
}
