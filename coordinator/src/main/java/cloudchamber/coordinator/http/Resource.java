package cloudchamber.coordinator.http;

import cloudchamber.coordinator.http.Router.Route;
import java.util.List;

/** A part of the API: what hangs together under one path. */
interface Resource {
    List<Route> routes();
}
