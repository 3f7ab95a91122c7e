package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.Prompt;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** Writes a prompt as ever, and what its template is told only where that is something. */
final class PromptSerializer extends StdSerializer<Prompt> {
    private static final long serialVersionUID = 1L;

    PromptSerializer() {
        super(Prompt.class);
    }

    @Override
    public void serialize(Prompt prompt, JsonGenerator out, SerializerProvider provider) throws IOException {
        out.writeStartObject();
        provider.defaultSerializeField("messages", prompt.messages(), out);
        if (prompt.templateArguments() != null) {
            out.writeStringField("templateArguments", prompt.templateArguments());
        }
        out.writeEndObject();
    }
}
