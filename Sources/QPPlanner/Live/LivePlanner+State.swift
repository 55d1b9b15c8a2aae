internal import QPCore

extension LivePlanner {
    /// The curves by which the device routes, with the corrections published last; for `PlanExecutor.update`.
    public var routingCurves: RoutingCurves { curves(published, epoch: epoch) }

    /// Publishes what the router learnt since, with a new epoch, if any time of the profiled curves moved by more than
    /// `threshold`: then ``routingCurves`` are to be given to the executor. Evaluates the router once for each point.
    /// - Parameter threshold: relative.
    /// - Returns: whether there is a new epoch.
    public mutating func publishCorrections(threshold: Double = 0.05) -> Bool {
        let old = routingCurves
        let new = curves(router, epoch: epoch + 1)
        let hasMoved = model.batches.contains { batch in
            [StepName.dense, .sparseFromMask].contains { step in
                let pairs = zip(
                    old.curve(step, batch: batch)?.points ?? [], new.curve(step, batch: batch)?.points ?? [])
                return pairs.contains { before, after in
                    abs(Double(after.nanoseconds - before.nanoseconds)) > threshold * Double(before.nanoseconds)
                }
            }
        }
        guard hasMoved else { return false }
        published = router
        epoch += 1
        return true
    }

    private func curves(_ router: R, epoch: UInt64) -> RoutingCurves {
        let planner = planner
        return RoutingCurves(planner.model, epoch: epoch) { step, batch, point in
            let V = planner.model.head.vocabularySize
            guard let arm = planner.arm(step == .dense ? .dense : .sparse, step),
                let dense = planner.model.time(.dense, allowedTokenCount: V, batch: batch), dense.nanoseconds > 0,
                point.nanoseconds > 0
            else { return 1 }
            let row = DecodeStep.Row(allowedTokenCount: point.allowedTokenCount, place: .device)
            var context = RouterContext(
                features: StepFeatures.vector(row, batch: batch, vocabularySize: V),
                predictedLoss: SIMD8(repeating: .infinity))
            let predicted = Double(point.nanoseconds) / Double(dense.nanoseconds)
            context.predictedLoss[arm] = predicted
            return router.expectedLoss(context, arm: arm) / predicted
        }
    }

    /// What the router learnt, as JSON with its kind and version.
    /// - Throws: ``RouterError/damaged(kind:reason:)`` for a state that JSON cannot hold.
    public func savedRouter() throws(RouterError) -> [UInt8] { try SavedRouter.encode(router) }

    /// Goes on with a router that was saved. Decisions that are outstanding stay so.
    /// - Throws: ``RouterError`` for another version or kind, or damaged text; the router is then as it was.
    public mutating func restoreRouter(from json: some Sequence<UInt8>) throws(RouterError) {
        router = try SavedRouter.decode(R.self, from: json)
    }
}
