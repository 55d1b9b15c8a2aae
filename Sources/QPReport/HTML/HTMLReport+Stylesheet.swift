extension HTMLReport {
    /// The page around the charts; colours come from the charts' style sheet.
    static let stylesheet: StaticString = """

        * { box-sizing: border-box; }
        html { background: var(--paper); color: var(--text); -webkit-text-size-adjust: 100%; }
        body { margin: 0; font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 48px 24px 64px; }
        h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -0.015em; margin: 0 0 8px; }
        h2 { font-size: 1.5rem; line-height: 1.2; letter-spacing: -0.01em; margin: 0 0 6px; }
        h3 { font-size: 1.2rem; margin: 0 0 6px; }
        h4 { font-size: 0.95rem; margin: 0 0 12px; }
        p { margin: 0 0 12px; max-width: 78ch; }
        a { color: inherit; text-decoration-color: var(--axis); text-underline-offset: 3px; }
        section, footer { margin-top: 56px; }
        .head { border-top: 2px solid var(--text); padding-top: 20px; }
        .batch { margin-top: 40px; }
        .eyebrow { color: var(--muted); font-weight: 600; margin: 0 0 4px; }
        .lede { color: var(--muted); font-size: 1.1rem; }
        .shape, .interval, .note, figcaption, caption { color: var(--muted); font-size: 0.9rem; }
        .notice { border-left: 4px solid var(--sky); padding: 4px 0 4px 14px; }
        .notice.quiet { border-color: var(--green); }
        .notice.noisy { border-color: var(--orange); }
        .notice.unusable { border-color: var(--vermilion); }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 16px;
          margin-top: 32px; }
        .card { border: 1px solid var(--grid); border-radius: 10px; padding: 16px 18px; }
        .card h2 { font-size: 1.05rem; margin: 0; }
        .card p { margin: 0 0 4px; }
        .card .figure { font-size: 1.5rem; font-weight: 650; margin-top: 10px; letter-spacing: -0.01em;
          font-variant-numeric: tabular-nums; }
        .card .interval { margin-bottom: 10px; }
        .rule { font-size: 1.05rem; font-weight: 600; }
        figure { margin: 24px 0; }
        figcaption { margin-bottom: 8px; }
        .drawing, .scroll { overflow-x: auto; }
        .chart { display: block; width: 100%; height: auto; min-width: 560px; }
        .chart.share { min-width: 0; height: 24px; }
        .share .faint { fill-opacity: 0.3; }
        .ends { display: flex; justify-content: space-between; gap: 24px; font-size: 0.9rem; margin-top: 6px; }
        .pair { display: grid; margin-bottom: 28px; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 32px; align-items: start; }
        .pair figure { margin: 0; }
        .pair .chart { min-width: 420px; }
        @media (max-width: 860px) { .pair { grid-template-columns: minmax(0, 1fr); } }
        dl { margin: 0; }
        dt { font-weight: 600; }
        dd { margin: 0 0 14px; }
        .crossovers dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 8px 32px; }
        .crossovers dd { margin: 0; }
        .crossovers dt { color: var(--muted); font-size: 0.9rem; }
        .crossovers dd strong, .crossovers dd span { display: block; }
        .crossovers dd span { font-size: 0.9rem; }
        .facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 24px; font-size: 0.95rem; }
        .facts dt { color: var(--muted); font-weight: 400; }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        table { border-collapse: collapse; margin: 20px 0 8px; font-size: 0.9rem; min-width: 60%;
          font-variant-numeric: tabular-nums; }
        caption { text-align: left; padding-bottom: 8px; }
        th, td { padding: 6px 18px 6px 0; border-bottom: 1px solid var(--grid); text-align: left; white-space: nowrap; }
        th { border-color: var(--axis); font-weight: 600; vertical-align: bottom; }
        th.number, td.number { text-align: right; }
        th:last-child, td:last-child { padding-right: 0; }
        details { margin: 12px 0; }
        summary { cursor: pointer; color: var(--muted); font-size: 0.9rem; }
        @media print {
          html { font-size: 11.5px; }
          body { font-size: 1rem; }
          main { max-width: none; padding: 0; }
          .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
          section, footer { margin-top: 28px; }
          figure, table, .card, .pair { break-inside: avoid; }
          h2, h3, h4 { break-after: avoid; }
          .drawing, .scroll { overflow: visible; }
          .chart, .pair .chart { min-width: 0; }
          th, td { padding: 4px 12px 4px 0; }
          details::details-content { content-visibility: visible; height: auto; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        }

        """
}
