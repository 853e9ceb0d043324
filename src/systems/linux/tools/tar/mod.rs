//! `tar` (GNU tar 1.26 to 1.30): its options and what they come to. Messages and layout are those of 1.34, compared by hand.
//! Archives are in GNU's own form; ustar and pax are read as well.

use super::getopt::{Given, Spec};
use super::{Tool, tool};
use crate::bash::pattern::{Options, Pattern};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::busybox;
use crate::systems::linux::tools::input::given;
use crate::systems::linux::tools::packed::Form;

mod append;
mod create;
mod extract;
mod member;
mod read;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("tar", tar)];

const SPEC: Spec = Spec {
    short: "AcdrtuxzjJZavf:C:phkmOPT:X:wWg:b:H:UlSnN:V:K:s?",
    long: &[
        ("create", 'c'),
        ("extract", 'x'),
        ("get", 'x'),
        ("list", 't'),
        ("append", 'r'),
        ("update", 'u'),
        ("diff", 'd'),
        ("compare", 'd'),
        ("concatenate", 'A'),
        ("gzip", 'z'),
        ("gunzip", 'z'),
        ("bzip2", 'j'),
        ("xz", 'J'),
        ("compress", 'Z'),
        ("auto-compress", 'a'),
        ("verbose", 'v'),
        ("file:", 'f'),
        ("directory:", 'C'),
        ("preserve-permissions", 'p'),
        ("same-permissions", 'p'),
        ("dereference", 'h'),
        ("keep-old-files", 'k'),
        ("overwrite", '='),
        ("touch", 'm'),
        ("to-stdout", 'O'),
        ("absolute-names", 'P'),
        ("files-from:", 'T'),
        ("exclude-from:", 'X'),
        ("exclude:", 'E'),
        ("strip-components:", '/'),
        ("wildcards", '*'),
        ("no-wildcards", '-'),
        ("numeric-owner", '#'),
        ("same-owner", '+'),
        ("no-same-owner", '!'),
        ("no-same-permissions", '~'),
        ("sparse", 'S'),
        ("verify", 'W'),
        ("unlink-first", 'U'),
        ("one-file-system", 'l'),
        ("format:", 'H'),
        ("selinux", '"'),
        ("xattrs", '"'),
        ("acls", '"'),
        ("no-selinux", '\''),
        ("no-xattrs", '\''),
        ("no-acls", '\''),
        ("help", '?'),
        ("version", '?'),
        ("usage", '?'),
    ],
    gaps: "G F: L: M B i I: R o --catenate --delete --test-label --hole-detection: --sparse-version: --incremental \
           --listed-incremental: --level: --ignore-failed-read --occurrence:: --seek --no-seek --no-check-device \
           --check-device --remove-files --skip-old-files --keep-newer-files --recursive-unlink --no-overwrite-dir \
           --overwrite-dir --keep-directory-symlink --one-top-level:: --to-command: --ignore-command-error \
           --no-ignore-command-error --owner: --group: --owner-map: --group-map: --mtime: --clamp-mtime --mode: \
           --atime-preserve:: --preserve-order --same-order --delay-directory-restore --no-delay-directory-restore \
           --sort: --xattrs-include: --xattrs-exclude: --force-local --rmt-command: --rsh-command: --multi-volume \
           --tape-length: --info-script: --new-volume-script: --volno-file: --blocking-factor: --record-size: \
           --ignore-zeros --read-full-records --old-archive --portability --posix --pax-option: --label: \
           --no-auto-compress --use-compress-program: --ungzip --uncompress --lzip --lzma --lzop --zstd \
           --hard-dereference --starting-file: --newer: --after-date: --newer-mtime: --backup:: --suffix: \
           --transform: --xform: --checkpoint:: --checkpoint-action: --check-links --totals:: --utc --full-time \
           --index-file: --block-number --show-defaults --show-omitted-dirs --show-transformed-names \
           --show-stored-names --quoting-style: --quote-chars: --no-quote-chars: --interactive --confirmation \
           --warning: --restrict --add-file: --null --no-null --unquote --no-unquote --verbatim-files-from \
           --no-verbatim-files-from --exclude-caches --exclude-caches-under --exclude-caches-all --exclude-tag: \
           --exclude-ignore: --exclude-ignore-recursive: --exclude-tag-under: --exclude-tag-all: --exclude-vcs \
           --exclude-vcs-ignores --exclude-backups --recursion --no-recursion --anchored --no-anchored \
           --ignore-case --no-ignore-case --wildcards-match-slash --no-wildcards-match-slash",
};

/// Descriptor of the archive, and of the file that is packed or unpacked.
const ARCHIVE: u32 = 10;
const FILE: u32 = 11;

/// Stands for a way to compress that is not modelled.
const UNMODELLED: char = '\0';

/// What `-a` takes from the end of a name: the letter of the option that compresses so.
const ENDINGS: [(&str, char); 17] = [
    ("gz", 'z'),
    ("tgz", 'z'),
    ("taz", 'z'),
    ("Z", UNMODELLED),
    ("taZ", UNMODELLED),
    ("bz2", 'j'),
    ("tbz", 'j'),
    ("tbz2", 'j'),
    ("tz2", 'j'),
    ("lz", UNMODELLED),
    ("lzma", UNMODELLED),
    ("tlz", UNMODELLED),
    ("lzo", UNMODELLED),
    ("xz", 'J'),
    ("txz", 'J'),
    ("zst", UNMODELLED),
    ("tzst", UNMODELLED),
];

fn by_ending(name: &str) -> Option<char> {
    let (_, ending) = name.rsplit_once('.')?;
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, letter)| *letter)
}

/// What is wanted.
struct Tar {
    given: Given,
    /// The directory that members are taken from, or put into.
    base: String,
    excluded: Vec<Pattern>,
    failed: bool,
    /// Whether it was said that members lose the beginning of their names, and the targets of hard links theirs.
    said: (bool, bool),
}

async fn tar(p: &mut Proc, arguments: &[String]) -> Ended {
    let arguments = match dashed(arguments) {
        Ok(arguments) => arguments,
        Err(letter) => {
            return usage(p, &format!("Old option '{letter}' requires an argument.")).await;
        }
    };
    let given = given!(p, &SPEC, &arguments, |complaint| usage(p, &complaint).await);
    let operation = match operation(&given) {
        Ok(operation) => operation,
        Err(complaint) => return usage(p, complaint).await,
    };
    if let Some(letter) = given.last_of("AdZWTXSgNVKHUwsbln\"?") {
        return p.gap(&format!("tar -{letter}"));
    }
    if given.values('C').count() > 1 {
        return p.gap("tar with several -C");
    }
    let name = given.value('f').unwrap_or("-").to_owned();
    if name.find(':').is_some_and(|colon| !name[..colon].contains('/')) {
        return p.gap("tar with an archive on another machine");
    }
    if "zjJ".chars().filter(|letter| given.has(*letter)).count() > 1 {
        return usage(p, "Conflicting compression options").await;
    }
    if given.has('a') && by_ending(&name) == Some(UNMODELLED) {
        return p.gap("tar -a with this suffix");
    }
    let options = Options { extglob: false, nocase: false };
    let excluded = given.values('E').map(|text| Pattern::new(text.trim_end_matches('/'), options)).collect();
    let mut tar = Tar { base: p.cwd.clone(), excluded, failed: false, said: (false, false), given };
    let ended = match operation {
        'c' => tar.create(p, &name).await,
        'r' | 'u' => tar.append(p, &name, operation == 'u').await,
        _ => tar.read(p, &name, operation == 't').await,
    };
    for fd in [ARCHIVE, FILE] {
        p.files.set(fd, None);
    }
    let applet = p.peek(|linux| linux.distro.dialect()) == Dialect::Ash;
    match ended? {
        Outcome::Through if tar.failed => {
            p.complain("Exiting with failure status due to previous errors").await?;
            Ok(if applet { 1 } else { 2 })
        }
        Outcome::Through => Ok(0),
        // BusyBox has said all by then.
        Outcome::Fatal if applet => Ok(1),
        Outcome::Fatal => {
            p.complain("Error is not recoverable: exiting now").await?;
            Ok(2)
        }
        Outcome::Usage(complaint) => usage(p, complaint).await,
        Outcome::Gap => Ok(1),
    }
}

/// How an operation ended.
enum Outcome {
    Through,
    /// Why has been said.
    Fatal,
    /// It was called wrongly.
    Usage(&'static str),
    /// It is not modelled, which has been said.
    Gap,
}

async fn usage(p: &mut Proc, complaint: &str) -> Ended {
    if busybox::is_applet(p, &p.name) {
        return busybox::misused(p, complaint).await;
    }
    p.complain(complaint).await?;
    p.err("Try 'tar --help' or 'tar --usage' for more information.\n").await?;
    Ok(2)
}

/// The first word may be options without a dash, whose values follow as words in their order.
fn dashed(arguments: &[String]) -> Result<Vec<String>, char> {
    let Some((first, rest)) = arguments.split_first() else { return Ok(Vec::new()) };
    if first.starts_with('-') {
        return Ok(arguments.to_vec());
    }
    let (mut words, mut rest) = (Vec::new(), rest.iter());
    for letter in first.chars() {
        words.push(format!("-{letter}"));
        let takes = SPEC.short.find(letter).is_some_and(|at| SPEC.short[at + letter.len_utf8()..].starts_with(':'));
        if takes {
            words.push(rest.next().ok_or(letter)?.clone());
        }
    }
    words.extend(rest.cloned());
    Ok(words)
}

fn operation(given: &Given) -> Result<char, &'static str> {
    let mut found = None;
    for (letter, _) in given.options.iter().filter(|(letter, _)| "Acdtrux".contains(*letter)) {
        if found.is_some_and(|other| other != *letter) {
            return Err("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option");
        }
        found = Some(*letter);
    }
    let informs = given.has('?').then_some('?');
    found.or(informs).ok_or("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options")
}

impl Tar {
    async fn fail(&mut self, p: &mut Proc, text: &str) -> Result<(), Cut> {
        self.failed = true;
        p.complain(text).await
    }

    /// The format other than gzip's that is asked for.
    fn wish(&self) -> Option<Form> {
        match self.given.last_of("jJ") {
            Some('j') => Some(Form::Bzip2),
            Some(_) => Some(Form::Xz),
            None => None,
        }
    }

    /// Goes to the directory of `-C`.
    async fn enter(&mut self, p: &mut Proc) -> Result<bool, Cut> {
        let Some(to) = self.given.value('C').map(str::to_owned) else { return Ok(true) };
        let found = p.peek(|linux| {
            let path = linux.fs.canonical(&p.cred, &p.cwd, &to)?;
            let ino = linux.fs.lookup(&p.cred, "/", &path)?;
            if linux.fs.node(ino).is_dir() { Ok(path) } else { Err(crate::systems::linux::fs::Errno::Notdir) }
        });
        match found {
            Ok(path) => {
                self.base.clone_from(&path);
                p.cwd = path;
                Ok(true)
            }
            Err(errno) => {
                p.complain(&format!("{to}: Cannot open: {}", errno.text())).await?;
                Ok(false)
            }
        }
    }

    /// Opens the archive; `-` is a stream, and no terminal.
    async fn open(&self, p: &mut Proc, name: &str, mode: Mode) -> Result<bool, Cut> {
        let (standard, verb, preposition) = if mode == Mode::Read { (0, "read", "from") } else { (1, "write", "to") };
        let open = if name == "-" {
            let open = p.files.get(standard).cloned();
            if p.files.is_terminal(standard) {
                let text = format!("Refusing to {verb} archive contents {preposition} terminal (missing -f option?)");
                p.complain(&text).await?;
                return Ok(false);
            }
            open
        } else {
            match p.open(name, mode) {
                Ok(open) => Some(open),
                Err(errno) => {
                    p.complain(&format!("{name}: Cannot open: {}", errno.text())).await?;
                    return Ok(false);
                }
            }
        };
        p.files.set(ARCHIVE, open);
        Ok(true)
    }

    /// Whether `--exclude` leaves a member out: a pattern fits the name or what stands behind one of its slashes.
    fn excludes(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        let behind = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
        std::iter::once(name).chain(behind).any(|part| self.excluded.iter().any(|pattern| pattern.matches(part)))
    }

    /// The name that a member gets: without what would lead out of the directory. It is said once.
    async fn harmless(&mut self, p: &mut Proc, name: &str, of_link: bool) -> Result<String, Cut> {
        if self.given.has('P') {
            return Ok(name.to_owned());
        }
        let end = prefix(name);
        let said = if of_link { &mut self.said.1 } else { &mut self.said.0 };
        if end > 0 && !std::mem::replace(said, true) {
            let what = if of_link { "hard link targets" } else { "member names" };
            p.complain(&format!("Removing leading `{}' from {what}", &name[..end])).await?;
        }
        let rest = &name[end..];
        Ok(if rest.is_empty() { "./".to_owned() } else { rest.to_owned() })
    }
}

/// How much of a name is taken away: slashes, and all up to the last `..`.
fn prefix(name: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    for part in name.split_inclusive('/') {
        at += part.len();
        if part.trim_end_matches('/') == ".." {
            end = at;
        }
    }
    end + name[end..].bytes().take_while(|byte| *byte == b'/').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_needs_no_dash() {
        let check = |words: &str, expect: Result<&str, char>| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(dashed(&words).map(|words| words.join(" ")), expect.map(str::to_owned), "{words:?}");
        };
        check("cvf a b", Ok("-c -v -f a b"));
        check("xfC a d b", Ok("-x -f a -C d b"));
        check("-cf a b", Ok("-cf a b"));
        check("cf", Err('f'));
        check("", Ok(""));
    }

    #[test]
    fn names_lose_what_leads_out() {
        let check = |name: &str, expect: &str| assert_eq!(&name[..prefix(name)], expect, "{name}");
        check("/etc/hosts", "/");
        check("//etc", "//");
        check("d/../e", "d/../");
        check("../../a", "../../");
        check("a..b/c", "");
        check("..", "..");
        check("d", "");
    }

    #[test]
    fn one_operation_is_wanted() {
        let check = |words: &str, expect: bool| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(operation(&SPEC.read(&words, false).expect("these exist")).is_ok(), expect, "{words:?}");
        };
        check("-c", true);
        check("-c -c", true);
        check("-c -x", false);
        check("-v", false);
    }
}
