#!/usr/bin/env python3
"""Times qp-gpu's constraints beside xgrammar's and llguidance's, source by source in one run.

    python3 -m venv .build/peers && .build/peers/bin/pip install xgrammar llguidance
    .build/peers/bin/python Benchmarks/constraints.py --vocabulary model.gguf FOLDER...

A folder holds schemas with instances, {schema, tests: [{data, valid}]}, as jsonschemabench writes them. A walk is a valid
instance, compact, in the order of its schema's properties as far as the instance keeps it, tokenised by the vocabulary's
own tokenizer. Engines take turns at each source and see the same text.

Compiling is from the schema's text to a matcher ready for its first mask. xgrammar's cache across schemas is off; qp-gpu
keeps with the vocabulary what its tokens are to characters that many schemas repeat. xgrammar works out masks while it
compiles, the other two when a mask is asked for. A step's time is its mask, written into packed words; the token is taken
outside of it. Matchers are fresh for each walk, so every step is met for the first time. The peers are called through
Python, which the line "call" shows: the cheapest call of each.
"""

import argparse
import collections
import glob
import importlib.metadata
import json
import os
import random
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scripts"))

from peers import LLGuidance, Service, XGrammar

# Above so many allowed tokens a step stands in free text.
TEXT = 20_000


class Ours(Service):
    name = "qp-gpu"

    def __init__(self, tool, vocabulary):
        super().__init__([tool, vocabulary])
        self.vocabulary = self.ask({"describe": True})

    def encode(self, text):
        return self.ask({"encode": text})["ids"]

    def time(self, kind, source, walks, graph=False):
        answer = self.ask({"kind": kind, "source": source, "walks": walks, "graph": graph})
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer


def time_peer(engine, kind, source, walks):
    """What the service of ours answers, of another engine."""
    compile_times = []
    # Some take minutes: once is enough for those.
    while len(compile_times) < 3 and sum(compile_times) < 1e6:
        start = time.perf_counter_ns()
        compiled = engine.compile(kind, source)
        matcher = engine.matcher(compiled)
        compile_times.append((time.perf_counter_ns() - start) / 1e3)
    answer = {"compileMicroseconds": compile_times, "walks": []}
    for walk in walks:
        matcher = engine.matcher(compiled)
        masks = []
        for token in walk:
            start = time.perf_counter_ns()
            engine.mask(matcher)
            masks.append((time.perf_counter_ns() - start) / 1e3)
            if not engine.accept(matcher, token):
                # Its reading of the schema is narrower; its times so far count.
                break
        answer["walks"].append({"maskMicroseconds": masks})
    return answer


def time_call(engine):
    matcher = engine.matcher(engine.compile("schema", '{"type":"integer"}'))
    times = []
    for _ in range(2000):
        start = time.perf_counter_ns()
        engine.nothing(matcher)
        times.append((time.perf_counter_ns() - start) / 1e3)
    return statistics.median(times)


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def row(name, values, unit="µs"):
    if not values:
        return f"  {name:<28} none"
    spread = " ".join(f"{quantile(values, share):>9.2f}" for share in (0.5, 0.9, 0.99))
    return f"  {name:<28} {len(values):>7} {spread} {max(values):>10.2f} {unit}"


def sources(folders):
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.json"), recursive=True)):
            with open(path, encoding="utf-8") as file:
                value = json.load(file)
            if isinstance(value, dict) and "schema" in value and "tests" in value:
                instances = [test["data"] for test in value["tests"] if test.get("valid")]
                yield path, "schema", json.dumps(value["schema"], ensure_ascii=False), [
                    json.dumps(instance, ensure_ascii=False, separators=(",", ":")) for instance in instances]


# Finite constraints whose graphs are small enough to be made ahead, each with a text.
PATTERNS = [
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", "2026-11-21T18:02:25Z"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
     "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
    (r"\+?[0-9]{1,3}( [0-9]{2,4}){2,4}", "+49 30 1234 5678"),
    (r"(red|green|blue|cyan|magenta|yellow|black|white)", "magenta"),
    (r"[a-z]+( [a-z]+)*", "the quick brown fox jumps over the lazy dog"),
    (r"[A-Za-z_][A-Za-z0-9_]*\([a-z0-9, ]*\)", "convert_units(length, 12, miles)"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", help="the built constraint-times; built when it is not given")
    parser.add_argument("--vocabulary", required=True, help="a GGUF file")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the engines")
    parser.add_argument("--json", help="write every time there")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    tool = options.tool
    if tool is None:
        build = ["swift", "build", "--package-path", HERE, "-c", "release"]
        subprocess.run([*build, "--product", "constraint-times"], check=True, stdout=sys.stderr)
        tool = os.path.join(
            subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip(),
            "constraint-times")

    ours = Ours(tool, options.vocabulary)
    engines = [ours, XGrammar(ours.vocabulary), LLGuidance(ours.vocabulary, ours.encode)]
    rng = random.Random(options.seed)
    compiles = collections.defaultdict(dict)
    masks = {engine.name: {"structure": [], "text": []} for engine in engines}
    refused = collections.Counter()
    largest = 0
    everything = {}
    count = 0
    for path, kind, source, texts in sources(options.folders):
        count += 1
        walks = [ours.encode(text) for text in texts]
        answers = {}
        order = list(engines)
        rng.shuffle(order)
        for engine in order:
            try:
                answers[engine.name] = (
                    ours.time(kind, source, walks) if engine is ours else time_peer(engine, kind, source, walks))
            except Exception as error:  # Each engine has errors of its own.
                if engine is ours and "not allowed" in str(error):
                    # The instance does not keep the declared order: only its compilation is timed.
                    walks = []
                    answers[engine.name] = ours.time(kind, source, walks)
                else:
                    refused[engine.name] += 1
        everything[path] = answers
        for name, answer in answers.items():
            compiles[name][path] = answer["compileMicroseconds"][0]
        if ours.name not in answers:
            continue
        largest = max(largest, answers[ours.name].get("matcherBytes") or 0)
        for number, walk in enumerate(answers[ours.name]["walks"]):
            for name, answer in answers.items():
                if number >= len(answer["walks"]):
                    continue
                for allowed, duration in zip(walk["allowed"], answer["walks"][number]["maskMicroseconds"]):
                    masks[name]["text" if allowed > TEXT else "structure"].append(duration)

    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(everything, file)

    size = ours.vocabulary["vocabularySize"]
    print(f"{count} schemas, V = {size}, seed {options.seed}; "
          + ", ".join(f"{peer} {importlib.metadata.version(peer)}" for peer in ("xgrammar", "llguidance")))
    print(f"  {'':<28} {'n':>7} {'median':>9} {'p90':>9} {'p99':>9} {'most':>10}")
    common = set.intersection(*[set(compiles[engine.name]) for engine in engines])
    print(f"compiling, the {len(common)} schemas that all of them compile")
    for engine in engines:
        print(row(f"{engine.name} ({refused[engine.name]} refused)", [compiles[engine.name][p] for p in common]))
    for where, title in (("structure", f"next mask, at most {TEXT} allowed"),
                         ("text", f"next mask, more than {TEXT} allowed")):
        print(title)
        for engine in engines:
            print(row(engine.name, masks[engine.name][where]))
    medians = {
        name: statistics.median([compiles[name][p] for p in common]) for name in compiles
    }
    best = min(medians["xgrammar"], medians["llguidance"])
    print(f"median compile time over the better peer's: {medians['qp-gpu'] / best:.2f}")
    print("call, the cheapest of each peer through Python")
    for engine in engines[1:]:
        print(f"  {engine.name:<28} {time_call(engine):.2f} µs")
    print(f"vocabulary prepared in {ours.vocabulary['prepareMilliseconds']:.0f} ms; "
          f"largest matcher after its walk {largest / 1e6:.1f} MB")

    print("precomputed graphs")
    print(f"  {'':<28} {'states':>7} {'classes':>9} {'kB':>9} {'built ms':>9} {'look-up ns':>10}")
    for pattern, text in PATTERNS:
        answer = ours.time("regex", pattern, [ours.encode(text)], graph=True)
        graph = answer.get("graph")
        shown = pattern if len(pattern) <= 28 else pattern[:27] + "…"
        if graph is None:
            print(f"  {shown:<28} beyond the limits of a graph")
            continue
        print(f"  {shown:<28} {graph['states']:>7} {graph['tokenClasses']:>9} {graph['bytes'] / 1e3:>9.0f} "
              f"{graph['buildMilliseconds']:>9.1f} {statistics.median(graph['lookUpNanoseconds']):>10.0f}")


if __name__ == "__main__":
    main()
