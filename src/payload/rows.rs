//! Package lists as they stand in `payloads/*/packages.tsv` and in the installed software of a release.
//! One package a line: name, `[epoch:]version-release`, architecture, `vmware` or `third-party`, size in KiB of the real
//! package; `#` starts a remark. Left out on purpose: dependencies and files.

use std::fmt;

/// One line of a package list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageRow<'a> {
    /// Such as `VMware-vpxd`.
    pub name: &'a str,
    /// `version-release`, or `epoch:version-release`.
    pub evr: &'a str,
    /// Such as `x86_64`.
    pub arch: &'a str,
    /// Whether it is somebody else's software.
    pub third_party: bool,
    /// Size of the real package in KiB.
    pub size_kib: u32,
}

/// A line of a package list that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for RowError {}

/// Reads a package list; the rows borrow from the text.
///
/// # Errors
/// The first line that is no package.
pub fn parse_rows(text: &str) -> Result<Vec<PackageRow<'_>>, RowError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(index, line)| row(line).map_err(|what| RowError { line: index + 1, what })).collect()
}

fn row(line: &str) -> Result<PackageRow<'_>, &'static str> {
    let mut fields = line.split('\t');
    let mut field = || fields.next().filter(|field| !field.is_empty());
    let name = field().filter(|name| !name.contains('/')).ok_or("no package name")?;
    let evr = field().filter(|evr| evr.contains('-') && !evr.contains('/')).ok_or("no version-release")?;
    let arch = field().filter(|arch| !arch.contains('/')).ok_or("no architecture")?;
    let third_party = match field() {
        Some("vmware") => false,
        Some("third-party") => true,
        _ => return Err("neither vmware nor third-party"),
    };
    let size_kib = field().and_then(|size| size.parse().ok()).ok_or("no size in KiB")?;
    match field() {
        None => Ok(PackageRow { name, evr, arch, third_party, size_kib }),
        Some(_) => Err("more than five fields"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_a_wrong_line_is_named() {
        let rows = parse_rows("# remark\n\nbash\t3.2-147.22.1\tx86_64\tthird-party\t540\n").unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].name, rows[0].size_kib, rows[0].third_party), ("bash", 540, true));
        let check = |line: &str, what| {
            assert_eq!(parse_rows(&format!("#\n{line}")), Err(RowError { line: 2, what }), "{line}");
        };
        check("bash", "no version-release");
        check("\t", "no package name");
        check("../x\t1-1\tnoarch\tvmware\t1", "no package name");
        check("bash\t3.2\tx86_64\tvmware\t1", "no version-release");
        check("bash\t3-2\tx86_64\tsuse\t1", "neither vmware nor third-party");
        check("bash\t3-2\tx86_64\tvmware\tbig", "no size in KiB");
        check("bash\t3-2\tx86_64\tvmware\t1\t2", "more than five fields");
    }
}
