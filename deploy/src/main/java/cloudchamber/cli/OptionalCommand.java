package cloudchamber.cli;

import java.util.concurrent.Callable;

/** A command that is there when its jar is on the class path, and is found as a service; it is no part of the distribution. */
public interface OptionalCommand extends Callable<Integer> {}
