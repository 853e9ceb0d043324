//! `stty`: the settings of the terminal (coreutils). They are those of a terminal as the secure shell makes it, and stay so: what a terminal does
//! that does not echo, or hands over each key, is not modelled.

use super::{Tool, tool};
use crate::systems::linux::proc::{Ended, Proc};

/// The programs of this file.
pub static TOOLS: &[Tool] = &[tool!("stty", stty)];

/// The keys with a meaning.
const KEYS: &[&str] = &[
    "intr = ^C;",
    "quit = ^\\;",
    "erase = ^?;",
    "kill = ^U;",
    "eof = ^D;",
    "eol = <undef>;",
    "eol2 = <undef>;",
    "swtch = <undef>;",
    "start = ^Q;",
    "stop = ^S;",
    "susp = ^Z;",
    "rprnt = ^R;",
    "werase = ^W;",
    "lnext = ^V;",
    "discard = ^O;",
    "min = 1;",
    "time = 0;",
];

/// The flags of control, input, output and the line discipline, as they are.
const FLAGS: [&str; 4] = [
    "-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts",
    "-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl ixon -ixoff -iuclc -ixany -imaxbel -iutf8",
    "opost -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0",
    "isig icanon iexten echo echoe echok -echonl -noflsh -xcase -tostop -echoprt echoctl echoke -flusho -extproc",
];

async fn stty(p: &mut Proc, arguments: &[String]) -> Ended {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if !p.files.is_terminal(0) {
        return p.fail("'standard input': Inappropriate ioctl for device").await;
    }
    let (rows, columns) = p.cx.with(|cx| (cx.session.terminal.rows, cx.session.terminal.columns));
    let is_so = |word: &str| word == "sane" || FLAGS.iter().any(|flags| flags.split(' ').any(|flag| flag == word));
    let text = match words.as_slice() {
        [] => "speed 38400 baud; line = 0;\n-brkint -imaxbel\n".to_owned(),
        ["-a" | "--all"] => all(rows, columns),
        ["size"] => format!("{rows} {columns}\n"),
        ["speed"] => "38400\n".to_owned(),
        // What is so already.
        words if words.iter().all(|word| is_so(word)) => return Ok(0),
        words => return p.gap(&format!("stty {}", words.join(" "))),
    };
    p.out(&text).await?;
    Ok(0)
}

/// All settings, wrapped at the edge of the terminal.
fn all(rows: u16, columns: u16) -> String {
    let head = [
        "speed 38400 baud;".to_owned(),
        format!("rows {rows};"),
        format!("columns {columns};"),
        "line = 0;".to_owned(),
    ];
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mut text = wrapped(&head, usize::from(columns)) + &wrapped(KEYS, usize::from(columns));
    for flags in FLAGS {
        text.push_str(&wrapped(&flags.split(' ').collect::<Vec<_>>(), usize::from(columns)));
    }
    text
}

/// Words with blanks between, in lines that end before the last column.
fn wrapped(words: &[&str], columns: usize) -> String {
    let (mut text, mut at) = (String::new(), 0);
    for word in words {
        if at > 0 && at + 1 + word.len() >= columns {
            text.push('\n');
            at = 0;
        } else if at > 0 {
            text.push(' ');
            at += 1;
        }
        text.push_str(word);
        at += word.len();
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_the_edge() {
        let check = |columns: u16, expect: &[&str]| {
            let text = all(24, columns);
            let lines: Vec<&str> = text.lines().collect();
            for line in expect {
                assert!(lines.contains(line), "{columns}: {line} in {text}");
            }
        };
        check(
            80,
            &[
                "speed 38400 baud; rows 24; columns 80; line = 0;",
                "intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;",
                "eol2 = <undef>; swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R;",
                "-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl ixon -ixoff",
                "echoctl echoke -flusho -extproc",
            ],
        );
        check(200, &["-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts"]);
    }
}
