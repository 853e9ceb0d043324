//! `/sys/class/net`: what the kernel shows of each link. Directories come and go with the links; they are brought up to date
//! when somebody logs in, and before a program looks that could see them. Of a link that does not run the kernel knows neither
//! carrier nor speed: those files, which it then refuses to read, are missing here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::systems::linux::fs::{Content, Cred, Errno, Ino, Kind};
use crate::systems::linux::interface::{BYTES_OF_PACKET, Kind as Sort, Link, links, mac};
use crate::world::{MachineId, World};

/// Where the links are listed.
const CLASS: &str = "/sys/class/net";
/// The directory of the network card, as VMware puts it on the bus.
const CARD: &str = "devices/pci0000:00/0000:00:16.0/0000:0b:00.0/net";
/// That of the others.
const VIRTUAL: &str = "devices/virtual/net";
/// By this name the content of each file begins.
const MADE: &str = "linux/sys/net";

/// Files of every link.
const FILES: &[&str] = &[
    "addr_assign_type",
    "addr_len",
    "address",
    "broadcast",
    "dev_id",
    "dev_port",
    "flags",
    "ifalias",
    "ifindex",
    "iflink",
    "link_mode",
    "mtu",
    "netdev_group",
    "operstate",
    "tx_queue_len",
    "type",
    "uevent",
];

/// What the kernel counts.
const COUNTED: &[&str] = &[
    "collisions",
    "multicast",
    "rx_bytes",
    "rx_compressed",
    "rx_crc_errors",
    "rx_dropped",
    "rx_errors",
    "rx_fifo_errors",
    "rx_frame_errors",
    "rx_length_errors",
    "rx_missed_errors",
    "rx_over_errors",
    "rx_packets",
    "tx_aborted_errors",
    "tx_bytes",
    "tx_carrier_errors",
    "tx_compressed",
    "tx_dropped",
    "tx_errors",
    "tx_fifo_errors",
    "tx_heartbeat_errors",
    "tx_packets",
    "tx_window_errors",
];

/// Makes the directory show the links that there are.
pub fn show(world: &mut World, id: MachineId) {
    let links = links(world, id);
    let now = world.now;
    let mut tree = Tree { world, id, now };
    // ESXi has no /sys, and a machine that is full of files has no room for more: then they are missing.
    let _ = tree.sync(&links);
}

struct Tree<'w> {
    world: &'w mut World,
    id: MachineId,
    now: crate::sim::Instant,
}

impl Tree<'_> {
    fn sync(&mut self, links: &[Link]) -> Result<(), Errno> {
        let class = self.world.linux(self.id).fs.lookup(&Cred::ROOT, "/", CLASS)?;
        let named = |link: &Link| (link.name.clone(), Kind::Link(format!("../../{}/{}", place(link), link.name)));
        self.fill(class, links.iter().map(named).collect())?;
        let mut top = self.world.linux(self.id).fs.lookup(&Cred::ROOT, "/", "/sys")?;
        for part in VIRTUAL.split('/') {
            top = self.put(top, part, Kind::EMPTY_DIR)?;
        }
        let virtual_ = links.iter().filter(|link| link.kind != Sort::Card);
        self.fill(top, virtual_.map(|link| (link.name.clone(), Kind::EMPTY_DIR)).collect())?;
        for link in links {
            let mut dir = self.world.linux(self.id).fs.lookup(&Cred::ROOT, "/", "/sys")?;
            for part in place(link).split('/').chain([link.name.as_str()]) {
                dir = self.put(dir, part, Kind::EMPTY_DIR)?;
            }
            self.link(dir, link, links)?;
        }
        Ok(())
    }

    /// The directory of one link.
    fn link(&mut self, dir: Ino, link: &Link, all: &[Link]) -> Result<(), Errno> {
        let name = &link.name;
        let own = format!("{}/{name}", place(link));
        let made = |file: &str| Kind::File(Content::Made(format!("{MADE}/{name}/{file}").into()));
        let mut files: BTreeMap<String, Kind> = FILES.iter().map(|file| ((*file).to_owned(), made(file))).collect();
        if link.up {
            files.insert("carrier".to_owned(), made("carrier"));
        }
        if link.runs() && matches!(link.kind, Sort::Card | Sort::Tap) {
            files.extend(["duplex", "speed"].map(|file| (file.to_owned(), made(file))));
        }
        files.insert("subsystem".to_owned(), Kind::Link(relative(&own, "class/net")));
        files.insert("statistics".to_owned(), Kind::EMPTY_DIR);
        if let Some(master) = link.master.and_then(|master| all.iter().find(|link| link.name == master)) {
            let path = format!("{}/{}", place(master), master.name);
            files.insert("master".to_owned(), Kind::Link(relative(&own, &path)));
            files.insert("brport".to_owned(), Kind::EMPTY_DIR);
        }
        if link.kind == Sort::Bridge {
            files.insert("brif".to_owned(), Kind::EMPTY_DIR);
        }
        let is_port = files.contains_key("brport");
        self.fill(dir, files)?;
        let statistics = self.put(dir, "statistics", Kind::EMPTY_DIR)?;
        let counted = |file: &&str| ((*file).to_owned(), made(&format!("statistics/{file}")));
        self.fill(statistics, COUNTED.iter().map(counted).collect())?;
        if is_port {
            let port = self.put(dir, "brport", Kind::EMPTY_DIR)?;
            self.fill(port, BTreeMap::from([("state".to_owned(), made("brport/state"))]))?;
        }
        if link.kind == Sort::Bridge {
            let ports = self.put(dir, "brif", Kind::EMPTY_DIR)?;
            let linked = |port: &Link| {
                let path = format!("{}/{}/brport", place(port), port.name);
                (port.name.clone(), Kind::Link(relative(&format!("{own}/brif"), &path)))
            };
            self.fill(ports, all.iter().filter(|port| port.master == Some(name)).map(linked).collect())?;
        }
        Ok(())
    }

    /// A directory holds these and nothing else.
    fn fill(&mut self, dir: Ino, wanted: BTreeMap<String, Kind>) -> Result<(), Errno> {
        let fs = &mut self.world.linux_mut(self.id).fs;
        let there: Vec<Arc<str>> = fs.node(dir).entries().into_iter().flat_map(|all| all.keys().cloned()).collect();
        for name in there.iter().filter(|name| !wanted.contains_key(&***name)) {
            fs.withdraw(dir, name, self.now);
        }
        for (name, kind) in wanted {
            self.put(dir, &name, kind)?;
        }
        Ok(())
    }

    fn put(&mut self, dir: Ino, name: &str, kind: Kind) -> Result<Ino, Errno> {
        let mode = match kind {
            Kind::Link(_) => 0o777,
            Kind::File(_)
                if matches!(name, "carrier" | "flags" | "ifalias" | "mtu" | "netdev_group" | "tx_queue_len") =>
            {
                0o644
            }
            Kind::File(_) => 0o444,
            _ => 0o755,
        };
        self.world.linux_mut(self.id).fs.show(dir, name, kind, mode, (0, 0), self.now)
    }
}

fn place(link: &Link) -> &'static str {
    if link.kind == Sort::Card { CARD } else { VIRTUAL }
}

/// The way from a directory to another, both below `/sys`, over the last one that both are in.
fn relative(from: &str, to: &str) -> String {
    let common = from.split('/').zip(to.split('/')).take_while(|(from, to)| from == to).count();
    let up = from.split('/').skip(common).map(|_| "..");
    up.chain(to.split('/').skip(common)).collect::<Vec<_>>().join("/")
}

/// What a file says: `NAME/FILE`. Nothing of a link that is gone.
pub(super) fn file(world: &World, id: MachineId, path: &str) -> String {
    let all = links(world, id);
    let found = path.split_once('/').and_then(|(name, file)| Some((all.iter().find(|link| link.name == name)?, file)));
    let Some((link, file)) = found else { return String::new() };
    let up = world.now.since(world.linux(id).booted).as_secs();
    let is_lo = link.kind == Sort::Loopback;
    let text = match file {
        "addr_assign_type" | "dev_port" | "link_mode" | "netdev_group" => "0".to_owned(),
        "addr_len" => "6".to_owned(),
        "address" => mac(link.hardware),
        "broadcast" => mac(if is_lo { [0; 6] } else { [0xff; 6] }),
        "carrier" => u8::from(link.carrier).to_string(),
        "dev_id" => "0x0".to_owned(),
        "duplex" => "full".to_owned(),
        "flags" => format!("{:#x}", flags(link, &all)),
        "ifalias" => return String::new(),
        "ifindex" | "iflink" => link.number.to_string(),
        "mtu" => if is_lo { "65536" } else { "1500" }.to_owned(),
        "operstate" => link.state().to_lowercase(),
        "speed" => if link.kind == Sort::Card { "10000" } else { "10" }.to_owned(),
        // Forwarding, or disabled.
        "brport/state" => if link.runs() { "3" } else { "0" }.to_owned(),
        "tx_queue_len" => "1000".to_owned(),
        "type" => if is_lo { "772" } else { "1" }.to_owned(),
        "uevent" => {
            let kind = if link.kind == Sort::Bridge { "DEVTYPE=bridge\n" } else { "" };
            return format!("{kind}INTERFACE={}\nIFINDEX={}\n", link.name, link.number);
        }
        counted => match counted.rsplit_once('_') {
            Some((_, "bytes")) => (link.packets(up) * BYTES_OF_PACKET).to_string(),
            Some((_, "packets")) => link.packets(up).to_string(),
            _ => "0".to_owned(),
        },
    };
    text + "\n"
}

/// Its flags (netdevice(7)); one of several ports of a bridge takes in what is for others, too.
fn flags(link: &Link, all: &[Link]) -> u32 {
    let shared = link.master.is_some_and(|master| all.iter().filter(|port| port.master == Some(master)).count() > 1);
    let kind = if link.kind == Sort::Loopback { 0x8 } else { 0x1002 };
    kind | u32::from(link.up) | if shared { 0x100 } else { 0 }
}
