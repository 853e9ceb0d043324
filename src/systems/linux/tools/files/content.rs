//! What is in one file goes into another.

use std::sync::Arc;

use crate::systems::linux::fs::{Content, Errno, Ino};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{CHUNK, Proc};

/// The content of one file in another that is empty. Zeros stay zeros that take no memory.
///
/// # Errors
/// What the file system says.
pub fn fill(p: &Proc, from: Ino, to: Ino) -> Result<(), Errno> {
    let content = p.world(|world, id| match world.linux(id).fs.content(from) {
        Some(Content::Made(name)) => {
            let name = name.clone();
            Some(Content::Bytes(Arc::new(made_files::make(world, id, &name))))
        }
        other => other.cloned(),
    });
    match content {
        Some(Content::Hole(size)) => p.fs(|fs, now| fs.zero(&p.cred, to, size, now)),
        Some(Content::Sparse(size)) => p.fs(|fs, now| fs.truncate(&p.cred, to, size, now)),
        Some(Content::Program(name, size)) => p.fs(|fs, now| {
            fs.zero(&p.cred, to, size, now)?;
            fs.become_program(to, name);
            Ok(())
        }),
        Some(Content::Bytes(bytes)) => {
            let written = p.fs(|fs, now| fs.write_at(&p.cred, to, 0, &bytes, now))?;
            if written == bytes.len() { Ok(()) } else { Err(Errno::Nospc) }
        }
        _ => Ok(()),
    }
}

/// Reads one file and writes another until the first ends or the second is full.
///
/// # Errors
/// [`Cut`]; within it what the file system says.
pub async fn stream(p: &mut Proc, input: Arc<Open>, output: &Arc<Open>) -> Result<Result<(), Errno>, Cut> {
    let before = p.files.clone();
    let kept = p.write_error.take();
    let read = p.files.free(3);
    p.files.set(read, Some(input));
    let write = p.files.free(3);
    p.files.set(write, Some(Arc::clone(output)));
    let result = loop {
        match p.read(read, CHUNK).await {
            Err(cut) => break Err(cut),
            Ok(bytes) if bytes.is_empty() => break Ok(()),
            Ok(bytes) => {
                if let Err(cut) = p.write(write, &bytes).await {
                    break Err(cut);
                }
            }
        }
        if p.write_error.is_some() {
            break Ok(());
        }
    };
    p.files = before;
    let error = std::mem::replace(&mut p.write_error, kept);
    result.map(|()| error.map_or(Ok(()), Err))
}
