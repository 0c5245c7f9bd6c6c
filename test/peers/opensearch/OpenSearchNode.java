import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/**
 * One OpenSearch node on 127.0.0.1 for tests: OpenSearchNode HOME PORT [setting=value ...]. Port 0 is a free one; prints
 * "READY port". Ends with its stdin, so that it never outlives the test that started it.
 */
public class OpenSearchNode extends Node {
  private static final List<String> MODULES = List.of(
      "org.opensearch.transport.Netty4ModulePlugin",
      "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
      "org.opensearch.painless.PainlessModulePlugin",
      "org.opensearch.index.reindex.ReindexModulePlugin",
      "org.opensearch.index.mapper.MapperExtrasModulePlugin",
      "org.opensearch.plugin.analysis.nori.AnalysisNoriPlugin");

  private OpenSearchNode(Environment environment, List<PluginInfo> modules) {
    super(environment, modules, false);
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    Path config = Files.createDirectories(home.resolve("config"));
    Settings.Builder settings = Settings.builder()
        .put("path.home", home.toString())
        .put("cluster.name", "cali-test")
        .put("node.name", "test")
        .put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1")
        .put("http.port", args[1])
        .put("transport.port", "0")
        // The disk of a developer's machine is often fuller than a node likes.
        .put("cluster.routing.allocation.disk.threshold_enabled", false);
    for (int i = 2; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    List<PluginInfo> modules = new ArrayList<>();
    String java = Integer.toString(Runtime.version().feature());
    for (String name : MODULES) {
      modules.add(new PluginInfo(name, name, Version.CURRENT.toString(), Version.CURRENT, java, name, List.of(), false));
    }
    Node node = new OpenSearchNode(
        InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), config, () -> "test"), modules);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
        node.awaitClose(20, TimeUnit.SECONDS);
      } catch (Exception error) {
        error.printStackTrace();
      }
    }));
    node.start();
    System.out.println("READY "
        + node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress().getPort());
    while (System.in.read() != -1) {
      // Only its end matters.
    }
    System.exit(0);
  }
}
