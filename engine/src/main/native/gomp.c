/*
 * A stand-in for libgomp.so.1 with one thread: the five symbols that the bundled llama.cpp library
 * needs from an OpenMP runtime, for machines that have none. A parallel region runs its body once,
 * on the calling thread, so barriers hold at once and every "single" block is ours.
 *
 * Build (from this directory; the result is committed, the build of the project needs no C compiler):
 *
 *   cc -O2 -fPIC -shared -nostdlib -Wl,-soname,libgomp.so.1 -Wl,--version-script=gomp.map \
 *      -Wl,--build-id=none -s -o ../resources/cloudchamber/engine/native/linux-x86_64/libgomp-stand-in.so gomp.c
 */
#include <stdbool.h>

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
    (void)threads;
    (void)flags;
    body(data);
}

void GOMP_barrier(void) {}

bool GOMP_single_start(void) {
    return true;
}

int omp_get_thread_num(void) {
    return 0;
}

int omp_get_num_threads(void) {
    return 1;
}
