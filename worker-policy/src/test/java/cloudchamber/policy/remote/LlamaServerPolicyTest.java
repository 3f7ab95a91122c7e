package cloudchamber.policy.remote;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServers;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;

class LlamaServerPolicyTest extends RemotePolicyContract {
    @Override
    FakeServer server() {
        return FakeServers.llamaServer();
    }

    @Override
    PolicyDialect dialect(RemoteSettings settings) {
        return new LlamaServerDialect(new HttpEndpoint(settings), new ChatTemplate.Question());
    }
}
