//! What is typed behind `dcli`: its own options, which begin with a plus, the words of a call, and that call's arguments.
//! Which options there are is documented; that they are taken by any beginning of their names, and what is said of a wrong one,
//! follows from argparse, which other tools of the appliance use.

use super::NAME;
use super::shown::Form;

/// What was typed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub user: Option<String>,
    /// Whether its password stood on the line.
    pub has_password: bool,
    /// How the answer is to look.
    pub form: Option<Form>,
    /// Where credentials are kept.
    pub store: Option<String>,
    /// What is to be done.
    pub order: Order,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Nothing,
    Help,
    Interactive,
    /// Credentials are saved, listed, forgotten.
    Save,
    Saved,
    Forget,
    /// The words of a call, those behind `com vmware appliance` without them, and its arguments.
    Call(String, Vec<String>),
}

/// Why what was typed leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is wrong; this is said.
    Wrong(String),
    /// It is not modelled.
    Gap(String),
}

impl Wish {
    /// The same with what was told when the prompt was opened.
    pub fn within(mut self, first: &Self) -> Self {
        let has_own_user = self.user.is_some();
        self.user = self.user.or_else(|| first.user.clone());
        self.has_password |= first.has_password && !has_own_user;
        self.form = self.form.or(first.form);
        self.store = self.store.or_else(|| first.store.clone());
        self
    }
}

/// Behind these words the names of the appliance's calls stand.
pub const APPLIANCE: &str = "com vmware appliance ";

/// The options: name, what their value is called, what they are for.
const OPTIONS: [(&str, Option<&str>, &str); 12] = [
    ("+server", Some("SERVER"), "Specify VAPI Server address"),
    ("+username", Some("USERNAME"), "Specify the username for login"),
    ("+password", Some("PASSWORD"), "Specify password explicitly"),
    ("+skip-server-verification", None, "Skip server SSL verification process"),
    ("+cacert-file", Some("CACERT_FILE"), "Specify the certificate authority certificates"),
    ("+interactive", None, "Open a CLI shell to invoke commands"),
    ("+formatter", Some("FORMATTER"), "Specify the formatter to use to format the command output"),
    ("+show-unreleased", None, "Show the unreleased APIs"),
    ("+credstore-file", Some("CREDSTORE_FILE"), "Specify the dcli credential store file"),
    ("+credstore-add", None, "Store the login credentials in credential store"),
    ("+credstore-list", None, "List the login credentials stored in credential store"),
    ("+credstore-remove", None, "Remove login credentials from credential store"),
];

/// Reads what was typed on a release that knows these formatters.
///
/// # Errors
/// What is wrong, or not modelled.
pub fn read(arguments: &[String], formatters: &[&str]) -> Result<Wish, Trouble> {
    let (mut wish, mut words, mut rest, mut order) = (Wish::default(), Vec::new(), Vec::new(), None);
    let mut typed = arguments.iter().map(String::as_str);
    while let Some(word) = typed.next() {
        if !word.starts_with('+') {
            if word.starts_with('-') || !rest.is_empty() {
                rest.push(word.to_owned())
            } else {
                words.push(word)
            }
            continue;
        }
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let (option, takes) = option(name)?;
        let value = match (takes, value) {
            (false, Some(value)) => {
                return Err(wrong(&format!("argument {option}: ignored explicit argument '{value}'")));
            }
            (false, None) => "",
            (true, Some(value)) => value,
            (true, None) => typed.next().ok_or_else(|| wrong(&format!("argument {option}: expected one argument")))?,
        };
        match option {
            "+username" => wish.user = Some(value.to_owned()),
            "+password" => wish.has_password = true,
            "+server" if is_here(value) => {}
            "+server" => return Err(Trouble::Gap(format!("{NAME} {option} of another machine"))),
            "+cacert-file" => return Err(Trouble::Gap(format!("{NAME} {option}"))),
            "+formatter" => wish.form = Some(formatter(value, formatters)?),
            "+credstore-file" => wish.store = Some(value.to_owned()),
            "+credstore-add" => order = Some(Order::Save),
            "+credstore-list" => order = Some(Order::Saved),
            "+credstore-remove" => order = Some(Order::Forget),
            "+interactive" => order = Some(Order::Interactive),
            _ => {}
        }
    }
    wish.order = match order {
        Some(order) => order,
        None if words.is_empty() && rest.iter().any(|word| word == "-h" || word == "--help") => Order::Help,
        None if words.is_empty() && rest.is_empty() => Order::Nothing,
        None if words.is_empty() => return Err(wrong(&format!("unrecognized arguments: {}", rest.join(" ")))),
        None => {
            let call = words.join(" ");
            Order::Call(call.strip_prefix(APPLIANCE).map(str::to_owned).unwrap_or(call), rest)
        }
    };
    Ok(wish)
}

/// Whether a server is the appliance itself.
pub fn is_here(server: &str) -> bool {
    matches!(server, "localhost" | "127.0.0.1" | "http://localhost/api")
}

/// The option that a word names in full or by its beginning, and whether it takes a value.
fn option(word: &str) -> Result<(&'static str, bool), Trouble> {
    let mut fitting = OPTIONS.iter().filter(|(name, ..)| name.starts_with(word));
    let exact = OPTIONS.iter().find(|(name, ..)| *name == word);
    match (exact, fitting.next(), fitting.next()) {
        (Some((name, value, _)), ..) | (None, Some((name, value, _)), None) => Ok((name, value.is_some())),
        (None, Some((one, ..)), Some((other, ..))) => {
            Err(wrong(&format!("ambiguous option: {word} could match {one}, {other}")))
        }
        (None, None, _) => Err(wrong(&format!("unrecognized arguments: {word}"))),
    }
}

fn formatter(word: &str, known: &[&str]) -> Result<Form, Trouble> {
    if !known.contains(&word) {
        let choices: Vec<String> = known.iter().map(|name| format!("'{name}'")).collect();
        let text = format!("argument +formatter: invalid choice: '{word}' (choose from {})", choices.join(", "));
        return Err(wrong(&text));
    }
    Form::of(word).ok_or_else(|| Trouble::Gap(format!("{NAME} +formatter {word}")))
}

fn wrong(text: &str) -> Trouble {
    Trouble::Wrong(format!("{}{NAME}: error: {text}\n", usage()))
}

fn usage() -> String {
    let mut text = format!("usage: {NAME}");
    let mut column = text.len();
    for (name, value, _) in OPTIONS {
        let word = value.map_or_else(|| format!(" [{name}]"), |value| format!(" [{name} {value}]"));
        if column + word.len() > 78 {
            text.push_str("\n           ");
            column = 11;
        }
        column += word.len();
        text.push_str(&word);
    }
    text + "\n            [args [args ...]]\n"
}

/// What `--help` tells.
pub fn help(formatters: &[&str]) -> String {
    let mut text = format!(
        "{}\nVMware Datacenter Command Line Interface\n\npositional arguments:\n  args                  CLI command\n\n\
         optional arguments:\n  -h, --help            show this help message and exit\n",
        usage()
    );
    for (name, value, about) in OPTIONS {
        let name = match value {
            Some("FORMATTER") => format!("{name} {{{}}}", formatters.join(",")),
            Some(value) => format!("{name} {value}"),
            None => name.to_owned(),
        };
        let gap = if name.len() > 20 { format!("\n{:24}", "") } else { " ".repeat(22 - name.len()) };
        text.push_str(&format!("  {name}{gap}{about}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::vcsa::series::Series;

    fn typed(line: &str) -> Result<Wish, Trouble> {
        let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        read(&words, Series::of("8.0").dcli_formatters)
    }

    #[test]
    fn words_and_options_are_told_apart() {
        let check = |line: &str, user: Option<&str>, call: &str, arguments: usize| {
            let wish = typed(line).expect("it is well typed");
            let Order::Call(found, rest) = &wish.order else { panic!("{line}: {:?}", wish.order) };
            assert_eq!((wish.user.as_deref(), found.as_str(), rest.len()), (user, call, arguments), "{line}");
        };
        check("com vmware appliance system version get", None, "system version get", 0);
        check("+user a@b com vmware appliance access ssh set --enabled true", Some("a@b"), "access ssh set", 2);
        check("com vmware vcenter vm list +skip", None, "com vmware vcenter vm list", 0);
        check("+username=a@b com vmware appliance update get", Some("a@b"), "update get", 0);
    }

    #[test]
    fn orders_stand_alone() {
        let check = |line: &str, expect: Order| assert_eq!(typed(line).map(|wish| wish.order), Ok(expect), "{line}");
        check("", Order::Nothing);
        check("--help", Order::Help);
        check("+int", Order::Interactive);
        check("+credstore-l", Order::Saved);
        check("+credstore-remove +username a@b", Order::Forget);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |line: &str, expect: &str| match typed(line) {
            Err(Trouble::Wrong(text)) => assert!(text.ends_with(&format!("dcli: error: {expect}\n")), "{text}"),
            other => panic!("{line}: {other:?}"),
        };
        check("+nothing", "unrecognized arguments: +nothing");
        check("+s", "ambiguous option: +s could match +server, +skip-server-verification");
        check("+username", "argument +username: expected one argument");
        check(
            "+formatter pdf",
            "argument +formatter: invalid choice: 'pdf' (choose from 'simple', 'table', 'xml', 'json', 'html', 'csv', 'yaml')",
        );
        assert_eq!(typed("+formatter xml"), Err(Trouble::Gap("dcli +formatter xml".to_owned())));
    }
}
