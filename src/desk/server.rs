//! Accepts connections from this machine, few at a time and none for long, so that a flood takes no memory.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use super::Inside;
use super::error::DeskError;
use super::handlers;

/// Connections at a time: ten reviewers' browsers.
const MOST_CONNECTIONS: usize = 64;

/// How long a request's headers, and then the whole request, may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The bytes of a request's headers, and of a form.
const MOST_HEADERS: usize = 16 * 1024;
const MOST_FORM: usize = 8 * 1024;

/// A port of this machine.
pub(super) struct Server {
    listener: TcpListener,
    port: u16,
}

/// A server that answers until it is stopped.
pub(super) struct Running(Runtime);

impl Server {
    /// Takes the port; 0 for any that is free.
    pub(super) fn bind(port: u16) -> Result<Server, DeskError> {
        let taken = |source| DeskError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        Ok(Server { listener, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Begins to answer.
    pub(super) fn start(&self, inside: &'static Inside) -> Result<Running, DeskError> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(DeskError::Server)?;
        let listener = self.listener.try_clone().and_then(|listener| {
            listener.set_nonblocking(true)?;
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)
        });
        let listener = listener.map_err(DeskError::Server)?;
        let pages = handlers::router(inside).layer(DefaultBodyLimit::max(MOST_FORM));
        runtime.spawn(async move {
            let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
            loop {
                let Ok(place) = Arc::clone(&free).acquire_owned().await else { return };
                let Ok((stream, _)) = listener.accept().await else {
                    // The system has no more files for us: wait until some are closed.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let pages = pages.clone();
                tokio::spawn(async move {
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(PATIENCE)
                        .max_buf_size(MOST_HEADERS)
                        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(pages));
                    // A broken connection is the browser's affair.
                    let _ended: Result<(), hyper::Error> = connection.await;
                    drop(place);
                });
            }
        });
        Ok(Running(runtime))
    }
}

impl Running {
    /// Stops at once. Whatever was confirmed is on the disk.
    pub(super) fn stop(self) {
        self.0.shutdown_timeout(Duration::from_millis(500));
    }
}
