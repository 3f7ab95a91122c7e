package cloudchamber.coordinator.http.chat;

import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemUpdate;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.Thoughts;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The objects of OpenAI's chat completions, with what a search adds. */
public final class ChatDocument {
    private ChatDocument() {}

    /** @param metadata null unless it was asked for */
    record Completion(
            String id,
            String object,
            long created,
            String model,
            List<Choice> choices,
            Usage usage,
            @JsonInclude(JsonInclude.Include.NON_NULL) Metadata metadata) {}

    record Choice(
            int index,
            Content message,
            Object logprobs,
            @JsonProperty("finish_reason") String finishReason,
            Elected its) {}

    /**
     * The text of a particle.
     *
     * @param content what it says
     * @param reasoningContent what it thinks; left out if it does not
     */
    record Content(
            String role,
            String content,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("reasoning_content")
            String reasoningContent,

            String refusal) {}

    /**
     * What a choice is worth.
     *
     * @param answer null if the text has none
     * @param weight of all particles with the answer, in [0, 1]; null where the method does not tell
     */
    record Elected(String answer, Double weight) {}

    /** Summed over all particles: what the search took, not the length of what is returned. */
    record Usage(
            @JsonProperty("prompt_tokens") long promptTokens,
            @JsonProperty("completion_tokens") long completionTokens,
            @JsonProperty("total_tokens") long totalTokens,
            @JsonProperty("prompt_tokens_details") PromptDetails promptDetails,
            @JsonProperty("completion_tokens_details") CompletionDetails completionDetails) {}

    record PromptDetails(@JsonProperty("cached_tokens") long cachedTokens) {}

    record CompletionDetails(
            @JsonProperty("reasoning_tokens") long reasoningTokens) {}

    /**
     * The search.
     *
     * @param weights one for each of {@code allResponses}
     * @param ess one for each round and chain
     * @param steps how many each response has
     * @param job under which the native API knows it
     */
    public record Metadata(
            String algorithm,
            String job,
            long seed,
            @JsonProperty("selected_index") int selectedIndex,
            @JsonProperty("all_responses") List<String> allResponses,
            List<Double> weights,
            List<Integer> steps,
            List<Double> ess,
            List<ProblemView.PosteriorWeight> posterior,
            @JsonProperty("log_evidence") Double logEvidence,
            @JsonProperty("no_evidence") String noEvidence,
            @JsonProperty("num_calls") long calls,
            @JsonProperty("prm_calls") long prmCalls,
            @JsonProperty("prm_tokens") long prmTokens,
            @JsonProperty("wasted_tokens") long wastedTokens) {}

    /** @param usage null but in the last one, and there only if it was asked for */
    record Chunk(
            String id,
            String object,
            long created,
            String model,
            List<Delta> choices,
            @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage,
            @JsonInclude(JsonInclude.Include.NON_NULL) Progress its,
            @JsonInclude(JsonInclude.Include.NON_NULL) Metadata metadata) {}

    record Delta(
            int index,
            Text delta,
            Object logprobs,
            @JsonProperty("finish_reason") String finishReason,
            @JsonInclude(JsonInclude.Include.NON_NULL) Elected its) {}

    record Text(
            @JsonInclude(JsonInclude.Include.NON_NULL) String role,
            @JsonInclude(JsonInclude.Include.NON_NULL) String content,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("reasoning_content")
            String reasoningContent) {}

    /** How far the search is: what happened, nothing foretold. */
    record Progress(
            int round,
            int particles,
            int finished,
            List<Double> ess,
            ProblemUpdate.Best best,
            @JsonProperty("completion_tokens") long completionTokens) {}

    /** A text that was found. */
    record Found(String text, List<String> steps, String finishReason, Elected elected, int particle) {
        /** What it says, without the empty lines that part it from a thought before it. */
        String said() {
            return Thoughts.in(text) ? Thoughts.said(text).stripLeading() : text;
        }

        /** What it thinks; null if it does not. */
        String thought() {
            var thoughts = Thoughts.of(text).stream()
                    .filter(Thoughts.Stretch::thought)
                    .map(stretch -> Thoughts.inner(stretch.text()))
                    .filter(thought -> !thought.isEmpty())
                    .toList();
            return thoughts.isEmpty() ? null : String.join("\n\n", thoughts);
        }

        /** What it says, step by step. */
        List<String> saidSteps() {
            if (!Thoughts.in(text)) {
                return steps;
            }
            var said = new ArrayList<String>();
            var before = new StringBuilder();
            for (var step : steps) {
                before.append(step);
                var now = Thoughts.said(before.toString()).stripLeading();
                int known = said.stream().mapToInt(String::length).sum();
                if (now.length() > known) {
                    said.add(now.substring(known));
                }
            }
            return said;
        }
    }

    /** The distinct answers, heaviest first; at least one if the search succeeded. */
    static List<Found> found(ProblemView view, Grader grader, int wanted) {
        var found = new ArrayList<Found>();
        for (var answer : answers(view)) {
            if (found.size() == wanted) {
                break;
            }
            heaviest(view, grader, answer.answer()).ifPresent(particle -> found.add(found(view, particle, answer)));
        }
        if (found.isEmpty()) {
            heaviest(view, grader, null)
                    .ifPresent(particle -> found.add(found(view, particle, new Elected(null, null))));
        }
        return found;
    }

    /** The elected answer first, then the others by weight. */
    private static List<Elected> answers(ProblemView view) {
        var answers = new ArrayList<Elected>();
        if (view.answer() != null
                && view.posterior().stream().noneMatch(entry -> view.answer().equals(entry.answer()))) {
            answers.add(new Elected(view.answer(), null));
        }
        view.posterior().stream()
                .filter(entry -> entry.answer() != null)
                .sorted(Comparator.comparing(
                        (ProblemView.PosteriorWeight entry) -> !entry.answer().equals(view.answer())))
                .forEach(entry -> answers.add(new Elected(entry.answer(), entry.weight())));
        return answers;
    }

    private static Optional<Integer> heaviest(ProblemView view, Grader grader, String answer) {
        Integer best = null;
        for (int index = 0; index < view.particles().size(); index++) {
            var particle = view.particles().get(index);
            boolean has = answer == null
                    || particle.answer() != null
                            && (particle.answer().equals(answer) || grader.equivalent(particle.answer(), answer));
            if (has && (best == null || weight(view, index) > weight(view, best))) {
                best = index;
            }
        }
        return Optional.ofNullable(best);
    }

    private static double weight(ProblemView view, int particle) {
        var weight = view.particles().get(particle).weight();
        return weight == null ? 0 : weight;
    }

    private static Found found(ProblemView view, int particle, Elected elected) {
        var steps = view.particles().get(particle).steps();
        var texts = steps.stream().map(ProblemView.StepView::text).toList();
        boolean cut = !steps.isEmpty() && steps.getLast().end() == StepEnd.TRUNCATED;
        return new Found(String.join("", texts), texts, cut ? "length" : "stop", elected, particle);
    }

    static Usage usage(ProblemView view) {
        var cost = view.cost();
        long prompt = cost.promptTokens() + cost.cachedTokens();
        return new Usage(
                prompt,
                cost.completionTokens(),
                prompt + cost.completionTokens(),
                new PromptDetails(cost.cachedTokens()),
                new CompletionDetails(0));
    }

    static Metadata metadata(ChatRequest request, ProblemView view, List<Found> found) {
        var texts = view.particles().stream()
                .map(particle -> particle.steps().stream()
                        .map(ProblemView.StepView::text)
                        .reduce("", String::concat))
                .toList();
        return new Metadata(
                request.job().method().id(),
                request.job().id(),
                request.job().seed(),
                found.getFirst().particle(),
                texts,
                view.particles().stream()
                        .map(particle -> particle.weight() == null ? 0.0 : particle.weight())
                        .toList(),
                view.particles().stream()
                        .map(particle -> particle.steps().size())
                        .toList(),
                view.rounds().stream().map(ProblemView.Round::ess).toList(),
                view.posterior(),
                view.logEvidence(),
                view.noEvidence(),
                view.cost().policyCalls(),
                view.cost().prmCalls(),
                view.cost().prmTokens(),
                view.cost().wastedTokens());
    }

    static Completion completion(ChatRequest request, ProblemView view, long created) {
        var found = found(view, request.job().foundBy(), request.choices());
        var choices = new ArrayList<Choice>(found.size());
        for (int index = 0; index < found.size(); index++) {
            var one = found.get(index);
            choices.add(new Choice(
                    index,
                    new Content("assistant", one.said(), one.thought(), null),
                    null,
                    one.finishReason(),
                    one.elected()));
        }
        return new Completion(
                request.job().id(),
                "chat.completion",
                created,
                request.model(),
                choices,
                usage(view),
                request.metadata() ? metadata(request, view, found) : null);
    }

    static Progress progress(ProblemUpdate.RoundView round) {
        Cost cost = round.cost();
        return new Progress(
                round.round(),
                round.chains().stream().mapToInt(chain -> chain.nodes().size()).sum(),
                round.chains().stream().mapToInt(ProblemUpdate.Chain::finished).sum(),
                round.chains().stream().map(ProblemUpdate.Chain::ess).toList(),
                round.best(),
                cost.completionTokens());
    }

    /** What a client is told of a search that found nothing. */
    static ApiError failed(ProblemView view) {
        return ApiError.of(
                        ErrorKind.SEARCH_FAILED,
                        view.status() == ProblemStatus.CANCELLED
                                ? "the search must come to its end: it was cancelled"
                                : "the search must come to its end: " + view.failure())
                .withHeader("X-Should-Retry", "false");
    }
}
