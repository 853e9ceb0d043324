//! `history` and `fc`: the lines that were typed, listed, changed and run again.

use crate::systems::linux::bash::history::{Expanded, expand};
use crate::systems::linux::bash::{Run, Sh, history_file};
use crate::systems::linux::clock;

/// `fc -l` lists so many lines.
const LISTED: usize = 16;

pub async fn history(sh: &mut Sh, words: Vec<String>) -> Run {
    let given = match sh.given(&words, "acd:npsrw").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.has('c') {
        sh.st.forget_history();
    }
    if let Some(letter) = ['a', 'n', 'r', 'w'].into_iter().find(|letter| given.has(*letter)) {
        return file(sh, letter, given.operands.first()).await;
    }
    if given.has('s') {
        if !given.operands.is_empty() {
            sh.forget_own_line();
            sh.remember(&given.operands.join(" "));
        }
        return Ok(0);
    }
    if given.has('p') {
        sh.forget_own_line();
        for text in &given.operands {
            match expand(text, &sh.st.history, sh.st.forgotten, &mut sh.st.substituted) {
                Expanded::Same => sh.p.out(&format!("{text}\n")).await?,
                Expanded::Line(line, _) => sh.p.out(&format!("{line}\n")).await?,
                Expanded::Wrong(_) => {
                    return sh.misused("history", &format!("{text}: history expansion failed"), 1).await;
                }
            }
        }
        return Ok(0);
    }
    if let Some(place) = given.value('d').map(str::to_owned) {
        return delete(sh, &place).await;
    }
    if given.has('c') {
        return Ok(0);
    }
    let all = sh.st.history.len();
    let wanted = match given.operands.first().map(|text| text.parse::<usize>()) {
        None => all,
        Some(Ok(_)) if given.operands.len() > 1 => return sh.misused("history", "too many arguments", 1).await,
        Some(Ok(count)) => count,
        Some(Err(_)) => {
            return sh.misused("history", &format!("{}: numeric argument required", given.operands[0]), 1).await;
        }
    };
    let lines = sh.st.history.iter().zip(sh.st.times.iter()).enumerate().skip(all.saturating_sub(wanted));
    let zone = sh.p.peek(|linux| linux.zone.clone());
    let when = |at: i64| sh.st.time_format().map(|form| clock::format(form, at, 0, &zone)).unwrap_or_default();
    let shown = |(place, (line, at)): (usize, (&String, &i64))| {
        format!("{:5}  {}{line}\n", place + 1 + sh.st.forgotten, when(*at))
    };
    let text: String = lines.map(shown).collect();
    sh.p.out(&text).await?;
    Ok(0)
}

/// `-d`: a place, counted from the end where it is negative, or a range of them.
async fn delete(sh: &mut Sh, place: &str) -> Run {
    let (history, forgotten) = (&sh.st.history, sh.st.forgotten);
    let at = |text: &str| {
        let number = text.parse::<i64>().ok()?;
        let at = if number < 0 { history.len().checked_add_signed(number as isize) } else { None };
        at.or_else(|| usize::try_from(number).ok()?.checked_sub(forgotten + 1)).filter(|at| *at < history.len())
    };
    let dash = place.char_indices().skip(1).find(|(_, character)| *character == '-').map(|(dash, _)| dash);
    let range = match dash {
        Some(dash) => at(&place[..dash]).zip(at(&place[dash + 1..])),
        None => at(place).map(|at| (at, at)),
    };
    match range.filter(|(from, to)| from <= to) {
        Some((from, to)) => {
            sh.st.forget_lines(from, to);
            sh.st.typed = sh.st.typed.saturating_sub(to + 1 - from);
            Ok(0)
        }
        None => sh.misused("history", &format!("{place}: history position out of range"), 1).await,
    }
}

/// `-w` and `-a` write the history to its file, `-r` and `-n` read it.
async fn file(sh: &mut Sh, letter: char, path: Option<&String>) -> Run {
    if let Some(path) = path.filter(|path| path.contains('/'))
        && sh.refuses(&format!("history: {path}")).await?
    {
        return Ok(1);
    }
    let Some(path) = path.cloned().or_else(|| history_file::file(&sh.st)) else { return Ok(0) };
    let Sh { p, st, .. } = sh;
    let skip = if letter == 'n' { st.in_file } else { 0 };
    let done = p.world(|world, id| match letter {
        'w' => history_file::write(world, id, st, &path),
        'a' if st.typed == 0 => Ok(()),
        'a' => history_file::append(world, id, st, &path),
        _ => history_file::read(world, id, st, &path, skip),
    });
    match (done, letter) {
        (Ok(()), _) => Ok(0),
        (Err(errno), 'a') => sh.misused("history", &format!("{path}: cannot create: {}", errno.text()), 1).await,
        (Err(_), _) => Ok(1),
    }
}

pub async fn fc(sh: &mut Sh, mut words: Vec<String>) -> Run {
    // `-1` is a place and no option.
    let end = words.iter().skip(1).position(|word| word[1.min(word.len())..].starts_with(|c: char| c.is_ascii_digit()));
    if let Some(at) = end.filter(|at| words[at + 1].starts_with('-')) {
        words.insert(at + 1, "--".to_owned());
    }
    let given = match sh.given(&words, "e:lnrs").await? {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let history = lines_before(sh);
    if given.has('s') || given.value('e') == Some("-") {
        return again(sh, &history, &given.operands).await;
    }
    let lists = given.has('l');
    let last = history.len().saturating_sub(1);
    let place = |sh: &Sh, text: Option<&String>| text.map(|text| find(sh, &history, text));
    let (first, until) = match (place(sh, given.operands.first()), place(sh, given.operands.get(1))) {
        (None, _) if lists => ((history.len().saturating_sub(LISTED)), last),
        (None, _) => (last, last),
        (Some(Some(first)), None) => (first, if lists { last } else { first }),
        (Some(Some(first)), Some(Some(until))) => (first, until),
        _ => return sh.misused("fc", "history specification out of range", 1).await,
    };
    if history.is_empty() {
        return if lists { Ok(0) } else { sh.misused("fc", "history specification out of range", 1).await };
    }
    let backwards = (first > until) != given.has('r');
    let mut chosen: Vec<usize> = (first.min(until)..=first.max(until)).collect();
    if backwards {
        chosen.reverse();
    }
    if lists {
        let number = |at: usize| if given.has('n') { String::new() } else { (at + 1 + sh.st.forgotten).to_string() };
        let text: String = chosen.iter().map(|at| format!("{}\t {}\n", number(*at), history[*at])).collect();
        sh.p.out(&text).await?;
        return Ok(0);
    }
    let text: String = chosen.iter().map(|at| format!("{}\n", history[*at])).collect();
    let of = |name: &str| sh.st.variable(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let editor = given.value('e').map(str::to_owned).or_else(|| of("FCEDIT")).or_else(|| of("EDITOR"));
    edited(sh, &editor.unwrap_or_else(|| "vi".to_owned()), text).await
}

/// The lines that were typed before the one that is being run.
fn lines_before(sh: &Sh) -> Vec<String> {
    let own = usize::from(sh.st.interactive && !sh.st.history.is_empty());
    sh.st.history[..sh.st.history.len() - own].to_vec()
}

/// A line by its number, by how far back it is, or by how it begins.
fn find(sh: &Sh, history: &[String], text: &str) -> Option<usize> {
    match text.parse::<i64>() {
        Ok(0) => history.len().checked_sub(1),
        Ok(back) if back < 0 => Some(history.len().saturating_sub(usize::try_from(back.unsigned_abs()).ok()?)),
        Ok(number) => {
            let at = usize::try_from(number).ok()?.checked_sub(sh.st.forgotten + 1)?;
            Some(at.min(history.len().checked_sub(1)?))
        }
        Err(_) => history.iter().rposition(|line| line.starts_with(text)),
    }
}

/// `fc -s`: a line once more, with texts in it replaced.
async fn again(sh: &mut Sh, history: &[String], operands: &[String]) -> Run {
    let changes = operands.iter().take_while(|word| word.contains('='));
    let changes: Vec<(&str, &str)> = changes.filter_map(|word| word.split_once('=')).collect();
    let at = match operands.get(changes.len()) {
        Some(text) => find(sh, history, text),
        None => history.len().checked_sub(1),
    };
    let Some(at) = at else { return sh.misused("fc", "no command found", 1).await };
    let line = changes.iter().fold(history[at].clone(), |line, (old, new)| line.replace(old, new));
    sh.p.err(&format!("{line}\n")).await?;
    sh.run_again(&line).await
}

/// Gives lines to an editor, and runs what it leaves.
async fn edited(sh: &mut Sh, editor: &str, text: String) -> Run {
    let path = format!("/tmp/bash-fc.{}", sh.p.pid);
    if let Err(errno) = sh.p.write_path(&path, text.as_bytes()) {
        return sh.misused("fc", &format!("{path}: cannot open temp file: {}", errno.text()), 1).await;
    }
    let status = sh.eval(&format!("{editor} {path}")).await;
    let text = sh.p.read_path(&path).unwrap_or_default();
    let (cred, cwd) = (sh.p.cred.clone(), sh.p.cwd.clone());
    // It may be gone already.
    let _ = sh.p.fs(|fs, now| fs.unlink(&cred, &cwd, &path, now));
    if status? != 0 {
        return Ok(1);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    sh.p.err(&text).await?;
    sh.run_again(text.trim_end()).await
}

impl Sh {
    /// Notes a line that was typed just now. Whether it is in the history.
    pub(in crate::systems::linux::bash) fn remember(&mut self, line: &str) -> bool {
        let now = self.p.now().utc().unix_timestamp();
        self.st.remember(line, now)
    }

    /// What a builtin that changes the history was called by does not stay in it.
    fn forget_own_line(&mut self) {
        if self.st.interactive && self.option("history") {
            self.st.forget_last();
        }
    }

    /// Runs a line of the history, in which it takes the place of the `fc` that wanted it.
    async fn run_again(&mut self, line: &str) -> Run {
        self.forget_own_line();
        self.remember(line);
        self.eval(line).await
    }
}
