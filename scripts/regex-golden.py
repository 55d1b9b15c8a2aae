#!/usr/bin/env python3
"""Writes Tests/QPConstraintsTests/RegexGoldenCases.swift: patterns with the texts that PyPI's `regex` matches.

    pip install regex==2024.11.6
    scripts/regex-golden.py > Tests/QPConstraintsTests/RegexGoldenCases.swift

Patterns are put together at random, from a seed, out of what the dialects have in common. Two things are spelled
differently for Python: `$`, which there also matches before a last line feed, and `\\z`, which it calls `\\Z`.
`--count N` makes more of them, to run once and not to keep.
"""
import argparse
import importlib.metadata
import random

import regex

SEED = 20250101
LETTERS = ["a", "b", "B", "1", "_", "-", " ", "\n", "é", "É", "ß", "k", "\u212a", "σ", "ς", "🐲", "٣"]
ATOMS = ["a", "b", "B", "é", "ß", "k", "σ", "🐲", ".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "[ab]", "[^ab]", "[a-z]",
         "[^\\w]", "[é-ö1]", "[\\d_-]", "\\p{L}", "\\P{L}", "\\p{Lu}", "\\p{Greek}", "[\\p{L}--[a-k]]", "[\\w&&[^_]]",
         "[a-z~~[bé]]", "\\x61", "\\u00e9", "\\n", "\\-", "(?i:k)", "(?i:σ)", "(?i:[a-b])", "(?i:[^b])",
         "(?s:.)"]
ASSERTIONS = ["^", "$", "\\b", "\\B", "\\A", "\\z", "(?m:^)"]
QUANTIFIERS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}", "{2,3}"]


def pattern(rng, size):
    if size <= 1:
        return rng.choice(ASSERTIONS if rng.random() < 0.15 else ATOMS)
    kind = rng.random()
    if kind < 0.5:
        left = rng.randint(1, size - 1)
        return pattern(rng, left) + pattern(rng, size - left)
    if kind < 0.75:
        left = rng.randint(1, size - 1)
        group = rng.choice(["(", "(?:", "(?P<n%d>" % rng.randint(0, 10**9)])
        return group + pattern(rng, left) + "|" + pattern(rng, size - left) + ")"
    return "(?:" + pattern(rng, size - 1) + ")" + rng.choice(QUANTIFIERS)


def shown(text):
    """One word: spaces and line feeds as their pictures, the empty text as ε."""
    return text.replace(" ", "␣").replace("\n", "␊") or "ε"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=int, default=160)
    count = arguments.parse_args().count
    rng = random.Random(SEED)
    rows = []
    while len(rows) < count:
        source = pattern(rng, rng.randint(1, 8))
        if len(source) > 70:
            continue
        python = source.replace("\\z", "\\Z").replace("$", "\\Z")
        compiled = regex.compile("(?V1)" + python)
        texts = {""} | {"".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 5))) for _ in range(60)}
        for extent, match in (("whole", compiled.fullmatch), ("search", compiled.search)):
            accepted = [t for t in sorted(texts) if match(t)][:5]
            rejected = [t for t in sorted(texts, key=lambda t: (len(t), t)) if not match(t)][:5]
            rows.append((extent, source, accepted, rejected))
    version = importlib.metadata.version("regex")
    print(f"// Made by scripts/regex-golden.py with PyPI regex {version}.")
    print("/// Extent, pattern, texts that match and texts that do not, between tabs; texts are parted by spaces and have")
    print("/// their own spaces and line feeds as pictures, and ε is the empty one.")
    print('let regexGoldenCases = #"""')
    for extent, source, accepted, rejected in rows:
        print("\t".join(["    " + extent, source, " ".join(map(shown, accepted)), " ".join(map(shown, rejected))]))
    print('    """#')


main()
