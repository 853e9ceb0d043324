//! The signals by their names (signal(7)): 29 is `IO`, as bash and systemd have it, which other programs list as `POLL`; those that
//! programs give a meaning to are counted from the nearer end.

/// So many have names of their own.
pub const NAMED: usize = 31;

/// The number and the name, without `SIG`, of each.
pub const SIGNALS: [(u8, &str); 62] = [
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (4, "ILL"),
    (5, "TRAP"),
    (6, "ABRT"),
    (7, "BUS"),
    (8, "FPE"),
    (9, "KILL"),
    (10, "USR1"),
    (11, "SEGV"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (16, "STKFLT"),
    (17, "CHLD"),
    (18, "CONT"),
    (19, "STOP"),
    (20, "TSTP"),
    (21, "TTIN"),
    (22, "TTOU"),
    (23, "URG"),
    (24, "XCPU"),
    (25, "XFSZ"),
    (26, "VTALRM"),
    (27, "PROF"),
    (28, "WINCH"),
    (29, "IO"),
    (30, "PWR"),
    (31, "SYS"),
    (34, "RTMIN"),
    (35, "RTMIN+1"),
    (36, "RTMIN+2"),
    (37, "RTMIN+3"),
    (38, "RTMIN+4"),
    (39, "RTMIN+5"),
    (40, "RTMIN+6"),
    (41, "RTMIN+7"),
    (42, "RTMIN+8"),
    (43, "RTMIN+9"),
    (44, "RTMIN+10"),
    (45, "RTMIN+11"),
    (46, "RTMIN+12"),
    (47, "RTMIN+13"),
    (48, "RTMIN+14"),
    (49, "RTMIN+15"),
    (50, "RTMAX-14"),
    (51, "RTMAX-13"),
    (52, "RTMAX-12"),
    (53, "RTMAX-11"),
    (54, "RTMAX-10"),
    (55, "RTMAX-9"),
    (56, "RTMAX-8"),
    (57, "RTMAX-7"),
    (58, "RTMAX-6"),
    (59, "RTMAX-5"),
    (60, "RTMAX-4"),
    (61, "RTMAX-3"),
    (62, "RTMAX-2"),
    (63, "RTMAX-1"),
    (64, "RTMAX"),
];

/// The name of a signal.
#[must_use]
pub fn name(number: u8) -> Option<&'static str> {
    SIGNALS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// The names that programs of their own list, in order.
pub fn listed() -> impl Iterator<Item = (u8, &'static str)> {
    SIGNALS[..NAMED].iter().map(|(number, name)| (*number, if *name == "IO" { "POLL" } else { *name }))
}

/// The number of a signal by its name, with or without `SIG`, or its number.
#[must_use]
pub fn number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse::<u8>() {
        return (number <= 64).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let wanted = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().find(|(_, name)| *name == wanted).map(|(number, _)| *number)
}

/// The same for programs of their own, which know the other name of 29, too.
#[must_use]
pub fn number_listed(text: &str) -> Option<u8> {
    let is_poll = matches!(text.to_ascii_uppercase().as_str(), "POLL" | "SIGPOLL");
    if is_poll { number("IO") } else { number(text) }
}
