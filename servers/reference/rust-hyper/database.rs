// The row of PostgreSQL: tokio's driver sends queries of several requests over one connection without
// waiting for the answers in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

const QUERY: &str = "SELECT id, message FROM messages WHERE id = $1";

struct Connected {
    client: Client,
    query: Statement,
}

pub struct Database {
    config: Config,
    connections: Vec<Mutex<Option<Arc<Connected>>>>,
    next: AtomicUsize,
}

#[derive(serde::Serialize)]
pub struct Row {
    id: i32,
    message: String,
}

/// As libpq takes it: a socket's folder (`?host=`) goes before the name of a host.
fn one_host(place: &str) -> String {
    match place.split_once("://") {
        Some((scheme, rest)) if rest.contains("?host=") || rest.contains("&host=") => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
            let at = if user.is_empty() { "" } else { "@" };
            format!("{scheme}://{user}{at}/{path}")
        }
        _ => place.to_string(),
    }
}

impl Database {
    pub fn from_environment() -> Option<Database> {
        let place = std::env::var("TENK_DATABASE").ok()?;
        let most = std::env::var("TENK_DATABASE_CONNECTIONS").ok().and_then(|n| n.parse().ok());
        Some(Database {
            config: one_host(&place).parse().expect("TENK_DATABASE"),
            connections: (0..most.unwrap_or(16)).map(|_| Mutex::new(None)).collect(),
            next: AtomicUsize::new(0),
        })
    }

    async fn connect(&self) -> Result<Arc<Connected>, Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(connection);
        let query = client.prepare(QUERY).await?;
        Ok(Arc::new(Connected { client, query }))
    }

    /// The connections in turn; one that was lost is made anew.
    async fn take(&self) -> Result<Arc<Connected>, Error> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let mut slot = self.connections[turn].lock().await;
        match &*slot {
            Some(connected) if !connected.client.is_closed() => Ok(connected.clone()),
            _ => {
                let connected = self.connect().await?;
                *slot = Some(connected.clone());
                Ok(connected)
            }
        }
    }

    pub async fn ask(&self, id: i32) -> Result<Option<Row>, Error> {
        let connected = self.take().await?;
        let row = connected.client.query_opt(&connected.query, &[&id]).await?;
        Ok(row.map(|row| Row { id: row.get(0), message: row.get(1) }))
    }
}
