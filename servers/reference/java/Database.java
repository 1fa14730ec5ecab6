import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/** Connections to PostgreSQL, as many as are allowed at most, each with its prepared statement. */
final class Database {
  private static final String QUERY = "SELECT id, message FROM messages WHERE id = ?";

  private final ConcurrentLinkedDeque<PreparedStatement> idle = new ConcurrentLinkedDeque<>();
  private final Semaphore allowed;
  private final String url;
  private final Properties properties = new Properties();

  /** As the environment says; null where it says nothing. */
  static Database fromEnvironment() {
    String where = System.getenv("TENK_DATABASE");
    String most = System.getenv("TENK_DATABASE_CONNECTIONS");

    return where == null ? null : new Database(URI.create(where), most == null ? 16 : Integer.parseInt(most));
  }

  /** A postgresql:// URL as libpq knows it; a host that begins with a slash is a socket's folder. */
  private Database(URI where, int most) {
    String authority = where.getRawAuthority() == null ? "" : where.getRawAuthority();
    int at = authority.lastIndexOf('@') + 1;
    int colon = authority.indexOf(':', at);
    String host = decode(authority.substring(at, colon < 0 ? authority.length() : colon));
    String port = colon < 0 ? "5432" : authority.substring(colon + 1);
    String name = where.getPath().length() > 1 ? where.getPath().substring(1) : "";

    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    if (at > 0) {
      String[] user = authority.substring(0, at - 1).split(":", 2);

      properties.setProperty("user", decode(user[0]));
      if (user.length > 1) {
        properties.setProperty("password", decode(user[1]));
      }
    }
    for (String pair : where.getRawQuery() == null ? new String[0] : where.getRawQuery().split("&")) {
      String key = pair.split("=", 2)[0];
      String value = decode(pair.substring(Math.min(pair.length(), key.length() + 1)));

      switch (key) {
        case "host" -> host = value;
        case "port" -> port = value;
        case "dbname" -> name = value;
        case "user", "password" -> properties.setProperty(key, value);
        default -> { }
      }
    }
    if (host.startsWith("/")) {
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty("socketFactoryArg", host + "/.s.PGSQL." + port);
      host = "localhost";
    }
    url = "jdbc:postgresql://" + (host.isEmpty() ? "127.0.0.1" : host) + ":" + port + "/" + name;
    allowed = new Semaphore(most);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private PreparedStatement connect() throws SQLException {
    return DriverManager.getConnection(url, properties).prepareStatement(QUERY);
  }

  private static void close(PreparedStatement statement) {
    try (Connection connection = statement.getConnection()) {
      statement.close();
    } catch (SQLException gone) {
      // It was of no use any more.
    }
  }

  private static String execute(PreparedStatement statement, int id) throws SQLException {
    statement.setInt(1, id);
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next()
          ? "{\"id\":" + rows.getInt(1) + ",\"message\":" + Json.quote(rows.getString(2)) + "}"
          : null;
    }
  }

  /**
   * The row as JSON; null: there is none. A connection that lay idle may have been lost meanwhile:
   * then it is tried with others, the last being a fresh one.
   */
  String ask(int id) throws SQLException, InterruptedException {
    allowed.acquire();
    try {
      while (true) {
        PreparedStatement kept = idle.pollFirst();
        PreparedStatement statement = kept == null ? connect() : kept;

        try {
          String found = execute(statement, id);

          idle.addFirst(statement);
          return found;
        } catch (SQLException failure) {
          close(statement);
          if (kept == null) {
            throw failure;
          }
        }
      }
    } finally {
      allowed.release();
    }
  }
}
