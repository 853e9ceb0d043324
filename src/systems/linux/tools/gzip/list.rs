//! `gzip -l`: sizes and ratios of compressed files.

use super::{FRAME, Gzip, MAGIC, Trouble, ratio};
use crate::systems::linux::clock;
use crate::systems::linux::fs::Inode;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;

impl Gzip {
    /// `-l`: sizes and ratio.
    pub(super) async fn list_stream(
        &mut self,
        p: &mut Proc,
        fd: u32,
        name: &str,
        inode: Option<&Inode>,
    ) -> Result<(), Cut> {
        let mut all = p.read_all(fd).await?;
        if !all.starts_with(&MAGIC) || all.len() < 18 {
            return self.tell(p, if fd == 0 { "stdin" } else { name }, Trouble::NotGzip).await;
        }
        let tail = all.split_off(all.len() - 8);
        let number = |at: usize| u32::from_le_bytes([tail[at], tail[at + 1], tail[at + 2], tail[at + 3]]);
        let (crc, whole) = (number(0), u64::from(number(4)));
        let packed = all.len() as u64 + 8;
        // The name in the header does not count.
        let named =
            if all[3] & 8 != 0 { all[10..].iter().position(|byte| *byte == 0).map_or(0, |end| end + 1) } else { 0 };
        self.header = (FRAME + named as u64).min(packed);
        let share = ratio(whole, packed - self.header);
        let front = match (self.verbose, inode) {
            (false, _) => String::new(),
            (true, inode) => {
                let at = inode.map_or_else(|| p.now(), |inode| inode.mtime);
                let zone = p.peek(|linux| linux.zone.clone());
                let date = clock::format("%b %e %H:%M", at.utc().unix_timestamp(), 0, &zone);
                format!("defla {crc:08x} {date} ")
            }
        };
        if self.listed == 0 && !self.quiet {
            let front = if self.verbose { "method  crc     date  time  " } else { "" };
            p.out(&format!("{front}{:>19} {:>19}  ratio uncompressed_name\n", "compressed", "uncompressed")).await?;
        }
        self.listed += 1;
        self.totals = (self.totals.0 + packed, self.totals.1 + whole);
        p.out(&format!("{front}{}\n", row(packed, whole, share, name))).await
    }
}

/// A line of the list.
pub(super) fn row(packed: u64, whole: u64, ratio: String, name: &str) -> String {
    format!("{packed:>19} {whole:>19} {ratio} {name}")
}
