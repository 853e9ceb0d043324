//! What the name of a command stands for: a function, a builtin, a program along `PATH`.

use std::sync::Arc;

use super::super::fs::{Access, Content, Errno, Kind, program_in};
use super::super::tools::{self, Tool};
use super::Sh;
use super::builtins::Builtin;
use crate::bash::ast::Command;
use crate::systems::linux::model::bash::Hashed;

/// So many programs are kept in mind.
const HASHED: usize = 1_000;

/// What a name stands for, in the order in which it is looked for.
pub(super) enum Found {
    Function(Arc<Command>),
    Builtin(&'static Builtin),
    /// A program in a file, by the path under which it was found.
    File(String),
    /// The file is there and cannot be run.
    Refused(String, Errno),
    Nothing,
}

/// What a program's file is.
pub(super) enum Program {
    /// A program that is modelled.
    Tool(&'static Tool),
    /// A text: the lines of a script, and the words that its first line names: an interpreter, and what it gets first.
    Script(String, Vec<String>),
    /// No text and no program.
    Binary,
    /// A program that is there and is not modelled, by its name.
    Unmodelled(String),
}

impl Sh {
    /// What a name stands for.
    pub(super) fn find(&self, name: &str) -> Found {
        if let Some(body) = self.st.functions.get(name) {
            return Found::Function(Arc::clone(body));
        }
        match self.builtin(name) {
            Some(builtin) => Found::Builtin(builtin),
            None => self.find_file(name),
        }
    }

    /// The program of that name: by its path, or along `PATH`.
    pub(super) fn find_file(&self, name: &str) -> Found {
        if name.contains('/') {
            return match self.runnable(name) {
                Ok(()) => Found::File(name.to_owned()),
                Err(errno) => Found::Refused(name.to_owned(), errno),
            };
        }
        if name.is_empty() {
            return Found::Nothing;
        }
        // What was found once is not looked for again, even when it is gone since.
        match self.hashed(name) {
            Some(path) if self.runnable(path).is_ok() => Found::File(path.to_owned()),
            Some(path) if !self.st.shopt.contains("checkhash") => Found::Refused(path.to_owned(), Errno::Noent),
            _ => self.find_along_path(name),
        }
    }

    /// Where a program was found before.
    pub(super) fn hashed(&self, name: &str) -> Option<&str> {
        let fresh = self.st.variable("PATH").unwrap_or_default() == self.st.hashed.path;
        self.st.hashed.programs.get(name).filter(|_| fresh).map(|(path, _)| path.as_str())
    }

    /// Keeps in mind where a program is, and that it was run `hits` times more.
    pub(super) fn keep_program(&mut self, name: &str, path: String, hits: u32) {
        let now = self.st.variable("PATH").unwrap_or_default();
        if now != self.st.hashed.path {
            self.st.hashed = Hashed { path: now.to_owned(), ..Hashed::default() };
        }
        let table = &mut self.st.hashed.programs;
        if let Some((_, count)) = table.get_mut(name).filter(|(known, _)| *known == path && hits > 0) {
            *count += hits;
        } else if table.len() < HASHED {
            table.insert(name.to_owned(), (path, hits));
        }
    }

    /// The same, looked for anew.
    pub(super) fn find_along_path(&self, name: &str) -> Found {
        let mut refused = None;
        for directory in self.st.variable("PATH").unwrap_or_default().split(':') {
            let path = if directory.is_empty() { format!("./{name}") } else { format!("{directory}/{name}") };
            match self.runnable(&path) {
                Ok(()) => return Found::File(path),
                Err(Errno::Acces) => refused = refused.or(Some(path)),
                Err(_) => {}
            }
        }
        refused.map_or(Found::Nothing, |path| Found::Refused(path, Errno::Acces))
    }

    /// The programs of that name along `PATH`, all of them.
    pub(super) fn all_files(&self, name: &str) -> Vec<String> {
        if name.contains('/') || name.is_empty() {
            return self.runnable(name).map_or(Vec::new(), |()| vec![name.to_owned()]);
        }
        let path = self.st.variable("PATH").unwrap_or_default().split(':');
        path.map(|directory| format!("{directory}/{name}")).filter(|path| self.runnable(path).is_ok()).collect()
    }

    /// Whether the file can be run.
    pub(super) fn runnable(&self, path: &str) -> Result<(), Errno> {
        self.p.peek(|linux| {
            let fs = &linux.fs;
            let ino = fs.lookup(&self.p.cred, &self.p.cwd, path)?;
            match fs.node(ino).kind {
                Kind::Dir { .. } => Err(Errno::Isdir),
                Kind::File(_) if fs.mount_of(fs.node(ino).mount).is_some_and(|mount| mount.has("noexec")) => {
                    Err(Errno::Acces)
                }
                Kind::File(_) => fs.access(&self.p.cred, ino, Access::EXEC),
                _ => Err(Errno::Acces),
            }
        })
    }

    /// What a program's file is: what it holds tells which program of ours it is. One that is called by a link may be
    /// another under that name.
    pub(super) fn recognize(&self, path: &str) -> Program {
        let (name, content) = self.p.peek(|linux| {
            let canonical = linux.fs.canonical(&self.p.cred, &self.p.cwd, path).unwrap_or_default();
            let name = canonical.rsplit('/').next().unwrap_or_default().to_owned();
            let content = linux.fs.lookup(&self.p.cred, &self.p.cwd, path).ok().and_then(|ino| {
                match linux.fs.content(ino)? {
                    Content::Program(program, _) => Some(program.to_string()),
                    Content::Bytes(bytes) => program_in(bytes).map(str::to_owned),
                    // As labs were saved once.
                    Content::Hole(_) => Some(name.clone()),
                    Content::Made(_) | Content::Sparse(_) => None,
                }
            });
            (name, content)
        });
        if let Some(program) = content {
            let called = path.rsplit('/').next().filter(|called| *called != name);
            let tool = self.p.world(|world, id| {
                called.and_then(|called| tools::find(world, id, called)).or_else(|| tools::find(world, id, &program))
            });
            return tool.map_or(Program::Unmodelled(program), Program::Tool);
        }
        let text = self.p.read_path(path).unwrap_or_default();
        if is_binary(&text) {
            return Program::Binary;
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let first =
            text.strip_prefix("#!").map(|rest| rest.split('\n').next().unwrap_or_default().trim_matches([' ', '\t']));
        // What stands behind the interpreter is one word (execve(2)).
        let words =
            first.map(|line| line.split_once([' ', '\t']).map_or((line, ""), |(word, more)| (word, more.trim_start())));
        let words = words.into_iter().flat_map(|(word, more)| [word, more]);
        let words =
            words.enumerate().filter(|(at, word)| *at == 0 || !word.is_empty()).map(|(_, word)| word.to_owned());
        let words = words.collect();
        Program::Script(text, words)
    }
}

/// Whether bash takes a file for no text: a byte 0 stands in what it looks at of the first line.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 80;
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    start.iter().take_while(|byte| **byte != b'\n').any(|byte| *byte == 0)
}
