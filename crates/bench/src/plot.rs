//! Plots as SVG: time over a number, time on a logarithmic scale.

use std::fmt::Write;

/// How points of a line are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// What was measured.
    Solid,
    /// What another tool takes.
    Dashed,
    /// What a third tool takes.
    Dotted,
}

/// One line of a plot.
#[derive(Clone, Debug)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// Its colour: lines with the same number have the same one.
    pub color: usize,
    /// How points are joined.
    pub stroke: Stroke,
    /// A number and seconds, by number.
    pub points: Vec<(usize, f64)>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 580.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 410.0;

/// Colours that people who see few of them can tell apart (Okabe and Ito).
const COLORS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// Draws a plot; nothing without points.
pub fn svg(title: &str, series: &[Series]) -> Option<String> {
    let points = || series.iter().flat_map(|line| line.points.iter().copied());
    let (first, last) = (points().map(|(n, _)| n).min()?, points().map(|(n, _)| n).max()?);
    let exponents = || points().map(|(_, seconds)| libm::log10(seconds.max(1e-9)));
    let low = exponents().fold(f64::INFINITY, f64::min).floor();
    let high = exponents().fold(f64::NEG_INFINITY, f64::max).ceil().max(low + 1.0);
    let x = |n: usize| LEFT + (RIGHT - LEFT) * (n - first) as f64 / (last - first).max(1) as f64;
    let y = |exponent: f64| BOTTOM - (BOTTOM - TOP) * (exponent - low) / (high - low);
    let mut out = String::new();
    // Writing to memory does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\">{}</text>",
        escape(title)
    );
    let mut exponent = low;
    while exponent <= high {
        let at = y(exponent);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            at + 4.0,
            power(exponent as i32)
        );
        exponent += 1.0;
    }
    let step = (last - first) / 16 + 1;
    for n in (first..=last).step_by(step) {
        let at = x(n);
        let _ = writeln!(
            out,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{BOTTOM}\" y2=\"{:.1}\" stroke=\"#888\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{n}</text>",
            BOTTOM + 5.0,
            BOTTOM + 20.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">N</text>",
        (LEFT + RIGHT) / 2.0,
        BOTTOM + 38.0
    );
    let drawn = series.iter().filter(|line| !line.points.is_empty());
    for (row, line) in drawn.enumerate() {
        draw(&mut out, line, TOP + 8.0 + 20.0 * row as f64, |n, seconds| {
            (x(n), y(libm::log10(seconds.max(1e-9))))
        });
    }
    out += "</svg>\n";
    Some(out)
}

/// A line, and its place in the legend.
fn draw(out: &mut String, line: &Series, legend: f64, place: impl Fn(usize, f64) -> (f64, f64)) {
    let color = COLORS[line.color % COLORS.len()];
    let dashes = match line.stroke {
        Stroke::Solid => "",
        Stroke::Dashed => " stroke-dasharray=\"7 4\"",
        Stroke::Dotted => " stroke-dasharray=\"2 3\"",
    };
    let places: Vec<(f64, f64)> = line.points.iter().map(|(n, seconds)| place(*n, *seconds)).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let style = format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dashes}");
    // Writing to memory does not fail.
    let _ = writeln!(out, "<polyline points=\"{}\" {style}/>", path.join(" "));
    for (x, y) in places {
        let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"{color}\"/>");
    }
    let _ = writeln!(
        out,
        "<polyline points=\"{:.1},{legend:.1} {:.1},{legend:.1}\" {style}/>\
         <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        RIGHT + 14.0,
        RIGHT + 42.0,
        RIGHT + 50.0,
        legend + 4.0,
        escape(&line.name)
    );
}

/// A power of ten seconds, in the unit that people use.
fn power(exponent: i32) -> String {
    let (unit, base) = match exponent {
        ..=-7 => ("ns", -9),
        -6..=-4 => ("µs", -6),
        -3..=-1 => ("ms", -3),
        _ => ("s", 0),
    };
    format!("{:.0} {unit}", libm::exp10(f64::from(exponent - base)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_where_they_should() {
        let points = vec![(2, 1e-5), (4, 1e-3), (6, 1e-1)];
        let line = Series { name: "a<b".to_owned(), color: 0, stroke: Stroke::Dashed, points };
        let text = svg("SB", &[line]).unwrap();
        assert!(text.contains("points=\"70.0,410.0 325.0,227.0 580.0,44.0\""), "{text}");
        assert!(text.contains(">10 µs<") && text.contains(">100 ms<") && text.contains("a&lt;b"), "{text}");
        assert_eq!(svg("nothing", &[]), None);
    }
}
