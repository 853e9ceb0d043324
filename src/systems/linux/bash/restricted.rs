//! The restricted shell (bash(1), "RESTRICTED SHELL").

use super::{Later, Run, Sh};

/// Variables that stay as they are.
const KEPT: [&str; 5] = ["BASH_ENV", "ENV", "HISTFILE", "PATH", "SHELL"];

impl Sh {
    /// Whether it is one.
    pub(super) fn is_restricted(&self) -> bool {
        self.st.shopt.contains("restricted_shell")
    }

    /// The start-up files are through: what was asked for holds from now on.
    pub(super) fn begin_limits(&mut self) {
        if std::mem::take(&mut self.st.limited) {
            self.restrict();
        }
    }

    /// From now on it is one, for good.
    pub(super) fn restrict(&mut self) {
        self.st.shopt.insert("restricted_shell".to_owned());
        for name in KEPT {
            self.st.variables.entry(name.to_owned()).or_default().readonly = true;
        }
    }

    /// Whether a builtin may not do what it is told to; then it has said so.
    pub(super) async fn refuses(&mut self, what: &str) -> Run<bool> {
        if !self.is_restricted() {
            return Ok(false);
        }
        self.complain(&format!("{what}: restricted")).await?;
        Ok(true)
    }

    /// Whether a command may not be named so.
    pub(super) fn forbids(&self, name: &str) -> bool {
        self.is_restricted() && name.contains('/')
    }

    /// Says that a command may not be named so.
    pub(super) fn refuse_name<'a>(&'a mut self, name: &'a str) -> Later<'a> {
        Box::pin(async move {
            self.complain(&format!("{name}: restricted: cannot specify `/' in command names")).await?;
            Ok(1)
        })
    }
}
