/// A rectangle in chart pixels.
struct Box: Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    func overlap(_ other: Box) -> Double {
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        return across > 0 && down > 0 ? across * down : 0
    }
}

/// Finds places for labels that cover neither each other nor, where possible, the curves.
struct LabelPlacer {
    let bounds: Box
    /// Placed labels and dots: never to be covered.
    var taken: [Box] = []
    /// Pieces of curves: better not covered.
    var curves: [Box] = []

    /// The least bad of `candidates`, which come in order of preference; it is taken from then on.
    mutating func place(_ candidates: [Box]) -> Box? {
        var best: (box: Box, cost: Double)?
        for (rank, box) in candidates.enumerated() {
            let area = max(box.width * box.height, 1)
            let outside = area - box.overlap(bounds)
            let covered = taken.reduce(0) { $0 + box.overlap($1) }
            let crossed = curves.reduce(0) { $0 + box.overlap($1) }
            let cost = (outside * 20 + covered * 20 + crossed * 6) / area + Double(rank) * 0.01
            if best.map({ cost < $0.cost }) ?? true { best = (box, cost) }
        }
        guard let best else { return nil }
        taken.append(best.box)
        return best.box
    }

    /// Moves centres apart until they are `spacing` from each other, keeping their order and staying in `range`
    /// where there is room.
    static func spread(_ centres: [Double], spacing: Double, within range: ClosedRange<Double>) -> [Double] {
        let order = centres.indices.sorted { centres[$0] < centres[$1] }
        var sorted = order.map { centres[$0] }
        for _ in 0..<200 {
            var moved = false
            for index in sorted.indices.dropFirst() where sorted[index] - sorted[index - 1] < spacing - 0.01 {
                let push = (spacing - (sorted[index] - sorted[index - 1])) / 2
                sorted[index - 1] -= push
                sorted[index] += push
                moved = true
            }
            if !moved { break }
        }
        if let last = sorted.last, last > range.upperBound {
            var limit = range.upperBound
            for index in sorted.indices.reversed() {
                sorted[index] = min(sorted[index], limit)
                limit = sorted[index] - spacing
            }
        }
        if let first = sorted.first, first < range.lowerBound {
            var limit = range.lowerBound
            for index in sorted.indices {
                sorted[index] = max(sorted[index], limit)
                limit = sorted[index] + spacing
            }
        }
        var result = centres
        for (position, index) in order.enumerated() { result[index] = sorted[position] }
        return result
    }

    /// Width of a text of the chart's 13-pixel type, estimated for a wide face: there is no font to ask.
    static func estimatedWidth(_ text: String) -> Double { Double(text.displayWidth) * 7.6 }
}
