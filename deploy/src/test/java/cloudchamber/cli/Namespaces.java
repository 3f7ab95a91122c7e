package cloudchamber.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Machines that are network namespaces of this one, on one bridge: 198.18.N.1, .2 and so on; this machine is
 * 198.18.N.254. A cut of one direction gives the sender a false hardware address of the receiver, so that what it
 * sends is lost without a word.
 */
final class Namespaces implements SharedCluster.Machines, AutoCloseable {
    private static final String NOBODY = "02:00:00:00:00:99";

    private final String name;
    private final String network;
    private final int machines;
    private final Set<List<Integer>> cut = new HashSet<>();

    private Namespaces(int number, int machines) {
        this.name = "cc" + number;
        this.network = "198.18." + number + ".";
        this.machines = machines;
    }

    /** Makes them; empty where that is not allowed. */
    static Optional<Namespaces> make(int machines) {
        var made = new Namespaces((int) (ProcessHandle.current().pid() % 250), machines);
        try {
            made.lay();
            return Optional.of(made);
        } catch (IOException refused) {
            System.out.println(
                    "Namespaces: NOT TESTED, network namespaces cannot be made here: " + refused.getMessage());
            made.close();
            return Optional.empty();
        }
    }

    private void lay() throws IOException {
        run("ip", "netns", "add", hub());
        inHub("ip", "link", "add", "bridge", "type", "bridge");
        inHub("ip", "link", "set", "bridge", "up");
        plug(name, 254, Optional.empty());
        for (int machine = 0; machine < machines; machine++) {
            run("ip", "netns", "add", namespace(machine));
            plug("eth0", machine + 1, Optional.of(namespace(machine)));
        }
    }

    /** Lays a cable from the bridge. */
    private void plug(String device, int number, Optional<String> namespace) throws IOException {
        var end = name + "p" + number;
        run("ip", "link", "add", end, "netns", hub(), "type", "veth", "peer", "name", name + "e" + number);
        inHub("ip", "link", "set", end, "master", "bridge", "up");
        var peer = name + "e" + number;
        if (namespace.isPresent()) {
            run("ip", "link", "set", peer, "netns", namespace.get());
            in(namespace.get(), "ip", "link", "set", peer, "name", device);
            in(namespace.get(), "ip", "addr", "add", network + number + "/24", "dev", device);
            in(namespace.get(), "ip", "link", "set", device, "up");
            in(namespace.get(), "ip", "link", "set", "lo", "up");
        } else {
            run("ip", "link", "set", peer, "name", device);
            run("ip", "addr", "add", network + number + "/24", "dev", device);
            run("ip", "link", "set", device, "up");
        }
    }

    private String hub() {
        return name + "-hub";
    }

    private String namespace(int machine) {
        return name + "-" + machine;
    }

    private String address(int machine) {
        return network + (machine + 1);
    }

    // ---- faults

    /** What one machine sends never reaches the other. */
    void cutOneWay(int from, int to) throws IOException {
        if (cut.add(List.of(from, to))) {
            in(
                    namespace(from),
                    "ip",
                    "neigh",
                    "replace",
                    address(to),
                    "lladdr",
                    NOBODY,
                    "nud",
                    "permanent",
                    "dev",
                    "eth0");
        }
    }

    /** Machines of different parts do not reach each other; those that are in none reach all. */
    void part(List<List<Integer>> parts) throws IOException {
        for (var part : parts) {
            for (var other : parts) {
                if (part != other) {
                    for (int from : part) {
                        for (int to : other) {
                            cutOneWay(from, to);
                        }
                    }
                }
            }
        }
    }

    /**
     * Each machine loses this part of what it sends.
     *
     * @return whether the kernel can do that
     */
    boolean lose(int percent) throws IOException {
        try {
            for (int machine = 0; machine < machines; machine++) {
                in(namespace(machine), "tc", "qdisc", "add", "dev", "eth0", "root", "netem", "loss", percent + "%");
            }
            return true;
        } catch (IOException unknown) {
            System.out.println("Namespaces: NOT TESTED, the kernel cannot lose packets: " + unknown.getMessage());
            return false;
        }
    }

    void loseNothing() throws IOException {
        for (int machine = 0; machine < machines; machine++) {
            in(namespace(machine), "tc", "qdisc", "del", "dev", "eth0", "root");
        }
    }

    void heal() throws IOException {
        for (var pair : cut) {
            in(namespace(pair.getFirst()), "ip", "neigh", "del", address(pair.getLast()), "dev", "eth0");
        }
        cut.clear();
    }

    // ---- nodes

    @Override
    public List<String> before(int machine) {
        return List.of("ip", "netns", "exec", namespace(machine));
    }

    @Override
    public List<String> arguments(int machine) {
        var arguments = new ArrayList<>(List.of("--host", address(machine), "--insecure-cluster"));
        arguments.addAll(List.of("--http-host", address(machine), "--insecure-http"));
        return arguments;
    }

    @Override
    public String databaseHost() {
        return network + 254;
    }

    // ---- commands

    private void inHub(String... command) throws IOException {
        in(hub(), command);
    }

    private static void in(String namespace, String... command) throws IOException {
        var words = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        words.addAll(List.of(command));
        run(words.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said.strip());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    @Override
    public void close() {
        var all = new ArrayList<String>();
        for (int machine = 0; machine < machines; machine++) {
            all.add(namespace(machine));
        }
        all.add(hub());
        for (var each : all) {
            try {
                run("ip", "netns", "del", each);
            } catch (IOException none) {
                System.out.println("Namespaces: " + none.getMessage());
            }
        }
    }
}
