extension SVGChart {
    /// Colours and strokes of every chart, for light and dark pages and for paper.
    ///
    /// Light colours are Okabe and Ito's own; on dark ground each is lightened until it stands out as much.
    package static let stylesheet: StaticString = """

        :root { --paper: #ffffff; --text: #1b2430; --muted: #566170; --grid: #e3e7ec; --axis: #8a94a1;
          --blue: #0072b2; --sky: #56b4e9; --vermilion: #d55e00; --orange: #e69f00; --green: #009e73;
          --purple: #cc79a7; --grey: #7b8591; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14181e; --text: #e6eaef; --muted: #a3adba; --grid: #2a313a; --axis: #6b7684;
            --blue: #3d9be0; --sky: #9bd8f7; --vermilion: #f47b3c; --orange: #f5bd47; --green: #35c99d;
            --purple: #e3a0c8; --grey: #8f99a6; }
        }
        @media print {
          :root { --paper: #ffffff; --text: #1b2430; --muted: #566170; --grid: #e3e7ec; --axis: #8a94a1;
            --blue: #0072b2; --sky: #56b4e9; --vermilion: #d55e00; --orange: #e69f00; --green: #009e73;
            --purple: #cc79a7; --grey: #7b8591; }
        }
        .chart { font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums; }
        .chart text { fill: var(--text); }
        .chart .label { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
        .chart .important { font-weight: 600; }
        .chart .axis-title { fill: var(--muted); }
        .chart .paper { fill: var(--paper); }
        .chart .grid { fill: none; stroke: var(--grid); stroke-width: 1; }
        .chart .axis { fill: none; stroke: var(--axis); stroke-width: 1; }
        .chart .blue { --ink: var(--blue); } .chart .sky { --ink: var(--sky); }
        .chart .vermilion { --ink: var(--vermilion); } .chart .orange { --ink: var(--orange); }
        .chart .green { --ink: var(--green); } .chart .purple { --ink: var(--purple); }
        .chart .grey { --ink: var(--grey); }
        .chart .curve { fill: none; stroke: var(--ink); stroke-width: 2.5; stroke-linejoin: round; }
        .chart .band { fill: var(--ink); fill-opacity: 0.16; stroke: none; }
        .chart .dots { fill: none; stroke: var(--ink); stroke-width: 4; stroke-linecap: round; stroke-opacity: 0.36; }
        .chart .squares { fill: none; stroke: var(--ink); stroke-width: 4; stroke-linecap: square;
          stroke-opacity: 0.45; }
        .chart .span { fill: var(--ink); fill-opacity: 0.2; stroke: none; }
        .chart .span.strong { fill-opacity: 0.5; }
        .chart .rule { fill: none; stroke: var(--ink); stroke-width: 1.5; }
        .chart .leader { fill: none; stroke: var(--ink); stroke-width: 1.25; }
        .chart .marker { fill: var(--ink); stroke: var(--paper); stroke-width: 1.5; }
        .chart .ghost { fill: var(--ink); fill-opacity: 0.35; stroke: none; }
        .chart .ring { fill: none; stroke: var(--ink); stroke-width: 2.5; }
        .chart .key { stroke-width: 6; stroke-opacity: 0.8; }
        .chart .fill { fill: var(--ink); }

        """
}
