package cloudchamber.node;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The addresses of {@code --join}. */
public final class Contacts {
    private Contacts() {}

    /** Whether it is {@code HOST:PORT}. */
    public static boolean valid(String contact) {
        int colon = contact.lastIndexOf(':');
        if (colon <= 0) {
            return false;
        }
        try {
            int port = Integer.parseInt(contact.substring(colon + 1));
            return port > 0 && port <= 0xffff;
        } catch (NumberFormatException none) {
            return false;
        }
    }

    /**
     * The contacts, and for each host name all its addresses: nodes are known to the cluster by the name or address
     * of their {@code --host}. Waits for the name service.
     */
    public static Set<String> resolved(List<String> contacts) {
        var all = new LinkedHashSet<String>();
        for (var contact : contacts) {
            all.add(contact);
            int colon = contact.lastIndexOf(':');
            try {
                for (var address : InetAddress.getAllByName(contact.substring(0, colon))) {
                    all.add(host(address) + contact.substring(colon));
                }
            } catch (UnknownHostException notYet) {
                // The name itself stays; the next attempt asks again.
            }
        }
        return all;
    }

    private static String host(InetAddress address) {
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]" : address.getHostAddress();
    }
}
