package cloudchamber.coordinator.journal;

import java.util.zip.CRC32C;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serializers;

/**
 * An object as it is kept.
 *
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
        return serialization.deserialize(payload, serializerId, manifest).get();
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
