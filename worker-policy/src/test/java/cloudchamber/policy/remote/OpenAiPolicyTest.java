package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServers;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.util.List;
import java.util.Optional;

class OpenAiPolicyTest extends RemotePolicyContract {
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
        return OpenAiDialect.completions(new HttpEndpoint(settings), new ChatTemplate.Question(), "");
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.empty();
    }
}
