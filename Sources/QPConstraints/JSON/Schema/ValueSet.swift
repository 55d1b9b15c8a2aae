/// A set of JSON values worked out one level deep: which scalars, and which shapes of arrays and objects, whose
/// elements are ``SchemaTerm``s still.
struct ValueSet {
    var null: Bool
    var booleanFalse: Bool
    var booleanTrue: Bool
    var numbers: NumberSet
    /// Whether whole numbers have to be written without a fraction, as `integer` in draft-04 has it (section 3.5 of its
    /// core). Kept when sets are combined, even if that leaves out more than it has to.
    var areNumbersWhole = false
    var strings: StringSet
    /// A value belongs when it has any of these shapes.
    var arrays: [ArrayShape]
    var objects: [ObjectShape]

    static var any: ValueSet {
        ValueSet(
            null: true, booleanFalse: true, booleanTrue: true, numbers: .all, strings: .all, arrays: [.any],
            objects: [.any])
    }

    static var none: ValueSet {
        ValueSet(
            null: false, booleanFalse: false, booleanTrue: false, numbers: .none, strings: .none, arrays: [],
            objects: [])
    }
}

/// Arrays whose elements are of given terms, in given numbers.
struct ArrayShape: Hashable {
    /// The terms of the first elements, as far as there are any.
    var prefix: [SchemaTerm] = []
    /// The term of the elements after them.
    var rest = SchemaTerm.any
    var minimum = 0
    var maximum: Int?
    var counts: [Count] = []
    var isUnique = false
    /// What `unevaluatedItems` does not look at any more; kept only where somebody asks.
    var evaluated = EvaluatedItems()

    /// `minimum` to `maximum` of the elements from the `start`th on are of `term`.
    struct Count: Hashable {
        var start: Int
        var term: SchemaTerm
        var minimum: Int
        var maximum: Int?
    }

    static let any = ArrayShape()

    /// The term of the element at `position`.
    func term(at position: Int) -> SchemaTerm { position < prefix.count ? prefix[position] : rest }
}

/// The elements that have been evaluated: the first `count`, or all, and those of `term` wherever they stand.
struct EvaluatedItems: Hashable {
    var count = 0
    var all = false
    var term = SchemaTerm.none
}

/// Objects whose members are of given terms, in given numbers.
struct ObjectShape {
    /// The keys with a term of their own, in declared order. What is forbidden has the term ``SchemaTerm/none``.
    var named: [Property] = []
    /// The terms of all other keys: disjoint sets, from which `named` is still to be taken away. A key in none of them
    /// is forbidden.
    var rest: [Member] = [Member(keys: .all, term: .any)]
    var minimum = 0
    var maximum: Int?
    /// For each of these, some member has one of its keys, and a value of its term.
    var witnesses: [Member] = []
    /// What `unevaluatedProperties` does not look at any more; kept only where somebody asks.
    var evaluated = EvaluatedProperties()

    struct Property: Hashable {
        let key: Int32
        var term: SchemaTerm
        var isRequired: Bool
    }

    struct Member {
        var keys: StringSet
        var term: SchemaTerm
    }

    static var any: ObjectShape { ObjectShape() }

    func position(of key: Int32) -> Int? { named.firstIndex { $0.key == key } }
}

/// The properties that have been evaluated.
struct EvaluatedProperties {
    var all = false
    var keys: [Int32] = []
    var sets: [StringSet] = []
}
