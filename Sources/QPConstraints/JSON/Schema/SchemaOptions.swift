public import QPFormats

/// How a JSON Schema is read.
public struct SchemaOptions: Hashable, Sendable {
    /// What `format` means.
    public enum Formats: String, Hashable, Sendable {
        /// A string has to be of the format, as most authors expect. A format that cannot be enforced is refused.
        case asserted
        /// Nothing: the specification's default from 2019-09 on.
        case annotations
    }

    /// Where the text may hold whitespace.
    public var whitespace: JSONWhitespace
    public var formats: Formats
    /// The draft of the schema's root whatever its `$schema` says; nil follows it, and takes 2020-12 without one.
    public var draft: SchemaDraft?
    /// The documents that references may lead to, by address without fragment. Nothing is ever fetched.
    public var documents: [String: JSONValue]

    public init(
        whitespace: JSONWhitespace = .compact, formats: Formats = .asserted, draft: SchemaDraft? = nil,
        documents: [String: JSONValue] = [:]
    ) {
        self.whitespace = whitespace
        self.formats = formats
        self.draft = draft
        self.documents = documents
    }
}
