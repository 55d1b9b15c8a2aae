#!/usr/bin/env python3
"""Writes texts with the verdict of jsonschema's FormatChecker on each, for the tests of formats.

    pip install "jsonschema[format]"
    scripts/format-cases.py > Tests/QPConstraintsTests/JSON/FormatCases.swift

Texts are a few valid ones of each format with up to three random edits, seeded. Left out are formats that the checker
hardly checks (email), or reads otherwise than their standard (time, duration, uuid, relative-json-pointer, references
and templates), and the texts of `differs`.
"""

import argparse
import json
import random
from importlib.metadata import version

from jsonschema import FormatChecker

VALID = {
    "date": ["2024-02-29", "1999-12-31", "2023-02-28", "1900-03-01", "2000-02-29", "2021-04-30"],
    "date-time": ["2024-02-29T23:59:59Z", "1999-12-31t00:00:00.5+01:00", "2023-02-28T12:00:00-23:59"],
    "hostname": ["example.com", "a.b-c.d1", "localhost", "x--y.org", "a" * 63 + ".net"],
    "ipv4": ["192.168.0.1", "255.255.255.255", "0.0.0.0", "10.20.30.40"],
    "ipv6": ["2001:db8::8:800:200c:417a", "::1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.128", "fe80::", "1::8"],
    "uri": ["http://u@h.example:80/p/a;t?q=1#f", "urn:isbn:096139210x", "ftp://[::1]/x", "mailto:a@b", "a:/%20/b"],
    "json-pointer": ["/a/b~0/~1", "", "/0/é", '/"\\/'],
}
LETTERS = "0123456789abcdefABCDEFxyzZTPYMDHSW.:-+/~#?%@[]_ \"\\\té"


def edited(text: str, generator: random.Random) -> str:
    for _ in range(generator.choice([0, 1, 1, 1, 2, 3])):
        place = generator.randint(0, len(text))
        match generator.randrange(4):
            case 0: text = text[:place] + text[place + 1:]
            case 1: text = text[:place] + generator.choice(LETTERS) + text[place:]
            case 2: text = text[:place] + generator.choice(LETTERS) + text[place + 1:]
            case 3: text = text[:place] + text[place:place + 2] + text[place:]
    return text


def differs(name: str, text: str) -> bool:
    """Whether the checker is known to part from the standard, or this project to be stricter, on `text`."""
    match name:
        # Python has no year 0, and leap seconds with an offset are refused here.
        case "date" | "date-time": return text.startswith("0000") or ":60" in text
        # The checker allows a dot at the end, and knows nothing of reserved labels.
        case "hostname": return text.endswith(".") or any(label[2:4] == "--" for label in text.split("."))
        # A zone is of RFC 4007.
        case "ipv6": return "%" in text
        case _: return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=60, help="texts of each format")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    checker = FormatChecker()
    print("/// Format, verdict and text; written by scripts/format-cases.py", end="")
    print(f" --count {options.count} --seed {options.seed} with jsonschema {version('jsonschema')}.")
    print('let formatCases = #"""')
    for name, valid in VALID.items():
        generator = random.Random(f"{options.seed} {name}")
        seen: set[str] = set()
        attempts = 0
        while len(seen) < options.count and attempts < 100 * options.count:
            attempts += 1
            text = edited(generator.choice(valid), generator)
            if text in seen or differs(name, text):
                continue
            seen.add(text)
            print("   ", name, int(checker.conforms(text, name)), json.dumps(text))
    print('    """#')


if __name__ == "__main__":
    main()
