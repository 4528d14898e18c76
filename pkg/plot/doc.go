// Package plot draws the figures of the lessons: loss curves, comparisons over seeds, bars with their spread.
//
// A [Figure] is drawn by gonum/plot and shows itself as SVG and as PNG. The same bytes are readable on a light
// and on a dark page: the drawing sits on a soft light card that it brings along. (On a transparent ground that is
// impossible: no grey reaches a contrast of 4.5 against both #ffffff and #111111; the best one stops at 4.35.)
//
// [Scatter] sets two measures against each other with their Pareto front.
//
// A name keeps its colour: "lora" is the same orange in every lesson. [Color] has the table.
//
// [Live] turns training events into a figure that updates in place.
package plot
