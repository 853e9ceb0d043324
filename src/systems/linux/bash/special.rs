//! Parameters that are no variables: `$?`, `$-`, `LINENO`, `FUNCNAME` and their kin.

use super::parameter::Held;
use super::{Frame, Sh};

impl Sh {
    /// Parameters that are no variables.
    pub(super) fn special(&mut self, name: &str) -> Option<Held> {
        if self.is_plain(name) {
            return None;
        }
        let text = match name {
            "@" | "*" => {
                let items = self.st.positional.iter().enumerate();
                let items = items.map(|(at, text)| ((at + 1).to_string(), text.clone())).collect();
                return Some(Held::Many { items, star: name == "*" });
            }
            "#" => self.st.positional.len().to_string(),
            "?" => self.st.status.to_string(),
            "$" => self.st.pid.to_string(),
            "!" => return Some(self.st.last_background.map_or(Held::Unset, |pid| Held::Text(pid.to_string()))),
            "0" => self.st.name.clone(),
            "-" => self.flags(),
            "LINENO" => self.line.to_string(),
            "SECONDS" => self.p.now().since(self.st.started).as_secs().to_string(),
            "BASHPID" => self.p.pid.to_string(),
            "EPOCHSECONDS" => {
                let now = self.p.now().utc().unix_timestamp();
                self.p.peek(|linux| linux.zone.reads(now)).to_string()
            }
            "RANDOM" => self.p.world(|world, _| world.streams.between("bash.random", 0, 32_767)).to_string(),
            "BASH_SUBSHELL" => self.subshells.to_string(),
            "SHELLOPTS" => self.st.options.iter().map(String::as_str).collect::<Vec<_>>().join(":"),
            "BASH_COMMAND" => self.running.clone(),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() => {
                let at: usize = digits.parse().unwrap_or(usize::MAX);
                return Some(self.st.positional.get(at.wrapping_sub(1)).cloned().map_or(Held::Unset, Held::Text));
            }
            _ => return None,
        };
        Some(Held::Text(text))
    }

    /// The arrays that are no variables: the groups of the user, and which functions are being run, the innermost first.
    pub(super) fn call_stack(&self, name: &str) -> Option<Vec<String>> {
        if name == "GROUPS" && !self.is_ash() {
            let cred = &self.p.cred;
            let others = cred.groups.iter().filter(|gid| **gid != cred.gid);
            return Some([cred.gid].iter().chain(others).map(u32::to_string).collect());
        }
        if !matches!(name, "FUNCNAME" | "BASH_SOURCE" | "BASH_LINENO") {
            return None;
        }
        // Below all of them is the script.
        let script = !self.st.interactive;
        let frames = self.frames.iter().rev();
        let mut items: Vec<String> = match name {
            "FUNCNAME" => frames.map(|frame| frame.name.clone()).collect(),
            "BASH_LINENO" => frames.map(|frame| frame.called.to_string()).collect(),
            _ => frames.map(|frame| self.source_of(frame)).collect(),
        };
        match name {
            "FUNCNAME" if script && !items.is_empty() => items.push("main".to_owned()),
            "BASH_LINENO" if script => items.push("0".to_owned()),
            "BASH_SOURCE" if script => items.push(self.st.name.clone()),
            _ => {}
        }
        Some(items)
    }

    /// The file of a function or sourced file.
    pub(super) fn source_of(&self, frame: &Frame) -> String {
        match (frame.source.is_empty(), self.st.interactive) {
            (false, _) => frame.source.clone(),
            (true, false) => self.st.name.clone(),
            (true, true) => "main".to_owned(),
        }
    }

    /// `$-`
    fn flags(&self) -> String {
        const FLAGS: [(&str, char); 11] = [
            ("errexit", 'e'),
            ("noglob", 'f'),
            ("hashall", 'h'),
            ("noexec", 'n'),
            ("nounset", 'u'),
            ("verbose", 'v'),
            ("xtrace", 'x'),
            ("braceexpand", 'B'),
            ("noclobber", 'C'),
            ("errtrace", 'E'),
            ("histexpand", 'H'),
        ];
        let mut flags: String = FLAGS.iter().filter(|(name, _)| self.option(name)).map(|(_, flag)| *flag).collect();
        if self.st.interactive {
            let at = flags.find('B').unwrap_or(flags.len());
            flags.insert_str(at, "im");
            flags.push('s');
        }
        flags
    }
}
