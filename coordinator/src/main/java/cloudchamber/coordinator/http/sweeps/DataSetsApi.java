package cloudchamber.coordinator.http.sweeps;

import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.jobs.ExtractionRequest;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.coordinator.sweep.DataSetLayout;
import cloudchamber.coordinator.sweep.DataSetLayout.Fields;
import cloudchamber.coordinator.sweep.DataSetReader;
import cloudchamber.coordinator.sweep.DataSets;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.model.Query;

/** Data sets: uploaded as files, kept whole, shown. */
public final class DataSetsApi implements Resource {
    static final String DATA_SETS = "/api/v1/datasets";
    /** The grader of a set whose questions are all multiple choices, if none is asked for. */
    private static final String CHOICE = "choice";

    private static final int SHOWN_PROBLEMS = 5;

    /** All data sets. */
    public record Listing(List<DataSet.Summary> dataSets) {}

    /** @param problems the first few */
    public record Shown(DataSet.Summary dataSet, List<Item> problems) {}

    /**
     * @param skipped lines left out on request, the first hundred
     * @param skippedCount how many there are
     */
    public record Registered(DataSet.Summary dataSet, List<DataSetReader.Fault> skipped, int skippedCount) {}

    private final Api api;

    public DataSetsApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(DATA_SETS, Access.SUBMIT, this::register),
                Route.get(DATA_SETS, Access.READ, this::list),
                Route.get(DATA_SETS + "/{dataSet}", Access.READ, this::show));
    }

    /**
     * Registers the body, a file that {@link DataSetReader} reads; CSV by its content type. The query has {@code name}, and optionally
     * {@code grader}, {@code extraction}, {@code systemPrompt}, the names of fields as {@code idField},
     * {@code questionField} and so on, {@code shuffle} (a seed), {@code ignore} (fields that may be lost, each one
     * parameter) and {@code onError=skip}, which leaves broken lines out instead of refusing the file.
     */
    private CompletionStage<ApiResponse> register(Request request) {
        var query = request.http().getUri().query();
        var name = query.get("name").orElse("");
        if (!DataSet.isName(name)) {
            api.discard(request);
            return done(ApiResponse.refused(
                    ErrorKind.INVALID_ID,
                    "the query must have a name of 1 to 64 letters, digits, dots, hyphens or underscores"));
        }
        var reading = new Reading();
        var grader = query.get("grader")
                .map(id -> ExtractionRequest.grader(reading, TextNode.valueOf(id), "/grader"))
                .orElse(null);
        var extraction = query.get(ExtractionRequest.EXTRACTION)
                .map(value -> ExtractionRequest.ofQuery(reading, value))
                .orElse(Extraction.STANDARD);
        var layout = layout(reading, query);
        if (reading.count() > 0) {
            api.discard(request);
            return done(new ApiResponse.Refused(ApiError.of(reading.faults())));
        }
        boolean skip = query.get("onError").filter("skip"::equals).isPresent();
        boolean csv = request.http().entity().getContentType().value().startsWith("text/csv");
        return api.withFile(
                request,
                bytes -> accept(
                        request.tenant(),
                        DataSetReader.read(bytes, csv, layout, api.maxFileBytes()),
                        new DataSet.Summary(
                                name, "", grader, query.get("systemPrompt").orElse(null), 0, extraction),
                        skip));
    }

    private static DataSetLayout layout(Reading reading, Query query) {
        var named = Fields.NAMES.stream()
                .filter(what -> query.get(what + "Field").isPresent())
                .collect(Collectors.toMap(
                        what -> what, what -> query.get(what + "Field").orElseThrow()));
        var ignore = query.toMultiMap().getOrDefault("ignore", List.of());
        Long shuffle = null;
        if (query.get("shuffle").isPresent()) {
            var text = query.get("shuffle").get();
            if (text.matches("-?\\d{1,18}")) {
                shuffle = Long.valueOf(text);
            } else {
                reading.add(ErrorKind.WRONG_TYPE, "/shuffle", "must be a whole number: was \"" + text + "\"");
            }
        }
        return new DataSetLayout(Fields.STANDARD.with(named), shuffle, ignore);
    }

    private CompletionStage<ApiResponse> accept(
            Tenant tenant, DataSetReader.Contents contents, DataSet.Summary asked, boolean skip) {
        boolean usable = contents.faultCount() == 0 || skip && !contents.items().isEmpty();
        if (!usable) {
            var faults = contents.faults().stream()
                    .map(fault -> new ApiError.Fault(
                            "/lines/" + fault.line(),
                            ErrorKind.BROKEN_LINE,
                            "line " + fault.line() + " " + fault.detail()))
                    .toList();
            return done(new ApiResponse.Refused(ApiError.of(faults).with("faults", contents.faultCount())));
        }
        var summary = new DataSet.Summary(
                asked.name(),
                contents.sha256(),
                asked.grader() != null
                        ? asked.grader()
                        : contents.choices() ? CHOICE : Graders.math().id(),
                asked.systemPrompt(),
                contents.items().size(),
                asked.extraction());
        return put(tenant, summary, contents.items(), 0)
                .thenApply(result ->
                        new ApiResponse.Ok(new Registered(summary, contents.faults(), contents.faultCount())));
    }

    /** Sends the parts one after the other; a part that came between others' begins again. */
    private CompletionStage<DataSets.PutResult> put(
            Tenant tenant, DataSet.Summary summary, List<Item> items, int first) {
        int end = DataSets.partEnd(items, first);
        return api.written(api.dataSets(tenant)
                        .<DataSets.PutReply>ask(
                                replyTo -> new DataSets.Put(summary, first, items.subList(first, end), replyTo),
                                api.patience()))
                .thenCompose(reply -> switch (reply.result()) {
                    case STORED -> CompletableFuture.completedStage(reply.result());
                    case PART -> put(tenant, summary, items, end);
                    case OUT_OF_ORDER -> put(tenant, summary, items, 0);
                });
    }

    private CompletionStage<ApiResponse> list(Request request) {
        api.discard(request);
        return api.dataSets(request.tenant())
                .<DataSets.ListReply>ask(DataSets.GetList::new, api.patience())
                .thenApply(reply -> new ApiResponse.Ok(new Listing(reply.dataSets())));
    }

    private CompletionStage<ApiResponse> show(Request request) {
        api.discard(request);
        return part(request.tenant(), request.parameter("dataSet"), 0)
                .thenApply(reply -> reply.summary() == null
                        ? ApiResponse.refused(
                                ErrorKind.UNKNOWN_DATA_SET, "the name of a data set was expected: none has this one")
                        : new ApiResponse.Ok(new Shown(
                                reply.summary(),
                                reply.items().stream().limit(SHOWN_PROBLEMS).toList())));
    }

    /** A tenant's data set whole; empty if there is none of this name. */
    CompletionStage<Optional<DataSet>> find(Tenant tenant, String name) {
        return whole(tenant, name, new ArrayList<>());
    }

    private CompletionStage<Optional<DataSet>> whole(Tenant tenant, String name, List<Item> items) {
        return part(tenant, name, items.size()).thenCompose(reply -> {
            var summary = reply.summary();
            items.addAll(reply.items());
            if (summary == null || reply.items().isEmpty()) {
                return CompletableFuture.completedStage(Optional.empty());
            }
            return items.size() < summary.problems()
                    ? whole(tenant, name, items)
                    : CompletableFuture.completedStage(Optional.of(new DataSet(
                            summary.name(),
                            summary.sha256(),
                            summary.grader(),
                            summary.systemPrompt(),
                            items,
                            summary.extraction())));
        });
    }

    private CompletionStage<DataSets.PartReply> part(Tenant tenant, String name, int first) {
        return api.dataSets(tenant).ask(replyTo -> new DataSets.GetPart(name, first, replyTo), api.patience());
    }
}
