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
        const FLAGS: [(&str, char); 19] = [
            ("allexport", 'a'),
            ("notify", 'b'),
            ("errexit", 'e'),
            ("noglob", 'f'),
            ("hashall", 'h'),
            ("keyword", 'k'),
            ("monitor", 'm'),
            ("noexec", 'n'),
            ("privileged", 'p'),
            ("onecmd", 't'),
            ("nounset", 'u'),
            ("verbose", 'v'),
            ("xtrace", 'x'),
            ("braceexpand", 'B'),
            ("noclobber", 'C'),
            ("errtrace", 'E'),
            ("histexpand", 'H'),
            ("physical", 'P'),
            ("functrace", 'T'),
        ];
        let mut flags = String::new();
        for (name, flag) in FLAGS {
            match flag {
                'k' => flags.extend(self.st.interactive.then_some('i')),
                't' => flags.extend(self.is_restricted().then_some('r')),
                _ => {}
            }
            flags.extend(self.option(name).then_some(flag));
        }
        flags.extend(self.st.reads.or(self.st.interactive.then_some('s')));
        flags
    }
}
