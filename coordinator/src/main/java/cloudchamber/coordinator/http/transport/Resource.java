package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.http.transport.Router.Route;
import java.util.List;

/** A part of the API: what hangs together under one path. */
public interface Resource {
    List<Route> routes();
}
