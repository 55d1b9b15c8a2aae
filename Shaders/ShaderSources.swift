/// The GLSL sources of every kernel, embedded by the build, so that a moved binary still has them.
public enum ShaderSources {
    /// File name to text.
    public static let files: [String: String] = [
        "arithmetic_rate.comp": String(decoding: PackageResources.arithmetic_rate_comp, as: UTF8.self),
        "blocks.glsl": String(decoding: PackageResources.blocks_glsl, as: UTF8.self),
        "cost_curve.glsl": String(decoding: PackageResources.cost_curve_glsl, as: UTF8.self),
        "route_step.comp": String(decoding: PackageResources.route_step_comp, as: UTF8.self),
        "compact_mask.comp": String(decoding: PackageResources.compact_mask_comp, as: UTF8.self),
        "elements.glsl": String(decoding: PackageResources.elements_glsl, as: UTF8.self),
        "fill_weights.comp": String(decoding: PackageResources.fill_weights_comp, as: UTF8.self),
        "finalize_top2.comp": String(decoding: PackageResources.finalize_top2_comp, as: UTF8.self),
        "half_probe.comp": String(decoding: PackageResources.half_probe_comp, as: UTF8.self),
        "interleave.comp": String(decoding: PackageResources.interleave_comp, as: UTF8.self),
        "interval.glsl": String(decoding: PackageResources.interval_glsl, as: UTF8.self),
        "list_survivors.comp": String(decoding: PackageResources.list_survivors_comp, as: UTF8.self),
        "lower_ends.comp": String(decoding: PackageResources.lower_ends_comp, as: UTF8.self),
        "mark_survivors.comp": String(decoding: PackageResources.mark_survivors_comp, as: UTF8.self),
        "measure_hidden.comp": String(decoding: PackageResources.measure_hidden_comp, as: UTF8.self),
        "norm.glsl": String(decoding: PackageResources.norm_glsl, as: UTF8.self),
        "nothing.comp": String(decoding: PackageResources.nothing_comp, as: UTF8.self),
        "philox.glsl": String(decoding: PackageResources.philox_glsl, as: UTF8.self),
        "quantize_blocks.comp": String(decoding: PackageResources.quantize_blocks_comp, as: UTF8.self),
        "quantize_rows.comp": String(decoding: PackageResources.quantize_rows_comp, as: UTF8.self),
        "read_bandwidth.comp": String(decoding: PackageResources.read_bandwidth_comp, as: UTF8.self),
        "reduce_top2.comp": String(decoding: PackageResources.reduce_top2_comp, as: UTF8.self),
        "repeat.glsl": String(decoding: PackageResources.repeat_glsl, as: UTF8.self),
        "row_norms.comp": String(decoding: PackageResources.row_norms_comp, as: UTF8.self),
        "score.comp": String(decoding: PackageResources.score_comp, as: UTF8.self),
        "score_blocks.comp": String(decoding: PackageResources.score_blocks_comp, as: UTF8.self),
        "subgroup.glsl": String(decoding: PackageResources.subgroup_glsl, as: UTF8.self),
        "top2.glsl": String(decoding: PackageResources.top2_glsl, as: UTF8.self),
    ]
}
