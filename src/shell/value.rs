//! The answer of a command as a value, and the one function that shows it as the appliance shell does: `Name: value`
//! at column 0, members of a structure three columns further in, lists by number. (Scalars are captured; the nesting
//! follows the grep patterns of published scripts and is inferred.)

use std::borrow::Cow;

/// What a command answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A word, number or sentence.
    Text(Cow<'static, str>),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Named members in the order in which they are shown.
    Record(Vec<(&'static str, Value)>),
    /// Values by number.
    List(Vec<Value>),
}

impl Value {
    /// A structure from its members in order.
    #[must_use]
    pub fn record<const N: usize>(members: [(&'static str, Self); N]) -> Self {
        Self::Record(members.into())
    }

    /// The text of the whole answer.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(256);
        self.render_into(&mut out, 0);
        out
    }

    fn render_into(&self, out: &mut String, indent: usize) {
        match self {
            Self::Record(members) => {
                for (name, value) in members {
                    value.render_member(out, indent, name);
                }
            }
            Self::List(values) => {
                for (i, value) in values.iter().enumerate() {
                    value.render_member(out, indent, &(i + 1).to_string());
                }
            }
            scalar => {
                pad(out, indent);
                scalar.push_scalar(out);
                out.push('\n');
            }
        }
    }

    fn render_member(&self, out: &mut String, indent: usize, name: &str) {
        pad(out, indent);
        out.push_str(name);
        match self {
            Self::Record(_) | Self::List(_) => {
                out.push_str(":\n");
                self.render_into(out, indent + 3);
            }
            scalar => {
                out.push_str(": ");
                scalar.push_scalar(out);
                out.push('\n');
            }
        }
    }

    fn push_scalar(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Bool(true) => out.push_str("True"),
            Self::Bool(false) => out.push_str("False"),
            Self::Number(n) => out.push_str(&n.to_string()),
            Self::Record(_) | Self::List(_) => unreachable!("structures are shown member by member"),
        }
    }
}

fn pad(out: &mut String, columns: usize) {
    for _ in 0..columns {
        out.push(' ');
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_indented_and_scalars_are_not() {
        let value = Value::record([
            ("Name", "toto01".into()),
            ("Config", Value::record([("Enabled", true.into()), ("Timeout", 0.into())])),
            ("Users", Value::List(vec![Value::record([("Username", "root".into())])])),
        ]);
        let expect = "Name: toto01\nConfig:\n   Enabled: True\n   Timeout: 0\nUsers:\n   1:\n      Username: root\n";
        assert_eq!(value.render(), expect);
    }
}
