//! The units that all distributions with systemd have.

use super::{NONE, Unit, inner, target};

pub(super) const SSHD_SAYS: &[&str] = &["Server listening on 0.0.0.0 port 22.", "Server listening on :: port 22."];

/// A timer that is not enabled by itself.
pub(super) const fn timer(
    name: &'static str,
    description: &'static str,
    needs: &'static str,
    runs: &'static str,
) -> Unit {
    Unit { name, description, needs, runs, start_ms: 0, ..NONE }
}

const fn socket(name: &'static str, description: &'static str, runs: &'static str) -> Unit {
    Unit { name, description, runs, start_ms: 0, ..NONE }
}

/// What a unit that holds the console runs, with how it holds it.
macro_rules! at_console {
    ($runs:expr) => {
        concat!(
            "Environment=HOME=/root;WorkingDirectory=-/root;",
            $runs,
            ";Type=idle;StandardInput=tty-force;StandardOutput=inherit;StandardError=inherit;KillMode=process;",
            "IgnoreSIGPIPE=no;SendSIGHUP=yes"
        )
    };
}

const RESCUE: &str = at_console!("ExecStart=-/usr/lib/systemd/systemd-sulogin-shell rescue");
const EMERGENCY: &str = at_console!("ExecStart=-/usr/lib/systemd/systemd-sulogin-shell emergency");
const RESCUE_219: &str = at_console!(
    "ExecStartPre=-/bin/plymouth quit;ExecStartPre=-/bin/echo -e 'Welcome to rescue mode! Type \"systemctl default\" or ^D to \
     enter default mode.\\nType \"journalctl -xb\" to view system logs. Type \"systemctl reboot\" to reboot.';\
     ExecStart=-/bin/sh -c \"/usr/sbin/sulogin; /usr/bin/systemctl --fail --no-block default\""
);
const EMERGENCY_219: &str = at_console!(
    "ExecStartPre=-/bin/plymouth quit;ExecStartPre=-/bin/echo -e 'Welcome to emergency mode! After logging in, type \
     \"journalctl -xb\" to view\\nsystem logs, \"systemctl reboot\" to reboot, \"systemctl default\" or ^D to\\ntry again to boot \
     into default mode.';ExecStart=-/bin/sh -c \"/usr/sbin/sulogin; /usr/bin/systemctl --fail --no-block default\""
);

/// The shells of rescue and emergency mode, by what runs before them.
const fn shells(rescue: &'static str, emergency: &'static str, shown: [&'static str; 2]) -> [Unit; 2] {
    [
        inner(
            "rescue.service",
            "Rescue Shell",
            "DefaultDependencies=no;Conflicts=shutdown.target;After=sysinit.target plymouth-start.service;\
             Before=shutdown.target",
            rescue,
        )
        .shown(shown[0]),
        inner(
            "emergency.service",
            "Emergency Shell",
            "DefaultDependencies=no;Conflicts=shutdown.target;Conflicts=rescue.service;Before=shutdown.target;\
             Before=rescue.service",
            emergency,
        )
        .shown(shown[1]),
    ]
}

/// The shells of rescue and emergency mode of systemd 219.
pub(super) const SHELLS_219: &[Unit] = &shells(
    RESCUE_219,
    EMERGENCY_219,
    ["/bin/sh -c /usr/sbin/sulogin; /usr/bin/systemctl --fail --no-block default"; 2],
);

/// Those of later versions.
pub(super) const SHELLS: &[Unit] = &shells(
    RESCUE,
    EMERGENCY,
    ["/usr/lib/systemd/systemd-sulogin-shell rescue", "/usr/lib/systemd/systemd-sulogin-shell emergency"],
);

/// What all distributions with systemd have.
pub(super) const SYSTEMD: &[Unit] = &[
    target("local-fs-pre.target", "Local File Systems (Pre)", ""),
    target(
        "local-fs.target",
        "Local File Systems",
        "After=local-fs-pre.target systemd-udevd.service;Wants=local-fs-pre.target",
    ),
    target("swap.target", "Swap", ""),
    target(
        "sysinit.target",
        "System Initialization",
        "Conflicts=emergency.service emergency.target;After=local-fs.target swap.target emergency.service emergency.target;\
         Wants=local-fs.target swap.target systemd-journald.service systemd-udevd.service systemd-sysctl.service \
         systemd-random-seed.service systemd-tmpfiles-setup.service systemd-update-utmp.service kmod-static-nodes.service",
    ),
    target("timers.target", "Timers", "After=sysinit.target;Wants=systemd-tmpfiles-clean.timer"),
    target("paths.target", "Paths", "After=sysinit.target"),
    target("slices.target", "Slices", ""),
    target(
        "sockets.target",
        "Sockets",
        "After=sysinit.target;Wants=dbus.socket systemd-initctl.socket systemd-journald.socket systemd-udevd-control.socket \
         systemd-udevd-kernel.socket",
    ),
    target(
        "basic.target",
        "Basic System",
        "Requires=sysinit.target;Wants=sockets.target timers.target paths.target slices.target;After=sysinit.target",
    ),
    target("network-pre.target", "Network (Pre)", ""),
    target("network.target", "Network", "After=network-pre.target"),
    target("network-online.target", "Network is Online", "After=network.target"),
    target("nss-lookup.target", "Host and Network Name Lookups", ""),
    target("nss-user-lookup.target", "User and Group Name Lookups", ""),
    target("remote-fs.target", "Remote File Systems", ""),
    target("time-sync.target", "System Time Synchronized", ""),
    target("getty.target", "Login Prompts", "Wants=getty@tty1.service"),
    target(
        "multi-user.target",
        "Multi-User System",
        "Requires=basic.target;Wants=getty.target systemd-logind.service systemd-user-sessions.service dbus.service;\
         Conflicts=rescue.service rescue.target;After=basic.target rescue.service rescue.target",
    ),
    target(
        "graphical.target",
        "Graphical Interface",
        "Requires=multi-user.target;Conflicts=rescue.service rescue.target;\
         After=multi-user.target rescue.service rescue.target",
    ),
    target(
        "rescue.target",
        "Rescue Mode",
        "Requires=sysinit.target rescue.service;After=sysinit.target rescue.service",
    ),
    target("emergency.target", "Emergency Mode", "Requires=emergency.service;After=emergency.service"),
    target("reboot.target", "Reboot", ""),
    target("poweroff.target", "Power-Off", ""),
    target("halt.target", "Halt", ""),
    target("shutdown.target", "Shutdown", ""),
    target("umount.target", "Unmount All Filesystems", ""),
    socket("dbus.socket", "D-Bus System Message Bus Socket", "ListenStream=/run/dbus/system_bus_socket"),
    socket("systemd-initctl.socket", "initctl Compatibility Named Pipe", "ListenFIFO=/run/systemd/initctl/fifo"),
    socket(
        "systemd-journald.socket",
        "Journal Socket",
        "ListenStream=/run/systemd/journal/stdout;ListenDatagram=/run/systemd/journal/socket",
    ),
    socket(
        "systemd-udevd-control.socket",
        "udev Control Socket",
        "Service=systemd-udevd.service;ListenSequentialPacket=/run/udev/control",
    ),
    socket(
        "systemd-udevd-kernel.socket",
        "udev Kernel Socket",
        "Service=systemd-udevd.service;ListenNetlink=kobject-uevent 1",
    ),
    inner(
        "systemd-journald.service",
        "Journal Service",
        "DefaultDependencies=no",
        "Type=notify;ExecStart=/usr/lib/systemd/systemd-journald;Restart=always;RestartSec=0",
    )
    .says(&["Journal started"]),
    inner(
        "systemd-udevd.service",
        "udev Kernel Device Manager",
        "DefaultDependencies=no;After=systemd-journald.service",
        "Type=notify;ExecStart=/usr/lib/systemd/systemd-udevd;Restart=always;RestartSec=0",
    )
    .ms(90),
    inner(
        "systemd-sysctl.service",
        "Apply Kernel Variables",
        "DefaultDependencies=no",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-sysctl",
    ),
    inner(
        "kmod-static-nodes.service",
        "Create list of required static device nodes for the current kernel",
        "DefaultDependencies=no",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/bin/kmod static-nodes --format=tmpfiles",
    ),
    inner(
        "systemd-random-seed.service",
        "Load/Save Random Seed",
        "DefaultDependencies=no;After=local-fs.target",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-random-seed load",
    ),
    inner(
        "systemd-tmpfiles-setup.service",
        "Create Volatile Files and Directories",
        "DefaultDependencies=no;After=local-fs.target",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/bin/systemd-tmpfiles --create --remove --boot",
    ),
    inner(
        "systemd-tmpfiles-clean.service",
        "Cleanup of Temporary Directories",
        "DefaultDependencies=no;After=local-fs.target time-sync.target",
        "Type=oneshot;ExecStart=/usr/bin/systemd-tmpfiles --clean;IOSchedulingClass=idle",
    ),
    timer(
        "systemd-tmpfiles-clean.timer",
        "Daily Cleanup of Temporary Directories",
        "",
        "OnBootSec=15min;OnUnitActiveSec=1d",
    ),
    inner(
        "systemd-update-utmp.service",
        "Update UTMP about System Boot/Shutdown",
        "DefaultDependencies=no;After=systemd-tmpfiles-setup.service",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-update-utmp reboot",
    ),
    inner(
        "systemd-logind.service",
        "Login Service",
        "After=nss-user-lookup.target dbus.service;Wants=dbus.service",
        "ExecStart=/usr/lib/systemd/systemd-logind;Restart=always;RestartSec=0;BusName=org.freedesktop.login1",
    )
    .ms(120)
    .says(&["New seat seat0."]),
    inner(
        "systemd-user-sessions.service",
        "Permit User Sessions",
        "After=remote-fs.target nss-user-lookup.target network.target",
        "Type=oneshot;RemainAfterExit=yes;ExecStart=/usr/lib/systemd/systemd-user-sessions start",
    ),
    inner(
        "getty@tty1.service",
        "Getty on tty1",
        "After=systemd-user-sessions.service",
        "ExecStart=-/sbin/agetty --noclear tty1 $TERM;Type=idle;Restart=always;RestartSec=0",
    )
    .shown("/sbin/agetty --noclear tty1 linux"),
];
