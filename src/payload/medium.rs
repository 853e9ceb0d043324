//! A medium: bytes that can be read at an offset, such as the image in a disc drive.
//! The front end hands one in (a file, a slow disc of an admin's desktop); the lab itself opens nothing.
//! Left out on purpose: writing, and any notion of a path on the host.

use super::source::{Cause, DiscError};
use std::io;
use std::sync::Arc;

/// Bytes of a known length that can be read at any offset.
pub trait Medium: Send + Sync {
    /// The length in bytes.
    fn size(&self) -> u64;

    /// Reads into `buf` from `offset` (bytes) and says how many bytes came; zero only at or behind the end.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

impl Medium for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl Medium for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }
}

impl<M: Medium + ?Sized> Medium for Arc<M> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

impl<M: Medium + ?Sized> Medium for Box<M> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

/// Fills `buf` from `offset`; `path` names what is being read, for the error.
///
/// # Errors
/// [`Cause::Truncated`] where the medium ends before, [`Cause::Io`] for what the device reports.
pub(super) fn fill(medium: &(impl Medium + ?Sized), path: &str, offset: u64, buf: &mut [u8]) -> Result<(), DiscError> {
    let needs = offset.saturating_add(buf.len() as u64);
    let mut done = 0;
    while done < buf.len() {
        let at = offset.saturating_add(done as u64);
        match medium.read_at(at, &mut buf[done..]) {
            Ok(0) => {
                return Err(DiscError::new(path, at, Cause::Truncated { needs, has: medium.size() }));
            }
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(DiscError::new(path, at, Cause::Io(error.to_string()))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_past_the_end_is_short_and_never_panics() {
        let medium = vec![1u8, 2, 3];
        let mut buf = [0; 4];
        assert_eq!(medium.read_at(1, &mut buf).unwrap(), 2);
        assert_eq!(medium.read_at(u64::MAX, &mut buf).unwrap(), 0);
        let error = fill(&medium, "x", 2, &mut buf).unwrap_err();
        assert_eq!(error, DiscError::new("x", 3, Cause::Truncated { needs: 6, has: 3 }));
    }
}
