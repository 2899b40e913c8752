//! What tells a running gateway something from outside: signals, and the end of its input.

use std::io::Read;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What a gateway is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// To stop, by whom.
    Stop(&'static str),
    /// To read the configuration again.
    Reload,
}

/// Hears signals, and the end of standard input where that stops the gateway, from now on.
///
/// # Errors
/// Where the system lets nobody hear them.
pub(super) fn listen(with_stdin: bool) -> std::io::Result<UnboundedReceiver<Told>> {
    let (tell, told) = unbounded_channel();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for (kind, means) in [
            (SignalKind::interrupt(), Told::Stop("SIGINT")),
            (SignalKind::terminate(), Told::Stop("SIGTERM")),
            (SignalKind::hangup(), Told::Reload),
        ] {
            let mut heard = signal(kind)?;
            let tell = tell.clone();
            tokio::spawn(async move {
                while heard.recv().await.is_some() && tell.send(means.clone()).is_ok() {}
            });
        }
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        let (mut interrupt, mut breaking) = (ctrl_c()?, ctrl_break()?);
        let tell = tell.clone();
        tokio::spawn(async move {
            loop {
                let means = tokio::select! {
                    _ = interrupt.recv() => Told::Stop("SIGINT"),
                    _ = breaking.recv() => Told::Stop("SIGBREAK"),
                };
                if tell.send(means).is_err() {
                    return;
                }
            }
        });
    }
    if with_stdin {
        // A read that waits cannot be ended: the thread lasts as long as the process.
        let thread = std::thread::Builder::new().name("model-multiplexer-stdin".to_owned());
        thread.spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin().lock().by_ref(), &mut std::io::sink());
            let _ = tell.send(Told::Stop("end of input"));
        })?;
    }
    Ok(told)
}
