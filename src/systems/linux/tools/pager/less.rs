//! `less` (458 to 530) on a terminal that somebody watches. Its messages were compared with 590's.

use super::{Pager, page, room, show, up};
use crate::shell::Terminal;
use crate::sim::Span;
use crate::systems::linux::io::{Cut, SIGINT};
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Spec;
use crate::systems::linux::tools::input::given;
use crate::systems::linux::tools::regex::{Options, Regex, Syntax};

const SPEC: Spec = Spec {
    short: "aABcCdeEfFgGiIJKLmMnNqQrRsSuUwWXb:h:j:k:p:P:x:y:z:",
    long: &[
        ("LINE-NUMBERS", 'N'),
        ("chop-long-lines", 'S'),
        ("quit-if-one-screen", 'F'),
        ("quit-at-eof", 'e'),
        ("QUIT-AT-EOF", 'E'),
        ("ignore-case", 'i'),
        ("IGNORE-CASE", 'I'),
        ("no-init", 'X'),
        ("raw-control-chars", 'r'),
        ("RAW-CONTROL-CHARS", 'R'),
        ("pattern:", 'p'),
    ],
    gaps: "t: V ?",
};

/// So many steps is one look at the file that is followed.
const LOOK: u32 = 200;

/// How a text is shown.
#[derive(Clone, Debug, Default)]
pub struct How {
    numbers: bool,
    chopped: bool,
    leaves_one_screen: bool,
    /// At the end of the text, at once or when it is turned once more.
    leaves_end: Option<bool>,
    /// Whether letters in either case are found: those of a pattern without capitals, or all.
    nocase: Option<bool>,
    /// What is done first, as if it were typed.
    first: Option<String>,
}

/// `less`; what `$LESS` says stands before the arguments.
pub async fn less(p: &mut Proc, arguments: &[String]) -> Ended {
    let usual = p.env("LESS").unwrap_or_default().to_owned();
    let dashed = |word: &str| if word.starts_with(['-', '+']) { word.to_owned() } else { format!("-{word}") };
    let all = usual.split_whitespace().map(dashed).chain(arguments.iter().cloned());
    let (jumps, words): (Vec<String>, Vec<String>) = all.partition(|word| word.starts_with('+') && word.len() > 1);
    let given = given!(p, &SPEC, &words, |_| p.gap("less with this option"));
    let pattern = given.value('p').map(|pattern| format!("/{pattern}"));
    let how = How {
        numbers: given.has('N'),
        chopped: given.has('S'),
        leaves_one_screen: given.has('F'),
        leaves_end: given.last_of("eE").map(|letter| letter == 'E'),
        nocase: given.last_of("iI").map(|letter| letter == 'I'),
        first: jumps.last().map(|jump| jump.trim_start_matches('+').to_owned()).or(pattern),
    };
    show(p, &Pager::Less(how), &given.operands).await
}

/// What a key comes to.
enum Then {
    /// The next page, or so many lines, is shown.
    Page,
    Lines(usize),
    /// Only the prompt is.
    Prompt,
    /// The key that was typed at a message is looked at.
    Key(String),
    Leave,
    NextFile,
}

/// A text on the screen.
pub struct View<'a> {
    how: &'a How,
    fd: u32,
    name: &'a str,
    last: bool,
    all: String,
    terminal: Terminal,
    /// The numbers of the lines that are shown, and the lines as they are shown.
    numbers: Vec<usize>,
    text: String,
    /// Where the page begins that was shown last, and where it ends.
    top: usize,
    at: usize,
    pattern: String,
    only: String,
    /// A number that was typed before a key.
    count: String,
    fresh: bool,
}

impl<'a> View<'a> {
    /// A text from its beginning.
    pub fn new(how: &'a How, fd: u32, name: &'a str, last: bool, all: String, terminal: Terminal) -> Self {
        let (numbers, text, pattern, only, count) = Default::default();
        let mut view = Self {
            how,
            fd,
            name,
            last,
            all,
            terminal,
            numbers,
            text,
            top: 0,
            at: 0,
            pattern,
            only,
            count,
            fresh: true,
        };
        view.lay_out();
        view
    }

    /// Puts the text together as it is shown.
    fn lay_out(&mut self) {
        let only = (!self.only.is_empty()).then(|| self.regex(&self.only)).flatten();
        let room = usize::from(self.terminal.columns).saturating_sub(if self.how.numbers { 8 } else { 0 }).max(1);
        let (mut numbers, mut text) = (Vec::new(), String::new());
        for (number, line) in (1..).zip(self.all.split_inclusive('\n')) {
            let line = line.strip_suffix('\n').unwrap_or(line);
            if only.as_ref().is_some_and(|only| !only.is_match(line.as_bytes())) {
                continue;
            }
            numbers.push(number);
            if self.how.numbers {
                text.push_str(&format!("{number:>7} "));
            }
            let end = if self.how.chopped { line.char_indices().nth(room).map(|(at, _)| at) } else { None };
            text.push_str(&line[..end.unwrap_or(line.len())]);
            text.push('\n');
        }
        (self.numbers, self.text) = (numbers, text);
    }

    fn regex(&self, pattern: &str) -> Option<Regex> {
        let nocase = self.how.nocase.is_some_and(|always| always || !pattern.contains(char::is_uppercase));
        Regex::new(pattern, Syntax::Extended, Options { nocase, ..Options::default() }).ok()
    }

    /// Shows the text page by page; whether the next one is wanted.
    pub async fn show(mut self, p: &mut Proc) -> Result<bool, Cut> {
        if self.how.leaves_one_screen && self.last && page(&self.text, self.terminal) == self.text.len() {
            p.out(&self.text).await?;
            return Ok(true);
        }
        let mut then = match self.how.first.clone() {
            None => Then::Page,
            Some(first) if first.bytes().all(|digit| digit.is_ascii_digit()) => Then::Key(format!("{first}g")),
            Some(first) => Then::Key(first),
        };
        // A search that fails shows the beginning.
        loop {
            match then {
                Then::Key(key) => {
                    then = self.press(p, key.trim()).await?;
                    if self.fresh && matches!(then, Then::Prompt | Then::Key(_)) {
                        then = Then::Page;
                    }
                    continue;
                }
                Then::Leave => return Ok(false),
                Then::NextFile => return Ok(true),
                Then::Prompt => {}
                Then::Page => self.print(p, None).await?,
                Then::Lines(count) => self.print(p, Some(count)).await?,
            }
            if self.how.leaves_end == Some(true) && self.at == self.text.len() {
                return Ok(true);
            }
            p.out(&self.prompt()).await?;
            self.fresh = false;
            let Some(key) = p.key().await? else { return Ok(false) };
            then = Then::Key(key);
        }
    }

    async fn print(&mut self, p: &mut Proc, lines: Option<usize>) -> Result<(), Cut> {
        let rest = &self.text[self.at..];
        let length = match lines {
            Some(count) => rest.split_inclusive('\n').take(count).map(str::len).sum(),
            None => page(rest, self.terminal),
        };
        let end = self.at + length;
        p.out(&self.text[self.at..end]).await?;
        self.top = if lines.is_some() { up(&self.text, end, room(self.terminal)) } else { self.at };
        self.at = end;
        Ok(())
    }

    fn prompt(&self) -> String {
        let ended = self.at == self.text.len();
        let only = if self.only.is_empty() { "" } else { "& " };
        let name = if self.fresh { self.name } else { "" };
        match (ended, name) {
            (true, "") => format!("{only}(END)"),
            (true, name) => format!("{only}{name} (END)"),
            (false, "") if only.is_empty() => format!(":{}", self.count),
            (false, name) => format!("{only}{name}"),
        }
    }

    async fn press(&mut self, p: &mut Proc, key: &str) -> Result<Then, Cut> {
        let digits = key.len() - key.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        self.count.push_str(&key[..digits]);
        let key = &key[digits..];
        if key.is_empty() && digits > 0 {
            return Ok(Then::Prompt);
        }
        let count = std::mem::take(&mut self.count).parse::<usize>().ok();
        let ended = self.at == self.text.len();
        Ok(match key {
            "" | "f" if ended && self.how.leaves_end.is_some() => Then::NextFile,
            "" | "f" | "j" | "e" if ended && !self.fresh => Then::Prompt,
            "j" | "e" => Then::Lines(count.unwrap_or(1)),
            "b" => self.go(up(&self.text, self.at, 2 * room(self.terminal))),
            "k" | "y" => self.go(up(&self.text, self.top, count.unwrap_or(1))),
            "g" | "<" | "G" | ">" => match count {
                Some(line) => self.go(self.start_of(line.saturating_sub(1))),
                None if matches!(key, "g" | "<") => self.go(0),
                None => self.go(up(&self.text, self.text.len(), room(self.terminal))),
            },
            "n" if self.pattern.is_empty() => self.tell(p, "No previous regular expression").await?,
            "n" => self.find(p, 1).await?,
            "=" => {
                let text = self.place();
                self.tell(p, &text).await?
            }
            "F" => self.follow(p).await?,
            ":n" | ":q" | ":" => self.colon(p, &key[1..]).await?,
            "h" | "v" => {
                p.gap(&format!("less {key}: a whole screen of help, or an editor")).ok();
                Then::Prompt
            }
            key if key.starts_with(['q', 'Q']) => Then::Leave,
            key if key.starts_with('&') => {
                let line = self.numbers.get(self.line_of(self.top)).copied().unwrap_or(1);
                key[1..].clone_into(&mut self.only);
                self.lay_out();
                self.go(self.start_of(self.numbers.iter().position(|number| *number >= line).unwrap_or(0)))
            }
            key if key.starts_with('/') => {
                if key.len() > 1 {
                    key[1..].clone_into(&mut self.pattern);
                }
                self.find(p, 0).await?
            }
            "" | "f" => Then::Page,
            _ => Then::Prompt,
        })
    }

    fn go(&mut self, at: usize) -> Then {
        self.at = at;
        Then::Page
    }

    /// A message, and the key that is pressed at it: RETURN only takes it away.
    async fn tell(&mut self, p: &mut Proc, text: &str) -> Result<Then, Cut> {
        p.out(&format!("{text}  (press RETURN)")).await?;
        Ok(match p.key().await? {
            None => Then::Leave,
            Some(key) if matches!(key.trim(), "" | "j") => Then::Prompt,
            Some(key) => Then::Key(key),
        })
    }

    /// Where the line begins that stands so many lines below the first.
    fn start_of(&self, line: usize) -> usize {
        let last = self.numbers.len().saturating_sub(1);
        self.text.split_inclusive('\n').take(line.min(last)).map(str::len).sum()
    }

    fn line_of(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count()
    }

    /// Goes to the next line with the pattern, so many lines below the top or further.
    async fn find(&mut self, p: &mut Proc, below: usize) -> Result<Then, Cut> {
        let from = self.line_of(self.top) + below;
        let regex = self.regex(&self.pattern);
        let lines: Vec<&str> = self.all.split('\n').collect();
        let fits = |number: &usize| regex.as_ref().is_some_and(|regex| regex.is_match(lines[number - 1].as_bytes()));
        let found = self.numbers.iter().skip(from).position(fits);
        match found {
            Some(line) => Ok(self.go(self.start_of(from + line))),
            None => self.tell(p, "Pattern not found").await,
        }
    }

    /// What `=` says.
    fn place(&self) -> String {
        let number = |line: usize| self.numbers.get(line).copied().unwrap_or(0);
        let (from, to) = (number(self.line_of(self.top)), number(self.line_of(self.at).saturating_sub(1)));
        let byte: usize = self.all.split_inclusive('\n').take(to).map(str::len).sum();
        let (lines, bytes) = (self.all.lines().count(), self.all.len());
        let gap = if self.name.is_empty() { "" } else { " " };
        let share = if byte == bytes { "(END)".to_owned() } else { format!("{}%", (byte * 100 + bytes / 2) / bytes) };
        format!("{}{gap}lines {from}-{to}/{lines} byte {byte}/{bytes} {share}", self.name)
    }

    /// What stands behind a colon, or comes as the next key.
    async fn colon(&mut self, p: &mut Proc, key: &str) -> Result<Then, Cut> {
        let key = match key {
            "" => p.key().await?.unwrap_or_else(|| "q".to_owned()),
            key => key.to_owned(),
        };
        match key.trim() {
            "n" if self.last => self.tell(p, "No next file").await,
            "n" => Ok(Then::NextFile),
            "q" => Ok(Then::Leave),
            _ => Ok(Then::Prompt),
        }
    }

    /// Shows what comes to the end of the file until Ctrl-C.
    async fn follow(&mut self, p: &mut Proc) -> Result<Then, Cut> {
        self.go(up(&self.text, self.text.len(), room(self.terminal)));
        self.print(p, None).await?;
        p.out("Waiting for data... (interrupt to abort)").await?;
        match self.wait_for_more(p).await {
            Err(Cut::Signal(SIGINT)) => {
                p.control.handled();
                self.fresh = false;
                Ok(Then::Prompt)
            }
            Err(cut) => Err(cut),
            Ok(()) => Ok(Then::Prompt),
        }
    }

    async fn wait_for_more(&mut self, p: &mut Proc) -> Result<(), Cut> {
        loop {
            for _ in 0..LOOK {
                p.tick().await?;
            }
            p.pass(Span::secs(1)).await?;
            let more = p.read_all(self.fd).await?;
            if more.is_empty() {
                continue;
            }
            self.all.push_str(&String::from_utf8_lossy(&more));
            self.lay_out();
            let new = self.text[self.at.min(self.text.len())..].to_owned();
            p.out(&format!("\n{new}Waiting for data... (interrupt to abort)")).await?;
            self.at = self.text.len();
            self.top = up(&self.text, self.at, room(self.terminal));
        }
    }
}
