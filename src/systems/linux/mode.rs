//! Permission bits as people write them: `0755`, `u+x,go-w`, `a=rX`, and as `ls -l` shows them.

use super::fs::Kind;

/// The bits that a mode text makes of `old`; nothing when it is none. Bits of `umask` are left alone where no class is
/// named.
#[must_use]
pub fn change(text: &str, old: u16, directory: bool, umask: u16) -> Option<u16> {
    if !text.is_empty() && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
        return u16::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let who_end = clause.find(|character| !"ugoa".contains(character))?;
        let (who, mut rest) = clause.split_at(who_end);
        let mut classes = 0;
        for class in who.chars() {
            classes |= match class {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                _ => 0o7777,
            };
        }
        let mask = if who.is_empty() { 0o7777 & !umask } else { classes };
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let operator = rest.chars().next().filter(|operator| "+-=".contains(*operator))?;
            rest = &rest[1..];
            let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let mut bits = 0;
            for letter in rest[..end].chars() {
                bits |= match letter {
                    'r' => 0o444,
                    'w' => 0o222,
                    'x' => 0o111,
                    'X' if directory || old & 0o111 != 0 => 0o111,
                    'X' => 0,
                    's' => 0o6000,
                    't' => 0o1000,
                    'u' => spread(mode >> 6),
                    'g' => spread(mode >> 3),
                    'o' => spread(mode),
                    _ => return None,
                };
            }
            let bits = bits & mask;
            mode = match operator {
                '+' => mode | bits,
                '-' => mode & !bits,
                // Without `s` or `t` the set-id bits of a directory stay.
                _ => (mode & !(mask & if directory { 0o777 } else { 0o7777 })) | bits,
            };
            rest = &rest[end..];
        }
    }
    Some(mode)
}

/// The three bits of one class for all classes.
fn spread(bits: u16) -> u16 {
    (bits & 7) * 0o111
}

/// The ten characters at the beginning of a line of `ls -l`.
#[must_use]
pub fn shown(kind: &Kind, mode: u16) -> String {
    let kind = match kind {
        Kind::File(_) => '-',
        Kind::Dir { .. } => 'd',
        Kind::Link(_) => 'l',
        Kind::Char { .. } => 'c',
        Kind::Block { .. } => 'b',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_chmod_does() {
        let check = |text: &str, old: u16, directory: bool, expect: Option<u16>| {
            assert_eq!(change(text, old, directory, 0o022), expect, "{text} of {old:o}");
        };
        check("755", 0o644, false, Some(0o755));
        check("4755", 0o644, false, Some(0o4755));
        check("u+x,go-r", 0o644, false, Some(0o700));
        check("+w", 0o444, false, Some(0o644));
        check("a=rX", 0o700, false, Some(0o555));
        check("go=u", 0o640, false, Some(0o666));
        check("+t", 0o777, true, Some(0o1777));
        check("u=rwx,g+s", 0o755, true, Some(0o2755));
        check("9", 0o644, false, None);
        check("u+q", 0o644, false, None);
        check("u", 0o644, false, None);
    }
}
