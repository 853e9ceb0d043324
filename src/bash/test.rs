//! The expressions of `test` and `[` (bash(1), "CONDITIONAL EXPRESSIONS"). Up to four arguments are understood by their
//! number, as POSIX demands; more by a grammar in which `!` binds more tightly than `-a` and that more than `-o`. Nothing is
//! skipped: both sides of `-a` and `-o` are evaluated and complained about, as in bash.

/// What an expression asks about files, options and variables.
pub trait Files {
    /// `-f operand` and its kin; `op` is the letter. Also `-v`, `-o`, `-R` and `-t`, but never `-n` and `-z`.
    fn unary(&self, op: char, operand: &str) -> bool;
    /// Whether there is an operator with one side of this letter.
    fn has_unary(&self, _op: char) -> bool {
        true
    }
    /// Two files compared: `op` is `nt`, `ot` or `ef`.
    fn binary(&self, op: &str, a: &str, b: &str) -> bool;
}

/// How many parentheses may lie in one another; bash has no such bound.
const DEEPEST: usize = 100;

/// Whether the expression holds that `args` are, without the name of the command and a closing `]`. An error is bash's own
/// words, such as `too many arguments`; the status is 2 then.
pub fn evaluate(args: &[&str], files: &dyn Files) -> Result<bool, String> {
    let mut test = Test { args, at: 0, files, depth: 0 };
    match args {
        [] => Ok(false),
        [one] => Ok(!one.is_empty()),
        [_, _] => test.two(),
        [_, _, _] => test.three(),
        ["!", _, _, _] => {
            test.at = 1;
            test.three().map(|holds| !holds)
        }
        ["(", _, _, ")"] => {
            test.at = 1;
            test.two()
        }
        _ => test.all(),
    }
}

struct Test<'a> {
    args: &'a [&'a str],
    at: usize,
    files: &'a dyn Files,
    depth: usize,
}

impl Test<'_> {
    /// The letter of an operator with one side, where there is such a one.
    fn unary(&self, op: &str) -> Option<char> {
        unary(op).filter(|letter| self.files.has_unary(*letter))
    }

    fn here(&self) -> Option<&str> {
        self.args.get(self.at).copied()
    }

    /// Two arguments, from the present one on.
    fn two(&mut self) -> Result<bool, String> {
        match (self.args[self.at], self.args[self.at + 1]) {
            ("!", operand) => Ok(operand.is_empty()),
            (op, operand) => match self.unary(op) {
                Some('t') if number(operand).is_none() => Ok(false),
                Some(letter) => Ok(self.ask(letter, operand)),
                None => Err(format!("{op}: unary operator expected")),
            },
        }
    }

    /// Three arguments, from the present one on.
    fn three(&mut self) -> Result<bool, String> {
        let [first, op, last] = [0, 1, 2].map(|more| self.args[self.at + more]);
        match (first, op, last) {
            _ if is_binary(op) => self.compare(first, op, last),
            (_, "-a", _) => Ok(!first.is_empty() && !last.is_empty()),
            (_, "-o", _) => Ok(!first.is_empty() || !last.is_empty()),
            ("!", ..) => {
                self.at += 1;
                self.two().map(|holds| !holds)
            }
            ("(", _, ")") => Ok(!op.is_empty()),
            _ => Err(format!("{op}: binary operator expected")),
        }
    }

    /// All arguments, by the grammar.
    fn all(&mut self) -> Result<bool, String> {
        let holds = self.either()?;
        match self.here() {
            None => Ok(holds),
            Some(rest) if rest.starts_with('-') => Err(format!("syntax error: `{rest}' unexpected")),
            Some(_) => Err("too many arguments".to_owned()),
        }
    }

    fn either(&mut self) -> Result<bool, String> {
        let mut holds = self.both()?;
        while self.here() == Some("-o") {
            self.at += 1;
            holds |= self.both()?;
        }
        Ok(holds)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut holds = self.term()?;
        while self.here() == Some("-a") {
            self.at += 1;
            holds &= self.term()?;
        }
        Ok(holds)
    }

    fn term(&mut self) -> Result<bool, String> {
        let mut negated = false;
        while self.here() == Some("!") {
            self.at += 1;
            negated = !negated;
        }
        Ok(self.plain()? != negated)
    }

    fn plain(&mut self) -> Result<bool, String> {
        let rest = &self.args[self.at.min(self.args.len())..];
        match rest {
            [] => Err("argument expected".to_owned()),
            ["("] => Err("argument expected".to_owned()),
            ["(", ..] => self.parentheses(),
            [a, op, b, ..] if is_binary(op) => {
                self.at += 3;
                self.compare(a, op, b)
            }
            [op, operand, ..] => match self.unary(op) {
                // Without a descriptor `-t` stands alone, and does not hold.
                Some('t') if number(operand).is_none() => {
                    self.at += 1;
                    Ok(false)
                }
                Some(letter) => {
                    self.at += 2;
                    Ok(self.ask(letter, operand))
                }
                None => {
                    self.at += 1;
                    Ok(!op.is_empty())
                }
            },
            [word] => {
                self.at += 1;
                Ok(!word.is_empty())
            }
        }
    }

    fn parentheses(&mut self) -> Result<bool, String> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("too many arguments".to_owned());
        }
        let holds = self.either()?;
        self.depth -= 1;
        match self.here() {
            Some(")") => {
                self.at += 1;
                Ok(holds)
            }
            Some(other) => Err(format!("`)' expected, found {other}")),
            None => Err("`)' expected".to_owned()),
        }
    }

    fn ask(&self, letter: char, operand: &str) -> bool {
        match letter {
            'n' => !operand.is_empty(),
            'z' => operand.is_empty(),
            letter => self.files.unary(letter, operand),
        }
    }

    fn compare(&self, a: &str, op: &str, b: &str) -> Result<bool, String> {
        let numbers = || Ok::<_, String>((integer(a)?, integer(b)?));
        Ok(match op {
            "=" | "==" => a == b,
            "!=" => a != b,
            "<" => a < b,
            ">" => a > b,
            "-eq" => numbers().map(|(a, b)| a == b)?,
            "-ne" => numbers().map(|(a, b)| a != b)?,
            "-lt" => numbers().map(|(a, b)| a < b)?,
            "-le" => numbers().map(|(a, b)| a <= b)?,
            "-gt" => numbers().map(|(a, b)| a > b)?,
            "-ge" => numbers().map(|(a, b)| a >= b)?,
            op => self.files.binary(&op[1..], a, b),
        })
    }
}

/// Whether an operator with two sides is meant; `-a` and `-o` belong to the grammar.
fn is_binary(op: &str) -> bool {
    ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"].contains(&op)
}

/// The letter of an operator with one side.
fn unary(op: &str) -> Option<char> {
    let letter = op.strip_prefix('-')?;
    (letter.len() == 1 && "abcdefghkLnoprstuvwxzGOSNR".contains(letter)).then(|| letter.chars().next()).flatten()
}

/// A decimal number, with blanks around it or without.
fn number(text: &str) -> Option<i64> {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']).trim_end_matches([' ', '\t']);
    trimmed.parse().ok()
}

fn integer(text: &str) -> Result<i64, String> {
    number(text).ok_or_else(|| format!("{text}: integer expression expected"))
}

#[cfg(test)]
mod tests;
