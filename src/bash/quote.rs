//! stub
pub fn ansi_c(t: &str) -> String {
    t.to_owned()
}
pub fn echo_escapes(t: &str) -> (Vec<u8>, bool) {
    (t.as_bytes().to_vec(), false)
}
pub fn shell_quote(t: &str) -> String {
    format!("'{}'", t.replace('\'', "'\\''"))
}
pub fn printf_q(t: &str) -> String {
    t.to_owned()
}
pub fn declare_quote(t: &str) -> String {
    format!("\"{t}\"")
}
