/// The only owner of one Vulkan object: destroys it exactly once, when the owner goes.
///
/// `destroy` captures what the object was made from, so a child keeps its parent alive and parents never go
/// first. The handle is borrowed by reading `raw`; it must not outlive this owner.
struct OwnedHandle: ~Copyable {
    let raw: OpaquePointer
    private let destroy: (OpaquePointer) -> Void

    init(adopting raw: OpaquePointer, destroy: @escaping (OpaquePointer) -> Void) {
        self.raw = raw
        self.destroy = destroy
    }

    deinit { destroy(raw) }
}
