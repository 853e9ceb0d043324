//! How an answer of `dcli` looks. The layout of a structure with the formatter `simple` is captured; tables are from memory,
//! JSON, CSV and YAML follow their own rules.

use serde_json::Value as Json;

use crate::shell::Value;

/// A formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Simple,
    Table,
    Json,
    Csv,
    Yaml,
}

impl Form {
    /// The formatter of a name that is modelled.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "simple" => Self::Simple,
            "table" => Self::Table,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "yaml" => Self::Yaml,
            _ => return None,
        })
    }

    /// The text of an answer.
    pub fn show(self, value: &Value) -> String {
        match self {
            Self::Simple => {
                let mut text = String::new();
                simple(value, 0, &mut text);
                text
            }
            Self::Json => json(value) + "\n",
            Self::Yaml => {
                let mut text = String::new();
                yaml(value, 0, &mut text);
                text
            }
            Self::Table => table(value),
            Self::Csv => rows(value).iter().map(|row| csv_line(row)).collect(),
        }
    }
}

/// The name of a member as the API has it; the appliance shell shows it with a capital.
fn own_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn word(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Record(_) | Value::List(_) => json(value),
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::Record(_) | Value::List(_))
}

/// Members one below the other, those of a structure within three columns further in. The structures of a list begin with a
/// dash.
fn simple(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::List(all) => {
            for one in all {
                if is_plain(one) {
                    text.push_str(&format!("{:indent$}{}\n", "", word(one)));
                    continue;
                }
                let at = text.len();
                simple(one, indent + 2, text);
                text.replace_range(at + indent..at + indent + 1, "-");
            }
        }
        Value::Record(members) => {
            for (name, value) in members {
                let name = own_name(name);
                match value {
                    Value::List(all) if all.iter().all(is_plain) => {
                        let words: Vec<String> = all.iter().map(word).collect();
                        text.push_str(&format!("{:indent$}{name}: {}\n", "", words.join(" ")));
                    }
                    Value::Record(_) | Value::List(_) => {
                        text.push_str(&format!("{:indent$}{name}:\n", ""));
                        simple(value, indent + 3, text);
                    }
                    one => text.push_str(&format!("{:indent$}{name}: {}\n", "", word(one))),
                }
            }
        }
        one => text.push_str(&format!("{:indent$}{}\n", "", word(one))),
    }
}

/// As Python's library writes it.
fn json(value: &Value) -> String {
    match value {
        Value::Text(text) => Json::from(&**text).to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List(all) => format!("[{}]", all.iter().map(json).collect::<Vec<_>>().join(", ")),
        Value::Record(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", Json::from(own_name(name)), json(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

fn yaml(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Record(members) => {
            for (name, value) in members {
                text.push_str(&format!("{:indent$}{}:", "", own_name(name)));
                yaml_behind(value, indent, text);
            }
        }
        Value::List(all) => {
            for one in all {
                if is_plain(one) {
                    text.push_str(&format!("{:indent$}- {}\n", "", yaml_word(one)));
                    continue;
                }
                let at = text.len();
                yaml(one, indent + 2, text);
                text.replace_range(at + indent..at + indent + 1, "-");
            }
        }
        one => text.push_str(&format!("{}\n", yaml_word(one))),
    }
}

/// What stands behind the name of a member: on its line, or below it.
fn yaml_behind(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::List(all) if all.is_empty() => text.push_str(" []\n"),
        Value::Record(members) if members.is_empty() => text.push_str(" {}\n"),
        Value::List(_) => {
            text.push('\n');
            yaml(value, indent, text);
        }
        Value::Record(_) => {
            text.push('\n');
            yaml(value, indent + 2, text);
        }
        one => text.push_str(&format!(" {}\n", yaml_word(one))),
    }
}

/// A word that would be read as something else stands in quotes.
fn yaml_word(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Text(text) if is_doubtful(text) => format!("'{}'", text.replace('\'', "''")),
        other => word(other),
    }
}

fn is_doubtful(text: &str) -> bool {
    let reads_as_another =
        ["true", "false", "yes", "no", "on", "off", "null", "~"].iter().any(|word| text.eq_ignore_ascii_case(word))
            || text.parse::<f64>().is_ok();
    let is_time = text.len() > 10 && text.as_bytes()[4] == b'-' && text.ends_with('Z');
    text.is_empty()
        || reads_as_another
        || is_time
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #")
        || text.starts_with([
            '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ',
        ])
}

/// The names of the columns, and the rows below them. What stands alone has no name.
fn rows(value: &Value) -> Vec<Vec<String>> {
    let one = std::slice::from_ref(value);
    let all = if let Value::List(all) = value { all.as_slice() } else { one };
    let Some(Value::Record(first)) = all.first() else { return all.iter().map(|one| vec![word(one)]).collect() };
    let names = first.iter().map(|(name, _)| own_name(name)).collect();
    let cells = all.iter().map(|one| match one {
        Value::Record(members) => members.iter().map(|(_, value)| word(value)).collect(),
        other => vec![word(other)],
    });
    std::iter::once(names).chain(cells).collect()
}

/// Columns as wide as their longest word, with lines around the names and below all. What has no columns is shown simply.
fn table(value: &Value) -> String {
    let rows = rows(value);
    if !matches!(value, Value::Record(_))
        && !matches!(value, Value::List(all) if matches!(all.first(), Some(Value::Record(_))))
    {
        return Form::Simple.show(value);
    }
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).map(|column| width(column).unwrap_or(0)).collect();
    let rule = format!("|{}\n", widths.iter().map(|width| format!("{}|", "-".repeat(*width))).collect::<String>());
    let mut text = rule.clone();
    for (place, row) in rows.iter().enumerate() {
        let cells: String = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}|")).collect();
        text.push_str(&format!("|{cells}\n"));
        if place == 0 {
            text.push_str(&rule);
        }
    }
    text + &rule
}

fn csv_line(row: &[String]) -> String {
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_formatter_has_its_layout() {
        let disk = |number: i64| Value::record([("Disk", number.into()), ("Partition", "log, core".into())]);
        let list = Value::List(vec![disk(1), disk(20)]);
        let check = |form: Form, value: &Value, expect: &str| assert_eq!(form.show(value), expect, "{form:?}");
        check(
            Form::Table,
            &list,
            "|----|---------|\n|disk|partition|\n|----|---------|\n|1   |log, core|\n|20  |log, core|\n|----|---------|\n",
        );
        check(Form::Csv, &list, "disk,partition\n1,\"log, core\"\n20,\"log, core\"\n");
        check(Form::Simple, &list, "- disk: 1\n  partition: log, core\n- disk: 20\n  partition: log, core\n");
        check(Form::Yaml, &list, "- disk: 1\n  partition: log, core\n- disk: 20\n  partition: log, core\n");
        let info = Value::record([
            ("Default_URL", "https://a/b".into()),
            ("Staged", true.into()),
            ("Version", "8.0".into()),
            ("Parts", Value::List(vec!["a".into(), "b".into()])),
            ("Within", Value::record([("Nothing", Value::List(Vec::new()))])),
        ]);
        check(
            Form::Simple,
            &info,
            "default_URL: https://a/b\nstaged: True\nversion: 8.0\nparts: a b\nwithin:\n   nothing: \n",
        );
        check(
            Form::Json,
            &info,
            "{\"default_URL\": \"https://a/b\", \"staged\": true, \"version\": \"8.0\", \"parts\": [\"a\", \"b\"], \
             \"within\": {\"nothing\": []}}\n",
        );
        check(
            Form::Yaml,
            &info,
            "default_URL: https://a/b\nstaged: true\nversion: '8.0'\nparts:\n- a\n- b\nwithin:\n  nothing: []\n",
        );
        check(Form::Table, &"green".into(), "green\n");
    }
}
