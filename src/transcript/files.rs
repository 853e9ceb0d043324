//! Files of the host that are read as a whole: regular ones only, and none that is longer than any honest one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How long a transcript, a lab file or another text that a person wrote may be.
pub const LONGEST_TEXT: u64 = 1 << 26;

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// What the host says; that it is no regular file, which may have no end; that it is too long.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Asked before it is opened: to open a pipe is to wait for somebody.
    if std::fs::metadata(path)?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("longer than {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads a regular file of at most [`LONGEST_TEXT`] bytes as text.
///
/// # Errors
/// Those of [`read_bounded`]; that it is no UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let no_text = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(read_bounded(path, LONGEST_TEXT)?).map_err(no_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let says = |path: &str, limit| read_bounded(Path::new(path), limit).map_err(|error| error.to_string());
        assert_eq!(says("/dev/zero", 9), Err("not a regular file".to_owned()));
        assert_eq!(says("Cargo.toml", 9), Err("longer than 9 bytes".to_owned()));
        assert_eq!(says("src", 9), Err("is a directory".to_owned()));
        let length = std::fs::metadata("Cargo.toml").unwrap().len();
        assert_eq!(says("Cargo.toml", length).map(|bytes| bytes.len() as u64), Ok(length));
        assert!(read_text(Path::new("/dev/full")).is_err());
    }
}
