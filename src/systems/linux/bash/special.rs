//! Parameters that are no variables: `$?`, `$-`, `$1` and their kin.

use super::Sh;
use super::parameter::Held;

impl Sh {
    /// Parameters that are no variables.
    pub(super) fn special(&self, name: &str) -> Option<Held> {
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
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() => {
                let at: usize = digits.parse().unwrap_or(usize::MAX);
                return Some(self.st.positional.get(at.wrapping_sub(1)).cloned().map_or(Held::Unset, Held::Text));
            }
            _ => return None,
        };
        Some(Held::Text(text))
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
