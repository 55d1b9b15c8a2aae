import QPFormats

extension JSONValue {
    /// This value with the members of its objects in every order, the given one first: at most `maximumCount`.
    func orders(atMost maximumCount: Int) -> [JSONValue] {
        switch self {
        case .array(let items):
            var results: [[JSONValue]] = [[]]
            for item in items {
                let orders = item.orders(atMost: maximumCount)
                results = Array(results.flatMap { start in orders.map { start + [$0] } }.prefix(maximumCount))
            }
            return results.map { .array($0) }
        case .object(let members):
            var results: [[JSONObject.Element]] = []
            func extend(_ chosen: [JSONObject.Element], _ left: [JSONObject.Element]) {
                guard results.count < maximumCount else { return }
                if left.isEmpty { results.append(chosen) }
                for (index, member) in left.enumerated() {
                    var others = left
                    others.remove(at: index)
                    for value in member.value.orders(atMost: maximumCount) {
                        extend(chosen + [(key: member.key, value: value)], others)
                    }
                }
            }
            extend([], Array(members))
            return results.map { .object(JSONObject($0)) }
        default: return [self]
        }
    }
}
