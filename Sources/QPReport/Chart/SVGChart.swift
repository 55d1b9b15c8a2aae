/// A chart as SVG: axes, gridlines, curves with bands, dots, shaded ranges, rules and labelled markers.
///
/// A value to fill and render. Marks are drawn in their order, labels above all of them. Points that an axis
/// cannot draw are left out. Colours come from ``stylesheet``, so that a page in dark mode recolours its charts; a
/// chart rendered `standalone` carries the style sheet itself.
package struct SVGChart {
    package struct Point: Equatable, Sendable {
        package var x: Double
        package var y: Double

        package init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A colour of the palette of Okabe and Ito, which people with any common colour blindness can tell apart.
    ///
    /// M. Okabe, K. Ito, "Color universal design", 2008, https://jfly.uni-koeln.de/color/.
    package enum Ink: String, CaseIterable, Sendable {
        case blue
        case sky
        case vermilion
        case orange
        case green
        case purple
        case grey
    }

    /// A second way, beside colour, to tell curves apart.
    package enum Dash: String, Sendable {
        case solid = ""
        case dashed = "8 4"
        case dotted = "2 4"
        case mixed = "10 4 2 4"
    }

    package enum Mark {
        /// A polyline; `endLabel` stands in the right margin, `inlineLabel` along the first segment.
        case line(points: [Point], ink: Ink, dash: Dash = .solid, endLabel: String? = nil, inlineLabel: String? = nil)
        /// The area between two curves over the same x.
        case band(lower: [Point], upper: [Point], ink: Ink)
        /// Many small dots, faint enough to overlap.
        case dots([Point], ink: Ink, isSquare: Bool = false)
        /// A shaded range of x over the full height.
        case span(ClosedRange<Double>, ink: Ink, isStrong: Bool = false)
        /// A vertical line with its label above the plot.
        case rule(x: Double, ink: Ink, label: String?)
        /// One dot with a label beside it; without a label it is drawn faint, as context. A ring shows a dot below.
        case marker(Point, ink: Ink, label: String?, isRing: Bool = false)
    }

    /// What a sign in the chart stands for.
    package struct LegendEntry {
        package enum Symbol: Sendable {
            case line(Ink, Dash)
            case band(Ink)
            case strongBand(Ink)
            case dot(Ink)
            case square(Ink)
        }

        package var symbol: Symbol
        package var text: String

        package init(_ symbol: Symbol, _ text: String) {
            self.symbol = symbol
            self.text = text
        }
    }

    /// The text alternative: a short name.
    package var title: String
    /// The text alternative: what there is to see, in a sentence or two.
    package var summary: String
    package var x: ChartAxis
    package var y: ChartAxis
    package var marks: [Mark]
    package var legend: [LegendEntry]
    /// Size in CSS pixels; the drawing scales to the width it is given.
    package var width: Double
    package var height: Double

    package init(
        title: String, summary: String, x: ChartAxis, y: ChartAxis, marks: [Mark] = [], legend: [LegendEntry] = [],
        width: Double = 960, height: Double = 480
    ) {
        self.title = title
        self.summary = summary
        self.x = x
        self.y = y
        self.marks = marks
        self.legend = legend
        self.width = width
        self.height = height
    }

    /// The `<svg>` element's text. `standalone` makes it a file of its own, with name space and style sheet.
    package func render(standalone: Bool = false) -> String {
        markup(standalone: standalone).render()
    }
}
