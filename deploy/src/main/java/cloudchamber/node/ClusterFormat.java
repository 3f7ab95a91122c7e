package cloudchamber.node;

import com.typesafe.config.Config;
import java.util.List;
import org.apache.pekko.cluster.ConfigValidation;
import org.apache.pekko.cluster.JoinConfigCompatChecker;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Lets nodes of another format neither in nor be joined. */
public final class ClusterFormat extends JoinConfigCompatChecker {
    private static final Seq<String> KEYS =
            CollectionConverters.asScala(List.of("cloudchamber.cluster.format")).toList();

    @Override
    public Seq<String> requiredKeys() {
        return KEYS;
    }

    @Override
    public ConfigValidation check(Config toCheck, Config actualConfig) {
        return JoinConfigCompatChecker.fullMatch(KEYS, toCheck, actualConfig);
    }
}
