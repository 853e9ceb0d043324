//! `pr` as in GNU coreutils 8.30: pages with a head, columns down and across, files side by side, numbers. Of pages that are
//! skipped nothing is kept but the numbers of their lines.

mod layout;
mod page;

use crate::systems::linux::clock;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::date;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Out, given};
use crate::systems::linux::tools::{Tool, tool};
use layout::{Head, Page, Source};

/// The program of this file.
pub static TOOLS: &[Tool] = &[tool!("pr", pr)];

const COLUMNS: char = '\u{1}';
const PAGES: char = '\u{2}';
const SPEC: Spec = Spec {
    short: "abcdD:e::fFh:i::Jl:mn::N:o:rs::S::tTvw:W:",
    long: &[
        ("pages:", PAGES),
        ("columns:", COLUMNS),
        ("across", 'a'),
        ("show-control-chars", 'c'),
        ("double-space", 'd'),
        ("date-format:", 'D'),
        ("expand-tabs::", 'e'),
        ("form-feed", 'f'),
        ("header:", 'h'),
        ("output-tabs::", 'i'),
        ("join-lines", 'J'),
        ("length:", 'l'),
        ("merge", 'm'),
        ("number-lines::", 'n'),
        ("first-line-number:", 'N'),
        ("indent:", 'o'),
        ("no-file-warnings", 'r'),
        ("separator::", 's'),
        ("sep-string::", 'S'),
        ("omit-header", 't'),
        ("omit-pagination", 'T'),
        ("show-nonprinting", 'v'),
        ("width:", 'w'),
        ("page-width:", 'W'),
    ],
    gaps: "",
};

/// `-3` and `+2:4` as the options that they are short for: digits may stand among other letters.
fn modern(arguments: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    let mut values = false;
    for word in arguments {
        let bare = word.strip_prefix('-').unwrap_or_default();
        let before = bare.find(|c: char| !"abcdfFJmrtTv".contains(c)).unwrap_or(bare.len());
        let digits = Some(bare).filter(|bare| bare[before..].starts_with(|c: char| c.is_ascii_digit()));
        let pages = word.strip_prefix('+').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        match (digits, pages) {
            (Some(letters), _) if !values => {
                let rest = &letters[before..];
                words.extend((before > 0).then(|| format!("-{}", &letters[..before])));
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                words.push(format!("--columns={}", &rest[..end]));
                words.extend((end < rest.len()).then(|| format!("-{}", &rest[end..])));
            }
            (_, Some(rest)) if !values => words.push(format!("--pages={rest}")),
            _ => words.push(word.clone()),
        }
        values = !values && word.len() == 2 && ["-D", "-h", "-l", "-N", "-o", "-w", "-W"].contains(&word.as_str());
    }
    words
}

/// What a letter with a character and a number in one word says: `-e:4`, `-n.3`.
fn character_and_number(text: &str, letter: char, character: &mut u8, number: &mut usize) -> Result<(), String> {
    let mut rest = text;
    if let Some(first) = text.bytes().next().filter(|byte| !byte.is_ascii_digit()) {
        *character = first;
        rest = text.get(1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        let read = rest.parse::<usize>().ok().filter(|value| (1..=32_767).contains(value));
        let whole = format!("'-{letter}' extra characters or invalid number in the argument: {}", input::quoted(rest));
        *number = read.ok_or(whole)?;
    }
    Ok(())
}

/// A page as the options have it; the inner error is a complaint.
fn layout(given: &Given) -> Result<Page, String> {
    let mut page = Page::default();
    let (mut width_given, mut old_width, mut old_separator, mut old) = (false, false, false, false);
    let number = |value: &Option<String>, what: &str, least: u64| -> Result<usize, String> {
        let text = value.as_deref().unwrap_or_default();
        input::number(text, false, least..=i32::MAX as u64, what).map(|number| usize::try_from(number).unwrap_or(0))
    };
    for (letter, value) in &given.options {
        let text = value.as_deref();
        match *letter {
            COLUMNS => {
                page.columns = number(value, "invalid number of columns", 1)?;
                page.explicit_columns = true;
            }
            PAGES => {
                let text = text.unwrap_or_default();
                let wrong = || format!("invalid --pages argument {}", input::quoted(text));
                let (first, last) = text.split_once(':').map_or((text, None), |(first, last)| (first, Some(last)));
                page.first_page = first.parse().ok().filter(|first| *first > 0).ok_or_else(wrong)?;
                if let Some(last) = last {
                    page.last_page = last.parse().ok().filter(|last| *last >= page.first_page).ok_or_else(wrong)?;
                }
            }
            'a' => (page.across, page.storing) = (true, false),
            'b' => page.balance = true,
            'c' => page.carets = true,
            'd' => page.double = true,
            'e' => {
                page.untabify = true;
                character_and_number(text.unwrap_or_default(), 'e', &mut page.tab_in, &mut page.tab_in_width)?;
            }
            'f' | 'F' => page.form_feed = true,
            'i' => {
                page.tabify = true;
                character_and_number(text.unwrap_or_default(), 'i', &mut page.tab_out, &mut page.tab_out_width)?;
            }
            'J' => page.join = true,
            'l' => page.length = number(value, "'-l PAGE_LENGTH' invalid number of lines", 1)?,
            'm' => (page.parallel, page.storing) = (true, false),
            'n' => {
                page.numbered = true;
                character_and_number(text.unwrap_or_default(), 'n', &mut page.number_end, &mut page.number_digits)?;
            }
            'N' => {
                let text = text.unwrap_or_default();
                let wrong = || format!("'-N NUMBER' invalid starting line number: {}", input::quoted(text));
                page.first_line = text.parse().map_err(|_| wrong())?;
                page.counts_skipped = false;
            }
            'o' => page.margin = number(value, "'-o MARGIN' invalid line offset", 0)?,
            's' => {
                (old, old_separator) = (true, true);
                if let Some(text) = text.filter(|_| !page.separates) {
                    page.separator = text.into();
                }
            }
            'S' => {
                (old_separator, page.separates) = (false, true);
                page.separator = text.unwrap_or_default().into();
            }
            't' => (page.extremities, page.keep_feeds) = (false, true),
            'T' => (page.extremities, page.keep_feeds) = (false, false),
            'v' => page.escapes = true,
            'w' => {
                (old, old_width) = (true, true);
                let width = number(value, "'-w PAGE_WIDTH' invalid number of characters", 1)?;
                if !width_given {
                    page.width = width;
                }
            }
            'W' => {
                (old_width, width_given, page.truncates) = (false, true, true);
                page.width = number(value, "'-W PAGE_WIDTH' invalid number of characters", 1)?;
            }
            _ => {}
        }
    }
    if page.parallel && page.explicit_columns {
        return Err("cannot specify number of columns when printing in parallel".to_owned());
    }
    if page.parallel && page.across {
        return Err("cannot specify both printing across and printing in parallel".to_owned());
    }
    let several = page.parallel || page.explicit_columns;
    if old && old_width {
        // The old width holds for columns, and means no more than their joining otherwise.
        if several {
            page.truncates = true;
            page.separates |= old_separator;
        } else {
            page.join = true;
        }
    } else if old && !page.separates && old_separator && several {
        if page.truncates {
            page.separates = true;
        } else {
            page.join = true;
            page.separates = !page.separator.is_empty();
        }
    }
    Ok(page)
}

/// The widest and longest page that is laid out here.
const LARGEST: usize = 1 << 20;

async fn pr(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = modern(arguments);
    let given = given!(p, &SPEC, &arguments, 1);
    let page = match layout(&given) {
        Ok(page) if [page.width, page.margin, page.length, page.columns].into_iter().max() > Some(LARGEST) => {
            return p.gap(&format!("pr with pages of more than {LARGEST} lines or columns"));
        }
        Ok(page) => page,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let mut status = 0;
    let mut sources = Vec::new();
    for file in input::files(&given) {
        match input::read_all(p, &file).await? {
            Ok(text) => sources.push(Source::new(file, text)),
            Err(_) if given.has('r') => status = 1,
            Err(errno) => status = input::unread(p, "", &file, errno, 1).await?,
        }
    }
    if sources.is_empty() {
        return Ok(status);
    }
    let alone = given.operands.is_empty();
    let groups: Vec<Vec<Source>> =
        if page.parallel && !alone { vec![sources] } else { sources.into_iter().map(|source| vec![source]).collect() };
    for group in groups {
        let head = head(p, &given, &group);
        let mut out = Out::default();
        let printed = page.clone().print(group, &head, alone, &mut out);
        out.flush(p).await?;
        if let Err(complaint) = printed {
            // That there is no such page is no failure.
            status = input::failed(p, &complaint, status.max(u8::from(complaint.starts_with("page")))).await?;
        }
    }
    Ok(status)
}

/// What stands above each page: the time of the file, or of now, and its name.
fn head(p: &Proc, given: &Given, group: &[Source]) -> Head {
    let name = match group {
        [one] if one.name != "-" => Some(one.name.clone()),
        _ => None,
    };
    let time = name.as_ref().and_then(|name| p.lookup(name).ok());
    let time = time.map_or_else(|| p.now(), |ino| p.peek(|linux| linux.fs.node(ino).mtime));
    let form = given.value('D').unwrap_or("%Y-%m-%d %H:%M");
    let date = clock::format(form, time.utc().unix_timestamp(), 0, &date::zone(p));
    Head { date, name: given.value('h').map(str::to_owned).or(name).unwrap_or_default() }
}
