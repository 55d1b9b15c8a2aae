import QPConstraints
import QPCore
import QPDevice
import QPFormats
import QPHead
import QPKernels
import QPPlanner

/// The README's library examples as a program; a test compares them with the README and looks at what this prints.
@main
enum LibraryExample {
    static func main() throws {
        // What the README takes as given: a model's embedding, its hidden states, and what a grammar allows.
        var generator = PhiloxGenerator(seed: 1)
        func state() -> [Float] { (0..<768).map { _ in Float.random(in: -1...1, using: &generator) } }
        let embedding = (0..<50_257).map { _ in state() }
        let h = state()
        let states = [state(), state()]
        let masks = [
            try TokenMask(ascending: [318, 1049, 4971], vocabularySize: 50_257), .all(vocabularySize: 50_257),
        ]

        let physical = try DeviceChoice(option: nil, environment: nil).choose(from: Instance().physicalDevices())
        let library = try KernelLibrary(Device(physical))
        let shape = try HeadShape(vocabularySize: 50_257, hiddenSize: 768, elementType: .f16)
        let weights = try HeadWeights(library, shape: shape) { row in EncodedRow(embedding[row], shape: shape) }
        let head = try Head(library, weights)
        let workspace = try Workspace(head, batch: 1)

        let record = try workspace.run(.sparse, hidden: [h], allowed: [[318, 1049, 4971]])[0]
        print(record.token!, record.margin!)  // the best of the three, and its distance to the second

        let sampling = try Sampling(temperature: 0.7, topP: 0.9, minP: 0.05, seed: 42, step: 17)
        let drawn = try workspace.run(.dense, hidden: [h], allowed: [masks[1]], sampling: [sampling])[0]
        print(drawn.chosenToken!, drawn.sampled!.keptTokenCount!)  // with logProbability: true also that

        var planner = try Planner(CostModel(Profile.load(from: "profile.json"), head: shape))
        let executor = try PlanExecutor(head)
        let step = try DecodeStep(head: shape, rows: masks.map { .init(allowedTokenCount: $0.count) })
        let result = try executor.run(try planner.plan(step), hidden: states, allowed: masks)
        print(result.observation.jsonLine)  // plans, estimated and measured time, margins

        // A mask that was born on the device, as far as the step can tell: nobody on the host counts it.
        let born = try Buffer(library.device, byteCount: shape.maskWordCount * 4)
        try born.write(masks[1].words)
        let next = try DecodeStep(
            head: shape, rows: [.init(allowedTokenCount: nil, place: .device), .init(allowedTokenCount: 3)])

        var live = try LivePlanner(planner, router: ResidualLinUCBRouter(), shadowShare: 0.01)
        executor.update(live.routingCurves)

        let first = try executor.submit(try live.plan(step), hidden: states, allowed: masks, sequences: [7, 8])
        let sets: [AllowedSet] = [.device(born), .host(masks[0])]
        let second = try executor.submit(try live.plan(next), hidden: states, allowed: sets)
        let done = try first.wait()
        live.observe(done.observation)  // done.anchors: what the next steps of sequences 7 and 8 can reuse
        if live.publishCorrections() { executor.update(live.routingCurves) }

        print(done.records[0].token!, try second.wait().records[1].token!)

        // One token for each byte, where a model's file has its own.
        let vocabulary = Vocabulary.bytes256

        let trie = try TokenTrie(vocabulary)  // once per vocabulary
        let grammar = try Grammar(jsonSchema: #"{"type":"object","required":["age"]}"#)
        var cursor = ConstraintCursor(try grammar.constraint(on: trie))
        let allowed = try cursor.allowedTokens()  // K = allowed.count; allowed.mask is what the planner takes
        try cursor.accept(Int(allowed.tokens[0]))
        print(allowed.count, try cursor.constraint.forcedRun(cursor.state))  // what must follow, with no head at all
    }
}
