#!/usr/bin/env python3
"""Compares qp-gpu's verdict on random JSON Schemas and documents with that of two validators.

    python3 -m venv .build/peers && .build/peers/bin/pip install jsonschema jsonschema-rs
    swift build -c release --product qp-gpu
    .build/peers/bin/python scripts/schema-fuzz.py --tool .build/release/qp-gpu [--schemas 2000] [--documents 12] \
        [--seed 1] [--keep folder]

A schema combines the keywords of one of five drafts over few keys, strings and numbers, so that its parts meet and
contradict each other. Its documents are drawn to satisfy a part of it, then changed in a place or two; those that
differ only in the spelling of a number, or in composed and decomposed letters, are among them. `qp-gpu grammar
conformance` judges all of them at once. A document that it accepts and both validators reject is printed with its
schema, and the exit status is 1. One that it alone rejects is only counted: order of keys and spelling may be narrower.
Documents on which the validators disagree are counted and not judged: each has mistakes of its own.

Left out, because validators are not exact there: formats, patterns beyond what `re` and ECMA 262 share, multipleOf with
fractions, and numbers that a double does not hold.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import jsonschema
import jsonschema_rs

DRAFTS = {
    "http://json-schema.org/draft-04/schema#": (4, "Draft4Validator"),
    "http://json-schema.org/draft-06/schema#": (6, "Draft6Validator"),
    "http://json-schema.org/draft-07/schema#": (7, "Draft7Validator"),
    "https://json-schema.org/draft/2019-09/schema": (2019, "Draft201909Validator"),
    "https://json-schema.org/draft/2020-12/schema": (2020, "Draft202012Validator"),
}
KEYS = ["a", "b", "c", "ab", "x1", "\u00e9"]
STRINGS = [
    "", "a", "b", "c", "ab", "ba", "abc", "A", "1", "x1", "\u00e9", "e\u0301", "\U0001f600", "a b", '"', "\\", "\t"]
NUMBERS = [
    0, -0.0, 1, 1.0, -1, 1.5, 2, 2.5, 3, 5, 6, 7, 9, 10, 11, 99, 100, 101, -2, -9, -10, 0.5, 0.25, 1e2, 1e20, -1e-3]
PATTERNS = [
    "a", "^a", "b$", "^a$", "^a|b$", "^(a|b)$", "^[a-c]+$", "^.$", "^..?$", "[0-9]", "^x[0-9]$", "^$", "", "^[^a]",
    "^a*b?$", "^(?:ab)*$", "\u00e9", "a.c"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


class Schemas:
    """Draws schemas of one draft."""

    def __init__(self, draw, draft):
        self.draw = draw
        self.draft = draft
        self.definitions = 0
        # How many of them may be referred to: a circle needs a property or an item in it.
        self.open = 0

    def document(self):
        draw = self.draw
        self.definitions = self.open = draw.choice([0, 0, 1, 2])
        schema = self.schema(3)
        if isinstance(schema, bool):
            schema = {}
        definitions = {}
        for number in range(self.definitions):
            self.open = number
            definitions[f"d{number}"] = self.schema(2)
        if definitions:
            schema["$defs" if self.draft >= 2019 else "definitions"] = definitions
        return schema

    def inner(self, depth):
        """A schema for what lies within a value."""
        open_before, self.open = self.open, self.definitions
        schema = self.schema(depth)
        self.open = open_before
        return schema

    def schema(self, depth):
        draw = self.draw
        if self.draft >= 6 and draw.random() < 0.06:
            return draw.choice([True, True, False])
        if depth == 0:
            return self.leaf()
        schema = {}
        if draw.random() < 0.6:
            schema["type"] = draw.choice(TYPES) if draw.random() < 0.7 else draw.sample(TYPES, draw.randint(1, 3))
        for part in draw.sample(self.parts(), draw.choice([1, 1, 2, 2, 3])):
            part(schema, depth - 1)
        return schema

    def leaf(self):
        draw = self.draw
        kind = draw.random()
        if kind < 0.3:
            return {"type": draw.choice(TYPES)}
        if kind < 0.5:
            return {"enum": draw.sample(STRINGS + NUMBERS + [None, True, False, [], {}], draw.randint(1, 4))}
        schema = {}
        draw.choice([self.numbers, self.strings])(schema, 0)
        return schema

    def parts(self):
        parts = [self.numbers, self.strings, self.values, self.arrays, self.arrays, self.objects, self.objects,
                 self.objects, self.combined, self.combined, self.negated]
        if self.draft >= 7:
            parts.append(self.conditional)
        if self.open:
            parts.append(self.reference)
        return parts

    def some(self, depth, most=3):
        return [self.schema(depth) for _ in range(self.draw.randint(1, most))]

    def some_inner(self, depth):
        return [self.inner(depth) for _ in range(self.draw.randint(1, 3))]

    def numbers(self, schema, _):
        draw = self.draw
        for name in ("minimum", "maximum"):
            if draw.random() < 0.5:
                schema[name] = draw.choice(NUMBERS)
                if self.draft == 4 and draw.random() < 0.4:
                    schema["exclusive" + name.capitalize()] = draw.choice([True, False])
            if self.draft > 4 and draw.random() < 0.3:
                schema["exclusive" + name.capitalize()] = draw.choice(NUMBERS)
        if draw.random() < 0.3:
            schema["multipleOf"] = draw.choice([1, 2, 3, 5, 7, 1.0, 10])

    def strings(self, schema, _):
        draw = self.draw
        if draw.random() < 0.4:
            schema["minLength"] = draw.randint(0, 3)
        if draw.random() < 0.4:
            schema["maxLength"] = draw.randint(0, 4)
        if draw.random() < 0.6:
            schema["pattern"] = draw.choice(PATTERNS)

    def values(self, schema, _):
        draw = self.draw
        values = STRINGS + NUMBERS + [None, True, False, [], [1], [1.0], {}, {"a": 1}, {"a": 1.0, "b": "a"}]
        if self.draft > 4 and draw.random() < 0.4:
            schema["const"] = draw.choice(values)
        else:
            schema["enum"] = draw.sample(values, draw.randint(1, 6))

    def arrays(self, schema, depth):
        draw = self.draw
        if draw.random() < 0.6:
            if self.draft == 2020:
                schema["prefixItems"] = self.some_inner(depth)
            else:
                schema["items"] = self.some_inner(depth)
        if draw.random() < 0.5:
            name = "additionalItems" if isinstance(schema.get("items"), list) else "items"
            schema[name] = self.inner(depth)
        if draw.random() < 0.3:
            schema["minItems"] = draw.randint(0, 3)
        if draw.random() < 0.3:
            schema["maxItems"] = draw.randint(0, 4)
        if draw.random() < 0.2:
            schema["uniqueItems"] = True
        if self.draft >= 6 and draw.random() < 0.4:
            schema["contains"] = self.schema(0)
            if self.draft >= 2019 and draw.random() < 0.4:
                schema["minContains"] = draw.randint(0, 2)
            if self.draft >= 2019 and draw.random() < 0.4:
                schema["maxContains"] = draw.randint(0, 2)
        if self.draft >= 2019 and draw.random() < 0.2:
            schema["unevaluatedItems"] = self.schema(0)

    def objects(self, schema, depth):
        draw = self.draw
        if draw.random() < 0.7:
            schema["properties"] = {key: self.inner(depth) for key in draw.sample(KEYS, draw.randint(1, 4))}
        if draw.random() < 0.4:
            schema["patternProperties"] = {
                source: self.inner(depth) for source in draw.sample(PATTERNS, draw.randint(1, 2))}
        if draw.random() < 0.4:
            schema["additionalProperties"] = draw.choice([False, self.schema(0), self.inner(depth)])
        if draw.random() < 0.4:
            schema["required"] = draw.sample(KEYS, draw.randint(1, 2))
        if draw.random() < 0.2:
            schema["minProperties"] = draw.randint(0, 3)
        if draw.random() < 0.2:
            schema["maxProperties"] = draw.randint(0, 3)
        if self.draft >= 6 and draw.random() < 0.2:
            schema["propertyNames"] = self.schema(0)
        if draw.random() < 0.2:
            keys = {key: draw.sample(KEYS, draw.randint(1, 2)) for key in draw.sample(KEYS, 2)}
            schemas = {key: self.schema(depth) for key in draw.sample(KEYS, 1)}
            if self.draft >= 2019:
                schema.update(draw.choice([{"dependentRequired": keys}, {"dependentSchemas": schemas}]))
            else:
                schema["dependencies"] = {**keys, **schemas}
        if self.draft >= 2019 and draw.random() < 0.25:
            schema["unevaluatedProperties"] = draw.choice([False, self.schema(0)])

    def combined(self, schema, depth):
        schema[self.draw.choice(["allOf", "anyOf", "oneOf"])] = self.some(depth)

    def negated(self, schema, depth):
        schema["not"] = self.schema(min(depth, 1))

    def conditional(self, schema, depth):
        schema["if"] = self.schema(min(depth, 1))
        for name in ("then", "else"):
            if self.draw.random() < 0.7:
                schema[name] = self.schema(depth)

    def reference(self, schema, _):
        holder = "$defs" if self.draft >= 2019 else "definitions"
        schema["$ref"] = f"#/{holder}/d{self.draw.randrange(self.open)}"


class Documents:
    """Draws documents that satisfy a part of a schema."""

    def __init__(self, draw, root):
        self.draw = draw
        self.root = root

    def document(self):
        document = self.value(self.root, 6)
        for _ in range(self.draw.choice([0, 0, 1, 1, 2])):
            document = self.changed(document)
        return document

    def value(self, schema, depth):
        draw = self.draw
        if not isinstance(schema, dict) or not schema or depth == 0:
            return self.anything(min(depth, 2))
        if "$ref" in schema and draw.random() < 0.7:
            name = schema["$ref"].split("/")
            return self.value(self.root[name[1]][name[2]], depth - 1)
        for name in ("const", "enum"):
            if name in schema and draw.random() < 0.85:
                return schema[name] if name == "const" else draw.choice(schema[name])
        parts = [part for name in ("allOf", "anyOf", "oneOf") for part in schema.get(name, [])]
        parts += [schema[name] for name in ("then", "else", "if") if name in schema]
        if parts and draw.random() < 0.5:
            part = draw.choice(parts)
            if isinstance(part, dict):
                schema = {**schema, **part}
        types = schema.get("type") or self.likely(schema)
        kind = types if isinstance(types, str) else draw.choice(types)
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            return self.array(schema, depth)
        if kind in ("integer", "number"):
            bounds = [schema[name] for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                      if isinstance(schema.get(name), (int, float)) and not isinstance(schema.get(name), bool)]
            if bounds and draw.random() < 0.7:
                return draw.choice(bounds) + draw.choice([-1, 0, 0, 0.0, 0.5, 1, 2])
            return draw.choice([number for number in NUMBERS if kind == "number" or number == int(number)])
        if kind == "string":
            return draw.choice(STRINGS)
        return {"null": None, "boolean": draw.choice([True, False])}[kind]

    def likely(self, schema):
        if any("ropert" in name or name in ("required", "dependencies", "dependentRequired", "dependentSchemas")
               for name in schema):
            return "object"
        if any("tems" in name or "ontains" in name for name in schema):
            return "array"
        return self.draw.choice(TYPES)

    def object(self, schema, depth):
        draw = self.draw
        properties = schema.get("properties", {})
        keys = [key for key in properties if draw.random() < 0.7]
        keys += [key for key in schema.get("required", []) if draw.random() < 0.9]
        keys += draw.sample(KEYS, draw.choice([0, 0, 1, 2]))
        patterns = list(schema.get("patternProperties", {}).values())
        other = patterns + [schema.get("additionalProperties", True)]
        return {key: self.value(properties.get(key, draw.choice(other)), depth - 1) for key in dict.fromkeys(keys)}

    def array(self, schema, depth):
        draw = self.draw
        items = schema.get("items", True)
        prefix = schema.get("prefixItems", items if isinstance(items, list) else [])
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        values = [self.value(part, depth - 1) for part in prefix[:draw.randint(0, len(prefix) + 1)]]
        for _ in range(draw.choice([0, 0, 1, 2])):
            values.append(self.value(draw.choice([rest, schema.get("contains", rest)]), depth - 1))
        return values

    def anything(self, depth):
        draw = self.draw
        kind = draw.random()
        if depth and kind < 0.15:
            return [self.anything(depth - 1) for _ in range(draw.randint(0, 3))]
        if depth and kind < 0.35:
            return {key: self.anything(depth - 1) for key in draw.sample(KEYS, draw.randint(0, 3))}
        return draw.choice(draw.choice([STRINGS, NUMBERS, [None, True, False]]))

    def changed(self, value):
        """`value` with something else somewhere in it."""
        draw = self.draw
        if isinstance(value, dict) and value and draw.random() < 0.8:
            value = dict(value)
            key = draw.choice(list(value))
            kind = draw.random()
            if kind < 0.25:
                del value[key]
            elif kind < 0.5:
                value[draw.choice(KEYS)] = self.anything(1)
            else:
                value[key] = self.changed(value[key])
            return value
        if isinstance(value, list) and value and draw.random() < 0.8:
            value = list(value)
            place = draw.randrange(len(value))
            kind = draw.random()
            if kind < 0.25:
                del value[place]
            elif kind < 0.5:
                value.insert(place, draw.choice(value))
            else:
                value[place] = self.changed(value[place])
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return draw.choice([value + 1, value - 1, float(value), value + 0.5, -value])
        return self.anything(1)


def make(folder, arguments):
    """Writes one file {schema, tests} for each schema, and counts documents by verdict; None is disagreement."""
    verdicts = collections.Counter()
    for number in range(arguments.schemas):
        draw = random.Random(f"{arguments.seed} {number}")
        name, (draft, validator) = draw.choice(list(DRAFTS.items()))
        schema = Schemas(draw, draft).document()
        schema = {"$schema": name, **schema}
        judges = [getattr(module, validator)(schema) for module in (jsonschema, jsonschema_rs)]
        documents = Documents(draw, schema)
        tests = []
        for _ in range(arguments.documents):
            document = documents.document()
            try:
                answers = {judge.is_valid(document) for judge in judges}
            except TypeError:
                # jsonschema 4.26 takes `"items": true` for a list beside unevaluatedItems.
                answers = {True, False}
            valid = answers.pop() if len(answers) == 1 else None
            verdicts[valid] += 1
            if valid is not None:
                tests.append({"valid": valid, "data": document, "description": json.dumps(document)})
        path = folder / f"schema-{arguments.seed}-{number:06}.json"
        path.write_text(json.dumps({"schema": schema, "tests": tests}))
    return verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--schemas", type=int, default=2000)
    parser.add_argument("--documents", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="where to leave schemas and documents")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        verdicts = make(folder, arguments)
        command = [arguments.tool, "grammar", "conformance", str(folder), "--format", "json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if not run.stdout:
            sys.exit(f"qp-gpu gave no report: {run.stderr[-2000:]}")
        suite = json.loads(run.stdout)["suites"][0]
        print(f"seed {arguments.seed}: {verdicts[True]} valid and {verdicts[False]} invalid documents, "
              f"{verdicts[None]} disputed")
        print({name: suite["counts"][name] for name in ("judged", "compiled", "refused", "accepted", "rejected")},
              f"tooStrict {len(suite['tooStrict'])}, tooLoose {len(suite['tooLoose'])}")
        for group in suite["refusals"][:12]:
            print(f"{len(group['cases']):6} refused: {group['reason'][:100]}")
        for finding in suite["tooLoose"]:
            schema = json.loads((folder / finding["file"]).read_text())["schema"]
            print(f"\n{finding['file']} accepts {finding['text']}\n  {json.dumps(schema)}")
    sys.exit(1 if suite["tooLoose"] else 0)


if __name__ == "__main__":
    main()
