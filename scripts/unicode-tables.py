#!/usr/bin/env python3
"""Writes Sources/QPConstraints/Regex/Unicode/UnicodeTables.swift from the Unicode data of the PyPI module `regex`.

    pip install regex==2024.11.6      # Unicode 16.0.0, as the Rust crate regex 1.11 and 1.12
    scripts/unicode-tables.py > Sources/QPConstraints/Regex/Unicode/UnicodeTables.swift
    swift format -i Sources/QPConstraints/Regex/Unicode/UnicodeTables.swift

With another version of Unicode, its licence and years go into NOTICE as well.

A table is a text of numbers in base 32, least significant digit first, one character of ALPHABET per digit, the upper
half of ALPHABET saying that another digit follows.
- enumerated property: (length of a run, index of its value) over all code points;
- binary property: lengths of runs, alternately outside and inside, the last one outside left out;
- case folding: orbits of scalars that simple case folding makes equal, ascending: count, first scalar as the
  distance from the previous orbit's first, then the distances from one scalar to the next.
"""
import regex
import regex._regex as ucd

UNICODE = "16.0.0"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
ENUMERATED = ["GENERALCATEGORY", "SCRIPT", "GRAPHEMECLUSTERBREAK", "WORDBREAK", "SENTENCEBREAK"]
BINARY = """AHEX ALPHABETIC BIDIC BIDIM CASED CASEIGNORABLE CWCF CWCM CWL CWT CWU DASH DEFAULTIGNORABLECODEPOINT
    DEPRECATED DIACRITIC EMOJI EBASE ECOMP EMOD EPRES EXTENDER EXTPICT GRBASE GREXT HEXDIGIT IDCONTINUE IDSTART IDSB
    IDST IDEO JOINC LOE LOWERCASE MATH NCHAR PATSYN PATWS QMARK RADICAL RI SD STERM TERM UIDEO UPPERCASE VS WHITESPACE
    XIDC XIDS""".split()
PROPERTIES = ucd.get_properties()


def number(value):
    text = ""
    while value >= 32:
        text += ALPHABET[value % 32 + 32]
        value //= 32
    return text + ALPHABET[value]


def has(prop, value, code_point):
    return ucd.has_property_value(prop << 16 | value, code_point)


def aliases(name):
    """All names of a property, as `regex` spells them: upper case without separators."""
    return sorted((n for n, p in PROPERTIES.items() if p[0] == PROPERTIES[name][0]), key=lambda n: (len(n), n))


def enumerated(name):
    prop, values = PROPERTIES[name]
    names = {}
    for value_name, index in values.items():
        names.setdefault(index, []).append(value_name)
    groups = {"C", "L", "M", "N", "P", "S", "Z", "LC", "ASSIGNED"}  # of categories, put together where they are used
    order = [i for i in sorted(names) if name != "GENERALCATEGORY" or not groups & set(names[i])]
    runs, last, length, current = "", None, 0, order[0]
    for code_point in range(0x110000):
        if not has(prop, current, code_point):
            current = next(i for i in order if has(prop, i, code_point))
        if current != last and last is not None:
            runs += number(length) + number(order.index(last))
            length = 0
        last = current
        length += 1
    runs += number(length) + number(order.index(last))
    return " ".join(",".join(sorted(names[i], key=lambda n: (len(n), n))) for i in order), runs


def binary_runs(inside):
    runs, length, last = "", 0, False
    for code_point in range(0x110000):
        now = bool(inside(code_point))
        if now != last:
            runs += number(length)
            length, last = 0, now
        length += 1
    return runs + (number(length) if last else "")


def orbits():
    text, previous, seen = "", 0, set()
    for code_point in range(0x110000):
        # `regex` adds the Turkic pairs (status T of CaseFolding.txt) for the dotted and the dotless i.
        if code_point in seen or code_point in (0x130, 0x131):
            continue
        orbit = sorted(c for c in ucd.get_all_cases(int(regex.UNICODE), code_point) if c not in (0x130, 0x131))
        if len(orbit) < 2:
            continue
        seen |= set(orbit)
        text += number(len(orbit)) + number(orbit[0] - previous)
        previous = orbit[0]
        text += "".join(number(b - a) for a, b in zip(orbit, orbit[1:]))
    return text


def literal(text, indent):
    pad = " " * indent
    width = 118 - indent
    lines = [text[i:i + width] for i in range(0, len(text), width)]
    return '"""\n' + "\\\n".join(pad + line for line in lines) + "\n" + pad + '"""'


def main():
    print(f"// Made by scripts/unicode-tables.py, which explains the encoding, from Unicode {UNICODE}.")
    print("// Copyright © 1991-2024 Unicode, Inc., under the Unicode License V3: see NOTICE.")
    print("extension UnicodeProperty {")
    print(f'    static let unicodeVersion = "{UNICODE}"\n')
    print("    static let enumerated: [Table] = [")
    for name in ENUMERATED:
        values, runs = enumerated(name)
        print("        Table(")
        print(f'            names: "{",".join(aliases(name))}",')
        print(f"            values: {literal(values, 16)},")
        print(f"            runs: {literal(runs, 16)}),")
    print("    ]\n")
    print("    static let binary: [Table] = [")
    for name in BINARY:
        prop = PROPERTIES[name][0]
        print(f'        Table(names: "{",".join(aliases(name))}", values: "",')
        print(f"            runs: {literal(binary_runs(lambda c: has(prop, 1, c)), 16)}),")
    print("    ]\n")
    print("    /// Where the script extensions of a character differ from its script, per script of `enumerated`.")
    print("    static let scriptDifferences: [String] = [")
    script, extensions = PROPERTIES["SCRIPT"], PROPERTIES["SCX"]
    for index in sorted(set(script[1].values())):
        name = next(n for n, i in script[1].items() if i == index)
        other = extensions[1][name]
        runs = binary_runs(lambda c: bool(has(script[0], index, c)) != bool(has(extensions[0], other, c)))
        print(f"        {literal(runs, 12)}," if runs else '        "",')
    print("    ]\n")
    print("    /// Simple case folding (status C and S of CaseFolding.txt).")
    print(f"    static let caseOrbits = {literal(orbits(), 8)}")
    print("}")


main()
