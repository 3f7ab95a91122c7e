package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.HttpEndpoint;
import java.util.Optional;

class LabelPrmTest extends RemotePrmContract {
    @Override
    FakeServer server() {
        return FakePrm.vllm();
    }

    @Override
    ScoreDialect dialect(HttpEndpoint endpoint) {
        return new VllmLabels(endpoint, new PrmFormat.Rlhflow(ChatTemplate.chatMl(Optional.empty())), "", "+", "-");
    }
}
