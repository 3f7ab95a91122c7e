package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.DispatchSettings;
import com.typesafe.config.ConfigFactory;

/** The dispatcher as it is shipped. */
final class BenchDispatch {
    private BenchDispatch() {}

    static DispatchSettings settings() {
        return DispatchSettings.from(ConfigFactory.load());
    }
}
