package cloudchamber.policy.remote;

import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServers;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.util.List;
import java.util.Optional;

class ChatPolicyTest extends RemotePolicyContract {
    @Override
    FakeServer server() {
        return FakeServers.openAi();
    }

    @Override
    boolean continuesByTokens() {
        return false;
    }

    @Override
    PolicyDialect dialect(RemoteSettings settings) {
        return OpenAiDialect.chat(new HttpEndpoint(settings), "");
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.empty();
    }
}
