package cloudchamber.coordinator.access;

/**
 * What one tenant may ask of one node. 0 stands for as much as it likes.
 *
 * @param requestsPerMinute of the API
 * @param tokensPerMinute read and generated for it on the whole cluster
 * @param inFlight requests that are being answered, streams among them
 */
public record TenantLimit(long requestsPerMinute, long tokensPerMinute, int inFlight) {
    public TenantLimit {
        if (requestsPerMinute < 0 || tokensPerMinute < 0 || inFlight < 0) {
            throw new IllegalArgumentException("cloudchamber.http.limits must not be negative: were "
                    + requestsPerMinute + ", " + tokensPerMinute + " and " + inFlight);
        }
    }

    public static final TenantLimit NONE = new TenantLimit(0, 0, 0);
}
