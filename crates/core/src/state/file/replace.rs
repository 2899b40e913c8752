//! Replaces a file by another content so that there is always one or the other, also after a
//! power cut.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A path with something put behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Writes beside the file, waits until that is on the disk, and puts it in the file's place.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let next = beside(path, ".tmp");
    let mut file = File::create(&next)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&next, path)?;
    sync_folder(path)
}

/// The new name itself has to reach the disk too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// There is no such thing on Windows: its file system keeps names in order by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
