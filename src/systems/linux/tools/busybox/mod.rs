//! BusyBox, which most programs of an ESXi host are applets of: how an applet that is called wrong answers, what it says
//! otherwise (`words.rs`), and `busybox` itself. What applets take, and their usage, is in `applets.txt`, as BusyBox 1.35 has
//! it when asked; older releases, which ESXi has, are taken to have the same but for `cp`, `cut`, `ln`, `mkdir` and `mv`.

mod call;
mod words;

use super::{Tool, tool};
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::image::esxi::APPLETS;
use crate::systems::linux::proc::{Ended, Proc};
use call::{Applet, Wrong};
pub use words::reworded;

/// The program that applets are links to.
pub static TOOLS: &[Tool] = &[tool!("busybox", busybox)];

/// What stands in for an applet that is called wrong, or asked for help.
pub static USAGE: Tool = tool!("--usage", usage);

/// Whether this program is an applet on its machine.
#[must_use]
pub fn is_applet(p: &Proc, program: &str) -> bool {
    p.peek(|linux| linux.distro.dialect()) == Dialect::Ash && names().any(|name| name == base(program))
}

/// Whether this command line is that of an applet that prints its usage and no more.
#[must_use]
pub fn shows_usage(p: &Proc, words: &[String]) -> bool {
    words.split_first().is_some_and(|(program, arguments)| {
        is_applet(p, program) && Applet::find(base(program)).is_some_and(|applet| applet.judge(arguments).is_err())
    })
}

/// The option of the applet that its model lacks: it passed for good, and GNU's program does not know it.
#[must_use]
pub fn lacking(p: &Proc, complaint: &str) -> Option<String> {
    let option = complaint.strip_prefix("invalid option -- '").map(|rest| format!("-{rest}"));
    let option = option.or_else(|| complaint.strip_prefix("unrecognized option '").map(str::to_owned))?;
    is_applet(p, &p.name).then(|| format!("{} {}", base(&p.name), option.trim_end_matches('\'')))
}

/// The end of an applet that finds by itself that it was called wrong.
///
/// # Errors
/// [`Cut`](crate::systems::linux::io::Cut)
pub async fn misused(p: &mut Proc, complaint: &str) -> Ended {
    let name = base(&p.name).to_owned();
    if let Some(gap) = lacking(p, complaint) {
        return p.gap(&gap);
    }
    let Some(applet) = Applet::find(&name) else { return p.fail(complaint).await };
    let bare = ["missing ", "extra operand", "unrecognized operand"].iter().any(|start| complaint.starts_with(start));
    let bare = bare && words::own(&name, complaint).is_none();
    if !bare {
        p.complain(complaint).await?;
    }
    if bare || complaint.starts_with("unknown predicate") {
        print_usage(p, &applet).await?;
    }
    Ok(applet.status)
}

async fn usage(p: &mut Proc, arguments: &[String]) -> Ended {
    let Some(applet) = Applet::find(base(&p.name)) else { return Ok(1) };
    let wrong = applet.judge(arguments).err();
    if let Some(Wrong::Option(complaint)) = &wrong {
        p.complain(complaint).await?;
    }
    print_usage(p, &applet).await?;
    Ok(if matches!(wrong, Some(Wrong::Help)) { 0 } else { applet.status })
}

async fn print_usage(p: &mut Proc, applet: &Applet) -> Result<(), crate::systems::linux::io::Cut> {
    p.inferred();
    let text = format!("{}\n{}\n", banner(p), applet.usage);
    p.err(&text).await
}

/// The first line of all usages; when a release was built is from memory.
fn banner(p: &Proc) -> String {
    let version = p.peek(|linux| linux.distro.coreutils);
    let built = if version == "1.20.2" { "2012-12-11 11:27:06 PST" } else { "2018-11-02 15:37:20 PDT" };
    format!("BusyBox v{version} ({built}) multi-call binary.\n")
}

/// The applets in the order of their names.
fn names() -> impl Iterator<Item = &'static str> {
    APPLETS.split_ascii_whitespace()
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

const ABOUT: &str = "\
BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: function [arguments]...

\tBusyBox is a multi-call binary that combines many common Unix
\tutilities into a single executable.  Most people will create a
\tlink to busybox for each function they wish to use and BusyBox
\twill act like whatever it was invoked as.

Currently defined functions:
";

async fn busybox(p: &mut Proc, arguments: &[String]) -> Ended {
    // A link to it is the applet of that name, of which there is no model.
    if base(&p.name) != "busybox" {
        return p.gap(base(&p.name));
    }
    match arguments.first().map(String::as_str) {
        None | Some("--help") => {
            p.inferred();
            let text = format!("{}{ABOUT}{}", banner(p), columns());
            p.out(&text).await?;
            Ok(0)
        }
        Some(list @ ("--list" | "--list-full")) => {
            let dir = if list == "--list" { "" } else { "bin/" };
            let lines: String = names().map(|name| format!("{dir}{name}\n")).collect();
            p.inferred();
            p.out(&lines).await?;
            Ok(0)
        }
        Some(name) if !names().any(|known| known == name) => {
            p.err(&format!("{name}: applet not found\n")).await?;
            Ok(127)
        }
        Some(name) => {
            let found = super::stand_in(p, arguments)
                .or_else(|| p.world(|world, id| super::find(world, id, name)).filter(|tool| tool.name != "busybox"));
            let Some(tool) = found else { return p.gap(&format!("busybox {name}")) };
            name.clone_into(&mut p.name);
            p.rename(&arguments.join(" "));
            (tool.run)(p, &arguments[1..]).await
        }
    }
}

/// The list of applets in lines of at most 70 characters behind a tab, as BusyBox breaks them.
fn columns() -> String {
    const WIDTH: usize = 71;
    let (mut text, mut column) = (String::from("\t"), 0);
    for name in names() {
        if column > 0 {
            text.push_str(if column + 2 + name.len() + 1 > WIDTH { ",\n\t" } else { ", " });
            column = if text.ends_with('\t') { 0 } else { column + 2 };
        }
        text.push_str(name);
        column += name.len();
    }
    text + "\n\n"
}
