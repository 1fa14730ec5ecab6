// The HTTP server that comes with Java, a thread for each request: java Server HOST PORT [BACKLOG]
// Upon SIGUSR1 it collects its garbage, for which nothing is prepared before.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sun.misc.Signal;

final class Server {
  private static final byte[] PATTERN = // of /bytes/N
      utf8("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".repeat(1024));
  private static final Pattern CALLS = Pattern.compile("/calls/([0-9]{1,4})/wait/([0-9]{1,5})");
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");
  private static final String BACKEND = System.getenv("TENK_BACKEND");
  private static final String KEPT_CONNECTIONS = System.getenv("TENK_FETCH_CONNECTIONS");
  private static final String FILES = System.getenv("TENK_FILES");

  private final Executor executor;
  private final HttpServer server;
  private final HttpClient client;
  private final Database database;

  /** What is answered; refusals are those of a status and a reason. */
  private static final class Refusal extends Exception {
    final int status;

    Refusal(int status, String reason) {
      super(reason, null, false, false);
      this.status = status;
    }
  }

  private interface Route {
    void serve(HttpExchange exchange) throws IOException, InterruptedException, Refusal;
  }

  private interface NumberedRoute {
    void serve(HttpExchange exchange, long number)
        throws IOException, InterruptedException, Refusal;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Sends status and fields. False: there is no body, or none may be sent. */
  private static boolean begin(HttpExchange exchange, int status, String type, long length)
      throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");

    exchange.getResponseHeaders().set("Content-Type", type);
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
    }
    exchange.sendResponseHeaders(status, head || length == 0 ? -1 : length);
    return !head && length > 0;
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    if (begin(exchange, status, type, body.length)) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private static void answerText(HttpExchange exchange, String text) throws IOException {
    answer(exchange, 200, "text/plain", utf8(text));
  }

  private static String phrase(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 504 -> "Gateway Timeout";
      default -> "Service Unavailable";
    };
  }

  private void add(String path, Route route) {
    server.createContext(path, exchange -> {
      try {
        route.serve(exchange);
      } catch (Refusal refusal) {
        String reason = refusal.getMessage() == null ? "" : ": " + refusal.getMessage();

        answer(exchange, refusal.status, "text/plain",
            utf8(refusal.status + " " + phrase(refusal.status) + reason + "\n"));
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    });
  }

  /** A route of one path and no longer one: contexts take all that begins alike. */
  private void addExact(String path, Route route) {
    add(path, exchange -> {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        throw new Refusal(404, null);
      }
      route.serve(exchange);
    });
  }

  /** A route that ends with a number, as in /bytes/N. */
  private void addNumbered(String path, long most, NumberedRoute route) {
    add(path, exchange -> {
      String text = exchange.getRequestURI().getPath().substring(path.length());

      if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')
          || Long.parseLong(text) > most) {
        throw new Refusal(404, null);
      }
      route.serve(exchange, Long.parseLong(text));
    });
  }

  private static void serveBytes(HttpExchange exchange, long count) throws IOException {
    if (begin(exchange, 200, "application/octet-stream", count)) {
      try (OutputStream out = exchange.getResponseBody()) {
        for (long left = count; left > 0; left -= PATTERN.length) {
          out.write(PATTERN, 0, (int) Math.min(left, PATTERN.length));
        }
      }
    }
  }

  private static void serveEcho(HttpExchange exchange) throws IOException, Refusal {
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      throw new Refusal(405, null);
    }
    byte[] body;

    try {
      body = exchange.getRequestBody().readAllBytes();
    } catch (IOException wrong) {
      exchange.getResponseHeaders().set("Connection", "close");
      throw new Refusal(400, null);
    }
    answer(exchange, 200, "application/octet-stream", body);
  }

  /** Marsaglia's xorshift32. */
  private static int xorshift(long rounds) {
    int x = (int) 2463534242L;

    for (; rounds > 0; rounds--) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
    }
    return x;
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** /calls/N/wait/MS: in turn, or each in a thread of its own. */
  private void serveCalls(HttpExchange exchange) throws IOException, Refusal {
    Matcher numbers = CALLS.matcher(exchange.getRequestURI().getPath());

    if (!numbers.matches()) {
      throw new Refusal(404, null);
    }
    int count = Integer.parseInt(numbers.group(1));
    int ms = Integer.parseInt(numbers.group(2));
    if (count > 1000 || ms > 60000) {
      throw new Refusal(404, null);
    }
    if ("together".equals(exchange.getRequestURI().getQuery())) {
      CompletableFuture.allOf(Stream.generate(() -> CompletableFuture.runAsync(() -> sleep(ms), executor))
          .limit(count).toArray(CompletableFuture[]::new)).join();
    } else {
      for (int i = 0; i < count; i++) {
        sleep(ms);
      }
    }
    answerText(exchange, "Waited " + count + " x " + ms + " ms");
  }

  private static void serveFile(HttpExchange exchange) throws IOException, Refusal {
    String name = exchange.getRequestURI().getPath().substring("/file/".length());
    Path path = FILE_NAME.matcher(name).matches() ? Path.of(FILES, name) : null;

    if (path == null || !Files.isRegularFile(path)) {
      throw new Refusal(404, null);
    }
    if (begin(exchange, 200, "application/octet-stream", Files.size(path))) {
      try (OutputStream out = exchange.getResponseBody()) {
        Files.copy(path, out);
      }
    }
  }

  /** Asks the backend, and waits for it 10 s longer than it was asked to wait. */
  private void serveFetch(HttpExchange exchange, long ms)
      throws IOException, InterruptedException, Refusal {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + BACKEND + "/wait/" + ms))
        .timeout(Duration.ofMillis(ms + 10_000));
    HttpResponse<byte[]> response;

    if ("0".equals(KEPT_CONNECTIONS)) { // a fresh one each: to the client's pool 0 is without bounds
      request.header("Connection", "close");
    }
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (HttpTimeoutException late) {
      throw new Refusal(504, "the backend is late");
    } catch (IOException failure) {
      throw new Refusal(503, "no answer from the backend");
    }
    if (response.statusCode() != 200) {
      throw new Refusal(503, "no answer from the backend");
    }
    answer(exchange, 200, "text/plain", response.body());
  }

  private void serveQuery(HttpExchange exchange, long id)
      throws IOException, InterruptedException, Refusal {
    String found;

    try {
      found = database.ask((int) id);
    } catch (SQLException failure) {
      throw new Refusal(503, "no connection to the database");
    }
    if (found == null) {
      throw new Refusal(404, null);
    }
    answer(exchange, 200, "application/json", utf8(found));
  }

  private void addRoutes() {
    byte[] plaintext = utf8("Hello, World!");

    add("/", exchange -> {
      throw new Refusal(404, null);
    });
    addExact("/plaintext", exchange -> answer(exchange, 200, "text/plain", plaintext));
    addExact("/json", exchange -> answer(exchange, 200, "application/json",
        utf8("{\"message\":" + Json.quote("Hello, World!") + "}")));
    addExact("/echo", Server::serveEcho);
    add("/calls/", this::serveCalls);
    addNumbered("/bytes/", 100_000_000, Server::serveBytes);
    addNumbered("/cpu/", 10_000_000_000L,
        (exchange, rounds) -> answerText(exchange, Integer.toUnsignedString(xorshift(rounds))));
    addNumbered("/wait/", 60_000, (exchange, ms) -> {
      Thread.sleep(ms);
      answerText(exchange, "Waited " + ms + " ms");
    });
    addNumbered("/block/", 60_000, (exchange, ms) -> {
      Thread.sleep(ms);
      answerText(exchange, "Blocked " + ms + " ms");
    });
    if (FILES != null) {
      add("/file/", Server::serveFile);
    }
    if (BACKEND != null) {
      addNumbered("/fetch/", 60_000, this::serveFetch);
    }
    if (database != null) {
      addNumbered("/query/", Integer.MAX_VALUE, this::serveQuery);
    }
  }

  /** Serves with this executor, which is given each request; returns at once. */
  Server(String[] arguments, Executor executor) throws IOException {
    int backlog = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0; // 0: as it comes

    if (KEPT_CONNECTIONS != null) {
      System.setProperty("jdk.httpclient.connectionPoolSize", KEPT_CONNECTIONS);
      System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection");
    }
    this.executor = executor;
    server = HttpServer.create(
        new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])), backlog);
    client = BACKEND == null ? null : HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1).executor(executor).build();
    database = Database.fromEnvironment();
    addRoutes();
    server.setExecutor(executor);
    Signal.handle(new Signal("USR1"), signal -> System.gc());
    server.start();
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2) {
      System.err.println("usage: java Server HOST PORT [BACKLOG]");
      System.exit(2);
    }
    new Server(arguments, Executors.newCachedThreadPool());
  }
}
