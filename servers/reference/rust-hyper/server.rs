// hyper on tokio: server HOST PORT [WORKERS], or server --version
// With WORKERS it is tuned as manifest.yaml says; without, everything stays as it comes.

mod database;

use database::Database;
use hyper::body::Bytes;
use hyper::client::HttpConnector;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use hyper::server::conn::AddrIncoming;
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Client, Method, Request, Response, Server, StatusCode};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use tokio::sync::Semaphore;

const PIECE: usize = 65536;

/// Of /bytes/N.
static PATTERN: [u8; PIECE] = make_pattern();

const fn make_pattern() -> [u8; PIECE] {
    let symbols = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    let mut pattern = [0; PIECE];
    let mut i = 0;
    while i < PIECE {
        pattern[i] = symbols[i % symbols.len()];
        i += 1;
    }
    pattern
}

#[derive(serde::Serialize)]
struct Message {
    message: &'static str,
}

/// What all requests share.
struct State {
    tuned: bool,
    files: Option<String>,
    database: Option<Database>,
    backend: Option<(String, Client<HttpConnector>)>,
    computing: Semaphore, // threads that may block are hundreds, and cores are few
}

/// As many connections being kept as the environment says; 0: a fresh one each time.
fn make_client() -> Client<HttpConnector> {
    let kept = std::env::var("TENK_FETCH_CONNECTIONS").ok().and_then(|n| n.parse().ok());
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder().pool_max_idle_per_host(kept.unwrap_or(64)).build(connector)
}

impl State {
    fn from_environment(tuned: bool) -> State {
        State {
            tuned,
            files: std::env::var("TENK_FILES").ok(),
            database: Database::from_environment(),
            backend: std::env::var("TENK_BACKEND").ok().map(|place| (place, make_client())),
            computing: Semaphore::new(std::thread::available_parallelism().map_or(1, |cores| cores.get())),
        }
    }
}

fn answer(kind: &'static str, body: Body) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, kind).body(body).unwrap()
}

fn answer_text(text: String) -> Response<Body> {
    answer("text/plain", Body::from(text))
}

fn answer_json(value: &impl serde::Serialize) -> Response<Body> {
    answer("application/json", Body::from(serde_json::to_vec(value).unwrap()))
}

fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    let mut response = answer_text(format!("{status}{why}\n"));
    *response.status_mut() = status;
    response
}

fn not_found() -> Response<Body> {
    refuse(StatusCode::NOT_FOUND, "")
}

/// A body of that length, which somebody sends.
fn answer_later(length: u64, body: Body) -> Response<Body> {
    let mut response = answer("application/octet-stream", body);
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

fn serve_bytes(count: u64) -> Response<Body> {
    if count <= PIECE as u64 {
        let body = Bytes::from_static(&PATTERN[..count as usize]);
        return answer("application/octet-stream", Body::from(body));
    }
    let (mut sender, body) = Body::channel();
    tokio::spawn(async move {
        let mut left = count;
        while left > 0 {
            let piece = left.min(PIECE as u64);
            let bytes = Bytes::from_static(&PATTERN[..piece as usize]);
            if sender.send_data(bytes).await.is_err() {
                return; // the client has gone
            }
            left -= piece;
        }
    });
    answer_later(count, body)
}

async fn serve_echo(request: Request<Body>) -> Response<Body> {
    if request.method() != Method::POST {
        let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, "");
        response.headers_mut().insert(ALLOW, "POST".parse().unwrap());
        return response;
    }
    match hyper::body::to_bytes(request.into_body()).await {
        Ok(body) => answer("application/octet-stream", Body::from(body)),
        Err(_) => refuse(StatusCode::BAD_REQUEST, ""),
    }
}

fn is_file_name(name: &str) -> bool {
    !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Read by tokio's pool of threads that may block, piece by piece.
async fn serve_file(folder: &str, name: &str) -> Option<Response<Body>> {
    if name.is_empty() || !is_file_name(name) {
        return None;
    }
    let mut file = tokio::fs::File::open(format!("{folder}/{name}")).await.ok()?;
    let status = file.metadata().await.ok().filter(|status| status.is_file())?;
    let (mut sender, body) = Body::channel();
    tokio::spawn(async move {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            match file.read_buf(&mut piece).await {
                Ok(0) => return,
                Ok(_) if sender.send_data(Bytes::from(piece)).await.is_ok() => {}
                _ => return sender.abort(),
            }
        }
    });
    Some(answer_later(status.len(), body))
}

/// Marsaglia's xorshift32.
fn xorshift(rounds: u64) -> u32 {
    let mut x: u32 = 2463534242;
    for _ in 0..rounds {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    x
}

/// What does not wait in tokio's way: in this thread, or, as its makers advise, in one that may block.
async fn run<T: Send + 'static>(tuned: bool, work: impl FnOnce() -> T + Send + 'static) -> T {
    if tuned {
        tokio::task::spawn_blocking(work).await.unwrap()
    } else {
        work()
    }
}

async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await
}

/// /calls/N/wait/MS: in turn, or each in a task of its own.
async fn serve_calls(count: u64, ms: u64, together: bool) -> Response<Body> {
    if together {
        let calls: Vec<_> = (0..count).map(|_| tokio::spawn(wait(ms))).collect();
        for call in calls {
            call.await.unwrap();
        }
    } else {
        for _ in 0..count {
            wait(ms).await;
        }
    }
    answer_text(format!("Waited {count} x {ms} ms"))
}

async fn serve_query(database: &Database, id: u64) -> Response<Body> {
    match database.ask(id as i32).await {
        Ok(Some(row)) => answer_json(&row),
        Ok(None) => not_found(),
        Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, ": no connection to the database"),
    }
}

/// Asks the backend, and waits for it 10 s longer than it was asked to wait.
async fn serve_fetch(place: &str, client: &Client<HttpConnector>, ms: u64) -> Response<Body> {
    let fetch = async {
        let response = client.get(format!("http://{place}/wait/{ms}").parse().ok()?).await.ok()?;
        let good = response.status() == StatusCode::OK;
        let body = hyper::body::to_bytes(response.into_body()).await.ok()?;
        good.then(|| answer("text/plain", Body::from(body)))
    };
    match tokio::time::timeout(Duration::from_millis(ms + 10_000), fetch).await {
        Ok(Some(response)) => response,
        Ok(None) => refuse(StatusCode::SERVICE_UNAVAILABLE, ": no answer from the backend"),
        Err(_) => refuse(StatusCode::GATEWAY_TIMEOUT, ": the backend is late"),
    }
}

fn number(text: &str, most: u64) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= most)
}

async fn serve_numbered(path: &[&str], query: Option<&str>, state: &State) -> Option<Response<Body>> {
    let tuned = state.tuned;
    Some(match path {
        ["bytes", n] => serve_bytes(number(n, 100_000_000)?),
        ["wait", ms] => {
            let ms = number(ms, 60_000)?;
            wait(ms).await;
            answer_text(format!("Waited {ms} ms"))
        }
        ["block", ms] => {
            let ms = number(ms, 60_000)?;
            run(tuned, move || std::thread::sleep(Duration::from_millis(ms))).await;
            answer_text(format!("Blocked {ms} ms"))
        }
        ["cpu", n] => {
            let rounds = number(n, 10_000_000_000)?;
            let _turn = state.computing.acquire().await.unwrap();
            answer_text(run(tuned, move || xorshift(rounds)).await.to_string())
        }
        ["calls", n, "wait", ms] => {
            serve_calls(number(n, 1000)?, number(ms, 60_000)?, query == Some("together")).await
        }
        ["file", name] => serve_file(state.files.as_ref()?, name).await?,
        ["query", id] => serve_query(state.database.as_ref()?, number(id, i32::MAX as u64)?).await,
        ["fetch", ms] => {
            let (place, client) = state.backend.as_ref()?;
            serve_fetch(place, client, number(ms, 60_000)?).await
        }
        _ => return None,
    })
}

async fn serve(request: Request<Body>, state: &State) -> Result<Response<Body>, Infallible> {
    Ok(match request.uri().path() {
        "/plaintext" => answer("text/plain", Body::from("Hello, World!")),
        "/json" => answer_json(&Message { message: "Hello, World!" }),
        "/echo" => serve_echo(request).await,
        path => {
            let parts: Vec<&str> = path.split('/').skip(1).collect();
            let query = request.uri().query();
            serve_numbered(&parts, query, state).await.unwrap_or_else(not_found)
        }
    })
}

fn listen(address: SocketAddr, tuned: bool) -> std::io::Result<AddrIncoming> {
    if !tuned {
        return AddrIncoming::bind(&address).map_err(|e| std::io::Error::new(std::io::ErrorKind::Other, e));
    }
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let mut incoming = AddrIncoming::from_listener(socket.listen(65535)?)
        .map_err(|e| std::io::Error::new(std::io::ErrorKind::Other, e))?;
    incoming.set_nodelay(true);
    Ok(incoming)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().map(String::as_str) == Some("--version") {
        println!("hyper {}", env!("HYPER_VERSION"));
        return;
    }
    let address = match arguments.as_slice() {
        [host, port, ..] => format!("{host}:{port}").parse().expect("HOST PORT"),
        _ => panic!("usage: server HOST PORT [WORKERS] | --version"),
    };
    let tuned = arguments.len() > 2;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all();
    if tuned {
        runtime.worker_threads(arguments[2].parse().expect("WORKERS"));
    }
    runtime.build().unwrap().block_on(async {
        let state: &State = Box::leak(Box::new(State::from_environment(tuned)));
        let service = make_service_fn(move |_| async move {
            Ok::<_, Infallible>(service_fn(move |request| serve(request, state)))
        });
        if let Err(error) = Server::builder(listen(address, tuned).unwrap()).serve(service).await {
            eprintln!("{error}");
        }
    });
}
