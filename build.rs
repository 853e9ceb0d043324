//! Names this build: the version, and a digest of everything it is made from: the sources with this one, the profile and
//! target, and the compiler's version. A journal is replayed only by the build that wrote it, because another one may
//! answer the same line differently. Left out: compiler flags, and what the linker takes from the host.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the program is made from.
const SOURCES: &[&str] = &["Cargo.lock", "Cargo.toml", "build.rs", "labs", "payloads", "src"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        collect(Path::new(source), &mut files)?;
    }
    files.sort();
    let mut digest = DefaultHasher::new();
    for file in files {
        digest.write(file.to_string_lossy().as_bytes());
        digest.write(&fs::read(&file)?);
    }
    for name in ["PROFILE", "TARGET"] {
        digest.write(env::var(name).unwrap_or_default().as_bytes());
    }
    digest.write(&compiler()?);
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rustc-env=APPSH_BUILD={version}-{:016x}", digest.finish());
    Ok(())
}

/// What the compiler says it is.
#[expect(clippy::disallowed_methods, reason = "no lab is near: the compiler that Cargo names is asked for its version")]
fn compiler() -> io::Result<Vec<u8>> {
    println!("cargo::rerun-if-env-changed=RUSTC");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Ok(Command::new(rustc).arg("-vV").output()?.stdout)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        // A package made for a registry may lack some of them.
        if path.is_file() {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
