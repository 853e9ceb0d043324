//! The smallest programs.

use super::{Tool, tool};
use crate::systems::linux::proc::{CHUNK, Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("cat", cat), tool!("false", no), tool!("true", yes)];

async fn yes(_: &mut Proc, _: &[String]) -> Ended {
    Ok(0)
}

async fn no(_: &mut Proc, _: &[String]) -> Ended {
    Ok(1)
}

async fn cat(p: &mut Proc, files: &[String]) -> Ended {
    let standard = ["-".to_owned()];
    let mut status = 0;
    for file in if files.is_empty() { &standard } else { files } {
        if file == "-" {
            loop {
                let bytes = p.read(0, CHUNK).await?;
                if bytes.is_empty() {
                    break;
                }
                p.write(1, &bytes).await?;
            }
            continue;
        }
        match p.read_path(file) {
            Ok(bytes) => p.write(1, &bytes).await?,
            Err(errno) => {
                p.complain(&format!("{file}: {}", errno.text())).await?;
                status = 1;
            }
        }
    }
    Ok(status)
}
