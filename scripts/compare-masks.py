#!/usr/bin/env python3
"""Compares the masks of qp-gpu, xgrammar and llguidance word for word, along random walks that all of them allow.

    python3 -m venv .build/peers && .build/peers/bin/pip install xgrammar llguidance jsonschema
    swift build -c release --product qp-gpu
    .build/peers/bin/python scripts/compare-masks.py --tool .build/release/qp-gpu \
        --vocabulary model.gguf schemas/*.json [--walks 3] [--steps 60] [--seed 1] [--json report.json]

A source is a JSON Schema (.json; of a file {schema, tests} the schema), a regular expression (.regex) or GBNF (.gbnf,
xgrammar only). JSON is compact in all three: that is the one setting of whitespace which they share. A walk draws its
next token evenly from those that every engine allows, so that one disagreement does not end it, and ends the text only
where nothing else is left. Agreement is of the packed masks, bit by bit over V; what differs is grouped by engine, by
direction, and by what the differing tokens begin with.

Each kind of difference is looked into once a walk. For a token that qp-gpu alone allows, it completes a text, which the
package jsonschema (re, for regular expressions) has to find valid: then the other is too strict. For one that both
others allow and qp-gpu does not, xgrammar completes one, which has to be invalid, unless the token is of an escape:
keys and restricted strings have one spelling here. Whatever else differs is unexplained. Texts are completed by chance,
which an unanchored pattern may not give: such a difference is listed as undecided. Exit status: 0 where nothing is
unexplained, 1 where something is, 2 for a wrong command line.
"""

import argparse
import base64
import collections
import json
import random
import re
import sys

import jsonschema
import numpy

from peers import LLGuidance, Service, XGrammar


class Ours(Service):
    """`qp-gpu grammar serve`, at one text at a time."""

    def __init__(self, tool, vocabulary):
        super().__init__([tool, "grammar", "serve", "--vocabulary", vocabulary])
        self.vocabulary = self.ask({"vocabulary": True})
        self.size = self.vocabulary["vocabularySize"]
        self.closing = [t for t in range(self.size) if self.text(t) in (b'"', b"}", b"]")]
        self.characters = [t for t in range(self.size) if len(self.text(t)) == 1]

    def encode(self, text):
        return self.ask({"encode": text})["ids"]

    def start(self, kind, source):
        self.keep(self.ask({"open": {"kind": kind, "source": source}}))

    def keep(self, answer):
        if "error" in answer:
            raise ValueError(answer["error"])
        self.words = numpy.frombuffer(base64.b64decode(answer["mask"]), dtype=numpy.uint32)

    def mask(self):
        return self.words

    def advance(self, token):
        self.keep(self.ask({"advance": token}))

    def rollback(self, count):
        self.keep(self.ask({"rollback": count}))

    def text(self, token):
        """A token's text; none of a special one."""
        tokens = self.vocabulary["tokens"]
        return base64.b64decode(tokens[token]) if token < len(tokens) and tokens[token] is not None else b""


class Peer:
    """Another engine at one text, asked as ours is: what goes wrong is raised."""

    def __init__(self, engine):
        self.engine = engine

    def start(self, kind, source):
        self.matcher = self.engine.matcher(self.engine.compile(kind, source))

    def mask(self):
        mask = self.engine.mask(self.matcher)
        if failure := self.engine.failure(self.matcher):
            raise ValueError(failure)
        return mask

    def advance(self, token):
        if not self.engine.accept(self.matcher, token):
            failure = self.engine.failure(self.matcher) or "no reason given"
            raise ValueError(f"refused token {token}, which its mask allows: {failure}")

    def rollback(self, count):
        self.engine.rollback(self.matcher, count)


def bits(words, size):
    """The ids in a packed mask, without what lies at or above V."""
    flags = numpy.unpackbits(words.view(numpy.uint8), bitorder="little")[:size]
    return flags.astype(bool)


def beginning(token, ours):
    """What the text of a token begins with, in a word."""
    if token in ours.vocabulary["endOfText"]:
        return "end of text"
    text = ours.vocabulary["tokens"][token] if token < len(ours.vocabulary["tokens"]) else None
    if text is None:
        return "special or padded"
    text = base64.b64decode(text)
    if not text:
        return "empty"
    first = text[:1]
    if first in b"\\":
        return "escape"
    if first in b" \t\r\n":
        return "whitespace"
    if first in b"0123456789-.":
        return "number"
    if first >= b"\x80":
        return "not ASCII"
    if b"\\" in text:
        return "holds an escape"
    if first in b"{}[],:\"":
        return "structure"
    return "other text"


def completion(engine, ours, text, token, rng, steps=2000):
    """A whole text that goes on with `token`, after `text`, as an engine allows it; None where none was found."""
    ends = ours.vocabulary["endOfText"]
    if token in ends:
        return text
    for _ in range(4):
        whole, taken, next_token, is_complete = text, 0, token, False
        while taken < steps and not is_complete:
            engine.advance(next_token)
            taken += 1
            whole += ours.text(next_token)
            allowed = bits(engine.mask(), ours.size)
            is_complete = allowed[ends].any()
            # Mostly what closes, else one character, so that a pattern's separators come up; now and then any other,
            # since both may lead round in circles.
            choices = [[t for t in ours.closing if allowed[t]], [t for t in ours.characters if allowed[t]]]
            likely = next((tokens for tokens in choices if tokens and rng.random() < 0.8), numpy.flatnonzero(allowed))
            next_token = int(rng.choice(likely))
        engine.rollback(taken)
        if is_complete:
            return whole
    return None


def is_valid(kind, source, text):
    """Whether a text satisfies its source, as a package that is no engine judges."""
    text = text.decode()
    if kind == "regex":
        return re.fullmatch(source, text) is not None
    value, schema = json.loads(text), json.loads(source)
    validator = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    return validator(schema, format_checker=validator.FORMAT_CHECKER).is_valid(value)


def is_escape(text, token):
    """Whether a token holds an escape, or goes on with one that is open at the end of `text`."""
    return b"\\" in token or re.search(rb"\\(u[0-9a-fA-F]{0,3})?$", text) is not None


def faults(engines, masks, ours, source, text, rng, looked_into):
    """What nothing explains of the differences of one step, each kind once: a heading and a line."""
    own = masks["qp-gpu"]
    after = f"after {text.decode(errors='replace')!r}"
    for name, mask in masks.items():
        for cause, token in sorted({beginning(int(i), ours): int(i) for i in numpy.flatnonzero(own & ~mask)}.items()):
            if (name, cause) in looked_into:
                continue
            looked_into.add((name, cause))
            whole = completion(engines["qp-gpu"], ours, text, token, rng)
            if whole is None:
                yield "undecided", f"{after}: {ours.text(token)!r} is not allowed by {name}"
            elif source[0] == "gbnf" or not is_valid(*source, whole):
                yield "unexplained", f"{after}: {ours.text(token)!r} is not allowed by {name}: too loose? {whole!r}"
    if len(masks) < 3:
        return
    others = numpy.logical_and.reduce([mask for name, mask in masks.items() if name != "qp-gpu"])
    for token in map(int, numpy.flatnonzero(others & ~own)):
        cause = beginning(token, ours)
        if ("left out", cause) in looked_into or is_escape(text, ours.text(token)):
            continue
        looked_into.add(("left out", cause))
        whole = completion(engines["xgrammar"], ours, text, token, rng)
        if whole is None:
            yield "undecided", f"{after}: {ours.text(token)!r} is left out"
        elif is_valid(*source, whole):
            yield "unexplained", f"{after}: {ours.text(token)!r} is left out, as of {whole!r}"


def walk(engines, ours, source, steps, rng, record):
    """Steps along tokens that all engines allow."""
    text = b""
    judging, looked_into = random.Random(rng.random()), set()
    for _ in range(steps):
        masks = {name: bits(engine.mask(), ours.size) for name, engine in engines.items()}
        own = masks["qp-gpu"]
        if any((mask != own).any() for mask in masks.values()):
            for heading, line in faults(engines, masks, ours, source, text, judging, looked_into):
                record[heading].append(f"{record['source']} {line}")
        for name, mask in masks.items():
            if name == "qp-gpu":
                continue
            record["steps"][name] += 1
            if (own == mask).all():
                record["equal"][name] += 1
                continue
            if name == "llguidance" and mask.sum() == 1 and (own & mask).any():
                # Where the text is forced, it allows the one token by which its tokenizer would begin it.
                record["canonical"] += 1
                continue
            for direction, difference in (("only qp-gpu", own & ~mask), (f"only {name}", mask & ~own)):
                ids = numpy.flatnonzero(difference)
                causes = collections.Counter(beginning(int(i), ours) for i in ids)
                for cause, count in causes.items():
                    entry = record["causes"][(name, direction, cause)]
                    entry["steps"] += 1
                    entry["tokens"] += count
                    if "example" not in entry:
                        token = next(int(i) for i in ids if beginning(int(i), ours) == cause)
                        shown = ours.vocabulary["tokens"][token] if token < len(ours.vocabulary["tokens"]) else None
                        entry["example"] = {
                            "source": record["source"], "after": text.decode(errors="replace"),
                            "token": None if shown is None else base64.b64decode(shown).decode(errors="replace"),
                        }
        common = numpy.flatnonzero(numpy.logical_and.reduce(list(masks.values())))
        going = [int(i) for i in common if int(i) not in ours.vocabulary["endOfText"]]
        if not going:
            return
        token = rng.choice(going)
        for engine in engines.values():
            engine.advance(token)
        text += base64.b64decode(ours.vocabulary["tokens"][token])


def read(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".json"):
        value = json.loads(text)
        if isinstance(value, dict) and "schema" in value and "tests" in value:
            value = value["schema"]
        return "schema", json.dumps(value, ensure_ascii=False)
    if path.endswith(".gbnf"):
        return "gbnf", text
    return "regex", text.rstrip("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=".build/release/qp-gpu")
    parser.add_argument("--vocabulary", required=True, help="a GGUF file")
    parser.add_argument("--walks", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", help="write the report there")
    parser.add_argument("sources", nargs="+")
    options = parser.parse_args()

    ours = Ours(options.tool, options.vocabulary)
    if not ours.vocabulary["endOfText"]:
        sys.exit(f"{options.vocabulary} has no end-of-text token")
    peers = {
        engine.name: Peer(engine)
        for engine in (XGrammar(ours.vocabulary), LLGuidance(ours.vocabulary, ours.encode))
    }
    compiled = collections.Counter()
    refusals = collections.defaultdict(list)
    record = {
        "steps": collections.Counter(), "equal": collections.Counter(),
        "causes": collections.defaultdict(collections.Counter), "canonical": 0, "source": "",
        "unexplained": [], "undecided": [],
    }
    broken = []
    for path in options.sources:
        record["source"] = path
        kind, source = read(path)
        rng = random.Random(f"{options.seed} {path}")
        for number in range(options.walks):
            engines = {}
            for name, engine in {"qp-gpu": ours, **peers}.items():
                try:
                    engine.start(kind, source)
                    engines[name] = engine
                except Exception as error:  # Each engine has errors of its own.
                    if number == 0:
                        refusals[name].append(f"{path}: {str(error).splitlines()[0][:160]}")
            if number == 0:
                compiled.update(engines.keys())
            if len(engines) < 2 or "qp-gpu" not in engines:
                break
            try:
                walk(engines, ours, (kind, source), options.steps, rng, record)
            except Exception as error:
                broken.append(f"{path}, seed {options.seed}, walk {number}: {error}")

    print(f"{len(options.sources)} sources, {options.walks} walks of up to {options.steps} steps, seed {options.seed}")
    for name in ["qp-gpu", *peers]:
        steps, equal = record["steps"][name], record["equal"][name]
        share = f", masks equal at {equal} of {steps} steps" if steps else ""
        if name == "llguidance":
            share += f", and at {record['canonical']} more it allows only the one token that its tokenizer takes"
        print(f"  {name}: {compiled[name]} compiled{share}")
    causes = sorted(record["causes"].items(), key=lambda item: -item[1]["steps"])
    for (name, direction, cause), entry in causes:
        example = entry["example"]
        print(f"  {name}: {direction}, {cause}: {entry['steps']} steps, {entry['tokens']} tokens; "
              f"{example['source']} after {example['after'][-60:]!r}: {example['token']!r}")
    for line in broken:
        print(f"  broke off: {line}")
    for heading in ("unexplained", "undecided"):
        print(f"  {heading}: {len(record[heading])}")
        for line in record[heading]:
            print(f"    {line}")
    if options.json:
        report = {
            "compiled": compiled, "steps": record["steps"], "equal": record["equal"],
            "canonical": record["canonical"], "refusals": refusals,
            "causes": [dict(entry, engine=name, direction=direction, cause=cause)
                       for (name, direction, cause), entry in causes],
            "brokenOff": broken, "unexplained": record["unexplained"], "undecided": record["undecided"],
        }
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1, ensure_ascii=False)
            file.write("\n")
    sys.exit(1 if record["unexplained"] else 0)


if __name__ == "__main__":
    main()
