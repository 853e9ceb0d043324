//! Redirections (bash(1), "REDIRECTION").

use std::sync::Arc;

use super::super::fs::Errno;
use super::super::io::Open;
use super::super::proc::Mode;
use super::expand::plain;
use super::{Later, Run, Sh};
use crate::bash::ast::{Descriptor, Redirect, RedirectKind, Word};

impl Sh {
    /// Opens and duplicates what a command's redirections say, in their order. The inner error: one of them failed, bash
    /// has said why, and the command does not run.
    pub(super) fn redirect<'a>(&'a mut self, redirects: &'a [Redirect]) -> Later<'a, Result<(), ()>> {
        Box::pin(async move {
            for redirect in redirects {
                if let Err(text) = self.one(redirect).await? {
                    self.complain(&text).await?;
                    return Ok(Err(()));
                }
            }
            Ok(Ok(()))
        })
    }

    fn one<'a>(&'a mut self, redirect: &'a Redirect) -> Later<'a, Result<(), String>> {
        Box::pin(async move {
            let (target, default) = match &redirect.kind {
                RedirectKind::Read(word) => (self.file(word, Mode::Read).await?, 0),
                RedirectKind::Write(word) => {
                    let mode = if self.option("noclobber") { Mode::WriteNew } else { Mode::Write };
                    (self.file(word, mode).await?, 1)
                }
                RedirectKind::Clobber(word) => (self.file(word, Mode::Write).await?, 1),
                RedirectKind::Append(word) => (self.file(word, Mode::Append).await?, 1),
                RedirectKind::ReadWrite(word) => (self.file(word, Mode::Both).await?, 0),
                RedirectKind::WriteBoth(word) | RedirectKind::AppendBoth(word) => {
                    let append = matches!(redirect.kind, RedirectKind::AppendBoth(_));
                    let mode = if append { Mode::Append } else { Mode::Write };
                    return Ok(match self.file(word, mode).await? {
                        Ok(open) => {
                            self.p.files.set(1, Some(Arc::clone(&open)));
                            self.p.files.set(2, Some(open));
                            Ok(())
                        }
                        Err(text) => Err(text),
                    });
                }
                RedirectKind::DuplicateIn(word) => return self.duplicate(redirect, word, 0).await,
                RedirectKind::DuplicateOut(word) => return self.duplicate(redirect, word, 1).await,
                RedirectKind::Here(document) => {
                    let text = self.expand_quoted(&document.text).await?;
                    (self.here(text), 0)
                }
                RedirectKind::HereString(word) => {
                    let mut text = self.expand_text(word).await?;
                    text.push('\n');
                    (self.here(text), 0)
                }
            };
            Ok(match target {
                Ok(open) => self.put_under(redirect.fd.as_ref(), default, Some(open)),
                Err(text) => Err(text),
            })
        })
    }

    /// A here-document: bash before 5.1 writes each into a file first, as those of all appliances here do, and ash none.
    fn here(&self, text: String) -> Result<Arc<Open>, String> {
        if !self.is_ash() {
            let own = self.st.variable("TMPDIR").filter(|dir| self.p.lookup(dir).is_ok()).map(str::to_owned);
            let dir = own.unwrap_or_else(|| "/tmp".to_owned());
            let room = self.p.peek(|linux| linux.fs.room_in(&self.p.cred, &self.p.cwd, &dir));
            let errno = match room {
                Ok(room) if room >= text.len() as u64 => None,
                Ok(_) => Some(Errno::Nospc),
                // Where there is no such directory bash takes another.
                Err(Errno::Noent) => None,
                Err(errno) => Some(errno),
            };
            if let Some(errno) = errno {
                return Err(format!("cannot create temp file for here-document: {}", errno.text()));
            }
        }
        Ok(Arc::new(Open::text(text)))
    }

    /// `<&` and `>&`: a descriptor, `-`, or a descriptor that moves.
    async fn duplicate(&mut self, redirect: &Redirect, word: &Word, default: u32) -> Run<Result<(), String>> {
        let text = self.expand_text(word).await?;
        if text == "-" {
            return Ok(match &redirect.fd {
                Some(Descriptor::Variable(name)) => {
                    let fd = self.st.variable(name).and_then(|text| text.parse().ok());
                    fd.map(|fd| self.p.files.set(fd, None));
                    Ok(())
                }
                fd => self.put_under(fd.as_ref(), default, None),
            });
        }
        let (number, moves) = match text.strip_suffix('-') {
            Some(number) => (number, true),
            None => (text.as_str(), false),
        };
        let Ok(from) = number.parse::<u32>() else {
            if default == 1 && redirect.fd.is_none() {
                // `>& file` is `&> file`.
                return Ok(match self.open(&text, Mode::Write) {
                    Ok(open) => {
                        self.p.files.set(1, Some(Arc::clone(&open)));
                        self.p.files.set(2, Some(open));
                        Ok(())
                    }
                    Err(text) => Err(text),
                });
            }
            return Ok(Err(format!("{text}: ambiguous redirect")));
        };
        let Some(open) = self.p.files.get(from).cloned() else {
            let text = plain(word).map_or_else(|| crate::bash::print::word(word), |_| from.to_string());
            return Ok(Err(format!("{text}: {}", Errno::Badf.text())));
        };
        let put = self.put_under(redirect.fd.as_ref(), default, Some(open));
        if moves {
            self.p.files.set(from, None);
        }
        Ok(put)
    }

    fn put_under(&mut self, fd: Option<&Descriptor>, default: u32, open: Option<Arc<Open>>) -> Result<(), String> {
        let number = match fd {
            None => default,
            Some(Descriptor::Number(number)) => *number,
            Some(Descriptor::Variable(name)) => {
                let free = self.p.files.free(10);
                self.set(name, free.to_string())?;
                free
            }
        };
        if self.p.files.set(number, open) { Ok(()) } else { Err(format!("{number}: {}", Errno::Badf.text())) }
    }

    /// Opens the one file that a word comes to.
    async fn file(&mut self, word: &Word, mode: Mode) -> Run<Result<Arc<Open>, String>> {
        let mut words = Vec::new();
        self.expand_word(word, &mut words).await?;
        let [path] = &words[..] else {
            let text = crate::bash::print::word(word);
            return Ok(Err(format!("{text}: ambiguous redirect")));
        };
        Ok(self.open(path, mode))
    }

    fn open(&mut self, path: &str, mode: Mode) -> Result<Arc<Open>, String> {
        if mode != Mode::Read && self.is_restricted() {
            return Err(format!("{path}: restricted: cannot redirect output"));
        }
        self.p.open(path, mode).map_err(|errno| match errno {
            Errno::Exist if mode == Mode::WriteNew => format!("{path}: cannot overwrite existing file"),
            errno => self.unopened(path, mode, errno),
        })
    }

    /// `exec` without a command: its redirections stay.
    pub(super) async fn redirect_for_good(&mut self, redirects: &[Redirect]) -> Run {
        Ok(u8::from(self.redirect(redirects).await?.is_err()))
    }
}
