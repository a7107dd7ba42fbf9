import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import type { Span } from "../api/metrics";
import classes from "./Chart.module.css";
import { type Drawing, summary } from "./lines";
import { lineColor, type Palette, palette } from "./palette";
import { axisSteps, shownValue, type Unit } from "./units";

interface ChartProps {
  title: string;
  unit: Unit;
  top?: number | undefined;
  drawing: Drawing;
  span: Span;
}

const HEIGHT = 168;
const FONT = "12px Inter, ui-sans-serif, system-ui, sans-serif";

/** Lines over time. What the picture says stands in the table below it too: newest, least and most of each line. */
export default function Chart({ title, unit, top, drawing, span }: ChartProps) {
  const dark = useComputedColorScheme("light") === "dark";
  const colors = useMemo(() => palette(dark), [dark]);
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const { times, lines } = drawing;
  // A new plot only for new lines or colours: new values go into the one that is there, under the reader's pointer.
  const shape = JSON.stringify([lines.map((line) => line.name), unit, top, dark, span]);

  useEffect(() => {
    const element = canvas.current;
    if (!element || width === 0) {
      return;
    }
    const made = new uPlot(
      options({ unit, top, names: lines.map((line) => line.name), colors, width, span, onAt: setAt }),
      data(drawing),
      element,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
    // The shape stands for all that makes a new plot.
  }, [shape, width > 0]);

  useEffect(() => {
    plot.current?.setData(data(drawing));
  }, [drawing]);

  useEffect(() => {
    if (width > 0) {
      plot.current?.setSize({ width, height: HEIGHT });
    }
  }, [width]);

  const time = at === null ? undefined : times[at];
  return (
    <div className={classes.chart}>
      <div ref={ref}>
        <div ref={canvas} role="img" aria-label={described(title, unit, drawing)} style={{ height: HEIGHT }} />
      </div>
      <table className={classes.legend} aria-label={`${title}: values`}>
        <thead>
          <tr>
            <th scope="col">{time === undefined ? "" : new Date(time * 1000).toLocaleString()}</th>
            <th scope="col">{time === undefined ? "Now" : "Then"}</th>
            <th scope="col">Least</th>
            <th scope="col">Most</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => {
            const { last, min, max } = summary(line.values);
            return (
              <tr key={line.name}>
                <th scope="row">
                  <span
                    className={classes.swatch}
                    style={{ background: lineColor(colors, index) }}
                    aria-hidden="true"
                  />
                  {line.name}
                </th>
                <td>{shownValue(at === null ? last : line.values[at], unit)}</td>
                <td>{shownValue(min, unit)}</td>
                <td>{shownValue(max, unit)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The chart in a sentence, for those who do not see it. */
export function described(title: string, unit: Unit, drawing: Drawing): string {
  const told = drawing.lines.map((line) => {
    const { last, min, max } = summary(line.values);
    return `${line.name} now ${shownValue(last, unit)}, from ${shownValue(min, unit)} to ${shownValue(max, unit)}`;
  });
  return `Chart of ${title}: ${told.join("; ")}`;
}

function data(drawing: Drawing): uPlot.AlignedData {
  return [drawing.times, ...drawing.lines.map((line) => line.values)];
}

interface Options {
  unit: Unit;
  top: number | undefined;
  names: string[];
  colors: Palette;
  width: number;
  span: Span;
  onAt: (index: number | null) => void;
}

function options({ unit, top, names, colors, width, span, onAt }: Options): uPlot.Options {
  const axis = { stroke: colors.text, font: FONT, grid: { stroke: colors.grid, width: 1 }, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      // All of the range, also where nothing is known: what is missing at its ends is missing.
      x: { time: true, range: (_, from, to) => [Math.min(from, to - span.seconds), to] },
      y: { range: (_, min, max) => heights(min, max, top) },
    },
    axes: [
      { ...axis, size: 28, space: 70, values: (_, ticks) => ticks.map((tick) => shownTime(tick, span)) },
      {
        ...axis,
        size: 72,
        space: 34,
        incrs: axisSteps(unit),
        values: (_, ticks) => ticks.map((tick) => shownValue(tick, unit)),
      },
    ],
    series: [
      {},
      ...names.map((_, index) => ({
        stroke: lineColor(colors, index),
        width: 1.75,
        spanGaps: false,
        // A value with holes on both sides is a point, else nobody would see it.
        points: { show: false, filter: lonely, size: 5 },
        ...(names.length === 1 ? { fill: `${lineColor(colors, index)}22` } : {}),
      })),
    ],
    hooks: { setCursor: [(plot) => onAt(plot.cursor.idx ?? null)] },
  };
}

/** From zero, unless something is below it; a little air above, unless the end is known. */
function heights(min: number | null, max: number | null, top: number | undefined): [number, number] {
  const low = Math.min(0, min ?? 0);
  const high = top ?? (max ?? 0) * 1.08;
  return [low, high > low ? high : low + 1];
}

function lonely(plot: uPlot, series: number): number[] | null {
  const values = plot.data[series] ?? [];
  const cut = (index: number) => index < 0 || index >= values.length || values[index] === null;
  const alone: number[] = [];
  for (let index = 0; index < values.length; index++) {
    if (typeof values[index] === "number" && cut(index - 1) && cut(index + 1)) {
      alone.push(index);
    }
  }
  return alone.length > 0 ? alone : null;
}

function shownTime(seconds: number, span: Span): string {
  const time = new Date(seconds * 1000);
  return span.seconds > 2 * 86_400 || (time.getHours() === 0 && time.getMinutes() === 0)
    ? time.toLocaleDateString(undefined, { day: "numeric", month: "short" })
    : time.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
}
