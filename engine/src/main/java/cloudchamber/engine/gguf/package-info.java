/**
 * Model files read in plain Java: the header of a GGUF file [1], its metadata and where its tensors
 * lie. A file is checked here, whole, before the native library sees it, because what surprises that
 * library can end the process.
 *
 * <p>[1] the GGUF specification of the ggml project, versions 2 and 3.
 *
 * <p>May use: {@code engine.fault}. Never: native memory.
 */
package cloudchamber.engine.gguf;
