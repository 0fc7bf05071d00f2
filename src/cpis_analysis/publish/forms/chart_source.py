"""What tells Typst how to set the marks of charts (`publish.chart.fixed.fixed_marks`), one drawing a page."""

CHARTS = r"""
// All content comes from charts.json: nothing in it is read as markup.
#let paint(colour, opacity) = if colour == "" { none } else if opacity == 1 { rgb(colour) } else {
  rgb(colour).transparentize((1 - opacity) * 100%)
}
#let pen(mark) = if mark.stroke == "" { none } else {
  (
    paint: paint(mark.stroke, mark.opacity),
    thickness: mark.width * 1pt,
    dash: if mark.dash.len() == 0 { none } else { mark.dash.map(length => length * 1pt) },
  )
}
// wide enough for any line, as a line of a drawing is never broken
#let room = 10000pt
#let sides = (start: (left, 0pt), middle: (center, room / 2), end: (right, room))
#let words(mark) = {
  let (side, shift) = sides.at(mark.anchor)
  let weight = if mark.bold { 700 } else { 400 }
  let line = text(size: mark.size * 1pt, weight: weight, fill: rgb(mark.fill), mark.text)
  place(top + left, dx: mark.x * 1pt - shift, dy: mark.y * 1pt, box(width: room, align(side, line)))
}
#let set-mark(mark) = if mark.kind == "text" { words(mark) } else if mark.kind == "line" {
  let ends = (start: (mark.x * 1pt, mark.y * 1pt), end: (mark.x2 * 1pt, mark.y2 * 1pt))
  if mark.stroke != "" { place(top + left, line(..ends, stroke: pen(mark))) }
} else if mark.kind == "disc" {
  place(top + left, dx: (mark.x - mark.r) * 1pt, dy: (mark.y - mark.r) * 1pt, circle(
    radius: mark.r * 1pt,
    fill: paint(mark.fill, mark.opacity),
    stroke: pen(mark),
  ))
} else {
  place(top + left, dx: mark.x * 1pt, dy: mark.y * 1pt, rect(
    width: mark.wide * 1pt,
    height: mark.high * 1pt,
    fill: paint(mark.fill, mark.opacity),
    stroke: pen(mark),
  ))
}

#set text(font: "DejaVu Sans", top-edge: "baseline", bottom-edge: "baseline")
#for drawing in json("charts.json") {
  page(
    width: drawing.width * 1pt,
    height: drawing.height * 1pt,
    margin: (left: drawing.left * 1pt, rest: 0pt),
    fill: white,
    drawing.marks.map(set-mark).join(),
  )
}
"""
