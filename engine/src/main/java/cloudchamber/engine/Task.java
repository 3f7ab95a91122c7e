package cloudchamber.engine;

import cloudchamber.engine.PrefixCache.Branch;
import cloudchamber.engine.fault.EngineException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One request in work: a text that grows, the part of it that is decoded, and what is done with the
 * logits. For the engine's thread, but for the future.
 *
 * @param <T> the answer
 */
abstract sealed class Task<T> permits GenerateTask, ScoreTask, LikelihoodTask {
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private T result;
    private EngineException failure;
    private final int givenTokens;
    private int[] text;
    private int size;
    private Branch branch;
    private int opened;
    private boolean admitted;
    private int promptTokens;

    Task(int[] given) {
        this.text = given;
        this.size = given.length;
        this.givenTokens = given.length;
    }

    CompletableFuture<T> answer() {
        return answer;
    }

    /** Settles the answer; the caller hears of it by {@link #deliver}. */
    void finish(T result) {
        this.result = result;
    }

    void fail(EngineException failure) {
        this.failure = failure;
    }

    /** Whether there is nothing left to do: an answer, a failure, or nobody who waits. */
    boolean isDone() {
        return result != null || failure != null || answer.isDone();
    }

    /** Hands out what was settled. */
    void deliver() {
        if (failure != null) {
            answer.completeExceptionally(failure);
        } else if (result != null) {
            answer.complete(result);
        }
    }

    /** The text so far, {@link #size} tokens; the array may be longer. */
    int[] text() {
        return text;
    }

    int size() {
        return size;
    }

    /** Tokens of the text that came with the request. */
    int givenTokens() {
        return givenTokens;
    }

    void grow(int token) {
        if (size == text.length) {
            text = Arrays.copyOf(text, 2 * size);
        }
        text[size++] = token;
    }

    Branch branch() {
        return branch;
    }

    /** How many tokens of the branch were there when it was opened. */
    int opened() {
        return opened;
    }

    /** How many tokens are to be decoded before more logits are needed. */
    int pending() {
        return size - branch.length();
    }

    /** Puts the task to work on a branch that holds a beginning of its text. */
    void admit(Branch branch) {
        this.branch = branch;
        this.opened = branch.length();
        if (!admitted) {
            admitted = true;
            promptTokens = Math.max(0, givenTokens - branch.length());
        }
    }

    /** Whether the task has been put to work before. */
    boolean admitted() {
        return admitted;
    }

    void leaveBranch() {
        branch = null;
    }

    int promptTokens() {
        return promptTokens;
    }

    int cachedTokens() {
        return givenTokens - promptTokens;
    }

    /** How many tokens may be found in memory at most: those after which logits are needed must be read. */
    abstract int shareable();

    /** Whether the logits after the token at {@code position} are needed. */
    abstract boolean needs(int position);

    /** The text after which the next logits are needed, if that is all of it and others may need them too. */
    abstract Optional<Tokens> rowText();

    /** Takes the logits after the token at {@code position}, and perhaps grows the text. */
    abstract void accept(int position, float[] row, TokenLaw law);

    /** How many tokens of the branch are worth keeping when the task is done. */
    abstract int worthKeeping();
}
