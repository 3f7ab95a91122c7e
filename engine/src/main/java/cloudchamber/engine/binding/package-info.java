/**
 * llama.cpp through the foreign-function interface: the only package that sees native memory.
 *
 * <pre>
 *   NativeLibrary (one a process) --load--> NativeModel --open--> NativeContext
 *      layout chosen by SHA-256            vocabulary            sequences of key-value cells
 * </pre>
 *
 * <p>A failed assertion in the library ends the process, so every argument is checked here, in Java,
 * before it crosses over. Public signatures hold plain values only.
 *
 * <p>May use: {@code engine.fault}, {@code engine.library}. Never: scheduling, sampling, caching.
 */
package cloudchamber.engine.binding;
