"""A policy and a PRM of your own, in Python. pip install grpcio grpcio-tools, then, in this folder:

    python -m grpc_tools.protoc -I ../../../protocol/src/main/protobuf --python_out=. --grpc_python_out=. \\
        cloudchamber/worker/v1/worker.proto
    python server.py 50051

It "solves" sums by guessing, and the PRM knows better, so a particle filter finds the answer.
"""
import random, re, sys
from concurrent import futures

import grpc
from cloudchamber.worker.v1 import worker_pb2 as pb, worker_pb2_grpc as rpc

ABOUT = dict(weights_sha256="none", template="none", slots=16, context_tokens=4096, library="python", variant="any", context="exact")


class Policy(rpc.PolicyModelServicer):
    def Describe(self, request, context):
        return pb.ModelDescription(name="guesser", **ABOUT)

    def Extend(self, call, context):
        total = sum(map(int, re.findall(r"\d+", call.prompt[-1].content)))
        guess = total + random.Random(call.seed).choice([-1, 0, 1])  # the same seed, the same step
        last = len(call.prefix) >= 1
        text = f"The answer is \\boxed{{{guess}}}." if last else "Let us add the numbers.\n\n"
        yield pb.ExtendEvent(extension=pb.Extension(
            text=text, end=pb.STEP_END_SEQUENCE if last else pb.STEP_END_STEP, usage=pb.Usage(completion_tokens=len(text.split()))))


class Reward(rpc.RewardModelServicer):
    def Describe(self, request, context):
        return pb.ModelDescription(name="checker", **ABOUT)

    def Score(self, call, context):
        total = sum(map(int, re.findall(r"\d+", call.prompt[-1].content)))
        answer = re.search(r"\\boxed\{(-?\d+)\}", call.prefix[-1].text)
        right = 0.0 if answer is None else 4.0 if int(answer.group(1)) == total else -4.0
        return pb.ScoreAnswer(score=pb.Score(log_odds=[right]))


server = grpc.server(futures.ThreadPoolExecutor(16))
rpc.add_PolicyModelServicer_to_server(Policy(), server)
rpc.add_RewardModelServicer_to_server(Reward(), server)
port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 0}")
server.start()
print(f"grpc: 127.0.0.1:{port}", flush=True)
server.wait_for_termination()
