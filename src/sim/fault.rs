//! Fault rules: what shall go wrong, where, and how often. A model asks at named points ("this service starts now")
//! whether a rule strikes; commands do not know of faults.

use serde::{Deserialize, Serialize};

/// A fault that someone put into the lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// A number by which the rule can be taken out again.
    pub id: u32,
    /// The point at which it strikes, by its name in the catalogue (`service.start`).
    pub point: String,
    /// The machine it is for.
    pub machine: String,
    /// The object at that point (a service, a package); any when absent.
    pub object: Option<String>,
    /// How many askings pass before the rule strikes.
    pub passes: u32,
    /// How many times it still strikes; for ever when absent.
    pub times: Option<u32>,
}

impl Rule {
    fn applies(&self, machine: &str, point: &str, object: &str) -> bool {
        self.point == point && self.machine == machine && self.object.as_deref().is_none_or(|wanted| wanted == object)
    }
}

/// The rules in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    rules: Vec<Rule>,
    last_id: u32,
}

impl Faults {
    /// Adds a rule and returns its number. `rule.id` is given here.
    pub fn add(&mut self, mut rule: Rule) -> u32 {
        self.last_id += 1;
        rule.id = self.last_id;
        self.rules.push(rule);
        self.last_id
    }

    /// Takes out the rule with number `id`, or all of them.
    pub fn clear(&mut self, id: Option<u32>) -> Vec<Rule> {
        let (gone, kept) =
            std::mem::take(&mut self.rules).into_iter().partition(|rule| id.is_none_or(|id| rule.id == id));
        self.rules = kept;
        gone
    }

    /// The rules in the order in which they were added.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Asks whether a fault strikes `object` at `point`. Every rule that applies counts the asking; one that has let its
    /// passes by strikes, and is taken out once it has struck as often as it should.
    pub fn strike(&mut self, machine: &str, point: &str, object: &str) -> bool {
        let mut struck = false;
        for rule in self.rules.iter_mut().filter(|rule| rule.applies(machine, point, object)) {
            if rule.passes > 0 {
                rule.passes -= 1;
                continue;
            }
            struck = true;
            if let Some(times) = &mut rule.times {
                *times -= 1;
            }
        }
        self.rules.retain(|rule| rule.times != Some(0));
        struck
    }

    /// Whether a rule of this point stands for the machine: for faults that last as long as their rule.
    #[must_use]
    pub fn holds(&self, machine: &str, point: &str) -> bool {
        self.rules.iter().any(|rule| rule.machine == machine && rule.point == point)
    }

    /// Takes out all rules of a point for a machine: what they stood for was put right.
    pub fn settle(&mut self, machine: &str, point: &str) {
        self.rules.retain(|rule| rule.machine != machine || rule.point != point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(object: Option<&str>, passes: u32, times: Option<u32>) -> Rule {
        Rule {
            id: 0,
            point: "service.start".into(),
            machine: "vcsa01".into(),
            object: object.map(Into::into),
            passes,
            times,
        }
    }

    #[test]
    fn a_rule_strikes_its_object_after_its_passes_and_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.add(rule(Some("vpxd"), 1, Some(2)));
        assert!(!faults.strike("vcsa01", "service.start", "eam"));
        assert!(!faults.strike("vcsa02", "service.start", "vpxd"));
        let struck: Vec<bool> = (0..4).map(|_| faults.strike("vcsa01", "service.start", "vpxd")).collect();
        assert_eq!(struck, [false, true, true, false]);
    }

    #[test]
    fn a_rule_that_waits_hides_no_other() {
        let mut faults = Faults::default();
        faults.add(rule(None, 100, None));
        faults.add(rule(Some("vpxd"), 0, Some(1)));
        assert!(faults.strike("vcsa01", "service.start", "vpxd"));
        assert_eq!(faults.rules().len(), 1, "a rule that has struck for the last time is gone");
        assert!(faults.holds("vcsa01", "service.start"));
        faults.settle("vcsa01", "service.start");
        assert!(!faults.holds("vcsa01", "service.start"));
    }

    #[test]
    fn rules_are_taken_out_by_number() {
        let mut faults = Faults::default();
        let first = faults.add(rule(None, 0, None));
        faults.add(rule(Some("eam"), 0, None));
        assert_eq!(faults.clear(Some(first)).len(), 1);
        assert_eq!(faults.rules().len(), 1);
        assert_eq!(faults.clear(Some(99)).len(), 0);
        assert_eq!(faults.clear(None).len(), 1);
    }
}
