/// The GLSL sources of every kernel, embedded by the build.
public enum ShaderSources {
    /// File name to text.
    public static let files: [String: [UInt8]] = [
        "elements.glsl": PackageResources.elements_glsl
    ]
}
