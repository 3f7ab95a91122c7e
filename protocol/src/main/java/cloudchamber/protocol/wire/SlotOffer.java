package cloudchamber.protocol.wire;

/**
 * Slots for a dispatcher, sent along with the results that made them free.
 *
 * @param slotsOffered as in {@link DispatcherMessage.Offer}
 * @param keep as in {@link DispatcherMessage.Offer}
 */
public record SlotOffer(long slotsOffered, boolean keep) {}
