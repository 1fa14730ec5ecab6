// The same server, with a virtual thread for each request: java Virtual HOST PORT [BACKLOG]

import java.io.IOException;
import java.util.concurrent.Executors;

final class Virtual {
  private Virtual() {}

  public static void main(String[] arguments) throws IOException {
    new Server(arguments, Executors.newVirtualThreadPerTaskExecutor());
  }
}
