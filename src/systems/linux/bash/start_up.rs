//! The files with which a shell begins and ends (bash(1), "INVOCATION").

use super::{Flow, Run, Sh};
use crate::bash::parse;

/// The first of these that can be read is a login shell's own.
const PROFILES: [&str; 3] = [".bash_profile", ".bash_login", ".profile"];

impl Sh {
    /// Runs the files with which this shell begins.
    pub(super) async fn start_up(&mut self) -> Run {
        self.look_around().await?;
        let home = self.st.variable("HOME").unwrap_or_default().trim_end_matches('/').to_owned();
        let own = |name: &str| format!("{home}/{name}");
        // Under the name `sh` it knows less, and reads less.
        let plain = self.is_ash() || self.is_called_sh();
        let mut files = Vec::new();
        if self.st.login && !self.st.start_up.skips_profile {
            files.push("/etc/profile".to_owned());
            let profiles = if plain { &PROFILES[2..] } else { &PROFILES[..] };
            files.extend(profiles.iter().map(|name| own(name)).find(|path| self.p.read_path(path).is_ok()));
        }
        if !plain && self.st.interactive && !self.st.login {
            files.extend(self.st.start_up.inner.clone().unwrap_or_else(|| Some(own(".bashrc"))));
        }
        if !plain && !self.st.interactive {
            files.extend(self.environment_file().await?);
        }
        let mut run = Ok(0);
        for path in files {
            run = self.read_if_there(&path).await;
            if run.is_err() {
                break;
            }
        }
        run.map(|_| 0)
    }

    /// Whether it was started as `sh`.
    fn is_called_sh(&self) -> bool {
        matches!(self.p.name.trim_start_matches('-').rsplit('/').next(), Some("sh"))
    }

    /// What `BASH_ENV` names, as between double quotes.
    async fn environment_file(&mut self) -> Run<Option<String>> {
        let Some(text) = self.st.variable("BASH_ENV").filter(|text| !text.is_empty()) else { return Ok(None) };
        match parse::double_quoted(text) {
            Ok(word) => Ok(Some(self.expand_quoted(&word).await?)),
            Err(_) => Ok(None),
        }
    }

    async fn read_if_there(&mut self, path: &str) -> Run {
        match self.p.read_path(path) {
            Ok(text) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                self.source(path, &text, Vec::new()).await
            }
            Err(_) => Ok(0),
        }
    }

    /// A login shell is left: it reads its last file.
    pub(super) async fn log_out(&mut self) {
        if !self.st.login || self.subshell || self.is_ash() {
            return;
        }
        let home = self.st.variable("HOME").unwrap_or_default().trim_end_matches('/').to_owned();
        if let Err(Flow::Exit(status)) = self.read_if_there(&format!("{home}/.bash_logout")).await {
            self.st.status = status;
        }
    }
}
