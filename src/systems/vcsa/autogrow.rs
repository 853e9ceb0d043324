//! The two programs of the root shell that let partitions take what their disks have gained: `vpxd_servicecfg storage lvm
//! autogrow` on 6.0, `autogrow.sh` from 6.5 on. What they do is that of `system.storage.resize`.
//!
//! That these are the programs, and the result that the first one prints, is from memory; what else they print is not known.

use super::api::disks;
use crate::shell::{Evidence, Grade};
use crate::systems::linux::proc::{Ended, Proc};

/// How well they are known.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        what: "vpxd_servicecfg storage lvm autogrow",
        releases: "6.0",
        grade: Grade::Inferred,
        source: "the procedure of the vendor, from memory",
    },
    Evidence { what: "vpxd_servicecfg: all else", releases: "6.0", grade: Grade::NotModelled, source: "" },
    Evidence {
        what: "autogrow.sh: what it does; it prints nothing, which is a guess",
        releases: "6.5 to 8.0",
        grade: Grade::Inferred,
        source: "the procedure of the vendor, from memory",
    },
];

/// `vpxd_servicecfg`
///
/// # Errors
/// [`crate::systems::linux::io::Cut`]
pub async fn vpxd_servicecfg(p: &mut Proc, arguments: &[String]) -> Ended {
    if arguments != ["storage", "lvm", "autogrow"] {
        return p.gap(format!("vpxd_servicecfg {}", arguments.join(" ")).trim_end());
    }
    if !p.cred.is_root() {
        return p.gap("vpxd_servicecfg for others than root");
    }
    p.world(disks::resize);
    p.inferred();
    p.out("VC_CFG_RESULT=0\n").await?;
    Ok(0)
}

/// `autogrow.sh`
///
/// # Errors
/// None; programs can return it.
pub async fn autogrow(p: &mut Proc, _: &[String]) -> Ended {
    if !p.cred.is_root() {
        return p.gap("autogrow.sh for others than root");
    }
    p.world(disks::resize);
    p.inferred();
    Ok(0)
}
