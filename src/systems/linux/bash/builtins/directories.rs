//! `cd`, `pwd`, `pushd`, `popd`, `dirs`.

use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::fs::{Access, Errno, Kind};

pub async fn cd(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut physical = sh.option("physical");
    let mut operands = Vec::new();
    for word in &words[1..] {
        match word.as_str() {
            "-P" if operands.is_empty() => physical = true,
            "-L" if operands.is_empty() => physical = false,
            "--" | "-e" | "-@" if operands.is_empty() => {}
            option if operands.is_empty() && option.len() > 1 && option.starts_with('-') => {
                return sh.usage("cd", &format!("{option}: invalid option"), "cd [-L|[-P [-e]] [-@]] [dir]").await;
            }
            word => operands.push(word.to_owned()),
        }
    }
    let (target, told) = match &operands[..] {
        [] => match sh.st.variable("HOME").map(str::to_owned) {
            Some(home) => (home, false),
            None => return sh.misused("cd", "HOME not set", 1).await,
        },
        [dash] if dash == "-" => match sh.st.variable("OLDPWD").map(str::to_owned) {
            Some(before) => (before, true),
            None => return sh.misused("cd", "OLDPWD not set", 1).await,
        },
        [path] => (path.clone(), false),
        _ => return sh.misused("cd", "too many arguments", 1).await,
    };
    // Without a slash at its beginning it is looked for along CDPATH, too.
    let mut found = None;
    if !target.starts_with(['/', '.']) && !target.is_empty() {
        let places = sh.st.variable("CDPATH").unwrap_or_default().to_owned();
        found = places
            .split(':')
            .filter(|place| !place.is_empty())
            .map(|place| format!("{place}/{target}"))
            .find(|path| sh.is_directory(path));
    }
    let told = told || found.is_some();
    let path = found.unwrap_or(target);
    match sh.go(&path, physical) {
        Ok(()) if told => {
            let line = format!("{}\n", sh.st.cwd);
            sh.p.out(&line).await?;
            Ok(0)
        }
        Ok(()) => Ok(0),
        Err(errno) => sh.misused("cd", &format!("{path}: {}", errno.text()), 1).await,
    }
}

impl Sh {
    fn is_directory(&self, path: &str) -> bool {
        self.p.lookup(path).is_ok_and(|ino| self.p.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Dir { .. })))
    }

    /// Changes the working directory; links keep their names unless `physical`.
    fn go(&mut self, path: &str, physical: bool) -> Result<(), Errno> {
        if path.is_empty() {
            return Ok(());
        }
        let logical = normalize(&self.st.cwd, path);
        let target = if physical { path } else { logical.as_str() };
        let ino = self.p.lookup(target).or_else(|_| self.p.lookup(path))?;
        let canonical = self.p.peek(|linux| {
            if !matches!(linux.fs.node(ino).kind, Kind::Dir { .. }) {
                return Err(Errno::Notdir);
            }
            linux.fs.access(&self.p.cred, ino, Access::EXEC)?;
            linux.fs.path_of(ino).ok_or(Errno::Noent)
        })?;
        let before = std::mem::replace(&mut self.st.cwd, if physical { canonical } else { logical });
        self.p.cwd.clone_from(&self.st.cwd);
        let _ = self.set("OLDPWD", before);
        let _ = self.set("PWD", self.st.cwd.clone());
        for name in ["OLDPWD", "PWD"] {
            if let Some(variable) = self.st.variables.get_mut(name) {
                variable.exported = true;
            }
        }
        self.environment = None;
        Ok(())
    }
}

/// A path from the root, without `.` and `..`.
fn normalize(cwd: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

pub async fn pwd(sh: &mut Sh, words: Vec<String>) -> Run {
    let physical = words.iter().any(|word| word == "-P");
    let path = if physical {
        let canonical = sh.p.peek(|linux| linux.fs.canonical(&sh.p.cred, "/", &sh.st.cwd));
        canonical.unwrap_or_else(|_| sh.st.cwd.clone())
    } else {
        sh.st.cwd.clone()
    };
    sh.p.out(&format!("{path}\n")).await?;
    Ok(0)
}

/// The directory stack on one line, with `~`.
fn shown(sh: &Sh) -> String {
    let home = sh.st.variable("HOME").unwrap_or_default().to_owned();
    let short = |path: &String| match path.strip_prefix(&home) {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
        _ => path.clone(),
    };
    let all: Vec<String> = std::iter::once(&sh.st.cwd).chain(sh.st.dirs.iter().rev()).map(short).collect();
    all.join(" ") + "\n"
}

pub async fn dirs(sh: &mut Sh, words: Vec<String>) -> Run {
    match words.get(1).map(String::as_str) {
        None => {
            let line = shown(sh);
            sh.p.out(&line).await?;
        }
        Some("-c") => sh.st.dirs.clear(),
        Some("-p" | "-v" | "-l") => {
            let numbered = words[1] == "-v";
            let all: Vec<String> = shown(sh).split_whitespace().map(str::to_owned).collect();
            for (number, path) in all.iter().enumerate() {
                let line = if numbered { format!("{number:2}  {path}\n") } else { format!("{path}\n") };
                sh.p.out(&line).await?;
            }
        }
        Some(other) => return sh.misused("dirs", &format!("{other}: invalid option"), 1).await,
    }
    Ok(0)
}

pub async fn pushd(sh: &mut Sh, words: Vec<String>) -> Run {
    let before = sh.st.cwd.clone();
    let target = match words.get(1) {
        Some(path) => path.clone(),
        None => match sh.st.dirs.pop() {
            Some(path) => path,
            None => return sh.misused("pushd", "no other directory", 1).await,
        },
    };
    match sh.go(&target, false) {
        Ok(()) => {
            sh.st.dirs.push(before);
            let line = shown(sh);
            sh.p.out(&line).await?;
            Ok(0)
        }
        Err(errno) => sh.misused("pushd", &format!("{target}: {}", errno.text()), 1).await,
    }
}

pub async fn popd(sh: &mut Sh, _: Vec<String>) -> Run {
    let Some(target) = sh.st.dirs.pop() else {
        return sh.misused("popd", "directory stack empty", 1).await;
    };
    match sh.go(&target, false) {
        Ok(()) => {
            let line = shown(sh);
            sh.p.out(&line).await?;
            Ok(0)
        }
        Err(errno) => sh.misused("popd", &format!("{target}: {}", errno.text()), 1).await,
    }
}
