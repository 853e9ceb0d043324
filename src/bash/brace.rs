//! stub
use super::ast::Word;
pub struct TooMany;
pub fn expand(word: &Word) -> Result<Vec<Word>, TooMany> {
    Ok(vec![word.clone()])
}
