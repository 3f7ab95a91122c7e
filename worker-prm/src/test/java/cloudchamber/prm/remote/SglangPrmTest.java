package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.HttpEndpoint;
import java.util.Optional;

class SglangPrmTest extends RemotePrmContract {
    @Override
    FakeServer server() {
        return FakePrm.sglang();
    }

    @Override
    ScoreDialect dialect(HttpEndpoint endpoint) {
        return new Classifying(
                endpoint,
                new PrmFormat.Conversation(ChatTemplate.chatMl(Optional.empty())),
                "",
                Classifying.Server.SGLANG);
    }
}
