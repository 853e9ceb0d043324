//! `join` as in GNU coreutils 8.30; `-o auto` and `--header` included.

use std::cmp::Ordering;

use super::uniq::two;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::files::collate;
use crate::systems::linux::tools::getopt::{Given, Spec};
use crate::systems::linux::tools::input::{self, Out, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("join", join)];

const CHECK: char = '\u{1}';
const NOCHECK: char = '\u{2}';
const HEADER: char = '\u{3}';
const SPEC: Spec = Spec {
    short: "a:e:i1:2:j:o:t:v:z",
    long: &[
        ("ignore-case", 'i'),
        ("check-order", CHECK),
        ("nocheck-order", NOCHECK),
        ("header", HEADER),
        ("zero-terminated", 'z'),
    ],
    gaps: "",
};

/// A line cut into fields.
type Row = Vec<Vec<u8>>;

/// What is printed of a pair of lines.
struct Plan {
    /// Whether keys are in the order of a language.
    language: bool,
    keys: [usize; 2],
    separator: Option<u8>,
    empty: Vec<u8>,
    /// `0` or a file and a field of it.
    list: Option<Vec<(usize, usize)>>,
    fold: bool,
    end: u8,
}

async fn join(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = given!(p, &SPEC, arguments, 1);
    let names = match two(p, &given).await? {
        Ok(names) => names,
        Err(status) => return Ok(status),
    };
    let plan = match plan(&given, collate::has_language(p)) {
        Ok(plan) => plan,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let mut tables: Vec<Vec<Row>> = Vec::new();
    let mut disorders = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let bytes = match input::read_all(p, name).await? {
            Ok(bytes) => bytes,
            Err(errno) => return input::unread(p, "", name, errno, 1).await,
        };
        input::bounded(&bytes, plan.end)?;
        let lines = input::split_lines(&bytes, plan.end);
        let rows: Vec<Row> = lines.iter().map(|line| plan.fields(line)).collect();
        let skip = usize::from(given.has(HEADER));
        let wrong = rows
            .windows(2)
            .enumerate()
            .skip(skip)
            .find(|(_, pair)| plan.compare(plan.key(&pair[0], at), plan.key(&pair[1], at)).is_gt());
        disorders.push(wrong.map(|(number, _)| {
            let line = String::from_utf8_lossy(lines[number + 1]);
            (number + 1, format!("{name}:{}: is not sorted: {line}", number + 2))
        }));
        tables.push(rows);
    }
    let shows = |side: &str| given.values('a').chain(given.values('v')).any(|given| given == side);
    let (mut a, mut b) = (0, 0);
    let [first, second] = &tables[..] else { return Ok(1) };
    let mut out = Out::default();
    // Disorder counts from the moment that a line without a counterpart was seen before it was read.
    let (mut unpaired, mut disorder) = (false, None);
    let read = |unpaired: bool, next: (usize, usize)| {
        let wanted = !given.has(NOCHECK) && (unpaired || given.has(CHECK));
        let mut found = disorders.iter().zip([next.0, next.1]);
        let place = found.find_map(|(wrong, next)| wrong.as_ref().filter(|(at, _)| wanted && *at == next));
        place.map(|(_, text)| text.clone())
    };
    if given.has(HEADER)
        && let (Some(one), Some(two)) = (first.first(), second.first())
    {
        plan.print(&mut out, Some(one), Some(two));
        (a, b) = (1, 1);
    }
    while a < first.len() || b < second.len() {
        p.tick().await?;
        out.spill(p).await?;
        let order = match (first.get(a), second.get(b)) {
            (Some(one), Some(two)) => plan.compare(plan.key(one, 0), plan.key(two, 1)),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        if order.is_ne() {
            let (side, pair) = match order {
                Ordering::Less => ("1", (first.get(a), None)),
                _ => ("2", (None, second.get(b))),
            };
            if shows(side) {
                plan.print(&mut out, pair.0, pair.1);
            }
            let both = a < first.len() && b < second.len();
            let next = (a + usize::from(order.is_lt()), b + usize::from(order.is_gt()));
            disorder = disorder.or(read(unpaired, next));
            (a, b) = next;
            unpaired |= both;
            continue;
        }
        let same = |rows: &[Row], at: usize, side: usize| {
            let key = plan.key(&rows[at], side);
            rows[at..].iter().take_while(|row| plan.compare(plan.key(row, side), key).is_eq()).count()
        };
        let (ends, stops) = (a + same(first, a, 0), b + same(second, b, 1));
        if !given.has('v') {
            for one in &first[a..ends] {
                for two in &second[b..stops] {
                    p.tick().await?;
                    plan.print(&mut out, Some(one), Some(two));
                    out.spill(p).await?;
                }
            }
        }
        disorder = disorder.or(read(unpaired, (ends, stops)));
        (a, b) = (ends, stops);
    }
    out.flush(p).await?;
    match disorder {
        Some(text) => input::failed(p, &text, 1).await,
        None => Ok(0),
    }
}

fn plan(given: &Given, language: bool) -> Result<Plan, String> {
    let field = |text: &str| match text.parse::<usize>() {
        Ok(number @ 1..) => Ok(number - 1),
        _ => Err(format!("invalid field number: {}", input::quoted(text))),
    };
    let key = |letter: char| given.value(letter).or(given.value('j')).map_or(Ok(0), field);
    for side in given.values('a').chain(given.values('v')) {
        if !matches!(side, "1" | "2") {
            return Err(format!("invalid field number: {}", input::quoted(side)));
        }
    }
    let separator = match given.value('t') {
        None => None,
        Some("") => Some(b'\n'),
        Some("\\0") => Some(0),
        Some(text) if text.len() == 1 => Some(text.as_bytes()[0]),
        Some(text) => return Err(format!("multi-character tab {}", input::quoted(text))),
    };
    let mut list = None;
    for text in given.values('o') {
        let list = list.get_or_insert_with(Vec::new);
        for item in text.split([',', ' ', '\t']).filter(|item| !item.is_empty()) {
            list.push(match item.split_once('.') {
                _ if item == "0" => (0, 0),
                Some((side @ ("1" | "2"), number)) => (usize::from(side == "2") + 1, field(number)?),
                _ if item.starts_with(['0', '1', '2']) => {
                    return Err(format!("invalid field specifier: {}", input::quoted(item)));
                }
                _ => return Err(format!("invalid file number in field spec: {}", input::quoted(item))),
            });
        }
    }
    Ok(Plan {
        keys: [key('1')?, key('2')?],
        separator,
        empty: given.value('e').unwrap_or_default().into(),
        list,
        fold: given.has('i'),
        end: if given.has('z') { 0 } else { b'\n' },
        language,
    })
}

impl Plan {
    fn fields(&self, line: &[u8]) -> Row {
        match self.separator {
            Some(separator) => line.split(|byte| *byte == separator).map(<[u8]>::to_vec).collect(),
            None => {
                let parts = line.split(|byte| matches!(byte, b' ' | b'\t'));
                parts.filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
            }
        }
    }

    fn key<'a>(&self, row: &'a Row, side: usize) -> &'a [u8] {
        row.get(self.keys[side]).map_or(b"", Vec::as_slice)
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.fold {
            a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase())
        } else {
            collate::compare_bytes(a, b, self.language)
        }
    }

    fn print(&self, out: &mut Out, one: Option<&Row>, two: Option<&Row>) {
        let rows = [one, two];
        let key = one.map(|row| self.key(row, 0)).or(two.map(|row| self.key(row, 1))).unwrap_or_default();
        let mut fields: Vec<&[u8]> = Vec::new();
        match &self.list {
            Some(list) => fields.extend(list.iter().map(|(side, number)| match side {
                0 => key,
                side => rows[side - 1].and_then(|row| row.get(*number)).map_or(&self.empty[..], Vec::as_slice),
            })),
            None => {
                fields.push(key);
                for (side, row) in rows.iter().enumerate() {
                    let rest = row.iter().flat_map(|row| row.iter().enumerate());
                    fields.extend(rest.filter(|(at, _)| *at != self.keys[side]).map(|(_, field)| field.as_slice()));
                }
            }
        }
        let separator = [self.separator.unwrap_or(b' ')];
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                out.push(&separator);
            }
            out.push(if field.is_empty() { &self.empty } else { field });
        }
        out.push(&[self.end]);
    }
}
