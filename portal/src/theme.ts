import { createTheme, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef2ff",
  "#dfe5fd",
  "#bcc8f8",
  "#96a8f3",
  "#768dee",
  "#5f79e8",
  "#4c68dd",
  "#3b5bdb",
  "#3049b8",
  "#26398f",
];

/** A little blue in the dark, like the light scheme's greys. */
const dark: MantineColorsTuple = [
  "#e2e6ee",
  "#c3cad6",
  "#a2abbb",
  "#7d8798",
  "#4a5261",
  "#363d49",
  "#262b35",
  "#1b1e25",
  "#15181e",
  "#101218",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 6 },
  colors: { ink, dark },
  defaultRadius: "md",
  fontFamily: 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", "Roboto Mono", "DejaVu Sans Mono", monospace',
  headings: { fontWeight: "650", sizes: { h1: { fontSize: "1.6rem", lineHeight: "1.25" } } },
  cursorType: "pointer",
  components: {
    Modal: { styles: { title: { fontWeight: 650, fontSize: "1.1rem" } } },
  },
});
