//! `cd`, `pwd`, `pushd`, `popd`, `dirs`.

use crate::systems::linux::bash::{Run, Sh};
use crate::systems::linux::fs::{Access, Errno, Kind};

/// What is said of a directory that is gone.
const LOST: &str =
    "error retrieving current directory: getcwd: cannot access parent directories: No such file or directory";

/// `cdspell` takes a name for another one that is so far away.
const MOST_SLIPS: u8 = 3;

pub async fn cd(sh: &mut Sh, words: Vec<String>) -> Run {
    if sh.refuses("cd").await? {
        return Ok(1);
    }
    // A single dash is a place, and no option.
    let given = match sh.given(&words, "LPe@").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let last = given.options.iter().rev().map(|(letter, _)| *letter).find(|letter| "LP".contains(*letter));
    let physical = last.map_or(sh.option("physical"), |letter| letter == 'P');
    let operands = given.operands;
    let (target, told) = match &operands[..] {
        [] => match sh.st.variable("HOME").map(str::to_owned) {
            Some(home) => (home, false),
            None => return sh.misused("cd", "HOME not set", 1).await,
        },
        [dash] if dash == "-" => match sh.st.variable("OLDPWD").map(str::to_owned) {
            Some(before) => (before, true),
            None if sh.is_ash() => (sh.st.cwd.clone(), true),
            None => return sh.misused("cd", "OLDPWD not set", 1).await,
        },
        [path] => (path.clone(), false),
        [path, ..] if sh.is_ash() => (path.clone(), false),
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
    let errno = match sh.go(&path, physical) {
        Ok(()) if told => {
            let line = format!("{}\n", sh.st.cwd);
            sh.p.out(&line).await?;
            return Ok(0);
        }
        Ok(()) => return Ok(0),
        Err(errno) => errno,
    };
    // What stays is what the person may have meant.
    let named = sh.st.variable(&path).filter(|_| sh.st.shopt.contains("cdable_vars")).map(str::to_owned);
    let spells = sh.st.interactive && sh.st.shopt.contains("cdspell");
    for meant in [named, if spells { sh.spelled(&path) } else { None }].into_iter().flatten() {
        if sh.go(&meant, physical).is_ok() {
            sh.p.out(&format!("{meant}\n")).await?;
            return Ok(0);
        }
    }
    if sh.is_adrift() && matches!(errno, Errno::Noent) && path.split('/').all(|part| matches!(part, "" | "." | "..")) {
        return sh.go_nowhere(&path).await;
    }
    sh.misused("cd", &format!("{path}: {}", errno.text()), 1).await
}

impl Sh {
    /// A shell begins where there is no directory any more.
    pub(in crate::systems::linux::bash) async fn look_around(&mut self) -> Run<()> {
        if self.is_adrift() {
            self.st.begun_nowhere = true;
            let text = match self.is_ash() {
                true => "sh: getcwd: No such file or directory\n".to_owned(),
                false => format!("shell-init: {LOST}\n"),
            };
            self.p.err(&text).await?;
        }
        Ok(())
    }

    pub(in crate::systems::linux::bash) fn is_directory(&self, path: &str) -> bool {
        self.p.lookup(path).is_ok_and(|ino| self.p.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Dir { .. })))
    }

    /// Whether the working directory is gone.
    pub(in crate::systems::linux::bash) fn is_adrift(&self) -> bool {
        self.p.lookup(&self.st.cwd).is_err_and(|errno| errno == Errno::Noent)
    }

    /// Goes to what a directory that is gone knows of itself and of the one above it: its path is one no more.
    async fn go_nowhere(&mut self, path: &str) -> Run {
        self.p.err(&format!("cd: {LOST}\n")).await?;
        let path = format!("{}/{path}", self.st.cwd.trim_end_matches('/'));
        self.arrive(path);
        Ok(0)
    }

    /// The path that was meant, where each of its parts is at most one slip of the fingers away (bash's `spname`).
    fn spelled(&self, path: &str) -> Option<String> {
        let mut meant = if path.starts_with('/') { "/".to_owned() } else { String::new() };
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let parent = if meant.is_empty() { ".".to_owned() } else { meant.clone() };
            let names = self.p.peek(|linux| {
                let ino = linux.fs.lookup(&self.p.cred, &self.p.cwd, &parent).ok()?;
                Some(linux.fs.node(ino).entries()?.keys().map(|name| name.to_string()).collect::<Vec<_>>())
            })?;
            let names = [".", ".."].map(str::to_owned).into_iter().chain(names);
            let (slips, best) = names.map(|name| (slips(&name, part), name)).min_by_key(|(slips, _)| *slips)?;
            if slips > MOST_SLIPS || best == "." && part != "." {
                return None;
            }
            let joint = if meant.is_empty() || meant.ends_with('/') { "" } else { "/" };
            meant = format!("{meant}{joint}{best}");
        }
        Some(meant)
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
        self.arrive(if physical { canonical } else { logical });
        Ok(())
    }

    /// The working directory is another one from now on.
    fn arrive(&mut self, path: String) {
        let before = std::mem::replace(&mut self.st.cwd, path);
        self.p.cwd.clone_from(&self.st.cwd);
        let _ = self.set("OLDPWD", before);
        let _ = self.set("PWD", self.st.cwd.clone());
        for name in ["OLDPWD", "PWD"] {
            if let Some(variable) = self.st.variables.get_mut(name) {
                variable.exported = true;
            }
        }
        self.environment = None;
        self.st.begun_nowhere = false;
    }
}

/// How far a name is from another: nothing, two letters in the wrong order, a wrong one, one too many or too few, or more.
fn slips(name: &str, typed: &str) -> u8 {
    let (name, typed): (Vec<char>, Vec<char>) = (name.chars().collect(), typed.chars().collect());
    let same = name.iter().zip(&typed).take_while(|(one, other)| one == other).count();
    match (&name[same..], &typed[same..]) {
        ([], []) => 0,
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c && rest == others => 1,
        ([_, rest @ ..], [_, others @ ..]) if rest == others => 2,
        ([_, rest @ ..], others) if rest == others => 3,
        (rest, [_, others @ ..]) if rest == others => 3,
        _ => 4,
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
    let given = match sh.given(&words, "LP").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let last = given.options.last().map(|(letter, _)| *letter);
    let physical = last.map_or(sh.option("physical"), |letter| letter == 'P');
    if (physical || sh.st.begun_nowhere) && sh.is_adrift() {
        let who = if sh.is_ash() { "sh: getcwd: No such file or directory".to_owned() } else { format!("pwd: {LOST}") };
        sh.p.err(&format!("{who}\n")).await?;
        return Ok(1);
    }
    let canonical = sh.p.peek(|linux| linux.fs.canonical(&sh.p.cred, "/", &sh.st.cwd));
    let path = canonical.ok().filter(|_| physical).unwrap_or_else(|| sh.st.cwd.clone());
    sh.p.out(&format!("{path}\n")).await?;
    Ok(0)
}

/// The directory stack, the working directory first.
fn stack(sh: &Sh) -> Vec<String> {
    std::iter::once(&sh.st.cwd).chain(sh.st.dirs.iter().rev()).cloned().collect()
}

/// Puts a stack in place, whose first directory is where the shell is already.
fn put(sh: &mut Sh, stack: &[String]) {
    sh.st.dirs = stack.iter().skip(1).rev().cloned().collect();
}

/// A directory with `~` for the home.
fn short(sh: &Sh, path: &str) -> String {
    let home = sh.st.variable("HOME").unwrap_or_default();
    match path.strip_prefix(home) {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

async fn show(sh: &mut Sh) -> Run {
    let all: Vec<String> = stack(sh).iter().map(|path| short(sh, path)).collect();
    sh.p.out(&(all.join(" ") + "\n")).await?;
    Ok(0)
}

/// The place in a stack that `+N` (from the left) or `-N` (from the right) names.
fn place(word: &str, length: usize) -> Option<Option<usize>> {
    let number = word.get(1..)?.parse::<usize>().ok()?;
    match word.as_bytes()[0] {
        b'+' => Some((number < length).then_some(number)),
        b'-' => Some(length.checked_sub(number + 1)),
        _ => None,
    }
}

pub async fn dirs(sh: &mut Sh, words: Vec<String>) -> Run {
    const USAGE: &str = "dirs [-clpv] [+N] [-N]";
    let (mut lines, mut numbered, mut long, mut one) = (false, false, false, None);
    let all = stack(sh);
    for word in &words[1..] {
        match (word.as_str(), place(word, all.len())) {
            ("-c", _) => {
                sh.st.dirs.clear();
                return Ok(0);
            }
            ("-p", _) => lines = true,
            ("-v", _) => numbered = true,
            ("-l", _) => long = true,
            (_, Some(Some(at))) => one = Some(at),
            (_, Some(None)) => {
                let index = format!("{}: directory stack index out of range", &word[1..]);
                let complaint = if all.len() < 2 { "directory stack empty" } else { &index };
                return sh.misused("dirs", complaint, 1).await;
            }
            (_, None) => return sh.usage("dirs", &format!("{word}: invalid number"), USAGE).await,
        }
    }
    let shown = |path: &String| if long { path.clone() } else { short(sh, path) };
    let all: Vec<String> = all.iter().map(shown).collect();
    let text = match one {
        Some(at) => format!("{}\n", all[at]),
        None if numbered => all.iter().enumerate().map(|(at, path)| format!("{at:2}  {path}\n")).collect(),
        None => all.join(if lines { "\n" } else { " " }) + "\n",
    };
    sh.p.out(&text).await?;
    Ok(0)
}

pub async fn pushd(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut all = stack(sh);
    let stays = words.get(1).is_some_and(|word| word == "-n");
    match words.get(if stays { 2 } else { 1 }) {
        None if all.len() < 2 => return sh.misused("pushd", "no other directory", 1).await,
        None => all.swap(0, 1),
        Some(word) => match place(word, all.len()) {
            Some(Some(at)) => all.rotate_left(at),
            Some(None) => {
                return sh.misused("pushd", &format!("{word}: directory stack index out of range"), 1).await;
            }
            None if word.len() > 1 && word.starts_with(['-', '+']) => {
                return sh.wrong("pushd", &format!("{word}: invalid number")).await;
            }
            None => all.insert(usize::from(stays), word.clone()),
        },
    }
    if !stays && sh.refuses("pushd").await? {
        return Ok(1);
    }
    if !stays && let Err(errno) = sh.go(&all[0], false) {
        return sh.misused("pushd", &format!("{}: {}", all[0], errno.text()), 1).await;
    }
    put(sh, &all);
    show(sh).await
}

pub async fn popd(sh: &mut Sh, words: Vec<String>) -> Run {
    let mut all = stack(sh);
    let stays = words.get(1).is_some_and(|word| word == "-n");
    let at = match words.get(if stays { 2 } else { 1 }) {
        None => Some(usize::from(stays)),
        Some(word) => match place(word, all.len()) {
            Some(at) => at,
            None if word.len() > 1 && word.starts_with(['-', '+']) => {
                return sh.wrong("popd", &format!("{word}: invalid number")).await;
            }
            None => return sh.misused("popd", &format!("{word}: invalid argument"), 1).await,
        },
    };
    let Some(at) = at.filter(|at| *at < all.len() && all.len() > 1) else {
        let text = match words.last().filter(|_| words.len() > 1) {
            Some(word) => format!("{word}: directory stack index out of range"),
            None => "directory stack empty".to_owned(),
        };
        return sh.misused("popd", &text, 1).await;
    };
    all.remove(at);
    if at == 0 && sh.refuses("popd").await? {
        return Ok(1);
    }
    if at == 0
        && let Err(errno) = sh.go(&all[0], false)
    {
        return sh.misused("popd", &format!("{}: {}", all[0], errno.text()), 1).await;
    }
    put(sh, &all);
    show(sh).await
}
