/// Tells the allowed tokens of a ``Grammar``, recursive or not, as the text asks for them.
///
/// Every answer is remembered by state. A new state is answered from what its vocabulary knows about repeated
/// characters (``RunProfile``), and by one walk over the part of the ``TokenTrie`` that the rest of the grammar allows.
///
/// ```swift
/// let trie = try TokenTrie(vocabulary)                       // once per vocabulary
/// let matcher = try GrammarMatcher(grammar, trie)            // once per constraint and thread
/// ```
public final class GrammarMatcher: Constraint {
    public let trie: TokenTrie
    let recognizer: Recognizer
    private var answers: [AllowedTokens] = []
    /// Of each state, the place of its answer; −1 where it was not asked for.
    @exclusivity(unchecked) private var places = Arena<Int32>(capacity: 256)
    private var answerBytes = 0
    // Never lent out while it is in use: the check of exclusive access would cost half of a walk.
    @exclusivity(unchecked) private var collector: TokenCollector
    @exclusivity(unchecked) private var open = Arena<UInt64>(capacity: 256)
    /// Of each run's unit: its profile once it is made, by the unit's number.
    private var profiles: [UnitProfile]
    private var search = PlainSearch()
    private let limits: GrammarLimits

    /// What is known of one unit's profile.
    private struct UnitProfile {
        /// What the unit reads; see ``GrammarProgram/code(ofUnit:)``. Worked out once.
        var code: [UInt64]?
        var profile: RunProfile?
        /// The classes of bytes that the rests which `profile` knows begin with.
        var exits = ByteSet()
        /// How often a profile, or one with more exits, was asked for in vain.
        var demands = 0
        /// The profile in the making.
        var builder: RunProfileBuilder?
    }

    /// A profile takes as long as several walks: it is made for a unit whose states keep coming, as those of a counted
    /// string do. Most units stand in a state or two.
    var demandsBeforeProfile = 6
    /// How many nodes of the trie each further demand looks at to make the profile: a fraction of what a step may take.
    var nodesPerDemand = 8192

    /// - Throws: ``ConstraintError`` with code `limit` when too many readings begin at once.
    public init(_ grammar: Grammar, _ trie: TokenTrie) throws(ConstraintError) {
        self.trie = trie
        limits = grammar.limits
        recognizer = try Recognizer(grammar.program, limits: grammar.limits)
        collector = TokenCollector(vocabularySize: trie.vocabularySize)
        profiles = [UnitProfile](repeating: UnitProfile(), count: grammar.program.unitCount)
    }

    public var vocabularySize: Int { trie.vocabularySize }

    public var start: ConstraintState { ConstraintState(index: recognizer.start) }

    /// States met so far.
    public var stateCount: Int { recognizer.stateCount }

    /// Bytes that it takes for states, transitions and answers.
    public var bytes: Int { recognizer.bytes + places.bytes + answerBytes + search.bytes }

    public func isAccepting(_ state: ConstraintState) -> Bool {
        state != .finished && recognizer.isAccepting(own(state))
    }

    /// The number of a state of this matcher.
    private func own(_ state: ConstraintState) -> Int32 {
        precondition(
            state.index >= 0 && Int(state.index) < recognizer.stateCount, "the state is of another constraint")
        return state.index
    }

    public func advance(_ state: ConstraintState, _ token: Int) throws(ConstraintError) -> ConstraintState {
        guard state != .finished else { throw trie.refusal(of: token, after: state) }
        let text = trie.text(of: token)
        guard !text.isEmpty else {
            guard trie.endOfText.contains(token), recognizer.isAccepting(own(state)) else {
                throw trie.refusal(of: token, after: state)
            }
            return .finished
        }
        var next = own(state)
        for byte in text {
            next = try recognizer.step(next, byte)
            if next == Recognizer.dead { throw trie.refusal(of: token, after: state) }
        }
        return ConstraintState(index: next)
    }

    public func allowedTokens(_ state: ConstraintState) throws(ConstraintError) -> AllowedTokens {
        guard state != .finished else {
            return AllowedTokens(form: .ids([]), count: 0, vocabularySize: vocabularySize)
        }
        let index = Int(own(state))
        if index < places.count, places[index] >= 0 { return answers[Int(places[index])] }
        let answer = try work(out: own(state))
        if answerBytes > limits.cacheBytes {
            answers.removeAll()
            places.removeAll()
            answerBytes = 0
        }
        if index >= places.count { places.append(repeating: -1, count: recognizer.stateCount - places.count) }
        places[index] = Int32(answers.count)
        answers.append(answer)
        answerBytes += answer.bytes + MemoryLayout<AllowedTokens>.stride
        return answer
    }

    /// Text that must come next whatever tokens it is written with, as long as one byte alone is possible and the text
    /// may not end: what a decode loop may write ahead and tokenise as it likes.
    /// - Throws: ``ConstraintError`` with code `limit` where the text has too many readings at once.
    public func forcedText(_ state: ConstraintState, maximumCount: Int = 4096) throws(ConstraintError) -> [UInt8] {
        var text: [UInt8] = []
        guard state != .finished else { return text }
        var state = own(state)
        while text.count < maximumCount, !recognizer.isAccepting(state) {
            guard let byte = try recognizer.forcedByte(state) else { break }
            text.append(byte)
            state = try recognizer.step(state, byte)
        }
        return text
    }

    // MARK: Answers

    private func work(out state: Int32) throws(ConstraintError) -> AllowedTokens {
        if recognizer.onlyByte(state) != nil {
            collector.removeAll()
            try walk(state, within: UnsafePointer<UInt64>?.none)
            return try finish(state)
        }
        let keys = Array(recognizer.configurations(state))
        var runs: [Run?] = []
        for key in keys { runs.append(try run(of: Configuration(key: key))) }
        // Before anything is collected: a neighbour's answer is collected in the same place.
        var known: (state: Int32, answer: AllowedTokens)?
        if runs.allSatisfy({ $0 == nil }) { known = try neighbour(of: state) }
        collector.removeAll()
        if let known {
            try patch(state, from: known.state, known.answer)
        } else {
            try collect(state, keys, runs)
        }
        return try finish(state)
    }

    /// Has the profiles of the runs that `state` stands in made, with all that steps may ask of them, and from then on
    /// those of other states as soon as they are asked for.
    func prepare(_ state: Int32) {
        (demandsBeforeProfile, nodesPerDemand) = (0, .max)
        for key in Array(recognizer.configurations(state)) {
            guard let run = try? run(of: Configuration(key: key)) else { continue }
            for room in [Int.max, 16, 6] { _ = run.profile.remainder(room: room, in: trie) }
        }
    }

    /// What was collected for `state`, with the end of the text where it may stand.
    private func finish(_ state: Int32) throws(ConstraintError) -> AllowedTokens {
        if recognizer.isAccepting(state) {
            for token in trie.endOfText { collector.insert(UInt32(token)) }
        }
        let answer = collector.finish()
        guard answer.count > 0 else { throw .noContinuation }
        return answer
    }

    /// Adds the tokens of `state`, whose configurations are `keys`; `runs` are those that stand in a run.
    private func collect(_ state: Int32, _ keys: [UInt64], _ runs: [Run?]) throws(ConstraintError) {
        var others: [UInt64] = []
        /// The run with the most tokens inside, which leaves the least to be walked.
        var widest: Run?
        for (key, run) in zip(keys, runs) {
            guard let run else {
                others.append(key)
                continue
            }
            insertInside(run.profile, room: run.room)
            if run.isApart {
                if run.exit != Recognizer.dead {
                    try insertLeavers(run.profile, from: run.exit, counts: run.missing...run.room)
                }
            } else {
                // Tokens may be read in more than one way: all that are not known to be inside are walked.
                others.append(key)
                if run.insideCount > widest?.insideCount ?? 0 { widest = run }
            }
        }
        // Parts of a state are states as well.
        if let rest = others.count == keys.count ? state : try recognizer.state(of: others) {
            try walk(rest, within: try remainder(of: rest, besides: widest))
        }
    }

    /// Adds every token that lives from the trie's root and `state`, or those of them that lie in `remainder`.
    private func walk(_ state: Int32, within remainder: [UInt64]?) throws(ConstraintError) {
        guard let remainder else { return try walk(state, within: UnsafePointer<UInt64>?.none) }
        // A typed throw does not pass through the closure: it is carried out of it.
        let result = remainder.withUnsafeBufferPointer { nodes in
            Result { () throws(ConstraintError) in try walk(state, within: nodes.baseAddress) }
        }
        try result.get()
    }

    private func walk(_ state: Int32, within remainder: UnsafePointer<UInt64>?) throws(ConstraintError) {
        open.removeAll()
        open.append(UInt64(UInt32(bitPattern: state)))
        let nodes = trie.nodes.baseAddress!
        let bytes = trie.nodeBytes.baseAddress!
        let tokens = trie.tokens.baseAddress!
        let classOf = recognizer.classOf
        while open.count > 0 {
            let item = open.removeLast()
            let state = Int32(truncatingIfNeeded: item)
            let node = nodes[Int(item >> 32)]
            if let byte = recognizer.onlyByte(state) {
                guard let child = trie.child(of: node, byte) else { continue }
                if let remainder, remainder[child >> 6] >> UInt64(child & 63) & 1 == 0 { continue }
                let next = try recognizer.step(state, byte)
                guard next >= 0 else { continue }
                let reached = nodes[child]
                for token in Int(reached.firstToken)..<Int(reached.firstToken + reached.tokenCount) {
                    collector.insert(tokens[token])
                }
                if reached.childCount > 0 {
                    open.append(UInt64(child) << 32 | UInt64(UInt32(bitPattern: next)))
                }
                continue
            }
            var row = recognizer.row(state)
            // From the last to the first, so that the first is followed first: the order in which nodes lie.
            var child = Int(node.firstChild) + Int(node.childCount)
            while child > Int(node.firstChild) {
                child -= 1
                if let remainder, remainder[child >> 6] >> UInt64(child & 63) & 1 == 0 { continue }
                var next = row[Int(classOf[Int(bytes[child])])]
                if next < 0 {
                    guard next == Recognizer.unknownTarget else { continue }
                    next = try recognizer.computeStep(state, bytes[child])
                    row = recognizer.row(state)
                    if next < 0 { continue }
                }
                let reached = nodes[child]
                var token = Int(reached.firstToken)
                let end = token + Int(reached.tokenCount)
                while token < end {
                    collector.insert(tokens[token])
                    token += 1
                }
                if reached.childCount > 0 {
                    open.append(UInt64(child) << 32 | UInt64(UInt32(bitPattern: next)))
                }
            }
        }
    }

    /// Every allowed token of `state` with the state that it leads to, in no order, end of text included.
    package func successors(
        _ state: ConstraintState
    ) throws(ConstraintError) -> [(token: UInt32, target: ConstraintState)] {
        guard state != .finished else { return [] }
        var found: [(token: UInt32, target: ConstraintState)] = []
        if recognizer.isAccepting(state.index) {
            found += trie.endOfText.map { (UInt32($0), .finished) }
        }
        var open: [(node: Int, state: Int32)] = [(0, state.index)]
        while let (node, state) = open.popLast() {
            let parent = trie.nodes[node]
            for child in Int(parent.firstChild)..<Int(parent.firstChild) + Int(parent.childCount) {
                let next = try recognizer.step(state, trie.nodeBytes[child])
                guard next != Recognizer.dead else { continue }
                let reached = trie.nodes[child]
                for place in Int(reached.firstToken)..<Int(reached.firstToken) + Int(reached.tokenCount) {
                    found.append((trie.tokens[place], ConstraintState(index: next)))
                }
                if reached.childCount > 0 { open.append((child, next)) }
            }
        }
        return found
    }

    /// The nodes that lead to the tokens of `state` which are still to be found when those inside `run` are; nil for
    /// all.
    private func remainder(of state: Int32, besides run: Run?) throws(ConstraintError) -> [UInt64]? {
        if let run, run.insideCount > trie.textTokenCount / 2,
            let nodes = run.profile.remainder(room: run.room, in: trie)
        {
            return nodes
        }
        return try insertPlain(state) ?? run?.profile.remainder(room: run?.room ?? 0, in: trie)
    }

    /// Adds the tokens that look like a word if `state` allows any of them, and gives the nodes that lead to the
    /// others.
    private func insertPlain(_ state: Int32) throws(ConstraintError) -> [UInt64]? {
        // A quick look first: where a letter or a digit leads nowhere, no search is needed.
        for byte in [UInt8(ascii: "Q"), UInt8(ascii: "z"), UInt8(ascii: "5")] {
            guard try recognizer.step(state, byte) != Recognizer.dead else { return nil }
        }
        guard let plain = trie.plain, let level = try search.level(state, in: recognizer) else { return nil }
        plain.levels[level].mask.withUnsafeBufferPointer { collector.insert(mask: $0.baseAddress!) }
        return plain.levels[level].remainder
    }

    /// A state between two repetitions of a run, to which most printable bytes lead from `state` as from itself, with
    /// its answer: beside the keys that a schema names, the beginning of a key is such a state's. Nil where there is
    /// none.
    private func neighbour(
        of state: Int32
    ) throws(ConstraintError) -> (state: Int32, answer: AllowedTokens)? {
        // Where "~" and "Q" lead, most bytes lead.
        let target = try recognizer.step(state, UInt8(ascii: "~"))
        guard target >= 0, target != state, try recognizer.step(state, UInt8(ascii: "Q")) == target else { return nil }
        var count = 0
        for byte in UInt8(0x20)...0x7E where try recognizer.step(state, byte) == target { count += 1 }
        guard count > Self.mostPrintable else { return nil }
        // It leads mostly back to itself, so it has no neighbour of its own, and this goes no deeper.
        count = 0
        for byte in UInt8(0x20)...0x7E where try recognizer.step(target, byte) == target { count += 1 }
        guard count > Self.mostPrintable else { return nil }
        for key in Array(recognizer.configurations(target)) where try run(of: Configuration(key: key)) != nil {
            do {
                return (target, try allowedTokens(ConstraintState(index: target)))
            } catch {
                // No token continues the neighbour; some may continue this state.
                if error.code == .vocabulary { return nil }
                throw error
            }
        }
        return nil
    }

    /// More than half of the 95 printable characters of ASCII.
    private static let mostPrintable = 47

    /// Adds what `neighbour` allows and corrects it wherever `state` comes to other states on the way: where both come
    /// to the same state, the same tokens follow.
    private func patch(
        _ state: Int32, from neighbour: Int32, _ answer: AllowedTokens
    ) throws(ConstraintError) {
        collector.insert(answer)
        for token in trie.endOfText { collector.remove(UInt32(token)) }
        var open: [(node: Int, state: Int32, neighbour: Int32)] = [(0, state, neighbour)]
        while let (node, state, neighbour) = open.popLast() {
            let parent = trie.nodes[node]
            for child in Int(parent.firstChild)..<Int(parent.firstChild) + Int(parent.childCount) {
                let byte = trie.nodeBytes[child]
                let next = state < 0 ? state : try recognizer.step(state, byte)
                let other = neighbour < 0 ? neighbour : try recognizer.step(neighbour, byte)
                if next == other { continue }
                let reached = trie.nodes[child]
                for place in Int(reached.firstToken)..<Int(reached.firstToken) + Int(reached.tokenCount) {
                    if next < 0 { collector.remove(trie.tokens[place]) } else { collector.insert(trie.tokens[place]) }
                }
                if reached.childCount > 0 { open.append((child, next, other)) }
            }
        }
    }

    /// A place between two repetitions of a run.
    private struct Run {
        let profile: RunProfile
        /// Repetitions that are still possible.
        let room: Int
        /// Repetitions that are still needed.
        let missing: Int
        /// Behind the run; dead where nothing follows.
        let exit: Int32
        /// What follows begins otherwise than the run, so no token can be read in two ways.
        let isApart: Bool

        /// Tokens inside that its bound allows.
        var insideCount: Int { profile.insideEnd[min(room, profile.largestCount)] }
    }

    /// The run that `configuration` stands in, if it does.
    private func run(of configuration: Configuration) throws(ConstraintError) -> Run? {
        let program = recognizer.program
        let unit = program.instructions[Int(configuration.node)]
        guard unit.operation == .unit, configuration.stack != 0 else { return nil }
        let frame = recognizer.stacks[configuration.stack]
        let instruction = program.instructions[Int(frame.node)]
        guard instruction.operation == .loop else { return nil }
        let loop = program.loops[Int(instruction.first)]
        guard loop.isRun, loop.body == configuration.node else { return nil }
        let exit = try recognizer.state(at: loop.next, frame.parent)
        let exits = exit == Recognizer.dead ? ByteSet() : recognizer.possibleClasses(exit)
        let isApart = exits.isDisjoint(with: recognizer.unitClasses(configuration.node))
        guard
            let profile = try profile(
                of: configuration.node, endless: loop.endless, exits: isApart ? exits : ByteSet()), profile.isCode
        else { return nil }
        // The frame counts the repetition that is about to begin.
        let begun = Int(frame.count) - 1
        return Run(
            profile: profile, room: loop.maximum < 0 ? Int.max : Int(loop.maximum) - begun,
            missing: max(0, Int(loop.minimum) - begun), exit: exit, isApart: isApart)
    }

    private func insertInside(_ profile: RunProfile, room: Int) {
        let bound = min(room, profile.largestCount)
        if bound == profile.largestCount {
            profile.masks[profile.masks.count - 1].withUnsafeBufferPointer { collector.insert(mask: $0.baseAddress!) }
        } else if bound < profile.masks.count - 1 {
            profile.masks[bound].withUnsafeBufferPointer { collector.insert(mask: $0.baseAddress!) }
        } else {
            let last = profile.masks.count - 2
            profile.masks[last].withUnsafeBufferPointer { collector.insert(mask: $0.baseAddress!) }
            for token in profile.inside[profile.insideEnd[last]..<profile.insideEnd[bound]] { collector.insert(token) }
        }
    }

    private func insertLeavers(
        _ profile: RunProfile, from exit: Int32, counts: ClosedRange<Int>
    ) throws(ConstraintError) {
        open.removeAll()
        open.append(UInt64(UInt32(bitPattern: exit)))
        while open.count > 0 {
            let item = open.removeLast()
            let state = Int32(truncatingIfNeeded: item)
            for index in profile.rests[Int(item >> 32)].children {
                let rest = profile.rests[Int(index)]
                let next = try recognizer.step(state, rest.byte)
                if next == Recognizer.dead { continue }
                for leaver in profile.leavers[Int(rest.leavers.lowerBound)..<Int(rest.leavers.upperBound)]
                where counts.contains(Int(leaver.count)) {
                    collector.insert(leaver.token)
                }
                if !rest.children.isEmpty { open.append(UInt64(index) << 32 | UInt64(UInt32(bitPattern: next))) }
            }
        }
    }

    /// The profile of a unit, which knows the rests that begin with a class of `exits`; nil while there is none.
    private func profile(of unit: Int32, endless: Int32, exits: ByteSet) throws(ConstraintError) -> RunProfile? {
        let number = Int(recognizer.program.instructions[Int(unit)].second)
        if let known = profiles[number].profile, exits.intersection(profiles[number].exits) == exits { return known }
        let code = profiles[number].code ?? recognizer.program.code(ofUnit: unit)
        profiles[number].code = code
        var wanted = recognizer.bytes(ofClasses: exits)
        var profile = trie.profiles.profile(code)
        if let known = profile, wanted.intersection(known.exits) != wanted {
            wanted = wanted.union(known.exits)
            profile = nil
        }
        if profile == nil {
            profiles[number].demands += 1
            guard profiles[number].demands > demandsBeforeProfile else { return nil }
            let begun = profiles[number].builder
            // Taken out while it works: one that is stopped by a limit has lost its place and is not gone on with.
            profiles[number].builder = nil
            do throws(ConstraintError) {
                var builder = begun
                if builder == nil || wanted.intersection(builder!.exits) != wanted {
                    builder = try RunProfileBuilder(
                        endless: endless, of: recognizer, exits: wanted.union(begun?.exits ?? ByteSet()), in: trie)
                }
                profile = try builder?.profile(afterNodes: nodesPerDemand)
                if profile == nil { profiles[number].builder = builder }
            } catch {
                // Steps may do without a profile, and say for themselves what is beyond the limits.
                profiles[number].demands = .min
            }
            guard let made = profile else { return nil }
            trie.profiles.keep(made, for: code)
        }
        profiles[number].builder = nil
        profiles[number].profile = profile
        profiles[number].exits = recognizer.classes(within: profile?.exits ?? ByteSet())
        return profile
    }
}
