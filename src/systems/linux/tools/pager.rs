//! `more` (util-linux), what it shares with `less`, and the editors of whole screens, which are not modelled. On a terminal
//! that somebody watches a pager stops at each page and takes keys: space for a page, `j` or Enter for a line, `b` back, `g`,
//! `G`, `/text`, `q`. A file of commands has lines in their place, of which an empty one turns a page. What was shown is not
//! drawn over: going back shows it again. Elsewhere a pager prints all, as into a pipe.

mod less;
mod packed;

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
    tool!("less", less::less),
    tool!("more", more),
    tool!("bzless", packed::show),
    tool!("bzmore", packed::show),
    tool!("xzless", packed::show),
    tool!("xzmore", packed::show),
    tool!("zless", packed::show),
    tool!("zmore", packed::show),
    tool!("vi", editor),
    tool!("view", editor),
    tool!("vim", editor),
];

const MORE: Spec = Spec { short: "dflcpsu", long: &[], gaps: "n: V h" };

/// The descriptor of the file that is shown.
const FILE: u32 = 10;

async fn editor(p: &mut Proc, _: &[String]) -> Ended {
    p.gap(&format!("{}: an editor of whole screens; use sed, cat > FILE or tee", p.name))
}

/// Which of the two.
enum Pager {
    Less(less::How),
    More,
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
    show(p, &Pager::More, &given.operands).await
}

async fn show(p: &mut Proc, pager: &Pager, files: &[String]) -> Ended {
    let watched = p.files.is_terminal(1).then(|| p.cx.with(|cx| cx.session.terminal)).filter(|terminal| terminal.live);
    if files.is_empty() {
        if p.files.is_terminal(0) {
            match pager {
                Pager::Less(_) => p.out("Missing filename (\"less --help\" for help)\n").await?,
                Pager::More => p.err("more: bad usage\nTry 'more --help' for more information.\n").await?,
            }
            return Ok(1);
        }
        one(p, pager, 0, ("", true), watched).await?;
        return Ok(0);
    }
    let mut status = 0;
    for (at, name) in files.iter().enumerate() {
        match open(p, pager, name) {
            Ok(()) => {
                if matches!(pager, Pager::More) && files.len() > 1 {
                    let gap = if at > 0 { "\n" } else { "" };
                    p.out(&format!("{gap}::::::::::::::\n{name}\n::::::::::::::\n")).await?;
                }
                let goes_on = one(p, pager, FILE, (name, at + 1 == files.len()), watched).await?;
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
fn open(p: &mut Proc, pager: &Pager, name: &str) -> Result<(), String> {
    let directory = p.lookup(name).is_ok_and(|ino| p.peek(|linux| matches!(linux.fs.node(ino).kind, Kind::Dir { .. })));
    let opened = if directory { Err(Errno::Isdir) } else { p.open(name, Mode::Read) };
    match (opened, pager) {
        (Ok(open), _) => {
            p.files.set(FILE, Some(open));
            Ok(())
        }
        (Err(Errno::Isdir), Pager::Less(_)) => Err(format!("{name} is a directory\n")),
        (Err(Errno::Isdir), Pager::More) => Err(format!("\n*** {name}: directory ***\n\n")),
        (Err(Errno::Noent), Pager::More) => Err(format!("more: stat of {name} failed: {}\n", Errno::Noent.text())),
        (Err(errno), _) => Err(format!("{name}: {}\n", errno.text())),
    }
}

/// Shows one file, by its name and whether it is the last one; whether the next one is wanted.
async fn one(
    p: &mut Proc,
    pager: &Pager,
    fd: u32,
    (name, last): (&str, bool),
    watched: Option<Terminal>,
) -> Result<bool, Cut> {
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
    match pager {
        Pager::Less(how) => less::View::new(how, fd, name, last, text, terminal).show(p).await,
        Pager::More => pages(p, &text, terminal).await,
    }
}

/// `more`: the pages of a text; whether the next one is wanted.
async fn pages(p: &mut Proc, text: &str, terminal: Terminal) -> Result<bool, Cut> {
    let (mut at, mut by_line) = (0, false);
    loop {
        let length = match std::mem::take(&mut by_line) {
            true => text[at..].split_inclusive('\n').next().map_or(0, str::len),
            false => page(&text[at..], terminal),
        };
        p.out(&text[at..at + length]).await?;
        at += length;
        if at == text.len() {
            if !text.is_empty() && !text.ends_with('\n') {
                p.out("\n").await?;
            }
            return Ok(true);
        }
        p.out(&format!("--More--({}%)", at * 100 / text.len())).await?;
        let Some(key) = p.key().await? else { return Ok(false) };
        match key.trim() {
            key if key.starts_with(['q', 'Q']) => return Ok(false),
            "j" | "e" => by_line = true,
            "b" => at = up(text, at, 2 * room(terminal)),
            "g" | "<" => at = 0,
            "G" | ">" => at = up(text, text.len(), room(terminal)),
            key if key.starts_with('/') => match search(text, at, &key[1..]) {
                Some(found) => at = found,
                None => {
                    p.out("Pattern not found\n").await?;
                    at = up(text, at, room(terminal));
                }
            },
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
        let lab = &mut lab;
        let check = |lab: &mut Lab, line: &str, expect: &str| assert_eq!(typed(lab, id, line), expect, "{line}");
        check(lab, "less f", "1\n2\n3\nf");
        check(lab, "", "4\n5\n6\n:");
        check(lab, "", "7\n(END)");
        check(lab, "", "(END)");
        check(lab, "b", "2\n3\n4\n:");
        check(lab, "j", "5\n:");
        check(lab, "/[7]", "7\n(END)");
        check(lab, "n", "Pattern not found  (press RETURN)");
        check(lab, "", "(END)");
        check(lab, "g", "1\n2\n3\n:");
        check(lab, "/8", "Pattern not found  (press RETURN)");
        check(lab, "G", "5\n6\n7\n(END)");
        check(lab, "3g", "3\n4\n5\n:");
        check(lab, "=", "f lines 3-5/7 byte 10/14 71%  (press RETURN)");
        check(lab, "j", ":");
        check(lab, "&[27]", "7\n& (END)");
        check(lab, "&", "7\n(END)");
        check(lab, "q", "");
        check(lab, "less -N +/6 f", "      6 6\n      7 7\nf (END)");
        check(lab, ":n", "No next file  (press RETURN)");
        check(lab, "q", "");
        check(lab, "less +G f", "5\n6\n7\nf (END)");
        check(lab, "q", "");
        check(lab, "head -n 2 f | less -F", "1\n2\n");
        check(lab, "export LESS=FR; head -n 2 f | less", "1\n2\n");
        check(lab, "unset LESS; head -n 2 f | less", "1\n2\n(END)");
        check(lab, "q", "");
        check(lab, "less +F f", "5\n6\n7\nWaiting for data... (interrupt to abort)");
        lab.interrupt(id);
        check(lab, "", "(END)(END)");
        assert!(lab.takes_keys(id), "at a keyboard without Enter");
        typed(lab, id, "q");
        assert_eq!(lab.waits(id), Waits::Prompt);
        assert_eq!(typed(lab, id, "cat f | more"), "1\n2\n3\n--More--(42%)");
        typed(lab, id, "q");
        assert_eq!(typed(lab, id, "more f"), "1\n2\n3\n--More--(42%)");
        lab.interrupt(id);
        assert_eq!(lab.waits(id), Waits::Prompt, "Ctrl-C ends it");
    }
}
