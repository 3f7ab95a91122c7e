package cloudchamber.prm.remote;

import cloudchamber.prm.format.PrmFormat;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.HttpEndpoint;

class TokenPoolingPrmTest extends RemotePrmContract {
    @Override
    FakeServer server() {
        return FakePrm.everyToken();
    }

    @Override
    ScoreDialect dialect(HttpEndpoint endpoint) {
        return new VllmPooling(endpoint, new PrmFormat.Skywork("<|endoftext|>"), "", PrmFormat.Rows.TOKENS, 1);
    }
}
