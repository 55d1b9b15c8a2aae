"""Other engines of constrained decoding behind one interface, for the scripts that compare them with qp-gpu.

    engine.compile(kind, source)   what a source comes to; kind is "schema", "regex" or "gbnf"
    engine.matcher(compiled)       a matcher at the beginning of the text
    engine.mask(matcher)           the packed mask of the next token, a view of V bits that the next call overwrites
    engine.accept(matcher, token)  takes a token; whether it was allowed
    engine.rollback(matcher, n)    takes the last n tokens back
    engine.failure(matcher)        what went wrong with the last mask or token; None or "" for nothing
    engine.nothing(matcher)        the cheapest call that there is

Each raises an error of its own where it cannot serve a source. JSON is compact in both: that is the one setting of
whitespace which they share with qp-gpu. They come from PyPI: pip install xgrammar llguidance.
"""

import base64
import json
import subprocess
import sys

import llguidance
import numpy
import xgrammar


class Service:
    """A program of ours that answers one JSON object a line with one."""

    def __init__(self, command):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.command[0]} ended at {json.dumps(request)[:200]}")
        return json.loads(line)


def words(vocabulary):
    return numpy.zeros((vocabulary["vocabularySize"] + 31) // 32, dtype=numpy.int32)


class XGrammar:
    """With one thread, and without its cache across sources, so that each compilation stands for itself."""

    name = "xgrammar"

    def __init__(self, vocabulary):
        tokens = [base64.b64decode(t) if t is not None else b"" for t in vocabulary["tokens"]]
        info = xgrammar.TokenizerInfo(
            tokens, xgrammar.VocabType.RAW, vocab_size=vocabulary["vocabularySize"],
            stop_token_ids=vocabulary["endOfText"])
        self.compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
        self.bits = words(vocabulary).reshape(1, -1)

    def compile(self, kind, source):
        if kind == "gbnf":
            return self.compiler.compile_grammar(source)
        if kind == "regex":
            return self.compiler.compile_regex(source)
        return self.compiler.compile_json_schema(
            source, any_whitespace=False, separators=(",", ":"), strict_mode=False)

    def matcher(self, compiled):
        return xgrammar.GrammarMatcher(compiled)

    def mask(self, matcher):
        matcher.fill_next_token_bitmask(self.bits)
        return self.bits[0]

    def accept(self, matcher, token):
        return matcher.accept_token(token)

    def rollback(self, matcher, count):
        matcher.rollback(count)

    def failure(self, matcher):
        return None

    def nothing(self, matcher):
        matcher.is_terminated()


class LLGuidance:
    """`encode` gives the tokens of a text: where a text is forced, it allows only those by which that would be written.

    It does not read GBNF.
    """

    name = "llguidance"

    # All that a schema could set by a keyword of llguidance's own, x-guidance: each engine is to read the same schema.
    settings = {
        "whitespace_flexible": False, "whitespace_pattern": None, "item_separator": ",", "key_separator": ":",
        "coerce_one_of": False, "lenient": False,
    }

    def __init__(self, vocabulary, encode):
        stops = vocabulary["endOfText"]

        class Tokenizer:
            eos_token_id = stops[0]
            bos_token_id = None
            special_token_ids = [i for i, t in enumerate(vocabulary["tokens"]) if t is None]
            # A name with 0xFF in front is how it knows a special token.
            tokens = [
                base64.b64decode(t) if t is not None else b"\xff<special %d>" % i
                for i, t in enumerate(vocabulary["tokens"])
            ]

            def __call__(self, text):
                return encode(text if isinstance(text, str) else text.decode())

        self.tokenizer = llguidance.LLTokenizer(
            llguidance.TokenizerWrapper(Tokenizer()), n_vocab=vocabulary["vocabularySize"], eos_token=stops)
        self.bits = words(vocabulary)

    def compile(self, kind, source):
        if kind == "gbnf":
            raise ValueError("it does not read GBNF")
        if kind == "regex":
            return llguidance.LLMatcher.grammar_from_regex(source)
        return llguidance.LLMatcher.grammar_from_json_schema(source, overrides=self.settings)

    def matcher(self, compiled):
        matcher = llguidance.LLMatcher(self.tokenizer, compiled, log_level=0)
        if matcher.is_error():
            raise ValueError(matcher.get_error())
        return matcher

    def mask(self, matcher):
        matcher.unsafe_compute_mask_ptr(self.bits.ctypes.data, self.bits.nbytes)
        return self.bits

    def accept(self, matcher, token):
        return matcher.consume_token(token)

    def rollback(self, matcher, count):
        if not matcher.rollback(count):
            raise ValueError(f"{count} tokens cannot be taken back: {matcher.get_error()}")

    def failure(self, matcher):
        return matcher.get_error()

    def nothing(self, matcher):
        matcher.is_stopped()
