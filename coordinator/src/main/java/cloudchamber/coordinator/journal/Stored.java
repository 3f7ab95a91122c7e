package cloudchamber.coordinator.journal;

import cloudchamber.protocol.serial.NamedCbor;
import java.util.zip.CRC32C;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serializers;

/**
 * An object as it is kept.
 *
 * <p>Up to the schema 4 the manifest was the name of a Java class and the serializer Pekko's; those are still read.
 *
 * @param manifest the name of what it is, see {@link cloudchamber.protocol.serial.SerialNames}
 * @param checksum of {@code payload}: neither database checks what a disk gives back
 */
record Stored(int serializerId, String manifest, byte[] payload, long checksum) {

    /** @throws StorageException if the object cannot be written */
    static Stored of(Object object, Serialization serialization) {
        var written = serialization.serialize(object);
        if (written.isFailure()) {
            var failure = written.failed().get();
            throw new StorageException("what is kept must be serializable: " + failure.getMessage(), failure);
        }
        var serializer = serialization.findSerializerFor(object);
        var payload = written.get();
        return new Stored(serializer.identifier(), Serializers.manifestFor(serializer, object), payload, sum(payload));
    }

    /**
     * The object again.
     *
     * @param place where it stood, for the error
     * @throws StorageException if it is not what was written
     */
    Object read(Serialization serialization, String place) {
        check(place);
        int reader = serializerId == NamedCbor.JACKSON_CBOR_IDENTIFIER ? NamedCbor.IDENTIFIER : serializerId;
        return serialization.deserialize(payload, reader, manifest).get();
    }

    /** @throws StorageException if it is not what was written */
    void check(String place) {
        if (sum(payload) != checksum) {
            throw new StorageException("what stands at [" + place + "] must be what was written: its checksum differs");
        }
    }

    private static long sum(byte[] payload) {
        var checksum = new CRC32C();
        checksum.update(payload);
        return checksum.getValue();
    }
}
