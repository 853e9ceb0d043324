//! What a fault is, for every family: a named rule with what it says and how often it strikes.

/// The fault point at which a disc stays in `connecting`; it belongs to the drive of any machine.
pub const DISC_CONNECT: &str = "disc.connect";

/// A fault that can be put into a lab.
pub struct Fault {
    /// Its name in `%fault add`.
    pub name: &'static str,
    /// What goes wrong.
    pub about: &'static str,
    /// The point at which it is asked for.
    pub point: &'static str,
    /// How often.
    pub lasts: Lasts,
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// At one asking, for an object that can be named.
    Once(Option<&'static str>),
    /// At every asking, for an object that can be named.
    EachTime(Option<&'static str>),
    /// As long as it is set.
    WhileSet,
}

impl Fault {
    /// What its object is; none when it takes none.
    #[must_use]
    pub fn object(&self) -> Option<&'static str> {
        match self.lasts {
            Lasts::Once(object) | Lasts::EachTime(object) => object,
            Lasts::WhileSet => None,
        }
    }
}
