//! What an installation has around the daemon of cron: tables, directories, and the scripts that run what lies in these. The texts
//! are our own; keys, values and what the scripts write in the log are the distribution's (cronie, crontabs).

use crate::systems::linux::distro::{Distro, Vendor};

/// Directories for jobs.
pub(super) fn directories(distro: &Distro) -> &'static [(&'static str, u16)] {
    match distro.vendor {
        Vendor::RedHat => &[
            ("/etc/cron.daily", 0o755),
            ("/etc/cron.hourly", 0o755),
            ("/etc/cron.monthly", 0o755),
            ("/etc/cron.weekly", 0o755),
        ],
        Vendor::Suse => &[("/var/spool/cron/tabs", 0o700)],
        Vendor::Photon | Vendor::Esxi => &[],
    }
}

/// The files: path, bits, text.
pub(super) fn texts(distro: &Distro) -> Vec<(&'static str, u16, String)> {
    if distro.vendor != Vendor::RedHat {
        return Vec::new();
    }
    let tell = |word: &str| match distro.major {
        ..=7 => format!("logger -p cron.notice -t \"run-parts($1)[$$]\" \"{word} ${{i##*/}}\""),
        _ => format!("logger -p cron.notice -t \"run-parts[$$]\" \"($1) {word} ${{i##*/}}\""),
    };
    let run_parts = RUN_PARTS.replace("STARTING", &tell("starting")).replace("FINISHED", &tell("finished"));
    vec![
        ("/etc/cron.deny", 0o600, String::new()),
        ("/etc/cron.d/0hourly", 0o644, HOURLY.to_owned()),
        ("/etc/cron.hourly/0anacron", 0o755, ANACRON.to_owned()),
        ("/etc/anacrontab", 0o644, ANACRONTAB.to_owned()),
        ("/usr/bin/run-parts", 0o755, run_parts),
    ]
}

const HOURLY: &str = "\
# What lies in /etc/cron.hourly, each hour.
SHELL=/bin/bash
PATH=/sbin:/bin:/usr/sbin:/usr/bin
MAILTO=root
01 * * * * root run-parts /etc/cron.hourly
";

const ANACRON: &str = "\
#!/bin/sh
# Starts anacron, unless the jobs of the day have run.
if [ \"$(cat /var/spool/anacron/cron.daily 2>/dev/null)\" = \"$(date +%Y%m%d)\" ]; then
    exit 0
fi
/usr/sbin/anacron -s
";

const ANACRONTAB: &str = "\
# What lies in /etc/cron.daily, /etc/cron.weekly and /etc/cron.monthly.
SHELL=/bin/sh
PATH=/sbin:/bin:/usr/sbin:/usr/bin
MAILTO=root
# A job is put off by its delay and by up to so many minutes more.
RANDOM_DELAY=45
# Jobs start in these hours only.
START_HOURS_RANGE=3-22

#period in days   delay in minutes   job-identifier   command
1\t5\tcron.daily\t\tnice run-parts /etc/cron.daily
7\t25\tcron.weekly\t\tnice run-parts /etc/cron.weekly
@monthly 45\tcron.monthly\t\tnice run-parts /etc/cron.monthly
";

const RUN_PARTS: &str = "\
#!/bin/bash
# Runs the programs of a directory, one after another.
usage() {
    echo \"Usage: run-parts [--list | --test] <dir>\"
    exit 1
}
list=0 test=0
while [ $# -gt 1 ]; do
    case $1 in
        --list) list=1 ;;
        --test) test=1 ;;
        --) ;;
        *) usage ;;
    esac
    shift
done
[ $# -lt 1 ] && usage
if [ ! -d \"$1\" ]; then
    echo \"Not a directory: $1\"
    usage
fi
for i in \"${1%/}\"/*; do
    [ -d \"$i\" ] && continue
    case ${i##*/} in
        *~ | *, | *.rpmsave | *.rpmorig | *.rpmnew | *.swp | *,v | *.cfsaved | jobs.allow | jobs.deny) continue ;;
    esac
    if [ $list = 1 ]; then
        echo \"$i\"
    elif [ -x \"$i\" ]; then
        if [ $test = 1 ]; then
            echo \"$i\"
            continue
        fi
        STARTING
        \"$i\" 2>&1 | awk -v \"progname=$i\" 'progname { print progname \":\\n\"; progname=\"\" } { print }'
        FINISHED
    fi
done
exit 0
";
