/*
 * The library driven by C, with nothing in between: what the engine is measured against, and compared with
 * token for token. Sizes and offsets come from the engine's own table of layouts, by -D.
 *
 * Usage: loop LIBRARY KERNELS MODEL CELLS SEQUENCES BATCH THREADS
 * (KERNELS is "-" where the library has them built in.) Then one command a line on standard input:
 *
 *   read N T1 .. TN       forgets everything and reads a text as sequence 0
 *   decode N S T1 .. TN   continues it in N sequences, each by its own token and then S - 1 likeliest ones
 *
 * Each is answered by a line: seconds of the loop, processor seconds of it, then the tokens chosen, sequence
 * by sequence.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { int64_t words[MODEL_BYTES / 8]; } model_params;
typedef struct { int64_t words[CONTEXT_BYTES / 8]; } context_params;
typedef struct {
    int32_t n_tokens;
    int32_t *token;
    float *embd;
    int32_t *pos;
    int32_t *n_seq_id;
    int32_t **seq_id;
    int8_t *logits;
} batch;

#define INT(params, offset) (*(int32_t *) ((char *) &(params) + (offset)))
#define BOOL(params, offset) (*(bool *) ((char *) &(params) + (offset)))

static void *library;

static void *symbol(const char *name) {
    void *found = dlsym(library, name);
    if (!found) {
        fprintf(stderr, "no symbol %s\n", name);
        exit(2);
    }
    return found;
}

static void silent(int level, const char *text, void *data) {
    (void) level;
    (void) text;
    (void) data;
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static int32_t likeliest(const float *row, int32_t size) {
    int32_t best = 0;
    for (int32_t token = 1; token < size; token++) {
        if (row[token] > row[best]) {
            best = token;
        }
    }
    return best;
}

int main(int count, char **arguments) {
    if (count != 8) {
        return 2;
    }
    int cells = atoi(arguments[4]), sequences = atoi(arguments[5]), room = atoi(arguments[6]);
    int threads = atoi(arguments[7]);
    library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    ((void (*)(void (*)(int, const char *, void *), void *)) symbol("llama_log_set"))(silent, NULL);
    if (strcmp(arguments[2], "-") != 0) {
        ((void *(*)(const char *)) symbol("ggml_backend_load"))(arguments[2]);
    }
    ((void (*)(void)) symbol("llama_backend_init"))();
    model_params model_defaults = ((model_params (*)(void)) symbol("llama_model_default_params"))();
    INT(model_defaults, N_GPU_LAYERS) = 0;
    void *model = ((void *(*)(const char *, model_params)) symbol("llama_model_load_from_file"))(
        arguments[3], model_defaults);
    if (!model) {
        fprintf(stderr, "the model was not loaded\n");
        return 2;
    }
    void *vocabulary = ((void *(*)(void *)) symbol("llama_model_get_vocab"))(model);
    int32_t words = ((int32_t (*)(void *)) symbol("llama_vocab_n_tokens"))(vocabulary);
    context_params settings = ((context_params (*)(void)) symbol("llama_context_default_params"))();
    INT(settings, N_CTX) = cells;
    INT(settings, N_BATCH) = room;
    INT(settings, N_UBATCH) = MICRO_BATCH;
    INT(settings, N_SEQ_MAX) = sequences;
    INT(settings, N_THREADS) = threads;
    INT(settings, N_THREADS_BATCH) = threads;
    SET_EXACT(settings);
    void *context = ((void *(*)(void *, context_params)) symbol("llama_init_from_model"))(model, settings);
    if (!context) {
        fprintf(stderr, "the context was not opened\n");
        return 2;
    }
    int32_t (*decode)(void *, batch) = (int32_t (*)(void *, batch)) symbol("llama_decode");
    float *(*logits)(void *, int32_t) = (float *(*)(void *, int32_t)) symbol("llama_get_logits_ith");
    void (*copy)(void *, int32_t, int32_t, int32_t, int32_t) =
        (void (*)(void *, int32_t, int32_t, int32_t, int32_t)) symbol(MEMORY "seq_cp");
    bool (*drop)(void *, int32_t, int32_t, int32_t) =
        (bool (*)(void *, int32_t, int32_t, int32_t)) symbol(MEMORY "seq_rm");
#if HAS_MEMORY_HANDLE
    void *memory = ((void *(*)(void *)) symbol("llama_get_memory"))(context);
#else
    void *memory = context;
#endif
    batch filled = {0};
    filled.token = calloc((size_t) room, sizeof(int32_t));
    filled.pos = calloc((size_t) room, sizeof(int32_t));
    filled.n_seq_id = calloc((size_t) room, sizeof(int32_t));
    filled.seq_id = calloc((size_t) room, sizeof(int32_t *));
    filled.logits = calloc((size_t) room, sizeof(int8_t));
    int32_t *ids = calloc((size_t) room, sizeof(int32_t));
    for (int index = 0; index < room; index++) {
        filled.n_seq_id[index] = 1;
        filled.seq_id[index] = &ids[index];
    }
    int length = 0;
    char command[16];
    while (scanf("%15s", command) == 1) {
        int many, steps = 0;
        if (scanf("%d", &many) != 1 || (strcmp(command, "decode") == 0 && scanf("%d", &steps) != 1)) {
            return 2;
        }
        int32_t *given = calloc((size_t) many, sizeof(int32_t));
        for (int index = 0; index < many; index++) {
            if (scanf("%d", &given[index]) != 1) {
                return 2;
            }
        }
        if (steps == 0) {
            for (int sequence = 0; sequence < sequences; sequence++) {
                drop(memory, sequence, -1, -1);
            }
            double start = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
            for (int from = 0; from < many; from += room) {
                filled.n_tokens = many - from < room ? many - from : room;
                for (int index = 0; index < filled.n_tokens; index++) {
                    filled.token[index] = given[from + index];
                    filled.pos[index] = from + index;
                    ids[index] = 0;
                    filled.logits[index] = from + index == many - 1;
                }
                if (decode(context, filled) != 0) {
                    return 2;
                }
            }
            int32_t next = likeliest(logits(context, filled.n_tokens - 1), words);
            printf("%.9f %.9f %d\n", seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - used, next);
            length = many;
        } else {
            for (int sequence = 1; sequence <= many; sequence++) {
                drop(memory, sequence, -1, -1);
                copy(memory, 0, sequence, 0, length);
            }
            int32_t *chosen = calloc((size_t) many * (size_t) steps, sizeof(int32_t));
            double start = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
            for (int step = 0; step < steps; step++) {
                filled.n_tokens = many;
                for (int index = 0; index < many; index++) {
                    filled.token[index] = given[index];
                    filled.pos[index] = length + step;
                    ids[index] = index + 1;
                    filled.logits[index] = 1;
                }
                if (decode(context, filled) != 0) {
                    return 2;
                }
                for (int index = 0; index < many; index++) {
                    given[index] = likeliest(logits(context, index), words);
                    chosen[index * steps + step] = given[index];
                }
            }
            printf("%.9f %.9f", seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - used);
            for (int index = 0; index < many * steps; index++) {
                printf(" %d", chosen[index]);
            }
            printf("\n");
            free(chosen);
        }
        free(given);
        fflush(stdout);
    }
    return 0;
}
