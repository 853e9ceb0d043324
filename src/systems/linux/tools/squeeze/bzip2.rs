//! What `bzip2` says of how it is called, and of a stream that is no good (bzip2.c of 1.0.6).

use super::{Form, Trouble};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::fs::Errno;
use crate::systems::linux::io::Cut;
use crate::systems::linux::proc::Proc;

/// How it is called.
///
/// # Errors
/// [`Cut`]
pub async fn usage(p: &mut Proc) -> Result<(), Cut> {
    let suse = p.peek(|linux| linux.distro.vendor == Vendor::Suse);
    let version = if suse { "1.0.5, 10-Dec-2007" } else { "1.0.6, 6-Sept-2010" };
    let program = p.name.clone();
    let text = format!(
        "bzip2, a block-sorting file compressor.  Version {version}.

   usage: {program} [flags and input files in any order]

   -h --help           print this message
   -d --decompress     force decompression
   -z --compress       force compression
   -k --keep           keep (don't delete) input files
   -f --force          overwrite existing output files
   -t --test           test compressed file integrity
   -c --stdout         output to standard out
   -q --quiet          suppress noncritical error messages
   -v --verbose        be verbose (a 2nd -v gives more)
   -L --license        display software version & license
   -V --version        display software version & license
   -s --small          use less memory (at most 2500k)
   -1 .. -9            set block size to 100k .. 900k
   --fast              alias for -1
   --best              alias for -9

   If invoked as `bzip2', default action is to compress.
              as `bunzip2',  default action is to decompress.
              as `bzcat', default action is to decompress to stdout.

   If no file names are given, bzip2 compresses or decompresses
   from standard input to standard output.  You can combine
   short flags, so `-v -4' means the same as -v4 or -4v, &c.

",
    );
    p.err(&text).await
}

/// What it says where it ends because of a stream from `input` to `output`.
#[must_use]
pub fn gave_up(program: &str, (input, output): (&str, &str), trouble: Trouble, quiet: bool) -> String {
    if quiet && trouble == Trouble::Short {
        return String::new();
    }
    let mut text = format!("\n{program}: {}\n", Form::Bzip2.complaint(trouble, input));
    if trouble == Trouble::Short {
        // The error is that of another call, long ago.
        let errno = if output == "(stdout)" { Errno::Notty } else { Errno::Noent };
        text += &format!("{program}: {}\n", errno.text());
    }
    text += &format!("\tInput file = {input}, output file = {output}\n");
    if !quiet {
        text += ADVICE;
        text += RECOVER;
    }
    text
}

/// What may be done about it.
pub const RECOVER: &str = "
You can use the `bzip2recover' program to attempt to recover
data from undamaged sections of corrupted files.

";

/// What it suspects when it gives up.
const ADVICE: &str = "
It is possible that the compressed file(s) have become corrupted.
You can use the -tvv option to test integrity of such files.
";
