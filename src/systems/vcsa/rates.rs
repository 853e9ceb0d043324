//! How long things take on an appliance: lab data, calibrated on the founding run and the captures.
//!
//! The captures of 6.0 give sums only: 143 packages of about 1.37 GB (inferred sizes) are copied from a desktop in 506 s, from
//! a datastore in 117 s, and upgraded in 442 s; 24 packages are downloaded in 9 s. How a sum splits into packages and bytes is
//! inferred: bytes carry most of a slow copy, each package costs the tool about as much from one drive as from another.
//! Those of later lines: 205 packages of 6.5 (copied in 15 s, tested in 13, upgraded in 246, 62 behind them) and 112 of 6.7
//! (44, 14, 203, 15, with 375 before them); what the small patches of 6.5 took fits within a few seconds. 7.0 and 8.0 are
//! those of 6.7, inferred.

use serde::{Deserialize, Serialize};

use crate::vm::ReadRate;

/// How long things take on this appliance. Lab data; those of 6.0 reproduce the founding run to 6.0 U1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Copying from a disc on the admin's desktop.
    pub client: ReadRate,
    /// Copying from a disc on a datastore.
    pub datastore: ReadRate,
    /// Downloading from a repository.
    pub url: ReadRate,
    /// Milliseconds that looking at one package's metadata takes.
    pub metadata_ms: u64,
    /// Milliseconds of the test transaction, for each package.
    pub test_ms: u64,
    /// Milliseconds of the upgrade, for each package.
    pub upgrade_ms: u64,
    /// Bytes a second that the upgrade unpacks, on top.
    pub unpack_bytes_per_sec: u64,
    /// Milliseconds of the post-install script, for each hundred packages or part of it.
    pub post_install_ms: u64,
    /// Milliseconds that it takes more for each whole hundred.
    pub post_hundred_ms: u64,
    /// Seconds that the pre-install script takes when the services have stopped.
    pub pre_install_secs: u64,
    /// Seconds from power on to the first ping answer.
    pub network_secs: u64,
    /// Seconds from the first ping answer to the first login.
    pub login_secs: u64,
    /// Seconds an orderly shutdown takes beyond stopping the services.
    pub halt_secs: u64,
}

impl Rates {
    /// Those of 6.0.
    pub const V6_0: Self = Self {
        client: ReadRate { per_file_ms: 335, bytes_per_sec: 3_000_000, connect_ms: 4_000 },
        datastore: ReadRate { per_file_ms: 335, bytes_per_sec: 20_000_000, connect_ms: 400 },
        url: ReadRate { per_file_ms: 130, bytes_per_sec: 40_000_000, connect_ms: 0 },
        metadata_ms: 2,
        test_ms: 69,
        upgrade_ms: 2_125,
        unpack_bytes_per_sec: 10_000_000,
        post_install_ms: 500,
        post_hundred_ms: 0,
        pre_install_secs: 0,
        network_secs: 28,
        login_secs: 17,
        halt_secs: 6,
    };

    /// Those of 6.5.
    pub const V6_5: Self = Self {
        datastore: ReadRate { per_file_ms: 20, bytes_per_sec: 190_000_000, connect_ms: 400 },
        test_ms: 62,
        upgrade_ms: 700,
        unpack_bytes_per_sec: 20_000_000,
        post_hundred_ms: 30_000,
        ..Self::V6_0
    };

    /// Those of 6.7 and later.
    pub const V6_7: Self = Self {
        datastore: ReadRate { per_file_ms: 20, bytes_per_sec: 43_000_000, connect_ms: 400 },
        test_ms: 120,
        upgrade_ms: 1_010,
        unpack_bytes_per_sec: 20_000_000,
        post_hundred_ms: 14_000,
        pre_install_secs: 256,
        ..Self::V6_0
    };

    /// These, with what a lab file changes of them.
    ///
    /// # Errors
    /// What is no rate, or out of bounds.
    pub fn with(&self, changes: &toml::Table) -> Result<Self, String> {
        let mut all = toml::Table::try_from(self).map_err(|error| format!("rates: {error}"))?;
        all.extend(changes.clone());
        let rates: Self = all.try_into().map_err(|error: toml::de::Error| format!("rates: {}", error.message()))?;
        rates.check()?;
        Ok(rates)
    }

    /// Makes sure that no span computed from these rates leaves the calendar.
    ///
    /// # Errors
    /// Which rate is out of bounds.
    fn check(&self) -> Result<(), String> {
        const DAY_MS: u64 = 86_400_000;
        let reads = [("client", &self.client), ("datastore", &self.datastore), ("url", &self.url)];
        for (name, rate) in reads {
            if rate.per_file_ms > DAY_MS || rate.connect_ms > DAY_MS || rate.bytes_per_sec == 0 {
                return Err(format!("rates.{name}: at most a day a file and to connect, at least a byte a second"));
            }
        }
        let spans = [
            ("metadata_ms", self.metadata_ms),
            ("test_ms", self.test_ms),
            ("upgrade_ms", self.upgrade_ms),
            ("post_install_ms", self.post_install_ms),
            ("post_hundred_ms", self.post_hundred_ms),
            ("pre_install_secs", self.pre_install_secs.saturating_mul(1_000)),
            ("network_secs", self.network_secs.saturating_mul(1_000)),
            ("login_secs", self.login_secs.saturating_mul(1_000)),
            ("halt_secs", self.halt_secs.saturating_mul(1_000)),
        ];
        match spans.iter().find(|(_, millis)| *millis > DAY_MS) {
            Some((name, _)) => Err(format!("rates.{name}: more than a day")),
            None if self.unpack_bytes_per_sec == 0 => Err("rates.unpack_bytes_per_sec: at least 1".to_owned()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_changes_what_it_names_and_nothing_else() {
        let check = |text: &str, expect: Result<u64, &str>| {
            let changes: toml::Table = text.parse().expect("good TOML");
            match (Rates::V6_7.with(&changes), expect) {
                (Ok(rates), Ok(test_ms)) => {
                    assert_eq!(rates, Rates { test_ms, ..Rates::V6_7 }, "{text}");
                }
                (found, Err(why)) => assert!(found.is_err_and(|error| error.contains(why)), "{text}"),
                (Err(error), Ok(_)) => panic!("{text}: {error}"),
            }
        };
        check("", Ok(120));
        check("test_ms = 7", Ok(7));
        check("tset_ms = 7", Err("unknown field"));
        check("test_ms = -7", Err("invalid value"));
        check("test_ms = 86400001", Err("more than a day"));
        check("client = { per_file_ms = 1, bytes_per_sec = 0, connect_ms = 1 }", Err("at least a byte"));
    }
}
