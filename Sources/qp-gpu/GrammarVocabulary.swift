import ArgumentParser
import QPConstraints
import QPFormats

/// A model's file, whose tokens a constraint is to allow.
struct GrammarVocabulary {
    let path: String
    let file: GGUFFile
    let tokenizer: Tokenizer
    let trie: TokenTrie

    /// - Throws: ``ModelFileError`` for a file that is no model's or lacks a tokenizer, ``GrammarSourceError`` for a
    ///   vocabulary that cannot serve a constraint.
    init(path: String) throws {
        self.path = path
        (file, tokenizer) = try ModelFileError.naming(path) { () throws(FormatError) in
            let file = try GGUFFile(path: path)
            return (file, try Tokenizer(file))
        }
        do throws(ConstraintError) { trie = try TokenTrie(tokenizer.vocabulary) } catch {
            throw GrammarSourceError(path: path, error)
        }
    }

    var vocabulary: Vocabulary { tokenizer.vocabulary }

    /// d, as the file's metadata says; nil where it says nothing.
    var hiddenSize: Int? {
        file["general.architecture"]?.stringValue.flatMap { file["\($0).embedding_length"]?.intValue }
    }

    /// The tokens of `text`, which writes exactly it.
    ///
    /// A tokenizer that puts a space before a text would add one that the constraint does not allow; an answer does not
    /// begin a text, so it is encoded behind a line end.
    /// - Throws: ``GrammarSourceError`` where the tokens write something else.
    func encode(_ text: String) throws -> [Int] {
        let given = Array(text.utf8)
        var tokens: [Int]
        tokens = try ModelFileError.naming(path) { () throws(FormatError) in
            try tokenizer.encode(vocabulary.addsSpacePrefix ? "\n" + text : text)
        }
        if vocabulary.addsSpacePrefix {
            var before: [UInt8] = []
            while before.count < 2, let first = tokens.first {
                before += vocabulary.text(of: first)
                tokens.removeFirst()
            }
        }
        guard vocabulary.text(of: tokens) == given else {
            throw GrammarSourceError(path: path, reason: "the tokenizer does not write the text as it was given")
        }
        return tokens
    }
}
