package cloudchamber.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.job.JobMachine.Effect;
import cloudchamber.coordinator.job.JobMachine.Reaction;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a job decides, without an actor. */
class JobMachineTest {
    private static final int IN_FLIGHT = 2;
    private static final Lack UNSERVED = new Lack("policy policy", "no worker serves it");

    private final JobMachine machine = new JobMachine(IN_FLIGHT);
    private final List<JobSpecification.Question> questions = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    private JobState state = new JobState.Unknown();
    private long life;
    private long nowMillis = 1000;

    // ---- claims

    /** Every claim holds what the job knows of its account: none depends on an earlier one. */
    @Test
    void eachClaimStatesTheWholeAccount() {
        accept(4);
        assertThat(claims()).containsExactly(claim(0, 0, 2));
        allow(2);
        assertThat(started()).containsExactly("p0", "p1");
        over("p0");
        assertThat(claims()).containsExactly(claim(2, 1, 2));
        allow(3);
        assertThat(started()).containsExactly("p2");
        over("p1");
        over("p2");
        assertThat(claims()).containsExactly(claim(3, 2, 2), claim(3, 3, 1));
        allow(4);
        over("p3");
        assertThat(claims()).containsExactly(claim(4, 4, 0));
        assertThat(job().over()).isTrue();
    }

    @Test
    void answersThatComeTwiceOrLateGrantNothingMore() {
        accept(4);
        allow(2);
        allow(2);
        allow(1);
        assertThat(started()).containsExactly("p0", "p1");
        allow(life - 1, 50);
        assertThat(started()).isEmpty();
    }

    /** What was granted when it was wanted may come when it is wanted no more. */
    @Test
    void whatIsNotWantedAnyMoreIsGivenBack() {
        accept(1);
        allow(3);

        assertThat(started()).containsExactly("p0");
        assertThat(claims()).last().isEqualTo(claim(3, 2, 1));
        perform(machine.cancel(job(), nowMillis));
        assertThat(claims()).containsExactly(claim(3, 2, 0));
        perform(machine.problemOver(job(), new Problem.Over("job", "p0", ProblemStatus.CANCELLED, 0), nowMillis));
        assertThat(claims()).containsExactly(claim(3, 3, 0));
    }

    @Test
    void aClaimIsRepeatedWithEachReminder() {
        accept(3);
        allow(1);
        claims();

        perform(machine.reminded(job()));

        assertThat(claims()).containsExactly(claim(1, 0, 2));
        assertThat(started()).as("asked again how it ended").containsExactly("p0", "p0");
    }

    @Test
    void aNewLifeBeginsWithNoPlace() {
        accept(4);
        allow(2);
        over("p0");
        effects.clear();

        perform(machine.recovered(state, ++life));

        assertThat(machine.running()).isEmpty();
        assertThat(claims()).containsExactly(claim(0, 0, 2));
        allow(2);
        assertThat(started()).containsExactly("p1", "p2");
    }

    // ---- waiting

    @Test
    void whatItWaitsForIsKeptWithTheTimeItBegan() {
        accept(2);
        assertThat(machine.waiting(job())).as("before admission has answered").isNull();
        lack(UNSERVED);
        nowMillis = 5000;
        lack(new Lack(UNSERVED.what(), "connection refused"), new Lack(Lack.PLACES, "full"));

        assertThat(machine.waiting(job()))
                .containsExactly(
                        new Waiting("policy policy", 1000, "connection refused"), new Waiting("places", 5000, "full"));
        allow(2);
        assertThat(machine.waiting(job())).isEmpty();
    }

    @Test
    void problemsThatCannotBeReadAreWaitedForAndReadAgain() {
        perform(new Reaction.Write(JobEvent.Accepted.of(specification(2), nowMillis)));
        life = 1;
        perform(machine.recovered(state, life));
        effects.clear();
        perform(machine.allowed(job(), new Allowance(life, 2, List.of()), nowMillis));
        var read = (Effect.Read) effects.stream()
                .filter(Effect.Read.class::isInstance)
                .findFirst()
                .orElseThrow();

        perform(machine.notRead(job(), read.scan(), "the database is away", nowMillis));

        assertThat(machine.waiting(job())).containsExactly(new Waiting("database", nowMillis, "the database is away"));
        effects.clear();
        perform(machine.reminded(job()));
        assertThat(effects).contains(read);
        perform(machine.read(job(), read.scan(), questions, nowMillis));
        assertThat(machine.waiting(job())).isEmpty();
        assertThat(started()).containsExactly("p0", "p1");
    }

    /** A job must not wait in silence for problems that are not there. */
    @Test
    void problemsThatAreNotStoredAreNamed() {
        accept(0, 2);
        allow(2);

        assertThat(machine.waiting(job()))
                .containsExactly(new Waiting("database", nowMillis, "problem 0 of 2 is not stored"));
    }

    // ---- helpers

    private static Claim claimOf(long life, long granted, long returned, int wanted) {
        return new Claim(life, "default", 1, new Need("policy", "prm", null), granted, returned, wanted);
    }

    private Claim claim(long granted, long returned, int wanted) {
        return claimOf(life, granted, returned, wanted);
    }

    private JobState.Accepted job() {
        return (JobState.Accepted) state;
    }

    private void accept(int problems) {
        accept(problems, problems);
    }

    private void accept(int stored, int problems) {
        perform(machine.recovered(state, ++life));
        effects.clear();
        perform(new Reaction.Write(JobEvent.Accepted.of(specification(problems), nowMillis)));
        questions.subList(stored, questions.size()).clear();
    }

    private JobSpecification specification(int problems) {
        IntStream.range(0, problems)
                .mapToObj(number -> new JobSpecification.Question("p" + number, Prompt.question("?")))
                .forEach(questions::add);
        return new JobSpecification(
                "job",
                questions,
                ParticleFilterSettings.standard(),
                "policy",
                "prm",
                Sampling.atTemperature(1),
                new Limits(3, 8, 80),
                List.of("\n\n"),
                7,
                "text");
    }

    private void allow(long granted) {
        allow(life, granted);
    }

    private void allow(long ofLife, long granted) {
        perform(machine.allowed(job(), new Allowance(ofLife, granted, List.of()), nowMillis));
        effects.stream()
                .filter(Effect.Read.class::isInstance)
                .map(Effect.Read.class::cast)
                .toList()
                .forEach(read -> {
                    effects.remove(read);
                    perform(machine.read(
                            job(),
                            read.scan(),
                            questions.subList(
                                    Math.min(read.from(), questions.size()),
                                    Math.min(read.from() + read.count(), questions.size())),
                            nowMillis));
                });
    }

    private void lack(Lack... lacking) {
        perform(machine.allowed(job(), new Allowance(life, 0, List.of(lacking)), nowMillis));
    }

    private void over(String problem) {
        perform(machine.problemOver(job(), new Problem.Over("job", problem, ProblemStatus.SUCCEEDED, 0), nowMillis));
    }

    private void perform(Reaction reaction) {
        switch (reaction) {
            case Reaction.Do(var toDo) -> perform(toDo);
            case Reaction.Write(var event) -> {
                state = state.evolve(event);
                perform(machine.written(state, event));
            }
        }
    }

    private void perform(List<Effect> toDo) {
        effects.addAll(toDo);
    }

    /** Since the last time. */
    private List<Claim> claims() {
        var claims = effects.stream()
                .filter(Effect.State.class::isInstance)
                .map(effect -> ((Effect.State) effect).claim())
                .toList();
        effects.removeIf(Effect.State.class::isInstance);
        return claims;
    }

    /** Since the last time. */
    private List<String> started() {
        var started = effects.stream()
                .filter(Effect.Start.class::isInstance)
                .map(effect -> ((Effect.Start) effect).specification().problem())
                .toList();
        effects.removeIf(Effect.Start.class::isInstance);
        return started;
    }
}
