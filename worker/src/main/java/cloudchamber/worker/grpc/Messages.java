package cloudchamber.worker.grpc;

import cloudchamber.protocol.grpc.DescribeRequest;
import cloudchamber.protocol.grpc.ModelDescription;
import cloudchamber.protocol.grpc.RefusalCategory;
import cloudchamber.protocol.grpc.Role;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.remote.RemoteTrouble;
import java.util.List;

/** Messages of the contract to values and back. */
public final class Messages {
    private Messages() {}

    /** The question every server is asked first. */
    public static final DescribeRequest DESCRIBE = DescribeRequest.getDefaultInstance();

    public static ModelDescription description(ServedModel model) {
        return ModelDescription.newBuilder()
                .setName(model.name())
                .setWeightsSha256(model.sha256())
                .setTemplate(model.template())
                .setSlots(model.slots())
                .setContextTokens(model.contextTokens())
                .setLibrary(model.numericsClass().library())
                .setVariant(model.numericsClass().variant())
                .setContext(model.numericsClass().context())
                .build();
    }

    /**
     * The announcement of a described model.
     *
     * @param name by which jobs ask for it
     * @param slots the most to ask of it at once
     */
    public static ServedModel served(String name, int slots, ModelDescription description) {
        if (description.getSlots() < 1 || description.getContextTokens() < 1) {
            throw RemoteTrouble.invalid("slots and context_tokens must be at least 1: were " + description.getSlots()
                    + " and " + description.getContextTokens());
        }
        try {
            var weights = description.getWeightsSha256();
            return new ServedModel(
                    name,
                    weights,
                    description.getTemplate(),
                    new NumericsClass(
                            description.getLibrary(), description.getVariant(), weights, description.getContext()),
                    Math.min(slots, description.getSlots()),
                    description.getContextTokens());
        } catch (IllegalArgumentException incomplete) {
            throw RemoteTrouble.invalid(
                    "a description must name weights, library, variant and context: " + incomplete.getMessage());
        }
    }

    public static List<cloudchamber.protocol.grpc.Message> prompt(Prompt prompt) {
        return prompt.messages().stream()
                .map(message -> cloudchamber.protocol.grpc.Message.newBuilder()
                        .setRole(
                                switch (message.role()) {
                                    case SYSTEM -> Role.ROLE_SYSTEM;
                                    case USER -> Role.ROLE_USER;
                                    case ASSISTANT -> Role.ROLE_ASSISTANT;
                                })
                        .setContent(message.content())
                        .build())
                .toList();
    }

    /**
     * @throws IllegalArgumentException if the messages are no prompt
     */
    public static Prompt prompt(List<cloudchamber.protocol.grpc.Message> messages) {
        return new Prompt(messages.stream()
                .map(message -> new Message(
                        switch (message.getRole()) {
                            case ROLE_SYSTEM -> Message.Role.SYSTEM;
                            case ROLE_USER -> Message.Role.USER;
                            case ROLE_ASSISTANT -> Message.Role.ASSISTANT;
                            case ROLE_UNSPECIFIED, UNRECOGNIZED ->
                                throw new IllegalArgumentException("a message must have a known role: had none");
                        },
                        message.getContent()))
                .toList());
    }

    public static List<cloudchamber.protocol.grpc.PrefixStep> prefix(List<PrefixStep> prefix) {
        return prefix.stream()
                .map(step -> cloudchamber.protocol.grpc.PrefixStep.newBuilder()
                        .setText(step.text())
                        .addAllTokenIds(step.tokenIds())
                        .build())
                .toList();
    }

    public static List<PrefixStep> steps(List<cloudchamber.protocol.grpc.PrefixStep> prefix) {
        return prefix.stream()
                .map(step -> new PrefixStep(step.getText(), step.getTokenIdsList()))
                .toList();
    }

    public static cloudchamber.protocol.grpc.Usage usage(Usage usage) {
        return cloudchamber.protocol.grpc.Usage.newBuilder()
                .setPromptTokens(usage.promptTokens())
                .setCachedTokens(usage.cachedTokens())
                .setCompletionTokens(usage.completionTokens())
                .build();
    }

    public static Usage usage(cloudchamber.protocol.grpc.Usage usage) {
        return new Usage(usage.getPromptTokens(), usage.getCachedTokens(), usage.getCompletionTokens());
    }

    public static cloudchamber.protocol.grpc.Refusal refusal(Refusal refusal) {
        return cloudchamber.protocol.grpc.Refusal.newBuilder()
                .setCategory(
                        switch (refusal.category()) {
                            case CONTEXT_OVERFLOW -> RefusalCategory.REFUSAL_CATEGORY_CONTEXT_OVERFLOW;
                            case INVALID_REQUEST -> RefusalCategory.REFUSAL_CATEGORY_INVALID_REQUEST;
                            case OVERLOADED -> RefusalCategory.REFUSAL_CATEGORY_OVERLOADED;
                            case PREFIX_UNKNOWN,
                                    BACKEND_UNAVAILABLE,
                                    BACKEND_INVALID,
                                    STOPPING,
                                    MODEL_UNKNOWN,
                                    TIMED_OUT -> RefusalCategory.REFUSAL_CATEGORY_UNAVAILABLE;
                        })
                .setDetail(refusal.detail())
                .build();
    }

    public static RemoteTrouble trouble(cloudchamber.protocol.grpc.Refusal refusal) {
        return new RemoteTrouble(
                switch (refusal.getCategory()) {
                    case REFUSAL_CATEGORY_OVERLOADED -> Category.OVERLOADED;
                    case REFUSAL_CATEGORY_CONTEXT_OVERFLOW -> Category.CONTEXT_OVERFLOW;
                    case REFUSAL_CATEGORY_INVALID_REQUEST -> Category.INVALID_REQUEST;
                    case REFUSAL_CATEGORY_UNAVAILABLE, REFUSAL_CATEGORY_UNSPECIFIED, UNRECOGNIZED ->
                        Category.BACKEND_UNAVAILABLE;
                },
                refusal.getDetail());
    }
}
