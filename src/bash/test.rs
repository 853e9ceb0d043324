//! stub
pub trait Files {
    fn unary(&self, op: char, operand: &str) -> bool;
    fn binary(&self, op: &str, a: &str, b: &str) -> bool;
}
pub fn evaluate<F: Files + ?Sized>(args: &[&str], files: &F) -> Result<bool, String> {
    match args {
        [op, x] => Ok(files.unary(op.chars().nth(1).unwrap_or('n'), x)),
        [a, "=", b] => Ok(a == b),
        _ => Ok(!args.is_empty()),
    }
}
