import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner

let arguments = CommandLine.arguments
let shape = try HeadShape(
    vocabularySize: Int(arguments[1])!, hiddenSize: Int(arguments[2])!, elementType: ElementType(rawValue: arguments[3])!)
let instance = try Instance()
let physical = try DeviceChoice(option: nil, environment: nil).choose(from: try instance.physicalDevices())
let device = try Device(physical)
let library = try KernelLibrary(device)
let weights = try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 1), interleaved: arguments.count > 6)
let tuner = try Tuner(library, weights)
let result = try tuner.tune(batch: Int(arguments[4])!, seconds: Double(arguments[5])!, seed: 3)
for c in result.tuning.candidates.prefix(14) {
    let gb = Double(shape.weightBytes) / c.scanMicroseconds / 1e3
    print(c.variant, c.scanMicroseconds, gb, "GB/s", c.gatherMicroseconds, c.gatherMicroseconds / Double(result.tuning.gatherTokenCount), c.spread)
}
