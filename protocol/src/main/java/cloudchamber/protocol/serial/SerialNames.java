package cloudchamber.protocol.serial;

import java.util.List;

/**
 * The table of one owner's names: every class of it whose objects are stored or sent. Tables are listed under {@code
 * cloudchamber.serial-names} in the configuration and have a constructor without parameters.
 */
public interface SerialNames {
    List<SerialName> names();
}
