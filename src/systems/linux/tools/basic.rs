//! The smallest programs.

use super::{Tool, tool};
use crate::sim::Span;
use crate::systems::linux::proc::{CHUNK, Ended, Proc, descriptor};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("cat", cat), tool!("false", no), tool!("sleep", sleep), tool!("true", yes)];

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
        let fd = if file == "-" { Some(0) } else { descriptor(file) };
        if let Some(fd) = fd.filter(|fd| p.files.get(*fd).is_some()) {
            loop {
                let bytes = p.read(fd, CHUNK).await?;
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

async fn sleep(p: &mut Proc, spans: &[String]) -> Ended {
    for text in spans {
        let Ok(secs) = text.parse::<u64>() else {
            return p.fail(&format!("invalid time interval '{text}'")).await;
        };
        p.pass(Span::secs(secs)).await?;
    }
    Ok(0)
}
