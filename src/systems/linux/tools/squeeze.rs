//! `bzip2` (1.0.6), `xz` (5.2) and the other names of each, compared by hand with 1.0.8 and 5.4. Files are replaced by their
//! compressed ones and back; options that only weigh time against size change nothing.

pub(super) mod bzip2;

use super::getopt::{Given, Spec};
use super::packed::{Form, Trouble};
use super::{Tool, tool};
use crate::systems::linux::fs::{Errno, Inode, Kind};
use crate::systems::linux::io::{Cut, Open};
use crate::systems::linux::made_files;
use crate::systems::linux::proc::{Ended, Mode, Proc};
use crate::systems::linux::tools::input::given;

/// The programs of this file.
pub static TOOLS: &[Tool] = &[
    tool!("bzip2", bzip2),
    tool!("bunzip2", bunzip2),
    tool!("bzcat", bzcat),
    tool!("xz", xz),
    tool!("unxz", unxz),
    tool!("xzcat", xzcat),
];

const BZIP2: Spec = Spec {
    short: "dzkftcqvsh123456789",
    long: &[
        ("decompress", 'd'),
        ("compress", 'z'),
        ("keep", 'k'),
        ("force", 'f'),
        ("test", 't'),
        ("stdout", 'c'),
        ("quiet", 'q'),
        ("verbose", 'v'),
        ("small", 's'),
        ("help", 'h'),
        ("fast", '1'),
        ("best", '9'),
    ],
    gaps: "L --license V",
};

const XZ: Spec = Spec {
    short: "dzkftcqveT:M:0123456789",
    long: &[
        ("decompress", 'd'),
        ("uncompress", 'd'),
        ("compress", 'z'),
        ("keep", 'k'),
        ("force", 'f'),
        ("test", 't'),
        ("stdout", 'c'),
        ("to-stdout", 'c'),
        ("quiet", 'q'),
        ("verbose", 'v'),
        ("extreme", 'e'),
        ("threads:", 'T'),
        ("memlimit:", 'M'),
        ("fast", '0'),
        ("best", '9'),
    ],
    gaps: "V --single-stream --no-sparse --files:: --files0:: --ignore-check --block-size: --block-list: \
           --memlimit-compress: --memlimit-decompress: --memory: --no-adjust --flush-timeout: --lzma1:: --lzma2:: \
           --x86:: --powerpc:: --ia64:: --arm:: --armthumb:: --sparc:: --delta:: --info-memory h H --long-help l \
           --list S: --suffix: F: --format: C: --check: Q --no-warn --robot",
};

async fn bzip2(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Form::Bzip2, "").await
}

async fn bunzip2(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Form::Bzip2, "d").await
}

async fn bzcat(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Form::Bzip2, "dc").await
}

async fn xz(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Form::Xz, "").await
}

async fn unxz(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Form::Xz, "d").await
}

async fn xzcat(p: &mut Proc, arguments: &[String]) -> Ended {
    run(p, arguments, Form::Xz, "dc").await
}

/// What is wanted.
struct Work {
    form: Form,
    level: u32,
    quiet: bool,
    /// To so many columns `bzip2 -v` pads a name.
    longest: usize,
    /// Whether a stream that was tested was no good.
    broken: bool,
    /// Whether the rest is not looked at any more.
    over: bool,
    unpack: bool,
    to_stdout: bool,
    test: bool,
    force: bool,
    keep: bool,
    verbose: bool,
    status: u8,
}

async fn run(p: &mut Proc, arguments: &[String], form: Form, letters: &str) -> Ended {
    let spec = if form == Form::Xz { &XZ } else { &BZIP2 };
    let given = given!(p, spec, arguments, |complaint| wrong(p, form, &complaint, arguments).await);
    let has = |letter: char| given.has(letter) || letters.contains(letter);
    if form == Form::Bzip2 && given.has('h') {
        bzip2::usage(p).await?;
        return Ok(0);
    }
    let names = if given.operands.is_empty() { vec!["-".to_owned()] } else { given.operands.clone() };
    let mut work = Work {
        form,
        level: given.last_of("0123456789").and_then(|digit| digit.to_digit(10)).unwrap_or(form.usual_level()),
        quiet: given.has('q'),
        longest: names.iter().map(String::len).max().unwrap_or(0).max(7),
        broken: false,
        over: false,
        unpack: (has('d') || has('t')) && !given.has('z'),
        to_stdout: has('c'),
        test: has('t'),
        force: has('f'),
        keep: has('k'),
        verbose: has('v'),
        status: 0,
    };
    for (at, name) in names.iter().enumerate() {
        p.tick().await?;
        match name.as_str() {
            "-" => work.stream(p, &given).await?,
            name => work.file(p, name).await?,
        }
        let (all, left) = (given.operands.len(), names.len() - at - 1);
        if work.over && left > 0 && !work.quiet {
            let text = format!("   {all} specified on command line, {left} not processed yet.\n");
            p.complain("WARNING: some files have not been processed:").await?;
            p.complain(&text).await?;
        }
        if work.over {
            break;
        }
    }
    if work.broken {
        p.err(bzip2::RECOVER).await?;
    }
    Ok(work.status)
}

async fn wrong(p: &mut Proc, form: Form, complaint: &str, arguments: &[String]) -> Ended {
    if form == Form::Bzip2 {
        let flag =
            arguments.iter().find(|word| word.starts_with('-') && BZIP2.read(&[(*word).clone()], false).is_err());
        let text = format!("Bad flag `{}'", flag.map_or("", String::as_str));
        p.complain(&text).await?;
        bzip2::usage(p).await?;
        return Ok(1);
    }
    p.complain(complaint).await?;
    let name = p.name.clone();
    p.complain(&format!("Try `{name} --help' for more information.")).await?;
    Ok(1)
}

impl Work {
    async fn fail(&mut self, p: &mut Proc, status: u8, text: &str) -> Result<(), Cut> {
        // 1 is worse than 2 to xz, to which 2 is a warning.
        self.status = match (self.form, self.status, status) {
            (Form::Xz, 1, _) => 1,
            (Form::Bzip2, old, new) => old.max(new),
            (_, _, new) => new,
        };
        p.complain(text).await
    }

    /// Standard input to standard output.
    async fn stream(&mut self, p: &mut Proc, given: &Given) -> Result<(), Cut> {
        if given.operands.is_empty() && p.files.is_terminal(if self.unpack { 0 } else { 1 }) && !self.force {
            let text = match (self.form, self.unpack) {
                (Form::Xz, true) => "Compressed data cannot be read from a terminal",
                (Form::Xz, false) => "Compressed data cannot be written to a terminal",
                (Form::Bzip2, true) => "I won't read compressed data from a terminal.",
                (Form::Bzip2, false) => "I won't write compressed data to a terminal.",
            };
            self.fail(p, 1, text).await?;
            return match self.form {
                Form::Xz => Ok(()),
                Form::Bzip2 => p.complain("For help, type: `bzip2 --help'.").await,
            };
        }
        let bytes = p.read_all(0).await?;
        if !self.unpack {
            return p.write(1, &self.form.pack(&bytes, self.level)).await;
        }
        let (out, trouble) = self.form.unpack(&bytes)?;
        if trouble == Some(Trouble::Other) && self.passes() {
            // bzip2 goes back to the beginning, which a pipe has not.
            let whole = self.form == Form::Xz || p.files.get(0).is_some_and(|open| matches!(**open, Open::File(_)));
            return if whole { p.write(1, &bytes).await } else { Ok(()) };
        }
        if !self.test {
            p.write(1, &out).await?;
        }
        match trouble {
            Some(trouble) => self.tell(p, "(stdin)", "(stdout)", trouble).await,
            None => Ok(()),
        }
    }

    /// Whether what was not compressed goes through as it is.
    fn passes(&self) -> bool {
        self.unpack && self.force && !self.test && (self.to_stdout || self.form == Form::Bzip2)
    }

    /// What is wrong with what a file holds.
    async fn tell(&mut self, p: &mut Proc, name: &str, output: &str, trouble: Trouble) -> Result<(), Cut> {
        if self.form == Form::Bzip2 && self.test {
            let why = match trouble {
                Trouble::Other => "bad magic number (file not created by bzip2)",
                Trouble::Short => "file ends unexpectedly",
                Trouble::Broken => "data integrity (CRC) error in data",
                Trouble::Garbage => "trailing garbage after EOF ignored",
            };
            if !trouble.is_harmless() {
                (self.broken, self.status) = (true, self.form.failure());
            }
            return match self.verbose {
                true => p.err(&format!("{why}\n")).await,
                false => p.complain(&format!("{name}: {why}")).await,
            };
        }
        if self.form == Form::Bzip2 && matches!(trouble, Trouble::Short | Trouble::Broken) {
            return self.give_up(p, name, output, trouble).await;
        }
        if self.form == Form::Bzip2 && self.verbose && trouble == Trouble::Other {
            self.status = self.form.failure();
            return p.err("not a bzip2 file.\n").await;
        }
        if self.form == Form::Bzip2 && trouble == Trouble::Garbage {
            p.err("\n").await?;
        }
        let status = if trouble.is_harmless() { 0 } else { self.form.failure() };
        self.fail(p, status, &self.form.complaint(trouble, name)).await
    }

    /// bzip2 ends where a stream is no good.
    async fn give_up(&mut self, p: &mut Proc, name: &str, output: &str, trouble: Trouble) -> Result<(), Cut> {
        self.status = self.form.failure();
        let text = bzip2::gave_up(&p.name, (name, output), trouble, self.quiet);
        p.err(&text).await?;
        if output != "(stdout)" && !self.quiet {
            p.complain(&format!("Deleting output file {output}, if it exists.")).await?;
        }
        self.over = true;
        Ok(())
    }

    /// The name of the file that comes of one.
    fn target(&self, name: &str) -> Option<String> {
        const ENDINGS: [(Form, &str, &str); 8] = [
            (Form::Bzip2, ".bz2", ""),
            (Form::Bzip2, ".bz", ""),
            (Form::Bzip2, ".tbz2", ".tar"),
            (Form::Bzip2, ".tbz", ".tar"),
            (Form::Xz, ".xz", ""),
            (Form::Xz, ".txz", ".tar"),
            (Form::Xz, ".lzma", ""),
            (Form::Xz, ".tlz", ".tar"),
        ];
        let own = |ending: &&(Form, &str, &str)| {
            ending.0 == self.form && name.ends_with(ending.1) && name.len() > ending.1.len()
        };
        let found = ENDINGS.iter().find(own);
        match (self.unpack, found) {
            (true, found) => {
                found.map(|(_, ending, instead)| format!("{}{instead}", &name[..name.len() - ending.len()]))
            }
            (false, Some(_)) => None,
            (false, None) => Some(format!("{name}{}", if self.form == Form::Xz { ".xz" } else { ".bz2" })),
        }
    }

    async fn file(&mut self, p: &mut Proc, name: &str) -> Result<(), Cut> {
        let xz = self.form == Form::Xz;
        let found = p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, name));
        let ino = match found {
            Ok(ino) => ino,
            Err(errno) if xz => return self.fail(p, 1, &format!("{name}: {}", errno.text())).await,
            Err(errno) => return self.fail(p, 1, &format!("Can't open input file {name}: {}.", errno.text())).await,
        };
        let inode = p.world(|world, id| made_files::inode(world, id, ino));
        let aside = self.to_stdout || self.test;
        match &inode.kind {
            Kind::Dir { .. } if xz => return self.fail(p, 2, &format!("{name}: Is a directory, skipping")).await,
            Kind::Dir { .. } => return self.fail(p, 1, &format!("Input file {name} is a directory.")).await,
            Kind::Link(_) if xz && !aside && !self.force => {
                return self.fail(p, 2, &format!("{name}: Is a symbolic link, skipping")).await;
            }
            Kind::Link(_) if !aside && !self.force => {
                return self.fail(p, 1, &format!("Input file {name} is not a normal file.")).await;
            }
            _ => {}
        }
        let mut target = self.target(name);
        match (&target, xz) {
            _ if aside => {}
            (None, true) if self.unpack => {
                let begin = p.read_path(name).unwrap_or_default();
                if Form::of(&begin) != Some(Form::Xz) {
                    return self.tell(p, name, "", Trouble::Other).await;
                }
                return self.fail(p, 2, &format!("{name}: Filename has an unknown suffix, skipping")).await;
            }
            (None, true) => {
                let ending = if name.ends_with(".txz") { ".txz" } else { ".xz" };
                return self.fail(p, 2, &format!("{name}: File already has `{ending}' suffix, skipping")).await;
            }
            (None, false) if self.unpack => {
                target = Some(format!("{name}.out"));
                p.complain(&format!("Can't guess original name for {name} -- using {name}.out")).await?;
            }
            (None, false) => {
                let ending = name.rfind('.').map_or("", |at| &name[at..]);
                return self.fail(p, 1, &format!("Input file {name} already has {ending} suffix.")).await;
            }
            _ => {}
        }
        if inode.nlink > 1 && !aside && !self.force && !inode.is_dir() {
            let others = inode.nlink - 1;
            let text = match xz {
                true => format!("{name}: Input file has more than one hard link, skipping"),
                false => format!("Input file {name} has {others} other link{}.", if others == 1 { "" } else { "s" }),
            };
            return self.fail(p, if xz { 2 } else { 1 }, &text).await;
        }
        let bytes = match p.read_path(name) {
            Ok(bytes) => bytes,
            Err(errno) if xz => return self.fail(p, 1, &format!("{name}: {}", errno.text())).await,
            Err(errno) => return self.fail(p, 1, &format!("Can't open input file {name}: {}.", errno.text())).await,
        };
        self.work(p, name, &inode, &bytes, target.unwrap_or_default()).await
    }

    /// A file that has been read.
    async fn work(&mut self, p: &mut Proc, name: &str, inode: &Inode, bytes: &[u8], target: String) -> Result<(), Cut> {
        let xz = self.form == Form::Xz;
        let aside = self.to_stdout || self.test;
        let there = !aside && p.peek(|linux| linux.fs.lookup_link(&p.cred, &p.cwd, &target)).is_ok();
        if there && !self.force {
            let text =
                if xz { format!("{target}: File exists") } else { format!("Output file {target} already exists.") };
            return self.fail(p, 1, &text).await;
        }
        if self.verbose && !xz {
            p.err(&format!("  {name}: {:1$}", "", self.longest.saturating_sub(name.len()))).await?;
        }
        let out = if self.unpack {
            let (mut out, mut trouble) = self.form.unpack(bytes)?;
            if trouble == Some(Trouble::Other) && self.passes() {
                (out, trouble) = (bytes.to_vec(), None);
            }
            if self.to_stdout && !self.test {
                p.write(1, &out).await?;
            }
            if let Some(trouble) = trouble {
                self.tell(p, name, if aside { "(stdout)" } else { &target }, trouble).await?;
                if !trouble.is_harmless() {
                    return Ok(());
                }
            }
            out
        } else {
            let out = self.form.pack(bytes, self.level);
            if self.to_stdout {
                p.write(1, &out).await?;
            }
            out
        };
        if !aside && !self.replace(p, name, &target, inode, &out).await? {
            return Ok(());
        }
        if self.verbose {
            let text = self.told(name, bytes.len(), out.len());
            p.err(&text).await?;
        }
        Ok(())
    }

    /// The new file gets what the old one had, which goes.
    async fn replace(&mut self, p: &mut Proc, name: &str, target: &str, old: &Inode, out: &[u8]) -> Result<bool, Cut> {
        if self.force {
            let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, target, now));
        }
        let written = p.open(target, Mode::WriteNew).and_then(|open| match &*open {
            Open::File(file) => p.append(file, out),
            _ => Err(Errno::Acces),
        });
        if let Err(errno) = written {
            let _ = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, target, now));
            self.fail(p, 1, &format!("{target}: {}", errno.text())).await?;
            return Ok(false);
        }
        let _ = p.lookup(target).and_then(|ino| {
            p.fs(|fs, now| {
                let _ = fs.chown(&p.cred, ino, Some(old.uid), Some(old.gid), now);
                fs.chmod(&p.cred, ino, old.mode & 0o7777, now)?;
                fs.set_times(&p.cred, ino, Some(old.atime), Some(old.mtime), now)
            })
        });
        if !self.keep
            && let Err(errno) = p.fs(|fs, now| fs.unlink(&p.cred, &p.cwd, name, now))
        {
            self.fail(p, 1, &format!("{name}: {}", errno.text())).await?;
        }
        Ok(true)
    }

    /// What `-v` says of a file.
    fn told(&self, name: &str, taken: usize, given: usize) -> String {
        let (packed, whole) = if self.unpack { (taken, given) } else { (given, taken) };
        match self.form {
            Form::Xz => {
                let share = if whole == 0 { 0.0 } else { packed as f64 / whole as f64 };
                let share = if share > 9.999 { "> 9.999".to_owned() } else { format!("= {share:.3}") };
                format!("{name}: {} / {} {share}\n", sized(packed), sized(whole))
            }
            Form::Bzip2 if self.test => "ok\n".to_owned(),
            Form::Bzip2 if self.unpack => "done\n".to_owned(),
            Form::Bzip2 if whole == 0 => " no data compressed.\n".to_owned(),
            Form::Bzip2 => {
                let (whole, packed) = (whole as f64, packed as f64);
                format!(
                    "{:6.3}:1, {:6.3} bits/byte, {:5.2}% saved, {taken} in, {given} out.\n",
                    whole / packed,
                    packed * 8.0 / whole,
                    100.0 * (1.0 - packed / whole)
                )
            }
        }
    }
}

/// A size as xz shows it.
fn sized(bytes: usize) -> String {
    match bytes {
        0..=9999 => format!("{bytes} B"),
        10_000..=10_238_976 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
