//! `less` (458 to 530), `more` (util-linux) and the editors of whole screens, which are not modelled. On a terminal that
//! somebody watches a pager stops at each page and takes keys: space for a page, `j` or Enter for a line, `b` back, `g`, `G`,
//! `/text`, `q`. A file of commands has lines in their place, of which an empty one turns a page. What was shown is not drawn
//! over: going back shows it again. Elsewhere a pager prints all, as into a pipe.

use crate::systems::linux::tools::input::given;
use unicode_width::UnicodeWidthChar;

use super::getopt::Spec;
use super::regex::{Options, Regex, Syntax};
use super::{Tool, busybox, tool};
use crate::shell::Terminal;
use crate::systems::linux::fs::{Errno, Kind};
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{CHUNK, Ended, Mode, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("ex", editor),
    tool!("less", less),
    tool!("more", more),
    tool!("vi", editor),
    tool!("view", editor),
    tool!("vim", editor),
];

const LESS: Spec = Spec { short: "aABcCdeEfFgGiIJKLmMnqQrRsSuUwWXb:h:j:k:P:x:y:z:", long: &[], gaps: "N p: t: V ?" };
const MORE: Spec = Spec { short: "dflcpsu", long: &[], gaps: "n: V h" };

/// The descriptor of the file that is shown.
const FILE: u32 = 10;

async fn editor(p: &mut Proc, _: &[String]) -> Ended {
    p.gap(&format!("{}: an editor of whole screens; use sed, cat > FILE or tee", p.name))
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pager {
    Less,
    More,
}

async fn less(p: &mut Proc, arguments: &[String]) -> Ended {
    let (jumps, words): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|word| word.starts_with('+') && word.len() > 1);
    if let Some(jump) = jumps.first() {
        return p.gap(&format!("less {jump}"));
    }
    let given = given!(p, &LESS, &words, |_| p.gap("less with this option"));
    show(p, Pager::Less, &given.operands).await
}

async fn more(p: &mut Proc, arguments: &[String]) -> Ended {
    if let Some(jump) = arguments.iter().find(|word| word.starts_with('+') && word.len() > 1) {
        return p.gap(&format!("more {jump}"));
    }
    let given = given!(p, &MORE, arguments, |complaint| {
        p.complain(&complaint).await?;
        p.err("Try 'more --help' for more information.\n").await?;
        Ok(1)
    });
    show(p, Pager::More, &given.operands).await
}

async fn show(p: &mut Proc, pager: Pager, files: &[String]) -> Ended {
    let watched = p.files.is_terminal(1).then(|| p.cx.with(|cx| cx.session.terminal)).filter(|terminal| terminal.live);
    if files.is_empty() {
        if p.files.is_terminal(0) {
            match pager {
                Pager::Less => p.out("Missing filename (\"less --help\" for help)\n").await?,
                Pager::More => p.err("more: bad usage\nTry 'more --help' for more information.\n").await?,
            }
            return Ok(1);
        }
        one(p, pager, 0, watched).await?;
        return Ok(0);
    }
    let mut status = 0;
    for (at, name) in files.iter().enumerate() {
        match open(p, pager, name) {
            Ok(()) => {
                if pager == Pager::More && files.len() > 1 {
                    let gap = if at > 0 { "\n" } else { "" };
                    p.out(&format!("{gap}::::::::::::::\n{name}\n::::::::::::::\n")).await?;
                }
                let goes_on = one(p, pager, FILE, watched).await?;
                p.files.set(FILE, None);
                if !goes_on {
                    break;
                }
            }
            Err(text) => {
                match text.strip_prefix("more: ").filter(|_| busybox::is_applet(p, &p.name)) {
                    Some(complaint) => p.complain(complaint.trim_end()).await?,
                    None => p.err(&text).await?,
                }
                status = 1;
            }
        }
    }
    Ok(status)
}

/// Opens a file, or says why not.
fn open(p: &mut Proc, pager: Pager, name: &str) -> Result<(), String> {
    let directory = p.lookup(name).is_ok_and(|ino| p.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Dir { .. })));
    let opened = if directory { Err(Errno::Isdir) } else { p.open(name, Mode::Read) };
    match (opened, pager) {
        (Ok(open), _) => {
            p.files.set(FILE, Some(open));
            Ok(())
        }
        (Err(Errno::Isdir), Pager::Less) => Err(format!("{name} is a directory\n")),
        (Err(Errno::Isdir), Pager::More) => Err(format!("\n*** {name}: directory ***\n\n")),
        (Err(Errno::Noent), Pager::More) => Err(format!("more: stat of {name} failed: {}\n", Errno::Noent.text())),
        (Err(errno), _) => Err(format!("{name}: {}\n", errno.text())),
    }
}

/// Shows one file; whether the next one is wanted.
async fn one(p: &mut Proc, pager: Pager, fd: u32, watched: Option<Terminal>) -> Result<bool, Cut> {
    let Some(terminal) = watched else {
        loop {
            let bytes = p.read(fd, CHUNK).await?;
            if bytes.is_empty() {
                return Ok(true);
            }
            p.write(1, &bytes).await?;
        }
    };
    let text = p.read_all(fd).await?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let (mut at, mut by_line) = (0, false);
    loop {
        let length = match std::mem::take(&mut by_line) {
            true => text[at..].split_inclusive('\n').next().map_or(0, str::len),
            false => page(&text[at..], terminal),
        };
        p.out(&text[at..at + length]).await?;
        at += length;
        let ended = at == text.len();
        if ended && !text.is_empty() && !text.ends_with('\n') {
            p.out("\n").await?;
        }
        let prompt = match (pager, ended) {
            (Pager::More, true) => return Ok(true),
            (Pager::More, false) => format!("--More--({}%)", at * 100 / text.len()),
            (Pager::Less, true) => "(END)".to_owned(),
            (Pager::Less, false) => ":".to_owned(),
        };
        p.out(&prompt).await?;
        let Some(key) = p.key().await? else { return Ok(false) };
        match key.trim() {
            key if key.starts_with(['q', 'Q']) => return Ok(false),
            "j" | "e" => by_line = true,
            "b" => at = up(&text, at, 2 * room(terminal)),
            "g" | "<" => at = 0,
            "G" | ">" => at = up(&text, text.len(), room(terminal)),
            key if key.starts_with('/') => match search(&text, at, &key[1..]) {
                Some(found) => at = found,
                None => {
                    p.out("Pattern not found\n").await?;
                    at = up(&text, at, room(terminal));
                }
            },
            _ if ended => return Ok(true),
            _ => {}
        }
    }
}

/// How many rows a page has: the last one is the pager's own.
fn room(terminal: Terminal) -> usize {
    usize::from(terminal.rows).saturating_sub(1).max(1)
}

/// Where the line begins that stands so many lines above.
fn up(text: &str, at: usize, lines: usize) -> usize {
    text[..at].trim_end_matches('\n').rmatch_indices('\n').nth(lines.saturating_sub(1)).map_or(0, |(end, _)| end + 1)
}

/// Where the first line behind `at` begins that has the pattern.
fn search(text: &str, at: usize, pattern: &str) -> Option<usize> {
    let regex = Regex::new(pattern, Syntax::Extended, Options::default()).ok()?;
    let mut begin = at;
    for line in text[at..].split_inclusive('\n') {
        if regex.is_match(line.trim_end_matches('\n').as_bytes()) {
            return Some(begin);
        }
        begin += line.len();
    }
    None
}

/// How many bytes of a text fill a page: whole lines that leave the last row free, at least one.
#[must_use]
pub fn page(text: &str, terminal: Terminal) -> usize {
    let columns = usize::from(terminal.columns).max(1);
    let room = room(terminal);
    let (mut end, mut used) = (0, 0);
    for line in text.split_inclusive('\n') {
        used += rows(line.trim_end_matches('\n'), columns);
        if end > 0 && used > room {
            break;
        }
        end += line.len();
    }
    end
}

/// How many rows a line takes.
fn rows(line: &str, columns: usize) -> usize {
    let width = line.chars().fold(0, |column, character| match character {
        '\t' => (column / 8 + 1) * 8,
        other => column + other.width().unwrap_or(0),
    });
    width.div_ceil(columns).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Lab, Waits};
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::shell::SessionId;

    #[test]
    fn a_page_leaves_the_last_row_free() {
        let check = |text: &str, columns, rows, expect| {
            let terminal = Terminal { columns, rows, ..Terminal::PIPE };
            assert_eq!(page(text, terminal), expect, "{text:?} on {columns}x{rows}");
        };
        check("a\nb\nc\n", 80, 3, 4);
        check("a\nb\nc\n", 80, 24, 6);
        check("abcd\nb\nc\n", 2, 3, 5);
        check("abcdef\nb\n", 2, 3, 7);
        check("a\tb\nc\n", 8, 3, 4);
        check("", 80, 24, 0);
        check("a\nb", 0, 0, 2);
    }

    /// What a session prints on this line.
    fn typed(lab: &mut Lab, id: SessionId, line: &str) -> String {
        assert!(lab.line(id, line), "it waits for {line:?}");
        let mut shown = String::new();
        lab.output(id, &mut shown);
        shown
    }

    #[test]
    fn whoever_watches_turns_pages() {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "linux").expect("the lab is bundled");
        let world = LabFile::parse(text).expect("a good lab file").world("linux", None, None).expect("a good world");
        let mut lab = Lab::new(world, Box::new(Bundled));
        let terminal = Terminal { columns: 80, rows: 4, live: true, asks: false };
        let id = lab.open("rhel8", terminal).expect("it is up");
        typed(&mut lab, id, "printf '%s\\n' 1 2 3 4 5 6 7 > f");
        assert_eq!(typed(&mut lab, id, "less f"), "1\n2\n3\n:");
        assert_eq!(typed(&mut lab, id, ""), "4\n5\n6\n:");
        assert_eq!(typed(&mut lab, id, ""), "7\n(END)");
        assert!(lab.takes_keys(id), "at a keyboard without Enter");
        assert_eq!(typed(&mut lab, id, "b"), "2\n3\n4\n:");
        assert_eq!(typed(&mut lab, id, "j"), "5\n:");
        assert_eq!(typed(&mut lab, id, "/[7]"), "7\n(END)");
        assert_eq!(typed(&mut lab, id, "g"), "1\n2\n3\n:");
        assert_eq!(typed(&mut lab, id, "/8"), "Pattern not found\n1\n2\n3\n:");
        assert_eq!(typed(&mut lab, id, "G"), "5\n6\n7\n(END)");
        typed(&mut lab, id, "q");
        assert_eq!(lab.waits(id), Waits::Prompt);
        assert_eq!(typed(&mut lab, id, "cat f | more"), "1\n2\n3\n--More--(42%)");
        typed(&mut lab, id, "q");
        assert_eq!(typed(&mut lab, id, "more f"), "1\n2\n3\n--More--(42%)");
        lab.interrupt(id);
        assert_eq!(lab.waits(id), Waits::Prompt, "Ctrl-C ends it");
    }
}
