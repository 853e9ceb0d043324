//! `rpm -q` and `rpm -qa` of an appliance: the package database that `software-packages list --installed` shows, too. The
//! texts are those of rpm 4.4 (SLES 11), which does not tell the architecture, and of 4.11 to 4.14 (Photon).

use crate::shell::{Evidence, Grade};
use crate::systems::linux::proc::{Ended, Proc};

/// How well it is known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "rpm -q NAME, rpm -qa",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "rpm(8); which packages there are and in which order they are told is a guess",
    },
    Evidence { what: "rpm: all else", releases: "6.0 to 8.0", grade: Grade::NotModelled, source: "" },
];

/// `rpm`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn rpm(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["-qa" | "-aq"] | ["-q" | "--query", "-a" | "--all"] | ["-a" | "--all", "-q" | "--query"] => {
            let text: String = told(p, |_| true).into_iter().map(|line| line + "\n").collect();
            p.inferred();
            p.out(&text).await?;
            Ok(0)
        }
        ["-q" | "--query", ref names @ ..] if !names.is_empty() && names.iter().all(|name| !name.starts_with('-')) => {
            let mut missing = 0_u8;
            for name in names {
                let found = told(p, |one| one.is(name));
                if found.is_empty() {
                    missing = missing.saturating_add(1);
                    p.out(&format!("package {name} is not installed\n")).await?;
                }
                for line in found {
                    p.out(&format!("{line}\n")).await?;
                }
            }
            Ok(missing)
        }
        _ => p.gap(format!("rpm {}", words.join(" ")).trim_end()),
    }
}

/// A package by its parts.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    release: &'a str,
    arch: &'a str,
}

impl Package<'_> {
    /// Whether it is called so: by its name alone, with its version, with its release, or in full.
    fn is(&self, text: &str) -> bool {
        let Package { name, version, release, arch } = self;
        text == *name
            || text == format!("{name}-{version}")
            || text == format!("{name}-{version}-{release}")
            || text == format!("{name}-{version}-{release}.{arch}")
    }
}

/// The packages that are `wanted`, as they are told.
fn told(p: &Proc, wanted: impl Fn(&Package<'_>) -> bool) -> Vec<String> {
    p.world(|world, id| {
        let old = world.linux(id).distro.systemd.is_none();
        let all = world.vcsa(id).installed.packages.iter().filter_map(|(name, package)| {
            let (version, release) = package.version.split_once('-')?;
            Some(Package { name, version, release, arch: &package.arch })
        });
        let tell = |one: Package<'_>| {
            let Package { name, version, release, arch } = one;
            let end = if old { String::new() } else { format!(".{arch}") };
            format!("{name}-{version}-{release}{end}")
        };
        all.filter(wanted).map(tell).collect()
    })
}
