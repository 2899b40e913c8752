//! The one writer of a state file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::FileError;
use super::replace::{beside, replace};
use crate::state::Snapshot;

/// A state file that is ours to write until this is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct FileWriter {
    path: PathBuf,
    /// The system holds the lock for as long as this is open.
    _lock: File,
    written: String,
}

impl FileWriter {
    /// Takes the file, and reads what is in it: nothing if it is not there yet. Its folder must be.
    ///
    /// # Errors
    /// Somebody else writes it, it cannot be read, or has something else in it.
    pub fn open(path: &Path) -> Result<(Self, Snapshot), FileError> {
        let lock = lock(path)?;
        let written = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => {
                return Err(FileError::Io { path: path.to_owned(), what: "read", source });
            }
        };
        let snapshot = if written.is_empty() {
            Snapshot::default()
        } else {
            Snapshot::from_json(&written)
                .map_err(|reason| FileError::Content { path: path.to_owned(), reason })?
        };
        Ok((Self { path: path.to_owned(), _lock: lock, written }, snapshot))
    }

    /// Puts this in the place of what is there, unless it is the same.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn write(&mut self, snapshot: &Snapshot) -> Result<(), FileError> {
        let text = snapshot.to_json();
        if text == self.written {
            return Ok(());
        }
        replace(&self.path, text.as_bytes()).map_err(|source| FileError::Io {
            path: self.path.clone(),
            what: "written",
            source,
        })?;
        self.written = text;
        Ok(())
    }
}

/// Locks a file beside it: the file itself is replaced. It stays there, empty of meaning.
fn lock(path: &Path) -> Result<File, FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), what: "locked", source };
    let name = beside(path, ".lock");
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
    let mut file = options.open(name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            // On Windows a locked file cannot be read.
            drop(file.read_to_string(&mut owner));
            let owner = match owner.trim() {
                "" => "another process".to_owned(),
                pid if pid == std::process::id().to_string() => {
                    format!("another multiplexer of this process ({pid})")
                }
                pid => format!("process {pid}"),
            };
            return Err(FileError::InUse { path: path.to_owned(), owner });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let pid = format!("{}\n", std::process::id());
    file.set_len(0).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    file.write_all(pid.as_bytes()).map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::outcome::Domain;
    use crate::quota::Scope;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mm-{name}-{:x}", rand::random::<u64>()));
        fs::create_dir(&folder).unwrap();
        folder
    }

    fn resting(name: &str) -> Snapshot {
        let scope = Scope { domain: Domain::Key, name: name.to_owned() };
        let rests = vec![(scope, Timestamp::from_millis(1_763_753_000_000))];
        Snapshot { rests, ..Snapshot::default() }
    }

    #[test]
    fn what_was_written_is_there_for_the_next() {
        let folder = folder("next");
        let path = folder.join("state.json");
        let (mut writer, before) = FileWriter::open(&path).unwrap();
        assert_eq!(before, Snapshot::default());
        writer.write(&resting("acme")).unwrap();
        drop(writer);
        assert_eq!(FileWriter::open(&path).unwrap().1, resting("acme"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_second_writer_is_refused_with_the_name_of_the_file_and_the_process() {
        let folder = folder("second");
        let path = folder.join("state.json");
        let first = FileWriter::open(&path).unwrap();
        let error = FileWriter::open(&path).unwrap_err();
        let (pid, text) = (std::process::id(), error.to_string());
        assert!(text.contains(&path.display().to_string()), "{text}");
        assert!(text.contains(&format!("this process ({pid})")), "{text}");
        drop(first);
        FileWriter::open(&path).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_with_something_else_in_it_is_left_alone() {
        let folder = folder("else");
        let path = folder.join("state.json");
        fs::write(&path, "my notes").unwrap();
        let error = FileWriter::open(&path).unwrap_err();
        assert!(matches!(error, FileError::Content { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "my notes");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_written_keeps_what_it_had() {
        let folder = folder("keeps");
        let path = folder.join("state.json");
        let (mut writer, _) = FileWriter::open(&path).unwrap();
        writer.write(&resting("acme")).unwrap();
        fs::create_dir(folder.join("state.json.tmp")).unwrap();
        assert!(matches!(writer.write(&resting("other")), Err(FileError::Io { .. })));
        drop(writer);
        assert_eq!(FileWriter::open(&path).unwrap().1, resting("acme"));
        fs::remove_dir_all(folder).unwrap();
    }
}
