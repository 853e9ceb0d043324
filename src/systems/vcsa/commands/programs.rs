//! Plug-ins that are programs of the root shell: `service-control`, `showlog`, and those that take the same arguments as the
//! tools of Linux (the guide of 7.0).

use super::Command;
use crate::shell::command::{Evidence, Grade, Run};
use crate::systems::vcsa::{dcli, rvc, service_control, showlog, vimtop};

/// All of them.
pub const COMMANDS: &[&Command] = &[
    &CLEAR,
    &DCLI,
    &NSLOOKUP,
    &PGREP,
    &PING,
    &PING6,
    &PORTACCESS,
    &PS,
    &RVC,
    &SERVICE_CONTROL,
    &SHOWLOG,
    &TOP,
    &TRACEPATH,
    &TRACEPATH6,
    &VIMTOP,
];

/// `service-control`
const SERVICE_CONTROL: Command = Command {
    name: "com.vmware.service-control",
    summary: "Control the VMware services.",
    run: Run::Program(service_control::NAME),
    evidence: &[
        Evidence {
            what: "service-control --help",
            releases: "7.0",
            grade: Grade::Captured,
            source: "vcsa/service-control-70.txt",
        },
        Evidence {
            what: "service-control --status, --list",
            releases: "6.7",
            grade: Grade::Captured,
            source: "vcsa/service-control-67.txt",
        },
        Evidence {
            what: "service-control -h",
            releases: "6.0",
            grade: Grade::Captured,
            source: "evidence/vcsa/6.0-banner-last-login-and-service-control-h.txt",
        },
        Evidence {
            what: "service-control --help, --list-services",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/service-control-list-services-6.5-kb2147152.txt",
        },
        Evidence {
            what: "service-control --status, --stop: on a Platform Services Controller",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/service-control-status-stop-psc-6.5.txt",
        },
        Evidence {
            what: "service-control --start, --stop, --start --all",
            releases: "8.0",
            grade: Grade::Captured,
            source: "evidence/vcsa/service-control-start-all-8.0u2.txt",
        },
        Evidence {
            what: "service-control: a service that does not start, a profile that does not",
            releases: "6.7",
            grade: Grade::Captured,
            source: "evidence/vcsa/service-control-start-fail-startall-rc5-6.7.txt",
        },
        Evidence {
            what: "service-control: a masked vmware-vmon",
            releases: "6.5",
            grade: Grade::Captured,
            source: "evidence/vcsa/service-control-vmon-masked-6.5.txt",
        },
        Evidence {
            what: "service-control --stop --all, --restart, --list-dependencies, --ignore, wrong names",
            releases: "6.5 to 8.0",
            grade: Grade::Inferred,
            source: "the forms that were captured",
        },
        Evidence {
            what: "service-control: all but -h",
            releases: "6.0",
            grade: Grade::Inferred,
            source: "the form of 6.5",
        },
        Evidence {
            what: "service-control --vmon-profile HACore, HAActive, NONE; what --verbose adds",
            releases: "6.5 to 8.0",
            grade: Grade::Inferred,
            source: "names of the profiles from memory; who is in one follows from what the nodes of vCenter HA run; --verbose \
                     tells what 6.5 always tells",
        },
        Evidence {
            what: "service-control --file: how such a file looks",
            releases: "6.0",
            grade: Grade::NotModelled,
            source: "",
        },
        Evidence {
            what: "vmon-cli --status, --list-dependencies",
            releases: "7.0",
            grade: Grade::Captured,
            source: "evidence/vcsa/vmon-cli-7.0.txt",
        },
        Evidence {
            what: "vmon-cli --list, --restart, --start, --stop, --update --starttype",
            releases: "6.5 to 8.0",
            grade: Grade::Inferred,
            source: "notes on --restart, scripts that loop over --list; the others follow them",
        },
        Evidence {
            what: "vmon-cli, df at Command>: Unknown command, they are programs of BASH",
            releases: "6.0 to 8.0",
            grade: Grade::Documented,
            source: "the guide's table of plug-ins has neither, and all captures of the two are from BASH",
        },
        Evidence {
            what: "vmon-cli: --help, and all other options",
            releases: "6.5 to 8.0",
            grade: Grade::NotModelled,
            source: "",
        },
    ],
};

/// A plug-in that is a tool of Linux.
macro_rules! tool {
    ($name:literal, $summary:literal) => {
        Command {
            name: concat!("com.vmware.", $name),
            summary: $summary,
            run: Run::Program($name),
            evidence: &[Evidence {
                what: $name,
                releases: "6.0 to 8.0",
                grade: Grade::Documented,
                source: "the guide of 7.0: the same arguments as the tool of Linux",
            }],
        }
    };
}

/// `clear`
const CLEAR: Command = tool!("clear", "Clear the terminal.");
/// `nslookup`
const NSLOOKUP: Command = tool!("nslookup", "Query the name servers.");
/// `pgrep`
const PGREP: Command = tool!("pgrep", "Look for processes by name.");
/// `ping`
const PING: Command = tool!("ping", "Send ICMP echo requests.");
/// `ping6`
const PING6: Command = tool!("ping6", "Send ICMPv6 echo requests.");
/// `ps`
const PS: Command = tool!("ps", "List processes.");
/// `top`
const TOP: Command = tool!("top", "Watch processes.");
/// `tracepath`
const TRACEPATH: Command = tool!("tracepath", "Trace the path to another machine.");
/// `tracepath6`
const TRACEPATH6: Command = tool!("tracepath6", "Trace the path to another machine over IPv6.");

/// `showlog`
const SHOWLOG: Command = Command {
    name: "com.vmware.showlog",
    summary: "Browse log files.",
    run: Run::Program(showlog::NAME),
    evidence: &[Evidence {
        what: "showlog FILE",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the guide of 7.0 names it and its completion; how it looks is a guess",
    }],
};

/// `portaccess`
const PORTACCESS: Command = Command {
    name: "com.vmware.portaccess",
    summary: "Check a port of another machine, with the arguments of curl: portaccess telnet://HOST:PORT",
    run: Run::Program("portaccess"),
    evidence: &[Evidence {
        what: "portaccess: curl, of which telnet://HOST:PORT tells whether a port answers",
        releases: "6.0 to 8.0",
        grade: Grade::Inferred,
        source: "the guide of 7.0 says that it takes the arguments of a tool of Linux; which one is from memory",
    }],
};

/// `vimtop`
const VIMTOP: Command = Command {
    name: "com.vmware.vimtop",
    summary: "Watch the services' resources.",
    run: Run::Program(vimtop::NAME),
    evidence: &[
        Evidence {
            what: "vimtop, -n N: what each service takes",
            releases: "6.0 to 8.0",
            grade: Grade::Inferred,
            source: "options of the guide of 7.0; its screen is a guess, the figures are those of top",
        },
        Evidence {
            what: "vimtop -v, -c FILE; its keys but for q",
            releases: "6.0 to 8.0",
            grade: Grade::NotModelled,
            source: "",
        },
    ],
};

/// `dcli`
const DCLI: Command = Command {
    name: "com.vmware.dcli",
    summary: "Run vAPI commands.",
    run: Run::Program(dcli::NAME),
    evidence: dcli::EVIDENCE,
};

/// `rvc`
const RVC: Command = Command {
    name: "com.vmware.rvc",
    summary: "Run the Ruby vSphere Console.",
    run: Run::Program(rvc::NAME),
    evidence: &[
        Evidence {
            what: "rvc: its login and its prompt",
            releases: "6.0 to 8.0",
            grade: Grade::Documented,
            source: "a session on 6.5 tells their texts; the others follow it",
        },
        Evidence {
            what: "rvc: all its commands but exit",
            releases: "6.0 to 8.0",
            grade: Grade::NotModelled,
            source: "",
        },
    ],
};
