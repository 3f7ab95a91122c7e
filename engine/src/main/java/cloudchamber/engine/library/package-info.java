/**
 * Native libraries on disk: which packages hold them, where they lie, how they get there.
 *
 * <pre>
 *   LibraryPackage (name, version, digest) --install with npm--> a folder of InstalledLibraries
 *   LibraryChoice (what the user asked for) --find--> LibraryLocation (where, and why there)
 * </pre>
 *
 * <p>May use: {@code engine.fault}.
 */
package cloudchamber.engine.library;
