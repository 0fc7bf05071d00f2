"""What tells Typst how to set the marks of a figure.

In code and not in a file of its own, so that a change of it draws figures again (`provenance.module_sources`).
"""

FIGURE = r"""
// A figure of marks. All content comes from figure.json: nothing in it is read as markup.
#let figure-data = json("figure.json")
#let scale-by = figure-data.scale
#let length(value) = value * scale-by * 1pt
#let paint(colour, opacity) = if colour == "" { none } else if opacity == 1 { rgb(colour) } else {
  rgb(colour).transparentize((1 - opacity) * 100%)
}
#let line-of(mark) = if mark.stroke == "" { none } else {
  (
    paint: paint(mark.stroke, mark.at("opacity", default: 1)),
    thickness: length(mark.width),
    dash: if mark.at("dash", default: ()).len() == 0 { none } else { mark.dash.map(length) },
    join: if mark.at("mitred", default: false) { "miter" } else { "round" },
    cap: if mark.at("square", default: false) { "square" } else { "butt" },
  )
}
#let point(at) = (length(at.at(0)), length(at.at(1)))
#let shape(mark) = place(top + left, curve(
  fill: paint(mark.fill, mark.opacity),
  fill-rule: "even-odd",
  stroke: line-of(mark),
  ..mark.rings.map(ring => (
    (curve.move(point(ring.first())),)
      + ring.slice(1).map(at => curve.line(point(at)))
      + if mark.fill == "" { () } else { (curve.close(mode: "straight"),) }
  )).flatten(),
))
#let disc(mark) = place(top + left, dx: length(mark.x - mark.r), dy: length(mark.y - mark.r), circle(
  radius: length(mark.r),
  fill: paint(mark.fill, 1),
  stroke: line-of(mark),
))
// wide enough for any line, as a line of a figure is never broken
#let set-line(mark, ..look) = place(top + left, dx: length(mark.x), dy: length(mark.y), {
  let weight = if mark.bold { 700 } else { 400 }
  let line = box(width: 10000pt, text(size: length(mark.size), weight: weight, ..look, mark.text))
  if mark.upright { rotate(-90deg, origin: top + left, line) } else { line }
})

#set page(width: length(figure-data.width), height: length(figure-data.height), margin: 0pt, fill: white)
// with a stroke, and be it of no width, letters are filled as other shapes are: files are a third smaller
#set text(font: "DejaVu Sans", top-edge: "baseline", bottom-edge: "baseline", ligatures: false, stroke: 0pt)
#for mark in figure-data.marks {
  if mark.kind == "text" {
    if mark.halo != "" {
      let rim = (paint: rgb(mark.halo), thickness: length(mark.rim), join: "round")
      set-line(mark, fill: rgb(mark.halo), stroke: rim)
    }
    set-line(mark, fill: rgb(mark.colour))
  } else if mark.kind == "disc" { disc(mark) } else { shape(mark) }
}
"""
