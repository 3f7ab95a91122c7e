package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloudchamber.coordinator.dashboard.Dashboard;
import cloudchamber.coordinator.http.api.AvailableModels;
import cloudchamber.coordinator.http.chat.ChatDocument;
import cloudchamber.coordinator.http.cluster.SessionApi;
import cloudchamber.coordinator.http.jobs.JobRequest;
import cloudchamber.coordinator.http.sweeps.CellDocument;
import cloudchamber.coordinator.http.sweeps.DataSetsApi;
import cloudchamber.coordinator.http.sweeps.SweepDocument;
import cloudchamber.coordinator.http.sweeps.SweepEventStream;
import cloudchamber.coordinator.http.sweeps.SweepVerdicts;
import cloudchamber.coordinator.http.sweeps.SweepsApi;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.DataSetReader;
import cloudchamber.coordinator.sweep.SweepPlan;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepView;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The description of the API says what the API does: neither more nor less. */
class OpenApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonNode DOCUMENT = Json.tree(OpenApi.document());
    static final JsonSchema SCHEMA = new JsonSchema(DOCUMENT);
    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch", "head");
    private static final String JOB = """
            {"problems":[{"question":"Evaluate 3 + 4."}],"method":{"particles":4},"labels":{"team":"night"},
             "budget":{"tokens":10000},"priority":2}""";

    private static TestNode node;
    private static ServerBinding server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("openapi");
        server = node.serve(node.settings(PATIENCE), node.dispatcher());
        client = new Client(server);
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    // ---- the document by itself

    @Test
    void everyRouteIsDescribedAndEverythingDescribedIsARoute() {
        var files = Dashboard.files().stream().map(Dashboard.File::path).toList();
        var routes = node.routes().stream()
                .filter(route -> !files.contains(route.path()))
                .map(route -> route.method().value() + " " + route.path())
                .toList();
        var described = new ArrayList<String>();
        operations((name, operation) -> described.add(name));

        assertThat(described).hasSizeGreaterThan(20).containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void everyOperationSaysWhatRoleItNeeds() {
        var roles = new LinkedHashMap<String, String>();
        operations((name, operation) -> {
            var security = operation.has("security") ? operation.get("security") : DOCUMENT.get("security");
            roles.put(
                    name, security.isEmpty() ? "open" : security.at("/0/key/0").textValue());
            if (!security.isEmpty()) {
                assertThat(security.at("/1/session")).as(name).isEqualTo(security.at("/0/key"));
            }
            for (var status : List.of("401", "403", "429")) {
                assertThat(operation.get("responses").has(status))
                        .as(name + " " + status)
                        .isEqualTo(!security.isEmpty()
                                || name.equals("POST " + SessionApi.SESSION) && status.equals("401"));
            }
        });

        assertThat(roles)
                .isEqualTo(node.routes().stream()
                        .filter(route -> roles.containsKey(route.method().value() + " " + route.path()))
                        .collect(Collectors.toMap(
                                route -> route.method().value() + " " + route.path(),
                                route -> route.access().name().toLowerCase(Locale.ROOT))));
    }

    @Test
    void everyOperationHasItsNameItsParametersAndAnAnswerForWhatIsRefused() {
        var names = new ArrayList<String>();
        operations((name, operation) -> {
            names.add(operation.path("operationId").textValue());
            assertThat(operation.path("summary").isTextual()).as(name).isTrue();
            assertThat(operation.at("/responses/default").isObject()).as(name).isTrue();
            var path = name.substring(name.indexOf(' ') + 1);
            var inPath = parameters(path, operation)
                    .filter(parameter -> parameter.get("in").textValue().equals("path"))
                    .map(parameter -> "{" + parameter.get("name").textValue() + "}");
            assertThat(inPath)
                    .as(name)
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(path.split("/"))
                            .filter(segment -> segment.startsWith("{"))
                            .toList());
        });

        assertThat(names).doesNotContainNull().doesNotHaveDuplicates();
    }

    @Test
    void everyReferenceNamesAPartAndEverySchemaIsUsed() {
        var used = new LinkedHashSet<String>();
        walk(DOCUMENT, node -> {
            if (node.has("$ref")) {
                SCHEMA.resolved(node);
                used.add(node.get("$ref").textValue());
            }
        });

        var prefix = "#/components/schemas/";
        assertThat(used.stream().filter(name -> name.startsWith(prefix)))
                .containsExactlyInAnyOrderElementsOf(DOCUMENT.at("/components/schemas").properties().stream()
                        .map(schema -> prefix + schema.getKey())
                        .toList());
    }

    /** Only a map whose keys are the client's own has others, and says what they are; this document is no answer of ours. */
    @Test
    void everySchemaOfAnAnswerForbidsFurtherProperties() {
        var seen = new LinkedHashSet<JsonNode>();
        operations((name, operation) -> {
            if (!name.equals("GET " + OpenApi.PATH)) {
                for (var response : operation.get("responses")) {
                    for (var media : SCHEMA.resolved(response).get("content")) {
                        reach(media.get("schema"), seen);
                        media.path("x-events").forEach(event -> reach(event, seen));
                        if (media.has("x-lines")) {
                            reach(media.get("x-lines"), seen);
                        }
                    }
                }
            }
        });

        var objects = seen.stream()
                .filter(schema -> schema.has("properties")
                        || schema.path("type").toString().contains("\"object\""))
                .toList();
        assertThat(objects).hasSizeGreaterThan(50).allSatisfy(schema -> {
            var further = schema.path("additionalProperties");
            assertThat(schema.has("properties") ? further.isBoolean() && !further.booleanValue() : further.isObject())
                    .as(schema.toString())
                    .isTrue();
        });
    }

    @Test
    void everyExampleIsValid() {
        int[] count = {0};
        walk(DOCUMENT, holder -> {
            if (holder.has("schema")) {
                var examples = new ArrayList<JsonNode>();
                if (holder.has("example")) {
                    examples.add(holder.get("example"));
                }
                holder.path("examples").forEach(example -> examples.add(example.get("value")));
                for (var example : examples) {
                    count[0]++;
                    assertThat(SCHEMA.faults(example, holder.get("schema")))
                            .as(example.toString())
                            .isEmpty();
                }
            }
        });

        assertThat(count[0]).isGreaterThan(25);
    }

    @Test
    void everyRequestOrAnswerInJsonHasAnExample() {
        operations((name, operation) -> {
            var contents = new ArrayList<JsonNode>();
            contents.add(operation.at("/requestBody/content/application~1json"));
            operation
                    .get("responses")
                    .forEach(response -> contents.add(SCHEMA.resolved(response).at("/content/application~1json")));
            if (!name.equals("GET " + OpenApi.PATH)) {
                assertThat(contents)
                        .filteredOn(JsonNode::isObject)
                        .as(name)
                        .allMatch(content -> content.has("example") || content.has("examples"));
            }
        });
    }

    @Test
    void theExamplesOfJobsAreAccepted() {
        var settings = node.settings(Duration.ofSeconds(1));
        var examples = DOCUMENT.at("/paths/~1api~1v1~1jobs/post/requestBody/content/application~1json/examples");

        assertThat(examples)
                .hasSize(2)
                .allSatisfy(example -> assertThat(
                                JobRequest.read(example.get("value"), "job-1", settings, AvailableModels.UNKNOWN))
                        .isInstanceOf(Checked.Valid.class));
    }

    @Test
    void theFieldsOfAJobAreThoseThatAreRead() {
        assertThat(schema("JobRequest").get("properties").properties().stream().map(Map.Entry::getKey))
                .containsExactlyElementsOf(JobRequest.FIELDS);
    }

    @Test
    void theCodesAreThoseOfTheErrors() {
        assertThat(texts(DOCUMENT.at("/components/schemas/ErrorCode/enum")))
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorKind.values()).map(ErrorKind::id).toList());
    }

    // ---- methods

    static Stream<MethodSettings> standards() {
        return Methods.standard().stream();
    }

    @ParameterizedTest
    @MethodSource("standards")
    void aMethodIsAnsweredAsDescribed(MethodSettings standard) {
        assertThat(SCHEMA.faults(Json.tree(standard), schema("Method"))).isEmpty();
    }

    /** The defaults that are told are those that are meant. */
    @ParameterizedTest
    @MethodSource("standards")
    void aMethodWithItsDefaultsWrittenOutIsTheStandardOne(MethodSettings standard) {
        var name = DOCUMENT.at("/components/schemas/MethodRequest/discriminator/mapping")
                .get(standard.id())
                .textValue();
        var described = SCHEMA.resolved(JsonNodeFactory.instance.objectNode().put("$ref", name));
        var method = JsonNodeFactory.instance.objectNode();
        for (var property : described.get("properties").properties()) {
            method.set(
                    property.getKey(),
                    property.getValue().has("const")
                            ? property.getValue().get("const")
                            : property.getValue().get("default"));
        }
        var job = JsonNodeFactory.instance.objectNode();
        job.putArray("problems").addObject().put("question", "Evaluate 3 + 4.");
        job.set("method", method);

        assertThat(SCHEMA.faults(job, schema("JobRequest"))).isEmpty();
        var read = JobRequest.read(job, "job-1", node.settings(Duration.ofSeconds(1)), AvailableModels.UNKNOWN);
        assertThat(read).isInstanceOf(Checked.Valid.class);
        assertThat(((Checked.Valid<JobSpecification>) read).value().method()).isEqualTo(standard);
    }

    // ---- records no test of this class gets from the server

    static Stream<Arguments> records() {
        return Stream.of(
                arguments("Sweep", SweepDocument.class),
                arguments("SweepLine", SweepDocument.Line.class),
                arguments("SweepCounts", SweepDocument.Counts.class),
                arguments("Sweeps", SweepsApi.Listing.class),
                arguments("Cell", SweepPlan.Cell.class),
                arguments("SweepJob", SweepView.JobLine.class),
                arguments("JobCounts", JobView.Counts.class),
                arguments("SkippedCombination", SweepSpecification.Skipped.class),
                arguments("CellResults", CellDocument.class),
                arguments("CellProblem", CellDocument.Line.class),
                arguments("DataSet", DataSet.Summary.class),
                arguments("DataSetProblem", DataSet.Item.class),
                arguments("DataSets", DataSetsApi.Listing.class),
                arguments("DataSetShown", DataSetsApi.Shown.class),
                arguments("DataSetRegistered", DataSetsApi.Registered.class),
                arguments("SkippedLine", DataSetReader.Fault.class),
                arguments("SweepSnapshot", SweepEventStream.Snapshot.class),
                arguments("CellPlace", SweepVerdicts.Place.class),
                arguments("SweepReference", SweepSpecification.Reference.class),
                arguments("SweepProgress", SweepEventStream.Progress.class),
                arguments("CellScore", SweepVerdicts.Score.class),
                arguments("CurvePoint", SweepVerdicts.Point.class),
                arguments("SweepEnd", SweepEventStream.End.class),
                arguments("ChatMetadata", ChatDocument.Metadata.class));
    }

    @ParameterizedTest
    @MethodSource("records")
    void aRecordHasTheFieldsThatAreDescribed(String name, Class<?> type) {
        var fields = Arrays.stream(type.getRecordComponents())
                .map(component -> {
                    var named = component.getAccessor().getAnnotation(JsonProperty.class);
                    return named == null ? component.getName() : named.value();
                })
                .toList();

        assertThat(schema(name).get("properties").properties().stream().map(Map.Entry::getKey))
                .containsExactlyElementsOf(fields);
        assertThat(texts(schema(name).get("required")))
                .containsExactlyElementsOf(Arrays.stream(type.getRecordComponents())
                        .filter(component -> component.getAccessor().getAnnotation(JsonInclude.class) == null)
                        .map(component -> {
                            var named = component.getAccessor().getAnnotation(JsonProperty.class);
                            return named == null ? component.getName() : named.value();
                        })
                        .toList());
    }

    // ---- what the server says

    @Test
    void theDocumentIsServed() throws Exception {
        var served = client.get(OpenApi.PATH);

        assertThat(served.statusCode()).isEqualTo(200);
        assertThat(served.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(json(served).get("openapi").textValue()).startsWith("3.1.");
        assertThat(json(served).get("paths").size())
                .isEqualTo(DOCUMENT.get("paths").size());
    }

    @Test
    void whatIsSaidOfJobsIsAsDescribed() throws Exception {
        var accepted = client.post("/api/v1/jobs", JOB);
        asDescribed("POST /api/v1/jobs", 202, accepted);
        var job = "/api/v1/jobs/" + json(accepted).get("id").textValue();
        client.awaitStatus(json(accepted).get("id").textValue(), "succeeded");

        asDescribed("GET /api/v1/jobs/{job}", 200, client.get(job));
        asDescribed("GET /api/v1/jobs", 200, client.get("/api/v1/jobs?label=team:night"));
        asDescribed("GET /api/v1/jobs/{job}/problems", 200, client.get(job + "/problems"));
        asDescribed("GET /api/v1/jobs/{job}/problems/{problem}", 200, client.get(job + "/problems/p1"));
        asDescribed("GET /api/v1/jobs/{job}/log", 200, client.get(job + "/log"));
        asDescribed("GET /api/v1/jobs/{job}/problems/{problem}/replay", 200, client.get(job + "/problems/p1/replay"));
        var line =
                operation("GET /api/v1/jobs/{job}/export").at("/responses/200/content/application~1x-ndjson/x-lines");
        assertThat(client.get(job + "/export").body().lines())
                .hasSizeGreaterThan(5)
                .allSatisfy(text -> assertThat(SCHEMA.faults(new Client.Event("line", null, text).json(), line))
                        .as(text)
                        .isEmpty());
        var result =
                operation("GET /api/v1/jobs/{job}/results").at("/responses/200/content/application~1x-ndjson/x-lines");
        assertThat(client.get(job + "/results").body().lines())
                .hasSize(1)
                .allSatisfy(text -> assertThat(SCHEMA.faults(new Client.Event("line", null, text).json(), result))
                        .as(text)
                        .isEmpty());
        asDescribed("POST /api/v1/jobs/{job}/cancel", 409, client.post(job + "/cancel", ""));
        asDescribed("POST /api/v1/jobs/{job}/retry", 409, client.post(job + "/retry", ""));
        asDescribed(
                "DELETE /api/v1/jobs/{job}",
                200,
                client.send(client.request(job).DELETE(), BodyHandlers.ofString()));
    }

    @Test
    void whatIsSaidOfAJobThatWaitsIsAsDescribed() throws Exception {
        var id = client.submit("{\"problems\":[{\"question\":\"Later.\"}],\"policy\":\"smollm2-135m\"}");

        var job = client.get("/api/v1/jobs/" + id);

        asDescribed("GET /api/v1/jobs/{job}", 200, job);
        assertThat(json(job).at("/waiting/0/for").textValue()).isEqualTo("policy smollm2-135m");
        client.post("/api/v1/jobs/" + id + "/cancel", "");
    }

    @Test
    void whatIsSaidOfAJobThatRunsAndIsCancelledIsAsDescribed() throws Exception {
        var id = client.submit("""
                {"problems":[{"question":"Think for ever."},{"question":"Later."}]}""");
        var job = "/api/v1/jobs/" + id;
        client.awaitStatus(id, "running");

        asDescribed("GET /api/v1/jobs/{job}", 200, client.get(job));
        asDescribed("GET /api/v1/jobs/{job}/problems", 200, client.get(job + "/problems"));
        asDescribed("GET /api/v1/jobs/{job}/problems/{problem}", 200, client.get(job + "/problems/p1"));
        asDescribed("GET /api/v1/jobs/{job}/problems/{problem}", 200, client.get(job + "/problems/p2"));
        asDescribed(
                "DELETE /api/v1/jobs/{job}",
                409,
                client.send(client.request(job).DELETE(), BodyHandlers.ofString()));
        asDescribed("GET /api/v1/jobs/{job}/results", 409, client.get(job + "/results"));
        asDescribed("POST /api/v1/jobs/{job}/cancel", 200, client.post(job + "/cancel", ""));
        asDescribed("GET /api/v1/jobs/{job}/log", 200, client.get(job + "/log"));
    }

    @Test
    void eventsAreAsDescribed() throws Exception {
        var id = client.submit("""
                {"problems":[{"question":"Evaluate 3 + 4."},{"question":"This one is broken."}],"method":{"particles":4}}""");

        try (var job = client.events("/api/v1/jobs/" + id + "/events")) {
            asDescribed("GET /api/v1/jobs/{job}/events", job.rest());
        }
        for (var problem : List.of("p1", "p2")) {
            try (var rounds = client.events("/api/v1/jobs/" + id + "/problems/" + problem + "/events")) {
                asDescribed("GET /api/v1/jobs/{job}/problems/{problem}/events", rounds.rest());
            }
        }
        try (var overview = client.events("/api/v1/events")) {
            asDescribed("GET /api/v1/events", List.of(overview.next()));
        }
    }

    @Test
    void whatIsSaidOfTheClusterIsAsDescribed() throws Exception {
        asDescribed("GET /api/v1/cluster", 200, client.get("/api/v1/cluster"));
        asDescribed("GET /api/v1/workers", 200, client.get("/api/v1/workers"));
        asDescribed("POST /api/v1/workers/{worker}/drain", 200, client.post("/api/v1/workers/policy-1/drain", ""));
        asDescribed("POST /api/v1/workers/{worker}/drain", 404, client.post("/api/v1/workers/nobody/drain", ""));
        asDescribed("GET /livez", 200, client.get("/livez"));
        asDescribed("GET /readyz", 200, client.get("/readyz"));
    }

    @Test
    void whatIsSaidOfStorageIsAsDescribed() throws Exception {
        asDescribed("GET /api/v1/storage", 200, client.get("/api/v1/storage"));
        asDescribed(
                "POST /api/v1/storage/removals",
                200,
                client.post("/api/v1/storage/removals", "{\"olderThanSeconds\":3600,\"dryRun\":true}"));
        asDescribed("POST /api/v1/storage/removals", 400, client.post("/api/v1/storage/removals", "{}"));
    }

    @Test
    void refusalsAreAsDescribed() throws Exception {
        asDescribed("POST /api/v1/jobs", 400, client.post("/api/v1/jobs", "{"));
        asDescribed("POST /api/v1/jobs", 400, client.post("/api/v1/jobs", "{\"problems\":[{}],\"sed\":\"x\"}"));
        asDescribed(
                "POST /api/v1/jobs",
                413,
                client.post("/api/v1/jobs", " ".repeat(TestNode.MAX_CONTENT_LENGTH_BYTES + 1)));
        asDescribed("GET /api/v1/jobs", 400, client.get("/api/v1/jobs?limit=0"));
        asDescribed("GET /api/v1/jobs/{job}", 404, client.get("/api/v1/jobs/job-none"));
        asDescribed("GET /api/v1/jobs/{job}/events", 404, client.get("/api/v1/jobs/job-none/events"));
        asDescribed("POST /api/v1/sweeps", 400, client.post("/api/v1/sweeps", "{}"));
        asDescribed("POST /api/v1/datasets", 400, client.post("/api/v1/datasets", ""));
    }

    @Test
    void whatOpenAisClientsAreToldIsAsDescribed() throws Exception {
        var path = "/v1/chat/completions";
        var question = """
                {"model":"bundled","messages":[{"role":"user","content":"Evaluate 3 + 4."}],"budget":4,"n":2,
                 "return_response_only":false,"stream":%s,"stream_options":{"include_usage":true}}""";

        asDescribed("GET /v1/models", 200, client.get("/v1/models"));
        asDescribed("GET /v1/models/{model}", 200, client.get("/v1/models/bundled"));
        asDescribed("GET /v1/models/{model}", 404, client.get("/v1/models/other"));
        asDescribed("POST /v1/chat/completions", 400, client.post(path, "{}"));
        asDescribed("POST /v1/chat/completions", 200, client.post(path, question.formatted(false)));
        var streamed = client.post(path, question.formatted(true))
                .body()
                .lines()
                .filter(line -> line.startsWith("data: ") && !line.endsWith("[DONE]"))
                .map(line -> new Client.Event("message", null, line.substring("data: ".length())))
                .toList();
        asDescribed("POST /v1/chat/completions", streamed);
    }

    private static void asDescribed(String operation, int status, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        var responses = operation(operation).get("responses");
        var described = responses.has(Integer.toString(status))
                ? responses.get(Integer.toString(status))
                : responses.get("default");
        var type = response.headers().firstValue("Content-Type").orElse("none").replaceAll(";.*", "");
        var content = SCHEMA.resolved(described).get("content");
        assertThat(content.has(type)).as(operation + " answered with " + type).isTrue();
        assertThat(SCHEMA.faults(json(response), content.get(type).get("schema")))
                .as(operation)
                .isEmpty();
    }

    private static void asDescribed(String operation, List<Client.Event> events) {
        var described = eventsOf(operation);
        assertThat(events).isNotEmpty().allSatisfy(event -> {
            assertThat(described.has(event.name())).as(event.name()).isTrue();
            assertThat(SCHEMA.faults(event.json(), described.get(event.name())))
                    .as(event.name())
                    .isEmpty();
        });
    }

    // ---- reading the document

    /** The events of a stream by their names. */
    static JsonNode eventsOf(String operation) {
        return operation(operation).at("/responses/200/content/text~1event-stream/x-events");
    }

    private static void operations(BiConsumer<String, JsonNode> visitor) {
        for (var path : DOCUMENT.get("paths").properties()) {
            for (var operation : path.getValue().properties()) {
                if (METHODS.contains(operation.getKey())) {
                    visitor.accept(
                            operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), operation.getValue());
                }
            }
        }
    }

    private static JsonNode operation(String name) {
        var parts = name.split(" ");
        return DOCUMENT.get("paths").get(parts[1]).get(parts[0].toLowerCase(Locale.ROOT));
    }

    private static Stream<JsonNode> parameters(String path, JsonNode operation) {
        return Stream.concat(
                        elements(DOCUMENT.get("paths").get(path).path("parameters")),
                        elements(operation.path("parameters")))
                .map(SCHEMA::resolved);
    }

    private static JsonNode schema(String name) {
        return DOCUMENT.at("/components/schemas/" + name);
    }

    /** Every schema a schema comes to. */
    private static void reach(JsonNode schema, Set<JsonNode> seen) {
        if (!seen.add(schema)) {
            return;
        }
        if (schema.has("$ref")) {
            reach(SCHEMA.resolved(schema), seen);
        }
        schema.path("oneOf").forEach(choice -> reach(choice, seen));
        schema.path("properties").forEach(property -> reach(property, seen));
        if (schema.has("items")) {
            reach(schema.get("items"), seen);
        }
        if (schema.path("additionalProperties").isObject()) {
            reach(schema.get("additionalProperties"), seen);
        }
    }

    private static void walk(JsonNode node, Consumer<JsonNode> visitor) {
        visitor.accept(node);
        node.forEach(child -> walk(child, visitor));
    }

    private static List<String> texts(JsonNode list) {
        return elements(list).map(JsonNode::textValue).collect(Collectors.toList());
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
