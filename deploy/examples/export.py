# ./cloudchamber job export JOB --out job.jsonl && python3 export.py job.jsonl
import json, sys
import pandas

lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
kind = {name: pandas.DataFrame([line for line in lines if line["kind"] == name])
        for name in ("problem", "step", "population", "outcome")}
particles = kind["population"].explode(["nodes", "logWeights"]).rename(columns={"nodes": "node"})
steps = particles.merge(kind["step"][["problem", "node", "text", "logOdds", "seed"]], on=["problem", "node"])
print(steps[["problem", "round", "node", "logWeights", "seed", "text"]].head(20).to_string())
print(kind["problem"].set_index("id")[["status", "answer", "logEvidence"]].to_string())
print(kind["population"].groupby("round")["ess"].mean())
