// Colours of lines: told apart by people who see colours differently too, and at least 3:1 against the panel behind them.
const LIGHT = ["#3b5bdb", "#c2410c", "#0f7b53", "#a21caf", "#8a6100", "#0e7490", "#b4234a", "#5b5f6b"];
const DARK = ["#8ea6ff", "#ff9a62", "#5fd3a1", "#e58bf0", "#e6c15c", "#67d4ea", "#ff8aa8", "#b3bac7"];

/** What a canvas draws with: it cannot read the variables of the style sheet. */
export interface Palette {
  lines: string[];
  grid: string;
  text: string;
}

export function palette(dark: boolean): Palette {
  return dark ? { lines: DARK, grid: "#2d323c", text: "#a2abbb" } : { lines: LIGHT, grid: "#e3e6ed", text: "#596173" };
}

export function lineColor(colors: Palette, index: number): string {
  return colors.lines[index % colors.lines.length] ?? colors.text;
}
