//! The versions of bash, and what came with which, as its file NEWS tells. Each machine has its own: what a shell is too old for
//! is read as that version would have read it. Everything that differs stands here by name; who asks, asks
//! [`Version::has`].

/// A version of bash: its major and its minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

/// What a version brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature(Version);

macro_rules! features {
    ($($major:literal, $minor:literal { $($(#[$meaning:meta])+ $name:ident,)+ })+) => {
        impl Feature {
            $($($(#[$meaning])+ pub const $name: Self = Self(Version($major, $minor));)+)+
        }
    };
}

features! {
    2, 0 {
        /// `(( … ))` where a command may stand.
        ARITHMETIC_COMMAND,
    }
    4, 0 {
        /// `|&`
        PIPE_BOTH,
        /// `&>>`
        APPEND_BOTH,
        /// `;&` and `;;&` behind an arm of `case`.
        FALL_THROUGH,
        /// The reserved word `coproc`.
        COPROC,
        /// `declare -A`.
        ASSOCIATIVE_ARRAYS,
        /// `${x^^}`, `${x,,}`, `declare -l` and `-u`.
        CASE_OF_LETTERS,
        /// `{01..10}` keeps its zeros, `{1..10..3}` has a step.
        SEQUENCES,
        /// The builtins `mapfile`, `readarray` and `compopt`.
        MAPFILE,
        /// `BASHPID`, `BASH_ALIASES`, `BASH_CMDS`.
        OWN_PID,
        /// `read -i`, fractions of a second for `read -t`, its status above 128 when that is over.
        READ_FOR_A_MOMENT,
        /// `command_not_found_handle` is called.
        NOT_FOUND_HANDLE,
        /// A warning where a here-document ends with the text.
        WARNS_OF_OPEN_DOCUMENT,
    }
    4, 1 {
        /// `exec {name}>file` chooses a descriptor.
        NAMED_DESCRIPTORS,
        /// `read -N`.
        READ_EXACTLY,
        /// `BASHOPTS`.
        BASHOPTS,
    }
    4, 2 {
        /// `[[ -v name ]]`, `test -v`.
        IS_SET,
        /// `${a[-1]}`
        FROM_THE_END,
        /// `${x:1:-1}`
        NEGATIVE_LENGTH,
        /// `declare -g`.
        GLOBAL,
        /// `printf '%(…)T'`
        PRINTF_TIME,
        /// `cd -e`.
        CD_CHECKS,
    }
    4, 3 {
        /// `declare -n`, `unset -n`, `[[ -R name ]]`.
        REFERENCES,
        /// `a[-1]=`, `unset 'a[-1]'`.
        ASSIGNED_FROM_THE_END,
        /// `wait -n`.
        WAIT_FOR_NEXT,
        /// `cd -@`.
        CD_ATTRIBUTES,
    }
    4, 4 {
        /// `${x@Q}`, `@E`, `@P`, `@A`, `@a`.
        TRANSFORMS,
        /// `mapfile -d`.
        MAPFILE_DELIMITER,
        /// `local -`.
        LOCAL_OPTIONS,
        /// `--help` of builtins.
        HELP_OF_BUILTINS,
        /// `PS0`.
        PS0,
    }
    5, 0 {
        /// `BASH_ARGV0`, `EPOCHSECONDS`, `EPOCHREALTIME`.
        EPOCH,
        /// `wait -f`.
        WAIT_FOR_END,
        /// A text that ends within a command ends the shell that reads it.
        END_OF_INPUT_ENDS,
    }
    5, 1 {
        /// `${x@U}`, `@u`, `@L`, `@K`.
        CASE_TRANSFORMS,
        /// `wait -p`.
        WAIT_NAMES,
        /// `SRANDOM`.
        SRANDOM,
        /// `declare -I`.
        INHERITED,
        /// The first line of `bash -c` is line 1.
        COUNTS_FROM_ONE,
        /// `ulimit -R`, and the list of `ulimit -a` in its wider columns.
        REAL_TIME_LIMIT,
    }
    5, 2 {
        /// `${x@k}`
        KEYS_TRANSFORM,
        /// Substitutions within a word are kept in bash's own layout.
        REWRITES,
        /// An open quote is told alone.
        OPEN_QUOTE_ALONE,
        /// What is wrong in `[[ … ]]` is told alone, without the word at which reading stopped (when this came is inferred).
        CONDITION_ALONE,
    }
}

impl Version {
    /// The one that all is compared with.
    pub const NEWEST: Self = Self(5, 2);

    /// A shell that is no bash, and has nothing that came with a version of it.
    pub const NONE: Self = Self(0, 0);

    /// The oldest that is told apart.
    pub const OLDEST: Self = Self(3, 2);

    /// That of `4.4.20(1)-release`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut numbers = text.split('.').map(|number| number.parse().unwrap_or(0));
        Self(numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }

    /// Whether it can do this.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        self >= feature.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_what_came_before_it() {
        let (sles, rhel) = (Version::of("3.2.51(1)-release"), Version::of("4.4.20(1)-release"));
        assert_eq!((sles, rhel), (Version(3, 2), Version(4, 4)));
        assert!(!sles.has(Feature::PIPE_BOTH) && rhel.has(Feature::PIPE_BOTH));
        assert!(rhel.has(Feature::TRANSFORMS) && !rhel.has(Feature::EPOCH) && Version::NEWEST.has(Feature::REWRITES));
    }
}
