package cloudchamber.protocol.model;

/** One turn of a conversation. */
public record Message(Role role, String content) {

    /** Who speaks. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }

    public Message {
        Checks.present(role, "role");
        Checks.present(content, "content");
    }
}
