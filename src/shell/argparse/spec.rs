//! How a parser is declared: plain constants, put together by small `const` functions in the words of Python's `argparse`.
//!
//! Source of truth: the keyword arguments of `ArgumentParser`, `add_argument`, `add_subparsers` and `add_parser`. Order matters as it
//! does there: usage, help and error texts list arguments in the order in which they were declared.

/// One parser: a whole tool, or one of its subcommands.
#[derive(Clone, Debug)]
pub struct Parser {
    pub(super) name: &'static str,
    pub(super) prog: Option<&'static str>,
    pub(super) aliases: &'static [&'static str],
    pub(super) help: Option<&'static str>,
    pub(super) usage: Option<&'static str>,
    pub(super) description: Option<&'static str>,
    pub(super) epilog: Option<&'static str>,
    pub(super) arguments: &'static [Argument],
    pub(super) sections: &'static [Section],
    pub(super) exclusive: &'static [Exclusive],
    pub(super) layout: Layout,
    pub(super) add_help: bool,
    pub(super) allow_abbrev: bool,
    pub(super) unicode_literals: bool,
}

impl Parser {
    /// A parser called `name`: the program's name or, within [`Argument::subcommands`], the word that chooses it.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            prog: None,
            aliases: &[],
            help: None,
            usage: None,
            description: None,
            epilog: None,
            arguments: &[],
            sections: &[],
            exclusive: &[],
            layout: Layout::Wrapped,
            add_help: true,
            allow_abbrev: true,
            unicode_literals: false,
        }
    }

    /// The program name shown instead of the one made of the words so far.
    pub const fn prog(mut self, prog: &'static str) -> Self {
        self.prog = Some(prog);
        self
    }

    /// Other words which choose this subcommand (Python 3 only).
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The line about this subcommand in its parent's help; without it the subcommand is not listed there.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// A usage line of its own, in which `%(prog)s` stands for the program's name.
    pub const fn usage(mut self, usage: &'static str) -> Self {
        self.usage = Some(usage);
        self
    }

    /// The text between usage and arguments.
    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// The text after the arguments.
    pub const fn epilog(mut self, epilog: &'static str) -> Self {
        self.epilog = Some(epilog);
        self
    }

    /// What it takes, in the order of declaration; `-h, --help` comes before them by itself.
    pub const fn arguments(mut self, arguments: &'static [Argument]) -> Self {
        self.arguments = arguments;
        self
    }

    /// Headings beside the two usual ones; arguments join one by its title.
    pub const fn sections(mut self, sections: &'static [Section]) -> Self {
        self.sections = sections;
        self
    }

    /// Groups of which at most one member may be given; arguments join one by its name.
    pub const fn exclusive(mut self, groups: &'static [Exclusive]) -> Self {
        self.exclusive = groups;
        self
    }

    /// The `formatter_class`; subcommands do not inherit it.
    pub const fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// `add_help=False`.
    pub const fn without_help(mut self) -> Self {
        self.add_help = false;
        self
    }

    /// `allow_abbrev=False`: long options only in full (Python 3 only).
    pub const fn without_abbreviations(mut self) -> Self {
        self.allow_abbrev = false;
        self
    }

    /// The source has unicode literals, so that Python 2 shows choices as `u'…'`.
    pub const fn unicode_literals(mut self) -> Self {
        self.unicode_literals = true;
        self
    }
}

/// One option, flag, positional or set of subcommands.
#[derive(Debug)]
pub struct Argument {
    pub(super) names: &'static [&'static str],
    pub(super) dest: Option<&'static str>,
    pub(super) action: Action,
    pub(super) nargs: Nargs,
    pub(super) kind: Kind,
    pub(super) choices: &'static [&'static str],
    pub(super) default: Option<&'static str>,
    pub(super) constant: Option<&'static str>,
    pub(super) required: bool,
    pub(super) hidden: bool,
    pub(super) help: Option<&'static str>,
    pub(super) metavar: Metavar,
    pub(super) section: Option<&'static str>,
    pub(super) exclusive: Option<&'static str>,
}

/// What happens when an argument is met.
#[derive(Debug)]
pub(super) enum Action {
    Store,
    Append,
    SetTrue,
    SetFalse,
    SetConst,
    Count,
    Help,
    Version(&'static str),
    Subcommands(&'static [Parser]),
}

/// How values are named in usage and help.
#[derive(Debug)]
pub(super) enum Metavar {
    FromDest,
    One(&'static str),
    Each(&'static [&'static str]),
}

impl Argument {
    const fn base(names: &'static [&'static str], action: Action) -> Self {
        Self {
            names,
            dest: None,
            action,
            nargs: Nargs::One,
            kind: Kind::Str,
            choices: &[],
            default: None,
            constant: None,
            required: false,
            hidden: false,
            help: None,
            metavar: Metavar::FromDest,
            section: None,
            exclusive: None,
        }
    }

    /// An option that takes a value; `names` are its option strings.
    pub const fn option(names: &'static [&'static str]) -> Self {
        Self::base(names, Action::Store)
    }

    /// An option which may be given several times, each adding its value (`append`).
    pub const fn append(names: &'static [&'static str]) -> Self {
        Self::base(names, Action::Append)
    }

    /// A flag, false until given (`store_true`).
    pub const fn flag(names: &'static [&'static str]) -> Self {
        Self::base(names, Action::SetTrue).nargs(Nargs::Exactly(0))
    }

    /// A flag, true until given (`store_false`).
    pub const fn inverted_flag(names: &'static [&'static str]) -> Self {
        Self::base(names, Action::SetFalse).nargs(Nargs::Exactly(0))
    }

    /// A flag that sets its destination to `value` (`store_const`).
    pub const fn constant_flag(names: &'static [&'static str], value: &'static str) -> Self {
        Self::base(names, Action::SetConst).nargs(Nargs::Exactly(0)).constant(value)
    }

    /// A flag that counts how often it is given (`count`).
    pub const fn count(names: &'static [&'static str]) -> Self {
        Self::base(names, Action::Count).nargs(Nargs::Exactly(0)).kind(Kind::Int)
    }

    /// A flag that prints `text` and ends the program; `%(prog)s` stands for the program's name.
    pub const fn version(names: &'static [&'static str], text: &'static str) -> Self {
        Self::base(names, Action::Version(text)).nargs(Nargs::Exactly(0)).help("show program's version number and exit")
    }

    /// A further flag like `-h`, for parsers that name it otherwise.
    pub const fn help_flag(names: &'static [&'static str]) -> Self {
        Self::base(names, Action::Help).nargs(Nargs::Exactly(0))
    }

    /// A word recognized by its place.
    pub const fn positional(dest: &'static str) -> Self {
        Self::base(&[], Action::Store).dest(dest)
    }

    /// A word that chooses one of `parsers`, which takes the words after it. A title or description of `add_subparsers` is a
    /// [`Section`] here.
    pub const fn subcommands(parsers: &'static [Parser]) -> Self {
        Self::base(&[], Action::Subcommands(parsers))
    }

    /// The name under which the value is kept; else the first long option string or the first at all.
    pub const fn dest(mut self, dest: &'static str) -> Self {
        self.dest = Some(dest);
        self
    }

    /// How many words it takes.
    pub const fn nargs(mut self, nargs: Nargs) -> Self {
        self.nargs = nargs;
        self
    }

    /// What its words must be.
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The only words allowed.
    pub const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// Its value unless given; a number where the kind is one.
    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// Its value when given without one ([`Nargs::Optional`] options).
    pub const fn constant(mut self, constant: &'static str) -> Self {
        self.constant = Some(constant);
        self
    }

    /// It must be given (options and, on Python 3, subcommands; positionals know by themselves).
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// `help=SUPPRESS`: neither usage nor help shows it.
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Its help text, with `%(default)s`, `%(prog)s`, `%(choices)s` and the like.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// The name of its value in usage and help.
    pub const fn metavar(mut self, metavar: &'static str) -> Self {
        self.metavar = Metavar::One(metavar);
        self
    }

    /// The names of its values, one each, in usage and help.
    pub const fn metavars(mut self, metavars: &'static [&'static str]) -> Self {
        self.metavar = Metavar::Each(metavars);
        self
    }

    /// The title of the [`Section`] in which help lists it.
    pub const fn section(mut self, title: &'static str) -> Self {
        self.section = Some(title);
        self
    }

    /// The name of the [`Exclusive`] group it belongs to.
    pub const fn exclusive(mut self, group: &'static str) -> Self {
        self.exclusive = Some(group);
        self
    }
}

/// How many words an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nargs {
    /// One word, kept as such.
    One,
    /// `?`: one or none.
    Optional,
    /// `*`: any number.
    Any,
    /// `+`: at least one.
    Several,
    /// That many, kept as a list.
    Exactly(usize),
    /// `...`: all words left, options too.
    Remainder,
}

/// What the words of an argument must be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Str,
    /// What Python's `int` takes.
    Int,
    /// What Python's `float` takes; choices of floats are not modelled.
    Float,
    /// A function of the tool: its name, and its verdict on a word. `Err(None)` is a `ValueError`, `Err(Some(text))` an
    /// `ArgumentTypeError` with that text.
    Custom(&'static str, fn(&str) -> Result<(), Option<String>>),
}

/// A heading of its own in the help text (`add_argument_group`).
#[derive(Debug)]
pub struct Section {
    pub(super) title: &'static str,
    pub(super) description: Option<&'static str>,
}

impl Section {
    /// A section called `title`.
    pub const fn new(title: &'static str) -> Self {
        Self { title, description: None }
    }

    /// The text below the heading.
    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }
}

/// A mutually exclusive group. The name only ties the members to it and is never shown.
#[derive(Debug)]
pub struct Exclusive {
    pub(super) name: &'static str,
    pub(super) required: bool,
}

impl Exclusive {
    /// At most one of the members.
    pub const fn new(name: &'static str) -> Self {
        Self { name, required: false }
    }

    /// Exactly one of the members.
    pub const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }
}

/// The `formatter_class` of a parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `HelpFormatter`: all text is filled to the width.
    Wrapped,
    /// `RawDescriptionHelpFormatter`: descriptions and epilog keep their lines.
    RawDescription,
    /// `RawTextHelpFormatter`: all text keeps its lines.
    RawText,
    /// `ArgumentDefaultsHelpFormatter`: filled, with ` (default: …)` added to help texts.
    Defaults,
}
