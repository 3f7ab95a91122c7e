package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.HttpEndpoint;
import java.util.Optional;

class PoolingPrmTest extends RemotePrmContract {
    @Override
    FakeServer server() {
        return FakePrm.vllm();
    }

    @Override
    ScoreDialect dialect(HttpEndpoint endpoint) {
        return new VllmPooling(
                endpoint, new PrmFormat.Qwen(ChatTemplate.chatMl(Optional.empty()), true), "", PrmFormat.Rows.STEPS, 1);
    }
}
