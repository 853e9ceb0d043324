//! Why the kernel refuses: the error numbers of errno(3), with the words that the C library has for them.

/// A refusal of the kernel, named as errno(3) does without its `E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Errno {
    /// Only the owner or root may.
    Perm,
    /// There is no such name.
    Noent,
    /// No such process.
    Srch,
    /// A signal came between.
    Intr,
    /// The device or the kernel's file cannot do this.
    Io,
    /// The device is not there.
    Nxio,
    /// Too many arguments.
    Toobig,
    /// Not a program.
    Noexec,
    /// Not open, or not for this.
    Badf,
    /// No child process.
    Child,
    /// Try again.
    Again,
    /// Out of memory.
    Nomem,
    /// A permission bit is missing.
    Acces,
    /// Not a block device.
    Notblk,
    /// In use.
    Busy,
    /// The name is taken.
    Exist,
    /// The two names are on different file systems.
    Xdev,
    /// No such device or file system type.
    Nodev,
    /// A directory is needed here.
    Notdir,
    /// A directory will not do here.
    Isdir,
    /// Makes no sense.
    Inval,
    /// Too many open files.
    Mfile,
    /// Not a terminal.
    Notty,
    /// The program runs.
    Txtbsy,
    /// Larger than a file may be.
    Fbig,
    /// The file system is full.
    Nospc,
    /// There is no position in a pipe.
    Spipe,
    /// The file system is mounted read-only.
    Rofs,
    /// Too many links.
    Mlink,
    /// Nobody reads.
    Pipe,
    /// The name or the path is too long.
    Nametoolong,
    /// The directory has entries.
    Notempty,
    /// Too many symbolic links.
    Loop,
    /// This file system cannot do it.
    Opnotsupp,
    /// The file is gone.
    Stale,
}

impl Errno {
    /// The words of strerror(3).
    #[must_use]
    pub fn text(self) -> &'static str {
        self.row().2
    }

    /// The constant's name, such as `ENOENT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The number on x86-64.
    #[must_use]
    pub fn number(self) -> i32 {
        self.row().1
    }

    fn row(self) -> (&'static str, i32, &'static str) {
        match self {
            Self::Perm => ("EPERM", 1, "Operation not permitted"),
            Self::Noent => ("ENOENT", 2, "No such file or directory"),
            Self::Srch => ("ESRCH", 3, "No such process"),
            Self::Intr => ("EINTR", 4, "Interrupted system call"),
            Self::Io => ("EIO", 5, "Input/output error"),
            Self::Nxio => ("ENXIO", 6, "No such device or address"),
            Self::Toobig => ("E2BIG", 7, "Argument list too long"),
            Self::Noexec => ("ENOEXEC", 8, "Exec format error"),
            Self::Badf => ("EBADF", 9, "Bad file descriptor"),
            Self::Child => ("ECHILD", 10, "No child processes"),
            Self::Again => ("EAGAIN", 11, "Resource temporarily unavailable"),
            Self::Nomem => ("ENOMEM", 12, "Cannot allocate memory"),
            Self::Acces => ("EACCES", 13, "Permission denied"),
            Self::Notblk => ("ENOTBLK", 15, "Block device required"),
            Self::Busy => ("EBUSY", 16, "Device or resource busy"),
            Self::Exist => ("EEXIST", 17, "File exists"),
            Self::Xdev => ("EXDEV", 18, "Invalid cross-device link"),
            Self::Nodev => ("ENODEV", 19, "No such device"),
            Self::Notdir => ("ENOTDIR", 20, "Not a directory"),
            Self::Isdir => ("EISDIR", 21, "Is a directory"),
            Self::Inval => ("EINVAL", 22, "Invalid argument"),
            Self::Mfile => ("EMFILE", 24, "Too many open files"),
            Self::Notty => ("ENOTTY", 25, "Inappropriate ioctl for device"),
            Self::Txtbsy => ("ETXTBSY", 26, "Text file busy"),
            Self::Fbig => ("EFBIG", 27, "File too large"),
            Self::Nospc => ("ENOSPC", 28, "No space left on device"),
            Self::Spipe => ("ESPIPE", 29, "Illegal seek"),
            Self::Rofs => ("EROFS", 30, "Read-only file system"),
            Self::Mlink => ("EMLINK", 31, "Too many links"),
            Self::Pipe => ("EPIPE", 32, "Broken pipe"),
            Self::Nametoolong => ("ENAMETOOLONG", 36, "File name too long"),
            Self::Notempty => ("ENOTEMPTY", 39, "Directory not empty"),
            Self::Loop => ("ELOOP", 40, "Too many levels of symbolic links"),
            Self::Opnotsupp => ("EOPNOTSUPP", 95, "Operation not supported"),
            Self::Stale => ("ESTALE", 116, "Stale file handle"),
        }
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
