//! From the text of a pattern to its nodes. Groups may lie in one another only to a fixed depth; deeper ones stand for
//! themselves.

/// How deep groups may lie in one another.
const DEEPEST: usize = 40;

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A character that stands for itself.
    Literal(char),
    /// `?`
    Any,
    /// `*`
    Star,
    /// `[…]`
    Set(Set),
    /// `@(a|b)` and its kin.
    Group(Kind, Vec<Vec<Node>>),
}

/// How often a group fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `@(…)`: once.
    Once,
    /// `?(…)`: once or not at all.
    Optional,
    /// `*(…)`: any number of times.
    Any,
    /// `+(…)`: at least once.
    Some,
    /// `!(…)`: where none of them fits.
    Not,
}

/// `[…]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    negated: bool,
    members: Vec<Member>,
}

/// What a set contains.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Range(char, char),
    /// `[:alpha:]`; unknown names contain nothing.
    Class(String),
}

impl Set {
    /// Whether `c` belongs to it.
    pub fn contains(&self, c: char, nocase: bool) -> bool {
        let folded = [fold(c), c.to_uppercase().next().unwrap_or(c)];
        let holds = |member: &Member| match member {
            Member::Range(low, high) => {
                (*low..=*high).contains(&c) || nocase && folded.iter().any(|c| (*low..=*high).contains(c))
            }
            Member::Class(name) => {
                in_class(name, c) || nocase && ["upper", "lower"].contains(&name.as_str()) && c.is_alphabetic()
            }
        };
        self.members.iter().any(holds) != self.negated
    }
}

/// The character that all cases of `c` have in common.
pub fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn in_class(name: &str, c: char) -> bool {
    match name {
        "alnum" => c.is_alphanumeric(),
        "alpha" => c.is_alphabetic(),
        "ascii" => c.is_ascii(),
        "blank" => c == ' ' || c == '\t',
        "cntrl" => c.is_control(),
        "digit" => c.is_ascii_digit(),
        "graph" => !c.is_whitespace() && !c.is_control(),
        "lower" => c.is_lowercase(),
        "print" => !c.is_control(),
        "punct" => c.is_ascii_punctuation() || !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace(),
        "space" => c.is_whitespace(),
        "upper" => c.is_uppercase(),
        "word" => c.is_alphanumeric() || c == '_',
        "xdigit" => c.is_ascii_hexdigit(),
        _ => false,
    }
}

/// The nodes of `text`.
pub fn compile(text: &str, extglob: bool) -> Vec<Node> {
    let text: Vec<char> = text.chars().collect();
    let closing = if extglob { closings(&text) } else { vec![0; text.len()] };
    Compiler { text: &text, closing: &closing }.sequence(0, text.len(), 0)
}

struct Compiler<'a> {
    text: &'a [char],
    /// For each `(` that opens a group the place of its `)`, else 0.
    closing: &'a [usize],
}

impl Compiler<'_> {
    fn sequence(&self, mut at: usize, end: usize, depth: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        while at < end {
            let open = at + 1;
            if depth < DEEPEST && open < end && self.closing[open] != 0 {
                let kind = kind(self.text[at]).expect("a group opens only behind its sign");
                let close = self.closing[open];
                nodes.push(Node::Group(kind, self.alternatives(open + 1, close, depth + 1)));
                at = close + 1;
                continue;
            }
            let (node, next) = self.single(at, end);
            // Of stars side by side the first already says all.
            if node != Node::Star || nodes.last() != Some(&Node::Star) {
                nodes.push(node);
            }
            at = next;
        }
        nodes
    }

    fn single(&self, at: usize, end: usize) -> (Node, usize) {
        match self.text[at] {
            '\\' if at + 1 < end => (Node::Literal(self.text[at + 1]), at + 2),
            '?' => (Node::Any, at + 1),
            '*' => (Node::Star, at + 1),
            '[' => match set(&self.text[..end], at) {
                Some((set, next)) => (Node::Set(set), next),
                None => (Node::Literal('['), at + 1),
            },
            c => (Node::Literal(c), at + 1),
        }
    }

    fn alternatives(&self, mut at: usize, end: usize, depth: usize) -> Vec<Vec<Node>> {
        let mut alternatives = Vec::new();
        let mut begin = at;
        while at < end {
            if self.text[at] == '|' {
                alternatives.push(self.sequence(begin, at, depth));
                begin = at + 1;
            }
            at = if self.text[at] == '(' && self.closing[at] != 0 { self.closing[at] + 1 } else { skip(self.text, at) };
        }
        alternatives.push(self.sequence(begin, end, depth));
        alternatives
    }
}

fn kind(sign: char) -> Option<Kind> {
    Some(match sign {
        '@' => Kind::Once,
        '?' => Kind::Optional,
        '*' => Kind::Any,
        '+' => Kind::Some,
        '!' => Kind::Not,
        _ => return None,
    })
}

/// The place behind what stands at `at`: a quoted character and a set are skipped whole.
fn skip(text: &[char], at: usize) -> usize {
    match text[at] {
        '\\' => at + 2,
        '[' => set(text, at).map_or(at + 1, |(_, next)| next),
        _ => at + 1,
    }
}

/// For each `(` of a group the place of its `)`. Other parentheses count, too, when they stand in a group.
fn closings(text: &[char]) -> Vec<usize> {
    let mut closing = vec![0; text.len()];
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut at = 0;
    let mut signed = false;
    while at < text.len() {
        match text[at] {
            '(' if signed || !open.is_empty() => open.push((at, signed)),
            ')' => {
                if let Some((begin, true)) = open.pop() {
                    closing[begin] = at;
                }
            }
            _ => {}
        }
        let next = skip(text, at);
        signed = next == at + 1 && kind(text[at]).is_some();
        at = next;
    }
    closing
}

/// The longest set that is looked at, in characters, so that many unclosed ones stay cheap.
const LONGEST_SET: usize = 512;

/// The set that begins at `at`, and the place behind it; none where nothing closes it.
fn set(text: &[char], at: usize) -> Option<(Set, usize)> {
    let text = &text[..text.len().min(at + LONGEST_SET)];
    let mut here = at + 1;
    let negated = matches!(text.get(here), Some('!' | '^'));
    here += usize::from(negated);
    let mut members = Vec::new();
    let first = here;
    loop {
        if *text.get(here)? == ']' && here > first {
            return Some((Set { negated, members }, here + 1));
        }
        if let Some((name, next)) = bracketed(text, here, ':') {
            members.push(Member::Class(name));
            here = next;
            continue;
        }
        let (low, next) = element(text, here)?;
        here = next;
        let mut high = low;
        if text.get(here) == Some(&'-') && *text.get(here + 1)? != ']' {
            (high, here) = element(text, here + 1)?;
        }
        members.push(Member::Range(low, high));
    }
}

/// One character of a set, as itself, quoted, `[.x.]` or `[=x=]`.
fn element(text: &[char], at: usize) -> Option<(char, usize)> {
    for sign in ['.', '='] {
        if let Some((name, next)) = bracketed(text, at, sign) {
            return Some((symbol(&name), next));
        }
    }
    match text.get(at)? {
        '\\' if at + 1 < text.len() => Some((text[at + 1], at + 2)),
        c => Some((*c, at + 1)),
    }
}

/// The name in `[:name:]`, and the place behind it.
fn bracketed(text: &[char], at: usize, sign: char) -> Option<(String, usize)> {
    if text.get(at) != Some(&'[') || text.get(at + 1) != Some(&sign) {
        return None;
    }
    let rest = &text[at + 2..text.len().min(at + 40)];
    let length = rest.windows(2).position(|pair| pair == [sign, ']'])?;
    Some((rest[..length].iter().collect(), at + 2 + length + 2))
}

/// The character that a collating symbol names; one that cannot be typed where the name is not known.
fn symbol(name: &str) -> char {
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => c,
        _ => match name {
            "hyphen" | "hyphen-minus" => '-',
            "period" | "full-stop" => '.',
            "slash" | "solidus" => '/',
            "space" => ' ',
            "tab" => '\t',
            "newline" => '\n',
            "underscore" | "low-line" => '_',
            "left-square-bracket" => '[',
            "right-square-bracket" => ']',
            _ => char::REPLACEMENT_CHARACTER,
        },
    }
}
