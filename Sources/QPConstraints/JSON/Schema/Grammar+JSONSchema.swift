public import QPFormats

extension Grammar {
    /// The JSON texts that `schema` allows.
    ///
    /// What the schema asks for holds exactly, or the schema is refused. Of the ways to write a value, some are left
    /// out:
    ///
    /// - Properties come in declared order: those that the schema and what it combines name, in the order of its text,
    ///   then all others in any order. A named key comes once. Of the others, RFC 8259 (section 4) leaves open what a
    ///   repeated one means, and only those that make up a minimum are kept from repeating.
    /// - Keys, and strings that are restricted by more than their length, are written in canonical spelling: escapes
    ///   stand only where RFC 8259 (section 7) demands them.
    /// - A number that is bounded is written without an exponent, unless that leads out of no bound.
    ///
    /// - Throws: ``ConstraintError``, mostly with the JSON pointer of the keyword at fault: `syntax` for a malformed
    ///   keyword or a reference that leads nowhere, `unsupported` for what cannot be enforced, `unsatisfiable` when no
    ///   value is allowed, `limit`.
    public init(
        jsonSchema schema: JSONValue, options: SchemaOptions = SchemaOptions(), limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) {
        self = try SchemaCompiler.compile(schema, options: options, budget: CompileBudget(limits))
    }

    /// The JSON texts that the schema `text`, in JSON itself, allows.
    /// - Throws: ``ConstraintError`` as from a parsed schema, and with code `syntax`, line and column for what is not
    ///   JSON.
    public init(
        jsonSchema text: [UInt8], options: SchemaOptions = SchemaOptions(), limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) {
        try CompileBudget(limits).checkSource(text.count, of: "schema")
        let schema: JSONValue
        do {
            schema = try JSONValue(parsing: text)
        } catch {
            throw ConstraintError(
                .syntax, "the schema is not JSON: \(error.message)", at: .line(error.line, column: error.column))
        }
        try self.init(jsonSchema: schema, options: options, limits: limits)
    }

    /// The JSON texts that the schema `text`, in JSON itself, allows.
    /// - Throws: ``ConstraintError`` as from bytes.
    public init(
        jsonSchema text: String, options: SchemaOptions = SchemaOptions(), limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) {
        try self.init(jsonSchema: Array(text.utf8), options: options, limits: limits)
    }

    /// Any JSON object: what `json_object` modes of inference servers promise.
    /// - Throws: ``ConstraintError`` with code `limit` when `limits` are too low even for that.
    public static func jsonObject(
        whitespace: JSONWhitespace = .compact, limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) -> Grammar {
        let text = JSONText(GrammarBuilder(limits: limits), whitespace: whitespace)
        return try text.builder.grammar(root: text.document(text.object()))
    }

    /// Any JSON value.
    /// - Throws: ``ConstraintError`` with code `limit` when `limits` are too low even for that.
    public static func jsonValue(
        whitespace: JSONWhitespace = .compact, limits: GrammarLimits = GrammarLimits()
    ) throws(ConstraintError) -> Grammar {
        let text = JSONText(GrammarBuilder(limits: limits), whitespace: whitespace)
        return try text.builder.grammar(root: text.document(text.value()))
    }
}
