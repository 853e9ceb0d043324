//! `tr` as in GNU coreutils 8.30: it works on bytes.

use crate::systems::linux::proc::{CHUNK, Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::{self, given};
use crate::systems::linux::tools::{Tool, tool};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("tr", tr)];

const SPEC: Spec = Spec {
    short: "cCdst",
    long: &[("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'), ("truncate-set1", 't')],
    gaps: "",
};

/// An element of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Byte(u8),
    /// A class; its name.
    Class(&'static str),
    /// `[x*]` and `[x*n]`; 0 fills up.
    Repeat(u8, usize),
}

const CLASSES: [&str; 12] =
    ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"];

fn class_bytes(name: &str) -> Vec<u8> {
    let fits = |byte: &u8| match name {
        "alnum" => byte.is_ascii_alphanumeric(),
        "alpha" => byte.is_ascii_alphabetic(),
        "blank" => matches!(byte, b' ' | b'\t'),
        "cntrl" => byte.is_ascii_control(),
        "digit" => byte.is_ascii_digit(),
        "graph" => byte.is_ascii_graphic(),
        "lower" => byte.is_ascii_lowercase(),
        "print" => byte.is_ascii_graphic() || *byte == b' ',
        "punct" => byte.is_ascii_punctuation(),
        "space" => byte.is_ascii_whitespace() || *byte == 0x0b,
        "upper" => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_hexdigit(),
    };
    (0..=255).filter(fits).collect()
}

/// A byte of a set, and whether it was written with a backslash.
type Written = (u8, bool);

fn unescape(text: &str) -> Vec<Written> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' || at + 1 == bytes.len() {
            found.push((bytes[at], bytes[at] == b'\\'));
            at += 1;
            continue;
        }
        at += 1;
        let octal = bytes[at..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
        if octal > 0 {
            let value =
                |count: usize| bytes[at..at + count].iter().fold(0_u32, |sum, byte| sum * 8 + u32::from(byte - b'0'));
            let count = if value(octal) > 255 { 2 } else { octal };
            found.push((u8::try_from(value(count)).unwrap_or(255), true));
            at += count;
            continue;
        }
        let byte = match bytes[at] {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            other => other,
        };
        found.push((byte, true));
        at += 1;
    }
    found
}

fn parse(text: &str) -> Result<Vec<Item>, String> {
    let written = unescape(text);
    let plain = |at: usize, byte: u8| written.get(at) == Some(&(byte, false));
    let mut items = Vec::new();
    let mut at = 0;
    while at < written.len() {
        if plain(at, b'[') && (plain(at + 1, b':') || plain(at + 1, b'=')) {
            let mark = written[at + 1].0;
            let close = (at + 2..written.len()).find(|end| plain(*end, mark) && plain(*end + 1, b']'));
            if let Some(end) = close.filter(|end| *end >= at + 2) {
                let name: Vec<u8> = written[at + 2..end].iter().map(|(byte, _)| *byte).collect();
                let shown = String::from_utf8_lossy(&name).into_owned();
                if mark == b':' {
                    let class = CLASSES.iter().find(|class| class.as_bytes() == name);
                    items.push(Item::Class(class.ok_or(format!("invalid character class {}", input::quoted(&shown)))?));
                } else {
                    let [byte] = name[..] else {
                        return Err(format!("{shown}: equivalence class operand must be a single character"));
                    };
                    items.push(Item::Byte(byte));
                }
                at = end + 2;
                continue;
            }
        }
        if plain(at, b'[') && plain(at + 2, b'*') {
            let digits =
                written[at + 3..].iter().take_while(|(byte, escaped)| byte.is_ascii_digit() && !escaped).count();
            if plain(at + 3 + digits, b']') {
                let text: String = written[at + 3..at + 3 + digits].iter().map(|(byte, _)| char::from(*byte)).collect();
                let radix = if text.starts_with('0') { 8 } else { 10 };
                let count = if text.is_empty() { Ok(0) } else { usize::from_str_radix(&text, radix) };
                let count =
                    count.map_err(|_| format!("invalid repeat count {} in [c*n] construct", input::quoted(&text)))?;
                items.push(Item::Repeat(written[at + 1].0, count.min(1 << 16)));
                at += 4 + digits;
                continue;
            }
        }
        let (low, _) = written[at];
        if plain(at + 1, b'-')
            && let Some((high, _)) = written.get(at + 2)
        {
            if *high < low {
                let show = |byte: u8| {
                    if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("\\{byte:03o}") }
                };
                return Err(format!(
                    "range-endpoints of '{}-{}' are in reverse collating sequence order",
                    show(low),
                    show(*high)
                ));
            }
            items.extend((low..=*high).map(Item::Byte));
            at += 3;
            continue;
        }
        items.push(Item::Byte(low));
        at += 1;
    }
    Ok(items)
}

/// The bytes of a set; a repetition without a number fills it up to `length`.
fn bytes(items: &[Item], length: usize) -> Vec<u8> {
    let fixed: usize = items
        .iter()
        .map(|item| match item {
            Item::Byte(_) => 1,
            Item::Class(name) => class_bytes(name).len(),
            Item::Repeat(_, count) => *count,
        })
        .sum();
    let mut found = Vec::new();
    for item in items {
        // More than that maps nothing.
        if found.len() > 1 << 17 {
            break;
        }
        match item {
            Item::Byte(byte) => found.push(*byte),
            Item::Class(name) => found.extend(class_bytes(name)),
            Item::Repeat(byte, 0) => found.extend(std::iter::repeat_n(*byte, length.saturating_sub(fixed))),
            Item::Repeat(byte, count) => found.extend(std::iter::repeat_n(*byte, *count)),
        }
    }
    found
}

/// What is done to bytes.
#[derive(Debug)]
struct Plan {
    map: [u8; 256],
    delete: [bool; 256],
    squeeze: [bool; 256],
}

fn set(bytes: &[u8], complement: bool) -> [bool; 256] {
    let mut set = [complement; 256];
    bytes.iter().for_each(|byte| set[usize::from(*byte)] = !complement);
    set
}

fn plan(first: &str, second: Option<&str>, has: impl Fn(char) -> bool) -> Result<Plan, String> {
    let complement = has('c') || has('C');
    let (delete, squeeze) = (has('d'), has('s'));
    let items = parse(first)?;
    if items.iter().any(|item| matches!(item, Item::Repeat(_, 0))) {
        return Err("the [c*] repeat construct may not appear in string1".to_owned());
    }
    let mut from = bytes(&items, 0);
    if complement {
        let set = set(&from, true);
        from = (0..=255).filter(|byte| set[usize::from(*byte)]).collect();
    }
    let mut plan = Plan { map: std::array::from_fn(|at| at as u8), delete: [false; 256], squeeze: [false; 256] };
    let other = second.map(parse).transpose()?;
    if delete {
        plan.delete = set(&from, false);
        if let Some(other) = &other {
            plan.squeeze = set(&bytes(other, 0), false);
        }
        return Ok(plan);
    }
    let Some(other) = other else {
        plan.squeeze = set(&from, false);
        return Ok(plan);
    };
    let changing = |name: &&str| matches!(*name, "lower" | "upper");
    let classes = other.iter().filter_map(|item| if let Item::Class(name) = item { Some(*name) } else { None });
    if classes.clone().any(|name| !changing(&name)) {
        return Err("when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'"
            .to_owned());
    }
    let changes = items.iter().any(|item| matches!(item, Item::Class(name) if changing(name)));
    if classes.clone().next().is_some() && !changes {
        return Err("misaligned [:upper:] and/or [:lower:] construct".to_owned());
    }
    let mut to = bytes(&other, from.len());
    if to.is_empty() && !has('t') && !from.is_empty() {
        return Err("when not truncating set1, string2 must be non-empty".to_owned());
    }
    if let Some(last) = to.last().copied()
        && !has('t')
    {
        to.resize(to.len().max(from.len()), last);
    }
    for (from, to) in from.iter().zip(&to) {
        plan.map[usize::from(*from)] = *to;
    }
    if squeeze {
        plan.squeeze = set(&to, false);
    }
    Ok(plan)
}

impl Plan {
    fn apply(&self, input: &[u8], last: &mut Option<u8>) -> Vec<u8> {
        let mut output = Vec::with_capacity(input.len());
        for byte in input {
            if self.delete[usize::from(*byte)] {
                continue;
            }
            let byte = self.map[usize::from(*byte)];
            if self.squeeze[usize::from(byte)] && *last == Some(byte) {
                continue;
            }
            *last = Some(byte);
            output.push(byte);
        }
        output
    }
}

async fn tr(p: &mut Proc, arguments: &[String]) -> Ended {
    let given = match SPEC.read(arguments, true) {
        Ok(given) if !arguments.iter().any(|word| word == "--help" || word == "--version") => given,
        _ => given!(p, &SPEC, arguments, 1),
    };
    let (delete, squeeze) = (given.has('d'), given.has('s'));
    let most = if delete && !squeeze { 1 } else { 2 };
    let least = if delete == squeeze { 2 } else { 1 };
    let explained = |text: String, why: &str| if why.is_empty() { text } else { format!("{text}\n{why}") };
    let wrong = match &given.operands[..] {
        [] => Some("missing operand".to_owned()),
        [one] if least == 2 => {
            let why = match squeeze {
                true => "Two strings must be given when both deleting and squeezing repeats.",
                false => "Two strings must be given when translating.",
            };
            Some(explained(format!("missing operand after {}", input::quoted(one)), why))
        }
        operands if operands.len() > most => {
            let why = match most == 1 && operands.len() == 2 {
                true => "Only one string may be given when deleting without squeezing repeats.",
                false => "",
            };
            Some(explained(format!("extra operand {}", input::quoted(&operands[most])), why))
        }
        _ => None,
    };
    if let Some(text) = wrong {
        return input::misused(p, &text, 1).await;
    }
    let plan = match plan(&given.operands[0], given.operands.get(1).map(String::as_str), |letter| given.has(letter)) {
        Ok(plan) => plan,
        Err(complaint) => return input::failed(p, &complaint, 1).await,
    };
    let mut last = None;
    loop {
        let bytes = p.read(0, CHUNK).await?;
        if bytes.is_empty() {
            return Ok(0);
        }
        p.write(1, &plan.apply(&bytes, &mut last)).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_translated_as_tr_does() {
        let check = |options: &str, first: &str, second: Option<&str>, text: &str, expect: Result<&str, &str>| {
            let done = plan(first, second, |letter| options.contains(letter)).map(|plan| {
                let mut last = None;
                String::from_utf8_lossy(&plan.apply(text.as_bytes(), &mut last)).into_owned()
            });
            assert_eq!(done, expect.map(str::to_owned).map_err(str::to_owned), "{options} {first} {second:?}");
        };
        check("", "a-z", Some("A-Z"), "abc-1", Ok("ABC-1"));
        check("", "[:lower:]", Some("[:upper:]"), "abc", Ok("ABC"));
        check("", "abc", Some("x"), "aabbcc", Ok("xxxxxx"));
        check("", "abc", Some("[x*2]y"), "abc", Ok("xxy"));
        check("", "abcd", Some("1[x*]2"), "abcd", Ok("1xx2"));
        check("", "\\n:", Some(" \\t"), "a\nb:", Ok("a b\t"));
        check("", "\\141", Some("b"), "a", Ok("b"));
        check("t", "abc", Some("x"), "abc", Ok("xbc"));
        check("d", "0-9", None, "a1b2", Ok("ab"));
        check("cd", "0-9\\n", None, "a1b2\n", Ok("12\n"));
        check("s", " ", None, "a  b   c", Ok("a b c"));
        check("s", "a", Some("b"), "aab", Ok("b"));
        check("ds", "x", Some(" "), "x a  b", Ok(" a b"));
        check("c", "a-z", Some("_"), "a b-", Ok("a_b_"));
        check("", "[abc]", Some("[xyz]"), "[b]", Ok("[y]"));
        check("", "a-", Some("xy"), "a-", Ok("xy"));
        check("", "z-a", Some("b"), "", Err("range-endpoints of 'z-a' are in reverse collating sequence order"));
        check("", "[:foo:]", Some("b"), "", Err("invalid character class ‘foo’"));
        check("", "a", Some(""), "", Err("when not truncating set1, string2 must be non-empty"));
        check("", "a", Some("[:upper:]"), "", Err("misaligned [:upper:] and/or [:lower:] construct"));
    }
}
