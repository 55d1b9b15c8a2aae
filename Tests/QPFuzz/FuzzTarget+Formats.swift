import QPFormats

extension FuzzTarget {
    static func readSafetensors(_ input: [UInt8]) {
        guard let header = try? SafetensorsHeader(bytes: input) else { return }
        require(Set(header.tensors.map(\.name)).count == header.tensors.count, "a tensor stands twice")
        require(Set(header.metadata.map(\.key)).count == header.metadata.count, "a key of the metadata stands twice")
        var end = header.dataOffset
        for tensor in header.tensors {
            require(tensor.byteRange.lowerBound == end, "\(tensor) does not begin where the one before ends")
            require(
                tensor.shape.reduce(tensor.type.byteCount, *) == tensor.byteRange.count, "\(tensor) is of another size")
            end = tensor.byteRange.upperBound
        }
        require(end == input.count, "tensors end at \(end) in a file of \(input.count) bytes")
    }

    static func readTiktoken(_ input: [UInt8]) {
        guard let ranks = try? TiktokenRanks(bytes: input) else { return }
        let tokens = ranks.tokens
        require(Set(tokens.map(\.bytes)).count == tokens.count, "a token stands twice")
        require(zip(tokens, tokens.dropFirst()).allSatisfy { $0.rank < $1.rank }, "ranks are not in order")
        require(
            tokens.allSatisfy { 0...TiktokenRanks.maximumRank ~= $0.rank },
            "a rank is above \(TiktokenRanks.maximumRank)")
        // Ranks far apart make a large vocabulary of a small input.
        guard tokens[tokens.count - 1].rank < 5000 else { return }
        guard let vocabulary = try? Vocabulary(ranks) else { fatalError("the ranks make no vocabulary") }
        for (bytes, rank) in tokens {
            require(vocabulary.text(of: rank).elementsEqual(bytes), "token \(rank) writes other bytes than it has")
        }
        require(vocabulary.textBytes.count == tokens.reduce(0) { $0 + $1.bytes.count }, "an id without a rank writes")
    }

    static func readGGUF(_ input: [UInt8]) {
        guard let file = try? GGUFFile(bytes: input) else { return }
        require(Set(file.metadata.map(\.key)).count == file.metadata.count, "a key of the metadata stands twice")
        require(Set(file.tensors.map(\.name)).count == file.tensors.count, "a tensor stands twice")
        for tensor in file.tensors {
            require(
                tensor.offset >= file.dataOffset && (tensor.offset - file.dataOffset) % file.alignment == 0
                    && tensor.offset <= input.count - (tensor.byteCount ?? 0), "\(tensor) lies outside the data")
            guard let byteCount = tensor.byteCount else { continue }
            let bytes = try? file.withBytes(of: tensor) { Array($0) }
            require(
                bytes.map { $0.elementsEqual(input[tensor.offset..<tensor.offset + byteCount]) } ?? false,
                "\(tensor) has not the bytes at its offset")
        }
        guard let tokenizer = try? Tokenizer(file) else { return }
        for text in ["Fuzz it, twice.", String(decoding: input.suffix(64), as: UTF8.self)] {
            encode(text, tokenizer)
        }
    }

    /// Tokens are the vocabulary's, and write the text that they were made of.
    private static func encode(_ text: String, _ tokenizer: Tokenizer) {
        guard let tokens = try? tokenizer.encode(text) else { return }
        let vocabulary = tokenizer.vocabulary
        require(tokens.allSatisfy { 0..<vocabulary.tokenCount ~= $0 }, "an id is none of the vocabulary's")
        // Texts have spaces where U+2581 stands, and more of them around tokens that were added as text.
        if !text.unicodeScalars.contains("\u{2581}"), tokens.allSatisfy({ vocabulary.kinds[$0] != .userDefined }) {
            require(tokenizer.decode(tokens) == Array(text.utf8), "\(tokens) do not write \(text.debugDescription)")
        }
    }
}
