package cloudchamber.protocol.serial;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.util.Optional;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;

/**
 * CBOR as Pekko's {@code jackson-cbor} writes it, byte for byte, under the names of {@link SerialNameTable} in place
 * of names of classes. Reads nothing but what stands in the table.
 */
public final class NamedCbor extends SerializerWithStringManifest {
    /** Stands beside each stored object. */
    public static final int IDENTIFIER = 7_206;
    /** Pekko's own serializer, which wrote the same bytes under the names of classes. */
    public static final int JACKSON_CBOR_IDENTIFIER = 33;

    private static final String SETTINGS = "jackson-cbor";

    private final ObjectMapper mapper;
    private final SerialNameTable names;

    /** Made by the actor system. */
    public NamedCbor(ExtendedActorSystem system) {
        this.mapper = JacksonObjectMapperProvider.get(system).getOrCreate(SETTINGS, Optional.of(new CBORFactory()));
        this.names = SerialNameTable.of(
                system.settings().config(), system.dynamicAccess().classLoader());
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object object) {
        return names.of(object.getClass()).name();
    }

    @Override
    public byte[] toBinary(Object object) {
        var name = manifest(object);
        try {
            return mapper.writeValueAsBytes(object);
        } catch (IOException unwritable) {
            throw new IllegalArgumentException("[" + name + "] must be writable as CBOR: was not", unwritable);
        }
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        try {
            return mapper.readValue(bytes, names.type(manifest));
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("[" + manifest + "] must be CBOR of its class: was not", unreadable);
        }
    }
}
