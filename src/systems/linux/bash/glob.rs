//! Patterns that stand for the names of files.

use super::split::Field;
use super::{Flow, Later, Sh};
use crate::bash::pattern::{self, Options, Pattern};
use crate::systems::linux::fs::{Fs, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::tools::files::collate;

/// So many directories may one pattern look into.
const LOOKS: usize = 100_000;

impl Sh {
    /// The files that a pattern stands for; itself when there are none.
    pub(super) fn glob<'a>(&'a mut self, field: &'a Field, all: &'a mut Vec<String>) -> Later<'a, ()> {
        Box::pin(async move {
            let pattern = field.pattern();
            let ignored = self.st.variable("GLOBIGNORE").unwrap_or_default().split(':').filter(|text| !text.is_empty());
            let ignored: Vec<Pattern> = ignored.map(|text| self.pattern(text)).collect();
            let options = Search {
                dotglob: self.st.shopt.contains("dotglob") || !ignored.is_empty(),
                globstar: self.st.shopt.contains("globstar"),
                pattern: Options {
                    extglob: self.st.shopt.contains("extglob"),
                    nocase: self.st.shopt.contains("nocaseglob"),
                },
            };
            let looks = self.p.looks_at_files(std::slice::from_ref(&field.text));
            if looks {
                self.p.list_files();
            }
            let found = self.p.peek(|linux| search(&linux.fs, &self.p, &pattern, &options));
            if looks {
                self.p.unlist_files();
            }
            let Some(mut found) = found else { return Err(Flow::Cut(Cut::Limit("file names"))) };
            found.retain(|path| !ignored.iter().any(|pattern| pattern.matches(path)));
            let language = self.language();
            found.sort_by(|a, b| collate::compare(a, b, language));
            found.dedup();
            match (found.is_empty(), self.st.shopt.contains("nullglob"), self.st.shopt.contains("failglob")) {
                (false, _, _) => all.extend(found),
                (true, _, true) => return self.abort(&format!("no match: {}", field.text)).await,
                (true, false, false) => all.push(field.text.clone()),
                (true, true, false) => {}
            }
            Ok(())
        })
    }
}

impl Sh {
    /// Whether names are in the order of a language, as the shell's own variables have it.
    fn language(&self) -> bool {
        let of = |name: &str| self.st.variable(name).filter(|text| !text.is_empty());
        let locale = of("LC_ALL").or_else(|| of("LC_COLLATE")).or_else(|| of("LANG")).unwrap_or("C");
        collate::is_language(locale)
    }
}

struct Search {
    dotglob: bool,
    globstar: bool,
    pattern: Options,
}

/// Names that fit, component by component; `None` when there is too much to look at.
fn search(fs: &Fs, p: &super::Proc, pattern: &str, options: &Search) -> Option<Vec<String>> {
    let rooted = pattern.starts_with('/');
    let mut prefixes = vec![if rooted { "/".to_owned() } else { String::new() }];
    let mut looks = 0;
    let components: Vec<&str> = pattern.split('/').collect();
    let last = components.len() - 1;
    for (at, component) in components.iter().enumerate() {
        if component.is_empty() {
            // A slash at the end wants directories.
            if at == last && at > 0 {
                prefixes.retain(|prefix| !prefix.is_empty() && is_directory(fs, p, prefix));
                prefixes.iter_mut().filter(|prefix| !prefix.ends_with('/')).for_each(|prefix| prefix.push('/'));
            }
            continue;
        }
        let mut next = Vec::new();
        for prefix in &prefixes {
            looks += 1;
            if looks > LOOKS || next.len() > LOOKS {
                return None;
            }
            if *component == "**" && options.globstar {
                descend(fs, p, prefix, at == last, &mut next, &mut looks)?;
            } else if pattern::is_magic(component) {
                let pattern = Pattern::new(component, options.pattern);
                let fits = |name: &&str| pattern.matches_path_component(name, options.dotglob);
                next.extend(
                    names(fs, p, prefix).iter().map(String::as_str).filter(fits).map(|name| under(prefix, name)),
                );
            } else {
                let path = under(prefix, &pattern::unescape(component));
                if fs.lookup_link(&p.cred, &p.cwd, &path).is_ok() {
                    next.push(path);
                }
            }
        }
        if at < last {
            next.retain(|path| path.is_empty() || is_directory(fs, p, path));
        }
        prefixes = next;
    }
    // `**` stands for no directory, too.
    prefixes.retain(|path| !path.is_empty());
    Some(prefixes)
}

/// `**`: the directory itself and all below it.
fn descend(
    fs: &Fs,
    p: &super::Proc,
    prefix: &str,
    files: bool,
    next: &mut Vec<String>,
    looks: &mut usize,
) -> Option<()> {
    let mut pending = vec![prefix.to_owned()];
    while let Some(directory) = pending.pop() {
        *looks += 1;
        if *looks > LOOKS {
            return None;
        }
        // What `**` comes to by itself ends in a slash where it is the last.
        let itself = files && directory == prefix && !prefix.is_empty() && !prefix.ends_with('/');
        next.push(if itself { format!("{directory}/") } else { directory.clone() });
        for name in names(fs, p, &directory).into_iter().filter(|name| !name.starts_with('.')) {
            let path = under(&directory, &name);
            let link = fs.lookup_link(&p.cred, &p.cwd, &path).map(|ino| matches!(fs.node(ino).kind, Kind::Dir { .. }));
            if link == Ok(true) {
                pending.push(path);
            } else if files {
                next.push(path);
            }
        }
    }
    Some(())
}

fn under(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.to_owned(),
        prefix if prefix.ends_with('/') => format!("{prefix}{name}"),
        prefix => format!("{prefix}/{name}"),
    }
}

fn names(fs: &Fs, p: &super::Proc, prefix: &str) -> Vec<String> {
    let path = if prefix.is_empty() { "." } else { prefix };
    let Ok(ino) = fs.lookup(&p.cred, &p.cwd, path) else { return Vec::new() };
    let Ok(entries) = fs.readdir(&p.cred, ino) else { return Vec::new() };
    let mut names: Vec<String> = entries.into_iter().map(|(name, _)| name.to_string()).collect();
    names.extend([".", ".."].map(str::to_owned));
    names
}

fn is_directory(fs: &Fs, p: &super::Proc, path: &str) -> bool {
    fs.lookup(&p.cred, &p.cwd, path).is_ok_and(|ino| matches!(fs.node(ino).kind, Kind::Dir { .. }))
}
