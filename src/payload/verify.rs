//! Hashing what is on a disc, one body at a time, so that a caller can spread the work over virtual time.
//! Only digests and sizes are kept; memory is one buffer, whatever the size. Left out on purpose: signatures.

use super::open::PayloadError;
use super::patch::{Body, Sha256};
use super::source::{DiscError, Source};
use sha2::Digest;

/// Bytes read at once: large enough to keep SHA-256 busy, small enough to stay in the processor's second cache.
const CHUNK: u64 = 256 << 10;

/// Hashes a file and tells its length in bytes.
///
/// # Errors
/// The disc's trouble.
pub fn hash(source: &dyn Source, path: &str) -> Result<(Sha256, u64), DiscError> {
    let size = source.find(path).map_or(0, |entry| entry.size);
    let mut buf = vec![0; size.clamp(1, CHUNK) as usize];
    let mut hasher = sha2::Sha256::new();
    let mut done = 0u64;
    loop {
        let count = source.read_at(path, done, &mut buf)?;
        if count == 0 {
            return Ok((Sha256(hasher.finalize().into()), done));
        }
        hasher.update(&buf[..count]);
        done += count as u64;
    }
}

/// Compares a body with what the metadata says of it.
///
/// # Errors
/// The disc's trouble, another size, or another digest.
pub fn verify(source: &dyn Source, body: &Body) -> Result<(), PayloadError> {
    let (sha256, size) = hash(source, &body.path)?;
    let path = || body.path.clone();
    if size != body.size {
        return Err(PayloadError::Size { path: path(), expected: body.size, found: size });
    }
    if sha256 != body.sha256 {
        return Err(PayloadError::Checksum { path: path(), expected: body.sha256, found: sha256 });
    }
    Ok(())
}
