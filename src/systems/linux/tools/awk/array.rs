//! Arrays of awk. `for (key in array)` goes through texts in the order in which they came and then through whole numbers
//! from the least to the greatest: gawk's own order follows from its hash tables, and for whole numbers it is this one.

use std::collections::BTreeMap;

use super::value::{Text, Value, leading_number, number_text};

/// An array.
#[derive(Clone, Debug, Default)]
pub struct Array {
    /// Elements by key, with the turn in which they came.
    elements: BTreeMap<Text, (u64, Value)>,
    turn: u64,
    /// How many bytes it takes.
    pub size: usize,
}

/// What an element takes beside key and value.
const ELEMENT: usize = 64;

impl Array {
    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether an element is there.
    #[must_use]
    pub fn has(&self, key: &[u8]) -> bool {
        self.elements.contains_key(key)
    }

    /// The element, which is there from now on.
    pub fn get(&mut self, key: &Text) -> Value {
        if let Some((_, value)) = self.elements.get(key) {
            return value.clone();
        }
        self.set(Text::clone(key), Value::Unset);
        Value::Unset
    }

    /// Sets an element.
    pub fn set(&mut self, key: Text, value: Value) {
        self.size += value.size();
        if let Some((_, old)) = self.elements.get_mut(&key) {
            self.size -= old.size();
            *old = value;
            return;
        }
        self.size += key.len() + ELEMENT;
        self.turn += 1;
        self.elements.insert(key, (self.turn, value));
    }

    /// Deletes an element.
    pub fn remove(&mut self, key: &[u8]) {
        if let Some((_, value)) = self.elements.remove(key) {
            self.size -= key.len() + ELEMENT + value.size();
        }
    }

    /// The keys in the order of `for`.
    #[must_use]
    pub fn keys(&self) -> Vec<Text> {
        let whole = |key: &Text| {
            let (number, end) = leading_number(key);
            (end == key.len() && end > 0 && number_text(number, b"%d") == **key).then_some(number)
        };
        let mut keys: Vec<(Option<f64>, u64, Text)> =
            self.elements.iter().map(|(key, (turn, _))| (whole(key), *turn, Text::clone(key))).collect();
        keys.sort_by(|one, two| match (one.0, two.0) {
            (Some(one), Some(two)) => one.total_cmp(&two),
            (None, None) => one.1.cmp(&two.1),
            (one, two) => one.is_some().cmp(&two.is_some()),
        });
        keys.into_iter().map(|(_, _, key)| key).collect()
    }

    /// Keys and values in the order of `for`.
    #[must_use]
    pub fn pairs(&self) -> Vec<(Text, Value)> {
        let keys = self.keys();
        keys.into_iter()
            .map(|key| {
                let value = self.elements.get(&key).map(|(_, value)| value.clone()).unwrap_or_default();
                (key, value)
            })
            .collect()
    }
}
