import QPCore
import QPDevice
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

        var planner = try Planner(CostModel(Profile.load(from: "profile.json"), head: shape))
        let executor = try PlanExecutor(head)
        let step = try DecodeStep(head: shape, rows: masks.map { .init(allowedTokenCount: $0.count) })
        let result = try executor.run(try planner.plan(step), hidden: states, allowed: masks)
        print(result.observation.jsonLine)  // plans, estimated and measured time, margins
    }
}
